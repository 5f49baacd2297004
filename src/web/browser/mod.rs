//! What the page asks of the browser; the only place that names `web-sys`.

pub(crate) mod dom;
pub(crate) mod engine;
pub(crate) mod fetch;
pub(crate) mod file;
pub(crate) mod storage;
pub(crate) mod timer;
