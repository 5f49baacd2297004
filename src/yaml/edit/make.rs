//! From an edit to the text edits that make it: what there is to do, how it is written, and whether that did it.

use crate::text::{Span, TextEdit, apply_edits};
use crate::yaml::tree::{Document, Kind, Node, Style as Layout};
use crate::yaml::{BUDGET, load};

use super::block::{Piece, VARIANTS, Variant, Writer};
use super::check::{self, Operation};
use super::error::{EditError, Obstacle};
use super::locate::{self, Seat, locate, refuse_used_anchors};
use super::patch::{Patch, trimmed};
use super::path::{Path, Step};
use super::print::Spot;
use super::source::{Source, span};
use super::value::{self, Lookup, Value, created, gap, is_merge, lookup, target, whole_document};
use super::{Change, Edit, Sharing, steps, style};

/// The most small changes into which a new value for a collection is taken apart.
const MAX_STEPS: usize = 256;
/// How many bytes are read again, over all steps, before a collection is written anew instead.
const MAX_STEP_BYTES: usize = 64 << 20;

/// The edits that make `edit`.
pub(super) fn edits(source: Source<'_>, edit: &Edit) -> Result<Vec<TextEdit>, EditError> {
    if let Some(steps) = written_out(source, edit)? {
        return one_by_one(source, &steps);
    }
    let Some(steps) = small_steps(source, edit)? else { return Ok(plan_one(source, edit)?.edits) };
    let steps: Vec<Work> = steps.into_iter().map(Work::Edit).collect();
    one_by_one(source, &steps).or_else(|error| match error.obstacle {
        Obstacle::Unsupported => plan_one(source, edit).map(|made| made.edits),
        _ => Err(error),
    })
}

/// One of several changes that follow one another.
enum Work {
    Edit(Edit),
    /// An operation on the mapping at a path, whatever its merge keys say.
    Operation(Path, Operation),
}

/// The changes that write the merge keys of a mapping out and then make `edit`, where that is about a key which
/// one of them brings. A key of the mapping's own beside it would be no way: go-yaml refuses a key that a merge
/// key sets too, where the type is a map (`decode.go`, `setMapIndex`).
fn written_out(source: Source<'_>, edit: &Edit) -> Result<Option<Vec<Work>>, EditError> {
    if edit.sharing != Sharing::Here {
        return Ok(None);
    }
    let route = locate(source.document, edit)?;
    let Some(map) = route.node.filter(|_| route.is_merged) else { return Ok(None) };
    let path = settled(&route.seats);
    let Some(whole) = Value::read(map) else {
        return Err(EditError::unsupported("what the merge key brings cannot be written out", map.span()));
    };
    let mut steps = Vec::new();
    let mut keys: Vec<&str> = map.entries().filter_map(|entry| entry.key.text()).collect();
    let mut at = 0;
    for entry in map.entries() {
        if !is_merge(entry.key) {
            at += 1;
            continue;
        }
        let place = at;
        for brought in value::merged(entry.value).into_iter().flatten().filter_map(Value::read) {
            let Value::Map(brought) = brought else { continue };
            for (key, _) in brought {
                let Some((key, value)) = whole.entry(&key).filter(|(key, _)| !keys.contains(key)) else {
                    continue;
                };
                at += 1;
                keys.push(key);
                let operation = Operation::InsertKey { at, key: key.to_owned(), value: value.clone() };
                steps.push(Work::Operation(path.clone(), operation));
            }
        }
        steps.push(Work::Operation(path.clone(), Operation::Remove { number: place }));
    }
    steps.push(Work::Edit(edit.clone()));
    Ok(Some(steps))
}

/// The path to a seat that stays the same whatever is changed behind it.
fn settled(seats: &[Seat<'_>]) -> Path {
    let step = |seat: &Seat<'_>| match seat {
        Seat::Root => None,
        Seat::Item { number, .. } => Some(Step::Index(*number)),
        Seat::Value { map, number } => {
            Some(Step::Key(map.entries().nth(*number)?.key.text().unwrap_or_default().to_owned()))
        }
    };
    Path(seats.iter().filter_map(step).collect())
}

