//! One node: what it stores of all that its samples, pulls and rules bring.

use std::sync::Arc;

use crate::federation::node_store::{Bringer, NodeStore};
use crate::federation::outcome::Failure;
use crate::federation::recorded::{Beyond, Reading, Rewriting};
use crate::federation::report::{ReportValues, report_labels, report_values};
use crate::federation::stored::stored;
use crate::federation::topology::{Peer, Topology};
use crate::series::{SeriesStore, StoreBuilder, StoreFull};

use super::Run;
use super::memo::{Memo, Reported};

impl Run {
    /// What a node stores: its samples, what its pulls keep, what it reports about them, and what its rules make.
    pub(super) fn node(&mut self, at: usize, memo: &mut Memo) -> Result<Arc<NodeStore>, StoreFull> {
        let workspace = Arc::clone(&self.workspace);
        let node = &workspace.nodes[at];
        let seed = memo.seed;
        let external_labels = node.external_labels();
        let old = memo.nodes.entry(node.name.clone()).or_default();
        old.run = memo.run;
        let mut samples_read = Vec::new();
        let mut parts: Vec<(Bringer, SeriesStore)> = Vec::new();
        for &file in &node.samples {
            let Some(samples) = &workspace.file(file).samples else { continue };
            let known = old
                .samples
                .iter()
                .find(|(have, labels, _)| Arc::ptr_eq(have, samples) && *labels == external_labels);
            let own = match known {
                Some((_, _, own)) => Arc::clone(own),
                None => Arc::new(stored(&samples.store, &external_labels, seed)?),
            };
            self.ambiguous.extend(own.ambiguous.iter().map(|ambiguous| (at, file, ambiguous.clone())));
            parts.push((Bringer::Samples(file), own.store.clone()));
            samples_read.push((Arc::clone(samples), external_labels.clone(), own));
        }
        old.samples = samples_read;
        let own_pulls = self.topology.pulls_of(at);
        for pull in own_pulls.clone() {
            let kept = &self.pulls[pull].scraped.kept;
            if !kept.is_empty() {
                parts.push((Bringer::Pull(pull), kept.clone()));
            }
        }
        let reported: Vec<Reported> = own_pulls.map(|pull| self.report(pull)).collect();
        let same_labels = |old_pull: usize, pull: usize| {
            old.topology.pulls.get(old_pull).map(|pull| &pull.labels)
                == Some(&self.topology.pulls[pull].labels)
        };
        let same_reports = old.reported.len() == reported.len()
            && old.reported.iter().zip(&reported).all(|(a, b)| a == b && same_labels(a.pull, b.pull));
        if !same_reports {
            old.reports = reports(&self.topology, &reported, seed)?;
        }
        let same = old.parts.len() == parts.len()
            && old.parts.iter().zip(&parts).all(|(a, b)| a.0 == b.0 && a.1.is_same(&b.1))
            && same_reports;
        old.reported = reported;
        old.topology = Arc::clone(&self.topology);
        let at_once = |bringer| match bringer {
            Bringer::Pull(pull) => !matches!(self.topology.pulls[pull].peer, Peer::Federate(_)),
            Bringer::Samples(_) | Bringer::Report(_) | Bringer::Rule(_) => true,
        };
        if !same {
            old.parts = parts;
            old.base = Arc::new(NodeStore::merge_parts(&old.brought(), at_once, seed)?);
        }
        let is_samples = |by: &Bringer| matches!(by, Bringer::Samples(_));
        let reading = Reading {
            node,
            store: old.base.store(),
            samples: old.parts.iter().filter(|(by, _)| is_samples(by)).map(|(_, store)| store).collect(),
            beyond: self.beyond(at),
        };
        let (recorded, changed) = old.recorded.record(&reading, seed)?;
        if recorded.is_empty() {
            old.store = Arc::clone(&old.base);
        } else if changed || !same {
            let mut brought = old.brought();
            brought.push(recorded.brought());
            old.store = Arc::new(NodeStore::merge_parts(&brought, at_once, seed)?);
        }
        let store = Arc::clone(&old.store);
        self.recorded[at] = recorded;
        Ok(store)
    }

    /// What is known of the series of a node that are not listed, those of its rules aside.
    fn beyond(&self, at: usize) -> Beyond {
        let node = &self.workspace.nodes[at];
        let mut beyond = Beyond::new(node);
        // Samples are all that a server scrapes; without any, what is not known may be there.
        let has_samples = !node.samples.is_empty();
        if !has_samples && self.topology.unknown.iter().any(|unknown| unknown.0 == at) {
            beyond.anything();
        }
        let mut rewriting = Rewriting::default();
        for pull in self.topology.pulls_of(at) {
            let (pull, outcome) = (&self.topology.pulls[pull], &self.pulls[pull]);
            beyond.pulled(pull);
            match (&outcome.failure, pull.peer) {
                (Some(Failure::Unknown(_)), _) if !has_samples => beyond.unknown(pull),
                (None, Peer::Federate(source)) => {
                    beyond.federated(pull, &self.recorded[source], &mut rewriting);
                }
                _ => {}
            }
        }
        beyond.settled()
    }

    /// What a server stores about a pull.
    fn report(&self, at: usize) -> Reported {
        let (pull, outcome) = (&self.topology.pulls[at], &self.pulls[at]);
        // A label without a name, as `labelmap` can make one, is taken for a repeated one since labels are kept
        // as one string (`labels_stringlabels.go`, `HasDuplicateLabelNames`), and the report is refused.
        let nameless = pull.labels.iter().next().is_some_and(|(name, _)| name.is_empty());
        let refused = pull.settings.version.is_v3() && nameless;
        let values = if refused { ReportValues::new() } else { report_values(pull, outcome) };
        Reported { pull: at, values }
    }
}

/// The series that a server stores about its pulls, in their order: `scrape/scrape.go`, `scrapeLoop.report`. They
/// have the target's labels alone; neither relabelling nor limits touch them.
fn reports(topology: &Topology, reported: &[Reported], seed: u64) -> Result<SeriesStore, StoreFull> {
    let mut builder = StoreBuilder::new(seed);
    for Reported { pull, values } in reported.iter().filter(|reported| !reported.values.is_empty()) {
        let values = values.iter().map(|&(name, bits)| (name, f64::from_bits(bits)));
        builder.push_named(values, report_labels(&topology.pulls[*pull].labels))?;
    }
    Ok(builder.finish())
}
