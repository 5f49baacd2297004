//! The series of an instant vector of which only the labels are known.

use std::collections::BTreeMap;

use crate::labels::{LabelSet, METRIC_NAME};

/// Label sets, each with whether it surely exists.
#[derive(Clone, Debug)]
pub(super) struct Vector {
    pub(super) series: BTreeMap<LabelSet, bool>,
    /// Whether there are no series but these.
    pub(super) complete: bool,
}

/// How often a label set came up when series were given new labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clash {
    /// Never twice.
    None,
    /// Twice when some series exist that possibly do.
    Possible,
    /// Twice.
    Certain,
}

impl Vector {
    pub(super) fn empty() -> Self {
        Self { series: BTreeMap::new(), complete: true }
    }

    /// Nothing is known.
    pub(super) fn unknown() -> Self {
        Self { series: BTreeMap::new(), complete: false }
    }

    pub(super) fn one(labels: LabelSet) -> Self {
        Self { series: crate::sort::ordered_map([(labels, true)]), complete: true }
    }

    /// Whether it may have no series at all.
    pub(super) fn may_be_empty(&self) -> bool {
        !self.series.values().any(|certain| *certain)
    }

    pub(super) fn surely_empty(&self) -> bool {
        self.complete && self.series.is_empty()
    }

    pub(super) fn doubt(mut self) -> Self {
        self.series.values_mut().for_each(|certain| *certain = false);
        self
    }

    /// Collects series of which two with equal labels are an error.
    pub(super) fn distinct(
        series: impl IntoIterator<Item = (LabelSet, bool)>,
        complete: bool,
    ) -> (Self, Clash) {
        let mut all: BTreeMap<LabelSet, bool> = BTreeMap::new();
        let mut clash = Clash::None;
        for (labels, certain) in series {
            match all.get_mut(&labels) {
                None => {
                    all.insert(labels, certain);
                }
                Some(known) => {
                    if *known && certain {
                        clash = Clash::Certain;
                    } else if clash == Clash::None {
                        clash = Clash::Possible;
                    }
                    *known |= certain;
                }
            }
        }
        (Self { series: all, complete }, clash)
    }
}

/// `labels` without the metric's name.
pub(super) fn unnamed(mut labels: LabelSet) -> LabelSet {
    labels.remove(METRIC_NAME);
    labels
}
