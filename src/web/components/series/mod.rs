//! What the chosen node would store, as a table of any length: only the rows in view exist.

use leptos::html::Div;
use leptos::prelude::*;
use promtier::engine::protocol::{PullView, RowView};

use crate::browser::dom::{self, SizeWatch};
use crate::browser::draw::{Canvas, Drawn};
use crate::components::live::{self, Made, Make};
use crate::page::Page;
use crate::state::rows::{self, Rows, labels_in_line, value_in_line};
use crate::state::scroll::row_after_key;
use crate::state::words::{counted, grouped};

/// The height of the table's head in pixels, as the style sheet has it.
const HEAD: f64 = 28.0;

/// The table with its filter above and the chosen row in full below.
#[component]
pub(crate) fn Series() -> impl IntoView {
    let page = Page::here();
    let chosen = Memo::new(move |_| {
        page.rows.with(|rows| {
            let row = rows.chosen().and_then(|at| rows.row(at))?;
            Some((row.clone(), rows.pulls_known()))
        })
    });
    view! {
        <div class="series">
            <Filter />
            <Table />
            {live::some(move || chosen.get().map(|(row, known)| in_full(page, &row, known)))}
        </div>
    }
}

#[component]
fn Filter() -> impl IntoView {
    let page = Page::here();
    let error = move || {
        page.rows.with(|rows| rows.answer().map(|answer| answer.filter_error.clone()).unwrap_or_default())
    };
    let wrong = move || !error().is_empty();
    let total = move || {
        let total = page.rows.with(|rows| rows.answer().map(|answer| answer.total));
        total.map(|total| counted(u64::from(total), "series", "series")).unwrap_or_default()
    };
    let only = move || {
        let pull = page.rows.with(Rows::pull)?;
        page.analysis.with(|analysis| Some(rows::said(analysis.pulls.get(pull as usize)?)))
    };
    view! {
        <div class="filter">
            <label class="unseen" for="filter">
                "Filter by a selector"
            </label>
            <input
                id="filter"
                type="text"
                class="mono"
                placeholder="{job=~\"…\"}"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-invalid=live::maybe(move || wrong().then(|| "true".to_owned()))
                aria-describedby="filter-error"
                prop:value=live::value(move || page.rows.with(|rows| rows.filter().to_owned()))
                on:input:target=move |event| page.set_filter(&event.target().value())
            />
            <span class="aside" role="status">
                {live::text(total)}
            </span>
            <button
                type="button"
                class="mini"
                title="Writes it into promtier.yaml: that the filter finds series here, or none; without a filter, how many series there are at most"
                on:click=move |_| page.expect_shown()
            >
                "Expect this"
            </button>
        </div>
        {live::some(move || {
            only()
                .map(|words| {
                    view! {
                        <p class="only">
                            <span>"Only what " {words} " brought"</span>
                            <button
                                type="button"
                                class="mini"
                                on:click=move |_| page.show_pull(None)
                            >
                                "Show all"
                            </button>
                        </p>
                    }
                        .made()
                })
        })}
        <p class="filter-error" id="filter-error" hidden=live::flag(move || !wrong())>
            <i class="sign error" aria-hidden="true">"●"</i>
            {live::text(error)}
        </p>
    }
}

