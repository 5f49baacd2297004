//! What the worker asks of the browser; the only place here that names `web-sys`.

use js_sys::{ArrayBuffer, Promise, Reflect, Uint8Array};
use promtier::engine::protocol::{Request, Response};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, MessagePort, Performance};

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Samples on their way in, held by handle.
#[derive(Clone)]
pub(crate) struct Body(Blob);

impl Body {
    /// Their length in bytes.
    #[expect(clippy::cast_sign_loss, reason = "no file has a negative length")]
    pub(crate) fn bytes(&self) -> u64 {
        self.0.size() as u64
    }

    /// Begins to read from `start` to before `end`; the browser reads on while the engine works.
    pub(crate) fn read(&self, start: u64, end: u64) -> Reading {
        Reading(self.0.slice_with_f64_and_f64(start as f64, end as f64).ok().map(|part| part.array_buffer()))
    }
}

/// A part of the samples that is being read.
pub(crate) struct Reading(Option<Promise>);

impl Reading {
    /// The bytes; `None` where the file cannot be read any more.
    pub(crate) async fn bytes(self) -> Option<Vec<u8>> {
        let buffer = JsFuture::from(self.0?).await.ok()?;
        Some(Uint8Array::new(&buffer).to_vec())
    }
}

/// Hears every request, with the samples that travel beside it, for the life of the worker.
pub(crate) fn listen(heard: impl Fn(Request, Option<Body>) + 'static) {
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let get = |key: &str| Reflect::get(&event.data(), &key.into()).unwrap_or_default();
        let Ok(bytes) = get("request").dyn_into::<Uint8Array>() else { return };
        match postcard::from_bytes(&bytes.to_vec()) {
            Ok(request) => heard(request, body(get("body"))),
            Err(error) => say_end(&["a request cannot be read: ", &error.to_string()].concat()),
        }
    });
    scope().set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
}

fn body(value: JsValue) -> Option<Body> {
    match value.dyn_into::<Blob>() {
        Ok(blob) => Some(Body(blob)),
        Err(value) => {
            let buffer = value.dyn_into::<ArrayBuffer>().ok()?;
            Blob::new_with_buffer_source_sequence(&js_sys::Array::of1(&buffer)).ok().map(Body)
        }
    }
}

/// Sends an answer.
pub(crate) fn post(response: &Response) {
    // Writing into memory that grows cannot fail, and bytes can always be sent.
    let Ok(bytes) = postcard::to_allocvec(response) else { return };
    let bytes = Uint8Array::from(bytes.as_slice());
    let _ = scope().post_message_with_transfer(&bytes, &js_sys::Array::of1(&bytes.buffer()));
}

/// Says that the engine has ended, and why.
fn say_end(why: &str) {
    let _ = scope().post_message(&JsValue::from_str(why));
}

/// From now on a panic is said to the page and on the console before the worker ends.
pub(crate) fn say_panics() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        say_end(&panic.to_string());
    }));
}

/// Milliseconds on a clock that only runs forward.
pub(crate) fn now() -> f64 {
    Reflect::get(&scope(), &"performance".into())
        .ok()
        .and_then(|clock| clock.dyn_into::<Performance>().ok())
        .map_or(0.0, |clock| clock.now())
}

/// Milliseconds since 1970, as this machine has it.
pub(crate) fn date() -> i64 {
    js_sys::Date::now() as i64
}

/// A number that nobody outside can know.
pub(crate) fn seed() -> u64 {
    let mut bytes = [0; 8];
    if let Ok(crypto) = scope().crypto() {
        // Fails only for more bytes than 65 536.
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    u64::from_le_bytes(bytes)
}

/// Calls the worker back once it has heard the messages that wait.
pub(crate) struct Recall {
    port: MessagePort,
}

impl Recall {
    /// Calls `work` at every [`Recall::again`], for the life of the worker.
    pub(crate) fn new(work: impl Fn() + 'static) -> Option<Self> {
        let channel = MessageChannel::new().ok()?;
        let listener = Closure::<dyn FnMut()>::new(work);
        channel.port1().set_onmessage(Some(listener.as_ref().unchecked_ref()));
        listener.forget();
        Some(Self { port: channel.port2() })
    }

    /// Asks to be called back.
    pub(crate) fn again(&self) {
        let _ = self.port.post_message(&JsValue::NULL);
    }
}

/// Goes on with `work` as the browser's answers come.
pub(crate) fn spawn(work: impl Future<Output = ()> + 'static) {
    wasm_bindgen_futures::spawn_local(work);
}
