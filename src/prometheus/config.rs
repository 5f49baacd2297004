//! The configuration as it is written: what is absent stays absent, and every value knows its place.
//!
//! An `Option` that is `None` is a key that is not there; defaults and what a job inherits are a separate
//! step ([`Global::effective`], [`ScrapeConfig::effective`]). A key that is there without a value holds the
//! type's zero, as it does in Go.

use crate::labels::ValidationScheme;
use crate::relabel::{Action, Field, RelabelConfig};
use crate::text::Span;
use crate::version::Version;
use crate::yaml::Spanned;

use super::duration::{ByteSize, Duration};

/// A configuration file: `config/config.go`, `Config`.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// For which version it was read.
    pub version: Version,
    /// `global`.
    pub global: Global,
    /// `rule_files`.
    pub rule_files: Vec<Spanned<String>>,
    /// `scrape_config_files`.
    pub scrape_config_files: Vec<Spanned<String>>,
    /// `scrape_configs`, without the items that hold nothing.
    pub scrape_configs: Vec<ScrapeConfig>,
    /// `alerting.alert_relabel_configs`.
    pub alert_relabel_configs: Vec<RelabelRule>,
    /// `alerting.alertmanagers`.
    pub alertmanagers: Vec<AlertmanagerGroup>,
    /// `remote_write`.
    pub remote_write: Vec<RemoteWrite>,
    /// `remote_read`.
    pub remote_read: Vec<RemoteRead>,
    /// `storage.tsdb.out_of_order_time_window`.
    pub out_of_order_time_window: Option<Spanned<Duration>>,
}

/// A list of one service discovery in a job, such as `dns_sd_configs`, that is not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// The key.
    pub key: Spanned<String>,
    /// From the key to the value's end.
    pub span: Span,
    /// How many items it has.
    pub len: usize,
}

/// An item of `file_sd_configs`: `discovery/file`, `SDConfig`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileSdConfig {
    /// Where the item is.
    pub span: Span,
    /// `files`: patterns of the files, relative to the configuration's folder.
    pub files: Vec<Spanned<String>>,
    /// `refresh_interval`; five minutes where it is not set.
    pub refresh_interval: Option<Spanned<Duration>>,
}

/// An item of `http_sd_configs`: `discovery/http`, `SDConfig`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpSdConfig {
    /// Where the item is.
    pub span: Span,
    /// `url`.
    pub url: Option<Spanned<String>>,
    /// `refresh_interval`; a minute where it is not set.
    pub refresh_interval: Option<Spanned<Duration>>,
}

/// An item of `alerting.alertmanagers`: `config/config.go`, `AlertmanagerConfig`.
#[derive(Clone, Debug, Default)]
pub struct AlertmanagerGroup {
    /// Where the item is.
    pub span: Span,
    /// `scheme`.
    pub scheme: Option<Spanned<String>>,
    /// `static_configs`.
    pub static_configs: Vec<StaticConfig>,
    /// `relabel_configs`.
    pub relabel_configs: Vec<RelabelRule>,
    /// `alert_relabel_configs`.
    pub alert_relabel_configs: Vec<RelabelRule>,
    /// The service discoveries by which they are found.
    pub discoveries: Vec<Discovery>,
}

/// An item of `remote_read`: `config/config.go`, `RemoteReadConfig`.
#[derive(Clone, Debug, Default)]
pub struct RemoteRead {
    /// Where the item is.
    pub span: Span,
    /// `url`.
    pub url: Option<Spanned<String>>,
    /// `name`.
    pub name: Option<Spanned<String>>,
}

