//! Character classes as Go has them: Perl's and POSIX' are ASCII, Unicode's go by exact name, and folding
//! happens before negation.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};

use super::Go;

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

/// Adds what folds to the members: Unicode's simple folding, as Go and the `regex` crate both have it.
pub(super) fn fold_case(class: &mut ClassUnicode) {
    // It fails only without the tables, which Cargo.toml asks for.
    let folded = class.try_case_fold_simple();
    debug_assert!(folded.is_ok(), "the folding tables are compiled in");
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
        // The library ignores the underscores that the canonical name lacks.
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

/// Looks a property up in the tables of `regex-syntax`.
fn table(query: &str) -> Option<ClassUnicode> {
    let hir = regex_syntax::Parser::new().parse(&format!(r"\p{{{query}}}")).ok()?;
    match hir.into_kind() {
        HirKind::Class(Class::Unicode(class)) => Some(class),
        HirKind::Literal(literal) => {
            let c = std::str::from_utf8(&literal.0).ok()?.chars().next()?;
            Some(ascii(&[(c, c)]))
        }
        _ => None,
    }
}

/// Go's `unicode.Categories`, sorted; `Cs` is above.
const CATEGORIES: [&str; 37] = [
    "C", "Cc", "Cf", "Cn", "Co", "L", "LC", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd",
    "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp",
    "Zs",
];

/// Go's `unicode.CategoryAliases` since 1.25 in canonical form, sorted; `Surrogate` is above.
const CATEGORY_ALIASES: [&str; 41] = [
    "Casedletter",
    "Closepunctuation",
    "Cntrl",
    "Combiningmark",
    "Connectorpunctuation",
    "Control",
    "Currencysymbol",
    "Dashpunctuation",
    "Decimalnumber",
    "Digit",
    "Enclosingmark",
    "Finalpunctuation",
    "Format",
    "Initialpunctuation",
    "Letter",
    "Letternumber",
    "Lineseparator",
    "Lowercaseletter",
    "Mark",
    "Mathsymbol",
    "Modifierletter",
    "Modifiersymbol",
    "Nonspacingmark",
    "Number",
    "Openpunctuation",
    "Other",
    "Otherletter",
    "Othernumber",
    "Otherpunctuation",
    "Othersymbol",
    "Paragraphseparator",
    "Privateuse",
    "Punct",
    "Punctuation",
    "Separator",
    "Spaceseparator",
    "Spacingmark",
    "Symbol",
    "Titlecaseletter",
    "Unassigned",
    "Uppercaseletter",
];

/// Go's `unicode.Scripts` of Unicode 13, sorted.
const SCRIPTS: [&str; 156] = [
    "Adlam",
    "Ahom",
    "Anatolian_Hieroglyphs",
    "Arabic",
    "Armenian",
    "Avestan",
    "Balinese",
    "Bamum",
    "Bassa_Vah",
    "Batak",
    "Bengali",
    "Bhaiksuki",
    "Bopomofo",
    "Brahmi",
    "Braille",
    "Buginese",
    "Buhid",
    "Canadian_Aboriginal",
    "Carian",
    "Caucasian_Albanian",
    "Chakma",
    "Cham",
    "Cherokee",
    "Chorasmian",
    "Common",
    "Coptic",
    "Cuneiform",
    "Cypriot",
    "Cyrillic",
    "Deseret",
    "Devanagari",
    "Dives_Akuru",
    "Dogra",
    "Duployan",
    "Egyptian_Hieroglyphs",
    "Elbasan",
    "Elymaic",
    "Ethiopic",
    "Georgian",
    "Glagolitic",
    "Gothic",
    "Grantha",
    "Greek",
    "Gujarati",
    "Gunjala_Gondi",
    "Gurmukhi",
    "Han",
    "Hangul",
    "Hanifi_Rohingya",
    "Hanunoo",
    "Hatran",
    "Hebrew",
    "Hiragana",
    "Imperial_Aramaic",
    "Inherited",
    "Inscriptional_Pahlavi",
    "Inscriptional_Parthian",
    "Javanese",
    "Kaithi",
    "Kannada",
    "Katakana",
    "Kayah_Li",
    "Kharoshthi",
    "Khitan_Small_Script",
    "Khmer",
    "Khojki",
    "Khudawadi",
    "Lao",
    "Latin",
    "Lepcha",
    "Limbu",
    "Linear_A",
    "Linear_B",
    "Lisu",
    "Lycian",
    "Lydian",
    "Mahajani",
    "Makasar",
    "Malayalam",
    "Mandaic",
    "Manichaean",
    "Marchen",
    "Masaram_Gondi",
    "Medefaidrin",
    "Meetei_Mayek",
    "Mende_Kikakui",
    "Meroitic_Cursive",
    "Meroitic_Hieroglyphs",
    "Miao",
    "Modi",
    "Mongolian",
    "Mro",
    "Multani",
    "Myanmar",
    "Nabataean",
    "Nandinagari",
    "New_Tai_Lue",
    "Newa",
    "Nko",
    "Nushu",
    "Nyiakeng_Puachue_Hmong",
    "Ogham",
    "Ol_Chiki",
    "Old_Hungarian",
    "Old_Italic",
    "Old_North_Arabian",
    "Old_Permic",
    "Old_Persian",
    "Old_Sogdian",
    "Old_South_Arabian",
    "Old_Turkic",
    "Oriya",
    "Osage",
    "Osmanya",
    "Pahawh_Hmong",
    "Palmyrene",
    "Pau_Cin_Hau",
    "Phags_Pa",
    "Phoenician",
    "Psalter_Pahlavi",
    "Rejang",
    "Runic",
    "Samaritan",
    "Saurashtra",
    "Sharada",
    "Shavian",
    "Siddham",
    "SignWriting",
    "Sinhala",
    "Sogdian",
    "Sora_Sompeng",
    "Soyombo",
    "Sundanese",
    "Syloti_Nagri",
    "Syriac",
    "Tagalog",
    "Tagbanwa",
    "Tai_Le",
    "Tai_Tham",
    "Tai_Viet",
    "Takri",
    "Tamil",
    "Tangut",
    "Telugu",
    "Thaana",
    "Thai",
    "Tibetan",
    "Tifinagh",
    "Tirhuta",
    "Ugaritic",
    "Vai",
    "Wancho",
    "Warang_Citi",
    "Yezidi",
    "Yi",
    "Zanabazar_Square",
];

/// The scripts of Unicode 15, which came with Go 1.21 and Prometheus 2.47.
const SCRIPTS_SINCE_GO_1_21: [&str; 7] =
    ["Cypro_Minoan", "Kawi", "Nag_Mundari", "Old_Uyghur", "Tangsa", "Toto", "Vithkuqi"];

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
