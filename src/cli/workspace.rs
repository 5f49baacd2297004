//! Workspaces from disk: which files are read, and how each is called where it is reported.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use promtier::federation::{Memo, Preview};
use promtier::lint;
use promtier::text::FileId;
use promtier::version::Version;
use promtier::workspace::{
    self, FileKind, Files, Manifest, SampleFormat, SampleReader, Workspace, is_manifest, is_samples,
};

use crate::failure::{Complaint, Failure};
use crate::files::{self, Content, Excerpt, Listed, Pieces, Source};
use crate::output::{Finding, Sources, counted};
use crate::terminal::{note, say};

/// Samples up to this length are kept as text, so that problems in them can be shown; longer ones are
/// streamed and only what they hold is kept.
const MAX_KEPT: u64 = 16_000_000;
/// The most bytes that all texts of one workspace may have.
const MAX_TEXTS: u64 = 1_000_000_000;

/// A workspace that was read from disk.
pub(crate) struct Opened {
    /// What it holds.
    pub(crate) workspace: Arc<Workspace>,
    /// The key of its hashes.
    pub(crate) seed: u64,
    places: BTreeMap<String, Place>,
    /// The files that could not be read.
    unread: Vec<Complaint>,
}

/// What is only said because a file is not there, which may be one that could not be read.
const OF_ABSENCE: [&str; 3] =
    ["workspace/missing-file", "workspace/no-rule-file", "discovery/unknown-targets"];

/// Where a file of the workspace is.
struct Place {
    file: PathBuf,
    /// The path under which the user knows it.
    shown: String,
    bytes: u64,
}

/// A file to be read.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    /// Its path inside the workspace.
    path: String,
    file: PathBuf,
    shown: String,
}

impl Opened {
    /// The folder that `path` means: itself, or the one that a manifest describes.
    pub(crate) fn folder_of(path: &Path) -> Option<PathBuf> {
        let is_manifest = path.file_name().and_then(|name| name.to_str()).is_some_and(is_manifest);
        if files::is_folder(path) {
            Some(path.to_owned())
        } else if is_manifest && files::is_file(path) {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            Some(folder.unwrap_or(Path::new(".")).to_owned())
        } else {
            None
        }
    }

    /// As [`Self::folder_of`].
    ///
    /// # Errors
    /// Where `path` means none: why.
    pub(crate) fn folder_or_complaint(path: &Path) -> Result<PathBuf, Failure> {
        if let Some(folder) = Self::folder_of(path) {
            return Ok(folder);
        }
        // Says why, where there is nothing at all.
        let source = Source::open(path)?;
        Err(Failure::unusable(
            format!("`{}` is a file, and a workspace is a folder", source.name()),
            "name the folder that holds the Prometheus configurations and samples",
        ))
    }

    /// Reads a folder: its configurations, its samples, and whatever its manifest names.
    ///
    /// # Errors
    /// All that cannot be used, or that there is nothing to look at.
    pub(crate) fn folder(root: &Path, version: Option<Version>) -> Result<Self, Failure> {
        let prefix = match files::display(root).trim_end_matches('/') {
            "." => String::new(),
            path => format!("{path}/"),
        };
        let listed = files::list(root)?;
        let manifest = listed.iter().find(|file| is_manifest(&file.path));
        let named = match manifest {
            Some(file) => named_files(&Manifest::parse(&files::read_text(&file.file)?).value),
            None => Vec::new(),
        };
        let found = listed.into_iter().map(|Listed { path, file }| Wanted {
            shown: format!("{prefix}{path}"),
            path,
            file,
        });
        let (wanted, mut others): (Vec<Wanted>, Vec<Wanted>) = found
            .partition(|file| is_yaml(&file.path) || is_samples(&file.path) || named.contains(&file.path));
        let opened = Self::read(wanted, version, |workspace, _| {
            let is_named = |file: &Wanted| {
                workspace.wanted.iter().any(|pattern| workspace::matches(pattern, &file.path))
            };
            let (named, rest) = std::mem::take(&mut others).into_iter().partition(is_named);
            others = rest;
            Ok(named)
        })?;
        if !opened.workspace.files.iter().any(|file| file.kind == FileKind::Rules) {
            let configured = opened.configured(root);
            if configured.is_err() && !opened.unread.is_empty() {
                return Err(Failure::Unusable(opened.unread));
            }
            configured?;
        }
        for (path, place) in &opened.places {
            if place.bytes == 0 && is_samples(path) {
                note(&format!("`{}` is empty: its server is taken to hold nothing", place.shown));
            }
        }
        Ok(opened)
    }