/// An item of `remote_write`: `config/config.go`, `RemoteWriteConfig`.
#[derive(Clone, Debug, Default)]
pub struct RemoteWrite {
    /// Where the item is.
    pub span: Span,
    /// `url`.
    pub url: Option<Spanned<String>>,
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// `write_relabel_configs`.
    pub write_relabel_configs: Vec<RelabelRule>,
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelPair {
    /// The label's name.
    pub name: Spanned<String>,
    /// Its value, as written.
    pub value: Spanned<String>,
}

/// `global`: `config/config.go`, `GlobalConfig`.
#[derive(Clone, Debug, Default)]
pub struct Global {
    /// Where the section's value is.
    pub span: Option<Span>,
    /// `scrape_interval`; 0 is the default.
    pub scrape_interval: Option<Spanned<Duration>>,
    /// `scrape_timeout`; 0 is the default.
    pub scrape_timeout: Option<Spanned<Duration>>,
    /// `evaluation_interval`; 0 is the default.
    pub evaluation_interval: Option<Spanned<Duration>>,
    /// `rule_query_offset`.
    pub rule_query_offset: Option<Spanned<Duration>>,
    /// `external_labels`, in the order of the file.
    pub external_labels: Vec<ExternalLabel>,
    /// `body_size_limit`, of the uncompressed answer.
    pub body_size_limit: Option<Spanned<ByteSize>>,
    /// `sample_limit`.
    pub sample_limit: Option<Spanned<u64>>,
    /// `target_limit`.
    pub target_limit: Option<Spanned<u64>>,
    /// `label_limit`.
    pub label_limit: Option<Spanned<u64>>,
    /// `label_name_length_limit`, in bytes.
    pub label_name_length_limit: Option<Spanned<u64>>,
    /// `label_value_length_limit`, in bytes.
    pub label_value_length_limit: Option<Spanned<u64>>,
    /// `keep_dropped_targets`.
    pub keep_dropped_targets: Option<Spanned<u64>>,
    /// `scrape_protocols`, the most wanted first.
    pub scrape_protocols: Option<Spanned<Vec<Spanned<String>>>>,
    /// `metric_name_validation_scheme`; `Some` with `None` inside where it is spelled as nothing.
    pub metric_name_validation_scheme: Option<Spanned<Option<ValidationScheme>>>,
    /// `metric_name_escaping_scheme`.
    pub metric_name_escaping_scheme: Option<Spanned<String>>,
    /// `scrape_native_histograms`.
    pub scrape_native_histograms: Option<Spanned<bool>>,
    /// `convert_classic_histograms_to_nhcb`.
    pub convert_classic_histograms_to_nhcb: Option<Spanned<bool>>,
    /// `always_scrape_classic_histograms`.
    pub always_scrape_classic_histograms: Option<Spanned<bool>>,
    /// `extra_scrape_metrics`.
    pub extra_scrape_metrics: Option<Spanned<bool>>,
    /// `query_log_file`.
    pub query_log_file: Option<Spanned<String>>,
    /// `scrape_failure_log_file`.
    pub scrape_failure_log_file: Option<Spanned<String>>,
}

/// One of `external_labels`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalLabel {
    /// The label's name.
    pub name: Spanned<String>,
    /// Its value, as written.
    pub value: Spanned<String>,
    /// Its value with `$NAME` and `${NAME}` replaced, where the version does that.
    pub expanded: String,
}

/// An item of `scrape_configs`: `config/config.go`, `ScrapeConfig`.
#[derive(Clone, Debug, Default)]
pub struct ScrapeConfig {
    /// Where the item is.
    pub span: Span,
    /// `job_name`.
    pub job_name: Option<Spanned<String>>,
    /// `scrape_interval`; 0 inherits.
    pub scrape_interval: Option<Spanned<Duration>>,
    /// `scrape_timeout`; 0 inherits.
    pub scrape_timeout: Option<Spanned<Duration>>,
    /// `metrics_path`.
    pub metrics_path: Option<Spanned<String>>,
    /// `scheme`.
    pub scheme: Option<Spanned<String>>,
    /// `params`, in the order of the file.
    pub params: Vec<Param>,
    /// `honor_labels`.
    pub honor_labels: Option<Spanned<bool>>,
    /// `honor_timestamps`.
    pub honor_timestamps: Option<Spanned<bool>>,
    /// `track_timestamps_staleness`.
    pub track_timestamps_staleness: Option<Spanned<bool>>,
    /// `extra_scrape_metrics`.
    pub extra_scrape_metrics: Option<Spanned<bool>>,
    /// `enable_compression`.
    pub enable_compression: Option<Spanned<bool>>,
    /// `body_size_limit`; 0 inherits.
    pub body_size_limit: Option<Spanned<ByteSize>>,
    /// `sample_limit`; 0 inherits.
    pub sample_limit: Option<Spanned<u64>>,
    /// `target_limit`; 0 inherits.
    pub target_limit: Option<Spanned<u64>>,
    /// `label_limit`; 0 inherits.
    pub label_limit: Option<Spanned<u64>>,
    /// `label_name_length_limit`, in bytes; 0 inherits.
    pub label_name_length_limit: Option<Spanned<u64>>,
    /// `label_value_length_limit`, in bytes; 0 inherits.
    pub label_value_length_limit: Option<Spanned<u64>>,
    /// `keep_dropped_targets`; 0 inherits.
    pub keep_dropped_targets: Option<Spanned<u64>>,
    /// `native_histogram_bucket_limit`.
    pub native_histogram_bucket_limit: Option<Spanned<u64>>,
    /// `native_histogram_min_bucket_factor`.
    pub native_histogram_min_bucket_factor: Option<Spanned<f64>>,
    /// `scrape_protocols`, the most wanted first.
    pub scrape_protocols: Option<Spanned<Vec<Spanned<String>>>>,
    /// `fallback_scrape_protocol`.
    pub fallback_scrape_protocol: Option<Spanned<String>>,
    /// `metric_name_validation_scheme`; `Some` with `None` inside where it is spelled as nothing.
    pub metric_name_validation_scheme: Option<Spanned<Option<ValidationScheme>>>,
    /// `metric_name_escaping_scheme`.
    pub metric_name_escaping_scheme: Option<Spanned<String>>,
    /// `scrape_native_histograms`.
    pub scrape_native_histograms: Option<Spanned<bool>>,
    /// `convert_classic_histograms_to_nhcb`.
    pub convert_classic_histograms_to_nhcb: Option<Spanned<bool>>,
    /// `always_scrape_classic_histograms`, and before 3.0 `scrape_classic_histograms`.
    pub always_scrape_classic_histograms: Option<Spanned<bool>>,
    /// `scrape_failure_log_file`.
    pub scrape_failure_log_file: Option<Spanned<String>>,
    /// `static_configs`.
    pub static_configs: Vec<StaticConfig>,
    /// `relabel_configs`.
    pub relabel_configs: Vec<RelabelRule>,
    /// `metric_relabel_configs`.
    pub metric_relabel_configs: Vec<RelabelRule>,
    /// `file_sd_configs`.
    pub file_sd_configs: Vec<FileSdConfig>,
    /// `http_sd_configs`.
    pub http_sd_configs: Vec<HttpSdConfig>,
    /// Whether it has a key by which its requests carry credentials or go through a proxy, such as `basic_auth`.
    pub is_guarded: bool,
    /// All service discoveries of the job but `static_configs`, those of files and over HTTP too, in the
    /// order of the file.
    pub discoveries: Vec<Discovery>,
}

