//! The words of a template: `text/template/parse/lex.go` of Go.

use crate::text::{Span, is_print, quote};
use crate::version::Version;

/// A kind of word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    LeftDelim,
    RightDelim,
    Space,
    Identifier,
    Keyword,
    Bool,
    Nil,
    Dot,
    Field,
    Variable,
    Number,
    Char,
    String,
    RawString,
    LeftParen,
    RightParen,
    Pipe,
    Assign,
    Declare,
    /// Any other printable character, such as a comma.
    Other,
    Error,
    End,
}

/// A word of a template.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// The line in which it begins, from 1.
    pub(super) line: u32,
    /// Of an error, Go's message.
    pub(super) message: String,
}

pub(super) struct Lexer<'t> {
    pub(super) text: &'t str,
    at: usize,
    line: u32,
    inside: bool,
    parens: u32,
    failed: bool,
    /// Go before 1.20 notices a right parenthesis too many only behind it.
    late_parens: bool,
}

const KEYWORDS: &[&str] =
    &["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"];

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str, version: Version) -> Self {
        let late_parens = version < GO_1_20;
        Self { text, at: 0, line: 1, inside: false, parens: 0, failed: false, late_parens }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next_char(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn token(&mut self, kind: Kind, start: usize) -> Token {
        let line = self.line;
        let read = self.text.get(start..self.at).unwrap_or_default();
        self.line += read.matches('\n').count() as u32;
        Token { kind, span: (start..self.at).into(), line, message: String::new() }
    }

    fn error(&mut self, start: usize, message: impl Into<String>) -> Token {
        self.failed = true;
        let mut token = self.token(Kind::Error, start);
        token.message = message.into();
        token
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Token {
        if self.failed {
            return self.token(Kind::End, self.at);
        }
        if self.inside { self.action() } else { self.outside() }
    }

    fn outside(&mut self) -> Token {
        let start = self.at;
        match self.rest().find("{{") {
            None if self.rest().is_empty() => self.token(Kind::End, start),
            None => {
                self.at = self.text.len();
                self.token(Kind::Text, start)
            }
            Some(0) => {
                self.at += 2;
                let trims = self.rest().starts_with('-') && self.rest()[1..].starts_with(is_space);
                let skip = if trims { 2 } else { 0 };
                if self.rest().get(skip..).is_some_and(|rest| rest.starts_with("/*")) {
                    return self.comment(start, skip);
                }
                self.at += skip;
                self.inside = true;
                self.parens = 0;
                self.token(Kind::LeftDelim, start)
            }
            Some(len) => {
                self.at += len;
                self.token(Kind::Text, start)
            }
        }
    }

    /// A comment, which counts as text.
    fn comment(&mut self, start: usize, skip: usize) -> Token {
        self.at += skip + 2;
        let Some(end) = self.rest().find("*/") else {
            return self.error(start, "unclosed comment");
        };
        self.at += end + 2;
        match self.right_delim() {
            Some(len) => {
                self.at += len;
                self.token(Kind::Text, start)
            }
            None => self.error(start, "comment ends before closing delimiter"),
        }
    }

    /// The length of the right delimiter, where it is next.
    fn right_delim(&self) -> Option<usize> {
        let rest = self.rest();
        if rest.starts_with("}}") {
            return Some(2);
        }
        let trimmed = rest.strip_prefix(is_space)?.strip_prefix("-}}")?;
        Some(rest.len() - trimmed.len())
    }

    fn action(&mut self) -> Token {
        let start = self.at;
        if let Some(len) = self.right_delim() {
            if self.parens > 0 {
                return self.error(start, "unclosed left paren");
            }
            self.at += len;
            self.inside = false;
            return self.token(Kind::RightDelim, start);
        }
        let Some(c) = self.next_char() else { return self.error(start, "unclosed action") };
        let kind = match c {
            c if is_space(c) => {
                while self.peek().is_some_and(is_space) && self.right_delim().is_none() {
                    self.next_char();
                }
                Kind::Space
            }
            '=' => Kind::Assign,
            ':' => {
                if self.next_char() != Some('=') {
                    return self.error(start, "expected :=");
                }
                Kind::Declare
            }
            '|' => Kind::Pipe,
            '"' => return self.quoted(start, '"', Kind::String, "unterminated quoted string"),
            '\'' => return self.quoted(start, '\'', Kind::Char, "unterminated character constant"),
            '`' => {
                let Some(end) = self.rest().find('`') else {
                    return self.error(start, "unterminated raw quoted string");
                };
                self.at += end + 1;
                Kind::RawString
            }
            '$' => return self.name(start, Kind::Variable, Kind::Variable),
            '.' if self.peek().is_some_and(|next| !next.is_ascii_digit()) => {
                return self.name(start, Kind::Field, Kind::Dot);
            }
            '.' | '+' | '-' | '0'..='9' => return self.number(start),
            c if is_alphanumeric(c) => return self.identifier(start),
            '(' => {
                self.parens += 1;
                Kind::LeftParen
            }
            ')' if self.parens == 0 && !self.late_parens => {
                return self.error(start, "unexpected right paren");
            }
            ')' => {
                self.parens = self.parens.saturating_sub(1);
                Kind::RightParen
            }
            c if c.is_ascii_graphic() => Kind::Other,
            c => return self.error(start, format!("unrecognized character in action: {}", code_point(c))),
        };
        self.token(kind, start)
    }

    fn quoted(&mut self, start: usize, quote: char, kind: Kind, unterminated: &str) -> Token {
        loop {
            let c = match self.next_char() {
                Some('\\') => self.next_char().filter(|c| *c != '\n').map(|_| ' '),
                other => other,
            };
            match c {
                None | Some('\n') => return self.error(start, unterminated),
                Some(c) if c == quote => return self.token(kind, start),
                Some(_) => {}
            }
        }
    }

    /// A field or a variable, of which the first character is read.
    fn name(&mut self, start: usize, kind: Kind, alone: Kind) -> Token {
        if self.at_terminator() {
            return self.token(alone, start);
        }
        while self.peek().is_some_and(is_alphanumeric) {
            self.next_char();
        }
        self.terminated(start, kind)
    }

    fn identifier(&mut self, start: usize) -> Token {
        while self.peek().is_some_and(is_alphanumeric) {
            self.next_char();
        }
        let kind = match self.text.get(start..self.at).unwrap_or_default() {
            "nil" => Kind::Nil,
            "true" | "false" => Kind::Bool,
            word if KEYWORDS.contains(&word) => Kind::Keyword,
            _ => Kind::Identifier,
        };
        self.terminated(start, kind)
    }

    fn terminated(&mut self, start: usize, kind: Kind) -> Token {
        match self.peek() {
            Some(c) if !self.at_terminator() => {
                self.next_char();
                self.error(start, format!("bad character {}", code_point(c)))
            }
            _ => self.token(kind, start),
        }
    }

    fn at_terminator(&self) -> bool {
        match self.peek() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(c) => is_space(c) || self.rest().starts_with("}}") || self.late_parens && c == '}',
        }
    }

    fn number(&mut self, start: usize) -> Token {
        self.at = start;
        let mut fine = self.scan_number();
        if fine && matches!(self.peek(), Some('+' | '-')) {
            // A complex number, which ends in `i`.
            fine = self.scan_number() && self.text.get(..self.at).is_some_and(|text| text.ends_with('i'));
        }
        if fine {
            return self.token(Kind::Number, start);
        }
        let text = quote(self.text.get(start..self.at).unwrap_or_default());
        self.error(start, format!("bad number syntax: {text}"))
    }

    fn accept(&mut self, valid: &str) -> bool {
        let found = self.peek().is_some_and(|c| valid.contains(c));
        if found {
            self.next_char();
        }
        found
    }

    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        while self.accept(digits) {}
        if self.accept(".") {
            while self.accept(digits) {}
        }
        let exponent = if digits.len() > 12 { "pP" } else { "eE" };
        if digits.len() > 10 && self.accept(exponent) {
            self.accept("+-");
            while self.accept("0123456789_") {}
        }
        self.accept("i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.next_char();
            return false;
        }
        true
    }
}

/// The first release that is built with Go 1.20, whose templates are lexed anew.
const GO_1_20: Version = Version { major: 2, minor: 43 };

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Go's `%#U`.
fn code_point(c: char) -> String {
    let code = u32::from(c);
    if is_print(c) { format!("U+{code:04X} '{c}'") } else { format!("U+{code:04X}") }
}
