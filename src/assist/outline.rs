//! Where a caret stands in a text that may be half-typed: the path of keys and items to it, read from indentation
//! and brackets alone.
//!
//! The parser would say the same of a whole text; but while one types, the line with the caret is broken, and
//! what a broken line means to the rest of the file is a guess. Lines with less indentation are what they are,
//! whatever stands on this one.

use std::borrow::Cow;

use crate::text::Span;

use super::flow;

/// How many bytes of brackets or of a scalar over several lines are looked at.
pub(super) const MAX_VALUE: usize = 1 << 16;
/// How deep a path may lead; Prometheus' own types end after a dozen levels.
const MAX_STEPS: usize = 64;

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// To the value of a key.
    Key(String),
    /// To an item of a list.
    Item,
}

/// What is written at the caret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A key: a colon follows it, or only keys may stand there. The path leads to its mapping.
    Key,
    /// Perhaps a key, perhaps a value; the path leads to what it would be, or would be a key of.
    Open,
    /// The value of the key, or the item, at which the path ends.
    Value,
}

/// How the word at the caret is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    Plain,
    Single,
    Double,
    /// `|` or `>`.
    Block,
}

/// A key, its value's place, and where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) key: Span,
    /// From behind the colon to before the next key; blank where nothing is written.
    pub(super) value: Span,
}

/// A mapping on the way to the caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// No mapping: the step is to an item.
    Item,
    /// In block style: the start of a line that holds one of its keys, or of the caret's, and their column.
    Block { line: usize, column: usize },
    /// In braces.
    Flow(Vec<Entry>),
}

/// A caret's place.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) path: Vec<Step>,
    /// For each step, the mapping in which its key stands.
    pub(super) levels: Vec<Level>,
    /// The mapping that a key at the caret would stand in.
    pub(super) here: Level,
    pub(super) role: Role,
    /// The word at the caret, inside of its quotes; empty where there is none.
    pub(super) word: Span,
    pub(super) writing: Writing,
    /// The scalar at the caret, quotes included. For a block scalar: from its header.
    pub(super) scalar: Span,
    pub(super) is_flow: bool,
    /// Whether a colon follows the word.
    pub(super) has_colon: bool,
    /// The column of the key or dash whose value this is, `None` at the top.
    pub(super) owner: Option<usize>,
}

/// A key in block style.
struct KeyAt<'t> {
    column: usize,
    name: Cow<'t, str>,
    key: Span,
    /// Where its value begins, or would.
    value: usize,
}

/// A line of block style, as it looks alone.
struct Line<'t> {
    start: usize,
    text: &'t str,
    dashes: Vec<usize>,
    /// The column of what follows the dashes.
    content: usize,
    key: Option<KeyAt<'t>>,
}

/// What opens a level: a dash or a key.
struct Opener {
    line: usize,
    column: usize,
    step: Step,
    value: usize,
    /// Whether a key or a dash follows the dash.
    is_nested: bool,
}

/// The line that `offset` is in: start and end, the end's newline excluded.
fn line_around(text: &str, offset: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let start = memchr::memrchr(b'\n', &bytes[..offset]).map_or(0, |at| at + 1);
    let end = memchr::memchr(b'\n', &bytes[offset..]).map_or(bytes.len(), |at| offset + at);
    let end = if end > start && bytes[end - 1] == b'\r' && end > offset { end - 1 } else { end };
    (start, end)
}

/// The length of a name at the start of `rest`, quotes included, where a colon that makes it a key follows; and
/// where that colon's value begins.
fn key_in(rest: &str) -> Option<(usize, usize)> {
    let bytes = rest.as_bytes();
    let is_end = |at: usize| bytes.get(at).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
    let end = match bytes.first()? {
        b'"' | b'\'' => {
            let end = flow::quoted_end(bytes, 0)?;
            let colon = end + bytes[end..].iter().take_while(|byte| **byte == b' ').count();
            return (bytes.get(colon) == Some(&b':') && is_end(colon + 1)).then_some((end, colon + 1));
        }
        b'[' | b'{' | b'#' | b'|' | b'>' | b',' | b']' | b'}' | b'@' | b'`' | b'%' => return None,
        _ => memchr::memchr_iter(b':', bytes).find(|&at| is_end(at + 1))?,
    };
    let name = rest.get(..end)?;
    (!name.contains(" #")).then(|| (name.trim_end().len(), end + 1))
}

fn bare(name: &str) -> Cow<'_, str> {
    let inside = |quote: char| name.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    match (inside('"'), inside('\'')) {
        (Some(name), _) => Cow::Owned(name.replace("\\\"", "\"").replace("\\\\", "\\")),
        (_, Some(name)) => Cow::Owned(name.replace("''", "'")),
        _ => Cow::Borrowed(name),
    }
}

