//! Tables on the node shown, and writing down what its table of series shows.

use std::sync::Arc;

use leptos::prelude::*;
use promtier::engine::protocol::{DetailsAnswer, ExpectationAnswer, ExpectationQuery, Request};

use super::Page;
use crate::state::layout::DetailTab;

impl Page {
    /// Keeps the tables at the node shown, while they are looked at.
    pub(super) fn follow_details(self) {
        Effect::new(move || {
            self.analysis.with(|_| ());
            if let (DetailTab::Tables(topic), Some(node)) = (self.tab.get(), self.node.get()) {
                self.send(&Request::Details { node, topic }, None);
            }
        });
    }

    /// The tables that the tab shown asks for; `None` while they are on their way, and on other tabs.
    pub(crate) fn details_shown(self) -> Option<Arc<DetailsAnswer>> {
        let DetailTab::Tables(topic) = self.tab.get() else { return None };
        let fits = |details: &Arc<DetailsAnswer>| {
            details.topic == topic && self.node.with(|node| node.as_ref() == Some(&details.node))
        };
        self.details.with(|details| fits(details).then(|| Arc::clone(details)))
    }

    /// Shows the place that a cell speaks of, counted through all tables.
    pub(crate) fn go_to_cell(self, at: usize) {
        let place = self.details.with_untracked(|details| {
            let mut cells = details.tables.iter().flat_map(|table| table.rows.iter().flatten());
            cells.nth(at).map(|cell| (cell.path.clone(), cell.range))
        });
        if let Some((path, range)) = place {
            self.go_to(&path, range);
        }
    }

    /// Asks for what the table of series shows as an expectation of the manifest.
    pub(crate) fn expect_shown(self) {
        if let Some(node) = self.node.get_untracked() {
            let filter = self.rows.with_untracked(|rows| rows.filter().to_owned());
            let query = ExpectationQuery { id: self.serial(), node, filter };
            self.send(&Request::WriteExpectation(query), None);
        }
    }

    /// Writes an expectation into the manifest, where Ctrl+Z takes it back.
    pub(super) fn expect(self, answer: ExpectationAnswer) {
        if !answer.error.is_empty() {
            return self.tell(false, ["Not written: ", &answer.error].concat(), None);
        }
        if answer.is_new {
            let key = self.put_text(&answer.path, answer.text);
            self.open_file(key);
        } else {
            self.edit(&answer.path, &answer.edits);
        }
        let words = [&answer.path, " now expects that ", &answer.says.replace('`', ""), "."].concat();
        self.tell(false, words, None);
    }
}
