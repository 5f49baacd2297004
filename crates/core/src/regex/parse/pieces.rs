//! The pieces of a pattern that are more than a character: counts, groups, escapes, classes.

use bstr::ByteSlice as _;
use regex_syntax::hir::Look;

use super::{DOT_NEWLINE, FOLD, Kind, MAX_CLASS_RANGES, MAX_REPEAT, NON_GREEDY, ONE_LINE, Parser, Result_};
use crate::regex::class::{self, ClassBuilder, MAX_RUNE, Rune};
use crate::regex::error::RegexError;

impl Parser<'_> {
    /// `{n}`, `{n,}` or `{n,m}` from where reading stands: the counts, `None` where they are out of range,
    /// and where they end. `None` where it is no repetition.
    #[expect(clippy::type_complexity, reason = "a pair of counts, and where they end")]
    pub(super) fn counts(&self) -> Option<(Option<(u32, Option<u32>)>, usize)> {
        let mut at = self.at + 1;
        let min = self.count(&mut at)?;
        let mut max = Some(min);
        if *self.pattern.get(at)? == b',' {
            at += 1;
            max = if *self.pattern.get(at)? == b'}' { None } else { Some(self.count(&mut at)?) };
        }
        if *self.pattern.get(at)? != b'}' {
            return None;
        }
        let fits = min <= MAX_REPEAT && max.is_none_or(|max| max <= MAX_REPEAT && min <= max);
        Some((fits.then_some((min, max)), at + 1))
    }

    /// Decimal digits without leading zeros; what exceeds a billion stays there.
    pub(super) fn count(&self, at: &mut usize) -> Option<u32> {
        let digits = self.pattern.get(*at..)?;
        let digits = &digits[..digits.iter().take_while(|byte| byte.is_ascii_digit()).count()];
        if digits.is_empty() || digits.len() > 1 && digits[0] == b'0' {
            return None;
        }
        *at += digits.len();
        Some(digits.iter().fold(0u32, |number, digit| {
            number.saturating_mul(10).saturating_add(u32::from(digit - b'0')).min(1_000_000_000)
        }))
    }

    /// A group that begins with `(?`: flags, a name or neither.
    pub(super) fn perl_group(&mut self) -> Result_<()> {
        let start = self.at;
        let rest = self.rest();
        let named_at = if rest.len() > 4 && rest.starts_with(b"(?P<") {
            Some(4)
        } else if rest.len() > 3 && rest.starts_with(b"(?<") && self.options.go.syntax >= 22 {
            Some(3)
        } else {
            None
        };
        if let Some(named_at) = named_at {
            let Some(end) = rest.find_byte(b'>') else {
                return Err(Self::utf8(rest).err().unwrap_or(RegexError::new(Kind::NamedCapture, rest)));
            };
            let name = &rest[named_at..end];
            Self::utf8(name)?;
            if name.is_empty() || !name.iter().all(|&byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
                return Err(RegexError::new(Kind::NamedCapture, &rest[..=end]));
            }
            self.names.push(Some(String::from_utf8_lossy(name).into_owned()));
            self.open(Some(self.names.len() as u32 - 1));
            self.at += end + 1;
            return Ok(());
        }
        self.at += 2;
        let mut flags = self.flags;
        let mut negated = false;
        let mut saw_flag = false;
        while !self.rest().is_empty() {
            match char::from_u32(self.rune()?) {
                Some('i') => flags |= FOLD,
                Some('m') => flags &= !ONE_LINE,
                Some('s') => flags |= DOT_NEWLINE,
                Some('U') => flags |= NON_GREEDY,
                Some('-') if !negated => {
                    // What is switched off is switched on in the complement.
                    negated = true;
                    flags = !flags;
                    saw_flag = false;
                    continue;
                }
                Some(c @ (':' | ')')) if !negated || saw_flag => {
                    if negated {
                        flags = !flags;
                    }
                    if c == ':' {
                        self.open(None);
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            saw_flag = true;
        }
        Err(self.error(Kind::PerlOp, start))
    }

    pub(super) fn utf8(bytes: &[u8]) -> Result_<()> {
        match bytes.to_str() {
            Ok(_) => Ok(()),
            Err(error) => Err(RegexError::new(Kind::Utf8, &bytes[error.valid_up_to()..])),
        }
    }

    pub(super) fn backslash(&mut self) -> Result_<()> {
        let start = self.at;
        match self.peek(1) {
            Some(b'A') => return self.look(Look::Start, 2),
            Some(b'z') => return self.look(Look::End, 2),
            Some(b'b') => return self.look(Look::WordAscii, 2),
            Some(b'B') => return self.look(Look::WordAsciiNegate, 2),
            Some(b'C') => {
                self.at += 2;
                return Err(self.error(Kind::Escape, start));
            }
            Some(b'Q') => {
                self.at += 2;
                let quoted = self.rest();
                let end = quoted.find(b"\\E");
                let stop = self.at + end.unwrap_or(quoted.len());
                while self.at < stop {
                    // An excerpt of bytes that are not UTF-8 ends with the quotation.
                    let (Some(c), size) = bstr::decode_utf8(&self.pattern[self.at..stop]) else {
                        return Err(RegexError::new(Kind::Utf8, &self.pattern[self.at..stop]));
                    };
                    self.at += size;
                    self.literal(Rune::from(c))?;
                }
                if end.is_some() {
                    self.at += 2;
                }
                return Ok(());
            }
            _ => {}
        }
        let mut class = ClassBuilder::default();
        if self.named_escape(&mut class)? {
            return self.push_class(class);
        }
        let rune = self.escape()?;
        self.literal(rune)
    }

    /// Reads `\pN`, `\p{Greek}`, `\d` and their like into `class`; whether there was one.
    pub(super) fn named_escape(&mut self, class: &mut ClassBuilder) -> Result_<bool> {
        let fold = self.has(FOLD);
        if self.peek(0) != Some(b'\\') {
            return Ok(false);
        }
        let Some(letter) = self.peek(1) else {
            return Ok(false);
        };
        if !matches!(letter, b'p' | b'P') {
            let Some((perl, negated)) = class::perl(letter) else {
                return Ok(false);
            };
            self.at += 2;
            class.class(perl, fold, negated);
            return Ok(true);
        }
        let start = self.at;
        let rest = self.rest();
        self.at += 2;
        let name = if self.rune()? == Rune::from(b'{') {
            let Some(end) = rest.find_byte(b'}') else {
                return Err(Self::utf8(rest).err().unwrap_or(RegexError::new(Kind::CharRange, rest)));
            };
            self.at = start + end + 1;
            Self::utf8(&rest[3..end])?;
            &rest[3..end]
        } else {
            &rest[2..self.at - start]
        };
        let (name, negated) = match name.strip_prefix(b"^") {
            Some(name) => (name, letter == b'p'),
            None => (name, letter == b'P'),
        };
        let known = name.to_str().ok().and_then(|name| class::unicode(name, self.options.go));
        let Some(known) = known else {
            return Err(self.error(Kind::CharRange, start));
        };
        class.class(known, fold, negated);
        Ok(true)
    }

    /// Reads an escape of a single character.
    pub(super) fn escape(&mut self) -> Result_<Rune> {
        let start = self.at;
        self.at += 1;
        if self.rest().is_empty() {
            return Err(RegexError::new(Kind::TrailingBackslash, b""));
        }
        let rune = self.rune()?;
        let Some(c) = char::from_u32(rune) else {
            return Err(self.error(Kind::Escape, start));
        };
        match c {
            '1'..='7' if !matches!(self.peek(0), Some(b'0'..=b'7')) => {}
            '0'..='7' => {
                let mut value = rune - Rune::from(b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek(0) else { break };
                    value = value * 8 + Rune::from(digit - b'0');
                    self.at += 1;
                }
                return Ok(value);
            }
            'x' => {
                if let Some(value) = self.hexadecimal()? {
                    return Ok(value);
                }
            }
            'a' => return Ok(0x07),
            'f' => return Ok(0x0C),
            'n' => return Ok(0x0A),
            'r' => return Ok(0x0D),
            't' => return Ok(0x09),
            'v' => return Ok(0x0B),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => return Ok(rune),
            _ => {}
        }
        Err(self.error(Kind::Escape, start))
    }

    /// What follows `\x`: two digits, or any number of them in braces.
    pub(super) fn hexadecimal(&mut self) -> Result_<Option<Rune>> {
        let digit = |rune: Rune| char::from_u32(rune).and_then(|c| c.to_digit(16));
        if self.rest().is_empty() {
            return Ok(None);
        }
        let first = self.rune()?;
        if first != Rune::from(b'{') {
            let second = self.rune()?;
            return Ok(digit(first).zip(digit(second)).map(|(high, low)| high * 16 + low));
        }
        let mut value = None;
        loop {
            if self.rest().is_empty() {
                return Ok(None);
            }
            let rune = self.rune()?;
            if rune == Rune::from(b'}') {
                return Ok(value);
            }
            let Some(digit) = digit(rune) else { return Ok(None) };
            let next = value.unwrap_or(0) * 16 + digit;
            if next > MAX_RUNE {
                return Ok(None);
            }
            value = Some(next);
        }
    }

    /// A class in brackets.
    pub(super) fn class(&mut self) -> Result_<()> {
        let whole = self.rest();
        let fold = self.has(FOLD);
        self.at += 1;
        let negated = self.peek(0) == Some(b'^');
        if negated {
            self.at += 1;
        }
        let mut class = ClassBuilder::default();
        let mut first = true;
        while first || self.peek(0) != Some(b']') {
            first = false;
            if self.class_ranges + class.len() > MAX_CLASS_RANGES {
                return Err(RegexError::new(Kind::Budget, self.pattern));
            }
            if self.posix_class(&mut class)? || self.named_escape(&mut class)? {
                continue;
            }
            let start = self.at;
            let low = self.class_character(whole)?;
            let mut high = low;
            if self.peek(0) == Some(b'-') && self.peek(1).is_some_and(|next| next != b']') {
                self.at += 1;
                high = self.class_character(whole)?;
                if high < low {
                    return Err(self.error(Kind::CharRange, start));
                }
            }
            class.range(low, high, fold);
        }
        self.at += 1;
        if negated {
            let mut complement = ClassBuilder::default();
            complement.class(class.finish(), false, true);
            class = complement;
        }
        self.push_class(class)
    }

    pub(super) fn class_character(&mut self, whole: &[u8]) -> Result_<Rune> {
        match self.peek(0) {
            None => Err(RegexError::new(Kind::Bracket, whole)),
            Some(b'\\') => self.escape(),
            Some(_) => self.rune(),
        }
    }

    /// Reads `[:alpha:]` and its like into `class`; whether there was one.
    pub(super) fn posix_class(&mut self, class: &mut ClassBuilder) -> Result_<bool> {
        let rest = self.rest();
        let Some(after) = rest.strip_prefix(b"[:") else {
            return Ok(false);
        };
        let Some(end) = after.find(b":]") else {
            return Ok(false);
        };
        let start = self.at;
        self.at += end + 4;
        let Some((posix, negated)) = class::posix(&after[..end]) else {
            return Err(self.error(Kind::CharRange, start));
        };
        class.class(posix, self.has(FOLD), negated);
        Ok(true)
    }
}
