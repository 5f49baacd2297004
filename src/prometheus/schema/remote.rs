//! `remote_write` and `remote_read`: `config/config.go`, `RemoteWriteConfig` and `RemoteReadConfig`,
//! `storage/remote/azuread` and `storage/remote/googleiam`, and the `sigv4` package.

use super::super::checks;
use super::scrape::RELABEL_CONFIG;
use super::{
    Choice, HTTP_CLIENT, Kind, LABEL_SET, List, Section, TEXT_MAP, Word, choice, key, named, section, word,
};

/// `remote_write`.
pub(super) static REMOTE_WRITES: List = List {
    go_type: "[]*config.RemoteWriteConfig",
    item: Kind::Section(&REMOTE_WRITE),
    empty: "empty or null remote write config section",
};

/// `remote_read`.
pub(super) static REMOTE_READS: List = List {
    go_type: "[]*config.RemoteReadConfig",
    item: Kind::Section(&REMOTE_READ),
    empty: "empty or null remote read config section",
};

static WRITE_RELABEL_CONFIGS: List = List {
    go_type: "[]*relabel.Config",
    item: Kind::Section(&RELABEL_CONFIG),
    empty: "empty or null relabeling rule in remote write config",
};

const MESSAGES: &[Word] = &[word("prometheus.WriteRequest"), word("io.prometheus.write.v2.Request")];
static MESSAGE: Choice = named("remote.WriteMessageType", MESSAGES);
static MESSAGE_BEFORE: Choice = named("config.RemoteWriteProtoMsg", MESSAGES);

