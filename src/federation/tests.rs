//! Cases in which generated topologies once came out otherwise on real servers. `tests/oracle` finds such;
//! they stay here.

use std::sync::Arc;

use super::*;
use crate::series::sample;
use crate::version::Version;
use crate::workspace::Files;

/// What a server stores that scrapes one application, besides `scrape_…`: its job's lines of YAML after
/// `job_name: j`, and what the application answers.
fn check(version: Version, job: &str, exposition: &str, expect: &[&str]) {
    let preview = preview(version, job, exposition);
    let store = preview.nodes[0].store();
    let mut got: Vec<String> = (0..store.len() as u32)
        .filter(|&row| !store.metric_name(row).starts_with("scrape_"))
        .map(|row| {
            let value = store.value(row);
            let value = if sample::is_unknown(value) { "?".to_owned() } else { value.to_string() };
            format!("{} {value}", store.label_set(row)).replace(", ", ",")
        })
        .collect();
    got.sort();
    assert_eq!(got, expect, "{job}\n{exposition}in {version}");
}

fn preview(version: Version, job: &str, exposition: &str) -> Preview {
    preview_of(version, job, exposition, "text/plain")
}

fn preview_of(version: Version, job: &str, exposition: &str, content_type: &str) -> Preview {
    let job = job.lines().map(|line| format!("    {}", line.trim_end())).collect::<Vec<_>>().join("\n");
    let mut files = Files::new(7);
    files.put_text("node.yml", format!("scrape_configs:\n  - job_name: j\n{job}"));
    files.put_text(
        "promtier.yaml",
        format!(
            "prometheus: \"{version}\"\nnodes:\n  node: {{ config: node.yml }}\n\
             targets:\n  app: {{ listen: ['app:80'], metrics: app.prom, content_type: '{content_type}' }}\n"
        ),
    );
    files.put_text("app.prom", exposition);
    let now = Some(1_700_000_000_000);
    Preview::compute(Arc::new(files.assemble()), now, &mut Memo::new(7)).expect("a small preview")
}

const TARGET: &str = "static_configs: [{ targets: ['app:80'] }]";

#[test]
fn report_series_clear_what_would_be_exported() {
    let job = "static_configs: [{ targets: ['app:80'], labels: { exported_job: x, exported_a: y, a: z } }]";
    let expect = [
        r#"m{a="z",exported_a="y",exported_job="x",instance="app:80",job="j"} 1"#,
        r#"up{a="z",exported_a="y",instance="app:80",job="j"} 1"#,
    ];
    check(Version::V2_42, job, "m 1\n", &expect);
    check(Version::V3_5, job, "m 1\n", &expect);
}

