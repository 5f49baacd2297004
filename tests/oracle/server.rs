//! Real Prometheus servers: where their programs are, and one while it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::{Client, Response, query_escape, read_request};

/// A release line that promtier models and that is tested here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    V2,
    V3,
}

/// The flags of agent mode, in which the storage has another flag.
const AGENT_FLAGS: [&str; 2] = ["--enable-feature=agent", "--agent"];

impl Line {
    /// As a manifest names it.
    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::V2 => "2.42",
            Self::V3 => "3.5",
        }
    }

    /// The server of this line: `PROMTIER_PROMETHEUS_2` (else Debian's) or `PROMTIER_PROMETHEUS_3`.
    fn program(self) -> Option<PathBuf> {
        let (variable, default) = match self {
            Self::V2 => ("PROMTIER_PROMETHEUS_2", Some("/usr/bin/prometheus")),
            Self::V3 => ("PROMTIER_PROMETHEUS_3", None),
        };
        let path = std::env::var_os(variable).map(PathBuf::from).or(default.map(PathBuf::from))?;
        if path.is_file() {
            return Some(path);
        }
        assert!(std::env::var_os(variable).is_none(), "{variable}: no file {}", path.display());
        None
    }

    /// The flag that runs a server of this line in agent mode.
    pub(crate) fn agent_flag(self) -> &'static str {
        match self {
            Self::V2 => AGENT_FLAGS[0],
            Self::V3 => AGENT_FLAGS[1],
        }
    }

    /// The `promtool` of this line: `PROMTIER_PROMTOOL_2` (else Debian's) or `PROMTIER_PROMTOOL_3`. Says by
    /// name what is skipped without it.
    pub(crate) fn promtool(self, test: &str) -> Option<PathBuf> {
        let (variable, default) = match self {
            Self::V2 => ("PROMTIER_PROMTOOL_2", Some("/usr/bin/promtool")),
            Self::V3 => ("PROMTIER_PROMTOOL_3", None),
        };
        let path = std::env::var_os(variable).or(default.map(Into::into)).map(PathBuf::from);
        let found = path.filter(|path| path.is_file());
        if found.is_none() {
            eprintln!("SKIPPED {test} with promtool {}: set {variable} to its program", self.version());
        }
        found
    }
}

/// The lines whose servers are here. Says by name what is skipped without the others.
pub(crate) fn lines(test: &str) -> Vec<Line> {
    let mut found = Vec::new();
    for (line, variable) in [(Line::V2, "PROMTIER_PROMETHEUS_2"), (Line::V3, "PROMTIER_PROMETHEUS_3")] {
        if line.program().is_some() {
            found.push(line);
        } else {
            eprintln!("SKIPPED {test} on Prometheus {}: set {variable} to its program", line.version());
        }
    }
    assert!(
        !found.is_empty() || std::env::var_os("CI").is_none(),
        "no Prometheus to compare with: install Debian's prometheus or set PROMTIER_PROMETHEUS_2"
    );
    found
}

/// A number that an environment variable gives, or `default`.
pub(crate) fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable}={text}: no number")))
}

/// A running server, killed when dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    child: Child,
    client: Client,
    /// What stands before its paths.
    prefix: String,
}

impl Server {
    /// Starts a server with `config` in `folder`, where its data and its log go too, and waits until it is ready.
    pub(crate) fn start(line: Line, folder: &Path, config: &str) -> Self {
        Self::start_with(line, folder, config, &[])
    }

    /// As [`Self::start`], with more flags.
    pub(crate) fn start_with(line: Line, folder: &Path, config: &str, flags: &[&str]) -> Self {
        let program = line.program().expect("a line that `lines` found");
        fs::create_dir_all(folder).expect("a folder for the server");
        fs::write(folder.join("prometheus.yml"), config).expect("its configuration");
        let mut last = String::new();
        // A port that was free a moment ago may have been taken by another server of these tests.
        for _ in 0..5 {
            match Self::attempt(&program, folder, flags) {
                Ok(server) => return server,
                Err(log) if log.contains("address already in use") => last = log,
                Err(log) => {
                    panic!("Prometheus {} in {} did not start:\n{log}", line.version(), folder.display())
                }
            }
        }
        panic!("no free port for Prometheus in {}:\n{last}", folder.display());
    }

