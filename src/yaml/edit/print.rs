//! Values as text, in the style of a document.

use std::fmt::Write as _;

use crate::yaml::load;
use crate::yaml::resolve::{self, Resolved};
use crate::yaml::tree::{Kind, ScalarStyle};

use super::style::{Quote, Style};
use super::value::Value;

/// A value's text: what stands behind its dash or colon, and the lines below.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Printed {
    /// What stands on the line of the dash or the colon; it may go on over further lines.
    pub(super) head: String,
    /// Whole lines below, with their indentation and without the last line break.
    pub(super) below: String,
}

/// In what a value is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Under {
    /// A key in this column.
    Key(usize),
    /// A dash in this column, followed by this many blanks.
    Dash(usize, usize),
    /// A dash in this column, with an anchor behind it.
    AnchoredDash(usize),
    /// Nothing: it is the document.
    Nothing,
}

/// Where a scalar stands, which decides what it may look like without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// The value of a key of a block mapping.
    Value,
    /// An item of a block list.
    Item,
    /// A key of a block mapping.
    Key,
    /// An item in brackets.
    FlowItem,
    /// A value in braces.
    FlowValue,
    /// A key in braces.
    FlowKey,
    /// The document.
    Document,
}

/// Writes values.
pub(super) struct Printer<'s> {
    pub(super) style: &'s Style<'s>,
    /// The line break.
    pub(super) newline: &'s str,
    /// Whether text of several lines may be written as such.
    pub(super) block_scalars: bool,
}

