//! The editor: a labelled text area, drawn under by a coloured copy of the lines in view, with numbers and
//! signs to its left and the engine's words at the ends of lines.
//!
//! All of it scrolls as one element, so nothing lags behind anything. The text area holds the truth and its
//! own undo; the copy is for the eye alone.

mod lines;

use std::sync::Arc;

use leptos::html::{Div, Textarea};
use leptos::prelude::*;

use crate::browser::dom::{self, SizeWatch};
use crate::browser::timer;
use crate::components::live::{self};
use crate::page::{EditorDeed, Page};
use crate::state::doc::Doc;
use crate::state::files::Key;
use crate::state::marks::{LineChange, Marks};

use lines::Sheet;

/// The height of a line in pixels, as the style sheet has it.
const LINE: u32 = 20;

/// The room above the first line, as the style sheet has it.
const ABOVE: u32 = 8;

/// Lines are drawn in steps of this many, so that most scrolling draws nothing.
const STEP: u32 = 10;

/// One editor for as long as its file is open.
#[component]
pub(crate) fn Editor(key: Key, path: Memo<String>, text: Arc<str>) -> impl IntoView {
    let page = Page::here();
    let frame = NodeRef::<Div>::new();
    let area = NodeRef::<Textarea>::new();
    let first = text.to_string();
    let doc = RwSignal::new(Arc::new(Doc::new(text)));
    let marks = RwSignal::new(Arc::new(Marks::default()));
    let view = RwSignal::new((0, 0));
    let window = Memo::new(move |_| {
        let (top, height): (u32, u32) = view.get();
        let first = (top / LINE / STEP).saturating_sub(1) * STEP;
        let last = ((top + height) / LINE / STEP + 2) * STEP;
        // An editor that is not shown has no height and draws nothing.
        if height == 0 { 0..0 } else { first..last.min(doc.with(|doc| doc.lines())) }
    });
    let here = Memo::new(move |_| {
        let (at_key, at) = page.cursor.get();
        (at_key == key).then(|| doc.with(|doc| doc.line_of(at)))
    });
    let sheet = Sheet { window, doc, marks, here, path };

    // The engine's marks, as long as they are for this text; until then the old ones move with their lines.
    live::effect(move || {
        let new = page
            .analysis
            .with(|analysis| path.with(|path| marks.with_untracked(|old| Marks::of(analysis, path, old))));
        if page.is_current() && marks.with_untracked(|old| **old != new) {
            marks.set(Arc::new(new));
        }
    });
    live::effect(move || {
        if let Some(order) = page.order.get().filter(|order| order.key == key) {
            // First the page shows this editor.
            timer::soon(move || {
                let (Some(frame), Some(area)) = (frame.get_untracked(), area.get_untracked()) else { return };
                let (start, end) = match &order.deed {
                    EditorDeed::Select(start, end) => (*start, *end),
                    EditorDeed::Type(change) => (change.start, change.end),
                };
                let line = doc.with_untracked(|doc| doc.line_of(start));
                let (top, step) = ((line * LINE).cast_signed(), LINE.cast_signed());
                let (from, height) = (frame.scroll_top(), frame.client_height());
                if top < from + step || top + 3 * step > from + height {
                    frame.set_scroll_top(top - height / 3);
                }
                dom::select(&area, start, end);
                if let EditorDeed::Type(change) = &order.deed {
                    dom::type_text(&area, &change.text);
                }
            });
        }
    });
    let watch = StoredValue::new_local(None::<SizeWatch>);
    live::effect(move || {
        if let Some(frame) = frame.get() {
            watch.set_value(SizeWatch::new(&frame, move |frame| {
                view.set((
                    frame.scroll_top().max(0).cast_unsigned(),
                    frame.client_height().max(0).cast_unsigned(),
                ));
            }));
        }
    });

    let changed = move |text: String| {
        let text: Arc<str> = text.into();
        let new = Doc::new(Arc::clone(&text));
        let change = doc.with_untracked(|old| LineChange::between(old, &new));
        marks.update(|marks| *marks = Arc::new(marks.moved(change)));
        doc.set(Arc::new(new));
        page.edited(key, &text);
    };
    let pressed = move |event: leptos::ev::KeyboardEvent| {
        let plain = !(event.shift_key() || event.ctrl_key() || event.alt_key() || event.meta_key());
        if event.key() == "Enter"
            && plain
            && !event.is_composing()
            && let Some(area) = area.get_untracked()
        {
            // A new line begins where the one before does.
            event.prevent_default();
            let indent = doc.with_untracked(|doc| doc.indent_at(dom::cursor(&area)).to_owned());
            dom::type_text(&area, &["\n", &indent].concat());
        }
    };
    let hint = ["keys-", &key.to_string()].concat();
    view! {
        <div
            class="code"
            node_ref=frame
            on:scroll=move |_| {
                if let Some(frame) = frame.get_untracked() {
                    view.set((frame.scroll_top().max(0).cast_unsigned(), frame.client_height().max(0).cast_unsigned()));
                }
            }
        >
            <div
                class="sheet"
                style=("--lines", live::value(move || doc.with(|doc| doc.lines()).to_string()))
                style=("--columns", live::value(move || doc.with(|doc| doc.widest()).to_string()))
            >
                {lines::gutter(sheet)}
                <div class="paper">
                    {lines::ink(sheet)}
                    <textarea
                        node_ref=area
                        data-key=key.to_string()
                        aria-label=live::value(move || path.get())
                        aria-describedby=hint.clone()
                        wrap="off"
                        spellcheck="false"
                        autocapitalize="off"
                        autocomplete="off"
                        prop:value=first
                        on:input=move |_| {
                            if let Some(area) = area.get_untracked() {
                                changed(area.value());
                            }
                        }
                        on:keydown=pressed
                    ></textarea>
                </div>
                {lines::ends(sheet)}
            </div>
            <p class="unseen" id=hint>
                "F8 goes to the next problem, Shift and F8 to the one before. Tab leaves the editor."
            </p>
        </div>
    }
}
