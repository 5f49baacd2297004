//! Generated exposition, scraped by real servers, against what the preview says that the scrapes store.
//!
//! One server scrapes many targets, each in a job of its own. `PROMTIER_ORACLE_SCRAPES` says how many (250 a
//! version), `PROMTIER_ORACLE_SEED` seeds them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::compare::{self, Series};
use crate::config::{Config, Job, metric_relabel_configs, scalar};
use crate::exposition_text::{Wire, text};
use crate::http::Response;
use crate::random::Random;
use crate::server::{Line, Proxy, Server, lines, number};

/// Differing scrapes that are shown.
const SHOWN: usize = 12;

/// What one target answers, and the rest of its job.
struct Case {
    body: Vec<u8>,
    content_type: &'static str,
    lines: Vec<String>,
}

#[test]
fn stores_what_real_scrapes_store() {
    for line in lines("stores_what_real_scrapes_store") {
        let count = number("PROMTIER_ORACLE_SCRAPES", 250) as usize;
        let seed = number("PROMTIER_ORACLE_SEED", 1);
        eprintln!("{count} scrapes of seed {seed} on Prometheus {}", line.version());
        let folder =
            std::env::temp_dir().join(format!("promtier-scrapes-{}-{}", std::process::id(), line.version()));
        let mut random = Random::new(seed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as u64;
        let cases: Vec<Case> = (0..count).map(|number| case(&mut random, number, line, now)).collect();
        write(&cases, line, &folder.join("workspace"));
        let ours = compare::preview(&folder.join("workspace")).unwrap_or_else(|error| panic!("{error}"));
        let (proxy, mut server) = serve(&cases, line, &folder);
        let (mut real, mut differences) = (Series::new(), Vec::new());
        // A scrape that a busy machine did not finish in time is forgotten by the next ones.
        for scrapes in [3, 2, 2, 2] {
            server.wait_for_scrapes(scrapes);
            real = compare::stored(&server.stored());
            differences = self::differences(&cases, &real, &ours["leaf"].series);
            let targets = compare::targets(&server.targets());
            differences.extend(compare::targets_differ("leaf", &targets, &ours["leaf"].targets));
            if differences.is_empty() {
                break;
            }
        }
        drop((server, proxy));
        // A generator that has lost its way would prove nothing.
        let good =
            real.iter().filter(|(labels, value)| is_up(labels) && value.as_deref() == Some("1")).count();
        assert!(good * 3 > count && good * 10 < count * 9, "{good} of {count} scrapes succeed");
        assert!(
            differences.is_empty(),
            "{} of {count} scrapes of seed {seed} differ on Prometheus {}; {}\n\n{}",
            differences.len(),
            line.version(),
            folder.display(),
            differences[..differences.len().min(SHOWN)].join("\n")
        );
        fs::remove_dir_all(&folder).expect("the folder goes");
    }
}

fn is_up(labels: &BTreeMap<String, String>) -> bool {
    labels.get("__name__").is_some_and(|name| name == "up") && labels.len() == 3
}

fn host(number: usize) -> String {
    format!("case-{number}:80")
}

fn case(random: &mut Random, number: usize, line: Line, now: u64) -> Case {
    let wire = if random.chance(25) { Wire::OpenMetrics } else { Wire::Text };
    let content_type = match wire {
        Wire::Text if random.chance(6) => random.pick(&[
            "",
            "text/html",
            "text/plain",
            "application/json",
            "nonsense",
            "text/plain; version=1.0.0",
        ]),
        Wire::Text => "text/plain; version=0.0.4; charset=utf-8",
        Wire::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
    };
    let body = text(random, wire, now);
    let mut lines = vec!["static_configs:".to_owned(), format!("  - targets: [\"{}\"]", host(number))];
    if random.chance(30) {
        lines.push("honor_labels: true".to_owned());
    }
    if random.chance(10) {
        lines.push("honor_timestamps: false".to_owned());
    }
    let samples =
        body.split(|&byte| byte == b'\n').filter(|line| !line.is_empty() && line[0] != b'#').count();
    if random.chance(6) && !respells(&body) {
        lines.push(format!("sample_limit: {}", (samples + random.below(3)).saturating_sub(1).max(1)));
    }
    if random.chance(5) {
        lines.push(format!("body_size_limit: {}B", (body.len() + random.below(3)).saturating_sub(1).max(1)));
    }
    if random.chance(4) {
        lines.push(format!("label_limit: {}", random.between(3, 6)));
    }
    if random.chance(3) {
        lines.push(format!("label_name_length_limit: {}", random.between(3, 9)));
    }
    if random.chance(3) {
        lines.push(format!("label_value_length_limit: {}", random.between(2, 12)));
    }
    if random.chance(25) {
        lines.extend(metric_relabel_configs(random));
    }
    if line == Line::V3 && random.chance(5) {
        let protocol = random.pick(&["PrometheusText0.0.4", "OpenMetricsText1.0.0", "PrometheusText1.0.0"]);
        lines.push(format!("fallback_scrape_protocol: {protocol}"));
    }
    Case { body, content_type, lines }
}

/// Whether a text has a series twice, spelled in two ways. Prometheus counts both towards `sample_limit`, promtier
/// one.
fn respells(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let mut spellings: Vec<(Vec<char>, &str)> = text
        .lines()
        .map(|line| {
            let end = line.rfind('}').map_or_else(|| line.find(' ').unwrap_or(line.len()), |at| at + 1);
            let mut characters: Vec<char> = line[..end].chars().filter(|c| !"{}, \t".contains(*c)).collect();
            characters.sort_unstable();
            (characters, &line[..end])
        })
        .collect();
    spellings.sort();
    spellings.windows(2).any(|pair| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1)
}

fn config(cases: &[Case]) -> Config {
    let jobs = cases.iter().enumerate();
    let jobs = jobs.map(|(number, case)| Job {
        name: format!("case-{number}"),
        federates: false,
        lines: case.lines.clone(),
        files: Vec::new(),
    });
    Config { jobs: jobs.collect(), ..Config::default() }
}

/// A server that scrapes all cases.
fn serve(cases: &[Case], line: Line, folder: &Path) -> (Proxy, Server) {
    let bodies: BTreeMap<String, (Vec<u8>, &'static str)> = cases
        .iter()
        .enumerate()
        .map(|(number, case)| (format!("case-{number}"), (case.body.clone(), case.content_type)))
        .collect();
    let proxy = Proxy::start(Box::new(move |host, _, _| {
        let (body, content_type) = &bodies[host.split(':').next().unwrap_or_default()];
        Response::new(200, content_type, body.clone())
    }));
    // Hundreds of targets each second would be too much for a small machine.
    let config = config(cases).yaml(Some(&proxy.url)).replace("scrape_interval: 1s", "scrape_interval: 3s");
    let server = Server::start(line, folder, &config);
    (proxy, server)
}

fn write(cases: &[Case], line: Line, folder: &Path) {
    fs::create_dir_all(folder).expect("a folder for the workspace");
    let file =
        |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).expect("a file of the workspace");
    file("leaf.yml", config(cases).yaml(None).as_bytes());
    let mut manifest = format!(
        "version: 1\nprometheus: \"{}\"\nnodes:\n  leaf: {{ config: leaf.yml, listen: [\"leaf:9090\"] }}\ntargets:\n",
        line.version()
    );
    for (number, case) in cases.iter().enumerate() {
        file(&format!("case-{number}.prom"), &case.body);
        writeln!(
            manifest,
            "  case-{number}: {{ listen: [\"{}\"], metrics: case-{number}.prom, content_type: {} }}",
            host(number),
            scalar(case.content_type)
        )
        .expect("text");
    }
    file("promtier.yaml", manifest.as_bytes());
}

/// What differs, case by case, each with what its target answered.
fn differences(cases: &[Case], real: &Series, ours: &Series) -> Vec<String> {
    // Relabeling may change `job`; such series are told apart by what is left, or counted as everybody's.
    let of = |all: &Series, number: usize| -> Series {
        let names = [format!("case-{number}"), host(number)];
        let belongs = |labels: &BTreeMap<String, String>| labels.values().any(|value| names.contains(value));
        all.iter()
            .filter(|(labels, _)| belongs(labels))
            .map(|(labels, value)| (labels.clone(), value.clone()))
            .collect()
    };
    let mut found = Vec::new();
    let mut seen = Series::new();
    for (number, case) in cases.iter().enumerate() {
        let (real, ours) = (of(real, number), of(ours, number));
        if let Some(difference) = compare::difference(&format!("case-{number}"), &real, &ours) {
            found.push(format!(
                "{difference}  as {:?}, with {:?}:\n{}\n",
                case.content_type,
                &case.lines[2..],
                String::from_utf8_lossy(&case.body)
                    .lines()
                    .map(|line| format!("    {line:?}\n"))
                    .collect::<Vec<_>>()
                    .concat()
            ));
        }
        seen.extend(real);
        seen.extend(ours);
    }
    let rest = |all: &Series| -> Series {
        all.iter()
            .filter(|(labels, _)| !seen.contains_key(*labels))
            .map(|(l, v)| (l.clone(), v.clone()))
            .collect()
    };
    found.extend(compare::difference("of no case in particular", &rest(real), &rest(ours)));
    found
}
