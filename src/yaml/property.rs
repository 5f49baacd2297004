//! Anchors, aliases, tags and directives (`scannerc.go`, `scan_anchor`, `scan_tag`, `scan_directive`).

use super::scan::{Scanned, Scanner};
use super::token::{Fault, Mark, TokenKind};

impl Scanner<'_> {
    pub(super) fn fetch_anchor(&mut self, alias: bool) -> Scanned<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        self.advance();
        let name = self.take_while(is_word);
        let ends = self.is_blank_or_end(0)
            || matches!(self.byte(0), Some(b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`'));
        if name.is_empty() || !ends {
            let words = "did not find expected alphabetic or numeric character";
            return Err(Fault::scanner(words, self.mark, start).shown_at(start));
        }
        let name = name.to_owned();
        self.push(if alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) }, start);
        Ok(())
    }

    pub(super) fn fetch_tag(&mut self) -> Scanned<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        let (handle, suffix);
        if self.byte(1) == Some(b'<') {
            self.advance();
            self.advance();
            handle = String::new();
            suffix = self.tag_uri("", start)?;
            if self.byte(0) != Some(b'>') {
                return Err(Fault::scanner("did not find the expected '>'", self.mark, start));
            }
            self.advance();
        } else {
            let head = self.tag_handle();
            if head.len() > 1 && head.ends_with('!') {
                suffix = self.tag_uri("", start)?;
                handle = head;
            } else {
                let rest = self.tag_uri(&head, start)?;
                (handle, suffix) =
                    if rest.is_empty() { (String::new(), "!".to_owned()) } else { ("!".to_owned(), rest) };
            }
        }
        if !self.is_blank_or_end(0) {
            let words = "did not find expected whitespace or line break";
            return Err(Fault::scanner(words, self.mark, start));
        }
        self.push(TokenKind::Tag { handle, suffix }, start);
        Ok(())
    }

    /// `!`, `!!` or `!name!`; `!name` where it is no handle after all.
    fn tag_handle(&mut self) -> String {
        let start = self.mark.byte;
        self.advance();
        self.take_while(is_word);
        if self.byte(0) == Some(b'!') {
            self.advance();
        }
        self.text[start..self.mark.byte].to_owned()
    }

    fn tag_uri(&mut self, head: &str, start: Mark) -> Scanned<String> {
        let mut bytes = head.get(1..).unwrap_or("").as_bytes().to_vec();
        let mut has_tag = !head.is_empty();
        while let Some(byte) = self.byte(0).filter(|&byte| is_uri(byte)) {
            if byte == b'%' {
                let digits = self.text.as_bytes().get(self.mark.byte + 1..self.mark.byte + 3);
                let octet = digits
                    .and_then(|digits| std::str::from_utf8(digits).ok())
                    .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
                    .and_then(|digits| u8::from_str_radix(digits, 16).ok());
                let Some(octet) = octet else {
                    return Err(Fault::scanner("did not find URI escaped octet", self.mark, start));
                };
                bytes.push(octet);
                self.advance();
                self.advance();
            } else {
                bytes.push(byte);
            }
            self.advance();
            has_tag = true;
        }
        if !has_tag {
            return Err(Fault::scanner("did not find expected tag URI", self.mark, start));
        }
        String::from_utf8(bytes)
            .map_err(|_| Fault::scanner("found an incorrect leading UTF-8 octet", self.mark, start))
    }

    pub(super) fn fetch_directive(&mut self) -> Scanned<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        self.advance();
        let name = self.take_while(is_word).to_owned();
        let fault =
            |scanner: &Self, words: &str| Err(Fault::scanner(words, scanner.mark, start).shown_at(start));
        if name.is_empty() {
            return fault(self, "could not find expected directive name");
        }
        if !self.is_blank_or_end(0) {
            return fault(self, "found unexpected non-alphabetical character");
        }
        let kind = match name.as_str() {
            "YAML" => {
                self.skip_blanks();
                let major = self.take_while(|byte| byte.is_ascii_digit());
                if major.is_empty() {
                    return fault(self, "did not find expected version number");
                }
                if self.byte(0) != Some(b'.') {
                    return fault(self, "did not find expected digit or '.' character");
                }
                self.advance();
                let minor = self.take_while(|byte| byte.is_ascii_digit());
                if minor.is_empty() {
                    return fault(self, "did not find expected version number");
                }
                TokenKind::VersionDirective { is_1_1: is_one(major) && is_one(minor) }
            }
            "TAG" => {
                self.skip_blanks();
                if self.byte(0) != Some(b'!') {
                    return fault(self, "did not find expected '!'");
                }
                let handle = self.tag_handle();
                if handle != "!" && !handle.ends_with('!') {
                    return fault(self, "did not find expected '!'");
                }
                if !matches!(self.byte(0), Some(b' ' | b'\t')) {
                    return fault(self, "did not find expected whitespace");
                }
                self.skip_blanks();
                let prefix = self.tag_uri("", start)?;
                if !self.is_blank_or_end(0) {
                    return fault(self, "did not find expected whitespace or line break");
                }
                TokenKind::TagDirective { handle, prefix }
            }
            _ => return fault(self, "found unknown directive name"),
        };
        self.push(kind, start);
        self.skip_blanks();
        self.skip_comment();
        if self.byte(0).is_some() && self.break_len() == 0 {
            return fault(self, "did not find expected comment or line break");
        }
        self.skip_break();
        Ok(())
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_uri(byte: u8) -> bool {
    is_word(byte) || b";/?:@&=+$,.!~*'()[]%".contains(&byte)
}

fn is_one(digits: &str) -> bool {
    digits.trim_start_matches('0') == "1"
}
