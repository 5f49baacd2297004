//! Hosters and smaller clouds: `discovery/digitalocean`, `hetzner`, `ionos`, `linode`, `outscale`, `ovhcloud`,
//! `scaleway`, `stackit`, `triton` and `vultr`.

use super::super::http_client::TLS_CONFIG;
use super::{
    Choice, HTTP_CLIENT, Kind, List, Section, TEXTS, checks, choice, key, port, refresh_interval, section,
    word,
};

static DIGITALOCEAN_ROLE: Choice = Choice {
    go_type: "string",
    own_type: "digitalocean.Role",
    is_text: true,
    values: &[word("droplets"), word("databases")],
    unknown: "unknown DigitalOcean SD role %q",
};
static HETZNER_ROLE: Choice = Choice {
    go_type: "string",
    own_type: "hetzner.Role",
    is_text: true,
    values: &[word("robot"), word("hcloud")],
    unknown: "unknown role %q",
};
static SCALEWAY_ROLE: Choice = Choice {
    go_type: "string",
    own_type: "scaleway.role",
    is_text: true,
    values: &[word("instance"), word("baremetal")],
    unknown: "unknown role %q",
};
static TRITON_ROLE: Choice = choice(&[word("container"), word("cn")]);
static OVHCLOUD_SERVICE: Choice = choice(&[word("vps"), word("dedicated_server")]);

pub(super) static DIGITALOCEAN_LIST: List = List {
    go_type: "[]*digitalocean.SDConfig",
    item: Kind::Section(&DIGITALOCEAN),
    empty: "empty or null section in digitalocean_sd_configs",
};

