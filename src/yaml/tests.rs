//! Tests of the tree: places, maps, recovery, and that nothing panics.

use proptest::prelude::*;

use super::*;
use crate::text::Span;

fn first_scalar<'d>(document: &'d Document, key: &str) -> Node<'d> {
    document.root().and_then(|root| root.get(key)).expect("the key is there")
}

/// Parses `k: SCALAR` and checks the value, and that the byte at `decoded` stands where `source` does.
#[track_caller]
fn check_map(text: &str, value: &str, places: &[(&str, &str)]) {
    let parsed = parse(text);
    assert_eq!(parsed.diagnostics, [], "{text:?}");
    let node = first_scalar(&parsed.value, "k");
    assert_eq!(node.text(), Some(value), "{text:?}");
    let map = node.source_map();
    assert_eq!(map.decoded_len() as usize, value.len(), "{text:?}");
    for &(part, spelled) in places {
        let at = value.find(part).expect("the part is in the value");
        let span = map.span_to_source(Span::from(at..at + part.len()));
        assert_eq!(&text[span.range()], spelled, "{part:?} of {text:?}");
    }
}

#[test]
fn values_lead_back_to_their_spelling() {
    check_map("k: plain\n", "plain", &[("ain", "ain")]);
    check_map("k: a  b\n", "a  b", &[("b", "b")]);
    check_map("k: 'it''s é'\n", "it's é", &[("'", "''"), ("s", "s"), ("é", "é")]);
    check_map(
        r#"k: "a\nb\x41\u00e9c""#,
        "a\nbAéc",
        &[("\n", r"\n"), ("A", r"\x41"), ("é", r"\u00e9"), ("c", "c")],
    );
    check_map(
        "k: one\n  two\n\n  three\n",
        "one two\nthree",
        &[("two", "two"), ("three", "three"), ("one two", "one\n  two")],
    );
    check_map("k: \"a\\\n   b\"\n", "ab", &[("b", "b"), ("a", "a")]);
    check_map("k: 'a\n\n\n  b'\n", "a\n\nb", &[("b", "b")]);
    check_map(
        "k: >-\n  {job=\"a\",\n  dc=\"b\"}\n",
        "{job=\"a\", dc=\"b\"}",
        &[("dc", "dc"), ("\"b\"", "\"b\""), ("{job", "{job")],
    );
    check_map(
        "k: |\n  one\n   two\n\n  three\n",
        "one\n two\n\nthree\n",
        &[(" two", " two"), ("three", "three")],
    );
    check_map(
        "k: >\n\n  a\n  b\n\n  c\n   d\n  e\n",
        "\na b\nc\n d\ne\n",
        &[("b", "b"), (" d", " d"), ("e", "e")],
    );
    check_map("k: |+\n  a\n\n", "a\n\n", &[("a", "a")]);
    check_map("k: |2\n   a\n", " a\n", &[("a", "a")]);
    check_map("k: >-\r\n  a\r\n  b\r\n", "a b", &[("b", "b")]);
    check_map("\u{feff}k: >-\n  a\n  b\n", "a b", &[("b", "b")]);
}

#[test]
fn nodes_have_their_places() {
    let text = "a: &x {b: 1}\nc:\n- 1\n-   d: e\n    f: g\n\n# end\nh: *x\n";
    let parsed = parse(text);
    assert_eq!(parsed.diagnostics, []);
    let check = |node: Option<Node<'_>>, spelled: &str| {
        assert_eq!(&text[node.expect("a node").span().range()], spelled);
    };
    let root = parsed.value.root().expect("a root");
    check(root.get("a"), "{b: 1}");
    check(root.get("c"), "- 1\n-   d: e\n    f: g");
    check(root.get("c").and_then(|list| list.items().nth(1)), "d: e\n    f: g");
    check(root.get("h"), "*x");
    check(root.get("h").and_then(|alias| alias.get("b")), "1");
    assert_eq!(root.get("a").and_then(Node::anchor), Some("x"));
    assert_eq!(root.get("h").map(Node::line), Some(8));
    assert_eq!(parsed.value.comments().len(), 1);
    let entry = root.entries().nth(1).expect("an entry");
    assert_eq!(&text[entry.span().range()], "c:\n- 1\n-   d: e\n    f: g");
}

#[test]
fn syntax_errors_have_go_yamls_words_and_keep_the_rest() {
    let check = |text: &str, message: &str, kept: &[&str]| {
        let parsed = parse(text);
        assert_eq!(parsed.diagnostics.iter().map(|d| &*d.message).collect::<Vec<_>>(), [message], "{text:?}");
        let root = parsed.value.root().expect("something is kept");
        for key in kept {
            assert!(root.get(key).is_some(), "{key} is kept of {text:?}");
        }
    };
    check(
        "a: 1\nb:\n\tc: 2\nd: 3\n",
        "yaml: line 3: found character that cannot start any token",
        &["a", "b", "d"],
    );
    check(
        "a: 1\nb: c: 2\nd: 3\n",
        "yaml: line 2: mapping values are not allowed in this context",
        &["a", "d"],
    );
    check("a: 1\nb: 'x\nd: 3\n", "yaml: line 4: found unexpected end of stream", &["a", "d"]);
    check("a: 1\nb: *none\nd: 3\n", "yaml: unknown anchor 'none' referenced", &["a", "b", "d"]);
    check("a: 1\nb: @x\nd: 3\n", "yaml: line 2: found character that cannot start any token", &["a", "d"]);
    check("a: 1\nb\nd: 3\n", "yaml: line 3: could not find expected ':'", &["a", "d"]);
    check("a:\n  b: 1\n c: 2\nd: 3\n", "yaml: line 2: did not find expected key", &["a", "d"]);
}

