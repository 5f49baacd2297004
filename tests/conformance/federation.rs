//! Vectors of `federation`.
