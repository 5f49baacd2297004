//! What applies once defaults and inheritance are settled: `config/config.go`, `GlobalConfig.UnmarshalYAML`
//! and `ScrapeConfig.Validate`.

use crate::labels::{LabelSet, ValidationScheme};
use crate::relabel::RelabelConfig;
use crate::version::Version;
use crate::yaml::Spanned;

use super::config::{Global, RelabelRule, ScrapeConfig};
use super::duration::{ByteSize, Duration};

const DEFAULT_INTERVAL: Duration = Duration::from_secs(60);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
const TEXT_FIRST: [&str; 4] =
    ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"];
const PROTO_FIRST: [&str; 5] = [
    "PrometheusProto",
    "OpenMetricsText1.0.0",
    "OpenMetricsText0.0.1",
    "PrometheusText1.0.0",
    "PrometheusText0.0.4",
];

/// `global` with its defaults. Limits are 0 where there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveGlobal {
    /// How often targets are scraped.
    pub scrape_interval: Duration,
    /// How long a scrape may take.
    pub scrape_timeout: Duration,
    /// How often rules are evaluated.
    pub evaluation_interval: Duration,
    /// The labels of whatever leaves the server, values expanded; empty values are kept.
    pub external_labels: LabelSet,
    /// Which names are valid.
    pub metric_name_validation_scheme: ValidationScheme,
    /// How names are asked for, where it is set.
    pub metric_name_escaping_scheme: Option<String>,
}

/// A scrape job with everything that it inherits. Limits are 0 where there is none.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in the configuration")]
pub struct EffectiveScrapeConfig<'c> {
    /// The job as written.
    pub source: &'c ScrapeConfig,
    /// The version whose defaults these are.
    pub version: Version,
    /// The job's name.
    pub job_name: &'c str,
    /// How often its targets are scraped.
    pub scrape_interval: Duration,
    /// How long a scrape may take.
    pub scrape_timeout: Duration,
    /// The path that is asked for.
    pub metrics_path: &'c str,
    /// `http` or `https`; Prometheus checks it only when it scrapes.
    pub scheme: &'c str,
    /// Whether labels of the answer win over the target's.
    pub honor_labels: bool,
    /// Whether timestamps of the answer are kept.
    pub honor_timestamps: bool,
    /// Whether series with timestamps get stale markers.
    pub track_timestamps_staleness: bool,
    /// Whether `scrape_timeout_seconds` and its like are stored.
    pub extra_scrape_metrics: bool,
    /// Whether a compressed answer is asked for.
    pub enable_compression: bool,
    /// An uncompressed answer of this many bytes or more fails the scrape.
    pub body_size_limit: ByteSize,
    /// More samples after relabelling fail the scrape.
    pub sample_limit: u64,
    /// More targets after relabelling fail every scrape of the job.
    pub target_limit: u64,
    /// More labels on a sample fail the scrape.
    pub label_limit: u64,
    /// A longer label name, in bytes, fails the scrape.
    pub label_name_length_limit: u64,
    /// A longer label value, in bytes, fails the scrape.
    pub label_value_length_limit: u64,
    /// Which formats are asked for, the most wanted first.
    pub scrape_protocols: Vec<&'c str>,
    /// How an answer of unknown format is read.
    pub fallback_scrape_protocol: Option<&'c str>,
    /// Which names are valid.
    pub metric_name_validation_scheme: ValidationScheme,
    /// How names are asked for: `allow-utf-8`, `underscores`, `dots` or `values`.
    pub metric_name_escaping_scheme: &'c str,
    /// Whether native histograms are scraped.
    pub scrape_native_histograms: bool,
    /// Whether classic histograms become native ones with custom buckets.
    pub convert_classic_histograms_to_nhcb: bool,
    /// Whether classic histograms are scraped beside native ones.
    pub always_scrape_classic_histograms: bool,
}

fn set<T: Copy + PartialEq + Default>(value: Option<&Spanned<T>>) -> Option<T> {
    value.map(|value| value.value).filter(|value| *value != T::default())
}

fn text(value: Option<&Spanned<String>>) -> Option<&str> {
    value.map(|value| value.value.as_str()).filter(|value| !value.is_empty())
}

/// The scheme that names of `version` follow unless something else is set.
pub(super) fn default_scheme(version: Version) -> ValidationScheme {
    if version.is_v3() { ValidationScheme::Utf8 } else { ValidationScheme::Legacy }
}

/// `DefaultScrapeProtocols` and `DefaultProtoFirstScrapeProtocols`; the second text format is of 3.0.
fn default_protocols(native: bool, version: Version) -> Vec<&'static str> {
    let all: &[&'static str] = if native { &PROTO_FIRST } else { &TEXT_FIRST };
    all.iter().copied().filter(|&protocol| version.is_v3() || protocol != "PrometheusText1.0.0").collect()
}

impl Global {
    /// The interval that applies.
    #[must_use]
    pub fn effective_scrape_interval(&self) -> Duration {
        set(self.scrape_interval.as_ref()).unwrap_or(DEFAULT_INTERVAL)
    }

    /// The timeout that applies: ten seconds, unless the interval is shorter.
    #[must_use]
    pub fn effective_scrape_timeout(&self) -> Duration {
        set(self.scrape_timeout.as_ref())
            .unwrap_or_else(|| DEFAULT_TIMEOUT.min(self.effective_scrape_interval()))
    }

