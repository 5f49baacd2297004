//! Names and values of labels, with how many series have them.

use std::collections::BTreeMap;

use crate::series::{Bitset, SeriesStore};

use super::CompletionKind;
use super::rank::{Candidate, Ranking};

/// How many series have each label.
pub(super) fn names<'s>(stores: &[&'s SeriesStore]) -> BTreeMap<&'s str, u64> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for store in stores {
        for shape in store.shapes() {
            let rows = shape.rows().len() as u64;
            for column in shape.columns() {
                *counts.entry(column.name).or_default() += rows;
            }
        }
    }
    counts
}

/// Offers the values of a label, of the rows given where there are any. `make` writes one.
pub(super) fn offer_values(
    stores: &[(&SeriesStore, Option<Bitset>)],
    name: &str,
    kind: CompletionKind,
    ranking: &mut Ranking<'_>,
    make: &dyn Fn(&str) -> Option<String>,
) {
    let mut offer = |value: &str, count: u64| {
        if value.is_empty() {
            return;
        }
        ranking.offer_with(value, count, || Candidate {
            text: make(value),
            ..Candidate::new(kind, value, series(count))
        });
    };
    match stores {
        [(store, rows)] => {
            for_each_value(store, rows.as_ref(), name, &mut offer);
        }
        many => {
            let mut all: BTreeMap<String, u64> = BTreeMap::new();
            for (store, rows) in many {
                for_each_value(store, rows.as_ref(), name, &mut |value, count| {
                    *all.entry(value.to_owned()).or_default() += count;
                });
            }
            for (value, count) in &all {
                offer(value, *count);
            }
        }
    }
}

/// Calls `visit` with each value of a label and how many rows have it.
fn for_each_value(store: &SeriesStore, rows: Option<&Bitset>, name: &str, visit: &mut dyn FnMut(&str, u64)) {
    let Some((_, dictionary)) = store.label_names().find(|(label, _)| *label == name) else { return };
    let mut counts = vec![0_u32; dictionary.len()];
    for shape in store.shapes() {
        let Some(column) = shape.column(name) else { continue };
        let mut count = |row| {
            if let Some(count) = counts.get_mut(column.id(row) as usize) {
                *count += 1;
            }
        };
        match rows {
            Some(rows) => rows.iter_in(shape.rows()).for_each(&mut count),
            None => shape.rows().for_each(&mut count),
        }
    }
    for (value, count) in dictionary.iter().zip(counts) {
        if count > 0 {
            visit(value, u64::from(count));
        }
    }
}

/// `1 series`, `2 series`.
pub(super) fn series(count: u64) -> String {
    format!("{count} series")
}
