//! `config/config.go`: `RemoteWriteConfig.UnmarshalYAML`, `RemoteReadConfig.UnmarshalYAML` and
//! `QueueConfig.Validate`; the `sigv4` package.

use crate::diagnostic::Diagnostic;
use crate::version::Version;
use crate::yaml::Spanned;

use super::super::codes;
use super::super::value::{Fields, Findings, Value};
use super::http_client::{RESERVED, conflict, http_client};

const V2_45: Version = Version { major: 2, minor: 45 };
const V2_54: Version = Version { major: 2, minor: 54 };
const V2_55: Version = Version { major: 2, minor: 55 };
const V3_8: Version = Version { major: 3, minor: 8 };
const V3_12: Version = Version { major: 3, minor: 12 };
/// Only a scrape has this one.
const SCRAPE_TIMEOUT: &str = "x-prometheus-scrape-timeout-seconds";
const MESSAGES: [&str; 2] = ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"];

/// An item of `remote_write`.
pub(in crate::prometheus) fn remote_write(fields: &Fields, found: &mut Findings<'_>) {
    let version = found.version;
    url(fields, "url for remote_write is empty", found);
    headers(fields, found);
    if let Some(Value::Text(message)) = fields.value("protobuf_message")
        && version >= V2_54
        && !MESSAGES.contains(&message.value.as_str())
    {
        let kind = if version >= V3_8 {
            "type for remote write protobuf message"
        } else {
            "remote write protobuf message"
        };
        let supported = MESSAGES.join(", ");
        let text = format!(
            "invalid protobuf_message value: unknown {kind} {}, supported: {supported}",
            message.value
        );
        found.invalid(fields.at("protobuf_message"), text);
    }
    http_client(fields, found);
    queue(fields, found);
    authentication(fields, found);
}

/// An item of `remote_read`.
pub(in crate::prometheus) fn remote_read(fields: &Fields, found: &mut Findings<'_>) {
    url(fields, "url for remote_read is empty", found);
    headers(fields, found);
    http_client(fields, found);
}

fn url(fields: &Fields, message: &'static str, found: &mut Findings<'_>) {
    // An empty URL is one.
    if matches!(fields.value("url"), None | Some(Value::Null(_))) {
        found.missing(fields.at("url"), message);
    }
}

fn headers(fields: &Fields, found: &mut Findings<'_>) {
    let message = if found.version >= V2_55 {
        "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter"
    } else if found.version >= V2_45 {
        "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, or azuread parameter"
    } else {
        "authorization header must be changed via the basic_auth, authorization, oauth2, or sigv4 parameter"
    };
    for (header, _) in fields.map("headers") {
        reserved_header(header, message, found);
    }
}

/// `validateHeaders` and `validateHeadersForTracing`.
pub(super) fn reserved_header(
    header: &Spanned<String>,
    authorization: &'static str,
    found: &mut Findings<'_>,
) {
    let lower = header.value.to_lowercase();
    let message = if lower == "authorization" {
        authorization.to_owned()
    } else if lower != SCRAPE_TIMEOUT && RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(&lower))
    {
        format!("{} is a reserved header. It must not be changed", header.value)
    } else {
        return;
    };
    found.report(Diagnostic::error(codes::RESERVED_HEADER, header.span, message));
}

/// `QueueConfig.Validate`, since 3.12.
fn queue(fields: &Fields, found: &mut Findings<'_>) {
    if found.version < V3_12 {
        return;
    }
    let at = fields.key_at("queue_config");
    let (queue, is_null) = match fields.value("queue_config") {
        Some(Value::Section(queue)) => (Some(queue), false),
        Some(Value::Null(_)) => (None, true),
        _ => return,
    };
    let number = |name: &str, default: i64| match queue.and_then(|queue| queue.value(name)) {
        Some(Value::Int(number)) => Some(number.value),
        Some(_) => None,
        None => Some(if is_null { 0 } else { default }),
    };
    let place = |name: &str| queue.and_then(|queue| queue.find(name)).map_or(at, |entry| entry.span);
    let (most, least) = (number("max_shards", 50), number("min_shards", 1));
    for (name, default) in
        [("max_shards", 50), ("min_shards", 1), ("max_samples_per_send", 2000), ("capacity", 10_000)]
    {
        if number(name, default).is_some_and(|number| number <= 0) {
            found.invalid(place(name), format!("remote write queue {name} must be positive"));
            if is_null {
                // Null is 0 for all of them; once is enough.
                return;
            }
        }
    }
    if let (Some(most), Some(least)) = (most, least)
        && least > most
        && most > 0
    {
        let message = "remote write queue min_shards must not be greater than max_shards";
        found.conflict(place("min_shards"), message);
    }
    let backoff = |name: &str, default: u64| match queue.and_then(|queue| queue.value(name)) {
        Some(Value::Duration(duration)) => Some(duration.value.as_millis()),
        Some(_) => None,
        None => Some(default),
    };
    if let (Some(least), Some(most)) = (backoff("min_backoff", 30), backoff("max_backoff", 5000))
        && most < least
    {
        let name = if queue.is_some_and(|queue| queue.find("max_backoff").is_some()) {
            "max_backoff"
        } else {
            "min_backoff"
        };
        let message = "remote write queue max_backoff must not be less than min_backoff";
        found.conflict(place(name), message);
    }
}

/// `validateAuthConfigs`, and what came before it.
fn authentication(fields: &Fields, found: &mut Findings<'_>) {
    // A bearer token has become an authorization by then.
    let token = ["bearer_token", "bearer_token_file"].into_iter().find(|key| fields.has_text(key));
    let mut keys: Vec<(&str, &str)> = Vec::new();
    for key in ["basic_auth", "authorization", "oauth2", "sigv4", "azuread", "google_iam"] {
        if fields.has(key) {
            keys.push((key, key));
        } else if let (Some(token), "authorization") = (token, key) {
            keys.push((key, token));
        }
    }
    let version = found.version;
    // What HTTP settings allow only one of has been said.
    let own = keys.iter().filter(|(key, _)| ["sigv4", "azuread", "google_iam"].contains(key)).count();
    let (Some(first), Some(last)) = (keys.first(), keys.last()) else { return };
    if keys.len() < 2 || own == 0 {
        return;
    }
    let message = if version >= V2_55 {
        let names: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
        format!(
            "at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured. Currently configured: [{}]",
            names.join(" ")
        )
    } else if version >= V2_45 {
        "at most one of basic_auth, authorization, oauth2, sigv4, & azuread must be configured".to_owned()
    } else {
        "at most one of basic_auth, authorization, oauth2, & sigv4 must be configured".to_owned()
    };
    conflict(fields, first.1, last.1, &message, found);
}

/// `sigv4`: `SigV4Config.Validate`.
pub(in crate::prometheus) fn sigv4(fields: &Fields, found: &mut Findings<'_>) {
    let keys = ["access_key", "secret_key"];
    if keys.iter().any(|key| fields.is_broken(key)) {
        return;
    }
    let given = keys.iter().find(|key| fields.has_text(key));
    if let Some(given) = given
        && keys.iter().any(|key| !fields.has_text(key))
    {
        let message = "must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config";
        found.missing(fields.key_at(given), message);
    }
    if fields.has_text("external_id") && fields.lacks("role_arn", found.version) {
        found.missing(fields.key_at("external_id"), "external_id can only be used with role_arn");
    }
}