    /// The files that could not be read; what depends on more than one file is then not known.
    pub(crate) fn unread(&self) -> &[Complaint] {
        &self.unread
    }

    /// Itself, where every file could be read.
    ///
    /// # Errors
    /// The files that could not be.
    pub(crate) fn whole(self) -> Result<Self, Failure> {
        if self.unread.is_empty() { Ok(self) } else { Err(Failure::Unusable(self.unread)) }
    }

    /// Whether there is a server to speak of.
    ///
    /// # Errors
    /// Where there is none: that nothing was found in `root`.
    pub(crate) fn configured(&self, root: &Path) -> Result<(), Failure> {
        let configured = self.workspace.files.iter().any(|file| file.kind == FileKind::Prometheus);
        if configured || self.workspace.manifest.is_some() {
            return Ok(());
        }
        Err(Failure::unusable(
            format!("there is no Prometheus configuration in `{}`", files::display(root)),
            "a configuration is a .yml or .yaml file with `global` or `scrape_configs` at its outermost \
             level; hidden folders, `target` and `node_modules` are not looked into",
        ))
    }

    /// Reads files by name, which together make a workspace; `-` is a configuration on standard input.
    ///
    /// # Errors
    /// All that cannot be used.
    pub(crate) fn files(paths: &[PathBuf], version: Option<Version>) -> Result<Self, Failure> {
        let shown: Vec<String> = paths.iter().map(|path| files::display(path)).collect();
        let common = common_folder(&shown);
        let mut wanted: Vec<Wanted> = shown
            .iter()
            .zip(paths)
            .map(|(shown, file)| {
                let path = &shown[common.len()..];
                // Whatever is named and does not look like samples is taken for a configuration: a pipe has no
                // extension.
                let known = is_yaml(path) || is_samples(path);
                let path = if known { path.to_owned() } else { format!("{path}.yml") };
                Wanted { path, file: file.clone(), shown: shown.clone() }
            })
            .collect();
        wanted.sort();
        wanted.dedup_by(|a, b| a.path == b.path);
        let mut opened = Self::read(wanted, version, named_on_disk)?;
        let mut complaints = Vec::new();
        for file in &opened.workspace.files {
            let Some(Place { shown: name, bytes, .. }) = opened.places.get(&file.path) else { continue };
            if *bytes == 0 {
                complaints.push(files::empty(name));
            } else if file.kind == FileKind::Other {
                complaints.push(Complaint {
                    message: format!("`{name}` is nothing that promtier checks"),
                    help: "it checks Prometheus configurations, which have `global` or `scrape_configs` at their \
                           outermost level, rule files, which have `groups` there, samples in .prom files, and \
                           promtier.yaml"
                        .to_owned(),
                });
            }
        }
        let nothing_left = complaints.len() >= opened.places.len();
        opened.unread.extend(complaints);
        if nothing_left { opened.whole() } else { Ok(opened) }
    }

    /// Reads the `wanted` files, and those that `more` finds to be named in them.
    fn read(
        mut wanted: Vec<Wanted>,
        version: Option<Version>,
        mut more: impl FnMut(&Workspace, &BTreeMap<String, Place>) -> Result<Vec<Wanted>, Failure>,
    ) -> Result<Self, Failure> {
        let seed = files::seed();
        let mut read = Files::new(seed);
        if let Some(version) = version {
            read.set_only_version(version);
        }
        let mut places = BTreeMap::new();
        let mut unread = Vec::new();
        let mut texts = 0;
        let mut tried: BTreeSet<String> = wanted.iter().map(|file| file.path.clone()).collect();
        loop {
            for Wanted { path, file, shown } in wanted {
                match read_file(&mut read, &path, &file, seed) {
                    Ok(bytes) => {
                        texts += if bytes > MAX_KEPT { 0 } else { bytes };
                        places.insert(path, Place { file, shown, bytes });
                    }
                    Err(complaint) => unread.push(complaint),
                }
                if texts > MAX_TEXTS {
                    unread.push(Complaint {
                        message: format!("the files are over {} together", files::size(MAX_TEXTS)),
                        help: "name the folder that holds the Prometheus configurations".to_owned(),
                    });
                    return Err(Failure::Unusable(unread));
                }
            }
            if places.is_empty() && !unread.is_empty() {
                return Err(Failure::Unusable(unread));
            }
            let workspace = read.assemble();
            // What could not be read is not asked for again.
            wanted = more(&workspace, &places)?
                .into_iter()
                .filter(|file| tried.insert(file.path.clone()))
                .collect();
            if wanted.is_empty() {
                return Ok(Self { workspace: Arc::new(workspace), seed, places, unread });
            }
        }
    }

