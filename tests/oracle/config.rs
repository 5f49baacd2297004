//! Generated Prometheus configurations: the parts that decide what a server stores.

use std::collections::BTreeMap;

use crate::exposition::{LABELS, VALUES};
use crate::random::Random;
use crate::server::Line;

/// A scrape job: a name and the lines of YAML below it.
#[derive(Clone, Default)]
pub(crate) struct Job {
    pub(crate) name: String,
    /// Whether its targets are servers.
    pub(crate) federates: bool,
    pub(crate) lines: Vec<String>,
    /// The files that list targets for it: their paths beside the configuration, and their texts.
    pub(crate) files: Vec<(String, String)>,
}

impl Job {
    /// Whether one of its lines begins so, however far it is indented.
    pub(crate) fn has_line(&self, start: &str) -> bool {
        self.lines.iter().any(|line| line.trim_start().starts_with(start))
    }

    /// Whether the word is in it, or in a file that lists its targets.
    pub(crate) fn mentions(&self, word: &str) -> bool {
        let mut texts = self.lines.iter().chain(self.files.iter().map(|(_, text)| text));
        texts.any(|text| text.contains(word))
    }
}

/// Labels as a configuration lists them.
pub(crate) type Labels = Vec<(String, String)>;

/// Everything of a configuration that is generated.
#[derive(Clone, Default)]
pub(crate) struct Config {
    pub(crate) external_labels: Labels,
    /// Further lines of `global`.
    pub(crate) global: Vec<String>,
    pub(crate) jobs: Vec<Job>,
    /// The file of rules: its path beside the configuration, and its text.
    pub(crate) rules: Option<(String, String)>,
}

impl Config {
    /// The files that it names.
    pub(crate) fn files(&self) -> impl Iterator<Item = &(String, String)> {
        self.jobs.iter().flat_map(|job| &job.files).chain(&self.rules)
    }

    /// The file; with a proxy as the real server gets it, without as promtier does.
    pub(crate) fn yaml(&self, proxy: Option<&str>) -> String {
        let mut out = String::from("global:\n  scrape_interval: 1s\n  evaluation_interval: 500ms\n");
        for line in &self.global {
            out.push_str(&format!("  {line}\n"));
        }
        if !self.external_labels.is_empty() {
            out.push_str("  external_labels:\n");
            for (name, value) in &self.external_labels {
                out.push_str(&format!("    {}: {}\n", scalar(name), scalar(value)));
            }
        }
        if let Some((path, _)) = &self.rules {
            out.push_str(&format!("rule_files: [{path}]\n"));
        }
        if !self.jobs.is_empty() {
            out.push_str("scrape_configs:\n");
        }
        for job in &self.jobs {
            out.push_str(&format!("  - job_name: {}\n", scalar(&job.name)));
            if let Some(url) = proxy {
                out.push_str(&format!("    proxy_url: {url}\n"));
            }
            for line in &job.lines {
                out.push_str(&format!("    {line}\n"));
            }
        }
        out
    }
}

