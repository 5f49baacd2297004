//! What Prometheus checks once everything is decoded: `config/config.go`, `GlobalConfig.UnmarshalYAML`,
//! `Config.UnmarshalYAML` and `ScrapeConfig.Validate`. It stops at the first fault; here all are reported.

use std::collections::{BTreeMap, HashMap};

use crate::diagnostic::{Code, Diagnostic};
use crate::labels::ValidationScheme;
use crate::relabel::{RelabelConfig, RelabelError};
use crate::text::{Span, quote};
use crate::version::Version;
use crate::yaml::{Spanned, closest};

use super::codes;
use super::config::{Config, Global, RelabelRule, ScrapeConfig};
use super::effective::default_scheme;
use super::walk::invalid_label_name;

const ESCAPING_SCHEMES: [&str; 4] = ["allow-utf-8", "underscores", "dots", "values"];

/// Everything that is wrong with a decoded configuration.
pub(super) fn validate(config: &Config) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    global(&config.global, config.version, &mut found);
    patterns(&config.rule_files, "rule file", &mut found);
    patterns(&config.scrape_config_files, "scrape config file", &mut found);
    let mut rules = Rules { version: config.version, known: HashMap::new() };
    jobs(&config.scrape_configs, &config.global, &mut rules, &mut found);
    let scheme = if config.version >= (Version { major: 3, minor: 7 }) {
        config.global.scheme(config.version)
    } else {
        default_scheme(config.version)
    };
    let alerting = config.alertmanagers.iter();
    let alerting =
        alerting.flat_map(|group| group.relabel_configs.iter().chain(&group.alert_relabel_configs));
    let sent = config.remote_write.iter().flat_map(|endpoint| &endpoint.write_relabel_configs);
    for rule in config.alert_relabel_configs.iter().chain(alerting).chain(sent) {
        rules.check(rule, scheme, &mut found);
    }
    if !config.scrape_configs.is_empty() {
        global_escaping(&config.global, config.version, &mut found);
    }
    found
}

/// What a server in agent mode refuses in a configuration that is sound otherwise (`LoadFile`).
#[must_use]
pub fn refused_in_agent_mode(config: &Config) -> Vec<Diagnostic> {
    let alerting = config.alertmanagers.iter().map(|group| group.span);
    let alerting = alerting.chain(config.alert_relabel_configs.iter().map(|rule| rule.span)).next();
    let sections = [
        ("alerting", alerting),
        ("rule_files", config.rule_files.first().map(|file| file.span)),
        ("remote_read", config.remote_read.first().map(|endpoint| endpoint.span)),
    ];
    let refuse = |(key, span): (&str, Option<Span>)| {
        let message = format!("field {key} is not allowed in agent mode");
        Some(
            Diagnostic::error(codes::AGENT_MODE, span?, message)
                .because("An agent only scrapes and sends: it has no storage to query."),
        )
    };
    sections.into_iter().filter_map(refuse).collect()
}

/// The jobs of a file that `scrape_config_files` names whose names `known` has already
/// (`GetScrapeConfigs`). `file` is where those are, for the message.
#[must_use]
pub fn repeated_jobs(known: &[ScrapeConfig], file: &str, jobs: &[ScrapeConfig]) -> Vec<Diagnostic> {
    let names = crate::sort::ordered_set(known.iter().map(ScrapeConfig::name));
    let repeated = jobs.iter().filter(|job| names.contains(job.name()));
    repeated
        .map(|job| {
            let message = format!(
                "found multiple scrape configs with job name {}, first found in {file}",
                quote(job.name())
            );
            Diagnostic::error(codes::DUPLICATE_JOB_NAME, job.name_span(), message)
                .because("Prometheus keeps a job's targets under its name, so each name may stand only once.")
        })
        .collect()
}

/// Everything that is wrong with the jobs of a file of their own.
pub(super) fn validate_jobs(list: &[ScrapeConfig], global: &Global, version: Version) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    jobs(list, global, &mut Rules { version, known: HashMap::new() }, &mut found);
    found
}

fn jobs(jobs: &[ScrapeConfig], global: &Global, rules: &mut Rules, found: &mut Vec<Diagnostic>) {
    let mut names: BTreeMap<&str, Span> = BTreeMap::new();
    for job in jobs {
        scrape_config(job, global, rules, found);
        let name = job.name();
        if name.is_empty() {
            continue;
        }
        if let Some(&first) = names.get(name) {
            found.push(
                Diagnostic::error(
                    codes::DUPLICATE_JOB_NAME,
                    job.name_span(),
                    format!("found multiple scrape configs with job name {}", quote(name)),
                )
                .because("Prometheus keeps a job's targets under its name, so each name may stand only once.")
                .label(first, "first used here"),
            );
        } else {
            names.insert(name, job.name_span());
        }
    }
}

