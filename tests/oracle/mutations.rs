//! Mutated configurations: promtier's verdict and words against those of `promtool check config --syntax-only`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use promtier::diagnostic::Severity;
use promtier::prometheus::{self, Environment, Version, refused_targets};

use crate::mutation::mutate;
use crate::random::Random;
use crate::server::{Line, number};

/// Service discoveries and other keys that a build of promtool was made without.
#[rustfmt::skip] // One item a line would be pages.
fn absent(line: Line) -> &'static [&'static str] {
    match line {
        Line::V2 => &[
            "consul_sd_configs", "kubernetes_sd_configs", "kuma_sd_configs", "linode_sd_configs", "nomad_sd_configs",
        ],
        Line::V3 => &[
            "azure_sd_configs", "consul_sd_configs", "kuma_sd_configs", "nomad_sd_configs", "openstack_sd_configs",
            "stackit_sd_configs", "azuread", "google_iam",
        ],
    }
}

/// How many texts one promtool checks.
const BATCH: usize = 50;
/// At how many differences to stop looking.
const ENOUGH: usize = 12;

/// What promtool said of a text: nothing, or its error.
type Verdict = Option<String>;

struct Case {
    name: String,
    line: Line,
    text: String,
    done: String,
}

#[test]
fn mutated_configurations() {
    let test = "mutated_configurations";
    let lines: Vec<(Line, PathBuf)> =
        [Line::V2, Line::V3].into_iter().filter_map(|line| Some((line, line.promtool(test)?))).collect();
    if lines.is_empty() {
        return;
    }
    let seeds = seeds();
    let count = number("PROMTIER_ORACLE_MUTATIONS", 2000) as usize;
    let seed = number("PROMTIER_ORACLE_SEED", 1);
    let mut random = Random::new(seed ^ 0x006d_7574_6174_6521);
    let mut cases: Vec<Case> = Vec::new();
    for (name, text) in &seeds {
        for (line, _) in &lines {
            cases.push(Case {
                name: name.clone(),
                line: *line,
                text: text.clone(),
                done: "nothing".to_owned(),
            });
        }
    }
    for _ in 0..count {
        let (name, text) = &seeds[random.below(seeds.len())];
        let (line, _) = lines[random.below(lines.len())];
        let text = without(text, absent(line));
        let (text, done) = mutate(&text, &mut random);
        cases.push(Case { name: name.clone(), line, text, done: done.join(", ") });
    }
    let folder = std::env::temp_dir().join(format!("promtier-mutations-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the texts");
    let (next, differences, left_out) = (AtomicUsize::new(0), Mutex::new(Vec::new()), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for worker in 0..2 {
            let (lines, cases, folder) = (&lines, &cases, folder.join(worker.to_string()));
            let (next, differences, left_out) = (&next, &differences, &left_out);
            scope.spawn(move || {
                std::fs::create_dir_all(&folder).expect("a folder for the texts");
                loop {
                    let from = next.fetch_add(BATCH, Ordering::Relaxed);
                    if from >= cases.len() || differences.lock().expect("no thread panicked").len() >= ENOUGH
                    {
                        break;
                    }
                    let batch = &cases[from..cases.len().min(from + BATCH)];
                    for (line, promtool) in lines {
                        let own: Vec<&Case> = batch.iter().filter(|case| case.line == *line).collect();
                        let verdicts = ask(promtool, &folder, &own);
                        for (case, verdict) in own.iter().zip(verdicts) {
                            match compare(case, &verdict) {
                                Comparison::Same => {}
                                Comparison::LeftOut => {
                                    left_out.fetch_add(1, Ordering::Relaxed);
                                }
                                Comparison::Different(how) => differences
                                    .lock()
                                    .expect("no thread panicked")
                                    .push(describe(case, &verdict, &how, &seeds_text(case))),
                            }
                        }
                    }
                }
            });
        }
    });
    std::fs::remove_dir_all(&folder).expect("the folder is removed");
    let differences = differences.into_inner().expect("no thread panicked");
    eprintln!(
        "mutated configurations: {} texts, seed {seed}; {} left out for what a build lacks",
        cases.len(),
        left_out.into_inner()
    );
    assert!(
        differences.is_empty(),
        "{}\n{} differences or more; PROMTIER_ORACLE_SEED={seed} PROMTIER_ORACLE_MUTATIONS={count}",
        differences.join("\n"),
        differences.len()
    );
}

