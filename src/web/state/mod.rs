//! What the page knows and decides, as plain structs: no browser, no framework, tested natively by
//! `tests/web_state.rs`.

#![expect(
    clippy::case_sensitive_file_extension_comparisons,
    clippy::cast_lossless,
    clippy::cast_sign_loss,
    clippy::maybe_infinite_iter,
    clippy::wrong_self_convention,
    reason = "file names count as they are written; lengths on a screen are not negative and were clamped before; a free number is found before numbers end; `from` and `to` name places of a list"
)]

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
pub(crate) mod words;
