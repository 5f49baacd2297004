//! The worker that holds the engine.

use std::rc::Rc;

use js_sys::{Array, Object, Reflect, Uint8Array};
use promtier::engine::protocol::{Request, Response};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::file::File;

#[wasm_bindgen]
extern "C" {
    /// The worker that `index.html` starts, so that the engine loads beside the interface.
    #[wasm_bindgen(thread_local_v2, js_name = promtierEngine)]
    static ENGINE: Worker;
}

/// What comes from the worker.
pub(crate) enum Heard {
    /// An answer.
    Answer(Response),
    /// It has ended or never began: why, as far as it could say.
    Ended(String),
}

/// The engine's worker. Messages sent before it is ready are kept for it by its loader. Dropped, it ends.
pub(crate) struct Engine {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Engine {
    /// Takes the worker that the page has started.
    pub(crate) fn take(heard: Rc<dyn Fn(Heard)>) -> Self {
        let worker = ENGINE.with(Worker::clone);
        if let Some(why) = Reflect::get(&worker, &"failed".into()).ok().and_then(|why| why.as_string()) {
            let heard = Rc::clone(&heard);
            super::timer::soon(move || heard(Heard::Ended(why)));
        }
        Self::listen(worker, heard)
    }

    /// Starts another worker; `None` where the browser refuses.
    pub(crate) fn start(heard: Rc<dyn Fn(Heard)>) -> Option<Self> {
        let address = super::dom::meta("promtier-engine")?;
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        Some(Self::listen(Worker::new_with_options(&address, &options).ok()?, heard))
    }

    fn listen(worker: Worker, heard: Rc<dyn Fn(Heard)>) -> Self {
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
            let heard = Rc::clone(&heard);
            move |event: MessageEvent| {
                let data = event.data();
                // A worker about to end says why in words.
                if let Some(why) = data.as_string() {
                    return heard(Heard::Ended(why));
                }
                let bytes = Uint8Array::new(&data).to_vec();
                heard(match postcard::from_bytes(&bytes) {
                    Ok(answer) => Heard::Answer(answer),
                    Err(_) => Heard::Ended("its answer cannot be read".to_owned()),
                });
            }
        });
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            event.prevent_default();
            let message =
                Reflect::get(&event, &"message".into()).ok().and_then(|message| message.as_string());
            heard(Heard::Ended(message.unwrap_or_else(|| "it could not be loaded".to_owned())));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Self { worker, _on_message: on_message, _on_error: on_error }
    }

    /// Sends a request, and with it the samples that it speaks of.
    pub(crate) fn send(&self, request: &Request, body: Option<&File>) {
        // Writing into memory that grows cannot fail.
        let Ok(bytes) = postcard::to_allocvec(request) else { return };
        let bytes = Uint8Array::from(bytes.as_slice());
        let message = Object::new();
        // Setting properties of a plain object cannot fail, and bytes and files can always be sent.
        let _ = Reflect::set(&message, &"request".into(), &bytes);
        if let Some(body) = body {
            let _ = Reflect::set(&message, &"body".into(), body.handle());
        }
        let _ = self.worker.post_message_with_transfer(&message, &Array::of1(&bytes.buffer()));
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
