//! Test vectors from Prometheus' own tests and from real servers, read in place.
#![allow(
    clippy::allow_attributes,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests read their vectors from files and say by name what they skip"
)]

mod vectors;

mod config;
mod exposition;
mod federation;
mod promql;
mod regex;
mod relabel;
mod rules;
mod selector;
