//! Which keys each section has, in which version.
//!
//! One table for decoding, for messages ("came with Prometheus 2.49") and for suggestions. Sections that
//! are not looked into yet are listed by name only.

use crate::version::Version;
use crate::yaml::Shape;

/// A key of a section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// The key.
    pub(super) name: &'static str,
    /// The first version that knows it.
    since: Version,
    /// The first version that no longer does.
    until: Option<Version>,
    /// Whether its value is decoded. Prometheus knows the others as well.
    pub(super) modelled: bool,
}

/// A section, under the name that its Go type has in messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section {
    go_type: &'static str,
    /// The name under which its parent knows it.
    outer_type: &'static str,
    keys: &'static [Key],
}

/// A section as one version knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct SectionAt {
    section: &'static Section,
    version: Version,
}

const fn key(name: &'static str) -> Key {
    Key { name, since: Version::V2_42, until: None, modelled: true }
}

impl Key {
    const fn since(self, major: u8, minor: u8) -> Self {
        Self { since: Version { major, minor }, ..self }
    }

    const fn until(self, major: u8, minor: u8) -> Self {
        Self { until: Some(Version { major, minor }), ..self }
    }

    const fn by_name(self) -> Self {
        Self { modelled: false, ..self }
    }

    fn is_in(&self, version: Version) -> bool {
        self.since <= version && self.until.is_none_or(|until| version < until)
    }
}

impl Section {
    pub(super) const fn at(&'static self, version: Version) -> SectionAt {
        SectionAt { section: self, version }
    }
}

impl SectionAt {
    /// Whether the values of a known key are decoded.
    pub(super) fn is_modelled(&self, name: &str) -> bool {
        self.section.keys.iter().any(|key| key.name == name && key.modelled)
    }
}

impl Shape for SectionAt {
    fn go_type(&self) -> &str {
        self.section.go_type
    }

    fn outer_type(&self) -> &str {
        self.section.outer_type
    }

    fn has(&self, field: &str) -> bool {
        self.section.keys.iter().any(|key| key.name == field && key.is_in(self.version))
    }

    fn fields(&self) -> Vec<&'static str> {
        self.section.keys.iter().filter(|key| key.is_in(self.version)).map(|key| key.name).collect()
    }

    fn absence(&self, field: &str) -> Option<String> {
        let key = self.section.keys.iter().find(|key| key.name == field)?;
        Some(match key.until {
            Some(until) if self.version >= until => {
                format!("`{field}` went with Prometheus {until}; this file is read as for {}.", self.version)
            }
            _ => format!(
                "`{field}` came with Prometheus {}; this file is read as for {}.",
                key.since, self.version
            ),
        })
    }
}

/// The whole file: `config/config.go`, `Config`.
pub(super) static CONFIG: Section = Section {
    go_type: "config.plain",
    outer_type: "config.Config",
    keys: &[
        key("global"),
        key("runtime").since(2, 53).by_name(),
        key("alerting").by_name(),
        key("rule_files"),
        key("scrape_config_files").since(2, 43),
        key("scrape_configs"),
        key("storage").by_name(),
        key("tracing").by_name(),
        key("remote_write").by_name(),
        key("remote_read").by_name(),
        key("otlp").since(2, 55).by_name(),
    ],
};

/// `global`: `config/config.go`, `GlobalConfig`.
pub(super) static GLOBAL: Section = Section {
    go_type: "config.plain",
    outer_type: "config.GlobalConfig",
    keys: &[
        key("scrape_interval"),
        key("scrape_timeout"),
        key("scrape_protocols").since(2, 49),
        key("evaluation_interval"),
        key("rule_query_offset").since(2, 53),
        key("query_log_file"),
        key("scrape_failure_log_file").since(2, 55),
        key("external_labels"),
        key("body_size_limit").since(2, 45),
        key("sample_limit").since(2, 45),
        key("target_limit").since(2, 45),
        key("label_limit").since(2, 45),
        key("label_name_length_limit").since(2, 45),
        key("label_value_length_limit").since(2, 45),
        key("keep_dropped_targets").since(2, 47),
        key("metric_name_validation_scheme").since(2, 55),
        key("metric_name_escaping_scheme").since(3, 4),
        key("scrape_native_histograms").since(3, 8),
        key("convert_classic_histograms_to_nhcb").since(3, 4),
        key("always_scrape_classic_histograms").since(3, 5),
        key("extra_scrape_metrics").since(3, 10),
    ],
};

