//! Aggregations of many series of one metric, without looking at the series one by one.

use std::collections::BTreeMap;

use super::call::{Kind, kind, samples};
use super::eval::{Eval, group};
use super::vector::{Vector, unnamed};
use crate::labels::{LabelSet, METRIC_NAME, MatchOp};
use crate::promql::{Aggregate, Expr, ExprKind, Type, VectorSelector};
use crate::series::{CompiledMatcher, Frame, sample};
use crate::text::Span;

/// A selector under functions and operations that keep all labels but perhaps the name.
struct Chain<'e> {
    selector: &'e VectorSelector,
    span: Span,
    drops_name: bool,
    /// Whether it depends on values or times which series are left.
    doubtful: bool,
}

impl Eval<'_> {
    /// The groups of `sum by (job) (rate(requests_total[5m]))` and its like, from the distinct values of the
    /// labels in the groups. `None` where the series must be looked at one by one.
    pub(super) fn grouped(&mut self, aggregate: &Aggregate) -> Option<Vector> {
        let chain = self.chain(&aggregate.expr)?;
        let modifiers = &chain.selector.modifiers;
        if modifiers.at.is_some() || modifiers.anchored || modifiers.smoothed {
            return None;
        }
        let said = self.unknown.len();
        let selected = self.selected(chain.selector, chain.span)?;
        let store = self.server.store;
        let frames: Vec<Frame> = store.frames(&selected.rows).collect();
        if chain.drops_name {
            // Series of several metrics may have equal labels without the name, which fails.
            let recorded = selected.recorded.iter();
            let mut names =
                crate::sort::ordered_set(recorded.map(|one| one.labels.value(METRIC_NAME).to_owned()));
            for frame in &frames {
                let classes = frame.classes(&[METRIC_NAME]);
                names.extend(
                    frame.each(&[METRIC_NAME], &classes, |values| values[0].unwrap_or("").to_owned()),
                );
            }
            if names.len() > 1 {
                self.unknown.truncate(said);
                return None;
            }
            self.may_fail |= !selected.complete && !names_one_metric(&selected.matchers);
        }
        let mut groups: BTreeMap<LabelSet, bool> = BTreeMap::new();
        for frame in &frames {
            let listed = |name: &str| aggregate.grouping.iter().any(|label| label.name == name);
            let grouping: Vec<&str> = frame
                .names()
                .filter(|&name| {
                    if aggregate.without {
                        name != METRIC_NAME && !listed(name)
                    } else {
                        listed(name) && !(chain.drops_name && name == METRIC_NAME)
                    }
                })
                .collect();
            let classes = frame.classes(&grouping);
            let mut certain = vec![false; classes.len()];
            for at in 0..frame.len() {
                if let Some(certain) = certain.get_mut(classes.of(at)) {
                    *certain |= !sample::is_possible(frame.value(at));
                }
            }
            let sets = frame.each(&grouping, &classes, |values| -> LabelSet {
                let pairs = grouping.iter().zip(values).filter_map(|(name, value)| Some((*name, (*value)?)));
                pairs.filter(|(_, value)| !value.is_empty()).collect()
            });
            for (labels, certain) in sets.into_iter().zip(certain) {
                *groups.entry(labels).or_default() |= certain;
            }
        }
        for one in selected.recorded {
            let labels = one.labels.clone();
            let labels = if chain.drops_name { unnamed(labels) } else { labels };
            *groups.entry(group(aggregate, &labels)).or_default() |= one.certain;
        }
        let vector = Vector { series: groups, complete: selected.complete };
        let shifted = modifiers.offset.is_some();
        Some(if chain.doubtful || shifted { vector.doubt() } else { vector })
    }

    fn chain<'e>(&self, expr: &'e Expr) -> Option<Chain<'e>> {
        match &expr.kind {
            ExprKind::Vector(selector) => {
                let doubtful = !self.is_seen(selector);
                Some(Chain { selector, span: expr.span, drops_name: false, doubtful })
            }
            ExprKind::Paren(inner) => self.chain(inner),
            ExprKind::Unary { negative, expr } => {
                let chain = self.chain(expr)?;
                Some(Chain { drops_name: chain.drops_name || *negative, ..chain })
            }
            ExprKind::Call(call) => {
                let name = call.function?.name;
                let kind = kind(name);
                let drops_name = match kind {
                    Kind::KeepsLabels => false,
                    Kind::DropsName => true,
                    Kind::Other => return None,
                };
                let mut over =
                    call.args.iter().find(|arg| matches!(arg.ty(), Some(Type::Vector | Type::Matrix)))?;
                while let ExprKind::Paren(inner) = &over.kind {
                    over = inner;
                }
                if let ExprKind::Range(inner, range) = &over.kind {
                    let ExprKind::Vector(selector) = &inner.kind else { return None };
                    let doubtful = !self.holds(selector, range, samples(name));
                    return Some(Chain { selector, span: inner.span, drops_name, doubtful });
                }
                let chain = self.chain(over)?;
                Some(Chain { drops_name: chain.drops_name || drops_name, ..chain })
            }
            ExprKind::Binary(binary) => {
                let side = match (binary.left.ty(), binary.right.ty()) {
                    (Some(Type::Vector), Some(Type::Scalar)) => &binary.left,
                    (Some(Type::Scalar), Some(Type::Vector)) => &binary.right,
                    _ => return None,
                };
                let chain = self.chain(side)?;
                if binary.op.is_comparison() && !binary.returns_bool {
                    return Some(Chain { doubtful: true, ..chain });
                }
                super::matching::is_plain(binary).then_some(Chain { drops_name: true, ..chain })
            }
            _ => None,
        }
    }
}

/// Whether all that is selected has one name.
fn names_one_metric(matchers: &[CompiledMatcher]) -> bool {
    matchers.iter().any(|it| it.matcher().name == METRIC_NAME && it.matcher().op == MatchOp::Equal)
}
