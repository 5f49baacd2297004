//! Findings for programs, version 1.
//!
//! Lines and columns count from 1, columns in characters; `start` and `end` of an edit are byte offsets. What
//! a finding does not have is `null`.

use std::io::{self, Write};

use promtier::diagnostic::Applicability;
use serde::Serialize;

use super::{Finding, Sources};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<FindingView<'a>>,
}

#[derive(Serialize)]
struct FindingView<'a> {
    path: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    because: Option<&'a str>,
    help: Option<&'a str>,
    /// A rule's page; no rule has one yet.
    url: Option<&'a str>,
    fixes: Vec<FixView<'a>>,
}

#[derive(Serialize)]
struct FixView<'a> {
    title: &'a str,
    applicability: &'static str,
    edits: Vec<EditView<'a>>,
}

#[derive(Serialize)]
struct EditView<'a> {
    path: &'a str,
    start: u32,
    end: u32,
    text: &'a str,
}

/// Prints the findings as one document.
pub(crate) fn write(out: &mut impl Write, sources: &Sources<'_>, findings: &[Finding]) -> io::Result<()> {
    let findings = findings
        .iter()
        .map(|Finding { file, diagnostic }| {
            let source = sources.get(*file);
            let path = source.path.as_str();
            let start = source.place(diagnostic.span.start);
            let end = source.place(diagnostic.span.end);
            let fixes = diagnostic.fixes.iter().map(|fix| FixView {
                title: &fix.title,
                applicability: applicability(fix.applicability),
                edits: fix
                    .edits
                    .iter()
                    .map(|edit| EditView {
                        path,
                        start: edit.span.start,
                        end: edit.span.end,
                        text: &edit.text,
                    })
                    .collect(),
            });
            FindingView {
                path,
                line: start.line,
                column: start.column,
                end_line: end.line,
                end_column: end.column,
                severity: diagnostic.severity.as_str(),
                code: diagnostic.code.as_str(),
                message: &diagnostic.message,
                because: some(&diagnostic.because),
                help: some(&diagnostic.help),
                url: None,
                fixes: fixes.collect(),
            }
        })
        .collect();
    serde_json::to_writer(&mut *out, &Document { version: 1, findings })?;
    out.write_all(b"\n")
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn applicability(of: Applicability) -> &'static str {
    match of {
        Applicability::Safe => "safe",
        Applicability::Unsafe => "unsafe",
        Applicability::DisplayOnly => "display-only",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_the_documented_shape() {
        let (sources, findings) = super::super::tests::example();
        let mut out = Vec::new();
        write(&mut out, &sources, &findings).expect("memory takes it");
        insta::assert_snapshot!(String::from_utf8(out).expect("text"), @r#"{"version":1,"findings":[{"path":"conf/a,b:c.yml","line":2,"column":20,"end_line":2,"end_column":22,"severity":"error","code":"prometheus/invalid-duration","message":"not a valid duration string: \"15\"","because":"Prometheus refuses to start, 100% of the time:\nreally","help":"give a unit","url":null,"fixes":[{"title":"Write `15s`","applicability":"safe","edits":[{"path":"conf/a,b:c.yml","start":30,"end":30,"text":"s"}]}]},{"path":"conf/a,b:c.yml","line":3,"column":3,"end_line":3,"end_column":5,"severity":"warning","code":"prometheus/odd","message":"odd","because":null,"help":null,"url":null,"fixes":[]}]}"#);
    }
}