    /// The path of a file from where the command was started.
    pub(crate) fn path(&self, file: FileId) -> String {
        let path = &self.workspace.file(file).path;
        self.places.get(path).map_or(path, |place| &place.shown).clone()
    }

    /// How many files were looked at.
    pub(crate) fn checked(&self) -> usize {
        self.workspace.files.iter().filter(|file| file.kind != FileKind::Other).count()
    }

    /// Who stores what.
    ///
    /// # Errors
    /// When a server would store more than can be looked at.
    pub(crate) fn preview(&self) -> Result<Preview, Failure> {
        // The process ends with the answer, which takes less time than giving back piece by piece what is
        // remembered for another.
        let mut memo = ManuallyDrop::new(Memo::new(self.seed));
        Preview::compute(Arc::clone(&self.workspace), now(), &mut memo).map_err(|full| {
            Failure::unusable(
                format!("a server would store more than can be looked at: {full}"),
                "leave some of the samples out",
            )
        })
    }

    /// Adds the texts to `sources` and gives what was found in them, and in the preview where there is one,
    /// ordered by file and place.
    pub(crate) fn findings<'a>(
        &'a self,
        preview: Option<&Preview>,
        sources: &mut Sources<'a>,
    ) -> Vec<Finding> {
        let mut found = preview.map_or_else(|| self.workspace.findings.clone(), lint::findings);
        if !self.unread.is_empty() {
            found.retain(|found| !OF_ABSENCE.contains(&found.diagnostic.code.as_str()));
        }
        let mut first = None;
        for (number, file) in (0..).zip(&self.workspace.files) {
            let id = sources.push(self.path(FileId(number)), file.text.as_deref().unwrap_or(""));
            first.get_or_insert(id.0);
        }
        let first = first.unwrap_or(0);
        let place = |file: FileId| FileId(first + file.0);
        let mut excerpts = self.streamed_excerpts(&found);
        let findings = found.into_iter().map(|found| {
            let mut diagnostic = found.diagnostic;
            for label in &mut diagnostic.labels {
                label.file = label.file.map(place);
            }
            let file = match excerpts.get_mut(&found.file).and_then(VecDeque::pop_front) {
                Some(Excerpt { text, base, first }) => {
                    sources.push_piece(self.path(found.file), text, base, first)
                }
                None => place(found.file),
            };
            Finding { file, diagnostic }
        });
        findings.collect()
    }

    /// Says how many problems of each file of samples are beyond those that are kept in full.
    pub(crate) fn say_more(&self) {
        for (number, file) in (0..).zip(&self.workspace.files) {
            let Some(samples) = &file.samples else { continue };
            let more = samples.problem_count.saturating_sub(samples.problems.len() as u64);
            if more > 0 {
                say(&format!(
                    "and {} in {}",
                    counted(more as usize, "more problem"),
                    self.path(FileId(number))
                ));
            }
        }
    }

    /// For each file that was streamed the lines of its findings, in their order.
    fn streamed_excerpts(&self, found: &[workspace::Finding]) -> BTreeMap<FileId, VecDeque<Excerpt>> {
        let mut offsets: BTreeMap<FileId, Vec<u32>> = BTreeMap::new();
        for found in found {
            if self.workspace.file(found.file).text.is_none() {
                offsets.entry(found.file).or_default().push(found.diagnostic.span.start);
            }
        }
        offsets
            .into_iter()
            .filter_map(|(file, offsets)| {
                let place = self.places.get(&self.workspace.file(file).path)?;
                Some((file, files::excerpts(&place.file, &offsets).into()))
            })
            .collect()
    }
}

/// The server of that name, where one is named.
///
/// # Errors
/// Where there is no such server.
pub(crate) fn chosen(workspace: &Workspace, name: Option<&str>) -> Result<Option<usize>, Failure> {
    let Some(name) = name else { return Ok(None) };
    match workspace.nodes.iter().position(|node| node.name == name) {
        Some(at) => Ok(Some(at)),
        None => Err(no_such_node(name, workspace.nodes.iter().map(|node| node.name.as_str()))),
    }
}

