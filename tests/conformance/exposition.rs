//! Vectors of `exposition`.

use promtier::exposition::{self, Entry, Format, Negotiated, Options, Wire};
use promtier::version::Version;
use serde_json::{Map, Value, json};

use crate::vectors;

fn text(bytes: &[u8]) -> Value {
    Value::String(String::from_utf8_lossy(bytes).into_owned())
}

fn number(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { Value::String(exposition::format_float(value)) }
}

fn pairs<'a>(labels: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Value {
    labels.map(|(name, value)| json!([text(name), text(value)])).collect()
}

/// An entry as the vectors spell it. Start timestamps are left out: they need a feature flag, and nothing
/// that is stored by default depends on them.
fn shown(entry: &Entry<'_>) -> Value {
    match entry {
        Entry::Help { name, text: help } => {
            json!({"entry": "help", "metric": text(name), "help": text(help)})
        }
        Entry::Type { name, kind } => json!({"entry": "type", "metric": text(name), "type": kind.as_str()}),
        Entry::Unit { name, unit } => json!({"entry": "unit", "metric": text(name), "unit": text(unit)}),
        Entry::Comment(comment) => json!({"entry": "comment", "comment": text(comment)}),
        Entry::Series(series) => {
            let mut out = Map::new();
            out.insert("entry".into(), "series".into());
            out.insert("metric".into(), text(series.text));
            out.insert("labels".into(), pairs(series.labels.iter().map(|(name, value)| (&**name, &**value))));
            out.insert("value".into(), number(series.value));
            if let Some(time) = series.timestamp {
                out.insert("timestamp_ms".into(), time.into());
            }
            if let Some(exemplar) = &series.exemplar {
                let mut shown = Map::new();
                shown.insert("labels".into(), pairs(exemplar.labels.iter().copied()));
                shown.insert("value".into(), number(exemplar.value));
                if let Some(time) = exemplar.timestamp {
                    shown.insert("timestamp_ms".into(), time.into());
                }
                out.insert("exemplars".into(), json!([shown]));
            }
            Value::Object(out)
        }
    }
}

#[test]
fn exposition() {
    let Some(rows) = vectors::rows("exposition", "exposition.jsonl") else { return };
    assert_eq!(rows.len(), 114);
    let mut entries_compared = 0;
    for row in rows {
        let id = &row["id"];
        let input = match &row["input_b64"] {
            Value::String(encoded) => vectors::base64(encoded),
            _ => vectors::bytes(&row["input"]),
        };
        let format = match row["format"].as_str().unwrap() {
            "prometheus-text" => Format::PrometheusText,
            "openmetrics-text" => Format::OpenMetricsText,
            other => panic!("{id}: {other}"),
        };
        let skip_created = row["options"]["skip_created_series"].as_bool().unwrap_or(false);
        let mut entries = Vec::new();
        let result = exposition::entries(&input, format, Version::NEWEST, skip_created, |entry| {
            entries.push(shown(&entry));
        });

        let options = Options { skip_created, ..Options::default() };
        let whole = exposition::parse(&input, format, options);
        if row["ok"] == json!(true) {
            assert_eq!(result, Ok(()), "{id}");
            assert_eq!(whole.problems, [], "{id}");
            assert_eq!(whole.failure, None, "{id}");
        } else {
            let error = result.expect_err(&id.to_string());
            if input.is_empty() {
                // The parser complains, but a scrape never gives it an empty body.
                assert_eq!(
                    (error.as_str(), &row["error"], whole.failure),
                    (error.as_str(), &json!(error), None)
                );
                continue;
            }
            let failure = whole.failure.expect("a failure");
            assert_eq!(failure.message, error, "{id}");
            assert!(whole.problems.iter().any(|problem| problem.diagnostic.message == error), "{id}");
            if let Some(expected) = row["error"].as_str() {
                assert_eq!(error, expected, "{id}");
            }
        }
        if let Some(expected) = row["entries"].as_array() {
            entries_compared += expected.len();
            let mut expected = expected.clone();
            for entry in &mut expected {
                entry.as_object_mut().unwrap().remove("start_timestamp_ms");
            }
            for (have, want) in entries.iter().zip(&expected) {
                assert_eq!(have, want, "{id}");
            }
            assert_eq!(entries.len(), expected.len(), "{id}");
            let series = expected.iter().filter(|entry| entry["entry"] == "series").count();
            assert_eq!(whole.store.len(), series, "{id}");
            for (row, entry) in whole
                .store
                .rows_in_order()
                .iter()
                .zip(expected.iter().filter(|entry| entry["entry"] == "series"))
            {
                let labels =
                    pairs(whole.store.labels(*row).map(|(name, value)| (name.as_bytes(), value.as_bytes())));
                assert_eq!(labels, entry["labels"], "{id}");
                assert_eq!(number(whole.store.value(*row)), entry["value"], "{id}");
                assert_eq!(json!(whole.store.timestamp(*row)), entry["timestamp_ms"], "{id}");
            }
        }
    }
    assert!(entries_compared > 80, "{entries_compared} entries");
}

#[test]
fn content_type() {
    let Some(rows) = vectors::rows("content_type", "exposition_content_type.jsonl") else { return };
    assert_eq!(rows.len(), 20);
    for row in rows {
        let id = &row["id"];
        let fallback = row["fallback_scrape_protocol"]
            .as_str()
            .map(|protocol| Wire::of_scrape_protocol(protocol).expect("a known protocol"));
        let Negotiated { wire, complaint } =
            exposition::negotiate(row["content_type"].as_str().unwrap(), fallback, Version::NEWEST);
        let wire = match wire {
            None => Value::Null,
            Some(Wire::Protobuf) => "protobuf".into(),
            Some(Wire::Text(Format::PrometheusText)) => "prometheus-text".into(),
            Some(Wire::Text(Format::OpenMetricsText)) => "openmetrics-text".into(),
        };
        assert_eq!(wire, row["parser"], "{id}");
        match row["error_contains"].as_str() {
            None => assert_eq!(complaint, None, "{id}"),
            Some(part) => assert!(complaint.as_deref().unwrap_or("").contains(part), "{id}: {complaint:?}"),
        }
    }
}
