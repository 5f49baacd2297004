//! What `/federate` prints (`web/federate.go` and `common/expfmt`, `text_create.go`), and how long it is.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::labels::name::is_legacy_metric_name;
use crate::labels::{LabelSet, METRIC_NAME};
use crate::series::{Bitset, Column, Row, SeriesStore, Shape};
use crate::sort;
use crate::version::Version;

use super::number::{float_len, integer_len, write_float};

/// Prints rows of a store as `/federate` does: families by name, each under `# TYPE name untyped`; the
/// series' own labels sorted and without the empty ones; after them the external labels that the series does
/// not have; the value; always a timestamp. Rows without a metric name are left out.
pub struct Writer<'a> {
    store: &'a SeriesStore,
    /// Attached where a series does not have them, in this order.
    external: Vec<(&'a str, String)>,
    spell: &'a dyn Fn(&str) -> Cow<'_, str>,
    timestamp: i64,
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("external", &self.external).finish_non_exhaustive()
    }
}

/// The labels of one shape, ready to be printed.
struct Columns<'a> {
    name: Option<Column<'a>>,
    /// Every other label with `name="` as the text spells it.
    labels: Vec<(String, Column<'a>)>,
    /// External labels that no row of the shape has, ready to be printed, each after a comma.
    external: String,
    /// External labels that the shape has too, by the label's place: they count where the label is empty.
    covered: Vec<(usize, usize)>,
}

impl<'a> Writer<'a> {
    /// A writer of `store`'s rows.
    ///
    /// `external_labels` are the server's; where `instance` is not among them, series without it get
    /// `instance=""`, as `/federate` does. `spell` says how names are spelled under the escaping scheme that
    /// was negotiated; names outside the legacy set that it leaves are quoted. `timestamp` is for samples that
    /// have none of their own, in milliseconds.
    #[must_use]
    pub fn new(
        store: &'a SeriesStore,
        external_labels: &'a LabelSet,
        spell: &'a dyn Fn(&str) -> Cow<'_, str>,
        timestamp: i64,
    ) -> Self {
        let mut external: Vec<(&str, &str)> =
            external_labels.iter().filter(|&(name, _)| name != METRIC_NAME).collect();
        if external_labels.get("instance").is_none() {
            let at = external.partition_point(|&(name, _)| name < "instance");
            external.insert(at, ("instance", ""));
        }
        let printed = |(name, value): (&'a str, &str)| {
            let mut text = String::new();
            push_name(&mut text, &spell(name));
            text.push_str("=\"");
            push_escaped(&mut text, value);
            text.push('"');
            (name, text)
        };
        Self { store, external: external.into_iter().map(printed).collect(), spell, timestamp }
    }

    /// Appends the text of `rows` to `out`, in the order of the newest Prometheus.
    pub fn write(&self, rows: &Bitset, out: &mut String) {
        self.write_sorted(&self.store.in_answer_order(rows, Version::NEWEST), |text| {
            out.push_str(text);
            true
        });
    }

    /// Hands the text of `rows` to `take` in pieces of some 64 KiB, for as long as that answers true. `rows`
    /// are in the order of [`SeriesStore::in_answer_order`].
    pub fn write_sorted(&self, rows: &[Row], mut take: impl FnMut(&str) -> bool) {
        const PIECE: usize = 64 << 10;
        let mut out = String::with_capacity(PIECE + 1024);
        let mut family: Option<&str> = None;
        let mut columns: Option<(Shape<'_>, Columns<'_>)> = None;
        for &row in rows {
            let shape = match columns.take() {
                Some(known) if known.0.rows().contains(&row) => known,
                _ => {
                    let shape = self.store.shape_of(row);
                    (shape, self.columns(shape))
                }
            };
            let (shape, parts) = columns.insert(shape);
            let name = parts.name.map_or("", |column| column.get(row));
            if name.is_empty() {
                continue;
            }
            if family != Some(name) {
                family = Some(name);
                out.push_str("# TYPE ");
                push_name(&mut out, &(self.spell)(name));
                out.push_str(" untyped\n");
            }
            self.write_row(*shape, parts, row, name, &mut out);
            if out.len() >= PIECE {
                if !take(&out) {
                    return;
                }
                out.clear();
            }
        }
        if !out.is_empty() {
            take(&out);
        }
    }

