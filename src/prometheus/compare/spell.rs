//! Values as text, the same for all that mean the same.

use crate::selector::Selector;
use crate::version::Version;

use super::super::duration::{ByteSize, Duration};
use super::super::schema::{Key, Kind, Section};
use super::super::value::{Fields, Value};

/// The parameter whose values are selectors, of which all count alike.
const MATCH: &str = "match[]";

/// What a value of nothing is.
pub(super) fn zero(kind: Kind) -> String {
    match kind {
        Kind::Bool | Kind::OptionalBool => "false".to_owned(),
        Kind::Int | Kind::Int64 | Kind::Uint | Kind::Uint64 | Kind::Float => "0".to_owned(),
        Kind::Duration => Duration::default().to_string(),
        Kind::Size => ByteSize::default().to_string(),
        Kind::List(_) => "[]".to_owned(),
        Kind::Map(_) => "{}".to_owned(),
        _ => String::new(),
    }
}

/// What applies where a key is not there and nothing is inherited.
pub(super) fn default(key: &Key, version: Version) -> String {
    match key.kind {
        _ if key.default.is_empty() => zero(key.kind),
        Kind::Duration => Duration::parse(key.default, version).unwrap_or_default().to_string(),
        Kind::Size => ByteSize::parse(key.default).unwrap_or_default().to_string(),
        _ => key.default.to_owned(),
    }
}

/// A value of `kind` as text.
pub(super) fn spelled(value: &Value, kind: Kind, version: Version) -> String {
    match (value, kind) {
        (Value::Broken | Value::Null(_), _) => zero(kind),
        (Value::Text(text), Kind::Secret) => (if text.value.is_empty() { "" } else { "<secret>" }).to_owned(),
        (Value::Bool(value), _) => value.value.to_string(),
        (Value::Int(value), _) => value.value.to_string(),
        (Value::Uint(value), _) => value.value.to_string(),
        (Value::Float(value), _) => value.value.to_string(),
        (Value::Text(text), _) => text.value.clone(),
        (Value::Duration(value), _) => value.value.to_string(),
        (Value::Size(value), _) => value.value.to_string(),
        (Value::List(list), Kind::List(of)) => {
            let mut items: Vec<String> =
                list.value.iter().map(|item| spelled(item, of.item, version)).collect();
            // Lists of words and of labels have an order, and steps have one; lists of texts have none.
            if matches!(of.item, Kind::Text) {
                crate::sort::sort_by(&mut items, Ord::cmp);
            }
            format!("[{}]", items.join(", "))
        }
        (Value::Map(_, entries), Kind::Map(of)) => {
            let pair = |(name, value): &(crate::yaml::Spanned<String>, Value)| {
                format!("{}: {}", name.value, named(&name.value, value, of.value, version))
            };
            let mut pairs: Vec<String> = entries.iter().map(pair).collect();
            crate::sort::sort_by(&mut pairs, Ord::cmp);
            format!("{{{}}}", pairs.join(", "))
        }
        (Value::Section(fields), _) => section(fields, version),
        (Value::List(_) | Value::Map(..), _) => String::new(),
    }
}

/// The value of a key of the user's own.
pub(super) fn named(name: &str, value: &Value, kind: Kind, version: Version) -> String {
    let (Value::List(list), Kind::List(of)) = (value, kind) else { return spelled(value, kind, version) };
    let mut items: Vec<String> = list.value.iter().map(|item| spelled(item, of.item, version)).collect();
    // The order of a parameter's values may matter, but for selectors.
    if name == MATCH {
        for item in &mut items {
            *item = normal_selector(item, version);
        }
        crate::sort::sort_by(&mut items, Ord::cmp);
        items.dedup();
    }
    format!("[{}]", items.join(", "))
}

/// A selector with its matchers in order; as it is where it is none.
fn normal_selector(text: &str, version: Version) -> String {
    let Ok(mut selector) = Selector::parse_strict(text, version) else { return text.to_owned() };
    crate::sort::sort_by(&mut selector.matchers, |one, other| one.matcher.cmp(&other.matcher));
    selector.matchers.dedup_by(|one, other| one.matcher == other.matcher);
    selector.to_string()
}

/// A section in one line, without what is as it would be anyway.
pub(super) fn section(fields: &Fields, version: Version) -> String {
    let mut parts = Vec::new();
    for entry in &fields.entries {
        let key = entry.key;
        let text = spelled(&entry.value, key.kind, version);
        if text != default(key, version) {
            parts.push(format!("{}: {text}", key.name));
        }
    }
    crate::sort::sort_by(&mut parts, Ord::cmp);
    format!("{{{}}}", parts.join(", "))
}

/// The section of a list's items.
pub(super) fn item_section(kind: Kind) -> Option<&'static Section> {
    match kind {
        Kind::Section(section) | Kind::Optional(section) => Some(section),
        _ => None,
    }
}
