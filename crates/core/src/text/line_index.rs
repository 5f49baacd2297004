//! From byte offsets to lines and columns, and back.

/// A place as people and editors name it. Both numbers count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters (Unicode scalar values).
    pub column: u32,
}

/// The line starts of one text. A line ends with `\n`; a `\r` before it belongs to the line's end.
///
/// Building takes one pass over the bytes; every answer takes a binary search, and one of columns the length of
/// a line.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// For each character outside of ASCII: the byte after it, and by how much the bytes up to there outnumber
    /// their UTF-16 code units.
    wide: Vec<(u32, u32)>,
}

impl LineIndex {
    /// Indexes `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1));
        let mut wide = Vec::new();
        if !text.is_ascii() {
            let mut surplus = 0;
            for (at, c) in text.char_indices().filter(|(_, c)| !c.is_ascii()) {
                surplus += (c.len_utf8() - c.len_utf16()) as u32;
                wide.push(((at + c.len_utf8()) as u32, surplus));
            }
        }
        Self { starts, wide }
    }

    /// The number of lines; a text that ends with a newline ends with an empty line, and an empty text has one.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The line, from 0, that holds the byte at `offset`.
    #[must_use]
    pub fn line_of(&self, offset: u32) -> u32 {
        self.starts.partition_point(|&start| start <= offset) as u32 - 1
    }

    /// The byte at which `line`, from 0, starts; the end of the last line's start where there is no such line.
    #[must_use]
    pub fn line_start(&self, line: u32) -> u32 {
        let last = self.starts.len() - 1;
        self.starts[(line as usize).min(last)]
    }

    /// Line and column of `offset` in the `text` that was indexed. An offset inside a character counts as
    /// its start, one past the end as the end.
    #[must_use]
    pub fn line_column(&self, text: &str, offset: u32) -> LineColumn {
        let offset = floor_boundary(text, offset);
        let line = self.line_of(offset as u32);
        let column = text[self.starts[line as usize] as usize..offset].chars().count() as u32;
        LineColumn { line: line + 1, column: column + 1 }
    }

    /// The byte offset of `place` in the `text` that was indexed; columns past a line's end give its end.
    #[must_use]
    pub fn offset(&self, text: &str, place: LineColumn) -> u32 {
        let line = place.line.saturating_sub(1) as usize;
        if line >= self.starts.len() {
            return text.len() as u32;
        }
        let start = self.starts[line] as usize;
        let content = match self.starts.get(line + 1) {
            Some(&next) => {
                let content = &text[start..next as usize - 1];
                content.strip_suffix('\r').unwrap_or(content)
            }
            None => &text[start..],
        };
        let column = place.column.saturating_sub(1) as usize;
        let inside = content.char_indices().nth(column).map_or(content.len(), |(at, _)| at);
        (start + inside) as u32
    }

    /// The number of UTF-16 code units before `offset`: what editors and `JavaScript` strings count.
    #[must_use]
    pub fn utf16_offset(&self, text: &str, offset: u32) -> u32 {
        let offset = floor_boundary(text, offset) as u32;
        let passed = self.wide.partition_point(|&(end, _)| end <= offset);
        offset - passed.checked_sub(1).map_or(0, |last| self.wide[last].1)
    }

    /// The byte offset at which `units` UTF-16 code units have passed; the middle of a surrogate pair
    /// counts as its start.
    #[must_use]
    pub fn offset_of_utf16(&self, text: &str, units: u32) -> u32 {
        let passed = self.wide.partition_point(|&(end, surplus)| end - surplus <= units);
        let surplus = passed.checked_sub(1).map_or(0, |last| self.wide[last].1);
        // Between the last wide character that has passed and the next one every unit is a byte.
        floor_boundary(text, units.saturating_add(surplus)) as u32
    }
}

fn floor_boundary(text: &str, offset: u32) -> usize {
    text.floor_char_boundary((offset as usize).min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, offset: u32, line: u32, column: u32) {
        let index = LineIndex::new(text);
        assert_eq!(index.line_column(text, offset), LineColumn { line, column }, "{text:?} at {offset}");
    }

    #[test]
    fn names_places_as_people_do() {
        check("", 0, 1, 1);
        check("a", 1, 1, 2);
        check("a\n", 2, 2, 1);
        check("a\r\nb", 3, 2, 1);
        check("a\r\nb", 2, 1, 3);
        check("\tx", 1, 1, 2);
        check("é→x", 5, 1, 3);
        check("é→x", 3, 1, 2);
        check("ab", 9, 1, 3);
    }

    #[test]
    fn columns_past_a_line_stay_on_it() {
        let text = "ab\r\ncd";
        let index = LineIndex::new(text);
        assert_eq!(index.offset(text, LineColumn { line: 1, column: 99 }), 2);
        assert_eq!(index.offset(text, LineColumn { line: 9, column: 1 }), 6);
    }

    #[test]
    fn counts_utf16_units() {
        let text = "a😀b";
        let index = LineIndex::new(text);
        assert_eq!(index.utf16_offset(text, 5), 3);
        assert_eq!(index.offset_of_utf16(text, 3), 5);
        assert_eq!(index.offset_of_utf16(text, 2), 1);
    }

    proptest! {
        #[test]
        fn every_boundary_round_trips(text in "[a-z\t\r\né😀→]{0,40}") {
            let index = LineIndex::new(&text);
            for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let offset = at as u32;
                prop_assert_eq!(index.offset_of_utf16(&text, index.utf16_offset(&text, offset)), offset);
                let place = index.line_column(&text, offset);
                // Between `\r` and `\n` a place belongs to the line's end, so it leads back to the `\r`.
                let inside_line_end = text[..at].ends_with('\r') && text[at..].starts_with('\n');
                let expect = if inside_line_end { offset - 1 } else { offset };
                prop_assert_eq!(index.offset(&text, place), expect);
            }
        }

        #[test]
        fn any_offset_is_answered(text in any::<String>(), offset in any::<u32>(), line in any::<u32>(), column in any::<u32>()) {
            let index = LineIndex::new(&text);
            let _ = index.line_column(&text, offset);
            let _ = index.utf16_offset(&text, offset);
            let _ = index.offset_of_utf16(&text, offset);
            let back = index.offset(&text, LineColumn { line, column });
            prop_assert!(text.is_char_boundary(back as usize));
        }
    }
}
