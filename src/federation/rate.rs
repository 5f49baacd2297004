//! What pulls cost over time.

use super::Preview;
use super::outcome::{Failure, PullOutcome};
use super::topology::Pull;

/// What pulls read and store in a second, on average.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    /// Samples that are read.
    pub samples: f64,
    /// Samples that are stored of them, without those that a server adds about its scrapes.
    pub stored: f64,
    /// Bytes on the wire, as text that is not compressed.
    pub bytes: f64,
}

impl Rate {
    /// That of one pull; `None` where it is not known.
    #[must_use]
    pub fn of_pull(pull: &Pull, outcome: &PullOutcome) -> Option<Self> {
        if matches!(outcome.failure, Some(Failure::Unknown(_))) || pull.interval_ms == 0 {
            return None;
        }
        let each_second = |count: f64| count * 1000.0 / pull.interval_ms as f64;
        Some(Self {
            samples: each_second(outcome.exposed.into()),
            stored: each_second(outcome.scraped.kept.len() as f64),
            bytes: each_second(outcome.bytes as f64),
        })
    }

    /// That of all pulls of a node that are known, and whether all are.
    #[must_use]
    pub fn of_node(preview: &Preview, node: usize) -> (Self, bool) {
        let (mut sum, mut all) = (Self::default(), true);
        let pulls = preview.topology.pulls.iter().zip(&preview.pulls);
        for (pull, outcome) in pulls.filter(|(pull, _)| pull.node == node) {
            match Self::of_pull(pull, outcome) {
                Some(rate) => {
                    sum.samples += rate.samples;
                    sum.stored += rate.stored;
                    sum.bytes += rate.bytes;
                }
                None => all = false,
            }
        }
        all &= preview.topology.unknown.iter().all(|unknown| unknown.0 != node);
        (sum, all)
    }

    /// Its bytes, to the next whole one.
    #[must_use]
    #[expect(clippy::cast_sign_loss, reason = "what is read is never less than nothing")]
    pub const fn whole_bytes(&self) -> u64 {
        self.bytes.round() as u64
    }
}