/// Good configurations, by name: our own, and Prometheus' own where the vectors are there.
fn seeds() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let vectors = std::env::var_os("PROMTIER_CONFORMANCE")
        .map_or_else(|| root.join("../shared/conformance"), PathBuf::from)
        .join("config/testdata");
    let mut seeds = Vec::new();
    for folder in [root.join("tests/fixtures/prometheus/seeds"), vectors] {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // All but those of our own are good only by their name.
            if folder.ends_with("seeds") || name.ends_with(".good.yml") {
                let text = std::fs::read_to_string(&path).expect("a configuration");
                // A file of many sections hides more than it shows: one fault of its many ends the check.
                let weight = if folder.ends_with("seeds") { 3 } else { 1 };
                seeds.extend(std::iter::repeat_n((name, text), weight));
            }
        }
    }
    assert!(seeds.len() >= 30, "seeds are missing");
    seeds
}

/// `text` without the blocks of some keys.
fn without(text: &str, keys: &[&str]) -> String {
    let mut out = String::new();
    let mut skipping: Option<usize> = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let is_inside = skipping.is_some_and(|outer| {
            line.trim().is_empty() || indent > outer || indent == outer && line.trim_start().starts_with("- ")
        });
        if is_inside {
            continue;
        }
        skipping = None;
        let key = line.trim().trim_end_matches(':');
        if line.trim_end().ends_with(':') && keys.contains(&key) {
            skipping = Some(indent);
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// What promtool says of each text. One that makes it panic ends its run, and the rest is asked again.
fn ask(promtool: &Path, folder: &Path, cases: &[&Case]) -> Vec<Verdict> {
    let paths: Vec<PathBuf> = (0..cases.len()).map(|at| folder.join(format!("{at}.yml"))).collect();
    for (case, path) in cases.iter().zip(&paths) {
        std::fs::write(path, &case.text).expect("a text is written");
    }
    let mut verdicts: Vec<Verdict> = Vec::new();
    while verdicts.len() < cases.len() {
        let output = Command::new(promtool)
            .args(["check", "config", "--syntax-only"])
            .args(&paths[verdicts.len()..])
            .env_clear()
            .stdin(Stdio::null())
            .output()
            .expect("promtool starts");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let failed = String::from_utf8_lossy(&output.stderr).into_owned();
        let is_panic = failed.contains("\ngoroutine ") || failed.starts_with("goroutine ");
        let faults_text = if is_panic {
            let end =
                ["panic: ", "fatal error: ", "runtime: "].iter().filter_map(|word| failed.find(word)).min();
            &failed[..end.unwrap_or(failed.len())]
        } else {
            failed.as_str()
        };
        let mut faults = format!("\n{faults_text}");
        let mut faults: Vec<String> = std::mem::take(&mut faults)
            .split("\n  FAILED: ")
            .skip(1)
            .map(|fault| fault.trim_end().to_owned())
            .collect();
        faults.reverse();
        let checked: Vec<&str> = printed.split("Checking ").skip(1).collect();
        for (index, report) in checked.iter().enumerate() {
            let verdict = if report.contains(" SUCCESS: ") {
                None
            } else if let Some(fault) = faults.pop() {
                Some(fault)
            } else {
                assert!(is_panic && index + 1 == checked.len(), "no verdict: {printed}\n{failed}");
                Some("panic".to_owned())
            };
            verdicts.push(verdict);
        }
        assert!(!checked.is_empty(), "promtool says nothing: {failed}");
    }
    verdicts
}

enum Comparison {
    Same,
    LeftOut,
    Different(String),
}

fn version(line: Line) -> Version {
    match line {
        Line::V2 => Version::V2_42,
        Line::V3 => Version::V3_5,
    }
}

fn compare(case: &Case, verdict: &Verdict) -> Comparison {
    let version = version(case.line);
    let parsed = prometheus::parse(&case.text, version, &Environment::default());
    let messages: Vec<String> = parsed
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .map(|found| found.message.replace("\\xff", "\u{fffd}"))
        .collect();
    // promtool lets a quoted null pass for an action, and Prometheus panics over it.
    let is_action = |message: &String| {
        ["\"~\"", "\"null\""].iter().any(|null| *message == format!("unknown relabel action {null}"))
    };
    let Some(verdict) = verdict else {
        return if messages.iter().all(is_action) {
            Comparison::Same
        } else {
            Comparison::Different(format!("promtier refuses it: {messages:#?}"))
        };
    };
    let lacks = |name: &&&str| verdict.contains(&format!("field {name} not found in type"));
    if absent(case.line).iter().any(|name| lacks(&name)) {
        return Comparison::LeftOut;
    }
    // Names of jobs and of labels hold only UTF-8 here.
    let is_name = verdict.starts_with("instance ") || verdict.contains("is invalid 'target_label'");
    if verdict.contains("\\xff") && is_name {
        return Comparison::LeftOut;
    }
    // Only an instance of AWS can say which region it is in.
    if verdict.ends_with("SD configuration requires a region") && verdict.contains("EC2")
        || verdict.contains("ightsail SD configuration requires a region")
    {
        return Comparison::LeftOut;
    }
    if verdict == "panic" {
        return if messages.is_empty() {
            Comparison::Different("promtool panics, promtier takes it".to_owned())
        } else {
            Comparison::Same
        };
    }
    let Some(fault) = verdict.strip_prefix("parsing YAML file ").and_then(|rest| rest.split_once(".yml: "))
    else {
        // What promtool says of targets and of certificates is a warning of ours, the latter without the folder.
        let warned = refused_targets(&parsed.value);
        let is_warned = warned.iter().any(|found| verdict.contains(&*found.message));
        let of_certificates = verdict
            .split_once(" specified without ")
            .is_some_and(|(_, what)| parsed.diagnostics.iter().any(|found| found.message.ends_with(what)));
        return if is_warned || of_certificates {
            Comparison::Same
        } else {
            Comparison::Different(format!("promtier says nothing of the target: {warned:#?}"))
        };
    };
    // Text that is not UTF-8 is text with replacement characters to us.
    let fault = fault.1.replace("\\xff", "\u{fffd}");
    // Why an address cannot be read is Go's own to say.
    let fault = match fault.split_once("ParseAddr(") {
        Some((before, _)) => before.to_owned(),
        None => fault,
    };
    if messages.is_empty() {
        return Comparison::Different("promtier takes it".to_owned());
    }
    let missing: Vec<&str> = match fault.strip_prefix("yaml: unmarshal errors:\n") {
        Some(list) => list
            .split("\n  line ")
            .map(str::trim)
            .filter(|error| !messages.iter().any(|message| message.contains(error)))
            .collect(),
        // Joined errors stand on lines of their own.
        None => fault.lines().filter(|line| !messages.iter().any(|message| message.contains(line))).collect(),
    };
    if missing.is_empty() {
        Comparison::Same
    } else {
        Comparison::Different(format!("missing {missing:#?} from {messages:#?}"))
    }
}

fn seeds_text(case: &Case) -> String {
    let seed =
        seeds().into_iter().find(|(name, _)| *name == case.name).map_or_else(String::new, |(_, text)| text);
    without(&seed, absent(case.line))
}

/// The difference, with the lines that the mutation changed.
fn describe(case: &Case, verdict: &Verdict, how: &str, seed: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (seed.lines().collect(), case.text.lines().collect());
    let same_before = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let most = old.len().min(new.len()) - same_before;
    let same_after =
        old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(old, new)| old == new).count();
    let from = same_before.saturating_sub(4);
    let to = (new.len() - same_after + 2).min(new.len());
    let changed: Vec<String> = new[from..to]
        .iter()
        .enumerate()
        .take(40)
        .map(|(at, line)| format!("    {:4} {line:?}", from + at + 1))
        .collect();
    format!(
        "{} for {} ({}):\n{}\n  promtool: {}\n  promtier: {how}\n",
        case.name,
        case.line.version(),
        case.done,
        changed.join("\n"),
        verdict.as_deref().unwrap_or("takes it"),
    )
}
