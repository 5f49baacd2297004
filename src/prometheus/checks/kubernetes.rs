//! `discovery/kubernetes`: `SDConfig.UnmarshalYAML`.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::text::quote;
use crate::version::Version;

use super::super::codes;
use super::super::schema::HTTP_CLIENT;
use super::super::value::{Entry, Fields, Findings, Value};
use super::discovery::require;
use super::http_client::{conflict, http_client};
use super::selectors;

/// `kubernetes_sd_configs`.
pub(in crate::prometheus) fn kubernetes(fields: &Fields, found: &mut Findings<'_>) {
    require(
        fields,
        "role",
        "role missing (one of: pod, service, endpoints, endpointslice, node, ingress)",
        found,
    );
    http_client(fields, found);
    // An empty URL is one.
    let has_server = matches!(fields.value("api_server"), Some(Value::Text(_) | Value::Broken));
    let has_kubeconfig = fields.has_text("kubeconfig_file");
    let own = fields.section("namespaces").filter(|namespaces| namespaces.is_true("own_namespace"));
    let custom = fields.entries.iter().find(|entry| is_custom(entry, found.version));
    if has_server && has_kubeconfig {
        let message = "cannot use 'kubeconfig_file' and 'api_server' simultaneously";
        conflict(fields, "api_server", "kubeconfig_file", message, found);
    }
    if let Some(custom) = custom {
        if has_kubeconfig {
            let message = "cannot use a custom HTTP client configuration together with 'kubeconfig_file'";
            conflict(fields, "kubeconfig_file", custom.key.name, message, found);
        } else if !has_server {
            let message =
                "to use custom HTTP client configuration please provide the 'api_server' URL explicitly";
            found.missing(custom.name, message);
        }
    }
    if let Some(own) = own {
        for (key, is_set) in [("api_server", has_server), ("kubeconfig_file", has_kubeconfig)] {
            if is_set {
                let message = format!("cannot use '{key}' and 'namespaces.own_namespace' simultaneously");
                found.conflict(own.key_at("own_namespace"), message);
            }
        }
    }
    selectors_of(fields, found);
}

/// Whether a key makes the settings of requests others than the default ones.
fn is_custom(entry: &Entry, version: Version) -> bool {
    if HTTP_CLIENT.key(entry.key.name, version).is_none() {
        return false;
    }
    match &entry.value {
        Value::Broken | Value::Null(_) => false,
        Value::Bool(value) => value.value != (entry.key.default == "true"),
        // An empty URL is one.
        Value::Text(value) => !value.value.is_empty() || entry.key.name == "proxy_url",
        Value::Section(section) if entry.key.name == "tls_config" => section.entries.iter().any(|entry| {
            !matches!(&entry.value, Value::Null(_)) && !entry.value.text().is_empty()
                || matches!(&entry.value, Value::Bool(value) if value.value)
        }),
        _ => true,
    }
}

fn allowed(role: &str, version: Version) -> &'static [&'static str] {
    match role {
        "pod" if version >= (Version { major: 3, minor: 11 }) => &["pod", "node"],
        "pod" => &["pod"],
        "service" => &["service"],
        "endpointslice" => &["pod", "service", "endpointslice"],
        "endpoints" => &["pod", "service", "endpoints"],
        "node" => &["node"],
        "ingress" => &["ingress"],
        _ => &[],
    }
}

fn selectors_of(fields: &Fields, found: &mut Findings<'_>) {
    let role = fields.text("role");
    if role.is_empty() {
        return;
    }
    let allowed = allowed(role, found.version);
    let empty = Fields { section: fields.section, span: fields.span, entries: Vec::new(), is_sound: true };
    let mut seen = BTreeSet::new();
    for selector in fields.items("selectors") {
        let (selector, span) = match selector {
            Value::Section(selector) => (&**selector, selector.span),
            Value::Null(span) => (&empty, *span),
            _ => continue,
        };
        let at = |key: &str| selector.find(key).map_or(span, |_| selector.at(key));
        let own = selector.text("role");
        if selector.is_broken("role") {
            continue;
        }
        if !seen.insert(own) {
            found.conflict(at("role"), format!("duplicated selector role: {own}"));
        }
        if !allowed.contains(&own) {
            let message = format!("{role} role supports only {} selectors", allowed.join(", "));
            found.invalid(at("role"), message);
        }
        if let Err(message) = selectors::fields(selector.text("field")) {
            found.report(Diagnostic::error(codes::INVALID, at("field"), message));
        }
        if let Err(message) = selectors::labels(selector.text("label")) {
            found.report(Diagnostic::error(codes::INVALID, at("label"), message));
        }
    }
    if allowed.is_empty()
        && let Some(first) = fields.items("selectors").first()
    {
        let message = format!(
            "invalid role: {}, expecting one of: pod, service, endpoints, endpointslice, node or ingress",
            quote(role)
        );
        found.invalid(first.span().unwrap_or(fields.at("role")), message);
    }
}
