//! What a person does with the page.

use leptos::prelude::*;
use promtier::engine::protocol::{RangeView, Request};

use super::{EditorDeed, Note, NoteAction, Order, Page};
use crate::browser::{dom, storage};
use crate::state::files::Key;
use crate::state::layout::{DetailTab, Pane, Split};
use crate::state::problems::{self, Here};
use crate::state::{doc, edits};

/// What is said where the engine has not yet seen the text.
const NOT_YET: &str = "The text has just changed; try again in a moment.";

/// Notes on the page at once; an older one makes way.
const NOTES: usize = 3;

impl Page {
    /// Chooses a node, or leaves the choice to the page.
    pub(crate) fn choose_node(self, name: Option<String>) {
        self.chosen.set(name);
    }

    /// Another version of Prometheus for every node that has none of its own.
    pub(crate) fn set_version(self, version: String) {
        self.version.set(version.clone());
        if !self.revived() {
            self.send(&Request::SetVersion { version }, None);
        }
    }

    /// The next theme, from now on.
    pub(crate) fn next_theme(self) {
        let theme = self.theme.get_untracked().next();
        storage::remember("theme", theme.as_str());
        self.theme.set(theme);
    }

    /// Moves the splitter.
    pub(crate) fn set_split(self, split: Split) {
        storage::remember("split", &split.percent().to_string());
        self.split.set(split);
    }

    /// Shows a file.
    pub(crate) fn open_file(self, key: Key) {
        self.active.set(Some(key));
        self.pane.set(Pane::Files);
    }

    /// Shows a place in a file and takes the cursor there.
    pub(crate) fn go_to(self, path: &str, range: RangeView) {
        let Some(key) = self.files.with_untracked(|files| files.at(path).map(|file| file.key)) else {
            return;
        };
        let (mut start, mut end) = (range.start, range.end);
        if end == 0 && range.line > 0 {
            // The engine keeps no text of samples, so it knows only line and column.
            let text = self.files.with_untracked(|files| files.text(key).cloned());
            start = text.map_or(0, |text| doc::units_at(&text, range.line, range.column));
            end = start;
        }
        self.open_file(key);
        self.order_editor(key, EditorDeed::Select(start, end));
    }

    fn order_editor(self, key: Key, deed: EditorDeed) {
        let serial = self.serial();
        self.order.set(Some(Order { key, deed, serial }));
    }

    pub(super) fn serial(self) -> u32 {
        self.inner
            .try_update_value(|inner| {
                inner.serial += 1;
                inner.serial
            })
            .unwrap_or_default()
    }

    /// Leads to a finding.
    pub(crate) fn go_to_problem(self, at: usize) {
        let place = self.analysis.with_untracked(|analysis| {
            analysis.findings.get(at).map(|finding| (finding.path.clone(), finding.range))
        });
        if let Some((path, range)) = place {
            self.problem.set(Some(at));
            self.go_to(&path, range);
        }
    }

    /// Leads to the finding after or before the cursor.
    pub(crate) fn go_to_neighbour(self, forward: bool) {
        let active = self.active.get_untracked();
        let path =
            active.and_then(|key| self.files.with_untracked(|files| Some(files.get(key)?.path.clone())));
        let (key, at) = self.cursor.get_untracked();
        let here = Here {
            path: path.as_deref().unwrap_or_default(),
            at: if Some(key) == active { at } else { 0 },
            last: self.problem.get_untracked(),
        };
        let found =
            self.analysis.with_untracked(|analysis| problems::neighbour(&analysis.findings, here, forward));
        if let Some(at) = found {
            self.go_to_problem(at);
        }
    }

    /// Applies a fix of a finding as one change that Ctrl+Z takes back.
    pub(crate) fn apply_fix(self, finding: usize, fix: usize) {
        if !self.is_current() {
            return self.tell(false, NOT_YET.to_owned(), None);
        }
        let found = self.analysis.with_untracked(|analysis| {
            let finding = analysis.findings.get(finding)?;
            Some((finding.path.clone(), finding.fixes.get(fix)?.edits.clone()))
        });
        let Some((path, edits)) = found else { return };
        self.edit(&path, &edits);
    }

