//! Following a path into the tree, and who else would be changed by an edit there.

use crate::yaml::tree::{Data, Document, Kind, Node, ScalarStyle};

use super::error::{EditError, Obstacle};
use super::path::Step;
use super::value::{Lookup, Value, lookup, position};
use super::{Change, Edit, Sharing};

/// In what a value sits.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seat<'d> {
    /// It is the document.
    Root,
    /// It is an item of a list.
    Item { list: Node<'d>, number: usize },
    /// It is the value of a key.
    Value { map: Node<'d>, number: usize },
}

impl<'d> Seat<'d> {
    /// The collection in which it sits, and its number there.
    pub(super) fn parent(self) -> Option<(Node<'d>, usize)> {
        match self {
            Self::Root => None,
            Self::Item { list, number } => Some((list, number)),
            Self::Value { map, number } => Some((map, number)),
        }
    }
}

/// Where a path leads.
#[derive(Debug)]
pub(super) struct Route<'d, 'e> {
    /// The seats from the document's to that of `node`.
    pub(super) seats: Vec<Seat<'d>>,
    /// The last node on the way that is there; `None` for a text without any.
    pub(super) node: Option<Node<'d>>,
    /// The steps that lead further, to what is not there yet.
    pub(super) missing: &'e [Step],
    /// What is to be written in the place of `node`, an alias, when the edit is made on a copy.
    pub(super) copy: Option<Value>,
    /// Whether the first of the missing steps is a key that a merge key brings.
    pub(super) is_merged: bool,
}

struct Walk<'d, 'e> {
    document: &'d Document,
    edit: &'e Edit,
    seats: Vec<Seat<'d>>,
}

/// Follows the path of `edit`.
///
/// # Errors
/// Where the path leads nowhere, is not clear, or passes what others share.
pub(super) fn locate<'d, 'e>(document: &'d Document, edit: &'e Edit) -> Result<Route<'d, 'e>, EditError> {
    let mut walk = Walk { document, edit, seats: vec![Seat::Root] };
    let steps = edit.path.steps();
    let mut node = document.root();
    for (number, step) in steps.iter().enumerate() {
        let missing = steps.get(number..).unwrap_or_default();
        let Some(mut here) = node else { return Ok(walk.end(node, missing)) };
        if let Some(copy) = walk.enter(&mut here, missing)? {
            let mut route = walk.end(Some(here), &[]);
            route.copy = Some(copy);
            return Ok(route);
        }
        if is_null(here) {
            return Ok(walk.end(Some(here), missing));
        }
        match (here.kind(), step) {
            (Kind::Mapping(_), Step::Key(key)) => match lookup(here, key) {
                Lookup::Here(number, entry) => {
                    walk.seats.push(Seat::Value { map: here, number });
                    node = Some(entry.value);
                }
                Lookup::Absent => return Ok(walk.end(Some(here), missing)),
                Lookup::Merged(value) => match edit.sharing {
                    Sharing::Refuse => return Err(from_merge(step, value)),
                    Sharing::Everywhere => {
                        walk.seats = walk.seats_of(value)?;
                        node = Some(value);
                    }
                    Sharing::Here => {
                        let mut route = walk.end(Some(here), missing);
                        route.is_merged = true;
                        return Ok(route);
                    }
                },
                Lookup::Overridden(merge) => {
                    let message = format!(
                        "the merge key in line {} stands after `{step}` and overrides it",
                        merge.key.line()
                    );
                    let error = EditError::new(Obstacle::Shared, message).at(merge.key.span());
                    return Err(error.help("Move the merge key to the beginning of the mapping."));
                }
                Lookup::Twice(entry) => {
                    let error = EditError::new(Obstacle::Ambiguous, format!("`{step}` stands there twice"));
                    return Err(error.at(entry.key.span()).help("Remove one of the two."));
                }
            },
            (Kind::Sequence(_), _) => {
                let items: Vec<Node<'d>> = here.items().collect();
                let says = |index: usize, key: &str, text: &str| {
                    let item = items.get(index).and_then(|item| item.resolved());
                    let value = item.and_then(|item| match lookup(item, key) {
                        Lookup::Here(_, entry) | Lookup::Twice(entry) => Some(entry.value),
                        Lookup::Merged(value) => Some(value),
                        Lookup::Overridden(_) | Lookup::Absent => None,
                    });
                    value.is_some_and(|value| !is_null(value) && value.text() == Some(text))
                };
                let number = position(step, items.len(), says).map_err(|error| error.at(here.span()))?;
                walk.seats.push(Seat::Item { list: here, number });
                node = items.get(number).copied();
            }
            (kind, _) => {
                let what = match kind {
                    Kind::Mapping(_) => "a mapping, which has keys",
                    _ => "a single value, which holds nothing",
                };
                let message = format!("there is no `{step}` in {what}");
                return Err(EditError::new(Obstacle::WrongKind, message).at(here.span()));
            }
        }
    }
    if let (Some(mut here), Change::InsertItem { .. } | Change::InsertKey { .. }) = (node, &edit.change) {
        if let Some(copy) = walk.enter(&mut here, &[])? {
            let mut route = walk.end(Some(here), &[]);
            route.copy = Some(copy);
            return Ok(route);
        }
        node = Some(here);
    }
    if let (Some(here), Change::Set(_)) = (node, &edit.change) {
        walk.refuse_shared(here)?;
    }
    Ok(walk.end(node, &[]))
}

impl<'d, 'e> Walk<'d, 'e> {
    fn end(self, node: Option<Node<'d>>, missing: &'e [Step]) -> Route<'d, 'e> {
        Route { seats: self.seats, node, missing, copy: None, is_merged: false }
    }

    /// Goes into a node: through an alias, and past an anchor, only as the edit allows. Answers what is to be
    /// written in place of an alias when the edit is made on a copy.
    fn enter(&mut self, node: &mut Node<'d>, rest: &[Step]) -> Result<Option<Value>, EditError> {
        let Kind::Alias { name, target } = node.kind() else {
            self.refuse_shared(*node)?;
            return Ok(None);
        };
        let Some(target) = target else {
            let message = format!("there is nothing behind `*{name}`");
            return Err(EditError::new(Obstacle::NotFound, message).at(node.span()));
        };
        match self.edit.sharing {
            Sharing::Refuse => {
                let message = format!(
                    "`*{name}` stands here for the value in line {}, which an edit would change for all its users",
                    target.line()
                );
                Err(EditError::new(Obstacle::Shared, message).at(node.span()).help(SHARED_HELP))
            }
            Sharing::Everywhere => {
                self.seats = self.seats_of(target)?;
                *node = target;
                Ok(None)
            }
            Sharing::Here => self.copied(target, rest).map(Some),
        }
    }

    /// What the rest of the edit makes of a copy of `node`.
    fn copied(&self, node: Node<'d>, rest: &[Step]) -> Result<Value, EditError> {
        let value = Value::read(node).ok_or_else(|| {
            EditError::unsupported("what stands here for several places cannot be copied", node.span())
        })?;
        let path = super::Path(rest.to_vec());
        value.edited(&Edit { path, change: self.edit.change.clone(), sharing: Sharing::Refuse })
    }

    /// An anchored node is the value of all its aliases.
    fn refuse_shared(&self, node: Node<'d>) -> Result<(), EditError> {
        if node.anchor().is_none() || self.edit.sharing == Sharing::Everywhere {
            return Ok(());
        }
        let mut users = aliases(self.document).filter(|(_, target)| target.id() == node.id());
        let Some((first, _)) = users.next() else { return Ok(()) };
        let others = users.count();
        let name = node.anchor().unwrap_or_default();
        let more = if others > 0 { format!(" and {others} more") } else { String::new() };
        let message = format!(
            "`&{name}` is also used in line {}{more}: an edit would change it there too",
            first.line()
        );
        Err(EditError::new(Obstacle::Shared, message).at(node.span()).help(SHARED_HELP))
    }

    /// The seats that lead to a node of the tree.
    fn seats_of(&self, target: Node<'d>) -> Result<Vec<Seat<'d>>, EditError> {
        let mut stack: Vec<(Node<'d>, Vec<Seat<'d>>)> =
            self.document.root().map(|root| (root, vec![Seat::Root])).into_iter().collect();
        while let Some((node, seats)) = stack.pop() {
            if node.id() == target.id() {
                return Ok(seats);
            }
            let is_around = |child: Node<'d>| {
                child.id() == target.id()
                    || child.span().start <= target.span().start && target.span().end <= child.span().end
            };
            let mut push = |child: Node<'d>, seat: Seat<'d>| {
                if is_around(child) {
                    let mut seats = seats.clone();
                    seats.push(seat);
                    stack.push((child, seats));
                }
            };
            for (number, item) in node.items().enumerate() {
                push(item, Seat::Item { list: node, number });
            }
            for (number, entry) in node.entries().enumerate() {
                push(entry.value, Seat::Value { map: node, number });
            }
        }
        Err(EditError::unsupported("the anchored value cannot be edited where it is", target.span()))
    }
}

const SHARED_HELP: &str =
    "Ask for the edit everywhere, which changes the anchored value, or here, which writes the value out.";

pub(super) fn from_merge(step: &Step, value: Node<'_>) -> EditError {
    let message = format!("`{step}` comes from a merge key; it stands in line {}", value.line());
    EditError::new(Obstacle::Shared, message).at(value.span()).help(SHARED_HELP)
}

/// All aliases of something, with what they stand for.
pub(super) fn aliases(document: &Document) -> impl Iterator<Item = (Node<'_>, Node<'_>)> {
    document.nodes.iter().enumerate().filter_map(|(id, data)| match data.kind {
        Data::Alias { target: Some(target), .. } => Some((document.node(id as u32), document.node(target))),
        _ => None,
    })
}

/// Refuses to take away `start..end` where an alias outside of it needs an anchor inside; that of `except` stays.
pub(super) fn refuse_used_anchors(
    document: &Document,
    start: usize,
    end: usize,
    except: Option<Node<'_>>,
) -> Result<(), EditError> {
    // The anchor's own place: a collection begins where its first part does.
    let is_inside = |node: Node<'_>| (start..end).contains(&(document.data(node.id()).start as usize));
    for (alias, target) in aliases(document) {
        let stays = except.is_some_and(|node| node.id() == target.id());
        if is_inside(target) && !is_inside(alias) && !stays {
            let name = target.anchor().unwrap_or_default();
            let message = format!("`&{name}` stands here, and line {} needs it", alias.line());
            return Err(EditError::new(Obstacle::AnchorInUse, message)
                .at(target.span())
                .help("Write the value out where the alias is, and then remove the anchor."));
        }
    }
    Ok(())
}

/// Whether a node says nothing: an edit may put anything there.
pub(super) fn is_null(node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Scalar { value, style } => {
            node.tag().is_none()
                && style == ScalarStyle::Plain
                && matches!(value, "" | "~" | "null" | "Null" | "NULL")
        }
        _ => false,
    }
}
