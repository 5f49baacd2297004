//! One pull: what its target would answer, and what a scrape keeps of it.

use std::sync::Arc;

use crate::exposition::{Wire, negotiate};
use crate::federation::endpoint;
use crate::federation::near_miss::{NearMisses, near_misses};
use crate::federation::outcome::{Failure, PullOutcome, Selected, selected};
use crate::federation::recorded::is_asked_for;
use crate::federation::scrape::{
    Answer, AnswerOrder, BODY_SIZE_LIMIT, Broken, ScrapeError, out_of_bounds, scrape,
};
use crate::federation::topology::{Peer, Pull};
use crate::labels::LabelSet;
use crate::series::{Bitset, CompiledMatcher, StoreFull};
use crate::workspace::{FEDERATE, Program, SampleFormat};

use super::Run;
use super::memo::{Basis, Memo, PullMemo, key};

/// The most selectors of one pull that are looked into.
const MOST_SELECTORS: usize = 32;

impl Run {
    pub(super) fn pull(&self, at: usize, memo: &mut Memo) -> Result<PullOutcome, StoreFull> {
        let pull = &self.topology.pulls[at];
        if let Some(words) = &pull.refused {
            return Ok(PullOutcome::without(pull, Failure::Scrape(words.clone())));
        }
        if self.topology.cut.binary_search(&at).is_ok() {
            let words =
                "this pull closes a cycle of servers that pull from one another; the preview is cut here";
            return Ok(PullOutcome::unknown(pull, words.to_owned()));
        }
        match pull.peer {
            Peer::Federate(source) => self.federate(pull, source, memo),
            Peer::Application(application) => self.application(pull, application, memo),
            _ => Ok(PullOutcome::without(pull, self.unanswered(pull))),
        }
    }

    /// Why nothing is known of what comes back.
    fn unanswered(&self, pull: &Pull) -> Failure {
        let address = &pull.address;
        let not_found = || Failure::Scrape("server returned HTTP status 404 Not Found".to_owned());
        match pull.peer {
            Peer::NoSuchPath(_) | Peer::OtherPath(_) => not_found(),
            Peer::OwnMetrics(node) => {
                let name = &self.workspace.nodes[node].name;
                Failure::Unknown(format!("what {name} exposes about itself is not in the workspace"))
            }
            Peer::Balancer(balancer) => {
                let name = &self.workspace.balancers[balancer].name;
                Failure::Unknown(format!(
                    "{address} is the balancer {name}: who answers behind it is not followed"
                ))
            }
            _ => Failure::Unknown(format!("nobody in the workspace is known to listen at {address}")),
        }
    }

