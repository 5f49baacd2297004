//! Generated topologies: applications, and two or three tiers of servers over them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::config::{self, Config, Job};
use crate::exposition::{self, VALUES, quoted};
use crate::random::Random;
use crate::recording::{self, Words};
use crate::server::Line;

/// An application: whoever scrapes `listen` gets `metrics`.
pub(crate) struct App {
    pub(crate) name: String,
    pub(crate) listen: String,
    pub(crate) path: &'static str,
    pub(crate) metrics: String,
}

/// A Prometheus server of the topology.
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) listen: String,
    pub(crate) tier: usize,
    pub(crate) line: Line,
    pub(crate) config: Config,
    /// What stands before its paths: `--web.route-prefix`.
    pub(crate) prefix: &'static str,
}

/// Where the metrics of some applications are.
const OTHER_PATH: &str = "/other/metrics";

/// Applications and the servers over them, the lowest tier first.
pub(crate) struct Topology {
    pub(crate) apps: Vec<App>,
    pub(crate) nodes: Vec<Node>,
}

impl Topology {
    /// The topology of a seed. `lines` are the versions that its servers may have.
    pub(crate) fn generate(seed: u64, lines: &[Line]) -> Self {
        let mut random = Random::new(seed);
        let random = &mut random;
        let main = lines[random.below(lines.len())];
        let mixed = lines.len() > 1 && random.chance(25);
        let line = |random: &mut Random| if mixed { lines[random.below(lines.len())] } else { main };

        let apps: Vec<App> = (1..=random.between(1, 3))
            .map(|number| App {
                name: format!("app-{number}"),
                listen: format!("app-{number}:8080"),
                path: if random.chance(8) { OTHER_PATH } else { "/metrics" },
                metrics: if random.chance(2) {
                    String::new()
                } else {
                    let readers = line(random);
                    exposition::metrics(random, readers, 2, 14)
                },
            })
            .collect();
        let mut nodes: Vec<Node> = Vec::new();
        let tiers = random.between(2, 3);
        let with_rules = random.chance(60);
        for tier in 0..tiers {
            let count = match tier {
                0 => random.between(1, 3),
                1 => random.between(1, 2),
                _ => 1,
            };
            let below = nodes.len();
            // A pair of replicas differs in its external labels at most.
            let replicas = count > 1 && random.chance(40);
            for number in 1..=count {
                let kind = ["leaf", "middle", "global"][tier];
                let name = format!("{kind}-{number}");
                let line = line(random);
                let config = if replicas && number > 1 {
                    let first = &nodes[below].config;
                    let mut external_labels = first.external_labels.clone();
                    if random.chance(60) {
                        external_labels.retain(|(label, _)| label != "replica");
                        external_labels.push(("replica".to_owned(), number.to_string()));
                    }
                    Config { external_labels, ..first.clone() }
                } else {
                    let external_labels = config::external_labels(random, line);
                    let global = config::global(random, line);
                    let jobs = jobs(random, &apps, &nodes[..below], line, &name);
                    let rules = (with_rules && random.chance(70)).then(|| {
                        let text = rules(random, &apps, &nodes[..below], kind);
                        (format!("rules/{name}.yml"), text)
                    });
                    Config { external_labels, global, jobs, rules }
                };
                let line = if replicas { nodes.get(below).map_or(line, |first| first.line) } else { line };
                let prefix = if random.chance(15) { random.pick(&["/prom", "/a/b"]) } else { "" };
                nodes.push(Node { listen: format!("{name}:9090"), name, tier, line, config, prefix });
            }
        }
        Self { apps, nodes }
    }

