//! promtier's engine in a Web Worker.

use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

fn main() {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let listener = Closure::<dyn FnMut(MessageEvent)>::new({
        let scope = scope.clone();
        move |event: MessageEvent| {
            if event.data().as_string().as_deref() == Some("version") {
                let version = promtier::version::Version::default().to_string();
                // Text can always be cloned, so this cannot fail.
                let _ = scope.post_message(&JsValue::from_str(&version));
            }
        }
    });
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // The worker lives until the page ends it.
    listener.forget();
}
