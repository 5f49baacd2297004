use super::*;
use crate::prometheus::{Environment, parse};

fn outcomes(text: &str, version: Version) -> Vec<TargetOutcome> {
    let parsed = parse(text, version, &Environment::default());
    let job = &parsed.value.scrape_configs[0];
    targets(
        &job.effective(&parsed.value.global, version),
        &static_groups(job),
        version,
        &mut Compiler::new(version),
    )
}

fn url(text: &str, version: Version) -> String {
    outcomes(text, version)[0].scraped().expect("it is scraped").url()
}

#[test]
fn a_label_replaces_the_first_value_of_a_parameter() {
    let text = "scrape_configs:\n- job_name: f\n  metrics_path: /federate\n  params: {'match[]': ['{a=\"b\"}', up]}\n  static_configs: [{targets: ['x:9090']}]\n  relabel_configs: [{target_label: '__param_match[]', replacement: '{c=\"d e\"}'}]\n";
    assert_eq!(
        url(text, Version::NEWEST),
        "http://x:9090/federate?match%5B%5D=%7Bc%3D%22d+e%22%7D&match%5B%5D=up"
    );
}

#[test]
fn ports_are_filled_in_before_3_0() {
    let check = |scheme: &str, target: &str, old: &str, new: &str| {
        let text = format!(
            "scrape_configs:\n- job_name: a\n  scheme: {scheme}\n  static_configs: [{{targets: ['{target}']}}]\n"
        );
        for (version, expect) in [(Version::V2_42, old), (Version::NEWEST, new)] {
            let outcome = outcomes(&text, version).remove(0);
            let target = outcome.scraped().expect("it is scraped");
            assert_eq!((target.address.as_str(), target.labels.value("instance")), (expect, expect));
        }
    };
    check("http", "x", "x:80", "x");
    check("https", "x", "x:443", "x");
    check("https", "x:1", "x:1", "x:1");
    check("http", "[::1]", "[::1]:80", "[::1]");
    check("http", "[::1]:2", "[::1]:2", "[::1]:2");
    check("http", "::1", "::1", "::1");
    check("http", "x:", "x:", "x:");
}

#[test]
fn equal_targets_are_one() {
    let text = "scrape_configs:\n- job_name: a\n  static_configs: [{targets: [x, y, x]}, {targets: [x], labels: {b: c}}]\n";
    let fates: Vec<Option<usize>> = outcomes(text, Version::NEWEST)
        .iter()
        .map(|outcome| match outcome.fate {
            TargetFate::Merged { into } => Some(into),
            _ => None,
        })
        .collect();
    assert_eq!(fates, [None, None, Some(0), None]);
}

#[test]
fn rules_drop_and_break_targets() {
    let text = "scrape_configs:\n- job_name: a\n  static_configs: [{targets: [x, 'y', 'http://z']}]\n  relabel_configs:\n  - {target_label: q, replacement: r}\n  - {action: drop, source_labels: [__address__], regex: x}\n";
    let fates: Vec<TargetFate> =
        outcomes(text, Version::NEWEST).into_iter().map(|outcome| outcome.fate).collect();
    assert_eq!(fates[0], TargetFate::Dropped { rule: 1 });
    assert!(matches!(&fates[1], TargetFate::Scraped(target) if target.labels.value("q") == "r"));
    assert_eq!(fates[2], TargetFate::Refused { error: "\"http://z\" is not a valid hostname".to_owned() });
}
