//! All rules of a server, each reading what the others make.

use super::vector::{Clash, Vector};
use super::{Derived, DerivedSeries, Reason, Steadiness, derive_with};
use crate::labels::{LabelSet, METRIC_NAME};
use crate::rules::{Rule, RuleGroup};
use crate::series::SeriesStore;

/// Rules that have not come to rest after so many evaluations are not followed further.
const MAX_ROUNDS: usize = 32;

/// What a rule makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivedRule {
    /// The names of the series that it makes.
    pub names: Vec<String>,
    /// The series with the names and labels that the rule gives. Places are those of the expression's text.
    pub derived: Derived,
}

/// The series that the rules of `groups` make of those in `store` once all have been evaluated often enough,
/// in the order of the rules, group by group. What a rule made before it began to fail, which stays
/// visible for the lookback's five minutes, is not among them.
#[must_use]
pub fn derive_rules(groups: &[RuleGroup], store: &SeriesStore, steadiness: Steadiness) -> Vec<DerivedRule> {
    let rules: Vec<(&RuleGroup, &Rule)> =
        groups.iter().flat_map(|group| group.rules.iter().map(move |rule| (group, rule))).collect();
    let mut made: Vec<DerivedRule> = rules
        .iter()
        .map(|(_, rule)| DerivedRule { names: names(rule), derived: Derived::default() })
        .collect();
    for round in 0..=MAX_ROUNDS {
        let mut settled = true;
        for (index, (group, rule)) in rules.iter().enumerate() {
            let derived = apply(group, rule, store, &made, steadiness);
            let Some(known) = made.get_mut(index).filter(|known| known.derived != derived) else { continue };
            settled = false;
            known.derived = derived;
            if round == MAX_ROUNDS {
                known.derived = not_followed("the rule reads what it makes, and does not come to rest", rule);
            }
        }
        if settled {
            break;
        }
    }
    made
}

fn names(rule: &Rule) -> Vec<String> {
    if rule.is_alert() {
        return vec!["ALERTS".to_owned(), "ALERTS_FOR_STATE".to_owned()];
    }
    vec![rule.name().to_owned()]
}

fn not_followed(message: &str, rule: &Rule) -> Derived {
    let span = rule.expr.as_ref().map(|expr| expr.expr.span).unwrap_or_default();
    Derived { unknown: vec![Reason { message: message.to_owned(), span }], ..Derived::default() }
}

fn apply(
    group: &RuleGroup,
    rule: &Rule,
    store: &SeriesStore,
    made: &[DerivedRule],
    steadiness: Steadiness,
) -> Derived {
    let Some(expr) = rule.expr.as_ref().filter(|expr| expr.is_valid) else {
        return not_followed("the expression is not valid", rule);
    };
    if rule.is_alert() {
        return not_followed("alerts make series only while they are pending or fire", rule);
    }
    let derived = derive_with(&expr.expr, store, made, steadiness);
    if derived.failure.is_some() {
        return derived;
    }
    let set = rule.labels(group);
    let series = derived.series.iter().map(|one| {
        let mut labels: LabelSet = one.labels.clone();
        for (name, value) in [(METRIC_NAME, rule.name())].iter().chain(&set) {
            labels.remove(name);
            if !value.is_empty() {
                labels.insert(*name, *value);
            }
        }
        (labels, one.certain)
    });
    let (vector, clash) = Vector::distinct(series, true);
    let fails = |message: &str| Derived {
        failure: Some(Reason { message: message.to_owned(), span: expr.expr.span }),
        ..Derived::default()
    };
    if clash == Clash::Certain {
        return fails("vector contains metrics with the same labelset after applying rule labels");
    }
    let limit = group.limit.as_ref().map_or(0, |limit| limit.value);
    let limit = usize::try_from(limit).unwrap_or(0);
    if limit > 0 && vector.series.values().filter(|certain| **certain).count() > limit {
        return fails("exceeded limit of the group");
    }
    let may_fail =
        clash == Clash::Possible || (limit > 0 && vector.series.len() > limit) || !derived.unknown.is_empty();
    let series = vector
        .series
        .into_iter()
        .map(|(labels, certain)| DerivedSeries { labels, certain: certain && !may_fail })
        .collect();
    Derived { series, ..derived }
}
