//! Generated documents: values written in every style, with comments in every place, each of which knows what it
//! belongs to.

use promtier::yaml::edit::{Step, Value};

use crate::random::Random;
use crate::values::{spell, spell_key, value};

/// A document.
pub(crate) struct Document {
    pub(crate) text: String,
    /// What it says, aliases followed and merge keys resolved.
    pub(crate) value: Value,
    pub(crate) comments: Vec<Comment>,
    /// The places of an anchor: the anchored value's own first, then its aliases'.
    pub(crate) shared: Vec<Vec<Vec<Step>>>,
    pub(crate) has_merge: bool,
}

/// A comment, and the innermost part of the document that it belongs to.
#[derive(Debug)]
pub(crate) struct Comment {
    pub(crate) text: String,
    pub(crate) owner: Vec<Step>,
}

/// How one document is written.
struct Writer<'r> {
    random: &'r mut Random,
    out: String,
    newline: &'static str,
    step: usize,
    list_offset: usize,
    gap: usize,
    comments: Vec<Comment>,
    /// How often a comment comes, in a hundred places.
    talkative: usize,
    anchors: Vec<(String, Value, Vec<Vec<Step>>)>,
    has_merge: bool,
    has_anchors: bool,
}

/// Writes a document with a collection in it.
pub(crate) fn document(random: &mut Random, size: usize, has_anchors: bool) -> Document {
    let mut left = size;
    let mut root = value(random, 4, &mut left);
    while !root.is_collection() {
        root = value(random, 4, &mut size.clone());
    }
    let newline = if random.chance(20) { "\r\n" } else { "\n" };
    let (step, gap) = (random.between(2, 4), if random.chance(80) { 1 } else { 3 });
    let list_offset = [0, step, 2][random.below(3)];
    let talkative = [0, 20, 60][random.below(3)];
    let mut writer = Writer {
        random,
        out: String::new(),
        newline,
        step,
        list_offset,
        gap,
        comments: Vec::new(),
        talkative,
        anchors: Vec::new(),
        has_merge: false,
        has_anchors,
    };
    if writer.random.chance(5) {
        writer.out.push('\u{feff}');
    }
    let mut path = Vec::new();
    writer.comment_lines(0, &path);
    if writer.random.chance(15) {
        writer.out.push_str("---");
        writer.line_end(&path);
    }
    writer.comment_lines(0, &path);
    let is_flow = writer.random.chance(10);
    if is_flow || is_empty(&root) {
        writer.flow(&mut root, &mut path, 2);
        writer.line_end(&path);
    } else {
        writer.block(&mut root, 0, &mut path, "");
    }
    writer.comment_lines(0, &path);
    if writer.random.chance(10) {
        writer.out.push_str(writer.random.pick(&[
            "---\nnext: 1 # ignored\n",
            "...\n",
            "---\n",
            "...\n---\n- 1\n",
        ]));
    }
    let Writer { mut out, comments, anchors, has_merge, random, .. } = writer;
    if random.chance(20) {
        while out.ends_with(['\n', '\r']) {
            out.pop();
        }
    }
    let shared = anchors.into_iter().map(|(_, _, places)| places).filter(|places| places.len() > 1).collect();
    Document { text: out, value: root, comments, shared, has_merge }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        _ => true,
    }
}

