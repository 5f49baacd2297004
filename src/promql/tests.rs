use proptest::prelude::*;

use super::*;

fn strict(input: &str, dialect: impl Into<Dialect>) -> String {
    match Expr::parse_strict(input, dialect) {
        Ok(expr) => expr.to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn prints_as_prometheus_does() {
    let check = |input: &str, expect: &str| assert_eq!(strict(input, Version::NEWEST), expect, "{input}");
    check("up", "up");
    check(" up { } # all", "up");
    check("{job='a',instance!~`b|c`}", r#"{instance!~"b|c",job="a"}"#);
    check(r#"{"http.requests", "a b"="c"}"#, r#"{"a b"="c",__name__="http.requests"}"#);
    check("sum(up)by(job,instance)", "sum by (job, instance) (up)");
    check("sum by () (up)", "sum(up)");
    check("sum without () (up)", "sum without () (up)");
    check("TOPK(3, up)", "topk(3, up)");
    check("count by (\"a b\") (up)", "count by (\"a b\") (up)");
    check("rate(a[300s] offset 60)", "rate(a[5m] offset 1m)");
    check("a offset -1h30m @ 1.5", "a @ 1.500 offset -1h30m");
    check("max_over_time(rate(a[5m])[1h:1m] @ end())", "max_over_time(rate(a[5m])[1h:1m] @ end())");
    check("a[1h:]", "a[1h:]");
    check("a + on(job)group_left(team)b", "a + on (job) group_left (team) b");
    check("a and ignoring() b", "a and b");
    check("a == bool 1", "a == bool 1");
    check("-a ^ 2", "-a ^ 2");
    check("- 1", "-1");
    check("2 * 0x1f + 1e3 - .5", "2 * 31 + 1000 - 0.5");
    check("5m", "5m");
    check("a * Inf", "a * Inf");
    check("(a or b)", "(a or b)");
    check(r#"label_replace(a, "b", '$1', "c", "\u00e9")"#, r#"label_replace(a, "b", "$1", "c", "é")"#);
}

#[test]
fn normalises() {
    let check = |input: &str, expect: &str| {
        let expr = Expr::parse_strict(input, Version::NEWEST).expect("a valid expression");
        assert_eq!(expr.normalised(), expect, "{input}");
    };
    check("((a))", "a");
    check("(a + b) + c", "a + b + c");
    check("a + (b + c)", "a + (b + c)");
    check("(a + b) * c", "(a + b) * c");
    check("(a ^ b) ^ c", "(a ^ b) ^ c");
    check("a ^ (b ^ c)", "a ^ b ^ c");
    check("(-1) ^ 2", "(-1) ^ 2");
    check("-(1)", "-1");
    check("-(a + b)", "-(a + b)");
    check("sum by (b, a, b) ((up))", "sum by (a, b) (up)");
    check("(rate(a[5m]))[1h:]", "rate(a[5m])[1h:]");
    check("(a + b)[1h:]", "(a + b)[1h:]");
    check("a{b=\"c\",b=\"c\"}", r#"a{b="c"}"#);
    check("a > 5m", "a > 300");
    check(r#"{__name__="a"}"#, "a");
    check(r#"{b="c",__name__="a:b"}[5m]"#, r#"a:b{b="c"}[5m]"#);
    check(r#"{"a"}"#, "a");
    check(r#"{__name__="inf"}"#, r#"{__name__="inf"}"#);
    check(r#"{__name__="a",__name__=~"b"}"#, r#"{__name__="a",__name__=~"b"}"#);
    check(r#"{__name__="a b"}"#, r#"{__name__="a b"}"#);
}

#[test]
fn differs_by_version() {
    let check = |input: &str, version: &str, expect: &str| {
        let version: Version = version.parse().expect("a version");
        assert_eq!(strict(input, version), expect, "{input} in {version}");
    };
    check("a[5]", "2.42", "1:3: parse error: missing unit character in duration");
    check("a[5]", "2.54", "a[5s]");
    check("a[]", "2.42", "1:3: parse error: missing unit character in duration");
    check("a[]", "2.54", "1:3: parse error: bad number or duration syntax: \"\"");
    check(
        "a[]",
        "3.4",
        "1:3: parse error: unexpected \"]\" in subquery selector, expected number or duration",
    );
    check(
        "a[]",
        "3.10",
        "1:3: parse error: unexpected \"]\" in subquery or range selector, expected number, duration, step(), or range()",
    );
    check("a[5m a 1m]", "3.5", "a[5m:1m]");
    check("a[5m a 1m]", "3.6", "1:6: parse error: unexpected character: 'a', expected ':'");
    check("a[0s]", "3.3", "1:3: parse error: duration must be greater than 0");
    check("a[0]", "3.4", "1:3: parse error: duration must be greater than 0");
    check("a[5m*2]", "3.4", "1:3: parse error: experimental duration expression is not enabled");
    check("a[step()]", "3.6", "a[step()]");
    check("a[step()]", "3.12", "1:3: parse error: experimental duration expression is not enabled");
    check("step()", "3.5", "1:1: parse error: unknown function with name \"step\"");
    check("step()", "3.6", "1:1: parse error: unknown node type: *parser.DurationExpr");
    check("step() + 1", "3.6", "1:1: parse error: experimental duration expression is not enabled");
    check("step()", "3.12", "1:1: parse error: function \"step\" is not enabled");
    check("a offset 5m + 1", "3.4", "a offset 5m + 1");
    check("a offset -(5m)", "3.5", "1:12: parse error: experimental duration expression is not enabled");
    check("a offset -(5m)", "3.12", "1:10: parse error: unexpected error");
    check("a offset -(5m)", "3.13", "a offset -(5m)");
    check(
        "sum by (\"a\") (b)",
        "2.54",
        "1:9: parse error: unexpected string \"\\\"a\\\"\" in grouping opts, expected label",
    );
    check(
        "sum by (\"a b\") (b)",
        "2.55",
        "1:9: parse error: unexpected string \"\\\"a b\\\"\" in grouping opts, expected label",
    );
    check("sum by (\"\") (b)", "3.2", "1:9: parse error: invalid label name for grouping: \"\"");
    check(
        "limitk(1, a)",
        "2.54",
        "1:1: parse error: limitk() and limit_ratio() are experimental and must be enabled with --enable-feature=promql-experimental-functions",
    );
    check(
        "limitk(1, a)",
        "3.1",
        "1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions",
    );
    check("a anchored", "3.6", "1:3: parse error: unexpected identifier \"anchored\"");
    check("a anchored", "3.7", "1:1: parse error: anchored modifier is experimental and not enabled");
    check("a + fill(1) b", "3.9", "1:5: parse error: unknown function with name \"fill\"");
    check("a + fill(1) b", "3.10", "1:1: parse error: binop fill modifiers are experimental and not enabled");
    check("a </ b", "3.10", "1:4: parse error: unexpected <op:/>");
    check("a </ b", "3.11", "a </ b");
    check("first_over_time(a[5m])", "3.13", "1:1: parse error: function \"first_over_time\" is not enabled");
    check("first_over_time(a[5m])", "3.14", "first_over_time(a[5m])");
    check("holt_winters(a[5m], 1, 1)", "2.55", "holt_winters(a[5m], 1, 1)");
    check(
        "holt_winters(a[5m], 1, 1)",
        "3.0",
        "1:1: parse error: unknown function with name \"holt_winters\"",
    );
    check("", "2.47", "1:1: parse error: no expression found in input");
    check("", "2.48", "unknown position: parse error: no expression found in input");
}

#[test]
fn reads_more_with_feature_flags() {
    let all = Dialect {
        version: Version::NEWEST,
        experimental_functions: true,
        duration_expressions: true,
        extended_ranges: true,
        fill: true,
    };
    let check = |input: &str, expect: &str| assert_eq!(strict(input, all), expect, "{input}");
    check("a[step()*2+1m]", "a[step() * 2 + 1m]");
    check("a[max_of(5m,step())]", "a[max_of(5m, step())]");
    check("a[5m/0]", "1:5: parse error: division by zero");
    check("a offset -step()", "a offset -step()");
    check("a offset -2^2", "a offset -2s ^ 2");
    check("rate(a[5m] smoothed)", "rate(a[5m] smoothed)");
    check(
        "a[5m] anchored smoothed",
        "1:1: parse error: anchored and smoothed modifiers cannot be used together",
    );
    check("a[5m:] anchored", "1:1: parse error: anchored modifier is not supported for subqueries");
    check("1 anchored", "1:1: parse error: anchored modifier not implemented");
    check("a + on(b) fill_left(1) fill_right(-2) c", "a + on (b) fill_left (1) fill_right (-2) c");
    check("a + fill(0) b", "a + fill (0) b");
    check("a and fill(0) b", "1:1: parse error: filling in missing series not allowed for set operators");
    check("limitk(1, a)", "limitk(1, a)");
    check("info(a, {b=\"\"})", "info(a, {b=\"\"})");
    check("info(a, b)", "1:9: parse error: expected label selectors only, got vector selector instead");
    check(
        "info(a, 1)",
        "1:1: parse error: expected type instant vector in call to function \"info\", got scalar",
    );
    check("min_of(1, step())", "min_of(1, step())");
    check("start() + end() + range()", "start() + end() + range()");
}

/// What an editor would show: every message with the text it marks.
fn findings(input: &str) -> Vec<(String, String)> {
    let parsed = parse(input, Version::NEWEST);
    parsed
        .diagnostics
        .into_iter()
        .map(|found| (input[found.span.range()].to_owned(), found.message.into_owned()))
        .collect()
}

#[test]
fn goes_on_behind_an_error() {
    let check = |input: &str, expect: &[(&str, &str)]| {
        let have = findings(input);
        let have: Vec<(&str, &str)> =
            have.iter().map(|(text, message)| (text.as_str(), message.as_str())).collect();
        assert_eq!(have, expect, "{input}");
    };
    check(
        "(a b) + sum(c d) + rate(e)",
        &[
            ("b", "unexpected identifier \"b\""),
            ("d", "unexpected identifier \"d\" in aggregation"),
            ("e", "expected type range vector in call to function \"rate\", got instant vector"),
        ],
    );
    check(
        "nosuch(a{b=}) / rat(c[5m])",
        &[
            ("}", "unexpected \"}\" in label matching, expected string"),
            ("nosuch", "unknown function with name \"nosuch\""),
            ("rat", "unknown function with name \"rat\""),
        ],
    );
    check(
        "sum by (a b) (c) == bool",
        &[
            ("b", "unexpected identifier \"b\" in grouping opts, expected \",\" or \")\""),
            ("", "unexpected end of input"),
        ],
    );
    check("rate(a[5m", &[("", "unclosed left parenthesis")]);
    check(
        "{} + rate(b) ^ \"c\"",
        &[
            ("{}", "vector selector must contain at least one non-empty matcher"),
            ("b", "expected type range vector in call to function \"rate\", got instant vector"),
            ("\"c\"", "binary expression must contain only scalar and instant vector types"),
        ],
    );
    check("1 == 1", &[("==", "comparisons between scalars must use BOOL modifier")]);
}

#[test]
fn offers_the_edit_that_mends_it() {
    let fix = |input: &str| {
        let parsed = parse(input, Version::NEWEST);
        let fix = parsed.diagnostics.into_iter().find_map(|found| found.fixes.into_iter().next());
        fix.and_then(|fix| crate::text::apply_edits(input, &fix.edits).ok()).map(|(text, _)| text)
    };
    let check = |input: &str, expect: &str| assert_eq!(fix(input).as_deref(), Some(expect), "{input}");
    check("increse(a[5m])", "increase(a[5m])");
    check("a = 1", "a == 1");
    check("rate(a[5m],)", "rate(a[5m])");
}

#[test]
fn keeps_to_its_budgets() {
    let deep = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
    let long = vec!["a"; 5000].join(" + ");
    let signs = "-".repeat(5000) + "a";
    let duration = format!("a[{}5m{}]", "(".repeat(5000), ")".repeat(5000));
    for input in [deep, long, signs, duration, "a".repeat(2 << 20)] {
        let codes: Vec<Code> =
            parse(&input, Version::NEWEST).diagnostics.into_iter().map(|found| found.code).collect();
        assert_eq!(codes.first(), Some(&TOO_LARGE), "{input:.40}");
    }
    let fine = format!("{}a{}", "(".repeat(90), ")".repeat(90));
    assert!(Expr::parse_strict(fine, Version::NEWEST).is_ok(), "90 parentheses");
    assert!(Expr::parse_strict(vec!["a"; 399].join(" or "), Version::NEWEST).is_ok(), "399 operands");
}

#[test]
fn knows_where_everything_stands() {
    let input = "sum by (job) (rate(up{job=\"a\"}[5m] offset 1m)) > bool on (job) 2 * b";
    let expr = Expr::parse_strict(input, Version::NEWEST).expect("a valid expression");
    let mut spans = Vec::new();
    expr.walk(&mut |expr| spans.push(&input[expr.span.range()]));
    assert_eq!(
        spans,
        [
            input,
            "sum by (job) (rate(up{job=\"a\"}[5m] offset 1m))",
            "rate(up{job=\"a\"}[5m] offset 1m)",
            "up{job=\"a\"}[5m] offset 1m",
            "up{job=\"a\"}",
            "2 * b",
            "2",
            "b",
        ]
    );
}

#[test]
fn half_typed_text_never_panics() {
    let input = "sum without (instance) (rate(http_requests_total{job=~\"a|b\", code!=\"200\"}[5m:1m] offset 1h @ start())) \
                 / on (job) group_left (team) topk(3, avg_over_time(up[1h])) > bool 0.5 # end";
    for version in ["2.42", "2.54", "3.0", "3.5", "3.6", "3.12", "3.14"] {
        let version: Version = version.parse().expect("a version");
        for end in 0..=input.len() {
            let parsed = parse(&input[..end], version);
            // What is wrong with a beginning is near its end.
            for found in &parsed.diagnostics {
                assert!(found.span.end as usize <= end, "{:?} in {:?}", found, &input[..end]);
            }
        }
    }
}

/// Pieces of which expressions are made.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "up",
        "sum",
        "rate",
        "by",
        "without",
        "on",
        "ignoring",
        "group_left",
        "bool",
        "offset",
        "@",
        "start()",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "5m",
        "1",
        "\"x\"",
        ",",
        ":",
        "=",
        "==",
        "=~",
        "+",
        "-",
        "*",
        "^",
        "and",
        "or",
        " ",
        " ",
        " ",
        "#",
        "\n",
        "job",
        "topk",
        "1e",
        "0x",
        "'",
        "`",
        "\\",
        "é",
        "step()",
        "fill",
        "anchored",
        "_",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_read(input in pieces(), minor in 0u8..15, flags: bool) {
        let dialect = Dialect {
            version: Version { major: 3, minor },
            experimental_functions: flags,
            duration_expressions: flags,
            extended_ranges: flags,
            fill: flags,
        };
        let parsed = parse(&input, dialect);
        for found in &parsed.diagnostics {
            prop_assert!(input.get(found.span.range()).is_some(), "{found:?}");
        }
        match Expr::parse_strict(&input, dialect) {
            Ok(expr) => {
                prop_assert!(parsed.diagnostics.is_empty());
                let printed = expr.to_string();
                let again = Expr::parse_strict(&printed, dialect).map(|expr| expr.to_string());
                prop_assert_eq!(again, Ok(printed));
                let normalised = expr.normalised();
                let again = Expr::parse_strict(&normalised, dialect).map(|expr| expr.normalised());
                prop_assert_eq!(again, Ok(normalised));
            }
            Err(error) => prop_assert_eq!(error.message.as_str(), parsed.diagnostics[0].message.as_ref()),
        }
    }

    #[test]
    fn any_bytes_are_read(input in prop::collection::vec(any::<u8>(), 0..60)) {
        let parsed = parse(&input, Version::NEWEST);
        for found in &parsed.diagnostics {
            prop_assert!(found.span.end as usize <= input.len());
        }
    }
}
