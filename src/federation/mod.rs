//! What `/federate` answers, what the puller stores, and the tiers that follow.

mod height;

pub use height::{Heights, heights};
