//! Vectors of `prometheus`: Prometheus' own test files and small probes, against what its tests expect and
//! what a real promtool 2.42 said, and targets against `TestPopulateLabels`.

use std::path::{Path, PathBuf};

use promtier::diagnostic::{Diagnostic, Parsed, Severity};
use promtier::labels::LabelSet;
use promtier::prometheus::{
    self, Config, Environment, ScrapeConfig, TargetFate, TargetOutcome, Version, parse_scrape_configs,
    parse_target_groups, refused_in_agent_mode, refused_targets, repeated_jobs, static_groups, targets,
};
use promtier::relabel::Compiler;
use serde_json::{Map, Value};

use super::vectors;

/// Debian's build lacks these service discoveries, which Prometheus 2.42 has.
const NOT_IN_DEBIAN: [&str; 3] = ["consul_sd_configs", "kubernetes_sd_configs", "kuma_sd_configs"];

fn parse(text: &str, version: Version) -> Parsed<Config> {
    prometheus::parse(text, version, &Environment::default())
}

fn errors(text: &str, version: Version) -> Vec<String> {
    parse(text, version)
        .diagnostics
        .into_iter()
        .filter(|found| found.severity == Severity::Error)
        .map(|found| found.message.into_owned())
        .collect()
}

fn messages(found: &[Diagnostic]) -> Vec<String> {
    found.iter().map(|found| found.message.to_string()).collect()
}

/// The errors of `text` that name a line and stand on another one.
fn misplaced(text: &str, version: Version) -> Vec<String> {
    let named = |message: &str| {
        let rest = message.strip_prefix("line ").or_else(|| message.strip_prefix("yaml: line "))?;
        rest.split(':').next()?.parse::<usize>().ok()
    };
    parse(text, version)
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error && !found.message.starts_with("yaml:"))
        .filter(|found| {
            let line = |offset: u32| text[..offset as usize].matches('\n').count() + 1;
            named(&found.message)
                .is_some_and(|named| !(line(found.span.start)..=line(found.span.end)).contains(&named))
        })
        .map(|found| format!("{:?} at {:?}", found.message, found.span))
        .collect()
}

fn read(file: &str) -> Option<String> {
    let path = vectors::folder()?.join("config").join(file);
    // One row is about a file that was removed upstream.
    let bytes = std::fs::read(path).ok()?;
    Some(String::from_utf8(bytes).expect("the files are UTF-8"))
}

/// Whether each of the errors that promtool gathered while it decoded is among `found`; of a text that was
/// cut off, the last is not compared.
fn all_reported(found: &[String], list: &str) -> Result<(), String> {
    for line in list.lines().map(str::trim) {
        let is_whole = line.ends_with("set in map")
            || line.rsplit_once(' ').is_some_and(|(before, name)| {
                name.contains('.') && (before.ends_with("type") || before.ends_with("into"))
            });
        let is_artefact = NOT_IN_DEBIAN.iter().any(|name| line.contains(&format!("field {name} not found")));
        if is_whole && !is_artefact && !found.iter().any(|message| message == line) {
            return Err(format!("{line:?} is missing from {found:#?}"));
        }
    }
    Ok(())
}

/// promtool's words without the file's name.
fn words(error: &str) -> &str {
    error
        .split_once(".yml: ")
        .or_else(|| error.split_once("YAML file FILE: "))
        .map_or(error, |(_, after)| after)
}

