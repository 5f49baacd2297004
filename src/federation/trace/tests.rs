//! Traces against previews: the two must never disagree.

use std::sync::Arc;

use proptest::prelude::*;

mod remedies;

use super::*;
use crate::federation::{Memo, NodeStore};
use crate::workspace::Files;

fn preview(files: &[(&str, &str)]) -> Preview {
    let mut read = Files::new(7);
    for (path, text) in files {
        read.put_text(path, *text);
    }
    Preview::compute(Arc::new(read.assemble()), Some(1_700_000_000_000), &mut Memo::new(7))
        .expect("a small preview")
}

/// Compares the hop of every series of every pull's source with what the preview stores; answers how many hops
/// were stored, and how many stopped.
fn agrees(preview: &Preview) -> (usize, usize) {
    let (mut stored, mut stopped) = (0, 0);
    for (at, pull) in preview.topology.pulls.iter().enumerate() {
        let outcome = &preview.pulls[at];
        let (source, federates) = match pull.peer {
            Peer::Federate(source) => (preview.nodes[source].store(), true),
            _ => (&outcome.source, false),
        };
        let node: &NodeStore = &preview.nodes[pull.node];
        let kept = &outcome.scraped.kept;
        let mut arrived = 0;
        for row in 0..source.len() as Row {
            let hop = hop(preview, at, row).expect("a hop of a series that is there");
            let expect = kept.row_at(source.position(row)).filter(|_| outcome.failure.is_none());
            let context = || format!("{} through pull {at}: {hop:#?}", source.label_set(row));
            for pair in hop.gates.windows(2) {
                assert_eq!(pair[0].after, pair[1].before, "{}", context());
                assert!(pair[0].passed, "{}", context());
            }
            match (&hop.fate, expect) {
                (Fate::Stored { stop, labels, .. }, Some(expect)) => {
                    assert_eq!(*labels, kept.label_set(expect), "{}", context());
                    assert_eq!(*labels, node.store().label_set(stop.row), "{}", context());
                    assert!(hop.gates.last().is_some_and(|gate| gate.passed), "{}", context());
                    arrived += 1;
                }
                (Fate::Stopped | Fate::Unknown, None) => {
                    let last = hop.gates.last().expect("a gate");
                    assert!(!last.passed, "{}", context());
                    // Nothing but what an application exposes has times that storage does not take.
                    let timed = source.timestamp(row).is_some() || !source.duplicates().is_empty();
                    assert!(last.gate != Gate::Time || (!federates && timed), "{}", context());
                    stopped += 1;
                }
                (_, expect) => panic!("the preview has it: {}; {}", expect.is_some(), context()),
            }
        }
        assert_eq!(arrived, if outcome.failure.is_none() { kept.len() } else { 0 });
        stored += arrived;
    }
    (stored, stopped)
}

#[test]
fn traces_of_the_examples_agree_with_their_previews() {
    let check = |files: &[(&str, &str)]| {
        let preview = preview(files);
        let (stored, stopped) = agrees(&preview);
        assert!(stored > 0 && stopped > 0, "{stored} stored, {stopped} stopped");
    };
    macro_rules! files {
        ($folder:literal: $($file:literal)*) => {
            &[$(($file, include_str!(concat!("../../../public/examples/", $folder, "/", $file)))),*]
        };
    }
    check(
        files!("seed": "global.yml" "prometheus-1.prom" "prometheus-1.yml" "prometheus-2.prom" "prometheus-2.yml" "rules.yml"),
    );
    check(
        files!("three-tier": "global.yml" "leaf-a.prom" "leaf-a.yml" "leaf-b.prom" "leaf-b.yml" "promtier.yaml" "region-eu.yml" "rules.yml"),
    );
}

#[test]
fn a_gate_that_does_nothing_takes_no_empty_label_away() {
    let rule = "    metric_relabel_configs: [{ source_labels: [__name__], regex: x, action: drop }]\n";
    let gates = |rule: &str| {
        let global = [
            "scrape_configs:\n  - job_name: federate\n    honor_labels: true\n    metrics_path: /federate\n    \
             params: { 'match[]': [n] }\n    static_configs: [{ targets: ['leaf:9090'] }]\n",
            rule,
        ]
        .concat();
        let preview =
            preview(&[("global.yml", &global), ("leaf.yml", LEAF), ("leaf.prom", "n{job=\"a\"} 1\n")]);
        let pull = preview.topology.pulls.iter().position(|pull| pull.federates).expect("a pull");
        let hop = hop(&preview, pull, 0).expect("a hop");
        hop.gates.iter().map(|gate| (gate.gate.name(), gate.before != gate.after)).collect::<Vec<_>>()
    };
    let first = [("match", false), ("external_labels", true)];
    assert_eq!(gates("")[..2], first);
    assert_eq!(gates("")[2..], [("target_labels", false), ("empty_labels", true)]);
    assert_eq!(
        gates(rule)[2..],
        [("target_labels", false), ("metric_relabel_configs", false), ("empty_labels", true)]
    );
}

