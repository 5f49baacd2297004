//! `scrape_configs` and what stands in them: `config/config.go`, `ScrapeConfig`, `discovery/targetgroup` and
//! `model/relabel`.

use super::super::checks;
use super::{
    Choice, DISCOVERIES, HTTP_CLIENT, Key, Kind, LABEL_SET, List, Map, MapKey, Section, TEXTS, choice, key,
    list, section, word,
};

/// `ScrapeProtocol`.
static SCRAPE_PROTOCOL: Choice = Choice {
    go_type: "config.ScrapeProtocol",
    own_type: "",
    is_text: true,
    values: &[
        word("PrometheusProto"),
        word("OpenMetricsText1.0.0"),
        word("OpenMetricsText0.0.1"),
        word("PrometheusText1.0.0").since(3, 0),
        word("PrometheusText0.0.4"),
    ],
    unknown: "",
};

/// `[]ScrapeProtocol`.
pub(super) static SCRAPE_PROTOCOLS: List = list("[]config.ScrapeProtocol", Kind::Enum(&SCRAPE_PROTOCOL));

/// `model.ValidationScheme`, which was text before 3.6.
pub(super) static NAME_SCHEME: Choice = Choice {
    go_type: "string",
    own_type: "model.ValidationScheme",
    is_text: false,
    values: &[word("utf8"), word("legacy")],
    unknown: "",
};

/// The schemes of `common/model`, `EscapingScheme`.
pub(super) static ESCAPING_SCHEME: Choice =
    choice(&[word("allow-utf-8"), word("underscores"), word("dots"), word("values")]);

/// Only a request shows which schemes there are.
pub(super) static SCHEME: Choice = choice(&[word("http"), word("https")]);

static PARAMS: Map =
    Map { go_type: "url.Values", outer_type: "url.Values", keys: MapKey::Text, value: Kind::List(&TEXTS) };

static ACTION: Choice = Choice {
    go_type: "string",
    own_type: "relabel.Action",
    is_text: true,
    values: &[
        word("replace"),
        word("keep"),
        word("drop"),
        word("hashmod"),
        word("labelmap"),
        word("labeldrop"),
        word("labelkeep"),
        word("lowercase"),
        word("uppercase"),
        word("keepequal"),
        word("dropequal"),
    ],
    unknown: "",
};

static LABEL_NAMES: List = list("model.LabelNames", Kind::LabelName);

/// An item of `relabel_configs` or one of its like: `model/relabel`, `Config`.
pub(super) static RELABEL_CONFIG: Section = section(
    "relabel_config",
    "relabel.plain",
    "*relabel.Config",
    "A step that rewrites or drops a set of labels; steps are taken in the order of the file.",
    &[
        key("source_labels", Kind::List(&LABEL_NAMES), "The labels whose values, joined, are matched."),
        key("separator", Kind::Text, "What joins the values of several source labels.").or(";"),
        key("regex", Kind::Regex, "What the joined values, or label names, must match as a whole.")
            .or("(.*)"),
        key("modulus", Kind::Uint64, "By how much `hashmod` divides the hash of the joined values."),
        key("target_label", Kind::Text, "The label that is written."),
        key(
            "replacement",
            Kind::Text,
            "What is written; `$1` and `${name}` are the regular expression's groups.",
        )
        .or("$1"),
        key("action", Kind::Enum(&ACTION), "What is done to what matches.").or("replace"),
    ],
);

pub(super) static RELABEL_CONFIGS: List = List {
    go_type: "[]*relabel.Config",
    item: Kind::Section(&RELABEL_CONFIG),
    empty: "empty or null target relabeling rule in scrape config",
};

static METRIC_RELABEL_CONFIGS: List = List {
    go_type: "[]*relabel.Config",
    item: Kind::Section(&RELABEL_CONFIG),
    empty: "empty or null metric relabeling rule in scrape config",
};

/// An item of `static_configs`: `Group.UnmarshalYAML`.
pub(super) static TARGET_GROUP: Section = section(
    "static_config",
    r#"struct { Targets []string "yaml:\"targets\""; Labels model.LabelSet "yaml:\"labels\"" }"#,
    "*targetgroup.Group",
    "Targets that are listed by hand, and the labels that they share.",
    &[
        key("targets", Kind::List(&TEXTS), "The targets, each a host and a port."),
        key("labels", Kind::Map(&LABEL_SET), "Labels that all series of these targets get."),
    ],
);

/// `static_configs`.
pub(super) static STATIC_CONFIGS: List = List {
    go_type: "[]*targetgroup.Group",
    item: Kind::Section(&TARGET_GROUP),
    empty: "empty or null section in static_configs",
};

/// What a file of targets holds: `discovery/file`, `Discovery.readFile`.
pub(in crate::prometheus) static TARGET_GROUPS: List = List {
    go_type: "[]*targetgroup.Group",
    item: Kind::Section(&TARGET_GROUP),
    empty: "nil target group item found",
};

