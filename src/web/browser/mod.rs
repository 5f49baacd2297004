//! What the page asks of the browser; the only place that names `web-sys`.

pub(crate) mod dom;
pub(crate) mod draw;
pub(crate) mod engine;
pub(crate) mod fetch;
pub(crate) mod file;
pub(crate) mod storage;
pub(crate) mod timer;

/// Goes on with `work` as the browser's answers come.
pub(crate) fn spawn(work: impl Future<Output = ()> + 'static) {
    // Without its type: each type of work would bring the machinery along once more.
    let work: std::pin::Pin<Box<dyn Future<Output = ()>>> = Box::pin(work);
    wasm_bindgen_futures::spawn_local(work);
}
