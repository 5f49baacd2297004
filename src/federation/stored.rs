//! From what `/federate` printed back to what the server stores.
//!
//! The text carries the server's external labels and `instance=""`, and neither is matchable: whoever
//! evaluates selectors on the text as it is gets wrong answers, for external labels above all. So pairs equal
//! to the server's external labels, and labels without a value, are taken off before anything else.

use crate::labels::LabelSet;
use crate::series::{Bitset, Change, EmptyLabels, SeriesStore, StoreBuilder, StoreFull};

/// What a server stores, as far as its `/federate` told.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The series, with positions as in the text.
    pub store: SeriesStore,
    /// External labels that some series had themselves, with another value: for the others, whether the pair
    /// is the server's or their own cannot be told.
    pub ambiguous: Vec<Ambiguous>,
}

/// An external label that some series set themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguous {
    /// The label's name.
    pub name: String,
    /// Series that have it with a value of their own.
    pub own: usize,
    /// Series whose pair equals the server's and is taken for it.
    pub taken: usize,
}

/// Takes off what `/federate` added to `printed`: see the module's words. `external_labels` are those of the
/// server that printed it.
///
/// # Errors
/// When the store would be fuller than stores may be, which one that was read before cannot cause.
pub fn stored(printed: &SeriesStore, external_labels: &LabelSet, seed: u64) -> Result<Stored, StoreFull> {
    let mut builder = StoreBuilder::new(seed);
    let mut counts: Vec<Ambiguous> = external_labels
        .iter()
        .map(|(name, _)| Ambiguous { name: name.to_owned(), own: 0, taken: 0 })
        .collect();
    for mut frame in printed.frames(&Bitset::full(printed.len())) {
        for ((name, external), count) in external_labels.iter().zip(&mut counts) {
            if external.is_empty() || !frame.names().any(|have| have == name) {
                continue;
            }
            let classes = frame.classes(&[name]);
            let changes = frame.each(&[name], &classes, |values| match values {
                [Some(value)] if *value == external => Change::Remove,
                _ => Change::Keep,
            });
            let own =
                frame.each(&[name], &classes, |values| matches!(values, [Some(value)] if !value.is_empty()));
            for at in 0..frame.len() {
                let class = classes.of(at);
                if changes[class] == Change::Remove {
                    count.taken += 1;
                } else if own[class] {
                    count.own += 1;
                }
            }
            frame.set_by_class(name, &classes, &changes);
        }
        builder.push_frame(&frame, 0, EmptyLabels::Drop)?;
    }
    counts.retain(|count| count.own > 0 && count.taken > 0);
    Ok(Stored { store: builder.finish(), ambiguous: counts })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(rows: &[&[(&str, &str)]]) -> SeriesStore {
        let mut builder = StoreBuilder::new(1);
        for row in rows {
            builder.push(row.iter().copied(), 1.0, Some(1)).expect("a small store");
        }
        builder.finish()
    }

    fn check(
        rows: &[&[(&str, &str)]],
        external: &[(&str, &str)],
        expect: &[&str],
        ambiguous: &[(&str, usize, usize)],
    ) {
        let external: LabelSet = external.iter().copied().collect();
        let stored = stored(&store(rows), &external, 1).expect("a small store");
        let got: Vec<String> =
            stored.store.rows_in_order().iter().map(|&row| stored.store.label_set(row).to_string()).collect();
        assert_eq!(got, expect);
        let counts: Vec<_> =
            stored.ambiguous.iter().map(|count| (count.name.as_str(), count.own, count.taken)).collect();
        assert_eq!(counts, ambiguous);
    }

    #[test]
    fn external_labels_and_empty_instances_come_off() {
        check(
            &[
                &[("__name__", "a"), ("job", "x"), ("region", "eu"), ("instance", "")],
                &[("__name__", "b"), ("region", "eu"), ("instance", "i")],
                &[("__name__", "c")],
            ],
            &[("region", "eu"), ("replica", "")],
            &[r#"a{job="x"}"#, r#"b{instance="i"}"#, "c"],
            &[],
        );
    }

    #[test]
    fn a_value_of_their_own_stays_and_is_reported() {
        check(
            &[
                &[("__name__", "a"), ("region", "eu")],
                &[("__name__", "a"), ("region", "us")],
                &[("__name__", "b"), ("region", "eu")],
            ],
            &[("region", "eu")],
            &["a", r#"a{region="us"}"#, "b"],
            &[("region", 1, 2)],
        );
    }
}
