//! `common/config`: `HTTPClientConfig.Validate`, `TLSConfig.Validate` and `ProxyConfig.Validate`.

use crate::diagnostic::Diagnostic;
use crate::text::quote;
use crate::version::Version;

use super::super::codes;
use super::super::value::{Fields, Findings, Value};

const V2_45: Version = Version { major: 2, minor: 45 };
const V2_49: Version = Version { major: 2, minor: 49 };
const V2_51: Version = Version { major: 2, minor: 51 };
const V2_53: Version = Version { major: 2, minor: 53 };
const V3_8: Version = Version { major: 3, minor: 8 };
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Headers that Prometheus sets itself: `ReservedHeaders`.
pub(super) const RESERVED: [&str; 18] = [
    "Authorization",
    "Host",
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "User-Agent",
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Www-Authenticate",
    "Accept-Encoding",
    "X-Prometheus-Remote-Write-Version",
    "X-Prometheus-Remote-Read-Version",
    "X-Prometheus-Scrape-Timeout-Seconds",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "X-Amz-Content-Sha256",
];

/// Reports `message` where more than one of `keys` has a text.
pub(super) fn at_most_one(fields: &Fields, keys: &[&str], message: &str, found: &mut Findings<'_>) {
    let mut set = keys.iter().filter(|key| fields.has_text(key));
    if let (Some(first), Some(second)) = (set.next(), set.next()) {
        conflict(fields, first, second, message, found);
    }
}

/// Two keys that cannot be set both: the second is reported, the first named.
pub(super) fn conflict(fields: &Fields, first: &str, second: &str, message: &str, found: &mut Findings<'_>) {
    let diagnostic = Diagnostic::error(codes::CONFLICT, fields.key_at(second), message.to_owned())
        .help("Remove one of them.");
    found.report(match fields.find(first) {
        Some(other) => diagnostic.label(other.name, "the other one"),
        None => diagnostic,
    });
}

/// The settings of requests that stand in `fields`.
pub(super) fn http_client(fields: &Fields, found: &mut Findings<'_>) {
    let version = found.version;
    let tokens = ["bearer_token", "bearer_token_file"];
    let token = tokens.iter().copied().find(|key| fields.has_text(key));
    at_most_one(fields, &tokens, "at most one of bearer_token & bearer_token_file must be configured", found);
    let other = ["basic_auth", "oauth2"].into_iter().find(|key| fields.has(key));
    if let (Some(other), Some(token)) = (other, token) {
        let message =
            "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured";
        conflict(fields, other, token, message, found);
    }
    if let Some(basic) = fields.section("basic_auth") {
        let (user, password) = if version >= V2_53 {
            (
                "at most one of basic_auth username, username_file & username_ref must be configured",
                "at most one of basic_auth password, password_file & password_ref must be configured",
            )
        } else {
            (
                "at most one of basic_auth username & username_file must be configured",
                "at most one of basic_auth password & password_file must be configured",
            )
        };
        if version >= V2_49 {
            at_most_one(basic, &["username", "username_file", "username_ref"], user, found);
        }
        at_most_one(basic, &["password", "password_file", "password_ref"], password, found);
    }
    if let Some(authorization) = fields.section("authorization") {
        if let Some(token) = token {
            let message = "authorization is not compatible with bearer_token & bearer_token_file";
            conflict(fields, "authorization", token, message, found);
        }
        let message = "at most one of authorization credentials & credentials_file must be configured";
        at_most_one(authorization, &["credentials", "credentials_file", "credentials_ref"], message, found);
        if authorization.text("type").trim().eq_ignore_ascii_case("basic") {
            let message = r#"authorization type cannot be set to "basic", use "basic_auth" instead"#;
            found.invalid(authorization.at("type"), message);
        }
        if let Some(other) = other {
            let message = "at most one of basic_auth, oauth2 & authorization must be configured";
            conflict(fields, "authorization", other, message, found);
        }
    } else if fields.has("basic_auth") && fields.has("oauth2") {
        let message = "at most one of basic_auth, oauth2 & authorization must be configured";
        conflict(fields, "basic_auth", "oauth2", message, found);
    }
    if let Some(oauth2) = fields.section("oauth2") {
        client_credentials(oauth2, found);
    }
    proxy(fields, found);
    for (name, _) in fields.map("http_headers") {
        let canonical = canonical(&name.value);
        // Before 3.4 the list was the same.
        if RESERVED.contains(&canonical.as_str()) {
            found.report(
                Diagnostic::error(
                    codes::RESERVED_HEADER,
                    name.span,
                    format!("setting header {} is not allowed", quote(&canonical)),
                )
                .because("Prometheus sets this header itself, or a key of its own does."),
            );
        }
    }
}

