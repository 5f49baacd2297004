//! The session: what an interface asks, in order, and what it is answered.
//!
//! Requests are taken at once and answered when the work is done. [`Session::step`] does a bounded piece of
//! it, so that whoever drives the session can look for newer requests between two pieces: an edit drops the
//! run that was under way, and what that run had computed for parts which did not change is kept.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::federation::{Memo, Run};
use crate::version::Version;
use crate::workspace::{Files, SampleFormat, SampleReader};

use super::answers;
use super::details;
use super::expectation;
use super::protocol::{LoadOutcome, Request, Response};
use super::rows::Rows;
use super::view;
use super::way;

/// The versions that are offered, the newest first.
const OFFERED: [Version; 3] = [Version::NEWEST, Version::V3_5, Version::V2_42];

/// How a step ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// There is nothing to do.
    Idle,
    /// There is more to do.
    Working,
    /// Something is done, and there may be more to do.
    Answer(Box<Response>),
}

/// A workspace that is worked on.
#[derive(Debug)]
pub struct Session {
    seed: u64,
    files: Files,
    revision: u64,
    changed: bool,
    now: Option<i64>,
    loading: BTreeMap<String, Loading>,
    memo: Memo,
    run: Option<Run>,
    shown: Option<Rows>,
    /// Questions on a picture that is not there yet.
    asked: VecDeque<Request>,
}

#[derive(Debug)]
struct Loading {
    reader: SampleReader,
    total: u64,
}

impl Session {
    /// An empty workspace. The `seed` keys the hashes of stores: give a random one, since samples are pasted
    /// from anywhere.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            files: Files::new(seed),
            revision: 0,
            changed: true,
            now: None,
            loading: BTreeMap::new(),
            memo: Memo::new(seed),
            run: None,
            shown: None,
            asked: VecDeque::new(),
        }
    }

    /// What to say first.
    #[must_use]
    pub fn greeting() -> Response {
        Response::Ready {
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            versions: OFFERED.iter().map(Version::to_string).collect(),
        }
    }

    /// Says when applications are scraped, in milliseconds since 1970. Counts from the next change on.
    pub fn set_now(&mut self, now: i64) {
        self.now = Some(now);
    }

    /// Takes a request. What can be answered at once is; the rest comes from [`Self::step`].
    pub fn request(&mut self, request: Request) -> Vec<Response> {
        match request {
            Request::Reset { version } => {
                self.files = Files::new(self.seed);
                self.files.set_default_version(version.parse().unwrap_or_default());
                self.loading.clear();
                self.shown = None;
                self.asked.clear();
                self.change();
            }
            Request::Put { path, text } => {
                self.loading.remove(&path);
                self.files.put_text(&path, text);
                self.change();
            }
            Request::Load { path, bytes } => {
                let reader = SampleReader::new(SampleFormat::default(), self.seed);
                self.loading.insert(path, Loading { reader, total: bytes });
            }
            Request::CancelLoad { path } => {
                if self.loading.remove(&path).is_some() {
                    return vec![Response::Loaded { path, outcome: LoadOutcome::Cancelled }];
                }
            }
            Request::Remove { path } => {
                self.loading.remove(&path);
                if self.files.remove(&path) {
                    self.change();
                }
            }
            Request::SetVersion { version } => {
                self.files.set_default_version(version.parse().unwrap_or_default());
                self.change();
            }
            Request::Rows(_) | Request::Trace(_) | Request::Details { .. } => match &mut self.shown {
                Some(shown) => return look(shown, request).into_iter().collect(),
                None => self.asked.push_back(request),
            },
            Request::Complete(query) => {
                let preview = self.shown.as_ref().map(Rows::preview);
                return vec![answers::complete(&self.files, preview, &query, self.revision)];
            }
            Request::Hover(query) => {
                let preview = self.shown.as_ref().map(Rows::preview);
                return vec![answers::hover(&self.files, preview, &query, self.revision)];
            }
            Request::WriteExpectation(query) => {
                let preview = self.shown.as_ref().map(Rows::preview);
                return vec![expectation::answer(&self.files, preview, &query, self.revision)];
            }
        }
        Vec::new()
    }

    /// Takes the next bytes of samples that a [`Request::Load`] announced; pieces may end anywhere.
    pub fn load_chunk(&mut self, path: &str, bytes: &[u8]) -> Vec<Response> {
        let Some(loading) = self.loading.get_mut(path) else { return Vec::new() };
        loading.reader.push(bytes);
        vec![Response::Progress {
            path: path.to_owned(),
            done: loading.reader.bytes(),
            total: loading.total,
            series: loading.reader.series() as u32,
        }]
    }

    /// Ends the reading of samples: they are in the workspace from here on.
    pub fn load_end(&mut self, path: &str) -> Vec<Response> {
        let Some(loading) = self.loading.remove(path) else { return Vec::new() };
        let samples = loading.reader.finish();
        let outcome = LoadOutcome::Complete {
            series: samples.store.len() as u32,
            bytes: samples.bytes,
            head: samples.head.clone(),
        };
        self.files.put_samples(path, Arc::new(samples));
        self.change();
        vec![Response::Loaded { path: path.to_owned(), outcome }]
    }

    /// Does a bounded piece of the work there is.
    pub fn step(&mut self) -> Step {
        if self.changed {
            self.changed = false;
            let workspace = Arc::new(self.files.assemble());
            self.run = Some(Run::new(workspace, self.now, &mut self.memo));
            return Step::Working;
        }
        if let Some(mut run) = self.run.take() {
            match run.step(&mut self.memo) {
                Ok(true) => {
                    self.run = Some(run);
                    return Step::Working;
                }
                Ok(false) => {
                    let preview = Arc::new(run.finish(&mut self.memo));
                    let analysis = view::analysis(&preview, self.revision);
                    self.shown = Some(Rows::new(preview, self.revision));
                    return Step::Answer(Box::new(Response::Analysis(Box::new(analysis))));
                }
                Err(full) => {
                    let analysis = view::too_large(run.workspace(), self.revision, full);
                    return Step::Answer(Box::new(Response::Analysis(Box::new(analysis))));
                }
            }
        }
        if let Some(shown) = &mut self.shown
            && let Some(asked) = self.asked.pop_front()
            && let Some(answer) = look(shown, asked)
        {
            return Step::Answer(Box::new(answer));
        }
        Step::Idle
    }

    /// How often a selector was evaluated over a store since the session began: what an edit costs.
    #[must_use]
    pub fn evaluated_selectors(&self) -> u64 {
        self.memo.evaluated_selectors()
    }

    fn change(&mut self) {
        self.revision += 1;
        self.changed = true;
        self.run = None;
    }
}

/// Answers a question on the picture that is shown.
fn look(shown: &mut Rows, asked: Request) -> Option<Response> {
    Some(match asked {
        Request::Rows(query) => Response::Rows(shown.answer(query)),
        Request::Trace(query) => Response::Trace(way::answer(shown.preview(), shown.revision(), query)),
        Request::Details { node, topic } => Response::Details(details::answer(shown.preview(), node, topic)),
        _ => return None,
    })
}
