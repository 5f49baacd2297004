//! Following one series through the tiers.

use leptos::prelude::*;
use promtier::engine::protocol::Request;

use super::Page;
use crate::browser::{dom, timer};
use crate::state::layout::{DetailTab, Pane};

impl Page {
    /// Follows a row of the table, counted as shown.
    pub(crate) fn follow_row(self, at: u32) {
        let row = self.rows.with_untracked(|rows| rows.row(at).cloned());
        let (Some(row), Some(node)) = (row, self.node.get_untracked()) else { return };
        self.rows.update(|rows| rows.choose(at));
        self.way.update(|way| way.follow(&node, &row));
        self.tab.set(DetailTab::Trace);
        self.pane.set(Pane::Series);
        self.ask_way();
        // First the page shows it.
        timer::soon(|| dom::focus_id("trace-title"));
    }

    /// Asks for the way of what is followed, which another text may have changed.
    pub(crate) fn ask_way(self) {
        let mut query = None;
        self.way.update_untracked(|way| query = way.ask());
        if let Some(query) = query {
            self.send(&Request::Trace(query), None);
        }
    }

    /// Tells more hops.
    pub(crate) fn tell_more_hops(self) {
        self.way.update_untracked(crate::state::way::Way::tell_more);
        self.ask_way();
    }

    /// Goes back to the table, and to the row in it.
    pub(crate) fn leave_way(self) {
        self.way.update(crate::state::way::Way::forget);
        self.tab.set(DetailTab::Series);
        timer::soon(|| dom::focus_id("series-table"));
    }

    /// Shows the place that decides at a gate, counted from the bottom up.
    pub(crate) fn go_to_gate(self, at: usize) {
        let place = self.way.with_untracked(|way| way.gate(at).map(|gate| (gate.path.clone(), gate.range)));
        if let Some((path, range)) = place {
            self.go_to(&path, range);
        }
    }
}
