//! What stands beside and under the lines of a file: signs, words at the end, waves under what is wrong.

use promtier::engine::protocol::{Analysis, SeverityView, Tone};

use super::doc::Doc;

/// The marks of one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LineMarks {
    /// The worst finding that begins on it.
    pub(crate) sign: Option<SeverityView>,
    /// Words for its end: the number that leads, the rest, the mood.
    pub(crate) lenses: Vec<(String, String, Tone)>,
    /// What is wrong on it: from and to in characters, from 0, and how bad it is.
    pub(crate) waves: Vec<(u32, u32, SeverityView)>,
    /// The line has become another since the engine looked at it.
    touched: bool,
}

/// The marks of one file: each line, from 0, that has any, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    lines: Vec<(u32, LineMarks)>,
}

/// Findings that are drawn into one file; beyond them only the list tells.
const MOST: usize = 2000;

impl Marks {
    /// The marks that an analysis gives the file at `path`, whose marks were `old` until now.
    ///
    /// Where the text is broken, the engine's words are about lines of the last one that was not: those at hand
    /// have moved with their lines since then, and stay.
    pub(crate) fn of(analysis: &Analysis, path: &str, old: &Self) -> Self {
        let mut marks = Self::default();
        let broken = analysis.files.iter().any(|file| file.from_last_valid && file.path == path);
        if broken {
            for (line, was) in old.lines.iter().filter(|(_, was)| !was.touched && !was.lenses.is_empty()) {
                marks.entry(*line).lenses.clone_from(&was.lenses);
            }
        }
        for finding in analysis.findings.iter().filter(|finding| finding.path == path).take(MOST) {
            let range = finding.range;
            let line = marks.entry(range.line.saturating_sub(1));
            line.sign = line.sign.max(Some(finding.severity));
            let from = range.column.saturating_sub(1);
            let to = match range.end_line {
                end if end > range.line => u32::MAX,
                _ => range.end_column.saturating_sub(1).max(from + 1),
            };
            line.waves.push((from, to, finding.severity));
        }
        for lens in analysis.lenses.iter().filter(|lens| !broken && lens.path == path) {
            let line = marks.entry(lens.line.saturating_sub(1));
            line.lenses.push((lens.lead.clone(), lens.text.clone(), lens.tone));
        }
        marks
    }

    /// The marks of a line, which has some from now on. Most come in order, so that most go to the end.
    fn entry(&mut self, line: u32) -> &mut LineMarks {
        let at = self.lines.partition_point(|&(other, _)| other < line);
        if self.lines.get(at).is_none_or(|&(other, _)| other != line) {
            self.lines.insert(at, (line, LineMarks::default()));
        }
        &mut self.lines[at].1
    }

    /// The marks of a line, from 0.
    pub(crate) fn line(&self, line: u32) -> Option<&LineMarks> {
        let at = self.lines.binary_search_by_key(&line, |&(line, _)| line).ok()?;
        self.lines.get(at).map(|(_, marks)| marks)
    }

    /// The marks where the text has become another, until the engine has looked at it: those below the
    /// change move with their lines, those inside it go.
    #[must_use]
    pub(crate) fn moved(&self, change: LineChange) -> Self {
        let kept = self.lines.iter().filter_map(|&(line, ref marks)| {
            let mut marks = marks.clone();
            let line = if line < change.first {
                line
            } else if line >= change.end_old {
                line - change.end_old + change.end_new
            } else if line == change.first && change.first < change.end_new {
                marks.touched = true;
                line
            } else {
                return None;
            };
            Some((line, marks))
        });
        Self { lines: kept.collect() }
    }
}

/// Which lines a change touched: from `first` to before `end_old`, which became those to before `end_new`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LineChange {
    first: u32,
    end_old: u32,
    end_new: u32,
}

impl LineChange {
    /// What has changed from one text to the other.
    pub(crate) fn between(old: &Doc, new: &Doc) -> Self {
        let least = old.lines().min(new.lines());
        let first = (0..least).take_while(|&line| old.line(line) == new.line(line)).count() as u32;
        let same_below = (0..least - first)
            .take_while(|&line| old.line(old.lines() - 1 - line) == new.line(new.lines() - 1 - line))
            .count() as u32;
        Self { first, end_old: old.lines() - same_below, end_new: new.lines() - same_below }
    }
}