    /// Writes the workspace that promtier gets: with what the applications answer or, for the nodes of
    /// `samples`, with what their `/federate` printed.
    pub(crate) fn write(&self, folder: &Path, samples: &BTreeMap<&str, String>) {
        std::fs::create_dir_all(folder).expect("a folder for the workspace");
        let write = |name: &str, text: &str| write(folder, name, text);
        let mut manifest = String::from("version: 1\nprometheus: \"2.42\"\nnodes:\n");
        for node in &self.nodes {
            write(&format!("{}.yml", node.name), &node.config.yaml(None));
            let (name, listen) = (&node.name, &node.listen);
            write!(manifest, "  {name}: {{ config: {name}.yml, listen: [\"{listen}\"]").expect("text");
            for (path, text) in node.config.files() {
                write(path, text);
            }
            if !node.prefix.is_empty() {
                write!(manifest, ", route_prefix: {}", node.prefix).expect("text");
            }
            if node.line != Line::V2 {
                write!(manifest, ", prometheus: \"{}\"", node.line.version()).expect("text");
            }
            if let Some(text) = samples.get(name.as_str()) {
                write(&format!("{name}.prom"), text);
                write!(manifest, ", samples: [{name}.prom]").expect("text");
            }
            manifest.push_str(" }\n");
        }
        let asks = |node: &&Node| node.config.jobs.iter().any(|job| !job.federates);
        if self.nodes.iter().filter(asks).all(|node| samples.contains_key(node.name.as_str())) {
            write("promtier.yaml", &manifest);
            return;
        }
        manifest.push_str("targets:\n");
        for App { name, listen, path, metrics } in &self.apps {
            write(&format!("{name}.prom"), metrics);
            // Where no port is given, 2.42 and 3.x ask differently; both find the application.
            writeln!(
                manifest,
                "  {name}: {{ listen: [\"{listen}\", \"{name}:80\", {name}], path: {path}, metrics: {name}.prom }}"
            )
            .expect("text");
        }
        write("promtier.yaml", &manifest);
    }
}

/// The name of what a topology may have, and what tells whether it does.
type Feature = (&'static str, fn(&Topology) -> bool);

/// All that is counted.
const FEATURES: &[Feature] = &[
    ("three tiers", |topology| topology.nodes.iter().any(|node| node.tier == 2)),
    ("replica sets", Topology::has_replicas),
    ("two versions", |topology| topology.nodes.iter().any(|node| node.line != topology.nodes[0].line)),
    ("route prefixes", |topology| topology.nodes.iter().any(|node| !node.prefix.is_empty())),
    ("recording rules", |topology| topology.nodes.iter().any(|node| node.config.rules.is_some())),
    ("external labels", |topology| topology.nodes.iter().any(|node| !node.config.external_labels.is_empty())),
    ("file discovery", |topology| topology.jobs().any(|job| !job.files.is_empty())),
    ("target relabelling", |topology| topology.has_line("relabel_configs:")),
    ("metric relabelling", |topology| topology.has_line("metric_relabel_configs:")),
    ("honor_labels", |topology| {
        topology.jobs().any(|job| job.federates && job.has_line("honor_labels: true"))
    }),
    ("no honor_labels", |topology| {
        topology.jobs().any(|job| job.federates && !job.lines.iter().any(|line| line.starts_with("honor_l")))
    }),
    ("forged timestamps", |topology| topology.has_line("honor_timestamps: false")),
    ("limits", |topology| topology.has_line("sample_limit: ") || topology.has_line("body_size_limit: ")),
    ("limits on labels", |topology| topology.has_line("label_")),
    ("other paths", |topology| topology.has_line(&format!("metrics_path: {OTHER_PATH}"))),
    ("paths by label", |topology| topology.jobs().any(|job| job.mentions("__metrics_path__"))),
    ("no match[]", |topology| topology.jobs().any(|job| job.federates && !job.has_line("params:"))),
];

impl Topology {
    fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.nodes.iter().flat_map(|node| &node.config.jobs)
    }

    fn has_line(&self, start: &str) -> bool {
        self.jobs().any(|job| job.has_line(start))
    }

    /// Whether two servers of one tier have the same configuration but for their external labels.
    fn has_replicas(&self) -> bool {
        let bare = |node: &Node| Config { external_labels: Vec::new(), ..node.config.clone() }.yaml(None);
        let pairs = self.nodes.windows(2);
        let alike = |pair: &&[Node]| pair[0].tier == pair[1].tier && bare(&pair[0]) == bare(&pair[1]);
        pairs.filter(alike).count() > 0
    }

    /// Every feature, and whether it is here.
    pub(crate) fn features(&self) -> impl Iterator<Item = (&'static str, bool)> {
        FEATURES.iter().map(|(name, is_here)| (*name, is_here(self)))
    }
}

/// Writes a file below `folder`.
pub(crate) fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

