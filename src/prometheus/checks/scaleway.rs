//! `discovery/scaleway`, and what Scaleway's own client refuses: `settings.validate` of its SDK.

use crate::diagnostic::Diagnostic;

use super::super::codes;
use super::super::url;
use super::super::value::{Fields, Findings};
use super::azure::is_uuid;
use super::discovery::require;
use super::hosters::secret_key;
use super::http_client::http_client;

/// The zones that the SDK of the third line names.
const ZONES: &str =
    "fr-par-1, fr-par-2, fr-par-3, nl-ams-1, nl-ams-2, nl-ams-3, pl-waw-1, pl-waw-2, pl-waw-3";
/// The zones that the SDK of the second line names.
const OLD_ZONES: &str = "fr-par-1, fr-par-2, fr-par-3, nl-ams-1, nl-ams-2, pl-waw-1, pl-waw-2";

/// `scaleway_sd_configs`.
pub(in crate::prometheus) fn scaleway(fields: &Fields, found: &mut Findings<'_>) {
    require(fields, "role", "role missing (one of: instance, baremetal)", found);
    require(fields, "project_id", "project_id is mandatory", found);
    secret_key(fields, found);
    require(fields, "access_key", "access_key is mandatory", found);
    let access = fields.text("access_key");
    let is_access_key = access.len() == 20
        && access.starts_with("SCW")
        && access[3..].bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !access.is_empty() && !is_access_key {
        let message = format!(
            "scaleway-sdk-go: invalid access key format '{access}', expected SCWXXXXXXXXXXXXXXXXX format"
        );
        found.invalid(fields.at("access_key"), message);
    }
    let secret = fields.text("secret_key");
    if !secret.is_empty() && !is_dashed_uuid(secret) {
        let message = format!(
            "scaleway-sdk-go: invalid secret key format '{secret}', expected a UUID: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
        );
        found.invalid(fields.at("secret_key"), message);
    }
    let project = fields.text("project_id");
    if !project.is_empty() && !is_dashed_uuid(project) {
        let message = format!(
            "scaleway-sdk-go: invalid project ID format '{project}', expected a UUID: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
        );
        found.invalid(fields.at("project_id"), message);
    }
    if fields.lacks("api_url", found.version) {
        // Prometheus has no words for it: it panics.
        found.missing(fields.at("api_url"), "api_url cannot be empty");
    }
    let api_url = fields.text("api_url");
    if url::parse(api_url, found.version).is_err() {
        found.report(Diagnostic::error(
            codes::URL,
            fields.at("api_url"),
            format!("scaleway-sdk-go: invalid url {api_url}"),
        ));
    } else if api_url.ends_with('/') {
        let message = format!("scaleway-sdk-go: invalid url {api_url} it should not have a trailing slash");
        found.report(Diagnostic::error(codes::URL, fields.at("api_url"), message));
    }
    let zone = fields.text_or_default("zone", found.version);
    if fields.lacks("zone", found.version) {
        found.missing(fields.at("zone"), "scaleway-sdk-go: default zone cannot be empty");
    } else if !fields.is_broken("zone") && !is_zone(zone) {
        let zones = if found.version.is_v3() { ZONES } else { OLD_ZONES };
        let message =
            format!("scaleway-sdk-go: invalid default zone format '{zone}', available zones are: {zones}");
        found.invalid(fields.at("zone"), message);
    }
    http_client(fields, found);
}

/// A country, a city and a number: `fr-par-1`.
fn is_zone(text: &str) -> bool {
    let is_word =
        |text: &str, len: usize| text.len() == len && text.bytes().all(|byte| byte.is_ascii_lowercase());
    let mut parts = text.split('-');
    let (country, city, number) = (parts.next(), parts.next(), parts.next());
    parts.next().is_none()
        && country.is_some_and(|text| is_word(text, 2))
        && city.is_some_and(|text| is_word(text, 3))
        && number.is_some_and(|text| text.len() == 1 && matches!(text.as_bytes(), [b'1'..=b'9']))
}

fn is_dashed_uuid(text: &str) -> bool {
    text.len() == 36 && is_uuid(text)
}
