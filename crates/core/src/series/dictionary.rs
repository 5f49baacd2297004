//! The distinct values of one label, each kept once.

use std::sync::{Arc, OnceLock};

use super::hash::SeededHash;

use crate::sort;

/// A value of a label, as its place in the label's [`Dictionary`].
pub type ValueId = u32;

/// Dictionaries refuse to grow past this: one label's distinct values, in bytes.
const MAX_BYTES: u64 = u32::MAX as u64 - 1;

/// Past this many parts a dictionary is copied into one, so that a look-up stays short.
const MAX_PARTS: usize = 4;

/// Values stored once: their bytes end to end, where each ends, and a hash table of the places.
#[derive(Clone, Debug, Default)]
struct Part {
    text: String,
    ends: Vec<u32>,
    /// Open addressing with linear probing; 0 is a free slot, else the hash's upper half and the place plus
    /// one. Always a power of two, and at most three quarters full.
    slots: Vec<u64>,
}

impl Part {
    #[inline]
    fn get(&self, at: usize) -> &str {
        let Some(&end) = self.ends.get(at) else { return "" };
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    #[inline]
    fn bytes(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text.as_bytes()[start as usize..self.ends[at] as usize]
    }

    #[inline]
    fn find(&self, hash: u64, value: &[u8]) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.slots.len() - 1;
        let tag = hash >> 32;
        let mut at = tag as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return None;
            }
            if slot >> 32 == tag {
                let place = slot as u32 - 1;
                if equal(self.bytes(place as usize), value) {
                    return Some(place);
                }
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds a value that is not there yet. `None` when the part is full.
    fn add(&mut self, hash: u64, value: &str) -> Option<u32> {
        let place = u32::try_from(self.ends.len()).ok().filter(|&place| place < u32::MAX - 1)?;
        if (self.text.len() + value.len()) as u64 > MAX_BYTES {
            return None;
        }
        if (self.ends.len() + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        self.text.push_str(value);
        self.ends.push(self.text.len() as u32);
        self.seat(hash >> 32 << 32 | u64::from(place + 1));
        Some(place)
    }

    fn seat(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut at = (slot >> 32) as usize & mask;
        while self.slots[at] != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }

    fn grow(&mut self) {
        let bigger = (self.slots.len() * 2).max(8);
        let old = std::mem::replace(&mut self.slots, vec![0; bigger]);
        for slot in old.into_iter().filter(|&slot| slot != 0) {
            self.seat(slot);
        }
    }

    fn heap_bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * 4 + self.slots.capacity() * 8
    }
}

/// Whether two texts are equal; for short ones faster than a call of the C library's comparison.
#[inline]
fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    if let (Some(last_a), Some(last_b)) = (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        let same = |a: &[u8; 8], b: &[u8; 8]| u64::from_le_bytes(*a) == u64::from_le_bytes(*b);
        let (chunks_a, chunks_b) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
        return same(last_a, last_b) && chunks_a.iter().zip(chunks_b).all(|(a, b)| same(a, b));
    }
    a.iter().zip(b).all(|(a, b)| a == b)
}

/// The distinct values of one label. Immutable and shared between stores; a value's [`ValueId`] never
/// changes when a dictionary grows into a bigger one.
#[derive(Clone, Debug)]
pub struct Dictionary {
    parts: Vec<Arc<Part>>,
    /// The id at which each part starts.
    starts: Vec<u32>,
    len: u32,
    hash: SeededHash,
    ranks: OnceLock<Arc<[u32]>>,
}

impl Dictionary {
    /// The number of distinct values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of `id`; `""` for an id that is not this dictionary's.
    #[must_use]
    #[inline]
    pub fn get(&self, id: ValueId) -> &str {
        get_in(&self.parts, &self.starts, id)
    }

    /// The id of `value`, where the dictionary has it.
    #[must_use]
    pub fn find(&self, value: &[u8]) -> Option<ValueId> {
        find_in(&self.parts, &self.starts, self.hash.bytes(value), value)
    }

