//! The bar on top: what is open, what flows, what is wrong.

use leptos::prelude::*;

use crate::browser::dom;
use crate::components::live::{self, Make};
use crate::page::{Examples, Page};
use crate::state::flow;
use crate::state::layout::{Room, Theme};
use crate::state::words::{counted, grouped};

/// The value that stands for a workspace without files.
const NOTHING: &str = "-";

/// The bar on top.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let page = Page::here();
    view! {
        <header class="bar">
            <h1 class="mark">
                <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
                    <path class="mark-top" d="M10 2 17 5.6 10 9.2 3 5.6Z" />
                    <path class="mark-line" d="M3 10 10 13.6 17 10" />
                    <path class="mark-line mark-far" d="M3 14.2 10 17.8 17 14.2" />
                </svg>
                <span>"promtier"</span>
            </h1>
            <ExampleChooser />
            <FlowLine />
            <VersionChooser />
            <button
                type="button"
                class="icon theme"
                title=live::value(move || theme_words(page.theme.get()))
                aria-label=live::value(move || theme_words(page.theme.get()))
                on:click=move |_| page.next_theme()
            >
                <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                    <circle class="theme-ring" cx="8" cy="8" r="6" />
                    <path
                        class="theme-half"
                        d=live::value(move || match page.theme.get() {
                            Theme::System => "M8 2a6 6 0 0 1 0 12Z",
                            Theme::Light => "",
                            Theme::Dark => "M8 2a6 6 0 0 1 0 12a6 6 0 0 1 0-12Z",
                        })
                    />
                </svg>
            </button>
        </header>
    }
}

fn theme_words(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "Theme: as the system has it",
        Theme::Light => "Theme: light",
        Theme::Dark => "Theme: dark",
    }
}

#[component]
fn ExampleChooser() -> impl IntoView {
    let page = Page::here();
    let choose = move |event| {
        let id = dom::selected(&event);
        match id.as_str() {
            "" => {}
            NOTHING => page.open_nothing(),
            _ => page.open_example(id),
        }
    };
    let options = live::part(move || match page.examples.get() {
        Examples::Here(examples) => examples
            .iter()
            .map(|example| {
                let id = example.id.clone();
                let value = id.clone();
                view! {
                    <option value=value selected=live::flag(move || page.example.get().as_ref() == Some(&id))>
                        {example.title.clone()}
                    </option>
                }
            })
            .collect_view()
            .made(),
        Examples::Loading | Examples::Missing => live::nothing(),
    });
    view! {
        <label class="pick example">
            <span class="unseen">"Workspace"</span>
            <select on:change=choose>
                <option
                    value=""
                    disabled=true
                    hidden=true
                    selected=live::flag(move || page.example.get().is_none())
                >
                    "Your own files"
                </option>
                {options}
                <option value=NOTHING>"Start with nothing"</option>
            </select>
        </label>
    }
}

#[component]
fn VersionChooser() -> impl IntoView {
    let page = Page::here();
    let options = live::part(move || {
        page.versions
            .get()
            .into_iter()
            .map(|version| {
                let value = version.clone();
                let short = page.room.get() != Room::Desk;
                let words = [if short { "v" } else { "Prometheus " }, &version].concat();
                view! {
                    <option value=value selected=live::flag(move || page.version.get() == version)>
                        {words}
                    </option>
                }
            })
            .collect_view()
            .made()
    });
    view! {
        <label class="pick quiet" hidden=live::flag(move || page.versions.with(Vec::is_empty))>
            <span class="unseen">"Version of Prometheus"</span>
            <select on:change=move |event| page.set_version(dom::selected(&event))>{options}</select>
        </label>
    }
}

#[component]
fn FlowLine() -> impl IntoView {
    let page = Page::here();
    let steps = move || page.analysis.with(|analysis| flow::steps(&analysis.nodes));
    let totals = move || page.analysis.with(|analysis| flow::totals(&analysis.findings));
    let badge = move |class: &'static str, count: u64, one, many| {
        (count > 0).then(|| {
            view! {
                <button
                    type="button"
                    class=class
                    title="Go to the first (F8 goes on)"
                    on:click=move |_| first_problem(page, class == "badge error")
                >
                    {counted(count, one, many)}
                </button>
            }
            .made()
        })
    };
    view! {
        <div class="flow">
            {live::part(move || {
                steps()
                    .into_iter()
                    .enumerate()
                    .map(|(at, step)| {
                        view! {
                            {(at > 0).then(|| view! { <i class="arrow" aria-hidden="true">"→"</i> })}
                            <span class="step">
                                <b>{step.name}</b>
                                " "
                                {grouped(step.series)}
                                {(at == 0).then(|| view! { <span class="unit">" series"</span> })}
                            </span>
                        }
                    })
                    .collect_view()
                    .made()
            })}
            <span class="badges">
                {live::some(move || badge("badge error", totals().0, "error", "errors"))}
                {live::some(move || badge("badge warning", totals().1, "warning", "warnings"))}
                {live::some(move || {
                    (totals() == (0, 0) && !steps().is_empty())
                        .then(|| view! { <span class="badge fine">"no problems"</span> }.made())
                })}
            </span>
        </div>
    }
}

/// Leads to the first error, or the first warning.
fn first_problem(page: Page, error: bool) {
    use promtier::engine::protocol::SeverityView;
    let severity = if error { SeverityView::Error } else { SeverityView::Warning };
    let first = page
        .analysis
        .with_untracked(|analysis| analysis.findings.iter().position(|finding| finding.severity == severity));
    if let Some(at) = first {
        page.go_to_problem(at);
    }
}
