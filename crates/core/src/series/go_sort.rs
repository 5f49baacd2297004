//! Go's `slices.SortFunc`, step for step: a pattern-defeating quicksort, which leaves equal elements in an order
//! of its own. `/federate` sorts series by name alone, so that this order is seen.
//!
//! The algorithm is Orson Peters' pdqsort with the choices of Go's standard library.

use crate::version::Version;

/// Slices up to this length are sorted by insertion, which keeps the order of equal elements.
const INSERTION: usize = 12;
/// From this length on, the pivot is the median of three medians.
const NINTHER: usize = 50;
/// As many swaps as nine elements in falling order take.
const MOST_SWAPS: usize = 12;
/// How many pairs in the wrong order are mended in a slice that is nearly sorted.
const MENDED: usize = 5;

/// Sorts as Go does, with which Prometheus of `version` is built. `less` must be a strict weak order.
pub(super) fn sort_by<T: Copy>(data: &mut [T], version: Version, less: impl Fn(T, T) -> bool) {
    let bits = usize::BITS - data.len().leading_zeros();
    let end = data.len();
    let shifts = if version.is_v3() { (7, 17) } else { (17, 5) };
    Sort { data, less, shifts }.quick(0, end, bits);
}

struct Sort<'a, T, F> {
    data: &'a mut [T],
    less: F,
    /// The shifts of the random numbers: Go changed them.
    shifts: (u32, u32),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hint {
    Rising,
    Falling,
    None,
}

