//! The service discoveries' own checks: `SDConfig.UnmarshalYAML` in the packages of `discovery/`.

use crate::diagnostic::Diagnostic;
use crate::text::{Span, quote};
use crate::version::Version;

use super::super::codes;
use super::super::schema::Kind;
use super::super::url;
use super::super::value::{Fields, Findings, Value};
use super::http_client::{at_most_one, conflict, http_client};

/// Before, some discoveries did not look at how requests are made.
const V2_48: Version = Version { major: 2, minor: 48 };
const V3_7: Version = Version { major: 3, minor: 7 };
const V3_10: Version = Version { major: 3, minor: 10 };
/// Since then, AWS' region is looked for only once targets are.
const V3_14: Version = Version { major: 3, minor: 14 };

/// Reports a text that is empty.
pub(super) fn require(fields: &Fields, key: &str, message: &str, found: &mut Findings<'_>) {
    if fields.lacks(key, found.version) {
        found.missing(fields.at(key), message);
    }
}

/// Reports a text that is none of the words that the version knows.
pub(super) fn one_of(
    fields: &Fields,
    key: &str,
    message: impl FnOnce(&str) -> String,
    found: &mut Findings<'_>,
) {
    let Some(entry) = fields.find(key) else { return };
    let Kind::Enum(choice) = entry.key.kind else { return };
    if matches!(entry.value, Value::Broken) {
        return;
    }
    let text = entry.value.text();
    if !choice.words(found.version).any(|word| word == text) {
        found.invalid(fields.at(key), message(text));
    }
}

/// Reads a URL as Go does; what it refuses is reported with `before` in front.
pub(super) fn checked_url(text: &str, at: Span, before: &str, found: &mut Findings<'_>) -> Option<url::Url> {
    url::parse(text, found.version)
        .map_err(|fault| found.report(Diagnostic::error(codes::URL, at, format!("{before}{fault}"))))
        .ok()
}

/// An address that is asked over HTTP: `http_sd_configs` and `puppetdb_sd_configs`.
fn http_url(fields: &Fields, found: &mut Findings<'_>) {
    require(fields, "url", "URL is missing", found);
    if !fields.has_text("url") {
        return;
    }
    let at = fields.at("url");
    let Some(url) = checked_url(fields.text("url"), at, "", found) else { return };
    if !["http", "https"].contains(&url.scheme.as_str()) {
        found.report(Diagnostic::error(codes::URL, at, "URL scheme must be 'http' or 'https'"));
    } else if url.host.is_empty() {
        found.report(Diagnostic::error(codes::URL, at, "host is missing in URL"));
    }
}

/// Nothing but how requests are made.
pub(in crate::prometheus) fn only_http(fields: &Fields, found: &mut Findings<'_>) {
    http_client(fields, found);
}

/// Where the region is not set, AWS is asked for it: only an instance of it has an answer.
fn region(fields: &Fields, message: &str, found: &mut Findings<'_>) {
    if found.version < V3_14 && fields.lacks("region", found.version) {
        found.report(
            Diagnostic::warning(codes::UNKNOWN_OFFLINE, fields.at("region"), message.to_owned())
                .because("Without one, this version asks AWS' metadata service when it reads the file, and refuses the file where that does not answer.")
                .help("Set `region`."),
        );
    }
}

fn filters(fields: &Fields, found: &mut Findings<'_>) {
    for filter in fields.items("filters") {
        match filter {
            Value::Section(filter) if filter.items("values").is_empty() && !filter.is_broken("values") => {
                found.missing(filter.at("values"), "EC2 SD configuration filter values cannot be empty");
            }
            // Prometheus has no words for it: it panics.
            Value::Null(span) => found.missing(*span, "EC2 SD configuration filter cannot be null"),
            _ => {}
        }
    }
}

/// `aws_sd_configs`, which leaves the checks of what it looks for undone.
pub(in crate::prometheus) fn aws(fields: &Fields, found: &mut Findings<'_>) {
    if fields.lacks("role", found.version) {
        found.missing(fields.at("role"), "unknown AWS SD role \"\"");
    }
    if found.version >= V3_10 {
        region(fields, "could not determine AWS region", found);
    }
}

