use proptest::prelude::*;

use super::*;
use crate::text::LineIndex;

/// Every finding as `LINE:COLUMN-COLUMN: message`, with the text that it marks.
fn findings(text: &str, version: Version) -> Vec<String> {
    let index = LineIndex::new(text);
    parse(text, version)
        .diagnostics
        .into_iter()
        .map(|found| {
            let at = index.line_column(text, found.span.start);
            let marked = &text[found.span.range()];
            format!("{}:{} `{marked}` {}", at.line, at.column, found.message)
        })
        .collect()
}

fn check(text: &str, expect: &[&str]) {
    assert_eq!(findings(text, Version::NEWEST), expect, "{text}");
}

#[test]
fn a_sound_file_has_no_findings() {
    let text = "\
groups:
  - name: example
    interval: 1m
    query_offset: 30s
    limit: 10
    labels: {team: a}
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
        labels: {region: eu}
      - alert: Down
        expr: job:up:sum == 0
        for: 5m
        keep_firing_for: 1h
        labels:
          severity: page
        annotations:
          summary: '{{ $labels.job }} has {{ $value | humanize }}'
";
    check(text, &[]);
    let file = parse(text, Version::NEWEST).value;
    let group = &file.groups[0];
    assert_eq!((group.name.value.as_str(), group.rules.len()), ("example", 2));
    assert_eq!(group.interval.as_ref().map(|it| it.value.as_millis()), Some(60_000));
    assert_eq!(group.limit.as_ref().map(|it| it.value), Some(10));
    assert_eq!(group.rules[0].labels(group), [("region", "eu"), ("team", "a")]);
    assert_eq!((group.rules[0].name(), group.rules[0].is_alert()), ("job:up:sum", false));
    assert_eq!((group.rules[1].name(), group.rules[1].is_alert()), ("Down", true));
    let expr = group.rules[0].expr.as_ref().expect("an expression");
    assert_eq!(expr.expr.to_string(), "sum by (job) (up)");
    assert_eq!(&text[expr.text.part(expr.expr.span).range()], "sum by (job) (up)");
}

#[test]
fn faults_of_expressions_stand_where_they_are_written() {
    let unexpected =
        "could not parse expression: 1:7: parse error: unexpected identifier \"b\" in aggregation";
    let rules = |expr: &str| format!("groups:\n- name: g\n  rules:\n  - record: r\n    expr: {expr}\n");
    check(&rules("sum(a b)"), &[&format!("5:17 `b` {unexpected}")]);
    check(&rules("'sum(a b)'"), &[&format!("5:18 `b` {unexpected}")]);
    check(&rules("|\n      sum(a b)"), &[&format!("6:13 `b` {unexpected}")]);
    check(&rules(">\n      sum(a\n      b)"), &[&format!("7:7 `b` {unexpected}")]);
    check(&rules("\"sum(\\u0061 b)\""), &[&format!("5:23 `b` {unexpected}")]);
    check(
        &rules("|\n      rate(a)\n      +\n      rate(b)"),
        &[
            "6:12 `a` could not parse expression: 1:6: parse error: expected type range vector in call to function \"rate\", got instant vector",
            "8:12 `b` expected type range vector in call to function \"rate\", got instant vector",
        ],
    );
    check(
        &rules("&e sum("),
        &["5:18 `` could not parse expression: 1:5: parse error: unclosed left parenthesis"],
    );
}

#[test]
fn fixes_of_expressions_fit_the_file() {
    let mended = |expr: &str| {
        let text = format!("groups:\n- name: g\n  rules:\n  - record: r\n    expr: {expr}\n");
        let fix =
            parse(&text, Version::NEWEST).diagnostics.into_iter().find_map(|it| it.fixes.into_iter().next());
        let (mended, _) = crate::text::apply_edits(&text, &fix?.edits).ok()?;
        assert_eq!(findings(&mended, Version::NEWEST), [""; 0], "{mended}");
        mended.split_once("expr: ").map(|(_, expr)| expr.trim_end().to_owned())
    };
    let check = |expr: &str, expect: Option<&str>| assert_eq!(mended(expr).as_deref(), expect, "{expr}");
    check("increse(a[5m])", Some("increase(a[5m])"));
    check("|\n      up\n      = 1", Some("|\n      up\n      == 1"));
    check(">\n      increse(\n      a[5m])", Some(">\n      increase(\n      a[5m])"));
    check("'a{b=\"\\d\"}'", Some("'a{b=\"\\\\d\"}'"));
    check("\"a{b='\\\\d'}\"", None);
    check("\"\\u0069ncrese(a[5m])\"", None);
}

