//! A dense set of row numbers.

/// A dense set of rows of one store: one bit a row, 125 KB a million rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bitset {
    words: Vec<u64>,
    len: usize,
}

impl Bitset {
    /// The empty set over `len` rows.
    #[must_use]
    pub fn empty(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// The set of all `len` rows.
    #[must_use]
    pub fn full(len: usize) -> Self {
        let mut set = Self { words: vec![u64::MAX; len.div_ceil(64)], len };
        set.clear_tail();
        set
    }

    /// The set over `len` rows that holds `rows`; numbers that are no row are left out.
    pub fn from_rows(len: usize, rows: impl IntoIterator<Item = u32>) -> Self {
        let mut set = Self::empty(len);
        for row in rows {
            set.insert(row);
        }
        set
    }

    /// The number of rows there are, in the set or not.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.len
    }

    /// Adds `row`; a number that is no row is ignored.
    pub fn insert(&mut self, row: u32) {
        if (row as usize) < self.len {
            self.words[row as usize / 64] |= 1 << (row % 64);
        }
    }

    /// Removes `row`.
    pub fn remove(&mut self, row: u32) {
        if (row as usize) < self.len {
            self.words[row as usize / 64] &= !(1 << (row % 64));
        }
    }

    /// Whether `row` is in the set.
    #[must_use]
    pub fn contains(&self, row: u32) -> bool {
        self.words.get(row as usize / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// The number of rows in the set.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The number of rows in the set among `range`.
    #[must_use]
    pub fn count_in(&self, range: std::ops::Range<u32>) -> usize {
        let (start, end) = (range.start as usize, (range.end as usize).min(self.len));
        if start >= end {
            return 0;
        }
        let (first, last) = (start / 64, (end - 1) / 64);
        let head = u64::MAX << (start % 64);
        let tail = u64::MAX >> (63 - (end - 1) % 64);
        if first == last {
            return (self.words[first] & head & tail).count_ones() as usize;
        }
        let inner: u32 = self.words[first + 1..last].iter().map(|word| word.count_ones()).sum();
        ((self.words[first] & head).count_ones() + inner + (self.words[last] & tail).count_ones()) as usize
    }

    /// Whether no row is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// Keeps the rows that are in `other` too.
    pub fn and(&mut self, other: &Self) {
        for (at, word) in self.words.iter_mut().enumerate() {
            *word &= other.words.get(at).copied().unwrap_or(0);
        }
    }

    /// Adds the rows of `other`.
    pub fn or(&mut self, other: &Self) {
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
        self.clear_tail();
    }

    /// Removes the rows of `other`.
    pub fn and_not(&mut self, other: &Self) {
        for (word, less) in self.words.iter_mut().zip(&other.words) {
            *word &= !less;
        }
    }

    /// The set in words of 64 rows, the lowest bit the first row.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Whether every row of this set that is among `rows` is in `other` too.
    #[must_use]
    pub fn is_within(&self, other: &Self, rows: &Self) -> bool {
        let word = |set: &Self, at: usize| set.words.get(at).copied().unwrap_or(0);
        self.words.iter().enumerate().all(|(at, own)| own & word(rows, at) & !word(other, at) == 0)
    }

    /// The rows of the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.iter_in(0..self.len as u32)
    }

    /// The rows of the set among `range`, ascending.
    pub fn iter_in(&self, range: std::ops::Range<u32>) -> impl Iterator<Item = u32> + '_ {
        let (start, end) = (range.start as usize, (range.end as usize).min(self.len));
        let words = if start < end { start / 64..(end - 1) / 64 + 1 } else { 0..0 };
        words.flat_map(move |at| {
            let mut word = self.words[at];
            if at == start / 64 {
                word &= u64::MAX << (start % 64);
            }
            if at == (end - 1) / 64 {
                word &= u64::MAX >> (63 - (end - 1) % 64);
            }
            std::iter::from_fn(move || {
                if word == 0 {
                    return None;
                }
                let bit = word.trailing_zeros();
                word &= word - 1;
                Some(at as u32 * 64 + bit)
            })
        })
    }

    /// The bytes held on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.words.capacity() * 8
    }

    fn clear_tail(&mut self) {
        if !self.len.is_multiple_of(64)
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << (self.len % 64)) - 1;
        }
    }
}

