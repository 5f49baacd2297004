//! From the parser's events to the tree, within budgets, and on past a syntax error as far as possible.

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Parser, ScanError, StructureStyle, options};

use crate::diagnostic::{Diagnostic, Parsed};
use crate::text::Span;

use super::resolve::Tag;
use super::source;
use super::tree::{Comment, Data, Document, NodeData, ScalarStyle, Style};
use super::{ALIAS, BUDGET, IGNORED_DOCUMENT, MAX_BYTES, MAX_DEPTH, MAX_NODES, SYNTAX};

/// How often a broken line is set aside to read on.
const MAX_RECOVERIES: usize = 8;
/// Up to which size a text is read again after a syntax error.
const MAX_RECOVERY_BYTES: usize = 1 << 20;

/// Reads the first document of `text`, as go-yaml does.
///
/// Never fails. A syntax error is reported once, in go-yaml's words; what stands before it is in the tree,
/// and what follows it too where the rest still makes sense without the broken line
/// ([`Document::broken_at`]).
#[must_use]
pub fn parse(text: &str) -> Parsed<Document> {
    if text.len() > MAX_BYTES {
        let message = format!("the text has {} bytes, more than the {MAX_BYTES} that are read", text.len());
        let diagnostic = Diagnostic::error(BUDGET, Span::at(0), message).help(
            "Split it into several files; Prometheus reads rules and scrape_configs from more than one.",
        );
        return Parsed { value: Document::default(), diagnostics: vec![diagnostic] };
    }
    let mut load = Load::read(text);
    let Some(failure) = load.failure.take() else {
        return load.finish(text);
    };
    let mut diagnostics = std::mem::take(&mut load.diagnostics);
    diagnostics.push(failure.diagnostic(text));
    let broken_at = failure.at(text);
    let mut best = load;
    if failure.recoverable && text.len() <= MAX_RECOVERY_BYTES {
        let mut mended = text.to_owned();
        let mut at = broken_at;
        for _ in 0..MAX_RECOVERIES {
            if !blank_line(&mut mended, at) {
                break;
            }
            // The offsets in the mended text are those in the text itself.
            let mut again = Load::read(&mended);
            let failure = again.failure.take();
            best = again;
            match failure {
                Some(failure) if failure.recoverable => at = failure.at(&mended),
                _ => break,
            }
        }
    }
    best.diagnostics = diagnostics;
    best.document.broken_at = Some(broken_at as u32);
    best.widen_to_characters(text);
    best.finish(text)
}

/// Overwrites the line that holds `at` with spaces. False where nothing was there to overwrite.
fn blank_line(text: &mut String, at: usize) -> bool {
    let at = text.floor_char_boundary(at.min(text.len()));
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    let line = &text[start..end];
    if line.trim().is_empty() {
        return false;
    }
    let blank = " ".repeat(line.len());
    text.replace_range(start..end, &blank);
    true
}

/// Why reading ended early.
struct Failure {
    offset: usize,
    /// go-yaml's words, or the parser's where go-yaml has none.
    message: String,
    help: &'static str,
    /// What go-yaml's line number refers to.
    mark: Mark,
    budget: bool,
    recoverable: bool,
}

/// go-yaml numbers lines in three ways.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    /// Scanner errors: the line, from 1; none on the first.
    Scanner,
    /// Parser errors: the line, from 0; none on the first.
    Parser,
    /// No line at all.
    Absent,
}

