//! What promtier's parts are made of: the languages that Prometheus' programs share, and the data that they
//! pass on. Label sets and selectors, regular expressions, samples and their text, relabelling.
//!
//! A crate of its own so that the page's engine can be built for speed here and for size above. Whoever uses the
//! library finds it all in `promtier`.

#![forbid(unsafe_code)]

pub mod version;

pub mod sort;

pub mod text;

pub mod diagnostic;

pub mod labels;
pub mod regex;
pub mod units;

pub mod exposition;
pub mod relabel;
pub mod selector;
pub mod series;
