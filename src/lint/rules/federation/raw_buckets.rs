//! A quantile of buckets that were pulled one by one
//!
//! # What it finds
//! A rule computes `histogram_quantile` of the `_bucket` series of a histogram that federation brings as the
//! application exposed them.
//!
//! # Why it matters
//! Every bucket of every instance travels at each scrape, to be added up to one number here. A selector, limit or
//! relabelling rule that loses some of the buckets does not make the quantile fail, but wrong; and it is computed of
//! the samples that federation picked, not of those that the lower server has.
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
//!       'match[]': ['latency_seconds_bucket']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # rules.yml
//! groups:
//!   - name: latency
//!     rules:
//!       - record: shop:latency_seconds:p99
//!         expr: histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m])))
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! latency_seconds_bucket{job="shop",le="1.0"} 1
//! latency_seconds_bucket{job="shop",le="+Inf"} 1
//! ```
//!
//! # Instead
//! Add up the buckets on the lower server, `sum by (job, le) (rate(…))`, and pull the few series of the sum.
//! ```yaml
//! # global.yml
//! rule_files: [rules.yml]
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['job:latency_seconds_bucket:rate5m']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # rules.yml
//! groups:
//!   - name: latency
//!     rules:
//!       - record: shop:latency_seconds:p99
//!         expr: histogram_quantile(0.99, sum by (le) (job:latency_seconds_bucket:rate5m))
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! job:latency_seconds_bucket:rate5m{job="shop",le="1.0"} 1
//! job:latency_seconds_bucket:rate5m{job="shop",le="+Inf"} 1
//! ```
//!
//! # Source
//! promql/quantile.go, bucketQuantile; Prometheus' documentation, Federation

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::Preview;
use crate::labels::METRIC_NAME;
use crate::lint::Found;
use crate::lint::federated;
use crate::promql::{Expr, ExprKind, VectorSelector};

const CODE: Code = Code::new("federation/raw-buckets");

/// How many of a selector's series are looked at.
const LOOKED_AT: usize = 1000;

pub(super) fn check(preview: &Preview, found: &mut Found) {
    for rule in federated::rules(preview) {
        let mut read: Vec<(&Expr, &VectorSelector)> = Vec::new();
        rule.expression.expr.walk(&mut |expr| {
            if let ExprKind::Call(call) = &expr.kind
                && call.function.is_some_and(|function| function.name == "histogram_quantile")
            {
                for argument in &call.args {
                    argument.walk(&mut |inner| {
                        if let ExprKind::Vector(selector) = &inner.kind {
                            read.push((expr, selector));
                        }
                    });
                }
            }
        });
        for (expr, selector) in read {
            let Some(selection) = rule.select(selector) else { continue };
            let Some(series) = selection.series() else { continue };
            let raw = selection.federated().take(LOOKED_AT).find_map(|(row, pull)| {
                let labels = series.label_set(row);
                let name = labels.value(METRIC_NAME);
                let is_raw = name.ends_with("_bucket") && !name.contains(':') && labels.get("le").is_some();
                is_raw.then(|| (name.to_owned(), pull))
            });
            let Some((name, pull)) = raw else { continue };
            let message =
                format!("a quantile of `{name}`, whose buckets job `{}` pulls one by one", pull.job);
            found.push((
                rule.file,
                Diagnostic::info(CODE, rule.place(expr), message)
                    .because("every bucket of every instance travels to be added up here, and one that is lost on the way makes the quantile wrong")
                    .help(format!("record `sum by (job, le) (rate({name}[5m]))` on the lower server, and pull that")),
            ));
            break;
        }
    }
}
