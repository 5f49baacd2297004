//! What the forms of a trace have in common: names and places.

use promtier::federation::trace::{Hop, Passage, Trace, words};
use promtier::federation::{Origin, Preview};

use super::Sources;

/// Traces with what they speak of.
pub(crate) struct Traced<'a> {
    /// The preview.
    pub(crate) preview: &'a Preview,
    /// The texts, by the files of the workspace.
    pub(crate) sources: &'a Sources<'a>,
    /// One for each series.
    pub(crate) traces: &'a [Trace],
}

impl Traced<'_> {
    /// The path, line and column that decide.
    pub(crate) fn place(&self, passage: &Passage) -> Option<(&str, u32, u32)> {
        let (file, span) = passage.place?;
        let source = self.sources.get(file);
        let place = source.place(span.start);
        Some((&source.path, place.line, place.column))
    }

    /// The name of a node.
    pub(crate) fn node(&self, node: usize) -> &str {
        &self.preview.workspace.nodes[node].name
    }

    /// Who answers a hop's pull: a server, or an application.
    pub(crate) fn source(&self, hop: &Hop) -> &str {
        words::source(self.preview, hop)
    }

    /// What brought a series, in words.
    pub(crate) fn origin(&self, node: usize, origin: Origin) -> String {
        words::origin(self.preview, node, origin, |file| self.sources.get(file).path.clone())
    }
    /// What else brings the series that a hop stores at a node, in words.
    pub(crate) fn sharing(&self, hop: &Hop, node: usize, others: &[Origin]) -> Vec<String> {
        words::sharing(self.preview, hop, node, others, |file| self.sources.get(file).path.clone())
    }
}
