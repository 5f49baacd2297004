//! Tables on the chosen node: what its pulls bring, what they cover, what collides, how its replicas differ.

use leptos::html::Div;
use leptos::prelude::*;
use promtier::engine::protocol::{CellView, DetailsAnswer, TableView, Tone};

use crate::browser::dom;
use crate::browser::draw::{Canvas, Drawn};
use crate::components::live;
use crate::page::Page;
use crate::state::words::{grouped, pieces};

/// The panel under “Details”.
#[component]
pub(crate) fn Details() -> impl IntoView {
    let page = Page::here();
    let frame = NodeRef::<Div>::new();
    let canvas = StoredValue::new_local(Canvas::default());
    live::effect(move || {
        let drawn = page.details.with(|details| tables(details));
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
    let mut out: Vec<Drawn> = details.tables.iter().map(|view| table(view, &mut cells)).collect();
    if out.is_empty() {
        out.push(Drawn::word("p", "aside nothing", "There is nothing to count: this node pulls nothing."));
    }
    out
}

/// One table; `cells` counts those of all tables.
fn table(view: &TableView, cells: &mut u32) -> Drawn {
    let mut inside = vec![Drawn::word("h3", "", view.title.as_str())];
    if !view.about.is_empty() {
        inside.push(Drawn::new("p", "aside", words(&view.about)));
    }
    if !view.rows.is_empty() {
        let heads = view.columns.iter().map(|head| Drawn::word("th", "", head.as_str()).with("scope", "col"));
        let mut rows = vec![Drawn::new("tr", "", heads.collect())];
        for row in &view.rows {
            let drawn = row.iter().enumerate().map(|(at, view)| {
                *cells += 1;
                cell(view, at == 0, *cells - 1)
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

fn cell(view: &CellView, heads: bool, number: u32) -> Drawn {
    let class = match view.tone {
        Tone::Plain if view.text.len() > 60 => "long",
        Tone::Plain => "",
        Tone::Good => "good",
        Tone::Bad => "bad",
    };
    let mut inside = words(&view.text);
    if !view.path.is_empty() {
        let place = Drawn::new("button", "place", inside)
            .with("type", "button")
            .with("data-cell", number.to_string())
            .with("title", ["Go to it in ", &view.path].concat());
        inside = vec![place];
    }
    if heads { Drawn::new("th", class, inside).with("scope", "row") } else { Drawn::new("td", class, inside) }
}

/// Words, their code set as code.
fn words(text: &str) -> Vec<Drawn> {
    let drawn = pieces(text).into_iter().map(|(code, piece)| {
        if code { Drawn::word("code", "", piece) } else { Drawn::Text(piece.to_owned()) }
    });
    drawn.collect()
}
