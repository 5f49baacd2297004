use super::protocol::{
    Analysis, CompletionKindView, ExpectationAnswer, ExpectationQuery, FateView, FileKind, LoadOutcome,
    MarkView, Origin, PlaceQuery, Request, Response, RowsQuery, Tone, Topic, TraceAnswer, TraceQuery,
};
use super::{Session, Step};

const LEAF: &str = "global:\n  external_labels: { region: eu }\nscrape_configs:\n- job_name: app\n";
const SAMPLES: &str = "up{job=\"app\",region=\"eu\",instance=\"\"} 1 1000\njob:up:sum{job=\"app\",region=\"eu\",instance=\"\"} 2 1000\ngo_info{region=\"eu\",instance=\"i\"} 1 1000\n";
const GLOBAL: &str = "scrape_configs:\n- job_name: federate\n  honor_labels: true\n  metrics_path: /federate\n  params:\n    match[]:\n    - '{job=\"app\"}'\n    - '{__name__=~\"job:.*\"}'\n    - '{region=\"eu\"}'\n  static_configs:\n  - targets: ['leaf:9090']\n";

fn put(session: &mut Session, path: &str, text: &str) {
    assert_eq!(session.request(Request::Put { path: path.to_owned(), text: text.to_owned() }), []);
}

fn settle(session: &mut Session) -> Analysis {
    let mut newest = None;
    for _ in 0..1000 {
        match session.step() {
            Step::Idle => return newest.expect("an analysis"),
            Step::Working => {}
            Step::Answer(answer) => {
                if let Response::Analysis(analysis) = *answer {
                    newest = Some(*analysis);
                }
            }
        }
    }
    panic!("the session does not come to rest");
}

fn two_tiers() -> (Session, Analysis) {
    let mut session = Session::new(1);
    put(&mut session, "leaf.yml", LEAF);
    put(&mut session, "leaf.prom", SAMPLES);
    put(&mut session, "global.yml", GLOBAL);
    let analysis = settle(&mut session);
    (session, analysis)
}

fn rows(session: &mut Session, query: RowsQuery) -> super::protocol::RowsAnswer {
    match session.request(Request::Rows(query)).pop() {
        Some(Response::Rows(answer)) => answer,
        other => panic!("no rows: {other:?}"),
    }
}

#[test]
fn shows_tiers_pulls_and_counts() {
    let (_, analysis) = two_tiers();
    let found: Vec<(&str, u32)> =
        analysis.findings.iter().map(|finding| (finding.code.as_str(), finding.range.line)).collect();
    assert_eq!(found, [("federation/external-label-matcher", 9)]);
    let nodes: Vec<(&str, u32)> = analysis.nodes.iter().map(|node| (node.name.as_str(), node.tier)).collect();
    assert_eq!(nodes, [("leaf", 0), ("global", 1)]);
    let pull = &analysis.pulls[0];
    assert_eq!((pull.exposed, pull.kept, pull.source.as_deref()), (2, 2, Some("leaf")));
    let counts: Vec<(u32, u32)> =
        pull.selectors.iter().map(|selector| (selector.matched, selector.only)).collect();
    assert_eq!(counts, [(2, 1), (1, 0), (0, 0)], "external labels are not matched");
    let lenses: Vec<(u32, String, Tone)> = analysis
        .lenses
        .iter()
        .map(|lens| (lens.line, format!("{} {}", lens.lead, lens.text), lens.tone))
        .collect();
    assert_eq!(lenses[0].0, 2);
    assert!(lenses[0].1.starts_with("2 series · "), "{lenses:?}");
    assert_eq!(lenses[1], (7, "2 · 1 only here".to_owned(), Tone::Good));
    assert_eq!(lenses[3], (9, "0 · never matches".to_owned(), Tone::Bad));
    assert_eq!(lenses[4], (11, " → leaf".to_owned(), Tone::Plain));
}

#[test]
fn equal_series_of_two_sources_are_reported_where_the_second_is_pulled() {
    let (mut session, _) = two_tiers();
    put(&mut session, "leaf-2.yml", LEAF);
    put(&mut session, "leaf-2.prom", SAMPLES);
    put(&mut session, "global.yml", &GLOBAL.replace("['leaf:9090']", "['leaf:9090', 'leaf-2:9090']"));
    let analysis = settle(&mut session);
    let found: Vec<(&str, u32, &str)> = analysis
        .findings
        .iter()
        .map(|finding| (finding.code.as_str(), finding.range.column, finding.message.as_str()))
        .collect();
    let words = "2 series arrive from `leaf-2:9090` as well as from `leaf:9090`, with equal labels";
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].0, "federation/external-label-matcher");
    assert_eq!(found[1], ("federation/colliding-series", 28, words));
    let global = analysis.nodes.iter().find(|node| node.name == "global").expect("global");
    assert_eq!((global.series, global.synthetic), (12, 10));
}

