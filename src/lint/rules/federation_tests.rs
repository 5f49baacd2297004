use std::sync::Arc;

use crate::federation::{Memo, Preview};
use crate::lint;
use crate::workspace::Files;

/// Codes and messages of what is found, `federation/unknown-target` and its like aside.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let mut all = Files::new(1);
    for (path, text) in files {
        all.put_text(path, *text);
    }
    let preview =
        Preview::compute(Arc::new(all.assemble()), None, &mut Memo::new(1)).expect("a small preview");
    let shown = lint::findings(&preview).into_iter().map(|finding| finding.diagnostic);
    shown.map(|one| format!("{} {}: {}", one.severity, one.code, one.message)).collect()
}

/// A job that federates from `leaf` with these selectors, and further lines.
fn global(selectors: &str, lines: &str) -> String {
    format!(
        "scrape_configs:\n- job_name: federate\n  honor_labels: true\n  metrics_path: /federate\n  params: {{ 'match[]': [{selectors}] }}\n{lines}  static_configs: [{{ targets: ['leaf:1'] }}]\n"
    )
}

#[test]
fn selectors_that_select_nothing() {
    let check = |selectors: &str, leaf: &str, rules: &str, expect: &[&str]| {
        let global = global(selectors, "");
        let files = [
            ("global.yml", global.as_str()),
            ("leaf.yml", leaf),
            ("leaf.prom", "up{job=\"shop\",instance=\"a:1\"} 1\nload{job=\"shop\",instance=\"a:1\"} 1\n"),
            ("rules.yml", rules),
        ];
        assert_eq!(found(&files), expect, "{selectors}");
    };
    let leaf = "rule_files: [rules.yml]\n";
    let none = "groups: []\n";
    check(
        "'up', 'down'",
        leaf,
        none,
        &["info federation/unmatched-selector: `down` selects none of the 2 series that are known"],
    );
    check(
        "'up{job=\"sho\"}'",
        leaf,
        none,
        &[
            "warning federation/unmatched-selector: `up{job=\"sho\"}` selects none of the 2 series that are known",
        ],
    );
    check(
        "'{job!=\"shop\"}'",
        leaf,
        none,
        &[
            "info federation/unmatched-selector: `{job!=\"shop\"}` selects none of the 2 series that are known",
        ],
    );
    // Alerts come and go, and rules make series that samples may not have yet.
    check("'ALERTS{severity=\"page\"}'", leaf, none, &[]);
    let rules = "groups:\n- name: a\n  rules: [{ record: 'job:up:sum', expr: sum by (job) (up) }]\n";
    check("'{__name__=~\"job:.*\"}'", leaf, rules, &[]);
    // A server that scrapes what is not known may have anything.
    let leafless = global("'down'", "");
    let unknown = "scrape_configs: [{ job_name: a, static_configs: [{ targets: ['nobody:1'] }] }]\n";
    assert_eq!(found(&[("global.yml", &leafless), ("leaf.yml", unknown)]), [""; 0]);
}

#[test]
fn selectors_that_select_nothing_anywhere() {
    let global = "scrape_configs:\n- job_name: federate\n  honor_labels: true\n  metrics_path: /federate\n  params: { 'match[]': ['up', 'load'] }\n  static_configs: [{ targets: ['a:1', 'b:1'] }]\n";
    let files = |second: &'static str| {
        [
            ("global.yml", global),
            ("a.yml", "scrape_configs: []\n"),
            ("a.prom", "up{job=\"x\",instance=\"a\"} 1\n"),
            ("b.yml", "scrape_configs: []\n"),
            ("b.prom", second),
        ]
    };
    let neither = "info federation/unmatched-selector: `load` selects none of the 2 series that are known";
    assert_eq!(found(&files("up{job=\"x\",instance=\"b\"} 1\n")), [neither]);
    assert_eq!(found(&files("load{job=\"x\",instance=\"b\"} 1\n")), [""; 0]);
    // Of a server whose samples are missing nothing is said.
    assert_eq!(found(&files("")), [""; 0]);
}

