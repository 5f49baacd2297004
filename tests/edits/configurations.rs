//! Edits of long configurations with heavy comments, as people write them.

use std::path::{Path, PathBuf};
use std::process::Command;

use promtier::prometheus::{self, Environment, Version};
use promtier::text::{Span, TextEdit, apply_edits};
use promtier::yaml;
use promtier::yaml::edit::{Change, Edit, Step, Value, apply};

use crate::changes::{self, find};
use crate::generated::{check_text, read};
use crate::random::Random;

/// How many runs of edits each configuration gets.
const RUNS: u64 = 12;
/// How many edits follow one another in a run.
const EDITS: usize = 8;

/// The configurations by name.
pub(crate) fn configurations() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/configurations");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 10, "configurations are missing");
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), std::fs::read_to_string(path).expect("UTF-8"))).collect()
}

fn configuration(name: &str) -> String {
    configurations().into_iter().find(|known| known.0 == name).expect("a configuration").1
}

#[test]
fn prometheus_accepts_the_configurations() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/configurations");
    // Debian's builds are without some service discoveries.
    let tools = [
        ("2.42", "PROMTIER_PROMTOOL_2", Some("/usr/bin/promtool"), "kubernetes"),
        ("3.5", "PROMTIER_PROMTOOL_3", None, "-"),
    ];
    for (version, variable, default, lacks) in tools {
        let promtool = std::env::var_os(variable).map(PathBuf::from).or(default.map(PathBuf::from));
        let Some(promtool) = promtool.filter(|path| path.is_file()) else {
            eprintln!(
                "SKIPPED accepting configurations with promtool {version}: set {variable} to its program"
            );
            continue;
        };
        for (name, _) in configurations().iter().filter(|known| !known.0.contains(lacks)) {
            let output = Command::new(&promtool)
                .args(["check", "config", "--syntax-only"])
                .arg(folder.join(name))
                .output()
                .expect("promtool starts");
            assert!(
                output.status.success(),
                "{name}, {version}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}

#[test]
fn promtier_accepts_the_configurations() {
    for (name, text) in configurations() {
        for version in [Version::V2_42, Version::NEWEST] {
            let found = prometheus::parse(&text, version, &Environment::new());
            assert!(!found.has_errors(), "{name}: {:?}", found.diagnostics);
        }
    }
}

/// The lines that go and that come, in the order of the text.
fn difference(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.split('\n').collect(), after.split('\n').collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = (old.len() - head).min(new.len() - head);
    let tail = (0..rest).take_while(|at| old[old.len() - 1 - at] == new[new.len() - 1 - at]).count();
    let gone = old[head..old.len() - tail].iter().map(|line| format!("-{line}"));
    let came = new[head..new.len() - tail].iter().map(|line| format!("+{line}"));
    gone.chain(came).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_edit_changes_the_lines_that_it_is_about() {
    let check = |name: &str, path: &str, change: Change, lines: &[&str]| {
        let before = configuration(name);
        let edit = Edit::new(path.parse().expect("a path"), change);
        let applied = apply(&before, &edit).unwrap_or_else(|error| panic!("{name} {path}: {error}"));
        assert_eq!(difference(&before, &applied.text), lines.join("\n"), "{name} {path}");
        let found = prometheus::parse(&applied.text, Version::NEWEST, &Environment::new());
        assert!(!found.has_errors(), "{name} {path}: {:?}", found.diagnostics);
    };
    let text = |text: &str| Value::from(text);
    let push = |item: &str| Change::InsertItem { at: None, value: Value::from(item) };
    check(
        "federation-global.yml",
        "scrape_configs[job_name=federate-eu].params[\"match[]\"]",
        push("{__name__=~\"slo:.*\"}"),
        &["+        - '{__name__=~\"slo:.*\"}'"],
    );
    check(
        "federation-global.yml",
        "scrape_configs[job_name=federate-eu].scrape_interval",
        Change::Set(text("45s")),
        &[
            "-    scrape_interval: 30s     # the SLO burn rate rules want this one faster",
            "+    scrape_interval: 45s     # the SLO burn rate rules want this one faster",
        ],
    );
    check(
        "federation-global.yml",
        "scrape_configs[job_name=federate-eu].static_configs[0].targets[1]",
        Change::Remove,
        &["-          - 'prometheus-leaf-2.eu.example.org:9090'   # replica of leaf-1"],
    );
    check(
        "federation-global.yml",
        "scrape_configs[job_name=federate-ap].static_configs[0].targets",
        push("prometheus-leaf-3.ap.example.org:9090"),
        &[
            "-      - targets: ['prometheus-leaf-1.ap.example.org:9090', 'prometheus-leaf-2.ap.example.org:9090']",
            "+      - targets: ['prometheus-leaf-1.ap.example.org:9090', 'prometheus-leaf-2.ap.example.org:9090', 'prometheus-leaf-3.ap.example.org:9090']",
        ],
    );
    check(
        "federation-global.yml",
        "scrape_configs[job_name=federate-ap].static_configs[0].labels.datacenter",
        Change::Set(text("nrt1")),
        &[
            "-        labels: {region: 'ap', datacenter: 'sin1'}",
            "+        labels: {region: 'ap', datacenter: 'nrt1'}",
        ],
    );
    check(
        "federation-global.yml",
        "scrape_configs[job_name=alertmanager].job_name",
        Change::Set(text("alerts")),
        &["-  - job_name: 'alertmanager'", "+  - job_name: 'alerts'"],
    );
    check(
        "federation-global.yml",
        "scrape_configs[job_name=grafana].relabel_configs",
        Change::Set(Value::List(vec![Value::Map(vec![
            ("source_labels".to_owned(), Value::List(vec![text("__address__")])),
            ("target_label".to_owned(), text("instance")),
            ("replacement".to_owned(), text("${1}")),
        ])])),
        &[
            "+    relabel_configs:",
            "+      - source_labels: [__address__]",
            "+        target_label: instance",
            "+        replacement: '${1}'",
        ],
    );
    check(
        "leaf-kubernetes.yml",
        "scrape_configs[job_name=kubernetes-pods].kubernetes_sd_configs[0].namespaces.names[1]",
        Change::Remove,
        &[
            "-    namespaces: {own_namespace: false, names: [payments, checkout, search]}",
            "+    namespaces: {own_namespace: false, names: [payments, search]}",
        ],
    );
    check(
        "leaf-kubernetes.yml",
        "scrape_configs[0].relabel_configs[0].source_labels",
        push("__meta_kubernetes_pod_ready"),
        &["+            __meta_kubernetes_pod_ready,"],
    );
    check(
        "leaf-kubernetes.yml",
        "global.external_labels.replica",
        Change::Set(text("1")),
        &[
            "-        replica: \"0\"   # set by the init container; quoted, or YAML makes a number of it",
            "+        replica: \"1\"   # set by the init container; quoted, or YAML makes a number of it",
        ],
    );
    check(
        "thanos-receive.yml",
        "scrape_configs[job_name=minio].static_configs[0].targets",
        push("minio-4.minio.svc:9000"),
        &["+                    \"minio-4.minio.svc:9000\","],
    );
    check(
        "thanos-receive.yml",
        "scrape_configs[job_name=thanos-store].dns_sd_configs[0].names",
        Change::InsertItem { at: Some(2), value: text("_http._tcp.thanos-store-2.thanos.svc") },
        &["+                    -   \"_http._tcp.thanos-store-2.thanos.svc\""],
    );
    check(
        "mixed-line-ends.yml",
        "scrape_configs[job_name=plc].static_configs[0].targets",
        push("plc-gw-05:9500"),
        &["+          - 'plc-gw-05:9500'\r"],
    );
    check(
        "mixed-line-ends.yml",
        "remote_write[0].queue_config.max_shards",
        Change::Set(Value::Int(4)),
        &["-      max_shards:\t2", "+      max_shards:\t4"],
    );
    check(
        "agent.yml",
        "global.external_labels.country",
        Change::Set(text("DK")),
        &[
            "-    country: \"NO\"               # Norway, and no boolean",
            "+    country: \"DK\"               # Norway, and no boolean",
        ],
    );
}

/// Where what a path names stands, with its key or its dash.
fn region(text: &str, steps: &[Step]) -> Option<Span> {
    let parsed = yaml::parse(text);
    let mut node = parsed.value.root()?;
    let mut span = node.span();
    for step in steps {
        node = node.resolved()?;
        match step {
            Step::Key(name) => {
                let entry = node.entries().find(|entry| entry.key.text() == Some(name))?;
                span = entry.span();
                node = entry.value;
            }
            Step::Index(number) => {
                node = node.items().nth(*number)?;
                span = node.span();
            }
            _ => return None,
        }
    }
    Some(span)
}

/// The comments of a text.
fn comments(text: &str) -> Vec<(Span, String)> {
    let comment = |comment: &yaml::Comment| (comment.span, comment.text.trim().to_owned());
    yaml::parse(text).value.comments().iter().map(comment).collect()
}

/// The text with a number behind every comment, so that no two are the same.
fn numbered_comments(text: &str) -> String {
    let edits: Vec<TextEdit> = comments(text)
        .iter()
        .enumerate()
        .map(|(number, (span, _))| TextEdit::insert(span.end, format!(" ~{number}")))
        .collect();
    apply_edits(text, &edits).expect("the comments lie apart").0
}

/// Checks that only those comments are gone that stand on the lines of what was removed or replaced, or deeper
/// below it.
fn check_comments(name: &str, before: &str, after: &str, edit: &Edit, path: &[Step], was_collection: bool) {
    let mut left: Vec<String> = comments(after).into_iter().map(|comment| comment.1).collect();
    let takes =
        matches!(edit.change, Change::Remove) || matches!(edit.change, Change::Set(_)) && was_collection;
    let region = takes.then(|| region(before, path)).flatten();
    for (span, comment) in comments(before) {
        if let Some(at) = left.iter().position(|kept| *kept == comment) {
            left.swap_remove(at);
            continue;
        }
        let is_inside = region.is_some_and(|region| {
            let between = before.get(region.end as usize..span.start as usize).unwrap_or_default();
            let column =
                |at: u32| at as usize - before[..at as usize].rfind('\n').map_or(0, |newline| newline + 1);
            let is_below = between.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#'));
            let is_deeper = !between.contains('\n') || column(span.start) + 2 > column(region.start);
            span.start >= region.start && (span.end <= region.end || is_below && is_deeper)
        });
        assert!(is_inside, "{name}: {edit:?} lost `#{comment}`");
    }
}

#[test]
fn edits_of_configurations_do_what_they_say() {
    let (mut made, mut refused) = (0, 0);
    for (number, (name, text)) in configurations().into_iter().enumerate() {
        for run in 0..RUNS {
            let seed = number as u64 * 1000 + run;
            let mut random = Random::new(seed);
            let mut text = numbered_comments(&text);
            for _ in 0..EDITS {
                let says = read(&text);
                let (edit, was) = changes::edit(&mut random, &says);
                if text.contains("<<:") && matches!(edit.change, Change::Move(_) | Change::InsertKey { .. }) {
                    // Positions among the keys count the merge keys, and values do not have those.
                    continue;
                }
                let path = changes::numbered(&says, edit.path.steps());
                let was_collection = was.as_ref().is_some_and(Value::is_collection);
                match apply(&text, &edit) {
                    Ok(applied) => {
                        let expected =
                            says.edited(&edit).unwrap_or_else(|error| panic!("{name}, {seed}: {error}"));
                        let now = read(&applied.text);
                        assert!(now.is_same(&expected), "{name}, seed {seed}: {edit:?}\n{}", applied.text);
                        check_text(&text, &edit, &applied);
                        check_comments(&name, &text, &applied.text, &edit, &path, was_collection);
                        text = applied.text;
                        made += 1;
                    }
                    Err(error) => {
                        assert!(text.contains('&'), "{name}, seed {seed}: {error}: {edit:?}");
                        refused += 1;
                    }
                }
                if find(&read(&text), &[]).is_none_or(|root| !root.is_collection()) {
                    break;
                }
            }
        }
    }
    assert!(made > 700 && refused < made / 10, "{made} edits made, {refused} refused");
}
