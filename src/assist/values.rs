//! What a value may be: words, defaults, names and values from the samples.

use crate::federation::Peer;
use crate::labels::{MatchOp, Matcher};
use crate::prometheus::ScrapeConfig;
use crate::prometheus::schema::{Kind, Place};
use crate::selector::Selector;
use crate::series::{Bitset, CompiledMatcher, SeriesStore};
use crate::workspace::{FEDERATE, FileKind, MATCH};

use super::CompletionKind;
use super::discovered;
use super::labels;
use super::matchers::{At, Whole};
use super::outline::Writing;
use super::rank::{Candidate, Ranking};
use super::surroundings::Surroundings;

/// Where relabelling rules stand, by the last key before theirs.
const RELABELLING: [&str; 4] =
    ["relabel_configs", "metric_relabel_configs", "alert_relabel_configs", "write_relabel_configs"];

/// What a scalar at the caret may be.
pub(super) fn offer(around: &Surroundings<'_>, place: &Place, ranking: &mut Ranking<'_>) {
    for word in place.words(around.version) {
        let mut detail = String::new();
        if let Some(action) = super::meaning::action(word).filter(|_| around.keys().last() == Some(&"action"))
        {
            detail.push_str(action);
        } else if place.key.is_some_and(|key| key.default == word) {
            detail.push_str("The default.");
        }
        ranking.offer(Candidate::new(CompletionKind::Value, word, detail));
    }
    let keys = around.keys();
    match keys[..] {
        ["scrape_configs", "job_name"] => jobs(around, ranking),
        ["scrape_configs", "static_configs", "targets"] => targets(around, ranking),
        ["scrape_configs", "metrics_path"] => {
            let detail = "Where Prometheus answers federation.";
            ranking.offer(Candidate::new(CompletionKind::Value, FEDERATE, detail));
        }
        ["rule_files"] => files(around, FileKind::Other, ranking),
        ["scrape_config_files"] => files(around, FileKind::Prometheus, ranking),
        ["scrape_configs", "file_sd_configs", "files"] => files(around, FileKind::Other, ranking),
        ["global", "external_labels", name] => external_values(around, name, ranking),
        [.., of, "source_labels" | "target_label"] if RELABELLING.contains(&of) => {
            label_names(around, of, ranking);
        }
        [.., of, "regex"] if RELABELLING.contains(&of) => regex(around, of, ranking),
        _ => {}
    }
    if let Some(key) = place.key
        && !key.default.is_empty()
        && !matches!(place.kind, Kind::List(_) | Kind::Map(_) | Kind::Section(_) | Kind::Optional(_))
    {
        ranking.offer(Candidate::new(CompletionKind::Value, key.default, "The default."));
    }
}

/// Whether the caret is in a selector of a federation job.
pub(super) fn is_selector(around: &Surroundings<'_>) -> bool {
    around.keys() == ["scrape_configs", "params", MATCH]
}

/// Jobs of other configurations: the same job on several servers has the same name. One that this file has
/// already is not offered, since Prometheus refuses a second.
fn jobs(around: &Surroundings<'_>, ranking: &mut Ranking<'_>) {
    let configs = around.nodes().filter_map(|(_, node)| node.config.as_ref());
    let own: Vec<&str> = configs.flat_map(|config| &config.scrape_configs).map(ScrapeConfig::name).collect();
    for (_, node) in around.others() {
        for job in node.config.iter().flat_map(|config| &config.scrape_configs) {
            if !own.contains(&job.name()) && !job.name().is_empty() {
                let detail = format!("A job of {}.", node.name);
                ranking.offer(Candidate::new(CompletionKind::Job, job.name(), detail));
            }
        }
    }
}

/// The addresses of the workspace's servers, balancers and applications.
fn targets(around: &Surroundings<'_>, ranking: &mut Ranking<'_>) {
    let Some(preview) = around.preview else { return };
    let mut offer = |address: &str, detail: String| {
        ranking.offer(Candidate::new(CompletionKind::Target, address, detail));
    };
    for (_, node) in around.others() {
        for address in &node.listen {
            offer(address, format!("The server {}.", node.name));
        }
        if node.listen.is_empty() {
            offer(&format!("{}:9090", node.name), format!("The server {}.", node.name));
        }
    }
    for balancer in &preview.workspace.balancers {
        balancer.listen.iter().for_each(|address| offer(address, format!("The balancer {}.", balancer.name)));
    }
    for application in &preview.workspace.applications {
        let name = &application.name;
        application.listen.iter().for_each(|address| offer(address, format!("The application {name}.")));
    }
}

