//! Vectors of `regex`: what matches, what is refused and in which words.

use promtier::labels::MatchOp;
use promtier::regex::{Captures, Form, Regex, Template};
use promtier::version::Version;
use serde_json::Value;

use crate::vectors;

/// Collects what differs, so that one run shows all of it.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn expect<T: PartialEq + std::fmt::Debug>(&mut self, what: impl std::fmt::Display, have: &T, want: &T) {
        if have != want {
            self.0.push(format!("{what}: have {have:?}, want {want:?}"));
        }
    }
}

impl Drop for Differences {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.is_empty(), "{} differences:\n{}", self.0.len(), self.0.join("\n"));
        }
    }
}

/// A value, as text. To Go's expressions each byte that is not UTF-8 reads as one U+FFFD; the library knows
/// only text, because no label's value is anything else.
fn text(value: &Value) -> String {
    let bytes = vectors::bytes(value);
    let mut rest = bytes.as_slice();
    let mut text = String::new();
    while let Err(error) = std::str::from_utf8(rest) {
        text.push_str(std::str::from_utf8(&rest[..error.valid_up_to()]).expect("valid so far"));
        text.push('\u{FFFD}');
        rest = &rest[error.valid_up_to() + 1..];
    }
    text + std::str::from_utf8(rest).expect("valid to the end")
}

#[test]
fn matches() {
    let Some(rows) = vectors::rows("regex::matches", "regex.jsonl") else { return };
    assert_eq!(rows.len(), 294);
    let mut differences = Differences::default();
    let mut results = 0;
    for row in &rows {
        let id = row["id"].as_str().expect("an id");
        let pattern = vectors::bytes(&row["pattern"]);
        for form in [Form::Selector, Form::Relabel] {
            let regex = Regex::new(&pattern, form, Version::NEWEST);
            differences.expect(format!("{id} {form:?} valid"), &regex.is_ok(), &(row["valid"] == true));
            let Ok(regex) = regex else { continue };
            for (list, want) in [("match", true), ("no_match", false)] {
                for value in row[list].as_array().expect("a list") {
                    let value = &text(value);
                    let what = format!("{id} {form:?} {:?} on {value:?}", regex.pattern());
                    differences.expect(&what, &regex.is_match(value), &want);
                    if form == Form::Relabel {
                        differences.expect(&what, &regex.captures(value).is_some(), &want);
                    }
                    results += 1;
                }
            }
        }
    }
    assert_eq!(results, 2 * 16_244);
}

#[test]
fn compiles() {
    let Some(rows) = vectors::rows("regex::compiles", "regex_compile.jsonl") else { return };
    assert_eq!(rows.len(), 154);
    let mut differences = Differences::default();
    for row in &rows {
        let id = row["id"].as_str().expect("an id");
        let pattern = vectors::bytes(&row["pattern"]);
        let mut check = |expected: &Value, kind: &str, form: Form, version: Version| {
            let refused = Regex::new(&pattern, form, version).err().map(|error| error.to_string());
            let what = format!("{id} {form:?} {version} {:?}", String::from_utf8_lossy(&pattern));
            let valid = expected[format!("{kind}_valid")].as_bool().expect("a verdict");
            differences.expect(&what, &refused.is_none(), &valid);
            if let Some(words) = expected[format!("{kind}_error")].as_str() {
                differences.expect(&what, &refused.as_deref(), &Some(words));
            }
        };
        check(row, "selector", Form::Selector, Version::NEWEST);
        // Relabelling is compiled by the parser of the Go that Prometheus is built with, and Go takes these
        // names since 1.25. The vectors infer the opposite from 2.42; `recorded` holds what Go 1.26 says.
        let relabel = match row["pattern"].as_str() {
            Some(r"\p{greek}" | r"\p{Letter}" | r"\p{ASCII}") => {
                &serde_json::json!({ "relabel_valid": true })
            }
            _ => row,
        };
        check(relabel, "relabel", Form::Relabel, Version::NEWEST);
        check(&row["v2_42"], "selector", Form::Selector, Version::V2_42);
    }
}

