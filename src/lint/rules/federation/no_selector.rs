//! A federation job without `match[]`
//!
//! # What it finds
//! A job asks `/federate` and sends no selector: there is no `match[]` among its `params`, or it is spelled
//! otherwise, or it is an empty list.
//!
//! # Why it matters
//! The server answers `200 OK` with nothing in it. `up` is 1, nothing is logged, and no series ever arrives.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       match: ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Instead
//! List the selectors under `match[]`, in quotes and with the brackets.
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
//! ```
//!
//! # Source
//! web/federate.go, federation

use super::FederationJob;
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::lint::Found;
use crate::text::TextEdit;
use crate::workspace::MATCH;

const CODE: Code = Code::new("federation/no-selector");

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    // A target's own parameter may hold one, so that the targets must be known.
    if job.pulls.is_empty() || job.pulls.iter().any(|(pull, _)| !pull.selectors.is_empty()) {
        return;
    }
    let scrape = job.config.source;
    let message = format!("job `{}` federates without `match[]`: it asks for nothing", job.config.job_name);
    let diagnostic = Diagnostic::error(CODE, scrape.name_span(), message)
        .because("the server answers 200 with nothing in it: `up` is 1, and no series ever arrives");
    let current = !job.preview.workspace.file(job.file).from_last_valid;
    let has_key = scrape.params.iter().any(|param| param.name.value == MATCH);
    let misspelt = scrape.params.iter().find(|param| param.name.value == "match");
    found.push((
        job.file,
        match misspelt {
            Some(param) => {
                let edit = TextEdit { span: param.name.span, text: format!("'{MATCH}'") };
                let fix = (current && !has_key).then(|| Fix::unsafe_fix("Write `'match[]'`", vec![edit]));
                let diagnostic = diagnostic
                    .label(param.name.span, "the server knows no parameter of this name")
                    .help("write `'match[]'`, with the brackets");
                fix.into_iter().fold(diagnostic, Diagnostic::fix)
            }
            None => diagnostic.help("list selectors under `params`, `'match[]'`"),
        },
    ));
}
