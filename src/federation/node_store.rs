//! What one server stores: everything that samples, scrapes and the server itself bring, each series once.

use std::collections::BTreeMap;

use crate::series::{Bitset, Row, SeriesStore, StoreBuilder, StoreFull, sample};
use crate::sort;
use crate::text::FileId;

/// What brought a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bringer {
    /// A file of samples attached to the node.
    Samples(FileId),
    /// A pull, by its place in the topology.
    Pull(usize),
    /// The server itself, reporting on a pull: `up`, `scrape_…`.
    Report(usize),
    /// A recording rule, by its place among the node's: [`crate::workspace::Node::all_rules`].
    Rule(usize),
}

/// Where a series came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// What brought it.
    pub bringer: Bringer,
    /// Its position in the store that the bringer took it from: the samples', or the store of the pull's
    /// source; of a rule's, its place among what the node's rules make.
    pub position: u32,
}

/// Series for a server, and what brought them: from each position to the next, ascending.
#[derive(Clone, Debug)]
pub(super) struct Brought<'s> {
    pub(super) store: &'s SeriesStore,
    pub(super) bases: Vec<(u32, Bringer)>,
}

impl<'s> Brought<'s> {
    /// What one bringer brought.
    pub(super) fn by(bringer: Bringer, store: &'s SeriesStore) -> Self {
        Self { store, bases: vec![(0, bringer)] }
    }
}

/// The series of one server, each once, with where they came from.
#[derive(Clone, Debug, Default)]
pub struct NodeStore {
    store: SeriesStore,
    /// What brought which positions: from each base to the next, ascending.
    bases: Vec<(u32, Bringer)>,
    /// The positions of rows that were merged into another row, by that row and position.
    merged: Vec<(Row, u32)>,
    reported: u32,
    recorded: u32,
    possible: u32,
}

impl NodeStore {
    /// Merges what was brought, in the order given.
    ///
    /// Where several bring the same series, one sample stays: the newest, and of equally old ones the first,
    /// as storage keeps the first and refuses what is older. Where it is not known which of two that differ
    /// is the newer, since one of them has no timestamp yet, the value is unknown: servers hold now the one,
    /// now the other. `at_once` says of a bringer whether its samples without timestamps are all of one moment,
    /// as an application's are; what comes from another server is not. All origins are kept.
    ///
    /// # Errors
    /// When there would be more than stores may hold.
    pub fn merge(
        brought: &[(Bringer, &SeriesStore)],
        at_once: impl Fn(Bringer) -> bool,
        seed: u64,
    ) -> Result<Self, StoreFull> {
        let brought: Vec<Brought<'_>> = brought.iter().map(|&(by, store)| Brought::by(by, store)).collect();
        Self::merge_parts(&brought, at_once, seed)
    }

    /// As [`Self::merge`], of parts that several may have brought.
    pub(super) fn merge_parts(
        brought: &[Brought<'_>],
        at_once: impl Fn(Bringer) -> bool,
        seed: u64,
    ) -> Result<Self, StoreFull> {
        let mut bases: Vec<(u32, Bringer)> = Vec::with_capacity(brought.len());
        let mut part_bases = Vec::with_capacity(brought.len());
        let mut base: u32 = 0;
        for part in brought {
            part_bases.push(base);
            for &(first, bringer) in &part.bases {
                bases.push((base.checked_add(first).ok_or(StoreFull::Rows)?, bringer));
            }
            let end = part.store.rows_in_order().last().map_or(0, |&row| part.store.position(row) + 1);
            base = base.checked_add(end).ok_or(StoreFull::Rows)?;
        }
        // One part alone is kept as it is, so that no column is copied.
        let all = if let [only] = brought {
            SeriesStore::clone(only.store)
        } else {
            let mut builder = StoreBuilder::new(seed);
            for (&base, part) in part_bases.iter().zip(brought) {
                builder.push_rows(part.store, &Bitset::full(part.store.len()), base)?;
            }
            builder.finish()
        };
        let mut groups: BTreeMap<Row, Vec<Row>> = BTreeMap::new();
        for (row, earliest) in all.duplicates() {
            groups.entry(earliest).or_insert_with(|| vec![earliest]).push(row);
        }
        let mut out = Self { store: all, bases, merged: Vec::new(), reported: 0, recorded: 0, possible: 0 };
        if !groups.is_empty() {
            (out.store, out.merged) = out.merge_groups(&groups, &at_once, seed)?;
        }
        // What the server makes itself comes behind all else, so that only the last rows are looked at.
        let from = |is_own: fn(Bringer) -> bool| {
            let first = out.bases.iter().find(|&&(_, by)| is_own(by)).map(|&(base, _)| base);
            let rows = out.store.rows_in_order();
            rows.partition_point(|&row| first.is_none_or(|first| out.store.position(row) < first))
        };
        let is_report = |origin: Origin| matches!(origin.bringer, Bringer::Report(_));
        let is_rule = |origin: Origin| matches!(origin.bringer, Bringer::Rule(_));
        let rows = out.store.rows_in_order();
        let reports = rows.iter().skip(from(|by| matches!(by, Bringer::Report(_))));
        let reported = reports.filter(|&&row| out.origins(row).all(is_report)).count();
        let rules = rows.iter().skip(from(|by| matches!(by, Bringer::Rule(_))));
        let mut recorded: Vec<Row> = rules.copied().collect();
        recorded.extend(out.merged.iter().map(|&(row, _)| row));
        recorded.retain(|&row| out.origins(row).any(is_rule));
        sort::sort_and_dedup(&mut recorded);
        let recorded = recorded.len();
        (out.reported, out.recorded) = (reported as u32, recorded as u32);
        let values = out.store.shapes().flat_map(|shape| shape.values());
        out.possible = values.filter(|&&value| sample::is_possible(value)).count() as u32;
        Ok(out)
    }

    /// The series.
    #[must_use]
    pub fn store(&self) -> &SeriesStore {
        &self.store
    }

    /// How many series the server reports itself and nothing else brings.
    #[must_use]
    pub fn reported(&self) -> u32 {
        self.reported
    }

    /// How many series the server's own recording rules make.
    #[must_use]
    pub fn recorded(&self) -> u32 {
        self.recorded
    }

    /// How many series only possibly exist.
    #[must_use]
    pub fn possible(&self) -> u32 {
        self.possible
    }

    /// Where the series in `row` came from: first what its sample came with, then the others.
    pub fn origins(&self, row: Row) -> impl Iterator<Item = Origin> + '_ {
        let from = self.merged.partition_point(|&(merged, _)| merged < row);
        let others = self.merged[from..].iter().take_while(move |&&(merged, _)| merged == row);
        std::iter::once(self.store.position(row))
            .chain(others.map(|&(_, position)| position))
            .filter_map(|position| self.origin_of(position))
    }

