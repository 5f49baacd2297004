//! Findings in the Static Analysis Results Interchange Format, SARIF 2.1.0, as code scanning services read it.
//!
//! Lines and columns count from 1, columns in characters, which `columnKind` says. A rule's page is told in full
//! under `help`, since a `helpUri` would have to be absolute.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use promtier::diagnostic::{Applicability, Code, Severity};
use promtier::text::Span;
use serde::Serialize;

use crate::codes;

use super::{Finding, Source, Sources};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The folder that relative paths start from: where the command was started, which in a pipeline is the top of
/// what was checked out.
const ROOT: &str = "%SRCROOT%";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Report<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_description: Option<Text<'static>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_description: Option<Text<'static>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Text<'static>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_configuration: Option<Configuration>,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Text<'a> {
    text: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text<'a>,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixView<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixView<'a> {
    description: Text<'a>,
    artifact_changes: [ArtifactChange<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    inserted_content: Option<Text<'a>>,
}

/// Prints the findings as one log.
pub(crate) fn write(out: &mut impl Write, sources: &Sources<'_>, findings: &[Finding]) -> io::Result<()> {
    let mut places: BTreeMap<Code, usize> =
        findings.iter().map(|finding| (finding.diagnostic.code, 0)).collect();
    let mut rules = Vec::with_capacity(places.len());
    for (at, (code, place)) in places.iter_mut().enumerate() {
        *place = at;
        rules.push(rule(code.as_str()));
    }
    let results = findings
        .iter()
        .map(|finding| report(sources, finding, places.get(&finding.diagnostic.code).copied().unwrap_or(0)))
        .collect();
    let driver = Driver { name: "promtier", semantic_version: env!("CARGO_PKG_VERSION"), rules };
    let run = Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results };
    serde_json::to_writer(&mut *out, &Log { schema: SCHEMA, version: "2.1.0", runs: [run] })?;
    out.write_all(b"\n")
}

fn rule(id: &'static str) -> Rule {
    let text = |text: &'static str| Text { text: Cow::Borrowed(text) };
    let explained = codes::find(id);
    Rule {
        id,
        short_description: explained.map(|explained| text(explained.title)),
        full_description: explained.map(|explained| text(explained.finds)),
        help: explained.map(|explained| {
            let words = [explained.matters, explained.mend, "Source: "].join("\n\n");
            Text { text: Cow::Owned(words + explained.source) }
        }),
        default_configuration: explained
            .and_then(|explained| explained.severities.first())
            .map(|&severity| Configuration { level: level(severity) }),
    }
}

fn report<'a>(sources: &Sources<'_>, finding: &'a Finding, rule_index: usize) -> Report<'a> {
    let Finding { file, diagnostic } = finding;
    let source = sources.get(*file);
    let mut words = diagnostic.message.clone().into_owned();
    for (word, more) in [("", &diagnostic.because), ("help: ", &diagnostic.help)] {
        if !more.is_empty() {
            words.push('\n');
            words.push_str(word);
            words.push_str(more);
        }
    }
    let related = |label: &'a promtier::diagnostic::Label| Location {
        physical_location: place(sources.get(label.file.unwrap_or(*file)), label.span),
        message: Some(message(&label.message)),
    };
    let fixes = diagnostic.fixes.iter().filter(|fix| fix.applicability != Applicability::DisplayOnly);
    Report {
        rule_id: diagnostic.code.as_str(),
        rule_index,
        level: level(diagnostic.severity),
        message: Text { text: Cow::Owned(message(&words).text.into_owned()) },
        locations: [Location { physical_location: place(source, diagnostic.span), message: None }],
        related_locations: diagnostic.labels.iter().map(related).collect(),
        fixes: fixes
            .filter(|fix| !fix.edits.is_empty())
            .map(|fix| FixView {
                description: message(&fix.title),
                artifact_changes: [ArtifactChange {
                    artifact_location: artifact(&source.path),
                    replacements: fix
                        .edits
                        .iter()
                        .map(|edit| Replacement {
                            deleted_region: region(source, edit.span),
                            inserted_content: (!edit.text.is_empty())
                                .then_some(Text { text: Cow::Borrowed(&edit.text) }),
                        })
                        .collect(),
                }],
            })
            .collect(),
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn place(source: &Source<'_>, span: Span) -> PhysicalLocation {
    PhysicalLocation { artifact_location: artifact(&source.path), region: region(source, span) }
}

fn region(source: &Source<'_>, span: Span) -> Region {
    let (start, end) = (source.place(span.start), source.place(span.end));
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

/// A text as messages spell it (section 3.11): braces, which else hold a placeholder, are doubled, and brackets
/// have a backslash where they would be read as a link.
fn message(text: &str) -> Text<'_> {
    if !text.contains(['{', '}']) && !text.contains("](") {
        return Text { text: Cow::Borrowed(text) };
    }
    let is_link = text.contains("](");
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '{' | '}' => out.push(c),
            '[' | ']' | '\\' if is_link => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    Text { text: Cow::Owned(out) }
}

/// A path as a URI: relative to where the command was started, or of the file itself.
fn artifact(path: &str) -> ArtifactLocation {
    let absolute = path.starts_with('/');
    let mut uri = String::from(if absolute { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(byte.into()),
            byte if byte.is_ascii_alphanumeric() => uri.push(byte.into()),
            byte => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    ArtifactLocation { uri, uri_base_id: (!absolute).then_some(ROOT) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_no_placeholders_and_no_links() {
        let check = |text: &str, expect: &str| assert_eq!(message(text).text, expect);
        check("plain match[] \\d", "plain match[] \\d");
        check("up{job=\"a\"}", "up{{job=\"a\"}}");
        check("{0}", "{{0}}");
        check("[a](1) \\d", "\\[a\\](1) \\\\d");
    }

    #[test]
    fn paths_are_uris() {
        let check = |path: &str, expect: &str, relative: bool| {
            let location = artifact(path);
            assert_eq!((location.uri.as_str(), location.uri_base_id.is_some()), (expect, relative));
        };
        check("ops/leaf-1.yml", "ops/leaf-1.yml", true);
        check("a b:c%é.yml", "a%20b%3Ac%25%C3%A9.yml", true);
        check("/etc/prometheus.yml", "file:///etc/prometheus.yml", false);
        check("../x.yml", "../x.yml", true);
    }
}
