//! Which rows the matchers select: Prometheus' `tsdb/querier.go`, `PostingsForMatchers`, over columns.
//!
//! A matcher is evaluated once for every distinct value of its label, which gives a table over the
//! dictionary; rows are then only looked up.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use bstr::BString;

use crate::labels::{MatchOp, Matcher};
use crate::regex::{Form, Regex, RegexError};
use crate::sort;
use crate::version::Version;

use super::bitset::{BitWriter, Bitset};
use super::dictionary::Dictionary;
use super::ids::Ids;
use super::store::{LabelId, SeriesStore, ShapeRows};

/// A matcher that is ready to be evaluated.
#[derive(Clone, Debug)]
pub struct CompiledMatcher {
    matcher: Matcher,
    version: Version,
    regex: Option<Arc<Regex>>,
}

impl CompiledMatcher {
    /// Compiles `matcher` as Prometheus of `version` would.
    ///
    /// # Errors
    /// When its value is a regular expression that Prometheus refuses.
    pub fn new(matcher: &Matcher, version: Version) -> Result<Self, RegexError> {
        let regex = match matcher.op {
            MatchOp::Equal | MatchOp::NotEqual => None,
            MatchOp::Regex | MatchOp::NotRegex => {
                Some(Arc::new(Regex::new(&matcher.value, Form::Selector, version)?))
            }
        };
        Ok(Self { matcher: matcher.clone(), version, regex })
    }

    /// The matcher as written.
    #[must_use]
    pub fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// The compiled value, where the operator compares with a regular expression.
    #[must_use]
    pub fn regex(&self) -> Option<&Regex> {
        self.regex.as_deref()
    }

    /// Whether a label of this value matches; an absent label has the value `""`.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        let found = match &self.regex {
            Some(regex) => regex.is_match(value),
            None => self.matcher.value == value.as_bytes(),
        };
        found != self.matcher.op.is_negated()
    }

    /// Whether series without the label match.
    #[must_use]
    pub fn matches_empty(&self) -> bool {
        self.matches("")
    }

    /// The matcher that asks for a part of the value where this one, with a regular expression, asks for the
    /// whole of it, line by line. `None` for other matchers, and where the expression would become too large.
    #[must_use]
    pub fn anywhere(&self) -> Option<Self> {
        self.regex.as_ref()?;
        let (before, after) =
            if self.matcher.value.contains(&b'|') { (".*(?:", ").*") } else { (".*", ".*") };
        let mut value = BString::from(before);
        value.extend_from_slice(&self.matcher.value);
        value.extend_from_slice(after.as_bytes());
        let matcher = Matcher { value, ..self.matcher.clone() };
        Self::new(&matcher, self.version).ok()
    }

    /// `{""=""}` and its kin with the other operators: Prometheus takes the empty name with the empty value
    /// for its internal key of all series.
    fn is_all_postings(&self) -> bool {
        self.matcher.name.is_empty() && self.matcher.value.is_empty()
    }
}

/// Why a set of matchers cannot be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectError {
    /// A matcher with empty name and empty value beside others: Prometheus answers 500 with these words.
    UnexpectedAllPostings,
}

impl fmt::Display for SelectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnexpectedAllPostings => f.write_str("unexpected all postings"),
        }
    }
}

impl std::error::Error for SelectError {}

/// What a matcher says of each id of one dictionary.
#[derive(Clone, Debug)]
enum Table {
    /// The same of every id that is in use.
    Constant(bool),
    /// True of one id alone.
    Only(u32),
    /// False of one id alone.
    AllBut(u32),
    /// By id.
    Each {
        /// 1 where it matches.
        matches: Arc<[u8]>,
        /// The share of the values that match.
        share: f32,
    },
}

impl Table {
    /// About which share of the rows it leaves over.
    fn share(&self) -> f32 {
        match self {
            Self::Constant(_) | Self::AllBut(_) => 1.0,
            Self::Only(_) => 0.0,
            Self::Each { share, .. } => *share,
        }
    }
}

/// Tables that were computed before, by matcher. One store's cache answers for that store alone; it is
/// emptied when it is asked about another.
#[derive(Clone, Debug, Default)]
pub struct MatchCache {
    store: Option<SeriesStore>,
    tables: HashMap<(Matcher, Version), Table>,
}

/// The most tables that a cache keeps.
const MAX_CACHED: usize = 512;

