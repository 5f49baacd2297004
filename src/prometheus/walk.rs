//! From the tree to values of the schema's types: one reader for every section. It reports what go-yaml and
//! the types' own `UnmarshalYAML` report, and hands each whole section to its [`checks`](super::checks).

use std::collections::HashMap;

use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::labels::ValidationScheme;
use crate::text::{Span, TextEdit, quote};
use crate::version::Version;
use crate::yaml::{Custom, Decoder, Node, Resolved, Spanned, closest};

use super::codes;
use super::duration::{ByteSize, Duration};
use super::effective::default_scheme;
use super::schema::{Choice, Kind, List, Map, MapKey, Section};
use super::url;
use super::value::{Entry, Fields, Findings, Value};

/// Up to how many keys of a mapping are compared one by one.
const FEW: usize = 32;

/// Reads sections.
pub(super) struct Walker<'d> {
    pub(super) decoder: Decoder<'d>,
    pub(super) version: Version,
}

impl<'d> Walker<'d> {
    pub(super) fn new(decoder: Decoder<'d>, version: Version) -> Self {
        Self { decoder, version }
    }

    /// Reads a section. Null is null; what is no mapping has been reported.
    pub(super) fn section(&mut self, node: Node<'d>, section: &'static Section) -> Value {
        let Some(resolved) = node.resolved() else { return Value::Broken };
        if self.decoder.is_null(node) {
            return Value::Null(resolved.span());
        }
        let found_before = self.decoder.count();
        let read = self.decoder.fields(node, &section.at(self.version));
        if read.is_none() && self.decoder.count() > found_before {
            return Value::Broken;
        }
        let mut fields = Fields { section, span: resolved.span(), entries: Vec::new(), is_sound: true };
        for field in read.unwrap_or_default() {
            let Some(key) = section.key(field.name, self.version) else { continue };
            // A merge key may have set it before.
            let earlier = fields.entries.iter().position(|entry| entry.key.name == key.name);
            let earlier = earlier.map(|at| fields.entries.remove(at).value);
            let value = match key.kind {
                Kind::Map(map) => self.map(field.value, map, earlier),
                kind => self.value(field.value, kind),
            };
            let name = field.key.resolved().map_or(field.key.span(), Node::span);
            fields.entries.push(Entry { key, name, span: field.span(), value });
        }
        fields.is_sound = self.decoder.count() == found_before;
        if let Some(check) = section.check {
            let mut found = Vec::new();
            check(&fields, &mut Findings { version: self.version, list: &mut found });
            for diagnostic in found {
                self.decoder.report(diagnostic);
            }
        }
        Value::Section(Box::new(fields))
    }

    fn value(&mut self, node: Node<'d>, kind: Kind) -> Value {
        match kind {
            Kind::Bool => self.decoder.boolean(node, "bool").map_or(Value::Broken, Value::Bool),
            Kind::OptionalBool if self.decoder.is_null(node) => Value::Null(node.span()),
            Kind::OptionalBool => {
                let go_type = if self.decoder.is_quoted_null(node) { "*bool" } else { "bool" };
                self.decoder.boolean(node, go_type).map_or(Value::Broken, Value::Bool)
            }
            Kind::Int => self.decoder.integer(node, "int").map_or(Value::Broken, Value::Int),
            Kind::Int64 => self.decoder.integer(node, "int64").map_or(Value::Broken, Value::Int),
            Kind::Uint => self.decoder.unsigned(node, "uint").map_or(Value::Broken, Value::Uint),
            Kind::Uint64 => self.decoder.unsigned(node, "uint64").map_or(Value::Broken, Value::Uint),
            Kind::Float => self.decoder.float(node, "float64").map_or(Value::Broken, Value::Float),
            Kind::Text | Kind::File => self.decoder.string(node, "string").map_or(Value::Broken, Value::Text),
            Kind::Secret => self.custom(node, "config.Secret", "config.plain", true),
            Kind::Regex => self.regex(node),
            Kind::Duration => self.duration(node).map_or(Value::Broken, Value::Duration),
            Kind::Size => self.size(node).map_or(Value::Broken, Value::Size),
            Kind::Url => self.url(node, "config.URL"),
            Kind::RequiredUrl => self.url(node, "*config.URL"),
            Kind::LabelName => self.label_name(node).map_or(Value::Broken, Value::Text),
            Kind::Enum(choice) => self.choice(node, choice),
            Kind::List(list) => self.list(node, list),
            Kind::Map(map) => self.map(node, map, None),
            Kind::Section(section) | Kind::Optional(section) => self.section(node, section),
            Kind::Any => {
                self.decoder.skip(node);
                Value::Null(node.span())
            }
        }
    }

