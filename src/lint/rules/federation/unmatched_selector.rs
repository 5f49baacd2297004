//! A selector that selects none of the known series
//!
//! # What it finds
//! A `match[]` selects nothing on any of the servers that are asked, although their series are in the workspace,
//! and no recording rule of the workspace makes a series of such a name.
//!
//! # Why it matters
//! Nothing says so: `/federate` answers `200 OK`, and `up` is 1. It is a warning where one matcher alone is at
//! fault and its value is close to one that there is; otherwise the samples may just be too few to tell.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shpo"}']
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
//! Write the value as the series have it, or remove the selector.
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
//! web/federate.go, federation

use std::collections::BTreeSet;

use super::{FederationJob, Written};
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::labels::{METRIC_NAME, MatchOp};
use crate::lint::Found;
use crate::series::{Bitset, CompiledMatcher};
use crate::text::{Span, TextEdit};
use crate::yaml::closest;

const CODE: Code = Code::new("federation/unmatched-selector");

/// Names that come and go with alerts.
const ALERTS: [&str; 2] = ["ALERTS", "ALERTS_FOR_STATE"];

/// How many values of one label are compared with the one that is written.
const MOST_VALUES: usize = 2000;

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    if !job.knows_sources || job.pulls.iter().any(|(_, outcome)| outcome.source.is_empty()) {
        return;
    }
    for written in job.selectors() {
        let selector = written.selector;
        let Ok(matchers) = &selector.parsed else { continue };
        let selects = written.sent.iter().any(|(_, outcome, at)| {
            outcome.selected.get(*at).is_none_or(|selected| selected.matched > 0 || !selected.rows.is_empty())
        });
        let explained =
            found.iter().any(|(file, found)| (*file, found.span) == (selector.file, selector.span));
        if selects || explained || matchers.is_empty() || may_be_recorded(job, &written, matchers) {
            continue;
        }
        let known: usize = written.sent.iter().map(|(_, outcome, _)| outcome.source.len()).sum();
        let message = format!("`{}` selects none of the {known} series that are known", selector.text);
        let because = "/federate answers 200 all the same: `up` is 1, and nothing arrives for this selector";
        let Some((matcher, near)) = near_miss(&written, matchers) else {
            let diagnostic = Diagnostic::info(CODE, selector.span, message)
                .because(because)
                .help("if the samples hold all there is, correct the selector or remove it");
            found.push((selector.file, diagnostic));
            continue;
        };
        let (name, value) = (&matcher.matcher().name, &matcher.matcher().value);
        let help = format!("no series has `{name}=\"{value}\"` with the rest; the closest value is `{near}`");
        let diagnostic = Diagnostic::warning(CODE, selector.span, message).because(because).help(help);
        let file = job.preview.workspace.file(selector.file);
        let text = file.text.as_deref().filter(|_| !file.from_last_valid);
        let edit = std::str::from_utf8(value).ok().zip(text);
        let edit = edit.and_then(|(value, text)| replacing(text, selector.span, value, &near));
        found.push((
            selector.file,
            match edit {
                Some(edit) => diagnostic.fix(Fix::unsafe_fix(format!("Select `{near}`"), vec![edit])),
                None => diagnostic,
            },
        ));
    }
}

/// Whether a rule may make what is selected: an alert, or a recording rule whose series are not among the known.
fn may_be_recorded(job: &FederationJob<'_>, written: &Written<'_>, matchers: &[CompiledMatcher]) -> bool {
    let of_name: Vec<&CompiledMatcher> =
        matchers.iter().filter(|matcher| matcher.matcher().name == METRIC_NAME).collect();
    let accepts = |name: &str| of_name.iter().all(|matcher| matcher.matches(name));
    if !of_name.is_empty() && ALERTS.into_iter().any(accepts) {
        return true;
    }
    let groups = job.preview.workspace.nodes.iter().flat_map(|node| &node.rules);
    let rules = groups.flat_map(|file| &file.rules.value.groups).flat_map(|group| &group.rules);
    let mut records = rules.filter_map(|rule| rule.record.as_ref()).map(|record| record.value.as_str());
    let is_known = |name: &str| {
        written.sent.iter().all(|(_, outcome, _)| {
            let store = &outcome.source;
            store.shapes().filter_map(|shape| shape.column(METRIC_NAME)).any(|column| {
                let id = column.values.find(name.as_bytes());
                id.is_some_and(|id| column.ids.iter().any(|have| have == id))
            })
        })
    };
    records.any(|name| accepts(name) && !is_known(name))
}

/// The one matcher without which something is selected, and the value that is closest to its own among what
/// the others select.
fn near_miss<'m>(
    written: &Written<'_>,
    matchers: &'m [CompiledMatcher],
) -> Option<(&'m CompiledMatcher, String)> {
    for (at, matcher) in matchers.iter().enumerate() {
        let wanted = matcher.matcher();
        let Ok(name) = std::str::from_utf8(&wanted.name) else { continue };
        let Ok(value) = std::str::from_utf8(&wanted.value) else { continue };
        if wanted.op != MatchOp::Equal || value.is_empty() {
            continue;
        }
        let mut others = matchers.to_vec();
        others.remove(at);
        let mut values = BTreeSet::new();
        for (_, outcome, _) in &written.sent {
            let store = &outcome.source;
            let rows = match others.as_slice() {
                [] => Bitset::full(store.len()),
                others => store.select(others).ok()?,
            };
            for shape in store.shapes() {
                let Some(column) = shape.column(name) else { continue };
                let mut seen = vec![false; column.values.len()];
                for row in rows.iter_in(shape.rows()) {
                    if let Some(seen) = seen.get_mut(column.id(row) as usize) {
                        *seen = true;
                    }
                }
                let seen = column.values.iter().zip(seen).filter(|(_, seen)| *seen).map(|(have, _)| have);
                let alike = |have: &&str| have.len().abs_diff(value.len()) <= (value.len() / 3).max(1);
                values.extend(seen.filter(alike).take(MOST_VALUES));
            }
        }
        if let Some(near) = closest(value, values) {
            return Some((matcher, near.to_owned()));
        }
    }
    None
}

/// The edit that writes another value in a selector, where the value stands in it once and needs no escapes.
fn replacing(text: &str, selector: Span, value: &str, near: &str) -> Option<TextEdit> {
    let written = text.get(selector.start as usize..selector.end as usize)?;
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:/".contains(c));
    let mut places = written.match_indices(value).map(|(at, _)| selector.start + at as u32);
    let (first, second) = (places.next()?, places.next());
    let span = Span::new(first, first + value.len() as u32);
    (second.is_none() && plain(value) && plain(near)).then(|| TextEdit { span, text: near.to_owned() })
}
