//! `global`: `config/config.go`, `GlobalConfig`.

use super::scrape::{ESCAPING_SCHEME, NAME_SCHEME, SCRAPE_PROTOCOLS};
use super::{Key, Kind, Map, MapKey, Section, key, section};

/// Labels of the server itself.
static EXTERNAL_LABELS: Map = Map {
    go_type: "map[string]string",
    outer_type: "labels.Labels",
    keys: MapKey::ExternalLabel,
    value: Kind::Text,
};

/// `global`.
pub(in crate::prometheus) static GLOBAL: Section = section(
    "global",
    "config.plain",
    "config.GlobalConfig",
    "What applies to every job and every rule group that says nothing else.",
    KEYS,
)
.at_anchor("configuration-file");

const KEYS: &[Key] = &[
    key("scrape_interval", Kind::Duration, "How often targets are scraped.").or("1m"),
    key("scrape_timeout", Kind::Duration, "How long a scrape may take; never longer than the interval.")
        .or("10s"),
    key(
        "scrape_protocols",
        Kind::List(&SCRAPE_PROTOCOLS),
        "The formats that targets are asked for, the most wanted first.",
    )
    .or("[OpenMetricsText1.0.0, OpenMetricsText0.0.1, PrometheusText0.0.4]")
    .since(2, 49)
    .until(3, 0),
    key(
        "scrape_protocols",
        Kind::List(&SCRAPE_PROTOCOLS),
        "The formats that targets are asked for, the most wanted first.",
    )
    .or("[OpenMetricsText1.0.0, OpenMetricsText0.0.1, PrometheusText1.0.0, PrometheusText0.0.4]")
    .since(3, 0),
    key("evaluation_interval", Kind::Duration, "How often rules are evaluated.").or("1m"),
    key("rule_query_offset", Kind::Duration, "How far back rules look, so that late samples are in.")
        .or("0s")
        .since(2, 53),
    key(
        "external_labels",
        Kind::Map(&EXTERNAL_LABELS),
        "Labels that series and alerts get when they leave this server: by federation, remote write or to Alertmanager.",
    ),
    key("query_log_file", Kind::File, "The file to which every query is logged."),
    key("scrape_failure_log_file", Kind::File, "The file to which failed scrapes are logged.").since(2, 55),
    key(
        "body_size_limit",
        Kind::Size,
        "The size of an uncompressed answer from which on the scrape fails; 0 is none.",
    )
    .or("0")
    .since(2, 45),
    key(
        "sample_limit",
        Kind::Uint,
        "How many samples a scrape may have after relabelling before it fails; 0 is any number.",
    )
    .or("0")
    .since(2, 45),
    key(
        "target_limit",
        Kind::Uint,
        "How many targets a job may have after relabelling before all its scrapes fail; 0 is any number.",
    )
    .or("0")
    .since(2, 45),
    key(
        "label_limit",
        Kind::Uint,
        "How many labels a sample may have before the scrape fails; 0 is any number.",
    )
    .or("0")
    .since(2, 45),
    key(
        "label_name_length_limit",
        Kind::Uint,
        "How many bytes a label's name may have before the scrape fails; 0 is any number.",
    )
    .or("0")
    .since(2, 45),
    key(
        "label_value_length_limit",
        Kind::Uint,
        "How many bytes a label's value may have before the scrape fails; 0 is any number.",
    )
    .or("0")
    .since(2, 45),
    key(
        "keep_dropped_targets",
        Kind::Uint,
        "How many targets that relabelling dropped are kept to be looked at, a job; 0 is all.",
    )
    .or("0")
    .since(2, 47),
    key(
        "metric_name_validation_scheme",
        Kind::Enum(&NAME_SCHEME),
        "Which names of metrics and labels are valid: any in UTF-8, or letters, digits, `_` and `:`.",
    )
    .or("legacy")
    .since(2, 55)
    .until(3, 0),
    key(
        "metric_name_validation_scheme",
        Kind::Enum(&NAME_SCHEME),
        "Which names of metrics and labels are valid: any in UTF-8, or letters, digits, `_` and `:`.",
    )
    .or("utf8")
    .since(3, 0),
    key(
        "metric_name_escaping_scheme",
        Kind::Enum(&ESCAPING_SCHEME),
        "How targets are asked to escape names that need it.",
    )
    .or("allow-utf-8")
    .since(3, 4),
    key(
        "scrape_native_histograms",
        Kind::OptionalBool,
        "Whether native histograms are scraped; protobuf is asked for first then.",
    )
    .or("false")
    .since(3, 8),
    key(
        "convert_classic_histograms_to_nhcb",
        Kind::Bool,
        "Whether classic histograms are stored as native ones with custom buckets.",
    )
    .or("false")
    .since(3, 4),
    key(
        "always_scrape_classic_histograms",
        Kind::Bool,
        "Whether the classic buckets are stored too where a histogram is native.",
    )
    .or("false")
    .since(3, 5),
    key(
        "extra_scrape_metrics",
        Kind::OptionalBool,
        "Whether timeout, sample limit and body size of each scrape are stored as series.",
    )
    .or("false")
    .since(3, 10),
];