impl Printer<'_> {
    /// A value below a dash or a key. `key` is the nearest key above it, whose other values show the style of a
    /// collection; `quote` is the style of a scalar.
    pub(super) fn value(
        &self,
        value: &Value,
        under: Under,
        key: Option<&str>,
        quote: Option<Quote>,
    ) -> Printed {
        if let Value::Text(text) = value
            && quote.is_none_or(|_| text.contains('\n'))
            && let Some(printed) = self.literal(text, under)
        {
            return printed;
        }
        let spot = match under {
            Under::Key(_) => Spot::Value,
            Under::Dash(..) | Under::AnchoredDash(_) => Spot::Item,
            Under::Nothing => Spot::Document,
        };
        let is_flow = match value {
            Value::List(items) => {
                items.is_empty() || key.and_then(|key| self.style.is_flow(key)) == Some(true)
            }
            Value::Map(entries) => {
                entries.is_empty() || key.and_then(|key| self.style.is_flow(key)) == Some(true)
            }
            _ => return Printed { head: self.scalar(value, spot, quote), below: String::new() },
        };
        if is_flow {
            return Printed { head: self.flow(value, spot, key, None), below: String::new() };
        }
        let is_list = matches!(value, Value::List(_));
        let column = match under {
            Under::Key(column) if is_list => column + self.style.list_offset,
            Under::Key(column) => column + self.style.step,
            Under::Dash(column, gap) => column + 1 + gap,
            Under::AnchoredDash(column) => column + 2,
            Under::Nothing => 0,
        };
        let lines = self.lines(value, column, key);
        match under {
            Under::Dash(..) => Printed { head: lines, below: String::new() },
            Under::Key(_) | Under::AnchoredDash(_) | Under::Nothing => {
                Printed { head: String::new(), below: format!("{}{lines}", " ".repeat(column)) }
            }
        }
    }

    /// The quotes in which the values of a key stand elsewhere.
    fn quote_of(&self, key: Option<&str>) -> Option<Quote> {
        self.style.quote_of(key?)
    }

    /// A collection in block style whose dashes or keys stand in `column`. The first line has no indentation.
    fn lines(&self, value: &Value, column: usize, key: Option<&str>) -> String {
        let mut out = String::new();
        let mut next = |part: &str| {
            if !out.is_empty() {
                out.push_str(self.newline);
                out.push_str(&" ".repeat(column));
            }
            out.push_str(part);
        };
        match value {
            Value::List(items) => {
                for item in items {
                    next(&self.item(item, column, self.style.gap, key, self.quote_of(key)));
                }
            }
            Value::Map(entries) => {
                for (key, value) in entries {
                    next(&self.entry(key, value, column, self.quote_of(Some(key)), None));
                }
            }
            _ => {}
        }
        out
    }

    /// An item of a block list, with its dash.
    pub(super) fn item(
        &self,
        value: &Value,
        column: usize,
        gap: usize,
        key: Option<&str>,
        quote: Option<Quote>,
    ) -> String {
        let Printed { head, below } = self.value(value, Under::Dash(column, gap), key, quote);
        let blanks = " ".repeat(gap);
        if below.is_empty() {
            format!("-{blanks}{head}")
        } else {
            format!("-{blanks}{head}{}{below}", self.newline)
        }
    }

    /// An entry of a block mapping whose keys stand in `column`.
    pub(super) fn entry(
        &self,
        key: &str,
        value: &Value,
        column: usize,
        quote: Option<Quote>,
        key_quote: Option<Quote>,
    ) -> String {
        let name = self.text(key, Spot::Key, key_quote);
        let Printed { head, below } = self.value(value, Under::Key(column), Some(key), quote);
        let blank = if head.is_empty() { "" } else { " " };
        let newline = if below.is_empty() { "" } else { self.newline };
        format!("{name}:{blank}{head}{newline}{below}")
    }

    /// A value in brackets, braces or alone.
    pub(super) fn flow(&self, value: &Value, spot: Spot, key: Option<&str>, quote: Option<Quote>) -> String {
        match value {
            Value::List(items) => {
                let quote = self.quote_of(key);
                let items: Vec<String> =
                    items.iter().map(|item| self.flow(item, Spot::FlowItem, key, quote)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Map(entries) if entries.is_empty() => "{}".to_owned(),
            Value::Map(entries) => {
                let entry = |(key, value): &(String, Value)| {
                    self.flow_entry(key, value, self.quote_of(Some(key)), None)
                };
                let entries: Vec<String> = entries.iter().map(entry).collect();
                let pad = if self.style.is_padded { " " } else { "" };
                format!("{{{pad}{}{pad}}}", entries.join(", "))
            }
            _ => self.scalar(value, spot, quote),
        }
    }

    /// An entry in braces.
    pub(super) fn flow_entry(
        &self,
        key: &str,
        value: &Value,
        quote: Option<Quote>,
        key_quote: Option<Quote>,
    ) -> String {
        let name = self.text(key, Spot::FlowKey, key_quote);
        format!("{name}: {}", self.flow(value, Spot::FlowValue, Some(key), quote))
    }

    /// A scalar on one line.
    pub(super) fn scalar(&self, value: &Value, spot: Spot, quote: Option<Quote>) -> String {
        match value {
            Value::Text(text) => self.text(text, spot, quote),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) if value.is_nan() => ".nan".to_owned(),
            Value::Float(value) if value.is_infinite() => {
                if *value > 0.0 {
                    ".inf".to_owned()
                } else {
                    "-.inf".to_owned()
                }
            }
            Value::Float(value) => format!("{value:?}"),
            Value::Null | Value::List(_) | Value::Map(_) => "null".to_owned(),
        }
    }

    /// A text on one line: as it is where that reads back as the same text and the surroundings are not
    /// quoted either.
    pub(super) fn text(&self, text: &str, spot: Spot, quote: Option<Quote>) -> String {
        if quote.is_none() && is_plain(text, spot) {
            return text.to_owned();
        }
        let single_fits = !text.chars().any(needs_escape);
        let quote = quote.or(self.style.quote).unwrap_or(Quote::Single);
        let has = |c: char| text.contains(c);
        let is_single = match quote {
            Quote::Single => !has('\'') || has('"') || has('\\'),
            // Backslashes of regular expressions and quotes of selectors are better read once than twice.
            Quote::Double => (has('"') || has('\\')) && !has('\''),
        };
        if single_fits && is_single { format!("'{}'", text.replace('\'', "''")) } else { double_quoted(text) }
    }

    /// A text of several lines as a literal block, where that says the same.
    fn literal(&self, text: &str, under: Under) -> Option<Printed> {
        if !self.block_scalars {
            return None;
        }
        let column = match under {
            Under::Key(column) => column + self.style.step,
            Under::Dash(column, _) | Under::AnchoredDash(column) => column + 2,
            Under::Nothing => return None,
        };
        let (body, header) = match text.strip_suffix('\n') {
            Some(body) => (body, "|"),
            None => (text, "|-"),
        };
        let is_literal = text.contains('\n')
            && !body.starts_with([' ', '\n', '\t'])
            && !body.is_empty()
            && !body.ends_with('\n')
            && !body.chars().any(|c| c != '\n' && needs_escape(c));
        if !is_literal {
            return None;
        }
        let below = self.block_lines(body, column)?;
        Some(Printed { head: header.to_owned(), below })
    }

    /// The lines of a block scalar in `column`, without the last line break.
    pub(super) fn block_lines(&self, body: &str, column: usize) -> Option<String> {
        let indent = " ".repeat(column);
        let lines: Vec<String> = body
            .split('\n')
            .map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") })
            .collect();
        // A line of blanks alone would end as an empty one.
        let is_kept =
            body.split('\n').all(|line| line.is_empty() || !line.trim_start_matches(' ').is_empty());
        is_kept.then(|| lines.join(self.newline))
    }
}

