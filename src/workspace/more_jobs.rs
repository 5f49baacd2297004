//! The jobs of the files that configurations name under `scrape_config_files`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::prometheus::{Config, codes};
use crate::text::{FileId, Span, quote};
use crate::version::Version;

use super::assemble::Assembly;
use super::discover::missing_help;
use super::files::ReadConfig;
use super::jobs::Job;
use super::paths::{self, Mount};
use super::recognise::FileKind;
use super::selectors;

const UNKNOWN_JOBS: Code = Code::new("workspace/unknown-scrape-configs");

impl Assembly<'_> {
    /// Marks the files that other configurations name under `scrape_config_files`, so that they are not taken
    /// for servers of their own.
    pub(super) fn mark_scrape_configs(&mut self, version: Version) {
        for at in 0..self.workspace.files.len() {
            let file = &self.workspace.files[at];
            if file.kind != FileKind::Prometheus {
                continue;
            }
            let path = file.path.clone();
            let Some(parsed) = self.files.config(&path, version) else { continue };
            let mount = Mount { here: paths::folder(&path).to_owned(), there: String::new() };
            for pattern in &parsed.value.scrape_config_files {
                for other in mount.here(&pattern.value).map_or_else(Vec::new, |here| self.files_at(&here)) {
                    let other = &mut self.workspace.files[other.0 as usize];
                    if other.path != path && other.kind == FileKind::Prometheus {
                        other.kind = FileKind::ScrapeConfigs;
                    }
                }
            }
        }
    }

    /// Adds the jobs of `scrape_config_files` to the node's own, and looks for the targets of all:
    /// `config/config.go`, `GetScrapeConfigs`.
    pub(super) fn jobs(&mut self, node: usize) {
        let Some(config) = self.workspace.nodes[node].config.clone() else { return };
        let own = self.workspace.nodes[node].config_file;
        let mut jobs: Vec<Job> = config.scrape_configs.iter().map(|_| Job::new(own)).collect();
        let mut joined = Some(config);
        if joined.as_ref().is_some_and(|config| !config.scrape_config_files.is_empty()) {
            joined = joined.and_then(|config| self.with_scrape_config_files(node, &config, &mut jobs));
        }
        if let Some(config) = &joined {
            for (scrape, job) in config.scrape_configs.iter().zip(&mut jobs) {
                self.discover(node, scrape, job);
            }
        } else {
            jobs.clear();
        }
        let node = &mut self.workspace.nodes[node];
        node.config = joined;
        node.jobs = jobs;
    }

    /// The configuration with the jobs of its `scrape_config_files`; `None` where Prometheus refuses one.
    fn with_scrape_config_files(
        &mut self,
        node: usize,
        config: &Config,
        jobs: &mut Vec<Job>,
    ) -> Option<Arc<Config>> {
        let (own, version) = (self.workspace.nodes[node].config_file, self.workspace.nodes[node].version);
        let main = self.files.config(&self.path(own), version)?;
        let mount = self.mount(node);
        let mut joined = config.clone();
        let mut first_found: BTreeMap<String, (FileId, Span)> = BTreeMap::new();
        for job in &config.scrape_configs {
            first_found.insert(job.name().to_owned(), (own, job.name_span()));
        }
        let mut refused = false;
        for pattern in &config.scrape_config_files {
            let files = self.resolve(&mount, &pattern.value);
            match &files {
                None => {
                    let message = format!(
                        "error retrieving scrape config files for {}: syntax error in pattern",
                        quote(&pattern.value)
                    );
                    self.report(own, Diagnostic::error(codes::FILE_PATTERN, pattern.span, message));
                    refused = true;
                }
                Some(files) if files.is_empty() => {
                    let message = format!("no file of the workspace is `{}`", pattern.value);
                    let help = missing_help(&mount, &pattern.value);
                    self.report(
                        own,
                        Diagnostic::info(UNKNOWN_JOBS, pattern.span, message)
                            .because("if the server has such files, their jobs are not looked at here")
                            .help(help),
                    );
                }
                Some(_) => {}
            }
            for file in files.unwrap_or_default() {
                refused |= !self.add_scrape_configs(file, (node, &main), &mut joined, jobs, &mut first_found);
            }
        }
        (!refused).then(|| Arc::new(joined))
    }

    /// Adds the jobs of one file. Whether Prometheus takes it, or took an earlier text of it.
    fn add_scrape_configs(
        &mut self,
        file: FileId,
        (node, main): (usize, &ReadConfig),
        joined: &mut Config,
        jobs: &mut Vec<Job>,
        first_found: &mut BTreeMap<String, (FileId, Span)>,
    ) -> bool {
        let path = self.path(file);
        let (version, own) = (joined.version, self.workspace.nodes[node].config_file);
        let Some(parsed) = self.files.jobs(&path, main) else { return true };
        if file != own {
            self.workspace.files[file.0 as usize].kind = FileKind::ScrapeConfigs;
        }
        // That a name stands twice in the file is said below, with where it stands first.
        let mut found: Vec<Diagnostic> = parsed.diagnostics.clone();
        found.retain(|diagnostic| diagnostic.code != codes::DUPLICATE_JOB_NAME);
        found.extend(selectors::check(&parsed.value, version));
        for job in parsed.value.iter().filter(|job| !job.name().is_empty()) {
            let Some(&(first, span)) = first_found.get(job.name()) else {
                first_found.insert(job.name().to_owned(), (file, job.name_span()));
                continue;
            };
            let place = if first == own { "main config file".to_owned() } else { quote(self.path(first)) };
            let name = quote(job.name());
            let message =
                format!("found multiple scrape configs with job name {name}, first found in {place}");
            found.push(
                Diagnostic::error(codes::DUPLICATE_JOB_NAME, job.name_span(), message)
                    .because(
                        "Prometheus keeps a job's targets under its name, so each name may stand only once.",
                    )
                    .label_in(first, span, "first used here"),
            );
        }
        let is_sound = found.iter().all(|found| found.severity != Severity::Error);
        let refused =
            parsed.has_errors() || found.iter().any(|found| found.code == codes::DUPLICATE_JOB_NAME);
        for diagnostic in found {
            self.report(file, diagnostic);
        }
        let taken = if is_sound {
            self.files.set_last_valid_jobs(&path, version, &parsed);
            parsed
        } else if let Some(last) = self.files.last_valid_jobs(&path, version) {
            self.workspace.files[file.0 as usize].from_last_valid = true;
            last
        } else if refused {
            return false;
        } else {
            parsed
        };
        for job in &taken.value {
            joined.scrape_configs.push(job.clone());
            jobs.push(Job::new(file));
        }
        true
    }
}
