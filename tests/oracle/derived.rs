//! Generated recording rules, evaluated by real servers, against the label sets that are derived for them.
//!
//! `PROMTIER_ORACLE_DERIVED` says how many rules (400 a version), `PROMTIER_ORACLE_SEED` seeds them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use promtier::rules;
use promtier::rules::derive::{DerivedRule, Server as Evaluator, derive_rules};
use promtier::series::StoreBuilder;
use promtier::version::Version;

use crate::compare;
use crate::http::Response;
use crate::random::Random;
use crate::recording::{self, Words};
use crate::server::{Line, Proxy, Server, lines, number};

/// Differing rules that are shown.
const SHOWN: usize = 12;

const METRICS: &str = "\
a{x=\"1\",y=\"p\"} 3\na{x=\"2\",y=\"p\"} 5\na{x=\"2\",y=\"q\"} 1\n\
b{x=\"1\",z=\"u\"} 4\nb{x=\"2\",z=\"u\"} 2\nb{x=\"3\",z=\"v\"} 0\n\
c{x=\"1\"} 1\nc{x=\"2\"} 7\nc{x=\"3\"} 2\nd 6\n\
h_bucket{x=\"1\",le=\"1\"} 2\nh_bucket{x=\"1\",le=\"+Inf\"} 3\n\
h_bucket{x=\"2\",le=\"1\"} 0\nh_bucket{x=\"2\",le=\"+Inf\"} 0\n";

/// Names that only Prometheus 3 reads.
const OF_3: &str = "{\"u.tf\",\"la.bel\"=\"v\",x=\"1\"} 3\n{\"u.tf\",x=\"2\"} 5\n";

type Labels = BTreeMap<String, String>;

