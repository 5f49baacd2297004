//! promtier's engine in a Web Worker: one [`Session`], fed by messages.
//!
//! A message is `{ request: Uint8Array, body?: File }`, the request being a [`Request`] in postcard; an answer
//! is a [`Response`] in postcard as a `Uint8Array`. A text instead says that the engine has ended, and why.
//!
//! Work is done in slices: between two of them the worker hears its messages, so that a newer edit is never
//! kept waiting by an older one.

mod browser;
mod desk;

fn main() {
    browser::say_panics();
    desk::open();
}
