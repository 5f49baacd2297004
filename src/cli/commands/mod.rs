//! The commands, one a file.

pub(crate) mod completions;
pub(crate) mod matching;
