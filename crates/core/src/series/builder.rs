//! Making stores: row by row, or from rows of other stores.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::Row;
use super::dictionary::{GrowingDictionary, ValueId};
use super::hash::{SeededHash, SeededState};
use super::ids::GrowingColumn;
use super::store::{Inner, LabelId, LabelValues, NO_TIMESTAMP, SeriesStore, ShapeId, ShapeRows};

use crate::labels::METRIC_NAME;
use crate::sort;

/// The most label names a store takes: each has a dictionary of its own.
const MAX_LABEL_NAMES: usize = 1 << 20;
/// The most labels one row may have.
pub(crate) const MAX_LABELS_OF_A_ROW: usize = 4096;
/// The most rows of a store.
pub(super) const MAX_ROWS: usize = u32::MAX as usize - 1;

/// Why a store takes no more. The budgets are far above what one Prometheus server holds; they keep hostile
/// input from taking the whole memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFull {
    /// There would be too many label names.
    LabelNames,
    /// One row has too many labels.
    LabelsOfARow,
    /// One label's distinct values would be too large.
    Values,
    /// There would be too many rows.
    Rows,
}

impl fmt::Display for StoreFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LabelNames => write!(f, "more than {MAX_LABEL_NAMES} different label names"),
            Self::LabelsOfARow => write!(f, "more than {MAX_LABELS_OF_A_ROW} labels in one series"),
            Self::Values => f.write_str("more than 4 GiB of different values of one label"),
            Self::Rows => write!(f, "more than {MAX_ROWS} series"),
        }
    }
}

impl std::error::Error for StoreFull {}

/// What becomes of labels that are present with an empty value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyLabels {
    /// They stay, as in exposition text.
    Keep,
    /// They vanish, as they do when Prometheus stores a series.
    Drop,
}

/// Makes a [`SeriesStore`]: rows are pushed one by one or as [`super::Frame`]s, in the order that becomes their
/// position.
#[derive(Debug)]
pub struct StoreBuilder {
    pub(super) hash: SeededHash,
    pub(super) labels: Vec<GrowingLabel>,
    label_ids: HashMap<Arc<str>, LabelId, SeededState>,
    pub(super) shapes: Vec<GrowingShape>,
    shape_ids: HashMap<Box<[LabelId]>, ShapeId, SeededState>,
    pub(super) len: usize,
    next_position: u32,
}

#[derive(Debug)]
pub(super) struct GrowingLabel {
    name: Arc<str>,
    pub(super) values: GrowingDictionary,
}

#[derive(Debug)]
pub(super) struct GrowingShape {
    pub(super) labels: Box<[LabelId]>,
    pub(super) columns: Vec<GrowingColumn>,
    pub(super) values: Vec<f64>,
    timestamps: Vec<i64>,
    runs: Vec<(u32, u32)>,
    /// The position that would continue the last run.
    run_end: u32,
    /// Who appended the last row, see [`StoreBuilder::append`].
    pub(super) writer: u32,
}

/// Nobody in particular appended the last row.
pub(super) const NO_WRITER: u32 = u32::MAX;

