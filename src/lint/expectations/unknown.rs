//! What is not known of what a server stores.

use crate::federation::{Failure, Peer, Preview};

/// Why not all that a server stores is known, if it is not: nothing is known of what it scrapes and there are no
/// samples of it, or that is so of a server that it pulls from.
pub(super) fn of(preview: &Preview, node: usize) -> Option<String> {
    let mut seen = vec![node];
    let mut open = vec![node];
    while let Some(at) = open.pop() {
        let node = preview.workspace.nodes.get(at)?;
        // What it printed is all that it stores.
        if !node.samples.is_empty() {
            continue;
        }
        if node.config.is_none() {
            return Some(format!("the configuration of `{}` is refused", node.name));
        }
        if let Some((_, job, targets)) = preview.topology.unknown.iter().find(|unknown| unknown.0 == at) {
            return Some(targets.words(job));
        }
        for (pull, outcome) in preview.topology.pulls.iter().zip(&preview.pulls) {
            if pull.node != at {
                continue;
            }
            if let Some(Failure::Unknown(words)) = &outcome.failure {
                return Some(words.clone());
            }
            if let Peer::Federate(source) = pull.peer
                && !seen.contains(&source)
            {
                seen.push(source);
                open.push(source);
            }
        }
    }
    None
}
