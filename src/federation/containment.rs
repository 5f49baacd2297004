//! Which selectors of a job another of its selectors makes needless.

use crate::labels::{METRIC_NAME, MatchOp, Matcher};
use crate::regex::Regex;
use crate::series::CompiledMatcher;

use super::outcome::PullOutcome;
use super::topology::Pull;

/// A selector of which everything that it selects another one selects too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Containment {
    /// The selector, by its place in the request.
    pub selector: usize,
    /// The other selector, by its place in the request. It is itself in no larger one, unless `always` holds.
    pub within: usize,
    /// Whether both select the same series. Of several such one is in none of the others: the earliest, but
    /// before it one whose matchers imply less.
    pub equal: bool,
    /// Whether it follows from the matchers, whatever series there are; else it holds for the series known.
    pub always: bool,
}

/// The most words of 64 rows that are compared. What is left is not told.
const MOST_WORDS: u64 = 1 << 26;

/// The selectors of a job that select something, and nothing that another one does not. `pulls` are pulls of one
/// job with what they bring; those that are not known to be answered do not count, and where their selectors are
/// not the same texts, as parameters of targets can make them, nothing is told.
#[must_use]
pub fn containments(pulls: &[(&Pull, &PullOutcome)]) -> Vec<Containment> {
    let answered: Vec<_> = pulls
        .iter()
        .filter_map(|&(pull, outcome)| Some((pull, outcome, outcome.answered.as_deref()?)))
        .collect();
    let Some(&(first, ..)) = answered.first() else { return Vec::new() };
    let texts = |pull: &Pull| pull.selectors.iter().map(|selector| selector.text.clone()).collect::<Vec<_>>();
    if answered.iter().any(|(pull, ..)| texts(pull) != texts(first)) {
        return Vec::new();
    }
    let sum = |at: usize| -> (u64, u64) {
        let selected = answered.iter().filter_map(|(_, outcome, _)| outcome.selected.get(at));
        selected.fold((0, 0), |sum, selected| {
            (sum.0 + u64::from(selected.matched), sum.1 + u64::from(selected.only))
        })
    };
    let sums: Vec<(u64, u64)> = (0..first.selectors.len()).map(sum).collect();
    let mut left = MOST_WORDS;
    let cost: u64 = answered.iter().map(|(.., rows)| rows.capacity() as u64 / 64 + 1).sum();
    let mut within = |inner: usize, outer: usize| {
        left = left.saturating_sub(cost);
        left > 0
            && answered.iter().all(|(_, outcome, rows)| {
                let set = |at: usize| outcome.selected.get(at).map(|selected| &*selected.rows);
                set(inner).zip(set(outer)).is_some_and(|(inner, outer)| inner.is_within(outer, rows))
            })
    };
    // Which of several that select the same is to stay: the lowest.
    let implies_more = |at: usize| {
        let of_equal = |other: usize| sums.get(other) == sums.get(at) && other != at;
        (0..sums.len()).any(|other| of_equal(other) && always(first, at, other) && !always(first, other, at))
    };
    let order: Vec<(bool, usize)> =
        sums.iter().enumerate().map(|(at, &(_, only))| (only == 0 && implies_more(at), at)).collect();
    let mut found = Vec::new();
    for (selector, &(matched, only)) in sums.iter().enumerate() {
        // What it alone selects is in no other.
        if matched == 0 || only > 0 {
            continue;
        }
        let mut best: Option<(bool, u64, Containment)> = None;
        for (other, &(of_other, _)) in sums.iter().enumerate() {
            let equal = of_other == matched;
            if other == selector || of_other < matched || equal && order.get(other) > order.get(selector) {
                continue;
            }
            let always = always(first, selector, other);
            if best.as_ref().is_some_and(|&(best, size, _)| (best, size) >= (always, of_other)) {
                continue;
            }
            if always || within(selector, other) {
                best = Some((always, of_other, Containment { selector, within: other, equal, always }));
            }
        }
        found.extend(best.map(|(.., containment)| containment));
    }
    found
}

/// Whether whatever the selector `inner` selects `outer` certainly selects too.
fn always(pull: &Pull, inner: usize, outer: usize) -> bool {
    let matchers = |at: usize| pull.selectors.get(at)?.parsed.as_ref().ok();
    let (Some(inner), Some(outer)) = (matchers(inner), matchers(outer)) else { return false };
    !outer.is_empty() && implies(inner, outer)
}

/// Whether every series that `narrow` selects certainly is one that `wide` selects, whatever series there are. Where
/// it says no, it may still be so.
#[must_use]
pub fn implies(narrow: &[CompiledMatcher], wide: &[CompiledMatcher]) -> bool {
    wide.iter().all(|wide| takes_all(wide) || narrow.iter().any(|narrow| implied_by(narrow, wide)))
}

