//! The text of one file as the editor shows it: lines, and places in UTF-16 as the browser counts.

use std::sync::Arc;

/// One text with its lines.
#[derive(Clone, Debug)]
pub(crate) struct Doc {
    text: Arc<str>,
    /// Where each line starts, in bytes.
    starts: Vec<u32>,
    /// The columns of the widest line, as a fixed-width font shows it.
    widest: u32,
}

/// Columns of a tab stop; the style sheet says the same.
const TAB: u32 = 4;

impl Doc {
    /// Takes a text as it is.
    pub(crate) fn new(text: Arc<str>) -> Self {
        let mut starts = vec![0];
        starts
            .extend(text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n').map(|(at, _)| at as u32 + 1));
        let mut doc = Self { text, starts, widest: 0 };
        doc.widest = (0..doc.lines()).map(|line| columns(doc.line(line))).max().unwrap_or(0);
        doc
    }

    /// How many lines; an empty text has one.
    pub(crate) fn lines(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The columns of the widest line.
    pub(crate) fn widest(&self) -> u32 {
        self.widest
    }

    /// A line, from 0, without its end; empty past the last.
    pub(crate) fn line(&self, line: u32) -> &str {
        let line = line as usize;
        let Some(&start) = self.starts.get(line) else { return "" };
        let end = self.starts.get(line + 1).map_or(self.text.len(), |&next| next as usize - 1);
        let content = &self.text[start as usize..end];
        content.strip_suffix('\r').unwrap_or(content)
    }

    /// The line, from 0, in which `units` UTF-16 code units have passed.
    pub(crate) fn line_of(&self, units: u32) -> u32 {
        let at = byte_of(&self.text, units) as u32;
        self.starts.partition_point(|&start| start <= at) as u32 - 1
    }

    /// What a new line begins with after Enter at `units`: the blanks that its line begins with.
    pub(crate) fn indent_at(&self, units: u32) -> &str {
        let at = byte_of(&self.text, units);
        let start = self.starts[self.line_of(units) as usize] as usize;
        let line = &self.text[start..at];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }
}

/// The UTF-16 code units before `line` and `column`, both from 1 and counted in characters; a place past a
/// line's end is its end.
pub(crate) fn units_at(text: &str, line: u32, column: u32) -> u32 {
    let mut lines = text.split_inclusive('\n');
    let before: u32 = lines.by_ref().take(line.saturating_sub(1) as usize).map(utf16_length).sum();
    let rest = lines.next().unwrap_or("").trim_end_matches(['\n', '\r']);
    let inside =
        rest.chars().take(column.saturating_sub(1) as usize).map(|c| c.len_utf16() as u32).sum::<u32>();
    before + inside
}

/// The columns that a line takes.
fn columns(line: &str) -> u32 {
    if line.is_ascii() && !line.contains('\t') {
        return line.len() as u32;
    }
    line.chars().fold(0, |column, c| match c {
        '\t' => (column / TAB + 1) * TAB,
        // East Asian characters and pictures take two columns; to count one too many does no harm.
        '\u{1100}'.. => column + 2,
        _ => column + 1,
    })
}

/// The length of a text in UTF-16 code units.
pub(crate) fn utf16_length(text: &str) -> u32 {
    if text.is_ascii() { text.len() as u32 } else { text.chars().map(|c| c.len_utf16() as u32).sum() }
}

/// The byte at which `units` UTF-16 code units have passed; inside a pair, where it begins.
pub(crate) fn byte_of(text: &str, units: u32) -> usize {
    if text.is_ascii() {
        return (units as usize).min(text.len());
    }
    let mut passed = 0;
    for (at, c) in text.char_indices() {
        passed += c.len_utf16() as u32;
        if passed > units {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc(text: &str) -> Doc {
        Doc::new(text.into())
    }

    #[test]
    fn cuts_lines() {
        let doc = doc("a: 1\r\n\tb\n");
        assert_eq!(doc.lines(), 3);
        assert_eq!((doc.line(0), doc.line(1), doc.line(2), doc.line(3)), ("a: 1", "\tb", "", ""));
        assert_eq!(doc.widest(), 5);
        assert_eq!(self::doc("").lines(), 1);
    }

    #[test]
    fn counts_as_the_browser_does() {
        let doc = doc("a😀\nb");
        assert_eq!(doc.line_of(3), 0);
        assert_eq!(doc.line_of(4), 1);
        assert_eq!(byte_of("a😀b", 2), 1);
        assert_eq!(doc.line_of(99), 1);
        assert_eq!(utf16_length("a😀"), 3);
    }

    #[test]
    fn finds_lines_and_columns() {
        for (line, column, expect) in
            [(1, 1, 0), (1, 3, 3), (1, 9, 3), (2, 1, 5), (2, 2, 6), (9, 9, 6), (0, 0, 0)]
        {
            assert_eq!(units_at("a😀\r\nb", line, column), expect, "{line}:{column}");
        }
    }

    #[test]
    fn keeps_the_indent() {
        let doc = doc("a:\n  - b: 1\n");
        assert_eq!(doc.indent_at(2), "");
        assert_eq!(doc.indent_at(11), "  ");
        assert_eq!(doc.indent_at(4), " ");
        assert_eq!(doc.indent_at(12), "");
    }
}
