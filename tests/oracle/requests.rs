//! How real servers answer requests of federation that rules of the lint warn of, and what comes of it: on another
//! path than theirs, percent-encoded, without the format that native histograms need, of two versions, by two jobs.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use promtier::federation::{Memo, Preview};
use promtier::lint;
use promtier::workspace::Files;

use crate::http::Response;
use crate::server::{Line, Proxy, Server, lines};

const LEAF: &str = "global: { scrape_interval: 1s }\nscrape_configs:\n- job_name: leaf\n  static_configs: [{ targets: ['127.0.0.1:1'] }]\n";

pub(crate) fn folder(test: &str, line: Line) -> PathBuf {
    let name = format!("promtier-{test}-{}-{}", std::process::id(), line.version());
    std::env::temp_dir().join(name)
}

/// A job that federates once a second.
pub(crate) fn job(name: &str, path: &str, selector: &str, port: u16, more: &str) -> String {
    format!(
        "- job_name: {name}\n  scrape_interval: 1s\n  scrape_timeout: 1s\n  honor_labels: true\n  metrics_path: {path}\n  params: {{ 'match[]': ['{selector}'] }}\n  static_configs: [{{ targets: ['127.0.0.1:{port}'] }}]\n{more}"
    )
}

/// The preview of a workspace, and the codes and messages of its findings.
pub(crate) fn previewed(files: &[(&str, &str)]) -> (Preview, Vec<(String, String)>) {
    let mut all = Files::new(1);
    for &(path, text) in files {
        all.put_text(path, text);
    }
    let preview =
        Preview::compute(Arc::new(all.assemble()), None, &mut Memo::new(1)).expect("a small preview");
    let found = lint::findings(&preview);
    let words = |finding: promtier::workspace::Finding| {
        (finding.diagnostic.code.as_str().to_owned(), finding.diagnostic.message.to_string())
    };
    (preview, found.into_iter().map(words).collect())
}

/// Waits until `holds`, for half a minute at the most.
pub(crate) fn wait(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "waited for nothing: {what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn paths_off_the_route_and_encoded_selectors_fail() {
    for line in lines("paths_off_the_route_and_encoded_selectors_fail") {
        let folder = folder("requests", line);
        let leaf = Server::start_with(line, &folder.join("leaf"), LEAF, &["--web.route-prefix=/prom"]);
        let on = "/prom/federate";
        let config = format!(
            "scrape_configs:\n{}{}{}{}",
            job("on", on, "up", leaf.port, ""),
            job("off", "/federate", "up", leaf.port, ""),
            job("encoded", on, "%7Bjob%3D%22leaf%22%7D", leaf.port, ""),
            job("encoded-plus", on, "{__name__=~\"u.%2B\"}", leaf.port, ""),
        );
        let mut global = Server::start(line, &folder.join("global"), &config);
        global.wait_for_scrapes(3);
        let manifest = format!(
            "prometheus: \"{}\"\nnodes:\n  global: {{ config: global.yml }}\n  leaf: {{ config: leaf.yml, listen: ['127.0.0.1:{}'], route_prefix: /prom }}\n",
            line.version(),
            leaf.port
        );
        let (preview, found) =
            previewed(&[("promtier.yaml", &manifest), ("global.yml", &config), ("leaf.yml", LEAF)]);
        for target in global.targets() {
            let name = target["job"].as_str().expect("a job");
            let at = preview.topology.pulls.iter().position(|pull| pull.job == name).expect("its pull");
            let expect = match &preview.pulls[at].failure {
                Some(promtier::federation::Failure::Scrape(words)) => words.as_str(),
                Some(unknown) => panic!("{unknown:?}"),
                None => "",
            };
            assert_eq!(target["error"], expect, "job {name} on Prometheus {}", line.version());
        }
        let brought = |global: &mut Server, job: &str| {
            let query =
                crate::http::query_escape(format!("scrape_samples_scraped{{job=\"{job}\"}}").as_bytes());
            global.api(&format!("/api/v1/query?query={query}"))["result"][0]["value"][1].clone()
        };
        // The leaf has its series from its first scrape on.
        wait("the series of the leaf", || brought(&mut global, "on") == "1");
        assert_eq!(brought(&mut global, "encoded-plus"), "0");
        let of = |code: &str| found.iter().filter(|(it, _)| it == code).count();
        assert_eq!((of("federation/route-prefix"), of("federation/encoded-selector")), (1, 2), "{found:?}");
        drop((leaf, global));
        fs::remove_dir_all(folder).expect("the folder goes");
    }
}

