//! A selector that is percent-encoded
//!
//! # What it finds
//! A `match[]` is written as it would stand in a URL: `%7Bjob%3D%22shop%22%7D`, or `{__name__=~"job:.%2B"}`.
//!
//! # Why it matters
//! Prometheus encodes parameters itself, so that the server that is asked sees the percent signs. Mostly that is no
//! selector to it, and it answers `400 Bad Request` to all of the job's selectors; where it is one, it selects
//! nothing.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['%7Bjob%3D%22shop%22%7D']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Instead
//! Write the selector as in a query.
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
//! scrape/target.go, `URL`; web/federate.go, federation

use super::FederationJob;
use crate::diagnostic::{Code, Diagnostic};
use crate::lint::Found;
use crate::selector::Selector;
use crate::workspace::{decoding, percent_decoded};

// Encoded texts that are no selectors are reported under this code where other broken selectors are:
// `workspace/selectors.rs`. Here are those that are selectors all the same.
const CODE: Code = Code::new("federation/encoded-selector");

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    for (pull, outcome) in &job.pulls {
        for (at, selector) in pull.selectors.iter().enumerate() {
            let (Ok(matchers), Some(decoded)) = (&selector.parsed, percent_decoded(&selector.text)) else {
                continue;
            };
            let selects = |pulls: &[(&crate::federation::Pull, &crate::federation::PullOutcome)]| {
                pulls
                    .iter()
                    .any(|(_, outcome)| outcome.selected.get(at).is_some_and(|selected| selected.matched > 0))
            };
            if selects(&job.pulls) {
                continue;
            }
            let version = pull.settings.version;
            let meant =
                Selector::parse_strict(&decoded, version).ok().and_then(|selector| selector.compiled());
            let Some(meant) = meant else { continue };
            // No metric has such a name. Values of other labels may well look so, unless what is meant is there.
            let of_name = matchers.iter().any(|matcher| {
                let matcher = matcher.matcher();
                let value = std::str::from_utf8(&matcher.value);
                matcher.name == "__name__" && value.is_ok_and(|value| percent_decoded(value).is_some())
            });
            if !of_name && !outcome.source.select(&meant).is_ok_and(|rows| !rows.is_empty()) {
                continue;
            }
            let message =
                format!("`{}` is percent-encoded, and Prometheus encodes it once more", selector.text);
            let diagnostic = Diagnostic::error(CODE, selector.span, message)
                .because("the server that is asked takes it as it is written here, and nothing matches")
                .help(format!("write `{decoded}`"));
            let params = job.config.source.params.iter().flat_map(|param| &param.values);
            let written =
                params.into_iter().find(|value| value.span == selector.span && selector.file == job.file);
            let current = !job.preview.workspace.file(job.file).from_last_valid;
            let fix = written.filter(|_| current).and_then(|value| decoding(value, &decoded));
            found.push((
                selector.file,
                match fix {
                    Some(fix) => diagnostic.fix(fix),
                    None => diagnostic,
                },
            ));
        }
    }
}
