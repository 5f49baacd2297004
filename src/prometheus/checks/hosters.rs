//! The checks of hosters and clouds: `SDConfig.UnmarshalYAML` in their packages of `discovery/`.

use crate::text::quote;
use crate::version::Version;

use super::super::value::{Fields, Findings, Value};
use super::discovery::{checked_url, one_of, require};
use super::http_client::{at_most_one, conflict, http_client};

const V3_2: Version = Version { major: 3, minor: 2 };

/// `digitalocean_sd_configs`.
pub(in crate::prometheus) fn digitalocean(fields: &Fields, found: &mut Findings<'_>) {
    if found.version >= (Version { major: 3, minor: 12 }) {
        require(fields, "role", "role missing (one of: droplets, databases)", found);
    }
    http_client(fields, found);
}

/// `hetzner_sd_configs`.
pub(in crate::prometheus) fn hetzner(fields: &Fields, found: &mut Findings<'_>) {
    require(fields, "role", "role missing (one of: robot, hcloud)", found);
    http_client(fields, found);
}

/// `ionos_sd_configs`.
pub(in crate::prometheus) fn ionos(fields: &Fields, found: &mut Findings<'_>) {
    require(fields, "datacenter_id", "datacenter id can't be empty", found);
    http_client(fields, found);
}

/// `oci_sd_configs`.
pub(in crate::prometheus) fn oci(fields: &Fields, found: &mut Findings<'_>) {
    require(fields, "region", "oci_sd: region is required", found);
    let needed = ["tenancy", "user", "fingerprint", "key_file"];
    let passphrases = ["key_passphrase", "key_passphrase_file"];
    match fields.text_or_default("auth", found.version) {
        _ if fields.is_broken("auth") => {}
        "api_key" => {
            for key in needed {
                require(fields, key, &format!("oci_sd: api_key auth requires {key}"), found);
            }
            let message = "oci_sd: at most one of key_passphrase and key_passphrase_file must be configured";
            at_most_one(fields, &passphrases, message, found);
        }
        "instance_principal" => {
            if let Some(key) = needed.iter().chain(&passphrases).find(|key| fields.has_text(key)) {
                let message = "oci_sd: instance_principal auth must not have tenancy, user, fingerprint, key_file, key_passphrase, or key_passphrase_file set";
                conflict(fields, "auth", key, message, found);
            }
        }
        other => {
            let message = format!(
                "oci_sd: unknown auth method {}, expected \"api_key\" or \"instance_principal\"",
                quote(other)
            );
            found.invalid(fields.at("auth"), message);
        }
    }
    for (index, compartment) in fields.items("compartments").iter().enumerate() {
        if let Value::Text(compartment) = compartment
            && compartment.value.is_empty()
        {
            found.missing(compartment.span, format!("oci_sd: compartments[{index}] must not be empty"));
        }
    }
    if let Some(Value::Duration(interval)) = fields.value("refresh_interval")
        && interval.value.is_zero()
    {
        found.invalid(interval.span, "oci_sd: refresh_interval must be positive, got 0s");
    }
    http_client(fields, found);
}

/// `openstack_sd_configs`.
pub(in crate::prometheus) fn openstack(fields: &Fields, found: &mut Findings<'_>) {
    let message =
        |text: &str| format!("unknown availability {text}, must be one of admin, internal or public");
    one_of(fields, "availability", message, found);
    let message = if found.version >= V3_2 {
        "role missing (one of: instance, hypervisor, loadbalancer)"
    } else {
        "role missing (one of: instance, hypervisor)"
    };
    require(fields, "role", message, found);
    require(fields, "region", "openstack SD configuration requires a region", found);
}

/// `outscale_sd_configs`.
pub(in crate::prometheus) fn outscale(fields: &Fields, found: &mut Findings<'_>) {
    require(fields, "region", "outscale SD configuration requires a region", found);
    require(fields, "access_key", "outscale SD configuration requires access_key", found);
    secret_key(fields, found);
    http_client(fields, found);
}

/// `ovhcloud_sd_configs`.
pub(in crate::prometheus) fn ovhcloud(fields: &Fields, found: &mut Findings<'_>) {
    require(fields, "endpoint", "endpoint can not be empty", found);
    require(fields, "application_key", "application key can not be empty", found);
    require(fields, "application_secret", "application secret can not be empty", found);
    require(fields, "consumer_key", "consumer key can not be empty", found);
    if fields.find("service").is_none() {
        found.missing(fields.head(), "unknown service: ");
    }
    one_of(fields, "service", |text| format!("unknown service: {text}"), found);
}

/// `stackit_sd_configs`.
pub(in crate::prometheus) fn stackit(fields: &Fields, found: &mut Findings<'_>) {
    if ["endpoint", "region"].iter().all(|key| fields.lacks(key, found.version)) {
        found.missing(fields.at("region"), "stackit_sd: endpoint and region missing");
    }
    let endpoint = fields.text("endpoint");
    let before = format!("stackit_sd: invalid endpoint {}: ", quote(endpoint));
    checked_url(endpoint, fields.at("endpoint"), &before, found);
    http_client(fields, found);
}

/// `triton_sd_configs`.
pub(in crate::prometheus) fn triton(fields: &Fields, found: &mut Findings<'_>) {
    let message = |_: &str| "triton SD configuration requires role to be 'container' or 'cn'".to_owned();
    one_of(fields, "role", message, found);
    require(fields, "account", "triton SD configuration requires an account", found);
    require(fields, "dns_suffix", "triton SD configuration requires a dns_suffix", found);
    require(fields, "endpoint", "triton SD configuration requires an endpoint", found);
    if let Some(Value::Duration(interval)) = fields.value("refresh_interval")
        && interval.value.is_zero()
    {
        let message = "triton SD configuration requires RefreshInterval to be a positive integer";
        found.invalid(interval.span, message);
    }
}

/// A key that is written, or a file that holds it.
pub(super) fn secret_key(fields: &Fields, found: &mut Findings<'_>) {
    let keys = ["secret_key", "secret_key_file"];
    if keys.iter().all(|key| fields.lacks(key, found.version)) {
        found.missing(fields.at("secret_key"), "one of secret_key & secret_key_file must be configured");
    }
    at_most_one(fields, &keys, "at most one of secret_key & secret_key_file must be configured", found);
}