/// Whether a character can only be written as an escape.
pub(super) fn needs_escape(c: char) -> bool {
    match c {
        '\t' => false,
        '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}' => true,
        c => c.is_control(),
    }
}

/// Whether `text` without quotes reads back as that text: our own reader says so.
fn is_plain(text: &str, spot: Spot) -> bool {
    let is_text =
        |resolved: Result<Resolved, String>| resolved.is_ok_and(|resolved| resolved == Resolved::Text);
    if text.is_empty()
        || text.chars().any(needs_escape)
        || !is_text(resolve::resolve(text, ScalarStyle::Plain, None))
    {
        return false;
    }
    if matches!(spot, Spot::Key | Spot::FlowKey) && text == "<<" {
        return false;
    }
    // What follows matters too: a `-` is text before a comma and a dash before a blank.
    let samples = match spot {
        Spot::Value => [format!("k: {text}\n"), format!("k: {text} # c\n")],
        Spot::Item => [format!("- {text}\n"), format!("- {text} # c\n")],
        Spot::Key => [format!("{text}: k\n"), format!("{text} : k\n")],
        Spot::FlowItem => [format!("[{text}, k]\n"), format!("[{text} , k]\n")],
        Spot::FlowValue => [format!("{{k: {text}, z: k}}\n"), format!("{{k: {text} , z: k}}\n")],
        Spot::FlowKey => [format!("{{{text}: k}}\n"), format!("{{{text} : k}}\n")],
        Spot::Document => [format!("{text}\n"), format!("{text} # c\n")],
    };
    samples.iter().all(|sample| reads_as(sample, text, spot))
}

/// Whether `text` is a plain scalar at its spot in `sample`.
fn reads_as(sample: &str, text: &str, spot: Spot) -> bool {
    let parsed = load::parse(sample);
    if !parsed.diagnostics.is_empty() {
        return false;
    }
    let Some(root) = parsed.value.root() else { return false };
    let only_entry = || root.entries().next().filter(|_| root.entries().len() == 1);
    let node = match spot {
        Spot::Value => only_entry().map(|entry| entry.value),
        Spot::Item => root.items().next().filter(|_| root.items().len() == 1),
        Spot::Key | Spot::FlowKey => only_entry().map(|entry| entry.key),
        Spot::FlowItem => root.items().next().filter(|_| root.items().len() == 2),
        Spot::FlowValue => {
            root.entries().next().filter(|_| root.entries().len() == 2).map(|entry| entry.value)
        }
        Spot::Document => Some(root),
    };
    node.is_some_and(|node| {
        node.anchor().is_none()
            && node.tag().is_none()
            && matches!(node.kind(), Kind::Scalar { value, style: ScalarStyle::Plain } if value == text)
    })
}

/// The text in double quotes, on one line.
fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            '\u{85}' => out.push_str("\\N"),
            '\u{2028}' => out.push_str("\\L"),
            '\u{2029}' => out.push_str("\\P"),
            c if needs_escape(c) => {
                let code = c as u32;
                let _ =
                    if code < 0x100 { write!(out, "\\x{code:02x}") } else { write!(out, "\\u{code:04x}") };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
