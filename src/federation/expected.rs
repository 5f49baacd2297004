//! What the selectors of the manifest's expectations select on each node, kept from one run to the next.

use std::sync::Arc;

use crate::selector::Selector;
use crate::series::{Bitset, MatchCache, SeriesStore};
use crate::version::Version;
use crate::workspace::{Expectation, Workspace};

use super::topology::Topology;

/// The most bytes of sets that are kept for one node. What is not kept is computed again where it is asked for.
const MOST_BYTES: usize = 32 << 20;

/// What selectors of expectations select on one node.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    store: SeriesStore,
    version: Version,
    selected: Vec<(String, Arc<Bitset>)>,
}

impl Expected {
    /// The rows of the node that a selector of an expectation selects, where that is kept.
    #[must_use]
    pub fn get(&self, selector: &str) -> Option<&Arc<Bitset>> {
        self.selected.iter().find(|(text, _)| text == selector).map(|(_, rows)| rows)
    }

    /// Brings up to date what is kept for `node`, whose series are in `store`.
    pub(super) fn update(
        &mut self,
        (workspace, topology, node): (&Workspace, &Topology, usize),
        store: &SeriesStore,
        cache: &mut MatchCache,
    ) {
        let Some(version) = workspace.nodes.get(node).map(|node| node.version) else { return };
        let about = workspace.expectations.iter().filter(|it| is_about(it, workspace, topology, node));
        let mut texts: Vec<&str> = about
            .flat_map(|expectation| expectation.has.iter().chain(&expectation.lacks))
            .map(|selector| selector.value.as_str())
            .collect();
        texts.dedup();
        if texts.is_empty() {
            *self = Self::default();
            return;
        }
        let same = self.store.is_same(store) && self.version == version;
        let old = std::mem::take(&mut self.selected);
        let mut left = MOST_BYTES;
        for text in texts {
            if self.get(text).is_some() {
                continue;
            }
            let Some(rest) = left.checked_sub(store.len() / 8 + text.len() + 64) else { break };
            left = rest;
            let kept = old.iter().find(|(kept, _)| same && kept == text).map(|(_, rows)| Arc::clone(rows));
            let rows = kept.or_else(|| {
                let matchers = Selector::parse_strict(text, version).ok()?.compiled()?;
                store.select_cached(&matchers, cache).ok().map(Arc::new)
            });
            self.selected.extend(rows.map(|rows| (text.to_owned(), rows)));
        }
        (self.store, self.version) = (store.clone(), version);
    }
}

/// Whether an expectation is about a node.
fn is_about(expectation: &Expectation, workspace: &Workspace, topology: &Topology, node: usize) -> bool {
    let name = workspace.nodes.get(node).map(|node| node.name.as_str());
    let named = expectation.nodes.iter().any(|named| Some(named.value.as_str()) == name);
    named || expectation.tier.as_ref().is_some_and(|tier| tier.value == topology.tier(node))
}
