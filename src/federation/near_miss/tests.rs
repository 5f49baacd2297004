use proptest::prelude::*;

use super::*;
use crate::federation::{Containment, Memo, Preview, containments};
use crate::workspace::Files;

const LEAF: &str = r#"up{job="node",app="shop"} 1
up{job="api",app="shop"} 1
up{job="api",app="b"} 1
node_cpu_seconds_total{mode="idle",zone="a"} 1
"#;

/// A server that pulls from one that stores [`LEAF`], by these selectors.
fn preview(selectors: &[&str]) -> Preview {
    preview_of(LEAF, selectors)
}

/// A server that pulls from one that stores these series, by these selectors.
fn preview_of(leaf: &str, selectors: &[&str]) -> Preview {
    let selectors: Vec<String> = selectors.iter().map(|it| format!("'{it}'")).collect();
    let mut files = Files::new(7);
    files.put_text(
        "leaf.yml",
        "global: { external_labels: { region: eu } }\nscrape_configs: [{ job_name: x }]\n",
    );
    files.put_text("leaf.prom", leaf);
    files.put_text(
        "global.yml",
        format!(
            "scrape_configs:\n- job_name: federate\n  honor_labels: true\n  metrics_path: /federate\n  \
             params: {{ 'match[]': [{}] }}\n  static_configs: [{{ targets: ['leaf:9090'] }}]\n",
            selectors.join(", ")
        ),
    );
    Preview::compute(std::sync::Arc::new(files.assemble()), None, &mut Memo::new(7)).expect("a small preview")
}

