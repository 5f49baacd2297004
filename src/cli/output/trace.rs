//! What the forms of a trace have in common: names, places, and whether a series arrives.

use promtier::federation::trace::{Fate, Gate, Hop, Passage, Trace};
use promtier::federation::{Bringer, Origin, Preview};

use super::Sources;
use super::preview::{application, source};

/// Traces with what they speak of.
pub(crate) struct Traced<'a> {
    /// The preview.
    pub(crate) preview: &'a Preview,
    /// The texts, by the files of the workspace.
    pub(crate) sources: &'a Sources<'a>,
    /// One for each series.
    pub(crate) traces: &'a [Trace],
}

/// Whether a server that federates stores the series.
pub(crate) fn arrives(trace: &Trace) -> bool {
    let stored = |hop: &Hop| matches!(hop.fate, Fate::Stored { .. });
    // What is first stored elsewhere came here by federation.
    trace.up.iter().any(stored) || trace.first.iter().any(|(stop, _)| stop.node != trace.chosen.node)
}

impl Traced<'_> {
    /// The path, line and column that decide.
    pub(crate) fn place(&self, passage: &Passage) -> Option<(&str, u32, u32)> {
        let (file, span) = passage.place?;
        let source = self.sources.get(file);
        let place = source.place(span.start);
        Some((&source.path, place.line, place.column))
    }

    /// The name of a node.
    pub(crate) fn node(&self, node: usize) -> &str {
        &self.preview.workspace.nodes[node].name
    }

    /// Who answers a hop's pull: a server, or an application.
    pub(crate) fn source(&self, hop: &Hop) -> &str {
        let pull = &self.preview.topology.pulls[hop.pull];
        source(self.preview, pull).or_else(|| application(self.preview, pull)).unwrap_or(&pull.address)
    }

    /// What brought a series, in words.
    pub(crate) fn origin(&self, node: usize, origin: Origin) -> String {
        let pull = |at: usize| {
            let pull = &self.preview.topology.pulls[at];
            format!("job {} from {}", pull.job, pull.address)
        };
        match origin.bringer {
            Bringer::Samples(file) => format!("samples in {}", self.sources.get(file).path),
            Bringer::Pull(at) => pull(at),
            Bringer::Rule(at) => match super::preview::rule(self.preview, node, at) {
                Some((path, line)) => format!("the recording rule in {path}:{line}"),
                None => "a recording rule".to_owned(),
            },
            Bringer::Report(at) => format!("the server's own report on {}", pull(at)),
        }
    }
}

/// The name of a gate.
pub(crate) fn gate(gate: &Gate) -> &'static str {
    match gate {
        Gate::Request => "request",
        Gate::Match(_) => "match",
        Gate::Answered => "answer",
        Gate::Printed => "external_labels",
        Gate::BodySize => "body_size_limit",
        Gate::TargetLabels => "target_labels",
        Gate::Rule(_) => "metric_relabel_configs",
        Gate::Labelled => "labels",
        Gate::Accepted => "limits",
        Gate::Scrape => "scrape",
        Gate::Time => "time",
    }
}