#[component]
fn Table() -> impl IntoView {
    let page = Page::here();
    let frame = NodeRef::<Div>::new();
    let scroller = Memo::new(move |_| page.rows.with(|rows| rows.scroller));
    let window = Memo::new(move |_| scroller.get().window());
    let watch = StoredValue::new_local(None::<SizeWatch>);
    live::effect(move || {
        if let Some(frame) = frame.get() {
            watch.set_value(SizeWatch::new(&frame, move |frame| {
                let viewport = f64::from(frame.client_height()) - HEAD;
                page.rows.update(|rows| rows.scroller.set_viewport(viewport));
                page.ask_rows();
            }));
        }
    });
    // Where the state wants another position than the browser has, the browser follows.
    live::effect(move || {
        let wanted = scroller.get().position();
        if let Some(frame) = frame.get()
            && (f64::from(frame.scroll_top()) - wanted).abs() >= 1.0
        {
            frame.set_scroll_top(wanted as i32);
        }
    });
    let scrolled = move |_| {
        if let Some(frame) = frame.get_untracked() {
            let position = f64::from(frame.scroll_top());
            if (scroller.get_untracked().position() - position).abs() >= 1.0 {
                page.rows.update(|rows| rows.scroller.scrolled(position));
                page.ask_rows();
            }
        }
    };
    let pressed = move |event: leptos::ev::KeyboardEvent| {
        let next = page.rows.with_untracked(|rows| {
            row_after_key(&event.key(), rows.chosen(), rows.scroller.rows(), rows.scroller.page())
        });
        if event.key() == "Enter"
            && let Some(row) = page.rows.with_untracked(Rows::chosen)
        {
            event.prevent_default();
            page.follow_row(row);
        } else if let Some(row) = next {
            event.prevent_default();
            page.rows.update(|rows| rows.choose(row));
            page.ask_rows();
        }
    };
    let height = move || (scroller.get().canvas() as i64).to_string() + "px";
    let shift = move || {
        let scroller = scroller.get();
        ["translateY(", &(scroller.offset(window.get().start) as i64).to_string(), "px)"].concat()
    };
    let body = NodeRef::<Div>::new();
    let canvas = StoredValue::new_local(Canvas::default());
    live::effect(move || {
        let window = window.get();
        let drawn = page.rows.with(|rows| {
            let analysis = page.analysis.get_untracked();
            let pulls = rows.pulls_known().then_some(analysis.pulls.as_slice());
            window.map(|at| line(at, rows.row(at), rows.chosen() == Some(at), pulls)).collect()
        });
        if let Some(body) = body.get() {
            canvas.update_value(|canvas| canvas.draw(&body, drawn));
        }
    });
    let chosen_id = move || {
        let chosen = page.rows.with(Rows::chosen);
        chosen.filter(|row| window.get().contains(row)).map(row_id)
    };
    view! {
        <div
            class="table"
            id="series-table"
            role="grid"
            tabindex="0"
            node_ref=frame
            aria-label=live::value(move || ["Series of ", &page.node.get().unwrap_or_default()].concat())
            aria-rowcount=live::value(move || (scroller.get().rows() + 1).to_string())
            aria-colcount="5"
            aria-activedescendant=live::maybe(chosen_id)
            on:scroll=scrolled
            on:keydown=pressed
            on:click=move |event| {
                if let Some(row) = dom::data_under(&event, "data-trace") {
                    page.follow_row(row);
                } else if let Some(row) = dom::data_under(&event, "data-row") {
                    page.rows.update(|rows| rows.choose(row));
                }
            }
        >
            <div role="rowgroup" class="head">
                <div role="row" class="row" aria-rowindex="1">
                    <span role="columnheader">"Metric"</span>
                    <span role="columnheader">"Labels after this tier"</span>
                    <span role="columnheader">"Pulled by"</span>
                    <span role="columnheader" class="figure">
                        "Value"
                    </span>
                    <span role="columnheader">
                        <span class="unseen">"Trace"</span>
                    </span>
                </div>
            </div>
            <div role="rowgroup" class="canvas" style:height=live::value(height)>
                <div
                    role="presentation"
                    class="drawn"
                    node_ref=body
                    style:transform=live::value(shift)
                ></div>
            </div>
        </div>
        {live::some(move || nothing(page))}
    }
}

fn row_id(row: u32) -> String {
    ["row-", &row.to_string()].concat()
}

/// What is said where there is no row.
fn nothing(page: Page) -> Option<Made> {
    let (total, filtered) =
        page.rows.with(|rows| (rows.answer().map(|answer| answer.total), !rows.filter().is_empty()));
    match total {
        None => Some(view! { <p class="aside nothing">"Looking…"</p> }.made()),
        Some(0) if filtered => {
            Some(view! { <p class="aside nothing">"No series here matches this selector."</p> }.made())
        }
        Some(0) => Some(no_series(page)),
        Some(_) => None,
    }
}

