//! What Prometheus refuses of groups and rules: `Validate` of `model/rulefmt/rulefmt.go`.

use std::collections::HashMap;

use super::model::{Pair, Rule, RuleFile};
use super::{GROUP, LABEL, Options, RULE, TEMPLATE, template};
use crate::diagnostic::Diagnostic;
use crate::labels::METRIC_NAME;
use crate::text::{Span, quote};
use crate::version::Version;

/// Braces in a record's name have a message of their own since here.
const BRACES: Version = Version { major: 3, minor: 2 };

pub(super) fn validate(file: &RuleFile, options: Options) -> Vec<Diagnostic> {
    let mut checks = Checks { options, found: Vec::new() };
    let mut names: HashMap<&str, Span> = HashMap::new();
    for group in &file.groups {
        let name = group.name.value.as_str();
        if name.is_empty() {
            checks.error(group.name.span, "Groupname must not be empty", "give the group a name");
        }
        if let Some(first) = names.insert(name, group.name.span) {
            let message = format!("groupname: \"{name}\" is repeated in the same file");
            let diagnostic = Diagnostic::error(GROUP, group.name.span, message)
                .help("give each group a name of its own")
                .label(first, "first used here");
            checks.found.push(diagnostic);
        }
        checks.labels(&group.labels);
        for rule in &group.rules {
            checks.rule(rule);
        }
    }
    checks.found
}

struct Checks {
    options: Options,
    found: Vec<Diagnostic>,
}

impl Checks {
    fn error(&mut self, span: Span, message: &'static str, help: &'static str) {
        self.found.push(Diagnostic::error(RULE, span, message).help(help));
    }

    fn rule(&mut self, rule: &Rule) {
        let record = rule.record.as_ref().filter(|record| !record.value.is_empty());
        let alert = rule.alert.as_ref().filter(|alert| !alert.value.is_empty());
        match (record, alert) {
            (Some(record), Some(alert)) => {
                let message = "only one of 'record' and 'alert' must be set";
                let diagnostic = Diagnostic::error(RULE, alert.span, message)
                    .help("make two rules of it")
                    .label(record.span, "the other");
                self.found.push(diagnostic);
            }
            (None, None) => {
                let help = "`record: NAME` stores the result as a series, `alert: NAME` raises an alert";
                self.error(first_line(rule), "one of 'record' or 'alert' must be set", help);
            }
            _ => {}
        }
        if rule.expr.is_none() {
            let span = record.or(alert).map_or(first_line(rule), |name| name.span);
            self.error(span, "field 'expr' must be set in rule", "write what is evaluated: `expr: up == 0`");
        }
        if let Some(record) = record {
            self.recording(rule, &record.value, record.span);
        }
        self.labels(&rule.labels);
        for pair in &rule.annotations {
            if !self.options.names.is_label_name(pair.name.value.as_bytes()) {
                let message = format!("invalid annotation name: {}", pair.name.value);
                self.found.push(Diagnostic::error(LABEL, pair.name.span, message));
            }
        }
        if let Some(alert) = alert {
            self.templates(&rule.labels, "label", &alert.value);
            self.templates(&rule.annotations, "annotation", &alert.value);
        }
    }

    fn recording(&mut self, rule: &Rule, name: &str, span: Span) {
        let alerts_only = "only alerting rules have it: remove it, or write `alert` instead of `record`";
        if let Some(first) = rule.annotations.first() {
            let message = "invalid field 'annotations' in recording rule";
            self.error(first.name.span, message, alerts_only);
        }
        let set = |duration: &Option<crate::yaml::Spanned<crate::units::Duration>>| {
            duration.as_ref().filter(|duration| !duration.value.is_zero()).map(|duration| duration.span)
        };
        if let Some(span) = set(&rule.hold) {
            self.error(span, "invalid field 'for' in recording rule", alerts_only);
        }
        if let Some(span) = set(&rule.keep_firing_for) {
            self.error(span, "invalid field 'keep_firing_for' in recording rule", alerts_only);
        }
        if !self.options.names.is_metric_name(name.as_bytes()) {
            let message = format!("invalid recording rule name: {name}");
            self.found.push(Diagnostic::error(RULE, span, message));
        }
        if name.contains(['{', '}']) && self.options.dialect.version >= BRACES {
            let message = format!("braces present in the recording rule name; should it be in expr?: {name}");
            let help = "the name stands alone: labels are set with `labels`";
            self.found.push(Diagnostic::error(RULE, span, message).help(help));
        }
    }

    fn labels(&mut self, labels: &[Pair]) {
        for pair in labels {
            let name = pair.name.value.as_bytes();
            if !self.options.names.is_label_name(name) || name == METRIC_NAME.as_bytes() {
                let message = format!("invalid label name: {}", pair.name.value);
                self.found.push(Diagnostic::error(LABEL, pair.name.span, message));
            }
        }
    }

    fn templates(&mut self, pairs: &[Pair], what: &str, alert: &str) {
        let template = format!("__alert_{alert}");
        for Pair { name, value } in pairs {
            let Err(error) = template::check(&value.value, &template, self.options.dialect.version) else {
                continue;
            };
            let name = quote(&name.value);
            let (line, message) = (error.line, error.message);
            let message = format!("{what} {name}: template: {template}:{line}: {message}");
            self.found.push(Diagnostic::error(TEMPLATE, value.part(error.span), message));
        }
    }
}

/// The beginning of a rule, where nothing narrower is wrong.
fn first_line(rule: &Rule) -> Span {
    Span::at(rule.span.start)
}
