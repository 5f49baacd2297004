//! The whole file and its smaller sections: `config/config.go`, `Config`.

use super::super::checks;
use super::alerting::ALERTING;
use super::global::GLOBAL;
use super::http_client::TLS_CONFIG;
use super::remote::{REMOTE_READS, REMOTE_WRITES};
use super::{
    Choice, Key, Kind, List, SCRAPE_CONFIG, Section, TEXT_MAP, TEXTS, Word, choice, key, named, section, word,
};

static SCRAPE_CONFIG_LIST: List = List {
    go_type: "[]*config.ScrapeConfig",
    item: Kind::Section(&SCRAPE_CONFIG),
    empty: "empty or null scrape config section",
};

/// The whole file.
pub(in crate::prometheus) static CONFIG: Section = section(
    "configuration",
    "config.plain",
    "config.Config",
    "A Prometheus configuration.",
    &[
        key(
            "global",
            Kind::Section(&GLOBAL),
            "What applies to every job and every rule group that says nothing else.",
        ),
        key("runtime", Kind::Section(&RUNTIME), "Settings of the process.").since(2, 53),
        key("rule_files", Kind::List(&TEXTS), "Patterns of the files that hold rules."),
        key(
            "scrape_config_files",
            Kind::List(&TEXTS),
            "Patterns of the files that hold more `scrape_configs`.",
        )
        .since(2, 43),
        key("scrape_configs", Kind::List(&SCRAPE_CONFIG_LIST), "The jobs."),
        key("alerting", Kind::Section(&ALERTING), "Where alerts go."),
        key("remote_write", Kind::List(&REMOTE_WRITES), "Where samples are sent as they come in."),
        key("remote_read", Kind::List(&REMOTE_READS), "From where else queries read."),
        key("storage", Kind::Section(&STORAGE), "Settings of the storage that a reload applies."),
        key("tracing", Kind::Section(&TRACING), "Where traces of the server itself go."),
        key("otlp", Kind::Section(&OTLP), "How metrics that come in over OTLP are stored.").since(2, 55),
    ],
)
.at_anchor("configuration-file")
.checked(checks::config);

/// A file that `scrape_config_files` names: `ScrapeConfigs`.
pub(in crate::prometheus) static SCRAPE_CONFIGS: Section = section(
    "scrape_config_file",
    "config.ScrapeConfigs",
    "config.ScrapeConfigs",
    "More jobs.",
    &[key("scrape_configs", Kind::List(&SCRAPE_CONFIG_LIST), "The jobs.")],
)
.at_anchor("configuration-file");

static RUNTIME: Section = section(
    "runtime",
    "config.RuntimeConfig",
    "config.RuntimeConfig",
    "Settings of the process.",
    &[key("gogc", Kind::Int, "By how many per cent the heap may grow before garbage is collected.").or("75")],
)
.at_anchor("configuration-file");

static STORAGE: Section = section(
    "storage",
    "config.StorageConfig",
    "config.StorageConfig",
    "Settings of the storage that a reload applies.",
    &[
        key("tsdb", Kind::Optional(&TSDB), "Settings of the local storage."),
        key("exemplars", Kind::Optional(&EXEMPLARS), "Settings of the storage of exemplars."),
    ],
)
.at_anchor("tsdb");

static FLOATS: Choice = choice(&[word("xor"), word("xor2")]);

static TSDB: Section = section(
    "tsdb",
    "config.plain",
    "*config.TSDBConfig",
    "Settings of the local storage.",
    &[
        key(
            "out_of_order_time_window",
            Kind::Duration,
            "How much older than its series' newest sample a sample may be.",
        )
        .or("0s"),
        key(
            "stale_series_compaction_threshold",
            Kind::Float,
            "The share of stale series in memory from which on they are written to disk; 0 is never.",
        )
        .or("0")
        .since(3, 10),
        key("chunk_encoding", Kind::Section(&CHUNK_ENCODING), "How chunks are encoded.").since(3, 13),
        key("retention", Kind::Optional(&RETENTION), "How long samples are kept.").since(3, 8),
    ],
)
.checked(checks::tsdb);

static CHUNK_ENCODING: Section = section(
    "chunk_encoding",
    "config.ChunkEncodingConfig",
    "config.ChunkEncodingConfig",
    "How chunks are encoded.",
    &[key(
        "floats",
        Kind::Enum(&FLOATS),
        "How chunks of plain samples are encoded; older servers cannot read `xor2`.",
    )],
)
.at_anchor("tsdb");

