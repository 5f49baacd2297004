//! Alerts that are sent through a load balancer
//!
//! # What it finds
//! A server lists an address under `alertmanagers` at which a balancer of the workspace listens.
//!
//! # Why it matters
//! Each alert has to reach every Alertmanager of a cluster. They wait for one another before they notify, but they do
//! not pass alerts on: through a balancer, an alert is known to one of them alone, and lost with it. One that gets an
//! alert only now and then takes it for resolved in between.
//!
//! # Example
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   prometheus: { config: prometheus.yml }
//! balancers:
//!   alerts: { listen: ['alerts.example:9093'] }
//! # prometheus.yml
//! alerting:
//!   alertmanagers:
//!     - static_configs:
//!         - targets: ['alerts.example:9093']
//! ```
//!
//! # Instead
//! List every Alertmanager, or let service discovery find each of them.
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   prometheus: { config: prometheus.yml }
//! balancers:
//!   alerts: { listen: ['alerts.example:9093'] }
//! # prometheus.yml
//! alerting:
//!   alertmanagers:
//!     - static_configs:
//!         - targets: ['alertmanager-1:9093', 'alertmanager-2:9093']
//! ```
//!
//! # Source
//! Alertmanager's documentation, High Availability: "It's important not to load balance traffic between Prometheus and
//! its Alertmanagers"; alertmanager#787

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::Preview;
use crate::lint::Found;
use crate::workspace::Listener;

const CODE: Code = Code::new("replicas/balanced-alertmanagers");

pub(super) fn check(preview: &Preview, found: &mut Found) {
    let workspace = &preview.workspace;
    for node in &workspace.nodes {
        // Relabelling may lead elsewhere.
        let groups = node.config.iter().flat_map(|config| &config.alertmanagers);
        let groups = groups.filter(|group| group.relabel_configs.is_empty());
        for target in groups.flat_map(|group| &group.static_configs).flat_map(|group| &group.targets) {
            let Some(Listener::Balancer(balancer)) = workspace.listener(&target.value) else { continue };
            let name = workspace.balancers.get(balancer).map_or("", |balancer| &balancer.name);
            let message = format!("`{}` sends its alerts through the balancer {name}", node.name);
            found.push((
                node.config_file,
                Diagnostic::warning(CODE, target.span, message)
                    .because("each Alertmanager has to get every alert: one that a balancer gives to one of them is not known to the others, and lost with it")
                    .help("list the Alertmanagers themselves"),
            ));
        }
    }
}
