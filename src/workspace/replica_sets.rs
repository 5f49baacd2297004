//! Which servers are replicas of one another: those that the manifest says, or else those that certainly are.

use std::collections::{BTreeMap, BTreeSet};

use crate::prometheus::{Config, ExternalLabel, RelabelRule, ScrapeConfig};
use crate::relabel::Action;

use super::{Node, Workspace};

/// Servers that are meant to scrape the same targets and to evaluate the same rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaSet {
    /// Its name in the manifest; the names of its nodes where it is inferred.
    pub name: String,
    /// The servers, by their place in [`Workspace::nodes`], in that order.
    pub nodes: Vec<usize>,
    /// The manifest declares no sets; the configurations tell of this one.
    pub is_inferred: bool,
}

/// What a label that tells replicas apart has in its name: `replica`, `prometheus_replica`, `__replica__`.
const REPLICA: &str = "replica";

/// Names that mean another machine on each machine.
const LOCAL: [&str; 4] = ["localhost", "127.", "[::1]", "0.0.0.0"];

/// The sets of a workspace whose nodes are complete, ordered by name.
///
/// What the manifest declares is all there is. Where it declares none, nodes are taken for replicas that are
/// nothing else: their external labels are equal but for one that has `replica` in its name and a value of its
/// own on each, others among them, and their jobs have the same names and, where targets are listed in the
/// configuration, targets in common; or they run the same file, and all its targets are listed in it by
/// addresses that mean the same everywhere. Nodes that keep different remainders of a `hashmod` are shards.
pub(super) fn of(workspace: &Workspace) -> Vec<ReplicaSet> {
    let mut declared: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, node) in workspace.nodes.iter().enumerate() {
        if let Some(name) = &node.replica_set {
            declared.entry(name).or_default().push(at);
        }
    }
    if !declared.is_empty() {
        let set = |(name, nodes): (&str, Vec<usize>)| ReplicaSet {
            name: name.to_owned(),
            nodes,
            is_inferred: false,
        };
        return declared.into_iter().map(set).collect();
    }
    let mut labelled: BTreeMap<Likeness<'_>, Vec<(usize, &str)>> = BTreeMap::new();
    let mut copies: BTreeMap<Copied<'_>, Vec<usize>> = BTreeMap::new();
    for (at, node) in workspace.nodes.iter().enumerate() {
        let Some(config) = node.config.as_deref() else { continue };
        if let Some((likeness, value)) = Likeness::of(config) {
            labelled.entry(likeness).or_default().push((at, value));
        } else if lists_all_targets(config) {
            let folder = node.folder.as_deref();
            copies.entry((node.config_file.0, folder, node.version)).or_default().push(at);
        }
    }
    let labelled = labelled.into_values().filter_map(|nodes| {
        let values = crate::sort::ordered_set(nodes.iter().map(|(_, value)| *value));
        let nodes: Vec<usize> = nodes.iter().map(|(at, _)| *at).collect();
        (values.len() == nodes.len() && share_targets(workspace, &nodes)).then_some(nodes)
    });
    let mut sets: Vec<ReplicaSet> = labelled
        .chain(copies.into_values())
        .filter(|nodes| nodes.len() > 1)
        .map(|nodes| {
            let names: Vec<&str> = nodes.iter().map(|&at| workspace.nodes[at].name.as_str()).collect();
            ReplicaSet { name: names.join(", "), nodes, is_inferred: true }
        })
        .collect();
    crate::sort::sort_by_key(&mut sets, |set| set.nodes.first().copied());
    sets
}

/// Nodes that run the same file as the same version: which, and from where.
type Copied<'w> = (u32, Option<&'w str>, crate::version::Version);

/// What replicas have in common that nothing else has.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Likeness<'w> {
    /// The name of the label that tells them apart.
    label: &'w str,
    /// All other external labels.
    others: Vec<(&'w str, &'w str)>,
    jobs: Vec<&'w str>,
    shards: Vec<[&'w str; 3]>,
}

impl<'w> Likeness<'w> {
    /// What a node's replicas would have in common with it, and the value that tells it from them.
    fn of(config: &'w Config) -> Option<(Self, &'w str)> {
        let labels = &config.global.external_labels;
        let (replica, others): (Vec<&ExternalLabel>, Vec<&ExternalLabel>) =
            labels.iter().partition(|label| label.name.value.contains(REPLICA));
        let [replica] = replica[..] else { return None };
        if others.is_empty() || config.scrape_configs.is_empty() || labels.iter().any(is_variable) {
            return None;
        }
        let mut others: Vec<(&str, &str)> =
            others.iter().map(|label| (label.name.value.as_str(), label.expanded.as_str())).collect();
        crate::sort::sort_by(&mut others, Ord::cmp);
        let mut jobs: Vec<&str> = config.scrape_configs.iter().map(ScrapeConfig::name).collect();
        crate::sort::sort_by(&mut jobs, Ord::cmp);
        let label = &replica.name.value;
        Some((Self { label, others, jobs, shards: shards(config) }, &replica.expanded))
    }
}

