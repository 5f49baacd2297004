//! A rate over fewer samples than it needs
//!
//! # What it finds
//! A rule takes `rate`, `irate` or `increase` of federated series over a range that is less than four times as long
//! as the federation's interval.
//!
//! # Why it matters
//! What a range holds is what federation brought, not what the lower server scraped: of two or three samples a rate
//! is coarse, and with one failed scrape it is gone. A rate that is recorded where the samples are has all of them.
//!
//! # Example
//! ```yaml
//! # global.yml
//! rule_files: [rules.yml]
//! scrape_configs:
//!   - job_name: federate
//!     scrape_interval: 1m
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # rules.yml
//! groups:
//!   - name: requests
//!     rules:
//!       - record: shop:requests:rate2m
//!         expr: sum(rate(requests_total[2m]))
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! requests_total{job="shop"} 1
//! ```
//!
//! # Instead
//! Record the rate on the lower server and pull the result, or look back over at least four intervals.
//! ```yaml
//! # global.yml
//! rule_files: [rules.yml]
//! scrape_configs:
//!   - job_name: federate
//!     scrape_interval: 1m
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # rules.yml
//! groups:
//!   - name: requests
//!     rules:
//!       - record: shop:requests:rate5m
//!         expr: sum(rate(requests_total[5m]))
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! requests_total{job="shop"} 1
//! ```
//!
//! # Source
//! promql/functions.go, extrapolatedRate; web/federate.go, federation

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::Preview;
use crate::lint::Found;
use crate::lint::federated;
use crate::promql::{DurationKind, Expr, ExprKind, VectorSelector};
use crate::units::Duration;

const CODE: Code = Code::new("federation/rate-range");

/// How many intervals a range should hold.
const INTERVALS: u64 = 4;

pub(super) fn check(preview: &Preview, found: &mut Found) {
    let longest =
        preview.topology.pulls.iter().filter(|pull| pull.federates).map(|pull| pull.interval_ms).max();
    let longest = longest.unwrap_or(0).saturating_mul(INTERVALS);
    for rule in federated::rules(preview) {
        let mut rates: Vec<(&Expr, &str, &VectorSelector, u64)> = Vec::new();
        rule.expression.expr.walk(&mut |expr| rates.extend(rate(expr)));
        for (expr, function, selector, range_ms) in rates.into_iter().filter(|rate| rate.3 < longest) {
            let Some(selection) = rule.select(selector) else { continue };
            let rare = |pull: &crate::federation::Pull| pull.interval_ms.saturating_mul(INTERVALS) > range_ms;
            let Some((_, pull)) = selection.federated().find(|(_, pull)| rare(pull)) else { continue };
            let (range, interval) =
                (Duration::from_millis(range_ms), Duration::from_millis(pull.interval_ms));
            let message = format!(
                "`{function}` looks back {range} at series that job `{}` brings every {interval}",
                pull.job
            );
            let enough = Duration::from_millis(pull.interval_ms.saturating_mul(INTERVALS));
            found.push((
                rule.file,
                Diagnostic::info(CODE, rule.place(expr), message)
                    .because("of two or three samples a rate is coarse, and with one failed scrape it is gone; the lower server has all of them")
                    .help(format!("record the rate on the lower server and pull the result, or look back {enough}")),
            ));
        }
    }
}

/// The function's name, the selector and the range in milliseconds, where an expression is a rate.
fn rate(expr: &Expr) -> Option<(&Expr, &str, &VectorSelector, u64)> {
    let ExprKind::Call(call) = &expr.kind else { return None };
    let name = call.function.map(|function| function.name)?;
    let argument = call.args.first().filter(|_| matches!(name, "rate" | "irate" | "increase"))?;
    let ExprKind::Range(inner, range) = &argument.kind else { return None };
    match (&inner.kind, &range.kind) {
        (ExprKind::Vector(selector), DurationKind::Literal(number)) => {
            let millis = u64::try_from((number.value * 1000.0) as i64).ok()?;
            Some((expr, name, selector, millis))
        }
        _ => None,
    }
}
