//! Whether an edited text says what it must, and nothing else has changed.

use crate::text::{Span, TextEdit};
use crate::yaml::resolve::{self, Resolved, Tag};
use crate::yaml::tree::{Document, Kind, Node};

use super::locate::Seat;
use super::value::{Value, is_merge};

/// A change of one place of the tree.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// The node itself becomes a value.
    Replace(Value),
    /// A list gets an item.
    InsertItem { at: usize, value: Value },
    /// A mapping gets an entry.
    InsertKey { at: usize, key: String, value: Value },
    /// A collection loses a part.
    Remove { number: usize },
    /// A key gets another name.
    Rename { number: usize, key: String },
    /// A part stands at another place of its collection.
    Move { number: usize, to: usize },
}

/// Compares the tree before with the tree after.
struct Comparison<'a> {
    seats: &'a [Seat<'a>],
    operation: &'a Operation,
    /// Which new node each old one has become.
    became: Vec<u32>,
}

/// Whether `after` is `before` with `operation` done at the end of `seats`: every other node with its value, its
/// style, its tag, its anchor, and every alias with what it stands for.
pub(super) fn is_as_meant(
    before: &Document,
    after: &Document,
    seats: &[Seat<'_>],
    operation: &Operation,
) -> bool {
    if after.broken_at().is_some() {
        return false;
    }
    let mut comparison = Comparison { seats, operation, became: vec![u32::MAX; before.nodes.len()] };
    match (before.root(), after.root()) {
        (Some(old), Some(new)) => comparison.is_same(old, new, Some(0)),
        (None, Some(new)) => match operation {
            Operation::Replace(value) => says(value, new),
            _ => false,
        },
        (None, None) => true,
        (Some(_), None) => false,
    }
}

impl Comparison<'_> {
    /// Compares two nodes; `focus` is the number of the seat in which the old one sits, if it is on the way.
    fn is_same(&mut self, old: Node<'_>, new: Node<'_>, focus: Option<usize>) -> bool {
        if let Some(known) = self.became.get_mut(old.id() as usize) {
            *known = new.id();
        }
        let at_end = focus.is_some_and(|number| number + 1 == self.seats.len());
        if old.anchor() != new.anchor() && !(at_end && matches!(old.kind(), Kind::Alias { .. })) {
            return false;
        }
        if at_end && let Operation::Replace(value) = self.operation {
            return says(value, new);
        }
        if old.tag().map(Tag::short) != new.tag().map(Tag::short) {
            return false;
        }
        match (old.kind(), new.kind()) {
            (Kind::Scalar { value: a, style: x }, Kind::Scalar { value: b, style: y }) => a == b && x == y,
            (Kind::Alias { name: a, target: x }, Kind::Alias { name: b, target: y }) => {
                a == b
                    && match (x, y) {
                        (Some(x), Some(y)) => self.became.get(x.id() as usize) == Some(&y.id()),
                        (x, y) => x.is_none() && y.is_none(),
                    }
            }
            (Kind::Sequence(a), Kind::Sequence(b)) => {
                (a == b || at_end) && self.are_items_same(old, new, focus, at_end)
            }
            (Kind::Mapping(a), Kind::Mapping(b)) => {
                (a == b || at_end) && self.are_entries_same(old, new, focus, at_end)
            }
            _ => false,
        }
    }

    /// Which old part each new part was, and `None` for the one that is new.
    fn parts(&self, old_len: usize, at_end: bool) -> Vec<Option<usize>> {
        let mut parts: Vec<Option<usize>> = (0..old_len).map(Some).collect();
        if !at_end {
            return parts;
        }
        match *self.operation {
            Operation::InsertItem { at, .. } | Operation::InsertKey { at, .. } if at <= parts.len() => {
                parts.insert(at, None);
            }
            Operation::Remove { number } if number < parts.len() => drop(parts.remove(number)),
            Operation::Move { number, to } if number < parts.len() && to < parts.len() => {
                let part = parts.remove(number);
                parts.insert(to, part);
            }
            _ => {}
        }
        parts
    }

    /// The focus of a part of the collection that sits in the seat `focus`.
    fn below(&self, focus: Option<usize>, number: usize) -> Option<usize> {
        let next = focus? + 1;
        let (_, on_the_way) = self.seats.get(next)?.parent()?;
        (on_the_way == number).then_some(next)
    }

    fn are_items_same(&mut self, old: Node<'_>, new: Node<'_>, focus: Option<usize>, at_end: bool) -> bool {
        let items: Vec<Node<'_>> = old.items().collect();
        let parts = self.parts(items.len(), at_end);
        new.items().len() == parts.len()
            && new.items().zip(parts).all(|(new, part)| match (part, self.operation) {
                (Some(number), _) => {
                    let focus = self.below(focus, number);
                    items.get(number).is_some_and(|old| self.is_same(*old, new, focus))
                }
                (None, Operation::InsertItem { value, .. }) => says(value, new),
                _ => false,
            })
    }

    fn are_entries_same(&mut self, old: Node<'_>, new: Node<'_>, focus: Option<usize>, at_end: bool) -> bool {
        let entries: Vec<_> = old.entries().collect();
        let parts = self.parts(entries.len(), at_end);
        new.entries().len() == parts.len()
            && new.entries().zip(parts).all(|(new, part)| match (part, self.operation) {
                (Some(number), operation) => {
                    let Some(old) = entries.get(number) else { return false };
                    let is_key_right = match operation {
                        Operation::Rename { number: renamed, key } if at_end && *renamed == number => {
                            is_key(key, new.key)
                        }
                        _ => self.is_same(old.key, new.key, None),
                    };
                    let focus = self.below(focus, number);
                    is_key_right && self.is_same(old.value, new.value, focus)
                }
                (None, Operation::InsertKey { key, value, .. }) => {
                    is_key(key, new.key) && says(value, new.value)
                }
                _ => false,
            })
    }
}

