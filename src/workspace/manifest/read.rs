//! Reads the manifest's keys.

use std::str::FromStr;

use crate::diagnostic::{Code, Diagnostic};
use crate::version::Version;
use crate::workspace::Program;
use crate::yaml::{Kind, Node, ScalarStyle, Spanned};

use super::{Expectation, Manifest, ManifestBalancer, ManifestDiscovery, ManifestNode, ManifestTarget, Text};

const SYNTAX: Code = Code::new("workspace/invalid-manifest");
const UNKNOWN_KEY: Code = Code::new("workspace/unknown-key");
const UNKNOWN_PROGRAM: Code = Code::new("workspace/unknown-program");
const UNKNOWN_VERSION: Code = Code::new("workspace/unknown-version");

/// What reads a manifest and keeps what is wrong with it.
pub(super) struct Reader {
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Reader {
    pub(super) fn manifest(&mut self, root: Node<'_>, manifest: &mut Manifest) {
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
