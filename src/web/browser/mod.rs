//! What the page asks of the browser; the only place that names `web-sys`.

pub(crate) mod engine;
