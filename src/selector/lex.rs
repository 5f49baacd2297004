//! The words of a selector: Prometheus' `promql/parser/lex.go`, as far as `match[]` can show it.

use bstr::{BString, ByteSlice as _};

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
const UNDERSCORES: Version = Version { major: 2, minor: 54 };

/// Go's `%#U`.
fn code_point(c: char) -> String {
    let code = u32::from(c);
    if is_print(c) { format!("U+{code:04X} '{c}'") } else { format!("U+{code:04X}") }
}

/// What a lower-case word is to PromQL of `version`, where it is more than a name.
pub(super) fn keyword(word: &[u8], version: Version) -> Option<Kind> {
    let since = |minor| version >= Version { major: 3, minor };
    Some(match word {
        b"and" | b"or" | b"unless" | b"atan2" => Kind::OperatorWord,
        b"sum" | b"avg" | b"count" | b"min" | b"max" | b"group" | b"stddev" | b"stdvar" | b"topk"
        | b"bottomk" | b"count_values" | b"quantile" => Kind::Aggregator,
        b"limitk" | b"limit_ratio" if version >= UNDERSCORES => Kind::Aggregator,
        b"offset" | b"by" | b"without" | b"on" | b"ignoring" | b"group_left" | b"group_right" | b"bool" => {
            Kind::Keyword
        }
        b"anchored" | b"smoothed" if since(7) => Kind::Keyword,
        b"fill" | b"fill_left" | b"fill_right" if since(10) => Kind::Keyword,
        b"start" | b"end" => Kind::Preprocessor,
        b"step" if since(6) => Kind::Preprocessor,
        b"range" if since(10) => Kind::Preprocessor,
        b"max_of" | b"min_of" if since(13) => Kind::Preprocessor,
        b"inf" | b"nan" => Kind::Number,
        _ => return None,
    })
}

/// Whether a word that is a keyword may still name a metric before the braces.
pub(super) fn names_metric(kind: Kind, lower: &[u8], version: Version) -> bool {
    match kind {
        Kind::Identifier | Kind::MetricIdentifier | Kind::Aggregator | Kind::Preprocessor => true,
        Kind::OperatorWord => lower != b"atan2",
        Kind::Keyword => match lower {
            b"on" | b"ignoring" | b"group_left" | b"group_right" | b"bool" => false,
            // An oversight of one release.
            b"anchored" | b"smoothed" => version != Version { major: 3, minor: 7 },
            _ => true,
        },
        _ => false,
    }
}

/// Go's description of an unexpected word: `Item.desc` and `Item.String` of the lexer.
pub(super) fn describe(kind: Kind, text: &[u8], version: Version) -> String {
    let short = || {
        if text.len() > 10 {
            let end = text.char_indices().nth(10).map_or(text.len(), |(start, ..)| start);
            format!("{}...", quote(&text[..end]))
        } else {
            quote(text)
        }
    };
    let plain = text.to_str_lossy();
    match kind {
        Kind::Identifier => format!("identifier {}", quote(text)),
        Kind::MetricIdentifier => format!("metric identifier {}", quote(text)),
        Kind::OperatorWord | Kind::Operator | Kind::NotEqual | Kind::EqualRegex | Kind::NotEqualRegex => {
            format!("<op:{plain}>")
        }
        Kind::At => match unnamed_at(version) {
            Some(number) => format!("\"<Item {number}>\" <op:@>"),
            None => "<op:@>".into(),
        },
        Kind::Aggregator => format!("<aggr:{plain}>"),
        Kind::Keyword => format!("<{plain}>"),
        Kind::String => format!("string {}", short()),
        Kind::Number => format!("number {}", short()),
        Kind::Duration => format!("duration {}", short()),
        Kind::End => "end of input".into(),
        _ => short(),
    }
}

/// Before 3.8 the lexer had no word for `@`, and printed its number, which moved with the grammar.
fn unnamed_at(version: Version) -> Option<u32> {
    match (version.major, version.minor) {
        (2, ..47) => Some(57385),
        (2, 47..54) => Some(57398),
        (2, 54) => Some(57399),
        (2, _) | (3, ..8) => Some(57400),
        _ => None,
    }
}

/// The text that a string spells: `util/strutil/quote.go`, `Unquote`. Of a string with faults, what can be
/// read.
pub(super) fn unquote(string: &[u8]) -> BString {
    let Some((&quote, rest)) = string.split_first() else { return BString::default() };
    let mut rest = rest.strip_suffix(&[quote]).unwrap_or(rest);
    if quote == b'`' {
        return rest.into();
    }
    let mut out = Vec::with_capacity(rest.len());
    while let Some(at) = rest.find_byte(b'\\') {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let Some((&escape, after)) = rest.split_first() else { break };
        let (digits, skip, radix) = match escape {
            b'x' => (2, 1, 16),
            b'u' => (4, 1, 16),
            b'U' => (8, 1, 16),
            b'0'..=b'7' => (3, 0, 8),
            _ => {
                out.push(match escape {
                    b'a' => 0x07,
                    b'b' => 0x08,
                    b'f' => 0x0C,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'v' => 0x0B,
                    other => other,
                });
                rest = after;
                continue;
            }
        };
        let number = rest
            .get(skip..skip + digits)
            .and_then(|digits| digits.to_str().ok())
            .and_then(|digits| u32::from_str_radix(digits, radix).ok());
        let Some(number) = number else { continue };
        rest = &rest[skip + digits..];
        if digits <= 3 {
            out.push(number as u8);
        } else if let Some(c) = char::from_u32(number) {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    out.extend_from_slice(rest);
    out.into()
}
