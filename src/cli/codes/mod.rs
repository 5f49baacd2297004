//! What every code of a finding means: the texts of `promtier explain`. They are the command's alone, so that the
//! page need not fetch them.

mod config;
mod document;
mod expect;
mod files;
mod lint;
mod rules;
mod series;
#[cfg(test)]
mod tests;

use promtier::diagnostic::Severity;

/// What one code means.
#[derive(Debug)]
pub(crate) struct Explained {
    /// The code, as findings show it.
    pub(crate) code: &'static str,
    /// The severities with which it is reported, the worst first.
    pub(crate) severities: &'static [Severity],
    /// In a few words, for a list.
    pub(crate) title: &'static str,
    /// What is found.
    pub(crate) finds: &'static str,
    /// Why it matters.
    pub(crate) matters: &'static str,
    /// What to do.
    pub(crate) mend: &'static str,
    /// Where the rule comes from: a place in the real program's source, or promtier itself.
    pub(crate) source: &'static str,
}

const ERROR: &[Severity] = &[Severity::Error];
const WARNING: &[Severity] = &[Severity::Warning];
const INFO: &[Severity] = &[Severity::Info];
const ERROR_OR_WARNING: &[Severity] = &[Severity::Error, Severity::Warning];
const WARNING_OR_INFO: &[Severity] = &[Severity::Warning, Severity::Info];

/// All codes, by family.
pub(crate) fn all() -> impl Iterator<Item = &'static Explained> + Clone {
    [files::YAML, config::CONFIG, files::DISCOVERY, files::WORKSPACE, rules::RULES, rules::PROMQL]
        .into_iter()
        .chain([series::SELECTOR, series::FEDERATION, series::EXPOSITION, series::ENGINE, expect::EXPECT])
        .chain([lint::RULES.as_slice(), lint::SUPPRESSIONS])
        .flatten()
}

/// The code of that name.
pub(crate) fn find(code: &str) -> Option<&'static Explained> {
    all().find(|explained| explained.code == code)
}

/// The code that is most likely meant by a name that none has; what stands behind the `/` is enough.
pub(crate) fn closest(given: &str) -> Option<&'static str> {
    let fault = |code: &'static str| code.split_once('/').map_or(code, |(_, fault)| fault);
    let same = all().find(|explained| fault(explained.code) == given).map(|explained| explained.code);
    let near = || promtier::yaml::closest(given, all().map(|explained| explained.code));
    let near_fault = || {
        let fault_of_given = given.split_once('/').map_or(given, |(_, fault)| fault);
        let near = promtier::yaml::closest(fault_of_given, all().map(|explained| fault(explained.code)))?;
        all().find(|explained| fault(explained.code) == near).map(|explained| explained.code)
    };
    let code = same.or_else(near).or_else(near_fault)?;
    find(code).map(|explained| explained.code)
}
