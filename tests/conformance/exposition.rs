//! Vectors of `exposition`.