    fn federate(&self, pull: &Pull, source: usize, memo: &mut Memo) -> Result<PullOutcome, StoreFull> {
        let node = &self.workspace.nodes[source];
        if node.program == Program::Collector {
            let words = format!("{} is an OpenTelemetry Collector, which has no `{FEDERATE}`", node.name);
            return Ok(PullOutcome::unknown(pull, words));
        }
        let Some(answering) = self.nodes.get(source).and_then(Option::as_ref) else {
            return Ok(PullOutcome::default());
        };
        if let Some(refused) = pull.selectors.iter().find_map(|selector| selector.parsed.as_ref().err()) {
            let failure = Failure::Scrape("server returned HTTP status 400 Bad Request".to_owned());
            let refusal = Some(refused.to_string());
            return Ok(PullOutcome { refusal, ..PullOutcome::without(pull, failure) });
        }
        if node.program == Program::Agent {
            let failure = Failure::Scrape("server returned HTTP status 500 Internal Server Error".to_owned());
            let refusal = Some("unsupported operation with WAL-only storage".to_owned());
            return Ok(PullOutcome { refusal, ..PullOutcome::without(pull, failure) });
        }
        let store = answering.store();
        let old = memo.pulls.remove(&key(&self.workspace, pull)).unwrap_or_default();
        let same_source = old.source.is_same(store);
        let cache = &mut memo.nodes.entry(node.name.clone()).or_default().cache;
        let mut remembered: Vec<(String, Arc<Bitset>)> = Vec::new();
        for selector in &pull.selectors {
            let known = old.selected.iter().find(|(text, _)| same_source && *text == selector.text);
            let rows = match (known, &selector.parsed) {
                (Some((_, rows)), _) => Arc::clone(rows),
                (None, Ok(matchers)) => match store.select_cached(matchers, cache) {
                    Ok(rows) => {
                        memo.evaluated += 1;
                        Arc::new(rows)
                    }
                    Err(error) => {
                        let words = "server returned HTTP status 500 Internal Server Error".to_owned();
                        let refusal = Some(error.to_string());
                        return Ok(PullOutcome {
                            refusal,
                            ..PullOutcome::without(pull, Failure::Scrape(words))
                        });
                    }
                },
                (None, Err(_)) => Arc::default(),
            };
            remembered.push((selector.text.clone(), rows));
        }
        let rows = endpoint::answered(store, remembered.iter().map(|(_, rows)| &**rows), None);
        let mut selected = selected(&remembered, &rows);
        let external_labels = node.external_labels();
        let same_basis = |old: &Basis| same_source && old.external_labels == external_labels;
        let known = if old.basis.as_ref().is_some_and(same_basis) { &*old.near } else { &[] };
        let near = misses_of(pull, &mut selected, known, |matchers| {
            near_misses(store, matchers, &external_labels, cache)
        });
        let exposed = rows.count() as u32;
        let rows = Arc::new(rows);
        let open = self.recorded[source].unlisted.iter().any(|pattern| is_asked_for(pull, pattern));
        let basis = Basis {
            rows: Arc::clone(&rows),
            external_labels,
            labels: pull.labels.clone(),
            settings: Arc::clone(&pull.settings),
            escaping: pull.escaping,
            refused: Bitset::empty(0),
            broken: None,
            open,
        };
        let mut fresh = PullMemo { run: memo.run, source: store.clone(), selected: remembered, near, ..old };
        if !same_source || fresh.basis.as_ref() != Some(&basis) {
            let frames = endpoint::printed(store, &basis.rows, &basis.external_labels, basis.escaping);
            fresh.bytes = endpoint::printed_bytes(store, &basis.rows, &basis.external_labels, basis.escaping);
            let answer = Answer {
                rows: Bitset::clone(&basis.rows),
                frames,
                order: AnswerOrder::Sorted(node.version),
                bytes: fresh.bytes,
                refused: Bitset::empty(0),
                broken: None,
                open,
            };
            match scrape(answer, &pull.labels, &pull.settings, memo.seed) {
                Ok(scraped) => fresh.scraped = Arc::new(scraped),
                Err(ScrapeError::Full(full)) => return Err(full),
                Err(beyond) => return Ok(PullOutcome::unknown(pull, beyond.to_string())),
            }
            fresh.basis = Some(basis);
        }
        let outcome = PullOutcome {
            source: store.clone(),
            exposed,
            bytes: fresh.bytes,
            answered: Some(rows),
            selected,
            failure: fresh.scraped.error.clone().map(Failure::Scrape),
            scraped: Arc::clone(&fresh.scraped),
            refusal: None,
        };
        memo.pulls.insert(key(&self.workspace, pull), fresh);
        Ok(outcome)
    }

