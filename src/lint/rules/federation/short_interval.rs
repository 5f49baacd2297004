//! Federation that is more frequent than new samples
//!
//! # What it finds
//! A federation job asks a server more often than that server scrapes any of its targets or evaluates any of its
//! rules.
//!
//! # Why it matters
//! Between two answers nothing can have changed: the same samples are sent again, and dropped because they are
//! there already. It costs both servers, and brings nothing.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     scrape_interval: 15s
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! global: { scrape_interval: 1m }
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Instead
//! Ask as often as the lower server gets new samples.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     scrape_interval: 1m
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! global: { scrape_interval: 1m }
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Source
//! web/federate.go, federation; `tsdb/head_append.go`, appendable

use super::FederationJob;
use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Peer, Preview};
use crate::lint::Found;
use crate::units::Duration;

const CODE: Code = Code::new("federation/short-interval");
/// A pattern of `rule_files` names no file.
const NO_RULE_FILE: &str = "workspace/no-rule-file";

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    let mut shortest: Option<(Duration, &str)> = None;
    let mut known: Vec<(usize, Duration)> = Vec::new();
    for (pull, _) in &job.pulls {
        let Peer::Federate(source) = pull.peer else { return };
        let interval = match known.iter().find(|(other, _)| *other == source) {
            Some(&(_, interval)) => interval,
            None => {
                let Some(interval) = shortest_interval(job.preview, source) else { return };
                known.push((source, interval));
                interval
            }
        };
        if pull.interval_ms >= interval.as_millis() {
            return;
        }
        let name = job.preview.workspace.nodes.get(source).map_or("", |node| &node.name);
        shortest = Some(shortest.map_or((interval, name), |known| known.min((interval, name))));
    }
    let (Some((shortest, name)), Some((pull, _))) = (shortest, job.pulls.first()) else { return };
    let interval = Duration::from_millis(pull.interval_ms);
    let message = format!(
        "job `{}` federates every {interval}, and {name} has new samples every {shortest} at the most",
        job.config.job_name
    );
    let (file, span) = if interval == job.config.scrape_interval {
        job.interval_place()
    } else {
        (pull.target_file, pull.target_span)
    };
    found.push((
        file,
        Diagnostic::info(CODE, span, message)
            .because(
                "between two answers nothing can have changed: the same samples are sent and dropped again",
            )
            .help(format!("set `scrape_interval: {shortest}`")),
    ));
}

/// How often a server gets new samples: the shortest interval of its jobs and of its groups of rules. `None` where
/// not all of them are known.
fn shortest_interval(preview: &Preview, node: usize) -> Option<Duration> {
    let server = preview.workspace.nodes.get(node)?;
    let config = server.config.as_ref()?;
    let missing = preview.workspace.findings.iter().any(|finding| {
        finding.file == server.config_file && finding.diagnostic.code.as_str() == NO_RULE_FILE
    });
    if missing || !config.scrape_config_files.is_empty() {
        return None;
    }
    let evaluation = config.global.effective(server.version).evaluation_interval;
    let jobs =
        config.scrape_configs.iter().map(|job| job.effective(&config.global, server.version).scrape_interval);
    let groups = server.rules.iter().flat_map(|rules| &rules.rules.value.groups);
    let groups = groups.map(|group| {
        let own = group.interval.as_ref().map(|interval| interval.value);
        own.filter(|interval| !interval.is_zero()).unwrap_or(evaluation)
    });
    // A target may have an interval of its own.
    let targets = preview.topology.pulls.get(preview.topology.pulls_of(node))?.iter();
    let targets = targets.map(|pull| Duration::from_millis(pull.interval_ms));
    jobs.chain(groups).chain(targets).min()
}
