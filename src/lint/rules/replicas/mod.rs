//! Rules about servers that are replicas of one another.

mod alertmanager_cluster;
mod alike_sets;
mod balanced_alertmanagers;
mod balanced_remote_write;
mod different_alertmanagers;
mod different_jobs;
mod different_rules;
mod different_sampling;
mod different_settings;
mod identical_external_labels;
mod replica_in_rules;
mod replica_label_in_alerts;
mod wrong_labeldrop;

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Peer, Preview};
use crate::lint::Found;
use crate::prometheus::{Config, ExternalLabel, RemoteWrite};
use crate::regex::{Form, Regex};
use crate::relabel::{Action, RelabelConfig};
use crate::text::{FileId, Span};
use crate::workspace::replicas::{self, Difference, Side, Topic};
use crate::workspace::{Node, ReplicaSet};

/// The rules that look at one set after another, in the order in which they look.
pub(in crate::lint) const SET_RULES: &[fn(&Replicas<'_>, &mut Found)] = &[
    identical_external_labels::check,
    replica_in_rules::check,
    replica_label_in_alerts::check,
    wrong_labeldrop::check,
    different_alertmanagers::check,
    different_jobs::check,
    different_rules::check,
    different_sampling::check,
    different_settings::check,
    alertmanager_cluster::check,
];

/// The rules that look at servers whether they have replicas or not.
pub(in crate::lint) const NODE_RULES: &[fn(&Preview, &mut Found)] =
    &[balanced_alertmanagers::check, balanced_remote_write::check];

/// The rules that look at all sets at once, in the order of their codes.
pub(in crate::lint) const WORKSPACE_RULES: &[fn(&[Replicas<'_>], &mut Found)] = &[alike_sets::check];

/// A set of replicas.
pub(in crate::lint) struct Replicas<'p> {
    preview: &'p Preview,
    set: &'p ReplicaSet,
    /// The external labels that tell them apart.
    labels: Vec<&'p str>,
    /// Those whose configuration is known.
    nodes: Vec<Replica<'p>>,
    /// What they have otherwise than the first of them.
    differences: Vec<Difference>,
}

/// A server of a set.
#[derive(Clone, Copy)]
struct Replica<'p> {
    /// Its place among the workspace's nodes.
    at: usize,
    node: &'p Node,
    config: &'p Config,
}

/// The sets of a workspace.
pub(in crate::lint) fn sets(preview: &Preview) -> Vec<Replicas<'_>> {
    let workspace = &preview.workspace;
    let replica = |&at: &usize| {
        let node = workspace.nodes.get(at)?;
        Some(Replica { at, node, config: node.config.as_deref()? })
    };
    let mut sets = Vec::with_capacity(workspace.replica_sets.len());
    for set in &workspace.replica_sets {
        let nodes = set.nodes.iter().filter_map(replica).collect();
        let differences = replicas::differences(workspace, set);
        sets.push(Replicas { preview, set, labels: set.labels(workspace), nodes, differences });
    }
    sets
}

impl Replicas<'_> {
    /// What it is known by.
    fn name(&self) -> &str {
        &self.set.name
    }
}

impl<'p> Replica<'p> {
    fn name(&self) -> &'p str {
        &self.node.name
    }

    fn file(&self) -> FileId {
        self.node.config_file
    }

    /// Its external labels, sorted; `None` where some depend on its environment.
    fn external_labels(&self) -> Option<Vec<(&'p str, &'p str)>> {
        let labels = &self.config.global.external_labels;
        let pair = |label: &'p ExternalLabel| {
            let known = label.value.value == label.expanded;
            known.then_some((label.name.value.as_str(), label.expanded.as_str()))
        };
        let mut pairs: Vec<_> = labels.iter().map(pair).collect::<Option<_>>()?;
        pairs.retain(|(_, value)| !value.is_empty());
        crate::sort::sort_by(&mut pairs, Ord::cmp);
        Some(pairs)
    }

    /// The place of an external label; that of the first where it has none of that name.
    fn label_span(&self, name: &str) -> Span {
        let global = &self.config.global;
        let named = global.external_labels.iter().find(|label| label.name.value == name);
        let label = named.or(global.external_labels.first());
        label
            .map(|label| label.name.span)
            .or(global.span.map(|span| Span::at(span.start)))
            .unwrap_or(Span::at(0))
    }

    /// All rules that alerts for each group of Alertmanagers go through; one list where the version has none
    /// of the group's own.
    fn alert_relabelling(&self) -> Vec<Vec<&'p crate::prometheus::RelabelRule>> {
        let config = self.config;
        let chain = |group: &'p crate::prometheus::AlertmanagerGroup| {
            config.alert_relabel_configs.iter().chain(&group.alert_relabel_configs).collect()
        };
        config.alertmanagers.iter().map(chain).collect()
    }
}

/// What becomes of an external label in alerts: whether it is still there, and tells the replicas apart, after
/// `rules`. `None` where that depends on the alert.
fn survives(rules: &[&crate::prometheus::RelabelRule], label: &str, node: &Node) -> Option<bool> {
    let mut present = true;
    for rule in rules {
        let config: RelabelConfig = rule.config();
        let matches = || Some(Regex::new(config.regex(), Form::Relabel, node.version).ok()?.is_match(label));
        match config.action() {
            Action::LabelDrop => present &= !matches()?,
            Action::LabelKeep => present &= matches()?,
            Action::LabelMap => return None,
            Action::Keep | Action::Drop | Action::KeepEqual | Action::DropEqual => {
                let reads = |name: &String| name == label;
                if config.source_labels.iter().flatten().any(reads) || config.target_label() == label {
                    return None;
                }
            }
            Action::Replace if config.target_label() == label => {
                let always =
                    Regex::new(config.regex(), Form::Relabel, node.version).ok()?.matches_everything();
                // The same text for all does not tell them apart.
                if !always && config.regex() != "(.*)" || config.replacement().contains('$') {
                    return None;
                }
                present = false;
            }
            _ if config.target_label() == label || config.target_label().contains('$') => return None,
            _ => {}
        }
    }
    Some(present)
}

