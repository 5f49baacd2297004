//! What is measured.

use std::borrow::Cow;
use std::hint::black_box;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use promtier::exposition::{self, Exposition, Format, Options, Parser, Writer};
use promtier::labels::{LabelSet, MatchOp, Matcher};
use promtier::series::{Bitset, CompiledMatcher, MatchCache, SeriesStore};
use promtier::version::Version;

use crate::inputs;
use crate::rounds::{Subject, interleave};

const SEED: u64 = 0x5eed;

fn parse_whole(text: &str) -> Exposition {
    exposition::parse(text.as_bytes(), Format::PrometheusText, Options { seed: SEED, ..Options::default() })
}

fn parse_pieces(text: &str) -> Exposition {
    let mut parser = Parser::new(Format::PrometheusText, Options { seed: SEED, ..Options::default() });
    for piece in text.as_bytes().chunks(64 << 10) {
        parser.push(piece);
    }
    parser.finish()
}

fn megabytes_per_second(bytes: usize, subject: &Subject<'_>) -> f64 {
    bytes as f64 / 1e6 / subject.median().as_secs_f64()
}

fn memcpy<'a>(text: &'a str, target: &'a mut Vec<u8>) -> Subject<'a> {
    Subject::new("memcpy", move || {
        target.clear();
        target.extend_from_slice(black_box(text.as_bytes()));
        target.len() as u64
    })
}

/// Every kind of input, 100,000 series each, against memcpy.
pub fn parse(rounds: usize) {
    println!("\n## Parse and intern, 100,000 series\n");
    println!("| input | MB | MB/s | ns/series | of memcpy | in 64 KiB pieces |\n|---|---|---|---|---|---|");
    for kind in inputs::KINDS {
        let series = if kind == "hostile" { 20_000 } else { 100_000 };
        let text = inputs::text(kind, series);
        let mut target = Vec::with_capacity(text.len());
        let mut subjects = [
            Subject::new("promtier", || parse_whole(&text).store.len() as u64),
            Subject::new("promtier in pieces", || parse_pieces(&text).store.len() as u64),
            memcpy(&text, &mut target),
        ];
        interleave(rounds, &mut subjects);
        println!(
            "| {kind} | {:.1} | {:.0} | {:.0} | {:.1} % | {:.0} MB/s |",
            text.len() as f64 / 1e6,
            megabytes_per_second(text.len(), &subjects[0]),
            subjects[0].median().as_nanos() as f64 / series as f64,
            100.0 * subjects[0].times_faster_than(&subjects[2]),
            megabytes_per_second(text.len(), &subjects[1]),
        );
    }
}

/// Parses one input again and again, for a profiler.
pub fn repeat(kind: &str, count: usize) {
    let text = inputs::text(kind, if kind == "hostile" { 20_000 } else { 100_000 });
    let start = Instant::now();
    for _ in 0..count {
        black_box(parse_whole(&text));
    }
    let rate = text.len() as f64 * count as f64 / 1e6 / start.elapsed().as_secs_f64();
    println!("{kind}: {rate:.0} MB/s");
}

fn promtool(text: &str) -> Option<u64> {
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // promtool complains about the names and ends with 3; it has read everything all the same.
    let _ = child.stdin.take()?.write_all(text.as_bytes());
    child.wait().ok()?;
    Some(1)
}

