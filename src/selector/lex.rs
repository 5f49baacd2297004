//! The words of a selector: Prometheus' `promql/parser/lex.go`, as far as `match[]` can show it.

use bstr::ByteSlice as _;

use super::words::keyword;
use crate::text::{Span, is_print, quote, quote_char};
use crate::version::Version;

/// A kind of word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name; outside of braces also with colons.
    Identifier,
    /// A name with colons.
    MetricIdentifier,
    /// `and`, `or`, `unless`, `atan2`.
    OperatorWord,
    /// `sum`, `avg` and so on.
    Aggregator,
    /// `by`, `on`, `offset` and so on.
    Keyword,
    /// `start`, `end` and so on.
    Preprocessor,
    String,
    Number,
    Duration,
    LeftBrace,
    RightBrace,
    Comma,
    Equal,
    NotEqual,
    EqualRegex,
    NotEqualRegex,
    /// An operator of expressions.
    Operator,
    /// `@`, which older versions have no word for.
    At,
    /// A bracket or parenthesis.
    Other,
    /// Nothing more.
    End,
    /// What is no word at all; its message is among the faults.
    Fault,
}

/// A word, and what is wrong with it.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub span: Span,
    pub faults: Vec<Fault>,
}

/// What the lexer complains of.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// Prometheus' words.
    pub message: String,
    /// Where Prometheus sees it: where the word begins.
    pub at: u32,
    /// Where it is.
    pub span: Span,
}

