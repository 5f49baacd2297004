//! Which part of the page a narrow window shows.

use leptos::prelude::*;

use crate::components::live::{self, Make};
use crate::page::Page;
use crate::state::files::Files;
use crate::state::flow;
use crate::state::layout::{Pane, Room};
use crate::state::words::grouped;

/// The buttons for windows too narrow for everything.
#[component]
pub(crate) fn Panes() -> impl IntoView {
    let page = Page::here();
    let button = move |pane: Pane, class: &'static str, words: &'static str| {
        let shown = move || page.room.get().shows(pane, page.pane.get());
        view! {
            <button
                type="button"
                class=class
                aria-current=live::maybe(move || shown().then(|| "true".to_owned()))
                on:click=move |_| page.pane.set(pane)
            >
                {live::text(move || {
                    if pane == Pane::Tiers && page.room.get() == Room::Tablet { "Preview" } else { words }
                })}
                {live::some(move || {
                    (pane == Pane::Problems)
                        .then(|| page.analysis.with(|analysis| flow::totals(&analysis.findings)))
                        .filter(|(errors, warnings)| errors + warnings > 0)
                        .map(|(errors, warnings)| {
                            let class = if errors > 0 { "badge error" } else { "badge warning" };
                            view! { <span class=class>{grouped(errors + warnings)}</span> }.made()
                        })
                })}
            </button>
        }
        .made()
    };
    view! {
        <nav class="panes" aria-label="Parts of the page" hidden=live::flag(move || page.files.with(Files::is_empty))>
            {button(Pane::Files, "pane", "Files")}
            {button(Pane::Problems, "pane phone", "Problems")}
            {button(Pane::Tiers, "pane", "Tiers")}
            {button(Pane::Series, "pane phone", "Series")}
        </nav>
    }
}
