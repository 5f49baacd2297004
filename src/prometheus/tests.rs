//! Tests of decoding, defaults and validation.

use proptest::prelude::*;

use super::*;
use crate::diagnostic::Severity;
use crate::labels::ValidationScheme::{Legacy, Utf8};
use crate::text::Span;

fn newest(text: &str) -> Parsed<Config> {
    parse(text, Version::NEWEST, &Environment::default())
}

#[track_caller]
fn check(text: &str, version: Version, expect: &[(&str, &str)]) {
    let parsed = parse(text, version, &Environment::default());
    let found: Vec<(&str, &str)> = parsed
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .map(|found| (&text[found.span.range()], &*found.message))
        .collect();
    assert_eq!(found, expect, "{text}");
}

#[test]
fn every_fault_is_reported_at_its_place() {
    check(
        "global:\n  scrape_intervall: 5s\n  sample_limit: many\nscrape_configs:\n- honor_labels: 'true'\n  scrape_timeout: 2x\n- job_name: a\n- job_name: a\n  scrape_timeout: 2m\n",
        Version::NEWEST,
        &[
            ("scrape_intervall", "line 2: field scrape_intervall not found in type config.plain"),
            ("many", "line 3: cannot unmarshal !!str `many` into uint"),
            ("honor_labels", "job_name is empty"),
            ("'true'", "line 5: cannot unmarshal !!str `true` into bool"),
            ("2x", "unknown unit \"x\" in duration \"2x\""),
            ("a", "found multiple scrape configs with job name \"a\""),
            ("2m", "scrape timeout greater than scrape interval for scrape config with job name \"a\""),
        ],
    );
}

#[test]
fn keys_belong_to_versions() {
    let text =
        "scrape_configs:\n- job_name: a\n  enable_compression: false\n  scrape_classic_histograms: true\n";
    check(
        text,
        Version::V2_42,
        &[
            ("enable_compression", "line 3: field enable_compression not found in type config.ScrapeConfig"),
            (
                "scrape_classic_histograms",
                "line 4: field scrape_classic_histograms not found in type config.ScrapeConfig",
            ),
        ],
    );
    check(text, Version { major: 2, minor: 55 }, &[]);
    check(
        text,
        Version::NEWEST,
        &[(
            "scrape_classic_histograms",
            "line 4: field scrape_classic_histograms not found in type config.ScrapeConfig",
        )],
    );
    let parsed = parse(text, Version::V2_42, &Environment::default());
    assert_eq!(
        parsed.diagnostics[0].help,
        "`enable_compression` came with Prometheus 2.49; this file is read as for 2.42."
    );
}

#[test]
fn every_section_is_looked_into() {
    check(
        "alerting: {alertmanagers: [{x: 1}]}\nremote_write: [{url: x}]\n",
        Version::NEWEST,
        &[("x", "line 1: field x not found in type config.AlertmanagerConfig")],
    );
    check(
        "scrape_configs:\n- job_name: a\n  tls_config:\n    ca_file: x\n    ca_file: y\n",
        Version::NEWEST,
        &[("ca_file", "line 5: field ca_file already set in type config.plain")],
    );
    check(
        "scrape_configs:\n- job_name: a\n  basic_auth: {}\n  bearer_token: x\n",
        Version::NEWEST,
        &[(
            "bearer_token",
            "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured",
        )],
    );
    check(
        "remote_write:\n- url: http://a\n  queue_config:\n",
        Version::NEWEST,
        &[("queue_config", "remote write queue max_shards must be positive")],
    );
    check("remote_write:\n- url: http://a\n  queue_config:\n", Version::V3_5, &[]);
    check(
        "storage: {tsdb: {retention: {percentage: 101}}}\ntracing: {}\n",
        Version::NEWEST,
        &[
            ("101", "'storage.tsdb.retention.percentage' must be in the range [0, 100], got 101"),
            ("{}", "tracing endpoint must be set"),
        ],
    );
}

