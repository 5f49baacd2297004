//! Servers in agent mode: what a server that federates from one gets, and what configurations they refuse.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use promtier::federation::{Failure, Memo, Preview};
use promtier::workspace::Files;

use crate::server::{Line, Server, lines};

const SCRAPES: &str = "global: { scrape_interval: 1s }\nscrape_configs:\n- job_name: app\n  static_configs: [{ targets: ['127.0.0.1:9'] }]\n";

/// The selector of each job of the upper server.
const SELECTORS: [(&str, &str); 3] = [("some", "up"), ("broken", "{"), ("all", "{__name__=~\".+\"}")];

/// A server that federates from `target`, each job with its selector.
fn upper(target: &str) -> String {
    let job = |(name, selector): (&str, &str)| {
        format!(
            "- job_name: {name}\n  honor_labels: true\n  metrics_path: /federate\n  params: {{ 'match[]': ['{selector}'] }}\n  static_configs: [{{ targets: ['{target}'] }}]\n"
        )
    };
    let jobs: String = SELECTORS.into_iter().map(job).collect();
    format!("global: {{ scrape_interval: 1s }}\nscrape_configs:\n{jobs}")
}

/// What the preview says of the pull of a job: why it fails, and what the agent says.
fn previewed(line: Line, config: &str) -> Vec<(String, String, String)> {
    let mut files = Files::new(1);
    files.put_text("edge.yml", SCRAPES);
    files.put_text("upper.yml", config);
    let version = line.version();
    files.put_text(
        "promtier.yaml",
        format!("prometheus: \"{version}\"\nnodes:\n  upper: {{ config: upper.yml }}\n  edge: {{ config: edge.yml, program: prometheus-agent }}\n"),
    );
    let preview = Preview::compute(Arc::new(files.assemble()), None, &mut Memo::new(1));
    let preview = preview.expect("a small preview");
    let upper = preview.topology.pulls.iter().zip(&preview.pulls).filter(|(pull, _)| pull.federates);
    upper
        .map(|(pull, outcome)| {
            let Some(Failure::Scrape(words)) = &outcome.failure else { panic!("{}: {outcome:?}", pull.job) };
            (pull.job.clone(), words.clone(), outcome.refusal.clone().unwrap_or_default())
        })
        .collect()
}

#[test]
fn nothing_is_federated_from_a_server_in_agent_mode() {
    for line in lines("nothing_is_federated_from_a_server_in_agent_mode") {
        let folder =
            std::env::temp_dir().join(format!("promtier-agent-{}-{}", std::process::id(), line.version()));
        let mut agent = Server::start_with(line, &folder.join("edge"), SCRAPES, &[line.agent_flag()]);
        let mut server =
            Server::start(line, &folder.join("upper"), &upper(&format!("127.0.0.1:{}", agent.port)));
        server.wait_for_scrapes(2);
        for (job, words, refusal) in previewed(line, &upper("edge:9090")) {
            let (_, selector) = SELECTORS.iter().find(|(name, _)| *name == job).expect("a job");
            let query = crate::http::query_escape(selector.as_bytes());
            let answer = agent.get(&format!("/federate?match[]={query}")).text();
            assert_eq!(answer.trim_end(), refusal, "{job} on {}", line.version());
            let targets = server.targets();
            let target = targets.iter().find(|target| target["job"] == job.as_str()).expect("a target");
            assert_eq!(target["error"], words.as_str(), "{job} on {}", line.version());
            let deadline = Instant::now() + Duration::from_secs(20);
            while server.up(&job) != ["0"] {
                assert!(Instant::now() < deadline, "{job}: {:?}", server.up(&job));
                std::thread::sleep(Duration::from_millis(200));
            }
        }
        drop((server, agent));
        fs::remove_dir_all(&folder).expect("the folder goes");
    }
}

#[test]
fn agents_refuse_the_sections_that_promtool_refuses_for_them() {
    let rule = "alert_relabel_configs: [{ action: labeldrop, regex: a }]";
    let alertmanagers = "alertmanagers: [{ static_configs: [{ targets: ['a:1'] }] }]";
    let configs = [
        SCRAPES.to_owned(),
        "rule_files: []\nalerting: { alertmanagers: [] }\nremote_read: []\n".to_owned(),
        "rule_files: [none.yml]\n".to_owned(),
        format!("alerting: {{ {rule} }}\n"),
        format!("alerting: {{ {alertmanagers} }}\n"),
        "remote_read: [{ url: 'http://a:1' }]\n".to_owned(),
        "remote_write: [{ url: 'http://a:1' }]\n".to_owned(),
        format!("remote_read: [{{ url: 'http://a:1' }}]\nrule_files: [none.yml]\nalerting: {{ {rule} }}\n"),
    ];
    let test = "agents_refuse_the_sections_that_promtool_refuses_for_them";
    for line in [Line::V2, Line::V3] {
        let Some(promtool) = line.promtool(test) else { continue };
        let path = std::env::temp_dir().join(format!(
            "promtier-agent-{}-{}.yml",
            std::process::id(),
            line.version()
        ));
        for config in &configs {
            fs::write(&path, config).expect("a configuration");
            let ran = Command::new(&promtool).args(["check", "config", "--agent"]).arg(&path).output();
            let ran = ran.expect("promtool runs");
            let words = String::from_utf8_lossy(&ran.stderr);
            let expect = words.trim().strip_prefix("FAILED: ").map(str::to_owned);
            let mut files = Files::new(1);
            files.put_text("edge.yml", config.as_str());
            let version = line.version();
            files.put_text(
                "promtier.yaml",
                format!("nodes:\n  edge: {{ config: edge.yml, program: prometheus-agent, prometheus: \"{version}\" }}\n"),
            );
            let workspace = files.assemble();
            let found: Vec<&str> = workspace
                .findings
                .iter()
                .filter(|finding| finding.diagnostic.code.as_str() == "config/agent-mode")
                .map(|finding| finding.diagnostic.message.as_ref())
                .collect();
            assert_eq!(ran.status.success(), found.is_empty(), "{version}: {config}\n{words}{found:?}");
            // It stops at the first.
            assert!(expect.is_none_or(|expect| found.contains(&expect.as_str())), "{config}: {found:?}");
            assert_eq!(workspace.nodes[0].config.is_some(), found.is_empty(), "{config}");
        }
        fs::remove_file(&path).expect("the file goes");
    }
}