fn client_credentials(oauth2: &Fields, found: &mut Findings<'_>) {
    let version = found.version;
    if oauth2.lacks("client_id", version) {
        found.missing(oauth2.at("client_id"), "oauth2 client_id must be configured");
    }
    if oauth2.lacks("token_url", version) {
        found.missing(oauth2.at("token_url"), "oauth2 token_url must be configured");
    }
    let secrets = ["client_secret", "client_secret_file", "client_secret_ref"];
    if version < V2_51 && secrets.iter().all(|key| oauth2.lacks(key, version)) {
        let message = "either oauth2 client_secret or client_secret_file must be configured";
        found.missing(oauth2.at("client_secret"), message);
    }
    if version < V2_53 {
        let message = "at most one of oauth2 client_secret & client_secret_file must be configured";
        at_most_one(oauth2, &secrets, message, found);
    } else if version < V3_8 {
        let message =
            "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured";
        at_most_one(oauth2, &secrets, message, found);
    } else if oauth2.text("grant_type") == JWT_BEARER {
        let keys = ["client_certificate_key", "client_certificate_key_file", "client_certificate_key_ref"];
        let message = "at most one of oauth2 client_certificate_key, client_certificate_key_file & client_certificate_key_ref must be configured using grant-type=urn:ietf:params:oauth:grant-type:jwt-bearer";
        at_most_one(oauth2, &keys, message, found);
        let algorithm = oauth2.text("signature_algorithm");
        if !["", "RS256", "RS384", "RS512"].contains(&algorithm) {
            let message = "valid signature algorithms are RS256, RS384 and RS512";
            found.invalid(oauth2.at("signature_algorithm"), message);
        }
    } else {
        let message = "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using grant-type=client_credentials";
        at_most_one(oauth2, &secrets, message, found);
    }
}

/// `oauth2`: `OAuth2.UnmarshalYAML`, which looks at its proxy alone.
pub(in crate::prometheus) fn oauth2(fields: &Fields, found: &mut Findings<'_>) {
    proxy(fields, found);
}

fn proxy(fields: &Fields, found: &mut Findings<'_>) {
    let has_headers = !fields.map("proxy_connect_header").is_empty();
    let has_url = fields.has_text("proxy_url");
    let is_broken = fields.is_broken("proxy_url");
    let header = fields.key_at("proxy_connect_header");
    if found.version < (Version { major: 2, minor: 43 }) {
        if has_headers && !has_url && !is_broken {
            found.missing(header, "if proxy_connect_header is configured proxy_url must also be configured");
        }
        return;
    }
    let from_environment = fields.is_true("proxy_from_environment");
    if has_headers && !from_environment && !has_url && !is_broken {
        let message = "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured";
        found.missing(header, message);
    }
    if from_environment && has_url {
        let message = "if proxy_from_environment is configured, proxy_url must not be configured";
        conflict(fields, "proxy_from_environment", "proxy_url", message, found);
    }
    if fields.has_text("no_proxy") {
        if from_environment {
            let message = "if proxy_from_environment is configured, no_proxy must not be configured";
            conflict(fields, "proxy_from_environment", "no_proxy", message, found);
        }
        // An empty URL is one.
        if matches!(fields.value("proxy_url"), None | Some(Value::Null(_))) {
            let message = "if no_proxy is configured, proxy_url must also be configured";
            found.missing(fields.key_at("no_proxy"), message);
        }
    }
}

/// `tls_config`: `TLSConfig.UnmarshalYAML`.
pub(in crate::prometheus) fn tls_config(fields: &Fields, found: &mut Findings<'_>) {
    let version = found.version;
    if version < V2_45 {
        lone_file(fields, "cert", "key", found);
        lone_file(fields, "key", "cert", found);
        return;
    }
    let (ca, cert) = if version >= V2_53 {
        (
            "at most one of ca, ca_file & ca_ref must be configured",
            "at most one of cert, cert_file & cert_ref must be configured",
        )
    } else {
        (
            "at most one of ca and ca_file must be configured",
            "at most one of cert and cert_file must be configured",
        )
    };
    let (certs, keys) = (["cert", "cert_file", "cert_ref"], ["key", "key_file", "key_ref"]);
    at_most_one(fields, &["ca", "ca_file", "ca_ref"], ca, found);
    at_most_one(fields, &certs, cert, found);
    at_most_one(fields, &keys, "at most one of key and key_file must be configured", found);
    if certs.iter().chain(&keys).any(|key| fields.is_broken(key)) {
        return;
    }
    let given = |keys: &[&'static str]| keys.iter().copied().find(|key| fields.has_text(key));
    match (given(&certs), given(&keys)) {
        (Some(cert), None) => found.missing(
            fields.key_at(cert),
            "exactly one of key or key_file must be configured when a client certificate is configured",
        ),
        (None, Some(key)) => found.missing(
            fields.key_at(key),
            "exactly one of cert or cert_file must be configured when a client key is configured",
        ),
        _ => {}
    }
}

/// A certificate without its key, or the other way round: before 2.45, only whoever makes the client sees it
/// (`NewTLSConfig`), and `promtool check config`.
fn lone_file(fields: &Fields, own: &str, other: &str, found: &mut Findings<'_>) {
    let (own_file, other_file) = (format!("{own}_file"), format!("{other}_file"));
    if fields.has_text(&own_file) && fields.lacks(&other_file, found.version) {
        let path = quote(fields.text(&own_file));
        let message = format!("client {own} file {path} specified without client {other} file");
        found.report(
            Diagnostic::warning(codes::MISSING, fields.key_at(&own_file), message)
                .because("Prometheus takes the file, and then fails whenever it is to make a request.")
                .help(format!("Set `{other_file}` too.")),
        );
    }
}

/// `net/textproto`, `CanonicalMIMEHeaderKey`: words behind dashes begin with a capital, unless the name is
/// none.
fn canonical(name: &str) -> String {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !name.bytes().all(is_token) {
        return name.to_owned();
    }
    let mut upper = true;
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        out.push(if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() });
        upper = c == '-';
    }
    out
}