#[test]
fn limits_are_reported_where_they_are_written() {
    let leaf = ("leaf.yml", "scrape_configs: []\n");
    let samples = ("leaf.prom", "up{job=\"x\",instance=\"a\"} 1\nup{job=\"x\",instance=\"b\"} 1\n");
    let check = |lines: &str, expect: &[&str]| {
        assert_eq!(found(&[("global.yml", &global("'up'", lines)), leaf, samples]), expect, "{lines}");
    };
    check("  sample_limit: 2\n", &[]);
    let message =
        "error federation/exceeded-limit: job `federate` stores nothing of `leaf:1`: sample limit exceeded";
    check("  sample_limit: 1\n", &[message]);
    check("  body_size_limit: 1KB\n", &[]);
    let message = "error federation/exceeded-limit: job `federate` stores nothing of `leaf:1`: body size limit exceeded";
    check("  body_size_limit: 10B\n", &[message]);
    // Labels' limits are left to the general finding.
    let message = "error federation/failed-scrape: every scrape of `leaf:1` by job `federate` fails: label_limit exceeded (metric: \"up\", number of labels: 3, limit: 1)";
    let got = found(&[("global.yml", &global("'up'", "  label_limit: 1\n")), leaf, samples]);
    assert_eq!(got.len(), 1, "{got:?}");
    assert!(got[0].starts_with(&message[..80]), "{got:?}");
}

#[test]
fn target_labels_that_are_ignored() {
    let check = |label: &str, external: &str, samples: &str, expect: &[&str]| {
        let global = global("'up'", "")
            .replace("targets: ['leaf:1']", &format!("targets: ['leaf:1'], labels: {{ {label} }}"));
        let leaf = format!("global: {{ external_labels: {{ {external} }} }}\n");
        let files = [("global.yml", global.as_str()), ("leaf.yml", leaf.as_str()), ("leaf.prom", samples)];
        assert_eq!(found(&files), expect, "{label} over {external}, {samples}");
    };
    let (own, bare) = ("up{job=\"x\",instance=\"a\",zone=\"1\"} 1\n", "up{job=\"x\",instance=\"a\"} 1\n");
    let message = "warning federation/ignored-target-label: no series from `leaf:1` gets `zone=\"2\"`: they have `zone=\"1\"`";
    check("zone: '2'", "", own, &[message]);
    check("zone: '1'", "", own, &[]);
    check("zone: '2'", "", bare, &[]);
    check("zone: '2'", "zone: '1'", bare, &[message]);
    check("zone: '2'", "", &format!("{own}{}", bare.replace("\"a\"", "\"b\"")), &[]);
    check("instance: here", "", own, &[]);
}

#[test]
fn series_without_a_job() {
    let check = |lines: &str, external: &str, expect: &[&str]| {
        let leaf = format!("global: {{ external_labels: {{ {external} }} }}\n");
        let global = global("'{__name__=~\"cluster:.*\"}'", lines);
        let samples = "cluster:a:sum 1\ncluster:b:sum{job=\"x\"} 1\ncluster:c:sum{zone=\"1\"} 1\n";
        assert_eq!(
            found(&[("global.yml", &global), ("leaf.yml", &leaf), ("leaf.prom", samples)]),
            expect,
            "{lines}{external}"
        );
    };
    let message = "info federation/missing-job: 2 series that `{__name__=~\"cluster:.*\"}` selects have no `job`: stored with `job=\"federate\"`, of the job that pulls";
    check("", "", &[message]);
    check("", "job: leaf", &[]);
    check("  metric_relabel_configs: [{ action: labeldrop, regex: job }]\n", "", &[]);
    check("  relabel_configs: [{ action: labeldrop, regex: job }]\n", "", &[]);
}

#[test]
fn paths_that_answer_no_samples() {
    let check = |path: &str, lines: &str, expect: &[&str]| {
        let global = global("'up'", lines).replace("/federate", path);
        let leaf = ("leaf.yml", "scrape_configs: []\n");
        assert_eq!(found(&[("global.yml", &global), leaf]), expect, "{path}{lines}");
    };
    let message = |path: &str| {
        format!(
            "error federation/query-api: job `federate` scrapes `{path}`, which answers JSON and no samples"
        )
    };
    for path in ["/api/v1/query", "/prometheus/api/v1/series", "/api/v1/labels"] {
        check(path, "", &[&message(path)]);
    }
    check("/federate", "", &[]);
    let failed = "error federation/failed-scrape: every scrape of `leaf:1` by job `federate` fails: server returned HTTP status 404 Not Found";
    check("/api/v1/metrics", "", &[failed]);
    let relabelled = "  relabel_configs: [{ target_label: __metrics_path__, replacement: /api/v1/query }]\n";
    check("/metrics", relabelled, &[&message("/api/v1/query")]);
}

