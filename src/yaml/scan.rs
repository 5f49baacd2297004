//! From text to tokens, by the rules of go-yaml v2's scanner (`scannerc.go`, after libyaml), because YAML
//! parsers differ in what they let pass and Prometheus has this one: where tabs may stand, where a `?` ends a
//! word, when a key is still a key.

use std::collections::{HashMap, VecDeque};

use crate::text::Span;

use super::scalar;
use super::token::{Fault, Mark, Token, TokenKind};
use super::tree::Comment;

/// How many characters a key that is not introduced by `?` may have.
const MAX_SIMPLE_KEY: usize = 1024;

/// A place that turns out to be a key when a colon follows.
#[derive(Clone, Copy, Debug)]
struct SimpleKey {
    possible: bool,
    /// Whether nothing but a key may stand there.
    required: bool,
    token: usize,
    mark: Mark,
}

/// Reads tokens one by one.
pub(super) struct Scanner<'t> {
    pub(super) text: &'t str,
    pub(super) mark: Mark,
    pub(super) comments: Vec<Comment>,
    pub(super) flow_level: usize,
    /// The column of the innermost block collection; -1 outside of any.
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) simple_key_allowed: bool,
    /// The last text in quotes that did not end on its line.
    pub(super) long_quote: Option<(usize, usize)>,
    simple_keys: Vec<SimpleKey>,
    /// Which possible key, by its level, begins with which token.
    by_token: HashMap<usize, usize>,
    queue: VecDeque<Token>,
    /// How many tokens have left the queue.
    taken: usize,
    ended: bool,
}

