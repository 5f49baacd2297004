//! A matcher on an external label of the server that is asked
//!
//! # What it finds
//! A `match[]` asks for a label that the asked server has in its `external_labels`, and that none of its
//! series, targets or rules of relabelling has; or it excludes a value of such a label.
//!
//! # Why it matters
//! `/federate` selects first and adds the external labels afterwards. To the selector the series have no such
//! label: `{region="eu"}` selects nothing, although everything that arrives has `region="eu"`, and `{region!="eu"}`
//! selects it all. The latter is a warning.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{region="eu",job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! global:
//!   external_labels:
//!     region: eu
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! up{job="shop",instance="a:1"} 1
//! ```
//!
//! # Instead
//! Select by labels of the series; which server is asked is said by the targets.
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
//! global:
//!   external_labels:
//!     region: eu
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! up{job="shop",instance="a:1"} 1
//! ```
//!
//! # Source
//! web/federate.go, federation

use super::{FederationJob, rewritten};
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::federation::{Peer, Pull, PullSelector};
use crate::lint::Found;
use crate::selector::Selector;
use crate::series::CompiledMatcher;
use crate::text::TextEdit;

const CODE: Code = Code::new("federation/external-label-matcher");

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    let asked: Vec<usize> = job
        .pulls
        .iter()
        .filter_map(|(pull, _)| if let Peer::Federate(source) = pull.peer { Some(source) } else { None })
        .collect();
    // Of several sources, one may well have the label on its series.
    if asked.len() != job.pulls.len() {
        return;
    }
    let Some((pull, _)) = job.pulls.first() else { return };
    for (at, selector) in pull.selectors.iter().enumerate() {
        let Ok(matchers) = &selector.parsed else { continue };
        let selects = |(_, outcome): &(_, &crate::federation::PullOutcome)| {
            outcome.selected.get(at).is_some_and(|selected| selected.matched > 0)
        };
        let same = job.pulls.iter().all(|(other, _)| {
            other
                .selectors
                .get(at)
                .is_some_and(|other| (other.file, other.span) == (selector.file, selector.span))
        });
        if !same {
            continue;
        }
        for matcher in matchers.iter().filter(|matcher| matcher.matcher().op.is_negated()) {
            let Ok(name) = std::str::from_utf8(&matcher.matcher().name) else { continue };
            let excluded = |value: String| !matcher.matches(&value);
            if asked.iter().all(|&source| is_only_external(job, source, name))
                && asked.iter().any(|&source| external(job, source, name).is_some_and(excluded))
            {
                let message = format!(
                    "`{}` excludes nothing by `{name}`: it is an external label of the server that is asked",
                    selector.text
                );
                // Nothing but the text is another one then.
                let fix =
                    without(job, pull, selector, name).map(|(edit, title)| Fix::safe(title, vec![edit]));
                let diagnostic = Diagnostic::warning(CODE, selector.span, message)
                    .because("/federate selects first and adds external labels afterwards, so that no series has the label yet")
                    .help("leave the servers that are not to be asked out of the targets");
                found.push((selector.file, fix.into_iter().fold(diagnostic, Diagnostic::fix)));
                break;
            }
        }
        if job.pulls.iter().any(selects) {
            continue;
        }
        for matcher in matchers.iter().filter(|matcher| !matcher.matches_empty()) {
            let Ok(name) = std::str::from_utf8(&matcher.matcher().name) else { continue };
            let all_external = asked.iter().all(|&source| is_only_external(job, source, name));
            let meant = asked
                .iter()
                .any(|&source| external(job, source, name).is_some_and(|value| matcher.matches(&value)));
            if all_external && meant {
                let message = format!(
                    "`{}` selects nothing: `{name}` is an external label of the server that is asked",
                    selector.text
                );
                let fix = without(job, pull, selector, name)
                    .map(|(edit, title)| Fix::unsafe_fix(title, vec![edit]));
                let diagnostic = Diagnostic::error(CODE, selector.span, message)
                    .because("/federate selects first and adds external labels afterwards, so that no series has the label yet")
                    .help(format!("leave `{name}` out: the targets say which servers are asked"));
                found.push((selector.file, fix.into_iter().fold(diagnostic, Diagnostic::fix)));
                break;
            }
        }
    }
}

/// The edit that writes a selector without its matchers of a label, and its title; where something is left that
/// no series without labels would match.
fn without(
    job: &FederationJob<'_>,
    pull: &Pull,
    selector: &PullSelector,
    name: &str,
) -> Option<(TextEdit, String)> {
    let Peer::Federate(source) = pull.peer else { return None };
    let version = job.preview.workspace.nodes.get(source)?.version;
    let mut parsed = Selector::parse_strict(&selector.text, version).ok()?;
    parsed.matchers.retain(|one| one.matcher.name != name);
    let left = parsed.compiled()?;
    if left.iter().all(CompiledMatcher::matches_empty) {
        return None;
    }
    let text = parsed.to_string();
    Some((rewritten(job.preview, selector, &text)?, format!("Select `{text}`")))
}

/// The value of a server's external label, where it is not empty.
fn external(job: &FederationJob<'_>, node: usize, name: &str) -> Option<String> {
    let config = job.preview.workspace.nodes.get(node)?.config.as_ref()?;
    let label = config.global.external_labels.iter().find(|label| label.name.value == name)?;
    Some(label.expanded.clone()).filter(|value| !value.is_empty())
}

/// Whether a server has the external label, and nothing that it stores is known to have a label of that name.
fn is_only_external(job: &FederationJob<'_>, node: usize, name: &str) -> bool {
    let Some(server) = job.preview.workspace.nodes.get(node) else { return false };
    let Some(store) = job.preview.nodes.get(node).map(|node| node.store()) else { return false };
    let Some(config) = server.config.as_ref() else { return false };
    // A server of which nothing is known may store whatever there is.
    let known = !store.is_empty() && !server.samples.is_empty();
    let stored = store.label_names().any(|(label, _)| label == name);
    let topology = &job.preview.topology;
    let of_target = topology.pulls_of(node).any(|at| topology.pulls[at].labels.get(name).is_some());
    let relabelled = config.scrape_configs.iter().any(|scrape| !scrape.metric_relabel_configs.is_empty());
    let recorded = server.rules.iter().any(|rules| {
        job.preview.workspace.file(rules.file).text.as_deref().is_none_or(|text| text.contains(name))
    });
    known && !stored && !of_target && !relabelled && !recorded && external(job, node, name).is_some()
}
