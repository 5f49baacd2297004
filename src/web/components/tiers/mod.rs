//! The nodes, tier by tier, each with what it pulls.

use leptos::prelude::*;
use promtier::engine::protocol::{NodeView, PullView};

use crate::browser::dom;
use crate::page::Page;
use crate::state::flow;
use crate::state::layout::Pane;
use crate::state::words::{counted, grouped};

/// Nodes of a tier shown before one asks for more.
const FIRST: usize = 24;

/// Pulls told on a card; the others are under “Pulls”.
const PULLS: usize = 3;

/// The tiers.
#[component]
pub(crate) fn Tiers() -> impl IntoView {
    let page = Page::here();
    let shown = RwSignal::new(FIRST);
    let tiers = Memo::new(move |_| {
        page.analysis.with(|analysis| {
            flow::tiers(&analysis.nodes)
                .into_iter()
                .filter_map(|tier| {
                    let names: Vec<_> = tier.iter().map(|node| node.name.clone()).collect();
                    Some((tier.first()?.tier, names))
                })
                .collect::<Vec<_>>()
        })
    });
    let stale = Memo::new(move |_| {
        page.analysis.with(|analysis| {
            let stale = analysis.files.iter().filter(|file| file.from_last_valid);
            stale.map(|file| file.path.clone()).collect::<Vec<_>>().join(", ")
        })
    });
    view! {
        <section class="tiers" aria-label="Tiers">
            {move || {
                stale
                    .with(|stale| !stale.is_empty())
                    .then(|| {
                        view! { <p class="stale">"From the last valid text of " {stale.get()}</p> }
                    })
            }}
            <div class="columns">
                <For each=move || tiers.get() key=|(tier, _)| *tier let((tier, _))>
                    <div class="tier">
                        <h2>{flow::tier_name(tier)}</h2>
                        <ul>
                            <For
                                each=move || {
                                    let names = tiers
                                        .with(|tiers| {
                                            tiers
                                                .iter()
                                                .find(|(at, _)| *at == tier)
                                                .map(|(_, names)| names.clone())
                                                .unwrap_or_default()
                                        });
                                    names.into_iter().take(shown.get()).collect::<Vec<_>>()
                                }
                                key=Clone::clone
                                let:name
                            >
                                <Card name=name />
                            </For>
                        </ul>
                        {move || {
                            let hidden = tiers
                                .with(|tiers| {
                                    tiers
                                        .iter()
                                        .find(|(at, _)| *at == tier)
                                        .map_or(0, |(_, names)| names.len().saturating_sub(shown.get()))
                                });
                            (hidden > 0)
                                .then(|| {
                                    view! {
                                        <button
                                            type="button"
                                            class="mini more"
                                            on:click=move |_| shown.update(|shown| *shown += FIRST)
                                        >
                                            {["Show more of the other ", &grouped(hidden as u64)].concat()}
                                        </button>
                                    }
                                })
                        }}
                    </div>
                </For>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Card(name: String) -> impl IntoView {
    let page = Page::here();
    let name = StoredValue::new(name);
    let node = Memo::new(move |_| {
        let name = name.get_value();
        page.analysis.with(|analysis| analysis.nodes.iter().find(|node| node.name == name).cloned())
    });
    let pulls = Memo::new(move |_| {
        let name = name.get_value();
        page.analysis.with(|analysis| {
            let own = analysis.pulls.iter().filter(|pull| pull.node == name && pull.federates);
            own.cloned().collect::<Vec<_>>()
        })
    });
    let chosen =
        Memo::new(move |_| page.node.with(|shown| shown.as_deref() == Some(name.get_value().as_str())));
    let over = move || page.drag.with(|drag| matches!(drag, Some(Some(over)) if *over == name.get_value()));
    view! {
        <li class="card" class:chosen=chosen class:over=over data-node=name.get_value()>
            <button
                type="button"
                class="node"
                aria-current=move || chosen.get().then_some("true")
                on:click=move |_| {
                    page.choose_node(Some(name.get_value()));
                    if dom::media_matches("(max-width: 699px)") {
                        page.pane.set(Pane::Series);
                    }
                }
            >
                <b class="name">{name.get_value()}</b>
                {move || node.with(|node| node.as_ref().map(faults))}
                <span class="stock">
                    {move || {
                        let version = page.version.get();
                        node.with(|node| node.as_ref().map(|node| stock(node, &version)))
                    }}
                </span>
            </button>
            <ul class="pulled">
                {move || pulls.with(|pulls| pulls.iter().take(PULLS).map(pull_line).collect_view())}
                {move || {
                    let more = pulls.with(Vec::len).saturating_sub(PULLS);
                    (more > 0)
                        .then(|| view! { <li class="aside">{["and ", &grouped(more as u64), " more"].concat()}</li> })
                }}
            </ul>
            <button
                type="button"
                class="mini"
                on:click=move |_| page.ask_samples(&name.get_value())
            >
                {move || {
                    if node.with(|node| node.as_ref().is_some_and(|node| node.samples.is_some())) {
                        "Replace"
                    } else {
                        "Add samples"
                    }
                }}
                <span class="unseen">
                    {move || {
                        if node.with(|node| node.as_ref().is_some_and(|node| node.samples.is_some())) {
                            " the samples of "
                        } else {
                            " of "
                        }
                    }} {name.get_value()}
                </span>
            </button>
        </li>
    }
    .into_any()
}

fn faults(node: &NodeView) -> impl IntoView + use<> {
    let count = |class: &'static str, count: u32, one: &'static str, many: &'static str| {
        (count > 0).then(|| {
            view! {
                <span class=class title=counted(u64::from(count), one, many)>
                    {count.to_string()}
                    <span class="unseen">{if count == 1 { one } else { many }}</span>
                </span>
            }
        })
    };
    view! {
        {count("badge error", node.errors, "error", "errors")}
        {count("badge warning", node.warnings, "warning", "warnings")}
    }
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
    if node.version != version && !node.version.is_empty() {
        out.push_str(" · Prometheus\u{a0}");
        out.push_str(&node.version);
    }
    out
}

/// A pull, in words.
fn pull_line(pull: &PullView) -> impl IntoView + use<> {
    let source = pull.source.as_ref().or(pull.via.as_ref()).unwrap_or(&pull.target).clone();
    let said = if !pull.error.is_empty() {
        "nothing".to_owned()
    } else {
        [&grouped(u64::from(pull.kept)), " of ", &grouped(u64::from(pull.exposed))].concat()
    };
    let bad = !pull.error.is_empty() || pull.kept == 0;
    view! {
        <li class:bad=bad title=pull.error.clone()>
            <i class="arrow" aria-hidden="true">"←"</i>
            <span class="unseen">"pulls from "</span>
            <span class="source">{source}</span>
            <span class="figures">{said}</span>
        </li>
    }
    .into_any()
}
