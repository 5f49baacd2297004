//! Typed values out of the tree, as go-yaml v2's strict decoder reads them: its conversions, its words,
//! its order of merge keys. Unlike it, every error is reported.

use std::collections::HashMap;

use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::sort;
use crate::text::{SourceMap, Span, TextEdit};

use super::aliasing::is_excessive;
use super::fields::is_merge;
use super::resolve::{self, Resolved};
use super::tree::{Document, Entry, Kind, Node, ScalarStyle};
use super::{BUDGET, DUPLICATE_FIELD, WRONG_TYPE};

/// How many findings are kept: more say nothing new of a file.
const MAX_FINDINGS: usize = 10_000;

/// A decoded value and where it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it is, quotes included. Through an alias, where the anchor's node is.
    pub span: Span,
    /// Where each byte of its text is; empty for anything but a scalar.
    pub map: SourceMap,
}

impl<T> Spanned<T> {
    /// A value at a place, without a map of its bytes.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span, map: SourceMap::default() }
    }

    /// Another value at the same place.
    pub fn with<U>(&self, value: U) -> Spanned<U> {
        Spanned { value, span: self.span, map: self.map.clone() }
    }

    /// The place of `part`, a range of bytes of the decoded text, in the file.
    #[must_use]
    pub fn part(&self, part: Span) -> Span {
        self.map.span_to_source(part)
    }
}

/// The fields of a Go struct, as a table somewhere lists them.
pub trait Shape {
    /// The type's name in go-yaml's messages: `config.ScrapeConfig`.
    fn go_type(&self) -> &str;
    /// The type's name where go-yaml does not get as far as its fields: `*config.ScrapeConfig`.
    fn outer_type(&self) -> &str {
        self.go_type()
    }
    /// Whether the struct has the field.
    fn has(&self, field: &str) -> bool;
    /// All fields that it has.
    fn fields(&self) -> Vec<&'static str>;
    /// What to say about a field that it does not have, such as the version that brought it.
    fn absence(&self, field: &str) -> Option<String>;
}

/// A known field of a mapping that decodes into a struct.
#[derive(Clone, Copy, Debug)]
pub struct Field<'d> {
    /// The key's text.
    pub name: &'d str,
    /// The key.
    pub key: Node<'d>,
    /// The value.
    pub value: Node<'d>,
}

impl Field<'_> {
    /// From the key's first byte to the value's last.
    #[must_use]
    pub fn span(&self) -> Span {
        Entry { key: self.key, value: self.value }.span()
    }
}

/// What a type that decodes itself from a string is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Custom {
    /// Null: the type's zero.
    Zero(Span),
    /// Text that is stored without the type's own checks.
    Unchecked(Spanned<Vec<u8>>),
    /// Text for the type to decode.
    Text(Spanned<Vec<u8>>),
}

/// Reads typed values and gathers what is wrong with them.
///
/// Every reader answers `None` where there is nothing to be had: what is wrong has been reported then. An
/// explicit null is the type's zero, as in Go: `honor_timestamps:` with nothing behind it is `false`,
/// whatever the default.
#[derive(Debug)]
pub struct Decoder<'d> {
    document: &'d Document,
    diagnostics: Vec<Diagnostic>,
    /// How many findings there were, those over the limit too.
    pub(super) reported: usize,
    exhausted: bool,
}

impl<'d> Decoder<'d> {
    /// A decoder of `document`. A document that is mostly aliases is refused as go-yaml refuses it.
    #[must_use]
    pub fn new(document: &'d Document) -> Self {
        let mut decoder = Self { document, diagnostics: Vec::new(), reported: 0, exhausted: false };
        if let Some(root) = document.root()
            && is_excessive(root)
        {
            decoder.exhausted = true;
            decoder.report(
                Diagnostic::error(
                    BUDGET,
                    Span::at(root.span().start),
                    "yaml: document contains excessive aliasing",
                )
                .because("Aliases of aliases multiply: a few lines can stand for gigabytes.")
                .help("Write repeated parts out, or alias fewer of them."),
            );
        }
        decoder
    }

