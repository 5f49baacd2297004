//! The files as they change, and what was read of each.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Parsed;
use crate::prometheus::compare::Settings;
use crate::prometheus::discovery::{TargetFormat, parse_target_list};
use crate::prometheus::{self, Config, ScrapeConfig};
use crate::rules::{self, RuleFile};
use crate::version::Version;

use super::jobs::Groups;
use super::samples::{SampleFormat, SampleReader, Samples};
use super::{Manifest, Workspace, assemble};

/// The jobs of a file of `scrape_config_files`.
pub(super) type Jobs = Arc<Parsed<Vec<ScrapeConfig>>>;

/// The files of a workspace while it is worked on. What is read of a file is remembered until its text, or
/// the version that it is read for, changes.
#[derive(Debug)]
pub struct Files {
    pub(super) entries: BTreeMap<String, Entry>,
    pub(super) default_version: Version,
    pub(super) only_version: Option<Version>,
    seed: u64,
}

/// A configuration and what is wrong with it. Nodes share the one that was read.
pub(super) type ReadConfig = Arc<Parsed<Arc<Config>>>;

#[derive(Debug)]
pub(super) struct Entry {
    content: Content,
    manifest: Option<Arc<Parsed<Manifest>>>,
    config: Option<(Version, ReadConfig)>,
    last_valid: Option<(Version, Arc<Config>)>,
    /// As which version, and whether as a whole configuration.
    settings: Option<((Version, bool), Arc<Settings>)>,
    samples: Vec<(SampleFormat, Arc<Samples>)>,
    rules: Vec<(rules::Options, Arc<Parsed<RuleFile>>)>,
    /// The jobs, as a file that a configuration names; what is wrong with them depends on that one.
    jobs: Option<(ReadConfig, Jobs)>,
    last_valid_jobs: Option<(Version, Jobs)>,
    targets: Vec<TargetsRead>,
    last_valid_targets: Vec<TargetsRead>,
}

/// A list of targets as it was read: as what, and by which version.
type TargetsRead = ((TargetFormat, Version), Groups);

#[derive(Debug)]
enum Content {
    Text(Arc<str>),
    Samples(Arc<Samples>),
}

