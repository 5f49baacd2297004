//! Replicas with the same external labels
//!
//! # What it finds
//! Two servers of a replica set have equal `external_labels`, and what they hold comes together: both write to one
//! receiver with `remote_write`, or one server federates from both.
//!
//! # Why it matters
//! Two replicas scrape the same targets, but never at the same moment. Where nothing tells their series apart, each
//! series gets the samples of both: values go back and forth, counters seem to be reset, and samples that arrive
//! behind newer ones are refused as out of order. A store that deduplicates, such as Thanos or Mimir, needs a label
//! that differs to know that there are two.
//!
//! # Example
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   eu-1: { config: eu-1.yml, replica_set: eu }
//!   eu-2: { config: eu-2.yml, replica_set: eu }
//! # eu-1.yml
//! global: { external_labels: { cluster: eu } }
//! remote_write: [{ url: 'http://store.example/api/v1/write' }]
//! # eu-2.yml
//! global: { external_labels: { cluster: eu } }
//! remote_write: [{ url: 'http://store.example/api/v1/write' }]
//! ```
//!
//! # Instead
//! Give each server a label of its own, such as `replica`.
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   eu-1: { config: eu-1.yml, replica_set: eu }
//!   eu-2: { config: eu-2.yml, replica_set: eu }
//! # eu-1.yml
//! global: { external_labels: { cluster: eu, replica: '1' } }
//! remote_write: [{ url: 'http://store.example/api/v1/write' }]
//! # eu-2.yml
//! global: { external_labels: { cluster: eu, replica: '2' } }
//! remote_write: [{ url: 'http://store.example/api/v1/write' }]
//! ```
//!
//! # Source
//! `storage/remote/queue_manager.go` and `web/federate.go`, which add external labels; `tsdb/head_append.go`,
//! `ErrOutOfOrderSample`

use super::{Replicas, meeting_place, shown};
use crate::diagnostic::{Code, Diagnostic};
use crate::lint::Found;

const CODE: Code = Code::new("replicas/identical-external-labels");

pub(super) fn check(set: &Replicas<'_>, found: &mut Found) {
    for (at, &later) in set.nodes.iter().enumerate() {
        let Some(labels) = later.external_labels() else { continue };
        let twin = set.nodes[..at].iter().find(|earlier| earlier.external_labels().as_ref() == Some(&labels));
        let Some(&earlier) = twin else { continue };
        let Some(place) = meeting_place(set.preview, earlier, later) else { continue };
        let have = if labels.is_empty() {
            "have no external_labels".to_owned()
        } else {
            format!("have the same external_labels, {}", shown(&labels))
        };
        let (one, other) = (earlier.name(), later.name());
        let message = format!("`{one}` and `{other}` of replica set `{}` {have}", set.name());
        let because = format!(
            "nothing tells their series apart at {place}: samples of the two interleave, and those that come late are dropped as out of order"
        );
        let diagnostic = Diagnostic::error(CODE, later.label_span(""), message)
            .because(because)
            .help("give each a label of its own: `replica: NAME` under `external_labels`");
        let diagnostic = if earlier.file() == later.file() {
            diagnostic
        } else {
            diagnostic.label_in(earlier.file(), earlier.label_span(""), "the same labels")
        };
        found.push((later.file(), diagnostic));
    }
}