impl SeriesStore {
    /// The rows that all `matchers` match. An absent label has the value `""`; no matchers select nothing;
    /// matchers that all match `""` select every row without those labels.
    ///
    /// # Errors
    /// [`SelectError::UnexpectedAllPostings`] where Prometheus fails with it.
    pub fn select(&self, matchers: &[CompiledMatcher]) -> Result<Bitset, SelectError> {
        self.select_cached(matchers, &mut MatchCache::default())
    }

    /// As [`Self::select`], reusing what `cache` knows: after an edit of one selector only its own matchers
    /// are evaluated.
    ///
    /// # Errors
    /// As [`Self::select`].
    pub fn select_cached(
        &self,
        matchers: &[CompiledMatcher],
        cache: &mut MatchCache,
    ) -> Result<Bitset, SelectError> {
        if matchers.is_empty() {
            return Ok(Bitset::empty(self.len()));
        }
        if matchers.iter().any(CompiledMatcher::is_all_postings) {
            return self.select_all_postings(matchers);
        }
        if !cache.store.as_ref().is_some_and(|store| store.is_same(self)) {
            *cache = MatchCache { store: Some(self.clone()), tables: HashMap::new() };
        }
        let tests: Vec<(Option<LabelId>, bool, Table)> = matchers
            .iter()
            .map(|matcher| {
                let label = self.label_id(&matcher.matcher.name);
                let table = label.map_or(Table::Constant(true), |label| {
                    let key = (matcher.matcher.clone(), matcher.version);
                    if let Some(table) = cache.tables.get(&key) {
                        return table.clone();
                    }
                    let table = self.table(label, matcher);
                    if cache.tables.len() >= MAX_CACHED {
                        cache.tables.clear();
                    }
                    cache.tables.insert(key, table.clone());
                    table
                });
                (label, matcher.matches_empty(), table)
            })
            .collect();
        let mut writer = BitWriter::new(self.len());
        let mut columns = Vec::with_capacity(tests.len());
        for shape in &self.inner.shapes {
            select_in(shape, &tests, &mut columns, &mut writer);
        }
        Ok(writer.finish())
    }

    /// What Prometheus does about its key of all series: alone it selects everything; beside others it is an
    /// error, unless a matcher that is looked at before selects nothing.
    fn select_all_postings(&self, matchers: &[CompiledMatcher]) -> Result<Bitset, SelectError> {
        if matchers.len() == 1 {
            return Ok(Bitset::full(self.len()));
        }
        let must_be_set = |name: &[u8]| {
            matchers.iter().any(|matcher| matcher.matcher.name == name && !matcher.matches_empty())
        };
        let subtracts = |matcher: &CompiledMatcher| {
            !must_be_set(&matcher.matcher.name) || matcher.matcher.op.is_negated() && matcher.matches_empty()
        };
        for matcher in matchers.iter().filter(|matcher| !subtracts(matcher)) {
            if matcher.is_all_postings() {
                return Err(SelectError::UnexpectedAllPostings);
            }
            let any = matcher.matcher.op == MatchOp::Regex && matcher.matcher.value == ".*";
            let found = self.label_id(&matcher.matcher.name).is_some_and(|label| {
                self.used_values(label).iter().any(|value| !value.is_empty() && matcher.matches(value))
            });
            if !any && !found {
                return Ok(Bitset::empty(self.len()));
            }
        }
        for matcher in matchers.iter().filter(|matcher| subtracts(matcher)) {
            if matcher.is_all_postings() {
                break;
            }
            if matcher.matcher.op == MatchOp::NotRegex && matcher.matcher.value == ".*" {
                return Ok(Bitset::empty(self.len()));
            }
        }
        Err(SelectError::UnexpectedAllPostings)
    }

    fn used_values(&self, label: LabelId) -> Vec<&str> {
        let values = &self.inner.labels[label.0 as usize].values;
        used_ids(&self.inner.shapes, label).into_iter().map(|id| values.get(id)).collect()
    }

    /// The rows that have `label`.
    fn rows_with(&self, label: LabelId) -> usize {
        let having = self.inner.shapes.iter().filter(|shape| shape.labels.contains(&label));
        having.map(|shape| shape.values.len()).sum()
    }

