use std::sync::Arc;

use crate::federation::{Memo, Preview};
use crate::text::apply_edits;
use crate::version::Version;
use crate::workspace::Files;

use super::{Completion, MOST, Question, complete, hover};
use proptest::prelude::*;

const LEAF: &str =
    "global:\n  external_labels: { region: eu }\nscrape_configs:\n- job_name: app\n- job_name: web\n";
const SAMPLES: &str = "up{job=\"app\",instance=\"a\"} 1\nup{job=\"app\",instance=\"b\"} 1\n\
    up{job=\"web\",instance=\"c\"} 1\njob:up:sum{job=\"app\"} 2\ngo_info{job=\"web\",version=\"1.2\"} 1\n";
const GLOBAL: &str = "scrape_configs:\n- job_name: federate\n  honor_labels: true\n  metrics_path: /federate\n  \
    params:\n    match[]:\n    - 'up{job=\"app\"}'\n  static_configs:\n  - targets: ['leaf:9090']\n";

fn preview(files: &[(&str, &str)]) -> Preview {
    let mut all = Files::new(7);
    for &(path, text) in files {
        all.put_text(path, text);
    }
    Preview::compute(Arc::new(all.assemble()), None, &mut Memo::new(7)).expect("a small preview")
}

fn two_tiers() -> Preview {
    preview(&[("leaf.yml", LEAF), ("leaf.prom", SAMPLES), ("global.yml", GLOBAL)])
}

/// The answers at `¦`, and the text without it.
fn answers(preview: &Preview, path: &str, marked: &str) -> (String, Vec<Completion>) {
    let offset = marked.find('¦').expect("a caret") as u32;
    let text = marked.replacen('¦', "", 1);
    let question = Question { path, text: &text, offset, version: Version::NEWEST, preview: Some(preview) };
    let got = complete(&question);
    for completion in &got {
        apply_edits(&text, std::slice::from_ref(&completion.edit)).expect("an edit of this text");
    }
    (text, got)
}

/// Looks at the first labels.
fn first(marked: &str, expect: &[&str]) {
    let (_, got) = answers(&two_tiers(), "global.yml", marked);
    let got: Vec<&str> =
        got.iter().map(|completion| completion.label.as_str()).take(expect.len().max(1)).collect();
    assert_eq!(got, expect, "{marked}");
}

/// Writes the completion `label` and looks at the line or lines that come of it.
fn writes(marked: &str, label: &str, expect: &str) {
    let (text, got) = answers(&two_tiers(), "global.yml", marked);
    let labels: Vec<&str> = got.iter().map(|completion| completion.label.as_str()).collect();
    let found = got.iter().find(|completion| completion.label == label);
    let completion = found.unwrap_or_else(|| panic!("{marked}: {labels:?}"));
    let (written, _) = apply_edits(&text, std::slice::from_ref(&completion.edit)).expect("an edit");
    assert_eq!(written, expect, "{marked}");
}

#[test]
fn keys_are_offered_where_they_may_stand() {
    first("¦", &["global", "runtime"]);
    first("glo¦", &["global"]);
    first("global:\n  scrape_i¦\nscrape_configs: []\n", &["scrape_interval"]);
    first("global:\n  ¦\n", &["scrape_interval", "scrape_timeout"]);
    first("global:\n  scrape_interval: 1m\n  scrape_¦\n", &["scrape_timeout"]);
    first("scrape_configs:\n  - job_name: a\n    ¦\n", &["scrape_interval"]);
    first("scrape_configs:\n  - ¦\n", &["job_name"]);
    first("scrape_configs:\n- job_name: a\n  static_configs:\n  - ¦", &["targets", "labels"]);
    first("scrape_configs:\n- job_name: a\n  tls_config:\n    ca¦", &["ca", "ca_file"]);
    first("scrape_configs: [{ job_name: a, tls_config: { ca¦", &["ca", "ca_file"]);
    first("scrape_configs:\n- { job_name: a, hon¦, scheme: http }", &["honor_labels", "honor_timestamps"]);
    first("scrape_configs:\n- job_name: a\n  params:\n    ¦", &["match[]"]);
    first("global:\n  external_labels:\n    ¦", &["region"]);
    first("global:\n  scrape_interval: 1m\n  # scr¦\n", &[]);
    first("global:\n  scrape_interval: 1m ¦# scr\n", &[]);
    first(
        "scrape_configs:\n- relabel_configs:\n  - source_labels: [a]\n    ¦\n    action: drop\n",
        &["separator", "regex"],
    );
}