    fn write_row(&self, shape: Shape<'_>, parts: &Columns<'_>, row: Row, name: &str, out: &mut String) {
        let name = (self.spell)(name);
        let inside = !is_legacy_metric_name(name.as_bytes());
        let mut separator = '{';
        if inside {
            out.push('{');
            separator = ',';
        }
        push_name(out, &name);
        for (label, column) in &parts.labels {
            let value = column.get(row);
            if !value.is_empty() {
                out.push(separator);
                out.push_str(label);
                push_escaped(out, value);
                out.push('"');
                separator = ',';
            }
        }
        if parts.covered.is_empty() {
            if let Some(rest) = parts.external.strip_prefix(',') {
                out.push(separator);
                out.push_str(rest);
                separator = ',';
            }
        } else {
            for (at, (_, text)) in self.external.iter().enumerate() {
                let covering = parts.covered.iter().find(|&&(external, _)| external == at);
                if covering.is_none_or(|&(_, label)| parts.labels[label].1.get(row).is_empty()) {
                    out.push(separator);
                    out.push_str(text);
                    separator = ',';
                }
            }
        }
        if separator == ',' {
            out.push('}');
        }
        out.push(' ');
        let at = (row - shape.rows().start) as usize;
        write_float(out, shape.values()[at]);
        // Writing to a string cannot fail.
        let _ = writeln!(out, " {}", self.store.timestamp(row).unwrap_or(self.timestamp));
    }

    fn columns(&self, shape: Shape<'a>) -> Columns<'a> {
        let mut name = None;
        let mut labels = Vec::new();
        for column in shape.columns() {
            if column.name == METRIC_NAME {
                name = Some(column);
            } else {
                let mut text = String::new();
                push_name(&mut text, &(self.spell)(column.name));
                text.push_str("=\"");
                labels.push((text, column));
            }
        }
        let mut external = String::new();
        let mut covered = Vec::new();
        for (at, (label, text)) in self.external.iter().enumerate() {
            if let Some(place) = labels.iter().position(|(_, column)| column.name == *label) {
                covered.push((at, place));
            } else {
                external.push(',');
                external.push_str(text);
            }
        }
        // Where every value is there, the series' own label stands for the external one.
        if covered.iter().all(|&(_, place)| labels[place].1.values.find(b"").is_none()) {
            covered.clear();
        } else {
            external.clear();
        }
        Columns { name, labels, external, covered }
    }

    /// The number of bytes that [`Self::write`] would print, without printing them: what travels on the wire
    /// uncompressed, and what `body_size_limit` looks at.
    #[must_use]
    pub fn size(&self, rows: &Bitset) -> u64 {
        let mut total = 0_u64;
        let mut families: Vec<&str> = Vec::new();
        for shape in self.store.shapes() {
            let chosen: Vec<Row> = rows.iter_in(shape.rows()).collect();
            if chosen.is_empty() {
                continue;
            }
            let parts = self.columns(shape);
            let Some(name) = parts.name else { continue };
            let mut names: Lengths<'_> = Lengths::new(name, chosen.len());
            let mut labels: Vec<Lengths<'_>> =
                parts.labels.iter().map(|(_, column)| Lengths::new(*column, chosen.len())).collect();
            let of_name = |text: &str| {
                let name = (self.spell)(text);
                // Inside of the braces, the name brings one more pair of characters: a quoted name.
                let mut out = String::new();
                push_name(&mut out, &name);
                (out.len(), !is_legacy_metric_name(name.as_bytes()))
            };
            for &row in &chosen {
                let (length, inside) = match names.get(row, |text| {
                    let (length, inside) = of_name(text);
                    (length as u64) << 1 | u64::from(inside)
                }) {
                    None => continue,
                    Some(packed) => (packed >> 1, packed & 1 == 1),
                };
                let mut pairs = u64::from(inside);
                total += length;
                for ((label, _), lengths) in parts.labels.iter().zip(&mut labels) {
                    if let Some(length) = lengths.get(row, |text| escaped_len(text) as u64) {
                        total += label.len() as u64 + length + 1;
                        pairs += 1;
                    }
                }
                for (at, (_, text)) in self.external.iter().enumerate() {
                    let covering = parts.covered.iter().find(|&&(external, _)| external == at);
                    let attached = match covering {
                        Some(&(_, label)) => parts.labels[label].1.get(row).is_empty(),
                        None => !parts.labels.iter().any(|(_, column)| column.name == self.external[at].0),
                    };
                    if attached {
                        total += text.len() as u64;
                        pairs += 1;
                    }
                }
                // A separator before each, and the closing brace.
                total += if pairs > 0 { pairs + 1 } else { 0 };
                let value = shape.values()[(row - shape.rows().start) as usize];
                let time = self.store.timestamp(row).unwrap_or(self.timestamp);
                total += (float_len(value) + integer_len(time)) as u64 + 3;
            }
            families.extend(names.used());
        }
        sort::sort_and_dedup(&mut families);
        let mut line = String::new();
        for family in families {
            line.clear();
            push_name(&mut line, &(self.spell)(family));
            total += ("# TYPE  untyped\n".len() + line.len()) as u64;
        }
        total
    }
}

/// The printed length of each value of a column, computed once a distinct value.
struct Lengths<'a> {
    column: Column<'a>,
    /// By id; 0 where it is not known yet, else one more than what was computed. Empty for a few rows of a
    /// large dictionary, where a table would cost more than it saves.
    known: Vec<u64>,
    seen: Vec<u32>,
}

