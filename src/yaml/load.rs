//! From the text to the tree, within budgets, and on past a syntax error as far as possible.

use crate::diagnostic::{Diagnostic, Parsed};
use crate::sort;
use crate::text::{SourceMap, Span};

use super::parse::Parser;
use super::token::Fault;
use super::tree::{Data, Document, NodeData, ScalarStyle, Style};
use super::{BUDGET, IGNORED_DOCUMENT, MAX_BYTES, SYNTAX};

/// How often a broken line is set aside to read on.
const MAX_RECOVERIES: usize = 8;
/// Up to which size a text is read again after a syntax error.
const MAX_RECOVERY_BYTES: usize = 1 << 20;
/// How many bytes go-yaml's reader takes in at once. It refuses control characters as they come in.
const READER_BYTES: usize = 512;

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
    let (mut tree, fault) = read(text);
    let Some(fault) = fault else {
        return tree.finish();
    };
    let mut diagnostics = std::mem::take(&mut tree.diagnostics);
    let broken_at = text.floor_char_boundary(fault.at);
    diagnostics.push(diagnostic(&fault, text));
    if !fault.budget && text.len() <= MAX_RECOVERY_BYTES {
        let mut mended = text.to_owned();
        let mut at = broken_at;
        for _ in 0..MAX_RECOVERIES {
            if !blank_line(&mut mended, at) {
                break;
            }
            // The offsets in the mended text are those in the text itself.
            let (again, fault) = read(&mended);
            tree = again;
            match fault {
                Some(fault) if !fault.budget => at = fault.at,
                _ => break,
            }
        }
        tree.widen_to_characters(text);
    }
    tree.diagnostics = diagnostics;
    tree.document.broken_at = Some(broken_at as u32);
    tree.finish()
}

fn read(text: &str) -> (Tree, Option<Fault>) {
    let mut parser = Parser::new(text);
    let end = parser.document();
    let reach = parser.reach();
    let mut tree = parser.into_tree();
    let refused =
        first_refused_character(text).filter(|at| reach + 4 > at / READER_BYTES * READER_BYTES).map(|at| {
            let help = "Remove the character, or escape it in double quotes.";
            Fault::new("control characters are not allowed".to_owned(), at, help)
        });
    match (refused, end) {
        (Some(fault), _) | (None, Err(fault)) => (tree, Some(fault)),
        (None, Ok(end)) => {
            tree.report_ignored(text, end);
            (tree, None)
        }
    }
}

/// The first character that go-yaml's reader does not let in.
fn first_refused_character(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().find_map(|(at, &byte)| {
        let refused = match byte {
            b'\t' | b'\n' | b'\r' => false,
            0..0x20 | 0x7f => true,
            0xc2 => bytes.get(at + 1).is_some_and(|&next| next < 0xa0 && next != 0x85),
            0xef => bytes.get(at + 1) == Some(&0xbf) && bytes.get(at + 2).is_some_and(|&last| last >= 0xbe),
            _ => false,
        };
        refused.then_some(at)
    })
}

/// Overwrites the line that holds `at` with spaces. False where nothing was there to overwrite.
fn blank_line(text: &mut String, at: usize) -> bool {
    let at = text.floor_char_boundary(at);
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

fn diagnostic(fault: &Fault, text: &str) -> Diagnostic {
    let at = text.floor_char_boundary(fault.at);
    let rest = text[at..].lines().next().unwrap_or("");
    let span = Span::from(at..at + rest.trim_end().len());
    let code = if fault.budget { BUDGET } else { SYNTAX };
    let found = Diagnostic::error(code, span, format!("yaml: {}", fault.message)).help(fault.help);
    match fault.related {
        Some((place, words)) => found.label(Span::at(text.floor_char_boundary(place) as u32), words),
        None => found,
    }
}

/// A collection that is not closed yet.
#[derive(Debug)]
struct Open {
    node: u32,
    /// The key whose value comes next.
    key: Option<u32>,
}

/// The tree while it grows. Whatever is open when reading stops is closed as it is.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) document: Document,
    pub(super) diagnostics: Vec<Diagnostic>,
    open: Vec<Open>,
}

impl Tree {
    pub(super) fn len(&self) -> usize {
        self.document.nodes.len()
    }

    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Where the innermost bracket or brace stands that is still open.
    pub(super) fn open_bracket(&self, text: &str) -> Option<usize> {
        let start = |open: &Open| self.document.data(open.node).span.start as usize;
        let is_bracket = |at: &usize| matches!(text.as_bytes().get(*at), Some(b'[' | b'{'));
        let in_flow = |open: &&Open| {
            let kind = &self.document.data(open.node).kind;
            matches!(
                kind,
                Data::Sequence { style: Style::Flow, .. } | Data::Mapping { style: Style::Flow, .. }
            )
        };
        self.open.iter().rev().take_while(in_flow).map(start).find(is_bracket)
    }

    /// Where the value begins that a token in `column` does not fit: the last one, where the token stands beside
    /// or below it; else the outermost of those that end before it.
    pub(super) fn unfitting(&self, column: usize, column_of: impl Fn(usize) -> usize) -> Option<usize> {
        let mut node = self.open.last()?.node;
        let mut chain = Vec::new();
        loop {
            node = match &self.document.data(node).kind {
                Data::Sequence { items, .. } => match items.last() {
                    Some(&last) => last,
                    None => break,
                },
                Data::Mapping { entries, .. } => match entries.last() {
                    Some(&(_, last)) => last,
                    None => break,
                },
                _ => break,
            };
            chain.push(self.document.data(node).span.start as usize);
        }
        let last = chain.last().copied()?;
        if column_of(last) <= column {
            return Some(last);
        }
        chain.into_iter().find(|&start| column_of(start) > column)
    }

