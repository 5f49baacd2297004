//! The rules of two replicas, compared group by group and rule by rule.

use crate::rules::{Rule, RuleGroup};
use crate::text::{FileId, Span};
use crate::units::Duration;
use crate::workspace::{Node, NodeRules, Workspace};

use super::{Compared, Subject, Topic};

/// The finding that a pattern of `rule_files` names no file here.
const NO_RULE_FILE: &str = "workspace/no-rule-file";

impl Compared<'_, '_> {
    pub(super) fn rules(&mut self) {
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
    let of_file = |rules: &'_ NodeRules| rules.file;
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