#[test]
fn rows_come_sorted_with_labels_values_and_origins() {
    let (mut session, _) = two_tiers();
    let answer = rows(
        &mut session,
        RowsQuery { id: 7, node: "global".to_owned(), count: 100, ..RowsQuery::default() },
    );
    assert_eq!((answer.id, answer.total), (7, 7));
    let first = &answer.rows[0];
    assert_eq!(first.name, "job:up:sum");
    assert_eq!(first.labels, [("job".to_owned(), "app".to_owned()), ("region".to_owned(), "eu".to_owned())]);
    assert_eq!(first.value.as_deref(), Some("2"));
    assert_eq!(first.origins, [Origin::Pull { pull: 0, selectors: vec![0, 1] }]);
    let up = answer.rows.iter().filter(|row| row.name == "up").count();
    assert_eq!(up, 2, "the leaf's own and the report of the pull");

    let query = RowsQuery {
        node: "global".to_owned(),
        filter: "up".to_owned(),
        start: 1,
        count: 1,
        ..RowsQuery::default()
    };
    let answer = rows(&mut session, query);
    assert_eq!((answer.total, answer.rows.len(), answer.start), (2, 1, 1));
    let query =
        RowsQuery { node: "global".to_owned(), filter: "up{".to_owned(), count: 9, ..RowsQuery::default() };
    let answer = rows(&mut session, query);
    assert!(answer.filter_error.contains("parse error"), "{}", answer.filter_error);
    assert_eq!(answer.total, 7);
    let query = RowsQuery { node: "nobody".to_owned(), count: 9, ..RowsQuery::default() };
    assert_eq!(rows(&mut session, query).total, 0);
}

#[test]
fn an_edit_changes_the_counts_and_a_broken_text_keeps_the_preview() {
    let (mut session, before) = two_tiers();
    put(&mut session, "global.yml", &GLOBAL.replace("'{job=\"app\"}'", "go_info"));
    let after = settle(&mut session);
    assert!(after.revision > before.revision);
    assert_eq!(after.pulls[0].selectors[0].matched, 1);
    put(&mut session, "global.yml", &GLOBAL.replace("'{job=\"app\"}'", "'{job='"));
    let broken = settle(&mut session);
    let lines: Vec<u32> = broken.findings.iter().map(|finding| finding.range.line).collect();
    // The broken selector, and of the preview that stays the series without `job` and the external label.
    assert_eq!(lines, [7, 7, 9]);
    assert_eq!(broken.pulls[0].selectors[0].matched, 1, "the last good preview stays");
    assert!(broken.files.iter().any(|file| file.path == "global.yml" && file.from_last_valid));
}

#[test]
fn an_edit_evaluates_the_changed_selector_alone() {
    let (mut session, _) = two_tiers();
    put(&mut session, "global.yml", &GLOBAL.replace("{job=\"app\"}", "{job=\"web\"}"));
    settle(&mut session);
    let evaluated = session.evaluated_selectors();
    put(&mut session, "global.yml", &GLOBAL.replace("{job=\"app\"}", "{job=\"api\"}"));
    settle(&mut session);
    assert_eq!(session.evaluated_selectors(), evaluated + 1);
    put(&mut session, "notes.txt.bak", "unrelated");
    settle(&mut session);
    assert_eq!(session.evaluated_selectors(), evaluated + 1);
}

#[test]
fn samples_load_in_pieces_and_can_be_cancelled() {
    let (mut session, _) = two_tiers();
    let load = |session: &mut Session| {
        let announced = Request::Load { path: "leaf.prom".to_owned(), bytes: 8 };
        assert_eq!(session.request(announced), []);
        session.load_chunk("leaf.prom", b"up{job=\"a")
    };
    assert!(matches!(load(&mut session)[..], [Response::Progress { done: 9, .. }]));
    let cancelled = session.request(Request::CancelLoad { path: "leaf.prom".to_owned() });
    assert!(matches!(&cancelled[..], [Response::Loaded { outcome: LoadOutcome::Cancelled, .. }]));
    assert_eq!(session.load_chunk("leaf.prom", b"late"), []);
    load(&mut session);
    session.load_chunk("leaf.prom", b"pp\"} 1\n");
    let loaded = session.load_end("leaf.prom");
    assert!(
        matches!(&loaded[..], [Response::Loaded { outcome: LoadOutcome::Complete { series: 1, bytes: 16, head }, .. }] if head.starts_with("up")),
        "{loaded:?}"
    );
    let analysis = settle(&mut session);
    assert_eq!(analysis.pulls[0].exposed, 1);
    assert!(analysis.files.iter().any(|file| file.path == "leaf.prom" && file.series == Some(1)));
}

