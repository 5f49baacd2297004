//! What the servers of a replica set have otherwise than one another.
//!
//! Configurations are compared setting by setting, by what they mean ([`prometheus::compare`]); rule files rule by
//! rule, whatever the files are called. The labels that tell replicas apart, secrets and paths on the servers' own
//! disks may differ.
//!
//! [`prometheus::compare`]: crate::prometheus::compare

mod rules;
#[cfg(test)]
mod tests;

use crate::prometheus::compare::{self, SettingDifference, Settings};
use crate::text::{FileId, Span};

use super::replica_sets::is_address_of;
use super::{Node, ReplicaSet, Workspace};

/// How many differences of a set are told of.
const MAX_DIFFERENCES: usize = 1000;

/// A thing that a replica has otherwise than the first of its set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it touches.
    pub topic: Topic,
    /// What it is a part of.
    pub subject: Subject,
    /// The keys that lead to it, from the subject: `scrape_interval`, `expr`. Empty where one of the servers has
    /// no such job, group or rule.
    pub field: String,
    /// What the first server of the set has, and what the other one has.
    pub sides: [Side; 2],
}

/// What a difference touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// What is scraped, and how it is asked.
    Jobs,
    /// How often, within which limits, and what relabelling makes of it.
    Sampling,
    /// What is recorded and alerted on.
    Rules,
    /// Who gets the alerts.
    Alertmanagers,
    /// All else.
    Server,
}

/// What a difference is a part of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The configuration outside of its jobs.
    Configuration,
    /// The job of that name.
    Job(String),
    /// The group of rules of that name.
    Group(String),
    /// A rule: the name of its group, and its own.
    Rule(String, String),
}

/// What one server has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The server, by its place in [`Workspace::nodes`].
    pub node: usize,
    /// The value that applies, defaults included; empty where it has none.
    pub text: String,
    /// The file in which it is written, or would be.
    pub file: FileId,
    /// Its place there.
    pub span: Span,
}

impl Subject {
    /// The subject in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Configuration => "the configuration".to_owned(),
            Self::Job(name) => format!("job `{name}`"),
            Self::Group(name) => format!("rule group `{name}`"),
            Self::Rule(group, name) => format!("rule `{name}` of group `{group}`"),
        }
    }
}

/// What the servers of `set` have otherwise than the first of them whose configuration is known: by server, then
/// settings and then rules in the order of the first one's files.
///
/// Servers whose configuration is broken are left out. Where a file of rules is missing or broken, no rules are
/// compared. A thousand differences are told of at most.
#[must_use]
pub fn differences(workspace: &Workspace, set: &ReplicaSet) -> Vec<Difference> {
    let known = |at: &&usize| workspace.nodes.get(**at).is_some_and(|node| !node.settings.is_empty());
    let mut nodes = set.nodes.iter().filter(known).copied();
    let Some(first) = nodes.next() else { return Vec::new() };
    let labels = set.labels(workspace);
    let mut found = Vec::new();
    for other in nodes {
        let mut pair = Compared { workspace, nodes: [first, other], found: &mut found };
        pair.versions();
        pair.settings(&labels);
        pair.rules();
    }
    found.truncate(MAX_DIFFERENCES);
    found
}

/// Two servers that are compared.
struct Compared<'w, 'f> {
    workspace: &'w Workspace,
    nodes: [usize; 2],
    found: &'f mut Vec<Difference>,
}

impl<'w> Compared<'w, '_> {
    fn node(&self, side: usize) -> &'w Node {
        &self.workspace.nodes[self.nodes[side]]
    }

    fn report(&mut self, topic: Topic, subject: Subject, field: &str, sides: [(String, FileId, Span); 2]) {
        let [one, other] = sides;
        let side = |at: usize, (text, file, span)| Side { node: self.nodes[at], text, file, span };
        let sides = [side(0, one), side(1, other)];
        self.found.push(Difference { topic, subject, field: field.to_owned(), sides });
    }

    fn versions(&mut self) {
        let nodes = [0, 1].map(|side| self.node(side));
        let patches = nodes.map(|node| node.patch);
        let is_patch = matches!(patches, [Some(one), Some(other)] if one != other);
        if nodes[0].version != nodes[1].version || is_patch {
            let sides = nodes.map(|node| (node.release(), node.config_file, Span::at(0)));
            self.report(Topic::Server, Subject::Configuration, "version", sides);
        }
        let nodes = [0, 1].map(|side| self.node(side));
        if nodes[0].program != nodes[1].program {
            let sides = nodes.map(|node| (node.program.name().to_owned(), node.config_file, Span::at(0)));
            self.report(Topic::Server, Subject::Configuration, "program", sides);
        }
    }

    fn settings(&mut self, labels: &[&str]) {
        let nodes = [0, 1].map(|side| self.node(side));
        let settings =
            nodes.map(|node| node.settings.iter().map(|(_, it)| &**it).collect::<Vec<&Settings>>());
        let places = self.nodes;
        let own = |side: usize, address: &str| is_address_of(self.workspace, address, places[side]);
        for difference in compare::differences(&settings[0], &settings[1], &own) {
            let SettingDifference { job, field, sides } = difference;
            let own_label = |name: &str| field.strip_prefix("global.external_labels.") == Some(name);
            if job.is_none() && labels.iter().any(|name| own_label(name)) {
                continue;
            }
            let topic = topic(job.is_some(), &field);
            let [one, other] = sides;
            let side = |at: usize, setting: compare::Setting| {
                let files = &nodes[at].settings;
                let file = files.get(setting.file).map_or(nodes[at].config_file, |(file, _)| *file);
                (setting.text, file, setting.span)
            };
            let sides = [side(0, one), side(1, other)];
            self.report(topic, job.map_or(Subject::Configuration, Subject::Job), &field, sides);
        }
    }
}

/// What a setting touches.
fn topic(in_job: bool, field: &str) -> Topic {
    let mut keys = field.split(['.', '[']);
    let first = keys.next().unwrap_or_default();
    let key = if in_job { first } else { keys.next().unwrap_or_default() };
    let sampling = ["scrape_interval", "scrape_timeout", "evaluation_interval", "rule_query_offset"];
    let is_sampling = sampling.contains(&key)
        || key.ends_with("_limit")
        || key.ends_with("relabel_configs")
        || key.starts_with("native_histogram");
    match first {
        _ if in_job && is_sampling => Topic::Sampling,
        _ if in_job => Topic::Jobs,
        "global" if is_sampling => Topic::Sampling,
        "alerting" if key == "alertmanagers" => Topic::Alertmanagers,
        _ => Topic::Server,
    }
}
