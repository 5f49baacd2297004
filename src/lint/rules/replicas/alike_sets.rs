//! Replicas of different sets that look like replicas of one another
//!
//! # What it finds
//! Two servers of the same tier, in different replica sets, have equal `external_labels`, the label that tells the
//! replicas of each set apart included; no label says which set they belong to.
//!
//! # Why it matters
//! Whoever looks at replicas' series from outside, such as a store that deduplicates, Alertmanager, or a server that
//! federates from both, takes the two for one: series and alerts of different places are merged.
//!
//! # Example
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   eu-a: { config: eu-a.yml, replica_set: eu }
//!   eu-b: { config: eu-b.yml, replica_set: eu }
//!   us-a: { config: us-a.yml, replica_set: us }
//!   us-b: { config: us-b.yml, replica_set: us }
//! # eu-a.yml
//! global: { external_labels: { replica: a } }
//! # eu-b.yml
//! global: { external_labels: { replica: b } }
//! # us-a.yml
//! global: { external_labels: { replica: a } }
//! # us-b.yml
//! global: { external_labels: { replica: b } }
//! ```
//!
//! # Instead
//! Give each set a label of its own, such as `cluster`.
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   eu-a: { config: eu-a.yml, replica_set: eu }
//!   eu-b: { config: eu-b.yml, replica_set: eu }
//!   us-a: { config: us-a.yml, replica_set: us }
//!   us-b: { config: us-b.yml, replica_set: us }
//! # eu-a.yml
//! global: { external_labels: { replica: a, cluster: eu } }
//! # eu-b.yml
//! global: { external_labels: { replica: b, cluster: eu } }
//! # us-a.yml
//! global: { external_labels: { replica: a, cluster: us } }
//! # us-b.yml
//! global: { external_labels: { replica: b, cluster: us } }
//! ```
//!
//! # Source
//! The documentation of Thanos' `--query.replica-label` and of Mimir's high-availability tracker, which need a label
//! for the cluster beside that of the replica

use super::{Replica, Replicas, shown};
use crate::diagnostic::{Code, Diagnostic};
use crate::lint::Found;

const CODE: Code = Code::new("replicas/alike-sets");

pub(super) fn check(sets: &[Replicas<'_>], found: &mut Found) {
    for (at, later) in sets.iter().enumerate() {
        for earlier in &sets[..at] {
            let Some((one, other)) = alike(earlier, later) else { continue };
            let labels = other.external_labels().unwrap_or_default();
            let (sets, names) = ((earlier.name(), later.name()), (one.name(), other.name()));
            let message = format!(
                "`{}` of replica set `{}` has the same external_labels as `{}` of `{}`, {}",
                names.1,
                sets.1,
                names.0,
                sets.0,
                shown(&labels)
            );
            let diagnostic = Diagnostic::warning(CODE, other.label_span(""), message)
                .because("whoever looks at them from outside takes them for one server: series and alerts of the two sets are merged")
                .help("give each set a label of its own: `cluster: NAME` under `external_labels`");
            let diagnostic = if one.file() == other.file() {
                diagnostic
            } else {
                diagnostic.label_in(one.file(), one.label_span(""), "the same labels")
            };
            found.push((other.file(), diagnostic));
        }
    }
}

/// The first server of each set that cannot be told from one of the other.
fn alike<'p>(one: &Replicas<'p>, other: &Replicas<'p>) -> Option<(Replica<'p>, Replica<'p>)> {
    let topology = &one.preview.topology;
    let label = one.labels.iter().find(|label| other.labels.contains(label))?;
    for first in &one.nodes {
        let Some(labels) = first.external_labels() else { continue };
        if !labels.iter().any(|(name, _)| name == label) {
            continue;
        }
        let same = |second: &&Replica<'_>| {
            topology.tier(first.at) == topology.tier(second.at)
                && second.external_labels().as_ref() == Some(&labels)
        };
        if let Some(second) = other.nodes.iter().find(same) {
            return Some((*first, *second));
        }
    }
    None
}
