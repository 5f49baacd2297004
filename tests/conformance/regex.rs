//! Vectors of `regex`: what matches, what is refused and in which words.

use promtier::labels::MatchOp;
use promtier::regex::{Form, Regex};
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
        check(row, "relabel", Form::Relabel, Version::NEWEST);
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