impl ScrapeConfig {
    /// The job's name, or `""` where it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.job_name.as_ref().map_or("", |name| &name.value)
    }

    /// Where the job's name is, or the job, where it has none.
    #[must_use]
    pub fn name_span(&self) -> Span {
        self.job_name.as_ref().map_or(Span::at(self.span.start), |name| name.span)
    }
}

/// An entry of `params`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// The parameter's name, such as `match[]`.
    pub name: Spanned<String>,
    /// Its values.
    pub values: Vec<Spanned<String>>,
}

/// An item of `static_configs`: `discovery/targetgroup`, `Group`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaticConfig {
    /// Where the item is.
    pub span: Span,
    /// `targets`.
    pub targets: Vec<Spanned<String>>,
    /// `labels`, in the order of the file.
    pub labels: Vec<LabelPair>,
}

/// An item of `relabel_configs` or `metric_relabel_configs` as it is written: `model/relabel`, `Config`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelabelRule {
    /// Where the item is.
    pub span: Span,
    /// `source_labels`.
    pub source_labels: Option<Spanned<Vec<Spanned<String>>>>,
    /// `separator`.
    pub separator: Option<Spanned<String>>,
    /// `regex`.
    pub regex: Option<Spanned<String>>,
    /// `modulus`.
    pub modulus: Option<Spanned<u64>>,
    /// `target_label`.
    pub target_label: Option<Spanned<String>>,
    /// `replacement`.
    pub replacement: Option<Spanned<String>>,
    /// `action`.
    pub action: Option<Spanned<Action>>,
    /// Whether something in it could not be read, which has been reported.
    pub is_broken: bool,
}

impl RelabelRule {
    /// The rule without its places.
    #[must_use]
    pub fn config(&self) -> RelabelConfig {
        let text = |value: &Option<Spanned<String>>| value.as_ref().map(|value| value.value.clone());
        RelabelConfig {
            source_labels: self
                .source_labels
                .as_ref()
                .map(|labels| labels.value.iter().map(|label| label.value.clone()).collect()),
            separator: text(&self.separator),
            regex: text(&self.regex),
            modulus: self.modulus.as_ref().map(|modulus| modulus.value),
            target_label: text(&self.target_label),
            replacement: text(&self.replacement),
            action: self.action.as_ref().map(|action| action.value),
        }
    }

    /// Where a key's value is; the rule's own place where the key is not written.
    #[must_use]
    pub fn field_span(&self, field: Field) -> Span {
        let text = |value: &Option<Spanned<String>>| value.as_ref().map(|value| value.span);
        let written = match field {
            Field::SourceLabels => self.source_labels.as_ref().map(|labels| labels.span),
            Field::Separator => text(&self.separator),
            Field::Regex => text(&self.regex),
            Field::Modulus => self.modulus.as_ref().map(|modulus| modulus.span),
            Field::TargetLabel => text(&self.target_label),
            Field::Replacement => text(&self.replacement),
            Field::Action => self.action.as_ref().map(|action| action.span),
        };
        written.unwrap_or(self.span)
    }
}