/// Files of the workspace, as this file would name them.
fn files(around: &Surroundings<'_>, kind: FileKind, ranking: &mut Ranking<'_>) {
    let Some(preview) = around.preview else { return };
    let folder = around.path.rfind('/').map_or("", |at| &around.path[..=at]);
    for file in &preview.workspace.files {
        let is_yaml = [".yml", ".yaml", ".json"].iter().any(|ending| file.path.ends_with(ending));
        if file.kind == kind
            && is_yaml
            && file.path != around.path
            && let Some(name) = file.path.strip_prefix(folder)
        {
            ranking.offer(Candidate::new(CompletionKind::File, name, ""));
        }
    }
}

fn external_values(around: &Surroundings<'_>, name: &str, ranking: &mut Ranking<'_>) {
    for (_, node) in around.others() {
        for label in node.config.iter().flat_map(|config| &config.global.external_labels) {
            if label.name.value == name {
                let detail = format!("What {} has.", node.name);
                ranking.offer(Candidate::new(CompletionKind::LabelValue, &label.value.value, detail));
            }
        }
    }
}

/// The keys that `external_labels` may get: those of other servers.
pub(super) fn external_names(around: &Surroundings<'_>, ranking: &mut Ranking<'_>) {
    for (_, node) in around.others() {
        for label in node.config.iter().flat_map(|config| &config.global.external_labels) {
            let detail = format!("A label of {}, too.", node.name);
            ranking.offer(Candidate::new(CompletionKind::Label, &label.name.value, detail));
        }
    }
}

/// The labels that a relabelling rule may read.
fn label_names(around: &Surroundings<'_>, of: &str, ranking: &mut Ranking<'_>) {
    if of == "relabel_configs" {
        return target_labels(around, ranking);
    }
    let stores = if of == "metric_relabel_configs" { around.reached() } else { around.stored() };
    for (name, count) in labels::names(&stores) {
        ranking
            .offer_with(name, count, || Candidate::new(CompletionKind::Label, name, labels::series(count)));
    }
    if of == "metric_relabel_configs" {
        for name in ["job", "instance"] {
            ranking.offer(Candidate::new(
                CompletionKind::Label,
                name,
                "What the target gives to its series.",
            ));
        }
    } else {
        for (_, node) in around.nodes() {
            for label in node.config.iter().flat_map(|config| &config.global.external_labels) {
                let detail = "An external label of this server.";
                ranking.offer(Candidate::new(CompletionKind::Label, &label.name.value, detail));
            }
        }
    }
}

/// The labels that a target has while it is relabelled.
fn target_labels(around: &Surroundings<'_>, ranking: &mut Ranking<'_>) {
    for (name, detail) in discovered::EVERY_TARGET {
        ranking.offer(Candidate::new(CompletionKind::Label, name, detail));
    }
    for entry in around.job_entries() {
        match entry.name.as_str() {
            "params" => {
                for param in params(around) {
                    let detail = "The first value of this parameter of the request.";
                    let label = format!("__param_{param}");
                    ranking.offer(Candidate::new(CompletionKind::Label, label, detail));
                }
            }
            key => {
                for label in discovered::of_discovery(key) {
                    let detail = format!("What `{key}` says of a target.");
                    ranking.offer(Candidate::new(CompletionKind::Label, label, detail));
                }
            }
        }
    }
    for (_, pull) in around.pulls() {
        for (name, _) in pull.labels.iter() {
            ranking.offer(Candidate::new(CompletionKind::Label, name, "A label of this job's targets."));
        }
    }
}