#[cfg(test)]
mod tests {
    use promtier::engine::protocol::{FileKind, FileView, FindingView, Lens, RangeView};

    use super::*;

    fn doc(text: &str) -> Doc {
        Doc::new(text.into())
    }

    fn lens(line: u32) -> Lens {
        Lens { path: "a".to_owned(), line, lead: line.to_string(), text: String::new(), tone: Tone::Good }
    }

    fn finding(
        line: u32,
        column: u32,
        end_line: u32,
        end_column: u32,
        severity: SeverityView,
    ) -> FindingView {
        FindingView {
            path: "a".to_owned(),
            range: RangeView { line, column, end_line, end_column, ..RangeView::default() },
            severity,
            code: String::new(),
            message: String::new(),
            because: String::new(),
            help: String::new(),
            fixes: Vec::new(),
        }
    }

    fn check(old: &str, new: &str, lenses: &[u32], expect: &[u32]) {
        let analysis =
            Analysis { lenses: lenses.iter().map(|&line| lens(line)).collect(), ..Analysis::default() };
        let marks = Marks::of(&analysis, "a", &Marks::default());
        let marks = marks.moved(LineChange::between(&doc(old), &doc(new)));
        let lines: Vec<u32> = marks.lines.iter().map(|(line, _)| line + 1).collect();
        assert_eq!(lines, expect, "{old:?} to {new:?}");
    }

    #[test]
    fn marks_move_with_their_lines() {
        check("a\nb\nc", "a\nb\nc", &[1, 2, 3], &[1, 2, 3]);
        check("a\nb\nc", "a\nx\nb\nc", &[1, 2, 3], &[1, 3, 4]);
        check("a\nb\nc", "a\nc", &[1, 2, 3], &[1, 2]);
        check("a\nb\nc", "\na\nb\nc", &[1, 3], &[2, 4]);
        check("a\nb", "a\nb\n", &[2], &[2]);
        check("a\na\na", "a\na\na\na", &[1, 2, 3], &[1, 2, 3]);
        check("a", "", &[1], &[1]);
        // The line that is typed in keeps its marks, others that are replaced do not.
        check("a\nb\nc", "a\nx\nc", &[1, 2, 3], &[1, 2, 3]);
        check("a\nb\nc", "a\nx\ny", &[1, 2, 3], &[1, 2]);
    }

    #[test]
    fn a_broken_text_keeps_the_words_at_its_lines() {
        let file = FileView {
            path: "a".to_owned(),
            kind: FileKind::Prometheus,
            node: None,
            bytes: 0,
            series: None,
            errors: 1,
            warnings: 0,
            from_last_valid: true,
        };
        let analysis = Analysis {
            files: vec![file],
            lenses: vec![lens(1)],
            findings: vec![finding(3, 1, 3, 2, SeverityView::Error)],
            ..Analysis::default()
        };
        let old = Analysis { lenses: vec![lens(2)], ..Analysis::default() };
        let old = Marks::of(&old, "a", &Marks::default());
        let marks = Marks::of(&analysis, "a", &old);
        assert_eq!(marks.line(0), None);
        assert_eq!(marks.line(1), old.line(1));
        assert_eq!(marks.line(2).expect("a sign").sign, Some(SeverityView::Error));
        // The line that is typed in is no longer what the words are about.
        let typed = old.moved(LineChange::between(&doc("a\nb\nc"), &doc("a\nx\nc")));
        assert_eq!(Marks::of(&analysis, "a", &typed).line(1), None);
    }

    #[test]
    fn the_worst_finding_gives_the_sign() {
        let analysis = Analysis {
            findings: vec![
                finding(2, 3, 2, 7, SeverityView::Warning),
                finding(2, 1, 4, 2, SeverityView::Error),
                finding(3, 5, 3, 5, SeverityView::Info),
            ],
            ..Analysis::default()
        };
        let marks = Marks::of(&analysis, "a", &Marks::default());
        let line = marks.line(1).expect("marks on line 2");
        assert_eq!(line.sign, Some(SeverityView::Error));
        assert_eq!(line.waves, [(2, 6, SeverityView::Warning), (0, u32::MAX, SeverityView::Error)]);
        assert_eq!(marks.line(2).expect("marks on line 3").waves, [(4, 5, SeverityView::Info)]);
        assert_eq!(Marks::of(&analysis, "b", &marks), Marks::default());
    }
}
