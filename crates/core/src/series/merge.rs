//! Rows of other stores pushed into a new one: values are mapped once a distinct value, never once a row.

use std::collections::HashMap;
use std::sync::Arc;

use super::Bitset;
use super::builder::{EmptyLabels, MAX_ROWS, NO_WRITER, StoreBuilder, StoreFull, labels_place};
use super::dictionary::{GrowingDictionary, ValueId};
use super::frame::{ABSENT, Frame, FrameColumn};
use super::hash::SeededState;
use super::store::{LabelId, SeriesStore};

impl StoreBuilder {
    /// Pushes the `rows` of `store`. Position of a row becomes `base` plus its position there.
    ///
    /// # Errors
    /// When the store is full; some rows may then have been pushed.
    pub fn push_rows(&mut self, store: &SeriesStore, rows: &Bitset, base: u32) -> Result<(), StoreFull> {
        for frame in store.frames(rows) {
            self.push_frame(&frame, base, EmptyLabels::Keep)?;
        }
        Ok(())
    }

    /// Pushes the rows of a frame, sharing its dictionaries: a string is copied only where another store's
    /// values of the same label are already here, and then once a distinct value. The position of a row
    /// becomes `base` plus its position in the frame's source.
    ///
    /// # Errors
    /// When the store is full; some rows may then have been pushed.
    pub fn push_frame(&mut self, frame: &Frame, base: u32, empty: EmptyLabels) -> Result<(), StoreFull> {
        let mut columns = Vec::with_capacity(frame.columns.len());
        for column in &frame.columns {
            let label = self.label(&column.name)?;
            let target = &mut self.labels[label.0 as usize].values;
            if target.len() == 0
                && let Some(shared) = column.values.base()
            {
                *target = GrowingDictionary::from_base(Arc::clone(shared));
            }
            let same = match (column.values.base(), target.base()) {
                (Some(from), Some(to)) if Arc::ptr_eq(from, to) => from.len() as u32,
                _ => 0,
            };
            let dropped = match empty {
                EmptyLabels::Keep => None,
                EmptyLabels::Drop => column.values.find(column.values.hash(b""), b""),
            };
            // A table by id, unless it would be larger than the rows are worth.
            let table =
                if same == 0 && column.values.len() / 4 <= frame.len() { column.values.len() } else { 0 };
            columns.push(Incoming {
                label,
                same,
                dropped,
                table: vec![ABSENT; table],
                others: HashMap::with_hasher(SeededState(self.hash)),
            });
        }

        // Rows may differ in which labels they have; those that agree are pushed together.
        let mut groups: Vec<(Vec<LabelId>, Vec<u32>)> = Vec::new();
        let mut group_of = vec![0_u32; frame.len()];
        let mut next = u32::from(!frame.is_empty());
        for (incoming, column) in columns.iter().zip(&frame.columns) {
            if !Frame::may_lack(column, incoming.dropped) {
                continue;
            }
            let is_absent = |id: ValueId| id == ABSENT || Some(id) == incoming.dropped;
            let mut seen: HashMap<(u32, bool), u32, SeededState> =
                HashMap::with_hasher(SeededState(self.hash));
            let mut split = 0;
            for (at, group) in group_of.iter_mut().enumerate() {
                let key = (*group, is_absent(frame.id(column, at)));
                *group = *seen.entry(key).or_insert_with(|| {
                    split += 1;
                    split - 1
                });
            }
            next = next.max(split);
        }
        groups.resize_with(next as usize, Default::default);
        for (at, &group) in group_of.iter().enumerate() {
            groups[group as usize].1.push(at as u32);
        }
        for (labels, rows) in &mut groups {
            let Some(&first) = rows.first() else { continue };
            let present = |(incoming, column): &(&Incoming, &FrameColumn)| {
                let id = frame.id(column, first as usize);
                id != ABSENT && Some(id) != incoming.dropped
            };
            labels.extend(
                columns.iter().zip(&frame.columns).filter(present).map(|(incoming, _)| incoming.label),
            );
        }

        for (labels, rows) in groups {
            if rows.is_empty() {
                continue;
            }
            let shape = self.shape(&labels)?;
            if self.len + rows.len() > MAX_ROWS {
                return Err(StoreFull::Rows);
            }
            self.shapes[shape.0 as usize].writer = NO_WRITER;
            let start = self.shapes[shape.0 as usize].values.len();
            for (incoming, column) in columns.iter_mut().zip(&frame.columns) {
                let Some(place) = labels_place(&self.shapes[shape.0 as usize].labels, incoming.label) else {
                    continue;
                };
                if !labels.contains(&incoming.label) {
                    continue;
                }
                let target = &mut self.labels[incoming.label.0 as usize].values;
                let destination = &mut self.shapes[shape.0 as usize].columns[place];
                let mut at = start;
                let mut full = false;
                frame.each_id(column, &rows, |id| {
                    match incoming.remap(id, column, target) {
                        Some(id) => destination.set(at, id),
                        None => full = true,
                    }
                    at += 1;
                });
                if full {
                    return Err(StoreFull::Values);
                }
            }
            for &row in &rows {
                let (value, timestamp) = (frame.value(row as usize), frame.timestamp(row as usize));
                self.sample(shape, value, timestamp, base.wrapping_add(frame.position(row as usize)));
            }
        }
        Ok(())
    }
}

/// How one column of a frame maps to the store under construction.
struct Incoming {
    label: LabelId,
    /// Ids below this mean the same in both dictionaries.
    same: u32,
    /// The id that counts as absent besides [`ABSENT`].
    dropped: Option<ValueId>,
    /// The new id by old one, [`ABSENT`] where it is not known yet; for ids past its end see `others`.
    table: Vec<ValueId>,
    others: HashMap<ValueId, ValueId, SeededState>,
}

impl Incoming {
    /// The id in the store under construction of the value that `id` has in `column`. `None` when the store is
    /// full.
    #[inline]
    fn remap(
        &mut self,
        id: ValueId,
        column: &FrameColumn,
        target: &mut GrowingDictionary,
    ) -> Option<ValueId> {
        if id < self.same {
            return Some(id);
        }
        if let Some(slot) = self.table.get_mut(id as usize) {
            if *slot == ABSENT {
                *slot = target.intern(column.values.get(id))?;
            }
            return Some(*slot);
        }
        if let Some(&known) = self.others.get(&id) {
            return Some(known);
        }
        let new = target.intern(column.values.get(id))?;
        self.others.insert(id, new);
        Some(new)
    }
}
