//! What an expression says, and where each part of it stands.

use bstr::BString;

use super::functions::Function;
use super::types::Type;
use crate::selector::{MatcherForm, Selector, SelectorMatcher};
use crate::text::Span;

/// An expression and its place in the text.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands, without white space around it.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `1`, `0x1f`, `Inf`; since 2.54 also `5m`.
    Number(Number),
    /// `"text"`, unquoted.
    String(BString),
    /// `up{job="a"} offset 5m`.
    Vector(Box<VectorSelector>),
    /// `up[5m]`. The first part is a [`ExprKind::Vector`] unless that is among the findings; the offset and
    /// `@` behind the brackets belong to it.
    Range(Box<Expr>, DurationExpr),
    /// `up[5m:1m]`.
    Subquery(Box<Subquery>),
    /// `sum by (job) (up)`.
    Aggregate(Box<Aggregate>),
    /// `a + on (job) b`.
    Binary(Box<Binary>),
    /// `rate(up[5m])`.
    Call(Box<Call>),
    /// `-up` or `+up`; the sign of a number is part of the number.
    Unary {
        /// Whether the sign is a minus.
        negative: bool,
        /// What it is before.
        expr: Box<Expr>,
    },
    /// `(up)`.
    Paren(Box<Expr>),
    /// A duration that stands where a value is expected, which no release evaluates.
    Duration(Box<DurationExpr>),
    /// What could not be read.
    Missing,
}

/// A number, or a duration in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Number {
    /// The value; of a duration, in seconds.
    pub value: f64,
    /// Whether it is written as a duration.
    pub duration: bool,
}

/// A duration, which may be computed (`[step() * 2]`).
#[derive(Clone, Debug)]
pub struct DurationExpr {
    /// What it is.
    pub kind: DurationKind,
    /// Where it stands.
    pub span: Span,
    /// Whether it stands in parentheses of its own.
    pub wrapped: bool,
}

/// What a duration is.
#[derive(Clone, Debug)]
pub enum DurationKind {
    /// So many seconds.
    Literal(Number),
    /// `step()`.
    Step,
    /// `range()`.
    Range,
    /// `-step()`.
    Negated(Box<DurationExpr>),
    /// `5m * 2`.
    Binary(BinaryOp, Box<DurationExpr>, Box<DurationExpr>),
    /// `max_of(5m, step())`, which 3.6 to 3.12 spell `max(5m, step())`.
    Greatest(Box<DurationExpr>, Box<DurationExpr>),
    /// `min_of(5m, step())`, likewise.
    Least(Box<DurationExpr>, Box<DurationExpr>),
}

/// A selector of instant vectors.
#[derive(Clone, Debug, Default)]
pub struct VectorSelector {
    /// Its matchers; the metric's name before the braces comes last.
    pub selector: Selector,
    /// What stands behind it.
    pub modifiers: Modifiers,
}

impl VectorSelector {
    /// The metric's name before the braces.
    #[must_use]
    pub fn name(&self) -> Option<&SelectorMatcher> {
        self.selector.matchers.last().filter(|matcher| matcher.form == MatcherForm::Name)
    }
}

/// What shifts a selector in time.
#[derive(Clone, Debug, Default)]
pub struct Modifiers {
    /// `offset 5m`, and where both words stand.
    pub offset: Option<(DurationExpr, Span)>,
    /// `@ 0`, and where it stands.
    pub at: Option<(At, Span)>,
    /// `anchored`.
    pub anchored: bool,
    /// `smoothed`.
    pub smoothed: bool,
}

/// What `@` fixes a selector to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum At {
    /// A time in seconds since the epoch.
    Time(f64),
    /// `start()`.
    Start,
    /// `end()`.
    End,
}

/// An expression evaluated at many steps.
#[derive(Clone, Debug)]
pub struct Subquery {
    /// What is evaluated.
    pub expr: Expr,
    /// How far back.
    pub range: DurationExpr,
    /// How often; the global evaluation interval where it is not written.
    pub step: Option<DurationExpr>,
    /// What stands behind the brackets.
    pub modifiers: Modifiers,
}

/// A label's name in a list of such.
#[derive(Clone, Debug)]
pub struct Label {
    /// The name, unquoted.
    pub name: BString,
    /// Where it stands, with its quotes.
    pub span: Span,
}

/// An aggregation over an instant vector.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Which one.
    pub op: Aggregation,
    /// Whether the labels are those to drop instead of those to keep.
    pub without: bool,
    /// The labels of `by` or `without`.
    pub grouping: Vec<Label>,
    /// The first argument of those that have two.
    pub param: Option<Expr>,
    /// What is aggregated; [`ExprKind::Missing`] where the arguments are not as many as expected.
    pub expr: Expr,
}

/// An operation on two expressions.
#[derive(Clone, Debug)]
pub struct Binary {
    /// Which one.
    pub op: BinaryOp,
    /// Where the operator stands.
    pub op_span: Span,
    /// Where Prometheus says that the operator stands.
    pub(super) op_at: u32,
    /// Whether `bool` stands behind the operator.
    pub returns_bool: bool,
    /// How series of both sides find each other; without a meaning where a side is a scalar.
    pub matching: Matching,
    /// The left side.
    pub left: Expr,
    /// The right side.
    pub right: Expr,
}

/// How the series of two vectors find each other.
#[derive(Clone, Debug, Default)]
pub struct Matching {
    /// Whether the labels are those that must be equal instead of those that need not be.
    pub on: bool,
    /// The labels of `on` or `ignoring`.
    pub labels: Vec<Label>,
    /// How many series of one side may find one of the other.
    pub cardinality: Cardinality,
    /// The labels of `group_left` or `group_right`: taken from the side that has one.
    pub include: Vec<Label>,
    /// The value of what is missing on the left.
    pub fill_left: Option<f64>,
    /// The value of what is missing on the right.
    pub fill_right: Option<f64>,
}

