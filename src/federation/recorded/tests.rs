use super::*;
use crate::federation::{Memo, Preview, findings};
use crate::workspace::Files;

const GLOBAL: &str = "scrape_configs:
- job_name: federate
  metrics_path: /federate
  honor_labels: true
  params: { 'match[]': ['{__name__=~\"job:.*\"}'] }
  static_configs: [{ targets: ['leaf:9090'] }]
";

fn files(rules: &str) -> Files {
    let mut files = Files::new(7);
    files.put_text("leaf.yml", "global: { external_labels: { region: eu } }\nrule_files: [rules.yml]\n");
    files.put_text("leaf.prom", "m{job=\"a\",x=\"1\"} 1\nm{job=\"a\",x=\"2\"} 1\njob:old:sum{job=\"a\"} 2\n");
    files.put_text("global.yml", GLOBAL);
    let rules: Vec<String> = rules.lines().map(|rule| format!("  - {rule}")).collect();
    files.put_text("rules.yml", format!("groups:\n- name: g\n  rules:\n{}\n", rules.join("\n")));
    files
}

fn preview(files: &mut Files, memo: &mut Memo) -> Preview {
    Preview::compute(Arc::new(files.assemble()), None, memo).expect("a small preview")
}

/// The recorded series of a node, those that are only possible with `?`.
fn recorded(preview: &Preview, node: usize) -> Vec<String> {
    let store = preview.nodes[node].store();
    let rows = store.sorted_rows().iter().filter(|&&row| store.metric_name(row).starts_with("job:"));
    let mark = |row| if sample::is_possible(store.value(row)) { "?" } else { "" };
    rows.map(|&row| format!("{}{}", store.label_set(row), mark(row))).collect()
}

