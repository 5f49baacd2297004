//! Constants of templates: what Go's `strconv` takes for a string, a character or a number.

use super::lex::Kind;
use crate::text::quote;

/// Whether a text in quotes is a Go string or character.
pub(super) fn is_go_string(text: &str, quote: char) -> bool {
    let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) else {
        return false;
    };
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        let after = &rest[at + 1..];
        let (digits, skip, radix, most) = match after.chars().next() {
            Some('a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\') => {
                rest = &after[1..];
                continue;
            }
            Some(c) if c == quote => {
                rest = &after[1..];
                continue;
            }
            Some('x') => (2, 1, 16, 255),
            Some('u') => (4, 1, 16, 0x10_FFFF),
            Some('U') => (8, 1, 16, 0x10_FFFF),
            Some('0'..='7') => (3, 0, 8, 255),
            _ => return false,
        };
        let number =
            after.get(skip..skip + digits).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(number) = number.and_then(|digits| u32::from_str_radix(digits, radix).ok()) else {
            return false;
        };
        if number > most || digits > 3 && (0xD800..0xE000).contains(&number) {
            return false;
        }
        rest = &after[skip + digits..];
    }
    true
}

/// What Go says of a number that is none.
pub(super) fn bad_number(text: &str, kind: Kind) -> Option<String> {
    if kind == Kind::Char {
        if !is_go_string(text, '\'') || text.len() < 3 {
            return Some("invalid syntax".to_owned());
        }
        let inner = &text[1..text.len() - 1];
        let single = inner.starts_with('\\') || inner.chars().count() == 1;
        return (!single).then(|| format!("malformed character constant: {text}"));
    }
    let unsigned = text.trim_start_matches(['+', '-']);
    let plain = unsigned.replace('_', "").to_ascii_lowercase();
    if plain.ends_with('i') {
        return None;
    }
    let (digits, radix) = match plain.as_bytes() {
        [b'0', b'x', ..] => (&plain[2..], 16),
        [b'0', b'b', ..] => (&plain[2..], 2),
        [b'0', b'o', ..] => (&plain[2..], 8),
        [b'0', _, ..] => (&plain[1..], 8),
        _ => (plain.as_str(), 10),
    };
    if u64::from_str_radix(digits, radix).is_ok() {
        return None;
    }
    let float =
        plain.starts_with("0x") && plain.contains('p') || plain.parse::<f64>().is_ok_and(f64::is_finite);
    if float && !plain.contains(['.', 'e', 'p']) {
        return Some(format!("integer overflow: {}", quote(text)));
    }
    (!float).then(|| format!("illegal number syntax: {}", quote(text)))
}
