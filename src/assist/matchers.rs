//! Where a caret stands in a selector that may be half-typed.

use std::ops::Range;

use crate::labels::{METRIC_NAME, MatchOp};
use crate::selector::words::unquote;

/// What is written at the caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// A metric's name before the braces.
    Metric(Range<usize>),
    /// A label's name; whether an operator follows.
    Name(Range<usize>, bool),
    /// An operator behind a label's name.
    Operator(Range<usize>),
    /// The value of a matcher of this label. The range lies inside of the quotes, if there are any.
    Value { name: String, op: Option<MatchOp>, range: Range<usize>, quote: Option<u8> },
    /// Nothing that has names.
    Nothing,
}

/// A matcher that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Whole {
    pub(super) name: String,
    pub(super) op: MatchOp,
    pub(super) value: String,
    /// From the name to the value's last quote.
    pub(super) range: Range<usize>,
}

struct Cursor<'s> {
    text: &'s [u8],
    at: usize,
}

impl Cursor<'_> {
    fn run(&mut self, takes: impl Fn(u8) -> bool) -> Range<usize> {
        let start = self.at;
        self.at += self.text[start..].iter().take_while(|byte| takes(**byte)).count();
        start..self.at
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// A quoted text: its inside, and whether it is closed.
    fn quoted(&mut self, quote: u8) -> (Range<usize>, bool) {
        let start = self.at + 1;
        let mut at = start;
        while let Some(&byte) = self.text.get(at) {
            if byte == quote {
                self.at = at + 1;
                return (start..at, true);
            }
            at += if byte == b'\\' && quote != b'`' { 2 } else { 1 };
        }
        self.at = self.text.len();
        (start.min(self.at)..self.at, false)
    }
}

fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

fn is_name(byte: u8) -> bool {
    byte == b'_' || byte == b':' || byte.is_ascii_alphanumeric()
}

fn touches(range: &Range<usize>, caret: usize) -> bool {
    range.start <= caret && caret <= range.end
}

fn operator(text: &[u8]) -> Option<MatchOp> {
    Some(match text {
        b"=" => MatchOp::Equal,
        b"!=" => MatchOp::NotEqual,
        b"=~" => MatchOp::Regex,
        b"!~" => MatchOp::NotRegex,
        _ => return None,
    })
}

