//! A large answer within the default timeout
//!
//! # What it finds
//! A source answers a hundred thousand series or more, as far as they are known, and no `scrape_timeout` is set:
//! the answer must come whole within the default ten seconds, or the interval where that is shorter.
//!
//! # Why it matters
//! A scrape that is not finished in time stores nothing. Answers of 169 MB were seen to take 37 to 45 seconds,
//! which is some 25,000 series a second; a server that is busy, just when it matters, is slower than usual.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{__name__=~"pod:.*"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! # the next line 100000 times, N from 1 on
//! pod:requests:rate5m{job="shop",pod="N"} 1
//! ```
//!
//! # Instead
//! Pull less, or part it into several jobs; set `scrape_timeout`, and `scrape_interval` with it, to what the answer
//! may take.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     scrape_interval: 1m
//!     scrape_timeout: 50s
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{__name__=~"pod:.*"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! # the next line 100000 times, N from 1 on
//! pod:requests:rate5m{job="shop",pod="N"} 1
//! ```
//!
//! # Source
//! config/config.go, `DefaultGlobalConfig`; github.com/skypilot-org/skypilot, #10814

use super::FederationJob;
use crate::diagnostic::{Code, Diagnostic};
use crate::lint::Found;
use crate::units::Duration;
use crate::yaml::Spanned;

const CODE: Code = Code::new("federation/default-timeout");

/// From how many series on.
const MANY: u32 = 100_000;
/// The timeout that nobody set, in milliseconds: `DefaultGlobalConfig`.
const DEFAULT_MS: u64 = 10_000;

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    let node = &job.preview.workspace.nodes[job.node];
    let global = node.config.as_ref().and_then(|config| config.global.scrape_timeout.as_ref());
    let set = |written: Option<&Spanned<Duration>>| written.is_some_and(|written| !written.value.is_zero());
    if set(job.config.source.scrape_timeout.as_ref()) || set(global) {
        return;
    }
    let late = job.pulls.iter().filter(|(pull, _)| pull.timeout_ms <= DEFAULT_MS);
    let Some((pull, outcome)) = late.max_by_key(|(_, outcome)| outcome.exposed) else { return };
    if outcome.exposed < MANY {
        return;
    }
    let timeout = Duration::from_millis(pull.timeout_ms);
    let message = format!(
        "`{}` answers {} series to job `{}`, within a timeout of {timeout} that nobody set",
        pull.address, outcome.exposed, job.config.job_name
    );
    found.push((
        job.file,
        Diagnostic::warning(CODE, job.config.source.name_span(), message)
            .because("a scrape that is not finished in time stores nothing; some 25,000 series a second were seen where it was slow")
            .help("pull less, part it into several jobs, or set `scrape_timeout` to what the answer may take"),
    ));
}
