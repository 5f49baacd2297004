//! The whole graph: every pull in the order of the tiers, every node's series.
//!
//! [`Run`] goes through it in steps, so that whoever drives it can stop between them. What a step computes is
//! kept in a [`Memo`] with what it was computed from; the next run takes what rests on the same.

use std::collections::HashMap;
use std::sync::Arc;

use crate::exposition::{Wire, negotiate};
use crate::labels::LabelSet;
use crate::series::{Bitset, MatchCache, SeriesStore, StoreBuilder, StoreFull};
use crate::text::FileId;
use crate::workspace::{SampleFormat, Samples, Workspace};

use super::expected::Expected;
use super::near_miss::{NearMisses, misses_of, near_misses};
use super::node_store::{Bringer, Brought, NodeStore};
use super::outcome::{Failure, PullOutcome, selected};
use super::recorded::{Beyond, Reading, Recorded, RecordedMemo, Rewriting, is_asked_for};
use super::report::{ReportValues, report_labels, report_values};
use super::scrape::{
    Answer, AnswerOrder, BODY_SIZE_LIMIT, Broken, ScrapeError, ScrapeSettings, Scraped, out_of_bounds, scrape,
};
use super::stored::{Stored, stored};
use super::topology::{Peer, Pull, Topology};
use super::{Ambiguous, Escaping, endpoint};

/// The series of every node, and how they came there.
#[derive(Clone, Debug)]
pub struct Preview {
    /// What it was made of.
    pub workspace: Arc<Workspace>,
    /// Who pulls from whom.
    pub topology: Arc<Topology>,
    /// What each pull of the topology brings.
    pub pulls: Vec<PullOutcome>,
    /// What each node of the workspace stores.
    pub nodes: Vec<Arc<NodeStore>>,
    /// What the rules of each node make, and what it may hold besides what is listed.
    pub recorded: Vec<Arc<Recorded>>,
    /// What the selectors of the manifest's expectations select on each node.
    pub expected: Vec<Expected>,
    /// What the samples of each node could not tell: which node, which file, which label.
    pub ambiguous: Vec<(usize, FileId, Ambiguous)>,
}

impl Preview {
    /// Computes the preview of a workspace at once. `now`, in milliseconds since 1970, is when applications
    /// are scraped; without it, every timestamp that they expose is taken for a present one.
    ///
    /// # Errors
    /// When a node would store more than stores may hold.
    pub fn compute(workspace: Arc<Workspace>, now: Option<i64>, memo: &mut Memo) -> Result<Self, StoreFull> {
        let mut run = Run::new(workspace, now, memo);
        while run.step(memo)? {}
        Ok(run.finish(memo))
    }

    /// Whether a selector of a pull may bring series that are not listed: of targets of which nothing is known,
    /// alerts, or of rules that are not followed wholly.
    #[must_use]
    pub fn may_bring_more(&self, pull: usize, selector: usize) -> bool {
        let Some(pull) = self.topology.pulls.get(pull) else { return false };
        let Peer::Federate(source) = pull.peer else { return false };
        let matchers = pull.selectors.get(selector).and_then(|selector| selector.parsed.as_ref().ok());
        let unlisted = self.recorded.get(source).map_or(&[][..], |recorded| &recorded.unlisted);
        matchers.is_some_and(|matchers| unlisted.iter().any(|pattern| pattern.may_match(matchers)))
    }
}

/// What was computed before, and from what.
#[derive(Debug, Default)]
pub struct Memo {
    seed: u64,
    run: u64,
    evaluated: u64,
    nodes: HashMap<String, NodeMemo>,
    pulls: HashMap<PullKey, PullMemo>,
}

/// A pull from one run to the next: the node, the job, the target's labels and what it is asked.
type PullKey = (String, String, LabelSet, String, String);

#[derive(Debug, Default)]
struct NodeMemo {
    run: u64,
    samples: Vec<(Arc<Samples>, LabelSet, Arc<Stored>)>,
    parts: Vec<(Bringer, SeriesStore)>,
    /// What was reported on the pulls of this topology.
    reported: Vec<Reported>,
    topology: Arc<Topology>,
    /// The series of what is reported.
    reports: SeriesStore,
    /// All but what rules make.
    base: Arc<NodeStore>,
    recorded: RecordedMemo,
    store: Arc<NodeStore>,
    cache: MatchCache,
    expected: Expected,
}

#[derive(Debug, Default)]
struct PullMemo {
    run: u64,
    source: SeriesStore,
    /// What each selector selected in the source, by its text.
    selected: Vec<(String, Arc<Bitset>)>,
    /// What comes near for those that select nothing, by their text.
    near: Vec<(String, Arc<NearMisses>)>,
    basis: Option<Basis>,
    scraped: Arc<Scraped>,
    bytes: u64,
}

/// What a server stores about a pull.
#[derive(Clone, Debug, PartialEq)]
struct Reported {
    pull: usize,
    values: ReportValues,
}

/// All that a scrape's outcome depends on, the source's series aside.
#[derive(Debug, PartialEq)]
struct Basis {
    rows: Arc<Bitset>,
    external_labels: LabelSet,
    labels: LabelSet,
    settings: Arc<ScrapeSettings>,
    escaping: Escaping,
    refused: Bitset,
    broken: Option<Broken>,
    open: bool,
}

