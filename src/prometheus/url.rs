//! URLs as Go's `net/url`, `Parse` reads them, with its words for those that it refuses.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::text::quote;
use crate::version::Version;

/// Since when releases are built with a Go that looks into brackets; patch releases of this line are.
const STRICT_BRACKETS: Version = Version::V3_5;

/// The parts of a URL that Prometheus looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Url {
    /// The scheme, in lower case.
    pub(super) scheme: String,
    /// The host with its port, escapes undone where they are ASCII.
    pub(super) host: String,
}

/// Where in a URL an escape stands, which decides what else may stand there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Host,
    Zone,
    Other,
}

/// Reads a URL.
pub(super) fn parse(text: &str, version: Version) -> Result<Url, String> {
    let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
    let url = parts(before, version).map_err(|fault| format!("parse {}: {fault}", quote(before)))?;
    unescape(fragment, Part::Other).map_err(|fault| format!("parse {}: {fault}", quote(text)))?;
    Ok(url)
}

fn parts(text: &str, version: Version) -> Result<Url, String> {
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    if text == "*" {
        return Ok(Url::default());
    }
    let (scheme, rest) = scheme(text)?;
    let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
    let mut url = Url { scheme: scheme.to_ascii_lowercase(), host: String::new() };
    if !rest.starts_with('/') {
        if !url.scheme.is_empty() {
            return Ok(url);
        }
        if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    let mut path = rest;
    if let Some(authority) = rest.strip_prefix("//")
        && (!url.scheme.is_empty() || !authority.starts_with('/'))
    {
        let end = authority.find('/').unwrap_or(authority.len());
        url.host = host_of(&authority[..end], version)?;
        path = &authority[end..];
    }
    unescape(path, Part::Other)?;
    Ok(url)
}

fn scheme(text: &str) -> Result<(&str, &str), String> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Ok(("", text))
}