    fn attempt(program: &Path, folder: &Path, flags: &[&str]) -> Result<Self, String> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let log = fs::File::create(folder.join("log")).expect("a log");
        let is_agent = flags.iter().any(|flag| AGENT_FLAGS.contains(flag));
        let storage = if is_agent { "agent" } else { "tsdb" };
        let child = Command::new(program)
            .arg(format!("--config.file={}", folder.join("prometheus.yml").display()))
            .arg(format!("--storage.{storage}.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .args(flags)
            .env("GOMAXPROCS", "2")
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("Prometheus starts");
        let prefix =
            flags.iter().find_map(|flag| flag.strip_prefix("--web.route-prefix=")).unwrap_or_default();
        let mut server = Self { port, child, client: Client::new(port), prefix: prefix.to_owned() };
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            if server.client.get(&format!("{prefix}/-/ready"), &[]).is_ok_and(|answer| answer.status == 200) {
                return Ok(server);
            }
            let ended = server.child.try_wait().expect("a child's state").is_some();
            if ended || Instant::now() > deadline {
                return Err(fs::read_to_string(folder.join("log")).unwrap_or_default());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Lets it read its configuration and its rules again, which takes it a moment.
    pub(crate) fn reload(&self) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-HUP", &id]).status().expect("kill is there");
        assert!(status.success(), "the server is gone");
    }

    pub(crate) fn get(&mut self, path: &str) -> Response {
        let path = &format!("{}{path}", self.prefix);
        self.client.get(path, &[]).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// As [`Self::get`], saying which forms of an answer are wanted.
    pub(crate) fn get_accepting(&mut self, path: &str, accept: &str) -> Response {
        let headers = [("accept".to_owned(), accept.to_owned())];
        let path = &format!("{}{path}", self.prefix);
        self.client.get(path, &headers).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The `data` of an answer of the HTTP API.
    pub(crate) fn api(&mut self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let mut value: Value = serde_json::from_slice(&answer.body).expect("the API answers JSON");
        value["data"].take()
    }

    /// The series that have a sample now and are not stale, as the API prints them.
    pub(crate) fn stored(&mut self) -> Vec<Value> {
        let query = query_escape(br#"{__name__=~".+"}"#);
        match self.api(&format!("/api/v1/query?query={query}"))["result"].take() {
            Value::Array(series) => series,
            other => panic!("no list of series: {other}"),
        }
    }

    /// The targets, each with its job, its host with port as it is asked, and why its last scrape failed, if
    /// it did.
    pub(crate) fn targets(&mut self) -> Vec<Value> {
        let targets = self.api("/api/v1/targets?state=active");
        let targets = targets["activeTargets"].as_array().expect("a list of targets");
        let host = |url: &str| {
            let rest = url.split("://").nth(1).unwrap_or_default();
            rest.split('/').next().unwrap_or_default().to_owned()
        };
        targets
            .iter()
            .map(|target| {
                let url = target["scrapeUrl"].as_str().expect("a URL");
                json!({ "job": target["scrapePool"], "target": host(url), "error": target["lastError"] })
            })
            .collect()
    }

    /// The values of `up` of the targets of one job that have no labels of their own.
    pub(crate) fn up(&mut self, job: &str) -> Vec<String> {
        let reports = self.stored().into_iter().filter(|one| {
            let labels = one["metric"].as_object().expect("labels are an object");
            one["metric"]["__name__"] == "up" && one["metric"]["job"] == job && labels.len() == 3
        });
        reports.map(|one| one["value"][1].as_str().expect("a value is text").to_owned()).collect()
    }

    /// Waits until every target was scraped `times` times. The last one may not be in the storage yet, all
    /// before it are.
    pub(crate) fn wait_for_scrapes(&mut self, times: usize) {
        let deadline = Instant::now() + Duration::from_mins(1);
        let mut seen: Vec<(String, Vec<String>)> = Vec::new();
        loop {
            let targets = self.api("/api/v1/targets?state=active");
            let targets = targets["activeTargets"].as_array().expect("a list of targets").clone();
            // Targets that differ only in labels starting with `__` look the same here.
            let mut keys = BTreeSet::new();
            for target in &targets {
                let last = target["lastScrape"].as_str().unwrap_or_default().to_owned();
                let key = format!("{} {} {}", target["scrapePool"], target["scrapeUrl"], target["labels"]);
                keys.insert(key.clone());
                if last.starts_with("0001-") {
                    continue;
                }
                match seen.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, scrapes)) if scrapes.contains(&last) => {}
                    Some((_, scrapes)) => scrapes.push(last),
                    None => seen.push((key, vec![last])),
                }
            }
            // Until it has read its configuration a server has no targets; a job may also truly have none.
            let settled = if targets.is_empty() {
                self.has_synced()
            } else {
                seen.len() >= keys.len() && seen.iter().all(|(_, scrapes)| scrapes.len() >= times)
            };
            if settled {
                return;
            }
            assert!(Instant::now() < deadline, "targets are not scraped: {targets:#?}");
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until each of `jobs` has targets, scraped or dropped. Files of targets are read a moment after the
    /// start, and what was found is handed over every five seconds; a job that then has none has none.
    pub(crate) fn wait_for_jobs(&mut self, jobs: &[&str]) {
        let deadline = Instant::now() + Duration::from_secs(8);
        loop {
            let targets = self.api("/api/v1/targets?state=any");
            let list = |key: &str| targets[key].as_array().cloned().unwrap_or_default();
            let mut found: BTreeSet<String> =
                list("activeTargets").iter().map(|target| target["scrapePool"].to_string()).collect();
            let dropped = list("droppedTargets");
            found.extend(dropped.iter().map(|target| target["discoveredLabels"]["job"].to_string()));
            if jobs.iter().all(|job| found.contains(&Value::from(*job).to_string()))
                || Instant::now() > deadline
            {
                return;
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    /// Waits until every group of rules was evaluated `times` times.
    pub(crate) fn wait_for_rules(&mut self, times: usize) {
        let deadline = Instant::now() + Duration::from_mins(1);
        let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        loop {
            let groups = self.api("/api/v1/rules");
            let groups = groups["groups"].as_array().expect("a list of groups").clone();
            for group in &groups {
                let last = group["lastEvaluation"].to_string();
                if !last.contains("0001-") {
                    seen.entry(format!("{} {}", group["file"], group["name"])).or_default().insert(last);
                }
            }
            if !groups.is_empty() && seen.len() >= groups.len() && seen.values().all(|all| all.len() >= times)
            {
                return;
            }
            assert!(Instant::now() < deadline, "rules are not evaluated: {groups:#?}");
            thread::sleep(Duration::from_millis(150));
        }
    }

    /// Whether targets were handed to the scrapers at least once (every 5 seconds, the first time at once).
    fn has_synced(&mut self) -> bool {
        let metrics = self.get("/metrics").text();
        let count = |line: &str| line.rsplit(' ').next().is_some_and(|value| value != "0");
        metrics.lines().any(|line| line.starts_with("prometheus_target_scrape_pools_total") && count(line))
            && metrics
                .lines()
                .any(|line| line.starts_with("prometheus_target_sync_length_seconds_count") && count(line))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a proxy does with host (with port, if any), path with query, and headers.
type Answer = dyn Fn(&str, &str, &[(String, String)]) -> Response + Send + Sync;

/// A proxy on 127.0.0.1 through which a server scrapes, so that targets have names and ports of our choice. It
/// ends when dropped.
pub(crate) struct Proxy {
    pub(crate) url: String,
    port: u16,
    ended: Arc<AtomicBool>,
}

impl Proxy {
    pub(crate) fn start(answer: Box<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let ended = Arc::new(AtomicBool::new(false));
        let answer: Arc<Answer> = Arc::from(answer);
        let stop = Arc::clone(&ended);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let answer = Arc::clone(&answer);
                thread::spawn(move || serve(stream, &*answer));
            }
        });
        Self { url: format!("http://127.0.0.1:{port}"), port, ended }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes the listener so that it sees the end.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

/// Serves one connection. Its end is the asker's business: an error here only ends it.
fn serve(stream: TcpStream, answer: &Answer) {
    stream.set_nodelay(true).ok();
    let Ok(mut writer) = stream.try_clone() else { return };
    let mut reader = BufReader::new(stream);
    while let Ok(Some(request)) = read_request(&mut reader) {
        let rest = request.target.strip_prefix("http://").unwrap_or(&request.target);
        let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        if answer(host, path, &request.headers).write(&mut writer).is_err() {
            return;
        }
    }
}
