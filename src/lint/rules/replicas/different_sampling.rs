//! Replicas that take other samples of the same targets
//!
//! # What it finds
//! An interval, a timeout, a limit or a rule of relabelling that two replicas do not have alike, globally or in a
//! job.
//!
//! # Why it matters
//! The replicas hold other samples, or other labels, of the same targets. A range that is long enough for `rate` on
//! the one is too short on the other, a limit fails the scrapes of one alone, and graphs change with every query
//! that another replica answers.
//!
//! # Example
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! scrape_configs:
//!   - job_name: shop
//!     scrape_interval: 15s
//!     static_configs: [{ targets: ['shop:80'] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! scrape_configs:
//!   - job_name: shop
//!     scrape_interval: 1m
//!     static_configs: [{ targets: ['shop:80'] }]
//! ```
//!
//! # Instead
//! Give both servers the same.
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! scrape_configs:
//!   - job_name: shop
//!     scrape_interval: 15s
//!     static_configs: [{ targets: ['shop:80'] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! scrape_configs:
//!   - job_name: shop
//!     scrape_interval: 15s
//!     static_configs: [{ targets: ['shop:80'] }]
//! ```
//!
//! # Source
//! HA needs servers that are configured alike: Prometheus' documentation, FAQ, "Can Prometheus be made highly
//! available?"

use super::{Replicas, report_differences};
use crate::diagnostic::Code;
use crate::lint::Found;
use crate::workspace::replicas::Topic;

const CODE: Code = Code::new("replicas/different-sampling");

pub(super) fn check(set: &Replicas<'_>, found: &mut Found) {
    let because =
        "the two hold other samples of the same targets: graphs change with the replica that answers";
    report_differences(set, (CODE, Topic::Sampling), (because, "configure both alike"), |_| false, found);
}
