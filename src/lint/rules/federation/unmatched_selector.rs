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

use super::{FederationJob, Written, rewritten};
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::federation::{NearMisses, Peer};
use crate::labels::METRIC_NAME;
use crate::lint::Found;
use crate::series::CompiledMatcher;

const CODE: Code = Code::new("federation/unmatched-selector");

/// Names that come and go with alerts.
const ALERTS: [&str; 2] = ["ALERTS", "ALERTS_FOR_STATE"];

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    if !job.knows_sources || job.pulls.iter().any(|(_, outcome)| outcome.source.is_empty()) {
        return;
    }
    for written in job.selectors() {
        let selector = written.selector;
        let Ok(matchers) = &selector.parsed else { continue };
        let of_pulls = || written.sent.iter().map(|(_, outcome, at)| outcome.selected.get(*at));
        let selects = of_pulls().any(|one| one.is_none_or(|one| one.matched > 0 || !one.rows.is_empty()));
        let explained =
            found.iter().any(|(file, found)| (*file, found.span) == (selector.file, selector.span));
        if selects || explained || matchers.is_empty() || may_be_recorded(job, &written, matchers) {
            continue;
        }
        let known: usize = written.sent.iter().map(|(_, outcome, _)| outcome.source.len()).sum();
        let message = format!("`{}` selects none of the {known} series that are known", selector.text);
        let near = NearMisses::merged(of_pulls().flatten().filter_map(|one| one.near.as_deref()));
        let source = job.pulls.first().and_then(|(pull, _)| match pull.peer {
            Peer::Federate(source) => job.preview.workspace.nodes.get(source),
            _ => None,
        });
        let meant =
            near.as_ref().zip(source).and_then(|(near, source)| near.meant(&selector.text, source.version));
        let diagnostic = match &meant {
            Some(_) => Diagnostic::warning(CODE, selector.span, message),
            None => Diagnostic::info(CODE, selector.span, message),
        };
        let diagnostic = diagnostic
            .because("/federate answers 200 all the same: `up` is 1, and nothing arrives for this selector");
        let help = match near {
            Some(near) => near.to_string(),
            None => "if the samples hold all there is, correct the selector or remove it".to_owned(),
        };
        let diagnostic = diagnostic.help(help);
        let edit = meant.as_deref().and_then(|meant| {
            let edit = rewritten(job.preview, selector, meant)?;
            Some(Fix::unsafe_fix(format!("Select `{meant}`"), vec![edit]))
        });
        found.push((
            selector.file,
            match edit {
                Some(fix) => diagnostic.fix(fix),
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
