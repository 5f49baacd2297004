//! promtier beside its peers: parsing, matching, printing, growth, memory.
//!
//! ```text
//! cargo bench                                everything but the largest input
//! cargo bench -- parse                       one part: parse, peers, match, print, configurations, check, typing,
//!                                            tiers, growth, memory
//! cargo bench -- --large                     with 5 million series
//! cargo bench -- --rounds 15                 more rounds
//! cargo bench -- --repeat typical 100        parses one input again and again, for a profiler
//! cargo bench -- --write-input typical 1000  prints an input
//! ```

mod configurations;
mod inputs;
mod parts;
mod rounds;
mod tiers;
mod typing;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let mut rounds = 7;
    let mut large = false;
    let mut parts = Vec::new();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => {
                rounds = arguments.next().and_then(|count| count.parse().ok()).expect("--rounds COUNT")
            }
            "--large" => large = true,
            "--repeat" => {
                let kind = arguments.next().expect("--repeat KIND COUNT");
                let count =
                    arguments.next().and_then(|count| count.parse().ok()).expect("--repeat KIND COUNT");
                return parts::repeat(&kind, count);
            }
            "--write-input" => {
                let kind = arguments.next().expect("--write-input KIND SERIES");
                let series =
                    arguments.next().and_then(|count| count.parse().ok()).expect("--write-input KIND SERIES");
                print!("{}", inputs::text(&kind, series));
                return;
            }
            other => parts.push(other.to_owned()),
        }
    }
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    if wanted("parse") {
        parts::parse(rounds);
    }
    if wanted("peers") {
        parts::peers(rounds);
    }
    if wanted("match") {
        parts::matching(rounds);
    }
    if wanted("print") {
        parts::printing(rounds);
    }
    if wanted("configurations") {
        configurations::configurations(rounds);
    }
    if wanted("check") {
        typing::check(rounds);
    }
    if wanted("typing") {
        typing::typing(rounds);
    }
    if wanted("tiers") {
        tiers::tiers(rounds);
    }
    if wanted("growth") {
        parts::growth(rounds.min(5), large);
    }
    if wanted("memory") {
        parts::memory();
    }
}
