//! The rules that look over a whole workspace.
