//! PromQL: reading expressions as Prometheus does, checking their types, printing them.
//!
//! Prometheus reports the first error only; [`Expr::parse_strict`] gives exactly that. [`parse()`] goes on
//! behind it, for an editor. Evaluating is not done here, nor anywhere.

mod advice;
mod ast;
mod calls;
mod check;
mod duration;
mod functions;
mod modifiers;
mod number;
mod parse;
mod print;
#[cfg(test)]
mod tests;
mod types;

pub use ast::{
    Aggregate, Aggregation, At, Binary, BinaryOp, Call, Cardinality, DurationExpr, DurationKind, Expr,
    ExprKind, Label, Matching, Modifiers, Number, Subquery, VectorSelector,
};
pub use functions::{Function, function, functions};
pub use types::Type;

use crate::diagnostic::{Code, Diagnostic, Parsed};
pub use crate::selector::ParseError;
use crate::selector::parse::{Problem, position};
use crate::text::apply_edits;
use crate::version::Version;

/// The text is no expression.
pub const SYNTAX: Code = Code::new("promql/syntax");
/// A part has another type than its place asks for, or an operation is used in a way it has none for.
pub const TYPE: Code = Code::new("promql/type");
/// There is no such function.
pub const FUNCTION: Code = Code::new("promql/unknown-function");
/// A feature flag must be given for it.
pub const EXPERIMENTAL: Code = Code::new("promql/experimental");
/// A selector would match every series.
pub const EMPTY_SELECTOR: Code = Code::new("promql/empty-selector");
/// Prometheus would accept it, but it is larger than what is looked into here.
pub const TOO_LARGE: Code = Code::new("promql/too-large");

/// Which PromQL: that of a release, with its feature flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a feature flag of its own")]
pub struct Dialect {
    /// The release.
    pub version: Version,
    /// `promql-experimental-functions`: functions and aggregations such as `info` and `limitk`.
    pub experimental_functions: bool,
    /// `promql-duration-expr`: durations such as `[step() * 2]`.
    pub duration_expressions: bool,
    /// `promql-extended-range-selectors`: `anchored` and `smoothed`.
    pub extended_ranges: bool,
    /// `promql-binop-fill-modifiers`: `fill`, `fill_left`, `fill_right`.
    pub fill: bool,
}

impl From<Version> for Dialect {
    /// A release as it is without feature flags.
    fn from(version: Version) -> Self {
        Self { version, ..Self::default() }
    }
}

/// Reads an expression and tells everything that is wrong with it. The first error is Prometheus' own: its
/// message contains Prometheus' words exactly (`ParseExpr` of `promql/parser/parse.go`). The value holds what
/// could be read.
pub fn parse(input: impl AsRef<[u8]>, dialect: impl Into<Dialect>) -> Parsed<Expr> {
    let (input, dialect) = (input.as_ref(), dialect.into());
    let (value, problems) = run(input, dialect);
    let count = problems.len();
    let mut diagnostics: Vec<Diagnostic> = problems.into_iter().map(|problem| problem.diagnostic).collect();
    // A fix that only trades one error for another is none. Long texts are not read that often.
    let text = std::str::from_utf8(input).unwrap_or("");
    let mut left = if text.len() > MAX_TRIED_BYTES { 0 } else { MAX_TRIED_FIXES };
    for diagnostic in &mut diagnostics {
        diagnostic.fixes.retain(|fix| {
            left = left.saturating_sub(1);
            left > 0
                && apply_edits(text, &fix.edits)
                    .is_ok_and(|(mended, _)| run(mended.as_bytes(), dialect).1.len() < count)
        });
    }
    Parsed { value, diagnostics }
}

/// How many fixes are tried before they are offered, and in how long a text.
const MAX_TRIED_FIXES: usize = 20;
const MAX_TRIED_BYTES: usize = 16 << 10;

impl Expr {
    /// Reads an expression as `ParseExpr` of Prometheus does.
    ///
    /// # Errors
    /// Prometheus' first error; or, of code [`TOO_LARGE`], that the expression is larger than what is looked
    /// into here.
    pub fn parse_strict(input: impl AsRef<[u8]>, dialect: impl Into<Dialect>) -> Result<Self, ParseError> {
        let (input, dialect) = (input.as_ref(), dialect.into());
        let (value, problems) = run(input, dialect);
        match problems.into_iter().next() {
            None => Ok(value),
            Some(Problem { at, diagnostic }) => Err(ParseError {
                position: position(input, at, dialect.version),
                message: diagnostic.message.into_owned(),
                span: diagnostic.span,
            }),
        }
    }
}

fn run(input: &[u8], dialect: Dialect) -> (Expr, Vec<Problem>) {
    let (expr, mut problems) = parse::parse(input, dialect);
    if !problems.iter().any(|problem| problem.diagnostic.code == TOO_LARGE) {
        check::check(&expr, &mut problems);
    }
    (expr, problems)
}
