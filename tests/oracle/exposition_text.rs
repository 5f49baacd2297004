//! Generated exposition: what careful exporters write, what careless ones do, and broken text.

use crate::random::Random;

/// A format that a target may claim to answer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Text,
    OpenMetrics,
}

#[rustfmt::skip] // One item a line would be pages.
const NAMES: &[&str] = &[
    "m", "n", "m_total", "m_created", "m_bucket", "m_sum", "m_count", "m_info", "a:b", ":a", "_", "__x", "M9", "up",
    "scrape_samples_scraped", "x_gcount", "x_gsum", "9m", "é", "a.b", "a-b", "", "name with", "nan", "inf",
];

#[rustfmt::skip] // One item a line would be pages.
const LABELS: &[&str] = &[
    "a", "b", "le", "quantile", "job", "instance", "exported_job", "__name__", "__tmp", "A", "a:b", "9a", "é", "a.b",
    "", "_", "case", "m",
];

#[rustfmt::skip] // One item a line would be pages.
const VALUES: &[&str] = &[
    "", "x", "1", "1.0", "01", "+Inf", "-Inf", "NaN", "1e3", "1E3", "0.5", ".5", "5.", "0x1", "1_0", "é", "日本",
    "a\\\"b", "a\\\\b", "a\\nb", "a\\qb", "a\\", "\t", "a b", "{}", ",", "=", "#", "\\u0041", "🙂", "\u{fffd}", " ",
];

#[rustfmt::skip] // One item a line would be pages.
const FLOATS: &[&str] = &[
    "0", "1", "-1", "+1", "1.5", "1e6", "1E6", "1e+06", "1e-07", "NaN", "nan", "Nan", "NAN", "+NaN", "-NaN", "Inf",
    "+Inf", "-Inf", "inf", "+inf", "INF", "infinity", "Infinity", "+infinity", "-infinity", "infinit", ".5", "5.", ".",
    "-.5", "+.5e1", "1e", "e1", "1e400", "-1e400", "1e-400", "1.7976931348623159e308", "4.9e-324", "0x10", "0x1p-2",
    "0b1", "0o7", "1_0", "1p3", "1P3", "--1", "+-1", "1 ", "00", "-0", "1,0", "1f", "123456789012345678901234567890",
    "0.1e-6", "true", "null", "", "\"1\"", "1e1000000", "1E+", "9007199254740993", "0.30000000000000004", "١",
];

#[rustfmt::skip] // One item a line would be pages.
const COMMENTS: &[&str] = &[
    "#", "# ", "#comment", "# a comment", "## HELP m x", "# HELP m Help.", "# HELP m", "# HELP m ", "# HELP  m x",
    "#HELP m x", "# HELP", "# HELP m a\\nb\\\\c\\qd", "# TYPE m counter", "# TYPE m gauge", "# TYPE m histogram",
    "# TYPE m summary", "# TYPE m untyped", "# TYPE m unknown", "# TYPE m info", "# TYPE m stateset",
    "# TYPE m gaugehistogram", "# TYPE m Counter", "# TYPE m counter ", "# TYPE m  counter", "#\tTYPE\tm\tcounter",
    "# TYPE m", "# TYPE", "# TYPE m other", "# TYPE \"m\" counter", "# TYPE \"a.b\" gauge", "# HELP \"a.b\" x",
    "# UNIT m seconds", "# UNIT m_seconds seconds", "# UNIT m", "# EOF", "# EOF ", "#EOF", " # indented",
    "\t# TYPE m counter", "# TYPE m counter extra", "# type m counter", "# HELP m {", "# TYPE m_bucket histogram",
    "# HELP \"m x", "# TYPE é counter", "# HELP m \u{fffd}",
];

/// A text of a few lines. `now` is the time in milliseconds, for timestamps.
pub(crate) fn text(random: &mut Random, wire: Wire, now: u64) -> Vec<u8> {
    loop {
        let text = any(random, wire, now);
        if !String::from_utf8_lossy(&text).lines().any(|line| is_far(line, now)) {
            return text;
        }
    }
}

/// Whether a line has a timestamp far from the present, as slips make them. A server drops such samples; promtier
/// previews no moment, and takes every timestamp for a present one.
fn is_far(line: &str, now: u64) -> bool {
    let mut fields = line.split('#').next().unwrap_or_default().split_whitespace().rev();
    let mut number = || fields.next().and_then(|field| field.parse::<f64>().ok());
    let (Some(last), Some(_)) = (number(), number()) else { return false };
    ![last, last * 1000.0].iter().any(|time| (time - now as f64).abs() < 60_000.0)
}

fn any(random: &mut Random, wire: Wire, now: u64) -> Vec<u8> {
    let mut out = Vec::new();
    // Most texts must be flawless for the flaws of one line to be seen.
    let careless = random.chance(45);
    for _ in 0..random.between(1, 8) {
        let mut line = match random.below(100) {
            0..=14 if careless => random.pick(COMMENTS).to_owned(),
            0..=9 => random.pick(&COMMENTS[12..17]).to_owned(),
            15..=17 if wire == Wire::Text => String::new(),
            _ => series(random, wire, careless, now),
        };
        if careless && random.chance(5) {
            slip(random, &mut line);
        }
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(
            if careless && random.chance(2) {
                random.pick(&["\r\n", "\n\n", " \n", "\0\n", ""])
            } else {
                "\n"
            }
            .as_bytes(),
        );
    }
    if careless && random.chance(4) {
        // Not inside of a character: promtier takes no file that is not UTF-8.
        let at = random.below(out.len() + 1);
        if out.get(at).is_none_or(u8::is_ascii) {
            out.insert(at, random.below(128) as u8);
        }
    }
    if wire == Wire::OpenMetrics && random.chance(if careless { 80 } else { 100 }) {
        out.extend_from_slice(if random.chance(90) { b"# EOF\n" } else { b"# EOF" });
    } else if random.chance(10) && out.last() == Some(&b'\n') {
        out.pop();
    }
    out
}

