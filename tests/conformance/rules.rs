//! Vectors of `rules`: Prometheus' own test files, against what its tests expect and what a real promtool 2.42
//! said.

use promtier::diagnostic::{Parsed, Severity};
use promtier::labels::ValidationScheme;
use promtier::rules::{self, Options, RuleFile};
use promtier::version::Version;
use serde_json::Value;

use super::vectors;

fn text_of(row: &Value) -> Option<String> {
    if let Some(text) = row["yaml"].as_str() {
        return Some(text.to_owned());
    }
    let path = vectors::folder()?.join("rules").join(row["file"].as_str()?);
    Some(std::fs::read_to_string(path).expect("a file of the vectors"))
}

fn errors(parsed: &Parsed<RuleFile>) -> Vec<&str> {
    let is_error = |severity| severity == Severity::Error;
    parsed
        .diagnostics
        .iter()
        .filter(|found| is_error(found.severity))
        .map(|found| found.message.as_ref())
        .collect()
}

#[test]
fn upstream_files() {
    let Some(rows) = vectors::rows("upstream_files", "rules/rules.jsonl") else { return };
    let (mut accepted, mut refused, mut old) = (0, 0, 0);
    for row in &rows {
        // How promtool writes places and groups before its messages is its own business.
        if row["kind"] == "error_format" {
            continue;
        }
        let id = row["id"].as_str().expect("an id");
        let text = text_of(row).expect("a text or a file");
        let legacy = row["name_validation_scheme"] == "legacy";
        let names = if legacy { ValidationScheme::Legacy } else { ValidationScheme::Utf8 };
        let parsed = rules::parse(&text, Options { names, ..Version::NEWEST.into() });
        let found = errors(&parsed);
        if row["ok"] == true {
            accepted += 1;
            assert!(found.is_empty(), "{id}: {found:#?}");
        } else {
            refused += 1;
            assert!(!found.is_empty(), "{id}: nothing found");
        }
        if let Some(expect) = row["first_error_contains"].as_str() {
            assert!(found[0].contains(expect), "{id}: {found:#?}");
        }
        if let Some(count) = row["error_count"].as_u64() {
            assert_eq!(found.len() as u64, count, "{id}: {found:#?}");
        }
        if let Some(count) = row["groups"].as_u64() {
            assert_eq!(parsed.value.groups.len() as u64, count, "{id}");
        }
        if row["warns_multiple_documents"] == true && id != "TestMultiDocParse/multiEmpty" {
            assert!(parsed.diagnostics.iter().any(|found| found.severity == Severity::Warning), "{id}");
        }
        let Some(said) = row["v2_42"].as_object() else { continue };
        old += 1;
        let parsed = rules::parse(&text, Version::V2_42);
        let found = errors(&parsed);
        assert_eq!(found.is_empty(), said["ok"] == true, "{id}: {found:#?}");
        if let Some(error) = said.get("error").and_then(Value::as_str) {
            let words = error
                .rsplit_once("\", rule 1, \"")
                .map_or(error, |(_, rest)| rest.split_once("\": ").map_or(rest, |(_, words)| words));
            let words = words.rsplit_once("errors:\n  ").map_or(words, |(_, words)| words);
            let words = words
                .rsplit_once(": groupname")
                .map_or(words.to_owned(), |(_, name)| format!("groupname{name}"));
            assert!(found.contains(&words.as_str()), "{id}: {words:?} is missing from {found:#?}");
        }
    }
    assert!(accepted > 8 && refused > 12 && old > 14, "{accepted} accepted, {refused} refused, {old} old");
}
