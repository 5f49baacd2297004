//! From the tree to the model, with go-yaml's verdicts and the types' own: `UnmarshalYAML` in
//! `config/config.go`, `discovery/registry.go`, `discovery/targetgroup` and `model/relabel`.

use crate::diagnostic::{Diagnostic, Fix};
use crate::labels::ValidationScheme;
use crate::relabel::Action;
use crate::text::{Span, TextEdit, quote};
use crate::version::Version;
use crate::yaml::{Custom, Decoder, Field, Kind, Node, Resolved, Shape as _, Spanned, closest};

use super::Environment;
use super::codes;
use super::config::{
    Config, ExternalLabel, Global, LabelPair, Param, RelabelRule, ScrapeConfig, StaticConfig, Unmodelled,
};
use super::duration::{ByteSize, Duration};
use super::effective::default_scheme;
use super::expand::expand;
use super::schema::{self, Section, SectionAt};

/// Decodes a configuration.
pub(super) struct Reader<'d> {
    pub(super) decoder: Decoder<'d>,
    version: Version,
    environment: &'d Environment,
}

impl<'d> Reader<'d> {
    pub(super) fn new(decoder: Decoder<'d>, version: Version, environment: &'d Environment) -> Self {
        Self { decoder, version, environment }
    }

    pub(super) fn config(&mut self, node: Node<'d>) -> Config {
        let mut config = Config { version: self.version, ..Config::default() };
        let (shape, fields) = self.fields(node, &schema::CONFIG);
        for field in fields {
            match field.name {
                "global" => config.global = self.global(field.value),
                "rule_files" => config.rule_files = self.strings(field.value, "[]string", "string"),
                "scrape_config_files" => {
                    config.scrape_config_files = self.strings(field.value, "[]string", "string");
                }
                "scrape_configs" => config.scrape_configs = self.scrape_configs(field.value),
                _ => self.unmodelled(shape, &field, &mut config.unmodelled),
            }
        }
        config
    }

    fn global(&mut self, node: Node<'d>) -> Global {
        let mut global = Global { span: node.resolved().map(Node::span), ..Global::default() };
        let (shape, fields) = self.fields(node, &schema::GLOBAL);
        for field in fields {
            let value = field.value;
            match field.name {
                "scrape_interval" => global.scrape_interval = self.duration(value),
                "scrape_timeout" => global.scrape_timeout = self.duration(value),
                "evaluation_interval" => global.evaluation_interval = self.duration(value),
                "rule_query_offset" => global.rule_query_offset = self.duration(value),
                "external_labels" => global.external_labels = self.external_labels(value),
                "body_size_limit" => global.body_size_limit = self.size(value),
                "sample_limit" => global.sample_limit = self.limit(value),
                "target_limit" => global.target_limit = self.limit(value),
                "label_limit" => global.label_limit = self.limit(value),
                "label_name_length_limit" => global.label_name_length_limit = self.limit(value),
                "label_value_length_limit" => global.label_value_length_limit = self.limit(value),
                "keep_dropped_targets" => global.keep_dropped_targets = self.limit(value),
                "scrape_protocols" => global.scrape_protocols = self.protocols(value),
                "metric_name_validation_scheme" => {
                    global.metric_name_validation_scheme = self.scheme(value, true);
                }
                "metric_name_escaping_scheme" => global.metric_name_escaping_scheme = self.string(value),
                "scrape_native_histograms" => global.scrape_native_histograms = self.pointer(value),
                "convert_classic_histograms_to_nhcb" => {
                    global.convert_classic_histograms_to_nhcb = self.boolean(value);
                }
                "always_scrape_classic_histograms" => {
                    global.always_scrape_classic_histograms = self.boolean(value);
                }
                "extra_scrape_metrics" => global.extra_scrape_metrics = self.pointer(value),
                "query_log_file" => global.query_log_file = self.string(value),
                "scrape_failure_log_file" => global.scrape_failure_log_file = self.string(value),
                _ => self.unmodelled(shape, &field, &mut Vec::new()),
            }
        }
        global
    }

    fn scrape_configs(&mut self, node: Node<'d>) -> Vec<ScrapeConfig> {
        let mut jobs = Vec::new();
        for item in self.decoder.items(node, "[]*config.ScrapeConfig").unwrap_or_default() {
            if self.decoder.is_null(item) {
                self.empty_item(item, "empty or null scrape config section");
                continue;
            }
            jobs.push(self.scrape_config(item));
        }
        jobs
    }