    /// Writes a comment that allows a finding; the reason is typed behind it, and Ctrl+Z takes it back.
    pub(crate) fn allow_finding(self, at: usize) {
        let found = self.analysis.with_untracked(|analysis| {
            analysis
                .findings
                .get(at)
                .map(|finding| (finding.path.clone(), finding.range.line, finding.code.clone()))
        });
        let Some((path, line, code)) = found.filter(|_| self.is_current()) else {
            return self.tell(false, NOT_YET.to_owned(), None);
        };
        let change = self.files.with_untracked(|files| {
            let key = files.at(&path)?.key;
            Some((key, edits::allowing(files.text(key)?, line, &code)?))
        });
        match change {
            Some((key, change)) => {
                self.open_file(key);
                self.order_editor(key, EditorDeed::Type(change));
                self.tell(
                    false,
                    "Type the reason behind the comment: without one, nothing is allowed.".to_owned(),
                    None,
                );
            }
            None => self.tell(false, "No comment can stand at this line.".to_owned(), None),
        }
    }

    /// Edits a file as one change that Ctrl+Z takes back.
    pub(super) fn edit(self, path: &str, edits: &[(u32, u32, String)]) {
        let change = self.files.with_untracked(|files| {
            let key = files.at(path)?.key;
            Some((key, edits::merged(files.text(key)?, edits)?))
        });
        match change {
            Some((key, change)) => {
                self.open_file(key);
                self.order_editor(key, EditorDeed::Type(change));
            }
            None => self.tell(true, ["This does not fit ", path, " as it is now."].concat(), None),
        }
    }

    /// Shows only the series of one pull.
    pub(crate) fn show_pull(self, pull: Option<u32>) {
        self.rows.update(|rows| rows.set_pull(pull));
        self.tab.set(DetailTab::Series);
        self.pane.set(Pane::Series);
        self.ask_rows();
    }

    /// Filters the series of the node shown.
    pub(crate) fn set_filter(self, filter: &str) {
        self.rows.update(|rows| rows.set_filter(filter));
        self.ask_rows();
    }

    /// Tells something.
    pub(crate) fn tell(self, bad: bool, text: String, action: Option<NoteAction>) {
        let id = self.serial();
        self.notes.update(|notes| {
            notes.retain(|note| note.text != text);
            notes.push(Note { id, bad, text, action });
            if notes.len() > NOTES {
                notes.remove(0);
            }
        });
    }

    /// Takes a note away.
    pub(crate) fn dismiss(self, id: u32) {
        self.notes.update(|notes| notes.retain(|note| note.id != id));
    }

    /// Takes the notes away whose offer is such.
    pub(super) fn dismiss_where(self, such: impl Fn(&NoteAction) -> bool) {
        let is_such = |note: &Note| note.action.as_ref().is_some_and(&such);
        if self.notes.with_untracked(|notes| notes.iter().any(is_such)) {
            self.notes.update(|notes| notes.retain(|note| !is_such(note)));
        }
    }

    /// Does what a note offers.
    pub(crate) fn follow_note(self, id: u32) {
        let action = self.notes.with_untracked(|notes| {
            notes.iter().find(|note| note.id == id).and_then(|note| note.action.clone())
        });
        self.dismiss(id);
        match action {
            Some(NoteAction::RestoreWorkspace) => self.restore_workspace(),
            Some(NoteAction::RestoreFile) => self.restore_file(),
            Some(NoteAction::StartEngine) => self.start_engine(),
            Some(NoteAction::FetchExamples) => self.fetch_examples(),
            Some(NoteAction::FetchExample(id)) => self.open_example(id),
            None => {}
        }
    }

    /// A global key; answers whether it was one.
    pub(crate) fn pressed(self, key: &str, shift: bool) -> bool {
        let known = key == "F8" && self.dialog.with_untracked(Option::is_none);
        if known {
            self.go_to_neighbour(!shift);
        }
        known
    }

    /// Sets the root's theme whenever it changes.
    pub(crate) fn follow_theme(self) {
        Effect::new(move || {
            let theme = self.theme.get();
            let forced = (theme != crate::state::layout::Theme::System).then(|| theme.as_str());
            dom::set_root_attribute("data-theme", forced);
        });
    }
}
