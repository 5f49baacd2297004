//! The label sets that expressions and rules make, followed through PromQL without computing a value.
//!
//! [`derive()`] follows one expression, [`derive_rules()`] all rules of a server, where rules may read what
//! others record. A series either surely exists or possibly; what cannot be followed is named with its place,
//! and then there may be series that are not listed.

mod call;
mod eval;
mod group;
mod matching;
mod record;
#[cfg(test)]
mod tests;
mod vector;

pub use record::{DerivedRule, derive_rules};

use crate::labels::LabelSet;
use crate::promql::{Expr, Type};
use crate::series::{CompiledMatcher, SeriesStore};
use crate::text::Span;
use crate::version::Version;

/// The server that evaluates, and what is taken for granted of its series.
#[derive(Clone, Copy, Debug)]
pub struct Server<'a> {
    /// The series that it stores. Those with the value [`crate::series::sample::possible`] may not exist.
    pub store: &'a SeriesStore,
    /// Series that it may store besides.
    pub unlisted: &'a [Pattern],
    /// Its release.
    pub version: Version,
    /// Every series of the store has had a sample at least this often, in milliseconds, for longer than any
    /// range looks back.
    pub interval_ms: u64,
    /// Series that have one less often, with their intervals in milliseconds.
    pub slow: &'a [(Pattern, u64)],
}

/// Series of which only some labels are known. An empty value stands for a label that they do not have.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern {
    /// These labels.
    pub labels: LabelSet,
}

impl Pattern {
    /// Whether `matchers` select such a series, or might.
    #[must_use]
    pub fn may_match(&self, matchers: &[CompiledMatcher]) -> bool {
        matchers.iter().all(|matcher| {
            let name = std::str::from_utf8(&matcher.matcher().name).unwrap_or("");
            self.labels.get(name).is_none_or(|value| matcher.matches(value))
        })
    }
}

/// A series that an expression makes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DerivedSeries {
    /// Its labels.
    pub labels: LabelSet,
    /// Whether it surely exists; else that depends on values, which are not known.
    pub certain: bool,
}

/// Why something is not known, and where in the expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// In words.
    pub message: String,
    /// The part of the expression.
    pub span: Span,
}

/// What an expression makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    /// The series, ordered by their labels.
    pub series: Vec<DerivedSeries>,
    /// Whether there may be others.
    pub open: bool,
    /// What could not be followed.
    pub unknown: Vec<Reason>,
    /// Why the evaluation surely fails; then there are no series.
    pub failure: Option<Reason>,
}

impl Derived {
    /// Whether the series are these and no others, whatever the values.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        !self.open && self.series.iter().all(|one| one.certain)
    }
}

/// The most series that one evaluation of rules, or of an expression, takes up one by one.
const MOST_SERIES: usize = 400_000;

/// The series that `expr` makes of those of a server. A scalar makes one without labels, as in a recording
/// rule (`EngineQueryFunc` of `rules/manager.go`).
#[must_use]
pub fn derive(expr: &Expr, server: Server<'_>) -> Derived {
    derive_with(expr, server, &[], &mut { MOST_SERIES })
}

/// As [`derive()`], reading the series of `recorded` as well. `left` is how many series may still be taken up.
fn derive_with(expr: &Expr, server: Server<'_>, recorded: &[DerivedRule], left: &mut usize) -> Derived {
    if matches!(expr.ty(), Some(Type::Matrix | Type::String)) {
        let message = "rule result is not a vector or scalar".to_owned();
        return Derived { failure: Some(Reason { message, span: expr.span }), ..Derived::default() };
    }
    let mut eval = eval::Eval::new(server, recorded, left);
    let result = if expr.ty() == Some(Type::Scalar) {
        Ok(vector::Vector::one(LabelSet::new()))
    } else {
        eval.expr(expr)
    };
    match result {
        Ok(vector) => {
            let open = !vector.complete;
            let series = vector
                .series
                .into_iter()
                .map(|(labels, certain)| DerivedSeries { labels, certain: certain && !eval.may_fail });
            Derived { series: series.collect(), open, unknown: eval.unknown, failure: None }
        }
        Err(failure) => Derived { failure: Some(failure), ..Derived::default() },
    }
}
