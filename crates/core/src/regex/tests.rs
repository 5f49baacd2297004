use proptest::prelude::*;

use super::*;

fn selector(pattern: &str) -> Regex {
    Regex::new(pattern, Form::Selector, Version::NEWEST).expect("a valid pattern")
}

fn relabel(pattern: &str) -> Regex {
    Regex::new(pattern, Form::Relabel, Version::NEWEST).expect("a valid pattern")
}

#[test]
fn shapes() {
    let check = |pattern: &str, expect: &str| {
        let have = match selector(pattern).shape() {
            None => "pattern".to_owned(),
            Some(Shape::Texts(texts)) => format!("{texts:?}"),
            Some(Shape::Literal { before, text, after }) => format!("{before:?} {text:?} {after:?}"),
            Some(other) => format!("{other:?}"),
        };
        assert_eq!(have, expect, "{pattern:?}");
    };
    check("", r#"[""]"#);
    check("b|a|b", r#"["a", "b"]"#);
    check("(api|rpc)_(v1|prom)", r#"["api_prom", "api_v1", "rpc_prom", "rpc_v1"]"#);
    check("^fo\\.o$", r#"["fo.o"]"#);
    check("[ab]c?", r#"["a", "ac", "b", "bc"]"#);
    check(".*", r#"Anything "" Nothing"#);
    check("^.+$", r#"Something "" Nothing"#);
    check("foo.*", r#"Nothing "foo" Anything"#);
    check("(.+)foo", r#"Something "foo" Nothing"#);
    check(".*foo.+", r#"Anything "foo" Something"#);
    check("[^\\x00-\\x{10FFFF}]", "[]");
    check("(?-s).*", "pattern");
    check(".+.+", "pattern");
    check("x(^a)", "pattern");
    check("a$|b", "pattern");
    check("(?i)a|é", r#"["A", "a", "É", "é"]"#);
    check("(?i)prometheus", "pattern");
    check("[a-z][a-z]", "pattern");
}

#[test]
fn the_dot_and_the_newline() {
    let check = |pattern: &str, text: &str, v2: bool, v3: bool| {
        for form in [Form::Selector, Form::Relabel] {
            for (version, expect) in [(Version::V2_42, v2), (Version::V3_0, v3)] {
                let regex = Regex::new(pattern, form, version).expect("a valid pattern");
                assert_eq!(regex.is_match(text), expect, "{pattern:?} on {text:?}, {form:?} {version}");
            }
        }
    };
    check("a.b", "a\nb", false, true);
    check(".*", "a\nb", false, true);
    check("a.*", "a\nb", false, true);
    check(".*b.*", "a\nb", false, true);
    check(".*a\nb", "a\nb", true, true);
    check("(?s).*", "a\nb", true, true);
    check("(?-s).*", "a\nb", false, false);
    check("[^a]", "\n", true, true);
}

#[test]
fn versions_differ() {
    let check = |pattern: &[u8], form: Form, version: (u8, u8), expect: Result<(), &str>| {
        let version = Version { major: version.0, minor: version.1 };
        let have = Regex::new(pattern, form, version).map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(have, expect.map_err(str::to_owned), "{pattern:?}, {form:?} {version}");
    };
    check(b"(?<n>a)", Form::Selector, (3, 0), Ok(()));
    check(
        b"(?<n>a)",
        Form::Selector,
        (2, 42),
        Err("error parsing regexp: invalid or unsupported Perl syntax: `(?<`"),
    );
    check(b"\xff", Form::Selector, (3, 0), Ok(()));
    check(b"\xff", Form::Selector, (2, 42), Err("error parsing regexp: invalid UTF-8: `\u{FFFD})$`"));
    check(b"\xff", Form::Relabel, (3, 0), Err("error parsing regexp: invalid UTF-8: `\u{FFFD})$`"));
    check(b"\xff.", Form::Selector, (3, 0), Err("error parsing regexp: invalid UTF-8: `\u{FFFD}.`"));
    // Relabelling is read by the toolchain's parser, selectors by the fork's.
    check(b"(?<n>a)", Form::Relabel, (2, 51), Ok(()));
    check(b"(?<n>a)", Form::Selector, (2, 53), Ok(()));
    check(
        b"(?<n>a)",
        Form::Selector,
        (2, 52),
        Err("error parsing regexp: invalid or unsupported Perl syntax: `(?<`"),
    );
    check(br"\p{Letter}", Form::Relabel, (3, 7), Ok(()));
    check(
        br"\p{Letter}",
        Form::Selector,
        (3, 7),
        Err(r"error parsing regexp: invalid character class range: `\p{Letter}`"),
    );
    check(br"\p{LC}", Form::Selector, (3, 7), Ok(()));
    check(
        br"\p{LC}",
        Form::Selector,
        (3, 5),
        Err(r"error parsing regexp: invalid character class range: `\p{LC}`"),
    );
    check(br"\p{Kawi}", Form::Selector, (2, 47), Ok(()));
    check(
        br"\p{Kawi}",
        Form::Selector,
        (2, 42),
        Err(r"error parsing regexp: invalid character class range: `\p{Kawi}`"),
    );
}

#[test]
fn names_of_classes() {
    let old = Go { syntax: 19, toolchain: 19 };
    let exact = Go { syntax: 24, toolchain: 26 };
    let loose = Go { syntax: 26, toolchain: 26 };
    let check = |name: &str, in_old: bool, in_exact: bool, in_loose: bool| {
        for (go, expect) in [(old, in_old), (exact, in_exact), (loose, in_loose)] {
            let class = class::unicode(name, go);
            assert_eq!(class.is_some_and(|class| !class.ranges().is_empty()), expect, "{name} {go:?}");
        }
    };
    for name in ["Any", "C", "Cc", "Zs", "Greek", "Nko"] {
        check(name, true, true, true);
    }
    check("Cn", false, true, true);
    check("LC", false, true, true);
    check("Kawi", false, true, true);
    check("SignWriting", true, true, false);
    check("Phags_Pa", true, true, false);
    check("Nag_Mundari", false, true, false);
    check("greek", false, false, true);
    check("Letter", false, false, true);
    check("lowercase letter", false, false, true);
    check("Assigned", false, false, true);
    check("ASCII", false, false, true);
    for name in ["Zzzz", "", "^L", "Script", "gc=L", "é"] {
        check(name, false, false, false);
    }
    assert!(class::unicode_names().all(|name| class::unicode(name, exact).is_some()));
    assert!(class::category_aliases().all(|name| class::unicode(name, loose).is_some()));
}

#[test]
fn templates_expand_as_in_go() {
    let regex = relabel("(?P<first>.)(?P<second>x)?(.*)");
    let check = |template: &str, expect: &str| {
        let mut out = String::new();
        Template::new(template).expand(&regex.captures("abc").expect("a match"), &mut out);
        assert_eq!(out, expect, "{template:?}");
    };
    check("", "");
    check("plain", "plain");
    check("$1", "a");
    check("$0", "abc");
    check("${1}x", "ax");
    check("$1x", "");
    check("$1-$3", "a-bc");
    check("$$1", "$1");
    check("$", "$");
    check("a$", "a$");
    check("$-", "$-");
    check("${first}", "a");
    check("$first$second", "a");
    check("$9", "");
    check("$01", "");
    check("${a-b}", "${a-b}");
    check("${}", "${}");
    check("${1", "${1");
    check("$é$3", "bc");
    check("$1é", "");
    check("$1\u{B2}", "a\u{B2}");
    check("$$$", "$$");
    check("$999999999999999999999", "");
}

#[test]
fn of_groups_with_one_name_the_first_that_took_part_counts() {
    let regex = relabel("(?P<n>a)|(?P<n>b)");
    let found = regex.captures("b").expect("a match");
    assert_eq!(found.name("n"), Some("b"));
    assert_eq!(found.iter().collect::<Vec<_>>(), [Some("b"), None, Some("b")]);
}

#[test]
fn a_group_repeated_no_times_keeps_its_number() {
    let regex = relabel("(a){0}(b)(c){0}");
    let found = regex.captures("b").expect("a match");
    assert_eq!(found.iter().collect::<Vec<_>>(), [Some("b"), None, Some("b"), None]);
}

#[test]
fn the_relabel_wrapper_is_text() {
    let regex = relabel("a)|(b");
    assert!(regex.is_match("axx") && regex.is_match("xxb") && !regex.is_match("xax"));
    assert_eq!(regex.replace_all("ab", &Template::new("-$1-")), "---b-");
    assert_eq!(relabel("(.*)").replace_all("abc", &Template::new("x_$1")), "x_abc");
    assert_eq!(relabel(".*").replace_all("", &Template::new("x")), "x");
    assert_eq!(relabel("b").replace_all("abc", &Template::new("x")), "abc");
}

/// On a stack as small as WebAssembly's.
#[test]
fn nesting_has_gos_limit() {
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(check_nesting);
    thread.expect("a thread").join().expect("no overflow");
}

fn check_nesting() {
    let nested =
        |open: &str, depth: usize, close: &str| [&open.repeat(depth), "a", &close.repeat(depth)].concat();
    let check = |pattern: &str, expect: Option<RegexErrorKind>| {
        let selector = Regex::new(pattern, Form::Selector, Version::NEWEST);
        let relabel = Regex::new(pattern, Form::Relabel, Version::NEWEST);
        assert_eq!(selector.map(|regex| regex.is_match("zz")).err().map(|error| error.kind()), expect);
        if expect.is_none() {
            assert_eq!(relabel.map(|regex| regex.captures("zz").is_some()).err(), None, "{pattern:.20}");
        }
    };
    let too_deep_here = Some(RegexErrorKind::Budget);
    let too_deep = Some(RegexErrorKind::NestingDepth);
    check(&nested("(", 240, ")"), None);
    check(&nested("(ab|ac|", 115, ")"), None);
    check(&nested("(?:(?i)x?(y*|", 40, ")+){1,1}"), None);
    check(&nested("(", 999, ")"), too_deep_here);
    check(&nested("(", 1000, ")"), too_deep);
    check(&nested("(?:", 5000, ")"), None);
    check(&nested("(?:", 240, ")*"), None);
    check(&nested("(?:", 999, ")*"), too_deep_here);
    check(&nested("(?:", 1000, ")*"), too_deep);
    check(&nested("(?:b|c", 120, ")d"), None);
    check(&"(".repeat(100_000), Some(RegexErrorKind::Paren));
}

#[test]
fn size_has_budgets() {
    let check = |pattern: &str, expect: Option<RegexErrorKind>| {
        let have = Regex::new(pattern, Form::Selector, Version::NEWEST).err().map(|error| error.kind());
        assert_eq!(have, expect, "{pattern:.40}");
    };
    check("x{1000}", None);
    check("(?:x{10}){101}", Some(RegexErrorKind::RepeatSize));
    check(&format!("(?:{}){{1000}}", "ab".repeat(2000)), Some(RegexErrorKind::Budget));
    check(&r"\pL".repeat(20_000), Some(RegexErrorKind::Budget));
    check(&"a".repeat(MAX_PATTERN + 1), Some(RegexErrorKind::Budget));
    check(&"a".repeat(MAX_PATTERN), None);
    let choice: Vec<String> = (0..20_000).map(|n| format!("host-{n}")).collect();
    check(&choice.join("|"), None);
    check(&format!("({})", choice.join("|")), None);
}

/// Patterns of Go's syntax without groups that the shape could mistake.
fn pattern() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(".*".to_owned()),
        Just(".+".to_owned()),
        Just(".".to_owned()),
        Just("^".to_owned()),
        Just("$".to_owned()),
        Just("(?i:b)".to_owned()),
        Just("[ab]".to_owned()),
        Just("a?".to_owned()),
        Just("é".to_owned()),
        Just("(?-s:.*)".to_owned()),
        "[ab]{1,2}",
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            proptest::collection::vec(inner.clone(), 2..3).prop_map(|parts| format!("({})", parts.join("|"))),
            inner.prop_map(|part| format!("(?:{part}){{0,2}}")),
        ]
    })
}

proptest! {
    #[test]
    fn shapes_decide_as_the_engine_does(
        pattern in pattern(),
        texts in proptest::collection::vec("[aAbBé\n]{0,5}", 1..20),
        old in any::<bool>(),
    ) {
        let version = if old { Version::V2_42 } else { Version::NEWEST };
        let regex = Regex::new(&pattern, Form::Selector, version).expect("a valid pattern");
        let relabel = Regex::new(&pattern, Form::Relabel, version).expect("a valid pattern");
        let options = ParseOptions { dot_newline: version.is_v3(), captures: false, go: Go::fork(version) };
        let inner = parse::parse(pattern.as_bytes(), options).expect("a valid pattern").hir;
        let anchored = Hir::concat(vec![Hir::look(Look::Start), inner, Hir::look(Look::End)]);
        let engine = Engine::new(&anchored, false, true).expect("a small pattern");
        for text in &texts {
            let expect = engine.is_match(text.as_str());
            prop_assert_eq!(regex.is_match(text), expect, "{:?} on {:?}", &pattern, text);
            prop_assert_eq!(relabel.is_match(text), expect, "{:?} on {:?}", &pattern, text);
            prop_assert_eq!(relabel.captures(text).is_some(), expect, "{:?} on {:?}", &pattern, text);
        }
    }

    #[test]
    fn no_pattern_panics(pattern in proptest::collection::vec(any::<u8>(), 0..40), text in ".{0,8}") {
        for form in [Form::Selector, Form::Relabel] {
            for version in [Version::V2_42, Version::NEWEST] {
                if let Ok(regex) = Regex::new(&pattern, form, version) {
                    let _ = regex.replace_all(&text, &Template::new("<$0>"));
                }
            }
        }
    }

    #[test]
    fn no_syntax_panics(
        pattern in r"([a-c(|)*+?{},\[\]^$.\\0-9:=!<>Pp&~-]|\(\?|\\[a-zA-Z0-9]|\[\[:|:\]|\\x\{|\\p\{){0,24}",
        text in "[a-c\n]{0,6}",
    ) {
        for form in [Form::Selector, Form::Relabel] {
            if let Ok(regex) = Regex::new(&pattern, form, Version::NEWEST) {
                prop_assert_eq!(regex.is_match(&text), regex.captures(&text).is_some());
            }
        }
    }

    #[test]
    fn quoted_text_matches_itself_alone(text in ".{0,12}", other in ".{0,12}") {
        let quoted: String =
            text.chars().flat_map(|c| (c.is_ascii_punctuation()).then_some('\\').into_iter().chain([c])).collect();
        for form in [Form::Selector, Form::Relabel] {
            let regex = Regex::new(&quoted, form, Version::NEWEST).expect("a valid pattern");
            prop_assert!(regex.is_match(&text));
            prop_assert_eq!(regex.is_match(&other), other == text);
        }
    }

    #[test]
    fn templates_without_dollars_are_text(text in "[^$]{0,12}") {
        let template = Template::new(&text);
        prop_assert_eq!(template.as_text(), Some(text.as_str()));
        prop_assert_eq!(template.references().count(), 0);
    }
}
