//! Exposition text entry by entry.

use std::borrow::Cow;

use crate::sort;

use super::Format;

/// The type of a metric, as TYPE lines name it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetricType {
    /// `counter`
    Counter,
    /// `gauge`
    Gauge,
    /// `histogram`
    Histogram,
    /// `gaugehistogram`, OpenMetrics only
    GaugeHistogram,
    /// `summary`
    Summary,
    /// `info`, OpenMetrics only
    Info,
    /// `stateset`, OpenMetrics only
    StateSet,
    /// `untyped` in the Prometheus format, `unknown` in OpenMetrics
    #[default]
    Unknown,
}

impl MetricType {
    /// The word of OpenMetrics, which is also Prometheus' own.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::GaugeHistogram => "gaugehistogram",
            Self::Summary => "summary",
            Self::Info => "info",
            Self::StateSet => "stateset",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn read(word: &[u8], format: Format) -> Option<Self> {
        Some(match (word, format) {
            (b"counter", _) => Self::Counter,
            (b"gauge", _) => Self::Gauge,
            (b"histogram", _) => Self::Histogram,
            (b"summary", _) => Self::Summary,
            (b"untyped", Format::PrometheusText) => Self::Unknown,
            (b"gaugehistogram", Format::OpenMetricsText) => Self::GaugeHistogram,
            (b"info", Format::OpenMetricsText) => Self::Info,
            (b"stateset", Format::OpenMetricsText) => Self::StateSet,
            (b"unknown", Format::OpenMetricsText) => Self::Unknown,
            _ => return None,
        })
    }
}

/// One entry of exposition text. Names are bytes: the formats let names through that are not UTF-8, and a
/// scrape refuses them afterwards.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry<'a> {
    /// A HELP line.
    Help {
        /// The metric.
        name: &'a [u8],
        /// The text, with escapes undone.
        text: Cow<'a, [u8]>,
    },
    /// A TYPE line.
    Type {
        /// The metric.
        name: &'a [u8],
        /// Its type.
        kind: MetricType,
    },
    /// A UNIT line, OpenMetrics only.
    Unit {
        /// The metric.
        name: &'a [u8],
        /// Its unit, perhaps empty.
        unit: &'a [u8],
    },
    /// A comment of the Prometheus format, with its `#`.
    Comment(&'a [u8]),
    /// A series with its sample.
    Series(SeriesEntry<'a>),
}

/// A label's name and value, with escapes undone.
pub type LabelPair<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// A series as a line spells it.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesEntry<'a> {
    /// Name and labels as they stand in the text: what Prometheus caches the series under during scrapes.
    pub text: &'a [u8],
    /// The labels sorted by name, `__name__` among them, with escapes undone and bounds normalised. A name
    /// that the text gives twice is here twice.
    pub labels: Vec<LabelPair<'a>>,
    /// The sample's value; every NaN is the same.
    pub value: f64,
    /// The sample's timestamp in milliseconds since 1970.
    pub timestamp: Option<i64>,
    /// The sample's exemplar, OpenMetrics only.
    pub exemplar: Option<Exemplar<'a>>,
}

/// An exemplar: a trace or the like that went into a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar<'a> {
    /// Its labels sorted by name, as they stand in the text.
    pub labels: Vec<(&'a [u8], &'a [u8])>,
    /// Its value.
    pub value: f64,
    /// Its timestamp in milliseconds since 1970.
    pub timestamp: Option<i64>,
}

/// Sorts labels by name. Most expositions write them in order already.
pub(super) fn sort_by_name<V>(labels: &mut [(V, V)])
where
    V: AsRef<[u8]>,
{
    if !labels.is_sorted_by(|a, b| a.0.as_ref() <= b.0.as_ref()) {
        sort::sort_by(labels, |a, b| a.0.as_ref().cmp(b.0.as_ref()));
    }
}
