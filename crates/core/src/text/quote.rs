//! Quoting as Go's `%q` does it, which is how Prometheus prints what it complains of.

use std::fmt::Write as _;

/// `text` as Go's `strconv.Quote` prints it: in double quotes, printable characters as they are, bytes that
/// are not UTF-8 as `\xff`.
#[must_use]
pub fn quote(text: impl AsRef<[u8]>) -> String {
    let mut out = String::from("\"");
    let mut rest = text.as_ref();
    while !rest.is_empty() {
        match bstr::decode_utf8(rest) {
            (Some(c), size) => {
                escape(c, '"', &mut out);
                rest = rest.get(size..).unwrap_or_default();
            }
            (None, _) => {
                // Go steps over one byte at a time, where others see one broken sequence.
                if let Some((byte, after)) = rest.split_first() {
                    let _ = write!(out, "\\x{byte:02x}");
                    rest = after;
                }
            }
        }
    }
    out.push('"');
    out
}

/// `c` as Go's `strconv.QuoteRune` prints it, in single quotes.
#[must_use]
pub fn quote_char(c: char) -> String {
    let mut out = String::from("'");
    escape(c, '\'', &mut out);
    out.push('\'');
    out
}

/// Whether Go's `strconv.IsPrint` holds: letters, marks, numbers, punctuation, symbols and the plain space.
#[must_use]
pub fn is_print(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    // The standard library's notion is the same one. It shows through its escaping, except of a mark at the
    // beginning, so there is a letter before it.
    ['a', c].iter().collect::<String>().escape_debug().nth(1) == Some(c)
}

fn escape(c: char, quote: char, out: &mut String) {
    match c {
        '\\' => out.push_str("\\\\"),
        c if c == quote => out.extend(['\\', quote]),
        c if is_print(c) => out.push(c),
        '\u{07}' => out.push_str("\\a"),
        '\u{08}' => out.push_str("\\b"),
        '\u{0C}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{0B}' => out.push_str("\\v"),
        c => {
            let _ = match u32::from(c) {
                code @ (..0x20 | 0x7F) => write!(out, "\\x{code:02x}"),
                code @ ..0x1_0000 => write!(out, "\\u{code:04x}"),
                code => write!(out, "\\U{code:08x}"),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_go_does() {
        let check = |text: &[u8], expect: &str| assert_eq!(quote(text), expect, "{text:?}");
        check(b"", r#""""#);
        check(b"a'b\"c\\", r#""a'b\"c\\""#);
        check(b"\x00\x07\x08\x0c\n\r\t\x0b\x1f\x7f", r#""\x00\a\b\f\n\r\t\v\x1f\x7f""#);
        check("é☺\u{301}😀".as_bytes(), "\"é☺\u{301}😀\"");
        check(
            "\u{a0}\u{85}\u{200b}\u{feff}\u{2028}\u{e000}".as_bytes(),
            r#""\u00a0\u0085\u200b\ufeff\u2028\ue000""#,
        );
        check("\u{e0001}\u{10ffff}".as_bytes(), r#""\U000e0001\U0010ffff""#);
        check(b"\xff\xe2\x82a", r#""\xff\xe2\x82a""#);
        check("\u{fffd}".as_bytes(), "\"\u{fffd}\"");
        assert_eq!(quote_char('\''), r"'\''");
        assert_eq!(quote_char('"'), "'\"'");
        assert_eq!(quote_char('\n'), r"'\n'");
    }
}
