//! The page's frame.

#![expect(unreachable_pub, reason = "the macro of components makes their properties public")]

use leptos::ev;
use leptos::prelude::*;

use crate::components::live::Make;

use crate::browser::{dom, file};
use crate::components::{
    dialog::Dialogs, empty::Empty, files::FilesPane, header::Header, live, notes::Notes, panes::Panes,
    preview::PreviewPane, splitter::Splitter,
};
use crate::page::{Drag, EngineState, Page};
use crate::state::files::Files;

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    let page = Page::new();
    provide_context(page);
    page.follow_theme();
    page.fetch_examples();
    listen(page);

    let empty = Memo::new(move |_| page.files.with(Files::is_empty));
    let engine = move || match page.engine.get() {
        EngineState::Starting => "starting",
        EngineState::Running => "ready",
        EngineState::Ended => "ended",
    };
    view! {
        <Header />
        <Panes />
        <Notes />
        <main
            class="work"
            data-engine=live::value(engine)
            data-pane=live::value(move || page.pane.get().as_str())
            style=("--files", live::value(move || page.split.get().percent().to_string() + "%"))
        >
            {live::part(move || {
                if empty.get() {
                    view! { <Empty /> }.made()
                } else {
                    view! {
                        <FilesPane />
                        <Splitter />
                        <PreviewPane />
                    }
                        .made()
                }
            })}
        </main>
        <Dialogs />
        <p class="drop-hint" aria-hidden="true" hidden=live::flag(move || page.drag.with(|drag| *drag == Drag::Nowhere))>
            {live::text(move || match page.drag.get() {
                Drag::Node(node) => ["Samples for ", &node].concat(),
                Drag::Page | Drag::Nowhere => "Drop files to add them; on a node, its samples".to_owned(),
            })}
        </p>
        <p class="unseen" role="status">
            {live::text(move || page.spoken.get())}
        </p>
    }
}

/// Hears what belongs to the page as a whole.
fn listen(page: Page) {
    dom::watch_cursor(move |key, at| {
        if page.cursor.get_untracked() != (key, at) {
            page.cursor.set((key, at));
        }
    });
    // These hold for as long as the page does.
    let _ = window_event_listener(ev::keydown, move |event| {
        if page.pressed(&event.key(), event.shift_key()) {
            event.prevent_default();
        }
    });
    let _ = window_event_listener(ev::resize, move |_| page.resized());
    let _ = window_event_listener(ev::dragover, move |event| {
        if file::drags_files(&event) {
            event.prevent_default();
            let over = dom::node_under(&event).map_or(Drag::Page, Drag::Node);
            if page.drag.get_untracked() != over {
                page.drag.set(over);
            }
        }
    });
    let _ = window_event_listener(ev::dragleave, move |event| {
        if dom::leaves_window(&event) {
            page.drag.set(Drag::Nowhere);
        }
    });
    let _ = window_event_listener(ev::drop, move |event| {
        page.drag.set(Drag::Nowhere);
        if file::drags_files(&event) {
            event.prevent_default();
            page.take_files(file::dropped(&event), dom::node_under(&event).as_deref());
        }
    });
    let _ = window_event_listener(ev::beforeunload, move |event| {
        if page.files.with_untracked(Files::any_own) {
            event.prevent_default();
        }
    });
}
