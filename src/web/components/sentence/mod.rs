//! A sentence of the engine, its code set as code.

use leptos::prelude::*;

use crate::components::live::Make;

use crate::state::words;

/// `text` with what stands between backticks as code.
pub(crate) fn sentence(text: &str) -> impl IntoView + use<> {
    words::pieces(text)
        .into_iter()
        .map(|(code, piece)| {
            let piece = piece.to_owned();
            if code { view! { <code>{piece}</code> }.made() } else { piece.made() }
        })
        .collect_view()
}