/// The small changes into which a new value can be taken apart; `None` where it is to be written as a whole.
fn small_steps(source: Source<'_>, edit: &Edit) -> Result<Option<Vec<Edit>>, EditError> {
    let Change::Set(value) = &edit.change else { return Ok(None) };
    let steps = {
        // Where nothing but the value is shared, only what changes of it must be asked about.
        let probe = Edit { sharing: Sharing::Everywhere, ..edit.clone() };
        let strict = locate(source.document, edit);
        let route = match &strict {
            Ok(route) => route,
            Err(error) if error.obstacle == Obstacle::Shared => &locate(source.document, &probe)?,
            Err(error) => return Err(error.clone()),
        };
        let Some(node) = route.node.filter(|_| route.missing.is_empty() && route.copy.is_none()) else {
            strict?;
            return Ok(None);
        };
        let steps = steps::steps(node, value, &settled(&route.seats), edit.sharing);
        if !steps.is_empty() {
            strict?;
        }
        steps
    };
    let is_whole = steps.len() == 1 && steps.iter().all(|step| step.change == edit.change);
    let is_much = steps.len() > MAX_STEPS || steps.len() * source.text.len() > MAX_STEP_BYTES;
    Ok((!(is_whole || is_much && steps.len() > 1)).then_some(steps))
}

fn one_by_one(source: Source<'_>, steps: &[Work]) -> Result<Vec<TextEdit>, EditError> {
    let mut patch = Patch::new(source.text.len());
    let mut now: Option<Made> = None;
    for step in steps {
        let here = now.as_ref().map_or(source, |made| Source { text: &made.text, document: &made.document });
        let made = match step {
            Work::Edit(edit) => plan_one(here, edit)?,
            Work::Operation(path, operation) => {
                let way =
                    Edit { path: path.clone(), change: Change::Set(Value::Null), sharing: Sharing::Refuse };
                let route = locate(here.document, &way)?;
                carry_out(here, &route.seats, route.node, operation)?
            }
        };
        patch.apply(&made.edits);
        now = Some(made);
    }
    Ok(patch.edits(source.text.len()))
}

/// One change with its result.
struct Made {
    edits: Vec<TextEdit>,
    text: String,
    document: Document,
}

fn plan_one(source: Source<'_>, edit: &Edit) -> Result<Made, EditError> {
    let (seats, node, operation) = operation(source, edit)?;
    carry_out(source, &seats, node, &operation)
}

/// Makes one change of the tree in the text.
fn carry_out<'d>(
    source: Source<'d>,
    seats: &[Seat<'d>],
    node: Option<Node<'d>>,
    operation: &Operation,
) -> Result<Made, EditError> {
    refuse_losses(source, node, operation)?;
    let mut writer = Writer { source, style: style::Style::of(source), variant: Variant::default() };
    let mut refused = None;
    for variant in VARIANTS {
        writer.variant = variant;
        let mut edits = writer.write(seats, node, operation)?;
        if variant.strip_last
            && !matches!(operation, Operation::Move { .. })
            && let Some(strip) = writer.strip_last()
            && edits.iter().all(|edit| !edit.span.touches(strip.span.start))
        {
            edits.push(strip);
        }
        let edits: Vec<TextEdit> = edits.into_iter().map(|edit| trimmed(source.text, edit)).collect();
        let Ok((text, _)) = apply_edits(source.text, &edits) else { continue };
        let parsed = load::parse(&text);
        if check::is_as_meant(source.document, &parsed.value, seats, operation)
            && check::keeps_comments(source.document, &parsed.value, &edits)
        {
            return Ok(Made { edits, text, document: parsed.value });
        }
        refused = refused.or_else(|| parsed.diagnostics.into_iter().find(|found| found.code == BUDGET));
    }
    let span = node.map_or(Span::at(0), Node::span);
    Err(match refused {
        Some(found) => EditError::new(Obstacle::Budget, found.message.into_owned()).at(span),
        None => EditError::unsupported("this is written in a way that this edit cannot keep", span),
    })
}

/// What there is to do, where, and with which node.
type Task<'d> = (Vec<Seat<'d>>, Option<Node<'d>>, Operation);

