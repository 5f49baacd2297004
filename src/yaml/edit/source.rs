//! The text around the tree: lines, columns, and where dashes, colons and commas stand, which the tree does
//! not keep.

use crate::text::Span;
use crate::yaml::tree::{Document, Entry, Kind, Node, ScalarStyle, Style};

use super::error::EditError;

/// A text and its tree. Every question is answered for any offset, so that a tree of another text gives
/// nonsense, which the check of the result refuses, and no panic.
#[derive(Clone, Copy)]
pub(super) struct Source<'d> {
    pub(super) text: &'d str,
    pub(super) document: &'d Document,
}

/// What a collection holds, one after the other: an item with its dash, an entry with its key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// The dash, the key, or what stands before a key: its anchor, its tag, a `?`.
    pub(super) start: usize,
    /// One past its value.
    pub(super) end: usize,
}

impl<'d> Source<'d> {
    fn bytes(&self) -> &'d [u8] {
        self.text.as_bytes()
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.bytes().get(at).copied()
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'d str {
        self.text.get(start..end).unwrap_or("")
    }

    /// The length of the line break at `at`, of those that go-yaml knows; 0 where there is none.
    pub(super) fn break_len(&self, at: usize) -> usize {
        match self.bytes().get(at..).unwrap_or_default() {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            [0xc2, 0x85, ..] => 2,
            [0xe2, 0x80, 0xa8 | 0xa9, ..] => 3,
            _ => 0,
        }
    }

    /// Where the line that holds `at` begins, after a byte order mark.
    pub(super) fn line_start(&self, at: usize) -> usize {
        let before = self.bytes().get(..at).unwrap_or_default();
        let found = (0..before.len()).rev().find(|&last| {
            matches!(
                (
                    before[last],
                    last.checked_sub(1).map(|it| before[it]),
                    last.checked_sub(2).map(|it| before[it])
                ),
                (b'\n' | b'\r', _, _) | (0x85, Some(0xc2), _) | (0xa8 | 0xa9, Some(0x80), Some(0xe2))
            )
        });
        let bom = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        found.map_or(bom.min(at), |last| last + 1)
    }

    /// Where the line that holds `at` ends, before its break.
    pub(super) fn line_end(&self, at: usize) -> usize {
        (at..self.text.len()).find(|&at| self.break_len(at) > 0).unwrap_or(self.text.len())
    }

    /// Where the next line begins; the end of the text where there is none.
    pub(super) fn next_line(&self, at: usize) -> usize {
        let end = self.line_end(at);
        end + self.break_len(end)
    }

    /// The characters before `at` in its line, as go-yaml compares indentations.
    pub(super) fn column(&self, at: usize) -> usize {
        self.slice(self.line_start(at), at).chars().count()
    }

    pub(super) fn skip_blanks(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        at
    }

    /// Steps over blanks, line breaks and comments.
    pub(super) fn skip_trivia(&self, mut at: usize) -> usize {
        loop {
            at = self.skip_blanks(at);
            if self.byte(at) == Some(b'#') {
                at = self.line_end(at);
            }
            match self.break_len(at) {
                0 => return at,
                len => at += len,
            }
        }
    }

    /// Steps over empty lines to the first character of one that is not.
    pub(super) fn skip_trivia_lines(&self, mut at: usize) -> usize {
        loop {
            at = self.skip_blanks(at);
            match self.break_len(at) {
                0 => return at,
                len => at += len,
            }
        }
    }

    /// Where the header of the block scalar at `at` ends.
    pub(super) fn skip_header(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), Some(b'|' | b'>' | b'+' | b'-' | b'0'..=b'9')) {
            at += 1;
        }
        at
    }

    /// Where the blanks before `at` begin, on its line.
    pub(super) fn before_blanks(&self, mut at: usize) -> usize {
        while at > 0 && matches!(self.byte(at - 1), Some(b' ' | b'\t')) {
            at -= 1;
        }
        at
    }

    /// Whether only blanks stand before `at` on its line.
    pub(super) fn begins_line(&self, at: usize) -> bool {
        self.slice(self.line_start(at), at).bytes().all(|byte| matches!(byte, b' ' | b'\t'))
    }

    /// Whether only blanks, and a comment, follow `at` on its line.
    pub(super) fn ends_line(&self, at: usize) -> bool {
        let at = self.skip_blanks(at);
        at >= self.text.len() || self.byte(at) == Some(b'#') || self.break_len(at) > 0
    }

    /// Whether nothing but blanks follows `at` on its line.
    pub(super) fn is_bare_after(&self, at: usize) -> bool {
        let at = self.skip_blanks(at);
        at >= self.text.len() || self.break_len(at) > 0
    }

    pub(super) fn has_break(&self, start: usize, end: usize) -> bool {
        (start..end.min(self.text.len())).any(|at| self.break_len(at) > 0)
    }

    /// Whether a comment begins between `start` and `end`.
    pub(super) fn has_comment(&self, start: usize, end: usize) -> bool {
        let comments = self.document.comments();
        let next = comments.partition_point(|comment| (comment.span.start as usize) < start);
        comments.get(next).is_some_and(|comment| (comment.span.start as usize) < end)
    }

    /// The line break in use around `at`: its own line's, that of the line before, or a newline.
    pub(super) fn newline(&self, at: usize) -> &'d str {
        let end = self.line_end(at);
        let own = self.slice(end, end + self.break_len(end));
        if !own.is_empty() {
            return own;
        }
        let start = self.line_start(at);
        let before = self.slice(0, start);
        if before.ends_with("\r\n") {
            "\r\n"
        } else {
            // A break of another kind stays where it is; new lines get the usual one.
            match before.as_bytes().last() {
                Some(b'\r') => "\r",
                _ => "\n",
            }
        }
    }

    /// Where a node begins with its anchor and its tag.
    pub(super) fn start(&self, node: Node<'_>) -> usize {
        self.document.data(node.id()).start as usize
    }

    /// Where a node's anchor and tag end; where it begins if it has none.
    pub(super) fn properties_end(&self, node: Node<'_>) -> usize {
        let start = self.start(node);
        if node.anchor().is_none() && node.tag().is_none() {
            return node.span().start as usize;
        }
        let mut at = start;
        let mut end = start;
        for _ in 0..2 {
            let is_word = match self.byte(at) {
                Some(b'&') => |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
                Some(b'!') => |byte: u8| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'),
                _ => break,
            };
            at += 1;
            while self.byte(at).is_some_and(is_word) && self.break_len(at) == 0 {
                at += 1;
            }
            end = at;
            at = self.skip_trivia(at);
            if at >= node.span().start as usize {
                break;
            }
        }
        end
    }

    /// How many parts a collection has.
    pub(super) fn len(node: Node<'_>) -> usize {
        match node.kind() {
            Kind::Sequence(_) => node.items().len(),
            Kind::Mapping(_) => node.entries().len(),
            _ => 0,
        }
    }

    /// A part of a collection.
    pub(super) fn cell(&self, collection: Node<'d>, number: usize) -> Result<Cell, EditError> {
        self.find_cell(collection, number).ok_or_else(|| {
            EditError::unsupported("this cannot be found again in the text", collection.span())
        })
    }

    fn find_cell(&self, collection: Node<'d>, number: usize) -> Option<Cell> {
        let before = number.checked_sub(1);
        match collection.kind() {
            Kind::Sequence(style) => {
                let item = collection.items().nth(number)?;
                let previous = before.and_then(|number| collection.items().nth(number));
                let start = self.cell_start(collection, style, previous.map(|node| self.item_end(node)))?;
                let end = self.item_end(item).max(start + usize::from(style == Style::Block));
                let is_dash = style == Style::Flow || self.byte(start) == Some(b'-');
                (is_dash && end >= start).then_some(Cell { start, end })
            }
            Kind::Mapping(style) => {
                let entry = collection.entries().nth(number)?;
                let previous = before.and_then(|number| collection.entries().nth(number));
                let previous_end = previous.map(|entry| self.entry_end(entry));
                let start = if before.is_none() && !self.has_braces(collection) {
                    collection.span().start as usize
                } else {
                    self.cell_start(collection, style, previous_end)?
                };
                let end = self.entry_end(entry);
                (end >= start).then_some(Cell { start, end })
            }
            _ => None,
        }
    }

    fn cell_start(&self, collection: Node<'d>, style: Style, previous_end: Option<usize>) -> Option<usize> {
        let start = collection.span().start as usize;
        match (style, previous_end) {
            (Style::Block, None) => Some(start),
            (Style::Block, Some(end)) => Some(self.skip_trivia(end)),
            (Style::Flow, None) => Some(self.skip_trivia(start + 1)),
            (Style::Flow, Some(end)) => {
                let comma = self.skip_trivia(end);
                (self.byte(comma) == Some(b',')).then(|| self.skip_trivia(comma + 1))
            }
        }
    }

    /// Whether a mapping stands in braces: one of a single entry in a list in brackets need not.
    pub(super) fn has_braces(&self, mapping: Node<'_>) -> bool {
        matches!(mapping.kind(), Kind::Mapping(Style::Flow))
            && self.byte(mapping.span().start as usize) == Some(b'{')
    }

    fn item_end(&self, node: Node<'_>) -> usize {
        let end = (node.span().end as usize).max(self.properties_end(node));
        self.kept_lines_end(node).map_or(end, |kept| kept.max(end))
    }

    /// Where the empty lines end that a block scalar with which a node ends keeps, as its header's `+` says.
    fn kept_lines_end(&self, node: Node<'_>) -> Option<usize> {
        let mut last = node;
        while let Kind::Sequence(Style::Block) | Kind::Mapping(Style::Block) = last.kind() {
            last = last.items().last().or_else(|| last.entries().last().map(|entry| entry.value))?;
        }
        let start = last.span().start as usize;
        if !Self::is_block_scalar(last) || !self.slice(start, self.skip_header(start)).contains('+') {
            return None;
        }
        let mut end = last.span().end as usize;
        loop {
            let line = self.next_line(end);
            if line >= self.text.len() || !self.is_bare_after(line) || line <= end {
                return Some(end);
            }
            end = line;
        }
    }

    /// Whether a cell in brackets or braces ends with a colon behind which nothing stands. The colon would be
    /// part of the word before it if it were followed by a comma.
    pub(super) fn ends_with_colon(&self, collection: Node<'d>, number: usize) -> bool {
        let entry = match collection.items().nth(number) {
            Some(item) if !self.has_braces(item) => item.entries().last(),
            Some(_) => None,
            None => collection.entries().nth(number),
        };
        entry.is_some_and(|entry| {
            let end = entry.value.span().end as usize;
            entry.value.span().is_empty() && end > 0 && self.byte(end - 1) == Some(b':')
        })
    }

    fn entry_end(&self, entry: Entry<'_>) -> usize {
        (entry.key.span().end as usize).max(self.item_end(entry.value))
    }

    /// Where the colon of an entry stands.
    pub(super) fn colon(&self, entry: Entry<'_>) -> Option<usize> {
        let at = self.skip_trivia(entry.key.span().end as usize);
        (self.byte(at) == Some(b':')).then_some(at)
    }

    /// Where what belongs to a cell of a block collection ends, before its line break: its line's comment, and
    /// the comments below that stand deeper than the cell.
    pub(super) fn extent_end(&self, cell: Cell) -> usize {
        let column = self.column(cell.start);
        let mut end = self.line_end(cell.end);
        let mut line = self.next_line(cell.end);
        while line < self.text.len() {
            let content = self.skip_blanks(line);
            if self.byte(content) == Some(b'#') {
                if self.column(content) <= column {
                    break;
                }
                end = self.line_end(content);
            } else if self.break_len(content) == 0 {
                break;
            }
            line = self.next_line(content);
        }
        end
    }

    /// Where the comments begin that stand right above a cell, in its column.
    pub(super) fn head_start(&self, cell: Cell) -> usize {
        let column = self.column(cell.start);
        let mut head = cell.start;
        if !self.begins_line(cell.start) {
            return head;
        }
        loop {
            let Some(above) = self.line_above(head) else { return head };
            let content = self.skip_blanks(above);
            if self.byte(content) != Some(b'#') || self.column(content) != column {
                return head;
            }
            head = content;
        }
    }

    /// Whether the line above the one that holds `at` is empty.
    pub(super) fn is_blank_above(&self, at: usize) -> bool {
        self.line_above(at).is_some_and(|above| self.is_bare_after(above))
    }

    /// Where the line above the one that holds `at` begins.
    fn line_above(&self, at: usize) -> Option<usize> {
        let end = self.line_start(at);
        let len =
            (1..=3).rev().find(|&len| end.checked_sub(len).is_some_and(|at| self.break_len(at) == len))?;
        Some(self.line_start(end - len))
    }

    /// Whether a block scalar may end at `at`, below a dash or a key in `column`: nothing follows on the line, and
    /// no line up to the next cell is deep enough to become part of it.
    pub(super) fn can_end_open(&self, at: usize, column: usize) -> bool {
        if self.break_len(at) == 0 {
            return false;
        }
        let mut line = self.next_line(at);
        while line < self.text.len() {
            let content = self.skip_blanks(line);
            let is_blank = content >= self.text.len() || self.break_len(content) > 0;
            if !is_blank && self.byte(content) != Some(b'#') {
                return true;
            }
            if self.column(content) > column {
                return false;
            }
            line = self.next_line(content);
        }
        true
    }

    /// Whether a scalar stands over several lines by its indentation, and its text therefore ends with them.
    pub(super) fn is_block_scalar(node: Node<'_>) -> bool {
        matches!(node.kind(), Kind::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. })
    }
}

/// The span of `start..end`; empty where they are the wrong way round.
pub(super) fn span(start: usize, end: usize) -> Span {
    Span::from(start..end.max(start))
}
