//! Vectors of `federation`: what `/federate` answers, what scrapes store, what servers report.

use std::collections::BTreeMap;
use std::sync::Arc;

use promtier::exposition::{Writer, format_float};
use promtier::federation::{Bringer, Escaping, Failure, Memo, Preview, endpoint};
use promtier::labels::LabelSet;
use promtier::selector::Selector;
use promtier::series::{MatchCache, SeriesStore, StoreBuilder, sample};
use promtier::version::Version;
use promtier::workspace::{Files, SampleFormat, SampleReader};
use serde_json::{Value, json};

use super::vectors;

const SEED: u64 = 42;
/// Some time in 2026.
const NOW: i64 = 1_780_000_000_000;

fn label_set(object: &Value) -> LabelSet {
    object
        .as_object()
        .expect("labels")
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().expect("a label's value").to_owned()))
        .collect()
}

/// A body with the lines of each family sorted: the server does not order them.
fn sorted(body: &str) -> Vec<String> {
    let mut families: Vec<Vec<&str>> = Vec::new();
    for line in body.lines() {
        if line.starts_with('#') || families.is_empty() {
            families.push(Vec::new());
        }
        families.last_mut().expect("a family").push(line);
    }
    for family in &mut families {
        family[1..].sort_unstable();
    }
    families.concat().into_iter().map(str::to_owned).collect()
}

fn stored_rows(rows: &Value) -> SeriesStore {
    let mut builder = StoreBuilder::new(SEED);
    for row in rows.as_array().expect("stored rows") {
        let labels = label_set(&row["labels"]);
        let newest = &row["newest"];
        let value = match &newest["value"] {
            Value::String(_) => sample::stale(),
            number => number.as_f64().expect("a value"),
        };
        builder.push(labels.iter(), value, newest["timestamp_ms"].as_i64()).expect("a small store");
    }
    builder.finish()
}

#[test]
fn federate() {
    let Some(rows) = vectors::rows("federate", "federate.jsonl") else { return };
    for row in rows {
        let id = row["id"].as_str().expect("an id");
        let store = stored_rows(&row["stored"]);
        let external_labels = label_set(&row["external_labels"]);
        let window = endpoint::Window {
            now: row["now_ms"].as_i64().expect("now"),
            lookback: row["lookback_delta_ms"].as_i64().expect("lookback"),
        };
        let selectors: Result<Vec<Selector>, _> = row["match"]
            .as_array()
            .expect("selectors")
            .iter()
            .map(|text| Selector::parse_strict(text.as_str().expect("text"), Version::NEWEST))
            .collect();
        let (code, body) = match selectors {
            Err(error) => (400, format!("{error}\n")),
            Ok(selectors) => {
                let mut cache = MatchCache::default();
                let sets: Result<Vec<_>, _> = selectors
                    .iter()
                    .map(|selector| store.select_cached(&selector.compiled().expect("valid"), &mut cache))
                    .collect();
                match sets {
                    Err(error) => (500, format!("{error}\n")),
                    Ok(sets) => {
                        let rows = endpoint::answered(&store, &sets, Some(window));
                        let mut body = String::new();
                        Writer::new(
                            &store,
                            &external_labels,
                            &|name| Escaping::Underscores.escape(name),
                            window.now,
                        )
                        .write(&rows, &mut body);
                        let size =
                            endpoint::printed_bytes(&store, &rows, &external_labels, Escaping::Underscores);
                        let times = rows.iter().filter(|&row| store.timestamp(row).is_none()).count();
                        if times == 0 {
                            assert_eq!(size, body.len() as u64, "{id}: the length");
                        }
                        (200, body)
                    }
                }
            }
        };
        assert_eq!(Some(code), row["code"].as_i64(), "{id}: {body}");
        assert_eq!(sorted(&body), sorted(row["body"].as_str().expect("a body")), "{id}");
    }
}

/// Series as a test compares them: labels and value.
type Series = BTreeMap<String, String>;

fn printed_labels(labels: &LabelSet) -> String {
    labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect::<Vec<_>>().join(" ")
}