/// Writes a set front to back, some bits at a time.
#[derive(Debug)]
pub(super) struct BitWriter {
    set: Bitset,
    at: usize,
}

impl BitWriter {
    pub(super) fn new(len: usize) -> Self {
        Self { set: Bitset::empty(len), at: 0 }
    }

    /// Writes the low `count` bits of `bits`, 1 to 64; higher bits are zero.
    pub(super) fn push(&mut self, bits: u64, count: usize) {
        let (word, shift) = (self.at / 64, self.at % 64);
        if let Some(slot) = self.set.words.get_mut(word) {
            *slot |= bits << shift;
        }
        if shift != 0
            && shift + count > 64
            && let Some(slot) = self.set.words.get_mut(word + 1)
        {
            *slot |= bits >> (64 - shift);
        }
        self.at += count;
    }

    /// Writes `count` bits that are all `bit`.
    pub(super) fn fill(&mut self, bit: bool, mut count: usize) {
        if !bit {
            self.at += count;
            return;
        }
        while count > 0 {
            let step = count.min(64 - self.at % 64);
            self.push(u64::MAX >> (64 - step), step);
            count -= step;
        }
    }

    pub(super) fn finish(mut self) -> Bitset {
        self.set.clear_tail();
        self.set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn behaves_as_a_set(len in 0_u32..200, a in proptest::collection::btree_set(0_u32..200, 0..80), b in proptest::collection::btree_set(0_u32..200, 0..80), range in (0_u32..220, 0_u32..220)) {
            let inside = |set: &BTreeSet<u32>| -> BTreeSet<u32> { set.iter().copied().filter(|&row| row < len).collect() };
            let (want_a, want_b) = (inside(&a), inside(&b));
            let (set_a, set_b) = (Bitset::from_rows(len as usize, a), Bitset::from_rows(len as usize, b));
            let rows = |set: &Bitset| set.iter().collect::<BTreeSet<u32>>();
            prop_assert_eq!(rows(&set_a), want_a.clone());
            prop_assert_eq!(set_a.count(), want_a.len());
            prop_assert_eq!(set_a.iter_in(range.0..range.1).collect::<Vec<_>>(), want_a.iter().copied().filter(|row| (range.0..range.1).contains(row)).collect::<Vec<_>>());
            prop_assert_eq!(set_a.count_in(range.0..range.1), set_a.iter_in(range.0..range.1).count());
            let mut set = set_a.clone();
            set.and(&set_b);
            prop_assert_eq!(rows(&set), want_a.intersection(&want_b).copied().collect::<BTreeSet<_>>());
            let mut set = set_a.clone();
            set.or(&set_b);
            prop_assert_eq!(rows(&set), want_a.union(&want_b).copied().collect::<BTreeSet<_>>());
            let mut set = set_a.clone();
            set.and_not(&set_b);
            prop_assert_eq!(rows(&set), want_a.difference(&want_b).copied().collect::<BTreeSet<_>>());
            let all = Bitset::full(len as usize);
            prop_assert_eq!(set_a.is_within(&set_b, &all), want_a.is_subset(&want_b));
            prop_assert!(set_a.is_within(&set_b, &set_b));
            prop_assert_eq!(Bitset::full(len as usize).count(), len as usize);
            prop_assert_eq!(Bitset::empty(len as usize).is_empty(), true);
        }

        #[test]
        fn written_in_pieces(pieces in proptest::collection::vec((any::<u64>(), 1_usize..=64, any::<bool>()), 0..12)) {
            let len = pieces.iter().map(|piece| piece.1).sum();
            let mut writer = BitWriter::new(len);
            let mut want = Vec::new();
            for &(bits, count, whole) in &pieces {
                let bits = bits & (u64::MAX >> (64 - count));
                if whole {
                    writer.fill(bits & 1 == 1, count);
                    want.extend(std::iter::repeat_n(bits & 1 == 1, count));
                } else {
                    writer.push(bits, count);
                    want.extend((0..count).map(|at| bits >> at & 1 == 1));
                }
            }
            let set = writer.finish();
            let have: Vec<bool> = (0..len as u32).map(|row| set.contains(row)).collect();
            prop_assert_eq!(have, want);
        }
    }
}
