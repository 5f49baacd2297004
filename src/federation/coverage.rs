//! Which selectors select which series: the matrix of a pull, its equal columns drawn together.

use crate::series::{Row, sample};
use crate::sort;

use super::outcome::PullOutcome;

/// The most groups that are told; what is in others is counted.
const MOST_GROUPS: usize = 64;
/// The most groups that are kept while counting.
const MOST_KEPT: usize = 4096;
/// The selectors that are looked at: the first ones of a pull.
const MOST_SELECTORS: usize = 128;

/// The series of an answer that the same selectors select.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredSeries {
    /// The selectors, by their place in the request, ascending.
    pub selectors: Vec<u16>,
    /// How many series they are.
    pub series: u32,
    /// How many of them only possibly exist.
    pub possible: u32,
    /// One of them: a row of the source.
    pub example: Row,
}

/// Which selectors of a pull select which of the series that its source answers with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Every series of the answer in one group, the largest group first, as far as they are told.
    pub groups: Vec<CoveredSeries>,
    /// How many series are in groups that are not told.
    pub others: u32,
}

#[derive(Clone, Copy)]
struct Counted {
    series: u32,
    possible: u32,
    first: Row,
}

/// Groups the series of an answer by the selectors that select them. Nothing where nobody is known to answer.
///
/// Rows are looked at by words of 64: neighbours are mostly selected alike.
#[must_use]
pub fn coverage(outcome: &PullOutcome) -> Coverage {
    let Some(answered) = outcome.answered.as_deref() else { return Coverage::default() };
    let sets: Vec<&[u64]> =
        outcome.selected.iter().take(MOST_SELECTORS).map(|selected| selected.rows.words()).collect();
    let may_be_possible = outcome.scraped.open
        && outcome.source.shapes().flat_map(|shape| shape.values()).any(|&value| sample::is_possible(value));
    // Sorted by the selectors, one bit each.
    let mut groups: Vec<(u128, Counted)> = Vec::new();
    let mut others = 0;
    let mut parts: Vec<(u64, u128)> = Vec::new();
    for (at, &rows) in answered.words().iter().enumerate() {
        if rows == 0 {
            continue;
        }
        parts.clear();
        parts.push((rows, 0));
        for (selector, set) in sets.iter().enumerate() {
            let set = set.get(at).copied().unwrap_or(0);
            let bit = 1 << selector;
            for part in 0..parts.len() {
                let (rows, signature) = parts[part];
                match rows & set {
                    0 => {}
                    all if all == rows => parts[part].1 |= bit,
                    some => {
                        parts[part].0 = rows & !set;
                        parts.push((some, signature | bit));
                    }
                }
            }
        }
        for &(rows, signature) in &parts {
            let first = at as u32 * 64 + rows.trailing_zeros();
            let place = match groups.binary_search_by_key(&signature, |&(signature, _)| signature) {
                Ok(place) => place,
                Err(_) if groups.len() >= MOST_KEPT => {
                    others += rows.count_ones();
                    continue;
                }
                Err(place) => {
                    groups.insert(place, (signature, Counted { series: 0, possible: 0, first }));
                    place
                }
            };
            let counted = &mut groups[place].1;
            counted.series += rows.count_ones();
            if may_be_possible {
                let row = |bit: u32| at as u32 * 64 + bit;
                let possible = (0..64)
                    .filter(|&bit| rows >> bit & 1 == 1)
                    .filter(|&bit| sample::is_possible(outcome.source.value(row(bit))));
                counted.possible += possible.count() as u32;
            }
        }
    }
    sort::sort_by_key(&mut groups, |&(signature, counted)| (u32::MAX - counted.series, signature));
    others += groups.iter().skip(MOST_GROUPS).map(|(_, counted)| counted.series).sum::<u32>();
    let told = groups.into_iter().take(MOST_GROUPS).map(|(signature, counted)| CoveredSeries {
        selectors: (0..MOST_SELECTORS as u16).filter(|at| signature >> at & 1 == 1).collect(),
        series: counted.series,
        possible: counted.possible,
        example: counted.first,
    });
    Coverage { groups: told.collect(), others }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;

    use proptest::prelude::*;

    use crate::federation::{Scraped, Selected};
    use crate::series::{Bitset, StoreBuilder};

    /// An outcome of as many rows, with these answered and these selected.
    fn outcome(rows: usize, answered: &[bool], selected: &[Vec<bool>]) -> PullOutcome {
        let mut builder = StoreBuilder::new(7);
        for row in 0..rows {
            let value = row.to_string();
            let sample = if row % 5 == 0 { sample::possible() } else { 1.0 };
            builder.push([("__name__", "m"), ("row", value.as_str())], sample, None).expect("room");
        }
        let set = |bits: &[bool]| {
            Arc::new(Bitset::from_rows(rows, (0..rows as u32).filter(|&row| bits[row as usize])))
        };
        PullOutcome {
            source: builder.finish(),
            answered: Some(set(answered)),
            selected: selected
                .iter()
                .map(|bits| Selected { rows: set(bits), ..Selected::default() })
                .collect(),
            scraped: Arc::new(Scraped { open: true, ..Scraped::default() }),
            ..PullOutcome::default()
        }
    }

    proptest! {
        #[test]
        fn every_series_is_in_the_group_of_its_selectors(
            (answered, selected) in (1_usize..200).prop_flat_map(|rows| (
                proptest::collection::vec(any::<bool>(), rows),
                proptest::collection::vec(proptest::collection::vec(any::<bool>(), rows), 0..5),
            ))
        ) {
            let rows = answered.len();
            let coverage = coverage(&outcome(rows, &answered, &selected));
            let mut expect: BTreeMap<Vec<u16>, (u32, u32, BTreeSet<u32>)> = BTreeMap::new();
            for row in (0..rows).filter(|&row| answered[row]) {
                let by = (0..).zip(&selected).filter(|(_, bits)| bits[row]).map(|(at, _)| at).collect();
                let group = expect.entry(by).or_default();
                group.0 += 1;
                group.1 += u32::from(row % 5 == 0);
                group.2.insert(row as u32);
            }
            prop_assert_eq!(coverage.others, 0);
            prop_assert_eq!(coverage.groups.len(), expect.len());
            for group in coverage.groups {
                let (series, possible, rows) = &expect[&group.selectors];
                prop_assert_eq!((group.series, group.possible), (*series, *possible));
                prop_assert!(rows.contains(&group.example));
            }
        }
    }

    #[test]
    fn of_many_groups_the_largest_are_told() {
        let selected: Vec<Vec<bool>> =
            (0..10).map(|bit| (0..1000).map(|row: u32| row >> bit & 1 == 1).collect()).collect();
        let coverage = coverage(&outcome(1000, &[true; 1000], &selected));
        assert_eq!((coverage.groups.len(), coverage.others), (MOST_GROUPS, 1000 - MOST_GROUPS as u32));
    }
}
