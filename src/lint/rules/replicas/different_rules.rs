//! Replicas with different rules
//!
//! # What it finds
//! A recording or alerting rule that only one of two replicas has, or that says something else: its expression, how
//! long it must hold, its labels, its annotations, the interval of its group. Expressions are compared by what they
//! mean, and files by their rules, whatever they are called.
//!
//! # Why it matters
//! An alert fires on the one and not on the other, and a recorded series means two things. Nobody sees it until the
//! replica that was right is down.
//!
//! # Example
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! rule_files: [rules-a.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! rule_files: [rules-b.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # rules-a.yml
//! groups:
//!   - name: shop
//!     rules:
//!       - { record: 'job:requests:rate5m', expr: 'sum by (job) (rate(requests_total[5m]))' }
//! # rules-b.yml
//! groups:
//!   - name: shop
//!     rules:
//!       - { record: 'job:requests:rate5m', expr: 'sum(rate(requests_total[1m])) by (job)' }
//! ```
//!
//! # Instead
//! Load the same rules into both.
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! rule_files: [rules-a.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! rule_files: [rules-b.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # rules-a.yml
//! groups:
//!   - name: shop
//!     rules:
//!       - { record: 'job:requests:rate5m', expr: 'sum by (job) (rate(requests_total[5m]))' }
//! # rules-b.yml
//! groups:
//!   - name: shop
//!     rules:
//!       - { record: 'job:requests:rate5m', expr: 'sum(rate(requests_total[5m])) by (job)' }
//! ```
//!
//! # Source
//! HA needs servers that are configured alike: Prometheus' documentation, FAQ, "Can Prometheus be made highly
//! available?"; rules/manager.go

use super::{Replicas, report_differences};
use crate::diagnostic::Code;
use crate::lint::Found;
use crate::workspace::replicas::Topic;

const CODE: Code = Code::new("replicas/different-rules");

pub(super) fn check(set: &Replicas<'_>, found: &mut Found) {
    let because =
        "the same alert fires on one replica and not on the other, or the same series means two things";
    report_differences(
        set,
        (CODE, Topic::Rules),
        (because, "load the same rules into both"),
        |_| false,
        found,
    );
}
