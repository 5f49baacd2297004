//! Text edits: the only way anything here changes a file.

use std::fmt;

use super::Span;

use crate::sort;

/// Replaces the bytes of `span` by `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// What goes.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
}

impl TextEdit {
    /// Replaces `span` by `text`.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Inserts `text` before the byte at `offset`.
    pub fn insert(offset: u32, text: impl Into<String>) -> Self {
        Self::replace(Span::at(offset), text)
    }

    /// Removes `span`.
    #[must_use]
    pub fn delete(span: Span) -> Self {
        Self::replace(span, "")
    }
}

/// Why edits cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// Two edits touch the same bytes.
    Overlap(Span, Span),
    /// An edit reaches outside of the text or cuts a character in two.
    OutOfPlace(Span),
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overlap(a, b) => {
                write!(f, "edits overlap: bytes {}..{} and {}..{}", a.start, a.end, b.start, b.end)
            }
            Self::OutOfPlace(span) => {
                write!(
                    f,
                    "an edit of bytes {}..{} does not lie on characters of the text",
                    span.start, span.end
                )
            }
        }
    }
}

impl std::error::Error for EditError {}

/// Applies `edits`, whose spans all refer to `text`, at once. Returns the new text and the edits that undo it.
///
/// # Errors
/// When two edits overlap, or one does not lie on character boundaries of `text`.
pub fn apply_edits(text: &str, edits: &[TextEdit]) -> Result<(String, Vec<TextEdit>), EditError> {
    let mut ordered: Vec<&TextEdit> = edits.iter().collect();
    // Stable, so that insertions at one place keep their order.
    sort::sort_by_key(&mut ordered, |edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut undo = Vec::with_capacity(ordered.len());
    let mut done = 0;
    let mut previous: Option<Span> = None;
    for edit in ordered {
        let Some(replaced) = text.get(edit.span.range()) else {
            return Err(EditError::OutOfPlace(edit.span));
        };
        if let Some(previous) = previous
            && edit.span.start < previous.end
        {
            return Err(EditError::Overlap(previous, edit.span));
        }
        out.push_str(&text[done..edit.span.start as usize]);
        let start = out.len();
        out.push_str(&edit.text);
        undo.push(TextEdit::replace(Span::from(start..out.len()), replaced));
        done = edit.span.end as usize;
        previous = Some(edit.span);
    }
    out.push_str(&text[done..]);
    Ok((out, undo))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn applies_at_once_and_in_order() {
        let edits = [
            TextEdit::replace(Span::new(4, 5), "E"),
            TextEdit::insert(0, "<"),
            TextEdit::delete(Span::new(1, 2)),
        ];
        let (text, undo) = apply_edits("abcde", &edits).expect("disjoint edits");
        assert_eq!(text, "<acdE");
        assert_eq!(apply_edits(&text, &undo).expect("undo").0, "abcde");
    }

    #[test]
    fn refuses_what_overlaps_or_cuts_characters() {
        let overlap = [TextEdit::delete(Span::new(0, 2)), TextEdit::delete(Span::new(1, 3))];
        assert!(matches!(apply_edits("abc", &overlap), Err(EditError::Overlap(..))));
        assert!(matches!(apply_edits("é", &[TextEdit::insert(1, "x")]), Err(EditError::OutOfPlace(_))));
        assert!(matches!(apply_edits("a", &[TextEdit::insert(2, "x")]), Err(EditError::OutOfPlace(_))));
    }

    proptest! {
        #[test]
        fn undo_gives_back_the_bytes(text in "[aé\n]{0,20}", cuts in proptest::collection::vec((0usize..25, 0usize..25, "[x→]{0,3}"), 0..4)) {
            let edits: Vec<TextEdit> = cuts
                .into_iter()
                .map(|(a, b, new)| TextEdit::replace(Span::from(a.min(b)..a.max(b)), new))
                .collect();
            if let Ok((changed, undo)) = apply_edits(&text, &edits) {
                prop_assert_eq!(apply_edits(&changed, &undo).expect("undo applies").0, text);
            }
        }
    }
}