fn expected(rows: &Value) -> Series {
    rows.as_array()
        .expect("stored rows")
        .iter()
        .map(|row| {
            // The server's API prints values otherwise than its /federate does.
            let value: f64 = row["value"].as_str().expect("a value").parse().expect("a number");
            (printed_labels(&label_set(&row["labels"])), format_float(value))
        })
        .collect()
}

/// What a node stores, reports and others apart.
fn stored_and_reported(preview: &Preview, node: usize) -> (Series, Series) {
    let (mut stored, mut reported) = (Series::new(), Series::new());
    let node = &preview.nodes[node];
    for &row in node.store().rows_in_order() {
        let is_report = node.origins(row).all(|origin| matches!(origin.bringer, Bringer::Report(_)));
        let value = node.store().value(row);
        let shown = if sample::is_unknown(value) { "?".to_owned() } else { format_float(value) };
        let into = if is_report { &mut reported } else { &mut stored };
        into.insert(printed_labels(&node.store().label_set(row)), shown);
    }
    (stored, reported)
}

struct Scrape<'a> {
    version: Version,
    job: &'a str,
    settings: &'a Value,
    labels: Value,
    content_type: &'a str,
    body: Vec<u8>,
}

const ADDRESS: &str = "127.0.0.1:19260";

/// A server that scrapes one application, as JSON, which is YAML.
fn scrape(scrape: Scrape<'_>) -> Preview {
    let mut job = scrape.settings.as_object().cloned().unwrap_or_default();
    job.insert("job_name".into(), json!(scrape.job));
    job.insert("static_configs".into(), json!([{"targets": [ADDRESS], "labels": scrape.labels}]));
    let config = json!({"scrape_configs": [job]});
    let manifest = json!({
        "prometheus": scrape.version.to_string(),
        "nodes": {"node": {"config": "node.yml"}},
        "targets": {"app": {"listen": [ADDRESS], "metrics": "app.prom", "content_type": scrape.content_type}},
    });
    let mut files = Files::new(SEED);
    files.put_text("node.yml", config.to_string());
    files.put_text("promtier.yaml", manifest.to_string());
    match String::from_utf8(scrape.body) {
        Ok(text) => files.put_text("app.prom", text),
        Err(bytes) => {
            let mut reader =
                SampleReader::new(SampleFormat { version: scrape.version, ..SampleFormat::default() }, SEED);
            reader.push(bytes.as_bytes());
            files.put_samples("app.prom", Arc::new(reader.finish()));
        }
    }
    Preview::compute(Arc::new(files.assemble()), Some(NOW), &mut Memo::new(SEED)).expect("a small preview")
}

#[test]
fn sample_labels_and_limits() {
    let Some(rows) = vectors::rows("sample_labels_and_limits", "scrape_labels.jsonl") else { return };
    let mut seen = 0;
    for row in rows.iter().filter(|row| row["kind"] != "target_labels") {
        let id = row["id"].as_str().expect("an id");
        seen += 1;
        let store = {
            let mut reader = SampleReader::new(SampleFormat::default(), SEED);
            reader.push(row["exposition"].as_str().expect("text").as_bytes());
            reader.finish().store
        };
        let scraped = scrape_alone(&store, row);
        if row["kind"] == "label_limits" {
            assert_eq!(scraped.error.is_some(), row["scrape_fails"].as_bool().expect("a verdict"), "{id}");
            continue;
        }
        let got: Vec<LabelSet> =
            scraped.kept.rows_in_order().iter().map(|&row| scraped.kept.label_set(row)).collect();
        assert_eq!(got, [label_set(&row["expected_labels"])], "{id}");
    }
    assert!(seen >= 19, "only {seen} rows");
}

