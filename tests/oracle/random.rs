//! A seeded source of choices, so that every generated case can be had again.

/// `SplitMix64`: small, and good enough to choose with.
pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// A number from `first` to `last`, both included.
    pub(crate) fn between(&mut self, first: usize, last: usize) -> usize {
        first + self.below(last - first + 1)
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// One of `from`, where each comes as often as its weight says.
    pub(crate) fn weighted<'a, T: ?Sized>(&mut self, from: &[(usize, &'a T)]) -> &'a T {
        let mut left = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, item) in from {
            if left < *weight {
                return item;
            }
            left -= weight;
        }
        unreachable!("the weights add up to more than was drawn")
    }

    /// Up to `most` different ones of `from`, in a random order.
    pub(crate) fn several<'a, T: ?Sized>(&mut self, from: &[&'a T], least: usize, most: usize) -> Vec<&'a T> {
        let mut left = from.to_vec();
        let count = self.between(least, most).min(left.len());
        (0..count).map(|_| left.swap_remove(self.below(left.len()))).collect()
    }
}