    /// Reads a list.
    pub(super) fn list(&mut self, node: Node<'d>, list: &'static List) -> Value {
        let found_before = self.decoder.count();
        let Some(resolved) = node.resolved() else { return Value::Broken };
        let Some(items) = self.decoder.items(node, list.go_type) else {
            let is_broken = self.decoder.count() > found_before;
            return if is_broken { Value::Broken } else { Value::Null(resolved.span()) };
        };
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            if !list.empty.is_empty() && self.decoder.is_null(item) {
                self.decoder.report(
                    Diagnostic::error(codes::EMPTY_ITEM, item.span(), list.empty)
                        .help("Remove the dash, or write what belongs behind it."),
                );
                continue;
            }
            values.push(self.value(item, list.item));
        }
        Value::List(Spanned::new(values, resolved.span()))
    }

    fn map(&mut self, node: Node<'d>, map: &'static Map, earlier: Option<Value>) -> Value {
        let Some(resolved) = node.resolved() else { return Value::Broken };
        let go_type = if self.decoder.is_quoted_null(node) { map.outer_type } else { map.go_type };
        let found_before = self.decoder.count();
        let Some(entries) = self.decoder.entries(node, go_type) else {
            let is_broken = self.decoder.count() > found_before;
            return if is_broken { Value::Broken } else { Value::Null(resolved.span()) };
        };
        let mut known = earlier.map_or_else(Vec::new, Value::into_map);
        let mut index: HashMap<String, Span> = HashMap::new();
        for entry in entries {
            let name = match map.keys {
                MapKey::Text => self.decoder.string(entry.key, "string"),
                MapKey::LabelName => self.label_name(entry.key),
                MapKey::ExternalLabel => self.external_label_name(entry.key),
            };
            let value = match map.keys {
                MapKey::Text => self.value(entry.value, map.value),
                MapKey::LabelName => {
                    self.decoder.string(entry.value, "model.LabelValue").map_or(Value::Broken, Value::Text)
                }
                MapKey::ExternalLabel => self.external_label_value(entry.value),
            };
            // A list with bad items counts as set, as in Go.
            let (Some(name), false) = (name, matches!(value, Value::Broken)) else { continue };
            // A look through the few that people write is cheaper than a table.
            let first = if known.len() < FEW {
                known.iter().find(|(known, _)| known.value == name.value).map(|(first, _)| first.span)
            } else {
                let more = known.get(index.len()..).unwrap_or_default();
                index.extend(more.iter().map(|(name, _)| (name.value.clone(), name.span)));
                index.get(&name.value).copied()
            };
            if let Some(first) = first {
                self.decoder.report_repeated_key(entry, &name.value, Some(first));
                continue;
            }
            known.push((name, value));
        }
        Value::Map(resolved.span(), known)
    }

    fn external_label_name(&mut self, node: Node<'d>) -> Option<Spanned<String>> {
        let bytes = self.decoder.bytes(node, "string")?;
        self.utf8(bytes, codes::LABEL_NAME, "is not a valid label name")
    }

    fn external_label_value(&mut self, node: Node<'d>) -> Value {
        let bytes = self.decoder.bytes(node, "string");
        bytes
            .and_then(|bytes| self.utf8(bytes, codes::LABEL_VALUE, "is not a valid label value"))
            .map_or(Value::Broken, Value::Text)
    }

    /// Bytes as text; a `!!binary` scalar that is none is reported.
    fn utf8(&mut self, bytes: Spanned<Vec<u8>>, code: Code, fault: &str) -> Option<Spanned<String>> {
        match String::from_utf8(bytes.value) {
            Ok(text) => Some(Spanned { value: text, span: bytes.span, map: bytes.map }),
            Err(error) => {
                self.decoder.error(code, bytes.span, format!("{} {fault}", quote(error.as_bytes())));
                None
            }
        }
    }

    /// A name as `common/model`, `LabelName.UnmarshalYAML` checks it: by the version's own scheme, whatever
    /// the configuration says about names.
    fn label_name(&mut self, node: Node<'d>) -> Option<Spanned<String>> {
        let name = match self.decoder.custom(node, "model.LabelName", true)? {
            Custom::Zero(span) => return Some(Spanned::new(String::new(), span)),
            Custom::Unchecked(name) => {
                return self.utf8(name, codes::LABEL_NAME, "is not a valid label name");
            }
            Custom::Text(name) => name,
        };
        if default_scheme(self.version).is_label_name(&name.value) {
            return self.utf8(name, codes::LABEL_NAME, "is not a valid label name");
        }
        self.decoder.report(invalid_label_name(&name.value, name.span, self.version));
        None
    }

    /// A type that decodes itself from a string; null is its empty string.
    fn custom(&mut self, node: Node<'d>, own_type: &str, go_type: &str, is_text: bool) -> Value {
        match self.decoder.custom_as(node, own_type, go_type, is_text) {
            None => Value::Broken,
            Some(Custom::Zero(span)) => Value::Text(Spanned::new(String::new(), span)),
            Some(Custom::Unchecked(text) | Custom::Text(text)) => Value::Text(lossy(text)),
        }
    }

    fn regex(&mut self, node: Node<'d>) -> Value {
        // Since 2.53 the type reads itself from any text, too, and is asked about a quoted `"null"`.
        let is_text = self.version >= (Version { major: 2, minor: 53 });
        let text = match self.decoder.custom(node, "relabel.Regexp", is_text) {
            None => return Value::Broken,
            Some(Custom::Zero(span)) => return Value::Text(Spanned::new(String::new(), span)),
            Some(Custom::Unchecked(text) | Custom::Text(text)) => text,
        };
        if let Err(error) = std::str::from_utf8(&text.value) {
            let rest = String::from_utf8_lossy(&text.value[error.valid_up_to()..]);
            let message = format!("error parsing regexp: invalid UTF-8: `{rest})$`");
            self.decoder.error(codes::RELABEL, text.span, message);
            return Value::Broken;
        }
        Value::Text(lossy(text))
    }

    fn choice(&mut self, node: Node<'d>, choice: &'static Choice) -> Value {
        if choice.own_type.is_empty() {
            return self.decoder.string(node, choice.go_type).map_or(Value::Broken, Value::Text);
        }
        let text = match self.decoder.custom_as(node, choice.own_type, choice.go_type, choice.is_text) {
            None => return Value::Broken,
            Some(Custom::Zero(span)) => return Value::Null(span),
            Some(Custom::Unchecked(text)) => return Value::Text(lossy(text)),
            Some(Custom::Text(text)) => text,
        };
        let quoted = quote(&text.value);
        let text = lossy(text);
        if choice.unknown.is_empty() || choice.words(self.version).any(|word| word == text.value) {
            return Value::Text(text);
        }
        let known: Vec<&str> = choice.words(self.version).collect();
        let message = choice
            .unknown
            .replace("%v", &format!("[{}]", known.join(" ")))
            .replace("%q", &quoted)
            .replace("%s", &text.value);
        let diagnostic = Diagnostic::error(codes::INVALID, text.span, message);
        let later = choice.values.iter().find(|word| word.text == text.value);
        self.decoder.report(match later {
            Some(word) if word.since > self.version => diagnostic.help(format!(
                "`{}` came with Prometheus {}; this file is read as for {}.",
                word.text, word.since, self.version
            )),
            _ => with_meant(diagnostic, &text, &known),
        });
        Value::Broken
    }

    fn url(&mut self, node: Node<'d>, own_type: &str) -> Value {
        let text = match self.decoder.custom(node, own_type, false) {
            None => return Value::Broken,
            Some(Custom::Zero(span)) => return Value::Null(span),
            Some(Custom::Unchecked(text) | Custom::Text(text)) => lossy(text),
        };
        match url::parse(&text.value, self.version) {
            Ok(_) => Value::Text(text),
            Err(message) => {
                self.decoder.error(codes::URL, text.span, message);
                Value::Broken
            }
        }
    }

    fn duration(&mut self, node: Node<'d>) -> Option<Spanned<Duration>> {
        // As a type that reads itself from any text, too, it is asked about a quoted `"null"` as well.
        let text = match self.decoder.custom(node, "model.Duration", true)? {
            Custom::Zero(span) => return Some(Spanned::new(Duration::ZERO, span)),
            Custom::Unchecked(text) | Custom::Text(text) => text,
        };
        let duration = match std::str::from_utf8(&text.value) {
            Ok(spelled) => Duration::parse(spelled, self.version),
            Err(_) => Err(format!("not a valid duration string: {}", quote(&text.value))),
        };
        match duration {
            Ok(duration) => Some(text.with(duration)),
            Err(message) => {
                self.decoder.report(
                    Diagnostic::error(codes::DURATION, text.span, message)
                        .help("Write whole numbers with units from the largest to the smallest: `1h30m`, `15s`, `500ms`."),
                );
                None
            }
        }
    }

    fn size(&mut self, node: Node<'d>) -> Option<Spanned<ByteSize>> {
        let node = node.resolved()?;
        if self.decoder.scalar(node)? == Resolved::Null {
            return Some(Spanned::new(ByteSize::default(), node.span()));
        }
        let text = self.decoder.string(node, "units.Base2Bytes")?;
        match ByteSize::parse(&text.value) {
            Ok(size) => Some(text.with(size)),
            Err(message) => {
                self.decoder.report(
                    Diagnostic::error(codes::SIZE, text.span, message)
                        .help("Write a number with `B`, `KB`, `MB`, `GB` or `TB`, in powers of 1024."),
                );
                None
            }
        }
    }
}

fn lossy(text: Spanned<Vec<u8>>) -> Spanned<String> {
    let value = String::from_utf8(text.value)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Spanned { value, span: text.span, map: text.map }
}

/// Adds which word was likely meant.
pub(super) fn with_meant(diagnostic: Diagnostic, given: &Spanned<String>, known: &[&str]) -> Diagnostic {
    let same = known.iter().copied().find(|known| known.eq_ignore_ascii_case(&given.value));
    match same.or_else(|| closest(&given.value, known.iter().copied())) {
        Some(meant) => diagnostic.help(format!("Did you mean `{meant}`?")).fix(Fix::unsafe_fix(
            format!("Replace by `{meant}`"),
            vec![TextEdit::replace(given.span, meant)],
        )),
        None => diagnostic,
    }
}

/// A name that `version` does not take for a label's.
pub(super) fn invalid_label_name(name: &[u8], span: Span, version: Version) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(codes::LABEL_NAME, span, format!("{} is not a valid label name", quote(name)));
    if !version.is_v3() && ValidationScheme::Utf8.is_label_name(name) {
        diagnostic.help(format!(
            "Before Prometheus 3, names hold only letters, digits and `_`; this file is read as for {version}."
        ))
    } else {
        diagnostic
    }
}
