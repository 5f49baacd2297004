//! What is drawn around the text area, for the lines in view alone. It is hidden from those who listen: the
//! problem list and the pulls say the same in words.

use std::ops::Range;
use std::sync::Arc;

use leptos::prelude::*;
use promtier::engine::protocol::{SeverityView, Tone};

use super::place;
use crate::state::colour::{self, Language, Token};
use crate::state::doc::Doc;
use crate::state::marks::Marks;
use crate::state::problems::sign;

/// Numbers and signs.
#[component]
pub(super) fn Gutter(
    window: Memo<Range<u32>>,
    marks: RwSignal<Arc<Marks>>,
    here: Memo<Option<u32>>,
) -> impl IntoView {
    let lines = move || {
        let here = here.get();
        marks.with(|marks| {
            window
                .get()
                .map(|line| {
                    let severity = marks.line(line).and_then(|marks| marks.sign);
                    view! {
                        <div class=if here == Some(line) { "number here" } else { "number" }>
                            <i class=severity.map_or("", class_of)>{severity.map_or("", sign)}</i>
                            {(line + 1).to_string()}
                        </div>
                    }
                })
                .collect_view()
        })
    };
    view! {
        <div class="gutter" aria-hidden="true">
            <div class="drawn" style:transform=move || place(window.get().start)>
                {lines}
            </div>
        </div>
    }
    .into_any()
}

/// The lines in colour, with waves under what is wrong.
#[component]
pub(super) fn Ink(
    window: Memo<Range<u32>>,
    doc: RwSignal<Arc<Doc>>,
    marks: RwSignal<Arc<Marks>>,
    here: Memo<Option<u32>>,
    language: Memo<Language>,
) -> impl IntoView {
    let lines = move || {
        let (doc, marks, here, language) = (doc.get(), marks.get(), here.get(), language.get());
        window
            .get()
            .map(|line| {
                let waves = marks.line(line).map_or(&[][..], |marks| &marks.waves);
                let pieces = cut(colour::pieces(language, doc.line(line)), waves)
                    .into_iter()
                    .map(|(class, piece)| view! { <span class=class>{piece.to_owned()}</span> })
                    .collect_view();
                view! { <div class=if here == Some(line) { "line here" } else { "line" }>{pieces}</div> }
            })
            .collect_view()
    };
    view! {
        <div class="ink" aria-hidden="true">
            <div class="drawn" style:transform=move || place(window.get().start)>
                {lines}
            </div>
        </div>
    }
    .into_any()
}

/// The engine's words at the ends of lines.
#[component]
pub(super) fn Ends(window: Memo<Range<u32>>, marks: RwSignal<Arc<Marks>>) -> impl IntoView {
    let lines = move || {
        marks.with(|marks| {
            window
                .get()
                .map(|line| {
                    let lenses = marks.line(line).map_or(&[][..], |marks| &marks.lenses);
                    let words = lenses
                        .iter()
                        .map(|(lead, text, tone)| {
                            let class = match tone {
                                Tone::Plain => "",
                                Tone::Good => "good",
                                Tone::Bad => "bad",
                            };
                            view! {
                                <b class=class>{lead.clone()}</b>
                                <span class=if lead.is_empty() { class } else { "" }>{text.clone()}</span>
                            }
                        })
                        .collect_view();
                    view! { <div class=if lenses.is_empty() { "end" } else { "end said" }>{words}</div> }
                })
                .collect_view()
        })
    };
    view! {
        <div class="ends" aria-hidden="true">
            <div class="drawn" style:transform=move || place(window.get().start)>
                {lines}
            </div>
        </div>
    }
    .into_any()
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
