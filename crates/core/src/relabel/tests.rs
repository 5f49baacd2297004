use proptest::prelude::*;

use super::*;
use crate::labels::LabelSet;
use crate::labels::name::ValidationScheme;
use crate::series::{Bitset, StoreBuilder};
use crate::version::Version;

#[expect(clippy::unnecessary_wraps, reason = "a given key, in the words of the fields")]
fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn rule(action: Action) -> RelabelConfig {
    RelabelConfig { action: Some(action), ..RelabelConfig::default() }
}

/// `replace` of label `a` into `target`.
fn replace(regex: &str, target: &str, replacement: &str) -> RelabelConfig {
    RelabelConfig {
        source_labels: Some(vec!["a".into()]),
        regex: some(regex),
        target_label: some(target),
        replacement: some(replacement),
        ..RelabelConfig::default()
    }
}

fn label_map(regex: &str, replacement: &str) -> RelabelConfig {
    RelabelConfig { regex: some(regex), replacement: some(replacement), ..rule(Action::LabelMap) }
}

fn compile(configs: &[RelabelConfig], version: Version) -> Program {
    Program::compile(configs, version, ValidationScheme::Utf8).expect("valid rules")
}

fn labels(text: &str) -> LabelSet {
    text.split_whitespace().map(|pair| pair.split_once('=').expect("a pair")).collect()
}

