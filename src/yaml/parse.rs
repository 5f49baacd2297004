//! From tokens to the tree, by the grammar of go-yaml v2's parser (`parserc.go`, after libyaml).

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::text::Span;

use super::load::{Tree, collection};
use super::resolve::Tag;
use super::scan::Scanner;
use super::token::{Fault, Mark, Token, TokenKind};
use super::tree::{Data, NodeData, Style};
use super::{ALIAS, MAX_DEPTH, MAX_NODES};

type Parsed<T> = Result<T, Fault>;

/// Builds the tree of a text's first document.
pub(super) struct Parser<'t> {
    scanner: Scanner<'t>,
    tree: Tree,
    anchors: HashMap<String, u32>,
    tag_directives: Vec<(String, String)>,
}

/// What stands before a node: its anchor and its tag.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: Option<Tag>,
    /// Where the first of them begins and the last ends.
    place: Option<(Mark, Mark)>,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            scanner: Scanner::new(text),
            tree: Tree::default(),
            anchors: HashMap::new(),
            tag_directives: Vec::new(),
        }
    }

    /// How far the text has been looked at, in bytes.
    pub(super) fn reach(&self) -> usize {
        self.scanner.mark.byte
    }

    pub(super) fn into_tree(mut self) -> Tree {
        self.tree.close_all();
        self.tree.document.comments = self.scanner.comments;
        self.tree
    }

    /// Reads the first document, and answers where what follows it begins.
    pub(super) fn document(&mut self) -> Parsed<usize> {
        self.whole_document().map_err(|fault| self.placed(fault))
    }

    /// A fault with the place where it began, which is where someone who types will look for it.
    fn placed(&self, fault: Fault) -> Fault {
        let text = self.scanner.text;
        let has_break = |start: usize, end: usize| {
            text.get(start..end).is_some_and(|between| between.contains(['\n', '\r']))
        };
        if fault.budget {
            return fault;
        }
        // A quote that is not closed takes in everything up to the next one, behind which nothing makes sense.
        if let Some((start, end)) = self.scanner.long_quote
            && (start < fault.at && fault.at < end || end <= fault.at && !has_break(end, fault.at))
        {
            let help = "Close the quote that begins here: everything up to the next one is taken for text.";
            return fault.left_open_at(start, help);
        }
        if let Some(start) = self.tree.open_bracket(text) {
            return if has_break(start, fault.at) { fault.left_open_at(start, "") } else { fault };
        }
        let column_of = |at: usize| {
            let line = text.get(..at).unwrap_or("");
            line.len() - line.rfind(['\n', '\r']).map_or(0, |newline| newline + 1)
        };
        match self.tree.unfitting(column_of(fault.at), column_of) {
            Some(start) if fault.is_misplaced && has_break(start, fault.at) => fault.misfit_of(start),
            _ => fault,
        }
    }

    fn whole_document(&mut self) -> Parsed<usize> {
        if matches!(self.peek()?, TokenKind::StreamEnd) {
            return Ok(self.scanner.text.len());
        }
        let is_explicit = matches!(
            self.peek()?,
            TokenKind::VersionDirective { .. } | TokenKind::TagDirective { .. } | TokenKind::DocumentStart
        );
        if is_explicit {
            self.directives()?;
            let start = self.scanner.peek()?.start;
            if !matches!(self.peek()?, TokenKind::DocumentStart) {
                return Err(Fault::parser("did not find expected <document start>", start, Mark::default()));
            }
            let start = self.scanner.next()?;
            let is_empty = matches!(
                self.peek()?,
                TokenKind::VersionDirective { .. }
                    | TokenKind::TagDirective { .. }
                    | TokenKind::DocumentStart
                    | TokenKind::DocumentEnd
                    | TokenKind::StreamEnd
            );
            if is_empty {
                self.absent(start.end);
            } else {
                self.node(true, false)?;
            }
        } else {
            self.node(true, false)?;
        }
        let token = self.scanner.peek()?;
        Ok(if matches!(token.kind, TokenKind::DocumentEnd) { token.end.byte } else { token.start.byte })
    }

    fn directives(&mut self) -> Parsed<()> {
        let mut has_version = false;
        loop {
            let start = self.scanner.peek()?.start;
            let fault = |words| Err(Fault::parser(words, start, Mark::default()));
            match self.peek()? {
                TokenKind::VersionDirective { .. } if has_version => {
                    return fault("found duplicate %YAML directive");
                }
                TokenKind::VersionDirective { is_1_1: false } => {
                    return fault("found incompatible YAML document");
                }
                TokenKind::VersionDirective { is_1_1: true } => has_version = true,
                TokenKind::TagDirective { handle, prefix } => {
                    let directive = (handle.clone(), prefix.clone());
                    if self.tag_directives.iter().any(|known| known.0 == directive.0) {
                        return fault("found duplicate %TAG directive");
                    }
                    self.tag_directives.push(directive);
                }
                _ => return Ok(()),
            }
            self.scanner.next()?;
        }
    }

    fn peek(&mut self) -> Parsed<&TokenKind> {
        Ok(&self.scanner.peek()?.kind)
    }

    fn absent(&mut self, mark: Mark) {
        self.tree.add_absent(mark.byte as u32, mark.line as u32 + 1);
    }

    /// A value that is missing although nothing announced it: it would stand after its key.
    fn absent_after_key(&mut self, mark: Mark) {
        let at = self.tree.key_end().unwrap_or(mark.byte as u32);
        self.tree.add_absent(at, mark.line as u32 + 1);
    }

    fn node(&mut self, block: bool, indentless: bool) -> Parsed<()> {
        let mark = self.scanner.peek()?.start;
        if self.tree.depth() > MAX_DEPTH {
            return Err(Fault::budget(&format!("exceeded max depth of {MAX_DEPTH}"), mark));
        }
        if self.tree.len() >= MAX_NODES {
            return Err(Fault::budget(&format!("the text has more than {MAX_NODES} values"), mark));
        }
        if matches!(self.peek()?, TokenKind::Alias(_)) {
            let token = self.scanner.next()?;
            self.alias(&token);
            return Ok(());
        }
        let properties = self.properties()?;
        let has_properties = properties.place.is_some();
        let start = properties.place.map_or(mark, |place| place.0);
        let is_list = match self.peek()? {
            TokenKind::BlockEntry if indentless => Some((true, Style::Block)),
            TokenKind::FlowSequenceStart => Some((true, Style::Flow)),
            TokenKind::FlowMappingStart => Some((false, Style::Flow)),
            TokenKind::BlockSequenceStart if block => Some((true, Style::Block)),
            TokenKind::BlockMappingStart if block => Some((false, Style::Block)),
            _ => None,
        };
        if let Some((is_list, style)) = is_list {
            let token = self.scanner.peek()?;
            let (span, is_indentless) = (token.span(), matches!(token.kind, TokenKind::BlockEntry));
            let id = self.add(start, span, properties, collection(is_list, style));
            self.tree.enter(id);
            let end = match (is_list, style) {
                (true, Style::Block) if is_indentless => self.indentless_sequence()?,
                (true, Style::Block) => self.block_sequence()?,
                (false, Style::Block) => self.block_mapping()?,
                (true, Style::Flow) => self.flow_sequence()?,
                (false, Style::Flow) => self.flow_mapping()?,
            };
            self.tree.leave(end);
            return Ok(());
        }
        if matches!(self.peek()?, TokenKind::Scalar(_)) {
            let token = self.scanner.next()?;
            let span = token.span();
            if let TokenKind::Scalar(scalar) = token.kind {
                // A block scalar's own end is where its content ends; the token's is past its line breaks.
                let is_block = scalar.map.is_some() && scalar.content.start == span.start;
                let span = if is_block { scalar.content } else { span };
                let kind = Data::Scalar {
                    value: scalar.value.into(),
                    style: scalar.style,
                    content: scalar.content,
                    map: scalar.map,
                };
                self.add(start, span, properties, kind);
            }
            return Ok(());
        }
        if has_properties {
            let end = properties.place.map_or(mark, |place| place.1);
            let at = Span::at(end.byte as u32);
            let kind =
                Data::Scalar { value: "".into(), style: super::ScalarStyle::Plain, content: at, map: None };
            self.add(start, at, properties, kind);
            return Ok(());
        }
        let problem = self.scanner.peek()?.start;
        Err(Fault::parser("did not find expected node content", problem, start))
    }

    fn add(&mut self, start: Mark, span: Span, properties: Properties, kind: Data) -> u32 {
        let id = self.tree.add(NodeData {
            span,
            start: start.byte as u32,
            line: start.line as u32 + 1,
            tag: properties.tag,
            anchor: properties.anchor.as_deref().map(Into::into),
            kind,
        });
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor, id);
        }
        id
    }

    fn alias(&mut self, token: &Token) {
        let TokenKind::Alias(name) = &token.kind else { return };
        let span = token.span();
        let mut target = self.anchors.get(name).copied();
        match target {
            None => self.tree.diagnostics.push(
                Diagnostic::error(ALIAS, span, format!("yaml: unknown anchor '{name}' referenced"))
                    .help("Define the anchor before its first use, or quote a text that starts with `*`."),
            ),
            Some(node) if self.tree.is_open(node) => {
                let message = format!("yaml: anchor '{name}' value contains itself");
                self.tree.diagnostics.push(Diagnostic::error(ALIAS, span, message));
                target = None;
            }
            Some(_) => {}
        }
        let kind = Data::Alias { name: name.as_str().into(), target };
        self.add(token.start, span, Properties::default(), kind);
    }

    /// An anchor and a tag, in either order.
    fn properties(&mut self) -> Parsed<Properties> {
        let mut properties = Properties::default();
        let mut tag = None;
        for _ in 0..2 {
            let is_property = match self.peek()? {
                TokenKind::Anchor(_) => properties.anchor.is_none(),
                TokenKind::Tag { .. } => tag.is_none(),
                _ => false,
            };
            if !is_property {
                break;
            }
            let token = self.scanner.next()?;
            let start = properties.place.map_or(token.start, |place| place.0);
            properties.place = Some((start, token.end));
            match token.kind {
                TokenKind::Anchor(name) => properties.anchor = Some(name),
                TokenKind::Tag { handle, suffix } => tag = Some((handle, suffix, token.start)),
                _ => {}
            }
        }
        if let Some((handle, suffix, mark)) = tag {
            let prefix = match handle.as_str() {
                "" => Some(""),
                handle => self
                    .tag_directives
                    .iter()
                    .find(|known| known.0 == handle)
                    .map(|known| known.1.as_str())
                    .or(match handle {
                        "!" => Some("!"),
                        "!!" => Some("tag:yaml.org,2002:"),
                        _ => None,
                    }),
            };
            let Some(prefix) = prefix else {
                let start = properties.place.map_or(mark, |place| place.0);
                return Err(Fault::parser("found undefined tag handle", mark, start));
            };
            properties.tag = Some(Tag { name: format!("{prefix}{suffix}") });
        }
        Ok(properties)
    }

    fn block_sequence(&mut self) -> Parsed<Option<u32>> {
        let context = self.scanner.next()?.start;
        loop {
            let problem = self.scanner.peek()?.start;
            match self.peek()? {
                TokenKind::BlockEntry => {
                    let dash = self.scanner.next()?;
                    match self.peek()? {
                        TokenKind::BlockEntry | TokenKind::BlockEnd => self.absent(dash.end),
                        _ => self.node(true, false)?,
                    }
                }
                TokenKind::BlockEnd => {
                    self.scanner.next()?;
                    return Ok(None);
                }
                _ => return Err(Fault::parser("did not find expected '-' indicator", problem, context)),
            }
        }
    }

    /// A list whose dashes stand in the column of its key.
    fn indentless_sequence(&mut self) -> Parsed<Option<u32>> {
        while matches!(self.peek()?, TokenKind::BlockEntry) {
            let dash = self.scanner.next()?;
            match self.peek()? {
                TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                    self.absent(dash.end);
                }
                _ => self.node(true, false)?,
            }
        }
        Ok(None)
    }

    fn block_mapping(&mut self) -> Parsed<Option<u32>> {
        let context = self.scanner.next()?.start;
        loop {
            let problem = self.scanner.peek()?.start;
            match self.peek()? {
                TokenKind::Key => {
                    let key = self.scanner.next()?;
                    match self.peek()? {
                        TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => self.absent(key.end),
                        _ => self.node(true, true)?,
                    }
                    self.block_value()?;
                }
                TokenKind::BlockEnd => {
                    self.scanner.next()?;
                    return Ok(None);
                }
                _ => return Err(Fault::parser("did not find expected key", problem, context)),
            }
        }
    }

    fn block_value(&mut self) -> Parsed<()> {
        let mark = self.scanner.peek()?.start;
        if !matches!(self.peek()?, TokenKind::Value) {
            self.absent_after_key(mark);
            return Ok(());
        }
        let colon = self.scanner.next()?;
        match self.peek()? {
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => self.absent(colon.end),
            _ => self.node(true, true)?,
        }
        Ok(())
    }

    fn flow_sequence(&mut self) -> Parsed<Option<u32>> {
        let context = self.scanner.next()?.start;
        let mut first = true;
        loop {
            if !matches!(self.peek()?, TokenKind::FlowSequenceEnd) {
                if !first {
                    self.flow_entry("did not find expected ',' or ']'", context)?;
                }
                first = false;
                match self.peek()? {
                    TokenKind::Key => {
                        self.flow_pair()?;
                        continue;
                    }
                    TokenKind::FlowSequenceEnd => {}
                    _ => {
                        self.node(false, false)?;
                        continue;
                    }
                }
            }
            return Ok(Some(self.scanner.next()?.end.byte as u32));
        }
    }

    fn flow_entry(&mut self, words: &str, context: Mark) -> Parsed<()> {
        let problem = self.scanner.peek()?.start;
        if !matches!(self.peek()?, TokenKind::FlowEntry) {
            return Err(Fault::parser(words, problem, context));
        }
        self.scanner.next()?;
        Ok(())
    }

    /// A mapping of one entry that a list in brackets holds without braces.
    fn flow_pair(&mut self) -> Parsed<()> {
        let key = self.scanner.next()?;
        let id = self.add(key.start, key.span(), Properties::default(), collection(false, Style::Flow));
        self.tree.enter(id);
        if matches!(self.peek()?, TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
            // go-yaml swallows the token here.
            let swallowed = self.scanner.next()?;
            self.absent(swallowed.start);
        } else {
            self.node(false, false)?;
        }
        let mark = self.scanner.peek()?.start;
        if matches!(self.peek()?, TokenKind::Value) {
            let colon = self.scanner.next()?;
            match self.peek()? {
                TokenKind::FlowEntry | TokenKind::FlowSequenceEnd => self.absent(colon.end),
                _ => self.node(false, false)?,
            }
        } else {
            self.absent_after_key(mark);
        }
        self.tree.leave(None);
        Ok(())
    }

    fn flow_mapping(&mut self) -> Parsed<Option<u32>> {
        let context = self.scanner.next()?.start;
        let mut first = true;
        loop {
            if !matches!(self.peek()?, TokenKind::FlowMappingEnd) {
                if !first {
                    self.flow_entry("did not find expected ',' or '}'", context)?;
                }
                first = false;
                match self.peek()? {
                    TokenKind::Key => {
                        let key = self.scanner.next()?;
                        match self.peek()? {
                            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd => {
                                self.absent(key.end);
                            }
                            _ => self.node(false, false)?,
                        }
                        self.flow_value()?;
                        continue;
                    }
                    TokenKind::FlowMappingEnd => {}
                    _ => {
                        self.node(false, false)?;
                        let mark = self.scanner.peek()?.start;
                        self.absent_after_key(mark);
                        continue;
                    }
                }
            }
            return Ok(Some(self.scanner.next()?.end.byte as u32));
        }
    }

    fn flow_value(&mut self) -> Parsed<()> {
        let mark = self.scanner.peek()?.start;
        if !matches!(self.peek()?, TokenKind::Value) {
            self.absent_after_key(mark);
            return Ok(());
        }
        let colon = self.scanner.next()?;
        match self.peek()? {
            TokenKind::FlowEntry | TokenKind::FlowMappingEnd => self.absent(colon.end),
            _ => self.node(false, false)?,
        }
        Ok(())
    }
}
