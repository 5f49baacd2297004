//! The commands, one a file.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod matching;
pub(crate) mod preview;
pub(crate) mod targets;
pub(crate) mod trace;
