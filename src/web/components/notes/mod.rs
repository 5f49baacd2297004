//! What the page has to tell: notes, and samples that are being read.

use leptos::prelude::*;

use crate::components::live::{self, Made, Make};
use crate::page::{NoteAction, Page};
use crate::state::words;

/// The bars under the header.
#[component]
pub(crate) fn Notes() -> impl IntoView {
    let page = Page::here();
    let slow = move || page.loads.with(|loads| loads.slow().map(|load| (load.path.clone(), 0)).collect());
    let notes = move || page.notes.with(|notes| notes.iter().map(|note| (String::new(), note.id)).collect());
    view! {
        <div class="notes">
            {live::list(slow, move |path, _| reading(page, path))}
            <div role="status">{live::list(notes, move |_, id| one(page, id))}</div>
        </div>
    }
}

fn one(page: Page, id: u32) -> Made {
    let note = page.notes.with_untracked(|notes| notes.iter().find(|note| note.id == id).cloned());
    let Some(note) = note else { return live::nothing() };
    let words = note.action.as_ref().map(|action| match action {
        NoteAction::RestoreWorkspace => "Bring them back",
        NoteAction::RestoreFile => "Bring it back",
        NoteAction::StartEngine => "Start the engine",
        NoteAction::FetchExamples | NoteAction::FetchExample(_) => "Try again",
    });
    view! {
        <p class=if note.bad { "note bad" } else { "note" }>
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
    .made()
}

fn reading(page: Page, path: String) -> Made {
    let wanted = path.clone();
    let load = Signal::derive(move || {
        page.loads.with(|loads| loads.list().iter().find(|load| load.path == wanted).cloned())
    });
    let percent = move || load.get().map_or(0, |load| words::percent(load.done, load.bytes));
    let name = ["Reading ", &path].concat();
    let label = name.clone();
    view! {
        <p class="note reading">
            <span>{name}</span>
            <progress max="100" prop:value=live::value(move || percent().to_string()) aria-label=label></progress>
            <span class="figures">
                {live::text(move || {
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
                        .unwrap_or_default()
                })}
            </span>
            <button type="button" class="mini" on:click=move |_| page.cancel_load(&path)>
                "Cancel"
            </button>
        </p>
    }
    .made()
}
