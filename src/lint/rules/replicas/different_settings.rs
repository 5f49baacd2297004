//! Replicas that are set up differently
//!
//! # What it finds
//! A setting outside of jobs, intervals and rules that two replicas do not have alike: their versions, labels that
//! do not tell replicas apart, storage and retention, remote write and remote read, tracing, OTLP, the relabelling
//! of alerts.
//!
//! # Why it matters
//! What is kept, for how long, and where it is sent then depends on the replica. A query that one answers fails on
//! the other, and what only one sends is lost when it goes down.
//!
//! # Example
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! storage: { tsdb: { out_of_order_time_window: 1h } }
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! storage: { tsdb: { out_of_order_time_window: 10m } }
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! ```
//!
//! # Instead
//! Set both servers up alike.
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! storage: { tsdb: { out_of_order_time_window: 1h } }
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! storage: { tsdb: { out_of_order_time_window: 1h } }
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! ```
//!
//! # Source
//! HA needs servers that are configured alike: Prometheus' documentation, FAQ, "Can Prometheus be made highly
//! available?"

use super::{Replicas, report_differences};
use crate::diagnostic::Code;
use crate::lint::Found;
use crate::workspace::replicas::{Difference, Topic};

const CODE: Code = Code::new("replicas/different-settings");

/// The rules about the relabelling of alerts.
const ALERT_RULES: [&str; 2] = ["replicas/replica-label-in-alerts", "replicas/wrong-labeldrop"];

pub(super) fn check(set: &Replicas<'_>, found: &mut Found) {
    // What is wrong with the relabelling of alerts is said by rules of its own.
    let files: Vec<_> = set.nodes.iter().map(super::Replica::file).collect();
    let is_said = found
        .iter()
        .any(|(file, diagnostic)| files.contains(file) && ALERT_RULES.contains(&diagnostic.code.as_str()));
    let said = |it: &Difference| is_said && it.field.contains("alert_relabel_configs");
    let because =
        "what is kept and sent depends on the replica: a query that one answers may fail on the other";
    report_differences(set, (CODE, Topic::Server), (because, "set both up alike"), said, found);
}
