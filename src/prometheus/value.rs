//! Values of the schema's types, as a section holds them, and where its checks put what they find.

use crate::diagnostic::{Code, Diagnostic};
use crate::text::Span;
use crate::version::Version;
use crate::yaml::Spanned;

use super::codes;
use super::duration::{ByteSize, Duration};
use super::schema::{Key, Section};

/// A value as the schema types it.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// It could not be read, which has been reported.
    Broken,
    /// Null: the type's zero.
    Null(Span),
    Bool(Spanned<bool>),
    Int(Spanned<i64>),
    Uint(Spanned<u64>),
    Float(Spanned<f64>),
    Text(Spanned<String>),
    Duration(Spanned<Duration>),
    Size(Spanned<ByteSize>),
    List(Spanned<Vec<Value>>),
    Map(Span, Vec<(Spanned<String>, Value)>),
    Section(Box<Fields>),
}

/// A section that was read.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub(super) section: &'static Section,
    /// Where it is.
    pub(super) span: Span,
    pub(super) entries: Vec<Entry>,
    /// Whether nothing in it was reported while it was read.
    pub(super) is_sound: bool,
}

/// A key of a section that was read.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: &'static Key,
    /// Where the key is.
    pub(super) name: Span,
    /// Where the key and its value are.
    pub(super) span: Span,
    pub(super) value: Value,
}

/// Where checks put what they find.
#[derive(Debug)]
pub(super) struct Findings<'f> {
    pub(super) version: Version,
    pub(super) list: &'f mut Vec<Diagnostic>,
}

impl Findings<'_> {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::error(code, span, message.into()));
    }

    /// Something is missing without which the section cannot be.
    pub(super) fn missing(&mut self, span: Span, message: impl Into<String>) {
        self.error(codes::MISSING, span, message);
    }

    /// Two things are set of which only one may be.
    pub(super) fn conflict(&mut self, span: Span, message: impl Into<String>) {
        self.error(codes::CONFLICT, span, message);
    }

    /// A value is none of those that there are.
    pub(super) fn invalid(&mut self, span: Span, message: impl Into<String>) {
        self.error(codes::INVALID, span, message);
    }
}

impl Value {
    /// The text, where it is text and not empty.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) => &text.value,
            _ => "",
        }
    }

    /// Where it is.
    pub(super) fn span(&self) -> Option<Span> {
        match self {
            Self::Broken => None,
            Self::Null(span) | Self::Map(span, _) => Some(*span),
            Self::Bool(value) => Some(value.span),
            Self::Int(value) => Some(value.span),
            Self::Uint(value) => Some(value.span),
            Self::Float(value) => Some(value.span),
            Self::Text(value) => Some(value.span),
            Self::Duration(value) => Some(value.span),
            Self::Size(value) => Some(value.span),
            Self::List(value) => Some(value.span),
            Self::Section(fields) => Some(fields.span),
        }
    }

    pub(super) fn into_text(self) -> Option<Spanned<String>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn into_bool(self) -> Option<Spanned<bool>> {
        match self {
            Self::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn into_uint(self) -> Option<Spanned<u64>> {
        match self {
            Self::Uint(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn into_float(self) -> Option<Spanned<f64>> {
        match self {
            Self::Float(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn into_duration(self) -> Option<Spanned<Duration>> {
        match self {
            Self::Duration(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn into_size(self) -> Option<Spanned<ByteSize>> {
        match self {
            Self::Size(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn into_items(self) -> Vec<Self> {
        match self {
            Self::List(list) => list.value,
            _ => Vec::new(),
        }
    }

    /// The texts of a list; `None` for what is no list.
    pub(super) fn into_text_list(self) -> Option<Spanned<Vec<Spanned<String>>>> {
        match self {
            Self::List(list) => {
                Some(Spanned::new(list.value.into_iter().filter_map(Self::into_text).collect(), list.span))
            }
            _ => None,
        }
    }

    /// The texts of a list; none for what is no list.
    pub(super) fn into_texts(self) -> Vec<Spanned<String>> {
        self.into_text_list().map_or_else(Vec::new, |list| list.value)
    }

    pub(super) fn into_map(self) -> Vec<(Spanned<String>, Self)> {
        match self {
            Self::Map(_, entries) => entries,
            _ => Vec::new(),
        }
    }

    /// The sections of a list.
    pub(super) fn into_sections(self) -> impl Iterator<Item = Fields> {
        self.into_items().into_iter().filter_map(Self::into_section)
    }

    pub(super) fn into_section(self) -> Option<Fields> {
        match self {
            Self::Section(fields) => Some(*fields),
            _ => None,
        }
    }
}

impl Fields {
    pub(super) fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key.name == name)
    }

    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.find(name).map(|entry| &entry.value)
    }

    /// The text of a key, or `""`; defaults are not looked at.
    pub(super) fn text(&self, name: &str) -> &str {
        self.value(name).map_or("", Value::text)
    }

    /// The text of a key, or its default where the key is not there.
    pub(super) fn text_or_default(&self, name: &str, version: Version) -> &str {
        match self.value(name) {
            Some(value) => value.text(),
            None => self.section.key(name, version).map_or("", |key| key.default),
        }
    }

    /// Whether a key has a text that is not empty.
    pub(super) fn has_text(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// Whether a key cannot be judged because its value could not be read.
    pub(super) fn is_broken(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::Broken))
    }

    /// Whether a key's text is empty once defaults are in.
    pub(super) fn lacks(&self, name: &str, version: Version) -> bool {
        !self.is_broken(name) && self.text_or_default(name, version).is_empty()
    }

    /// Whether a key is `true`.
    pub(super) fn is_true(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::Bool(value)) if value.value)
    }

    /// The items of a list.
    pub(super) fn items(&self, name: &str) -> &[Value] {
        match self.value(name) {
            Some(Value::List(list)) => &list.value,
            _ => &[],
        }
    }

    /// The entries of a mapping.
    pub(super) fn map(&self, name: &str) -> &[(Spanned<String>, Value)] {
        match self.value(name) {
            Some(Value::Map(_, entries)) => entries,
            _ => &[],
        }
    }

    /// A section in this one, unless it is absent or null.
    pub(super) fn section(&self, name: &str) -> Option<&Self> {
        match self.value(name) {
            Some(Value::Section(fields)) => Some(fields),
            _ => None,
        }
    }

    /// Whether a pointer is set: to a section or to a mapping.
    pub(super) fn has(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::Section(_) | Value::Map(..)))
    }

    /// Where a key's value is; the section's first key where it is not there.
    pub(super) fn at(&self, name: &str) -> Span {
        match self.find(name) {
            Some(entry) => entry.value.span().filter(|span| !span.is_empty()).unwrap_or(entry.name),
            None => self.head(),
        }
    }

    /// Where a key is; the section's first key where it is not there.
    pub(super) fn key_at(&self, name: &str) -> Span {
        self.find(name).map_or(self.head(), |entry| entry.name)
    }

    /// What stands for the whole section: its first key.
    pub(super) fn head(&self) -> Span {
        self.entries.first().map_or(self.span, |entry| entry.name)
    }
}