/// The scrape itself, with target labels that no target could have.
fn scrape_alone(store: &SeriesStore, row: &Value) -> promtier::federation::Scraped {
    use promtier::federation::{Answer, AnswerOrder, ScrapeSettings};
    use promtier::prometheus;
    let mut job = row["limits"].as_object().cloned().unwrap_or_default();
    job.insert("job_name".into(), json!("a"));
    job.insert("honor_labels".into(), row["honor_labels"].clone());
    if row["metric_relabel_configs"].is_array() {
        job.insert("metric_relabel_configs".into(), row["metric_relabel_configs"].clone());
    }
    let text = json!({"scrape_configs": [job]}).to_string();
    let config = prometheus::parse(&text, Version::NEWEST, &prometheus::Environment::default());
    assert!(!config.has_errors(), "{:?}", config.diagnostics);
    let config = config.value;
    let settings = ScrapeSettings::new(&config.scrape_configs[0].effective(&config.global, Version::NEWEST));
    let rows = promtier::series::Bitset::full(store.len());
    let answer = Answer {
        frames: store.frames(&rows).collect(),
        rows,
        order: AnswerOrder::Position,
        bytes: 1,
        refused: promtier::series::Bitset::empty(0),
        broken: None,
        open: false,
    };
    promtier::federation::scrape(answer, &label_set(&row["target_labels"]), &settings, SEED).expect("small")
}

#[test]
fn scrape_probes() {
    let Some(rows) = vectors::rows("scrape_probes", "scrape_probes_v2_42.jsonl") else { return };
    for row in &rows {
        for version in [Version::V2_42, Version::NEWEST] {
            check_probe(row, version);
        }
    }
}

fn check_probe(row: &Value, version: Version) {
    let id = format!("{} under {version}", row["id"].as_str().expect("an id"));
    let differs = if version.is_v3() { &row["differs_in_3_14"] } else { &Value::Null };
    let body = match &row["exposition_b64"] {
        Value::String(text) => vectors::base64(text),
        _ => vectors::bytes(&row["exposition"]),
    };
    let preview = scrape(Scrape {
        version,
        job: row["id"].as_str().expect("an id"),
        settings: &row["scrape_config"],
        labels: row["static_labels"].clone(),
        content_type: row["content_type"].as_str().unwrap_or(""),
        body,
    });
    let findings: Vec<_> =
        preview.workspace.findings.iter().map(|finding| &finding.diagnostic.message).collect();
    assert_eq!(preview.pulls.len(), 1, "{id}: {findings:?}");
    let expected_health = differs["health"].as_str().unwrap_or(row["health"].as_str().expect("health"));
    let words = match &preview.pulls[0].failure {
        None => "",
        Some(Failure::Scrape(words)) => words.as_str(),
        Some(Failure::Unknown(words)) => panic!("{id}: {words}"),
    };
    assert_eq!(if words.is_empty() { "up" } else { "down" }, expected_health, "{id}: {words}");
    let expected_words = differs["last_error"].as_str().or(row["last_error"].as_str());
    if differs["health"].is_null() && differs["error_text_differs"].is_null() {
        assert_eq!(words, expected_words.expect("an error or none"), "{id}");
    }
    if !differs["health"].is_null() || !differs["stored_change"].is_null() {
        return;
    }
    let (stored, reported) = stored_and_reported(&preview, 0);
    assert_eq!(stored, expected(&row["stored"]), "{id}");
    for (name, value) in row["report"].as_object().expect("reports") {
        // A target label `exported_job` is cleared by `job` (`scrape.go`, `mutateReportSampleLabels`); the
        // recording lists the reports' values alone.
        let target = label_set(&row["target_labels"]);
        let cleared = |name: &str| name.strip_prefix("exported_").is_some_and(|by| target.get(by).is_some());
        let labels: LabelSet =
            target.iter().filter(|(name, _)| !cleared(name)).chain([("__name__", name.as_str())]).collect();
        assert_eq!(
            reported.get(&printed_labels(&labels)).map(String::as_str),
            value.as_str(),
            "{id}: {name}"
        );
    }
}

/// Series that a recording leaves out, since their values vary.
fn is_left_out(labels: &str) -> bool {
    labels.contains("__name__=\"scrape_duration_seconds\"")
        || labels.contains("__name__=\"scrape_series_added\"")
}

