//! Reads expressions: the grammar of Prometheus' `promql/parser/generated_parser.y`.
//!
//! Prometheus' parser is generated, so that the order of its complaints follows from when it looks at the next
//! word. This one looks ahead at the very same places: where a rule is told to be complete without a look
//! at what follows, [`Parser::peek`] must not have been called yet.

use std::collections::VecDeque;

use super::Dialect;
use super::advice::advise;
use super::ast::{
    Binary, BinaryOp, Expr, ExprKind, Number, POWER_PRECEDENCE, UNARY_PRECEDENCE, VectorSelector,
};
use super::{SYNTAX, TOO_LARGE};
use crate::diagnostic::{Code, Diagnostic};
use crate::selector::parse::{MAX_BYTES, Problem, Reader};
use crate::selector::token::{DURATION_WORDS, Kind, Token};
use crate::selector::words;
use crate::text::Span;
use crate::version::Version;

/// How deep expressions may be nested.
const MAX_DEPTH: u32 = 100;
/// How many operations may stand in a row.
const MAX_CHAIN: u32 = 400;
/// Words such as `step` are functions since here.
const WORD_FUNCTIONS: Version = Version { major: 3, minor: 12 };
/// `5m` is a number since here.
pub(super) const DURATION_NUMBERS: Version = Version { major: 2, minor: 54 };

/// An expression, with what only the parser needs of it.
pub(super) struct Node {
    pub(super) expr: Expr,
    /// Where Prometheus believes that it ends.
    pub(super) end: u32,
    /// How many operations it is deep.
    pub(super) height: u32,
}

pub(super) struct Parser<'s> {
    pub(super) reader: Reader<'s>,
    pub(super) dialect: Dialect,
    peeked: Option<Token>,
    /// Whether what follows is not worth a complaint, up to where the parentheses around it close.
    pub(super) lost: bool,
    /// How many aggregations are open, of which Prometheus names the innermost as the context.
    pub(super) aggregations: u32,
    depth: u32,
    /// Where the last word ended that may close an expression.
    pub(super) last_closing: u32,
    /// 3.5 and 3.6 keep the ends of right parentheses in a queue and forget to take some out.
    pub(super) closing_parens: VecDeque<u32>,
}

pub(super) fn parse(input: &[u8], dialect: Dialect) -> (Expr, Vec<Problem>) {
    let mut parser = Parser {
        reader: Reader::new(input, dialect.version),
        dialect,
        peeked: None,
        lost: false,
        aggregations: 0,
        depth: 0,
        last_closing: 0,
        closing_parens: VecDeque::new(),
    };
    let missing = Expr { kind: ExprKind::Missing, span: Span::at(0) };
    if input.len() > MAX_BYTES {
        parser.too_large(Span::at(0), "the expression is longer than 1 MiB");
        return (missing, parser.reader.problems);
    }
    if parser.peek() == Kind::End && parser.reader.problems.is_empty() {
        let diagnostic = Diagnostic::error(SYNTAX, Span::at(0), "no expression found in input");
        parser.reader.problem(0, diagnostic.help("write an expression, such as `up == 0`"));
        return (missing, parser.reader.problems);
    }
    let expr = parser.expression(0).expr;
    if !parser.lost && parser.peek() != Kind::End {
        parser.unexpected("", "");
    }
    (expr, parser.reader.problems)
}

/// An expression with nothing inside.
pub(super) fn node(kind: ExprKind, span: Span) -> Node {
    Node { expr: Expr { kind, span }, end: span.end, height: 0 }
}

