//! Matchers as written; compiling them is `selector`'s and `series`' business.

use std::fmt;

use bstr::BString;

/// The operator of a matcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Regex,
    /// `!~`
    NotRegex,
}

impl MatchOp {
    /// The operator as PromQL spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        }
    }

    /// Whether the value is a regular expression.
    #[must_use]
    pub const fn is_regex(self) -> bool {
        matches!(self, Self::Regex | Self::NotRegex)
    }

    /// Whether the operator asks for what the value does *not* match.
    #[must_use]
    pub const fn is_negated(self) -> bool {
        matches!(self, Self::NotEqual | Self::NotRegex)
    }
}

impl fmt::Display for MatchOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One condition on one label. Name and value are bytes: a selector may spell ones that are not UTF-8
/// (`"\xff"`), which Prometheus accepts and which no stored label equals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Matcher {
    /// The label's name; `__name__` for the metric's.
    pub name: BString,
    /// The operator.
    pub op: MatchOp,
    /// The value, or the regular expression.
    pub value: BString,
}

impl Matcher {
    /// A matcher of its three parts.
    pub fn new(name: impl Into<BString>, op: MatchOp, value: impl Into<BString>) -> Self {
        Self { name: name.into(), op, value: value.into() }
    }
}
