//! Federation through a load balancer
//!
//! # What it finds
//! A job federates from the address of a load balancer.
//!
//! # Why it matters
//! The replicas behind it answer in turn, so that each scrape may come from another one. Where replicas carry a
//! label of their own, every series is there now and gone at the next scrape; where they do not, counters jump
//! between the two, and samples that are older than the last are dropped.
//!
//! # Example
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   global: { config: global.yml }
//! balancers:
//!   front: { listen: ['front:9090'] }
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['front:9090']
//! ```
//!
//! # Instead
//! List the replicas themselves as targets, and tell them apart by an external label.
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   global: { config: global.yml }
//!   leaf-a: { config: leaf-a.yml }
//!   leaf-b: { config: leaf-b.yml }
//! balancers:
//!   front: { listen: ['front:9090'] }
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf-a:9090', 'leaf-b:9090']
//! # leaf-a.yml
//! global: { external_labels: { replica: a } }
//! scrape_configs:
//!   - job_name: shop
//! # leaf-b.yml
//! global: { external_labels: { replica: b } }
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Source
//! prometheus/docs#394; prometheus-operator#4312; `tsdb/head_append.go`

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Peer, Preview};
use crate::lint::Found;

const CODE: Code = Code::new("federation/balanced-target");

pub(super) fn check(preview: &Preview, found: &mut Found) {
    for pull in &preview.topology.pulls {
        let Peer::Balancer(balancer) = pull.peer else { continue };
        let Some(balancer) = preview.workspace.balancers.get(balancer) else { continue };
        if !pull.federates || pull.refused.is_some() {
            continue;
        }
        let message = format!("job `{}` federates through the balancer {}", pull.job, balancer.name);
        found.push((
            pull.target_file,
            Diagnostic::warning(CODE, pull.target_span, message)
                .because("the replicas behind it answer in turn, so that each scrape may come from another one: series come and go, or jump and lose samples")
                .help("list the replicas themselves as targets, and tell them apart by an external label"),
        ));
    }
}
