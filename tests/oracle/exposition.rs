//! What generated applications expose.

use crate::random::Random;
use crate::server::Line;

/// Metric names: ones that rules and selectors look for, and ones that collide with what a server adds.
const NAMES: &[(usize, &str)] = &[
    (6, "http_requests_total"),
    (6, "job:http:rate5m"),
    (5, "go_goroutines"),
    (4, "app_seconds"),
    (4, "app_seconds_bucket"),
    (4, "node_load1"),
    (2, "up"),
    (1, "scrape_samples_scraped"),
    (2, "x"),
    (1, "_"),
    (1, ":a:b"),
];

/// Names that only Prometheus 3 reads.
const UTF8_NAMES: &[&str] = &["http.requests", "größe", "a b", "weird\"name", "0start", "job:é"];

pub(crate) const LABELS: &[(usize, &str)] = &[
    (5, "job"),
    (5, "instance"),
    (3, "exported_job"),
    (2, "exported_instance"),
    (2, "exported_exported_job"),
    (5, "region"),
    (4, "replica"),
    (5, "a"),
    (4, "b"),
    (4, "zone"),
    (3, "le"),
    (2, "quantile"),
    (2, "__tmp"),
    (1, "__address__"),
    (1, "Zone"),
    (2, "code"),
];

const UTF8_LABELS: &[&str] = &["service.name", "größe", "a-b", "__é", ""];

pub(crate) const VALUES: &[(usize, &str)] = &[
    (6, "x"),
    (5, "y"),
    (4, "eu"),
    (4, "us"),
    (4, ""),
    (3, "a"),
    (2, "prometheus"),
    (2, "app-1:8080"),
    (2, "leaf-1:9090"),
    (2, "200"),
    (2, "1"),
    (1, "1.0"),
    (1, "0.50"),
    (1, "+Inf"),
    (1, "1e3"),
    (2, "é→ü"),
    (1, "日本"),
    (1, "quo\"te"),
    (1, "back\\slash"),
    (1, "new\nline"),
    (1, "tab\t"),
    (1, "X"),
    (1, " spaced "),
    (1, "a;b"),
    (1, "$1"),
    (1, "Ünïcode"),
];

#[rustfmt::skip] // One item a line would be pages.
const NUMBERS: &[&str] = &[
    "0", "1", "-1", "2", "17", "3.25", "1e6", "1e+06", "123456789", "1e21", "1e-7", "0.1", "NaN", "+Inf",
    "-Inf", "Inf", "-0", "1.7976931348623157e308", "5e-324", "+5", ".5", "5.", "1E3",
];

/// Lines that fail a scrape.
#[rustfmt::skip] // One item a line would be pages.
const BROKEN: &[&str] = &[
    "x{a=\"1\" 2", "x 1 2 3", "x", "x{a=\"\\q\"} one", "1x 2", "x{a=\"1\",a=\"2\"} 1", "{a=\"1\"} 1",
    "x{=\"1\"} 1", "x{1a=\"1\"} 1", "x 1_0", "x 1e400",
];

/// Text that an application answers with, `least` to `most` series, with what a reader of `line` takes.
pub(crate) fn metrics(random: &mut Random, line: Line, least: usize, most: usize) -> String {
    let mut out = String::new();
    let wanted = random.between(least, most);
    let mut written = 0;
    let broken = random.chance(3).then(|| random.below(wanted));
    while written < wanted {
        let utf8 = line == Line::V3 && random.chance(8);
        let name = if utf8 { random.pick(UTF8_NAMES) } else { random.weighted(NAMES) };
        if random.chance(50) {
            let kind =
                random.pick(&["counter", "gauge", "histogram", "summary", "untyped", "gaugehistogram"]);
            if kind != "gaugehistogram" || line == Line::V3 {
                let written_name = if utf8 { quoted(name) } else { name.to_owned() };
                out.push_str(&format!("# TYPE {written_name} {kind}\n"));
            }
        }
        if random.chance(15) {
            out.push_str(random.pick(&["# a comment\n", "\n", "# HELP x Help \\n of x.\n", "#\n", "  \n"]));
        }
        for _ in 0..random.between(1, 4) {
            if broken == Some(written) {
                out.push_str(random.pick(BROKEN));
                out.push('\n');
            }
            out.push_str(&series(random, line, name, utf8));
            written += 1;
        }
    }
    out
}

/// One line of exposition.
fn series(random: &mut Random, line: Line, name: &str, utf8: bool) -> String {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for _ in 0..random.between(0, 4) {
        let label = if line == Line::V3 && random.chance(6) {
            random.pick(UTF8_LABELS)
        } else {
            random.weighted(LABELS)
        };
        if pairs.iter().any(|(known, _)| known == label) {
            continue;
        }
        pairs.push((label.to_owned(), random.weighted(VALUES).to_owned()));
    }
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(label, value)| {
            let legacy = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !label.is_empty();
            let label = if legacy { label.clone() } else { quoted(label) };
            format!("{label}={}", quoted(value))
        })
        .collect();
    let pairs = pairs.join(random.pick(&[",", ",", ",", ", "]));
    let comma = if !pairs.is_empty() && random.chance(10) { "," } else { "" };
    let number = random.pick(NUMBERS);
    if utf8 {
        let rest = if pairs.is_empty() { String::new() } else { format!(",{pairs}{comma}") };
        format!("{{{}{rest}}} {number}\n", quoted(name))
    } else if pairs.is_empty() && random.chance(80) {
        format!("{name} {number}\n")
    } else {
        format!("{name}{{{pairs}{comma}}} {number}\n")
    }
}

/// As the text format quotes a name or a value.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