/// The rules of one server, over what applications expose and what servers below record.
fn rules(random: &mut Random, apps: &[App], below: &[Node], kind: &str) -> String {
    let prefix = format!("job:{kind}:");
    let legacy = |name: &&str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':');
    let lines = apps.iter().flat_map(|app| app.metrics.lines());
    let exposed = lines.map(|line| line.split(['{', ' ']).next().unwrap_or_default());
    let exposed = exposed.filter(|name| legacy(name) && name.starts_with(|c: char| !c.is_ascii_digit()));
    let records = below.iter().filter_map(|node| node.config.rules.as_ref());
    let records = records.flat_map(|(_, text)| text.lines()).filter_map(|line| line.split("record: ").nth(1));
    let mut names: Vec<&str> = exposed.chain(records).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    let mut selectors = vec![
        "up".to_owned(),
        "none{a=\"x\",b=~\"y\"}".to_owned(),
        format!("{{__name__=~\"http.*|go_.*|job:.*\",__name__!~\"{prefix}.*|ALERTS.*\"}}"),
    ];
    for name in names {
        selectors.push(name.to_owned());
        let (label, value) = (config::some_label(random), random.pick(&["x", "y", "eu", "us", "", "a"]));
        let op = random.pick(&["=", "!=", "=~", "!~"]);
        selectors.push(format!("{name}{{{label}{op}\"{value}\"}}"));
    }
    let selectors: Vec<&str> = selectors.iter().map(String::as_str).collect();
    let words =
        Words { selectors: &selectors, labels: &["a", "b", "job", "instance", "region", "zone", "le"] };
    recording::rule_file(random, &words, &prefix)
}

/// The jobs of one server: of applications, and of the servers below.
fn jobs(random: &mut Random, apps: &[App], below: &[Node], line: Line, node: &str) -> Vec<Job> {
    let mut names = vec!["prometheus", "app", "federate", "x", "job:1", "é", "node exporter", "app-2"];
    let mut jobs = Vec::new();
    let of_apps = if below.is_empty() { random.between(1, 3) } else { usize::from(random.chance(30)) };
    for _ in 0..of_apps {
        let name = names.swap_remove(random.below(names.len()));
        let addresses: Vec<&str> = apps.iter().map(|app| app.listen.as_str()).collect();
        let series = apps.iter().map(|app| app.metrics.lines().count()).max().unwrap_or(1).max(1);
        let bytes = apps[random.below(apps.len())].metrics.len();
        let file = format!("targets/{node}-{}", jobs.len());
        jobs.push(job(random, name, &addresses, line, (series, bytes), None, &file));
    }
    if !below.is_empty() {
        for _ in 0..random.between(1, 2) {
            let name = names.swap_remove(random.below(names.len()));
            let prefix = below[random.below(below.len())].prefix;
            let mixed = random.chance(10);
            let asked = below.iter().filter(|node| mixed || node.prefix == prefix);
            let addresses: Vec<&str> = asked.clone().map(|node| node.listen.as_str()).collect();
            let federate = Federate {
                path: format!("{prefix}/federate"),
                selectors: selectors(random, below, line),
                // What rules make depends on values, and with it whether a limit is just met.
                limits: below.iter().all(|node| node.config.rules.is_none()),
            };
            let file = format!("targets/{node}-{}", jobs.len());
            jobs.push(job(random, name, &addresses, line, (30, 2500), Some(&federate), &file));
        }
    }
    jobs
}

/// What makes a job one of federation.
struct Federate {
    path: String,
    selectors: Vec<String>,
    /// Whether there may be limits.
    limits: bool,
}

