//! promtier's library: federation of Prometheus servers, designed, checked and previewed.
//!
//! No I/O, no clock, no randomness, no screen. Dependencies run downwards only, in the order of the list
//! below; `tests/tidy.rs` holds them to it.

#![forbid(unsafe_code)]

pub mod version;

mod sort;

pub mod text;

pub mod diagnostic;

pub mod labels;
pub mod regex;
pub mod units;
pub mod yaml;

pub mod exposition;
pub mod relabel;
pub mod selector;
pub mod series;

pub mod promql;

pub mod prometheus;
pub mod rules;

pub mod workspace;

pub mod federation;

pub mod lint;

pub mod assist;

pub mod engine;