/// `ec2_sd_configs`.
pub(in crate::prometheus) fn ec2(fields: &Fields, found: &mut Findings<'_>) {
    let message = if found.version >= V3_10 {
        "could not determine AWS region"
    } else {
        "EC2 SD configuration requires a region"
    };
    region(fields, message, found);
    filters(fields, found);
    if found.version >= V2_48 {
        http_client(fields, found);
    }
}

/// `lightsail_sd_configs`.
pub(in crate::prometheus) fn lightsail(fields: &Fields, found: &mut Findings<'_>) {
    let message = if found.version >= V3_10 {
        "could not determine AWS region"
    } else if found.version >= V3_7 {
        "lightsail SD configuration requires a region"
    } else {
        "Lightsail SD configuration requires a region"
    };
    region(fields, message, found);
    if found.version >= V2_48 {
        http_client(fields, found);
    }
}

/// `azure_sd_configs`.
pub(in crate::prometheus) fn azure(fields: &Fields, found: &mut Findings<'_>) {
    require(fields, "subscription_id", "azure SD configuration requires a subscription_id", found);
    if !fields.is_broken("authentication_method")
        && fields.text_or_default("authentication_method", found.version) == "OAuth"
    {
        for key in ["tenant_id", "client_id", "client_secret"] {
            require(fields, key, &format!("azure SD configuration requires a {key}"), found);
        }
    }
    let supported = match found.version {
        version if version >= (Version { major: 3, minor: 11 }) => {
            r#""OAuth", "ManagedIdentity", "SDK" or "WorkloadIdentity""#
        }
        version if version >= (Version { major: 2, minor: 52 }) => r#""OAuth", "ManagedIdentity" or "SDK""#,
        _ => r#""OAuth" or "ManagedIdentity""#,
    };
    let message =
        |text: &str| format!("unknown authentication_type {}. Supported types are {supported}", quote(text));
    one_of(fields, "authentication_method", message, found);
    if found.version >= V2_48 {
        http_client(fields, found);
    }
}

/// `consul_sd_configs`.
pub(in crate::prometheus) fn consul(fields: &Fields, found: &mut Findings<'_>) {
    let version = found.version;
    if !fields.is_broken("server") && fields.text_or_default("server", version).trim().is_empty() {
        found.missing(fields.at("server"), "consul SD configuration requires a server address");
    }
    let own = ["username", "password"].into_iter().find(|key| fields.has_text(key));
    if let Some(own) = own {
        if fields.has("basic_auth") {
            let message = "at most one of consul SD configuration username and password and basic auth can be configured";
            conflict(fields, own, "basic_auth", message, found);
        } else {
            // They become a `basic_auth` of their own.
            for (other, message) in [
                (
                    "bearer_token",
                    "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured",
                ),
                (
                    "bearer_token_file",
                    "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured",
                ),
            ] {
                if fields.has_text(other) {
                    conflict(fields, own, other, message, found);
                }
            }
            for other in ["authorization", "oauth2"] {
                if fields.has(other) {
                    let message = "at most one of basic_auth, oauth2 & authorization must be configured";
                    conflict(fields, own, other, message, found);
                }
            }
        }
    }
    if fields.has_text("token")
        && let Some(other) = ["authorization", "oauth2"].into_iter().find(|key| fields.has(key))
    {
        let message = "at most one of consul SD token, authorization, or oauth2 can be configured";
        conflict(fields, "token", other, message, found);
    }
    http_client(fields, found);
}

