//! What the chosen node would store, as a table of any length: only the rows in view exist.

use leptos::html::Div;
use leptos::prelude::*;
use promtier::engine::protocol::RowView;

use crate::browser::dom::SizeWatch;
use crate::page::Page;
use crate::state::rows::{self, labels_in_line, value_in_line};
use crate::state::scroll::row_after_key;
use crate::state::words::{counted, grouped};

/// The height of the table's head in pixels, as the style sheet has it.
const HEAD: f64 = 28.0;

/// The table with its filter above and the chosen row in full below.
#[component]
pub(crate) fn Series() -> impl IntoView {
    let page = Page::here();
    view! {
        <div class="series">
            <Filter />
            <Table />
            {move || chosen(page)}
        </div>
    }
    .into_any()
}

#[component]
fn Filter() -> impl IntoView {
    let page = Page::here();
    let filter = Memo::new(move |_| page.rows.with(|rows| rows.filter().to_owned()));
    let error = Memo::new(move |_| {
        page.rows.with(|rows| rows.answer().map(|answer| answer.filter_error.clone()).unwrap_or_default())
    });
    let wrong = move || !error.with(String::is_empty);
    let total = move || page.rows.with(|rows| rows.answer().map(|answer| answer.total));
    let only = move || {
        let pull = page.rows.with(|rows| rows.pull())?;
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
                aria-invalid=move || wrong().then_some("true")
                aria-describedby="filter-error"
                prop:value=filter
                on:input:target=move |event| page.set_filter(&event.target().value())
            />
            <span class="aside" role="status">
                {move || total().map(|total| counted(u64::from(total), "series", "series"))}
            </span>
        </div>
        {move || {
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
                })
        }}
        <p class="filter-error" id="filter-error" hidden=move || !wrong()>
            <i class="sign error" aria-hidden="true">"●"</i>
            {error}
        </p>
    }
    .into_any()
}

#[component]
fn Table() -> impl IntoView {
    let page = Page::here();
    let frame = NodeRef::<Div>::new();
    let scroller = Memo::new(move |_| page.rows.with(|rows| rows.scroller));
    let window = Memo::new(move |_| scroller.get().window());
    let watch = StoredValue::new_local(None::<SizeWatch>);
    frame.on_load(move |frame| {
        watch.set_value(SizeWatch::new(&frame, move |frame| {
            let viewport = f64::from(frame.client_height()) - HEAD;
            page.rows.update(|rows| rows.scroller.set_viewport(viewport));
            page.ask_rows();
        }));
    });
    // Where the state wants another position than the browser has, the browser follows.
    Effect::new(move || {
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
        if let Some(row) = next {
            event.prevent_default();
            page.rows.update(|rows| rows.choose(row));
            page.ask_rows();
        }
    };
    let height = move || scroller.get().canvas().to_string() + "px";
    let shift = move || {
        let scroller = scroller.get();
        ["translateY(", &(scroller.offset(window.get().start) as i64).to_string(), "px)"].concat()
    };
    let nothing = move || {
        let (total, filtered) =
            page.rows.with(|rows| (rows.answer().map(|answer| answer.total), !rows.filter().is_empty()));
        match total {
            None => Some(view! { <p class="aside nothing">"Looking…"</p> }.into_any()),
            Some(0) if filtered => Some(
                view! { <p class="aside nothing">"No series here matches this selector."</p> }.into_any(),
            ),
            Some(0) => Some(no_series(page).into_any()),
            Some(_) => None,
        }
    };
    view! {
        <div
            class="table"
            role="grid"
            tabindex="0"
            node_ref=frame
            aria-label=move || ["Series of ", &page.node.get().unwrap_or_default()].concat()
            aria-rowcount=move || (scroller.get().rows() + 1).to_string()
            aria-colcount="4"
            aria-activedescendant=move || {
                let chosen = page.rows.with(|rows| rows.chosen());
                chosen.filter(|row| window.get().contains(row)).map(row_id)
            }
            on:scroll=scrolled
            on:keydown=pressed
        >
            <div role="rowgroup" class="head">
                <div role="row" class="row" aria-rowindex="1">
                    <span role="columnheader">"Metric"</span>
                    <span role="columnheader">"Labels after this tier"</span>
                    <span role="columnheader">"Pulled by"</span>
                    <span role="columnheader" class="figure">
                        "Value"
                    </span>
                </div>
            </div>
            <div role="rowgroup" class="canvas" style:height=height>
                <div role="presentation" class="drawn" style:transform=shift>
                    {move || {
                        page.rows
                            .with(|rows| {
                                let pulls = page.analysis.get_untracked();
                                let pulls = rows.pulls_known().then_some(pulls.pulls.as_slice());
                                window
                                    .get()
                                    .map(|at| line(page, at, rows.row(at), rows.chosen() == Some(at), pulls))
                                    .collect_view()
                            })
                    }}
                </div>
            </div>
            {nothing}
        </div>
    }
    .into_any()
}

fn row_id(row: u32) -> String {
    ["row-", &row.to_string()].concat()
}

fn no_series(page: Page) -> impl IntoView {
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
        .into_any()
    } else {
        view! {
            <p class="aside nothing">
                "Nothing is known of what this node holds. "
                <button type="button" class="mini" on:click=move |_| page.ask_samples(&node)>
                    "Add samples"
                </button>
            </p>
        }
        .into_any()
    }
}

