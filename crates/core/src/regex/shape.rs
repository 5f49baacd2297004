//! What a pattern comes down to, where that is simpler than a pattern: a set of texts, a prefix, a suffix.

use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind, Look};

use crate::sort;

/// How many texts a product of choices (`[ab][cd]`) may make: Prometheus' own limit.
const MAX_PRODUCT: usize = 256;
/// How many texts a plain choice may hold.
const MAX_TEXTS: usize = 1 << 16;
/// How many bytes the texts of a set may hold together.
const MAX_BYTES: usize = 1 << 22;

/// What may stand on one side of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Nothing: the text begins, or ends, here.
    Nothing,
    /// Any text, also none: `.*`.
    Anything,
    /// At least one character: `.+`.
    Something,
}

impl Side {
    fn takes(self, bytes: usize) -> bool {
        match self {
            Self::Nothing => bytes == 0,
            Self::Anything => true,
            Self::Something => bytes > 0,
        }
    }
}

/// What a pattern comes down to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Exactly these texts, sorted, each once. None at all where nothing matches.
    Texts(Vec<String>),
    /// A literal and what may stand before and after it. With an empty literal, `.*` or `.+` alone.
    Literal {
        /// What may stand before it.
        before: Side,
        /// The literal.
        text: String,
        /// What may stand after it.
        after: Side,
    },
    /// A pattern proper, with the literals that every match begins and ends with.
    Pattern {
        /// What every match begins with.
        prefix: String,
        /// What every match ends with.
        suffix: String,
    },
}

impl Shape {
    /// Whether `text` matches, where the shape alone says so.
    pub(super) fn decides(&self, text: &str) -> Option<bool> {
        match self {
            Self::Texts(texts) => Some(texts.binary_search_by(|have| have.as_str().cmp(text)).is_ok()),
            Self::Literal { before, text: literal, after } => {
                Some(match (before, after) {
                    (Side::Nothing, _) => {
                        text.starts_with(literal.as_str()) && after.takes(text.len() - literal.len())
                    }
                    (_, Side::Nothing) => {
                        text.ends_with(literal.as_str()) && before.takes(text.len() - literal.len())
                    }
                    // The first occurrence with something before it also has the most after it.
                    _ => {
                        let skip = usize::from(*before == Side::Something);
                        text.as_bytes().get(skip..).is_some_and(|rest| {
                            memchr::memmem::find(rest, literal.as_bytes())
                                .is_some_and(|at| after.takes(rest.len() - at - literal.len()))
                        })
                    }
                })
            }
            Self::Pattern { prefix, suffix } => {
                let possible = text.len() >= prefix.len().max(suffix.len())
                    && text.starts_with(prefix.as_str())
                    && text.ends_with(suffix.as_str());
                if possible { None } else { Some(false) }
            }
        }
    }
}

/// The shape of an anchored tree. `Shape::Literal` supposes that the dot takes every character; the answer's
/// second part is whether a dot of the tree leaves out the newline, so that a text with one needs the engine.
pub(super) fn of(hir: &Hir) -> (Shape, bool) {
    let mut parts = Vec::new();
    flatten(hir, &mut parts);
    if let Some(mut texts) = sequence(parts.iter().copied()) {
        sort::sort_and_dedup(&mut texts);
        return (Shape::Texts(texts), false);
    }
    let (mut before, mut after) = (Side::Nothing, Side::Nothing);
    let mut excludes_newline = false;
    let mut rest = parts.as_slice();
    if let [first, inner @ ..] = rest
        && let Some((side, newline)) = dots(first)
    {
        (before, rest) = (side, inner);
        excludes_newline |= !newline;
    }
    if let [inner @ .., last] = rest
        && let Some((side, newline)) = dots(last)
    {
        (after, rest) = (side, inner);
        excludes_newline |= !newline;
    }
    let literal = match rest {
        [] => Some(String::new()),
        [one] => texts(one).filter(|texts| texts.len() == 1).and_then(|mut texts| texts.pop()),
        _ => None,
    };
    // Between two `.+` without a literal there are characters to count, not bytes.
    let counted = rest.is_empty() && (before, after) == (Side::Something, Side::Something);
    if let Some(text) = literal.filter(|_| !counted) {
        return (Shape::Literal { before, text, after }, excludes_newline);
    }
    let edge = |part: Option<&&Hir>| part.and_then(|part| literal_text(part)).unwrap_or_default();
    (Shape::Pattern { prefix: edge(parts.first()), suffix: edge(parts.last()) }, false)
}

