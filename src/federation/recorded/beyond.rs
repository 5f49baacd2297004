//! What a server may hold besides the series that are listed.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::federation::Escaping;
use crate::federation::scrape::{EXPORTED, ScrapeSettings};
use crate::federation::topology::Pull;
use crate::labels::name::{is_legacy_label_name, is_legacy_metric_name};
use crate::labels::{LabelSet, METRIC_NAME};
use crate::relabel::{self, Action, NameOutcome, Outcome, Program, Writes};
use crate::rules::derive::Pattern;
use crate::series::CompiledMatcher;
use crate::sort;
use crate::workspace::Node;

use super::Recorded;

/// More patterns than these are taken for fewer, coarser ones.
const MOST_PATTERNS: usize = 256;

/// What is known of series without listing them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::federation) struct Beyond {
    pub(super) unlisted: BTreeSet<Pattern>,
    pub(super) interval_ms: u64,
    pub(super) slow: BTreeSet<(Pattern, u64)>,
}

impl Beyond {
    /// Of a server whose rules are evaluated, and whose targets are scraped, so often by default.
    pub(in crate::federation) fn new(node: &Node) -> Self {
        let global = node.config.as_ref().map(|config| config.global.effective(node.version));
        let Some(global) = global else { return Self::default() };
        let mut interval_ms = global.scrape_interval.as_millis();
        let evaluated = global.evaluation_interval.as_millis();
        for (_, group, _) in node.all_rules() {
            interval_ms =
                interval_ms.max(group.interval.as_ref().map_or(evaluated, |it| it.value.as_millis()));
        }
        Self { interval_ms, ..Self::default() }
    }

    /// Anything may be there.
    pub(in crate::federation) fn anything(&mut self) {
        self.unlisted.insert(Pattern::default());
    }

    /// Nothing is known of what a pull brings but the labels that the target gives.
    pub(in crate::federation) fn unknown(&mut self, pull: &Pull) {
        if self.unlisted.len() > MOST_PATTERNS {
            return self.anything();
        }
        let is_rewritten = !pull.settings.metric_relabel_configs.is_empty();
        let pattern = Pattern::default();
        self.unlisted.insert(if is_rewritten { pattern } else { attached(pull, &pattern) });
    }

    /// What a pull brings comes as often as it is asked for.
    pub(in crate::federation) fn pulled(&mut self, pull: &Pull) {
        if pull.interval_ms > self.interval_ms {
            let is_rewritten = !pull.settings.metric_relabel_configs.is_empty();
            let mut pattern =
                if is_rewritten { Pattern::default() } else { attached(pull, &Pattern::default()) };
            // One for each job is enough.
            pattern.labels.retain(|name, _| name == "job");
            self.slow.insert((pattern, pull.interval_ms));
        }
    }

    /// What a pull of another server brings of what is not listed there, and of what is slower.
    pub(in crate::federation) fn federated(
        &mut self,
        pull: &Pull,
        source: &Recorded,
        rewriting: &mut Rewriting,
    ) {
        for (pattern, interval) in source.slow.iter().filter(|(pattern, _)| is_asked_for(pull, pattern)) {
            if *interval > self.interval_ms
                && let Some(pattern) = rewriting.carried(pull, pattern)
            {
                self.slow.insert((pattern, *interval));
            }
        }
        if source.interval_ms > self.interval_ms
            && let Some(pattern) = rewriting.carried(pull, &Pattern::default())
        {
            self.slow.insert((pattern, source.interval_ms));
        }
        for pattern in source.unlisted.iter().filter(|pattern| is_asked_for(pull, pattern)) {
            self.unlisted.extend(rewriting.carried(pull, pattern));
        }
    }

    /// What is left when there are not too many patterns.
    pub(in crate::federation) fn settled(mut self) -> Self {
        if self.unlisted.contains(&Pattern::default()) {
            self.unlisted.retain(|pattern| *pattern == Pattern::default());
        }
        self.unlisted = sort::ordered_set(coarse(self.unlisted, |pattern| pattern));
        self.slow = sort::ordered_set(coarse(self.slow, |(pattern, _)| pattern));
        self
    }
}

