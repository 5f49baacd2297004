//! The label sets that expressions and rules make, followed through PromQL without computing a value.
//!
//! [`derive()`] follows one expression, [`derive_rules()`] all groups of a server, where rules may read what
//! others record. A series either surely exists or possibly; what cannot be followed is named with its place,
//! and then there may be series that are not listed.

mod call;
mod eval;
mod matching;
mod record;
#[cfg(test)]
mod tests;
mod vector;

pub use record::{DerivedRule, derive_rules};

use crate::labels::LabelSet;
use crate::promql::{Expr, Type};
use crate::series::SeriesStore;
use crate::text::Span;
use crate::version::Version;

/// What is taken for granted of the series that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steadiness {
    /// The release that evaluates.
    pub version: Version,
    /// Every series of the store has had a sample at least this often, in milliseconds, for longer than any
    /// range looks back.
    pub interval_ms: u64,
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
    /// The series, ordered by their labels. There are no others where `unknown` is empty.
    pub series: Vec<DerivedSeries>,
    /// What could not be followed.
    pub unknown: Vec<Reason>,
    /// Why the evaluation surely fails; then there are no series.
    pub failure: Option<Reason>,
}

impl Derived {
    /// Whether the series are these and no others, whatever the values.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.unknown.is_empty() && self.series.iter().all(|one| one.certain)
    }
}

/// The series that `expr` makes of those in `store`. A scalar makes one without labels, as in a recording
/// rule (`EngineQueryFunc` of `rules/manager.go`).
#[must_use]
pub fn derive(expr: &Expr, store: &SeriesStore, steadiness: Steadiness) -> Derived {
    derive_with(expr, store, &[], steadiness)
}

/// As [`derive()`], reading the series of `recorded` as well.
fn derive_with(
    expr: &Expr,
    store: &SeriesStore,
    recorded: &[DerivedRule],
    steadiness: Steadiness,
) -> Derived {
    let mut eval = eval::Eval::new(store, recorded, steadiness);
    let result = if expr.ty() == Some(Type::Scalar) {
        Ok(vector::Vector::one(LabelSet::new()))
    } else {
        eval.expr(expr)
    };
    match result {
        Ok(vector) => {
            let series = vector
                .series
                .into_iter()
                .map(|(labels, certain)| DerivedSeries { labels, certain: certain && !eval.may_fail });
            Derived { series: series.collect(), unknown: eval.unknown, failure: None }
        }
        Err(failure) => Derived { series: Vec::new(), unknown: Vec::new(), failure: Some(failure) },
    }
}
