//! Drawing what changes with every key and every turn of the wheel: lines of text and rows of tables.
//!
//! What is drawn is compared with what was drawn before, and only the difference reaches the page. The
//! framework would do the same with some kilobytes of code for each shape of row, and more slowly.

use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Node};

/// A piece of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Drawn {
    /// A text.
    Text(String),
    /// An element: its tag, its attributes, what is in it. Elements of one tag at one place always have the
    /// same attributes, with whatever values.
    Element(&'static str, Vec<(&'static str, String)>, Vec<Drawn>),
}

impl Drawn {
    /// An element with a class.
    pub(crate) fn new(tag: &'static str, class: impl Into<String>, inside: Vec<Drawn>) -> Self {
        Self::Element(tag, vec![("class", class.into())], inside)
    }

    /// An element with a class that holds a text.
    pub(crate) fn word(tag: &'static str, class: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(tag, class, vec![Self::Text(text.into())])
    }

    /// The element with one attribute more.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Element(_, attributes, _) = &mut self {
            attributes.push((name, value.into()));
        }
        self
    }
}

/// An element of the page that is drawn into, and what was drawn last.
#[derive(Default)]
pub(crate) struct Canvas {
    last: Vec<Drawn>,
}

impl Canvas {
    /// Draws into `element`, which nobody else fills.
    pub(crate) fn draw(&mut self, element: &Element, drawn: Vec<Drawn>) {
        if let Some(document) = element.owner_document()
            && self.last != drawn
        {
            fill(&document, element, &self.last, &drawn);
            self.last = drawn;
        }
    }
}

/// Turns the children of `parent` from `old` into `new`. None of the calls can fail: tags and attributes have
/// valid names, and the nodes are where they were put.
fn fill(document: &Document, parent: &Node, old: &[Drawn], new: &[Drawn]) {
    let mut place = parent.first_child();
    for (at, new) in new.iter().enumerate() {
        let Some(node) = place else {
            let _ = make(document, new).map(|made| parent.append_child(&made));
            place = None;
            continue;
        };
        let next = node.next_sibling();
        match (old.get(at), new) {
            (Some(old), new) if old == new => {}
            (Some(Drawn::Text(_)), Drawn::Text(text)) => node.set_node_value(Some(text)),
            (Some(Drawn::Element(old_tag, was, had)), Drawn::Element(tag, is, has)) if old_tag == tag => {
                let element: &Element = node.unchecked_ref();
                for (at, (name, value)) in is.iter().enumerate() {
                    if was.get(at).is_none_or(|(_, was)| was != value) {
                        let _ = element.set_attribute(name, value);
                    }
                }
                fill(document, &node, had, has);
            }
            _ => {
                let _ = make(document, new).map(|made| parent.replace_child(&made, &node));
            }
        }
        place = next;
    }
    while let Some(node) = place {
        place = node.next_sibling();
        let _ = parent.remove_child(&node);
    }
}

fn make(document: &Document, drawn: &Drawn) -> Option<Node> {
    Some(match drawn {
        Drawn::Text(text) => document.create_text_node(text).into(),
        Drawn::Element(tag, attributes, inside) => {
            let element = document.create_element(tag).ok()?;
            for (name, value) in attributes {
                let _ = element.set_attribute(name, value);
            }
            fill(document, &element, &[], inside);
            element.into()
        }
    })
}
