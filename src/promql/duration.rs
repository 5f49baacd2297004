//! Durations: literals, and since 3.4 expressions of them.

use super::ast::{BinaryOp, DurationExpr, DurationKind, Number, POWER_PRECEDENCE, UNARY_PRECEDENCE};
use super::parse::{DURATION_NUMBERS, Parser};
use super::{EXPERIMENTAL, SYNTAX, TOO_LARGE};
use crate::diagnostic::Diagnostic;
use crate::selector::token::{DURATION_EXPRESSIONS, DURATION_WORDS, Kind, Token};
use crate::selector::words;
use crate::text::Span;
use crate::units::Duration;
use crate::version::Version;

/// `offset` has rules of its own since here.
const OFFSET_RULES: Version = Version::V3_5;
/// `step()` asks for the feature flag since here.
const GUARDED_WORDS: Version = Version { major: 3, minor: 12 };
/// A sign may stand before a number in parentheses since here.
const SIGNED_PARENTHESES: Version = Version { major: 3, minor: 13 };
/// The longest duration in seconds: Go's 63 bits of nanoseconds.
const MAX_SECONDS: f64 = 9_223_372_036.854_776;
/// How deep durations may be nested.
const MAX_DEPTH: u8 = 50;

impl Parser<'_> {
    /// The value of a number or a duration.
    pub(super) fn number(&mut self, token: &Token) -> Number {
        let text = String::from_utf8_lossy(self.reader.lexer.text(token)).into_owned();
        if token.kind == Kind::Number {
            let value = super::number::parse(&text).unwrap_or_else(|message| {
                self.problem(SYNTAX, token.span, format!("error parsing number: {message}"));
                f64::NAN
            });
            return Number { value, duration: false };
        }
        let duration = Duration::parse(&text, self.version()).unwrap_or_else(|message| {
            self.problem(SYNTAX, token.span, message);
            Duration::from_secs(1)
        });
        if duration.is_zero() && self.version() < DURATION_EXPRESSIONS {
            self.problem(SYNTAX, token.span, "duration must be greater than 0");
        }
        Number { value: duration.as_millis() as f64 / 1000.0, duration: true }
    }

    /// A number or a duration, if one is next.
    pub(super) fn literal(&mut self) -> Option<(Number, Span)> {
        match self.peek() {
            Kind::Number => {}
            Kind::Duration if self.version() >= DURATION_NUMBERS => {}
            _ => return None,
        }
        let token = self.next();
        Some((self.number(&token), token.span))
    }

    /// A literal where a duration belongs.
    fn literal_duration(&mut self) -> Option<DurationExpr> {
        let version = self.version();
        match self.peek() {
            Kind::Number if version >= DURATION_NUMBERS => {}
            Kind::Duration => {}
            _ => return None,
        }
        let token = self.next();
        let number = self.number(&token);
        let kind = DurationKind::Literal(number);
        let duration = DurationExpr { kind, span: token.span, wrapped: false };
        Some(if version >= DURATION_EXPRESSIONS { self.within_range(duration, token.span) } else { duration })
    }

    fn within_range(&mut self, duration: DurationExpr, complain_at: Span) -> DurationExpr {
        if let DurationKind::Literal(number) = &duration.kind
            && number.value.abs() > MAX_SECONDS
        {
            self.problem(SYNTAX, complain_at, "duration out of range");
            let kind = DurationKind::Literal(Number { value: 0.0, duration: false });
            return DurationExpr { kind, ..duration };
        }
        duration
    }

    /// What stands in brackets. `None` where it is no duration, which is not yet complained of.
    pub(super) fn positive_duration(&mut self) -> Option<DurationExpr> {
        if self.version() < DURATION_EXPRESSIONS {
            return self.literal_duration();
        }
        let duration = self.duration(0, 0)?;
        self.peek();
        if let DurationKind::Literal(number) = &duration.kind
            && number.value <= 0.0
        {
            self.problem(SYNTAX, duration.span, "duration must be greater than 0");
        }
        Some(duration)
    }

    /// What stands behind `offset`.
    pub(super) fn offset_duration(&mut self) -> Option<DurationExpr> {
        let version = self.version();
        let sign = self.sign();
        if version < DURATION_EXPRESSIONS {
            match sign {
                Some(false) => return None,
                None => return self.literal_duration(),
                Some(true) => {}
            }
            let start = self.next().span;
            let duration = self.literal_duration()?;
            return Some(negated(duration, start));
        }
        if version < OFFSET_RULES {
            // The grammar of 3.4 takes operators behind it for those of the expression.
            return self.signed_duration(0);
        }
        let Some(negative) = sign else {
            let first = self.duration_primary(0)?;
            return Some(if first.wrapped { self.duration_rest(first, 0) } else { first });
        };
        let start = self.next().span;
        if matches!(self.peek(), Kind::Number | Kind::Duration) {
            let token = self.next();
            let number = self.number(&token);
            let duration =
                DurationExpr { kind: DurationKind::Literal(number), span: token.span, wrapped: false };
            let duration = apply(duration, negative, start);
            return Some(self.within_range(duration, start));
        }
        if self.peek() == Kind::LeftParen && version >= DURATION_WORDS {
            let open = self.next().span;
            let mut inner = self.duration(0, 1)?;
            let close = self.accept(Kind::RightParen)?.span;
            if matches!(inner.kind, DurationKind::Literal(_)) && version < SIGNED_PARENTHESES {
                // The parser of these releases crashes, and this is all that is left of its message.
                self.problem(SYNTAX, start.to(close), "unexpected error");
            }
            inner.wrapped = true;
            inner.span = open.to(close);
            return Some(apply(inner, negative, start));
        }
        if version >= DURATION_WORDS && matches!(self.peek(), Kind::Preprocessor | Kind::Aggregator) {
            let inner = self.duration_primary(1)?;
            return Some(apply(inner, negative, start));
        }
        let inner = self.signed_duration(1)?;
        let inner = self.duration_power(inner)?;
        let signed = apply(inner, negative, start);
        Some(self.duration_rest(signed, 0))
    }

    /// The sign that is next: whether it is a minus.
    fn sign(&mut self) -> Option<bool> {
        if self.peek() != Kind::Operator {
            return None;
        }
        match self.word().as_slice() {
            b"+" => Some(false),
            b"-" => Some(true),
            _ => None,
        }
    }

    /// An expression of durations whose operations bind at least as tightly as `precedence`.
    fn duration(&mut self, precedence: u8, depth: u8) -> Option<DurationExpr> {
        let first = self.signed_duration(depth)?;
        self.rest(first, precedence, depth)
    }

    /// What follows a duration and belongs to it.
    pub(super) fn duration_rest(&mut self, first: DurationExpr, precedence: u8) -> DurationExpr {
        let span = first.span;
        self.rest(first, precedence, 0).unwrap_or_else(|| {
            self.unexpected("", "");
            DurationExpr { kind: DurationKind::Step, span, wrapped: false }
        })
    }

    fn duration_power(&mut self, first: DurationExpr) -> Option<DurationExpr> {
        self.rest(first, POWER_PRECEDENCE, 1)
    }

    fn rest(&mut self, mut left: DurationExpr, precedence: u8, depth: u8) -> Option<DurationExpr> {
        loop {
            if self.peek() != Kind::Operator {
                return Some(left);
            }
            let op = BinaryOp::from_bytes(&self.word());
            let arithmetic = op.filter(|op| op.precedence() >= 4 && op.precedence() >= precedence);
            let Some(op) = arithmetic else { return Some(left) };
            let op_span = self.next().span;
            let inner = if op == BinaryOp::Power { POWER_PRECEDENCE } else { op.precedence() + 1 };
            let right = self.duration(inner, depth + 1)?;
            self.experimental(&left);
            let by_nothing = match &right.kind {
                DurationKind::Literal(number) => number.value == 0.0,
                _ => false,
            };
            match op {
                BinaryOp::Divide if by_nothing => self.problem(SYNTAX, op_span, "division by zero"),
                BinaryOp::Modulo if by_nothing => self.problem(SYNTAX, op_span, "modulo by zero"),
                _ => {}
            }
            let span = left.span.to(right.span);
            let kind = DurationKind::Binary(op, Box::new(left), Box::new(right));
            left = DurationExpr { kind, span, wrapped: false };
        }
    }

    fn signed_duration(&mut self, depth: u8) -> Option<DurationExpr> {
        if depth > MAX_DEPTH {
            if !self.lost {
                let message = "the duration is nested more than 50 deep";
                let at = self.last_closing;
                self.complain(Diagnostic::error(TOO_LARGE, Span::at(at), message));
                self.lost = true;
            }
            return None;
        }
        let Some(negative) = self.sign() else { return self.duration_primary(depth) };
        let start = self.next().span;
        let inner = self.duration(UNARY_PRECEDENCE + 1, depth + 1)?;
        let duration = apply(inner, negative, start);
        Some(self.within_range(duration, start))
    }

    fn duration_primary(&mut self, depth: u8) -> Option<DurationExpr> {
        match self.peek() {
            Kind::LeftParen => {
                let open = self.next().span;
                let mut inner = self.duration(0, depth + 1)?;
                let close = self.accept(Kind::RightParen)?.span;
                self.experimental(&inner);
                inner.wrapped = true;
                inner.span = open.to(close);
                Some(inner)
            }
            Kind::Preprocessor | Kind::Aggregator => {
                words::duration_word(&self.word(), self.version())?;
                let token = self.next();
                self.duration_call(&token, depth)
            }
            _ => self.literal_duration(),
        }
    }

    /// `step()` and the like, of which the word is read.
    pub(super) fn duration_word(&mut self, token: &Token) -> DurationExpr {
        self.duration_call(token, 0).unwrap_or_else(|| {
            self.unexpected("", "");
            DurationExpr { kind: DurationKind::Step, span: token.span, wrapped: false }
        })
    }

    fn duration_call(&mut self, token: &Token, depth: u8) -> Option<DurationExpr> {
        let word = self.reader.lexer.text(token).to_ascii_lowercase();
        self.accept(Kind::LeftParen)?;
        let kind = match word.as_slice() {
            b"step" => DurationKind::Step,
            b"range" => DurationKind::Range,
            _ => {
                let left = Box::new(self.duration(0, depth + 1)?);
                self.accept(Kind::Comma)?;
                let right = Box::new(self.duration(0, depth + 1)?);
                let greatest = word.starts_with(b"max");
                if greatest { DurationKind::Greatest(left, right) } else { DurationKind::Least(left, right) }
            }
        };
        let close = self.accept(Kind::RightParen)?.span;
        let duration = DurationExpr { kind, span: token.span.to(close), wrapped: false };
        if self.version() >= GUARDED_WORDS {
            self.experimental(&duration);
        }
        Some(duration)
    }

    fn experimental(&mut self, duration: &DurationExpr) {
        if !self.dialect.duration_expressions {
            let message = "experimental duration expression is not enabled";
            let diagnostic = Diagnostic::error(EXPERIMENTAL, inner_span(duration), message)
                .help("start Prometheus with `--enable-feature=promql-duration-expr`");
            self.complain(diagnostic);
        }
    }
}

/// Where Prometheus says that a duration stands: without its parentheses.
fn inner_span(duration: &DurationExpr) -> Span {
    match &duration.kind {
        DurationKind::Binary(_, left, right) => inner_span(left).to(inner_span(right)),
        _ => duration.span,
    }
}

/// A duration with a sign before it.
fn apply(duration: DurationExpr, negative: bool, sign: Span) -> DurationExpr {
    if negative {
        return negated(duration, sign);
    }
    match duration.kind {
        DurationKind::Literal(_) => DurationExpr { span: sign.to(duration.span), ..duration },
        _ => duration,
    }
}

fn negated(duration: DurationExpr, sign: Span) -> DurationExpr {
    let span = sign.to(duration.span);
    match duration.kind {
        DurationKind::Literal(number) if !duration.wrapped => {
            let number = Number { value: -number.value, ..number };
            DurationExpr { kind: DurationKind::Literal(number), span, wrapped: false }
        }
        _ => DurationExpr { kind: DurationKind::Negated(Box::new(duration)), span, wrapped: false },
    }
}
