//! The line between files and preview, to be moved by hand or by key.

use leptos::prelude::*;

use crate::browser::dom;
use crate::components::live::{self};
use crate::page::Page;
use crate::state::layout::Split;

/// The line.
#[component]
pub(crate) fn Splitter() -> impl IntoView {
    let page = Page::here();
    view! {
        <div
            class="splitter"
            role="separator"
            tabindex="0"
            aria-orientation="vertical"
            aria-label="Width of the files"
            aria-controls="files"
            aria-valuemin=Split::LEAST.to_string()
            aria-valuemax=Split::MOST.to_string()
            aria-valuenow=live::value(move || page.split.get().percent().to_string())
            aria-valuetext=live::value(move || page.split.get().percent().to_string() + " %")
            on:keydown=move |event| {
                if let Some(split) = page.split.get_untracked().after_key(&event.key()) {
                    event.prevent_default();
                    page.set_split(split);
                }
            }
            on:pointerdown=move |event| {
                event.prevent_default();
                dom::capture_pointer(&event);
            }
            on:pointermove=move |event| {
                if dom::has_pointer(&event) {
                    let percent = f64::from(event.client_x()) / dom::window_width() * 100.0;
                    page.set_split(Split::new(percent as i64));
                }
            }
            on:dblclick=move |_| page.set_split(Split::default())
        ></div>
    }
}