#[test]
fn keys_bring_what_follows_them() {
    writes("glo¦", "global", "global:\n  ");
    writes("global:\n  sc¦\n", "scrape_interval", "global:\n  scrape_interval: \n");
    writes(
        "scrape_configs:\n  - job_name: a\n    stat¦\n",
        "static_configs",
        "scrape_configs:\n  - job_name: a\n    static_configs:\n      - \n",
    );
    writes(
        "scrape_configs:\n- job_name: a\n  stat¦\n",
        "static_configs",
        "scrape_configs:\n- job_name: a\n  static_configs:\n  - \n",
    );
    writes("scrape_configs:\n- jo¦: a\n", "job_name", "scrape_configs:\n- job_name: a\n");
    writes("scrape_configs:\n  ¦", "job_name", "scrape_configs:\n  - job_name: ");
    writes("scrape_configs:\n  -¦", "job_name", "scrape_configs:\n  - job_name: ");
    writes("scrape_configs: [{ jo¦ }]", "job_name", "scrape_configs: [{ job_name:  }]");
    writes(
        "global:\r\n  external_labels:\r\nscra¦",
        "scrape_configs",
        "global:\r\n  external_labels:\r\nscrape_configs:\r\n  - ",
    );
}

#[test]
fn values_are_words_defaults_and_names() {
    let job = |rest: &str| format!("scrape_configs:\n- job_name: federate\n{rest}");
    first(&job("  honor_labels: ¦"), &["true", "false"]);
    first(&job("  scheme: ¦"), &["http", "https"]);
    first(&job("  scheme: \"htt¦\""), &["http", "https"]);
    first(&job("  metrics_path: /f¦"), &["/federate"]);
    first("global:\n  scrape_interval: ¦\n", &["1m"]);
    first("global:\n  scrape_protocols: [¦]\n", &["PrometheusProto"]);
    first("global:\n  scrape_protocols:\n  - Open¦\n", &["OpenMetricsText1.0.0", "OpenMetricsText0.0.1"]);
    first("scrape_configs:\n- job_name: ¦", &["app", "web"]);
    first(&job("  static_configs:\n  - targets: [¦]"), &["leaf:9090"]);
    first(&job("  static_configs:\n  - targets: ['l¦"), &["leaf:9090"]);
    first(&job("  relabel_configs:\n  - action: la¦"), &["labelmap", "labeldrop", "labelkeep"]);
    first(&job("  relabel_configs:\n  - source_labels: [__a¦]"), &["__address__"]);
    first(
        &job("  kubernetes_sd_configs:\n  - role: pod\n  relabel_configs:\n  - source_labels: [pod_na¦"),
        &["__meta_kubernetes_pod_name"],
    );
    first(&job("  metric_relabel_configs:\n  - source_labels: [¦]"), &["__name__", "job"]);
    first(&job("  metric_relabel_configs:\n  - source_labels: [job]\n    regex: ¦"), &["app", "web"]);
    first(&job("  metric_relabel_configs:\n  - action: labeldrop\n    regex: i¦"), &["instance"]);
    first("global:\n  external_labels:\n    region: ¦", &["eu"]);
    writes(&job("  scheme:¦"), "https", "scrape_configs:\n- job_name: federate\n  scheme: https");
    first(&job("  tls_config: ¦"), &[]);
    first(&job("  honor_labels: true\n     ¦"), &[]);
}

