//! What a command and an editor wait for: a whole check of a large configuration, and a keystroke in a long one.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use promtier::diagnostic::Severity;
use promtier::engine::protocol::{PlaceQuery, Request, Response};
use promtier::engine::{Session, Step};
use promtier::federation::{self, Memo, Preview};
use promtier::workspace::Files;

use crate::configurations;
use crate::inputs;
use crate::rounds::{Subject, interleave};

const SEED: u64 = 0x5eed;

/// All that `promtier check` does with a text that it has read: every finding of the file, its targets, what the
/// server would store and what is found in that.
fn check_whole(text: &str) -> usize {
    let mut files = Files::new(SEED);
    files.put_text("prometheus.yml", text);
    let workspace = Arc::new(files.assemble());
    let preview = Preview::compute(workspace, None, &mut Memo::new(SEED)).expect("a preview");
    let found = preview.workspace.findings.iter().cloned().chain(federation::findings(&preview));
    found.filter(|finding| finding.diagnostic.severity == Severity::Error).count()
}

/// The command as it was built for release; `PROMTIER` names another one.
fn command() -> Option<PathBuf> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/release/promtier");
    let path = std::env::var_os("PROMTIER").map_or(built, PathBuf::from);
    path.exists().then_some(path)
}

/// `promtier check` of up to 10,000 jobs: in this process, and as the command, from its start to its end.
pub fn check(rounds: usize) {
    println!("\n## A whole check\n");
    let command = command();
    if command.is_none() {
        println!("`cargo build --release` first, or name the command in PROMTIER, to measure it as well.\n");
    }
    println!("| jobs | targets | MB | in one process | the command |\n|---|---|---|---|---|");
    let file = std::env::temp_dir().join(format!("promtier-measure-{}.yml", std::process::id()));
    for jobs in [100, 1_000, 10_000] {
        let text = configurations::text(jobs);
        assert_eq!(check_whole(&text), 0, "the configuration is sound");
        std::fs::write(&file, &text).expect("a temporary file");
        let run = || {
            let Some(command) = &command else { return 0 };
            let output = Command::new(command).arg("check").arg(&file).output().expect("the command starts");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            1
        };
        let mut subjects =
            [Subject::new("check", || check_whole(&text) as u64), Subject::new("command", run)];
        interleave(rounds, &mut subjects);
        let milliseconds = |at: usize| format!("{:.0} ms", subjects[at].median().as_secs_f64() * 1e3);
        println!(
            "| {jobs} | {} | {:.1} | {} | {} |",
            jobs * 4,
            text.len() as f64 / 1e6,
            milliseconds(0),
            if command.is_some() { milliseconds(1) } else { "–".to_owned() },
        );
    }
    let _ = std::fs::remove_file(&file);
}

/// A workspace of one server below and one above, whose configuration has some 2,000 lines; the first of them is
/// what is edited.
fn session(series: usize) -> (Session, String) {
    let mut text = configurations::text(62);
    text.push_str(
        "  - job_name: federate\n    honor_labels: true\n    metrics_path: /federate\n    params:\n      match[]:\n        - '{job=~\"job-1.*\"}'\n        - '{__name__=~\"metric_1.*\"}'\n    static_configs:\n      - targets: ['leaf:9090']\n",
    );
    let mut session = Session::new(SEED);
    let put = |path: &str, text: &str| Request::Put { path: path.to_owned(), text: text.to_owned() };
    session.request(put("leaf.yml", "global: {}\n"));
    session.request(Request::Load { path: "leaf.prom".to_owned(), bytes: 0 });
    session.load_chunk("leaf.prom", inputs::typical(series).as_bytes());
    session.load_end("leaf.prom");
    session.request(put("global.yml", &text));
    settle(&mut session);
    (session, text)
}

fn settle(session: &mut Session) {
    while session.step() != Step::Idle {}
}

/// What is typed: a key with its value, somewhere in the middle, and a selector, at the end. Each character makes a
/// text; the half-typed ones are broken in all ways that typing has.
fn texts(text: &str) -> Vec<(String, usize)> {
    let middle = text.match_indices("    scheme: https\n").nth(31).expect("a line in the middle").0;
    let end = text.find("        - '{__name__").expect("the selectors");
    let typed =
        [(middle, "    sample_limit: 5000\n"), (end, "        - '{job=\"job-12\",instance!~\"10.*\"}'\n")];
    let mut texts = Vec::new();
    for (at, line) in typed {
        for stop in 1..=line.len() {
            let mut edited = String::with_capacity(text.len() + stop);
            edited.push_str(&text[..at]);
            edited.push_str(&line[..stop]);
            if stop < line.len() {
                edited.push('\n');
            }
            edited.push_str(&text[at..]);
            texts.push((edited, at + stop));
        }
    }
    texts
}

fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort();
    times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3
}

/// A keystroke in a configuration of 2,000 lines: from the text to its analysis, and to what may be written next.
pub fn typing(rounds: usize) {
    println!("\n## A keystroke in a configuration of 2,000 lines\n");
    println!(
        "| series below | lines | analysis, median | p95 | completion, p95 | hover, p95 |\n|---|---|---|---|---|---|"
    );
    for series in [5_000, 100_000] {
        let (mut session, text) = session(series);
        let texts = texts(&text);
        let (mut analyses, mut completions, mut hovers) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds.min(5) {
            for (edited, caret) in &texts {
                let request = Request::Put { path: "global.yml".to_owned(), text: edited.clone() };
                let start = Instant::now();
                session.request(request);
                settle(&mut session);
                analyses.push(start.elapsed());
                let query = PlaceQuery { id: 0, path: "global.yml".to_owned(), offset: *caret as u32 };
                let start = Instant::now();
                let offered = session.request(Request::Complete(query.clone()));
                completions.push(start.elapsed());
                assert!(matches!(offered[..], [Response::Completions(_)]));
                let start = Instant::now();
                session.request(Request::Hover(query));
                hovers.push(start.elapsed());
            }
        }
        println!(
            "| {series} | {} | {:.1} ms | {:.1} ms | {:.2} ms | {:.2} ms |",
            text.lines().count(),
            percentile(&mut analyses, 50),
            percentile(&mut analyses, 95),
            percentile(&mut completions, 95),
            percentile(&mut hovers, 95),
        );
    }
}
