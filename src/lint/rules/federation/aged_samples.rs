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

use super::{jobs, own_pulls};
use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Bringer, Peer, Preview, Pull};
use crate::lint::Found;
use crate::units::Duration;

const CODE: Code = Code::new("federation/aged-samples");

/// `--query.lookback-delta`, in milliseconds, unless something else is given.
const LOOKBACK_MS: u64 = 5 * 60 * 1000;

/// The most series of one pull that are looked at.
const MOST_SERIES: usize = 100_000;

/// How old samples are at most when they are about to be replaced, and from where they are.
#[derive(Clone, Copy, Default)]
struct Age {
    ms: u64,
    /// The longest interval on the way.
    longest_ms: u64,
    /// The node on which they were taken.
    first: usize,
}

pub(super) fn check(preview: &Preview, found: &mut Found) {
    let pulls = &preview.topology.pulls;
    if !may_age(preview) {
        return;
    }
    let ages = ages(preview);
    for job in jobs(preview) {
        let of_job = |pull: &Pull| {
            let at = own_pulls(preview, pull.node)
                .find(|&at| pulls.get(at).is_some_and(|other| std::ptr::eq(other, pull)))?;
            ages.get(at).copied().flatten()
        };
        let oldest = job.pulls.iter().filter_map(|(pull, _)| Some((pull, of_job(pull)?)));
        let Some((pull, age)) = oldest.max_by_key(|(_, age)| age.ms) else { continue };
        // The tier below is told itself, and so is an interval that alone is too long.
        let below = age.ms.saturating_sub(pull.interval_ms);
        if age.ms <= LOOKBACK_MS || below > LOOKBACK_MS || age.longest_ms.saturating_mul(2) > LOOKBACK_MS {
            continue;
        }
        let name = |node: usize| preview.workspace.nodes.get(node).map_or("", |node| node.name.as_str());
        let message = format!(
            "samples of {} get up to {} old here: queries look back 5m",
            name(age.first),
            Duration::from_millis(age.ms)
        );
        let because = format!(
            "`{}` has them for up to {} before job `{}` asks, every {}; then they are not found until the next scrape",
            pull.address,
            Duration::from_millis(below),
            job.config.job_name,
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

/// How often a server takes samples of its own, at the least: its shortest interval, in milliseconds.
fn own_interval(preview: &Preview, node: usize) -> u64 {
    let Some(node) = preview.workspace.nodes.get(node) else { return 0 };
    let Some(config) = &node.config else { return 0 };
    let evaluation = config.global.effective(node.version).evaluation_interval.as_millis();
    let scrapes = config.scrape_configs.iter();
    let scrapes =
        scrapes.map(|scrape| scrape.effective(&config.global, node.version).scrape_interval.as_millis());
    scrapes.chain((!node.rules.is_empty()).then_some(evaluation)).min().unwrap_or(0)
}

/// Whether all intervals below one another could add up to too much, whatever the series.
fn may_age(preview: &Preview) -> bool {
    let pulls = &preview.topology.pulls;
    let mut oldest = vec![0; preview.workspace.nodes.len()];
    for &node in preview.topology.heights.order.iter().filter(|&&node| node < preview.workspace.nodes.len()) {
        let mut age = own_interval(preview, node);
        for pull in &pulls[own_pulls(preview, node)] {
            let below = match pull.peer {
                Peer::Federate(source) => oldest.get(source).copied().unwrap_or(0),
                _ => 0,
            };
            age = age.max(pull.interval_ms.saturating_add(below));
        }
        oldest[node] = age;
    }
    oldest.into_iter().any(|age| age > LOOKBACK_MS)
}

/// Of each pull that federates how old what it brings gets.
fn ages(preview: &Preview) -> Vec<Option<Age>> {
    let pulls = &preview.topology.pulls;
    let mut ages: Vec<Option<Age>> = vec![None; pulls.len()];
    for &node in preview.topology.heights.order.iter().filter(|&&node| node < preview.workspace.nodes.len()) {
        for at in own_pulls(preview, node) {
            let (pull, outcome) = (&pulls[at], &preview.pulls[at]);
            let (Peer::Federate(source), Some(rows)) = (pull.peer, &outcome.answered) else { continue };
            let Some(below) = preview.nodes.get(source) else { continue };
            let own = own_interval(preview, source);
            let taken = |bringer: Bringer| {
                let ms = match bringer {
                    Bringer::Pull(lower) => match ages.get(lower).copied().flatten() {
                        Some(age) => return age,
                        None => pulls.get(lower).map_or(own, |lower| lower.interval_ms),
                    },
                    Bringer::Report(lower) => pulls.get(lower).map_or(own, |lower| lower.interval_ms),
                    _ => own,
                };
                Age { ms, longest_ms: ms, first: source }
            };
            // Of several sources of one series the newest sample is kept.
            let of_row =
                |row| below.origins(row).map(|origin| taken(origin.bringer)).min_by_key(|age| age.ms);
            let oldest = rows.iter().take(MOST_SERIES).filter_map(of_row).max_by_key(|age| age.ms);
            ages[at] = oldest.map(|age| Age {
                ms: age.ms.saturating_add(pull.interval_ms),
                longest_ms: age.longest_ms.max(pull.interval_ms),
                first: age.first,
            });
        }
    }
    ages
}
