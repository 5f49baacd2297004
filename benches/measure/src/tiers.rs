//! Federation over three tiers: everything at once, one edit, one trace; and two hundred servers.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use promtier::engine::protocol::Request;
use promtier::engine::{Session, Step};
use promtier::federation::trace::{Stop, trace};
use promtier::federation::{Memo, Preview};
use promtier::lint;
use promtier::workspace::{Files, SampleFormat, SampleReader, Samples};

use crate::inputs;
use crate::parts::selectors;
use crate::rounds::{Subject, interleave};

const SEED: u64 = 0x5eed;
/// Servers in the lowest tier.
const LEAVES: usize = 10;
/// The leaves that each of the servers in the middle pulls from.
const MIDDLES: [std::ops::Range<usize>; 2] = [0..5, 5..10];

/// What a leaf's `/federate` printed, read once.
fn samples(series: usize) -> Arc<Samples> {
    let mut reader = SampleReader::new(SampleFormat::default(), SEED);
    reader.push(inputs::typical(series).as_bytes());
    Arc::new(reader.finish())
}

/// Twenty recording rules over the metrics of the typical input: sums of rates, and quantiles.
fn rules() -> String {
    let text = inputs::typical(20_000);
    let names = |suffix: &str| -> Vec<String> {
        let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" untyped"));
        types.filter(|name| name.ends_with(suffix)).map(str::to_owned).collect()
    };
    let mut out = String::from("groups:\n- name: aggregates\n  rules:\n");
    for (at, name) in names("_total").iter().take(15).enumerate() {
        let by = ["job", "job, code", "namespace", "job, method, code"][at % 4];
        writeln!(out, "  - {{ record: 'job:{name}:rate5m', expr: 'sum by ({by}) (rate({name}[5m]))' }}")
            .unwrap();
    }
    for name in names("_bucket").iter().take(4) {
        writeln!(
            out,
            "  - {{ record: 'job:{name}:p99', expr: 'histogram_quantile(0.99, sum by (le, job) (rate({name}[5m])))' }}"
        )
        .unwrap();
    }
    out.push_str(
        "  - { record: 'job:series:count', expr: 'count by (job) ({__name__=~\"app.*_total\"})' }\n",
    );
    out
}

fn job(selectors: &[String], targets: &[String]) -> String {
    let mut out = String::from(
        "scrape_configs:\n- job_name: federate\n  honor_labels: true\n  metrics_path: /federate\n  params:\n    match[]:\n",
    );
    for selector in selectors {
        writeln!(out, "    - '{selector}'").unwrap();
    }
    let targets: Vec<String> = targets.iter().map(|target| format!("'{target}:9090'")).collect();
    writeln!(out, "  static_configs: [{{ targets: [{}] }}]", targets.join(", ")).unwrap();
    out
}

/// The twenty selectors of `benches/selectors.rs`, as they are written.
fn twenty() -> Vec<String> {
    let written = selectors();
    let one = |matchers: &Vec<promtier::labels::Matcher>| {
        let matchers: Vec<String> = matchers
            .iter()
            .map(|matcher| {
                let (name, value) = (&matcher.name, matcher.value.to_string().replace('\\', "\\\\"));
                format!("{name}{}\"{value}\"", matcher.op.as_str())
            })
            .collect();
        format!("{{{}}}", matchers.join(","))
    };
    written.iter().map(one).collect()
}

/// Ten servers with the samples, two over five each, one over these.
fn files(with_rules: bool) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let rule_files = if with_rules { "rule_files: [rules.yml]\n" } else { "" };
    for leaf in 0..LEAVES {
        let config = format!("global: {{ external_labels: {{ leaf: 'l{leaf}' }} }}\n{rule_files}");
        files.push((format!("leaf-{leaf}.yml"), config));
    }
    files.push(("rules.yml".to_owned(), rules()));
    for (middle, leaves) in MIDDLES.into_iter().enumerate() {
        let targets: Vec<String> = leaves.map(|leaf| format!("leaf-{leaf}")).collect();
        files.push((format!("middle-{middle}.yml"), job(&twenty(), &targets)));
    }
    let upper = ["{__name__=~\"job:.*\"}".to_owned(), "up".to_owned(), "{code=~\"5..\"}".to_owned()];
    files.push(("global.yml".to_owned(), job(&upper, &["middle-0".to_owned(), "middle-1".to_owned()])));
    files
}

fn analyse(files: &mut Files, memo: &mut Memo) -> (Preview, usize) {
    let workspace = Arc::new(files.assemble());
    let preview = Preview::compute(workspace, None, memo).expect("a preview");
    let findings = lint::findings(&preview).len();
    (preview, findings)
}

