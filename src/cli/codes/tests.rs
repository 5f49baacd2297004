#![allow(clippy::allow_attributes, clippy::disallowed_methods, reason = "tests read the source")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{all, closest, find};

/// The sources of the library and of its lowest crate without their tests: path and text.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for root in ["src", "crates/core/src"] {
        below(&Path::new(env!("CARGO_MANIFEST_DIR")).join(root), &mut found);
    }
    found.sort();
    found
}

fn below(root: &Path, found: &mut Vec<(String, String)>) {
    let mut open: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        let name = path.strip_prefix(root).expect("below src").to_string_lossy().replace('\\', "/");
        if path.is_dir() {
            if !["cli", "web", "worker"].contains(&name.as_str()) {
                let entries = std::fs::read_dir(&path).expect("a folder");
                open.extend(entries.map(|entry| entry.expect("an entry").path()));
            }
        } else if path.extension().is_some_and(|it| it == "rs") && !name.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).expect("UTF-8 text");
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
            found.push((name, code));
        }
    }
}

/// Every `const NAME: Code = Code::new("slug")`: file and name, and the slug.
fn constants(sources: &[(String, String)]) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for (path, text) in sources {
        for (at, _) in text.match_indices("Code::new(\"") {
            let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
            let name = text[line..at].split_once("const ").and_then(|(_, rest)| rest.split_once(':'));
            let (name, _) = name.unwrap_or_else(|| panic!("{path}: a code that is no constant"));
            let slug = text[at + 11..].split('"').next().expect("a slug");
            found.insert((path.clone(), name.to_owned()), slug.to_owned());
        }
    }
    found
}

#[test]
fn every_code_is_explained_and_no_other() {
    let emitted: BTreeSet<String> = constants(&sources()).into_values().collect();
    let explained: BTreeSet<String> = all().map(|explained| explained.code.to_owned()).collect();
    assert!(emitted.len() > 60, "the sources are found");
    let missing: Vec<&String> = emitted.difference(&explained).collect();
    let surplus: Vec<&String> = explained.difference(&emitted).collect();
    assert!(missing.is_empty(), "without an explanation in src/cli/codes: {missing:?}");
    assert!(surplus.is_empty(), "explained, but nothing reports them: {surplus:?}");
    assert_eq!(explained.len(), all().count(), "each once");
}

#[test]
fn severities_are_those_that_are_reported() {
    let sources = sources();
    let constants = constants(&sources);
    let mut seen = 0;
    for (path, text) in &sources {
        for (word, severity) in [("error", "error"), ("warning", "warning"), ("info", "info")] {
            for (at, call) in text.match_indices(&format!("Diagnostic::{word}(")) {
                let argument: String = text[at + call.len()..]
                    .trim_start()
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || "_:".contains(*c))
                    .collect();
                let name = argument.rsplit("::").next().unwrap_or_default();
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                let files = match argument.split("::").next() {
                    Some("codes") => vec!["prometheus/codes.rs".to_owned()],
                    Some("yaml") => vec!["yaml/mod.rs".to_owned()],
                    _ => vec![path.clone(), format!("{folder}/mod.rs")],
                };
                let known = files.iter().find_map(|file| constants.get(&(file.clone(), name.to_owned())));
                let Some(slug) = known else { continue };
                seen += 1;
                let explained = find(slug).unwrap_or_else(|| panic!("{slug} is not explained"));
                let says = explained.severities.iter().any(|known| known.as_str() == severity);
                assert!(says, "{path} reports {slug} as {severity}");
            }
        }
    }
    assert!(seen > 50, "the reports are found: {seen}");
}

#[test]
fn texts_are_whole_sentences() {
    for explained in all() {
        let code = explained.code;
        for text in [explained.finds, explained.matters, explained.mend] {
            assert!(text.ends_with('.') && text.len() > 20, "{code}: {text}");
            assert!(text.starts_with(|c: char| c.is_uppercase() || "`/".contains(c)), "{code}: {text}");
        }
        assert!(!explained.title.ends_with('.') && explained.title.len() < 80, "{code}: {}", explained.title);
        assert!(!explained.source.is_empty() && !explained.severities.is_empty(), "{code}");
        let shape =
            code.split_once('/').is_some_and(|(family, fault)| !family.is_empty() && !fault.is_empty());
        assert!(shape, "{code}");
    }
}

#[test]
fn a_misspelt_code_leads_to_the_right_one() {
    let check = |given: &str, expect: Option<&str>| assert_eq!(closest(given), expect, "{given}");
    check("yaml/sintax", Some("yaml/syntax"));
    check("federation/colliding-serie", Some("federation/colliding-series"));
    check("colliding-series", Some("federation/colliding-series"));
    check("prometheus/duplicate-job-name", Some("config/duplicate-job-name"));
    check("nothing-like-it", None);
    check("", None);
}
