//! promtier against real Prometheus servers on loopback.
#![expect(
    clippy::format_push_string,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "these tests start servers, talk to them, write small texts, and say by name what they skip"
)]

mod agents;
mod ages;
mod broken_answers;
mod collisions;
mod command;
mod compare;
mod config;
mod derived;
mod examples;
mod exposition;
mod exposition_text;
mod expression_text;
mod expressions;
mod federation_effects;
mod http;
mod mutation;
mod mutations;
mod random;
mod recording;
mod requests;
mod rounds;
mod rules;
mod scrapes;
mod selector_text;
mod selectors;
mod server;
mod target_lists;
mod targets;
mod topologies;
mod topology;
