//! Many series, as columns.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::labels::{LabelSet, METRIC_NAME};
use crate::sort;

use super::dictionary::{Dictionary, ValueId};
use super::hash::SeededHash;
use super::ids::Ids;

/// A row of a store, from 0. Rows of one shape lie together; the order in which they were pushed is their
/// *position*, see [`SeriesStore::position`].
pub type Row = u32;

/// What a timestamp column holds where a sample has none. A sample that spells this very number is stored
/// one millisecond later: both lie 292 million years in the past.
pub(super) const NO_TIMESTAMP: i64 = i64::MIN;

/// A label name of one store, as its place in the store's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LabelId(pub(super) u32);

/// A shape of one store: a list of label names that rows have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShapeId(pub(super) u32);

#[derive(Debug)]
pub(super) struct LabelValues {
    pub(super) name: Arc<str>,
    pub(super) values: Arc<Dictionary>,
}

#[derive(Debug)]
pub(super) struct ShapeRows {
    /// Sorted by name.
    pub(super) labels: Box<[LabelId]>,
    /// One a label, in the order of the labels.
    pub(super) columns: Vec<Ids>,
    pub(super) values: Vec<f64>,
    /// Empty where no row has a timestamp.
    pub(super) timestamps: Vec<i64>,
    pub(super) first: Row,
    /// Runs of consecutive positions: the row inside of the shape, and its position.
    pub(super) runs: Vec<(u32, u32)>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) labels: Vec<LabelValues>,
    /// All labels, sorted by name.
    pub(super) by_name: Vec<LabelId>,
    pub(super) shapes: Vec<ShapeRows>,
    pub(super) len: u32,
    pub(super) hash: SeededHash,
    pub(super) in_order: OnceLock<Vec<Row>>,
    pub(super) sorted: OnceLock<Vec<Row>>,
}

/// Series with one sample each: labels, value, perhaps a timestamp.
///
/// Immutable and cheap to clone. The distinct values of each label are kept once, in a [`Dictionary`] that
/// stores derived from one another share; rows are grouped by *shape*, the list of their label names, and
/// each shape holds a column of value ids a label. A label that is present with an empty value is in the
/// shape and has the value `""`; one that is absent is not in the shape. Matchers see both as `""`, as
/// Prometheus' do, and a scrape with `honor_labels` can tell them apart.
#[derive(Clone, Debug)]
pub struct SeriesStore {
    pub(super) inner: Arc<Inner>,
}

impl Default for SeriesStore {
    fn default() -> Self {
        super::StoreBuilder::new(0).finish()
    }
}

