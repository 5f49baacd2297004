//! The way of one series through the tiers, as an interface shows it.

use crate::federation::Preview;
use crate::federation::trace::{self, Fate, Hop, Passage, Stop, Trace, words};
use crate::labels::name::{is_legacy_label_name, is_legacy_metric_name};
use crate::labels::{LabelSet, METRIC_NAME, MatchOp, Matcher};
use crate::series::{CompiledMatcher, Row};
use crate::sort;
use crate::text::quote;

use super::protocol::{FateView, FirstView, GateView, HopView, MarkView, TraceAnswer, TraceQuery};
use super::view::Places;

/// The way of the series that `query` names.
pub(super) fn answer(preview: &Preview, revision: u64, query: TraceQuery) -> TraceAnswer {
    let mut answer = TraceAnswer { id: query.id, revision, ..TraceAnswer::default() };
    let node = preview.workspace.nodes.iter().position(|node| node.name == query.node);
    let row = node.and_then(|node| Some(Stop { node, row: row(preview, node, &query)? }));
    if let Some(trace) = row.and_then(|stop| trace::trace(preview, stop)) {
        fill(&mut answer, preview, &trace, query.hops as usize);
    }
    answer.node = query.node;
    answer
}

/// The row that has exactly the labels asked for.
fn row(preview: &Preview, node: usize, query: &TraceQuery) -> Option<Row> {
    let version = preview.workspace.nodes.get(node)?.version;
    let store = preview.nodes.get(node)?.store();
    let mut labels: LabelSet =
        query.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if !query.name.is_empty() {
        labels.insert(METRIC_NAME, &query.name);
    }
    let matchers: Vec<CompiledMatcher> = labels
        .iter()
        .filter_map(|(name, value)| {
            CompiledMatcher::new(&Matcher::new(name, MatchOp::Equal, value), version).ok()
        })
        .collect();
    store.select(&matchers).ok()?.iter().find(|&row| store.label_set(row) == labels)
}

fn fill(answer: &mut TraceAnswer, preview: &Preview, trace: &Trace, most: usize) {
    let workspace = &preview.workspace;
    let places = Places::new(workspace);
    let name = |node: usize| workspace.nodes.get(node).map(|node| node.name.clone()).unwrap_or_default();
    let series = |stop: Stop| {
        preview
            .nodes
            .get(stop.node)
            .map(|node| node.store().label_set(stop.row).to_string())
            .unwrap_or_default()
    };
    answer.series = series(trace.chosen);
    answer.arrives = trace.arrives();
    answer.outcome = trace.outcome(preview);
    let view = |hop: &Hop| hop_view(preview, &places, hop);
    // Told from the bottom up; where they are too many, those next to the node are told.
    answer.down = trace.down.iter().take(most).rev().map(view).collect();
    answer.up = trace.up.iter().take(most).map(view).collect();
    answer.first = trace
        .first
        .iter()
        .take(most)
        .map(|&(stop, origin)| FirstView {
            node: name(stop.node),
            from: words::origin(preview, stop.node, origin, |file| workspace.file(file).path.clone()),
            series: series(stop),
        })
        .collect();
    let all = [trace.down.len(), trace.up.len(), trace.first.len()];
    answer.more = all.iter().map(|count| count.saturating_sub(most) as u32).sum();
}

fn hop_view(preview: &Preview, places: &Places<'_>, hop: &Hop) -> HopView {
    let pull = preview.topology.pulls.get(hop.pull);
    let path = |file| preview.workspace.file(file).path.clone();
    let mut view = HopView {
        source: words::source(preview, hop).to_owned(),
        node: pull
            .and_then(|pull| preview.workspace.nodes.get(pull.node))
            .map(|node| node.name.clone())
            .unwrap_or_default(),
        job: pull.map(|pull| pull.job.clone()).unwrap_or_default(),
        target: pull.map(|pull| pull.address.clone()).unwrap_or_default(),
        gates: hop.gates.iter().map(|passage| gate_view(preview, places, passage)).collect(),
        fate: FateView::Stopped,
        series: String::new(),
        shared_with: Vec::new(),
    };
    match &hop.fate {
        Fate::Stored { stop, labels, shared_with } => {
            view.fate = FateView::Stored;
            view.series = labels.to_string();
            view.shared_with = words::sharing(preview, hop, stop.node, shared_with, path);
        }
        Fate::Stopped => {}
        Fate::Unknown => view.fate = FateView::Unknown,
    }
    view
}

fn gate_view(preview: &Preview, places: &Places<'_>, passage: &Passage) -> GateView {
    GateView {
        title: passage.title(),
        passed: passage.passed,
        because: passage.because.clone(),
        remedy: passage.remedy.clone().unwrap_or_default(),
        series: pieces(&passage.before, &passage.after),
        path: passage.place.map(|(file, _)| preview.workspace.file(file).path.clone()).unwrap_or_default(),
        range: passage.place.map(|(file, span)| places.range(file, span)).unwrap_or_default(),
    }
}

/// A series with what has become of it; nothing where it is what it was.
fn pieces(before: &LabelSet, after: &LabelSet) -> Vec<(MarkView, String)> {
    let mut out: Vec<(MarkView, String)> = Vec::new();
    if before == after {
        return out;
    }
    let mut add = |mark: MarkView, text: &str| match out.last_mut() {
        _ if text.is_empty() => {}
        Some((last, words)) if *last == mark => words.push_str(text),
        _ => out.push((mark, text.to_owned())),
    };
    let mut change = |before: Option<String>, after: Option<String>| match (before, after) {
        (Some(before), Some(after)) if before == after => add(MarkView::Kept, &after),
        (before, after) => {
            let both = before.is_some() && after.is_some();
            add(MarkView::Removed, &before.unwrap_or_default());
            add(MarkView::Kept, if both { " " } else { "" });
            add(MarkView::Added, &after.unwrap_or_default());
        }
    };
    let value =
        |labels: &LabelSet, name: &str| labels.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let legacy =
        |name: &Option<String>| name.as_ref().is_none_or(|name| is_legacy_metric_name(name.as_bytes()));
    let (was, is) = (value(before, METRIC_NAME), value(after, METRIC_NAME));
    let leads = legacy(&was) && legacy(&is);
    if leads {
        change(was, is);
    }
    change(Some("{".to_owned()), Some("{".to_owned()));
    let mut names: Vec<&str> = before.iter().chain(after.iter()).map(|(name, _)| name).collect();
    sort::sort_and_dedup(&mut names);
    let mut separator = None;
    for name in names.into_iter().filter(|&name| !(leads && name == METRIC_NAME)) {
        change(separator.clone(), separator.clone());
        separator = Some(", ".to_owned());
        let spelled = if is_legacy_label_name(name.as_bytes()) { name.to_owned() } else { quote(name) };
        let label = |labels: &LabelSet| labels.get(name).map(|value| format!("{spelled}={}", quote(value)));
        change(label(before), label(after));
    }
    change(Some("}".to_owned()), Some("}".to_owned()));
    out
}
