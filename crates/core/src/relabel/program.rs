//! A list of rules, run in order.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use super::config::{Field, RelabelConfig, RelabelError};
use super::rule::{NameOutcome, Outcome, Rule};
use crate::labels::LabelSet;
use crate::labels::name::ValidationScheme;
use crate::sort;
use crate::version::Version;

/// Rules that are ready to run, in order.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub(super) rules: Vec<Rule>,
    /// Whether each rule gets the labels by name, whatever was set before it: `relabel.go` up to 2.42.
    pub(super) by_name: bool,
}

/// The first release in which rules get the labels as they were built.
const AS_BUILT_SINCE: Version = Version { major: 2, minor: 43 };

/// Makes programs, each rule of which is compiled once, however often it stands: jobs repeat each other's
/// rules, and regular expressions take long to compile.
#[derive(Clone, Debug)]
pub struct Compiler {
    version: Version,
    rules: HashMap<(RelabelConfig, ValidationScheme), Result<Rule, RelabelError>>,
}

impl Compiler {
    /// A compiler for Prometheus of `version`.
    #[must_use]
    pub fn new(version: Version) -> Self {
        Self { version, rules: HashMap::new() }
    }

    /// Makes a program of `configs`; see [`Program::compile`].
    ///
    /// # Errors
    /// The first rule that Prometheus refuses.
    pub fn compile<'c>(
        &mut self,
        configs: impl IntoIterator<Item = &'c RelabelConfig>,
        scheme: ValidationScheme,
    ) -> Result<Program, ProgramError> {
        let version = self.version;
        let mut rules = Vec::new();
        for (rule, config) in configs.into_iter().enumerate() {
            let known = self
                .rules
                .entry((config.clone(), scheme))
                .or_insert_with_key(|(config, scheme)| compile_rule(config, version, *scheme));
            rules.push(known.clone().map_err(|error| ProgramError { rule, error })?);
        }
        Ok(Program { rules, by_name: version < AS_BUILT_SINCE })
    }
}

fn compile_rule(
    config: &RelabelConfig,
    version: Version,
    scheme: ValidationScheme,
) -> Result<Rule, RelabelError> {
    if let Some(error) = config.validate(version, scheme).into_iter().next() {
        return Err(error);
    }
    Rule::new(config, version, scheme)
        .map_err(|refused| RelabelError { field: Field::Regex, message: refused.to_string().into() })
}

/// Why a list of rules cannot run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramError {
    /// Which rule, counted from 0.
    pub rule: usize,
    /// What is wrong with it.
    pub error: RelabelError,
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for ProgramError {}

impl Program {
    /// Makes a program of `configs` for Prometheus of `version`. `scheme` says which names are valid, as the
    /// configuration asks for.
    ///
    /// # Errors
    /// The first rule that Prometheus refuses; [`RelabelConfig::validate`] tells all.
    pub fn compile<'c>(
        configs: impl IntoIterator<Item = &'c RelabelConfig>,
        version: Version,
        scheme: ValidationScheme,
    ) -> Result<Self, ProgramError> {
        Compiler::new(version).compile(configs, scheme)
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether there are no rules.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Runs the rules on `labels`; whether they are kept. Of labels that are dropped, what was made of them
    /// until then is left.
    ///
    /// Empty values count as absent; those that no rule touches are left for the caller.
    /// Source: `relabel.go`, `ProcessBuilder`.
    pub fn apply(&self, labels: &mut LabelSet) -> bool {
        self.apply_after(labels, &[])
    }

    /// As [`Self::apply`], on labels of which `added` were set before, in that order, on top of those that
    /// were there: `labelmap` takes labels in that order, so that of two that come to the same name the later
    /// one stays. Before 2.43 it takes them by name.
    pub fn apply_after(&self, labels: &mut LabelSet, added: &[&str]) -> bool {
        self.dropped_by(labels, added).is_none()
    }

    /// As [`Self::apply_after`]; the rule that drops the labels, by its place, if one does.
    pub(super) fn dropped_by(&self, labels: &mut LabelSet, added: &[&str]) -> Option<usize> {
        let mut builder = Builder::new(labels, added, self.by_name);
        self.rules.iter().position(|rule| !builder.step(rule))
    }

    /// Runs the rules on `labels` and tells every step; the last one is where they are dropped, if they are.
    #[must_use]
    pub fn explain(&self, labels: &LabelSet) -> Vec<Step> {
        self.explain_after(labels, &[])
    }

    /// As [`Self::explain`], for [`Self::apply_after`].
    #[must_use]
    pub fn explain_after(&self, labels: &LabelSet, added: &[&str]) -> Vec<Step> {
        let mut labels = labels.clone();
        let mut builder = Builder::new(&mut labels, added, self.by_name);
        let mut steps = Vec::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let before = builder.labels.clone();
            let values: Vec<&str> = rule.reads().iter().map(|name| before.value(name)).collect();
            let joined = (!rule.action().is_on_names()).then(|| rule.joined(&values).into_owned());
            let kept = builder.step(rule);
            let after = builder.labels.clone();
            let changes = changes(&before, &after);
            let verdict = if !kept {
                Verdict::Dropped
            } else if changes.is_empty() {
                Verdict::Unchanged
            } else {
                Verdict::Changed
            };
            let because = super::rule::because(rule, joined.as_deref(), verdict);
            steps.push(Step { rule: index, joined, verdict, because, changes, before, after });
            if !kept {
                break;
            }
        }
        steps
    }
}

