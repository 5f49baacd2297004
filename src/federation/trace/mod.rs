//! One series through the tiers: down to where it is first stored, and up to every server that would get it.
//!
//! Each hop runs the one row through the functions that the preview runs all rows through, so that the two
//! cannot disagree, and keeps what every gate made of its labels.

mod hop;
mod remedy;
mod selectors;
#[cfg(test)]
mod tests;
pub mod words;

use std::collections::VecDeque;

use crate::labels::LabelSet;
use crate::series::Row;
use crate::text::{FileId, Span};

use super::node_store::{Bringer, Origin};
use super::{Peer, Preview, Pull};

pub use hop::hop;
pub use selectors::{FailedMatcher, SelectorTrial};

/// The most hops that one trace tells in each direction.
pub const MAX_HOPS: usize = 10_000;

/// A series of a node: the node, by its place in the workspace, and the row of its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stop {
    /// The node.
    pub node: usize,
    /// The row of its store.
    pub row: Row,
}

/// A series' way through the tiers.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The series that was chosen.
    pub chosen: Stop,
    /// The hops by which it came to where it was chosen, the nearest first.
    pub down: Vec<Hop>,
    /// What was not pulled on the way down: where the series is first stored, and what brought it there.
    pub first: Vec<(Stop, Origin)>,
    /// Every pull that asks a server which has it, tier by tier, whether it arrives or not.
    pub up: Vec<Hop>,
    /// Whether there are more hops than [`MAX_HOPS`].
    pub cut_off: bool,
}

/// One series and one pull.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// The pull, by its place in the topology.
    pub pull: usize,
    /// The row of the pull's source.
    pub row: Row,
    /// The gates that it comes to, in order; the last one is where it is stopped, if it is.
    pub gates: Vec<Passage>,
    /// Where it ends up.
    pub fate: Fate,
}

/// What becomes of a series on a hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The puller stores it.
    Stored {
        /// Where.
        stop: Stop,
        /// With these labels.
        labels: LabelSet,
        /// What else brings a series with the same labels, so that the samples are mixed.
        shared_with: Vec<Origin>,
    },
    /// The last gate stops it.
    Stopped,
    /// What the pull brings is not known, as the last gate says.
    Unknown,
}

/// A gate and what it made of the series.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// The gate.
    pub gate: Gate,
    /// Whether the series goes on.
    pub passed: bool,
    /// The labels before.
    pub before: LabelSet,
    /// The labels after.
    pub after: LabelSet,
    /// Why, in English or in the server's own words.
    pub because: String,
    /// The smallest change that would let the series through, where the gate stops it and there is one.
    pub remedy: Option<String>,
    /// The file and the place in it that decide.
    pub place: Option<(FileId, Span)>,
}

/// What stands between a series and the store of a server that pulls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gate {
    /// The request itself: whether it is made and answered.
    Request,
    /// The selectors of the request.
    Match(Vec<SelectorTrial>),
    /// What `/federate` never answers: series that have ended, and series without a name.
    Answered,
    /// `external_labels` of the source, an empty `instance`, and names spelled as was asked for.
    Printed,
    /// `body_size_limit`, which is looked at before anything is read.
    BodySize,
    /// The target's labels, with `honor_labels` or without.
    TargetLabels,
    /// A rule of `metric_relabel_configs`, counted from 0.
    Rule(usize),
    /// Labels without a value, which are not stored (Prometheus: `labels.Builder.Labels`).
    Emptied,
    /// What is left without any label is dropped.
    Labelled,
    /// Names, and limits on labels.
    Accepted,
    /// The scrape as a whole: other samples can bring it down.
    Scrape,
    /// Storage, which does not take samples from too far away in time.
    Time,
}

/// The node whose `/federate` a pull asks for, on the right path or on another one.
#[must_use]
pub fn asked_of(pull: &Pull) -> Option<usize> {
    match pull.peer {
        Peer::Federate(source) => Some(source),
        Peer::NoSuchPath(source) if pull.federates => Some(source),
        _ => None,
    }
}

/// Traces the series in `chosen`; `None` where there is no such series.
#[must_use]
pub fn trace(preview: &Preview, chosen: Stop) -> Option<Trace> {
    let store = preview.nodes.get(chosen.node)?.store();
    if chosen.row as usize >= store.len() {
        return None;
    }
    let mut out = Trace { chosen, down: Vec::new(), first: Vec::new(), up: Vec::new(), cut_off: false };
    down(preview, &mut out);
    up(preview, &mut out);
    Some(out)
}

fn down(preview: &Preview, out: &mut Trace) {
    let mut seen = crate::sort::ordered_set([out.chosen]);
    let mut queue = VecDeque::from([out.chosen]);
    while let Some(stop) = queue.pop_front() {
        let Some(node) = preview.nodes.get(stop.node) else { continue };
        for origin in node.origins(stop.row) {
            let Bringer::Pull(pull) = origin.bringer else {
                out.first.push((stop, origin));
                continue;
            };
            let row = preview.pulls.get(pull).and_then(|outcome| outcome.source.row_at(origin.position));
            let Some(hop) = row.and_then(|row| hop(preview, pull, row)) else { continue };
            if out.down.len() >= MAX_HOPS {
                out.cut_off = true;
                return;
            }
            match preview.topology.pulls.get(pull).map(|pull| pull.peer) {
                Some(Peer::Federate(node)) => {
                    let below = Stop { node, row: hop.row };
                    if seen.insert(below) {
                        queue.push_back(below);
                    }
                }
                _ => out.first.push((stop, origin)),
            }
            out.down.push(hop);
        }
    }
}

fn up(preview: &Preview, out: &mut Trace) {
    let mut seen = crate::sort::ordered_set([out.chosen]);
    let mut queue = VecDeque::from([out.chosen]);
    let mut asking: Vec<Vec<usize>> = vec![Vec::new(); preview.nodes.len()];
    for (at, pull) in preview.topology.pulls.iter().enumerate() {
        if let Some(pulls) = asked_of(pull).and_then(|source| asking.get_mut(source)) {
            pulls.push(at);
        }
    }
    while let Some(stop) = queue.pop_front() {
        for &at in asking.get(stop.node).into_iter().flatten() {
            if out.up.len() >= MAX_HOPS {
                out.cut_off = true;
                return;
            }
            let Some(hop) = hop(preview, at, stop.row) else { continue };
            if let Fate::Stored { stop, .. } = hop.fate
                && seen.insert(stop)
            {
                queue.push_back(stop);
            }
            out.up.push(hop);
        }
    }
}
