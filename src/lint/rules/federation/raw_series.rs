//! Federation of raw series
//!
//! # What it finds
//! A `match[]` selects a thousand series or more, as far as they are known, that single instances expose: they have
//! an `instance`, no recording rule made them (no `:` is in their names), and they are not `up`.
//!
//! # Why it matters
//! Each new instance and each new label below adds series above, until an answer takes longer than a scrape may,
//! and nothing arrives at all. Federation is meant for the few series that rules record; single instances are best
//! looked at where they are scraped.
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
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! # the next line 1000 times, N from 1 on
//! requests_total{job="shop",instance="shop-N:8080"} 1
//! ```
//!
//! # Instead
//! Record on the lower server what is needed above, and pull that.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{__name__=~"job:.*"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! rule_files: [rules.yml]
//! scrape_configs:
//!   - job_name: shop
//! # rules.yml
//! groups:
//!   - name: shop
//!     rules:
//!       - record: job:requests:rate5m
//!         expr: sum by (job) (rate(requests_total[5m]))
//! # leaf.prom
//! # the next line 1000 times, N from 1 on
//! requests_total{job="shop",instance="shop-N:8080"} 1
//! ```
//!
//! # Source
//! Prometheus' documentation, Federation; robustperception.io, Federation, what is it good for?

use super::FederationJob;
use crate::diagnostic::{Code, Diagnostic};
use crate::federation::PullOutcome;
use crate::labels::METRIC_NAME;
use crate::lint::Found;
use crate::series::{Bitset, SeriesStore};

const CODE: Code = Code::new("federation/raw-series");

/// From how many series on: what vendors advise federation to stay below.
const MANY: usize = 1000;

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    for written in job.selectors() {
        let selector = written.selector;
        let explained = found.iter().any(|(file, found)| {
            (*file, found.span) == (selector.file, selector.span)
                && found.code.as_str() != "federation/missing-job"
        });
        if explained {
            continue;
        }
        let most = written
            .sent
            .iter()
            .filter_map(|&(pull, outcome, at)| Some((pull, outcome, outcome.selected.get(at)?)));
        let Some((pull, outcome, selected)) = most.max_by_key(|(_, _, selected)| selected.matched) else {
            continue;
        };
        if (selected.matched as usize) < MANY {
            continue;
        }
        let Some(example) = raw_example(outcome, &selected.rows) else { continue };
        let message = format!(
            "`{}` pulls {} series from `{}`, {MANY} or more of them of single instances",
            selector.text, selected.matched, pull.address
        );
        found.push((
            selector.file,
            Diagnostic::warning(CODE, selector.span, message)
                .because(format!("such as `{example}`: each new instance below adds series here, until answers take longer than a scrape may"))
                .help("record on the lower server what is needed here, and pull that: `{__name__=~\"job:.*\"}`"),
        ));
    }
}

/// A raw series among `rows`, where there are many.
fn raw_example(outcome: &PullOutcome, rows: &Bitset) -> Option<String> {
    let store: &SeriesStore = &outcome.source;
    let (mut count, mut example) = (0, None);
    for shape in store.shapes() {
        let (Some(name), Some(instance)) = (shape.column(METRIC_NAME), shape.column("instance")) else {
            continue;
        };
        let none = instance.values.find(b"");
        // Whether a name is a raw series', by its id, once it was looked at.
        let mut raw: Vec<Option<bool>> = vec![None; name.values.len()];
        for row in rows.iter_in(shape.rows()) {
            let id = name.id(row);
            let is_raw = match raw.get_mut(id as usize) {
                Some(known) => *known.get_or_insert_with(|| {
                    let name = name.values.get(id);
                    name != "up" && !name.contains(':')
                }),
                None => false,
            };
            if is_raw && Some(instance.id(row)) != none {
                count += 1;
                example.get_or_insert(row);
                if count >= MANY {
                    return example.map(|row| store.label_set(row).to_string());
                }
            }
        }
    }
    None
}
