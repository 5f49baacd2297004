//! Numbers, durations and strings of PromQL, as the lexer delimits them; what they are worth is the parsers'
//! business.

use super::lex::Lexer;
use super::token::{Fault, Kind, Token, UNDERSCORES};
use crate::text::{Span, is_print, quote};

const DECIMAL: &[u8] = b"0123456789";
const HEXADECIMAL: &[u8] = b"0123456789abcdefABCDEF";

impl Lexer<'_> {
    fn accept(&mut self, bytes: &[u8]) -> bool {
        let found = self.peek(0).is_some_and(|byte| bytes.contains(&byte));
        if found {
            self.at += 1;
        }
        found
    }

    pub(super) fn number_or_duration(&mut self, start: usize) -> Token {
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

    /// A duration in brackets before 2.54.
    pub(super) fn old_duration(&mut self, start: usize) -> Token {
        if self.old_number() {
            return self.fault(start, "missing unit character in duration".into());
        }
        if self.duration() {
            return self.token(Kind::Duration, start);
        }
        let text = quote(self.input.get(start..self.at).unwrap_or_default());
        self.fault(start, format!("bad duration syntax: {text}"))
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

    pub(super) fn string(&mut self, start: usize, quote: char) -> Token {
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

    pub(super) fn raw_string(&mut self, start: usize) -> Token {
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

/// Go's `%#U`.
fn code_point(c: char) -> String {
    let code = u32::from(c);
    if is_print(c) { format!("U+{code:04X} '{c}'") } else { format!("U+{code:04X}") }
}