/// An item of `scrape_configs`, with the keys of [`HTTP_CLIENT`] and of the service discoveries in it.
pub(in crate::prometheus) static SCRAPE_CONFIG: Section = section(
    "scrape_config",
    "config.ScrapeConfig",
    "*config.ScrapeConfig",
    "A job: which targets are scraped, how, and what becomes of their labels.",
    KEYS,
)
.with(&[&HTTP_CLIENT, &DISCOVERIES])
.checked(checks::scrape_config);

const KEYS: &[Key] = &[
    key("job_name", Kind::Text, "The job's name, which its series get as `job`; each may stand only once."),
    key("scrape_interval", Kind::Duration, "How often the targets are scraped; the global interval if it is not set."),
    key("scrape_timeout", Kind::Duration, "How long a scrape may take; never longer than the interval."),
    key("scrape_protocols", Kind::List(&SCRAPE_PROTOCOLS), "The formats that targets are asked for, the most wanted first; the global list if it is not set.").since(2, 49),
    key("fallback_scrape_protocol", Kind::Enum(&SCRAPE_PROTOCOL), "The format as which an answer without a usable `Content-Type` is read; without one, the scrape fails.").since(3, 0),
    key("metrics_path", Kind::Text, "The path that is asked for; `/federate` where another Prometheus is the target.").or("/metrics"),
    key("honor_labels", Kind::Bool, "Whether a label in the answer wins over the target's label of that name; otherwise it becomes `exported_…`.").or("false"),
    key("honor_timestamps", Kind::Bool, "Whether timestamps in the answer are kept.").or("true"),
    key("track_timestamps_staleness", Kind::Bool, "Whether series with timestamps of their own are marked stale once they are gone.").or("false").since(2, 48),
    key("scheme", Kind::Enum(&SCHEME), "Whether targets are asked over HTTP or HTTPS.").or("http"),
    key("params", Kind::Map(&PARAMS), "Parameters of the request, each with its list of values; `match[]` selects what is federated."),
    key("enable_compression", Kind::Bool, "Whether a compressed answer is asked for.").or("true").since(2, 49),
    key("scrape_failure_log_file", Kind::File, "The file to which failed scrapes are logged; the global one if it is not set.").since(2, 55),
    key("relabel_configs", Kind::List(&RELABEL_CONFIGS), "Steps that rewrite each target's labels before it is scraped, or drop it."),
    key("metric_relabel_configs", Kind::List(&METRIC_RELABEL_CONFIGS), "Steps that rewrite the labels of each scraped sample before it is stored, or drop it."),
    key("body_size_limit", Kind::Size, "The size of an uncompressed answer from which on the scrape fails; 0 takes the global limit.").or("0"),
    key("sample_limit", Kind::Uint, "How many samples a scrape may have after relabelling before it fails; 0 takes the global limit.").or("0"),
    key("label_limit", Kind::Uint, "How many labels a sample may have before the scrape fails; 0 takes the global limit.").or("0"),
    key("label_name_length_limit", Kind::Uint, "How many bytes a label's name may have before the scrape fails; 0 takes the global limit.").or("0"),
    key("label_value_length_limit", Kind::Uint, "How many bytes a label's value may have before the scrape fails; 0 takes the global limit.").or("0"),
    key("target_limit", Kind::Uint, "How many targets the job may have after relabelling before all its scrapes fail; 0 takes the global limit.").or("0"),
    key("keep_dropped_targets", Kind::Uint, "How many targets that relabelling dropped are kept to be looked at; 0 takes the global limit.").or("0").since(2, 47),
    key("metric_name_validation_scheme", Kind::Enum(&NAME_SCHEME), "Which names of metrics and labels are valid; the global scheme if it is not set.").since(2, 55),
    key("metric_name_escaping_scheme", Kind::Enum(&ESCAPING_SCHEME), "How targets are asked to escape names that need it.").since(3, 4),
    key("native_histogram_bucket_limit", Kind::Uint, "How many buckets a native histogram may have; its resolution is lowered to fit, or else the scrape fails; 0 is any number.").or("0").since(2, 45),
    key("native_histogram_min_bucket_factor", Kind::Float, "The least factor from one bucket of a native histogram to the next; finer ones are merged.").or("0").since(2, 50),
    key("scrape_native_histograms", Kind::OptionalBool, "Whether native histograms are scraped; the global setting if it is not set.").since(3, 8),
    key("scrape_classic_histograms", Kind::Bool, "Whether the classic buckets are stored too where a histogram is native.").or("false").since(2, 45).until(3, 0),
    key("always_scrape_classic_histograms", Kind::Bool, "Whether the classic buckets are stored too where a histogram is native.").or("false").since(3, 0).until(3, 5),
    key("always_scrape_classic_histograms", Kind::OptionalBool, "Whether the classic buckets are stored too where a histogram is native; the global setting if it is not set.").since(3, 5),
    key("convert_classic_histograms_to_nhcb", Kind::Bool, "Whether classic histograms are stored as native ones with custom buckets.").or("false").since(3, 0).until(3, 4),
    key("convert_classic_histograms_to_nhcb", Kind::OptionalBool, "Whether classic histograms are stored as native ones with custom buckets; the global setting if it is not set.").since(3, 4),
    key("extra_scrape_metrics", Kind::OptionalBool, "Whether timeout, sample limit and body size of each scrape are stored as series; the global setting if it is not set.").since(3, 10),
];
