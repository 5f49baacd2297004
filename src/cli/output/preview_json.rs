//! A preview for programs, version 1.
//!
//! Values and timestamps are strings as Prometheus prints them, `null` where they cannot be known. What cannot be
//! known of a pull is `null` too.

use std::collections::BTreeMap;
use std::io::{self, Write};

use promtier::federation::trace::words;
use promtier::federation::{
    Bringer, Cause, Collision, Loss, NodeFreshness, Outcome, Preview, Pull, Rate, Wait, collisions,
    containments, coverage, freshness,
};
use promtier::series::{Row, sample};
use serde::Serialize;
use serde::ser::{SerializeSeq as _, Serializer};

use super::preview::{self, Brought};
use super::series::{StoredLabels, timestamp, value};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    nodes: Vec<NodeView<'a>>,
}

#[derive(Serialize)]
struct NodeView<'a> {
    name: &'a str,
    tier: u32,
    series: SeriesView<'a>,
    pulls: Vec<PullView<'a>>,
    unknown_targets: Vec<UnknownView<'a>>,
    /// What all pulls that are known read in a second.
    samples_per_second: f64,
    bytes_per_second: f64,
    /// Series that it may hold besides those listed: labels that they surely have, an empty value for one that
    /// they do not have. Left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unlisted: Vec<BTreeMap<&'a str, &'a str>>,
    /// Left out of what federates from nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    freshness: Option<FreshnessView<'a>>,
    /// Left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    collisions: Vec<CollisionView<'a>>,
}

/// How old what a server shows may be: the sum of the intervals along the longest way, in milliseconds.
#[derive(Serialize)]
struct FreshnessView<'a> {
    age_ms: u64,
    at_least: bool,
    /// How long a series is shown once the server that it came from is gone.
    lingers_ms: u64,
    steps: Vec<StepView<'a>>,
}

#[derive(Serialize)]
struct StepView<'a> {
    node: &'a str,
    /// `scrape`, `rules` or `federation`.
    wait: &'static str,
    /// The job, or the group of rules.
    name: &'a str,
    interval_ms: u64,
}

/// Series that two pulls bring with equal labels, or one of them, named twice.
#[derive(Serialize)]
struct CollisionView<'a> {
    pulls: [CollidingPull<'a>; 2],
    series: u32,
    /// The set of replicas that the two sources belong to.
    replica_set: Option<&'a str>,
    /// `alternate`, `repeat`, `by_phase`, `by_order`, `first` or `out_of_order_window`.
    outcome: &'static str,
    /// In which share of all phases nothing is lost; `null` where that cannot be told.
    all_kept: Option<f64>,
    /// What is lost in the others: `one_source` or `some`.
    otherwise: Option<&'static str>,
    words: String,
}

#[derive(Serialize)]
struct CollidingPull<'a> {
    job: &'a str,
    target: &'a str,
}

/// Targets of a job that the workspace does not hold.
#[derive(Serialize)]
struct UnknownView<'a> {
    job: &'a str,
    from: &'a str,
}

#[derive(Serialize)]
struct PullView<'a> {
    job: &'a str,
    target: &'a str,
    via: Option<&'a str>,
    node: Option<&'a str>,
    exposed: Option<u64>,
    kept: Option<u64>,
    dropped: Option<u64>,
    bytes: Option<u64>,
    outcome: &'static str,
    error: Option<String>,
    interval_ms: u64,
    samples_per_second: Option<f64>,
    bytes_per_second: Option<f64>,
    /// The rules of `metric_relabel_configs` that drop series, counted from 0.
    dropped_by: Vec<DropView>,
    /// Series that rules leave no label.
    dropped_unlabelled: u64,
    /// Series with timestamps that storage does not take.
    dropped_out_of_bounds: u64,
    /// What each `match[]` brings.
    selectors: Vec<SelectorView<'a>>,
    /// Which selectors select which series of the answer: those that the same ones select together, the largest
    /// group first.
    coverage: Vec<CoverageView<'a>>,
    /// Series of the answer in smaller groups than those.
    coverage_others: u32,
}

#[derive(Serialize)]
struct DropView {
    rule: usize,
    series: u64,
}

#[derive(Serialize)]
struct SelectorView<'a> {
    selector: &'a str,
    matched: u32,
    only: u32,
    /// The selector that selects all that this one does.
    within: Option<WithinView>,
    /// What comes near, where nothing is selected.
    near: Option<String>,
    /// The selector as it was likely meant.
    meant: Option<String>,
}

