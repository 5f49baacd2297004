//! What words mean, how Prometheus names them in its complaints, and what strings spell.

use bstr::{BString, ByteSlice as _};

use super::token::{Kind, UNDERSCORES};
use crate::text::quote;
use crate::version::Version;

/// What a lower-case word is to PromQL of `version`, where it is more than a name.
pub fn keyword(word: &[u8], version: Version) -> Option<Kind> {
    let since = |minor| version >= Version { major: 3, minor };
    Some(match word {
        b"and" | b"or" | b"unless" | b"atan2" => Kind::OperatorWord,
        b"sum" | b"avg" | b"count" | b"min" | b"max" | b"group" | b"stddev" | b"stdvar" | b"topk"
        | b"bottomk" | b"count_values" | b"quantile" => Kind::Aggregator,
        b"limitk" | b"limit_ratio" if version >= UNDERSCORES => Kind::Aggregator,
        b"offset" | b"by" | b"without" | b"on" | b"ignoring" | b"group_left" | b"group_right" | b"bool" => {
            Kind::Keyword
        }
        b"anchored" | b"smoothed" if since(7) => Kind::Keyword,
        b"fill" | b"fill_left" | b"fill_right" if since(10) => Kind::Keyword,
        b"start" | b"end" => Kind::Preprocessor,
        b"step" if since(6) => Kind::Preprocessor,
        b"range" if since(10) => Kind::Preprocessor,
        b"max_of" | b"min_of" if since(13) => Kind::Preprocessor,
        b"inf" | b"nan" => Kind::Number,
        _ => return None,
    })
}

/// What a lower-case word is to an expression of durations, where it is anything.
pub fn duration_word(word: &[u8], version: Version) -> Option<Kind> {
    let since = |minor| version >= Version { major: 3, minor };
    Some(match word {
        b"step" if since(6) => Kind::Preprocessor,
        b"range" if since(10) => Kind::Preprocessor,
        b"min" | b"max" if since(6) && !since(13) => Kind::Aggregator,
        b"max_of" | b"min_of" if since(13) => Kind::Preprocessor,
        _ => return None,
    })
}

/// Whether a word that is a keyword may still name a metric before the braces.
pub fn names_metric(kind: Kind, lower: &[u8], version: Version) -> bool {
    match kind {
        Kind::Identifier | Kind::MetricIdentifier | Kind::Aggregator | Kind::Preprocessor => true,
        Kind::OperatorWord => lower != b"atan2",
        Kind::Keyword => match lower {
            b"on" | b"ignoring" | b"group_left" | b"group_right" | b"bool" => false,
            // An oversight of one release.
            b"anchored" | b"smoothed" => version != Version { major: 3, minor: 7 },
            _ => true,
        },
        _ => false,
    }
}

/// Go's description of an unexpected word: `Item.desc` and `Item.String` of the lexer.
pub fn describe(kind: Kind, text: &[u8], version: Version) -> String {
    let short = || {
        if text.len() > 10 {
            let end = text.char_indices().nth(10).map_or(text.len(), |(start, ..)| start);
            format!("{}...", quote(&text[..end]))
        } else {
            quote(text)
        }
    };
    let plain = text.to_str_lossy();
    match kind {
        Kind::Identifier => format!("identifier {}", quote(text)),
        Kind::MetricIdentifier => format!("metric identifier {}", quote(text)),
        Kind::OperatorWord | Kind::Operator | Kind::NotEqual | Kind::EqualRegex | Kind::NotEqualRegex => {
            format!("<op:{plain}>")
        }
        Kind::At => match unnamed_at(version) {
            Some(number) => format!("\"<Item {number}>\" <op:@>"),
            None => "<op:@>".into(),
        },
        Kind::Aggregator => format!("<aggr:{plain}>"),
        Kind::Keyword => format!("<{plain}>"),
        Kind::String => format!("string {}", short()),
        Kind::Number => format!("number {}", short()),
        Kind::Duration => format!("duration {}", short()),
        Kind::End => "end of input".into(),
        _ => short(),
    }
}

/// Before 3.8 the lexer had no word for `@`, and printed its number, which moved with the grammar.
fn unnamed_at(version: Version) -> Option<u32> {
    match (version.major, version.minor) {
        (2, ..47) => Some(57385),
        (2, 47..54) => Some(57398),
        (2, 54) => Some(57399),
        (2, _) | (3, ..8) => Some(57400),
        _ => None,
    }
}

/// The text that a string spells: `util/strutil/quote.go`, `Unquote`. Of a string with faults, what can be
/// read.
pub fn unquote(string: &[u8]) -> BString {
    let Some((&quote, rest)) = string.split_first() else { return BString::default() };
    let mut rest = rest.strip_suffix(&[quote]).unwrap_or(rest);
    if quote == b'`' {
        return rest.into();
    }
    let mut out = Vec::with_capacity(rest.len());
    while let Some(at) = rest.find_byte(b'\\') {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let Some((&escape, after)) = rest.split_first() else { break };
        let (digits, skip, radix) = match escape {
            b'x' => (2, 1, 16),
            b'u' => (4, 1, 16),
            b'U' => (8, 1, 16),
            b'0'..=b'7' => (3, 0, 8),
            _ => {
                out.push(match escape {
                    b'a' => 0x07,
                    b'b' => 0x08,
                    b'f' => 0x0C,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'v' => 0x0B,
                    other => other,
                });
                rest = after;
                continue;
            }
        };
        let number = rest
            .get(skip..skip + digits)
            .and_then(|digits| digits.to_str().ok())
            .and_then(|digits| u32::from_str_radix(digits, radix).ok());
        let Some(number) = number else { continue };
        rest = &rest[skip + digits..];
        if digits <= 3 {
            out.push(number as u8);
        } else if let Some(c) = char::from_u32(number) {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    out.extend_from_slice(rest);
    out.into()
}
