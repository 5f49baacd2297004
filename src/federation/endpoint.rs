//! What `/federate` answers: `web/federate.go`, `federation`, for all rows at once.

use std::borrow::Cow;

use crate::exposition::Writer;
use crate::labels::{LabelSet, METRIC_NAME};
use crate::series::{Bitset, Change, CompiledMatcher, Frame, MatchCache, SelectError, SeriesStore, sample};

use super::Escaping;

/// The label that an answer always has: `common/model`, `InstanceLabel`.
const INSTANCE: &str = "instance";

/// A timestamp of as many digits as those of our days, for samples without one: only its length counts.
const A_TIME: i64 = 1_700_000_000_000;

/// The span of time in which a series' newest sample must lie, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The time of the question, in milliseconds since 1970.
    pub now: i64,
    /// `--query.lookback-delta`, in milliseconds; five minutes by default.
    pub lookback: i64,
}

/// The rows that an answer to several `match[]` holds: what any of them selects, less what `/federate`
/// leaves out: series that have ended, series outside of the window, and series without a name.
#[must_use]
pub fn answered<'a>(
    store: &SeriesStore,
    selected: impl IntoIterator<Item = &'a Bitset>,
    window: Option<Window>,
) -> Bitset {
    let mut rows = Bitset::empty(store.len());
    for set in selected {
        rows.or(set);
    }
    for shape in store.shapes() {
        let named = shape.column(METRIC_NAME);
        let nameless = named.is_none_or(|column| column.values.find(b"").is_some());
        let ended = shape.values().iter().any(|&value| sample::is_stale(value));
        if !(nameless || ended || window.is_some()) {
            continue;
        }
        let gone: Vec<_> = rows
            .iter_in(shape.rows())
            .filter(|&row| {
                store.metric_name(row).is_empty()
                    || sample::is_stale(store.value(row))
                    || window.is_some_and(|window| !window.holds(store.timestamp(row)))
            })
            .collect();
        for row in gone {
            rows.remove(row);
        }
    }
    rows
}

impl Window {
    fn holds(self, timestamp: Option<i64>) -> bool {
        let time = timestamp.unwrap_or(self.now);
        self.now.saturating_sub(self.lookback) <= time && time <= self.now
    }
}

/// The rows that one `match[]` selects. External labels are not there yet, and so cannot be matched.
///
/// # Errors
/// As [`SeriesStore::select`].
pub fn select(
    store: &SeriesStore,
    matchers: &[CompiledMatcher],
    cache: &mut MatchCache,
) -> Result<Bitset, SelectError> {
    store.select_cached(matchers, cache)
}

/// The `rows` as the answer prints them: external labels attached where the series does not have the name,
/// `instance=""` where nothing gives one, and names escaped as was asked for.
#[must_use]
pub fn printed(
    store: &SeriesStore,
    rows: &Bitset,
    external_labels: &LabelSet,
    escaping: Escaping,
) -> Vec<Frame> {
    let mut frames: Vec<Frame> = store.frames(rows).collect();
    for frame in &mut frames {
        for (name, value) in external_labels.iter() {
            set_where_empty(frame, name, value);
        }
        if external_labels.get(INSTANCE).is_none() {
            set_where_empty(frame, INSTANCE, "");
        }
        if escaping != Escaping::AllowUtf8 {
            escape(frame, escaping);
        }
    }
    frames
}

/// The length of the answer in bytes.
#[must_use]
pub fn printed_bytes(
    store: &SeriesStore,
    rows: &Bitset,
    external_labels: &LabelSet,
    escaping: Escaping,
) -> u64 {
    Writer::new(store, external_labels, &|name| escaping.escape(name), A_TIME).size(rows)
}

/// Sets `name` where the series has no value for it. Stored series have no empty labels, and `/federate`
/// would take one for absent.
fn set_where_empty(frame: &mut Frame, name: &str, value: &str) {
    if !frame.names().any(|have| have == name) {
        frame.set_constant(name, value);
        return;
    }
    frame.set_from(name, &[name], |values| match values {
        [Some(have)] if !have.is_empty() => Change::Keep,
        _ => Change::Set(value.to_owned()),
    });
}

fn escape(frame: &mut Frame, escaping: Escaping) {
    frame.set_from(METRIC_NAME, &[METRIC_NAME], |values| match values {
        [Some(name)] => match escaping.escape(name) {
            Cow::Borrowed(_) => Change::Keep,
            Cow::Owned(escaped) => Change::Set(escaped),
        },
        _ => Change::Keep,
    });
    let renamed: Vec<(String, String)> = frame
        .names()
        .filter_map(|name| match escaping.escape(name) {
            Cow::Borrowed(_) => None,
            Cow::Owned(escaped) => Some((name.to_owned(), escaped)),
        })
        .collect();
    for (name, escaped) in renamed {
        frame.rename(&name, &escaped);
    }
}