static DIGITALOCEAN: Section = section(
    "digitalocean_sd_config",
    "digitalocean.plain",
    "*digitalocean.SDConfig",
    "Droplets or databases of DigitalOcean.",
    &[
        key("role", Kind::Enum(&DIGITALOCEAN_ROLE), "What is looked for.").or("droplets").since(3, 12),
        port("80"),
        refresh_interval("1m"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::digitalocean);

pub(super) static HETZNER_LIST: List = List {
    go_type: "[]*hetzner.SDConfig",
    item: Kind::Section(&HETZNER),
    empty: "empty or null section in hetzner_sd_configs",
};

static HETZNER: Section = section(
    "hetzner_sd_config",
    "hetzner.plain",
    "*hetzner.SDConfig",
    "Servers of Hetzner.",
    &[
        key("role", Kind::Enum(&HETZNER_ROLE), "Which of Hetzner's two interfaces is asked."),
        port("80"),
        refresh_interval("1m"),
        key("label_selector", Kind::Text, "What must hold of the servers' labels; only for `hcloud`.")
            .since(3, 5),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::hetzner);

pub(super) static IONOS_LIST: List = List {
    go_type: "[]*ionos.SDConfig",
    item: Kind::Section(&IONOS),
    empty: "empty or null section in ionos_sd_configs",
};

static IONOS: Section = section(
    "ionos_sd_config",
    "ionos.plain",
    "*ionos.SDConfig",
    "Servers of IONOS in one data center.",
    &[key("datacenter_id", Kind::Text, "The data center."), port("80"), refresh_interval("1m")],
)
.with(&[&HTTP_CLIENT])
.checked(checks::ionos);

pub(super) static LINODE_LIST: List = List {
    go_type: "[]*linode.SDConfig",
    item: Kind::Section(&LINODE),
    empty: "empty or null section in linode_sd_configs",
};

static LINODE: Section = section(
    "linode_sd_config",
    "linode.plain",
    "*linode.SDConfig",
    "Instances of Linode.",
    &[
        key("region", Kind::Text, "The region; all if it is not set.").since(2, 52),
        port("80"),
        key("tag_separator", Kind::Text, "What joins the tags of an instance in one label.").or(","),
        refresh_interval("1m"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::only_http);

pub(super) static OUTSCALE_LIST: List = List {
    go_type: "[]*outscale.SDConfig",
    item: Kind::Section(&OUTSCALE),
    empty: "empty or null section in outscale_sd_configs",
};

static OUTSCALE: Section = section(
    "outscale_sd_config",
    "outscale.plain",
    "*outscale.SDConfig",
    "Machines of Outscale.",
    &[
        key("region", Kind::Text, "The region.").or("eu-west-2"),
        key("access_key", Kind::Text, "The id of the key."),
        key("secret_key", Kind::Secret, "The key."),
        key("secret_key_file", Kind::File, "The file that holds the key."),
        key("endpoint", Kind::Text, "The endpoint of the API; that of the region if it is not set."),
        port("80"),
        refresh_interval("1m"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::outscale);

pub(super) static OVHCLOUD_LIST: List = List {
    go_type: "[]*ovhcloud.SDConfig",
    item: Kind::Section(&OVHCLOUD),
    empty: "empty or null section in ovhcloud_sd_configs",
};

static OVHCLOUD: Section = section(
    "ovhcloud_sd_config",
    "ovhcloud.plain",
    "*ovhcloud.SDConfig",
    "Servers of OVHcloud.",
    &[
        key("application_key", Kind::Text, "The application's key."),
        key("application_secret", Kind::Secret, "The application's secret."),
        key("consumer_key", Kind::Secret, "The consumer's key."),
        key("service", Kind::Enum(&OVHCLOUD_SERVICE), "What is looked for."),
        key("endpoint", Kind::Text, "The endpoint of the API.").or("ovh-eu"),
        refresh_interval("1m"),
    ],
)
.checked(checks::ovhcloud);

pub(super) static SCALEWAY_LIST: List = List {
    go_type: "[]*scaleway.SDConfig",
    item: Kind::Section(&SCALEWAY),
    empty: "empty or null section in scaleway_sd_configs",
};

static SCALEWAY: Section = section(
    "scaleway_sd_config",
    "scaleway.plain",
    "*scaleway.SDConfig",
    "Instances or bare metal of Scaleway.",
    &[
        key("access_key", Kind::Text, "The id of the key."),
        key("secret_key", Kind::Secret, "The key."),
        key("secret_key_file", Kind::File, "The file that holds the key."),
        key("project_id", Kind::Text, "The project."),
        key("role", Kind::Enum(&SCALEWAY_ROLE), "What is looked for."),
        port("80"),
        key("api_url", Kind::Text, "The endpoint of the API.").or("https://api.scaleway.com"),
        key("zone", Kind::Text, "The zone.").or("fr-par-1"),
        key("name_filter", Kind::Text, "What must be in the servers' names."),
        key("tags_filter", Kind::List(&TEXTS), "The tags that a server must all have."),
        refresh_interval("1m"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::scaleway);

pub(super) static STACKIT_LIST: List = List {
    go_type: "[]*stackit.SDConfig",
    item: Kind::Section(&STACKIT),
    empty: "empty or null section in stackit_sd_configs",
};

static STACKIT: Section = section(
    "stackit_sd_config",
    "stackit.plain",
    "*stackit.SDConfig",
    "Servers of STACKIT.",
    &[
        key("project", Kind::Text, "The project."),
        key("region", Kind::Text, "The region.").or("eu01"),
        key("endpoint", Kind::Text, "The endpoint of the API, where it is not that of the region."),
        key("service_account_key", Kind::Text, "The service account's key, as JSON.").until(3, 12),
        key("service_account_key", Kind::Secret, "The service account's key, as JSON.").since(3, 12),
        key("service_account_key_path", Kind::File, "The file of the service account's key."),
        key("private_key", Kind::Text, "The private key, as PEM text.").until(3, 12),
        key("private_key", Kind::Secret, "The private key, as PEM text.").since(3, 12),
        key("private_key_path", Kind::File, "The file of the private key."),
        key("credentials_file_path", Kind::File, "The file of the credentials."),
        port("80"),
        refresh_interval("1m"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::stackit);

pub(super) static TRITON_LIST: List = List {
    go_type: "[]*triton.SDConfig",
    item: Kind::Section(&TRITON),
    empty: "empty or null section in triton_sd_configs",
};

static TRITON: Section = section(
    "triton_sd_config",
    "triton.plain",
    "*triton.SDConfig",
    "Containers or nodes of Triton.",
    &[
        key("account", Kind::Text, "The account that is asked with."),
        key("role", Kind::Enum(&TRITON_ROLE), "What is looked for.").or("container"),
        key("dns_suffix", Kind::Text, "What follows a container's id in its host name."),
        key("endpoint", Kind::Text, "The host of Triton's discovery service."),
        key("groups", Kind::List(&TEXTS), "The groups that are looked into; all if none is listed."),
        port("9163"),
        refresh_interval("1m"),
        key("version", Kind::Int, "The version of the discovery service's API.").or("1"),
        key("tls_config", Kind::Section(&TLS_CONFIG), "How certificates are verified."),
    ],
)
.checked(checks::triton);

pub(super) static VULTR_LIST: List = List {
    go_type: "[]*vultr.SDConfig",
    item: Kind::Section(&VULTR),
    empty: "empty or null section in vultr_sd_configs",
};

static VULTR: Section = section(
    "vultr_sd_config",
    "vultr.plain",
    "*vultr.SDConfig",
    "Instances of Vultr.",
    &[port("80"), refresh_interval("1m")],
)
.with(&[&HTTP_CLIENT])
.checked(checks::only_http);
