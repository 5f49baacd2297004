//! Scalars: what they say, and where each byte of that is spelled (`scannerc.go`, `scan_plain_scalar`,
//! `scan_flow_scalar`, `scan_block_scalar`).

use crate::text::{SourceMap, Span};

use super::scan::Scanner;
use super::token::{Fault, Mark, ScalarToken};
use super::tree::ScalarStyle;

/// A value under construction with its map.
#[derive(Default)]
struct Decoding {
    value: String,
    map: SourceMap,
    /// Whether the value is the spelling so far, byte by byte.
    is_verbatim: bool,
}

impl Decoding {
    fn new() -> Self {
        Self { is_verbatim: true, ..Self::default() }
    }

    /// Text that stands in the value as it is spelled.
    fn keep(&mut self, text: &str, source: usize) {
        if text.is_empty() {
            return;
        }
        self.value.push_str(text);
        self.map.push(source as u32, text.len() as u32, text.len() as u32);
    }

    /// Text that the bytes from `start` to `end` stand for as a whole.
    fn replace(&mut self, text: &str, start: usize, end: usize) {
        if text.is_empty() && start == end {
            return;
        }
        self.is_verbatim = false;
        self.value.push_str(text);
        let (len, decoded) = ((end - start) as u32, text.len() as u32);
        if len == decoded && len > 1 {
            // Equal lengths would be taken as verbatim.
            let first = text.chars().next().map_or(1, |c| c.len_utf8() as u32);
            self.map.push(start as u32, len, first.min(decoded));
            self.map.push(end as u32, 0, decoded - first.min(decoded));
        } else if decoded > 0 {
            self.map.push(start as u32, len, decoded);
        }
    }

    fn finish(self, style: ScalarStyle, content: Span) -> ScalarToken {
        let is_verbatim = self.is_verbatim && content.len() as usize == self.value.len();
        let map = (!is_verbatim).then(|| Box::new(self.map));
        ScalarToken { value: self.value, style, content, map }
    }
}

/// The blanks and line breaks between two words.
struct Gap {
    start: usize,
    blanks_end: usize,
    /// What the first line break stands for, if there is one.
    first: Option<&'static str>,
    /// What the others stand for.
    more: String,
    /// Whether a line has begun since: an escaped break begins one too.
    new_line: bool,
}

impl Gap {
    fn at(start: usize) -> Self {
        Self { start, blanks_end: start, first: None, more: String::new(), new_line: false }
    }

    fn add_break(&mut self, spelled: &str) {
        if self.new_line {
            self.more.push_str(spelled);
        } else {
            self.first = Some(kept_break(spelled));
            self.new_line = true;
        }
    }

    /// Joins the words on both sides; the second begins at `end`.
    fn join(self, out: &mut Decoding, text: &str, end: usize) {
        if !self.new_line {
            out.keep(&text[self.start..self.blanks_end], self.start);
            return;
        }
        match self.first {
            Some("\n") if self.more.is_empty() => out.replace(" ", self.start, end),
            Some("\n") | None => out.replace(&self.more, self.start, end),
            Some(first) => out.replace(&format!("{first}{}", self.more), self.start, end),
        }
    }
}

/// The break as a constant, so that it outlives the text.
fn kept_break(spelled: &str) -> &'static str {
    match spelled {
        "\u{2028}" => "\u{2028}",
        "\u{2029}" => "\u{2029}",
        _ => "\n",
    }
}

/// A plain scalar, and where it ends: blanks after it belong to nobody.
pub(super) fn plain(scanner: &mut Scanner<'_>) -> Result<(ScalarToken, Mark), Fault> {
    let text = scanner.text;
    let start = scanner.mark;
    let mut end = start;
    let indent = scanner.indent + 1;
    let mut out = Decoding::new();
    let mut gap: Option<Gap> = None;
    loop {
        if scanner.mark.column == 0 && scanner.is_document_indicator() || scanner.byte(0) == Some(b'#') {
            break;
        }
        let word = scanner.mark.byte;
        while !scanner.is_blank_or_end(0) {
            let ends = match scanner.byte(0) {
                Some(b':') => scanner.is_blank_or_end(1),
                Some(b',' | b'?' | b'[' | b']' | b'{' | b'}') => scanner.flow_level > 0,
                _ => false,
            };
            if ends {
                break;
            }
            if let Some(gap) = gap.take() {
                gap.join(&mut out, text, scanner.mark.byte);
            }
            scanner.advance();
            end = scanner.mark;
        }
        out.keep(&text[word..scanner.mark.byte], word);
        let mut between = gap.take().unwrap_or_else(|| Gap::at(scanner.mark.byte));
        if !matches!(scanner.byte(0), Some(b' ' | b'\t')) && scanner.break_len() == 0 {
            gap = Some(between);
            break;
        }
        loop {
            match scanner.byte(0) {
                Some(b'\t') if between.new_line && scanner.column() < indent => {
                    let words = "found a tab character that violates indentation";
                    return Err(Fault::scanner(words, scanner.mark, start));
                }
                Some(b' ' | b'\t') => {
                    scanner.advance();
                    if !between.new_line {
                        between.blanks_end = scanner.mark.byte;
                    }
                }
                _ if scanner.break_len() > 0 => between.add_break(scanner.skip_break()),
                _ => break,
            }
        }
        gap = Some(between);
        if scanner.flow_level == 0 && scanner.column() < indent {
            break;
        }
    }
    if gap.is_some_and(|gap| gap.new_line) {
        scanner.simple_key_allowed = true;
    }
    Ok((out.finish(ScalarStyle::Plain, Span::from(start.byte..end.byte)), end))
}