/// Whether a label's value rests on the server's environment, which nobody here knows.
pub(super) fn is_variable(label: &ExternalLabel) -> bool {
    label.value.value != label.expanded
}

/// The rules that keep or drop by a remainder: job, label and regular expression.
fn shards(config: &Config) -> Vec<[&str; 3]> {
    let mut found = Vec::new();
    for job in &config.scrape_configs {
        for rules in [&job.relabel_configs, &job.metric_relabel_configs] {
            let remainders: Vec<&str> = rules
                .iter()
                .filter(|rule| action(rule) == Some(Action::HashMod))
                .filter_map(|rule| rule.target_label.as_ref().map(|label| label.value.as_str()))
                .collect();
            for rule in rules.iter().filter(|rule| matches!(action(rule), Some(Action::Keep | Action::Drop)))
            {
                let sources = rule.source_labels.iter().flat_map(|labels| &labels.value);
                let regex = rule.regex.as_ref().map_or("", |regex| &regex.value);
                found.extend(
                    sources
                        .filter(|label| remainders.contains(&label.value.as_str()))
                        .map(|label| [job.name(), label.value.as_str(), regex]),
                );
            }
        }
    }
    crate::sort::sort_by(&mut found, Ord::cmp);
    found
}

fn action(rule: &RelabelRule) -> Option<Action> {
    rule.action.as_ref().map(|action| action.value)
}

/// Whether all of a configuration's targets are listed in it, by addresses that mean the same everywhere.
fn lists_all_targets(config: &Config) -> bool {
    let mut targets = 0;
    for job in &config.scrape_configs {
        let listed = job.static_configs.iter().flat_map(|group| &group.targets);
        let local = |target: &str| LOCAL.iter().any(|local| target.starts_with(local));
        if !job.discoveries.is_empty() || listed.clone().any(|target| local(&target.value)) {
            return false;
        }
        targets += listed.count();
    }
    let variable = config.global.external_labels.iter().any(is_variable);
    targets > 0 && config.scrape_config_files.is_empty() && !variable
}

/// Whether in each job, where all nodes list targets, the first has one in common with each other.
fn share_targets(workspace: &Workspace, nodes: &[usize]) -> bool {
    let [first, rest @ ..] = nodes else { return true };
    if rest.is_empty() {
        return true;
    }
    let own = listed(&workspace.nodes[*first]);
    let (nobody, themselves) = (BTreeSet::new(), |targets: &BTreeSet<&str>, node| {
        targets.iter().all(|it| is_address_of(workspace, it, node))
    });
    rest.iter().all(|&other| {
        let others = listed(&workspace.nodes[other]);
        own.iter().all(|(job, own)| {
            let others = others.get(job).unwrap_or(&nobody);
            themselves(own, *first) && themselves(others, other) || !own.is_disjoint(others)
        })
    })
}

/// The targets that each job of a node lists, by the job's name.
fn listed(node: &Node) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut listed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for job in node.config.iter().flat_map(|config| &config.scrape_configs) {
        let targets = job.static_configs.iter().flat_map(|group| &group.targets);
        listed.entry(job.name()).or_default().extend(targets.map(|target| target.value.as_str()));
    }
    listed
}

/// Whether `address` is one under which the node at that place is reached.
pub(super) fn is_address_of(workspace: &Workspace, address: &str, node: usize) -> bool {
    workspace.listener(address) == Some(super::Listener::Node(node))
}

impl ReplicaSet {
    /// The external labels that tell its nodes apart, sorted by name: those that not all have with the same
    /// value, or whose value comes from the server's environment. Where some of them have `replica` in their
    /// names, it is those alone: the others are not meant to differ.
    #[must_use]
    pub fn labels<'w>(&self, workspace: &'w Workspace) -> Vec<&'w str> {
        let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut variable: BTreeSet<&str> = BTreeSet::new();
        let mut known = 0;
        for node in self.nodes.iter().filter_map(|&at| workspace.nodes.get(at)) {
            let Some(config) = &node.config else { continue };
            known += 1;
            for label in &config.global.external_labels {
                if is_variable(label) {
                    variable.insert(&label.name.value);
                }
                values.entry(&label.name.value).or_default().push(&label.expanded);
            }
        }
        let differs = |values: &[&str]| values.len() < known || values.windows(2).any(|two| two[0] != two[1]);
        let mut labels: Vec<&str> = values
            .iter()
            .filter(|(name, values)| variable.contains(*name) || differs(values))
            .map(|(name, _)| *name)
            .collect();
        if labels.iter().any(|name| name.contains(REPLICA)) {
            labels.retain(|name| name.contains(REPLICA));
        }
        labels
    }
}

