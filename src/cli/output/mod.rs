//! How findings are printed, one format a file.

pub(crate) mod concise;
pub(crate) mod full;
pub(crate) mod github;
pub(crate) mod json;
pub(crate) mod preview;
pub(crate) mod preview_json;
pub(crate) mod preview_text;
pub(crate) mod sarif;
pub(crate) mod series;
pub(crate) mod table;
pub(crate) mod targets;
pub(crate) mod targets_json;
pub(crate) mod targets_text;
pub(crate) mod trace;
pub(crate) mod trace_json;
pub(crate) mod trace_text;

use std::borrow::Cow;

use promtier::diagnostic::{Diagnostic, Severity};
use promtier::text::{FileId, LineColumn, LineIndex, Span};

/// The texts that findings speak of.
#[derive(Debug, Default)]
pub(crate) struct Sources<'a> {
    sources: Vec<Source<'a>>,
}

/// One text, or a piece of one, with the name under which its user knows it.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// Its path from where the command was started.
    pub(crate) path: String,
    text: Cow<'a, str>,
    /// Where the piece starts in the whole.
    base: u32,
    first: LineColumn,
    index: LineIndex,
}

impl<'a> Sources<'a> {
    /// Adds a whole text; its [`FileId`] counts from 0.
    pub(crate) fn push(&mut self, path: String, text: impl Into<Cow<'a, str>>) -> FileId {
        self.push_piece(path, text, 0, LineColumn { line: 1, column: 1 })
    }

    /// Adds a piece that starts at the byte `base` of the whole, which is at `first`. An empty piece gives
    /// places and shows nothing.
    pub(crate) fn push_piece(
        &mut self,
        path: String,
        text: impl Into<Cow<'a, str>>,
        base: u32,
        first: LineColumn,
    ) -> FileId {
        let text = text.into();
        self.sources.push(Source { path, index: LineIndex::new(&text), text, base, first });
        FileId(self.sources.len() as u32 - 1)
    }

    /// The text of an id that [`Self::push`] gave.
    pub(crate) fn get(&self, file: FileId) -> &Source<'a> {
        &self.sources[file.0 as usize]
    }
}

impl Source<'_> {
    /// Line and column of an offset.
    pub(crate) fn place(&self, offset: u32) -> LineColumn {
        let inside = self.index.line_column(&self.text, offset.saturating_sub(self.base));
        let column = if inside.line == 1 { inside.column + self.first.column - 1 } else { inside.column };
        LineColumn { line: inside.line + self.first.line - 1, column }
    }

    /// Whether there is nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The lines `first..=last`, without the last line's end, and the offset at which they start. Lines that
    /// are not there are empty.
    pub(crate) fn lines(&self, first: u32, last: u32) -> (u32, &str) {
        let inside = |line: u32| line.saturating_sub(self.first.line);
        let start = self.index.line_start(inside(first));
        let after = inside(last) + 1;
        let end = if after >= self.index.line_count() {
            self.text.len() as u32
        } else {
            self.index.line_start(after)
        };
        let lines = self.text[Span { start, end: end.max(start) }.range()].trim_end_matches(['\n', '\r']);
        (self.base + start, lines)
    }
}

/// One finding in one of the texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The text.
    pub(crate) file: FileId,
    /// What is wrong in it.
    pub(crate) diagnostic: Diagnostic,
}

/// How many findings there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Errors.
    pub(crate) errors: usize,
    /// Warnings.
    pub(crate) warnings: usize,
    /// What is merely worth knowing.
    pub(crate) infos: usize,
}

impl Tally {
    /// Counts `findings`.
    pub(crate) fn of(findings: &[Finding]) -> Self {
        let mut tally = Self::default();
        for finding in findings {
            match finding.diagnostic.severity {
                Severity::Error => tally.errors += 1,
                Severity::Warning => tally.warnings += 1,
                Severity::Info => tally.infos += 1,
            }
        }
        tally
    }

