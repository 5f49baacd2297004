//! What the words at a caret in a configuration mean.

use std::fmt::Write as _;

use crate::prometheus::schema::{Key, Kind, Place, Section, lookup, type_of};
use crate::selector::{Selector, explain};
use crate::version::Version;

use super::outline::{Role, Step, Writing, locate};
use super::scalar::Scalar;
use super::surroundings::Surroundings;
use super::{Hover, Question, labels, meaning, values};

pub(super) fn hover(question: &Question<'_>) -> Option<Hover> {
    let spot = locate(question.text, question.offset as usize)?;
    let around = Surroundings::new(question, spot);
    let spot = &around.spot;
    let is_block = spot.writing == Writing::Block;
    let offset = question.offset.min(question.text.len() as u32);
    if !is_block && (spot.word.is_empty() || !spot.word.touches(offset)) {
        return None;
    }
    let word = question.text.get(spot.word.range())?;
    if spot.role == Role::Key {
        return of_key(&around, word);
    }
    let place = lookup(&around.steps(), around.version)?;
    let scalar = Scalar::read(around.text, spot)?;
    let span = if is_block { spot.scalar } else { spot.word };
    let (mut title, lines) = of_value(&around, &place, &scalar.value)?;
    if title.is_empty() {
        title.clone_from(&scalar.value);
    }
    let url = place.parent.map(Section::url).unwrap_or_default();
    Some(Hover { span, title, lines, url })
}

/// What a key means.
fn of_key(around: &Surroundings<'_>, name: &str) -> Option<Hover> {
    let mut steps = around.steps();
    let parent = lookup(&steps, around.version)?;
    let span = around.spot.word;
    if around.keys() == ["global", "external_labels"] {
        let lines = vec![
            "A label that goes out with every series: in answers of `/federate`, in remote writes and in alerts."
                .to_owned(),
            "It is not stored with the series, so that no `match[]` can ask for it.".to_owned(),
        ];
        return Some(Hover { span, title: format!("{name}: external label"), lines, url: String::new() });
    }
    let section = parent.section()?;
    steps.push(crate::prometheus::schema::Step::Key(name));
    // A key of another version is explained, too.
    let known = section.key(name, around.version);
    let key = known.or_else(|| section.all_keys().into_iter().find(|key| key.name == name))?;
    let mut lines = vec![key.words.to_owned()];
    if known.is_none() {
        lines
            .push(format!("This file is read as for Prometheus {}, which does not have it.", around.version));
    }
    if let Some(versions) = versions(key) {
        lines.push(versions);
    }
    lines.extend(inherited(around, key));
    Some(Hover { span, title: title(key), lines, url: section.url() })
}

/// A key, its type and its default.
fn title(key: &Key) -> String {
    let mut title = format!("{}: {}", key.name, plain_type(key.kind));
    if !key.default.is_empty() {
        let _ = write!(title, ", default `{}`", key.default);
    }
    title
}

/// The type without links.
fn plain_type(kind: Kind) -> String {
    let mut out = String::new();
    let mut rest = type_of(kind).as_str().to_owned();
    while let Some((before, after)) = rest.clone().split_once('[') {
        out.push_str(before);
        let (name, after) = after.split_once(']').unwrap_or((after, ""));
        out.push_str(name);
        rest = match after.strip_prefix('(').and_then(|link| link.split_once(')')) {
            Some((_, after)) => after.to_owned(),
            None => after.to_owned(),
        };
    }
    out.push_str(&rest);
    out
}

fn versions(key: &Key) -> Option<String> {
    let since = (key.since > Version::V2_42).then(|| format!("Since Prometheus {}", key.since));
    Some(match (since, key.until) {
        (Some(since), Some(until)) => format!("{since}, until {until}."),
        (Some(since), None) => format!("{since}."),
        (None, Some(until)) => format!("Gone since Prometheus {until}."),
        (None, None) => return None,
    })
}

/// What applies to the job at the caret where it does not say so itself: `global` does.
fn inherited(around: &Surroundings<'_>, key: &Key) -> Option<String> {
    let is_job = around.keys() == ["scrape_configs"] && around.spot.path.last() == Some(&Step::Item);
    let global = lookup(&[crate::prometheus::schema::Step::Key("global")], around.version)?.section()?;
    let same = global.key(key.name, around.version)?;
    (is_job && key.default.is_empty()).then(|| {
        let default = if same.default.is_empty() {
            String::new()
        } else {
            format!(", which is `{}` unless it is set", same.default)
        };
        format!("A job without it takes `global.{}`{default}.", key.name)
    })
}

/// What a value means: a title, where it is not the value itself, and sentences.
fn of_value(around: &Surroundings<'_>, place: &Place, value: &str) -> Option<(String, Vec<String>)> {
    let lines = match place.kind {
        Kind::Duration => vec![format!("{value}: {}.", meaning::duration(value, around.version)?)],
        Kind::Size => vec![format!("{value}: {}.", meaning::size(value)?)],
        Kind::Regex => meaning::regex(value, around.version),
        _ => Vec::new(),
    };
    if !lines.is_empty() {
        return Some((String::new(), lines));
    }
    let keys = around.keys();
    let lines = match keys[..] {
        _ if values::is_selector(around) => match Selector::parse_strict(value, around.version) {
            Ok(selector) => {
                let mut lines = vec![explain(&selector)];
                lines.extend(values::counts(around, &selector));
                lines
            }
            Err(error) => vec![format!("Prometheus refuses it: {error}.")],
        },
        ["scrape_configs", "static_configs", "targets"] => vec![values::listener(around, value)?],
        ["scrape_configs", "job_name"] => job(around)?,
        ["global", "external_labels", name] => {
            return Some((
                format!("{name}: external label"),
                vec![format!(
                    "Every series that goes out has `{name}` set to `{value}`, unless it has a `{name}` of its own."
                )],
            ));
        }
        [.., "action"] => vec![meaning::action(&value.to_lowercase())?.to_owned()],
        [.., "source_labels" | "target_label"] => {
            let stores = if keys.contains(&"metric_relabel_configs") { around.reached() } else { Vec::new() };
            let names = labels::names(&stores);
            let count = names.get(value).copied()?;
            vec![format!("{} reached by this job have it.", labels::series(count))]
        }
        _ => Vec::new(),
    };
    if !lines.is_empty() {
        return Some((String::new(), lines));
    }
    let key = place.key?;
    Some((title(key), vec![key.words.to_owned()]))
}

/// What the job at the caret brings.
fn job(around: &Surroundings<'_>) -> Option<Vec<String>> {
    let preview = around.preview?;
    let pulls = around.pulls();
    let lines: Vec<String> = pulls
        .iter()
        .filter_map(|&(at, pull)| {
            let outcome = preview.pulls.get(at)?;
            let kept = labels::series(outcome.scraped.kept.len() as u64);
            Some(if outcome.failure.is_some() {
                format!("From {}: nothing is known to be stored.", pull.address)
            } else {
                format!("From {}: {kept}.", pull.address)
            })
        })
        .take(10)
        .collect();
    (!lines.is_empty()).then_some(lines)
}
