//! Paths: where in a document a value stands, written as people write it.

use std::fmt::{self, Write as _};
use std::str::FromStr;

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The value of a key: `.job_name`, `["match[]"]`.
    Key(String),
    /// An item of a list, from 0: `[2]`.
    Index(usize),
    /// An item of a list, from its end, the last being 1: `[-1]`.
    FromEnd(usize),
    /// The one item of a list whose key has this text: `[job_name=federate]`.
    Where {
        /// The key.
        key: String,
        /// The text of its value.
        value: String,
    },
}

/// The way to a value: `scrape_configs[job_name=federate].params["match[]"]`.
///
/// Keys are joined by points. Brackets hold a position in a list, counted from 0 or, when negative, from the
/// end; a quoted key that has points, brackets or blanks; or `key=value`, which picks the item of a list that
/// says so. The empty path is the whole document. Quotes are JSON's, or single ones in which `''` is a quote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path(pub Vec<Step>);

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    /// The byte of the text where it goes wrong.
    pub at: u32,
    /// What is wrong there and what to write instead.
    pub message: String,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.at + 1, self.message)
    }
}

impl std::error::Error for PathError {}

impl Path {
    /// The whole document.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The path one key further.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.0.push(Step::Key(key.into()));
        self
    }

    /// The path one item further, counted from 0.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Step::Index(index));
        self
    }

    /// Its steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl From<Vec<Step>> for Path {
    fn from(steps: Vec<Step>) -> Self {
        Self(steps)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            if at > 0 && matches!(step, Step::Key(key) if is_bare(key)) {
                f.write_str(".")?;
            }
            write!(f, "{step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) if is_bare(key) => f.write_str(key),
            Self::Key(key) => write!(f, "[{}]", quoted(key)),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::FromEnd(count) => write!(f, "[-{count}]"),
            Self::Where { key, value } => {
                let spell = |text: &str| if is_bare(text) { text.to_owned() } else { quoted(text) };
                write!(f, "[{}={}]", spell(key), spell(value))
            }
        }
    }
}

impl FromStr for Path {
    type Err = PathError;

    /// Reads a path.
    ///
    /// # Errors
    /// The first place where the text is no path.
    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut reader = Reader { text, at: 0 };
        let mut steps = Vec::new();
        if reader.peek().is_some_and(|c| c != '[') {
            steps.push(Step::Key(reader.bare("a key")?));
        }
        loop {
            match reader.peek() {
                None => return Ok(Self(steps)),
                Some('.') => {
                    reader.take('.');
                    steps.push(Step::Key(reader.bare("a key after the point")?));
                }
                Some('[') => {
                    reader.take('[');
                    steps.push(reader.bracket()?);
                    if !reader.take(']') {
                        return reader.fault("`]` is missing here");
                    }
                }
                Some(_) => {
                    return reader.fault("a key ends here: go on with `.key`, `[0]` or `[key=value]`");
                }
            }
        }
    }
}

/// Whether a key or a value needs no quotes in a path.
fn is_bare(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_bare_character)
}

fn is_bare_character(c: char) -> bool {
    c.is_alphanumeric() || "_-/:+@$%*".contains(c)
}

