//! Tables on the chosen node: what its pulls bring, what they cover, what collides, how its replicas differ.

use leptos::html::Div;
use leptos::prelude::*;
use promtier::engine::protocol::{CellView, DetailsAnswer, TableView, Tone, Topic};

use crate::browser::dom;
use crate::browser::draw::{Canvas, Drawn};
use crate::components::live;
use crate::components::sentence::words;
use crate::page::Page;
use crate::state::words::grouped;

/// The panel under “Details”.
#[component]
pub(crate) fn Details() -> impl IntoView {
    let page = Page::here();
    let frame = NodeRef::<Div>::new();
    let canvas = StoredValue::new_local(Canvas::default());
    live::effect(move || {
        let drawn = page.details_shown().map(|details| tables(&details)).unwrap_or_default();
        if let Some(frame) = frame.get() {
            canvas.update_value(|canvas| canvas.draw(&frame, drawn));
        }
    });
    view! {
        <div
            class="details"
            node_ref=frame
            on:click=move |event| {
                if let Some(at) = dom::data_under(&event, "data-cell") {
                    page.go_to_cell(at as usize);
                }
            }
        ></div>
    }
}

fn tables(details: &DetailsAnswer) -> Vec<Drawn> {
    let mut cells = 0;
    let mut out: Vec<Drawn> =
        details.tables.iter().map(|view| table(details.topic, view, &mut cells)).collect();
    if out.is_empty() {
        let nothing = match details.topic {
            Topic::Coverage => {
                "Nothing to cover: none of its pulls asks a node of this workspace for series by match[]."
            }
            Topic::Collisions => "Nothing collides: no two sources are known to bring it the same series.",
            Topic::Replicas => {
                "It is no replica: neither the manifest nor its jobs put it beside another node."
            }
            Topic::Freshness => "How old its values may be is not known: it pulls nothing.",
            Topic::Volume => "It pulls nothing.",
        };
        out.push(Drawn::word("p", "aside nothing", nothing));
    }
    out
}

/// One table; `cells` counts those of all tables.
fn table(topic: Topic, view: &TableView, cells: &mut u32) -> Drawn {
    let mut inside = vec![Drawn::word("h3", "", view.title.as_str())];
    if !view.about.is_empty() {
        inside.push(Drawn::new("p", "aside", words(&view.about)));
    }
    if !view.rows.is_empty() {
        // Numbers stand under one another, and their heads over them.
        let counts = |at: usize| {
            let says = |row: &Vec<CellView>| row.get(at).is_some_and(|cell| is_figure(&cell.text));
            at > 0 && topic != Topic::Replicas && view.rows.iter().any(says)
        };
        let heads = (0..).zip(&view.columns).map(|(at, head)| {
            Drawn::word("th", if counts(at) { "figure" } else { "" }, head.as_str()).with("scope", "col")
        });
        let mut rows = vec![Drawn::new("tr", "", heads.collect())];
        for row in &view.rows {
            let drawn = row.iter().enumerate().map(|(at, view)| {
                *cells += 1;
                cell(view, at == 0, counts(at), *cells - 1)
            });
            rows.push(Drawn::new("tr", "", drawn.collect()));
        }
        // What is too wide for a phone scrolls in its frame, by the keys too.
        let frame = Drawn::new("div", "wide", vec![Drawn::new("table", "", rows)]);
        inside
            .push(frame.with("role", "region").with("aria-label", view.title.as_str()).with("tabindex", "0"));
    }
    if view.more > 0 {
        let words = ["and ", &grouped(u64::from(view.more)), " more"].concat();
        inside.push(Drawn::word("p", "aside", words));
    }
    Drawn::new("section", "", inside)
}

/// Whether a cell says a number, with its unit, or whether a selector selects.
fn is_figure(text: &str) -> bool {
    text.len() < 16 && text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '✓' | '–'))
}

fn cell(view: &CellView, heads: bool, counts: bool, number: u32) -> Drawn {
    let tone = match view.tone {
        Tone::Plain if view.text.len() > 60 => "long",
        Tone::Plain => "",
        Tone::Good => "good",
        Tone::Bad => "bad",
    };
    let class = if counts { ["figure ", tone].concat() } else { tone.to_owned() };
    let mut inside = match view.text.parse() {
        Ok(count) => vec![Drawn::Text(grouped(count))],
        Err(_) => words(&view.text),
    };
    if !view.path.is_empty() {
        let place = Drawn::new("button", "place", inside)
            .with("type", "button")
            .with("data-cell", number.to_string())
            .with("title", ["Go to it in ", &view.path].concat());
        inside = vec![place];
    }
    if heads { Drawn::new("th", class, inside).with("scope", "row") } else { Drawn::new("td", class, inside) }
}
