//! The right side: the tiers, and what the chosen node would store and pull.

use leptos::prelude::*;
use promtier::engine::protocol::Topic;

use crate::browser::dom;
use crate::components::details::Details;
use crate::components::live::{self, Make};
use crate::components::pulls::Pulls;
use crate::components::series::Series;
use crate::components::tiers::Tiers;
use crate::components::trace::Trace;
use crate::page::{EngineState, Page};
use crate::state::layout::{DetailTab, next_tab};
use crate::state::words::grouped;

/// The panel that all tabs with tables share.
const TABLES: &str = "detail-tables";

/// The right side.
#[component]
pub(crate) fn PreviewPane() -> impl IntoView {
    let page = Page::here();
    let has_node = Memo::new(move |_| page.node.with(Option::is_some));
    view! {
        <div class="preview">
            <Tiers />
            {live::part(move || if has_node.get() { detail(page).made() } else { nothing(page).made() })}
        </div>
    }
}

fn nothing(page: Page) -> impl IntoView {
    let words = move || match page.engine.get() {
        EngineState::Starting => "The engine is starting.",
        EngineState::Running => {
            "No node yet. A Prometheus configuration among the files makes one: add global.yml, say."
        }
        EngineState::Ended => "The engine is not running, so there is no preview. Your files are kept.",
    };
    view! {
        <section class="detail" aria-label="Chosen node">
            <p class="aside nothing">{live::text(words)}</p>
        </section>
    }
}

fn detail(page: Page) -> impl IntoView {
    let tabs = [
        (DetailTab::Series, "Series", "detail-series"),
        (DetailTab::Pulls, "Pulls", "detail-pulls"),
        (DetailTab::Trace, "Trace", "detail-trace"),
        (DetailTab::Tables(Topic::Coverage), "Coverage", "detail-coverage"),
        (DetailTab::Tables(Topic::Collisions), "Collisions", "detail-collisions"),
        (DetailTab::Tables(Topic::Replicas), "Replicas", "detail-replicas"),
        (DetailTab::Tables(Topic::Freshness), "Freshness", "detail-freshness"),
        (DetailTab::Tables(Topic::Volume), "Volume", "detail-volume"),
    ];
    let count = move |tab| {
        let node = page.node_view()?;
        let count = match tab {
            DetailTab::Series => u64::from(node.series),
            DetailTab::Pulls => page
                .analysis
                .with(|analysis| analysis.pulls.iter().filter(|pull| pull.node == node.name).count() as u64),
            DetailTab::Trace | DetailTab::Tables(_) => return None,
        };
        Some(grouped(count))
    };
    let walk = move |event: leptos::ev::KeyboardEvent| {
        let now = tabs.iter().position(|(tab, ..)| *tab == page.tab.get_untracked()).unwrap_or(0);
        if let Some((tab, _, panel)) = next_tab(&event.key(), now, tabs.len()).map(|at| tabs[at]) {
            event.prevent_default();
            page.tab.set(tab);
            dom::focus_id(&["tab-", panel].concat());
        }
    };
    let buttons = tabs.map(|(tab, words, panel)| {
        let on = move || page.tab.get() == tab;
        view! {
            <button
                type="button"
                class="tab"
                role="tab"
                id=["tab-", panel].concat()
                aria-controls=if matches!(tab, DetailTab::Tables(_)) { TABLES } else { panel }
                aria-selected=live::yes_no(on)
                tabindex=live::value(move || if on() { "0" } else { "-1" })
                on:click=move |_| page.tab.set(tab)
            >
                {words}
                <span class="tally">{live::text(move || count(tab).unwrap_or_default())}</span>
            </button>
        }
        .made()
    });
    let escape = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" && page.tab.get_untracked() == DetailTab::Trace {
            page.leave_way();
        }
    };
    view! {
        <section class="detail" aria-label="Chosen node" on:keydown=escape>
            <div class="tabs">
                <div class="tablist" role="tablist" aria-label="Chosen node" on:keydown=walk>
                    {buttons.into_iter().collect_view()}
                </div>
                <span class="of-node">"of " <b>{live::text(move || page.node.get().unwrap_or_default())}</b></span>
            </div>
            <div
                class="tabpanel"
                role="tabpanel"
                id="detail-series"
                aria-labelledby="tab-detail-series"
                hidden=live::flag(move || page.tab.get() != DetailTab::Series)
            >
                <Series />
            </div>
            <div
                class="tabpanel"
                role="tabpanel"
                id="detail-pulls"
                aria-labelledby="tab-detail-pulls"
                hidden=live::flag(move || page.tab.get() != DetailTab::Pulls)
            >
                <Pulls />
            </div>
            <div
                class="tabpanel"
                role="tabpanel"
                id="detail-trace"
                aria-labelledby="tab-detail-trace"
                hidden=live::flag(move || page.tab.get() != DetailTab::Trace)
            >
                <Trace />
            </div>
            <div
                class="tabpanel"
                role="tabpanel"
                id=TABLES
                aria-labelledby=live::value(move || {
                    let shown = tabs.iter().find(|(tab, ..)| *tab == page.tab.get());
                    ["tab-", shown.map_or("", |(.., panel)| panel)].concat()
                })
                hidden=live::flag(move || !matches!(page.tab.get(), DetailTab::Tables(_)))
            >
                <Details />
            </div>
        </section>
    }
    .made()
}
