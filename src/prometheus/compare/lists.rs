//! Lists of sections, and keys of the user's own.

use std::collections::BTreeMap;

use crate::text::Span;

use super::super::schema::{Kind, List, Map};
use super::super::value::{Fields, Value};
use super::spell::{self, spelled};
use super::{Comparison, Pair};

/// How many targets are named where they are on one side only.
const MAX_NAMED: usize = 10;

/// What stands for a target that is the server itself.
const ITSELF: &str = "this server";

impl<'v> Comparison<'v> {
    /// Lists of sections: steps in their order, targets as a set, all others by what they say.
    pub(super) fn sections(&mut self, list: &'static List, pair: Pair<'v>, anchors: [Span; 2]) {
        let Some(section) = spell::item_section(list.item) else { return };
        let items = pair.map(|entry| match entry.map(|entry| &entry.value) {
            Some(Value::List(items)) => items.value.iter().filter_map(fields).collect(),
            _ => Vec::new(),
        });
        match section.name {
            "static_config" => self.targets(&items, anchors),
            "relabel_config" => self.steps(list, &items, anchors),
            _ => self.unordered(list, &items, anchors),
        }
    }

    fn texts(&self, items: &[Vec<&Fields>; 2]) -> [Vec<String>; 2] {
        [0, 1].map(|at| items[at].iter().map(|item| spell::section(item, self.versions[at])).collect())
    }

