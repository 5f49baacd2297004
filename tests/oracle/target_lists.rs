//! Generated jobs whose targets come from files and over HTTP.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::config::{Labels, scalar};
use crate::random::Random;
use crate::server::Line;

/// A workspace of one server.
pub(crate) struct Workspace {
    pub(crate) line: Line,
    /// The configuration, with `PROXY` for the address of the proxy.
    config: String,
    /// Its other files.
    pub(crate) files: Vec<(String, String)>,
    /// What is answered over HTTP: URL and body.
    pub(crate) answers: Vec<(String, String)>,
    /// The jobs whose targets have, in `/api/v1/targets`, the labels that they had before relabelling. Up to 2.42
    /// rules write over them (`relabel.go`, `relabel`: the labels that it is given are its buffer).
    pub(crate) untouched: Vec<String>,
}

impl Workspace {
    pub(crate) fn config(&self, proxy: &str) -> String {
        self.config.replace("PROXY", proxy)
    }
}

#[rustfmt::skip] // One item a line would be pages.
const ADDRESSES: &[(usize, &str)] = &[
    (8, "host-1:9100"), (6, "host-2:80"), (4, "host-3"), (3, "host-4:443"), (2, "[::1]:9090"), (2, "[::1]"),
    (2, "::1"), (1, ""), (1, "http://host-5"), (1, "host-6/path"), (2, "host-7:"), (1, "hö st:1"),
    (1, "a%b:1"), (1, "host-8:port"), (1, "host]:1"), (1, "[host-9:1"), (1, "a'b\"c<d>:1"), (3, "host-1:9101"),
];

#[rustfmt::skip] // One item a line would be pages.
const LABELS: &[(usize, &str)] = &[
    (6, "env"), (6, "zone"), (3, "job"), (3, "instance"), (3, "__meta_custom"), (3, "__tmp"),
    (2, "__metrics_path__"), (2, "__scheme__"), (2, "__scrape_interval__"), (2, "__scrape_timeout__"),
    (2, "__param_module"), (2, "__param_other"), (1, "__address__"), (1, "__meta_filepath"), (1, "__meta_url"),
    (2, "exported_job"), (1, "a.b"), (1, "é"), (1, "__always_scrape_classic_histograms__"),
];

#[rustfmt::skip] // One item a line would be pages.
const VALUES: &[(usize, &str)] = &[
    (6, "eu"), (6, "us"), (3, "EU"), (3, ""), (2, "a;b"), (2, "x y"), (1, "é\"\\"), (1, "$1"), (2, "host-1:9100"),
    (1, "null"), (1, "1e3"), (1, "new\nline"),
];

/// A workspace of `count` jobs in `folder`.
pub(crate) fn workspace(seed: u64, count: usize, line: Line, folder: &Path) -> Workspace {
    let mut maker = Maker {
        random: Random::new(seed),
        line,
        folder: folder.display().to_string(),
        files: Vec::new(),
        answers: Vec::new(),
        untouched: Vec::new(),
    };
    let mut config = String::from("global:\n  scrape_interval: 5m\n");
    let mut own: Vec<String> = Vec::new();
    for number in 0..count {
        // Jobs of other files came with 2.43.
        if line == Line::V3 && number % 10 == 9 {
            let job = maker.job(number, "more");
            maker.files.push((format!("more/jobs-{number}.yml"), format!("scrape_configs:\n{job}")));
        } else {
            let job = maker.job(number, "");
            own.push(job);
        }
    }
    if line == Line::V3 {
        config.push_str("scrape_config_files: ['more/jobs-*.yml', 'none/*.yml']\n");
    }
    config.push_str("scrape_configs:\n");
    config.push_str(&own.concat());
    let Maker { files, answers, untouched, .. } = maker;
    Workspace { line, config, files, answers, untouched }
}

struct Maker {
    random: Random,
    line: Line,
    folder: String,
    files: Vec<(String, String)>,
    answers: Vec<(String, String)>,
    untouched: Vec<String>,
}

