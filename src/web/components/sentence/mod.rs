//! A sentence of the engine, its code set as code.

use leptos::prelude::*;

use crate::browser::draw::Drawn;
use crate::components::live::Make;

use crate::state::words::pieces;

/// `text` with what stands between backticks as code.
pub(crate) fn sentence(text: &str) -> impl IntoView + use<> {
    pieces(text)
        .into_iter()
        .map(|(code, piece)| {
            let piece = piece.to_owned();
            if code { view! { <code>{piece}</code> }.made() } else { piece.made() }
        })
        .collect_view()
}

/// The same, drawn.
pub(crate) fn words(text: &str) -> Vec<Drawn> {
    let drawn = pieces(text).into_iter().map(|(code, piece)| {
        if code { Drawn::word("code", "", piece) } else { Drawn::Text(piece.to_owned()) }
    });
    drawn.collect()
}
