//! Bringing files in: examples, dropped, chosen and pasted ones.

use leptos::prelude::*;
use promtier::engine::protocol::Request;

use super::engine::{put, take};
use super::{Dialog, Examples, NoteAction, Page, Workspace};
use crate::browser::fetch::{self, Fetch};
use crate::browser::file::File;
use crate::browser::timer;
use crate::state::files::{Content, Files, Key};
use crate::state::intake::{self, Intake};
use crate::state::layout::Pane;

/// The example that a first visit shows.
const FIRST: &str = "seed";

/// Milliseconds of reading before its progress is shown.
const SLOW: i32 = 300;

impl Page {
    /// Fetches the list of examples, and on the first visit the example to begin with.
    pub(crate) fn fetch_examples(self) {
        self.dismiss_where(|action| *action == NoteAction::FetchExamples);
        self.examples.set(Examples::Loading);
        crate::browser::spawn(async move {
            match fetch::examples().await {
                Ok(examples) => {
                    let first = examples.iter().any(|example| example.id == FIRST);
                    self.examples.set(Examples::Here(examples.into()));
                    if first && self.files.with_untracked(Files::is_empty) {
                        self.open_example(FIRST.to_owned());
                    } else {
                        self.opening.set(false);
                    }
                }
                Err(why) => {
                    self.examples.set(Examples::Missing);
                    self.opening.set(false);
                    let text = why
                        + ". The examples are missing; your own files work: drop them here or paste them.";
                    self.tell(true, text, Some(NoteAction::FetchExamples));
                }
            }
        });
    }

    /// Opens an example in place of what is there.
    pub(crate) fn open_example(self, id: String) {
        let Examples::Here(examples) = self.examples.get_untracked() else { return };
        let Some(example) = examples.iter().find(|example| example.id == id).cloned() else { return };
        let retry = NoteAction::FetchExample(id.clone());
        self.dismiss_where(|action| *action == retry);
        crate::browser::spawn(async move {
            let all: Vec<_> = example
                .files
                .iter()
                .map(|file| Fetch::begin(["examples/", &id, "/", file].concat()))
                .collect();
            let mut texts = Vec::new();
            for (path, fetch) in example.files.into_iter().zip(all) {
                match fetch.text().await {
                    Ok(text) => texts.push((path, text)),
                    Err(why) => {
                        let text = why + ". What was here is unchanged.";
                        // The chooser goes back to what is open.
                        self.example.notify();
                        self.opening.set(false);
                        return self.tell(true, text, Some(NoteAction::FetchExample(id)));
                    }
                }
            }
            self.open_workspace(Some(id), texts);
        });
    }

    /// Starts over with no files.
    pub(crate) fn open_nothing(self) {
        self.open_workspace(None, Vec::new());
    }

    /// Puts texts in place of all that is there; what a person has made can be brought back.
    fn open_workspace(self, example: Option<String>, texts: Vec<(String, String)>) {
        let before = Workspace {
            files: self.files.get_untracked(),
            held: self.inner.try_update_value(|inner| std::mem::take(&mut inner.held)).unwrap_or_default(),
            example: self.example.get_untracked(),
            active: self.active.get_untracked(),
        };
        let own = before.files.any_own();
        self.files.update(|files| {
            files.clear();
            for (path, text) in texts {
                files.put(&path, Content::Text(text.into()), false);
            }
        });
        self.begin_workspace(example, None);
        if own {
            self.inner.update_value(|inner| inner.replaced = Some(before));
            self.tell(
                false,
                "Your files were put aside for this.".to_owned(),
                Some(NoteAction::RestoreWorkspace),
            );
        }
    }

    /// Brings back what another workspace has replaced.
    pub(super) fn restore_workspace(self) {
        let Some(before) = self.inner.try_update_value(|inner| inner.replaced.take()).flatten() else {
            return;
        };
        self.files.set(before.files);
        self.inner.update_value(|inner| inner.held = before.held);
        self.begin_workspace(before.example, before.active);
    }

    fn begin_workspace(self, example: Option<String>, active: Option<Key>) {
        self.dismiss_where(|action| matches!(action, NoteAction::RestoreFile | NoteAction::RestoreWorkspace));
        self.example.set(example);
        self.opening.set(false);
        self.loads.update(crate::state::files::Loads::clear);
        let first = self.files.with_untracked(|files| files.list().first().map(|file| file.key));
        self.active.set(active.or(first));
        self.choose_node(None);
        self.pane.set(Pane::Files);
        if !self.revived() {
            self.send_everything();
        }
    }

    /// Puts a file into the workspace, in the place of one of the same name, and tells the engine.
    pub(crate) fn put_text(self, path: &str, text: String) -> Key {
        self.inner.update_value(|inner| {
            take(&mut inner.held, path);
            take(&mut inner.pending, path);
        });
        self.loads.update(|loads| loads.end(path));
        let key = self.replace_file(path, Content::Text(text.as_str().into()));
        if !self.revived() {
            self.send(&Request::Put { path: path.to_owned(), text }, None);
        }
        key
    }