impl<'a> Lengths<'a> {
    fn new(column: Column<'a>, rows: usize) -> Self {
        let table = if rows * 8 < column.values.len() { 0 } else { column.values.len() };
        Self { column, known: vec![0; table], seen: Vec::new() }
    }

    /// What `compute` says of the row's value; `None` for an empty one.
    fn get(&mut self, row: Row, compute: impl FnOnce(&str) -> u64) -> Option<u64> {
        let id = self.column.id(row);
        let length = match self.known.get(id as usize) {
            Some(&known) if known > 0 => known,
            _ => {
                let value = self.column.values.get(id);
                let length = if value.is_empty() { 1 } else { compute(value) + 2 };
                if let Some(slot) = self.known.get_mut(id as usize) {
                    *slot = length;
                }
                self.seen.push(id);
                length
            }
        };
        length.checked_sub(2)
    }

    /// The values that were asked for, some perhaps twice.
    fn used(&self) -> impl Iterator<Item = &'a str> {
        let values = self.column.values;
        self.seen.iter().map(move |&id| values.get(id)).filter(|value| !value.is_empty())
    }
}

/// A name as `writeName` prints it: bare where a legacy metric name is, which is more than the label names
/// of the format, else quoted.
fn push_name(out: &mut String, name: &str) {
    if is_legacy_metric_name(name.as_bytes()) {
        out.push_str(name);
    } else {
        out.push('"');
        push_escaped(out, name);
        out.push('"');
    }
}

fn push_escaped(out: &mut String, value: &str) {
    let mut rest = value;
    while let Some(at) = memchr::memchr3(b'"', b'\\', b'\n', rest.as_bytes()) {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        out.push_str(match special.as_bytes().first() {
            Some(b'"') => "\\\"",
            Some(b'\\') => "\\\\",
            _ => "\\n",
        });
        rest = &special[1..];
    }
    out.push_str(rest);
}

