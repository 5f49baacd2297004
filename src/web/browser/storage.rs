//! What the page remembers: a theme and the width of a pane. Where the browser keeps nothing, so be it.

use web_sys::Storage;

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// What was remembered under `key`.
pub(crate) fn remembered(key: &str) -> Option<String> {
    storage()?.get_item(&full(key)).ok()?
}

/// Remembers `value` under `key`.
pub(crate) fn remember(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // Full or forbidden storage costs a preference, nothing else.
        let _ = storage.set_item(&full(key), value);
    }
}

/// Pages of one origin share their storage.
fn full(key: &str) -> String {
    ["promtier.", key].concat()
}
