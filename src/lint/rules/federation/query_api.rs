//! A scrape of the query API
//!
//! # What it finds
//! A job's path is one of the query API: `/api/v1/query`, `/api/v1/series` and their like, with any prefix.
//!
//! # Why it matters
//! They answer JSON, in which there are no samples to scrape: each scrape fails, and `up` is 0. Servers that have
//! nothing but this API, as queriers of Thanos and Mimir and Prometheus in agent mode, cannot be federated from.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /api/v1/series
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
//! Ask `/federate` of a Prometheus server. Of what has only the query API, ask with a query server of its kind.
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
//! web/api/v1/api.go, Register; scrape/scrape.go, scrapeAndReport

use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::federation::{Preview, query_api};
use crate::lint::Found;
use crate::text::TextEdit;
use crate::workspace::{FEDERATE, MATCH};

const CODE: Code = Code::new("federation/query-api");

pub(super) fn check(preview: &Preview, found: &mut Found) {
    for (at, node) in preview.workspace.nodes.iter().enumerate() {
        let Some(config) = &node.config else { continue };
        for (job_at, (scrape, job)) in config.scrape_configs.iter().zip(&node.jobs).enumerate() {
            let topology = &preview.topology;
            let pulls = topology.pulls.get(topology.pulls_of_job(at, job_at)).unwrap_or_default();
            let asked = pulls.iter().find(|pull| query_api(&pull.path).is_some());
            // Without targets the path is what will be asked, unless they are relabelled.
            let written = scrape.metrics_path.as_ref().filter(|path| query_api(&path.value).is_some());
            let (file, span, path) = match (asked, written) {
                (Some(pull), Some(written)) if pull.path == written.value => {
                    (job.file, written.span, &written.value)
                }
                (Some(pull), _) => (pull.target_file, pull.target_span, &pull.path),
                (None, Some(written)) if pulls.is_empty() && scrape.relabel_configs.is_empty() => {
                    (job.file, written.span, &written.value)
                }
                _ => continue,
            };
            let message =
                format!("job `{}` scrapes `{path}`, which answers JSON and no samples", scrape.name());
            let diagnostic = Diagnostic::error(CODE, span, message)
                .because("each scrape fails, `up` is 0: the query API is not an exposition, whatever server it is of")
                .help("ask `/federate` of a Prometheus server; queriers of Thanos and Mimir and servers in agent mode have none");
            let federates = scrape.params.iter().any(|param| param.name.value == MATCH);
            let edit = written.filter(|written| federates && written.span == span).and_then(|written| {
                let prefix = written.value.get(..query_api(&written.value)?)?;
                Some(TextEdit { span, text: format!("{prefix}{FEDERATE}") })
            });
            let current = !preview.workspace.file(file).from_last_valid;
            found.push((
                file,
                match edit.filter(|_| current) {
                    Some(edit) => diagnostic.fix(Fix::unsafe_fix("Ask `/federate`", vec![edit])),
                    None => diagnostic,
                },
            ));
        }
    }
}
