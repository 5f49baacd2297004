//! Samples too long to edit: only their first lines are shown.

use leptos::prelude::*;

use crate::components::live::{self};

/// The first lines of samples that only the engine has read.
#[component]
pub(crate) fn Attachment(path: Memo<String>, head: String) -> impl IntoView {
    view! {
        <div class="attachment">
            <p class="aside">"Read by the engine and not edited here. It begins:"</p>
            <pre
                tabindex="0"
                role="region"
                aria-label=live::value(move || ["The first lines of ", &path.get()].concat())
            >
                {head}
            </pre>
        </div>
    }
}
