//! Rules about jobs that federate.

mod empty_selector;
mod external_label_matcher;
mod honor_labels;
mod ignored_timestamps;
mod no_selector;
mod unbounded_selector;

use crate::federation::{Preview, Pull, PullOutcome};
use crate::lint::Found;
use crate::prometheus::EffectiveScrapeConfig;
use crate::text::FileId;
use crate::workspace::FEDERATE;

/// The rules that look at one job after another, in the order of their codes.
pub(in crate::lint) const JOB_RULES: &[fn(&FederationJob<'_>, &mut Found)] = &[
    empty_selector::check,
    external_label_matcher::check,
    honor_labels::check,
    ignored_timestamps::check,
    no_selector::check,
    unbounded_selector::check,
];

/// The rules that look at all nodes at once, in the order of their codes.
pub(in crate::lint) const WORKSPACE_RULES: &[fn(&Preview, &mut Found)] = &[];

/// A job that asks `/federate`.
pub(in crate::lint) struct FederationJob<'p> {
    preview: &'p Preview,
    /// The file in which it is written.
    file: FileId,
    config: EffectiveScrapeConfig<'p>,
    /// Its pulls that federate, with what they bring; none where its targets are not known.
    pulls: Vec<(&'p Pull, &'p PullOutcome)>,
}

/// The jobs of all nodes that certainly federate.
pub(in crate::lint) fn jobs(preview: &Preview) -> Vec<FederationJob<'_>> {
    let mut found = Vec::new();
    for (at, node) in preview.workspace.nodes.iter().enumerate() {
        let Some(config) = &node.config else { continue };
        let of_node = || {
            let pulls = preview.topology.pulls.iter().zip(&preview.pulls);
            pulls.filter(move |(pull, _)| pull.node == at)
        };
        for (scrape, job) in config.scrape_configs.iter().zip(&node.jobs) {
            let asks = scrape.metrics_path.as_ref().is_some_and(|path| path.value.ends_with(FEDERATE));
            if !asks && scrape.relabel_configs.is_empty() {
                continue;
            }
            let own = |pull: &Pull| pull.job_file == job.file && pull.job_span == scrape.name_span();
            let mut pulls: Vec<_> = of_node().filter(|(pull, _)| own(pull)).collect();
            let known = !pulls.is_empty();
            pulls.retain(|(pull, _)| pull.federates);
            let federates = if known { !pulls.is_empty() } else { asks && scrape.relabel_configs.is_empty() };
            if federates {
                let config = scrape.effective(&config.global, node.version);
                found.push(FederationJob { preview, file: job.file, config, pulls });
            }
        }
    }
    found
}
