//! Who pulls from whom: every scrape job of every node, target by target.

use std::ops::Range;
use std::sync::Arc;

use crate::exposition::Wire;
use crate::labels::LabelSet;
use crate::prometheus::{EffectiveScrapeConfig, ScrapeConfig, ScrapeTarget, TargetFate, targets};
use crate::relabel::Compiler;
use crate::selector::{ParseError, Selector, explain};
use crate::series::CompiledMatcher;
use crate::text::{FileId, Span};
use crate::version::Version;
use crate::workspace::{FEDERATE, Job, Listener, Listeners, MATCH, UnknownTargets, Workspace};
use crate::yaml::Spanned;

use super::scrape::ScrapeSettings;
use super::{Escaping, Heights, heights};

/// The path on which a server exposes its own metrics.
const METRICS: &str = "/metrics";

/// Who answers a pull.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    /// A node's `/federate`.
    Federate(usize),
    /// An application whose metrics are known.
    Application(usize),
    /// A node's own `/metrics`, which are not known.
    OwnMetrics(usize),
    /// A node, on a path on which no server answers.
    NoSuchPath(usize),
    /// An application, on another path than the one it exposes its metrics on.
    OtherPath(usize),
    /// A balancer: who stands behind it is not followed.
    Balancer(usize),
    /// Nobody in the workspace is known to listen there.
    Nobody,
}

/// One `match[]` of a pull.
#[derive(Clone, Debug)]
pub struct PullSelector {
    /// As written.
    pub text: String,
    /// Where it is written: in the job, or where a target's own parameter takes its place, with that target.
    pub file: FileId,
    /// Its place in that file.
    pub span: Span,
    /// Its matchers, or the first error, in Prometheus' words.
    pub parsed: Result<Vec<CompiledMatcher>, ParseError>,
    /// What it selects, in words; empty where it is broken.
    pub explanation: String,
}

/// One scrape job of one node against one target.
#[derive(Clone, Debug)]
pub struct Pull {
    /// The node that pulls.
    pub node: usize,
    /// The job's name as configured; relabelling may have given the target another `job` label.
    pub job: String,
    /// The job's place among those of the node.
    pub job_at: usize,
    /// The file in which the job is written.
    pub job_file: FileId,
    /// The place of the job's name in it.
    pub job_span: Span,
    /// The file that lists the target.
    pub target_file: FileId,
    /// The place of the target's address in it.
    pub target_span: Span,
    /// `http` or `https`, unless relabelling says otherwise.
    pub scheme: String,
    /// The target's address, as it is asked.
    pub address: String,
    /// The path that is asked.
    pub path: String,
    /// The labels that the target gives to its series.
    pub labels: LabelSet,
    /// Who answers.
    pub peer: Peer,
    /// Whether `/federate` is asked, whoever answers.
    pub federates: bool,
    /// The selectors, in the order of the request; none where no federation is asked for.
    pub selectors: Vec<PullSelector>,
    /// What the job says about samples.
    pub settings: Arc<ScrapeSettings>,
    /// How names are asked for.
    pub escaping: Escaping,
    /// What an answer of unknown format is read as.
    pub fallback: Option<Wire>,
    /// How often it is asked, in milliseconds.
    pub interval_ms: u64,
    /// How long an answer may take, in milliseconds.
    pub timeout_ms: u64,
    /// Whether the job reports `scrape_timeout_seconds` and its like.
    pub extra_scrape_metrics: bool,
    /// Why the server does not even ask, in its words.
    pub refused: Option<String>,
}

impl Pull {
    /// The job as it is written.
    #[must_use]
    pub fn scrape_config<'w>(&self, workspace: &'w Workspace) -> Option<&'w ScrapeConfig> {
        workspace.nodes.get(self.node)?.config.as_ref()?.scrape_configs.get(self.job_at)
    }
}

/// A target that a server refuses when it finds it; it says so in its log and goes on with the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedTarget {
    /// The node.
    pub node: usize,
    /// The job.
    pub job: String,
    /// The file that lists the target.
    pub file: FileId,
    /// The place of the target's address in it.
    pub span: Span,
    /// The server's words.
    pub error: String,
}