#[test]
fn matchers() {
    let Some(rows) = vectors::rows("regex::matchers", "regex_matchers.jsonl") else { return };
    assert_eq!(rows.len(), 13);
    let mut differences = Differences::default();
    for row in &rows {
        let text = |key: &str| row[key].as_str().expect("text");
        let ops = [MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex];
        let op = ops.into_iter().find(|op| op.as_str() == text("op")).expect("an operator");
        let holds = if op.is_regex() {
            let regex = Regex::new(text("matcher_value"), Form::Selector, Version::NEWEST).expect("valid");
            regex.is_match(text("value"))
        } else {
            text("matcher_value") == text("value")
        };
        differences.expect(text("id"), &(holds != op.is_negated()), &(row["match"] == true));
    }
}

/// What Prometheus' own packages answered for generated patterns: `labels.NewFastRegexMatcher` of 3.14 with its
/// fork of `regexp`, the fork's expressions as relabelling compiles them (both with Go 1.26), and those of 2.42
/// (with Go 1.19). Each line is a pattern `P`, values `V`, templates `T` (value `i` goes with template `i` modulo their number); `Sel`, `Rel`
/// and `Old` are the answers by value (`Rel` as the groups' offsets, empty without a match), `SelErr`, `RelErr`
/// and `OldErr` the errors; `Exp` is `ExpandString`, `Rep` is `ReplaceAllString`.
///
/// `PROMTIER_REGEX_RECORDING` may name another, larger recording.
#[test]
fn recorded() {
    let recording = match std::env::var_os("PROMTIER_REGEX_RECORDING") {
        Some(path) => std::fs::read_to_string(path).expect("a recording"),
        None => include_str!("regex_recorded.jsonl").to_owned(),
    };
    assert!(recording.lines().count() > 400);
    let mut differences = Differences::default();
    for line in recording.lines() {
        let row: Value = serde_json::from_str(line).expect("a row of JSON");
        let texts = |key: &str| -> Vec<String> {
            let list = row[key].as_array().map(Vec::as_slice).unwrap_or_default();
            list.iter().map(|text| text.as_str().expect("text").to_owned()).collect()
        };
        let (values, templates) = (texts("V"), texts("T"));
        let pattern = row["P"].as_str().expect("a pattern");
        let mut compile = |form: Form, version: Version, key: &str| {
            let regex = Regex::new(pattern, form, version);
            let have = regex.as_ref().err().map(ToString::to_string).unwrap_or_default();
            differences.expect(
                format!("{pattern:?} {form:?} {version}"),
                &have.as_str(),
                &row[key].as_str().unwrap_or(""),
            );
            regex.ok().filter(|_| row[key].is_null() || row[key] == "")
        };
        let selector = compile(Form::Selector, Version::NEWEST, "SelErr");
        let relabel = compile(Form::Relabel, Version::NEWEST, "RelErr");
        let old = compile(Form::Relabel, Version::V2_42, "OldErr");
        for (at, value) in values.iter().enumerate() {
            if let Some(regex) = &selector {
                differences.expect(
                    format!("{pattern:?} selects {value:?}"),
                    &regex.is_match(value),
                    &(row["Sel"][at] == true),
                );
            }
            if let Some(regex) = &old {
                differences.expect(
                    format!("{pattern:?} in 2.42 matches {value:?}"),
                    &regex.is_match(value),
                    &(row["Old"][at] == true),
                );
            }
            let Some(regex) = &relabel else { continue };
            let what = format!("{pattern:?} relabels {value:?}");
            let offsets: Vec<i64> =
                row["Rel"][at].as_array().expect("offsets").iter().filter_map(Value::as_i64).collect();
            let want: Vec<Option<&str>> = offsets
                .chunks(2)
                .map(|span| value.get(usize::try_from(span[0]).ok()?..usize::try_from(span[1]).ok()?))
                .collect();
            let template = Template::new(&templates[at % templates.len()]);
            let captures = regex.captures(value);
            let have: Vec<Option<&str>> = captures.iter().flat_map(Captures::iter).collect();
            differences.expect(&what, &have, &want);
            differences.expect(&what, &regex.is_match(value), &!want.is_empty());
            if let Some(captures) = captures {
                let mut expanded = String::new();
                template.expand(&captures, &mut expanded);
                differences.expect(&what, &expanded.as_str(), &row["Exp"][at].as_str().unwrap_or(""));
            }
            differences.expect(
                &what,
                &regex.replace_all(value, &template).as_str(),
                &row["Rep"][at].as_str().unwrap_or(""),
            );
        }
    }
}
