//! Stable sorting with one copy of the machine code for all types.
//!
//! The standard library's sort is compiled anew for every element type and every closure, some 5 kB each time:
//! with thirty of them the engine would be a tenth larger to fetch. These two cost an indirect call per
//! comparison; where a million rows are sorted by a key that lies at hand, `slice::sort` stays.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Sorts ids, such as rows, by `compare`; equal ones keep their order.
pub fn sort_ids(ids: &mut [u32], compare: &mut dyn FnMut(u32, u32) -> Ordering) {
    ids.sort_by(|&a, &b| compare(a, b));
}

/// Sorts anything by `compare`; equal ones keep their order. For up to 2³² items.
pub fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let mut order: Vec<u32> = (0..items.len() as u32).collect();
    sort_ids(&mut order, &mut |a, b| compare(&items[a as usize], &items[b as usize]));
    let mut place_of = vec![0_u32; order.len()];
    for (place, &item) in (0..).zip(&order) {
        place_of[item as usize] = place;
    }
    for at in 0..place_of.len() {
        while place_of[at] as usize != at {
            let place = place_of[at] as usize;
            items.swap(at, place);
            place_of.swap(at, place);
        }
    }
}

/// Sorts anything by a key; equal ones keep their order. For up to 2³² items.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], mut key: impl FnMut(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts and leaves each item once.
pub fn sort_and_dedup<T: Ord>(items: &mut Vec<T>) {
    sort_by(items, Ord::cmp);
    items.dedup();
}

/// A set of what there is, put in one by one: `collect` would sort first.
pub fn ordered_set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    for item in items {
        set.insert(item);
    }
    set
}

/// A map of what there is, put in one by one, the last of equal keys staying: `collect` would sort first.
pub fn ordered_map<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        map.insert(key, value);
    }
    map
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library(numbers in prop::collection::vec(0_u8..20, 0..60)) {
            let mut items: Vec<(u8, usize)> = numbers.into_iter().zip(0..).collect();
            let mut expect = items.clone();
            expect.sort_by_key(|&(number, _)| number);
            sort_by_key(&mut items, |&(number, _)| number);
            prop_assert_eq!(items, expect);
        }
    }
}