impl Parser<'_> {
    pub(super) fn version(&self) -> Version {
        self.dialect.version
    }

    fn too_large(&mut self, span: Span, message: &'static str) {
        let diagnostic = Diagnostic::error(TOO_LARGE, span, message)
            .because("Prometheus has no such limit, but nothing can be said of this expression")
            .help("split it into several recording rules");
        self.reader.problem(span.start, diagnostic);
    }

    /// The kind of the next word, which is read only now.
    pub(super) fn peek(&mut self) -> Kind {
        if let Some(token) = &self.peeked {
            return token.kind;
        }
        let count = self.reader.problems.len();
        let token = self.reader.take();
        if self.lost {
            self.reader.problems.truncate(count);
        }
        for problem in self.reader.problems.iter_mut().skip(count) {
            problem.diagnostic.code = SYNTAX;
        }
        let end = token.span.end;
        match token.kind {
            Kind::RightParen => {
                self.last_closing = end;
                self.closing_parens.push_back(end);
            }
            Kind::RightBrace | Kind::RightBracket | Kind::Duration | Kind::Number => self.last_closing = end,
            _ => {}
        }
        let kind = token.kind;
        self.peeked = Some(token);
        kind
    }

    /// Takes the next word.
    pub(super) fn next(&mut self) -> Token {
        self.peek();
        self.peeked.take().unwrap_or(Token { kind: Kind::End, span: Span::at(0), faults: Vec::new() })
    }

    pub(super) fn accept(&mut self, kind: Kind) -> Option<Token> {
        (self.peek() == kind).then(|| self.next())
    }

    /// The next word in lower case.
    pub(super) fn word(&mut self) -> Vec<u8> {
        self.peek();
        self.peeked.as_ref().map_or(Vec::new(), |token| self.reader.lexer.text(token).to_ascii_lowercase())
    }

    fn next_span(&mut self) -> Span {
        self.peek();
        self.peeked.as_ref().map_or(Span::at(0), |token| token.span)
    }

    pub(super) fn problem(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.complain(Diagnostic::error(code, span, message.into()));
    }

    pub(super) fn complain(&mut self, diagnostic: Diagnostic) {
        if !self.lost {
            self.reader.problem(diagnostic.span.start, diagnostic);
        }
    }

    /// Complains of the next word. An empty context stands for the aggregation around, if any.
    pub(super) fn unexpected(&mut self, context: &str, expected: &str) {
        self.peek();
        let Some(token) = self.peeked.clone().filter(|_| !self.lost) else { return };
        if token.faults.is_empty() {
            let context = if context.is_empty() && self.aggregations > 0 { "aggregation" } else { context };
            let message = self.reader.unexpected_message(&token, context, expected);
            let text = self.reader.lexer.text(&token);
            let diagnostic = advise(Diagnostic::error(SYNTAX, token.span, message), &token, text);
            self.reader.problem(token.span.start, diagnostic);
        }
        self.lost = true;
    }

    /// Steps to the parenthesis that closes what is being read, and takes it. Whether there is one.
    pub(super) fn resume(&mut self) -> bool {
        let mut open = 0u32;
        loop {
            match self.peek() {
                Kind::End => return false,
                Kind::LeftParen => open += 1,
                Kind::RightParen if open == 0 => {
                    self.next();
                    self.lost = false;
                    return true;
                }
                Kind::RightParen => open -= 1,
                _ => {}
            }
            self.next();
        }
    }

    fn missing(&mut self) -> Node {
        let at = self.next_span().start;
        node(ExprKind::Missing, Span::at(at))
    }

    /// An expression of operations that bind at least as tightly as `precedence`.
    pub(super) fn expression(&mut self, precedence: u8) -> Node {
        if self.depth >= MAX_DEPTH {
            if !self.lost {
                let span = self.next_span();
                self.too_large(span, "the expression is nested more than 100 deep");
                self.lost = true;
            }
            return self.missing();
        }
        self.depth += 1;
        let mut left = self.signed();
        while !self.lost
            && let Some(op) = self.binary_op().filter(|op| op.precedence() >= precedence)
        {
            left = self.binary(left, op);
        }
        self.depth -= 1;
        left
    }

    fn binary_op(&mut self) -> Option<BinaryOp> {
        match self.peek() {
            Kind::Operator | Kind::NotEqual | Kind::OperatorWord => BinaryOp::from_bytes(&self.word()),
            _ => None,
        }
    }

    fn binary(&mut self, left: Node, op: BinaryOp) -> Node {
        let op_span = self.next().span;
        let (returns_bool, matching) = self.matching();
        let inner = if op == BinaryOp::Power { POWER_PRECEDENCE } else { op.precedence() + 1 };
        let right = if self.lost { self.missing() } else { self.expression(inner) };
        let span = left.expr.span.to(right.expr.span);
        if !self.dialect.fill && (matching.fill_left.is_some() || matching.fill_right.is_some()) {
            let message = "binop fill modifiers are experimental and not enabled";
            let diagnostic = Diagnostic::error(super::EXPERIMENTAL, span, message)
                .help("start Prometheus with `--enable-feature=promql-binop-fill-modifiers`");
            self.complain(diagnostic);
        }
        let height = left.height.max(right.height) + 1;
        if height == MAX_CHAIN && !self.lost {
            self.too_large(span, "the expression has more than 400 operations in a row");
            self.lost = true;
        }
        let end = right.end;
        let (left, right) = (left, right.expr);
        let op_at = self.skip_spaces(left.end);
        let binary = Binary { op, op_span, op_at, returns_bool, matching, left: left.expr, right };
        Node { end, height, ..node(ExprKind::Binary(Box::new(binary)), span) }
    }

    fn skip_spaces(&self, at: u32) -> u32 {
        let rest = self.reader.lexer.input.get(at as usize..).unwrap_or_default();
        at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count() as u32
    }

    /// An expression with signs before it.
    fn signed(&mut self) -> Node {
        let sign = match self.peek() {
            Kind::Operator => BinaryOp::from_bytes(&self.word()),
            _ => None,
        };
        let negative = match sign {
            Some(BinaryOp::Add) => false,
            Some(BinaryOp::Subtract) => true,
            _ => return self.modified(),
        };
        let start = self.next().span;
        let inner = self.expression(UNARY_PRECEDENCE + 1);
        let span = start.to(inner.expr.span);
        let kind = match inner.expr.kind {
            ExprKind::Number(Number { value, duration }) => {
                ExprKind::Number(Number { value: if negative { -value } else { value }, duration })
            }
            kind => ExprKind::Unary { negative, expr: Box::new(Expr { kind, span: inner.expr.span }) },
        };
        Node { end: inner.end, height: inner.height + 1, ..node(kind, span) }
    }

    /// An expression with what may stand behind it: brackets, `offset`, `@`.
    fn modified(&mut self) -> Node {
        let mut node = self.primary();
        while !self.lost {
            match self.peek() {
                Kind::LeftBracket => node = self.brackets(node),
                Kind::At => self.at(&mut node),
                Kind::Keyword => match self.word().as_slice() {
                    b"offset" => self.offset(&mut node),
                    b"anchored" | b"smoothed" => self.extended(&mut node),
                    _ => break,
                },
                _ => break,
            }
        }
        node
    }

    /// Whether the next word can begin an expression.
    pub(super) fn begins_expression(&mut self) -> bool {
        match self.peek() {
            Kind::Number | Kind::String | Kind::LeftParen | Kind::LeftBrace => true,
            Kind::Duration => self.version() >= DURATION_NUMBERS,
            Kind::Operator => matches!(self.word().as_slice(), b"+" | b"-"),
            kind => words::names_metric(kind, &self.word(), self.version()),
        }
    }

    fn primary(&mut self) -> Node {
        if !self.begins_expression() {
            self.unexpected("", "");
            return self.missing();
        }
        match self.peek() {
            Kind::Number | Kind::Duration => {
                let token = self.next();
                let number = self.number(&token);
                node(ExprKind::Number(number), token.span)
            }
            Kind::String => {
                let token = self.next();
                if !token.faults.is_empty() {
                    self.lost = true;
                }
                let text = words::unquote(self.reader.lexer.text(&token));
                node(ExprKind::String(text), token.span)
            }
            Kind::LeftParen => self.parens(),
            Kind::LeftBrace => self.selector(None),
            kind => {
                let token = self.next();
                let follows = self.peek();
                match kind {
                    Kind::Aggregator if follows == Kind::LeftParen || self.grouping_word().is_some() => {
                        self.aggregate(&token)
                    }
                    Kind::Identifier if follows == Kind::LeftParen => self.call(&token),
                    Kind::Preprocessor if follows == Kind::LeftParen && self.version() >= WORD_FUNCTIONS => {
                        self.call(&token)
                    }
                    Kind::Preprocessor if follows == Kind::LeftParen && self.version() >= DURATION_WORDS => {
                        self.stray_duration(&token)
                    }
                    _ => self.selector(Some(&token)),
                }
            }
        }
    }

    /// `by` or `without`, as the next word: whether it is the latter.
    pub(super) fn grouping_word(&mut self) -> Option<bool> {
        match (self.peek(), self.word().as_slice()) {
            (Kind::Keyword, b"by") => Some(false),
            (Kind::Keyword, b"without") => Some(true),
            _ => None,
        }
    }

    fn parens(&mut self) -> Node {
        let open = self.next();
        let inner = self.expression(0);
        if !self.lost && self.peek() != Kind::RightParen {
            self.unexpected("", "");
        }
        let span = self.close(open.span.to(inner.expr.span));
        self.closing_parens.pop_front();
        Node { height: inner.height + 1, ..node(ExprKind::Paren(Box::new(inner.expr)), span) }
    }

    /// Takes the right parenthesis, if need be by skipping words; the span up to it.
    pub(super) fn close(&mut self, span: Span) -> Span {
        if self.lost {
            self.resume();
            return Span::new(span.start, self.last_closing.max(span.end));
        }
        span.to(self.next().span)
    }

    fn selector(&mut self, name: Option<&Token>) -> Node {
        let mut span = name.map(|token| token.span);
        if self.peek() == Kind::LeftBrace {
            let open = self.next().span;
            let count = self.reader.problems.len();
            let closed = self.reader.braces();
            let end = self.reader.lexer.end();
            self.last_closing = end;
            span = Some(Span::new(span.unwrap_or(open).start, end));
            if self.lost {
                self.reader.problems.truncate(count);
            }
            // The word behind it would be said of again.
            self.lost |= !closed;
        }
        if let Some(token) = name {
            let text = self.reader.lexer.text(token).into();
            self.reader.push_name(text, token.span);
        }
        let selector = std::mem::take(&mut self.reader.selector);
        let selector = VectorSelector { selector, ..VectorSelector::default() };
        node(ExprKind::Vector(Box::new(selector)), span.unwrap_or_default())
    }
}