/// The other parsers, on the typical input.
pub fn peers(rounds: usize) {
    let series = 100_000;
    let text = inputs::typical(series);
    println!("\n## Peers, typical input, 100,000 series ({:.1} MB)\n", text.len() as f64 / 1e6);
    let whole = parse_whole(&text);
    assert_eq!(whole.store.len(), series, "promtier reads every series");
    let mut target = Vec::with_capacity(text.len());
    let mut subjects = vec![
        Subject::new("promtier: parse, intern, validate", || parse_whole(&text).store.len() as u64),
        Subject::new("promtier: the same, and find equal series", || {
            parse_whole(&text).store.duplicates().len() as u64
        }),
        memcpy(&text, &mut target),
    ];
    match prom_text_format_parser::Scrape::parse(&text) {
        Ok(_) => subjects.push(Subject::new("prom_text_format_parser 0.1.0", || {
            prom_text_format_parser::Scrape::parse(&text).is_ok().into()
        })),
        Err(_) => println!("prom_text_format_parser refuses this text"),
    }
    subjects.push(Subject::new("prometheus-parse 0.2.5", || {
        let lines = text.lines().map(|line| Ok(line.to_owned()));
        prometheus_parse::Scrape::parse(lines).map_or(0, |scrape| scrape.samples.len() as u64)
    }));
    match prometheus_exposition_format_rs::parse_complete(&text) {
        Ok(_) => subjects.push(Subject::new("prometheus-exposition-format-rs 0.1.2", || {
            prometheus_exposition_format_rs::parse_complete(&text).map_or(0, |families| families.len() as u64)
        })),
        Err(_) => println!("prometheus-exposition-format-rs refuses this text"),
    }
    match openmetrics_parser::prometheus::parse_prometheus(&text) {
        Ok(_) => subjects.push(Subject::new("openmetrics-parser 0.5.1", || {
            openmetrics_parser::prometheus::parse_prometheus(&text).is_ok().into()
        })),
        Err(_) => println!("openmetrics-parser refuses this text"),
    }
    if promtool(&text).is_some() {
        subjects.push(Subject::new("promtool check metrics, whole process", || promtool(&text).unwrap_or(0)));
    } else {
        println!("promtool is not installed");
    }
    interleave(rounds, &mut subjects);
    println!("| parser | MB/s (median) | MB/s (best) | promtier is … times as fast |\n|---|---|---|---|");
    for subject in &subjects {
        println!(
            "| {} | {:.0} | {:.0} | {:.2} |",
            subject.name,
            megabytes_per_second(text.len(), subject),
            text.len() as f64 / 1e6 / subject.best().as_secs_f64(),
            subjects[0].times_faster_than(subject),
        );
    }
}

include!("../../selectors.rs");

pub fn selectors() -> Vec<Vec<Matcher>> {
    let matcher = |&(name, op, value): &(&str, MatchOp, &str)| Matcher::new(name, op, value);
    SELECTORS.iter().map(|matchers| matchers.iter().map(matcher).collect()).collect()
}

/// Evaluates every selector and answers the number of rows found.
fn select(store: &SeriesStore, selectors: &[Vec<CompiledMatcher>], cache: &mut MatchCache) -> u64 {
    let found = |matchers: &Vec<CompiledMatcher>| {
        store.select_cached(matchers, cache).map_or(0, |rows| rows.count() as u64)
    };
    selectors.iter().map(found).sum()
}

/// The plain way: every label set of its own, every matcher on each.
fn scan(series: &[LabelSet], selectors: &[Vec<CompiledMatcher>]) -> u64 {
    let matches = |labels: &LabelSet, matchers: &[CompiledMatcher]| {
        matchers.iter().all(|matcher| {
            let name = std::str::from_utf8(&matcher.matcher().name).unwrap_or("");
            matcher.matches(labels.value(name))
        })
    };
    let count = |matchers: &Vec<CompiledMatcher>| {
        series.iter().filter(|labels| matches(labels, matchers)).count() as u64
    };
    selectors.iter().map(count).sum()
}

/// Twenty selectors over 100,000 and a million series.
pub fn matching(rounds: usize) {
    println!("\n## Twenty selectors\n");
    println!(
        "| series | rows found | from nothing | one edited, the rest known | scan of label sets |\n|---|---|---|---|---|"
    );
    let compiled: Vec<Vec<CompiledMatcher>> = selectors()
        .iter()
        .map(|matchers| {
            let compile = |matcher| CompiledMatcher::new(matcher, Version::NEWEST).expect("a valid pattern");
            matchers.iter().map(compile).collect()
        })
        .collect();
    for series in [100_000, 1_000_000] {
        let store = parse_whole(&inputs::typical(series)).store;
        let sample: Vec<LabelSet> = (0..100_000).map(|row| store.label_set(row)).collect();
        let found = select(&store, &compiled, &mut MatchCache::default());
        if series == 100_000 {
            assert_eq!(found, scan(&sample, &compiled), "both ways find the same rows");
        }
        let mut known = MatchCache::default();
        select(&store, &compiled, &mut known);
        let mut subjects = [
            Subject::new("from nothing", || select(&store, &compiled, &mut MatchCache::default())),
            Subject::new("one edited", || {
                let edited = Matcher::new("pod", MatchOp::Regex, "service-3.*");
                let edited = [CompiledMatcher::new(&edited, Version::NEWEST).expect("a valid pattern")];
                let rows = store.select(&edited).map_or(0, |rows| rows.count() as u64);
                rows + select(&store, &compiled, &mut known)
            }),
            Subject::new("scan", || scan(&sample, &compiled)),
        ];
        interleave(rounds, &mut subjects);
        let milliseconds = |subject: &Subject<'_>| subject.median().as_secs_f64() * 1e3;
        println!(
            "| {series} | {found} | {:.2} ms | {:.2} ms | {:.0} ms{} |",
            milliseconds(&subjects[0]),
            milliseconds(&subjects[1]),
            milliseconds(&subjects[2]) * (series / 100_000) as f64,
            if series > 100_000 { " (of a tenth, times ten)" } else { "" },
        );
    }
}

