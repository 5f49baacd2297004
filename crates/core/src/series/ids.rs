//! Columns of value ids, as narrow as the ids allow.

use super::dictionary::ValueId;

/// A column of value ids, one, two or four bytes each: it widens itself when an id asks for it.
#[derive(Clone, Debug)]
pub enum Ids {
    /// Ids below 256.
    U8(Vec<u8>),
    /// Ids below 65 536.
    U16(Vec<u16>),
    /// All other.
    U32(Vec<u32>),
}

impl Default for Ids {
    fn default() -> Self {
        Self::U8(Vec::new())
    }
}

impl Ids {
    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::U8(ids) => ids.len(),
            Self::U16(ids) => ids.len(),
            Self::U32(ids) => ids.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id in row `at`, which is below [`Self::len`].
    #[must_use]
    #[inline]
    pub fn get(&self, at: usize) -> ValueId {
        match self {
            Self::U8(ids) => u32::from(ids[at]),
            Self::U16(ids) => u32::from(ids[at]),
            Self::U32(ids) => ids[at],
        }
    }

    /// All ids in order.
    pub fn iter(&self) -> impl Iterator<Item = ValueId> + '_ {
        (0..self.len()).map(|at| self.get(at))
    }

    /// Appends `id` `times` times.
    #[inline]
    pub(super) fn fill(&mut self, id: ValueId, times: usize) {
        match self {
            Self::U8(ids) if id <= 0xff => ids.resize(ids.len() + times, id as u8),
            Self::U16(ids) if id <= 0xffff => ids.resize(ids.len() + times, id as u16),
            Self::U32(ids) => ids.resize(ids.len() + times, id),
            _ => {
                self.widen(id);
                self.fill(id, times);
            }
        }
    }

    #[cold]
    fn widen(&mut self, id: ValueId) {
        let len = self.len();
        // Keep the room that was made: a column that widens is a column that grows.
        if id <= 0xffff {
            let mut wide = Vec::with_capacity(len * 2);
            wide.extend(self.iter().map(|id| id as u16));
            *self = Self::U16(wide);
        } else {
            let mut wide = Vec::with_capacity(len * 2);
            wide.extend(self.iter());
            *self = Self::U32(wide);
        }
    }

    pub(super) fn shrink(&mut self) {
        match self {
            Self::U8(ids) => ids.shrink_to_fit(),
            Self::U16(ids) => ids.shrink_to_fit(),
            Self::U32(ids) => ids.shrink_to_fit(),
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::U8(ids) => ids.capacity(),
            Self::U16(ids) => ids.capacity() * 2,
            Self::U32(ids) => ids.capacity() * 4,
        }
    }
}

/// A column that grows row by row. A row that repeats the value before it costs nothing: the column is
/// filled up to the present only when the value changes.
#[derive(Clone, Debug, Default)]
pub(super) struct GrowingColumn {
    ids: Ids,
    current: ValueId,
}

impl GrowingColumn {
    /// Makes `id` the value from row `row` on.
    #[inline]
    pub(super) fn set(&mut self, row: usize, id: ValueId) {
        if id != self.current {
            self.catch_up(row);
            self.current = id;
        }
    }

    #[inline]
    fn catch_up(&mut self, rows: usize) {
        let missing = rows.saturating_sub(self.ids.len());
        match (&mut self.ids, missing) {
            (_, 0) => {}
            // Values that change with every row.
            (Ids::U8(ids), 1) if self.current <= 0xff => ids.push(self.current as u8),
            (Ids::U16(ids), 1) if self.current <= 0xffff => ids.push(self.current as u16),
            (Ids::U32(ids), 1) => ids.push(self.current),
            (ids, missing) => ids.fill(self.current, missing),
        }
    }

    pub(super) fn finish(mut self, rows: usize) -> Ids {
        self.catch_up(rows);
        self.ids.shrink();
        self.ids
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.ids.heap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn holds_what_was_set(rows in proptest::collection::vec(prop_oneof![0_u32..4, 200_u32..300, 65_000_u32..66_000, any::<u32>()], 0..60)) {
            let mut column = GrowingColumn::default();
            for (row, &id) in rows.iter().enumerate() {
                column.set(row, id);
            }
            prop_assert_eq!(column.finish(rows.len()).iter().collect::<Vec<_>>(), rows);
        }
    }
}
