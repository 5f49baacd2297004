//! The words of PromQL, and since when some of them are words.

use crate::text::Span;
use crate::version::Version;

/// A kind of word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name; outside of braces also with colons.
    Identifier,
    /// A name with colons.
    MetricIdentifier,
    /// `and`, `or`, `unless`, `atan2`.
    OperatorWord,
    /// `sum`, `avg` and so on.
    Aggregator,
    /// `by`, `on`, `offset` and so on.
    Keyword,
    /// `start`, `end` and so on.
    Preprocessor,
    /// A string in quotes of any kind.
    String,
    /// A number.
    Number,
    /// A duration: `5m`.
    Duration,
    /// `{`.
    LeftBrace,
    /// `}`.
    RightBrace,
    /// `,`.
    Comma,
    /// `=`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `=~`.
    EqualRegex,
    /// `!~`.
    NotEqualRegex,
    /// An operator of expressions.
    Operator,
    /// `@`, which older versions have no word for.
    At,
    /// `(`.
    LeftParen,
    /// `)`.
    RightParen,
    /// `[`.
    LeftBracket,
    /// `]`.
    RightBracket,
    /// What parts a subquery's range and its step.
    Colon,
    /// Nothing more.
    End,
    /// What is no word at all; its message is among the faults.
    Fault,
}

/// A word, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub span: Span,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

/// What the lexer complains of.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Prometheus' words.
    pub message: String,
    /// Where Prometheus sees it: where the word begins.
    pub at: u32,
    /// Where it is.
    pub span: Span,
}

/// Numbers may hold underscores since here.
pub(super) const UNDERSCORES: Version = Version { major: 2, minor: 54 };
/// Brackets hold expressions of durations since here.
pub const DURATION_EXPRESSIONS: Version = Version { major: 3, minor: 4 };
/// Words stand for durations since here.
pub const DURATION_WORDS: Version = Version { major: 3, minor: 6 };
/// Names in braces may be quoted since here.
pub(super) const QUOTED_NAMES: Version = Version { major: 2, minor: 51 };
