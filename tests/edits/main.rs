//! Edits of generated documents and of long configurations: what they say, which comments stay, and the way back.
#![allow(
    clippy::allow_attributes,
    clippy::disallowed_methods,
    clippy::format_push_string,
    clippy::print_stderr,
    reason = "tests read files, write small texts, start promtool and say by name what they skip"
)]

#[allow(dead_code, reason = "shared with another test program, which uses all of it")]
#[path = "../oracle/random.rs"]
mod random;

mod changes;
mod configurations;
mod documents;
mod generated;
mod values;