    /// Steps that are taken one after the other.
    fn steps(&mut self, list: &'static List, items: &[Vec<&'v Fields>; 2], anchors: [Span; 2]) {
        let texts = self.texts(items);
        if texts[0] == texts[1] {
            return;
        }
        let [left, right] = items;
        if left.len() == right.len() {
            for (at, (&one, &other)) in left.iter().zip(right).enumerate() {
                self.both(list, at, [one, other]);
            }
            return;
        }
        // What stands between the steps that both begin and end with.
        let same = |(one, other): &(&String, &String)| one == other;
        let before = texts[0].iter().zip(&texts[1]).take_while(same).count();
        let shorter = left.len().min(right.len()) - before;
        let behind = texts[0].iter().rev().zip(texts[1].iter().rev()).take(shorter).take_while(same).count();
        let shown = [0, 1].map(|at| {
            let between = texts[at].get(before..texts[at].len() - behind).unwrap_or_default();
            between.join(", ")
        });
        let spans = [0, 1].map(|at| {
            let first = items[at].get(before).filter(|_| items[at].len() - behind > before);
            first.map_or(anchors[at], |item| item.head())
        });
        self.report(shown, spans);
    }

    /// Items without an order: those that are equal are put aside, then those that have the same name or URL
    /// are compared, then the others in turn.
    fn unordered(&mut self, list: &'static List, items: &[Vec<&'v Fields>; 2], anchors: [Span; 2]) {
        let texts = self.texts(items);
        let mut left: Vec<usize> = (0..items[0].len()).collect();
        let mut right: Vec<usize> = (0..items[1].len()).collect();
        let mut pairs = Vec::new();
        let mut aside = |same: &dyn Fn(usize, usize) -> bool, keep: bool| {
            left.retain(|&one| match right.iter().position(|&other| same(one, other)) {
                Some(found) => {
                    let other = right.remove(found);
                    if keep {
                        pairs.push((one, other));
                    }
                    false
                }
                None => true,
            });
        };
        aside(&|one, other| texts[0][one] == texts[1][other], false);
        for key in ["name", "url"] {
            let named = |side: usize, at: usize| items[side][at].text(key);
            aside(&|one, other| !named(0, one).is_empty() && named(0, one) == named(1, other), true);
        }
        let both = left.len().min(right.len());
        pairs.extend(left.drain(..both).zip(right.drain(..both)));
        crate::sort::sort_by(&mut pairs, Ord::cmp);
        for (one, other) in pairs {
            self.both(list, one, [items[0][one], items[1][other]]);
        }
        for one in left {
            let step = format!("[{one}]");
            let texts = [texts[0][one].clone(), String::new()];
            self.inside(step, |this| this.report(texts, [items[0][one].head(), anchors[1]]));
        }
        for other in right {
            let step = format!("[{other}]");
            let texts = [String::new(), texts[1][other].clone()];
            self.inside(step, |this| this.report(texts, [anchors[0], items[1][other].head()]));
        }
    }

    fn both(&mut self, list: &'static List, at: usize, items: [&'v Fields; 2]) {
        let Some(section) = spell::item_section(list.item) else { return };
        let heads = items.map(Fields::head);
        self.inside(format!("[{at}]"), |this| this.section(section, items.map(Some), heads));
    }

    /// Targets that are listed, each with its labels.
    fn targets(&mut self, items: &[Vec<&'v Fields>; 2], anchors: [Span; 2]) {
        let sets = [0, 1].map(|side| {
            let mut targets: BTreeMap<(&str, String), Span> = BTreeMap::new();
            for group in &items[side] {
                let mut labels: Vec<String> = group
                    .map("labels")
                    .iter()
                    .map(|(name, value)| format!("{}={:?}", name.value, value.text()))
                    .collect();
                crate::sort::sort_by(&mut labels, Ord::cmp);
                let labels =
                    if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(", ")) };
                for target in group.items("targets") {
                    let span = target.span().unwrap_or(anchors[side]);
                    targets.entry((target.text(), labels.clone())).or_insert(span);
                }
            }
            targets
        });
        // What both list is the same, and so is that each lists itself.
        let left = |side: usize| -> BTreeMap<String, Span> {
            let others = &sets[1 - side];
            let missing = sets[side].iter().filter(|(target, _)| !others.contains_key(*target));
            let named = missing.map(|((address, labels), span)| {
                let name = if (self.own)(side, address) { ITSELF } else { address };
                (format!("{name}{labels}"), *span)
            });
            crate::sort::ordered_map(named)
        };
        let sets = [left(0), left(1)];
        let only = |one: &BTreeMap<String, Span>, other: &BTreeMap<String, Span>| -> Vec<(String, Span)> {
            let missing = one.iter().filter(|(target, _)| !other.contains_key(*target));
            missing.map(|(target, span)| (target.clone(), *span)).collect()
        };
        let only = [only(&sets[0], &sets[1]), only(&sets[1], &sets[0])];
        if only.iter().all(Vec::is_empty) {
            return;
        }
        let texts = [0, 1].map(|side| {
            let named: Vec<&str> = only[side].iter().take(MAX_NAMED).map(|(text, _)| text.as_str()).collect();
            match only[side].len().checked_sub(MAX_NAMED) {
                Some(more @ 1..) => format!("{} and {more} more", named.join(", ")),
                _ => named.join(", "),
            }
        });
        let spans = [0, 1].map(|side| only[side].first().map_or(anchors[side], |(_, span)| *span));
        self.report(texts, spans);
    }

    /// Keys of the user's own.
    pub(super) fn map(&mut self, map: &'static Map, pair: Pair<'v>, anchors: [Span; 2]) {
        let entries = pair.map(|entry| match entry.map(|entry| &entry.value) {
            Some(Value::Map(_, entries)) => crate::sort::ordered_map(
                entries.iter().map(|(name, value)| (name.value.as_str(), (name.span, value))),
            ),
            _ => BTreeMap::new(),
        });
        let names = crate::sort::ordered_set(entries.iter().flat_map(BTreeMap::keys).copied());
        for name in names {
            let sides = [0, 1].map(|at| entries[at].get(name).copied());
            let texts = [0, 1].map(|at| {
                sides[at].map_or_else(String::new, |(_, value)| match map.value {
                    Kind::List(_) => spell::named(name, value, map.value, self.versions[at]),
                    kind => spelled(value, kind, self.versions[at]),
                })
            });
            if texts[0] != texts[1] {
                let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                let step = if plain { format!(".{name}") } else { format!("[{name:?}]") };
                let spans = [0, 1].map(|at| sides[at].map_or(anchors[at], |(span, _)| span));
                self.inside(step, |this| this.report(texts, spans));
            }
        }
    }
}

fn fields(value: &Value) -> Option<&Fields> {
    match value {
        Value::Section(fields) => Some(fields),
        _ => None,
    }
}
