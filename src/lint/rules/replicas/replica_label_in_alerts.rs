//! Alerts that carry the replica's label
//!
//! # What it finds
//! The servers of a replica set have an external label that tells them apart, send alerts, and nothing in
//! `alert_relabel_configs` takes that label off.
//!
//! # Why it matters
//! External labels are put on every alert. Alertmanager takes alerts for the same only where all labels are equal,
//! so that each replica's alert is one of its own: everybody is notified once for each replica.
//!
//! # Example
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! rule_files: [rules.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! alerting:
//!   alertmanagers: [{ static_configs: [{ targets: ['alerts:9093'] }] }]
//!   alert_relabel_configs: [{ regex: replica, action: labeldrop }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! rule_files: [rules.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! alerting:
//!   alertmanagers: [{ static_configs: [{ targets: ['alerts:9093'] }] }]
//! # rules.yml
//! groups: [{ name: shop, rules: [{ alert: ShopIsDown, expr: 'up{job="shop"} == 0' }] }]
//! ```
//!
//! # Instead
//! Take the label off before alerts are sent.
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! rule_files: [rules.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! alerting:
//!   alertmanagers: [{ static_configs: [{ targets: ['alerts:9093'] }] }]
//!   alert_relabel_configs: [{ regex: replica, action: labeldrop }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! rule_files: [rules.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! alerting:
//!   alertmanagers: [{ static_configs: [{ targets: ['alerts:9093'] }] }]
//!   alert_relabel_configs: [{ regex: replica, action: labeldrop }]
//! # rules.yml
//! groups: [{ name: shop, rules: [{ alert: ShopIsDown, expr: 'up{job="shop"} == 0' }] }]
//! ```
//!
//! # Source
//! notifier/manager.go, `Send`; Prometheus' documentation, `alert_relabel_configs`

use super::{Replica, Replicas, survives, wrong_labeldrop};
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::federation::Preview;
use crate::lint::Found;
use crate::yaml;
use crate::yaml::edit::{Change, Edit, Path, Value, plan};

const CODE: Code = Code::new("replicas/replica-label-in-alerts");

pub(super) fn check(set: &Replicas<'_>, found: &mut Found) {
    if set.nodes.len() < 2 {
        return;
    }
    for replica in &set.nodes {
        if replica.config.rule_files.is_empty() {
            continue;
        }
        let chains = replica.alert_relabelling();
        let left = set.labels.iter().find(|label| {
            let own = &replica.config.global.external_labels;
            own.iter().any(|have| have.name.value == ***label)
                && chains.iter().any(|rules| {
                    survives(rules, label, replica.node) == Some(true)
                        && wrong_labeldrop::meant_for(rules, label, replica.node).is_none()
                })
        });
        let Some(label) = left else { continue };
        let message =
            format!("alerts of `{}` carry `{label}`, which differs among its replicas", replica.name());
        let diagnostic = Diagnostic::warning(CODE, replica.label_span(label), message)
                .because("to Alertmanager they are other alerts than those of the other replicas: everybody is notified once for each replica")
                .help(format!(
                    "take it off before alerts are sent: `alert_relabel_configs: [{{ regex: {label}, action: labeldrop }}]` under `alerting`"
                ));
        let fix = labeldrop(set.preview, *replica, label);
        found.push((replica.file(), fix.into_iter().fold(diagnostic, Diagnostic::fix)));
    }
}

/// Takes a label off all alerts, behind what else is done to them.
fn labeldrop(preview: &Preview, replica: Replica<'_>, label: &str) -> Option<Fix> {
    let file = preview.workspace.file(replica.file());
    let text = file.text.as_deref().filter(|_| !file.from_last_valid)?;
    let pair = |key: &str, value: &str| (key.to_owned(), Value::from(value));
    let value = Value::Map(vec![pair("regex", label), pair("action", "labeldrop")]);
    let path = Path::root().key("alerting").key("alert_relabel_configs");
    let change = if replica.config.alert_relabel_configs.is_empty() {
        Change::Set(Value::List(vec![value]))
    } else {
        Change::InsertItem { at: None, value }
    };
    let edits = plan(text, &yaml::parse(text).value, &Edit::new(path, change)).ok()?;
    Some(Fix::unsafe_fix(format!("Take `{label}` off the alerts"), edits))
}
