//! What the servers of a replica set have otherwise than one another.
//!
//! Configurations are compared setting by setting, by what they mean ([`prometheus::compare`]); rule files rule by
//! rule, whatever the files are called. The labels that tell replicas apart, secrets and paths on the servers' own
//! disks may differ.
//!
//! [`prometheus::compare`]: crate::prometheus::compare

use crate::prometheus::compare::{self, SettingDifference, Settings};
use crate::rules::{Rule, RuleGroup};
use crate::text::{FileId, Span};
use crate::units::Duration;

use super::replica_sets::is_address_of;
use super::{Node, ReplicaSet, Workspace};

/// How many differences of a set are told of.
const MAX_DIFFERENCES: usize = 1000;

/// The finding that a pattern of `rule_files` names no file here.
const NO_RULE_FILE: &str = "workspace/no-rule-file";

/// A thing that a replica has otherwise than the first of its set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it touches.
    pub topic: Topic,
    /// What it is a part of.
    pub subject: Subject,
    /// The keys that lead to it, from the subject: `scrape_interval`, `expr`. Empty where one of the servers has
    /// no such job, group or rule.
    pub field: String,
    /// What the first server of the set has, and what the other one has.
    pub sides: [Side; 2],
}

/// What a difference touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// What is scraped, and how it is asked.
    Jobs,
    /// How often, within which limits, and what relabelling makes of it.
    Sampling,
    /// What is recorded and alerted on.
    Rules,
    /// Who gets the alerts.
    Alertmanagers,
    /// All else.
    Server,
}

/// What a difference is a part of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The configuration outside of its jobs.
    Configuration,
    /// The job of that name.
    Job(String),
    /// The group of rules of that name.
    Group(String),
    /// A rule: the name of its group, and its own.
    Rule(String, String),
}

/// What one server has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The server, by its place in [`Workspace::nodes`].
    pub node: usize,
    /// The value that applies, defaults included; empty where it has none.
    pub text: String,
    /// The file in which it is written, or would be.
    pub file: FileId,
    /// Its place there.
    pub span: Span,
}

impl Subject {
    /// The subject in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Configuration => "the configuration".to_owned(),
            Self::Job(name) => format!("job `{name}`"),
            Self::Group(name) => format!("rule group `{name}`"),
            Self::Rule(group, name) => format!("rule `{name}` of group `{group}`"),
        }
    }
}

/// What the servers of `set` have otherwise than the first of them whose configuration is known: by server, then
/// settings and then rules in the order of the first one's files.
///
/// Servers whose configuration is broken are left out. Where a file of rules is missing or broken, no rules are
/// compared. A thousand differences are told of at most.
#[must_use]
pub fn differences(workspace: &Workspace, set: &ReplicaSet) -> Vec<Difference> {
    let known = |at: &&usize| workspace.nodes.get(**at).is_some_and(|node| !node.settings.is_empty());
    let mut nodes = set.nodes.iter().filter(known).copied();
    let Some(first) = nodes.next() else { return Vec::new() };
    let labels = set.labels(workspace);
    let mut found = Vec::new();
    for other in nodes {
        let mut pair = Compared { workspace, nodes: [first, other], found: &mut found };
        pair.versions();
        pair.settings(&labels);
        pair.rules();
    }
    found.truncate(MAX_DIFFERENCES);
    found
}

/// Two servers that are compared.
struct Compared<'w, 'f> {
    workspace: &'w Workspace,
    nodes: [usize; 2],
    found: &'f mut Vec<Difference>,
}