/// One job. `series` and `bytes` are about what a target answers, for limits that are just met or just not;
/// `file` is the path, without its ending, of a file that lists targets.
fn job(
    random: &mut Random,
    name: &str,
    addresses: &[&str],
    line: Line,
    (series, bytes): (usize, usize),
    federate: Option<&Federate>,
    file: &str,
) -> Job {
    let mut lines = Vec::new();
    let by_label = random.chance(8);
    let limits = federate.is_none_or(|federate| federate.limits);
    if let Some(federate) = federate {
        if !by_label {
            lines.push(format!("metrics_path: {}", federate.path));
        }
        lines.extend(config::selectors(&federate.selectors));
    } else if random.chance(6) {
        lines.push(format!("metrics_path: {OTHER_PATH}"));
    }
    let honors = if federate.is_some() { 65 } else { 35 };
    if random.chance(honors) {
        lines.push(format!("honor_labels: {}", random.pick(&["true", "true", "yes", "on"])));
    } else if random.chance(20) {
        lines.push("honor_labels: false".to_owned());
    }
    if random.chance(12) {
        lines.push("honor_timestamps: false".to_owned());
    }
    if limits && random.chance(7) {
        let limit = (series + random.below(5)).saturating_sub(2).max(1);
        lines.push(format!("sample_limit: {limit}"));
    }
    if limits && random.chance(5) {
        lines.push(format!("label_limit: {}", random.between(3, 8)));
    }
    if limits && random.chance(4) {
        lines.push(format!("label_name_length_limit: {}", random.between(6, 21)));
    }
    if limits && random.chance(4) {
        lines.push(format!("label_value_length_limit: {}", random.between(5, 20)));
    }
    if limits && random.chance(6) {
        let limit = (bytes + random.below(3)).saturating_sub(1).max(1);
        let limit = if federate.is_some() {
            format!("{}B", random.pick(&["100", "300", "9000"]))
        } else {
            format!("{limit}B")
        };
        lines.push(format!("body_size_limit: {limit}"));
    }
    if random.chance(3) {
        lines.push(format!("target_limit: {}", random.between(1, 2)));
    }
    let mut groups = Vec::new();
    for _ in 0..random.between(1, 2) {
        let targets: Vec<String> = random.several(addresses, 1, 3).into_iter().map(str::to_owned).collect();
        let mut labels = if random.chance(35) { config::target_labels(random) } else { Vec::new() };
        match federate {
            Some(federate) if by_label => {
                labels.push(("__metrics_path__".to_owned(), federate.path.clone()));
            }
            Some(federate) if !federate.selectors.is_empty() && line == Line::V3 && random.chance(8) => {
                labels.push(("__param_match[]".to_owned(), "{__name__=~\".*s.*\"}".to_owned()));
            }
            _ => {}
        }
        groups.push((targets, labels));
    }
    // Before 3.0 a port was added to an address without one.
    if federate.is_none() && random.chance(8) {
        for target in groups.iter_mut().flat_map(|(targets, _)| targets) {
            target.truncate(target.find(':').unwrap_or(target.len()));
        }
    }
    let mut files = Vec::new();
    if random.chance(25) {
        let listed = if random.chance(30) { groups.split_off(1) } else { std::mem::take(&mut groups) };
        let path = format!("{file}.{}", random.pick(&["json", "yml", "yaml"]));
        let (more, file) = config::file_sd_configs(&path, &listed);
        lines.extend(more);
        files.push(file);
    }
    if !groups.is_empty() {
        lines.extend(config::static_configs(&groups));
    }
    if random.chance(20) {
        lines.extend(config::target_relabel_configs(random, addresses));
    } else if federate.is_some() && line == Line::V3 && random.chance(6) {
        // Takes the place of the first selector, or is the only one.
        lines.push("relabel_configs:".to_owned());
        lines.push("  - target_label: \"__param_match[]\"".to_owned());
        lines.push("    replacement: \"{__name__=~\\\".*o.*\\\"}\"".to_owned());
    }
    if random.chance(30) {
        lines.extend(config::metric_relabel_configs(random));
    }
    if line == Line::V3 && random.chance(10) {
        if random.chance(50) {
            lines.push("metric_name_validation_scheme: legacy".to_owned());
        }
        lines.push(format!(
            "metric_name_escaping_scheme: {}",
            random.pick(&["underscores", "dots", "values"])
        ));
    }
    Job { name: name.to_owned(), federates: federate.is_some(), lines, files }
}

/// The `match[]` of a federation job: mostly what lets much through, so that upper tiers have something to hold.
fn selectors(random: &mut Random, below: &[Node], line: Line) -> Vec<String> {
    if random.chance(3) {
        return Vec::new();
    }
    let mut out: Vec<String> = Vec::new();
    if random.chance(55) {
        out.push(random.pick(&["{__name__=~\".+\"}", "{job=~\".+\"}", "{__name__!=\"\"}"]).to_owned());
    }
    if below.iter().any(|node| node.config.rules.is_some()) && random.chance(60) {
        out.push("{__name__=~\"job:.*\"}".to_owned());
    }
    for _ in 0..random.between(usize::from(out.is_empty()), 3) {
        let job = &below[random.below(below.len())].config.jobs;
        let selector = match random.below(12) {
            0 if !job.is_empty() => format!("{{job={}}}", quoted(&job[random.below(job.len())].name)),
            1 => "{__name__=~\"job:.*\"}".to_owned(),
            2 => "up".to_owned(),
            3 => "{instance=\"\"}".to_owned(),
            4 => "{__name__=~\"http_.*|go_.*\",job!=\"x\"}".to_owned(),
            5 if random.chance(30) => "{}".to_owned(),
            6 => "{zzz=\"\"}".to_owned(),
            7 if random.chance(15) => {
                random.pick(&["{", "up{", "{a=~\"(\"}", "sum(up)", "{a=\"b\",}}"]).to_owned()
            }
            8 if line == Line::V3 => "{\"http.requests\"}".to_owned(),
            9 => "http_requests_total{code!~\"5..\"}".to_owned(),
            _ => {
                let label = config::some_label(random);
                let value = random.weighted(VALUES).replace("$1", "one");
                format!("{{{label}{}{}}}", random.pick(&["=", "!="]), quoted(&value))
            }
        };
        out.push(selector);
    }
    out
}