fn global(global: &Global, version: Version, found: &mut Vec<Diagnostic>) {
    // Since 3.7 the file's own scheme decides; before, the version's did.
    let scheme = if version >= (Version { major: 3, minor: 7 }) {
        global.scheme(version)
    } else {
        default_scheme(version)
    };
    for label in &global.external_labels {
        if !scheme.is_label_name(label.name.value.as_bytes()) {
            found.push(invalid_label_name(label.name.value.as_bytes(), label.name.span, version));
        }
    }
    let interval = global.effective_scrape_interval();
    if let Some(timeout) = global.scrape_timeout.as_ref().filter(|timeout| timeout.value > interval) {
        let message = "global scrape timeout greater than scrape interval".to_owned();
        found.push(timeout_over(
            message,
            timeout.span,
            interval,
            global.scrape_interval.as_ref().map(|i| i.span),
        ));
    }
    if let Some(protocols) = &global.scrape_protocols {
        scrape_protocols(protocols, "global config", version, found);
    }
}

fn timeout_over(message: String, span: Span, interval: super::Duration, other: Option<Span>) -> Diagnostic {
    let diagnostic = Diagnostic::error(codes::TIMEOUT_OVER_INTERVAL, span, message)
        .because(format!("The next scrape would be due after {interval}, while this one may still run."))
        .help(format!("Lower the timeout to at most {interval}, or raise the interval."));
    match other {
        Some(other) => diagnostic.label(other, "the interval"),
        None => diagnostic,
    }
}

/// `patRulePath`: a wildcard may stand only in the last part of a path.
fn patterns(paths: &[Spanned<String>], kind: &str, found: &mut Vec<Diagnostic>) {
    for path in paths {
        let Some((_, after)) = path.value.split_once('*') else { continue };
        if after.contains('/') {
            found.push(
                Diagnostic::error(
                    codes::FILE_PATTERN,
                    path.span,
                    format!("invalid {kind} path {}", quote(&path.value)),
                )
                .help("Wildcards may stand only in the last part of a path, behind the last `/`."),
            );
        }
    }
}

fn scrape_config(job: &ScrapeConfig, global: &Global, rules: &mut Rules, found: &mut Vec<Diagnostic>) {
    let version = rules.version;
    let name = quote(job.name());
    let effective = job.effective(global, version);
    let interval = effective.scrape_interval;
    if let Some(timeout) = job.scrape_timeout.as_ref().filter(|timeout| timeout.value > interval) {
        let message =
            format!("scrape timeout greater than scrape interval for scrape config with job name {name}");
        let own = job.scrape_interval.as_ref().filter(|own| !own.value.is_zero());
        let other = own.or(global.scrape_interval.as_ref()).map(|interval| interval.span);
        found.push(timeout_over(message, timeout.span, interval, other));
    }
    let whose = format!("scrape config with job name {name}");
    if let Some(protocols) = &job.scrape_protocols {
        scrape_protocols(protocols, &whose, version, found);
    }
    if let Some(fallback) =
        job.fallback_scrape_protocol.as_ref().filter(|fallback| !fallback.value.is_empty())
        && let Some(unknown) = unknown_protocol(&fallback.value, version)
    {
        let message = format!("invalid fallback_scrape_protocol for {whose}: {unknown}");
        found.push(with_protocol_help(codes::SCRAPE_PROTOCOL, fallback, message, version));
    }
    escaping(
        job,
        effective.metric_name_escaping_scheme,
        effective.metric_name_validation_scheme,
        version,
        found,
    );
    for rule in job.relabel_configs.iter().chain(&job.metric_relabel_configs) {
        rules.check(rule, effective.metric_name_validation_scheme, found);
    }
}

/// What is wrong with relabelling rules. Jobs repeat each other's, and regular expressions take long to
/// compile, so that each is looked at once.
struct Rules {
    version: Version,
    known: HashMap<(RelabelConfig, ValidationScheme), Vec<RelabelError>>,
}

impl Rules {
    fn check(&mut self, rule: &RelabelRule, scheme: ValidationScheme, found: &mut Vec<Diagnostic>) {
        if rule.is_broken {
            return;
        }
        let version = self.version;
        let errors = self
            .known
            .entry((rule.config(), scheme))
            .or_insert_with_key(|(config, scheme)| config.validate(version, *scheme));
        for error in errors {
            found.push(Diagnostic::error(
                codes::RELABEL,
                rule.field_span(error.field),
                error.message.clone(),
            ));
        }
    }
}

/// The protocols that `version` knows, sorted as Prometheus lists them.
fn protocols(version: Version) -> Vec<&'static str> {
    let mut known =
        vec!["OpenMetricsText0.0.1", "OpenMetricsText1.0.0", "PrometheusProto", "PrometheusText0.0.4"];
    if version.is_v3() {
        known.push("PrometheusText1.0.0");
    }
    known
}

