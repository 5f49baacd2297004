//! The text of the scalar at the caret, and the way back from it to the file.

use crate::text::{SourceMap, Span};
use crate::yaml;

use super::outline::{Spot, Writing};

/// A scalar's text, with quotes, escapes and folds undone.
#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub(super) value: String,
    map: SourceMap,
    /// What is to be subtracted from the map's places to have the file's.
    added: u32,
    base: u32,
    writing: Writing,
}

impl Scalar {
    /// The scalar at a spot.
    pub(super) fn read(text: &str, spot: &Spot) -> Option<Self> {
        let written = text.get(spot.scalar.range())?;
        let base = spot.scalar.start;
        let writing = spot.writing;
        let verbatim = |value: &str, from: u32| Self {
            value: value.to_owned(),
            map: SourceMap::verbatim(from, value.len() as u32),
            added: 0,
            base: 0,
            writing,
        };
        let quote = match writing {
            Writing::Plain => return Some(verbatim(written, base)),
            Writing::Single => Some('\''),
            Writing::Double => Some('"'),
            Writing::Block => None,
        };
        let (piece, added) = match quote {
            Some(quote) => {
                let closed = spot.scalar.end > spot.word.end;
                let end = if closed { String::new() } else { quote.to_string() };
                (format!("{written}{end}"), 0)
            }
            None => {
                let indent = " ".repeat(spot.owner.unwrap_or(0));
                (format!("{indent}- {written}"), indent.len() as u32 + 2)
            }
        };
        let document = yaml::parse(&piece).value;
        let root = document.root()?;
        let node = if quote.is_some() { root } else { root.items().next()? };
        match node.text() {
            Some(value) => {
                let map = node.source_map();
                Some(Self { value: value.to_owned(), map, added, base, writing })
            }
            // A half-typed escape, say.
            None if quote.is_some() => Some(verbatim(text.get(spot.word.range())?, spot.word.start)),
            None => None,
        }
    }

    fn source(&self, decoded: u32) -> u32 {
        (self.map.to_source(decoded) + self.base).saturating_sub(self.added)
    }

    /// The place in the text of an offset of the file; the last place that is not behind it.
    pub(super) fn caret(&self, offset: u32) -> usize {
        let (mut low, mut high) = (0, self.value.len() as u32);
        while low < high {
            let middle = (low + high).div_ceil(2);
            if self.source(middle) <= offset { low = middle } else { high = middle - 1 }
        }
        self.value.floor_char_boundary(low as usize)
    }

    /// The place in the file of a range of the text.
    pub(super) fn span(&self, range: std::ops::Range<usize>) -> Span {
        if range.is_empty() {
            return Span::at(self.source(range.start as u32));
        }
        let span = self.map.span_to_source(Span::from(range));
        let back = |at: u32| (at + self.base).saturating_sub(self.added);
        Span { start: back(span.start), end: back(span.end) }
    }

    /// Text as it is written inside of this scalar.
    pub(super) fn spell(&self, text: &str) -> String {
        match self.writing {
            Writing::Single => text.replace('\'', "''"),
            Writing::Double => text.replace('\\', "\\\\").replace('"', "\\\""),
            Writing::Plain | Writing::Block => text.to_owned(),
        }
    }
}