impl Failure {
    fn new(error: &ScanError, text: &str) -> Self {
        let offset = text.floor_char_boundary(error.marker().byte_offset().unwrap_or(0).min(text.len()));
        let (message, mark) = words(error, text, offset);
        let budget = matches!(error.kind(), ErrorKind::RecursionLimitExceeded | ErrorKind::TooManyComments);
        let help = match error.kind() {
            ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
                "Indent with spaces: YAML allows no tabs there."
            }
            ErrorKind::UnclosedQuotedScalar => "Close the quote.",
            ErrorKind::MappingValueNotAllowed => {
                "Check the indentation of this line and the one before it, and quote a value that contains `: `."
            }
            ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => {
                "Check the indentation: the keys of one mapping, and the dashes of one list, stand in one column."
            }
            ErrorKind::UnexpectedCharacter { .. } => "Quote a value that starts with this character.",
            ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
                "A key needs a colon and a space after it."
            }
            _ => "",
        };
        Self { offset, message, help, mark, budget, recoverable: !budget }
    }

    fn over_budget(span: Span, depth: usize) -> Self {
        let message = if depth > MAX_DEPTH {
            format!("exceeded max depth of {MAX_DEPTH}")
        } else {
            format!("the text has more than {MAX_NODES} values")
        };
        Self {
            offset: span.start as usize,
            message,
            help: "",
            mark: Mark::Scanner,
            budget: true,
            recoverable: false,
        }
    }

    fn at(&self, text: &str) -> usize {
        self.offset.min(text.len())
    }

    fn diagnostic(&self, text: &str) -> Diagnostic {
        let line = text[..self.at(text)].bytes().filter(|&byte| byte == b'\n').count();
        let place = match self.mark {
            Mark::Scanner if line > 0 => format!("line {}: ", line + 1),
            Mark::Parser if line > 0 => format!("line {line}: "),
            _ => String::new(),
        };
        let rest = &text[self.at(text)..];
        let len = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let len = rest[..len].trim_end().len();
        let span = Span::from(self.at(text)..self.at(text) + len);
        let code = if self.budget { BUDGET } else { SYNTAX };
        Diagnostic::error(code, span, format!("yaml: {place}{}", self.message)).help(self.help)
    }
}

/// go-yaml v2's words for what the parser found, and how it numbers the line.
fn words(error: &ScanError, text: &str, offset: usize) -> (String, Mark) {
    let scanner = |message: &str| (message.to_owned(), Mark::Scanner);
    let parser = |message: &str| (message.to_owned(), Mark::Parser);
    match error.kind() {
        ErrorKind::UnexpectedCharacter { character } if character.is_control() || is_special(*character) => {
            ("control characters are not allowed".to_owned(), Mark::Absent)
        }
        ErrorKind::UnexpectedCharacter { .. }
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation => scanner("found character that cannot start any token"),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            // go-yaml notices at the next token, and names that line.
            let line = text[..next_token(text, offset)].bytes().filter(|&byte| byte == b'\n').count() + 1;
            (format!("line {line}: could not find expected ':'"), Mark::Absent)
        }
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::InvalidMappingValueWhitespace => {
            scanner("mapping values are not allowed in this context")
        }
        ErrorKind::MappingKeyNotAllowed => scanner("mapping keys are not allowed in this context"),
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::InvalidBlockEntryWhitespace => {
            scanner("block sequence entries are not allowed in this context")
        }
        ErrorKind::UnclosedQuotedScalar => {
            let line = text.bytes().filter(|&byte| byte == b'\n').count();
            let place = if line > 0 { format!("line {}: ", line + 1) } else { String::new() };
            (format!("{place}found unexpected end of stream"), Mark::Absent)
        }
        ErrorKind::DocumentIndicatorInQuotedScalar => scanner("found unexpected document indicator"),
        ErrorKind::UnknownQuotedScalarEscape => scanner("found unknown escape character"),
        ErrorKind::InvalidQuotedScalarHexEscape => scanner("did not find expected hexdecimal number"),
        ErrorKind::InvalidUnicodeEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidLowSurrogateHexEscape => scanner("found invalid Unicode character escape code"),
        ErrorKind::ZeroBlockScalarIndent => scanner("found an indentation indicator equal to 0"),
        ErrorKind::InvalidBlockScalarHeader => scanner("did not find expected comment or line break"),
        ErrorKind::TabAtBlockScalarStart => {
            scanner("found a tab character where an indentation space is expected")
        }
        ErrorKind::TabInPlainScalar => scanner("found a tab character that violates indentation"),
        ErrorKind::MissingAnchorOrAliasName => {
            scanner("did not find expected alphabetic or numeric character")
        }
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar
        | ErrorKind::InvalidIndentation
        | ErrorKind::UnexpectedEofBlockMapping => parser("did not find expected key"),
        ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::UnexpectedEofBlockSequence => {
            parser("did not find expected '-' indicator")
        }
        ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::UnclosedFlowCollection { open: '{' } => parser("did not find expected ',' or '}'"),
        ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnclosedFlowCollection { .. } => parser("did not find expected ',' or ']'"),
        ErrorKind::MismatchedFlowCollectionEnd { open: '{', .. } => {
            parser("did not find expected ',' or '}'")
        }
        ErrorKind::MismatchedFlowCollectionEnd { .. } => parser("did not find expected ',' or ']'"),
        ErrorKind::ExpectedNodeContent | ErrorKind::MisplacedFlowCollectionEnd => {
            parser("did not find expected node content")
        }
        ErrorKind::ExpectedDocumentStart | ErrorKind::InvalidDocumentEnd => {
            parser("did not find expected <document start>")
        }
        ErrorKind::UndeclaredTagHandle => parser("found undefined tag handle"),
        ErrorKind::DuplicateVersionDirective => parser("found duplicate %YAML directive"),
        ErrorKind::UnsupportedYamlMajorVersion => parser("found incompatible YAML document"),
        ErrorKind::RecursionLimitExceeded => (format!("exceeded max depth of {MAX_DEPTH}"), Mark::Scanner),
        _ => (error.info(), Mark::Scanner),
    }
}