#[derive(Serialize)]
struct WithinView {
    selector: usize,
    equal: bool,
    always: bool,
}

#[derive(Serialize)]
struct CoverageView<'a> {
    selectors: Vec<u16>,
    series: u32,
    possible: u32,
    example: StoredLabels<'a>,
}

/// Prints all nodes by tier and name, or the `chosen` one.
pub(crate) fn write(out: &mut impl Write, preview: &Preview, chosen: Option<usize>) -> io::Result<()> {
    let (fresh, colliding) = (freshness(preview), collisions(preview));
    let nodes = preview::nodes(preview)
        .into_iter()
        .filter(|&node| chosen.is_none_or(|chosen| chosen == node))
        .map(|node| NodeView {
            name: &preview.workspace.nodes[node].name,
            tier: preview.topology.tier(node),
            series: SeriesView { preview, node },
            pulls: preview::pulls(preview, node).map(|pull| pull_view(preview, pull)).collect(),
            unknown_targets: unknown_targets(preview, node),
            samples_per_second: Rate::of_node(preview, node).0.samples,
            bytes_per_second: Rate::of_node(preview, node).0.bytes,
            unlisted: preview.recorded[node].unlisted.iter().map(|it| it.labels.iter().collect()).collect(),
            freshness: fresh.get(node).and_then(|fresh| freshness_view(preview, fresh)),
            collisions: colliding
                .iter()
                .filter(|collision| collision.node == node)
                .map(|collision| collision_view(preview, collision))
                .collect(),
        })
        .collect();
    serde_json::to_writer(&mut *out, &Document { version: 1, nodes })?;
    out.write_all(b"\n")
}

fn unknown_targets(preview: &Preview, node: usize) -> Vec<UnknownView<'_>> {
    let unknown = preview.topology.unknown.iter().filter(|unknown| unknown.0 == node);
    unknown.map(|(_, job, targets)| UnknownView { job, from: &targets.from }).collect()
}

fn freshness_view<'a>(preview: &'a Preview, fresh: &'a NodeFreshness) -> Option<FreshnessView<'a>> {
    let steps = fresh.steps.iter().map(|step| {
        let (wait, name) = match &step.wait {
            Wait::Scrape(job) => ("scrape", job.as_str()),
            Wait::Rules(group) => ("rules", group.as_str()),
            Wait::Federation(at) => ("federation", preview.topology.pulls[*at].job.as_str()),
        };
        StepView { node: &preview.workspace.nodes[step.node].name, wait, name, interval_ms: step.interval_ms }
    });
    Some(FreshnessView {
        age_ms: fresh.age_ms,
        at_least: fresh.is_at_least,
        lingers_ms: fresh.lingers_ms?,
        steps: steps.collect(),
    })
}

fn collision_view<'a>(preview: &'a Preview, collision: &Collision) -> CollisionView<'a> {
    let pulls = collision.pulls.map(|at| &preview.topology.pulls[at]);
    let replica_set = match collision.cause {
        Cause::Replicas(set) => preview.workspace.replica_sets.get(set).map(|set| set.name.as_str()),
        _ => None,
    };
    let (outcome, phases) = match collision.outcome {
        Outcome::Alternate => ("alternate", None),
        Outcome::Repeat => ("repeat", None),
        Outcome::ByPhase(phases) => ("by_phase", Some(phases)),
        Outcome::ByOrder => ("by_order", None),
        Outcome::First => ("first", None),
        Outcome::OutOfOrderWindow => ("out_of_order_window", None),
    };
    CollisionView {
        pulls: pulls.map(|pull| CollidingPull { job: &pull.job, target: &pull.address }),
        series: collision.series,
        replica_set,
        outcome,
        all_kept: phases.and_then(|phases| phases.all_kept),
        otherwise: phases.map(|phases| match phases.otherwise {
            Loss::OneSource => "one_source",
            Loss::Some => "some",
        }),
        words: collision.outcome.words(),
    }
}

