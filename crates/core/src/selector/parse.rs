//! Reads selectors: the rule `vector_selector` of Prometheus' `promql/parser/generated_parser.y`, with its
//! messages, and recovery of our own behind the first error.

use bstr::BString;

use super::advice::{explain_fault, explain_regex, explain_rest, explain_start, explain_value};
use super::lex::Lexer;
use super::token::{Kind, QUOTED_NAMES, Token};
use super::words;
use super::{MatcherForm, ParseError, REGEX, SYNTAX, Selector, SelectorMatcher, TOO_LARGE};
use crate::diagnostic::{Diagnostic, Fix, Parsed};
use crate::labels::{METRIC_NAME, MatchOp, Matcher, name};
use crate::regex::RegexErrorKind;
use crate::series::CompiledMatcher;
use crate::text::{Span, TextEdit, apply_edits};
use crate::version::Version;

/// The longest selector that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// The most matchers that are kept.
const MAX_MATCHERS: usize = 4096;
/// How many bytes the compiled regular expressions of a selector may take together.
const MAX_PROGRAMS: usize = 64 << 20;

/// Errors about an empty text have no position since here.
const UNKNOWN_POSITION: Version = Version { major: 2, minor: 48 };

/// Something wrong, with the position that Prometheus gives it.
#[derive(Debug)]
pub struct Problem {
    /// Where Prometheus sees it, in bytes.
    pub at: u32,
    /// What is said of it.
    pub diagnostic: Diagnostic,
}

pub(super) fn parse(input: &[u8], version: Version) -> Parsed<Selector> {
    let (value, problems) = run(input, version);
    let count = problems.len();
    let mut diagnostics: Vec<Diagnostic> = problems.into_iter().map(|problem| problem.diagnostic).collect();
    // A fix that only trades one error for another is none.
    let text = std::str::from_utf8(input).unwrap_or("");
    for diagnostic in &mut diagnostics {
        diagnostic.fixes.retain(|fix| {
            apply_edits(text, &fix.edits)
                .is_ok_and(|(mended, _)| run(mended.as_bytes(), version).1.len() < count)
        });
    }
    Parsed { value, diagnostics }
}

pub(super) fn parse_strict(input: &[u8], version: Version) -> Result<Selector, ParseError> {
    let (value, problems) = run(input, version);
    match problems.into_iter().next() {
        None => Ok(value),
        Some(Problem { at, diagnostic }) => Err(ParseError {
            position: position(input, at, version),
            message: diagnostic.message.into_owned(),
            span: diagnostic.span,
        }),
    }
}

/// Line and column as `posrange.PositionRange.StartPosInput` counts them: in bytes, from 1.
pub fn position(input: &[u8], at: u32, version: Version) -> Option<(u32, u32)> {
    if input.is_empty() && version >= UNKNOWN_POSITION {
        return None;
    }
    let before = input.get(..at as usize).unwrap_or(input);
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
    Some((line as u32, column as u32))
}

fn run(input: &[u8], version: Version) -> (Selector, Vec<Problem>) {
    let mut parser = Reader::new(input, version);
    if input.len() > MAX_BYTES {
        parser.too_large(Span::at(0), "the selector is longer than 1 MiB");
    } else {
        parser.selector();
    }
    (parser.selector, parser.problems)
}

/// What reads the words of selectors, alone or in an expression, and keeps what is wrong with them.
#[derive(Debug)]
pub struct Reader<'s> {
    /// What the words come from.
    pub lexer: Lexer<'s>,
    /// The version that reads them.
    pub version: Version,
    /// The matchers read so far.
    pub selector: Selector,
    /// What is wrong so far, in the order in which Prometheus would find it.
    pub problems: Vec<Problem>,
    /// Whether a string ran to the end, so that the missing brace is no news.
    unterminated: bool,
    /// What the regular expressions take so far, in bytes.
    programs: usize,
}

impl<'s> Reader<'s> {
    /// A reader at the beginning of a text.
    #[must_use]
    pub fn new(input: &'s [u8], version: Version) -> Self {
        Self {
            lexer: Lexer::new(input, version),
            version,
            selector: Selector::default(),
            problems: Vec::new(),
            unterminated: false,
            programs: 0,
        }
    }

    /// Keeps a problem.
    pub fn problem(&mut self, at: u32, diagnostic: Diagnostic) {
        self.problems.push(Problem { at, diagnostic });
    }

    fn too_large(&mut self, span: Span, message: &'static str) {
        let diagnostic = Diagnostic::error(TOO_LARGE, span, message)
            .because("Prometheus has no such limit, but nothing can be shown for this selector")
            .help("split it into several selectors: their results are united");
        self.problem(span.start, diagnostic);
    }

    /// The next word, its faults told.
    pub fn take(&mut self) -> Token {
        let token = self.lexer.next_token();
        for fault in &token.faults {
            let text = self.lexer.input.get(fault.span.range()).unwrap_or_default();
            let diagnostic = explain_fault(fault, text, token.kind);
            if token.kind == Kind::End && self.unterminated {
                continue;
            }
            self.unterminated |= fault.message.starts_with("unterminated");
            self.problem(fault.at, diagnostic);
        }
        token
    }