/// Ten leaves with `series` series together, with rules or without: everything from nothing, one selector changed
/// in the tier above them, one series traced.
fn million(series: usize, with_rules: bool, rounds: usize) {
    let samples = samples(series / LEAVES);
    let workspace = || {
        let mut all = Files::new(SEED);
        for (path, text) in files(with_rules) {
            all.put_text(&path, text);
        }
        for leaf in 0..LEAVES {
            all.put_samples(&format!("leaf-{leaf}.prom"), Arc::clone(&samples));
        }
        all
    };
    let (preview, _) = analyse(&mut workspace(), &mut Memo::new(SEED));
    let of =
        |name: &str| preview.workspace.nodes.iter().position(|node| node.name == name).expect("a server");
    let count = |name: &str| preview.nodes[of(name)].store().len();
    let recorded = preview.nodes[of("leaf-0")].recorded();
    assert_eq!(recorded > 0, with_rules, "the rules make series");
    let (middle, global) = (count("middle-0"), count("global"));
    assert!(middle > series / 4 && global > 0, "{middle} and {global} series arrive");
    let chosen = Stop { node: of("leaf-3"), row: (count("leaf-3") / 2) as u32 };
    let is_traced = trace(&preview, chosen).is_some_and(|trace| !trace.up.is_empty());
    assert!(is_traced, "the series is followed upwards");

    // One that selects what others select, too, and one on which it depends what is stored.
    let edited = |at: usize, selector: &str| {
        let mut selectors = twenty();
        selectors[at] = selector.to_owned();
        let targets: Vec<String> = MIDDLES[0].clone().map(|leaf| format!("leaf-{leaf}")).collect();
        [job(&twenty(), &targets), job(&selectors, &targets)]
    };
    let (same, other) =
        (edited(0, "{job=\"kubernetes-service-014\"}"), edited(5, "{namespace=\"team-042-production\"}"));
    let (mut one, mut memo) = (workspace(), Memo::new(SEED));
    let (mut another, mut memo_of_other) = (workspace(), Memo::new(SEED));
    analyse(&mut one, &mut memo);
    another.put_text("middle-0.yml", other[1].as_str());
    let (changed, _) = analyse(&mut another, &mut memo_of_other);
    let left = changed.nodes[of("middle-0")].store().len();
    assert!(left < middle, "the selector decides on some series");
    let (mut turn, mut turn_of_other) = (0, 0);
    let mut subjects = [
        Subject::new("everything", || analyse(&mut workspace(), &mut Memo::new(SEED)).1 as u64),
        Subject::new("one selector", || {
            turn += 1;
            one.put_text("middle-0.yml", same[turn % 2].as_str());
            analyse(&mut one, &mut memo).1 as u64
        }),
        Subject::new("another selector", || {
            turn_of_other += 1;
            another.put_text("middle-0.yml", other[turn_of_other % 2].as_str());
            analyse(&mut another, &mut memo_of_other).1 as u64
        }),
        Subject::new("trace", || trace(&preview, chosen).map_or(0, |trace| trace.up.len() as u64)),
    ];
    interleave(rounds, &mut subjects);
    let milliseconds = |at: usize| subjects[at].median().as_secs_f64() * 1e3;
    println!(
        "| {series} | {} | {middle} | {global} | {:.0} ms | {:.0} ms | {:.0} ms | {:.2} ms |",
        if with_rules { format!("20, {recorded} series a leaf") } else { "none".to_owned() },
        milliseconds(0),
        milliseconds(1),
        milliseconds(2),
        milliseconds(3),
    );
}

/// `count` servers over three tiers, and what a keystroke in the uppermost one takes.
fn many(count: usize, rounds: usize) {
    let mut session = Session::new(SEED);
    let put = |path: String, text: String| Request::Put { path, text };
    let middles = count / 20;
    let leaves = count - middles - 1;
    for leaf in 0..leaves {
        let config = format!(
            "global: {{ external_labels: {{ leaf: 'l{leaf}' }} }}\nrule_files: [rules.yml]\nscrape_configs:\n- job_name: app\n  static_configs: [{{ targets: ['app-{leaf}:80'] }}]\n"
        );
        session.request(put(format!("leaf-{leaf}.yml"), config));
        session.request(Request::Load { path: format!("leaf-{leaf}.prom"), bytes: 0 });
        let text: String =
            (0..50).map(|at| format!("m{at}{{job=\"app\",instance=\"app-{leaf}\"}} 1\n")).collect();
        session.load_chunk(&format!("leaf-{leaf}.prom"), text.as_bytes());
        session.load_end(&format!("leaf-{leaf}.prom"));
    }
    session.request(put(
        "rules.yml".to_owned(),
        "groups:\n- name: g\n  rules:\n  - { record: 'job:m:sum', expr: 'sum by (job) (m1)' }\n".to_owned(),
    ));
    for middle in 0..middles {
        let of: Vec<String> =
            (0..leaves).filter(|leaf| leaf % middles == middle).map(|leaf| format!("leaf-{leaf}")).collect();
        session.request(put(format!("middle-{middle}.yml"), job(&["{job=~\".+\"}".to_owned()], &of)));
    }
    let of: Vec<String> = (0..middles).map(|middle| format!("middle-{middle}")).collect();
    let texts =
        ["{__name__=~\"job:.*\"}", "{__name__=~\"m1.*\"}"].map(|selector| job(&[selector.to_owned()], &of));
    session.request(put("global.yml".to_owned(), texts[0].clone()));
    let settle = |session: &mut Session| while session.step() != Step::Idle {};
    let start = Instant::now();
    settle(&mut session);
    let first = start.elapsed();
    let mut turn = 0;
    let mut subjects = [Subject::new("an edit", || {
        turn += 1;
        session.request(put("global.yml".to_owned(), texts[turn % 2].clone()));
        settle(&mut session);
        1
    })];
    interleave(rounds, &mut subjects);
    println!(
        "| {count} | {:.0} ms | {:.1} ms |",
        first.as_secs_f64() * 1e3,
        subjects[0].median().as_secs_f64() * 1e3
    );
}

/// Three tiers: a million series in the leaves, and many servers.
pub fn tiers(rounds: usize) {
    println!("\n## Three tiers\n");
    println!(
        "| series in ten leaves | rules | stored in one of the middle | at the top | everything | one selector changed | and with it what is stored | a trace |\n|---|---|---|---|---|---|---|---|"
    );
    for (series, with_rules) in [(100_000, true), (1_000_000, false), (1_000_000, true)] {
        million(series, with_rules, rounds.min(5));
    }
    println!("\n| servers | the first analysis | after an edit at the top |\n|---|---|---|");
    for count in [50, 200, 800] {
        many(count, rounds.min(5));
    }
}