/// Whether a node is the key `key`, and no merge key.
fn is_key(key: &str, node: Node<'_>) -> bool {
    says_text(key, node) && !is_merge(node)
}

fn says_text(text: &str, node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Scalar { value, style } => {
            value == text && resolve::resolve(value, style, node.tag()) == Ok(Resolved::Text)
        }
        _ => false,
    }
}

/// Whether a node says `value`, in whatever style.
pub(super) fn says(value: &Value, node: Node<'_>) -> bool {
    if node.tag().is_some() {
        return false;
    }
    match (value, node.kind()) {
        (Value::List(items), Kind::Sequence(_)) => {
            items.len() == node.items().len()
                && items.iter().zip(node.items()).all(|(item, node)| says(item, node))
        }
        (Value::Map(entries), Kind::Mapping(_)) => {
            entries.len() == node.entries().len()
                && entries
                    .iter()
                    .zip(node.entries())
                    .all(|((key, value), entry)| is_key(key, entry.key) && says(value, entry.value))
        }
        (Value::Text(text), Kind::Scalar { .. }) => says_text(text, node),
        (_, Kind::Scalar { value: text, style }) => match (value, resolve::resolve(text, style, None)) {
            (Value::Null, Ok(Resolved::Null)) => true,
            (Value::Bool(a), Ok(Resolved::Bool(b))) => *a == b,
            (Value::Int(a), Ok(Resolved::Int(b))) => *a == b,
            (Value::Float(a), Ok(Resolved::Float(b))) => {
                a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
            }
            _ => false,
        },
        _ => false,
    }
}

/// Whether every comment that no edit touches is still one.
pub(super) fn keeps_comments(before: &Document, after: &Document, edits: &[TextEdit]) -> bool {
    let mut ordered: Vec<&TextEdit> = edits.iter().collect();
    crate::sort::sort_by_key(&mut ordered, |edit| (edit.span.start, edit.span.end));
    let mut pending = ordered.into_iter().peekable();
    let mut shift = 0i64;
    let mut known = after.comments().iter().peekable();
    before.comments().iter().all(|comment| {
        let mut is_touched = false;
        while let Some(edit) = pending.peek() {
            if edit.span.start >= comment.span.end {
                break;
            }
            if edit.span.end > comment.span.start {
                is_touched = true;
                break;
            }
            shift += i64::try_from(edit.text.len()).unwrap_or(i64::MAX / 2) - i64::from(edit.span.len());
            pending.next();
        }
        if is_touched {
            return true;
        }
        let place = |offset: u32| u32::try_from(i64::from(offset) + shift).unwrap_or(u32::MAX);
        let moved = Span { start: place(comment.span.start), end: place(comment.span.end) };
        while known.peek().is_some_and(|found| found.span.start < moved.start) {
            known.next();
        }
        known.peek().is_some_and(|found| found.span == moved)
    })
}
