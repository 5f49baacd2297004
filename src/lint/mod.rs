//! The rules that look over a whole workspace.
//!
//! Each rule is a file of its own below `rules/`, by the family and the fault of its code. The comment at its head
//! is its documentation, in fixed headings; `docs/checks/` and `promtier explain` are made of it, and the
//! workspaces under *Example* and *Instead* are its tests: the first has this finding and no other, the second
//! has none.
//!
//! [`findings`] is all that is known of a workspace with its preview, without what comments in it allow.

mod expectations;
mod federated;
mod rules;
mod suppression;
#[cfg(test)]
mod tests;

pub use expectations::{Asserted, UnwritableExpectation, write_expectation};

use crate::diagnostic::Diagnostic;
use crate::federation::{self, Preview};
use crate::text::FileId;
use crate::workspace::{Finding, sort_findings};

/// What a rule finds, and in which file.
type Found = Vec<(FileId, Diagnostic)>;

/// All findings of a workspace and its preview, ordered by file and place: those of single files, those of what
/// is pulled, those of the rules, and what the manifest expects in vain. What a comment `# promtier: allow CODE REASON` allows is left out, and
/// such comments that allow nothing are findings themselves.
#[must_use]
pub fn findings(preview: &Preview) -> Vec<Finding> {
    let mut found = preview.workspace.findings.clone();
    found.extend(federation::findings(preview));
    let mut of_rules = Found::new();
    let jobs = rules::federation::jobs(preview);
    // A job's own version need not be able to read its selectors: the servers that are asked must.
    let read = rules::federation::read_by_all(&jobs);
    found.retain(|finding| !rules::federation::is_within(&read, finding));
    for job in &jobs {
        for check in rules::federation::JOB_RULES {
            check(job, &mut of_rules);
        }
    }
    for check in rules::federation::WORKSPACE_RULES {
        check(preview, &mut of_rules);
    }
    expectations::check(preview, &mut of_rules);
    let sets = rules::replicas::sets(preview);
    for set in &sets {
        for check in rules::replicas::SET_RULES {
            check(set, &mut of_rules);
        }
    }
    for check in rules::replicas::WORKSPACE_RULES {
        check(&sets, &mut of_rules);
    }
    for check in rules::replicas::NODE_RULES {
        check(preview, &mut of_rules);
    }
    for (file, diagnostic) in of_rules {
        let finding = Finding::new(file, diagnostic);
        // Nodes may share a configuration.
        if !found.contains(&finding) {
            found.push(finding);
        }
    }
    suppression::apply(&preview.workspace, &mut found);
    sort_findings(&mut found);
    found
}
