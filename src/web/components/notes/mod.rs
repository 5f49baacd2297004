//! What the page has to tell: notes, and samples that are being read.

use leptos::prelude::*;

use crate::page::{Note, NoteAction, Page};
use crate::state::words;

/// The bars under the header.
#[component]
pub(crate) fn Notes() -> impl IntoView {
    let page = Page::here();
    let slow =
        move || page.loads.with(|loads| loads.slow().map(|load| load.path.clone()).collect::<Vec<_>>());
    view! {
        <div class="notes">
            <For each=slow key=Clone::clone let:path>
                <Reading path=path />
            </For>
            <div role="status">
                <For each=move || page.notes.get() key=|note| note.id let:note>
                    {one(page, note)}
                </For>
            </div>
        </div>
    }
    .into_any()
}

fn one(page: Page, note: Note) -> impl IntoView {
    let id = note.id;
    let words = note.action.as_ref().map(|action| match action {
        NoteAction::RestoreWorkspace => "Bring them back",
        NoteAction::RestoreFile => "Bring it back",
        NoteAction::StartEngine => "Start the engine",
        NoteAction::FetchExamples | NoteAction::FetchExample(_) => "Try again",
    });
    view! {
        <p class="note" class:bad=note.bad>
            <span>{note.text}</span>
            {words
                .map(|words| {
                    view! {
                        <button type="button" class="mini" on:click=move |_| page.follow_note(id)>
                            {words}
                        </button>
                    }
                })}
            <button
                type="button"
                class="icon"
                aria-label="Dismiss"
                title="Dismiss"
                on:click=move |_| page.dismiss(id)
            >
                "✕"
            </button>
        </p>
    }
    .into_any()
}

#[component]
fn Reading(path: String) -> impl IntoView {
    let page = Page::here();
    let wanted = path.clone();
    let load = Memo::new(move |_| {
        page.loads.with(|loads| loads.list().iter().find(|load| load.path == wanted).cloned())
    });
    let percent = move || load.get().map_or(0, |load| words::percent(load.done, load.bytes));
    let name = ["Reading ", &path].concat();
    let label = name.clone();
    view! {
        <p class="note reading">
            <span>{name}</span>
            <progress max="100" prop:value=percent aria-label=label></progress>
            <span class="figures">
                {move || {
                    load.get()
                        .map(|load| {
                            [
                                &percent().to_string(),
                                " % of ",
                                &words::bytes(load.bytes),
                                " · ",
                                &words::grouped(u64::from(load.series)),
                                " series",
                            ]
                                .concat()
                        })
                }}
            </span>
            <button type="button" class="mini" on:click=move |_| page.cancel_load(&path)>
                "Cancel"
            </button>
        </p>
    }
    .into_any()
}