/// One way through the graph, step by step.
#[derive(Debug)]
pub struct Run {
    workspace: Arc<Workspace>,
    topology: Arc<Topology>,
    pulls: Vec<PullOutcome>,
    nodes: Vec<Option<Arc<NodeStore>>>,
    recorded: Vec<Arc<Recorded>>,
    /// The pulls of each node.
    pulls_of: Vec<Vec<usize>>,
    ambiguous: Vec<(usize, FileId, Ambiguous)>,
    now: Option<i64>,
    /// What is left to do, the next last.
    work: Vec<Work>,
}

#[derive(Clone, Copy, Debug)]
enum Work {
    Pull(usize),
    Node(usize),
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
    fn brought(&self) -> Vec<Brought<'_>> {
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

impl Run {
    /// Finds out who pulls from whom; nothing is computed yet. `now` is as in [`Preview::compute`].
    #[must_use]
    pub fn new(workspace: Arc<Workspace>, now: Option<i64>, memo: &mut Memo) -> Self {
        memo.run += 1;
        let topology = Arc::new(Topology::new(&workspace));
        let mut pulls_of = vec![Vec::new(); workspace.nodes.len()];
        for (at, pull) in topology.pulls.iter().enumerate() {
            pulls_of[pull.node].push(at);
        }
        let mut work = Vec::new();
        for &node in topology.heights.order.iter().filter(|&&node| node < workspace.nodes.len()) {
            work.extend(pulls_of[node].iter().copied().map(Work::Pull));
            work.push(Work::Node(node));
        }
        work.reverse();
        Self {
            pulls: vec![PullOutcome::default(); topology.pulls.len()],
            nodes: vec![None; workspace.nodes.len()],
            recorded: vec![Arc::default(); workspace.nodes.len()],
            pulls_of,
            ambiguous: Vec::new(),
            now,
            workspace,
            topology,
            work,
        }
    }

    /// What the preview is made of.
    #[must_use]
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// Does the next piece of work: one pull, or one node. Says whether there is more.
    ///
    /// # Errors
    /// When a node would store more than stores may hold.
    pub fn step(&mut self, memo: &mut Memo) -> Result<bool, StoreFull> {
        match self.work.pop() {
            Some(Work::Pull(at)) => self.pulls[at] = self.pull(at, memo)?,
            Some(Work::Node(at)) => self.nodes[at] = Some(self.node(at, memo)?),
            None => {}
        }
        Ok(!self.work.is_empty())
    }

    /// The preview, once no work is left. What the memo holds of other workspaces is forgotten.
    #[must_use]
    pub fn finish(self, memo: &mut Memo) -> Preview {
        let run = memo.run;
        memo.nodes.retain(|_, node| node.run == run);
        memo.pulls.retain(|_, pull| pull.run == run);
        let nodes: Vec<Arc<NodeStore>> = self.nodes.into_iter().map(Option::unwrap_or_default).collect();
        let mut expected = Vec::with_capacity(nodes.len());
        for (at, (node, stored)) in self.workspace.nodes.iter().zip(&nodes).enumerate() {
            let old = memo.nodes.entry(node.name.clone()).or_default();
            old.expected.update((&self.workspace, &self.topology, at), stored.store(), &mut old.cache);
            expected.push(old.expected.clone());
        }
        Preview {
            workspace: self.workspace,
            topology: self.topology,
            pulls: self.pulls,
            nodes,
            expected,
            recorded: self.recorded,
            ambiguous: self.ambiguous,
        }
    }

    fn pull(&self, at: usize, memo: &mut Memo) -> Result<PullOutcome, StoreFull> {
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
        let Some(answering) = self.nodes.get(source).and_then(Option::as_ref) else {
            return Ok(PullOutcome::default());
        };
        let node = &self.workspace.nodes[source];
        if let Some(refused) = pull.selectors.iter().find_map(|selector| selector.parsed.as_ref().err()) {
            let failure = Failure::Scrape("server returned HTTP status 400 Bad Request".to_owned());
            let refusal = Some(refused.to_string());
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
        let external_labels = node
            .config
            .as_ref()
            .map(|config| config.global.effective(node.version).external_labels)
            .unwrap_or_default();
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

    /// What a node stores: its samples, what its pulls keep, what it reports about them, and what its rules make.
    fn node(&mut self, at: usize, memo: &mut Memo) -> Result<Arc<NodeStore>, StoreFull> {
        let workspace = Arc::clone(&self.workspace);
        let node = &workspace.nodes[at];
        let seed = memo.seed;
        let external_labels = node
            .config
            .as_ref()
            .map(|config| config.global.effective(node.version).external_labels)
            .unwrap_or_default();
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
        let own_pulls = &self.pulls_of[at];
        for &pull in own_pulls {
            let kept = &self.pulls[pull].scraped.kept;
            if !kept.is_empty() {
                parts.push((Bringer::Pull(pull), kept.clone()));
            }
        }
        let reported: Vec<Reported> = own_pulls.iter().map(|&pull| self.report(pull)).collect();
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
        for &pull in &self.pulls_of[at] {
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

fn key(workspace: &Workspace, pull: &Pull) -> PullKey {
    let node = workspace.nodes[pull.node].name.clone();
    (node, pull.job.clone(), pull.labels.clone(), pull.address.clone(), pull.path.clone())
}