fn no_such_node<'a>(name: &str, nodes: impl Iterator<Item = &'a str>) -> Failure {
    let nodes: Vec<String> = nodes.map(|node| format!("`{node}`")).collect();
    let help = if nodes.is_empty() {
        "the workspace has none".to_owned()
    } else {
        format!("the workspace has {}", nodes.join(", "))
    };
    Failure::unusable(format!("there is no node `{name}`"), help)
}

/// The files on disk that configurations name, as far as they are not read yet.
fn named_on_disk(workspace: &Workspace, places: &BTreeMap<String, Place>) -> Result<Vec<Wanted>, Failure> {
    let mut found = Vec::new();
    for pattern in &workspace.wanted {
        let (folder, _) = pattern.rsplit_once('/').unwrap_or(("", pattern));
        for (path, place) in places {
            // The pattern's folder, as it lies from the configuration's.
            let beside = path.rsplit_once('/').map_or("", |(beside, _)| beside);
            let below = if beside.is_empty() { Some(folder) } else { folder.strip_prefix(beside) };
            let Some(below) =
                below.filter(|below| beside.is_empty() || below.is_empty() || below.starts_with('/'))
            else {
                continue;
            };
            let below = below.trim_start_matches('/');
            let on_disk = place.file.parent().unwrap_or(Path::new("")).join(below);
            let shown = match place.shown.rsplit_once('/') {
                Some((shown, _)) => format!("{shown}/"),
                None => String::new(),
            };
            let below = if below.is_empty() { String::new() } else { format!("{below}/") };
            for name in files::names(&on_disk)? {
                let inside = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
                let known = places.contains_key(&inside);
                if !known && workspace::matches(pattern, &inside) {
                    let (file, shown) = (on_disk.join(&name), format!("{shown}{below}{name}"));
                    found.push(Wanted { path: inside, file, shown });
                }
            }
        }
    }
    found.sort();
    found.dedup_by(|a, b| a.path == b.path);
    Ok(found)
}

/// Reads one file into the workspace; gives its length.
fn read_file(read: &mut Files, path: &str, file: &Path, seed: u64) -> Result<u64, Complaint> {
    let source = Source::open(file)?;
    if is_samples(path) && source.length().is_none_or(|length| length > MAX_KEPT) {
        let mut reader = SampleReader::new(SampleFormat::default(), seed);
        let bytes = files::stream(source, Content::Samples, |piece| {
            reader.push(piece.as_bytes());
            Pieces::More
        })?;
        read.put_samples(path, Arc::new(reader.finish()));
        return Ok(bytes);
    }
    let text = files::read_source(source)?;
    let bytes = text.len() as u64;
    read.put_text(path, text);
    Ok(bytes)
}

/// The files that a manifest names.
fn named_files(manifest: &Manifest) -> Vec<String> {
    let nodes = manifest.nodes.iter().flatten().flat_map(|node| node.config.iter().chain(&node.samples));
    let targets = manifest.targets.iter().flat_map(|target| &target.metrics);
    let answers = manifest.discovery.iter().flat_map(|answer| &answer.targets);
    nodes.chain(targets).chain(answers).map(|path| path.value.clone()).collect()
}

fn is_yaml(path: &str) -> bool {
    [".yml", ".yaml"].iter().any(|extension| path.ends_with(extension))
}

/// The folder that all files are in, with its final `/`.
fn common_folder(paths: &[String]) -> &str {
    let Some(first) = paths.first() else { return "" };
    let common = paths.iter().fold(first.len(), |common, path| {
        first.bytes().zip(path.bytes()).take(common).take_while(|(a, b)| a == b).count()
    });
    first[..first.floor_char_boundary(common)].rfind('/').map_or("", |at| &first[..=at])
}

/// The present, in milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the command looks at the clock, so that the library need not")]
fn now() -> Option<i64> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_in_their_common_folder() {
        let check = |paths: &[&str], expect: &str| {
            let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
            assert_eq!(common_folder(&paths), expect, "{paths:?}");
        };
        check(&[], "");
        check(&["a.yml"], "");
        check(&["ops/a.yml"], "ops/");
        check(&["ops/eu/a.yml", "ops/us/a.yml"], "ops/");
        check(&["ops/a.yml", "ops/ab.yml"], "ops/");
        check(&["/x/é.yml", "/x/è.yml"], "/x/");
        check(&["a.yml", "b.yml"], "");
    }
}
