//! Variables in external labels: Go's `os.Expand`, with the variables given.

/// Replaces `$name` and `${name}` in `text`. A name that `lookup` does not know becomes nothing, and so do
/// the broken forms that Go swallows (`${}`, an unclosed `${`); `$$` is a dollar.
pub(super) fn expand(text: &str, mut lookup: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let after = &from[1..];
        if after.is_empty() {
            out.push('$');
            return out;
        }
        let (name, len) = name(after);
        match name {
            "" if len == 0 => out.push('$'),
            "" => {}
            "$" => out.push('$'),
            name => out.push_str(&lookup(name).unwrap_or_default()),
        }
        rest = &after[len..];
    }
    out.push_str(rest);
    out
}

/// The name at the start of `text` and the bytes that it takes (`os.getShellName`).
fn name(text: &str) -> (&str, usize) {
    let is_special = |byte: u8| matches!(byte, b'*' | b'#' | b'$' | b'@' | b'!' | b'?' | b'-' | b'0'..=b'9');
    if let Some(braced) = text.strip_prefix('{') {
        // A special name's brace must follow at once, but then any name may hold anything up to the brace.
        return match braced.find('}') {
            Some(0) => ("", 2),
            Some(end) => (&braced[..end], end + 2),
            None => ("", 1),
        };
    }
    match text.as_bytes().first() {
        Some(&byte) if is_special(byte) => (&text[..1], 1),
        _ => {
            let end = text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(text.len());
            (&text[..end], end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn expands_as_go_does() {
        let lookup = |name: &str| match name {
            "DC" => Some("eu".to_owned()),
            "A_1" => Some("x".to_owned()),
            "1" => Some("one".to_owned()),
            "-" => Some("dash".to_owned()),
            _ => None,
        };
        let check = |text: &str, expect: &str| assert_eq!(expand(text, lookup), expect, "{text:?}");
        check("plain", "plain");
        check("$DC", "eu");
        check("${DC}", "eu");
        check("a-$DC-b", "a-eu-b");
        check("$A_1.$DC", "x.eu");
        check("$$DC", "$DC");
        check("$$", "$");
        check("$", "$");
        check("a$", "a$");
        check("$NONE", "");
        check("$12", "one2");
        check("${1}", "one");
        check("$-", "dash");
        check("${}x", "x");
        check("${DC", "DC");
        check("$.x", "$.x");
        check("$é", "$é");
        check("${a b}", "");
    }

    proptest! {
        #[test]
        fn any_text_is_expanded(text in "[${}a1é-]{0,12}") {
            let _ = expand(&text, |name| Some(name.to_owned()));
        }
    }
}
