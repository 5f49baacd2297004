//! Colours for the lines of a file: only what one line alone tells, for the eye; nothing is decided by it.

/// What a piece of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Plain,
    Key,
    Text,
    Number,
    Operator,
    Comment,
}

impl Token {
    /// The class that the style sheet knows.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Key => "tok-key",
            Self::Text => "tok-text",
            Self::Number => "tok-number",
            Self::Operator => "tok-operator",
            Self::Comment => "tok-comment",
        }
    }
}

/// How a file is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Yaml,
    Samples,
    Other,
}

impl Language {
    /// By the file's name.
    pub(crate) fn of(path: &str) -> Self {
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        if matches!(extension, "yml" | "yaml") {
            Self::Yaml
        } else if super::intake::looks_like_samples(path) {
            Self::Samples
        } else {
            Self::Other
        }
    }
}

/// Lines longer than this stay plain: nobody reads the colours of a line that long.
const LONGEST: usize = 2000;

/// Cuts a line into pieces that make it up again.
pub(crate) fn pieces(language: Language, line: &str) -> Vec<(Token, &str)> {
    let mut out = Pieces { out: Vec::new() };
    if line.len() > LONGEST {
        out.push(Token::Plain, line);
        return out.out;
    }
    match language {
        Language::Yaml => yaml(line, &mut out),
        Language::Samples => samples(line, &mut out),
        Language::Other => {
            let (code, comment) = split_comment(line);
            out.push(Token::Plain, code);
            out.push(Token::Comment, comment);
        }
    }
    out.out
}

struct Pieces<'a> {
    out: Vec<(Token, &'a str)>,
}

impl<'a> Pieces<'a> {
    fn push(&mut self, token: Token, piece: &'a str) {
        if !piece.is_empty() {
            self.out.push((token, piece));
        }
    }
}

/// Cuts before a `#` that starts the line or follows a blank, outside of quotes.
fn split_comment(line: &str) -> (&str, &str) {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match quote {
            Some(open) if c == open && (open == '\'' || before != '\\') => quote = None,
            Some(_) => {}
            None if c == '#' && before.is_whitespace() => return line.split_at(at),
            // Quotes open a scalar; inside a word they are letters.
            None if matches!(c, '"' | '\'') && !before.is_alphanumeric() => quote = Some(c),
            None => {}
        }
        before = c;
    }
    (line, "")
}

fn yaml<'a>(line: &'a str, out: &mut Pieces<'a>) {
    let (code, comment) = split_comment(line);
    let mut rest = code;
    // Indentation and the dashes of lists.
    let lead = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let mut at = lead;
    while rest[at..].starts_with("- ") {
        at += 2;
        at += rest[at..].len() - rest[at..].trim_start_matches(' ').len();
    }
    out.push(Token::Plain, &rest[..at]);
    rest = &rest[at..];
    if let Some(end) = key_end(rest) {
        out.push(Token::Key, &rest[..end]);
        let after = &rest[end + 1..];
        let blanks = after.len() - after.trim_start().len();
        out.push(Token::Plain, &rest[end..=end + blanks]);
        rest = &after[blanks..];
    }
    let value = rest.trim_end();
    let token = if value.is_empty() || matches!(value, "-" | "|" | ">" | "|-" | ">-") {
        Token::Plain
    } else if is_number(value) || matches!(value, "true" | "false" | "null" | "yes" | "no" | "on" | "off") {
        Token::Number
    } else if value.starts_with(['[', '{', '&', '*']) {
        Token::Plain
    } else {
        Token::Text
    };
    match token {
        Token::Text if value.contains(['{']) => selector(value, out),
        Token::Plain => flow(value, out),
        _ => out.push(token, value),
    }
    out.push(Token::Plain, &rest[value.len()..]);
    out.push(Token::Comment, comment);
}

/// Where the key of a `key: value` ends, if this is one.
fn key_end(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let from = match quote {
        Some(open) => text[1..].find(open)? + 2,
        None if text.starts_with(['{', '[', '#', '&', '*']) => return None,
        None => 0,
    };
    let colon = text[from..]
        .match_indices(':')
        .map(|(at, _)| from + at)
        .find(|&at| text[at + 1..].is_empty() || text[at + 1..].starts_with([' ', '\t']))?;
    (quote.is_none() || colon == from).then_some(colon)
}

