//! Vectors of `selector`.