/// JSON's spelling of a string.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, c: char) -> bool {
        let is_there = self.peek() == Some(c);
        if is_there {
            self.at += c.len_utf8();
        }
        is_there
    }

    fn fault<T>(&self, message: impl Into<String>) -> Result<T, PathError> {
        Err(PathError { at: self.at as u32, message: message.into() })
    }

    fn bare(&mut self, what: &str) -> Result<String, PathError> {
        let rest = self.rest();
        let len = rest.find(|c| !is_bare_character(c)).unwrap_or(rest.len());
        let word = rest[..len].to_owned();
        if word.is_empty() {
            return self
                .fault(format!("{what} is missing here; one with other characters goes into `[\"…\"]`"));
        }
        self.at += len;
        Ok(word)
    }

    /// What stands in brackets.
    fn bracket(&mut self) -> Result<Step, PathError> {
        let start = self.at;
        let is_quoted = matches!(self.peek(), Some('"' | '\''));
        let word = if is_quoted { self.quoted()? } else { self.bare("a position or a key")? };
        if self.take('=') {
            let value = match self.peek() {
                Some('"' | '\'') => self.quoted()?,
                _ => self.value()?,
            };
            return Ok(Step::Where { key: word, value });
        }
        if is_quoted {
            return Ok(Step::Key(word));
        }
        let step = match word.strip_prefix('-') {
            Some(count) => count.parse().ok().filter(|&count| count > 0).map(Step::FromEnd),
            None => word.parse().ok().map(Step::Index),
        };
        step.map_or_else(
            || {
                let message = format!(
                    "`{word}` is no position in a list: write `[0]`, `[-1]` for the last, `[key=value]`, or \
                     `[\"{word}\"]` for a key"
                );
                Err(PathError { at: start as u32, message })
            },
            Ok,
        )
    }

    /// A value without quotes: up to the bracket.
    fn value(&mut self) -> Result<String, PathError> {
        let rest = self.rest();
        let len = rest.find(['[', ']', '"', '\'']).unwrap_or(rest.len());
        let value = rest[..len].to_owned();
        if value.is_empty() {
            return self.fault("a value is missing here; the empty one is `\"\"`");
        }
        self.at += len;
        Ok(value)
    }

    fn quoted(&mut self) -> Result<String, PathError> {
        let start = self.at;
        let is_single = self.peek() == Some('\'');
        self.at += 1;
        let mut out = String::new();
        loop {
            let Some(c) = self.peek() else {
                return Err(PathError { at: start as u32, message: "this quote is not closed".to_owned() });
            };
            let from = self.at;
            self.at += c.len_utf8();
            match c {
                '\'' if is_single => {
                    if !self.take('\'') {
                        return Ok(out);
                    }
                    out.push('\'');
                }
                '"' if !is_single => return Ok(out),
                '\\' if !is_single => match self.escape() {
                    Some(c) => out.push(c),
                    None => {
                        let message = "this escape is none of JSON's".to_owned();
                        return Err(PathError { at: from as u32, message });
                    }
                },
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        match c {
            '"' | '\\' | '/' => Some(c),
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            'b' => Some('\x08'),
            'f' => Some('\x0c'),
            'u' => {
                let digits = self.rest().get(..4)?;
                let code = digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(digits)?;
                let c = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
                self.at += 4;
                Some(c)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_are_read_and_printed() {
        let check = |text: &str, printed: &str, steps: &[Step]| {
            let path: Path = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(path.steps(), steps, "{text}");
            assert_eq!(path.to_string(), printed, "{text}");
        };
        let key = |key: &str| Step::Key(key.to_owned());
        let with = |key: &str, value: &str| Step::Where { key: key.to_owned(), value: value.to_owned() };
        check("", "", &[]);
        check(
            "scrape_configs[job_name=federate].params[\"match[]\"]",
            "scrape_configs[job_name=federate].params[\"match[]\"]",
            &[key("scrape_configs"), with("job_name", "federate"), key("params"), key("match[]")],
        );
        check(
            "scrape_configs[2].static_configs[0].targets[-1]",
            "scrape_configs[2].static_configs[0].targets[-1]",
            &[
                key("scrape_configs"),
                Step::Index(2),
                key("static_configs"),
                Step::Index(0),
                key("targets"),
                Step::FromEnd(1),
            ],
        );
        check("['it''s'][\"a\\n\\u00e9\"]", "[\"it's\"][\"a\\né\"]", &[key("it's"), key("a\né")]);
        check(
            "[job_name=my job][0]",
            "[job_name=\"my job\"][0]",
            &[with("job_name", "my job"), Step::Index(0)],
        );
        check("['a b'=\"\"]", "[\"a b\"=\"\"]", &[with("a b", "")]);
        check("[\"plain\"].x", "plain.x", &[key("plain"), key("x")]);
    }

    #[test]
    fn what_is_no_path_says_where() {
        let check = |text: &str, at: u32, message: &str| {
            let error = text.parse::<Path>().expect_err(text);
            assert_eq!(error.at, at, "{text}: {error}");
            assert!(error.message.contains(message), "{text}: {error}");
        };
        check("a.", 2, "a key after the point is missing");
        check(".a", 0, "a key is missing");
        check("a[", 2, "a position or a key is missing");
        check("a[0", 3, "`]` is missing");
        check("a[env]", 2, "`[\"env\"]` for a key");
        check("a[-0]", 2, "no position in a list");
        check("a[\"x", 2, "not closed");
        check("a[\"\\q\"]", 3, "escape");
        check("a b", 1, "a key ends here");
        check("a[k=]", 4, "a value is missing");
        check("a[99999999999999999999]", 2, "no position");
    }

    fn word() -> impl Strategy<Value = String> {
        prop_oneof!["[a-z_]{1,6}", "[ -~]{0,6}", any::<String>()]
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(steps in prop::collection::vec(prop_oneof![
            word().prop_map(Step::Key),
            any::<usize>().prop_map(Step::Index),
            (1..usize::MAX).prop_map(Step::FromEnd),
            (word(), word()).prop_map(|(key, value)| Step::Where { key, value }),
        ], 0..5)) {
            let path = Path(steps);
            prop_assert_eq!(path.to_string().parse::<Path>(), Ok(path));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "[a-z.\\[\\]\"'=0-9\\\\é-]{0,20}") {
            if let Ok(path) = text.parse::<Path>() {
                prop_assert_eq!(path.to_string().parse::<Path>(), Ok(path));
            }
        }
    }
}