    fn application(
        &self,
        pull: &Pull,
        application: usize,
        memo: &mut Memo,
    ) -> Result<PullOutcome, StoreFull> {
        let application = &self.workspace.applications[application];
        let version = pull.settings.version;
        let negotiated = negotiate(&application.content_type, pull.fallback, version);
        let Some(Wire::Text(format)) = negotiated.wire else {
            let words = negotiated.complaint.unwrap_or_default();
            // The body is read before its type is looked at.
            let limit = pull.settings.body_size_limit;
            let text = &self.workspace.file(application.metrics).text;
            let too_long = limit > 0 && text.as_ref().is_some_and(|text| text.len() as u64 >= limit);
            let failure = match negotiated.wire {
                None if too_long => Failure::Scrape(BODY_SIZE_LIMIT.to_owned()),
                None => Failure::Scrape(words),
                Some(_) => Failure::Unknown("protocol buffers are not read".to_owned()),
            };
            return Ok(PullOutcome::without(pull, failure));
        };
        let wanted = SampleFormat { format, version };
        let Some((_, samples)) = application.samples.iter().find(|(have, _)| *have == wanted) else {
            return Ok(PullOutcome::without(pull, self.unanswered(pull)));
        };
        let store = &samples.store;
        let old = memo.pulls.remove(&key(&self.workspace, pull)).unwrap_or_default();
        let rows = Arc::new(Bitset::full(store.len()));
        let broken = samples.failure.as_ref().map(|failure| Broken {
            rows_before: u64::from(failure.series_before),
            scraped: u64::from(failure.counted),
            words: failure.message.clone(),
        });
        let basis = Basis {
            rows,
            external_labels: LabelSet::new(),
            labels: pull.labels.clone(),
            settings: Arc::clone(&pull.settings),
            escaping: pull.escaping,
            refused: self.now.map_or_else(|| Bitset::empty(0), |now| out_of_bounds(store, now)),
            broken,
            open: false,
        };
        let same = old.source.is_same(store) && old.basis.as_ref() == Some(&basis);
        let mut fresh = PullMemo { run: memo.run, source: store.clone(), ..old };
        if !same {
            let answer = Answer {
                frames: store.frames(&basis.rows).collect(),
                rows: Bitset::clone(&basis.rows),
                order: AnswerOrder::Position,
                bytes: samples.bytes,
                refused: basis.refused.clone(),
                broken: basis.broken.clone(),
                open: false,
            };
            match scrape(answer, &pull.labels, &pull.settings, memo.seed) {
                Ok(scraped) => fresh.scraped = Arc::new(scraped),
                Err(ScrapeError::Full(full)) => return Err(full),
                Err(beyond) => return Ok(PullOutcome::unknown(pull, beyond.to_string())),
            }
            fresh.basis = Some(basis);
        }
        let outcome = PullOutcome {
            source: store.clone(),
            exposed: store.len() as u32,
            bytes: samples.bytes,
            answered: None,
            selected: Vec::new(),
            failure: fresh.scraped.error.clone().map(Failure::Scrape),
            scraped: Arc::clone(&fresh.scraped),
            refusal: None,
        };
        memo.pulls.insert(key(&self.workspace, pull), fresh);
        Ok(outcome)
    }
}

/// Fills in what comes near to those selectors of a pull that select nothing, and answers them by their text.
/// What is `known` is not computed again.
fn misses_of(
    pull: &Pull,
    selected: &mut [Selected],
    known: &[(String, Arc<NearMisses>)],
    mut compute: impl FnMut(&[CompiledMatcher]) -> Option<NearMisses>,
) -> Vec<(String, Arc<NearMisses>)> {
    let mut found: Vec<(String, Arc<NearMisses>)> = Vec::new();
    let empty = pull.selectors.iter().zip(selected).filter(|(_, selected)| selected.matched == 0);
    for (selector, selected) in empty.take(MOST_SELECTORS) {
        let Ok(matchers) = &selector.parsed else { continue };
        let old = found.iter().chain(known).find(|(text, _)| *text == selector.text);
        let near = match old {
            Some((_, near)) => Some(Arc::clone(near)),
            None => compute(matchers).map(Arc::new),
        };
        if let Some(near) = near {
            found.push((selector.text.clone(), Arc::clone(&near)));
            selected.near = Some(near);
        }
    }
    found
}
