//! Mappings as go-yaml decodes them: into the fields of a struct, or into a map, merge keys resolved.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Fix};
use crate::text::{Span, TextEdit};

use super::decode::{Decoder, Field, Shape, lossy};
use super::resolve::Resolved;
use super::suggest::closest;
use super::tree::{Entry, Kind, Node, ScalarStyle};
use super::{BUDGET, DUPLICATE_FIELD, SYNTAX, UNKNOWN_FIELD};

/// Up to how many entries a mapping is looked through for a better name, and up to how many findings.
const MAX_ASKED: usize = 256;
/// How many merge keys may lead from one mapping to the next.
const MAX_MERGE_DEPTH: usize = 64;

impl<'d> Decoder<'d> {
    /// The fields of a mapping that decodes into a struct, in the order in which they take effect: a merge
    /// key's where it stands. Unknown fields and repeated ones are reported and left out. `None` for null
    /// and for anything that is no mapping.
    pub fn fields(&mut self, node: Node<'d>, shape: &dyn Shape) -> Option<Vec<Field<'d>>> {
        let go_type = if self.is_quoted_null(node) { shape.outer_type() } else { shape.go_type() };
        let node = self.mapping(node, go_type)?;
        let mut fields = Vec::with_capacity(node.entries().len());
        self.struct_entries(node, shape, &mut fields, 0);
        Some(fields)
    }

    /// The entries of a mapping that decodes into a Go map, merge keys resolved. Whether a key is there
    /// twice is the caller's to say, with [`Decoder::report_repeated_key`], because only it knows the
    /// decoded key.
    pub fn entries(&mut self, node: Node<'d>, go_type: &str) -> Option<Vec<Entry<'d>>> {
        let node = self.mapping(node, go_type)?;
        let mut entries = Vec::with_capacity(node.entries().len());
        self.map_entries(node, &mut entries, 0);
        Some(entries)
    }

    fn mapping(&mut self, node: Node<'d>, go_type: &str) -> Option<Node<'d>> {
        let node = self.resolve_alias(node)?;
        match node.kind() {
            Kind::Mapping(_) => Some(node),
            Kind::Scalar { .. } if self.scalar(node)? == Resolved::Null => None,
            _ => {
                self.wrong_type(node, go_type);
                None
            }
        }
    }

    fn struct_entries(
        &mut self,
        node: Node<'d>,
        shape: &dyn Shape,
        fields: &mut Vec<Field<'d>>,
        depth: usize,
    ) {
        let mut done: HashMap<&str, Span> = HashMap::new();
        for entry in node.entries() {
            if is_merge(entry.key) {
                for merged in self.merged(entry.value, depth) {
                    self.struct_entries(merged, shape, fields, depth + 1);
                }
                continue;
            }
            let Some(key) = self.resolve_alias(entry.key) else { continue };
            let Kind::Scalar { value: name, style } = key.kind() else {
                self.wrong_type(key, "string");
                continue;
            };
            let is_null = style == ScalarStyle::Plain && matches!(name, "" | "~" | "null" | "Null" | "NULL");
            if is_null || key.tag().is_some() {
                let Some(decoded) = self.bytes(key, "string") else { continue };
                if decoded.value != name.as_bytes() {
                    self.unknown_field(node, key, &lossy(decoded.value), shape);
                    self.skip(entry.value);
                    continue;
                }
            }
            if !shape.has(name) {
                self.unknown_field(node, key, name, shape);
                self.skip(entry.value);
                continue;
            }
            if let Some(&first) = done.get(name) {
                let message =
                    format!("line {}: field {name} already set in type {}", key.line(), shape.go_type());
                self.report(
                    Diagnostic::error(DUPLICATE_FIELD, key.span(), message)
                        .because("Prometheus refuses a file in which a key stands twice.")
                        .label(first, "first set here"),
                );
                continue;
            }
            done.insert(name, key.span());
            fields.push(Field { name, key, value: entry.value });
        }
    }

    fn unknown_field(&mut self, node: Node<'d>, key: Node<'d>, name: &str, shape: &dyn Shape) {
        let message = format!("line {}: field {name} not found in type {}", key.line(), shape.go_type());
        let mut diagnostic = Diagnostic::error(UNKNOWN_FIELD, key.span(), message)
            .because("Prometheus refuses a file with a key that it does not know.");
        if let Some(absence) = shape.absence(name) {
            diagnostic = diagnostic.help(absence);
        } else {
            // What is there already was not meant; of mappings that no person writes, that is not asked.
            let entries = if node.entries().len() > MAX_ASKED { 0 } else { MAX_ASKED };
            let is_there =
                |field: &&str| node.entries().take(entries).any(|entry| entry.key.text() == Some(field));
            let free = shape.fields().into_iter().filter(|field| !is_there(field));
            if self.reported < MAX_ASKED
                && let Some(meant) = closest(name, free)
            {
                diagnostic = diagnostic.help(format!("Did you mean `{meant}`?")).fix(Fix::unsafe_fix(
                    format!("Rename to `{meant}`"),
                    vec![TextEdit::replace(key.span(), meant)],
                ));
            }
        }
        self.report(diagnostic);
    }

    fn map_entries(&mut self, node: Node<'d>, entries: &mut Vec<Entry<'d>>, depth: usize) {
        for entry in node.entries() {
            if is_merge(entry.key) {
                for merged in self.merged(entry.value, depth) {
                    self.map_entries(merged, entries, depth + 1);
                }
            } else {
                entries.push(entry);
            }
        }
    }

    /// The mappings that a merge key names, in the order in which they take effect.
    fn merged(&mut self, value: Node<'d>, depth: usize) -> Vec<Node<'d>> {
        if depth >= MAX_MERGE_DEPTH {
            self.error(
                BUDGET,
                value.span(),
                format!("merge keys lead over more than {MAX_MERGE_DEPTH} mappings"),
            );
            return Vec::new();
        }
        let sources = match value.kind() {
            // Earlier mappings win over later ones, so the later ones are read first.
            Kind::Sequence(_) => value.items().collect::<Vec<_>>().into_iter().rev().collect(),
            _ => vec![value],
        };
        let mut out = Vec::with_capacity(sources.len());
        for source in sources {
            // An alias of nothing has been reported.
            let Some(node) = source.resolved() else { continue };
            if matches!(node.kind(), Kind::Mapping(_)) {
                out.push(node);
            } else {
                self.error(
                    SYNTAX,
                    source.span(),
                    "yaml: map merge requires map or sequence of maps as the value".to_owned(),
                );
            }
        }
        out
    }
}

/// Whether a key is the merge key: `<<`, not quoted.
pub(super) fn is_merge(key: Node<'_>) -> bool {
    let Kind::Scalar { value, style } = key.kind() else { return false };
    value == "<<"
        && match key.tag() {
            None => style == ScalarStyle::Plain,
            Some(tag) => tag.core() == Some("merge"),
        }
}
