//! The order in which `/federate` prints series, and which rows are the same series.

use std::cmp::Ordering;

use crate::labels::METRIC_NAME;
use crate::sort;
use crate::version::Version;

use super::Bitset;
use super::go_sort;
use super::store::{LabelId, Row, SeriesStore, ShapeRows};

impl SeriesStore {
    /// All rows in the order of people and, but for rare labels, of `/federate`: by metric name, then by labels as
    /// Prometheus' `labels.Compare` orders them; of equal series the one with the lower position first.
    /// Labels with an empty value count as absent. Computed once, on the first call.
    #[must_use]
    pub fn sorted_rows(&self) -> &[Row] {
        self.inner.sorted.get_or_init(|| SortKeys::new(self).sorted(self.rows_in_order()))
    }

    /// The `rows` in the order of [`Self::sorted_rows`].
    #[must_use]
    pub fn sorted(&self, rows: &Bitset) -> Vec<Row> {
        self.sorted_rows().iter().copied().filter(|&row| rows.contains(row)).collect()
    }

    /// The `rows` in the order in which `/federate` of `version` answers them, exactly.
    ///
    /// That is [`Self::sorted`], unless a label sorts before `__name__`, such as `Zone`: storage then does not
    /// answer by name first, and the sort by name that follows (`web/federate.go`) shuffles series of one name.
    #[must_use]
    pub fn in_answer_order(&self, rows: &Bitset, version: Version) -> Vec<Row> {
        let in_order = self.sorted(rows);
        if self.label_names().all(|(name, _)| name >= METRIC_NAME) {
            return in_order;
        }
        // Equal series keep the order of their positions.
        let mut rows = in_order;
        let labels = |row| self.labels(row).filter(|(_, value)| !value.is_empty());
        sort::sort_ids(&mut rows, &mut |a, b| labels(a).cmp(labels(b)));
        go_sort::sort_by(&mut rows, version, |a, b| self.metric_name(a) < self.metric_name(b));
        rows
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
        // Open addressing, at most half full; a slot holds a row plus one, or 0.
        let mut slots = vec![0_u32; (self.len() * 2).next_power_of_two()];
        let mask = slots.len() - 1;
        let mut found = Vec::new();
        for &row in self.rows_in_order() {
            let hash = hashes[row as usize];
            let mut at = hash as usize & mask;
            loop {
                let Some(earlier) = slots[at].checked_sub(1) else {
                    slots[at] = row + 1;
                    break;
                };
                if hashes[earlier as usize] == hash && self.compare(row, earlier) == Ordering::Equal {
                    found.push((row, earlier));
                    break;
                }
                at = (at + 1) & mask;
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

/// Rows compared by the ranks of their values.
struct SortKeys<'a> {
    store: &'a SeriesStore,
    /// By label: the id of the empty value.
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
            store,
            empty: inner.labels.iter().map(|label| label.values.find(b"")).collect(),
            name_ranks,
            metric_name: store.label_id(METRIC_NAME.as_bytes()),
        }
    }

    fn ranks(&self, label: LabelId) -> &'a [u32] {
        self.store.inner.labels[label.0 as usize].values.ranks()
    }