/// Whether every series is accepted, whatever its labels hold; each has a name.
fn takes_all(matcher: &CompiledMatcher) -> bool {
    let Matcher { name, op, value } = matcher.matcher();
    let everything = || matcher.regex().is_some_and(Regex::matches_everything);
    let named = || match op {
        MatchOp::Regex => value == ".+" || value == ".*",
        MatchOp::NotEqual => value.is_empty(),
        MatchOp::Equal | MatchOp::NotRegex => false,
    };
    *op == MatchOp::Regex && everything() || name == METRIC_NAME && named()
}

/// Whether every value that `narrow` accepts is one that `wide` accepts.
fn implied_by(narrow: &CompiledMatcher, wide: &CompiledMatcher) -> bool {
    let (a, b) = (narrow.matcher(), wide.matcher());
    if a.name != b.name {
        return false;
    }
    if a == b {
        return true;
    }
    let accepts = |text: &String| wide.matches(text);
    match (a.op, b.op) {
        (MatchOp::Equal, _) => std::str::from_utf8(&a.value).is_ok_and(|value| wide.matches(value)),
        (_, MatchOp::NotEqual) => std::str::from_utf8(&b.value).is_ok_and(|value| !narrow.matches(value)),
        (MatchOp::Regex, _) if narrow.regex().and_then(|regex| regex.texts()).is_some() => {
            narrow.regex().and_then(|regex| regex.texts()).is_some_and(|texts| texts.iter().all(accepts))
        }
        (_, MatchOp::NotRegex) => {
            let texts = wide.regex().and_then(|regex| regex.texts());
            texts.is_some_and(|texts| !texts.iter().any(|text| narrow.matches(text)))
        }
        (MatchOp::Regex, MatchOp::Regex) => match (prefix(&a.value), prefix(&b.value)) {
            (Some((longer, a)), Some((shorter, b))) => {
                longer.starts_with(shorter) && (b == b'*' || a == b'+' || longer.len() > shorter.len())
            }
            _ => false,
        },
        _ => false,
    }
}

/// The literal before `.*` or `.+`, and which of the two it is, of a pattern that is nothing else.
fn prefix(pattern: &[u8]) -> Option<(&[u8], u8)> {
    let (&last, rest) = pattern.split_last()?;
    let literal = rest.strip_suffix(b".")?;
    let plain = |byte: &u8| !b"\\.+*?()|[]{}^$".contains(byte);
    (matches!(last, b'*' | b'+') && literal.iter().all(plain)).then_some((literal, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selector::Selector;
    use crate::version::Version;

    #[test]
    fn contains_what_certainly_asks_for_no_less() {
        let compiled = |text: &str| {
            let selector = Selector::parse_strict(text, Version::default()).expect("a selector");
            selector.compiled().expect("compiles")
        };
        let check = |narrow: &str, wide: &str, expect: bool| {
            assert_eq!(implies(&compiled(narrow), &compiled(wide)), expect, "{narrow} in {wide}");
        };
        check("up{job=\"a\"}", "up", true);
        check("up", "up{job=\"a\"}", false);
        check("up{job=\"a\"}", "{job=~\"a|b\"}", true);
        check("up{job=\"c\"}", "{job=~\"a|b\"}", false);
        check("{job=~\"a|b\"}", "{job=~\"c|b|a\"}", true);
        check("{job=~\"a|d\"}", "{job=~\"c|b|a\"}", false);
        check("{job=~\"a.*\"}", "{job=~\"a.*\"}", true);
        check("{__name__=~\"job:http.*\"}", "{__name__=~\"job:.*\"}", true);
        check("{__name__=~\"job:.*\"}", "{__name__=~\"job:http.*\"}", false);
        check("{__name__=~\"job:.*\"}", "{__name__=~\"job:.+\"}", false);
        check("{__name__=~\"job:.+\"}", "{__name__=~\"job:.*\"}", true);
        check("{__name__=~\"job:.*:sum\"}", "{__name__=~\"job:.*\"}", false);
        check("{job=\"a\"}", "{job!=\"b\"}", true);
        check("{job=\"b\"}", "{job!=\"b\"}", false);
        check("{job=~\"a.+\"}", "{job!=\"\"}", true);
        check("{job!~\"a|b\"}", "{job!=\"b\"}", true);
        check("{job!=\"b\"}", "{job!~\"a|b\"}", false);
        check("{job=~\"a.*\"}", "{job!~\"b|c\"}", true);
        check("up", "up{job=~\".*\"}", true);
        check("{job=\"a\"}", "{__name__!=\"\",job=\"a\"}", true);
        check("up", "up{job=~\".+\"}", false);
        check("up", "up{instance=\"\"}", false);
        check("up{instance=\"\"}", "up{instance=~\"|a\"}", true);
    }
}
