//! Annotations of a GitHub workflow: `::error file=…,line=…::message`.
//!
//! Escaping is that of GitHub's own toolkit (`actions/toolkit`, `packages/core/src/command.ts`).

use std::io::{self, Write};

use promtier::diagnostic::Severity;

use super::{Finding, Sources};

/// Prints the findings.
pub(crate) fn write(out: &mut impl Write, sources: &Sources<'_>, findings: &[Finding]) -> io::Result<()> {
    for Finding { file, diagnostic } in findings {
        let source = sources.get(*file);
        let start = source.place(diagnostic.span.start);
        let end = source.place(diagnostic.span.end);
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        write!(out, "::{command} file={},line={}", property(&source.path), start.line)?;
        // GitHub takes columns only where they lie on one line.
        if end.line == start.line {
            write!(out, ",endLine={},col={},endColumn={}", end.line, start.column, end.column)?;
        } else {
            write!(out, ",endLine={}", end.line)?;
        }
        let mut message = diagnostic.message.clone().into_owned();
        for (word, more) in [("", &diagnostic.because), ("help: ", &diagnostic.help)] {
            if !more.is_empty() {
                message.push('\n');
                message.push_str(word);
                message.push_str(more);
            }
        }
        writeln!(out, ",title={}::{}", property(diagnostic.code.as_str()), data(&message))?;
    }
    Ok(())
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_escaped_annotations() {
        let (sources, findings) = super::super::tests::example();
        let mut out = Vec::new();
        write(&mut out, &sources, &findings).expect("memory takes it");
        insta::assert_snapshot!(String::from_utf8(out).expect("text"), @r#"
        ::error file=conf/a%2Cb%3Ac.yml,line=2,endLine=2,col=20,endColumn=22,title=prometheus/invalid-duration::not a valid duration string: "15"%0APrometheus refuses to start, 100%25 of the time:%0Areally%0Ahelp: give a unit
        ::warning file=conf/a%2Cb%3Ac.yml,line=3,endLine=3,col=3,endColumn=5,title=prometheus/odd::odd
        "#);
    }
}