impl<'t> Line<'t> {
    fn read(whole: &'t str, start: usize, end: usize) -> Self {
        let text = whole.get(start..end).unwrap_or_default();
        let bytes = text.as_bytes();
        let blanks = |from: usize| from + bytes[from..].iter().take_while(|byte| **byte == b' ').count();
        let mut at = blanks(0);
        let mut dashes = Vec::new();
        while bytes.get(at) == Some(&b'-')
            && bytes.get(at + 1).is_none_or(|byte| matches!(byte, b' ' | b'\r' | b'\t'))
            && dashes.len() < MAX_STEPS
        {
            dashes.push(at);
            at = blanks(at + 1);
        }
        let content = at;
        // An anchor or a tag belongs to what follows.
        while matches!(bytes.get(at), Some(b'&' | b'!')) {
            at = blanks(at + bytes[at..].iter().take_while(|byte| **byte != b' ').count());
        }
        let rest = text.get(at..).unwrap_or_default();
        let key = key_in(rest).map(|(len, value)| KeyAt {
            column: content,
            name: bare(&rest[..len]),
            key: Span::from(start + at..start + at + len),
            value: start + at + value,
        });
        Self { start, text, dashes, content, key }
    }

    /// Whether it holds nothing, or only a comment.
    fn is_blank(&self) -> bool {
        self.dashes.is_empty() && matches!(self.text.as_bytes().get(self.content), None | Some(b'#' | b'\r'))
    }

    fn is_document_mark(&self) -> bool {
        self.text.starts_with("---") || self.text.starts_with("...")
    }

    /// The column at which its first word, dash or key begins.
    fn indent(&self) -> usize {
        self.dashes.first().copied().unwrap_or(self.content)
    }

    /// What it opens, the innermost first.
    fn openers(&self) -> impl Iterator<Item = Opener> + '_ {
        let key = self.key.iter().map(|key| Opener {
            line: self.start,
            column: key.column,
            step: Step::Key(key.name.clone().into_owned()),
            value: key.value,
            is_nested: false,
        });
        let behind = |at: usize| self.dashes.get(at + 1).copied().unwrap_or(self.content);
        let dashes = self.dashes.iter().enumerate().rev().map(move |(at, &column)| Opener {
            line: self.start,
            column,
            step: Step::Item,
            value: self.start + behind(at),
            is_nested: at + 1 < self.dashes.len() || self.key.is_some(),
        });
        key.chain(dashes)
    }
}

/// The lines before `offset`, the nearest first.
fn lines_before(text: &str, offset: usize) -> impl Iterator<Item = Line<'_>> {
    let mut end = offset;
    std::iter::from_fn(move || {
        let newline = end.checked_sub(1)?;
        let (start, stop) = line_around(text, newline);
        end = start;
        Some(Line::read(text, start, stop))
    })
}

/// The lines from the one that starts at `start` on.
fn lines_from(text: &str, start: usize) -> impl Iterator<Item = Line<'_>> {
    let mut next = Some(start);
    std::iter::from_fn(move || {
        let start = next?;
        let newline = memchr::memchr(b'\n', text.as_bytes().get(start..)?).map(|at| start + at);
        next = newline.map(|at| at + 1);
        let end = newline.unwrap_or(text.len());
        Some(Line::read(text, start, end))
    })
}

/// Where the value ends that begins at `value` and belongs to a key or dash in `column`: before the next line
/// that stands no deeper.
pub(super) fn value_end(text: &str, value: usize, column: usize, is_item: bool) -> usize {
    let limit = (value + MAX_VALUE).min(text.len());
    let (_, mut end) = line_around(text, value.min(text.len()));
    let Some(newline) = memchr::memchr(b'\n', &text.as_bytes()[end..]) else { return text.len() };
    for line in lines_from(text, end + newline + 1) {
        if line.start >= limit || line.is_document_mark() {
            break;
        }
        if line.is_blank() {
            continue;
        }
        let closes = matches!(line.text.as_bytes().get(line.content), Some(b']' | b'}'));
        let inside = line.indent() > column
            || (line.indent() == column && !is_item && (!line.dashes.is_empty() || closes));
        if !inside {
            break;
        }
        end = line.start + line.text.len();
    }
    end
}

/// The keys of a mapping on the way, with their values.
pub(super) fn entries(text: &str, level: &Level) -> Vec<Entry> {
    let (line, column) = match level {
        Level::Item => return Vec::new(),
        Level::Flow(entries) => return entries.clone(),
        Level::Block { line, column } => (*line, *column),
    };
    // Backwards to the first line of the mapping, which may have its first key behind a dash.
    let mut first = line;
    let own = lines_from(text, line).next().is_some_and(|line| line.indent() < column);
    if !own {
        for line in lines_before(text, line) {
            if line.is_document_mark() {
                break;
            }
            if line.is_blank() {
                continue;
            }
            if line.indent() < column {
                if line.content == column && !line.dashes.is_empty() {
                    first = line.start;
                }
                break;
            }
            first = line.start;
        }
    }
    let mut found: Vec<Entry> = Vec::new();
    for line in lines_from(text, first) {
        if line.is_blank() {
            continue;
        }
        if line.is_document_mark() || (line.start != first && line.indent() < column) {
            break;
        }
        if line.content == column && (line.dashes.is_empty() || line.start == first) {
            if let Some(last) = found.last_mut() {
                last.value.end = (line.start as u32).max(last.value.start);
            }
            if let Some(key) = &line.key {
                let value = Span::from(key.value..text.len().max(key.value));
                found.push(Entry { name: key.name.clone().into_owned(), key: key.key, value });
            }
        }
        if let Some(last) = found.last_mut() {
            last.value.end = ((line.start + line.text.len()) as u32).max(last.value.start);
        }
    }
    found
}

