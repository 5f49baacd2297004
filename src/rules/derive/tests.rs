//! Expressions over a few series, and what they make.

use super::{Derived, Pattern, Server, derive, derive_rules};
use crate::promql::Expr;
use crate::rules;
use crate::rules::{Rule, RuleGroup};
use crate::series::{SeriesStore, StoreBuilder, sample};
use crate::version::Version;

const VERSION: Version = Version { major: 3, minor: 5 };

fn server<'a>(store: &'a SeriesStore, unlisted: &'a [Pattern]) -> Server<'a> {
    Server { store, unlisted, version: VERSION, interval_ms: 15_000, slow: &[] }
}

fn store() -> SeriesStore {
    let mut store = StoreBuilder::new(1);
    for labels in [
        &[("__name__", "a"), ("x", "1"), ("y", "p")][..],
        &[("__name__", "a"), ("x", "2"), ("y", "p")],
        &[("__name__", "b"), ("x", "1"), ("z", "u")],
        &[("__name__", "h_bucket"), ("le", "1")],
        &[("__name__", "h_bucket"), ("le", "+Inf")],
    ] {
        store.push(labels.iter().copied(), 0.0, None).expect("room");
    }
    store.finish()
}

/// The series in their order, those that are possible with `?`; then `!` and a failure, or `~` and what is
/// unknown with the text it is said of.
fn shown(derived: &Derived, text: &str) -> String {
    let mut parts: Vec<String> = derived
        .series
        .iter()
        .map(|one| format!("{}{}", one.labels, if one.certain { "" } else { "?" }))
        .collect();
    parts.extend(derived.failure.iter().map(|reason| format!("!{}", reason.message)));
    parts.extend(derived.unknown.iter().map(|reason| format!("~{}", &text[reason.span.range()])));
    parts.join(" ")
}

fn check(text: &str, expect: &str) {
    let expr = Expr::parse_strict(text, VERSION).expect(text);
    assert_eq!(shown(&derive(&expr, server(&store(), &[])), text), expect, "{text}");
}

