//! Vectors of `relabel`.
