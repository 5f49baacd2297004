//! The same series pulled twice from one server
//!
//! # What it finds
//! Two jobs of a server, or two targets of one job, ask the same lower server for the same series, and store them
//! under the same labels.
//!
//! # Why it matters
//! Every sample is asked for, sent and appended twice, and the one that comes second is dropped. Which job's
//! interval and limits hold for a series is left to chance, and a change in one of the two seems to do nothing.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate-shop
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//!   - job_name: federate-all
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="node"}', '{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Instead
//! Select each series in one job only.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate-all
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="node"}', '{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Source
//! scrape/scrape.go, append; `tsdb/head_append.go`, appendable

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Bringer, Peer, Preview, Pull, PullOutcome, PullSelector};
use crate::labels::LabelSet;
use crate::lint::Found;
use crate::series::Bitset;
use crate::text::{FileId, Span};

const CODE: Code = Code::new("federation/overlapping-jobs");

/// How many pairs of selectors are compared to find those that overlap.
const MAX_PAIRS: usize = 1000;

/// Two places, the later one first, and between which pulls it is so.
type Overlaps = BTreeMap<((FileId, Span), (FileId, Span)), Vec<(usize, usize, u32)>>;

pub(super) fn check(preview: &Preview, found: &mut Found) {
    let mut overlaps = Overlaps::new();
    of_series(preview, &mut overlaps);
    of_selectors(preview, &mut overlaps);
    let pull = |at: usize| preview.topology.pulls.get(at);
    for ((later, earlier), pairs) in overlaps {
        let Some(&(first, second, series)) = pairs.first() else { continue };
        let (Some(one), Some(two)) = (pull(first), pull(second)) else { continue };
        let Peer::Federate(source) = two.peer else { continue };
        let mut from = preview.workspace.nodes.get(source).map_or("", |node| &node.name).to_owned();
        if pairs.len() > 1 {
            from = format!("{from} and {} more", pairs.len() - 1);
        }
        let what = match series {
            0 => "the same series".to_owned(),
            1 => "1 series".to_owned(),
            many => format!("{many} series"),
        };
        let same_job = (one.job_file, one.job_span) == (two.job_file, two.job_span);
        let message = if same_job {
            format!(
                "job `{}` pulls {what} from {from} twice: as `{}` and as `{}`",
                two.job, one.address, two.address
            )
        } else {
            format!("job `{}` pulls {what} from {from} that job `{}` pulls, too", two.job, one.job)
        };
        let diagnostic = Diagnostic::warning(CODE, later.1, message)
            .because("every sample is asked for, sent and appended twice, and the second is dropped; which job's interval and limits hold is left to chance")
            .help(if same_job { "list each server once" } else { "select each series in one job only: merge the two, or exclude what the other selects" });
        let diagnostic = if later == earlier {
            diagnostic
        } else if later.0 == earlier.0 {
            diagnostic.label(earlier.1, "pulled here, too")
        } else {
            diagnostic.label_in(earlier.0, earlier.1, "pulled here, too")
        };
        found.push((later.0, diagnostic));
    }
}

/// Overlaps of which the preview shows the series.
fn of_series(preview: &Preview, overlaps: &mut Overlaps) {
    for node in &preview.nodes {
        for ((earlier, later), series) in node.shared() {
            let (Bringer::Pull(earlier), Bringer::Pull(later)) = (earlier, later) else { continue };
            let of = |at: usize| Some((preview.topology.pulls.get(at)?, preview.pulls.get(at)?));
            let (Some(one), Some(two)) = (of(earlier), of(later)) else { continue };
            if one.0.peer != two.0.peer || !matches!(one.0.peer, Peer::Federate(_)) {
                continue;
            }
            let places = selectors_of(one, two).unwrap_or_else(|| (target(two.0), target(one.0)));
            overlaps.entry(places).or_default().push((earlier, later, series));
        }
    }
}

/// Overlaps that are certain whatever the source holds: the same selector in both, and nothing that tells apart
/// what they bring.
fn of_selectors(preview: &Preview, overlaps: &mut Overlaps) {
    let told =
        crate::sort::ordered_set(overlaps.values().flatten().map(|&(earlier, later, _)| (earlier, later)));
    let mut also = BTreeSet::new();
    let mut seen: BTreeMap<(usize, usize, &str, LabelSet), (usize, &PullSelector)> = BTreeMap::new();
    for (at, (pull, outcome)) in preview.topology.pulls.iter().zip(&preview.pulls).enumerate() {
        let Peer::Federate(source) = pull.peer else { continue };
        let settings = &pull.settings;
        if outcome.failure.is_some() || !settings.honor_labels || !settings.metric_relabel_configs.is_empty()
        {
            continue;
        }
        let mut labels = pull.labels.clone();
        labels.retain(|name, _| name != "job" && name != "instance");
        for selector in &pull.selectors {
            if !selector.parsed.as_ref().is_ok_and(|matchers| !matchers.is_empty()) {
                continue;
            }
            let key = (pull.node, source, selector.text.as_str(), labels.clone());
            let Some(&(earlier, first)) = seen.get(&key) else {
                seen.insert(key, (at, selector));
                continue;
            };
            // A selector that is there twice in one request is asked for once.
            if earlier != at && !told.contains(&(earlier, at)) && also.insert((earlier, at)) {
                let places = if (first.file, first.span) == (selector.file, selector.span) {
                    preview.topology.pulls.get(earlier).map(|other| (target(pull), target(other)))
                } else {
                    Some(((selector.file, selector.span), (first.file, first.span)))
                };
                overlaps
                    .entry(places.unwrap_or((target(pull), target(pull))))
                    .or_default()
                    .push((earlier, at, 0));
            }
        }
    }
}

fn target(pull: &Pull) -> (FileId, Span) {
    (pull.target_file, pull.target_span)
}

/// The places of the first two selectors that select the same rows, the later pull's first.
fn selectors_of(
    (one, brings): (&Pull, &PullOutcome),
    (two, brings_too): (&Pull, &PullOutcome),
) -> Option<((FileId, Span), (FileId, Span))> {
    let first = one.selectors.iter().zip(&brings.selected);
    let second = || two.selectors.iter().zip(&brings_too.selected);
    let pairs = first.flat_map(|first| second().map(move |second| (first, second))).take(MAX_PAIRS);
    for ((selector, selected), (other, other_selected)) in pairs {
        let mut rows = Bitset::clone(&selected.rows);
        if rows.capacity() != other_selected.rows.capacity() {
            continue;
        }
        rows.and(&other_selected.rows);
        let places = ((other.file, other.span), (selector.file, selector.span));
        if !rows.is_empty() && places.0 != places.1 {
            return Some(places);
        }
    }
    None
}