#[test]
fn upstream_files() {
    let Some(rows) = vectors::rows("upstream_files", "config/config_expect.jsonl") else { return };
    let mut faults = Vec::new();
    let (mut loaded, mut refused, mut old) = (0, 0, 0);
    for row in rows.iter().filter(|row| row["kind"] == "config") {
        let file = row["file"].as_str().expect("a file");
        let Some(text) = read(file) else { continue };
        let found = errors(&text, Version::NEWEST);
        let mut fault = |what: String| faults.push(format!("{file}: {what}"));
        let agent = row["agent_mode"] == true && found.is_empty();
        let found = if agent {
            messages(&refused_in_agent_mode(&parse(&text, Version::NEWEST).value))
        } else {
            found
        };
        match row["load"].as_str() {
            Some("ok") => {
                loaded += 1;
                if !found.is_empty() {
                    fault(format!("loads, but found {found:#?}"));
                }
            }
            Some("error") => {
                refused += 1;
                let expect = words(row["error_contains"].as_str().expect("an error"));
                // The text around a list of errors is not part of any of them.
                for misplaced in misplaced(&text, Version::NEWEST) {
                    fault(format!("is not on its line: {misplaced}"));
                }
                let is_list =
                    expect == "unmarshal errors" && found.iter().any(|message| message.starts_with("line "));
                if !is_list && !found.iter().any(|message| message.contains(expect)) {
                    fault(format!("{expect:?} is missing from {found:#?}"));
                }
            }
            _ => {}
        }
        let promtool = &row["v2_42"];
        if promtool["ok"] == true {
            old += 1;
            let found = errors(&text, Version::V2_42);
            if !found.is_empty() {
                fault(format!("2.42 loads it, but found {found:#?}"));
            }
        } else if let Some(error) = promtool["error"].as_str() {
            old += 1;
            let found = errors(&text, Version::V2_42);
            let error = words(error);
            if let Some(list) = error.strip_prefix("yaml: unmarshal errors:\n") {
                if let Err(missing) = all_reported(&found, list) {
                    fault(format!("2.42: {missing}"));
                }
            } else if !error.contains("does not exist")
                && !found.iter().any(|message| message.contains(error))
            {
                fault(format!("2.42: {error:?} is missing from {found:#?}"));
            }
        }
    }
    eprintln!("upstream files: {loaded} that load, {refused} that are refused, {old} by promtool 2.42");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(loaded >= 58 && refused >= 46 && old >= 107, "rows are missing");
}

#[test]
fn probes() {
    let Some(rows) = vectors::rows("probes", "config/config_probes.jsonl") else { return };
    let mut faults = Vec::new();
    let mut covered = 0;
    for row in &rows {
        let id = row["id"].as_str().expect("an id");
        let text = row["yaml"].as_str().expect("a configuration");
        for version in [Version::V2_42, Version::NEWEST] {
            let newest = Some(&row["expected_3_14"]).filter(|expect| version.is_v3() && expect.is_object());
            let expect = newest.unwrap_or(&row["v2_42"]);
            let found = errors(text, version);
            covered += 1;
            if expect["ok"] == true {
                if !found.is_empty() {
                    faults.push(format!("{id} in {version}: loads, but found {found:#?}"));
                }
                continue;
            }
            let error = expect["error"].as_str().or(expect["error_contains"].as_str()).expect("an error");
            let mut error = words(error).to_owned();
            if version.is_v3() {
                // The row repeats 2.42's words, which `ParseDuration` and `NewRegexp` have changed since.
                if id == "interval float" {
                    error = "unknown unit \".\" in duration \"1.5m\"".to_owned();
                }
                error = error.replace("`^(?:", "`^(?s:");
            }
            let is_reported = if let Some(list) = error.strip_prefix("yaml: unmarshal errors:\n") {
                list.lines().all(|line| found.iter().any(|message| message.contains(line.trim())))
            } else if let Some(refused) = error.strip_prefix("instance 0 in group 0: ") {
                // What promtool says of targets is no fault of the file's.
                assert!(found.is_empty(), "{id}: {found:#?}");
                fates(text, version).contains(&TargetFate::Refused { error: refused.to_owned() })
            } else {
                found.iter().any(|message| message.contains(&error))
            };
            if !is_reported {
                faults.push(format!("{id} in {version}: {error:?} is missing from {found:#?}"));
            }
        }
    }
    eprintln!("probes: {covered} verdicts");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(covered >= 210, "rows are missing");
}

/// The files of `folder` that a pattern names, with `*` in its last part only.
fn named_by(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let path = folder.join(pattern);
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    let Some((before, after)) = name.split_once('*') else { return vec![path] };
    let mut found: Vec<PathBuf> = std::fs::read_dir(path.parent().expect("a folder"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(before) && name.ends_with(after)
        })
        .collect();
    found.sort();
    found
}