#[test]
fn rules_add_series_that_upper_tiers_pull() {
    let mut memo = Memo::new(7);
    let mut files = files(
        "{ record: 'job:m:sum', expr: sum by (job) (m) }\n\
         { record: 'job:m:high', expr: 'job:m:sum > 5', labels: { tier: top } }",
    );
    let first = preview(&mut files, &mut memo);
    let (leaf, global) = (1, 0);
    let sum = r#"job:m:sum{job="a"}"#;
    let high = r#"job:m:high{job="a", tier="top"}?"#;
    assert_eq!(recorded(&first, leaf), [high, sum, r#"job:old:sum{job="a"}"#]);
    assert_eq!((first.nodes[leaf].recorded(), first.nodes[leaf].possible()), (2, 1));
    let pulled: Vec<String> = recorded(&first, global);
    let expect = [
        r#"job:m:high{instance="leaf:9090", job="a", region="eu", tier="top"}?"#,
        r#"job:m:sum{instance="leaf:9090", job="a", region="eu"}"#,
        r#"job:old:sum{instance="leaf:9090", job="a", region="eu"}"#,
    ];
    // An empty `instance` is there, so that the target's is not attached.
    assert_eq!(pulled, expect.map(|text| text.replace(r#"instance="leaf:9090", "#, "")));
    // How many samples there are depends on the one that is only possible.
    let store = first.nodes[global].store();
    let count = (0..store.len() as u32).find(|&row| store.metric_name(row) == "scrape_samples_scraped");
    assert!(count.is_some_and(|row| sample::is_unknown(store.value(row))));
    // What is not touched by an edit is not computed again.
    files.put_text("global.yml", GLOBAL.replace("job:.*", "job:m.*"));
    let second = preview(&mut files, &mut memo);
    assert!(Arc::ptr_eq(&first.nodes[leaf], &second.nodes[leaf]));
    assert_eq!(recorded(&second, global).len(), 2);
}

#[test]
fn what_samples_hold_is_not_derived() {
    let mut files = files(
        "{ record: 'job:old:sum', expr: sum by (x) (m) }\n\
         { record: 'job:old:sum', expr: sum by (x) (m), labels: { tier: top } }",
    );
    let preview = preview(&mut files, &mut Memo::new(7));
    let new = [r#"job:old:sum{tier="top", x="1"}"#, r#"job:old:sum{tier="top", x="2"}"#];
    assert_eq!(recorded(&preview, 1), [r#"job:old:sum{job="a"}"#, new[0], new[1]]);
    assert!(preview.recorded[1].rules[0].is_given && !preview.recorded[1].rules[1].is_given);
}

#[test]
fn what_is_not_followed_and_what_fails_is_said() {
    let mut files = files(
        "{ record: 'job:m:values', expr: 'count_values(\"v\", m)' }\n\
         { record: 'job:m:clash', expr: m, labels: { x: '' } }\n\
         { alert: Down, expr: m == 0, labels: { job: '{{ $value }}' } }",
    );
    let preview = preview(&mut files, &mut Memo::new(7));
    let found: Vec<(String, String)> = findings(&preview)
        .into_iter()
        .map(|finding| {
            let text = preview.workspace.file(finding.file).text.clone().unwrap_or_default();
            let span = finding.diagnostic.span.range();
            (finding.diagnostic.code.as_str().to_owned(), text[span].to_owned())
        })
        .collect();
    let expect = [("rules/not-followed", "count_values(\"v\", m)"), ("rules/failing", "m")];
    assert_eq!(found, expect.map(|(code, text)| (code.to_owned(), text.to_owned())));
    assert!(preview.may_bring_more(0, 0));
    assert!(preview.pulls[0].scraped.open);
    let alerts =
        |name: &str| Pattern { labels: [(METRIC_NAME, name), ("alertname", "Down")].into_iter().collect() };
    assert!(preview.recorded[1].unlisted.contains(&alerts("ALERTS")));
}

#[test]
fn what_is_not_listed_is_followed_through_relabelling() {
    let mut files = files("{ alert: Down, expr: m == 0, labels: { job: a } }");
    let mut check = |rules: &str, expect: &[&str]| {
        let global = GLOBAL.replace("'{__name__=~\"job:.*\"}'", "ALERTS");
        files.put_text("global.yml", format!("{global}  metric_relabel_configs: [{rules}]\n"));
        let preview = preview(&mut files, &mut Memo::new(7));
        let unlisted = preview.recorded[0].unlisted.iter().map(|pattern| pattern.labels.to_string());
        assert_eq!(unlisted.collect::<Vec<_>>(), expect, "{rules}");
    };
    check("", &[r#"ALERTS{alertname="Down", job="a"}"#]);
    check("{ source_labels: [__name__], regex: ALERTS.*, action: drop }", &[]);
    check(
        "{ source_labels: [alertstate], regex: pending, action: drop }",
        &[r#"ALERTS{alertname="Down", job="a"}"#],
    );
    check("{ source_labels: [alertname], target_label: job }", &[r#"ALERTS{alertname="Down", job="Down"}"#]);
    check("{ source_labels: [other], target_label: job }", &[r#"ALERTS{alertname="Down"}"#]);
    check("{ regex: job, action: labeldrop }", &[r#"ALERTS{alertname="Down", job=""}"#]);
    check("{ regex: 'j(.*)', action: labelmap }", &["{}"]);
}

#[test]
fn whether_a_limit_is_exceeded_may_not_be_known() {
    let mut files = files("{ record: 'job:m:high', expr: m > 1 }");
    let check = |files: &mut Files, limit: u32, expect: Option<&str>| {
        files.put_text("global.yml", GLOBAL.replace("  honor", &format!("  sample_limit: {limit}\n  honor")));
        let preview = preview(files, &mut Memo::new(7));
        let failure = preview.pulls[0].failure.as_ref().map(|failure| match failure {
            crate::federation::Failure::Scrape(words) => words.clone(),
            crate::federation::Failure::Unknown(words) => words[..26].to_owned(),
        });
        assert_eq!(failure.as_deref(), expect, "{limit}");
    };
    check(&mut files, 3, None);
    check(&mut files, 1, Some("whether sample_limit is ex"));
    files.put_text("leaf.prom", "job:a 1\njob:b 1\n");
    check(&mut files, 1, Some("sample limit exceeded"));
}
