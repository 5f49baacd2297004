//! Prometheus' configuration file: its model, what is wrong with it, what applies once defaults are in.
//!
//! ```
//! use promtier::prometheus::{self, Environment, Version};
//!
//! let text = "scrape_configs:\n- job_name: federate\n  honor_labels: true\n";
//! let parsed = prometheus::parse(text, Version::NEWEST, &Environment::default());
//! assert!(!parsed.has_errors());
//! let job = &parsed.value.scrape_configs[0];
//! let effective = job.effective(&parsed.value.global, parsed.value.version);
//! assert_eq!(effective.metrics_path, "/metrics");
//! ```

mod checks;
pub mod codes;
pub mod compare;
mod config;
mod decode;
pub mod discovery;
mod effective;
mod expand;
mod refused;
pub mod schema;
mod target;
mod url;
mod validate;
mod value;
mod walk;

use crate::units as duration;
pub use crate::units::{ByteSize, Duration};
pub use crate::version::{Version, VersionError};
pub use config::{
    AlertmanagerGroup, Config, Discovery, ExternalLabel, FileSdConfig, Global, HttpSdConfig, LabelPair,
    Param, RelabelRule, RemoteRead, RemoteWrite, ScrapeConfig, StaticConfig,
};
pub use effective::{EffectiveGlobal, EffectiveScrapeConfig};
pub use refused::refused_targets;
pub use target::{
    Completion, DiscoveredLabel, ScrapeTarget, TargetExplanation, TargetFate, TargetGroup, TargetOutcome,
    explain_target, static_groups, targets,
};
pub use validate::{refused_in_agent_mode, repeated_jobs};

use crate::diagnostic::{Diagnostic, Parsed};
use crate::sort;
use crate::yaml::{self, Decoder};

use decode::Model;
use value::Value;
use walk::Walker;

/// The variables that `$NAME` in an external label stands for: given, never read from the machine.
pub type Environment = std::collections::BTreeMap<String, String>;

/// Reads a configuration file as Prometheus `version` does: its verdicts and its words
/// (`config/config.go`, `Load`).
///
/// Every fault is reported, not only the first. In a text with a syntax error, what follows it is decoded as
/// far as it can be, but not reported on.
#[must_use]
pub fn parse(text: &str, version: Version, environment: &Environment) -> Parsed<Config> {
    let document = yaml::parse(text);
    let mut walker = Walker::new(Decoder::new(&document.value), version);
    let mut model = Model { version, environment, found: Vec::new() };
    let root = walker.decoder.root().map(|root| walker.section(root, &schema::CONFIG));
    let config = match root {
        Some(Value::Section(fields)) => model.config(*fields),
        _ => Config { version, ..Config::default() },
    };
    let decoded = [walker.decoder.finish(), model.found];
    let diagnostics = all_found(text, &document, decoded, || validate::validate(&config));
    Parsed { value: config, diagnostics }
}

/// Reads a file that `scrape_config_files` names, whose jobs inherit from `global`
/// (`config/config.go`, `GetScrapeConfigs`). Whether a name of a job is taken elsewhere is the caller's to say.
#[must_use]
pub fn parse_scrape_configs(text: &str, global: &Global, version: Version) -> Parsed<Vec<ScrapeConfig>> {
    let document = yaml::parse(text);
    let mut walker = Walker::new(Decoder::new(&document.value), version);
    let environment = Environment::new();
    let mut model = Model { version, environment: &environment, found: Vec::new() };
    let root = walker.decoder.root().map(|root| walker.section(root, &schema::SCRAPE_CONFIGS));
    let mut jobs = Vec::new();
    if let Some(Value::Section(fields)) = root {
        for entry in fields.entries {
            jobs = model.scrape_configs(entry.value);
        }
    }
    let decoded = [walker.decoder.finish(), model.found];
    let diagnostics = all_found(text, &document, decoded, || validate::validate_jobs(&jobs, global, version));
    Parsed { value: jobs, diagnostics }
}

/// Reads a file of targets that `file_sd_configs` names, in YAML (`discovery/file`, `Discovery.readFile`).
#[must_use]
pub fn parse_target_groups(text: &str, version: Version) -> Parsed<Vec<StaticConfig>> {
    let document = yaml::parse(text);
    let mut walker = Walker::new(Decoder::new(&document.value), version);
    let root = walker.decoder.root().map(|root| walker.list(root, &schema::TARGET_GROUPS));
    let groups = decode::static_configs(root.unwrap_or(Value::Broken));
    let decoded = [walker.decoder.finish(), Vec::new()];
    let diagnostics = all_found(text, &document, decoded, Vec::new);
    Parsed { value: groups, diagnostics }
}

/// All findings in the order of the text. Of a text that breaks off, only what stands before the break and
/// concerns single values is reported: whether something is missing cannot be said.
fn all_found(
    text: &str,
    document: &Parsed<yaml::Document>,
    decoded: [Vec<Diagnostic>; 2],
    validate: impl FnOnce() -> Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let mut diagnostics = document.diagnostics.clone();
    let decoded = decoded.into_iter().flatten();
    if let Some(broken) = document.value.broken_at() {
        let line = text[..broken as usize].rfind('\n').map_or(0, |newline| newline + 1) as u32;
        let local = |code| {
            [yaml::UNKNOWN_FIELD, yaml::DUPLICATE_FIELD, yaml::WRONG_TYPE, codes::DURATION, codes::SIZE]
                .contains(&code)
        };
        diagnostics.extend(decoded.filter(|found| found.span.end < line && local(found.code)));
    } else {
        diagnostics.extend(decoded);
        diagnostics.extend(validate());
    }
    sort::sort_by_key(&mut diagnostics, |found| (found.span.start, found.span.end));
    diagnostics
}

#[cfg(test)]
mod tests;
