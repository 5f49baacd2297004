//! promtier's library: federation of Prometheus servers, designed, checked and previewed.
//!
//! No I/O, no clock, no randomness, no screen. Dependencies run downwards only, in the order of the list
//! below; `tests/tidy.rs` holds them to it.

#![forbid(unsafe_code)]

pub use promtier_core::{
    diagnostic, exposition, labels, regex, relabel, selector, series, text, units, version,
};

use promtier_core::sort;

pub mod yaml;

pub mod promql;

pub mod prometheus;
pub mod rules;

pub mod workspace;

pub mod federation;

pub mod lint;

pub mod assist;

pub mod engine;
