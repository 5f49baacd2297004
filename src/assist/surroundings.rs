//! What is known around a caret in a configuration: the job, its neighbours, the nodes, the series it reaches.

use crate::federation::{Peer, Preview, Pull};
use crate::prometheus::schema;
use crate::series::SeriesStore;
use crate::version::Version;
use crate::workspace::Node;
use crate::yaml;

use super::Question;
use super::outline::{Entry, Level, Spot, Step, entries};

/// What is known around a caret.
pub(super) struct Surroundings<'a> {
    pub(super) text: &'a str,
    pub(super) path: &'a str,
    pub(super) preview: Option<&'a Preview>,
    pub(super) version: Version,
    pub(super) spot: Spot,
}

impl<'a> Surroundings<'a> {
    pub(super) fn new(question: &Question<'a>, spot: Spot) -> Self {
        let &Question { path, text, preview, version, .. } = question;
        let mut around = Self { text, path, preview, version, spot };
        if let Some(version) = around.nodes().next().map(|(_, node)| node.version) {
            around.version = version;
        }
        around
    }

    /// The nodes that this file configures.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (usize, &'a Node)> + use<'a> {
        let path = self.path;
        self.preview.into_iter().flat_map(move |preview| {
            let workspace = &preview.workspace;
            let file = workspace.file_at(path);
            (0..).zip(&workspace.nodes).filter(move |(_, node)| Some(node.config_file) == file)
        })
    }

    /// The other nodes.
    pub(super) fn others(&self) -> impl Iterator<Item = (usize, &'a Node)> + use<'a> {
        let path = self.path;
        self.preview.into_iter().flat_map(move |preview| {
            let workspace = &preview.workspace;
            let file = workspace.file_at(path);
            (0..).zip(&workspace.nodes).filter(move |(_, node)| Some(node.config_file) != file)
        })
    }

    /// The path as the schema takes it.
    pub(super) fn steps(&self) -> Vec<schema::Step<'_>> {
        let mut steps = Vec::with_capacity(self.spot.path.len());
        for step in &self.spot.path {
            steps.push(match step {
                Step::Key(name) => schema::Step::Key(name.as_str()),
                Step::Item => schema::Step::Item(0),
            });
        }
        steps
    }

    /// The names of the keys on the path.
    pub(super) fn keys(&self) -> Vec<&str> {
        let keys = self.spot.path.iter().filter_map(|step| match step {
            Step::Key(name) => Some(name.as_str()),
            Step::Item => None,
        });
        keys.collect()
    }

    /// The entries of the mapping in which the key at this step of the path stands, or would stand.
    pub(super) fn entries_at(&self, step: usize) -> Vec<Entry> {
        entries(self.text, self.spot.levels.get(step).unwrap_or(&self.spot.here))
    }

    /// The texts of an entry's value: of a scalar or of a list of them.
    pub(super) fn texts(&self, entry: &Entry) -> Vec<String> {
        let Some(written) = self.text.get(entry.value.range()) else { return Vec::new() };
        let document = yaml::parse(written).value;
        let Some(root) = document.root() else { return Vec::new() };
        match root.text() {
            Some(text) => vec![text.to_owned()],
            None => root.items().filter_map(|item| item.text().map(str::to_owned)).collect(),
        }
    }

    /// Whether the caret is in a job of this list: `scrape_configs`.
    fn job_step(&self) -> Option<usize> {
        let is_job = matches!(self.spot.path.first(), Some(Step::Key(name)) if name == "scrape_configs");
        (is_job && self.spot.path.get(1) == Some(&Step::Item)).then_some(2)
    }

    /// The keys of the job at the caret.
    pub(super) fn job_entries(&self) -> Vec<Entry> {
        self.job_step().map_or_else(Vec::new, |step| self.entries_at(step))
    }

    /// The name of the job at the caret.
    pub(super) fn job(&self) -> Option<String> {
        let entries = self.job_entries();
        let entry = entries.iter().find(|entry| entry.name == "job_name")?;
        self.texts(entry).pop()
    }

    /// The pulls of the job at the caret, with what each brings.
    pub(super) fn pulls(&self) -> Vec<(usize, &'a Pull)> {
        let (Some(preview), Some(job)) = (self.preview, self.job()) else { return Vec::new() };
        let own: Vec<usize> = self.nodes().map(|(at, _)| at).collect();
        let pulls = (0..).zip(&preview.topology.pulls);
        pulls.filter(|(_, pull)| own.contains(&pull.node) && pull.job == job).collect()
    }

    /// The nodes whose `/federate` the job at the caret asks.
    pub(super) fn asked(&self) -> Vec<usize> {
        let peers = self.pulls().into_iter().filter_map(|(_, pull)| match pull.peer {
            Peer::Federate(node) => Some(node),
            _ => None,
        });
        crate::sort::ordered_set(peers).into_iter().collect()
    }

    /// The nodes of which the manifest's entry at the caret expects something, where it names some.
    fn expected_of(&self) -> Option<Vec<usize>> {
        let [Step::Key(group), Step::Item, ..] = self.spot.path.as_slice() else { return None };
        let entries = if group == "expect" { self.entries_at(2) } else { return None };
        let named = self.texts(entries.iter().find(|entry| entry.name == "node")?);
        let preview = self.preview?;
        let is_named = |&at: &usize| named.contains(&preview.workspace.nodes[at].name);
        Some((0..preview.nodes.len()).filter(is_named).collect())
            .filter(|nodes: &Vec<usize>| !nodes.is_empty())
    }

    /// The series that the job at the caret reaches. Where it reaches nobody's yet, those of all other nodes.
    pub(super) fn reached(&self) -> Vec<&'a SeriesStore> {
        let Some(preview) = self.preview else { return Vec::new() };
        if let Some(nodes) = self.expected_of() {
            return nodes.into_iter().map(|at| preview.nodes[at].store()).collect();
        }
        let pulls = self.pulls();
        let known = |(at, pull): &(usize, &'a Pull)| {
            let store = match pull.peer {
                Peer::Federate(node) => preview.nodes.get(node)?.store(),
                Peer::Application(_) => &preview.pulls.get(*at)?.source,
                _ => return None,
            };
            (!store.is_empty()).then_some(store)
        };
        let mut stores: Vec<&SeriesStore> = Vec::new();
        for store in pulls.iter().filter_map(known) {
            if !stores.iter().any(|have| have.is_same(store)) {
                stores.push(store);
            }
        }
        if stores.is_empty() {
            let others = self.others().filter_map(|(at, _)| Some(preview.nodes.get(at)?.store()));
            stores.extend(others.filter(|store| !store.is_empty()));
        }
        stores
    }

    /// What the nodes of this file store.
    pub(super) fn stored(&self) -> Vec<&'a SeriesStore> {
        let Some(preview) = self.preview else { return Vec::new() };
        self.nodes().filter_map(|(at, _)| Some(preview.nodes.get(at)?.store())).collect()
    }
}

/// Whether a level is in braces.
pub(super) fn is_flow(level: &Level) -> bool {
    matches!(level, Level::Flow(_))
}
