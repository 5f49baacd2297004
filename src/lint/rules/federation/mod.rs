//! Rules about jobs that federate.

mod aged_samples;
mod balanced_target;
mod broken_histograms;
mod collector_resource;
mod colliding_series;
mod contained_selector;
mod cycle;
mod default_timeout;
mod doubled_series;
mod dropped_distinction;
mod empty_selector;
mod encoded_selector;
mod exceeded_limit;
mod external_label_matcher;
mod honor_labels;
mod ignored_target_label;
mod ignored_timestamps;
mod late_absence;
mod long_interval;
mod long_request;
mod missing_job;
mod mixed_buckets;
mod native_histograms;
mod no_selector;
mod overlapping_jobs;
mod policy_in_name;
mod query_api;
mod rate_range;
mod raw_buckets;
mod raw_series;
mod refused_selector;
mod route_prefix;
mod short_interval;
mod unbounded_selector;
mod unmatched_selector;
mod unprotected_request;
mod without_storage;

use crate::federation::{Failure, Peer, Preview, Pull, PullOutcome, PullSelector};
use crate::lint::Found;
use crate::prometheus::EffectiveScrapeConfig;
use crate::sort;
use crate::text::{FileId, Span, TextEdit};
use crate::units::Duration;
use crate::workspace::{FEDERATE, Finding, Program};
use crate::yaml::Spanned;

/// The rules that look at one job after another, in the order of their codes.
pub(in crate::lint) const JOB_RULES: &[fn(&FederationJob<'_>, &mut Found)] = &[
    broken_histograms::check,
    collector_resource::check,
    contained_selector::check,
    default_timeout::check,
    empty_selector::check,
    encoded_selector::check,
    exceeded_limit::check,
    external_label_matcher::check,
    honor_labels::check,
    ignored_target_label::check,
    ignored_timestamps::check,
    long_interval::check,
    long_request::check,
    missing_job::check,
    native_histograms::check,
    no_selector::check,
    refused_selector::check,
    short_interval::check,
    unbounded_selector::check,
    unprotected_request::check,
    // Behind the others, since they say nothing of a selector of which another says what is wrong.
    raw_series::check,
    unmatched_selector::check,
];

/// The rules that look at all nodes at once, in the order of their codes.
pub(in crate::lint) const WORKSPACE_RULES: &[fn(&Preview, &mut Found)] = &[
    aged_samples::check,
    balanced_target::check,
    colliding_series::check,
    cycle::check,
    doubled_series::check,
    late_absence::check,
    mixed_buckets::check,
    overlapping_jobs::check,
    policy_in_name::check,
    query_api::check,
    rate_range::check,
    raw_buckets::check,
    route_prefix::check,
    without_storage::check,
];

/// A job that asks `/federate`.
pub(in crate::lint) struct FederationJob<'p> {
    preview: &'p Preview,
    /// The node whose job it is.
    node: usize,
    /// The file in which it is written.
    file: FileId,
    config: EffectiveScrapeConfig<'p>,
    /// Its pulls that federate, with what they bring; none where its targets are not known.
    pulls: Vec<(&'p Pull, &'p PullOutcome)>,
    /// Whether all is known that the servers store which it asks: see [`known`].
    knows_sources: bool,
}

/// A selector where it is written, and the pulls that send it, each with the selector's place among theirs.
struct Written<'p> {
    selector: &'p PullSelector,
    sent: Vec<(&'p Pull, &'p PullOutcome, usize)>,
}

impl<'p> FederationJob<'p> {
    /// The selectors of the job, each once, in the order of its pulls.
    fn selectors(&self) -> Vec<Written<'p>> {
        let mut all: Vec<Written<'p>> = Vec::new();
        for &(pull, outcome) in &self.pulls {
            for (at, selector) in pull.selectors.iter().enumerate() {
                let same = |have: &&mut Written<'_>| {
                    let have = have.selector;
                    (have.file, have.span, &have.text) == (selector.file, selector.span, &selector.text)
                };
                match all.iter_mut().find(same) {
                    Some(have) => have.sent.push((pull, outcome, at)),
                    None => all.push(Written { selector, sent: vec![(pull, outcome, at)] }),
                }
            }
        }
        all
    }

    /// The place that says how often the job asks: its own interval or the global one; its name without either.
    fn interval_place(&self) -> (FileId, Span) {
        let place = |written: &Option<Spanned<Duration>>| {
            written.as_ref().filter(|written| !written.value.is_zero()).map(|written| written.span)
        };
        if let Some(span) = place(&self.config.source.scrape_interval) {
            return (self.file, span);
        }
        let node = self.preview.workspace.nodes.get(self.node);
        let inherited = node.and_then(|node| {
            let global = &node.config.as_ref()?.global;
            Some((node.config_file, place(&global.scrape_interval)?))
        });
        inherited.unwrap_or((self.file, self.config.source.name_span()))
    }
}

