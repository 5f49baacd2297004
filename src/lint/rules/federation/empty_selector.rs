//! A selector without matchers
//!
//! # What it finds
//! A `match[]` of a federation job is `{}`, which has no matcher.
//!
//! # Why it matters
//! It reads as if it selected everything and selects nothing, without an error: `/federate` answers `200 OK`.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! up{job="shop",instance="a:1"} 1
//! ```
//!
//! # Instead
//! Name what is to be pulled.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! up{job="shop",instance="a:1"} 1
//! ```
//!
//! # Source
//! web/federate.go, federation; tsdb/querier.go, `PostingsForMatchers`

use super::FederationJob;
use crate::diagnostic::{Code, Diagnostic};
use crate::lint::Found;

const CODE: Code = Code::new("federation/empty-selector");

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    for selector in job.pulls.iter().flat_map(|(pull, _)| &pull.selectors) {
        // Whatever is written otherwise and comes to no matcher is left to others.
        let empty = selector.text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let is_empty = empty.is_some_and(|inside| inside.trim().is_empty());
        if is_empty && matches!(&selector.parsed, Ok(matchers) if matchers.is_empty()) {
            found.push((
                selector.file,
                Diagnostic::error(CODE, selector.span, "`{}` selects nothing")
                    .because("a selector without matchers selects no series, and /federate answers 200 all the same")
                    .help("name a metric or a label: `{job=\"…\"}`"),
            ));
        }
    }
}
