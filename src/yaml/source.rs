//! Where each byte of a decoded scalar stands in the file.
//!
//! The parser tells a scalar's value and its place; how the one came from the other is found here by
//! undoing the style's escapes and folds a second time. Should the two ever disagree, the value is the
//! parser's and the map leads to the scalar as a whole, so that a position is coarse but never wrong.

use crate::text::{SourceMap, Span};

use super::tree::ScalarStyle;

/// The place of a scalar's spelling inside of its quotes, and its map; no map where it is spelled verbatim.
pub(super) fn locate(
    text: &str,
    span: Span,
    style: ScalarStyle,
    value: &str,
    indent: usize,
) -> (Span, Option<Box<SourceMap>>) {
    let raw = text.get(span.range()).unwrap_or("");
    let content = match style {
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted if raw.len() >= 2 => {
            Span::new(span.start + 1, span.end - 1)
        }
        _ => span,
    };
    let raw = text.get(content.range()).unwrap_or("");
    if raw == value {
        return (content, None);
    }
    let decoded = match style {
        ScalarStyle::Plain => flow(raw, content.start, None),
        ScalarStyle::SingleQuoted => flow(raw, content.start, Some('\'')),
        ScalarStyle::DoubleQuoted => flow(raw, content.start, Some('"')),
        ScalarStyle::Literal => block(raw, content.start, value, false, indent),
        ScalarStyle::Folded => block(raw, content.start, value, true, indent),
    };
    let map = match decoded {
        Some((spelled, map)) if spelled == value => map,
        _ => whole(content, value.len() as u32),
    };
    (content, Some(Box::new(map)))
}

/// A value that is spelled by a place as a whole.
pub(super) fn whole(content: Span, len: u32) -> SourceMap {
    let mut map = SourceMap::default();
    if content.len() == len && len > 0 {
        // Equal lengths would be taken as verbatim, which this is not.
        map.push(content.start, content.len() - 1, len);
        map.push(content.end, 0, 0);
    } else {
        map.push(content.start, content.len(), len);
    }
    map
}

/// A value under construction with its map.
struct Decoding {
    value: String,
    map: SourceMap,
}

impl Decoding {
    fn verbatim(&mut self, text: &str, source: usize) {
        self.value.push_str(text);
        self.map.push(source as u32, text.len() as u32, text.len() as u32);
    }

    fn replaced(&mut self, text: &str, source: usize, len: usize) {
        self.value.push_str(text);
        if text.len() == len {
            // Equal lengths would be taken as verbatim; an escape may be as long as what it stands for.
            for (at, c) in text.char_indices() {
                let source_len = if at == 0 { len } else { 0 };
                let from = if at == 0 { source } else { source + len };
                self.map.push(from as u32, source_len as u32, c.len_utf8() as u32);
            }
        } else {
            self.map.push(source as u32, len as u32, text.len() as u32);
        }
    }

    /// `count` newlines that the bytes from `start` to `end` spell together.
    fn breaks(&mut self, count: usize, start: usize, end: usize) {
        for at in 0..count {
            let (source, len) = if at == 0 { (start, end - start) } else { (end, 0) };
            self.value.push('\n');
            self.map.push(source as u32, len as u32, 1);
        }
    }
}

