//! The short cut for plain lines: `name{label="value",…} value [timestamp]`.
//!
//! Consecutive lines of one metric differ in a few places. The last line of each *layout*, the list of label
//! names in the order of the text, is kept; the next line is compared with it many bytes at a time, and only
//! what differs is looked at: the value is found in its label's dictionary, and checked and copied only the
//! first time. Whatever is not plain in this sense, is not complete, or is wrong goes the complete way of
//! `reader.rs`, so that this file never has to say what is wrong.

use std::collections::HashMap;

use crate::labels::METRIC_NAME;
use crate::series::{LabelId, SeededState, ShapeId, StoreBuilder, ValueId};

use super::Format;
use super::number::{milliseconds, normalize_bound};
use super::plain::{common_prefix, digits, float, label_name_len, metric_name_len, value_end};
use super::quote::unescape;

/// Past this many layouts, lines of a new layout go the complete way: hostile text has one a line.
const MAX_LAYOUTS: usize = 1 << 16;

/// Past this many spellings of one label's values, they are read anew each time.
const MAX_SPELLINGS: usize = 1 << 16;

/// Which label's values are normalised, by the last TYPE line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Normalized {
    None,
    Le,
    Quantile,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// It is in the store, and this long.
    Done(usize),
    /// The complete way must take it.
    Other,
}

/// The label names of lines, in the order of the text, and the last line that had them.
#[derive(Debug)]
struct Layout {
    shape: ShapeId,
    labels: Vec<LayoutLabel>,
    /// The column of the metric's name.
    name_column: usize,
    /// The last line up to the blank before its value.
    text: Vec<u8>,
    /// The length of the metric's name in it.
    name_len: usize,
    /// The last line's value ids, in the order of the shape's columns.
    ids: Vec<ValueId>,
}

#[derive(Clone, Copy, Debug)]
struct LayoutLabel {
    label: LabelId,
    column: usize,
    /// Where the value stands in the last line: the first byte after the opening quote, and the closing quote.
    start: usize,
    end: usize,
    /// Whether the value has escapes, which makes the closing quote harder to find.
    escaped: bool,
    normalized: bool,
}

/// The layouts seen so far, and scratch space.
#[derive(Debug)]
pub(super) struct Templates {
    format: Format,
    layouts: Vec<Layout>,
    by_labels: HashMap<(Normalized, Vec<LabelId>), u32, SeededState>,
    /// The layout that each metric's lines had last, by the id of its name; one more than the number.
    of_metric: Vec<u32>,
    last: usize,
    metric_name: Option<LabelId>,
    spelled: Spelled,
    normalized: Normalized,
    /// The columns that changed on the present line.
    changed: Vec<(usize, ValueId)>,
    labels: Vec<LayoutLabel>,
}

/// Values that stand in the text otherwise than in the store: with escapes, or bounds in another spelling.
#[derive(Debug)]
struct Spelled {
    /// By label and how they are spelled.
    known: HashMap<LabelId, HashMap<Box<[u8]>, ValueId, SeededState>, SeededState>,
}

impl Spelled {
    fn intern(
        &mut self,
        label: LabelId,
        normalized: bool,
        raw: &[u8],
        builder: &mut StoreBuilder,
    ) -> Option<ValueId> {
        let state = *self.known.hasher();
        let known = self.known.entry(label).or_insert_with(|| HashMap::with_hasher(state));
        if let Some(&id) = known.get(raw) {
            return Some(id);
        }
        let value = unescape(raw);
        let bound = std::str::from_utf8(&value).ok().filter(|_| normalized).and_then(normalize_bound);
        let id = match bound {
            Some(bound) => builder.intern(label, &bound).ok()?,
            None => builder.intern_bytes(label, &value)?,
        };
        // Hostile text has a new spelling a line; the dictionary holds the values anyway.
        if known.len() < MAX_SPELLINGS {
            known.insert(raw.into(), id);
        }
        Some(id)
    }
}

impl Templates {
    pub(super) fn new(format: Format, seed: u64) -> Self {
        Self {
            format,
            layouts: Vec::new(),
            by_labels: HashMap::with_hasher(SeededState::new(seed)),
            of_metric: Vec::new(),
            last: 0,
            metric_name: None,
            spelled: Spelled { known: HashMap::with_hasher(SeededState::new(seed)) },
            normalized: Normalized::None,
            changed: Vec::new(),
            labels: Vec::new(),
        }
    }

    /// Says which label is normalised from here on.
    pub(super) fn set_normalized(&mut self, normalized: Normalized) {
        if normalized != self.normalized {
            self.normalized = normalized;
            self.spelled.known.clear();
            // Equal text means something else now.
            self.of_metric.clear();
            self.last = usize::MAX;
        }
    }

