//! A sum that counts every replica
//!
//! # What it finds
//! A server federates from several replicas of a set, whose series keep the label that tells them apart, and one of
//! its rules adds them up: a `sum` or `count` that leaves that label out, of series that are there once for each
//! replica.
//!
//! # Why it matters
//! Replicas scrape the same targets: every series is there twice, and the sum is twice what it should be. When one of
//! the replicas is down it is right, which is when everybody looks at it.
//!
//! # Example
//! ```yaml
//! # global.yml
//! global: { evaluation_interval: 1m }
//! rule_files: [rules.yml]
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['job:requests:rate5m']
//!     static_configs:
//!       - targets: ['a:9090', 'b:9090']
//! # rules.yml
//! groups:
//!   - name: global
//!     rules:
//!       - record: cluster:requests:rate5m
//!         expr: sum by (cluster) (job:requests:rate5m)
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # a.prom
//! job:requests:rate5m{job="shop"} 1
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # b.prom
//! job:requests:rate5m{job="shop"} 1
//! ```
//!
//! # Instead
//! Take one value of the replicas first.
//! ```yaml
//! # global.yml
//! global: { evaluation_interval: 1m }
//! rule_files: [rules.yml]
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['job:requests:rate5m']
//!     static_configs:
//!       - targets: ['a:9090', 'b:9090']
//! # rules.yml
//! groups:
//!   - name: global
//!     rules:
//!       - record: cluster:requests:rate5m
//!         expr: sum by (cluster) (max without (replica) (job:requests:rate5m))
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # a.prom
//! job:requests:rate5m{job="shop"} 1
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # b.prom
//! job:requests:rate5m{job="shop"} 1
//! ```
//!
//! # Source
//! web/federate.go, which adds external labels; promql/engine.go, aggregation

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Peer, Preview};
use crate::labels::LabelSet;
use crate::lint::Found;
use crate::lint::federated::{self, UpperRule};
use crate::promql::{Aggregate, Aggregation, Expr, ExprKind, VectorSelector};
use crate::workspace::ReplicaSet;

const CODE: Code = Code::new("federation/doubled-series");

/// How many series of a selector are looked at.
const MAX_ROWS: usize = 10_000;

pub(super) fn check(preview: &Preview, found: &mut Found) {
    let sets = preview.workspace.replica_sets.iter().filter(|set| set.nodes.len() > 1);
    let sets: Vec<(&ReplicaSet, Vec<&str>)> = sets
        .map(|set| (set, set.labels(&preview.workspace)))
        .filter(|(_, labels)| !labels.is_empty())
        .collect();
    if sets.is_empty() {
        return;
    }
    for rule in federated::rules(preview) {
        let mut sums: Vec<(&Expr, &Aggregate)> = Vec::new();
        rule.expression.expr.walk(&mut |expr| sums.extend(sum(expr)));
        for (expr, aggregate) in sums {
            let Some(selector) = summed(&aggregate.expr) else { continue };
            let doubled = |(set, labels): &&(&ReplicaSet, Vec<&str>)| {
                leaves_out(aggregate, labels) && is_doubled(&rule, selector, set, labels)
            };
            let Some((set, labels)) = sets.iter().find(doubled) else { continue };
            let message = format!("`{}` adds up the replicas of `{}`", aggregate.op.as_str(), set.name);
            found.push((
                rule.file,
                Diagnostic::warning(CODE, rule.place(expr), message)
                    .because("each series is there once for each replica: the result is as many times what it should be as replicas are up")
                    .help(format!("take one value of the replicas first: `max without ({}) (…)`", labels.join(", "))),
            ));
        }
    }
}

/// An aggregation whose result grows with the number of series.
fn sum(expr: &Expr) -> Option<(&Expr, &Aggregate)> {
    match &expr.kind {
        ExprKind::Aggregate(aggregate) if matches!(aggregate.op, Aggregation::Sum | Aggregation::Count) => {
            Some((expr, aggregate))
        }
        _ => None,
    }
}

/// Whether an aggregation leaves out all of some labels.
fn leaves_out(aggregate: &Aggregate, labels: &[&str]) -> bool {
    labels.iter().all(|label| {
        let named = aggregate.grouping.iter().any(|have| have.name == *label);
        named == aggregate.without
    })
}

/// The selector whose series are added up, each as one.
fn summed(expr: &Expr) -> Option<&VectorSelector> {
    match &expr.kind {
        ExprKind::Vector(selector) => Some(selector),
        ExprKind::Paren(inner) | ExprKind::Range(inner, _) => summed(inner),
        ExprKind::Call(call) => {
            let name = call.function?.name;
            let keeps = matches!(name, "rate" | "irate" | "increase" | "delta")
                || name.ends_with("_over_time") && !name.starts_with("absent");
            summed(call.args.last().filter(|_| keeps)?)
        }
        _ => None,
    }
}

/// Whether a selector selects a series of more than one replica of a set.
fn is_doubled(rule: &UpperRule<'_>, selector: &VectorSelector, set: &ReplicaSet, labels: &[&str]) -> bool {
    let Some(selection) = rule.select(selector) else { return false };
    let Some(store) = selection.series() else { return false };
    let mut seen: BTreeMap<LabelSet, usize> = BTreeMap::new();
    for (row, pull) in selection.federated().take(MAX_ROWS) {
        let Peer::Federate(source) = pull.peer else { continue };
        if !set.nodes.contains(&source) {
            continue;
        }
        let mut series = store.label_set(row);
        series.retain(|name, _| !labels.contains(&name));
        if *seen.entry(series).or_insert(source) != source {
            return true;
        }
    }
    false
}
