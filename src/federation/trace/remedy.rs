//! The smallest changes that would let a series through the gate that stops it, in words that can be followed to
//! the letter.

use crate::federation::scrape::ScrapeSettings;
use crate::labels::{LabelSet, METRIC_NAME, MatchOp};
use crate::relabel::{Action, RelabelConfig};
use crate::selector::Selector;
use crate::text::quote;
use crate::version::Version;

use super::{FailedMatcher, SelectorTrial};

/// The selector to add, for a series that no selector comes near to: the one of its name. `None` for a series
/// without a name, which `/federate` leaves out in any case.
pub(super) fn add_selector(labels: &LabelSet, version: Version) -> Option<String> {
    let name = labels.value(METRIC_NAME);
    if name.is_empty() {
        return None;
    }
    // A name may be a keyword, or need quotes.
    let plain = Selector::parse_strict(name, version).is_ok_and(|read| {
        read.matchers.len() == 1 && read.matchers.iter().all(|it| it.matcher.value == name.as_bytes())
    });
    let selector = if plain { name.to_owned() } else { format!("{{__name__={}}}", quote(name.as_bytes())) };
    Some(format!("add the selector {selector} to match[]"))
}

/// What makes the nearest selector, which has `matchers` matchers, select the series.
pub(super) fn widen_selector(
    nearest: &SelectorTrial,
    matchers: usize,
    labels: &LabelSet,
    external: &LabelSet,
    version: Version,
) -> Option<String> {
    let changes: Vec<Option<String>> = nearest.failed.iter().map(rewritten).collect();
    // Without any matcher it would select nothing.
    if nearest.failed.len() == matchers && changes.iter().all(Option::is_none) {
        let mut remedy = add_selector(labels, version)?;
        for failed in nearest.failed.iter().filter(|failed| is_external(failed, external)) {
            let why = external_words(failed);
            remedy.push_str(&why);
        }
        return Some(remedy);
    }
    let words = nearest.failed.iter().zip(changes).map(|(failed, change)| match change {
        Some(instead) => format!("write {instead} instead of {}", failed.text()),
        None if is_external(failed, external) => {
            format!("leave {} out{}", failed.text(), external_words(failed))
        }
        None => format!("leave {} out", failed.text()),
    });
    Some(words.collect::<Vec<_>>().join("; "))
}

fn external_words(failed: &FailedMatcher) -> String {
    let name = &failed.matcher.name;
    format!(": {name} is an external label of the source, which is added after series are selected")
}

/// Whether the matcher asks for a label that the series gets from its source only afterwards.
fn is_external(failed: &FailedMatcher, external: &LabelSet) -> bool {
    let name = std::str::from_utf8(&failed.matcher.name).unwrap_or("");
    failed.value.is_none() && external.get(name).is_some()
}

/// The matcher as it would match the series too; `None` where it is better left out.
fn rewritten(failed: &FailedMatcher) -> Option<String> {
    let (value, name) = (failed.value.as_ref()?, &failed.matcher.name);
    match failed.matcher.op {
        MatchOp::Equal => Some(format!("{name}={}", quote(value.as_bytes()))),
        MatchOp::Regex => {
            let regex = std::str::from_utf8(&failed.matcher.value).ok()?;
            Some(format!("{name}=~{}", quote(or_text(regex, value).as_bytes())))
        }
        MatchOp::NotEqual | MatchOp::NotRegex => None,
    }
}

/// A regular expression that matches `text` as well.
fn or_text(regex: &str, text: &str) -> String {
    let mut out = format!("{regex}|");
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// What makes rule `at` of `metric_relabel_configs`, counted from 0, keep a series whose source labels are
/// `joined`.
pub(super) fn keep_by_rule(rule: &RelabelConfig, at: usize, joined: &str) -> String {
    let number = at + 1;
    let text = quote(joined.as_bytes());
    match rule.action() {
        Action::Keep => {
            let regex = or_text(rule.regex(), joined).replace('\'', "''");
            format!("set regex: '{regex}' in rule {number} of metric_relabel_configs")
        }
        Action::Drop => {
            format!("leave rule {number} of metric_relabel_configs out, or let its regex not match {text}")
        }
        _ => format!("leave rule {number} of metric_relabel_configs out"),
    }
}

/// The limits that would let the labels through, where limits on labels stop them.
pub(super) fn higher_limits(labels: &LabelSet, settings: &ScrapeSettings) -> Option<String> {
    let longest = |length: fn((&str, &str)) -> usize| labels.iter().map(length).max().unwrap_or(0);
    let limits = [
        ("label_limit", settings.label_limit, labels.len()),
        ("label_name_length_limit", settings.label_name_length_limit, longest(|(name, _)| name.len())),
        ("label_value_length_limit", settings.label_value_length_limit, longest(|(_, value)| value.len())),
    ];
    let raise = limits
        .iter()
        .filter(|(_, limit, needed)| *limit > 0 && *needed as u64 > *limit)
        .map(|(key, limit, needed)| format!("raise {key} from {limit} to at least {needed}"))
        .collect::<Vec<_>>();
    (!raise.is_empty()).then(|| raise.join("; "))
}

/// What raises a limit enough, as the server's words for its excess tell: those of
/// [`accept`](crate::federation::scrape::accept), and of a job with too many targets.
pub(super) fn raise(words: &str) -> Option<String> {
    let (key, about) = words.split_once(" exceeded (")?;
    let (about, limit) = about.strip_suffix(')')?.rsplit_once(", limit: ")?;
    let (_, needed) = about.rsplit_once(": ")?;
    let (limit, needed) = (limit.parse::<u64>().ok()?, needed.parse::<u64>().ok()?);
    Some(format!("raise {key} from {limit} to at least {needed}"))
}
