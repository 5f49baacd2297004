//! The grammar of templates: `text/template/parse/parse.go` of Go, in its order, up to the first error.

use super::lex::{Kind, Lexer, Token};
use super::literal::{bad_number, is_go_string};
use super::{TemplateError, functions};
use crate::text::{Span, quote};
use crate::version::Version;

/// How deep parentheses and blocks may be nested.
const MAX_DEPTH: u32 = 100;
/// The first release that is built with Go 1.23, which knows `else with`.
const GO_1_23: Version = Version { major: 2, minor: 55 };

type Checked<T> = Result<T, TemplateError>;

/// What a list of nodes ended with.
#[derive(Clone, Copy, PartialEq)]
enum Closing {
    End,
    Else,
}

impl Closing {
    fn as_str(self) -> &'static str {
        match self {
            Self::End => "{{end}}",
            Self::Else => "{{else}}",
        }
    }
}

/// What Go needs to know of an operand.
#[derive(Clone, PartialEq)]
enum Term {
    /// A constant, `nil` or `.`, as it is written.
    Literal(String),
    /// A field or a variable, behind which more fields may stand.
    Name,
    /// Anything that is called.
    Callable,
}

pub(super) fn check<'t>(text: &'t str, name: &'t str, version: Version) -> Checked<()> {
    let vars = ["$", "$labels", "$externalLabels", "$externalURL", "$value"];
    let mut parser = Parser {
        lexer: Lexer::new(text, version),
        name,
        version,
        queue: Vec::new(),
        line: 1,
        vars: vars.map(str::to_owned).to_vec(),
        action_line: 0,
        ranges: 0,
        depth: 0,
    };
    while parser.peek().kind != Kind::End {
        if parser.peek().kind == Kind::LeftDelim {
            let delim = parser.next();
            let token = parser.next_non_space();
            if parser.is_word(&token, "define") {
                parser.definition()?;
                continue;
            }
            parser.queue.push(token);
            parser.queue.push(delim);
        }
        if let Some(closing) = parser.text_or_action()? {
            return parser.fail(format!("unexpected {}", closing.as_str()));
        }
    }
    Ok(())
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    name: &'t str,
    version: Version,
    /// Words that were put back, the next one last.
    queue: Vec<Token>,
    /// The line of the word that was read last.
    line: u32,
    vars: Vec<String>,
    /// Where the action began that is being read; 0 outside of any.
    action_line: u32,
    /// How many `range` are open.
    ranges: u32,
    depth: u32,
}

