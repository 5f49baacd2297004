//! From values of the schema's types to the model.

use crate::diagnostic::Diagnostic;
use crate::labels::ValidationScheme;
use crate::relabel::Action;
use crate::text::{Span, quote};
use crate::version::Version;
use crate::yaml::Spanned;

use super::Environment;
use super::codes;
use super::config::{
    AlertmanagerGroup, Config, Discovery, ExternalLabel, FileSdConfig, Global, HttpSdConfig, LabelPair,
    Param, RelabelRule, RemoteRead, RemoteWrite, ScrapeConfig, StaticConfig,
};
use super::duration::Duration;
use super::expand::expand;
use super::value::{Fields, Value};
use super::walk::with_meant;

/// Makes the model of what was read, and reports what only that step can see.
pub(super) struct Model<'e> {
    pub(super) version: Version,
    pub(super) environment: &'e Environment,
    pub(super) found: Vec<Diagnostic>,
}

fn out_of_order_time_window(storage: Value) -> Option<Spanned<Duration>> {
    let take = |value: Value, key: &str| {
        let entries = value.into_section()?.entries;
        entries.into_iter().find(|entry| entry.key.name == key).map(|entry| entry.value)
    };
    take(take(storage, "tsdb")?, "out_of_order_time_window")?.into_duration()
}