    fn scrape_config(&mut self, node: Node<'d>) -> ScrapeConfig {
        let mut job = ScrapeConfig { span: node.span(), ..ScrapeConfig::default() };
        let found_before = self.decoder.count();
        let (shape, fields) = self.fields(node, &schema::SCRAPE_CONFIG);
        // What is no mapping at all has been reported, unless it is null in a spelling that is asked on.
        let mut has_name =
            matches!(node.resolved().map(Node::kind), Some(Kind::Scalar { .. } | Kind::Sequence(_)))
                && self.decoder.count() > found_before;
        for field in &fields {
            let value = field.value;
            match field.name {
                "job_name" => {
                    job.job_name = self.string(value);
                    // One that cannot be read has been reported.
                    has_name = job.job_name.as_ref().is_none_or(|name| !name.value.is_empty());
                }
                "scrape_interval" => job.scrape_interval = self.duration(value),
                "scrape_timeout" => job.scrape_timeout = self.duration(value),
                "metrics_path" => job.metrics_path = self.string(value),
                "scheme" => job.scheme = self.string(value),
                "params" => self.params(value, &mut job.params),
                "honor_labels" => job.honor_labels = self.boolean(value),
                "honor_timestamps" => job.honor_timestamps = self.boolean(value),
                "track_timestamps_staleness" => job.track_timestamps_staleness = self.boolean(value),
                "extra_scrape_metrics" => job.extra_scrape_metrics = self.pointer(value),
                "enable_compression" => job.enable_compression = self.boolean(value),
                "body_size_limit" => job.body_size_limit = self.size(value),
                "sample_limit" => job.sample_limit = self.limit(value),
                "target_limit" => job.target_limit = self.limit(value),
                "label_limit" => job.label_limit = self.limit(value),
                "label_name_length_limit" => job.label_name_length_limit = self.limit(value),
                "label_value_length_limit" => job.label_value_length_limit = self.limit(value),
                "keep_dropped_targets" => job.keep_dropped_targets = self.limit(value),
                "native_histogram_bucket_limit" => job.native_histogram_bucket_limit = self.limit(value),
                "native_histogram_min_bucket_factor" => {
                    job.native_histogram_min_bucket_factor = self.decoder.float(value, "float64");
                }
                "scrape_protocols" => job.scrape_protocols = self.protocols(value),
                "fallback_scrape_protocol" => {
                    job.fallback_scrape_protocol = self.decoder.string(value, "config.ScrapeProtocol");
                }
                "metric_name_validation_scheme" => {
                    job.metric_name_validation_scheme = self.scheme(value, false);
                }
                "metric_name_escaping_scheme" => job.metric_name_escaping_scheme = self.string(value),
                "scrape_native_histograms" => job.scrape_native_histograms = self.pointer(value),
                "convert_classic_histograms_to_nhcb" => {
                    job.convert_classic_histograms_to_nhcb = self.pointer(value);
                }
                "always_scrape_classic_histograms" => {
                    job.always_scrape_classic_histograms = self.pointer(value);
                }
                "scrape_classic_histograms" => job.always_scrape_classic_histograms = self.boolean(value),
                "scrape_failure_log_file" => job.scrape_failure_log_file = self.string(value),
                "static_configs" => job.static_configs = self.static_configs(value),
                "relabel_configs" => {
                    job.relabel_configs =
                        self.relabel_configs(value, "empty or null target relabeling rule in scrape config");
                }
                "metric_relabel_configs" => {
                    job.metric_relabel_configs =
                        self.relabel_configs(value, "empty or null metric relabeling rule in scrape config");
                }
                name if name.ends_with("_sd_configs") => self.discovery(field, &mut job.discoveries),
                _ => self.unmodelled(shape, field, &mut job.unmodelled),
            }
        }
        if !has_name {
            let span = job
                .job_name
                .as_ref()
                .map(|name| name.span)
                .or_else(|| fields.first().map(|field| field.key.span()))
                .unwrap_or(job.span);
            self.decoder.report(
                Diagnostic::error(codes::EMPTY_JOB_NAME, span, "job_name is empty")
                    .because("The name becomes the `job` label of everything that is scraped.")
                    .help("Give the job a `job_name` of its own."),
            );
        }
        // Prometheus looks at targets here only when no rule could still mend them.
        if job.relabel_configs.is_empty() {
            for target in job.static_configs.iter().flat_map(|group| &group.targets) {
                if target.value.contains('/') {
                    self.decoder.report(target_with_slash(target));
                }
            }
        }
        job
    }

