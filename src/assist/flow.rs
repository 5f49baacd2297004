//! Values that are written out: scalars, and brackets and braces with what is in them, closed or not.

use crate::text::Span;

use super::outline::{Entry, Level, Role, Spot, Step, Writing};

/// How deep brackets may nest here.
const MAX_FRAMES: usize = 32;

/// Whether the caret stands in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It does, and the spot is complete.
    Inside,
    /// It stands in what follows.
    Outside,
}

/// Where the quoted scalar ends that begins at `start`; `None` where no quote closes it.
pub(super) fn quoted_end(bytes: &[u8], start: usize) -> Option<usize> {
    let quote = *bytes.get(start)?;
    let mut at = start + 1;
    loop {
        let byte = *bytes.get(at)?;
        at += match byte {
            b'\\' if quote == b'"' => 2,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => 2,
            _ if byte == quote => return Some(at + 1),
            _ => 1,
        };
    }
}

/// How the scalar in `span` is written.
pub(super) fn writing(text: &str, span: Span) -> Writing {
    match text.as_bytes().get(span.start as usize) {
        Some(b'"') if !span.is_empty() => Writing::Double,
        Some(b'\'') if !span.is_empty() => Writing::Single,
        _ => Writing::Plain,
    }
}

/// A scalar's place without its quotes.
pub(super) fn inside_quotes(text: &str, span: Span) -> Span {
    if writing(text, span) == Writing::Plain {
        return span;
    }
    let closes = quoted_end(text.as_bytes(), span.start as usize) == Some(span.end as usize);
    Span::new(span.start + 1, (span.end - u32::from(closes)).max(span.start + 1))
}

/// A key's name as it is written between its quotes.
fn name_at(text: &str, key: Span) -> String {
    text.get(inside_quotes(text, key).range()).unwrap_or_default().to_owned()
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    let end =
        memchr::memchr(b'\n', bytes.get(from..).unwrap_or_default()).map_or(bytes.len(), |at| from + at);
    if end > from && bytes[end - 1] == b'\r' { end - 1 } else { end }
}

/// The scalar that begins at `start`, of which `stop` bounds the line or lines.
fn quoted(bytes: &[u8], start: usize, stop: usize, offset: usize) -> Span {
    let closed = quoted_end(bytes, start).filter(|&end| end <= stop);
    let end = closed.unwrap_or_else(|| line_end(bytes, start.max(offset.min(stop))).min(stop));
    Span::from(start..end.max(start))
}

