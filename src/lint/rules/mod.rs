//! The rules, by family.

pub(super) mod federation;
#[cfg(test)]
mod federation_tests;
pub(super) mod replicas;