pub(super) struct Lexer<'s> {
    pub input: &'s [u8],
    version: Version,
    at: usize,
    inside_braces: bool,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(input: &'s [u8], version: Version) -> Self {
        Self { input, version, at: 0, inside_braces: false }
    }

    /// The bytes of a word.
    pub(super) fn text(&self, token: &Token) -> &'s [u8] {
        self.input.get(token.span.range()).unwrap_or_default()
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.input.get(self.at + ahead).copied()
    }

    /// Reads a character; the replacement character stands for a byte that is not UTF-8.
    fn next_char(&mut self) -> Option<char> {
        let rest = self.input.get(self.at..).filter(|rest| !rest.is_empty())?;
        let (c, size) = match bstr::decode_utf8(rest) {
            (Some(c), size) => (c, size),
            (None, _) => ('\u{FFFD}', 1),
        };
        self.at += size;
        Some(c)
    }

    fn token(&self, kind: Kind, start: usize) -> Token {
        Token { kind, span: (start..self.at).into(), faults: Vec::new() }
    }

    fn fault(&self, start: usize, message: String) -> Token {
        let span: Span = (start..self.at).into();
        let fault = Fault { message, at: span.start, span };
        Token { kind: Kind::Fault, span, faults: vec![fault] }
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Token {
        loop {
            match self.peek(0) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'#') => {
                    let rest = self.input.get(self.at..).unwrap_or_default();
                    self.at += rest.find_byteset(b"\r\n").unwrap_or(rest.len());
                }
                _ => break,
            }
        }
        if self.inside_braces { self.inside() } else { self.outside() }
    }

    fn inside(&mut self) -> Token {
        let start = self.at;
        let Some(c) = self.next_char() else {
            let mut token = self.fault(start, "unexpected end of input inside braces".into());
            token.kind = Kind::End;
            return token;
        };
        let kind = match c {
            'a'..='z' | 'A'..='Z' | '_' => {
                while self.peek(0).is_some_and(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
                    self.at += 1;
                }
                Kind::Identifier
            }
            ',' => Kind::Comma,
            '"' | '\'' => return self.string(start, c),
            '`' => return self.raw_string(start),
            '=' if self.peek(0) == Some(b'~') => {
                self.at += 1;
                Kind::EqualRegex
            }
            '=' => Kind::Equal,
            '!' => match self.next_char() {
                Some('~') => Kind::NotEqualRegex,
                Some('=') => Kind::NotEqual,
                next => {
                    let next = quote_char(next.unwrap_or('\u{FFFD}'));
                    self.at = start + 1;
                    return self
                        .fault(start, format!("unexpected character after '!' inside braces: {next}"));
                }
            },
            '{' => return self.fault(start, "unexpected left brace '{'".into()),
            '}' => {
                self.inside_braces = false;
                Kind::RightBrace
            }
            c => return self.fault(start, format!("unexpected character inside braces: {}", quote_char(c))),
        };
        self.token(kind, start)
    }

    fn outside(&mut self) -> Token {
        let start = self.at;
        let Some(c) = self.next_char() else {
            return self.token(Kind::End, start);
        };
        let kind = match c {
            ',' => Kind::Comma,
            '*' | '/' | '%' | '+' | '-' | '^' => Kind::Operator,
            '=' if self.peek(0) == Some(b'=') => {
                self.at += 1;
                Kind::Operator
            }
            '=' if self.peek(0) == Some(b'~') => {
                return self.fault(start, "unexpected character after '=': '~'".into());
            }
            '=' => Kind::Equal,
            '!' => match self.next_char() {
                Some('=') => Kind::NotEqual,
                next => {
                    let next = quote_char(next.unwrap_or('\u{FFFD}'));
                    return self.fault(start, format!("unexpected character after '!': {next}"));
                }
            },
            '<' | '>' => {
                let trims = self.version >= TRIMMING && self.peek(0) == Some(b'/');
                if trims || self.peek(0) == Some(b'=') {
                    self.at += 1;
                }
                Kind::Operator
            }
            '0'..='9' => return self.number_or_duration(start),
            '.' if self.peek(0).is_some_and(|byte| byte.is_ascii_digit()) => {
                return self.number_or_duration(start);
            }
            '"' | '\'' => return self.string(start, c),
            '`' => return self.raw_string(start),
            'a'..='z' | 'A'..='Z' | '_' | ':' => return self.word(start),
            '(' | '[' => Kind::Other,
            ')' => {
                // The lexer itself takes it back, one character later.
                let span: Span = (start..self.at).into();
                let message = "unexpected right parenthesis ')'".into();
                return Token {
                    kind: Kind::Fault,
                    span,
                    faults: vec![Fault { message, at: span.end, span }],
                };
            }
            ']' => return self.fault(start, "unexpected right bracket ']'".into()),
            '{' => {
                self.inside_braces = true;
                Kind::LeftBrace
            }
            '@' => Kind::At,
            c => return self.fault(start, format!("unexpected character: {}", quote_char(c))),
        };
        self.token(kind, start)
    }

    fn word(&mut self, start: usize) -> Token {
        while self.peek(0).is_some_and(|byte| matches!(byte, b'_' | b':') || byte.is_ascii_alphanumeric()) {
            self.at += 1;
        }
        let word = self.input.get(start..self.at).unwrap_or_default();
        let kind = match keyword(&word.to_ascii_lowercase(), self.version) {
            Some(Kind::Keyword) if word.to_ascii_lowercase().starts_with(b"fill") && !self.before_paren() => {
                Kind::Identifier
            }
            Some(kind) => kind,
            None if word.contains(&b':') => Kind::MetricIdentifier,
            None => Kind::Identifier,
        };
        self.token(kind, start)
    }

    fn before_paren(&self) -> bool {
        let rest = self.input.get(self.at..).unwrap_or_default();
        rest.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) == Some(&b'(')
    }

    fn accept(&mut self, bytes: &[u8]) -> bool {
        let found = self.peek(0).is_some_and(|byte| bytes.contains(&byte));
        if found {
            self.at += 1;
        }
        found
    }

    fn number_or_duration(&mut self, start: usize) -> Token {
        self.at = start;
        let is_number = if self.version >= UNDERSCORES { self.number() } else { self.old_number() };
        if is_number {
            return self.token(Kind::Number, start);
        }
        if self.duration() {
            return self.token(Kind::Duration, start);
        }
        let text = quote(self.input.get(start..self.at).unwrap_or_default());
        self.fault(start, format!("bad number or duration syntax: {text}"))
    }

    fn ends_word(&self) -> bool {
        !self.peek(0).is_some_and(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
    }

    /// Numbers before 2.54.
    fn old_number(&mut self) -> bool {
        let digits = if self.accept(b"0") && self.accept(b"xX") { HEXADECIMAL } else { DECIMAL };
        while self.accept(digits) {}
        if self.accept(b".") {
            while self.accept(digits) {}
        }
        if self.accept(b"eE") {
            self.accept(b"+-");
            while self.accept(DECIMAL) {}
        }
        self.ends_word()
    }

    fn number(&mut self) -> bool {
        let start = self.at;
        let mut digits = DECIMAL;
        if self.accept(b"0") && self.accept(b"xX") {
            self.accept(b"_");
            digits = HEXADECIMAL;
        }
        self.accept(b".");
        self.accept(digits);
        let (mut dot, mut exponent) = (false, false);
        while self.peek(0).is_some_and(|byte| digits.contains(&byte) || b"._eE".contains(&byte)) {
            if self.peek(0) == Some(b'.') && dot {
                self.at += 1;
                return false;
            }
            if self.peek(0).is_some_and(|byte| matches!(byte, b'e' | b'E')) && exponent {
                self.at += 1;
                return false;
            }
            if self.accept(b".") {
                dot = true;
                if self.accept(b"_.") || digits.len() > 10 {
                    return false;
                }
            } else if self.accept(b"eE") {
                exponent = true;
                self.accept(b"+-");
                if self.accept(b"._eE") || self.peek(0).is_none() {
                    return false;
                }
            } else if self.accept(b"_") {
                if self.accept(b"._eE") || self.peek(0).is_none() {
                    return false;
                }
            } else {
                while self.accept(digits) {}
            }
        }
        self.at != start && self.ends_word()
    }

    fn duration(&mut self) -> bool {
        if !self.accept(b"smhdwy") {
            return false;
        }
        self.accept(b"s");
        while self.accept(DECIMAL) {
            while self.accept(DECIMAL) {}
            if !self.accept(b"smhdw") {
                return false;
            }
            self.accept(b"s");
        }
        let ends = self.ends_word();
        if !ends {
            // Prometheus' excerpt shows the character that spoils it.
            self.at += 1;
        }
        ends
    }

    fn string(&mut self, start: usize, quote: char) -> Token {
        let mut faults = Vec::new();
        let mut fault = |message: &str, span: Span| {
            faults.push(Fault { message: message.to_owned(), at: start as u32, span });
        };
        loop {
            let before = self.at;
            match self.next_char() {
                Some('\\') => {
                    if let Err(message) = self.escape(quote) {
                        fault(&message, (before..self.at).into());
                    }
                }
                Some('\u{FFFD}') => fault("invalid UTF-8 rune", (before..self.at).into()),
                None | Some('\n') => {
                    self.at = before;
                    fault("unterminated quoted string", (start..before).into());
                    break;
                }
                Some(c) if c == quote => break,
                Some(_) => {}
            }
        }
        Token { kind: Kind::String, span: (start..self.at).into(), faults }
    }

    fn raw_string(&mut self, start: usize) -> Token {
        let mut faults = Vec::new();
        let mut fault = |message: &str, span: Span| {
            faults.push(Fault { message: message.to_owned(), at: start as u32, span });
        };
        loop {
            let before = self.at;
            match self.next_char() {
                Some('\u{FFFD}') => fault("invalid UTF-8 rune", (before..self.at).into()),
                None => {
                    fault("unterminated raw string", (start..self.at).into());
                    break;
                }
                Some('`') => break,
                Some(_) => {}
            }
        }
        Token { kind: Kind::String, span: (start..self.at).into(), faults }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self, quote: char) -> Result<(), String> {
        const UNTERMINATED: &str = "escape sequence not terminated";
        let start = self.at;
        let (digits, base, max) = match self.next_char() {
            Some('a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\') => return Ok(()),
            Some(c) if c == quote => return Ok(()),
            Some('0'..='7') => {
                self.at = start;
                (3, 8, 255)
            }
            Some('x') => (2, 16, 255),
            Some('u') => (4, 16, 0x10_FFFF),
            Some('U') => (8, 16, 0x10_FFFF),
            Some(c) => return Err(format!("unknown escape sequence {}", code_point(c))),
            None => return Err(UNTERMINATED.into()),
        };
        let mut value: u32 = 0;
        for _ in 0..digits {
            let before = self.at;
            let Some(c) = self.next_char() else { return Err(UNTERMINATED.into()) };
            let Some(digit) = c.to_digit(base) else {
                // The quote may close the string; Prometheus has given up by here.
                self.at = before;
                return Err(format!("illegal character {} in escape sequence", code_point(c)));
            };
            value = value.wrapping_mul(base).wrapping_add(digit);
        }
        if value > max || (0xD800..0xE000).contains(&value) {
            return Err("escape sequence is an invalid Unicode code point".into());
        }
        Ok(())
    }
}

const DECIMAL: &[u8] = b"0123456789";
const HEXADECIMAL: &[u8] = b"0123456789abcdefABCDEF";
/// `</` and `>/` are operators since here.
const TRIMMING: Version = Version { major: 3, minor: 11 };
/// Numbers may hold underscores since here.
pub(super) const UNDERSCORES: Version = Version { major: 2, minor: 54 };

/// Go's `%#U`.
fn code_point(c: char) -> String {
    let code = u32::from(c);
    if is_print(c) { format!("U+{code:04X} '{c}'") } else { format!("U+{code:04X}") }
}