fn text(labels: &LabelSet) -> String {
    labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn actions_by_name() {
    let check = |text: &str, expect: Result<Action, &str>| {
        assert_eq!(text.parse::<Action>().map_err(|error| error.to_string()), expect.map_err(str::to_owned));
    };
    check("Replace", Ok(Action::Replace));
    check("KEEPEQUAL", Ok(Action::KeepEqual));
    check("", Err(r#"unknown relabel action """#));
    check("foo", Err(r#"unknown relabel action "foo""#));
    for action in Action::ALL {
        check(action.as_str(), Ok(action));
    }
}

#[test]
fn validation() {
    let check = |config: &RelabelConfig, version: Version, scheme: ValidationScheme, expect: &[&str]| {
        let have: Vec<String> = config.validate(version, scheme).iter().map(ToString::to_string).collect();
        assert_eq!(have, expect, "{config:?} in {version}");
    };
    let newest = |config: &RelabelConfig, expect: &[&str]| {
        check(config, Version::NEWEST, ValidationScheme::Utf8, expect);
    };
    newest(
        &RelabelConfig::default(),
        &["relabel configuration for replace action requires 'target_label' value"],
    );
    newest(&rule(Action::Empty), &["relabel action cannot be empty"]);
    newest(
        &RelabelConfig { target_label: some("a"), ..rule(Action::HashMod) },
        &["relabel configuration for hashmod requires non-zero modulus"],
    );
    newest(
        &rule(Action::HashMod),
        &[
            "relabel configuration for hashmod requires non-zero modulus",
            "relabel configuration for hashmod action requires 'target_label' value",
        ],
    );
    let equal = RelabelConfig { target_label: some("b"), ..rule(Action::KeepEqual) };
    newest(&equal, &[]);
    let only_two = "keepequal action requires only 'source_labels' and `target_label`, and no other fields";
    // Written out, the default is another pointer.
    newest(&RelabelConfig { regex: some("(.*)"), ..equal.clone() }, &[only_two]);
    newest(&RelabelConfig { separator: some(";"), ..equal.clone() }, &[]);
    newest(&RelabelConfig { separator: some(","), ..equal.clone() }, &[only_two]);
    newest(
        &RelabelConfig { replacement: some("x"), ..equal },
        &["'replacement' can not be set for keepequal action"],
    );
    let drop = rule(Action::LabelDrop);
    newest(&RelabelConfig { regex: some("x"), ..drop.clone() }, &[]);
    newest(
        &RelabelConfig { source_labels: Some(Vec::new()), ..drop },
        &["labeldrop action requires only 'regex', and no other fields"],
    );
    newest(&replace("a(", "b", "c"), &["error parsing regexp: missing closing ): `^(?s:a()$`"]);
    let federated = replace("(.*)", "__param_match[]", "$1");
    newest(&federated, &[]);
    let refused = r#""__param_match[]" is invalid 'target_label' for replace action"#;
    check(&federated, Version::V2_42, ValidationScheme::Utf8, &[refused]);
    check(&federated, Version::NEWEST, ValidationScheme::Legacy, &[refused]);
    // Before 3.7 the configured scheme says nothing about rules.
    check(&federated, Version::V3_5, ValidationScheme::Legacy, &[]);
    let template = replace("(.*)", "a.${1}", "$1");
    let refused = r#""a.${1}" is invalid 'target_label' for replace action"#;
    check(&template, Version::V3_0, ValidationScheme::Utf8, &[refused]);
    check(&template, Version { major: 3, minor: 2 }, ValidationScheme::Utf8, &[]);
    let template = replace("(.*)", "${1}", "$1");
    let refused = r#""${1}" is invalid 'target_label' for replace action"#;
    check(&template, Version { major: 3, minor: 7 }, ValidationScheme::Legacy, &[refused]);
    check(&template, Version { major: 3, minor: 8 }, ValidationScheme::Legacy, &[]);
    let lower = RelabelConfig { target_label: some("${1}"), ..rule(Action::Lowercase) };
    check(&lower, Version::V2_42, ValidationScheme::Legacy, &[]);
    check(
        &lower,
        Version { major: 2, minor: 50 },
        ValidationScheme::Legacy,
        &[r#""${1}" is invalid 'target_label' for lowercase action"#],
    );
}

#[test]
fn applies() {
    let check = |configs: &[RelabelConfig], before: &str, expect: Option<&str>| {
        let mut set = labels(before);
        let kept = compile(configs, Version::NEWEST).apply(&mut set);
        assert_eq!(kept.then(|| text(&set)).as_deref(), expect, "{configs:?} on {before}");
    };
    check(&[replace("(.*)", "b", "$1")], "a=1", Some("a=1 b=1"));
    // Nothing to write removes.
    check(&[replace("(.*)", "b", "$1")], "b=2", Some(""));
    check(&[replace("x(.*)", "b", "$1")], "a=1 b=2", Some("a=1 b=2"));
    check(&[replace("(.*)", "$1", "v")], "a=name", Some("a=name name=v"));
    // An explicit empty expression matches the empty value alone.
    check(&[replace("", "b", "c")], "x=1", Some("b=c x=1"));
    check(
        &[label_map("__meta_(.*)", "$1")],
        "__meta_a=1 __meta_b=2 a=0",
        Some("__meta_a=1 __meta_b=2 a=1 b=2"),
    );
    // All values are read before one is written.
    check(&[label_map("(.)_(.)", "${2}_$1")], "a_b=1 b_a=2", Some("a_b=2 b_a=1"));
    // The later label wins: by name, but what was set comes last.
    check(&[label_map("a|b", "x")], "a=1 b=2", Some("a=1 b=2 x=2"));
    check(&[replace("(.*)", "a", "3"), label_map("a|b", "x")], "a=1 b=2", Some("a=3 b=2 x=3"));
    check(
        &[RelabelConfig { regex: some("a|__name__"), ..rule(Action::LabelKeep) }],
        "__name__=n a=1 b=2",
        Some("__name__=n a=1"),
    );
    check(
        &[RelabelConfig { source_labels: Some(vec!["a".into()]), regex: some("1"), ..rule(Action::Drop) }],
        "a=1",
        None,
    );
    check(
        &[RelabelConfig {
            source_labels: Some(vec!["a".into()]),
            target_label: some("b"),
            ..rule(Action::KeepEqual)
        }],
        "c=1",
        Some("c=1"),
    );
    check(
        &[RelabelConfig {
            source_labels: Some(vec!["a".into(), "b".into()]),
            separator: some(""),
            target_label: some("c"),
            ..rule(Action::Uppercase)
        }],
        "a=x b=ß",
        Some("a=x b=ß c=Xß"),
    );
}

#[test]
fn before_2_50_the_written_target_is_removed() {
    let check = |config: &RelabelConfig, old: &str, new: &str| {
        for (version, expect) in
            [(Version { major: 2, minor: 49 }, old), (Version { major: 2, minor: 50 }, new)]
        {
            let mut set = labels("a=1 t1=x t=y");
            assert!(compile(std::slice::from_ref(config), version).apply(&mut set));
            assert_eq!(text(&set), expect, "{config:?} in {version}");
        }
    };
    check(&replace("(1)(x)?", "t$1", "$2"), "a=1 t=y t1=x", "a=1 t=y");
    check(&replace("(1)(x)?", "t", "$2"), "a=1 t1=x", "a=1 t1=x");
}

#[test]
fn added_labels_come_last() {
    let program = compile(&[label_map("exported_job|job", "x")], Version::NEWEST);
    let run = |added: &[&str]| {
        let mut set = labels("exported_job=1 job=2");
        assert!(program.apply_after(&mut set, added));
        set.value("x").to_owned()
    };
    assert_eq!(run(&[]), "2");
    assert_eq!(run(&["job", "exported_job"]), "1");
    assert_eq!(run(&["exported_job"]), "1");
}

#[test]
fn explains() {
    let configs = [
        replace("f(.*)", "d", "ch${1}"),
        replace("x", "d", "y"),
        label_map("z.*", "y"),
        RelabelConfig {
            source_labels: Some(vec!["a".into(), "d".into()]),
            regex: some("foo;choo"),
            ..rule(Action::Drop)
        },
        rule(Action::LabelKeep),
    ];
    let steps = compile(&configs, Version::NEWEST).explain(&labels("a=foo"));
    let told: Vec<(Verdict, &str)> = steps.iter().map(|step| (step.verdict, step.because.as_str())).collect();
    assert_eq!(
        told,
        [
            (Verdict::Changed, "`a` is `foo`, which matches `f(.*)`: `d` becomes `choo`"),
            (Verdict::Unchanged, "`a` is `foo`, which does not match `x`"),
            (Verdict::Unchanged, "no label's name matches `z.*`, so none is copied"),
            (Verdict::Dropped, "`a`, `d` joined are `foo;choo`, which matches `foo;choo`"),
        ]
    );
    assert_eq!(steps[0].changes, [Change { label: "d".into(), before: None, after: some("choo") }]);
    assert_eq!(text(&steps[0].after), "a=foo d=choo");
    assert_eq!(steps[3].joined.as_deref(), Some("foo;choo"));
}

#[test]
fn names_out_of_values_have_a_budget() {
    let mut builder = StoreBuilder::new(1);
    for number in 0..5000 {
        builder.push([("a", format!("n{number}").as_str())], 0.0, None).expect("room");
    }
    let store = builder.finish();
    let program = compile(&[replace("(.*)", "$1", "x")], Version::NEWEST);
    for mut frame in store.frames(&Bitset::full(store.len())) {
        assert_eq!(program.apply_to_frame(&mut frame), Err(TooManyLabels));
    }
}

fn config() -> impl Strategy<Value = RelabelConfig> {
    let name = || prop_oneof!["[abc]", Just("__name__".to_owned()), Just("x_a".to_owned())];
    let sources = || proptest::collection::vec(name(), 0..3);
    let regex = || {
        proptest::option::of(prop_oneof![
            "[12x.]{0,2}",
            Just("(.*)".to_owned()),
            Just("(1)?(.*)".to_owned()),
            Just("(.+);(.*)".to_owned()),
            Just(String::new()),
        ])
    };
    let names = prop_oneof![
        Just("(.*)".to_owned()),
        Just("(?:x_)?(.*)".to_owned()),
        Just("(.)(.?).*".to_owned()),
        Just("[ab]".to_owned()),
    ];
    let replacement =
        prop_oneof!["[12]?", Just("$1".to_owned()), Just("$2-$1".to_owned()), Just("x_$1".to_owned())];
    let target = prop_oneof![name(), Just("x_$1".to_owned()), Just("${2}".to_owned())];
    prop_oneof![
        4 => (sources(), regex(), target, replacement).prop_map(|(sources, regex, target, replacement)| {
            RelabelConfig {
                source_labels: Some(sources),
                regex,
                target_label: Some(target),
                replacement: Some(replacement),
                ..RelabelConfig::default()
            }
        }),
        1 => (sources(), regex(), prop_oneof![Just(Action::Keep), Just(Action::Drop)]).prop_map(
            |(sources, regex, action)| RelabelConfig { source_labels: Some(sources), regex, ..rule(action) }
        ),
        1 => (sources(), name(), prop_oneof![
            Just(Action::KeepEqual), Just(Action::DropEqual), Just(Action::Lowercase), Just(Action::Uppercase)
        ])
        .prop_map(|(sources, target, action)| RelabelConfig {
            source_labels: Some(sources),
            target_label: Some(target),
            ..rule(action)
        }),
        1 => (sources(), name()).prop_map(|(sources, target)| RelabelConfig {
            source_labels: Some(sources),
            target_label: Some(target),
            modulus: Some(7),
            ..rule(Action::HashMod)
        }),
        1 => names.clone().prop_map(|regex| RelabelConfig { regex: Some(regex), ..rule(Action::LabelDrop) }),
        1 => names.clone().prop_map(|regex| RelabelConfig { regex: Some(regex), ..rule(Action::LabelKeep) }),
        3 => (names, prop_oneof![Just("$1"), Just("x_$1"), Just("$2$1"), Just("a")])
            .prop_map(|(regex, replacement)| label_map(&regex, replacement)),
    ]
}

fn series() -> impl Strategy<Value = LabelSet> {
    let name = prop_oneof!["[abc]", Just("__name__".to_owned()), Just("x_a".to_owned())];
    proptest::collection::vec((name, "[12xb]{0,2}"), 0..4).prop_map(|pairs| pairs.into_iter().collect())
}

proptest! {
    #[test]
    fn columns_are_as_single_rows(
        configs in proptest::collection::vec(config(), 0..6),
        rows in proptest::collection::vec(series(), 1..40),
        added in proptest::sample::subsequence(vec!["a", "c", "b"], 0..3).prop_shuffle(),
        old in any::<bool>(),
    ) {
        let version = if old { Version { major: 2, minor: 49 } } else { Version::NEWEST };
        let configs: Vec<RelabelConfig> = configs
            .into_iter()
            .filter(|config| config.validate(version, ValidationScheme::Utf8).is_empty())
            .collect();
        let program = Program::compile(&configs, version, ValidationScheme::Utf8).expect("valid rules");
        let mut builder = StoreBuilder::new(7);
        for row in &rows {
            builder.push(row.iter(), 0.0, None).expect("room");
        }
        let store = builder.finish();
        for mut frame in store.frames(&Bitset::full(store.len())) {
            let mut expect = Vec::new();
            for at in 0..frame.len() {
                let mut set = frame.label_set(at);
                if program.apply_after(&mut set, &added) {
                    expect.push((frame.row(at), set));
                }
            }
            let mut expect_dropped = vec![0; program.rules().len()];
            for at in 0..frame.len() {
                let steps = program.explain_after(&frame.label_set(at), &added);
                if let Some(last) = steps.last().filter(|last| last.verdict == Verdict::Dropped) {
                    expect_dropped[last.rule] += 1;
                }
            }
            let dropped = program.apply_to_frame_after(&mut frame, &added).expect("few labels");
            prop_assert_eq!(dropped, expect_dropped);
            let have: Vec<_> = (0..frame.len()).map(|at| (frame.row(at), frame.label_set(at))).collect();
            prop_assert_eq!(have, expect);
        }
    }

    #[test]
    fn explaining_ends_where_applying_does(
        configs in proptest::collection::vec(config(), 0..6),
        row in series(),
    ) {
        let configs: Vec<RelabelConfig> = configs
            .into_iter()
            .filter(|config| config.validate(Version::NEWEST, ValidationScheme::Utf8).is_empty())
            .collect();
        let program = compile(&configs, Version::NEWEST);
        let steps = program.explain(&row);
        let mut set = row.clone();
        let kept = program.apply(&mut set);
        prop_assert_eq!(kept, steps.iter().all(|step| step.verdict != Verdict::Dropped));
        prop_assert_eq!(&set, steps.last().map_or(&row, |step| &step.after));
        for step in &steps {
            prop_assert!(!step.because.is_empty());
            prop_assert_eq!(step.verdict == Verdict::Changed, !step.changes.is_empty());
        }
    }
}
