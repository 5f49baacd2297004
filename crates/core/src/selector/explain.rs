//! Says in English what a selector matches, exactly: what an absent label means included.

use bstr::ByteSlice as _;

use super::Selector;
use crate::labels::{METRIC_NAME, MatchOp, Matcher};
use crate::regex::{Shape, Side};
use crate::series::CompiledMatcher;
use crate::text::{is_print, quote};

/// How many values are listed before the rest is only counted.
const MAX_LISTED: usize = 6;

/// What `selector` matches, in a sentence or two. Matchers that were refused are left out.
///
/// To Prometheus a label that is absent has the value `""`, so that `job!="a"` also matches series without a
/// `job`; and a selector without matchers selects nothing, while one whose matchers all match `""` selects
/// all series without those labels (`tsdb/querier.go`, `PostingsForMatchers`).
#[must_use]
pub fn explain(selector: &Selector) -> String {
    let matchers: Vec<&CompiledMatcher> =
        selector.matchers.iter().filter_map(|matcher| matcher.compiled.as_ref()).collect();
    if matchers.is_empty() {
        return "No series: a selector without matchers selects nothing.".into();
    }
    let is_internal =
        |matcher: &&CompiledMatcher| matcher.matcher().name.is_empty() && matcher.matcher().value.is_empty();
    if matchers.iter().any(is_internal) {
        return if matchers.len() == 1 {
            "Every series: the empty name and value are Prometheus' internal key of all series.".into()
        } else {
            "An error: Prometheus takes the empty name and value for its internal key of all series, and beside \
             other matchers answers `unexpected all postings`."
                .into()
        };
    }
    if let Some(why) = matchers.iter().find_map(|matcher| impossible(matcher, &matchers)) {
        return format!("No series: {why}.");
    }
    let clause = |matcher: &&CompiledMatcher| clause(matcher);
    let is_name = |matcher: &&&CompiledMatcher| matcher.matcher().name == METRIC_NAME;
    let mut clauses: Vec<String> = matchers.iter().filter(is_name).filter_map(clause).collect();
    clauses.extend(matchers.iter().filter(|matcher| !is_name(matcher)).filter_map(clause));
    if clauses.is_empty() {
        return "Every series.".into();
    }
    format!("Series {}.", join(&clauses, "and"))
}

/// Why nothing can match `matcher` together with the others.
fn impossible(matcher: &CompiledMatcher, all: &[&CompiledMatcher]) -> Option<String> {
    let name = &matcher.matcher().name;
    let what =
        if *name == METRIC_NAME { "the name".to_owned() } else { format!("the label {}", shown(name)) };
    if matcher.matcher().op == MatchOp::NotRegex && matcher.regex()?.matches_everything() {
        return Some(format!(
            "{} excludes every value of {what} and its absence",
            spelled(matcher.matcher())
        ));
    }
    let candidates: Vec<&str> = match matcher.matcher().op {
        MatchOp::Equal => match matcher.matcher().value.to_str() {
            Ok(value) => vec![value],
            Err(_) => return Some(format!("no value is spelled {}", quote(&matcher.matcher().value))),
        },
        MatchOp::Regex => matcher.regex()?.texts()?.iter().map(String::as_str).collect(),
        MatchOp::NotEqual | MatchOp::NotRegex => return None,
    };
    if candidates.is_empty() {
        return Some(format!("{} matches no text", spelled(matcher.matcher())));
    }
    if name.is_empty() && !candidates.contains(&"") {
        return Some("no label has an empty name".into());
    }
    let others: Vec<&&CompiledMatcher> =
        all.iter().filter(|other| other.matcher().name == *name && !std::ptr::eq(**other, matcher)).collect();
    let possible = candidates.iter().any(|value| others.iter().all(|other| other.matches(value)));
    if possible {
        return None;
    }
    let spellings: Vec<String> = others.iter().map(|other| spelled(other.matcher())).collect();
    Some(format!(
        "{what} cannot match {} and {} at once",
        spelled(matcher.matcher()),
        join(&spellings, "and")
    ))
}

/// A matcher as it would be written.
fn spelled(matcher: &Matcher) -> String {
    format!("`{}{}{}`", matcher.name, matcher.op, quote(&matcher.value))
}