#[test]
fn selectors_know_the_series_that_are_pulled() {
    let rule = |selector: &str| GLOBAL.replace("'up{job=\"app\"}'", selector);
    first(&rule("'¦'"), &["up", "{job=\"app\"}", "{job=\"web\"}", "job:up:sum"]);
    first(&rule("u¦"), &["up"]);
    first(&rule("'up{¦'"), &["__name__", "job", "instance"]);
    first(&rule("'up{j¦}'"), &["job"]);
    first(&rule("'up{job=\"¦\"}'"), &["app", "web"]);
    first(&rule("'up{job=\"¦"), &["app", "web"]);
    first(&rule("\"up{job=\\\"w¦\\\"}\""), &["web"]);
    first(&rule(">-\n      up{job=\"app\",\n      instance=\"¦\"}"), &["a", "b"]);
    first(&rule("'go_info{instance=\"¦\"}'"), &[]);
    first(&rule("'{job=\"web\",instance=\"¦\"}'"), &["c"]);
    first(&rule("'up{job¦ '"), &["job"]);
    first(&rule("'up{job ¦'"), &["=", "=~"]);
    first(&rule("'up{job=~\"app|w¦\"}'"), &["web"]);
    writes(&rule("'{version=~\"¦\"}'"), "1.2", &rule("'{version=~\"1\\\\.2\"}'"));
    writes(&rule("\"{version=~\\\"¦\\\"}\""), "1.2", &rule("\"{version=~\\\"1\\\\\\\\.2\\\"}\""));
    writes(&rule("'up{jo¦}'"), "job", &rule("'up{job=}'"));
    writes(&rule("'up{jo¦=\"a\"}'"), "job", &rule("'up{job=\"a\"}'"));
    writes(&rule("'up{job=¦}'"), "app", &rule("'up{job=\"app\"}'"));
    writes(&rule("¦"), "{job=\"app\"}", &rule("'{job=\"app\"}'"));
    writes(&rule("'go¦_thing{}'"), "go_info", &rule("'go_info{}'"));
    // One series in brackets, at the end of the text.
    first("scrape_configs:\n- job_name: federate\n  params: { 'match[]': ['{job=\"¦", &["app", "web"]);
}

fn hovers(marked: &str, expect: Option<(&str, &[&str])>) {
    let offset = marked.find('¦').expect("a caret") as u32;
    let text = marked.replacen('¦', "", 1);
    let preview = two_tiers();
    let question = Question {
        path: "global.yml",
        text: &text,
        offset,
        version: Version::NEWEST,
        preview: Some(&preview),
    };
    let got = hover(&question);
    let got = got.map(|hover| (hover.title, hover.lines));
    let expect = expect
        .map(|(title, lines)| (title.to_owned(), lines.iter().map(|line| (*line).to_owned()).collect()));
    assert_eq!(got, expect, "{marked}");
}

#[test]
fn words_are_explained() {
    hovers(
        "global:\n  scrape_in¦terval: 90s\n",
        Some(("scrape_interval: duration, default `1m`", &["How often targets are scraped."])),
    );
    hovers("global:\n  scrape_interval: 9¦0s\n", Some(("90s", &["90s: 1 minute 30 seconds."])));
    hovers(
        &GLOBAL.replace("up{job", "u¦p{job"),
        Some((
            "up{job=\"app\"}",
            &["Series named `up` and whose label `job` is `app`.", "It selects 2 series of leaf."],
        )),
    );
    hovers(&GLOBAL.replace("leaf:", "le¦af:"), Some(("leaf:9090", &["/federate of the server leaf."])));
    hovers(
        &GLOBAL.replace("federate\n  honor", "fed¦erate\n  honor"),
        Some(("federate", &["From leaf:9090: 2 series."])),
    );
    hovers(
        "global:\n  external_labels:\n    reg¦ion: eu\n",
        Some((
            "region: external label",
            &[
                "A label that goes out with every series: in answers of `/federate`, in remote writes and in alerts.",
                "It is not stored with the series, so that no `match[]` can ask for it.",
            ],
        )),
    );
    hovers(
        "scrape_configs:\n- metric_relabel_configs:\n  - regex: go_.¦*\n",
        Some((
            "go_.*",
            &[
                "It matches a text that begins with `go_`.",
                "The whole text must match: Prometheus reads it as `^(?:…)$`.",
            ],
        )),
    );
    hovers(
        "scrape_configs:\n- metric_relabel_configs:\n  - action: dr¦op\n",
        Some(("drop", &["Drops what `regex` matches."])),
    );
    let old = preview(&[
        ("promtier.yaml", "prometheus: \"2.42\"\nnodes: { a: { config: a.yml } }\n"),
        ("a.yml", "global: {}\n"),
    ]);
    let question = Question {
        path: "a.yml",
        text: "global:\n  keep_dropped_targets: 1\n",
        offset: 12,
        version: Version::NEWEST,
        preview: Some(&old),
    };
    let lines = hover(&question).expect("a key of another version").lines;
    assert_eq!(
        lines[1..],
        ["This file is read as for Prometheus 2.42, which does not have it.", "Since Prometheus 2.47."]
    );
    hovers("global:\n ¦ x: 1\n", None);
    hovers("# glo¦bal\n", None);
}

