//! What the rules of a server that federates read of what it pulled.

use std::sync::Arc;

use crate::federation::{Bringer, Preview, Pull};
use crate::promql::{Expr, VectorSelector};
use crate::rules::{Expression, Rule};
use crate::series::{Bitset, Row, SeriesStore};
use crate::text::{FileId, Span};

/// A rule of a server that pulls from others.
pub(super) struct UpperRule<'p> {
    preview: &'p Preview,
    /// The server.
    pub(super) node: usize,
    /// The file that holds the rule.
    pub(super) file: FileId,
    /// The rule.
    pub(super) rule: &'p Rule,
    /// Its expression.
    pub(super) expression: &'p Expression,
}

/// The rules of all servers that pull from servers of the workspace, as far as they are valid.
pub(super) fn rules(preview: &Preview) -> impl Iterator<Item = UpperRule<'_>> {
    let nodes = preview.workspace.nodes.iter().enumerate();
    let federating = nodes.filter(|(at, _)| {
        preview.topology.pulls_of(*at).any(|at| {
            let (pull, brings) = (&preview.topology.pulls[at], &preview.pulls[at]);
            pull.federates && !brings.scraped.kept.is_empty()
        })
    });
    federating.flat_map(move |(node, server)| {
        let files = server.rules.iter().filter(|rules| rules.is_valid);
        files.flat_map(move |rules| {
            let all = rules.rules.value.groups.iter().flat_map(|group| &group.rules);
            all.filter_map(move |rule| {
                let expression = rule.expr.as_ref()?;
                Some(UpperRule { preview, node, file: rules.file, rule, expression })
            })
        })
    })
}

/// The series that a selector in a rule selects, and who brought them.
pub(super) struct Selection<'p> {
    preview: &'p Preview,
    node: usize,
    rows: Bitset,
}

impl<'p> UpperRule<'p> {
    /// What a selector of the rule selects in what its server stores. `None` where that is not known, or nothing.
    pub(super) fn select(&self, selector: &VectorSelector) -> Option<Selection<'p>> {
        let matchers = selector.selector.compiled()?;
        let rows = self.preview.nodes.get(self.node)?.store().select(&matchers).ok()?;
        (!rows.is_empty()).then_some(Selection { preview: self.preview, node: self.node, rows })
    }

    /// The place of a part of the expression in the file.
    pub(super) fn place(&self, part: &Expr) -> Span {
        self.expression.text.part(part.span)
    }
}

impl<'p> Selection<'p> {
    fn store(&self) -> Option<&'p Arc<crate::federation::NodeStore>> {
        self.preview.nodes.get(self.node)
    }

    /// A pull of federation that brought a series; none where anything else brought it too.
    fn pull(&self, row: Row) -> Option<&'p Pull> {
        let mut first = None;
        for origin in self.store()?.origins(row) {
            let Bringer::Pull(at) = origin.bringer else { return None };
            let pull = self.preview.topology.pulls.get(at).filter(|pull| pull.federates)?;
            first = first.or(Some(pull));
        }
        first
    }

    /// A pull that brought some of the series, where federation alone brings all of them.
    pub(super) fn all_federated(&self) -> Option<&'p Pull> {
        let mut first = None;
        for row in self.rows.iter() {
            let pull = self.pull(row)?;
            first = first.or(Some(pull));
        }
        first
    }

    /// The series that federation alone brings, each with a pull that does.
    pub(super) fn federated(&self) -> impl Iterator<Item = (Row, &'p Pull)> + '_ {
        self.rows.iter().filter_map(|row| Some((row, self.pull(row)?)))
    }

    /// The store that the rows are of.
    pub(super) fn series(&self) -> Option<&'p SeriesStore> {
        self.store().map(|store| store.store())
    }
}
