//! The short cut for plain lines: `name{label="value",…} value [timestamp]`.
//!
//! Consecutive lines of one metric differ in a few places. The last line of each *layout*, the list of label
//! names in the order of the text, is kept; the next line is compared with it many bytes at a time, and only
//! what differs is looked at: the value is found in its label's dictionary, and checked and copied only the
//! first time. Whatever is not plain in this sense, is not complete, or is wrong goes the complete way of
//! `entry.rs`, so that this file never has to say what is wrong.

use std::collections::HashMap;

use crate::labels::METRIC_NAME;
use crate::series::{LabelId, SeededState, ShapeId, StoreBuilder, ValueId, sample};

use super::Format;
use super::entry::MetricType;
use super::number::{milliseconds, normalize_bound, parse_float};
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

/// A plain metadata line of the Prometheus format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meta<'a> {
    Type(MetricType),
    Help(&'a str),
}

/// The metadata line at the start of `bytes`, with the metric's name and the line's length, where it is as
/// plain as `# TYPE name counter`.
pub(super) fn metadata(bytes: &[u8]) -> Option<(&str, Meta<'_>, usize)> {
    let (is_type, rest) = match bytes.first_chunk::<7>()? {
        b"# TYPE " => (true, &bytes[7..]),
        b"# HELP " => (false, &bytes[7..]),
        _ => return None,
    };
    let name_len = metric_name_len(rest);
    let name = std::str::from_utf8(&rest[..name_len]).ok().filter(|name| !name.is_empty())?;
    let text = rest.get(name_len..)?.strip_prefix(b" ")?;
    let end = memchr::memchr2(b'\n', 0, text).filter(|&end| text[end] == b'\n')?;
    let text = &text[..end];
    let meta = if is_type {
        Meta::Type(MetricType::read(text, Format::PrometheusText)?)
    } else {
        if matches!(text.first(), None | Some(b' ' | b'\t')) || memchr::memchr(b'\\', text).is_some() {
            return None;
        }
        Meta::Help(std::str::from_utf8(text).ok()?)
    };
    Some((name, meta, 7 + name_len + 1 + end + 1))
}

/// The length of the metric name at the start of `line`.
fn metric_name_len(line: &[u8]) -> usize {
    match line.first() {
        Some(byte) if byte.is_ascii_digit() => 0,
        _ => line
            .iter()
            .position(|&byte| !(byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':'))
            .unwrap_or(0),
    }
}

/// The length of the label name at the start of `line`.
fn label_name_len(line: &[u8]) -> usize {
    match line.first() {
        Some(byte) if byte.is_ascii_digit() => 0,
        _ => line.iter().position(|&byte| !(byte.is_ascii_alphanumeric() || byte == b'_')).unwrap_or(0),
    }
}

/// The closing quote of the value that goes on at `at`, and whether there are escapes before it. `None` where
/// the line ends before, or is not plain.
#[inline]
fn value_end(line: &[u8], at: usize) -> Option<(usize, bool)> {
    let mut escaped = false;
    let mut at = at;
    loop {
        at += special(line.get(at..)?)?;
        match line[at] {
            b'"' => return Some((at, escaped)),
            b'\\' => {
                escaped = true;
                // What may follow a backslash is any byte but a newline and NUL.
                if matches!(line.get(at + 1)?, 0 | b'\n') {
                    return None;
                }
                at += 2;
            }
            _ => return None,
        }
    }
}

/// The place of the first quote, backslash or newline.
#[inline]
fn special(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGHS: u64 = ONES << 7;
    const QUOTES: u64 = ONES * 0x22;
    const BACKSLASHES: u64 = ONES * 0x5c;
    const NEWLINES: u64 = ONES * 0x0a;
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The lowest bit found is exact; higher ones may be carries from it.
        let found = zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES) | zeros(word ^ NEWLINES);
        if found != 0 {
            return Some(at * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let at = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n'))?;
    Some(words.len() * 8 + at)
}

/// How many bytes two texts have in common from their start.
#[inline]
fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let len = a.len().min(b.len());
    let (a, b) = (&a[..len], &b[..len]);
    let mut at = 0;
    for (x, y) in a.as_chunks::<32>().0.iter().zip(b.as_chunks::<32>().0) {
        // As words: comparing the arrays would be a call where there are no vectors.
        let words = x.as_chunks::<8>().0.iter().zip(y.as_chunks::<8>().0);
        let differ = words.fold(0, |bits, (x, y)| bits | (u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y)));
        if differ != 0 {
            break;
        }
        at += 32;
    }
    for (x, y) in a[at..].as_chunks::<8>().0.iter().zip(b[at..].as_chunks::<8>().0) {
        let difference = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
        if difference != 0 {
            return at + difference.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at + a[at..].iter().zip(&b[at..]).take_while(|(x, y)| x == y).count()
}

const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// The number at `start`, and where it ends: at a blank or a newline. Exact: the short way is taken only where
/// one rounding gives the nearest number, with at most 2^53 in digits and a power of ten up to 22.
#[inline]
fn float(line: &[u8], start: usize) -> Option<(f64, usize)> {
    let mut at = start;
    let negative = line.get(at) == Some(&b'-');
    at += usize::from(negative);
    let first = at;
    let mut mantissa = 0_u64;
    let mut scale = 0_i32;
    let mut count = 0;
    while let Some(digit) = digit(line, at) {
        mantissa = mantissa.wrapping_mul(10).wrapping_add(digit);
        at += 1;
    }
    count += at - first;
    if line.get(at) == Some(&b'.') {
        at += 1;
        let fraction = at;
        while let Some(digit) = digit(line, at) {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(digit);
            at += 1;
        }
        count += at - fraction;
        scale = -i32::try_from(at - fraction).unwrap_or(i32::MAX);
    }
    if count > 0
        && let Some(b'e' | b'E') = line.get(at)
    {
        let mut exponent_at = at + 1;
        let below = line.get(exponent_at) == Some(&b'-');
        exponent_at += usize::from(below || line.get(exponent_at) == Some(&b'+'));
        let digits_at = exponent_at;
        let mut exponent = 0_i32;
        while let Some(digit) = digit(line, exponent_at) {
            exponent = exponent.saturating_mul(10).saturating_add(digit as i32);
            exponent_at += 1;
        }
        if exponent_at > digits_at {
            at = exponent_at;
            scale = scale.saturating_add(if below { -exponent } else { exponent });
        }
    }
    let ends = matches!(line.get(at), Some(b' ' | b'\n'));
    if ends && count > 0 && count <= 19 && mantissa <= 1 << 53 && (-22..=22).contains(&scale) {
        let power = POWERS[scale.unsigned_abs() as usize];
        let value = if scale < 0 { mantissa as f64 / power } else { mantissa as f64 * power };
        return Some((if negative { -value } else { value }, at));
    }
    let end =
        start + line.get(start..)?.iter().position(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'{'))?;
    if end == start {
        return None;
    }
    let value = parse_float(&line[start..end]).ok()?;
    Some((if value.is_nan() { sample::not_a_number() } else { value }, end))
}