#[test]
fn an_empty_workspace_and_a_reset_answer_too() {
    let mut session = Session::new(1);
    assert_eq!(settle(&mut session).nodes, []);
    let (mut session, _) = two_tiers();
    session.request(Request::Reset { version: "2.42".to_owned() });
    put(&mut session, "a.yml", LEAF);
    let analysis = settle(&mut session);
    assert_eq!(analysis.nodes[0].version, "2.42");
    assert_eq!(session.step(), Step::Idle);
}

#[test]
fn completion_and_hover_answer_in_utf16_from_the_newest_text() {
    let (mut session, _) = two_tiers();
    let text = GLOBAL.replace("honor_labels: true", "# é😀\n  hono");
    put(&mut session, "global.yml", &text);
    let place = |needle: &str| {
        let at = text.find(needle).expect("a place") + needle.len();
        PlaceQuery { id: 3, path: "global.yml".to_owned(), offset: text[..at].encode_utf16().count() as u32 }
    };
    let asked = place("  hono");
    let Some(Response::Completions(answer)) = session.request(Request::Complete(asked.clone())).pop() else {
        panic!("completions are answered at once");
    };
    assert_eq!(answer.id, 3);
    let first = &answer.items[0];
    assert_eq!((first.label.as_str(), first.kind), ("honor_labels", CompletionKindView::Key));
    assert_eq!(first.edit, (asked.offset - 4, asked.offset, "honor_labels: ".to_owned()));
    let Some(Response::Hover(answer)) = session.request(Request::Hover(place("- '{job=\"a"))).pop() else {
        panic!("a hover is answered at once");
    };
    let hover = answer.hover.expect("a selector means something");
    assert_eq!(hover.lines[1], "It selects 2 series of leaf.");
    assert_eq!((hover.range.line, hover.range.column), (8, 8));
    let nowhere = PlaceQuery { path: "nowhere.yml".to_owned(), offset: u32::MAX, ..PlaceQuery::default() };
    assert!(matches!(session.request(Request::Hover(nowhere))[..], [Response::Hover(_)]));
}

#[test]
fn targets_of_files_are_pulled_from_and_told_beside_their_names() {
    let mut session = Session::new(1);
    put(&mut session, "leaf.yml", LEAF);
    put(&mut session, "leaf.prom", SAMPLES);
    put(
        &mut session,
        "global.yml",
        "scrape_configs:\n- job_name: f\n  metrics_path: /federate\n  params: { 'match[]': [up] }\n  file_sd_configs:\n  - files: ['t/*.json']\n  consul_sd_configs:\n  - server: c\n",
    );
    put(&mut session, "t/a.json", "[\n{\"targets\": [\"leaf:9090\"]}]");
    let analysis = settle(&mut session);
    assert_eq!(analysis.pulls[0].kept, 1);
    assert_eq!(analysis.pulls[0].path, "global.yml");
    let lenses: Vec<(&str, u32, String)> = analysis
        .lenses
        .iter()
        .map(|lens| (lens.path.as_str(), lens.line, format!("{} {}", lens.lead, lens.text)))
        .filter(|(_, _, text)| text.contains("target") || text.contains("leaf"))
        .collect();
    assert_eq!(
        lenses,
        [
            ("global.yml", 6, "1 target".to_owned()),
            ("global.yml", 7, " targets not in the workspace".to_owned()),
            ("t/a.json", 2, " → leaf".to_owned()),
        ]
    );
    let kinds: Vec<(FileKind, Option<&str>)> =
        analysis.files.iter().map(|file| (file.kind, file.node.as_deref())).collect();
    assert_eq!(kinds[3], (FileKind::Targets, Some("global")));
    put(&mut session, "t/a.json", "[{\"targets\": 1}]");
    let broken = settle(&mut session);
    assert_eq!(broken.nodes.iter().find(|node| node.name == "global").expect("a node").errors, 2);
    assert_eq!(broken.pulls.len(), 1, "what was read before stays");
}