/// Undoes line folding and, in quotes, escapes.
fn flow(raw: &str, base: u32, quote: Option<char>) -> Option<(String, SourceMap)> {
    let base = base as usize;
    let mut out = Decoding { value: String::with_capacity(raw.len()), map: SourceMap::default() };
    let bytes = raw.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let stop = raw[at..]
            .find(|c| {
                matches!(c, ' ' | '\t' | '\r' | '\n')
                    || (c == '\\' && quote == Some('"'))
                    || (c == '\'' && quote == Some('\''))
            })
            .map_or(bytes.len(), |found| at + found);
        if stop > at {
            out.verbatim(&raw[at..stop], base + at);
            at = stop;
            continue;
        }
        match bytes[at] {
            b'\'' => {
                if bytes.get(at + 1) != Some(&b'\'') {
                    return None;
                }
                out.replaced("'", base + at, 2);
                at += 2;
            }
            b'\\' => {
                let next = raw[at + 1..].chars().next()?;
                if matches!(next, '\r' | '\n') {
                    let blanks = blank_run(raw, at + 1);
                    // The break itself vanishes; empty lines after it do not.
                    out.replaced(&"\n".repeat(blanks.breaks.saturating_sub(1)), base + at, blanks.end - at);
                    at = blanks.end;
                } else {
                    let (c, len) = escape(&raw[at + 1..])?;
                    out.replaced(c.encode_utf8(&mut [0; 4]), base + at, len + 1);
                    at += len + 1;
                }
            }
            _ => {
                let blanks = blank_run(raw, at);
                match blanks.breaks {
                    0 => out.verbatim(&raw[at..blanks.end], base + at),
                    1 => out.replaced(" ", base + at, blanks.end - at),
                    more => out.replaced(&"\n".repeat(more - 1), base + at, blanks.end - at),
                }
                at = blanks.end;
            }
        }
    }
    Some((out.value, out.map))
}

struct Blanks {
    end: usize,
    breaks: usize,
}

/// The blanks and line breaks from `start` on.
fn blank_run(raw: &str, start: usize) -> Blanks {
    let bytes = raw.as_bytes();
    let mut end = start;
    let mut breaks = 0;
    while let Some(&byte) = bytes.get(end) {
        match byte {
            b'\n' => breaks += 1,
            b'\r' if bytes.get(end + 1) != Some(&b'\n') => breaks += 1,
            b'\r' | b' ' | b'\t' => {}
            _ => break,
        }
        end += 1;
    }
    Blanks { end, breaks }
}

/// The character that the escape after a backslash stands for, and the escape's length.
fn escape(rest: &str) -> Option<(char, usize)> {
    let kind = rest.chars().next()?;
    let digits = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    if digits > 0 {
        let code = u32::from_str_radix(rest.get(1..=digits)?, 16).ok()?;
        return Some((char::from_u32(code)?, digits + 1));
    }
    let c = match kind {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        ' ' => ' ',
        '"' => '"',
        '/' => '/',
        '\\' => '\\',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        _ => return None,
    };
    Some((c, kind.len_utf8()))
}

/// Undoes a block scalar's indentation and folds. What stands before its first line and the breaks after
/// its last are the header's doing and taken from the value.
fn block(raw: &str, base: u32, value: &str, folded: bool, indent: usize) -> Option<(String, SourceMap)> {
    let base = base as usize;
    let mut out = Decoding { value: String::with_capacity(value.len()), map: SourceMap::default() };
    let leading = value.len() - value.trim_start_matches('\n').len();
    out.breaks(leading, base, base);
    let mut at = 0;
    // Where the last line's content ended, the empty lines since, and whether it began with a blank.
    let mut previous: Option<(usize, usize, bool)> = None;
    for line in raw.split_inclusive('\n') {
        let body = line.trim_end_matches('\n');
        let body = if line.len() > body.len() { body.strip_suffix('\r').unwrap_or(body) } else { body };
        // The scalar's place begins with its first line's content, after the indentation.
        let blanks = body.len() - body.trim_start_matches(' ').len();
        let skipped = if at == 0 { 0 } else { blanks.min(indent) };
        let content = &body[skipped..];
        let start = at + skipped;
        at += line.len();
        if content.is_empty() {
            if let Some((_, empty, _)) = &mut previous {
                *empty += 1;
            }
            continue;
        }
        let blank = content.starts_with([' ', '\t']);
        if let Some((end, empty, was_blank)) = previous {
            if folded && !blank && !was_blank && empty == 0 {
                out.replaced(" ", base + end, start - end);
            } else {
                let kept = if folded && !blank && !was_blank { empty } else { empty + 1 };
                out.breaks(kept, base + end, base + start);
            }
        }
        out.verbatim(content, base + start);
        previous = Some((start + content.len(), 0, blank));
    }
    let rest = value.strip_prefix(out.value.as_str())?;
    let end = previous.map_or(0, |(end, ..)| end);
    out.breaks(rest.trim_end_matches(|c| c != '\n').len(), base + end, base + raw.len());
    Some((out.value, out.map))
}
