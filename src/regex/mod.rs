//! Go's RE2 dialect over the `regex` crate.