const LEAF: &str = "global: { external_labels: { region: eu } }\n";
const SAMPLES: &str = "m_total{instance=\"a\",job=\"shop\",region=\"eu\"} 1\n\
                       m_bucket{instance=\"a\",job=\"shop\",le=\"1\",region=\"eu\"} 1\n\
                       n{instance=\"a\",job=\"node\",region=\"eu\"} 1\n";

/// The hop of one series from `leaf` to `global`, whose job's lines are `job`, with what stops it.
fn check(job: &str, name: &str, expect: &[(&str, bool)]) -> Passage {
    let global = format!(
        "scrape_configs:\n  - job_name: federate\n    metrics_path: /federate\n    static_configs: [{{ targets: ['leaf:9090'] }}]\n{job}"
    );
    let preview = preview(&[("global.yml", &global), ("leaf.yml", LEAF), ("leaf.prom", SAMPLES)]);
    agrees(&preview);
    let node = preview.workspace.nodes.iter().position(|node| node.name == "leaf").expect("a leaf");
    let store = preview.nodes[node].store();
    let row = (0..store.len() as Row).find(|&row| store.metric_name(row) == name).expect("a series");
    let trace = trace(&preview, Stop { node, row }).expect("a trace");
    assert_eq!((trace.first.len(), trace.up.len(), trace.cut_off), (1, 1, false));
    let shown = |gate: &Gate| match gate {
        Gate::Match(_) => "match".to_owned(),
        gate => format!("{gate:?}"),
    };
    let gates = &trace.up[0].gates;
    let got: Vec<(String, bool)> = gates.iter().map(|gate| (shown(&gate.gate), gate.passed)).collect();
    let expect: Vec<(String, bool)> =
        expect.iter().map(|&(gate, passed)| (gate.to_owned(), passed)).collect();
    assert_eq!(got, expect, "{job}");
    // A place is inside the text that it speaks of.
    for (file, span) in gates.iter().filter_map(|gate| gate.place) {
        let text = preview.workspace.file(file).text.as_deref().expect("a text");
        assert!(text.get(span.range()).is_some_and(|text| !text.is_empty()), "{job}");
    }
    gates.last().expect("a gate").clone()
}