static RETENTION_KEYS: &[Key] = &[
    key(
        "time",
        Kind::Duration,
        "How long samples are kept; 15 days, unless the command line or a limit of size says otherwise.",
    ),
    key("size", Kind::Size, "How many bytes the blocks may take; 0 is any number."),
    key("percentage", Kind::Float, "How much of the disk the blocks may take, in per cent; 0 is any share.")
        .since(3, 11),
];

static RETENTION: Section = section(
    "retention",
    "config.plain",
    "*config.TSDBRetentionConfig",
    "How long samples are kept.",
    RETENTION_KEYS,
)
.at_anchor("tsdb")
.checked(checks::retention);

static EXEMPLARS: Section = section(
    "exemplars",
    "config.ExemplarsConfig",
    "*config.ExemplarsConfig",
    "Settings of the storage of exemplars.",
    &[key("max_exemplars", Kind::Int64, "How many exemplars are kept, over all series.").or("100000")],
);

static CLIENT_TYPE: Choice = Choice {
    go_type: "config.plain",
    own_type: "config.Text",
    is_text: true,
    values: &[word("http"), word("grpc")],
    unknown: "expected tracing client type to be to be http or grpc, but got %s",
};
static COMPRESSION: Choice = choice(&[word("gzip")]);

static TRACING: Section = section(
    "tracing_config",
    "config.plain",
    "config.TracingConfig",
    "Where traces of the server itself go.",
    &[
        key("client_type", Kind::Enum(&CLIENT_TYPE), "Over which protocol traces are sent.").or("grpc"),
        key("endpoint", Kind::Text, "The host and port that traces are sent to."),
        key("sampling_fraction", Kind::Float, "The share of requests that are traced, from 0 to 1.").or("0"),
        key("insecure", Kind::Bool, "Whether traces are sent without TLS.").or("false"),
        key("headers", Kind::Map(&TEXT_MAP), "Headers that are sent along."),
        key("compression", Kind::Enum(&COMPRESSION), "How what is sent is compressed."),
        key("timeout", Kind::Duration, "How long sending may take.").or("10s"),
        key("tls_config", Kind::Section(&TLS_CONFIG), "How the receiver's certificate is verified."),
    ],
)
.checked(checks::tracing);

static TRANSLATION: Choice = named("otlptranslator.TranslationStrategyOption", TRANSLATIONS);
static TRANSLATION_BEFORE: Choice = named("config.translationStrategyOption", TRANSLATIONS);
const TRANSLATIONS: &[Word] = &[
    word("UnderscoreEscapingWithSuffixes"),
    word("UnderscoreEscapingWithoutSuffixes").since(3, 6),
    word("NoUTF8EscapingWithSuffixes"),
    word("NoTranslation").since(3, 4),
];

static OTLP: Section = section(
    "otlp",
    "config.plain",
    "config.OTLPConfig",
    "How metrics that come in over OTLP are stored.",
    &[
        key(
            "promote_all_resource_attributes",
            Kind::Bool,
            "Whether every resource attribute becomes a label.",
        )
        .or("false")
        .since(3, 5),
        key("promote_resource_attributes", Kind::List(&TEXTS), "Resource attributes that become labels."),
        key(
            "ignore_resource_attributes",
            Kind::List(&TEXTS),
            "Resource attributes that do not become labels where all others do.",
        )
        .since(3, 5),
        key(
            "translation_strategy",
            Kind::Enum(&TRANSLATION_BEFORE),
            "Whether names keep their characters, and whether they get suffixes for unit and type.",
        )
        .or("UnderscoreEscapingWithSuffixes")
        .since(3, 0)
        .until(3, 7),
        key(
            "translation_strategy",
            Kind::Enum(&TRANSLATION),
            "Whether names keep their characters, and whether they get suffixes for unit and type.",
        )
        .or("UnderscoreEscapingWithSuffixes")
        .since(3, 7),
        key(
            "keep_identifying_resource_attributes",
            Kind::Bool,
            "Whether `target_info` also has what makes up `job` and `instance`.",
        )
        .or("false")
        .since(3, 1),
        key(
            "convert_histograms_to_nhcb",
            Kind::Bool,
            "Whether explicit histograms are stored as native ones with custom buckets.",
        )
        .or("false")
        .since(3, 4),
        key(
            "promote_scope_metadata",
            Kind::Bool,
            "Whether the scope's name, version and attributes become labels.",
        )
        .or("false")
        .since(3, 6),
        key(
            "label_name_underscore_sanitization",
            Kind::Bool,
            "Whether a label that begins with `_` gets `key` put before it.",
        )
        .or("true")
        .since(3, 8),
        key(
            "label_name_preserve_multiple_underscores",
            Kind::Bool,
            "Whether several `_` in a row stay several.",
        )
        .or("true")
        .since(3, 8),
    ],
)
.at_anchor("configuration-file")
.checked(checks::otlp);
