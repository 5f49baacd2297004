//! Several changes, one after the other, as edits of the text with which they began.

use crate::text::{Span, TextEdit};

/// A text in pieces: what is still the original's, and what is new.
#[derive(Clone, Debug)]
pub(super) struct Patch {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Kept(Span),
    New(String),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Kept(span) => span.len() as usize,
            Self::New(text) => text.len(),
        }
    }

    /// What stands from `start` to `end` of it.
    fn part(&self, start: usize, end: usize) -> Self {
        match self {
            Self::Kept(span) => Self::Kept(Span::new(span.start + start as u32, span.start + end as u32)),
            Self::New(text) => Self::New(text.get(start..end).unwrap_or_default().to_owned()),
        }
    }
}

impl Patch {
    /// A text of `len` bytes, as it is.
    pub(super) fn new(len: usize) -> Self {
        Self { pieces: vec![Piece::Kept(Span::from(0..len))] }
    }

    /// Makes the edits of the text as it has become. They do not overlap.
    pub(super) fn apply(&mut self, edits: &[TextEdit]) {
        let mut ordered: Vec<&TextEdit> = edits.iter().collect();
        crate::sort::sort_by_key(&mut ordered, |edit| (edit.span.start, edit.span.end));
        // From the end, so that places before stay where they are.
        for edit in ordered.into_iter().rev() {
            let (start, end) = (edit.span.start as usize, edit.span.end as usize);
            let mut pieces = Vec::with_capacity(self.pieces.len() + 2);
            let mut at = 0;
            let mut is_placed = false;
            for piece in &self.pieces {
                let (from, to) = (at, at + piece.len());
                at = to;
                if from < start {
                    pieces.push(piece.part(0, start.min(to) - from));
                }
                if !is_placed && to >= start {
                    pieces.push(Piece::New(edit.text.clone()));
                    is_placed = true;
                }
                if to > end {
                    pieces.push(piece.part(end.max(from) - from, to - from));
                }
            }
            if !is_placed {
                pieces.push(Piece::New(edit.text.clone()));
            }
            pieces.retain(|piece| piece.len() > 0);
            self.pieces = pieces;
        }
    }

    /// The edits that make the text of the original, which has `len` bytes.
    pub(super) fn edits(&self, len: usize) -> Vec<TextEdit> {
        let mut edits: Vec<TextEdit> = Vec::new();
        let mut done = 0;
        let mut pending = String::new();
        let flush = |start: u32, end: u32, text: &mut String, edits: &mut Vec<TextEdit>| {
            if start < end || !text.is_empty() {
                edits.push(TextEdit::replace(Span::new(start, end), std::mem::take(text)));
            }
        };
        for piece in &self.pieces {
            match piece {
                Piece::New(text) => pending.push_str(text),
                Piece::Kept(span) => {
                    flush(done, span.start.max(done), &mut pending, &mut edits);
                    done = span.end;
                }
            }
        }
        flush(done, len as u32, &mut pending, &mut edits);
        edits
    }
}

/// The same edit without what its two texts have in common at their ends.
pub(super) fn trimmed(text: &str, edit: TextEdit) -> TextEdit {
    let Some(old) = text.get(edit.span.range()) else { return edit };
    if old.is_empty() || edit.text.is_empty() {
        return edit;
    }
    let same = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    };
    let head = same(&mut old.chars().zip(edit.text.chars()));
    let (old_rest, new_rest) =
        (old.get(head..).unwrap_or_default(), edit.text.get(head..).unwrap_or_default());
    let tail = same(&mut old_rest.chars().rev().zip(new_rest.chars().rev()));
    let start = edit.span.start + head as u32;
    let end = edit.span.end - tail as u32;
    let kept = new_rest.get(..new_rest.len() - tail).unwrap_or_default();
    TextEdit::replace(Span::new(start, end), kept)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::apply_edits;

    proptest! {
        #[test]
        fn one_after_the_other_is_the_same_as_all_at_once(
            text in "[a-é]{0,12}",
            rounds in prop::collection::vec(prop::collection::vec((0usize..16, 0usize..16, "[x→]{0,3}"), 1..3), 0..4),
        ) {
            let mut patch = Patch::new(text.len());
            let mut now = text.clone();
            for round in rounds {
                let edits: Vec<TextEdit> =
                    round.into_iter().map(|(a, b, new)| TextEdit::replace(Span::from(a.min(b)..a.max(b)), new)).collect();
                let Ok((next, _)) = apply_edits(&now, &edits) else { continue };
                patch.apply(&edits);
                now = next;
            }
            let edits = patch.edits(text.len());
            prop_assert_eq!(apply_edits(&text, &edits).expect("edits of the original").0, now);
        }

        #[test]
        fn a_trimmed_edit_does_the_same(text in "[ab→]{0,8}", start in 0usize..8, end in 0usize..8, new in "[ab→]{0,6}") {
            let edit = TextEdit::replace(Span::from(start.min(end)..start.max(end)), new);
            if let Ok((whole, _)) = apply_edits(&text, std::slice::from_ref(&edit)) {
                let short = trimmed(&text, edit);
                prop_assert_eq!(apply_edits(&text, &[short]).expect("it lies inside").0, whole);
            }
        }
    }
}