/// `dns_sd_configs`.
pub(in crate::prometheus) fn dns(fields: &Fields, found: &mut Findings<'_>) {
    if fields.items("names").is_empty() && !fields.is_broken("names") {
        found.missing(fields.at("names"), "DNS-SD config must contain at least one SRV record name");
    }
    if fields.is_broken("type") {
        return;
    }
    let kind = fields.text_or_default("type", found.version);
    let upper = kind.to_uppercase();
    let is_known = ["A", "AAAA", "MX"].contains(&upper.as_str())
        || upper == "NS" && found.version >= (Version { major: 2, minor: 49 });
    if is_known {
        let has_port = match fields.value("port") {
            None | Some(Value::Null(_)) => false,
            Some(Value::Int(port)) => port.value != 0,
            Some(_) => true,
        };
        if !has_port {
            let message = "a port is required in DNS-SD configs for all record types except SRV";
            found.missing(fields.at("port"), message);
        }
    } else if upper != "SRV" {
        found.invalid(fields.at("type"), format!("invalid DNS-SD records type {kind}"));
    }
}

/// `docker_sd_configs`.
pub(in crate::prometheus) fn docker(fields: &Fields, found: &mut Findings<'_>) {
    docker_host(fields, found);
    http_client(fields, found);
}

fn docker_host(fields: &Fields, found: &mut Findings<'_>) {
    require(fields, "host", "host missing", found);
    checked_url(fields.text("host"), fields.at("host"), "", found);
}

/// `dockerswarm_sd_configs`.
pub(in crate::prometheus) fn dockerswarm(fields: &Fields, found: &mut Findings<'_>) {
    docker_host(fields, found);
    if fields.lacks("role", found.version) {
        found.missing(fields.at("role"), "role missing (one of: tasks, services, nodes)");
    } else {
        let message = |text: &str| format!("invalid role {text}, expected tasks, services, or nodes");
        one_of(fields, "role", message, found);
    }
    http_client(fields, found);
}

/// `eureka_sd_configs`.
pub(in crate::prometheus) fn eureka(fields: &Fields, found: &mut Findings<'_>) {
    require(fields, "server", "eureka_sd: empty or null eureka server", found);
    if fields.has_text("server") {
        let at = fields.at("server");
        if let Some(url) = checked_url(fields.text("server"), at, "", found)
            && (url.scheme.is_empty() || url.host.is_empty())
        {
            found.report(Diagnostic::error(codes::URL, at, "eureka_sd: invalid eureka server URL"));
        }
    }
    http_client(fields, found);
}

/// `file_sd_configs`: `patFileSDName`.
pub(in crate::prometheus) fn file(fields: &Fields, found: &mut Findings<'_>) {
    if fields.items("files").is_empty() && !fields.is_broken("files") {
        let message = "file service discovery config must contain at least one path name";
        found.missing(fields.at("files"), message);
    }
    for name in fields.items("files") {
        let Value::Text(name) = name else { continue };
        let stem = name
            .value
            .rsplit_once('.')
            .filter(|(_, end)| ["json", "yml", "yaml", "JSON", "YML", "YAML"].contains(end));
        // The pattern's `.` is not asked about newlines, but its classes are.
        let is_valid =
            stem.is_some_and(|(stem, _)| stem.split_once('*').is_none_or(|(_, after)| !after.contains('/')));
        if !is_valid {
            found.report(
                Diagnostic::error(
                    codes::FILE_PATTERN,
                    name.span,
                    format!("path name {} is not valid for file discovery", quote(&name.value)),
                )
                .help("End it in `.json`, `.yml` or `.yaml`; wildcards may stand only in its last part."),
            );
        }
    }
}

/// `gce_sd_configs`.
pub(in crate::prometheus) fn gce(fields: &Fields, found: &mut Findings<'_>) {
    require(fields, "project", "GCE SD configuration requires a project", found);
    require(fields, "zone", "GCE SD configuration requires a zone", found);
}

/// `http_sd_configs`.
pub(in crate::prometheus) fn http(fields: &Fields, found: &mut Findings<'_>) {
    http_url(fields, found);
    if found.version >= V2_48 {
        http_client(fields, found);
    }
}