/// Looks at the value that begins at `value` and ends before `stop`, and completes the spot where `offset` is in
/// it. `None` where nothing can be said of the caret: in a comment, behind a value.
pub(super) fn value_at(
    text: &str,
    value: usize,
    stop: usize,
    offset: usize,
    spot: &mut Spot,
) -> Option<Found> {
    let bytes = text.as_bytes();
    if offset < value || value > text.len() {
        return Some(Found::Outside);
    }
    let is_key = matches!(spot.path.last(), Some(Step::Key(_)));
    let mut at = value;
    loop {
        while matches!(bytes.get(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        // An anchor or a tag belongs to what follows.
        if !matches!(bytes.get(at), Some(b'&' | b'!')) {
            break;
        }
        while bytes.get(at).is_some_and(|byte| !byte.is_ascii_whitespace()) {
            at += 1;
        }
        if offset <= at {
            return None;
        }
    }
    let end = line_end(bytes, at);
    match bytes.get(at) {
        None | Some(b'\n' | b'\r') if offset <= at && is_key => {
            spot.role = Role::Value;
            Some(Found::Inside)
        }
        None | Some(b'\n' | b'\r') => Some(Found::Outside),
        Some(b'#') if offset > end => Some(Found::Outside),
        Some(b'#') => (offset < at).then_some(Found::Outside),
        _ if offset < at => None,
        Some(b'|' | b'>') => {
            spot.role = Role::Value;
            spot.writing = Writing::Block;
            spot.scalar = Span::from(at..stop.max(at));
            (offset > end).then_some(Found::Inside)
        }
        Some(b'[' | b'{') => brackets(text, at, stop, offset, spot),
        Some(b'"' | b'\'') => {
            let scalar = quoted(bytes, at, stop, offset);
            if offset > scalar.end as usize {
                return None;
            }
            is_scalar(text, scalar, is_key, spot);
            Some(Found::Inside)
        }
        Some(_) => {
            if offset > end {
                return None;
            }
            let line = text.get(at..end)?;
            let comment = line.find(" #").unwrap_or(line.len());
            let scalar = Span::from(at..at + line[..comment].trim_end().len());
            if offset > scalar.end as usize {
                // Behind a blank that follows a word, one still writes the value.
                let is_blank = text.get(scalar.end as usize..offset)?.bytes().all(|byte| byte == b' ');
                return (is_blank && comment == line.len()).then(|| {
                    is_scalar(text, Span::from(at..offset), is_key, spot);
                    Found::Inside
                });
            }
            is_scalar(text, scalar, is_key, spot);
            Some(Found::Inside)
        }
    }
}

fn is_scalar(text: &str, scalar: Span, is_key: bool, spot: &mut Spot) {
    spot.scalar = scalar;
    spot.writing = writing(text, scalar);
    spot.word = inside_quotes(text, scalar);
    let is_value = is_key || spot.writing != Writing::Plain;
    spot.role = if is_value { Role::Value } else { Role::Open };
    if !is_value {
        let column = scalar.start as usize
            - memchr::memrchr(b'\n', &text.as_bytes()[..scalar.start as usize]).map_or(0, |at| at + 1);
        spot.here = Level::Block { line: scalar.start as usize - column, column };
    }
}

/// An open bracket or brace.
struct Frame {
    /// Among the mappings found; `None` for a list.
    map: Option<usize>,
    /// The scalar that was read last.
    scalar: Option<Span>,
    /// The key whose value is read.
    key: Option<(String, Span, usize)>,
}

/// The walk through brackets.
struct Walk<'t, 's> {
    text: &'t str,
    frames: Vec<Frame>,
    maps: Vec<Vec<Entry>>,
    spot: &'s mut Spot,
    /// For each level of the spot from brackets, the mapping.
    found: Option<Vec<Option<usize>>>,
    here: Option<usize>,
}

impl Walk<'_, '_> {
    /// The caret is here: in `scalar`, or between.
    fn snapshot(&mut self, scalar: Option<Span>) {
        let mut levels = Vec::new();
        let innermost = self.frames.len().saturating_sub(1);
        self.spot.is_flow = true;
        for (at, frame) in self.frames.iter().enumerate() {
            match (frame.map, &frame.key) {
                (None, _) => {
                    self.spot.path.push(Step::Item);
                    levels.push(None);
                    self.spot.role = Role::Value;
                }
                (Some(map), Some((name, ..))) => {
                    self.spot.path.push(Step::Key(name.clone()));
                    levels.push(Some(map));
                    self.spot.role = Role::Value;
                }
                (Some(map), None) if at == innermost => {
                    self.here = Some(map);
                    self.spot.role = Role::Key;
                }
                // A mapping as a key: nobody writes it.
                (Some(_), None) => {}
            }
        }
        if let Some(scalar) = scalar {
            self.spot.scalar = scalar;
            self.spot.writing = writing(self.text, scalar);
            self.spot.word = inside_quotes(self.text, scalar);
        }
        self.found = Some(levels);
    }

    /// A value ends before `at`.
    fn finish_entry(&mut self, at: usize) {
        let Some(frame) = self.frames.last_mut() else { return };
        let scalar = frame.scalar.take();
        let Some(map) = frame.map else { return };
        if let Some((name, key, value)) = frame.key.take() {
            self.maps[map].push(Entry { name, key, value: Span::from(value..at.max(value)) });
        } else if let Some(key) = scalar {
            let name = name_at(self.text, key);
            self.maps[map].push(Entry { name, key, value: Span::at(key.end) });
        }
    }
}

fn brackets(text: &str, start: usize, stop: usize, offset: usize, spot: &mut Spot) -> Option<Found> {
    let bytes = text.as_bytes();
    let stop = stop.min(bytes.len());
    let mut walk = Walk { text, frames: Vec::new(), maps: Vec::new(), spot, found: None, here: None };
    if offset <= start {
        return None;
    }
    let mut at = start;
    let mut closed = false;
    while at < stop {
        let gap = at;
        while at < stop && bytes[at].is_ascii_whitespace() {
            at += 1;
        }
        let begins_scalar = at < stop
            && !matches!(bytes[at], b'[' | b']' | b'{' | b'}' | b',' | b'#')
            && !is_colon(bytes, at);
        if at > start
            && walk.found.is_none()
            && gap <= offset
            && offset <= at
            && !(begins_scalar && offset == at)
        {
            walk.snapshot(None);
        }
        if at >= stop {
            break;
        }
        match bytes[at] {
            b'#' if at > gap => {
                let end = line_end(bytes, at).min(stop);
                if walk.found.is_none() && at < offset && offset <= end {
                    return None;
                }
                at = end.max(at + 1);
            }
            open @ (b'[' | b'{') => {
                if walk.frames.len() >= MAX_FRAMES {
                    return None;
                }
                let map = (open == b'{').then(|| {
                    walk.maps.push(Vec::new());
                    walk.maps.len() - 1
                });
                walk.frames.push(Frame { map, scalar: None, key: None });
                at += 1;
            }
            b']' | b'}' => {
                walk.finish_entry(at);
                walk.frames.pop();
                at += 1;
                if walk.frames.is_empty() {
                    closed = true;
                    break;
                }
            }
            b',' => {
                walk.finish_entry(at);
                at += 1;
            }
            b':' if is_colon(bytes, at) => {
                at += 1;
                if let Some(frame) = walk.frames.last_mut()
                    && frame.key.is_none()
                    && let Some(scalar) = frame.scalar.take()
                {
                    if scalar == walk.spot.scalar && walk.found.is_some() {
                        walk.spot.has_colon = true;
                    }
                    let name = name_at(text, scalar);
                    frame.key = Some((name, scalar, at));
                }
            }
            byte => {
                let scalar = if matches!(byte, b'"' | b'\'') {
                    quoted(bytes, at, stop, offset)
                } else {
                    plain(bytes, at, stop)
                };
                if walk.found.is_none() && scalar.touches(offset as u32) {
                    walk.snapshot(Some(scalar));
                }
                if let Some(frame) = walk.frames.last_mut() {
                    frame.scalar = Some(scalar);
                }
                at = (scalar.end as usize).max(at + 1);
            }
        }
    }
    if walk.found.is_none() && !closed && offset >= at {
        walk.snapshot(None);
    }
    while !walk.frames.is_empty() {
        walk.finish_entry(stop);
        walk.frames.pop();
    }
    let Walk { maps, found, here, spot, .. } = walk;
    let Some(found) = found else {
        // Behind the last bracket.
        return (offset > line_end(bytes, at)).then_some(Found::Outside);
    };
    let level = |map: Option<usize>| map.map_or(Level::Item, |map| Level::Flow(maps[map].clone()));
    spot.levels.extend(found.into_iter().map(level));
    spot.here = level(here);
    Some(Found::Inside)
}

/// Whether the colon at `at` parts a key from its value.
fn is_colon(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b':')
        && bytes
            .get(at + 1)
            .is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']' | b'{' | b'}'))
}

fn plain(bytes: &[u8], start: usize, stop: usize) -> Span {
    let mut at = start;
    let mut end = start;
    while at < stop {
        match bytes[at] {
            b',' | b'[' | b']' | b'{' | b'}' | b'\n' | b'\r' => break,
            b'#' if at > end => break,
            b':' if is_colon(bytes, at) => break,
            b' ' | b'\t' => {}
            _ => end = at + 1,
        }
        at += 1;
    }
    Span::from(start..end.max(start + 1).min(stop.max(start)))
}