/// What a matcher asks, to be put behind "Series"; `None` where it asks nothing.
fn clause(matcher: &CompiledMatcher) -> Option<String> {
    let Matcher { name, op, value } = matcher.matcher();
    let subject = Subject { name: (*name != METRIC_NAME).then(|| shown(name)) };
    let Some(regex) = matcher.regex() else {
        return Some(match (op.is_negated(), value.is_empty()) {
            (false, true) => subject.without(),
            (true, true) => subject.with(),
            (false, false) => subject.is(&shown(value)),
            (true, false) => subject.or_absent(&format!("not {}", shown(value))),
        });
    };
    let takes_absent = regex.matches_empty();
    let pattern = |verb: &str| format!("{verb} the regular expression {}", shown(value));
    match (regex.shape(), op.is_negated()) {
        (Some(Shape::Texts(texts)), negated) => {
            let values: Vec<String> =
                texts.iter().filter(|text| !text.is_empty()).map(|text| shown(text.as_bytes())).collect();
            Some(match (negated, values.as_slice(), takes_absent) {
                (false, [], _) => subject.without(),
                (true, [], true) => subject.with(),
                (true, [], false) => return None,
                (false, values, false) => subject.is(&one_of(values)),
                (false, values, true) => subject.or_absent(&one_of(values)),
                (true, [one], false) => subject.or_absent(&format!("not {one}")),
                (true, values, false) => subject.or_absent(&format!("none of {}", list(values, "and"))),
                (true, [one], true) => subject.present_and(&format!("is not {one}")),
                (true, values, true) => subject.present_and(&format!("is none of {}", list(values, "and"))),
            })
        }
        (Some(Shape::Literal { before, text, after }), negated) if text.is_empty() => {
            let something = *before == Side::Something || *after == Side::Something;
            match (something, negated) {
                (false, _) => None,
                (true, false) => Some(subject.with()),
                (true, true) => Some(subject.without()),
            }
        }
        (Some(Shape::Literal { before, text, after }), negated) => {
            let text = shown(text.as_bytes());
            let (verb, infinitive, rest) = match (before, after) {
                (Side::Nothing, Side::Anything) => ("begins with", "begin with", ""),
                (Side::Nothing, _) => ("begins with", "begin with", " and goes on"),
                (Side::Anything, Side::Nothing) => ("ends with", "end with", ""),
                (_, Side::Nothing) => ("ends with", "end with", " behind at least one character"),
                (Side::Anything, Side::Anything) => ("contains", "contain", ""),
                (Side::Something, Side::Anything) => {
                    ("contains", "contain", " behind at least one character")
                }
                (Side::Anything, Side::Something) => {
                    ("contains", "contain", " before at least one character")
                }
                (Side::Something, Side::Something) => {
                    ("contains", "contain", " with at least one character on both sides")
                }
            };
            Some(if negated {
                subject.verb_or_absent(&format!("does not {infinitive} {text}{rest}"))
            } else {
                subject.verb(&format!("{verb} {text}{rest}"))
            })
        }
        (_, false) if takes_absent => Some(subject.verb_or_absent(&pattern("matches"))),
        (_, false) => Some(subject.verb(&pattern("matches"))),
        (_, true) if takes_absent => Some(subject.present_and(&pattern("does not match"))),
        (_, true) => Some(subject.verb_or_absent(&pattern("does not match"))),
    }
}

/// What a matcher speaks of: a label, or the metric's name, which is never absent from a stored series.
struct Subject {
    name: Option<String>,
}

impl Subject {
    fn whose(&self) -> String {
        match &self.name {
            Some(name) => format!("whose label {name}"),
            None => "whose name".into(),
        }
    }

    fn with(&self) -> String {
        match &self.name {
            Some(name) => format!("that have a label {name}"),
            None => "that have a name".into(),
        }
    }

    fn without(&self) -> String {
        match &self.name {
            Some(name) => format!("that have no label {name}"),
            None => "that have no name".into(),
        }
    }

    fn is(&self, what: &str) -> String {
        if self.name.is_none() { format!("named {what}") } else { format!("{} is {what}", self.whose()) }
    }

    fn or_absent(&self, what: &str) -> String {
        let absent = if self.name.is_none() { "" } else { "absent or " };
        format!("{} is {absent}{what}", self.whose())
    }

    fn verb(&self, what: &str) -> String {
        format!("{} {what}", self.whose())
    }

    fn verb_or_absent(&self, what: &str) -> String {
        let absent = if self.name.is_none() { "" } else { "is absent or " };
        format!("{} {absent}{what}", self.whose())
    }

    fn present_and(&self, what: &str) -> String {
        if self.name.is_none() { self.verb(what) } else { format!("{} is present and {what}", self.whose()) }
    }
}

fn one_of(values: &[String]) -> String {
    list(values, "or")
}

/// The values with commas between them; of many, the first ones and the number of the others.
fn list(values: &[String], word: &str) -> String {
    if values.len() > MAX_LISTED {
        let (shown, rest) = values.split_at(MAX_LISTED - 1);
        return format!("{} {word} {} others", shown.join(", "), rest.len());
    }
    join(values, word)
}

fn join(parts: &[String], word: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

/// A value in backticks; quoted where it would not show there.
fn shown(bytes: &[u8]) -> String {
    match bytes.to_str() {
        Ok(text) if !text.is_empty() && text.chars().all(|c| is_print(c) && c != '`') => format!("`{text}`"),
        _ => quote(bytes),
    }
}
