//! The nodes, tier by tier, each with what it pulls.

use leptos::prelude::*;
use promtier::engine::protocol::{NodeView, PullView};

use crate::components::live::{self, Item, Made, Make};
use crate::page::{Drag, Page};
use crate::state::flow;
use crate::state::layout::{Pane, Room};
use crate::state::words::{counted, grouped};

/// Nodes of a tier shown before one asks for more.
const FIRST: usize = 24;

/// Pulls told on a card; the others are under “Pulls”.
const PULLS: usize = 3;

/// The tiers.
#[component]
pub(crate) fn Tiers() -> impl IntoView {
    let page = Page::here();
    let stale = move || {
        page.analysis.with(|analysis| {
            let stale = analysis.files.iter().filter(|file| file.from_last_valid);
            stale.map(|file| file.path.as_str()).collect::<Vec<_>>().join(", ")
        })
    };
    let tiers = move || {
        page.analysis.with(|analysis| {
            flow::tiers(&analysis.nodes)
                .into_iter()
                .filter_map(|tier| Some((String::new(), tier.first()?.tier)))
                .collect()
        })
    };
    view! {
        <section class="tiers" aria-label="Tiers">
            <p class="stale" hidden=live::flag(move || stale().is_empty())>
                "From the last valid text of "
                {live::text(stale)}
            </p>
            <div class="columns">{live::list(tiers, move |_, tier| one(page, tier))}</div>
        </section>
    }
}

fn one(page: Page, tier: u32) -> Made {
    let shown = RwSignal::new(FIRST);
    let names = move || {
        page.analysis.with(|analysis| {
            let nodes = analysis.nodes.iter().filter(|node| node.tier == tier);
            nodes.map(|node| (node.name.clone(), 0)).collect::<Vec<Item>>()
        })
    };
    let cards = move || {
        let mut names = names();
        names.truncate(shown.get());
        names
    };
    view! {
        <div class="tier">
            <h2>{flow::tier_name(tier)}</h2>
            <ul>{live::list(cards, move |name, _| card(page, name))}</ul>
            {live::more(shown, FIRST, move || names().len().saturating_sub(shown.get()))}
        </div>
    }
    .made()
}

fn card(page: Page, name: String) -> Made {
    let name = StoredValue::new(name);
    let node = move || {
        name.with_value(|name| {
            page.analysis.with(|analysis| analysis.nodes.iter().find(|node| node.name == *name).cloned())
        })
    };
    let pulls = move || {
        name.with_value(|name| {
            page.analysis.with(|analysis| {
                let own = || analysis.pulls.iter().filter(|pull| pull.node == *name && pull.federates);
                let rest = own().count().saturating_sub(PULLS);
                let rest = (rest > 0).then(
                    || view! { <li class="aside">{["and ", &grouped(rest as u64), " more"].concat()}</li> },
                );
                view! {
                    {own().take(PULLS).map(pull_line).collect_view()}
                    {rest}
                }
                .made()
            })
        })
    };
    let chosen =
        move || name.with_value(|name| page.node.with(|shown| shown.as_deref() == Some(name.as_str())));
    let class = move || {
        let over =
            name.with_value(|name| page.drag.with(|drag| matches!(drag, Drag::Node(over) if over == name)));
        match (chosen(), over) {
            (_, true) => "card over",
            (true, _) => "card chosen",
            _ => "card",
        }
    };
    let held = move || node().is_some_and(|node| node.samples.is_some());
    view! {
        <li class=live::value(class) data-node=name.get_value()>
            <button
                type="button"
                class="node"
                aria-current=live::maybe(move || chosen().then(|| "true".to_owned()))
                on:click=move |_| {
                    page.choose_node(Some(name.get_value()));
                    if page.room.get_untracked() == Room::Phone {
                        page.pane.set(Pane::Series);
                    }
                }
            >
                <b class="name">{name.get_value()}</b>
                {live::some(move || node().map(|node| faults(&node)))}
            </button>
            <p class="stock">
                {live::text(move || {
                    let version = page.version.get();
                    node().map(|node| stock(&node, &version)).unwrap_or_default()
                })}
            </p>
            <ul class="pulled">{live::part(pulls)}</ul>
            <button type="button" class="mini" on:click=move |_| page.ask_samples(&name.get_value())>
                {live::text(move || if held() { "Replace" } else { "Add samples" })}
                <span class="unseen">
                    {live::text(move || if held() { " the samples of " } else { " of " })}
                    {name.get_value()}
                </span>
            </button>
        </li>
    }
    .made()
}

fn faults(node: &NodeView) -> Made {
    view! {
        {live::count("badge error", node.errors, "error", "errors")}
        {live::count("badge warning", node.warnings, "warning", "warnings")}
    }
    .made()
}

/// What a node would store, in words; its version where it is not the one of all.
fn stock(node: &NodeView, version: &str) -> String {
    let mut out = if node.series == 0 && node.tier == 0 && node.samples.is_none() {
        "no samples yet".to_owned()
    } else {
        counted(u64::from(node.series), "series", "series")
    };
    if node.synthetic > 0 {
        out.push_str(", ");
        out.push_str(&counted(u64::from(node.synthetic), "report", "reports"));
    }
    if node.recorded > 0 {
        out.push_str(", ");
        out.push_str(&node.recorded.to_string());
        out.push_str(" recorded");
    }
    if node.possible > 0 {
        out.push_str(", ");
        out.push_str(&node.possible.to_string());
        out.push_str(" only possible");
    }
    if node.version != version && !node.version.is_empty() {
        out.push_str(" · v");
        out.push_str(&node.version);
    }
    out
}

/// A pull, in words.
fn pull_line(pull: &PullView) -> Made {
    let source = pull.source.as_ref().or(pull.via.as_ref()).unwrap_or(&pull.target).clone();
    let known = pull.source.is_some();
    let said = if pull.error.is_empty() {
        [&grouped(u64::from(pull.kept)), " of ", &grouped(u64::from(pull.exposed))].concat()
    } else {
        if known { "nothing" } else { "not known" }.to_owned()
    };
    let bad = known && (!pull.error.is_empty() || pull.kept == 0);
    view! {
        <li class=if bad { "bad" } else { "" } title=pull.error.clone()>
            <i class="arrow" aria-hidden="true">"←"</i>
            <span class="unseen">"pulls from "</span>
            <span class="source">{source}</span>
            <span class="figures">{said}</span>
        </li>
    }
    .made()
}