impl Maker {
    fn value(&mut self, label: &str) -> String {
        let text = match label {
            "__scrape_interval__" => self.random.pick(&["1m", "90s", "0s", "5", "1h30m", "x"]),
            "__scrape_timeout__" => self.random.pick(&["1s", "10m", "0s", "10s"]),
            "__scheme__" => self.random.pick(&["http", "https", "ftp", ""]),
            "__metrics_path__" => self.random.pick(&["/m", "m", "/a b?c", "*", "", "/é%;"]),
            "__always_scrape_classic_histograms__" => self.random.pick(&["true", "maybe"]),
            _ => self.random.weighted(VALUES),
        };
        text.to_owned()
    }

    fn labels(&mut self) -> Labels {
        let mut labels = Labels::new();
        for _ in 0..self.random.below(4) {
            let name = self.random.weighted(LABELS);
            // A name that the version does not take spoils the list; static lists would spoil the configuration.
            let is_rare = matches!(name, "a.b" | "é") && !self.random.chance(20);
            if !is_rare && labels.iter().all(|(known, _)| known != name) {
                let value = self.value(name);
                labels.push((name.to_owned(), value));
            }
        }
        labels
    }

    fn addresses(&mut self) -> Vec<String> {
        (0..self.random.below(5)).map(|_| self.random.weighted(ADDRESSES).to_owned()).collect()
    }

    /// A job below `folder`, as an item of a list.
    fn job(&mut self, number: usize, folder: &str) -> String {
        let mut lines = vec![format!("job_name: job-{number}"), "proxy_url: PROXY".to_owned()];
        if self.random.chance(20) {
            lines.push(format!("scheme: {}", self.random.pick(&["http", "https"])));
        }
        if self.random.chance(20) {
            lines.push(format!(
                "metrics_path: {}",
                scalar(self.random.pick(&["/federate", "m", "/a b", "/x%y"]))
            ));
        }
        if self.random.chance(20) {
            lines.push(format!("scrape_interval: {}", self.random.pick(&["30s", "90s", "1h", "1d"])));
        }
        if self.random.chance(15) {
            lines.push(format!("scrape_timeout: {}", self.random.pick(&["1s", "30s", "500ms"])));
        }
        if self.random.chance(30) {
            let params = [
                "{ module: [a, b] }",
                "{ module: [], 'match[]': ['{a=\"b\"}', 'up'] }",
                "{ other: [''], module: ['x y', \"é&=\"] }",
            ];
            lines.push(format!("params: {}", self.random.pick(&params)));
        }
        if self.random.chance(40) {
            lines.extend(self.static_configs());
        }
        if self.random.chance(70) {
            lines.extend(self.file_sd_configs(number, folder));
        }
        if self.random.chance(30) {
            lines.extend(self.http_sd_configs(number));
        }
        let relabels = self.random.chance(80);
        if relabels {
            lines.extend(self.relabel_configs());
        }
        if !relabels || self.line == Line::V3 {
            self.untouched.push(format!("job-{number}"));
        }
        let lines: Vec<String> = lines.iter().map(|line| format!("    {line}\n")).collect();
        lines.concat().replacen("    ", "  - ", 1)
    }

    fn static_configs(&mut self) -> Vec<String> {
        let mut lines = vec!["static_configs:".to_owned()];
        for _ in 0..self.random.between(1, 2) {
            // An address with a slash in a static list spoils the configuration of a job without rules.
            let targets: Vec<String> = self
                .addresses()
                .iter()
                .filter(|address| !address.contains('/'))
                .map(|it| scalar(it))
                .collect();
            lines.push(format!("  - targets: [{}]", targets.join(", ")));
            let labels = self.labels();
            for (at, (name, value)) in
                labels.iter().filter(|(name, _)| !matches!(name.as_str(), "a.b" | "é")).enumerate()
            {
                if at == 0 {
                    lines.push("    labels:".to_owned());
                }
                lines.push(format!("      {}: {}", scalar(name), scalar(value)));
            }
        }
        lines
    }