static REMOTE_WRITE: Section = section(
    "remote_write",
    "config.plain",
    "*config.RemoteWriteConfig",
    "An endpoint that samples are sent to as they come in.",
    &[
        key("url", Kind::RequiredUrl, "Where samples are sent."),
        key(
            "protobuf_message",
            Kind::Enum(&MESSAGE_BEFORE),
            "The message in which samples are sent: that of remote write 1.0 or 2.0.",
        )
        .or("prometheus.WriteRequest")
        .since(2, 54)
        .until(3, 8),
        key(
            "protobuf_message",
            Kind::Enum(&MESSAGE),
            "The message in which samples are sent: that of remote write 1.0 or 2.0.",
        )
        .or("prometheus.WriteRequest")
        .since(3, 8),
        key("remote_timeout", Kind::Duration, "How long a request may take.").or("30s"),
        key("headers", Kind::Map(&TEXT_MAP), "Headers that are sent along."),
        key(
            "write_relabel_configs",
            Kind::List(&WRITE_RELABEL_CONFIGS),
            "Steps that rewrite the labels of each sample before it is sent, or drop it.",
        ),
        key("name", Kind::Text, "The endpoint's name in metrics and logs; each may stand only once."),
        key("send_exemplars", Kind::Bool, "Whether exemplars are sent.").or("false"),
        key("send_native_histograms", Kind::Bool, "Whether native histograms are sent.").or("false"),
        key(
            "round_robin_dns",
            Kind::Bool,
            "Whether each connection goes to a random one of the host's addresses.",
        )
        .or("false")
        .since(3, 1),
        key("sigv4", Kind::Optional(&SIGV4), "Requests are signed for AWS."),
        key("azuread", Kind::Optional(&AZUREAD), "Requests get a token of Microsoft Entra ID.").since(2, 45),
        key("google_iam", Kind::Optional(&GOOGLE_IAM), "Requests get a token of Google Cloud.").since(2, 55),
        key("queue_config", Kind::Section(&QUEUE), "How samples wait and in what portions they are sent."),
        key(
            "metadata_config",
            Kind::Section(&METADATA),
            "Whether and how often type, help and unit of metrics are sent.",
        ),
        key("enable_http2", Kind::Bool, "Whether HTTP/2 is spoken where the server does.")
            .or("false")
            .since(3, 0),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::remote_write);

static QUEUE: Section = section(
    "queue_config",
    "config.QueueConfig",
    "config.QueueConfig",
    "How samples wait and in what portions they are sent.",
    &[
        key("capacity", Kind::Int, "How many samples wait for each shard before reading the log pauses.")
            .or("2500")
            .until(2, 44),
        key("capacity", Kind::Int, "How many samples wait for each shard before reading the log pauses.")
            .or("10000")
            .since(2, 44),
        key("max_shards", Kind::Int, "How many requests run at once at most.").or("200").until(2, 44),
        key("max_shards", Kind::Int, "How many requests run at once at most.").or("50").since(2, 44),
        key("min_shards", Kind::Int, "How many requests run at once at first and at least.").or("1"),
        key("max_samples_per_send", Kind::Int, "How many samples a request has at most.")
            .or("500")
            .until(2, 44),
        key("max_samples_per_send", Kind::Int, "How many samples a request has at most.")
            .or("2000")
            .since(2, 44),
        key("batch_send_deadline", Kind::Duration, "How long a sample waits for its request to fill.")
            .or("5s"),
        key("min_backoff", Kind::Duration, "How long the first pause is after a failure that may pass.")
            .or("30ms"),
        key("max_backoff", Kind::Duration, "How long pauses grow.").or("5s"),
        key(
            "retry_on_http_429",
            Kind::Bool,
            "Whether a request is tried again when the receiver says that there are too many.",
        )
        .or("false"),
        key(
            "sample_age_limit",
            Kind::Duration,
            "How old a sample may be before it is no longer sent; 0 is any age.",
        )
        .or("0s")
        .since(2, 50),
    ],
)
.at_anchor("remote_write");

static METADATA: Section = section(
    "metadata_config",
    "config.MetadataConfig",
    "config.MetadataConfig",
    "Whether and how often type, help and unit of metrics are sent.",
    &[
        key("send", Kind::Bool, "Whether they are sent.").or("true"),
        key("send_interval", Kind::Duration, "How often they are sent.").or("1m"),
        key("max_samples_per_send", Kind::Int, "How many metrics a request has at most.")
            .or("500")
            .until(2, 44),
        key("max_samples_per_send", Kind::Int, "How many metrics a request has at most.")
            .or("2000")
            .since(2, 44),
    ],
)
.at_anchor("remote_write");

/// `sigv4`.
pub(super) static SIGV4: Section = section(
    "sigv4",
    "sigv4.plain",
    "*sigv4.SigV4Config",
    "Requests are signed for AWS.",
    &[
        key("region", Kind::Text, "The region; that of AWS' own settings if it is not set."),
        key("access_key", Kind::Text, "The id of the key."),
        key("secret_key", Kind::Secret, "The key."),
        key("profile", Kind::Text, "The named profile of AWS' own settings."),
        key("role_arn", Kind::Text, "The role that is taken on."),
        key("external_id", Kind::Text, "The external id that is given when the role is taken on.")
            .since(3, 10),
        key(
            "use_fips_sts_endpoint",
            Kind::Bool,
            "Whether the role is taken on at an endpoint that meets FIPS.",
        )
        .or("false")
        .since(3, 3),
        key("service_name", Kind::Text, "The service that requests are signed for.").or("aps").since(3, 5),
    ],
)
.at_anchor("remote_write")
.checked(checks::sigv4);

static CLOUD: Choice = choice(&[word("AzurePublic"), word("AzureChina"), word("AzureGovernment")]);

static AZUREAD: Section = section(
    "azuread",
    "azuread.plain",
    "*azuread.AzureADConfig",
    "Requests get a token of Microsoft Entra ID.",
    &[
        key("cloud", Kind::Enum(&CLOUD), "Which of Azure's clouds is meant.").or("AzurePublic"),
        key(
            "managed_identity",
            Kind::Optional(&MANAGED_IDENTITY),
            "The token is that of a managed identity.",
        ),
        key(
            "workload_identity",
            Kind::Optional(&WORKLOAD_IDENTITY),
            "The token is that of a workload in Kubernetes.",
        )
        .since(3, 7),
        key("oauth", Kind::Optional(&AZURE_OAUTH), "The token is that of an application with a secret.")
            .since(2, 48),
        key("sdk", Kind::Optional(&AZURE_SDK), "The token is that which Azure's own settings give.")
            .since(2, 52),
        key(
            "certificate",
            Kind::Optional(&AZURE_CERTIFICATE),
            "The token is that of an application with a certificate.",
        )
        .since(3, 13),
        key("scope", Kind::Text, "What the token is to allow.").since(3, 9),
    ],
)
.at_anchor("remote_write")
.checked(checks::azuread);

static MANAGED_IDENTITY: Section = section(
    "managed_identity",
    "azuread.ManagedIdentityConfig",
    "*azuread.ManagedIdentityConfig",
    "A managed identity.",
    &[key("client_id", Kind::Text, "The identity's client id; the system's own identity if it is not set.")],
)
.at_anchor("remote_write");

static WORKLOAD_IDENTITY: Section = section(
    "workload_identity",
    "azuread.WorkloadIdentityConfig",
    "*azuread.WorkloadIdentityConfig",
    "A workload in Kubernetes.",
    &[
        key("client_id", Kind::Text, "The client id."),
        key("tenant_id", Kind::Text, "The tenant."),
        key("token_file_path", Kind::File, "The file of the workload's token.")
            .or("/var/run/secrets/azure/tokens/azure-identity-token"),
    ],
)
.at_anchor("remote_write");

static AZURE_OAUTH: Section = section(
    "oauth",
    "azuread.OAuthConfig",
    "*azuread.OAuthConfig",
    "An application with a secret.",
    &[
        key("client_id", Kind::Text, "The application's client id."),
        key("client_secret", Kind::Text, "The application's secret.").until(3, 12),
        key("client_secret", Kind::Secret, "The application's secret.").since(3, 12),
        key("tenant_id", Kind::Text, "The tenant."),
    ],
)
.at_anchor("remote_write");

static AZURE_SDK: Section = section(
    "sdk",
    "azuread.SDKConfig",
    "*azuread.SDKConfig",
    "Azure's own settings.",
    &[key("tenant_id", Kind::Text, "The tenant.")],
)
.at_anchor("remote_write");

static AZURE_CERTIFICATE: Section = section(
    "certificate",
    "azuread.CertificateConfig",
    "*azuread.CertificateConfig",
    "An application with a certificate.",
    &[
        key("client_id", Kind::Text, "The application's client id."),
        key("tenant_id", Kind::Text, "The tenant."),
        key("certificate_path", Kind::File, "The file of the certificate."),
        key(
            "certificate_key_path",
            Kind::File,
            "The file of the certificate's key, where it is another one.",
        ),
        key("certificate_password", Kind::Secret, "The password of the certificate's file."),
        key("send_certificate_chain", Kind::Bool, "Whether the whole chain of certificates is sent.")
            .or("false"),
    ],
)
.at_anchor("remote_write");

static GOOGLE_IAM: Section = section(
    "google_iam",
    "googleiam.Config",
    "*googleiam.Config",
    "Requests get a token of Google Cloud.",
    &[key(
        "credentials_file",
        Kind::File,
        "The file of the credentials; Google Cloud's own settings if it is not set.",
    )],
)
.at_anchor("remote_write");

static REMOTE_READ: Section = section(
    "remote_read",
    "config.plain",
    "*config.RemoteReadConfig",
    "An endpoint that queries also read from.",
    &[
        key("url", Kind::RequiredUrl, "Where samples are read."),
        key("name", Kind::Text, "The endpoint's name in metrics and logs; each may stand only once."),
        key(
            "required_matchers",
            Kind::Map(&LABEL_SET),
            "Labels and values that a selector must ask for before the endpoint is read.",
        ),
        key("remote_timeout", Kind::Duration, "How long a request may take.").or("1m"),
        key("chunked_read_limit", Kind::Uint64, "How many bytes a frame of the answer may have.")
            .or("5e+07")
            .since(2, 55),
        key("headers", Kind::Map(&TEXT_MAP), "Headers that are sent along."),
        key(
            "read_recent",
            Kind::Bool,
            "Whether the endpoint is read for times that the local storage has in full.",
        )
        .or("false"),
        key("filter_external_labels", Kind::Bool, "Whether the external labels are added to each selector.")
            .or("true"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::remote_read);
