//! The page's state, compiled and tested without the page: its modules know no browser.

#![expect(dead_code, reason = "the tests need not use all that the page does")]
#![expect(clippy::float_cmp, reason = "rows and pixels are whole numbers here")]

#[path = "../src/web/state/mod.rs"]
mod state;