/// What stands at `caret`, and the matchers that are whole.
pub(super) fn at(selector: &str, caret: usize) -> (At, Vec<Whole>) {
    let text = selector.as_bytes();
    let mut cursor = Cursor { text, at: 0 };
    let mut found = None;
    let mut wholes = Vec::new();
    let slice = |range: &Range<usize>| selector.get(range.clone()).unwrap_or_default().to_owned();

    cursor.run(is_blank);
    let metric = cursor.run(is_name);
    if caret <= metric.end {
        let range = if touches(&metric, caret) { metric.clone() } else { caret..caret };
        found = Some(At::Metric(range));
    }
    if !metric.is_empty() {
        let value = slice(&metric);
        wholes.push(Whole { name: METRIC_NAME.to_owned(), op: MatchOp::Equal, value, range: metric });
    }
    cursor.run(is_blank);
    if cursor.peek() != Some(b'{') {
        return (found.unwrap_or(At::Nothing), wholes);
    }
    if caret <= cursor.at {
        found.get_or_insert(At::Nothing);
    }
    cursor.at += 1;
    loop {
        cursor.run(|byte| is_blank(byte) || byte == b',');
        let gap_end = cursor.at;
        match cursor.peek() {
            Some(byte) if is_name(byte) => {}
            Some(quote @ (b'"' | b'\'' | b'`')) => {
                // A metric's or a label's name in quotes.
                if caret < gap_end {
                    found.get_or_insert(At::Name(caret..caret, false));
                }
                cursor.quoted(quote);
                if caret <= cursor.at {
                    found.get_or_insert(At::Nothing);
                }
                cursor.run(|byte| !matches!(byte, b',' | b'}'));
                if cursor.peek().is_none() {
                    break;
                }
                continue;
            }
            Some(b'}') | None => {
                if caret <= gap_end {
                    found.get_or_insert(At::Name(caret..caret, false));
                }
                break;
            }
            Some(_) => {
                cursor.at += 1;
                if caret <= cursor.at {
                    found.get_or_insert(At::Nothing);
                }
                continue;
            }
        }
        if caret < gap_end {
            found.get_or_insert(At::Name(caret..caret, false));
        }
        let name = cursor.run(is_name);
        let before_op = cursor.run(is_blank);
        let op = cursor.run(|byte| matches!(byte, b'=' | b'!' | b'~'));
        if touches(&name, caret) {
            found.get_or_insert(At::Name(name.clone(), !op.is_empty()));
        } else if caret <= before_op.end && (op.is_empty() || caret < op.end) {
            found.get_or_insert(At::Operator(if op.is_empty() { caret..caret } else { op.clone() }));
        } else if caret < op.end || (caret == op.end && operator(&text[op.clone()]).is_none()) {
            found.get_or_insert(At::Operator(op.clone()));
        }
        if op.is_empty() {
            continue;
        }
        let known = operator(&text[op.clone()]);
        let gap = cursor.run(is_blank);
        let value = |range, quote| At::Value { name: slice(&name), op: known, range, quote };
        match cursor.peek() {
            Some(quote @ (b'"' | b'\'' | b'`')) => {
                let start = cursor.at;
                let (inside, closed) = cursor.quoted(quote);
                if caret <= start {
                    found.get_or_insert(At::Nothing);
                } else if touches(&inside, caret) {
                    found.get_or_insert(value(inside.clone(), Some(quote)));
                } else if caret <= cursor.at {
                    found.get_or_insert(At::Nothing);
                }
                if let (true, Some(op)) = (closed, known) {
                    let value = unquote(&text[start..cursor.at]).to_string();
                    let range = name.start..cursor.at;
                    wholes.push(Whole { name: slice(&name), op, value, range });
                }
            }
            _ => {
                let word = cursor.run(|byte| !is_blank(byte) && !matches!(byte, b',' | b'}' | b'"'));
                if caret <= word.end && caret >= gap.start {
                    let range = if touches(&word, caret) { word } else { caret..caret };
                    found.get_or_insert(value(range, None));
                }
            }
        }
    }
    (found.unwrap_or(At::Nothing), wholes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_are_placed() {
        let check = |marked: &str, expect: &str| {
            let caret = marked.find('|').expect("a caret");
            let text = marked.replacen('|', "", 1);
            let (at, wholes) = at(&text, caret);
            let shown = match at {
                At::Metric(range) => format!("metric {:?}", &text[range]),
                At::Name(range, op) => format!("name {:?} {op}", &text[range]),
                At::Operator(range) => format!("op {:?}", &text[range]),
                At::Value { name, op, range, quote } => {
                    let op = op.map_or("?", MatchOp::as_str);
                    format!("value {name}{op} {:?} {}", &text[range], quote.is_some())
                }
                At::Nothing => "nothing".to_owned(),
            };
            assert_eq!(format!("{shown} +{}", wholes.len()), expect, "{marked}");
        };
        check("|", "metric \"\" +0");
        check("u|p", "metric \"up\" +1");
        check(" |", "metric \"\" +0");
        check("up|{job=\"a\"}", "metric \"up\" +2");
        check("up{|", "name \"\" false +1");
        check("{|}", "name \"\" false +0");
        check("{jo|", "name \"jo\" false +0");
        check("{jo|=\"a\"}", "name \"jo\" true +1");
        check("{job |", "op \"\" +0");
        check("{job!|", "op \"!\" +0");
        check("{job=|", "value job= \"\" false +0");
        check("{job=a|}", "value job= \"a\" false +0");
        check("{job=\"|", "value job= \"\" true +0");
        check("{job=\"a|b\"}", "value job= \"ab\" true +1");
        check("{job=~'a|", "value job=~ \"a\" true +0");
        check("{job=\"a\"|}", "nothing +1");
        check("{job=\"a\",|}", "name \"\" false +1");
        check("{job=\"a\", i|,b=`c`}", "name \"i\" false +2");
        check("{job=\"a\"}|", "nothing +1");
        check("{\"u|p\", a=\"b\"}", "nothing +1");
        check("{\"up\",|", "name \"\" false +0");
        check("{é|", "nothing +0");
    }
}
