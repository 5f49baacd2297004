//! Functions: what each does to labels, `promql/functions.go`.

use std::collections::BTreeSet;

use super::Reason;
use super::eval::{Eval, number};
use super::vector::{Vector, unnamed};
use crate::labels::{LabelSet, METRIC_NAME, MatchOp, ValidationScheme};
use crate::promql::{Call, Expr, ExprKind, Type};
use crate::regex::{Form, Regex, RegexErrorKind, Template};
use crate::text::Span;

impl Eval<'_> {
    pub(super) fn call(&mut self, call: &Call, span: Span) -> Result<Vector, Reason> {
        let Some(function) = call.function else {
            return Ok(self.give_up("there is no such function", span));
        };
        let name = function.name;
        match name {
            "vector" => return Ok(Vector::one(LabelSet::new())),
            "absent" | "absent_over_time" => return self.absent(call, span),
            "label_replace" => return self.label_replace(call, span),
            "label_join" => return self.label_join(call, span),
            "info" | "histogram_quantiles" => {
                return Ok(self.give_up(format!("{name} is not followed"), span));
            }
            _ => {}
        }
        let over = call.args.iter().find(|arg| matches!(arg.ty(), Some(Type::Vector | Type::Matrix)));
        let Some(over) = over else {
            return Ok(Vector::one(LabelSet::new()));
        };
        if over.ty() == Some(Type::Matrix) {
            let vector = self.matrix(over, samples(name))?;
            if SMOOTHING.contains(&name) {
                self.is_smoothing(call.args.get(1..).unwrap_or_default(), &vector, span)?;
            }
            if kind(name) == Kind::KeepsLabels {
                return Ok(vector);
            }
            return self.rename(vector, span, |labels| Some(unnamed(labels)));
        }
        let vector = self.expr(over)?;
        match name {
            _ if kind(name) == Kind::KeepsLabels => Ok(vector),
            "histogram_quantile" | "histogram_fraction" => {
                let classic = name == "histogram_quantile";
                let mut merged = Vector { complete: vector.complete, ..Vector::empty() };
                for (labels, certain) in vector.series {
                    let le = labels.value("le").to_owned();
                    let mut labels = unnamed(labels);
                    labels.remove("le");
                    let plain = le == "+Inf"
                        || (le.parse::<f64>().is_ok() && le.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
                    if !classic || !le.is_empty() {
                        *merged.series.entry(labels).or_default() |= certain && classic && plain;
                    }
                }
                Ok(merged)
            }
            "clamp" => {
                let bounds = (call.args.get(1).and_then(number), call.args.get(2).and_then(number));
                let vector = if matches!(bounds, (Some(min), Some(max)) if min <= max) {
                    vector
                } else {
                    vector.doubt()
                };
                self.rename(vector, span, |labels| Some(unnamed(labels)))
            }
            // These keep native histograms only, which cannot be told from the labels.
            _ if name.starts_with("histogram_") || name == "start_timestamp" => {
                self.rename(vector.doubt(), span, |labels| Some(unnamed(labels)))
            }
            _ => self.rename(vector, span, |labels| Some(unnamed(labels))),
        }
    }

    /// Whether factors are those of a smoothing, between 0 and 1: others fail the evaluation as soon as there is a
    /// series (`funcDoubleExponentialSmoothing`). What is computed may be such.
    fn is_smoothing(&mut self, factors: &[Expr], vector: &Vector, span: Span) -> Result<(), Reason> {
        for factor in factors {
            match number(factor) {
                Some(factor) if factor > 0.0 && factor < 1.0 => {}
                Some(_) if !vector.may_be_empty() => {
                    let message = "a smoothing or trend factor is not between 0 and 1".to_owned();
                    return Err(Reason { message, span });
                }
                _ => self.may_fail = true,
            }
        }
        Ok(())
    }

    /// Gives every series new labels.
    fn rename(
        &mut self,
        vector: Vector,
        span: Span,
        mut change: impl FnMut(LabelSet) -> Option<LabelSet>,
    ) -> Result<Vector, Reason> {
        let complete = vector.complete;
        let series: Vec<_> = vector
            .series
            .into_iter()
            .filter_map(|(labels, certain)| Some((change(labels)?, certain)))
            .collect();
        self.distinct(series, complete, span)
    }

    /// `createLabelsForAbsentFunction`.
    fn absent(&mut self, call: &Call, span: Span) -> Result<Vector, Reason> {
        let Some(arg) = call.args.first() else {
            return Ok(self.give_up("an argument is missing", span));
        };
        let vector = if arg.ty() == Some(Type::Matrix) { self.matrix(arg, 1)? } else { self.expr(arg)? };
        if !vector.may_be_empty() {
            return Ok(Vector::empty());
        }
        let certain = vector.surely_empty();
        let mut inner = arg;
        while let ExprKind::Paren(next) | ExprKind::Range(next, _) = &inner.kind {
            inner = next;
        }
        let mut labels = LabelSet::new();
        if let ExprKind::Vector(selector) = &inner.kind {
            if selector.modifiers.at.is_some() {
                return Ok(Vector::unknown());
            }
            let (mut seen, mut dropped) = (BTreeSet::new(), BTreeSet::new());
            for matcher in selector.selector.iter().filter(|matcher| matcher.name != METRIC_NAME) {
                let (Ok(name), Ok(value)) =
                    (std::str::from_utf8(&matcher.name), std::str::from_utf8(&matcher.value))
                else {
                    return Ok(self.give_up("a matcher is no UTF-8", span));
                };
                if matcher.op == MatchOp::Equal && seen.insert(name) {
                    if !value.is_empty() {
                        labels.insert(name, value);
                    }
                } else {
                    dropped.insert(name);
                }
            }
            labels.retain(|name, _| !dropped.contains(name));
        }
        Ok(Vector { series: [(labels, certain)].into(), complete: true })
    }

    /// Looks at the name of a label that an expression asks for: no series could have it otherwise. `what` it is
    /// is in Prometheus' words.
    pub(super) fn label_name(&self, what: &str, name: &str, span: Span) -> Result<(), Reason> {
        let version = self.server.version;
        let scheme = if version.is_v3() { ValidationScheme::Utf8 } else { ValidationScheme::Legacy };
        if scheme.is_label_name(name.as_bytes()) {
            return Ok(());
        }
        Err(Reason { message: format!("invalid {what}: {name}"), span })
    }

    fn label_replace(&mut self, call: &Call, span: Span) -> Result<Vector, Reason> {
        let [over, rest @ ..] = call.args.as_slice() else {
            return Ok(self.give_up("an argument is missing", span));
        };
        let vector = self.expr(over)?;
        let texts: Option<Vec<&str>> = rest.iter().map(text).collect();
        let Some([to, replacement, from, pattern]) = texts.as_deref() else {
            return Ok(self.give_up("an argument is no text in UTF-8", span));
        };
        let version = self.server.version;
        let regex = match Regex::new(format!("(?:{pattern})"), Form::Relabel, version) {
            Ok(regex) => regex,
            Err(error) if error.kind() == RegexErrorKind::Budget => {
                return Ok(self.give_up("the regular expression is larger than what is evaluated", span));
            }
            Err(_) => {
                let message = format!("invalid regular expression in label_replace(): {pattern}");
                return Err(Reason { message, span });
            }
        };
        self.label_name("destination label name in label_replace()", to, span)?;
        let template = Template::new(replacement);
        self.rename(vector, span, |mut labels| {
            if let Some(captures) = regex.captures(labels.value(from)) {
                let mut value = String::new();
                template.expand(&captures, &mut value);
                set(&mut labels, to, &value);
            }
            Some(labels)
        })
    }

    fn label_join(&mut self, call: &Call, span: Span) -> Result<Vector, Reason> {
        let [over, rest @ ..] = call.args.as_slice() else {
            return Ok(self.give_up("an argument is missing", span));
        };
        let vector = self.expr(over)?;
        let texts: Option<Vec<&str>> = rest.iter().map(text).collect();
        let Some([to, separator, from @ ..]) = texts.as_deref() else {
            return Ok(self.give_up("an argument is no text in UTF-8", span));
        };
        for name in from {
            self.label_name("source label name in label_join()", name, span)?;
        }
        self.label_name("destination label name in label_join()", to, span)?;
        self.rename(vector, span, |mut labels| {
            let value = from.iter().map(|name| labels.value(name)).collect::<Vec<_>>().join(separator);
            set(&mut labels, to, &value);
            Some(labels)
        })
    }
}

