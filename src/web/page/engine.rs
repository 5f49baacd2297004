//! Talking with the engine: sending what changes, taking what it answers, starting it again.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use promtier::engine::protocol::{Analysis, LoadOutcome, Request, Response};

use super::{EngineState, NoteAction, Page};
use crate::browser::engine::{Engine, Heard};
use crate::browser::file::File;
use crate::browser::timer;
use crate::state::exchange::AfterDeath;
use crate::state::files::{Content, Key};
use crate::state::rows::said;
use crate::state::{flow, problems};

/// Milliseconds without a key before a text is sent while the engine is still at an older one.
const IDLE: i32 = 60;

/// Milliseconds at rest before the header's line is spoken.
const REST: i32 = 1000;

/// Milliseconds after which an engine that has said nothing is late.
const LATE: i32 = 15_000;

/// What a panic says, without where in the program it was raised.
fn reason(why: &str) -> &str {
    let mut lines = why.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("it gives no reason");
    if first.starts_with("panicked at") { lines.next().unwrap_or(first) } else { first }
}

/// What a short list of paths holds for one.
pub(super) fn find<'a, T>(list: &'a [(String, T)], path: &str) -> Option<&'a T> {
    list.iter().find(|(at, _)| at == path).map(|(_, value)| value)
}

/// Takes what a short list of paths holds for one.
pub(super) fn take<T>(list: &mut Vec<(String, T)>, path: &str) -> Option<T> {
    let at = list.iter().position(|(at, _)| at == path)?;
    Some(list.swap_remove(at).1)
}

/// Puts a value for a path into a short list, in the place of another.
pub(super) fn put<T>(list: &mut Vec<(String, T)>, path: &str, value: T) {
    take(list, path);
    list.push((path.to_owned(), value));
}

impl Page {
    /// Takes the engine that the page has started.
    pub(super) fn take_engine(self) {
        let engine = Engine::take(self.listener());
        self.inner.update_value(|inner| inner.engine = Some(engine));
        self.expect_engine();
        self.send_everything();
    }

    fn listener(self) -> Rc<dyn Fn(Heard)> {
        Rc::new(move |heard| match heard {
            Heard::Answer(answer) => self.answered(answer),
            Heard::Ended(why) => self.engine_ended(&why),
        })
    }

    /// Starts another engine and gives it the workspace.
    pub(crate) fn start_engine(self) {
        self.inner.update_value(|inner| inner.engine = None);
        match Engine::start(self.listener()) {
            Some(engine) => {
                self.engine.set(EngineState::Starting);
                self.inner.update_value(|inner| inner.engine = Some(engine));
                self.expect_engine();
                self.send_everything();
            }
            None => self.cannot_start(),
        }
    }

    fn cannot_start(self) {
        self.engine.set(EngineState::Ended);
        self.tell(
            true,
            "The engine could not be started, so nothing is computed; your text is kept. Reload the page, or \
             use a browser with module workers and WebAssembly."
                .to_owned(),
            Some(NoteAction::StartEngine),
        );
    }

    fn engine_ended(self, why: &str) {
        let started = self.engine.get_untracked() == EngineState::Running;
        let mut after = AfterDeath::Wait;
        // The engine is dropped only after this call: it is the engine's own listener that makes it.
        let mut gone = None;
        let mut lost = Vec::new();
        self.inner.update_value(|inner| {
            gone = inner.engine.take();
            let has = |path: &String| inner.held.iter().any(|(held, _)| held == path);
            lost.extend(inner.pending.iter().map(|(path, _)| path).filter(|path| !has(path)).cloned());
            after = inner.exchange.died();
        });
        timer::soon(move || drop(gone));
        self.loads.update(crate::state::files::Loads::clear);
        if !lost.is_empty() {
            let text = [&lost.join(", "), " was being read and is not there; add it again."].concat();
            self.tell(true, text, None);
        }
        let why = reason(why);
        if !started {
            self.engine.set(EngineState::Ended);
            let text = [
                "The engine could not be started (",
                why,
                "), so nothing is computed; your text is kept. Check the connection, then start it again.",
            ];
            return self.tell(true, text.concat(), Some(NoteAction::StartEngine));
        }
        match after {
            AfterDeath::Restart => {
                self.tell(
                    true,
                    ["The engine stopped (", why, ") and was started again with your files as they are."]
                        .concat(),
                    None,
                );
                timer::soon(move || self.start_engine());
            }
            AfterDeath::Wait => {
                self.engine.set(EngineState::Ended);
                self.tell(
                    true,
                    [
                        "The engine stopped again (",
                        why,
                        "). Your files are kept; what is shown is from before. Change or remove what was added last, \
                         and it starts again.",
                    ]
                    .concat(),
                    Some(NoteAction::StartEngine),
                );
            }
        }
    }

    /// Says so where the engine takes long to begin.
    fn expect_engine(self) {
        let late = timer::after(LATE, move || {
            if self.engine.get_untracked() == EngineState::Starting {
                let text = "The engine has not answered yet, so nothing is computed. It may still be loading; \
                            your text is kept.";
                self.tell(false, text.to_owned(), Some(NoteAction::StartEngine));
            }
        });
        self.inner.update_value(|inner| inner.late = Some(late));
    }

    /// Gives a new engine all that the page holds.
    pub(super) fn send_everything(self) {
        self.inner.update_value(|inner| {
            inner.unsent.clear();
            inner.pending.clear();
        });
        self.rows.update_untracked(crate::state::rows::Rows::forget_question);
        self.send(&Request::Reset { version: self.version.get_untracked() }, None);
        let mut attached = Vec::new();
        let mut texts = Vec::new();
        self.files.with_untracked(|files| {
            for file in files.list() {
                match &file.content {
                    Content::Text(text) => texts.push((file.path.clone(), text.to_string())),
                    Content::Attachment { .. } => attached.push(file.path.clone()),
                }
            }
        });
        for (path, text) in texts {
            self.send(&Request::Put { path, text }, None);
        }
        for path in attached {
            if let Some(file) = self.inner.with_value(|inner| find(&inner.held, &path).cloned()) {
                self.load(&path, file);
            }
        }
    }

