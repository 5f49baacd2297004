//! `match[]`: reading selectors as Prometheus does, printing them, saying what they match.
//!
//! Prometheus reports the first error only; [`Selector::parse_strict`] gives exactly that. [`parse()`] goes on
//! behind it, for an editor.

mod advice;
mod explain;
pub mod lex;
mod literal;
pub mod parse;
#[cfg(test)]
mod tests;
pub mod token;
pub mod words;

use std::fmt::{self, Write as _};

pub use explain::explain;

use crate::diagnostic::{Code, Parsed};
use crate::labels::{METRIC_NAME, MatchOp, Matcher, name};
use crate::series::CompiledMatcher;
use crate::text::Span;
use crate::version::Version;

/// The text is no selector.
pub const SYNTAX: Code = Code::new("selector/syntax");
/// A regular expression is refused.
pub const REGEX: Code = Code::new("selector/regex");
/// Prometheus would accept it, but it is larger than what is evaluated here.
pub const TOO_LARGE: Code = Code::new("selector/too-large");

/// How a matcher is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatcherForm {
    /// The metric's name before the braces: `up`.
    Name,
    /// The metric's name in quotes inside the braces: `{"up"}`.
    QuotedName,
    /// Label, operator, value: `job="a"`.
    Label,
}

/// A matcher and where it stands. Of a metric's name, which has neither label nor operator in the text, these
/// two spans are empty and lie at its beginning.
#[derive(Clone, Debug)]
pub struct SelectorMatcher {
    /// The matcher.
    pub matcher: Matcher,
    /// The matcher ready to be evaluated; absent where its regular expression is refused.
    pub compiled: Option<CompiledMatcher>,
    /// How it is written.
    pub form: MatcherForm,
    /// All of it.
    pub span: Span,
    /// The label's name, with its quotes.
    pub name_span: Span,
    /// The operator.
    pub op_span: Span,
    /// The value, with its quotes.
    pub value_span: Span,
}

/// A selector: what one `match[]` holds. Its matchers must all match; one without any selects nothing.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    /// The matchers in the order of the text, but the name before the braces last, as Prometheus has them.
    pub matchers: Vec<SelectorMatcher>,
}

impl Selector {
    /// Reads a selector as `ParseMetricSelector` of Prometheus does.
    ///
    /// # Errors
    /// Prometheus' first error; or, of code [`TOO_LARGE`], that the selector is larger than what is
    /// evaluated here.
    pub fn parse_strict(input: impl AsRef<[u8]>, version: Version) -> Result<Self, ParseError> {
        parse::parse_strict(input.as_ref(), version)
    }

    /// The matchers without their places.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Matcher> {
        self.matchers.iter().map(|matcher| &matcher.matcher)
    }

    /// The matchers ready to be evaluated; `None` where one of them is refused.
    #[must_use]
    pub fn compiled(&self) -> Option<Vec<CompiledMatcher>> {
        self.matchers.iter().map(|matcher| matcher.compiled.clone()).collect()
    }
}

/// Selectors are equal when their matchers are, in the same order; places do not count.
impl PartialEq for Selector {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Selector {}

/// Reads a selector and tells everything that is wrong with it. The first error is Prometheus' own: its
/// message contains Prometheus' words exactly. The value holds the matchers that could be read.
pub fn parse(input: impl AsRef<[u8]>, version: Version) -> Parsed<Selector> {
    parse::parse(input.as_ref(), version)
}

/// Prometheus' first error. Its `Display` is Prometheus' text: `1:5: parse error: unexpected …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line and column, from 1, in bytes; absent where Prometheus says `unknown position`.
    pub position: Option<(u32, u32)>,
    /// Prometheus' words.
    pub message: String,
    /// The place that an editor marks, which may be narrower than the position.
    pub span: Span,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some((line, column)) => write!(f, "{line}:{column}: ")?,
            None => f.write_str("unknown position: ")?,
        }
        write!(f, "parse error: {}", self.message)
    }
}

impl std::error::Error for ParseError {}

/// The canonical form: the metric's name before the braces where there is one and it may stand there, the
/// other matchers in their order, values in double quotes. Every version reads it, as far as it can read the
/// names at all.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_name = |matcher: &Matcher| matcher.name == METRIC_NAME && matcher.op == MatchOp::Equal;
        let mut names = self.iter().enumerate().filter(|(_, matcher)| is_name(matcher));
        let outside = match (names.next(), names.next()) {
            (Some((at, matcher)), None) if parse::is_plain_name(&matcher.value) => Some((at, matcher)),
            _ => None,
        };
        if let Some((_, matcher)) = outside {
            write!(f, "{}", matcher.value)?;
            if self.matchers.len() == 1 {
                return Ok(());
            }
        }
        f.write_char('{')?;
        let mut first = true;
        for (at, matcher) in self.iter().enumerate() {
            if outside.is_some_and(|(outside, _)| outside == at) {
                continue;
            }
            if !first {
                f.write_char(',')?;
            }
            first = false;
            if name::is_legacy_label_name(&matcher.name) {
                write!(f, "{}", matcher.name)?;
            } else {
                write_string(f, &matcher.name)?;
            }
            f.write_str(matcher.op.as_str())?;
            write_string(f, &matcher.value)?;
        }
        f.write_char('}')
    }
}

/// A string that PromQL reads back as these bytes.
fn write_string(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    f.write_char('"')?;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                // PromQL takes this character for a broken one, unless it is escaped.
                '\u{FFFD}' => f.write_str("\\ufffd")?,
                c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        for byte in chunk.invalid() {
            write!(f, "\\x{byte:02x}")?;
        }
    }
    f.write_char('"')
}
