//! Writes down what a table shows as what the manifest expects.

use crate::federation::Preview;
use crate::lint::{Asserted, write_expectation};
use crate::selector::Selector;
use crate::series::sample;
use crate::text::{LineIndex, apply_edits};
use crate::workspace::{Files, MANIFEST};

use super::protocol::{ExpectationAnswer, ExpectationQuery, Response};

/// What a manifest that is not there yet begins with.
const BEGINNING: &str = "version: 1\n";

/// The manifest with what a table shows.
pub(super) fn answer(
    files: &Files,
    preview: Option<&Preview>,
    query: &ExpectationQuery,
    revision: u64,
) -> Response {
    let mut answer = ExpectationAnswer { id: query.id, revision, ..ExpectationAnswer::default() };
    if let Err(words) = write(files, preview, query, &mut answer) {
        answer.error = words;
    }
    Response::Expectation(answer)
}

fn write(
    files: &Files,
    preview: Option<&Preview>,
    query: &ExpectationQuery,
    answer: &mut ExpectationAnswer,
) -> Result<(), String> {
    let manifest =
        preview.and_then(|preview| Some(&preview.workspace.file(preview.workspace.manifest?).path));
    answer.path = manifest.cloned().unwrap_or_else(|| MANIFEST.to_owned());
    let old = files.text(&answer.path).map(|text| &**text);
    answer.is_new = old.is_none();
    let named = |preview: &&Preview| preview.workspace.nodes.iter().position(|node| node.name == query.node);
    let Some((preview, at)) = preview.and_then(|preview| Some((preview, named(&preview)?))) else {
        return Err(format!("there is no server `{}`", query.node));
    };
    let store = preview.nodes[at].store();
    let filter = query.filter.trim();
    let (asserted, says) = if filter.is_empty() {
        let most = store.len() as u32;
        (Asserted::AtMost(most), format!("`{}` stores {most} series at most", query.node))
    } else {
        let selector = Selector::parse_strict(filter, preview.workspace.nodes[at].version)
            .map_err(|error| error.to_string())?;
        let rows =
            store.select(&selector.compiled().unwrap_or_default()).map_err(|error| error.to_string())?;
        if !rows.is_empty() && rows.iter().all(|row| sample::is_possible(store.value(row))) {
            return Err(
                "whether these series exist depends on values that recording rules compute".to_owned()
            );
        }
        if rows.is_empty() {
            (Asserted::Lacks(filter), format!("`{}` has no series that matches `{filter}`", query.node))
        } else {
            (Asserted::Has(filter), format!("`{}` has series that match `{filter}`", query.node))
        }
    };
    let text = old.unwrap_or(BEGINNING);
    let edits = write_expectation(text, &query.node, asserted).map_err(|error| error.to_string())?;
    let (new, _) = apply_edits(text, &edits).map_err(|error| error.to_string())?;
    if old.is_some() {
        let index = LineIndex::new(text);
        let place = |offset| index.utf16_offset(text, offset);
        let edits = edits.into_iter().map(|edit| (place(edit.span.start), place(edit.span.end), edit.text));
        answer.edits = edits.collect();
    }
    (answer.text, answer.says) = (new, says);
    Ok(())
}