impl Parser<'_> {
    fn next(&mut self) -> Token {
        if let Some(token) = self.queue.pop() {
            return token;
        }
        let token = self.lexer.next();
        self.line = token.line;
        token
    }

    fn peek(&mut self) -> &Token {
        let token = self.next();
        self.queue.push(token);
        self.queue.last().unwrap_or_else(|| unreachable!("a word was pushed"))
    }

    fn next_non_space(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    fn peek_non_space(&mut self) -> Token {
        let token = self.next_non_space();
        self.queue.push(token.clone());
        token
    }

    fn text(&self, token: &Token) -> &str {
        self.lexer.text.get(token.span.range()).unwrap_or_default()
    }

    fn is_word(&self, token: &Token, word: &str) -> bool {
        token.kind == Kind::Keyword && self.text(token) == word
    }

    fn fail_at<T>(&self, span: Span, message: impl Into<String>) -> Checked<T> {
        Err(TemplateError { line: self.line, message: message.into(), span })
    }

    /// Fails at the word that was read last.
    fn fail<T>(&mut self, message: impl Into<String>) -> Checked<T> {
        let span = self.peek().span;
        self.fail_at(span, message)
    }

    fn unexpected<T>(&self, token: &Token, context: &str) -> Checked<T> {
        if token.kind == Kind::Error {
            let mut message = token.message.clone();
            if self.action_line != 0 && self.action_line != token.line {
                let started = format!("started at {}:{}", self.name, self.action_line);
                message.push_str(if message.ends_with(" action") { " " } else { " in action " });
                message.push_str(&started);
            }
            return self.fail_at(token.span, message);
        }
        let text = self.text(token);
        let word = match token.kind {
            Kind::End => "EOF".to_owned(),
            Kind::Keyword | Kind::Dot | Kind::Nil => format!("<{text}>"),
            _ if text.len() > 10 => {
                let end = text.char_indices().nth(10).map_or(text.len(), |(at, _)| at);
                format!("{}...", quote(&text[..end]))
            }
            _ => quote(text),
        };
        self.fail_at(token.span, format!("unexpected {word} in {context}"))
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Checked<Token> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(token) } else { self.unexpected(&token, context) }
    }

    fn deeper(&mut self) -> Checked<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail("the template is nested more than 100 deep");
        }
        Ok(())
    }

    /// `{{define "name"}}…{{end}}`, of which the word is read.
    fn definition(&mut self) -> Checked<()> {
        self.template_name("define clause")?;
        self.expect(Kind::RightDelim, "define clause")?;
        self.own_list("define clause")
    }

    /// The nodes of a template in the template, which has variables of its own.
    fn own_list(&mut self, context: &str) -> Checked<()> {
        let vars = std::mem::replace(&mut self.vars, vec!["$".to_owned()]);
        let ranges = std::mem::take(&mut self.ranges);
        let line = std::mem::take(&mut self.action_line);
        let closing = self.item_list()?;
        if closing != Closing::End {
            return self.fail(format!("unexpected {} in {context}", closing.as_str()));
        }
        (self.vars, self.ranges, self.action_line) = (vars, ranges, line);
        Ok(())
    }

    fn item_list(&mut self) -> Checked<Closing> {
        self.deeper()?;
        while self.peek_non_space().kind != Kind::End {
            if let Some(closing) = self.text_or_action()? {
                self.depth -= 1;
                return Ok(closing);
            }
        }
        self.fail("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Checked<Option<Closing>> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(None),
            Kind::LeftDelim => {
                self.action_line = token.line;
                let closing = self.action();
                self.action_line = 0;
                closing
            }
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self) -> Checked<Option<Closing>> {
        let token = self.next_non_space();
        if token.kind != Kind::Keyword {
            self.queue.push(token);
            self.pipeline("command", Kind::RightDelim)?;
            return Ok(None);
        }
        match self.text(&token).to_owned().as_str() {
            "end" => return self.expect(Kind::RightDelim, "end").map(|_| Some(Closing::End)),
            "else" => {
                let next = self.peek_non_space();
                let chains =
                    self.is_word(&next, "if") || self.is_word(&next, "with") && self.version >= GO_1_23;
                if !chains {
                    self.expect(Kind::RightDelim, "else")?;
                }
                return Ok(Some(Closing::Else));
            }
            word @ ("break" | "continue") => {
                let context = format!("{{{{{word}}}}}");
                let next = self.next_non_space();
                if next.kind != Kind::RightDelim {
                    return self.unexpected(&next, &context);
                }
                if self.ranges == 0 {
                    return self.fail_at(token.span, format!("{context} outside {{{{range}}}}"));
                }
            }
            word @ ("if" | "with" | "range") => self.control(word)?,
            "template" => {
                self.template_name("template clause")?;
                let next = self.next_non_space();
                if next.kind != Kind::RightDelim {
                    self.queue.push(next);
                    self.pipeline("template clause", Kind::RightDelim)?;
                }
            }
            "block" => {
                self.template_name("block clause")?;
                self.pipeline("block clause", Kind::RightDelim)?;
                self.own_list("block clause")?;
            }
            _ => {
                // `define` stands only at the outermost level.
                self.queue.push(token);
                self.pipeline("command", Kind::RightDelim)?;
            }
        }
        Ok(None)
    }

    fn template_name(&mut self, context: &str) -> Checked<()> {
        let token = self.next_non_space();
        match token.kind {
            Kind::String | Kind::RawString => self.string(&token),
            _ => self.unexpected(&token, context),
        }
    }

    fn string(&self, token: &Token) -> Checked<()> {
        if token.kind == Kind::String && !is_go_string(self.text(token), '"') {
            return self.fail_at(token.span, "invalid syntax");
        }
        Ok(())
    }

    fn control(&mut self, word: &str) -> Checked<()> {
        let scope = self.vars.len();
        self.pipeline(word, Kind::RightDelim)?;
        self.ranges += u32::from(word == "range");
        let closing = self.item_list()?;
        self.ranges -= u32::from(word == "range");
        if closing == Closing::Else {
            let next = self.peek().clone();
            let chained = matches!(word, "if" | "with") && self.is_word(&next, word);
            if chained && (word == "if" || self.version >= GO_1_23) {
                self.next();
                self.deeper()?;
                self.control(word)?;
                self.depth -= 1;
            } else {
                let closing = self.item_list()?;
                if closing != Closing::End {
                    return self.fail(format!("expected end; found {}", closing.as_str()));
                }
            }
        }
        self.vars.truncate(scope);
        Ok(())
    }

    fn pipeline(&mut self, context: &str, end: Kind) -> Checked<()> {
        self.deeper()?;
        let mut declared = 0;
        while self.peek_non_space().kind == Kind::Variable {
            let variable = self.next_non_space();
            let adjacent = self.peek().clone();
            let next = self.peek_non_space();
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    self.next_non_space();
                    self.vars.push(self.text(&variable).to_owned());
                }
                Kind::Other if self.text(&next) == "," => {
                    self.next_non_space();
                    self.vars.push(self.text(&variable).to_owned());
                    declared += 1;
                    if context == "range" && declared < 2 {
                        match self.peek_non_space().kind {
                            Kind::Variable | Kind::RightDelim | Kind::RightParen => continue,
                            _ => return self.fail("range can only initialize variables"),
                        }
                    }
                    return self.fail(format!("too many declarations in {context}"));
                }
                _ => {
                    if adjacent.kind == Kind::Space {
                        self.queue.push(adjacent);
                    }
                    self.queue.push(variable);
                }
            }
            break;
        }
        let mut commands: Vec<Term> = Vec::new();
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::Char
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    self.queue.push(token);
                    let first = self.command()?;
                    commands.push(first);
                }
                _ => return self.unexpected(&token, context),
            }
        }
        self.depth -= 1;
        if commands.is_empty() {
            return self.fail(format!("missing value for {context}"));
        }
        let constant = commands.iter().skip(1).position(|first| matches!(first, Term::Literal(_)));
        match constant {
            Some(at) => self.fail(format!("non executable command in pipeline stage {}", at + 2)),
            None => Ok(()),
        }
    }

    /// A command up to the pipe or the end; what it begins with.
    fn command(&mut self) -> Checked<Term> {
        let mut first = None;
        loop {
            self.peek_non_space();
            if let Some(term) = self.operand()? {
                first.get_or_insert(term);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.queue.push(token),
                Kind::Pipe => {}
                _ => return self.unexpected(&token, "operand"),
            }
            break;
        }
        match first {
            Some(first) => Ok(first),
            None => self.fail("empty command"),
        }
    }

    fn operand(&mut self) -> Checked<Option<Term>> {
        let Some(term) = self.term()? else { return Ok(None) };
        if self.peek().kind != Kind::Field {
            return Ok(Some(term));
        }
        while self.peek().kind == Kind::Field {
            self.next();
        }
        match term {
            Term::Literal(text) => self.fail(format!("unexpected . after term {}", quote(&text))),
            Term::Name => Ok(Some(Term::Name)),
            Term::Callable => Ok(Some(Term::Callable)),
        }
    }

    fn term(&mut self) -> Checked<Option<Term>> {
        let token = self.next_non_space();
        let text = self.text(&token).to_owned();
        let term = match token.kind {
            Kind::Identifier => {
                if !functions(self.version).any(|name| name == text) {
                    return self.fail_at(token.span, format!("function {} not defined", quote(&text)));
                }
                Term::Callable
            }
            Kind::Dot | Kind::Nil | Kind::Bool => Term::Literal(text),
            Kind::Variable => {
                if !self.vars.contains(&text) {
                    return self.fail_at(token.span, format!("undefined variable {}", quote(&text)));
                }
                Term::Name
            }
            Kind::Field => Term::Name,
            Kind::Number | Kind::Char => {
                if let Some(message) = bad_number(&text, token.kind) {
                    return self.fail_at(token.span, message);
                }
                Term::Literal(text)
            }
            Kind::String | Kind::RawString => {
                self.string(&token)?;
                Term::Literal(text)
            }
            Kind::LeftParen => {
                self.pipeline("parenthesized pipeline", Kind::RightParen)?;
                Term::Callable
            }
            _ => {
                self.queue.push(token);
                return Ok(None);
            }
        };
        Ok(Some(term))
    }
}