#[test]
fn follows_selectors_and_functions() {
    check("b", r#"b{x="1", z="u"}"#);
    check("b[5m]", "!rule result is not a vector or scalar");
    check("'b'", "!rule result is not a vector or scalar");
    check("b[5m:1m]", "!rule result is not a vector or scalar");
    check("b offset 5m", r#"b{x="1", z="u"}?"#);
    check("b @ 0", "~b @ 0");
    check("-b", r#"{x="1", z="u"}"#);
    check("rate(b[5m])", r#"{x="1", z="u"}"#);
    check("rate(b[30s])", r#"{x="1", z="u"}?"#);
    check("last_over_time(b[5m])", r#"b{x="1", z="u"}"#);
    check("max_over_time(b[5m:])", r#"{x="1", z="u"}?"#);
    check("abs({x=\"1\"})", r#"{x="1", y="p"} {x="1", z="u"}"#);
    check(
        "abs(label_replace(a, \"x\", \"\", \"\", \"\"))",
        "!vector cannot contain metrics with the same labelset",
    );
    check(
        "label_replace(b, \"\", \"1\", \"x\", \".\")",
        "!invalid destination label name in label_replace(): ",
    );
    check(
        "label_replace(b, \"n\", \"1\", \"x\", \"(\")",
        "!invalid regular expression in label_replace(): (",
    );
    check("label_replace(b, \"n-m\", \"1\", \"x\", \"2\")", r#"b{x="1", z="u"}"#);
    check("label_join(b, \"n\", \"-\", \"x\", \"\")", "!invalid source label name in label_join(): ");
    check("label_join(none, \"\", \"-\")", "!invalid destination label name in label_join(): ");
    check("label_join(b, \"z\", \"-\")", r#"b{x="1"}"#);
    check("count_values(\"\", b)", "!invalid label name: ");
    check("label_replace(b, \"n\", \"$1!\", \"x\", \"(.)\")", r#"b{n="1!", x="1", z="u"}"#);
    check("label_join(b, \"z\", \"-\", \"x\", \"z\", \"q\")", r#"b{x="1", z="1-u-"}"#);
    check("histogram_quantile(0.9, h_bucket)", "{}");
    check("absent(b)", "");
    check("absent(none{q=\"1\", r=~\"2\"})", r#"{q="1"}"#);
    check("absent(b > 1)", "{}?");
    check("vector(1)", "{}");
    check("scalar(b)", "{}");
}

#[test]
fn follows_aggregations() {
    check("absent(rate((a + on () a)[5m:1m]))", "!many-to-many matching not allowed");
    check("absent(rate((a + on () a)[1s:1m]))", "{}?");
    check("topk(NaN, b)", "!the parameter is no number");
    check("topk(scalar(b), b)", r#"b{x="1", z="u"}?"#);
    check("topk(scalar(b), none) or a", r#"a{x="1", y="p"}? a{x="2", y="p"}?"#);
    check("bottomk(Inf, b)", r#"b{x="1", z="u"}?"#);
    check("topk(-1, b)", "");
    check("sum(a)", "{}");
    check("sum by (y) (a > 1)", r#"{y="p"}?"#);
    check("sum without (x) (a)", r#"{y="p"}"#);
    check("topk(1, a)", r#"a{x="1", y="p"}? a{x="2", y="p"}?"#);
    check("topk by (x) (1, a)", r#"a{x="1", y="p"} a{x="2", y="p"}"#);
    check("count_values(\"v\", b)", "~count_values(\"v\", b)");
}

#[test]
fn follows_operations() {
    check("b > 1", r#"b{x="1", z="u"}?"#);
    check("b > bool 1", r#"{x="1", z="u"}"#);
    check("a + on (x) b", r#"{x="1"}"#);
    check("a * on (x) group_left (z) b", r#"{x="1", y="p", z="u"}"#);
    check("a + on (y) a", "!many-to-many matching not allowed");
    check("a and on (x) b", r#"a{x="1", y="p"}"#);
    check("a unless on (x) b", r#"a{x="2", y="p"}"#);
    check("a unless on (x) (b > 1)", r#"a{x="1", y="p"}? a{x="2", y="p"}"#);
    check("b or none", r#"b{x="1", z="u"}"#);
    check("sum(b > 1) or vector(0)", "{}");
    check("b unless count_values(\"v\", a)", "b{x=\"1\", z=\"u\"}? ~count_values(\"v\", a)");
}

#[test]
fn rules_read_what_others_make() {
    let text = "\
groups:
- name: g
  labels: { tier: top }
  rules:
  - { record: late, expr: sum by (x) (early) }
  - { record: early, expr: a, labels: { y: '' } }
- name: h
  rules:
  - { record: clash, expr: a, labels: { x: '1' } }
  - { record: turns, expr: absent(turns) }
  - { expr: a }
  - { alert: Down, expr: a }
  - { record: alerts, expr: sum(ALERTS) }
";
    let file = rules::parse(text, Version { major: 3, minor: 5 });
    let rules: Vec<(&RuleGroup, &Rule)> = file
        .value
        .groups
        .iter()
        .flat_map(|group| group.rules.iter().map(move |rule| (group, rule)))
        .collect();
    let made = derive_rules(&rules, server(&store(), &[]));
    let shown: Vec<String> = rules
        .iter()
        .zip(&made)
        .map(|((_, rule), made)| {
            shown(&made.derived, rule.expr.as_ref().map_or("", |expr| expr.text.value.as_str()))
        })
        .collect();
    let expect = [
        r#"late{tier="top", x="1"} late{tier="top", x="2"}"#,
        r#"early{tier="top", x="1"} early{tier="top", x="2"}"#,
        "!vector contains metrics with the same labelset after applying rule labels",
        "~absent(turns)",
        "",
        "~a",
        "~ALERTS",
    ];
    assert_eq!(shown, expect);
}

#[test]
fn what_is_not_listed_leaves_doubts() {
    let mut builder = StoreBuilder::new(1);
    for (labels, value) in [
        ([("__name__", "a"), ("x", "1")], 1.0),
        ([("__name__", "a"), ("x", "2")], sample::possible()),
        ([("__name__", "a"), ("x", "3")], sample::stale()),
    ] {
        builder.push(labels, value, None).expect("room");
    }
    let store = builder.finish();
    let others = [Pattern { labels: [("job", "other")].into_iter().collect() }];
    let check = |text: &str, unlisted: &[Pattern], interval_ms: u64, expect: &str| {
        let expr = Expr::parse_strict(text, VERSION).expect(text);
        let derived = derive(&expr, Server { interval_ms, ..server(&store, unlisted) });
        let open = if derived.open { " and others" } else { "" };
        assert_eq!(shown(&derived, text) + open, expect, "{text}");
    };
    check("a", &[], 15_000, r#"a{x="1"} a{x="2"}?"#);
    check("sum by (x) (rate(a[5m]))", &[], 15_000, r#"{x="1"} {x="2"}?"#);
    check("sum by (x) (a offset 5m)", &[], 15_000, r#"{x="1"}? {x="2"}?"#);
    check("sum without (x) (a)", &[], 15_000, "{}");
    check("sum(a)", &[], 300_000, "{}?");
    check("sum by (x) (a{job=\"mine\"})", &others, 15_000, "");
    check("a{job!=\"other\"}", &others, 15_000, r#"a{x="1"} a{x="2"}?"#);
    check("sum by (x) (a)", &others, 15_000, r#"{x="1"} {x="2"}? and others"#);
    check("absent(b)", &others, 15_000, "{}?");
    check("absent(b{job=\"mine\"})", &others, 15_000, r#"{job="mine"}"#);
}

/// Groups are the same whether the series are looked at one by one or not.
#[test]
fn groups_are_those_of_the_series() {
    for inner in
        ["rate(a[5m])", "a", "-a", "a * 2", "b > 1", "abs({__name__=~\"b|none\"})", "last_over_time(a[5m])"]
    {
        for grouping in ["", "by (x)", "by (__name__, y)", "without (x)", "without (y, z)", "by (none)"] {
            let parse = |text: &str| Expr::parse_strict(text, VERSION).expect("an expression");
            let at_once = derive(&parse(&format!("sum {grouping} ({inner})")), server(&store(), &[]));
            // Of an `or` the series are taken up.
            let one_by_one =
                derive(&parse(&format!("sum {grouping} (({inner}) or {inner})")), server(&store(), &[]));
            assert_eq!(at_once, one_by_one, "{grouping} {inner}");
        }
    }
}
