//! Traces for programs, version 1.
//!
//! `down` leads from where the series was chosen to where it is `first` stored, `up` to every server that pulls
//! it. `outcome` is `stored`, `stopped` (by the last gate) or `unknown`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use promtier::federation::trace::{Fate, Gate, Hop, Passage, Trace};
use promtier::labels::LabelSet;
use serde::Serialize;

use super::trace::Traced;

type Labels<'a> = BTreeMap<&'a str, &'a str>;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    traces: Vec<TraceView<'a>>,
}

#[derive(Serialize)]
struct TraceView<'a> {
    node: &'a str,
    labels: BTreeMap<String, String>,
    arrives: bool,
    first: Vec<FirstView<'a>>,
    down: Vec<HopView<'a>>,
    up: Vec<HopView<'a>>,
    cut_off: bool,
}

#[derive(Serialize)]
struct FirstView<'a> {
    node: &'a str,
    from: String,
}

#[derive(Serialize)]
struct HopView<'a> {
    source: &'a str,
    node: &'a str,
    job: &'a str,
    target: &'a str,
    outcome: &'static str,
    labels: Option<Labels<'a>>,
    shared_with: Vec<String>,
    gates: Vec<GateView<'a>>,
}

#[derive(Serialize)]
struct GateView<'a> {
    gate: &'static str,
    rule: Option<usize>,
    passed: bool,
    because: &'a str,
    remedy: Option<&'a str>,
    before: Labels<'a>,
    after: Labels<'a>,
    path: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
}

/// Prints one document.
pub(crate) fn write(out: &mut impl Write, traced: &Traced<'_>) -> io::Result<()> {
    let traces = traced.traces.iter().map(|trace| view(traced, trace)).collect();
    serde_json::to_writer(&mut *out, &Document { version: 1, traces })?;
    writeln!(out)
}

fn view<'a>(traced: &'a Traced<'_>, trace: &'a Trace) -> TraceView<'a> {
    let store = traced.preview.nodes[trace.chosen.node].store();
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    TraceView {
        node: traced.node(trace.chosen.node),
        labels: store.labels(trace.chosen.row).map(owned).collect(),
        arrives: trace.arrives(),
        first: trace
            .first
            .iter()
            .map(|(stop, origin)| FirstView {
                node: traced.node(stop.node),
                from: traced.origin(stop.node, *origin),
            })
            .collect(),
        down: trace.down.iter().map(|hop| hop_view(traced, hop)).collect(),
        up: trace.up.iter().map(|hop| hop_view(traced, hop)).collect(),
        cut_off: trace.cut_off,
    }
}

fn hop_view<'a>(traced: &'a Traced<'_>, hop: &'a Hop) -> HopView<'a> {
    let pull = &traced.preview.topology.pulls[hop.pull];
    let (outcome, labels, shared_with) = match &hop.fate {
        Fate::Stored { stop, labels, shared_with } => {
            ("stored", Some(pairs(labels)), traced.sharing(hop, stop.node, shared_with))
        }
        Fate::Stopped => ("stopped", None, Vec::new()),
        Fate::Unknown => ("unknown", None, Vec::new()),
    };
    HopView {
        source: traced.source(hop),
        node: traced.node(pull.node),
        job: &pull.job,
        target: &pull.address,
        outcome,
        labels,
        shared_with,
        gates: hop.gates.iter().map(|passage| gate_view(traced, passage)).collect(),
    }
}

fn gate_view<'a>(traced: &'a Traced<'_>, passage: &'a Passage) -> GateView<'a> {
    let place = traced.place(passage);
    GateView {
        gate: passage.gate.name(),
        rule: if let Gate::Rule(rule) = passage.gate { Some(rule) } else { None },
        passed: passage.passed,
        because: &passage.because,
        remedy: passage.remedy.as_deref(),
        before: pairs(&passage.before),
        after: pairs(&passage.after),
        path: place.map(|(path, _, _)| path),
        line: place.map(|(_, line, _)| line),
        column: place.map(|(_, _, column)| column),
    }
}

fn pairs(labels: &LabelSet) -> Labels<'_> {
    labels.iter().collect()
}
