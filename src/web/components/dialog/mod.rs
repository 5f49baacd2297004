//! The dialogs: samples for a node, a new file, another name.

use leptos::html::{Dialog as DialogElement, Input, Textarea};
use leptos::prelude::*;

use crate::browser::{dom, file};
use crate::components::live::{self, Make};
use crate::page::{Dialog, Page};
use crate::state::files::Key;
use crate::state::intake::{free_path, path_fault};

/// The dialog that is open, if any.
#[component]
pub(crate) fn Dialogs() -> impl IntoView {
    let page = Page::here();
    let element = NodeRef::<DialogElement>::new();
    live::effect(move || {
        let open = page.dialog.with(Option::is_some);
        if let Some(element) = element.get() {
            dom::set_dialog_open(&element, open);
        }
    });
    view! {
        <dialog node_ref=element aria-labelledby="dialog-title" on:close=move |_| page.dialog.set(None)>
            {live::some(move || {
                page.dialog
                    .get()
                    .map(|dialog| match dialog {
                        Dialog::Samples { node, path } => samples(page, node, path).made(),
                        Dialog::NewFile => new_file(page).made(),
                        Dialog::Rename(key) => rename(page, key).made(),
                    })
            })}
        </dialog>
    }
}

/// The row of buttons under every dialog.
fn buttons(page: Page, deed: &'static str) -> impl IntoView {
    view! {
        <div class="ways">
            <button type="submit" class="button first">
                {deed}
            </button>
            <button type="button" class="button" on:click=move |_| page.dialog.set(None)>
                "Cancel"
            </button>
        </div>
    }
    .made()
}

/// A button that opens the browser's file chooser; the files go to `node`, or into the workspace.
fn choose_files(page: Page, node: Option<String>) -> impl IntoView {
    let chooser = NodeRef::<Input>::new();
    let one = node.is_some();
    view! {
        <p class="or">
            "or "
            <button
                type="button"
                class="mini"
                on:click=move |_| {
                    if let Some(input) = chooser.get_untracked() {
                        dom::click(&input);
                    }
                }
            >
                {if one { "choose a file" } else { "choose files" }}
            </button>
            " of any size; a long one is read in the background"
        </p>
        <input
            node_ref=chooser
            type="file"
            multiple=!one
            hidden=true
            aria-label="File"
            on:change=move |_| {
                if let Some(input) = chooser.get_untracked() {
                    page.take_files(file::chosen(&input), node.as_deref());
                    page.dialog.set(None);
                }
            }
        />
    }
    .made()
}

fn fault_line(fault: RwSignal<&'static str>) -> impl IntoView {
    view! {
        <p class="failure" role="alert" id="dialog-fault">
            {live::text(move || fault.get())}
        </p>
    }
    .made()
}

fn samples(page: Page, node: String, path: String) -> impl IntoView {
    let area = NodeRef::<Textarea>::new();
    let fault = RwSignal::new("");
    let for_node = Some(node.clone());
    view! {
        <form on:submit=move |event| {
            event.prevent_default();
            let text = area.get_untracked().map(|area| area.value()).unwrap_or_default();
            if text.trim().is_empty() {
                return fault.set("There is nothing here yet: paste samples, or choose a file.");
            }
            page.take_samples(&path, text);
            page.dialog.set(None);
        }>
            <h2 id="dialog-title">"Samples of " {node.clone()}</h2>
            <p>
                "Paste what "
                <code>"curl -G http://" {node} ":9090/federate --data-urlencode 'match[]={__name__!=\"\"}'"</code>
                " prints. It replaces the samples there are."
            </p>
            <label class="unseen" for="samples">
                "Samples in Prometheus’ text format or OpenMetrics"
            </label>
            <textarea
                id="samples"
                class="mono"
                node_ref=area
                rows="10"
                wrap="off"
                spellcheck="false"
                autocomplete="off"
                placeholder="up{job=\"prometheus\"} 1"
                aria-describedby="dialog-fault"
            ></textarea>
            {choose_files(page, for_node)}
            {fault_line(fault)}
            {buttons(page, "Add samples")}
        </form>
    }
    .made()
}

fn new_file(page: Page) -> impl IntoView {
    let (name, area) = (NodeRef::<Input>::new(), NodeRef::<Textarea>::new());
    let fault = RwSignal::new("");
    let taken = move |path: &str| page.files.with_untracked(|files| files.at(path).is_some());
    let first = free_path("prometheus.yml", taken);
    view! {
        <form on:submit=move |event| {
            event.prevent_default();
            let (Some(name), Some(area)) = (name.get_untracked(), area.get_untracked()) else { return };
            let path = name.value().trim().to_owned();
            if let Some(wrong) = path_fault(&path, taken) {
                dom::focus(&name);
                return fault.set(wrong);
            }
            if crate::state::intake::looks_like_samples(&path) {
                page.take_samples(&path, area.value());
            } else {
                let key = page.put_text(&path, area.value());
                page.open_file(key);
            }
            page.dialog.set(None);
        }>
            <h2 id="dialog-title">"Add a file"</h2>
            <label for="file-name">"Name"</label>
            <input
                id="file-name"
                type="text"
                class="mono"
                node_ref=name
                value=first
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-describedby="file-name-hint dialog-fault"
            />
            <p class="aside" id="file-name-hint">
                "A node is named after its configuration: "
                <code>"global.yml"</code>
                " makes "
                <code>"global"</code>
                ", and "
                <code>"global.prom"</code>
                " holds its samples."
            </p>
            <label for="file-text">"Text"</label>
            <textarea
                id="file-text"
                class="mono"
                node_ref=area
                rows="10"
                wrap="off"
                spellcheck="false"
                autocomplete="off"
            ></textarea>
            {choose_files(page, None)}
            {fault_line(fault)}
            {buttons(page, "Add")}
        </form>
    }
    .made()
}

fn rename(page: Page, key: Key) -> impl IntoView {
    let name = NodeRef::<Input>::new();
    let fault = RwSignal::new("");
    let now =
        page.files.with_untracked(|files| files.get(key).map(|file| file.path.clone())).unwrap_or_default();
    let before = now.clone();
    view! {
        <form on:submit=move |event| {
            event.prevent_default();
            let Some(name) = name.get_untracked() else { return };
            let path = name.value().trim().to_owned();
            let taken = |path: &str| page.files.with_untracked(|files| files.at(path).is_some());
            if path != before {
                if let Some(wrong) = path_fault(&path, taken) {
                    dom::focus(&name);
                    return fault.set(wrong);
                }
                page.rename_file(key, &path);
            }
            page.dialog.set(None);
        }>
            <h2 id="dialog-title">"Rename " {now.clone()}</h2>
            <label for="new-name">"Name"</label>
            <input
                id="new-name"
                type="text"
                class="mono"
                node_ref=name
                value=now
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-describedby="dialog-fault"
            />
            {fault_line(fault)}
            {buttons(page, "Rename")}
        </form>
    }
    .made()
}