fn escaped_len(value: &str) -> usize {
    value.len() + memchr::memchr3_iter(b'"', b'\\', b'\n', value.as_bytes()).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Format, Options, parse};
    use super::*;
    use crate::series::StoreBuilder;

    fn plain(name: &str) -> Cow<'_, str> {
        Cow::Borrowed(name)
    }

    fn store(rows: &[(LabelSet, f64, Option<i64>)]) -> SeriesStore {
        let mut builder = StoreBuilder::new(1);
        for (labels, value, time) in rows {
            builder.push(labels.iter(), *value, *time).unwrap();
        }
        builder.finish()
    }

    #[test]
    fn prints_what_federate_prints() {
        let labels = |pairs: &[(&str, &str)]| pairs.iter().copied().collect::<LabelSet>();
        let store = store(&[
            (labels(&[("__name__", "up"), ("job", "b"), ("instance", "i")]), 1.0, Some(5)),
            (labels(&[("__name__", "up"), ("job", "a"), ("dc", "")]), 1e6, Some(6)),
            (labels(&[("job", "nameless")]), 1.0, None),
            (labels(&[("__name__", "a.b"), ("x-y", "q\"\\\n")]), f64::NAN, None),
            (labels(&[("__name__", "bare"), ("instance", "x"), ("dc", "own")]), -0.5, None),
        ]);
        let external = labels(&[("dc", "eu"), ("zone", "")]);
        let writer = Writer::new(&store, &external, &plain, 7);
        let mut out = String::new();
        let rows = Bitset::full(store.len());
        writer.write(&rows, &mut out);
        assert_eq!(
            out,
            "# TYPE \"a.b\" untyped\n\
             {\"a.b\",\"x-y\"=\"q\\\"\\\\\\n\",dc=\"eu\",instance=\"\",zone=\"\"} NaN 7\n\
             # TYPE bare untyped\n\
             bare{dc=\"own\",instance=\"x\",zone=\"\"} -0.5 7\n\
             # TYPE up untyped\n\
             up{instance=\"i\",job=\"b\",dc=\"eu\",zone=\"\"} 1 5\n\
             up{job=\"a\",dc=\"eu\",instance=\"\",zone=\"\"} 1e+06 6\n"
        );
        assert_eq!(writer.size(&rows), out.len() as u64);
    }

    fn series() -> impl Strategy<Value = (LabelSet, f64, Option<i64>)> {
        let value = prop_oneof![Just(String::new()), "[a-c]{1,2}", any::<String>()];
        let name =
            prop_oneof!["[a-c]", Just("instance".to_owned()), Just("dc".to_owned()), "[a-z.é\"\\\\\n]{1,4}"];
        let labels = proptest::collection::btree_map(name, value, 0..4);
        (
            labels,
            prop_oneof!["m[a-c]?", "[a-z.é\"\\\\]{1,4}"],
            any::<f64>(),
            proptest::option::of(0..i64::MAX),
        )
            .prop_map(|(labels, name, value, time)| {
                let mut set: LabelSet = labels.into_iter().collect();
                set.insert("__name__", name);
                (set, value, time)
            })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(rows in proptest::collection::vec(series(), 0..20), chosen in proptest::collection::vec(any::<bool>(), 20), external in proptest::collection::btree_map(prop_oneof!["dc", "instance", "z\\.z"], "[a\"]{0,2}", 0..3)) {
            let store = store(&rows);
            let external: LabelSet = external.into_iter().collect();
            let rows = Bitset::from_rows(store.len(), (0..store.len() as u32).filter(|&row| chosen[row as usize]));
            let writer = Writer::new(&store, &external, &plain, 77);
            let mut text = String::new();
            writer.write(&rows, &mut text);
            prop_assert_eq!(writer.size(&rows), text.len() as u64);
            let read = parse(text.as_bytes(), Format::PrometheusText, Options::default());
            prop_assert_eq!(&read.problems, &[]);
            let have: Vec<_> = read.store.rows_in_order().iter().map(|&row| (read.store.label_set(row), read.store.value(row).to_bits(), read.store.timestamp(row))).collect();
            let want: Vec<_> = store.in_answer_order(&rows, Version::NEWEST).into_iter().map(|row| {
                let mut labels = store.label_set(row);
                labels.retain(|_, value| !value.is_empty());
                for (name, value) in external.iter().chain([("instance", "")]) {
                    if labels.get(name).is_none() {
                        labels.insert(name, value);
                    }
                }
                let value = store.value(row);
                let value = if value.is_nan() { crate::series::sample::not_a_number() } else { value + 0.0 };
                (labels, value.to_bits(), store.timestamp(row).or(Some(77)))
            }).collect();
            prop_assert_eq!(have, want);
        }
    }
}
