//! The series that a scrape is refused for, and the server's words for it.

use crate::labels::name::is_legacy_label_name;
use crate::labels::{LabelSet, METRIC_NAME};
use crate::series::{Frame, Row};
use crate::text::quote;
use crate::version::Version;

use super::order::Ranks;
use super::{Answer, ScrapeSettings, all};

/// Whether some row of the frame may be refused: a check over distinct values, so that rows are looked at one
/// by one only where it says so.
pub(super) fn may_be_refused(frame: &Frame, settings: &ScrapeSettings) -> bool {
    if frame.is_empty() {
        return false;
    }
    let scheme = settings.name_validation;
    let names_valid = frame.names().all(|name| scheme.is_label_name(name.as_bytes()));
    let over = |length: usize, limit: u64| limit > 0 && length as u64 > limit;
    !names_valid
        || !all(frame, METRIC_NAME, |name| scheme.is_metric_name(name.as_bytes()))
        || over(frame.names().len(), settings.label_limit)
        || frame.names().any(|name| over(name.len(), settings.label_name_length_limit))
        || (settings.label_value_length_limit > 0
            && frame
                .names()
                .any(|name| !all(frame, name, |value| !over(value.len(), settings.label_value_length_limit))))
}

/// The row that is met first among those for which the scrape is refused, and the server's words.
pub(super) fn first_refused(
    answer: &Answer,
    rank: &Ranks,
    settings: &ScrapeSettings,
) -> Option<(Row, String)> {
    let mut first: Option<(Row, String)> = None;
    for frame in answer.frames.iter().filter(|frame| may_be_refused(frame, settings)) {
        for at in 0..frame.len() {
            let row = frame.row(at);
            if first.as_ref().is_some_and(|&(other, _)| rank.of(other) <= rank.of(row)) {
                continue;
            }
            let labels: LabelSet = frame.labels(at).filter(|(_, value)| !value.is_empty()).collect();
            if let Err(message) = accept(&labels, settings) {
                first = Some((row, message));
            }
        }
    }
    first
}

/// Whether a series with these final labels, none empty, is accepted; if not, the server's words.
pub(in crate::federation) fn accept(labels: &LabelSet, settings: &ScrapeSettings) -> Result<(), String> {
    let Some(metric) = labels.get(METRIC_NAME) else {
        return Err("missing metric name (__name__ label)".to_owned());
    };
    let scheme = settings.name_validation;
    let valid = scheme.is_metric_name(metric.as_bytes())
        && labels.iter().all(|(name, _)| scheme.is_label_name(name.as_bytes()));
    if !valid {
        return Err(format!("invalid metric name or label names: {}", go_labels(labels, settings.version)));
    }
    let metric = clipped(metric);
    let over = |length: usize, limit: u64| limit > 0 && length as u64 > limit;
    if over(labels.len(), settings.label_limit) {
        let (count, limit) = (labels.len(), settings.label_limit);
        return Err(format!(
            "label_limit exceeded (metric: {metric}, number of labels: {count}, limit: {limit})"
        ));
    }
    for (name, value) in labels.iter() {
        let shown = clipped(name);
        if over(name.len(), settings.label_name_length_limit) {
            let (length, limit) = (name.len(), settings.label_name_length_limit);
            return Err(format!(
                "label_name_length_limit exceeded (metric: {metric}, label name: {shown}, length: {length}, limit: {limit})"
            ));
        }
        if over(value.len(), settings.label_value_length_limit) {
            let (length, limit) = (value.len(), settings.label_value_length_limit);
            let value = clipped(value);
            return Err(format!(
                "label_value_length_limit exceeded (metric: {metric}, label name: {shown}, value: {}, length: {length}, limit: {limit})",
                quote(value.as_bytes())
            ));
        }
    }
    Ok(())
}

/// The first release that quotes names outside of the legacy set when it prints labels.
const QUOTES_NAMES_SINCE: Version = Version { major: 3, minor: 1 };

/// Labels as Prometheus' `labels.Labels.String` prints them.
fn go_labels(labels: &LabelSet, version: Version) -> String {
    let pair = |(name, value): (&str, &str)| {
        let value = quote(value.as_bytes());
        if version < QUOTES_NAMES_SINCE || is_legacy_label_name(name.as_bytes()) {
            format!("{name}={value}")
        } else {
            format!("{}={value}", quote(name.as_bytes()))
        }
    };
    format!("{{{}}}", labels.iter().map(pair).collect::<Vec<_>>().join(", "))
}

/// The first 50 characters, as the server prints names and values in errors.
fn clipped(text: &str) -> &str {
    text.char_indices().nth(50).map_or(text, |(at, _)| &text[..at])
}
