//! Parts of a view that follow what the page holds.
//!
//! Each takes a closure and forgets its type: the framework makes code for every type of closure anew, and the
//! page would be half as large again for it.

mod made;

use std::sync::Arc;

use leptos::prelude::*;

pub(crate) use made::{Made, Make};

use crate::state::words::{counted, grouped};

/// A boxed closure that gives an attribute or a text.
pub(crate) type Live<T> = Box<dyn FnMut() -> T + Send>;

/// A text.
pub(crate) fn text<T: Into<String>>(mut words: impl FnMut() -> T + Send + 'static) -> Live<String> {
    Box::new(move || words().into())
}

/// The value of an attribute.
pub(crate) fn value<T: Into<String>>(mut words: impl FnMut() -> T + Send + 'static) -> Live<String> {
    Box::new(move || words().into())
}

/// An attribute that is there only at times.
pub(crate) fn maybe(words: impl FnMut() -> Option<String> + Send + 'static) -> Live<Option<String>> {
    Box::new(words)
}

/// An attribute that is there or not.
pub(crate) fn flag(is: impl FnMut() -> bool + Send + 'static) -> Live<bool> {
    Box::new(is)
}

/// `true` or `false`, as the attributes of accessibility want it.
pub(crate) fn yes_no(mut is: impl FnMut() -> bool + Send + 'static) -> Live<String> {
    Box::new(move || if is() { "true" } else { "false" }.to_owned())
}

/// A part of the page.
pub(crate) fn part(view: impl FnMut() -> Made + Send + 'static) -> Live<Made> {
    Box::new(view)
}

/// A part that is not there. It is an empty text: something has to keep the place.
pub(crate) fn nothing() -> Made {
    "".made()
}

/// A part that is there only at times.
pub(crate) fn some(mut view: impl FnMut() -> Option<Made> + Send + 'static) -> Live<Made> {
    Box::new(move || view().unwrap_or_else(nothing))
}

/// Does `work` now and whenever what it has read changes.
pub(crate) fn effect(work: impl FnMut() + 'static) {
    let work: Box<dyn FnMut()> = Box::new(work);
    Effect::new(work);
}

/// What stands for an element of a list: its name, by which it keeps its place on the page, and its number.
pub(crate) type Item = (String, u32);

/// A list whose elements stay as long as their names do.
pub(crate) fn list(
    items: impl Fn() -> Vec<Item> + Send + Sync + 'static,
    view: impl Fn(String, u32) -> Made + Send + Sync + 'static,
) -> Made {
    boxed_list(Box::new(items), Arc::new(view))
}

fn boxed_list(
    items: Box<dyn Fn() -> Vec<Item> + Send + Sync>,
    view: Arc<dyn Fn(String, u32) -> Made + Send + Sync>,
) -> Made {
    view! {
        <For each=items key=|item: &Item| item.clone() let((name, number))>
            {view(name, number)}
        </For>
    }
    .made()
}

/// A button that shows more of a long list, where some of it is `hidden`.
pub(crate) fn more(
    shown: RwSignal<usize>,
    step: usize,
    hidden: impl Fn() -> usize + Send + 'static,
) -> Live<Made> {
    some(move || {
        let hidden = hidden();
        (hidden > 0).then(|| {
            view! {
                <button type="button" class="mini more" on:click=move |_| shown.update(|shown| *shown += step)>
                    {["Show more of the other ", &grouped(hidden as u64)].concat()}
                </button>
            }
            .made()
        })
    })
}

/// A small count with its noun for those who listen and those who point; nothing for none.
pub(crate) fn count(class: &'static str, count: u32, one: &'static str, many: &'static str) -> Option<Made> {
    (count > 0).then(|| {
        view! {
            <span class=class title=counted(u64::from(count), one, many)>
                {count.to_string()}
                <span class="unseen">" "{if count == 1 { one } else { many }}</span>
            </span>
        }
        .made()
    })
}