#[test]
fn what_a_table_shows_is_written_down_as_what_is_expected() {
    let (mut session, _) = two_tiers();
    let ask = |session: &mut Session, node: &str, filter: &str| -> ExpectationAnswer {
        let query = ExpectationQuery { id: 3, node: node.to_owned(), filter: filter.to_owned() };
        match session.request(Request::WriteExpectation(query)).pop() {
            Some(Response::Expectation(answer)) => answer,
            other => panic!("no answer: {other:?}"),
        }
    };
    let first = ask(&mut session, "global", " up ");
    assert_eq!(first.text, "version: 1\nexpect:\n  - node: global\n    has: up\n");
    assert_eq!((first.id, first.path.as_str(), first.is_new), (3, "promtier.yaml", true));
    assert_eq!(first.says, "`global` has series that match `up`");
    put(&mut session, "promtier.yaml", &format!("# é→𝄞\n{}", first.text));
    let analysis = settle(&mut session);
    assert!(analysis.findings.iter().all(|finding| !finding.code.starts_with("expect/")));
    assert_eq!(analysis.nodes.len(), 2, "the nodes are those of the files");
    assert_eq!(ask(&mut session, "global", "up").error, "promtier.yaml expects this already");
    let second = ask(&mut session, "global", "go_info");
    assert_eq!(second.edits, [(54, 54, "\n  - node: global\n    lacks: go_info".to_owned())]);
    assert!(!second.is_new && second.text.starts_with("# é→𝄞\nversion: 1\n"));
    assert!(ask(&mut session, "global", "").text.ends_with("max_series: 7\n"));
    assert!(ask(&mut session, "global", "up{").error.contains("parse error"));
    assert!(ask(&mut session, "nobody", "up").error.contains("nobody"));
}

#[test]
fn what_comes_near_is_told_beside_selectors() {
    let (_, analysis) = two_tiers();
    let selectors = &analysis.pulls[0].selectors;
    assert!(selectors[2].near.contains("`region` is an external label"), "{}", selectors[2].near);
    let within = selectors[1].within.as_ref().expect("all of it is in the first");
    assert_eq!((within.selector, within.equal, within.always), (0, false, false));
    assert_eq!(selectors[0].near, "");
}

fn trace(session: &mut Session, node: &str, name: &str, labels: &[(&str, &str)]) -> TraceAnswer {
    let labels = labels.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let query = TraceQuery { id: 7, node: node.to_owned(), name: name.to_owned(), labels, hops: 20 };
    match session.request(Request::Trace(query)).pop() {
        Some(Response::Trace(answer)) => answer,
        other => panic!("no trace: {other:?}"),
    }
}

#[test]
fn traces_a_series_both_ways() {
    let (mut session, _) = two_tiers();
    let up = trace(&mut session, "leaf", "up", &[("job", "app")]);
    assert_eq!((up.id, up.arrives, up.outcome.as_str()), (7, true, "It arrives at global."));
    assert_eq!(up.first[0].from, "samples in leaf.prom");
    let hop = &up.up[0];
    assert_eq!((hop.source.as_str(), hop.node.as_str(), hop.fate), ("leaf", "global", FateView::Stored));
    let gates: Vec<(&str, bool, u32)> =
        hop.gates.iter().map(|gate| (gate.title.as_str(), gate.passed, gate.range.line)).collect();
    assert_eq!(gates[0], ("Selected by match[] #1", true, 7));
    let stored = trace(&mut session, "global", "up", &[("job", "app"), ("region", "eu")]);
    assert_eq!((stored.down.len(), stored.up.len(), stored.arrives), (1, 0, true));
    assert_eq!(stored.outcome, "No server pulls from global.");
}

#[test]
fn traces_a_series_to_where_it_is_stopped() {
    let (mut session, _) = two_tiers();
    let lost = trace(&mut session, "leaf", "go_info", &[("instance", "i")]);
    let hop = &lost.up[0];
    assert_eq!((lost.arrives, hop.fate, hop.series.as_str()), (false, FateView::Stopped, ""));
    let gate = hop.gates.last().expect("a gate");
    let place = (gate.path.as_str(), gate.range.line);
    assert_eq!(
        (gate.title.as_str(), gate.passed, place),
        ("Selected by no match[]", false, ("global.yml", 7))
    );
    assert_eq!(gate.remedy, "add the selector go_info to match[]");
    let gone = trace(&mut session, "leaf", "go_info", &[]);
    assert_eq!(gone.series, "");
    assert_eq!(trace(&mut session, "nobody", "", &[]).series, "");
}

