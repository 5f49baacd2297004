//! Containers and meshes: `discovery/kubernetes`, `marathon`, `moby`, `nomad` and `xds`.

use super::{
    Choice, HTTP_CLIENT, Kind, List, Section, TEXTS, checks, choice, key, list, port, refresh_interval,
    section, word,
};

static FILTER: Section = section(
    "docker_filter",
    "moby.Filter",
    "moby.Filter",
    "What must hold of what is found.",
    &[key("name", Kind::Text, "What is looked at."), key("values", Kind::List(&TEXTS), "What it may be.")],
)
.at_anchor("docker_sd_config");
static FILTERS: List = list("[]moby.Filter", Kind::Section(&FILTER));

pub(super) static DOCKER_LIST: List = List {
    go_type: "[]*moby.DockerSDConfig",
    item: Kind::Section(&DOCKER),
    empty: "empty or null section in docker_sd_configs",
};

static DOCKER: Section = section(
    "docker_sd_config",
    "moby.plain",
    "*moby.DockerSDConfig",
    "Containers of a Docker host.",
    &[
        key("host", Kind::Text, "Where the Docker daemon is."),
        port("80"),
        key("host_networking_host", Kind::Text, "The host of containers in the host's own network.")
            .or("localhost"),
        key(
            "match_first_network",
            Kind::Bool,
            "Whether a container in several networks is one target, in the first of them.",
        )
        .or("true")
        .since(2, 54),
        key("filters", Kind::List(&FILTERS), "What must hold of the containers.").or("[]"),
        refresh_interval("1m"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::docker);

static DOCKERSWARM_ROLE: Choice = choice(&[word("services"), word("tasks"), word("nodes")]);

pub(super) static DOCKERSWARM_LIST: List = List {
    go_type: "[]*moby.DockerSwarmSDConfig",
    item: Kind::Section(&DOCKERSWARM),
    empty: "empty or null section in dockerswarm_sd_configs",
};

static DOCKERSWARM: Section = section(
    "dockerswarm_sd_config",
    "moby.plain",
    "*moby.DockerSwarmSDConfig",
    "Services, tasks or nodes of a Docker swarm.",
    &[
        key("host", Kind::Text, "Where the Docker daemon is."),
        key("role", Kind::Enum(&DOCKERSWARM_ROLE), "What is looked for."),
        port("80"),
        key("filters", Kind::List(&FILTERS), "What must hold of what is found.").or("[]"),
        refresh_interval("1m"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::dockerswarm);

static KUBERNETES_ROLE: Choice = Choice {
    go_type: "string",
    own_type: "kubernetes.Role",
    is_text: true,
    values: &[
        word("node"),
        word("pod"),
        word("service"),
        word("endpoints"),
        word("endpointslice"),
        word("ingress"),
    ],
    unknown: "unknown Kubernetes SD role %q",
};

static NAMESPACES: Section = section(
    "namespaces",
    "kubernetes.plain",
    "kubernetes.NamespaceDiscovery",
    "The namespaces that are looked into.",
    &[
        key("own_namespace", Kind::Bool, "Whether the server's own namespace is looked into.").or("false"),
        key("names", Kind::List(&TEXTS), "The namespaces; all if none is listed."),
    ],
)
.at_anchor("kubernetes_sd_config");

static SELECTOR: Section = section(
    "selector",
    "kubernetes.SelectorConfig",
    "kubernetes.SelectorConfig",
    "What must hold of objects of one kind.",
    &[
        key("role", Kind::Enum(&KUBERNETES_ROLE), "Of which objects it must hold."),
        key("label", Kind::Text, "What must hold of their labels, in Kubernetes' own language."),
        key("field", Kind::Text, "What must hold of their fields, in Kubernetes' own language."),
    ],
)
.at_anchor("kubernetes_sd_config");
static SELECTORS: List = list("[]kubernetes.SelectorConfig", Kind::Section(&SELECTOR));

static POD_METADATA: Section = section(
    "pod_metadata",
    "kubernetes.PodMetadataConfig",
    "kubernetes.PodMetadataConfig",
    "Which objects around a pod give it labels.",
    &[
        key("deployment", Kind::Bool, "Whether a pod's deployment gives it labels.").or("false").since(3, 11),
        key("job", Kind::Bool, "Whether a pod's job gives it labels.").or("false").since(3, 11),
        key("cronjob", Kind::Bool, "Whether a pod's cron job gives it labels.").or("false").since(3, 11),
    ],
)
.at_anchor("kubernetes_sd_config");

static ATTACH_METADATA: Section = section(
    "attach_metadata",
    "kubernetes.AttachMetadataConfig",
    "kubernetes.AttachMetadataConfig",
    "Which objects around a target give it labels.",
    &[
        key("node", Kind::Bool, "Whether the node's labels come along.").or("false"),
        key("namespace", Kind::Bool, "Whether the namespace's labels come along.").or("false").since(3, 6),
    ],
)
.at_anchor("kubernetes_sd_config")
.with(&[&POD_METADATA]);

pub(super) static KUBERNETES_LIST: List = List {
    go_type: "[]*kubernetes.SDConfig",
    item: Kind::Section(&KUBERNETES),
    empty: "empty or null section in kubernetes_sd_configs",
};

static KUBERNETES: Section = section(
    "kubernetes_sd_config",
    "kubernetes.plain",
    "*kubernetes.SDConfig",
    "Objects of Kubernetes of one kind.",
    &[
        key("role", Kind::Enum(&KUBERNETES_ROLE), "What is looked for."),
        key(
            "api_server",
            Kind::Url,
            "Where the API is; that of the cluster the server runs in if it is not set.",
        ),
        key("kubeconfig_file", Kind::File, "The kubeconfig that says where the API is and how it is asked."),
        key(
            "namespaces",
            Kind::Section(&NAMESPACES),
            "The namespaces that are looked into; all if none is listed.",
        ),
        key("selectors", Kind::List(&SELECTORS), "What must hold of the objects."),
        key(
            "attach_metadata",
            Kind::Section(&ATTACH_METADATA),
            "Which objects around a target give it labels.",
        ),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::kubernetes);

pub(super) static KUMA_LIST: List = List {
    go_type: "[]*xds.SDConfig",
    item: Kind::Section(&KUMA),
    empty: "empty or null section in kuma_sd_configs",
};

static KUMA: Section = section(
    "kuma_sd_config",
    "xds.plainKumaConf",
    "*xds.SDConfig",
    "Proxies of a Kuma mesh.",
    &[
        key("server", Kind::Text, "Where Kuma's control plane is."),
        key("client_id", Kind::Text, "The name under which this server asks.").since(2, 50),
        refresh_interval("15s"),
        key("fetch_timeout", Kind::Duration, "How long an answer may take.").or("2m"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::kuma);

pub(super) static MARATHON_LIST: List = List {
    go_type: "[]*marathon.SDConfig",
    item: Kind::Section(&MARATHON),
    empty: "empty or null section in marathon_sd_configs",
};

static MARATHON: Section = section(
    "marathon_sd_config",
    "marathon.plain",
    "*marathon.SDConfig",
    "Tasks of Marathon.",
    &[
        key("servers", Kind::List(&TEXTS), "Where Marathon is."),
        key("auth_token", Kind::Secret, "The token for DC/OS."),
        key("auth_token_file", Kind::File, "The file that holds the token for DC/OS."),
        refresh_interval("30s"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::marathon);

pub(super) static NOMAD_LIST: List = List {
    go_type: "[]*nomad.SDConfig",
    item: Kind::Section(&NOMAD),
    empty: "empty or null section in nomad_sd_configs",
};

static NOMAD: Section = section(
    "nomad_sd_config",
    "nomad.plain",
    "*nomad.SDConfig",
    "Services of Nomad.",
    &[
        key("server", Kind::Text, "Where Nomad is.").or("http://localhost:4646"),
        key("namespace", Kind::Text, "The namespace.").or("default"),
        key("region", Kind::Text, "The region.").or("global"),
        key("allow_stale", Kind::Bool, "Whether any server may answer.").or("true"),
        key("tag_separator", Kind::Text, "What joins the tags of a service in one label.").or(","),
        refresh_interval("1m"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::nomad);
