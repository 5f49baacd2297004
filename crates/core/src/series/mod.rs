//! The columnar store of series, matchers over it, and frames of rows for rewriting.
//!
//! [`SeriesStore`] holds series as columns; [`StoreBuilder`] makes one from rows or from [`Frame`]s;
//! [`SeriesStore::select`] evaluates matchers to a [`Bitset`] of rows; [`SeriesStore::frames`] takes those rows
//! out as [`Frame`]s, which rewrite labels for all rows at once. Nothing is turned into text on the way, and
//! a value that many series share is looked at once.

mod bitset;
mod builder;
mod dictionary;
mod frame;
mod go_sort;
mod hash;
mod ids;
mod matching;
mod merge;
mod order;
pub mod sample;
mod store;

pub use bitset::Bitset;
pub use builder::{EmptyLabels, StoreBuilder, StoreFull};
pub use dictionary::{Dictionary, ValueId};
pub use frame::{ABSENT, Change, Classes, Frame};
pub use ids::Ids;
pub use matching::{CompiledMatcher, MatchCache, SelectError};
pub use store::{Column, Row, SeriesStore, Shape, ShapeId};

#[cfg(test)]
mod tests;

pub(crate) use hash::SeededState;
pub(crate) use store::LabelId;
