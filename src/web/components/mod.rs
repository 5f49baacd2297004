//! The parts of the page, each with a style sheet of its name in `style/`.

#![expect(unreachable_pub, reason = "the macro of components makes their properties public")]

pub(crate) mod attachment;
pub(crate) mod details;
pub(crate) mod dialog;
pub(crate) mod editor;
pub(crate) mod empty;
pub(crate) mod files;
pub(crate) mod header;
pub(crate) mod live;
pub(crate) mod notes;
pub(crate) mod panes;
pub(crate) mod preview;
pub(crate) mod problems;
pub(crate) mod pulls;
pub(crate) mod sentence;
pub(crate) mod series;
pub(crate) mod splitter;
pub(crate) mod tiers;
pub(crate) mod trace;
