//! Files of the person's own machine, held by handle: the page never reads the large ones.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, FileList, HtmlInputElement};

/// A file, or a long text that is treated as one.
#[derive(Clone, Debug)]
pub(crate) struct File(web_sys::File);

impl File {
    /// A long text as a file.
    pub(crate) fn from_text(name: &str, text: &str) -> Option<Self> {
        web_sys::File::new_with_str_sequence(&Array::of1(&text.into()), name).ok().map(Self)
    }

    /// Its name, without a folder.
    pub(crate) fn name(&self) -> String {
        self.0.name()
    }

    /// Its length in bytes.
    #[expect(clippy::cast_sign_loss, reason = "no file has a negative length")]
    pub(crate) fn bytes(&self) -> u64 {
        self.0.size() as u64
    }

    /// The browser's handle, to be sent to a worker.
    pub(super) fn handle(&self) -> &JsValue {
        &self.0
    }

    /// All of it as text.
    ///
    /// # Errors
    /// In words: that it cannot be read any more, or is no text.
    pub(crate) async fn text(&self) -> Result<String, String> {
        let text = JsFuture::from(self.0.text())
            .await
            .map_err(|_| self.name() + " could not be read: it may have been moved or changed since.")?
            .as_string()
            .unwrap_or_default();
        if text.contains(['\0', '\u{fffd}']) {
            return Err(self.name() + " is not text in UTF-8, so it was not added.");
        }
        Ok(text)
    }
}

fn listed(list: Option<FileList>) -> Vec<File> {
    let Some(list) = list else { return Vec::new() };
    (0..list.length()).filter_map(|at| list.get(at)).map(File).collect()
}

/// The files that were let go over the page.
pub(crate) fn dropped(event: &DragEvent) -> Vec<File> {
    listed(event.data_transfer().and_then(|data| data.files()))
}

/// Whether what is dragged over the page are files.
pub(crate) fn drags_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
}

/// The files chosen in an input, which can then be used again for the same.
pub(crate) fn chosen(input: &HtmlInputElement) -> Vec<File> {
    let files = listed(input.files());
    input.set_value("");
    files
}
