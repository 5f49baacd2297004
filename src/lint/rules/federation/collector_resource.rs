//! Series without `job` or `instance` that an OpenTelemetry Collector pulls
//!
//! # What it finds
//! A job of an OpenTelemetry Collector (`program: opentelemetry-collector` in the manifest) federates series that have
//! no `job` or no `instance` once they are scraped, as recording rules make them that aggregate over instances.
//!
//! # Why it matters
//! The receiver takes these two labels for what a series is about: `service.name` and `service.instance.id`. Where one
//! is missing, receivers before June 2024 refuse the whole scrape with `job or instance cannot be found from labels`;
//! later ones take the label of the target that is asked, so that an aggregate passes for a metric of the server that
//! computed it.
//!
//! # Example
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   collector: { config: collector.yml, program: opentelemetry-collector }
//!   leaf: { config: leaf.yml, samples: leaf.prom }
//! # collector.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['job:requests:rate5m']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! job:requests:rate5m{job="shop"} 7
//! ```
//!
//! # Instead
//! Write the label that is missing where the series arrive, as it should be shown.
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   collector: { config: collector.yml, program: opentelemetry-collector }
//!   leaf: { config: leaf.yml, samples: leaf.prom }
//! # collector.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['job:requests:rate5m']
//!     static_configs:
//!       - targets: ['leaf:9090']
//!     metric_relabel_configs:
//!       - source_labels: [instance]
//!         regex: ''
//!         target_label: instance
//!         replacement: all
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! job:requests:rate5m{job="shop"} 7
//! ```
//!
//! # Source
//! opentelemetry-collector-contrib#32555, #33565: receiver/prometheusreceiver/internal/transaction.go,
//! `getJobAndInstance`

use super::{FederationJob, stores};
use crate::diagnostic::{Code, Diagnostic};
use crate::federation::PullOutcome;
use crate::lint::Found;

const CODE: Code = Code::new("federation/collector-resource");
/// The labels of a series that become attributes of its resource.
const LABELS: [&str; 2] = ["job", "instance"];

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    let Some(node) = job.preview.workspace.nodes.get(job.node) else { return };
    if stores(job.preview, job.node) {
        return;
    }
    // The receiver adds its external labels before it looks.
    let external = node.external_labels();
    let needed = LABELS.into_iter().filter(|name| external.get(name).is_none_or(str::is_empty));
    let needed: Vec<&str> = needed.collect();
    for written in job.selectors() {
        let mut count = 0_u32;
        let mut example = None;
        for &(_, outcome, at) in &written.sent {
            let (more, one) = lacking(outcome, at, &needed);
            count += more;
            example = example.or(one);
        }
        let Some((example, label)) = example else { continue };
        let message = format!(
            "{count} series that `{}` brings {} `job` or `instance`, which the receiver asks for",
            written.selector.text,
            if count == 1 { "lacks" } else { "lack" }
        );
        found.push((
            written.selector.file,
            Diagnostic::info(CODE, written.selector.span, message)
                .because(format!("`{example}` has no `{label}`: receivers before June 2024 refuse the whole scrape for it, `job or instance cannot be found from labels`; later ones take the federated server's own, as if the metric were about that"))
                .help("write the label with `metric_relabel_configs`, as it should be shown"),
        ));
    }
}

/// How many series of a selector are kept and lack one of the labels; the first of them, and which it lacks.
fn lacking(
    outcome: &PullOutcome,
    at: usize,
    needed: &[&'static str],
) -> (u32, Option<(String, &'static str)>) {
    let (store, kept) = (&outcome.source, &outcome.scraped.kept);
    let (mut count, mut first) = (0, None);
    let selected = outcome.selected.get(at);
    for row in selected.iter().flat_map(|selected| selected.rows.iter()) {
        let Some(stored) = kept.row_at(store.position(row)) else { continue };
        if let Some(label) = needed.iter().find(|label| kept.label(stored, label).is_none_or(str::is_empty)) {
            count += 1;
            first = first.or_else(|| Some((kept.label_set(stored).to_string(), *label)));
        }
    }
    (count, first)
}