#[test]
fn only_the_first_document_counts() {
    let parsed = parse("a: 1\n---\nb: 2\n");
    assert!(!parsed.has_errors());
    assert_eq!(parsed.diagnostics.len(), 1);
    assert_eq!(parsed.diagnostics[0].code, IGNORED_DOCUMENT);
    assert!(parse("---\na: 1\n...\n---\n# nothing\n").diagnostics.is_empty());
    assert!(parse("# nothing\n").value.root().is_none());
    assert!(parse("").value.root().is_none());
}

#[test]
fn budgets_are_errors_of_their_own() {
    let deep = "[".repeat(10_000);
    assert_eq!(parse(&deep).diagnostics[0].code, BUDGET);
    let deep: Vec<String> = (0..1000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let deep = deep.concat();
    assert_eq!(parse(&deep).diagnostics[0].code, BUDGET);
    let comments = format!("a:\n{}  b: 1\n", "  # c\n".repeat(20_000));
    assert_eq!(parse(&comments).diagnostics, []);
}

#[test]
fn alias_bombs_are_refused_like_go_yaml_refuses_them() {
    let mut bomb = vec!["a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned()];
    for level in 1..9 {
        let below = format!("*a{}", level - 1);
        let aliases = [below.as_str(); 9].join(", ");
        bomb.push(format!("a{level}: &a{level} [{aliases}]\n"));
    }
    let parsed = parse(&bomb.concat());
    let decoder = Decoder::new(&parsed.value);
    assert!(decoder.root().is_none());
    let found = decoder.finish();
    assert_eq!(found.len(), 1);
    assert!(found[0].message.contains("document contains excessive aliasing"));
}

#[test]
fn long_lines_and_binary_files_are_answered() {
    let long = format!("a: {}\n", "x".repeat(8 << 20));
    let parsed = parse(&long);
    assert!(parsed.diagnostics.is_empty());
    assert_eq!(first_scalar(&parsed.value, "a").text().map(str::len), Some(8 << 20));
    let keys = format!("{}\n", "a".repeat(8 << 20));
    assert!(parse(&keys).diagnostics.is_empty());
    let over = "x".repeat(MAX_BYTES + 1);
    assert_eq!(parse(&over).diagnostics[0].code, BUDGET);
    let binary: String = (0..=255u8).cycle().take(100_000).map(char::from).collect();
    assert_eq!(&*parse(&binary).diagnostics[0].message, "yaml: control characters are not allowed");
    let zeros = "\0".repeat(100_000);
    assert_eq!(&*parse(&zeros).diagnostics[0].message, "yaml: control characters are not allowed");
}

#[test]
fn marks_tabs_and_line_ends() {
    let check = |text: &str, expect: Option<&str>| {
        let parsed = parse(text);
        let found = parsed.diagnostics.first().map(|found| &*found.message);
        assert_eq!(found, expect, "{text:?}");
        if expect.is_none() {
            assert_eq!(parsed.value.root().and_then(|root| root.get("a")?.text()), Some("b"), "{text:?}");
        }
    };
    check("\u{feff}a: b\n", None);
    check("a: b\r\nc: d\r\n", None);
    check("a: b\rc: d", None);
    check("a: b\u{85}c: d", None);
    check("a:\tb", None);
    check("a: b\t# c", None);
    check("{a: b,\tc: d}", None);
    check("\ta: b", Some("yaml: found character that cannot start any token"));
    check("c:\n\td: e\na: b", Some("yaml: line 2: found character that cannot start any token"));
    check("a: b\n\u{feff}c: d", None);
}

#[test]
fn an_anchor_may_not_contain_itself() {
    let parsed = parse("a: &x [*x]\n");
    assert_eq!(&*parsed.diagnostics[0].message, "yaml: anchor 'x' value contains itself");
}

/// Text that looks like YAML often enough to reach all of the parser.
fn yamlish() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("a"),
        Just("b:"),
        Just(": "),
        Just("- "),
        Just("\n"),
        Just("\r\n"),
        Just("  "),
        Just("\t"),
        Just("'"),
        Just("\""),
        Just("|"),
        Just(">-"),
        Just("|2+"),
        Just("["),
        Just("]"),
        Just("{"),
        Just("}"),
        Just(","),
        Just("&x "),
        Just("*x"),
        Just("!!str "),
        Just("<<: "),
        Just("#"),
        Just("é→😀"),
        Just("\\"),
        Just("\\n"),
        Just("---"),
        Just("..."),
        Just("%YAML 1.1"),
        Just("?"),
        Just("\u{feff}"),
        Just("\0"),
        Just("\u{2028}"),
        Just("~"),
        Just("!"),
        Just("@"),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn all_spans_lie_on_characters(text: &str) {
    let parsed = parse(text);
    for diagnostic in &parsed.diagnostics {
        assert!(text.get(diagnostic.span.range()).is_some(), "{diagnostic:?}");
    }
    for comment in parsed.value.comments() {
        assert!(text.get(comment.span.range()).is_some());
    }
    let mut stack: Vec<Node<'_>> = parsed.value.root().into_iter().collect();
    while let Some(node) = stack.pop() {
        assert!(text.get(node.span().range()).is_some(), "{:?}", node.span());
        let map = node.source_map();
        for at in 0..=map.decoded_len() {
            assert!(map.to_source(at) as usize <= text.len());
        }
        if let Kind::Scalar { value, .. } = node.kind() {
            for (at, c) in value.char_indices() {
                let span = map.span_to_source(Span::from(at..at + c.len_utf8()));
                assert!(text.get(span.range()).is_some(), "{c:?} at {at} of {value:?} in {text:?}: {span:?}");
            }
        }
        stack.extend(node.items());
        stack.extend(node.entries().flat_map(|entry| [entry.key, entry.value]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>()) {
        all_spans_lie_on_characters(&text);
    }

    #[test]
    fn any_yamlish_text_is_read_without_a_panic(text in yamlish()) {
        all_spans_lie_on_characters(&text);
    }

    #[test]
    fn single_quoted_scalars_round_trip(value in "[a-zé'\"{}=, ]{0,20}") {
        let text = format!("k: '{}'\n", value.replace('\'', "''"));
        let parsed = parse(&text);
        prop_assert_eq!(&parsed.diagnostics, &[]);
        let node = first_scalar(&parsed.value, "k");
        prop_assert_eq!(node.text(), Some(value.as_str()));
        for (at, c) in value.char_indices() {
            let span = node.source_map().span_to_source(Span::from(at..at + c.len_utf8()));
            let spelled = if c == '\'' { "''".to_owned() } else { c.to_string() };
            prop_assert_eq!(&text[span.range()], spelled);
        }
    }

    #[test]
    fn double_quoted_scalars_round_trip(value in "[a-zé\"\\\\\n\t ={}]{0,20}") {
        let spelled = |c: char| match c {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\t' => "\\t".to_owned(),
            c => c.to_string(),
        };
        let text = format!("k: \"{}\"\n", value.chars().map(spelled).collect::<String>());
        let parsed = parse(&text);
        prop_assert_eq!(&parsed.diagnostics, &[]);
        let node = first_scalar(&parsed.value, "k");
        prop_assert_eq!(node.text(), Some(value.as_str()));
        for (at, c) in value.char_indices() {
            let span = node.source_map().span_to_source(Span::from(at..at + c.len_utf8()));
            prop_assert_eq!(&text[span.range()], spelled(c));
        }
    }

    #[test]
    fn block_scalars_keep_their_lines_places(
        lines in prop::collection::vec("([a-z{][a-z =\"é]{0,8}[a-z}]|)", 1..6),
        header in prop::sample::select(vec!["|", "|-", "|+", ">", ">-", ">+"]),
        line_end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        prop_assume!(lines.iter().any(|line| !line.is_empty()));
        let body: String = lines.iter().map(|line| {
            if line.is_empty() { line_end.to_owned() } else { format!("    {line}{line_end}") }
        }).collect();
        let text = format!("k: {header}{line_end}{body}z: 1{line_end}");
        let parsed = parse(&text);
        prop_assert_eq!(&parsed.diagnostics, &[]);
        let node = first_scalar(&parsed.value, "k");
        let value = node.text().expect("a scalar");
        let map = node.source_map();
        let mut from = 0;
        for line in lines.iter().filter(|line| !line.is_empty()) {
            let at = from + value[from..].find(line.as_str()).expect("the line is in the value");
            from = at + line.len();
            let span = map.span_to_source(Span::from(at..from));
            prop_assert_eq!(&text[span.range()], line.as_str());
            prop_assert_eq!(map.to_source(at as u32) as usize, span.start as usize);
        }
    }

    #[test]
    fn folded_plain_scalars_keep_their_words_places(words in prop::collection::vec("[a-z]{1,6}", 1..6), blank in any::<bool>()) {
        let separator = if blank { "\n\n   " } else { "\n   " };
        let text = format!("k: {}\n", words.join(separator));
        let parsed = parse(&text);
        prop_assert_eq!(&parsed.diagnostics, &[]);
        let node = first_scalar(&parsed.value, "k");
        let value = node.text().expect("a scalar");
        prop_assert_eq!(value, words.join(if blank { "\n" } else { " " }));
        let mut from = 0;
        for word in &words {
            let span = node.source_map().span_to_source(Span::from(from..from + word.len()));
            prop_assert_eq!(&text[span.range()], word.as_str());
            from += word.len() + 1;
        }
    }
}