/// `kuma_sd_configs`.
pub(in crate::prometheus) fn kuma(fields: &Fields, found: &mut Findings<'_>) {
    require(fields, "server", "kuma SD server must not be empty: ", found);
    let server = fields.text("server");
    if !server.is_empty()
        && let Some(url) = checked_url(server, fields.at("server"), "", found)
        && (url.scheme.is_empty() || url.host.is_empty())
    {
        let message = format!("kuma SD server must not be empty and have a scheme: {server}");
        found.report(Diagnostic::error(codes::URL, fields.at("server"), message));
    }
    http_client(fields, found);
}

/// `marathon_sd_configs`.
pub(in crate::prometheus) fn marathon(fields: &Fields, found: &mut Findings<'_>) {
    if fields.items("servers").is_empty() && !fields.is_broken("servers") {
        found.missing(fields.at("servers"), "marathon_sd: must contain at least one Marathon server");
    }
    let own = ["auth_token", "auth_token_file"];
    at_most_one(
        fields,
        &own,
        "marathon_sd: at most one of auth_token & auth_token_file must be configured",
        found,
    );
    if let Some(own) = own.into_iter().find(|key| fields.has_text(key)) {
        let tokens = ["bearer_token", "bearer_token_file"];
        if fields.has("basic_auth") {
            let message =
                "marathon_sd: at most one of basic_auth, auth_token & auth_token_file must be configured";
            conflict(fields, own, "basic_auth", message, found);
        }
        if let Some(token) = tokens.into_iter().find(|key| fields.has_text(key)) {
            let message = "marathon_sd: at most one of bearer_token, bearer_token_file, auth_token & auth_token_file must be configured";
            conflict(fields, own, token, message, found);
        }
        if fields.has("authorization") {
            let message =
                "marathon_sd: at most one of auth_token, auth_token_file & authorization must be configured";
            conflict(fields, own, "authorization", message, found);
        }
    }
    http_client(fields, found);
}

/// `nomad_sd_configs`.
pub(in crate::prometheus) fn nomad(fields: &Fields, found: &mut Findings<'_>) {
    if !fields.is_broken("server") && fields.text_or_default("server", found.version).trim().is_empty() {
        found.missing(fields.at("server"), "nomad SD configuration requires a server address");
    }
    http_client(fields, found);
}

/// `puppetdb_sd_configs`.
pub(in crate::prometheus) fn puppetdb(fields: &Fields, found: &mut Findings<'_>) {
    http_url(fields, found);
    require(fields, "query", "query missing", found);
    if found.version >= V2_48 {
        http_client(fields, found);
    }
}

/// `uyuni_sd_configs`.
pub(in crate::prometheus) fn uyuni(fields: &Fields, found: &mut Findings<'_>) {
    require(fields, "server", "Uyuni SD configuration requires server host", found);
    checked_url(fields.text("server"), fields.at("server"), "Uyuni Server URL is not valid: ", found);
    require(fields, "username", "Uyuni SD configuration requires a username", found);
    require(fields, "password", "Uyuni SD configuration requires a password", found);
    if found.version >= V2_48 {
        http_client(fields, found);
    }
}

/// `serverset_sd_configs`.
pub(in crate::prometheus) fn serverset(fields: &Fields, found: &mut Findings<'_>) {
    zookeeper(fields, "serverset", found);
}

/// `nerve_sd_configs`.
pub(in crate::prometheus) fn nerve(fields: &Fields, found: &mut Findings<'_>) {
    zookeeper(fields, "nerve", found);
}

fn zookeeper(fields: &Fields, name: &str, found: &mut Findings<'_>) {
    for (key, what) in [("servers", "Zookeeper server"), ("paths", "path")] {
        if fields.items(key).is_empty() && !fields.is_broken(key) {
            found.missing(fields.at(key), format!("{name} SD config must contain at least one {what}"));
        }
    }
    for path in fields.items("paths") {
        if let Value::Text(path) = path
            && !path.value.starts_with('/')
        {
            found.invalid(path.span, format!("{name} SD config paths must begin with '/': {}", path.value));
        }
    }
}
