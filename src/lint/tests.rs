//! What rules say, and what they leave unsaid.

use std::sync::Arc;

use crate::federation::{Memo, Preview};
use crate::workspace::Files;

/// Code and message of all findings.
fn found(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all = Files::new(1);
    for &(path, text) in files {
        all.put_text(path, text);
    }
    let preview =
        Preview::compute(Arc::new(all.assemble()), None, &mut Memo::new(1)).expect("a small preview");
    let words = |finding: super::Finding| {
        (finding.diagnostic.code.as_str().to_owned(), finding.diagnostic.message.to_string())
    };
    super::findings(&preview).into_iter().map(words).collect()
}

/// A job that federates from `target`, with more of its keys in `more`.
fn job(name: &str, selector: &str, target: &str, more: &str) -> String {
    format!(
        "- job_name: {name}\n  honor_labels: true\n  metrics_path: /federate\n  params: {{ 'match[]': ['{selector}'] }}\n  static_configs: [{{ targets: ['{target}'] }}]\n{more}"
    )
}

const LEAF: &str = "scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]\n";
const SAMPLES: &str =
    "up{job=\"shop\",instance=\"shop:80\"} 1\npaths{job=\"shop\",instance=\"shop:80\",path=\"/a b\"} 1\n";

/// The codes found where `jobs` stand in `global.yml`, beside a leaf with samples.
fn check(jobs: &[String], expect: &[&str]) {
    let global = format!("scrape_configs:\n{}", jobs.concat());
    let found = found(&[("global.yml", &global), ("leaf.yml", LEAF), ("leaf.prom", SAMPLES)]);
    let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, expect, "{global}\n{found:?}");
}

#[test]
fn overlaps_are_told_where_series_are_the_same() {
    let shop = "{job=\"shop\"}";
    let overlap = &["federation/overlapping-jobs"];
    check(&[job("a", shop, "leaf:1", ""), job("b", shop, "leaf:1", "")], overlap);
    check(&[job("a", shop, "leaf:1", ""), job("b", "up", "leaf:1", "")], overlap);
    check(&[job("a", "paths", "leaf:1", ""), job("b", "up", "leaf:1", "")], &[]);
    let labelled = "  relabel_configs: [{ target_label: via, replacement: b }]\n";
    check(&[job("a", shop, "leaf:1", ""), job("b", shop, "leaf:1", labelled)], &[]);
    let twice = job("a", shop, "leaf:1", "").replace("'leaf:1'", "'leaf:1', 'leaf:2'");
    check(&[twice], overlap);
}

#[test]
fn intervals_are_held_against_the_lookback() {
    let check = |interval: &str, expect: &[&str]| {
        check(&[job("a", "up", "leaf:1", &format!("  scrape_interval: {interval}\n"))], expect);
    };
    check("150s", &[]);
    check("151s", &["federation/long-interval"]);
    check("5m", &["federation/long-interval"]);
    check("1m", &[]);
    check("30s", &["federation/short-interval"]);
}

#[test]
fn encoded_selectors_are_told_where_they_are_meant() {
    let encoded = &["federation/encoded-selector"];
    check(&[job("a", "%7Bjob%3D%22shop%22%7D", "leaf:1", "")], encoded);
    check(&[job("a", "{__name__=~\"u.%2B\"}", "leaf:1", "")], encoded);
    check(&[job("a", "{path=\"/a%20b\"}", "leaf:1", "")], encoded);
    check(&[job("a", "{path=\"/c%20d\",__name__!=\"x\"}", "other:1", "")], &["federation/unknown-target"]);
    check(&[job("a", "%7Bjob", "leaf:1", "")], &["selector/syntax"]);
}

#[test]
fn paths_are_held_against_the_route_prefix() {
    let check = |prefix: &str, path: &str, expect: &[&str]| {
        let manifest = format!(
            "nodes:\n  global: {{ config: global.yml }}\n  leaf: {{ config: leaf.yml, samples: leaf.prom{prefix} }}\n"
        );
        let global = format!("scrape_configs:\n{}", job("a", "up", "leaf:1", "").replace("/federate", path));
        let files = [
            ("promtier.yaml", manifest.as_str()),
            ("global.yml", &global),
            ("leaf.yml", LEAF),
            ("leaf.prom", SAMPLES),
        ];
        let found = found(&files);
        let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(codes, expect, "{prefix} {path} {found:?}");
    };
    let off = &["federation/route-prefix"];
    check("", "/federate", &[]);
    check("", "federate", &[]);
    check("", "/prom/federate", off);
    check(", route_prefix: prom/", "/federate", off);
    check(", route_prefix: /prom", "/prom/federate", &[]);
    check(", route_prefix: /", "/federate", &[]);
}

