//! Samples that are too old once they have come through all tiers
//!
//! # What it finds
//! Along a way that series take, from where they are scraped or recorded up to a job that federates, the intervals
//! add up to more than the five minutes that queries look back, though none of them alone is too long.
//!
//! # Why it matters
//! `/federate` passes a sample on with the time at which it was taken. Just before a tier asks again, what it has
//! is as old as its own interval and those of all tiers below together: then queries here do not find the series.
//! Graphs have gaps that come and go, and alerts end and start anew.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate-regions
//!     scrape_interval: 2m
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['region:9090']
//! # region.yml
//! scrape_configs:
//!   - job_name: federate-leaves
//!     scrape_interval: 2m
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//!     scrape_interval: 2m
//! # leaf.prom
//! up{job="shop",instance="a:1"} 1
//! ```
//!
//! # Instead
//! Shorten the intervals: what upper tiers pull should be few series.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate-regions
//!     scrape_interval: 1m
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['region:9090']
//! # region.yml
//! scrape_configs:
//!   - job_name: federate-leaves
//!     scrape_interval: 1m
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//!     scrape_interval: 1m
//! # leaf.prom
//! up{job="shop",instance="a:1"} 1
//! ```
//!
//! # Source
//! web/federate.go, federation: timestamps; cmd/prometheus/main.go, `--query.lookback-delta`

use super::{jobs, stores};
use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{LOOKBACK_MS, Preview, Step, Wait, freshness};
use crate::lint::Found;
use crate::units::Duration;

const CODE: Code = Code::new("federation/aged-samples");

pub(super) fn check(preview: &Preview, found: &mut Found) {
    if !may_age(preview) {
        return;
    }
    for fresh in freshness(preview) {
        let steps = fresh.since_taken();
        let (Some((last, below)), Some(first)) = (steps.split_last(), steps.first()) else { continue };
        let Wait::Federation(at) = last.wait else { continue };
        let sum = |steps: &[Step]| steps.iter().map(|step| step.interval_ms).fold(0, u64::saturating_add);
        // The tier below is told itself, and so is an interval that alone is too long.
        let too_long = |step: &Step| step.interval_ms.saturating_mul(2) > LOOKBACK_MS;
        if !fresh.is_beyond_lookback() || sum(below) > LOOKBACK_MS || steps.iter().any(too_long) {
            continue;
        }
        // Where a job on the way ignores timestamps, samples seem to be young.
        let forged = |step: &Step| match step.wait {
            Wait::Federation(at) => {
                preview.topology.pulls.get(at).is_none_or(|it| !it.settings.honor_timestamps)
            }
            _ => false,
        };
        let pull = preview.topology.pulls.get(at).filter(|pull| stores(preview, pull.node));
        let Some(pull) = pull.filter(|_| !steps.iter().any(forged)) else { continue };
        let own = |job: &super::FederationJob<'_>| job.pulls.iter().any(|(own, _)| std::ptr::eq(*own, pull));
        let Some(job) = jobs(preview).into_iter().find(own) else { continue };
        let source = preview.workspace.nodes.get(first.node).map_or("", |node| node.name.as_str());
        let message = format!(
            "samples of {source} get up to {} old here: queries look back {}",
            Duration::from_millis(sum(steps)),
            Duration::from_millis(LOOKBACK_MS)
        );
        let because = format!(
            "`{}` has them for up to {} before job `{}` asks, every {}; then they are not found until the next scrape",
            pull.address,
            Duration::from_millis(sum(below)),
            pull.job,
            Duration::from_millis(pull.interval_ms)
        );
        let (file, span) = job.interval_place();
        found.push((
            file,
            Diagnostic::warning(CODE, span, message)
                .because(because)
                .help("shorten the intervals on the way, of the upper tiers first"),
        ));
    }
}

/// Whether intervals could add up to too much at all: as many of the longest as there are tiers.
fn may_age(preview: &Preview) -> bool {
    let mut longest = preview.topology.pulls.iter().map(|pull| pull.interval_ms).max().unwrap_or(0);
    for node in &preview.workspace.nodes {
        let Some(config) = &node.config else { continue };
        let global = config.global.effective(node.version);
        let jobs = config.scrape_configs.iter();
        let jobs = jobs.map(|job| job.effective(&config.global, node.version).scrape_interval);
        let groups = node.all_rules().filter_map(|(_, group, _)| Some(group.interval.as_ref()?.value));
        let all = jobs.chain(groups).chain([global.scrape_interval, global.evaluation_interval]);
        longest = all.map(Duration::as_millis).fold(longest, u64::max);
    }
    let tiers = preview.topology.heights.height.iter().max().map_or(1, |&height| u64::from(height) + 2);
    longest.saturating_mul(tiers) > LOOKBACK_MS
}
