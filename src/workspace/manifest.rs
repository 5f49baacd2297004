//! `promtier.yaml`: who is who, where the files alone do not tell.
//!
//! ```yaml
//! version: 1
//! prometheus: "3.5"                 # default version of all nodes
//! nodes:
//!   leaf-1: { config: leaf.yml, listen: [prometheus-1:9090], samples: [leaf-1.prom], replica_set: leaf }
//!   global: { config: global.yml, prometheus: "2.42" }
//! balancers:
//!   prometheus: { config: haproxy.cfg, listen: [prom.example:9090] }
//! targets:                          # applications whose own metrics are known
//!   shop: { listen: [shop-1:8080], path: /metrics, metrics: shop.prom }
//! discovery:                        # what service discoveries answer, in the JSON of http_sd_configs
//!   - { url: "http://sd.example/shop", targets: shop.json }       # whoever asks this URL
//!   - { job: nodes, targets: nodes.json }                         # what all else of a job of this name finds
//!   - { node: global, job: nodes, from: consul, targets: c.json } # one node's, from one mechanism
//! expect:                           # what the preview is to show, checked by `promtier check`
//!   - { node: global, has: 'job:http_requests:rate5m{dc="eu"}' }
//!   - { tier: 1, lacks: '{__name__=~"go_.*"}', max_series: 2000 }
//! ```
//!
//! A node's `prometheus` is its version, as in `"3.5"`; a third number, as in `"3.7.2"`, tells rules about single
//! releases which one it is.
//!
//! A node's `program` is `prometheus`, `prometheus-agent` or `opentelemetry-collector`: see [`Program`].
//!
//! A node's `folder` is where its configuration lies on its server, as in `folder: /etc/prometheus`: with it,
//! absolute paths in the configuration are found in the workspace, and `__meta_filepath` is what the server
//! makes it. Without it, the server is taken to have been started in that folder, so that its paths are relative.
//!
//! Nodes of one `replica_set` are meant to hold the same: see [`ReplicaSet`](super::ReplicaSet).

use std::str::FromStr;

use crate::diagnostic::{Code, Diagnostic, Parsed};
use crate::sort;
use crate::text::Span;
use crate::version::Version;
use crate::yaml::{self, Kind, Node, ScalarStyle, Spanned};

use super::Program;

const SYNTAX: Code = Code::new("workspace/invalid-manifest");
const UNKNOWN_KEY: Code = Code::new("workspace/unknown-key");
const UNKNOWN_PROGRAM: Code = Code::new("workspace/unknown-program");
const UNKNOWN_VERSION: Code = Code::new("workspace/unknown-version");

/// A text of the manifest and its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text.
    pub value: String,
    /// Where it stands.
    pub span: Span,
}

/// What a manifest says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The version of every node that has none of its own.
    pub prometheus: Option<Version>,
    /// The third number of that version, where it is given.
    pub patch: Option<u8>,
    /// The servers. `None` without the key, in which case the configurations found are the nodes.
    pub nodes: Option<Vec<ManifestNode>>,
    /// The balancers.
    pub balancers: Vec<ManifestBalancer>,
    /// The applications whose own metrics are known.
    pub targets: Vec<ManifestTarget>,
    /// What service discoveries answer.
    pub discovery: Vec<ManifestDiscovery>,
    /// What the preview is to show.
    pub expect: Vec<Expectation>,
}

/// One Prometheus server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestNode {
    /// Its name, which is its key.
    pub name: Text,
    /// The path of its configuration.
    pub config: Option<Text>,
    /// The folder on its server in which its configuration lies.
    pub folder: Option<Text>,
    /// The addresses under which others reach it. None means: its name, on any port.
    pub listen: Vec<Text>,
    /// Files of what `/federate` of this server printed.
    pub samples: Vec<Text>,
    /// Its version.
    pub prometheus: Option<Version>,
    /// The third number of its version, where it is given.
    pub patch: Option<u8>,
    /// The program that it runs, where that is said.
    pub program: Option<Program>,
    /// The name of the set of replicas that it belongs to.
    pub replica_set: Option<Text>,
    /// Its `--web.route-prefix`, or the path of its `--web.external-url`.
    pub route_prefix: Option<Text>,
}

/// One balancer. Which servers stand behind it is its own configuration's business.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestBalancer {
    /// Its name, which is its key.
    pub name: Text,
    /// The path of its configuration.
    pub config: Option<Text>,
    /// The addresses on which it listens.
    pub listen: Vec<Text>,
}

