//! Replicas that scrape differently
//!
//! # What it finds
//! A job that only one of two replicas has, or that asks other targets or asks them otherwise: targets, service
//! discovery, path, parameters, authentication. Order, defaults that are written out, secrets and paths on the
//! servers' disks make no difference, and neither does that each server scrapes itself.
//!
//! # Why it matters
//! Replicas are there so that either can stand in for the other. Where one does not have a series, graphs have gaps
//! and alerts stay silent whenever it is the one that is asked.
//!
//! # Example
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! scrape_configs:
//!   - job_name: shop
//!     static_configs: [{ targets: ['shop-1:80', 'shop-2:80'] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! scrape_configs:
//!   - job_name: shop
//!     static_configs: [{ targets: ['shop-1:80'] }]
//! ```
//!
//! # Instead
//! Scrape the same with both.
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! scrape_configs:
//!   - job_name: shop
//!     static_configs: [{ targets: ['shop-1:80', 'shop-2:80'] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! scrape_configs:
//!   - job_name: shop
//!     static_configs: [{ targets: ['shop-1:80', 'shop-2:80'] }]
//! ```
//!
//! # Source
//! HA needs servers that are configured alike: Prometheus' documentation, FAQ, "Can Prometheus be made highly
//! available?"

use super::{Replicas, report_differences};
use crate::diagnostic::Code;
use crate::lint::Found;
use crate::workspace::replicas::Topic;

const CODE: Code = Code::new("replicas/different-jobs");

pub(super) fn check(set: &Replicas<'_>, found: &mut Found) {
    let because = "whoever asks the one gets series that the other does not have: graphs and alerts depend on which of them answers";
    report_differences(set, (CODE, Topic::Jobs), (because, "configure both alike"), |_| false, found);
}