/// One row; its elements stay as rows change beneath them.
fn line(
    page: Page,
    at: u32,
    row: Option<&RowView>,
    chosen: bool,
    pulls: Option<&[promtier::engine::protocol::PullView]>,
) -> impl IntoView + use<> {
    let (labels, more) = row.map_or((&[][..], false), labels_in_line);
    let labels = labels
        .iter()
        .enumerate()
        .map(|(at, (name, value))| {
            let before = [if at == 0 { "" } else { ", " }, name.as_str(), "="].concat();
            let value = ["\"", value_in_line(value), "\""].concat();
            view! {
                {before}
                <b>{value}</b>
            }
        })
        .collect_view();
    let chips = row.map(|row| rows::chips(row, pulls)).unwrap_or_default();
    let writers = row.map_or(0, rows::writers);
    let chips = chips
        .into_iter()
        .map(|chip| view! { <span class="chip" title=chip.title>{chip.word}</span> })
        .collect_view();
    let name = row.map(|row| row.name.clone()).unwrap_or_default();
    let value = row.map(|row| row.value.clone().unwrap_or_else(|| "–".to_owned())).unwrap_or_default();
    let several = if writers > 1 { ["×", &grouped(writers as u64)].concat() } else { String::new() };
    view! {
        <div
            role="row"
            class=if chosen { "row chosen" } else { "row" }
            id=row_id(at)
            aria-rowindex=(at + 2).to_string()
            aria-selected=if chosen { "true" } else { "false" }
            on:click=move |_| page.rows.update(|rows| rows.choose(at))
        >
            <span role="gridcell" class="metric">
                {name}
            </span>
            <span role="gridcell" class="labels">
                {labels}
                {more.then_some(", …")}
            </span>
            <span role="gridcell" class="chips">
                {chips}
                <span class="several" title="targets write this same series">
                    {several}
                </span>
            </span>
            <span role="gridcell" class="value">
                {value}
            </span>
        </div>
    }
}

/// The chosen row in full.
fn chosen(page: Page) -> impl IntoView {
    let (row, known) = page.rows.with(|rows| {
        let row = rows.chosen().and_then(|at| rows.row(at)).cloned();
        (row, rows.pulls_known())
    });
    row.map(|row| {
        let pulls = page.analysis.get_untracked();
        let from = rows::chips(&row, known.then_some(pulls.pulls.as_slice()))
            .into_iter()
            .flat_map(|chip| {
                let words = chip.word;
                chip.title.lines().map(|line| [&words, ": ", line].concat()).collect::<Vec<_>>()
            })
            .map(|line| view! { <li>{line}</li> })
            .collect_view();
        let writers = rows::writers(&row);
        view! {
            <section class="in-full" aria-label="Chosen series">
                <p class="mono">
                    <b>{row.name.clone()}</b>
                    "{"
                    {rows::labels_in_full(&row)}
                    "} "
                    {row.value.clone()}
                </p>
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
    })
}
