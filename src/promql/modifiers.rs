//! What stands behind an expression or between two: brackets, `offset`, `@`, `on`, `group_left` and so on.

use super::ast::{
    At, BinaryOp, Cardinality, DurationExpr, DurationKind, Expr, ExprKind, Label, Matching, Modifiers,
    Subquery,
};
use super::parse::{DURATION_NUMBERS, Node, Parser, node};
use super::{EXPERIMENTAL, SYNTAX};
use crate::diagnostic::Diagnostic;
use crate::labels::name;
use crate::selector::token::{DURATION_WORDS, Kind};
use crate::selector::words;
use crate::text::{Span, quote};
use crate::version::Version;

/// Lists of labels may hold strings since here.
const QUOTED_LABELS: Version = Version { major: 2, minor: 55 };
/// A refused label has a message of its own since here.
const LABEL_MESSAGE: Version = Version { major: 3, minor: 2 };
/// Beside `step()` there is `range()` since here.
const RANGE_WORD: Version = Version { major: 3, minor: 10 };

impl Parser<'_> {
    /// What Prometheus expects where a duration belongs.
    fn expected_duration(&self) -> &'static str {
        match self.version() {
            version if version >= RANGE_WORD => "number, duration, step(), or range()",
            version if version >= DURATION_WORDS => "number, duration, or step()",
            version if version >= DURATION_NUMBERS => "number or duration",
            _ => "duration",
        }
    }

    /// `[5m]` or `[5m:1m]` behind `node`.
    pub(super) fn brackets(&mut self, node: Node) -> Node {
        let open = self.next().span;
        let Some(range) = self.positive_duration() else {
            let range_too = self.version() >= DURATION_WORDS;
            let context = if range_too { "subquery or range selector" } else { "subquery selector" };
            let expected = self.expected_duration();
            self.unexpected(context, expected);
            return self.after_brackets(&node);
        };
        if let Some(close) = self.accept(Kind::RightBracket) {
            return self.range(node, open, close.span, range);
        }
        if self.accept(Kind::Colon).is_none() {
            self.unexpected("subquery or range", "\":\" or \"]\"");
            return self.after_brackets(&node);
        }
        let mut step = None;
        if self.peek() != Kind::RightBracket {
            step = self.positive_duration();
            let expected = match self.expected_duration() {
                _ if step.is_some() => "\"]\"".to_owned(),
                _ if self.version() >= RANGE_WORD => "number, duration, step(), range(), or \"]\"".to_owned(),
                expected => format!("{expected} or \"]\""),
            };
            if step.is_none() || self.peek() != Kind::RightBracket {
                self.unexpected("subquery selector", &expected);
                return self.after_brackets(&node);
            }
        }
        let close = self.next().span;
        let span = node.expr.span.to(close);
        let subquery = Subquery { expr: node.expr, range, step, modifiers: Modifiers::default() };
        Node { end: close.end, ..self.wrap(node.height, ExprKind::Subquery(Box::new(subquery)), span) }
    }

    /// Steps behind brackets that could not be read.
    fn after_brackets(&mut self, node: &Node) -> Node {
        while !matches!(self.peek(), Kind::End | Kind::RightBracket | Kind::RightParen | Kind::Comma) {
            self.next();
        }
        if self.peek() == Kind::RightBracket {
            self.next();
            self.lost = false;
        }
        let span = Span::new(node.expr.span.start, self.last_closing.max(node.expr.span.end));
        self.wrap(node.height, ExprKind::Missing, span)
    }

    fn range(&mut self, node: Node, open: Span, close: Span, range: DurationExpr) -> Node {
        let message = match &node.expr.kind {
            ExprKind::Vector(vector) => match &vector.modifiers {
                Modifiers { offset: Some((offset, _)), .. } if self.shifts(&offset.kind) => {
                    "no offset modifiers allowed before range"
                }
                Modifiers { at: Some((At::Time(_), _)), .. } => "no @ modifiers allowed before range",
                _ => "",
            },
            _ => "ranges only allowed for vector selectors",
        };
        let subject_is_read = !matches!(node.expr.kind, ExprKind::Missing);
        if !message.is_empty() && subject_is_read {
            let mut diagnostic = Diagnostic::error(SYNTAX, open.to(close), message);
            if message.starts_with("ranges") {
                diagnostic = diagnostic.help("a range over anything but a selector is a subquery: `[5m:]`");
            } else {
                diagnostic = diagnostic.help("write it behind the brackets");
            }
            self.complain(diagnostic);
        }
        let span = node.expr.span.to(close);
        let kind = ExprKind::Range(Box::new(node.expr), range);
        self.wrap(node.height, kind, span)
    }

    /// Whether an offset is set to Prometheus: one of nothing is not.
    fn shifts(&self, offset: &DurationKind) -> bool {
        match offset {
            DurationKind::Literal(number) if self.version() >= Version::V3_5 => {
                (number.value * 1e9).round() != 0.0
            }
            DurationKind::Literal(number) => (number.value * 1000.0).trunc() != 0.0,
            // The releases before the fix look only at offsets that are numbers.
            _ => false,
        }
    }

    /// `offset 5m` behind `node`.
    pub(super) fn offset(&mut self, node: &mut Node) {
        let word = self.next().span;
        let Some(offset) = self.offset_duration() else {
            let expected = self.expected_duration();
            self.unexpected("offset", expected);
            return;
        };
        let span = word.to(offset.span);
        let last_closing = self.last_closing;
        let again = |modifiers: &Modifiers, parser: &Self| match &modifiers.offset {
            Some((DurationExpr { kind: kind @ DurationKind::Literal(_), .. }, _)) => parser.shifts(kind),
            other => other.is_some(),
        };
        match modifiers(&mut node.expr) {
            Ok(modifiers) => {
                let twice = again(modifiers, self);
                modifiers.offset = Some((offset, span));
                if twice {
                    self.problem(SYNTAX, node.expr.span, "offset may not be set multiple times");
                }
                node.end = last_closing;
            }
            Err(Some(message)) => self.problem(SYNTAX, node.expr.span, message),
            Err(None) => {
                let message = "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery";
                self.misplaced(node, message);
            }
        }
        node.expr.span = node.expr.span.to(span);
    }

    fn misplaced(&mut self, node: &Node, message: &'static str) {
        if !matches!(node.expr.kind, ExprKind::Missing) {
            let diagnostic = Diagnostic::error(SYNTAX, node.expr.span, message)
                .help("write it directly behind the selector");
            self.complain(diagnostic);
        }
    }

    /// `@ 0` or `@ start()` behind `node`.
    pub(super) fn at(&mut self, node: &mut Node) {
        let sign = self.next().span;
        let Some(at) = self.timestamp() else {
            self.unexpected("@", "timestamp");
            return;
        };
        let span = Span::new(sign.start, self.last_closing.max(sign.end));
        if let At::Time(time) = at
            && !(time.is_finite() && time < i64::MAX as f64 && time > i64::MIN as f64)
        {
            let shown = match time {
                time if time.is_nan() => "NaN".to_owned(),
                time if time.is_infinite() => if time > 0.0 { "+Inf" } else { "-Inf" }.to_owned(),
                time => format!("{time:.6}"),
            };
            let message = format!("timestamp out of bounds for @ modifier: {shown}");
            self.problem(SYNTAX, node.expr.span, message);
        }
        match modifiers(&mut node.expr) {
            Ok(modifiers) if modifiers.at.is_some() => {
                self.problem(SYNTAX, node.expr.span, "@ <timestamp> may not be set multiple times");
            }
            Ok(modifiers) => {
                modifiers.at = Some((at, span));
                node.end = self.last_closing;
            }
            Err(Some(message)) => self.problem(SYNTAX, node.expr.span, message),
            Err(None) => {
                let message = "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery";
                self.misplaced(node, message);
            }
        }
        node.expr.span = node.expr.span.to(span);
    }

    fn timestamp(&mut self) -> Option<At> {
        match self.peek() {
            Kind::Preprocessor => {
                let at = match self.word().as_slice() {
                    b"start" => At::Start,
                    b"end" => At::End,
                    _ => return None,
                };
                self.next();
                self.accept(Kind::LeftParen)?;
                self.accept(Kind::RightParen)?;
                Some(at)
            }
            Kind::Operator => {
                let negative = match BinaryOp::from_bytes(&self.word())? {
                    BinaryOp::Add => false,
                    BinaryOp::Subtract => true,
                    _ => return None,
                };
                self.next();
                let value = self.literal()?.0.value;
                Some(At::Time(if negative { -value } else { value }))
            }
            _ => self.literal().map(|(number, _)| At::Time(number.value)),
        }
    }

    /// `anchored` or `smoothed` behind `node`.
    pub(super) fn extended(&mut self, node: &mut Node) {
        let anchors = self.word() == b"anchored";
        let word = self.next().span;
        let name = if anchors { "anchored" } else { "smoothed" };
        if !self.dialect.extended_ranges {
            let message = format!("{name} modifier is experimental and not enabled");
            let diagnostic = Diagnostic::error(EXPERIMENTAL, node.expr.span, message)
                .help("start Prometheus with `--enable-feature=promql-extended-range-selectors`");
            self.complain(diagnostic);
            return;
        }
        let message = match (&node.expr.kind, modifiers(&mut node.expr.clone())) {
            (ExprKind::Subquery(_), _) => format!("{name} modifier is not supported for subqueries"),
            (_, Err(Some(_))) => String::new(),
            (_, Err(None)) => format!("{name} modifier not implemented"),
            (_, Ok(_)) => {
                let mut both = false;
                if let Ok(modifiers) = modifiers(&mut node.expr) {
                    *(if anchors { &mut modifiers.anchored } else { &mut modifiers.smoothed }) = true;
                    both = modifiers.anchored && modifiers.smoothed;
                }
                let message = "anchored and smoothed modifiers cannot be used together";
                if both { message.to_owned() } else { String::new() }
            }
        };
        if !message.is_empty() {
            self.problem(SYNTAX, node.expr.span, message);
        }
        node.expr.span = node.expr.span.to(word);
    }

    /// What may stand between an operator and its right side: `bool on (job) group_left (team)`.
    pub(super) fn matching(&mut self) -> (bool, Matching) {
        let mut matching = Matching::default();
        let returns_bool = self.accept_keyword(b"bool");
        let on = self.accept_keyword(b"on");
        if on || self.accept_keyword(b"ignoring") {
            matching.on = on;
            matching.labels = self.grouping_labels();
            let left = !self.lost && self.accept_keyword(b"group_left");
            if left || !self.lost && self.accept_keyword(b"group_right") {
                matching.cardinality = if left { Cardinality::ManyToOne } else { Cardinality::OneToMany };
                let fills = self.peek() == Kind::Keyword && self.word().starts_with(b"fill");
                if self.peek() == Kind::LeftParen || !(fills || self.begins_expression()) {
                    matching.include = self.grouping_labels();
                }
            }
        }
        for first in [true, false] {
            let word = if self.lost || self.peek() != Kind::Keyword { Vec::new() } else { self.word() };
            let (left, right) = match word.as_slice() {
                b"fill" if first => (true, true),
                b"fill_left" if matching.fill_left.is_none() => (true, false),
                b"fill_right" if matching.fill_right.is_none() => (false, true),
                _ => break,
            };
            self.next();
            let Some(value) = self.fill_value() else {
                self.unexpected("", "");
                break;
            };
            if left {
                matching.fill_left = Some(value);
            }
            if right {
                matching.fill_right = Some(value);
            }
            if left && right {
                break;
            }
        }
        (returns_bool, matching)
    }

    fn fill_value(&mut self) -> Option<f64> {
        self.accept(Kind::LeftParen)?;
        let mut negative = false;
        if self.peek() == Kind::Operator {
            negative = match BinaryOp::from_bytes(&self.word())? {
                BinaryOp::Add => false,
                BinaryOp::Subtract => true,
                _ => return None,
            };
            self.next();
        }
        let value = self.literal()?.0.value;
        self.accept(Kind::RightParen)?;
        Some(if negative { -value } else { value })
    }

    fn accept_keyword(&mut self, word: &[u8]) -> bool {
        let found = self.peek() == Kind::Keyword && self.word() == word;
        if found {
            self.next();
        }
        found
    }

    /// A list of labels in parentheses.
    pub(super) fn grouping_labels(&mut self) -> Vec<Label> {
        let mut labels = Vec::new();
        if self.accept(Kind::LeftParen).is_none() {
            self.unexpected("grouping opts", "\"(\"");
            return labels;
        }
        if self.accept(Kind::RightParen).is_some() {
            return labels;
        }
        loop {
            match self.grouping_label() {
                Some(label) => labels.push(label),
                None => self.unexpected("grouping opts", "label"),
            }
            if !self.lost && self.accept(Kind::Comma).is_some() {
                if self.accept(Kind::RightParen).is_some() {
                    return labels;
                }
                continue;
            }
            if !self.lost && self.accept(Kind::RightParen).is_some() {
                return labels;
            }
            self.unexpected("grouping opts", "\",\" or \")\"");
            self.resume();
            return labels;
        }
    }

    fn grouping_label(&mut self) -> Option<Label> {
        let kind = self.peek();
        let quoted = kind == Kind::String && self.version() >= QUOTED_LABELS;
        let word = self.word();
        if !quoted && !may_be_label(kind, &word, self.version()) {
            return None;
        }
        let token = self.next();
        let text = self.reader.lexer.text(&token);
        let label = if quoted { words::unquote(text) } else { text.into() };
        let valid = if self.version().is_v3() {
            !label.is_empty() && std::str::from_utf8(&label).is_ok()
        } else {
            name::is_legacy_label_name(&label)
        };
        if !valid && token.faults.is_empty() {
            let message = if self.version() < LABEL_MESSAGE {
                self.reader.unexpected_message(&token, "grouping opts", "label")
            } else {
                format!("invalid label name for grouping: {}", quote(&label))
            };
            self.problem(SYNTAX, token.span, message);
        }
        self.lost |= !token.faults.is_empty();
        Some(Label { name: label, span: token.span })
    }

    /// An expression around one of `height`, closed by the last word.
    fn wrap(&self, height: u32, kind: ExprKind, span: Span) -> Node {
        Node { end: self.last_closing, height: height + 1, ..node(kind, span) }
    }
}

/// What may be shifted in time of `expr`; else Prometheus' message, where it has one that says why not.
fn modifiers(expr: &mut Expr) -> Result<&mut Modifiers, Option<&'static str>> {
    match &mut expr.kind {
        ExprKind::Vector(vector) => Ok(&mut vector.modifiers),
        ExprKind::Subquery(subquery) => Ok(&mut subquery.modifiers),
        ExprKind::Range(inner, _) => match &mut inner.kind {
            ExprKind::Vector(vector) => Ok(&mut vector.modifiers),
            _ => Err(Some("ranges only allowed for vector selectors")),
        },
        _ => Err(None),
    }
}

/// Whether a word may be a label: `maybe_label` of the grammar.
fn may_be_label(kind: Kind, lower: &[u8], version: Version) -> bool {
    match kind {
        Kind::Keyword => match lower {
            b"without" => false,
            // An oversight of one release.
            b"anchored" | b"smoothed" => version != Version { major: 3, minor: 7 },
            _ => true,
        },
        kind => matches!(
            kind,
            Kind::Identifier
                | Kind::MetricIdentifier
                | Kind::Aggregator
                | Kind::OperatorWord
                | Kind::Preprocessor
        ),
    }
}
