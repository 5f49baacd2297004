//! The files one looks at together, and who is who among them.
//!
//! [`Files`] holds texts and samples as they change and remembers what it has read of each; [`Files::assemble`]
//! makes the [`Workspace`] of the moment: the nodes, the balancers and the applications, and everything that
//! is wrong with the files one by one.

mod assemble;
mod discover;
mod files;
mod jobs;
mod manifest;
mod more_jobs;
mod paths;
mod program;
mod recognise;
mod replica_sets;
pub mod replicas;
mod rules;
mod samples;
mod selectors;
#[cfg(test)]
mod tests;

pub use files::Files;
pub use jobs::{Job, TargetList, UnknownTargets};
pub use manifest::{
    Expectation, Manifest, ManifestBalancer, ManifestDiscovery, ManifestNode, ManifestTarget,
};
pub use paths::matches;
pub use program::Program;
pub use recognise::{FileKind, MANIFEST, is_manifest, is_samples, recognise, stem};
pub use replica_sets::ReplicaSet;
pub use samples::{SampleFormat, SampleReader, Samples};
pub use selectors::{FEDERATE, MATCH, decoding, percent_decoded};

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Parsed};
use crate::labels::LabelSet;
use crate::prometheus::Config;
use crate::prometheus::compare::Settings;
use crate::rules::{Rule, RuleFile, RuleGroup};
use crate::sort;
use crate::text::{FileId, LineColumn, Span};
use crate::version::Version;

/// A finding and the file it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file; its diagnostic's spans are in this file unless they say otherwise.
    pub file: FileId,
    /// What was found.
    pub diagnostic: Diagnostic,
    /// Line and column, where they are known without the text: it may not be kept.
    pub place: Option<LineColumn>,
}

impl Finding {
    /// A finding in a file whose text is kept.
    #[must_use]
    pub fn new(file: FileId, diagnostic: Diagnostic) -> Self {
        Self { file, diagnostic, place: None }
    }
}

/// A file of a workspace.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path inside the workspace, with `/`.
    pub path: String,
    /// What it was recognised as.
    pub kind: FileKind,
    /// Its text, unless it was given as bytes of samples that are not kept.
    pub text: Option<Arc<str>>,
    /// What it holds, where it is a file of samples.
    pub samples: Option<Arc<Samples>>,
    /// It is broken, and what is shown rests on its last text that was not.
    pub from_last_valid: bool,
}

/// One Prometheus server.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// The version it runs.
    pub version: Version,
    /// The third number of its version, where the manifest says it.
    pub patch: Option<u8>,
    /// The program that runs with its configuration.
    pub program: Program,
    /// Its configuration file.
    pub config_file: FileId,
    /// Its configuration: the last text of the file that Prometheus would accept. `None` where there was none.
    /// The jobs of its `scrape_config_files` stand behind its own.
    pub config: Option<Arc<Config>>,
    /// For each of the configuration's jobs where it is written and what service discovery finds for it.
    pub jobs: Vec<Job>,
    /// The folder on its server in which its configuration lies, where the manifest says it.
    pub folder: Option<String>,
    /// The addresses under which others reach it; empty for its name with any port.
    pub listen: Vec<String>,
    /// What stands before the paths on which it answers, as in `/prom`; empty where nothing does.
    pub route_prefix: String,
    /// What its `/federate` printed.
    pub samples: Vec<FileId>,
    /// Where samples for it would be put.
    pub samples_path: String,
    /// The files that its `rule_files` name, in the order of the patterns. One that is not valid keeps the
    /// server from starting.
    pub rules: Vec<NodeRules>,
    /// The set of replicas that the manifest puts it in.
    pub replica_set: Option<String>,
    /// Its settings, to be compared with those of its replicas: of its configuration, then of the files that its
    /// `scrape_config_files` name. None where it has no replicas, or where its configuration is broken.
    pub settings: Vec<(FileId, Arc<Settings>)>,
}

impl Node {
    /// The labels that its configuration puts on all that leaves it; empty where it has no configuration.
    #[must_use]
    pub fn external_labels(&self) -> LabelSet {
        let config = self.config.as_ref();
        config.map(|config| config.global.effective(self.version).external_labels).unwrap_or_default()
    }

    /// The release of Prometheus that it is, as far as it is known, and what it is of that: `3.7.2`, or `3.14 in
    /// agent mode`.
    #[must_use]
    pub fn release(&self) -> String {
        let number = match self.patch {
            Some(patch) => format!("{}.{patch}", self.version),
            None => self.version.to_string(),
        };
        match self.program {
            Program::Prometheus => number,
            Program::Agent => number + " in agent mode",
            Program::Collector => number + " in an OpenTelemetry Collector",
        }
    }

    /// Its rules with their files and groups, in the order of the files, and in each as they are written.
    pub fn all_rules(&self) -> impl Iterator<Item = (FileId, &RuleGroup, &Rule)> {
        self.rules.iter().flat_map(|file| {
            let groups = file.rules.value.groups.iter();
            groups.flat_map(move |group| group.rules.iter().map(move |rule| (file.file, group, rule)))
        })
    }
}