#[test]
fn the_gate_that_stops_a_series_is_named_with_what_would_let_it_through() {
    let stop = |job: &str, name: &str, expect: &[(&str, bool)], because: &str, remedy: Option<&str>| {
        let last = check(job, name, expect);
        assert!(last.because.contains(because), "{}", last.because);
        assert_eq!(last.remedy.as_deref(), remedy, "{job}");
    };
    let select = "    params: { 'match[]': ['{job=\"nod\"}', '{job=\"x\",le=\"2\"}'] }\n";
    let because = "the nearest is {job=\"nod\"}, where job=\"nod\" fails: the series has job=\"node\"";
    stop(select, "n", &[("match", false)], because, Some("write job=\"node\" instead of job=\"nod\""));

    let external = "    params: { 'match[]': ['{job=\"node\",region=\"eu\"}'] }\n";
    let remedy = "leave region=\"eu\" out: region is an external label of the source, which is added after series are selected";
    stop(external, "n", &[("match", false)], "the series has no label region", Some(remedy));

    stop("", "n", &[("match", false)], "no match[]", Some("add the selector n to match[]"));

    // Without any matcher nothing would be selected; and what is not wanted is not nearer for being alike.
    let not = "    params: { 'match[]': ['{job!=\"node\"}'] }\n";
    let because = "where job!=\"node\" fails: the series has job=\"node\"";
    stop(not, "n", &[("match", false)], because, Some("add the selector n to match[]"));
    let alone = "    params: { 'match[]': ['{region=\"eu\"}'] }\n";
    let remedy = "add the selector n to match[]: region is an external label of the source, which is added after series are selected";
    stop(alone, "n", &[("match", false)], "the series has no label region", Some(remedy));
    let both = "    params: { 'match[]': ['{job!=\"node\"}', '{job=\"nod\"}'] }\n";
    let because = "the nearest is {job=\"nod\"}";
    stop(both, "n", &[("match", false)], because, Some("write job=\"node\" instead of job=\"nod\""));
    let regex = "    params: { 'match[]': ['{job=~\"a|b\"}'] }\n";
    let remedy = "write job=~\"a|b|node\" instead of job=~\"a|b\"";
    stop(regex, "n", &[("match", false)], "job=~\"a|b\" fails", Some(remedy));

    let all = "    params: { 'match[]': ['{job!=\"\"}'] }\n";
    let rule = format!(
        "{all}    metric_relabel_configs:\n      - {{ source_labels: [__name__], regex: .*_bucket, action: drop }}\n"
    );
    let gates = [("match", true), ("Printed", true), ("TargetLabels", true), ("Rule(0)", false)];
    let remedy = "leave rule 1 of metric_relabel_configs out, or let its regex not match \"m_bucket\"";
    stop(&rule, "m_bucket", &gates, "m_bucket", Some(remedy));

    let limit = format!("{all}    label_limit: 2\n");
    let gates = [("match", true), ("Printed", true), ("TargetLabels", true), ("Accepted", false)];
    stop(
        &limit,
        "n",
        &gates,
        "label_limit exceeded (metric: n, number of labels: 6, limit: 2)",
        Some("raise label_limit from 2 to at least 6"),
    );

    let limit = format!("{all}    sample_limit: 2\n");
    let gates = [("match", true), ("Printed", true), ("TargetLabels", true), ("Scrape", false)];
    let remedy = "raise sample_limit from 2 to at least 3, or select or keep fewer series";
    stop(&limit, "n", &gates, "sample limit exceeded", Some(remedy));

    let broken = "    params: { 'match[]': ['{job='] }\n";
    let remedy = Some("correct {job=, or leave it out");
    stop(broken, "n", &[("Request", false)], "server returned HTTP status 400 Bad Request", remedy);

    let prefix = format!(
        "{all}    relabel_configs: [{{ target_label: __metrics_path__, replacement: /p/federate }}]\n"
    );
    let remedy = Some("set metrics_path: /federate");
    stop(&prefix, "n", &[("Request", false)], "server returned HTTP status 404 Not Found", remedy);

    let nameless = format!(
        "{all}    metric_relabel_configs: [{{ regex: z, action: labeldrop }}, {{ regex: __name__, action: labeldrop }}]\n"
    );
    let gates = [
        ("match", true),
        ("Printed", true),
        ("TargetLabels", true),
        ("Rule(0)", true),
        ("Rule(1)", true),
        ("Accepted", false),
    ];
    let remedy = Some("leave rule 2 of metric_relabel_configs out");
    stop(&nameless, "n", &gates, "missing metric name", remedy);
}

#[test]
fn labels_are_told_before_and_after_each_gate() {
    let job = "    params: { 'match[]': ['n'] }\n    metric_relabel_configs: [{ regex: exported_job, action: labeldrop }]\n";
    let gates = [("match", true), ("Printed", true), ("TargetLabels", true), ("Rule(0)", true)];
    let last = check(job, "n", &gates);
    let before = "{__name__=\"n\", exported_instance=\"a\", exported_job=\"node\", instance=\"leaf:9090\", job=\"federate\", region=\"eu\"}";
    let after =
        "{__name__=\"n\", exported_instance=\"a\", instance=\"leaf:9090\", job=\"federate\", region=\"eu\"}";
    let show = |labels: &LabelSet| {
        let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        format!("{{{}}}", pairs.join(", "))
    };
    assert_eq!((show(&last.before).as_str(), show(&last.after).as_str()), (before, after));
}