/// How many series of one side may find one of the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cardinality {
    /// One each. Of `and`, `or` and `unless` this stands for many on both sides.
    #[default]
    OneToOne,
    /// `group_left`.
    ManyToOne,
    /// `group_right`.
    OneToMany,
}

/// A function call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function; absent where there is none of that name.
    pub function: Option<&'static Function>,
    /// Where the name stands.
    pub name_span: Span,
    /// The arguments.
    pub args: Vec<Expr>,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* #[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl $name {
            /// How it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// What is written so, in lower case.
            pub(super) fn from_bytes(text: &[u8]) -> Option<Self> {
                $(if text == $text.as_bytes() {
                    return Some(Self::$variant);
                })*
                None
            }
        }
    };
}

words! {
    /// An operation on two expressions.
    BinaryOp {
        Or = "or",
        And = "and",
        Unless = "unless",
        Equal = "==",
        NotEqual = "!=",
        LessOrEqual = "<=",
        Less = "<",
        GreaterOrEqual = ">=",
        Greater = ">",
        TrimUpper = "</",
        TrimLower = ">/",
        Add = "+",
        Subtract = "-",
        Multiply = "*",
        Divide = "/",
        Modulo = "%",
        Atan2 = "atan2",
        Power = "^",
    }
}

impl BinaryOp {
    /// How tightly it binds: `*` more than `+`.
    #[must_use]
    pub const fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And | Self::Unless => 2,
            Self::Equal
            | Self::NotEqual
            | Self::LessOrEqual
            | Self::Less
            | Self::GreaterOrEqual
            | Self::Greater
            | Self::TrimUpper
            | Self::TrimLower => 3,
            Self::Add | Self::Subtract => 4,
            Self::Multiply | Self::Divide | Self::Modulo | Self::Atan2 => UNARY_PRECEDENCE,
            Self::Power => POWER_PRECEDENCE,
        }
    }

    /// Whether it compares, so that `bool` may follow.
    #[must_use]
    pub const fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::LessOrEqual
                | Self::Less
                | Self::GreaterOrEqual
                | Self::Greater
        )
    }

    /// Whether it is `and`, `or` or `unless`.
    #[must_use]
    pub const fn is_set(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::Unless)
    }
}

/// A sign binds as tightly as `*`.
pub(super) const UNARY_PRECEDENCE: u8 = 5;
/// What binds tightest, and to the right.
pub(super) const POWER_PRECEDENCE: u8 = 6;

words! {
    /// An aggregation.
    Aggregation {
        Sum = "sum",
        Avg = "avg",
        Count = "count",
        Min = "min",
        Max = "max",
        Group = "group",
        Stddev = "stddev",
        Stdvar = "stdvar",
        Topk = "topk",
        Bottomk = "bottomk",
        CountValues = "count_values",
        Quantile = "quantile",
        Limitk = "limitk",
        LimitRatio = "limit_ratio",
    }
}

impl Aggregation {
    /// The type of the parameter before the vector, of those that have one.
    #[must_use]
    pub const fn param(self) -> Option<Type> {
        match self {
            Self::CountValues => Some(Type::String),
            Self::Topk | Self::Bottomk | Self::Quantile | Self::Limitk | Self::LimitRatio => {
                Some(Type::Scalar)
            }
            _ => None,
        }
    }

    /// Whether it answers some of its input's series as they are.
    #[must_use]
    pub const fn selects(self) -> bool {
        matches!(self, Self::Topk | Self::Bottomk | Self::Limitk | Self::LimitRatio)
    }
}

impl Expr {
    /// The expression's type; `None` where it cannot be known, for a part that could not be read.
    #[must_use]
    pub fn ty(&self) -> Option<Type> {
        Some(match &self.kind {
            ExprKind::Number(_) | ExprKind::Duration(_) => Type::Scalar,
            ExprKind::String(_) => Type::String,
            ExprKind::Vector(_) | ExprKind::Aggregate(_) => Type::Vector,
            ExprKind::Range(..) | ExprKind::Subquery(_) => Type::Matrix,
            ExprKind::Binary(binary) => match (binary.left.ty()?, binary.right.ty()?) {
                (Type::Scalar, Type::Scalar) => Type::Scalar,
                _ => Type::Vector,
            },
            ExprKind::Call(call) => call.function?.returns,
            ExprKind::Unary { expr, .. } | ExprKind::Paren(expr) => return expr.ty(),
            ExprKind::Missing => return None,
        })
    }

    /// The expressions directly inside, in the order of the text.
    #[must_use]
    pub fn children(&self) -> Vec<&Self> {
        match &self.kind {
            ExprKind::Range(expr, _) | ExprKind::Unary { expr, .. } | ExprKind::Paren(expr) => vec![expr],
            ExprKind::Subquery(subquery) => vec![&subquery.expr],
            ExprKind::Aggregate(aggregate) => aggregate.param.iter().chain([&aggregate.expr]).collect(),
            ExprKind::Binary(binary) => vec![&binary.left, &binary.right],
            ExprKind::Call(call) => call.args.iter().collect(),
            ExprKind::Number(_)
            | ExprKind::String(_)
            | ExprKind::Vector(_)
            | ExprKind::Duration(_)
            | ExprKind::Missing => Vec::new(),
        }
    }

    /// The expression and all below it, parents first, in the order of the text.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        let mut open = vec![self];
        while let Some(expr) = open.pop() {
            visit(expr);
            open.extend(expr.children().into_iter().rev());
        }
    }
}