fn pull_view(preview: &Preview, at: usize) -> PullView<'_> {
    let pull = &preview.topology.pulls[at];
    let outcome = &preview.pulls[at];
    let brought = Brought::of(preview, at);
    let rate = Rate::of_pull(pull, outcome);
    let coverage = coverage(outcome);
    PullView {
        job: &pull.job,
        target: &pull.address,
        via: preview::via(preview, pull),
        node: preview::source(preview, pull),
        exposed: brought.map(|brought| brought.exposed),
        kept: brought.map(|brought| brought.kept),
        dropped: brought.map(Brought::dropped),
        bytes: brought.map(|brought| brought.bytes),
        outcome: if preview.pulls[at].failure.is_none() { "ok" } else { "error" },
        error: preview::error(preview, at),
        interval_ms: pull.interval_ms,
        samples_per_second: rate.map(|rate| rate.samples),
        bytes_per_second: rate.map(|rate| rate.bytes),
        dropped_by: preview::dropped_by(outcome).map(|(rule, series)| DropView { rule, series }).collect(),
        dropped_unlabelled: outcome.scraped.dropped.unlabelled,
        dropped_out_of_bounds: outcome.scraped.dropped.out_of_bounds,
        selectors: selectors(preview, at),
        coverage: coverage
            .groups
            .into_iter()
            .map(|group| CoverageView {
                selectors: group.selectors,
                series: group.series,
                possible: group.possible,
                example: StoredLabels { store: &outcome.source, row: group.example },
            })
            .collect(),
        coverage_others: coverage.others,
    }
}

/// What each selector of a pull brings; nothing where that is not known.
fn selectors(preview: &Preview, at: usize) -> Vec<SelectorView<'_>> {
    let (pull, outcome) = (&preview.topology.pulls[at], &preview.pulls[at]);
    if outcome.answered.is_none() {
        return Vec::new();
    }
    let containments = containments(&[(pull, outcome)]);
    let both = pull.selectors.iter().zip(&outcome.selected).enumerate();
    both.map(|(at, (selector, selected))| SelectorView {
        selector: &selector.text,
        matched: selected.matched,
        only: selected.only,
        within: containments.iter().find(|containment| containment.selector == at).map(|it| WithinView {
            selector: it.within,
            equal: it.equal,
            always: it.always,
        }),
        near: selected.near.as_ref().map(ToString::to_string),
        meant: preview::meant(preview, pull, selector, selected),
    })
    .collect()
}

/// The series of one node, in order.
struct SeriesView<'a> {
    preview: &'a Preview,
    node: usize,
}

#[derive(Serialize)]
struct StoredSeries<'a> {
    labels: StoredLabels<'a>,
    value: Option<String>,
    timestamp: Option<String>,
    synthetic: bool,
    /// Whether it depends on values, which are not known, if there is such a series; left out where it does not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    possible: bool,
    /// The recording rules of the node that make it; left out where none does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recorded_by: Vec<RuleView<'a>>,
    from: Vec<From<'a>>,
}

#[derive(Serialize)]
struct From<'a> {
    node: Option<&'a str>,
    job: &'a str,
    target: &'a str,
    selectors: Vec<u16>,
}

/// A recording rule.
#[derive(Serialize)]
struct RuleView<'a> {
    path: &'a str,
    line: u32,
}

impl Serialize for SeriesView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let store = self.preview.nodes[self.node].store();
        let rows = store.sorted_rows();
        let mut list = serializer.serialize_seq(Some(rows.len()))?;
        for &row in rows {
            list.serialize_element(&self.series(row))?;
        }
        list.end()
    }
}

impl<'a> SeriesView<'a> {
    fn series(&self, row: Row) -> StoredSeries<'a> {
        let node = &self.preview.nodes[self.node];
        let store = node.store();
        let mut from = Vec::new();
        let mut synthetic = true;
        let mut recorded_by = Vec::new();
        for origin in node.origins(row) {
            let (at, selectors) = match origin.bringer {
                Bringer::Samples(_) => {
                    synthetic = false;
                    continue;
                }
                Bringer::Pull(at) => {
                    synthetic = false;
                    (at, self.preview.pulls[at].selectors_of(origin))
                }
                Bringer::Report(at) => (at, Vec::new()),
                Bringer::Rule(at) => {
                    synthetic = false;
                    let rule = words::rule(self.preview, self.node, at);
                    recorded_by.extend(rule.map(|(path, line)| RuleView { path, line }));
                    continue;
                }
            };
            let pull: &Pull = &self.preview.topology.pulls[at];
            from.push(From {
                node: preview::source(self.preview, pull),
                job: &pull.job,
                target: &pull.address,
                selectors,
            });
        }
        StoredSeries {
            labels: StoredLabels { store, row },
            value: value(store.value(row)),
            timestamp: timestamp(store.timestamp(row)),
            synthetic,
            possible: sample::is_possible(store.value(row)),
            recorded_by,
            from,
        }
    }
}
