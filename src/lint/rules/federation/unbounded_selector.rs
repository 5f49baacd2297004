//! A selector that selects every series
//!
//! # What it finds
//! Each matcher of a `match[]` accepts whatever a series has: `{__name__=~".+"}`, `{job=~".*"}`,
//! `{__name__!=""}`.
//!
//! # Why it matters
//! Every series of the server is sent at every scrape. Such answers grow until they time out, and then nothing
//! arrives at all; the upper server needs the memory of all lower ones.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{__name__=~".+"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Instead
//! Record on the lower server what the upper one needs, and pull that.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{__name__=~"job:.*"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Source
//! web/federate.go, federation; Prometheus' documentation, Federation

use super::FederationJob;
use crate::diagnostic::{Code, Diagnostic};
use crate::labels::{MatchOp, Matcher};
use crate::lint::Found;

const CODE: Code = Code::new("federation/unbounded-selector");

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    for selector in job.pulls.iter().flat_map(|(pull, _)| &pull.selectors) {
        let Ok(matchers) = &selector.parsed else { continue };
        if matchers.is_empty() || !matchers.iter().all(|matcher| accepts_all(matcher.matcher())) {
            continue;
        }
        let message = format!("`{}` selects every series of the server", selector.text);
        found.push((
            selector.file,
            Diagnostic::warning(CODE, selector.span, message)
                .because("all of them are sent at every scrape: answers grow until they time out, and then nothing arrives")
                .help("record on the lower server what is needed here, and pull that: `{__name__=~\"job:.*\"}`"),
        ));
    }
}

/// Whether every series is accepted: each has a name.
pub(super) fn accepts_all(matcher: &Matcher) -> bool {
    let is_name = matcher.name == "__name__";
    match matcher.op {
        MatchOp::Regex => matcher.value == ".*" || is_name && matcher.value == ".+",
        MatchOp::NotEqual => is_name && matcher.value.is_empty(),
        MatchOp::Equal | MatchOp::NotRegex => false,
    }
}