/// An application that servers scrape, and what it exposes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestTarget {
    /// Its name, which is its key.
    pub name: Text,
    /// The addresses on which it listens.
    pub listen: Vec<Text>,
    /// The path it answers on; `/metrics` where it is not given.
    pub path: Option<Text>,
    /// The file of what it prints there.
    pub metrics: Option<Text>,
    /// The `Content-Type` that it sends; the text format's where it is not given.
    pub content_type: Option<Text>,
}

/// What a service discovery answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestDiscovery {
    /// Where the entry is.
    pub span: Span,
    /// The one node that it is for; any without it.
    pub node: Option<Text>,
    /// The job that it is for.
    pub job: Option<Text>,
    /// The mechanism that answers it, such as `consul`; any but files and HTTP without it.
    pub from: Option<Text>,
    /// The URL of `http_sd_configs` that it is the answer of.
    pub url: Option<Text>,
    /// The files of the answer, in the JSON of `http_sd_configs`, or as `file_sd_configs` has it in YAML.
    pub targets: Vec<Text>,
}

/// What some servers should store, each of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// Where the entry is.
    pub span: Span,
    /// The servers by name.
    pub nodes: Vec<Text>,
    /// All servers of this tier, and the place that says so.
    pub tier: Option<Spanned<u32>>,
    /// Selectors of which each matches some series.
    pub has: Vec<Spanned<String>>,
    /// Selectors of which none matches a series.
    pub lacks: Vec<Spanned<String>>,
    /// How many series there are at most, report series such as `up` included.
    pub max_series: Option<Spanned<u32>>,
}

impl Manifest {
    /// Reads a manifest. What is wrong is reported; the rest is read all the same.
    #[must_use]
    pub fn parse(text: &str) -> Parsed<Self> {
        let Parsed { value: document, diagnostics } = yaml::parse(text);
        let mut reader = Reader { diagnostics };
        let mut manifest = Self::default();
        if let Some(root) = document.root() {
            reader.manifest(root, &mut manifest);
        }
        sort::sort_by_key(&mut reader.diagnostics, |diagnostic| diagnostic.span);
        Parsed { value: manifest, diagnostics: reader.diagnostics }
    }
}

struct Reader {
    diagnostics: Vec<Diagnostic>,
}

impl Reader {
    fn manifest(&mut self, root: Node<'_>, manifest: &mut Manifest) {
        self.fields(
            root,
            "the manifest",
            &["version", "prometheus", "nodes", "balancers", "targets", "discovery", "expect"],
            |this, key, value| match key.value.as_str() {
                "version" => this.format_version(value),
                "prometheus" => (manifest.prometheus, manifest.patch) = this.version(value),
                "nodes" => manifest.nodes = Some(this.named(value, Self::node)),
                "balancers" => manifest.balancers = this.named(value, Self::balancer),
                "targets" => manifest.targets = this.named(value, Self::target),
                "discovery" => manifest.discovery = this.entries(value, "answers", Self::discovery),
                _ => manifest.expect = this.entries(value, "expectations", Self::expectation),
            },
        );
    }

    fn node(&mut self, name: Text, node: Node<'_>) -> ManifestNode {
        let mut out = ManifestNode { name, ..ManifestNode::default() };
        self.fields(
            node,
            "a node",
            &[
                "config",
                "folder",
                "listen",
                "samples",
                "prometheus",
                "program",
                "replica_set",
                "route_prefix",
            ],
            |this, key, value| match key.value.as_str() {
                "config" => out.config = this.text(value),
                "folder" => out.folder = this.text(value),
                "listen" => out.listen = this.texts(value),
                "samples" => out.samples = this.texts(value),
                "prometheus" => (out.prometheus, out.patch) = this.version(value),
                "program" => out.program = this.program(value),
                "route_prefix" => out.route_prefix = this.text(value),
                _ => out.replica_set = this.text(value),
            },
        );
        out
    }

    fn balancer(&mut self, name: Text, node: Node<'_>) -> ManifestBalancer {
        let mut out = ManifestBalancer { name, ..ManifestBalancer::default() };
        self.fields(node, "a balancer", &["config", "listen"], |this, key, value| match key.value.as_str() {
            "config" => out.config = this.text(value),
            _ => out.listen = this.texts(value),
        });
        out
    }

