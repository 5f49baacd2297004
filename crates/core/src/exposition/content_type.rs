//! Which parser a response's `Content-Type` asks for (`model/textparse`, `extractMediaType`).

use crate::version::Version;

use super::Format;
use super::quote::quote;

/// What a response is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wire {
    /// One of the text formats.
    Text(Format),
    /// Prometheus' protocol buffers, which promtier does not read.
    Protobuf,
}

impl Wire {
    fn of_media_type(media_type: &str) -> Option<Self> {
        Some(match media_type {
            "text/plain" => Self::Text(Format::PrometheusText),
            "application/openmetrics-text" => Self::Text(Format::OpenMetricsText),
            "application/vnd.google.protobuf" => Self::Protobuf,
            _ => return None,
        })
    }

    /// The wire format of a `scrape_protocols` or `fallback_scrape_protocol` entry.
    #[must_use]
    pub fn of_scrape_protocol(protocol: &str) -> Option<Self> {
        Some(match protocol {
            "PrometheusText0.0.4" | "PrometheusText1.0.0" => Self::Text(Format::PrometheusText),
            "OpenMetricsText0.0.1" | "OpenMetricsText1.0.0" => Self::Text(Format::OpenMetricsText),
            "PrometheusProto" => Self::Protobuf,
            _ => return None,
        })
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Text(Format::PrometheusText) => "text/plain",
            Self::Text(Format::OpenMetricsText) => "application/openmetrics-text",
            Self::Protobuf => "application/vnd.google.protobuf",
        }
    }
}

/// How a response is read, and what Prometheus complains about while it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// What it is read as; `None`: the scrape fails with the complaint.
    pub wire: Option<Wire>,
    /// Prometheus' words, in its log where there is a wire format all the same.
    pub complaint: Option<String>,
}

/// How Prometheus of `version` reads a response with this `Content-Type` header (empty: without one), where
/// the scrape job's `fallback_scrape_protocol` is `fallback`. Before version 3 there is no fallback: what is
/// not understood is read as the Prometheus text format.
#[must_use]
pub fn negotiate(content_type: &str, fallback: Option<Wire>, version: Version) -> Negotiated {
    let media_type = parse_media_type(content_type);
    if !version.is_v3() {
        let wire = media_type.as_deref().ok().and_then(Wire::of_media_type);
        return Negotiated {
            wire: Some(wire.unwrap_or(Wire::Text(Format::PrometheusText))),
            complaint: media_type.err().filter(|_| !content_type.is_empty()).map(str::to_owned),
        };
    }
    let shown = quote(content_type.as_bytes());
    let using = fallback
        .map(|wire| format!("using fallback_scrape_protocol {}", quote(wire.media_type().as_bytes())));
    let complaint = match (media_type, using) {
        _ if content_type.is_empty() => match fallback {
            None => "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target".to_owned(),
            Some(wire) => format!(
                "non-compliant scrape target sending blank Content-Type, using fallback_scrape_protocol {}",
                quote(wire.media_type().as_bytes())
            ),
        },
        (Err(error), None) => {
            format!("cannot parse Content-Type {shown} and no fallback_scrape_protocol for target\n{error}")
        }
        (Err(error), Some(using)) => format!("could not parse received Content-Type {shown}, {using}\n{error}"),
        (Ok(media_type), using) => match (Wire::of_media_type(&media_type), using) {
            (Some(wire), _) => return Negotiated { wire: Some(wire), complaint: None },
            (None, None) => {
                format!("received unsupported Content-Type {shown} and no fallback_scrape_protocol specified for target")
            }
            (None, Some(using)) => format!("received unsupported Content-Type {shown}, {using}"),
        },
    };
    Negotiated { wire: fallback, complaint: Some(complaint) }
}

/// The media type in lower case: Go's `mime.ParseMediaType` without its parameters, with its errors.
fn parse_media_type(header: &str) -> Result<String, &'static str> {
    let (base, mut rest) = header.split_at(header.find(';').unwrap_or(header.len()));
    let media_type = base.trim().to_lowercase();
    let (kind, after) = token(&media_type);
    if kind.is_empty() {
        return Err("mime: no media type");
    }
    if !after.is_empty() {
        let after = after.strip_prefix('/').ok_or("mime: expected slash after first token")?;
        let (subtype, after) = token(after);
        if subtype.is_empty() {
            return Err("mime: expected token after slash");
        }
        if !after.is_empty() {
            return Err("mime: unexpected content after media subtype");
        }
    }
    let mut seen: Vec<(String, String)> = Vec::new();
    while !rest.trim_start().is_empty() {
        let Some((name, value, after)) = parameter(rest) else {
            // A semicolon at the end is let through.
            return if rest.trim() == ";" { Ok(media_type) } else { Err("mime: invalid media parameter") };
        };
        if seen.iter().any(|(have, other)| *have == name && *other != value) {
            return Err("mime: duplicate parameter name");
        }
        seen.push((name, value));
        rest = after;
    }
    Ok(media_type)
}

/// The token at the start of `text`, perhaps empty, and what follows.
fn token(text: &str) -> (&str, &str) {
    let fits = |c: char| c.is_ascii_graphic() && !"()<>@,;:\\\"/[]?=".contains(c);
    text.split_at(text.find(|c| !fits(c)).unwrap_or(text.len()))
}

/// Name, value and rest of the parameter at the start of `text`.
fn parameter(text: &str) -> Option<(String, String, &str)> {
    let rest = text.trim_start().strip_prefix(';')?.trim_start();
    let (name, rest) = token(rest);
    if name.is_empty() {
        return None;
    }
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let Some(quoted) = rest.strip_prefix('"') else {
        let (value, after) = token(rest);
        return (!value.is_empty()).then(|| (name.to_lowercase(), value.to_owned(), after));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((name.to_lowercase(), value, &quoted[at + 1..])),
            '\r' | '\n' => return None,
            '\\' => match chars.next_if(|(_, c)| "()<>@,;:\\\"/[]?=".contains(*c)) {
                Some((_, escaped)) => value.push(escaped),
                None => value.push('\\'),
            },
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_media_types_as_go_does() {
        let check = |header: &str, expect: Result<&str, &str>| {
            assert_eq!(parse_media_type(header), expect.map(str::to_owned), "{header:?}");
        };
        check(" Text/Plain ; version=0.0.4;", Ok("text/plain"));
        check("text/plain; charset=\"utf\\\"-8\"", Ok("text/plain"));
        check("text", Ok("text"));
        check("text plain", Err("mime: expected slash after first token"));
        check("text/plain; version", Err("mime: invalid media parameter"));
        check("text/plain; a=\"b", Err("mime: invalid media parameter"));
        check("text/plain; a=1; a=1", Ok("text/plain"));
        check("text/plain; a=1; A=2", Err("mime: duplicate parameter name"));
        check("", Err("mime: no media type"));
    }

    #[test]
    fn before_version_3_everything_is_text() {
        let check = |header: &str, expect: Wire| {
            assert_eq!(negotiate(header, None, Version::V2_42).wire, Some(expect), "{header:?}");
        };
        check("", Wire::Text(Format::PrometheusText));
        check("text/html", Wire::Text(Format::PrometheusText));
        check("/", Wire::Text(Format::PrometheusText));
        check("application/openmetrics-text; version=1.0.0", Wire::Text(Format::OpenMetricsText));
    }
}
