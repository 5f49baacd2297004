use proptest::prelude::*;

use super::*;
use crate::text::{Span, TextEdit, apply_edits};

#[test]
fn explains() {
    let check = |input: &str, expect: &str| {
        let selector = Selector::parse_strict(input, Version::NEWEST).expect("a valid selector");
        assert_eq!(explain(&selector), expect, "{input}");
    };
    check("{}", "No series: a selector without matchers selects nothing.");
    check("up", "Series named `up`.");
    check(r#"up{job="a"}"#, "Series named `up` and whose label `job` is `a`.");
    check(r#"{job=""}"#, "Series that have no label `job`.");
    check(r#"{job!=""}"#, "Series that have a label `job`.");
    check(r#"{job!="a"}"#, "Series whose label `job` is absent or not `a`.");
    check(r#"{job=~"a|b"}"#, "Series whose label `job` is `a` or `b`.");
    check(r#"{job=~"a|"}"#, "Series whose label `job` is absent or `a`.");
    check(r#"{job!~"a|b"}"#, "Series whose label `job` is absent or none of `a` and `b`.");
    check(r#"{job!~"a|"}"#, "Series whose label `job` is present and is not `a`.");
    check(r#"{job=~".*"}"#, "Every series.");
    check(r#"{job=~".+"}"#, "Series that have a label `job`.");
    check(r#"{job!~".+"}"#, "Series that have no label `job`.");
    check(
        r#"{job!~".*"}"#,
        "No series: `job!~\".*\"` excludes every value of the label `job` and its absence.",
    );
    check(r#"{__name__=~"job:.*"}"#, "Series whose name begins with `job:`.");
    check(r#"{job!~"a.*"}"#, "Series whose label `job` is absent or does not begin with `a`.");
    check(r#"{job=~".*a.+"}"#, "Series whose label `job` contains `a` before at least one character.");
    check(
        r#"{job=~"[a-z]*"}"#,
        "Series whose label `job` is absent or matches the regular expression `[a-z]*`.",
    );
    check(
        r#"{job!~"[a-z]+"}"#,
        "Series whose label `job` is absent or does not match the regular expression `[a-z]+`.",
    );
    check(
        r#"{job!~"[a-z]*"}"#,
        "Series whose label `job` is present and does not match the regular expression `[a-z]*`.",
    );
    check(
        r#"a{__name__="b"}"#,
        "No series: the name cannot match `__name__=\"b\"` and `__name__=\"a\"` at once.",
    );
    check(r#"{a="b",a!="b"}"#, "No series: the label `a` cannot match `a=\"b\"` and `a!=\"b\"` at once.");
    check(
        r#"{a=~"b|c",a=~"c|d"}"#,
        "Series whose label `a` is `b` or `c` and whose label `a` is `c` or `d`.",
    );
    check(r#"{""=""}"#, "Every series: the empty name and value are Prometheus' internal key of all series.");
    check(r#"{""="x"}"#, "No series: no label has an empty name.");
    check(r#"{a="\xff"}"#, r#"No series: no value is spelled "\xff"."#);
    check(r#"{a=~"1|2|3|4|5|6|7"}"#, "Series whose label `a` is `1`, `2`, `3`, `4`, `5` or 2 others.");
    check(r#"{a="`"}"#, "Series whose label `a` is \"`\".");
}

#[test]
fn prints_canonically() {
    let check = |input: &str, expect: &str| {
        let selector = Selector::parse_strict(input, Version::NEWEST).expect("a valid selector");
        assert_eq!(selector.to_string(), expect, "{input}");
    };
    check("{}", "{}");
    check(" up { } # all", "up");
    check("up{ a = 'b' , c!~`d\\.e` ,}", r#"up{a="b",c!~"d\\.e"}"#);
    check(r#"{a="b",__name__="up"}"#, r#"up{a="b"}"#);
    check(r#"{"foo bar"}"#, r#"{__name__="foo bar"}"#);
    check(r#"{"a.b"="c"}"#, r#"{"a.b"="c"}"#);
    check(r#"{__name__="bool"}"#, r#"{__name__="bool"}"#);
    check(r#"up{__name__="up"}"#, r#"{__name__="up",__name__="up"}"#);
    check(r#"{a="\ufffd\xff\x00\n"}"#, r#"{a="\ufffd\xff\u0000\n"}"#);
}

/// What an editor would show: every message with the text it marks.
fn findings(input: &str, version: Version) -> Vec<(String, String)> {
    let parsed = parse(input, version);
    parsed
        .diagnostics
        .into_iter()
        .map(|found| (input[found.span.range()].to_owned(), found.message.into_owned()))
        .collect()
}

#[test]
fn goes_on_behind_an_error() {
    let check = |input: &str, expect: &[(&str, &str)]| {
        let have = findings(input, Version::NEWEST);
        let have: Vec<(&str, &str)> =
            have.iter().map(|(text, message)| (text.as_str(), message.as_str())).collect();
        assert_eq!(have, expect, "{input}");
    };
    check(
        r#"up{a=b,c=="d",e="f" g="h",=,i}"#,
        &[
            ("b", r#"unexpected identifier "b" in label matching, expected string"#),
            ("=", r#"unexpected "=" in label matching, expected string"#),
            ("g", r#"unexpected identifier "g" in label matching, expected "," or "}""#),
            ("=", r#"unexpected "=" in label matching, expected identifier or "}""#),
            ("}", r#"unexpected "}" in label matching, expected label matching operator"#),
        ],
    );
    check(
        r#"{a=~"(",b=~"\d+",c="d""#,
        &[
            (r#""(""#, "error parsing regexp: missing closing ): `(`"),
            (r"\d", "unknown escape sequence U+0064 'd'"),
            ("", "unexpected end of input inside braces"),
        ],
    );
    check(r#"{a="b"#, &[(r#""b"#, "unterminated quoted string")]);
    check("sum(up)", &[("(", r#"unexpected "(""#)]);
    check(
        "{a.b.c=\"x\",d='e}",
        &[(".", "unexpected character inside braces: '.'"), ("'e}", "unterminated quoted string")],
    );
    check(
        "{a,,b=\"c\"",
        &[
            (",", r#"unexpected "," in label matching, expected label matching operator"#),
            (",", r#"unexpected "," in label matching, expected identifier or "}""#),
            ("", "unexpected end of input inside braces"),
        ],
    );
    check("foo.bar{a=\"b\"}", &[(".", "unexpected character: '.'")]);
    check("{a=\"b\"} {", &[("{", r#"unexpected "{""#)]);
}

#[test]
fn fixes_mend() {
    let check = |input: &str, expect: &str| {
        let parsed = parse(input, Version::NEWEST);
        let fix = parsed.diagnostics.first().and_then(|found| found.fixes.first()).expect("a fix");
        let (mended, _) = apply_edits(input, &fix.edits).expect("edits that apply");
        assert_eq!(mended, expect, "{input}");
        assert!(Selector::parse_strict(&mended, Version::NEWEST).is_ok(), "{mended}");
    };
    check("{a=b}", r#"{a="b"}"#);
    check(r#"{a=="b"}"#, r#"{a="b"}"#);
    check(r#"{a="b" c="d"}"#, r#"{a="b", c="d"}"#);
    check(r#"{a="b",,}"#, r#"{a="b",}"#);
    check(r#"{a=~"\d"}"#, r#"{a=~"\\d"}"#);
    check(r#"{a="b""#, r#"{a="b"}"#);
    check(r#""foo""#, r#"{"foo"}"#);
    check("bool", r#"{__name__="bool"}"#);
}

#[test]
fn spans() {
    let input = r#" up{ "a b" !~ 'c' , "d" }"#;
    let selector = parse(input, Version::NEWEST).value;
    let at = |span: Span| &input[span.range()];
    let parts: Vec<_> = selector
        .matchers
        .iter()
        .map(|part| (part.form, at(part.span), at(part.name_span), at(part.op_span), at(part.value_span)))
        .collect();
    assert_eq!(
        parts,
        [
            (MatcherForm::Label, r#""a b" !~ 'c'"#, r#""a b""#, "!~", "'c'"),
            (MatcherForm::QuotedName, r#""d""#, "", "", r#""d""#),
            (MatcherForm::Name, "up", "", "", "up"),
        ]
    );
}

#[test]
fn words_of_versions() {
    let check = |input: &str, version: (u8, u8), expect: Option<&str>| {
        let version = Version { major: version.0, minor: version.1 };
        let have = Selector::parse_strict(input, version).err().map(|error| error.to_string());
        assert_eq!(have.as_deref(), expect, "{input} in {version}");
    };
    check("", (2, 47), Some("1:1: parse error: unexpected end of input"));
    check("", (2, 48), Some("unknown position: parse error: unexpected end of input"));
    check("up @", (3, 7), Some("1:4: parse error: unexpected \"<Item 57400>\" <op:@>"));
    check("up @", (3, 8), Some("1:4: parse error: unexpected <op:@>"));
    check("anchored", (3, 6), None);
    check("anchored", (3, 7), Some("1:1: parse error: unexpected <anchored>"));
    check("anchored", (3, 8), None);
    check("up fill", (3, 9), Some("1:4: parse error: unexpected identifier \"fill\""));
    check("up fill", (3, 10), Some("1:4: parse error: unexpected identifier \"fill\""));
    check("up fill (1)", (3, 10), Some("1:4: parse error: unexpected <fill>"));
    check("up limitk", (2, 53), Some("1:4: parse error: unexpected identifier \"limitk\""));
    check("up limitk", (2, 54), Some("1:4: parse error: unexpected <aggr:limitk>"));
    check("up Step", (3, 6), Some("1:4: parse error: unexpected \"Step\""));
    check("up 1_0", (2, 53), Some("1:4: parse error: bad number or duration syntax: \"1\""));
    check("up 1_0", (2, 54), Some("1:4: parse error: unexpected number \"1_0\""));
    check("up 5mx", (3, 5), Some("1:4: parse error: bad number or duration syntax: \"5mx\""));
    check(r#"{"a"}"#, (2, 51), None);
}

#[test]
fn budgets() {
    let code = |input: &str| parse(input, Version::NEWEST).diagnostics.first().map(|found| found.code);
    assert_eq!(code(&format!("{{a=\"{}\"}}", "x".repeat(2 << 20))), Some(TOO_LARGE));
    assert_eq!(code(&format!("{{{}}}", "a=\"b\",".repeat(5000))), Some(TOO_LARGE));
    assert_eq!(code(&format!("{{{}}}", r#"a=~"\\pL{300}","#.repeat(40))), Some(TOO_LARGE));
    assert_eq!(code(&format!("{{{}}}", "a=\"b\",".repeat(4000))), None);
}

fn matcher() -> impl Strategy<Value = String> {
    let name = prop_oneof!["[a-z_]{1,4}", Just("__name__".to_owned()), "\"[a-z .é]{0,3}\""];
    let value = prop_oneof![
        "\"[a-z.*|+]{0,4}\"",
        "'([a-z\"]|\\\\n|\\\\xff|\\\\ufffd|\\\\'){0,4}'",
        "`[a-z\\\\.\n]{0,4}`",
    ];
    (name, prop_oneof!["=", "!=", "=~", "!~"], value, "[ \n\t]?")
        .prop_map(|(name, op, value, space)| format!("{name}{space}{op}{space}{value}"))
}

fn selector() -> impl Strategy<Value = String> {
    let name = prop_oneof![Just(String::new()), "[a-z:]{1,5}"];
    (name, proptest::collection::vec(matcher(), 0..4), any::<bool>()).prop_map(|(name, matchers, comma)| {
        let comma = if comma && !matchers.is_empty() { "," } else { "" };
        format!("{name}{{{}{comma}}}", matchers.join(","))
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(input in selector()) {
        if let Ok(selector) = Selector::parse_strict(&input, Version::NEWEST) {
            let printed = selector.to_string();
            let read = Selector::parse_strict(&printed, Version::NEWEST);
            let read = read.map_err(|error| TestCaseError::fail(format!("{printed}: {error}")))?;
            prop_assert_eq!(read.to_string(), printed.as_str());
            let sorted = |selector: &Selector| {
                let mut matchers: Vec<Matcher> = selector.iter().cloned().collect();
                matchers.sort();
                matchers
            };
            prop_assert_eq!(sorted(&read), sorted(&selector));
            let again = Selector::parse_strict(read.to_string(), Version::NEWEST).expect("canonical");
            prop_assert_eq!(again, read);
            prop_assert!(!explain(&selector).is_empty());
        }
    }

    #[test]
    fn no_bytes_panic_and_spans_lie_inside(input in proptest::collection::vec(any::<u8>(), 0..60)) {
        for version in [Version::V2_42, Version::NEWEST] {
            let parsed = parse(&input, version);
            for found in &parsed.diagnostics {
                prop_assert!(found.span.end as usize <= input.len());
            }
            let strict = Selector::parse_strict(&input, version);
            prop_assert_eq!(strict.is_ok(), parsed.diagnostics.is_empty());
        }
    }

    #[test]
    fn any_damage_is_survived(
        input in selector(),
        at in any::<prop::sample::Index>(),
        with in r#"[{}"'`=!~,a-z0-9.#\\( \n]{0,3}"#,
    ) {
        let mut edges: Vec<usize> = input.char_indices().map(|(at, _)| at).collect();
        edges.push(input.len());
        let start = edges[at.index(edges.len())];
        let edit = TextEdit::insert(start as u32, with);
        let (damaged, _) = apply_edits(&input, &[edit]).expect("an edit inside");
        let parsed = parse(&damaged, Version::NEWEST);
        match Selector::parse_strict(&damaged, Version::NEWEST) {
            Ok(selector) => prop_assert_eq!(selector, parsed.value),
            Err(error) => prop_assert_eq!(error.message.as_str(), &*parsed.diagnostics[0].message),
        }
        for found in &parsed.diagnostics {
            for fix in &found.fixes {
                prop_assert!(apply_edits(&damaged, &fix.edits).is_ok());
            }
        }
    }
}

#[test]
fn fixes_mend_and_never_trade_one_error_for_another() {
    let check = |text: &str, expect: Option<&str>| {
        let parsed = parse(text, Version::NEWEST);
        let fix = parsed.diagnostics.iter().find_map(|diagnostic| diagnostic.fixes.first());
        let mended = fix.map(|fix| crate::text::apply_edits(text, &fix.edits).expect("edits that fit").0);
        assert_eq!(mended.as_deref(), expect, "{text:?}");
    };
    check("up{job=\"a\"", Some("up{job=\"a\"}"));
    check("up{job=", None);
    check("up{job=\"a\",,}", Some("up{job=\"a\",}"));
    check("up{job==\"a\"}", Some("up{job=\"a\"}"));
}