#[test]
fn the_manifest_has_answers_too() {
    let check = |marked: &str, expect: &[&str]| {
        let (_, got) = answers(&two_tiers(), "promtier.yaml", marked);
        let got: Vec<&str> =
            got.iter().map(|completion| completion.label.as_str()).take(expect.len().max(1)).collect();
        assert_eq!(got, expect, "{marked}");
    };
    check("no¦", &["nodes"]);
    check("version: 1\nnodes:\n  leaf: { con¦", &["config"]);
    check("nodes:\n  leaf:\n    ¦\n    config: a.yml\n", &["folder", "listen", "samples"]);
    check("nodes:\n  leaf:\n    config: ¦", &["global.yml", "leaf.yml"]);
    check("nodes:\n  leaf: { samples: [¦", &["leaf.prom"]);
    check("prometheus: ¦", &["3.14"]);
    check("nodes:\n  leaf: { pr¦", &["prometheus", "program"]);
    check("nodes:\n  leaf: { program: a¦", &["prometheus-agent"]);
    check("expect:\n- ¦", &["node", "tier", "has", "lacks", "max_series"]);
    check("expect:\n- { node: ¦", &["global", "leaf"]);
    check("expect:\n- { node: leaf, h¦", &["has"]);
    check("expect:\n- { node: leaf, tier: ¦", &["0", "1"]);
    check("expect:\n- { node: leaf, has: '{j¦", &["job"]);
    check("expect:\n- node: leaf\n  lacks: [up, ¦", &["up"]);
    check("discovery:\n- u¦", &["url"]);
}

/// Asks both questions at a place; every edit must be one of this text.
fn ask(preview: &Preview, path: &str, text: &str, offset: usize) {
    let question =
        Question { path, text, offset: offset as u32, version: Version::NEWEST, preview: Some(preview) };
    let completions = complete(&question);
    assert!(completions.len() <= MOST);
    for (at, completion) in completions.iter().enumerate() {
        let same = completions.iter().position(|other| other.label == completion.label);
        assert_eq!(same, Some(at), "{} is there twice at {offset}", completion.label);
        assert!(text.get(completion.edit.span.range()).is_some(), "{:?} at {offset}", completion.edit);
        let touched = completion.edit.span.touches(text.floor_char_boundary(offset) as u32);
        assert!(touched, "{:?} is written elsewhere than at {offset}", completion.edit);
    }
    if let Some(hover) = hover(&question) {
        assert!(text.get(hover.span.range()).is_some(), "{:?} at {offset}", hover.span);
        assert!(!hover.title.is_empty() && hover.lines.iter().all(|line| !line.is_empty()), "{hover:?}");
    }
}

proptest! {
    #[test]
    fn anything_at_all_is_answered(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "scrape_configs:", "global:", "\n", "\n  ", "\n    ", "- ", "job_name: ", "params:", "match[]:", "[", "]",
                "{", "}", ", ", "'", "\"", ": ", ">-", "|", "#", " #", "up{job=", "=~", "\\", "é", "&a ", "*a", "\r\n", "---",
                "regex: ", "relabel_configs:", "source_labels: ", "external_labels:", "\t", "x",
            ]),
            0..30,
        ),
    ) {
        let text = parts.concat();
        let preview = preview(&[("a.yml", &text)]);
        for offset in 0..=text.len() + 1 {
            ask(&preview, "a.yml", &text, offset);
            ask(&preview, "promtier.yaml", &text, offset);
        }
    }
}
