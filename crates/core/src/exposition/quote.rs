//! Bytes as Go's `%q` prints them, for messages that are to be Prometheus' own.

use std::borrow::Cow;
use std::fmt::Write as _;

use bstr::ByteSlice as _;

/// The longest excerpt that a message repeats; what is cut off is replaced by an ellipsis.
const MAX_EXCERPT: usize = 16 << 10;

/// `bytes` in double quotes, as Go's `strconv.Quote` prints them.
pub(super) fn quote(bytes: &[u8]) -> String {
    let (shown, rest) =
        if bytes.len() > MAX_EXCERPT { bytes.split_at(MAX_EXCERPT) } else { (bytes, &[][..]) };
    let mut out = String::with_capacity(shown.len() + 2);
    out.push('"');
    for (start, end, c) in shown.char_indices() {
        if c == char::REPLACEMENT_CHARACTER && &shown[start..end] != "\u{fffd}".as_bytes() {
            for byte in &shown[start..end] {
                let _ = write!(out, "\\x{byte:02x}");
            }
            continue;
        }
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            c if is_printable(c) => out.push(c),
            c if u32::from(c) < 0x20 || c == '\x7f' => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c if u32::from(c) < 0x1_0000 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    if !rest.is_empty() {
        out.push('…');
    }
    out.push('"');
    out
}

/// Go's `unicode.IsPrint`, by the tables of Rust's own escapes, which draw the line at the same categories.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    // A mark is escaped at the start of a text only, so something stands before it.
    let mut text = [b' '; 5];
    let len = c.encode_utf8(&mut text[1..]).len();
    std::str::from_utf8(&text[..=len]).is_ok_and(|text| text.escape_debug().count() == 2)
}

/// Undoes the escapes of label values and quoted names, `\"`, `\\` and `\n`; any other backslash stays
/// (`model/textparse`, `lvalReplacer`).
pub(super) fn unescape(bytes: &[u8]) -> Cow<'_, [u8]> {
    undo(bytes, true)
}

/// Undoes the escapes of HELP texts of the Prometheus format, `\\` and `\n` (`helpReplacer`).
pub(super) fn unescape_help(bytes: &[u8]) -> Cow<'_, [u8]> {
    undo(bytes, false)
}

fn undo(bytes: &[u8], quotes: bool) -> Cow<'_, [u8]> {
    let mut rest = bytes;
    let mut out = Vec::new();
    while let Some(at) = memchr::memchr(b'\\', rest) {
        if out.is_empty() {
            out.reserve(bytes.len());
        }
        let undone = match rest.get(at + 1) {
            Some(b'\\') => Some(b'\\'),
            Some(b'n') => Some(b'\n'),
            Some(b'"') if quotes => Some(b'"'),
            _ => None,
        };
        out.extend_from_slice(&rest[..at]);
        out.push(undone.unwrap_or(b'\\'));
        rest = &rest[at + 1 + usize::from(undone.is_some())..];
    }
    if out.is_empty() {
        return Cow::Borrowed(bytes);
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_go_does() {
        let check = |bytes: &[u8], expect: &str| assert_eq!(quote(bytes), expect);
        check(b"a\"b\\", r#""a\"b\\""#);
        check(b"\x00\n\t\r\x7f", r#""\x00\n\t\r\x7f""#);
        check("é→\u{301}".as_bytes(), "\"é→\u{301}\"");
        check("\u{a0}\u{ad}\u{fffd}".as_bytes(), "\"\\u00a0\\u00ad\u{fffd}\"");
        check("\u{e0001}".as_bytes(), r#""\U000e0001""#);
        check(b"a\xffb\xe2\x86", r#""a\xffb\xe2\x86""#);
    }

    #[test]
    fn undoes_the_escapes_there_are() {
        let check = |text: &str, label: &str, help: &str| {
            assert_eq!(unescape(text.as_bytes()), label.as_bytes());
            assert_eq!(unescape_help(text.as_bytes()), help.as_bytes());
        };
        check("a", "a", "a");
        check(r#"\"\\\n\t"#, "\"\\\n\\t", "\\\"\\\n\\t");
        check(r"a\", r"a\", r"a\");
    }
}
