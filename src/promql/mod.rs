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

pub use ast::{
    Aggregate, Aggregation, At, Binary, BinaryOp, Call, Cardinality, DurationExpr, DurationKind, Expr,
    ExprKind, Label, Matching, Modifiers, Number, Subquery, Type, VectorSelector,
};
pub use functions::{Function, function, functions};

use crate::diagnostic::{Code, Parsed};
pub use crate::selector::ParseError;
use crate::selector::parse::{Problem, position};
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
    let (value, problems) = run(input.as_ref(), dialect.into());
    Parsed { value, diagnostics: problems.into_iter().map(|problem| problem.diagnostic).collect() }
}

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
