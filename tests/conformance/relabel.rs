//! Vectors of `relabel`: what rules do, which are refused and why.

use promtier::labels::LabelSet;
use promtier::labels::name::ValidationScheme;
use promtier::relabel::{Action, Program, RelabelConfig};
use promtier::version::Version;
use serde_json::Value;

use crate::vectors;

fn labels(object: &Value) -> LabelSet {
    let pairs = object.as_object().expect("labels").iter();
    pairs.map(|(name, value)| (name.as_str(), value.as_str().expect("a value"))).collect()
}

fn scheme(row: &Value) -> ValidationScheme {
    match row["name_validation_scheme"].as_str() {
        Some("utf8") => ValidationScheme::Utf8,
        Some("legacy") => ValidationScheme::Legacy,
        other => panic!("no scheme: {other:?}"),
    }
}

fn config(object: &Value) -> RelabelConfig {
    let text = |key: &str| object[key].as_str().map(str::to_owned);
    let names =
        |list: &Vec<Value>| list.iter().map(|name| name.as_str().expect("a name").to_owned()).collect();
    let known = ["source_labels", "separator", "regex", "modulus", "target_label", "replacement", "action"];
    for key in object.as_object().expect("a rule").keys() {
        assert!(known.contains(&key.as_str()), "{key}");
    }
    RelabelConfig {
        source_labels: object["source_labels"].as_array().map(names),
        separator: text("separator"),
        regex: text("regex"),
        modulus: object["modulus"].as_u64(),
        target_label: text("target_label"),
        replacement: text("replacement"),
        action: object["action"].as_str().map(|action| action.parse().expect("an action")),
    }
}

/// A rule of Go's, where what is not given is empty, not the default.
fn zero_config(object: &Value) -> RelabelConfig {
    let config = config(object);
    RelabelConfig {
        separator: Some(config.separator.unwrap_or_default()),
        regex: Some(config.regex.unwrap_or_default()),
        replacement: Some(config.replacement.unwrap_or_default()),
        action: Some(config.action.unwrap_or(Action::Empty)),
        ..config
    }
}

/// The lines of a flat YAML mapping; enough for the vectors, whose keys are plain and values on one line.
fn yaml(text: &str) -> Value {
    let unquote = |value: &str| value.trim_matches('"').to_owned();
    let pairs = text.lines().map(|line| {
        let (key, value) = line.split_once(": ").expect("key and value");
        let value = match value.strip_prefix('[') {
            Some(list) => list.trim_end_matches(']').split(", ").map(Value::from).collect(),
            None => Value::from(unquote(value)),
        };
        (key.to_owned(), value)
    });
    Value::Object(pairs.collect())
}

#[test]
fn relabel() {
    let Some(rows) = vectors::rows("relabel::relabel", "relabel.jsonl") else { return };
    assert_eq!(rows.len(), 64);
    let mut kinds = [0; 4];
    for row in &rows {
        let id = row["id"].as_str().expect("an id");
        match row["kind"].as_str().expect("a kind") {
            "process" => {
                kinds[0] += 1;
                let configs: Vec<RelabelConfig> =
                    row["relabel_configs"].as_array().expect("rules").iter().map(config).collect();
                let program = Program::compile(&configs, Version::NEWEST, scheme(row))
                    .unwrap_or_else(|error| panic!("{id}: {error}"));
                let mut set = labels(&row["input"]);
                let kept = program.apply(&mut set);
                assert_eq!(kept, row["drop"] == false, "{id}");
                if kept {
                    assert_eq!(set, labels(&row["output"]), "{id}");
                }
            }
            "validate" => {
                kinds[1] += 1;
                let errors = zero_config(&row["config_struct"]).validate(Version::NEWEST, scheme(row));
                assert_eq!(errors.is_empty(), row["valid"] == true, "{id}: {errors:?}");
                if let Some(words) = row["error_contains"].as_str() {
                    assert!(errors[0].to_string().contains(words), "{id}: {errors:?}");
                }
            }
            "legacy_target_label" => {
                kinds[2] += 1;
                let target = row["target_label"].as_str().expect("a label").to_owned();
                // 2.42 compares every target with this expression.
                let config = RelabelConfig { target_label: Some(target), ..RelabelConfig::default() };
                let errors = config.validate(Version::V2_42, ValidationScheme::Legacy);
                assert_eq!(errors.is_empty(), row["valid"] == true, "{id}: {errors:?}");
            }
            "yaml_roundtrip" => {
                // What is written is kept apart from what is left out.
                kinds[3] += 1;
                let text = row["yaml"].as_str().expect("YAML");
                let config = config(&yaml(text));
                assert_eq!(config.regex.is_some(), text.contains("regex:"), "{id}");
                assert_eq!(config.separator.as_deref(), Some(config.separator()), "{id}");
                assert_eq!(config.replacement.as_deref(), Some(config.replacement()), "{id}");
                let errors = config.validate(Version::NEWEST, ValidationScheme::Utf8);
                assert!(errors.is_empty(), "{id}: {errors:?}");
            }
            other => panic!("{id}: {other}"),
        }
    }
    assert_eq!(kinds, [34, 10, 16, 4]);
}

/// What Prometheus' own package answered for generated rules: `model/relabel` of 3.14 with Go 1.26. `added` are
/// labels that were set on the builder, in this order, on top of `labels`.
#[test]
fn recorded() {
    let recording = include_str!("relabel_recorded.jsonl");
    assert_eq!(recording.lines().count(), 400);
    for line in recording.lines() {
        let row: Value = serde_json::from_str(line).expect("a row of JSON");
        let configs: Vec<RelabelConfig> =
            row["relabel_configs"].as_array().expect("rules").iter().map(config).collect();
        let scheme =
            if row["scheme"] == "legacy" { ValidationScheme::Legacy } else { ValidationScheme::Utf8 };
        let program = match Program::compile(&configs, Version::NEWEST, scheme) {
            Ok(program) => program,
            Err(error) => {
                assert_eq!(Some(error.to_string().as_str()), row["error"].as_str(), "{line}");
                continue;
            }
        };
        assert_eq!(row["error"], Value::Null, "{line}");
        let mut set = labels(&row["labels"]);
        let mut added = Vec::new();
        for pair in row["added"].as_array().expect("pairs") {
            let name = pair[0].as_str().expect("a name");
            set.insert(name, pair[1].as_str().expect("a value"));
            added.push(name);
        }
        let kept = program.apply_after(&mut set, &added);
        assert_eq!(kept, row["keep"] == true, "{line}");
        if kept {
            set.retain(|_, value| !value.is_empty());
            assert_eq!(set, labels(&row["output"]), "{line}");
        }
    }
}