/// Who pulls from whom.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    /// The pulls, by node, job and target.
    pub pulls: Vec<Pull>,
    /// Targets that a server would not take.
    pub refused: Vec<RefusedTarget>,
    /// Targets that the workspace does not hold: the node, the job, and where they come from.
    pub unknown: Vec<(usize, String, UnknownTargets)>,
    /// The nodes' tiers and the order in which to compute them.
    pub heights: Heights,
    /// The pulls that close a cycle, ascending.
    pub cut: Vec<usize>,
}

impl Topology {
    /// Finds out who pulls from whom in `workspace`.
    #[must_use]
    pub fn new(workspace: &Workspace) -> Self {
        let (mut pulls, mut refused, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        let listeners = workspace.listeners();
        for (at, node) in workspace.nodes.iter().enumerate() {
            if let Some(config) = &node.config {
                let mut compiler = Compiler::new(node.version);
                for (job_at, (scrape, job)) in config.scrape_configs.iter().zip(&node.jobs).enumerate() {
                    let effective = scrape.effective(&config.global, node.version);
                    pulls_of_job(
                        (workspace, &listeners, at),
                        (job_at, job),
                        &effective,
                        &mut compiler,
                        &mut pulls,
                        &mut refused,
                    );
                    let named = |unknown: &UnknownTargets| (at, scrape.name().to_owned(), unknown.clone());
                    missing.extend(job.unknown.iter().map(named));
                }
            }
        }
        // Whoever is not known stands below everybody: a server that federates from the unknown is no leaf.
        let unknown = workspace.nodes.len();
        let mut edges = Vec::new();
        let mut edge_pulls = Vec::new();
        for (at, pull) in pulls.iter().enumerate() {
            let source = match pull.peer {
                Peer::Federate(source) => source,
                _ if pull.federates => unknown,
                _ => continue,
            };
            edges.push((pull.node, source));
            edge_pulls.push(at);
        }
        let heights = heights(unknown + 1, &edges);
        let cut = heights.cut.iter().map(|&edge| edge_pulls[edge]).collect();
        Self { pulls, refused, unknown: missing, heights, cut }
    }

    /// The places of a node's pulls.
    #[must_use]
    pub fn pulls_of(&self, node: usize) -> Range<usize> {
        self.pulls.partition_point(|pull| pull.node < node)
            ..self.pulls.partition_point(|pull| pull.node <= node)
    }

    /// The places of the pulls of one job of a node, by the job's place among those of the node.
    #[must_use]
    pub fn pulls_of_job(&self, node: usize, job_at: usize) -> Range<usize> {
        let of = |pull: &Pull| (pull.node, pull.job_at);
        self.pulls.partition_point(|pull| of(pull) < (node, job_at))
            ..self.pulls.partition_point(|pull| of(pull) <= (node, job_at))
    }

    /// The tier of a node: 0 where it federates from nobody.
    #[must_use]
    pub fn tier(&self, node: usize) -> u32 {
        self.heights.height.get(node).copied().unwrap_or(0)
    }
}

fn pulls_of_job(
    (workspace, listeners, node): (&Workspace, &Listeners<'_>, usize),
    (job_at, job): (usize, &Job),
    effective: &EffectiveScrapeConfig<'_>,
    compiler: &mut Compiler,
    pulls: &mut Vec<Pull>,
    refused: &mut Vec<RefusedTarget>,
) {
    let version = workspace.nodes[node].version;
    let settings = Arc::new(ScrapeSettings::new(effective));
    let scrape = effective.source;
    let (groups, files) = job.groups(scrape);
    let first = pulls.len();
    for outcome in targets(effective, &groups, version, compiler) {
        let target_file = files.get(outcome.group).copied().unwrap_or(job.file);
        let target = match outcome.fate {
            TargetFate::Scraped(target) => target,
            TargetFate::Refused { error } => {
                let (job, span) = (effective.job_name.to_owned(), outcome.span);
                refused.push(RefusedTarget { node, job, file: target_file, span, error });
                continue;
            }
            TargetFate::Dropped { .. } | TargetFate::Merged { .. } => continue,
        };
        let peer = peer(workspace, listeners, &target.address, &target.path);
        let reader = match peer {
            Peer::Federate(source) => workspace.nodes[source].version,
            _ => version,
        };
        let federates = matches!(peer, Peer::Federate(_)) || target.path.ends_with(FEDERATE);
        let selectors =
            if federates { selectors(scrape, &target, (job.file, target_file), reader) } else { Vec::new() };
        pulls.push(Pull {
            node,
            job: effective.job_name.to_owned(),
            job_at,
            job_file: job.file,
            job_span: scrape.name_span(),
            target_file,
            target_span: target.span,
            scheme: target.scheme,
            address: target.address,
            path: target.path,
            labels: target.labels,
            peer,
            federates,
            selectors,
            settings: Arc::clone(&settings),
            escaping: asked_escaping(effective),
            fallback: effective.fallback_scrape_protocol.and_then(Wire::of_scrape_protocol),
            interval_ms: target.interval.as_millis(),
            timeout_ms: target.timeout.as_millis(),
            extra_scrape_metrics: effective.extra_scrape_metrics,
            refused: None,
        });
    }
    let (count, limit) = ((pulls.len() - first) as u64, effective.target_limit);
    if limit > 0 && count > limit {
        for pull in &mut pulls[first..] {
            pull.refused =
                Some(format!("target_limit exceeded (number of targets: {count}, limit: {limit})"));
        }
    }
}

/// Where in a path the query API begins, which answers JSON and nothing that can be scraped; `None` of all other
/// paths.
#[must_use]
pub fn query_api(path: &str) -> Option<usize> {
    const API: &str = "/api/v1/";
    const ENDPOINTS: [&str; 5] = ["query", "query_range", "query_exemplars", "series", "labels"];
    let at = path.rfind(API)?;
    let endpoint = path.get(at + API.len()..)?;
    ENDPOINTS.contains(&endpoint).then_some(at)
}

fn peer(workspace: &Workspace, listeners: &Listeners<'_>, address: &str, path: &str) -> Peer {
    // A path without a slash is asked with one: Go's `URL.String`.
    if !path.starts_with('/') && !path.is_empty() {
        return peer(workspace, listeners, address, &format!("/{path}"));
    }
    match listeners.at(address) {
        Some(Listener::Balancer(balancer)) => Peer::Balancer(balancer),
        Some(Listener::Application(application)) => {
            if workspace.applications[application].path == path {
                Peer::Application(application)
            } else {
                Peer::OtherPath(application)
            }
        }
        Some(Listener::Node(source)) => match path.strip_prefix(&workspace.nodes[source].route_prefix) {
            Some(FEDERATE) => Peer::Federate(source),
            Some(METRICS) => Peer::OwnMetrics(source),
            _ => Peer::NoSuchPath(source),
        },
        None => Peer::Nobody,
    }
}

/// The selectors of a request. A target's `__param_match[]` takes the place of the first.
fn selectors(
    job: &ScrapeConfig,
    target: &ScrapeTarget,
    (job_file, target_file): (FileId, FileId),
    version: Version,
) -> Vec<PullSelector> {
    let written: Vec<&Spanned<String>> =
        job.params.iter().filter(|param| param.name.value == MATCH).flat_map(|param| &param.values).collect();
    let asked = target.params.iter().filter(|(name, _)| name == MATCH).flat_map(|(_, values)| values);
    asked
        .enumerate()
        .map(|(at, text)| {
            let value = written.get(at).filter(|value| value.value == *text);
            let (file, span) = value.map_or((target_file, target.span), |value| (job_file, value.span));
            let parsed = Selector::parse_strict(text, version);
            PullSelector {
                file,
                span,
                explanation: parsed.as_ref().map(explain).unwrap_or_default(),
                parsed: parsed.map(|selector| selector.compiled().unwrap_or_default()),
                text: text.clone(),
            }
        })
        .collect()
}

/// How `/federate` spells names for this job: `Accept` names a scheme beside the newer text formats alone.
fn asked_escaping(effective: &EffectiveScrapeConfig<'_>) -> Escaping {
    let says = effective.version.is_v3()
        && effective
            .scrape_protocols
            .iter()
            .take_while(|protocol| **protocol != "PrometheusText0.0.4")
            .any(|protocol| matches!(*protocol, "OpenMetricsText1.0.0" | "PrometheusText1.0.0"));
    let named = says.then(|| Escaping::from_name(effective.metric_name_escaping_scheme)).flatten();
    named.unwrap_or_default()
}
