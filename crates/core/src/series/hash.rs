//! The keyed hash behind dictionaries and shapes.
//!
//! Pasted text is hostile: with a hash that its writer can compute, a file of colliding values turns every
//! look-up into a scan. All four keys derive from the caller's seed, so collisions cannot be prepared
//! without knowing it. The mixing is the folded 64×64→128-bit multiplication known from wyhash.

/// A keyed hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SeededHash {
    keys: [u64; 4],
}

impl SeededHash {
    pub(super) fn new(seed: u64) -> Self {
        // SplitMix64, which spreads even the seeds 0, 1, 2 over all bits.
        let mut state = seed;
        let keys = std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ z >> 31
        });
        Self { keys }
    }

    /// The hash of a text.
    #[inline]
    pub(super) fn bytes(&self, bytes: &[u8]) -> u64 {
        let [k0, k1, k2, k3] = self.keys;
        let len = bytes.len() as u64;
        if bytes.len() <= 16 {
            let (low, high) =
                if let (Some(low), Some(high)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
                    (u64::from_le_bytes(*low), u64::from_le_bytes(*high))
                } else if let (Some(low), Some(high)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
                    (u64::from(u32::from_le_bytes(*low)), u64::from(u32::from_le_bytes(*high)))
                } else if let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) {
                    (u64::from(first) | u64::from(last) << 8, u64::from(bytes[bytes.len() / 2]))
                } else {
                    (0, 0)
                };
            return fold(fold(low ^ k0, high ^ k1) ^ k2, len ^ k3);
        }
        let mut state = k2;
        let mut rest = bytes;
        while let Some((chunk, more)) = rest.split_first_chunk::<16>()
            && !more.is_empty()
        {
            state = fold_pair(chunk, k0, state);
            rest = more;
        }
        if let Some(chunk) = bytes.last_chunk::<16>() {
            state = fold_pair(chunk, k1, state);
        }
        fold(state ^ k2, len ^ k3)
    }

    /// The hash of a sequence of small numbers, folded one by one from [`Self::start`].
    pub(super) fn start(&self) -> u64 {
        self.keys[0]
    }

    /// Adds one number to a sequence's hash.
    #[inline]
    pub(super) fn number(&self, state: u64, number: u64) -> u64 {
        fold(state ^ self.keys[1], number ^ self.keys[2])
    }
}

#[inline]
fn fold_pair(chunk: &[u8; 16], key: u64, state: u64) -> u64 {
    let wide = u128::from_le_bytes(*chunk);
    fold(wide as u64 ^ key, (wide >> 64) as u64 ^ state)
}

#[cfg(not(target_family = "wasm"))]
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// WebAssembly has no wide multiplication, and its compiler calls a function for it.
#[cfg(target_family = "wasm")]
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    fold_halves(a, b)
}

/// The same by four products of halves. Two would be quicker and mix nothing into the lower half where only one
/// half of one factor varies, as with rows that are counted up; and the lower half is all that a map has there.
#[cfg(any(target_family = "wasm", test))]
#[inline]
fn fold_halves(a: u64, b: u64) -> u64 {
    let low = |number: u64| number & u64::from(u32::MAX);
    let (lows, highs) = (low(a) * low(b), (a >> 32) * (b >> 32));
    let (one, other) = (low(a) * (b >> 32), (a >> 32) * low(b));
    let middle = (lows >> 32) + low(one) + low(other);
    (middle << 32 | low(lows)) ^ (highs + (one >> 32) + (other >> 32) + (middle >> 32))
}

/// The keyed hash for the standard library's maps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeededState(pub(super) SeededHash);

impl SeededState {
    /// Keyed by `seed`, see [`crate::series::StoreBuilder::new`].
    pub(crate) fn new(seed: u64) -> Self {
        Self(SeededHash::new(seed))
    }
}

impl std::hash::BuildHasher for SeededState {
    type Hasher = SeededHasher;

    fn build_hasher(&self) -> SeededHasher {
        SeededHasher { hash: self.0, state: self.0.start() }
    }
}

/// See [`SeededState`].
#[derive(Debug)]
pub(crate) struct SeededHasher {
    hash: SeededHash,
    state: u64,
}

impl std::hash::Hasher for SeededHasher {
    fn finish(&self) -> u64 {
        self.state
    }

    fn write(&mut self, bytes: &[u8]) {
        self.state = self.hash.number(self.state, self.hash.bytes(bytes));
    }

    fn write_u8(&mut self, number: u8) {
        self.state = self.hash.number(self.state, u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.state = self.hash.number(self.state, u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.state = self.hash.number(self.state, number);
    }

    fn write_usize(&mut self, number: usize) {
        self.state = self.hash.number(self.state, number as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn differs_by_seed_length_and_byte() {
        let hash = SeededHash::new(7);
        let text = [0_u8; 64];
        let lengths: BTreeSet<u64> = (0..=64).map(|len| hash.bytes(&text[..len])).collect();
        assert_eq!(lengths.len(), 65, "zero bytes of every length");
        assert_ne!(hash.bytes(b"up"), SeededHash::new(8).bytes(b"up"));
        for len in 1..64 {
            let mut seen = BTreeSet::from([hash.bytes(&text[..len])]);
            for at in 0..len {
                let mut changed = text;
                changed[at] = 1;
                assert!(seen.insert(hash.bytes(&changed[..len])), "byte {at} of {len}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn halves_are_multiplied_as_wholes(a: u64, b: u64) {
            proptest::prop_assert_eq!(fold_halves(a, b), fold(a, b));
        }
    }

    #[test]
    fn spreads_counted_numbers_over_the_lower_half() {
        for seed in 0..50 {
            let hash = SeededHash::new(seed);
            let lower: BTreeSet<u32> =
                (0..10_000).map(|number| hash.number(hash.start(), number) as u32).collect();
            assert!(lower.len() > 9_990, "{} under the seed {seed}", lower.len());
        }
    }

    #[test]
    fn spreads_numbered_names() {
        let hash = SeededHash::new(0);
        let mut buckets = [0_u32; 256];
        for n in 0..65_536 {
            buckets[hash.bytes(format!("pod-{n}").as_bytes()) as usize % 256] += 1;
        }
        assert!(buckets.iter().all(|&count| (150..370).contains(&count)), "{buckets:?}");
    }
}
