//! Expressions as text: Prometheus' `promql/parser/printer.go`.

use std::fmt::{self, Display};

use bstr::BString;

use super::Type;
use super::ast::{
    Aggregate, At, Binary, BinaryOp, Cardinality, DurationExpr, DurationKind, Expr, ExprKind, Label,
    Matching, Modifiers, Number, UNARY_PRECEDENCE, VectorSelector,
};
use crate::labels::{METRIC_NAME, MatchOp, name};
use crate::selector::{MatcherForm, Selector};
use crate::text::quote;
use crate::units::Duration;
use crate::version::Version;

/// The name that a selector asks for within its braces, where it might as well stand before them.
fn plain_name(vector: &VectorSelector) -> Option<&BString> {
    let mut names = vector.selector.iter().filter(|it| it.name == METRIC_NAME);
    let (name, None) = (names.next()?, names.next()) else { return None };
    let text = std::str::from_utf8(&name.value).ok().filter(|_| name.op == MatchOp::Equal)?;
    let read = Selector::parse_strict(text, Version::NEWEST).ok()?;
    let [only] = read.matchers.as_slice() else { return None };
    (only.form == MatcherForm::Name && only.matcher.value == name.value).then_some(&name.value)
}

/// As Prometheus prints it, but for infinity, which there is `+Inf` and then no longer the left side of `^`.
impl Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printer { out: f, canonical: false }.expr(self)
    }
}

impl Expr {
    /// The expression in a form that is the same for all expressions that differ only in their spelling:
    /// without parentheses that change nothing, with the labels of lists in order.
    #[must_use]
    pub fn normalised(&self) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = Printer { out: &mut out, canonical: true }.expr(self);
        out
    }
}

impl Display for DurationExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printer { out: f, canonical: false }.duration(self)
    }
}

struct Printer<'o> {
    out: &'o mut dyn fmt::Write,
    canonical: bool,
}

