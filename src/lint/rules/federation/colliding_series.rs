//! Series of two sources with equal labels
//!
//! # What it finds
//! Two pulls of a server bring the same series, from two servers: nothing in its labels says from which. Or one pull
//! brings series that are told apart in the answer, and no more by what the server stores of it, since relabelling
//! drops or rewrites the label in which they differ.
//!
//! # Why it matters
//! Both are stored as one. A sample is stored only if it is newer than the newest one of its series, and samples
//! that are pulled keep the timestamps of the server that scraped them. When a target is asked is fixed by a hash of
//! its address, the asking server's host name and its external labels. So it depends on how these fall which of two
//! things happens, and any change of them may turn the one into the other: either samples of both are stored in
//! turn, so that values go back and forth and counters seem to be reset, or samples of one come later than newer
//! ones of the other and are refused: `Error on ingesting out-of-order samples`, and
//! `prometheus_target_scrapes_sample_out_of_order_total` grows. Where the pulled samples are as far apart as a
//! multiple of their own interval, it is all samples of one server, for good; else it is some of both. Of series that
//! come in one answer, those that the answer lists later are stored only where they are newer, and else dropped
//! without a word in the log.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf-1:9090', 'leaf-2:9090']
//! # leaf-1.yml
//! scrape_configs: [{ job_name: shop, scrape_interval: 15s }]
//! # leaf-1.prom
//! up{job="shop",instance="a:1"} 1
//! # leaf-2.yml
//! scrape_configs: [{ job_name: shop, scrape_interval: 15s }]
//! # leaf-2.prom
//! up{job="shop",instance="a:1"} 1
//! ```
//!
//! # Instead
//! Tell the sources apart: give each an external label of its own, such as `replica`. Or select each series from one
//! source only.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf-1:9090', 'leaf-2:9090']
//! # leaf-1.yml
//! global: { external_labels: { replica: '1' } }
//! scrape_configs: [{ job_name: shop, scrape_interval: 15s }]
//! # leaf-1.prom
//! up{job="shop",instance="a:1"} 1
//! # leaf-2.yml
//! global: { external_labels: { replica: '2' } }
//! scrape_configs: [{ job_name: shop, scrape_interval: 15s }]
//! # leaf-2.prom
//! up{job="shop",instance="a:1"} 1
//! ```
//!
//! # Source
//! `tsdb/head_append.go`, `appendable`; `scrape/target.go`, `offset`; `scrape/manager.go`, `setOffsetSeed`

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::trace::hop;
use crate::federation::{Bringer, Cause, Collision, NodeStore, Preview, collisions};
use crate::lint::Found;
use crate::text::{FileId, Span};

use super::{dropped_distinction, stores};

const CODE: Code = Code::new("federation/colliding-series");

pub(super) fn check(preview: &Preview, found: &mut Found) {
    for collision in collisions(preview) {
        // Of one source pulled twice, and of labels that the job itself drops, other rules say more.
        let federates = |at: &usize| preview.topology.pulls.get(*at).is_some_and(|pull| pull.federates);
        if collision.cause == Cause::SameServer && collision.pulls.iter().all(federates) {
            continue;
        }
        if let Some(dropped) = dropped_distinction::dropper(preview, &collision) {
            dropped_distinction::report(preview, &collision, dropped, found);
            continue;
        }
        if collision.cause == Cause::SameAnswer {
            of_one_answer(preview, &collision, found);
            continue;
        }
        let Collision { pulls: [earlier, later], series, cause, outcome, .. } = &collision;
        let pull = |at: &usize| preview.topology.pulls.get(*at);
        let (Some(earlier), Some(later)) = (pull(earlier), pull(later)) else { continue };
        if !stores(preview, later.node) {
            continue;
        }
        let arrive =
            if *series == 1 { "1 series arrives".to_owned() } else { format!("{series} series arrive") };
        let message = format!(
            "{arrive} from `{}` as well as from `{}`, with equal labels",
            later.address, earlier.address
        );
        let help = match cause {
            Cause::Replicas(_) => {
                "they are replicas: give each an external label of its own, such as `replica`"
            }
            _ => "tell the sources apart: give each its own external label, such as `replica`",
        };
        let diagnostic = Diagnostic::warning(CODE, later.target_span, message)
            .because(format!("they are stored as one; {}", outcome.words()))
            .help(help);
        let diagnostic = if earlier.target_file == later.target_file {
            diagnostic.label(earlier.target_span, "the other source")
        } else {
            diagnostic.label_in(earlier.target_file, earlier.target_span, "the other source")
        };
        found.push((later.target_file, diagnostic));
    }
}

/// Reports series of one answer that are stored as one, where they become equal.
fn of_one_answer(preview: &Preview, collision: &Collision, found: &mut Found) {
    let at = collision.pulls[0];
    let (Some(pull), Some(store)) = (preview.topology.pulls.get(at), preview.nodes.get(collision.node))
    else {
        return;
    };
    let target = (pull.target_file, pull.target_span);
    let (file, span) = joined_by(preview, store, collision).unwrap_or(target);
    // Of all targets of a job the rule is the same.
    if found.iter().any(|(other, have)| (*other, have.code, have.span) == (file, CODE, span)) {
        return;
    }
    let count = collision.series;
    let series = if count == 1 { "1 series is".to_owned() } else { format!("{count} series are") };
    let message = format!(
        "{series} stored of several each in the answer of `{}`: nothing is left that tells them apart",
        pull.address
    );
    let because = format!("{} is one of them; {}", collision.example, collision.outcome.words());
    let diagnostic = Diagnostic::warning(CODE, span, message).because(because).help(
        "keep the label in which they differ, or aggregate without it in a recording rule of the source",
    );
    let diagnostic = if (file, span) == target {
        diagnostic
    } else {
        diagnostic.label_in(target.0, target.1, "the target")
    };
    found.push((file, diagnostic));
}

/// The place that makes the first two series of a collision equal.
fn joined_by(preview: &Preview, store: &NodeStore, collision: &Collision) -> Option<(FileId, Span)> {
    let at = collision.pulls[0];
    let source = &preview.pulls.get(at)?.source;
    let mut hops = store
        .origins(collision.row)
        .filter(|origin| origin.bringer == Bringer::Pull(at))
        .filter_map(|origin| hop(preview, at, source.row_at(origin.position)?));
    let (one, other) = (hops.next()?, hops.next()?);
    let mut gates = one.gates.iter().zip(&other.gates);
    gates.find(|(one, other)| one.after == other.after).and_then(|(gate, _)| gate.place)
}
