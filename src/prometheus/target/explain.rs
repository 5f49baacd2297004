//! One target's way through relabelling, step by step.

use crate::labels::LabelSet;
use crate::relabel::{Change, Program, Step, Verdict, changes};
use crate::version::Version;

use super::super::effective::EffectiveScrapeConfig;
use super::{TargetFate, TargetGroup, complete, discovered};

/// A label that a target has before relabelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveredLabel {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What set it: `targets` and `labels` of the group, `service discovery`, or the job's key.
    pub from: &'static str,
}

/// What Prometheus does to a target's labels of its own accord once the rules have run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What it does and why, in English.
    pub because: &'static str,
    /// The labels that change, sorted by name.
    pub changes: Vec<Change>,
}

/// One target's way through relabelling.
#[derive(Clone, Debug)]
pub struct TargetExplanation {
    /// Its labels before, sorted by name.
    pub discovered: Vec<DiscoveredLabel>,
    /// What each rule of `relabel_configs` does; the last one is where the target is dropped, if it is.
    pub steps: Vec<Step>,
    /// What follows the rules.
    pub completions: Vec<Completion>,
    /// What becomes of it. That it is the same as another target does not show here.
    pub fate: TargetFate,
}

/// Tells how the target `index` of a group becomes what is scraped; `None` where the group has no such target.
#[must_use]
pub fn explain_target(
    job: &EffectiveScrapeConfig<'_>,
    group: &TargetGroup<'_>,
    index: usize,
    version: Version,
) -> Option<TargetExplanation> {
    let target = group.targets.get(index)?;
    let (labels, order) = discovered(job, version, &target.value, group);
    let described = |(name, value): (&str, &str)| DiscoveredLabel {
        name: name.to_owned(),
        value: value.to_owned(),
        from: order.iter().find(|(set, _)| *set == name).map_or("", |&(_, from)| from),
    };
    let mut explanation = TargetExplanation {
        discovered: labels.iter().map(described).collect(),
        steps: Vec::new(),
        completions: Vec::new(),
        fate: TargetFate::Refused { error: String::new() },
    };
    match Program::compile(&job.relabel_configs(), version, job.metric_name_validation_scheme) {
        Err(refused) => explanation.fate = TargetFate::Refused { error: refused.to_string() },
        Ok(program) => {
            let order: Vec<&str> = order.iter().map(|(name, _)| name.as_ref()).collect();
            explanation.steps = program.explain_after(&labels, &order);
            let last = explanation.steps.last();
            explanation.fate = match last.filter(|step| step.verdict == Verdict::Dropped) {
                Some(step) => TargetFate::Dropped { rule: step.rule },
                None => {
                    let mut before: LabelSet = last.map_or(labels, |step| step.after.clone());
                    let completions = &mut explanation.completions;
                    complete(job, version, before.clone(), target.span, &mut |because, after| {
                        let changes = changes(&before, after);
                        if !changes.is_empty() {
                            completions.push(Completion { because, changes });
                        }
                        before = after.clone();
                    })
                }
            };
        }
    }
    Some(explanation)
}
