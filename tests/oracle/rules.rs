//! Generated rule files against `promtool check rules`: the same verdict, and all that it says.
//!
//! `PROMTIER_ORACLE_RULES` says how many (1500 a version), `PROMTIER_ORACLE_SEED` seeds them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use promtier::diagnostic::Severity;
use promtier::rules;
use promtier::version::Version;

use crate::config::scalar;
use crate::expression_text;
use crate::random::Random;
use crate::server::{Line, number};

/// How many differences are shown.
const SHOWN: usize = 25;
/// How many files promtool gets at once.
const BATCH: usize = 250;

#[test]
fn judges_rule_files_as_promtool_does() {
    for line in [Line::V2, Line::V3] {
        let Some(promtool) = line.promtool("judges_rule_files_as_promtool_does") else { continue };
        let count = number("PROMTIER_ORACLE_RULES", 1500) as usize;
        let seed = number("PROMTIER_ORACLE_SEED", 1);
        eprintln!("{count} rule files of seed {seed} with promtool {}", line.version());
        let version: Version = line.version().parse().expect("a version that is modelled");
        let mut random = Random::new(seed);
        let texts: Vec<String> = (0..count).map(|_| file(&mut random)).collect();
        let folder =
            std::env::temp_dir().join(format!("promtier-rules-{}-{}", std::process::id(), line.version()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut differences = Vec::new();
        let mut accepted = 0;
        for texts in texts.chunks(BATCH) {
            let paths: Vec<PathBuf> = (0..texts.len()).map(|at| folder.join(format!("{at}.yml"))).collect();
            for (path, text) in paths.iter().zip(texts) {
                std::fs::write(path, text).expect("a rule file");
            }
            let output = Command::new(&promtool)
                .args(["check", "rules", "--lint=none"])
                .args(&paths)
                .output()
                .expect("promtool starts");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let said = by_file(&said, &paths);
            for (at, text) in texts.iter().enumerate() {
                let theirs = said.get(&at).cloned().unwrap_or_default();
                accepted += usize::from(theirs.is_empty());
                if let Some(difference) = difference(text, &theirs, version) {
                    differences.push(format!("{text}\n{difference}"));
                }
            }
        }
        std::fs::remove_dir_all(&folder).expect("the folder is there");
        eprintln!("{accepted} of them are accepted");
        assert!(accepted * 8 > count, "too few are accepted to tell anything");
        assert!(
            differences.is_empty(),
            "{} of {count} differ on {}:\n{}",
            differences.len(),
            line.version(),
            differences.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n----\n")
        );
    }
}

/// What promtool said of each file, a message an entry.
fn by_file(said: &str, paths: &[PathBuf]) -> BTreeMap<usize, Vec<String>> {
    let prefixes: Vec<String> = paths.iter().map(|path| format!("{}: ", path.display())).collect();
    let mut messages: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut current = None;
    for line in said.lines() {
        let start = prefixes.iter().position(|prefix| line.starts_with(prefix.as_str()));
        if let Some(at) = start {
            current = Some(at);
            messages.entry(at).or_default().push(line[prefixes[at].len()..].to_owned());
        } else if line.trim() == "FAILED:" || line.trim().is_empty() {
            current = None;
        } else if let Some(last) =
            current.and_then(|at| messages.get_mut(&at)).and_then(|list| list.last_mut())
        {
            last.push('\n');
            last.push_str(line);
        }
    }
    messages
}

/// How promtier judges otherwise than promtool did.
fn difference(text: &str, theirs: &[String], version: Version) -> Option<String> {
    let parsed = rules::parse(text, version);
    let ours: Vec<String> = parsed
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .map(|found| found.message.clone().into_owned())
        .collect();
    let show = |what: &str| Some(format!("{what}\n  promtool: {theirs:#?}\n  promtier: {ours:#?}"));
    let refused =
        theirs.iter().any(|said| said.starts_with("yaml: ") && !said.starts_with("yaml: unmarshal errors"));
    if refused {
        // Its parser reads on further before it notices, and names the line in which the collection begins. Of
        // a second document it sees the first words, and may stumble over them.
        let noticed = ours.iter().any(|said| said.starts_with("yaml: "));
        let is_one = !text.lines().skip(1).any(|line| matches!(line, "---" | "..."));
        return if is_one && !noticed { show("taken for YAML") } else { None };
    }
    if theirs.is_empty() != ours.is_empty() {
        return show("another verdict");
    }
    let missing = theirs.iter().flat_map(|message| words(message)).find(|words| {
        let crashed = words.ends_with("unexpected error");
        // What the second pass, which looks for lines only, says again of its own types.
        let typed = version >= Version { major: 3, minor: 3 };
        let again = words.rsplit(' ').next().is_some_and(|word| {
            matches!(word, "rulefmt.ruleGroups" | "[]yaml.Node") || typed && word.ends_with("Node")
        });
        // The third of three equal keys is one too many only once.
        let key = words.split_once(" already defined at ").map(|(key, _)| key);
        let said = key.is_some_and(|key| ours.iter().any(|ours| ours.starts_with(key)));
        !crashed && !again && !said && !ours.contains(words)
    });
    missing.and_then(|words| show(&format!("not said: {words}")))
}

/// A message without its place, its group and its rule; of a list of errors, each.
fn words(message: &str) -> Vec<String> {
    if let Some(list) = message.strip_prefix("yaml: unmarshal errors:") {
        return list.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
    }
    let mut rest = message;
    while let Some((place, after)) = rest.split_once(": ") {
        let is_place =
            place.split(':').count() == 2 && place.bytes().all(|b| b.is_ascii_digit() || b == b':');
        if !is_place {
            break;
        }
        rest = after;
    }
    if rest.starts_with("group \"") {
        let at = rest.find(", rule ").unwrap_or(0);
        let name = rest[at..].find(", \"").map_or(0, |name| at + name + 2);
        rest = rest[name..].split_once("\": ").map_or(rest, |(_, words)| words);
    }
    vec![rest.to_owned()]
}

#[rustfmt::skip] // One item a line would be pages.
const LIMITS: &[&str] = &[
    "1", "0", "-1", "1.5", "1_000", "0x10", "~", "1e3", "010", "\"5\"", "yes", "true", "[1]", "a",
    "99999999999999999999", "1e30", ".5", "0o17", "0b1", "!!int \"5\"", "1.0", "+5", "0b", "Null",
];

#[rustfmt::skip] // One item a line would be pages.
const FIELDS: &[&str] = &[
    "nosuch: 1", "annotation: {a: b}", "Expr: 1", "expr: 1", "labels: {}", "labels: ~", "<<: {for: 5m}",
    "<<: [{for: 5m}, {for: 6x}]", "<<: *x", "? a\n      : b", "labels: []", "annotations: a", "<<: {nosuch: 1}", "\"<<\": 1", "1: 2", "~: 1",
    "<<: {for: 5m, for: 6m}", "<<: [1]", "<<: ~", "labels: {a: b, a: c}", "labels: {<<: {x: y}, a: b}", "[a]: 1", "{a: b}: 1", "labels: {[a]: 1}",
];

#[rustfmt::skip] // One item a line would be pages.
const NODES: &[&str] = &["~", "", "[a]", "{a: b}", "5", "1.0", "true", "*x", "!!int 5", "\"\"", "null", "2001-01-01", "!!str 5", "!x 5", "!!binary dXA="];

#[rustfmt::skip] // One item a line would be pages.
const EXPRESSIONS: &[&str] = &[
    "up", "sum by (job) (rate(http_requests_total[5m]))", "1", "vector(1)", "up == 0", "rate(up)", "a b",
    "sum(", "\"text\"", "absent(up{job=\"x\"})", "a[5m", "up{job=~\"(\"}",
];

#[rustfmt::skip] // One item a line would be pages.
const NAMES: &[&str] = &[
    "a", "job:up:sum", "HighLoad", "", "1a", "a b", "a{b=\"c\"}", "é", "~", "null", "yes", "1", "\"~\"", "a.b",
    "0x1", "__name__", "*x", "[a]", "{a: b}",
];

#[rustfmt::skip] // One item a line would be pages.
const DURATIONS: &[&str] = &[
    "5m", "1h30m", "1d", "10s", "0s", "0", "5x", "", "5", "-5m", "1.5h", "~", "\"5m\"", "[5m]", "1y", "300y", "1m1h", "null", "\"null\"", "yes",
];

#[rustfmt::skip] // One item a line would be pages.
const VALUES: &[&str] = &[
    "page", "1", "1.5", "true", "yes", "~", "", "\"\"", "[a]", "{a: b}", "2001-01-01", "0x1f", "null", "\"a b\"",
];

#[rustfmt::skip] // One item a line would be pages.
const TEMPLATES: &[&str] = &[
    "{{ $labels.instance }} down", "{{ $value | humanize }}", "{{ if eq $labels.a \"b\" }}x{{ else }}y{{ end }}",
    "{{ range query \"up\" }}{{ . }}{{ end }}", "{{/* c */}}", "{{- .x -}}", "{{ .x.y.z }}", "{{ $externalLabels.a }}{{ $externalURL }}",
    "{{ $label.x }}", "{{ .Labels.a", "{{ nosuch }}", "{{ if }}x{{ end }}", "{{ end }}", "{{ }}", "{{ $labels.a * 2 }}", "{{ with $x := 1 }}{{ $x }}{{ end }}{{ $x }}", "{{ ) }}", "{{ ( }}", "{{ \"a }}",
    "{{ `a` | printf \"%s\" | 1 }}", "{{/* c */}}", "{{/* c }}", "{{- .x -}}", "{{ .x.y.z }}", "{{ $externalLabels.a }}{{ $externalURL }}",
    "{{ define \"t\" }}x{{ end }}{{ template \"t\" }}", "{{ template }}", "{{ block \"b\" . }}{{ $labels }}{{ end }}", "{{ break }}",
    "{{ range . }}{{ break }}{{ else }}{{ continue }}{{ end }}", "{{ if 1 }}{{ else if 2 }}{{ end }}", "{{ with 1 }}{{ else with 2 }}{{ end }}",
    "{{ 1 }}", "{{ 1.a }}", "{{ 0x1g }}", "{{ 1_000 }}", "{{ 99999999999999999999 }}", "{{ 1e400 }}", "{{ 'a' }}", "{{ 'ab' }}", "{{ '' }}", "{{ nil }}",
    "{{ nil.a }}", "{{ \"a\".b }}", "{{ (1).a }}", "{{ $x, $y := . }}", "{{ range $i, $x := . }}{{ $i }}{{ end }}", "{{ range $i, 1 }}{{ end }}",
    "{{ $x = 1 }}", "{{ $x:=1 }}", "{{ $ }}", "{{ . }}", "{{ .1 }}", "{{ a.b }}", "{{ $labels.a-b }}", "{{ and 1 2 | not }}", "{{ len }}", "{{ & }}",
    "{{ é }}", "{{ $é }}", "{{ x := 1 }}", "{{ $x : 1 }}", "{{ 1 | }}", "{{ | 1 }}", "{{ 1 2 }}", "{{ now }}", "{{ urlQueryEscape \"a\" }}",
    "{{ toTime 1 }}", "{{ parseDuration \"1m\" }}", "a }} b", "{ { a", "{{{ 1 }}}", "{{ if true }}a", "a\\n{{ x }}", "{{\\n$x }}", "{{ \\\"\\\\q\\\" }}",
    "{{ define \"t\" }}", "{{ define t }}{{ end }}", "{{ if 1 }}{{ define \"x\" }}{{ end }}{{ end }}", "{{ end 1 }}", "{{ else }}", "{{ if 1 }}{{ else }}{{ else }}{{ end }}",
    "{{ true false }}", "{{ true | not }}", "{{ 1 | true }}", "{{ printf \"%s\" (1 | len) }}", "{{ (printf }}", "{{ ((1)) }}", "{{ . | . }}", "{{ .a .b | .c }}", "{{ 1i }}", "{{ 1+2i }}", "{{ +1 }}", "{{ - 1 }}", "{{ 1- }}",
];

/// A rule file, valid or not.
fn file(random: &mut Random) -> String {
    let faults = if random.chance(70) { random.below(3) } else { 30 };
    let mut maker = Maker { random, faults, out: String::new() };
    maker.file();
    let out = maker.out;
    if random.chance(25) { mutated(random, &out) } else { out }
}

/// Writes a rule file with so many faults at most.
struct Maker<'r> {
    random: &'r mut Random,
    faults: usize,
    out: String,
}

impl Maker<'_> {
    /// Whether a fault is made here.
    fn slips(&mut self, percent: usize) -> bool {
        let slips = self.faults > 0 && self.random.chance(percent);
        self.faults -= usize::from(slips);
        slips
    }

    /// A usual word, or any where a fault is made.
    fn word(&mut self, words: &[&'static str], usual: usize, percent: usize) -> &'static str {
        if self.slips(percent) { self.random.pick(words) } else { self.random.pick(&words[..usual]) }
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn file(&mut self) {
        if self.random.chance(5) {
            let start = self.word(&["---", "# c", "", "%YAML 1.1\n---", "groups: []", "x: 1"], 4, 30);
            self.line(start);
        }
        let start = self.word(&["groups:", "group:", "groups: {}", "Groups:", "groups: ~"], 1, 3);
        self.line(start);
        for index in 0..self.random.between(1, 3) {
            self.group(index);
        }
        if self.slips(4) {
            let end = self.random.pick(&["---\ngroups: 1", "...", "x: y", "groups: []"]);
            self.line(end);
        }
    }

    fn group(&mut self, index: usize) {
        let name = if self.slips(8) { self.random.pick(NAMES).to_owned() } else { format!("g{index}") };
        self.line(&format!("- name: {name}"));
        if self.random.chance(15) {
            let duration = self.word(DURATIONS, 4, 40);
            self.line(&format!("  interval: {duration}"));
        }
        if self.slips(6) {
            let duration = self.random.pick(DURATIONS);
            self.line(&format!("  query_offset: {duration}"));
        }
        if self.random.chance(10) {
            let limit = self.word(LIMITS, 9, 50);
            self.line(&format!("  limit: {limit}"));
        }
        if self.slips(8) {
            self.line("  labels:");
            self.pairs(false, 4);
        }
        if self.slips(4) {
            let line = self.random.pick(&[
                "nosuch: 1",
                "partial_response_strategy: warn",
                "rules: []",
                "<<: {limit: 3}",
                "<<: 3",
            ]);
            self.line(&format!("  {line}"));
        }
        self.line("  rules:");
        for _ in 0..self.random.between(0, 3) {
            self.rule();
        }
    }

    fn rule(&mut self) {
        let alert = self.random.chance(55);
        let (kind, other) = if alert { ("alert", "record") } else { ("record", "alert") };
        let mut lines = Vec::new();
        if !self.slips(3) {
            let name = self.word(NAMES, 3, 12);
            let anchor = if self.random.chance(4) { "&x " } else { "" };
            let quotes = if name.contains('"') && !name.starts_with('"') { "'" } else { "" };
            lines.push(format!("{kind}: {anchor}{quotes}{name}{quotes}"));
        }
        if self.slips(3) {
            lines.push(format!("{other}: b"));
        }
        if !self.slips(3) {
            lines.push(format!("expr: {}", self.expression()));
        }
        for field in ["for", "keep_firing_for"] {
            if if alert { self.random.chance(30) } else { self.slips(3) } {
                lines.push(format!("{field}: {}", self.word(DURATIONS, 4, 20)));
            }
        }
        if self.slips(4) {
            lines.push(self.random.pick(FIELDS).to_owned());
        }
        for (index, line) in lines.iter().enumerate() {
            self.line(&format!("    {} {line}", if index == 0 { "-" } else { " " }));
        }
        if lines.is_empty() {
            self.line("    - ");
        }
        if self.random.chance(35) {
            self.line("      labels:");
            self.pairs(alert, 8);
        }
        if if alert { self.random.chance(50) } else { self.slips(3) } {
            self.line("      annotations:");
            self.pairs(alert, 8);
        }
    }

    fn expression(&mut self) -> String {
        let text = if self.slips(15) {
            if self.random.chance(30) {
                return self.random.pick(NODES).to_owned();
            }
            expression_text::expression(self.random)
        } else {
            self.word(EXPRESSIONS, 6, 8).to_owned()
        };
        let fits = text.chars().all(|c| c == 'é' || c.is_ascii_graphic() || c == ' ');
        if !fits || text.trim().is_empty() {
            return scalar(&text);
        }
        match self.random.below(6) {
            0 => format!("|\n        {text}"),
            1 => format!(">-\n        {}", text.replace(' ', "\n        ")),
            2 => format!("|2\n        {text}\n        + 1"),
            3 => format!("'{}'", text.replace('\'', "''")),
            _ => scalar(&text),
        }
    }

    fn pairs(&mut self, templates: bool, indent: usize) {
        let names =
            ["severity", "summary", "a", "team", "a b", "__name__", "é", "1", "~", "\"\"", "a-b", "yes"];
        for at in 0..self.random.between(1, 2) {
            let name = if self.slips(8) { self.random.pick(&names) } else { names[at] };
            let value = if templates && self.random.chance(60) {
                let text = self.word(TEMPLATES, 8, 60);
                let escaped = text.contains("\\\"");
                format!("\"{}\"", if escaped { text.to_owned() } else { text.replace('"', "\\\"") })
            } else {
                self.word(VALUES, 6, 10).to_owned()
            };
            self.line(&format!("{}{name}: {value}", " ".repeat(indent)));
        }
    }
}

/// A text of which a line was lost, doubled, moved or indented otherwise.
fn mutated(random: &mut Random, text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..random.between(1, 2) {
        let at = random.below(lines.len());
        match random.below(8) {
            0 if lines.len() > 1 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at].clone()),
            2 => lines[at] = format!(" {}", lines[at]),
            3 => lines[at] = lines[at].replacen("  ", "", 1),
            4 => {
                let other = random.below(lines.len());
                lines.swap(at, other);
            }
            5 => {
                let cut = lines[at].char_indices().map(|(at, _)| at).nth(random.below(12)).unwrap_or(0);
                lines[at].truncate(cut);
            }
            6 => lines[at] = lines[at].replacen(':', random.pick(&["", ": ~", ": -", " :", ": [", "::"]), 1),
            _ => lines[at] = lines[at].replacen("- ", random.pick(&["-", "  ", "- - ", "? "]), 1),
        }
    }
    lines.join("\n") + "\n"
}
