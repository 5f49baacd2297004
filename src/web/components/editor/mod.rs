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
use crate::page::{EditorDeed, Page};
use crate::state::colour::Language;
use crate::state::doc::Doc;
use crate::state::files::Key;
use crate::state::marks::{LineChange, Marks};

/// The height of a line in pixels, as the style sheet has it.
const LINE: f64 = 20.0;

/// The room above the first line, as the style sheet has it.
const ABOVE: f64 = 8.0;

/// Lines are drawn in steps of this many, so that most scrolling draws nothing.
const STEP: u32 = 10;

/// One editor for as long as its file is open.
#[component]
pub(crate) fn Editor(key: Key, path: Memo<String>, text: Arc<str>) -> impl IntoView {
    let page = Page::here();
    let frame = NodeRef::<Div>::new();
    let area = NodeRef::<Textarea>::new();
    let doc = RwSignal::new(Arc::new(Doc::new(Arc::clone(&text))));
    let marks = RwSignal::new(Arc::new(Marks::default()));
    let view = RwSignal::new((0.0, 0.0));
    let window = Memo::new(move |_| {
        let (top, height): (f64, f64) = view.get();
        let first = ((top / LINE) as u32 / STEP).saturating_sub(1) * STEP;
        let last = (((top + height) / LINE) as u32 / STEP + 2) * STEP;
        // An editor that is not shown has no height and draws nothing.
        if height <= 0.0 { 0..0 } else { first..last.min(doc.with(|doc| doc.lines())) }
    });
    let here = Memo::new(move |_| {
        let (at_key, at) = page.cursor.get();
        (at_key == key).then(|| doc.with(|doc| doc.line_of(at)))
    });
    let language = Memo::new(move |_| Language::of(&path.get()));

    // The engine's marks, as long as they are for this text; until then the old ones move with their lines.
    Effect::new(move || {
        let new = page.analysis.with(|analysis| path.with(|path| Marks::of(analysis, path)));
        if page.is_current() && marks.with_untracked(|old| **old != new) {
            marks.set(Arc::new(new));
        }
    });
    Effect::new(move || {
        if let Some(order) = page.order.get().filter(|order| order.key == key) {
            // First the page shows this editor.
            timer::soon(move || {
                let (Some(frame), Some(area)) = (frame.get_untracked(), area.get_untracked()) else { return };
                let (start, end) = match &order.deed {
                    EditorDeed::Select(start, end) => (*start, *end),
                    EditorDeed::Type(change) => (change.start, change.end),
                };
                let line = doc.with_untracked(|doc| doc.line_of(start));
                let top = f64::from(line) * LINE;
                let (from, height) = (f64::from(frame.scroll_top()), f64::from(frame.client_height()));
                if top < from + LINE || top + LINE * 3.0 > from + height {
                    frame.set_scroll_top((top - height / 3.0) as i32);
                }
                dom::select(&area, start, end);
                if let EditorDeed::Type(change) = &order.deed {
                    dom::type_text(&area, &change.text);
                }
            });
        }
    });
    let watch = StoredValue::new_local(None::<SizeWatch>);
    frame.on_load(move |frame| {
        watch.set_value(SizeWatch::new(&frame, move |frame| {
            view.set((f64::from(frame.scroll_top()), f64::from(frame.client_height())));
        }));
    });

    let changed = move |text: String| {
        let text: Arc<str> = text.into();
        let new = Doc::new(Arc::clone(&text));
        if let Some(change) = doc.with_untracked(|old| LineChange::between(old, &new)) {
            marks.update(|marks| *marks = Arc::new(marks.moved(change)));
        }
        doc.set(Arc::new(new));
        page.edited(key, text);
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
                    view.set((f64::from(frame.scroll_top()), f64::from(frame.client_height())));
                }
            }
        >
            <div
                class="sheet"
                style=("--lines", move || doc.with(|doc| doc.lines()).to_string())
                style=("--columns", move || doc.with(|doc| doc.widest()).to_string())
            >
                <lines::Gutter window=window marks=marks here=here />
                <div class="paper">
                    <lines::Ink window=window doc=doc marks=marks here=here language=language />
                    <textarea
                        node_ref=area
                        data-key=key.to_string()
                        aria-label=move || path.get()
                        aria-describedby=hint.clone()
                        wrap="off"
                        spellcheck="false"
                        autocapitalize="off"
                        autocomplete="off"
                        prop:value=text.to_string()
                        on:input=move |_| {
                            if let Some(area) = area.get_untracked() {
                                changed(area.value());
                            }
                        }
                        on:keydown=pressed
                    ></textarea>
                </div>
                <lines::Ends window=window marks=marks />
            </div>
            <p class="unseen" id=hint>
                "F8 goes to the next problem, Shift and F8 to the one before. Tab leaves the editor."
            </p>
        </div>
    }
    .into_any()
}

/// How far down the line `line` is drawn.
fn place(line: u32) -> String {
    ["translateY(", &(f64::from(line) * LINE + ABOVE).to_string(), "px)"].concat()
}