    fn file_sd_configs(&mut self, number: usize, folder: &str) -> Vec<String> {
        let inside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut names = Vec::new();
        for at in 0..self.random.between(1, 3) {
            let extension =
                self.random.weighted(&[(6, "json"), (6, "yml"), (2, "yaml"), (1, "JSON"), (1, "YML")]);
            let name = format!("lists/{number}-{at}.{extension}");
            let text = if extension.eq_ignore_ascii_case("json") { self.json() } else { self.yaml() };
            self.files.push((format!("{inside}{name}"), text));
            names.push(name);
        }
        let mut lines = vec!["file_sd_configs:".to_owned()];
        for _ in 0..if self.random.chance(25) { 2 } else { 1 } {
            let mut patterns: Vec<String> = Vec::new();
            for _ in 0..self.random.between(1, 2) {
                let name = names[self.random.below(names.len())].clone();
                let absolute = format!("{}/{inside}{name}", self.folder);
                let [rooted, dotted] = [absolute, format!("./lists/../{name}")];
                let all = [format!("lists/{number}-*.json"), format!("lists/{number}-*.yml")];
                let odd = format!("lists/{number}-[0-1].yml");
                let unclean = format!("{}/./{inside}{name}", self.folder);
                let choices: [(usize, &str); 8] = [
                    (1, &unclean),
                    (6, &name),
                    (2, &rooted),
                    (2, &dotted),
                    (3, &all[0]),
                    (3, &all[1]),
                    (1, &odd),
                    (1, "lists/none.yml"),
                ];
                patterns.push(scalar(self.random.weighted(&choices)));
            }
            lines.push(format!("  - files: [{}]", patterns.join(", ")));
            if self.random.chance(25) {
                lines.push("    refresh_interval: 1m".to_owned());
            }
        }
        lines
    }

    fn http_sd_configs(&mut self, number: usize) -> Vec<String> {
        let mut lines = vec!["http_sd_configs:".to_owned()];
        for at in 0..self.random.between(1, 2) {
            let url = format!("http://sd.example/{number}/{at}?x=y");
            let body = self.json();
            self.answers.push((url.clone(), body));
            lines.push(format!("  - url: {}", scalar(&url)));
            lines.push("    proxy_url: PROXY".to_owned());
        }
        lines
    }

    fn groups(&mut self) -> Vec<(Vec<String>, Labels)> {
        (0..self.random.between(0, 3)).map(|_| (self.addresses(), self.labels())).collect()
    }

    /// A list of targets in JSON, one in six of them broken.
    fn json(&mut self) -> String {
        if self.random.chance(15) {
            return self.random.pick(BROKEN_JSON).to_owned();
        }
        if self.random.chance(10) {
            return self.random.pick(ODD_JSON).to_owned();
        }
        let groups = self.groups().into_iter().map(|(targets, labels)| {
            let labels: Map<String, Value> =
                labels.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
            json!({ "targets": targets, "labels": labels })
        });
        serde_json::to_string_pretty(&groups.collect::<Vec<_>>()).expect("JSON")
    }

    /// A list of targets in YAML, one in six of them broken.
    fn yaml(&mut self) -> String {
        if self.random.chance(15) {
            return self.random.pick(BROKEN_YAML).to_owned();
        }
        if self.random.chance(10) {
            return self.random.pick(ODD_YAML).to_owned();
        }
        let mut out = String::new();
        for (targets, labels) in self.groups() {
            let targets: Vec<String> = targets.iter().map(|target| scalar(target)).collect();
            out.push_str(&format!("- targets: [{}]\n", targets.join(", ")));
            if !labels.is_empty() {
                out.push_str("  labels:\n");
            }
            for (name, value) in labels {
                out.push_str(&format!("    {}: {}\n", scalar(&name), scalar(&value)));
            }
        }
        out
    }

