//! Series without `job`, which get the federation job's name
//!
//! # What it finds
//! With `honor_labels: true`, series that a `match[]` selects have no label `job`.
//!
//! # Why it matters
//! A target label takes its place where a series does not have the label at all: such series are stored with the
//! name of the federation job as their `job`, and so are not what they are on the lower server. Whoever sums by
//! `job`, or pulls them by two jobs, is misled.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{__name__=~"cluster:.*"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! cluster:requests:rate5m{cluster="eu"} 7
//! ```
//!
//! # Instead
//! Keep `job` in the recording rule, `sum by (cluster, job)`, or give what is left without one a name that says
//! where it is from, or none, by `metric_relabel_configs`.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{__name__=~"cluster:.*"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//!     metric_relabel_configs:
//!       - source_labels: [job]
//!         regex: federate
//!         target_label: job
//!         replacement: ''
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! cluster:requests:rate5m{cluster="eu"} 7
//! ```
//!
//! # Source
//! scrape/scrape.go, mutateSampleLabels

use super::FederationJob;
use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Peer, Pull, PullOutcome};
use crate::lint::Found;

const CODE: Code = Code::new("federation/missing-job");
const JOB: &str = "job";

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    for written in job.selectors() {
        let brought =
            written.sent.iter().filter_map(|&(pull, outcome, at)| without_job(job, pull, outcome, at));
        let Some((count, example, given)) = brought.max_by_key(|one| one.0) else {
            continue;
        };
        let series = if count == 1 { "1 series".to_owned() } else { format!("{count} series") };
        let message = format!(
            "{series} that `{}` selects {} no `job`: stored with `job=\"{given}\"`, of the job that pulls",
            written.selector.text,
            if count == 1 { "has" } else { "have" }
        );
        found.push((
            written.selector.file,
            Diagnostic::info(CODE, written.selector.span, message)
                .because(format!("with `honor_labels` a target's label is set where a series lacks it, as in `{example}`: here it is another series than on the lower server"))
                .help("keep `job` in the recording rule, or write another one with `metric_relabel_configs`"),
        ));
    }
}

/// How many series without `job` a selector brings, one of them, and the `job` that they get.
fn without_job<'p>(
    job: &FederationJob<'_>,
    pull: &'p Pull,
    outcome: &PullOutcome,
    at: usize,
) -> Option<(usize, String, &'p str)> {
    let given = pull.labels.get(JOB).filter(|given| !given.is_empty() && pull.settings.honor_labels)?;
    let Peer::Federate(source) = pull.peer else { return None };
    let external = job.preview.workspace.nodes.get(source)?.config.as_ref()?.global.external_labels.iter();
    if external.into_iter().any(|label| label.name.value == JOB && !label.expanded.is_empty()) {
        return None;
    }
    let (store, kept) = (&outcome.source, &outcome.scraped.kept);
    let rows = &outcome.selected.get(at)?.rows;
    let lacking = store.shapes().filter(|shape| shape.column(JOB).is_none());
    let count = lacking.clone().map(|shape| rows.count_in(shape.rows())).sum();
    // Relabelling may have dropped them, or written another `job`.
    let example = lacking.flat_map(|shape| rows.iter_in(shape.rows())).find(|&row| {
        let stored = kept.row_at(store.position(row));
        stored.and_then(|stored| kept.label(stored, JOB)) == Some(given)
    })?;
    Some((count, store.label_set(example).to_string(), given))
}
