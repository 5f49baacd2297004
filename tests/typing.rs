//! Text that is being typed, and text that is none: nothing panics, everything is answered in time, and what is
//! found stays where whoever types is looking.
#![allow(
    clippy::allow_attributes,
    clippy::disallowed_methods,
    clippy::format_collect,
    reason = "tests read files, look at the clock and write small texts"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use promtier::diagnostic::{Diagnostic, Severity};
use promtier::engine::protocol::Request;
use promtier::engine::{Session, Step};
use promtier::prometheus::{self, Environment, Version};
use promtier::text::LineIndex;
use promtier::workspace::Files;
use promtier::yaml;
use promtier::yaml::edit::{Change, Edit, Value, apply};

/// How many lines from the cursor a finding may stand.
const NEAR: u32 = 3;

fn configuration(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/configurations");
    std::fs::read_to_string(folder.join(name)).expect("a configuration")
}

/// Whether a finding stands near the cursor's line: itself, or the place that it says it began at.
fn is_near(found: &Diagnostic, index: &LineIndex, cursor: u32) -> bool {
    let lines = index.line_of(found.span.start)..=index.line_of(found.span.end);
    let labels = found.labels.iter().map(|label| index.line_of(label.span.start));
    cursor.saturating_sub(NEAR) <= *lines.end() && *lines.start() <= cursor + NEAR
        || labels.into_iter().any(|line| line.abs_diff(cursor) <= NEAR)
}

/// The line on which the part of a list begins in which the cursor stands: a job, most of the time.
fn part_start(text: &str, cursor: u32) -> u32 {
    let is_start = |line: &str| {
        line.trim_start_matches(' ').starts_with('-') && line.len() - line.trim_start().len() < 5
    };
    let lines: Vec<&str> = text.split('\n').take(cursor as usize).collect();
    lines.iter().rposition(|line| is_start(line)).map_or(1, |line| line as u32 + 1)
}

/// Checks what is found while the text up to the cursor is all there is.
fn check_open_end(name: &str, text: &str, files: &mut Files) {
    files.put_text("prometheus.yml", text);
    let index = LineIndex::new(text);
    let cursor = index.line_of(text.len() as u32);
    for finding in &files.assemble().findings {
        let found = &finding.diagnostic;
        let line = index.line_of(found.span.start);
        // What is not finished yet may be incomplete as a whole.
        let is_open = found.code != yaml::SYNTAX && line >= part_start(text, cursor);
        let is_fine = found.severity != Severity::Error || is_open || is_near(found, &index, cursor);
        assert!(is_fine, "{name}, line {cursor}: {found:?} in line {line}");
    }
}

/// The places after each character of a text.
fn places(text: &str) -> impl DoubleEndedIterator<Item = usize> + '_ {
    text.char_indices().map(|(at, c)| at + c.len_utf8())
}

#[test]
fn findings_stay_near_the_cursor_from_the_first_character_to_the_last() {
    for name in ["agent.yml", "mixed-line-ends.yml"] {
        let text = configuration(name);
        let mut files = Files::new(1);
        for end in places(&text) {
            check_open_end(name, &text[..end], &mut files);
        }
    }
}

#[test]
fn findings_stay_near_the_cursor_while_a_text_is_deleted_from_its_end() {
    for name in ["blackbox-probes.yml"] {
        let text = configuration(name);
        let mut files = Files::new(1);
        for end in places(&text).rev() {
            check_open_end(name, &text[..end], &mut files);
        }
    }
}

#[test]
fn syntax_errors_stay_near_the_cursor_in_the_middle_of_a_text() {
    let names = [
        "agent.yml",
        "blackbox-probes.yml",
        "ec2-relabelling.yml",
        "federation-global.yml",
        "leaf-kubernetes.yml",
        "leaving-consul.yml",
        "legacy-single-node.yml",
        "mixed-line-ends.yml",
        "remote-write-fleet.yml",
        "thanos-receive.yml",
    ];
    for name in names {
        let text = configuration(name);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for start in (4..lines.len().saturating_sub(6)).step_by(41) {
            let (head, rest) = lines.split_at(start);
            let (typed, tail) = rest.split_at(5);
            let (head, typed, tail) = (head.concat(), typed.concat(), tail.concat());
            for end in places(&typed) {
                // Most type on a line of their own.
                let text = format!("{head}{}\n{tail}", &typed[..end]);
                let index = LineIndex::new(&text);
                let cursor = index.line_of((head.len() + end) as u32);
                let found = yaml::parse(&text).diagnostics;
                for found in found.iter().filter(|found| found.code == yaml::SYNTAX) {
                    assert!(is_near(found, &index, cursor), "{name}, line {cursor}: {found:?}\n{text}");
                }
            }
        }
    }
}

