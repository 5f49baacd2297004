//! Completion and hover.

use serde::{Deserialize, Serialize};

use super::RangeView;

/// What may be written at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletionsAnswer {
    /// The query's.
    pub id: u32,
    /// The revision whose text was asked.
    pub revision: u64,
    /// At most 50, the best first.
    pub items: Vec<CompletionView>,
}

/// What kind of thing may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CompletionKindView {
    /// A key of a section.
    Key,
    /// A word or a default.
    Value,
    /// The name of a metric.
    Metric,
    /// The name of a label.
    Label,
    /// The value of a label.
    LabelValue,
    /// An operator of a selector.
    Operator,
    /// The name of a job.
    Job,
    /// The address of a server.
    Target,
    /// A file of the workspace.
    File,
}

/// Something that may be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletionView {
    /// What is shown.
    pub label: String,
    /// What it is.
    pub kind: CompletionKindView,
    /// One sentence on it; may be empty.
    pub detail: String,
    /// The edit that writes it: UTF-16 range and new text, behind which the caret goes.
    pub edit: (u32, u32, String),
}

/// What the words at a place mean.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoverAnswer {
    /// The query's.
    pub id: u32,
    /// The revision whose text was asked.
    pub revision: u64,
    /// Nothing, where there is nothing to say.
    pub hover: Option<HoverView>,
}

/// What some words mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoverView {
    /// The words.
    pub range: RangeView,
    /// What they are.
    pub title: String,
    /// Sentences on them, the most important first.
    pub lines: Vec<String>,
    /// Where Prometheus' documentation speaks of them; may be empty.
    pub url: String,
}
