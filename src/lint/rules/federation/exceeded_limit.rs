//! A limit that what is pulled exceeds
//!
//! # What it finds
//! What a source answers to a job, as far as its series are known, has more samples than `sample_limit` or as many
//! bytes as `body_size_limit`.
//!
//! # Why it matters
//! The limit does not cut the answer off: the whole scrape fails, at each time. `up` is 0, and nothing is stored.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     sample_limit: 1
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! up{job="shop",instance="a:1"} 1
//! up{job="shop",instance="b:1"} 1
//! ```
//!
//! # Instead
//! Select fewer series, or raise the limit well over what is expected, so that it stops only what is a fault.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     sample_limit: 100
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! # leaf.prom
//! up{job="shop",instance="a:1"} 1
//! up{job="shop",instance="b:1"} 1
//! ```
//!
//! # Source
//! scrape/scrape.go, limitAppender and readResponse

use super::FederationJob;
use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Limit, PullOutcome};
use crate::lint::Found;
use crate::text::{FileId, Span};
use crate::units::ByteSize;
use crate::yaml::Spanned;

const CODE: Code = Code::new("federation/exceeded-limit");

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    for limit in [Limit::Samples, Limit::Bytes] {
        let over = job.pulls.iter().filter(|(_, outcome)| outcome.exceeded() == Some(limit));
        let size = |outcome: &PullOutcome| match limit {
            Limit::Samples => outcome.scraped.samples_post_metric_relabeling,
            Limit::Bytes => outcome.bytes,
        };
        let count = over.clone().count();
        let Some((pull, outcome)) = over.max_by_key(|(_, outcome)| size(outcome)) else { continue };
        let size = size(outcome);
        let others = match count {
            1 => String::new(),
            2 => " and of another target".to_owned(),
            _ => format!(" and of {} other targets", count - 1),
        };
        let words = limit.words();
        let message =
            format!("job `{}` stores nothing of `{}`{others}: {words}", job.config.job_name, pull.address);
        let because = match limit {
            Limit::Samples => {
                let most = job.config.sample_limit;
                format!(
                    "{size} samples remain of the answer after relabelling, the limit is {most}: the whole scrape fails each time, and `up` is 0"
                )
            }
            Limit::Bytes => {
                let most = job.config.body_size_limit.bytes();
                format!(
                    "the answer has about {size} bytes, {most} fail already: the whole scrape fails each time, and `up` is 0"
                )
            }
        };
        let (file, span) = place(job, limit).unwrap_or((pull.target_file, pull.target_span));
        let diagnostic = Diagnostic::error(CODE, span, message)
            .because(because)
            .help("select fewer series, or raise the limit well over what is expected");
        let diagnostic = if file == pull.target_file {
            diagnostic.label(pull.target_span, "the target")
        } else {
            diagnostic.label_in(pull.target_file, pull.target_span, "the target")
        };
        found.push((file, diagnostic));
    }
}

/// Where the limit that applies is written: in the job, or else in `global`, which may be another file.
fn place(job: &FederationJob<'_>, limit: Limit) -> Option<(FileId, Span)> {
    let node = &job.preview.workspace.nodes[job.node];
    let (scrape, global) = (job.config.source, &node.config.as_ref()?.global);
    let (own, inherited) = match limit {
        Limit::Samples => {
            let set = |limit: &&Spanned<u64>| limit.value > 0;
            let span = |limit: &Spanned<u64>| limit.span;
            (scrape.sample_limit.as_ref().filter(set).map(span), global.sample_limit.as_ref().map(span))
        }
        Limit::Bytes => {
            let set = |limit: &&Spanned<ByteSize>| limit.value.bytes() > 0;
            let span = |limit: &Spanned<ByteSize>| limit.span;
            (scrape.body_size_limit.as_ref().filter(set).map(span), global.body_size_limit.as_ref().map(span))
        }
    };
    own.map(|span| (job.file, span)).or_else(|| inherited.map(|span| (node.config_file, span)))
}