    /// Whether `node` is a collection that is still open.
    pub(super) fn is_open(&self, node: u32) -> bool {
        self.open.iter().any(|open| open.node == node)
    }

    /// Puts a node into the collection that is open.
    pub(super) fn add(&mut self, node: NodeData) -> u32 {
        let id = self.document.nodes.len() as u32;
        self.document.nodes.push(node);
        let Some(parent) = self.open.last_mut() else {
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

    /// Adds a value that is not written.
    pub(super) fn add_absent(&mut self, at: u32, line: u32) {
        self.add(absent(at, line));
    }

    /// Opens the collection `node`: what is added from now on is in it.
    pub(super) fn enter(&mut self, node: u32) {
        self.open.push(Open { node, key: None });
    }

    /// Where the key ends whose value comes next.
    pub(super) fn key_end(&self) -> Option<u32> {
        let key = self.open.last()?.key?;
        Some(self.document.data(key).span.end)
    }

    /// Closes the innermost collection. A block collection ends with its last child; a flow collection
    /// where `end` says.
    pub(super) fn leave(&mut self, end: Option<u32>) {
        let Some(open) = self.open.pop() else { return };
        if let Some(key) = open.key {
            let key_data = self.document.data(key);
            let value = absent(key_data.span.end, key_data.line);
            let id = self.document.nodes.len() as u32;
            self.document.nodes.push(value);
            if let Data::Mapping { entries, .. } = &mut self.document.nodes[open.node as usize].kind {
                entries.push((key, id));
            }
        }
        let last = match &self.document.data(open.node).kind {
            Data::Sequence { items, .. } => items.last().copied(),
            Data::Mapping { entries, .. } => entries.last().map(|entry| entry.1),
            _ => None,
        };
        let last_end = last.map(|last| self.document.data(last).span.end);
        let node = &mut self.document.nodes[open.node as usize];
        let end = end.into_iter().chain(last_end).fold(node.span.end, u32::max);
        node.span = Span::new(node.span.start, end);
    }

    fn finish(mut self) -> Parsed<Document> {
        sort::sort_by_key(&mut self.diagnostics, |diagnostic| diagnostic.span);
        self.document.nodes.shrink_to_fit();
        Parsed { value: self.document, diagnostics: self.diagnostics }
    }

    pub(super) fn close_all(&mut self) {
        while !self.open.is_empty() {
            self.leave(None);
        }
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
                let end = map.as_ref().map_or(0, |map| map.to_source(map.decoded_len())).max(content.end);
                let spelled = widen(Span::new(content.start, end));
                let is_sound = text
                    .get(spelled.range())
                    .is_some_and(|spelled| spelled.is_ascii() || map.is_none() && spelled == &**value);
                if !is_sound {
                    *map = Some(Box::new(whole(spelled, value)));
                }
            }
        }
        for comment in &mut self.document.comments {
            comment.span = widen(comment.span);
        }
    }

    /// Says so when something follows the first document, whose last token ends before `end`: Prometheus
    /// does not read it.
    fn report_ignored(&mut self, text: &str, end: usize) {
        let mut at = text.floor_char_boundary(end);
        let mut marker = None;
        for line in text[at..].split_inclusive('\n') {
            let content = line.trim();
            let inline = content.strip_prefix("---").map(str::trim);
            if inline.is_some() {
                marker = marker.or(Some(at));
            }
            let says_nothing = |text: &str| text.is_empty() || text.starts_with('#');
            if says_nothing(inline.unwrap_or(content)) || content == "..." {
                at += line.len();
                continue;
            }
            let start = marker.unwrap_or(at + (line.len() - line.trim_start().len()));
            let len = if marker.is_some() { 3 } else { content.len() };
            self.diagnostics.push(
                Diagnostic::warning(
                    IGNORED_DOCUMENT,
                    Span::from(start..start + len),
                    "only the first document of the file is read",
                )
                .because("Prometheus ignores everything from here on without a word.")
                .help("Join the documents into one, or move the rest to a file of its own."),
            );
            return;
        }
    }
}

/// A map that leads from any byte of a value to the whole of its spelling, or to its end.
fn whole(spelled: Span, value: &str) -> SourceMap {
    let mut map = SourceMap::default();
    let first = value.chars().next().map_or(0, |c| c.len_utf8() as u32);
    let rest = value.len() as u32 - first;
    if spelled.len() == first {
        // Equal lengths would be taken as verbatim.
        map.push(spelled.end, 0, first);
    } else {
        map.push(spelled.start, spelled.len(), first);
    }
    map.push(spelled.end, 0, rest);
    map
}

fn absent(at: u32, line: u32) -> NodeData {
    let kind = Data::Scalar { value: "".into(), style: ScalarStyle::Plain, content: Span::at(at), map: None };
    NodeData { span: Span::at(at), start: at, line, tag: None, anchor: None, kind }
}

/// An empty list or mapping that begins with `span`.
pub(super) fn collection(is_list: bool, style: Style) -> Data {
    if is_list {
        Data::Sequence { style, items: Vec::new() }
    } else {
        Data::Mapping { style, entries: Vec::new() }
    }
}