    /// Sends a request. An engine that waits for another text is started by it.
    pub(super) fn send(self, request: &Request, body: Option<&File>) {
        self.inner.update_value(|inner| {
            if let Some(engine) = &inner.engine {
                inner.exchange.sent(request);
                engine.send(request, body);
            }
        });
    }

    /// Whether the picture shown is of the texts as they are.
    pub(crate) fn is_current(self) -> bool {
        self.inner.with_value(|inner| inner.exchange.is_current() && inner.unsent.is_empty())
    }

    /// The text of a file has changed: sends it, at once where the engine waits, else when typing pauses.
    pub(crate) fn edited(self, key: Key, text: &Arc<str>) {
        let changed = self.files.update(|files| files.edit(key, text));
        if !changed {
            return;
        }
        if self.revived() {
            return;
        }
        self.inner.update_value(|inner| {
            let waits = inner.exchange.is_current() && inner.unsent.is_empty();
            if !inner.unsent.contains(&key) {
                inner.unsent.push(key);
            }
            inner.send = Some(timer::after(if waits { 0 } else { IDLE }, move || self.send_unsent()));
        });
    }

    /// Starts an engine that waits for the workspace to change. Answers whether it did.
    pub(super) fn revived(self) -> bool {
        let ended = self.engine.get_untracked() == EngineState::Ended;
        if ended {
            self.start_engine();
        }
        ended
    }

    fn send_unsent(self) {
        let keys = self.inner.try_update_value(|inner| std::mem::take(&mut inner.unsent)).unwrap_or_default();
        let texts = self.files.with_untracked(|files| {
            let text = |key| {
                let file = files.get(key)?;
                Some((file.path.clone(), files.text(key)?.to_string()))
            };
            keys.into_iter().filter_map(text).collect::<Vec<_>>()
        });
        for (path, text) in texts {
            self.send(&Request::Put { path, text }, None);
        }
    }

    fn answered(self, answer: Response) {
        if self.engine.get_untracked() == EngineState::Starting {
            self.engine.set(EngineState::Running);
            self.dismiss_where(|action| *action == NoteAction::StartEngine);
        }
        let of_before = self.inner.with_value(|inner| inner.exchange.is_starting_over());
        match answer {
            Response::Ready { versions, .. } => {
                self.inner.update_value(|inner| inner.exchange.ready());
                if self.version.with_untracked(String::is_empty)
                    && let Some(newest) = versions.first()
                {
                    self.version.set(newest.clone());
                }
                self.versions.set(versions);
            }
            _ if of_before => {}
            Response::Progress { path, done, series, .. } => {
                self.loads.update(|loads| loads.progress(&path, done, series));
            }
            Response::Loaded { path, outcome } => self.loaded(&path, outcome),
            Response::Analysis(analysis) => self.show(*analysis),
            Response::Rows(answer) => {
                self.rows.update(|rows| rows.take(answer));
                self.ask_rows();
            }
            Response::Trace(answer) => self.way.update(|way| way.take(answer)),
            Response::Details(answer) => self.details.set(Arc::new(answer)),
            Response::Expectation(answer) => self.expect(answer),
            // The text area has no place to show these, so the page does not ask.
            Response::Completions(_) | Response::Hover(_) => {}
        }
    }

    fn show(self, analysis: Analysis) {
        if !self.inner.try_update_value(|inner| inner.exchange.accept(analysis.revision)).unwrap_or(false) {
            return;
        }
        let same_pulls = self.analysis.with_untracked(|old| {
            old.pulls.len() == analysis.pulls.len()
                && old.pulls.iter().zip(&analysis.pulls).all(|(a, b)| a.node == b.node && said(a) == said(b))
        });
        let revision = analysis.revision;
        self.rows.update(|rows| rows.set_revision(revision, same_pulls));
        let problem = self.analysis.with_untracked(|old| {
            problems::same(&old.findings, self.problem.get_untracked(), &analysis.findings)
        });
        self.problem.set(problem);
        self.analysis.set(Arc::new(analysis));
        self.ask_rows();
        self.ask_way();
        let speak = timer::after(REST, move || {
            self.spoken.set(self.analysis.with_untracked(|analysis| flow::spoken(analysis)));
        });
        self.inner.update_value(|inner| inner.speak = Some(speak));
    }

    /// Asks for the rows in view that are not there.
    pub(crate) fn ask_rows(self) {
        let mut query = None;
        self.rows.update_untracked(|rows| query = rows.ask());
        if let Some(query) = query {
            self.send(&Request::Rows(query), None);
        }
    }

    fn loaded(self, path: &str, outcome: LoadOutcome) {
        self.loads.update(|loads| loads.end(path));
        let mut file = None;
        self.inner.update_value(|inner| file = take(&mut inner.pending, path));
        match outcome {
            LoadOutcome::Complete { series, bytes, head } => {
                self.inner.update_value(|inner| inner.exchange.loaded(path));
                let content = Content::Attachment { bytes, series, head: head.into() };
                if let Some((file, _)) = file {
                    self.inner.update_value(|inner| put(&mut inner.held, path, file));
                }
                self.replace_file(path, content);
            }
            LoadOutcome::Cancelled => self.tell(false, ["Stopped reading ", path, "."].concat(), None),
            LoadOutcome::Failed { message } => self.tell(true, [path, ": ", &message].concat(), None),
        }
    }
}
