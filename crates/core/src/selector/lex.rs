//! The words of PromQL: Prometheus' `promql/parser/lex.go`. Selectors and whole expressions share it, as they
//! do there.

use bstr::ByteSlice as _;

use super::token::{DURATION_EXPRESSIONS, DURATION_WORDS, Fault, Kind, Token, UNDERSCORES};
use super::words::{duration_word, keyword};
use crate::text::{Span, quote_char};
use crate::version::Version;

/// What parts a text into words.
#[derive(Debug)]
pub struct Lexer<'s> {
    /// The text.
    pub input: &'s [u8],
    pub(super) version: Version,
    pub(super) at: usize,
    inside_braces: bool,
    /// How many parentheses are open.
    parens: u32,
    bracket: Bracket,
    /// Whether the brackets that are open held a colon already.
    got_colon: bool,
    /// Whether any brackets so far held a number: it is never forgotten.
    got_duration: bool,
}

/// Where the lexer stands in relation to brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bracket {
    Outside,
    /// Before the first number, where only durations are read.
    Before,
    /// Behind it, where words are read as elsewhere, but for names.
    Behind,
}

impl<'s> Lexer<'s> {
    /// A lexer at the beginning of a text, that reads as this version does.
    #[must_use]
    pub fn new(input: &'s [u8], version: Version) -> Self {
        Self {
            input,
            version,
            at: 0,
            inside_braces: false,
            parens: 0,
            bracket: Bracket::Outside,
            got_colon: false,
            got_duration: false,
        }
    }

