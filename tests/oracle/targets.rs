//! Generated service discovery: what real servers make of target files, answers over HTTP and relabelling,
//! against what `promtier targets` says.
//!
//! `PROMTIER_ORACLE_TARGETS` says how many jobs (40 a version), `PROMTIER_ORACLE_SEED` seeds them. Each item of
//! `file_sd_configs` takes a file watcher, of which Linux gives a user 128: some 80 jobs are the most.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::compare::labels;
use crate::http::Response;
use crate::server::{Line, Proxy, Server, lines, number};
use crate::target_lists::{Workspace, workspace};

/// How long a server may take to hand all targets to its jobs: twice five seconds, and what a busy machine adds.
const PATIENCE: Duration = Duration::from_mins(1);
/// Differences that are shown.
const SHOWN: usize = 12;

type Labels = BTreeMap<String, String>;

#[test]
fn scrapes_the_targets_that_real_servers_scrape() {
    let started: Vec<_> = lines("scrapes_the_targets_that_real_servers_scrape")
        .into_iter()
        .map(|line| thread::spawn(move || compare(line)))
        .collect();
    for line in started {
        if let Err(panic) = line.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

fn compare(line: Line) {
    let count = number("PROMTIER_ORACLE_TARGETS", 40) as usize;
    let seed = number("PROMTIER_ORACLE_SEED", 1);
    eprintln!("targets of {count} jobs of seed {seed} on Prometheus {}", line.version());
    let folder =
        std::env::temp_dir().join(format!("promtier-targets-{}-{}", std::process::id(), line.version()));
    fs::create_dir_all(&folder).expect("a folder");
    let folder = folder.canonicalize().expect("the folder's own path");
    let made = workspace(seed, count, line, &folder);
    let answers = made.answers.clone();
    let proxy = Proxy::start(Box::new(move |host, path, _| {
        let url = format!("http://{host}{path}");
        match answers.iter().find(|(known, _)| *known == url) {
            Some((_, body)) => Response::new(200, "application/json", body.as_bytes()),
            None => Response::new(200, "text/plain", ""),
        }
    }));
    write(&made, &proxy.url, &folder);
    let ours = Said::of(&folder, &made);
    let mut server = Server::start(line, &folder, &made.config(&proxy.url));
    let deadline = Instant::now() + PATIENCE;
    let mut settled = None;
    let differences = loop {
        let real = server.api("/api/v1/targets");
        let differences = ours.differences(&real);
        let is_over = Instant::now() > deadline;
        // What comes late must not differ either: all lists are read before the first are handed over.
        match settled {
            _ if is_over => break differences,
            None if differences.is_empty() => settled = Some(Instant::now() + Duration::from_secs(1)),
            Some(until) if differences.is_empty() && Instant::now() > until => break differences,
            Some(_) if !differences.is_empty() => settled = None,
            _ => {}
        }
        thread::sleep(Duration::from_millis(250));
    };
    drop((server, proxy));
    let log = fs::read_to_string(folder.join("log")).expect("the server's log");
    assert!(!log.contains("Error adding file watcher"), "the machine gives no more file watchers");
    let words = ours.unsaid(&log, line, &folder);
    // A generator that has lost its way would prove nothing.
    let counts = ["scraped", "dropped", "refused", "merged"].map(|state| ours.count(state));
    eprintln!("on Prometheus {}: {counts:?} targets are scraped, dropped, refused, merged", line.version());
    assert!(counts[0] > count && counts.iter().all(|&some| some > 0), "{counts:?}");
    assert!(
        differences.is_empty() && words.is_empty(),
        "{} targets of seed {seed} differ on Prometheus {}; {}\n\n{}\n{}",
        differences.len(),
        line.version(),
        folder.display(),
        differences[..differences.len().min(SHOWN)].join("\n"),
        words.join("\n")
    );
    fs::remove_dir_all(&folder).expect("the folder goes");
}

/// Writes the files, but for the configuration, which the server's start writes too.
fn write(made: &Workspace, proxy: &str, folder: &Path) {
    let file = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file of the workspace");
    };
    for (path, text) in &made.files {
        file(path, &text.replace("PROXY", proxy));
    }
    file("prometheus.yml", &made.config(proxy));
    let mut manifest = format!(
        "version: 1\nnodes:\n  server: {{ config: prometheus.yml, folder: \"{}\", prometheus: \"{}\" }}\ndiscovery:\n",
        folder.display(),
        made.line.version()
    );
    for (at, (url, body)) in made.answers.iter().enumerate() {
        file(&format!("answers/{at}.json"), body);
        manifest.push_str(&format!("  - {{ url: \"{url}\", targets: answers/{at}.json }}\n"));
    }
    file("promtier.yaml", &manifest);
}

/// What promtier says of a workspace.
struct Said {
    targets: Vec<Value>,
    /// The findings of `check`: path and message.
    findings: Vec<(String, String)>,
    /// The jobs of which the server shows the labels before relabelling as they were.
    untouched: Vec<String>,
}

impl Said {
    fn of(folder: &Path, made: &Workspace) -> Self {
        let run = |command: &str| -> Value {
            let mut promtier = Command::new(env!("CARGO_BIN_EXE_promtier"));
            let output = promtier.arg(command).arg(folder).args(["--format", "json"]).output();
            let output = output.expect("promtier starts");
            serde_json::from_slice(&output.stdout)
                .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
        };
        let targets = run("targets");
        let targets = targets["nodes"][0]["targets"].as_array().expect("a list of targets").clone();
        let found = run("check");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let findings = found["findings"].as_array().expect("a list of findings").iter();
        let findings = findings.map(|found| (text(&found["path"]), text(&found["message"]))).collect();
        Self { targets, findings, untouched: made.untouched.clone() }
    }

    fn is_untouched(&self, job: &Value) -> bool {
        self.untouched.iter().any(|name| job == name)
    }

    fn count(&self, state: &str) -> usize {
        self.targets.iter().filter(|target| target["state"] == state).count()
    }

    /// What the server scrapes or drops and promtier does not, and the other way round.
    fn differences(&self, real: &Value) -> Vec<String> {
        let mut found = Vec::new();
        // Of targets that come to the same, the server shows what the last one that came was before; which that
        // is, nobody can say.
        let mut active: Vec<(Labels, Vec<Labels>, &Value)> = Vec::new();
        let mut place = Vec::new();
        for target in &self.targets {
            place.push(active.len());
            let discovered = labels(&target["discovered_labels"]);
            if target["state"] == "scraped" {
                active.push((labels(&target["labels"]), vec![discovered], target));
            } else if target["state"] == "merged" {
                let same = place[target["same_as"].as_u64().expect("a place") as usize];
                active[same].1.push(discovered);
            }
        }
        for target in real["activeTargets"].as_array().expect("a list of targets") {
            let (real, before) = (labels(&target["labels"]), labels(&target["discoveredLabels"]));
            let same = active.iter().position(|(ours, found, target_of_ours)| {
                *ours == real
                    && (found.contains(&before) || !self.is_untouched(&target["scrapePool"]))
                    && target_of_ours["job"] == target["scrapePool"]
                    && target_of_ours["url"] == target["scrapeUrl"]
                    && target_of_ours["scrape_interval"] == target["scrapeInterval"]
                    && target_of_ours["scrape_timeout"] == target["scrapeTimeout"]
            });
            match same {
                Some(at) => drop(active.swap_remove(at)),
                None => found.push(format!(
                    "only the server scrapes {} of {}: {real:?}\n    from {before:?}",
                    target["scrapeUrl"], target["scrapePool"]
                )),
            }
        }
        for (ours, before, target) in active {
            found.push(format!(
                "only promtier scrapes {} of {}: {ours:?}\n    from {before:?}",
                target["url"], target["job"]
            ));
        }
        let dropped = self.targets.iter().filter(|target| target["state"] == "dropped");
        let mut dropped: Vec<(Labels, &Value)> =
            dropped.map(|target| (labels(&target["discovered_labels"]), &target["job"])).collect();
        for target in real["droppedTargets"].as_array().expect("a list of targets") {
            let before = labels(&target["discoveredLabels"]);
            let same = dropped.iter().position(|(ours, _)| *ours == before);
            match same.or_else(|| dropped.iter().position(|(_, job)| !self.is_untouched(job))) {
                Some(at) => drop(dropped.swap_remove(at)),
                None => found.push(format!("only the server drops {before:?}")),
            }
        }
        found.extend(dropped.iter().map(|(ours, _)| format!("only promtier drops {ours:?}")));
        found
    }

    /// What the server complains of in its log, as far as promtier does not say the same words.
    fn unsaid(&self, log: &str, line: Line, folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for logged_line in log.lines() {
            let field = |name: &str| logged(logged_line, name);
            let Some(error) = field("err") else { continue };
            match field("msg").as_deref() {
                Some("Error reading file") => {
                    let path = field("path").unwrap_or_default();
                    let first = error.trim_start_matches("yaml: unmarshal errors:\n").lines().next();
                    let first = first.unwrap_or_default().trim();
                    let is_said = self.findings.iter().any(|(path_of_ours, message)| {
                        folder.join(path_of_ours) == Path::new(&path) && says(message, first, line)
                    });
                    if !is_said {
                        found.push(format!("{path}: only the server says {first:?}"));
                    }
                }
                Some("Unable to refresh target groups") => {
                    let is_said = self
                        .findings
                        .iter()
                        .any(|(path, message)| path.contains("answers/") && says(message, &error, line));
                    if !is_said {
                        found.push(format!("only the server says of an answer {error:?}"));
                    }
                }
                Some("Creating target failed") => {
                    let Some((_, whose)) = error.split_once(" in group ") else { continue };
                    let is_said = self.targets.iter().any(|target| {
                        let (group, error) = (target["group"].as_str(), target["error"].as_str());
                        group.zip(error).is_some_and(|(group, error)| format!("{group}: {error}") == whose)
                    });
                    if !is_said {
                        found.push(format!("only the server says {error:?}"));
                    }
                }
                _ => {}
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

/// Whether a message has the server's words. What is wrong with JSON is Go's to say, and Go 1.27, of which the 3.5
/// is that Debian has, says it otherwise than all before, with which Prometheus is released.
fn says(message: &str, words: &str, line: Line) -> bool {
    let is_go = ["json: ", "invalid character", "invalid escape", "unexpected end"]
        .iter()
        .any(|start| words.starts_with(start));
    message.contains(words) || line == Line::V3 && is_go
}

/// The value of a field of a line of a log, unquoted.
fn logged(line: &str, name: &str) -> Option<String> {
    let (_, rest) = line.split_once(&format!(" {name}="))?;
    let Some(quoted) = rest.strip_prefix('"') else {
        return rest.split(' ').next().map(str::to_owned);
    };
    let mut out = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Some(out),
            '\\' => match chars.next()? {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'u' => {
                    let digits: String = chars.by_ref().take(4).collect();
                    out.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                }
                other => out.push(other),
            },
            c => out.push(c),
        }
    }
    None
}
