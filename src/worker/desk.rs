//! Where requests arrive, samples are read piece by piece, and work is cut into slices.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use promtier::engine::protocol::{LoadOutcome, Request, Response};
use promtier::engine::{Session, Step};

use crate::browser::{self, Body, Recall};

/// How long the engine works before it hears its messages, in milliseconds.
const SLICE: f64 = 30.0;

/// Bytes of samples taken at a time: some milliseconds of work.
const PIECE: u64 = 1 << 20;

/// How often progress is told, in milliseconds.
const TELL: f64 = 50.0;

/// Samples to be read.
struct Load {
    path: String,
    body: Body,
}

struct Desk {
    session: RefCell<Session>,
    /// Samples that wait for those being read.
    waiting: RefCell<VecDeque<Load>>,
    /// The path of the samples being read; emptied to stop it.
    reading: RefCell<Option<String>>,
    /// Whether something reads.
    reader: Cell<bool>,
    recall: RefCell<Option<Recall>>,
    recalled: Cell<bool>,
    told: Cell<f64>,
}

/// Opens the desk: from now on requests are heard and answered.
pub(crate) fn open() {
    let desk = Rc::new(Desk {
        session: RefCell::new(session()),
        waiting: RefCell::default(),
        reading: RefCell::default(),
        reader: Cell::new(false),
        recall: RefCell::default(),
        recalled: Cell::new(false),
        told: Cell::new(0.0),
    });
    *desk.recall.borrow_mut() = Recall::new({
        let desk = Rc::clone(&desk);
        move || desk.work()
    });
    browser::listen(move |request, body| hear(&desk, request, body));
}

fn session() -> Session {
    let mut session = Session::new(browser::seed());
    session.set_now(browser::date());
    session
}

fn hear(desk: &Rc<Desk>, request: Request, body: Option<Body>) {
    match (&request, body) {
        (Request::Load { path, .. }, Some(body)) => {
            desk.stop(path);
            desk.waiting.borrow_mut().push_back(Load { path: path.clone(), body });
            if !desk.reader.replace(true) {
                let desk = Rc::clone(desk);
                browser::spawn(async move {
                    desk.read().await;
                    desk.reader.set(false);
                });
            }
            return;
        }
        (Request::Load { path, .. }, None) => {
            let message = "its bytes did not come along; add it again".to_owned();
            desk.post([Response::Loaded { path: path.clone(), outcome: LoadOutcome::Failed { message } }]);
            return;
        }
        (Request::CancelLoad { path }, _) => {
            // The session answers for what it reads; nobody does for what still waits.
            let waited = desk.waiting.borrow().iter().any(|load| load.path == *path);
            desk.forget(path);
            if waited {
                desk.post([Response::Loaded { path: path.clone(), outcome: LoadOutcome::Cancelled }]);
                return;
            }
        }
        (Request::Put { path, .. } | Request::Remove { path }, _) => desk.stop(path),
        (Request::Reset { .. }, _) => {
            desk.waiting.borrow_mut().clear();
            let path = desk.reading.borrow().clone();
            if let Some(path) = path {
                desk.stop(&path);
            }
            // A new session counts its revisions from the start, as the page does.
            *desk.session.borrow_mut() = session();
            desk.post([Session::greeting()]);
        }
        // The rest is for the session alone.
        _ => {}
    }
    let answers = desk.session.borrow_mut().request(request);
    desk.post(answers);
    desk.call_again();
}

impl Desk {
    /// Stops reading `path` because something newer takes its place.
    fn stop(&self, path: &str) {
        let was_read = self.reading.borrow().as_deref() == Some(path);
        self.forget(path);
        if was_read {
            // Nobody waits for this end: what takes its place has an end of its own.
            self.session.borrow_mut().request(Request::CancelLoad { path: path.to_owned() });
        }
    }

    fn forget(&self, path: &str) {
        self.waiting.borrow_mut().retain(|load| load.path != path);
        let mut reading = self.reading.borrow_mut();
        if reading.as_deref() == Some(path) {
            *reading = None;
        }
    }

    /// Reads all that waits, one after the other.
    async fn read(&self) {
        loop {
            let Some(load) = self.waiting.borrow_mut().pop_front() else { return };
            let Load { path, body } = load;
            *self.reading.borrow_mut() = Some(path.clone());
            let total = body.bytes();
            let answers =
                self.session.borrow_mut().request(Request::Load { path: path.clone(), bytes: total });
            self.post(answers);
            let whole = self.read_one(&path, &body, total).await;
            if self.reading.borrow().as_deref() != Some(path.as_str()) {
                continue;
            }
            *self.reading.borrow_mut() = None;
            if whole {
                let answers = self.session.borrow_mut().load_end(&path);
                self.post(answers);
                self.call_again();
            } else {
                self.session.borrow_mut().request(Request::CancelLoad { path: path.clone() });
                let message =
                    "The file cannot be read any more: it may have been moved or changed. Add it again.";
                let outcome = LoadOutcome::Failed { message: message.to_owned() };
                self.post([Response::Loaded { path, outcome }]);
            }
        }
    }

    /// Reads one to its end or until it is stopped. Answers whether the bytes were all there.
    async fn read_one(&self, path: &str, body: &Body, total: u64) -> bool {
        let part = |start: u64| (start < total).then(|| body.read(start, (start + PIECE).min(total)));
        let mut start = 0;
        let mut next = part(0);
        while let Some(reading) = next {
            let Some(bytes) = reading.bytes().await else { return false };
            if self.reading.borrow().as_deref() != Some(path) {
                return true;
            }
            start += PIECE;
            // The browser reads the next piece while the engine works on this one.
            next = part(start);
            let answers = self.session.borrow_mut().load_chunk(path, &bytes);
            self.post(answers);
        }
        true
    }

    fn post(&self, answers: impl IntoIterator<Item = Response>) {
        for answer in answers {
            if let Response::Progress { .. } = answer {
                let now = browser::now();
                if now - self.told.get() < TELL {
                    continue;
                }
                self.told.set(now);
            }
            browser::post(&answer);
        }
    }

    /// Works on, once the messages that wait are heard.
    fn call_again(&self) {
        if !self.recalled.replace(true)
            && let Some(recall) = &*self.recall.borrow()
        {
            recall.again();
        }
    }

    /// One slice of work.
    fn work(&self) {
        self.recalled.set(false);
        let end = browser::now() + SLICE;
        loop {
            let step = self.session.borrow_mut().step();
            match step {
                Step::Idle => return,
                Step::Working => {}
                Step::Answer(answer) => self.post([*answer]),
            }
            if browser::now() >= end {
                return self.call_again();
            }
        }
    }
}