/// `parseAuthority`: the host; what stands before an `@` is only checked.
fn host_of(authority: &str, version: Version) -> Result<String, String> {
    let Some((user, host)) = authority.rsplit_once('@') else { return parse_host(authority, version) };
    let host = parse_host(host, version)?;
    let is_valid = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if !user.chars().all(is_valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    unescape(user, Part::Other)?;
    Ok(host)
}

fn parse_host(host: &str, version: Version) -> Result<String, String> {
    let is_strict = version >= STRICT_BRACKETS;
    if is_strict && host.rfind('[').is_some_and(|open| open > 0) {
        return Err("invalid IP-literal".to_owned());
    }
    if host.starts_with('[') {
        let Some(end) = host.rfind(']') else { return Err("missing ']' in host".to_owned()) };
        valid_port(&host[end + 1..])?;
        if is_strict {
            address(&host[1..end])?;
        }
        if let Some(zone) = host[..end].find("%25") {
            let address = unescape(&host[..zone], Part::Host)?;
            let zone = unescape(&host[zone..end], Part::Zone)?;
            return Ok(format!("{address}{zone}{}", unescape(&host[end..], Part::Host)?));
        }
    } else if let Some(colon) = host.rfind(':') {
        valid_port(&host[colon..])?;
    }
    unescape(host, Part::Host)
}

/// What stands in brackets must be an address of IPv6, since Go's releases of October 2025.
fn address(text: &str) -> Result<(), String> {
    let (address, zone) = text.split_once("%25").unwrap_or((text, ""));
    let address = unescape(address, Part::Host)?;
    unescape(zone, Part::Zone)?;
    if address.parse::<Ipv6Addr>().is_ok() && zone.is_empty() != text.contains("%25") {
        Ok(())
    } else if address.parse::<Ipv4Addr>().is_ok() {
        Err("invalid IP-literal".to_owned())
    } else {
        Err(format!("invalid host: ParseAddr({}): unable to parse IP", quote(&address)))
    }
}

fn valid_port(port: &str) -> Result<(), String> {
    let is_valid = port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    if is_valid { Ok(()) } else { Err(format!("invalid port {} after host", quote(port))) }
}

/// Checks escapes, and in a host which characters it has. The answer is exact for ASCII, which is all that
/// is asked of it: whether it is empty.
fn unescape(text: &str, part: Part) -> Result<String, String> {
    let bytes = text.as_bytes();
    let hex = |at: usize| bytes.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'%' {
            let is_host = part != Part::Other;
            if is_host && byte.is_ascii() && !may_stand_in_host(byte) {
                return Err(format!("invalid character {} in host name", quote([byte])));
            }
            out.push(byte);
            at += 1;
            continue;
        }
        let escape = &bytes[at..bytes.len().min(at + 3)];
        let fault = || format!("invalid URL escape {}", quote(escape));
        let (Some(high), Some(low)) = (hex(at + 1), hex(at + 2)) else { return Err(fault()) };
        if part == Part::Host && high < 8 && escape != b"%25" {
            return Err(fault());
        }
        let value = (high * 16 + low) as u8;
        if part == Part::Zone && escape != b"%25" && value != b' ' && !may_stand_in_host(value) {
            return Err(fault());
        }
        out.push(value);
        at += 3;
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn may_stand_in_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || br#"!$&'()*+,;=:[]<>"-_.~"#.contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn urls_are_read_as_go_does() {
        let check = |text: &str, expect: Result<(&str, &str), &str>| {
            let read = parse(text, Version::V2_42);
            let read =
                read.as_ref().map(|url| (url.scheme.as_str(), url.host.as_str())).map_err(String::as_str);
            assert_eq!(read, expect, "{text:?}");
        };
        check("", Ok(("", "")));
        check("*", Ok(("", "")));
        check("http://a:9090/b?c#d", Ok(("http", "a:9090")));
        check("HTTP://a", Ok(("http", "a")));
        check("mailto:x", Ok(("mailto", "")));
        check("localhost:9090", Ok(("localhost", "")));
        check("a/b", Ok(("", "")));
        check("//a/b", Ok(("", "a")));
        check("///a", Ok(("", "")));
        check("http://u:p@a", Ok(("http", "a")));
        check("http://[::1]:9", Ok(("http", "[::1]:9")));
        check("http://[fe80::1%25en0]", Ok(("http", "[fe80::1%en0]")));
        check("http://é", Ok(("http", "é")));
        check(":a", Err("parse \":a\": missing protocol scheme"));
        check("1:a", Err("parse \"1:a\": first path segment in URL cannot contain colon"));
        check("http://a b", Err("parse \"http://a b\": invalid character \" \" in host name"));
        check("http://a:b", Err("parse \"http://a:b\": invalid port \":b\" after host"));
        check("http://[::1", Err("parse \"http://[::1\": missing ']' in host"));
        check("http://a/%zz", Err("parse \"http://a/%zz\": invalid URL escape \"%zz\""));
        check("http://a/%2", Err("parse \"http://a/%2\": invalid URL escape \"%2\""));
        check("http://a%41", Err("parse \"http://a%41\": invalid URL escape \"%41\""));
        check("http://a\n", Err("parse \"http://a\\n\": net/url: invalid control character in URL"));
        check("http://<@a", Err("parse \"http://<@a\": net/url: invalid userinfo"));
        check("http://a#%", Err("parse \"http://a#%\": invalid URL escape \"%\""));
    }

    #[test]
    fn brackets_hold_addresses_since_3_5() {
        let check = |text: &str, old: bool, new: bool| {
            let found = (parse(text, Version::V2_42).is_ok(), parse(text, Version::V3_5).is_ok());
            assert_eq!(found, (old, new), "{text:?}");
        };
        check("http://[::1]:80", true, true);
        check("http://[::ffff:1.2.3.4]", true, true);
        check("http://[fe80::1%25en0]", true, true);
        check("http://[::1", false, false);
        check("http://[::1]x", false, false);
        check("http://a[b", true, false);
        check("http://a]b", true, true);
        check("http://[a]", true, false);
        check("http://[]", true, false);
        check("http://[1.2.3.4]", true, false);
        check("http://[::1]]", true, false);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[a-z:/?#@%\\[\\]0-9é .]{0,20}") {
            let _ = (parse(&text, Version::V2_42), parse(&text, Version::NEWEST));
        }
    }
}
