//! Why a pattern is refused, in Go's words.

use std::fmt;

use bstr::{BStr, BString};

/// What is wrong with a pattern: the codes of Go's `regexp/syntax`, and promtier's own budgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RegexErrorKind {
    /// The parser gave up: what releases before 2.53 say of a pattern that is too large.
    Internal,
    /// A class is out of order, unknown or unclosed (`[b-a]`, `[[:foo:]]`, `\p{Foo}`).
    CharRange,
    /// A backslash before something that is no escape.
    Escape,
    /// A group's name is empty, unclosed or holds more than letters, digits and `_`.
    NamedCapture,
    /// `(?` before something that is neither flags nor a group.
    PerlOp,
    /// A repetition of a repetition, such as `a**`.
    RepeatOp,
    /// A repeat count over 1000, alone or multiplied by the counts around it, or out of order.
    RepeatSize,
    /// Bytes that are not UTF-8.
    Utf8,
    /// A class is not closed.
    Bracket,
    /// A group is not closed.
    Paren,
    /// Nothing stands before a repetition.
    RepeatArgument,
    /// The pattern ends in a backslash.
    TrailingBackslash,
    /// A `)` without its `(`.
    UnexpectedParen,
    /// Groups and repetitions are nested more than 1000 deep.
    NestingDepth,
    /// The compiled program would hold more than 3.3 million instructions.
    Large,
    /// Prometheus accepts it, but it is larger than promtier evaluates.
    Budget,
}

impl RegexErrorKind {
    /// Go's words for the kind.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "regexp/syntax: internal error",
            Self::CharRange => "invalid character class range",
            Self::Escape => "invalid escape sequence",
            Self::NamedCapture => "invalid named capture",
            Self::PerlOp => "invalid or unsupported Perl syntax",
            Self::RepeatOp => "invalid nested repetition operator",
            Self::RepeatSize => "invalid repeat count",
            Self::Utf8 => "invalid UTF-8",
            Self::Bracket => "missing closing ]",
            Self::Paren => "missing closing )",
            Self::RepeatArgument => "missing argument to repetition operator",
            Self::TrailingBackslash => "trailing backslash at end of expression",
            Self::UnexpectedParen => "unexpected )",
            Self::NestingDepth => "expression nests too deeply",
            Self::Large => "expression too large",
            Self::Budget => "the regular expression is larger than promtier evaluates",
        }
    }
}

/// Why a pattern is refused. Its `Display` is Go's text, to the byte; of an excerpt that is not UTF-8,
/// to the replacement character.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RegexError {
    kind: RegexErrorKind,
    excerpt: BString,
}

impl RegexError {
    pub(super) fn new(kind: RegexErrorKind, excerpt: &[u8]) -> Self {
        Self { kind, excerpt: excerpt.into() }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> RegexErrorKind {
        self.kind
    }

    /// The part of the pattern that Go shows. Relabelling's wrapper is part of the pattern to it.
    #[must_use]
    pub fn excerpt(&self) -> &BStr {
        self.excerpt.as_ref()
    }

    /// Whether Prometheus accepts the pattern, and only promtier's budget refuses it.
    #[must_use]
    pub fn is_budget(&self) -> bool {
        self.kind == RegexErrorKind::Budget
    }
}

impl fmt::Display for RegexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_budget() {
            return f.write_str(self.kind.as_str());
        }
        write!(f, "error parsing regexp: {}: `{}`", self.kind.as_str(), self.excerpt)
    }
}

impl std::error::Error for RegexError {}