#[test]
fn a_series_that_others_bring_too_is_told_to_be_shared() {
    let global = "scrape_configs:\n  - job_name: federate\n    honor_labels: true\n    metrics_path: /federate\n    \
                  params: { 'match[]': ['n'] }\n    static_configs: [{ targets: ['leaf-1:9090', 'leaf-2:9090'] }]\n";
    let files = [
        ("global.yml", global),
        ("leaf-1.yml", LEAF),
        ("leaf-1.prom", SAMPLES),
        ("leaf-2.yml", LEAF),
        ("leaf-2.prom", SAMPLES),
    ];
    let preview = preview(&files);
    agrees(&preview);
    let node = preview.workspace.nodes.iter().position(|node| node.name == "global").expect("a global");
    let store = preview.nodes[node].store();
    let row = (0..store.len() as Row).find(|&row| store.metric_name(row) == "n").expect("a series");
    let trace = trace(&preview, Stop { node, row }).expect("a trace");
    assert_eq!((trace.down.len(), trace.first.len(), trace.up.len()), (2, 2, 0));
    for hop in &trace.down {
        let Fate::Stored { stop, shared_with, .. } = &hop.fate else { panic!("{hop:?}") };
        assert_eq!((*stop, shared_with.len()), (Stop { node, row }, 1));
    }
    assert!(super::trace(&preview, Stop { node, row: Row::MAX }).is_none());
    assert!(super::trace(&preview, Stop { node: 9, row: 0 }).is_none());
}

#[test]
fn what_shares_a_series_is_told_once_a_source() {
    let global = "scrape_configs:\n  - job_name: federate\n    honor_labels: true\n    metrics_path: /federate\n    \
                  params: { 'match[]': ['{job=\"shop\"}'] }\n    static_configs: [{ targets: ['leaf-1:9090', 'leaf-2:9090'] }]\n    \
                  metric_relabel_configs: [{ target_label: __name__, replacement: m }, { regex: le, action: labeldrop }]\n";
    let three = format!("{SAMPLES}o{{instance=\"a\",job=\"shop\"}} 1\n");
    let files = [
        ("global.yml", global),
        ("leaf-1.yml", LEAF),
        ("leaf-1.prom", &three),
        ("leaf-2.yml", LEAF),
        ("leaf-2.prom", SAMPLES),
    ];
    let preview = preview(&files);
    agrees(&preview);
    let node = preview.workspace.nodes.iter().position(|node| node.name == "global").expect("a global");
    let store = preview.nodes[node].store();
    let row = (0..store.len() as Row).find(|&row| store.metric_name(row) == "m").expect("a series");
    let trace = trace(&preview, Stop { node, row }).expect("a trace");
    let told: Vec<Vec<String>> = trace
        .down
        .iter()
        .map(|hop| {
            let Fate::Stored { shared_with, .. } = &hop.fate else { panic!("{hop:?}") };
            words::sharing(&preview, hop, node, shared_with, |_| String::new())
        })
        .collect();
    let of = |own: &str, other: &str| {
        vec![
            format!("{own} of job federate from leaf-1:9090"),
            format!("{other} of job federate from leaf-2:9090"),
        ]
    };
    assert_eq!(told.len(), 5);
    assert_eq!(told[0], of("2 other series", "2 series"));
    assert_eq!(told[4], of("3 series", "another series"));
}

/// A server with one federating job.
#[derive(Clone, Debug)]
struct Federating {
    targets: &'static str,
    selectors: Vec<String>,
    rules: Vec<String>,
    settings: Vec<String>,
}

impl Federating {
    fn yaml(&self) -> String {
        let quoted: Vec<String> =
            self.selectors.iter().map(|selector| format!("'{}'", selector.replace('\'', "''"))).collect();
        let mut text = format!(
            "scrape_configs:\n  - job_name: f\n    metrics_path: /federate\n    static_configs: [{{ targets: [{}], labels: {{ x: t }} }}]\n    params: {{ 'match[]': [{}] }}\n    metric_relabel_configs: [{}]\n",
            self.targets,
            quoted.join(", "),
            self.rules.join(", ")
        );
        for setting in &self.settings {
            text.push_str("    ");
            text.push_str(setting);
            text.push('\n');
        }
        text
    }
}