    fn target(&mut self, name: Text, node: Node<'_>) -> ManifestTarget {
        let mut out = ManifestTarget { name, ..ManifestTarget::default() };
        self.fields(node, "a target", &["listen", "path", "metrics", "content_type"], |this, key, value| {
            match key.value.as_str() {
                "listen" => out.listen = this.texts(value),
                "path" => out.path = this.text(value),
                "metrics" => out.metrics = this.text(value),
                _ => out.content_type = this.text(value),
            }
        });
        out
    }

    /// Reads a list.
    fn entries<T>(
        &mut self,
        node: Node<'_>,
        of: &str,
        mut read: impl FnMut(&mut Self, Node<'_>) -> T,
    ) -> Vec<T> {
        match node.resolved() {
            Some(list) if matches!(list.kind(), Kind::Sequence(_)) => {
                list.items().map(|item| read(self, item)).collect()
            }
            Some(null) if is_null(null) => Vec::new(),
            _ => {
                self.refuse(node, format!("a list of {of} belongs here"));
                Vec::new()
            }
        }
    }

    fn discovery(&mut self, node: Node<'_>) -> ManifestDiscovery {
        let mut out = ManifestDiscovery { span: node.span(), ..ManifestDiscovery::default() };
        let known = ["node", "job", "from", "url", "targets"];
        self.fields(node, "an answer", &known, |this, key, value| match key.value.as_str() {
            "node" => out.node = this.text(value),
            "job" => out.job = this.text(value),
            "from" => out.from = this.text(value),
            "url" => out.url = this.text(value),
            _ => out.targets = this.texts(value),
        });
        if out.url.is_none() && out.job.is_none() {
            self.refuse(node, "an answer names the `url` or the `job` that it is for".to_owned());
        } else if out.targets.is_empty() {
            self.refuse(node, "an answer names its file: `targets: FILE.json`".to_owned());
        }
        out
    }

    fn expectation(&mut self, node: Node<'_>) -> Expectation {
        let mut out = Expectation { span: node.span(), ..Expectation::default() };
        let known = ["node", "tier", "has", "lacks", "max_series"];
        let mut keys = Vec::new();
        self.fields(node, "an expectation", &known, |this, key, value| {
            keys.push(key.value.clone());
            match key.value.as_str() {
                "node" => out.nodes = this.texts(value),
                "tier" => out.tier = this.number(value),
                "has" => out.has = this.selectors(value),
                "lacks" => out.lacks = this.selectors(value),
                _ => out.max_series = this.number(value),
            }
        });
        let said = |key: &str| keys.iter().any(|have| have == key);
        if !node.resolved().is_some_and(|node| matches!(node.kind(), Kind::Mapping(_))) {
            return out;
        }
        if said("node") == said("tier") {
            let message = "an expectation is about one `node`, several, or all of a `tier`".to_owned();
            self.refuse(node, message);
        } else if !(said("has") || said("lacks") || said("max_series")) {
            self.refuse(node, "an expectation says `has`, `lacks` or `max_series`".to_owned());
        }
        out
    }

    /// Selectors: a list of texts, or one.
    fn selectors(&mut self, node: Node<'_>) -> Vec<Spanned<String>> {
        match node.resolved() {
            Some(list) if matches!(list.kind(), Kind::Sequence(_)) => {
                if list.items().next().is_none() {
                    self.refuse(node, "without a selector nothing is expected".to_owned());
                }
                list.items().filter_map(|item| self.selector(item)).collect()
            }
            _ => self.selector(node).into_iter().collect(),
        }
    }

    fn selector(&mut self, node: Node<'_>) -> Option<Spanned<String>> {
        let resolved = node.resolved()?;
        let Some(value) = resolved.text() else {
            // `has: {job="a"}` is a mapping to YAML.
            self.diagnostics.push(
                Diagnostic::error(SYNTAX, node.span(), "a selector belongs here, as a text")
                    .help("put it in single quotes"),
            );
            return None;
        };
        Some(Spanned { value: value.to_owned(), span: resolved.span(), map: resolved.source_map() })
    }

    fn number(&mut self, node: Node<'_>) -> Option<Spanned<u32>> {
        let text = node.text().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let number = text.and_then(|text| text.parse().ok());
        if number.is_none() {
            self.refuse(node, "a whole number belongs here".to_owned());
        }
        Some(Spanned::new(number?, node.span()))
    }

    /// Calls `read` for each key of a mapping that is among `known`, and reports the others.
    fn fields(
        &mut self,
        node: Node<'_>,
        of: &str,
        known: &[&str],
        mut read: impl FnMut(&mut Self, &Text, Node<'_>),
    ) {
        let Some(node) = self.mapping(node, of) else { return };
        for entry in node.entries() {
            let Some(key) = self.text(entry.key) else { continue };
            if known.contains(&key.value.as_str()) {
                read(self, &key, entry.value);
            } else {
                self.diagnostics.push(
                    Diagnostic::error(UNKNOWN_KEY, key.span, format!("`{}` is not a key of {of}", key.value))
                        .help(format!("the keys are {}", listed(known))),
                );
            }
        }
    }

    /// Reads a mapping from names to things.
    fn named<T>(&mut self, node: Node<'_>, mut read: impl FnMut(&mut Self, Text, Node<'_>) -> T) -> Vec<T> {
        let Some(node) = self.mapping(node, "names and what they stand for") else { return Vec::new() };
        let mut out = Vec::new();
        for entry in node.entries() {
            if let Some(name) = self.text(entry.key) {
                out.push(read(self, name, entry.value));
            }
        }
        out
    }

    fn mapping<'d>(&mut self, node: Node<'d>, of: &str) -> Option<Node<'d>> {
        let resolved = node.resolved()?;
        if matches!(resolved.kind(), Kind::Mapping(_)) {
            return Some(resolved);
        }
        if !is_null(resolved) {
            self.refuse(node, format!("{of} is written as keys and values"));
        }
        None
    }

    fn text(&mut self, node: Node<'_>) -> Option<Text> {
        let Some(value) = node.text() else {
            self.refuse(node, "a text belongs here".to_owned());
            return None;
        };
        Some(Text { value: value.to_owned(), span: node.span() })
    }

    /// A list of texts, or one text for a list of one.
    fn texts(&mut self, node: Node<'_>) -> Vec<Text> {
        match node.resolved() {
            Some(list) if matches!(list.kind(), Kind::Sequence(_)) => {
                list.items().filter_map(|item| self.text(item)).collect()
            }
            Some(null) if is_null(null) => Vec::new(),
            _ => self.text(node).into_iter().collect(),
        }
    }

    fn program(&mut self, node: Node<'_>) -> Option<Program> {
        let text = self.text(node)?;
        let program = Program::named(&text.value);
        if program.is_none() {
            let message =
                format!("`{}` is not a program that reads a configuration of Prometheus", text.value);
            let diagnostic = Diagnostic::error(UNKNOWN_PROGRAM, text.span, message);
            let help = format!("the programs are {}", listed(&Program::NAMES));
            self.diagnostics.push(diagnostic.because("it is taken for a Prometheus server").help(help));
        }
        program
    }

    /// A version, and its third number where it has one.
    fn version(&mut self, node: Node<'_>) -> (Option<Version>, Option<u8>) {
        let Some(text) = self.text(node) else { return (None, None) };
        match Version::from_str(&text.value) {
            Ok(version) => {
                let patch = text.value.split('.').nth(2).and_then(|patch| patch.parse().ok());
                (Some(version), patch)
            }
            Err(error) => {
                let numeric = text.value.parse::<f64>().is_ok();
                let help = if numeric { "quote it: YAML reads `3.10` as the number 3.1" } else { "" };
                self.diagnostics
                    .push(Diagnostic::error(UNKNOWN_VERSION, text.span, error.to_string()).help(help));
                (None, None)
            }
        }
    }

    fn format_version(&mut self, node: Node<'_>) {
        if let Some(text) = self.text(node)
            && text.value != "1"
        {
            self.diagnostics.push(
                Diagnostic::error(
                    SYNTAX,
                    text.span,
                    format!("version {} of the manifest is not known", text.value),
                )
                .because("its keys may mean something else")
                .help("write `version: 1`"),
            );
        }
    }

    fn refuse(&mut self, node: Node<'_>, message: String) {
        self.diagnostics.push(Diagnostic::error(SYNTAX, node.span(), message));
    }
}

