//! Expressions, part by part: `eval` of `promql/engine.go`.

use std::collections::BTreeMap;

use super::call::text;
use super::vector::{Clash, Vector, unnamed};
use super::{DerivedRule, DerivedSeries, Reason, Server};
use crate::labels::{LabelSet, METRIC_NAME};
use crate::promql::{
    Aggregate, Aggregation, Binary, DurationExpr, DurationKind, Expr, ExprKind, Label, Modifiers, Subquery,
    Type, VectorSelector,
};
use crate::series::{Bitset, CompiledMatcher, sample};
use crate::sort::ordered_map;
use crate::text::Span;

/// How far an instant selector looks back by default: `--query.lookback-delta`.
const LOOKBACK_MS: u64 = 300_000;

/// What a selector selects.
pub(super) struct Selected<'a> {
    pub(super) matchers: Vec<CompiledMatcher>,
    /// The rows of the store that have not ended.
    pub(super) rows: Bitset,
    /// What rules make.
    pub(super) recorded: Vec<&'a DerivedSeries>,
    /// Whether there may be no others.
    pub(super) complete: bool,
}

/// What an evaluation reads, and what it finds on the way.
pub(super) struct Eval<'a> {
    pub(super) server: Server<'a>,
    recorded: &'a [DerivedRule],
    /// How many series may still be taken up one by one.
    left: &'a mut usize,
    pub(super) unknown: Vec<Reason>,
    /// Whether the evaluation fails for some values.
    pub(super) may_fail: bool,
}

impl<'a> Eval<'a> {
    pub(super) fn new(server: Server<'a>, recorded: &'a [DerivedRule], left: &'a mut usize) -> Self {
        Self { server, recorded, left, unknown: Vec::new(), may_fail: false }
    }

    /// Names what is not followed.
    pub(super) fn give_up(&mut self, message: impl Into<String>, span: Span) -> Vector {
        self.unknown.push(Reason { message: message.into(), span });
        Vector::unknown()
    }

    /// Collects series of which two with equal labels fail the evaluation.
    pub(super) fn distinct(
        &mut self,
        series: impl IntoIterator<Item = (LabelSet, bool)>,
        complete: bool,
        span: Span,
    ) -> Result<Vector, Reason> {
        let (vector, clash) = Vector::distinct(series, complete);
        self.clash(clash, "vector cannot contain metrics with the same labelset", span)?;
        self.may_fail |= !complete;
        Ok(vector)
    }

    pub(super) fn clash(&mut self, clash: Clash, message: &str, span: Span) -> Result<(), Reason> {
        match clash {
            Clash::None => {}
            Clash::Possible => self.may_fail = true,
            Clash::Certain => return Err(Reason { message: message.to_owned(), span }),
        }
        Ok(())
    }

