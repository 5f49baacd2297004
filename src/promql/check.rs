//! Types: `checkAST` of Prometheus' `promql/parser/parse.go`, in its order.

use super::Type;
use super::ast::{Aggregate, Binary, Call, Cardinality, Expr, ExprKind, VectorSelector};
use super::{EMPTY_SELECTOR, SYNTAX, TYPE};
use crate::diagnostic::{Code, Diagnostic};
use crate::labels::METRIC_NAME;
use crate::selector::parse::Problem;
use crate::text::{Span, quote};

/// Adds what is wrong with the types of an expression. Parts that could not be read are not complained of.
pub(super) fn check(expr: &Expr, problems: &mut Vec<Problem>) {
    Checker { problems }.expr(expr);
}

struct Checker<'p> {
    problems: &'p mut Vec<Problem>,
}

impl Checker<'_> {
    fn complain(&mut self, diagnostic: Diagnostic) {
        self.problems.push(Problem { at: diagnostic.span.start, diagnostic });
    }

    fn problem(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.complain(Diagnostic::error(code, span, message.into()));
    }

    /// Checks an expression and tells its type.
    fn expr(&mut self, expr: &Expr) -> Option<Type> {
        match &expr.kind {
            ExprKind::Number(_) | ExprKind::String(_) | ExprKind::Missing => {}
            ExprKind::Vector(vector) => self.vector(vector, expr.span),
            ExprKind::Range(inner, _) | ExprKind::Paren(inner) => {
                self.expr(inner);
            }
            ExprKind::Subquery(subquery) => {
                if let Some(ty) = self.expr(&subquery.expr).filter(|ty| *ty != Type::Vector) {
                    let ty = ty.as_str();
                    let message = format!("subquery is only allowed on instant vector, got {ty} instead");
                    self.problem(TYPE, expr.span, message);
                }
            }
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate),
            ExprKind::Binary(binary) => self.binary(binary, expr.span),
            ExprKind::Call(call) => self.call(call, expr.span),
            ExprKind::Unary { expr: inner, .. } => {
                if let Some(ty @ (Type::String | Type::Matrix)) = self.expr(inner) {
                    let ty = quote(ty.documented());
                    let message = format!(
                        "unary expression only allowed on expressions of type scalar or instant vector, got {ty}"
                    );
                    self.problem(TYPE, expr.span, message);
                }
            }
            ExprKind::Duration(_) => {
                let diagnostic =
                    Diagnostic::error(SYNTAX, expr.span, "unknown node type: *parser.DurationExpr")
                        .because("a duration that is computed has its place in brackets or behind `offset`");
                self.complain(diagnostic);
            }
        }
        expr.ty()
    }

    fn expect(&mut self, expr: &Expr, expected: Type, place: &str) {
        let Some(ty) = self.expr(expr).filter(|ty| *ty != expected) else { return };
        let (wanted, got) = (expected.documented(), ty.documented());
        let mut diagnostic =
            Diagnostic::error(TYPE, expr.span, format!("expected type {wanted} in {place}, got {got}"));
        if let (Type::Matrix, Type::Vector) = (expected, ty) {
            diagnostic.help = match &expr.kind {
                ExprKind::Vector(_) => "give the selector a range: `[5m]`".into(),
                _ => "make it a subquery: `[5m:]`".into(),
            };
        }
        self.complain(diagnostic);
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        self.expect(&aggregate.expr, Type::Vector, "aggregation expression");
        if let (Some(param), Some(ty)) = (&aggregate.param, aggregate.op.param()) {
            self.expect(param, ty, "aggregation parameter");
        }
    }

    fn binary(&mut self, binary: &Binary, span: Span) {
        let Binary { op, matching, left, right, .. } = binary;
        let lt = self.expr(left);
        let rt = self.expr(right);
        let at_operator = |message: String, checker: &mut Self| {
            let diagnostic = Diagnostic::error(TYPE, binary.op_span, message);
            checker.problems.push(Problem { at: binary.op_at, diagnostic });
        };
        if binary.returns_bool && !op.is_comparison() {
            at_operator("bool modifier can only be used on comparison operators".into(), self);
        }
        let scalars = lt == Some(Type::Scalar) && rt == Some(Type::Scalar);
        if op.is_comparison() && !binary.returns_bool && scalars {
            at_operator("comparisons between scalars must use BOOL modifier".into(), self);
        }
        for label in matching.labels.iter().filter(|_| matching.on) {
            for _ in matching.include.iter().filter(|include| include.name == label.name) {
                let label = quote(&label.name);
                at_operator(format!("label {label} must not occur in ON and GROUP clause at once"), self);
            }
        }
        for (ty, side) in [(lt, left), (rt, right)] {
            if matches!(ty, Some(Type::String | Type::Matrix)) {
                let message = "binary expression must contain only scalar and instant vector types";
                self.problem(TYPE, side.span, message);
            }
        }
        let (Some(lt), Some(rt)) = (lt, rt) else { return };
        let fills = matching.fill_left.is_some() || matching.fill_right.is_some();
        let name = quote(op.as_str());
        if lt != Type::Vector || rt != Type::Vector {
            if !matching.labels.is_empty() {
                self.problem(TYPE, span, "vector matching only allowed between instant vectors");
            }
            if fills {
                self.problem(TYPE, span, "filling in missing series only allowed between instant vectors");
            }
        } else if op.is_set() {
            if matching.cardinality != Cardinality::OneToOne {
                self.problem(TYPE, span, format!("no grouping allowed for {name} operation"));
                self.problem(TYPE, span, "set operations must always be many-to-many");
            }
            if fills {
                self.problem(TYPE, span, "filling in missing series not allowed for set operators");
            }
        }
        if op.is_set() && (lt == Type::Scalar || rt == Type::Scalar) {
            let message = format!("set operator {name} not allowed in binary scalar expression");
            self.problem(TYPE, span, message);
        }
    }

    fn call(&mut self, call: &Call, span: Span) {
        let Some(function) = call.function else {
            call.args.iter().for_each(|arg| {
                self.expr(arg);
            });
            return;
        };
        let (count, min, name) = (call.args.len(), function.min_args(), quote(function.name));
        if function.is_fixed() && count != min {
            self.problem(TYPE, span, format!("expected {min} argument(s) in call to {name}, got {count}"));
        } else if count < min {
            let message = format!("expected at least {min} argument(s) in call to {name}, got {count}");
            self.problem(TYPE, span, message);
        } else if let Some(max) = function.max_args().filter(|max| count > *max) {
            let message = format!("expected at most {max} argument(s) in call to {name}, got {count}");
            self.problem(TYPE, span, message);
        }
        let info = function.name == "info";
        let place = format!("call to function {name}");
        if let Some(labels) = call.args.get(1).filter(|_| info) {
            if let Some(ty) = labels.ty().filter(|ty| *ty != Type::Vector) {
                let got = ty.documented();
                self.problem(TYPE, span, format!("expected type instant vector in {place}, got {got}"));
            }
            match &labels.kind {
                ExprKind::Vector(vector) if vector.name().is_some() => {
                    let message = "expected label selectors only, got vector selector instead";
                    self.problem(TYPE, labels.span, message);
                }
                ExprKind::Vector(_) | ExprKind::Missing => {}
                _ => self.problem(TYPE, labels.span, "expected label selectors only"),
            }
        }
        for (index, arg) in call.args.iter().enumerate() {
            match function.arg(index) {
                Some(_)
                    if info
                        && index == 1
                        && matches!(&arg.kind, ExprKind::Vector(it) if it.name().is_none()) => {}
                Some(ty) => self.expect(arg, ty, &place),
                None => break,
            }
        }
    }

    fn vector(&mut self, vector: &VectorSelector, span: Span) {
        let matchers = &vector.selector.matchers;
        if let Some(name) = vector.name() {
            let name = quote(&name.matcher.value);
            let others = matchers.iter().rev().skip(1).rev();
            for other in others.filter(|other| other.matcher.name == METRIC_NAME) {
                let value = quote(&other.matcher.value);
                let message = format!("metric name must not be set twice: {name} or {value}");
                self.problem(SYNTAX, span, message);
            }
            return;
        }
        let matches_something = matchers
            .iter()
            .any(|matcher| matcher.compiled.as_ref().is_none_or(|compiled| !compiled.matches("")));
        if !matches_something {
            let message = "vector selector must contain at least one non-empty matcher";
            let diagnostic = Diagnostic::error(EMPTY_SELECTOR, span, message)
                .because(
                    "every matcher also matches series without the label, so that all series would match",
                )
                .help("name the metric, or match a label with something that is not empty");
            self.complain(diagnostic);
        }
    }
}
