//! Changes of what is written by indentation.

use crate::text::TextEdit;
use crate::yaml::tree::{Kind, Node, ScalarStyle};

use super::error::EditError;
use super::locate::{Seat, is_null};
use super::print::{Printed, Printer, Under, needs_escape};
use super::source::{Source, span};
use super::style::{Quote, Style};
use super::value::Value;

/// Ways to make the same change, tried in turn until the result says what it must. The others than the first
/// are for texts in which white space has a meaning: block scalars with what follows them.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a way of its own, and they combine")]
pub(super) struct Variant {
    /// Puts new lines behind the empty lines, which may be those of a block scalar.
    pub(super) after_blanks: bool,
    /// Lets the block scalar at the end of a text without a final line break stay without one.
    pub(super) strip_last: bool,
    /// Gives the text a final line break.
    pub(super) final_break: bool,
    /// Takes no empty line away with what stood between two, and adds none.
    pub(super) keep_blanks: bool,
}

pub(super) const VARIANTS: [Variant; 6] = {
    let none = Variant { after_blanks: false, strip_last: false, final_break: false, keep_blanks: false };
    [
        none,
        Variant { keep_blanks: true, ..none },
        Variant { after_blanks: true, ..none },
        Variant { strip_last: true, ..none },
        Variant { final_break: true, ..none },
        Variant { strip_last: true, final_break: true, keep_blanks: true, ..none },
    ]
};

/// Makes the edits of one change of a text.
pub(super) struct Writer<'d> {
    pub(super) source: Source<'d>,
    pub(super) style: Style<'d>,
    pub(super) variant: Variant,
}

/// What to put among the cells of a collection.
pub(super) enum Piece<'a> {
    /// An item.
    Item(&'a Value),
    /// An entry.
    Entry(&'a str, &'a Value),
    /// The text of a cell of the same collection, which is taken away elsewhere, and in brackets the comment
    /// behind its comma.
    Moved(String, String),
}

