//! Federation that ignores timestamps
//!
//! # What it finds
//! A federation job sets `honor_timestamps: false`.
//!
//! # Why it matters
//! `/federate` sends for each series its last sample with the time at which it was taken. Without it the same
//! sample is stored anew at every scrape, as if it had just been taken: a source that stopped seems to be alive
//! for minutes, and counters stand still and jump.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     honor_timestamps: false
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
//! Leave `honor_timestamps` out: it is `true` by default.
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
//! scrape/scrape.go, append; web/federate.go, federation

use super::FederationJob;
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::lint::Found;
use crate::text::TextEdit;

const CODE: Code = Code::new("federation/ignored-timestamps");

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    let Some(written) = job.config.source.honor_timestamps.as_ref().filter(|written| !written.value) else {
        return;
    };
    let diagnostic = Diagnostic::warning(
        CODE,
        written.span,
        format!("job `{}` federates and ignores when samples were taken", job.config.job_name),
    )
    .because("the last sample of a series is stored anew at every scrape, as if it had just been taken: a source that stopped seems to be alive for minutes")
    .help("leave `honor_timestamps` out: it is `true` by default");
    let edit = TextEdit { span: written.span, text: "true".to_owned() };
    found.push((job.file, diagnostic.fix(Fix::unsafe_fix("Set `honor_timestamps` to `true`", vec![edit]))));
}