    /// The row that holds what came from `origin`; `None` where nothing did.
    #[must_use]
    pub fn row_of(&self, origin: Origin) -> Option<Row> {
        let of_bringer = self.bases.iter().filter(|(_, bringer)| *bringer == origin.bringer);
        for &(base, _) in of_bringer {
            let Some(position) = base.checked_add(origin.position) else { continue };
            if self.origin_of(position) != Some(origin) {
                continue;
            }
            let merged = || self.merged.iter().find(|&&(_, other)| other == position).map(|&(row, _)| row);
            if let Some(row) = self.store.row_at(position).or_else(merged) {
                return Some(row);
            }
        }
        None
    }

    /// The rows that several brought, ascending.
    pub(super) fn shared_rows(&self) -> impl Iterator<Item = Row> + '_ {
        self.merged.chunk_by(|(one, _), (other, _)| one == other).filter_map(|rows| Some(rows.first()?.0))
    }

    /// How many series each two bringers both bring, the earlier one first; in their order.
    #[must_use]
    pub fn shared(&self) -> BTreeMap<(Bringer, Bringer), u32> {
        let mut shared = BTreeMap::new();
        let mut rows: Vec<Row> = self.merged.iter().map(|&(row, _)| row).collect();
        rows.dedup();
        for row in rows {
            let mut bringers: Vec<Bringer> = self.origins(row).map(|origin| origin.bringer).collect();
            sort::sort_and_dedup(&mut bringers);
            for pair in bringers.windows(2) {
                *shared.entry((pair[0], pair[1])).or_insert(0) += 1;
            }
        }
        shared
    }

    fn origin_of(&self, position: u32) -> Option<Origin> {
        let after = self.bases.partition_point(|&(base, _)| base <= position);
        // Parts that brought nothing share their base with the next; the last one is whose rows these are.
        let &(base, bringer) = self.bases.get(after.checked_sub(1)?)?;
        Some(Origin { bringer, position: position - base })
    }

    /// The store with one row of each group, and what was merged into it.
    fn merge_groups(
        &self,
        groups: &BTreeMap<Row, Vec<Row>>,
        at_once: &impl Fn(Bringer) -> bool,
        seed: u64,
    ) -> Result<(SeriesStore, Vec<(Row, u32)>), StoreFull> {
        let all = &self.store;
        let mut keep = Bitset::full(all.len());
        let mut losers: Vec<(u32, u32)> = Vec::new();
        let mut unsettled: Vec<Row> = Vec::new();
        for rows in groups.values() {
            let mut winner = rows[0];
            for &row in &rows[1..] {
                if all.timestamp(row) > all.timestamp(winner) {
                    winner = row;
                }
            }
            for &row in rows.iter().filter(|&&row| row != winner) {
                keep.remove(row);
                losers.push((all.position(winner), all.position(row)));
            }
            if rows.iter().any(|&row| self.may_alternate(winner, row, at_once)) {
                keep.remove(winner);
                unsettled.push(winner);
            }
        }
        let mut builder = StoreBuilder::new(seed);
        builder.push_rows(all, &keep, 0)?;
        for row in unsettled {
            builder.push_at(all.position(row), all.labels(row), sample::unknown(), None)?;
        }
        let store = builder.finish();
        let mut merged: Vec<(Row, u32)> =
            losers.into_iter().filter_map(|(winner, loser)| Some((store.row_at(winner)?, loser))).collect();
        sort::sort_by(&mut merged, Ord::cmp);
        Ok((store, merged))
    }

    /// Whether a server holds now the one sample, now the other: they differ, and which is the newer is not
    /// known.
    fn may_alternate(&self, one: Row, other: Row, at_once: &impl Fn(Bringer) -> bool) -> bool {
        let bringer = |row| self.origin_of(self.store.position(row)).map(|origin| origin.bringer);
        let untimed = self.store.timestamp(one).is_none() || self.store.timestamp(other).is_none();
        untimed
            && self.store.value(one).to_bits() != self.store.value(other).to_bits()
            && (bringer(one) != bringer(other) || !bringer(one).is_some_and(at_once))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(rows: &[(&str, f64, Option<i64>)]) -> SeriesStore {
        let mut builder = StoreBuilder::new(7);
        for &(name, value, time) in rows {
            builder.push([("__name__", name), ("job", "x")], value, time).expect("a small store");
        }
        builder.finish()
    }

    /// A series' name, value and origins.
    type Shown<'a> = (&'a str, f64, &'a [(Bringer, u32)]);
    type Owned = (String, f64, Vec<(Bringer, u32)>);

    fn check(brought: &[(Bringer, &SeriesStore)], expect: &[Shown<'_>]) {
        let node = NodeStore::merge(brought, |_| true, 7).expect("a small store");
        let got: Vec<Owned> = node
            .store()
            .rows_in_order()
            .iter()
            .map(|&row| {
                let origins = node.origins(row).map(|origin| (origin.bringer, origin.position)).collect();
                (node.store().metric_name(row).to_owned(), node.store().value(row), origins)
            })
            .collect();
        let expect: Vec<Owned> =
            expect.iter().map(|&(name, value, origins)| (name.to_owned(), value, origins.to_vec())).collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn one_part_is_kept_as_it_is() {
        let part = store(&[("a", 1.0, None), ("b", 2.0, None)]);
        let pull = Bringer::Pull(3);
        check(&[(pull, &part)], &[("a", 1.0, &[(pull, 0)]), ("b", 2.0, &[(pull, 1)])]);
        let node = NodeStore::merge(&[(pull, &part)], |_| true, 7).expect("a small store");
        assert!(node.store().is_same(&part));
    }

    #[test]
    fn the_newest_sample_stays_and_all_origins_are_known() {
        let first = store(&[("a", 1.0, Some(10)), ("b", 2.0, Some(10))]);
        let second = store(&[("c", 3.0, Some(5)), ("a", 4.0, Some(20)), ("b", 5.0, Some(10))]);
        let (one, two) = (Bringer::Pull(0), Bringer::Pull(1));
        check(
            &[(one, &first), (two, &second)],
            &[("b", 2.0, &[(one, 1), (two, 2)]), ("c", 3.0, &[(two, 0)]), ("a", 4.0, &[(two, 1), (one, 0)])],
        );
    }

    #[test]
    fn a_value_that_alternates_is_unknown() {
        let (one, two) = (Bringer::Pull(0), Bringer::Pull(1));
        let check = |first: (f64, Option<i64>), second: (f64, Option<i64>), expect: Option<f64>| {
            let parts = [store(&[("a", first.0, first.1)]), store(&[("a", second.0, second.1)])];
            let node =
                NodeStore::merge(&[(one, &parts[0]), (two, &parts[1])], |_| true, 7).expect("a small store");
            let value = node.store().value(0);
            assert_eq!((!sample::is_unknown(value)).then_some(value), expect, "{first:?} and {second:?}");
            assert_eq!((node.store().len(), node.origins(0).count()), (1, 2));
        };
        check((1.0, None), (2.0, None), None);
        check((1.0, None), (1.0, None), Some(1.0));
        check((1.0, Some(10)), (2.0, None), None);
        check((1.0, Some(10)), (2.0, Some(20)), Some(2.0));
        // Of what one scrape brings twice, the first stays.
        let twice = store(&[("a", 1.0, None), ("a", 2.0, None)]);
        super::tests::check(&[(one, &twice)], &[("a", 1.0, &[(one, 0), (one, 1)])]);
        // Unless it brings what others scraped, each in its time.
        let node = NodeStore::merge(&[(one, &twice)], |_| false, 7).expect("a small store");
        assert!(sample::is_unknown(node.store().value(0)));
    }

    #[test]
    fn reports_count_only_where_nothing_else_brings_the_series() {
        let pulled = store(&[("up", 1.0, Some(10))]);
        let report = store(&[("up", 1.0, None), ("scrape_duration_seconds", 0.1, None)]);
        let node =
            NodeStore::merge(&[(Bringer::Pull(0), &pulled), (Bringer::Report(0), &report)], |_| true, 7);
        let node = node.expect("a small store");
        assert_eq!(node.reported(), 1);
        assert_eq!(
            node.shared().into_iter().collect::<Vec<_>>(),
            [((Bringer::Pull(0), Bringer::Report(0)), 1)]
        );
        check(&[], &[]);
    }
}