#[inline]
fn digit(line: &[u8], at: usize) -> Option<u64> {
    let digit = line.get(at)?.wrapping_sub(b'0');
    (digit < 10).then_some(u64::from(digit))
}

/// The digits at `start` as a number, and where they end.
#[inline]
fn digits(line: &[u8], start: usize) -> Option<(i64, usize)> {
    let mut at = start;
    let mut number = 0_i64;
    while let Some(digit) = digit(line, at) {
        number = number.wrapping_mul(10).wrapping_add(digit.cast_signed());
        at += 1;
    }
    (at > start && at - start <= 18).then_some((number, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn finds_the_end_of_a_value() {
        let check = |text: &str, expect: Option<(usize, bool)>| {
            assert_eq!(value_end(text.as_bytes(), 0), expect, "{text:?}");
        };
        check("\"", Some((0, false)));
        check("0123456789abcdef\"", Some((16, false)));
        check("01234567\\\"89\"x", Some((12, true)));
        check("a\\\\\"", Some((3, true)));
        check("a\\", None);
        check("a\\\n\"", None);
        check("a\n\"", None);
        check("abc", None);
    }

    #[test]
    fn reads_plain_metadata() {
        let check = |text: &str, expect: Option<(&str, Meta<'_>, usize)>| {
            assert_eq!(metadata(text.as_bytes()), expect, "{text:?}");
        };
        check("# TYPE up gauge\nup 1", Some(("up", Meta::Type(MetricType::Gauge), 16)));
        check("# HELP up Is it up?\n", Some(("up", Meta::Help("Is it up?"), 20)));
        check("# TYPE up gauge", None);
        check("# TYPE up gaugehistogram\n", None);
        check("# TYPE  up gauge\n", None);
        check("# HELP up  two blanks\n", None);
        check("# HELP up a\\nb\n", None);
        check("# HELP up a\0b\n", None);
        check("# HELP up \n", None);
        check("# HELP \n", None);
    }

    proptest! {
        #[test]
        fn common_prefixes(text in proptest::collection::vec(0_u8..3, 0..100), other in proptest::collection::vec(0_u8..3, 0..100), at in 0_usize..100) {
            let mut changed = text.clone();
            changed.truncate(at);
            changed.extend(other);
            let want = text.iter().zip(&changed).take_while(|(x, y)| x == y).count();
            prop_assert_eq!(common_prefix(&text, &changed), want);
        }

        #[test]
        fn special_bytes(text in proptest::collection::vec(prop_oneof![8 => any::<u8>(), 1 => Just(b'"'), 1 => Just(b'\\'), 1 => Just(b'\n')], 0..60)) {
            prop_assert_eq!(special(&text), text.iter().position(|byte| b"\"\\\n".contains(byte)));
        }

        #[test]
        fn floats_are_exact(text in prop_oneof!["-?[0-9]{1,20}", "-?[0-9]{0,18}\\.[0-9]{0,20}", "-?[0-9]{1,18}(\\.[0-9]{1,18})?[eE][+-]?[0-9]{1,3}", "[0-9.e+-]{1,8}", "[+-]?(inf|Inf|NaN|nan)"]) {
            let line = format!("{text} ");
            let have = float(line.as_bytes(), 0);
            let want = parse_float(text.as_bytes()).ok().map(|value| (value.to_bits(), text.len()));
            prop_assert_eq!(have.map(|(value, end)| (value.to_bits(), end)), want);
        }
    }
}