#[test]
fn shows_what_a_gate_changes() {
    let mut session = Session::new(1);
    put(&mut session, "leaf.yml", LEAF);
    put(&mut session, "leaf.prom", "up{job=\"app\"} 1 1000\n");
    put(&mut session, "global.yml", &GLOBAL.replace("honor_labels: true", "honor_labels: false"));
    settle(&mut session);
    let up = trace(&mut session, "leaf", "up", &[("job", "app")]);
    let changed: Vec<String> = up.up[0]
        .gates
        .iter()
        .map(|gate| {
            let marked = gate.series.iter().map(|(mark, text)| match mark {
                MarkView::Kept => text.clone(),
                MarkView::Added => format!("[+{text}]"),
                MarkView::Removed => format!("[-{text}]"),
            });
            marked.collect()
        })
        .collect();
    let expect = [
        "",
        "up{[+instance=\"\"], job=\"app\", [+region=\"eu\"]}",
        "up{[+exported_job=\"app\"], [-instance=\"\"] [+instance=\"leaf:9090\"], [-job=\"app\"] [+job=\"federate\"], \
         region=\"eu\"}",
    ];
    assert_eq!(changed, expect);
}

#[test]
fn tables_on_a_node_are_made_when_asked_for() {
    let mut session = Session::new(1);
    put(&mut session, "leaf.yml", LEAF);
    put(&mut session, "leaf.prom", SAMPLES);
    put(&mut session, "other.yml", &LEAF.replace("job_name: app", "job_name: app\n  scrape_interval: 20s"));
    put(&mut session, "other.prom", SAMPLES);
    put(&mut session, "global.yml", &GLOBAL.replace("['leaf:9090']", "['leaf:9090', 'other:9090']"));
    put(
        &mut session,
        "promtier.yaml",
        "version: 1\nnodes:\n  leaf: { config: leaf.yml, listen: ['leaf:9090'], samples: [leaf.prom], replica_set: pair }\n  other: { config: other.yml, listen: ['other:9090'], samples: [other.prom], replica_set: pair }\n  global: { config: global.yml }\n",
    );
    settle(&mut session);
    let mut tables = |node: &str, topic: Topic| -> Vec<(String, Vec<String>)> {
        let Some(Response::Details(answer)) =
            session.request(Request::Details { node: node.to_owned(), topic }).pop()
        else {
            panic!("no tables");
        };
        assert_eq!(answer.topic, topic);
        let row = |row: &Vec<super::protocol::CellView>| {
            row.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" | ")
        };
        answer
            .tables
            .into_iter()
            .map(|table| (table.title + ": " + &table.about, table.rows.iter().map(row).collect()))
            .collect()
    };
    let mut one = |topic: Topic, title: &str| {
        let mut all = tables("global", topic);
        assert_eq!(all.len(), 1, "{title}");
        assert!(all[0].0.starts_with(title), "{}", all[0].0);
        all.remove(0).1
    };
    let pulls =
        ["in all |  | 4 |  | 5 B/s | 0.07 | ", "federate ← leaf:9090 | 2 | 2 | 0 | 142 B | 0.03 | 1m"];
    assert_eq!(one(Topic::Volume, "What it pulls: ")[..2], pulls);
    assert_eq!(one(Topic::Freshness, "How old its newest values may be: ")[0], "in all | 2m");
    let collisions = one(Topic::Collisions, "What collides: ");
    assert!(collisions[0].starts_with("federate ← leaf:9090 | federate ← other:9090 | 2 | "));
    let covered = [
        "all that it selects | 2 | 2 | 1 | 0",
        "`up{job=\"app\"}` | 1 | ✓ | – | –",
        "`job:up:sum{job=\"app\"}` | 1 | ✓ | ✓ | –",
        "not answered | 1 | – | – | –",
    ];
    assert_eq!(one(Topic::Coverage, "What selectors cover: federate ← leaf:9090, other:9090"), covered);
    assert_eq!(tables("global", Topic::Replicas), []);
    let leaf = tables("leaf", Topic::Replicas);
    assert_eq!(leaf.len(), 1);
    assert_eq!(
        leaf[0].0,
        "How its replicas differ: `leaf`, `other` are replicas: no external label tells them apart."
    );
    assert_eq!(leaf[0].1, ["job `app`: scrape_interval | 1m | 20s"]);
    assert_eq!(tables("nobody", Topic::Volume), []);
}
