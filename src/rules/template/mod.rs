//! Templates of alerts: the syntax of Go's `text/template`, with the functions that Prometheus adds.
//!
//! Prometheus parses the templates of alerting rules when it loads them and reports the first error; what a
//! template does when it is executed nobody looks at before an alert fires.

mod lex;
mod literal;
mod parse;
#[cfg(test)]
mod tests;

use crate::text::Span;
use crate::version::Version;

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// The line of the template, from 1, that Go names.
    pub line: u32,
    /// Go's words, without the template's name and line.
    pub message: String,
    /// Where it is in the template.
    pub span: Span,
}

/// Checks the template of an alert's label or annotation, as `testTemplateParsing` of
/// `model/rulefmt/rulefmt.go` does: with `$labels`, `$externalLabels`, `$externalURL` and `$value` defined.
/// `name` is what Go calls the template.
///
/// # Errors
/// The first error of Go's parser.
pub fn check(text: &str, name: &str, version: Version) -> Result<(), TemplateError> {
    parse::check(text, name, version)
}

/// The functions of Go's templates.
#[rustfmt::skip] // One item a line would be pages.
const BUILT_IN: &[&str] = &[
    "and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not", "or", "print",
    "printf", "println", "slice", "urlquery",
];

/// Those that Prometheus adds: `NewTemplateExpander` of `template/template.go`.
#[rustfmt::skip] // One item a line would be pages.
const ADDED: &[&str] = &[
    "args", "externalURL", "first", "graphLink", "humanize", "humanize1024", "humanizeDuration",
    "humanizePercentage", "humanizeTimestamp", "label", "match", "parseDuration", "pathPrefix", "query",
    "reReplaceAll", "safeHtml", "sortByLabel", "stripDomain", "stripPort", "strvalue", "tableLink", "title",
    "toLower", "toTime", "toUpper", "value",
];

/// Those that came later, with the release.
const LATER: &[(&str, Version)] = &[
    ("now", Version { major: 3, minor: 6 }),
    ("toDuration", Version { major: 3, minor: 6 }),
    ("urlQueryEscape", Version { major: 3, minor: 8 }),
];

/// The names of all functions that a template may call.
pub fn functions(version: Version) -> impl Iterator<Item = &'static str> {
    let later = LATER.iter().filter(move |(_, since)| version >= *since).map(|(name, _)| *name);
    BUILT_IN.iter().chain(ADDED).copied().chain(later)
}