    fn relabel_configs(&mut self) -> Vec<String> {
        let mut lines = vec!["relabel_configs:".to_owned()];
        for _ in 0..self.random.between(1, 4) {
            let rule = self.random.weighted(RULES);
            // Such a name came with 3.0.
            if self.line == Line::V2 && rule.contains("__param_match[]") {
                continue;
            }
            lines.push(format!("  - {rule}"));
        }
        lines
    }
}

#[rustfmt::skip] // One item a line would be pages.
const RULES: &[(usize, &str)] = &[
    (3, "{ source_labels: [__meta_filepath], regex: '.*/(.*)', target_label: file }"),
    (2, "{ source_labels: [__meta_url], target_label: url }"),
    (2, "{ action: labelmap, regex: '__meta_(custom|url)' }"),
    (2, "{ action: labelmap, regex: '__meta_filepath', replacement: path }"),
    (3, "{ source_labels: [zone, env], target_label: both }"),
    (2, "{ source_labels: [zone, env], separator: '', regex: '(e.)(.*)', replacement: '${2}-$1', target_label: mixed }"),
    (2, "{ source_labels: [env], regex: us, action: drop }"),
    (2, "{ source_labels: [__address__], regex: '.*:91.*', action: drop }"),
    (1, "{ source_labels: [__address__], regex: 'host.*|', action: keep }"),
    (1, "{ source_labels: [env], target_label: zone, action: keepequal }"),
    (1, "{ source_labels: [env], target_label: zone, action: dropequal }"),
    (2, "{ source_labels: [__address__], regex: '([^:]+)(:.*)?', replacement: '${1}:1234', target_label: __address__ }"),
    (1, "{ source_labels: [zone], regex: eu, replacement: '', target_label: __address__ }"),
    (1, "{ source_labels: [zone], regex: 'eu|us', replacement: https, target_label: __scheme__ }"),
    (1, "{ source_labels: [zone], regex: 'us', replacement: ftp, target_label: __scheme__ }"),
    (1, "{ source_labels: [env], regex: eu, replacement: '/$1x', target_label: __metrics_path__ }"),
    (1, "{ source_labels: [env], target_label: __param_module }"),
    (1, "{ source_labels: [env], target_label: '__param_match[]' }"),
    (1, "{ replacement: 20s, target_label: __scrape_interval__ }"),
    (1, "{ source_labels: [env], regex: '(.+)', replacement: 15s, target_label: __scrape_timeout__ }"),
    (1, "{ source_labels: [env], regex: eu, replacement: 1x, target_label: __scrape_timeout__ }"),
    (2, "{ source_labels: [__address__], modulus: 3, target_label: shard, action: hashmod }"),
    (1, "{ source_labels: [shard], regex: '2', action: drop }"),
    (2, "{ source_labels: [zone], target_label: zone, action: lowercase }"),
    (1, "{ source_labels: [zone], target_label: ZONE, action: uppercase }"),
    (2, "{ regex: 'env|__tmp', action: labeldrop }"),
    (1, "{ regex: 'job|instance', action: labeldrop }"),
    (1, "{ regex: '__.*|zone', action: labelkeep }"),
    (1, "{ regex: '__scheme__', action: labeldrop }"),
    (1, "{ regex: '__scrape_.*', action: labeldrop }"),
    (2, "{ source_labels: [__meta_custom], target_label: instance }"),
    (1, "{ source_labels: [job], target_label: __tmp_job }"),
    (1, "{ replacement: one, target_label: job }"),
];

