//! Values as an edit gives them, and what an edit makes of one: the model that the text has to follow.

use crate::yaml::aliasing::is_excessive;
use crate::yaml::resolve::{self, Resolved};
use crate::yaml::tree::{Entry, Kind, Node, ScalarStyle};

use super::error::{EditError, Obstacle};
use super::path::{Path, Step};
use super::{Change, Edit};

/// How deep a value may be read or written; deeper ones are over the budget of the text.
const MAX_VALUE_DEPTH: usize = 2 * crate::yaml::MAX_DEPTH;

/// A value without a place or a style.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits in 64 bits with a sign.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text: durations, dates, selectors.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// Keys and values in their order. Keys are texts, as in every type of Prometheus' configuration.
    Map(Vec<(String, Value)>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl Value {
    /// What `node` says, with aliases followed and merge keys resolved as go-yaml resolves them. `None` for
    /// what no edit could write: tags that are not YAML's own, binary data, whole numbers that need 64 bits without a sign, keys that are no scalars, aliases of
    /// nothing, and a node that is mostly aliases of aliases.
    #[must_use]
    pub fn read(node: Node<'_>) -> Option<Self> {
        if is_excessive(node) { None } else { read(node, 0) }
    }

    /// Whether both are the same, where no number equals itself too.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b))
            }
            (Self::Map(a), Self::Map(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && a.1.is_same(&b.1))
            }
            _ => self == other,
        }
    }

    /// Whether it is a list or a mapping.
    #[must_use]
    pub fn is_collection(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(_))
    }

    /// Whether collections nest deeper than `limit`.
    pub(super) fn is_deeper_than(&self, limit: usize) -> bool {
        let Some(below) = limit.checked_sub(1) else { return self.is_collection() };
        match self {
            Self::List(items) => items.iter().any(|item| item.is_deeper_than(below)),
            Self::Map(entries) => entries.iter().any(|(_, value)| value.is_deeper_than(below)),
            _ => false,
        }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|entry| entry.0 == key).map(|entry| &entry.1),
            _ => None,
        }
    }

    /// An entry of a mapping.
    pub(super) fn entry(&self, key: &str) -> Option<(&str, &Self)> {
        match self {
            Self::Map(entries) => {
                entries.iter().find(|entry| entry.0 == key).map(|(key, value)| (key.as_str(), value))
            }
            _ => None,
        }
    }

    /// What `edit` makes of this value: what the text must say once it has been edited.
    ///
    /// # Errors
    /// Where the path leads nowhere, or the change does not fit what is there.
    pub fn edited(&self, edit: &Edit) -> Result<Self, EditError> {
        let mut value = self.clone();
        change(&mut value, edit.path.steps(), &edit.change)?;
        Ok(value)
    }
}

fn read(node: Node<'_>, depth: usize) -> Option<Value> {
    if depth > MAX_VALUE_DEPTH {
        return None;
    }
    let node = node.resolved()?;
    match node.kind() {
        Kind::Scalar { value, style } => Some(match resolve::resolve(value, style, node.tag()).ok()? {
            Resolved::Null => Value::Null,
            Resolved::Bool(value) => Value::Bool(value),
            Resolved::Int(value) => Value::Int(value),
            Resolved::Float(value) => Value::Float(value),
            Resolved::Text | Resolved::Timestamp => Value::Text(value.to_owned()),
            Resolved::Uint(_) | Resolved::Binary(_) | Resolved::Custom(_) => return None,
        }),
        _ if node.tag().is_some_and(|tag| !matches!(tag.core(), Some("map" | "seq"))) => None,
        Kind::Sequence(_) => {
            node.items().map(|item| read(item, depth + 1)).collect::<Option<_>>().map(Value::List)
        }
        Kind::Mapping(_) => {
            let mut entries = Vec::with_capacity(node.entries().len());
            read_entries(node, &mut entries, depth)?;
            Some(Value::Map(entries))
        }
        Kind::Alias { .. } => None,
    }
}

/// The entries in the order in which they take effect; a later one takes the place of an earlier one.
fn read_entries(node: Node<'_>, entries: &mut Vec<(String, Value)>, depth: usize) -> Option<()> {
    if depth > MAX_VALUE_DEPTH {
        return None;
    }
    for entry in node.entries() {
        if is_merge(entry.key) {
            for source in merged(entry.value) {
                read_entries(source?, entries, depth + 1)?;
            }
            continue;
        }
        let key = entry.key.text()?;
        let value = read(entry.value, depth + 1)?;
        match entries.iter_mut().find(|known| known.0 == key) {
            Some(known) => known.1 = value,
            None => entries.push((key.to_owned(), value)),
        }
    }
    Some(())
}