    /// The outermost node; `None` for an empty document, and for one that was refused.
    #[must_use]
    pub fn root(&self) -> Option<Node<'d>> {
        self.document.root().filter(|_| !self.exhausted)
    }

    /// Adds a finding, unless there are ten thousand already, which say all there is to say.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.reported += 1;
        if self.diagnostics.len() < MAX_FINDINGS {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Adds an error without further words.
    pub fn error(&mut self, code: Code, span: Span, message: String) {
        self.report(Diagnostic::error(code, span, message));
    }

    /// Everything found, in the order of the text.
    #[must_use]
    pub fn finish(mut self) -> Vec<Diagnostic> {
        sort::sort_by_key(&mut self.diagnostics, |diagnostic| diagnostic.span.start);
        self.diagnostics
    }

    /// How many errors were found so far; a reader that wants to know whether a part was sound compares.
    #[must_use]
    pub fn count(&self) -> usize {
        self.reported
    }

    /// Whether go-yaml stores null without looking at the type: a pointer stays unset then.
    #[must_use]
    pub fn is_null(&self, node: Node<'d>) -> bool {
        let Some(node) = self.resolve_alias(node) else { return false };
        let Kind::Scalar { value, style } = node.kind() else { return false };
        match node.tag() {
            Some(tag) => tag.core() == Some("null"),
            None => style == ScalarStyle::Plain && matches!(value, "null" | "~" | ""),
        }
    }

    /// Whether the node is a quoted `"null"` or `"~"`, about which go-yaml does not ask a type either.
    #[must_use]
    pub fn is_quoted_null(&self, node: Node<'d>) -> bool {
        let Some(node) = self.resolve_alias(node) else { return false };
        match node.kind() {
            Kind::Scalar { value, style } => {
                style != ScalarStyle::Plain && node.tag().is_none() && matches!(value, "null" | "~")
            }
            _ => false,
        }
    }

    /// A value whose Go type decodes itself from a string. go-yaml does not ask such a type about null, nor,
    /// as it happens, about a quoted `"null"` or `"~"` (`decoder.prepare`): those are stored as they are
    /// where the type is a string, and refused where it is not.
    pub fn custom(&mut self, node: Node<'d>, go_type: &str, is_string: bool) -> Option<Custom> {
        self.custom_as(node, go_type, "string", is_string)
    }

    /// Like [`Decoder::custom`], of a type that reads itself by way of `read_type` instead of a string.
    pub fn custom_as(
        &mut self,
        node: Node<'d>,
        go_type: &str,
        read_type: &str,
        is_string: bool,
    ) -> Option<Custom> {
        let node = self.resolve_alias(node)?;
        let bypassed = match (node.tag(), node.kind()) {
            (Some(tag), Kind::Scalar { .. }) => tag.core() == Some("null"),
            (None, Kind::Scalar { value, style }) => {
                matches!(value, "null" | "~") || value.is_empty() && style == ScalarStyle::Plain
            }
            _ => false,
        };
        if !bypassed {
            return self.bytes(node, read_type).map(Custom::Text);
        }
        match self.scalar(node)? {
            Resolved::Null => Some(Custom::Zero(node.span())),
            _ if is_string => self.bytes(node, go_type).map(Custom::Unchecked),
            _ => {
                self.wrong_type(node, go_type);
                None
            }
        }
    }

    /// Reports a key that a Go map already has, at its value as go-yaml does.
    pub fn report_repeated_key(&mut self, entry: Entry<'d>, key: &str, first: Option<Span>) {
        let message = format!("line {}: key {key:?} already set in map", entry.value.line());
        let mut diagnostic = Diagnostic::error(DUPLICATE_FIELD, entry.key.span(), message)
            .because("Prometheus refuses a file in which a key stands twice.");
        if let Some(first) = first {
            diagnostic = diagnostic.label(first, "first set here");
        }
        self.report(diagnostic);
    }

    /// The items of a list. `None` for null and for anything that is no list.
    pub fn items(&mut self, node: Node<'d>, go_type: &str) -> Option<Vec<Node<'d>>> {
        let node = self.resolve_alias(node)?;
        match node.kind() {
            Kind::Sequence(_) => Some(node.items().collect()),
            Kind::Scalar { .. } if self.scalar(node)? == Resolved::Null => None,
            _ => {
                self.wrong_type(node, go_type);
                None
            }
        }
    }

    /// The text of a scalar of any type, and `""` for null. Binary text that is not UTF-8 has its bad bytes
    /// replaced; where they matter, take [`Decoder::bytes`].
    pub fn string(&mut self, node: Node<'d>, go_type: &str) -> Option<Spanned<String>> {
        let bytes = self.bytes(node, go_type)?;
        Some(Spanned { value: lossy(bytes.value), span: bytes.span, map: bytes.map })
    }

    /// The bytes of a scalar of any type; only a `!!binary` one can hold other than UTF-8.
    pub fn bytes(&mut self, node: Node<'d>, go_type: &str) -> Option<Spanned<Vec<u8>>> {
        let node = self.resolve_alias(node)?;
        match self.scalar(node)? {
            // What is found in an empty text is found where it would stand.
            Resolved::Null => {
                let map = SourceMap::verbatim(node.span().start, 0);
                Some(Spanned { value: Vec::new(), span: node.span(), map })
            }
            Resolved::Binary(bytes) => Some(Spanned::new(bytes, node.span())),
            _ => {
                let Kind::Scalar { value, .. } = node.kind() else {
                    self.wrong_type(node, go_type);
                    return None;
                };
                Some(Spanned { value: value.into(), span: node.span(), map: node.source_map() })
            }
        }
    }

    /// A boolean; `false` for null.
    pub fn boolean(&mut self, node: Node<'d>, go_type: &str) -> Option<Spanned<bool>> {
        self.convert(node, go_type, |resolved| match resolved {
            Resolved::Null => Some(false),
            Resolved::Bool(value) => Some(*value),
            _ => None,
        })
    }

    /// An unsigned number of 64 bits; 0 for null. Fractions are cut off, as Go cuts them.
    pub fn unsigned(&mut self, node: Node<'d>, go_type: &str) -> Option<Spanned<u64>> {
        self.convert(node, go_type, |resolved| match *resolved {
            Resolved::Null => Some(0),
            Resolved::Int(value) => u64::try_from(value).ok(),
            Resolved::Uint(value) => Some(value),
            Resolved::Float(value) if value <= u64::MAX as f64 => Some(float_to_unsigned(value)),
            _ => None,
        })
    }

    /// A signed number of 64 bits; 0 for null. Fractions are cut off, as Go cuts them.
    pub fn integer(&mut self, node: Node<'d>, go_type: &str) -> Option<Spanned<i64>> {
        self.convert(node, go_type, |resolved| match *resolved {
            Resolved::Null => Some(0),
            Resolved::Int(value) => Some(value),
            Resolved::Uint(value) => i64::try_from(value).ok(),
            Resolved::Float(value) if value <= i64::MAX as f64 => Some(value as i64),
            _ => None,
        })
    }

    /// A floating-point number; 0 for null.
    pub fn float(&mut self, node: Node<'d>, go_type: &str) -> Option<Spanned<f64>> {
        self.convert(node, go_type, |resolved| match *resolved {
            Resolved::Null => Some(0.0),
            Resolved::Int(value) => Some(value as f64),
            Resolved::Uint(value) => Some(value as f64),
            Resolved::Float(value) => Some(value),
            _ => None,
        })
    }

    /// The type of a scalar by go-yaml's rules; [`Resolved::Text`] for a collection. `None` where a tag and
    /// its text do not fit, which is reported.
    pub fn scalar(&mut self, node: Node<'d>) -> Option<Resolved> {
        match node.kind() {
            Kind::Scalar { value, style } => match resolve::resolve(value, style, node.tag()) {
                Ok(resolved) => Some(resolved),
                Err(message) => {
                    self.error(WRONG_TYPE, node.span(), format!("yaml: {message}"));
                    None
                }
            },
            _ => Some(Resolved::Text),
        }
    }

    /// Looks over a part that is not decoded: keys that stand twice are errors whatever the types.
    pub fn skip(&mut self, node: Node<'d>) {
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for entry in node.entries() {
            if let Kind::Scalar { value, .. } = entry.key.kind()
                && !is_merge(entry.key)
            {
                if let Some(&first) = seen.get(value) {
                    let message = format!("line {}: field {value} already set", entry.key.line());
                    self.report(
                        Diagnostic::error(DUPLICATE_FIELD, entry.key.span(), message)
                            .because("Prometheus refuses a file in which a key stands twice.")
                            .label(first, "first set here"),
                    );
                } else {
                    seen.insert(value, entry.key.span());
                }
            }
            self.skip(entry.value);
        }
        for item in node.items() {
            self.skip(item);
        }
    }

    /// Reports that a value does not fit its type, in go-yaml's words.
    pub fn wrong_type(&mut self, node: Node<'d>, go_type: &str) {
        let Some(node) = node.resolved() else { return };
        let what = match node.kind() {
            // A collection's tag is not looked at.
            Kind::Sequence(_) => "!!seq".to_owned(),
            Kind::Mapping(_) => "!!map".to_owned(),
            Kind::Scalar { value, .. } => {
                let Some(resolved) = self.scalar(node) else { return };
                let tag = node.tag().map_or_else(|| resolved.tag().to_owned(), resolve::Tag::short);
                excerpt(&tag, value)
            }
            Kind::Alias { .. } => return,
        };
        let message = format!("line {}: cannot unmarshal {what} into {go_type}", node.line());
        let mut diagnostic = Diagnostic::error(WRONG_TYPE, node.span(), message);
        if let Kind::Scalar { value, style } = node.kind()
            && style != ScalarStyle::Plain
            && matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted)
            && wants_plain(value, go_type)
        {
            diagnostic = diagnostic
                .help("Quotes make it text; write it without them.")
                .fix(Fix::safe("Remove the quotes", vec![TextEdit::replace(node.span(), value)]));
        } else if let Kind::Scalar { .. } = node.kind()
            && go_type.starts_with("[]")
        {
            diagnostic = diagnostic.help("A list is wanted here: put it into brackets, or behind a dash.");
        }
        self.report(diagnostic);
    }

    fn convert<T>(
        &mut self,
        node: Node<'d>,
        go_type: &str,
        convert: impl FnOnce(&Resolved) -> Option<T>,
    ) -> Option<Spanned<T>> {
        let node = self.resolve_alias(node)?;
        let converted = match node.kind() {
            Kind::Scalar { .. } => convert(&self.scalar(node)?),
            _ => None,
        };
        let Some(value) = converted else {
            self.wrong_type(node, go_type);
            return None;
        };
        Some(Spanned { value, span: node.span(), map: node.source_map() })
    }

    pub(super) fn resolve_alias(&self, node: Node<'d>) -> Option<Node<'d>> {
        if self.exhausted { None } else { node.resolved() }
    }
}

/// A value in go-yaml's messages: the first seven bytes of one of more than ten.
fn excerpt(tag: &str, value: &str) -> String {
    if value.len() > 10 {
        format!("{tag} `{}...`", String::from_utf8_lossy(&value.as_bytes()[..7]))
    } else {
        format!("{tag} `{value}`")
    }
}

/// Whether the text without quotes would be of the wanted type.
fn wants_plain(value: &str, go_type: &str) -> bool {
    let plain = resolve::resolve(value, ScalarStyle::Plain, None);
    match go_type {
        "bool" => matches!(plain, Ok(Resolved::Bool(_))),
        "int" | "int64" => matches!(plain, Ok(Resolved::Int(_))),
        "uint" | "uint64" => matches!(plain, Ok(Resolved::Int(0..) | Resolved::Uint(_))),
        "float64" => matches!(plain, Ok(Resolved::Int(_) | Resolved::Uint(_) | Resolved::Float(_))),
        _ => false,
    }
}

pub(super) fn lossy(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

/// Go's conversion on amd64, where a negative number wraps around.
#[expect(clippy::cast_sign_loss, reason = "the sign was looked at")]
fn float_to_unsigned(value: f64) -> u64 {
    if value < 0.0 { (value as i64).cast_unsigned() } else { value as u64 }
}