impl<'d> Writer<'d> {
    pub(super) fn printer(&self, at: usize, block_scalars: bool) -> Printer<'_> {
        Printer { style: &self.style, newline: self.source.newline(at), block_scalars }
    }

    /// The key that `collection` is the value of, or that the list around it is.
    pub(super) fn key_of(seats: &[Seat<'d>]) -> Option<&'d str> {
        seats.iter().rev().find_map(|seat| match seat {
            Seat::Value { map, number } => map.entries().nth(*number)?.key.text(),
            Seat::Item { .. } | Seat::Root => None,
        })
    }

    /// The quotes for a text that takes the place of `old`: the same, or where it has nothing to show, those of
    /// its surroundings.
    pub(super) fn quote_for(&self, seats: &[Seat<'d>], old: Node<'d>) -> Option<Quote> {
        match old.kind() {
            Kind::Scalar { style: ScalarStyle::SingleQuoted, .. } => Some(Quote::Single),
            Kind::Scalar { style: ScalarStyle::DoubleQuoted, .. } => Some(Quote::Double),
            Kind::Scalar { .. } if !is_null(old) => None,
            _ => {
                let (collection, _) = seats.last()?.parent()?;
                self.quote_in(collection, Self::key_of(seats))
            }
        }
    }

    /// The quotes for a text that joins others in `collection`, as a value of `key`.
    pub(super) fn quote_in(&self, collection: Node<'d>, key: Option<&str>) -> Option<Quote> {
        Style::quote_among(collection).or_else(|| self.style.quote_of(key?))
    }

    /// Puts `value` in the place of `old`, which sits in a block collection.
    pub(super) fn replace(
        &self,
        seats: &[Seat<'d>],
        old: Node<'d>,
        value: &Value,
    ) -> Result<Vec<TextEdit>, EditError> {
        let source = self.source;
        let Some(&seat) = seats.last() else { return Ok(Vec::new()) };
        let Some((collection, number)) = seat.parent() else {
            return Ok(self.replace_root(Some(old), value));
        };
        let cell = source.cell(collection, number)?;
        let column = source.column(collection.span().start as usize);
        let is_item = matches!(seat, Seat::Item { .. });
        let mut after = if is_item {
            cell.start + 1
        } else {
            let entry = collection.entries().nth(number);
            entry.and_then(|entry| source.colon(entry)).map(|colon| colon + 1).ok_or_else(|| {
                EditError::unsupported("this key has no colon after which a value could stand", old.span())
            })?
        };
        let mut start = old.span().start as usize;
        let mut end = old.span().end as usize;
        let mut kept_anchor = String::new();
        if old.tag().is_some() {
            // The tag goes with the value that it is about; the anchor is the place's own.
            start = source.start(old);
            end = end.max(source.properties_end(old));
            kept_anchor = old.anchor().map(|name| format!("&{name}")).unwrap_or_default();
        } else if old.anchor().is_some() {
            after = source.properties_end(old);
        }
        let gap = if is_item && start > after && !source.has_break(after, start) && old.anchor().is_none() {
            start - after
        } else {
            self.style.gap
        };
        let under = match (is_item, old.anchor()) {
            (false, _) => Under::Key(column),
            (true, None) => Under::Dash(column, gap),
            (true, Some(_)) => Under::AnchoredDash(column),
        };
        let is_block_scalar = Source::is_block_scalar(old);
        // What stays on the line behind which the new text begins: a header's comment, or what follows a dash.
        let tail = if is_block_scalar { source.skip_header(start) } else { after };
        let is_inline = start < end && !source.has_break(after, start);
        let is_apart = start < end && !is_inline && source.next_line(after) != source.line_start(start);
        let has_tail = is_apart || (is_block_scalar || !is_inline) && source.break_len(tail) == 0;
        let printer = self.printer(end, !has_tail && source.can_end_open(end, column));
        let (quote, key) = (self.quote_for(seats, old), Self::key_of(seats));
        if let Some(edits) = self.rewrite_block_scalar(old, value, &printer) {
            return Ok(edits);
        }
        let mut printed = printer.value(value, under, key, quote);
        if !kept_anchor.is_empty() {
            let blank = if printed.head.is_empty() { "" } else { " " };
            printed.head = format!("{kept_anchor}{blank}{}", printed.head);
        }
        let blanks = if is_item { " ".repeat(gap) } else { " ".to_owned() };
        Ok(self.put(after, start, end, &blanks, &printed, is_block_scalar))
    }

    /// Writes `printed` behind `after`, the dash, the colon or an anchor, in place of what stands from `start` to
    /// `end`.
    fn put(
        &self,
        after: usize,
        start: usize,
        end: usize,
        blanks: &str,
        printed: &Printed,
        is_block_scalar: bool,
    ) -> Vec<TextEdit> {
        let source = self.source;
        let newline = source.newline(end);
        let Printed { head, below } = printed;
        let mut edits = Vec::new();
        let add_below = |at: usize, edits: &mut Vec<TextEdit>| {
            if !below.is_empty() {
                let at = source.line_end(at);
                edits.push(TextEdit::insert(at as u32, format!("{newline}{below}")));
            }
        };
        if start == end {
            if !head.is_empty() {
                edits.push(TextEdit::insert(after as u32, format!("{blanks}{head}")));
            }
            add_below(after, &mut edits);
        } else if !source.has_break(after, start) {
            let mut old_end = end;
            if is_block_scalar {
                // The header's comment stays.
                old_end = source.skip_header(start).min(end);
            }
            let tail = source.skip_blanks(old_end);
            if head.is_empty()
                && after > 0
                && source.begins_line(after - 1)
                && source.slice(old_end, tail).contains('\t')
            {
                // A line that begins with its indicator takes no tab behind it.
                let blank = if source.byte(tail) == Some(b'#') { " " } else { "" };
                edits.push(TextEdit::replace(span(after, tail), blank));
            } else if head.is_empty() {
                edits.push(TextEdit::delete(span(after, old_end)));
            } else {
                let blank = if source.byte(old_end) == Some(b'#') { " " } else { "" };
                edits.push(TextEdit::replace(span(start, old_end), format!("{head}{blank}")));
            }
            if is_block_scalar {
                let header_end = source.line_end(old_end).min(end.max(old_end));
                let text = if below.is_empty() { String::new() } else { format!("{newline}{below}") };
                edits.push(TextEdit::replace(span(header_end, end), text));
            } else {
                add_below(end, &mut edits);
            }
        } else {
            if !head.is_empty() {
                edits.push(TextEdit::insert(after as u32, format!("{blanks}{head}")));
            }
            let line = source.line_start(start);
            if below.is_empty() {
                edits.push(TextEdit::delete(self.lines(line, end)));
            } else {
                edits.push(TextEdit::replace(span(line, end), below.clone()));
            }
        }
        edits
    }

    /// The whole lines from the one that begins at `line` to the one that holds `end`. At the end of a text
    /// without a final line break it is the break before that goes.
    fn lines(&self, line: usize, end: usize) -> crate::text::Span {
        let source = self.source;
        let last = source.line_end(end);
        if source.break_len(last) > 0 || self.variant.final_break {
            return span(line, source.next_line(end));
        }
        let before = (1..=3)
            .rev()
            .filter_map(|len| line.checked_sub(len).map(|at| (at, len)))
            .find(|&(at, len)| source.break_len(at) == len)
            .map_or(line, |(at, _)| at);
        span(before, last)
    }

    /// Changes the lines of a block scalar and leaves its header, where the new text can stand there.
    fn rewrite_block_scalar(
        &self,
        old: Node<'d>,
        value: &Value,
        printer: &Printer<'_>,
    ) -> Option<Vec<TextEdit>> {
        let source = self.source;
        let Value::Text(text) = value else { return None };
        let Kind::Scalar { style, .. } = old.kind() else { return None };
        if !Source::is_block_scalar(old) || old.tag().is_some() {
            return None;
        }
        let (start, end) = (old.span().start as usize, old.span().end as usize);
        let is_stripped = match source.slice(start, source.skip_header(start)) {
            "|" | ">" => false,
            "|-" | ">-" => true,
            _ => return None,
        };
        let body = if is_stripped { text.as_str() } else { text.strip_suffix('\n')? };
        let first = source.next_line(start);
        let content = source.skip_trivia_lines(first);
        let fits = !body.is_empty()
            && !body.starts_with([' ', '\n', '\t'])
            && !body.ends_with('\n')
            && (style == ScalarStyle::Literal || !body.contains('\n'))
            && !body.chars().any(|c| c != '\n' && needs_escape(c))
            && content < end
            && (is_stripped || source.line_end(end) < source.text.len());
        if !fits {
            return None;
        }
        let lines = printer.block_lines(body, source.column(content))?;
        Some(vec![TextEdit::replace(span(first, end), lines)])
    }

    /// Puts `value` in the place of the document.
    pub(super) fn replace_root(&self, old: Option<Node<'d>>, value: &Value) -> Vec<TextEdit> {
        let source = self.source;
        let len = source.text.len();
        let is_terminated = source.line_start(len) == len;
        let Some(old) = old else {
            let newline = source.newline(len);
            let Printed { head, below } =
                self.printer(len, is_terminated).value(value, Under::Nothing, None, None);
            let (before, after) = if is_terminated { ("", newline) } else { (newline, "") };
            return vec![TextEdit::insert(len as u32, format!("{before}{head}{below}{after}"))];
        };
        let (start, end) = (source.start(old), old.span().end as usize);
        let printed = self.printer(end, source.can_end_open(end, 0)).value(value, Under::Nothing, None, None);
        let line = source.line_start(start);
        if source.slice(line, len).starts_with("---") {
            return self.put(line + 3, start, end, " ", &printed, Source::is_block_scalar(old));
        }
        let Printed { head, below } = printed;
        vec![TextEdit::replace(span(line, end), format!("{head}{below}"))]
    }

    /// Puts a piece before the cell `at` of a block collection, or behind its last.
    pub(super) fn insert(
        &self,
        collection: Node<'d>,
        seats: &[Seat<'d>],
        at: usize,
        piece: &Piece<'_>,
    ) -> Result<Vec<TextEdit>, EditError> {
        let source = self.source;
        let len = Source::len(collection);
        let column = source.column(collection.span().start as usize);
        let indent = " ".repeat(column);
        let first = source.cell(collection, 0)?;
        let is_spaced = {
            let below = if at == 0 || at >= len { at.saturating_sub(1).max(1) } else { at };
            below < len && source.is_blank_above(source.head_start(source.cell(collection, below)?))
        };
        let text = |place: usize, block_scalars: bool| {
            let printer = self.printer(place, block_scalars);
            match piece {
                Piece::Item(value) => {
                    let gap = self.gap(collection).unwrap_or(self.style.gap);
                    let key = Self::key_of(seats);
                    printer.item(value, column, gap, key, self.quote_in(collection, key))
                }
                Piece::Entry(key, value) => {
                    let quote = self.quote_in(collection, Some(key));
                    printer.entry(key, value, column, quote, Style::quote_of_keys(collection))
                }
                Piece::Moved(text, _) => text.clone(),
            }
        };
        let newline = source.newline(first.start);
        let blank = if is_spaced && !self.variant.keep_blanks { newline } else { "" };
        if at == 0 {
            if source.begins_line(first.start) {
                let place = source.line_start(source.head_start(first));
                let text = format!("{indent}{}{newline}{blank}", text(place, true));
                return Ok(vec![TextEdit::insert(place as u32, text)]);
            }
            let text = format!("{}{newline}{indent}", text(first.start, true));
            return Ok(vec![TextEdit::insert(first.start as u32, text)]);
        }
        let previous = source.cell(collection, at - 1)?;
        let end = source.extent_end(previous);
        let newline = source.newline(end);
        if self.variant.after_blanks {
            let mut line = source.next_line(end);
            while line < source.text.len() && source.is_bare_after(line) {
                line = source.next_line(line);
            }
            let text = text(line, false);
            let is_terminated = source.line_start(line) == line;
            let text = if is_terminated {
                format!("{indent}{text}{newline}")
            } else {
                format!("{newline}{indent}{text}")
            };
            return Ok(vec![TextEdit::insert(line as u32, text)]);
        }
        let text = text(end, source.can_end_open(end, column));
        Ok(vec![TextEdit::insert(end as u32, format!("{newline}{blank}{indent}{text}"))])
    }

    /// How many blanks follow the first dash of a list.
    fn gap(&self, list: Node<'d>) -> Option<usize> {
        let item = list.items().next()?;
        let dash = list.span().start as usize;
        let content = self.source.start(item);
        (content > dash + 1 && !self.source.has_break(dash, content)).then(|| content - dash - 1)
    }

    /// Takes a cell out of a block collection that has others.
    pub(super) fn remove(&self, collection: Node<'d>, number: usize) -> Result<Vec<TextEdit>, EditError> {
        let cell = self.source.cell(collection, number)?;
        self.cut(collection, number, cell.start)
    }

    /// Takes a cell away, with what stands before it from `head`.
    fn cut(&self, collection: Node<'d>, number: usize, head: usize) -> Result<Vec<TextEdit>, EditError> {
        let source = self.source;
        let cell = source.cell(collection, number)?;
        let end = source.extent_end(cell);
        if !source.begins_line(head) {
            let next = source.cell(collection, number + 1)?;
            let span = if source.has_comment(end, next.start) {
                span(source.before_blanks(head), end)
            } else {
                span(head, next.start)
            };
            return Ok(vec![TextEdit::delete(span)]);
        }
        let line = source.line_start(head);
        let mut lines = self.lines(line, end);
        if !self.variant.keep_blanks && source.is_blank_above(line) {
            let after = lines.end as usize;
            if after < source.text.len()
                && source.is_bare_after(after)
                && source.break_len(source.line_end(after)) > 0
            {
                lines = span(line, source.next_line(after));
            }
        }
        Ok(vec![TextEdit::delete(lines)])
    }

    /// Moves a cell of a block collection to another place in it, with the comments right above it.
    pub(super) fn relocate(
        &self,
        collection: Node<'d>,
        seats: &[Seat<'d>],
        number: usize,
        to: usize,
    ) -> Result<Vec<TextEdit>, EditError> {
        let source = self.source;
        let cell = source.cell(collection, number)?;
        let head = source.head_start(cell);
        let mut text = source.slice(head, source.extent_end(cell)).to_owned();
        let mut edits = self.cut(collection, number, head)?;
        if self.variant.strip_last
            && let Some(strip) = self.strip_last()
        {
            let inside = (strip.span.start as usize).checked_sub(head).filter(|at| *at < text.len());
            match inside {
                Some(at) => text.replace_range(at..at + strip.span.len() as usize, &strip.text),
                None => edits.push(strip),
            }
        }
        let takes_end = edits.iter().any(|edit| edit.span.end as usize == source.text.len());
        let at = if number < to { to + 1 } else { to };
        edits.extend(self.insert(collection, seats, at, &Piece::Moved(text, String::new()))?);
        if self.variant.final_break && !takes_end {
            edits.push(TextEdit::insert(source.text.len() as u32, source.newline(head)));
        }
        Ok(edits)
    }

    /// Lets the block scalar with which a text without a final line break ends stay without one when something
    /// comes behind it: a `-` in its header.
    pub(super) fn strip_last(&self) -> Option<TextEdit> {
        let len = self.source.text.len();
        let document = self.source.document;
        let last = (0..document.nodes.len())
            .map(|id| document.node(id as u32))
            .find(|node| Source::is_block_scalar(*node) && node.span().end as usize == len)?;
        let start = last.span().start as usize;
        let header = self.source.slice(start, self.source.skip_header(start));
        Some(match header.find('+') {
            Some(plus) => TextEdit::replace(span(start + plus, start + plus + 1), "-"),
            None => TextEdit::insert(start as u32 + 1, "-"),
        })
    }
}
