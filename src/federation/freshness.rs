//! How old what a server shows may be, and how long it shows what is gone.
//!
//! Nothing is pushed on: a sample waits at each server until the next one asks. In the worst case it was taken just
//! after a scrape and waits for whole intervals, so that the newest value which a server shows is as old as the sum
//! of the intervals along its way (`web/federate.go` answers samples with the timestamps that they have).

use std::collections::BTreeSet;

use crate::prometheus::{EffectiveScrapeConfig, ScrapeConfig};
use crate::series::{Bitset, Row};
use crate::sort::{ordered_map, ordered_set};

use super::node_store::Bringer;
use super::outcome::Failure;
use super::tiers::Preview;
use super::topology::{Peer, Pull};

/// How far back a query looks for a sample, in milliseconds, unless `--query.lookback-delta` says otherwise.
pub const LOOKBACK_MS: u64 = 5 * 60 * 1000;

/// How many steps of a way are told.
const MAX_STEPS: usize = 64;

/// The label that says which job scraped a series.
const JOB: &str = "job";

/// How old what a server shows may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeFreshness {
    /// The server, by its place among the workspace's nodes.
    pub node: usize,
    /// Its tier.
    pub tier: u32,
    /// The longest way that a sample takes to it, its first step first. Empty where it scrapes nothing.
    pub steps: Vec<Step>,
    /// How old the newest sample of a series may be just before the next one comes, in milliseconds: the sum of
    /// the steps' intervals.
    pub age_ms: u64,
    /// Whether it may be more, since not all is known of what is pulled.
    pub is_at_least: bool,
    /// How long the server still shows the series of a server that it federates from once that one is gone, in
    /// milliseconds after its last sample. `None` where it federates from none.
    pub lingers_ms: Option<u64>,
}

/// A wait of a sample on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The server at which it waits.
    pub node: usize,
    /// What for.
    pub wait: Wait,
    /// How long at the most, in milliseconds.
    pub interval_ms: u64,
}

/// What a sample waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The next scrape of a job.
    Scrape(String),
    /// The next evaluation of a group of rules.
    Rules(String),
    /// The next scrape of a pull that federates, by its place in the topology.
    Federation(usize),
}

impl Step {
    /// What a sample waits for, in words.
    #[must_use]
    pub fn words(&self, preview: &Preview) -> String {
        let node = preview.workspace.nodes.get(self.node).map_or("", |node| &node.name);
        match &self.wait {
            Wait::Scrape(job) => format!("job `{job}` of {node}"),
            Wait::Rules(group) => format!("rules `{group}` of {node}"),
            Wait::Federation(at) => {
                let job = preview.topology.pulls.get(*at).map_or("", |pull| &pull.job);
                format!("job `{job}` of {node}")
            }
        }
    }
}

impl NodeFreshness {
    /// Whether queries may find nothing although all is well: what they find may be older than they look back.
    #[must_use]
    pub fn is_beyond_lookback(&self) -> bool {
        let ages = self.since_taken().iter().map(|step| step.interval_ms);
        ages.fold(0, u64::saturating_add) > LOOKBACK_MS
    }

    /// The steps from where the sample that is shown was taken, by a scrape or as a rule's result: what a rule
    /// records is older as knowledge, but has the time of the evaluation.
    #[must_use]
    pub fn since_taken(&self) -> &[Step] {
        let is_rule = |step: &Step| matches!(step.wait, Wait::Rules(_));
        self.steps.get(self.steps.iter().rposition(is_rule).unwrap_or(0)..).unwrap_or_default()
    }
}

