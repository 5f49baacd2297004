//! Targets for programs, version 1.
//!
//! `state` is `scraped`, `dropped` (by the rule `rule`, from 0), `refused` (with Prometheus' `error`) or `merged`
//! (with the target at `same_as` in this list, which is the same). `steps` and `completions` are there where one
//! target is asked about.

use std::collections::BTreeMap;
use std::io::{self, Write};

use promtier::labels::LabelSet;
use promtier::prometheus::{TargetExplanation, TargetFate, TargetOutcome};
use promtier::relabel::{Change, Verdict};
use promtier::text::LineColumn;
use promtier::workspace::Workspace;
use serde::Serialize;

use super::Sources;
use super::targets::{JobTargets, Shown};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    nodes: Vec<NodeView<'a>>,
}

#[derive(Serialize)]
struct NodeView<'a> {
    name: &'a str,
    prometheus: String,
    targets: Vec<TargetView<'a>>,
    unknown_targets: Vec<UnknownView<'a>>,
}

#[derive(Serialize)]
struct UnknownView<'a> {
    job: &'a str,
    mechanism: &'a str,
    from: &'a str,
}

#[derive(Serialize)]
struct TargetView<'a> {
    job: &'a str,
    state: &'static str,
    discovered_labels: BTreeMap<&'a str, &'a str>,
    labels: Option<BTreeMap<&'a str, &'a str>>,
    url: Option<String>,
    scrape_interval: Option<&'a str>,
    scrape_timeout: Option<&'a str>,
    rule: Option<usize>,
    error: Option<&'a str>,
    same_as: Option<usize>,
    group: &'a str,
    path: &'a str,
    line: u32,
    column: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    discovered: Option<Vec<FoundView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<StepView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completions: Option<Vec<CompletionView>>,
}

#[derive(Serialize)]
struct FoundView {
    label: String,
    value: String,
    from: &'static str,
}

#[derive(Serialize)]
struct StepView {
    rule: usize,
    line: Option<u32>,
    verdict: &'static str,
    because: String,
    changes: Vec<ChangeView>,
}

#[derive(Serialize)]
struct CompletionView {
    because: &'static str,
    changes: Vec<ChangeView>,
}

#[derive(Serialize)]
struct ChangeView {
    label: String,
    before: Option<String>,
    after: Option<String>,
}

/// Prints the targets of all nodes that are shown.
pub(crate) fn write(
    out: &mut impl Write,
    workspace: &Workspace,
    sources: &Sources<'_>,
    shown: Shown<'_>,
    jobs: &[JobTargets<'_>],
) -> io::Result<()> {
    let nodes = shown.nodes(workspace).map(|node| {
        let own = || jobs.iter().filter(move |job| job.node == node);
        let mut view = NodeView {
            name: &workspace.nodes[node].name,
            prometheus: workspace.nodes[node].version.to_string(),
            targets: Vec::new(),
            unknown_targets: own().flat_map(unknown).collect(),
        };
        let mut first = 0;
        for job in own() {
            let places: Vec<usize> = job.shown().collect();
            view.targets.extend(places.iter().map(|&at| {
                let mut target = target(job, &job.outcomes[at], sources, shown.address.is_some());
                target.same_as = match job.outcomes[at].fate {
                    TargetFate::Merged { into } => {
                        places.binary_search(&into).ok().map(|place| first + place)
                    }
                    _ => None,
                };
                target
            }));
            first += places.len();
        }
        view
    });
    let nodes = nodes.collect();
    serde_json::to_writer(&mut *out, &Document { version: 1, nodes })?;
    out.write_all(b"\n")
}

fn unknown<'a>(job: &'a JobTargets<'_>) -> impl Iterator<Item = UnknownView<'a>> {
    job.job.unknown.iter().map(|unknown| UnknownView {
        job: job.effective.job_name,
        mechanism: &unknown.mechanism,
        from: &unknown.from,
    })
}

fn target<'a>(
    job: &'a JobTargets<'_>,
    outcome: &'a TargetOutcome,
    sources: &'a Sources<'_>,
    explained: bool,
) -> TargetView<'a> {
    let scraped = job.scraped(outcome);
    let source = sources.get(job.file(outcome));
    let LineColumn { line, column } = source.place(outcome.span.start);
    let mut view = TargetView {
        job: job.effective.job_name,
        state: JobTargets::state(outcome),
        discovered_labels: labels(&outcome.discovered),
        labels: scraped.map(|target| labels(&target.labels)),
        url: scraped.map(promtier::prometheus::ScrapeTarget::url),
        // As the API shows them: as they were written.
        scrape_interval: scraped.map(|target| target.all_labels.value("__scrape_interval__")),
        scrape_timeout: scraped.map(|target| target.all_labels.value("__scrape_timeout__")),
        rule: None,
        error: None,
        same_as: None,
        group: job.source(outcome),
        path: &source.path,
        line,
        column,
        discovered: None,
        steps: None,
        completions: None,
    };
    match &outcome.fate {
        TargetFate::Dropped { rule } => view.rule = Some(*rule),
        TargetFate::Refused { error } => view.error = Some(error),
        TargetFate::Scraped(_) | TargetFate::Merged { .. } => {}
    }
    if let Some(explanation) = job.explanation(outcome).filter(|_| explained) {
        explain(&mut view, explanation, job, sources);
    }
    view
}

fn explain(
    view: &mut TargetView<'_>,
    explanation: TargetExplanation,
    job: &JobTargets<'_>,
    sources: &Sources<'_>,
) {
    let source = sources.get(job.job.file);
    let found = explanation.discovered.into_iter();
    view.discovered = Some(
        found.map(|found| FoundView { label: found.name, value: found.value, from: found.from }).collect(),
    );
    let steps = explanation.steps.into_iter().map(|step| StepView {
        rule: step.rule,
        line: job
            .effective
            .source
            .relabel_configs
            .get(step.rule)
            .map(|rule| source.place(rule.span.start).line),
        verdict: match step.verdict {
            Verdict::Unchanged => "unchanged",
            Verdict::Changed => "changed",
            Verdict::Dropped => "dropped",
        },
        because: step.because,
        changes: changes(step.changes),
    });
    view.steps = Some(steps.collect());
    let completions = explanation.completions.into_iter();
    let completions =
        completions.map(|done| CompletionView { because: done.because, changes: changes(done.changes) });
    view.completions = Some(completions.collect());
}

fn changes(changes: Vec<Change>) -> Vec<ChangeView> {
    let view =
        |change: Change| ChangeView { label: change.label, before: change.before, after: change.after };
    changes.into_iter().map(view).collect()
}

fn labels(labels: &LabelSet) -> BTreeMap<&str, &str> {
    labels.iter().collect()
}