    /// Prometheus' complaint of a word, which the lexer has not already complained of.
    fn unexpected(&mut self, token: &Token, expected: &str, mend: impl FnOnce(Diagnostic) -> Diagnostic) {
        if token.faults.is_empty() {
            let context = if expected.is_empty() { "" } else { "label matching" };
            let message = self.unexpected_message(token, context, expected);
            self.problem(token.span.start, mend(Diagnostic::error(SYNTAX, token.span, message)));
        }
    }

    /// Prometheus' words: `unexpected` of `promql/parser/parse.go`.
    #[must_use]
    pub fn unexpected_message(&self, token: &Token, context: &str, expected: &str) -> String {
        let word = words::describe(token.kind, self.lexer.text(token), self.version);
        let within = if context.is_empty() { "" } else { " in " };
        let instead = if expected.is_empty() { "" } else { ", expected " };
        format!("unexpected {word}{within}{context}{instead}{expected}")
    }

    fn selector(&mut self) {
        let mut token = self.take();
        let word = self.lexer.text(&token);
        let mut name = None;
        if words::names_metric(token.kind, &word.to_ascii_lowercase(), self.version) {
            name = Some((BString::from(word), token.span));
            token = self.take();
        }
        if token.kind != Kind::LeftBrace && name.is_none() {
            let version = self.version;
            let bytes = BString::from(word);
            self.unexpected(&token, "", |diagnostic| explain_start(diagnostic, &token, &bytes, version));
            while !matches!(token.kind, Kind::LeftBrace | Kind::End) {
                token = self.lexer.next_token();
            }
            if token.kind == Kind::End {
                return;
            }
        }
        if token.kind == Kind::LeftBrace {
            let closed = self.braces();
            if closed && self.problems.is_empty() {
                token = self.take();
            } else {
                token.kind = Kind::End;
            }
        }
        if token.kind != Kind::End {
            let named = name.as_ref().map(|(_, span)| *span);
            self.unexpected(&token, "", |diagnostic| explain_rest(diagnostic, named));
        }
        if let Some((bytes, span)) = name {
            self.push_name(bytes, span);
        }
    }

    /// Keeps the metric's name that stands before the braces.
    pub fn push_name(&mut self, name: BString, span: Span) {
        self.push(SelectorMatcher {
            matcher: Matcher::new(METRIC_NAME, MatchOp::Equal, name),
            compiled: None,
            form: MatcherForm::Name,
            span,
            name_span: Span::at(span.start),
            op_span: Span::at(span.start),
            value_span: span,
        });
    }

