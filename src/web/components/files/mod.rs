//! The files: a tab for each, the bar of the one shown, its text, and the problems.

use leptos::prelude::*;
use promtier::engine::protocol::{FileKind, FileView};

use crate::browser::dom;
use crate::components::attachment::Attachment;
use crate::components::editor::Editor;
use crate::components::problems::Problems;
use crate::page::{Dialog, Page};
use crate::state::files::{Content, Key};
use crate::state::layout::next_tab;
use crate::state::words::{bytes, counted};

/// The left side.
#[component]
pub(crate) fn FilesPane() -> impl IntoView {
    let page = Page::here();
    let keys = Memo::new(move |_| {
        page.files.with(|files| files.list().iter().map(|file| file.key).collect::<Vec<_>>())
    });
    let walk = move |event: leptos::ev::KeyboardEvent| {
        let keys = keys.get_untracked();
        let now = keys.iter().position(|&key| Some(key) == page.active.get_untracked()).unwrap_or(0);
        if let Some(&key) = next_tab(&event.key(), now, keys.len()).and_then(|at| keys.get(at)) {
            event.prevent_default();
            page.open_file(key);
            dom::focus_id(&tab_id(key));
        }
    };
    // The tab of the file shown is never out of sight.
    Effect::new(move || {
        if let Some(key) = page.active.get() {
            crate::browser::timer::soon(move || dom::reveal_id(&tab_id(key)));
        }
    });
    view! {
        <section id="files" class="files" aria-label="Files">
            <div class="tabs">
                <div class="tablist" role="tablist" aria-label="Files" on:keydown=walk>
                    <For each=move || keys.get() key=|key| *key let:key>
                        <Tab key=key />
                    </For>
                </div>
                <button
                    type="button"
                    class="add"
                    aria-label="Add a file"
                    title="Add a file"
                    on:click=move |_| page.dialog.set(Some(Dialog::NewFile))
                >
                    "+"
                </button>
            </div>
            <For each=move || keys.get() key=|key| *key let:key>
                <Panel key=key />
            </For>
            <Problems />
        </section>
    }
    .into_any()
}

fn tab_id(key: Key) -> String {
    ["tab-", &key.to_string()].concat()
}

fn panel_id(key: Key) -> String {
    ["file-", &key.to_string()].concat()
}

/// The path of a file, and what the engine says of it.
#[derive(Clone, Copy)]
struct Facts {
    path: Memo<String>,
    view: Memo<Option<FileView>>,
}

impl Facts {
    fn of(page: Page, key: Key) -> Self {
        let path = Memo::new(move |_| {
            page.files.with(|files| files.get(key).map(|file| file.path.clone()).unwrap_or_default())
        });
        let view = Memo::new(move |_| {
            page.analysis.with(|analysis| {
                path.with(|path| analysis.files.iter().find(|file| file.path == *path).cloned())
            })
        });
        Self { path, view }
    }
}

#[component]
fn Tab(key: Key) -> impl IntoView {
    let page = Page::here();
    let Facts { path, view } = Facts::of(page, key);
    let active = move || page.active.get() == Some(key);
    let mark = move || {
        view.with(|view| match view.as_ref().map(|view| view.kind) {
            Some(FileKind::Prometheus) => "kind prometheus",
            Some(FileKind::Manifest) => "kind manifest",
            Some(FileKind::Samples) => "kind samples",
            Some(FileKind::Other) | None => "kind",
        })
    };
    let count = move |class: &'static str, count: u32, one: &'static str, many: &'static str| {
        (count > 0).then(|| {
            view! {
                <span class=class title=counted(u64::from(count), one, many)>
                    {count.to_string()}
                    <span class="unseen">{if count == 1 { one } else { many }}</span>
                </span>
            }
        })
    };
    let errors = move || view.with(|view| view.as_ref().map_or(0, |view| view.errors));
    let warnings = move || view.with(|view| view.as_ref().map_or(0, |view| view.warnings));
    view! {
        <button
            type="button"
            class="tab"
            role="tab"
            id=tab_id(key)
            aria-controls=panel_id(key)
            aria-selected=move || if active() { "true" } else { "false" }
            tabindex=move || if active() { "0" } else { "-1" }
            on:click=move |_| page.open_file(key)
        >
            <i class=mark aria-hidden="true"></i>
            {path}
            {move || count("count error", errors(), "error", "errors")}
            {move || count("count warning", warnings(), "warning", "warnings")}
        </button>
    }
    .into_any()
}

#[component]
fn Panel(key: Key) -> impl IntoView {
    let page = Page::here();
    let facts = Facts::of(page, key);
    let content = page.files.with_untracked(|files| files.get(key).map(|file| file.content.clone()));
    view! {
        <div
            class="panel"
            role="tabpanel"
            id=panel_id(key)
            aria-labelledby=tab_id(key)
            hidden=move || page.active.get() != Some(key)
        >
            <FileBar key=key facts=facts />
            {match content {
                Some(Content::Text(text)) => {
                    view! { <Editor key=key path=facts.path text=text /> }.into_any()
                }
                Some(Content::Attachment { head, .. }) => {
                    view! { <Attachment path=facts.path head=head /> }.into_any()
                }
                None => ().into_any(),
            }}
        </div>
    }
    .into_any()
}

/// What a file is, in words.
fn role(view: &FileView) -> String {
    let node = view.node.as_deref();
    match (view.kind, node) {
        (FileKind::Manifest, _) => "says which node is which".to_owned(),
        (FileKind::Prometheus, Some(node)) => ["configures ", node].concat(),
        (FileKind::Prometheus, None) => "a Prometheus configuration of no node".to_owned(),
        (FileKind::Samples, node) => {
            let mut out = match node {
                Some(node) => ["held by ", node].concat(),
                None => "samples of no node: name them after one, or drop them on it".to_owned(),
            };
            if let Some(series) = view.series {
                out.push_str(" · ");
                out.push_str(&counted(u64::from(series), "series", "series"));
            }
            out.push_str(" · ");
            out.push_str(&bytes(view.bytes));
            out
        }
        (FileKind::Other, _) => "kept as it is; it takes no part in the preview".to_owned(),
    }
}

#[component]
fn FileBar(key: Key, facts: Facts) -> impl IntoView {
    let page = Page::here();
    let stale = move || facts.view.with(|view| view.as_ref().is_some_and(|view| view.from_last_valid));
    view! {
        <div class="filebar">
            <span class="role">
                {move || facts.view.with(|view| view.as_ref().map(role))}
            </span>
            {move || {
                stale()
                    .then(|| {
                        view! {
                            <span class="stale">"Preview from the last valid text"</span>
                        }
                    })
            }}
            <button
                type="button"
                class="mini"
                on:click=move |_| page.dialog.set(Some(Dialog::Rename(key)))
            >
                "Rename"
            </button>
            <button type="button" class="mini" on:click=move |_| page.remove_file(key)>
                "Remove"
            </button>
        </div>
    }
    .into_any()
}