    /// The values in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flat_map(|part| (0..part.ends.len()).map(|at| part.get(at)))
    }

    /// For every id the rank of its value in byte order. Computed once, on the first call.
    #[must_use]
    pub fn ranks(&self) -> &[u32] {
        self.ranks.get_or_init(|| {
            let values: Vec<&str> = self.iter().collect();
            let mut order: Vec<u32> = (0..self.len).collect();
            sort::sort_ids(&mut order, &mut |a, b| values[a as usize].cmp(values[b as usize]));
            let mut ranks = vec![0; order.len()];
            for (rank, &id) in order.iter().enumerate() {
                ranks[id as usize] = rank as u32;
            }
            ranks.into()
        })
    }

    /// The bytes held on the heap, counting what is shared with other dictionaries in full.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let ranks = self.ranks.get().map_or(0, |ranks| ranks.len() * 4);
        self.parts.iter().map(|part| part.heap_bytes()).sum::<usize>() + ranks
    }
}

#[inline]
fn get_in<'a>(parts: &'a [Arc<Part>], starts: &[u32], id: ValueId) -> &'a str {
    if let [part] = parts {
        return part.get(id as usize);
    }
    let at = starts.partition_point(|&start| start <= id);
    match at.checked_sub(1).and_then(|at| parts.get(at).zip(starts.get(at))) {
        Some((part, start)) => part.get((id - start) as usize),
        None => "",
    }
}

fn find_in(parts: &[Arc<Part>], starts: &[u32], hash: u64, value: &[u8]) -> Option<ValueId> {
    parts.iter().zip(starts).find_map(|(part, start)| Some(start + part.find(hash, value)?))
}

/// A dictionary that still grows: values shared from an earlier one, and its own.
#[derive(Clone, Debug)]
pub(super) struct GrowingDictionary {
    base: Option<Arc<Dictionary>>,
    own: Part,
    hash: SeededHash,
}

impl GrowingDictionary {
    pub(super) fn new(hash: SeededHash) -> Self {
        Self { base: None, own: Part::default(), hash }
    }

    /// Grows from `base`, sharing all its values and keeping their ids.
    pub(super) fn from_base(base: Arc<Dictionary>) -> Self {
        let hash = base.hash;
        Self { base: Some(base), own: Part::default(), hash }
    }

    pub(super) fn base(&self) -> Option<&Arc<Dictionary>> {
        self.base.as_ref()
    }

    pub(super) fn base_len(&self) -> u32 {
        self.base.as_ref().map_or(0, |base| base.len)
    }

    pub(super) fn len(&self) -> usize {
        self.base_len() as usize + self.own.ends.len()
    }

    #[inline]
    pub(super) fn get(&self, id: ValueId) -> &str {
        match &self.base {
            Some(base) if id < base.len => base.get(id),
            Some(base) => self.own.get((id - base.len) as usize),
            None => self.own.get(id as usize),
        }
    }

    #[inline]
    pub(super) fn hash(&self, value: &[u8]) -> u64 {
        self.hash.bytes(value)
    }

    /// The id of a value with this hash, where it is known.
    #[inline]
    pub(super) fn find(&self, hash: u64, value: &[u8]) -> Option<ValueId> {
        match &self.base {
            None => self.own.find(hash, value),
            Some(base) => find_in(&base.parts, &base.starts, hash, value)
                .or_else(|| Some(base.len + self.own.find(hash, value)?)),
        }
    }

    /// Adds a value that [`Self::find`] did not find. `None` when the dictionary is full.
    pub(super) fn add(&mut self, hash: u64, value: &str) -> Option<ValueId> {
        let base = self.base_len();
        self.own.add(hash, value)?.checked_add(base)
    }

    /// The id of `value`, which is added where it is new. `None` when the dictionary is full.
    pub(super) fn intern(&mut self, value: &str) -> Option<ValueId> {
        let hash = self.hash(value.as_bytes());
        self.find(hash, value.as_bytes()).or_else(|| self.add(hash, value))
    }