/// Where the next token after the line of `offset` begins; the end of the text where there is none.
fn next_token(text: &str, offset: usize) -> usize {
    let mut at = text[offset..].find('\n').map_or(text.len(), |newline| offset + newline + 1);
    while at < text.len() {
        let line = text[at..].split_inclusive('\n').next().unwrap_or("");
        let content = line.trim_start();
        if !content.is_empty() && !content.starts_with('#') {
            return at + line.len() - content.len();
        }
        at += line.len();
    }
    text.len()
}

/// The dash of the list item that begins at `start`, where only blanks lie between.
fn dash_before(text: &str, start: u32) -> Option<u32> {
    let before = text.get(..start as usize)?.trim_end();
    before.ends_with('-').then(|| before.len() as u32 - 1)
}

/// Characters that go-yaml's reader refuses although they are no controls.
fn is_special(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{feff}')
}

/// A collection that is not closed yet.
struct Open {
    node: u32,
    /// The key whose value comes next.
    key: Option<u32>,
}

/// What one reading made.
struct Load {
    document: Document,
    diagnostics: Vec<Diagnostic>,
    failure: Option<Failure>,
}

impl Load {
    fn read(text: &str) -> Self {
        let mut load = Self {
            document: Document {
                line_starts: memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1).collect(),
                ..Document::default()
            },
            diagnostics: Vec::new(),
            failure: None,
        };
        load.events(text);
        load
    }

    fn finish(mut self, text: &str) -> Parsed<Document> {
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.span);
        self.document.nodes.shrink_to_fit();
        debug_assert!(self.document.nodes.iter().all(|node| text.get(node.span.range()).is_some()));
        Parsed { value: self.document, diagnostics: self.diagnostics }
    }

    /// A place found in a mended text may lie inside of a character that was overwritten there.
    fn widen_to_characters(&mut self, text: &str) {
        let floor = |offset: u32| text.floor_char_boundary(offset as usize) as u32;
        let widen =
            |span: Span| Span::new(floor(span.start), text.ceil_char_boundary(span.end as usize) as u32);
        for node in &mut self.document.nodes {
            node.span = widen(node.span);
            node.start = floor(node.start);
            if let Data::Scalar { value, content, map, .. } = &mut node.kind {
                *content = widen(*content);
                // Blanks that are none in the text can only be mapped as a whole.
                if !text.get(content.range()).is_some_and(str::is_ascii)
                    && (map.is_some() || text.get(content.range()) != Some(value))
                {
                    *map = Some(Box::new(source::whole(*content, value.len() as u32)));
                }
            }
        }
    }

    fn events(&mut self, text: &str) {
        let options = options! {
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            block_scalar_eof_without_line_feed: true,
            max_buffered_comment_events: usize::MAX,
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
        };
        let mut open: Vec<Open> = Vec::new();
        let mut anchors: HashMap<usize, u32> = HashMap::new();
        for event in Parser::new_from_str_with_options(text, options) {
            let (event, place) = match event {
                Ok(event) => event,
                Err(error) => {
                    self.failure = Some(Failure::new(&error, text));
                    break;
                }
            };
            let range = place.byte_range().unwrap_or(0..0);
            let span = Span::from(
                text.floor_char_boundary(range.start.min(text.len()))
                    ..text.floor_char_boundary(range.end.min(text.len())).max(range.start.min(text.len())),
            );
            let start =
                place.tag_span().and_then(|tag| tag.byte_range()).map_or(span.start, |tag| tag.start as u32);
            let tag = |tag: &granit_parser::Tag| Tag { name: format!("{}{}", tag.handle(), tag.suffix()) };
            if self.document.nodes.len() >= MAX_NODES || open.len() > MAX_DEPTH {
                self.failure = Some(Failure::over_budget(span, open.len()));
                break;
            }
            match event {
                Event::Comment(comment, _) => {
                    self.document.comments.push(Comment { span, text: comment.into_owned() });
                }
                Event::Scalar(value, style, anchor, scalar_tag) => {
                    let style = match style {
                        granit_parser::ScalarStyle::SingleQuoted => ScalarStyle::SingleQuoted,
                        granit_parser::ScalarStyle::DoubleQuoted => ScalarStyle::DoubleQuoted,
                        granit_parser::ScalarStyle::Literal => ScalarStyle::Literal,
                        granit_parser::ScalarStyle::Folded => ScalarStyle::Folded,
                        granit_parser::ScalarStyle::Plain => ScalarStyle::Plain,
                    };
                    // The parser spells an absent value as `~`.
                    let value =
                        if span.is_empty() && style == ScalarStyle::Plain { "".into() } else { value };
                    let (content, map) =
                        source::locate(text, span, style, &value, place.indent.unwrap_or(usize::MAX));
                    let kind = Data::Scalar { value: value.into(), style, content, map };
                    let tag = scalar_tag.as_deref().map(tag);
                    let id = self.add(
                        NodeData { span, start: start.min(span.start), tag, anchor: None, kind },
                        &mut open,
                    );
                    anchors.insert(anchor, id);
                }
                Event::SequenceStart(style, anchor, node_tag) => {
                    let kind = Data::Sequence { style: written(style), items: Vec::new() };
                    let tag = node_tag.as_deref().map(tag);
                    let id = self.add(
                        NodeData { span, start: start.min(span.start), tag, anchor: None, kind },
                        &mut open,
                    );
                    anchors.insert(anchor, id);
                    open.push(Open { node: id, key: None });
                }
                Event::MappingStart(style, anchor, node_tag) => {
                    let kind = Data::Mapping { style: written(style), entries: Vec::new() };
                    let tag = node_tag.as_deref().map(tag);
                    let id = self.add(
                        NodeData { span, start: start.min(span.start), tag, anchor: None, kind },
                        &mut open,
                    );
                    anchors.insert(anchor, id);
                    open.push(Open { node: id, key: None });
                }
                Event::Anchor(id, name) => {
                    if let Some(node) = anchors.get(&id).map(|&node| &mut self.document.nodes[node as usize])
                    {
                        node.anchor = Some(name.into());
                        node.start = node.start.min(span.start);
                    }
                }
                Event::Alias(anchor) => {
                    let name = text.get(span.range()).unwrap_or("*").trim_start_matches('*').to_owned();
                    let target = anchors.get(&anchor).copied();
                    let contains_itself = open.iter().any(|open| Some(open.node) == target);
                    if contains_itself {
                        let message = format!("yaml: anchor '{name}' value contains itself");
                        self.diagnostics.push(Diagnostic::error(ALIAS, span, message));
                    }
                    let target = target.filter(|_| !contains_itself);
                    let kind = Data::Alias { name: name.into(), target };
                    self.add(NodeData { span, start: span.start, tag: None, anchor: None, kind }, &mut open);
                }
                Event::UnresolvedAlias(name) => {
                    self.diagnostics.push(
                        Diagnostic::error(ALIAS, span, format!("yaml: unknown anchor '{name}' referenced"))
                            .help("Define the anchor before its first use, or quote a text that starts with `*`."),
                    );
                    let kind = Data::Alias { name: name.into(), target: None };
                    self.add(NodeData { span, start: span.start, tag: None, anchor: None, kind }, &mut open);
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    if let Some(closed) = open.pop() {
                        self.close(text, &closed, Some(span));
                    }
                }
                Event::DocumentEnd => {
                    self.report_ignored(text, span);
                    break;
                }
                _ => {}
            }
        }
        while let Some(unclosed) = open.pop() {
            self.close(text, &unclosed, None);
        }
    }

    /// Puts a node into the collection that is open.
    fn add(&mut self, node: NodeData, open: &mut [Open]) -> u32 {
        let id = self.document.nodes.len() as u32;
        self.document.nodes.push(node);
        let Some(parent) = open.last_mut() else {
            self.document.root.get_or_insert(id);
            return id;
        };
        match &mut self.document.nodes[parent.node as usize].kind {
            Data::Sequence { items, .. } => items.push(id),
            Data::Mapping { entries, .. } => match parent.key.take() {
                Some(key) => entries.push((key, id)),
                None => parent.key = Some(id),
            },
            _ => {}
        }
        id
    }

    /// Ends a collection: a key without a value gets an absent one, and a block collection's place is that
    /// of its children.
    fn close(&mut self, text: &str, open: &Open, end: Option<Span>) {
        if let Some(key) = open.key {
            let at = self.document.nodes[key as usize].span.end;
            let value = self.document.nodes.len() as u32;
            let kind = Data::Scalar {
                value: "".into(),
                style: ScalarStyle::Plain,
                content: Span::at(at),
                map: None,
            };
            self.document.nodes.push(NodeData {
                span: Span::at(at),
                start: at,
                tag: None,
                anchor: None,
                kind,
            });
            if let Data::Mapping { entries, .. } = &mut self.document.nodes[open.node as usize].kind {
                entries.push((key, value));
            }
        }
        let node = &self.document.nodes[open.node as usize];
        let (flow, list, children) = match &node.kind {
            Data::Sequence { style, items } => {
                (*style == Style::Flow, true, items.first().copied().zip(items.last().copied()))
            }
            Data::Mapping { style, entries } => (
                *style == Style::Flow,
                false,
                entries.first().map(|entry| entry.0).zip(entries.last().map(|entry| entry.1)),
            ),
            _ => return,
        };
        let mut span = node.span;
        if let Some((first, last)) = children {
            span = span.to(self.document.data(last).span);
            if !flow {
                let start = self.document.data(first).start.min(span.start);
                let dash = if list { dash_before(text, start) } else { None };
                span = Span::new(dash.unwrap_or(start), span.end);
            }
        }
        if let Some(end) = end.filter(|_| flow) {
            span = span.to(end);
        }
        let node = &mut self.document.nodes[open.node as usize];
        node.span = span;
        node.start = node.start.min(span.start);
    }

    /// Says so when something follows the first document: Prometheus would not read it.
    fn report_ignored(&mut self, text: &str, end: Span) {
        let rest = &text[end.start as usize..];
        let mut at = end.start as usize;
        let mut marker = None;
        for line in rest.split_inclusive('\n') {
            let content = line.trim();
            if line.starts_with("---") {
                marker = marker.or(Some(at));
                let inline = content.trim_start_matches('-').trim();
                if inline.is_empty() || inline.starts_with('#') {
                    at += line.len();
                    continue;
                }
            } else if content.is_empty() || content.starts_with('#') || line.starts_with("...") {
                at += line.len();
                continue;
            }
            let Some(marker) = marker else { return };
            let span = Span::from(marker..marker + 3);
            self.diagnostics.push(
                Diagnostic::warning(IGNORED_DOCUMENT, span, "only the first document of the file is read")
                    .because("Prometheus ignores everything from this `---` on without a word.")
                    .help("Join the documents into one, or move the rest to a file of its own."),
            );
            return;
        }
    }
}

fn written(style: StructureStyle) -> Style {
    match style {
        StructureStyle::Block => Style::Block,
        StructureStyle::Flow => Style::Flow,
    }
}
