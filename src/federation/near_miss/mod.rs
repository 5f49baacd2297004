//! What comes near, where a selector selects nothing: which one of its matchers fails, and what it may have been
//! meant to be.
//!
//! Each matcher is left out in turn. Where the others then select something, this one alone is to blame, and the
//! values that those series have instead are compared with what it asks for.

#[cfg(test)]
mod tests;
mod words;

use crate::labels::{LabelSet, METRIC_NAME, MatchOp, Matcher};
use crate::selector::{MatcherForm, Selector};
use crate::series::{Bitset, CompiledMatcher, MatchCache, SeriesStore};
use crate::sort;
use crate::text::{TextEdit, apply_edits, edit_distance, quote};
use crate::version::Version;

use super::endpoint;

/// The most matchers that are said to fail.
const MOST_MISSES: usize = 3;
/// The most values that are listed where none is near.
const MOST_VALUES: usize = 3;
/// Selectors with more matchers are not looked into.
const MOST_MATCHERS: usize = 16;
/// The most rows that are looked at for one selector, each time a matcher is left out.
const MOST_ROWS: usize = 20_000_000;
/// The longest value, in bytes, that others are compared with.
const MOST_BYTES: usize = 200;
/// The most characters that are compared for one matcher, those of one value with each of another's.
const MOST_COMPARED: usize = 4_000_000;

/// What comes near to a selector that selects nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NearMisses {
    /// The matchers that fail, the likeliest first; a few at most. None where each matches some series and only
    /// all of them together do not.
    pub misses: Vec<NearMiss>,
    /// Whether each of them is the only one to fail on series that all others match. Else several fail
    /// together, and each of these matches no series at all.
    pub alone: bool,
}

/// A matcher that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// Its place among the selector's matchers.
    pub at: usize,
    /// The matcher.
    pub matcher: Matcher,
    /// How many series it fails on: those that all other matchers match, or all where several fail.
    pub series: u32,
    /// What those series have instead.
    pub cause: MissCause,
    /// A matcher that would match some of those series, where one is near.
    pub meant: Option<Matcher>,
}

/// What the series have instead of what a matcher asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissCause {
    /// Other values.
    Values {
        /// The one that is nearest by spelling, where one is near.
        closest: Option<String>,
        /// Some of them, the most frequent first.
        examples: Vec<String>,
        /// How many different ones there are.
        distinct: u32,
    },
    /// A value of which the regular expression matches a part; it would have to match the whole.
    Part(String),
    /// Not the label.
    NoLabel {
        /// The label that is nearest by spelling, where one is near.
        closest: Option<String>,
        /// A label that has the value.
        same_value: Option<String>,
    },
    /// Not the label, which is an external label of the server that is asked: it is added to what was selected.
    External,
    /// Just the values that the matcher excludes: some of them, the most frequent first, and how many there are.
    Excluded(Vec<String>, u32),
}

/// What comes near to a selector of these `matchers` that selects nothing of `store`; `external_labels` are those
/// of its server. `None` where there are no series, or where looking would take too long.
#[must_use]
pub fn near_misses(
    store: &SeriesStore,
    matchers: &[CompiledMatcher],
    external_labels: &LabelSet,
    cache: &mut MatchCache,
) -> Option<NearMisses> {
    let work = store.len().saturating_mul(matchers.len());
    if store.is_empty() || matchers.is_empty() || matchers.len() > MOST_MATCHERS || work > MOST_ROWS {
        return None;
    }
    let mut misses = Vec::new();
    for (at, failing) in matchers.iter().enumerate() {
        let mut others = matchers.to_vec();
        others.remove(at);
        // No matcher at all would select nothing.
        let rows = if others.is_empty() {
            Bitset::full(store.len())
        } else {
            store.select_cached(&others, cache).ok()?
        };
        let rows = endpoint::answered(store, [&rows], None);
        if !rows.is_empty() {
            misses.push(miss(store, (at, failing), &rows, external_labels));
        }
    }
    let alone = !misses.is_empty();
    if !alone {
        let all = endpoint::answered(store, [&Bitset::full(store.len())], None);
        for (at, failing) in matchers.iter().enumerate() {
            if store.select_cached(std::slice::from_ref(failing), cache).ok()?.is_empty() {
                misses.push(miss(store, (at, failing), &all, external_labels));
            }
        }
    }
    sort::sort_by_key(&mut misses, NearMiss::order);
    misses.truncate(MOST_MISSES);
    Some(NearMisses { misses, alone })
}

