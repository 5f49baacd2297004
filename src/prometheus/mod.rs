//! Prometheus' configuration file.

mod config;
mod duration;
mod effective;

pub use crate::version::{Version, VersionError};
pub use config::{
    Config, ExternalLabel, Global, LabelPair, Param, RelabelRule, ScrapeConfig, StaticConfig, Unmodelled,
};
pub use duration::{ByteSize, Duration};
pub use effective::{EffectiveGlobal, EffectiveScrapeConfig};

/// The variables that `$NAME` in an external label stands for: given, never read from the machine.
pub type Environment = std::collections::BTreeMap<String, String>;