#[test]
fn two_tiers_as_recorded() {
    let Some(rows) = vectors::rows("two_tiers_as_recorded", "federate_e2e_v2_42.jsonl") else { return };
    let app = rows.iter().find(|row| row["kind"] == "scrape").expect("the scrape");
    let external_labels =
        &rows.iter().find(|row| row["kind"] == "federate").expect("an answer")["external_labels"];
    let instance = app["target_labels"]["instance"].as_str().expect("an instance");
    let leaf = json!({
        "global": {"external_labels": external_labels},
        "scrape_configs": [{"job_name": "app", "static_configs": [{"targets": [instance]}]}],
    });
    let preview = |global: &Value| {
        let manifest = json!({
            "prometheus": "2.42",
            "nodes": {"leaf": {"config": "leaf.yml", "listen": ["127.0.0.1:19251"]}, "global": {"config": "global.yml"}},
            "targets": {"app": {"listen": [instance], "metrics": "app.prom"}},
        });
        let mut files = Files::new(SEED);
        files.put_text("leaf.yml", leaf.to_string());
        files.put_text("global.yml", global.to_string());
        files.put_text("promtier.yaml", manifest.to_string());
        files.put_text("app.prom", app["exposition"].as_str().expect("text"));
        Preview::compute(Arc::new(files.assemble()), Some(NOW), &mut Memo::new(SEED))
            .expect("a small preview")
    };
    let job = |row: &Value| {
        let target = label_set(&row["target_labels"]);
        let labels: BTreeMap<&str, &str> =
            target.iter().filter(|(name, _)| !matches!(*name, "job" | "instance")).collect();
        json!({"scrape_configs": [{
            "job_name": target.value("job"),
            "honor_labels": row["honor_labels"],
            "metrics_path": "/federate",
            "params": {"match[]": row["match"]},
            "metric_relabel_configs": row["metric_relabel_configs"],
            "static_configs": [{"targets": [target.value("instance")], "labels": labels}],
        }]})
    };
    let leaf_only = preview(&json!({}));
    let (mut stored, reported) = stored_and_reported(&leaf_only, 1);
    stored.extend(reported.into_iter().filter(|(labels, _)| !is_left_out(labels)));
    assert_eq!(stored, expected(&app["stored"]), "the leaf");

    let mut seen = 0;
    for row in rows.iter().filter(|row| row["kind"] == "federated_scrape") {
        let preview = preview(&job(row));
        let (mut stored, _) = stored_and_reported(&preview, 0);
        stored.retain(|labels, _| !is_left_out(labels));
        let mut expected = expected(&row["stored"]);
        expected.retain(|labels, _| !is_left_out(labels));
        assert_eq!(stored, expected, "{}", row["id"]);
        let report = rows.iter().find(|report| {
            report["kind"] == "report_series" && report["target_labels"] == row["target_labels"]
        });
        let report = super::federation::expected(&report.expect("the reports")["stored"]);
        let (_, reported) = stored_and_reported(&preview, 0);
        for (labels, value) in report {
            assert_eq!(reported.get(&labels), Some(&value), "{}: {labels}", row["id"]);
        }
        seen += 1;
    }
    assert_eq!(seen, 3);

    for row in rows.iter().filter(|row| row["kind"] == "federate" && row["code"] == 200) {
        let node = &leaf_only.nodes[1];
        let store = node.store();
        let mut cache = MatchCache::default();
        let sets: Vec<_> = row["match"]
            .as_array()
            .expect("selectors")
            .iter()
            .map(|text| Selector::parse_strict(text.as_str().expect("text"), Version::V2_42).expect("valid"))
            .map(|selector| {
                store.select_cached(&selector.compiled().expect("valid"), &mut cache).expect("fine")
            })
            .collect();
        let answered = endpoint::answered(store, &sets, None);
        let mut body = String::new();
        let external_labels = label_set(&row["external_labels"]);
        Writer::new(store, &external_labels, &|name| Escaping::Underscores.escape(name), 0)
            .write(&answered, &mut body);
        let strip = |body: &str| -> Vec<String> {
            let kept = body.lines().filter(|line| {
                !line.contains("scrape_duration_seconds") && !line.contains("scrape_series_added")
            });
            let lines: Vec<&str> =
                kept.map(|line| line.trim_end_matches(" <TS>").trim_end_matches(" 0")).collect();
            sorted(&lines.join("\n"))
        };
        assert_eq!(strip(&body), strip(row["body"].as_str().expect("a body")), "{}", row["id"]);
    }
}