impl SeriesStore {
    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.len as usize
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.len == 0
    }

    /// Whether both are the same store, not merely equal ones.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// The labels of `row`, sorted by name, `__name__` and empty values included.
    pub fn labels(&self, row: Row) -> impl Iterator<Item = (&str, &str)> + Clone + '_ {
        let shape = self.shape_of(row);
        shape.columns().map(move |column| (column.name, column.get(row)))
    }

    /// The labels of `row` as a set of its own.
    #[must_use]
    pub fn label_set(&self, row: Row) -> LabelSet {
        self.labels(row).collect()
    }

    /// The value of `name` in `row`: `None` where the label is absent, `Some("")` where it is present and
    /// empty.
    #[must_use]
    pub fn label(&self, row: Row, name: &str) -> Option<&str> {
        Some(self.shape_of(row).column(name)?.get(row))
    }

    /// The metric's name, `""` where the row has none.
    #[must_use]
    pub fn metric_name(&self, row: Row) -> &str {
        self.label(row, METRIC_NAME).unwrap_or("")
    }

    /// The sample's value.
    #[must_use]
    pub fn value(&self, row: Row) -> f64 {
        let shape = self.shape_of(row);
        shape.rows.values[(row - shape.rows.first) as usize]
    }

    /// The sample's timestamp in milliseconds since 1970, where it has one.
    #[must_use]
    pub fn timestamp(&self, row: Row) -> Option<i64> {
        let shape = self.shape_of(row);
        let time = shape.rows.timestamps.get((row - shape.rows.first) as usize).copied();
        time.filter(|&time| time != NO_TIMESTAMP)
    }

    /// The row's position: where it stood in the text that was parsed, or what it was given when it was
    /// pushed. Positions of a derived store may have gaps.
    #[must_use]
    pub fn position(&self, row: Row) -> u32 {
        let shape = self.shape_of(row);
        position_in(&shape.rows.runs, row - shape.rows.first)
    }

    /// All rows in the order of their positions. Computed once, on the first call.
    #[must_use]
    pub fn rows_in_order(&self) -> &[Row] {
        self.inner.in_order.get_or_init(|| {
            let mut runs = Vec::new();
            for shape in &self.inner.shapes {
                let ends = shape.runs.iter().skip(1).map(|run| run.0).chain([shape.values.len() as u32]);
                let own = shape.runs.iter().zip(ends);
                runs.extend(own.map(|(&(row, position), end)| (position, shape.first + row, end - row)));
            }
            sort::sort_by_key(&mut runs, |&(position, ..)| position);
            runs.iter().flat_map(|&(_, row, len)| row..row + len).collect()
        })
    }

    /// The row at a position of a store that was parsed or pushed without gaps.
    #[must_use]
    pub fn row_at(&self, position: u32) -> Option<Row> {
        let rows = self.rows_in_order();
        let at = match rows.get(position as usize) {
            Some(&row) if self.position(row) == position => position as usize,
            _ => rows.binary_search_by_key(&position, |&row| self.position(row)).ok()?,
        };
        rows.get(at).copied()
    }

    /// The shape that `row` belongs to.
    ///
    /// # Panics
    /// When `row` is no row of this store.
    #[must_use]
    pub fn shape_of(&self, row: Row) -> Shape<'_> {
        assert!(row < self.inner.len, "row {row} of a store of {}", self.inner.len);
        let at = self.inner.shapes.partition_point(|shape| shape.first <= row) - 1;
        Shape { store: self, id: ShapeId(at as u32), rows: &self.inner.shapes[at] }
    }

    /// The shapes, each with at least one row, in the order of their rows.
    #[must_use]
    pub fn shapes(&self) -> impl ExactSizeIterator<Item = Shape<'_>> + Clone {
        let shapes = self.inner.shapes.iter().enumerate();
        shapes.map(|(at, rows)| Shape { store: self, id: ShapeId(at as u32), rows })
    }

    /// The shape of an id that this store gave out.
    ///
    /// # Panics
    /// When the id is another store's and is not known here.
    #[must_use]
    pub fn shape(&self, id: ShapeId) -> Shape<'_> {
        Shape { store: self, id, rows: &self.inner.shapes[id.0 as usize] }
    }

    /// The label names of all rows, sorted, each with its distinct values. Values that no row of this store
    /// has may be among them: a derived store shares the dictionaries of its source.
    #[must_use]
    pub fn label_names(&self) -> impl ExactSizeIterator<Item = (&str, &Arc<Dictionary>)> {
        self.inner.by_name.iter().map(|&id| {
            let label = &self.inner.labels[id.0 as usize];
            (&*label.name, &label.values)
        })
    }

    /// The bytes held on the heap, what is shared with other stores included.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let inner = &*self.inner;
        let labels = inner.labels.iter().map(|label| label.name.len() + 16 + label.values.heap_bytes());
        let shapes = inner.shapes.iter().map(|shape| {
            shape.labels.len() * 4
                + shape.columns.capacity() * size_of::<Ids>()
                + shape.columns.iter().map(Ids::heap_bytes).sum::<usize>()
                + (shape.values.capacity() + shape.timestamps.capacity() + shape.runs.capacity()) * 8
        });
        labels.chain(shapes).sum::<usize>()
            + inner.labels.capacity() * size_of::<LabelValues>()
            + inner.shapes.capacity() * size_of::<ShapeRows>()
            + inner.by_name.capacity() * 4
            + inner.in_order.get().map_or(0, |rows| rows.len() * 4)
            + inner.sorted.get().map_or(0, |rows| rows.len() * 4)
    }

    pub(super) fn label_id(&self, name: &[u8]) -> Option<LabelId> {
        let inner = &*self.inner;
        let named = |id: &LabelId| inner.labels[id.0 as usize].name.as_bytes();
        inner.by_name.binary_search_by(|id| named(id).cmp(name)).ok().map(|at| inner.by_name[at])
    }
}

/// The rows of a store that have the same label names.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a> {
    store: &'a SeriesStore,
    id: ShapeId,
    pub(super) rows: &'a ShapeRows,
}

impl<'a> Shape<'a> {
    /// The shape's id, with which [`SeriesStore::shape`] finds it again.
    #[must_use]
    pub fn id(&self) -> ShapeId {
        self.id
    }

    /// The rows, which follow one another.
    #[must_use]
    pub fn rows(&self) -> Range<Row> {
        self.rows.first..self.rows.first + self.rows.values.len() as u32
    }

    /// The columns, sorted by label name.
    #[must_use]
    pub fn columns(&self) -> impl ExactSizeIterator<Item = Column<'a>> + Clone + use<'a> {
        let Self { store, rows, .. } = *self;
        rows.labels.iter().zip(&rows.columns).map(move |(&label, ids)| {
            let values = &store.inner.labels[label.0 as usize];
            Column { name: &values.name, values: &values.values, ids, first: rows.first }
        })
    }

    /// The column of the label `name`, where the shape has it.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<Column<'a>> {
        self.column_of(self.store.label_id(name.as_bytes())?)
    }

    pub(super) fn column_of(&self, label: LabelId) -> Option<Column<'a>> {
        let at = self.rows.labels.iter().position(|&have| have == label)?;
        self.columns().nth(at)
    }

    /// The samples' values, one a row.
    #[must_use]
    pub fn values(&self) -> &'a [f64] {
        &self.rows.values
    }
}

/// One label of the rows of a shape.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// The label's name.
    pub name: &'a str,
    /// The distinct values that the ids stand for.
    pub values: &'a Arc<Dictionary>,
    /// The value of each row of the shape, in the order of the rows.
    pub ids: &'a Ids,
    first: Row,
}

impl<'a> Column<'a> {
    /// The value in `row`, which is a row of the column's shape.
    #[must_use]
    pub fn get(&self, row: Row) -> &'a str {
        self.values.get(self.id(row))
    }

    /// The value's id in `row`, which is a row of the column's shape.
    #[must_use]
    pub fn id(&self, row: Row) -> ValueId {
        self.ids.get((row - self.first) as usize)
    }
}

pub(super) fn position_in(runs: &[(u32, u32)], row: u32) -> u32 {
    let at = runs.partition_point(|run| run.0 <= row);
    match at.checked_sub(1).and_then(|at| runs.get(at)) {
        Some(&(start, position)) => position + (row - start),
        None => row,
    }
}
