//! What `/federate` answers, what the puller stores, and the tiers that follow.
//!
//! [`Topology`] says who pulls from whom. For each pull, [`endpoint`] chooses the rows of the source's store
//! that the answer holds and gives them the labels it prints; [`scrape()`] keeps of them what the puller would
//! store; [`NodeStore`] merges what all pulls of a node bring. [`Run`] does this for the whole graph, tier by
//! tier, and [`Preview`] is what comes out.

mod collisions;
mod containment;
mod coverage;
pub mod endpoint;
mod escaping;
mod expected;
mod findings;
mod freshness;
mod height;
mod near_miss;
mod node_store;
mod outcome;
mod rate;
mod recorded;
mod report;
mod round;
mod scrape;
mod stored;
#[cfg(test)]
mod tests;
mod tiers;
mod topology;
pub mod trace;

pub use collisions::{Cause, Collision, Loss, Outcome, Phases, collisions};
pub use containment::{Containment, containments, implies};
pub use coverage::{Coverage, CoveredSeries, coverage};
pub use escaping::Escaping;
pub use expected::Expected;
pub use findings::findings;
pub use freshness::{LOOKBACK_MS, NodeFreshness, Step, Wait, freshness};
pub use height::{Heights, heights};
pub use near_miss::{MissCause, NearMiss, NearMisses, near_misses};
pub use node_store::{Bringer, NodeStore, Origin};
pub use outcome::{Failure, PullOutcome, Selected};
pub use rate::Rate;
pub use recorded::{Recorded, RuleOutcome};
pub use round::{Round, rounds};
pub use scrape::{
    Answer, AnswerOrder, Broken, Dropped, Limit, ScrapeError, ScrapeSettings, Scraped, out_of_bounds, scrape,
};
pub use stored::{Ambiguous, Stored, stored};
pub use tiers::{Memo, Preview, Run};
pub use topology::{Peer, Pull, PullSelector, RefusedTarget, Topology, query_api};
