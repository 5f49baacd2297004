//! How requests are made: `common/config`, `HTTPClientConfig` and what stands in it.

use super::super::checks;
use super::{
    Choice, Key, Kind, List, Map, MapKey, Section, TEXT_MAP, TEXTS, choice, key, list, section, word,
};

const TLS_VERSION: Choice = Choice {
    go_type: "string",
    own_type: "config.TLSVersion",
    is_text: false,
    values: &[word("TLS10"), word("TLS11"), word("TLS12"), word("TLS13")],
    unknown: "unknown TLS version: %s",
};
static TLS_VERSIONS: Choice = TLS_VERSION;

/// `tls_config`: `TLSConfig`.
pub(super) static TLS_CONFIG: Section = section(
    "tls_config",
    "config.plain",
    "config.TLSConfig",
    "How the server's certificate is verified, and which certificate is shown to it.",
    &[
        key("ca", Kind::Text, "The certificate authority to trust, as PEM text.").since(2, 45),
        key("ca_file", Kind::File, "The file of the certificate authority to trust."),
        key("ca_ref", Kind::Text, "The name of the secret that is the certificate authority; only programs with a secret manager know any.").since(2, 53),
        key("cert", Kind::Text, "The client's certificate, as PEM text.").since(2, 45),
        key("cert_file", Kind::File, "The file of the client's certificate."),
        key("cert_ref", Kind::Text, "The name of the secret that is the client's certificate; only programs with a secret manager know any.").since(2, 53),
        key("key", Kind::Secret, "The client's key, as PEM text.").since(2, 45),
        key("key_file", Kind::File, "The file of the client's key."),
        key("key_ref", Kind::Text, "The name of the secret that is the client's key; only programs with a secret manager know any.").since(2, 53),
        key("server_name", Kind::Text, "The name that the server's certificate must be for."),
        key("insecure_skip_verify", Kind::Bool, "Whether any certificate is taken.").or("false"),
        key("min_version", Kind::Enum(&TLS_VERSIONS), "The oldest TLS that is spoken.").or("TLS12"),
        key("max_version", Kind::Enum(&TLS_VERSIONS), "The newest TLS that is spoken.").or("TLS13"),
    ],
)
.checked(checks::tls_config);

static BASIC_AUTH: Section = section(
    "basic_auth",
    "config.plain",
    "*config.BasicAuth",
    "A user's name and password, sent with every request.",
    &[
        key("username", Kind::Text, "The name."),
        key("username_file", Kind::File, "The file that holds the name.").since(2, 49),
        key(
            "username_ref",
            Kind::Text,
            "The name of the secret that is the name; only programs with a secret manager know any.",
        )
        .since(2, 53),
        key("password", Kind::Secret, "The password."),
        key("password_file", Kind::File, "The file that holds the password."),
        key(
            "password_ref",
            Kind::Text,
            "The name of the secret that is the password; only programs with a secret manager know any.",
        )
        .since(2, 53),
    ],
)
.at_anchor("http_config");

static AUTHORIZATION: Section = section(
    "authorization",
    "config.Authorization",
    "*config.Authorization",
    "Credentials of any type, sent with every request.",
    &[
        key("type", Kind::Text, "The type of the credentials; `basic` has a section of its own.")
            .or("Bearer"),
        key("credentials", Kind::Secret, "The credentials."),
        key("credentials_file", Kind::File, "The file that holds the credentials."),
        key(
            "credentials_ref",
            Kind::Text,
            "The name of the secret that is the credentials; only programs with a secret manager know any.",
        )
        .since(2, 53),
    ],
)
.at_anchor("http_config");

static SIGNATURE_ALGORITHM: Choice = choice(&[word("RS256"), word("RS384"), word("RS512")]);
static GRANT_TYPE: Choice =
    choice(&[word("client_credentials"), word("urn:ietf:params:oauth:grant-type:jwt-bearer")]);
static CLAIMS: Map = Map {
    go_type: "map[string]interface {}",
    outer_type: "map[string]interface {}",
    keys: MapKey::Text,
    value: Kind::Any,
};

static OAUTH2_BEFORE_PROXIES: Section =
    section("oauth2", "config.OAuth2", "*config.OAuth2", OAUTH2_WORDS, OAUTH2_KEYS);
static OAUTH2: Section = section("oauth2", "config.plain", "*config.OAuth2", OAUTH2_WORDS, OAUTH2_KEYS)
    .with(&[&PROXY])
    .checked(checks::oauth2);

