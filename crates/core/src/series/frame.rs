//! Rows taken out of a store to be rewritten: what a scrape and relabelling do to many series at once.

use std::collections::HashMap;
use std::sync::Arc;

use crate::labels::LabelSet;

use super::Bitset;
use super::dictionary::{GrowingDictionary, ValueId};
use super::hash::SeededHash;
use super::hash::SeededState;
use super::ids::Ids;
use super::store::{NO_TIMESTAMP, Row, SeriesStore, ShapeId, ShapeRows, position_in};

/// The id of a label that a row does not have. No dictionary grows so large that it is a value's.
pub const ABSENT: ValueId = u32::MAX;

/// Rows of one shape of a store, taken out to be rewritten.
///
/// A frame starts as a view: nothing is copied. Labels are then set, renamed and removed for all rows at
/// once, and where the new value depends on others it is computed once for every *distinct* combination of
/// them ([`Frame::classes`]), never once a row. [`super::StoreBuilder::push_frame`] makes a store of it that
/// shares the source's dictionaries.
///
/// In the course of rewriting a label may be absent from some of the rows and present in others; that is
/// [`ABSENT`]. A label that is present with an empty value is not absent, as in the source store.
///
/// Rows of a frame are counted from 0 and change when rows are removed; [`Frame::row`] leads back to the
/// source.
#[derive(Clone, Debug)]
pub struct Frame {
    store: SeriesStore,
    shape: ShapeId,
    rows: Vec<Row>,
    /// Sorted by name.
    pub(super) columns: Vec<FrameColumn>,
    timeless: bool,
}

#[derive(Clone, Debug)]
pub(super) struct FrameColumn {
    pub(super) name: Arc<str>,
    pub(super) values: GrowingDictionary,
    ids: FrameIds,
}

#[derive(Clone, Debug)]
enum FrameIds {
    /// As in the source store's column of this place, by source row.
    Source(usize),
    /// The same in every row.
    Constant(ValueId),
    /// One a row.
    Each(Vec<ValueId>),
}

/// What a rewriting step makes of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It stays as it is, present or absent.
    Keep,
    /// It is set to this value, which may be empty.
    Set(String),
    /// It is removed.
    Remove,
}

/// The distinct combinations that some labels take in a frame, and which row has which.
#[derive(Clone, Debug)]
pub struct Classes {
    /// The class of each row; empty when there is but one class.
    of: Vec<u32>,
    /// For every class, the values' ids in the order of the labels asked for.
    ids: Vec<ValueId>,
    width: usize,
    count: usize,
}

impl Classes {
    /// The number of distinct combinations.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none, because there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The class of row `at` of the frame.
    #[must_use]
    pub fn of(&self, at: usize) -> usize {
        self.of.get(at).map_or(0, |&class| class as usize)
    }

    fn ids(&self, class: usize) -> &[ValueId] {
        &self.ids[class * self.width..(class + 1) * self.width]
    }
}

impl SeriesStore {
    /// The `rows` as frames, one a shape, in the order of the rows. A set made for another number of rows is
    /// cut or taken as it is.
    pub fn frames(&self, rows: &Bitset) -> impl Iterator<Item = Frame> {
        self.shapes().filter_map(|shape| {
            let chosen: Vec<Row> = rows.iter_in(shape.rows()).collect();
            let column = |(at, column): (usize, super::Column<'_>)| FrameColumn {
                name: column.name.into(),
                values: GrowingDictionary::from_base(Arc::clone(column.values)),
                ids: FrameIds::Source(at),
            };
            (!chosen.is_empty()).then(|| Frame {
                store: self.clone(),
                shape: shape.id(),
                rows: chosen,
                columns: shape.columns().enumerate().map(column).collect(),
                timeless: false,
            })
        })
    }
}

impl Frame {
    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The store that the rows were taken from.
    #[must_use]
    pub fn source(&self) -> &SeriesStore {
        &self.store
    }

    /// The row of the source store that row `at` was taken from.
    #[must_use]
    pub fn row(&self, at: usize) -> Row {
        self.rows[at]
    }

