//! What a server's recording rules add to its series, and what it may hold besides those that are listed.

mod beyond;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnostic::Parsed;
use crate::labels::{LabelSet, METRIC_NAME, MatchOp, Matcher};
use crate::rules::derive::{DerivedRule, Pattern, Reason, Server, derive_rules};
use crate::rules::{Rule, RuleFile, RuleGroup};
use crate::series::{CompiledMatcher, SeriesStore, StoreBuilder, StoreFull, sample};
use crate::sort;
use crate::version::Version;
use crate::workspace::Node;

use super::node_store::{Bringer, Brought};

use beyond::coarse;
pub(super) use beyond::{Beyond, Rewriting, is_asked_for};

/// What the rules of a server make, and what is known of series that are not listed.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// One for each of the server's rules, in the order of [`Node::all_rules`].
    pub rules: Vec<RuleOutcome>,
    /// Series that the server may hold and that are not in its store: what comes from targets of which nothing
    /// is known, alerts, and what rules make that are not followed wholly.
    pub unlisted: Vec<Pattern>,
    /// How often, in milliseconds, its series have a sample.
    pub(super) interval_ms: u64,
    /// Those that have one less often, and their intervals.
    pub(super) slow: Vec<(Pattern, u64)>,
    store: SeriesStore,
    bases: Vec<(u32, Bringer)>,
}

/// What one rule makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleOutcome {
    /// Whether the samples of the server hold what it makes, so that it is not derived.
    pub is_given: bool,
    /// How many series it surely makes.
    pub certain: u32,
    /// How many more it may make, depending on values.
    pub possible: u32,
    /// Whether it may make others besides.
    pub is_open: bool,
    /// What cannot be followed; places are those of the expression's text.
    pub unknown: Vec<Reason>,
    /// Why it surely fails, each time.
    pub failure: Option<Reason>,
}

impl Recorded {
    /// The series, with what brings them.
    pub(super) fn brought(&self) -> Brought<'_> {
        Brought { store: &self.store, bases: self.bases.clone() }
    }

    /// Whether there are no series.
    pub(super) fn is_empty(&self) -> bool {
        self.store.is_empty()
    }
}

/// What the rules of a server read.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) node: &'a Node,
    /// All that it stores besides.
    pub(super) store: &'a SeriesStore,
    /// The part of it that its samples brought.
    pub(super) samples: Vec<&'a SeriesStore>,
    /// What is known of what it holds besides.
    pub(super) beyond: Beyond,
}

/// What was made before, and of what.
#[derive(Debug, Default)]
pub(super) struct RecordedMemo {
    store: SeriesStore,
    rules: Vec<Arc<Parsed<RuleFile>>>,
    version: Version,
    beyond: Beyond,
    made: Arc<Recorded>,
}

impl RecordedMemo {
    /// What the rules make of what they read, and whether that is computed anew.
    pub(super) fn record(
        &mut self,
        reading: &Reading<'_>,
        seed: u64,
    ) -> Result<(Arc<Recorded>, bool), StoreFull> {
        let node = reading.node;
        let same = self.version == node.version
            && self.beyond == reading.beyond
            && self.rules.len() == node.rules.len()
            && self.rules.iter().zip(&node.rules).all(|(old, new)| Arc::ptr_eq(old, &new.rules))
            && (node.rules.is_empty() || self.store.is_same(reading.store));
        if same {
            return Ok((Arc::clone(&self.made), false));
        }
        let made = Arc::new(reading.record(seed)?);
        let changed = !(self.made.is_empty() && made.is_empty());
        *self = Self {
            // Without rules, the store need not be kept for them.
            store: if node.rules.is_empty() { SeriesStore::default() } else { reading.store.clone() },
            rules: node.rules.iter().map(|file| Arc::clone(&file.rules)).collect(),
            version: node.version,
            beyond: reading.beyond.clone(),
            made: Arc::clone(&made),
        };
        Ok((made, changed))
    }
}

impl Reading<'_> {
    fn record(&self, seed: u64) -> Result<Recorded, StoreFull> {
        let unlisted: Vec<Pattern> = self.beyond.unlisted.iter().cloned().collect();
        let slow: Vec<(Pattern, u64)> = self.beyond.slow.iter().cloned().collect();
        let version = self.node.version;
        let all: Vec<(&RuleGroup, &Rule)> =
            self.node.all_rules().map(|(_, group, rule)| (group, rule)).collect();
        let given: Vec<bool> = all.iter().map(|(group, rule)| self.is_given(group, rule)).collect();
        let derived: Vec<(&RuleGroup, &Rule)> =
            all.iter().zip(&given).filter(|(_, given)| !**given).map(|(rule, _)| *rule).collect();
        let server = Server {
            store: self.store,
            unlisted: &unlisted,
            version,
            interval_ms: self.beyond.interval_ms,
            slow: &slow,
        };
        let made = derive_rules(&derived, server);
        let mut builder = StoreBuilder::new(seed);
        let (mut rules, mut bases) = (Vec::with_capacity(all.len()), Vec::new());
        let mut also = BTreeSet::new();
        let mut made = made.into_iter();
        for (at, is_given) in given.into_iter().enumerate() {
            let rule = if is_given { None } else { made.next() };
            let Some(DerivedRule { makes, derived }) = rule else {
                rules.push(RuleOutcome { is_given, ..RuleOutcome::default() });
                continue;
            };
            if !derived.series.is_empty() {
                bases.push((builder.next_position(), Bringer::Rule(at)));
            }
            for one in &derived.series {
                let value = if one.certain { sample::unknown() } else { sample::possible() };
                builder.push(one.labels.iter(), value, None)?;
            }
            if derived.open {
                also.extend(makes);
            }
            let certain = derived.series.iter().filter(|one| one.certain).count() as u32;
            rules.push(RuleOutcome {
                is_given,
                certain,
                possible: derived.series.len() as u32 - certain,
                is_open: derived.open,
                unknown: derived.unknown,
                failure: derived.failure,
            });
        }
        let unlisted = coarse(sort::ordered_set(unlisted.into_iter().chain(also)), |pattern| pattern);
        let interval_ms = self.beyond.interval_ms;
        Ok(Recorded { rules, unlisted, interval_ms, slow, store: builder.finish(), bases })
    }

    /// Whether the samples hold series of a recording rule: then they say what it makes.
    fn is_given(&self, group: &RuleGroup, rule: &Rule) -> bool {
        if rule.is_alert() || self.samples.is_empty() {
            return false;
        }
        let named = |store: &&&SeriesStore| {
            let mut labels = store.label_names();
            labels
                .any(|(label, values)| label == METRIC_NAME && values.find(rule.name().as_bytes()).is_some())
        };
        let stores: Vec<&&SeriesStore> = self.samples.iter().filter(named).collect();
        if stores.is_empty() {
            return false;
        }
        let mut labels: LabelSet = rule.labels(group).into_iter().collect();
        labels.insert(METRIC_NAME, rule.name());
        let matchers: Option<Vec<CompiledMatcher>> = labels
            .iter()
            .map(|(name, value)| {
                let matcher = Matcher { name: name.into(), op: MatchOp::Equal, value: value.into() };
                CompiledMatcher::new(&matcher, self.node.version).ok()
            })
            .collect();
        let Some(matchers) = matchers else { return false };
        stores.iter().any(|store| store.select(&matchers).is_ok_and(|rows| !rows.is_empty()))
    }
}
