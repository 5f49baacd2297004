//! JSON as Go's `encoding/json` reads it: which texts it takes, and its words for those that it does not
//! (`scanner.go`).

use crate::text::{SourceMap, Span, quote};
use crate::yaml::Spanned;

/// How deeply values may nest: `maxNestingDepth`.
const MAX_DEPTH: usize = 10_000;

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    /// A value, or the end of an array that has just begun.
    ValueOrEnd,
    Key,
    /// A key, or the end of an object that has just begun.
    KeyOrEnd,
    AfterKey,
    AfterValue,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    /// Go's word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// A place in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

/// Where a text stops being JSON, and Go's words for it.
type Fault = (Span, String);

/// Whether the text is one JSON value; the first fault where it is not.
pub(super) fn check(text: &str) -> Result<(), Fault> {
    let mut cursor = Cursor::new(text);
    // For each open value whether it is an object.
    let mut open: Vec<bool> = Vec::new();
    let mut next = Next::Value;
    loop {
        cursor.skip_space();
        let Some(byte) = cursor.byte() else {
            let is_whole = open.is_empty() && next == Next::AfterValue;
            return if is_whole { Ok(()) } else { Err(cursor.end()) };
        };
        match (next, byte) {
            (Next::ValueOrEnd, b']') | (Next::KeyOrEnd, b'}') => {
                open.pop();
                cursor.at += 1;
                next = Next::AfterValue;
            }
            (Next::Value | Next::ValueOrEnd, b'[' | b'{') => {
                open.push(byte == b'{');
                if open.len() > MAX_DEPTH {
                    return Err((cursor.here(), "exceeded max depth".to_owned()));
                }
                cursor.at += 1;
                next = if byte == b'{' { Next::KeyOrEnd } else { Next::ValueOrEnd };
            }
            (Next::Value | Next::ValueOrEnd, _) => {
                cursor.check_scalar(byte)?;
                next = Next::AfterValue;
            }
            (Next::Key | Next::KeyOrEnd, b'"') => {
                cursor.check_string()?;
                next = Next::AfterKey;
            }
            (Next::Key | Next::KeyOrEnd, _) => {
                return Err(cursor.invalid("looking for beginning of object key string"));
            }
            (Next::AfterKey, b':') => {
                cursor.at += 1;
                next = Next::Value;
            }
            (Next::AfterKey, _) => return Err(cursor.invalid("after object key")),
            (Next::AfterValue, _) => {
                next = match (open.last(), byte) {
                    (Some(true), b',') => Next::Key,
                    (Some(false), b',') => Next::Value,
                    (Some(true), b'}') | (Some(false), b']') => {
                        open.pop();
                        Next::AfterValue
                    }
                    (Some(true), _) => return Err(cursor.invalid("after object key:value pair")),
                    (Some(false), _) => return Err(cursor.invalid("after array element")),
                    (None, _) => return Err(cursor.invalid("after top-level value")),
                };
                cursor.at += 1;
            }
        }
    }
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Where the next character is.
    fn here(&self) -> Span {
        let length = self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        Span::new(self.at as u32, (self.at + length) as u32)
    }

    fn end(&self) -> Fault {
        (Span::at(self.text.len() as u32), "unexpected end of JSON input".to_owned())
    }

    /// `scanner.error`. At its end, a text is taken to go on with a space.
    fn invalid(&self, context: &str) -> Fault {
        let shown = match self.byte().unwrap_or(b' ') {
            b'\'' => r"'\''".to_owned(),
            b'"' => "'\"'".to_owned(),
            byte => format!("'{}'", quote(char::from(byte).to_string()).trim_matches('"')),
        };
        (self.here(), format!("invalid character {shown} {context}"))
    }

    fn check_scalar(&mut self, first: u8) -> Result<(), Fault> {
        match first {
            b'"' => self.check_string(),
            b'-' | b'0'..=b'9' => self.check_number(),
            b't' => self.check_word("true"),
            b'f' => self.check_word("false"),
            b'n' => self.check_word("null"),
            _ => Err(self.invalid("looking for beginning of value")),
        }
    }

    fn check_word(&mut self, word: &str) -> Result<(), Fault> {
        for expected in word.bytes() {
            if self.byte() != Some(expected) {
                let context = format!("in literal {word} (expecting '{}')", char::from(expected));
                return Err(self.invalid(&context));
            }
            self.at += 1;
        }
        Ok(())
    }

    /// Steps over digits, of which there must be one.
    fn check_digits(&mut self, context: &str) -> Result<(), Fault> {
        if !self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.invalid(context));
        }
        self.skip_digits();
        Ok(())
    }

    fn skip_digits(&mut self) {
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn check_number(&mut self) -> Result<(), Fault> {
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.check_digits("in numeric literal")?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.check_digits("after decimal point in numeric literal")?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.check_digits("in exponent of numeric literal")?;
        }
        Ok(())
    }

    fn check_string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        loop {
            match self.byte() {
                None => return Err(self.end()),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(..0x20) => return Err(self.invalid("in string literal")),
                Some(b'\\') => {
                    self.at += 1;
                    match self.byte() {
                        Some(b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"') => self.at += 1,
                        Some(b'u') => {
                            self.at += 1;
                            for _ in 0..4 {
                                if !self.byte().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                                    return Err(self.invalid("in \\u hexadecimal character escape"));
                                }
                                self.at += 1;
                            }
                        }
                        _ => return Err(self.invalid("in string escape code")),
                    }
                }
                Some(_) => self.at += 1,
            }
        }
    }
}

