//! What a pull brings.

use std::sync::Arc;

use crate::series::{Bitset, SeriesStore};

use super::near_miss::NearMisses;
use super::node_store::Origin;
use super::scrape::{Limit, Scraped};
use super::topology::Pull;

/// What a pull brings.
#[derive(Clone, Debug, Default)]
pub struct PullOutcome {
    /// The store that the answer came from; empty where nobody answered.
    pub source: SeriesStore,
    /// The series in the answer.
    pub exposed: u32,
    /// The bytes of the answer.
    pub bytes: u64,
    /// The rows of the source that a `/federate` answers with; `None` where none is known to answer.
    pub answered: Option<Arc<Bitset>>,
    /// What each selector selects, in the pull's order.
    pub selected: Vec<Selected>,
    /// What of it is stored.
    pub scraped: Arc<Scraped>,
    /// Why nothing is stored.
    pub failure: Option<Failure>,
    /// What the source says when it refuses the request.
    pub refusal: Option<String>,
}

/// Why a pull stores nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The scrape fails, for this reason in the server's words; `up` is 0.
    Scrape(String),
    /// What the target answers cannot be known from the workspace, for this reason.
    Unknown(String),
}

/// What one selector of a pull selects among the series of the answer.
#[derive(Clone, Debug, Default)]
pub struct Selected {
    /// The rows of the source.
    pub rows: Arc<Bitset>,
    /// How many they are.
    pub matched: u32,
    /// How many of them no other selector of the pull selects.
    pub only: u32,
    /// What comes near, where it selects nothing.
    pub near: Option<Arc<NearMisses>>,
}

impl PullOutcome {
    /// What a pull brings of which nothing can be known, for a reason.
    pub(super) fn unknown(pull: &Pull, words: String) -> Self {
        Self::without(pull, Failure::Unknown(words))
    }

    /// What a pull brings that stores nothing.
    pub(super) fn without(pull: &Pull, failure: Failure) -> Self {
        let selected = vec![Selected::default(); pull.selectors.len()];
        Self { selected, failure: Some(failure), ..Self::default() }
    }

    /// The limit that the answer exceeds, where that is why nothing is stored.
    #[must_use]
    pub fn exceeded(&self) -> Option<Limit> {
        let Some(Failure::Scrape(words)) = &self.failure else { return None };
        [Limit::Samples, Limit::Bytes].into_iter().find(|limit| words == limit.words())
    }

    /// The selectors, by their place in the pull, that select the row an origin of this pull speaks of.
    #[must_use]
    pub fn selectors_of(&self, origin: Origin) -> Vec<u16> {
        let Some(row) = self.source.row_at(origin.position) else { return Vec::new() };
        (0..)
            .zip(&self.selected)
            .filter(|(_, selected)| selected.rows.contains(row))
            .map(|(at, _)| at)
            .collect()
    }
}

/// Counts what each selector selects among the answered `rows`, and what it alone does.
pub(super) fn selected(sets: &[(String, Arc<Bitset>)], rows: &Bitset) -> Vec<Selected> {
    let mut once = Bitset::empty(rows.capacity());
    let mut twice = Bitset::empty(rows.capacity());
    for (_, set) in sets {
        let mut again = once.clone();
        again.and(set);
        twice.or(&again);
        once.or(set);
    }
    sets.iter()
        .map(|(_, set)| {
            let mut matched = Bitset::clone(set);
            matched.and(rows);
            let mut only = matched.clone();
            only.and_not(&twice);
            let (matched, only) = (matched.count() as u32, only.count() as u32);
            Selected { rows: Arc::clone(set), matched, only, near: None }
        })
        .collect()
}
