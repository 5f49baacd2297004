//! Buckets that two versions spell differently
//!
//! # What it finds
//! A server federates the same histogram or summary from a Prometheus 2 and from a Prometheus 3, and the samples
//! of the two spell the same `le` or `quantile` as `1` and as `1.0`.
//!
//! # Why it matters
//! Prometheus 3 writes such values as floats when it scrapes an application, Prometheus 2 takes them as they are
//! exposed. What is federated is untyped and left as it is by both. Here `sum by (le)` makes two buckets of one, and
//! quantiles of both servers together are wrong.
//!
//! # Example
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   global: { config: global.yml }
//!   leaf-a: { config: leaf-a.yml, samples: leaf-a.prom, prometheus: "2.42" }
//!   leaf-b: { config: leaf-b.yml, samples: leaf-b.prom, prometheus: "3.5" }
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['latency_seconds_bucket']
//!     static_configs:
//!       - targets: ['leaf-a:9090', 'leaf-b:9090']
//! # leaf-a.yml
//! global: { external_labels: { region: eu } }
//! scrape_configs:
//!   - job_name: shop
//! # leaf-a.prom
//! latency_seconds_bucket{job="shop",le="1"} 1
//! latency_seconds_bucket{job="shop",le="+Inf"} 1
//! # leaf-b.yml
//! global: { external_labels: { region: us } }
//! scrape_configs:
//!   - job_name: shop
//! # leaf-b.prom
//! latency_seconds_bucket{job="shop",le="1.0"} 1
//! latency_seconds_bucket{job="shop",le="+Inf"} 1
//! ```
//!
//! # Instead
//! Upgrade the servers of a tier together. Until then, write the values in one way where they arrive.
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   global: { config: global.yml }
//!   leaf-a: { config: leaf-a.yml, samples: leaf-a.prom, prometheus: "2.42" }
//!   leaf-b: { config: leaf-b.yml, samples: leaf-b.prom, prometheus: "3.5" }
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['latency_seconds_bucket']
//!     static_configs:
//!       - targets: ['leaf-a:9090', 'leaf-b:9090']
//!     metric_relabel_configs:
//!       - source_labels: [le]
//!         regex: '(\d+)'
//!         target_label: le
//!         replacement: '$1.0'
//! # leaf-a.yml
//! global: { external_labels: { region: eu } }
//! scrape_configs:
//!   - job_name: shop
//! # leaf-a.prom
//! latency_seconds_bucket{job="shop",le="1"} 1
//! latency_seconds_bucket{job="shop",le="+Inf"} 1
//! # leaf-b.yml
//! global: { external_labels: { region: us } }
//! scrape_configs:
//!   - job_name: shop
//! # leaf-b.prom
//! latency_seconds_bucket{job="shop",le="1.0"} 1
//! latency_seconds_bucket{job="shop",le="+Inf"} 1
//! ```
//!
//! # Source
//! scrape/scrape.go, append; model/textparse/promparse.go, `Labels`; Prometheus' documentation, Migration guide

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Peer, Preview, Pull, PullOutcome};
use crate::labels::{METRIC_NAME, MatchOp, Matcher};
use crate::lint::Found;
use crate::series::CompiledMatcher;
use crate::sort;
use crate::version::Version;

const CODE: Code = Code::new("federation/mixed-buckets");

/// How many series of a pull are looked at.
const LOOKED_AT: usize = 10_000;

pub(super) fn check(preview: &Preview, found: &mut Found) {
    let (pulls, nodes) = (&preview.topology.pulls, &preview.workspace.nodes);
    for at in 0..nodes.len() {
        let places = preview.topology.pulls_of(at);
        let own = || pulls[places.clone()].iter().zip(&preview.pulls[places.clone()]);
        let version = |pull: &Pull| match pull.peer {
            Peer::Federate(source) => nodes.get(source).map(|node| node.version),
            _ => None,
        };
        let of_line =
            |new: bool| own().filter(move |(pull, _)| version(pull).is_some_and(|it| it.is_v3() == new));
        if of_line(true).next().is_none() || of_line(false).next().is_none() {
            continue;
        }
        for label in ["le", "quantile"] {
            let mut old: Vec<(String, String, &Pull)> = Vec::new();
            for (pull, brings) in of_line(false) {
                let keys = spelled(brings, label, "[0-9]+");
                old.extend(keys.into_iter().map(|(name, value)| (name, value, pull)));
            }
            let by_key = |a: &(String, String, &Pull), b: &(String, String, &Pull)| {
                a.0.cmp(&b.0).then_with(|| a.1.cmp(&b.1))
            };
            sort::sort_by(&mut old, by_key);
            if old.is_empty() {
                continue;
            }
            for (pull, brings) in of_line(true) {
                let both = spelled(brings, label, "[0-9]+[.]0").into_iter().find_map(|(name, value)| {
                    let key = (name, value.strip_suffix(".0")?.to_owned(), pull);
                    let first = old.partition_point(|one| by_key(one, &key).is_lt());
                    old.get(first).filter(|one| by_key(one, &key).is_eq())
                });
                let Some((name, value, other)) = both else { continue };
                let message = format!(
                    "`{name}` has `{label}=\"{value}\"` from `{}` and `{label}=\"{value}.0\"` from `{}`",
                    other.address, pull.address
                );
                let diagnostic = Diagnostic::warning(CODE, pull.target_span, message)
                    .because(format!("Prometheus 3 writes `{label}` as floats when it scrapes, Prometheus 2 as it is exposed, and federation leaves it: `sum by ({label})` makes two series of one"))
                    .help(format!("upgrade the servers together, or relabel `{label}` where it arrives: `(\\d+)` to `$1.0`"));
                found.push((
                    pull.target_file,
                    if other.target_file == pull.target_file {
                        diagnostic.label(other.target_span, "of Prometheus 2")
                    } else {
                        diagnostic.label_in(other.target_file, other.target_span, "of Prometheus 2")
                    },
                ));
                break;
            }
        }
    }
}

/// Names and values of a label of what a pull stores, where the values match the pattern.
fn spelled(brings: &PullOutcome, label: &str, pattern: &str) -> Vec<(String, String)> {
    let store = &brings.scraped.kept;
    if !store.label_names().any(|(name, _)| name == label) {
        return Vec::new();
    }
    let matcher = Matcher::new(label, MatchOp::Regex, pattern);
    let Ok(matcher) = CompiledMatcher::new(&matcher, Version::NEWEST) else { return Vec::new() };
    let Ok(rows) = store.select(&[matcher]) else { return Vec::new() };
    let key = |row| {
        let labels = store.label_set(row);
        (labels.value(METRIC_NAME).to_owned(), labels.value(label).to_owned())
    };
    rows.iter().take(LOOKED_AT).map(key).collect()
}
