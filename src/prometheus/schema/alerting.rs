//! `alerting`: `config/config.go`, `AlertingConfig` and `AlertmanagerConfig`.

use super::super::checks;
use super::remote::SIGV4;
use super::scrape::{RELABEL_CONFIG, SCHEME};
use super::{Choice, DISCOVERIES, HTTP_CLIENT, Kind, List, Section, key, section, word};

static ALERTMANAGERS: List = List {
    go_type: "config.AlertmanagerConfigs",
    item: Kind::Section(&ALERTMANAGER_CONFIG),
    // Prometheus has no words for it: it panics.
    empty: "empty or null section in alertmanagers",
};

static GLOBAL_RULES: List = List {
    go_type: "[]*relabel.Config",
    item: Kind::Section(&RELABEL_CONFIG),
    empty: "empty or null alert relabeling rule",
};

static TARGET_RULES: List = List {
    go_type: "[]*relabel.Config",
    item: Kind::Section(&RELABEL_CONFIG),
    empty: "empty or null Alertmanager target relabeling rule",
};

static ALERT_RULES: List = List {
    go_type: "[]*relabel.Config",
    item: Kind::Section(&RELABEL_CONFIG),
    empty: "empty or null Alertmanager alert relabeling rule",
};

/// `alerting`.
pub(super) static ALERTING: Section = section(
    "alerting",
    "config.plain",
    "config.AlertingConfig",
    "Where alerts go.",
    &[
        key(
            "alert_relabel_configs",
            Kind::List(&GLOBAL_RULES),
            "Steps that rewrite the labels of each alert before it is sent, or drop it.",
        ),
        key("alertmanagers", Kind::List(&ALERTMANAGERS), "The Alertmanagers that get the alerts."),
    ],
)
.at_anchor("configuration-file");

static API_VERSION: Choice = Choice {
    go_type: "config.plain",
    own_type: "config.Text",
    is_text: true,
    values: &[word("v1").until(3, 0), word("v2")],
    unknown: "expected Alertmanager api version to be one of %v but got %s",
};

/// An item of `alertmanagers`.
pub(in crate::prometheus) static ALERTMANAGER_CONFIG: Section = section(
    "alertmanager_config",
    "config.AlertmanagerConfig",
    "*config.AlertmanagerConfig",
    "A group of Alertmanagers and how they are reached.",
    &[
        key("timeout", Kind::Duration, "How long sending may take.").or("10s"),
        key("api_version", Kind::Enum(&API_VERSION), "The version of Alertmanager's API.").or("v2"),
        key("path_prefix", Kind::Text, "What stands before the path that alerts are sent to.").or("/"),
        key("scheme", Kind::Enum(&SCHEME), "Whether Alertmanagers are asked over HTTP or HTTPS.").or("http"),
        key("sigv4", Kind::Optional(&SIGV4), "Requests are signed for AWS.").since(2, 48),
        key(
            "relabel_configs",
            Kind::List(&TARGET_RULES),
            "Steps that rewrite each Alertmanager's labels, or drop it.",
        ),
        key(
            "alert_relabel_configs",
            Kind::List(&ALERT_RULES),
            "Steps that rewrite the labels of each alert for these Alertmanagers, or drop it.",
        )
        .since(2, 51),
    ],
)
.with(&[&HTTP_CLIENT, &DISCOVERIES])
.checked(checks::alertmanager_config);
