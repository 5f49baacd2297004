//! An alert that looks for federated series to be gone
//!
//! # What it finds
//! An alerting rule of a server that federates asks `absent()` of series that only federation brings, or compares
//! their `up`.
//!
//! # Why it matters
//! Series with timestamps of their own get no stale markers: what a lower server sent last stays for the five
//! minutes of the lookback after that server has died. `absent()` holds only then, and `up == 0` never does: the
//! last `up` that was sent is 1.
//!
//! # Example
//! ```yaml
//! # global.yml
//! rule_files: [rules.yml]
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['up{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # rules.yml
//! groups:
//!   - name: availability
//!     rules:
//!       - alert: ShopDown
//!         expr: up{job="shop"} == 0
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//!     static_configs:
//!       - targets: ['shop-1:8080']
//! ```
//!
//! # Instead
//! Let the lower server alert on its own targets, and watch here whether it answers: `up` of the federation job.
//! ```yaml
//! # global.yml
//! rule_files: [rules.yml]
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['up{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # rules.yml
//! groups:
//!   - name: availability
//!     rules:
//!       - alert: LeafDown
//!         expr: up{job="federate"} == 0
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//!     static_configs:
//!       - targets: ['shop-1:8080']
//! ```
//!
//! # Source
//! web/federate.go, federation; scrape/scrape.go, append and `trackTimestampsStaleness`

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Preview, Pull};
use crate::lint::Found;
use crate::lint::federated;
use crate::promql::{BinaryOp, Expr, ExprKind, VectorSelector};

const CODE: Code = Code::new("federation/late-absence");

pub(super) fn check(preview: &Preview, found: &mut Found) {
    for rule in federated::rules(preview).filter(|rule| rule.rule.is_alert()) {
        let mut watched: Vec<(&Expr, &VectorSelector, bool)> = Vec::new();
        rule.expression.expr.walk(&mut |expr| watched.extend(absence(expr)));
        for (expr, selector, of_up) in watched {
            let Some(pull) = rule.select(selector).and_then(|selection| selection.all_federated()) else {
                continue;
            };
            if gets_stale_markers(preview, pull) {
                continue;
            }
            let name = rule.rule.name();
            let message =
                format!("alert `{name}` looks for series to be gone that job `{}` federates", pull.job);
            let because = if of_up {
                "a lower server that dies sends no more `up`: the last one, which is 1, stays for the five minutes of the lookback, and then there is none to compare"
            } else {
                "series with timestamps of their own get no stale markers: they stay for the five minutes of the lookback after the lower server has died"
            };
            let own = format!(
                "alert on `up{{job=\"{}\"}} == 0`, which says at once that the lower server does not answer, and on its targets down there",
                pull.job
            );
            found.push((
                rule.file,
                Diagnostic::warning(CODE, rule.place(expr), message).because(because).help(own),
            ));
            break;
        }
    }
}

/// The selector whose series an expression wants to be gone, and whether it is `up`.
fn absence(expr: &Expr) -> Option<(&Expr, &VectorSelector, bool)> {
    match &expr.kind {
        ExprKind::Call(call) => {
            let name = call.function?.name;
            let argument = call.args.first().filter(|_| matches!(name, "absent" | "absent_over_time"))?;
            Some((expr, vector(argument)?, false))
        }
        ExprKind::Binary(binary)
            if matches!(binary.op, BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::Less) =>
        {
            let selector = vector(&binary.left).or_else(|| vector(&binary.right))?;
            let is_up =
                selector.selector.iter().any(|matcher| matcher.name == "__name__" && matcher.value == "up");
            is_up.then_some((expr, selector, true))
        }
        _ => None,
    }
}

/// The selector that an expression is.
fn vector(expr: &Expr) -> Option<&VectorSelector> {
    match &expr.kind {
        ExprKind::Vector(selector) => Some(selector),
        ExprKind::Range(inner, _) | ExprKind::Paren(inner) => vector(inner),
        _ => None,
    }
}

/// Whether the job of a pull marks series that end.
fn gets_stale_markers(preview: &Preview, pull: &Pull) -> bool {
    let job = pull.scrape_config(&preview.workspace);
    let tracks =
        job.and_then(|job| job.track_timestamps_staleness.as_ref()).is_some_and(|tracks| tracks.value);
    tracks || !pull.settings.honor_timestamps
}
