//! What a server makes of the answers with which Prometheus 3.7.0 to 3.7.2 federate histograms with custom buckets.

use std::fs;

use crate::http::Response;
use crate::server::{Proxy, Server, lines};

/// Where the histogram is a gauge, nothing is written behind its name: `expfmt/text_create.go` of
/// prometheus/common 0.66.1 has no word for its type.
const BROKEN_OFF: &str = "# TYPE a untyped\na{job=\"shop\"} 1\n# TYPE latency_seconds";
/// Where it is none, its float counts are left out.
const ZEROS: &str = "# TYPE latency_seconds histogram\nlatency_seconds_bucket{job=\"shop\",le=\"+Inf\"} 0\nlatency_seconds_sum{job=\"shop\"} 7\nlatency_seconds_count{job=\"shop\"} 0\n";

#[test]
fn an_answer_that_breaks_off_fails_the_scrape_and_zeros_are_stored() {
    for line in lines("an_answer_that_breaks_off_fails_the_scrape_and_zeros_are_stored") {
        let folder =
            std::env::temp_dir().join(format!("promtier-broken-{}-{}", std::process::id(), line.version()));
        let proxy = Proxy::start(Box::new(|_, path, _| {
            let body = if path.contains("gauge") { BROKEN_OFF } else { ZEROS };
            Response::new(200, "text/plain; version=0.0.4; charset=utf-8", body.to_owned())
        }));
        let job = |name: &str| {
            format!(
                "- job_name: {name}\n  honor_labels: true\n  metrics_path: /{name}/federate\n  proxy_url: {}\n  static_configs: [{{ targets: ['leaf:80'] }}]\n",
                proxy.url
            )
        };
        let config =
            format!("global: {{ scrape_interval: 1s }}\nscrape_configs:\n{}{}", job("gauge"), job("counter"));
        let mut server = Server::start(line, &folder, &config);
        server.wait_for_scrapes(3);
        let targets = server.targets();
        let error = |job: &str| {
            let target = targets.iter().find(|target| target["job"] == job).expect("a target");
            target["error"].as_str().expect("a text").to_owned()
        };
        assert_eq!(error("gauge"), "invalid metric type \"\"", "{}", line.version());
        assert_eq!(error("counter"), "", "{}", line.version());
        let stored = server.stored();
        let value = |name: &str| {
            let one = stored.iter().find(|one| one["metric"]["__name__"] == name);
            one.map(|one| one["value"][1].to_string())
        };
        assert_eq!(value("a"), None, "all of the answer is left out");
        assert_eq!(value("latency_seconds_count").as_deref(), Some("\"0\""));
        assert_eq!(value("latency_seconds_sum").as_deref(), Some("\"7\""));
        drop((server, proxy));
        fs::remove_dir_all(&folder).expect("the folder goes");
    }
}
