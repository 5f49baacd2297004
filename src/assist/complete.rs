//! What may be written at a caret in a configuration.

use crate::prometheus::schema::{Key, Kind, MapKey, Place, Section, lookup};
use crate::text::{Span, TextEdit};
use crate::workspace::MATCH;

use super::matchers::{self, At};
use super::outline::{Level, Role, Writing, entries, locate};
use super::rank::{Candidate, Ranking};
use super::scalar::Scalar;
use super::surroundings::{Surroundings, is_flow};
use super::{Completion, CompletionKind, Question, values};

/// `is_known`: whether the text was recognised as a configuration. One that is only begun is not, and gets its
/// outermost keys all the same.
pub(super) fn complete(question: &Question<'_>, is_known: bool) -> Vec<Completion> {
    let Some(spot) = locate(question.text, question.offset as usize) else { return Vec::new() };
    let around = Surroundings::new(question, spot);
    if !is_known && !is_begun(&around) {
        return Vec::new();
    }
    let Some(place) = lookup(&around.steps(), around.version) else { return Vec::new() };
    let spot = &around.spot;
    let offset = question.offset.min(question.text.len() as u32);
    if spot.writing != Writing::Block && !spot.word.touches(offset) {
        return Vec::new();
    }
    if spot.role != Role::Key && values::is_selector(&around) && !matches!(place.kind, Kind::List(_)) {
        return selector(&around, offset);
    }
    if spot.writing == Writing::Block {
        return Vec::new();
    }
    let typed = question.text.get(spot.word.start as usize..offset as usize).unwrap_or_default();
    let mut ranking = Ranking::new(typed);
    match (spot.role, place.kind) {
        (Role::Key | Role::Open, Kind::Section(section) | Kind::Optional(section)) => {
            return keys(&around, section, ranking, None);
        }
        (Role::Key | Role::Open, Kind::Map(map)) => {
            if map.keys == MapKey::ExternalLabel {
                values::external_names(&around, &mut ranking);
            } else if around.keys() == ["scrape_configs", "params"] {
                let detail =
                    "The selectors that /federate is asked for; a series is pulled that any of them selects.";
                ranking.offer(Candidate::new(CompletionKind::Key, MATCH, detail));
            }
            let value = matches!(map.value, Kind::List(_));
            let present = present(&around);
            let best = ranking.into_best().filter(|candidate| !present.contains(&candidate.label));
            return best
                .map(|candidate| key_edit(&around, candidate, value.then_some(Opens::List), None))
                .collect();
        }
        (Role::Key, _) => return Vec::new(),
        (Role::Open, Kind::List(list)) => {
            if spot.writing != Writing::Plain || spot.is_flow {
                return Vec::new();
            }
            let item = Place { key: None, kind: list.item, parent: place.parent };
            if let Some(section) = item.section() {
                return keys(&around, section, ranking, Some("- "));
            }
            if values::is_selector(&around) {
                return Vec::new();
            }
            values::offer(&around, &item, &mut ranking);
            return scalars(&around, ranking, "- ");
        }
        _ => {}
    }
    if matches!(place.kind, Kind::Section(_) | Kind::Optional(_) | Kind::List(_) | Kind::Map(_)) {
        return Vec::new();
    }
    values::offer(&around, &place, &mut ranking);
    scalars(&around, ranking, "")
}

/// Whether a text that is no configuration yet may become one: nothing but the word at the caret is in it, or
/// what there is are keys of a configuration.
fn is_begun(around: &Surroundings<'_>) -> bool {
    let is_yaml = [".yml", ".yaml"].iter().any(|ending| around.path.ends_with(ending));
    let is_top = around.spot.path.is_empty() && around.spot.role != Role::Value;
    is_yaml
        && is_top
        && entries(around.text, &around.spot.here).iter().all(|entry| {
            let root = lookup(&[], around.version).and_then(|place| place.section());
            root.is_some_and(|root| root.key(&entry.name, around.version).is_some())
        })
}

/// The keys beside the caret's own.
fn present(around: &Surroundings<'_>) -> Vec<String> {
    let spot = &around.spot;
    let own = |key: Span| key.touches(spot.word.start) && !spot.word.is_empty();
    let entries = entries(around.text, &spot.here).into_iter().filter(|entry| !own(entry.key));
    entries.map(|entry| entry.name).collect()
}

/// What a key's value is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opens {
    Mapping,
    List,
}

fn keys(
    around: &Surroundings<'_>,
    section: &'static Section,
    mut ranking: Ranking<'_>,
    before: Option<&str>,
) -> Vec<Completion> {
    if around.spot.role == Role::Open && around.spot.writing != Writing::Plain {
        return Vec::new();
    }
    let present = if before.is_some() { Vec::new() } else { present(around) };
    let keys: Vec<&'static Key> = section.keys(around.version);
    for key in &keys {
        if !present.iter().any(|name| name == key.name) {
            ranking.offer(Candidate::new(CompletionKind::Key, key.name, key.words));
        }
    }
    let best = ranking.into_best();
    best.map(|candidate| {
        let kind = keys.iter().find(|key| key.name == candidate.label).map(|key| key.kind);
        let opens = match kind {
            Some(Kind::List(_)) => Some(Opens::List),
            Some(Kind::Map(_) | Kind::Section(_) | Kind::Optional(_)) => Some(Opens::Mapping),
            _ => None,
        };
        key_edit(around, candidate, opens, before)
    })
    .collect()
}

