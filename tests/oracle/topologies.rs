//! Generated topologies on real servers against `promtier preview`.
//!
//! `PROMTIER_ORACLE_TOPOLOGIES` says how many (60), `PROMTIER_ORACLE_SEED` with which first. What differs is kept in
//! a folder that the message names; `PROMTIER_ORACLE_RECORD` names a folder where all are kept, and
//! `PROMTIER_ORACLE_REPLAY` one of which the recordings are compared again without any server.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use crate::compare::{self, Node};
use crate::http::{Client, Response, query_escape};
use crate::server::{Line, Proxy, Server, lines, number};
use crate::topology::{Topology, write};

/// The workspace with the applications' own metrics.
const WORKSPACE: &str = "workspace";
/// The workspace with what the leaves' `/federate` printed.
const OF_SAMPLES: &str = "workspace-of-samples";

/// How long the answers of `/federate` were, where no rule makes series of which promtier does not know the values.
const ANSWERS: &str = "answers.json";

#[test]
fn previews_what_real_servers_store() {
    if let Some(folder) = std::env::var_os("PROMTIER_ORACLE_REPLAY") {
        return replay(Path::new(&folder));
    }
    let lines = lines("previews_what_real_servers_store");
    if lines.is_empty() {
        return;
    }
    let count = number("PROMTIER_ORACLE_TOPOLOGIES", 60);
    let first = number("PROMTIER_ORACLE_SEED", 1);
    eprintln!("topologies of the seeds {first} to {}; PROMTIER_ORACLE_SEED picks others", first + count - 1);
    let kept = std::env::var_os("PROMTIER_ORACLE_RECORD").map(PathBuf::from);
    let keep_all = kept.is_some();
    let folder =
        kept.unwrap_or_else(|| std::env::temp_dir().join(format!("promtier-oracle-{}", std::process::id())));
    // Servers mostly wait for the next second, so that more of them run than there are processors.
    let workers =
        number("PROMTIER_ORACLE_WORKERS", 4 * thread::available_parallelism().map_or(2, |n| n.get() as u64));
    let workers = usize::try_from(workers).unwrap_or(1);
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    let tally = Mutex::new(Tally::default());
    thread::scope(|scope| {
        for _ in 0..workers.min(count as usize) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed) as u64;
                    if index >= count {
                        return;
                    }
                    let seed = first + index;
                    let folder = folder.join(format!("seed-{seed}"));
                    match run(seed, &lines, &folder, keep_all, &tally) {
                        Ok(()) if keep_all => {}
                        Ok(()) => fs::remove_dir_all(&folder).expect("the workspace goes"),
                        Err(message) => failures.lock().expect("no panic").push(message),
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no panic");
    if failures.is_empty() && !keep_all {
        fs::remove_dir_all(&folder).expect("the folder goes");
    }
    assert!(
        failures.is_empty(),
        "{} of {count} topologies differ\n\n{}",
        failures.len(),
        failures.join("\n")
    );
    let tally = tally.into_inner().expect("no panic");
    let seen: Vec<String> = tally.features.iter().map(|(name, count)| format!("{count} {name}")).collect();
    eprintln!("of {count} topologies: {}", seen.join(", "));
    let Tally { pulled, reported, answers, .. } = tally;
    eprintln!("upper tiers stored {pulled} series of lower ones, and {reported} about their own scrapes");
    eprintln!("{answers} answers are as long as is told");
    // A generator that has lost its way would prove nothing. Few topologies have not got everything.
    if count >= 60 {
        for (name, seen) in &tally.features {
            let one_version = *name == "two versions" && lines.len() == 1;
            assert!(*seen >= 3 || one_version, "only {seen} of {count} topologies have {name}");
        }
        assert!(answers > count, "only {answers} answers were looked at");
        assert!(pulled > 10 * count, "upper tiers pull too little to tell anything: {pulled} series");
    }
}

/// What was compared.
#[derive(Default)]
struct Tally {
    /// How many topologies have each feature.
    features: BTreeMap<&'static str, u64>,
    /// How many series the servers of upper tiers stored of what others gave them.
    pulled: u64,
    /// And how many about their own scrapes.
    reported: u64,
    /// How many answers of a `/federate` were compared by their length.
    answers: u64,
}

impl Tally {
    fn count(&mut self, topology: &Topology, stored: &BTreeMap<&str, Vec<Value>>) {
        for (name, is_here) in topology.features() {
            *self.features.entry(name).or_default() += u64::from(is_here);
        }
        for node in topology.nodes.iter().filter(|node| node.tier > 0) {
            for one in &stored[node.name.as_str()] {
                let name = one["metric"]["__name__"].as_str().unwrap_or_default();
                let own = name == "up" || name.starts_with("scrape_");
                *(if own { &mut self.reported } else { &mut self.pulled }) += 1;
            }
        }
    }
}

/// Runs the topology of one seed and compares it.
fn run(
    seed: u64,
    lines: &[Line],
    folder: &Path,
    record_only: bool,
    tally: &Mutex<Tally>,
) -> Result<(), String> {
    let topology = Topology::generate(seed, lines);
    topology.write(&folder.join(WORKSPACE), &BTreeMap::new());
    let mut running = Running::start(&topology, folder);
    let mut difference = Ok(());
    let mut last = BTreeMap::new();
    // A scrape that a busy machine did not finish in its second is forgotten by the next ones.
    for _ in 0..5 {
        let stored: BTreeMap<&str, Vec<Value>> = topology
            .nodes
            .iter()
            .zip(&mut running.servers)
            .map(|(node, server)| (node.name.as_str(), server.stored()))
            .collect();
        if let Some(samples) = samples(&topology, &mut running.servers, &stored) {
            topology.write(&folder.join(OF_SAMPLES), &samples);
        }
        fs::create_dir_all(folder.join("stored")).expect("a folder");
        for (name, series) in &stored {
            let text = serde_json::to_string_pretty(series).expect("JSON");
            fs::write(folder.join("stored").join(format!("{name}.json")), text).expect("what was stored");
        }
        fs::create_dir_all(folder.join("targets")).expect("a folder");
        for (node, server) in topology.nodes.iter().zip(&mut running.servers) {
            let text = serde_json::to_string_pretty(&server.targets()).expect("JSON");
            fs::write(folder.join("targets").join(format!("{}.json", node.name)), text).expect("its targets");
        }
        if topology.nodes.iter().all(|node| node.config.rules.is_none()) {
            let answers: Vec<_> = running.answers.lock().expect("no panic").clone().into_iter().collect();
            let text = serde_json::to_string_pretty(&answers).expect("JSON");
            fs::write(folder.join(ANSWERS), text).expect("what was answered");
        }
        last = stored;
        if record_only {
            let settled = fs::read_to_string(folder.join("settled")).ok();
            let now = durable(&last);
            if settled.as_ref() == Some(&now) {
                break;
            }
            fs::write(folder.join("settled"), now).expect("what to compare with");
        } else {
            difference = compare_recorded(seed, folder);
            if difference.is_ok() {
                break;
            }
        }
        for server in &mut running.servers {
            server.wait_for_scrapes(2);
        }
    }
    let answers = fs::exists(folder.join(ANSWERS)).is_ok_and(|there| there);
    let answers = if answers { running.answers.lock().expect("no panic").len() } else { 0 };
    tally.lock().expect("no panic").answers += answers as u64;
    running.stop();
    tally.lock().expect("no panic").count(&topology, &last);
    for node in &topology.nodes {
        fs::remove_dir_all(folder.join(&node.name).join("data")).ok();
    }
    difference
}

/// What `/federate` of each leaf prints of all that it holds, as people paste it. `None` where a series of a leaf
/// has one of its external labels itself: the text does not tell the two apart.
fn samples<'a>(
    topology: &'a Topology,
    servers: &mut [Server],
    stored: &BTreeMap<&str, Vec<Value>>,
) -> Option<BTreeMap<&'a str, String>> {
    let mut out = BTreeMap::new();
    for (node, server) in topology.nodes.iter().zip(servers).filter(|(node, _)| node.tier == 0) {
        let series = &stored[node.name.as_str()];
        let own = |(label, value): &(String, String)| {
            series.iter().any(|one| one["metric"][label] == value.as_str())
        };
        if node.config.external_labels.iter().any(own) {
            return None;
        }
        let path = format!("/federate?match[]={}", query_escape(br#"{__name__=~".+"}"#));
        let text = server.get_accepting(&path, "text/plain;version=1.0.0;escaping=allow-utf-8").text();
        if text.is_empty() {
            return None;
        }
        out.insert(node.name.as_str(), text);
    }
    Some(out)
}

/// What of the stored series must not change any more once all has settled.
fn durable(stored: &BTreeMap<&str, Vec<Value>>) -> String {
    let mut lines: Vec<String> = stored
        .iter()
        .flat_map(|(node, series)| series.iter().map(move |one| (node, one)))
        .filter(|(_, one)| one["metric"]["__name__"] != "scrape_duration_seconds")
        .map(|(node, one)| format!("{node} {} {}", one["metric"], one["value"][1]))
        .collect();
    lines.sort();
    lines.join("\n")
}

/// The length of each answer of a `/federate`, by who asked, whom, and on which path with which selectors; and how
/// many of its lines have a value of which promtier does not know the length.
type Answers = BTreeMap<[String; 3], (usize, usize)>;

/// The servers of a topology, and the proxies through which they scrape.
struct Running {
    servers: Vec<Server>,
    proxies: Vec<Proxy>,
    answers: Arc<Mutex<Answers>>,
}

impl Running {
    /// Starts tier by tier: a server starts when what it pulls from has settled, so that it never sees less than
    /// it will see in the end.
    fn start(topology: &Topology, folder: &Path) -> Self {
        let metrics: Metrics =
            topology.apps.iter().map(|app| (app.listen.clone(), (app.path, app.metrics.clone()))).collect();
        let metrics = Arc::new(metrics);
        let ports: Arc<Mutex<BTreeMap<String, u16>>> = Arc::default();
        let mut running = Self { servers: Vec::new(), proxies: Vec::new(), answers: Arc::default() };
        let top = topology.nodes.iter().map(|node| node.tier).max().unwrap_or(0);
        for tier in 0..=top {
            let before = running.servers.len();
            for node in topology.nodes.iter().filter(|node| node.tier == tier) {
                let (metrics, ports_now) = (Arc::clone(&metrics), Arc::clone(&ports));
                let (answers, name) = (Arc::clone(&running.answers), node.name.clone());
                let proxy = Proxy::start(Box::new(move |host, path, headers| {
                    let port = ports_now.lock().expect("no panic").get(host).copied();
                    let answer = answer(&metrics, port, host, path, headers);
                    if port.is_some() && answer.status == 200 && path.contains("/federate") {
                        let key = [name.clone(), host.to_owned(), path.to_owned()];
                        let found = (answer.body.len(), loose_lines(&answer.text()));
                        answers.lock().expect("no panic").insert(key, found);
                    }
                    answer
                }));
                let config = node.config.yaml(Some(&proxy.url));
                let folder = folder.join(&node.name);
                for (path, text) in node.config.files() {
                    let is_rules = node.config.rules.as_ref().is_some_and(|(rules, _)| rules == path);
                    write(&folder, path, if is_rules { "groups: []\n" } else { text });
                }
                let flag = format!("--web.route-prefix={}", node.prefix);
                let flags: &[&str] = if node.prefix.is_empty() { &[] } else { &[&flag] };
                let server = Server::start_with(node.line, &folder, &config, flags);
                ports.lock().expect("no panic").insert(node.listen.clone(), server.port);
                running.servers.push(server);
                running.proxies.push(proxy);
            }
            let nodes = topology.nodes.iter().filter(|node| node.tier == tier);
            let with_rules = |node: &crate::topology::Node| node.config.rules.is_some();
            for (node, server) in nodes.clone().zip(&mut running.servers[before..]) {
                if node.config.jobs.iter().any(|job| !job.files.is_empty()) {
                    let jobs: Vec<&str> = node.config.jobs.iter().map(|job| job.name.as_str()).collect();
                    server.wait_for_jobs(&jobs);
                }
                server.wait_for_scrapes(3);
                // What a rule made before it began to fail stays for five minutes: its series must be there first.
                if let Some((path, text)) = &node.config.rules {
                    write(&folder.join(&node.name), path, text);
                    server.reload();
                }
            }
            for (_, server) in nodes.zip(&mut running.servers[before..]).filter(|(node, _)| with_rules(node))
            {
                server.wait_for_rules(4);
            }
        }
        running
    }

    /// Servers first, so that none sees its targets go.
    fn stop(self) {
        drop(self.servers);
        drop(self.proxies);
    }
}

/// Of each application its path and what is there, by its address.
type Metrics = BTreeMap<String, (&'static str, String)>;

/// What a target answers: an application its metrics, a server whatever it says.
fn answer(
    metrics: &Metrics,
    port: Option<u16>,
    host: &str,
    path: &str,
    headers: &[(String, String)],
) -> Response {
    let app = |listen: &str| listen == host || listen.split(':').next() == Some(host.trim_end_matches(":80"));
    if let Some((_, (at, text))) = metrics.iter().find(|(listen, _)| app(listen)) {
        let path = path.split('?').next().unwrap_or_default();
        return if path == *at {
            Response::new(200, "text/plain; version=0.0.4; charset=utf-8", text.as_str())
        } else {
            Response::new(404, "text/plain", "no such page\n")
        };
    }
    let Some(port) = port else { return Response::new(502, "text/plain", "no such host\n") };
    // Not compressed, so that its length can be looked at.
    let onward: Vec<(String, String)> =
        headers.iter().filter(|(name, _)| name == "accept").cloned().collect();
    Client::new(port)
        .get(path, &onward)
        .unwrap_or_else(|error| Response::new(502, "text/plain", error.to_string()))
}

/// Of how many lines the value depends on how long something took, or on when it is looked at.
fn loose_lines(text: &str) -> usize {
    text.lines().filter(|line| is_loose(line)).count()
}

fn is_loose(line: &str) -> bool {
    ["scrape_duration_seconds", "scrape_series_added"].iter().any(|name| line.starts_with(name))
}

/// What differs in the lengths of answers. Of a series that comes from several places any of the values may be
/// printed.
fn lengths_differ(answers: &Answers, previewed: &BTreeMap<String, Node>) -> String {
    /// The most that a value's text is longer than another one.
    const LONGEST: usize = 24;
    let mut differences = String::new();
    for ([puller, target, path], &(length, loose)) in answers {
        let (Some(ours), Some(source)) =
            (previewed.get(puller), target.split(':').next().and_then(|name| previewed.get(name)))
        else {
            continue;
        };
        let name = |labels: &compare::Labels| labels.get("__name__").cloned().unwrap_or_default();
        let mixed =
            source.series.iter().filter(|(labels, value)| value.is_none() && !is_loose(&name(labels)));
        let mixed = mixed.count();
        let slack = LONGEST * (loose + mixed);
        let told: Vec<usize> =
            ours.answers.iter().filter(|(of, _)| of == target).map(|(_, bytes)| *bytes).collect();
        if !told.iter().any(|bytes| bytes.abs_diff(length) <= slack) {
            differences.push_str(&format!(
                "{puller}: {target} answers {path} with {length} bytes, give or take {slack}; promtier says {told:?}\n"
            ));
        }
    }
    differences
}

/// Compares what is stored in a folder with the previews of its workspaces.
fn compare_recorded(seed: u64, folder: &Path) -> Result<(), String> {
    let mut differences = Vec::new();
    for workspace in [WORKSPACE, OF_SAMPLES] {
        if !folder.join(workspace).is_dir() {
            continue;
        }
        let found = match compare::preview(&folder.join(workspace)) {
            Ok(previewed) => compare_preview(folder, &previewed, workspace == OF_SAMPLES),
            Err(error) => error,
        };
        if !found.is_empty() {
            differences.push(format!("seed {seed}, {}\n{found}", folder.join(workspace).display()));
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n")) }
}

fn compare_preview(folder: &Path, previewed: &BTreeMap<String, Node>, of_samples: bool) -> String {
    let mut differences = Vec::new();
    // Whether a limit is met may depend on values; then nothing is known of that tier and of those above.
    let undecided = |node: &&Node| node.targets.iter().any(|[_, _, error]| error.starts_with("whether "));
    let undecided = previewed.values().filter(undecided).map(|node| node.tier).min().unwrap_or(u64::MAX);
    let mut entries: Vec<PathBuf> = fs::read_dir(folder.join("stored"))
        .expect("recordings")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a recording");
        let series: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        let mut stored = compare::stored(&series);
        if of_samples {
            // Samples were taken a moment ago. What changes from scrape to scrape is not what they say.
            let lasting = ["up", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling"];
            for (labels, value) in &mut stored {
                if !labels.get("__name__").is_some_and(|name| lasting.contains(&name.as_str())) {
                    *value = None;
                }
            }
        }
        match previewed.get(&name) {
            Some(ours) if ours.tier >= undecided => {}
            Some(ours) => {
                let (stored, series) = ours.settled(&stored);
                differences.extend(compare::difference(&name, &stored, &series));
                // Without the applications' metrics nothing is known of the scrapes of them.
                if !of_samples {
                    let path = folder.join("targets").join(format!("{name}.json"));
                    let text = fs::read_to_string(&path).expect("a recording");
                    let real: Vec<Value> = serde_json::from_str(&text).expect("JSON");
                    let real = compare::targets(&real);
                    differences.extend(compare::targets_differ(&name, &real, &ours.targets));
                }
            }
            None => differences.push(format!("{name}: not in the preview\n")),
        }
    }
    if !of_samples && let Ok(text) = fs::read_to_string(folder.join(ANSWERS)) {
        let answers: Vec<([String; 3], (usize, usize))> = serde_json::from_str(&text).expect("JSON");
        differences.push(lengths_differ(&answers.into_iter().collect(), previewed));
    }
    differences.concat()
}

/// Compares recordings without servers.
fn replay(folder: &Path) {
    let mut failures = Vec::new();
    let mut count = 0;
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder of recordings")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let Some(seed) = name.strip_prefix("seed-").and_then(|seed| seed.parse().ok()) else { continue };
        // One that is being recorded right now has nothing yet.
        if !path.join("targets").is_dir() {
            continue;
        }
        count += 1;
        failures.extend(compare_recorded(seed, &path).err());
    }
    assert!(
        failures.is_empty(),
        "{} of {count} recordings differ\n\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(count > 0, "no recordings in {}", folder.display());
}
