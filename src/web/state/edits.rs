//! Fixes as one change of a text, so that one Ctrl+Z takes them back.

use super::doc::{byte_of, utf16_length};

/// One replacement: from and to in UTF-16 code units, and the new text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The first code unit that goes.
    pub(crate) start: u32,
    /// One past the last that goes.
    pub(crate) end: u32,
    /// What comes in their place.
    pub(crate) text: String,
}

/// Makes one change out of edits that are meant at once. `None` where there is none, or where they do not
/// fit the text or one another: then the text is not the one they were made for.
pub(crate) fn merged(text: &str, edits: &[(u32, u32, String)]) -> Option<Change> {
    let length = utf16_length(text);
    let mut ordered: Vec<&(u32, u32, String)> = Vec::with_capacity(edits.len());
    for edit in edits {
        // Behind its equals, so that insertions at one place keep their order.
        let at = ordered.partition_point(|other| (other.0, other.1) <= (edit.0, edit.1));
        ordered.insert(at, edit);
    }
    let (start, mut done) = (ordered.first()?.0, ordered.first()?.0);
    let mut out = String::new();
    for &(from, to, new) in &ordered {
        if *from < done || to < from || *to > length {
            return None;
        }
        out.push_str(&text[byte_of(text, done)..byte_of(text, *from)]);
        out.push_str(new);
        done = *to;
    }
    Some(Change { start, end: done, text: out })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, edits: &[(u32, u32, &str)], expect: Option<(u32, u32, &str)>) {
        let edits: Vec<_> = edits.iter().map(|&(a, b, new)| (a, b, new.to_owned())).collect();
        let expect = expect.map(|(start, end, text)| Change { start, end, text: text.to_owned() });
        assert_eq!(merged(text, &edits), expect);
    }

    #[test]
    fn one_change_out_of_many() {
        check("abcdef", &[], None);
        check("abcdef", &[(1, 2, "X")], Some((1, 2, "X")));
        check("abcdef", &[(4, 5, "Y"), (1, 2, "X")], Some((1, 5, "XcdY")));
        check("abcdef", &[(2, 2, "1"), (2, 2, "2")], Some((2, 2, "12")));
        check("😀bc", &[(2, 3, ""), (4, 4, "!")], Some((2, 4, "c!")));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        check("abc", &[(0, 2, ""), (1, 3, "")], None);
        check("abc", &[(2, 9, "")], None);
        check("abc", &[(2, 1, "")], None);
    }
}