/// How old what each server shows may be, in the order of the nodes.
#[must_use]
pub fn freshness(preview: &Preview) -> Vec<NodeFreshness> {
    let ages = Ages::of(preview);
    let of_node = |node: usize| {
        let worst = ages.worst_of(node);
        let federates = |at: &usize| preview.topology.pulls.get(*at).is_some_and(|pull| pull.federates);
        let own = preview.topology.pulls_of(node).filter(federates);
        NodeFreshness {
            node,
            tier: preview.topology.tier(node),
            steps: worst.map_or_else(Vec::new, |worst| ages.steps(node, worst)),
            age_ms: worst.map_or(0, |worst| worst.age_ms),
            is_at_least: worst.is_some_and(|worst| worst.is_at_least) || asks_unknown(preview, node),
            lingers_ms: own.filter_map(|at| ages.lingers.get(at).copied()).max(),
        }
    };
    (0..preview.workspace.nodes.len()).map(of_node).collect()
}

/// Whether a server federates from one of which nothing is known.
fn asks_unknown(preview: &Preview, node: usize) -> bool {
    preview.topology.pulls_of(node).any(|at| {
        let federates = preview.topology.pulls.get(at).is_some_and(|pull| pull.federates);
        let failure = preview.pulls.get(at).and_then(|outcome| outcome.failure.as_ref());
        federates && matches!(failure, Some(Failure::Unknown(_)))
    })
}

/// What series of a server have in common that says how old they may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class<'p> {
    /// Scraped by its own job of that name.
    Job(&'p str),
    /// Made by its group of rules of that name.
    Group(&'p str),
    /// Brought by that pull.
    Pull(usize),
    /// Reported by the server on that pull.
    Report(usize),
    /// Nothing says by what.
    Unknown,
}

/// How old samples of a class may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Oldest<'p> {
    pub(super) class: Class<'p>,
    pub(super) age_ms: u64,
    pub(super) is_at_least: bool,
    /// How often there is a new sample, in milliseconds.
    pub(super) interval_ms: u64,
}

/// The ages of what all pulls bring.
pub(super) struct Ages<'p> {
    preview: &'p Preview,
    /// For each pull the oldest class that it selects at its source; `None` where nothing is known of that.
    pulls: Vec<Option<Oldest<'p>>>,
    lingers: Vec<u64>,
}

impl<'p> Ages<'p> {
    pub(super) fn of(preview: &'p Preview) -> Self {
        let count = preview.topology.pulls.len();
        let mut ages = Self { preview, pulls: vec![None; count], lingers: vec![LOOKBACK_MS; count] };
        // Sources come before whoever pulls from them.
        for &node in &preview.topology.heights.order {
            for at in preview.topology.pulls_of(node) {
                let Some(pull) = preview.topology.pulls.get(at) else { continue };
                ages.lingers[at] = ages.lingering(pull);
                let Peer::Federate(source) = pull.peer else { continue };
                let cut = preview.topology.cut.binary_search(&at).is_ok();
                if !cut && preview.pulls[at].failure.is_none() {
                    let classes = selected_classes(preview, at, source);
                    let more = asks_unknown(preview, source);
                    let oldest = ages.oldest(source, classes);
                    ages.pulls[at] = oldest.map(|age| Oldest { is_at_least: age.is_at_least || more, ..age });
                }
            }
        }
        ages
    }

    /// How long a pull's series are shown once the server that is asked is gone. With timestamps of their own they
    /// are not marked stale, unless that is tracked (`scrape/scrape.go`, `updateStaleMarkers`).
    fn lingering(&self, pull: &Pull) -> u64 {
        let marked = effective(self.preview, pull)
            .is_some_and(|job| !job.honor_timestamps || job.track_timestamps_staleness);
        if !marked {
            return LOOKBACK_MS;
        }
        let below = match pull.peer {
            Peer::Federate(source) => {
                let federates =
                    |at: &usize| self.preview.topology.pulls.get(*at).is_some_and(|it| it.federates);
                let own = self.preview.topology.pulls_of(source).filter(federates);
                own.filter_map(|at| self.lingers.get(at).copied()).max().unwrap_or(0)
            }
            _ => 0,
        };
        below.saturating_add(pull.interval_ms).min(LOOKBACK_MS)
    }

