//! Comments that allow a finding: `# promtier: allow federation/unbounded-selector the lab has ten series`.
//!
//! A comment on a line of its own is about the next line that says something, one behind a value about its own
//! line. Only findings about federation and about replicas can be allowed: Prometheus asks nobody before it refuses a file.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::text::{FileId, Span};
use crate::workspace::{FileKind, Finding, Workspace};
use crate::yaml;

const UNUSED: Code = Code::new("lint/unused-suppression");
const NO_REASON: Code = Code::new("lint/suppression-without-reason");

const MARK: &str = "promtier: allow";
/// The families of the rules.
const FAMILIES: [&str; 2] = ["federation/", "replicas/"];

/// Whether a code is one that a comment can allow.
fn can_be_allowed(code: &str) -> bool {
    FAMILIES.iter().any(|family| code.starts_with(family))
}

/// A comment that allows something.
struct Suppression {
    file: FileId,
    span: Span,
    code: String,
    has_reason: bool,
    /// The bytes of the line that it is about.
    line: Span,
}

/// Takes out of `found` what comments allow, and adds what is wrong with the comments.
pub(super) fn apply(workspace: &Workspace, found: &mut Vec<Finding>) {
    for (number, file) in (0..).zip(&workspace.files) {
        let Some(text) = file.text.as_deref() else { continue };
        if matches!(file.kind, FileKind::Samples | FileKind::Other) || !text.contains(MARK) {
            continue;
        }
        for suppression in suppressions(FileId(number), text) {
            resolve(&suppression, file.from_last_valid, found);
        }
    }
}

fn resolve(suppression: &Suppression, from_last_valid: bool, found: &mut Vec<Finding>) {
    let Suppression { file, span, code, has_reason, line } = suppression;
    if !has_reason {
        found.push(Finding::new(
            *file,
            Diagnostic::warning(NO_REASON, *span, "this comment allows a finding without saying why")
                .because(
                    "whoever reads it later cannot tell whether it still holds, so that nothing is allowed",
                )
                .help("write the reason behind the code: `# promtier: allow CODE REASON`"),
        ));
        return;
    }
    let before = found.len();
    found.retain(|finding| {
        let at = finding.diagnostic.span.start;
        let allowed = finding.file == *file
            && can_be_allowed(code)
            && finding.diagnostic.code.as_str() == code
            && (line.start..=line.end).contains(&at);
        !allowed
    });
    // What a broken file would lead to is not known.
    let broken = from_last_valid
        || found.iter().any(|finding| {
            finding.file == *file
                && finding.diagnostic.severity == Severity::Error
                && !can_be_allowed(finding.diagnostic.code.as_str())
        });
    if found.len() == before && !broken {
        let message = format!("there is no `{code}` here to allow");
        found.push(Finding::new(
            *file,
            Diagnostic::warning(UNUSED, *span, message)
                .because("a comment that allows nothing today may hide a fault tomorrow")
                .help("remove the comment, or put it on the line above the finding"),
        ));
    }
}

/// The comments of `text` that allow something.
fn suppressions(file: FileId, text: &str) -> Vec<Suppression> {
    let document = yaml::parse(text).value;
    let read = |comment: &yaml::Comment| {
        let rest = comment.text.trim().strip_prefix(MARK)?;
        let (code, reason) = rest.trim_start().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
        let code = code.trim_end_matches(':').to_owned();
        let has_reason = reason.chars().any(char::is_alphanumeric);
        let line = line_of(text, comment.span);
        Some(Suppression { file, span: comment.span, code, has_reason, line })
    };
    document.comments().iter().filter_map(read).collect()
}

/// The line that a comment at `span` is about, without its end.
fn line_of(text: &str, span: Span) -> Span {
    let start = text.get(..span.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let own = text.get(start..span.start as usize).unwrap_or_default();
    if !own.trim().is_empty() {
        return Span::new(start as u32, span.start);
    }
    let mut at = start;
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        let bare = line.trim();
        if !bare.is_empty() && !bare.starts_with('#') {
            return Span::new(at as u32, (at + line.trim_end().len()) as u32);
        }
        at += line.len();
    }
    Span::at(text.len() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_about_its_line_or_the_next() {
        let check = |text: &str, expect: &[(&str, bool, &str)]| {
            let found = suppressions(FileId(0), text);
            let got: Vec<(&str, bool, &str)> =
                found.iter().map(|it| (it.code.as_str(), it.has_reason, &text[it.line.range()])).collect();
            assert_eq!(got, expect, "{text}");
        };
        check("a: 1 # promtier: allow x/y why\n", &[("x/y", true, "a: 1 ")]);
        check("# promtier: allow x/y: why\n\n# more\n- a: 1\n", &[("x/y", true, "- a: 1")]);
        check("# promtier: allow x/y\na: 1\n", &[("x/y", false, "a: 1")]);
        check("# promtier: allow x/y --\na: 1\n", &[("x/y", false, "a: 1")]);
        check("# promtier: allow x/y why", &[("x/y", true, "")]);
        check("# promtier: allow", &[("", false, "")]);
        check("a: '# promtier: allow x/y why'\n", &[]);
    }
}