#[cfg(test)]
mod tests {
    use super::super::Files;

    fn check(files: &[(&str, &str)], expect: &[(&str, &[&str], bool)]) {
        let mut all = Files::new(1);
        for &(path, text) in files {
            all.put_text(path, text);
        }
        let workspace = all.assemble();
        let got: Vec<(&str, Vec<&str>, bool)> = workspace
            .replica_sets
            .iter()
            .map(|set| (set.name.as_str(), set.labels(&workspace), set.is_inferred))
            .collect();
        let expect: Vec<(&str, Vec<&str>, bool)> =
            expect.iter().map(|(name, labels, inferred)| (*name, labels.to_vec(), *inferred)).collect();
        assert_eq!(got, expect, "{files:?}");
    }

    const JOB: &str =
        "scrape_configs:\n- job_name: app\n  static_configs: [{ targets: ['app:1', 'app:2'] }]\n";

    fn config(labels: &str, rest: &str) -> String {
        format!("global: {{ external_labels: {{ {labels} }} }}\n{rest}")
    }

    #[test]
    fn the_manifest_has_the_say() {
        let manifest = "nodes:\n  a: { config: x.yml, replica_set: s }\n  b: { config: y.yml, replica_set: s }\n  c: { config: x.yml }\n";
        let one = config("dc: eu, r: a", JOB);
        let other = config("dc: eu, r: b", "");
        check(&[("promtier.yaml", manifest), ("x.yml", &one), ("y.yml", &other)], &[("s", &["r"], false)]);
        let variable = config("dc: eu, host: '${HOST}', replica: $R", JOB);
        let manifest =
            "nodes:\n  a: { config: x.yml, replica_set: s }\n  b: { config: x.yml, replica_set: s }\n";
        check(&[("promtier.yaml", manifest), ("x.yml", &variable)], &[("s", &["replica"], false)]);
    }

    #[test]
    fn replicas_are_inferred_where_they_are_certain() {
        let two = |one: &str, other: &str, expect: &[(&str, &[&str], bool)]| {
            check(&[("a.yml", one), ("b.yml", other)], expect);
        };
        let found: &[(&str, &[&str], bool)] = &[("a, b", &["replica"], true)];
        let one = config("dc: eu, replica: a", JOB);
        two(&one, &config("replica: b, dc: eu", JOB), found);
        // Another data centre, the same replica, no other label, another job, other targets.
        two(&one, &config("dc: us, replica: b", JOB), &[]);
        two(&one, &config("dc: eu, replica: a", JOB), &[]);
        two(&config("replica: a", JOB), &config("replica: b", JOB), &[]);
        two(&one, &config("dc: eu, replica: b", "scrape_configs: [{ job_name: web }]\n"), &[]);
        two(&one, &config("dc: eu, replica: b", &JOB.replace("app:", "web:")), &[]);
        // Each scrapes itself.
        let own = |name: &str| {
            config(
                &format!("dc: eu, replica: {name}"),
                &format!(
                    "scrape_configs: [{{ job_name: p, static_configs: [{{ targets: ['{name}:9090'] }}] }}]\n"
                ),
            )
        };
        two(&own("a"), &own("b"), found);
    }

    #[test]
    fn shards_are_kept_apart() {
        let shard = |replica: &str, number: u8| {
            let rules = format!(
                "{JOB}  relabel_configs:\n  - {{ source_labels: [__address__], modulus: 2, target_label: __tmp_hash, action: hashmod }}\n  - {{ source_labels: [__tmp_hash], regex: {number}, action: keep }}\n"
            );
            config(&format!("dc: eu, replica: {replica}"), &rules)
        };
        let texts = [shard("a", 0), shard("b", 0), shard("a", 1), shard("b", 1)];
        let files: Vec<(&str, &str)> = ["0a.yml", "0b.yml", "1a.yml", "1b.yml"]
            .into_iter()
            .zip(texts.iter().map(String::as_str))
            .collect();
        check(&files, &[("0a, 0b", &["replica"], true), ("1a, 1b", &["replica"], true)]);
    }

    #[test]
    fn copies_of_a_file_are_replicas_where_addresses_mean_the_same() {
        let manifest = "nodes:\n  a: { config: x.yml }\n  b: { config: x.yml }\n";
        let same = |text: &str, expect: &[(&str, &[&str], bool)]| {
            check(&[("promtier.yaml", manifest), ("x.yml", text)], expect);
        };
        same(JOB, &[("a, b", &[], true)]);
        same(&JOB.replace("app:1", "localhost:1"), &[]);
        same("scrape_configs: [{ job_name: app, dns_sd_configs: [{ names: [a] }] }]\n", &[]);
        same(&config("replica: $HOST", JOB), &[]);
    }
}