/// A scalar in single or double quotes.
pub(super) fn quoted(scanner: &mut Scanner<'_>, single: bool) -> Result<ScalarToken, Fault> {
    let text = scanner.text;
    let start = scanner.mark;
    let quote = if single { b'\'' } else { b'"' };
    scanner.advance();
    let inside = scanner.mark.byte;
    let mut out = Decoding::new();
    loop {
        if scanner.mark.column == 0 && scanner.is_document_indicator() {
            let words = "found unexpected document indicator";
            return Err(Fault::scanner(words, scanner.mark, start).shown_at(start));
        }
        if scanner.byte(0).is_none() {
            let words = "found unexpected end of stream";
            return Err(Fault::scanner(words, scanner.mark, start).shown_at(start));
        }
        let mut word = scanner.mark.byte;
        let mut gap = None;
        while !scanner.is_blank_or_end(0) {
            match scanner.byte(0) {
                Some(b'\'') if single && scanner.byte(1) == Some(b'\'') => {
                    out.keep(&text[word..scanner.mark.byte], word);
                    let from = scanner.mark.byte;
                    scanner.advance();
                    scanner.advance();
                    word = scanner.mark.byte;
                    out.replace("'", from, word);
                }
                Some(byte) if byte == quote => break,
                Some(b'\\') if !single => {
                    out.keep(&text[word..scanner.mark.byte], word);
                    let from = scanner.mark.byte;
                    let c = escape(scanner, start)?;
                    word = scanner.mark.byte;
                    let Some(c) = c else {
                        gap = Some(Gap { new_line: true, ..Gap::at(from) });
                        break;
                    };
                    out.replace(c.encode_utf8(&mut [0; 4]), from, word);
                }
                _ => scanner.advance(),
            }
        }
        out.keep(&text[word..scanner.mark.byte], word);
        if scanner.byte(0) == Some(quote) && gap.is_none() {
            break;
        }
        let mut gap = gap.unwrap_or_else(|| Gap::at(scanner.mark.byte));
        if scanner.byte(0) == Some(quote) {
            gap.join(&mut out, text, scanner.mark.byte);
            break;
        }
        loop {
            match scanner.byte(0) {
                Some(b' ' | b'\t') => {
                    scanner.advance();
                    if !gap.new_line {
                        gap.blanks_end = scanner.mark.byte;
                    }
                }
                _ if scanner.break_len() > 0 => gap.add_break(scanner.skip_break()),
                _ => break,
            }
        }
        gap.join(&mut out, text, scanner.mark.byte);
    }
    let content = Span::from(inside..scanner.mark.byte);
    scanner.advance();
    let style = if single { ScalarStyle::SingleQuoted } else { ScalarStyle::DoubleQuoted };
    Ok(out.finish(style, content))
}

/// Steps over an escape and answers its character; none for an escaped line break.
fn escape(scanner: &mut Scanner<'_>, start: Mark) -> Result<Option<char>, Fault> {
    let from = scanner.mark;
    let fault =
        |scanner: &Scanner<'_>, words: &str| Err(Fault::scanner(words, scanner.mark, start).shown_at(from));
    scanner.advance();
    if scanner.break_len() > 0 {
        scanner.skip_break();
        return Ok(None);
    }
    let (c, digits) = match scanner.byte(0) {
        Some(b'0') => ('\0', 0),
        Some(b'a') => ('\x07', 0),
        Some(b'b') => ('\x08', 0),
        Some(b't' | b'\t') => ('\t', 0),
        Some(b'n') => ('\n', 0),
        Some(b'v') => ('\x0b', 0),
        Some(b'f') => ('\x0c', 0),
        Some(b'r') => ('\r', 0),
        Some(b'e') => ('\x1b', 0),
        Some(b' ') => (' ', 0),
        Some(b'"') => ('"', 0),
        Some(b'\'') => ('\'', 0),
        Some(b'\\') => ('\\', 0),
        Some(b'N') => ('\u{85}', 0),
        Some(b'_') => ('\u{a0}', 0),
        Some(b'L') => ('\u{2028}', 0),
        Some(b'P') => ('\u{2029}', 0),
        Some(b'x') => (' ', 2),
        Some(b'u') => (' ', 4),
        Some(b'U') => (' ', 8),
        _ => return fault(scanner, "found unknown escape character"),
    };
    scanner.advance();
    if digits == 0 {
        return Ok(Some(c));
    }
    let spelled = scanner.text.get(scanner.mark.byte..scanner.mark.byte + digits);
    let Some(code) = spelled
        .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
        .and_then(|digits| u32::from_str_radix(digits, 16).ok())
    else {
        return fault(scanner, "did not find expected hexdecimal number");
    };
    let Some(c) = char::from_u32(code) else {
        return fault(scanner, "found invalid Unicode character escape code");
    };
    for _ in 0..digits {
        scanner.advance();
    }
    Ok(Some(c))
}

