//! YAML as Prometheus reads it (go-yaml v2, YAML 1.1), with the place of every value.
//!
//! [`parse()`] makes a tree of nodes with byte spans and never fails: what stands before a syntax error is
//! kept, and so is, as far as it can be read, what follows it. [`Decoder`] reads typed values out of the
//! tree as go-yaml's strict decoder does, but reports every error instead of the first.
//!
//! Scanner and parser are our own because they decide what Prometheus accepts: parsers of YAML 1.2 let tabs,
//! `[-]` or `a?b` in brackets pass or fail differently, and number lines in other ways.

mod aliasing;
mod decode;
pub mod edit;
mod fields;
mod load;
mod parse;
mod property;
mod resolve;
mod scalar;
mod scan;
mod suggest;
mod token;
mod tree;

pub use decode::{Custom, Decoder, Field, Shape, Spanned};
pub use load::parse;
pub use resolve::{Resolved, Tag};
pub use suggest::closest;
pub use tree::{Comment, Document, Entry, Kind, Node, ScalarStyle, Style};

use crate::diagnostic::Code;

/// The text is not YAML.
pub const SYNTAX: Code = Code::new("yaml/syntax");
/// The text is YAML, but over one of the budgets that keep hostile input cheap.
pub const BUDGET: Code = Code::new("yaml/budget");
/// An alias names no anchor, or an anchor contains itself.
pub const ALIAS: Code = Code::new("yaml/alias");
/// A key that the type does not have.
pub const UNKNOWN_FIELD: Code = Code::new("yaml/unknown-field");
/// A key that is there twice.
pub const DUPLICATE_FIELD: Code = Code::new("yaml/duplicate-field");
/// A value of the wrong type.
pub const WRONG_TYPE: Code = Code::new("yaml/wrong-type");
/// More documents than the one that is read.
pub const IGNORED_DOCUMENT: Code = Code::new("yaml/ignored-document");

/// How deeply collections may nest. Prometheus' types end after a dozen levels.
pub const MAX_DEPTH: usize = 100;
/// How many bytes a text may have.
pub const MAX_BYTES: usize = 64 << 20;
/// How many nodes a text may have, which bounds the memory of the tree.
pub const MAX_NODES: usize = 4_000_000;

#[cfg(test)]
mod tests;
