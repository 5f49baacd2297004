//! Tokens of the two text formats, byte for byte as Prometheus' generated lexers cut them
//! (`model/textparse`, `promlex.l` and `openmetricslex.l`).
//!
//! The lexers have peculiarities that decide what a scrape stores: a NUL byte is skipped in some places, ends
//! the text in another and is an error in the rest; a value may hold a raw newline. They are kept. Where no
//! rule matches, the scanner stays on the byte that did not fit, which the messages show.

use super::Format;

/// A kind of token. The names are those that messages show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Invalid,
    Eof,
    Linebreak,
    Whitespace,
    Help,
    Type,
    Unit,
    EofWord,
    Text,
    Comment,
    MetricName,
    QuotedString,
    BraceOpen,
    BraceClose,
    LabelName,
    LabelValue,
    Comma,
    Equal,
    Timestamp,
    Value,
}

impl Token {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "INVALID",
            Self::Eof => "EOF",
            Self::Linebreak => "LINEBREAK",
            Self::Whitespace => "WHITESPACE",
            Self::Help => "HELP",
            Self::Type => "TYPE",
            Self::Unit => "UNIT",
            Self::EofWord => "EOFWORD",
            Self::Text => "TEXT",
            Self::Comment => "COMMENT",
            Self::MetricName => "MNAME",
            Self::QuotedString => "QSTRING",
            Self::BraceOpen => "BOPEN",
            Self::BraceClose => "BCLOSE",
            Self::LabelName => "LNAME",
            Self::LabelValue => "LVALUE",
            Self::Comma => "COMMA",
            Self::Equal => "EQUAL",
            Self::Timestamp => "TIMESTAMP",
            Self::Value => "VALUE",
        }
    }
}

/// What the scanner expects next: the lexers' start conditions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Init,
    Comment,
    MetaName,
    MetaText,
    Labels,
    LabelValue,
    Value,
    Timestamp,
    Exemplar,
    ExemplarValue,
    ExemplarTimestamp,
}