    /// Gives the file at `path` a content; where it was looked at, it still is.
    pub(super) fn replace_file(self, path: &str, content: Content) -> Key {
        let was = self.files.with_untracked(|files| files.at(path).map(|file| file.key));
        let key = self.files.update(|files| files.put(path, content, true));
        let active = self.active.get_untracked();
        if active.is_none() || active == was {
            self.active.set(Some(key));
        }
        key
    }

    /// Takes files that were dropped or chosen; `node` is the one that they are meant for.
    pub(crate) fn take_files(self, files: Vec<File>, node: Option<&str>) {
        let samples_path = node.and_then(|node| {
            self.analysis.with_untracked(|analysis| {
                analysis.nodes.iter().find(|view| view.name == node).map(|view| view.samples_path.clone())
            })
        });
        for (at, file) in files.into_iter().enumerate() {
            // A node has one place for samples: of several files it gets the first, the others keep their names.
            let path = samples_path.as_deref().filter(|_| at == 0);
            match intake::decide(&file.name(), file.bytes(), path) {
                Intake::Samples(path) => self.load(&path, file),
                Intake::Refused(why) => self.tell(true, why, None),
                Intake::Text(path) => crate::browser::spawn(async move {
                    match file.text().await {
                        Ok(text) => {
                            let key = self.put_text(&path, text);
                            self.active.set(Some(key));
                        }
                        Err(why) => self.tell(true, why, None),
                    }
                }),
            }
        }
    }

    /// Takes pasted samples.
    pub(crate) fn take_samples(self, path: &str, text: String) {
        if text.len() as u64 <= intake::LONGEST_TEXT {
            self.put_text(path, text);
        } else if let Some(file) = File::from_text(path, &text) {
            self.load(path, file);
        }
    }

    /// Hands samples to the engine.
    pub(super) fn load(self, path: &str, file: File) {
        if self.engine.get_untracked() == super::EngineState::Ended {
            self.start_engine();
        }
        self.loads.update(|loads| loads.begin(path, file.bytes()));
        let shown = path.to_owned();
        let slow = timer::after(SLOW, move || self.loads.update(|loads| loads.lasts(&shown)));
        self.send(&Request::Load { path: path.to_owned(), bytes: file.bytes() }, Some(&file));
        self.inner.update_value(|inner| put(&mut inner.pending, path, (file, slow)));
    }

    /// Stops reading samples.
    pub(crate) fn cancel_load(self, path: &str) {
        self.send(&Request::CancelLoad { path: path.to_owned() }, None);
    }

    /// Takes a file away; it can be brought back.
    pub(crate) fn remove_file(self, key: Key) {
        let Some((gone, beside)) = self.files.update(|files| files.remove(key)) else { return };
        if self.active.get_untracked() == Some(key) {
            self.active.set(beside);
        }
        let path = gone.path;
        self.inner.update_value(|inner| {
            let held = take(&mut inner.held, &path);
            take(&mut inner.pending, &path);
            inner.unsent.retain(|&unsent| unsent != key);
            inner.removed = Some((path.clone(), gone.content, held));
        });
        self.loads.update(|loads| loads.end(&path));
        self.dismiss_where(|action| *action == NoteAction::RestoreFile);
        self.tell(false, ["Removed ", &path, "."].concat(), Some(NoteAction::RestoreFile));
        if !self.revived() {
            self.send(&Request::Remove { path }, None);
        }
    }

    /// Brings back the file removed last.
    pub(super) fn restore_file(self) {
        let removed = self.inner.try_update_value(|inner| inner.removed.take()).flatten();
        match removed {
            Some((path, Content::Text(text), _)) => {
                let key = self.put_text(&path, text.to_string());
                self.active.set(Some(key));
            }
            Some((path, Content::Attachment { .. }, Some(file))) => self.load(&path, file),
            _ => {}
        }
    }

    /// Gives a file another name.
    pub(crate) fn rename_file(self, key: Key, path: &str) {
        let Some(old) = self.files.update(|files| files.rename(key, path)) else { return };
        let file = self.inner.try_update_value(|inner| take(&mut inner.held, &old)).flatten();
        if self.revived() {
            if let Some(file) = file {
                self.inner.update_value(|inner| put(&mut inner.held, path, file));
            }
            return;
        }
        self.send(&Request::Remove { path: old }, None);
        match (self.files.with_untracked(|files| files.text(key).map(ToString::to_string)), file) {
            (Some(text), _) => self.send(&Request::Put { path: path.to_owned(), text }, None),
            (None, Some(file)) => self.load(path, file),
            (None, None) => {}
        }
    }

    /// Opens the dialog for samples of a node.
    pub(crate) fn ask_samples(self, node: &str) {
        let path = self.analysis.with_untracked(|analysis| {
            analysis.nodes.iter().find(|view| view.name == node).map(|view| view.samples_path.clone())
        });
        if let Some(path) = path {
            self.dialog.set(Some(Dialog::Samples { node: node.to_owned(), path }));
        }
    }
}
