//! From a decoded value back to the text that spells it.

use super::Span;

/// Where each byte of a decoded scalar (an unquoted, unescaped, unfolded YAML string, say) stands in the
/// file, so that a caret lands inside a selector inside a folded block.
///
/// A list of runs in ascending order; within a run both sides advance byte by byte. A value that the file
/// spells as it is, which most are, has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    runs: Vec<Run>,
    decoded_len: u32,
    source_end: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    decoded: u32,
    source: u32,
    len: u32,
}

impl SourceMap {
    /// A value of `len` bytes that the file spells as it is, from `source` on.
    #[must_use]
    pub fn verbatim(source: u32, len: u32) -> Self {
        Self { runs: Vec::new(), decoded_len: len, source_end: source + len }
    }

    /// Appends `decoded_len` bytes of value that `source_len` bytes at `source` spell. Equal lengths are
    /// taken as verbatim; others (an escape, a folded line break) map as a whole.
    pub fn push(&mut self, source: u32, source_len: u32, decoded_len: u32) {
        let is_verbatim = source_len == decoded_len;
        let is_next = self.decoded_len == 0 || self.source_end == source;
        if self.runs.is_empty() && is_verbatim && is_next {
            self.decoded_len += decoded_len;
            self.source_end = source + source_len;
            return;
        }
        if self.runs.is_empty() && self.decoded_len > 0 {
            self.runs.push(Run {
                decoded: 0,
                source: self.source_end - self.decoded_len,
                len: self.decoded_len,
            });
        }
        if is_verbatim {
            match self.runs.last_mut() {
                Some(run) if run.source + run.len == source && run.decoded + run.len == self.decoded_len => {
                    run.len += decoded_len;
                }
                _ => self.runs.push(Run { decoded: self.decoded_len, source, len: decoded_len }),
            }
        } else {
            self.runs.push(Run { decoded: self.decoded_len, source, len: 0 });
        }
        self.decoded_len += decoded_len;
        self.source_end = source + source_len;
    }

    /// The length of the decoded value in bytes.
    #[must_use]
    pub fn decoded_len(&self) -> u32 {
        self.decoded_len
    }

    /// The place in the file of the decoded byte at `offset`; at or past the value's end, the end of its spelling.
    #[must_use]
    pub fn to_source(&self, offset: u32) -> u32 {
        if offset >= self.decoded_len {
            return self.source_end;
        }
        if self.runs.is_empty() {
            return self.source_end - self.decoded_len + offset;
        }
        let after = self.runs.partition_point(|run| run.decoded <= offset);
        let Some(run) = after.checked_sub(1).and_then(|at| self.runs.get(at)) else {
            return self.source_end;
        };
        run.source + (offset - run.decoded).min(run.len)
    }

    /// The range in the file that spells the decoded range `span`.
    #[must_use]
    pub fn span_to_source(&self, span: Span) -> Span {
        let start = self.to_source(span.start);
        if span.is_empty() {
            return Span::at(start);
        }
        // The end is where the last byte's spelling ends, not where the next byte's begins: a folded
        // line break may lie between them.
        let last = span.end - 1;
        let end = if span.end >= self.decoded_len {
            self.source_end
        } else {
            let next = self.to_source(span.end);
            let after_last = self.to_source(last) + 1;
            if self.is_verbatim(last) { after_last } else { next }
        };
        Span::new(start, end.max(start))
    }

    fn is_verbatim(&self, offset: u32) -> bool {
        if self.runs.is_empty() {
            return offset < self.decoded_len;
        }
        let after = self.runs.partition_point(|run| run.decoded <= offset);
        after.checked_sub(1).is_some_and(|at| offset - self.runs[at].decoded < self.runs[at].len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_map_as_a_whole() {
        // `"a\nb"` at 10: a, newline, b.
        let mut map = SourceMap::default();
        map.push(11, 1, 1);
        map.push(12, 2, 1);
        map.push(14, 1, 1);
        let places: Vec<u32> = (0..=3).map(|at| map.to_source(at)).collect();
        // An escape of two bytes for one maps to its first byte.
        assert_eq!(places, [11, 12, 14, 15]);
        assert_eq!(map.span_to_source(Span::new(0, 1)), Span::new(11, 12));
        assert_eq!(map.span_to_source(Span::new(1, 2)), Span::new(12, 14));
        assert_eq!(map.span_to_source(Span::new(0, 3)), Span::new(11, 15));
    }

    #[test]
    fn spans_end_before_a_folded_break() {
        // `ab\n  cd` folded to `ab cd`, in a file at 100.
        let mut map = SourceMap::default();
        map.push(100, 2, 2);
        map.push(102, 3, 1);
        map.push(105, 2, 2);
        assert_eq!(map.span_to_source(Span::new(0, 2)), Span::new(100, 102));
        assert_eq!(map.span_to_source(Span::new(3, 5)), Span::new(105, 107));
        assert_eq!(map.span_to_source(Span::new(1, 4)), Span::new(101, 106));
    }

    #[test]
    fn verbatim_is_a_shift() {
        let map = SourceMap::verbatim(7, 5);
        assert_eq!(map.span_to_source(Span::new(1, 3)), Span::new(8, 10));
        assert_eq!(map.span_to_source(Span::at(5)), Span::at(12));
        assert_eq!(map.decoded_len(), 5);
    }
}