/// The values of one label among some rows, each with how many rows have it, the most frequent first.
fn values<'s>(store: &'s SeriesStore, name: &str, rows: &Bitset) -> Vec<(u32, &'s str)> {
    let mut counts: Vec<u32> = Vec::new();
    let mut dictionary = None;
    for shape in store.shapes() {
        let Some(column) = shape.column(name) else { continue };
        counts.resize(column.values.len(), 0);
        for row in rows.iter_in(shape.rows()) {
            if let Some(count) = counts.get_mut(column.id(row) as usize) {
                *count += 1;
            }
        }
        dictionary = Some(column.values);
    }
    let Some(dictionary) = dictionary else { return Vec::new() };
    let mut found: Vec<(u32, &str)> = (0..)
        .zip(&counts)
        .filter(|&(_, &count)| count > 0)
        .map(|(id, &count)| (count, dictionary.get(id)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    sort::sort_by(&mut found, |a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    found
}

fn miss(
    store: &SeriesStore,
    (at, failing): (usize, &CompiledMatcher),
    rows: &Bitset,
    external_labels: &LabelSet,
) -> NearMiss {
    let matcher = failing.matcher();
    let name = std::str::from_utf8(&matcher.name).unwrap_or_default();
    let values = values(store, name, rows);
    let (cause, meant) = if values.is_empty() {
        no_label(store, failing, name, rows, external_labels)
    } else if matcher.op.is_negated() || failing.matches_empty() {
        (MissCause::Excluded(examples(&values), values.len() as u32), None)
    } else {
        other_values(failing, &values)
    };
    NearMiss { at, matcher: matcher.clone(), series: rows.count() as u32, cause, meant }
}

fn examples(values: &[(u32, &str)]) -> Vec<String> {
    values.iter().take(MOST_VALUES).map(|&(_, value)| value.to_owned()).collect()
}

/// Why a matcher fails on series that have the label.
fn other_values(failing: &CompiledMatcher, values: &[(u32, &str)]) -> (MissCause, Option<Matcher>) {
    let matcher = failing.matcher();
    let equal = |value: &str| Matcher::new(matcher.name.clone(), MatchOp::Equal, value);
    let listed = |closest: Option<&str>| MissCause::Values {
        closest: closest.map(str::to_owned),
        examples: examples(values),
        distinct: values.len() as u32,
    };
    let names = values.iter().map(|&(_, value)| value);
    let Some(regex) = failing.regex() else {
        let wanted = std::str::from_utf8(&matcher.value).unwrap_or_default();
        let closest = closest(wanted, names);
        return (listed(closest), closest.map(equal));
    };
    if let Some(anywhere) = failing.anywhere().filter(|anywhere| !anywhere.matches_empty())
        && let Some(&(_, value)) = values.iter().find(|(_, value)| anywhere.matches(value))
    {
        return (MissCause::Part(value.to_owned()), Some(anywhere.matcher().clone()));
    }
    let mut near = regex.texts().unwrap_or_default().iter().take(MOST_MATCHERS);
    let closest = near.find_map(|text| closest(text, names.clone()));
    (listed(closest), closest.map(equal))
}

/// Why a matcher fails on series that do not have the label.
fn no_label(
    store: &SeriesStore,
    failing: &CompiledMatcher,
    name: &str,
    rows: &Bitset,
    external_labels: &LabelSet,
) -> (MissCause, Option<Matcher>) {
    let external = external_labels.get(name).filter(|value| !value.is_empty());
    if external.is_some_and(|value| failing.matches(value)) {
        return (MissCause::External, None);
    }
    let matcher = failing.matcher();
    let mut names: Vec<&str> = store
        .shapes()
        .filter(|shape| rows.count_in(shape.rows()) > 0)
        .flat_map(|shape| shape.columns().map(|column| column.name))
        .filter(|name| *name != METRIC_NAME)
        .collect();
    sort::sort_by(&mut names, Ord::cmp);
    names.dedup();
    let nearest = closest(name, names.iter().copied());
    let has_it = |label: &str| {
        let column = store.label_names().find(|(have, _)| *have == label);
        column.is_some_and(|(_, dictionary)| dictionary.find(&matcher.value).is_some())
            && values(store, label, rows).iter().any(|(_, value)| value.as_bytes() == matcher.value)
    };
    let same_value = (matcher.op == MatchOp::Equal)
        .then(|| nearest.into_iter().chain(names.iter().copied()).find(|label| has_it(label)))
        .flatten();
    let fits = |label: &&str| values(store, label, rows).iter().any(|(_, value)| failing.matches(value));
    let meant = same_value.or_else(|| nearest.filter(fits));
    let meant = meant.map(|label| Matcher::new(label, matcher.op, matcher.value.clone()));
    let (closest, same_value) = (nearest.map(str::to_owned), same_value.map(str::to_owned));
    (MissCause::NoLabel { closest, same_value }, meant)
}

/// The one of `candidates` that `wanted` most likely stands for: at most a third of it differs, upper and lower
/// case being alike, or the one begins with the other. Of several as near, the first.
fn closest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if wanted.is_empty() || wanted.len() > MOST_BYTES {
        return None;
    }
    let chars = |text: &str| text.to_lowercase().chars().collect::<Vec<char>>();
    let wanted = chars(wanted);
    let allowed = (wanted.len() / 3).max(1);
    let mut left = MOST_COMPARED;
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate.is_empty() || candidate.len() > MOST_BYTES {
            continue;
        }
        let other = chars(candidate);
        let begins =
            wanted.len().min(other.len()) >= 3 && (other.starts_with(&wanted) || wanted.starts_with(&other));
        let mut far = if begins { allowed + wanted.len().abs_diff(other.len()) } else { usize::MAX };
        if wanted.len().abs_diff(other.len()) <= allowed {
            left = left.saturating_sub(wanted.len() * other.len());
            if left == 0 {
                break;
            }
            let distance = edit_distance(&wanted, &other);
            if distance <= allowed && distance < other.len().max(wanted.len()) {
                far = far.min(distance);
            }
        }
        if far != usize::MAX && best.is_none_or(|(nearest, _)| far < nearest) {
            best = Some((far, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

impl NearMisses {
    /// What comes near over several sources that the same selector was asked of: `None` where nothing is known of
    /// any. A matcher that fails alone somewhere is told rather than several that fail everywhere.
    #[must_use]
    pub fn merged<'m>(all: impl IntoIterator<Item = &'m Self>) -> Option<Self> {
        let mut out: Option<Self> = None;
        for near in all {
            match &mut out {
                Some(have) if have.alone == near.alone => {
                    for miss in &near.misses {
                        if !have.misses.iter().any(|other| other.at == miss.at) {
                            have.misses.push(miss.clone());
                        }
                    }
                }
                Some(have) if have.alone => {}
                _ => out = Some(near.clone()),
            }
        }
        if let Some(out) = &mut out {
            sort::sort_by_key(&mut out.misses, NearMiss::order);
            out.misses.truncate(MOST_MISSES);
        }
        out
    }

    /// The selector `text`, which `version` reads, as it was likely meant, where one matcher fails alone and
    /// something is near.
    #[must_use]
    pub fn meant(&self, text: &str, version: Version) -> Option<String> {
        let miss = self.misses.first().filter(|_| self.alone)?;
        miss.corrected(text, version)
    }
}

impl NearMiss {
    /// What is likelier comes first: where something is near; then labels, since a name that nothing is near to
    /// is rather meant; then what fails on more series.
    fn order(&self) -> (bool, bool, u32, usize) {
        (self.meant.is_none(), self.matcher.name == METRIC_NAME, u32::MAX - self.series, self.at)
    }

    /// The matcher as selectors spell it.
    #[must_use]
    pub fn text(&self) -> String {
        let Matcher { name, op, value } = &self.matcher;
        format!("{name}{op}{}", quote(value))
    }

    /// The selector `text`, which `version` reads, with what was likely meant instead of this matcher.
    #[must_use]
    pub fn corrected(&self, text: &str, version: Version) -> Option<String> {
        let meant = self.meant.as_ref()?;
        let selector = Selector::parse_strict(text, version).ok()?;
        let written = selector.matchers.get(self.at).filter(|written| written.matcher == self.matcher)?;
        let plain = Selector::parse_strict(&meant.value, version).is_ok();
        let new = match written.form {
            MatcherForm::Name if plain && meant.op == MatchOp::Equal => meant.value.to_string(),
            MatcherForm::Name => return None,
            MatcherForm::QuotedName => quote(&meant.value),
            MatcherForm::Label => {
                format!("{}{}{}", meant.name, meant.op, quote(&meant.value))
            }
        };
        let corrected = apply_edits(text, &[TextEdit { span: written.span, text: new }]).ok()?.0;
        // A label's name may need quotes that only later versions read.
        let read = Selector::parse_strict(&corrected, version).ok()?;
        (read.matchers.get(self.at).map(|read| &read.matcher) == Some(meant)).then_some(corrected)
    }
}