/// `TestGetScrapeConfigs`: the jobs of a file and of those that its `scrape_config_files` name.
#[test]
fn scrape_config_files() {
    let Some(rows) = vectors::rows("scrape_config_files", "config/config_expect.jsonl") else { return };
    let folder = vectors::folder().expect("the vectors").join("config/testdata");
    let (mut covered, mut refused) = (0, 0);
    for row in &rows {
        let file = row["file"].as_str().expect("a file");
        let Some(text) = read(file) else { continue };
        let is_asked = text.contains("scrape_config_files") || row["effective_jobs_in_order"].is_array();
        if row["load"] != "ok" || !is_asked {
            continue;
        }
        let main = parse(&text, Version::NEWEST).value;
        let mut jobs: Vec<ScrapeConfig> = main.scrape_configs.clone();
        let mut found = Vec::new();
        for path in main.scrape_config_files.iter().flat_map(|pattern| named_by(&folder, &pattern.value)) {
            let text = std::fs::read_to_string(&path).expect("a file of jobs");
            let parsed = parse_scrape_configs(&text, &main.global, Version::NEWEST);
            let errors = parsed.diagnostics.into_iter().filter(|found| found.severity == Severity::Error);
            found.extend(messages(&errors.collect::<Vec<_>>()));
            found.extend(messages(&repeated_jobs(&jobs, "another file", &parsed.value)));
            jobs.extend(parsed.value);
        }
        covered += 1;
        if let Some(error) = row["get_scrape_configs_error_contains"].as_str() {
            refused += 1;
            assert!(found.iter().any(|message| message.contains(error)), "{file}: {error:?} in {found:#?}");
        } else {
            assert_eq!(found, Vec::<String>::new(), "{file}");
        }
        if let Some(names) = row["effective_jobs_in_order"].as_array() {
            let name = |job: &Value| job.as_str().or(job["job_name"].as_str()).expect("a name").to_owned();
            let names: Vec<String> = names.iter().map(name).collect();
            assert_eq!(jobs.iter().map(ScrapeConfig::name).collect::<Vec<_>>(), names, "{file}");
            // What each inherits, of the jobs of the main file.
            for (job, expect) in
                jobs.iter().zip(row["effective_jobs_in_order"].as_array().into_iter().flatten())
            {
                let effective = job.effective(&main.global, Version::NEWEST);
                for (key, value) in [
                    ("scrape_native_histograms", effective.scrape_native_histograms),
                    ("always_scrape_classic_histograms", effective.always_scrape_classic_histograms),
                    ("convert_classic_histograms_to_nhcb", effective.convert_classic_histograms_to_nhcb),
                    ("extra_scrape_metrics", effective.extra_scrape_metrics),
                ] {
                    assert_eq!(expect[key].as_bool().unwrap_or(value), value, "{file}: {key}");
                }
            }
        }
    }
    eprintln!("files of jobs: {covered} configurations, {refused} refused");
    assert!(covered >= 6 && refused >= 3, "rows are missing: {covered}, {refused}");
}

/// What `promtool` says of target files and of configurations. Whether a file exists is for whoever has a disk
/// to say: those rows are left out.
#[test]
fn promtool() {
    let Some(rows) = vectors::rows("promtool", "config/promtool_expect.jsonl") else { return };
    let mut covered = 0;
    for row in &rows {
        let file = row["file"].as_str().expect("a file");
        let error = row["error_equals"].as_str().or(row["error_contains"].as_str());
        let (Some(text), Some("sd_file" | "config")) = (read(file), row["check"].as_str()) else { continue };
        if error.is_some_and(|error| {
            ["does not point to", "error checking", "invalid file extension"]
                .iter()
                .any(|what| error.contains(what))
        }) {
            eprintln!("SKIPPED promtool: {file}: {}", error.unwrap_or_default());
            continue;
        }
        let found = if row["check"] == "sd_file" {
            messages(&parse_target_groups(&text, Version::NEWEST).diagnostics)
        } else {
            let parsed = parse(&text, Version::NEWEST);
            let mut found = messages(&parsed.diagnostics);
            found.extend(messages(&refused_targets(&parsed.value)));
            found
        };
        covered += 1;
        match error {
            None => assert_eq!(found, Vec::<String>::new(), "{file}"),
            Some(error) => {
                let error = error.strip_prefix("yaml: unmarshal errors:\n").unwrap_or(error).trim();
                assert!(found.iter().any(|message| message == error), "{file}: {error:?} in {found:#?}");
            }
        }
    }
    eprintln!("promtool: {covered} rows");
    assert!(covered >= 12, "rows are missing: {covered}");
}

