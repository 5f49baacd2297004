//! Jobs and where their targets come from: target files, pasted answers, and what only a server can ask.

use std::sync::Arc;

use crate::diagnostic::Parsed;
use crate::prometheus::{ScrapeConfig, StaticConfig, TargetGroup, static_groups};
use crate::text::{FileId, Span};

/// The groups of a list of targets.
pub(super) type Groups = Arc<Parsed<Vec<StaticConfig>>>;

/// How many labels a target gets from its job.
const TARGETS_OWN_LABELS: usize = 8;

/// A scrape job of a node, beside what its configuration says of it: where it is, and what service discovery
/// finds for it.
#[derive(Clone, Debug)]
pub struct Job {
    /// The file in which the job is written: the node's configuration, or one of its `scrape_config_files`.
    pub file: FileId,
    /// What its service discoveries find in the workspace, in the order of the job.
    pub lists: Vec<TargetList>,
    /// What they would find that the workspace does not hold.
    pub unknown: Vec<UnknownTargets>,
}

/// A list of targets that a service discovery hands to a job.
#[derive(Clone, Debug)]
pub struct TargetList {
    /// The file that holds it.
    pub file: FileId,
    /// The place in the job that names it.
    pub span: Span,
    /// What Prometheus calls it: a path or a URL.
    pub source: String,
    /// The label that service discovery gives to all its targets.
    pub meta: Option<&'static str>,
    groups: Groups,
}

/// Targets of a job that the workspace does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTargets {
    /// The place in the job that names where they come from.
    pub span: Span,
    /// The service discovery, such as `consul`, `file` or `http`.
    pub mechanism: String,
    /// Which of its targets: the pattern of files, the URL, or the mechanism again.
    pub from: String,
}

impl UnknownTargets {
    /// What is not known, in words.
    #[must_use]
    pub fn words(&self, job: &str) -> String {
        let mark = if self.from == self.mechanism { "" } else { "`" };
        format!("targets of job `{job}` come from {mark}{}{mark}: not in the workspace", self.from)
    }
}

impl Job {
    pub(super) fn new(file: FileId) -> Self {
        Self { file, lists: Vec::new(), unknown: Vec::new() }
    }

    /// The groups of the job's targets: those of `static_configs` first, then those of the lists. Each comes
    /// with the file that holds it. `scrape` is the job as it is written.
    #[must_use]
    pub fn groups<'w>(&'w self, scrape: &'w ScrapeConfig) -> (Vec<TargetGroup<'w>>, Vec<FileId>) {
        let mut groups = static_groups(scrape);
        let mut files = vec![self.file; groups.len()];
        for list in &self.lists {
            for (at, group) in list.groups.value.iter().enumerate() {
                groups.push(TargetGroup {
                    source: format!("{}:{at}", list.source).into(),
                    targets: &group.targets,
                    labels: &group.labels,
                    meta: list.meta.map(|label| (label, list.source.as_str())),
                });
                files.push(list.file);
            }
        }
        (groups, files)
    }

    /// What it costs to look at all targets of the lists, in labels to be set.
    pub(super) fn cost(&self) -> usize {
        self.lists.iter().map(TargetList::cost).fold(0, usize::saturating_add)
    }
}

impl TargetList {
    pub(super) fn new(
        file: FileId,
        span: Span,
        source: String,
        meta: Option<&'static str>,
        groups: Groups,
    ) -> Self {
        Self { file, span, source, meta, groups }
    }

    /// How many targets it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.groups.value.iter().map(|group| group.targets.len()).sum()
    }

    /// What it costs to look at its targets, in labels to be set. Large sets of labels take longer for each.
    pub(super) fn cost(&self) -> usize {
        let group = |group: &StaticConfig| {
            let labels = group.labels.len() + TARGETS_OWN_LABELS;
            group.targets.len().saturating_mul(labels).saturating_mul(1 + labels / 1000)
        };
        self.groups.value.iter().map(group).fold(0, usize::saturating_add)
    }

    /// Whether it has no targets.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