    /// The section with its defaults, as `version` has them.
    #[must_use]
    pub fn effective(&self, version: Version) -> EffectiveGlobal {
        EffectiveGlobal {
            scrape_interval: self.effective_scrape_interval(),
            scrape_timeout: self.effective_scrape_timeout(),
            evaluation_interval: set(self.evaluation_interval.as_ref()).unwrap_or(DEFAULT_INTERVAL),
            external_labels: self
                .external_labels
                .iter()
                .map(|label| (label.name.value.as_str(), label.expanded.as_str()))
                .collect(),
            metric_name_validation_scheme: self.scheme(version),
            metric_name_escaping_scheme: text(self.metric_name_escaping_scheme.as_ref()).map(str::to_owned),
        }
    }

    /// Which names are valid unless a job says otherwise.
    #[must_use]
    pub fn scheme(&self, version: Version) -> ValidationScheme {
        self.metric_name_validation_scheme
            .as_ref()
            .and_then(|scheme| scheme.value)
            .unwrap_or_else(|| default_scheme(version))
    }
}

impl EffectiveScrapeConfig<'_> {
    /// `relabel_configs`, ready to compile.
    #[must_use]
    pub fn relabel_configs(&self) -> Vec<RelabelConfig> {
        self.source.relabel_configs.iter().map(RelabelRule::config).collect()
    }

    /// `metric_relabel_configs`, ready to compile.
    #[must_use]
    pub fn metric_relabel_configs(&self) -> Vec<RelabelConfig> {
        self.source.metric_relabel_configs.iter().map(RelabelRule::config).collect()
    }
}

impl ScrapeConfig {
    /// The job with everything that it inherits from `global`, as `version` has it.
    #[must_use]
    pub fn effective<'c>(&'c self, global: &'c Global, version: Version) -> EffectiveScrapeConfig<'c> {
        let interval =
            set(self.scrape_interval.as_ref()).unwrap_or_else(|| global.effective_scrape_interval());
        let timeout = set(self.scrape_timeout.as_ref())
            .unwrap_or_else(|| global.effective_scrape_timeout().min(interval));
        let limit = |own: &Option<Spanned<u64>>, inherited: &Option<Spanned<u64>>| {
            set(own.as_ref()).or_else(|| set(inherited.as_ref())).unwrap_or(0)
        };
        let inherits = |own: &Option<Spanned<bool>>, inherited: &Option<Spanned<bool>>| {
            own.as_ref().or(inherited.as_ref()).is_some_and(|value| value.value)
        };
        let flag = |own: &Option<Spanned<bool>>, default: bool| own.as_ref().map_or(default, |own| own.value);
        let native = inherits(&self.scrape_native_histograms, &global.scrape_native_histograms);
        let protocols = self
            .scrape_protocols
            .as_ref()
            .or(global.scrape_protocols.as_ref())
            .map(|list| list.value.iter().map(|protocol| protocol.value.as_str()).collect());
        let scheme = self
            .metric_name_validation_scheme
            .as_ref()
            .and_then(|scheme| scheme.value)
            .unwrap_or_else(|| global.scheme(version));
        EffectiveScrapeConfig {
            source: self,
            version,
            job_name: self.name(),
            scrape_interval: interval,
            scrape_timeout: timeout,
            metrics_path: self.metrics_path.as_ref().map_or("/metrics", |path| &path.value),
            scheme: self.scheme.as_ref().map_or("http", |scheme| &scheme.value),
            honor_labels: flag(&self.honor_labels, false),
            honor_timestamps: flag(&self.honor_timestamps, true),
            track_timestamps_staleness: flag(&self.track_timestamps_staleness, false),
            extra_scrape_metrics: inherits(&self.extra_scrape_metrics, &global.extra_scrape_metrics),
            enable_compression: flag(&self.enable_compression, true),
            body_size_limit: set(self.body_size_limit.as_ref())
                .or_else(|| set(global.body_size_limit.as_ref()))
                .unwrap_or_default(),
            sample_limit: limit(&self.sample_limit, &global.sample_limit),
            target_limit: limit(&self.target_limit, &global.target_limit),
            label_limit: limit(&self.label_limit, &global.label_limit),
            label_name_length_limit: limit(&self.label_name_length_limit, &global.label_name_length_limit),
            label_value_length_limit: limit(&self.label_value_length_limit, &global.label_value_length_limit),
            scrape_protocols: protocols.unwrap_or_else(|| default_protocols(native, version)),
            fallback_scrape_protocol: text(self.fallback_scrape_protocol.as_ref()),
            metric_name_validation_scheme: scheme,
            metric_name_escaping_scheme: self.escaping(global, scheme, version),
            scrape_native_histograms: native,
            convert_classic_histograms_to_nhcb: inherits(
                &self.convert_classic_histograms_to_nhcb,
                &global.convert_classic_histograms_to_nhcb,
            ),
            always_scrape_classic_histograms: inherits(
                &self.always_scrape_classic_histograms,
                &global.always_scrape_classic_histograms,
            ),
        }
    }

    /// How names are asked for. A job that sets its own scheme of valid names does not inherit the global
    /// escaping, which need not fit it.
    fn escaping<'c>(&'c self, global: &'c Global, scheme: ValidationScheme, version: Version) -> &'c str {
        let fitting = |scheme| match scheme {
            ValidationScheme::Legacy => "underscores",
            ValidationScheme::Utf8 => "allow-utf-8",
        };
        if let Some(own) = text(self.metric_name_escaping_scheme.as_ref()) {
            return own;
        }
        // Before 3.7 the global escaping was inherited even so, and before 3.4 there was none.
        let has_own_scheme =
            self.metric_name_validation_scheme.as_ref().is_some_and(|scheme| scheme.value.is_some())
                && version >= (Version { major: 3, minor: 7 })
                || version < (Version { major: 3, minor: 4 });
        if has_own_scheme {
            fitting(scheme)
        } else {
            text(global.metric_name_escaping_scheme.as_ref())
                .unwrap_or_else(|| fitting(global.scheme(version)))
        }
    }
}