fn is_null(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        Kind::Scalar { value: "" | "~" | "null" | "Null" | "NULL", style: ScalarStyle::Plain }
    )
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, messages: &[&str]) -> Manifest {
        let parsed = Manifest::parse(text);
        let got: Vec<&str> =
            parsed.diagnostics.iter().map(|diagnostic| diagnostic.message.as_ref()).collect();
        assert_eq!(got, messages, "{text}");
        parsed.value
    }

    #[test]
    fn reads_all_it_knows() {
        let manifest = check(
            "version: 1\nprometheus: \"3.5\"\nnodes:\n  leaf: { config: leaf.yml, listen: [a:1, b:2], samples: leaf.prom, prometheus: \"2.42.1\", program: prometheus-agent, replica_set: x }\nbalancers:\n  lb: { config: haproxy.cfg, listen: [c:3] }\ntargets:\n  app: { listen: [d:4], metrics: app.prom }\ndiscovery:\n- { url: 'http://a', targets: a.json }\n- { node: leaf, job: j, from: dns, targets: [b.json] }\n",
            &[],
        );
        assert_eq!(manifest.discovery[0].url.as_ref().expect("a URL").value, "http://a");
        assert_eq!(manifest.discovery[1].targets[0].value, "b.json");
        assert_eq!((manifest.prometheus, manifest.patch), (Some(Version::V3_5), None));
        let nodes = manifest.nodes.expect("nodes");
        assert_eq!((nodes[0].prometheus, nodes[0].patch), (Some(Version::V2_42), Some(1)));
        assert_eq!(nodes[0].program, Some(Program::Agent));
        assert_eq!(nodes[0].listen.len(), 2);
        assert_eq!(nodes[0].samples[0].value, "leaf.prom");
        assert_eq!(nodes[0].replica_set.as_ref().expect("a set").value, "x");
        assert_eq!(manifest.balancers[0].listen[0].value, "c:3");
        assert_eq!(manifest.targets[0].metrics.as_ref().expect("metrics").value, "app.prom");
    }

    #[test]
    fn reports_everything_and_reads_the_rest() {
        let manifest = check(
            "version: 2\nprometheus: 9.9\nnodes:\n  a: { confg: x.yml, listen: [[1]] }\nbogus: 1\ndiscovery: [{ node: a, targets: x }, { job: j }]\n",
            &[
                "version 2 of the manifest is not known",
                "`9.9` is not a Prometheus version that is modelled: give one from 2.42 to 3.14, such as `3.5`",
                "`confg` is not a key of a node",
                "a text belongs here",
                "`bogus` is not a key of the manifest",
                "an answer names the `url` or the `job` that it is for",
                "an answer names its file: `targets: FILE.json`",
            ],
        );
        assert_eq!(manifest.nodes.expect("nodes")[0].name.value, "a");
    }

    #[test]
    fn reads_expectations() {
        let manifest = check(
            "expect:\n- { node: a, has: 'up' }\n- { node: [a, b], lacks: [up, 'x{y=\"z\"}'], max_series: 20 }\n- tier: 1\n  max_series: 7\n",
            &[],
        );
        let expect = &manifest.expect;
        assert_eq!(expect[0].has[0].value, "up");
        assert_eq!(expect[1].nodes.len(), 2);
        assert_eq!(expect[1].lacks[1].value, r#"x{y="z"}"#);
        assert_eq!(expect[1].max_series.as_ref().map(|max| max.value), Some(20));
        assert_eq!(expect[2].tier.as_ref().map(|tier| tier.value), Some(1));
        check(
            "expect:\n- { has: up }\n- { node: a }\n- { node: a, tier: 1, has: up }\n- { node: a, has: {job=\"a\"} }\n- { tier: x, max_series: -1, hast: up }\n- x\n- { node: a, lacks: [] }\n",
            &[
                "an expectation is about one `node`, several, or all of a `tier`",
                "an expectation says `has`, `lacks` or `max_series`",
                "an expectation is about one `node`, several, or all of a `tier`",
                "a selector belongs here, as a text",
                "a whole number belongs here",
                "a whole number belongs here",
                "`hast` is not a key of an expectation",
                "an expectation is written as keys and values",
                "without a selector nothing is expected",
            ],
        );
        check("expect: { node: a }\n", &["a list of expectations belongs here"]);
    }

    #[test]
    fn an_empty_manifest_says_nothing() {
        assert_eq!(check("", &[]), Manifest::default());
        assert_eq!(check("nodes:\n", &[]).nodes, Some(Vec::new()));
    }
}
