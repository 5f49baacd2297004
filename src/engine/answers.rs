//! Completion and hover, from UTF-16 to bytes and back.

use crate::assist::{self, Completion, CompletionKind, Question};
use crate::federation::Preview;
use crate::text::{LineIndex, Span};
use crate::workspace::Files;

use super::protocol::{
    CompletionKindView, CompletionView, CompletionsAnswer, HoverAnswer, HoverView, PlaceQuery, RangeView,
    Response,
};

fn kind(kind: CompletionKind) -> CompletionKindView {
    match kind {
        CompletionKind::Key => CompletionKindView::Key,
        CompletionKind::Value => CompletionKindView::Value,
        CompletionKind::Metric => CompletionKindView::Metric,
        CompletionKind::Label => CompletionKindView::Label,
        CompletionKind::LabelValue => CompletionKindView::LabelValue,
        CompletionKind::Operator => CompletionKindView::Operator,
        CompletionKind::Job => CompletionKindView::Job,
        CompletionKind::Target => CompletionKindView::Target,
        CompletionKind::File => CompletionKindView::File,
    }
}

/// The place asked, and the lines of its text.
fn question<'a>(
    files: &'a Files,
    preview: Option<&'a Preview>,
    query: &'a PlaceQuery,
) -> Option<(Question<'a>, LineIndex)> {
    let text = files.text(&query.path)?;
    let index = LineIndex::new(text);
    let offset = index.offset_of_utf16(text, query.offset);
    let question = Question { path: &query.path, text, offset, version: files.default_version(), preview };
    Some((question, index))
}

/// What may be written at a place.
pub(super) fn complete(
    files: &Files,
    preview: Option<&Preview>,
    query: &PlaceQuery,
    revision: u64,
) -> Response {
    let mut items = Vec::new();
    if let Some((question, index)) = question(files, preview, query) {
        let place = |offset| index.utf16_offset(question.text, offset);
        items.extend(assist::complete(&question).into_iter().map(
            |Completion { label, kind: of, detail, edit }| CompletionView {
                label,
                kind: kind(of),
                detail,
                edit: (place(edit.span.start), place(edit.span.end), edit.text),
            },
        ));
    }
    Response::Completions(CompletionsAnswer { id: query.id, revision, items })
}

/// What the words at a place mean.
pub(super) fn hover(files: &Files, preview: Option<&Preview>, query: &PlaceQuery, revision: u64) -> Response {
    let asked = question(files, preview, query);
    let hover = asked.and_then(|(question, index)| {
        let hover = assist::hover(&question)?;
        let range = RangeView::of(question.text, &index, hover.span);
        Some(HoverView { range, title: hover.title, lines: hover.lines, url: hover.url })
    });
    Response::Hover(HoverAnswer { id: query.id, revision, hover })
}

impl RangeView {
    /// A range of a text.
    pub(super) fn of(text: &str, index: &LineIndex, span: Span) -> Self {
        let (start, end) = (index.line_column(text, span.start), index.line_column(text, span.end));
        Self {
            start: index.utf16_offset(text, span.start),
            end: index.utf16_offset(text, span.end),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}
