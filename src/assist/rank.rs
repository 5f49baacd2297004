//! Which answers come first, and how many there are.

use std::cmp::{Ordering, Reverse};

use super::CompletionKind;

/// The most answers to one question.
pub const MOST: usize = 50;

/// Something that may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// What is looked for and shown.
    pub(super) label: String,
    /// What is written, where it is something else.
    pub(super) text: Option<String>,
    pub(super) kind: CompletionKind,
    pub(super) detail: String,
    /// How often it is there; of equally good ones, the more frequent comes first.
    pub(super) weight: u64,
}

impl Candidate {
    pub(super) fn new(kind: CompletionKind, label: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { label: label.into(), text: None, kind, detail: detail.into(), weight: 0 }
    }
}

/// How well a label fits what was typed; the smaller the better.
type Rank = (u8, Reverse<u64>, u32);

/// Keeps the best of what is offered.
#[derive(Debug)]
pub(super) struct Ranking<'t> {
    typed: &'t str,
    lower: String,
    kept: Vec<(Rank, Candidate)>,
    offered: u32,
}

impl<'t> Ranking<'t> {
    pub(super) fn new(typed: &'t str) -> Self {
        Self { typed, lower: typed.to_lowercase(), kept: Vec::new(), offered: 0 }
    }

    /// How well `label` fits, `None` where it does not: from its beginning, from the beginning of one of its
    /// words, anywhere.
    fn fit(&self, label: &str) -> Option<u8> {
        if label.starts_with(self.typed) {
            return Some(0);
        }
        let lower = label.to_lowercase();
        if lower.starts_with(&self.lower) {
            return Some(1);
        }
        let at = lower.find(&self.lower)?;
        let begins = !lower[..at].ends_with(|before: char| before.is_alphanumeric());
        Some(if begins { 2 } else { 3 })
    }

    /// Whether a candidate of this weight could still be among the best.
    fn is_wanted(&self, fit: u8, weight: u64) -> bool {
        let last = self.kept.get(MOST - 1);
        last.is_none_or(|(rank, _)| (fit, Reverse(weight)) < (rank.0, rank.1))
    }

    /// Offers something under a label, which is made only where it is wanted.
    pub(super) fn offer_with(&mut self, label: &str, weight: u64, make: impl FnOnce() -> Candidate) {
        let Some(fit) = self.fit(label) else { return };
        if !self.is_wanted(fit, weight) {
            return;
        }
        if self.kept.iter().any(|(_, kept)| kept.label == label) {
            return;
        }
        let rank = (fit, Reverse(weight), self.offered);
        self.offered = self.offered.saturating_add(1);
        let at = self.kept.partition_point(|(kept, _)| kept.cmp(&rank) != Ordering::Greater);
        self.kept.insert(at, (rank, Candidate { weight, ..make() }));
        self.kept.truncate(MOST);
    }

    pub(super) fn offer(&mut self, candidate: Candidate) {
        let (label, weight) = (candidate.label.clone(), candidate.weight);
        self.offer_with(&label, weight, || candidate);
    }

    /// The best, the best first.
    pub(super) fn into_best(self) -> impl Iterator<Item = Candidate> {
        self.kept.into_iter().map(|(_, candidate)| candidate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_come_first_each_once() {
        let check = |typed: &str, offered: &[(&str, u64)], expect: &[&str]| {
            let mut ranking = Ranking::new(typed);
            for &(label, weight) in offered {
                ranking.offer(Candidate { weight, ..Candidate::new(CompletionKind::Value, label, "") });
            }
            let got: Vec<String> = ranking.into_best().map(|candidate| candidate.label).collect();
            assert_eq!(got, expect, "{typed}");
        };
        check("", &[("b", 0), ("a", 0), ("c", 2)], &["c", "b", "a"]);
        check("s", &[("tls", 9), ("a_s", 0), ("Sx", 0), ("sx", 0), ("no", 5)], &["sx", "Sx", "a_s", "tls"]);
        check("a", &[("ab", 1), ("ab", 1), ("ac", 1)], &["ab", "ac"]);
        let many: Vec<String> = (0..200).map(|at| format!("m{at}")).collect();
        let mut ranking = Ranking::new("m");
        for (label, weight) in many.iter().zip(0..) {
            ranking.offer(Candidate { weight, ..Candidate::new(CompletionKind::Metric, label, "") });
        }
        let got: Vec<String> = ranking.into_best().map(|candidate| candidate.label).collect();
        assert_eq!((got.len(), got[0].as_str(), got[49].as_str()), (50, "m199", "m150"));
    }
}
