//! From a preview to the messages that show it.

use std::collections::BTreeMap;

use crate::diagnostic::{Applicability, Code, Diagnostic, Severity};
use crate::federation::{Failure, Peer, Preview, Pull, containments};
use crate::lint;
use crate::series::StoreFull;
use crate::sort;
use crate::text::{FileId, LineIndex, Span};
use crate::workspace::{self, Finding, Workspace};

use super::protocol::{
    Analysis, FileKind, FileView, FindingView, FixView, Lens, NodeView, PullView, RangeView, SelectorView,
    SeverityView, Tone, WithinView,
};

const TOO_LARGE: Code = Code::new("engine/too-large");

/// The whole picture.
pub(super) fn analysis(preview: &Preview, revision: u64) -> Analysis {
    let workspace = &preview.workspace;
    let findings = lint::findings(preview);
    let places = Places::new(workspace);
    Analysis {
        revision,
        files: files(workspace, &findings),
        findings: findings.iter().map(|finding| finding_view(workspace, &places, finding)).collect(),
        lenses: lenses(preview, &places),
        nodes: nodes(preview, &findings),
        pulls: (0..preview.pulls.len()).map(|at| pull_view(preview, &places, at)).collect(),
    }
}

/// The picture of a workspace that is larger than what can be computed.
pub(super) fn too_large(workspace: &Workspace, revision: u64, full: StoreFull) -> Analysis {
    let places = Places::new(workspace);
    let mut findings = workspace.findings.clone();
    let message = format!("the preview is too large: {full}");
    findings.push(Finding::new(
        FileId(0),
        Diagnostic::error(TOO_LARGE, Span::at(0), message).help("remove samples, or select fewer of them"),
    ));
    Analysis {
        revision,
        files: files(workspace, &findings),
        findings: findings.iter().map(|finding| finding_view(workspace, &places, finding)).collect(),
        ..Analysis::default()
    }
}

/// Lines and columns of the files that have a text.
pub(super) struct Places<'w> {
    workspace: &'w Workspace,
    indexes: Vec<Option<LineIndex>>,
}

impl<'w> Places<'w> {
    pub(super) fn new(workspace: &'w Workspace) -> Self {
        let indexes = workspace.files.iter().map(|file| file.text.as_deref().map(LineIndex::new)).collect();
        Self { workspace, indexes }
    }

    fn index(&self, file: FileId) -> Option<(&'w str, &LineIndex)> {
        let text = self.workspace.files.get(file.0 as usize)?.text.as_deref()?;
        Some((text, self.indexes.get(file.0 as usize)?.as_ref()?))
    }

    pub(super) fn range(&self, file: FileId, span: Span) -> RangeView {
        let Some((text, index)) = self.index(file) else { return RangeView::default() };
        RangeView::of(text, index, span)
    }

    fn line(&self, file: FileId, offset: u32) -> u32 {
        self.index(file).map_or(1, |(_, index)| index.line_of(offset) + 1)
    }
}

fn files(workspace: &Workspace, findings: &[Finding]) -> Vec<FileView> {
    let view = |(at, file): (u32, &workspace::File)| {
        let id = FileId(at);
        let node = workspace.nodes.iter().find(|node| {
            let has_rules = node.rules.iter().any(|rules| rules.file == id);
            let lists = |job: &workspace::Job| job.file == id || job.lists.iter().any(|list| list.file == id);
            node.config_file == id || node.samples.contains(&id) || has_rules || node.jobs.iter().any(lists)
        });
        let bytes = match (&file.text, &file.samples) {
            (Some(text), _) => text.len() as u64,
            (None, Some(samples)) => samples.bytes,
            (None, None) => 0,
        };
        FileView {
            path: file.path.clone(),
            kind: match file.kind {
                workspace::FileKind::Manifest => FileKind::Manifest,
                workspace::FileKind::Prometheus => FileKind::Prometheus,
                workspace::FileKind::Rules => FileKind::Rules,
                workspace::FileKind::ScrapeConfigs => FileKind::ScrapeConfigs,
                workspace::FileKind::Targets => FileKind::Targets,
                workspace::FileKind::Samples => FileKind::Samples,
                workspace::FileKind::Other => FileKind::Other,
            },
            node: node.map(|node| node.name.clone()),
            bytes,
            series: file.samples.as_ref().map(|samples| samples.store.len() as u32),
            errors: count(findings, id, Severity::Error),
            warnings: count(findings, id, Severity::Warning),
            from_last_valid: file.from_last_valid,
        }
    };
    (0..).zip(&workspace.files).map(view).collect()
}

fn count(findings: &[Finding], file: FileId, severity: Severity) -> u32 {
    let counts = |finding: &&Finding| finding.file == file && finding.diagnostic.severity == severity;
    findings.iter().filter(counts).count() as u32
}

/// The findings in a node's configuration and in the files that name its jobs and targets.
fn count_of_node(findings: &[Finding], node: &workspace::Node, severity: Severity) -> u32 {
    let mut files = vec![node.config_file];
    for job in &node.jobs {
        files.push(job.file);
        files.extend(job.lists.iter().map(|list| list.file));
    }
    sort::sort_and_dedup(&mut files);
    files.into_iter().map(|file| count(findings, file, severity)).sum()
}

