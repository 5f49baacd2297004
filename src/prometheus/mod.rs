//! Prometheus' configuration file.

pub use crate::version::{Version, VersionError};
