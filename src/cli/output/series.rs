//! Series for programs: labels, value and timestamp, as Prometheus prints them.

use promtier::exposition::format_float;
use promtier::federation::{Escaping, endpoint};
use promtier::labels::LabelSet;
use promtier::series::{Bitset, Frame, Row, SeriesStore, sample};
use promtier::version::Version;
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, SerializeStruct as _, Serializer};

/// What `/federate` would answer, with the labels that it prints.
pub(crate) struct Answer<'a> {
    store: &'a SeriesStore,
    frames: Vec<Frame>,
    /// The frame of each row and its place there.
    places: Vec<(u32, u32)>,
    version: Version,
}

impl<'a> Answer<'a> {
    /// Prepares to print `rows` as Prometheus of `version` answers them.
    pub(crate) fn new(
        store: &'a SeriesStore,
        rows: &Bitset,
        external_labels: &LabelSet,
        spelling: Escaping,
        version: Version,
    ) -> Self {
        let frames = endpoint::printed(store, rows, external_labels, spelling);
        let mut places = vec![(0, 0); store.len()];
        for (number, frame) in (0..).zip(&frames) {
            for at in 0..frame.len() {
                places[frame.row(at) as usize] = (number, at as u32);
            }
        }
        Self { store, frames, places, version }
    }

    /// Some of the rows, in the order of the answer; each with the numbers of the sets of `selected` that
    /// hold it, where they are given.
    pub(crate) fn rows<'s>(&'s self, rows: &Bitset, selected: Option<&'s [Bitset]>) -> AnswerRows<'s> {
        AnswerRows { answer: self, rows: self.store.in_answer_order(rows, self.version), selected }
    }
}

/// See [`Answer::rows`].
pub(crate) struct AnswerRows<'a> {
    answer: &'a Answer<'a>,
    rows: Vec<Row>,
    selected: Option<&'a [Bitset]>,
}

impl Serialize for AnswerRows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.rows.len()))?;
        for &row in &self.rows {
            list.serialize_element(&AnswerRow { rows: self, row })?;
        }
        list.end()
    }
}

struct AnswerRow<'a> {
    rows: &'a AnswerRows<'a>,
    row: Row,
}

impl Serialize for AnswerRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let AnswerRows { answer, selected, .. } = self.rows;
        let (frame, at) = answer.places[self.row as usize];
        let mut object = serializer.serialize_struct("series", 3 + usize::from(selected.is_some()))?;
        object.serialize_field("labels", &FrameLabels(&answer.frames[frame as usize], at as usize))?;
        object.serialize_field("value", &value(answer.store.value(self.row)))?;
        object.serialize_field("timestamp", &timestamp(answer.store.timestamp(self.row)))?;
        if let Some(selected) = selected {
            let numbers: Vec<usize> = (0..)
                .zip(*selected)
                .filter(|(_, rows)| rows.contains(self.row))
                .map(|(number, _)| number)
                .collect();
            object.serialize_field("selectors", &numbers)?;
        }
        object.end()
    }
}

struct FrameLabels<'a>(&'a Frame, usize);

impl Serialize for FrameLabels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0.labels(self.1) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The labels of a stored series.
pub(crate) struct StoredLabels<'a> {
    /// The store.
    pub(crate) store: &'a SeriesStore,
    /// The series.
    pub(crate) row: Row,
}

impl Serialize for StoredLabels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.store.labels(self.row).filter(|(_, value)| !value.is_empty()) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A value as Prometheus prints it; `None` for one that cannot be known.
pub(crate) fn value(value: f64) -> Option<String> {
    (!sample::is_unknown(value)).then(|| format_float(value))
}

/// A timestamp as Prometheus prints it, in milliseconds.
pub(crate) fn timestamp(timestamp: Option<i64>) -> Option<String> {
    timestamp.map(|time| time.to_string())
}
