//! A recording rule's name that says where its series go
//!
//! # What it finds
//! A part of a recording rule's name, between colons, is `federate`, `federated`, `federation`, `remotewrite` or
//! `remote_write`.
//!
//! # Why it matters
//! Names say what a series is: level, metric, operations. Who takes it away changes more often: then either the
//! name no longer holds, or rules, dashboards and alerts that use it must be changed.
//!
//! # Example
//! ```yaml
//! # leaf.yml
//! rule_files: [rules.yml]
//! scrape_configs:
//!   - job_name: shop
//! # rules.yml
//! groups:
//!   - name: shop
//!     rules:
//!       - record: federate:requests:rate5m
//!         expr: sum by (job) (rate(requests_total[5m]))
//! ```
//!
//! # Instead
//! Name it by its level, and list in `match[]` what is to be pulled.
//! ```yaml
//! # leaf.yml
//! rule_files: [rules.yml]
//! scrape_configs:
//!   - job_name: shop
//! # rules.yml
//! groups:
//!   - name: shop
//!     rules:
//!       - record: job:requests:rate5m
//!         expr: sum by (job) (rate(requests_total[5m]))
//! ```
//!
//! # Source
//! Prometheus' documentation, Recording rules; robustperception.io, on policy in names

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::Preview;
use crate::lint::Found;

const CODE: Code = Code::new("federation/policy-in-name");

const POLICIES: [&str; 5] = ["federate", "federated", "federation", "remotewrite", "remote_write"];

pub(super) fn check(preview: &Preview, found: &mut Found) {
    for file in preview.workspace.nodes.iter().flat_map(|node| &node.rules) {
        let rules = file.rules.value.groups.iter().flat_map(|group| &group.rules);
        for record in rules.filter_map(|rule| rule.record.as_ref()) {
            let name = record.value.as_str();
            let Some(policy) = name.split(':').find(|part| POLICIES.contains(part) && *part != name) else {
                continue;
            };
            let message = format!("`{name}` says where the series goes, `{policy}`, and not what it is");
            found.push((
                file.file,
                Diagnostic::info(CODE, record.span, message)
                    .because("where it goes changes more often than what it is, and then whatever uses the name must change")
                    .help("name it by its level, such as `job:…`, and say in `match[]` or `write_relabel_configs` what goes where"),
            ));
        }
    }
}