/// Sets a label, or drops it where the value is empty.
fn set(labels: &mut LabelSet, name: &str, value: &str) {
    labels.remove(name);
    if !value.is_empty() {
        labels.insert(name, value);
    }
}

/// The text that is written, if it is one.
pub(super) fn text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::String(text) => std::str::from_utf8(text).ok(),
        ExprKind::Paren(inner) => text(inner),
        _ => None,
    }
}

/// What a function does to the labels of what it is applied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing.
    KeepsLabels,
    /// The name goes, all else stays.
    DropsName,
    /// More than that, or it depends on values which series are left.
    Other,
}

/// The functions that fail for some factors: one name before 3.0, the other since.
const SMOOTHING: [&str; 2] = ["holt_winters", "double_exponential_smoothing"];

/// What the function `name` does to labels.
pub(super) fn kind(name: &str) -> Kind {
    match name {
        "last_over_time" | "first_over_time" | "sort" | "sort_desc" | "sort_by_label"
        | "sort_by_label_desc" => Kind::KeepsLabels,
        "vector" | "absent" | "absent_over_time" | "label_replace" | "label_join" | "info" | "clamp"
        | "start_timestamp" => Kind::Other,
        _ if name.starts_with("histogram_") || SMOOTHING.contains(&name) => Kind::Other,
        _ => Kind::DropsName,
    }
}

/// How many samples a function of a range needs for a result.
pub(super) fn samples(function: &str) -> u64 {
    match function {
        "rate"
        | "increase"
        | "delta"
        | "irate"
        | "idelta"
        | "deriv"
        | "predict_linear"
        | "holt_winters"
        | "double_exponential_smoothing" => 2,
        _ => 1,
    }
}