fn series(random: &mut Random, wire: Wire, careless: bool, now: u64) -> String {
    let mut out = String::new();
    if careless && random.chance(4) {
        out.push_str(random.pick(&[" ", "\t", "  "]));
    }
    let name = if careless && random.chance(20) { random.pick(NAMES) } else { random.pick(&NAMES[..15]) };
    let quoted_name = careless && random.chance(6);
    if !quoted_name {
        out.push_str(name);
    }
    if careless && random.chance(4) {
        out.push_str(random.pick(&[" ", "\t"]));
    }
    if quoted_name || random.chance(65) {
        labels(random, careless, quoted_name.then_some(name), &mut out);
    }
    out.push_str(if careless && random.chance(8) { random.pick(&["", "  ", "\t", " \t "]) } else { " " });
    out.push_str(if careless && random.chance(30) {
        random.pick(FLOATS)
    } else {
        random.pick(&FLOATS[..10])
    });
    if random.chance(if careless { 15 } else { 8 }) {
        out.push(' ');
        // Far from the present a server's memory decides, not the text.
        let time = now - random.below(3) as u64;
        let usual = random.chance(if careless { 60 } else { 100 });
        let stamp = match (wire, usual) {
            (Wire::Text, true) => time.to_string(),
            (Wire::OpenMetrics, true) => format!("{}.{:03}", time / 1000, time % 1000),
            (_, false) => {
                let odd = [
                    "-5",
                    "1.5x",
                    "abc",
                    "+1",
                    "1_0",
                    "99999999999999999999999",
                    "1 2",
                    "1e",
                    "0x5",
                    "NaN",
                    "Inf",
                ];
                random.pick(&odd).to_owned()
            }
        };
        out.push_str(&stamp);
    }
    if wire == Wire::OpenMetrics && random.chance(10) {
        out.push_str(random.pick(&[
            " # {} 1",
            " # {a=\"b\"} 0.5",
            " # {a=\"b\"} 0.5 1.5",
            " # {trace_id=\"x\",b=\"c\"} NaN",
            " #{} 1",
            " # {} ",
            " # {a=\"b\"}",
            " # {a=\"b\"} 1 x",
            " # {a=b} 1",
            "# {} 1",
        ]));
    }
    if careless && random.chance(4) {
        out.push_str(random.pick(&[" ", "\t", " #", "  # comment"]));
    }
    out
}

fn labels(random: &mut Random, careless: bool, name: Option<&str>, out: &mut String) {
    let odd = |random: &mut Random, percent| careless && random.chance(percent);
    out.push('{');
    let mut first = true;
    if let Some(name) = name {
        out.push_str(&format!("\"{name}\""));
        first = false;
    }
    let mut used: Vec<&str> = Vec::new();
    for _ in 0..random.between(0, 3) {
        let label = if odd(random, 15) { random.pick(LABELS) } else { random.pick(&LABELS[..7]) };
        // promtier refuses a line with a label twice at once. Prometheus does when it appends it; until then a
        // target label or a rule may take one of the two away, or the line.
        if used.contains(&label) || label == "__name__" {
            continue;
        }
        used.push(label);
        if !first {
            out.push_str(if odd(random, 4) { random.pick(&["", ",,", " , ", " "]) } else { "," });
        }
        first = false;
        if odd(random, 6) {
            out.push_str(random.pick(&[" ", "\t"]));
        }
        let quote = odd(random, 6);
        out.push_str(&if quote { format!("\"{label}\"") } else { label.to_owned() });
        out.push_str(if odd(random, 4) { random.pick(&[" = ", "==", "", "=~", "\t=", ":"]) } else { "=" });
        let value = if odd(random, 60) || random.chance(30) {
            random.pick(VALUES)
        } else {
            random.pick(&VALUES[..10])
        };
        let escape_is_fine = careless || !value.contains("\\q") && !value.ends_with("a\\");
        let value = if escape_is_fine { value } else { "x" };
        let quote = if odd(random, 3) { random.pick(&["'", "`", ""]) } else { "\"" };
        out.push_str(&format!("{quote}{value}{quote}"));
    }
    if random.chance(8) {
        out.push_str(if odd(random, 20) { ",," } else { "," });
    }
    if !odd(random, 2) {
        out.push('}');
    }
}

fn slip(random: &mut Random, line: &mut String) {
    let mut characters: Vec<char> = line.chars().collect();
    let at = random.below(characters.len() + 1);
    match random.below(3) {
        0 if at < characters.len() => {
            characters.remove(at);
        }
        1 => characters.truncate(at),
        _ => {
            let scraps =
                ['{', '}', '"', '\\', ',', '=', ' ', '#', '\t', 'e', '0', '.', '-', '\r', 'é', '\u{0}', '\n'];
            characters.insert(at, scraps[random.below(scraps.len())]);
        }
    }
    *line = characters.into_iter().collect();
}
