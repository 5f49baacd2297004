//! Rules on the columns of a frame: each is evaluated once for every distinct combination of what it reads.

use std::collections::BTreeMap;
use std::fmt;

use super::config::Action;
use super::program::Program;
use super::rule::{NameOutcome, Outcome, Rule, Writes};
use crate::labels::LabelSet;
use crate::series::{Change, Frame};

/// How many labels a frame may have after rules that make names out of values.
const MAX_LABELS: usize = 4096;
/// How many values a frame may have, rows times labels, after such rules.
const MAX_CELLS: usize = 1 << 26;

/// Rules that make label names out of values made more of them than columns can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyLabels;

impl fmt::Display for TooManyLabels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "relabelling makes more label names out of values than promtier evaluates: {MAX_LABELS}, or fewer \
             with very many series"
        )
    }
}

impl std::error::Error for TooManyLabels {}

impl Program {
    /// Runs the rules on every row of `frame`, as [`Program::apply`] would one by one, and removes the rows
    /// that are dropped. Answers how many those are.
    ///
    /// # Errors
    /// When rules make too many label names out of values; the frame is then half done.
    pub fn apply_to_frame(&self, frame: &mut Frame) -> Result<usize, TooManyLabels> {
        Ok(self.apply_to_frame_after(frame, &[])?.into_iter().sum())
    }

    /// As [`Self::apply_to_frame`], on rows to which the labels `added` were added before, as in
    /// [`Program::apply_after`]. Answers how many rows each rule drops.
    ///
    /// # Errors
    /// As [`Self::apply_to_frame`].
    pub fn apply_to_frame_after(
        &self,
        frame: &mut Frame,
        added: &[&str],
    ) -> Result<Vec<usize>, TooManyLabels> {
        let mut dropped = vec![0; self.rules.len()];
        // Only where two labels are mapped to one name does it matter which row got which label when; then
        // everything is done again, by distinct row.
        let maps_late =
            !self.by_name && self.rules.iter().skip(1).any(|rule| rule.action() == Action::LabelMap);
        let untouched = maps_late.then(|| frame.clone());
        let added = if self.by_name { &[] } else { added };
        let mut columns = Columns { frame, added, by_name: self.by_name, touched: Vec::new() };
        for (rule, dropped_here) in self.rules.iter().zip(&mut dropped) {
            let before = columns.frame.len();
            let done = columns.step(rule)?;
            *dropped_here = before - columns.frame.len();
            if !done && let Some(untouched) = untouched {
                *frame = untouched;
                return self.by_distinct_row(frame, added);
            }
            if columns.frame.is_empty() {
                break;
            }
        }
        Ok(dropped)
    }

    /// Runs all rules on every distinct row. Answers how many rows each rule drops.
    fn by_distinct_row(&self, frame: &mut Frame, added: &[&str]) -> Result<Vec<usize>, TooManyLabels> {
        let names: Vec<String> = frame.names().map(str::to_owned).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let classes = frame.classes(&names);
        let results = frame.each(&names, &classes, |values| {
            let before: LabelSet =
                names.iter().zip(values).filter_map(|(name, value)| Some((*name, (*value)?))).collect();
            let mut after = before.clone();
            self.dropped_by(&mut after, added).map_or(Ok((before, after)), Err)
        });
        let mut changes: BTreeMap<&str, Vec<(usize, Change)>> = BTreeMap::new();
        for (class, result) in results.iter().enumerate() {
            let Ok((before, after)) = result else { continue };
            for (name, _) in before.iter().filter(|(name, _)| after.get(name).is_none()) {
                changes.entry(name).or_default().push((class, Change::Remove));
            }
            for (name, value) in after.iter().filter(|(name, value)| before.get(name) != Some(value)) {
                changes.entry(name).or_default().push((class, Change::Set(value.to_owned())));
            }
            check_size(changes.len() + names.len(), frame.len())?;
        }
        for (name, changed) in changes {
            frame.set_by_class(name, &classes, &dense(changed, classes.len()));
        }
        let mut dropped = vec![0; self.rules.len()];
        frame.retain(|at| match results.get(classes.of(at)) {
            Some(&Err(rule)) => {
                dropped[rule] += 1;
                false
            }
            _ => true,
        });
        Ok(dropped)
    }
}

fn check_size(labels: usize, rows: usize) -> Result<(), TooManyLabels> {
    if labels > MAX_LABELS || labels.saturating_mul(rows) > MAX_CELLS { Err(TooManyLabels) } else { Ok(()) }
}