    /// What stands between the braces, of which the left one is read. Whether the right one was found.
    pub fn braces(&mut self) -> bool {
        let mut token = self.take();
        let mut first = true;
        loop {
            if token.kind == Kind::RightBrace {
                return true;
            }
            token = match self.matcher(token, first) {
                Ok(token) => token,
                Err(token) => self.skip(token),
            };
            first = false;
            match token.kind {
                Kind::RightBrace => return true,
                Kind::End => return false,
                Kind::Comma => token = self.take(),
                // A comma is missing; what follows is read as a matcher.
                _ => {
                    let before = self.lexer.input.get(..token.span.start as usize).unwrap_or_default();
                    let end = before.trim_ascii_end().len() as u32;
                    let fix = Fix::safe("Insert a comma", vec![TextEdit::insert(end, ",")]);
                    let starts = matches!(token.kind, Kind::Identifier | Kind::String);
                    self.unexpected(&token, r#""," or "}""#, |diagnostic| {
                        let diagnostic = diagnostic.help("matchers are separated by commas");
                        if starts { diagnostic.fix(fix) } else { diagnostic }
                    });
                    if !starts {
                        token = self.skip(token);
                        match token.kind {
                            Kind::Comma => token = self.take(),
                            Kind::RightBrace => return true,
                            _ => return false,
                        }
                    }
                }
            }
        }
    }

    /// Steps to the end of a matcher that cannot be read, silently.
    fn skip(&mut self, token: Token) -> Token {
        let mut token = token;
        loop {
            match token.kind {
                Kind::Comma | Kind::RightBrace | Kind::End => return token,
                _ => token = self.lexer.next_token(),
            }
            if token.kind == Kind::End && !self.unterminated {
                for fault in &token.faults {
                    let diagnostic = explain_fault(fault, b"", token.kind);
                    self.problems.push(Problem { at: fault.at, diagnostic });
                }
            }
        }
    }

    /// Reads a matcher that begins with `token`. The word behind it, or the one that cannot be read.
    fn matcher(&mut self, token: Token, first: bool) -> Result<Token, Token> {
        let quoted = token.kind == Kind::String && self.version >= QUOTED_NAMES;
        if !quoted && token.kind != Kind::Identifier {
            let version = self.version;
            self.unexpected(&token, r#"identifier or "}""#, |diagnostic| match token.kind {
                Kind::Comma => diagnostic
                    .help("remove the comma")
                    .fix(Fix::safe("Remove the comma", vec![TextEdit::delete(token.span)])),
                Kind::String => diagnostic.because(format!(
                    "names in quotes are read since Prometheus 2.51, and {version} is older"
                )),
                _ => diagnostic,
            });
            // A comma that stands alone is taken as read, so that the next matcher is.
            return if token.kind == Kind::Comma && !first { Ok(token) } else { Err(token) };
        }
        let text = self.lexer.text(&token);
        let label: BString = if quoted { words::unquote(text) } else { text.into() };
        let broken_name = !token.faults.is_empty();
        let op_token = self.take();
        let op = match op_token.kind {
            Kind::Equal => MatchOp::Equal,
            Kind::NotEqual => MatchOp::NotEqual,
            Kind::EqualRegex => MatchOp::Regex,
            Kind::NotEqualRegex => MatchOp::NotRegex,
            _ if quoted => {
                if !broken_name {
                    self.push(SelectorMatcher {
                        matcher: Matcher::new(METRIC_NAME, MatchOp::Equal, label),
                        compiled: None,
                        form: MatcherForm::QuotedName,
                        span: token.span,
                        name_span: Span::at(token.span.start),
                        op_span: Span::at(token.span.start),
                        value_span: token.span,
                    });
                }
                return if op_token.kind == Kind::Fault { Err(op_token) } else { Ok(op_token) };
            }
            _ => {
                self.unexpected(&op_token, "label matching operator", |diagnostic| {
                    diagnostic.help(format!("compare the label with a value: `{label}=\"…\"`"))
                });
                return match op_token.kind {
                    Kind::Comma | Kind::RightBrace => Ok(op_token),
                    _ => Err(op_token),
                };
            }
        };
        let mut value_token = self.take();
        if value_token.kind != Kind::String {
            let text = self.lexer.text(&value_token);
            let bad = value_token.clone();
            self.unexpected(&bad, "string", |diagnostic| explain_value(diagnostic, &bad, text));
            match bad.kind {
                // A value without its quotes.
                Kind::Identifier => return Ok(self.take()),
                // `==`.
                Kind::Equal => {
                    value_token = self.take();
                    if value_token.kind != Kind::String {
                        return Err(value_token);
                    }
                }
                Kind::Comma | Kind::RightBrace => return Ok(bad),
                _ => return Err(bad),
            }
        }
        if !broken_name && value_token.faults.is_empty() {
            let value = words::unquote(self.lexer.text(&value_token));
            self.push(SelectorMatcher {
                matcher: Matcher::new(label, op, value),
                compiled: None,
                form: MatcherForm::Label,
                span: token.span.to(value_token.span),
                name_span: token.span,
                op_span: op_token.span,
                value_span: value_token.span,
            });
        }
        if self.unterminated {
            return Ok(Token { kind: Kind::End, span: value_token.span, faults: Vec::new() });
        }
        Ok(self.take())
    }

    /// Compiles and keeps a matcher.
    fn push(&mut self, mut matcher: SelectorMatcher) {
        if self.selector.matchers.len() >= MAX_MATCHERS {
            if self.selector.matchers.len() == MAX_MATCHERS && !self.has_too_large() {
                self.too_large(matcher.span, "the selector has more than 4096 matchers");
            }
            return;
        }
        if self.programs > MAX_PROGRAMS {
            if !self.has_too_large() {
                self.too_large(
                    matcher.span,
                    "the selector's regular expressions take more than 64 MiB together",
                );
            }
            return;
        }
        match CompiledMatcher::new(&matcher.matcher, self.version) {
            Ok(compiled) => {
                self.programs += compiled.regex().map_or(0, crate::regex::Regex::memory_usage);
                matcher.compiled = Some(compiled);
            }
            Err(error) if error.is_budget() => {
                self.too_large(matcher.value_span, RegexErrorKind::Budget.as_str());
            }
            Err(error) => {
                let mut diagnostic = Diagnostic::error(REGEX, matcher.value_span, error.to_string());
                diagnostic.help = explain_regex(error.kind()).into();
                self.problem(matcher.span.start, diagnostic);
            }
        }
        self.selector.matchers.push(matcher);
    }

    fn has_too_large(&self) -> bool {
        self.problems.iter().any(|problem| problem.diagnostic.code == TOO_LARGE)
    }
}

/// Whether a name can stand outside of braces in every version.
pub(super) fn is_plain_name(bytes: &[u8]) -> bool {
    let lower = bytes.to_ascii_lowercase();
    // What any version takes for a word of its own is left in braces.
    let reserved = matches!(
        lower.as_slice(),
        b"on"
            | b"ignoring"
            | b"group_left"
            | b"group_right"
            | b"bool"
            | b"atan2"
            | b"inf"
            | b"nan"
            | b"anchored"
            | b"smoothed"
    );
    name::is_legacy_metric_name(bytes) && !reserved
}
