//! One series through one pull, gate by gate.

use crate::labels::{LabelSet, METRIC_NAME};
use crate::prometheus::ScrapeConfig;
use crate::relabel::{Program, Verdict};
use crate::series::{Bitset, Frame, Row, SeriesStore};
use crate::text::{FileId, Span};
use crate::version::Version;
use crate::workspace::{FEDERATE, Node};

use super::selectors::{SelectorTrial, trials};
use super::{Fate, Gate, Hop, Passage, Stop, asked_of, remedy};
use crate::federation::node_store::{Bringer, Origin};
use crate::federation::scrape::{AS_BUILT_SINCE, BODY_SIZE_LIMIT, accept, attach};
use crate::federation::{Failure, Limit, Peer, Preview, Pull, PullOutcome, endpoint};

/// Follows the series in `row` of a pull's source through the pull. `None` where there is no such pull or
/// series, or where nobody whose series are known answers.
#[must_use]
pub fn hop(preview: &Preview, pull: usize, row: Row) -> Option<Hop> {
    let (at, pull) = (pull, preview.topology.pulls.get(pull)?);
    let outcome = preview.pulls.get(at)?;
    let (store, source) = match asked_of(pull) {
        Some(source) => (preview.nodes.get(source)?.store(), preview.workspace.nodes.get(source)),
        None => (&outcome.source, None),
    };
    if row as usize >= store.len() {
        return None;
    }
    let job = pull.scrape_config(&preview.workspace);
    let labels = store.label_set(row);
    let mut way = Way { pull, outcome, job, gates: Vec::new(), labels };
    let passed = way.request(source)
        && source.is_none_or(|source| way.federate(store, row, source))
        && way.body_size()
        && way.scrape(store, row, source);
    let fate = if passed {
        way.arrive(preview, at, store, row)
    } else if matches!(outcome.failure, Some(Failure::Unknown(_))) {
        Fate::Unknown
    } else {
        Fate::Stopped
    };
    Some(Hop { pull: at, row, gates: way.gates, fate })
}

/// A series on its way.
struct Way<'p> {
    pull: &'p Pull,
    outcome: &'p PullOutcome,
    job: Option<&'p ScrapeConfig>,
    gates: Vec<Passage>,
    /// The labels as they are by now.
    labels: LabelSet,
}

