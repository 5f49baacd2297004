//! Alertmanagers of which no file says that they are a cluster
//!
//! # What it finds
//! The replicas of a set list two or more Alertmanagers.
//!
//! # Why it matters
//! That is as it should be, where these Alertmanagers know one another (`--cluster.peer`): then one of them notifies, and
//! silences hold on all. Where they do not, each notifies, and a silence on one leaves the others as they are. No file
//! of the workspace says which it is.
//!
//! # Example
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! alerting:
//!   alert_relabel_configs: [{ action: labeldrop, regex: replica }]
//!   alertmanagers: [{ static_configs: [{ targets: ['alerts-1:9093', 'alerts-2:9093'] }] }]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! alerting:
//!   alert_relabel_configs: [{ action: labeldrop, regex: replica }]
//!   alertmanagers: [{ static_configs: [{ targets: ['alerts-1:9093', 'alerts-2:9093'] }] }]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! ```
//!
//! # Instead
//! Start each Alertmanager with `--cluster.peer` for every other one, with TCP and UDP open between them (9094), and
//! write down that it is so. `alertmanager_cluster_members` says how many have found one another.
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! alerting:
//!   alert_relabel_configs: [{ action: labeldrop, regex: replica }]
//!   # promtier: allow replicas/alertmanager-cluster both run with --cluster.peer, see alertmanager.service
//!   alertmanagers: [{ static_configs: [{ targets: ['alerts-1:9093', 'alerts-2:9093'] }] }]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! alerting:
//!   alert_relabel_configs: [{ action: labeldrop, regex: replica }]
//!   alertmanagers: [{ static_configs: [{ targets: ['alerts-1:9093', 'alerts-2:9093'] }] }]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! ```
//!
//! # Source
//! Alertmanager's documentation, High Availability

use super::Replicas;
use crate::diagnostic::{Code, Diagnostic};
use crate::lint::Found;
use crate::workspace::Listener;
use crate::workspace::replicas::Topic;

const CODE: Code = Code::new("replicas/alertmanager-cluster");

pub(super) fn check(set: &Replicas<'_>, found: &mut Found) {
    // Replicas that alert different ones are a finding of their own.
    if set.nodes.len() < 2 || set.differences.iter().any(|it| it.topic == Topic::Alertmanagers) {
        return;
    }
    let Some(first) = set.nodes.first() else { return };
    // Relabelling may leave one of them, or lead elsewhere.
    let groups = first.config.alertmanagers.iter().filter(|group| group.relabel_configs.is_empty());
    let listed = groups.flat_map(|group| &group.static_configs).flat_map(|group| &group.targets);
    let workspace = &set.preview.workspace;
    let direct = listed.filter(|one| !matches!(workspace.listener(&one.value), Some(Listener::Balancer(_))));
    let mut direct: Vec<_> = direct.collect();
    direct.dedup_by(|one, other| one.value == other.value);
    let [here, _, ..] = direct.as_slice() else { return };
    let message = format!(
        "the replicas of `{}` alert {} Alertmanagers: nothing here says that these are a cluster",
        set.name(),
        direct.len()
    );
    found.push((
        first.file(),
        Diagnostic::info(CODE, here.span, message)
            .because("one of a cluster notifies for all; where each runs for itself, every alert is notified by each, and silences hold on one alone")
            .help("start each with `--cluster.peer` for the others; then say so: `# promtier: allow replicas/alertmanager-cluster REASON`"),
    ));
}
