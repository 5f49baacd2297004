//! What a scalar's text means: go-yaml v2's `resolve`, which is YAML 1.1 with Go's number syntax.

use super::tree::ScalarStyle;

/// An explicit tag, such as `!!str`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The tag in full: `tag:yaml.org,2002:str`, or `!name` for a local one.
    pub name: String,
}

const CORE: &str = "tag:yaml.org,2002:";

impl Tag {
    /// The tag as go-yaml prints it: `!!str`.
    #[must_use]
    pub fn short(&self) -> String {
        self.core().map_or_else(|| self.name.clone(), |suffix| format!("!!{suffix}"))
    }

    /// The part after the core schema's prefix.
    #[must_use]
    pub fn core(&self) -> Option<&str> {
        self.name.strip_prefix(CORE)
    }
}

/// A scalar's value by go-yaml's rules.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// `~`, `null` or nothing.
    Null,
    /// `true`, `yes`, `on`, `y` and their opposites.
    Bool(bool),
    /// A whole number that fits in 64 bits with a sign.
    Int(i64),
    /// A larger one that fits without.
    Uint(u64),
    /// Any other number.
    Float(f64),
    /// A date or a time, which every type of Prometheus' configuration reads as text.
    Timestamp,
    /// Bytes written in base64.
    Binary(Vec<u8>),
    /// Text.
    Text,
    /// Something with a tag that is not YAML's own.
    Custom(String),
}

impl Resolved {
    /// The tag as go-yaml names it in its messages.
    #[must_use]
    pub fn tag(&self) -> &str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) | Self::Uint(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::Timestamp => "!!timestamp",
            Self::Binary(_) => "!!binary",
            Self::Text => "!!str",
            Self::Custom(tag) => tag,
        }
    }
}

/// Resolves a scalar. The error is go-yaml's message, without its `yaml: `.
pub(super) fn resolve(value: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Resolved, String> {
    let Some(tag) = tag else {
        return Ok(if style == ScalarStyle::Plain { implicit(value, true) } else { Resolved::Text });
    };
    let Some(core) = tag.core() else {
        return Ok(if tag.name == "!" { Resolved::Text } else { Resolved::Custom(tag.short()) });
    };
    match core {
        "str" => return Ok(Resolved::Text),
        "binary" => {
            return base64(value)
                .map(Resolved::Binary)
                .ok_or_else(|| "!!binary value contains invalid base64 data".to_owned());
        }
        "bool" | "int" | "float" | "null" | "timestamp" => {}
        _ => return Ok(Resolved::Custom(tag.short())),
    }
    let resolved = match implicit(value, core == "timestamp") {
        Resolved::Int(int) if core == "float" => Resolved::Float(int as f64),
        other => other,
    };
    if resolved.tag().strip_prefix("!!") == Some(core) {
        Ok(resolved)
    } else {
        Err(format!("cannot decode {} `{value}` as a !!{core}", resolved.tag()))
    }
}

/// The type that a plain scalar's text gives it.
fn implicit(value: &str, timestamps: bool) -> Resolved {
    match value {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Resolved::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Resolved::Bool(false);
        }
        "" | "~" | "null" | "Null" | "NULL" => return Resolved::Null,
        ".nan" | ".NaN" | ".NAN" => return Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::Float(f64::NEG_INFINITY),
        _ => {}
    }
    match value.as_bytes().first() {
        // Go's own syntax here, so that hexadecimal floats are numbers; they cannot start with a point.
        Some(b'.') => float(value).map_or(Resolved::Text, Resolved::Float),
        Some(b'0'..=b'9' | b'+' | b'-') => {
            if timestamps && is_timestamp(value) {
                return Resolved::Timestamp;
            }
            number(&value.replace('_', ""))
        }
        _ => Resolved::Text,
    }
}

fn number(plain: &str) -> Resolved {
    let (sign, digits) = match plain.as_bytes().first() {
        Some(b'-') => (-1, &plain[1..]),
        Some(b'+') => (1, &plain[1..]),
        _ => (1, plain),
    };
    if let Some(magnitude) = integer(digits) {
        let signed = i128::from(magnitude) * sign;
        if let Ok(int) = i64::try_from(signed) {
            return Resolved::Int(int);
        }
        // Go's unsigned parser takes no sign at all.
        if digits.len() == plain.len() {
            return Resolved::Uint(magnitude);
        }
    }
    float(plain).map_or(Resolved::Text, Resolved::Float)
}

