//! Writes down what is seen as what is expected.

use std::fmt;

use crate::text::TextEdit;
use crate::yaml;
use crate::yaml::edit::{Change, Edit, Path, Value, plan};

/// The key of the manifest.
const EXPECT: &str = "expect";

/// What is expected of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asserted<'a> {
    /// Some series that this selector matches.
    Has(&'a str),
    /// No series that this selector matches.
    Lacks(&'a str),
    /// So many series at most.
    AtMost(u32),
}

/// Why an expectation cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnwritableExpectation {
    /// The manifest says so already.
    Present,
    /// The manifest is written in a way that cannot be added to.
    Manifest(String),
}

impl fmt::Display for UnwritableExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present => f.write_str("promtier.yaml expects this already"),
            Self::Manifest(words) => write!(f, "promtier.yaml cannot be added to: {words}"),
        }
    }
}

impl std::error::Error for UnwritableExpectation {}

/// The edits of the manifest's `text` that add an expectation about the server `node`: at the end of what it
/// expects, or as its first one. The text of a manifest that is not there yet is empty.
///
/// # Errors
/// When the manifest has this expectation, or is broken.
pub fn write_expectation(
    text: &str,
    node: &str,
    asserted: Asserted<'_>,
) -> Result<Vec<TextEdit>, UnwritableExpectation> {
    let document = yaml::parse(text).value;
    let (key, value) = match asserted {
        Asserted::Has(selector) => ("has", Value::from(selector)),
        Asserted::Lacks(selector) => ("lacks", Value::from(selector)),
        Asserted::AtMost(most) => ("max_series", Value::from(i64::from(most))),
    };
    let list = document.root().and_then(|root| root.get(EXPECT)).and_then(yaml::Node::resolved);
    let is_it = |item: yaml::Node<'_>| {
        let about = item.get("node").and_then(yaml::Node::text) == Some(node);
        about && item.get(key).and_then(Value::read).is_some_and(|have| have.is_same(&value))
    };
    let has_items = |list: &yaml::Node<'_>| matches!(list.kind(), yaml::Kind::Sequence(_));
    if list.filter(has_items).is_some_and(|list| list.items().any(is_it)) {
        return Err(UnwritableExpectation::Present);
    }
    let entry = Value::Map(vec![("node".to_owned(), Value::from(node)), (key.to_owned(), value)]);
    let path = Path::root().key(EXPECT);
    let change = match list {
        Some(_) => Change::InsertItem { at: None, value: entry },
        None => Change::Set(Value::List(vec![entry])),
    };
    plan(text, &document, &Edit::new(path, change))
        .map_err(|error| UnwritableExpectation::Manifest(error.to_string()))
}