/// The parameters of the job at the caret that are names of labels.
fn params(around: &Surroundings<'_>) -> Vec<String> {
    let Some(job) = around.job() else { return Vec::new() };
    let configs = around.nodes().filter_map(|(_, node)| node.config.as_ref());
    let jobs = configs.flat_map(|config| &config.scrape_configs).filter(|known| known.name() == job);
    let names = jobs.flat_map(|job| &job.params).map(|param| param.name.value.clone());
    names.filter(|name| crate::labels::name::is_legacy_label_name(name.as_bytes())).collect()
}

/// What a rule's regular expression may match: names of labels, or the values of its only source label.
fn regex(around: &Surroundings<'_>, of: &str, ranking: &mut Ranking<'_>) {
    let entries = around.entries_at(around.spot.path.len().saturating_sub(1));
    let texts = |key: &str| {
        entries.iter().find(|entry| entry.name == key).map(|entry| around.texts(entry)).unwrap_or_default()
    };
    match texts("action").first().map(String::as_str) {
        Some("labelmap" | "labeldrop" | "labelkeep") => label_names(around, of, ranking),
        _ => {
            let sources = texts("source_labels");
            let [source] = &sources[..] else { return };
            if of == "relabel_configs" {
                for (_, pull) in around.pulls() {
                    let value = pull.labels.value(source);
                    if !value.is_empty() {
                        let text = Some(escaped(value));
                        let detail = format!("The target {}.", pull.address);
                        let candidate = Candidate::new(CompletionKind::LabelValue, value, detail);
                        ranking.offer(Candidate { text, ..candidate });
                    }
                }
                return;
            }
            let stores = if of == "metric_relabel_configs" { around.reached() } else { around.stored() };
            let stores: Vec<(&SeriesStore, Option<Bitset>)> =
                stores.into_iter().map(|store| (store, None)).collect();
            labels::offer_values(&stores, source, CompletionKind::LabelValue, ranking, &|value| {
                Some(escaped(value))
            });
        }
    }
}

