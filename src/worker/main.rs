//! promtier's engine in a Web Worker.

fn main() {}