/// The mappings of a merge key in the order in which they take effect; `None` for what is none.
pub(super) fn merged(value: Node<'_>) -> Vec<Option<Node<'_>>> {
    let mapping = |node: Node<'_>| -> bool { matches!(node.kind(), Kind::Mapping(_)) };
    let mut sources: Vec<Node<'_>> = match value.kind() {
        Kind::Sequence(_) => value.items().collect(),
        _ => vec![value],
    };
    // The first of a list wins, so it comes last.
    sources.reverse();
    sources.into_iter().map(|source| source.resolved().filter(|node| mapping(*node))).collect()
}

/// Whether a key is the merge key: `<<`, not quoted.
pub(super) fn is_merge(key: Node<'_>) -> bool {
    let Kind::Scalar { value, style } = key.kind() else { return false };
    value == "<<"
        && match key.tag() {
            None => style == ScalarStyle::Plain,
            Some(tag) => tag.core() == Some("merge"),
        }
}

/// What a mapping says of a key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lookup<'d> {
    /// The entry, by its number, that stands there.
    Here(usize, Entry<'d>),
    /// A value that a merge key brings.
    Merged(Node<'d>),
    /// An entry that a merge key after it overrides, and that merge key.
    Overridden(Entry<'d>),
    /// More than one entry.
    Twice(Entry<'d>),
    /// Nothing.
    Absent,
}

/// Looks a key up in a mapping as go-yaml does: what comes later counts.
pub(super) fn lookup<'d>(mapping: Node<'d>, key: &str) -> Lookup<'d> {
    let mut found = Lookup::Absent;
    for (number, entry) in mapping.entries().enumerate() {
        if is_merge(entry.key) {
            let Some(value) =
                merged(entry.value).into_iter().flatten().rev().find_map(|it| effective(it, key, 0))
            else {
                continue;
            };
            found = match found {
                Lookup::Absent | Lookup::Merged(_) => Lookup::Merged(value),
                Lookup::Here(..) => Lookup::Overridden(entry),
                settled => settled,
            };
        } else if entry.key.text() == Some(key) {
            found = match found {
                Lookup::Here(..) | Lookup::Overridden(_) | Lookup::Twice(_) => Lookup::Twice(entry),
                Lookup::Absent | Lookup::Merged(_) => Lookup::Here(number, entry),
            };
        }
    }
    found
}

/// The value of a key, merge keys included.
pub(super) fn effective<'d>(mapping: Node<'d>, key: &str, depth: usize) -> Option<Node<'d>> {
    if depth > MAX_VALUE_DEPTH {
        return None;
    }
    let mut found = None;
    for entry in mapping.entries() {
        if is_merge(entry.key) {
            for source in merged(entry.value).into_iter().flatten() {
                found = effective(source, key, depth + 1).or(found);
            }
        } else if entry.key.text() == Some(key) {
            found = Some(entry.value);
        }
    }
    found
}

fn not_found(step: &Step) -> EditError {
    EditError::new(Obstacle::NotFound, format!("there is no `{step}`"))
}

fn wrong_kind(step: &Step) -> EditError {
    EditError::new(Obstacle::WrongKind, format!("`{step}` does not fit what is there"))
}

/// The place of `step` in a list of `len` items, of which `says` tells whether a key of one has a text.
///
/// # Errors
/// Where there is no such item, or more than one.
pub(super) fn position(
    step: &Step,
    len: usize,
    says: impl Fn(usize, &str, &str) -> bool,
) -> Result<usize, EditError> {
    let found = match step {
        Step::Key(_) => return Err(wrong_kind(step)),
        Step::Index(index) => Some(*index).filter(|&index| index < len),
        Step::FromEnd(count) => len.checked_sub(*count).filter(|_| *count > 0),
        Step::Where { key, value } => {
            let mut matching = (0..len).filter(|&index| says(index, key, value));
            let first = matching.next();
            if first.is_some() && matching.next().is_some() {
                let message = format!("more than one item has `{key}` `{value}`");
                let error = EditError::new(Obstacle::Ambiguous, message);
                return Err(error.help("Name the item by its position: `[0]`."));
            }
            first
        }
    };
    found.ok_or_else(|| {
        let items = if len == 1 { "1 item".to_owned() } else { format!("{len} items") };
        EditError::new(Obstacle::NotFound, format!("there is no `{step}` in a list of {items}"))
    })
}

