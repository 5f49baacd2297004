//! Packs the Unicode tables that Go's regular expressions need, `src/regex/unicode`: as the ranges of
//! `regex-syntax` they would be the largest thing that the page fetches.
#![expect(clippy::disallowed_methods, reason = "Cargo names the folder to write into")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};

#[path = "src/regex/unicode/names.rs"]
mod names;

fn main() {
    let folder = std::env::var_os("OUT_DIR").expect("Cargo names a folder");
    std::fs::write(Path::new(&folder).join("unicode.rs"), unicode()).expect("the folder can be written");
}

fn unicode() -> String {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/regex/unicode/names.rs");
    let mut classes = BTreeMap::new();
    for name in names::CATEGORIES.iter().chain(&names::CATEGORY_ALIASES) {
        classes.insert(format!("gc={name}"), pack_ranges(&class_of(&format!("gc={name}"))));
    }
    for name in names::SCRIPTS.iter().chain(&names::SCRIPTS_SINCE_GO_1_21) {
        classes.insert(format!("sc={name}"), pack_ranges(&class_of(&format!("sc={name}"))));
    }
    let mut starts: BTreeMap<&[u8], usize> = BTreeMap::new();
    let mut ranges: Vec<u8> = Vec::new();
    let mut rows = String::new();
    for (name, packed) in &classes {
        // Long names share the ranges of the short ones.
        let start = *starts.entry(packed).or_insert_with(|| {
            ranges.extend(packed);
            ranges.len() - packed.len()
        });
        writeln!(rows, "    ({name:?}, {start}, {}),", start + packed.len()).expect("a string takes all");
    }
    format!(
        "pub(super) static CLASSES: &[(&str, u32, u32)] = &[\n{rows}];\n\
         pub(super) static RANGES: &[u8] = &{ranges:?};\n\
         pub(super) static FOLDING: &[u8] = &{:?};\n",
        pack_folding()
    )
}

fn class_of(query: &str) -> ClassUnicode {
    let hir = regex_syntax::Parser::new().parse(&format!(r"\p{{{query}}}")).expect("a known name");
    match hir.into_kind() {
        HirKind::Class(Class::Unicode(class)) => class,
        // A class of one character is a literal.
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).expect("text");
            ClassUnicode::new(text.chars().map(|c| ClassUnicodeRange::new(c, c)))
        }
        other => panic!("{query} is {other:?}"),
    }
}

/// The gap before each range and its length less one.
fn pack_ranges(class: &ClassUnicode) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut next = 0;
    for range in class.iter() {
        let (low, high) = (range.start() as u32, range.end() as u32);
        push_number(&mut packed, low - next);
        push_number(&mut packed, high - low);
        next = high + 1;
    }
    packed
}

/// For each character that folds to others, how far it is from the last such, and how far the next of those
/// that fold to one another is from it: twice the distance, and one more where it lies before.
fn pack_folding() -> Vec<u8> {
    let mut packed = Vec::new();
    let mut last = 0;
    for c in '\0'..=char::MAX {
        let mut class = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
        class.try_case_fold_simple().expect("the folding tables are compiled in");
        let orbit: Vec<char> = class.iter().flat_map(|range| range.start()..=range.end()).collect();
        if orbit.len() == 1 {
            continue;
        }
        let next = *orbit.iter().find(|&&other| other > c).unwrap_or(&orbit[0]) as u32;
        let c = c as u32;
        push_number(&mut packed, c - last);
        push_number(&mut packed, if next > c { (next - c) * 2 } else { (c - next) * 2 + 1 });
        last = c;
    }
    packed
}

/// Seven bits a byte, the lowest first; the eighth bit says that more follow.
fn push_number(packed: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        packed.push(number as u8 | 0x80);
        number >>= 7;
    }
    packed.push(number as u8);
}