fn federating(targets: &'static str) -> impl Strategy<Value = Federating> {
    let some = |from: &[&str], most| {
        let all: Vec<String> = from.iter().map(|&text| text.to_owned()).collect();
        prop::sample::subsequence(all, 0..=most)
    };
    let selectors = some(
        &[
            "{job=\"a\"}",
            "{__name__=~\"m.*\"}",
            "up",
            "{region=\"eu\"}",
            "{job!=\"\",x=\"\"}",
            "{job=~\"b|\"}",
            "{x!~\"1|long.*\",job!=\"a\"}",
        ],
        4,
    );
    let rules = some(
        &[
            "{ source_labels: [job], regex: b, action: drop }",
            "{ source_labels: [exported_job], regex: 'a?', action: keep }",
            "{ regex: 'x|exported_instance', action: labeldrop }",
            "{ regex: '(.)', action: labelmap, replacement: 'to_$1' }",
            "{ regex: 'job|x|exported_job', action: labelmap, replacement: to }",
            "{ source_labels: [x], target_label: __name__ }",
            "{ source_labels: [job, x], target_label: job }",
            "{ regex: '__name__|x', action: labeldrop }",
            "{ source_labels: [job, instance], regex: '.;.*', action: keep }",
        ],
        3,
    )
    .prop_shuffle();
    let settings = some(
        &[
            "honor_labels: true",
            "label_limit: 7",
            "sample_limit: 6",
            "label_value_length_limit: 9",
            "label_name_length_limit: 17",
            "body_size_limit: 400B",
            "honor_timestamps: false",
        ],
        2,
    );
    (selectors, rules, settings).prop_map(move |(selectors, rules, settings)| Federating {
        targets,
        selectors,
        rules,
        settings,
    })
}

fn samples() -> impl Strategy<Value = String> {
    let label = |name: &'static str, values: &'static [&'static str]| {
        prop::option::of(prop::sample::select(values)).prop_map(move |value| (name, value))
    };
    let labels = (
        label("job", &["a", "b", ""]),
        label("instance", &["i", ""]),
        label("region", &["eu", "us"]),
        label("x", &["1", "long enough"]),
        label("exported_job", &["e", ""]),
        label("exported_x", &["e"]),
    );
    let name = prop::sample::select(&["m", "m_total", "up", "n"][..]);
    let value = prop::sample::select(&["1", "2 1700000000000", "NaN", "3 1600000000000"][..]);
    let line = (name, labels, value).prop_map(|(name, (a, b, c, d, e, f), value)| {
        let pairs: Vec<String> = [a, b, c, d, e, f]
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={:?}", value?)))
            .collect();
        format!("{name}{{{}}} {value}\n", pairs.join(","))
    });
    prop::collection::vec(line, 0..8).prop_map(|lines| lines.concat())
}

/// Three servers, one over the other, and an application.
#[derive(Clone, Debug)]
struct Tiers {
    middle: Federating,
    global: Federating,
    leaf: String,
    application: String,
    version: &'static str,
    external: &'static str,
}

impl Tiers {
    fn preview(&self) -> Preview {
        let Self { version, external, .. } = self;
        let manifest = format!(
            "prometheus: \"{version}\"\nnodes:\n  global: {{ config: global.yml }}\n  middle: {{ config: middle.yml, listen: ['middle:9090'] }}\n  \
             leaf: {{ config: leaf.yml, listen: ['leaf:9090'], samples: leaf.prom }}\ntargets:\n  app: {{ listen: ['app:80'], metrics: app.prom, content_type: text/plain }}\n"
        );
        let leaf_config = format!(
            "global: {{ external_labels: {{ {external} }} }}\nscrape_configs: [{{ job_name: app, static_configs: [{{ targets: ['app:80'] }}] }}]\n"
        );
        let middle = format!("global: {{ external_labels: {{ {external} }} }}\n{}", self.middle.yaml());
        preview(&[
            ("promtier.yaml", &manifest),
            ("global.yml", &self.global.yaml()),
            ("middle.yml", &middle),
            ("leaf.yml", &leaf_config),
            ("leaf.prom", &self.leaf),
            ("app.prom", &self.application),
        ])
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn traces_agree_with_previews(
        middle in federating("'leaf:9090'"),
        global in federating("'middle:9090', 'leaf:9090'"),
        leaf in samples(),
        application in samples(),
        version in prop::sample::select(&["2.42", "3.5", "3.9", "3.14"][..]),
        external in prop::sample::select(&["", "region: eu", "region: eu, job: z, instance: q"][..]),
    ) {
        let tiers = Tiers { middle, global, leaf, application, version, external };
        let preview = tiers.preview();
        prop_assert_eq!(preview.topology.pulls.len(), 4);
        agrees(&preview);
        for node in 0..preview.nodes.len() {
            for row in 0..preview.nodes[node].store().len() as Row {
                let trace = trace(&preview, Stop { node, row }).expect("a trace");
                prop_assert!(!trace.first.is_empty() && !trace.cut_off);
                // Whatever brought it down there has stored it.
                let stored = trace.down.iter().filter(|hop| matches!(hop.fate, Fate::Stored { .. }));
                prop_assert_eq!(stored.count(), trace.down.len());
            }
        }
    }
}