    fn oldest(&self, node: usize, classes: impl IntoIterator<Item = Class<'p>>) -> Option<Oldest<'p>> {
        classes.into_iter().filter_map(|class| self.of_class(node, class)).max_by_key(|age| age.age_ms)
    }

    /// The age of a class of a server's series.
    pub(super) fn of_class(&self, node: usize, class: Class<'p>) -> Option<Oldest<'p>> {
        let age = |interval_ms: u64, below: u64, is_at_least| {
            Some(Oldest { class, age_ms: interval_ms.saturating_add(below), is_at_least, interval_ms })
        };
        match class {
            Class::Job(name) => age(job_interval(self.preview, node, name)?, 0, false),
            Class::Group(name) => {
                // A group reads what the server has; the oldest of it counts.
                let input = self.oldest_input(node);
                let (below, is_at_least) = input.map_or((0, true), |age| (age.age_ms, age.is_at_least));
                age(group_interval(self.preview, node, name)?, below, is_at_least)
            }
            Class::Pull(at) => {
                let pull = self.preview.topology.pulls.get(at)?;
                match self.pulls.get(at)? {
                    Some(below) => age(pull.interval_ms, below.age_ms, below.is_at_least),
                    None => age(pull.interval_ms, 0, pull.federates),
                }
            }
            Class::Report(at) => age(self.preview.topology.pulls.get(at)?.interval_ms, 0, false),
            // It is one of what the server has.
            Class::Unknown => self.oldest_input(node),
        }
    }

    /// The oldest of what a server has, rules aside.
    fn oldest_input(&self, node: usize) -> Option<Oldest<'p>> {
        let jobs = own_jobs(self.preview, node).map(|job| Class::Job(job.name()));
        self.oldest(node, jobs.chain(self.preview.topology.pulls_of(node).map(Class::Pull)))
    }

    fn worst_of(&self, node: usize) -> Option<Oldest<'p>> {
        let rows = Bitset::full(self.preview.nodes.get(node)?.store().len());
        let classes = classes(self.preview, node, &rows);
        self.oldest(node, classes).or_else(|| self.oldest_input(node))
    }

    /// The steps that make up an age, the first first.
    fn steps(&self, node: usize, worst: Oldest<'p>) -> Vec<Step> {
        let mut steps = Vec::new();
        let (mut node, mut age) = (node, Some(worst));
        while let Some(now) = age.take().filter(|_| steps.len() < MAX_STEPS) {
            let mut step = |wait| steps.push(Step { node, wait, interval_ms: now.interval_ms });
            match now.class {
                Class::Job(name) => step(Wait::Scrape(name.to_owned())),
                Class::Group(name) => {
                    step(Wait::Rules(name.to_owned()));
                    age = self.oldest_input(node);
                }
                Class::Pull(at) | Class::Report(at) => {
                    let Some(pull) = self.preview.topology.pulls.get(at) else { break };
                    if !pull.federates || now.class == Class::Report(at) {
                        step(Wait::Scrape(pull.job.clone()));
                        break;
                    }
                    step(Wait::Federation(at));
                    let Peer::Federate(source) = pull.peer else { break };
                    node = source;
                    age = self.pulls.get(at).copied().flatten();
                }
                Class::Unknown => break,
            }
        }
        steps.reverse();
        steps
    }
}

/// The jobs of a server that do not federate.
fn own_jobs(preview: &Preview, node: usize) -> impl Iterator<Item = &ScrapeConfig> {
    let config = preview.workspace.nodes.get(node).and_then(|node| node.config.as_ref());
    let pulls = preview.topology.pulls.get(preview.topology.pulls_of(node)).unwrap_or_default();
    let federating = ordered_set(pulls.iter().filter(|pull| pull.federates).map(|pull| pull.job.as_str()));
    let jobs = config.map_or(&[][..], |config| &config.scrape_configs);
    jobs.iter().filter(move |job| !federating.contains(job.name()))
}

