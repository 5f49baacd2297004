//! Unicode's categories, scripts and simple case folding, packed by `build.rs` from the tables of
//! `regex-syntax`: a tenth of their size.

pub(super) mod names;

use std::sync::OnceLock;

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// `CLASSES`, the queries in order with the bounds of their ranges in `RANGES`, and `FOLDING`.
mod packed {
    include!(concat!(env!("OUT_DIR"), "/unicode.rs"));
}

/// The characters of a query such as `gc=Lu` or `sc=Greek`; `None` where it is none of Go's names.
pub(super) fn table(query: &str) -> Option<ClassUnicode> {
    let at = packed::CLASSES.binary_search_by_key(&query, |&(name, ..)| name).ok()?;
    let (_, start, end) = *packed::CLASSES.get(at)?;
    let mut numbers = Numbers(packed::RANGES.get(start as usize..end as usize)?);
    let mut next = 0;
    let mut ranges = Vec::new();
    while let (Some(gap), Some(length)) = (numbers.next(), numbers.next()) {
        let low = next + gap;
        next = low + length + 1;
        ranges.push(ClassUnicodeRange::new(char::from_u32(low)?, char::from_u32(low + length)?));
    }
    Some(ClassUnicode::new(ranges))
}

/// Adds what folds to the members: Unicode's simple folding, as Go has it (`unicode.SimpleFold`).
pub(super) fn fold_case(class: &mut ClassUnicode) {
    let orbits = orbits();
    let next_of = |c: char| orbits.binary_search_by_key(&c, |&(from, _)| from).ok().map(|at| orbits[at].1);
    let mut folded = Vec::new();
    for range in class.iter() {
        let from = orbits.partition_point(|&(c, _)| c < range.start());
        for &(c, mut next) in orbits[from..].iter().take_while(|&&(c, _)| c <= range.end()) {
            while next != c {
                folded.push(ClassUnicodeRange::new(next, next));
                let Some(further) = next_of(next) else { break };
                next = further;
            }
        }
    }
    class.union(&ClassUnicode::new(folded));
}

/// Every character that folds to others, in order, with the next of those that fold to one another.
fn orbits() -> &'static [(char, char)] {
    static ORBITS: OnceLock<Vec<(char, char)>> = OnceLock::new();
    ORBITS.get_or_init(|| {
        let mut numbers = Numbers(packed::FOLDING);
        let mut c = 0;
        let mut orbits = Vec::new();
        while let (Some(gap), Some(step)) = (numbers.next(), numbers.next()) {
            c += gap;
            // The sign is the lowest bit.
            let next = if step & 1 == 0 { c + step / 2 } else { c - step / 2 };
            orbits.extend(char::from_u32(c).zip(char::from_u32(next)));
        }
        orbits
    })
}

/// Numbers of seven bits a byte, the lowest first; the eighth bit says that more follow.
struct Numbers(&'static [u8]);

impl Iterator for Numbers {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let mut number = 0;
        let mut shift = 0;
        while let Some((&byte, rest)) = self.0.split_first() {
            self.0 = rest;
            number |= u32::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(number);
            }
            shift += 7;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_is_closed() {
        let fold = |text: &str| {
            let mut class = ClassUnicode::new(text.chars().map(|c| ClassUnicodeRange::new(c, c)));
            fold_case(&mut class);
            class.iter().flat_map(|range| range.start()..=range.end()).collect::<String>()
        };
        for (text, expect) in
            [("k", "Kk\u{212a}"), ("\u{212a}", "Kk\u{212a}"), ("1", "1"), ("ß", "ßẞ"), ("σ", "Σςσ")]
        {
            assert_eq!(fold(text), expect, "{text}");
        }
        let mut all = ClassUnicode::new([ClassUnicodeRange::new('\0', char::MAX)]);
        fold_case(&mut all);
        assert_eq!(all.ranges().len(), 1);
    }

    #[test]
    fn every_name_has_a_table() {
        for name in names::CATEGORIES.iter().chain(&names::CATEGORY_ALIASES) {
            assert!(table(&format!("gc={name}")).is_some(), "{name}");
        }
        for name in names::SCRIPTS.iter().chain(&names::SCRIPTS_SINCE_GO_1_21) {
            assert!(table(&format!("sc={name}")).is_some(), "{name}");
        }
        assert_eq!(table("gc=Nope"), None);
        assert_eq!(table("gc=Zl"), Some(ClassUnicode::new([ClassUnicodeRange::new('\u{2028}', '\u{2028}')])));
    }
}
