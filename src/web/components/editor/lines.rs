//! What is drawn around the text area, for the lines in view alone. It is hidden from those who listen: the
//! problem list and the pulls say the same in words.

use std::ops::Range;
use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;
use promtier::engine::protocol::{SeverityView, Tone};

use super::{ABOVE, LINE};
use crate::browser::draw::{Canvas, Drawn};
use crate::components::live;
use crate::state::colour::{self, Language, Token};
use crate::state::doc::Doc;
use crate::state::marks::Marks;
use crate::state::problems::sign;

/// What the lines are drawn from.
#[derive(Clone, Copy)]
pub(super) struct Sheet {
    /// The lines in view, from 0.
    pub(super) window: Memo<Range<u32>>,
    pub(super) doc: RwSignal<Arc<Doc>>,
    pub(super) marks: RwSignal<Arc<Marks>>,
    /// The line that the cursor is on.
    pub(super) here: Memo<Option<u32>>,
    pub(super) path: Memo<String>,
}

/// A layer of lines, hidden from those who listen.
fn layer(sheet: Sheet, class: &'static str, draw: fn(Sheet) -> Vec<Drawn>) -> impl IntoView {
    let frame = NodeRef::<Div>::new();
    let canvas = StoredValue::new_local(Canvas::default());
    live::effect(move || {
        let drawn = draw(sheet);
        if let Some(frame) = frame.get() {
            canvas.update_value(|canvas| canvas.draw(&frame, drawn));
        }
    });
    let place = move || {
        let top = sheet.window.get().start * LINE + ABOVE;
        ["translateY(", &top.to_string(), "px)"].concat()
    };
    view! {
        <div class=class aria-hidden="true">
            <div class="drawn" node_ref=frame style:transform=live::value(place)></div>
        </div>
    }
}

/// Numbers and signs.
pub(super) fn gutter(sheet: Sheet) -> impl IntoView {
    layer(sheet, "gutter", |sheet| {
        let (marks, here) = (sheet.marks.get(), sheet.here.get());
        let line = |line: u32| {
            let severity = marks.line(line).and_then(|marks| marks.sign);
            let mark = Drawn::word("i", severity.map_or("", class_of), severity.map_or("", sign));
            let number = Drawn::Text((line + 1).to_string());
            Drawn::new("div", if here == Some(line) { "number here" } else { "number" }, vec![mark, number])
        };
        sheet.window.get().map(line).collect()
    })
}

/// The lines in colour, with waves under what is wrong.
pub(super) fn ink(sheet: Sheet) -> impl IntoView {
    layer(sheet, "ink", |sheet| {
        let (doc, marks, here) = (sheet.doc.get(), sheet.marks.get(), sheet.here.get());
        let language = sheet.path.with(|path| Language::of(path));
        let line = |line: u32| {
            let waves = marks.line(line).map_or(&[][..], |marks| &marks.waves);
            let pieces = cut(colour::pieces(language, doc.line(line)), waves)
                .into_iter()
                .map(|(class, piece)| {
                    if class.is_empty() {
                        Drawn::Text(piece.to_owned())
                    } else {
                        Drawn::word("span", class, piece)
                    }
                })
                .collect();
            Drawn::new("div", if here == Some(line) { "line here" } else { "line" }, pieces)
        };
        sheet.window.get().map(line).collect()
    })
}

/// The engine's words at the ends of lines.
pub(super) fn ends(sheet: Sheet) -> impl IntoView {
    layer(sheet, "ends", |sheet| {
        let marks = sheet.marks.get();
        let line = |line: u32| {
            let lenses = marks.line(line).map_or(&[][..], |marks| &marks.lenses);
            let words = lenses
                .iter()
                .flat_map(|(lead, text, tone)| {
                    let class = match tone {
                        Tone::Plain => "",
                        Tone::Good => "good",
                        Tone::Bad => "bad",
                    };
                    let rest = if lead.is_empty() { class } else { "" };
                    [Drawn::word("b", class, lead.as_str()), Drawn::word("span", rest, text.as_str())]
                })
                .collect();
            Drawn::new("div", if lenses.is_empty() { "end" } else { "end said" }, words)
        };
        sheet.window.get().map(line).collect()
    })
}

fn class_of(severity: SeverityView) -> &'static str {
    match severity {
        SeverityView::Error => "error",
        SeverityView::Warning => "warning",
        SeverityView::Info => "info",
    }
}

/// Cuts coloured pieces at the ends of waves, and names the classes of each.
fn cut<'a>(pieces: Vec<(Token, &'a str)>, waves: &[(u32, u32, SeverityView)]) -> Vec<(String, &'a str)> {
    let mut out = Vec::with_capacity(pieces.len());
    let mut column = 0;
    for (token, mut piece) in pieces {
        while !piece.is_empty() {
            let worst = waves
                .iter()
                .filter(|(from, to, _)| (*from..*to).contains(&column))
                .map(|&(_, _, severity)| severity)
                .max();
            // To the next place where a wave begins or ends.
            let next = waves.iter().flat_map(|&(from, to, _)| [from, to]).filter(|&at| at > column).min();
            let length = next.map_or(u32::MAX, |next| next - column) as usize;
            let end = piece.char_indices().nth(length).map_or(piece.len(), |(at, _)| at);
            let (now, rest) = piece.split_at(end);
            let wave = worst.map_or("", |severity| match severity {
                SeverityView::Error => " wave error",
                SeverityView::Warning => " wave warning",
                SeverityView::Info => " wave info",
            });
            out.push(([token.class(), wave].concat(), now));
            column += now.chars().count() as u32;
            piece = rest;
        }
    }
    out
}
