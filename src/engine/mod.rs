//! A session over a workspace: edits in, analysis out.

pub mod protocol;