/// Whether what a node pulls is stored as Prometheus stores it, here or where an agent sends it. What becomes of
/// it behind an OpenTelemetry Collector is not known: whether samples out of order are dropped, for how long
/// queries look back.
fn stores(preview: &Preview, node: usize) -> bool {
    preview.workspace.nodes.get(node).is_none_or(|node| node.program != Program::Collector)
}

/// The edit that writes another selector, where the one that is there is written as it is or in single quotes.
fn rewritten(preview: &Preview, selector: &PullSelector, new: &str) -> Option<TextEdit> {
    let file = preview.workspace.file(selector.file);
    let text = file.text.as_deref().filter(|_| !file.from_last_valid)?;
    let (place, old) = (selector.span, selector.text.as_str());
    let written = text.get(place.start as usize..place.end as usize)?;
    let quoted = written.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let fits = quoted == Some(old) && !new.contains('\'') || written == old && plain(new);
    let span = if quoted.is_some() { Span::new(place.start + 1, place.end - 1) } else { place };
    fits.then(|| TextEdit { span, text: new.to_owned() })
}

/// Of each node whether all that it stores is known: samples of it are in the workspace, or all that its
/// targets answer is known. What its rules record is left aside.
fn known(preview: &Preview) -> Vec<bool> {
    let nodes = &preview.workspace.nodes;
    let mut known = vec![false; nodes.len()];
    for &at in &preview.topology.heights.order {
        let Some(node) = nodes.get(at) else { continue };
        let has_samples = node.samples.iter().any(|&file| {
            let samples = &preview.workspace.file(file).samples;
            samples.as_ref().is_some_and(|samples| !samples.store.is_empty())
        });
        let own = preview.topology.pulls_of(at);
        let mut pulls = preview.topology.pulls[own.clone()].iter().zip(&preview.pulls[own]);
        let is_known = |(pull, outcome): (&Pull, &PullOutcome)| match (pull.peer, &outcome.failure) {
            (_, Some(Failure::Unknown(_))) => false,
            (Peer::Federate(source), _) => known.get(source).copied().unwrap_or(false),
            _ => true,
        };
        let unknown_targets = preview.topology.unknown.iter().any(|(node, ..)| *node == at);
        let value = has_samples || (node.config.is_some() && !unknown_targets && pulls.all(is_known));
        known[at] = value;
    }
    known
}

/// The jobs of all nodes that certainly federate.
pub(in crate::lint) fn jobs(preview: &Preview) -> Vec<FederationJob<'_>> {
    let mut found = Vec::new();
    let known = known(preview);
    let (all, outcomes) = (&preview.topology.pulls, &preview.pulls);
    for (at, node) in preview.workspace.nodes.iter().enumerate() {
        let Some(config) = &node.config else { continue };
        for (job_at, (scrape, job)) in config.scrape_configs.iter().zip(&node.jobs).enumerate() {
            let asks = scrape.metrics_path.as_ref().is_some_and(|path| path.value.ends_with(FEDERATE));
            let own = preview.topology.pulls_of_job(at, job_at);
            let mut pulls: Vec<_> = all[own.clone()].iter().zip(&outcomes[own]).collect();
            let targets_known = !pulls.is_empty();
            pulls.retain(|(pull, _)| pull.federates);
            let federates =
                if targets_known { !pulls.is_empty() } else { asks && scrape.relabel_configs.is_empty() };
            if federates {
                let config = scrape.effective(&config.global, node.version);
                let knows = |&(pull, outcome): &(&Pull, &PullOutcome)| match pull.peer {
                    Peer::Federate(source) => outcome.failure.is_none() && known[source],
                    _ => false,
                };
                let knows_sources = job.unknown.is_empty() && !pulls.is_empty() && pulls.iter().all(knows);
                found.push(FederationJob { preview, node: at, file: job.file, config, pulls, knows_sources });
            }
        }
    }
    found
}

/// The places of selectors that every server can read which is asked for them.
pub(in crate::lint) fn read_by_all(jobs: &[FederationJob<'_>]) -> Vec<(FileId, Span)> {
    let (mut read, mut others) = (Vec::new(), Vec::new());
    for job in jobs {
        for Written { selector, sent } in job.selectors() {
            // What is shown of a broken file rests on its last text that was not: nobody has read this one.
            let current = !job.preview.workspace.file(selector.file).from_last_valid;
            let is_read = current
                && sent.iter().all(|(pull, _, at)| {
                    let parsed = pull.selectors.get(*at).map(|selector| selector.parsed.is_ok());
                    matches!(pull.peer, Peer::Federate(_)) && parsed == Some(true)
                });
            if is_read { &mut read } else { &mut others }.push((selector.file, selector.span));
        }
    }
    sort::sort_and_dedup(&mut others);
    read.retain(|place| others.binary_search(place).is_err());
    read
}

/// Whether a finding says of a selector among `read` that it is none.
pub(in crate::lint) fn is_within(read: &[(FileId, Span)], finding: &Finding) -> bool {
    let at = finding.diagnostic.span;
    let holds =
        |&(file, span): &(FileId, Span)| file == finding.file && span.start <= at.start && at.end <= span.end;
    finding.diagnostic.code.as_str().starts_with("selector/") && read.iter().any(holds)
}