const OAUTH2_WORDS: &str = "A token is fetched from an OAuth 2.0 server and sent with every request.";
const OAUTH2_KEYS: &[Key] = &[
    key("client_id", Kind::Text, "Who asks for the token."),
    key("client_secret", Kind::Secret, "The secret of who asks."),
    key("client_secret_file", Kind::File, "The file that holds the secret of who asks."),
    key(
        "client_secret_ref",
        Kind::Text,
        "The name of the secret of who asks; only programs with a secret manager know any.",
    )
    .since(2, 53),
    key("client_certificate_key_id", Kind::Text, "The id of the key that signs the assertion.").since(3, 8),
    key("client_certificate_key", Kind::Secret, "The key that signs the assertion.").since(3, 8),
    key("client_certificate_key_file", Kind::File, "The file of the key that signs the assertion.")
        .since(3, 8),
    key(
        "client_certificate_key_ref",
        Kind::Text,
        "The name of the secret that signs the assertion; only programs with a secret manager know any.",
    )
    .since(3, 8),
    key(
        "grant_type",
        Kind::Enum(&GRANT_TYPE),
        "How the token is asked for: with a secret, or with a signed assertion.",
    )
    .or("client_credentials")
    .since(3, 8),
    key("signature_algorithm", Kind::Enum(&SIGNATURE_ALGORITHM), "How the assertion is signed.")
        .or("RS256")
        .since(3, 8),
    key("iss", Kind::Text, "Who issues the assertion; the client id if it is not set.").since(3, 8),
    key("audience", Kind::Text, "For whom the assertion is; the token URL if it is not set.").since(3, 8),
    key("claims", Kind::Map(&CLAIMS), "More claims of the assertion.").since(3, 8),
    key("scopes", Kind::List(&TEXTS), "What the token is to allow."),
    key("token_url", Kind::Text, "Where the token is fetched."),
    key("endpoint_params", Kind::Map(&TEXT_MAP), "More parameters of the request for the token."),
    key("tls_config", Kind::Section(&TLS_CONFIG), "How the token server's certificate is verified."),
    key("proxy_url", Kind::Url, "The proxy over which the token is fetched.").until(2, 43),
];

static SECRETS: List = list("[]config.Secret", Kind::Secret);
static PROXY_HEADER: Map = Map {
    go_type: "config.ProxyHeader",
    outer_type: "config.ProxyHeader",
    keys: MapKey::Text,
    value: Kind::List(&SECRETS),
};
static PROXY_HEADER_BEFORE: Map = Map {
    go_type: "config.Header",
    outer_type: "config.Header",
    keys: MapKey::Text,
    value: Kind::List(&SECRETS),
};

/// `ProxyConfig`, which since 2.43 is a type of its own.
static PROXY: Section = section(
    "proxy",
    "config.ProxyConfig",
    "config.ProxyConfig",
    "Over which proxy requests are made.",
    &[
        key("proxy_url", Kind::Url, "The proxy over which requests are made.").since(2, 43),
        key(
            "no_proxy",
            Kind::Text,
            "Hosts, addresses and networks, with commas between, that are asked without the proxy.",
        )
        .since(2, 43),
        key(
            "proxy_from_environment",
            Kind::Bool,
            "Whether the proxy is the one that `HTTP_PROXY` and its like name.",
        )
        .or("false")
        .since(2, 43),
        key(
            "proxy_connect_header",
            Kind::Map(&PROXY_HEADER_BEFORE),
            "Headers that the proxy gets when a connection is asked for.",
        )
        .since(2, 43)
        .until(2, 53),
        key(
            "proxy_connect_header",
            Kind::Map(&PROXY_HEADER),
            "Headers that the proxy gets when a connection is asked for.",
        )
        .since(2, 53),
    ],
)
.at_anchor("http_config");

static HEADER: Section = section(
    "http_header",
    "config.Header",
    "config.Header",
    "The values of one header.",
    &[
        key("values", Kind::List(&TEXTS), "The header's values."),
        key("secrets", Kind::List(&SECRETS), "The header's values, not to be seen."),
        key("files", Kind::List(&TEXTS), "Files that each hold a value of the header."),
    ],
)
.at_anchor("http_config");
static HEADERS: Map = Map {
    go_type: "config.Headers",
    outer_type: "*config.Headers",
    keys: MapKey::Text,
    value: Kind::Section(&HEADER),
};

/// `HTTPClientConfig`, whose keys stand in every section that makes requests.
pub(in crate::prometheus) static HTTP_CLIENT: Section = section(
    "http_config",
    "config.plain",
    "config.HTTPClientConfig",
    "How requests are made: credentials, TLS, proxies, headers.",
    &[
        key(
            "basic_auth",
            Kind::Optional(&BASIC_AUTH),
            "A user's name and password, sent with every request.",
        ),
        key(
            "authorization",
            Kind::Optional(&AUTHORIZATION),
            "Credentials of any type, sent with every request.",
        ),
        key(
            "oauth2",
            Kind::Optional(&OAUTH2_BEFORE_PROXIES),
            "A token is fetched from an OAuth 2.0 server and sent with every request.",
        )
        .until(2, 43),
        key(
            "oauth2",
            Kind::Optional(&OAUTH2),
            "A token is fetched from an OAuth 2.0 server and sent with every request.",
        )
        .since(2, 43),
        key("bearer_token", Kind::Secret, "A bearer token; `authorization` is the newer way to say it."),
        key(
            "bearer_token_file",
            Kind::File,
            "The file that holds a bearer token; `authorization` is the newer way to say it.",
        ),
        key(
            "tls_config",
            Kind::Section(&TLS_CONFIG),
            "How the server's certificate is verified, and which certificate is shown to it.",
        ),
        key("follow_redirects", Kind::Bool, "Whether redirects are followed.").or("true"),
        key("enable_http2", Kind::Bool, "Whether HTTP/2 is spoken where the server does.").or("true"),
        key("proxy_url", Kind::Url, "The proxy over which requests are made.").until(2, 43),
        key(
            "proxy_connect_header",
            Kind::Map(&PROXY_HEADER_BEFORE),
            "Headers that the proxy gets when a connection is asked for.",
        )
        .until(2, 43),
        key("http_headers", Kind::Map(&HEADERS), "More headers, sent with every request.").since(2, 53),
    ],
)
.with(&[&PROXY]);