#[test]
fn derives_what_real_rules_record() {
    let count = number("PROMTIER_ORACLE_DERIVED", 400) as usize;
    let seed = number("PROMTIER_ORACLE_SEED", 1);
    let mut lines = lines("derives_what_real_rules_record");
    let mut failed = Vec::new();
    // A scrape that a busy machine misses lets a rule that fails make something once, which then stays for five
    // minutes: such a run tells nothing.
    for _ in 0..3 {
        let missed = attempt(&lines, count, seed, &mut failed);
        lines.retain(|line| missed.contains(line));
        if lines.is_empty() {
            break;
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    assert!(lines.is_empty(), "the machine is too busy: servers miss scrapes every time");
}

/// Evaluates the rules once on servers of each line. What differs is told in `failed`, but where a server missed
/// scrapes: those are answered.
fn attempt(lines: &[Line], count: usize, seed: u64, failed: &mut Vec<String>) -> Vec<Line> {
    let mut missed = Vec::new();
    let mut running: Vec<_> = lines
        .iter()
        .copied()
        .map(|line| {
            eprintln!("{count} rules of seed {seed} on Prometheus {}", line.version());
            let mut random = Random::new(seed);
            let text = rule_file(&mut random, line, count);
            let folder =
                std::env::temp_dir().join(format!("promtier-derived-{}-{}", std::process::id(), line.version()));
            fs::remove_dir_all(&folder).ok();
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join("rules.yml"), "groups: []\n").expect("no rules yet");
            let (kind, metrics) = match line {
                Line::V2 => ("text/plain; version=0.0.4", METRICS.to_owned()),
                Line::V3 => ("text/plain; version=1.0.0; escaping=allow-utf-8", format!("{METRICS}{OF_3}")),
            };
            let proxy = Proxy::start(Box::new(move |_, _, _| Response::new(200, kind, metrics.as_str())));
            let config = format!(
                "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\nrule_files: [\"{}\"]\n\
                 scrape_configs:\n- job_name: j\n  proxy_url: {}\n  static_configs:\n  - targets: [\"t:80\"]\n",
                folder.join("rules.yml").display(),
                proxy.url
            );
            let server = Server::start(line, &folder, &config);
            (line, text, folder, proxy, server)
        })
        .collect();
    for (_, text, folder, _, server) in &mut running {
        // What a rule made before it began to fail stays for five minutes: its series must be there first.
        server.wait_for_scrapes(5);
        fs::write(folder.join("rules.yml"), text).expect("the rules");
        server.reload();
    }
    for (line, text, folder, proxy, mut server) in running {
        let deadline = Instant::now() + Duration::from_secs(15);
        let (differences, exact, possible) = loop {
            let found = differences(line, &text, &mut server);
            if found.0.is_empty() || Instant::now() > deadline {
                break found;
            }
            thread::sleep(Duration::from_millis(500));
        };
        let has_missed = misses_scrapes(&mut server);
        drop((server, proxy));
        eprintln!("{exact} exact, {possible} possible series on Prometheus {}", line.version());
        if !differences.is_empty() && has_missed {
            eprintln!("Prometheus {} missed a scrape of this run", line.version());
            missed.push(line);
            continue;
        }
        if !differences.is_empty() {
            let message = format!(
                "{} of {count} rules of seed {seed} differ on Prometheus {}; {}\n\n{}",
                differences.len(),
                line.version(),
                folder.display(),
                differences[..differences.len().min(SHOWN)].join("\n")
            );
            failed.push(message);
            continue;
        }
        // A generator that has lost its way would prove nothing.
        assert!(exact * 3 > count && possible * 8 > count, "too few series to tell anything");
        fs::remove_dir_all(&folder).expect("the folder goes");
    }
    missed
}

/// Whether a scrape has failed so far.
fn misses_scrapes(server: &mut Server) -> bool {
    let data = server.api("/api/v1/query?query=min(min_over_time(up[10m]))");
    data["result"][0]["value"][1] != "1"
}

/// What differs, and how many series are surely and possibly there.
fn differences(line: Line, text: &str, server: &mut Server) -> (Vec<String>, usize, usize) {
    let version: Version = line.version().parse().expect("a version that is modelled");
    let file = rules::parse(text, version);
    assert!(file.diagnostics.is_empty(), "{:?}", file.diagnostics.first());
    let mut real: BTreeMap<String, BTreeSet<Labels>> = BTreeMap::new();
    let mut store = StoreBuilder::new(1);
    for (labels, _) in compare::stored(&server.stored()) {
        if labels["__name__"].starts_with("r:") {
            real.entry(labels["__name__"].clone()).or_default().insert(labels);
        } else {
            let pairs = labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            store.push(pairs, 0.0, None).expect("room");
        }
    }
    let groups = file.value.groups;
    let store = store.finish();
    let evaluator = Evaluator { store: &store, unlisted: &[], version, interval_ms: 1000, slow: &[] };
    let rules: Vec<_> =
        groups.iter().flat_map(|group| group.rules.iter().map(move |rule| (group, rule))).collect();
    let made = derive_rules(&rules, evaluator);
    let (mut found, mut exact, mut possible) = (Vec::new(), 0, 0);
    for ((_, rule), derived) in rules.iter().zip(&made) {
        let theirs = real.remove(rule.name()).unwrap_or_default();
        let ours: BTreeMap<Labels, bool> = series(derived);
        exact += ours.values().filter(|certain| **certain).count();
        possible += ours.values().filter(|certain| !**certain).count();
        let lacking: Vec<_> = ours.iter().filter(|(it, sure)| **sure && !theirs.contains(*it)).collect();
        let more: Vec<_> = theirs.iter().filter(|it| !ours.contains_key(*it)).collect();
        if !lacking.is_empty() || (!more.is_empty() && !derived.derived.open) {
            let expr = rule.expr.as_ref().map_or("", |expr| expr.text.value.as_str());
            found.push(format!(
                "{}: {expr}\n  surely there, but is not: {lacking:?}\n  there, but not derived: {more:?}\n  failure: {:?}",
                rule.name(),
                derived.derived.failure
            ));
        }
    }
    found.extend(real.keys().map(|name| format!("{name} is nobody's")));
    (found, exact, possible)
}

fn series(rule: &DerivedRule) -> BTreeMap<Labels, bool> {
    let labels = |one: &promtier::rules::derive::DerivedSeries| {
        one.labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    rule.derived.series.iter().map(|one| (labels(one), one.certain)).collect()
}

fn rule_file(random: &mut Random, line: Line, count: usize) -> String {
    let selectors: Vec<&str> =
        SELECTORS.iter().chain(if line == Line::V3 { SELECTORS_OF_3 } else { &[] }).copied().collect();
    let words = Words { selectors: &selectors, labels: LABELS };
    let mut text = String::from("groups:\n");
    for number in 0..count {
        if number % 20 == 0 {
            // Before 3.0 there are no labels of groups.
            let labels =
                if line == Line::V3 && random.chance(30) { "  labels: { w: g, x: \"8\" }\n" } else { "" };
            writeln!(text, "- name: g{number}\n{labels}  rules:").expect("text");
        }
        let expr = if random.chance(10) && number > 20 {
            format!("sum by (x) (r:{})", random.below(number))
        } else if random.chance(3) {
            recording::scalar(random).to_owned()
        } else {
            recording::vector(random, &words, 3)
        };
        writeln!(text, "  - record: r:{number}\n    expr: '{expr}'").expect("text");
        match random.below(8) {
            0 => writeln!(text, "    labels: {{ x: \"9\" }}").expect("text"),
            1 => writeln!(text, "    labels: {{ tier: \"top\" }}").expect("text"),
            2 => writeln!(text, "    labels: {{ x: \"\", y: \"p\" }}").expect("text"),
            _ => {}
        }
    }
    text
}

const SELECTORS: &[&str] = &[
    "a",
    "b",
    "c",
    "d",
    "a{x=\"2\"}",
    "a{y!=\"p\"}",
    "b{z=~\"u|w\"}",
    // Not what the rules record: while that comes up one by one, what rules make before they fail stays.
    "{x=\"1\",job=\"j\",le=\"\",__name__!~\"r:.*\"}",
    "none",
    "none{q=\"1\",k=~\"a\"}",
    "h_bucket",
    "{__name__=~\"a|b\"}",
    "a{x=\"3\"}",
    "up",
    "c{x=~\"1|2\"}",
];

const LABELS: &[&str] = &["x", "y", "z", "job", "instance", "le"];

const SELECTORS_OF_3: &[&str] =
    &["{\"u.tf\"}", "{\"la.bel\"=\"v\",__name__!~\"r:.*\"}", "{\"u.tf\",\"la.bel\"!=\"v\"}"];
