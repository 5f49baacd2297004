//! Character classes as Go has them: Perl's and POSIX' are ASCII, Unicode's go by exact name, and folding
//! happens before negation.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use super::Go;
use super::unicode::names::{CATEGORIES, CATEGORY_ALIASES, SCRIPTS, SCRIPTS_SINCE_GO_1_21};
use super::unicode::{fold_case, table};

/// A rune as Go counts them: any number up to 10FFFF, surrogates included.
pub(super) type Rune = u32;

pub(super) const MAX_RUNE: Rune = 0x10_FFFF;

/// A set of characters under construction.
#[derive(Clone, Debug, Default)]
pub(super) struct ClassBuilder {
    ranges: Vec<ClassUnicodeRange>,
}

impl ClassBuilder {
    /// Adds the runes `low..=high` and, where `fold`, all that fold to them.
    pub(super) fn range(&mut self, low: Rune, high: Rune, fold: bool) {
        if let Some(range) = range(low, high) {
            self.class(ClassUnicode::new([range]), fold, false);
        }
    }

    /// Adds a class, folded where `fold`, then negated where `negated`.
    pub(super) fn class(&mut self, mut class: ClassUnicode, fold: bool, negated: bool) {
        if fold {
            fold_case(&mut class);
        }
        if negated {
            class.negate();
        }
        self.ranges.extend(class.iter());
    }

    /// The number of ranges held: what a budget counts.
    pub(super) fn len(&self) -> usize {
        self.ranges.len()
    }

    /// The class.
    pub(super) fn finish(self) -> ClassUnicode {
        ClassUnicode::new(self.ranges)
    }
}

/// The characters of `low..=high`; surrogates, which no text holds, are left out.
fn range(low: Rune, high: Rune) -> Option<ClassUnicodeRange> {
    let low = if (0xD800..0xE000).contains(&low) { 0xE000 } else { low };
    let high = if (0xD800..0xE000).contains(&high) { 0xD7FF } else { high };
    if low > high {
        return None;
    }
    Some(ClassUnicodeRange::new(char::from_u32(low)?, char::from_u32(high)?))
}

fn ascii(ranges: &[(char, char)]) -> ClassUnicode {
    ClassUnicode::new(ranges.iter().map(|&(low, high)| ClassUnicodeRange::new(low, high)))
}

/// Perl's classes: the members of `\d`, `\s` or `\w`, and whether the letter is a negation.
pub(super) fn perl(letter: u8) -> Option<(ClassUnicode, bool)> {
    let class = match letter.to_ascii_lowercase() {
        b'd' => ascii(&[('0', '9')]),
        // Go's has no vertical tab.
        b's' => ascii(&[('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')]),
        b'w' => ascii(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]),
        _ => return None,
    };
    Some((class, letter.is_ascii_uppercase()))
}

/// POSIX' classes by what stands between `[:` and `:]`, and whether it is negated.
pub(super) fn posix(name: &[u8]) -> Option<(ClassUnicode, bool)> {
    let (name, negated) = match name.strip_prefix(b"^") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let class = match name {
        b"alnum" => ascii(&[('0', '9'), ('A', 'Z'), ('a', 'z')]),
        b"alpha" => ascii(&[('A', 'Z'), ('a', 'z')]),
        b"ascii" => ascii(&[('\0', '\u{7f}')]),
        b"blank" => ascii(&[('\t', '\t'), (' ', ' ')]),
        b"cntrl" => ascii(&[('\0', '\u{1f}'), ('\u{7f}', '\u{7f}')]),
        b"digit" => ascii(&[('0', '9')]),
        b"graph" => ascii(&[('!', '~')]),
        b"lower" => ascii(&[('a', 'z')]),
        b"print" => ascii(&[(' ', '~')]),
        b"punct" => ascii(&[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
        b"space" => ascii(&[('\t', '\r'), (' ', ' ')]),
        b"upper" => ascii(&[('A', 'Z')]),
        b"word" => ascii(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]),
        b"xdigit" => ascii(&[('0', '9'), ('A', 'F'), ('a', 'f')]),
        _ => return None,
    };
    Some((class, negated))
}

/// The class that Go knows by this name: `Any`, a general category or a script. Until Go 1.24 names are
/// exact; from 1.25 on, case, spaces, hyphens and underscores do not matter and categories have long names.
/// That change lost the scripts whose own names hold an underscore or an inner capital, to this day.
/// Source: `unicodeTable` and `canonicalName` of `regexp/syntax`.
pub(super) fn unicode(name: &str, go: Go) -> Option<ClassUnicode> {
    if go.syntax < 25 {
        return if name == "Any" { Some(any()) } else { category_or_script(name, go) };
    }
    let name = canonical_name(name);
    match name.as_str() {
        "Any" => Some(any()),
        "Ascii" => Some(ascii(&[('\0', '\u{7F}')])),
        "Assigned" => {
            let mut class = table("gc=Cn")?;
            class.negate();
            // Surrogates are assigned; they are no characters.
            Some(class)
        }
        "Lc" => table("gc=LC"),
        "Surrogate" => Some(ClassUnicode::empty()),
        name if CATEGORY_ALIASES.binary_search(&name).is_ok() => table(&format!("gc={name}")),
        "LC" => None,
        name => category_or_script(name, go),
    }
}

fn category_or_script(name: &str, go: Go) -> Option<ClassUnicode> {
    match name {
        // Surrogates are no characters.
        "Cs" => return Some(ClassUnicode::empty()),
        // Go 1.25 gave unassigned code points their name, and their place in `C`.
        "Cn" | "LC" if go.toolchain < 25 => return None,
        "C" if go.toolchain < 25 => {
            let mut class = table("gc=Cc")?;
            class.union(&table("gc=Cf")?);
            class.union(&table("gc=Co")?);
            return Some(class);
        }
        _ => {}
    }
    if CATEGORIES.binary_search(&name).is_ok() {
        return table(&format!("gc={name}"));
    }
    let known = SCRIPTS.binary_search(&name).is_ok()
        || go.toolchain >= 21 && SCRIPTS_SINCE_GO_1_21.binary_search(&name).is_ok();
    if known { table(&format!("sc={name}")) } else { None }
}

fn any() -> ClassUnicode {
    ascii(&[('\0', '\u{10FFFF}')])
}

/// A leading capital, then small letters, without underscores, spaces and hyphens.
fn canonical_name(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    letters
        .enumerate()
        .map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect()
}

/// Go's letters and decimal digits, which make up the names in a template.
pub(super) fn letters_and_digits() -> ClassUnicode {
    let mut class = table("gc=L").unwrap_or_else(ClassUnicode::empty);
    class.union(&table("gc=Nd").unwrap_or_else(ClassUnicode::empty));
    class
}

/// Every name but the special ones.
#[cfg(test)]
pub(super) fn unicode_names() -> impl Iterator<Item = &'static str> {
    CATEGORIES.into_iter().chain(SCRIPTS).chain(SCRIPTS_SINCE_GO_1_21)
}

/// Every long name of a category.
#[cfg(test)]
pub(super) fn category_aliases() -> impl Iterator<Item = &'static str> {
    CATEGORY_ALIASES.into_iter()
}
