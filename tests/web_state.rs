//! The page's state, compiled and tested without the page: its modules know no browser.

#![expect(dead_code, reason = "the tests need not use all that the page does")]

#[path = "../src/web/state/mod.rs"]
mod state;
