//! Go's `strings.ToLower` and `strings.ToUpper`, which map character by character.

/// `text` in lower case.
pub(super) fn lower(text: &str) -> String {
    text.chars().map(|c| single(c, c.to_lowercase()).unwrap_or(if c == 'İ' { 'i' } else { c })).collect()
}

/// `text` in upper case. Characters whose upper case is several (`ß`) stay, and the Greek letters with a
/// subscript iota take their title case: Unicode's simple mapping.
pub(super) fn upper(text: &str) -> String {
    text.chars().map(|c| single(c, c.to_uppercase()).unwrap_or_else(|| simple_upper(c))).collect()
}

fn single(c: char, mut mapped: impl Iterator<Item = char>) -> Option<char> {
    if c.is_ascii() {
        return mapped.next();
    }
    mapped.next().filter(|_| mapped.next().is_none())
}

fn simple_upper(c: char) -> char {
    let code = u32::from(c);
    let mapped = match code {
        0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => code + 8,
        0x1FB3 | 0x1FC3 | 0x1FF3 => code + 9,
        _ => code,
    };
    char::from_u32(mapped).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_as_go_does() {
        let check = |text: &str, lowered: &str, raised: &str| {
            assert_eq!(lower(text), lowered, "{text}");
            assert_eq!(upper(text), raised, "{text}");
        };
        check("bAr1_é", "bar1_é", "BAR1_É");
        check("ßŉﬁ", "ßŉﬁ", "ßŉﬁ");
        check("İı", "iı", "İI");
        check("ᾀᾈᾳᾼΣς", "ᾀᾀᾳᾳσς", "ᾈᾈᾼᾼΣΣ");
        check("ΑΣ", "ας".replace('ς', "σ").as_str(), "ΑΣ");
    }
}
