//! Numbers as Go reads them: `strconv.ParseInt` with base 0, then `strconv.ParseFloat`.

use crate::text::quote;

/// The value of a number's text.
///
/// # Errors
/// Go's message.
pub(super) fn parse(text: &str) -> Result<f64, String> {
    if let Some(value) = integer(text) {
        return Ok(value as f64);
    }
    let failed = |why: &str| Err(format!("strconv.ParseFloat: parsing {}: {why}", quote(text)));
    match text.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => return Ok(f64::INFINITY),
        "nan" => return Ok(f64::NAN),
        _ => {}
    }
    let bytes = text.as_bytes();
    // Words that Rust knows as numbers are not among those that the lexer delimits.
    let starts = bytes.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.');
    if !starts || !separated(bytes) {
        return failed("invalid syntax");
    }
    match text.replace('_', "").parse::<f64>() {
        Ok(value) if value.is_infinite() => failed("value out of range"),
        Ok(value) => Ok(value),
        Err(_) => failed("invalid syntax"),
    }
}

/// A whole number with a prefix for its base; a leading zero makes it octal.
fn integer(text: &str) -> Option<i64> {
    if !separated(text.as_bytes()) {
        return None;
    }
    let plain = text.replace('_', "").to_ascii_lowercase();
    let (digits, base) = match plain.strip_prefix('0') {
        None | Some("") => (plain.as_str(), 10),
        Some(rest) => match rest.strip_prefix('x') {
            Some(rest) => (rest, 16),
            None => (rest, 8),
        },
    };
    i64::from_str_radix(digits, base).ok().filter(|_| !digits.starts_with(['+', '-']))
}

/// Whether every underscore stands between digits, a base prefix being one.
fn separated(text: &[u8]) -> bool {
    let hexadecimal = text.len() > 1 && text.starts_with(b"0") && matches!(text.get(1), Some(b'x' | b'X'));
    let is_digit = |at: usize| {
        text.get(at).is_some_and(|byte| byte.is_ascii_digit() || hexadecimal && byte.is_ascii_hexdigit())
    };
    text.iter().enumerate().filter(|(_, byte)| **byte == b'_').all(|(at, _)| {
        let before = at.checked_sub(1).is_some_and(|before| is_digit(before) || hexadecimal && before == 1);
        before && is_digit(at + 1)
    })
}