fn finding_view(workspace: &Workspace, places: &Places<'_>, finding: &Finding) -> FindingView {
    let Finding { file, diagnostic, place } = finding;
    let mut range = places.range(*file, diagnostic.span);
    if let (None, Some(place)) = (places.index(*file), place) {
        range = RangeView {
            line: place.line,
            column: place.column,
            end_line: place.line,
            end_column: place.column,
            ..RangeView::default()
        };
    }
    let edit = |edit: &crate::text::TextEdit| {
        let range = places.range(*file, edit.span);
        (range.start, range.end, edit.text.clone())
    };
    let fixes = diagnostic.fixes.iter().filter(|fix| fix.applicability != Applicability::DisplayOnly);
    FindingView {
        path: workspace.files.get(file.0 as usize).map(|file| file.path.clone()).unwrap_or_default(),
        range,
        severity: match diagnostic.severity {
            Severity::Info => SeverityView::Info,
            Severity::Warning => SeverityView::Warning,
            Severity::Error => SeverityView::Error,
        },
        code: diagnostic.code.as_str().to_owned(),
        message: diagnostic.message.to_string(),
        because: diagnostic.because.to_string(),
        help: diagnostic.help.to_string(),
        fixes: fixes
            .map(|fix| FixView {
                title: fix.title.clone(),
                safe: fix.applicability == Applicability::Safe,
                edits: fix.edits.iter().map(edit).collect(),
            })
            .collect(),
    }
}

fn nodes(preview: &Preview, findings: &[Finding]) -> Vec<NodeView> {
    let workspace = &preview.workspace;
    let mut views: Vec<NodeView> = workspace
        .nodes
        .iter()
        .enumerate()
        .map(|(at, node)| NodeView {
            name: node.name.clone(),
            tier: preview.topology.tier(at),
            config: workspace.file(node.config_file).path.clone(),
            version: node.release(),
            series: preview.nodes[at].store().len() as u32,
            synthetic: preview.nodes[at].reported(),
            recorded: preview.nodes[at].recorded(),
            possible: preview.nodes[at].possible(),
            samples: node.samples.first().map(|&file| workspace.file(file).path.clone()),
            samples_path: node.samples_path.clone(),
            errors: count_of_node(findings, node, Severity::Error),
            warnings: count_of_node(findings, node, Severity::Warning),
        })
        .collect();
    sort::sort_by(&mut views, |a, b| (a.tier, &a.name).cmp(&(b.tier, &b.name)));
    views
}

fn pull_view(preview: &Preview, places: &Places<'_>, at: usize) -> PullView {
    let workspace = &preview.workspace;
    let number = at;
    let (pull, outcome) = (&preview.topology.pulls[at], &preview.pulls[at]);
    let node = &workspace.nodes[pull.node];
    let source = if let Peer::Federate(source) = pull.peer { workspace.nodes.get(source) } else { None };
    let containments = containments(&[(pull, outcome)]);
    let selectors =
        (0..).zip(pull.selectors.iter().zip(&outcome.selected)).map(|(at, (selector, selected))| {
            let within = containments.iter().find(|containment| containment.selector == at);
            // What is not listed may well be what is meant.
            let open = preview.may_bring_more(number, at);
            let near = selected.near.as_ref();
            let near = near.filter(|near| !open || near.misses.iter().any(|miss| miss.meant.is_some()));
            let meant = || selected.near.as_ref()?.meant(&selector.text, source?.version);
            SelectorView {
                text: selector.text.clone(),
                range: places.range(selector.file, selector.span),
                matched: selected.matched,
                only: selected.only,
                explanation: selector.explanation.clone(),
                error: selector.parsed.as_ref().err().map(ToString::to_string).unwrap_or_default(),
                near: near.map(ToString::to_string).unwrap_or_default(),
                meant: meant().unwrap_or_default(),
                within: within.map(|within| WithinView {
                    selector: within.within as u32,
                    equal: within.equal,
                    always: within.always,
                }),
            }
        });
    let kept = outcome.scraped.kept.len() as u32;
    PullView {
        node: node.name.clone(),
        job: pull.job.clone(),
        target: pull.address.clone(),
        via: match pull.peer {
            Peer::Balancer(balancer) => Some(workspace.balancers[balancer].name.clone()),
            _ => None,
        },
        source: source_name(workspace, pull),
        federates: pull.federates,
        exposed: outcome.exposed,
        kept,
        dropped: outcome.exposed.saturating_sub(kept),
        bytes: outcome.bytes,
        error: failure_words(outcome.failure.as_ref(), outcome.refusal.as_deref()),
        selectors: selectors.collect(),
        interval_ms: pull.interval_ms,
        path: workspace.file(pull.job_file).path.clone(),
        range: places.range(pull.job_file, pull.job_span),
    }
}

