//! The large clouds but AWS: `discovery/azure`, `gce`, `oci` and `openstack`.

use super::super::http_client::TLS_CONFIG;
use super::{
    Choice, HTTP_CLIENT, Kind, List, Section, TEXTS, checks, choice, key, port, refresh_interval, section,
    word,
};

static AUTHENTICATION: Choice = choice(&[
    word("OAuth"),
    word("ManagedIdentity"),
    word("SDK").since(2, 52),
    word("WorkloadIdentity").since(3, 11),
]);

pub(super) static AZURE_LIST: List = List {
    go_type: "[]*azure.SDConfig",
    item: Kind::Section(&AZURE),
    empty: "empty or null section in azure_sd_configs",
};

static AZURE: Section = section(
    "azure_sd_config",
    "azure.plain",
    "*azure.SDConfig",
    "Virtual machines of Azure.",
    &[
        key("environment", Kind::Text, "Which of Azure's clouds is meant.").or("AzurePublicCloud"),
        key("authentication_method", Kind::Enum(&AUTHENTICATION), "How this server says who it is.")
            .or("OAuth"),
        key("subscription_id", Kind::Text, "The subscription."),
        key("tenant_id", Kind::Text, "The tenant; needed for `OAuth`."),
        key("client_id", Kind::Text, "The client id; needed for `OAuth`."),
        key("client_secret", Kind::Secret, "The client secret; needed for `OAuth`."),
        key(
            "resource_group",
            Kind::Text,
            "The group of resources that is looked into; all if it is not set.",
        ),
        refresh_interval("5m"),
        port("80"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::azure);

pub(super) static GCE_LIST: List = List {
    go_type: "[]*gce.SDConfig",
    item: Kind::Section(&GCE),
    empty: "empty or null section in gce_sd_configs",
};

static GCE: Section = section(
    "gce_sd_config",
    "gce.plain",
    "*gce.SDConfig",
    "Instances of Google Compute Engine in one zone.",
    &[
        key("project", Kind::Text, "The project."),
        key("zone", Kind::Text, "The zone."),
        key("filter", Kind::Text, "What must hold of the instances, in Google's own language."),
        refresh_interval("1m"),
        port("80"),
        key("tag_separator", Kind::Text, "What joins the tags of an instance in one label.").or(","),
    ],
)
.checked(checks::gce);

static OCI_AUTH: Choice = choice(&[word("api_key"), word("instance_principal")]);

pub(super) static OCI_LIST: List = List {
    go_type: "[]*oci.SDConfig",
    item: Kind::Section(&OCI),
    empty: "empty or null section in oci_sd_configs",
};

static OCI: Section = section(
    "oci_sd_config",
    "oci.plain",
    "*oci.SDConfig",
    "Instances of Oracle Cloud.",
    &[
        key("auth", Kind::Enum(&OCI_AUTH), "How this server says who it is.").or("api_key"),
        key("tenancy", Kind::Text, "The tenancy; needed for `api_key`."),
        key("user", Kind::Text, "The user; needed for `api_key`."),
        key("fingerprint", Kind::Text, "The fingerprint of the key; needed for `api_key`."),
        key("key_file", Kind::File, "The file of the key; needed for `api_key`."),
        key("key_passphrase", Kind::Secret, "The passphrase of the key."),
        key("key_passphrase_file", Kind::File, "The file that holds the passphrase of the key."),
        key("region", Kind::Text, "The region."),
        key(
            "compartments",
            Kind::List(&TEXTS),
            "The compartments that are looked into; the tenancy itself if none is listed.",
        ),
        port("80"),
        refresh_interval("1m"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::oci);

static OPENSTACK_ROLE: Choice = Choice {
    go_type: "string",
    own_type: "openstack.Role",
    is_text: true,
    values: &[word("instance"), word("hypervisor"), word("loadbalancer").since(3, 2)],
    unknown: "unknown OpenStack SD role %q",
};
static AVAILABILITY: Choice = choice(&[word("public"), word("internal"), word("admin")]);

pub(super) static OPENSTACK_LIST: List = List {
    go_type: "[]*openstack.SDConfig",
    item: Kind::Section(&OPENSTACK),
    empty: "empty or null section in openstack_sd_configs",
};

static OPENSTACK: Section = section(
    "openstack_sd_config",
    "openstack.plain",
    "*openstack.SDConfig",
    "Instances, hypervisors or load balancers of OpenStack.",
    &[
        key("role", Kind::Enum(&OPENSTACK_ROLE), "What is looked for."),
        key("region", Kind::Text, "The region."),
        key("identity_endpoint", Kind::Text, "Where the identity service is."),
        key("username", Kind::Text, "The user's name."),
        key("userid", Kind::Text, "The user's id."),
        key("password", Kind::Secret, "The password."),
        key("domain_name", Kind::Text, "The domain's name."),
        key("domain_id", Kind::Text, "The domain's id."),
        key("project_name", Kind::Text, "The project's name."),
        key("project_id", Kind::Text, "The project's id."),
        key("application_credential_name", Kind::Text, "The name of the application's credentials."),
        key("application_credential_id", Kind::Text, "The id of the application's credentials."),
        key("application_credential_secret", Kind::Secret, "The secret of the application's credentials."),
        key(
            "all_tenants",
            Kind::Bool,
            "Whether the instances of all projects are looked for; that takes an administrator.",
        )
        .or("false"),
        refresh_interval("1m"),
        port("80"),
        key("availability", Kind::Enum(&AVAILABILITY), "Which of OpenStack's endpoints are asked.")
            .or("public"),
        key("tls_config", Kind::Section(&TLS_CONFIG), "How the certificates are verified."),
    ],
)
.checked(checks::openstack);
