//! The order in which `/federate` prints series, and which rows are the same series.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::labels::METRIC_NAME;

use super::Bitset;
use super::builder::Seeded;
use super::store::{LabelId, Row, SeriesStore, ShapeRows};

impl SeriesStore {
    /// All rows in the order in which `/federate` prints them: by metric name, then by labels as
    /// Prometheus' `labels.Compare` orders them; of equal series the one with the lower position first.
    /// Labels with an empty value count as absent. Computed once, on the first call.
    ///
    /// Source: `web/federate.go` sorts by name alone and leaves the rest to the order in which storage
    /// answers, which is label order.
    #[must_use]
    pub fn sorted_rows(&self) -> &[Row] {
        self.inner.sorted.get_or_init(|| {
            let keys = SortKeys::new(self);
            let mut rows: Vec<Row> = self.rows_in_order().to_vec();
            rows.sort_by(|&a, &b| keys.compare(a, b));
            rows
        })
    }

    /// The `rows` in the order of [`Self::sorted_rows`].
    #[must_use]
    pub fn sorted(&self, rows: &Bitset) -> Vec<Row> {
        self.sorted_rows().iter().copied().filter(|&row| rows.contains(row)).collect()
    }

    /// Compares two rows as [`Self::sorted_rows`] orders them, positions left aside.
    #[must_use]
    pub fn compare(&self, a: Row, b: Row) -> Ordering {
        let name = self.metric_name(a).cmp(self.metric_name(b));
        let labels = |row| self.labels(row).filter(|(_, value)| !value.is_empty());
        name.then_with(|| labels(a).cmp(labels(b)))
    }

    /// For every row that is the same series as an earlier one, by position: the pair `(row, earliest)`, in
    /// the order of the rows' positions. Labels with an empty value count as absent.
    #[must_use]
    pub fn duplicates(&self) -> Vec<(Row, Row)> {
        let hashes = self.row_hashes();
        let mut first: HashMap<u64, Vec<Row>, Seeded> = HashMap::with_hasher(Seeded(self.inner.hash));
        let mut found = Vec::new();
        for &row in self.rows_in_order() {
            let same = first.entry(hashes[row as usize]).or_default();
            match same.iter().find(|&&other| self.compare(row, other) == Ordering::Equal) {
                Some(&earliest) => found.push((row, earliest)),
                None => same.push(row),
            }
        }
        found
    }

    /// A hash of each row's labels, empty values left out: a sum over its labels, so that the shape does not
    /// matter.
    fn row_hashes(&self) -> Vec<u64> {
        let hash = &self.inner.hash;
        let of_values: Vec<Vec<u64>> = (0..)
            .zip(&self.inner.labels)
            .map(|(at, label)| {
                let of_label = hash.number(hash.start(), at);
                let of_value = |(id, value): (u64, &str)| match value {
                    "" => 0,
                    _ => hash.number(of_label, id),
                };
                (0..).zip(label.values.iter()).map(of_value).collect()
            })
            .collect();
        let mut hashes = vec![0_u64; self.len()];
        for shape in &self.inner.shapes {
            for (label, ids) in shape.labels.iter().zip(&shape.columns) {
                let of_value = &of_values[label.0 as usize];
                for (slot, id) in hashes[shape.first as usize..].iter_mut().zip(ids.iter()) {
                    *slot = slot.wrapping_add(of_value[id as usize]);
                }
            }
        }
        hashes
    }
}

/// The ranks of all values, so that rows compare by number.
struct SortKeys<'a> {
    shapes: &'a [ShapeRows],
    /// By label: the rank of each value, and the id of the empty one.
    ranks: Vec<&'a [u32]>,
    empty: Vec<Option<u32>>,
    /// By label: the place of its name among all names.
    name_ranks: Vec<u32>,
    metric_name: Option<LabelId>,
}

impl<'a> SortKeys<'a> {
    fn new(store: &'a SeriesStore) -> Self {
        let inner = &*store.inner;
        let mut name_ranks = vec![0; inner.labels.len()];
        for (rank, id) in (0..).zip(&inner.by_name) {
            name_ranks[id.0 as usize] = rank;
        }
        Self {
            shapes: &inner.shapes,
            ranks: inner.labels.iter().map(|label| label.values.ranks()).collect(),
            empty: inner.labels.iter().map(|label| label.values.find(b"")).collect(),
            name_ranks,
            metric_name: store.label_id(METRIC_NAME.as_bytes()),
        }
    }

    fn shape(&self, row: Row) -> &'a ShapeRows {
        &self.shapes[self.shapes.partition_point(|shape| shape.first <= row) - 1]
    }

    /// The rank of the metric's name, 0 for none.
    fn name(&self, shape: &ShapeRows, row: Row) -> u32 {
        let place = self.metric_name.and_then(|name| shape.labels.iter().position(|&label| label == name));
        place.map_or(0, |place| {
            let (id, label) = (shape.columns[place].get((row - shape.first) as usize), shape.labels[place].0);
            if Some(id) == self.empty[label as usize] {
                0
            } else {
                self.ranks[label as usize][id as usize] + 1
            }
        })
    }

    /// The ranks of label name and value, pair by pair.
    fn pairs(&self, shape: &'a ShapeRows, row: Row) -> impl Iterator<Item = (u32, u32)> + '_ {
        let at = (row - shape.first) as usize;
        shape.labels.iter().zip(&shape.columns).filter_map(move |(label, ids)| {
            let (label, id) = (label.0 as usize, ids.get(at));
            (Some(id) != self.empty[label]).then(|| (self.name_ranks[label], self.ranks[label][id as usize]))
        })
    }

    fn compare(&self, a: Row, b: Row) -> Ordering {
        let (shape_a, shape_b) = (self.shape(a), self.shape(b));
        let name = self.name(shape_a, a).cmp(&self.name(shape_b, b));
        name.then_with(|| self.pairs(shape_a, a).cmp(self.pairs(shape_b, b)))
    }
}