#[test]
fn alerts_on_absence_are_told_where_only_federation_brings_the_series() {
    let check = |more: &str, alert: &str, expect: &[&str]| {
        let global = format!(
            "rule_files: [rules.yml]\nscrape_configs:\n{}",
            job("f", "{job=\"shop\"}", "leaf:1", more)
        );
        let rules = format!("groups: [{{ name: g, rules: [{{ alert: A, expr: '{alert}' }}] }}]\n");
        let files = [
            ("global.yml", global.as_str()),
            ("rules.yml", rules.as_str()),
            ("leaf.yml", LEAF),
            ("leaf.prom", SAMPLES),
        ];
        let found = found(&files);
        let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(codes, expect, "{alert} {found:?}");
    };
    let late = &["federation/late-absence"];
    check("", "up{job=\"shop\"} == 0", late);
    check("", "absent(paths)", late);
    check("", "absent_over_time(paths[1m]) > 0", late);
    check("", "up == 0", &[]);
    check("", "up{job=\"f\"} == 0", &[]);
    check("", "absent(up)", &[]);
    check("", "paths > 5", &[]);
    check("  track_timestamps_staleness: true\n", "absent(paths)", &[]);
}

#[test]
fn selectors_are_held_against_the_version_that_is_asked() {
    let check = |asks: &str, asked: &str, expect: &[&str]| {
        let manifest = format!(
            "nodes:\n  global: {{ config: global.yml, prometheus: \"{asks}\" }}\n  leaf: {{ config: leaf.yml, prometheus: \"{asked}\" }}\n"
        );
        let global = format!("scrape_configs:\n{}", job("a", "{\"up\",job=\"shop\"}", "leaf:1", ""));
        let found = found(&[("promtier.yaml", &manifest), ("global.yml", &global), ("leaf.yml", LEAF)]);
        let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(codes, expect, "{asked} asked by {asks} {found:?}");
    };
    check("3.5", "2.42", &["federation/refused-selector"]);
    check("3.5", "3.5", &[]);
    check("2.42", "2.42", &["selector/syntax"]);
    check("2.42", "3.5", &[]);
}

#[test]
fn native_histograms_are_told_where_they_are_surely_asked_for() {
    let check = |version: &str, selector: &str, more: &str, expect: &[&str]| {
        let manifest = format!(
            "nodes:\n  global: {{ config: global.yml, prometheus: \"{version}\" }}\n  leaf: {{ config: leaf.yml }}\n"
        );
        let global = format!("scrape_configs:\n{}", job("f", selector, "leaf:1", more));
        let leaf = "scrape_configs: [{ job_name: shop, scrape_native_histograms: true, static_configs: [{ targets: ['shop:80'] }] }]\n";
        let found = found(&[("promtier.yaml", &manifest), ("global.yml", &global), ("leaf.yml", leaf)]);
        let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(codes, expect, "{version} {selector} {more} {found:?}");
    };
    let lost = &["federation/native-histograms"];
    check("3.14", "{job=\"shop\"}", "", lost);
    check("3.14", "{job=~\"sh.*\",instance=\"shop:80\"}", "", lost);
    check("3.14", "{job=\"shop\",__name__=~\"lat.*|up\"}", "", &[]);
    check("3.14", "{job=\"shop\"}", "  scrape_native_histograms: true\n", &[]);
    let text = "  scrape_native_histograms: true\n  scrape_protocols: [PrometheusText0.0.4]\n";
    check("3.14", "{job=\"shop\"}", text, lost);
    // A flag may switch them on.
    check("3.8", "{job=\"shop\"}", "", &[]);
    check("3.8", "{job=\"shop\"}", "  scrape_native_histograms: false\n", lost);
}

#[test]
fn long_requests_are_told() {
    let check = |values: usize, expect: &[&str]| {
        let selector = format!("{{__name__=~\"up{}\"}}", "|a".repeat(values));
        check(&[job("f", &selector, "leaf:1", "")], expect);
    };
    check(2000, &[]);
    check(2100, &["federation/long-request"]);
}

#[test]
fn rates_are_held_against_the_interval() {
    let check = |expr: &str, expect: &[&str]| {
        let global =
            format!("rule_files: [rules.yml]\nscrape_configs:\n{}", job("f", "{job=\"shop\"}", "leaf:1", ""));
        let rules = format!("groups: [{{ name: g, rules: [{{ record: r, expr: '{expr}' }}] }}]\n");
        let files = [
            ("global.yml", global.as_str()),
            ("rules.yml", rules.as_str()),
            ("leaf.yml", LEAF),
            ("leaf.prom", SAMPLES),
        ];
        let found = found(&files);
        let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(codes, expect, "{expr} {found:?}");
    };
    check("rate(paths[3m])", &["federation/rate-range"]);
    check("sum(increase(paths[239s]))", &["federation/rate-range"]);
    check("rate(paths[4m])", &[]);
    check("rate(nothing[1m])", &[]);
    check("rate(scrape_samples_scraped{job=\"f\"}[1m])", &[]);
}