impl StoreBuilder {
    /// An empty store to be. The `seed` keys the hashes of dictionaries: give one that whoever writes the
    /// input cannot know. It changes nothing in what the store holds.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let hash = SeededHash::new(seed);
        Self {
            hash,
            labels: Vec::new(),
            label_ids: HashMap::with_hasher(SeededState(hash)),
            shapes: Vec::new(),
            shape_ids: HashMap::with_hasher(SeededState(hash)),
            len: 0,
            next_position: 0,
        }
    }

    /// The number of rows so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The position that the next row pushed by itself gets.
    #[must_use]
    pub fn next_position(&self) -> u32 {
        self.next_position
    }

    /// Pushes one series. `labels` come in any order; of two with the same name the first counts. The
    /// timestamp is in milliseconds since 1970.
    ///
    /// # Errors
    /// When the store is full; the row is then not in it.
    pub fn push<'a>(
        &mut self,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
        value: f64,
        timestamp: Option<i64>,
    ) -> Result<(), StoreFull> {
        self.push_at(self.next_position, labels, value, timestamp)
    }

    /// As [`Self::push`], giving the row a position of its own.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn push_at<'a>(
        &mut self,
        position: u32,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
        value: f64,
        timestamp: Option<i64>,
    ) -> Result<(), StoreFull> {
        let mut pairs = Vec::new();
        for (name, text) in labels {
            let label = self.label(name)?;
            if pairs.iter().all(|&(have, _)| have != label) {
                pairs.push((label, self.intern(label, text)?));
            }
        }
        let names: Vec<LabelId> = pairs.iter().map(|&(label, _)| label).collect();
        let shape = self.shape(&names)?;
        if self.len >= MAX_ROWS {
            return Err(StoreFull::Rows);
        }
        let target = &mut self.shapes[shape.0 as usize];
        target.writer = NO_WRITER;
        let row = target.values.len();
        for (label, id) in pairs {
            if let Some(place) = labels_place(&target.labels, label) {
                target.columns[place].set(row, id);
            }
        }
        self.sample(shape, value, timestamp, position);
        Ok(())
    }

    /// Pushes series that differ in their metric's name alone, each with its value and no timestamp. As in
    /// [`Self::push`], of two labels with the same name the first counts, and the metric's name comes before all.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn push_named<'a>(
        &mut self,
        named: impl IntoIterator<Item = (&'a str, f64)>,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), StoreFull> {
        let metric_name = self.label(METRIC_NAME)?;
        let mut names = vec![metric_name];
        let mut pairs = Vec::new();
        for (name, text) in labels {
            let label = self.label(name)?;
            if !names.contains(&label) {
                names.push(label);
                pairs.push((label, self.intern(label, text)?));
            }
        }
        let shape = self.shape(&names)?;
        let places = self.shapes[shape.0 as usize].labels.clone();
        let name_place = labels_place(&places, metric_name);
        for (name, value) in named {
            let id = self.intern(metric_name, name)?;
            if self.len >= MAX_ROWS {
                return Err(StoreFull::Rows);
            }
            let target = &mut self.shapes[shape.0 as usize];
            target.writer = NO_WRITER;
            let row = target.values.len();
            for &(label, id) in &pairs {
                if let Some(place) = labels_place(&places, label) {
                    target.columns[place].set(row, id);
                }
            }
            if let Some(place) = name_place {
                target.columns[place].set(row, id);
            }
            self.sample(shape, value, None, self.next_position);
        }
        Ok(())
    }

    /// The finished store.
    #[must_use]
    pub fn finish(self) -> SeriesStore {
        let mut first = 0;
        let mut shapes = Vec::with_capacity(self.shapes.len());
        for mut shape in self.shapes {
            let rows = shape.values.len();
            if rows == 0 {
                continue;
            }
            shape.values.shrink_to_fit();
            shape.timestamps.shrink_to_fit();
            shape.runs.shrink_to_fit();
            shapes.push(ShapeRows {
                labels: shape.labels,
                columns: shape.columns.into_iter().map(|column| column.finish(rows)).collect(),
                values: shape.values,
                timestamps: shape.timestamps,
                first,
                runs: shape.runs,
            });
            first += rows as Row;
        }
        let finish = |label: GrowingLabel| LabelValues { name: label.name, values: label.values.finish() };
        let labels: Vec<LabelValues> = self.labels.into_iter().map(finish).collect();
        let mut by_name: Vec<LabelId> = (0..labels.len() as u32).map(LabelId).collect();
        sort::sort_by(&mut by_name, |a, b| labels[a.0 as usize].name.cmp(&labels[b.0 as usize].name));
        SeriesStore {
            inner: Arc::new(Inner {
                labels,
                by_name,
                shapes,
                len: first,
                hash: self.hash,
                in_order: OnceLock::new(),
                sorted: OnceLock::new(),
            }),
        }
    }

    /// The bytes held on the heap so far.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let shapes = self.shapes.iter().map(|shape| {
            shape.columns.iter().map(GrowingColumn::heap_bytes).sum::<usize>()
                + (shape.values.capacity() + shape.timestamps.capacity() + shape.runs.capacity()) * 8
        });
        let labels = self.labels.iter().map(|label| label.values.heap_bytes());
        shapes.chain(labels).sum()
    }

    /// The id of the label `name`.
    pub(crate) fn label(&mut self, name: &str) -> Result<LabelId, StoreFull> {
        if let Some(&id) = self.label_ids.get(name) {
            return Ok(id);
        }
        if self.labels.len() >= MAX_LABEL_NAMES {
            return Err(StoreFull::LabelNames);
        }
        let id = LabelId(self.labels.len() as u32);
        let name: Arc<str> = name.into();
        self.labels.push(GrowingLabel { name: Arc::clone(&name), values: GrowingDictionary::new(self.hash) });
        self.label_ids.insert(name, id);
        Ok(id)
    }

    /// The id of a value of `label`, which is added where it is new.
    pub(crate) fn intern(&mut self, label: LabelId, value: &str) -> Result<ValueId, StoreFull> {
        self.labels[label.0 as usize].values.intern(value).ok_or(StoreFull::Values)
    }

    /// As [`Self::intern`], for a value that is text only once it has been checked. `None` when it is not
    /// UTF-8 or the store is full.
    #[inline]
    pub(crate) fn intern_bytes(&mut self, label: LabelId, value: &[u8]) -> Option<ValueId> {
        let values = &mut self.labels[label.0 as usize].values;
        let hash = values.hash(value);
        match values.find(hash, value) {
            Some(id) => Some(id),
            None => values.add(hash, std::str::from_utf8(value).ok()?),
        }
    }

    /// The labels of a shape, sorted by name: one a column.
    pub(crate) fn shape_labels(&self, shape: ShapeId) -> &[LabelId] {
        &self.shapes[shape.0 as usize].labels
    }

    /// The shape of rows with these labels, in any order, each once.
    pub(crate) fn shape(&mut self, labels: &[LabelId]) -> Result<ShapeId, StoreFull> {
        if labels.len() > MAX_LABELS_OF_A_ROW {
            return Err(StoreFull::LabelsOfARow);
        }
        let mut sorted: Box<[LabelId]> = labels.into();
        let name = |id: &LabelId| &self.labels[id.0 as usize].name;
        sort::sort_by(&mut sorted, |a, b| name(a).cmp(name(b)));
        if let Some(&id) = self.shape_ids.get(&sorted) {
            return Ok(id);
        }
        let id = ShapeId(self.shapes.len() as u32);
        self.shapes.push(GrowingShape {
            columns: sorted.iter().map(|_| GrowingColumn::default()).collect(),
            labels: sorted.clone(),
            values: Vec::new(),
            timestamps: Vec::new(),
            runs: Vec::new(),
            run_end: 0,
            writer: NO_WRITER,
        });
        self.shape_ids.insert(sorted, id);
        Ok(id)
    }

    /// Appends a row that repeats the one before but for the columns in `changed`. `ids` are the values of all
    /// columns: they count where the row before came from somebody else than `writer`.
    ///
    /// # Errors
    /// When the store is full.
    #[inline]
    pub(crate) fn append(
        &mut self,
        shape: ShapeId,
        writer: u32,
        changed: &[(usize, ValueId)],
        ids: &[ValueId],
        value: f64,
        timestamp: Option<i64>,
    ) -> Result<(), StoreFull> {
        if self.len >= MAX_ROWS {
            return Err(StoreFull::Rows);
        }
        let target = &mut self.shapes[shape.0 as usize];
        let row = target.values.len();
        if target.writer == writer {
            for &(column, id) in changed {
                target.columns[column].set(row, id);
            }
        } else {
            target.writer = writer;
            for (column, &id) in target.columns.iter_mut().zip(ids) {
                column.set(row, id);
            }
        }
        self.sample(shape, value, timestamp, self.next_position);
        Ok(())
    }

    #[inline]
    pub(super) fn sample(&mut self, shape: ShapeId, value: f64, timestamp: Option<i64>, position: u32) {
        let shape = &mut self.shapes[shape.0 as usize];
        let row = shape.values.len();
        if row == 0 || shape.run_end != position {
            shape.runs.push((row as u32, position));
        }
        shape.run_end = position.wrapping_add(1);
        shape.values.push(value);
        if let Some(time) = timestamp {
            if shape.timestamps.len() < row {
                shape.timestamps.resize(row, NO_TIMESTAMP);
            }
            shape.timestamps.push(time.max(NO_TIMESTAMP + 1));
        } else if !shape.timestamps.is_empty() {
            shape.timestamps.push(NO_TIMESTAMP);
        }
        self.len += 1;
        self.next_position = self.next_position.max(position.wrapping_add(1));
    }
}

/// The column of `label`.
pub(super) fn labels_place(labels: &[LabelId], label: LabelId) -> Option<usize> {
    labels.iter().position(|&have| have == label)
}
