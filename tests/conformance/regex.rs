//! Vectors of `regex`.