#[test]
fn one_application_that_two_jobs_scrape_as_one_is_told() {
    let manifest = "nodes: { leaf: { config: leaf.yml } }\ntargets: { app: { listen: ['app:80'], metrics: app.prom } }\n";
    let leaf = "scrape_configs:\n- { job_name: a, static_configs: [{ targets: ['app:80'] }] }\n- { job_name: b, static_configs: [{ targets: ['app:80'], labels: { job: a } }] }\n";
    let found = found(&[("promtier.yaml", manifest), ("leaf.yml", leaf), ("app.prom", "x 1\n")]);
    let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["federation/colliding-series"], "{found:?}");
}

#[test]
fn histograms_that_one_release_breaks() {
    let check = |release: &str, upper: &str, more: &str, expect: &[(&str, &str)]| {
        let manifest = format!(
            "nodes:\n  global: {{ config: global.yml, prometheus: \"{upper}\" }}\n  leaf: {{ config: leaf.yml, prometheus: \"{release}\" }}\n"
        );
        let global = format!("scrape_configs:\n{}", job("f", "{job=\"shop\"}", "leaf:1", more));
        let leaf = format!("global: {{ convert_classic_histograms_to_nhcb: true }}\n{LEAF}");
        let files = [("promtier.yaml", &*manifest), ("global.yml", &*global), ("leaf.yml", &*leaf)];
        let mut all = Files::new(1);
        for (path, text) in files {
            all.put_text(path, text);
        }
        let workspace = Arc::new(all.assemble());
        let preview = Preview::compute(workspace, None, &mut Memo::new(1)).expect("a small preview");
        let of_rule = |one: &super::Finding| one.diagnostic.code.as_str() == "federation/broken-histograms";
        let found: Vec<super::Finding> = super::findings(&preview).into_iter().filter(of_rule).collect();
        let found: Vec<(String, &str)> = found
            .iter()
            .map(|one| (one.diagnostic.severity.to_string(), one.diagnostic.message.as_ref()))
            .collect();
        let found: Vec<(&str, &str)> = found.iter().map(|(severity, it)| (severity.as_str(), *it)).collect();
        assert_eq!(found, expect, "{release} asked by {upper}, {more}");
    };
    let certain = ("error", "leaf (3.7.0) answers histograms of job `shop` wrongly");
    check("3.7.0", "3.9", "", &[certain]);
    check("3.7.3", "3.9", "", &[]);
    check("3.8", "3.9", "", &[]);
    check("3.6.0", "3.9", "", &[]);
    let perhaps = ("warning", "leaf answers histograms of job `shop` wrongly, unless it is 3.7.3 or newer");
    check("3.7", "3.9", "", &[perhaps]);
    // Before 3.9 a flag may ask for protocol buffers.
    check("3.7.0", "3.7.0", "", &[("warning", certain.1)]);
    check("3.7.0", "3.7.0", "  scrape_protocols: [PrometheusText0.0.4, PrometheusProto]\n", &[certain]);
    check("3.7.0", "3.7.0", "  scrape_protocols: [OpenMetricsText1.0.0, PrometheusProto]\n", &[]);
    check("3.7.0", "3.9", "  scrape_native_histograms: true\n", &[]);
}

#[test]
fn what_storage_would_do_is_not_said_of_collectors() {
    let check = |program: &str, expect: &[&str]| {
        let manifest = format!(
            "nodes:\n  top: {{ config: top.yml, program: {program} }}\n  a: {{ config: leaf.yml, samples: a.prom }}\n  b: {{ config: leaf.yml, samples: b.prom }}\n"
        );
        let jobs = job("f", "up", "a:1', 'b:1", "  scrape_interval: 10m\n");
        let top = format!("scrape_configs:\n{jobs}");
        let found = found(&[
            ("promtier.yaml", &manifest),
            ("top.yml", &top),
            ("leaf.yml", LEAF),
            ("a.prom", SAMPLES),
            ("b.prom", SAMPLES),
        ]);
        let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(codes, expect, "{program}: {found:?}");
    };
    check("prometheus", &["federation/colliding-series", "federation/long-interval"]);
    check("opentelemetry-collector", &[]);
}

#[test]
fn nothing_is_federated_from_programs_that_store_nothing() {
    let check = |program: &str, selector: &str, expect: &[(&str, &str)]| {
        let manifest = format!(
            "nodes:\n  global: {{ config: global.yml }}\n  leaf: {{ config: leaf.yml, program: {program} }}\n"
        );
        let global = format!("scrape_configs:\n{}", job("f", selector, "leaf:1", ""));
        let found = found(&[("promtier.yaml", &manifest), ("global.yml", &global), ("leaf.yml", LEAF)]);
        let found: Vec<(&str, &str)> =
            found.iter().map(|(code, message)| (code.as_str(), message.as_str())).collect();
        assert_eq!(found, expect, "{program} {selector}");
    };
    let rule = "federation/without-storage";
    check("prometheus", "up", &[]);
    check("prometheus-agent", "up", &[(rule, "job `f` federates from leaf, which runs in agent mode")]);
    check(
        "opentelemetry-collector",
        "up",
        &[(rule, "job `f` federates from leaf, an OpenTelemetry Collector")],
    );
}
