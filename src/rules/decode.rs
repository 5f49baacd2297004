//! Values out of the tree as go-yaml v3 decodes them, which Prometheus reads rule files with: its messages,
//! its merge keys. Every error is reported, where go-yaml's second pass would repeat the same.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::text::{Span, TextEdit};
use crate::version::Version;
use crate::yaml::{self, Decoder, Kind, Node, Resolved, ScalarStyle, Spanned, closest};

/// How many merge keys may lead from one mapping to the next.
const MAX_MERGES: usize = 32;
/// Rules are decoded into texts since here; before, each field was whatever node stands there.
const TYPED_FIELDS: Version = Version { major: 3, minor: 3 };

pub(super) struct Values<'d> {
    decoder: Decoder<'d>,
    version: Version,
}

/// A field and its value.
pub(super) struct Field<'d> {
    pub(super) name: String,
    pub(super) key: Node<'d>,
    pub(super) value: Node<'d>,
}

impl<'d> Values<'d> {
    pub(super) fn new(document: &'d yaml::Document, version: Version) -> Self {
        Self { decoder: Decoder::new(document), version }
    }

    pub(super) fn root(&self) -> Option<Node<'d>> {
        self.decoder.root()
    }

    pub(super) fn finish(self) -> Vec<Diagnostic> {
        self.decoder.finish()
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.decoder.report(diagnostic);
    }

    pub(super) fn error(&mut self, code: Code, span: Span, message: String) {
        self.decoder.error(code, span, message);
    }

    /// The name of the type of rules in go-yaml's messages.
    pub(super) fn rule_type(&self) -> &'static str {
        if self.version >= TYPED_FIELDS { "rulefmt.Rule" } else { "rulefmt.RuleNode" }
    }

    /// The type of a scalar: that of go-yaml v2 but for words such as `yes`, which are text now.
    fn resolve(&mut self, node: Node<'d>) -> Option<Resolved> {
        let resolved = self.decoder.scalar(node)?;
        let word = node.text().unwrap_or_default().to_ascii_lowercase();
        let is_text = matches!(resolved, Resolved::Bool(_)) && !matches!(word.as_str(), "true" | "false");
        Some(if is_text { Resolved::Text } else { resolved })
    }

    /// `cannot unmarshal`, as go-yaml says it of `node`.
    fn wrong_type(&mut self, node: Node<'d>, go_type: &str) {
        let what = match node.kind() {
            Kind::Sequence(_) => "!!seq".to_owned(),
            // go-yaml looks at the keys of a mapping before it looks at the type.
            Kind::Mapping(_) if self.unique(node).is_none() => return,
            Kind::Mapping(_) => "!!map".to_owned(),
            Kind::Alias { .. } => return,
            Kind::Scalar { value, .. } => {
                let Some(resolved) = self.resolve(node) else { return };
                let tag = resolved.tag();
                if value.len() > 10 {
                    let start = String::from_utf8_lossy(value.as_bytes().get(..7).unwrap_or_default());
                    format!("{tag} `{start}...`")
                } else {
                    format!("{tag} `{value}`")
                }
            }
        };
        let message = format!("line {}: cannot unmarshal {what} into {go_type}", node.line());
        self.error(yaml::WRONG_TYPE, node.span(), message);
    }

    /// The fields of a mapping, what is merged into it behind its own. `None` for null, for what is no mapping
    /// and for one in which a key stands twice.
    pub(super) fn fields(
        &mut self,
        node: Node<'d>,
        go_type: &str,
        known: Option<&[&'static str]>,
    ) -> Option<Vec<Field<'d>>> {
        let mut fields = Vec::new();
        let mut names = HashSet::new();
        self.collect(node, go_type, known, 0, &mut names, &mut fields)?;
        Some(fields)
    }

    fn collect(
        &mut self,
        node: Node<'d>,
        go_type: &str,
        known: Option<&[&'static str]>,
        depth: usize,
        names: &mut HashSet<&'d str>,
        fields: &mut Vec<Field<'d>>,
    ) -> Option<()> {
        let node = node.resolved()?;
        if !matches!(node.kind(), Kind::Mapping(_)) {
            if !is_null(node) {
                self.wrong_type(node, go_type);
            }
            return None;
        }
        self.unique(node)?;
        let mut merge = None;
        for entry in node.entries() {
            let Some(key) = entry.key.resolved() else { continue };
            let Kind::Scalar { value, style } = key.kind() else {
                self.wrong_type(key, "string");
                continue;
            };
            if value == "<<" && style == ScalarStyle::Plain && entry.key.tag().is_none() {
                merge = Some(entry.value);
                continue;
            }
            if is_null(key) || !names.insert(value) {
                continue;
            }
            match known {
                Some(known) if !known.contains(&value) => self.unknown(entry.key, value, go_type, known),
                _ => fields.push(Field { name: value.to_owned(), key: entry.key, value: entry.value }),
            }
        }
        let Some(merge) = merge else { return Some(()) };
        let sources: Vec<Node<'d>> = match merge.kind() {
            Kind::Sequence(_) => merge.items().collect(),
            _ => vec![merge],
        };
        for source in sources {
            let is_mapping = source.resolved().is_some_and(|node| matches!(node.kind(), Kind::Mapping(_)));
            if !is_mapping || depth >= MAX_MERGES {
                let message = "yaml: map merge requires map or sequence of maps as the value";
                self.error(yaml::WRONG_TYPE, source.span(), message.to_owned());
                break;
            }
            self.collect(source, go_type, known, depth + 1, names, fields);
        }
        Some(())
    }

    /// Reports keys that stand twice.
    fn unique(&mut self, node: Node<'d>) -> Option<()> {
        let mut seen: HashMap<(u8, &str), Node<'d>> = HashMap::new();
        let mut fine = Some(());
        for entry in node.entries() {
            let key = match entry.key.kind() {
                Kind::Scalar { value, .. } => (0, value),
                Kind::Alias { name, .. } => (1, name),
                Kind::Sequence(_) => (2, ""),
                Kind::Mapping(_) => (3, ""),
            };
            let Some(first) = seen.get(&key) else {
                seen.insert(key, entry.key);
                continue;
            };
            let (line, before) = (entry.key.line(), first.line());
            let name = crate::text::quote(key.1);
            let message = format!("line {line}: mapping key {name} already defined at line {before}");
            let diagnostic = Diagnostic::error(yaml::DUPLICATE_FIELD, entry.key.span(), message)
                .label(first.span(), "first set here");
            self.report(diagnostic);
            fine = None;
        }
        fine
    }

    fn unknown(&mut self, key: Node<'d>, name: &str, go_type: &str, known: &[&'static str]) {
        let message = format!("line {}: field {name} not found in type {go_type}", key.line());
        let mut diagnostic = Diagnostic::error(yaml::UNKNOWN_FIELD, key.span(), message);
        diagnostic = match (name, closest(name, known.iter().copied())) {
            ("query_offset", _) => diagnostic.because("it came with Prometheus 2.53"),
            ("labels", _) if go_type == "rulefmt.RuleGroup" => {
                diagnostic.because("groups have labels since Prometheus 3.0")
            }
            (_, Some(meant)) => {
                let edits = vec![TextEdit::replace(key.span(), meant)];
                diagnostic
                    .help(format!("did you mean `{meant}`?"))
                    .fix(Fix::unsafe_fix(format!("Rename to `{meant}`"), edits))
            }
            _ => diagnostic.help(format!("it may hold {}", known.join(", "))),
        };
        self.report(diagnostic);
    }

    /// The items of a list. `None` for null and for what is no list.
    pub(super) fn items(&mut self, node: Node<'d>, go_type: &str) -> Option<Vec<Node<'d>>> {
        let node = node.resolved()?;
        if matches!(node.kind(), Kind::Sequence(_)) {
            return Some(node.items().collect());
        }
        if !is_null(node) {
            self.wrong_type(node, go_type);
        }
        None
    }

    /// The text of a scalar; empty for null. `None` for what is no scalar.
    pub(super) fn string(&mut self, node: Node<'d>) -> Option<Spanned<String>> {
        let node = node.resolved()?;
        let Kind::Scalar { value, .. } = node.kind() else {
            self.wrong_type(node, "string");
            return None;
        };
        if is_null(node) {
            return Some(Spanned::new(String::new(), node.span()));
        }
        Some(match self.resolve(node)? {
            Resolved::Binary(bytes) => {
                Spanned::new(String::from_utf8_lossy(&bytes).into_owned(), node.span())
            }
            _ => Spanned { value: value.to_owned(), span: node.span(), map: node.source_map() },
        })
    }

    /// A field of a rule. Before 3.3 an alias stands for its name, and a collection for nothing.
    pub(super) fn rule_field(&mut self, node: Node<'d>) -> Option<Spanned<String>> {
        if self.version >= TYPED_FIELDS {
            return self.string(node);
        }
        Some(match node.kind() {
            Kind::Scalar { value, .. } => {
                Spanned { value: value.to_owned(), span: node.span(), map: node.source_map() }
            }
            Kind::Alias { name, .. } => Spanned::new(name.to_owned(), node.span()),
            _ => Spanned::new(String::new(), node.span()),
        })
    }

    /// A whole number; `None` for null.
    pub(super) fn integer(&mut self, node: Node<'d>) -> Option<Spanned<i64>> {
        let node = node.resolved()?;
        let value = match self.resolve(node)? {
            Resolved::Null => return None,
            Resolved::Int(value) => Some(value),
            Resolved::Uint(value) => i64::try_from(value).ok(),
            Resolved::Float(value) if value <= i64::MAX as f64 => Some(value as i64),
            _ => None,
        };
        if value.is_none() {
            self.wrong_type(node, "int");
        }
        Some(Spanned::new(value?, node.span()))
    }
}

/// Whether a node stands for nothing.
pub(super) fn is_null(node: Node<'_>) -> bool {
    let Some(node) = node.resolved() else { return false };
    let Kind::Scalar { value, style } = node.kind() else { return false };
    match node.tag() {
        Some(tag) => tag.core() == Some("null"),
        None => style == ScalarStyle::Plain && matches!(value, "" | "~" | "null" | "Null" | "NULL"),
    }
}
