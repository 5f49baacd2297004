//! `storage/remote/azuread`: `AzureADConfig.Validate`.

use crate::version::Version;

use super::super::value::{Fields, Findings};
use super::http_client::conflict;

const V2_48: Version = Version { major: 2, minor: 48 };
const V2_52: Version = Version { major: 2, minor: 52 };
const V3_5: Version = Version { major: 3, minor: 5 };
const V3_7: Version = Version { major: 3, minor: 7 };
const V3_13: Version = Version { major: 3, minor: 13 };

/// The ways to get a token, with their names in messages.
const METHODS: [(&str, &str); 5] = [
    ("managed_identity", "Managed Identity"),
    ("workload_identity", "Workload Identity"),
    ("oauth", "OAuth"),
    ("sdk", "SDK"),
    ("certificate", "Certificate"),
];

/// `azuread`.
pub(in crate::prometheus) fn azuread(fields: &Fields, found: &mut Findings<'_>) {
    let version = found.version;
    if !["", "AzurePublic", "AzureChina", "AzureGovernment"].contains(&fields.text("cloud")) {
        found.invalid(fields.at("cloud"), "must provide a cloud in the Azure AD config");
    }
    methods(fields, found);
    if let Some(identity) = fields.section("managed_identity") {
        if version < V3_5 {
            require(identity, "client_id", "Managed Identity", found);
        }
        let message = if version < V2_48 {
            "the provided Azure Managed Identity client_id provided is invalid"
        } else {
            "the provided Azure Managed Identity client_id is invalid"
        };
        uuid(identity, "client_id", message, found);
    }
    if let Some(identity) = fields.section("workload_identity") {
        for key in ["client_id", "tenant_id"] {
            require(identity, key, "Workload Identity", found);
            uuid(identity, key, &format!("the provided Azure Workload Identity {key} is invalid"), found);
        }
    }
    if let Some(oauth) = fields.section("oauth") {
        for key in ["client_id", "client_secret", "tenant_id"] {
            require(oauth, key, "OAuth", found);
        }
        uuid(oauth, "client_id", "the provided Azure OAuth client_id is invalid", found);
    }
    if let Some(certificate) = fields.section("certificate") {
        for key in ["client_id", "tenant_id", "certificate_path"] {
            require(certificate, key, "Certificate", found);
        }
        uuid(certificate, "client_id", "the provided Azure Certificate client_id is invalid", found);
    }
    let scope = fields.text("scope");
    let is_valid = |c: char| c.is_ascii_alphanumeric() || "_:/.-\t\n\u{c}\r ".contains(c);
    if !scope.chars().all(is_valid) {
        found.invalid(fields.at("scope"), "the provided scope contains invalid characters");
    }
}

fn methods(fields: &Fields, found: &mut Findings<'_>) {
    let version = found.version;
    let set: Vec<(&str, &str)> = METHODS.into_iter().filter(|(key, _)| fields.has(key)).collect();
    if set.is_empty() && !METHODS.iter().any(|(key, _)| fields.is_broken(key)) {
        let ways = match version {
            version if version >= V3_13 => {
                "an Azure Managed Identity, Azure Workload Identity, Azure OAuth, Azure Certificate or Azure SDK"
            }
            version if version >= V3_7 => {
                "an Azure Managed Identity, Azure Workload Identity, Azure OAuth or Azure SDK"
            }
            version if version >= V2_52 => "an Azure Managed Identity, Azure OAuth or Azure SDK",
            version if version >= V2_48 => "an Azure Managed Identity or Azure OAuth",
            _ => "an Azure Managed Identity",
        };
        found.missing(fields.head(), format!("must provide {ways} in the Azure AD config"));
    }
    if let [first, second, ..] = set[..] {
        let message = if version >= V3_7 {
            "cannot provide multiple authentication methods in the Azure AD config".to_owned()
        } else {
            format!("cannot provide both Azure {} and Azure {} in the Azure AD config", first.1, second.1)
        };
        conflict(fields, first.0, second.0, &message, found);
    }
}

fn require(fields: &Fields, key: &str, method: &str, found: &mut Findings<'_>) {
    if fields.lacks(key, found.version) {
        found.missing(fields.at(key), format!("must provide an Azure {method} {key} in the Azure AD config"));
    }
}

fn uuid(fields: &Fields, key: &str, message: &str, found: &mut Findings<'_>) {
    let text = fields.text(key);
    if !text.is_empty() && !is_uuid(text) {
        found.invalid(fields.at(key), message);
    }
}

/// The spellings that `github.com/google/uuid`, `Parse` takes: with dashes, bare, in braces, or as a URN.
pub(super) fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let dashed = |bytes: &[u8]| {
        bytes.len() >= 36
            && bytes[..36].iter().enumerate().all(|(at, byte)| {
                if [8, 13, 18, 23].contains(&at) { *byte == b'-' } else { byte.is_ascii_hexdigit() }
            })
    };
    match bytes.len() {
        36 => dashed(bytes),
        45 => bytes[..9].eq_ignore_ascii_case(b"urn:uuid:") && dashed(&bytes[9..]),
        // What stands at the ends is not looked at.
        38 => dashed(&bytes[1..]),
        32 => bytes.iter().all(u8::is_ascii_hexdigit),
        _ => false,
    }
}