    pub(super) fn expr(&mut self, expr: &Expr) -> Result<Vector, Reason> {
        match &expr.kind {
            ExprKind::Vector(selector) => {
                let vector = self.selector(selector, expr.span);
                Ok(if self.is_seen(selector) { vector } else { vector.doubt() })
            }
            ExprKind::Paren(inner) => self.expr(inner),
            ExprKind::Unary { negative, expr: inner } => {
                let vector = self.expr(inner)?;
                if !negative {
                    return Ok(vector);
                }
                let complete = vector.complete;
                self.distinct(vector.series.into_iter().map(|(l, c)| (unnamed(l), c)), complete, expr.span)
            }
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate, expr.span),
            ExprKind::Binary(binary) => self.binary(binary, expr.span),
            ExprKind::Call(call) => self.call(call, expr.span),
            ExprKind::Range(..)
            | ExprKind::Subquery(_)
            | ExprKind::Number(_)
            | ExprKind::String(_)
            | ExprKind::Duration(_)
            | ExprKind::Missing => Ok(self.give_up("this is no instant vector", expr.span)),
        }
    }

    /// What a selector selects; `None`, named, where that cannot be told.
    pub(super) fn selected(&mut self, selector: &VectorSelector, span: Span) -> Option<Selected<'a>> {
        let Some(matchers) = selector.selector.compiled() else {
            self.give_up("a matcher is refused", span);
            return None;
        };
        let store = self.server.store;
        let Ok(mut rows) = store.select(&matchers) else {
            self.give_up("the matchers select nothing but what is absent", span);
            return None;
        };
        for shape in store.shapes().filter(|shape| shape.values().iter().any(|&it| sample::is_stale(it))) {
            let ended: Vec<_> =
                rows.iter_in(shape.rows()).filter(|&row| sample::is_stale(store.value(row))).collect();
            for row in ended {
                rows.remove(row);
            }
        }
        let mut complete = !self.server.unlisted.iter().any(|pattern| pattern.may_match(&matchers));
        let mut recorded = Vec::new();
        let mut why = "";
        for rule in self.recorded {
            if !rule.makes.iter().any(|pattern| pattern.may_match(&matchers)) {
                continue;
            }
            recorded.extend(rule.derived.series.iter().filter(|one| {
                matchers.iter().all(|it| {
                    let name = std::str::from_utf8(&it.matcher().name).unwrap_or("");
                    it.matches(one.labels.value(name))
                })
            }));
            if rule.derived.open {
                complete = false;
                if rule.makes.len() > 1 {
                    why = "it selects alerts, which make series only while they are pending or fire";
                } else if why.is_empty() {
                    why = "it selects series of a rule that is not followed wholly";
                }
            }
        }
        if !why.is_empty() {
            self.give_up(why, span);
        }
        Some(Selected { matchers, rows, recorded, complete })
    }

    fn selector(&mut self, selector: &VectorSelector, span: Span) -> Vector {
        let Some(selected) = self.selected(selector, span) else { return Vector::unknown() };
        let count = selected.rows.count() + selected.recorded.len();
        if count > *self.left {
            return self.give_up("the rules select more series than are followed", span);
        }
        *self.left -= count;
        let store = self.server.store;
        let mut vector = Vector { complete: selected.complete, ..Vector::empty() };
        vector.series.extend(selected.rows.iter().map(|row| {
            let mut labels = store.label_set(row);
            labels.retain(|_, value| !value.is_empty());
            (labels, !sample::is_possible(store.value(row)))
        }));
        for one in selected.recorded {
            *vector.series.entry(one.labels.clone()).or_default() |= one.certain;
        }
        self.shifted(vector, &selector.modifiers, span)
    }

    pub(super) fn shifted(&mut self, vector: Vector, modifiers: &Modifiers, span: Span) -> Vector {
        if modifiers.at.is_some() || modifiers.anchored || modifiers.smoothed {
            return self.give_up("which series there were at another time is not known", span);
        }
        if modifiers.offset.is_some() { vector.doubt() } else { vector }
    }

    /// The series of a range vector; sure are those that have at least `samples` samples in it.
    pub(super) fn matrix(&mut self, expr: &Expr, samples: u64) -> Result<Vector, Reason> {
        match &expr.kind {
            ExprKind::Paren(inner) => self.matrix(inner, samples),
            ExprKind::Range(inner, range) => {
                let ExprKind::Vector(selector) = &inner.kind else {
                    return Ok(self.give_up("this is no range vector", expr.span));
                };
                let vector = self.selector(selector, inner.span);
                Ok(if self.holds(selector, range, samples) { vector } else { vector.doubt() })
            }
            ExprKind::Subquery(subquery) => {
                let vector = match self.expr(&subquery.expr) {
                    Ok(vector) => vector.doubt(),
                    Err(reason) if is_evaluated(subquery) => return Err(reason),
                    // Without an evaluation there is no failure, and nothing else either.
                    Err(_) => {
                        self.may_fail = true;
                        Vector::empty()
                    }
                };
                Ok(self.shifted(vector, &subquery.modifiers, expr.span))
            }
            _ => Ok(self.give_up("this is no range vector", expr.span)),
        }
    }

    /// How often, in milliseconds, the series that are selected surely have a sample.
    fn interval(&self, selector: &VectorSelector) -> u64 {
        let matchers = selector.selector.compiled().unwrap_or_default();
        let slow = self.server.slow.iter().filter(|(pattern, _)| pattern.may_match(&matchers));
        slow.map(|(_, interval)| *interval).fold(self.server.interval_ms, u64::max)
    }

    /// Whether a range surely holds so many samples of each series.
    pub(super) fn holds(&self, selector: &VectorSelector, range: &DurationExpr, samples: u64) -> bool {
        // The range's beginning is exclusive since 3.0, and scrapes are not quite punctual.
        let need = self.interval(selector).saturating_mul(samples + 1);
        millis(range).is_some_and(|range| range >= need)
    }

    /// Whether every series that is selected has a sample that an instant selector still sees.
    pub(super) fn is_seen(&self, selector: &VectorSelector) -> bool {
        self.interval(selector) < LOOKBACK_MS
    }

    fn aggregate(&mut self, aggregate: &Aggregate, span: Span) -> Result<Vector, Reason> {
        if !aggregate.op.selects()
            && aggregate.op != Aggregation::CountValues
            && let Some(vector) = self.grouped(aggregate)
        {
            return Ok(vector);
        }
        let vector = self.expr(&aggregate.expr)?;
        if aggregate.op == Aggregation::CountValues {
            if let Some(label) = aggregate.param.as_ref().and_then(text) {
                self.label_name("label name", label, span)?;
            }
            if vector.surely_empty() {
                return Ok(vector);
            }
            return Ok(self.give_up("the values, which become a label's values, are not known", span));
        }
        let mut groups: BTreeMap<LabelSet, (usize, bool)> = BTreeMap::new();
        for (labels, certain) in &vector.series {
            let (count, sure) = groups.entry(group(aggregate, labels)).or_default();
            *count += 1;
            *sure |= certain;
        }
        if !aggregate.op.selects() {
            let series = ordered_map(groups.into_iter().map(|(labels, (_, certain))| (labels, certain)));
            return Ok(Vector { series, complete: vector.complete });
        }
        let k = aggregate.param.as_ref().and_then(number);
        self.is_whole(k, aggregate.op, &vector, span)?;
        if aggregate.op == Aggregation::LimitRatio || !vector.complete {
            return Ok(vector.doubt());
        }
        let series = vector.series.into_iter().filter_map(|(labels, certain)| {
            let count = groups.get(&group(aggregate, &labels)).map_or(0, |(count, _)| *count);
            match k {
                Some(k) if k < 1.0 => None,
                Some(k) => Some((labels, certain && k >= count as f64)),
                None => Some((labels, false)),
            }
        });
        Ok(Vector { series: ordered_map(series), complete: true })
    }

    /// Whether a parameter can be the number of series to keep: what is no number, or too large a one, fails the
    /// evaluation (`convertibleToInt64`). What is computed may be such.
    fn is_whole(
        &mut self,
        parameter: Option<f64>,
        op: Aggregation,
        vector: &Vector,
        span: Span,
    ) -> Result<(), Reason> {
        let largest = if op == Aggregation::LimitRatio { f64::INFINITY } else { i64::MAX as f64 };
        match parameter {
            Some(number) if number.abs() <= largest => {}
            // Releases differ in whether they look at a parameter for which there is nothing to do.
            Some(number) if number.is_nan() && !vector.may_be_empty() => {
                return Err(Reason { message: "the parameter is no number".to_owned(), span });
            }
            _ => self.may_fail = true,
        }
        Ok(())
    }

    fn binary(&mut self, binary: &Binary, span: Span) -> Result<Vector, Reason> {
        let (left, right) = (binary.left.ty(), binary.right.ty());
        let side = match (left, right) {
            (Some(Type::Vector), Some(Type::Vector)) => return self.vectors(binary, span),
            (Some(Type::Vector), Some(Type::Scalar)) => &binary.left,
            (Some(Type::Scalar), Some(Type::Vector)) => &binary.right,
            _ => return Ok(self.give_up("the sides of this operation are not followed", span)),
        };
        let vector = self.expr(side)?;
        if binary.op.is_comparison() && !binary.returns_bool {
            return Ok(vector.doubt());
        }
        if !super::matching::is_plain(binary) {
            return Ok(self.give_up("this operation is not followed", span));
        }
        let complete = vector.complete;
        self.distinct(vector.series.into_iter().map(|(l, c)| (unnamed(l), c)), complete, span)
    }
}

