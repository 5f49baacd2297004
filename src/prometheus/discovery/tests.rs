use super::*;
use proptest::prelude::*;

fn json(text: &str) -> Parsed<Vec<StaticConfig>> {
    parse_target_list(text, TargetFormat::Json, Version::NEWEST)
}

/// What is found, each with the text it is found at.
fn found(parsed: &Parsed<Vec<StaticConfig>>, text: &str) -> Vec<(String, String)> {
    let at = |found: &Diagnostic| text[found.span.range()].to_owned();
    parsed.diagnostics.iter().map(|found| (at(found), found.message.to_string())).collect()
}

fn check(text: &str, expect: &[(&str, &str)]) {
    let found = found(&json(text), text);
    let found: Vec<(&str, &str)> = found.iter().map(|(at, words)| (at.as_str(), words.as_str())).collect();
    assert_eq!(found, expect, "{text}");
}

#[test]
fn reads_groups() {
    let text = r#" [ {"targets": ["a:1", "\u0062\ud83d\ude00\ud83d", null], "labels": {"x": "1", "y": null, "x": "2"}},
        {"LABELS": {"a": "b"}, "labelſ": null, "targets": []}, {} ] "#;
    let parsed = json(text);
    assert_eq!(found(&parsed, text), []);
    let groups = parsed.value;
    let targets: Vec<&str> = groups[0].targets.iter().map(|target| target.value.as_str()).collect();
    assert_eq!(targets, ["a:1", "b\u{1f600}\u{fffd}", ""]);
    assert_eq!(&text[groups[0].targets[0].span.range()], "\"a:1\"");
    let labels: Vec<(&str, &str)> = groups[0]
        .labels
        .iter()
        .map(|label| (label.name.value.as_str(), label.value.value.as_str()))
        .collect();
    assert_eq!(labels, [("y", ""), ("x", "2")]);
    assert!(groups[1].labels.is_empty());
    assert_eq!(&text[groups[2].span.range()], "{}");
}

#[test]
fn refuses_what_go_refuses_in_its_words() {
    check("null", &[]);
    check("", &[("", "unexpected end of JSON input")]);
    check("[{]", &[("]", "invalid character ']' looking for beginning of object key string")]);
    check("[1,]", &[("]", "invalid character ']' looking for beginning of value")]);
    check("[{\"a\" 1}]", &[("1", "invalid character '1' after object key")]);
    check("[{\"a\": 1 2}]", &[("2", "invalid character '2' after object key:value pair")]);
    check("[1 2]", &[("2", "invalid character '2' after array element")]);
    check("[] x", &[("x", "invalid character 'x' after top-level value")]);
    check("[01]", &[("1", "invalid character '1' after array element")]);
    check("-", &[("", "invalid character ' ' in numeric literal")]);
    check("[1.]", &[("]", "invalid character ']' after decimal point in numeric literal")]);
    check("[1e]", &[("]", "invalid character ']' in exponent of numeric literal")]);
    check("[tru]", &[("]", "invalid character ']' in literal true (expecting 'e')")]);
    check("[\"\n\"]", &[("\n", "invalid character '\\n' in string literal")]);
    check("[\"\\x\"]", &[("x", "invalid character 'x' in string escape code")]);
    check("[\"\\u12\"]", &[("\"", "invalid character '\"' in \\u hexadecimal character escape")]);
    check("['a']", &[("'", "invalid character '\\'' looking for beginning of value")]);
    check("\u{feff}[]", &[("\u{feff}", "invalid character 'ï' looking for beginning of value")]);
    check("{}", &[("{}", "json: cannot unmarshal object into Go value of type []*targetgroup.Group")]);
    check("[null]", &[("null", "nil target group item found")]);
    check(
        "[\"a\"]",
        &[(
            "\"a\"",
            "json: cannot unmarshal string into Go value of type struct { Targets []string \"json:\\\"targets\\\"\"; Labels model.LabelSet \"json:\\\"labels\\\"\" }",
        )],
    );
    check(
        "[{\"targets\": [1, [2]], \"tags\": {\"a\": [1]}, \"labels\": {\"a\": 1, \"\": \"\"}}, {\"targets\": \"a\", \"labels\": true}]",
        &[
            ("1", "json: cannot unmarshal number into Go struct field .targets of type string"),
            ("[2]", "json: cannot unmarshal array into Go struct field .targets of type string"),
            ("\"tags\"", "json: unknown field \"tags\""),
            ("1", "json: cannot unmarshal number into Go struct field .labels of type model.LabelValue"),
            ("\"\"", "\"\" is not a valid label name"),
            ("\"a\"", "json: cannot unmarshal string into Go struct field .targets of type []string"),
            (
                "true",
                "json: cannot unmarshal bool into Go struct field .labels of type map[model.LabelName]model.LabelValue",
            ),
        ],
    );
}