fn as_it_is(name: &str) -> Cow<'_, str> {
    Cow::Borrowed(name)
}

/// What `/federate` prints.
pub fn printing(rounds: usize) {
    println!("\n## Printing 100,000 series as /federate does\n");
    let text = inputs::typical(100_000);
    let store = parse_whole(&text).store;
    let external: LabelSet = [("region", "eu"), ("replica", "a")].into_iter().collect();
    let writer = Writer::new(&store, &external, &as_it_is, 0);
    let rows = Bitset::full(store.len());
    let mut printed = String::new();
    writer.write(&rows, &mut printed);
    assert_eq!(writer.size(&rows), printed.len() as u64);
    let bytes = printed.len();
    let mut subjects = [
        Subject::new("order, from nothing", || parse_whole(&text).store.sorted_rows().len() as u64),
        Subject::new("parse alone", || parse_whole(&text).store.len() as u64),
        Subject::new("text", || {
            printed.clear();
            writer.write(&rows, &mut printed);
            printed.len() as u64
        }),
        Subject::new("size alone", || writer.size(&rows)),
    ];
    interleave(rounds, &mut subjects);
    let milliseconds = |at: usize| subjects[at].median().as_secs_f64() * 1e3;
    println!("| step | time |\n|---|---|");
    println!("| order of the rows, once a store | {:.1} ms |", (milliseconds(0) - milliseconds(1)).max(0.0));
    println!("| text | {:.1} ms, {:.0} MB/s |", milliseconds(2), megabytes_per_second(bytes, &subjects[2]));
    println!("| its size alone | {:.1} ms |", milliseconds(3));
}

/// Time per byte as the input grows.
pub fn growth(rounds: usize, large: bool) {
    println!("\n## Growth, typical input\n");
    println!("| series | MB | MB/s | ns/byte | step |\n|---|---|---|---|---|");
    let mut sizes = vec![1_000, 100_000, 1_000_000];
    if large {
        sizes.push(5_000_000);
    }
    let mut before: Option<f64> = None;
    for series in sizes {
        let text = inputs::typical(series);
        let mut subjects = [Subject::new("promtier", || parse_whole(&text).store.len() as u64)];
        interleave(if series < 10_000 { 50 } else { rounds }, &mut subjects);
        let per_byte = subjects[0].median().as_secs_f64() * 1e9 / text.len() as f64;
        println!(
            "| {series} | {:.1} | {:.0} | {per_byte:.3} | {} |",
            text.len() as f64 / 1e6,
            megabytes_per_second(text.len(), &subjects[0]),
            before.map_or("–".to_owned(), |before| format!("×{:.2}", per_byte / before)),
        );
        before = Some(per_byte);
    }
}

/// What a store holds, against what was read.
pub fn memory() {
    println!("\n## Memory of the store, 100,000 series\n");
    println!("| input | bytes per byte of text | bytes per series |\n|---|---|---|");
    for kind in inputs::KINDS {
        let series = if kind == "hostile" { 20_000 } else { 100_000 };
        let text = inputs::text(kind, series);
        let store = parse_whole(&text).store;
        println!(
            "| {kind} | {:.3} | {:.0} |",
            store.heap_bytes() as f64 / text.len() as f64,
            store.heap_bytes() as f64 / store.len() as f64,
        );
    }
    let text = inputs::typical(1_000_000);
    let store = parse_whole(&text).store;
    println!(
        "| typical, a million | {:.3} | {:.0} |",
        store.heap_bytes() as f64 / text.len() as f64,
        store.heap_bytes() as f64 / store.len() as f64,
    );
}