/// A rule file of a node.
#[derive(Clone, Debug)]
pub struct NodeRules {
    /// The file.
    pub file: FileId,
    /// Its groups as the node's version reads them, and what is wrong with it.
    pub rules: Arc<Parsed<RuleFile>>,
    /// Whether the node's version accepts it.
    pub is_valid: bool,
}

/// One load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balancer {
    /// Its name.
    pub name: String,
    /// The addresses on which it listens.
    pub listen: Vec<String>,
    /// Its configuration.
    pub config_file: Option<FileId>,
}

/// An application whose own metrics are known.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its name.
    pub name: String,
    /// The addresses on which it listens.
    pub listen: Vec<String>,
    /// The path on which it exposes its metrics.
    pub path: String,
    /// The `Content-Type` that it sends.
    pub content_type: String,
    /// The file of what it exposes.
    pub metrics: FileId,
    /// What it exposes, as the nodes of the workspace read it.
    pub samples: Vec<(SampleFormat, Arc<Samples>)>,
}

/// The files of one moment, and who is who.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    /// The files, ordered by path.
    pub files: Vec<File>,
    /// The manifest.
    pub manifest: Option<FileId>,
    /// The servers, ordered by name.
    pub nodes: Vec<Node>,
    /// The balancers, in the manifest's order.
    pub balancers: Vec<Balancer>,
    /// The applications, in the manifest's order.
    pub applications: Vec<Application>,
    /// The sets of replicas, ordered by name: those of the manifest, or else what is certain without it.
    pub replica_sets: Vec<ReplicaSet>,
    /// What the manifest expects of the preview.
    pub expectations: Vec<Expectation>,
    /// What is wrong with the files, ordered by file and place.
    pub findings: Vec<Finding>,
    /// Patterns of the files that configurations name, inside the workspace: see [`matches()`]. A file that is
    /// there and was not given is missed.
    pub wanted: Vec<String>,
}

/// Who listens at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listener {
    /// A server, by its place in [`Workspace::nodes`].
    Node(usize),
    /// A balancer, by its place in [`Workspace::balancers`].
    Balancer(usize),
    /// An application, by its place in [`Workspace::applications`].
    Application(usize),
}

/// Who listens where.
#[derive(Clone, Debug)]
pub struct Listeners<'w> {
    named: HashMap<&'w str, Listener>,
    /// The nodes without addresses of their own, by their names.
    nodes: HashMap<&'w str, usize>,
}

impl Listeners<'_> {
    /// Who listens at `address`: see [`Workspace::listener`].
    #[must_use]
    pub fn at(&self, address: &str) -> Option<Listener> {
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let by_name = || self.nodes.get(host).copied().map(Listener::Node);
        self.named.get(address).copied().or_else(by_name)
    }
}

impl Workspace {
    /// Who listens at `address`, which is `host:port` or, for a version that adds no default port, `host`.
    ///
    /// Addresses that the manifest names come first: balancers, then applications, then nodes, because an
    /// address that a balancer took over is no longer the server's. A node without any listens at its own
    /// name, whatever the port. Nobody is guessed.
    #[must_use]
    pub fn listener(&self, address: &str) -> Option<Listener> {
        self.listeners().at(address)
    }

    /// Who listens where, to be asked often: see [`Self::listener`].
    #[must_use]
    pub fn listeners(&self) -> Listeners<'_> {
        let mut out = Listeners { named: HashMap::new(), nodes: HashMap::new() };
        let balancers = self.balancers.iter().map(|balancer| &balancer.listen).enumerate();
        let applications = self.applications.iter().map(|application| &application.listen).enumerate();
        let nodes = self.nodes.iter().map(|node| &node.listen).enumerate();
        let all = balancers
            .map(|(at, listen)| (Listener::Balancer(at), listen))
            .chain(applications.map(|(at, listen)| (Listener::Application(at), listen)))
            .chain(nodes.map(|(at, listen)| (Listener::Node(at), listen)));
        for (listener, listen) in all {
            for address in listen {
                out.named.entry(address).or_insert(listener);
            }
        }
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.listen.is_empty()) {
            out.nodes.entry(&node.name).or_insert(at);
        }
        out
    }

    /// The file with an id that this workspace gave out.
    #[must_use]
    pub fn file(&self, id: FileId) -> &File {
        &self.files[id.0 as usize]
    }

    /// The file at `path`.
    #[must_use]
    pub fn file_at(&self, path: &str) -> Option<FileId> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().map(|at| FileId(at as u32))
    }
}

/// Orders findings by file, place and code, so that output is the same for the same input. What is found twice,
/// as in a file that several nodes share, is kept once.
pub fn sort_findings(findings: &mut Vec<Finding>) {
    sort::sort_by(findings, |a, b| {
        let key = |finding: &Finding| -> (FileId, Span) { (finding.file, finding.diagnostic.span) };
        key(a)
            .cmp(&key(b))
            .then_with(|| a.diagnostic.code.cmp(&b.diagnostic.code))
            .then_with(|| a.diagnostic.message.cmp(&b.diagnostic.message))
    });
    findings.dedup();
}