/// A YAML scalar: plain where nothing could be read into it.
pub(crate) fn scalar(text: &str) -> String {
    let plain = !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        && text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if plain {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

fn list(items: &[&str]) -> String {
    format!("[{}]", items.iter().map(|item| scalar(item)).collect::<Vec<_>>().join(", "))
}

/// External labels: absent, telling, and colliding with what series carry.
pub(crate) fn external_labels(random: &mut Random, line: Line) -> Labels {
    if random.chance(30) {
        return Vec::new();
    }
    let names =
        ["region", "replica", "zone", "a", "job", "instance", "exported_job", "Zone", "prometheus", "le"];
    random
        .several(&names, 1, 3)
        .into_iter()
        .map(|name| {
            // `$` is expanded in 3.x and left alone in 2.42.
            let value = if random.chance(6) && line == Line::V3 { "a$$b" } else { random.weighted(VALUES) };
            let value = if value == "$1" { "one" } else { value };
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

/// What jobs inherit.
pub(crate) fn global(random: &mut Random, line: Line) -> Vec<String> {
    let mut lines = Vec::new();
    if line == Line::V2 {
        return lines;
    }
    if random.chance(5) {
        lines.push(format!("sample_limit: {}", random.between(5, 40)));
    }
    if random.chance(4) {
        lines.push(format!("label_limit: {}", random.between(5, 9)));
    }
    if random.chance(3) {
        lines.push(format!("body_size_limit: {}B", random.pick(&["400", "3000", "20000"])));
    }
    if random.chance(5) {
        lines.push("metric_name_validation_scheme: legacy".to_owned());
        lines.push("metric_name_escaping_scheme: underscores".to_owned());
    }
    lines
}

/// Labels of a group of static targets.
pub(crate) fn target_labels(random: &mut Random) -> Labels {
    let names = ["region", "zone", "job", "instance", "a", "le", "__tmp", "__metrics_path__", "exported_job"];
    random
        .several(&names, 1, 2)
        .into_iter()
        .filter(|name| *name != "__metrics_path__")
        .map(|name| (name.to_owned(), random.weighted(VALUES).to_owned()))
        .collect()
}

/// `static_configs` of groups of targets with their labels.
pub(crate) fn static_configs(groups: &[(Vec<String>, Labels)]) -> Vec<String> {
    let mut lines = vec!["static_configs:".to_owned()];
    for (targets, labels) in groups {
        let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
        lines.push(format!("  - targets: {}", list(&targets)));
        if !labels.is_empty() {
            lines.push("    labels:".to_owned());
            for (name, value) in labels {
                lines.push(format!("      {}: {}", scalar(name), scalar(value)));
            }
        }
    }
    lines
}

/// `file_sd_configs` with a file of groups of targets with their labels, in JSON or YAML as `path` ends.
pub(crate) fn file_sd_configs(
    path: &str,
    groups: &[(Vec<String>, Labels)],
) -> (Vec<String>, (String, String)) {
    let lines = vec!["file_sd_configs:".to_owned(), format!("  - files: [{path}]")];
    let text = if path.rsplit('.').next() == Some("json") {
        let groups = groups.iter().map(|(targets, labels)| {
            let labels: BTreeMap<&str, &str> =
                labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            serde_json::json!({ "targets": targets, "labels": labels })
        });
        serde_json::Value::Array(groups.collect()).to_string()
    } else {
        static_configs(groups).into_iter().skip(1).map(|line| line + "\n").collect()
    };
    (lines, (path.to_owned(), text))
}

/// `params` with the selectors of a federation job.
pub(crate) fn selectors(selectors: &[String]) -> Vec<String> {
    if selectors.is_empty() {
        return Vec::new();
    }
    let mut lines = vec!["params:".to_owned(), "  \"x[]\": [y]".to_owned(), "  \"match[]\":".to_owned()];
    lines.extend(selectors.iter().map(|selector| format!("    - {}", scalar(selector))));
    lines
}

/// Regexes over what names and values there are.
#[rustfmt::skip] // One item a line would be pages.
const REGEXES: &[&str] = &[
    "(.*)", ".*", ".+", "", "x", "x|y", "go_.*", "job:.*", "(.+)_total", "(.*)_(.*)", "eu|us", "(?i)X",
    "[a-z]+", "é.*", "(\\w+)-(\\d+):(\\d+)", ".*:8080", "a;b", "[^:]+", "(x)?(y)?", "\\d+(\\.\\d+)?",
    "(?P<n>.)(.*)", ".", "new.line", "http_requests_total|up|node_load1", "\\S+", "a.*|e.*",
];

#[rustfmt::skip] // One item a line would be pages.
const REPLACEMENTS: &[&str] = &[
    "$1", "${1}", "", "x", "$1_$2", "${2}-${1}", "$1x", "$$", "fix$ed", "${n}", "job:$1", "é$1", "$0",
    "${3}", "$9",
];

#[rustfmt::skip] // One item a line would be pages.
const METRIC_SOURCES: &[&str] = &[
    "__name__", "a", "b", "job", "instance", "exported_job", "region", "zone", "le", "replica", "code",
    "absent", "__tmp", "exported_instance",
];

const METRIC_TARGETS: &[&str] =
    &["a", "b", "job", "instance", "region", "new", "__tmp", "exported_job", "__name__", "le", "a", "zone"];

const TARGET_SOURCES: &[&str] =
    &["__address__", "job", "instance", "region", "zone", "a", "__scheme__", "__tmp"];

const TARGET_TARGETS: &[&str] =
    &["instance", "region", "zone", "job", "a", "new", "__tmp", "exported_instance"];

/// Relabeling of samples.
pub(crate) fn metric_relabel_configs(random: &mut Random) -> Vec<String> {
    relabel_configs(random, "metric_relabel_configs", METRIC_SOURCES, METRIC_TARGETS)
}

/// Relabeling of targets. Every target must stay one that is known: an address changes to one of `addresses`.
pub(crate) fn target_relabel_configs(random: &mut Random, addresses: &[&str]) -> Vec<String> {
    let mut lines = relabel_configs(random, "relabel_configs", TARGET_SOURCES, TARGET_TARGETS);
    if lines.is_empty() {
        lines.push("relabel_configs:".to_owned());
    }
    if random.chance(12) {
        let address = random.pick(addresses).split(':').next().unwrap_or_default();
        lines.push("  - source_labels: [__address__]".to_owned());
        lines.push(format!("    regex: {}", scalar(&format!("{address}(:.*)?"))));
        lines.push(format!("    action: {}", random.pick(&["drop", "drop", "keep"])));
    }
    if random.chance(25) {
        let (from, to) = (random.pick(addresses), random.pick(addresses));
        lines.push("  - source_labels: [__address__]".to_owned());
        lines.push(format!("    regex: {}", scalar(&from.replace(':', "(:.*)?"))));
        lines.push("    target_label: __address__".to_owned());
        lines.push(format!("    replacement: {}", scalar(to)));
    }
    if lines.len() == 1 { Vec::new() } else { lines }
}

fn relabel_configs(random: &mut Random, key: &str, sources: &[&str], targets: &[&str]) -> Vec<String> {
    let of_targets = key == "relabel_configs";
    let mut lines = vec![format!("{key}:")];
    for _ in 0..random.between(1, 3) {
        let action = random.weighted(&[
            (8, "replace"),
            (3, "keep"),
            (3, "drop"),
            (3, "labelmap"),
            (3, "labeldrop"),
            (2, "labelkeep"),
            (3, "hashmod"),
            (1, "lowercase"),
            (1, "uppercase"),
            (1, "keepequal"),
            (1, "dropequal"),
        ]);
        // What would drop every target, or the labels that a target needs, is left to the samples.
        if of_targets
            && matches!(action, "labelkeep" | "keepequal" | "keep" | "labeldrop")
            && random.chance(70)
        {
            continue;
        }
        let mut fields: Vec<String> = Vec::new();
        let least = usize::from(!matches!(action, "replace"));
        let source = random.several(sources, least, 2);
        let regex = random.pick(REGEXES);
        let target = random.pick(targets);
        let takes_source = !matches!(action, "labelmap" | "labeldrop" | "labelkeep");
        if takes_source && !source.is_empty() {
            fields.push(format!("source_labels: {}", list(&source)));
        }
        if matches!(action, "replace" | "keep" | "drop" | "hashmod") && random.chance(15) {
            fields.push(format!("separator: {}", scalar(random.pick(&["", "/", "-", ":"]))));
        }
        match action {
            "replace" => {
                if random.chance(70) {
                    fields.push(format!("regex: {}", scalar(regex)));
                }
                let target = if random.chance(10) { random.pick(&["${1}_x", "x_$1"]) } else { target };
                fields.push(format!("target_label: {}", scalar(target)));
                if random.chance(60) {
                    fields.push(format!("replacement: {}", scalar(random.pick(REPLACEMENTS))));
                }
            }
            "keep" | "drop" => {
                let regex = match action {
                    "keep" if random.chance(60) => random.pick(&[".+", "[a-z].*", ".*_.*", "[^x].*", "..*"]),
                    _ => regex,
                };
                fields.push(format!("regex: {}", scalar(regex)));
            }
            "labelmap" => {
                fields.push(format!(
                    "regex: {}",
                    scalar(random.pick(&["exported_(.+)", "(.)", "a|b", "(.*)o(.*)"]))
                ));
                if random.chance(60) {
                    fields.push(format!(
                        "replacement: {}",
                        scalar(random.pick(&["m_$1", "$1", "a", "${1}_${2}"]))
                    ));
                }
            }
            "labeldrop" => {
                let regex = random.weighted(&[
                    (4, "exported_.*"),
                    (4, "a|b"),
                    (3, "region|zone|replica"),
                    (2, "instance"),
                    (2, "job"),
                    (1, "__name__"),
                    (2, "__.*tmp"),
                    (1, "[a-z]"),
                ]);
                fields.push(format!("regex: {}", scalar(regex)));
            }
            "labelkeep" => {
                let regex = random.weighted(&[
                    (4, "__name__|job|instance"),
                    (4, "__.*__|[a-z]+"),
                    (2, ".*"),
                    (1, "job|instance"),
                    (1, "__name__"),
                ]);
                let regex = if of_targets { "__.*__|job|instance|region" } else { regex };
                fields.push(format!("regex: {}", scalar(regex)));
            }
            "hashmod" => {
                fields.push(format!("modulus: {}", random.pick(&["1", "2", "3", "10", "4294967296"])));
                let target = if target == "__name__" { "shard" } else { target };
                fields.push(format!("target_label: {}", scalar(target)));
            }
            _ => {
                let target = if target == "__name__" { "a" } else { target };
                fields.push(format!("target_label: {}", scalar(target)));
            }
        }
        let spelling = if random.chance(10) { action.to_uppercase() } else { action.to_owned() };
        fields.push(format!("action: {spelling}"));
        for (index, field) in fields.iter().enumerate() {
            lines.push(format!("  {} {field}", if index == 0 { "-" } else { " " }));
        }
    }
    if lines.len() == 1 { Vec::new() } else { lines }
}

/// Names of labels, for what generates selectors.
pub(crate) fn some_label(random: &mut Random) -> &'static str {
    random.weighted(LABELS)
}
