//! The store as a whole, checked against the plainest model: a list of label sets.

use proptest::prelude::*;

use super::*;
use crate::labels::MatchOp::{Equal, NotEqual, NotRegex, Regex};
use crate::labels::{LabelSet, MatchOp, Matcher};
use crate::version::Version;

type Series = (LabelSet, f64, Option<i64>);

fn series() -> impl Strategy<Value = Series> {
    let pair =
        (prop_oneof!["__name__", "a", "b", "B", "job"], prop_oneof![Just(String::new()), "[a-c]{1,2}"]);
    let labels = proptest::collection::btree_map(pair.0, pair.1, 0..4)
        .prop_map(|pairs| pairs.into_iter().collect::<LabelSet>());
    (labels, -3.0..3.0, proptest::option::of(0_i64..9))
}

fn many() -> impl Strategy<Value = Vec<Series>> {
    proptest::collection::vec(series(), 0..150)
}

fn store(rows: &[Series]) -> SeriesStore {
    let mut builder = StoreBuilder::new(5);
    for (labels, value, time) in rows {
        builder.push(labels.iter(), *value, *time).unwrap();
    }
    builder.finish()
}

fn content(store: &SeriesStore) -> Vec<Series> {
    store
        .rows_in_order()
        .iter()
        .map(|&row| (store.label_set(row), store.value(row), store.timestamp(row)))
        .collect()
}

fn matcher() -> impl Strategy<Value = Matcher> {
    let op = prop_oneof![
        Just(MatchOp::Equal),
        Just(MatchOp::NotEqual),
        Just(MatchOp::Regex),
        Just(MatchOp::NotRegex)
    ];
    let name = prop_oneof!["__name__", "a", "b", "zzz"];
    let value = prop_oneof![
        Just(String::new()),
        "[a-c]{1,2}",
        Just("a.*".to_owned()),
        Just(".*".to_owned()),
        Just("a|b|".to_owned()),
        Just(".+".to_owned())
    ];
    (name, op, value).prop_map(|(name, op, value)| Matcher::new(name, op, value))
}

fn compile(matchers: &[Matcher]) -> Vec<CompiledMatcher> {
    matchers.iter().map(|matcher| CompiledMatcher::new(matcher, Version::NEWEST).unwrap()).collect()
}

proptest! {
    #[test]
    fn series_of_other_names_are_pushed_alike(rows in many(), names in proptest::collection::vec("[a-c]{0,2}", 0..5)) {
        let (mut each, mut together) = (StoreBuilder::new(5), StoreBuilder::new(5));
        for (labels, value, _) in &rows {
            for name in &names {
                let labels = std::iter::once(("__name__", name.as_str())).chain(labels.iter());
                each.push(labels, *value, None).unwrap();
            }
            together.push_named(names.iter().map(|name| (name.as_str(), *value)), labels.iter()).unwrap();
        }
        prop_assert_eq!(content(&each.finish()), content(&together.finish()));
    }
}

