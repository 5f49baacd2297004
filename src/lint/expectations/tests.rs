use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::federation::Memo;
use crate::text::apply_edits;
use crate::workspace::Files;

const LEAF: &str = r#"up{job="node",instance="a"} 1
up{job="api",instance="b"} 1
job:requests:rate5m{job="api"} 2
go_goroutines{job="api",instance="b"} 3
"#;

const LEAF_YML: &str = "global: { external_labels: { dc: eu } }\nscrape_configs: [{ job_name: x, static_configs: [{ targets: ['a:1'] }] }]\n";

const RULES: &str = "groups:\n- name: g\n  rules:\n  - { record: 'job:up:high', expr: up > 0 }\n  \
     - { record: 'job:up:values', expr: 'count_values(\"v\", up)' }\n  - { alert: Down, expr: up == 0 }\n";

const GLOBAL: &str = "scrape_configs:\n- job_name: federate\n  honor_labels: true\n  metrics_path: /federate\n  \
     params: { 'match[]': ['{__name__=~\"job:.*\"}', go_goroutines] }\n  \
     static_configs: [{ targets: ['leaf:9090'] }]\n  metric_relabel_configs:\n  - { source_labels: [__name__], regex: go_.*, action: drop }\n";

/// What an `expect` finds: code, message, because and help, one a line.
fn found(expect: &str) -> Vec<String> {
    let mut files = Files::new(7);
    files.put_text("leaf.yml", LEAF_YML);
    files.put_text("rules.yml", RULES);
    files.put_text("leaf.prom", LEAF);
    files.put_text("global.yml", GLOBAL);
    files.put_text(
        "dark.yml",
        "scrape_configs: [{ job_name: x, static_configs: [{ targets: ['nobody:1'] }] }]\n",
    );
    files.put_text("ruled.yml", "rule_files: [rules.yml]\nscrape_configs: [{ job_name: x }]\n");
    files.put_text("ruled.prom", LEAF);
    files.put_text("promtier.yaml", format!("expect:\n- {{ {expect} }}\n"));
    let workspace = Arc::new(files.assemble());
    let wrong = workspace.findings.iter().any(|finding| finding.diagnostic.severity == Severity::Error);
    assert!(!wrong, "{expect}");
    let preview = Preview::compute(workspace, None, &mut Memo::new(7)).expect("a small preview");
    let mut found = Found::new();
    check(&preview, &mut found);
    let words = |(_, found): &(FileId, Diagnostic)| {
        format!("{}: {} | {} | {}", found.code, found.message, found.because, found.help)
    };
    found.iter().map(words).collect()
}

