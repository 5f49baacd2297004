use super::super::Files;
use super::*;

const MANIFEST: &str =
    "nodes:\n  a: { config: a.yml, replica_set: s }\n  b: { config: b.yml, replica_set: s }\n";

/// Checks the differences of `a.yml` and `b.yml`.
fn check(files: &[(&str, &str)], expect: &[(Topic, &str)]) {
    let mut all = Files::new(1);
    all.put_text("promtier.yaml", MANIFEST);
    for &(path, text) in files {
        all.put_text(path, text);
    }
    let workspace = all.assemble();
    let found = differences(&workspace, &workspace.replica_sets[0]);
    let got: Vec<(Topic, String)> = found
        .iter()
        .map(|it| {
            let [one, other] = &it.sides;
            (it.topic, format!("{} {}: {} | {}", it.subject.words(), it.field, one.text, other.text))
        })
        .collect();
    let expect: Vec<(Topic, String)> =
        expect.iter().map(|(topic, text)| (*topic, (*text).to_owned())).collect();
    assert_eq!(got, expect, "{files:?}");
    for side in found.iter().flat_map(|difference| &difference.sides) {
        let text = workspace.file(side.file).text.as_deref().expect("a text");
        assert!(text.get(side.span.range()).is_some(), "{side:?}");
    }
}

#[test]
fn replica_labels_may_differ_and_nothing_else() {
    check(
        &[
            ("a.yml", "global: { external_labels: { dc: eu, replica: a } }\n"),
            ("b.yml", "global: { external_labels: { replica: b, dc: eu } }\n"),
        ],
        &[],
    );
    check(
        &[
            ("a.yml", "global: { external_labels: { dc: eu, replica: a }, scrape_interval: 15s }\n"),
            (
                "b.yml",
                "global: { external_labels: { replica: b, dc: us } }\nscrape_configs: [{ job_name: j }]\n",
            ),
        ],
        &[
            (Topic::Server, "the configuration global.external_labels.dc: eu | us"),
            (Topic::Sampling, "the configuration global.scrape_interval: 15s | 1m"),
            (Topic::Jobs, "job `j` :  | j"),
        ],
    );
}

#[test]
fn versions_programs_and_retention_are_settings_too() {
    let nodes = |one: &str, other: &str, expect: &[(Topic, &str)]| {
        let manifest = format!(
            "nodes:\n  a: {{ config: a.yml, replica_set: s, {one} }}\n  b: {{ config: b.yml, replica_set: s, {other} }}\n"
        );
        let config = "scrape_configs: []\n";
        check(&[("promtier.yaml", &manifest), ("a.yml", config), ("b.yml", config)], expect);
    };
    let version = |text| (Topic::Server, text);
    nodes("prometheus: '3.5'", "prometheus: '2.42'", &[version("the configuration version: 3.5 | 2.42")]);
    nodes(
        "prometheus: '3.7.2'",
        "prometheus: '3.7.3'",
        &[version("the configuration version: 3.7.2 | 3.7.3")],
    );
    nodes("prometheus: '3.7'", "prometheus: '3.7.3'", &[]);
    nodes(
        "listen: [a:1]",
        "program: prometheus-agent",
        &[version("the configuration program: prometheus | prometheus-agent")],
    );
    let retention = |time: &str| format!("storage: {{ tsdb: {{ retention: {{ time: {time} }} }} }}\n");
    check(&[("a.yml", &retention("14d")), ("b.yml", &retention("2w"))], &[]);
    check(
        &[("a.yml", &retention("14d")), ("b.yml", &retention("15d"))],
        &[(Topic::Server, "the configuration storage.tsdb.retention.time: 2w | 15d")],
    );
}

#[test]
fn each_scrapes_itself() {
    let own = |name: &str| {
        format!("scrape_configs: [{{ job_name: p, static_configs: [{{ targets: ['{name}:9090'] }}] }}]\n")
    };
    check(&[("a.yml", &own("a")), ("b.yml", &own("b"))], &[]);
    check(
        &[("a.yml", &own("a")), ("b.yml", &own("c"))],
        &[(Topic::Jobs, "job `p` static_configs: this server | c:9090")],
    );
}

#[test]
fn topics_follow_the_keys() {
    assert_eq!(topic(true, "metric_relabel_configs[1].regex"), Topic::Sampling);
    assert_eq!(topic(true, "static_configs"), Topic::Jobs);
    assert_eq!(topic(true, "sample_limit"), Topic::Sampling);
    assert_eq!(topic(false, "alerting.alertmanagers[0].timeout"), Topic::Alertmanagers);
    assert_eq!(topic(false, "alerting.alert_relabel_configs"), Topic::Server);
    assert_eq!(topic(false, "remote_write[0].url"), Topic::Server);
}

#[test]
fn rules_are_compared_by_meaning() {
    let config = |name: &str| format!("rule_files: [{name}]\n");
    let (a, b) = (config("ra.yml"), config("rb.yml"));
    let rules = |one: &str, other: &str, expect: &[(Topic, &str)]| {
        check(&[("a.yml", &a), ("b.yml", &b), ("ra.yml", one), ("rb.yml", other)], expect);
    };
    let group = |rules: &str| format!("groups: [{{ name: g, rules: [{rules}] }}]\n");
    rules(
        &group("{ record: r, expr: 'sum by (a, b) (up)' }, { alert: A, expr: up == 0, for: 1m }"),
        &group("{ alert: A, expr: '(up == 0)', for: 60s }, { record: r, expr: 'sum(up) by (b,a)' }"),
        &[],
    );
    rules(
        &group("{ alert: A, expr: up == 0, for: 1m, labels: { severity: page } }"),
        &group("{ alert: A, expr: up != 1, for: 2m }, { record: r, expr: up }"),
        &[
            (Topic::Rules, "rule `A` of group `g` expr: up == 0 | up != 1"),
            (Topic::Rules, "rule `A` of group `g` for: 1m | 2m"),
            (Topic::Rules, "rule `A` of group `g` labels: {severity=\"page\"} | {}"),
            (Topic::Rules, "rule `r` of group `g` :  | up"),
        ],
    );
    rules(
        "groups: [{ name: g, interval: 30s, rules: [] }, { name: h, rules: [] }]\n",
        "groups: [{ name: g, rules: [], limit: 5 }]\n",
        &[
            (Topic::Rules, "rule group `g` interval: 30s | 1m"),
            (Topic::Rules, "rule group `g` limit: 0 | 5"),
            (Topic::Rules, "rule group `h` : h | "),
        ],
    );
    // What is not here is not compared.
    check(&[("a.yml", &a), ("b.yml", &b), ("ra.yml", &group("{ record: r, expr: up }"))], &[]);
}
