//! Federation that is too rare
//!
//! # What it finds
//! A federation job asks no more often than every five minutes, which is as far as queries look back; or more
//! seldom than every two and a half minutes.
//!
//! # Why it matters
//! A series that got no sample for five minutes is gone: queries do not find it, alerts on it end, and it is not
//! passed on to the next tier. At five minutes that happens between any two scrapes, and at more than half of it
//! as soon as one scrape fails. It rests on `--query.lookback-delta` being five minutes, as it is by default.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     scrape_interval: 5m
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Instead
//! Ask at least every two minutes.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
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
//! ```
//!
//! # Source
//! promql/engine.go, `defaultLookbackDelta`; cmd/promtool/main.go, `too-long-scrape-interval`

use super::{FederationJob, stores};
use crate::diagnostic::{Code, Diagnostic};
use crate::lint::Found;
use crate::units::Duration;

const CODE: Code = Code::new("federation/long-interval");

/// `--query.lookback-delta`, unless something else is given.
const LOOKBACK: Duration = Duration::from_secs(5 * 60);

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    let configured = job.config.scrape_interval;
    let longest = job.pulls.iter().max_by_key(|(pull, _)| pull.interval_ms);
    let interval = longest.map_or(configured, |(pull, _)| Duration::from_millis(pull.interval_ms));
    if interval.as_millis().saturating_mul(2) <= LOOKBACK.as_millis() || !stores(job.preview, job.node) {
        return;
    }
    let (file, span) = match longest {
        Some((pull, _)) if interval != configured => (pull.target_file, pull.target_span),
        _ => job.interval_place(),
    };
    let name = job.config.job_name;
    let help = "ask at least every two minutes; what is too much for that is better recorded below and pulled as few series";
    let diagnostic = if interval >= LOOKBACK {
        let message =
            format!("job `{name}` federates every {interval}: its series are gone between two scrapes");
        Diagnostic::error(CODE, span, message)
            .because(format!("queries look back {LOOKBACK}, unless `--query.lookback-delta` says otherwise: graphs have gaps, alerts end, and nothing is passed on between"))
    } else {
        let message = format!("job `{name}` federates every {interval}: one failed scrape leaves a gap");
        Diagnostic::warning(CODE, span, message)
            .because(format!("queries look back {LOOKBACK}, unless `--query.lookback-delta` says otherwise, which is less than two intervals"))
    };
    found.push((file, diagnostic.help(help)));
}
