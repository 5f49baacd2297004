//! An alert that says which replica sent it
//!
//! # What it finds
//! A label or an annotation of an alerting rule of a replica set is a template that uses the external label by which
//! the replicas differ: `{{ $externalLabels.replica }}`.
//!
//! # Why it matters
//! Every replica sends the alert. With the replica in one of its labels, Alertmanager has as many alerts as there are
//! replicas, and notifies as often, whatever `alert_relabel_configs` take off. With it in an annotation, the text
//! changes with whichever replica was heard last.
//!
//! # Example
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! rule_files: [rules.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! rule_files: [rules.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # rules.yml
//! groups:
//!   - name: shop
//!     rules:
//!       - alert: ShopIsDown
//!         expr: up{job="shop"} == 0
//!         labels:
//!           source: '{{ $externalLabels.replica }}'
//! ```
//!
//! # Instead
//! Use a label that all replicas have alike.
//! ```yaml
//! # a.yml
//! global: { external_labels: { cluster: eu, replica: a } }
//! rule_files: [rules.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # b.yml
//! global: { external_labels: { cluster: eu, replica: b } }
//! rule_files: [rules.yml]
//! scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
//! # rules.yml
//! groups:
//!   - name: shop
//!     rules:
//!       - alert: ShopIsDown
//!         expr: up{job="shop"} == 0
//!         labels:
//!           source: '{{ $externalLabels.cluster }}'
//! ```
//!
//! # Source
//! rules/alerting.go, `Eval`; template/template.go, `AlertTemplateData`

use super::Replicas;
use crate::diagnostic::{Code, Diagnostic};
use crate::lint::Found;
use crate::rules::Pair;

const CODE: Code = Code::new("replicas/replica-in-rules");

pub(super) fn check(set: &Replicas<'_>, found: &mut Found) {
    if set.nodes.len() < 2 {
        return;
    }
    for replica in &set.nodes {
        for (file, _, rule) in replica.node.all_rules().filter(|(_, _, rule)| rule.is_alert()) {
            let labels = rule.labels.iter().map(|pair| (pair, true));
            let annotations = rule.annotations.iter().map(|pair| (pair, false));
            for (pair, is_label) in labels.chain(annotations) {
                let Some(label) = set.labels.iter().find(|label| uses(pair, label)) else { continue };
                let what = if is_label { "label" } else { "annotation" };
                let message = format!(
                    "{what} `{}` of alert `{}` is another one on each replica: it uses `{label}`",
                    pair.name.value,
                    rule.name()
                );
                let diagnostic = if is_label {
                    Diagnostic::warning(CODE, pair.value.span, message)
                        .because("to Alertmanager each replica's alert is one of its own: everybody is notified once for each")
                } else {
                    Diagnostic::info(CODE, pair.value.span, message)
                        .because("the text of a notification changes with the replica that was heard last")
                };
                let diagnostic = diagnostic.help("use a label that all replicas have alike");
                // Replicas share their rules.
                if !found.iter().any(|(at, have)| *at == file && *have == diagnostic) {
                    found.push((file, diagnostic));
                }
            }
        }
    }
}

/// Whether a template uses an external label.
fn uses(pair: &Pair, label: &str) -> bool {
    let text = &pair.value.value;
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    ["$externalLabels.", ".ExternalLabels."].iter().any(|start| {
        text.match_indices(start).any(|(at, _)| {
            let name = text.get(at + start.len()..).unwrap_or_default();
            name.strip_prefix(label).is_some_and(|rest| !rest.starts_with(part))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Spanned;

    #[test]
    fn templates_are_looked_through() {
        let check = |text: &str, expect: bool| {
            let value = Spanned::new(text.to_owned(), crate::text::Span::at(0));
            let pair = Pair { name: Spanned::default(), value };
            assert_eq!(uses(&pair, "replica"), expect, "{text}");
        };
        check("{{ $externalLabels.replica }}", true);
        check("{{.ExternalLabels.replica}}", true);
        check("{{ $externalLabels.replicas }}", false);
        check("{{ $labels.replica }}", false);
        check("replica", false);
    }
}
