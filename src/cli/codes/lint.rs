//! Codes of the rules that look over a workspace. Their texts are those at the heads of the rules' files.

use std::sync::LazyLock;

use promtier::diagnostic::Severity;

use super::document::Document;
use super::{ERROR, ERROR_OR_WARNING, Explained, INFO, WARNING, WARNING_OR_INFO};

// The codes of the rules and the texts of their files, as build.rs found them.
include!(concat!(env!("OUT_DIR"), "/rules.rs"));

pub(super) static RULES: LazyLock<Vec<Explained>> = LazyLock::new(|| {
    let explained = |&(code, source): &(&'static str, &str)| {
        let document = Document::read(source);
        Explained {
            code,
            severities: severities(source),
            title: document.title.clone().leak(),
            finds: document.words("What it finds").leak(),
            matters: document.words("Why it matters").leak(),
            mend: document.words("Instead").leak(),
            source: document.words("Source").leak(),
        }
    };
    RULE_FILES.iter().map(explained).collect()
});

/// The severities with which a rule's file reports.
fn severities(source: &str) -> &'static [Severity] {
    let reports = |severity: &str| source.contains(&format!("Diagnostic::{severity}("));
    match (reports("error"), reports("warning"), reports("info")) {
        (true, true, _) => ERROR_OR_WARNING,
        (true, ..) => ERROR,
        (_, true, true) => WARNING_OR_INFO,
        (_, true, _) => WARNING,
        _ => INFO,
    }
}

pub(super) const SUPPRESSIONS: &[Explained] = &[
    Explained {
        code: "lint/unused-suppression",
        severities: WARNING,
        title: "A comment that allows nothing",
        finds: "A comment `# promtier: allow CODE REASON` stands where there is no finding of that code, or names a code that cannot be allowed: only findings about federation and about replicas can.",
        matters: "What allows nothing today may hide a fault tomorrow.",
        mend: "Remove the comment, or put it on the line above the one that the finding marks.",
        source: "promtier, src/lint/suppression.rs",
    },
    Explained {
        code: "lint/suppression-without-reason",
        severities: WARNING,
        title: "A comment that allows a finding without a reason",
        finds: "A comment `# promtier: allow CODE` says nothing behind the code.",
        matters: "Whoever reads it later cannot tell whether it still holds. It allows nothing.",
        mend: "Write the reason behind the code: `# promtier: allow federation/unbounded-selector the lab has ten series`.",
        source: "promtier, src/lint/suppression.rs",
    },
];