/// The labels of the group that `labels` fall into.
pub(super) fn group(aggregate: &Aggregate, labels: &LabelSet) -> LabelSet {
    keep(labels, &aggregate.grouping, !aggregate.without)
}

/// Those of `labels` that are listed, or those that are not and are not the name.
pub(super) fn keep(labels: &LabelSet, listed: &[Label], on: bool) -> LabelSet {
    let mut kept = labels.clone();
    kept.retain(|name, _| {
        let is_listed = listed.iter().any(|label| label.name == name);
        if on { is_listed } else { !is_listed && name != METRIC_NAME }
    });
    kept
}

/// The number that is written, if it is one.
pub(super) fn number(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Number(number) => Some(number.value),
        ExprKind::Paren(inner) => number(inner),
        ExprKind::Unary { negative, expr } => {
            number(expr).map(|number| if *negative { -number } else { number })
        }
        _ => None,
    }
}

/// Whether a subquery surely evaluates its expression with the samples of today: steps are multiples of the
/// resolution, so that a shorter range may hold none.
fn is_evaluated(subquery: &Subquery) -> bool {
    let range = millis(&subquery.range);
    let step = subquery.step.as_ref().and_then(millis).filter(|step| *step > 0);
    subquery.modifiers.offset.is_none() && range.zip(step).is_some_and(|(range, step)| range >= 2 * step)
}

/// A written duration in milliseconds.
fn millis(duration: &DurationExpr) -> Option<u64> {
    match &duration.kind {
        DurationKind::Literal(number) if number.value >= 0.0 && number.value < 1e12 =>
        {
            #[expect(clippy::cast_sign_loss, reason = "it is not negative")]
            Some((number.value * 1000.0) as u64)
        }
        _ => None,
    }
}
