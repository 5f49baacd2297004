//! Generated expressions against `promtool check rules`: the same verdict, and the same words in the same place.
//!
//! `PROMTIER_ORACLE_EXPRESSIONS` says how many (4000 a version), `PROMTIER_ORACLE_SEED` seeds them.

use std::collections::BTreeMap;
use std::process::Command;

use promtier::promql::Expr;
use promtier::version::Version;

use crate::config::scalar;
use crate::expression_text;
use crate::random::Random;
use crate::server::{Line, number};

/// How many differences are shown.
const SHOWN: usize = 40;

#[test]
fn judges_expressions_as_promtool_does() {
    for line in [Line::V2, Line::V3] {
        let Some(promtool) = line.promtool("judges_expressions_as_promtool_does") else { continue };
        let count = number("PROMTIER_ORACLE_EXPRESSIONS", 4000);
        let seed = number("PROMTIER_ORACLE_SEED", 1);
        eprintln!("{count} expressions of seed {seed} with promtool {}", line.version());
        let version: Version = line.version().parse().expect("a version that is modelled");
        let mut random = Random::new(seed);
        let texts: Vec<String> = (0..count)
            .map(|_| {
                loop {
                    let text = expression_text::expression(&mut random);
                    if !text.trim().is_empty() {
                        break text;
                    }
                }
            })
            .collect();
        let mut file = String::from("groups:\n- name: g\n  rules:\n");
        for text in &texts {
            file.push_str(&format!("  - record: r\n    expr: {}\n", quoted(text)));
        }
        let path =
            std::env::temp_dir().join(format!("promtier-{}-{}.yml", std::process::id(), line.version()));
        std::fs::write(&path, &file).expect("the rules");
        let output = Command::new(promtool)
            .args(["check", "rules", "--lint=none"])
            .arg(&path)
            .output()
            .expect("promtool starts");
        std::fs::remove_file(&path).expect("the rules are there");
        let said = String::from_utf8_lossy(&output.stderr);
        let mut real: BTreeMap<usize, String> = BTreeMap::new();
        let (mut last, mut crashed) = (0, false);
        for line in said.lines() {
            if let Some((place, error)) = line.split_once(", \"r\": could not parse expression: ") {
                let rule = place.rsplit_once("rule ").and_then(|(_, number)| number.parse::<usize>().ok());
                last = rule.expect("the rule's number");
                real.insert(last, error.to_owned());
            } else if let Some(error) = real.get_mut(&last) {
                // What is wrong with a regular expression may be told on several lines.
                error.push('\n');
                error.push_str(line);
            } else {
                crashed |= line.starts_with("parser panic:");
                let known = crashed || line.trim().is_empty() || line.contains("FAILED");
                assert!(known, "a line that says something else: {line}");
            }
        }
        let mut differences = Vec::new();
        let mut valid = 0;
        for (index, text) in texts.iter().enumerate() {
            let theirs = real.get(&(index + 1)).map_or("", |error| error.trim_end_matches('\n'));
            let parsed = Expr::parse_strict(text, version);
            let ours = parsed.as_ref().err().map(ToString::to_string).unwrap_or_default();
            valid += usize::from(theirs.is_empty());
            // Its parser crashed, and what it had said before is lost: 3.5 counts parentheses wrongly behind an error.
            let lost = theirs == "unexpected error" && !ours.is_empty();
            if ours != theirs && !lost && !ours.ends_with(crate::selectors::OVER_BUDGET) {
                differences.push(format!("{text:?}\n  promtool: {theirs}\n  promtier: {ours}"));
            }
            if let (Ok(expr), true) = (parsed, theirs.is_empty()) {
                let printed = expr.to_string();
                let again = Expr::parse_strict(&printed, version).map(|expr| expr.to_string());
                assert_eq!(again.as_ref(), Ok(&printed), "{text}");
                let normalised = expr.normalised();
                let again = Expr::parse_strict(&normalised, version).map(|expr| expr.normalised());
                assert_eq!(again, Ok(normalised), "{text}");
            }
        }
        eprintln!("{valid} of them are valid");
        assert!(valid * 5 > texts.len(), "too few are valid to tell anything");
        assert!(
            differences.is_empty(),
            "{} of {count} differ on {}:\n{}",
            differences.len(),
            line.version(),
            differences.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n")
        );
    }
}

/// A text as a YAML scalar in double quotes.
fn quoted(text: &str) -> String {
    let plain = scalar(text);
    if plain.starts_with('"') { plain } else { format!("\"{plain}\"") }
}