    fn params(&mut self, node: Node<'d>, params: &mut Vec<Param>) {
        if self.decoder.is_null(node) {
            params.clear();
        }
        for entry in self.decoder.entries(node, "url.Values").unwrap_or_default() {
            let Some(name) = self.decoder.string(entry.key, "string") else { continue };
            let found_before = self.decoder.count();
            let items = self.decoder.items(entry.value, "[]string");
            // Null is an empty list; anything else that is no list does not count as set.
            if items.is_none() && self.decoder.count() > found_before {
                continue;
            }
            let items = items.unwrap_or_default().into_iter();
            let values = items.filter_map(|item| self.decoder.string(item, "string")).collect();
            if let Some(first) = params.iter().find(|param| param.name.value == name.value) {
                let first = first.name.span;
                self.decoder.report_repeated_key(entry, &name.value, Some(first));
                continue;
            }
            params.push(Param { name, values });
        }
    }

    fn static_configs(&mut self, node: Node<'d>) -> Vec<StaticConfig> {
        let mut groups = Vec::new();
        for item in self.decoder.items(node, "[]*targetgroup.Group").unwrap_or_default() {
            if self.decoder.is_null(item) {
                self.empty_item(item, "empty or null section in static_configs");
                continue;
            }
            let mut group = StaticConfig { span: item.span(), ..StaticConfig::default() };
            for field in self.fields(item, &schema::TARGET_GROUP).1 {
                match field.name {
                    "targets" => group.targets = self.strings(field.value, "[]string", "string"),
                    _ => self.label_set(field.value, &mut group.labels),
                }
            }
            groups.push(group);
        }
        groups
    }

    fn label_set(&mut self, node: Node<'d>, labels: &mut Vec<LabelPair>) {
        if self.decoder.is_null(node) {
            labels.clear();
        }
        for entry in self.decoder.entries(node, "model.LabelSet").unwrap_or_default() {
            let name = self.label_name(entry.key);
            let value = self.decoder.string(entry.value, "model.LabelValue");
            let (Some(name), Some(value)) = (name, value) else { continue };
            if let Some(first) = labels.iter().find(|label| label.name.value == name.value) {
                let first = first.name.span;
                self.decoder.report_repeated_key(entry, &name.value, Some(first));
                continue;
            }
            labels.push(LabelPair { name, value });
        }
    }

