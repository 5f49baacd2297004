//! From files to nodes, balancers and applications.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::exposition::{Wire, negotiate};
use crate::prometheus::Config;
use crate::sort;
use crate::text::{FileId, LineColumn, Span};
use crate::version::Version;

use super::discover::Answer;
use super::manifest::{Manifest, ManifestNode, Text};
use super::paths;
use super::recognise::{is_manifest, recognise, stem};
use super::samples::{SampleFormat, Samples};
use super::{
    Application, Balancer, File, FileKind, Files, Finding, Node, Program, Workspace, replica_sets, selectors,
    sort_findings,
};

const MISSING_FILE: Code = Code::new("workspace/missing-file");
const MISSING_CONFIG: Code = Code::new("workspace/missing-config");
const NO_ADDRESS: Code = Code::new("workspace/no-address");
const MORE_PROBLEMS: Code = Code::new("workspace/more-problems");
const ADDRESS_TAKEN: Code = Code::new("workspace/address-taken");

/// Where the text format's media type is not said otherwise.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4";

pub(super) fn assemble(files: &mut Files) -> Workspace {
    let mut workspace = Workspace::default();
    let paths: Vec<String> = files.entries.keys().cloned().collect();
    for path in &paths {
        let text = files.text(path).cloned();
        let kind = text.as_deref().map_or(FileKind::Samples, |text| recognise(path, text));
        workspace.files.push(File { path: path.clone(), kind, text, samples: None, from_last_valid: false });
    }
    let version = files.default_version;
    let mut assembly = Assembly { files, workspace, version, answers: Vec::new() };
    let manifest = assembly.manifest();
    assembly.nodes(manifest.as_ref());
    if let Some((file, manifest)) = &manifest {
        assembly.balancers(manifest);
        assembly.unasked(*file);
        assembly.applications(*file, manifest);
        assembly.addresses(*file, manifest);
    }
    assembly.rules();
    assembly.rest();
    assembly.replica_sets();
    let mut workspace = assembly.workspace;
    sort_findings(&mut workspace.findings);
    sort::sort_and_dedup(&mut workspace.wanted);
    workspace
}

/// What stands before a server's paths: one slash before it and none behind it, as `cmd/prometheus/main.go`
/// makes it of `--web.route-prefix`; nothing where that comes to `/`.
fn route_prefix(text: &str) -> String {
    let inside = text.trim_matches('/');
    if inside.is_empty() { String::new() } else { format!("/{inside}") }
}

pub(super) struct Assembly<'f> {
    pub(super) files: &'f mut Files,
    pub(super) workspace: Workspace,
    /// The version of what the manifest says nothing else of.
    pub(super) version: Version,
    /// What service discoveries answer, as the manifest says.
    pub(super) answers: Vec<Answer>,
}