/// One change for every class.
fn dense(sparse: Vec<(usize, Change)>, classes: usize) -> Vec<Change> {
    let mut changes = vec![Change::Keep; classes];
    for (class, change) in sparse {
        if let Some(place) = changes.get_mut(class) {
            *place = change;
        }
    }
    changes
}

struct Columns<'f, 'a> {
    frame: &'f mut Frame,
    added: &'a [&'a str],
    by_name: bool,
    /// The labels that earlier rules may have set in some of the rows.
    touched: Vec<String>,
}

impl Columns<'_, '_> {
    /// Runs a rule. False where columns cannot tell the result.
    fn step(&mut self, rule: &Rule) -> Result<bool, TooManyLabels> {
        let reads: Vec<&str> = rule.reads().iter().map(String::as_str).collect();
        let outcome = |values: &[Option<&str>]| {
            let values: Vec<&str> = values.iter().map(|value| value.unwrap_or("")).collect();
            rule.on_values(&values)
        };
        match rule.writes() {
            Writes::Nothing => {
                self.frame.retain_from(&reads, |values| outcome(values) != Outcome::Drop);
            }
            Writes::Label(target) => {
                self.frame.set_from(target, &reads, |values| change(outcome(values)));
                self.touched.push(target.to_owned());
            }
            Writes::Computed(_) => {
                let classes = self.frame.classes(&reads);
                let outcomes = self.frame.each(&reads, &classes, outcome);
                let mut by_label: BTreeMap<&str, Vec<(usize, Change)>> = BTreeMap::new();
                for (class, outcome) in outcomes.iter().enumerate() {
                    if let Outcome::Set { label, .. } | Outcome::Delete { label } = outcome {
                        by_label.entry(label).or_default().push((class, change(outcome.clone())));
                    }
                }
                if by_label.len() > 1 {
                    check_size(by_label.len() + self.frame.names().len(), self.frame.len())?;
                }
                for (label, changed) in by_label {
                    self.frame.set_by_class(label, &classes, &dense(changed, classes.len()));
                    self.touched.push(label.to_owned());
                }
            }
            Writes::Names => return self.on_names(rule),
        }
        Ok(true)
    }

    fn on_names(&mut self, rule: &Rule) -> Result<bool, TooManyLabels> {
        // In the builder's order: what was there by name, then what was added.
        let is_added = |name: &str| self.added.contains(&name);
        let names = self.frame.names().filter(|name| !is_added(name));
        let added = self.added.iter().copied().filter(|name| self.frame.names().any(|have| have == *name));
        let outcomes: Vec<(String, NameOutcome)> =
            names.chain(added).map(|name| (name.to_owned(), rule.on_name(name))).collect();
        let mut targets: BTreeMap<&str, (usize, bool)> = BTreeMap::new();
        for (name, outcome) in &outcomes {
            if let NameOutcome::Copy(to) = outcome {
                let (count, touched) = targets.entry(to).or_default();
                *count += 1;
                *touched |= self.touched.contains(name);
            }
        }
        if !targets.is_empty() {
            check_size(targets.len() + self.frame.names().len(), self.frame.len())?;
        }
        if !self.by_name && targets.values().any(|&(count, touched)| count > 1 && touched) {
            return Ok(false);
        }
        // All values are read before one is written.
        let mut copies = Vec::new();
        let mut removals = Vec::new();
        for (name, outcome) in &outcomes {
            match outcome {
                NameOutcome::Unchanged => {}
                NameOutcome::Remove => removals.push(name),
                NameOutcome::Copy(to) => {
                    let from = [name.as_str()];
                    let classes = self.frame.classes(&from);
                    let changes = self.frame.each(&from, &classes, |values| match values {
                        [Some(value)] if !value.is_empty() => Change::Set((*value).to_owned()),
                        _ => Change::Keep,
                    });
                    copies.push((to, classes, changes));
                }
            }
        }
        for (to, classes, changes) in copies {
            self.frame.set_by_class(to, &classes, &changes);
            self.touched.push(to.clone());
        }
        for name in removals {
            self.frame.remove(name);
        }
        Ok(true)
    }
}

fn change(outcome: Outcome<'_>) -> Change {
    match outcome {
        Outcome::Unchanged | Outcome::Drop => Change::Keep,
        Outcome::Set { value, .. } => Change::Set(value),
        Outcome::Delete { .. } => Change::Remove,
    }
}
