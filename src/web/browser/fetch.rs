//! The page's own files: the examples.

use js_sys::{Array, JSON, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// One example workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Example {
    /// Its folder.
    pub(crate) id: String,
    /// What it is called.
    pub(crate) title: String,
    /// What it shows.
    pub(crate) description: String,
    /// The files in its folder; the first is the one to look at.
    pub(crate) files: Vec<String>,
}

/// Something that is on its way from the page's own server.
pub(crate) struct Fetch {
    address: String,
    response: Option<Promise>,
}

impl Fetch {
    /// Asks for an address below the page's own; several can be on their way at once.
    pub(crate) fn begin(address: String) -> Self {
        let response = web_sys::window().map(|window| window.fetch_with_str(&address));
        Self { address, response }
    }

    /// Its text.
    ///
    /// # Errors
    /// In words: that it cannot be reached, or what the server answered.
    pub(crate) async fn text(self) -> Result<String, String> {
        let fail = |why: &str| [&self.address, " could not be read: ", why].concat();
        let unreachable = "the server cannot be reached";
        let response = self.response.ok_or_else(|| fail(unreachable))?;
        let response = JsFuture::from(response).await.map_err(|_| fail(unreachable))?;
        let response: Response = response.unchecked_into();
        if !response.ok() {
            return Err(fail(&["the server answers ", &response.status().to_string()].concat()));
        }
        let broken = |_| fail("the connection broke off");
        let body = JsFuture::from(response.text().map_err(broken)?).await.map_err(broken)?;
        Ok(body.as_string().unwrap_or_default())
    }
}

/// The examples that the page comes with.
///
/// # Errors
/// In words, as [`Fetch::text`]; or that the list is not one.
pub(crate) async fn examples() -> Result<Vec<Example>, String> {
    let list = Fetch::begin("examples/index.json".to_owned()).text().await?;
    let list = JSON::parse(&list)
        .ok()
        .and_then(|list| list.dyn_into::<Array>().ok())
        .ok_or("examples/index.json is not a list")?;
    Ok(list
        .iter()
        .map(|entry| {
            let get = |key: &str| Reflect::get(&entry, &key.into()).unwrap_or_default();
            let words = |key: &str| get(key).as_string().unwrap_or_default();
            let files = get("files").dyn_into::<Array>().unwrap_or_default();
            Example {
                id: words("id"),
                title: words("title"),
                description: words("description"),
                files: files.iter().filter_map(|file| file.as_string()).collect(),
            }
        })
        .collect())
}
