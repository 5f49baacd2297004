//! The files: a tab for each, the bar of the one shown, its text, and the problems.

use leptos::prelude::*;
use promtier::engine::protocol::{FileKind, FileView};

use crate::browser::dom;
use crate::components::attachment::Attachment;
use crate::components::editor::Editor;
use crate::components::live::{self, Item, Made, Make};
use crate::components::problems::Problems;
use crate::page::{Dialog, Page};
use crate::state::files::{Content, Key};
use crate::state::layout::next_tab;
use crate::state::words::{bytes, counted};

/// The left side.
#[component]
pub(crate) fn FilesPane() -> impl IntoView {
    let page = Page::here();
    let keys = move || page.files.with(|files| files.list().iter().map(|file| file.key).collect::<Vec<_>>());
    let items = move || keys().into_iter().map(|key| (String::new(), key)).collect::<Vec<Item>>();
    let walk = move |event: leptos::ev::KeyboardEvent| {
        let keys = untrack(keys);
        let now = keys.iter().position(|&key| Some(key) == page.active.get_untracked()).unwrap_or(0);
        if let Some(&key) = next_tab(&event.key(), now, keys.len()).and_then(|at| keys.get(at)) {
            event.prevent_default();
            page.open_file(key);
            dom::focus_id(&tab_id(key));
        }
    };
    // The tab of the file shown is never out of sight.
    live::effect(move || {
        if let Some(key) = page.active.get() {
            crate::browser::timer::soon(move || dom::reveal_id(&tab_id(key)));
        }
    });
    view! {
        <section id="files" class="files" aria-label="Files">
            <div class="tabs">
                <div class="tablist" role="tablist" aria-label="Files" on:keydown=walk>
                    {live::list(items, move |_, key| tab(page, key))}
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
            {live::list(items, move |_, key| panel(page, key))}
            <Problems />
        </section>
    }
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

fn tab(page: Page, key: Key) -> Made {
    let Facts { path, view } = Facts::of(page, key);
    let active = move || page.active.get() == Some(key);
    let mark = move || {
        view.with(|view| match view.as_ref().map(|view| view.kind) {
            Some(FileKind::Prometheus | FileKind::ScrapeConfigs | FileKind::Targets) => "kind prometheus",
            Some(FileKind::Manifest) => "kind manifest",
            Some(FileKind::Rules) => "kind rules",
            Some(FileKind::Samples) => "kind samples",
            Some(FileKind::Other) | None => "kind",
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
            aria-selected=live::yes_no(active)
            tabindex=live::value(move || if active() { "0" } else { "-1" })
            on:click=move |_| page.open_file(key)
        >
            <i class=live::value(mark) aria-hidden="true"></i>
            {live::text(move || path.get())}
            {live::some(move || live::count("count error", errors(), "error", "errors"))}
            {live::some(move || live::count("count warning", warnings(), "warning", "warnings"))}
        </button>
    }
    .made()
}

fn panel(page: Page, key: Key) -> Made {
    let facts = Facts::of(page, key);
    let content = page.files.with_untracked(|files| files.get(key).map(|file| file.content.clone()));
    view! {
        <div
            class="panel"
            role="tabpanel"
            id=panel_id(key)
            aria-labelledby=tab_id(key)
            hidden=live::flag(move || page.active.get() != Some(key))
        >
            {file_bar(page, key, facts)}
            {match content {
                Some(Content::Text(text)) => {
                    view! { <Editor key=key path=facts.path text=text /> }.made()
                }
                Some(Content::Attachment { head, .. }) => {
                    view! { <Attachment path=facts.path head=head.to_string() /> }.made()
                }
                None => live::nothing(),
            }}
        </div>
    }
    .made()
}

/// What a file is, in words.
fn role(view: &FileView) -> String {
    let node = view.node.as_deref();
    match (view.kind, node) {
        (FileKind::Manifest, _) => "says which node is which".to_owned(),
        (FileKind::Prometheus, Some(node)) => ["configures ", node].concat(),
        (FileKind::Prometheus, None) => "a Prometheus configuration of no node".to_owned(),
        (FileKind::Rules, Some(node)) => ["rules of ", node].concat(),
        (FileKind::Rules, None) => "rules that no configuration names".to_owned(),
        (FileKind::ScrapeConfigs, node) => ["more jobs of ", node.unwrap_or("no node")].concat(),
        (FileKind::Targets, node) => ["targets of ", node.unwrap_or("no node")].concat(),
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

fn file_bar(page: Page, key: Key, facts: Facts) -> impl IntoView {
    let fresh = move || facts.view.with(|view| view.as_ref().is_none_or(|view| !view.from_last_valid));
    view! {
        <div class="filebar">
            <span class="role">
                {live::text(move || facts.view.with(|view| view.as_ref().map(role).unwrap_or_default()))}
            </span>
            <span class="stale" hidden=live::flag(fresh)>
                "Preview from the last valid text"
            </span>
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
    .made()
}
