//! How a document is written: its indentation, its dashes, its quotes. New text follows it.

use std::collections::HashMap;

use crate::yaml::resolve::{self, Resolved};
use crate::yaml::tree::{Kind, Node, ScalarStyle, Style as Layout};

use super::source::Source;
use super::value::is_merge;

/// How many nodes are looked at.
const SAMPLE: usize = 200_000;

/// How text is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Quote {
    /// `'…'`
    Single,
    /// `"…"`
    Double,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    flow: u32,
    block: u32,
    plain: u32,
    single: u32,
    double: u32,
}

impl Counts {
    fn count(&mut self, node: Node<'_>) {
        let Kind::Scalar { value, style } = node.kind() else { return };
        if node.tag().is_some() {
            return;
        }
        match style {
            ScalarStyle::SingleQuoted => self.single += 1,
            ScalarStyle::DoubleQuoted => self.double += 1,
            ScalarStyle::Plain
                if resolve::resolve(value, style, None).is_ok_and(|resolved| resolved == Resolved::Text) =>
            {
                self.plain += 1;
            }
            _ => {}
        }
    }

    /// The quotes in which most of the texts stand.
    fn quote(self) -> Option<Quote> {
        let quoted = self.single + self.double;
        (quoted > self.plain).then_some(if self.double > self.single { Quote::Double } else { Quote::Single })
    }
}

/// How a document is written.
#[derive(Debug)]
pub(super) struct Style<'d> {
    /// How much deeper a mapping stands than the key that it belongs to.
    pub(super) step: usize,
    /// How much deeper the dashes of a list stand than the key that it belongs to.
    pub(super) list_offset: usize,
    /// How many blanks follow a dash.
    pub(super) gap: usize,
    /// The quotes that most texts have which have any.
    pub(super) quote: Option<Quote>,
    /// Whether blanks stand inside of braces.
    pub(super) is_padded: bool,
    by_key: HashMap<&'d str, Counts>,
}

#[derive(Default)]
struct Votes(Vec<(usize, u32)>);

impl Votes {
    fn add(&mut self, choice: usize) {
        if let Some(vote) = self.0.iter_mut().find(|vote| vote.0 == choice) {
            vote.1 += 1;
        } else if self.0.len() < 16 {
            // More indentations than that are no style.
            self.0.push((choice, 1));
        }
    }

    /// The choice with most votes, the first of them on a tie.
    fn winner(&self) -> Option<usize> {
        let most = self.0.iter().map(|vote| vote.1).max()?;
        self.0.iter().find(|vote| vote.1 == most).map(|vote| vote.0)
    }
}

impl<'d> Style<'d> {
    /// Looks a document over.
    pub(super) fn of(source: Source<'d>) -> Self {
        let document = source.document;
        let mut all = Counts::default();
        let mut by_key: HashMap<&'d str, Counts> = HashMap::new();
        let (mut steps, mut offsets, mut gaps) = (Votes::default(), Votes::default(), Votes::default());
        let (mut padded, mut dense) = (0, 0);
        for id in 0..document.nodes.len().min(SAMPLE) {
            let node = document.node(id as u32);
            let start = node.span().start as usize;
            match node.kind() {
                Kind::Scalar { .. } => all.count(node),
                Kind::Sequence(Layout::Block) => {
                    if let Some(first) = node.items().next() {
                        let content = source.start(first);
                        if content > start + 1 && !source.has_break(start, content) {
                            gaps.add(content - start - 1);
                        }
                    }
                }
                Kind::Mapping(layout) => {
                    if layout == Layout::Flow && node.entries().len() > 0 && source.has_braces(node) {
                        let is_padded = source.byte(start + 1) == Some(b' ');
                        *(if is_padded { &mut padded } else { &mut dense }) += 1;
                    }
                    let column = (layout == Layout::Block).then(|| source.column(start));
                    for entry in node.entries() {
                        let Some(key) = entry.key.text().filter(|_| !is_merge(entry.key)) else { continue };
                        let value = entry.value;
                        let counts = by_key.entry(key).or_default();
                        counts.count(value);
                        let (Kind::Sequence(style) | Kind::Mapping(style)) = value.kind() else { continue };
                        if Source::len(value) > 0 {
                            *(if style == Layout::Flow { &mut counts.flow } else { &mut counts.block }) += 1;
                        }
                        value.items().for_each(|item| counts.count(item));
                        let Some(deeper) = column.filter(|_| style == Layout::Block).and_then(|column| {
                            source.column(value.span().start as usize).checked_sub(column)
                        }) else {
                            continue;
                        };
                        if matches!(value.kind(), Kind::Sequence(_)) {
                            offsets.add(deeper);
                        } else if deeper > 0 {
                            steps.add(deeper);
                        }
                    }
                }
                _ => {}
            }
        }
        let step = steps.winner().unwrap_or(2).min(16);
        Self {
            step,
            list_offset: offsets.winner().unwrap_or(step).min(16),
            gap: gaps.winner().unwrap_or(1).min(16),
            quote: Counts { plain: 0, ..all }.quote().filter(|_| all.single + all.double > 0),
            is_padded: padded > dense,
            by_key,
        }
    }

    /// In which quotes the values of a key stand elsewhere, if in any.
    pub(super) fn quote_of(&self, key: &str) -> Option<Quote> {
        self.by_key.get(key).copied().and_then(Counts::quote)
    }

    /// Whether the values of a key are written in brackets or braces elsewhere; `None` where there are none.
    pub(super) fn is_flow(&self, key: &str) -> Option<bool> {
        let counts = self.by_key.get(key)?;
        (counts.flow + counts.block > 0).then_some(counts.flow > counts.block)
    }

    /// In which quotes the texts of a collection stand, where that is clear: all of a list's items, or at least
    /// two values of a mapping and no other.
    pub(super) fn quote_among(collection: Node<'_>) -> Option<Quote> {
        let mut counts = Counts::default();
        collection.items().for_each(|item| counts.count(item));
        collection.entries().for_each(|entry| counts.count(entry.value));
        let is_list = matches!(collection.kind(), Kind::Sequence(_));
        counts.quote().filter(|_| is_list || counts.plain == 0 && counts.single + counts.double > 1)
    }

    /// In which quotes the keys of a mapping stand, if in any.
    pub(super) fn quote_of_keys(mapping: Node<'_>) -> Option<Quote> {
        let mut counts = Counts::default();
        mapping.entries().for_each(|entry| counts.count(entry.key));
        counts.quote()
    }
}
