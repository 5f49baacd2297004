//! Replicas that alert different Alertmanagers
//!
//! # What it finds
//! Two replicas list other Alertmanagers under `alerting`, or reach them otherwise.
//!
//! # Why it matters
//! Every replica has to send to every Alertmanager, which then find out among themselves who notifies. Where each
//! has its own, an alert is lost with the one pair that knew of it, and silences hold on one side alone unless the
//! Alertmanagers are one cluster.
//!
//! # Example
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! alerting: { alertmanagers: [{ static_configs: [{ targets: ['alerts-1:9093', 'alerts-2:9093'] }] }] }
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! alerting: { alertmanagers: [{ static_configs: [{ targets: ['alerts-2:9093'] }] }] }
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! ```
//!
//! # Instead
//! List all Alertmanagers in both.
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! # promtier: allow replicas/alertmanager-cluster both run with --cluster.peer
//! alerting: { alertmanagers: [{ static_configs: [{ targets: ['alerts-1:9093', 'alerts-2:9093'] }] }] }
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! alerting: { alertmanagers: [{ static_configs: [{ targets: ['alerts-1:9093', 'alerts-2:9093'] }] }] }
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! ```
//!
//! # Source
//! Alertmanager's documentation, High Availability: Prometheus is to be pointed to all Alertmanagers

use super::{Replicas, report_differences};
use crate::diagnostic::Code;
use crate::lint::Found;
use crate::workspace::replicas::Topic;

const CODE: Code = Code::new("replicas/different-alertmanagers");

pub(super) fn check(set: &Replicas<'_>, found: &mut Found) {
    let because = "every replica has to send to every Alertmanager: otherwise alerts are lost when one of either goes down";
    report_differences(
        set,
        (CODE, Topic::Alertmanagers),
        (because, "list the same Alertmanagers in all replicas"),
        |_| false,
        found,
    );
}