/// The job of a pull, with what it inherits.
pub(super) fn effective<'p>(preview: &'p Preview, pull: &Pull) -> Option<EffectiveScrapeConfig<'p>> {
    let node = preview.workspace.nodes.get(pull.node)?;
    let scrape = pull.scrape_config(&preview.workspace)?;
    Some(scrape.effective(&node.config.as_ref()?.global, node.version))
}

/// How often, in milliseconds, a server scrapes a class of its series itself; `None` where it does not.
pub(super) fn pace(preview: &Preview, node: usize, class: Class<'_>) -> Option<u64> {
    match class {
        Class::Job(name) => job_interval(preview, node, name),
        Class::Pull(at) => {
            let pull = preview.topology.pulls.get(at).filter(|pull| !pull.federates)?;
            Some(pull.interval_ms)
        }
        Class::Report(at) => Some(preview.topology.pulls.get(at)?.interval_ms),
        Class::Group(_) | Class::Unknown => None,
    }
}

fn job_interval(preview: &Preview, node: usize, name: &str) -> Option<u64> {
    let node = preview.workspace.nodes.get(node)?;
    let config = node.config.as_ref()?;
    let job = config.scrape_configs.iter().find(|job| job.name() == name)?;
    Some(job.effective(&config.global, node.version).scrape_interval.as_millis())
}

fn group_interval(preview: &Preview, node: usize, name: &str) -> Option<u64> {
    let node = preview.workspace.nodes.get(node)?;
    let global = &node.config.as_ref()?.global;
    let (_, group, _) = node.all_rules().find(|(_, group, _)| group.name.value == name)?;
    let own = group.interval.as_ref().map(|interval| interval.value).filter(|interval| !interval.is_zero());
    Some(own.unwrap_or_else(|| global.effective(node.version).evaluation_interval).as_millis())
}

/// The classes of what a pull selects at its source.
fn selected_classes(preview: &Preview, pull: usize, source: usize) -> BTreeSet<Class<'_>> {
    let outcome = &preview.pulls[pull];
    let Some(store) = preview.nodes.get(source) else { return BTreeSet::new() };
    let mut rows = Bitset::empty(store.store().len());
    for selected in &outcome.selected {
        if selected.rows.capacity() == rows.capacity() {
            rows.or(&selected.rows);
        }
    }
    if let Some(answered) = outcome.answered.as_ref().filter(|it| it.capacity() == rows.capacity()) {
        rows.and(answered);
    }
    classes(preview, source, &rows)
}