    fn table(&self, label: LabelId, matcher: &CompiledMatcher) -> Table {
        let values: &Dictionary = &self.inner.labels[label.0 as usize].values;
        let negated = matcher.matcher.op.is_negated();
        let Some(regex) = &matcher.regex else {
            return match values.find(&matcher.matcher.value) {
                None => Table::Constant(negated),
                Some(id) if negated => Table::AllBut(id),
                Some(id) => Table::Only(id),
            };
        };
        let mut table;
        if let Some(texts) = regex.texts()
            && texts.len() < values.len() / 4
        {
            // A choice of texts is looked up, however many values there are.
            table = vec![u8::from(negated); values.len()];
            for id in texts.iter().filter_map(|text| values.find(text.as_bytes())) {
                table[id as usize] = u8::from(!negated);
            }
        } else if self.rows_with(label) * 2 < values.len() {
            // A small store that was derived from a large one shares its dictionaries: only the values that its
            // rows have are worth evaluating.
            table = vec![0; values.len()];
            for id in used_ids(&self.inner.shapes, label) {
                table[id as usize] = u8::from(matcher.matches(values.get(id)));
            }
        } else {
            table = values.iter().map(|value| u8::from(matcher.matches(value))).collect();
        }
        match table.iter().map(|&matches| usize::from(matches)).sum() {
            0 => Table::Constant(false),
            all if all == table.len() => Table::Constant(true),
            some => Table::Each { matches: table.into(), share: some as f32 / values.len() as f32 },
        }
    }
}

fn used_ids(shapes: &[ShapeRows], label: LabelId) -> Vec<u32> {
    let mut ids: Vec<u32> = shapes
        .iter()
        .filter_map(|shape| Some(&shape.columns[shape.labels.iter().position(|&have| have == label)?]))
        .flat_map(Ids::iter)
        .collect();
    sort::sort_ids(&mut ids, &mut |a, b| a.cmp(&b));
    ids.dedup();
    ids
}

fn select_in<'a>(
    shape: &'a ShapeRows,
    tests: &'a [(Option<LabelId>, bool, Table)],
    columns: &mut Vec<(&'a Ids, &'a Table)>,
    writer: &mut BitWriter,
) {
    let rows = shape.values.len();
    columns.clear();
    for (label, matches_empty, table) in tests {
        let place = label.and_then(|label| shape.labels.iter().position(|&have| have == label));
        let constant = match (place, table) {
            (None, _) => *matches_empty,
            (Some(_), Table::Constant(matches)) => *matches,
            (Some(place), table) => {
                columns.push((&shape.columns[place], table));
                true
            }
        };
        if !constant {
            writer.fill(false, rows);
            return;
        }
    }
    if columns.is_empty() {
        writer.fill(true, rows);
        return;
    }
    // What leaves the least over goes first: where nothing is left, the others need no look.
    sort::sort_by(columns, |(_, a), (_, b)| a.share().total_cmp(&b.share()));
    let mut start = 0;
    while start < rows {
        let count = (rows - start).min(64);
        let mut word = u64::MAX >> (64 - count);
        for (ids, table) in columns.iter() {
            word &= test(ids, table, start, count);
            if word == 0 {
                break;
            }
        }
        writer.push(word, count);
        start += count;
    }
}

/// One bit a row, for `count` rows from `start`, at most 64.
fn test(ids: &Ids, table: &Table, start: usize, count: usize) -> u64 {
    match ids {
        Ids::U8(ids) => test_rows(&ids[start..start + count], table),
        Ids::U16(ids) => test_rows(&ids[start..start + count], table),
        Ids::U32(ids) => test_rows(&ids[start..start + count], table),
    }
}

#[inline]
fn test_rows<T: Copy + Into<u32>>(ids: &[T], table: &Table) -> u64 {
    match table {
        Table::Constant(matches) => gather(ids, |_| *matches),
        Table::Only(only) => gather(ids, |id| id == *only),
        Table::AllBut(but) => gather(ids, |id| id != *but),
        Table::Each { matches, .. } => gather(ids, |id| matches.get(id as usize) == Some(&1)),
    }
}

#[inline]
fn gather<T: Copy + Into<u32>>(ids: &[T], bit: impl Fn(u32) -> bool) -> u64 {
    // The usual case has a length that the compiler knows.
    if let Ok(ids) = <&[T; 64]>::try_from(ids) {
        let mut word = 0;
        for (at, &id) in ids.iter().enumerate() {
            word |= u64::from(bit(id.into())) << at;
        }
        return word;
    }
    ids.iter().enumerate().fold(0, |word, (at, &id)| word | u64::from(bit(id.into())) << at)
}