/// The key or dash that a word in `column` of the line at `line` belongs to, and so on outwards; the innermost
/// first. `within` are the openers of the caret's own line before the word.
fn ancestors(text: &str, line: usize, column: usize, within: Vec<Opener>) -> Vec<Opener> {
    let mut found: Vec<Opener> = Vec::new();
    let mut limit = column;
    let mut is_item = false;
    let mut take = |opener: Opener, found: &mut Vec<Opener>| {
        let is_dash = opener.step == Step::Item;
        let is_parent = opener.column < limit || (is_item && !is_dash && opener.column == limit);
        if is_parent && found.len() < MAX_STEPS {
            limit = opener.column;
            is_item = is_dash;
            found.push(opener);
        }
        limit == 0 && !is_item
    };
    for opener in within {
        take(opener, &mut found);
    }
    for line in lines_before(text, line) {
        if line.is_document_mark() {
            break;
        }
        if line.is_blank() {
            continue;
        }
        if line.openers().any(|opener| take(opener, &mut found)) {
            break;
        }
    }
    found
}

/// Where `offset` stands. `None` in a comment and where nothing can be said.
pub(super) fn locate(text: &str, offset: usize) -> Option<Spot> {
    let offset = text.floor_char_boundary(offset.min(text.len()));
    let (start, end) = line_around(text, offset);
    let line = Line::read(text, start, end);
    let caret = offset - start;
    let end = start + line.text.len();
    // What stands on the line before the caret, and the column of the word at it.
    let mut within: Vec<Opener> = Vec::new();
    let content = start + line.content;
    let in_key = line.key.as_ref().is_some_and(|key| key.key.touches(offset as u32));
    let column = if line.is_blank() && line.dashes.is_empty() {
        if line.text.as_bytes().get(line.content) == Some(&b'#') && caret > line.content {
            // A comment, unless it is text of a block scalar.
            line.content
        } else {
            caret
        }
    } else if offset < content {
        // Between dashes, or in the indentation.
        within.extend(line.openers().filter(|opener| opener.step == Step::Item && opener.column < caret));
        if within.is_empty() || content < end {
            return None;
        }
        caret
    } else {
        within.extend(line.openers().filter(|opener| {
            let is_before = opener.value <= offset;
            is_before && !(in_key && opener.step != Step::Item)
        }));
        line.key.as_ref().map_or(line.content, |key| key.column)
    };
    let value_of_key = within.first().is_some_and(|opener| opener.step != Step::Item);
    let column = if value_of_key { column + 1 } else { column };
    let mut chain = ancestors(text, start, column, within);
    chain.reverse();

    let mut spot = Spot {
        path: Vec::new(),
        levels: Vec::new(),
        here: Level::Item,
        role: Role::Open,
        word: Span::at(offset as u32),
        writing: Writing::Plain,
        scalar: Span::at(offset as u32),
        is_flow: false,
        has_colon: false,
        owner: None,
    };
    for opener in chain {
        let is_item = opener.step == Step::Item;
        spot.levels.push(if is_item {
            Level::Item
        } else {
            Level::Block { line: opener.line, column: opener.column }
        });
        spot.path.push(opener.step);
        spot.owner = Some(opener.column);
        if opener.is_nested {
            continue;
        }
        let stop = if opener.value <= offset {
            value_end(text, opener.value, opener.column, is_item).max(offset.min(end))
        } else {
            opener.value
        };
        // A value that is written out holds the caret itself, whatever its lines look like.
        if flow::value_at(text, opener.value, stop, offset, &mut spot)? == flow::Found::Inside {
            return Some(spot);
        }
    }
    if line.text.as_bytes().get(line.content) == Some(&b'#') && line.dashes.is_empty() && caret > line.content
    {
        return None;
    }
    spot.here = Level::Block { line: start, column };
    let word_end = line.key.as_ref().filter(|_| in_key).map(|key| key.key.end as usize);
    if let Some(key) = line.key.as_ref().filter(|_| in_key) {
        spot.role = Role::Key;
        spot.has_colon = true;
        spot.word = flow::inside_quotes(text, key.key);
        spot.writing = flow::writing(text, key.key);
        spot.scalar = key.key;
    } else if word_end.is_none() && !line.is_blank() && content < end && content <= offset {
        let word_end = content + line.text.get(line.content..)?.trim_end().len();
        spot.word = Span::from(content..word_end.max(offset.min(end)));
        spot.scalar = spot.word;
    }
    Some(spot)
}