/// A number or a duration.
fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | '_' | 's' | 'm' | 'h' | 'd' | 'w' | 'y'))
}

/// A selector, quoted or not: what is text in it, and its operators.
fn selector<'a>(text: &'a str, out: &mut Pieces<'a>) {
    let mut start = 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = match bytes[at] {
            b'=' | b'!' if bytes.get(at + 1).is_some_and(|next| matches!(next, b'=' | b'~')) => 2,
            b'=' => 1,
            b'"' => {
                // The text between quotes holds no operators.
                let body = &bytes[at + 1..];
                let mut end = 0;
                while end < body.len() && body[end] != b'"' {
                    end += if body[end] == b'\\' { 2 } else { 1 };
                }
                at = (at + end + 2).min(bytes.len());
                continue;
            }
            _ => 0,
        };
        if length > 0 {
            out.push(Token::Text, &text[start..at]);
            out.push(Token::Operator, &text[at..at + length]);
            start = at + length;
        }
        at += length.max(1);
    }
    out.push(Token::Text, &text[start..]);
}

/// A flow sequence or mapping: its quoted scalars are text.
fn flow<'a>(text: &'a str, out: &mut Pieces<'a>) {
    let mut rest = text;
    while let Some(open) = rest.find(['"', '\'']) {
        let quote = rest.as_bytes()[open];
        let Some(length) = rest[open + 1..].bytes().position(|byte| byte == quote) else { break };
        out.push(Token::Plain, &rest[..open]);
        out.push(Token::Text, &rest[open..open + length + 2]);
        rest = &rest[open + length + 2..];
    }
    out.push(Token::Plain, rest);
}

fn samples<'a>(line: &'a str, out: &mut Pieces<'a>) {
    if line.starts_with('#') {
        out.push(Token::Comment, line);
        return;
    }
    let name = line.find(['{', ' ', '\t']).unwrap_or(line.len());
    out.push(Token::Key, &line[..name]);
    let rest = &line[name..];
    // The labels end at the last brace: values may hold braces.
    let end = if rest.starts_with('{') { rest.rfind('}').map_or(rest.len(), |at| at + 1) } else { 0 };
    flow(&rest[..end], out);
    out.push(Token::Number, &rest[end..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(language: Language, line: &str, expect: &str) {
        let said: Vec<String> = pieces(language, line)
            .into_iter()
            .filter(|(_, piece)| !piece.trim().is_empty())
            .map(|(token, piece)| ["", piece, "/", &token.class().replace("tok-", "")].concat())
            .collect();
        assert_eq!(said.join(" "), expect);
    }

    #[test]
    fn yaml_lines() {
        let yaml = |line, expect| check(Language::Yaml, line, expect);
        yaml("# a: b", "# a: b/comment");
        yaml("  scrape_interval: 15s", "scrape_interval/key : / 15s/number");
        yaml("  - job_name: 'federate'  # x", "  - / job_name/key : / 'federate'/text # x/comment");
        yaml("'match[]':", "'match[]'/key :/");
        yaml(
            "- '{job=\"a\",x!~\"b=c\"}'",
            "- / '{job/text =/operator \"a\",x/text !~/operator \"b=c\"}'/text",
        );
        yaml("- targets: ['a:1', b]", "- / targets/key : / [/ 'a:1'/text , b]/");
        yaml("- prometheus-1:9090", "- / prometheus-1:9090/text");
        yaml("honor_labels: true", "honor_labels/key : / true/number");
    }

    #[test]
    fn sample_lines() {
        let samples = |line, expect| check(Language::Samples, line, expect);
        samples("# TYPE up gauge", "# TYPE up gauge/comment");
        samples("up 1", "up/key  1/number");
        samples("x{a=\"}\",b=\"c\"} 2 3", "x/key {a=/ \"}\"/text ,b=/ \"c\"/text }/  2 3/number");
        check(Language::Other, "bind *:9090 # all", "bind *:9090 / # all/comment");
    }

    proptest! {
        #[test]
        fn pieces_make_up_the_line(line in "[-a-z:#'\"{}=!~\\\\ é\\[\\]|0-9\t]{0,40}") {
            for language in [Language::Yaml, Language::Samples, Language::Other] {
                let whole: String = pieces(language, &line).into_iter().map(|(_, piece)| piece).collect();
                prop_assert_eq!(&whole, &line);
            }
        }
    }
}
