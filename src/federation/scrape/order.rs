//! The order of the rows in an answer.

use crate::series::Row;
use crate::version::Version;

use super::Answer;

/// The order in which an answer lists its rows: it decides which of several faults is met first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerOrder {
    /// By position: an application's own text.
    Position,
    /// By name and labels, as `/federate` of this version does.
    Sorted(Version),
}

/// The place of each row in the answer, from 0.
pub(super) struct Ranks {
    rank: Vec<u64>,
}

impl Ranks {
    pub(super) fn new(answer: &Answer) -> Self {
        let Some(frame) = answer.frames.first() else { return Self { rank: Vec::new() } };
        let store = frame.source();
        let order = match answer.order {
            AnswerOrder::Position => {
                store.rows_in_order().iter().copied().filter(|&row| answer.rows.contains(row)).collect()
            }
            AnswerOrder::Sorted(version) => store.in_answer_order(&answer.rows, version),
        };
        let mut rank = vec![u64::MAX; store.len()];
        for (at, row) in (0..).zip(order) {
            rank[row as usize] = at;
        }
        Self { rank }
    }

    pub(super) fn of(&self, row: Row) -> u64 {
        self.rank.get(row as usize).copied().unwrap_or(u64::MAX)
    }
}
