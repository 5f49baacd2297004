//! Rule files: groups of recording and alerting rules.
//!
//! [`parse()`] reads a file as Prometheus loads it and tells everything that is wrong with it, in the words of
//! `promtool check rules`; what is wrong with an expression is told where it stands in the file, also inside
//! of folded blocks.

mod decode;
pub mod derive;
mod duplicates;
mod model;
mod read;
pub mod template;
#[cfg(test)]
mod tests;
mod validate;

pub use model::{Expression, Pair, Rule, RuleFile, RuleGroup};

use crate::diagnostic::{Code, Diagnostic, Parsed, Severity};
use crate::labels::ValidationScheme;
use crate::promql::Dialect;
use crate::sort;
use crate::version::Version;
use crate::yaml;

/// A group is not as it should be.
pub const GROUP: Code = Code::new("rules/group");
/// A rule is not as it should be.
pub const RULE: Code = Code::new("rules/rule");
/// A duration is not one.
pub const DURATION: Code = Code::new("rules/duration");
/// A name or a value of a label is not valid.
pub const LABEL: Code = Code::new("rules/label");
/// A template of a label or an annotation is not one.
pub const TEMPLATE: Code = Code::new("rules/template");
/// Two rules make the same series.
pub const DUPLICATE: Code = Code::new("rules/duplicate");

/// How a rule file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The release and its feature flags.
    pub dialect: Dialect,
    /// Which names are valid; releases before 3.0 know only the legacy ones.
    pub names: ValidationScheme,
}

impl From<Version> for Options {
    /// A release without any settings.
    fn from(version: Version) -> Self {
        let names = if version.is_v3() { ValidationScheme::Utf8 } else { ValidationScheme::Legacy };
        Self { dialect: version.into(), names }
    }
}

/// Reads a rule file: its groups, and all that is wrong with it. Prometheus accepts it when there is no
/// finding of severity error (`model/rulefmt/rulefmt.go`, `Parse`).
#[must_use]
pub fn parse(text: &str, options: impl Into<Options>) -> Parsed<RuleFile> {
    let options = options.into();
    let document = yaml::parse(text);
    let mut diagnostics = document.diagnostics;
    let (value, found) = read::read(text, &document.value, options);
    // From the rule on that holds a syntax error the tree is a guess: good enough to look at, not to
    // complain of.
    let sound_end = document.value.broken_at().map(|at| {
        let rules = value.groups.iter().flat_map(|group| &group.rules).map(|rule| rule.span.start);
        let starts = value.groups.iter().map(|group| group.span.start).chain(rules);
        starts.filter(|start| *start <= at).max().unwrap_or(0)
    });
    let sound = |found: &Diagnostic| sound_end.is_none_or(|end| found.span.end <= end);
    diagnostics.extend(found.into_iter().filter(sound));
    let mut more = validate::validate(&value, options);
    more.extend(duplicates::duplicates(&value));
    diagnostics.extend(more.into_iter().filter(sound));
    for found in &mut diagnostics {
        if found.because.is_empty() && found.severity == Severity::Error {
            found.because = "Prometheus does not start with it; on a reload it keeps what it had".into();
        }
    }
    sort::sort_by_key(&mut diagnostics, |found| found.span.start);
    Parsed { value, diagnostics }
}
