//! The series that is followed through the tiers.

use std::sync::Arc;

use promtier::engine::protocol::{GateView, RowView, TraceAnswer, TraceQuery};

/// Hops told at first in each direction, and how many more at a time.
const HOPS: u32 = 12;

/// What is followed, and its way as far as it is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Way {
    query: Option<TraceQuery>,
    answer: Option<Arc<TraceAnswer>>,
    next_id: u32,
}

impl Way {
    /// Follows a row of a node from now on.
    pub(crate) fn follow(&mut self, node: &str, row: &RowView) {
        self.answer = None;
        self.query = Some(TraceQuery {
            id: 0,
            node: node.to_owned(),
            name: row.name.clone(),
            labels: row.labels.clone(),
            hops: HOPS,
        });
    }

    /// Follows nothing.
    pub(crate) fn forget(&mut self) {
        self.query = None;
        self.answer = None;
    }

    /// Tells more hops from the next question on.
    pub(crate) fn tell_more(&mut self) {
        if let Some(query) = &mut self.query {
            query.hops += HOPS;
        }
    }

    /// What to ask now.
    pub(crate) fn ask(&mut self) -> Option<TraceQuery> {
        let query = self.query.as_mut()?;
        self.next_id += 1;
        query.id = self.next_id;
        Some(query.clone())
    }

    /// Takes an answer; one to another question than the last is dropped.
    pub(crate) fn take(&mut self, answer: TraceAnswer) {
        if self.query.as_ref().is_some_and(|query| query.id == answer.id) {
            self.answer = Some(Arc::new(answer));
        }
    }

    /// What is followed.
    pub(crate) fn query(&self) -> Option<&TraceQuery> {
        self.query.as_ref()
    }

    /// Its way, once it is known.
    pub(crate) fn answer(&self) -> Option<&Arc<TraceAnswer>> {
        self.answer.as_ref()
    }

    /// A gate of it, counted from the bottom up.
    pub(crate) fn gate(&self, at: usize) -> Option<&GateView> {
        let answer = self.answer.as_ref()?;
        answer.down.iter().chain(&answer.up).flat_map(|hop| &hop.gates).nth(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_question_alone_is_answered() {
        let row = RowView {
            name: "up".to_owned(),
            labels: Vec::new(),
            value: None,
            possible: false,
            origins: Vec::new(),
        };
        let mut way = Way::default();
        assert!(way.ask().is_none());
        way.follow("leaf", &row);
        let first = way.ask().expect("a question");
        way.tell_more();
        let second = way.ask().expect("a question");
        assert_eq!((first.hops, second.hops), (HOPS, 2 * HOPS));
        way.take(TraceAnswer { id: first.id, ..TraceAnswer::default() });
        assert!(way.answer().is_none());
        way.take(TraceAnswer { id: second.id, ..TraceAnswer::default() });
        assert!(way.answer().is_some() && way.gate(0).is_none());
        way.follow("global", &row);
        assert!(way.answer().is_none());
        way.forget();
        assert!(way.ask().is_none());
    }
}