    /// The bytes of a word.
    #[must_use]
    pub fn text(&self, token: &Token) -> &'s [u8] {
        self.input.get(token.span.range()).unwrap_or_default()
    }

    /// How far the text is read, in bytes.
    #[must_use]
    pub fn end(&self) -> u32 {
        self.at as u32
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<u8> {
        self.input.get(self.at + ahead).copied()
    }

    /// Reads a character; the replacement character stands for a byte that is not UTF-8.
    pub(super) fn next_char(&mut self) -> Option<char> {
        let rest = self.input.get(self.at..).filter(|rest| !rest.is_empty())?;
        let (c, size) = match bstr::decode_utf8(rest) {
            (Some(c), size) => (c, size),
            (None, _) => ('\u{FFFD}', 1),
        };
        self.at += size;
        Some(c)
    }

    pub(super) fn token(&self, kind: Kind, start: usize) -> Token {
        Token { kind, span: (start..self.at).into(), faults: Vec::new() }
    }

    pub(super) fn fault(&self, start: usize, message: String) -> Token {
        let span: Span = (start..self.at).into();
        let fault = Fault { message, at: span.start, span };
        Token { kind: Kind::Fault, span, faults: vec![fault] }
    }

    /// The next word.
    pub fn next_token(&mut self) -> Token {
        loop {
            match self.peek(0) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'#') if self.bracket != Bracket::Before => {
                    let rest = self.input.get(self.at..).unwrap_or_default();
                    self.at += rest.find_byteset(b"\r\n").unwrap_or(rest.len());
                }
                _ => break,
            }
        }
        match self.bracket {
            _ if self.inside_braces => self.inside(),
            Bracket::Before => self.range(),
            _ => self.outside(),
        }
    }

    /// A fault, of which Prometheus says that it lies behind the word.
    fn fault_behind(&mut self, start: usize, message: &'static str) -> Token {
        let mut token = self.fault(start, message.to_owned());
        token.faults.iter_mut().for_each(|fault| fault.at = fault.span.end);
        token
    }

    fn right_paren(&mut self, start: usize) -> Token {
        if self.parens == 0 {
            return self.fault_behind(start, "unexpected right parenthesis ')'");
        }
        self.parens -= 1;
        self.token(Kind::RightParen, start)
    }

    /// Behind a left bracket. Releases before 2.54 read a duration there, those before 3.4 a number or a
    /// duration, the newer ones an expression of durations.
    fn range(&mut self) -> Token {
        let start = self.at;
        if self.version < DURATION_EXPRESSIONS {
            self.bracket = Bracket::Behind;
            return if self.version < UNDERSCORES {
                self.old_duration(start)
            } else {
                self.number_or_duration(start)
            };
        }
        let kind = match self.next_char() {
            None => {
                let mut token = self.fault(start, "unexpected end of input in duration expression".into());
                token.kind = Kind::End;
                return token;
            }
            Some(']') => {
                self.bracket = Bracket::Outside;
                self.got_colon = false;
                Kind::RightBracket
            }
            Some(':') if !self.got_duration => {
                return self.fault_behind(start, "unexpected colon before duration in duration expression");
            }
            Some(':') if self.got_colon => {
                return self.fault_behind(start, "unexpected repeated colon in duration expression");
            }
            Some(':') => {
                self.got_colon = true;
                Kind::Colon
            }
            Some('(') => {
                self.parens += 1;
                Kind::LeftParen
            }
            Some(')') => return self.right_paren(start),
            Some('+' | '-' | '*' | '/' | '%' | '^') => Kind::Operator,
            Some(',') if self.version >= DURATION_WORDS => Kind::Comma,
            Some(c)
                if c.is_ascii_digit()
                    || c == '.' && self.peek(0).is_some_and(|byte| byte.is_ascii_digit()) =>
            {
                self.got_duration = true;
                self.bracket = Bracket::Behind;
                return self.number_or_duration(start);
            }
            Some(c) => {
                if c.is_ascii_alphabetic()
                    && let Some(kind) = self.duration_word(start)
                {
                    return self.token(kind, start);
                }
                let message = format!("unexpected character in duration expression: {}", quote_char(c));
                return self.fault(start, message);
            }
        };
        self.token(kind, start)
    }

    /// Reads the rest of a word that stands for a duration, where it is one.
    fn duration_word(&mut self, start: usize) -> Option<Kind> {
        if self.version < DURATION_WORDS {
            return None;
        }
        let end =
            |at: usize| self.input.get(at).is_none_or(|byte| *byte != b'_' && !byte.is_ascii_alphabetic());
        let end = (start..=self.input.len()).find(|&at| end(at)).unwrap_or(self.input.len());
        let word = self.input.get(start..end).unwrap_or_default().to_ascii_lowercase();
        let kind = duration_word(&word, self.version)?;
        self.at = end;
        Some(kind)
    }

    /// A letter or a colon behind the first number in brackets. Before 3.6, any letter passes for a colon.
    fn colon(&mut self, start: usize, c: char) -> Token {
        let colon = c == ':' || self.version < DURATION_WORDS;
        if colon && self.got_colon {
            return self.fault(start, format!("unexpected colon {}", quote_char(c)));
        }
        if colon {
            self.got_colon = true;
            return self.token(Kind::Colon, start);
        }
        // In two releases the lexer did not look for `range` here.
        let overlooked = c.eq_ignore_ascii_case(&'r') && self.version < WHOLE_DURATION_WORDS;
        match self.duration_word(start).filter(|_| !overlooked) {
            Some(kind) => self.token(kind, start),
            None => {
                self.at = start + 1;
                self.fault(start, format!("unexpected character: {}, expected ':'", quote_char(c)))
            }
        }
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
            let unclosed = match self.bracket {
                _ if self.parens > 0 => "unclosed left parenthesis",
                Bracket::Outside => return self.token(Kind::End, start),
                _ => "unclosed left bracket",
            };
            let mut token = self.fault(start, unclosed.into());
            token.kind = Kind::End;
            return token;
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
            'a'..='z' | 'A'..='Z' | '_' | ':' if self.bracket == Bracket::Outside => return self.word(start),
            'a'..='z' | 'A'..='Z' | '_' | ':' => return self.colon(start, c),
            '(' => {
                self.parens += 1;
                Kind::LeftParen
            }
            ')' => return self.right_paren(start),
            '[' if self.bracket != Bracket::Outside => {
                return self.fault(start, "unexpected left bracket '['".into());
            }
            '[' => {
                self.bracket = Bracket::Before;
                self.got_colon = false;
                Kind::LeftBracket
            }
            ']' if self.bracket == Bracket::Outside => {
                return self.fault(start, "unexpected right bracket ']'".into());
            }
            ']' => {
                self.bracket = Bracket::Outside;
                Kind::RightBracket
            }
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
}

/// `</` and `>/` are operators since here.
const TRIMMING: Version = Version { major: 3, minor: 11 };
/// All such words are read everywhere in brackets since here.
const WHOLE_DURATION_WORDS: Version = Version { major: 3, minor: 12 };
