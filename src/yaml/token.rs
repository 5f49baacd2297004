//! The tokens of YAML 1.1, and the places between which they stand.

use crate::text::{SourceMap, Span};

use super::tree::ScalarStyle;

/// A place in the text, counted as go-yaml counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Bytes before it.
    pub(super) byte: usize,
    /// Characters before it.
    pub(super) index: usize,
    /// Lines before it.
    pub(super) line: usize,
    /// Characters before it in its line.
    pub(super) column: usize,
}

/// A token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

impl Token {
    pub(super) fn span(&self) -> Span {
        Span::from(self.start.byte..self.end.byte)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    StreamEnd,
    /// `%YAML`, and whether it names the version that go-yaml v2 reads.
    VersionDirective {
        is_1_1: bool,
    },
    TagDirective {
        handle: String,
        prefix: String,
    },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag {
        handle: String,
        suffix: String,
    },
    Scalar(Box<ScalarToken>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct ScalarToken {
    pub(super) value: String,
    pub(super) style: ScalarStyle,
    /// Where the value is spelled: inside of the quotes.
    pub(super) content: Span,
    /// Where its bytes are, unless it is spelled verbatim.
    pub(super) map: Option<Box<SourceMap>>,
}

/// Why the text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// go-yaml's words, with its line number where it gives one.
    pub(super) message: String,
    /// The place to show.
    pub(super) at: usize,
    /// What to do about it.
    pub(super) help: &'static str,
    /// Whether it is a budget that was passed, rather than YAML's syntax.
    pub(super) budget: bool,
    /// Whether each token is right, but not in its place.
    pub(super) is_misplaced: bool,
    /// Another place that belongs to it, and what is there.
    pub(super) related: Option<(usize, &'static str)>,
}

impl Fault {
    /// An error of YAML's syntax.
    pub(super) fn new(message: String, at: usize, help: &'static str) -> Self {
        Self { message, at, help, budget: false, is_misplaced: false, related: None }
    }

    /// An error of go-yaml's scanner, which stopped at `problem` while it read what began at `context`.
    pub(super) fn scanner(words: &str, problem: Mark, context: Mark) -> Self {
        let line = if problem.line > 0 { problem.line + 1 } else { context.line };
        Self::new(numbered(words, line), problem.byte, help(words))
    }

    /// An error of go-yaml's parser, which numbers the line before the one it means.
    pub(super) fn parser(words: &str, problem: Mark, context: Mark) -> Self {
        let line = if problem.line > 0 { problem.line } else { context.line };
        Self { is_misplaced: true, ..Self::new(numbered(words, line), problem.byte, help(words)) }
    }

    /// A budget of our own.
    pub(super) fn budget(words: &str, mark: Mark) -> Self {
        Self { budget: true, ..Self::new(numbered(words, mark.line + 1), mark.byte, "") }
    }

    /// The same fault, shown where what is wrong begins.
    pub(super) fn shown_at(self, mark: Mark) -> Self {
        Self { at: mark.byte, ..self }
    }

    /// The same fault, shown where a quote or a bracket stands that was not closed in its line: what made no
    /// sense may be far below.
    pub(super) fn left_open_at(self, at: usize, help: &'static str) -> Self {
        let related = Some((self.at, "read on as far as here"));
        let help = if help.is_empty() { self.help } else { help };
        Self { at, help, related, ..self }
    }

    /// The same fault, with the place of the value before it to which it does not fit.
    pub(super) fn misfit_of(self, at: usize) -> Self {
        Self { related: Some((at, "it does not fit what begins here")), ..self }
    }
}

fn numbered(words: &str, line: usize) -> String {
    if line > 0 { format!("line {line}: {words}") } else { words.to_owned() }
}

fn help(words: &str) -> &'static str {
    match words {
        "found a tab character that violates indentation"
        | "found a tab character where an indentation space is expected" => {
            "Indent with spaces: YAML allows no tabs there."
        }
        "found character that cannot start any token" => {
            "Indent with spaces instead of tabs, and quote a value that starts with `@`, `%` or a backtick."
        }
        "found unexpected end of stream" => "Close the quote.",
        "mapping values are not allowed in this context" => {
            "Check the indentation of this line and the one before it, and quote a value that contains `: `."
        }
        "did not find expected key" | "did not find expected '-' indicator" => {
            "Check the indentation: the keys of one mapping, and the dashes of one list, stand in one column."
        }
        "could not find expected ':'" => "A key needs a colon and a space after it.",
        "did not find expected ',' or ']'" => "Close the bracket, or put a comma between the items.",
        "did not find expected ',' or '}'" => "Close the brace, or put a comma between the entries.",
        "found incompatible YAML document" => "Prometheus reads YAML 1.1; remove the `%YAML` line.",
        "control characters are not allowed" => "Remove the character, or escape it in double quotes.",
        _ => "",
    }
}
