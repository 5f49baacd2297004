//! Doing something a little later.

use wasm_bindgen::prelude::*;

/// Something that is to be done; dropped before its time, it is not.
pub(crate) struct Timer {
    id: i32,
    _callback: Closure<dyn FnMut()>,
}

/// Does `work` after `milliseconds`, in a task of its own.
#[must_use]
pub(crate) fn after(milliseconds: i32, work: impl FnOnce() + 'static) -> Timer {
    let callback = Closure::once(work);
    let id = web_sys::window()
        .and_then(|window| {
            window
                .set_timeout_with_callback_and_timeout_and_arguments_0(
                    callback.as_ref().unchecked_ref(),
                    milliseconds,
                )
                .ok()
        })
        .unwrap_or_default();
    Timer { id, _callback: callback }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            window.clear_timeout_with_handle(self.id);
        }
    }
}

/// Does `work` once the page has been brought up to date, and cannot be called back.
pub(crate) fn soon(work: impl FnOnce() + 'static) {
    let callback = Closure::once_into_js(work);
    if let Some(window) = web_sys::window() {
        let _ = window.set_timeout_with_callback(callback.unchecked_ref());
    }
}
