//! `promtier match --selectors-file` against what a server answered.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::selectors::Answer;
use crate::server::Line;

type Labels = BTreeMap<String, String>;

/// What the command says otherwise than the server did. `everything` is what it gets as samples.
pub(crate) fn differences(
    folder: &Path,
    line: Line,
    everything: &[u8],
    external_labels: &[(&str, &str)],
    asked: &[(Vec<u8>, Answer)],
) -> Vec<String> {
    let (samples, selectors) = (folder.join("everything.prom"), folder.join("selectors"));
    fs::write(&samples, everything).expect("the samples");
    let lines: Vec<&[u8]> = asked.iter().map(|(text, _)| text.as_slice()).collect();
    fs::write(&selectors, [lines.join(&b'\n'), b"\n".to_vec()].concat()).expect("the selectors");
    let mut command = Command::new(env!("CARGO_BIN_EXE_promtier"));
    command.arg("match").arg(&samples).arg("--selectors-file").arg(&selectors);
    command.args(["--format", "json", "--prometheus", line.version()]);
    for (name, value) in external_labels {
        command.arg("--external-label").arg(format!("{name}={value}"));
    }
    let output = command.output().expect("promtier starts");
    let printed = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        printed.lines().count(),
        asked.len(),
        "an object for each selector; {}, {errors}",
        output.status
    );
    let mut found = Vec::new();
    for (line, (text, real)) in printed.lines().zip(asked) {
        let ours: Value = serde_json::from_str(line).expect("each line is JSON");
        let text = String::from_utf8_lossy(text);
        assert_eq!(ours["selector"], *text, "the objects are in the order of the selectors");
        let error = ours["error"].as_str();
        if error.is_some_and(|error| error.ends_with(crate::selectors::OVER_BUDGET)) {
            continue;
        }
        let same = match real {
            Err(real) => ours["ok"] == false && error == Some(real),
            Ok(lines) => {
                let mut real: Vec<Labels> = lines.iter().filter_map(|line| labels(line)).collect();
                let mut series: Vec<Labels> = ours["series"]
                    .as_array()
                    .map(|series| series.iter().map(|one| of_json(&one["labels"])).collect())
                    .unwrap_or_default();
                real.sort();
                series.sort();
                ours["ok"] == true && ours["count"] == real.len() && series == real
            }
        };
        if !same {
            let real = match real {
                Ok(lines) => lines.join("\n               "),
                Err(error) => error.clone(),
            };
            found.push(format!("promtier match, {text:?}\n  the server:  {real}\n  promtier:    {line}\n"));
        }
    }
    found
}

fn of_json(labels: &Value) -> Labels {
    let pairs = labels.as_object().expect("labels are an object");
    pairs.iter().map(|(name, value)| (name.clone(), value.as_str().expect("text").to_owned())).collect()
}

/// The labels of a line of `/federate`; `None` for a comment.
fn labels(line: &str) -> Option<Labels> {
    if line.starts_with('#') {
        return None;
    }
    let mut labels = Labels::new();
    let (name, mut rest) = line.find(['{', ' ']).map_or((line, ""), |at| line.split_at(at));
    if !name.is_empty() {
        labels.insert("__name__".to_owned(), name.to_owned());
    }
    rest = rest.trim_start_matches('{');
    while !rest.is_empty() && !rest.starts_with(['}', ' ']) {
        let (name, after) = if rest.starts_with('"') {
            quoted(rest)
        } else {
            let at = rest.find('=').expect("a label has a value");
            (rest[..at].to_owned(), &rest[at..])
        };
        if let Some(after) = after.strip_prefix('=') {
            let (value, after) = quoted(after);
            labels.insert(name, value);
            rest = after;
        } else {
            labels.insert("__name__".to_owned(), name);
            rest = after;
        }
        rest = rest.trim_start_matches(',');
    }
    Some(labels)
}

/// The quoted text at the beginning, and what follows it.
fn quoted(text: &str) -> (String, &str) {
    let mut out = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (out, &text[at + 1..]),
            '\\' => match characters.next() {
                Some((_, 'n')) => out.push('\n'),
                Some((_, other)) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    panic!("a quote is not closed: {text}")
}