/// A text as a regular expression that matches just it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A text inside of a PromQL string.
fn in_string(text: &str, quote: u8) -> String {
    if quote == b'`' {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\\' => out.push_str("\\\\"),
            c if u32::from(c) == u32::from(quote) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// What may stand at a place in a selector.
pub(super) fn offer_selector(
    around: &Surroundings<'_>,
    at: &At,
    wholes: &[Whole],
    ranking: &mut Ranking<'_>,
) {
    let stores = around.reached();
    match at {
        At::Nothing => {}
        At::Metric(_) => metrics(around, &stores, ranking),
        At::Name(_, has_op) => {
            for (name, count) in labels::names(&stores) {
                ranking.offer_with(name, count, || Candidate {
                    text: (!has_op).then(|| format!("{name}=")),
                    ..Candidate::new(CompletionKind::Label, name, labels::series(count))
                });
            }
        }
        At::Operator(_) => {
            for (op, detail) in [
                ("=", "The value is this text."),
                ("=~", "The whole value matches this regular expression."),
                ("!=", "The value is another text, or the label is absent."),
                ("!~", "The value does not match this regular expression, as a whole."),
            ] {
                ranking.offer(Candidate::new(CompletionKind::Operator, op, detail));
            }
        }
        At::Value { name, op, range, quote } => {
            let is_regex = op.is_some_and(MatchOp::is_regex);
            let others = wholes
                .iter()
                .filter(|whole| !(whole.range.start <= range.start && range.end <= whole.range.end));
            let compile = |whole: &Whole| {
                let matcher = Matcher::new(whole.name.as_str(), whole.op, whole.value.as_str());
                CompiledMatcher::new(&matcher, around.version).ok()
            };
            let others: Vec<CompiledMatcher> = others.filter_map(compile).collect();
            let mut narrowed: Vec<(&SeriesStore, Option<Bitset>)> = Vec::new();
            for &store in &stores {
                let rows = (!others.is_empty()).then(|| store.select(&others).ok()).flatten();
                narrowed.push((store, rows));
            }
            if narrowed.iter().all(|(_, rows)| rows.as_ref().is_some_and(Bitset::is_empty)) {
                for (_, rows) in &mut narrowed {
                    *rows = None;
                }
            }
            let make = |value: &str| {
                let text = if is_regex { escaped(value) } else { value.to_owned() };
                Some(match quote {
                    Some(quote) => in_string(&text, *quote),
                    None => format!("\"{}\"", in_string(&text, b'"')),
                })
            };
            labels::offer_values(&narrowed, name, CompletionKind::LabelValue, ranking, &make);
            if name == "job" {
                asked_jobs(around, ranking, &make);
            }
        }
    }
}

/// The names of metrics; in an empty scalar also whole jobs, which is what one federates most.
fn metrics(around: &Surroundings<'_>, stores: &[&SeriesStore], ranking: &mut Ranking<'_>) {
    let all: Vec<(&SeriesStore, Option<Bitset>)> = stores.iter().map(|&store| (store, None)).collect();
    let is_name = |name: &str| crate::labels::name::is_legacy_metric_name(name.as_bytes());
    let in_braces = |name: &str| format!("{{__name__=\"{}\"}}", in_string(name, b'"'));
    labels::offer_values(&all, crate::labels::METRIC_NAME, CompletionKind::Metric, ranking, &|name| {
        (!is_name(name)).then(|| in_braces(name))
    });
    if around.spot.word.is_empty() && around.spot.writing != Writing::Block {
        let mut jobs = Ranking::new("");
        labels::offer_values(&all, "job", CompletionKind::LabelValue, &mut jobs, &|_| None);
        for Candidate { label, detail, weight, .. } in jobs.into_best().take(5) {
            let text = format!("{{job=\"{}\"}}", in_string(&label, b'"'));
            ranking.offer(Candidate { weight, ..Candidate::new(CompletionKind::Value, text, detail) });
        }
    }
}

/// The jobs that the servers asked have, whether there are samples of them or not.
fn asked_jobs(around: &Surroundings<'_>, ranking: &mut Ranking<'_>, make: &dyn Fn(&str) -> Option<String>) {
    let Some(preview) = around.preview else { return };
    for node in around.asked() {
        let node = &preview.workspace.nodes[node];
        for job in node.config.iter().flat_map(|config| &config.scrape_configs) {
            let detail = format!("A job of {}.", node.name);
            let candidate = Candidate::new(CompletionKind::Job, job.name(), detail);
            if !job.name().is_empty() {
                ranking.offer(Candidate { text: make(job.name()), ..candidate });
            }
        }
    }
}

/// Who answers at a target of the job at the caret.
pub(super) fn listener(around: &Surroundings<'_>, address: &str) -> Option<String> {
    let preview = around.preview?;
    let workspace = &preview.workspace;
    let pull = around.pulls().into_iter().map(|(_, pull)| pull).find(|pull| pull.address == address)?;
    Some(match pull.peer {
        Peer::Federate(node) => format!("/federate of the server {}.", workspace.nodes[node].name),
        Peer::OwnMetrics(node) => format!("The own metrics of the server {}.", workspace.nodes[node].name),
        Peer::NoSuchPath(node) => {
            format!("The server {}, which does not answer at {}.", workspace.nodes[node].name, pull.path)
        }
        Peer::Application(application) => {
            format!("The application {}.", workspace.applications[application].name)
        }
        Peer::OtherPath(application) => format!(
            "The application {}, which does not answer at {}.",
            workspace.applications[application].name, pull.path
        ),
        Peer::Balancer(balancer) => {
            format!(
                "The balancer {}; who answers behind it is not followed.",
                workspace.balancers[balancer].name
            )
        }
        Peer::Nobody => "Nobody in the workspace is known to listen there.".to_owned(),
    })
}

/// How many series a selector selects of each server that the job at the caret asks.
pub(super) fn counts(around: &Surroundings<'_>, selector: &Selector) -> Vec<String> {
    let (Some(preview), Some(matchers)) = (around.preview, selector.compiled()) else { return Vec::new() };
    let asked = around.asked().into_iter();
    let count = |node: usize| {
        let rows = preview.nodes.get(node)?.store().select(&matchers).ok()?;
        let name = &preview.workspace.nodes[node].name;
        Some(format!("It selects {} of {name}.", labels::series(rows.count() as u64)))
    };
    asked.filter_map(count).collect()
}
