//! What a server stores about each of its scrapes.

use crate::labels::LabelSet;
use crate::series::sample;

use super::outcome::{Failure, PullOutcome};
use super::scrape::{BODY_SIZE_LIMIT, EXPORTED};
use super::topology::Pull;

/// The report series of one pull: name and the bits of the value.
pub(super) type ReportValues = Vec<(&'static str, u64)>;

/// The labels of a report series: the target's, in whose order each first clears `exported_` and its name
/// (`scrape/scrape.go`, `mutateReportSampleLabels`). So a target with `job` has no use of an `exported_job`.
pub(super) fn report_labels(target: &LabelSet) -> impl Iterator<Item = (&str, &str)> {
    target.iter().filter(|(name, _)| {
        let later = name.strip_prefix(EXPORTED).filter(|cleared_by| cleared_by > name);
        later.is_none_or(|cleared_by| target.get(cleared_by).is_none())
    })
}

pub(super) fn report_values(pull: &Pull, outcome: &PullOutcome) -> ReportValues {
    let unknown = sample::unknown();
    let known = !outcome.scraped.open && !matches!(outcome.failure, Some(Failure::Unknown(_)));
    let number = |value: u64| if known { value as f64 } else { unknown };
    let up = match outcome.failure {
        None => 1.0,
        Some(Failure::Scrape(_)) => 0.0,
        Some(Failure::Unknown(_)) => unknown,
    };
    let scraped = &outcome.scraped;
    let mut values = vec![
        ("up", up),
        ("scrape_duration_seconds", unknown),
        ("scrape_samples_scraped", number(scraped.samples_scraped)),
        ("scrape_samples_post_metric_relabeling", number(scraped.samples_post_metric_relabeling)),
        ("scrape_series_added", unknown),
    ];
    if pull.extra_scrape_metrics {
        let over = scraped.error.as_deref() == Some(BODY_SIZE_LIMIT);
        let body = if over { -1.0 } else { number(outcome.bytes) };
        values.push(("scrape_timeout_seconds", pull.timeout_ms as f64 / 1000.0));
        values.push(("scrape_sample_limit", pull.settings.sample_limit as f64));
        values.push(("scrape_body_size_bytes", body));
    }
    values.into_iter().map(|(name, value)| (name, value.to_bits())).collect()
}