pub(super) type Scanned<T> = Result<T, Fault>;

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        // A byte order mark belongs to the encoding; it is in no column.
        let byte = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mark = Mark { byte, ..Mark::default() };
        Self {
            text,
            mark,
            comments: Vec::new(),
            flow_level: 0,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: true,
            long_quote: None,
            simple_keys: vec![SimpleKey { possible: false, required: false, token: 0, mark }],
            by_token: HashMap::new(),
            queue: VecDeque::new(),
            // The token that starts the stream, which nobody asks for, counts.
            taken: 1,
            ended: false,
        }
    }

    /// The next token, which stays.
    pub(super) fn peek(&mut self) -> Scanned<&Token> {
        while self.needs_more()? {
            self.fetch()?;
        }
        let end = Token { kind: TokenKind::StreamEnd, start: self.mark, end: self.mark };
        if self.queue.is_empty() {
            self.queue.push_back(end);
        }
        // Just filled, if it was empty.
        Ok(&self.queue[0])
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Scanned<Token> {
        self.peek()?;
        self.taken += 1;
        let end = Token { kind: TokenKind::StreamEnd, start: self.mark, end: self.mark };
        Ok(self.queue.pop_front().unwrap_or(end))
    }

    /// Whether the first token may still get others before it, because it may begin a key.
    fn needs_more(&mut self) -> Scanned<bool> {
        if self.queue.is_empty() {
            return Ok(!self.ended);
        }
        match self.by_token.get(&self.taken) {
            // A key that had to be one is missed at the end, too: in brackets that are never closed.
            Some(&level) => Ok(self.is_still_possible(level)? && !self.ended),
            None => Ok(false),
        }
    }

    /// Whether the key at `level` is possible: on one line, and not too long.
    fn is_still_possible(&mut self, level: usize) -> Scanned<bool> {
        let here = self.mark;
        let Some(key) = self.simple_keys.get_mut(level).filter(|key| key.possible) else {
            return Ok(false);
        };
        if key.mark.line < here.line || key.mark.index + MAX_SIMPLE_KEY < here.index {
            key.possible = false;
            if key.required {
                return Err(missing_colon(here, key.mark));
            }
            return Ok(false);
        }
        Ok(true)
    }

    pub(super) fn save_simple_key(&mut self) -> Scanned<()> {
        if self.simple_key_allowed {
            let required = self.flow_level == 0 && self.indent == self.column();
            let token = self.taken + self.queue.len();
            self.remove_simple_key()?;
            let level = self.simple_keys.len() - 1;
            self.simple_keys[level] = SimpleKey { possible: true, required, token, mark: self.mark };
            self.by_token.insert(token, level);
        }
        Ok(())
    }

    pub(super) fn remove_simple_key(&mut self) -> Scanned<()> {
        let here = self.mark;
        if let Some(key) = self.simple_keys.last_mut().filter(|key| key.possible) {
            if key.required {
                return Err(missing_colon(here, key.mark));
            }
            key.possible = false;
            self.by_token.remove(&key.token);
        }
        Ok(())
    }

    pub(super) fn push(&mut self, kind: TokenKind, start: Mark) {
        self.queue.push_back(Token { kind, start, end: self.mark });
    }

    /// Puts a token before others that wait. go-yaml appends it where those have left already.
    fn insert(&mut self, number: usize, kind: TokenKind, mark: Mark) {
        let token = Token { kind, start: mark, end: mark };
        match number.checked_sub(self.taken) {
            Some(place) if place <= self.queue.len() => self.queue.insert(place, token),
            _ => self.queue.push_back(token),
        }
    }

    fn roll_indent(&mut self, column: usize, number: Option<usize>, kind: TokenKind, mark: Mark) {
        let column = column.cast_signed();
        if self.flow_level == 0 && self.indent < column {
            self.indents.push(self.indent);
            self.indent = column;
            match number {
                Some(number) => self.insert(number, kind, mark),
                None => self.queue.push_back(Token { kind, start: mark, end: mark }),
            }
        }
    }

    pub(super) fn unroll_indent(&mut self, column: isize) {
        while self.flow_level == 0 && self.indent > column {
            self.push(TokenKind::BlockEnd, self.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn fetch(&mut self) -> Scanned<()> {
        self.skip_to_next_token();
        self.unroll_indent(self.column());
        let at_line_start = self.mark.column == 0;
        let Some(byte) = self.byte(0) else {
            return self.fetch_stream_end();
        };
        if at_line_start && byte == b'%' {
            return self.fetch_directive();
        }
        if at_line_start && self.is_document_indicator() {
            let kind = if byte == b'-' { TokenKind::DocumentStart } else { TokenKind::DocumentEnd };
            self.unroll_indent(-1);
            self.remove_simple_key()?;
            self.simple_key_allowed = false;
            self.fetch_indicator(kind, 3);
            return Ok(());
        }
        let in_flow = self.flow_level > 0;
        match byte {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.fetch_indicator(TokenKind::FlowEntry, 1);
                Ok(())
            }
            b'-' if self.is_blank_or_end(1) => self.fetch_block_entry(),
            b'?' if in_flow || self.is_blank_or_end(1) => self.fetch_key(),
            b':' if in_flow || self.is_blank_or_end(1) => self.fetch_value(),
            b'*' | b'&' => self.fetch_anchor(byte == b'*'),
            b'!' => self.fetch_tag(),
            b'|' | b'>' if !in_flow => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                let start = self.mark;
                let token = scalar::block(self, byte == b'|')?;
                self.push(TokenKind::Scalar(Box::new(token)), start);
                Ok(())
            }
            b'\'' | b'"' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                let start = self.mark;
                let token = scalar::quoted(self, byte == b'\'').inspect_err(|_| {
                    if self.mark.line > start.line {
                        self.long_quote = Some((start.byte, self.text.len()));
                    }
                })?;
                if self.mark.line > start.line {
                    self.long_quote = Some((start.byte, self.mark.byte));
                }
                self.push(TokenKind::Scalar(Box::new(token)), start);
                Ok(())
            }
            _ if self.may_start_plain(byte) => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                let start = self.mark;
                let (token, end) = scalar::plain(self)?;
                self.queue.push_back(Token { kind: TokenKind::Scalar(Box::new(token)), start, end });
                Ok(())
            }
            _ => Err(Fault::scanner("found character that cannot start any token", self.mark, self.mark)),
        }
    }

    fn may_start_plain(&self, byte: u8) -> bool {
        match byte {
            b'-' => !matches!(self.byte(1), Some(b' ' | b'\t')),
            b'?' | b':' => self.flow_level == 0 && !self.is_blank_or_end(1),
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"'
            | b'%' | b'@' | b'`' => false,
            _ => !self.is_blank_or_end(0),
        }
    }

    fn fetch_stream_end(&mut self) -> Scanned<()> {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push(TokenKind::StreamEnd, self.mark);
        self.ended = true;
        Ok(())
    }

    fn fetch_indicator(&mut self, kind: TokenKind, len: usize) {
        let start = self.mark;
        for _ in 0..len {
            self.advance();
        }
        self.push(kind, start);
    }

    fn fetch_flow_start(&mut self, kind: TokenKind) -> Scanned<()> {
        self.save_simple_key()?;
        let token = self.taken + self.queue.len();
        self.simple_keys.push(SimpleKey { possible: false, required: false, token, mark: self.mark });
        self.flow_level += 1;
        self.simple_key_allowed = true;
        self.fetch_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind) -> Scanned<()> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            if let Some(key) = self.simple_keys.pop() {
                self.by_token.remove(&key.token);
            }
        }
        self.simple_key_allowed = false;
        self.fetch_indicator(kind, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Scanned<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                let words = "block sequence entries are not allowed in this context";
                return Err(Fault::scanner(words, self.mark, self.mark));
            }
            self.roll_indent(self.mark.column, None, TokenKind::BlockSequenceStart, self.mark);
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.fetch_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Scanned<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                let words = "mapping keys are not allowed in this context";
                return Err(Fault::scanner(words, self.mark, self.mark));
            }
            self.roll_indent(self.mark.column, None, TokenKind::BlockMappingStart, self.mark);
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.fetch_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scanned<()> {
        let level = self.simple_keys.len() - 1;
        if self.is_still_possible(level)? {
            let key = self.simple_keys[level];
            self.insert(key.token, TokenKind::Key, key.mark);
            self.roll_indent(key.mark.column, Some(key.token), TokenKind::BlockMappingStart, key.mark);
            self.simple_keys[level].possible = false;
            self.by_token.remove(&key.token);
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    let words = "mapping values are not allowed in this context";
                    return Err(Fault::scanner(words, self.mark, self.mark));
                }
                self.roll_indent(self.mark.column, None, TokenKind::BlockMappingStart, self.mark);
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.fetch_indicator(TokenKind::Value, 1);
        Ok(())
    }

    fn skip_to_next_token(&mut self) {
        loop {
            // Tabs separate, but they do not indent: not where a key may start.
            while match self.byte(0) {
                Some(b' ') => true,
                Some(b'\t') => self.flow_level > 0 || !self.simple_key_allowed,
                _ => false,
            } {
                self.advance();
            }
            self.skip_comment();
            if self.break_len() == 0 {
                return;
            }
            self.skip_break();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    /// Steps over a comment that begins here, and keeps it.
    pub(super) fn skip_comment(&mut self) {
        if self.byte(0) != Some(b'#') {
            return;
        }
        let start = self.mark.byte;
        self.skip_line();
        let text = self.text[start + 1..self.mark.byte].to_owned();
        self.comments.push(Comment { span: Span::from(start..self.mark.byte), text });
    }

    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.byte(0), Some(b' ' | b'\t')) {
            self.advance();
        }
    }

    pub(super) fn take_while(&mut self, keep: impl Fn(u8) -> bool) -> &'t str {
        let start = self.mark.byte;
        while self.byte(0).is_some_and(&keep) {
            self.advance();
        }
        &self.text[start..self.mark.byte]
    }

    /// The byte `ahead` of the next one.
    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.mark.byte + ahead).copied()
    }

    /// The column, as indentations are compared with it.
    pub(super) fn column(&self) -> isize {
        self.mark.column.cast_signed()
    }

    /// Steps over one character that is no line break.
    pub(super) fn advance(&mut self) {
        self.mark.byte += match self.byte(0) {
            None => return,
            Some(0..0x80) => 1,
            Some(0x80..0xe0) => 2,
            Some(0xe0..0xf0) => 3,
            Some(_) => 4,
        };
        self.mark.index += 1;
        self.mark.column += 1;
    }

    /// Steps to the end of the line, before its break.
    pub(super) fn skip_line(&mut self) {
        let rest = self.text.get(self.mark.byte..).unwrap_or("");
        let bytes = rest.as_bytes();
        let mut end = 0;
        while let Some(found) = bytes
            .get(end..)
            .and_then(|rest| rest.iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0xc2 | 0xe2)))
        {
            end += found;
            if break_len(bytes.get(end..).unwrap_or_default()) > 0 {
                break;
            }
            end += 1;
        }
        let line =
            if bytes.get(end).is_some_and(|_| break_len(&bytes[end..]) > 0) { &rest[..end] } else { rest };
        let characters = if line.is_ascii() { line.len() } else { line.chars().count() };
        self.mark.byte += line.len();
        self.mark.index += characters;
        self.mark.column += characters;
    }

    /// The length in bytes of the line break here; 0 where there is none.
    pub(super) fn break_len(&self) -> usize {
        break_len(self.text.as_bytes().get(self.mark.byte..).unwrap_or_default())
    }

    /// Steps over the line break here, if there is one, and says what it stands for.
    pub(super) fn skip_break(&mut self) -> &'t str {
        let len = self.break_len();
        if len == 0 {
            return "";
        }
        let spelled = &self.text[self.mark.byte..self.mark.byte + len];
        self.mark.byte += len;
        self.mark.index += spelled.chars().count();
        self.mark.column = 0;
        self.mark.line += 1;
        // YAML 1.1 keeps the separators of Unicode and makes a newline of all other breaks.
        if matches!(spelled, "\u{2028}" | "\u{2029}") { spelled } else { "\n" }
    }

    /// Whether a blank, a line break or the end stands `ahead` of the next byte.
    pub(super) fn is_blank_or_end(&self, ahead: usize) -> bool {
        match self.text.as_bytes().get(self.mark.byte + ahead..) {
            None | Some([] | [b' ' | b'\t', ..]) => true,
            Some(rest) => break_len(rest) > 0,
        }
    }

    pub(super) fn is_document_indicator(&self) -> bool {
        let rest = &self.text.as_bytes()[self.mark.byte..];
        (rest.starts_with(b"---") || rest.starts_with(b"...")) && self.is_blank_or_end(3)
    }
}

fn missing_colon(here: Mark, key: Mark) -> Fault {
    Fault::scanner("could not find expected ':'", here, key).shown_at(key)
}

/// The length in bytes of the line break at the start of `rest`.
fn break_len(rest: &[u8]) -> usize {
    match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        [0xc2, 0x85, ..] => 2,
        [0xe2, 0x80, 0xa8 | 0xa9, ..] => 3,
        _ => 0,
    }
}