/// Cuts one buffer into tokens.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    pub(super) bytes: &'a [u8],
    /// The byte after the last token.
    pub(super) at: usize,
    /// The first byte of the last token.
    pub(super) start: usize,
    pub(super) state: State,
    /// Whether the end of the buffer had a say in how a token was cut: with more bytes, it might be another.
    pub(super) met_end: bool,
    format: Format,
    /// Whether names may be quoted, as since Prometheus 3.
    quoted_names: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, state: State, format: Format, quoted_names: bool) -> Self {
        Self { bytes, at, start: at, state, met_end: false, format, quoted_names }
    }

    /// The last token's bytes.
    pub(super) fn token(&self) -> &'a [u8] {
        self.bytes.get(self.start..self.at).unwrap_or(&[])
    }

    /// The byte at the scanner's place, 0 at the end.
    fn current(&mut self) -> u8 {
        if let Some(&byte) = self.bytes.get(self.at) {
            return byte;
        }
        self.met_end = true;
        0
    }

    /// Steps to the next byte, over NULs where the lexers step over them.
    fn next(&mut self) -> u8 {
        self.at += 1;
        if matches!(self.state, State::LabelValue | State::MetaText | State::Comment) {
            while self.bytes.get(self.at) == Some(&0) {
                self.at += 1;
            }
        }
        self.at = self.at.min(self.bytes.len());
        self.current()
    }

    fn next_while(&mut self, accept: impl Fn(u8) -> bool) -> u8 {
        loop {
            let byte = self.next();
            if !accept(byte) {
                return byte;
            }
        }
    }

    /// Ends the token after the present byte and goes over to `state`. The lexers look one byte further
    /// before they change over, which is why NULs can be skipped here.
    fn take(&mut self, token: Token, state: State) -> Token {
        let _ = self.next();
        self.state = state;
        token
    }

    /// Reads on to the closing quote, from the opening one.
    fn string(&mut self, newlines: bool, token: Token, state: State) -> Token {
        loop {
            match self.next() {
                b'"' => return self.take(token, state),
                b'\\' => match self.next() {
                    0 | b'\n' => return Token::Invalid,
                    _ => {}
                },
                0 => return Token::Invalid,
                b'\n' if !newlines => return Token::Invalid,
                _ => {}
            }
        }
    }

    /// The next token, blanks included.
    pub(super) fn lex(&mut self) -> Token {
        if self.at >= self.bytes.len() {
            // The last token stays the last: messages show it.
            self.met_end = true;
            return Token::Eof;
        }
        self.start = self.at;
        match self.format {
            Format::PrometheusText => self.lex_prometheus(),
            Format::OpenMetricsText => self.lex_open_metrics(),
        }
    }

    /// The next token that is no blank, for the Prometheus format.
    pub(super) fn lex_over_blanks(&mut self) -> Token {
        loop {
            let token = self.lex();
            if token != Token::Whitespace {
                return token;
            }
        }
    }

    fn lex_prometheus(&mut self) -> Token {
        let byte = self.bytes[self.at];
        let blank = |byte| matches!(byte, b' ' | b'\t');
        if blank(byte) && self.state != State::MetaText {
            self.next_while(blank);
            return Token::Whitespace;
        }
        match self.state {
            State::Init => match byte {
                b'#' => {
                    if !blank(self.next()) {
                        return self.rest_of_comment();
                    }
                    self.next_while(blank);
                    self.state = State::Comment;
                    self.lex_prometheus_comment()
                }
                b'\n' => self.line_break(),
                b'{' if self.quoted_names => self.take(Token::BraceOpen, State::Labels),
                0 => self.take(Token::Eof, State::Init),
                byte if starts_metric_name(byte) => {
                    self.next_while(|byte| starts_metric_name(byte) || byte.is_ascii_digit());
                    self.state = State::Value;
                    Token::MetricName
                }
                _ => Token::Invalid,
            },
            State::Comment => self.lex_prometheus_comment(),
            State::MetaName => self.meta_name(),
            State::MetaText => {
                let mut byte = byte;
                if blank(byte) {
                    byte = self.next_while(blank);
                    if matches!(byte, 0 | b'\n') {
                        return Token::Whitespace;
                    }
                }
                if !matches!(byte, 0 | b'\n') {
                    self.next_while(|byte| !matches!(byte, 0 | b'\n'));
                }
                self.state = State::Init;
                Token::Text
            }
            State::Labels => self.labels(byte, State::Labels, State::Value, State::LabelValue),
            State::LabelValue if byte == b'"' => self.string(true, Token::LabelValue, State::Labels),
            State::Value if byte == b'{' => self.take(Token::BraceOpen, State::Labels),
            State::Value if !matches!(byte, 0 | b'\n') => {
                self.next_while(|byte| !matches!(byte, 0 | b'\t' | b'\n' | b' ' | b'{'));
                self.state = State::Timestamp;
                Token::Value
            }
            State::Timestamp if byte == b'\n' => self.line_break(),
            State::Timestamp if byte.is_ascii_digit() => {
                self.next_while(|byte| byte.is_ascii_digit());
                Token::Timestamp
            }
            _ => Token::Invalid,
        }
    }

    fn lex_prometheus_comment(&mut self) -> Token {
        let (word, token): (&[u8], Token) = match self.current() {
            b'H' => (b"ELP", Token::Help),
            b'T' => (b"YPE", Token::Type),
            _ => return self.rest_of_comment(),
        };
        for &letter in word {
            if self.next() != letter {
                return self.rest_of_comment();
            }
        }
        let blank = |byte| matches!(byte, b' ' | b'\t');
        if !blank(self.next()) {
            return self.rest_of_comment();
        }
        self.next_while(blank);
        self.state = State::MetaName;
        token
    }

    fn rest_of_comment(&mut self) -> Token {
        let mut byte = self.current();
        loop {
            match byte {
                0 => return Token::Eof,
                b'\n' => {
                    self.state = State::Init;
                    return Token::Comment;
                }
                _ => byte = self.next(),
            }
        }
    }

    /// A line's end. What follows has no say in it.
    fn line_break(&mut self) -> Token {
        self.at += 1;
        self.state = State::Init;
        Token::Linebreak
    }

    fn meta_name(&mut self) -> Token {
        match self.bytes[self.at] {
            b'"' if self.quoted_names => self.string(true, Token::MetricName, State::MetaText),
            byte if starts_metric_name(byte) => {
                self.next_while(|byte| starts_metric_name(byte) || byte.is_ascii_digit());
                self.state = State::MetaText;
                Token::MetricName
            }
            _ => Token::Invalid,
        }
    }

    fn labels(&mut self, byte: u8, here: State, after: State, value: State) -> Token {
        match byte {
            b'"' if self.quoted_names => self.string(here == State::Labels, Token::QuotedString, here),
            b',' => self.take(Token::Comma, here),
            b'=' => self.take(Token::Equal, value),
            b'}' => self.take(Token::BraceClose, after),
            byte if byte == b'_' || byte.is_ascii_alphabetic() => {
                self.next_while(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
                Token::LabelName
            }
            _ => Token::Invalid,
        }
    }

    fn lex_open_metrics(&mut self) -> Token {
        let byte = self.bytes[self.at];
        let word = |byte| !matches!(byte, 0 | b'\n' | b' ');
        match (self.state, byte) {
            (State::Init, b'#') => {
                if self.next() != b' ' {
                    return Token::Invalid;
                }
                let _ = self.next();
                self.state = State::Comment;
                self.lex_open_metrics_comment()
            }
            (State::Init, b'{') if self.quoted_names => self.take(Token::BraceOpen, State::Labels),
            (State::Init, byte) if starts_metric_name(byte) => {
                self.next_while(|byte| starts_metric_name(byte) || byte.is_ascii_digit());
                self.state = State::Value;
                Token::MetricName
            }
            (State::Comment, _) => self.lex_open_metrics_comment(),
            (State::MetaName, _) => self.meta_name(),
            (State::MetaText, b' ') => {
                if self.next_while(|byte| !matches!(byte, 0 | b'\n')) == b'\n' {
                    self.take(Token::Text, State::Init)
                } else {
                    Token::Invalid
                }
            }
            (State::Labels, byte) => self.labels(byte, State::Labels, State::Value, State::LabelValue),
            (State::LabelValue, b'"') => self.string(false, Token::LabelValue, State::Labels),
            (State::Value, b'{') => self.take(Token::BraceOpen, State::Labels),
            (State::Value, b' ') => self.spaced_word(Token::Value, State::Timestamp),
            (State::Timestamp | State::ExemplarTimestamp, b'\n') => self.line_break(),
            (State::Timestamp, b' ') => {
                if self.next() != b'#' {
                    return if word(self.current()) {
                        self.next_while(word);
                        Token::Timestamp
                    } else {
                        Token::Invalid
                    };
                }
                match self.next() {
                    b' ' => {
                        if self.next() == b'{' {
                            self.take(Token::Comment, State::Exemplar)
                        } else {
                            Token::Invalid
                        }
                    }
                    byte => {
                        if word(byte) {
                            self.next_while(word);
                        }
                        Token::Timestamp
                    }
                }
            }
            (State::Exemplar, byte) => {
                self.labels(byte, State::Exemplar, State::ExemplarValue, State::ExemplarValue)
            }
            (State::ExemplarValue, b'"') => self.string(false, Token::LabelValue, State::Exemplar),
            (State::ExemplarValue, b' ') => self.spaced_word(Token::Value, State::ExemplarTimestamp),
            (State::ExemplarTimestamp, b' ') => self.spaced_word(Token::Timestamp, State::ExemplarTimestamp),
            _ => Token::Invalid,
        }
    }

    fn spaced_word(&mut self, token: Token, state: State) -> Token {
        let word = |byte| !matches!(byte, 0 | b'\n' | b' ');
        if !word(self.next()) {
            return Token::Invalid;
        }
        self.next_while(word);
        self.state = state;
        token
    }

    fn lex_open_metrics_comment(&mut self) -> Token {
        let (word, token): (&[u8], Token) = match self.current() {
            b'E' => (b"OF", Token::EofWord),
            b'H' => (b"ELP ", Token::Help),
            b'T' => (b"YPE ", Token::Type),
            b'U' => (b"NIT ", Token::Unit),
            _ => return Token::Invalid,
        };
        for &letter in word {
            if self.next() != letter {
                return Token::Invalid;
            }
        }
        let after = self.next();
        if token == Token::EofWord {
            if after == b'\n' {
                let _ = self.next();
            }
            self.state = State::Init;
        } else {
            self.state = State::MetaName;
        }
        token
    }
}

fn starts_metric_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':')
}
