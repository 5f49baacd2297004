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
    let selectors: Vec<String> = selectors.iter().map(|it| format!("'{it}'")).collect();
    let mut files = Files::new(7);
    files.put_text(
        "leaf.yml",
        "global: { external_labels: { region: eu } }\nscrape_configs: [{ job_name: x }]\n",
    );
    files.put_text("leaf.prom", LEAF);
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
        r#"one matcher fails: the name `node_cpu_second`; the closest name is `node_cpu_seconds_total`"#,
        r#"node_cpu_seconds_total{mode="idle"}"#,
    );
    check("upp", r#"one matcher fails: the name `upp`; the closest name is `up`"#, "up");
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
