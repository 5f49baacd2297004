//! Replacement templates: Go's `Regexp.Expand`.

use std::sync::OnceLock;

use regex_syntax::hir::ClassUnicode;

use super::{Captures, class};

/// A replacement such as `$1-${name}`, read once.
///
/// The rules are Go's: a name is the longest run of letters, digits and `_`, so `$1x` is the group "1x";
/// `$$` is a dollar; what is no reference (`$`, `${a-b}`, `${}`) stays as it is; a group that does not exist
/// or took no part is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Number(usize),
    Name(String),
}

/// What a template refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference<'t> {
    /// A group by its number; 0 is the whole match.
    Number(usize),
    /// A group by its name.
    Name(&'t str),
}

impl Template {
    /// Reads a template. Every text is one.
    #[must_use]
    pub fn new(template: &str) -> Self {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('$') {
            text.push_str(before);
            rest = after;
            if let Some(after) = rest.strip_prefix('$') {
                text.push('$');
                rest = after;
                continue;
            }
            let Some((name, after)) = reference(rest) else {
                text.push('$');
                continue;
            };
            rest = after;
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            parts.push(number(name).map_or_else(|| Part::Name(name.to_owned()), Part::Number));
        }
        text.push_str(rest);
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Self { parts }
    }

    /// Appends the template to `out` with the groups of `captures` put in.
    pub fn expand(&self, captures: &Captures<'_, '_>, out: &mut String) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Number(number) => out.push_str(captures.get(*number).unwrap_or("")),
                Part::Name(name) => out.push_str(captures.name(name).unwrap_or("")),
            }
        }
    }

    /// The text of a template that refers to nothing.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// What the template refers to, in order.
    pub fn references(&self) -> impl Iterator<Item = Reference<'_>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Number(number) => Some(Reference::Number(*number)),
            Part::Name(name) => Some(Reference::Name(name)),
        })
    }
}

/// The name that `text`, which follows a dollar, begins with, and what follows it.
fn reference(text: &str) -> Option<(&str, &str)> {
    let (braced, text) = match text.strip_prefix('{') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let end = text.find(|c| !in_name(c)).unwrap_or(text.len());
    if end == 0 {
        return None;
    }
    let (name, rest) = text.split_at(end);
    Some((name, if braced { rest.strip_prefix('}')? } else { rest }))
}

/// Go's `unicode.IsLetter` and `unicode.IsDigit`, and `_`.
fn in_name(c: char) -> bool {
    static CLASS: OnceLock<ClassUnicode> = OnceLock::new();
    if c.is_ascii() {
        return c == '_' || c.is_ascii_alphanumeric();
    }
    let ranges = CLASS.get_or_init(class::letters_and_digits).ranges();
    let after = ranges.partition_point(|range| range.start() <= c);
    after.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|range| c <= range.end())
}

/// The number that a name is: digits without leading zeros, below Go's bound.
fn number(name: &str) -> Option<usize> {
    if name.len() > 1 && name.starts_with('0') {
        return None;
    }
    name.bytes().try_fold(0usize, |number, byte| {
        (byte.is_ascii_digit() && number < 100_000_000).then(|| number * 10 + usize::from(byte - b'0'))
    })
}
