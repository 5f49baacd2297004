//! Changes of what is written in brackets and braces.

use crate::text::TextEdit;
use crate::yaml::tree::{Kind, Node};

use super::block::{Piece, Writer};
use super::error::EditError;
use super::locate::Seat;
use super::print::Spot;
use super::source::{Cell, Source, span};
use super::style::Style;
use super::value::Value;

impl<'d> Writer<'d> {
    /// Puts `value` in the place of `old`, which sits in brackets or braces.
    pub(super) fn replace_in_flow(&self, seats: &[Seat<'d>], old: Node<'d>, value: &Value) -> Vec<TextEdit> {
        let source = self.source;
        let (quote, key) = (self.quote_for(seats, old), Self::key_of(seats));
        let is_item = matches!(seats.last(), Some(Seat::Item { .. }));
        let spot = if is_item { Spot::FlowItem } else { Spot::FlowValue };
        let mut text = self.printer(0, false).flow(value, spot, key, quote);
        let (mut start, end) = (old.span().start as usize, old.span().end as usize);
        if old.tag().is_some() {
            start = source.start(old);
            if let Some(name) = old.anchor() {
                text = format!("&{name} {text}");
            }
        }
        if start == end {
            let entry = seats.last().and_then(|seat| match seat {
                Seat::Value { map, number } => map.entries().nth(*number),
                _ => None,
            });
            let has_colon = entry.is_none_or(|entry| source.colon(entry).is_some_and(|colon| colon < start));
            text.insert_str(0, if has_colon { " " } else { ": " });
        }
        if source.byte(end) == Some(b'#') {
            text.push(' ');
        }
        vec![TextEdit::replace(span(start, end), text)]
    }

    /// Puts a piece before the cell `at` of a collection in brackets or braces, or behind its last.
    pub(super) fn insert_in_flow(
        &self,
        collection: Node<'d>,
        seats: &[Seat<'d>],
        at: usize,
        piece: &Piece<'_>,
    ) -> Result<Vec<TextEdit>, EditError> {
        let source = self.source;
        let printer = self.printer(0, false);
        let text = match piece {
            Piece::Item(value) => {
                let key = Self::key_of(seats);
                printer.flow(value, Spot::FlowItem, key, self.quote_in(collection, key))
            }
            Piece::Entry(key, value) => {
                let quote = self.quote_in(collection, Some(key));
                printer.flow_entry(key, value, quote, Style::quote_of_keys(collection))
            }
            Piece::Moved(text, _) => text.clone(),
        };
        // A comment needs the line's end, so that it goes behind the comma.
        let tail = if let Piece::Moved(_, tail) = piece { tail.as_str() } else { "" };
        let (start, end) = (collection.span().start as usize, collection.span().end as usize);
        let len = Source::len(collection);
        if len == 0 {
            let inside = source.slice(start + 1, end.saturating_sub(1));
            if inside.bytes().all(|byte| byte == b' ') {
                let is_map = matches!(collection.kind(), Kind::Mapping(_));
                let pad = if is_map && self.style.is_padded { " " } else { "" };
                let span = span(start + 1, end.saturating_sub(1));
                return Ok(vec![TextEdit::replace(span, format!("{pad}{text}{pad}"))]);
            }
            let blank = if source.byte(start + 1) == Some(b'#') { " " } else { "" };
            return Ok(vec![TextEdit::insert(start as u32 + 1, format!("{text}{blank}"))]);
        }
        let mut edits = Vec::new();
        let is_pair = matches!(collection.kind(), Kind::Mapping(_)) && !source.has_braces(collection);
        if is_pair {
            edits.push(TextEdit::insert(start as u32, "{"));
        }
        if at == 0 {
            let first = source.cell(collection, 0)?;
            let joint = match self.own_line(first, start + 1) {
                Some(indent) => format!("{tail}{}{indent}", source.newline(first.start)),
                None => " ".to_owned(),
            };
            edits.push(TextEdit::insert(first.start as u32, format!("{text},{joint}")));
        } else {
            let previous = source.cell(collection, at - 1)?;
            let before = if at > 1 { source.cell(collection, at - 2)?.end } else { start + 1 };
            let behind_colon = if source.ends_with_colon(collection, at - 1) { " " } else { "" };
            let comma = self.comma(previous);
            let behind = comma.map_or(previous.end, |comma| comma + 1);
            match self.own_line(previous, before).filter(|_| source.ends_line(behind)) {
                Some(indent) => {
                    if comma.is_none() {
                        edits.push(TextEdit::insert(previous.end as u32, format!("{behind_colon},")));
                    }
                    let place = source.line_end(behind);
                    let joint = source.newline(place);
                    let comma = if comma.is_some() { "," } else { "" };
                    edits.push(TextEdit::insert(place as u32, format!("{joint}{indent}{text}{comma}{tail}")));
                }
                None => {
                    let blank = if source.byte(previous.end) == Some(b'#') { " " } else { "" };
                    let text = format!("{behind_colon}, {text}{blank}");
                    edits.push(TextEdit::insert(previous.end as u32, text));
                }
            }
        }
        if is_pair {
            edits.push(TextEdit::insert(end as u32, "}"));
        }
        Ok(edits)
    }

    /// The indentation of a cell that begins a line of its own: the line is not the one of `before`.
    fn own_line(&self, cell: Cell, before: usize) -> Option<&'d str> {
        let source = self.source;
        let line = source.line_start(cell.start);
        (source.begins_line(cell.start) && before <= line && line > 0).then(|| source.slice(line, cell.start))
    }

    /// Where the comma behind a cell stands.
    fn comma(&self, cell: Cell) -> Option<usize> {
        let at = self.source.skip_trivia(cell.end);
        (self.source.byte(at) == Some(b',')).then_some(at)
    }

    /// Takes a cell out of a collection in brackets or braces that has others.
    pub(super) fn remove_in_flow(
        &self,
        collection: Node<'d>,
        number: usize,
    ) -> Result<Vec<TextEdit>, EditError> {
        let source = self.source;
        let len = Source::len(collection);
        let cell = source.cell(collection, number)?;
        let comma = self.comma(cell);
        let next = if number + 1 < len { Some(source.cell(collection, number + 1)?) } else { None };
        let previous = number.checked_sub(1).map(|number| source.cell(collection, number)).transpose()?;
        let behind = self.behind(cell);
        let delete = |start: usize, end: usize| TextEdit::delete(span(start, end));
        let before = previous.map_or(collection.span().start as usize + 1, |cell| cell.end);
        // The comma before a last item without one would become a last comma.
        let stray = || {
            let stray =
                previous.filter(|_| next.is_none() && comma.is_none()).and_then(|cell| self.comma(cell));
            stray.map(|comma| delete(comma, comma + 1))
        };
        let own_lines = self.own_line(cell, before).is_some()
            && source.ends_line(behind)
            && source.line_end(behind) < collection.span().end as usize;
        if own_lines {
            let lines = delete(source.line_start(cell.start), source.next_line(behind));
            return Ok(stray().into_iter().chain([lines]).collect());
        }
        if let Some(next) = next.filter(|next| !source.has_comment(cell.end, next.start)) {
            return Ok(vec![delete(cell.start, next.start)]);
        }
        if let Some(previous) = previous.filter(|previous| !source.has_comment(previous.end, cell.start)) {
            let blank = if source.ends_with_colon(collection, number - 1) { " " } else { "" };
            return Ok(vec![TextEdit::replace(span(previous.end, cell.end), blank)]);
        }
        let own_comma = comma.map(|comma| delete(comma, comma + 1));
        Ok(stray().into_iter().chain([delete(cell.start, cell.end)]).chain(own_comma).collect())
    }

    /// Moves a cell to another place in its brackets or braces.
    pub(super) fn relocate_in_flow(
        &self,
        collection: Node<'d>,
        seats: &[Seat<'d>],
        number: usize,
        to: usize,
    ) -> Result<Vec<TextEdit>, EditError> {
        let source = self.source;
        let cell = source.cell(collection, number)?;
        let target = source.cell(collection, to)?;
        let line_of = |cell: Cell| source.begins_line(cell.start) && source.ends_line(self.behind(cell));
        let stand_alone =
            line_of(cell) && line_of(target) && !source.has_comment(cell.end, self.behind(cell));
        let (low, high) = (number.min(to), number.max(to));
        if !stand_alone {
            return self.rotate(collection, low, high, number < to);
        }
        let text = self.cell_text(collection, number)?;
        let behind = self.behind(cell);
        let tail = source.slice(source.before_blanks(behind), source.line_end(behind)).trim_end().to_owned();
        let at = if number < to { to + 1 } else { to };
        let mut edits = self.remove_in_flow(collection, number)?;
        edits.extend(self.insert_in_flow(collection, seats, at, &Piece::Moved(text, tail))?);
        Ok(edits)
    }

    /// One past the comma behind a cell, or past the cell.
    fn behind(&self, cell: Cell) -> usize {
        self.comma(cell).map_or(cell.end, |comma| comma + 1)
    }

    /// The text of a cell, as it can stand before a comma.
    fn cell_text(&self, collection: Node<'d>, number: usize) -> Result<String, EditError> {
        let cell = self.source.cell(collection, number)?;
        let blank = if self.source.ends_with_colon(collection, number) { " " } else { "" };
        Ok(format!("{}{blank}", self.source.slice(cell.start, cell.end)))
    }

    /// Moves a cell past others by giving each the next one's place, so that commas and comments stay where
    /// they are.
    fn rotate(
        &self,
        collection: Node<'d>,
        low: usize,
        high: usize,
        forwards: bool,
    ) -> Result<Vec<TextEdit>, EditError> {
        let mut cells = Vec::with_capacity(high - low + 1);
        let mut texts = Vec::with_capacity(high - low + 1);
        for number in low..=high {
            cells.push(self.source.cell(collection, number)?);
            texts.push(self.cell_text(collection, number)?);
        }
        if forwards {
            texts.rotate_left(1);
        } else {
            texts.rotate_right(1);
        }
        let edits = cells
            .iter()
            .zip(texts)
            .map(|(cell, text)| TextEdit::replace(span(cell.start, cell.end), text))
            .collect();
        Ok(edits)
    }
}
