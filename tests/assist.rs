//! Completion and hover at every place of long configurations, as they stand and as they are typed.
#![allow(
    clippy::allow_attributes,
    clippy::disallowed_methods,
    reason = "tests read files and look at the clock"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use promtier::engine::protocol::{PlaceQuery, Request, Response};
use promtier::engine::{Session, Step};

/// How long one answer may take; an answer in an optimised build takes a hundredth of this.
const LONGEST: Duration = Duration::from_millis(500);

const SAMPLES: &str = "up{job=\"node\",instance=\"a\"} 1\njob:up:sum{job=\"node\"} 2\n";

fn configurations() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/configurations");
    let entries = std::fs::read_dir(folder).expect("the folder of configurations");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yml"));
    files.sort();
    let read = |path: &PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).expect("a configuration"))
    };
    files.iter().map(read).collect()
}

fn session(path: &str, text: &str) -> Session {
    let mut session = Session::new(3);
    for (path, text) in [("leaf.yml", "global: {}\n"), ("leaf.prom", SAMPLES), (path, text)] {
        session.request(Request::Put { path: path.to_owned(), text: text.to_owned() });
    }
    while session.step() != Step::Idle {}
    session
}

/// Asks both questions, again where the machine was busy with something else; the number of things offered and said.
fn ask(session: &mut Session, path: &str, offset: u32) -> (usize, usize) {
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let (offered, said, took) = ask_once(session, path, offset);
        if took < LONGEST {
            return (offered, said);
        }
        best = best.min(took);
    }
    panic!("{path} at {offset}: {best:?} at best");
}

fn ask_once(session: &mut Session, path: &str, offset: u32) -> (usize, usize, Duration) {
    let query = PlaceQuery { id: 1, path: path.to_owned(), offset };
    let start = Instant::now();
    let Some(Response::Completions(completions)) = session.request(Request::Complete(query.clone())).pop()
    else {
        panic!("no completions of {path} at {offset}");
    };
    let Some(Response::Hover(hover)) = session.request(Request::Hover(query)).pop() else {
        panic!("no hover of {path} at {offset}");
    };
    let took = start.elapsed();
    for item in &completions.items {
        assert!(item.edit.0 <= offset && offset <= item.edit.1, "{path} at {offset}: {item:?}");
    }
    (completions.items.len(), usize::from(hover.hover.is_some()), took)
}

#[test]
fn every_place_of_long_configurations_is_answered() {
    for (path, text) in configurations() {
        let mut session = session(&path, &text);
        let units = text.encode_utf16().count() as u32;
        let (mut offered, mut said) = (0, 0);
        for offset in 0..=units {
            let (completions, hovers) = ask(&mut session, &path, offset);
            offered += completions;
            said += hovers;
        }
        // Most of a configuration is keys, and every key means something.
        assert!(said * 3 > units as usize, "{path}: {said} of {units} places are explained");
        assert!(offered > units as usize, "{path}: {offered} at {units} places are offered");
    }
}

#[test]
fn every_state_of_typing_a_configuration_is_answered() {
    for (path, text) in configurations().into_iter().take(4) {
        let mut session = session(&path, "");
        let lines = text.split_inclusive('\n').scan(0_usize, |at, line| {
            *at += line.len();
            Some(*at)
        });
        // Up to the middle of each line, and up to its end.
        let mut last: usize = 0;
        for end in lines {
            for stop in [text.floor_char_boundary(last.midpoint(end)), end] {
                let typed = &text[..stop];
                session.request(Request::Put { path: path.clone(), text: typed.to_owned() });
                ask(&mut session, &path, typed.encode_utf16().count() as u32);
            }
            last = end;
        }
    }
}