fn no_series(page: Page) -> Made {
    let node = page.node.get_untracked().unwrap_or_default();
    let pulls = page
        .analysis
        .with_untracked(|analysis| analysis.pulls.iter().any(|pull| pull.node == node && pull.federates));
    if pulls {
        view! {
            <p class="aside nothing">
                "Nothing arrives here. "
                <button
                    type="button"
                    class="mini"
                    on:click=move |_| page.tab.set(crate::state::layout::DetailTab::Pulls)
                >
                    "See its pulls"
                </button>
            </p>
        }
        .made()
    } else {
        view! {
            <p class="aside nothing">
                "Nothing is known of what this node holds. "
                <button type="button" class="mini" on:click=move |_| page.ask_samples(&node)>
                    "Add samples"
                </button>
            </p>
        }
        .made()
    }
}

/// One row; it is empty where it is still on its way.
fn line(at: u32, row: Option<&RowView>, chosen: bool, pulls: Option<&[PullView]>) -> Drawn {
    let cell =
        |class: &'static str, inside: Vec<Drawn>| Drawn::new("span", class, inside).with("role", "gridcell");
    let cells = match row {
        None => ["metric", "labels", "chips", "value", "go"].map(|class| cell(class, Vec::new())).into(),
        Some(row) => {
            let (labels, more) = labels_in_line(row);
            let mut words = Vec::with_capacity(2 * labels.len() + 1);
            for (at, (name, value)) in labels.iter().enumerate() {
                let before = [if at == 0 { "" } else { ", " }, name.as_str(), "="].concat();
                words.push(Drawn::Text(before));
                words.push(Drawn::word("b", "", ["\"", value_in_line(value), "\""].concat()));
            }
            if more {
                words.push(Drawn::Text(", …".to_owned()));
            }
            let mut chips: Vec<Drawn> = rows::chips(row, pulls)
                .into_iter()
                .map(|chip| Drawn::word("span", "chip", chip.word).with("title", chip.title))
                .collect();
            let writers = rows::writers(row);
            if writers > 1 {
                let several = Drawn::word("span", "several", ["×", &grouped(writers as u64)].concat());
                chips.push(several.with("title", "targets write this same series"));
            }
            let value = row.value.as_deref().unwrap_or("–").to_owned();
            let go = Drawn::word("button", "follow", "→")
                .with("type", "button")
                .with("title", "Trace through the tiers")
                .with("aria-label", ["Trace ", &row.name].concat());
            vec![
                cell("metric", vec![Drawn::Text(row.name.clone())]),
                cell("labels", words),
                cell("chips", chips),
                cell("value", vec![Drawn::Text(value)]),
                // The keys reach it by Enter on the row.
                cell("go", vec![go.with("tabindex", "-1").with("data-trace", at.to_string())]),
            ]
        }
    };
    Drawn::new("div", if chosen { "row chosen" } else { "row" }, cells)
        .with("role", "row")
        .with("id", row_id(at))
        .with("data-row", at.to_string())
        .with("aria-rowindex", (at + 2).to_string())
        .with("aria-selected", if chosen { "true" } else { "false" })
}

/// The chosen row in full.
fn in_full(page: Page, row: &RowView, known: bool) -> Made {
    let pulls = page.analysis.get_untracked();
    let from = rows::chips(row, known.then_some(pulls.pulls.as_slice()))
        .into_iter()
        .flat_map(|chip| {
            let words = chip.word;
            chip.title.lines().map(|line| [&words, ": ", line].concat()).collect::<Vec<_>>()
        })
        .map(|line| view! { <li>{line}</li> })
        .collect_view();
    let writers = rows::writers(row);
    let follow = move |_| {
        if let Some(at) = page.rows.with_untracked(Rows::chosen) {
            page.follow_row(at);
        }
    };
    view! {
            <section class="in-full" aria-label="Chosen series" tabindex="0">
                <p class="mono">
                    <b>{row.name.clone()}</b>
                    "{"
                    {rows::in_braces(&row.labels)}
                    "} "
                    {row.value.clone()}
                    {row.value.is_none().then_some("value not known")}
                </p>
                <button type="button" class="mini" on:click=follow>
                    "Trace it through the tiers"
                </button>
                <ul>{from}</ul>
                {(writers > 1)
                    .then(|| {
                        view! {
                            <p class="warning">
                                {[
                                    &grouped(writers as u64),
                                    " targets write this same series; which sample is kept depends on when each is scraped.",
                                ]
                                    .concat()}
                            </p>
                        }
                    })}
            </section>
        }
        .made()
}