impl Assembly<'_> {
    pub(super) fn report(&mut self, file: FileId, diagnostic: Diagnostic) {
        self.workspace.findings.push(Finding::new(file, diagnostic));
    }

    fn manifest(&mut self) -> Option<(FileId, Manifest)> {
        let at = self.workspace.files.iter().position(|file| is_manifest(&file.path))?;
        let id = FileId(at as u32);
        let parsed = self.files.manifest(&self.workspace.files[at].path)?;
        self.workspace.manifest = Some(id);
        for diagnostic in &parsed.diagnostics {
            self.report(id, diagnostic.clone());
        }
        self.workspace.expectations.clone_from(&parsed.value.expect);
        Some((id, parsed.value.clone()))
    }

    fn nodes(&mut self, manifest: Option<&(FileId, Manifest)>) {
        let default_version = self.files.default_version;
        let version = manifest.and_then(|(_, manifest)| manifest.prometheus).unwrap_or(default_version);
        self.version = version;
        let patch = manifest.and_then(|(_, manifest)| manifest.patch);
        let (version, patch) = self.files.only_version.map_or((version, patch), |only| (only, None));
        let listed = manifest.and_then(|(file, manifest)| Some((*file, manifest.nodes.as_ref()?)));
        match listed {
            Some((file, nodes)) => {
                for node in nodes {
                    self.node_of_manifest(file, node, (version, patch));
                }
            }
            None => {
                self.mark_scrape_configs(version);
                for at in 0..self.workspace.files.len() {
                    if self.workspace.files[at].kind == FileKind::Prometheus {
                        self.node_of_file(FileId(at as u32), (version, patch));
                    }
                }
            }
        }
        sort::sort_by(&mut self.workspace.nodes, |a, b| a.name.cmp(&b.name));
        self.answers = manifest.map_or_else(Vec::new, |(_, manifest)| Answer::all(manifest));
        for at in 0..self.workspace.nodes.len() {
            self.read_config(at);
            self.jobs(at);
        }
    }

    fn node_of_manifest(
        &mut self,
        file: FileId,
        node: &ManifestNode,
        (version, patch): (Version, Option<u8>),
    ) {
        let Some(config) = &node.config else {
            let message = format!("node `{}` has no `config`", node.name.value);
            self.report(
                file,
                Diagnostic::error(MISSING_CONFIG, node.name.span, message)
                    .because("a server without a configuration pulls nothing and cannot be previewed")
                    .help("name its configuration: `config: NAME.yml`"),
            );
            return;
        };
        let Some(config_file) = self.named_file(file, config, FileKind::Prometheus) else { return };
        let samples: Vec<FileId> =
            node.samples.iter().filter_map(|path| self.named_file(file, path, FileKind::Samples)).collect();
        let samples_path = node
            .samples
            .first()
            .map_or_else(|| format!("{}.prom", node.name.value), |path| path.value.clone());
        let own = node.prometheus.filter(|_| self.files.only_version.is_none());
        let (version, patch) = own.map_or((version, patch), |own| (own, node.patch));
        self.workspace.nodes.push(Node {
            name: node.name.value.clone(),
            version,
            patch,
            program: node.program.unwrap_or_default(),
            config_file,
            config: None,
            jobs: Vec::new(),
            folder: node.folder.as_ref().map(|folder| folder.value.clone()),
            listen: node.listen.iter().map(|address| address.value.clone()).collect(),
            route_prefix: node
                .route_prefix
                .as_ref()
                .map_or_else(String::new, |text| route_prefix(&text.value)),
            samples,
            samples_path,
            rules: Vec::new(),
            replica_set: node.replica_set.as_ref().map(|set| set.value.clone()),
            settings: Vec::new(),
        });
    }

    fn node_of_file(&mut self, config_file: FileId, (version, patch): (Version, Option<u8>)) {
        let name = stem(&self.workspace.file(config_file).path).to_owned();
        let samples = (0..)
            .zip(&self.workspace.files)
            .filter(|(_, file)| file.kind == FileKind::Samples && stem(&file.path) == name)
            .map(|(at, _)| FileId(at))
            .collect();
        let samples_path = format!("{name}.prom");
        self.workspace.nodes.push(Node {
            name,
            version,
            patch,
            program: Program::Prometheus,
            config_file,
            config: None,
            jobs: Vec::new(),
            folder: None,
            listen: Vec::new(),
            route_prefix: String::new(),
            samples,
            samples_path,
            rules: Vec::new(),
            replica_set: None,
            settings: Vec::new(),
        });
    }

    /// The file that the manifest names, which becomes a file of that kind.
    pub(super) fn named_file(&mut self, manifest: FileId, path: &Text, kind: FileKind) -> Option<FileId> {
        let Some(id) = self.workspace.file_at(&path.value) else {
            let near = self.workspace.files.iter().map(|file| file.path.as_str());
            let help = match crate::yaml::closest(&path.value, near) {
                Some(close) => format!("the workspace has `{close}`"),
                None => "paths are relative to the workspace's folder".to_owned(),
            };
            let message = format!("`{}` is not a file of the workspace", path.value);
            self.report(manifest, Diagnostic::error(MISSING_FILE, path.span, message).help(help));
            return None;
        };
        self.workspace.files[id.0 as usize].kind = kind;
        Some(id)
    }

    /// Reads the configuration of a node, and keeps the last one that was valid where this one is not.
    fn read_config(&mut self, node: usize) {
        let Node { config_file, version, .. } = self.workspace.nodes[node];
        let path = self.workspace.file(config_file).path.clone();
        let Some(parsed) = self.files.config(&path, version) else { return };
        let shared = self.workspace.nodes[..node].iter().any(|other| other.config_file == config_file);
        let mut diagnostics = parsed.diagnostics.clone();
        let refused = parsed.has_errors();
        diagnostics.extend(selectors::check(&parsed.value.scrape_configs, version));
        let sound = diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error);
        let config = Arc::clone(&parsed.value);
        let written = Arc::clone(&config);
        let last = self.files.last_valid(&path, version);
        let chosen = match last {
            _ if sound => {
                self.files.set_last_valid(&path, version, &config);
                Some(config)
            }
            Some(last) => {
                self.workspace.files[config_file.0 as usize].from_last_valid = true;
                Some(last)
            }
            None if refused => {
                self.want_named_files(node, &config);
                None
            }
            // A configuration with a broken selector starts a server, whose pull then fails.
            None => Some(config),
        };
        // Other nodes may run the file with another program, which takes it.
        let refused = self.workspace.nodes[node].program.refuses(&written);
        self.workspace.nodes[node].config = chosen.filter(|_| refused.is_empty());
        for diagnostic in refused {
            self.report(config_file, diagnostic);
        }
        // Nodes may share a file; what is wrong with it is said once.
        if !shared {
            for diagnostic in diagnostics {
                self.report(config_file, diagnostic);
            }
        }
    }

    /// A configuration that is refused runs nothing, but what is wrong with its other files is said at once.
    fn want_named_files(&mut self, node: usize, config: &Config) {
        let mount = self.mount(node);
        for pattern in [&config.rule_files, &config.scrape_config_files].into_iter().flatten() {
            if paths::is_pattern(&pattern.value) {
                self.workspace.wanted.extend(mount.here(&pattern.value));
            }
        }
    }

    /// Finds the sets of replicas, and reads the settings of their nodes.
    fn replica_sets(&mut self) {
        let sets = replica_sets::of(&self.workspace);
        for &at in sets.iter().filter(|set| set.nodes.len() > 1).flat_map(|set| &set.nodes) {
            let node = &self.workspace.nodes[at];
            let mut paths = vec![node.config_file];
            for job in &node.jobs {
                if !paths.contains(&job.file) {
                    paths.push(job.file);
                }
            }
            let version = node.version;
            let broken =
                node.config.is_none() || paths.iter().any(|file| self.workspace.file(*file).from_last_valid);
            let settings = paths.iter().filter(|_| !broken).filter_map(|&file| {
                let is_main = file == paths[0];
                Some((file, self.files.settings(&self.workspace.file(file).path, version, is_main)?))
            });
            let settings = settings.collect();
            self.workspace.nodes[at].settings = settings;
        }
        self.workspace.replica_sets = sets;
    }

    fn balancers(&mut self, manifest: &Manifest) {
        for balancer in &manifest.balancers {
            let config = balancer.config.as_ref().zip(self.workspace.manifest);
            let config_file =
                config.and_then(|(config, file)| self.named_file(file, config, FileKind::Other));
            self.workspace.balancers.push(Balancer {
                name: balancer.name.value.clone(),
                listen: balancer.listen.iter().map(|address| address.value.clone()).collect(),
                config_file,
            });
        }
    }

    fn applications(&mut self, file: FileId, manifest: &Manifest) {
        for target in &manifest.targets {
            let Some(metrics) = &target.metrics else {
                let message = format!("target `{}` has no `metrics`", target.name.value);
                self.report(
                    file,
                    Diagnostic::error(MISSING_FILE, target.name.span, message)
                        .help("name the file that holds what it exposes: `metrics: NAME.prom`"),
                );
                continue;
            };
            let Some(metrics) = self.named_file(file, metrics, FileKind::Samples) else { continue };
            let text = |text: &Option<Text>, default: &str| {
                text.as_ref().map_or_else(|| default.to_owned(), |text| text.value.clone())
            };
            let content_type = text(&target.content_type, TEXT_FORMAT);
            let samples = self.application_samples(metrics, &content_type);
            self.workspace.applications.push(Application {
                name: target.name.value.clone(),
                listen: target.listen.iter().map(|address| address.value.clone()).collect(),
                path: text(&target.path, "/metrics"),
                content_type,
                metrics,
                samples,
            });
        }
    }

    /// What an application exposes, as each of the nodes would read it.
    fn application_samples(&mut self, file: FileId, content_type: &str) -> Vec<(SampleFormat, Arc<Samples>)> {
        let mut formats = BTreeSet::new();
        for node in &self.workspace.nodes {
            let jobs = node.config.iter().flat_map(|config| &config.scrape_configs);
            for job in jobs {
                let fallback = job.fallback_scrape_protocol.as_ref();
                let fallback = fallback.and_then(|name| Wire::of_scrape_protocol(&name.value));
                if let Some(Wire::Text(format)) = negotiate(content_type, fallback, node.version).wire {
                    formats.insert(SampleFormat { format, version: node.version });
                }
            }
        }
        let path = self.workspace.file(file).path.clone();
        formats.into_iter().filter_map(|format| Some((format, self.files.samples(&path, format)?))).collect()
    }

    /// Reports addresses that two claim and entries that nobody can reach.
    fn addresses(&mut self, file: FileId, manifest: &Manifest) {
        let unreachable = manifest
            .balancers
            .iter()
            .map(|balancer| ("balancer", &balancer.name, &balancer.listen))
            .chain(manifest.targets.iter().map(|target| ("target", &target.name, &target.listen)))
            .filter(|(_, _, listen)| listen.is_empty());
        for (what, name, _) in unreachable {
            let message = format!("{what} `{}` has no `listen`", name.value);
            self.report(
                file,
                Diagnostic::warning(NO_ADDRESS, name.span, message)
                    .because("nobody can be found to reach it")
                    .help("list its addresses as targets name them: `listen: [HOST:PORT]`"),
            );
        }
        let all: Vec<&Text> = manifest
            .balancers
            .iter()
            .flat_map(|balancer| &balancer.listen)
            .chain(manifest.targets.iter().flat_map(|target| &target.listen))
            .chain(manifest.nodes.iter().flatten().flat_map(|node| &node.listen))
            .collect();
        let mut seen: BTreeMap<&str, &Text> = BTreeMap::new();
        for address in all {
            if let Some(first) = seen.get(address.value.as_str()) {
                let message = format!("two listen at `{}`", address.value);
                self.report(file, Diagnostic::error(ADDRESS_TAKEN, address.span, message)
                        .because("which of them answers cannot be told; the first is taken, balancers before targets before nodes")
                        .label(first.span, "the first"));
            } else {
                seen.insert(&address.value, address);
            }
        }
    }

    /// Reads what nobody asked for yet: the samples, and configurations that belong to no node.
    fn rest(&mut self) {
        for at in 0..self.workspace.files.len() {
            let File { path, kind, .. } = &self.workspace.files[at];
            let (path, kind, id) = (path.clone(), *kind, FileId(at as u32));
            match kind {
                FileKind::Samples => {
                    let as_read =
                        self.workspace.applications.iter().find(|application| application.metrics == id);
                    let first = as_read.and_then(|application| application.samples.first());
                    let samples = match first {
                        Some((_, samples)) => Some(Arc::clone(samples)),
                        None => self.files.samples(&path, SampleFormat::default()),
                    };
                    let Some(samples) = samples else { continue };
                    self.problems(id, &samples);
                    self.workspace.files[at].samples = Some(samples);
                }
                FileKind::Prometheus if !self.workspace.nodes.iter().any(|node| node.config_file == id) => {
                    let version = self.files.only_version.unwrap_or(self.files.default_version);
                    let Some(parsed) = self.files.config(&path, version) else { continue };
                    for diagnostic in &parsed.diagnostics {
                        self.report(id, diagnostic.clone());
                    }
                }
                _ => {}
            }
        }
    }

    fn problems(&mut self, file: FileId, samples: &Samples) {
        for problem in &samples.problems {
            let column = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
            self.workspace.findings.push(Finding {
                file,
                diagnostic: problem.diagnostic.clone(),
                place: Some(LineColumn { line: column(problem.line), column: column(problem.column) }),
            });
        }
        let shown = samples.problems.len() as u64;
        if samples.problem_count > shown {
            let message = format!("{} more lines like these", samples.problem_count - shown);
            self.report(file, Diagnostic::info(MORE_PROBLEMS, Span::at(0), message));
        }
    }
}
