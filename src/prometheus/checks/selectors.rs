//! Kubernetes' selectors of objects: `k8s.io/apimachinery`, `fields.ParseSelector` and `labels.Parse`.

use std::collections::BTreeSet;

use crate::sort;
use crate::text::quote;

/// Reads a selector of fields: `a=b,c!=d`.
pub(super) fn fields(text: &str) -> Result<(), String> {
    let mut terms = terms(text);
    sort::sort_by_key(&mut terms, |term| *term);
    for part in terms {
        if part.is_empty() {
            continue;
        }
        let Some(value) = operator_split(part) else {
            return Err(format!("invalid selector: '{text}'; can't understand '{part}'"));
        };
        unescaped(value)?;
    }
    Ok(())
}

/// The terms between commas that no backslash escapes.
fn terms(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b',' => {
                out.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(&text[start..]);
    out
}

/// What follows the first operator.
fn operator_split(term: &str) -> Option<&str> {
    (0..term.len())
        .filter(|&at| term.is_char_boundary(at))
        .find_map(|at| ["!=", "==", "="].iter().find_map(|operator| term[at..].strip_prefix(operator)))
}

/// `UnescapeValue`.
fn unescaped(value: &str) -> Result<(), String> {
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('\\' | ',' | '=') => {}
                Some(other) => {
                    return Err(format!("invalid field selector: invalid escape sequence: \\{other}"));
                }
                None => return Err("invalid field selector: invalid escape sequence: \\".to_owned()),
            },
            ',' | '=' => {
                return Err(format!(
                    "invalid field selector: unescaped character in value: {}",
                    u32::from(c)
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'t> {
    End,
    Symbol(&'t str),
    Word(&'t str),
}

impl<'t> Token<'t> {
    fn text(self) -> &'t str {
        match self {
            Self::End => "",
            Self::Symbol(text) | Self::Word(text) => text,
        }
    }
}

/// Reads a selector of labels: `a=b,c in (d,e),!f`.
pub(super) fn labels(text: &str) -> Result<(), String> {
    let tokens = tokens(text);
    let fault = |message: String| format!("unable to parse requirement: {message}");
    let mut at = 0;
    let next = |at: &mut usize| {
        let token = tokens.get(*at).copied().unwrap_or(Token::End);
        *at += 1;
        token
    };
    loop {
        let mut token = next(&mut at);
        if token == Token::End && at == 1 {
            return Ok(());
        }
        let is_negated = token == Token::Symbol("!");
        if is_negated {
            token = next(&mut at);
        }
        let Token::Word(key) = token else {
            return Err(if is_negated || !matches!(token, Token::Symbol(_) | Token::End) {
                fault(format!("found '{}', expected: identifier", token.text()))
            } else {
                format!("found '{}', expected: !, identifier, or 'end of string'", token.text())
            });
        };
        qualified_name(key).map_err(fault)?;
        let mut token = next(&mut at);
        if !is_negated && !matches!(token, Token::End | Token::Symbol(",")) {
            match token {
                Token::Word("in" | "notin") => {
                    let values = values(&mut || next(&mut at)).map_err(fault)?;
                    let faults: Vec<String> = values
                        .into_iter()
                        .enumerate()
                        .filter_map(|(index, value)| label_value(key, index, value).err())
                        .collect();
                    match &faults[..] {
                        [] => {}
                        [only] => return Err(fault(only.clone())),
                        all => return Err(fault(format!("[{}]", all.join(", ")))),
                    }
                }
                Token::Symbol("=" | "==" | "!=" | ">" | "<") => {
                    let before = at;
                    let is_order = matches!(token, Token::Symbol(">" | "<"));
                    match next(&mut at) {
                        Token::Word(value) => {
                            label_value(key, 0, value).map_err(fault)?;
                            if is_order && value.parse::<i64>().is_err() {
                                return Err(fault(not_a_number(value)));
                            }
                        }
                        Token::End | Token::Symbol(",") if is_order => return Err(fault(not_a_number(""))),
                        Token::End | Token::Symbol(",") => at = before,
                        other @ Token::Symbol(_) => {
                            return Err(fault(format!("found '{}', expected: identifier", other.text())));
                        }
                    }
                }
                other => {
                    return Err(fault(format!(
                        "found '{}', expected: in, notin, =, ==, !=, gt, lt",
                        other.text()
                    )));
                }
            }
            token = next(&mut at);
        }
        match token {
            Token::End => return Ok(()),
            Token::Symbol(",") => {
                let following = tokens.get(at).copied().unwrap_or(Token::End);
                if !matches!(following, Token::Word(_) | Token::Symbol("!")) {
                    return Err(format!("found '{}', expected: identifier after ','", following.text()));
                }
            }
            other => {
                return Err(format!("found '{}', expected: ',' or 'end of string'", other.text()));
            }
        }
    }
}

/// The values behind `in`, in parentheses, each once and sorted.
fn values<'t>(next: &mut dyn FnMut() -> Token<'t>) -> Result<BTreeSet<&'t str>, String> {
    let open = next();
    if open != Token::Symbol("(") {
        return Err(format!("found '{}' expected: '('", open.text()));
    }
    let mut found = BTreeSet::new();
    // Between commas, and between a comma and a parenthesis, stands an empty value.
    let mut token = next();
    if token == Token::Symbol(")") {
        found.insert("");
        return Ok(found);
    }
    loop {
        match token {
            Token::Word(value) => {
                found.insert(value);
                match next() {
                    Token::Symbol(",") => {}
                    Token::Symbol(")") => return Ok(found),
                    other => return Err(format!("found '{}', expected: ',' or ')'", other.text())),
                }
            }
            Token::Symbol(",") => {
                found.insert("");
            }
            Token::Symbol(")") => {
                found.insert("");
                return Ok(found);
            }
            other => return Err(format!("found '{}', expected: ',', or identifier", other.text())),
        }
        token = next();
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let is_symbol = |byte: u8| b"=!(),><".contains(&byte);
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            at += 1;
        } else if is_symbol(byte) {
            at += 1;
            if matches!(byte, b'=' | b'!') && bytes.get(at) == Some(&b'=') {
                at += 1;
            }
            out.push(Token::Symbol(&text[start..at]));
        } else {
            while bytes
                .get(at)
                .is_some_and(|&byte| !is_symbol(byte) && !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
            {
                at += 1;
            }
            out.push(Token::Word(&text[start..at]));
        }
    }
    out
}

const NAME_RULE: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const DOMAIN_RULE: &str = r"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const VALUE_RULE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/// `validation.IsQualifiedName`: an optional domain, a slash, and a name.
fn qualified_name(key: &str) -> Result<(), String> {
    let mut faults: Vec<String> = Vec::new();
    let mut parts = key.split('/');
    let (first, second) = (parts.next().unwrap_or(""), parts.next());
    if parts.next().is_some() {
        faults.push(format!(
            "a valid label key {NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ));
    } else {
        if second.is_some() {
            if first.is_empty() {
                faults.push("prefix part must be non-empty".to_owned());
            } else {
                if first.len() > 253 {
                    faults.push("prefix part must be no more than 253 bytes".to_owned());
                }
                if !is_domain(first) {
                    faults.push(format!("prefix part {DOMAIN_RULE}"));
                }
            }
        }
        let name = second.unwrap_or(first);
        if name.is_empty() {
            faults.push("name part must be non-empty".to_owned());
        } else if name.len() > MAX_NAME {
            faults.push(format!("name part must be no more than {MAX_NAME} bytes"));
        }
        if !is_name(name) {
            faults.push(format!("name part {NAME_RULE}"));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("<nil>: Invalid value: {}: {}", quote(key), faults.join("; ")))
    }
}

fn not_a_number(value: &str) -> String {
    format!(
        "values[0]: Invalid value: {}: for 'Gt', 'Lt' operators, the value must be an integer",
        quote(value)
    )
}

fn is_domain(text: &str) -> bool {
    text.split('.').all(|part| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    })
}

/// `validation.IsValidLabelValue`.
fn label_value(key: &str, index: usize, value: &str) -> Result<(), String> {
    let mut faults: Vec<String> = Vec::new();
    if value.len() > MAX_NAME {
        faults.push(format!("must be no more than {MAX_NAME} bytes"));
    }
    if !value.is_empty() && !is_name(value) {
        faults.push(VALUE_RULE.to_owned());
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("values[{index}][{key}]: Invalid value: {}: {}", quote(value), faults.join("; ")))
    }
}

/// How many bytes a name or a value may have.
const MAX_NAME: usize = 63;

/// Letters, digits, `-`, `_` and `.`, with letters or digits at the ends.
fn is_name(text: &str) -> bool {
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    ends(bytes.first())
        && ends(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn selectors_of_fields() {
        let check = |text: &str, expect: Result<(), &str>| {
            assert_eq!(fields(text).as_ref().copied().map_err(String::as_str), expect, "{text:?}");
        };
        check("", Ok(()));
        check("a=b,c!=d,e==f", Ok(()));
        check("a=b,", Ok(()));
        check("a=\\,", Ok(()));
        check("a", Err("invalid selector: 'a'; can't understand 'a'"));
        check("a=\\x", Err("invalid field selector: invalid escape sequence: \\x"));
        check("a=b=c", Err("invalid field selector: unescaped character in value: 61"));
    }

    #[test]
    fn selectors_of_labels() {
        let check = |text: &str, is_valid: bool| {
            assert_eq!(labels(text).is_ok(), is_valid, "{text:?}: {:?}", labels(text));
        };
        for text in [
            "",
            "a",
            "!a",
            "a=b",
            "a==b",
            "a!=b",
            "a=",
            "a in (b,c)",
            "a notin (b)",
            "a,b=c",
            "x.y/z=1",
            "a>1",
            "a in ()",
            "a in (,b)",
            "a=,b",
        ] {
            check(text, true);
        }
        for text in [
            "=b", "a=b,", ",a", "a b", "a in b", "a in (b", "a=b=c", "a>x", "-a", "a=-b", "!a=b", "X_Y/z",
            "(", "a=é",
        ] {
            check(text, false);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[a-c=!(),<>\\\\/ é.-]{0,16}|a in \\(.{0,5}") {
            let _ = (fields(&text), labels(&text));
        }
    }
}