#[test]
fn discoveries_by_file_and_over_http_are_modelled() {
    let parsed = newest(
        "scrape_configs:\n- job_name: a\n  dns_sd_configs: [{names: [x]}]\n  consul_sd_configs: []\n  file_sd_configs: [{files: [a.yml, 'b/*.json'], refresh_interval: 1m}]\n  http_sd_configs: [{url: 'http://a/b'}]\n",
    );
    assert!(!parsed.has_errors());
    let job = &parsed.value.scrape_configs[0];
    let files = &job.file_sd_configs[0];
    assert_eq!(files.files.iter().map(|file| file.value.as_str()).collect::<Vec<_>>(), ["a.yml", "b/*.json"]);
    assert_eq!(files.refresh_interval.as_ref().map(|interval| interval.value), Some(Duration::from_secs(60)));
    assert_eq!(job.http_sd_configs[0].url.as_ref().map(|url| url.value.as_str()), Some("http://a/b"));
    assert_eq!(
        job.discoveries.iter().map(|unread| unread.key.value.as_str()).collect::<Vec<_>>(),
        ["dns_sd_configs", "file_sd_configs", "http_sd_configs"]
    );
}

#[test]
fn null_is_the_types_zero_and_not_the_default() {
    let parsed = newest(
        "scrape_configs:\n- job_name: a\n  honor_timestamps:\n  scheme: ~\n  scrape_interval:\n  extra_scrape_metrics:\n",
    );
    assert!(!parsed.has_errors());
    let job = parsed.value.scrape_configs[0].effective(&parsed.value.global, Version::NEWEST);
    assert!(!job.honor_timestamps);
    assert_eq!(job.scheme, "");
    assert_eq!(job.metrics_path, "/metrics");
    assert_eq!(job.scrape_interval, Duration::from_secs(60));
}

#[test]
fn timeouts_follow_intervals() {
    let check = |text: &str, interval: u64, timeout: u64| {
        let parsed = newest(text);
        assert!(!parsed.has_errors(), "{text}");
        let job = parsed.value.scrape_configs[0].effective(&parsed.value.global, Version::NEWEST);
        assert_eq!(
            (job.scrape_interval.as_millis(), job.scrape_timeout.as_millis()),
            (interval, timeout),
            "{text}"
        );
    };
    check("scrape_configs: [{job_name: a}]", 60_000, 10_000);
    check("scrape_configs: [{job_name: a, scrape_interval: 5s}]", 5000, 5000);
    check("global: {scrape_interval: 5s}\nscrape_configs: [{job_name: a}]", 5000, 5000);
    check(
        "global: {scrape_timeout: 20s}\nscrape_configs: [{job_name: a, scrape_interval: 15s}]",
        15_000,
        15_000,
    );
    check(
        "global: {scrape_timeout: 20s}\nscrape_configs: [{job_name: a, scrape_interval: 90s}]",
        90_000,
        20_000,
    );
}

#[test]
fn limits_are_inherited_where_they_are_zero() {
    let parsed = newest(
        "global: {sample_limit: 5, label_limit: 7, body_size_limit: 1MB}\nscrape_configs: [{job_name: a, sample_limit: 0, label_limit: 3}]",
    );
    let job = parsed.value.scrape_configs[0].effective(&parsed.value.global, Version::NEWEST);
    assert_eq!((job.sample_limit, job.label_limit, job.body_size_limit.bytes()), (5, 3, 1 << 20));
    assert_eq!(job.target_limit, 0);
}

#[test]
fn name_schemes_and_their_escaping() {
    let check = |text: &str, version: Version, scheme, escaping: &str| {
        let parsed = parse(text, version, &Environment::default());
        let job = parsed.value.scrape_configs[0].effective(&parsed.value.global, version);
        assert_eq!(
            (job.metric_name_validation_scheme, job.metric_name_escaping_scheme),
            (scheme, escaping),
            "{text}"
        );
    };
    let job = "scrape_configs: [{job_name: a}]\n";
    check(job, Version::NEWEST, Utf8, "allow-utf-8");
    check(job, Version::V2_42, Legacy, "underscores");
    check(
        &format!("global: {{metric_name_validation_scheme: legacy}}\n{job}"),
        Version::NEWEST,
        Legacy,
        "underscores",
    );
    check(
        "scrape_configs: [{job_name: a, metric_name_validation_scheme: legacy}]\n",
        Version::NEWEST,
        Legacy,
        "underscores",
    );
    check(&format!("global: {{metric_name_escaping_scheme: dots}}\n{job}"), Version::NEWEST, Utf8, "dots");
    check(
        "global: {metric_name_escaping_scheme: dots}\nscrape_configs: [{job_name: a, metric_name_validation_scheme: utf8}]\n",
        Version::NEWEST,
        Utf8,
        "allow-utf-8",
    );
}

