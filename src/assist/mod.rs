//! What may be written at a caret, and what the words at it mean.
//!
//! Both work on a text as it is typed: where the caret stands is read from indentation and brackets (`outline`),
//! what may stand there from the schema, and names and values from the samples of the servers that the job at
//! the caret reaches, as the last [`Preview`] knows them.

mod complete;
mod discovered;
mod flow;
mod hover;
mod labels;
mod manifest;
mod matchers;
mod meaning;
mod outline;
mod rank;
mod scalar;
mod surroundings;
#[cfg(test)]
mod tests;
mod values;

use crate::federation::Preview;
use crate::text::{Span, TextEdit};
use crate::version::Version;
use crate::workspace::{FileKind, recognise};

pub use rank::MOST;

/// A place in a text, and what is known around it.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The file's path in the workspace.
    pub path: &'a str,
    /// Its text, as it is now.
    pub text: &'a str,
    /// Where the caret stands, in bytes.
    pub offset: u32,
    /// The version of a configuration that no node of the preview has.
    pub version: Version,
    /// The last preview; it may be of an older text.
    pub preview: Option<&'a Preview>,
}

/// What kind of thing is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
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

/// Something that may be written at the caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is shown.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// One sentence on it; may be empty.
    pub detail: String,
    /// What writes it. The caret goes behind the new text.
    pub edit: TextEdit,
}

/// What the words at a place mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The words.
    pub span: Span,
    /// What they are: a key, a selector.
    pub title: String,
    /// Sentences on them, the most important first.
    pub lines: Vec<String>,
    /// Where the documentation speaks of them; may be empty.
    pub url: String,
}

/// What may be written at the caret: at most [`MOST`], the best first, each once.
#[must_use]
pub fn complete(question: &Question<'_>) -> Vec<Completion> {
    match question.kind() {
        FileKind::Manifest => manifest::complete(question),
        FileKind::Samples => Vec::new(),
        kind => complete::complete(question, kind == FileKind::Prometheus),
    }
}

/// What the words at the caret mean; `None` where there is nothing to say.
#[must_use]
pub fn hover(question: &Question<'_>) -> Option<Hover> {
    match question.kind() {
        FileKind::Manifest => manifest::hover(question),
        FileKind::Prometheus => hover::hover(question),
        _ => None,
    }
}

impl Question<'_> {
    fn kind(&self) -> FileKind {
        let known = self.preview.and_then(|preview| {
            let workspace = &preview.workspace;
            workspace.file_at(self.path).map(|file| workspace.file(file).kind)
        });
        match known {
            Some(kind @ (FileKind::Manifest | FileKind::Prometheus)) => kind,
            _ => recognise(self.path, self.text),
        }
    }
}