#[test]
fn a_target_label_without_a_name_leaves_no_report() {
    let job = format!("{TARGET}\nrelabel_configs: [{{ regex: (j)ob, action: labelmap, replacement: $2 }}]");
    check(Version::V2_42, &job, "m 1\n", &[r#"up{""="j",instance="app:80",job="j"} 0"#]);
    check(Version::V3_5, &job, "m 1\n", &[]);
}

#[test]
fn an_empty_label_is_free_for_an_exported_one_since_2_44() {
    let exposition = "m{job=\"x\",exported_job=\"\"} 1\n";
    let up = r#"up{instance="app:80",job="j"} 1"#;
    check(
        Version::V2_42,
        TARGET,
        exposition,
        &[r#"m{exported_exported_job="x",instance="app:80",job="j"} 1"#, up],
    );
    check(Version::V3_5, TARGET, exposition, &[r#"m{exported_job="x",instance="app:80",job="j"} 1"#, up]);
}

#[test]
fn of_two_labels_mapped_to_one_name_the_later_stays() {
    let job = format!(
        "{TARGET}\nmetric_relabel_configs:\n- {{ target_label: ob, replacement: new }}\n\
         - {{ action: labelmap, regex: 'o.*|job|zone', replacement: to }}"
    );
    let check = |version, to: &str| {
        let up = r#"up{instance="app:80",job="j"} 1"#;
        let m = format!(r#"m{{instance="app:80",job="j",ob="new",to="{to}",zone="z"}} 1"#);
        check(version, &job, "m{zone=\"z\"} 1\n", &[&m, up]);
    };
    // By name; what rules set comes last; and what the target brings comes after what is exposed.
    check(Version::V2_42, "z");
    check(Version::V3_5, "new");
    let job = format!(
        "{TARGET}\nmetric_relabel_configs: [{{ action: labelmap, regex: 'job|zone', replacement: to }}]"
    );
    let check = |version, to: &str| {
        let up = r#"up{instance="app:80",job="j"} 1"#;
        let m = format!(r#"m{{instance="app:80",job="j",to="{to}",zone="z"}} 1"#);
        self::check(version, &job, "m{zone=\"z\"} 1\n", &[&m, up]);
    };
    check(Version { major: 3, minor: 8 }, "z");
    check(Version { major: 3, minor: 9 }, "j");
}

#[test]
fn what_repeats_a_refused_sample_is_not_tried_in_3_x() {
    let exposition = "m 1 1000\nm 2\n";
    let up = r#"up{instance="app:80",job="j"} 1"#;
    check(Version::V2_42, TARGET, exposition, &[r#"m{instance="app:80",job="j"} 2"#, up]);
    check(Version::V3_5, TARGET, exposition, &[up]);
}

#[test]
fn a_label_that_is_there_twice_and_once_empty_is_absent() {
    let expect = [r#"m{instance="app:80",job="j"} 1"#, r#"up{instance="app:80",job="j"} 1"#];
    check(Version::V2_42, TARGET, "m{a=\"x\",a=\"\"} 1\n", &expect);
    check(Version::V3_5, TARGET, "m{a=\"x\",a=\"\"} 1\n", &expect);
}

#[test]
fn a_value_that_two_targets_bring_by_turns_is_unknown() {
    let job = "static_configs: [{ targets: ['app:80'], labels: { instance: i, __x: '1' } }, \
               { targets: ['app:80'], labels: { instance: i, __x: '2' } }]";
    check(
        Version::V3_5,
        job,
        "m 1\nup 0\n",
        &[r#"m{instance="i",job="j"} 1"#, r#"up{instance="i",job="j"} ?"#],
    );
}

#[test]
fn errors_print_labels_as_the_version_does() {
    let job =
        format!("{TARGET}\nmetric_relabel_configs: [{{ action: labelmap, regex: (x).*, replacement: $2 }}]");
    let check = |version, expect: &str| {
        let preview = preview(version, &job, "m{x=\"é\"} 1\n");
        let rest = r#"__name__="m", instance="app:80", job="j", x="é""#;
        let words = format!("invalid metric name or label names: {{{expect}, {rest}}}");
        assert_eq!(preview.pulls[0].failure, Some(Failure::Scrape(words)), "{version}");
    };
    check(Version::V2_42, "=\"é\"");
    check(Version::V3_5, "\"\"=\"é\"");
}

#[test]
fn the_body_is_measured_before_its_type_is_looked_at() {
    let check = |limit: u32, expect: &str| {
        let job = format!("{TARGET}\nbody_size_limit: {limit}B");
        let preview = preview_of(Version::V3_5, &job, "m 1\n", "nonsense");
        assert_eq!(preview.pulls[0].failure, Some(Failure::Scrape(expect.to_owned())));
    };
    check(4, "body size limit exceeded");
    check(
        5,
        "received unsupported Content-Type \"nonsense\" and no fallback_scrape_protocol specified for target",
    );
}

/// Two hundred servers: leaves, those over ten leaves each, and two on top that pull from one another as well.
fn many() -> Files {
    let mut files = Files::new(7);
    let job = |targets: &[String]| {
        let targets: Vec<String> = targets.iter().map(|target| format!("'{target}:9090'")).collect();
        format!(
            "scrape_configs:\n- job_name: federate\n  honor_labels: true\n  metrics_path: /federate\n  \
             params: {{ 'match[]': ['{{job=\"app\"}}', 'job:m:sum'] }}\n  static_configs: [{{ targets: [{}] }}]\n",
            targets.join(", ")
        )
    };
    files.put_text(
        "rules.yml",
        "groups: [{ name: g, rules: [{ record: job:m:sum, expr: sum by (job) (m) }] }]\n",
    );
    for leaf in 0..180 {
        let labels = format!("global: {{ external_labels: {{ leaf: l{leaf} }} }}\nrule_files: [rules.yml]\n");
        files.put_text(&format!("leaf-{leaf}.yml"), labels);
        files.put_text(&format!("leaf-{leaf}.prom"), "m{job=\"app\",a=\"1\"} 1\nm{job=\"app\",a=\"2\"} 1\n");
    }
    for middle in 0..18 {
        let mut leaves: Vec<String> = (0..10).map(|leaf| format!("leaf-{}", middle * 10 + leaf)).collect();
        leaves.push(format!("unknown-{middle}"));
        files.put_text(&format!("middle-{middle}.yml"), job(&leaves));
    }
    for top in 0..2 {
        let mut below: Vec<String> = (0..18).map(|middle| format!("middle-{middle}")).collect();
        below.push(format!("global-{}", 1 - top));
        files.put_text(&format!("global-{top}.yml"), job(&below));
    }
    files
}

#[test]
fn two_hundred_servers_are_ordered_and_cycles_cut() {
    let mut files = many();
    let mut memo = Memo::new(7);
    let preview = Preview::compute(Arc::new(files.assemble()), None, &mut memo).expect("a small preview");
    let topology = &preview.topology;
    assert_eq!((preview.nodes.len(), topology.pulls.len(), topology.cut.len()), (200, 18 * 11 + 2 * 19, 1));
    let unknown =
        preview.pulls.iter().filter(|pull| matches!(pull.failure, Some(Failure::Unknown(_)))).count();
    assert_eq!(unknown, 18 + 1, "what nobody is known to answer, and the pull that closes the cycle");
    let tiers = |tier: u32| (0..200).filter(|&node| topology.tier(node) == tier).count();
    // Where the cycle is cut, one of the two stands over the other.
    assert_eq!([tiers(0), tiers(1), tiers(2), tiers(3)], [180, 18, 1, 1]);
    let series = |name: &str| {
        let at = preview.workspace.nodes.iter().position(|node| node.name == name).expect("a server");
        let node = &preview.nodes[at];
        (node.store().len() as u32 - node.reported(), node.recorded())
    };
    assert_eq!(series("leaf-0"), (3, 1));
    assert_eq!(series("middle-7"), (30, 0));
    assert_eq!(series("global-1"), (540, 0), "one of the two has the other's series, which are its own");
    // An edit at the top evaluates its own selectors, and nothing below.
    let before = memo.evaluated_selectors();
    let workspace = &preview.workspace;
    let text = workspace.file_at("global-0.yml").and_then(|id| workspace.file(id).text.clone());
    let text = text.expect("a text").replace("'job:m:sum'", "'{__name__=~\"job:m:.*\"}'");
    files.put_text("global-0.yml", text);
    Preview::compute(Arc::new(files.assemble()), None, &mut memo).expect("a small preview");
    let evaluated = memo.evaluated_selectors() - before;
    assert!((18..=20).contains(&evaluated), "{evaluated} selectors for 19 pulls");
}

#[test]
fn what_is_expected_is_selected_once() {
    let mut files = Files::new(7);
    files.put_text("leaf.yml", "scrape_configs: [{ job_name: x }]\n");
    files.put_text("leaf.prom", "up{job=\"a\"} 1\nup{job=\"b\"} 1\n");
    let manifest =
        "expect: [{ node: leaf, has: ['up{job=\"a\"}', 'up{'], lacks: down }, { tier: 1, has: y }]\n";
    files.put_text("promtier.yaml", manifest);
    let mut memo = Memo::new(7);
    let preview = |files: &mut Files, memo: &mut Memo| {
        Preview::compute(Arc::new(files.assemble()), None, memo).expect("a small preview")
    };
    let first = preview(&mut files, &mut memo);
    let rows = |preview: &Preview, text: &str| preview.expected[0].get(text).cloned();
    let of_a = rows(&first, "up{job=\"a\"}").expect("rows");
    assert_eq!((of_a.count(), rows(&first, "down").map(|rows| rows.count())), (1, Some(0)));
    assert_eq!((rows(&first, "up{"), rows(&first, "y")), (None, None), "broken, and of no server");
    // What did not change is kept; what did is not.
    files.put_text("promtier.yaml", manifest.replace("down", "up"));
    let second = preview(&mut files, &mut memo);
    assert!(rows(&second, "up{job=\"a\"}").is_some_and(|rows| Arc::ptr_eq(&rows, &of_a)));
    assert_eq!(rows(&second, "up").map(|rows| rows.count()), Some(2));
    files.put_text("leaf.prom", "up{job=\"a\"} 1\nup{job=\"a\",x=\"y\"} 1\n");
    let third = preview(&mut files, &mut memo);
    assert_eq!(rows(&third, "up{job=\"a\"}").map(|rows| rows.count()), Some(2));
}