    /// Reads plain lines from the start of `bytes`, as many as there are. Answers the number of bytes and
    /// lines done with.
    pub(super) fn read(&mut self, bytes: &[u8], builder: &mut StoreBuilder) -> (usize, u64) {
        let (mut at, mut lines) = (0, 0);
        while let Line::Done(length) = self.line(&bytes[at..], builder) {
            at += length;
            lines += 1;
        }
        (at, lines)
    }

    fn line(&mut self, line: &[u8], builder: &mut StoreBuilder) -> Line {
        self.try_line(line, builder).map_or(Line::Other, Line::Done)
    }

    /// `None`: the complete way must take it.
    fn try_line(&mut self, line: &[u8], builder: &mut StoreBuilder) -> Option<usize> {
        self.changed.clear();
        let (layout, name_len, same) = match self.layouts.get(self.last) {
            Some(layout) => (self.last, layout.name_len, common_prefix(&layout.text, line)),
            None => (usize::MAX, 0, 0),
        };
        if same > name_len {
            if let Some(prefix) = self.labels_like(layout, line, (0, 0, same), builder) {
                return self.finish(layout, line, name_len, prefix, builder);
            }
        } else {
            // Another metric.
            let name_len = metric_name_len(line);
            if name_len == 0 {
                return None;
            }
            let label = match self.metric_name {
                Some(label) => label,
                None => *self.metric_name.insert(builder.label(METRIC_NAME).ok()?),
            };
            let name = builder.intern_bytes(label, &line[..name_len])?;
            if let Some(&known) = self.of_metric.get(name as usize).filter(|&&known| known > 0) {
                let layout = known as usize - 1;
                let old = self.layouts.get(layout)?;
                self.changed.push((old.name_column, name));
                let same = common_prefix(&old.text[old.name_len..], &line[name_len..]);
                if let Some(prefix) = self.labels_like(layout, line, (old.name_len, name_len, same), builder)
                {
                    return self.finish(layout, line, name_len, prefix, builder);
                }
            }
            return self.other_layout(line, name_len, name, builder);
        }
        // The same metric with other label names than on its last line.
        let layout = self.layouts.get(layout)?;
        let name = layout.ids[layout.name_column];
        self.other_layout(line, name_len, name, builder)
    }

    /// Reads a line of whose label names nothing is known.
    fn other_layout(
        &mut self,
        line: &[u8],
        name_len: usize,
        name: ValueId,
        builder: &mut StoreBuilder,
    ) -> Option<usize> {
        let layout = self.layout_of(line, name_len, name, builder)?;
        let old = self.layouts.get(layout)?;
        self.changed.clear();
        self.changed.push((old.name_column, name));
        let same = common_prefix(&old.text[old.name_len..], &line[name_len..]);
        let prefix = self.labels_like(layout, line, (old.name_len, name_len, same), builder)?;
        self.finish(layout, line, name_len, prefix, builder)
    }

    /// Compares the labels of `line` with the layout's last line and notes what changed, with the new places
    /// of all values in `self.labels`. The comparison starts where the two lines are known to have `same` bytes
    /// in common, in the last line (`old`) and in this one (`new`). Answers the length up to and with the blank before the sample's value.
    fn labels_like(
        &mut self,
        layout: usize,
        line: &[u8],
        (mut old, mut new, mut same): (usize, usize, usize),
        builder: &mut StoreBuilder,
    ) -> Option<usize> {
        let layout = self.layouts.get(layout)?;
        self.labels.clear();
        self.labels.extend_from_slice(&layout.labels);
        let text = &layout.text[..];
        let mut next = 0;
        loop {
            let reached = old + same;
            // Values that lie wholly in what is the same have only moved.
            while let Some(label) = self.labels.get_mut(next)
                && label.end < reached
            {
                label.start = label.start + new - old;
                label.end = label.end + new - old;
                next += 1;
            }
            if reached == text.len() {
                return Some(new + same);
            }
            let label = self.labels.get_mut(next)?;
            if reached < label.start {
                return None;
            }
            let start = label.start + new - old;
            // What precedes the difference is the same as before, and had no quote in it.
            let from = if label.escaped { start } else { new + same };
            let (end, escaped) = value_end(line, from)?;
            let raw = line.get(start..end)?;
            let id = if escaped || label.normalized {
                self.spelled.intern(label.label, label.normalized, raw, builder)?
            } else {
                builder.intern_bytes(label.label, raw)?
            };
            self.changed.push((label.column, id));
            old = label.end;
            new = end;
            label.start = start;
            label.end = end;
            label.escaped = escaped;
            next += 1;
            same = common_prefix(&text[old..], &line[new..]);
        }
    }