#[test]
fn external_labels_are_expanded_with_what_is_given() {
    let environment = Environment::from([("DC".to_owned(), "eu".to_owned())]);
    let text = "global: {external_labels: {dc: \"$DC\", b: \"${NONE}\", c: \"$$x\"}}";
    let labels = |version| {
        let parsed = parse(text, version, &environment);
        assert!(!parsed.has_errors());
        parsed.value.global.effective(version).external_labels
    };
    let new = labels(Version::NEWEST);
    assert_eq!(new.iter().collect::<Vec<_>>(), [("b", ""), ("c", "$x"), ("dc", "eu")]);
    assert_eq!(labels(Version::V2_42).value("dc"), "$DC");
    let unset = parse(text, Version::NEWEST, &environment).diagnostics;
    assert_eq!(unset.len(), 1);
    assert_eq!((unset[0].code, unset[0].severity), (codes::UNSET_VARIABLE, Severity::Info));
}

#[test]
fn merge_keys_take_effect_where_they_stand() {
    let base = "scrape_configs:\n- &d\n  job_name: a\n  scheme: https\n  params: {x: [y]}\n";
    let before = newest(&format!("{base}- <<: *d\n  job_name: b\n"));
    assert!(!before.has_errors());
    assert_eq!(before.value.scrape_configs[1].name(), "b");
    // go-yaml v2 lets a merge key override what stands before it.
    check(
        &format!("{base}- job_name: b\n  <<: *d\n"),
        Version::NEWEST,
        &[("a", "found multiple scrape configs with job name \"a\"")],
    );
    // The merged map is already there when the own one is read into it.
    let both = newest(&format!("{base}- <<: *d\n  job_name: b\n  params: {{x: [z]}}\n"));
    assert_eq!(both.diagnostics[0].message, "line 8: key \"x\" already set in map");
}

#[test]
fn a_broken_line_hides_what_cannot_be_known_behind_it() {
    let text = "global:\n  foo: 1\nscrape_configs:\n- metrics_path: /x\n  job_na\n  scheme: https\n";
    let parsed = newest(text);
    let messages: Vec<&str> = parsed.diagnostics.iter().map(|found| &*found.message).collect();
    assert_eq!(
        messages,
        ["line 2: field foo not found in type config.plain", "yaml: line 6: could not find expected ':'"]
    );
    assert_eq!(parsed.value.scrape_configs[0].scheme.as_ref().map(|s| s.value.as_str()), Some("https"));
}

#[test]
fn positions_inside_of_values_lead_to_the_file() {
    let text = "scrape_configs:\n- job_name: a\n  params:\n    match[]:\n    - >-\n      {job=\"a\",\n      dc=\"b\"}\n";
    let parsed = newest(text);
    let selector = &parsed.value.scrape_configs[0].params[0].values[0];
    assert_eq!(selector.value, "{job=\"a\", dc=\"b\"}");
    let at = selector.value.find("dc").expect("the label") as u32;
    let span = selector.part(Span::new(at, at + 2));
    assert_eq!(&text[span.range()], "dc");
    assert_eq!(text[..span.range().start].lines().count(), 7);
}

const LONG: &str = include_str!("../../tests/fixtures/prometheus/federation.good.yml");

#[test]
fn the_long_configuration_is_sound() {
    assert_eq!(newest(LONG).diagnostics, []);
}

#[test]
fn typing_a_configuration_never_panics_and_complains_near_the_cursor() {
    for end in (0..=LONG.len()).filter(|&end| LONG.is_char_boundary(end)) {
        let text = &LONG[..end];
        let parsed = newest(text);
        // What stands in earlier jobs was complete and stays without complaint.
        let job = text.rfind("\n- job_name").or_else(|| text.rfind("\n  - job_name")).unwrap_or(0);
        for found in parsed.diagnostics.iter().filter(|found| found.severity == Severity::Error) {
            assert!(
                found.span.start as usize >= job || found.code == codes::EMPTY_JOB_NAME,
                "{found:?} after typing {end} bytes: …{:?}",
                &text[job..]
            );
        }
    }
}