#[test]
fn says_what_fails_and_what_is_near() {
    let check = |selector: &str, words: &str, meant: &str| {
        let preview = preview(&[selector]);
        let near = preview.pulls[0].selected[0].near.as_deref().expect("what is near");
        assert_eq!(near.to_string(), words, "{selector}");
        assert_eq!(near.meant(selector, Version::NEWEST).unwrap_or_default(), meant, "{selector}");
        if !meant.is_empty() {
            assert!(self::preview(&[meant]).pulls[0].selected[0].matched > 0, "{meant}");
        }
    };
    check(
        r#"up{job="nod"}"#,
        r#"one matcher fails: `job="nod"`; the closest value is `node`"#,
        r#"up{job="node"}"#,
    );
    check(
        r#"up{app="shop", job="API"}"#,
        r#"one matcher fails: `job="API"`; the closest value is `api`"#,
        r#"up{app="shop", job="api"}"#,
    );
    check(
        r#"up{job="database"}"#,
        r#"one matcher fails: `job="database"`; the values are `api` and `node`"#,
        "",
    );
    check(
        r#"node_cpu_second{mode="idle"}"#,
        "one matcher fails: the name `node_cpu_second`; the closest name is `node_cpu_seconds_total`",
        r#"node_cpu_seconds_total{mode="idle"}"#,
    );
    check("upp", "one matcher fails: the name `upp`; the closest name is `up`", "up");
    check(
        r#"up{jbo="api"}"#,
        r#"one matcher fails: `jbo="api"`; the series have no label `jbo`, but `job` has this value"#,
        r#"up{job="api"}"#,
    );
    check(
        r#"up{service="shop"}"#,
        r#"one matcher fails: `service="shop"`; the series have no label `service`, but `app` has this value"#,
        r#"up{app="shop"}"#,
    );
    check(
        r#"up{jbo=~"n.+"}"#,
        r#"one matcher fails: `jbo=~"n.+"`; the series have no label `jbo`; the closest is `job`"#,
        r#"up{job=~"n.+"}"#,
    );
    check(r#"up{zone="c"}"#, r#"one matcher fails: `zone="c"`; the series have no label `zone`"#, "");
    check(
        r#"up{region="eu"}"#,
        r#"one matcher fails: `region="eu"`; `region` is an external label of the server that is asked, which is added after series are selected"#,
        "",
    );
    check(
        r#"up{job=~"nod"}"#,
        r#"one matcher fails: `job=~"nod"`; expressions match the whole value, and this one only a part of `node`"#,
        r#"up{job=~".*nod.*"}"#,
    );
    check(
        r#"up{job=~"nodes|dns"}"#,
        r#"one matcher fails: `job=~"nodes|dns"`; the closest value is `node`"#,
        r#"up{job="node"}"#,
    );
    check(
        r#"up{job!~"node|api"}"#,
        r#"one matcher fails: `job!~"node|api"`; every value is excluded: `api` and `node`"#,
        "",
    );
    check(
        r#"node_cpu_seconds_total{zone!="a"}"#,
        r#"one matcher fails: `zone!="a"`; every value is excluded: `a`"#,
        "",
    );
    check(
        r#"down{job="nod"}"#,
        r#"several matchers fail: `job="nod"` (the closest value is `node`) and the name `down` (the names are `up` and `node_cpu_seconds_total`)"#,
        "",
    );
    check(r#"up{job="node",app="b"}"#, r#"one matcher fails: `job="node"`; the only value is `api`"#, "");
    check(
        r#"{zone="a",job="node"}"#,
        r#"one matcher fails: `zone="a"`; the series have no label `zone`"#,
        "",
    );
}

#[test]
fn nothing_is_near_where_something_is_selected_or_nothing_is_known() {
    assert_eq!(preview(&["up"]).pulls[0].selected[0].near, None);
    assert_eq!(near_misses(&SeriesStore::default(), &[], &LabelSet::new(), &mut MatchCache::default()), None);
}

#[test]
fn selectors_within_others_are_named() {
    let check = |selectors: &[&str], expect: &[(usize, usize, bool, bool)]| {
        let preview = preview(selectors);
        let found = containments(&[(&preview.topology.pulls[0], &preview.pulls[0])]);
        let got: Vec<(usize, usize, bool, bool)> = found
            .into_iter()
            .map(|Containment { selector, within, equal, always }| (selector, within, equal, always))
            .collect();
        assert_eq!(got, expect, "{selectors:?}");
    };
    check(&["up", "node_cpu_seconds_total"], &[]);
    check(&[r#"up{job="api"}"#, "up"], &[(0, 1, false, true)]);
    check(&["up", r#"up{job="api"}"#], &[(1, 0, false, true)]);
    check(&[r#"{job="api"}"#, "up"], &[(0, 1, false, false)]);
    check(&[r#"{job="api"}"#, r#"{__name__="up",job=~"a.*"}"#], &[(1, 0, true, false)]);
    check(&[r#"up{job="api"}"#, r#"up{job=~"a.*"}"#, "nothing"], &[(0, 1, true, true)]);
    check(&["up", "up"], &[(1, 0, true, true)]);
    check(&[r#"up{app="shop"}"#, r#"up{job="api"}"#], &[]);
    // Of several that select the same, the one that implies the least stays.
    check(&[r#"up{app="b"}"#, r#"{app=~"b"}"#, r#"{app="b"}"#], &[(0, 1, true, true), (2, 1, true, true)]);
}

fn label() -> impl Strategy<Value = String> {
    let matcher = (0..3_usize, 0..4_usize, 0..4_usize).prop_map(|(name, op, value)| {
        let value = [["x", "xy", "", "z"], ["x", "x.*", "y|z", ""]][op / 2][value];
        format!("{}{}\"{value}\"", ["a", "b", "__name__"][name], ["=", "!=", "=~", "!~"][op])
    });
    proptest::collection::vec(matcher, 1..4).prop_map(|matchers| format!("{{{}}}", matchers.join(",")))
}

fn series() -> impl Strategy<Value = String> {
    (0..3_usize, 0..4_usize, 0..4_usize).prop_map(|(name, a, b)| {
        let value = |at: usize| ["x", "xy", "yx", ""][at];
        format!("{}{{a=\"{}\",b=\"{}\"}} 1\n", ["x", "y", "z"][name], value(a), value(b))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_said_of_selectors_holds(
        leaf in proptest::collection::vec(series(), 1..12).prop_map(|lines| lines.concat()),
        selectors in proptest::collection::vec(label(), 1..6),
    ) {
        let texts: Vec<&str> = selectors.iter().map(String::as_str).collect();
        let preview = preview_of(&leaf, &texts);
        let (pull, outcome) = (&preview.topology.pulls[0], &preview.pulls[0]);
        prop_assume!(outcome.answered.is_some());
        let rows = |text: &str| -> Option<Vec<u32>> {
            let selector = Selector::parse_strict(text, Version::NEWEST).ok()?;
            Some(outcome.source.select(&selector.compiled()?).ok()?.iter().collect())
        };
        for (text, selected) in texts.iter().zip(&outcome.selected) {
            prop_assert_eq!(selected.near.is_some(), selected.matched == 0);
            let Some(near) = &selected.near else { continue };
            let selector = Selector::parse_strict(text, Version::NEWEST).expect("a selector");
            for miss in near.misses.iter().filter(|_| near.alone) {
                let mut others = selector.compiled().expect("matchers");
                others.remove(miss.at);
                let left = if others.is_empty() {
                    outcome.source.len()
                } else {
                    outcome.source.select(&others).expect("rows").count()
                };
                prop_assert_eq!(left, miss.series as usize);
                if let Some(meant) = miss.corrected(text, Version::NEWEST) {
                    prop_assert!(rows(&meant).is_some_and(|rows| !rows.is_empty()), "{text}: {meant}");
                }
            }
        }
        let containments = containments(&[(pull, outcome)]);
        for containment in &containments {
            let (inner, outer) = (rows(texts[containment.selector]), rows(texts[containment.within]));
            let (inner, outer) = (inner.expect("rows"), outer.expect("rows"));
            prop_assert!(inner.iter().all(|row| outer.contains(row)));
            prop_assert_eq!(containment.equal, inner.len() == outer.len());
        }
        // All of them can go at once.
        let stays = |at: &usize| !containments.iter().any(|containment| containment.selector == *at);
        let union = |keep: &dyn Fn(&usize) -> bool| {
            let mut all: Vec<u32> =
                (0..texts.len()).filter(keep).flat_map(|at| rows(texts[at]).unwrap_or_default()).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        prop_assert_eq!(union(&stays), union(&|_| true));
    }
}