// What follows reads texts that `check` has passed; on others it ends early and does no harm.
impl Cursor<'_> {
    /// What the next value is.
    pub(super) fn kind(&mut self) -> Kind {
        self.skip_space();
        match self.byte() {
            Some(b'"') => Kind::String,
            Some(b'[') => Kind::Array,
            Some(b'{') => Kind::Object,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            _ => Kind::Null,
        }
    }

    /// Steps over a value.
    pub(super) fn skip(&mut self) -> Span {
        self.skip_space();
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(byte) = self.byte() {
            match byte {
                b'"' => {
                    // A string that is not closed ends the text.
                    if self.check_string().is_err() {
                        self.at = self.text.len();
                    }
                }
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => {
                    self.at += 1;
                    continue;
                }
                _ => {
                    while self.byte().is_some_and(|byte| !b",:]} \t\r\n".contains(&byte)) {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                break;
            }
        }
        Span::new(start as u32, self.at as u32)
    }

    /// Enters an array or an object.
    pub(super) fn enter(&mut self) {
        self.skip_space();
        self.at += 1;
    }

    /// Whether the array or object has another item, to which it goes; leaves it where it has none.
    pub(super) fn has_next(&mut self) -> bool {
        loop {
            match self.byte() {
                None => return false,
                Some(b']' | b'}') => {
                    self.at += 1;
                    return false;
                }
                Some(b',' | b':' | b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(_) => return true,
            }
        }
    }

    /// Goes from a key to its value.
    pub(super) fn pass_colon(&mut self) {
        self.skip_space();
        self.at += usize::from(self.byte() == Some(b':'));
    }

    /// Where the next byte is, in bytes.
    pub(super) fn offset(&self) -> u32 {
        self.at as u32
    }

    /// Reads a string: `decode.go`, `unquote`.
    pub(super) fn string(&mut self) -> Spanned<String> {
        let span = self.skip();
        let (mut value, mut map) = (String::new(), SourceMap::default());
        let inner = Span::new(span.start + 1, span.end.saturating_sub(1).max(span.start + 1));
        let mut rest = self.text.get(inner.range()).unwrap_or_default();
        let mut at = inner.start;
        while !rest.is_empty() {
            let plain = rest.find('\\').unwrap_or(rest.len());
            if plain > 0 {
                value.push_str(&rest[..plain]);
                map.push(at, plain as u32, plain as u32);
                (rest, at) = (&rest[plain..], at + plain as u32);
                continue;
            }
            let (c, length) = unescape(rest);
            value.push(c);
            map.push(at, length as u32, c.len_utf8() as u32);
            (rest, at) = (rest.get(length..).unwrap_or_default(), at + length as u32);
        }
        if value.is_empty() {
            map = SourceMap::verbatim(inner.start, 0);
        }
        Spanned { value, span, map }
    }
}

/// The character that an escape at the start of `text` stands for, and the escape's length.
fn unescape(text: &str) -> (char, usize) {
    let c = match text.as_bytes().get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let unit = |text: &str| {
                let digits = text.strip_prefix("\\u").and_then(|digits| digits.get(..4));
                digits.and_then(|digits| u32::from_str_radix(digits, 16).ok())
            };
            let first = unit(text).unwrap_or(0xFFFD);
            let low = text.get(6..).and_then(unit).filter(|low| (0xDC00..0xE000).contains(low));
            return match (first, low) {
                (0xD800..0xDC00, Some(low)) => {
                    let code = 0x1_0000 + ((first - 0xD800) << 10) + (low - 0xDC00);
                    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
                }
                _ => (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6),
            };
        }
        Some(&other) => char::from(other),
        None => char::REPLACEMENT_CHARACTER,
    };
    (c, 2)
}