    /// The number at or over a severity.
    pub(crate) fn at_least(self, severity: Severity) -> usize {
        match severity {
            Severity::Error => self.errors,
            Severity::Warning => self.errors + self.warnings,
            Severity::Info => self.errors + self.warnings + self.infos,
        }
    }
}

impl std::fmt::Display for Tally {
    /// `2 errors, 1 warning`, or `no findings`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<String> = [(self.errors, "error"), (self.warnings, "warning"), (self.infos, "info")]
            .into_iter()
            .filter(|&(count, _)| count > 0)
            .map(|(count, word)| counted(count, word))
            .collect();
        if parts.is_empty() { f.write_str("no findings") } else { f.write_str(&parts.join(", ")) }
    }
}

/// `1 error`, `2 errors`.
pub(crate) fn counted(count: usize, word: &str) -> String {
    let plural = if count == 1 || ["series", "info"].contains(&word) { "" } else { "s" };
    format!("{count} {word}{plural}")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use promtier::diagnostic::{Code, Fix};
    use promtier::text::TextEdit;

    const TEXT: &str = "global:\r\n  scrape_interval: 15\n# é→\nscrape_configs: []\n";

    /// Two findings with all they can have.
    pub(crate) fn example() -> (Sources<'static>, Vec<Finding>) {
        let mut sources = Sources::default();
        let a = sources.push("conf/a,b:c.yml".to_owned(), TEXT);
        let b = sources.push("other.yml".to_owned(), "x: 1");
        let first = Diagnostic::error(
            Code::new("prometheus/invalid-duration"),
            Span::new(28, 30),
            "not a valid duration string: \"15\"",
        )
        .because("Prometheus refuses to start, 100% of the time:\nreally")
        .help("give a unit")
        .label(Span::new(0, 6), "in this section")
        .label_in(b, Span::new(0, 1), "and here")
        .fix(Fix::safe("Write `15s`", vec![TextEdit::insert(30, "s")]));
        let second = Diagnostic::warning(Code::new("prometheus/odd"), Span::new(33, 38), "odd");
        (sources, vec![Finding { file: a, diagnostic: first }, Finding { file: a, diagnostic: second }])
    }

    #[test]
    fn lines_are_cut_without_their_ends() {
        let (sources, _) = example();
        let source = sources.get(FileId(0));
        assert_eq!(source.lines(1, 1), (0, "global:"));
        assert_eq!(source.lines(2, 3), (9, "  scrape_interval: 15\n# é→"));
        assert_eq!(source.lines(5, 5), (TEXT.len() as u32, ""));
        assert_eq!(source.lines(4, 99).1, "scrape_configs: []");
    }

    #[test]
    fn a_piece_knows_its_place_in_the_whole() {
        let mut sources = Sources::default();
        let file = sources.push_piece("x".to_owned(), "ab\ncd", 100, LineColumn { line: 7, column: 3 });
        let source = sources.get(file);
        assert_eq!(source.place(101), LineColumn { line: 7, column: 4 });
        assert_eq!(source.place(104), LineColumn { line: 8, column: 2 });
        assert_eq!(source.lines(8, 8), (103, "cd"));
        let nothing = sources.push_piece("x".to_owned(), "", 100, LineColumn { line: 7, column: 3 });
        assert_eq!(sources.get(nothing).place(105), LineColumn { line: 7, column: 3 });
    }

    #[test]
    fn tallies_read_as_people_speak() {
        let check = |errors, warnings, infos, expect: &str| {
            assert_eq!(Tally { errors, warnings, infos }.to_string(), expect);
        };
        check(0, 0, 0, "no findings");
        check(1, 0, 2, "1 error, 2 info");
        check(0, 3, 0, "3 warnings");
        assert_eq!(Tally::of(&example().1).at_least(Severity::Warning), 2);
        assert_eq!(counted(2, "series"), "2 series");
    }
}
