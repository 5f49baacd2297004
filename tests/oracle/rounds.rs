//! What real servers do with series that come back to them, and with those of a server that has died.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::http::{Response, query_escape};
use crate::requests::{folder, job, previewed, wait};
use crate::server::{Line, Proxy, Server, lines};

/// How many series a query answers.
fn count(server: &mut Server, query: &str) -> usize {
    let answer = server.api(&format!("/api/v1/query?query={}", query_escape(query.as_bytes())));
    answer["result"].as_array().map_or(0, Vec::len)
}

/// An application with the metrics `x` and `y`, which can cease to expose them.
fn application() -> (Proxy, Arc<AtomicBool>) {
    let ended = Arc::new(AtomicBool::new(false));
    let gone = Arc::clone(&ended);
    let proxy = Proxy::start(Box::new(move |_, _, _| {
        let text = if gone.load(Ordering::Relaxed) { "" } else { "x 1\ny 1\n" };
        Response::new(200, "text/plain; version=0.0.4", text)
    }));
    (proxy, ended)
}

fn scrapes_application(proxy: &Proxy) -> String {
    format!(
        "- job_name: app\n  scrape_interval: 1s\n  proxy_url: {}\n  static_configs: [{{ targets: ['app:80'] }}]\n",
        proxy.url
    )
}

#[test]
fn series_come_round_unless_they_are_kept_out() {
    for line in lines("series_come_round_unless_they_are_kept_out") {
        let folder = folder("round", line);
        let (app, ended) = application();
        let config = |tier: &str, jobs: &str| {
            format!("global: {{ external_labels: {{ tier: {tier} }} }}\nscrape_configs:\n{jobs}")
        };
        let own = scrapes_application(&app);
        let mut upper = Server::start(line, &folder.join("upper"), &config("upper", &own));
        // What is not kept out, and what is.
        let pulls = |tier: &str, port: u16| {
            let kept_out = format!("y{{tier!=\"{tier}\"}}");
            job("loose", "/federate", "x", port, "") + &job("strict", "/federate", &kept_out, port, "")
        };
        let of_lower = config("lower", &pulls("lower", upper.port));
        let mut lower = Server::start(line, &folder.join("lower"), &of_lower);
        let of_upper = config("upper", &format!("{own}{}", pulls("upper", lower.port)));
        fs::write(folder.join("upper/prometheus.yml"), &of_upper).expect("its configuration");
        upper.reload();
        wait("x comes back", || count(&mut upper, "x{tier=\"upper\"}") > 0);
        wait("y goes down", || count(&mut lower, "y{tier=\"upper\"}") > 0);
        upper.wait_for_scrapes(3);
        assert_eq!(count(&mut upper, "y"), 1, "y does not come back");
        // The source ends at the next scrape, what came back does not.
        ended.store(true, Ordering::Relaxed);
        wait("x ends", || count(&mut upper, "x{tier=\"\"}") == 0);
        assert!(count(&mut upper, "x{tier=\"upper\"}") > 0, "what came back stays");
        let manifest = format!(
            "prometheus: \"{}\"\nnodes:\n  upper: {{ config: upper.yml, listen: ['127.0.0.1:{}'] }}\n  lower: {{ config: lower.yml, listen: ['127.0.0.1:{}'] }}\n",
            line.version(),
            upper.port,
            lower.port
        );
        let (_, found) =
            previewed(&[("promtier.yaml", &manifest), ("upper.yml", &of_upper), ("lower.yml", &of_lower)]);
        let cycles: Vec<&str> = found
            .iter()
            .filter(|(code, _)| code == "federation/cycle")
            .map(|(_, words)| words.as_str())
            .collect();
        assert_eq!(cycles.len(), 1, "{found:?}");
        assert!(cycles[0].contains("`loose`"), "{cycles:?}");
        drop((upper, lower, app));
        fs::remove_dir_all(folder).expect("the folder goes");
    }
}

#[test]
fn series_of_a_dead_server_stay_for_the_lookback() {
    const LOOKBACK: Duration = Duration::from_secs(8);
    for line in lines("series_of_a_dead_server_stay_for_the_lookback") {
        let folder = folder("dead", line);
        let (app, _ended) = application();
        let config = format!("scrape_configs:\n{}", scrapes_application(&app));
        let leaf = Server::start(line, &folder.join("leaf"), &config);
        // Since 2.48 a job can mark the end of series with timestamps.
        let marks = if line == Line::V3 { "  track_timestamps_staleness: true\n" } else { "" };
        let config = format!(
            "scrape_configs:\n{}{}",
            job("federate", "/federate", "{__name__=~\"x|up\",job=\"app\"}", leaf.port, ""),
            job("marking", "/federate", "y", leaf.port, marks),
        );
        let flag = format!("--query.lookback-delta={}s", LOOKBACK.as_secs());
        let mut global = Server::start_with(line, &folder.join("global"), &config, &[flag.as_str()]);
        wait("all is there", || count(&mut global, "{__name__=~\"x|y|up\",job=\"app\"} == 1") == 3);
        drop(leaf);
        let died = Instant::now();
        wait("the federation job sees it", || count(&mut global, "up{job=\"federate\"} == 0") == 1);
        assert_eq!(count(&mut global, "up{job=\"app\"} == 1"), 1, "the last `up` is there, and 1");
        assert_eq!(count(&mut global, "absent(x)"), 0, "`x` is not absent");
        if line == Line::V3 {
            wait("the marked series is gone", || count(&mut global, "y") == 0);
            assert_eq!(count(&mut global, "x"), 1, "before the other is");
        }
        wait("the series ends", || count(&mut global, "absent(x)") == 1);
        assert!(died.elapsed() + Duration::from_secs(2) > LOOKBACK, "after {:?}", died.elapsed());
        assert_eq!(count(&mut global, "up{job=\"app\"} == 0"), 0, "`up` was never 0");
        drop((global, app));
        fs::remove_dir_all(folder).expect("the folder goes");
    }
}