/// Go's `strconv.ParseUint` with base 0; underscores are gone already.
fn integer(digits: &str) -> Option<u64> {
    let lower = |prefix: &str| {
        digits.get(..2).filter(|start| start.eq_ignore_ascii_case(prefix)).map(|_| &digits[2..])
    };
    let (rest, radix) = if let Some(rest) = lower("0x") {
        (rest, 16)
    } else if let Some(rest) = lower("0b") {
        (rest, 2)
    } else if let Some(rest) = lower("0o") {
        (rest, 8)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (&digits[1..], 8)
    } else {
        (digits, 10)
    };
    // Rust's parser takes a sign of its own.
    if rest.is_empty() || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    u64::from_str_radix(rest, radix).ok()
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, read as Go does: out of range is no number.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let whole = digits(unsigned);
    let mut rest = &unsigned[whole..];
    let mut fraction = 0;
    if let Some(after) = rest.strip_prefix('.') {
        fraction = digits(after);
        rest = &after[fraction..];
    }
    if whole + fraction == 0 {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if exponent.is_empty() || digits(exponent) != exponent.len() {
            return None;
        }
    } else if !rest.is_empty() {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Whether go-yaml's `parseTimestamp` would take it: `2006-1-2`, alone or with a time.
fn is_timestamp(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut rest = &value[5..];
    let number = |separators: &[char], low: u32, high: u32, rest: &mut &str| -> bool {
        let len = digits(rest);
        let Some(value) = rest.get(..len).filter(|_| (1..=2).contains(&len)).and_then(|d| d.parse().ok())
        else {
            return false;
        };
        *rest = &rest[len..];
        if !separators.is_empty() {
            let Some(after) = rest.strip_prefix(separators) else {
                return false;
            };
            *rest = after;
        }
        (low..=high).contains(&value)
    };
    if !number(&['-'], 1, 12, &mut rest) || !number(&[], 1, 31, &mut rest) {
        return false;
    }
    let zoned = match rest.as_bytes().first() {
        None => return true,
        Some(b'T' | b't') => true,
        Some(b' ') => false,
        _ => return false,
    };
    rest = &rest[1..];
    if !number(&[':'], 0, 23, &mut rest)
        || !number(&[':'], 0, 59, &mut rest)
        || !number(&[], 0, 59, &mut rest)
    {
        return false;
    }
    if let Some(after) = rest.strip_prefix(['.', ',']) {
        let len = digits(after);
        if len == 0 {
            return false;
        }
        rest = &after[len..];
    }
    if !zoned {
        return rest.is_empty();
    }
    let zone = rest.as_bytes();
    rest == "Z"
        || (zone.len() == 6
            && matches!(zone[0], b'+' | b'-')
            && zone[3] == b':'
            && [1, 2, 4, 5].iter().all(|&at| zone[at].is_ascii_digit()))
}

/// Go's standard base64, which skips line breaks and insists on padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    if !digits.len().is_multiple_of(4) {
        return None;
    }
    let padding = digits.iter().rev().take_while(|&&byte| byte == b'=').count();
    if padding > 2 {
        return None;
    }
    let mut out = Vec::with_capacity(digits.len() / 4 * 3);
    let mut held = 0u32;
    let mut bits = 0;
    for &byte in &digits[..digits.len() - padding] {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = held << 6 | u32::from(digit);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_have_go_yamls_types() {
        let check = |text: &str, expect: Resolved| {
            assert_eq!(resolve(text, ScalarStyle::Plain, None), Ok(expect), "{text:?}");
        };
        check("yes", Resolved::Bool(true));
        check("On", Resolved::Bool(true));
        check("y", Resolved::Bool(true));
        check("yEs", Resolved::Text);
        check("off", Resolved::Bool(false));
        check("", Resolved::Null);
        check("~", Resolved::Null);
        check("Null", Resolved::Null);
        check("nULL", Resolved::Text);
        check("12", Resolved::Int(12));
        check("+12", Resolved::Int(12));
        check("-12", Resolved::Int(-12));
        check("1_000", Resolved::Int(1000));
        check("0o17", Resolved::Int(15));
        check("017", Resolved::Int(15));
        check("0x_1F", Resolved::Int(31));
        check("0b101", Resolved::Int(5));
        check("-0b101", Resolved::Int(-5));
        check("08", Resolved::Float(8.0));
        check("-9223372036854775808", Resolved::Int(i64::MIN));
        check("9223372036854775808", Resolved::Uint(1 << 63));
        check("18446744073709551616", Resolved::Float(18_446_744_073_709_551_616.0));
        check("1.5", Resolved::Float(1.5));
        check("1.", Resolved::Float(1.0));
        check(".5", Resolved::Float(0.5));
        check("1e3", Resolved::Float(1000.0));
        check("1e999", Resolved::Text);
        check(".", Resolved::Text);
        check("1:30", Resolved::Text);
        check("5s", Resolved::Text);
        check("-", Resolved::Text);
        check("--1", Resolved::Text);
        check("0x", Resolved::Text);
        check(".inf", Resolved::Float(f64::INFINITY));
        check("2006-01-02", Resolved::Timestamp);
        check("2006-1-2T15:04:05Z", Resolved::Timestamp);
        check("2006-1-2 15:04:05.5", Resolved::Timestamp);
        check("2006-13-02", Resolved::Text);
        check("<<", Resolved::Text);
        check("10.0.0.1", Resolved::Text);
    }

    #[test]
    fn tags_override_or_refuse() {
        let tag = |name: &str| Tag { name: format!("{CORE}{name}") };
        assert_eq!(resolve("5", ScalarStyle::Plain, Some(&tag("str"))), Ok(Resolved::Text));
        assert_eq!(resolve("5", ScalarStyle::DoubleQuoted, Some(&tag("int"))), Ok(Resolved::Int(5)));
        assert_eq!(resolve("5", ScalarStyle::Plain, Some(&tag("float"))), Ok(Resolved::Float(5.0)));
        assert_eq!(
            resolve("x", ScalarStyle::Plain, Some(&tag("int"))),
            Err("cannot decode !!str `x` as a !!int".to_owned())
        );
        assert_eq!(
            resolve("/w==", ScalarStyle::Plain, Some(&tag("binary"))),
            Ok(Resolved::Binary(vec![0xff]))
        );
        assert_eq!(
            resolve("?", ScalarStyle::Plain, Some(&tag("binary"))),
            Err("!!binary value contains invalid base64 data".to_owned())
        );
        let local = Tag { name: "!secret".to_owned() };
        assert_eq!(
            resolve("x", ScalarStyle::Plain, Some(&local)),
            Ok(Resolved::Custom("!secret".to_owned()))
        );
    }
}