/// An item of `scrape_configs`: `config/config.go`, `ScrapeConfig`, with the keys of `HTTPClientConfig`
/// (`common/config`) that stand in it and those of the service discoveries.
pub(super) static SCRAPE_CONFIG: Section = Section {
    go_type: "config.ScrapeConfig",
    outer_type: "*config.ScrapeConfig",
    keys: &[
        key("job_name"),
        key("honor_labels"),
        key("honor_timestamps"),
        key("track_timestamps_staleness").since(2, 48),
        key("params"),
        key("scrape_interval"),
        key("scrape_timeout"),
        key("scrape_protocols").since(2, 49),
        key("fallback_scrape_protocol").since(3, 0),
        key("scrape_native_histograms").since(3, 8),
        key("scrape_classic_histograms").since(2, 45).until(3, 0),
        key("always_scrape_classic_histograms").since(3, 0),
        key("convert_classic_histograms_to_nhcb").since(3, 0),
        key("scrape_failure_log_file").since(2, 55),
        key("metrics_path"),
        key("scheme"),
        key("enable_compression").since(2, 49),
        key("body_size_limit"),
        key("sample_limit"),
        key("target_limit"),
        key("label_limit"),
        key("label_name_length_limit"),
        key("label_value_length_limit"),
        key("native_histogram_bucket_limit").since(2, 45),
        key("native_histogram_min_bucket_factor").since(2, 50),
        key("keep_dropped_targets").since(2, 47),
        key("metric_name_validation_scheme").since(2, 55),
        key("metric_name_escaping_scheme").since(3, 4),
        key("extra_scrape_metrics").since(3, 10),
        key("relabel_configs"),
        key("metric_relabel_configs"),
        key("static_configs"),
        key("basic_auth").by_name(),
        key("authorization").by_name(),
        key("oauth2").by_name(),
        key("bearer_token").by_name(),
        key("bearer_token_file").by_name(),
        key("tls_config").by_name(),
        key("follow_redirects").by_name(),
        key("enable_http2").by_name(),
        key("proxy_url").by_name(),
        key("no_proxy").since(2, 43).by_name(),
        key("proxy_from_environment").since(2, 43).by_name(),
        key("proxy_connect_header").by_name(),
        key("http_headers").since(2, 54).by_name(),
        key("aws_sd_configs").since(3, 8).by_name(),
        key("azure_sd_configs").by_name(),
        key("consul_sd_configs").by_name(),
        key("digitalocean_sd_configs").by_name(),
        key("dns_sd_configs").by_name(),
        key("docker_sd_configs").by_name(),
        key("dockerswarm_sd_configs").by_name(),
        key("ec2_sd_configs").by_name(),
        key("eureka_sd_configs").by_name(),
        key("file_sd_configs").by_name(),
        key("gce_sd_configs").by_name(),
        key("hetzner_sd_configs").by_name(),
        key("http_sd_configs").by_name(),
        key("ionos_sd_configs").by_name(),
        key("kubernetes_sd_configs").by_name(),
        key("kuma_sd_configs").by_name(),
        key("lightsail_sd_configs").by_name(),
        key("linode_sd_configs").by_name(),
        key("marathon_sd_configs").by_name(),
        key("nerve_sd_configs").by_name(),
        key("nomad_sd_configs").by_name(),
        key("oci_sd_configs").since(3, 14).by_name(),
        key("openstack_sd_configs").by_name(),
        key("outscale_sd_configs").since(3, 12).by_name(),
        key("ovhcloud_sd_configs").by_name(),
        key("puppetdb_sd_configs").by_name(),
        key("scaleway_sd_configs").by_name(),
        key("serverset_sd_configs").by_name(),
        key("stackit_sd_configs").since(3, 5).by_name(),
        key("triton_sd_configs").by_name(),
        key("uyuni_sd_configs").by_name(),
        key("vultr_sd_configs").by_name(),
    ],
};

/// An item of `static_configs`: `discovery/targetgroup`, `Group.UnmarshalYAML`.
pub(super) static TARGET_GROUP: Section = Section {
    go_type: r#"struct { Targets []string "yaml:\"targets\""; Labels model.LabelSet "yaml:\"labels\"" }"#,
    outer_type: "*targetgroup.Group",
    keys: &[key("targets"), key("labels")],
};

/// An item of `relabel_configs` or `metric_relabel_configs`: `model/relabel`, `Config`.
pub(super) static RELABEL_CONFIG: Section = Section {
    go_type: "relabel.plain",
    outer_type: "*relabel.Config",
    keys: &[
        key("source_labels"),
        key("separator"),
        key("regex"),
        key("modulus"),
        key("target_label"),
        key("replacement"),
        key("action"),
    ],
};