fn source_name(workspace: &Workspace, pull: &Pull) -> Option<String> {
    match pull.peer {
        Peer::Federate(node) | Peer::OwnMetrics(node) | Peer::NoSuchPath(node) => {
            Some(workspace.nodes[node].name.clone())
        }
        Peer::Application(application) | Peer::OtherPath(application) => {
            Some(workspace.applications[application].name.clone())
        }
        Peer::Balancer(_) | Peer::Nobody => None,
    }
}

fn failure_words(failure: Option<&Failure>, refusal: Option<&str>) -> String {
    match (failure, refusal) {
        (None, _) => String::new(),
        (Some(Failure::Scrape(words)), Some(refusal)) => format!("{words}: {refusal}"),
        (Some(Failure::Scrape(words) | Failure::Unknown(words)), _) => words.clone(),
    }
}

/// What a line's pulls come to, summed over targets.
#[derive(Default)]
struct Sum {
    count: u64,
    also: u64,
    bytes: u64,
    known: bool,
    refused: bool,
    /// Whether there may be more than what is counted.
    open: bool,
}

/// The counts beside jobs and selectors, and the nodes beside targets.
fn lenses(preview: &Preview, places: &Places<'_>) -> Vec<Lens> {
    let workspace = &preview.workspace;
    let mut jobs: BTreeMap<(FileId, Span), Sum> = BTreeMap::new();
    let mut selectors: BTreeMap<(FileId, Span), Sum> = BTreeMap::new();
    let mut targets: BTreeMap<(FileId, Span), (String, Tone)> = BTreeMap::new();
    let pulls = preview.topology.pulls.iter().zip(&preview.pulls).enumerate();
    for (at, (pull, outcome)) in pulls.filter(|(_, (pull, _))| pull.federates) {
        let known = !matches!(outcome.failure, Some(Failure::Unknown(_)));
        let job = jobs.entry((pull.job_file, pull.job_span)).or_default();
        job.count += outcome.scraped.kept.len() as u64;
        job.bytes += outcome.bytes;
        job.known |= known;
        for (place, (selector, selected)) in pull.selectors.iter().zip(&outcome.selected).enumerate() {
            let sum = selectors.entry((selector.file, selector.span)).or_default();
            sum.count += u64::from(selected.matched);
            sum.also += u64::from(selected.only);
            sum.known |= known;
            sum.refused |= selector.parsed.is_err();
            sum.open |= preview.may_bring_more(at, place);
        }
        let words = match (source_name(workspace, pull), pull.peer) {
            (Some(name), _) => (format!("→ {name}"), Tone::Plain),
            (None, Peer::Balancer(balancer)) => {
                (format!("→ balancer {}", workspace.balancers[balancer].name), Tone::Plain)
            }
            (None, _) => ("→ nobody known".to_owned(), Tone::Bad),
        };
        targets.insert((pull.target_file, pull.target_span), words);
    }
    // Nodes may share a job's file.
    let mut discovered: BTreeMap<(FileId, Span), (String, &str, Tone)> = BTreeMap::new();
    let mut out = Vec::new();
    let mut add = |(file, span): (FileId, Span), lead: String, text: String, tone: Tone| {
        let path = workspace.file(file).path.clone();
        out.push(((file, span), Lens { path, line: places.line(file, span.start), lead, text, tone }));
    };
    for (place, sum) in jobs.into_iter().filter(|(_, sum)| sum.known) {
        let text = format!("series · {}", bytes(sum.bytes));
        add(place, sum.count.to_string(), text, Tone::Plain);
    }
    for (place, sum) in selectors {
        let (lead, text, tone) = match sum {
            Sum { refused: true, .. } => (String::new(), "refused".to_owned(), Tone::Bad),
            Sum { known: false, .. } => (String::new(), "not known".to_owned(), Tone::Plain),
            Sum { count: 0, open: true, .. } => ("0".to_owned(), "· known".to_owned(), Tone::Plain),
            Sum { count: 0, .. } => ("0".to_owned(), "· never matches".to_owned(), Tone::Bad),
            Sum { count, also, .. } => (count.to_string(), format!("· {also} only here"), Tone::Good),
        };
        add(place, lead, text, tone);
    }
    for job in workspace.nodes.iter().flat_map(|node| &node.jobs) {
        let mut found: BTreeMap<Span, usize> = BTreeMap::new();
        for list in &job.lists {
            *found.entry(list.span).or_default() += list.len();
        }
        for (span, count) in found {
            let text = if count == 1 { "target" } else { "targets" };
            discovered.insert((job.file, span), (count.to_string(), text, Tone::Plain));
        }
        for unknown in &job.unknown {
            let not_here = (String::new(), "targets not in the workspace", Tone::Bad);
            discovered.insert((job.file, unknown.span), not_here);
        }
    }
    for (place, (lead, text, tone)) in discovered {
        add(place, lead, text.to_owned(), tone);
    }
    for (place, (text, tone)) in targets {
        add(place, String::new(), text, tone);
    }
    sort::sort_by_key(&mut out, |&(place, _)| place);
    out.into_iter().map(|(_, lens)| lens).collect()
}

/// A number of bytes as people read it: `312 B`, `19 kB`, `1.2 MB`.
pub(super) fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{} kB", (count + 500) / 1_000),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}
