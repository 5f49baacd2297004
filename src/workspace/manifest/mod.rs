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

mod read;
#[cfg(test)]
mod tests;

use crate::diagnostic::Parsed;
use crate::sort;
use crate::text::Span;
use crate::version::Version;
use crate::yaml::{self, Spanned};

use self::read::Reader;

use super::Program;

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
