//! promtier's page.

fn main() {}