/// Where what two servers hold certainly comes together, in words: the same receiver of remote write, or a
/// server that federates from both and does not tell them apart.
fn meeting_place(preview: &Preview, one: Replica<'_>, other: Replica<'_>) -> Option<String> {
    let url = |write: &RemoteWrite| -> Option<String> {
        let plain = write.write_relabel_configs.iter().all(|rule| {
            let action = rule.action.as_ref().map(|action| action.value);
            matches!(action, Some(Action::Keep | Action::Drop | Action::LabelDrop))
        });
        let url = write.url.as_ref().filter(|_| plain)?;
        Some(url.value.clone())
    };
    let others: Vec<String> = other.config.remote_write.iter().filter_map(url).collect();
    if let Some(url) = one.config.remote_write.iter().filter_map(url).find(|url| others.contains(url)) {
        return Some(format!("`{url}`, to which both write"));
    }
    let of = |node: usize| {
        let pulls = preview.topology.pulls.iter().enumerate();
        pulls.filter(move |(_, pull)| pull.peer == Peer::Federate(node) && pull.settings.honor_labels)
    };
    for (first, pull) in of(one.at) {
        for (second, twin) in of(other.at).filter(|(_, twin)| twin.node == pull.node) {
            let distinct = |labels: &crate::labels::LabelSet| -> Vec<(String, String)> {
                let pairs = labels.iter().filter(|(name, _)| *name != "instance");
                pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
            };
            if distinct(&pull.labels) != distinct(&twin.labels) {
                continue;
            }
            // Series that are known to collide are a finding of their own.
            let shown = preview.nodes.get(pull.node).is_some_and(|node| {
                use crate::federation::Bringer::Pull;
                let pair = (Pull(first.min(second)), Pull(first.max(second)));
                node.shared().contains_key(&pair)
            });
            if !shown {
                let node = &preview.workspace.nodes[pull.node].name;
                return Some(format!("`{node}`, which federates from both"));
            }
        }
    }
    None
}

/// Labels as a selector shows them, for a message.
fn shown(labels: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    format!("`{{{}}}`", pairs.join(", "))
}

/// How many differences of one thing a finding names.
const MAX_NAMED: usize = 3;

/// How much of a value a finding shows, in characters.
const MAX_SHOWN: usize = 80;

/// Reports the differences of a topic that are not `is_said` elsewhere, those of one server and one job, group
/// or rule together.
fn report_differences(
    set: &Replicas<'_>,
    (code, topic): (Code, Topic),
    (because, help): (&'static str, &'static str),
    is_said: impl Fn(&Difference) -> bool,
    found: &mut Found,
) {
    let of_topic = set.differences.iter().filter(|it| it.topic == topic && !is_said(it));
    let of_topic: Vec<&Difference> = of_topic.collect();
    let subject = |it: &Difference| (it.sides[1].node, it.subject.clone());
    for differences in of_topic.chunk_by(|one, other| subject(one) == subject(other)) {
        let [first, rest @ ..] = differences else { continue };
        let [here, there] = &first.sides;
        let name = |side: &Side| set.preview.workspace.nodes.get(side.node).map_or("", |node| &node.name);
        let (one, other, words) = (name(here), name(there), first.subject.words());
        let message = match (first.field.is_empty(), there.text.is_empty()) {
            (true, true) => format!("`{other}` does not have {words}, which its replica `{one}` has"),
            (true, false) => format!("`{other}` has {words}, which its replica `{one}` does not have"),
            (false, _) => {
                let named: Vec<String> = differences.iter().take(MAX_NAMED).map(|it| differs(it)).collect();
                let more = (rest.len() + 1).saturating_sub(MAX_NAMED);
                let more = if more > 0 { format!("; and {more} more") } else { String::new() };
                format!("{words} of `{other}` is not that of its replica `{one}`: {}{more}", named.join("; "))
            }
        };
        let inferred = if set.set.is_inferred {
            "; if they are no replicas, name their sets in promtier.yaml, under `replica_set`"
        } else {
            ""
        };
        let diagnostic = Diagnostic::warning(code, there.span, message)
            .because(because)
            .help(format!("{help}{inferred}"))
            .label_in(here.file, here.span, format!("in `{one}`"));
        found.push((there.file, diagnostic));
    }
}

/// What a difference is, in words.
fn differs(difference: &Difference) -> String {
    let shown = |side: &Side| match side.text.char_indices().nth(MAX_SHOWN) {
        _ if side.text.is_empty() => "absent".to_owned(),
        Some((end, _)) => format!("`{}…`", side.text.get(..end).unwrap_or_default()),
        None => format!("`{}`", side.text),
    };
    let [here, there] = &difference.sides;
    // Of lists of targets the sides are what only one has.
    if difference.field.ends_with("static_configs") {
        let words = [(here, "lacks"), (there, "adds")];
        let words = words.into_iter().filter(|(side, _)| !side.text.is_empty());
        let words: Vec<String> = words.map(|(side, word)| format!("{word} {}", shown(side))).collect();
        return format!("`{}` {}", difference.field, words.join(" and "));
    }
    format!("`{}` is {}, not {}", difference.field, shown(there), shown(here))
}