/// Prometheus 3.5 exposes histograms of its own that are native. 2.42 has none.
#[test]
fn native_histograms_do_not_come_as_text() {
    for line in lines("native_histograms_do_not_come_as_text").into_iter().filter(|line| *line == Line::V3) {
        let folder = folder("native", line);
        let flags = ["--enable-feature=native-histograms"];
        let mut leaf = Server::start_with(line, &folder.join("leaf"), "scrape_configs: []\n", &flags);
        let own = format!(
            "scrape_configs:\n- job_name: own\n  scrape_interval: 1s\n  static_configs: [{{ targets: ['127.0.0.1:{}'] }}]\n",
            leaf.port
        );
        fs::write(folder.join("leaf/prometheus.yml"), own).expect("its configuration");
        leaf.reload();
        let name = "prometheus_http_request_duration_seconds";
        let native = |server: &mut Server, job: &str| {
            let query = crate::http::query_escape(format!("{name}{{via=\"{job}\"}}").as_bytes());
            let answer = server.api(&format!("/api/v1/query?query={query}"));
            answer["result"]
                .as_array()
                .is_some_and(|series| series.iter().any(|one| one["histogram"].is_array()))
        };
        wait("native histograms of the leaf", || native(&mut leaf, ""));
        let rename =
            |job: &str| format!("  metric_relabel_configs: [{{ target_label: via, replacement: {job} }}]\n");
        let text = format!("  scrape_protocols: [PrometheusText0.0.4]\n{}", rename("text"));
        let config = format!(
            "scrape_configs:\n{}{}",
            job("binary", "/federate", name, leaf.port, &rename("binary")),
            job("text", "/federate", name, leaf.port, &text)
        );
        let mut global = Server::start_with(line, &folder.join("global"), &config, &flags);
        wait("native histograms over protocol buffers", || native(&mut global, "binary"));
        global.wait_for_scrapes(2);
        assert!(!native(&mut global, "text"), "there are none in the text format");
        assert_eq!(global.up("text"), ["1"], "and nobody says so");
        drop((leaf, global));
        fs::remove_dir_all(folder).expect("the folder goes");
    }
}

/// The values of a label of one metric in what a server stores, sorted.
fn values(server: &mut Server, metric: &str, label: &str) -> Vec<String> {
    let stored = server.stored();
    let of_metric = stored.iter().filter(|one| one["metric"]["__name__"] == metric);
    let mut values: Vec<String> =
        of_metric.map(|one| one["metric"][label].as_str().unwrap_or_default().to_owned()).collect();
    values.sort();
    values
}

#[test]
fn buckets_of_two_versions_do_not_meet() {
    const METRICS: &str =
        "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 3\nh_sum 4\nh_count 3\n";
    let found = lines("buckets_of_two_versions_do_not_meet");
    if found.len() < 2 {
        return;
    }
    let folder = folder("buckets", Line::V3);
    let app = Proxy::start(Box::new(|_, _, _| Response::new(200, "text/plain; version=0.0.4", METRICS)));
    let leaf = |line: Line| {
        let config = format!(
            "global: {{ scrape_interval: 1s, external_labels: {{ leaf: '{}' }} }}\nscrape_configs:\n- job_name: app\n  proxy_url: {}\n  static_configs: [{{ targets: ['app:80'] }}]\n",
            line.version(),
            app.url
        );
        Server::start(line, &folder.join(line.version()), &config)
    };
    let (mut old, mut new) = (leaf(Line::V2), leaf(Line::V3));
    wait("both leaves have the histogram", || {
        [&mut old, &mut new].into_iter().all(|leaf| values(leaf, "h_bucket", "le").len() == 2)
    });
    assert_eq!(values(&mut old, "h_bucket", "le"), ["+Inf", "1"]);
    assert_eq!(values(&mut new, "h_bucket", "le"), ["+Inf", "1.0"]);
    for line in found {
        let config = format!(
            "scrape_configs:\n{}{}",
            job("old", "/federate", "h_bucket", old.port, ""),
            job("new", "/federate", "h_bucket", new.port, "")
        );
        let mut global = Server::start(line, &folder.join(format!("global-{}", line.version())), &config);
        wait("all four buckets", || values(&mut global, "h_bucket", "le").len() == 4);
        assert_eq!(values(&mut global, "h_bucket", "le"), ["+Inf", "+Inf", "1", "1.0"], "{}", line.version());
    }
    drop((old, new, app));
    fs::remove_dir_all(folder).expect("the folder goes");
}

#[test]
fn series_of_two_jobs_are_stored_once() {
    for line in lines("series_of_two_jobs_are_stored_once") {
        let folder = folder("twice", line);
        let mut leaf = Server::start(line, &folder.join("leaf"), LEAF);
        leaf.wait_for_scrapes(2);
        let config = format!(
            "scrape_configs:\n{}{}",
            job("one", "/federate", "up", leaf.port, ""),
            job("two", "/federate", "{job=\"leaf\",__name__=\"up\"}", leaf.port, "")
        );
        let mut global = Server::start(line, &folder.join("global"), &config);
        global.wait_for_scrapes(4);
        let query = |global: &mut Server, query: &str| {
            let query = crate::http::query_escape(query.as_bytes());
            let answer = global.api(&format!("/api/v1/query?query={query}"));
            answer["result"].as_array().expect("a list").clone()
        };
        assert_eq!(
            query(&mut global, "scrape_samples_post_metric_relabeling == 1").len(),
            2,
            "both bring it"
        );
        assert_eq!(query(&mut global, "up{job=\"leaf\"}").len(), 1, "it is one series");
        // As many samples as one job alone would bring: one for each scrape of the leaf.
        let times = query(&mut global, "count_over_time(up{job=\"leaf\"}[30s])");
        let scrapes = query(&mut global, "count_over_time(up{job=\"one\"}[30s])");
        let number = |one: &[serde_json::Value]| {
            one[0]["value"][1].as_str().and_then(|text| text.parse::<u64>().ok()).expect("a number")
        };
        assert!(number(&times) <= number(&scrapes) + 2, "{times:?} {scrapes:?}");
        drop((leaf, global));
        fs::remove_dir_all(folder).expect("the folder goes");
    }
}
