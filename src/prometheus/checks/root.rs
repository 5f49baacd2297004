//! `config/config.go`: `Load`, `Config.UnmarshalYAML` and those of its smaller sections.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::text::{Span, quote};
use crate::version::Version;

use super::super::codes;
use super::super::value::{Fields, Findings, Value};
use super::remote::reserved_header;

const V3_5: Version = Version { major: 3, minor: 5 };

/// The whole file.
pub(in crate::prometheus) fn config(fields: &Fields, found: &mut Findings<'_>) {
    for (key, kind) in [("remote_write", "write"), ("remote_read", "read")] {
        let mut names: BTreeMap<&str, Span> = BTreeMap::new();
        for endpoint in fields.items(key) {
            let Value::Section(endpoint) = endpoint else { continue };
            let name = endpoint.text("name");
            if name.is_empty() {
                continue;
            }
            let Some(&first) = names.get(name) else {
                names.insert(name, endpoint.at("name"));
                continue;
            };
            let message = format!("found multiple remote {kind} configs with job name {}", quote(name));
            found.report(
                Diagnostic::error(codes::DUPLICATE_REMOTE_NAME, endpoint.at("name"), message)
                    .label(first, "first used here")
                    .help("Give each a name of its own, or none."),
            );
        }
    }
    translation(fields, found);
}

/// What `Load` looks at last.
fn translation(fields: &Fields, found: &mut Findings<'_>) {
    let Some(otlp) = fields.section("otlp").filter(|otlp| otlp.has_text("translation_strategy")) else {
        return;
    };
    let strategy = otlp.text("translation_strategy");
    let at = otlp.at("translation_strategy");
    let is_known = otlp.find("translation_strategy").is_some_and(|entry| match entry.key.kind {
        super::super::schema::Kind::Enum(choice) => choice.words(found.version).any(|word| word == strategy),
        _ => true,
    });
    if !is_known {
        found.invalid(at, format!("unsupported OTLP translation strategy {}", quote(strategy)));
        return;
    }
    let is_legacy = fields
        .section("global")
        .is_some_and(|global| global.text("metric_name_validation_scheme") == "legacy");
    if is_legacy && strategy.starts_with("No") {
        let message = if found.version >= (Version { major: 3, minor: 4 }) {
            format!("OTLP translation strategy {} is not allowed when UTF8 is disabled", quote(strategy))
        } else {
            format!("OTLP translation strategy {strategy} is not allowed when UTF8 is disabled")
        };
        found.conflict(at, message);
    }
}

/// `storage.tsdb`.
pub(in crate::prometheus) fn tsdb(fields: &Fields, found: &mut Findings<'_>) {
    let Some(encoding) = fields.section("chunk_encoding") else { return };
    let floats = encoding.text("floats");
    if !["", "xor", "xor2"].contains(&floats) {
        let message = format!(
            "'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be omitted entirely, got {}",
            quote(floats)
        );
        found.invalid(encoding.at("floats"), message);
    }
}

/// `storage.tsdb.retention`, checked since 3.11.
pub(in crate::prometheus) fn retention(fields: &Fields, found: &mut Findings<'_>) {
    if found.version < (Version { major: 3, minor: 11 }) {
        return;
    }
    if let Some(Value::Size(size)) = fields.value("size")
        && size.value.bytes() < 0
    {
        let message =
            format!("'storage.tsdb.retention.size' must be greater than or equal to 0, got {}", size.value);
        found.invalid(size.span, message);
    }
    if let Some(Value::Float(percentage)) = fields.value("percentage")
        && (percentage.value < 0.0 || percentage.value > 100.0)
    {
        let message = format!(
            "'storage.tsdb.retention.percentage' must be in the range [0, 100], got {}",
            percentage.value
        );
        found.invalid(percentage.span, message);
    }
}

/// `tracing`.
pub(in crate::prometheus) fn tracing(fields: &Fields, found: &mut Findings<'_>) {
    for (header, _) in fields.map("headers") {
        reserved_header(header, "custom authorization header configuration is not yet supported", found);
    }
    if fields.lacks("endpoint", found.version) {
        found.missing(fields.at("endpoint"), "tracing endpoint must be set");
    }
    let compression = fields.text("compression");
    if !["", "gzip"].contains(&compression) {
        let message = format!("invalid compression type {compression} provided, valid options: gzip");
        found.invalid(fields.at("compression"), message);
    }
}

/// `otlp`.
pub(in crate::prometheus) fn otlp(fields: &Fields, found: &mut Findings<'_>) {
    let (promoted, ignored) = ("promote_resource_attributes", "ignore_resource_attributes");
    if found.version < V3_5 {
        attributes(fields, promoted, "promoted", "", found);
    } else if fields.is_true("promote_all_resource_attributes") {
        if !fields.items(promoted).is_empty() {
            let message = "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured simultaneously";
            found.conflict(fields.key_at(promoted), message);
        }
        attributes(fields, ignored, "ignored", "invalid 'ignore_resource_attributes': ", found);
    } else if !fields.is_broken("promote_all_resource_attributes") {
        if !fields.items(ignored).is_empty() {
            let message = "'ignore_resource_attributes' cannot be configured unless 'promote_all_resource_attributes' is true";
            found.conflict(fields.key_at(ignored), message);
        }
        attributes(fields, promoted, "promoted", "invalid 'promote_resource_attributes': ", found);
    }
}

fn attributes(fields: &Fields, key: &str, adjective: &str, before: &str, found: &mut Findings<'_>) {
    let mut seen = BTreeSet::new();
    for item in fields.items(key) {
        let Value::Text(item) = item else { continue };
        let attribute = item.value.trim();
        if attribute.is_empty() {
            found.invalid(item.span, format!("{before}empty {adjective} OTel resource attribute"));
        } else if !seen.insert(attribute) {
            let message =
                format!("{before}duplicated {adjective} OTel resource attribute {}", quote(attribute));
            found.invalid(item.span, message);
        }
    }
}
