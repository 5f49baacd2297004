//! Real servers that federate from two replicas whose series nothing tells apart: what the preview says may happen is
//! what happens.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use promtier::federation::{Cause, Loss, Memo, Outcome, Preview, collisions};
use promtier::workspace::Files;
use serde_json::Value;

use crate::http::{Response, query_escape};
use crate::server::{Line, Proxy, Server, lines};

/// How often the replicas scrape, and how often the server above asks them, in seconds: more often, so that what is
/// refused does not rest on the phases.
const SAMPLED: u64 = 3;
const ASKED: u64 = 1;

/// What is refused as too late; the second is what a server says of a sample that has the time of another one.
const REFUSED: [&str; 2] = [
    "prometheus_target_scrapes_sample_out_of_order_total",
    "prometheus_target_scrapes_sample_duplicate_timestamp_total",
];

#[test]
fn samples_of_replicas_interleave_and_late_ones_are_refused() {
    let lines = lines("samples_of_replicas_interleave_and_late_ones_are_refused");
    thread::scope(|scope| {
        let tests: Vec<_> = lines.into_iter().map(|line| scope.spawn(move || check(line))).collect();
        for test in tests {
            if let Err(panic) = test.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

fn leaf(number: usize, proxy: &str) -> String {
    format!(
        "global: {{ scrape_interval: {SAMPLED}s }}\nscrape_configs:\n- job_name: app\n{proxy}  params: {{ from: [\"{number}\"] }}\n  static_configs: [{{ targets: [\"app:80\"] }}]\n"
    )
}

/// A server that asks both, keeping their timestamps and not, and one that takes samples out of order.
fn upper(targets: &str, window: &str) -> String {
    let job = |name: &str, more: &str| {
        format!(
            "- job_name: {name}\n  honor_labels: true\n  metrics_path: /federate\n{more}  params: {{ 'match[]': [load] }}\n  static_configs: [{{ targets: [{targets}], labels: {{ via: {name} }} }}]\n"
        )
    };
    let jobs = job("kept", "") + &job("forged", "  honor_timestamps: false\n");
    format!("global: {{ scrape_interval: {ASKED}s }}\n{window}scrape_configs:\n{jobs}")
}

/// The outcomes that are told of the workspace of two leaves and the server above.
fn told(line: Line, window: &str) -> Vec<Outcome> {
    let mut files = Files::new(1);
    let nodes = "a: { config: a.yml, samples: a.prom, replica_set: s }\n  b: { config: b.yml, samples: b.prom, replica_set: s }";
    let manifest =
        format!("prometheus: \"{}\"\nnodes:\n  {nodes}\n  upper: {{ config: upper.yml }}\n", line.version());
    files.put_text("promtier.yaml", manifest.as_str());
    for (number, name) in [(1, "a"), (2, "b")] {
        files.put_text(&format!("{name}.yml"), leaf(number, "").as_str());
        files.put_text(&format!("{name}.prom"), "load{job=\"app\",instance=\"app:80\"} 1\n");
    }
    files.put_text("upper.yml", upper("'a:9090', 'b:9090'", window).as_str());
    let preview =
        Preview::compute(Arc::new(files.assemble()), None, &mut Memo::new(1)).expect("a small preview");
    let found = collisions(&preview);
    assert!(found.iter().all(|collision| collision.cause == Cause::Replicas(0)), "{found:?}");
    found.into_iter().map(|collision| collision.outcome).collect()
}

const WINDOW: &str = "storage: { tsdb: { out_of_order_time_window: 10m } }\n";

fn check(line: Line) {
    let outcomes = told(line, "");
    let [Outcome::ByPhase(phases), Outcome::Alternate] = outcomes[..] else { panic!("{outcomes:?}") };
    assert_eq!((phases.all_kept, phases.otherwise), (Some(0.0), Loss::Some));
    assert_eq!(told(line, WINDOW)[0], Outcome::OutOfOrderWindow);

    let folder =
        std::env::temp_dir().join(format!("promtier-collisions-{}-{}", std::process::id(), line.version()));
    let proxy = Proxy::start(Box::new(|_, path, _| {
        let load = if path.contains("from=2") { 2 } else { 1 };
        Response::new(200, "text/plain; version=0.0.4", format!("load {load}\n"))
    }));
    let through = format!("  proxy_url: {}\n", proxy.url);
    let leaves: Vec<Server> = [1, 2]
        .into_iter()
        .map(|number| Server::start(line, &folder.join(format!("leaf-{number}")), &leaf(number, &through)))
        .collect();
    let targets: Vec<String> = leaves.iter().map(|leaf| format!("'127.0.0.1:{}'", leaf.port)).collect();
    let targets = targets.join(", ");
    let mut strict = Server::start(line, &folder.join("strict"), &upper(&targets, ""));
    let mut window = Server::start(line, &folder.join("window"), &upper(&targets, WINDOW));
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let seen = [&mut strict, &mut window].map(seen);
        let [(strict_seen, strict_refused), (window_seen, window_refused)] = &seen;
        // Samples of both leaves are stored in turn, but where one of them always comes too late: that rests on
        // the phases, which the ports decide here.
        let mixed =
            [&strict_seen[1], &window_seen[0], &window_seen[1]].iter().all(|values| alternates(values));
        if mixed && *strict_refused > 0.0 {
            assert!(
                *window_refused < 0.5,
                "{window_refused} are refused by Prometheus {} with a window",
                line.version()
            );
            break;
        }
        assert!(
            Instant::now() < deadline,
            "Prometheus {} does not what is told; {}: {seen:?}",
            line.version(),
            folder.display()
        );
        thread::sleep(Duration::from_millis(500));
    }
    drop((leaves, strict, window, proxy));
    std::fs::remove_dir_all(&folder).ok();
}

/// A server that joins two series of one answer, keeping their timestamps and not: with timestamps their order
/// decides, and only one of two outcomes is seen; without, it is the first one.
#[test]
fn series_joined_in_one_answer_are_stored_by_their_order() {
    let lines = lines("series_joined_in_one_answer_are_stored_by_their_order");
    thread::scope(|scope| {
        let tests: Vec<_> = lines.into_iter().map(|line| scope.spawn(move || joined(line))).collect();
        for test in tests {
            if let Err(panic) = test.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

fn joined(line: Line) {
    let folder =
        std::env::temp_dir().join(format!("promtier-joined-{}-{}", std::process::id(), line.version()));
    let proxy = Proxy::start(Box::new(|host, _, _| {
        let load = if host.starts_with("two") { 2 } else { 1 };
        Response::new(200, "text/plain; version=0.0.4", format!("load {load}\n"))
    }));
    let lower = |proxy: &str| {
        format!(
            "global: {{ scrape_interval: 1s }}\nscrape_configs:\n- job_name: app\n{proxy}  static_configs: [{{ targets: ['one:80', 'two:80'] }}]\n"
        )
    };
    let joining = |target: &str| {
        let joins = "  metric_relabel_configs: [{ regex: instance, action: labeldrop }]\n";
        upper(&format!("'{target}'"), "")
            .replace("  honor_labels: true\n", &format!("  honor_labels: true\n{joins}"))
            .replace("scrape_interval: 1s", "scrape_interval: 2s")
    };
    let mut files = Files::new(1);
    files.put_text("leaf.yml", lower("").as_str());
    let samples = "load{job=\"app\",instance=\"one:80\"} 1\nload{job=\"app\",instance=\"two:80\"} 2\n";
    files.put_text("leaf.prom", samples);
    files.put_text("upper.yml", joining("leaf:9090").as_str());
    let preview =
        Preview::compute(Arc::new(files.assemble()), None, &mut Memo::new(1)).expect("a small preview");
    let told: Vec<_> = collisions(&preview).into_iter().map(|it| (it.cause, it.outcome)).collect();
    assert_eq!(told, [(Cause::SameAnswer, Outcome::ByOrder), (Cause::SameAnswer, Outcome::First)]);

    let through = lower(&format!("  proxy_url: {}\n", proxy.url));
    let mut leaf = Server::start(line, &folder.join("leaf"), &through);
    leaf.wait_for_scrapes(3);
    let target = format!("127.0.0.1:{}", leaf.port);
    let mut server = Server::start(line, &folder.join("upper"), &joining(&target));
    server.wait_for_scrapes(5);
    let ([kept, forged], _) = seen(&mut server);
    let constant = |values: &[String], value: &str| values.len() >= 3 && values.iter().all(|it| it == value);
    assert!(constant(&forged, "1"), "Prometheus {}: {forged:?}", line.version());
    assert!(constant(&kept, "1") || alternates(&kept), "Prometheus {}: {kept:?}", line.version());
    drop((leaf, server, proxy));
    std::fs::remove_dir_all(&folder).ok();
}

/// Whether values of both leaves come one after the other, and back.
fn alternates(values: &[String]) -> bool {
    values.windows(2).filter(|two| two[0] != two[1]).count() >= 3
}

/// The stored values of `load` by either job, and how many samples were refused as too late.
fn seen(server: &mut Server) -> ([Vec<String>; 2], f64) {
    let stored = ["kept", "forged"].map(|job| {
        let query = query_escape(format!("load{{via=\"{job}\"}}[5m]").as_bytes());
        let data = server.api(&format!("/api/v1/query?query={query}"));
        let series = data["result"].as_array().cloned().unwrap_or_default();
        assert!(series.len() <= 1, "they are one series: {series:?}");
        let values = series.first().and_then(|one| one["values"].as_array().cloned()).unwrap_or_default();
        values.iter().map(|pair: &Value| pair[1].as_str().unwrap_or_default().to_owned()).collect()
    });
    let metrics = server.get("/metrics").text();
    let refused = metrics
        .lines()
        .filter(|line| REFUSED.iter().any(|name| line.starts_with(name)))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum();
    (stored, refused)
}
