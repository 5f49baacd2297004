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

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Bringer, Peer, Preview, Pull, PullOutcome, PullSelector};
use crate::labels::LabelSet;
use crate::lint::Found;
use crate::series::Bitset;
use crate::sort;
use crate::text::{FileId, Span};

const CODE: Code = Code::new("federation/overlapping-jobs");

/// How many pairs of selectors are compared to find those that overlap.
const MAX_PAIRS: usize = 1000;

/// A place in a file.
type Place = (FileId, Span);

/// Two pulls that bring the same.
struct Overlap {
    /// Where that is said of each, the later one first.
    places: (Place, Place),
    /// The two pulls, the earlier one first.
    pulls: (usize, usize),
    /// How many series are known to be the same.
    series: u32,
}

pub(super) fn check(preview: &Preview, found: &mut Found) {
    let mut overlaps = Vec::new();
    of_series(preview, &mut overlaps);
    of_selectors(preview, &mut overlaps);
    sort::sort_by_key(&mut overlaps, |overlap| overlap.places);
    let pull = |at: usize| preview.topology.pulls.get(at);
    for same in overlaps.chunk_by(|one, other| one.places == other.places) {
        let Some(&Overlap { places: (later, earlier), pulls: (first, second), series }) = same.first() else {
            continue;
        };
        let (Some(one), Some(two)) = (pull(first), pull(second)) else { continue };
        let Peer::Federate(source) = two.peer else { continue };
        let mut from = preview.workspace.nodes.get(source).map_or("", |node| &node.name).to_owned();
        if same.len() > 1 {
            from = format!("{from} and {} more", same.len() - 1);
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
fn of_series(preview: &Preview, overlaps: &mut Vec<Overlap>) {
    for node in &preview.nodes {
        for ((earlier, later), series) in node.shared() {
            let (Bringer::Pull(earlier), Bringer::Pull(later)) = (earlier, later) else { continue };
            let of = |at: usize| Some((preview.topology.pulls.get(at)?, preview.pulls.get(at)?));
            let (Some(one), Some(two)) = (of(earlier), of(later)) else { continue };
            if one.0.peer != two.0.peer || !matches!(one.0.peer, Peer::Federate(_)) {
                continue;
            }
            let places = selectors_of(one, two).unwrap_or_else(|| (target(two.0), target(one.0)));
            overlaps.push(Overlap { places, pulls: (earlier, later), series });
        }
    }
}

/// Who asks which server for what, and with which labels of the target.
type Asked<'p> = (usize, usize, &'p str, LabelSet);

/// Overlaps that are certain whatever the source holds: the same selector in both, and nothing that tells apart
/// what they bring.
fn of_selectors(preview: &Preview, overlaps: &mut Vec<Overlap>) {
    let mut told: Vec<(usize, usize)> = overlaps.iter().map(|overlap| overlap.pulls).collect();
    sort::sort_and_dedup(&mut told);
    // What is asked of which server by whom, and by which pull.
    let mut asked: Vec<(Asked, usize, &PullSelector)> = Vec::new();
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
            if selector.parsed.as_ref().is_ok_and(|matchers| !matchers.is_empty()) {
                asked.push(((pull.node, source, selector.text.as_str(), labels.clone()), at, selector));
            }
        }
    }
    sort::sort_by(&mut asked, |one, other| one.0.cmp(&other.0));
    let mut more: Vec<Overlap> = Vec::new();
    for same in asked.chunk_by(|one, other| one.0 == other.0) {
        let Some(((_, earlier, first), later)) = same.split_first() else { continue };
        // A selector that is there twice in one request is asked for once.
        for (_, at, selector) in later.iter().filter(|(_, at, _)| at != earlier) {
            let pulls = (*earlier, *at);
            let targets = (preview.topology.pulls.get(*at), preview.topology.pulls.get(*earlier));
            let (Some(pull), Some(other)) = targets else { continue };
            let mut places = ((selector.file, selector.span), (first.file, first.span));
            if places.0 == places.1 {
                places = (target(pull), target(other));
            }
            if told.binary_search(&pulls).is_err() {
                more.push(Overlap { places, pulls, series: 0 });
            }
        }
    }
    sort::sort_by_key(&mut more, |overlap| overlap.pulls);
    more.dedup_by_key(|overlap| overlap.pulls);
    overlaps.append(&mut more);
}

fn target(pull: &Pull) -> Place {
    (pull.target_file, pull.target_span)
}

/// The places of the first two selectors that select the same rows, the later pull's first.
fn selectors_of(
    (one, brings): (&Pull, &PullOutcome),
    (two, brings_too): (&Pull, &PullOutcome),
) -> Option<(Place, Place)> {
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