fn operation<'d>(source: Source<'d>, edit: &Edit) -> Result<Task<'d>, EditError> {
    let route = locate(source.document, edit)?;
    let (mut seats, node) = (route.seats, route.node);
    if let Some(copy) = route.copy {
        return Ok((seats, node, Operation::Replace(copy)));
    }
    if let Some((step, rest)) = route.missing.split_first() {
        let creates =
            matches!(edit.change, Change::Set(_) | Change::InsertItem { .. } | Change::InsertKey { .. });
        let Some(key) = (match step {
            Step::Key(key) if creates => Some(key.clone()),
            _ => None,
        }) else {
            let error = EditError::new(Obstacle::NotFound, format!("there is no `{step}`"));
            return Err(match node {
                Some(node) => error.at(node.span()),
                None => error,
            });
        };
        return match node.filter(|node| matches!(node.kind(), Kind::Mapping(_))) {
            Some(map) => {
                let value = created(rest, &edit.change)?;
                Ok((seats, node, Operation::InsertKey { at: Source::len(map), key, value }))
            }
            None => Ok((seats, node, Operation::Replace(created(route.missing, &edit.change)?))),
        };
    }
    let wrong = |what: &str| {
        let error = EditError::new(Obstacle::WrongKind, format!("what is there is no {what}"));
        Err(node.map_or_else(|| error.clone(), |node| error.clone().at(node.span())))
    };
    let is_nothing = node.is_none_or(locate::is_null);
    let operation = match &edit.change {
        Change::Set(value) => Operation::Replace(value.clone()),
        Change::InsertItem { .. } | Change::InsertKey { .. } if is_nothing => {
            Operation::Replace(created(&[], &edit.change)?)
        }
        Change::InsertItem { at, value } => match node.map(|node| (node, node.kind())) {
            Some((list, Kind::Sequence(_))) => {
                Operation::InsertItem { at: gap(*at, Source::len(list))?, value: value.clone() }
            }
            _ => return wrong("list"),
        },
        Change::InsertKey { at, key, value } => match node.map(|node| (node, node.kind())) {
            Some((map, Kind::Mapping(_))) => {
                let at = gap(*at, Source::len(map))?;
                refuse_repeated(map, key)?;
                refuse_overridden(map, at, Source::len(map), key)?;
                Operation::InsertKey { at, key: key.clone(), value: value.clone() }
            }
            _ => return wrong("mapping"),
        },
        Change::Remove | Change::Rename(_) | Change::Move(_) => {
            let Some((collection, number)) = seats.pop().and_then(Seat::parent) else {
                return Err(whole_document());
            };
            let operation = match &edit.change {
                Change::Rename(name) => rename(collection, number, name)?,
                Change::Move(to) => {
                    let to = target(*to, Source::len(collection))?;
                    if let Some(key) = collection.entries().nth(number).and_then(|entry| entry.key.text()) {
                        refuse_overridden(collection, number.min(to), number.max(to) + 1, key)?;
                    }
                    Operation::Move { number, to }
                }
                _ => Operation::Remove { number },
            };
            return Ok((seats, Some(collection), operation));
        }
    };
    Ok((seats, node, operation))
}

fn rename(collection: Node<'_>, number: usize, name: &str) -> Result<Operation, EditError> {
    let Some(entry) = collection.entries().nth(number) else {
        let error = EditError::new(Obstacle::WrongKind, "an item of a list has no name");
        return Err(error.at(collection.span()));
    };
    if entry.key.text() != Some(name) {
        refuse_repeated(collection, name)?;
        refuse_overridden(collection, number, Source::len(collection), name)?;
    }
    Ok(Operation::Rename { number, key: name.to_owned() })
}

fn refuse_repeated(map: Node<'_>, key: &str) -> Result<(), EditError> {
    match lookup(map, key) {
        Lookup::Here(_, entry) | Lookup::Overridden(entry) | Lookup::Twice(entry) => {
            Err(EditError::new(Obstacle::Exists, format!("`{key}` is there already")).at(entry.key.span()))
        }
        Lookup::Merged(value) => Err(locate::from_merge(&Step::Key(key.to_owned()), value)),
        Lookup::Absent => Ok(()),
    }
}

/// Refuses where a merge key among the entries `from..to` of `map` brings `key`, so that order matters.
fn refuse_overridden(map: Node<'_>, from: usize, to: usize, key: &str) -> Result<(), EditError> {
    for entry in map.entries().take(to).skip(from).filter(|entry| is_merge(entry.key)) {
        let brings = |source: Node<'_>| value::effective(source, key, 0).is_some();
        if value::merged(entry.value).into_iter().flatten().any(brings) {
            let message = format!("the merge key in line {} would override `{key}`", entry.key.line());
            let error = EditError::new(Obstacle::Shared, message).at(entry.key.span());
            return Err(error.help("Put the key behind the merge key."));
        }
    }
    Ok(())
}

/// Refuses to take an anchor away that an alias elsewhere needs.
fn refuse_losses(source: Source<'_>, node: Option<Node<'_>>, operation: &Operation) -> Result<(), EditError> {
    let Some(node) = node else { return Ok(()) };
    match operation {
        Operation::Replace(_) => {
            refuse_used_anchors(source.document, source.start(node), node.span().end as usize, Some(node))
        }
        Operation::Remove { number } => {
            let cell = source.cell(node, *number)?;
            refuse_used_anchors(source.document, cell.start, cell.end, None)
        }
        _ => Ok(()),
    }
}

