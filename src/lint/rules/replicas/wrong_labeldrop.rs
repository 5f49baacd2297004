//! A `labeldrop` for alerts that takes off the wrong labels
//!
//! # What it finds
//! A `labeldrop` in the `alert_relabel_configs` of a replica set that is meant for the replica's label and does not
//! match its name as a whole, or that takes off `alertname` or, by a pattern, external labels that do not tell the
//! replicas apart.
//!
//! # Why it matters
//! Regular expressions of relabelling match whole names: `replica` does not match `prometheus_replica`, and alerts
//! of the replicas stay apart, so that everybody is notified once for each. A pattern that matches too much takes
//! off labels by which alerts are routed, and joins alerts of different clusters into one.
//!
//! # Example
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, prometheus_replica: a } }
//! rule_files: [rules.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! alerting:
//!   alertmanagers: [{ static_configs: [{ targets: ['alerts:9093'] }] }]
//!   alert_relabel_configs: [{ regex: replica, action: labeldrop }]
//! # rules.yml
//! groups: [{ name: shop, rules: [{ alert: ShopIsDown, expr: 'up{job="shop"} == 0' }] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, prometheus_replica: b } }
//! rule_files: [rules.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! alerting:
//!   alertmanagers: [{ static_configs: [{ targets: ['alerts:9093'] }] }]
//!   alert_relabel_configs: [{ regex: prometheus_replica, action: labeldrop }]
//! ```
//!
//! # Instead
//! Write the label's whole name.
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, prometheus_replica: a } }
//! rule_files: [rules.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! alerting:
//!   alertmanagers: [{ static_configs: [{ targets: ['alerts:9093'] }] }]
//!   alert_relabel_configs: [{ regex: prometheus_replica, action: labeldrop }]
//! # rules.yml
//! groups: [{ name: shop, rules: [{ alert: ShopIsDown, expr: 'up{job="shop"} == 0' }] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, prometheus_replica: b } }
//! rule_files: [rules.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! alerting:
//!   alertmanagers: [{ static_configs: [{ targets: ['alerts:9093'] }] }]
//!   alert_relabel_configs: [{ regex: prometheus_replica, action: labeldrop }]
//! ```
//!
//! # Source
//! model/relabel/relabel.go, `NewRegexp` and `LabelDrop`

use super::{Replica, Replicas, survives};
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::lint::Found;
use crate::prometheus::RelabelRule;
use crate::regex::{Form, Regex};
use crate::relabel::{Action, Field};
use crate::text::TextEdit;
use crate::workspace::Node;

const CODE: Code = Code::new("replicas/wrong-labeldrop");

/// The label that holds an alert's name.
const ALERT_NAME: &str = "alertname";

pub(super) fn check(set: &Replicas<'_>, found: &mut Found) {
    if set.nodes.len() < 2 {
        return;
    }
    for replica in &set.nodes {
        for rules in replica.alert_relabelling() {
            too_little(set, *replica, &rules, found);
            too_much(set, *replica, &rules, found);
        }
    }
}

/// A rule for the replica's label that does not match it.
fn too_little(set: &Replicas<'_>, replica: Replica<'_>, rules: &[&RelabelRule], found: &mut Found) {
    for label in &set.labels {
        if survives(rules, label, replica.node) != Some(true) {
            continue;
        }
        let Some(rule) = meant_for(rules, label, replica.node) else { continue };
        let span = rule.field_span(Field::Regex);
        let regex = rule.config().regex().to_owned();
        let message = format!(
            "`labeldrop` of `{regex}` does not take `{label}` off the alerts of `{}`",
            replica.name()
        );
        let diagnostic = Diagnostic::error(CODE, span, message)
            .because("the regular expression must match the whole name: to Alertmanager, each replica's alerts are alerts of their own")
            .help(format!("write `regex: {label}`"));
        let current = !set.preview.workspace.file(replica.file()).from_last_valid;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let edit = TextEdit { span, text: (*label).to_owned() };
        let can_mend = current && rule.regex.is_some() && label.chars().all(plain);
        let fix = can_mend.then(|| Fix::unsafe_fix(format!("Match `{label}`"), vec![edit]));
        found.push((replica.file(), fix.into_iter().fold(diagnostic, Diagnostic::fix)));
    }
}

/// Patterns that match labels that are not the replica's own.
fn too_much(set: &Replicas<'_>, replica: Replica<'_>, rules: &[&RelabelRule], found: &mut Found) {
    for rule in rules.iter().filter(|rule| drops_labels(rule)) {
        let Ok(regex) = Regex::new(rule.config().regex(), Form::Relabel, replica.node.version) else {
            continue;
        };
        let external = replica.config.global.external_labels.iter().map(|label| label.name.value.as_str());
        // Whoever writes a name means it.
        let written = regex.texts().is_some();
        let others = external.filter(|name| !written && !set.labels.contains(name));
        let Some(taken) = std::iter::once(ALERT_NAME).chain(others).find(|name| regex.is_match(name)) else {
            continue;
        };
        let span = rule.field_span(Field::Regex);
        let message =
            format!("`labeldrop` of `{}` takes `{taken}` off the alerts too", rule.config().regex());
        found.push((
            replica.file(),
            Diagnostic::error(CODE, span, message)
                .because("alerts that differ in it alone become one, and no route can ask for it")
                .help("match only the label that tells the replicas apart, by its whole name"),
        ));
    }
}

fn drops_labels(rule: &RelabelRule) -> bool {
    rule.action.as_ref().is_some_and(|action| action.value == Action::LabelDrop)
}

/// The rule that is meant to take `label` off and does not, because what it matches is only a part of the name,
/// or is spelled with other letters.
pub(super) fn meant_for<'p>(rules: &[&'p RelabelRule], label: &str, node: &Node) -> Option<&'p RelabelRule> {
    rules.iter().copied().filter(|rule| drops_labels(rule)).find(|rule| {
        let part = format!("(?i).*(?:{}).*", rule.config().regex());
        let matches = |pattern: &str| {
            Regex::new(pattern, Form::Relabel, node.version).is_ok_and(|regex| regex.is_match(label))
        };
        matches(&part) && !matches(rule.config().regex())
    })
}
