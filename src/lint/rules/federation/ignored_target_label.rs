//! A target's label that no pulled series takes
//!
//! # What it finds
//! The `labels` of a federation target set a label that every series which is pulled from it has already, with
//! another value, and `honor_labels` is `true`.
//!
//! # Why it matters
//! The series' own label wins, without a word: the label in the configuration is on `up` and its like alone, and
//! not on what was pulled. Whoever selects by it finds nothing.
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
//!         labels:
//!           region: europe
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
//! Leave the label out, or give it the value of the lower server's external label. What must be called otherwise
//! is renamed by `metric_relabel_configs`.
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
//! scrape/scrape.go, mutateSampleLabels; web/federate.go, federation

use super::FederationJob;
use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Peer, Pull, PullOutcome};
use crate::lint::Found;
use crate::prometheus::LabelPair;
use crate::text::FileId;

const CODE: Code = Code::new("federation/ignored-target-label");

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    if !job.config.honor_labels {
        return;
    }
    let node = &job.preview.workspace.nodes[job.node];
    let written = node.config.iter().flat_map(|config| &config.scrape_configs).zip(&node.jobs);
    let Some((_, sources)) = written.into_iter().find(|(scrape, _)| std::ptr::eq(*scrape, job.config.source))
    else {
        return;
    };
    let (groups, files) = sources.groups(job.config.source);
    for (group, file) in groups.iter().zip(files) {
        let of_group = |(pull, _): &&(&Pull, &PullOutcome)| {
            pull.target_file == file && group.targets.iter().any(|target| target.span == pull.target_span)
        };
        let pulls: Vec<_> = job.pulls.iter().filter(of_group).collect();
        // `job` and `instance` name the federation itself on its `up`.
        let labels = group.labels.iter().filter(|label| {
            let name = label.name.value.as_str();
            !name.starts_with("__") && !["job", "instance"].contains(&name)
        });
        for label in labels {
            check_label(job, &pulls, label, file, found);
        }
    }
}

fn check_label(
    job: &FederationJob<'_>,
    pulls: &[&(&Pull, &PullOutcome)],
    label: &LabelPair,
    file: FileId,
    found: &mut Found,
) {
    let (name, value) = (label.name.value.as_str(), label.value.value.as_str());
    let mut example = None;
    for (pull, outcome) in pulls {
        // Relabelling may have written another value.
        if pull.labels.get(name) != Some(value) {
            return;
        }
        match own_value(job, pull, outcome, name, value) {
            Own::All(other) => example = example.or(other.map(|other| (*pull, other))),
            Own::Some => return,
        }
    }
    let Some((pull, other)) = example else { return };
    let message = format!(
        "no series from `{}` gets `{name}=\"{value}\"`: they have `{name}=\"{other}\"`",
        pull.address
    );
    found.push((
        file,
        Diagnostic::warning(CODE, label.name.span, message)
            .because("with `honor_labels: true` a target's label is set only where a series does not have the name; this one is on `up` and its like alone")
            .help("leave it out, or give it the value that the series have; `metric_relabel_configs` can write another"),
    ));
}

/// Whether the series that a pull brings have a label themselves.
enum Own {
    /// All have it; a value other than the target's, where one has that.
    All(Option<String>),
    /// Some have not, or nothing is known of them.
    Some,
}

fn own_value(job: &FederationJob<'_>, pull: &Pull, outcome: &PullOutcome, name: &str, value: &str) -> Own {
    let Peer::Federate(source) = pull.peer else { return Own::Some };
    if outcome.exposed == 0 || outcome.failure.is_some() {
        return Own::Some;
    }
    let config = job.preview.workspace.nodes.get(source).and_then(|node| node.config.as_ref());
    let external = config.into_iter().flat_map(|config| &config.global.external_labels);
    let external = external
        .filter(|label| label.name.value == name && !label.expanded.is_empty())
        .map(|label| label.expanded.as_str())
        .next();
    let store = &outcome.source;
    let Some(rows) = &outcome.answered else { return Own::Some };
    let mut other = None;
    for shape in store.shapes() {
        let mut rows = rows.iter_in(shape.rows());
        let Some(column) = shape.column(name) else {
            // The rows of a shape without the label are alike.
            match (rows.next(), external) {
                (Some(_), None) => return Own::Some,
                (Some(_), Some(own)) if own != value => other = other.or_else(|| Some(own.to_owned())),
                _ => {}
            }
            continue;
        };
        let (none, same) = (column.values.find(b""), column.values.find(value.as_bytes()));
        for row in rows {
            let id = column.id(row);
            if Some(id) == none && external.is_none() {
                return Own::Some;
            }
            if Some(id) != same && other.is_none() {
                let own = Some(column.get(row)).filter(|own| !own.is_empty()).or(external);
                other = own.filter(|own| *own != value).map(str::to_owned);
            }
            if none.is_none() && other.is_some() {
                break;
            }
        }
    }
    Own::All(other)
}
