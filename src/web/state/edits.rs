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

/// Whether a comment can allow findings of that code: those of the rules, not those that Prometheus has too.
pub(crate) fn can_be_allowed(code: &str) -> bool {
    code.starts_with("federation/") || code.starts_with("replicas/")
}

/// A comment that allows `code` on a line, from 1, with the cursor left where the reason belongs. `None` where
/// there is no such line, or where it belongs to a block of text, in which there are no comments.
pub(crate) fn allowing(text: &str, line: u32, code: &str) -> Option<Change> {
    let number = line.checked_sub(1)? as usize;
    let own = text.lines().nth(number)?;
    let depth = |line: &str| line.len() - line.trim_start().len();
    let outer = text.lines().take(number).filter(|line| !line.trim().is_empty() && depth(line) < depth(own));
    let head = outer.last().unwrap_or_default();
    let head = head
        .split(" #")
        .next()
        .unwrap_or_default()
        .trim_end_matches(|last: char| " +-0123456789".contains(last));
    if head.ends_with(['|', '>']) {
        return None;
    }
    let comment = ["# promtier: allow ", code, " "].concat();
    // Above the line it is about; above the first one the cursor would not stay with it.
    let (end, text) = match number.checked_sub(1) {
        Some(above) => {
            let end = text.split_inclusive('\n').take(above + 1).map(utf16_length).sum::<u32>() - 1;
            (end, ["\n", &own[..depth(own)], &comment].concat())
        }
        None => (utf16_length(own), [" ", &comment].concat()),
    };
    Some(Change { start: end, end, text })
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
    fn a_comment_allows_what_is_found_on_a_line() {
        let check = |text: &str, line: u32, expect: Option<&str>| {
            let change = allowing(text, line, "federation/x");
            let made = change.map(|Change { start, end, text: new }| {
                [&text[..byte_of(text, start)], &new, "REASON", &text[byte_of(text, end)..]].concat()
            });
            assert_eq!(made.as_deref(), expect, "{text}");
        };
        let comment = "# promtier: allow federation/x REASON";
        check("é:\n  b: 1\nc: 2\n", 2, Some(&["é:\n  ", comment, "\n  b: 1\nc: 2\n"].concat()));
        check("a: 1\nb: 2", 2, Some(&["a: 1\n", comment, "\nb: 2"].concat()));
        check("a: 1\n", 1, Some(&["a: 1 ", comment, "\n"].concat()));
        check("a: |\n  one\n  two\n", 3, None);
        check("a:\n  - b: >-  # why\n      up\n", 3, None);
        check("a: |\n  one\nb: 1\n", 3, Some(&["a: |\n  one\n", comment, "\nb: 1\n"].concat()));
        check("a: 1\n", 9, None);
        check("a: 1\n", 0, None);
        assert!(can_be_allowed("replicas/differ") && !can_be_allowed("yaml/syntax"));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        check("abc", &[(0, 2, ""), (1, 3, "")], None);
        check("abc", &[(2, 9, "")], None);
        check("abc", &[(2, 1, "")], None);
    }
}
