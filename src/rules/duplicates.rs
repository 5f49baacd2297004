//! Rules of the same name with the same labels: what `promtool check rules` finds with `--lint`.

use std::collections::HashMap;

use super::DUPLICATE;
use super::model::RuleFile;
use crate::diagnostic::Diagnostic;
use crate::text::Span;

/// A warning at every rule that makes the same series as one before it.
pub(super) fn duplicates(file: &RuleFile) -> Vec<Diagnostic> {
    type Labels<'a> = Vec<(&'a str, &'a str)>;
    let mut seen: HashMap<(&str, Labels<'_>), Span> = HashMap::new();
    let mut found = Vec::new();
    for group in &file.groups {
        for rule in &group.rules {
            let name = rule.name();
            if name.is_empty() {
                continue;
            }
            let written = if rule.is_alert() { rule.alert.as_ref() } else { rule.record.as_ref() };
            let span = written.map_or(rule.span, |name| name.span);
            let key = (name, rule.labels(group));
            if let Some(first) = seen.get(&key) {
                let what = if rule.is_alert() { "alert" } else { "series" };
                let message =
                    format!("duplicate rule: another one makes the {what} `{name}` with the same labels");
                let because = if rule.is_alert() {
                    "both fire and are told apart by nothing but what their expressions select"
                } else {
                    "where both results have the same labels, one of the two samples is dropped"
                };
                found.push(
                    Diagnostic::warning(DUPLICATE, span, message)
                        .because(because)
                        .help("name them differently, or set a label that tells them apart")
                        .label(*first, "the first"),
                );
            } else {
                seen.insert(key, span);
            }
        }
    }
    found
}