#[test]
fn what_is_expected_is_checked() {
    let check = |expect: &str, lines: &[&str]| assert_eq!(found(expect), lines, "{expect}");
    check(r#"node: global, has: 'job:requests:rate5m{job="api",dc="eu"}'"#, &[]);
    check("node: [leaf, global], has: [up, 'job:requests:rate5m'], lacks: go_threads, max_series: 20", &[]);
    check("tier: 1, lacks: go_goroutines, max_series: 6", &[]);
    check(
        r#"node: global, has: 'job:requests:rate5m{dc="us"}'"#,
        &[
            r#"expect/missing-series: `global` has no series that matches `job:requests:rate5m{dc="us"}` | one matcher fails: `dc="us"`; the only value is `eu` | "#,
        ],
    );
    check(
        r#"node: leaf, has: 'up{job="nod"}'"#,
        &[
            r#"expect/missing-series: `leaf` has no series that matches `up{job="nod"}` | one matcher fails: `job="nod"`; the closest value is `node` | "#,
        ],
    );
    check(
        r#"node: global, has: 'go_goroutines{dc="eu"}'"#,
        &[
            r#"expect/missing-series: `global` has no series that matches `go_goroutines{dc="eu"}` | `leaf` stores go_goroutines{instance="b", job="api"}, which does not come to `global`: `__name__` is `go_goroutines`, which matches `go_.*` | leave rule 1 of metric_relabel_configs out, or let its regex not match "go_goroutines""#,
        ],
    );
    check(
        r#"node: global, has: 'up{job="api"}'"#,
        &[
            r#"expect/missing-series: `global` has no series that matches `up{job="api"}` | `leaf` stores up{instance="b", job="api"}, which does not come to `global`: no selector selects it; the nearest is {__name__=~"job:.*"}, where __name__=~"job:.*" fails: the series has __name__="up" | write __name__=~"job:.*|up" instead of __name__=~"job:.*""#,
        ],
    );
    check(
        r#"node: global, lacks: '{job="api"}'"#,
        &[
            r#"expect/unwanted-series: `global` has 1 series that matches `{job="api"}` | job:requests:rate5m{dc="eu", job="api"}; pulled in job `federate` from `leaf:9090` by `{__name__=~"job:.*"}` | "#,
        ],
    );
    check(
        "node: leaf, max_series: 3",
        &["expect/too-many-series: `leaf` would store 9 series, more than 3 | 5 about its own scrapes | "],
    );
    check(
        "node: lead, has: up",
        &[
            "expect/unknown-node: `lead` is not a server of the workspace | what is expected of it is not checked | the workspace has `leaf`",
        ],
    );
    check(
        "tier: 4, has: up",
        &[
            "expect/unknown-node: no server is in tier 4 | what is expected of it is not checked | the highest tier is 1",
        ],
    );
    check(
        "node: leaf, has: '{}'",
        &[
            r#"expect/no-assertion: `{}` selects nothing on any server | nothing is checked by it | name a metric, or write `{__name__!=""}` for every series"#,
        ],
    );
    check(
        "node: leaf, has: 'up{'",
        &["selector/syntax: unexpected end of input inside braces |  | close the braces with `}`"],
    );
    check(
        "tier: 4, lacks: 'up{'",
        &[
            "expect/unknown-node: no server is in tier 4 | what is expected of it is not checked | the highest tier is 1",
            "selector/syntax: unexpected end of input inside braces |  | close the braces with `}`",
        ],
    );
    let possible = "2 possibly exist, depending on values that recording rules compute";
    check(
        "node: ruled, has: 'job:up:high', lacks: ['job:up:high', other]",
        &[&*format!(
            "expect/not-known: whether `ruled` has series that match `job:up:high` cannot be told | {possible} | "
        ); 2],
    );
    let open = "the series that alerts and rules depending on more than labels make are not listed";
    check(
        "node: ruled, has: 'job:up:values', lacks: ALERTS",
        &[
            &format!(
                "expect/not-known: `ruled` has no known series that matches `job:up:values` | {open} | "
            ),
            &format!(
                "expect/not-known: not all that `ruled` stores is known: {open} | what is expected holds for what is known; the rest may be otherwise | "
            ),
        ],
    );
    check(
        "node: ruled, max_series: 5",
        &[
            "expect/not-known: whether `ruled` stores more than 5 series cannot be told | of 6, 2 only possibly exist, depending on values that recording rules compute | ",
        ],
    );
    let unknown = "nobody in the workspace is known to listen at nobody:1";
    check(
        "node: dark, has: up, lacks: app",
        &[&format!(
            "expect/not-known: not all that `dark` stores is known: {unknown} | what is expected holds for what is known; the rest may be otherwise | "
        )],
    );
    check(
        "node: dark, has: app",
        &[&format!("expect/not-known: `dark` has no known series that matches `app` | {unknown} | ")],
    );
}

#[test]
fn what_is_seen_is_written_down() {
    let check = |text: &str, asserted: Asserted<'_>, expect: &str| {
        let edits = write_expectation(text, "global", asserted).expect("an edit");
        let (new, _) = apply_edits(text, &edits).expect("sound edits");
        assert_eq!(new, expect);
        assert_eq!(write_expectation(&new, "global", asserted), Err(UnwritableExpectation::Present), "{new}");
        let read = crate::workspace::Manifest::parse(&new);
        assert_eq!(read.diagnostics, [], "{new}");
        assert_eq!(read.value.expect.last().map(|last| last.nodes[0].value.as_str()), Some("global"));
    };
    check("", Asserted::Has("up"), "expect:\n  - node: global\n    has: up\n");
    check(
        "version: 1\n",
        Asserted::Has("{job=\"a\"}"),
        "version: 1\nexpect:\n  - node: global\n    has: '{job=\"a\"}'\n",
    );
    check(
        "expect:\n  # why\n  - { node: global, has: 'x' }\n",
        Asserted::Lacks("go_goroutines"),
        "expect:\n  # why\n  - { node: global, has: 'x' }\n  - node: global\n    lacks: go_goroutines\n",
    );
    check(
        "expect:\nnodes:\n  a: { config: a.yml }\n",
        Asserted::AtMost(7),
        "expect:\n  - node: global\n    max_series: 7\nnodes:\n  a: { config: a.yml }\n",
    );
    assert!(write_expectation("expect: [", "a", Asserted::Has("up")).is_err());
}

proptest! {
    #[test]
    fn what_is_written_down_is_read_back(
        before in prop_oneof![
            Just(""),
            Just("version: 1\nnodes:\n  a: { config: a.yml }\n"),
            Just("# why\nexpect: []\n"),
            Just("expect: [{ node: a, has: up }] # why\n"),
            Just("expect:\n- node: a\n  lacks:\n  - up\n\n# end\n"),
        ],
        node in "[a-z0-9:#-]{1,6}|\\PC{1,6}",
        selector in "[a-z{}=~\"', :#-]{1,12}|\\PC{1,12}",
        has in any::<bool>(),
    ) {
        let asserted = if has { Asserted::Has(&selector) } else { Asserted::Lacks(&selector) };
        let edits = write_expectation(before, &node, asserted).expect("an edit");
        let (new, _) = apply_edits(before, &edits).expect("sound edits");
        let read = crate::workspace::Manifest::parse(&new);
        prop_assert_eq!(read.diagnostics, [], "{}", new);
        let last = read.value.expect.last().expect("an expectation");
        prop_assert_eq!(&last.nodes[0].value, &node);
        let selectors = if has { &last.has } else { &last.lacks };
        prop_assert_eq!(&selectors[0].value, &selector);
        prop_assert_eq!(write_expectation(&new, &node, asserted), Err(UnwritableExpectation::Present));
    }
}
