//! What the forms of a list of targets have in common: which targets there are and what becomes of each.

use promtier::prometheus::{
    EffectiveScrapeConfig, ScrapeTarget, TargetExplanation, TargetFate, TargetGroup, TargetOutcome,
    explain_target, targets,
};
use promtier::relabel::Compiler;
use promtier::text::FileId;
use promtier::workspace::{Job, Workspace};

/// What is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'a> {
    /// Only this node.
    pub(crate) node: Option<usize>,
    /// Only jobs of this name.
    pub(crate) job: Option<&'a str>,
    /// Only targets with this address, before or after relabelling.
    pub(crate) address: Option<&'a str>,
}

impl Shown<'_> {
    /// The nodes that are shown.
    pub(crate) fn nodes(self, workspace: &Workspace) -> impl Iterator<Item = usize> {
        (0..workspace.nodes.len()).filter(move |&at| self.node.is_none_or(|only| only == at))
    }
}

/// A job of a node with its targets.
pub(crate) struct JobTargets<'w> {
    /// The node.
    pub(crate) node: usize,
    /// Where it is and where its targets come from.
    pub(crate) job: &'w Job,
    /// The job with its defaults.
    pub(crate) effective: EffectiveScrapeConfig<'w>,
    groups: Vec<TargetGroup<'w>>,
    files: Vec<FileId>,
    /// All its targets.
    pub(crate) outcomes: Vec<TargetOutcome>,
    address: Option<&'w str>,
}

/// The jobs to show, in the order of their nodes and configurations.
pub(crate) fn jobs<'w>(workspace: &'w Workspace, shown: Shown<'w>) -> Vec<JobTargets<'w>> {
    let mut out = Vec::new();
    for node in shown.nodes(workspace) {
        let Some(config) = &workspace.nodes[node].config else { continue };
        let version = workspace.nodes[node].version;
        let mut compiler = Compiler::new(version);
        for (scrape, job) in config.scrape_configs.iter().zip(&workspace.nodes[node].jobs) {
            if shown.job.is_some_and(|only| only != scrape.name()) {
                continue;
            }
            let effective = scrape.effective(&config.global, version);
            let (groups, files) = job.groups(scrape);
            let outcomes = targets(&effective, &groups, version, &mut compiler);
            out.push(JobTargets { node, job, effective, groups, files, outcomes, address: shown.address });
        }
    }
    out
}

impl JobTargets<'_> {
    /// The places of the targets that are shown.
    pub(crate) fn shown(&self) -> impl Iterator<Item = usize> + '_ {
        let is_asked = |outcome: &TargetOutcome| {
            self.address.is_none_or(|address| {
                let scraped = self.scraped(outcome).is_some_and(|target| {
                    target.address == address || target.labels.value("instance") == address
                });
                scraped || outcome.discovered.value("__address__") == address
            })
        };
        (0..).zip(&self.outcomes).filter(move |(_, outcome)| is_asked(outcome)).map(|(at, _)| at)
    }

    /// What is scraped for a target, by itself or with an equal one.
    pub(crate) fn scraped<'a>(&'a self, outcome: &'a TargetOutcome) -> Option<&'a ScrapeTarget> {
        match outcome.fate {
            TargetFate::Merged { into } => self.outcomes.get(into).and_then(TargetOutcome::scraped),
            _ => outcome.scraped(),
        }
    }

    /// What Prometheus calls the target's group.
    pub(crate) fn source(&self, outcome: &TargetOutcome) -> &str {
        self.groups.get(outcome.group).map_or("", |group| &group.source)
    }

    /// The file that lists the target.
    pub(crate) fn file(&self, outcome: &TargetOutcome) -> FileId {
        self.files.get(outcome.group).copied().unwrap_or(self.job.file)
    }

    /// How the target gets its labels.
    pub(crate) fn explanation(&self, outcome: &TargetOutcome) -> Option<TargetExplanation> {
        let group = self.groups.get(outcome.group)?;
        explain_target(&self.effective, group, outcome.index, self.effective.version)
    }

    /// What became of the target, in one word.
    pub(crate) fn state(outcome: &TargetOutcome) -> &'static str {
        match outcome.fate {
            TargetFate::Scraped(_) => "scraped",
            TargetFate::Dropped { .. } => "dropped",
            TargetFate::Refused { .. } => "refused",
            TargetFate::Merged { .. } => "merged",
        }
    }
}