impl Writer<'_> {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn indent(&mut self, column: usize) {
        self.out.push_str(&" ".repeat(column));
    }

    fn comment(&mut self, owner: &[Step]) {
        let text = format!("#{} c{}", if self.random.chance(20) { "" } else { " -" }, self.comments.len());
        self.push(&text);
        self.comments.push(Comment { text, owner: owner.to_vec() });
    }

    /// The end of a line, with or without a comment of `owner`.
    fn line_end(&mut self, owner: &[Step]) {
        if self.random.chance(self.talkative) {
            // go-yaml takes no tab behind a dash.
            let line = self.out.rsplit('\n').next().unwrap_or_default();
            let blanks = if line.ends_with('-') || line.trim() == ":" {
                " "
            } else {
                self.random.pick(&[" ", "  ", "\t", "    "])
            };
            self.push(blanks);
            self.comment(owner);
        } else if self.random.chance(5) {
            self.push(" ");
        }
        self.push(self.newline);
    }

    /// Comments and empty lines between the cells of a collection in `column` at `path`.
    fn comment_lines(&mut self, column: usize, path: &[Step]) {
        while self.random.chance(self.talkative / 2) {
            // An empty line behind a block that keeps its own would be one of them.
            let is_kept = self.out.ends_with(&self.newline.repeat(2));
            if self.random.chance(30) && !is_kept {
                self.push(self.newline);
            } else {
                let column = if self.random.chance(70) { column } else { 0 };
                self.indent(column);
                self.comment(path);
                self.push(self.newline);
            }
        }
    }

    /// A comment that stands deeper than the cell in `column` which has just been written.
    fn foot(&mut self, value: &Value, column: usize, path: &[Step]) {
        if !self.random.chance(self.talkative / 3) {
            return;
        }
        let is_indentless = self.list_offset == 0 && matches!(path.last(), Some(Step::Key(_)));
        let last = match value {
            Value::List(items) if is_indentless && !items.is_empty() => Some(items.len() - 1),
            _ => None,
        };
        if last.is_some() {
            // Whose comment that is depends on how the list was written; nobody asks.
            return;
        }
        self.indent(column + 1);
        self.comment(path);
        self.push(self.newline);
    }

    /// A collection, not empty, in block style in `column`; `prefix` is what stands before its first cell.
    fn block(&mut self, value: &mut Value, column: usize, path: &mut Vec<Step>, prefix: &str) {
        let mut prefix = Some(prefix.to_owned());
        match value {
            Value::List(items) => {
                for (number, item) in items.iter_mut().enumerate() {
                    match prefix.take() {
                        Some(prefix) => self.push(&prefix),
                        None => {
                            self.comment_lines(column, path);
                            self.indent(column);
                        }
                    }
                    path.push(Step::Index(number));
                    self.push("-");
                    let anchor = self.anchor(item, path);
                    self.behind(item, column, path, true, anchor.as_deref());
                    self.foot(item, column, path);
                    path.pop();
                }
            }
            Value::Map(entries) => {
                let count = entries.len();
                let mut number = 0;
                while number < count {
                    match prefix.take() {
                        Some(prefix) => self.push(&prefix),
                        None => {
                            self.comment_lines(column, path);
                            self.indent(column);
                        }
                    }
                    if number == 0
                        && path.iter().any(|step| matches!(step, Step::Key(_)))
                        && self.merge(entries, path)
                    {
                        self.indent(column);
                    }
                    let (key, value) = &mut entries[number];
                    number += 1;
                    path.push(Step::Key(key.clone()));
                    let name = spell_key(self.random, key);
                    if self.random.chance(2) && !value.is_collection() {
                        self.push("? ");
                        self.push(&name);
                        self.push(self.newline);
                        self.indent(column);
                        self.push(":");
                    } else {
                        self.push(&name);
                        let colon = if self.random.chance(5) { " :" } else { ":" };
                        self.push(colon);
                    }
                    let anchor = self.anchor(value, path);
                    self.behind(value, column, path, false, anchor.as_deref());
                    self.foot(value, column, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// Puts a merge key before the entries of a mapping, and what it brings into the value.
    fn merge(&mut self, entries: &mut Vec<(String, Value)>, path: &[Step]) -> bool {
        if !self.has_anchors || !self.random.chance(30) {
            return false;
        }
        let fitting = self.anchors.iter().find(|(_, value, places)| match value {
            Value::Map(brought) => {
                !path.starts_with(&places[0])
                    && brought.iter().all(|(key, _)| entries.iter().all(|own| own.0 != *key))
            }
            _ => false,
        });
        let Some((name, Value::Map(brought), _)) = fitting.cloned() else { return false };
        self.push(&format!("<<: *{name}"));
        self.line_end(&[path, &[Step::Key("<<".to_owned())]].concat());
        // They are written already: the caller goes on with the mapping's own.
        entries.extend(brought);
        self.has_merge = true;
        true
    }

    /// An anchor for a value, or an alias that takes its place; nothing for most.
    fn anchor(&mut self, value: &mut Value, path: &[Step]) -> Option<String> {
        if !self.has_anchors || self.random.chance(70) {
            return None;
        }
        if !self.anchors.is_empty() && self.random.chance(50) {
            let number = self.random.below(self.anchors.len());
            let (name, anchored, places) = &mut self.anchors[number];
            // An anchor does not contain itself.
            if !path.starts_with(&places[0]) {
                *value = anchored.clone();
                places.push(path.to_vec());
                return Some(format!("*{name}"));
            }
            return None;
        }
        if has_anchor_inside(value) {
            return None;
        }
        let name = format!("n{}", self.anchors.len());
        self.anchors.push((name.clone(), value.clone(), vec![path.to_vec()]));
        Some(format!("&{name}"))
    }

    /// What stands behind a dash or a colon.
    fn behind(
        &mut self,
        value: &mut Value,
        column: usize,
        path: &mut Vec<Step>,
        is_item: bool,
        anchor: Option<&str>,
    ) {
        let gap = if is_item { self.gap } else { 1 };
        let had_anchors = self.has_anchors;
        if let Some(anchor) = anchor {
            self.push(&" ".repeat(gap));
            self.push(anchor);
            if anchor.starts_with('*') {
                self.line_end(path);
                return;
            }
            // No anchors inside of an anchor: what an alias repeats is then the value alone.
            self.has_anchors = false;
        }
        if is_empty(value) || self.random.chance(25) {
            let is_null = *value == Value::Null && self.random.chance(50);
            if is_null {
                self.line_end(path);
                self.has_anchors = had_anchors;
                return;
            }
            // Nor one behind the colon of a key that a `?` introduced.
            let is_explicit = self.out.rsplit('\n').next().is_some_and(|line| line.trim() == ":");
            let has_tab = anchor.is_none() && !is_item && !is_explicit && self.random.chance(5);
            self.push(if has_tab { "\t " } else { " " });
            if !(anchor.is_none() && self.block_scalar(value, column, path)) {
                self.flow(value, path, column + 3);
                self.line_end(path);
            }
        } else if is_item && anchor.is_none() && self.random.chance(80) {
            let gap = " ".repeat(gap);
            self.block(value, column + 1 + gap.len(), path, &gap);
        } else {
            let below = match value {
                Value::List(_) if !is_item => column + self.list_offset,
                _ => column + self.step,
            };
            self.line_end(path);
            self.comment_lines(below, path);
            let indent = " ".repeat(below);
            self.block(value, below, path, &indent);
        }
        self.has_anchors = had_anchors;
    }

    /// A text of several lines as a block. False where it cannot be one.
    fn block_scalar(&mut self, value: &Value, column: usize, path: &[Step]) -> bool {
        let Value::Text(text) = value else { return false };
        if text == "one two three" && self.random.chance(50) {
            // A line break between words is a blank, with quotes and without.
            let quote = self.random.pick(&["", "'", "\""]);
            let lines = text.replace(' ', &format!("{}{}", self.newline, " ".repeat(column + self.step)));
            self.push(&format!("{quote}{lines}{quote}"));
            self.line_end(path);
            return true;
        }
        let body = text.trim_end_matches('\n');
        if body.is_empty()
            || body.starts_with(' ')
            || body.contains(['\t', '\u{7}'])
            || !self.random.chance(60)
        {
            return false;
        }
        let chomping = match text.len() - body.len() {
            0 => "-",
            1 => "",
            _ => "+",
        };
        let style = if body.contains('\n') || self.random.chance(50) { "|" } else { ">" };
        self.push(style);
        self.push(chomping);
        self.line_end(path);
        for line in body.split('\n') {
            if !line.is_empty() {
                self.indent(column + self.step);
                self.push(line);
            }
            self.push(self.newline);
        }
        for _ in 1..(text.len() - body.len()) {
            self.push(self.newline);
        }
        true
    }

    /// Any value on the line, in brackets or over several lines of them.
    fn flow(&mut self, value: &mut Value, path: &mut Vec<Step>, column: usize) {
        if self.alias_in_flow(value, path) {
            return;
        }
        let is_long = value.is_collection() && self.random.chance(25);
        let (open, close) = if matches!(value, Value::List(_)) { ("[", "]") } else { ("{", "}") };
        match value {
            Value::List(items) => {
                self.push(open);
                let count = items.len();
                for (number, item) in items.iter_mut().enumerate() {
                    path.push(Step::Index(number));
                    self.before_flow(is_long, number, column, path);
                    match item {
                        Value::Map(entries) if entries.len() == 1 && self.random.chance(30) => {
                            let (key, value) = &mut entries[0];
                            let name = spell_key(self.random, key);
                            self.push(&format!("{name}: "));
                            path.push(Step::Key(key.clone()));
                            self.flow(value, path, column + 2);
                            path.pop();
                        }
                        _ => self.flow(item, path, column + 2),
                    }
                    self.after_flow(is_long, number + 1 == count, path);
                    path.pop();
                }
                self.close_flow(is_long && count > 0, column, close);
            }
            Value::Map(entries) => {
                self.push(open);
                let count = entries.len();
                let pad = if self.random.chance(20) && !is_long { " " } else { "" };
                self.push(pad);
                for (number, (key, value)) in entries.iter_mut().enumerate() {
                    path.push(Step::Key(key.clone()));
                    self.before_flow(is_long, number, column, path);
                    let name = spell_key(self.random, key);
                    self.push(&name);
                    if *value == Value::Null && self.random.chance(40) {
                        self.push(if name.ends_with(['\'', '"']) { ":" } else { ": " });
                    } else {
                        self.push(": ");
                        self.flow(value, path, column + 2);
                    }
                    self.after_flow(is_long, number + 1 == count, path);
                    path.pop();
                }
                self.push(pad);
                self.close_flow(is_long && count > 0, column, close);
            }
            _ => {
                let text = spell(self.random, value);
                self.push(&text);
            }
        }
    }

    /// Writes an alias in the place of a value in brackets, sometimes.
    fn alias_in_flow(&mut self, value: &mut Value, path: &[Step]) -> bool {
        let is_inside = self.has_anchors && !self.anchors.is_empty() && !path.is_empty();
        if !is_inside || !self.random.chance(10) || !self.out.ends_with([' ', '[', '{']) {
            return false;
        }
        let number = self.random.below(self.anchors.len());
        let (name, anchored, places) = &mut self.anchors[number];
        if path.starts_with(&places[0]) {
            return false;
        }
        *value = anchored.clone();
        places.push(path.to_vec());
        let alias = format!("*{name} ");
        self.push(&alias);
        true
    }

    fn before_flow(&mut self, is_long: bool, number: usize, column: usize, path: &[Step]) {
        if is_long {
            if number == 0 {
                self.line_end(&path[..path.len() - 1]);
            }
            if self.random.chance(self.talkative / 4) {
                self.indent(column);
                self.comment(&path[..path.len() - 1]);
                self.push(self.newline);
            }
            self.indent(column);
        } else if number > 0 && self.random.chance(80) {
            self.push(" ");
        }
    }

    fn after_flow(&mut self, is_long: bool, is_last: bool, path: &[Step]) {
        if self.random.chance(5) {
            self.push(" ");
        }
        if !is_last || is_long && self.random.chance(50) {
            self.push(",");
            // A plain word needs a blank before the next.
            if !is_long {
                self.push(" ");
            }
        }
        if is_long {
            self.line_end(path);
        }
    }

    fn close_flow(&mut self, is_long: bool, column: usize, close: &str) {
        if is_long {
            self.indent(column.saturating_sub(2));
        }
        self.push(close);
    }
}

fn has_anchor_inside(value: &Value) -> bool {
    // Only small parts are worth an anchor here.
    match value {
        Value::List(items) => items.len() > 3 || items.iter().any(Value::is_collection),
        Value::Map(entries) => entries.len() > 3 || entries.iter().any(|(_, value)| value.is_collection()),
        _ => false,
    }
}
