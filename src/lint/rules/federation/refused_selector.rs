//! A selector that the server that is asked refuses
//!
//! # What it finds
//! A `match[]` that reaches a server is none to the version which that server runs. What no version would read in
//! the job's `params` is reported as `selector/syntax` or `selector/regex`; this is about the rest: selectors that
//! a target's own `__param_match[]` brings, and such as only a newer server understands.
//!
//! # Why it matters
//! The server answers `400 Bad Request` to the whole request: none of the job's selectors brings anything.
//!
//! # Example
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   global: { config: global.yml, prometheus: "3.5" }
//!   leaf: { config: leaf.yml, prometheus: "2.42" }
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{"shop_requests"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Instead
//! Write selectors that the oldest of the servers understands.
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   global: { config: global.yml, prometheus: "3.5" }
//!   leaf: { config: leaf.yml, prometheus: "2.42" }
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['shop_requests']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Source
//! web/federate.go, federation; promql/parser, `ParseMetricSelector`

use super::{FederationJob, rewritten};
use crate::diagnostic::{Code, Diagnostic, Fix, Severity};
use crate::federation::Peer;
use crate::lint::Found;
use crate::selector::Selector;
use crate::version::Version;

const CODE: Code = Code::new("federation/refused-selector");

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    let workspace = &job.preview.workspace;
    for (pull, _) in &job.pulls {
        let Peer::Federate(source) = pull.peer else { continue };
        let Some(server) = workspace.nodes.get(source) else { continue };
        for selector in &pull.selectors {
            let Err(refusal) = &selector.parsed else { continue };
            let said = workspace.findings.iter().any(|finding| {
                let at = finding.diagnostic.span;
                finding.file == selector.file
                    && finding.diagnostic.severity == Severity::Error
                    && selector.span.start <= at.start
                    && at.end <= selector.span.end
            });
            if said {
                continue;
            }
            let message = format!(
                "`{}` is no selector to {}, which runs Prometheus {}: {refusal}",
                selector.text, server.name, server.version
            );
            // What is only written in a newer way, such as a name in quotes, can be written in the older one.
            let newer = Selector::parse_strict(&selector.text, Version::NEWEST);
            let older = newer.map(|newer| newer.to_string()).ok();
            let older = older.filter(|older| Selector::parse_strict(older, server.version).is_ok());
            let fix = older.and_then(|older| {
                let edit = rewritten(job.preview, selector, &older)?;
                Some(Fix::safe(format!("Write `{older}`"), vec![edit]))
            });
            let diagnostic = Diagnostic::error(CODE, selector.span, message)
                .because(
                    "it answers 400 Bad Request to all of the job's selectors: nothing is pulled from it",
                )
                .help("write what the oldest of the servers that are asked understands");
            found.push((selector.file, fix.into_iter().fold(diagnostic, Diagnostic::fix)));
        }
    }
}
