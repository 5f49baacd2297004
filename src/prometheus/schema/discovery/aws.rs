//! AWS: `discovery/aws`.

use super::{
    Choice, HTTP_CLIENT, Key, Kind, List, Section, TEXTS, checks, key, list, port, refresh_interval, section,
    word,
};

static FILTER: Section =
    section("aws_filter", "aws.Filter", "*aws.Filter", "What must hold of what is found.", FILTER_KEYS)
        .at_anchor("aws_sd_config");

static EC2_FILTER: Section =
    section("aws_filter", "aws.EC2Filter", "*aws.EC2Filter", "What must hold of what is found.", FILTER_KEYS)
        .at_anchor("ec2_sd_config");

const FILTER_KEYS: &[Key] =
    &[key("name", Kind::Text, "What is looked at."), key("values", Kind::List(&TEXTS), "What it may be.")];

static FILTERS: List = list("[]*aws.Filter", Kind::Section(&FILTER));
static EC2_FILTERS: List = list("[]*aws.EC2Filter", Kind::Section(&EC2_FILTER));

static ROLE: Choice = Choice {
    go_type: "string",
    own_type: "aws.Role",
    is_text: true,
    values: &[
        word("ec2"),
        word("ecs"),
        word("elasticache").since(3, 11),
        word("lightsail"),
        word("msk").since(3, 10),
        word("rds").since(3, 11),
    ],
    unknown: "unknown AWS SD role %q",
};

pub(super) static AWS_LIST: List = List {
    go_type: "[]*aws.SDConfig",
    item: Kind::Section(&AWS),
    empty: "empty or null section in aws_sd_configs",
};

static AWS: Section = section(
    "aws_sd_config",
    "aws.plain",
    "*aws.SDConfig",
    "What AWS knows of one kind.",
    &[
        key("role", Kind::Enum(&ROLE), "What is looked for."),
        key(
            "region",
            Kind::Text,
            "The region; that of the instance or of AWS' own settings if it is not set.",
        ),
        key("endpoint", Kind::Text, "The endpoint of the API, where it is not AWS' own."),
        key("access_key", Kind::Text, "The id of the key; AWS' own settings if it is not set."),
        key("secret_key", Kind::Secret, "The key."),
        key("profile", Kind::Text, "The named profile of AWS' own settings."),
        key("role_arn", Kind::Text, "The role that is taken on."),
        key("external_id", Kind::Text, "The external id that is given when the role is taken on.")
            .since(3, 12),
        port("80"),
        refresh_interval("1m"),
        key(
            "filters",
            Kind::List(&EC2_FILTERS),
            "What must hold of what is found; only for `ec2` and `rds`.",
        )
        .until(3, 13),
        key("filters", Kind::List(&FILTERS), "What must hold of what is found; only for `ec2` and `rds`.")
            .since(3, 13),
        key("clusters", Kind::List(&TEXTS), "The clusters that are looked into; all if none is listed."),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::aws);

pub(super) static EC2_LIST: List = List {
    go_type: "[]*aws.EC2SDConfig",
    item: Kind::Section(&EC2),
    empty: "empty or null section in ec2_sd_configs",
};

static EC2: Section = section(
    "ec2_sd_config",
    "aws.plain",
    "*aws.EC2SDConfig",
    "Instances of AWS EC2.",
    &[
        key(
            "region",
            Kind::Text,
            "The region; that of the instance or of AWS' own settings if it is not set.",
        ),
        key("endpoint", Kind::Text, "The endpoint of the API, where it is not AWS' own."),
        key("access_key", Kind::Text, "The id of the key; AWS' own settings if it is not set."),
        key("secret_key", Kind::Secret, "The key."),
        key("profile", Kind::Text, "The named profile of AWS' own settings."),
        key("role_arn", Kind::Text, "The role that is taken on."),
        key("external_id", Kind::Text, "The external id that is given when the role is taken on.")
            .since(3, 12),
        port("80"),
        refresh_interval("1m"),
        key("filters", Kind::List(&EC2_FILTERS), "What must hold of the instances.").until(3, 13),
        key("filters", Kind::List(&FILTERS), "What must hold of the instances.").since(3, 13),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::ec2);

pub(super) static LIGHTSAIL_LIST: List = List {
    go_type: "[]*aws.LightsailSDConfig",
    item: Kind::Section(&LIGHTSAIL),
    empty: "empty or null section in lightsail_sd_configs",
};

static LIGHTSAIL: Section = section(
    "lightsail_sd_config",
    "aws.plain",
    "*aws.LightsailSDConfig",
    "Instances of AWS Lightsail.",
    &[
        key(
            "region",
            Kind::Text,
            "The region; that of the instance or of AWS' own settings if it is not set.",
        ),
        key("endpoint", Kind::Text, "The endpoint of the API, where it is not AWS' own."),
        key("access_key", Kind::Text, "The id of the key; AWS' own settings if it is not set."),
        key("secret_key", Kind::Secret, "The key."),
        key("profile", Kind::Text, "The named profile of AWS' own settings."),
        key("role_arn", Kind::Text, "The role that is taken on."),
        key("external_id", Kind::Text, "The external id that is given when the role is taken on.")
            .since(3, 12),
        port("80"),
        refresh_interval("1m"),
    ],
)
.with(&[&HTTP_CLIENT])
.checked(checks::lightsail);