/// The parts of a sequence, looking through captures and without anchors at the ends.
fn flatten<'h>(hir: &'h Hir, parts: &mut Vec<&'h Hir>) {
    match hir.kind() {
        HirKind::Concat(subs) => {
            let mut subs = subs.as_slice();
            while let [first, rest @ ..] = subs
                && matches!(first.kind(), HirKind::Look(Look::Start))
            {
                subs = rest;
            }
            while let [rest @ .., last] = subs
                && matches!(last.kind(), HirKind::Look(Look::End))
            {
                subs = rest;
            }
            if let [one] = subs {
                flatten(one, parts);
            } else {
                parts.extend(subs.iter().map(uncaptured));
            }
        }
        HirKind::Capture(capture) => flatten(&capture.sub, parts),
        HirKind::Empty => {}
        _ => parts.push(hir),
    }
}

fn uncaptured(hir: &Hir) -> &Hir {
    let mut hir = hir;
    while let HirKind::Capture(capture) = hir.kind() {
        hir = &capture.sub;
    }
    hir
}

fn literal_text(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => String::from_utf8(literal.0.to_vec()).ok(),
        _ => None,
    }
}

/// `.*` or `.+`, and whether its dot takes newlines.
fn dots(hir: &Hir) -> Option<(Side, bool)> {
    let HirKind::Repetition(repetition) = uncaptured(hir).kind() else { return None };
    let side = match (repetition.min, repetition.max) {
        (0, None) => Side::Anything,
        (1, None) => Side::Something,
        _ => return None,
    };
    let HirKind::Class(Class::Unicode(class)) = uncaptured(&repetition.sub).kind() else { return None };
    match class.ranges() {
        [all] if all.start() == '\0' && all.end() == char::MAX => Some((side, true)),
        [low, high]
            if (low.start(), low.end()) == ('\0', '\u{9}')
                && (high.start(), high.end()) == ('\u{b}', char::MAX) =>
        {
            Some((side, false))
        }
        _ => None,
    }
}

/// The texts that a tree matches, where they are few and it is nothing but them.
fn texts(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Empty => Some(vec![String::new()]),
        HirKind::Literal(_) => Some(vec![literal_text(hir)?]),
        HirKind::Class(Class::Unicode(class)) => {
            let size: usize = class.iter().map(ClassUnicodeRange::len).sum();
            if size > MAX_PRODUCT {
                return None;
            }
            Some(class.iter().flat_map(|range| range.start()..=range.end()).map(String::from).collect())
        }
        HirKind::Capture(capture) => texts(&capture.sub),
        HirKind::Alternation(subs) => {
            let mut all = Vec::new();
            let mut bytes = 0;
            for sub in subs {
                let some = texts(sub)?;
                bytes += some.iter().map(String::len).sum::<usize>();
                all.extend(some);
                if all.len() > MAX_TEXTS || bytes > MAX_BYTES {
                    return None;
                }
            }
            Some(all)
        }
        HirKind::Concat(subs) => sequence(subs.iter()),
        HirKind::Repetition(repetition) => {
            let max = repetition.max?;
            let some = texts(&repetition.sub)?;
            let mut power = vec![String::new()];
            let mut all = Vec::new();
            for count in 0..=max {
                if count >= repetition.min {
                    all.extend(power.iter().cloned());
                }
                if all.len() > MAX_PRODUCT {
                    return None;
                }
                if count < max {
                    power = times(&power, &some)?;
                }
            }
            Some(all)
        }
        // An empty class, which is how a tree that matches nothing is told.
        HirKind::Class(Class::Bytes(class)) => class.ranges().is_empty().then(Vec::new),
        // Anchors at the very ends are gone by now; any other is the engine's to judge.
        HirKind::Look(_) => None,
    }
}

fn sequence<'h>(parts: impl Iterator<Item = &'h Hir>) -> Option<Vec<String>> {
    let mut product = vec![String::new()];
    for part in parts {
        product = times(&product, &texts(part)?)?;
    }
    Some(product)
}

fn times(left: &[String], right: &[String]) -> Option<Vec<String>> {
    let bytes = |texts: &[String]| texts.iter().map(String::len).sum::<usize>();
    let count = left.len() * right.len();
    let size = bytes(left) * right.len() + bytes(right) * left.len();
    if (left.len() > 1 && right.len() > 1 && count > MAX_PRODUCT) || size > MAX_BYTES {
        return None;
    }
    Some(left.iter().flat_map(|left| right.iter().map(move |right| format!("{left}{right}"))).collect())
}