#[derive(Clone, Copy, PartialEq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

/// A block scalar: `|` or `>`.
pub(super) fn block(scanner: &mut Scanner<'_>, literal: bool) -> Result<ScalarToken, Fault> {
    let text = scanner.text;
    let start = scanner.mark;
    scanner.advance();
    let (chomping, increment) = block_header(scanner, start)?;
    scanner.skip_blanks();
    scanner.skip_comment();
    if scanner.byte(0).is_some() && scanner.break_len() == 0 {
        let words = "did not find expected comment or line break";
        return Err(Fault::scanner(words, scanner.mark, start));
    }
    let header_end = scanner.mark.byte;
    scanner.skip_break();
    let mut indent = (increment > 0).then(|| increment + scanner.indent.max(0));
    let mut out = Decoding::new();
    // The map is never that of the scalar's own bytes: the header stands before them.
    out.is_verbatim = false;
    let mut content_end = scanner.mark.byte;
    let mut leading = "";
    let mut was_blank = false;
    let mut trailing = block_breaks(scanner, &mut indent, start)?;
    while indent == Some(scanner.column()) && scanner.byte(0).is_some() {
        let is_blank = matches!(scanner.byte(0), Some(b' ' | b'\t'));
        let folds = !literal && !was_blank && !is_blank && leading == "\n";
        let joint = match (folds, trailing.is_empty()) {
            (true, true) => " ".to_owned(),
            (true, false) => trailing,
            (false, _) => format!("{leading}{trailing}"),
        };
        let line = scanner.mark.byte;
        out.replace(&joint, content_end, line);
        was_blank = is_blank;
        scanner.skip_line();
        out.keep(&text[line..scanner.mark.byte], line);
        content_end = scanner.mark.byte;
        leading = scanner.skip_break();
        trailing = block_breaks(scanner, &mut indent, start)?;
    }
    let tail = match chomping {
        Chomping::Strip => String::new(),
        Chomping::Clip => leading.to_owned(),
        Chomping::Keep => format!("{leading}{trailing}"),
    };
    if !tail.is_empty() {
        out.replace(&tail, content_end, scanner.mark.byte.max(content_end));
    }
    let end = if out.value.trim().is_empty() { header_end } else { content_end };
    let style = if literal { ScalarStyle::Literal } else { ScalarStyle::Folded };
    Ok(out.finish(style, Span::from(start.byte..end)))
}

/// The indicators after `|` or `>`: chomping, and how much deeper than its parent the content stands.
fn block_header(scanner: &mut Scanner<'_>, start: Mark) -> Result<(Chomping, isize), Fault> {
    let mut chomping = None;
    let mut increment = None;
    loop {
        match scanner.byte(0) {
            Some(byte @ (b'+' | b'-')) if chomping.is_none() => {
                chomping = Some(if byte == b'+' { Chomping::Keep } else { Chomping::Strip });
            }
            Some(b'0') if increment.is_none() => {
                let words = "found an indentation indicator equal to 0";
                return Err(Fault::scanner(words, scanner.mark, start));
            }
            Some(byte @ b'1'..=b'9') if increment.is_none() => increment = Some(isize::from(byte - b'0')),
            _ => break,
        }
        scanner.advance();
    }
    Ok((chomping.unwrap_or(Chomping::Clip), increment.unwrap_or(0)))
}

/// Steps over indentation and empty lines, and answers the latter's breaks. The first call finds out how
/// deep the content stands, unless the header said so.
fn block_breaks(scanner: &mut Scanner<'_>, indent: &mut Option<isize>, start: Mark) -> Result<String, Fault> {
    let mut breaks = String::new();
    let mut deepest = 0;
    loop {
        let is_inside = |scanner: &Scanner<'_>| indent.is_none_or(|indent| scanner.column() < indent);
        while is_inside(scanner) && scanner.byte(0) == Some(b' ') {
            scanner.advance();
        }
        deepest = deepest.max(scanner.column());
        if is_inside(scanner) && scanner.byte(0) == Some(b'\t') {
            let words = "found a tab character where an indentation space is expected";
            return Err(Fault::scanner(words, scanner.mark, start));
        }
        if scanner.break_len() == 0 {
            break;
        }
        breaks.push_str(scanner.skip_break());
    }
    indent.get_or_insert(deepest.max(scanner.indent + 1).max(1));
    Ok(breaks)
}
