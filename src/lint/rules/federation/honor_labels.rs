//! A federation job without `honor_labels`
//!
//! # What it finds
//! A job asks `/federate`, and `honor_labels` is not `true`; nothing in its `metric_relabel_configs` looks at the
//! labels that are renamed for it.
//!
//! # Why it matters
//! The target's `job` and `instance` take the place of those of the series, which become `exported_job` and
//! `exported_instance`. No query, rule or dashboard of the lower servers works on the upper one.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! up{job="shop",instance="a:1"} 1
//! ```
//!
//! # Instead
//! Set `honor_labels: true`.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! up{job="shop",instance="a:1"} 1
//! ```
//!
//! # Source
//! scrape/target.go and scrape/scrape.go, `mutateSampleLabels`

use super::FederationJob;
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::federation::{Pull, PullOutcome};
use crate::lint::Found;
use crate::text::{Span, TextEdit};

const CODE: Code = Code::new("federation/honor-labels");

/// The prefix of labels that a target's own have pushed aside.
const EXPORTED: &str = "exported_";

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    if job.config.honor_labels || expects_renaming(job) {
        return;
    }
    // Something of what arrives must be renamed, where that is known.
    let renames = |(pull, outcome): &(&Pull, &PullOutcome)| {
        outcome.selected.iter().any(|selected| {
            selected.rows.iter().any(|row| {
                let labels = outcome.source.label_set(row);
                pull.labels.iter().any(|(name, _)| labels.get(name).is_some_and(|value| !value.is_empty()))
            })
        })
    };
    // Where it is not, whatever a selector asks such a label of has it.
    let asks = |(pull, _): &(&Pull, &PullOutcome)| {
        pull.selectors.iter().filter_map(|selector| selector.parsed.as_ref().ok()).flatten().any(|matcher| {
            !matcher.matches_empty()
                && pull.labels.iter().any(|(name, _)| matcher.matcher().name.as_slice() == name.as_bytes())
        })
    };
    if !job.pulls.iter().any(|pull| asks(pull) || renames(pull)) {
        return;
    }
    let scrape = job.config.source;
    let name = job.config.job_name;
    let message = format!("job `{name}` federates without `honor_labels: true`");
    let because = "the target's own labels take the place of those of the series, which become `exported_job`, `exported_instance`: queries of the lower servers find nothing here";
    let (span, edit) = match &scrape.honor_labels {
        Some(written) => (written.span, Some(TextEdit { span: written.span, text: "true".to_owned() })),
        None => {
            let text = job.preview.workspace.file(job.file).text.as_deref();
            (
                scrape.name_span(),
                text.and_then(|text| behind_name(text, scrape.name_span(), "honor_labels: true")),
            )
        }
    };
    let diagnostic = Diagnostic::error(CODE, span, message).because(because).help("set `honor_labels: true`");
    let current = !job.preview.workspace.file(job.file).from_last_valid;
    found.push((
        job.file,
        match edit.filter(|_| current) {
            Some(edit) => diagnostic.fix(Fix::unsafe_fix("Set `honor_labels` to `true`", vec![edit])),
            None => diagnostic,
        },
    ));
}

/// Whether rules of the job look at what is renamed, so that it is meant.
fn expects_renaming(job: &FederationJob<'_>) -> bool {
    job.config.metric_relabel_configs().iter().any(|rule| {
        let sources = rule.source_labels.iter().flatten();
        sources.chain(&rule.regex).any(|text| text.contains(EXPORTED))
    })
}

/// The edit that writes a key below the job's name, where that stands on a line of its own.
pub(super) fn behind_name(text: &str, name: Span, key: &str) -> Option<TextEdit> {
    let start = text.get(..name.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..)?.split('\n').next()?;
    let bare = line.trim_end_matches('\r');
    let column = line.len() - line.trim_start_matches([' ', '-']).len();
    let inside = (name.end as usize).checked_sub(start)?;
    let value = line.get(column..)?.strip_prefix("job_name: ")?.trim_start();
    let behind = bare.get(inside..)?.trim_start_matches(['"', '\'']);
    let plain = !value.starts_with(['&', '*', '!', '|', '>', '{', '[']);
    if !plain || !(behind.trim().is_empty() || behind.starts_with(" #")) {
        return None;
    }
    let end = if bare.len() < line.len() { "\r\n" } else { "\n" };
    let edit = format!("{end}{:column$}{key}", "");
    Some(TextEdit { span: Span::at((start + bare.len()) as u32), text: edit })
}