fn change(value: &mut Value, steps: &[Step], edit: &Change) -> Result<(), EditError> {
    let Some((step, rest)) = steps.split_first() else {
        return change_here(value, edit);
    };
    let at_end = rest.is_empty();
    if let (
        Value::Null,
        Change::Set(_) | Change::InsertKey { .. } | Change::InsertItem { .. },
        Step::Key(_),
    ) = (&*value, edit, step)
    {
        *value = Value::Map(Vec::new());
    }
    match value {
        Value::Map(entries) => {
            let Step::Key(key) = step else { return Err(wrong_kind(step)) };
            let at = entries.iter().position(|entry| entry.0 == *key);
            match (at, edit) {
                (Some(at), Change::Remove) if at_end => drop(entries.remove(at)),
                (Some(at), Change::Rename(name)) if at_end => {
                    if entries.iter().enumerate().any(|(other, entry)| other != at && entry.0 == *name) {
                        return Err(EditError::new(Obstacle::Exists, format!("`{name}` is there already")));
                    }
                    entries[at].0.clone_from(name);
                }
                (Some(at), Change::Move(to)) if at_end => {
                    let to = target(*to, entries.len())?;
                    let entry = entries.remove(at);
                    entries.insert(to, entry);
                }
                (Some(at), _) => change(&mut entries[at].1, rest, edit)?,
                (None, Change::Set(_) | Change::InsertKey { .. } | Change::InsertItem { .. }) => {
                    let mut new = Value::Null;
                    change(&mut new, rest, edit)?;
                    entries.push((key.clone(), new));
                }
                (None, _) => return Err(not_found(step)),
            }
        }
        Value::List(items) => {
            let says = |index: usize, key: &str, text: &str| -> bool {
                items.get(index).and_then(|item| item.get(key)).is_some_and(|value| spells(value, text))
            };
            let at = position(step, items.len(), says)?;
            match edit {
                Change::Remove if at_end => drop(items.remove(at)),
                Change::Rename(_) if at_end => return Err(wrong_kind(step)),
                Change::Move(to) if at_end => {
                    let to = target(*to, items.len())?;
                    let item = items.remove(at);
                    items.insert(to, item);
                }
                _ => change(&mut items[at], rest, edit)?,
            }
        }
        Value::Null => return Err(not_found(step)),
        _ => return Err(wrong_kind(step)),
    }
    Ok(())
}

/// Whether a value's text is `text`.
fn spells(value: &Value, text: &str) -> bool {
    match value {
        Value::Text(value) => value == text,
        Value::List(_) | Value::Map(_) => false,
        // Other scalars are compared with what they say, whatever their spelling was.
        other => Some(resolve::resolve(text, ScalarStyle::Plain, None)).is_some_and(|resolved| {
            match (resolved, other) {
                (Ok(Resolved::Bool(a)), Value::Bool(b)) => a == *b,
                (Ok(Resolved::Int(a)), Value::Int(b)) => a == *b,
                (Ok(Resolved::Float(a)), Value::Float(b)) => a.to_bits() == b.to_bits(),
                _ => false,
            }
        }),
    }
}

fn change_here(value: &mut Value, edit: &Change) -> Result<(), EditError> {
    match edit {
        Change::Set(new) => *value = new.clone(),
        Change::InsertItem { at, value: new } => {
            if *value == Value::Null {
                *value = Value::List(Vec::new());
            }
            let Value::List(items) = value else {
                return Err(EditError::new(Obstacle::WrongKind, "what is there is no list"));
            };
            let at = gap(*at, items.len())?;
            items.insert(at, new.clone());
        }
        Change::InsertKey { at, key, value: new } => {
            if *value == Value::Null {
                *value = Value::Map(Vec::new());
            }
            let Value::Map(entries) = value else {
                return Err(EditError::new(Obstacle::WrongKind, "what is there is no mapping"));
            };
            if entries.iter().any(|entry| entry.0 == *key) {
                return Err(EditError::new(Obstacle::Exists, format!("`{key}` is there already")));
            }
            let at = gap(*at, entries.len())?;
            entries.insert(at, (key.clone(), new.clone()));
        }
        Change::Remove | Change::Rename(_) | Change::Move(_) => return Err(whole_document()),
    }
    Ok(())
}

/// The document itself cannot be removed, renamed or moved.
pub(super) fn whole_document() -> EditError {
    EditError::new(Obstacle::WrongKind, "the path names the whole document, which stands in nothing")
}

/// Checks the place between items at which something is put; `None` is the end.
pub(super) fn gap(at: Option<usize>, len: usize) -> Result<usize, EditError> {
    let at = at.unwrap_or(len);
    if at > len {
        let message = format!("position {at} lies behind the end, which is {len}");
        return Err(EditError::new(Obstacle::NotFound, message));
    }
    Ok(at)
}

/// Checks the place to which something is moved.
pub(super) fn target(to: usize, len: usize) -> Result<usize, EditError> {
    if to >= len {
        let message = format!("position {to} lies behind the last, which is {}", len.saturating_sub(1));
        return Err(EditError::new(Obstacle::NotFound, message));
    }
    Ok(to)
}

/// The value that `change` at the end of `steps` makes where nothing is yet.
pub(super) fn created(steps: &[Step], edit: &Change) -> Result<Value, EditError> {
    let path = Path(steps.to_vec());
    Value::Null.edited(&Edit { path, change: edit.clone(), sharing: super::Sharing::Refuse })
}