impl<T: Copy, F: Fn(T, T) -> bool> Sort<'_, T, F> {
    /// Whether the element at `a` comes before the one at `b`.
    fn less(&self, a: usize, b: usize) -> bool {
        (self.less)(self.data[a], self.data[b])
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.data.swap(a, b);
    }

    /// Sorts `start..end`; after `limit` bad pivots by heap.
    fn quick(&mut self, mut start: usize, mut end: usize, mut limit: u32) {
        let (mut was_balanced, mut was_partitioned) = (true, true);
        loop {
            let length = end - start;
            if length <= INSERTION {
                return self.insertion(start, end);
            }
            if limit == 0 {
                return self.heap(start, end);
            }
            if !was_balanced {
                self.break_patterns(start, end);
                limit -= 1;
            }
            let (mut pivot, mut hint) = self.choose_pivot(start, end);
            if hint == Hint::Falling {
                self.data[start..end].reverse();
                pivot = (end - 1) - (pivot - start);
                hint = Hint::Rising;
            }
            if was_balanced && was_partitioned && hint == Hint::Rising && self.mend(start, end) {
                return;
            }
            // Where the pivot equals what is left of the slice, all elements equal to it are split off.
            if start > 0 && !self.less(start - 1, pivot) {
                start = self.partition_equal(start, end, pivot);
                continue;
            }
            let (middle, partitioned) = self.partition(start, end, pivot);
            was_partitioned = partitioned;
            let (left, right) = (middle - start, end - middle);
            if left < right {
                was_balanced = left >= length / 8;
                self.quick(start, middle, limit);
                start = middle + 1;
            } else {
                was_balanced = right >= length / 8;
                self.quick(middle + 1, end, limit);
                end = middle;
            }
        }
    }

    fn insertion(&mut self, start: usize, end: usize) {
        for from in start + 1..end {
            let mut at = from;
            while at > start && self.less(at, at - 1) {
                self.swap(at, at - 1);
                at -= 1;
            }
        }
    }

    fn heap(&mut self, start: usize, end: usize) {
        let length = end - start;
        for root in (0..=(length - 1) / 2).rev() {
            self.sift_down(root, length, start);
        }
        for last in (0..length).rev() {
            self.swap(start, start + last);
            self.sift_down(0, last, start);
        }
    }

    fn sift_down(&mut self, mut root: usize, end: usize, first: usize) {
        loop {
            let mut child = 2 * root + 1;
            if child >= end {
                return;
            }
            if child + 1 < end && self.less(first + child, first + child + 1) {
                child += 1;
            }
            if !self.less(first + root, first + child) {
                return;
            }
            self.swap(first + root, first + child);
            root = child;
        }
    }

    /// Splits `start..end` into what comes before the pivot and the rest. Answers the pivot's place, and whether
    /// the slice was split already.
    fn partition(&mut self, start: usize, end: usize, pivot: usize) -> (usize, bool) {
        self.swap(start, pivot);
        let (mut i, mut j) = (start + 1, end - 1);
        while i <= j && self.less(i, start) {
            i += 1;
        }
        while i <= j && !self.less(j, start) {
            j -= 1;
        }
        if i > j {
            self.swap(j, start);
            return (j, true);
        }
        self.swap(i, j);
        (i, j) = (i + 1, j - 1);
        loop {
            while i <= j && self.less(i, start) {
                i += 1;
            }
            while i <= j && !self.less(j, start) {
                j -= 1;
            }
            if i > j {
                break;
            }
            self.swap(i, j);
            (i, j) = (i + 1, j - 1);
        }
        self.swap(j, start);
        (j, false)
    }

    /// Splits `start..end` into what equals the pivot and what comes after it.
    fn partition_equal(&mut self, start: usize, end: usize, pivot: usize) -> usize {
        self.swap(start, pivot);
        let (mut i, mut j) = (start + 1, end - 1);
        loop {
            while i <= j && !self.less(start, i) {
                i += 1;
            }
            while i <= j && self.less(start, j) {
                j -= 1;
            }
            if i > j {
                return i;
            }
            self.swap(i, j);
            (i, j) = (i + 1, j - 1);
        }
    }

    /// Mends a few pairs in the wrong order. Whether the slice is sorted then.
    fn mend(&mut self, start: usize, end: usize) -> bool {
        let mut at = start + 1;
        for _ in 0..MENDED {
            while at < end && !self.less(at, at - 1) {
                at += 1;
            }
            if at == end {
                return true;
            }
            if end - start < NINTHER {
                return false;
            }
            self.swap(at, at - 1);
            if at - start >= 2 {
                for left in (1..at).rev() {
                    if !self.less(left, left - 1) {
                        break;
                    }
                    self.swap(left, left - 1);
                }
            }
            if end - at >= 2 {
                for right in at + 1..end {
                    if !self.less(right, right - 1) {
                        break;
                    }
                    self.swap(right, right - 1);
                }
            }
        }
        false
    }

    /// Scatters three elements, so that what made a bad pivot does not make the next one.
    fn break_patterns(&mut self, start: usize, end: usize) {
        let length = end - start;
        if length < 8 {
            return;
        }
        let mut random = length as u64;
        let mask = (1_usize << (usize::BITS - length.leading_zeros())) - 1;
        let place = start + (length / 4) * 2 - 1;
        for step in 0..3 {
            random ^= random << 13;
            random ^= random >> self.shifts.0;
            random ^= random << self.shifts.1;
            let mut other = random as usize & mask;
            if other >= length {
                other -= length;
            }
            self.swap(place + step, start + other);
        }
    }

    fn choose_pivot(&self, start: usize, end: usize) -> (usize, Hint) {
        let length = end - start;
        let mut swaps = 0;
        let mut at = [1, 2, 3].map(|quarter| start + length / 4 * quarter);
        if length >= 8 {
            if length >= NINTHER {
                at = at.map(|middle| self.median([middle - 1, middle, middle + 1], &mut swaps));
            }
            at[1] = self.median(at, &mut swaps);
        }
        let hint = match swaps {
            0 => Hint::Rising,
            MOST_SWAPS => Hint::Falling,
            _ => Hint::None,
        };
        (at[1], hint)
    }

    fn median(&self, [mut a, mut b, mut c]: [usize; 3], swaps: &mut usize) -> usize {
        let mut order = |low: &mut usize, high: &mut usize| {
            if self.less(*high, *low) {
                *swaps += 1;
                std::mem::swap(low, high);
            }
        };
        order(&mut a, &mut b);
        order(&mut b, &mut c);
        order(&mut a, &mut b);
        b
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts(keys in proptest::collection::vec(0_u8..20, 0..400)) {
            let mut data: Vec<(u8, usize)> = keys.iter().copied().zip(0..).collect();
            sort_by(&mut data, Version::NEWEST, |a, b| a.0 < b.0);
            let sorted: Vec<u8> = data.iter().map(|&(key, _)| key).collect();
            let mut expect = keys.clone();
            expect.sort_unstable();
            prop_assert_eq!(sorted, expect);
            // What is sorted keeps its order, as what is short does.
            let mut again = data.clone();
            sort_by(&mut again, Version::NEWEST, |a, b| a.0 < b.0);
            prop_assert_eq!(again, data);
        }

        #[test]
        fn patterns_do_not_matter(length in 0_usize..3000, period in 1_usize..50, falling in any::<bool>()) {
            let key = |at: usize| if falling { length - at } else { at };
            let mut data: Vec<usize> = (0..length).map(|at| key(at) % period * 7 % 5 + key(at) / period).collect();
            let mut expect = data.clone();
            sort_by(&mut data, Version::NEWEST, |a, b| a < b);
            expect.sort_unstable();
            prop_assert_eq!(data, expect);
        }
    }
}