    /// Reads the value and the timestamp after the labels, and stores the line.
    fn finish(
        &mut self,
        at: usize,
        line: &[u8],
        name_len: usize,
        prefix: usize,
        builder: &mut StoreBuilder,
    ) -> Option<usize> {
        let (value, mut end) = float(line, prefix)?;
        let mut timestamp = None;
        if line.get(end) == Some(&b' ') {
            match self.format {
                Format::PrometheusText => {
                    let (time, after) = digits(line, end + 1)?;
                    (timestamp, end) = (Some(time), after);
                }
                Format::OpenMetricsText => {
                    let (seconds, after) = float(line, end + 1)?;
                    if !seconds.is_finite() {
                        return None;
                    }
                    (timestamp, end) = (Some(milliseconds(seconds)), after);
                }
            }
        }
        if line.get(end) != Some(&b'\n') {
            return None;
        }
        let layout = &mut self.layouts[at];
        for &(column, id) in &self.changed {
            layout.ids[column] = id;
        }
        builder.append(layout.shape, at as u32, &self.changed, &layout.ids, value, timestamp).ok()?;
        if !self.changed.is_empty() || layout.text.len() != prefix {
            layout.text.clear();
            layout.text.extend_from_slice(&line[..prefix]);
            layout.name_len = name_len;
            std::mem::swap(&mut layout.labels, &mut self.labels);
        }
        let id = layout.ids[layout.name_column] as usize;
        if self.last != at || self.of_metric.get(id) != Some(&(at as u32 + 1)) {
            if self.of_metric.len() <= id {
                self.of_metric.resize(id + 1, 0);
            }
            self.of_metric[id] = at as u32 + 1;
            self.last = at;
        }
        Some(end + 1)
    }

    /// The layout of a line's label names, which is made where it is new: then with this line as its last.
    fn layout_of(
        &mut self,
        line: &[u8],
        name_len: usize,
        name: ValueId,
        builder: &mut StoreBuilder,
    ) -> Option<usize> {
        let metric_name = self.metric_name?;
        let mut labels = Vec::new();
        let mut places = Vec::new();
        let mut at = name_len;
        match line.get(at)? {
            b'{' => loop {
                let start = at + 1;
                // OpenMetrics allows a comma at the end since version 3; the complete way knows.
                if line.get(start) == Some(&b'}')
                    && !labels.is_empty()
                    && self.format == Format::PrometheusText
                {
                    at = start + 1;
                    break;
                }
                let end = start + label_name_len(line.get(start..)?);
                if end == start || line.get(end..end + 2)? != b"=\"" {
                    return None;
                }
                let name = std::str::from_utf8(&line[start..end]).ok()?;
                let label = builder.label(name).ok()?;
                let (close, escaped) = value_end(line, end + 2)?;
                labels.push(label);
                places.push((end + 2, close, escaped));
                at = close + 1;
                match line.get(at)? {
                    b',' => {}
                    b'}' => {
                        at += 1;
                        break;
                    }
                    _ => return None,
                }
            },
            b' ' => {}
            _ => return None,
        }
        if line.get(at)? != &b' ' {
            return None;
        }
        let key = (self.normalized, labels);
        if let Some(&known) = self.by_labels.get(&key) {
            return Some(known as usize);
        }
        let labels = &key.1;
        if self.layouts.len() >= MAX_LAYOUTS
            || labels.contains(&metric_name)
            || (1..labels.len()).any(|at| labels[..at].contains(&labels[at]))
        {
            return None;
        }
        let mut all = labels.clone();
        all.push(metric_name);
        let shape = builder.shape(&all).ok()?;
        let columns: Vec<LabelId> = builder.shape_labels(shape).to_vec();
        let column = |label: LabelId| columns.iter().position(|&have| have == label);
        let bound = match self.normalized {
            Normalized::None => None,
            Normalized::Le => Some(builder.label("le").ok()?),
            Normalized::Quantile => Some(builder.label("quantile").ok()?),
        };
        let mut ids = vec![0; columns.len()];
        let mut layout_labels = Vec::with_capacity(labels.len());
        for (&label, &(start, end, escaped)) in labels.iter().zip(&places) {
            let normalized = bound == Some(label);
            let raw = unescape(&line[start..end]);
            let place = column(label)?;
            ids[place] = match std::str::from_utf8(&raw).ok().filter(|_| normalized).and_then(normalize_bound)
            {
                Some(bound) => builder.intern(label, &bound).ok()?,
                None => builder.intern_bytes(label, &raw)?,
            };
            layout_labels.push(LayoutLabel { label, column: place, start, end, escaped, normalized });
        }
        let name_column = column(metric_name)?;
        ids[name_column] = name;
        let number = self.layouts.len();
        self.layouts.push(Layout {
            shape,
            labels: layout_labels,
            name_column,
            text: line[..=at].to_vec(),
            name_len,
            ids,
        });
        self.by_labels.insert(key, number as u32);
        Some(number)
    }
}