#[test]
fn names_that_say_where_series_go() {
    let check = |record: &str, expect: &[&str]| {
        let rules = format!("groups:\n- name: a\n  rules: [{{ record: '{record}', expr: up }}]\n");
        let leaf = "rule_files: [rules.yml]\nscrape_configs: []\n";
        assert_eq!(found(&[("leaf.yml", leaf), ("rules.yml", &rules)]), expect, "{record}");
    };
    let message = "info federation/policy-in-name: `job:up:federate` says where the series goes, `federate`, and not what it is";
    check("job:up:federate", &[message]);
    check("job:federated_series:sum", &[]);
    check("federation", &[]);
}

#[test]
fn series_of_single_instances() {
    let check = |series: &str, count: usize, expect: bool| {
        let global = global("'{job=\"x\"}'", "");
        let samples: String = (0..count).map(|n| series.replace('#', &n.to_string()) + "\n").collect();
        let leaf = ("leaf.yml", "scrape_configs: []\n");
        let got = found(&[("global.yml", &global), leaf, ("leaf.prom", &samples)]);
        let raw = got.iter().any(|one| one.starts_with("warning federation/raw-series"));
        assert_eq!(raw, expect, "{series}: {got:?}");
        assert_eq!(got.len(), usize::from(expect), "{got:?}");
    };
    check("a{job=\"x\",instance=\"#\"} 1", 1000, true);
    check("a{job=\"x\",instance=\"#\"} 1", 999, false);
    check("a{job=\"x\",pod=\"#\"} 1", 2000, false);
    check("up{job=\"x\",instance=\"#\"} 1", 2000, false);
    check("instance:a:sum{job=\"x\",instance=\"#\"} 1", 2000, false);
}

#[test]
fn samples_that_get_too_old_on_their_way() {
    let server = |target: &str, selector: &str, interval: &str, lines: &str| {
        format!(
            "scrape_configs:\n- job_name: federate\n  honor_labels: true\n  metrics_path: /federate\n  scrape_interval: {interval}\n{lines}  params: {{ 'match[]': ['{selector}'] }}\n  static_configs: [{{ targets: ['{target}:1'] }}]\n"
        )
    };
    let check = |selector: &str, intervals: [&str; 3], lines: &str, expect: bool| {
        let [leaf, middle, top] = intervals;
        let leaf = format!(
            "global: {{ scrape_interval: {leaf}, evaluation_interval: 10s }}\nrule_files: [rules.yml]\nscrape_configs: [{{ job_name: x }}]\n"
        );
        let (middle, top) = (server("leaf", selector, middle, lines), server("middle", selector, top, ""));
        let files = [
            ("leaf.yml", leaf.as_str()),
            ("leaf.prom", "up{job=\"x\",instance=\"a\"} 1\n"),
            (
                "rules.yml",
                "groups: [{ name: g, rules: [{ record: 'job:up:sum', expr: sum by (job) (up) }] }]\n",
            ),
            ("middle.yml", middle.as_str()),
            ("top.yml", top.as_str()),
        ];
        let got = found(&files);
        let aged: Vec<_> = got.iter().filter(|one| one.contains("federation/aged-samples")).collect();
        assert_eq!(aged.len(), usize::from(expect), "{selector} {intervals:?}: {got:?}");
        let message =
            "warning federation/aged-samples: samples of leaf get up to 5m1s old here: queries look back 5m";
        assert!(!expect || aged[0] == message, "{aged:?}");
    };
    check("up", ["1m1s", "2m", "2m"], "", true);
    check("up", ["1m", "2m", "2m"], "", false);
    // The result of a rule has the time of its evaluation.
    check("job:up:sum", ["2m", "2m", "2m"], "", false);
    // Of an interval that alone is too long, and of timestamps that are ignored, other rules speak.
    check("up", ["2m", "1m", "3m"], "", false);
    check("up", ["2m", "2m", "2m"], "  honor_timestamps: false\n", false);
}
