//! Vectors of `selector`: the verdict, the first error with its place, and the matchers.

use promtier::selector::{Selector, parse};
use promtier::version::Version;
use serde_json::Value;

use crate::vectors;

/// What a vector expects, and what is read, in one form: the matchers, or the error's text.
type Outcome = Result<Vec<(Vec<u8>, String, Vec<u8>)>, String>;

fn outcome(input: &[u8], version: Version) -> Outcome {
    match Selector::parse_strict(input, version) {
        Ok(selector) => Ok(selector
            .iter()
            .map(|matcher| (matcher.name.to_vec(), matcher.op.to_string(), matcher.value.to_vec()))
            .collect()),
        Err(error) => Err(error.to_string()),
    }
}

fn matchers(expected: &Value) -> Vec<(Vec<u8>, String, Vec<u8>)> {
    expected["matchers"]
        .as_array()
        .expect("matchers")
        .iter()
        .map(|matcher| {
            let op = matcher["op"].as_str().expect("an operator").to_owned();
            (vectors::bytes(&matcher["name"]), op, vectors::bytes(&matcher["value"]))
        })
        .collect()
}

#[test]
fn selectors() {
    let Some(rows) = vectors::rows("selector::selectors", "selectors.jsonl") else { return };
    assert_eq!(rows.len(), 773);
    let mut differences = Vec::new();
    for row in &rows {
        let id = row["id"].as_str().expect("an id");
        let input = vectors::bytes(&row["input"]);
        let shown = String::from_utf8_lossy(&input);

        let expected = &row["match_param"];
        let have = outcome(&input, Version::NEWEST);
        let want = if expected["ok"].as_bool().expect("a verdict") {
            Ok(matchers(expected))
        } else {
            Err(String::from_utf8_lossy(&vectors::bytes(&expected["error"])).into_owned())
        };
        if have != want {
            differences.push(format!("{id} {shown:?}: have {have:?}, want {want:?}"));
        }
        // The first finding of the parser that goes on contains Prometheus' words.
        let parsed = parse(&input, Version::NEWEST);
        match (parsed.diagnostics.first(), expected["message"].as_str()) {
            (None, None) => {}
            (Some(found), Some(message)) if found.message.contains(message) => {}
            (found, message) => differences.push(format!("{id} {shown:?}: {found:?} against {message:?}")),
        }

        let expected = &row["v2_42"];
        let have = outcome(&input, Version::V2_42).map(|_| ());
        let want = if expected["ok"].as_bool().expect("a verdict") {
            Ok(())
        } else {
            Err(expected["error"].as_str().expect("an error").to_owned())
        };
        if have != want {
            differences.push(format!("{id} {shown:?} in 2.42: have {have:?}, want {want:?}"));
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}
