//! Tables for people: columns as wide as what stands in them, numbers to the right.

use std::io::{self, Write};

use crate::terminal::one_line;

/// How a cell looks where colour is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Look {
    /// As the terminal prints text.
    #[default]
    Plain,
    /// What the eye should find first.
    Strong,
    /// What is there to be looked up.
    Faint,
    /// What went wrong.
    Bad,
}

impl Look {
    fn codes(self) -> (&'static str, &'static str) {
        match self {
            Self::Plain => ("", ""),
            Self::Strong => ("\x1b[1m", "\x1b[0m"),
            Self::Faint => ("\x1b[2m", "\x1b[0m"),
            Self::Bad => ("\x1b[1;31m", "\x1b[0m"),
        }
    }
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    right: bool,
    look: Look,
}

impl Cell {
    /// Text, to the left.
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self { text: one_line(text.as_ref()), ..Self::default() }
    }

    /// A number, to the right, with its thousands apart.
    pub(crate) fn number(number: u64) -> Self {
        Self { text: thousands(number), right: true, look: Look::Plain }
    }

    /// A number for people and programs alike: to the right, digits only.
    pub(crate) fn count(number: usize) -> Self {
        Self::right(number.to_string())
    }

    /// To the right.
    pub(crate) fn right(text: impl AsRef<str>) -> Self {
        Self { right: true, ..Self::text(text) }
    }

    /// With a look of its own.
    pub(crate) fn look(self, look: Look) -> Self {
        Self { look, ..self }
    }
}

/// `text` with a look, where `color` is on.
pub(crate) fn paint(text: &str, look: Look, color: bool) -> String {
    let (on, off) = if color { look.codes() } else { ("", "") };
    format!("{on}{text}{off}")
}

/// Prints `rows`, each indented, two spaces between columns, nothing after the last one.
pub(crate) fn write(out: &mut impl Write, indent: &str, rows: &[Vec<Cell>], color: bool) -> io::Result<()> {
    write_each(out, indent, rows.iter().cloned(), color)
}

/// As [`write`], for rows that are too many to be held: they are asked for twice.
pub(crate) fn write_each(
    out: &mut impl Write,
    indent: &str,
    rows: impl Iterator<Item = Vec<Cell>> + Clone,
    color: bool,
) -> io::Result<()> {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows.clone() {
        widths.resize(widths.len().max(row.len()), 0);
        // The last cell of a row may run on: it is followed by nothing.
        for (at, cell) in row.iter().enumerate().filter(|&(at, cell)| at + 1 < row.len() || cell.right) {
            widths[at] = widths[at].max(width(&cell.text));
        }
    }
    for row in rows {
        out.write_all(indent.as_bytes())?;
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                out.write_all(b"  ")?;
            }
            let space = " ".repeat(widths[at].saturating_sub(width(&cell.text)));
            let text = paint(&cell.text, cell.look, color);
            match (cell.right, at + 1 == row.len()) {
                (true, _) => write!(out, "{space}{text}")?,
                (false, true) => write!(out, "{text}")?,
                (false, false) => write!(out, "{text}{space}")?,
            }
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// A number with a comma before each three digits.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [
            vec![Cell::text("JOB"), Cell::right("KEPT"), Cell::text("WHY")],
            vec![Cell::text("fédération"), Cell::number(1_284), Cell::text("")],
            vec![Cell::text("a"), Cell::text("this runs on and on")],
        ];
        let mut out = Vec::new();
        write(&mut out, "  ", &rows, false).expect("memory takes it");
        let expect = "  JOB          KEPT  WHY\n  fédération  1,284  \n  a           this runs on and on\n";
        assert_eq!(String::from_utf8(out).expect("text"), expect);
    }

    #[test]
    fn thousands_are_apart() {
        let check = |number, expect: &str| assert_eq!(thousands(number), expect);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(1_234_567, "1,234,567");
    }
}
