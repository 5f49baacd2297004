//! What a workspace without files shows: a way to begin.

use leptos::html::Input;
use leptos::prelude::*;

use crate::browser::{dom, file};
use crate::components::live::{self, Make};
use crate::page::{Dialog, Examples, Page};

/// Examples to open, and the ways to bring files of one's own.
#[component]
pub(crate) fn Empty() -> impl IntoView {
    let page = Page::here();
    let chooser = NodeRef::<Input>::new();
    let cards = move || {
        live::part(move || match page.examples.get() {
            Examples::Here(examples) => examples
                .iter()
                .map(|example| {
                    let id = example.id.clone();
                    view! {
                        <li>
                            <button
                                type="button"
                                class="card-example"
                                on:click=move |_| page.open_example(id.clone())
                            >
                                <b>{example.title.clone()}</b>
                                <span>{example.description.clone()}</span>
                            </button>
                        </li>
                    }
                })
                .collect_view()
                .made(),
            Examples::Loading | Examples::Missing => live::nothing(),
        })
    };
    let begin = move || {
        view! {
            <h2>"Which series would each Prometheus pull?"</h2>
            <p class="lead">
                "Bring the configurations of your Prometheus servers and what a leaf’s "
                <code>"/federate"</code>
                " or "
                <code>"/metrics"</code>
                " answers. All of it stays in this browser."
            </p>
            <div class="ways">
                <button
                    type="button"
                    class="button first"
                    on:click=move |_| page.dialog.set(Some(Dialog::NewFile))
                >
                    "Paste a configuration"
                </button>
                <button
                    type="button"
                    class="button"
                    on:click=move |_| {
                        if let Some(input) = chooser.get() {
                            dom::click(&input);
                        }
                    }
                >
                    "Choose files"
                </button>
                <span class="aside">"or drop them anywhere"</span>
            </div>
            <input
                node_ref=chooser
                type="file"
                multiple=true
                hidden=true
                aria-label="Files"
                on:change=move |_| {
                    if let Some(input) = chooser.get_untracked() {
                        page.take_files(file::chosen(&input), None);
                    }
                }
            />
            <h3>"Or look at an example first"</h3>
            <ul class="cards">{cards()}</ul>
        }
    };
    view! {
        <section class="empty" aria-label="Begin">
            {live::part(move || {
                if page.opening.get() {
                    view! { <p class="lead">"Opening the example…"</p> }.made()
                } else {
                    begin().made()
                }
            })}
        </section>
    }
}