#[test]
fn names_follow_the_version() {
    let text = r#"[{"labels": {"a.b": "c"}}]"#;
    assert!(!json(text).has_errors());
    assert!(parse_target_list(text, TargetFormat::Json, Version::V2_42).has_errors());
}

#[test]
fn deep_nesting_is_refused_and_costs_nothing() {
    check(
        &format!("{}{}", "[".repeat(9_000), "]".repeat(9_000)),
        &[(
            &format!("{}{}", "[".repeat(8_999), "]".repeat(8_999)),
            &format!("json: cannot unmarshal array into Go value of type {GROUP_TYPE}"),
        )],
    );
    check(&"[".repeat(1_000_000), &[("[", "exceeded max depth")]);
}

#[test]
fn yaml_lists_are_read_strictly() {
    let yaml = |text: &str| parse_target_list(text, TargetFormat::Yaml, Version::NEWEST);
    let good = yaml("- targets: [a, b]\n  labels: {x: 1}\n");
    assert!(!good.has_errors());
    assert_eq!(good.value[0].targets.len(), 2);
    for (text, message) in [
        ("- targets: [a]\n  tags: {}\n", "field tags not found in type struct"),
        ("-\n- targets: [a]\n", "nil target group item found"),
        ("targets: [a]\n", "cannot unmarshal !!map into []*targetgroup.Group"),
    ] {
        let parsed = yaml(text);
        assert!(parsed.diagnostics.iter().any(|found| found.message.contains(message)), "{text} {parsed:?}");
    }
}

proptest! {
    #[test]
    fn nothing_panics(text in "[\\[\\]{},:\"\\\\ut0-9ea\\-. \\nlrsbfng]{0,60}") {
        let parsed = json(&text);
        for found in &parsed.diagnostics {
            prop_assert!(text.get(found.span.range()).is_some());
        }
    }

    /// What is printed as JSON is read as what it was.
    #[test]
    fn what_is_written_is_read(groups in prop::collection::vec(
        (prop::collection::vec(any::<String>(), 0..3), prop::collection::btree_map("[a-z_]{1,3}", any::<String>(), 0..3)),
        0..4,
    )) {
        let written: Vec<serde_json::Value> = groups
            .iter()
            .map(|(targets, labels)| serde_json::json!({ "targets": targets, "labels": labels }))
            .collect();
        let text = serde_json::to_string_pretty(&written).expect("JSON");
        let parsed = json(&text);
        prop_assert_eq!(&parsed.diagnostics, &[]);
        let read: Vec<(Vec<String>, std::collections::BTreeMap<String, String>)> = parsed
            .value
            .iter()
            .map(|group| {
                let labels = group.labels.iter().map(|label| (label.name.value.clone(), label.value.value.clone()));
                (group.targets.iter().map(|target| target.value.clone()).collect(), labels.collect())
            })
            .collect();
        prop_assert_eq!(read, groups);
    }
}
