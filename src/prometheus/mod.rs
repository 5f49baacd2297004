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

pub mod codes;
mod config;
mod decode;
mod effective;
mod expand;
mod schema;
mod target;
mod validate;

use crate::units as duration;
pub use crate::units::{ByteSize, Duration};
pub use crate::version::{Version, VersionError};
pub use config::{
    Config, ExternalLabel, Global, LabelPair, Param, RelabelRule, ScrapeConfig, StaticConfig, Unmodelled,
};
pub use effective::{EffectiveGlobal, EffectiveScrapeConfig};
pub use target::{ScrapeTarget, TargetFate, TargetOutcome, refused_targets, targets};

use crate::diagnostic::Parsed;
use crate::sort;
use crate::yaml::{self, Decoder};

/// The variables that `$NAME` in an external label stands for: given, never read from the machine.
pub type Environment = std::collections::BTreeMap<String, String>;

/// Reads a configuration file as Prometheus `version` does: its verdicts and its words for whatever is
/// modelled (`config/config.go`, `Load`). Sections that are known but not looked into are accepted.
///
/// Every fault is reported, not only the first. In a text with a syntax error, what follows it is decoded as
/// far as it can be, but not reported on.
#[must_use]
pub fn parse(text: &str, version: Version, environment: &Environment) -> Parsed<Config> {
    let document = yaml::parse(text);
    let mut reader = decode::Reader::new(Decoder::new(&document.value), version, environment);
    let config = match reader.decoder.root() {
        Some(root) => reader.config(root),
        None => Config { version, ..Config::default() },
    };
    let mut diagnostics = document.diagnostics;
    let decoded = reader.decoder.finish();
    if let Some(broken) = document.value.broken_at() {
        let line = text[..broken as usize].rfind('\n').map_or(0, |newline| newline + 1) as u32;
        // Whether something is missing cannot be said of a text that breaks off.
        let local = |code| {
            [yaml::UNKNOWN_FIELD, yaml::DUPLICATE_FIELD, yaml::WRONG_TYPE, codes::DURATION, codes::SIZE]
                .contains(&code)
        };
        diagnostics.extend(decoded.into_iter().filter(|found| found.span.end < line && local(found.code)));
    } else {
        diagnostics.extend(decoded);
        diagnostics.extend(validate::validate(&config));
    }
    sort::sort_by_key(&mut diagnostics, |found| (found.span.start, found.span.end));
    Parsed { value: config, diagnostics }
}

#[cfg(test)]
mod tests;