impl<'w> Compared<'w, '_> {
    fn node(&self, side: usize) -> &'w Node {
        &self.workspace.nodes[self.nodes[side]]
    }

    fn report(&mut self, topic: Topic, subject: Subject, field: &str, sides: [(String, FileId, Span); 2]) {
        let [one, other] = sides;
        let side = |at: usize, (text, file, span)| Side { node: self.nodes[at], text, file, span };
        let sides = [side(0, one), side(1, other)];
        self.found.push(Difference { topic, subject, field: field.to_owned(), sides });
    }

    fn versions(&mut self) {
        let nodes = [0, 1].map(|side| self.node(side));
        let patches = nodes.map(|node| node.patch);
        let is_patch = matches!(patches, [Some(one), Some(other)] if one != other);
        if nodes[0].version != nodes[1].version || is_patch {
            let sides = nodes.map(|node| (node.release(), node.config_file, Span::at(0)));
            self.report(Topic::Server, Subject::Configuration, "version", sides);
        }
        let nodes = [0, 1].map(|side| self.node(side));
        if nodes[0].program != nodes[1].program {
            let sides = nodes.map(|node| (node.program.name().to_owned(), node.config_file, Span::at(0)));
            self.report(Topic::Server, Subject::Configuration, "program", sides);
        }
    }

    fn settings(&mut self, labels: &[&str]) {
        let nodes = [0, 1].map(|side| self.node(side));
        let settings =
            nodes.map(|node| node.settings.iter().map(|(_, it)| &**it).collect::<Vec<&Settings>>());
        let places = self.nodes;
        let own = |side: usize, address: &str| is_address_of(self.workspace, address, places[side]);
        for difference in compare::differences(&settings[0], &settings[1], &own) {
            let SettingDifference { job, field, sides } = difference;
            let own_label = |name: &str| field.strip_prefix("global.external_labels.") == Some(name);
            if job.is_none() && labels.iter().any(|name| own_label(name)) {
                continue;
            }
            let topic = topic(job.is_some(), &field);
            let [one, other] = sides;
            let side = |at: usize, setting: compare::Setting| {
                let files = &nodes[at].settings;
                let file = files.get(setting.file).map_or(nodes[at].config_file, |(file, _)| *file);
                (setting.text, file, setting.span)
            };
            let sides = [side(0, one), side(1, other)];
            self.report(topic, job.map_or(Subject::Configuration, Subject::Job), &field, sides);
        }
    }

    fn rules(&mut self) {
        let nodes = [0, 1].map(|side| self.node(side));
        if nodes.iter().any(|node| !knows_its_rules(self.workspace, node)) {
            return;
        }
        let groups = nodes.map(groups);
        for (at, &(file, group)) in groups[0].iter().enumerate() {
            let name = &group.name.value;
            match twin(&groups[0], at, &groups[1]) {
                Some((other_file, other)) => self.group([(file, group), (other_file, other)]),
                None => {
                    let here = (name.clone(), file, group.name.span);
                    let there = absent(nodes[1]);
                    self.report(Topic::Rules, Subject::Group(name.clone()), "", [here, there]);
                }
            }
        }
        for (at, &(file, group)) in groups[1].iter().enumerate() {
            if twin(&groups[1], at, &groups[0]).is_none() {
                let name = &group.name.value;
                let here = (name.clone(), file, group.name.span);
                let there = absent(nodes[0]);
                self.report(Topic::Rules, Subject::Group(name.clone()), "", [there, here]);
            }
        }
    }

    fn group(&mut self, groups: [(FileId, &RuleGroup); 2]) {
        let subject = || Subject::Group(groups[0].1.name.value.clone());
        let nodes = [0, 1].map(|side| self.node(side));
        let inherited = nodes.map(|node| {
            let global = node.config.as_ref().map(|config| config.global.clone()).unwrap_or_default();
            let offset = global.rule_query_offset.as_ref().map_or(Duration::default(), |offset| offset.value);
            (global.effective(node.version).evaluation_interval, offset)
        });
        let set = |value: &Option<crate::yaml::Spanned<Duration>>| {
            value.as_ref().map(|value| (value.value, value.span)).filter(|(value, _)| !value.is_zero())
        };
        let intervals = groups.map(|(_, group)| set(&group.interval));
        let offsets = groups.map(|(_, group)| group.query_offset.as_ref().map(|it| (it.value, it.span)));
        let timings = [
            ("interval", intervals, inherited.map(|(interval, _)| interval)),
            ("query_offset", offsets, inherited.map(|(_, offset)| offset)),
        ];
        for (field, written, inherited) in timings {
            let values = [0, 1].map(|at| written[at].map_or(inherited[at], |(value, _)| value));
            // What both inherit is a difference of the configurations.
            if values[0] != values[1] && written.iter().any(Option::is_some) {
                let sides = [0, 1].map(|at| {
                    let span = written[at].map_or(groups[at].1.name.span, |(_, span)| span);
                    (values[at].to_string(), groups[at].0, span)
                });
                self.report(Topic::Rules, subject(), field, sides);
            }
        }
        let limits = groups.map(|(_, group)| group.limit.as_ref().map_or(0, |limit| limit.value));
        if limits[0] != limits[1] {
            let sides = [0, 1].map(|at| {
                let group = groups[at].1;
                let span = group.limit.as_ref().map_or(group.name.span, |limit| limit.span);
                (limits[at].to_string(), groups[at].0, span)
            });
            self.report(Topic::Rules, subject(), "limit", sides);
        }
        self.rules_of(groups);
    }

    /// The rules of two groups: those that say the same are put aside, then those of one name are compared.
    fn rules_of(&mut self, groups: [(FileId, &RuleGroup); 2]) {
        let read =
            groups.map(|(_, group)| group.rules.iter().map(|rule| Said::of(rule, group)).collect::<Vec<_>>());
        let mut left: Vec<&Said<'_>> = read[0].iter().collect();
        let mut right: Vec<&Said<'_>> = read[1].iter().collect();
        left.retain(|one| {
            let same = |other: &Said<'_>| one.name() == other.name() && one.texts() == other.texts();
            take(&mut right, same).is_none()
        });
        let files = groups.map(|(file, _)| file);
        let subject =
            |said: &Said<'_>| Subject::Rule(groups[0].1.name.value.clone(), said.name().1.to_owned());
        for one in left {
            match take(&mut right, |other| one.name() == other.name()) {
                Some(other) => {
                    for (mine, theirs) in one.fields.iter().zip(&other.fields) {
                        if mine.1 != theirs.1 {
                            let sides =
                                [(mine.1.clone(), files[0], mine.2), (theirs.1.clone(), files[1], theirs.2)];
                            self.report(Topic::Rules, subject(one), mine.0, sides);
                        }
                    }
                }
                None => {
                    let there = (String::new(), files[1], groups[1].1.name.span);
                    self.report(Topic::Rules, subject(one), "", [one.whole(files[0]), there]);
                }
            }
        }
        for other in right {
            let there = (String::new(), files[0], groups[0].1.name.span);
            self.report(Topic::Rules, subject(other), "", [there, other.whole(files[1])]);
        }
    }
}

