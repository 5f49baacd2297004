//! How old what real servers show gets, tier by tier, against the worst case that is told.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use promtier::federation::freshness;

use crate::http::{Response, query_escape};
use crate::requests::{folder, previewed, wait};
use crate::server::{Line, Proxy, Server, lines};

/// How often the leaf scrapes, and how often the servers above ask, in seconds.
const INTERVALS: [u64; 3] = [2, 2, 3];

#[test]
fn nothing_gets_older_than_the_worst_case() {
    let lines = lines("nothing_gets_older_than_the_worst_case");
    thread::scope(|scope| {
        let tests: Vec<_> = lines.into_iter().map(|line| scope.spawn(move || check(line))).collect();
        for test in tests {
            if let Err(panic) = test.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

/// The age of `x` on a server, in seconds.
fn age(server: &mut Server) -> Option<f64> {
    let query = query_escape(b"time() - timestamp(x)");
    let data = server.api(&format!("/api/v1/query?query={query}"));
    data["result"][0]["value"][1].as_str()?.parse().ok()
}

fn check(line: Line) {
    let folder = folder("ages", line);
    let app = Proxy::start(Box::new(|_, _, _| Response::new(200, "text/plain; version=0.0.4", "x 1\n")));
    let config = |tier: usize, job: &str, target: &str| {
        let interval = INTERVALS[tier];
        format!(
            "global: {{ scrape_interval: {interval}s }}\nscrape_configs:\n- job_name: j{tier}\n{job}  static_configs: [{{ targets: ['{target}'] }}]\n"
        )
    };
    let federates = "  honor_labels: true\n  metrics_path: /federate\n  params: { 'match[]': [x] }\n";
    let leaf = config(0, &format!("  proxy_url: {}\n", app.url), "app:80");
    let leaf = Server::start(line, &folder.join("leaf"), &leaf);
    let middle = config(1, federates, &format!("127.0.0.1:{}", leaf.port));
    let mut middle = Server::start(line, &folder.join("middle"), &middle);
    let global = config(2, federates, &format!("127.0.0.1:{}", middle.port));
    let mut global = Server::start(line, &folder.join("global"), &global);

    let (preview, _) = previewed(&[
        ("leaf.yml", &config(0, "", "app:80")),
        ("leaf.prom", "x{job=\"j0\",instance=\"app:80\"} 1\n"),
        ("middle.yml", &config(1, federates, "leaf:9090")),
        ("global.yml", &config(2, federates, "middle:9090")),
    ]);
    let told = |name: &str| {
        let node = preview.workspace.nodes.iter().position(|node| node.name == name).expect("a node");
        let fresh = &freshness(&preview)[node];
        assert!(!fresh.is_at_least, "{fresh:?}");
        fresh.age_ms
    };
    let worst = ["middle", "global"].map(told);
    assert_eq!(worst, [4000, 7000]);

    wait("it arrives", || age(&mut global).is_some());
    let end = Instant::now() + Duration::from_secs(4 * INTERVALS[2]);
    let mut oldest = [0.0_f64; 2];
    while Instant::now() < end {
        for (oldest, server) in oldest.iter_mut().zip([&mut middle, &mut global]) {
            *oldest = oldest.max(age(server).expect("it does not go away"));
        }
        thread::sleep(Duration::from_millis(50));
    }
    // A scrape on a busy machine takes its time; and what is seen just before the next one is an interval old at least.
    for ((oldest, worst), interval) in oldest.into_iter().zip(worst).zip(&INTERVALS[1..]) {
        let (worst, least) = (worst as f64 / 1000.0, *interval as f64 - 0.5);
        assert!(
            (least..worst + 2.0).contains(&oldest),
            "Prometheus {}: it got {oldest} s old, and {worst} s are told",
            line.version()
        );
    }
    drop((leaf, middle, global, app));
    fs::remove_dir_all(folder).expect("the folder goes");
}
