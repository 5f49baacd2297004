//! What `/federate` answers, what the puller stores, and the tiers that follow.

mod escaping;
mod height;

pub use escaping::Escaping;
pub use height::{Heights, heights};
