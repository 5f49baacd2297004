//! One series through one pull, gate by gate.

use crate::labels::{LabelSet, METRIC_NAME};
use crate::prometheus::ScrapeConfig;
use crate::relabel::{Program, Verdict};
use crate::series::{Bitset, Frame, Row, SeriesStore};
use crate::text::{FileId, Span, quote};
use crate::workspace::Node;

use super::selectors::{SelectorTrial, trials};
use super::{Fate, Gate, Hop, Passage, Stop};
use crate::federation::node_store::{Bringer, Origin};
use crate::federation::scrape::{AS_BUILT_SINCE, BODY_SIZE_LIMIT, accept, attach};
use crate::federation::{Failure, Peer, Preview, Pull, PullOutcome, endpoint};

/// Follows the series in `row` of a pull's source through the pull. `None` where there is no such pull or
/// series, or where nobody whose series are known answers.
#[must_use]
pub fn hop(preview: &Preview, pull: usize, row: Row) -> Option<Hop> {
    let (at, pull) = (pull, preview.topology.pulls.get(pull)?);
    let outcome = preview.pulls.get(at)?;
    let (store, source) = match pull.peer {
        Peer::Federate(source) => (preview.nodes.get(source)?.store(), preview.workspace.nodes.get(source)),
        _ => (&outcome.source, None),
    };
    if row as usize >= store.len() {
        return None;
    }
    let puller = preview.workspace.nodes.get(pull.node)?;
    let job = puller.config.as_ref().and_then(|config| {
        config.scrape_configs.iter().find(|job| job.name() == pull.job && job.name_span() == pull.job_span)
    });
    let labels = store.label_set(row);
    let mut way = Way { pull, outcome, job, gates: Vec::new(), labels };
    let passed = way.request()
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
    fn request(&mut self) -> bool {
        let words = match &self.outcome.failure {
            Some(Failure::Scrape(words)) if self.outcome.scraped.error.is_none() => words,
            Some(Failure::Unknown(words)) => words,
            _ => return true,
        };
        let refused = self.pull.selectors.iter().find(|selector| selector.parsed.is_err());
        let place = match refused.filter(|_| self.outcome.refusal.is_some()) {
            Some(selector) => Some((selector.file, selector.span)),
            None => Some((self.pull.target_file, self.pull.target_span)),
        };
        let because = match &self.outcome.refusal {
            Some(refusal) => format!("{words}: {refusal}"),
            None => words.clone(),
        };
        self.stop(Gate::Request, because, None, place)
    }

    /// What `/federate` makes of it.
    fn federate(&mut self, store: &SeriesStore, row: Row, source: &Node) -> bool {
        let external = source.external_labels();
        let trials = trials(&self.pull.selectors, &self.labels);
        if !self.matched(trials, &external) {
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

    fn matched(&mut self, trials: Vec<SelectorTrial>, external: &LabelSet) -> bool {
        let nearest = trials.iter().min_by_key(|trial| trial.distance());
        let Some(nearest) = nearest else {
            let because = "the request has no match[], so nothing is selected".to_owned();
            let place = Some(self.job_place());
            return self.stop(Gate::Match(trials), because, None, place);
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
        let remedies = nearest.failed.iter().map(|failed| {
            let name = std::str::from_utf8(&failed.matcher.name).unwrap_or("");
            failed.remedy(external.get(name))
        });
        let remedy = remedies.collect::<Vec<_>>().join("; ");
        self.stop(Gate::Match(trials), because, Some(remedy), place)
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
        // Labels without a value are not stored, whatever gate leaves them so.
        self.labels.retain(|_, value| !value.is_empty());
        if let Some(last) = self.gates.last_mut() {
            last.after = self.labels.clone();
        }
        if self.labels.is_empty() {
            let because = "no label is left, and what has none is dropped".to_owned();
            let place = Some(self.job_place());
            return self.stop(Gate::Labelled, because, None, place);
        }
        if let Err(words) = accept(&self.labels, settings) {
            let (place, remedy) = (Some(self.job_place()), self.higher_limit());
            return self.stop(Gate::Accepted, words, remedy, place);
        }
        if let Some(words) = &self.outcome.scraped.error {
            let because = format!("the whole scrape fails, and with it this series: {words}");
            let left = self.outcome.scraped.samples_post_metric_relabeling;
            let limit = settings.sample_limit;
            let remedy = (words == "sample limit exceeded").then(|| {
                format!("raise sample_limit from {limit} to at least {left}, or select or keep fewer series")
            });
            let place = Some(self.job_place());
            return self.stop(Gate::Scrape, because, remedy, place);
        }
        true
    }

    /// The limits that would let the labels through, where limits on labels stop them.
    fn higher_limit(&self) -> Option<String> {
        let settings = &self.pull.settings;
        let longest = |length: fn((&str, &str)) -> usize| self.labels.iter().map(length).max().unwrap_or(0);
        let limits = [
            ("label_limit", settings.label_limit, self.labels.len()),
            ("label_name_length_limit", settings.label_name_length_limit, longest(|(name, _)| name.len())),
            (
                "label_value_length_limit",
                settings.label_value_length_limit,
                longest(|(_, value)| value.len()),
            ),
        ];
        let raise = limits
            .iter()
            .filter(|(_, limit, needed)| *limit > 0 && *needed as u64 > *limit)
            .map(|(key, limit, needed)| format!("raise {key} from {limit} to at least {needed}"))
            .collect::<Vec<_>>();
        (!raise.is_empty()).then(|| raise.join("; "))
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
                let remedy = format!(
                    "let rule {} of metric_relabel_configs keep {}",
                    step.rule + 1,
                    quote(joined.as_bytes())
                );
                return self.stop(gate, step.because, Some(remedy), place);
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