/// Whether a request for what a pull asks for may be answered with such series.
pub(in crate::federation) fn is_asked_for(pull: &Pull, pattern: &Pattern) -> bool {
    let selects = |matchers: &Vec<CompiledMatcher>| pattern.may_match(matchers);
    pull.selectors.iter().any(|selector| selector.parsed.as_ref().is_ok_and(selects))
}

/// The rules of the job that was looked at last: the targets of a job follow one another.
#[derive(Debug, Default)]
pub(in crate::federation) struct Rewriting {
    of: Option<(Arc<ScrapeSettings>, Option<Program>)>,
}

impl Rewriting {
    /// What is known of series once a pull has brought them; `None` where it drops them.
    fn carried(&mut self, pull: &Pull, pattern: &Pattern) -> Option<Pattern> {
        let settings = &pull.settings;
        if !self.of.as_ref().is_some_and(|(of, _)| Arc::ptr_eq(of, settings)) {
            let configs = &settings.metric_relabel_configs;
            let rules = Program::compile(configs, settings.version, settings.name_validation).ok();
            self.of = Some((Arc::clone(settings), rules));
        }
        let Some((_, Some(rules))) = &self.of else { return Some(Pattern::default()) };
        let mut labels = attached(pull, pattern).labels;
        for rule in rules.rules() {
            labels = relabelled(rule, labels)?;
        }
        Some(Pattern { labels })
    }
}

/// What is known of labels after a rule, of which all that are not there may have any value.
fn relabelled(rule: &relabel::Rule, mut labels: LabelSet) -> Option<LabelSet> {
    let known: Option<Vec<&str>> = rule.reads().iter().map(|name| labels.get(name)).collect();
    match (rule.writes(), known) {
        (Writes::Names, _) if rule.action() == Action::LabelMap => return Some(LabelSet::new()),
        (Writes::Names, _) => {
            let is_removed = |name: &str| rule.on_name(name) == NameOutcome::Remove;
            return Some(
                labels
                    .iter()
                    .map(|(name, value)| (name, if is_removed(name) { "" } else { value }))
                    .collect(),
            );
        }
        (_, Some(values)) => match rule.on_values(&values) {
            Outcome::Unchanged => {}
            Outcome::Drop => return None,
            Outcome::Set { label, value } => {
                let label = label.into_owned();
                labels.insert(label, value);
            }
            Outcome::Delete { label } => {
                let label = label.into_owned();
                labels.insert(label, "");
            }
        },
        (Writes::Nothing, None) => {}
        (Writes::Label(name), None) => {
            labels.remove(name);
        }
        (Writes::Computed(_), None) => return Some(LabelSet::new()),
    }
    Some(labels)
}

/// What is known of series once a target's labels are attached to what a server answers.
fn attached(pull: &Pull, pattern: &Pattern) -> Pattern {
    let settings = &pull.settings;
    let mut labels = pattern.labels.clone();
    // A label that is not there may come from the external labels; others may be spelled otherwise or move aside.
    labels.retain(|name, value| {
        !value.is_empty()
            && !name.starts_with(EXPORTED)
            && (pull.escaping == Escaping::AllowUtf8
                || (is_legacy_label_name(name.as_bytes())
                    && (name != METRIC_NAME || is_legacy_metric_name(value.as_bytes()))))
    });
    if !settings.honor_labels {
        for (name, value) in pull.labels.iter() {
            labels.insert(name, value);
        }
    }
    Pattern { labels }
}

/// Patterns, or where they are too many, what they have in common.
pub(super) fn coarse<T: Ord + Clone>(
    mut patterns: BTreeSet<T>,
    of: impl Fn(&mut T) -> &mut Pattern,
) -> Vec<T> {
    for keep in [METRIC_NAME, ""] {
        if patterns.len() <= MOST_PATTERNS {
            break;
        }
        patterns = sort::ordered_set(patterns.into_iter().map(|mut one| {
            of(&mut one).labels.retain(|name, _| name == keep);
            one
        }));
    }
    patterns.into_iter().collect()
}