/// The classes of some rows of a server's store.
pub(super) fn classes<'p>(preview: &'p Preview, node: usize, rows: &Bitset) -> BTreeSet<Class<'p>> {
    let mut found = BTreeSet::new();
    let (Some(of), Some(server)) = (preview.nodes.get(node), preview.workspace.nodes.get(node)) else {
        return found;
    };
    let groups: Vec<&str> = server.all_rules().map(|(_, group, _)| group.name.value.as_str()).collect();
    let rules = server.all_rules().filter(|(_, _, rule)| !rule.is_alert());
    let recorded = ordered_map(rules.map(|(_, group, rule)| (rule.name(), group.name.value.as_str())));
    let jobs =
        ordered_set(server.config.iter().flat_map(|config| &config.scrape_configs).map(ScrapeConfig::name));
    let of_samples = |row: Row| {
        let group = recorded.get(of.store().metric_name(row)).map(|group| Class::Group(group));
        let job = || of.store().label(row, JOB).and_then(|job| jobs.get(job)).map(|job| Class::Job(job));
        group.or_else(job).unwrap_or(Class::Unknown)
    };
    for row in rows.iter() {
        let mut class = Class::Unknown;
        for origin in of.origins(row) {
            class = match origin.bringer {
                Bringer::Pull(at) => Class::Pull(at),
                Bringer::Report(at) => Class::Report(at),
                Bringer::Rule(at) => groups.get(at).map_or(Class::Unknown, |group| Class::Group(group)),
                Bringer::Samples(_) => continue,
            };
            break;
        }
        found.insert(if class == Class::Unknown { of_samples(row) } else { class });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::Memo;
    use super::*;
    use crate::workspace::Files;
    use std::sync::Arc;

    fn preview(files: &[(&str, &str)]) -> Preview {
        let mut all = Files::new(1);
        for &(path, text) in files {
            all.put_text(path, text);
        }
        Preview::compute(Arc::new(all.assemble()), None, &mut Memo::new(1)).expect("a small preview")
    }

    /// A server that federates from `target`, with more lines of its job.
    fn above(target: &str, interval: &str, selector: &str, more: &str) -> String {
        format!(
            "scrape_configs:\n- job_name: up-{target}\n  scrape_interval: {interval}\n  honor_labels: true\n  metrics_path: /federate\n  params: {{ 'match[]': ['{selector}'] }}\n  static_configs: [{{ targets: ['{target}:9090'] }}]\n{more}"
        )
    }

    const LEAF: &str = "global: { evaluation_interval: 30s }\nrule_files: [rules.yml]\nscrape_configs:\n- { job_name: fast, scrape_interval: 10s }\n- { job_name: slow, scrape_interval: 2m }\n";
    const RULES: &str = "groups: [{ name: g, rules: [{ record: 'job:up:sum', expr: sum(up) }] }]\n";
    const SAMPLES: &str = "up{job=\"fast\"} 1\nup{job=\"slow\"} 1\n";

    /// Checks age, whether it may be more, how long what is gone is shown, and the intervals of the way, in seconds.
    fn check(files: &[(&str, &str)], node: &str, age: u64, more: bool, lingers: Option<u64>, steps: &[u64]) {
        let preview = preview(files);
        let at = preview.workspace.nodes.iter().position(|it| it.name == node).expect("the node");
        let fresh = &freshness(&preview)[at];
        let intervals: Vec<u64> = fresh.steps.iter().map(|step| step.interval_ms / 1000).collect();
        assert_eq!(
            (fresh.age_ms / 1000, fresh.is_at_least, fresh.lingers_ms.map(|it| it / 1000), &intervals[..]),
            (age, more, lingers, steps),
            "{files:?}"
        );
    }

    #[test]
    fn ages_add_up_along_the_way() {
        let leaf = [("leaf.yml", LEAF), ("leaf.prom", SAMPLES), ("rules.yml", RULES)];
        check(&leaf, "leaf", 150, false, None, &[120, 30]);
        let with = |selector: &str, more: &str| above("leaf", "1m", selector, more);
        let middle = |text: &str, age, lingers, steps: &[u64]| {
            let files = [&leaf[..], &[("middle.yml", text)]].concat();
            check(&files, "middle", age, false, Some(lingers), steps);
        };
        // Only what is selected counts.
        middle(&with("{job=\"fast\"}", ""), 70, 300, &[10, 60]);
        middle(&with("{job=\"slow\"}", ""), 180, 300, &[120, 60]);
        middle(&with("job:up:sum", ""), 210, 300, &[120, 30, 60]);
        middle(&with("{job=\"fast\"}", "  track_timestamps_staleness: true\n"), 70, 60, &[10, 60]);
        middle(&with("{job=\"fast\"}", "  honor_timestamps: false\n"), 70, 60, &[10, 60]);
        let (text, top) = (with("{job=\"fast\"}", ""), above("middle", "3m", "{job=\"fast\"}", ""));
        let files = [&leaf[..], &[("middle.yml", &text), ("top.yml", &top)]].concat();
        check(&files, "top", 250, false, Some(300), &[10, 60, 180]);
    }

    #[test]
    fn what_is_not_known_is_said() {
        let top = above("nobody", "1m", "up", "");
        check(&[("top.yml", &top)], "top", 60, true, Some(300), &[60]);
        let (one, two) = (above("two", "1m", "up", ""), above("one", "1m", "up", ""));
        let preview = preview(&[("one.yml", &one), ("two.yml", &two)]);
        assert!(freshness(&preview).iter().all(|fresh| fresh.is_at_least), "a cycle");
    }
}