fn unknown_protocol(protocol: &str, version: Version) -> Option<String> {
    let known = protocols(version);
    (!known.contains(&protocol))
        .then(|| format!("unknown scrape protocol {protocol}, supported: [{}]", known.join(" ")))
}

fn with_protocol_help(
    code: Code,
    protocol: &Spanned<String>,
    message: String,
    version: Version,
) -> Diagnostic {
    let diagnostic = Diagnostic::error(code, protocol.span, message);
    let known = protocols(version);
    let meant = known
        .iter()
        .copied()
        .find(|known| known.eq_ignore_ascii_case(&protocol.value))
        .or_else(|| closest(&protocol.value, known.iter().copied()));
    match meant {
        Some(meant) => diagnostic.help(format!("Did you mean `{meant}`? Capitals count.")),
        None => diagnostic,
    }
}

/// `validateAcceptScrapeProtocols`.
fn scrape_protocols(
    list: &Spanned<Vec<Spanned<String>>>,
    whose: &str,
    version: Version,
    found: &mut Vec<Diagnostic>,
) {
    if list.value.is_empty() {
        found.push(
            Diagnostic::error(
                codes::SCRAPE_PROTOCOL,
                list.span,
                format!("scrape_protocols cannot be empty for {whose}"),
            )
            .help("Remove the key to ask for the default protocols."),
        );
    }
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut is_repeated = false;
    for protocol in &list.value {
        if let Some(&first) = seen.get(&protocol.value.to_ascii_lowercase()) {
            // The message lists them all; once is enough.
            if !std::mem::replace(&mut is_repeated, true) {
                let all: Vec<&str> = list.value.iter().map(|protocol| protocol.value.as_str()).collect();
                let message =
                    format!("duplicated protocol in scrape_protocols, got [{}] for {whose}", all.join(" "));
                found.push(
                    Diagnostic::error(codes::SCRAPE_PROTOCOL, protocol.span, message)
                        .label(first, "first listed here"),
                );
            }
            continue;
        }
        seen.insert(protocol.value.to_ascii_lowercase(), protocol.span);
        if let Some(unknown) = unknown_protocol(&protocol.value, version) {
            let message = format!("scrape_protocols: {unknown} for {whose}");
            found.push(with_protocol_help(codes::SCRAPE_PROTOCOL, protocol, message, version));
        }
    }
}

fn unknown_escaping(
    whose: &str,
    scheme: &Spanned<String>,
    names: ValidationScheme,
    version: Version,
) -> Option<Diagnostic> {
    if scheme.value.is_empty() || ESCAPING_SCHEMES.contains(&scheme.value.as_str()) {
        return None;
    }
    let [a, b, c, d] = ESCAPING_SCHEMES;
    // Before 3.6 the message named the other scheme.
    let got = match names {
        _ if version >= (Version { major: 3, minor: 6 }) => quote(&scheme.value),
        ValidationScheme::Legacy => "legacy".to_owned(),
        ValidationScheme::Utf8 => "utf8".to_owned(),
    };
    let message = format!(
        "unknown {whose} name escaping method specified, must be one of '{a}', '{b}', '{c}', or '{d}', got {got}"
    );
    Some(Diagnostic::error(codes::NAME_SCHEME, scheme.span, message))
}

/// The global scheme is looked at once for each job, and so not at all without any.
fn global_escaping(global: &Global, version: Version, found: &mut Vec<Diagnostic>) {
    if let Some(scheme) = &global.metric_name_escaping_scheme {
        found.extend(unknown_escaping("global", scheme, global.scheme(version), version));
    }
}

fn escaping(
    job: &ScrapeConfig,
    escaping: &str,
    scheme: ValidationScheme,
    version: Version,
    found: &mut Vec<Diagnostic>,
) {
    if let Some(own) = &job.metric_name_escaping_scheme
        && let Some(diagnostic) = unknown_escaping("scrape config", own, scheme, version)
    {
        found.push(diagnostic);
        return;
    }
    if escaping == "allow-utf-8" && scheme != ValidationScheme::Utf8 {
        let span = job
            .metric_name_escaping_scheme
            .as_ref()
            .map(|scheme| scheme.span)
            .or(job.metric_name_validation_scheme.as_ref().map(|scheme| scheme.span))
            .unwrap_or(job.name_span());
        found.push(
            Diagnostic::error(
                codes::NAME_SCHEME,
                span,
                "utf8 metric names requested but validation scheme is not set to UTF8",
            )
            .because("The job would ask for names that it then refuses.")
            .help("Set `metric_name_escaping_scheme` to `underscores`, or the validation scheme to `utf8`."),
        );
    }
}
