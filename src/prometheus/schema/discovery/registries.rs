//! Registries of hosts and services: `discovery/consul`, `dns`, `eureka`, `file`, `http`, `puppetdb`, `uyuni` and
//! `zookeeper`.

use super::super::scrape::SCHEME;
use super::{
    Choice, HTTP_CLIENT, Kind, List, Section, TEXT_MAP, TEXTS, checks, choice, key, port, refresh_interval,
    section, word,
};

pub(super) static CONSUL_LIST: List = List {
    go_type: "[]*consul.SDConfig",
    item: Kind::Section(&CONSUL),
    empty: "empty or null section in consul_sd_configs",
};

static CONSUL: Section = section(
    "consul_sd_config",
    "consul.plain",
    "*consul.SDConfig",
    "Services that Consul knows.",
    &[
        key("server", Kind::Text, "Where Consul is.").or("localhost:8500"),
        key("path_prefix", Kind::Text, "What stands before the path of the API.").since(2, 45),
        key("token", Kind::Secret, "Consul's token."),
        key("datacenter", Kind::Text, "The data center; that of the agent if it is not set."),
        key("namespace", Kind::Text, "The namespace."),
        key("partition", Kind::Text, "The administrative partition."),
        key("scheme", Kind::Enum(&SCHEME), "Whether Consul is asked over HTTP or HTTPS.").or("http"),
        key("username", Kind::Text, "The user's name; `basic_auth` is the newer way to say it."),
        key("password", Kind::Secret, "The password; `basic_auth` is the newer way to say it."),
        key("services", Kind::List(&TEXTS), "The services that are looked for; all if none is listed."),
        key("tags", Kind::List(&TEXTS), "The tags that a service must all have."),
        key("node_meta", Kind::Map(&TEXT_MAP), "What must hold of a service's node."),
        key("filter", Kind::Text, "What must hold of services, in Consul's own language.").since(3, 0),
        key(
            "health_filter",
            Kind::Text,
            "What must hold of a service's instances, in Consul's own language.",
        )
        .since(3, 12),
        key("tag_separator", Kind::Text, "What joins the tags of a service in one label.").or(","),
        key("allow_stale", Kind::Bool, "Whether any server may answer.").or("true"),
        refresh_interval("30s"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::consul);

static RECORD: Choice = choice(&[word("SRV"), word("A"), word("AAAA"), word("MX"), word("NS").since(2, 49)]);

pub(super) static DNS_LIST: List = List {
    go_type: "[]*dns.SDConfig",
    item: Kind::Section(&DNS),
    empty: "empty or null section in dns_sd_configs",
};

static DNS: Section = section(
    "dns_sd_config",
    "dns.plain",
    "*dns.SDConfig",
    "Hosts that DNS records name.",
    &[
        key("names", Kind::List(&TEXTS), "The names that are looked up."),
        key("type", Kind::Enum(&RECORD), "The type of the records.").or("SRV"),
        key("port", Kind::Int, "The port that is scraped; needed unless the records are SRV."),
        refresh_interval("30s"),
    ],
)
.checked(checks::dns);

pub(super) static EUREKA_LIST: List = List {
    go_type: "[]*eureka.SDConfig",
    item: Kind::Section(&EUREKA),
    empty: "empty or null section in eureka_sd_configs",
};

static EUREKA: Section = section(
    "eureka_sd_config",
    "eureka.plain",
    "*eureka.SDConfig",
    "Instances that Eureka knows.",
    &[key("server", Kind::Text, "Where Eureka is."), refresh_interval("30s")],
)
.with(&[&HTTP_CLIENT])
.checked(checks::eureka);

pub(super) static FILE_LIST: List = List {
    go_type: "[]*file.SDConfig",
    item: Kind::Section(&FILE),
    empty: "empty or null section in file_sd_configs",
};

static FILE: Section = section(
    "file_sd_config",
    "file.plain",
    "*file.SDConfig",
    "Targets that files list.",
    &[
        key("files", Kind::List(&TEXTS), "Patterns of the files, which end in `.json`, `.yml` or `.yaml`."),
        key(
            "refresh_interval",
            Kind::Duration,
            "How often the files are read again, besides whenever they change.",
        )
        .or("5m"),
    ],
)
.checked(checks::file);

pub(super) static HTTP_LIST: List = List {
    go_type: "[]*http.SDConfig",
    item: Kind::Section(&HTTP),
    empty: "empty or null section in http_sd_configs",
};

static HTTP: Section = section(
    "http_sd_config",
    "http.plain",
    "*http.SDConfig",
    "Targets that an HTTP endpoint lists.",
    &[key("url", Kind::Text, "Where the list is."), refresh_interval("1m")],
)
.with(&[&HTTP_CLIENT])
.checked(checks::http);

pub(super) static PUPPETDB_LIST: List = List {
    go_type: "[]*puppetdb.SDConfig",
    item: Kind::Section(&PUPPETDB),
    empty: "empty or null section in puppetdb_sd_configs",
};

static PUPPETDB: Section = section(
    "puppetdb_sd_config",
    "puppetdb.plain",
    "*puppetdb.SDConfig",
    "Resources that PuppetDB knows.",
    &[
        key("url", Kind::Text, "Where PuppetDB is."),
        key("query", Kind::Text, "What is looked for, in Puppet's own language."),
        key(
            "include_parameters",
            Kind::Bool,
            "Whether the resources' parameters become labels; they may hold secrets.",
        )
        .or("false"),
        refresh_interval("1m"),
        port("80"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::puppetdb);

pub(super) static UYUNI_LIST: List = List {
    go_type: "[]*uyuni.SDConfig",
    item: Kind::Section(&UYUNI),
    empty: "empty or null section in uyuni_sd_configs",
};

static UYUNI: Section = section(
    "uyuni_sd_config",
    "uyuni.plain",
    "*uyuni.SDConfig",
    "Systems that Uyuni knows.",
    &[
        key("server", Kind::Text, "Where Uyuni is."),
        key("username", Kind::Text, "The user's name."),
        key("password", Kind::Secret, "The password."),
        key("entitlement", Kind::Text, "What a system must be entitled to.").or("monitoring_entitled"),
        key("separator", Kind::Text, "What joins the groups of a system in one label.").or(","),
        refresh_interval("1m"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::uyuni);

pub(super) static SERVERSET_LIST: List = List {
    go_type: "[]*zookeeper.ServersetSDConfig",
    item: Kind::Section(&SERVERSET),
    empty: "empty or null section in serverset_sd_configs",
};

static SERVERSET: Section = section(
    "serverset_sd_config",
    "zookeeper.plain",
    "*zookeeper.ServersetSDConfig",
    "Hosts that a server set in ZooKeeper lists.",
    &[
        key("servers", Kind::List(&TEXTS), "The ZooKeeper servers."),
        key("paths", Kind::List(&TEXTS), "The paths of the server sets."),
        key("timeout", Kind::Duration, "How long a session lasts without a word from the server.").or("10s"),
    ],
)
.checked(checks::serverset);

pub(super) static NERVE_LIST: List = List {
    go_type: "[]*zookeeper.NerveSDConfig",
    item: Kind::Section(&NERVE),
    empty: "empty or null section in nerve_sd_configs",
};

static NERVE: Section = section(
    "nerve_sd_config",
    "zookeeper.plain",
    "*zookeeper.NerveSDConfig",
    "Hosts that Nerve has put into ZooKeeper.",
    &[
        key("servers", Kind::List(&TEXTS), "The ZooKeeper servers."),
        key("paths", Kind::List(&TEXTS), "The paths of the services."),
        key("timeout", Kind::Duration, "How long a session lasts without a word from the server.").or("10s"),
    ],
)
.checked(checks::nerve);