impl Printer<'_> {
    fn expr(&mut self, expr: &Expr) -> fmt::Result {
        if let Some(number) = self.canonical.then(|| constant(expr)).flatten() {
            return self.number(number);
        }
        match &expr.kind {
            ExprKind::Number(number) => self.number(*number),
            ExprKind::String(text) => self.string(text),
            ExprKind::Vector(vector) => {
                self.vector(vector)?;
                self.at(&vector.modifiers)?;
                self.extended(&vector.modifiers)?;
                self.offset(&vector.modifiers)
            }
            ExprKind::Range(inner, range) => {
                let ExprKind::Vector(vector) = &inner.kind else {
                    self.expr(inner)?;
                    return self.brackets(range, "", None);
                };
                self.vector(vector)?;
                self.brackets(range, "", None)?;
                self.extended(&vector.modifiers)?;
                self.at(&vector.modifiers)?;
                self.offset(&vector.modifiers)
            }
            ExprKind::Subquery(subquery) => {
                self.tight(&subquery.expr)?;
                self.brackets(&subquery.range, ":", subquery.step.as_ref())?;
                self.at(&subquery.modifiers)?;
                self.offset(&subquery.modifiers)
            }
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate),
            ExprKind::Binary(binary) => self.binary(binary),
            ExprKind::Call(call) => {
                self.out.write_str(call.function.map_or("", |function| function.name))?;
                self.out.write_char('(')?;
                self.list(&call.args)?;
                self.out.write_char(')')
            }
            ExprKind::Unary { negative, expr } => {
                self.out.write_char(if *negative { '-' } else { '+' })?;
                self.operand(expr, UNARY_PRECEDENCE + 1)
            }
            ExprKind::Paren(inner) if self.canonical => self.expr(inner),
            ExprKind::Paren(inner) => {
                self.out.write_char('(')?;
                self.expr(inner)?;
                self.out.write_char(')')
            }
            ExprKind::Duration(duration) => self.duration(duration),
            ExprKind::Missing => Ok(()),
        }
    }

    fn list(&mut self, list: &[Expr]) -> fmt::Result {
        for (index, expr) in list.iter().enumerate() {
            if index > 0 {
                self.out.write_str(", ")?;
            }
            self.expr(expr)?;
        }
        Ok(())
    }

    /// An operand of something that binds at `precedence`. Where parentheses are not kept, those that are
    /// needed are put in.
    fn operand(&mut self, expr: &Expr, precedence: u8) -> fmt::Result {
        let needs = self.canonical
            && match (constant(expr), &unwrapped(expr).kind) {
                (Some(number), _) => {
                    number.value.is_sign_negative() && !number.value.is_nan() && UNARY_PRECEDENCE < precedence
                }
                (None, ExprKind::Binary(binary)) => binary.op.precedence() < precedence,
                (None, ExprKind::Unary { .. }) => UNARY_PRECEDENCE < precedence,
                _ => false,
            };
        self.parenthesised(expr, needs)
    }

    /// What brackets follow, which bind tightest of all.
    fn tight(&mut self, expr: &Expr) -> fmt::Result {
        let needs = self.canonical
            && !matches!(
                unwrapped(expr).kind,
                ExprKind::Vector(_) | ExprKind::Aggregate(_) | ExprKind::Call(_)
            );
        self.parenthesised(expr, needs)
    }

    fn parenthesised(&mut self, expr: &Expr, needs: bool) -> fmt::Result {
        if needs {
            self.out.write_char('(')?;
        }
        self.expr(expr)?;
        if needs { self.out.write_char(')') } else { Ok(()) }
    }

    fn number(&mut self, number: Number) -> fmt::Result {
        let Number { value, duration } = number;
        match value {
            _ if duration && !self.canonical => {
                let sign = if value < 0.0 { "-" } else { "" };
                write!(self.out, "{sign}{}", from_seconds(value.abs()))
            }
            value if value.is_nan() => self.out.write_str("NaN"),
            value if value.is_infinite() => self.out.write_str(if value > 0.0 { "Inf" } else { "-Inf" }),
            value => write!(self.out, "{value}"),
        }
    }

    /// A string in double quotes, which PromQL reads back as these bytes.
    fn string(&mut self, text: &BString) -> fmt::Result {
        // PromQL takes this character for a broken one, unless it is escaped.
        self.out.write_str(&quote(text).replace('\u{FFFD}', "\\ufffd"))
    }

    fn vector(&mut self, vector: &VectorSelector) -> fmt::Result {
        let mut outside = vector.name().map(|name| &name.matcher.value);
        if self.canonical && outside.is_none() {
            outside = plain_name(vector);
        }
        if let Some(name) = outside {
            write!(self.out, "{name}")?;
        }
        let mut matchers = Vec::new();
        for matcher in vector.selector.matchers.iter().filter(|it| it.form != MatcherForm::Name) {
            let it = &matcher.matcher;
            if outside == Some(&it.value) && it.name == METRIC_NAME && it.op == MatchOp::Equal {
                continue;
            }
            let mut text = String::new();
            let mut inner = Printer { out: &mut text, canonical: self.canonical };
            inner.label(&it.name)?;
            inner.out.write_str(it.op.as_str())?;
            inner.string(&it.value)?;
            matchers.push(text);
        }
        if matchers.is_empty() && outside.is_some() {
            return Ok(());
        }
        crate::sort::sort_by(&mut matchers, Ord::cmp);
        if self.canonical {
            matchers.dedup();
        }
        write!(self.out, "{{{}}}", matchers.join(","))
    }

    fn label(&mut self, label: &BString) -> fmt::Result {
        if name::is_legacy_label_name(label) { write!(self.out, "{label}") } else { self.string(label) }
    }

    fn labels(&mut self, labels: &[Label]) -> fmt::Result {
        let mut names: Vec<&BString> = labels.iter().map(|label| &label.name).collect();
        if self.canonical {
            crate::sort::sort_by(&mut names, Ord::cmp);
            names.dedup();
        }
        self.out.write_char('(')?;
        for (index, label) in names.into_iter().enumerate() {
            if index > 0 {
                self.out.write_str(", ")?;
            }
            self.label(label)?;
        }
        self.out.write_char(')')
    }

    fn at(&mut self, modifiers: &Modifiers) -> fmt::Result {
        match modifiers.at {
            Some((At::Time(time), _)) => write!(self.out, " @ {:.3}", (time * 1000.0).round() / 1000.0),
            Some((At::Start, _)) => self.out.write_str(" @ start()"),
            Some((At::End, _)) => self.out.write_str(" @ end()"),
            None => Ok(()),
        }
    }

    fn extended(&mut self, modifiers: &Modifiers) -> fmt::Result {
        match (modifiers.anchored, modifiers.smoothed) {
            (true, _) => self.out.write_str(" anchored"),
            (_, true) => self.out.write_str(" smoothed"),
            _ => Ok(()),
        }
    }

    fn offset(&mut self, modifiers: &Modifiers) -> fmt::Result {
        let Some((offset, _)) = &modifiers.offset else { return Ok(()) };
        if matches!(&offset.kind, DurationKind::Literal(number) if from_seconds(number.value.abs()).is_zero())
        {
            return Ok(());
        }
        self.out.write_str(" offset ")?;
        self.duration(offset)
    }

    fn brackets(&mut self, range: &DurationExpr, colon: &str, step: Option<&DurationExpr>) -> fmt::Result {
        self.out.write_char('[')?;
        self.duration(range)?;
        self.out.write_str(colon)?;
        if let Some(step) = step {
            self.duration(step)?;
        }
        self.out.write_char(']')
    }

    /// A duration by itself, which shows as one however it is written.
    fn duration(&mut self, duration: &DurationExpr) -> fmt::Result {
        match &duration.kind {
            DurationKind::Literal(number) if !duration.wrapped => {
                let sign = if number.value < 0.0 { "-" } else { "" };
                write!(self.out, "{sign}{}", from_seconds(number.value.abs()))
            }
            _ => self.part(duration),
        }
    }

    /// A part of a computed duration.
    fn part(&mut self, duration: &DurationExpr) -> fmt::Result {
        if duration.wrapped {
            self.out.write_char('(')?;
        }
        match &duration.kind {
            DurationKind::Literal(number) => self.number(*number)?,
            DurationKind::Step => self.out.write_str("step()")?,
            DurationKind::Range => self.out.write_str("range()")?,
            DurationKind::Negated(inner) => {
                self.out.write_char('-')?;
                self.part(inner)?;
            }
            DurationKind::Binary(op, left, right) => {
                self.part(left)?;
                write!(self.out, " {} ", op.as_str())?;
                self.part(right)?;
            }
            DurationKind::Greatest(left, right) | DurationKind::Least(left, right) => {
                let greatest = matches!(duration.kind, DurationKind::Greatest(..));
                self.out.write_str(if greatest { "max_of(" } else { "min_of(" })?;
                self.part(left)?;
                self.out.write_str(", ")?;
                self.part(right)?;
                self.out.write_char(')')?;
            }
        }
        if duration.wrapped { self.out.write_char(')') } else { Ok(()) }
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> fmt::Result {
        self.out.write_str(aggregate.op.as_str())?;
        if aggregate.without || !aggregate.grouping.is_empty() {
            self.out.write_str(if aggregate.without { " without " } else { " by " })?;
            self.labels(&aggregate.grouping)?;
            self.out.write_char(' ')?;
        }
        self.out.write_char('(')?;
        if let Some(param) = &aggregate.param {
            self.expr(param)?;
            self.out.write_str(", ")?;
        }
        self.expr(&aggregate.expr)?;
        self.out.write_char(')')
    }

    fn binary(&mut self, binary: &Binary) -> fmt::Result {
        let precedence = binary.op.precedence();
        let to_the_right = u8::from(binary.op == BinaryOp::Power);
        self.operand(&binary.left, precedence + to_the_right)?;
        write!(self.out, " {}", binary.op.as_str())?;
        if binary.returns_bool {
            self.out.write_str(" bool")?;
        }
        let vectors = binary.left.ty() == Some(Type::Vector) && binary.right.ty() == Some(Type::Vector);
        if vectors {
            self.matching(&binary.matching)?;
        }
        self.out.write_char(' ')?;
        self.operand(&binary.right, precedence + 1 - to_the_right)
    }

    fn matching(&mut self, matching: &Matching) -> fmt::Result {
        let grouped = matching.cardinality != Cardinality::OneToOne;
        if matching.on || grouped || !matching.labels.is_empty() {
            self.out.write_str(if matching.on { " on " } else { " ignoring " })?;
            self.labels(&matching.labels)?;
        }
        if grouped {
            let left = matching.cardinality == Cardinality::ManyToOne;
            self.out.write_str(if left { " group_left " } else { " group_right " })?;
            self.labels(&matching.include)?;
        }
        match (matching.fill_left, matching.fill_right) {
            (Some(left), Some(right)) if left.to_bits() == right.to_bits() => self.fill("fill", left),
            (left, right) => {
                left.map_or(Ok(()), |value| self.fill("fill_left", value))?;
                right.map_or(Ok(()), |value| self.fill("fill_right", value))
            }
        }
    }

    fn fill(&mut self, word: &str, value: f64) -> fmt::Result {
        write!(self.out, " {word} (")?;
        self.number(Number { value, duration: false })?;
        self.out.write_char(')')
    }
}

/// The number that an expression is, whatever parentheses and signs it has.
fn constant(expr: &Expr) -> Option<Number> {
    match &expr.kind {
        ExprKind::Number(number) => Some(*number),
        ExprKind::Paren(inner) => constant(inner),
        ExprKind::Unary { negative, expr } => {
            let number = constant(expr)?;
            Some(Number { value: if *negative { -number.value } else { number.value }, ..number })
        }
        _ => None,
    }
}

/// An expression without the parentheses around it.
fn unwrapped(mut expr: &Expr) -> &Expr {
    while let ExprKind::Paren(inner) = &expr.kind {
        expr = inner;
    }
    expr
}

#[expect(clippy::cast_sign_loss, reason = "Rust's conversion makes 0 of what is negative")]
/// So many seconds as a duration of whole milliseconds.
fn from_seconds(seconds: f64) -> Duration {
    Duration::from_millis(((seconds * 1e9).round() / 1e6) as u64)
}
