//! Rows of what a node stores, a screenful at a time.

use std::sync::Arc;

use crate::exposition::format_float;
use crate::federation::trace::words;
use crate::federation::{Bringer, Preview};
use crate::labels::METRIC_NAME;
use crate::selector::Selector;
use crate::series::{Bitset, Row, sample};

use super::protocol::{Origin, RowView, RowsAnswer, RowsQuery};

/// The most rows of one answer.
const MOST: u32 = 2000;

/// Answers for the rows of one preview.
#[derive(Debug)]
pub(super) struct Rows {
    preview: Arc<Preview>,
    revision: u64,
    /// The rows last asked for, in the order shown: scrolling asks for the same again and again.
    list: Option<(Key, Listed)>,
}

/// What decides which rows are shown: node, filter, pull.
type Key = (String, String, Option<u32>);

#[derive(Debug, Default)]
struct Listed {
    rows: Vec<Row>,
    filter_error: String,
}

impl Rows {
    pub(super) fn new(preview: Arc<Preview>, revision: u64) -> Self {
        Self { preview, revision, list: None }
    }

    pub(super) fn preview(&self) -> &Preview {
        &self.preview
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn answer(&mut self, query: RowsQuery) -> RowsAnswer {
        let RowsQuery { id, node: name, filter, pull, start, count } = query;
        let mut answer =
            RowsAnswer { id, revision: self.revision, node: name, start, ..RowsAnswer::default() };
        let preview = Arc::clone(&self.preview);
        let Some(at) = preview.workspace.nodes.iter().position(|node| node.name == answer.node) else {
            return answer;
        };
        let key = (answer.node.clone(), filter, pull);
        if self.list.as_ref().is_none_or(|(have, _)| *have != key) {
            let listed = listed(&preview, at, &key.1, pull);
            self.list = Some((key, listed));
        }
        let Some((_, listed)) = &self.list else { return answer };
        answer.total = listed.rows.len() as u32;
        answer.filter_error.clone_from(&listed.filter_error);
        let rows = listed.rows.iter().skip(start as usize).take(count.min(MOST) as usize);
        answer.rows = rows.map(|&row| view(&preview, at, row)).collect();
        answer
    }
}

fn listed(preview: &Preview, at: usize, filter: &str, pull: Option<u32>) -> Listed {
    let node = &preview.nodes[at];
    let store = node.store();
    let mut out = Listed::default();
    let mut rows = Bitset::full(store.len());
    if !filter.trim().is_empty() {
        let matchers = Selector::parse_strict(filter, preview.workspace.nodes[at].version);
        match matchers.map(|selector| store.select(&selector.compiled().unwrap_or_default())) {
            Ok(Ok(selected)) => rows = selected,
            Ok(Err(error)) => out.filter_error = error.to_string(),
            Err(error) => out.filter_error = error.to_string(),
        }
    }
    if let Some(pull) = pull {
        let brought = |row: Row| {
            let of_pull =
                |by| matches!(by, Bringer::Pull(from) | Bringer::Report(from) if from == pull as usize);
            node.origins(row).any(|origin| of_pull(origin.bringer))
        };
        rows = Bitset::from_rows(store.len(), rows.iter().filter(|&row| brought(row)));
    }
    out.rows = store.sorted(&rows);
    out
}

fn view(preview: &Preview, at: usize, row: Row) -> RowView {
    let node = &preview.nodes[at];
    let store = node.store();
    let value = store.value(row);
    let labels = store.labels(row).filter(|&(name, _)| name != METRIC_NAME);
    let origins = node.origins(row).map(|origin| match origin.bringer {
        Bringer::Samples(_) => Origin::Samples,
        Bringer::Pull(pull) => {
            Origin::Pull { pull: pull as u32, selectors: preview.pulls[pull].selectors_of(origin) }
        }
        Bringer::Report(pull) => Origin::Report { pull: pull as u32 },
        Bringer::Rule(rule) => {
            let (path, line) = words::rule(preview, at, rule).unwrap_or_default();
            Origin::Rule { path: path.to_owned(), line }
        }
    });
    RowView {
        name: store.metric_name(row).to_owned(),
        labels: labels.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        value: (!sample::is_unknown(value)).then(|| format_float(value)),
        possible: sample::is_possible(value),
        origins: origins.collect(),
    }
}
