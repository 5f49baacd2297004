//! All rules of a server, each reading what the others make.

use std::collections::HashMap;

use super::vector::{Clash, Vector};
use super::{Derived, DerivedSeries, MOST_SERIES, Pattern, Reason, Server, derive_with};
use crate::labels::{LabelSet, METRIC_NAME, MatchOp};
use crate::promql::{Expr, ExprKind};
use crate::rules::{Rule, RuleGroup};

/// Rules that have not come to rest after so many evaluations are not followed further.
const MAX_ROUNDS: usize = 32;

/// What a rule makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivedRule {
    /// What is known beforehand of the series that it makes: their names, and labels that the rule gives.
    pub makes: Vec<Pattern>,
    /// The series with the names and labels that the rule gives. Places are those of the expression's text.
    pub derived: Derived,
}

/// The series that `rules` make of those of a server once all have been evaluated often enough, each in the
/// order given, which is that of the evaluation. What a rule made before it began to fail, which stays visible
/// for the lookback's five minutes, is not among them.
#[must_use]
pub fn derive_rules(rules: &[(&RuleGroup, &Rule)], server: Server<'_>) -> Vec<DerivedRule> {
    let mut made: Vec<DerivedRule> = rules
        .iter()
        .map(|(group, rule)| DerivedRule { makes: makes(group, rule), derived: Derived::default() })
        .collect();
    let reads = reads(rules, &made);
    let mut left = MOST_SERIES;
    // When each was last evaluated, and when it last made something else.
    let (mut evaluated, mut changed) = (vec![0_usize; rules.len()], vec![0_usize; rules.len()]);
    let mut frozen = vec![false; rules.len()];
    let mut now = 1;
    for round in 0..=2 * MAX_ROUNDS {
        let mut settled = true;
        for (index, (group, rule)) in rules.iter().enumerate() {
            let is_due = round == 0 || reads[index].iter().any(|&read| changed[read] > evaluated[index]);
            if !is_due || frozen[index] {
                continue;
            }
            let derived = apply(group, rule, server, &made, &mut left);
            evaluated[index] = now;
            if made[index].derived != derived {
                settled = false;
                changed[index] = now + 1;
                made[index].derived = derived;
                if round >= MAX_ROUNDS {
                    frozen[index] = true;
                    let words = "the rule reads what it makes, and does not come to rest";
                    made[index].derived = not_followed(words, rule);
                }
            }
            now += 2;
        }
        if settled {
            break;
        }
    }
    made
}

/// Which rules each rule may read, itself among them.
fn reads(rules: &[(&RuleGroup, &Rule)], made: &[DerivedRule]) -> Vec<Vec<usize>> {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, rule) in made.iter().enumerate() {
        for pattern in &rule.makes {
            by_name.entry(pattern.labels.value(METRIC_NAME)).or_default().push(index);
        }
    }
    let everyone: Vec<usize> = (0..made.len()).collect();
    let of_rule = |rule: &Rule| {
        let mut found = Vec::new();
        let mut add = |expr: &Expr| {
            let ExprKind::Vector(selector) = &expr.kind else { return };
            let Some(matchers) = selector.selector.compiled() else { return };
            let name = matchers
                .iter()
                .find(|it| it.matcher().name == METRIC_NAME && it.matcher().op == MatchOp::Equal);
            let candidates = match name.map(|it| std::str::from_utf8(&it.matcher().value)) {
                Some(Ok(name)) => by_name.get(name).map_or(&[][..], Vec::as_slice),
                Some(Err(_)) => &[],
                None => &everyone,
            };
            let may_read =
                |&&index: &&usize| made[index].makes.iter().any(|pattern| pattern.may_match(&matchers));
            found.extend(candidates.iter().filter(may_read));
        };
        if let Some(expr) = &rule.expr {
            expr.expr.walk(&mut add);
        }
        found
    };
    rules.iter().map(|(_, rule)| of_rule(rule)).collect()
}

fn makes(group: &RuleGroup, rule: &Rule) -> Vec<Pattern> {
    let pattern = |name: &str| {
        // The values of an alert's labels are templates.
        let known =
            rule.labels(group).into_iter().filter(|(_, value)| !rule.is_alert() || !value.contains("{{"));
        let mut labels: LabelSet = known.collect();
        if rule.is_alert() {
            labels.insert("alertname", rule.name());
        }
        labels.insert(METRIC_NAME, name);
        Pattern { labels }
    };
    if rule.is_alert() {
        return vec![pattern("ALERTS"), pattern("ALERTS_FOR_STATE")];
    }
    vec![pattern(rule.name())]
}

fn not_followed(message: &str, rule: &Rule) -> Derived {
    let span = rule.expr.as_ref().map(|expr| expr.expr.span).unwrap_or_default();
    let unknown = vec![Reason { message: message.to_owned(), span }];
    Derived { open: true, unknown, ..Derived::default() }
}

fn apply(
    group: &RuleGroup,
    rule: &Rule,
    server: Server<'_>,
    made: &[DerivedRule],
    left: &mut usize,
) -> Derived {
    if rule.name().is_empty() {
        return Derived::default();
    }
    let Some(expr) = rule.expr.as_ref().filter(|expr| expr.is_valid) else {
        return not_followed("the expression is not valid", rule);
    };
    if rule.is_alert() {
        return not_followed("alerts make series only while they are pending or fire", rule);
    }
    let derived = derive_with(&expr.expr, server, made, left);
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
    let may_fail = clash == Clash::Possible || (limit > 0 && vector.series.len() > limit) || derived.open;
    let series = vector
        .series
        .into_iter()
        .map(|(labels, certain)| DerivedSeries { labels, certain: certain && !may_fail })
        .collect();
    Derived { series, ..derived }
}
