//! Completion and hover in `promtier.yaml`.

use crate::sort;
use crate::version::Version;
use crate::workspace::{FileKind, Program};

use super::complete::{key_edit, scalars, selector};
use super::outline::{Role, Step, Writing, entries, locate};
use super::rank::{Candidate, Ranking};
use super::surroundings::Surroundings;
use super::{Completion, CompletionKind, Hover, Question};

/// Where keys stand: at the top, or in a thing of a group that has a name of the user's own.
const KEYS: [(&str, &[(&str, &str)]); 6] = [
    (
        "",
        &[
            ("version", "The version of this file's own form: 1."),
            ("prometheus", "The Prometheus that every node runs that says nothing else."),
            ("nodes", "The servers, by name."),
            ("balancers", "The load balancers, by name."),
            ("targets", "Applications whose own metrics are known, by name."),
            ("discovery", "What service discoveries answer, as a list."),
            ("expect", "What servers should store, as a list: checked by `promtier check`."),
        ],
    ),
    (
        "nodes",
        &[
            ("config", "The server's configuration."),
            ("folder", "The folder on the server in which its configuration lies."),
            ("listen", "The addresses under which others reach it; without any, its name on any port."),
            ("samples", "Files of what its /federate printed."),
            ("prometheus", "The version that it runs."),
            (
                "program",
                "What runs with the configuration: prometheus, prometheus-agent or opentelemetry-collector.",
            ),
            ("replica_set", "The name that it shares with its replicas."),
            (
                "route_prefix",
                "What stands before its paths: its --web.route-prefix, or the path of its --web.external-url.",
            ),
        ],
    ),
    (
        "balancers",
        &[("config", "The balancer's configuration."), ("listen", "The addresses on which it listens.")],
    ),
    (
        "targets",
        &[
            ("listen", "The addresses on which the application listens."),
            ("path", "The path of its metrics; `/metrics` without."),
            ("metrics", "A file of what it prints there."),
            ("content_type", "The Content-Type that it sends."),
        ],
    ),
    (
        "discovery",
        &[
            ("node", "The server that it is for; any without it."),
            ("job", "The job that it is for."),
            ("from", "The mechanism that answers it, such as `consul`."),
            ("url", "The URL of http_sd_configs that it is the answer of."),
            ("targets", "The files of the answer."),
        ],
    ),
    (
        "expect",
        &[
            ("node", "The server, or a list of them, of which it is expected."),
            ("tier", "Every server of this tier; 0 are those that federate from nobody."),
            ("has", "A selector, or a list: each matches some series that the server stores."),
            ("lacks", "A selector, or a list: none matches a series that the server stores."),
            ("max_series", "How many series the server stores at most, `up` and its like included."),
        ],
    ),
];

/// The groups whose things have no names: they are lists.
const LISTS: [&str; 2] = ["discovery", "expect"];

/// The keys in a group; those of the top for the empty path.
fn keys_at(around: &Surroundings<'_>) -> Option<&'static [(&'static str, &'static str)]> {
    let group = match around.spot.path.as_slice() {
        [] => "",
        [Step::Key(group), Step::Item] if LISTS.contains(&group.as_str()) => group.as_str(),
        [Step::Key(group), Step::Key(_)] if !LISTS.contains(&group.as_str()) => group.as_str(),
        _ => return None,
    };
    KEYS.iter().find(|(name, _)| *name == group).map(|(_, keys)| *keys)
}

pub(super) fn complete(question: &Question<'_>) -> Vec<Completion> {
    let Some(spot) = locate(question.text, question.offset as usize) else { return Vec::new() };
    let around = Surroundings::new(question, spot);
    let spot = &around.spot;
    let offset = question.offset.min(question.text.len() as u32);
    if spot.writing == Writing::Block || !spot.word.touches(offset) {
        return Vec::new();
    }
    let typed = question.text.get(spot.word.start as usize..offset as usize).unwrap_or_default();
    let mut ranking = Ranking::new(typed);
    if spot.role != Role::Value
        && let Some(keys) = keys_at(&around)
    {
        let present = entries(around.text, &spot.here);
        for (name, words) in keys {
            if !present.iter().any(|entry| entry.name == *name && !entry.key.touches(spot.word.start)) {
                ranking.offer(Candidate::new(CompletionKind::Key, *name, *words));
            }
        }
        return ranking.into_best().map(|candidate| key_edit(&around, candidate, None, None)).collect();
    }
    if let ["expect", "has" | "lacks"] = around.keys()[..] {
        return selector(&around, offset);
    }
    let files = |kind: FileKind, ranking: &mut Ranking<'_>| {
        for file in around.preview.iter().flat_map(|preview| &preview.workspace.files) {
            if file.kind == kind {
                ranking.offer(Candidate::new(CompletionKind::File, &file.path, ""));
            }
        }
    };
    match around.keys()[..] {
        ["nodes", _, "config"] => files(FileKind::Prometheus, &mut ranking),
        ["balancers", _, "config"] => files(FileKind::Other, &mut ranking),
        ["nodes", _, "samples"] | ["targets", _, "metrics"] => files(FileKind::Samples, &mut ranking),
        ["prometheus"] | ["nodes", _, "prometheus"] => {
            for version in [Version::NEWEST, Version::V3_5, Version::V2_42] {
                let quoted = if spot.writing == Writing::Plain {
                    format!("\"{version}\"")
                } else {
                    version.to_string()
                };
                let candidate = Candidate::new(CompletionKind::Value, version.to_string(), "");
                ranking.offer(Candidate { text: Some(quoted), ..candidate });
            }
        }
        ["nodes", _, "program"] => {
            for name in Program::NAMES {
                ranking.offer(Candidate::new(CompletionKind::Value, name, ""));
            }
        }
        ["expect" | "discovery", "node"] => {
            for node in around.preview.iter().flat_map(|preview| &preview.workspace.nodes) {
                ranking.offer(Candidate::new(CompletionKind::Target, &node.name, ""));
            }
        }
        ["expect", "tier"] => {
            let mut tiers: Vec<u32> = around
                .preview
                .iter()
                .flat_map(|preview| (0..preview.workspace.nodes.len()).map(|at| preview.topology.tier(at)))
                .collect();
            sort::sort_and_dedup(&mut tiers);
            for tier in tiers {
                ranking.offer(Candidate::new(CompletionKind::Value, tier.to_string(), ""));
            }
        }
        _ => return Vec::new(),
    }
    scalars(&around, ranking, "")
}

pub(super) fn hover(question: &Question<'_>) -> Option<Hover> {
    let spot = locate(question.text, question.offset as usize)?;
    let around = Surroundings::new(question, spot);
    let span = around.spot.word;
    let word = question.text.get(span.range()).filter(|_| around.spot.role == Role::Key)?;
    let (name, words) = keys_at(&around)?.iter().find(|(name, _)| *name == word)?;
    let lines = vec![(*words).to_owned()];
    Some(Hover { span, title: (*name).to_owned(), lines, url: String::new() })
}