impl<'d> Writer<'d> {
    fn write(
        &self,
        seats: &[Seat<'d>],
        node: Option<Node<'d>>,
        operation: &Operation,
    ) -> Result<Vec<TextEdit>, EditError> {
        let Some(node) = node else {
            return Ok(match operation {
                Operation::Replace(value) => self.replace_root(None, value),
                _ => Vec::new(),
            });
        };
        let is_flow = matches!(node.kind(), Kind::Sequence(Layout::Flow) | Kind::Mapping(Layout::Flow));
        let len = Source::len(node);
        match operation {
            Operation::Replace(value) => self.set(seats, node, value),
            Operation::InsertItem { at, value } => {
                if len == 0 && self.opens_as_block(seats, node, value) {
                    return self.set(seats, node, &Value::List(vec![value.clone()]));
                }
                let piece = Piece::Item(value);
                if is_flow {
                    self.insert_in_flow(node, seats, *at, &piece)
                } else {
                    self.insert(node, seats, *at, &piece)
                }
            }
            Operation::InsertKey { at, key, value } => {
                if len == 0 && self.opens_as_block(seats, node, value) {
                    return self.set(seats, node, &Value::Map(vec![(key.clone(), value.clone())]));
                }
                let piece = Piece::Entry(key, value);
                if is_flow {
                    self.insert_in_flow(node, seats, *at, &piece)
                } else {
                    self.insert(node, seats, *at, &piece)
                }
            }
            Operation::Remove { .. } if len == 1 => {
                let empty = if matches!(node.kind(), Kind::Sequence(_)) {
                    Value::List(Vec::new())
                } else {
                    Value::Map(Vec::new())
                };
                let (start, end) = (node.span().start as usize, node.span().end as usize);
                let cell = self.source.cell(node, 0)?;
                let has_comment =
                    self.source.has_comment(start, cell.start) || self.source.has_comment(cell.end, end);
                if is_flow && has_comment {
                    self.remove_in_flow(node, 0)
                } else {
                    self.set(seats, node, &empty)
                }
            }
            Operation::Remove { number } if is_flow => self.remove_in_flow(node, *number),
            Operation::Remove { number } => self.remove(node, *number),
            Operation::Rename { number, key } => self.rename(node, *number, key),
            Operation::Move { number, to } if number == to => Ok(Vec::new()),
            Operation::Move { number, to } if is_flow => self.relocate_in_flow(node, seats, *number, *to),
            Operation::Move { number, to } => self.relocate(node, seats, *number, *to),
        }
    }

    fn set(&self, seats: &[Seat<'d>], node: Node<'d>, value: &Value) -> Result<Vec<TextEdit>, EditError> {
        let parent = seats.last().and_then(|seat| seat.parent());
        match parent.map(|(collection, _)| collection.kind()) {
            Some(Kind::Sequence(Layout::Flow) | Kind::Mapping(Layout::Flow)) => {
                Ok(self.replace_in_flow(seats, node, value))
            }
            _ => self.replace(seats, node, value),
        }
    }

    /// Whether empty brackets or braces are better opened into lines for what is put into them.
    fn opens_as_block(&self, seats: &[Seat<'d>], node: Node<'d>, value: &Value) -> bool {
        let (start, end) = (node.span().start as usize, node.span().end as usize);
        let in_flow = seats.last().and_then(|seat| seat.parent()).is_some_and(|(collection, _)| {
            matches!(collection.kind(), Kind::Sequence(Layout::Flow) | Kind::Mapping(Layout::Flow))
        });
        if in_flow || self.source.has_comment(start, end) {
            return false;
        }
        match Self::key_of(seats) {
            Some(key) => self.style.is_flow(key).map_or(value.is_collection(), |is_flow| !is_flow),
            None => true,
        }
    }

    fn rename(&self, map: Node<'d>, number: usize, name: &str) -> Result<Vec<TextEdit>, EditError> {
        let Some(entry) = map.entries().nth(number).filter(|entry| !entry.key.span().is_empty()) else {
            return Err(EditError::unsupported("this key is not written", map.span()));
        };
        let key = entry.key;
        let is_flow = matches!(map.kind(), Kind::Mapping(Layout::Flow));
        let spot = if is_flow { Spot::FlowKey } else { Spot::Key };
        let quote = self.quote_for(&[], key);
        let text = self.printer(0, false).text(name, spot, quote);
        let start = if key.tag().is_some() { self.source.start(key) } else { key.span().start as usize };
        let anchor =
            key.anchor().filter(|_| key.tag().is_some()).map(|name| format!("&{name} ")).unwrap_or_default();
        let span = span(start, key.span().end as usize);
        Ok(vec![TextEdit::replace(span, format!("{anchor}{text}"))])
    }
}
