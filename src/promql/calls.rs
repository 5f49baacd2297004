//! Calls of functions, and aggregations.

use super::advice::advise_function;
use super::ast::{Aggregate, Aggregation, Call, Expr, ExprKind};
use super::functions::function;
use super::parse::{Node, Parser, node};
use super::{EXPERIMENTAL, FUNCTION, SYNTAX, TYPE};
use crate::diagnostic::{Diagnostic, Fix};
use crate::selector::token::{DURATION_WORDS, Kind, Token};
use crate::text::{Span, TextEdit, quote};
use crate::version::Version;

impl Parser<'_> {
    /// The arguments of a call, in their parentheses, of which the left one is next.
    fn arguments(&mut self) -> (Vec<Node>, Span) {
        let open = self.next().span;
        let mut args = Vec::new();
        if self.peek() == Kind::RightParen {
            let span = open.to(self.next().span);
            return (args, span);
        }
        args.push(self.expression(0));
        loop {
            if self.lost {
                let span = self.close(open);
                return (args, span);
            }
            match self.peek() {
                Kind::RightParen => {
                    let span = open.to(self.next().span);
                    return (args, span);
                }
                Kind::Comma => {
                    let comma = self.next().span;
                    if self.begins_expression() {
                        args.push(self.expression(0));
                    } else if !matches!(self.peek(), Kind::End | Kind::Fault) {
                        let message = "trailing commas not allowed in function call args";
                        let fix = Fix::safe("Remove the comma", vec![TextEdit::delete(comma)]);
                        self.complain(Diagnostic::error(SYNTAX, comma, message).fix(fix));
                    }
                }
                _ => self.unexpected("", ""),
            }
        }
    }

    pub(super) fn call(&mut self, name: &Token) -> Node {
        let (args, parens) = self.arguments();
        let text = self.reader.lexer.text(name);
        let found = function(text, self.version());
        let message = match found {
            None => format!("unknown function with name {}", quote(text)),
            Some(it) if it.is_experimental(self.version()) && !self.dialect.experimental_functions => {
                format!("function {} is not enabled", quote(text))
            }
            Some(_) => String::new(),
        };
        if !message.is_empty() {
            let code = if found.is_some() { EXPERIMENTAL } else { FUNCTION };
            let diagnostic = Diagnostic::error(code, name.span, message);
            self.complain(advise_function(diagnostic, text, found.is_some(), self.version()));
        }
        let span = name.span.to(parens);
        let end = self.closing(span.end);
        let height = args.iter().map(|arg| arg.height + 1).max().unwrap_or(0);
        let args = args.into_iter().map(|arg| arg.expr).collect();
        let call = Call { function: found, name_span: name.span, args };
        Node { end, height, ..node(ExprKind::Call(Box::new(call)), span) }
    }

    /// Where Prometheus believes that an expression in parentheses ends at `end`.
    pub(super) fn closing(&mut self, end: u32) -> u32 {
        let queued = self.closing_parens.pop_front();
        let queues = (Version { major: 3, minor: 5 }..=DURATION_WORDS).contains(&self.version());
        queued.filter(|_| queues).unwrap_or(end)
    }

    pub(super) fn aggregate(&mut self, name: &Token) -> Node {
        let op = Aggregation::from_bytes(&self.reader.lexer.text(name).to_ascii_lowercase());
        self.aggregations += 1;
        let mut without = self.grouping_word();
        let mut grouping = Vec::new();
        let mut span = name.span;
        if without.is_some() {
            let word = self.next();
            grouping = self.grouping_labels();
            span = span.to(word.span);
        }
        let mut args = Vec::new();
        if self.lost || self.peek() != Kind::LeftParen {
            self.unexpected("aggregation", "");
        } else {
            let parens;
            (args, parens) = self.arguments();
            span = span.to(parens);
            if without.is_none() && !self.lost {
                without = self.grouping_word();
                if without.is_some() {
                    self.next();
                    grouping = self.grouping_labels();
                    span.end = self.last_closing.max(span.end);
                }
            }
        }
        self.aggregations -= 1;
        if without.is_some() && self.closing_parens.len() > 1 {
            self.closing_parens.pop_front();
        }
        let end = self.closing(span.end);
        let op = op.unwrap_or(Aggregation::Sum);
        let height = args.iter().map(|arg| arg.height + 1).max().unwrap_or(0);
        let mut args: Vec<Expr> = args.into_iter().map(|arg| arg.expr).collect();
        self.check_aggregate(op, args.len(), span);
        let expected = 1 + usize::from(op.param().is_some());
        let expr = if args.len() == expected { args.pop() } else { None };
        let expr = expr.unwrap_or(Expr { kind: ExprKind::Missing, span: Span::at(span.end) });
        let param = if op.param().is_some() { args.into_iter().next() } else { None };
        let aggregate = Aggregate { op, without: without == Some(true), grouping, param, expr };
        Node { end, height, ..node(ExprKind::Aggregate(Box::new(aggregate)), span) }
    }

    /// What `newAggregateExpr` of `promql/parser/parse.go` refuses.
    fn check_aggregate(&mut self, op: Aggregation, count: usize, span: Span) {
        let expected = 1 + usize::from(op.param().is_some());
        let experimental = matches!(op, Aggregation::Limitk | Aggregation::LimitRatio);
        if count == 0 {
            self.problem(TYPE, span, "no arguments for aggregate expression provided");
        } else if experimental && !self.dialect.experimental_functions {
            let flag = "must be enabled with --enable-feature=promql-experimental-functions";
            let message = if self.version() < (Version { major: 3, minor: 1 }) {
                format!("limitk() and limit_ratio() are experimental and {flag}")
            } else {
                format!("{}() is experimental and {flag}", op.as_str())
            };
            self.problem(EXPERIMENTAL, span, message);
        } else if count != expected {
            let message = format!(
                "wrong number of arguments for aggregate expression provided, expected {expected}, got {count}"
            );
            self.problem(TYPE, span, message);
        }
    }

    /// `step()` as an expression: 3.6 to 3.11 read it and then do not know what to make of it.
    pub(super) fn stray_duration(&mut self, token: &Token) -> Node {
        let first = self.duration_word(token);
        let duration = self.duration_rest(first, 0);
        let span = duration.span;
        node(ExprKind::Duration(Box::new(duration)), span)
    }
}
