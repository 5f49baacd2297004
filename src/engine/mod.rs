//! A session over a workspace: edits in, analysis out.

mod answers;
mod details;
mod expectation;
pub mod protocol;
mod rows;
mod session;
#[cfg(test)]
mod tests;
mod view;
mod way;

pub use session::{Session, Step};