    /// The bytes held on the heap, the base's included.
    pub(super) fn heap_bytes(&self) -> usize {
        self.own.heap_bytes() + self.base.as_ref().map_or(0, |base| base.heap_bytes())
    }

    /// The finished dictionary; the base itself where nothing was added.
    pub(super) fn finish(mut self) -> Arc<Dictionary> {
        self.own.text.shrink_to_fit();
        self.own.ends.shrink_to_fit();
        let added = self.own.ends.len() as u32;
        let (mut parts, mut starts, mut len) = match self.base {
            Some(base) if added == 0 => return base,
            Some(base) => (base.parts.clone(), base.starts.clone(), base.len),
            None => (Vec::new(), Vec::new(), 0),
        };
        starts.push(len);
        parts.push(Arc::new(self.own));
        len += added;
        if parts.len() > MAX_PARTS {
            // A copy in the order of the ids keeps every id.
            let mut whole = Part::default();
            let complete = parts
                .iter()
                .flat_map(|part| (0..part.ends.len()).map(|at| part.get(at)))
                .all(|value| whole.add(self.hash.bytes(value.as_bytes()), value).is_some());
            if complete {
                (parts, starts) = (vec![Arc::new(whole)], vec![0]);
            }
        }
        Arc::new(Dictionary { parts, starts, len, hash: self.hash, ranks: OnceLock::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grown(base: Option<Arc<Dictionary>>, values: &[&str]) -> Arc<Dictionary> {
        let mut dictionary = match base {
            Some(base) => GrowingDictionary::from_base(base),
            None => GrowingDictionary::new(SeededHash::new(1)),
        };
        for value in values {
            dictionary.intern(value).unwrap();
        }
        dictionary.finish()
    }

    #[test]
    fn keeps_each_value_once() {
        let dictionary = grown(None, &["b", "", "a", "b", ""]);
        assert_eq!(dictionary.iter().collect::<Vec<_>>(), ["b", "", "a"]);
        assert_eq!(dictionary.find(b"a"), Some(2));
        assert_eq!(dictionary.find(b"c"), None);
        assert_eq!(dictionary.get(9), "");
        assert_eq!(dictionary.ranks(), [2, 0, 1]);
    }

    #[test]
    fn growing_keeps_ids_over_any_number_of_steps() {
        let mut dictionary = grown(None, &["v0"]);
        for step in 1..20_u32 {
            let value = format!("v{step}");
            dictionary = grown(Some(dictionary), &["v0", &value]);
            assert!(dictionary.parts.len() <= MAX_PARTS);
            for id in 0..=step {
                assert_eq!(dictionary.get(id), format!("v{id}"));
                assert_eq!(dictionary.find(format!("v{id}").as_bytes()), Some(id));
            }
        }
    }

    #[test]
    fn nothing_added_is_the_same_dictionary() {
        let base = grown(None, &["a"]);
        assert!(Arc::ptr_eq(&base, &grown(Some(Arc::clone(&base)), &["a"])));
    }

    #[test]
    fn texts_are_equal_in_every_byte() {
        for len in 0..40 {
            let text = vec![b'x'; len];
            assert!(equal(&text, &text.clone()));
            assert!(!equal(&text, &vec![b'x'; len + 1]));
            for at in 0..len {
                let mut other = text.clone();
                other[at] = b'y';
                assert!(!equal(&text, &other), "byte {at} of {len}");
            }
        }
    }

    #[test]
    fn many_values() {
        let values: Vec<String> = (0..10_000).map(|n| format!("value-{n}")).collect();
        let dictionary = grown(None, &values.iter().map(String::as_str).collect::<Vec<_>>());
        for (id, value) in values.iter().enumerate() {
            assert_eq!(dictionary.find(value.as_bytes()), Some(id as u32));
        }
    }
}
