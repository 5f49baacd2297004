//! What the terminal can show: colour, width, and lines on standard error.
#![expect(
    clippy::disallowed_methods,
    reason = "the command may ask the environment for NO_COLOR and the width"
)]

use std::io::{self, IsTerminal, StdoutLock, Write};

use annotate_snippets::Renderer;
use promtier::federation::Ambiguous;

use crate::args::Color;
use crate::failure::{Complaint, Failure};
use crate::output::{Finding, Sources, counted, full};

/// What standard output and standard error can show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    /// Whether standard output takes colour.
    pub(crate) color_out: bool,
    /// Whether standard error takes colour.
    pub(crate) color_err: bool,
}

impl Terminal {
    /// Asks the environment, where `color` leaves it open.
    pub(crate) fn new(color: Color) -> Self {
        // See https://no-color.org: any value but the empty one counts.
        let wanted = || {
            std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
        };
        match color {
            Color::Always => Self { color_out: true, color_err: true },
            Color::Never => Self { color_out: false, color_err: false },
            Color::Auto => {
                let wanted = wanted();
                Self {
                    color_out: wanted && io::stdout().is_terminal(),
                    color_err: wanted && io::stderr().is_terminal(),
                }
            }
        }
    }

    /// A renderer of findings for standard output.
    pub(crate) fn renderer_out(self) -> Renderer {
        renderer(self.color_out)
    }

    /// A renderer of findings for standard error.
    fn renderer_err(self) -> Renderer {
        renderer(self.color_err)
    }

    /// Says on standard error why a run could not do its work. Of a closed pipe nobody is left to tell.
    pub(crate) fn fail(self, failure: &Failure) {
        let Failure::Unusable(complaints) = failure else { return };
        for complaint in complaints {
            self.complain(complaint);
        }
    }

    /// Says on standard error what cannot be used and what to do.
    pub(crate) fn complain(self, complaint: &Complaint) {
        let (red, cyan, off) = self.styles();
        say(&format!("{red}error{off}: {}", one_line(&complaint.message)));
        if !complaint.help.is_empty() {
            say(&format!("  {cyan}help{off}: {}", one_line(&complaint.help)));
        }
    }

    /// Prints findings in full on standard error.
    pub(crate) fn report(self, sources: &Sources<'_>, findings: &[Finding]) {
        // Where standard error is closed there is nobody to tell.
        let _ = full::write(&mut io::stderr().lock(), &self.renderer_err(), sources, findings);
    }

    fn styles(self) -> (&'static str, &'static str, &'static str) {
        if self.color_err { ("\x1b[1;31m", "\x1b[1;36m", "\x1b[0m") } else { ("", "", "") }
    }
}

/// Writes a line to standard error. Where that is closed there is nobody to tell.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes what is worth knowing to standard error.
pub(crate) fn note(text: &str) {
    say(&format!("note: {}", one_line(text)));
}

/// Says which labels of samples may be the server's or the series' own.
pub(crate) fn ambiguous(path: Option<&str>, label: &Ambiguous) {
    let place = path.map_or_else(String::new, |path| format!("{path}: "));
    let (series, own) = if label.own == 1 {
        ("1 series has", "its")
    } else {
        (&*format!("{} series have", label.own), "their")
    };
    note(&format!(
        "{place}{series} `{}` with a value of {own} own, so {} with the external label's value may have had it too: \
         it was taken for the server's",
        label.name,
        counted(label.taken, "series"),
    ));
}

/// Standard output with a buffer. What is left in it has to be flushed, since an error then is an error.
pub(crate) fn stdout() -> io::BufWriter<StdoutLock<'static>> {
    io::BufWriter::with_capacity(64 * 1024, io::stdout().lock())
}

/// A text of unknown origin in one line that leaves the terminal alone: control characters are spelled out.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

fn renderer(color: bool) -> Renderer {
    if color { Renderer::styled() } else { Renderer::plain() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_spelled_out() {
        assert_eq!(one_line("a\x1b[31m→\n"), "a\\u{1b}[31m→\\n");
    }
}