impl Model<'_> {
    /// A whole configuration.
    pub(super) fn config(&mut self, fields: Fields) -> Config {
        let mut config = Config { version: self.version, ..Config::default() };
        for entry in fields.entries {
            let value = entry.value;
            match entry.key.name {
                "global" => config.global = self.global(value),
                "rule_files" => config.rule_files = value.into_texts(),
                "scrape_config_files" => config.scrape_config_files = value.into_texts(),
                "scrape_configs" => config.scrape_configs = self.scrape_configs(value),
                "alerting" => self.alerting(value, &mut config),
                "remote_write" => {
                    config.remote_write =
                        value.into_sections().map(|fields| self.remote_write(fields)).collect();
                }
                "remote_read" => config.remote_read = value.into_sections().map(remote_read).collect(),
                "storage" => config.out_of_order_time_window = out_of_order_time_window(value),
                _ => {}
            }
        }
        config
    }

    fn global(&mut self, value: Value) -> Global {
        let mut global = Global { span: value.span(), ..Global::default() };
        for entry in value.into_section().map_or_else(Vec::new, |fields| fields.entries) {
            let value = entry.value;
            match entry.key.name {
                "scrape_interval" => global.scrape_interval = value.into_duration(),
                "scrape_timeout" => global.scrape_timeout = value.into_duration(),
                "evaluation_interval" => global.evaluation_interval = value.into_duration(),
                "rule_query_offset" => global.rule_query_offset = value.into_duration(),
                "external_labels" => global.external_labels = self.external_labels(value),
                "body_size_limit" => global.body_size_limit = value.into_size(),
                "sample_limit" => global.sample_limit = value.into_uint(),
                "target_limit" => global.target_limit = value.into_uint(),
                "label_limit" => global.label_limit = value.into_uint(),
                "label_name_length_limit" => global.label_name_length_limit = value.into_uint(),
                "label_value_length_limit" => global.label_value_length_limit = value.into_uint(),
                "keep_dropped_targets" => global.keep_dropped_targets = value.into_uint(),
                "scrape_protocols" => global.scrape_protocols = value.into_text_list(),
                "metric_name_validation_scheme" => {
                    global.metric_name_validation_scheme = self.scheme(value, true);
                }
                "metric_name_escaping_scheme" => global.metric_name_escaping_scheme = value.into_text(),
                "scrape_native_histograms" => global.scrape_native_histograms = value.into_bool(),
                "convert_classic_histograms_to_nhcb" => {
                    global.convert_classic_histograms_to_nhcb = value.into_bool();
                }
                "always_scrape_classic_histograms" => {
                    global.always_scrape_classic_histograms = value.into_bool();
                }
                "extra_scrape_metrics" => global.extra_scrape_metrics = value.into_bool(),
                "query_log_file" => global.query_log_file = value.into_text(),
                "scrape_failure_log_file" => global.scrape_failure_log_file = value.into_text(),
                _ => {}
            }
        }
        global
    }

    /// `scrape_configs`, without the items that hold nothing.
    pub(super) fn scrape_configs(&mut self, value: Value) -> Vec<ScrapeConfig> {
        value.into_sections().map(|fields| self.scrape_config(fields)).collect()
    }

    fn scrape_config(&mut self, fields: Fields) -> ScrapeConfig {
        let mut job = ScrapeConfig { span: fields.span, ..ScrapeConfig::default() };
        for entry in fields.entries {
            let value = entry.value;
            match entry.key.name {
                "job_name" => job.job_name = value.into_text(),
                "scrape_interval" => job.scrape_interval = value.into_duration(),
                "scrape_timeout" => job.scrape_timeout = value.into_duration(),
                "metrics_path" => job.metrics_path = value.into_text(),
                "scheme" => job.scheme = value.into_text(),
                "params" => {
                    let params = value.into_map().into_iter();
                    job.params =
                        params.map(|(name, values)| Param { name, values: values.into_texts() }).collect();
                }
                "honor_labels" => job.honor_labels = value.into_bool(),
                "honor_timestamps" => job.honor_timestamps = value.into_bool(),
                "track_timestamps_staleness" => job.track_timestamps_staleness = value.into_bool(),
                "extra_scrape_metrics" => job.extra_scrape_metrics = value.into_bool(),
                "enable_compression" => job.enable_compression = value.into_bool(),
                "body_size_limit" => job.body_size_limit = value.into_size(),
                "sample_limit" => job.sample_limit = value.into_uint(),
                "target_limit" => job.target_limit = value.into_uint(),
                "label_limit" => job.label_limit = value.into_uint(),
                "label_name_length_limit" => job.label_name_length_limit = value.into_uint(),
                "label_value_length_limit" => job.label_value_length_limit = value.into_uint(),
                "keep_dropped_targets" => job.keep_dropped_targets = value.into_uint(),
                "native_histogram_bucket_limit" => job.native_histogram_bucket_limit = value.into_uint(),
                "native_histogram_min_bucket_factor" => {
                    job.native_histogram_min_bucket_factor = value.into_float();
                }
                "scrape_protocols" => job.scrape_protocols = value.into_text_list(),
                "fallback_scrape_protocol" => job.fallback_scrape_protocol = value.into_text(),
                "metric_name_validation_scheme" => {
                    job.metric_name_validation_scheme = self.scheme(value, false);
                }
                "metric_name_escaping_scheme" => job.metric_name_escaping_scheme = value.into_text(),
                "scrape_native_histograms" => job.scrape_native_histograms = value.into_bool(),
                "convert_classic_histograms_to_nhcb" => {
                    job.convert_classic_histograms_to_nhcb = value.into_bool();
                }
                "always_scrape_classic_histograms" | "scrape_classic_histograms" => {
                    job.always_scrape_classic_histograms = value.into_bool();
                }
                "scrape_failure_log_file" => job.scrape_failure_log_file = value.into_text(),
                "static_configs" => job.static_configs = static_configs(value),
                "relabel_configs" => job.relabel_configs = self.relabel_configs(value),
                "metric_relabel_configs" => job.metric_relabel_configs = self.relabel_configs(value),
                "authorization"
                | "basic_auth"
                | "bearer_token"
                | "bearer_token_file"
                | "http_headers"
                | "oauth2"
                | "proxy_from_environment"
                | "proxy_url" => job.is_guarded = true,
                name if name.ends_with("_sd_configs") => {
                    job.discoveries.extend(discovery(name, entry.name, entry.span, &value));
                    match name {
                        "file_sd_configs" => {
                            job.file_sd_configs = value.into_sections().map(file_sd_config).collect();
                        }
                        "http_sd_configs" => {
                            job.http_sd_configs = value.into_sections().map(http_sd_config).collect();
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        job
    }

    fn alerting(&mut self, value: Value, config: &mut Config) {
        for entry in value.into_section().map_or_else(Vec::new, |fields| fields.entries) {
            match entry.key.name {
                "alert_relabel_configs" => config.alert_relabel_configs = self.relabel_configs(entry.value),
                "alertmanagers" => {
                    config.alertmanagers =
                        entry.value.into_sections().map(|fields| self.alertmanager(fields)).collect();
                }
                _ => {}
            }
        }
    }

    fn alertmanager(&mut self, fields: Fields) -> AlertmanagerGroup {
        let mut group = AlertmanagerGroup { span: fields.span, ..AlertmanagerGroup::default() };
        for entry in fields.entries {
            let value = entry.value;
            match entry.key.name {
                "scheme" => group.scheme = value.into_text(),
                "static_configs" => group.static_configs = static_configs(value),
                "relabel_configs" => group.relabel_configs = self.relabel_configs(value),
                "alert_relabel_configs" => group.alert_relabel_configs = self.relabel_configs(value),
                name if name.ends_with("_sd_configs") => {
                    group.discoveries.extend(discovery(name, entry.name, entry.span, &value));
                }
                _ => {}
            }
        }
        group
    }

    fn remote_write(&mut self, fields: Fields) -> RemoteWrite {
        let mut endpoint = RemoteWrite { span: fields.span, ..RemoteWrite::default() };
        for entry in fields.entries {
            match entry.key.name {
                "url" => endpoint.url = entry.value.into_text(),
                "name" => endpoint.name = entry.value.into_text(),
                "write_relabel_configs" => {
                    endpoint.write_relabel_configs = self.relabel_configs(entry.value);
                }
                _ => {}
            }
        }
        endpoint
    }

    fn external_labels(&mut self, value: Value) -> Vec<ExternalLabel> {
        let mut labels = Vec::new();
        for (name, value) in value.into_map() {
            let Some(value) = value.into_text() else { continue };
            let expanded = self.expanded(&value);
            labels.push(ExternalLabel { name, value, expanded });
        }
        labels
    }

    /// The value with its variables replaced, from 3.0 on; before, that took a flag.
    fn expanded(&mut self, value: &Spanned<String>) -> String {
        if !self.version.is_v3() {
            return value.value.clone();
        }
        let mut unset: Vec<String> = Vec::new();
        let expanded = expand(&value.value, |name| {
            let found = self.environment.get(name).filter(|value| !value.is_empty());
            if found.is_none() && !unset.iter().any(|seen| seen == name) {
                unset.push(name.to_owned());
            }
            found.cloned()
        });
        for name in unset {
            self.found.push(
                Diagnostic::info(
                    codes::UNSET_VARIABLE,
                    value.span,
                    format!("the variable `{name}` is not set, so it stands for nothing"),
                )
                .because("Prometheus replaces `$NAME` in external labels with the environment's value.")
                .help("Give the variable's value, or write `$$` for a dollar."),
            );
        }
        expanded
    }

    fn relabel_configs(&mut self, value: Value) -> Vec<RelabelRule> {
        value.into_sections().map(|fields| self.relabel_rule(fields)).collect()
    }

    fn relabel_rule(&mut self, fields: Fields) -> RelabelRule {
        let mut rule =
            RelabelRule { span: fields.span, is_broken: !fields.is_sound, ..RelabelRule::default() };
        for entry in fields.entries {
            let value = entry.value;
            match entry.key.name {
                "source_labels" => rule.source_labels = value.into_text_list(),
                "separator" => rule.separator = value.into_text(),
                "regex" => rule.regex = value.into_text(),
                "modulus" => rule.modulus = value.into_uint(),
                "target_label" => rule.target_label = value.into_text(),
                "replacement" => rule.replacement = value.into_text(),
                "action" => {
                    rule.action = match value {
                        Value::Null(span) => Some(Spanned::new(Action::Empty, span)),
                        value => value.into_text().and_then(|word| self.action(&word)),
                    };
                    rule.is_broken |= rule.action.is_none();
                }
                _ => {}
            }
        }
        rule
    }

    fn action(&mut self, word: &Spanned<String>) -> Option<Spanned<Action>> {
        match word.value.parse::<Action>() {
            Ok(action) => Some(word.with(action)),
            Err(unknown) => {
                let known: Vec<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
                let diagnostic = Diagnostic::error(codes::RELABEL, word.span, unknown.to_string());
                self.found.push(with_meant(diagnostic, word, &known));
                None
            }
        }
    }

    fn scheme(&mut self, value: Value, global: bool) -> Option<Spanned<Option<ValidationScheme>>> {
        let text = value.into_text()?;
        let scheme = match text.value.as_str() {
            "" => None,
            "legacy" => Some(ValidationScheme::Legacy),
            "utf8" => Some(ValidationScheme::Utf8),
            unknown => {
                // The type became an enumeration with 3.6; before, jobs were checked against it one by one.
                let message = if self.version >= (Version { major: 3, minor: 6 }) {
                    format!("unrecognized ValidationScheme: {}", quote(unknown))
                } else if self.version >= (Version { major: 3, minor: 4 }) {
                    let whose = if global { "global" } else { "scrape config" };
                    format!(
                        "unknown {whose} name validation method specified, must be either 'legacy' or 'utf8', got {unknown}"
                    )
                } else {
                    format!(
                        "unknown name validation method specified, must be either 'legacy' or 'utf8', got {unknown}"
                    )
                };
                self.found.push(Diagnostic::error(codes::NAME_SCHEME, text.span, message));
                return None;
            }
        };
        Some(text.with(scheme))
    }
}

/// `static_configs`, without the items that hold nothing.
pub(super) fn static_configs(value: Value) -> Vec<StaticConfig> {
    let mut groups = Vec::new();
    for fields in value.into_sections() {
        let mut group = StaticConfig { span: fields.span, ..StaticConfig::default() };
        for entry in fields.entries {
            match entry.key.name {
                "targets" => group.targets = entry.value.into_texts(),
                _ => {
                    let labels = entry.value.into_map().into_iter();
                    group.labels = labels
                        .filter_map(|(name, value)| Some(LabelPair { name, value: value.into_text()? }))
                        .collect();
                }
            }
        }
        groups.push(group);
    }
    groups
}

/// A service discovery that has items.
fn discovery(key: &str, name: Span, span: Span, value: &Value) -> Option<Discovery> {
    let Value::List(list) = value else { return None };
    let len = list.value.len();
    (len > 0).then(|| Discovery { key: Spanned::new(key.to_owned(), name), span, len })
}

fn remote_read(fields: Fields) -> RemoteRead {
    let mut endpoint = RemoteRead { span: fields.span, ..RemoteRead::default() };
    for entry in fields.entries {
        match entry.key.name {
            "url" => endpoint.url = entry.value.into_text(),
            "name" => endpoint.name = entry.value.into_text(),
            _ => {}
        }
    }
    endpoint
}

fn file_sd_config(fields: Fields) -> FileSdConfig {
    let mut config = FileSdConfig { span: fields.span, ..FileSdConfig::default() };
    for entry in fields.entries {
        match entry.key.name {
            "files" => config.files = entry.value.into_texts(),
            _ => config.refresh_interval = entry.value.into_duration(),
        }
    }
    config
}

fn http_sd_config(fields: Fields) -> HttpSdConfig {
    let mut config = HttpSdConfig { span: fields.span, ..HttpSdConfig::default() };
    for entry in fields.entries {
        match entry.key.name {
            "url" => config.url = entry.value.into_text(),
            "refresh_interval" => config.refresh_interval = entry.value.into_duration(),
            _ => {}
        }
    }
    config
}