#[rustfmt::skip] // One item a line would be pages.
const BROKEN_JSON: &[&str] = &[
    "", "[", "[{]", "[{\"targets\": [\"a:1\"],}]", "[{\"targets\": [\"a:1\"]}", "{\"targets\": [\"a:1\"]}", "[null]",
    "[{\"targets\": [\"a:1\"]}, null]", "[{\"targets\": [1]}]", "[{\"targets\": \"a:1\"}]", "[{\"targets\": {\"a\": 1}}]",
    "[{\"targets\": [\"a:1\"], \"tags\": {}}]", "[{\"targets\": [\"a:1\"], \"labels\": {\"a\": 1}}]",
    "[{\"targets\": [\"a:1\"], \"labels\": [\"a\"]}]", "[{\"targets\": [\"a:1\"], \"labels\": {\"\": \"b\"}}]",
    "[\"a:1\"]", "[[\"a:1\"]]", "[{\"targets\": [\"a:1\"]}] x", "'a'", "\u{feff}[]", "[{\"targets\": [\"a\\x\"]}]",
    "[{\"targets\": [\"a\nb\"]}]", "[01]", "[-]", "-", "[1.]", "[1e]", "[tru]", "tru", "[{\"targets\" [\"a\"]}]",
    "[{\"targets\": [\"a\"] \"labels\": {}}]", "[\"a\" \"b\"]", "[{\"targets\": [\"\\u12\"]}]", "[{'targets': []}]",
    "[{\"labels\": {\"a\": true}}]", "[{\"labels\": \"a\"}]", "[{\"labels\": {\"a\": {\"b\": \"c\"}}}]", "[{\"targets\": [true, null]}]",
    "[{\"targets\": [[\"a\"]]}]", "true", "\"\\",
];

#[rustfmt::skip] // One item a line would be pages.
const ODD_JSON: &[&str] = &[
    "null", "[]", "[{}]", "[{\"TARGETS\": [\"odd-1:1\"], \"Labels\": {\"env\": \"eu\"}}]",
    "[{\"targets\": [\"odd-2:1\"], \"targets\": [\"odd-3:1\"], \"labels\": {\"env\": \"a\", \"env\": \"b\"}, \"labels\": {\"zone\": \"c\"}}]",
    "[{\"targets\": [\"odd-4:1\", null], \"labels\": {\"env\": null}}]", "[{\"targets\": null, \"labels\": null}]",
    "[{\"targetſ\": [\"odd-5:1\"]}]", "\t[{\"targets\"\n:[\"\\u006fdd-6:1\", \"odd-\\ud83d\\ude00:1\", \"odd-\\ud800:1\"]}]\r\n",
    "[{\"targets\": [\"odd-7:1\"], \"labels\": {\"env\": \"a\"}, \"labels\": null}]",
];

#[rustfmt::skip] // One item a line would be pages.
const BROKEN_YAML: &[&str] = &[
    "targets: [a:1]\n", "- targets: [a:1]\n  tags: {}\n", "- targets: a:1\n", "- targets: [[a]]\n", "-\n", "- targets: [a:1]\n- ~\n",
    "- targets: [a:1\n", "- targets: [a:1]\n targets: [b]\n", "- targets: [a:1]\n  targets: [b:1]\n", "- targets: [a:1]\n  labels: {'': b}\n",
    "- targets: [a:1]\n  labels: [a]\n", "- a:1\n", "a:1\n", "- targets: [*x]\n", "- targets: [a:1]\n  labels: {a: [b]}\n", "\t- targets: [a]\n",
    "- targets: [a:1]\n  labels: {a: b, a: c}\n", "- {targets: [a:1], lables: {}}\n", "- targets: {a: b}\n", "- \"x\"\n", "[[]]\n",
];

#[rustfmt::skip] // One item a line would be pages.
const ODD_YAML: &[&str] = &[
    "", "[]", "~", "# nothing\n", "---\n- targets: [odd-1:1]\n---\n- targets: [odd-2:1]\n", "- {}\n", "- targets:\n",
    "- targets: [1, 1.5, yes, 0x10, ~, 2001-01-01]\n  labels: {env: yes, zone: 1_000, job: ~}\n",
    "- &a\n  targets: [odd-3:1]\n  labels: &l {env: eu}\n- *a\n- targets: [odd-4:1]\n  labels: *l\n",
    "- targets: [odd-5:1]\n  labels: {<<: {env: eu}, zone: us}\n", "- targets: ['odd-6:1']\r\n  labels: {env: \"a\\tb\"}\r\n",
    "- targets:\n  - >\n    odd-7:1\n", "- labels: {env: eu}\n", "\u{feff}- targets: [odd-8:1]\n",
];
