//! Targets that Prometheus takes with the file and then refuses: `cmd/promtool`, `checkTargetGroupsForScrapeConfig`
//! and `checkTargetGroupsForAlertmanager`.

use crate::diagnostic::Diagnostic;
use crate::labels::LabelSet;
use crate::relabel::{Compiler, Program, RelabelConfig};
use crate::text::quote;

use super::codes;
use super::config::{AlertmanagerGroup, Config, RelabelRule};
use super::target::{TargetFate, static_groups, targets};

/// Warnings about static targets that Prometheus refuses once it runs: it starts, says so in its log, and
/// never scrapes them. `promtool check config` fails over them.
#[must_use]
pub fn refused_targets(config: &Config) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut compiler = Compiler::new(config.version);
    for job in &config.scrape_configs {
        let effective = job.effective(&config.global, config.version);
        for outcome in targets(&effective, &static_groups(job), config.version, &mut compiler) {
            let TargetFate::Refused { error } = outcome.fate else { continue };
            // What is refused with the file has been said.
            if job.relabel_configs.is_empty() && error.ends_with("is not a valid hostname") {
                continue;
            }
            let message = format!("instance {} in group {}: {error}", outcome.index, outcome.group);
            found.push(
                Diagnostic::warning(codes::REFUSED_TARGET, outcome.span, message)
                    .because("Prometheus starts, says so in its log, and never scrapes this target."),
            );
        }
    }
    let scheme = config.global.scheme(config.version);
    for group in &config.alertmanagers {
        let rules: Vec<RelabelConfig> = group.relabel_configs.iter().map(RelabelRule::config).collect();
        if let Ok(program) = compiler.compile(&rules, scheme) {
            alertmanagers(group, &program, &mut found);
        }
    }
    found
}

/// `notifier/alertmanager.go`, `AlertmanagerFromGroup`: the address that is left must be no URL.
fn alertmanagers(group: &AlertmanagerGroup, program: &Program, found: &mut Vec<Diagnostic>) {
    // What is refused with the file has been said.
    if program.is_empty() {
        return;
    }
    for config in &group.static_configs {
        for target in &config.targets {
            let mut labels = LabelSet::new();
            labels.insert("__address__", &target.value);
            labels.insert("__scheme__", group.scheme.as_ref().map_or("http", |scheme| &scheme.value));
            for label in &config.labels {
                if labels.value(&label.name.value).is_empty() {
                    labels.insert(&label.name.value, &label.value.value);
                }
            }
            if program.apply(&mut labels) && labels.value("__address__").contains('/') {
                let message = format!("{} is not a valid hostname", quote(labels.value("__address__")));
                found.push(
                    Diagnostic::warning(codes::REFUSED_TARGET, target.span, message)
                        .because("Prometheus starts, says so in its log, and sends this target no alerts."),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::{Environment, Version, parse};

    #[test]
    fn refused_targets_are_warned_about() {
        let check = |text: &str, expect: &[&str]| {
            let found = refused_targets(&parse(text, Version::NEWEST, &Environment::default()).value);
            let messages: Vec<&str> = found.iter().map(|found| &*found.message).collect();
            assert_eq!(messages, expect, "{text}");
        };
        let job =
            "scrape_configs:\n- job_name: a\n  static_configs: [{targets: [x]}, {targets: [y, 'b/c', '']}]\n";
        check(job, &["instance 2 in group 1: no address"]);
        check(
            &format!("{job}  relabel_configs: [{{target_label: d, replacement: e}}]\n"),
            &["instance 1 in group 1: \"b/c\" is not a valid hostname", "instance 2 in group 1: no address"],
        );
    }

    #[test]
    fn alertmanagers_that_are_urls_are_warned_about() {
        let text = "alerting:\n  alertmanagers:\n  - static_configs: [{targets: ['http://bad', good]}]\n    relabel_configs: [{target_label: a, replacement: b}]\n";
        let found = refused_targets(&parse(text, Version::NEWEST, &Environment::default()).value);
        let messages: Vec<&str> = found.iter().map(|found| &*found.message).collect();
        assert_eq!(messages, ["\"http://bad\" is not a valid hostname"]);
    }
}