/// `TestBadStaticConfigsYML`: a group of targets by itself.
#[test]
fn target_groups() {
    let Some(text) = read("testdata/static_config.bad.yml") else { return };
    let list = format!("- {}", text.trim_end().replace('\n', "\n  "));
    assert!(parse_target_groups(&list, Version::NEWEST).has_errors(), "{list}");
}

/// What promtool 2.42 said of texts made to be awkward, recorded once. Left out are what it says of targets, and
/// `action: "null"`, which it lets pass and with which Prometheus panics.
#[test]
fn recorded_from_promtool() {
    let mut faults = Vec::new();
    let mut covered = 0;
    for line in include_str!("../fixtures/prometheus/promtool_2_42.jsonl").lines() {
        let row: Value = serde_json::from_str(line).expect("a row of JSON");
        let text = row["yaml"].as_str().expect("a configuration");
        covered += 1;
        let expect = row["result"].as_str().expect("a result");
        let found = errors(text, Version::V2_42);
        let agrees = if expect == "OK" {
            found.is_empty()
        } else if let Some(list) = expect.strip_prefix("yaml: unmarshal errors:\n") {
            // A value with line breaks takes several lines.
            list.split("\n  line ").all(|error| found.iter().any(|message| message.contains(error.trim())))
        } else {
            found.iter().any(|message| message.contains(expect))
        };
        if !agrees {
            faults.push(format!("{text:?}: promtool says {expect:?}, promtier {found:#?}"));
        }
    }
    eprintln!("recorded from promtool 2.42: {covered} verdicts");
    assert!(faults.is_empty(), "{} of {covered}:\n{}", faults.len(), faults.join("\n"));
    assert!(covered >= 600, "rows are missing");
}

fn outcomes(text: &str, version: Version) -> Vec<TargetOutcome> {
    let config = parse(text, version).value;
    let job = config.scrape_configs.first().expect("a job");
    targets(
        &job.effective(&config.global, version),
        &static_groups(job),
        version,
        &mut Compiler::new(version),
    )
}

fn fates(text: &str, version: Version) -> Vec<TargetFate> {
    outcomes(text, version).into_iter().map(|outcome| outcome.fate).collect()
}

fn label_set(labels: &Value) -> LabelSet {
    let labels = labels.as_object().expect("labels");
    labels.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("a value"))).collect()
}

/// The row's job as a configuration; JSON is YAML.
fn configuration(row: &Value) -> String {
    let mut labels = row["discovered"].as_object().expect("labels").clone();
    let address = labels.remove("__address__").unwrap_or_else(|| Value::from(""));
    let mut job: Map<String, Value> = row["scrape_config"].as_object().expect("a job").clone();
    if job.remove("_ConvertClassicHistogramsToNHCB").is_some() {
        job.insert("convert_classic_histograms_to_nhcb".to_owned(), Value::from(true));
    }
    job.insert("static_configs".to_owned(), serde_json::json!([{"targets": [address], "labels": labels}]));
    serde_json::json!({"scrape_configs": [job]}).to_string()
}

#[test]
fn populated_labels() {
    let Some(rows) = vectors::rows("populated_labels", "scrape_labels.jsonl") else { return };
    let mut covered = 0;
    for row in rows.iter().filter(|row| row["kind"] == "target_labels") {
        let id = row["id"].as_str().expect("an id");
        if row["discovered"].as_object().expect("labels").values().any(|value| !value.is_string()) {
            eprintln!(
                "SKIPPED populated_labels: {id}: a configuration holds no label value that is not UTF-8"
            );
            continue;
        }
        let text = configuration(row);
        assert_eq!(errors(&text, Version::NEWEST), Vec::<String>::new(), "{id}");
        let outcome = outcomes(&text, Version::NEWEST).remove(0);
        covered += 1;
        if let Some(error) = row["error"].as_str() {
            assert_eq!(outcome.fate, TargetFate::Refused { error: error.to_owned() }, "{id}");
            continue;
        }
        assert_eq!(outcome.discovered, label_set(&row["expected_labels_before_relabel"]), "{id}");
        let target = outcome.scraped().unwrap_or_else(|| panic!("{id}: {:?}", outcome.fate));
        assert_eq!(target.all_labels, label_set(&row["expected_labels"]), "{id}");
    }
    eprintln!("targets: {covered} rows");
    assert!(covered >= 17, "rows are missing");
}