proptest! {
    #[test]
    fn holds_what_was_pushed(rows in many()) {
        let store = store(&rows);
        prop_assert_eq!(content(&store), rows.clone());
        for (at, row) in (0..).zip(store.rows_in_order()) {
            prop_assert_eq!(store.position(*row), at);
            prop_assert_eq!(store.row_at(at), Some(*row));
        }
    }

    #[test]
    fn selects_as_matchers_on_single_series_do(rows in many(), matchers in proptest::collection::vec(matcher(), 0..4)) {
        let store = store(&rows);
        let compiled = compile(&matchers);
        let mut cache = MatchCache::default();
        for _ in 0..2 {
            let chosen = store.select_cached(&compiled, &mut cache).unwrap();
            for row in 0..store.len() as u32 {
                let labels = store.label_set(row);
                let want = !compiled.is_empty() && compiled.iter().all(|matcher| {
                    matcher.matches(labels.value(std::str::from_utf8(&matcher.matcher().name).unwrap()))
                });
                prop_assert_eq!(chosen.contains(row), want, "{} {:?}", labels, matchers);
            }
        }
    }

    #[test]
    fn orders_as_comparing_label_sets_does(rows in many()) {
        let store = store(&rows);
        let key = |row: u32| {
            let mut labels = store.label_set(row);
            labels.retain(|_, value| !value.is_empty());
            (labels.value("__name__").to_owned(), labels, store.position(row))
        };
        let mut want: Vec<u32> = (0..store.len() as u32).collect();
        want.sort_by_key(|&row| key(row));
        prop_assert_eq!(store.sorted_rows(), want);
    }

    #[test]
    fn finds_equal_series(rows in many()) {
        let store = store(&rows);
        let stored: Vec<LabelSet> = rows.iter().map(|(labels, ..)| {
            let mut labels = labels.clone();
            labels.retain(|_, value| !value.is_empty());
            labels
        }).collect();
        let want: Vec<(u32, u32)> = (0..rows.len())
            .filter_map(|at| stored[..at].iter().position(|labels| *labels == stored[at]).map(|first| (at as u32, first as u32)))
            .collect();
        let have: Vec<(u32, u32)> = store.duplicates().iter().map(|&(row, first)| (store.position(row), store.position(first))).collect();
        prop_assert_eq!(have, want);
    }

    #[test]
    fn merges_stores(a in many(), b in many(), chosen in proptest::collection::vec(any::<bool>(), 300), drop in any::<bool>()) {
        let (one, two) = (store(&a), store(&b));
        let set = |store: &SeriesStore, from: usize| {
            Bitset::from_rows(store.len(), store.rows_in_order().iter().enumerate().filter(|(at, _)| chosen[from + at]).map(|(_, &row)| row))
        };
        let empty = if drop { EmptyLabels::Drop } else { EmptyLabels::Keep };
        let mut builder = StoreBuilder::new(9);
        for (store, base, from) in [(&one, 0, 0), (&two, a.len() as u32, 150)] {
            for frame in store.frames(&set(store, from)) {
                builder.push_frame(&frame, base, empty).unwrap();
            }
        }
        let merged = builder.finish();
        let want: Vec<Series> = a.iter().zip(&chosen).chain(b.iter().zip(&chosen[150..])).filter(|(_, chosen)| **chosen).map(|((labels, value, time), _)| {
            let mut labels = labels.clone();
            labels.retain(|_, value| !drop || !value.is_empty());
            (labels, *value, *time)
        }).collect();
        prop_assert_eq!(content(&merged), want);
    }

    #[test]
    fn frames_rewrite_as_label_sets_do(rows in many(), steps in proptest::collection::vec((0_u8..7, prop_oneof!["a", "b", "job", "new"], prop_oneof!["a", "b", "other"]), 0..6)) {
        let source = store(&rows);
        let mut builder = StoreBuilder::new(3);
        for mut frame in source.frames(&Bitset::full(source.len())) {
            for (step, one, two) in &steps {
                match step {
                    0 => frame.set_constant(one, "const"),
                    1 => frame.set_where_absent(one, "fill"),
                    2 => { frame.remove(one); }
                    3 => frame.rename(one, two),
                    4 => frame.copy(one, two),
                    5 => frame.set_from(one, &[two, "a"], |values| match values {
                        [Some(two), Some(a)] => Change::Set(format!("{two}{a}")),
                        [Some(_), None] => Change::Remove,
                        _ => Change::Keep,
                    }),
                    _ => { frame.retain_from(&[one], |values| values[0] != Some("a")); }
                }
            }
            builder.push_frame(&frame, 0, EmptyLabels::Keep).unwrap();
        }
        let want: Vec<Series> = rows.iter().filter_map(|(labels, value, time)| {
            let mut labels = labels.clone();
            for (step, one, two) in &steps {
                match step {
                    0 => { labels.insert(one.as_str(), "const"); }
                    1 if labels.get(one).is_none() => { labels.insert(one.as_str(), "fill"); }
                    1 => {}
                    2 => { labels.remove(one); }
                    3 => if one != two && let Some(value) = labels.remove(one) { labels.insert(two.as_str(), value); },
                    4 => if let Some(value) = labels.get(one).map(str::to_owned) { labels.insert(two.as_str(), value); },
                    5 => match (labels.get(two).map(str::to_owned), labels.get("a")) {
                        (Some(two), Some(a)) => { let joined = format!("{two}{a}"); labels.insert(one.as_str(), joined); }
                        (Some(_), None) => { labels.remove(one); }
                        _ => {}
                    },
                    _ => if labels.get(one) == Some("a") { return None },
                }
            }
            Some((labels, *value, *time))
        }).collect();
        prop_assert_eq!(content(&builder.finish()), want);
    }
}

#[test]
fn a_derived_store_shares_its_values() {
    let long = "x".repeat(10_000);
    let mut builder = StoreBuilder::new(1);
    builder.push([("a", long.as_str())], 1.0, None).unwrap();
    let source = builder.finish();
    let mut builder = StoreBuilder::new(2);
    for mut frame in source.frames(&Bitset::full(1)) {
        frame.rename("a", "exported_a");
        frame.set_constant("a", "y");
        builder.push_frame(&frame, 0, EmptyLabels::Keep).unwrap();
    }
    let derived = builder.finish();
    let values = |store: &SeriesStore, name: &str| std::ptr::from_ref(store.label(0, name).unwrap());
    assert!(std::ptr::addr_eq(values(&source, "a"), values(&derived, "exported_a")));
    assert_eq!(derived.label(0, "a"), Some("y"));
}

#[test]
fn the_empty_name_is_prometheus_key_of_all_series() {
    let mut builder = StoreBuilder::new(1);
    builder.push([("__name__", "up"), ("a", "b")], 1.0, None).unwrap();
    builder.push([("__name__", "up")], 1.0, None).unwrap();
    let store = builder.finish();
    let check = |matchers: &[(&str, MatchOp, &str)], want: Result<usize, SelectError>| {
        let matchers: Vec<Matcher> =
            matchers.iter().map(|&(name, op, value)| Matcher::new(name, op, value)).collect();
        let have = store.select(&compile(&matchers)).map(|rows| rows.count());
        assert_eq!(have, want, "{matchers:?}");
    };
    let refused = Err(SelectError::UnexpectedAllPostings);
    check(&[], Ok(0));
    check(&[("", Equal, "")], Ok(2));
    check(&[("", NotEqual, "")], Ok(2));
    check(&[("", Equal, "x")], Ok(0));
    check(&[("", Equal, ""), ("a", Equal, "b")], refused);
    check(&[("", Equal, ""), ("a", Equal, "")], refused);
    check(&[("", Equal, ""), ("a", Equal, "none")], Ok(0));
    check(&[("", NotEqual, ""), ("a", Equal, "none")], refused);
    check(&[("", Equal, ""), ("a", NotRegex, ".*")], Ok(0));
    check(&[("", Equal, ""), ("a", Regex, ".*")], refused);
}
