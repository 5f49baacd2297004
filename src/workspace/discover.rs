//! The lists of targets that service discovery finds in files.

use crate::diagnostic::{Code, Diagnostic};
use crate::prometheus::discovery::TargetFormat;
use crate::prometheus::{ScrapeConfig, codes};
use crate::relabel::Action;
use crate::text::{FileId, Span, quote};
use crate::version::Version;
use crate::yaml::{Spanned, closest};

use super::assemble::Assembly;
use super::jobs::{Job, TargetList, UnknownTargets};
use super::manifest::{Manifest, ManifestDiscovery};
use super::paths::{self, Mount};
use super::recognise::FileKind;

const UNKNOWN_TARGETS: Code = Code::new("discovery/unknown-targets");
const UNKNOWN_FOLDER: Code = Code::new("discovery/unknown-folder");
const TOO_MANY_TARGETS: Code = Code::new("discovery/too-many-targets");
const UNASKED: Code = Code::new("workspace/unasked-discovery");

/// The most labels of targets that service discovery may hand to one job. The largest servers have some ten
/// thousands of targets in all, with some dozens of labels each.
const MAX_LABELS: usize = 2_000_000;

const FILEPATH: &str = "__meta_filepath";
const URL: &str = "__meta_url";

/// An answer that the manifest names, and whether somebody asks for it.
pub(super) struct Answer {
    entry: ManifestDiscovery,
    asked: bool,
}

impl Answer {
    pub(super) fn all(manifest: &Manifest) -> Vec<Self> {
        let entries = manifest.discovery.iter();
        entries.map(|entry| Self { entry: entry.clone(), asked: false }).collect()
    }

    fn is_for(&self, node: &str) -> bool {
        self.entry.node.as_ref().is_none_or(|only| only.value == node)
    }
}

/// What a job's service discovery is asked for.
struct Asked<'a> {
    job: &'a ScrapeConfig,
    node: String,
    version: Version,
    mount: Mount,
    /// Whether the manifest says where the configuration lies on its server.
    is_placed: bool,
}

/// Which place in a job names a list, what Prometheus calls the list, and the label that it gives to targets.
struct Origin {
    span: Span,
    source: String,
    meta: Option<&'static str>,
}