#[test]
fn a_session_answers_every_half_typed_text() {
    let (text, other) = (configuration("federation-global.yml"), configuration("leaving-consul.yml"));
    let mut session = Session::new(1);
    let settle = |session: &mut Session| {
        let mut steps = 0;
        while !matches!(session.step(), Step::Idle) {
            steps += 1;
            assert!(steps < 10_000, "the session does not come to rest");
        }
    };
    session.request(Request::Put { path: "prometheus-leaf-1.yml".to_owned(), text: other });
    for end in places(&text).step_by(31) {
        session.request(Request::Put { path: "global.yml".to_owned(), text: text[..end].into() });
        settle(&mut session);
    }
}

/// Reads a text as everything that reads configurations does, and checks what is said first, if anything.
fn check_hostile(what: &str, text: &str, message: Option<&str>) {
    let start = Instant::now();
    let parsed = prometheus::parse(text, Version::NEWEST, &Environment::new());
    let errors: Vec<&Diagnostic> =
        parsed.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
    assert!(!errors.is_empty(), "{what}: nothing is found");
    if let Some(message) = message {
        assert!(errors.iter().any(|found| found.message.contains(message)), "{what}: {:?}", errors[0]);
    }
    for found in &parsed.diagnostics {
        assert!(text.get(found.span.range()).is_some(), "{what}: {found:?}");
    }
    let path = "scrape_configs[0].job_name".parse().expect("a path");
    assert!(
        apply(text, &Edit::new(path, Change::Set(Value::from("x")))).is_err() || text.len() < 1000,
        "{what}"
    );
    let mut files = Files::new(1);
    files.put_text("prometheus.yml", text);
    let _ = files.assemble();
    let took = start.elapsed();
    assert!(took < Duration::from_mins(1), "{what}: {took:?}");
}

#[test]
fn bad_input_is_answered_in_time_with_a_clear_finding() {
    let mut state = 7u64;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    })
    .take(100_000)
    .collect();
    check_hostile("random bytes", &String::from_utf8_lossy(&bytes), None);
    check_hostile("a program", "\u{7f}ELF\u{2}\u{1}\u{1}\0\0\0", Some("control characters are not allowed"));
    check_hostile("nothing but zeroes", &"\0".repeat(1 << 16), Some("control characters are not allowed"));

    for unit in ["x", "- "] {
        let line = unit.repeat(100 * 1024 * 1024 / unit.len());
        check_hostile("a line of 100 MB", &line, Some("more than the"));
    }
    let megabytes = 4 << 20;
    check_hostile("a long word", &"x".repeat(megabytes), Some("cannot unmarshal"));
    check_hostile(
        "a long quote",
        &format!("'{}", "x ".repeat(megabytes / 2)),
        Some("unexpected end of stream"),
    );
    check_hostile("a long list", &format!("[{}]", "x,".repeat(megabytes / 32)), Some("cannot unmarshal"));
    check_hostile("a long list of openings", &"[x,".repeat(megabytes / 3), Some("exceeded max depth"));

    let depth = 10_000;
    let budget = Some("exceeded max depth of 100");
    check_hostile("lists in brackets", &"[".repeat(depth), budget);
    check_hostile("closed lists in brackets", &format!("{}{}", "[".repeat(depth), "]".repeat(depth)), budget);
    check_hostile("mappings in braces", &"{a: ".repeat(depth), budget);
    check_hostile("lists on one line", &"- ".repeat(depth), budget);
    check_hostile("keys on one line", &"? ".repeat(depth), budget);
    let staircase: String = (0..2_000).map(|level| format!("{}-\n", " ".repeat(level))).collect();
    check_hostile("lists below one another", &staircase, budget);
    let staircase: String = (0..2_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    check_hostile("mappings below one another", &staircase, budget);
}