/// A key and what must follow it.
pub(super) fn key_edit(
    around: &Surroundings<'_>,
    candidate: Candidate,
    opens: Option<Opens>,
    before: Option<&str>,
) -> Completion {
    let spot = &around.spot;
    let mut text = format!("{}{}", lead(around), before.unwrap_or(""));
    text.push_str(&candidate.label);
    let is_flow = spot.is_flow || is_flow(&spot.here);
    if !spot.has_colon {
        text.push(':');
        match opens.filter(|_| !is_flow) {
            None => text.push(' '),
            Some(opens) => {
                let column = column(around) + before.map_or(0, str::len);
                let dashes_stand_out = opens == Opens::List && lists_stand_at_their_key(around.text);
                let indent = if dashes_stand_out { column } else { column + 2 };
                text.push_str(if around.text.contains("\r\n") { "\r\n" } else { "\n" });
                text.extend(std::iter::repeat_n(' ', indent));
                if opens == Opens::List {
                    text.push_str("- ");
                }
            }
        }
    }
    let Candidate { label, kind, detail, .. } = candidate;
    Completion { label, kind, detail, edit: TextEdit::replace(spot.word, text) }
}

/// The blank that must part a word from the dash or colon before it.
fn lead(around: &Surroundings<'_>) -> &'static str {
    let spot = &around.spot;
    let before = around.text.as_bytes()[..spot.word.start as usize].last();
    let touches = matches!(before, Some(b'-' | b':')) && spot.writing == Writing::Plain;
    if touches && !spot.is_flow { " " } else { "" }
}

/// The column in which a key at the caret stands.
fn column(around: &Surroundings<'_>) -> usize {
    let start = around.spot.word.start as usize;
    let line = around.text[..start].rfind('\n').map_or(0, |at| at + 1);
    match around.spot.here {
        Level::Block { column, .. } => column.max(start - line) + lead(around).len(),
        _ => start - line,
    }
}

/// Whether the dashes of this text's lists stand in the column of their key, as its first list shows.
fn lists_stand_at_their_key(text: &str) -> bool {
    let mut last = 0;
    for line in text.lines().take(1000) {
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        if content.starts_with("- ") {
            return indent <= last;
        }
        if !content.is_empty() && !content.starts_with('#') {
            last = indent;
        }
    }
    false
}

pub(super) fn scalars(around: &Surroundings<'_>, ranking: Ranking<'_>, before: &str) -> Vec<Completion> {
    let spot = &around.spot;
    ranking
        .into_best()
        .map(|candidate| {
            let Candidate { label, text, kind, detail, .. } = candidate;
            let text = text.unwrap_or_else(|| label.clone());
            let text = match spot.writing {
                Writing::Single => text.replace('\'', "''"),
                Writing::Double => text.replace('\\', "\\\\").replace('"', "\\\""),
                _ => plain(text),
            };
            let text = format!("{}{before}{text}", lead(around));
            Completion { label, kind, detail, edit: TextEdit::replace(spot.word, text) }
        })
        .collect()
}

/// A text as a plain scalar, in quotes where it would not be one.
fn plain(text: String) -> String {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:".contains(&byte);
    let begins =
        text.as_bytes().first().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_/.".contains(byte));
    if begins && text.bytes().all(is_safe) && !text.ends_with(':') {
        text
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// What may be written in a selector.
pub(super) fn selector(around: &Surroundings<'_>, offset: u32) -> Vec<Completion> {
    let spot = &around.spot;
    let Some(scalar) = Scalar::read(around.text, spot) else { return Vec::new() };
    let caret = scalar.caret(offset);
    let (at, wholes) = matchers::at(&scalar.value, caret);
    let mut range = match &at {
        At::Nothing => return Vec::new(),
        At::Metric(range) | At::Name(range, _) | At::Operator(range) | At::Value { range, .. } => {
            range.clone()
        }
    };
    if let At::Value { op: Some(op), .. } = &at
        && op.is_regex()
    {
        // One of several alternatives.
        let before = scalar.value.get(range.start..caret).unwrap_or_default();
        range.start += before.rfind(['|', '(']).map_or(0, |at| at + 1);
        let behind = scalar.value.get(caret..range.end).unwrap_or_default();
        range.end = caret + behind.find(['|', ')']).unwrap_or(behind.len());
    }
    let typed = scalar.value.get(range.start..caret).unwrap_or_default();
    let mut ranking = Ranking::new(typed);
    values::offer_selector(around, &at, &wholes, &mut ranking);
    let span = scalar.span(range);
    let is_bare = spot.writing == Writing::Plain && spot.scalar.is_empty();
    ranking
        .into_best()
        .map(|candidate| {
            let Candidate { label, text, kind, detail, .. } = candidate;
            let text = text.unwrap_or_else(|| label.clone());
            let text = if is_bare { plain(text) } else { scalar.spell(&text) };
            let text = format!("{}{text}", if is_bare { lead(around) } else { "" });
            Completion { label, kind, detail, edit: TextEdit::replace(span, text) }
        })
        .collect()
}
