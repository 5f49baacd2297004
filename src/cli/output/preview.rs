//! What the forms of a preview have in common: order, names, and the counts of a pull.

use promtier::federation::{Failure, Peer, Preview, Pull, PullOutcome, PullSelector, Selected};

/// The nodes by tier and name.
pub(crate) fn nodes(preview: &Preview) -> Vec<usize> {
    let mut nodes: Vec<usize> = (0..preview.workspace.nodes.len()).collect();
    nodes.sort_by_key(|&node| (preview.topology.tier(node), &preview.workspace.nodes[node].name));
    nodes
}

/// The pulls of a node, in the order of its configuration.
pub(crate) fn pulls(preview: &Preview, node: usize) -> impl Iterator<Item = usize> + '_ {
    (0..).zip(&preview.topology.pulls).filter(move |(_, pull)| pull.node == node).map(|(at, _)| at)
}

/// The node whose `/federate` answers a pull.
pub(crate) fn source<'a>(preview: &'a Preview, pull: &Pull) -> Option<&'a str> {
    match pull.peer {
        Peer::Federate(node) | Peer::OwnMetrics(node) | Peer::NoSuchPath(node) => {
            Some(&preview.workspace.nodes[node].name)
        }
        _ => None,
    }
}

/// The balancer between a node and who answers it.
pub(crate) fn via<'a>(preview: &'a Preview, pull: &Pull) -> Option<&'a str> {
    match pull.peer {
        Peer::Balancer(balancer) => Some(&preview.workspace.balancers[balancer].name),
        _ => None,
    }
}

/// The application that answers a pull.
pub(crate) fn application<'a>(preview: &'a Preview, pull: &Pull) -> Option<&'a str> {
    match pull.peer {
        Peer::Application(application) | Peer::OtherPath(application) => {
            Some(&preview.workspace.applications[application].name)
        }
        _ => None,
    }
}

/// Why a pull stores nothing; `None` where it works.
pub(crate) fn error(preview: &Preview, at: usize) -> Option<String> {
    let outcome = &preview.pulls[at];
    let words = match outcome.failure.as_ref()? {
        Failure::Scrape(words) | Failure::Unknown(words) => words.clone(),
    };
    Some(match &outcome.refusal {
        Some(refusal) => format!("{words}: {refusal}"),
        None => words,
    })
}

/// The rules of `metric_relabel_configs` that drop series of a pull, from 0, and how many.
pub(crate) fn dropped_by(outcome: &PullOutcome) -> impl Iterator<Item = (usize, u64)> + '_ {
    outcome.scraped.dropped.by_rule.iter().copied().enumerate().filter(|&(_, series)| series > 0)
}

/// A selector that selects nothing as it was likely meant, where something comes near.
pub(crate) fn meant(
    preview: &Preview,
    pull: &Pull,
    selector: &PullSelector,
    selected: &Selected,
) -> Option<String> {
    let Peer::Federate(source) = pull.peer else { return None };
    selected.near.as_ref()?.meant(&selector.text, preview.workspace.nodes[source].version)
}

/// What came of a pull.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Brought {
    /// Series in the answer.
    pub(crate) exposed: u64,
    /// Series stored.
    pub(crate) kept: u64,
    /// The length of the answer.
    pub(crate) bytes: u64,
}

impl Brought {
    /// The counts of a pull; `None` where they cannot be known.
    pub(crate) fn of(preview: &Preview, at: usize) -> Option<Self> {
        let outcome = &preview.pulls[at];
        let known = !matches!(outcome.failure, Some(Failure::Unknown(_)));
        known.then(|| Self {
            exposed: outcome.exposed.into(),
            kept: outcome.scraped.kept.len() as u64,
            bytes: outcome.bytes,
        })
    }

    /// Series in the answer that are not stored.
    pub(crate) fn dropped(self) -> u64 {
        self.exposed.saturating_sub(self.kept)
    }
}