/// Takes the first rule that `is_it` says.
fn take<'s, 'r>(rules: &mut Vec<&'s Said<'r>>, is_it: impl Fn(&Said<'r>) -> bool) -> Option<&'s Said<'r>> {
    let at = rules.iter().position(|rule| is_it(rule))?;
    Some(rules.remove(at))
}

/// What a rule says, field by field: the key, the value as text, and its place.
struct Said<'r> {
    rule: &'r Rule,
    span: Span,
    fields: [(&'static str, String, Span); 5],
}

impl<'r> Said<'r> {
    fn of(rule: &'r Rule, group: &'r RuleGroup) -> Self {
        let name =
            rule.alert.as_ref().or(rule.record.as_ref()).map_or(Span::at(rule.span.start), |name| name.span);
        let duration = |value: &Option<crate::yaml::Spanned<Duration>>| match value {
            Some(value) => (value.value.to_string(), value.span),
            None => (Duration::default().to_string(), name),
        };
        let pairs = |pairs: Vec<(&str, &str)>| {
            let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
            format!("{{{}}}", pairs.join(", "))
        };
        let first = |pairs: &[crate::rules::Pair]| pairs.first().map_or(name, |pair| pair.name.span);
        let (expr, at) = match &rule.expr {
            Some(written) => (written.expr.normalised(), written.text.span),
            None => (String::new(), name),
        };
        let (hold, keep) = (duration(&rule.hold), duration(&rule.keep_firing_for));
        let mut annotations: Vec<(&str, &str)> = rule
            .annotations
            .iter()
            .map(|pair| (pair.name.value.as_str(), pair.value.value.as_str()))
            .collect();
        crate::sort::sort_by(&mut annotations, Ord::cmp);
        let fields = [
            ("expr", expr, at),
            ("for", hold.0, hold.1),
            ("keep_firing_for", keep.0, keep.1),
            ("labels", pairs(rule.labels(group)), first(&rule.labels)),
            ("annotations", pairs(annotations), first(&rule.annotations)),
        ];
        Self { rule, span: name, fields }
    }

    fn name(&self) -> (bool, &'r str) {
        (self.rule.is_alert(), self.rule.name())
    }

    fn texts(&self) -> [&str; 5] {
        [0, 1, 2, 3, 4].map(|at| self.fields[at].1.as_str())
    }

    fn whole(&self, file: FileId) -> (String, FileId, Span) {
        (self.fields[0].1.clone(), file, self.span)
    }
}

/// Whether all files of a node's rules are here and say what they mean.
fn knows_its_rules(workspace: &Workspace, node: &Node) -> bool {
    let missing = workspace
        .findings
        .iter()
        .any(|finding| finding.file == node.config_file && finding.diagnostic.code.as_str() == NO_RULE_FILE);
    !missing && node.rules.iter().all(|rules| rules.is_valid)
}

fn groups(node: &Node) -> Vec<(FileId, &RuleGroup)> {
    let of_file = |rules: &'_ super::NodeRules| rules.file;
    node.rules
        .iter()
        .flat_map(|rules| rules.rules.value.groups.iter().map(move |it| (of_file(rules), it)))
        .collect()
}

/// The group of the other server that a group is compared with: as many of its name stand before it.
fn twin<'g>(
    groups: &[(FileId, &'g RuleGroup)],
    at: usize,
    others: &[(FileId, &'g RuleGroup)],
) -> Option<(FileId, &'g RuleGroup)> {
    let name = &groups.get(at)?.1.name.value;
    let before = groups.iter().take(at).filter(|(_, group)| group.name.value == *name).count();
    others.iter().filter(|(_, group)| group.name.value == *name).nth(before).copied()
}

/// Where a group would be that a server does not have.
fn absent(node: &Node) -> (String, FileId, Span) {
    let rules = node.config.as_ref().and_then(|config| config.rule_files.first());
    (String::new(), node.config_file, rules.map_or(Span::at(0), |pattern| pattern.span))
}

/// What a setting touches.
fn topic(in_job: bool, field: &str) -> Topic {
    let mut keys = field.split(['.', '[']);
    let first = keys.next().unwrap_or_default();
    let key = if in_job { first } else { keys.next().unwrap_or_default() };
    let sampling = ["scrape_interval", "scrape_timeout", "evaluation_interval", "rule_query_offset"];
    let is_sampling = sampling.contains(&key)
        || key.ends_with("_limit")
        || key.ends_with("relabel_configs")
        || key.starts_with("native_histogram");
    match first {
        _ if in_job && is_sampling => Topic::Sampling,
        _ if in_job => Topic::Jobs,
        "global" if is_sampling => Topic::Sampling,
        "alerting" if key == "alertmanagers" => Topic::Alertmanagers,
        _ => Topic::Server,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Files;
    use super::*;

    const MANIFEST: &str =
        "nodes:\n  a: { config: a.yml, replica_set: s }\n  b: { config: b.yml, replica_set: s }\n";

    /// Checks the differences of `a.yml` and `b.yml`.
    fn check(files: &[(&str, &str)], expect: &[(Topic, &str)]) {
        let mut all = Files::new(1);
        all.put_text("promtier.yaml", MANIFEST);
        for &(path, text) in files {
            all.put_text(path, text);
        }
        let workspace = all.assemble();
        let found = differences(&workspace, &workspace.replica_sets[0]);
        let got: Vec<(Topic, String)> = found
            .iter()
            .map(|it| {
                let [one, other] = &it.sides;
                (it.topic, format!("{} {}: {} | {}", it.subject.words(), it.field, one.text, other.text))
            })
            .collect();
        let expect: Vec<(Topic, String)> =
            expect.iter().map(|(topic, text)| (*topic, (*text).to_owned())).collect();
        assert_eq!(got, expect, "{files:?}");
        for side in found.iter().flat_map(|difference| &difference.sides) {
            let text = workspace.file(side.file).text.as_deref().expect("a text");
            assert!(text.get(side.span.range()).is_some(), "{side:?}");
        }
    }

    #[test]
    fn replica_labels_may_differ_and_nothing_else() {
        check(
            &[
                ("a.yml", "global: { external_labels: { dc: eu, replica: a } }\n"),
                ("b.yml", "global: { external_labels: { replica: b, dc: eu } }\n"),
            ],
            &[],
        );
        check(
            &[
                ("a.yml", "global: { external_labels: { dc: eu, replica: a }, scrape_interval: 15s }\n"),
                (
                    "b.yml",
                    "global: { external_labels: { replica: b, dc: us } }\nscrape_configs: [{ job_name: j }]\n",
                ),
            ],
            &[
                (Topic::Server, "the configuration global.external_labels.dc: eu | us"),
                (Topic::Sampling, "the configuration global.scrape_interval: 15s | 1m"),
                (Topic::Jobs, "job `j` :  | j"),
            ],
        );
    }

    #[test]
    fn versions_programs_and_retention_are_settings_too() {
        let nodes = |one: &str, other: &str, expect: &[(Topic, &str)]| {
            let manifest = format!(
                "nodes:\n  a: {{ config: a.yml, replica_set: s, {one} }}\n  b: {{ config: b.yml, replica_set: s, {other} }}\n"
            );
            let config = "scrape_configs: []\n";
            check(&[("promtier.yaml", &manifest), ("a.yml", config), ("b.yml", config)], expect);
        };
        let version = |text| (Topic::Server, text);
        nodes("prometheus: '3.5'", "prometheus: '2.42'", &[version("the configuration version: 3.5 | 2.42")]);
        nodes(
            "prometheus: '3.7.2'",
            "prometheus: '3.7.3'",
            &[version("the configuration version: 3.7.2 | 3.7.3")],
        );
        nodes("prometheus: '3.7'", "prometheus: '3.7.3'", &[]);
        nodes(
            "listen: [a:1]",
            "program: prometheus-agent",
            &[version("the configuration program: prometheus | prometheus-agent")],
        );
        let retention = |time: &str| format!("storage: {{ tsdb: {{ retention: {{ time: {time} }} }} }}\n");
        check(&[("a.yml", &retention("14d")), ("b.yml", &retention("2w"))], &[]);
        check(
            &[("a.yml", &retention("14d")), ("b.yml", &retention("15d"))],
            &[(Topic::Server, "the configuration storage.tsdb.retention.time: 2w | 15d")],
        );
    }

    #[test]
    fn each_scrapes_itself() {
        let own = |name: &str| {
            format!("scrape_configs: [{{ job_name: p, static_configs: [{{ targets: ['{name}:9090'] }}] }}]\n")
        };
        check(&[("a.yml", &own("a")), ("b.yml", &own("b"))], &[]);
        check(
            &[("a.yml", &own("a")), ("b.yml", &own("c"))],
            &[(Topic::Jobs, "job `p` static_configs: this server | c:9090")],
        );
    }

    #[test]
    fn topics_follow_the_keys() {
        assert_eq!(topic(true, "metric_relabel_configs[1].regex"), Topic::Sampling);
        assert_eq!(topic(true, "static_configs"), Topic::Jobs);
        assert_eq!(topic(true, "sample_limit"), Topic::Sampling);
        assert_eq!(topic(false, "alerting.alertmanagers[0].timeout"), Topic::Alertmanagers);
        assert_eq!(topic(false, "alerting.alert_relabel_configs"), Topic::Server);
        assert_eq!(topic(false, "remote_write[0].url"), Topic::Server);
    }

    #[test]
    fn rules_are_compared_by_meaning() {
        let config = |name: &str| format!("rule_files: [{name}]\n");
        let (a, b) = (config("ra.yml"), config("rb.yml"));
        let rules = |one: &str, other: &str, expect: &[(Topic, &str)]| {
            check(&[("a.yml", &a), ("b.yml", &b), ("ra.yml", one), ("rb.yml", other)], expect);
        };
        let group = |rules: &str| format!("groups: [{{ name: g, rules: [{rules}] }}]\n");
        rules(
            &group("{ record: r, expr: 'sum by (a, b) (up)' }, { alert: A, expr: up == 0, for: 1m }"),
            &group("{ alert: A, expr: '(up == 0)', for: 60s }, { record: r, expr: 'sum(up) by (b,a)' }"),
            &[],
        );
        rules(
            &group("{ alert: A, expr: up == 0, for: 1m, labels: { severity: page } }"),
            &group("{ alert: A, expr: up != 1, for: 2m }, { record: r, expr: up }"),
            &[
                (Topic::Rules, "rule `A` of group `g` expr: up == 0 | up != 1"),
                (Topic::Rules, "rule `A` of group `g` for: 1m | 2m"),
                (Topic::Rules, "rule `A` of group `g` labels: {severity=\"page\"} | {}"),
                (Topic::Rules, "rule `r` of group `g` :  | up"),
            ],
        );
        rules(
            "groups: [{ name: g, interval: 30s, rules: [] }, { name: h, rules: [] }]\n",
            "groups: [{ name: g, rules: [], limit: 5 }]\n",
            &[
                (Topic::Rules, "rule group `g` interval: 30s | 1m"),
                (Topic::Rules, "rule group `g` limit: 0 | 5"),
                (Topic::Rules, "rule group `h` : h | "),
            ],
        );
        // What is not here is not compared.
        check(&[("a.yml", &a), ("b.yml", &b), ("ra.yml", &group("{ record: r, expr: up }"))], &[]);
    }
}