    fn external_labels(&mut self, node: Node<'d>) -> Vec<ExternalLabel> {
        let mut labels: Vec<ExternalLabel> = Vec::new();
        let go_type = if self.decoder.is_quoted_null(node) { "labels.Labels" } else { "map[string]string" };
        for entry in self.decoder.entries(node, go_type).unwrap_or_default() {
            let name = self.decoder.bytes(entry.key, "string");
            let value = self.decoder.bytes(entry.value, "string");
            let (Some(name), Some(value)) = (name, value) else { continue };
            let name = self.text(name, codes::LABEL_NAME, "is not a valid label name");
            let value = self.text(value, codes::LABEL_VALUE, "is not a valid label value");
            let (Some(name), Some(value)) = (name, value) else { continue };
            if let Some(first) = labels.iter().find(|label| label.name.value == name.value) {
                let first = first.name.span;
                self.decoder.report_repeated_key(entry, &name.value, Some(first));
                continue;
            }
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
            self.decoder.report(
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

    fn relabel_configs(&mut self, node: Node<'d>, empty: &'static str) -> Vec<RelabelRule> {
        let mut rules = Vec::new();
        for item in self.decoder.items(node, "[]*relabel.Config").unwrap_or_default() {
            if self.decoder.is_null(item) {
                self.empty_item(item, empty);
                continue;
            }
            rules.push(self.relabel_rule(item));
        }
        rules
    }

    fn relabel_rule(&mut self, node: Node<'d>) -> RelabelRule {
        let mut rule = RelabelRule { span: node.span(), ..RelabelRule::default() };
        let found_before = self.decoder.count();
        for field in self.fields(node, &schema::RELABEL_CONFIG).1 {
            let value = field.value;
            match field.name {
                "source_labels" => rule.source_labels = self.source_labels(value),
                "separator" => rule.separator = self.string(value),
                "regex" => rule.regex = self.custom(value, "relabel.Regexp", false),
                "modulus" => rule.modulus = self.decoder.unsigned(value, "uint64"),
                "target_label" => rule.target_label = self.string(value),
                "replacement" => rule.replacement = self.string(value),
                _ => rule.action = self.action(value),
            }
        }
        rule.is_broken = self.decoder.count() > found_before;
        rule
    }

    fn action(&mut self, node: Node<'d>) -> Option<Spanned<Action>> {
        let text = match self.decoder.custom(node, "relabel.Action", true)? {
            Custom::Zero(span) => return Some(Spanned::new(Action::Empty, span)),
            Custom::Unchecked(text) | Custom::Text(text) => text,
        };
        let word = String::from_utf8_lossy(&text.value);
        match word.parse::<Action>() {
            Ok(action) => Some(text.with(action)),
            Err(unknown) => {
                let diagnostic = Diagnostic::error(codes::RELABEL, text.span, unknown.to_string());
                let known = Action::ALL.iter().map(|action| action.as_str());
                self.decoder.report(match closest(&word, known) {
                    Some(meant) => diagnostic.help(format!("Did you mean `{meant}`?")).fix(Fix::unsafe_fix(
                        format!("Replace by `{meant}`"),
                        vec![TextEdit::replace(text.span, meant)],
                    )),
                    None => diagnostic,
                });
                None
            }
        }
    }

    fn source_labels(&mut self, node: Node<'d>) -> Option<Spanned<Vec<Spanned<String>>>> {
        let items = self.decoder.items(node, "model.LabelNames")?;
        let span = node.resolved().map_or(node.span(), Node::span);
        let names = items.into_iter().filter_map(|item| self.label_name(item)).collect();
        Some(Spanned::new(names, span))
    }

    /// A name as `common/model`, `LabelName.UnmarshalYAML` checks it: by the version's own scheme, whatever
    /// the configuration says about names.
    fn label_name(&mut self, node: Node<'d>) -> Option<Spanned<String>> {
        let name = match self.decoder.custom(node, "model.LabelName", true)? {
            Custom::Zero(span) => return Some(Spanned::new(String::new(), span)),
            Custom::Unchecked(name) => {
                return self.text(name, codes::LABEL_NAME, "is not a valid label name");
            }
            Custom::Text(name) => name,
        };
        if default_scheme(self.version).is_label_name(&name.value) {
            return self.text(name, codes::LABEL_NAME, "is not a valid label name");
        }
        self.decoder.report(invalid_label_name(&name.value, name.span, self.version));
        None
    }

    /// Bytes as text; a `!!binary` scalar that is none is reported.
    fn text(
        &mut self,
        bytes: Spanned<Vec<u8>>,
        code: crate::diagnostic::Code,
        fault: &str,
    ) -> Option<Spanned<String>> {
        match String::from_utf8(bytes.value) {
            Ok(text) => Some(Spanned { value: text, span: bytes.span, map: bytes.map }),
            Err(error) => {
                self.decoder.error(code, bytes.span, format!("{} {fault}", quote(error.as_bytes())));
                None
            }
        }
    }

    /// A type that decodes itself from a string; null is its empty string.
    fn custom(&mut self, node: Node<'d>, go_type: &str, is_string: bool) -> Option<Spanned<String>> {
        match self.decoder.custom(node, go_type, is_string)? {
            Custom::Zero(span) => Some(Spanned::new(String::new(), span)),
            Custom::Unchecked(text) | Custom::Text(text) => Some(Spanned {
                value: String::from_utf8_lossy(&text.value).into_owned(),
                span: text.span,
                map: text.map,
            }),
        }
    }

    fn duration(&mut self, node: Node<'d>) -> Option<Spanned<Duration>> {
        // As a type that reads itself from any text, too, it is asked about a quoted `"null"` as well.
        let text = match self.decoder.custom(node, "model.Duration", true)? {
            Custom::Zero(span) => return Some(Spanned::new(Duration::ZERO, span)),
            Custom::Unchecked(text) | Custom::Text(text) => text,
        };
        let duration = match std::str::from_utf8(&text.value) {
            Ok(spelled) => Duration::parse(spelled, self.version),
            Err(_) => Err(format!("not a valid duration string: {}", quote(&text.value))),
        };
        match duration {
            Ok(duration) => Some(text.with(duration)),
            Err(message) => {
                self.decoder.report(
                    Diagnostic::error(codes::DURATION, text.span, message)
                        .help("Write whole numbers with units from the largest to the smallest: `1h30m`, `15s`, `500ms`."),
                );
                None
            }
        }
    }

    fn size(&mut self, node: Node<'d>) -> Option<Spanned<ByteSize>> {
        let node = node.resolved()?;
        if self.decoder.scalar(node)? == Resolved::Null {
            return Some(Spanned::new(ByteSize::default(), node.span()));
        }
        let text = self.decoder.string(node, "units.Base2Bytes")?;
        match ByteSize::parse(&text.value) {
            Ok(size) => Some(text.with(size)),
            Err(message) => {
                self.decoder.report(
                    Diagnostic::error(codes::SIZE, text.span, message)
                        .help("Write a number with `B`, `KB`, `MB`, `GB` or `TB`, in powers of 1024."),
                );
                None
            }
        }
    }

    fn scheme(&mut self, node: Node<'d>, global: bool) -> Option<Spanned<Option<ValidationScheme>>> {
        let text = self.custom(node, "model.ValidationScheme", false)?;
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
                self.decoder.error(codes::NAME_SCHEME, text.span, message);
                return None;
            }
        };
        Some(text.with(scheme))
    }

    fn protocols(&mut self, node: Node<'d>) -> Option<Spanned<Vec<Spanned<String>>>> {
        let items = self.decoder.items(node, "[]config.ScrapeProtocol")?;
        let span = node.resolved().map_or(node.span(), Node::span);
        let protocols =
            items.into_iter().filter_map(|item| self.decoder.string(item, "config.ScrapeProtocol")).collect();
        Some(Spanned::new(protocols, span))
    }

    fn strings(&mut self, node: Node<'d>, list: &str, item: &str) -> Vec<Spanned<String>> {
        let items = self.decoder.items(node, list).unwrap_or_default();
        items.into_iter().filter_map(|value| self.decoder.string(value, item)).collect()
    }

    fn string(&mut self, node: Node<'d>) -> Option<Spanned<String>> {
        self.decoder.string(node, "string")
    }

    fn boolean(&mut self, node: Node<'d>) -> Option<Spanned<bool>> {
        self.decoder.boolean(node, "bool")
    }

    /// A boolean that Go holds behind a pointer: null leaves it unset.
    fn pointer(&mut self, node: Node<'d>) -> Option<Spanned<bool>> {
        if self.decoder.is_null(node) { None } else { self.boolean(node) }
    }

    fn limit(&mut self, node: Node<'d>) -> Option<Spanned<u64>> {
        self.decoder.unsigned(node, "uint")
    }

    fn fields(&mut self, node: Node<'d>, section: &'static Section) -> (SectionAt, Vec<Field<'d>>) {
        let shape = section.at(self.version);
        let fields = self.decoder.fields(node, &shape).unwrap_or_default();
        (shape, fields)
    }

    /// A key that is known and not looked into: only what is wrong whatever it means is reported.
    fn unmodelled(&mut self, shape: SectionAt, field: &Field<'d>, list: &mut Vec<Unmodelled>) {
        debug_assert!(!shape.is_modelled(field.name), "{} of {} is decoded", field.name, shape.go_type());
        self.decoder.skip(field.value);
        list.push(named(field));
    }

    fn discovery(&mut self, field: &Field<'d>, list: &mut Vec<Unmodelled>) {
        let Some(value) = field.value.resolved() else { return };
        for item in value.items() {
            if self.decoder.is_null(item) {
                let message = format!("empty or null section in {}", field.name);
                self.decoder.error(codes::EMPTY_ITEM, item.span(), message);
            }
        }
        self.decoder.skip(field.value);
        if value.items().len() > 0 {
            list.push(named(field));
        }
    }

    fn empty_item(&mut self, node: Node<'d>, message: &'static str) {
        self.decoder.report(
            Diagnostic::error(codes::EMPTY_ITEM, node.span(), message)
                .help("Remove the dash, or write what belongs behind it."),
        );
    }
}

fn named(field: &Field<'_>) -> Unmodelled {
    Unmodelled { key: Spanned::new(field.name.to_owned(), field.key.span()), span: field.span() }
}

fn target_with_slash(target: &Spanned<String>) -> Diagnostic {
    let message = format!("{} is not a valid hostname", quote(&target.value));
    let diagnostic = Diagnostic::error(codes::TARGET_ADDRESS, target.span, message)
        .because("A target is a host and a port; how it is asked stands in `scheme` and `metrics_path`.");
    let bare = target.value.split_once("://").map_or(target.value.as_str(), |(_, after)| after);
    let host = bare.split('/').next().unwrap_or("");
    if host.is_empty() {
        diagnostic
    } else {
        diagnostic.help(format!("Write `{host}`, and put the rest into `scheme` and `metrics_path`."))
    }
}

/// A name that `version` does not take for a label's.
pub(super) fn invalid_label_name(name: &[u8], span: Span, version: Version) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(codes::LABEL_NAME, span, format!("{} is not a valid label name", quote(name)));
    if !version.is_v3() && ValidationScheme::Utf8.is_label_name(name) {
        diagnostic.help(format!(
            "Before Prometheus 3, names hold only letters, digits and `_`; this file is read as for {version}."
        ))
    } else {
        diagnostic
    }
}