#[test]
fn rules_and_groups_are_validated() {
    check("groups:\n- rules: []\n", &["2:3 `rules: []` Groupname must not be empty"]);
    check("groups:\n- name: a\n- name: a\n", &["3:9 `a` groupname: \"a\" is repeated in the same file"]);
    let rule = |fields: &str| format!("groups:\n- name: g\n  rules:\n  - {{{fields}}}\n");
    check(&rule("expr: up"), &["4:5 `` one of 'record' or 'alert' must be set"]);
    check(&rule("record: a, alert: b, expr: up"), &["4:24 `b` only one of 'record' and 'alert' must be set"]);
    check(&rule("record: a"), &["4:14 `a` field 'expr' must be set in rule"]);
    check(
        &rule("record: a, expr: up, for: 1m, annotations: {b: c}"),
        &[
            "4:32 `1m` invalid field 'for' in recording rule",
            "4:50 `b` invalid field 'annotations' in recording rule",
        ],
    );
    check(&rule("record: a, expr: up, for: 0s"), &[]);
    check(
        &rule("record: 'a{b=\"c\"}', expr: up"),
        &["4:14 `'a{b=\"c\"}'` braces present in the recording rule name; should it be in expr?: a{b=\"c\"}"],
    );
    check(
        &rule("alert: a, expr: up, labels: {__name__: b}"),
        &["4:35 `__name__` invalid label name: __name__"],
    );
    check(
        &rule("alert: a, expr: up, labels: {b: '{{ $x }}'}"),
        &["4:42 `$x` label \"b\": template: __alert_a:1: undefined variable \"$x\""],
    );
    check(&rule("record: a, expr: up, labels: {b: '{{ $x }}'}"), &[]);
    check(&rule("alert: a, expr: up, for: 5x"), &["4:31 `5x` unknown unit \"x\" in duration \"5x\""]);
    check(
        &rule("alert: a, expr: up, annotation: {b: c}"),
        &["4:26 `annotation` line 4: field annotation not found in type rulefmt.Rule"],
    );
}

#[test]
fn versions_differ() {
    let check = |text: &str, version: &str, expect: &[&str]| {
        assert_eq!(findings(text, version.parse().expect("a version")), expect, "{text} in {version}");
    };
    let query_offset = "groups: [{name: a, query_offset: 1m}]";
    check(
        query_offset,
        "2.52",
        &["1:20 `query_offset` line 1: field query_offset not found in type rulefmt.RuleGroup"],
    );
    check(query_offset, "2.53", &[]);
    let utf8 = "groups: [{name: a, rules: [{record: a.b, expr: up}]}]";
    check(utf8, "2.55", &["1:37 `a.b` invalid recording rule name: a.b"]);
    check(utf8, "3.0", &[]);
    // Before 3.3, an alias is its name.
    let alias = "groups: [{name: a, rules: [{record: &r x, expr: &e up}, {record: *r, expr: *e}]}]";
    let expr = |version: &str| {
        let file = parse(alias, version.parse::<Version>().expect("a version")).value;
        let rule = &file.groups[0].rules[1];
        (rule.name().to_owned(), rule.expr.as_ref().map(|expr| expr.text.value.clone()))
    };
    assert_eq!(expr("3.2"), ("r".to_owned(), Some("e".to_owned())));
    assert_eq!(expr("3.3"), ("x".to_owned(), Some("up".to_owned())));
}

#[test]
fn equal_rules_are_told() {
    let text = "\
groups:
- name: a
  labels: {x: y}
  rules:
  - {record: r, expr: up}
  - {record: r, expr: up, labels: {x: z}}
- name: b
  rules:
  - {record: r, expr: down, labels: {x: y}}
";
    check(text, &["9:14 `r` duplicate rule: another one makes the series `r` with the same labels"]);
}

#[test]
fn a_broken_file_still_has_its_groups() {
    let text = "groups:\n- name: a\n  rules:\n  - record: r\n    expr: up\n  - alert: x\n    expr: [\n";
    let parsed = parse(text, Version::NEWEST);
    assert_eq!(parsed.diagnostics.len(), 1, "{:?}", parsed.diagnostics);
    assert_eq!(parsed.value.groups[0].rules[0].name(), "r");
}

#[test]
fn half_typed_files_never_panic() {
    let text = "groups:\n- name: é\n  interval: 1m\n  rules:\n  - alert: a\n    expr: |\n      sum by (x) (rate(a{b=~\"c\"}[5m]))\n      > 0\n    \
                labels: {a: \"{{ $labels.b | printf `x` }}\"}\n    annotations:\n      <<: {b: c}\n";
    for (end, _) in text.char_indices() {
        for version in [Version::V2_42, Version::NEWEST] {
            for found in parse(&text[..end], version).diagnostics {
                assert!(text[..end].get(found.span.range()).is_some(), "{found:?} in {:?}", &text[..end]);
            }
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read(lines in prop::collection::vec((0usize..4, "(- )?(name|rules|expr|groups|alert|record|labels|<<|for)?:? ?[a-z\\[{'\"*&~|>-]{0,3}"), 0..12)) {
        let lines: Vec<String> = lines.iter().map(|(indent, line)| "  ".repeat(*indent) + line).collect();
        let text = lines.join("\n");
        for found in parse(&text, Version::NEWEST).diagnostics {
            prop_assert!(text.get(found.span.range()).is_some(), "{found:?}");
        }
    }
}
