//! The `promtier` command.

fn main() {}
