use super::*;
use crate::prometheus::{Environment, parse};
use proptest::prelude::*;

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

#[test]
fn discovery_adds_its_label_over_the_groups_own() {
    let text = "scrape_configs:\n- job_name: a\n  static_configs: [{targets: [x], labels: {__meta_url: own, job: '', __scheme__: https, __address__: y}}]\n  relabel_configs: [{source_labels: [__meta_url], target_label: from}]\n";
    let parsed = parse(text, Version::NEWEST, &Environment::default());
    let job = &parsed.value.scrape_configs[0];
    let mut groups = static_groups(job);
    groups[0].meta = Some(("__meta_url", "http://sd"));
    let effective = job.effective(&parsed.value.global, Version::NEWEST);
    let outcome =
        targets(&effective, &groups, Version::NEWEST, &mut Compiler::new(Version::NEWEST)).remove(0);
    let target = outcome.scraped().expect("it is scraped");
    assert_eq!(target.url(), "https://x/metrics");
    assert_eq!(target.labels.to_string(), r#"{from="http://sd", instance="x", job="a"}"#);
    let explained = explain_target(&effective, &groups[0], 0, Version::NEWEST).expect("a target");
    let from: Vec<(&str, &str)> =
        explained.discovered.iter().map(|label| (label.name.as_str(), label.from)).collect();
    assert!(from.contains(&("__meta_url", "service discovery")) && from.contains(&("job", "job_name")));
    assert!(from.contains(&("__scheme__", "labels")) && from.contains(&("__address__", "targets")));
    assert_eq!(explained.completions[0].changes[0].label, "__meta_url");
    assert_eq!(explain_target(&effective, &groups[0], 1, Version::NEWEST).map(|_| ()), None);
}

#[test]
fn urls_are_printed_as_go_prints_them() {
    let check = |target: &str, path: &str, expect: &str| {
        let text = format!(
            "scrape_configs:\n- job_name: a\n  metrics_path: '{path}'\n  static_configs: [{{targets: ['{target}']}}]\n"
        );
        assert_eq!(url(&text, Version::NEWEST), expect);
    };
    check("hö st:1", "/a b?c", "http://h%C3%B6%20st:1/a%20b%3Fc");
    check("a%b", "x", "http://a%25b/x");
    check("[::1]:2", "*", "http://[::1]:2/*");
    check("x", "/*", "http://x/%2A");
    check("a\"<b>:1", "/$&+,/:;=@", "http://a\"<b>:1/$&+,/:;=@");
}

#[test]
fn ports_are_told_where_they_are_added() {
    let text = "scrape_configs:\n- job_name: a\n  static_configs: [{targets: [x]}]\n";
    let parsed = parse(text, Version::V2_42, &Environment::default());
    let job = &parsed.value.scrape_configs[0];
    let effective = job.effective(&parsed.value.global, Version::V2_42);
    let explained = explain_target(&effective, &static_groups(job)[0], 0, Version::V2_42).expect("a target");
    let changed: Vec<&str> =
        explained.completions.iter().map(|done| done.changes[0].label.as_str()).collect();
    assert_eq!(changed, ["__address__", "instance"]);
}

proptest! {
    /// The way step by step leads where the short one does.
    #[test]
    fn explanations_agree_with_outcomes(
        address in "[a-c:/\\[\\]1]{0,6}",
        labels in prop::collection::btree_map("(__)?(scheme|scrape_interval|meta_x|a|b)(__)?", "(http|5s|1m|x|)", 0..4),
        rules in prop::collection::vec((0_usize..RULES.len(), "[abx]"), 0..4),
        old in any::<bool>(),
    ) {
        let version = if old { Version::V2_42 } else { Version::NEWEST };
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}: '{value}'")).collect();
        let rules: Vec<String> = rules.iter().map(|(at, word)| RULES[*at].replace('W', word)).collect();
        let text = format!(
            "scrape_configs:\n- job_name: a\n  static_configs: [{{targets: ['{address}', x], labels: {{{}}}}}]\n  relabel_configs: [{}]\n",
            labels.join(", "),
            rules.join(", ")
        );
        let parsed = parse(&text, version, &Environment::default());
        let job = &parsed.value.scrape_configs[0];
        let (groups, effective) = (static_groups(job), job.effective(&parsed.value.global, version));
        let outcomes = targets(&effective, &groups, version, &mut Compiler::new(version));
        prop_assert_eq!(outcomes.len(), 2);
        for outcome in &outcomes {
            let explained = explain_target(&effective, &groups[outcome.group], outcome.index, version).expect("a target");
            let discovered: LabelSet =
                explained.discovered.iter().map(|label| (label.name.as_str(), label.value.as_str())).collect();
            prop_assert_eq!(&discovered, &outcome.discovered);
            prop_assert!(explained.discovered.iter().all(|label| !label.from.is_empty()));
            if !matches!(outcome.fate, TargetFate::Merged { .. }) {
                prop_assert_eq!(&explained.fate, &outcome.fate);
            }
            // The changes, one after the other, lead to what is left.
            let changes = explained.steps.iter().flat_map(|step| &step.changes);
            let mut left = discovered;
            for change in changes.chain(explained.completions.iter().flat_map(|done| &done.changes)) {
                prop_assert_eq!(left.get(&change.label), change.before.as_deref());
                match &change.after {
                    Some(after) => drop(left.insert(change.label.as_str(), after.as_str())),
                    None => drop(left.remove(&change.label)),
                }
            }
            if let Some(target) = outcome.scraped() {
                prop_assert_eq!(&left, &target.all_labels);
            }
        }
    }
}

/// Rules, with `W` for a word.
const RULES: [&str; 7] = [
    "{source_labels: [a], regex: W, action: drop}",
    "{source_labels: [__address__], regex: '(.*)W', target_label: b}",
    "{source_labels: [__meta_x], target_label: __address__}",
    "{regex: '.*W.*', action: labeldrop}",
    "{regex: '__meta_(.)', action: labelmap}",
    "{target_label: __scrape_timeout__, replacement: 30s}",
    "{source_labels: [a, b], target_label: instance}",
];
