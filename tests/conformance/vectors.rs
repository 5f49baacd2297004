//! Reads the conformance vectors in place.

use std::path::PathBuf;

use serde_json::Value;

/// The folder of vectors: what `PROMTIER_CONFORMANCE` names, or `../shared/conformance` beside the project.
/// `None` where it is absent, which in CI (`CI` set) is a failure.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("PROMTIER_CONFORMANCE").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "the conformance vectors are missing: {}", folder.display());
    None
}

/// The rows of one file of JSON lines. Where the vectors are absent, says by name what is skipped and
/// answers `None`.
pub(crate) fn rows(test: &str, file: &str) -> Option<Vec<Value>> {
    let Some(folder) = folder() else {
        eprintln!("SKIPPED {test}: {file} is not there; set PROMTIER_CONFORMANCE");
        return None;
    };
    let path = folder.join(file);
    let lines = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rows: Vec<Value> = lines
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).expect("a row of JSON"))
        .collect();
    assert!(!rows.is_empty(), "{file} holds no rows");
    Some(rows)
}

/// A string of a vector, which is `{"b64": …}` where it is not UTF-8.
pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.clone().into_bytes(),
        Value::Object(object) => base64(object["b64"].as_str().expect("base64 text")),
        other => panic!("neither text nor base64: {other}"),
    }
}

/// Decodes standard base64.
pub(crate) fn base64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}
