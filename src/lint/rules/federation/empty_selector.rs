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
//!       'match[]': ['{}', '{job="shop"}']
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
use super::contained_selector::without_item;
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::lint::Found;

const CODE: Code = Code::new("federation/empty-selector");

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    for (pull, selector) in
        job.pulls.iter().flat_map(|(pull, _)| pull.selectors.iter().map(move |one| (pull, one)))
    {
        // Whatever is written otherwise and comes to no matcher is left to others.
        let empty = selector.text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let is_empty = empty.is_some_and(|inside| inside.trim().is_empty());
        if is_empty && matches!(&selector.parsed, Ok(matchers) if matchers.is_empty()) {
            let file = job.preview.workspace.file(selector.file);
            let current = selector.file == job.file && !file.from_last_valid;
            let text = file.text.as_deref().filter(|_| current && pull.selectors.len() > 1);
            let edit = text.and_then(|text| without_item(text, selector.span));
            let fix = edit.map(|edit| Fix::safe("Remove the selector", vec![edit]));
            let diagnostic = Diagnostic::error(CODE, selector.span, "`{}` selects nothing")
                .because(
                    "a selector without matchers selects no series, and /federate answers 200 all the same",
                )
                .help("name a metric or a label: `{job=\"…\"}`");
            found.push((selector.file, fix.into_iter().fold(diagnostic, Diagnostic::fix)));
        }
    }
}