impl Assembly<'_> {
    /// The files that a pattern of the workspace names, in order.
    pub(super) fn files_at(&self, pattern: &str) -> Vec<FileId> {
        // The files are ordered by path: those that begin as the pattern does stand together.
        let start = pattern.split(paths::WILDCARDS).next().unwrap_or_default();
        let files = &self.workspace.files;
        let first = files.partition_point(|file| file.path.as_str() < start);
        let near = files.iter().enumerate().skip(first).take_while(|(_, file)| file.path.starts_with(start));
        near.filter(|(_, file)| paths::matches(pattern, &file.path))
            .map(|(at, _)| FileId(at as u32))
            .collect()
    }

    pub(super) fn path(&self, file: FileId) -> String {
        self.workspace.file(file).path.clone()
    }

    /// The files that a path or a pattern of the server names; `None` where it is no pattern.
    pub(super) fn resolve(&mut self, mount: &Mount, pattern: &str) -> Option<Vec<FileId>> {
        if !paths::is_pattern(pattern) {
            return None;
        }
        let Some(here) = mount.here(pattern) else { return Some(Vec::new()) };
        let found = self.files_at(&here);
        self.workspace.wanted.push(here);
        Some(found)
    }

    pub(super) fn mount(&self, node: usize) -> Mount {
        let node = &self.workspace.nodes[node];
        let here = paths::folder(&self.workspace.file(node.config_file).path).to_owned();
        Mount { here, there: node.folder.clone().unwrap_or_default() }
    }

    /// Looks for the targets of a job.
    pub(super) fn discover(&mut self, node: usize, scrape: &ScrapeConfig, job: &mut Job) {
        if scrape.discoveries.is_empty() {
            return;
        }
        let mut mount = self.mount(node);
        if job.file != self.workspace.nodes[node].config_file {
            // Paths in a file of jobs are relative to that file's own folder.
            let path = self.path(job.file);
            let there = mount.there(&path);
            mount = Mount { here: paths::folder(&path).to_owned(), there: paths::folder(&there).to_owned() };
        }
        let node = &self.workspace.nodes[node];
        let asked = Asked {
            job: scrape,
            node: node.name.clone(),
            version: node.version,
            mount,
            is_placed: node.folder.is_some(),
        };
        for discovery in &scrape.discoveries {
            match discovery.key.value.as_str() {
                "file_sd_configs" => self.discover_files(&asked, job),
                "http_sd_configs" => self.discover_over_http(&asked, job),
                key => {
                    let mechanism = key.strip_suffix("_sd_configs").unwrap_or(key);
                    self.discover_otherwise(&asked, mechanism, discovery.key.span, job);
                }
            }
        }
        for unknown in &job.unknown {
            let message = unknown.words(scrape.name());
            let help = match unknown.mechanism.as_str() {
                "file" => missing_help(&asked.mount, &unknown.from),
                "http" => format!(
                    "save what it answers as a file and name that in promtier.yaml: `discovery: [{{ url: {}, targets: FILE.json }}]`",
                    quote(&unknown.from)
                ),
                _ => format!(
                    "write them as http_sd_configs would get them and name that file in promtier.yaml: `discovery: [{{ job: {}, targets: FILE.json }}]`",
                    scrape.name()
                ),
            };
            self.report(
                job.file,
                Diagnostic::info(UNKNOWN_TARGETS, unknown.span, message)
                    .because("the preview shows none of them")
                    .help(help),
            );
        }
    }

    /// `discovery/file`. Items that are equal are one to Prometheus, and a file that an item names twice is
    /// read once for it.
    fn discover_files(&mut self, asked: &Asked<'_>, job: &mut Job) {
        let key = |item: &crate::prometheus::FileSdConfig| {
            let files: Vec<String> =
                item.files.iter().map(|file| paths::join(&asked.mount.there, &file.value)).collect();
            (files, item.refresh_interval.as_ref().map(|interval| interval.value))
        };
        let items = &asked.job.file_sd_configs;
        for (at, item) in items.iter().enumerate() {
            if items.iter().take(at).any(|earlier| key(earlier) == key(item)) {
                continue;
            }
            let mut seen: Vec<String> = Vec::new();
            for pattern in &item.files {
                let Some(files) = self.resolve(&asked.mount, &pattern.value) else {
                    let message =
                        format!("Error expanding glob {}: syntax error in pattern", quote(&pattern.value));
                    let diagnostic = Diagnostic::warning(codes::FILE_PATTERN, pattern.span, message)
                        .because("Prometheus starts, says so in its log, and reads none of these files.");
                    self.report(job.file, diagnostic);
                    continue;
                };
                if files.is_empty() {
                    let from = pattern.value.clone();
                    job.unknown.push(UnknownTargets {
                        span: pattern.span,
                        mechanism: "file".to_owned(),
                        from,
                    });
                }
                for file in files {
                    let path = self.path(file);
                    let Some(format) = TargetFormat::of_path(&path) else { continue };
                    // An absolute path stays as it is written.
                    let is_path = pattern.value.starts_with('/') && !paths::has_wildcard(&pattern.value);
                    let source = if is_path { pattern.value.clone() } else { asked.mount.there(&path) };
                    if seen.contains(&source) {
                        continue;
                    }
                    seen.push(source.clone());
                    let origin = Origin { span: pattern.span, source, meta: Some(FILEPATH) };
                    self.list(file, &origin, format, asked, job);
                }
                if !seen.is_empty() {
                    self.unknown_folder(asked, pattern, job.file);
                }
            }
        }
    }

    /// Says that `__meta_filepath` is a guess, where rules look at it.
    fn unknown_folder(&mut self, asked: &Asked<'_>, pattern: &Spanned<String>, file: FileId) {
        if asked.is_placed {
            return;
        }
        let reads = asked.job.relabel_configs.iter().any(|rule| {
            let named = rule.source_labels.iter().flat_map(|labels| &labels.value);
            let mapped = rule.action.as_ref().is_some_and(|action| action.value == Action::LabelMap)
                && rule.regex.as_ref().is_none_or(|regex| regex.value.contains("meta"));
            mapped || named.into_iter().any(|label| label.value == FILEPATH)
        });
        if reads {
            self.report(
                file,
                Diagnostic::info(
                    UNKNOWN_FOLDER,
                    pattern.span,
                    "`__meta_filepath` begins with the configuration's folder on the server, which is not known",
                )
                .because("relabel_configs look at it; it is taken to be relative, as if the server had been started in that folder")
                .help("give the node its `folder` in promtier.yaml: `folder: /etc/prometheus`"),
            );
        }
    }

    /// `discovery/http`. Items that are equal are one to Prometheus.
    fn discover_over_http(&mut self, asked: &Asked<'_>, job: &mut Job) {
        let mut seen: Vec<(&str, Option<crate::prometheus::Duration>)> = Vec::new();
        for item in &asked.job.http_sd_configs {
            let Some(url) = &item.url else { continue };
            let key = (url.value.as_str(), item.refresh_interval.as_ref().map(|interval| interval.value));
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let is_asked = |answer: &Answer| {
                answer.is_for(&asked.node)
                    && answer.entry.url.as_ref().is_some_and(|of| of.value == url.value)
            };
            let origin = Origin { span: url.span, source: url.value.clone(), meta: Some(URL) };
            if !self.answers(is_asked, &origin, Some(TargetFormat::Json), asked, job) {
                let from = url.value.clone();
                job.unknown.push(UnknownTargets { span: url.span, mechanism: "http".to_owned(), from });
            }
        }
    }

    fn discover_otherwise(&mut self, asked: &Asked<'_>, mechanism: &str, span: Span, job: &mut Job) {
        let is_asked = |answer: &Answer| {
            let entry = &answer.entry;
            answer.is_for(&asked.node)
                && entry.job.as_ref().is_some_and(|of| of.value == asked.job.name())
                && entry.from.as_ref().is_none_or(|from| from.value == mechanism)
        };
        // One answer for all that a job asks is taken once.
        let is_taken = self.answers.iter().any(|answer| answer.entry.from.is_none() && is_asked(answer))
            && job.lists.iter().any(|list| list.meta.is_none());
        let origin = Origin { span, source: mechanism.to_owned(), meta: None };
        if !is_taken && !self.answers(is_asked, &origin, None, asked, job) {
            let (mechanism, from) = (mechanism.to_owned(), mechanism.to_owned());
            job.unknown.push(UnknownTargets { span, mechanism, from });
        }
    }

    /// Adds the lists of the first answer of the manifest for which `is_asked` holds. Whether there is one.
    fn answers(
        &mut self,
        is_asked: impl Fn(&Answer) -> bool,
        origin: &Origin,
        format: Option<TargetFormat>,
        asked: &Asked<'_>,
        job: &mut Job,
    ) -> bool {
        let Some(manifest) = self.workspace.manifest else { return false };
        let Some(answer) = self.answers.iter_mut().find(|answer| is_asked(answer)) else { return false };
        answer.asked = true;
        for named in answer.entry.targets.clone() {
            let Some(file) = self.named_file(manifest, &named, FileKind::Targets) else { continue };
            let format = format.or(TargetFormat::of_path(&named.value)).unwrap_or(TargetFormat::Json);
            self.list(file, origin, format, asked, job);
        }
        true
    }

    /// Adds the list of targets in a file to a job; what Prometheus refuses, it has none of.
    fn list(
        &mut self,
        file: FileId,
        origin: &Origin,
        format: TargetFormat,
        asked: &Asked<'_>,
        job: &mut Job,
    ) {
        let path = self.path(file);
        let Some((parsed, last)) = self.files.targets(&path, format, asked.version) else { return };
        let held = &mut self.workspace.files[file.0 as usize];
        if held.kind == FileKind::Other {
            held.kind = FileKind::Targets;
        }
        held.from_last_valid |= parsed.has_errors() && last.is_some();
        for diagnostic in &parsed.diagnostics {
            let mut diagnostic = diagnostic.clone();
            if diagnostic.because.is_empty() {
                diagnostic = diagnostic.because(
                    "Prometheus says so in its log and takes nothing of this list: it goes on with what it had read before, which after a start is nothing.",
                );
            }
            self.report(file, diagnostic);
        }
        let Some(groups) = last else { return };
        let span = origin.span;
        let list = TargetList::new(file, span, origin.source.clone(), origin.meta, groups);
        if job.cost().saturating_add(list.cost()) > MAX_LABELS {
            let message = format!(
                "job `{}` has more than {MAX_LABELS} labels of targets: those of `{path}` are left out",
                asked.job.name()
            );
            let diagnostic = Diagnostic::warning(TOO_MANY_TARGETS, span, message)
                .because("promtier looks at no more of one job than that; the preview shows the others");
            self.report(job.file, diagnostic);
            job.unknown.push(UnknownTargets {
                span,
                mechanism: "file".to_owned(),
                from: format!("`{path}`"),
            });
            return;
        }
        job.lists.push(list);
    }

    /// Reports answers of the manifest that nobody asks for.
    pub(super) fn unasked(&mut self, file: FileId) {
        for answer in std::mem::take(&mut self.answers) {
            let entry = answer.entry;
            let name = |names: Vec<String>, given: &str| {
                closest(given, names.iter().map(String::as_str))
                    .map(|close| format!("did you mean `{close}`?"))
            };
            let nodes: Vec<String> = self.workspace.nodes.iter().map(|node| node.name.clone()).collect();
            let (span, message, help) = match (&entry.node, &entry.job, &entry.url) {
                (Some(node), _, _) if !nodes.contains(&node.value) => {
                    (node.span, format!("there is no node `{}`", node.value), name(nodes, &node.value))
                }
                _ if answer.asked => continue,
                (_, _, Some(url)) => {
                    let urls = self.scrape_configs().flat_map(|job| &job.http_sd_configs);
                    let urls = urls.filter_map(|item| Some(item.url.as_ref()?.value.clone())).collect();
                    let message = format!("no job asks `{}` for its targets", url.value);
                    (url.span, message, name(urls, &url.value))
                }
                (_, Some(job), None) => {
                    let jobs = self.scrape_configs().map(|job| job.name().to_owned()).collect();
                    let from = entry.from.as_ref().map_or("service discovery", |from| from.value.as_str());
                    let message = format!("no job `{}` asks {from} for targets", job.value);
                    (job.span, message, name(jobs, &job.value))
                }
                (_, None, None) => continue,
            };
            self.report(
                file,
                Diagnostic::warning(UNASKED, span, message)
                    .because("nobody gets the targets of this answer")
                    .help(help.unwrap_or_default()),
            );
        }
    }

    fn scrape_configs(&self) -> impl Iterator<Item = &ScrapeConfig> {
        let configs = self.workspace.nodes.iter().filter_map(|node| node.config.as_ref());
        configs.flat_map(|config| &config.scrape_configs)
    }
}

/// What to do about files that are not there.
pub(super) fn missing_help(mount: &Mount, path: &str) -> String {
    if path.starts_with('/') && !mount.there.starts_with('/') {
        "say in promtier.yaml where the configuration lies on its server, as in `folder: /etc/prometheus`, so that absolute paths are found in the workspace".to_owned()
    } else {
        match mount.here(path) {
            Some(here) => format!("add it to the workspace as `{here}`"),
            None => "it is outside of the workspace: choose a folder further up".to_owned(),
        }
    }
}