impl Files {
    /// No files. The `seed` keys the hashes of stores: give one that whoever writes the samples cannot know.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { entries: BTreeMap::new(), default_version: Version::default(), only_version: None, seed }
    }

    /// Sets the version of every node that the manifest gives none.
    pub fn set_default_version(&mut self, version: Version) {
        self.default_version = version;
    }

    /// The version of a node of which nothing else is known.
    #[must_use]
    pub fn default_version(&self) -> Version {
        self.only_version.unwrap_or(self.default_version)
    }

    /// Sets the version of every node, whatever the manifest says.
    pub fn set_only_version(&mut self, version: Version) {
        self.only_version = Some(version);
    }

    /// Adds a file, or replaces its text.
    pub fn put_text(&mut self, path: &str, text: impl Into<Arc<str>>) {
        let text = text.into();
        match self.entries.get_mut(path) {
            // The last valid configuration outlives the texts that are not.
            Some(entry) => {
                entry.content = Content::Text(text);
                entry.manifest = None;
                entry.config = None;
                entry.settings = None;
                entry.samples.clear();
                entry.rules.clear();
                entry.jobs = None;
                entry.targets.clear();
            }
            None => {
                self.entries.insert(path.to_owned(), Entry::new(Content::Text(text)));
            }
        }
    }

    /// Adds a file of samples that was read already, or replaces one. Its text is not kept.
    pub fn put_samples(&mut self, path: &str, samples: Arc<Samples>) {
        self.entries.insert(path.to_owned(), Entry::new(Content::Samples(samples)));
    }

    /// Removes a file. Says whether it was there.
    pub fn remove(&mut self, path: &str) -> bool {
        self.entries.remove(path).is_some()
    }

    /// The text of a file; `None` where there is no such file or its text is not kept.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&Arc<str>> {
        self.entries.get(path).and_then(Entry::text)
    }

    /// The workspace of this moment. Only what changed since the last time is read again.
    #[must_use]
    pub fn assemble(&mut self) -> Workspace {
        assemble::assemble(self)
    }

    pub(super) fn manifest(&mut self, path: &str) -> Option<Arc<Parsed<Manifest>>> {
        let entry = self.entries.get_mut(path)?;
        let text = Arc::clone(entry.text()?);
        Some(Arc::clone(entry.manifest.get_or_insert_with(|| Arc::new(Manifest::parse(&text)))))
    }

    /// The configuration in a file as `version` reads it.
    pub(super) fn config(&mut self, path: &str, version: Version) -> Option<ReadConfig> {
        let entry = self.entries.get_mut(path)?;
        let text = Arc::clone(entry.text()?);
        if let Some((have, config)) = &entry.config
            && *have == version
        {
            return Some(Arc::clone(config));
        }
        let Parsed { value, diagnostics } =
            prometheus::parse(&text, version, &prometheus::Environment::default());
        let config = Arc::new(Parsed { value: Arc::new(value), diagnostics });
        entry.config = Some((version, Arc::clone(&config)));
        Some(config)
    }

    /// The rules in a file as `options` have them read.
    pub(super) fn rules(&mut self, path: &str, options: rules::Options) -> Option<Arc<Parsed<RuleFile>>> {
        let entry = self.entries.get_mut(path)?;
        let text = Arc::clone(entry.text()?);
        if let Some((_, rules)) = entry.rules.iter().find(|(have, _)| *have == options) {
            return Some(Arc::clone(rules));
        }
        let rules = Arc::new(rules::parse(&text, options));
        entry.rules.push((options, Arc::clone(&rules)));
        Some(rules)
    }

    /// Notes that Prometheus would start with `config`, so that it stays when a later text is broken.
    pub(super) fn set_last_valid(&mut self, path: &str, version: Version, config: &Arc<Config>) {
        if let Some(entry) = self.entries.get_mut(path) {
            entry.last_valid = Some((version, Arc::clone(config)));
        }
    }

    pub(super) fn last_valid(&self, path: &str, version: Version) -> Option<Arc<Config>> {
        let (have, config) = self.entries.get(path)?.last_valid.as_ref()?;
        (*have == version).then(|| Arc::clone(config))
    }

    /// The settings in a file: a configuration's, or those of a file that its `scrape_config_files` name.
    pub(super) fn settings(&mut self, path: &str, version: Version, is_main: bool) -> Option<Arc<Settings>> {
        let entry = self.entries.get_mut(path)?;
        let text = Arc::clone(entry.text()?);
        if let Some((have, settings)) = &entry.settings
            && *have == (version, is_main)
        {
            return Some(Arc::clone(settings));
        }
        let read = if is_main { Settings::read } else { Settings::read_scrape_configs };
        let settings = Arc::new(read(&text, version));
        entry.settings = Some(((version, is_main), Arc::clone(&settings)));
        Some(settings)
    }

    /// The jobs in a file that `main` names under `scrape_config_files`.
    pub(super) fn jobs(&mut self, path: &str, main: &ReadConfig) -> Option<Jobs> {
        let entry = self.entries.get_mut(path)?;
        let text = Arc::clone(entry.text()?);
        if let Some((have, jobs)) = &entry.jobs
            && Arc::ptr_eq(have, main)
        {
            return Some(Arc::clone(jobs));
        }
        let parsed = prometheus::parse_scrape_configs(&text, &main.value.global, main.value.version);
        let jobs = Arc::new(parsed);
        entry.jobs = Some((Arc::clone(main), Arc::clone(&jobs)));
        Some(jobs)
    }

    /// Notes that Prometheus would take these jobs.
    pub(super) fn set_last_valid_jobs(&mut self, path: &str, version: Version, jobs: &Jobs) {
        if let Some(entry) = self.entries.get_mut(path) {
            entry.last_valid_jobs = Some((version, Arc::clone(jobs)));
        }
    }

    pub(super) fn last_valid_jobs(&self, path: &str, version: Version) -> Option<Jobs> {
        let (have, jobs) = self.entries.get(path)?.last_valid_jobs.as_ref()?;
        (*have == version).then(|| Arc::clone(jobs))
    }

    /// The list of targets in a file, and the last one without errors, which Prometheus goes on with.
    pub(super) fn targets(
        &mut self,
        path: &str,
        format: TargetFormat,
        version: Version,
    ) -> Option<(Groups, Option<Groups>)> {
        let entry = self.entries.get_mut(path)?;
        let text = Arc::clone(entry.text()?);
        let key = (format, version);
        let known = |read: &[TargetsRead]| {
            read.iter().find(|(have, _)| *have == key).map(|(_, groups)| Arc::clone(groups))
        };
        let groups = known(&entry.targets).unwrap_or_else(|| {
            let groups = Arc::new(parse_target_list(&text, format, version));
            entry.targets.push((key, Arc::clone(&groups)));
            if !groups.has_errors() {
                entry.last_valid_targets.retain(|(have, _)| *have != key);
                entry.last_valid_targets.push((key, Arc::clone(&groups)));
            }
            groups
        });
        Some((groups, known(&entry.last_valid_targets)))
    }

    /// The samples in a file. Where the text is kept they are read as `format` says; samples that came
    /// without a text were read before, as the text format.
    pub(super) fn samples(&mut self, path: &str, format: SampleFormat) -> Option<Arc<Samples>> {
        let seed = self.seed;
        let entry = self.entries.get_mut(path)?;
        let text = match &entry.content {
            Content::Samples(samples) => return Some(Arc::clone(samples)),
            Content::Text(text) => Arc::clone(text),
        };
        if let Some((_, samples)) = entry.samples.iter().find(|(have, _)| *have == format) {
            return Some(Arc::clone(samples));
        }
        let mut reader = SampleReader::new(format, seed);
        reader.push(text.as_bytes());
        let samples = Arc::new(reader.finish());
        entry.samples.push((format, Arc::clone(&samples)));
        Some(samples)
    }
}

impl Entry {
    fn new(content: Content) -> Self {
        Self {
            content,
            manifest: None,
            config: None,
            last_valid: None,
            settings: None,
            samples: Vec::new(),
            rules: Vec::new(),
            jobs: None,
            last_valid_jobs: None,
            targets: Vec::new(),
            last_valid_targets: Vec::new(),
        }
    }

    pub(super) fn text(&self) -> Option<&Arc<str>> {
        match &self.content {
            Content::Text(text) => Some(text),
            Content::Samples(_) => None,
        }
    }
}
