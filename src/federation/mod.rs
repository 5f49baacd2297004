//! What `/federate` answers, what the puller stores, and the tiers that follow.

pub mod endpoint;
mod escaping;
mod height;
mod node_store;
mod stored;

pub use escaping::Escaping;
pub use height::{Heights, heights};
pub use node_store::{Bringer, NodeStore, Origin};
pub use stored::{Ambiguous, Stored, stored};
