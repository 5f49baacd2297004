//! What the page knows and decides, as plain structs: no browser, no framework, tested natively by
//! `tests/web_state.rs`.

pub(crate) mod colour;
pub(crate) mod doc;
pub(crate) mod edits;
pub(crate) mod exchange;
pub(crate) mod files;
pub(crate) mod flow;
pub(crate) mod intake;
pub(crate) mod layout;
pub(crate) mod marks;
pub(crate) mod problems;
pub(crate) mod rows;
pub(crate) mod scroll;
pub(crate) mod way;
pub(crate) mod words;