    fn shape(&self, row: Row) -> &'a ShapeRows {
        let shapes = &self.store.inner.shapes;
        &shapes[shapes.partition_point(|shape| shape.first <= row) - 1]
    }

    /// Sorts rows that are in the order of their positions: first into families, then each family.
    fn sorted(&self, in_order: &[Row]) -> Vec<Row> {
        let families = self.families();
        let count = families.iter().max().map_or(0, |&most| most as usize + 1);
        let mut starts = vec![0_u32; count + 1];
        for &family in &families {
            starts[family as usize + 1] += 1;
        }
        for at in 0..count {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut rows = vec![0; in_order.len()];
        for &row in in_order {
            let place = &mut next[families[row as usize] as usize];
            rows[*place as usize] = row;
            *place += 1;
        }
        for bounds in starts.windows(2) {
            self.sort_family(&mut rows[bounds[0] as usize..bounds[1] as usize]);
        }
        rows
    }

    /// For every row the rank of its metric's name, 0 for none.
    fn families(&self) -> Vec<u32> {
        let mut families = vec![0; self.store.len()];
        let Some(name) = self.metric_name else { return families };
        let (ranks, empty) = (self.ranks(name), self.empty[name.0 as usize]);
        for shape in &self.store.inner.shapes {
            let Some(place) = shape.labels.iter().position(|&label| label == name) else { continue };
            for (slot, id) in families[shape.first as usize..].iter_mut().zip(shape.columns[place].iter()) {
                *slot = if Some(id) == empty { 0 } else { ranks[id as usize] + 1 };
            }
        }
        families
    }

    fn sort_family(&self, rows: &mut [Row]) {
        let Some(&first) = rows.first() else { return };
        let shape = self.shape(first);
        let range = shape.first..shape.first + shape.values.len() as Row;
        if rows.iter().all(|row| range.contains(row)) {
            self.sort_rows_of(shape, rows);
            return;
        }
        // A run of each shape, sorted by itself; the sort then merges the runs.
        sort::sort_ids(rows, &mut |a, b| self.shape(a).first.cmp(&self.shape(b).first));
        for run in rows.chunk_by_mut(|&a, &b| self.shape(a).first == self.shape(b).first) {
            if let Some(&first) = run.first() {
                self.sort_rows_of(self.shape(first), run);
            }
        }
        let position = |row| self.store.position(row);
        sort::sort_ids(rows, &mut |a, b| self.compare(a, b).then_with(|| position(a).cmp(&position(b))));
    }

    /// Sorts rows of one shape and one family, which are in the order of their positions.
    fn sort_rows_of(&self, shape: &ShapeRows, rows: &mut [Row]) {
        let Some(&first) = rows.first() else { return };
        let at = |row: Row| (row - shape.first) as usize;
        let mut keys = vec![0_u128; rows.len()];
        let mut bits = 0;
        for (&label, ids) in shape.labels.iter().zip(&shape.columns) {
            let one = ids.get(at(first));
            let empty = self.empty[label.0 as usize];
            if rows.iter().all(|&row| ids.get(at(row)) == one) {
                continue;
            }
            let ranks = self.ranks(label);
            let width = u32::BITS - (ranks.len() as u32).leading_zeros();
            bits += width;
            if bits > u128::BITS
                || empty.is_some_and(|empty| rows.iter().any(|&row| ids.get(at(row)) == empty))
            {
                sort::sort_ids(rows, &mut |a, b| self.compare(a, b));
                return;
            }
            for (key, &row) in keys.iter_mut().zip(&*rows) {
                *key = *key << width | u128::from(ranks[ids.get(at(row)) as usize]);
            }
        }
        if keys.is_sorted() {
            return;
        }
        let mut keyed: Vec<(u128, Row)> = keys.into_iter().zip(rows.iter().copied()).collect();
        keyed.sort_by_key(|&(key, _)| key);
        for (slot, (_, row)) in rows.iter_mut().zip(keyed) {
            *slot = row;
        }
    }

    /// The ranks of label name and value, pair by pair.
    fn pairs(&self, shape: &'a ShapeRows, row: Row) -> impl Iterator<Item = (u32, u32)> + '_ {
        let at = (row - shape.first) as usize;
        shape.labels.iter().zip(&shape.columns).filter_map(move |(&label, ids)| {
            let id = ids.get(at);
            (Some(id) != self.empty[label.0 as usize])
                .then(|| (self.name_ranks[label.0 as usize], self.ranks(label)[id as usize]))
        })
    }

    /// Compares two rows of one family.
    fn compare(&self, a: Row, b: Row) -> Ordering {
        self.pairs(self.shape(a), a).cmp(self.pairs(self.shape(b), b))
    }
}