proptest! {
    #[test]
    fn a_configuration_with_a_hole_never_panics(start in 0usize..4000, len in 0usize..200, insert in "[a-z:'\"\\-\\[{}\\]\n |>&*!]{0,4}") {
        let start = LONG.floor_char_boundary(start.min(LONG.len()));
        let end = LONG.floor_char_boundary((start + len).min(LONG.len()));
        let text = format!("{}{insert}{}", &LONG[..start], &LONG[end..]);
        for version in [Version::V2_42, Version::NEWEST] {
            for found in parse(&text, version, &Environment::default()).diagnostics {
                prop_assert!(text.get(found.span.range()).is_some());
            }
        }
    }
}

/// What plain, quoted and tagged scalars are to typed keys: go-yaml's `scalar`, as promtool has it.
#[test]
fn scalars_become_what_their_keys_are() {
    let limit = |text: &str| {
        let parsed = newest(&format!("global: {{sample_limit: {text}}}\n"));
        let message = parsed.diagnostics.first().map(|found| found.message.to_string());
        message.map_or_else(|| Ok(parsed.value.global.sample_limit.map_or(0, |limit| limit.value)), Err)
    };
    let check = |text: &str, expect: Result<u64, &str>| {
        assert_eq!(
            limit(text).as_ref().copied().map_err(String::as_str),
            expect.as_ref().copied().map_err(|e| *e),
            "{text}"
        );
    };
    check("5", Ok(5));
    check("0o17", Ok(15));
    check("017", Ok(15));
    check("0x1F", Ok(31));
    check("0b11", Ok(3));
    check("1_000", Ok(1000));
    check("1.5", Ok(1));
    check("1e3", Ok(1000));
    check("~", Ok(0));
    check("", Ok(0));
    check("!!int '5'", Ok(5));
    check("yes", Err("line 1: cannot unmarshal !!bool `yes` into uint"));
    check("'5'", Err("line 1: cannot unmarshal !!str `5` into uint"));
    check("-1", Err("line 1: cannot unmarshal !!int `-1` into uint"));
    check("99999999999999999999", Err("line 1: cannot unmarshal !!float `9999999...` into uint"));
    check("[5]", Err("line 1: cannot unmarshal !!seq into uint"));
    check("{a: b}", Err("line 1: cannot unmarshal !!map into uint"));
    check("2006-01-02", Err("line 1: cannot unmarshal !!timestamp `2006-01-02` into uint"));
    let text = |text: &str| {
        newest(&format!("global: {{query_log_file: {text}}}\n"))
            .value
            .global
            .query_log_file
            .map(|text| text.value)
    };
    let check = |given: &str, expect: &str| assert_eq!(text(given).as_deref(), Some(expect), "{given}");
    check("5", "5");
    check("'5'", "5");
    check("yes", "yes");
    check("0x1F", "0x1F");
    check("2006-01-02", "2006-01-02");
    check("~", "");
    check("'~'", "~");
    check("!!binary aGk=", "hi");
}

#[test]
fn many_faults_cost_no_more_than_their_number() {
    use std::fmt::Write as _;
    let mut keys = String::from("global:\n  external_labels: {");
    for key in 0..50_000 {
        write!(keys, "l{key}: a, ").expect("text");
    }
    keys.push_str("l7: b}\n");
    let found = newest(&keys).diagnostics;
    assert_eq!(&*found[0].message, "line 2: key \"l7\" already set in map");
    let mut keys = String::from("global:\n");
    for key in 0..50_000 {
        writeln!(keys, "  scrape_interva{key}: 1").expect("text");
    }
    assert_eq!(newest(&keys).diagnostics.len(), 10_000);
    let protocols = vec!["PrometheusProto"; 50_000].join(", ");
    let found = newest(&format!("global: {{scrape_protocols: [{protocols}]}}\n")).diagnostics;
    assert_eq!(found.len(), 1);
}
