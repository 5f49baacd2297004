//! Each selector of a pull against one series, matcher by matcher.

use std::cmp::Reverse;

use bstr::ByteSlice as _;

use crate::federation::PullSelector;
use crate::labels::{LabelSet, MatchOp, Matcher};
use crate::text::quote;

/// One selector against one series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorTrial {
    /// The selector, by its place in the request.
    pub selector: usize,
    /// The matchers that the series does not match; none where the selector selects it.
    pub failed: Vec<FailedMatcher>,
}

/// A matcher that a series does not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedMatcher {
    /// The matcher.
    pub matcher: Matcher,
    /// The series' value; `None` where it does not have the label.
    pub value: Option<String>,
}

impl SelectorTrial {
    /// How far the selector is from selecting the series: the matchers that fail, and of as many those first
    /// that ask for a value which begins as the series' does.
    pub(super) fn distance(&self) -> (usize, Reverse<usize>) {
        let asked = |failed: &&FailedMatcher| matches!(failed.matcher.op, MatchOp::Equal | MatchOp::Regex);
        let alike = self.failed.iter().filter(asked).map(|failed| {
            let value = failed.value.as_deref().unwrap_or("").bytes();
            value.zip(failed.matcher.value.bytes()).take_while(|(have, wanted)| have == wanted).count()
        });
        (self.failed.len(), Reverse(alike.sum()))
    }
}

/// Tries every selector on a stored series. Selectors that do not parse are not tried: they fail the request.
pub(super) fn trials(selectors: &[PullSelector], labels: &LabelSet) -> Vec<SelectorTrial> {
    let tried = selectors.iter().enumerate().filter_map(|(at, selector)| {
        let matchers = selector.parsed.as_ref().ok()?;
        let failed = matchers
            .iter()
            .map(|compiled| (compiled, value(labels, compiled.matcher())))
            .filter(|(compiled, value)| !compiled.matches(value.unwrap_or("")))
            .map(|(compiled, value)| FailedMatcher {
                matcher: compiled.matcher().clone(),
                value: value.map(str::to_owned),
            });
        Some(SelectorTrial { selector: at, failed: failed.collect() })
    });
    tried.collect()
}

fn value<'l>(labels: &'l LabelSet, matcher: &Matcher) -> Option<&'l str> {
    let name = std::str::from_utf8(&matcher.name).ok()?;
    labels.get(name).filter(|value| !value.is_empty())
}

impl FailedMatcher {
    /// The matcher as selectors spell it.
    #[must_use]
    pub fn text(&self) -> String {
        let Matcher { name, op, value } = &self.matcher;
        format!("{name}{op}{}", quote(value))
    }

    /// What the series has instead, in words.
    #[must_use]
    pub fn because(&self) -> String {
        let name = &self.matcher.name;
        match &self.value {
            Some(value) => {
                format!("{} fails: the series has {name}={}", self.text(), quote(value.as_bytes()))
            }
            None => format!("{} fails: the series has no label {name}", self.text()),
        }
    }
}
