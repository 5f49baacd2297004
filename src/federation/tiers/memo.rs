//! What is kept from one run to the next, with what it was computed from.

use std::collections::HashMap;
use std::sync::Arc;

use crate::federation::Escaping;
use crate::federation::expected::Expected;
use crate::federation::near_miss::NearMisses;
use crate::federation::node_store::{Bringer, Brought, NodeStore};
use crate::federation::recorded::RecordedMemo;
use crate::federation::report::ReportValues;
use crate::federation::scrape::{Broken, ScrapeSettings, Scraped};
use crate::federation::stored::Stored;
use crate::federation::topology::{Pull, Topology};
use crate::labels::LabelSet;
use crate::series::{Bitset, MatchCache, SeriesStore};
use crate::workspace::{Samples, Workspace};

/// What was computed before, and from what.
#[derive(Debug, Default)]
pub struct Memo {
    pub(super) seed: u64,
    pub(super) run: u64,
    pub(super) evaluated: u64,
    pub(super) nodes: HashMap<String, NodeMemo>,
    pub(super) pulls: HashMap<PullKey, PullMemo>,
}

/// A pull from one run to the next: the node, the job, the target's labels and what it is asked.
pub(super) type PullKey = (String, String, LabelSet, String, String);

#[derive(Debug, Default)]
pub(super) struct NodeMemo {
    pub(super) run: u64,
    pub(super) samples: Vec<(Arc<Samples>, LabelSet, Arc<Stored>)>,
    pub(super) parts: Vec<(Bringer, SeriesStore)>,
    /// What was reported on the pulls of this topology.
    pub(super) reported: Vec<Reported>,
    pub(super) topology: Arc<Topology>,
    /// The series of what is reported.
    pub(super) reports: SeriesStore,
    /// All but what rules make.
    pub(super) base: Arc<NodeStore>,
    pub(super) recorded: RecordedMemo,
    pub(super) store: Arc<NodeStore>,
    pub(super) cache: MatchCache,
    pub(super) expected: Expected,
}

#[derive(Debug, Default)]
pub(super) struct PullMemo {
    pub(super) run: u64,
    pub(super) source: SeriesStore,
    /// What each selector selected in the source, by its text.
    pub(super) selected: Vec<(String, Arc<Bitset>)>,
    /// What comes near for those that select nothing, by their text.
    pub(super) near: Vec<(String, Arc<NearMisses>)>,
    pub(super) basis: Option<Basis>,
    pub(super) scraped: Arc<Scraped>,
    pub(super) bytes: u64,
}

/// What a server stores about a pull.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reported {
    pub(super) pull: usize,
    pub(super) values: ReportValues,
}

/// All that a scrape's outcome depends on, the source's series aside.
#[derive(Debug, PartialEq)]
pub(super) struct Basis {
    pub(super) rows: Arc<Bitset>,
    pub(super) external_labels: LabelSet,
    pub(super) labels: LabelSet,
    pub(super) settings: Arc<ScrapeSettings>,
    pub(super) escaping: Escaping,
    pub(super) refused: Bitset,
    pub(super) broken: Option<Broken>,
    pub(super) open: bool,
}

impl Memo {
    /// Nothing remembered. The `seed` keys the hashes of stores: give one that whoever writes the samples
    /// cannot know.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// How often a selector was evaluated over a store: what the memo could not answer.
    #[must_use]
    pub fn evaluated_selectors(&self) -> u64 {
        self.evaluated
    }
}

impl NodeMemo {
    /// What samples, pulls and reports bring.
    pub(super) fn brought(&self) -> Vec<Brought<'_>> {
        let mut brought: Vec<Brought<'_>> =
            self.parts.iter().map(|(by, store)| Brought::by(*by, store)).collect();
        if !self.reported.is_empty() {
            let mut first = 0;
            let mut bases = Vec::with_capacity(self.reported.len());
            for reported in &self.reported {
                bases.push((first, Bringer::Report(reported.pull)));
                first += reported.values.len() as u32;
            }
            brought.push(Brought { store: &self.reports, bases });
        }
        brought
    }
}

pub(super) fn key(workspace: &Workspace, pull: &Pull) -> PullKey {
    let node = workspace.nodes[pull.node].name.clone();
    (node, pull.job.clone(), pull.labels.clone(), pull.address.clone(), pull.path.clone())
}