/// What became of the labels in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are as before.
    Unchanged,
    /// Some of them changed.
    Changed,
    /// They are dropped, and no further rule runs.
    Dropped,
}

/// What a step did to one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The label.
    pub label: String,
    /// Its value before, where it had one.
    pub before: Option<String>,
    /// Its value now, where it has one.
    pub after: Option<String>,
}

/// One rule's work on one label set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which rule, counted from 0.
    pub rule: usize,
    /// The source labels' values joined, where the rule looks at values.
    pub joined: Option<String>,
    /// What became of the labels.
    pub verdict: Verdict,
    /// Why, in English.
    pub because: String,
    /// The labels that changed, sorted by name.
    pub changes: Vec<Change>,
    /// The labels before.
    pub before: LabelSet,
    /// The labels after.
    pub after: LabelSet,
}

/// What became of each label that is not the same in both sets, sorted by name. An empty value is none.
#[must_use]
pub fn changes(before: &LabelSet, after: &LabelSet) -> Vec<Change> {
    let owned = |value: Option<&str>| value.filter(|value| !value.is_empty()).map(str::to_owned);
    let mut names: Vec<&str> = before.iter().chain(after.iter()).map(|(name, _)| name).collect();
    sort::sort_and_dedup(&mut names);
    names
        .into_iter()
        .map(|name| Change {
            label: name.to_owned(),
            before: owned(before.get(name)),
            after: owned(after.get(name)),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

/// Prometheus' `labels.Builder`, as far as its order shows.
struct Builder<'l> {
    labels: &'l mut LabelSet,
    /// The labels that were set, in the order in which they came.
    added: Vec<Cow<'l, str>>,
    by_name: bool,
}

impl<'l> Builder<'l> {
    fn new(labels: &'l mut LabelSet, added: &[&'l str], by_name: bool) -> Self {
        let present = added.iter().filter(|name| !by_name && !labels.value(name).is_empty());
        let added = present.map(|&name| Cow::Borrowed(name)).collect();
        Self { labels, added, by_name }
    }

    /// Runs a rule; whether the labels are kept.
    fn step(&mut self, rule: &Rule) -> bool {
        if rule.action().is_on_names() {
            self.step_on_names(rule);
            return true;
        }
        let values: Vec<&str> = rule.reads().iter().map(|name| self.labels.value(name)).collect();
        match rule.on_values(&values) {
            Outcome::Unchanged => {}
            Outcome::Drop => return false,
            Outcome::Set { label, value } => self.set(&label, value),
            Outcome::Delete { label } => self.delete(&label),
        }
        true
    }

    fn step_on_names(&mut self, rule: &Rule) {
        let base = self.labels.iter().map(|(name, _)| name);
        let base = base.filter(|name| !self.added.iter().any(|added| added == name));
        let added = self.added.iter().map(Cow::as_ref).filter(|name| self.labels.get(name).is_some());
        let outcomes: Vec<(String, String, NameOutcome)> = base
            .chain(added)
            .map(|name| (name, self.labels.value(name)))
            .map(|(name, value)| (name.to_owned(), value.to_owned(), rule.on_name(name)))
            .collect();
        for (name, value, outcome) in outcomes {
            match outcome {
                NameOutcome::Unchanged => {}
                NameOutcome::Remove => self.delete(&name),
                // An empty value is none.
                NameOutcome::Copy(to) if !value.is_empty() => self.set(&to, value),
                NameOutcome::Copy(_) => {}
            }
        }
    }

    fn set(&mut self, label: &str, value: String) {
        self.labels.insert(label, value);
        if !self.by_name && !self.added.iter().any(|added| added == label) {
            self.added.push(Cow::Owned(label.to_owned()));
        }
    }

    fn delete(&mut self, label: &str) {
        self.labels.remove(label);
        self.added.retain(|added| added != label);
    }
}