    /// The position of row `at` in the source store.
    #[must_use]
    pub fn position(&self, at: usize) -> u32 {
        let shape = self.shape_rows();
        position_in(&shape.runs, self.rows[at] - shape.first)
    }

    /// The value of row `at`'s sample.
    #[must_use]
    pub fn value(&self, at: usize) -> f64 {
        let shape = self.shape_rows();
        shape.values[(self.rows[at] - shape.first) as usize]
    }

    /// The timestamp of row `at`'s sample, in milliseconds, where it has one.
    #[must_use]
    pub fn timestamp(&self, at: usize) -> Option<i64> {
        let shape = self.shape_rows();
        let time = shape.timestamps.get((self.rows[at] - shape.first) as usize).copied();
        time.filter(|&time| time != NO_TIMESTAMP && !self.timeless)
    }

    /// Forgets the timestamps of all rows, as a scrape without `honor_timestamps` does.
    pub fn forget_timestamps(&mut self) {
        self.timeless = true;
    }

    /// The names of the labels that some row may have, sorted. After rewriting, a label can be named that is
    /// absent from every row.
    #[must_use]
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(|column| &*column.name)
    }

    /// The value of `name` in row `at`; `None` where it is absent.
    #[must_use]
    pub fn get(&self, name: &str, at: usize) -> Option<&str> {
        let column = &self.columns[self.place(name).ok()?];
        self.text(column, at)
    }

    /// The labels of row `at`, sorted by name.
    pub fn labels(&self, at: usize) -> impl Iterator<Item = (&str, &str)> {
        self.columns.iter().filter_map(move |column| Some((&*column.name, self.text(column, at)?)))
    }

    /// The labels of row `at` as a set of its own.
    #[must_use]
    pub fn label_set(&self, at: usize) -> LabelSet {
        self.labels(at).collect()
    }

    /// Sets `name` to `value`, which may be empty, in every row.
    pub fn set_constant(&mut self, name: &str, value: &str) {
        let mut values = GrowingDictionary::new(self.hash());
        // A fresh dictionary has room for one value of any length that a string can have here.
        let id = values.intern(value).unwrap_or(ABSENT);
        self.put(FrameColumn { name: name.into(), values, ids: FrameIds::Constant(id) });
    }

    /// Sets `name` to `value` in the rows where it is absent. A label that is present and empty is left.
    pub fn set_where_absent(&mut self, name: &str, value: &str) {
        self.set_from(name, &[name], |values| match values {
            [None] => Change::Set(value.to_owned()),
            _ => Change::Keep,
        });
    }

    /// Removes `name` from every row. Says whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let place = self.place(name);
        if let Ok(at) = place {
            self.columns.remove(at);
        }
        place.is_ok()
    }

    /// Renames `from` to `to`: where a row has `from`, its value becomes `to`'s. Rows without `from` keep
    /// their `to`.
    pub fn rename(&mut self, from: &str, to: &str) {
        if from != to {
            self.copy(from, to);
            self.remove(from);
        }
    }

    /// Gives `to` the value of `from` in the rows that have `from`.
    pub fn copy(&mut self, from: &str, to: &str) {
        let Ok(source) = self.place(from) else { return };
        if from == to {
            return;
        }
        let mut column = self.columns[source].clone();
        column.name = to.into();
        if let Ok(target) = self.place(to) {
            let old = &self.columns[target];
            let mut ids = Vec::with_capacity(self.len());
            let mut kept: HashMap<ValueId, ValueId, SeededState> =
                HashMap::with_hasher(SeededState(self.hash()));
            for at in 0..self.len() {
                let (new, old_id) = (self.id(&column, at), self.id(old, at));
                ids.push(if new != ABSENT || old_id == ABSENT {
                    new
                } else {
                    *kept
                        .entry(old_id)
                        .or_insert_with(|| column.values.intern(old.values.get(old_id)).unwrap_or(ABSENT))
                });
            }
            column.ids = FrameIds::Each(ids);
        }
        self.put(column);
    }

    /// The distinct combinations of the labels `names`, and which row has which.
    #[must_use]
    pub fn classes(&self, names: &[&str]) -> Classes {
        let columns: Vec<Option<&FrameColumn>> =
            names.iter().map(|name| self.place(name).ok().map(|at| &self.columns[at])).collect();
        let varying: Vec<usize> = (0..columns.len())
            .filter(|&at| columns[at].is_some_and(|column| !matches!(column.ids, FrameIds::Constant(_))))
            .collect();
        let width = names.len();
        let mut ids = Vec::new();
        let mut of = Vec::new();
        let mut count = 0;
        let mut add = |at: usize| {
            ids.extend(columns.iter().map(|column| column.map_or(ABSENT, |column| self.id(column, at))));
            count += 1;
            count as u32 - 1
        };
        match varying[..] {
            [] => {
                if !self.is_empty() {
                    add(0);
                }
            }
            [one] => {
                let Some(column) = columns[one] else { unreachable!("a varying column is there") };
                // One table over the dictionary, and one place more for absent.
                let mut known = vec![u32::MAX; column.values.len() + 1];
                of.reserve(self.len());
                for at in 0..self.len() {
                    let id = (self.id(column, at) as usize).min(known.len() - 1);
                    if known[id] == u32::MAX {
                        known[id] = add(at);
                    }
                    of.push(known[id]);
                }
            }
            _ => {
                let mut known: HashMap<Vec<ValueId>, u32, SeededState> =
                    HashMap::with_hasher(SeededState(self.hash()));
                let mut key = Vec::with_capacity(varying.len());
                of.reserve(self.len());
                for at in 0..self.len() {
                    key.clear();
                    key.extend(varying.iter().filter_map(|&place| Some(self.id(columns[place]?, at))));
                    of.push(if let Some(&class) = known.get(key.as_slice()) {
                        class
                    } else {
                        let class = add(at);
                        known.insert(key.clone(), class);
                        class
                    });
                }
            }
        }
        if count < 2 {
            of = Vec::new();
        }
        Classes { of, ids, width, count }
    }

    /// Calls `step` once for every class of `names` with the labels' values in that order (`None`: absent),
    /// and answers what it said, class by class.
    pub fn each<T>(
        &self,
        names: &[&str],
        classes: &Classes,
        mut step: impl FnMut(&[Option<&str>]) -> T,
    ) -> Vec<T> {
        let columns: Vec<Option<&FrameColumn>> =
            names.iter().map(|name| self.place(name).ok().map(|at| &self.columns[at])).collect();
        let mut values = Vec::with_capacity(columns.len());
        (0..classes.len())
            .map(|class| {
                values.clear();
                values.extend(columns.iter().zip(classes.ids(class)).map(|(column, &id)| {
                    column.filter(|_| id != ABSENT).map(|column| column.values.get(id))
                }));
                step(&values)
            })
            .collect()
    }

    /// Changes `name` in each row as `changes` says for the row's class.
    pub fn set_by_class(&mut self, name: &str, classes: &Classes, changes: &[Change]) {
        if changes.iter().all(|change| *change == Change::Keep) {
            return;
        }
        let mut column = match self.place(name) {
            Ok(at) => self.columns.remove(at),
            Err(_) => FrameColumn {
                name: name.into(),
                values: GrowingDictionary::new(self.hash()),
                ids: FrameIds::Constant(ABSENT),
            },
        };
        let by_class: Vec<Option<ValueId>> = changes
            .iter()
            .map(|change| match change {
                Change::Keep => None,
                Change::Set(value) => Some(column.values.intern(value).unwrap_or(ABSENT)),
                Change::Remove => Some(ABSENT),
            })
            .collect();
        column.ids = match by_class[..] {
            [Some(id)] => FrameIds::Constant(id),
            _ => FrameIds::Each(
                (0..self.len())
                    .map(|at| {
                        let new = by_class.get(classes.of(at)).copied().flatten();
                        new.unwrap_or_else(|| self.id(&column, at))
                    })
                    .collect(),
            ),
        };
        let gone = matches!(column.ids, FrameIds::Constant(ABSENT));
        if !gone {
            self.put(column);
        }
    }

    /// Changes `name` as `step` says for the values of the labels `sources` (`None`: absent): called once for
    /// every distinct combination.
    pub fn set_from(&mut self, name: &str, sources: &[&str], step: impl FnMut(&[Option<&str>]) -> Change) {
        let classes = self.classes(sources);
        let changes = self.each(sources, &classes, step);
        self.set_by_class(name, &classes, &changes);
    }

    /// Keeps the rows for whose values of the labels `sources` (`None`: absent) `keep` is true: called once
    /// for every distinct combination. Answers how many rows were removed.
    pub fn retain_from(&mut self, sources: &[&str], keep: impl FnMut(&[Option<&str>]) -> bool) -> usize {
        let classes = self.classes(sources);
        let kept = self.each(sources, &classes, keep);
        if kept.iter().all(|&kept| kept) {
            return 0;
        }
        let before = self.len();
        self.retain(|at| kept.get(classes.of(at)).copied().unwrap_or(true));
        before - self.len()
    }

    /// Keeps the rows for whose number in the frame `keep` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        let kept: Vec<bool> = (0..self.len()).map(&mut keep).collect();
        let mut at = 0;
        self.rows.retain(|_| {
            at += 1;
            kept[at - 1]
        });
        for column in &mut self.columns {
            if let FrameIds::Each(ids) = &mut column.ids {
                let mut at = 0;
                ids.retain(|_| {
                    at += 1;
                    kept[at - 1]
                });
            }
        }
    }

    #[inline]
    pub(super) fn id(&self, column: &FrameColumn, at: usize) -> ValueId {
        match &column.ids {
            FrameIds::Constant(id) => *id,
            FrameIds::Each(ids) => ids[at],
            FrameIds::Source(place) => {
                let shape = self.shape_rows();
                shape.columns[*place].get((self.rows[at] - shape.first) as usize)
            }
        }
    }

    fn text<'a>(&'a self, column: &'a FrameColumn, at: usize) -> Option<&'a str> {
        let id = self.id(column, at);
        (id != ABSENT).then(|| column.values.get(id))
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.columns.binary_search_by(|column| (*column.name).cmp(name))
    }

    fn put(&mut self, column: FrameColumn) {
        match self.place(&column.name) {
            Ok(at) => self.columns[at] = column,
            Err(at) => self.columns.insert(at, column),
        }
    }

    fn shape_rows(&self) -> &ShapeRows {
        &self.store.inner.shapes[self.shape.0 as usize]
    }

    /// Whether `column` may be [`ABSENT`] or `dropped` in some row.
    pub(super) fn may_lack(column: &FrameColumn, dropped: Option<ValueId>) -> bool {
        match &column.ids {
            FrameIds::Source(_) => dropped.is_some(),
            FrameIds::Constant(id) => *id == ABSENT || Some(*id) == dropped,
            FrameIds::Each(_) => true,
        }
    }

    /// Calls `each` with the id of `column` in each of `rows`, in order.
    pub(super) fn each_id(&self, column: &FrameColumn, rows: &[u32], mut each: impl FnMut(ValueId)) {
        match &column.ids {
            FrameIds::Constant(id) => rows.iter().for_each(|_| each(*id)),
            FrameIds::Each(ids) => rows.iter().for_each(|&row| each(ids[row as usize])),
            FrameIds::Source(place) => {
                let shape = self.shape_rows();
                let at = |row: u32| (self.rows[row as usize] - shape.first) as usize;
                match &shape.columns[*place] {
                    Ids::U8(ids) => rows.iter().for_each(|&row| each(u32::from(ids[at(row)]))),
                    Ids::U16(ids) => rows.iter().for_each(|&row| each(u32::from(ids[at(row)]))),
                    Ids::U32(ids) => rows.iter().for_each(|&row| each(ids[at(row)])),
                }
            }
        }
    }

    fn hash(&self) -> SeededHash {
        self.store.inner.hash
    }
}
