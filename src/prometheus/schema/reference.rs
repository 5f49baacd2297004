//! The schema as a document: `docs/reference.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::version::Version;

use super::{CONFIG, Choice, Key, Kind, Section};

/// `docs/reference.md`: every section, and every key with its type, default and versions.
#[must_use]
pub fn reference() -> String {
    let mut out = String::from(
        "# Prometheus' configuration\n\n\
         Every key that promtier knows, from the table by which it reads configurations. \
         *Since* and *until* are the first release with the key and the first without; \
         where nothing is said, all releases from 2.42 on have it.\n",
    );
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut next = vec![&CONFIG];
    while let Some(section) = next.pop() {
        // The same section may have more than one Go type.
        if !seen.insert((section.name, section.words)) {
            continue;
        }
        describe(section, &mut out);
        let mut inside: Vec<&'static Section> = section.inline.to_vec();
        inside.extend(section.keys.iter().filter_map(|key| section_of(key.kind)));
        next.extend(inside.into_iter().rev());
    }
    out
}

/// The section that a value holds, if only in a list.
fn section_of(kind: Kind) -> Option<&'static Section> {
    match kind {
        Kind::Section(section) | Kind::Optional(section) => Some(section),
        Kind::List(list) => section_of(list.item),
        Kind::Map(map) => section_of(map.value),
        _ => None,
    }
}

fn describe(section: &'static Section, out: &mut String) {
    let _ = write!(out, "\n## {}\n\n{} [Documentation]({})\n", section.name, section.words, section.url());
    for inline in section.inline {
        let _ = write!(out, "\nThe keys of {} stand here too.\n", link(inline));
    }
    if section.keys.is_empty() {
        return;
    }
    out.push_str("\n| key | type | default | since, until | |\n| --- | --- | --- | --- | --- |\n");
    for key in section.keys {
        let default = if key.default.is_empty() { String::new() } else { format!("`{}`", key.default) };
        let _ = writeln!(
            out,
            "| `{}` | {} | {default} | {} | {} |",
            key.name,
            type_of(key.kind),
            versions(key),
            key.words
        );
    }
}

fn link(section: &Section) -> String {
    format!("[{0}](#{0})", section.name)
}

fn versions(key: &Key) -> String {
    let since = if key.since > Version::V2_42 { key.since.to_string() } else { String::new() };
    match key.until {
        Some(until) => format!("{since} until {until}").trim().to_owned(),
        None => since,
    }
}

/// A type in words, as `docs/reference.md` has it: sections as links, words in backticks.
#[must_use]
pub fn type_of(kind: Kind) -> String {
    let words = |choice: &Choice| {
        let words: Vec<String> = choice
            .values
            .iter()
            .map(|word| {
                let mut text = format!("`{}`", word.text);
                if word.since > Version::V2_42 {
                    let _ = write!(text, " (since {})", word.since);
                }
                if let Some(until) = word.until {
                    let _ = write!(text, " (until {until})");
                }
                text
            })
            .collect();
        words.join(", ")
    };
    match kind {
        Kind::Bool | Kind::OptionalBool => "true or false".to_owned(),
        Kind::Int | Kind::Int64 => "whole number".to_owned(),
        Kind::Uint | Kind::Uint64 => "whole number from 0".to_owned(),
        Kind::Float => "number".to_owned(),
        Kind::Text => "text".to_owned(),
        Kind::Secret => "secret".to_owned(),
        Kind::File => "file".to_owned(),
        Kind::Duration => "duration".to_owned(),
        Kind::Size => "size".to_owned(),
        Kind::Url | Kind::RequiredUrl => "URL".to_owned(),
        Kind::Regex => "regular expression".to_owned(),
        Kind::LabelName => "label name".to_owned(),
        Kind::Enum(choice) => words(choice),
        Kind::List(list) => format!("list of {}", type_of(list.item)),
        Kind::Map(map) => format!("mapping to {}", type_of(map.value)),
        Kind::Section(section) | Kind::Optional(section) => link(section),
        Kind::Any => "anything".to_owned(),
    }
}
