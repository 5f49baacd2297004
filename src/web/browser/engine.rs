//! The worker that holds the engine.

use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker};

#[wasm_bindgen]
extern "C" {
    /// The worker that `index.html` starts, so that the engine loads beside the interface.
    #[wasm_bindgen(thread_local_v2, js_name = promtierEngine)]
    static ENGINE: Worker;
}

/// The engine's worker. Messages sent before it is ready are kept for it by its loader.
pub(crate) struct Engine {
    worker: Worker,
}

impl Engine {
    /// Takes the worker that the page has started; `answer` gets each text it sends.
    pub(crate) fn take(mut answer: impl FnMut(String) + 'static) -> Self {
        let worker = ENGINE.with(Worker::clone);
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                answer(text);
            }
        });
        worker.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        // The worker lives as long as the page.
        listener.forget();
        Self { worker }
    }

    /// Sends a message.
    pub(crate) fn send(&self, message: &str) {
        // Text can always be cloned, so this cannot fail.
        let _ = self.worker.post_message(&JsValue::from_str(message));
    }
}
