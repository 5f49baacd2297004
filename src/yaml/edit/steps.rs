//! A new value for a collection as the few changes that lead to it, so that what stays the same stays as it is
//! written.

use crate::yaml::tree::{Kind, Node};

use super::path::Step;
use super::value::{Value, is_merge};
use super::{Change, Edit, Path, Sharing};

/// Up to how many pairs of items are compared to find those that stay.
const MAX_PAIRS: usize = 40_000;

/// The edits, to be made one after the other, that give the node at `path` the value `value`. One edit of `path`
/// itself where nothing of the node can stay.
pub(super) fn steps(node: Node<'_>, value: &Value, path: &Path, sharing: Sharing) -> Vec<Edit> {
    let mut steps = Steps { out: Vec::new(), sharing };
    steps.change(node, value, path);
    steps.out
}

struct Steps {
    out: Vec<Edit>,
    sharing: Sharing,
}

impl Steps {
    fn push(&mut self, path: Path, change: Change) {
        self.out.push(Edit { path, change, sharing: self.sharing });
    }

    fn change(&mut self, node: Node<'_>, value: &Value, path: &Path) {
        if Value::read(node).is_some_and(|now| now.is_same(value)) {
            return;
        }
        let done = match (node.kind(), value) {
            _ if node.tag().is_some() => false,
            (Kind::Mapping(_), Value::Map(entries)) => self.change_map(node, entries, path),
            (Kind::Sequence(_), Value::List(items)) => self.change_list(node, items, path),
            _ => false,
        };
        if !done {
            self.push(path.clone(), Change::Set(value.clone()));
        }
    }

    fn change_map(&mut self, node: Node<'_>, entries: &[(String, Value)], path: &Path) -> bool {
        let mut keys: Vec<&str> = Vec::with_capacity(node.entries().len());
        for entry in node.entries() {
            match entry.key.text() {
                Some(key) if !is_merge(entry.key) && !keys.contains(&key) => keys.push(key),
                _ => return false,
            }
        }
        let wanted: Vec<&str> = entries.iter().map(|entry| entry.0.as_str()).collect();
        let staying: Vec<&str> = keys.iter().copied().filter(|key| wanted.contains(key)).collect();
        let in_order = wanted.iter().copied().filter(|key| staying.contains(key)).eq(staying.iter().copied());
        let is_repeated = wanted.iter().enumerate().any(|(at, key)| wanted[..at].contains(key));
        if staying.is_empty() || !in_order || is_repeated {
            return false;
        }
        let mut previous: Option<&str> = None;
        for (key, value) in entries {
            if keys.contains(&key.as_str()) {
                if let Some(now) = node.get(key) {
                    // The entry itself, which may be an alias.
                    let own =
                        node.entries().find(|entry| entry.key.text() == Some(key)).map_or(now, |it| it.value);
                    self.change(own, value, &path.clone().key(key));
                }
            } else {
                let at = previous
                    .and_then(|key| keys.iter().position(|known| *known == key))
                    .map_or(0, |at| at + 1);
                let at = if previous.is_some() && wanted.last() == Some(&key.as_str()) && at == keys.len() {
                    keys.len()
                } else {
                    at
                };
                keys.insert(at, key);
                let change = Change::InsertKey { at: Some(at), key: key.clone(), value: value.clone() };
                self.push(path.clone(), change);
            }
            previous = Some(key);
        }
        for key in keys.iter().filter(|key| !wanted.contains(key)) {
            self.push(path.clone().key(*key), Change::Remove);
        }
        true
    }

    fn change_list(&mut self, node: Node<'_>, items: &[Value], path: &Path) -> bool {
        let old: Vec<Node<'_>> = node.items().collect();
        let now: Vec<Option<Value>> = old.iter().map(|item| Value::read(*item)).collect();
        if old.is_empty() || items.is_empty() || old.len() * items.len() > MAX_PAIRS {
            return false;
        }
        let same = |a: usize, b: usize| now[a].as_ref().is_some_and(|now| now.is_same(&items[b]));
        let mut kept = common(old.len(), items.len(), same);
        kept.push((old.len(), items.len()));
        let mut segments = Vec::with_capacity(kept.len());
        let (mut from, mut new_from) = (0, 0);
        for (to, new_to) in kept {
            segments.push((from..to, new_from..new_to));
            (from, new_from) = (to + 1, new_to + 1);
        }
        // From the end, so that the positions before stay what they are.
        for (old_range, new_range) in segments.into_iter().rev() {
            let paired = old_range.len().min(new_range.len());
            let boundary = old_range.start + paired;
            for value in items[new_range.start + paired..new_range.end].iter().rev() {
                self.push(path.clone(), Change::InsertItem { at: Some(boundary), value: value.clone() });
            }
            for number in (boundary..old_range.end).rev() {
                self.push(path.clone().index(number), Change::Remove);
            }
            for pair in (0..paired).rev() {
                let number = old_range.start + pair;
                let path = Path([path.steps(), &[Step::Index(number)]].concat());
                self.change(old[number], &items[new_range.start + pair], &path);
            }
        }
        true
    }
}

/// The longest run of pairs, in order, that are the same.
fn common(len: usize, other: usize, same: impl Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
    let mut head = 0;
    while head < len && head < other && same(head, head) {
        head += 1;
    }
    let mut tail = 0;
    while tail < len - head && tail < other - head && same(len - 1 - tail, other - 1 - tail) {
        tail += 1;
    }
    let mut pairs: Vec<(usize, usize)> = (0..head).map(|at| (at, at)).collect();
    let (rows, columns) = (len - head - tail, other - head - tail);
    let mut longest = vec![vec![0u32; columns + 1]; rows + 1];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            longest[row][column] = if same(head + row, head + column) {
                longest[row + 1][column + 1] + 1
            } else {
                longest[row + 1][column].max(longest[row][column + 1])
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    while row < rows && column < columns {
        if same(head + row, head + column) {
            pairs.push((head + row, head + column));
            row += 1;
            column += 1;
        } else if longest[row + 1][column] >= longest[row][column + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs.extend((0..tail).rev().map(|at| (len - 1 - at, other - 1 - at)));
    pairs
}
