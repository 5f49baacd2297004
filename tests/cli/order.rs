//! The same files give the same bytes, whatever the order in which they are named.

use crate::run::{Folder, promtier};

/// Files with faults of every family, and several at one place.
const FILES: &[(&str, &str)] = &[
    (
        "eu/prometheus.yml",
        "global:\n  scrape_interval: 1x\n  external_labels: { a-b: x, a-b: y }\nrule_files: [rules.yml]\nscrape_configs:\n\
         - job_name: a\n- job_name: a\n  honor: 1\n  metrics_path: /federate\n  params: { 'match[]': ['{', 'up{a=~\"(\"}'] }\n  \
         static_configs: [{ targets: ['http://x/', 'us:1'] }]\n",
    ),
    (
        "eu/rules.yml",
        "groups:\n- name: g\n  rules:\n  - record: a:b\n    expr: sum(\n  - alert: A\n    record: B\n",
    ),
    (
        "us.yml",
        "scrape_configs:\n- job_name: f\n  honor_labels: true\n  metrics_path: /federate\n  params: { 'match[]': [up] }\n  static_configs: [{ targets: ['us:1', 'eu:1', 'no:1'] }]\n",
    ),
    ("us.prom", "up{job=\"a\"} 1\nup{job=\"a\"\nup{job=\"a\",job=\"b\"} 1\n"),
    ("other/alone.yml", "groups:\n- name: g\n- name: g\n"),
];

fn checked(folder: &Folder, paths: &[&str], format: &str) -> (i32, String) {
    let ran = promtier(folder).args(["check", "--format", format]).args(paths).run();
    (ran.status, ran.out)
}

#[test]
fn findings_do_not_depend_on_the_order_of_files() {
    let folder = Folder::new("order");
    for (path, text) in FILES {
        folder.write(path, text.as_bytes());
    }
    let files: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
    for (paths, least) in [(files.clone(), 8), (vec!["eu", "other/alone.yml", "other", "us.yml"], 6)] {
        for format in ["concise", "json", "full", "github"] {
            let expect = checked(&folder, &paths, format);
            assert_eq!(expect.0, 1, "{}", expect.1);
            assert!(expect.1.matches("error").count() >= least, "{}", expect.1);
            assert_eq!(checked(&folder, &paths, format), expect, "the same twice");
            for turn in 1..paths.len() {
                let mut turned = paths.clone();
                turned.rotate_left(turn);
                assert_eq!(checked(&folder, &turned, format), expect, "{turned:?}");
                turned.reverse();
                assert_eq!(checked(&folder, &turned, format), expect, "{turned:?}");
            }
        }
    }
}

#[test]
fn findings_come_in_the_order_of_files_and_lines() {
    let folder = Folder::new("sorted");
    for (path, text) in FILES {
        folder.write(path, text.as_bytes());
    }
    let (_, out) = checked(&folder, &["us.yml", "us.prom", "eu/prometheus.yml", "eu/rules.yml"], "concise");
    let places: Vec<(String, u32, u32)> = out
        .lines()
        .map(|line| {
            let mut parts = line.splitn(4, ':');
            let path = parts.next().expect("a path").to_owned();
            let mut number = || parts.next().and_then(|part| part.parse().ok()).expect("a number");
            (path, number(), number())
        })
        .collect();
    assert!(places.len() > 8 && places.is_sorted(), "{out}");
}
