//! What a trace says, for every place that shows one.

use crate::federation::{Bringer, Origin, Peer, Preview};
use crate::text::{FileId, LineIndex};

use super::{Fate, Gate, Hop, Passage, Trace};

impl Gate {
    /// The name that output for programs knows the gate by.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Match(_) => "match",
            Self::Answered => "answer",
            Self::Printed => "external_labels",
            Self::BodySize => "body_size_limit",
            Self::TargetLabels => "target_labels",
            Self::Rule(_) => "metric_relabel_configs",
            Self::Emptied => "empty_labels",
            Self::Labelled => "labels",
            Self::Accepted => "limits",
            Self::Scrape => "scrape",
            Self::Time => "time",
        }
    }
}

impl Passage {
    /// What the gate did with the series, as a heading says it.
    #[must_use]
    pub fn title(&self) -> String {
        let changes = self.before != self.after;
        let words = match &self.gate {
            Gate::Request => "The request brings no answer",
            Gate::Match(trials) => {
                let numbers = trials.iter().filter(|trial| trial.failed.is_empty());
                let numbers: Vec<String> = numbers.map(|trial| format!("#{}", trial.selector + 1)).collect();
                if numbers.is_empty() {
                    "Selected by no match[]"
                } else {
                    return format!("Selected by match[] {}", numbers.join(", "));
                }
            }
            Gate::Answered => "Left out by /federate",
            Gate::Printed if changes => "Labels added by /federate",
            Gate::Printed => "Printed by /federate as it is",
            Gate::BodySize => "The answer is over body_size_limit",
            Gate::TargetLabels if changes => "The target's labels attached",
            Gate::TargetLabels => "The target's labels are there already",
            Gate::Rule(rule) => {
                let outcome = match (self.passed, changes) {
                    (false, _) => "drops it",
                    (true, true) => "changes its labels",
                    (true, false) => "leaves it as it is",
                };
                return format!("metric_relabel_configs rule {} {outcome}", rule + 1);
            }
            Gate::Emptied => "Empty labels left out",
            Gate::Labelled => "No label is left",
            Gate::Accepted => "Refused for its labels",
            Gate::Scrape => "The whole scrape fails",
            Gate::Time => "Dropped by storage",
        };
        words.to_owned()
    }
}

impl Trace {
    /// Whether a server that federates stores the series.
    #[must_use]
    pub fn arrives(&self) -> bool {
        let stored = |hop: &Hop| matches!(hop.fate, Fate::Stored { .. });
        // What is first stored elsewhere came here by federation.
        self.up.iter().any(stored) || self.first.iter().any(|(stop, _)| stop.node != self.chosen.node)
    }

    /// What becomes of the series above where it was chosen, in a sentence.
    #[must_use]
    pub fn outcome(&self, preview: &Preview) -> String {
        if self.up.is_empty() {
            let known = if asks_strangers(preview) { "is known to pull" } else { "pulls" };
            return format!("No server {known} from {}.", node(preview, self.chosen.node));
        }
        // A server that one of its jobs gives the series has it, whatever becomes of it in the others.
        let mut pullers: Vec<(&str, usize)> = Vec::new();
        for hop in &self.up {
            let name = preview.topology.pulls.get(hop.pull).map_or("", |pull| node(preview, pull.node));
            let fate = match hop.fate {
                Fate::Stored { .. } => 0,
                Fate::Stopped => 1,
                Fate::Unknown => 2,
            };
            match pullers.iter_mut().find(|(other, _)| *other == name) {
                Some((_, least)) => *least = fate.min(*least),
                None => pullers.push((name, fate)),
            }
        }
        let parts = ["arrives at ", "does not arrive at ", "may or may not arrive at "];
        let parts = parts.iter().enumerate().filter_map(|(fate, words)| {
            let names = pullers.iter().filter(|(_, of)| *of == fate).map(|&(name, _)| name);
            let names: Vec<&str> = names.collect();
            (!names.is_empty()).then(|| format!("{words}{}", names.join(", ")))
        });
        format!("It {}.", parts.collect::<Vec<_>>().join("; it "))
    }
}

/// Whether some federation job asks one of whom it is not known who that is: that may be any server.
#[must_use]
pub fn asks_strangers(preview: &Preview) -> bool {
    let mut pulls = preview.topology.pulls.iter().filter(|pull| pull.federates);
    pulls.any(|pull| matches!(pull.peer, Peer::Balancer(_) | Peer::Nobody))
}

/// Who answers a hop's pull: a server, an application, or else the target's address.
#[must_use]
pub fn source<'p>(preview: &'p Preview, hop: &Hop) -> &'p str {
    let Some(pull) = preview.topology.pulls.get(hop.pull) else { return "" };
    match pull.peer {
        Peer::Federate(at) | Peer::OwnMetrics(at) | Peer::NoSuchPath(at) => node(preview, at),
        Peer::Application(at) | Peer::OtherPath(at) => {
            preview.workspace.applications.get(at).map_or(&pull.address, |application| &application.name)
        }
        Peer::Balancer(_) | Peer::Nobody => &pull.address,
    }
}

/// The path and the line of a recording rule of a node, by its place among [`crate::workspace::Node::all_rules`].
#[must_use]
pub fn rule(preview: &Preview, node: usize, at: usize) -> Option<(&str, u32)> {
    let (file, _, rule) = preview.workspace.nodes.get(node)?.all_rules().nth(at)?;
    let file = preview.workspace.file(file);
    let text = file.text.as_deref().unwrap_or_default();
    Some((&file.path, LineIndex::new(text).line_of(rule.span.start) + 1))
}

/// What brought a series to a node. `path` gives the paths of files of samples.
#[must_use]
pub fn origin(preview: &Preview, node: usize, origin: Origin, path: impl Fn(FileId) -> String) -> String {
    let pull = |at: usize| match preview.topology.pulls.get(at) {
        Some(pull) => format!("job {} from {}", pull.job, pull.address),
        None => String::new(),
    };
    match origin.bringer {
        Bringer::Samples(file) => format!("samples in {}", path(file)),
        Bringer::Pull(at) => pull(at),
        Bringer::Rule(at) => match rule(preview, node, at) {
            Some((path, line)) => format!("the recording rule in {path}:{line}"),
            None => "a recording rule".to_owned(),
        },
        Bringer::Report(at) => format!("the server's own report on {}", pull(at)),
    }
}

/// What else brings a series that a hop stores at a node, each source once: `2 series of job b from leaf:9090`, or
/// `another series of job a from leaf:9090` where it is the hop's own pull. `path` as in [`origin`].
#[must_use]
pub fn sharing(
    preview: &Preview,
    hop: &Hop,
    node: usize,
    others: &[Origin],
    path: impl Fn(FileId) -> String,
) -> Vec<String> {
    let mut sources: Vec<(Origin, usize)> = Vec::new();
    for other in others {
        match sources.iter_mut().find(|(source, _)| source.bringer == other.bringer) {
            Some((_, count)) => *count += 1,
            None => sources.push((*other, 1)),
        }
    }
    let words = sources.into_iter().map(|(source, count)| {
        let words = origin(preview, node, source, &path);
        match (source.bringer == Bringer::Pull(hop.pull), count) {
            (true, 1) => format!("another series of {words}"),
            (true, count) => format!("{count} other series of {words}"),
            (false, 1) => words,
            (false, count) => format!("{count} series of {words}"),
        }
    });
    words.collect()
}

fn node(preview: &Preview, at: usize) -> &str {
    preview.workspace.nodes.get(at).map_or("", |node| &node.name)
}