impl Way<'_> {
    fn job_place(&self) -> (FileId, Span) {
        (self.pull.job_file, self.pull.job_span)
    }

    /// Notes a gate that the series passes with the labels `after`.
    fn pass(&mut self, gate: Gate, after: LabelSet, because: String, place: Option<(FileId, Span)>) {
        let before = std::mem::replace(&mut self.labels, after.clone());
        self.gates.push(Passage { gate, passed: true, before, after, because, remedy: None, place });
    }

    /// Notes the gate that stops it. Answers `false`, as all gates do that stop it.
    fn stop(
        &mut self,
        gate: Gate,
        because: String,
        remedy: Option<String>,
        place: Option<(FileId, Span)>,
    ) -> bool {
        let (before, after) = (self.labels.clone(), self.labels.clone());
        self.gates.push(Passage { gate, passed: false, before, after, because, remedy, place });
        false
    }

    /// Whether there is an answer at all.
    fn request(&mut self, source: Option<&Node>) -> bool {
        let words = match &self.outcome.failure {
            Some(Failure::Scrape(words)) if self.outcome.scraped.error.is_none() => words,
            Some(Failure::Unknown(words)) => words,
            _ => return true,
        };
        let refused = self.pull.selectors.iter().filter(|selector| selector.parsed.is_err());
        let refused: Vec<_> = refused.filter(|_| self.outcome.refusal.is_some()).collect();
        let place = match refused.first() {
            Some(selector) => Some((selector.file, selector.span)),
            None => Some((self.pull.target_file, self.pull.target_span)),
        };
        let remedy = match (&self.pull.refused, source, self.pull.peer) {
            (Some(words), ..) => remedy::raise(words),
            (None, Some(node), Peer::NoSuchPath(_)) => {
                Some(format!("set metrics_path: {}{FEDERATE}", node.route_prefix))
            }
            _ => (!refused.is_empty()).then(|| {
                let texts: Vec<&str> = refused.iter().map(|selector| selector.text.as_str()).collect();
                let (texts, them) = (texts.join(" and "), if texts.len() == 1 { "it" } else { "them" });
                format!("correct {texts}, or leave {them} out")
            }),
        };
        let because = match &self.outcome.refusal {
            Some(refusal) => format!("{words}: {refusal}"),
            None => words.clone(),
        };
        self.stop(Gate::Request, because, remedy, place)
    }

    /// What `/federate` makes of it.
    fn federate(&mut self, store: &SeriesStore, row: Row, source: &Node) -> bool {
        let external = source.external_labels();
        let trials = trials(&self.pull.selectors, &self.labels);
        if !self.matched(trials, &external, source.version) {
            return false;
        }
        let only = Bitset::from_rows(store.len(), [row]);
        if endpoint::answered(store, [&only], None).is_empty() {
            let because = if store.metric_name(row).is_empty() {
                "/federate leaves out series without a metric name"
            } else {
                "the series has ended: its last sample is a staleness marker, which /federate leaves out"
            };
            return self.stop(Gate::Answered, because.to_owned(), None, None);
        }
        let printed = endpoint::printed(store, &only, &external, self.pull.escaping);
        let Some(frame) = printed.first() else { return false };
        let after = frame.label_set(0);
        let place = source
            .config
            .as_ref()
            .and_then(|config| {
                config
                    .global
                    .external_labels
                    .iter()
                    .find(|label| self.labels.get(&label.name.value).is_none())
            })
            .map(|label| (source.config_file, label.name.span));
        let because = if place.is_some() {
            "/federate adds the external labels that the series does not have, and instance=\"\" where nothing gives one"
        } else {
            "/federate adds instance=\"\" where nothing gives one"
        };
        self.pass(Gate::Printed, after, because.to_owned(), place);
        true
    }

    fn matched(&mut self, trials: Vec<SelectorTrial>, external: &LabelSet, version: Version) -> bool {
        let nearest = trials.iter().min_by_key(|trial| trial.distance());
        let Some(nearest) = nearest else {
            let because = "the request has no match[], so nothing is selected".to_owned();
            let (place, remedy) = (Some(self.job_place()), remedy::add_selector(&self.labels, version));
            return self.stop(Gate::Match(trials), because, remedy, place);
        };
        let selector = &self.pull.selectors[nearest.selector];
        let place = Some((selector.file, selector.span));
        if nearest.failed.is_empty() {
            let number = trials.iter().filter(|trial| trial.failed.is_empty()).count();
            let because = match number {
                1 => format!("{} selects it", selector.text),
                _ => format!("{} selects it, and {} more", selector.text, number - 1),
            };
            let labels = self.labels.clone();
            self.pass(Gate::Match(trials), labels, because, place);
            return true;
        }
        let reasons: Vec<String> = nearest.failed.iter().map(super::FailedMatcher::because).collect();
        let because =
            format!("no selector selects it; the nearest is {}, where {}", selector.text, reasons.join("; "));
        let matchers = selector.parsed.as_ref().map_or(0, Vec::len);
        let remedy = remedy::widen_selector(nearest, matchers, &self.labels, external, version);
        self.stop(Gate::Match(trials), because, remedy, place)
    }

    fn body_size(&mut self) -> bool {
        if self.outcome.scraped.error.as_deref() != Some(BODY_SIZE_LIMIT) {
            return true;
        }
        let (limit, bytes) = (self.pull.settings.body_size_limit, self.outcome.bytes);
        let because = format!("{BODY_SIZE_LIMIT}: the answer has {bytes} bytes, and the limit is {limit}");
        let remedy = format!("raise body_size_limit over {bytes} bytes");
        let place = Some(self.job_place());
        self.stop(Gate::BodySize, because, Some(remedy), place)
    }

    /// What the puller makes of the sample.
    fn scrape(&mut self, store: &SeriesStore, row: Row, source: Option<&Node>) -> bool {
        let settings = &self.pull.settings;
        let only = Bitset::from_rows(store.len(), [row]);
        let frames: Vec<Frame> = match source {
            Some(node) => endpoint::printed(store, &only, &node.external_labels(), self.pull.escaping),
            None => store.frames(&only).collect(),
        };
        let Some(mut frame) = frames.into_iter().next() else { return false };
        let added = attach(&mut frame, &self.pull.labels, settings);
        let because = if settings.honor_labels {
            "with honor_labels, the target's labels are added where the series does not have them"
        } else {
            "without honor_labels, the target's labels win, and those of the series move to exported_…"
        };
        let place = Some(self.job_place());
        self.pass(Gate::TargetLabels, frame.label_set(0), because.to_owned(), place);
        if !self.relabel(&added) {
            return false;
        }
        let mut left = self.labels.clone();
        left.retain(|_, value| !value.is_empty());
        match self.gates.last_mut() {
            // A gate that does nothing does not do this either.
            Some(last) if last.before == last.after && left != self.labels => {
                let because = "a label without a value is the same as no label".to_owned();
                self.pass(Gate::Emptied, left, because, None);
            }
            Some(last) => last.after.clone_from(&left),
            None => {}
        }
        self.labels.retain(|_, value| !value.is_empty());
        if self.labels.is_empty() {
            let because = "no label is left, and what has none is dropped".to_owned();
            return self.stop_after_rules(Gate::Labelled, because, None, |labels| {
                labels.iter().any(|(_, value)| !value.is_empty())
            });
        }
        if let Err(words) = accept(&self.labels, settings) {
            let limited = remedy::raise(&words).is_some();
            let remedy = remedy::higher_limits(&self.labels, settings).filter(|_| limited);
            // Limits have a remedy of their own: what is asked here is whether the names were sound.
            let fine = |labels: &LabelSet| {
                accept(labels, settings).err().is_none_or(|it| remedy::raise(&it).is_some())
            };
            return self.stop_after_rules(Gate::Accepted, words, remedy, fine);
        }
        if let Some(words) = &self.outcome.scraped.error {
            let because = format!("the whole scrape fails, and with it this series: {words}");
            let left = self.outcome.scraped.samples_post_metric_relabeling;
            let limit = settings.sample_limit;
            let remedy = if words == Limit::Samples.words() {
                Some(format!(
                    "raise sample_limit from {limit} to at least {left}, or select or keep fewer series"
                ))
            } else {
                remedy::raise(words)
            };
            let place = Some(self.job_place());
            return self.stop(Gate::Scrape, because, remedy, place);
        }
        true
    }

    /// Stops it for labels that some rule has brought about, where they were `fine` before it: the rule is named
    /// then, and leaving it out is the remedy where there is no other.
    fn stop_after_rules(
        &mut self,
        gate: Gate,
        because: String,
        remedy: Option<String>,
        fine: impl Fn(&LabelSet) -> bool,
    ) -> bool {
        let mut place = Some(self.job_place());
        let mut remedy = remedy;
        let guilty = self.gates.iter().rposition(|passage| fine(&passage.before));
        if let Some(Passage { gate: Gate::Rule(rule), place: at, .. }) =
            guilty.and_then(|at| self.gates.get(at)).filter(|_| remedy.is_none())
        {
            remedy = Some(format!("leave rule {} of metric_relabel_configs out", rule + 1));
            place = *at;
        }
        self.stop(gate, because, remedy, place)
    }

    fn relabel(&mut self, added: &[String]) -> bool {
        let settings = &self.pull.settings;
        let configs = &settings.metric_relabel_configs;
        let Ok(rules) = Program::compile(configs, settings.version, settings.name_validation) else {
            return self.stop(Gate::Request, "a relabelling rule is refused".to_owned(), None, None);
        };
        let as_built = settings.version >= AS_BUILT_SINCE;
        let added: Vec<&str> = added.iter().filter(|_| as_built).map(String::as_str).collect();
        for step in rules.explain_after(&self.labels, &added) {
            let span = self.job.and_then(|job| job.metric_relabel_configs.get(step.rule));
            let place = span.map(|rule| (self.pull.job_file, rule.span));
            let gate = Gate::Rule(step.rule);
            if step.verdict == Verdict::Dropped {
                let joined = step.joined.as_deref().unwrap_or("");
                let remedy = configs.get(step.rule).map(|rule| remedy::keep_by_rule(rule, step.rule, joined));
                return self.stop(gate, step.because, remedy, place);
            }
            self.pass(gate, step.after, step.because, place);
        }
        true
    }

    /// Where it is stored.
    fn arrive(&mut self, preview: &Preview, at: usize, store: &SeriesStore, row: Row) -> Fate {
        let origin = Origin { bringer: Bringer::Pull(at), position: store.position(row) };
        let node = preview.nodes.get(self.pull.node);
        let found = node.and_then(|node| Some((node, node.row_of(origin)?)));
        let Some((node, row)) = found else {
            let name = self.labels.value(METRIC_NAME).to_owned();
            let because = format!(
                "the timestamp of {name} is too far from the present, and storage drops it in silence"
            );
            let place = Some(self.job_place());
            self.stop(Gate::Time, because, Some("set honor_timestamps: false".to_owned()), place);
            return Fate::Stopped;
        };
        let shared_with = node.origins(row).filter(|other| *other != origin).collect();
        Fate::Stored { stop: Stop { node: self.pull.node, row }, labels: self.labels.clone(), shared_with }
    }
}
