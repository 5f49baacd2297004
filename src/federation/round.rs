//! Whether what a server sends comes back to it: servers that pull from one another, and selectors that let its
//! series pass all the way.
//!
//! Series are followed by what is surely known of them: labels that servers and targets set on the way, and what
//! all selectors on it ask at once of the labels that nobody sets. What rules of relabelling do to labels that are
//! not known is taken to be anything.

use crate::labels::MatchOp;
use crate::relabel::{NameOutcome, Outcome, Rule, Writes};
use crate::series::CompiledMatcher;
use crate::sort;
use crate::workspace::Workspace;

use super::topology::{Peer, Pull, Topology};

/// How many steps are made on the ways over one pull, and how many choices of selectors are tried on them.
const BUDGET: usize = 20_000;
/// How many over all pulls.
const TOTAL_BUDGET: usize = 200_000;
/// How many pulls a way may have that is looked at.
const MAX_LENGTH: usize = 64;

/// A way on which series of a server come back to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// The server.
    pub origin: usize,
    /// The pulls on the way, by their place in the topology; the last one brings the series back.
    pub pulls: Vec<usize>,
}

/// The pulls that close cycles on which series come back to where they were, each with the shortest such way that
/// it is part of. Those of which that cannot be told with bounded work are left out.
///
/// Series are taken not to have labels of their own under the names of external labels on the way.
#[must_use]
pub fn rounds(workspace: &Workspace, topology: &Topology) -> Vec<(usize, Round)> {
    if topology.cut.is_empty() {
        return Vec::new();
    }
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); workspace.nodes.len()];
    for (at, pull) in topology.pulls.iter().enumerate() {
        if let (Peer::Federate(_), None, Some(pulls)) = (pull.peer, &pull.refused, below.get_mut(pull.node)) {
            pulls.push(at);
        }
    }
    let mut total = TOTAL_BUDGET;
    let mut found = Vec::new();
    for &closing in &topology.cut {
        let mut left = BUDGET.min(total);
        total -= left;
        found.extend(round(workspace, topology, &below, closing, &mut left).map(|round| (closing, round)));
        total += left;
    }
    found
}

/// A way over the pull `closing`. `below` holds the pulls of each node.
fn round(
    workspace: &Workspace,
    topology: &Topology,
    below: &[Vec<usize>],
    closing: usize,
    left: &mut usize,
) -> Option<Round> {
    let first = topology.pulls.get(closing)?;
    let Peer::Federate(source) = first.peer else { return None };
    let closes = |way: &[usize], left: &mut usize| {
        let flow: Vec<usize> = way.iter().rev().copied().collect();
        passes(workspace, topology, &flow, left)
    };
    if source == first.node {
        return closes(&[closing], left);
    }
    // From the asked server downwards, until the one that asks: the pulls of the way, the highest first.
    let mut ways: Vec<(usize, Vec<usize>)> = vec![(source, vec![closing])];
    let mut done = 0;
    while let Some((node, way)) = ways.get_mut(done) {
        let (node, way) = (*node, std::mem::take(way));
        done += 1;
        for &next in below.get(node).into_iter().flatten() {
            let Some(Pull { peer: Peer::Federate(lower), .. }) = topology.pulls.get(next) else { continue };
            let seen = way.iter().any(|&at| topology.pulls.get(at).is_some_and(|pull| pull.node == *lower));
            if (seen && *lower != first.node) || way.len() >= MAX_LENGTH {
                continue;
            }
            *left = left.checked_sub(1)?;
            let mut way = way.clone();
            way.push(next);
            if *lower != first.node {
                ways.push((*lower, way));
            } else if let Some(round) = closes(&way, left) {
                return Some(round);
            }
        }
    }
    None
}

/// What is known of a label's value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Held {
    /// This; `""` where the label is absent.
    Value(String),
    /// What the series had from the beginning.
    Own,
    /// Nothing.
    Any,
}

/// Labels by name.
#[derive(Clone, Debug, Default)]
struct Labels(Vec<(String, Held)>);

impl Labels {
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    fn get(&self, name: &str) -> Option<&Held> {
        self.place(name).ok().and_then(|at| self.0.get(at)).map(|(_, held)| held)
    }

    fn insert(&mut self, name: &str, held: Held) {
        match self.place(name) {
            Ok(at) => self.0[at].1 = held,
            Err(at) => self.0.insert(at, (name.to_owned(), held)),
        }
    }
}

/// One pull of a way, and what it does.
struct Hop<'t> {
    at: usize,
    source: usize,
    pull: &'t Pull,
    external: Vec<(&'t str, &'t str)>,
    rules: Vec<Rule>,
}

fn passes(workspace: &Workspace, topology: &Topology, flow: &[usize], left: &mut usize) -> Option<Round> {
    let mut hops = Vec::with_capacity(flow.len());
    for &at in flow {
        let pull = topology.pulls.get(at)?;
        let Peer::Federate(source) = pull.peer else { return None };
        // A server refuses a request of which it cannot read one selector.
        if pull.selectors.iter().any(|selector| selector.parsed.is_err()) {
            return None;
        }
        let config = workspace.nodes.get(source)?.config.as_ref();
        let external = config.iter().flat_map(|config| &config.global.external_labels);
        let external = external.map(|label| (label.name.value.as_str(), label.expanded.as_str()));
        let (version, names) = (pull.settings.version, pull.settings.name_validation);
        let rules = pull.settings.metric_relabel_configs.iter();
        hops.push(Hop {
            at,
            source,
            pull,
            external: external.filter(|(_, value)| !value.is_empty()).collect(),
            rules: rules.filter_map(|rule| Rule::new(rule, version, names).ok()).collect(),
        });
    }
    for start in 0..hops.len() {
        // Recorded series may lack `job` and `instance`, scraped ones have both.
        for (job, instance) in [(true, true), (true, false), (false, true), (false, false)] {
            let own = |has: bool| if has { Held::Own } else { Held::Value(String::new()) };
            let mut labels = known_names(&hops);
            labels.insert("job", own(job));
            labels.insert("instance", own(instance));
            let order: Vec<&Hop<'_>> = hops.iter().cycle().skip(start).take(hops.len()).collect();
            let mut asked = Vec::with_capacity(order.len());
            let survives = order.iter().all(|hop| {
                asked.push((hop.pull, labels.clone()));
                carry(hop, &mut labels)
            });
            if survives && choose(&asked, &mut Vec::new(), left) {
                let pulls = order.iter().map(|hop| hop.at).collect();
                return Some(Round { origin: order.first()?.source, pulls });
            }
        }
    }
    None
}

/// The labels that selectors of a way ask for, which series have themselves, and those that somebody sets on it,
/// which they do not.
fn known_names(hops: &[Hop<'_>]) -> Labels {
    let selectors = hops.iter().flat_map(|hop| &hop.pull.selectors);
    let matchers = selectors.filter_map(|selector| selector.parsed.as_ref().ok()).flatten();
    let mut names: Vec<String> = matchers.map(|matcher| matcher.matcher().name.to_string()).collect();
    sort::sort_and_dedup(&mut names);
    let mut labels = Labels(names.into_iter().map(|name| (name, Held::Own)).collect());
    for hop in hops {
        let targets = hop.pull.labels.iter();
        for (name, _) in hop.external.iter().copied().chain(targets) {
            labels.insert(name, Held::Value(String::new()));
        }
    }
    labels
}

/// What becomes of the labels between the store of the source and that of whoever pulls. Says whether a series
/// may survive.
fn carry(hop: &Hop<'_>, labels: &mut Labels) -> bool {
    let absent = Held::Value(String::new());
    for &(name, value) in &hop.external {
        if labels.get(name) == Some(&absent) {
            labels.insert(name, Held::Value(value.to_owned()));
        }
    }
    for (name, value) in hop.pull.labels.iter() {
        let held = labels.get(name);
        if !hop.pull.settings.honor_labels {
            labels.insert(&["exported_", name].concat(), Held::Any);
            labels.insert(name, Held::Value(value.to_owned()));
        } else if held == Some(&absent) && name != "instance" {
            // `/federate` prints an empty `instance` where there is none, and what is printed wins.
            labels.insert(name, Held::Value(value.to_owned()));
        }
    }
    hop.rules.iter().all(|rule| relabel(rule, labels))
}

/// Says whether a series may survive the rule.
fn relabel(rule: &Rule, labels: &mut Labels) -> bool {
    let known: Option<Vec<&str>> = rule
        .reads()
        .iter()
        .map(|name| match labels.get(name) {
            Some(Held::Value(value)) => Some(value.as_str()),
            _ => None,
        })
        .collect();
    let lose_all = |labels: &mut Labels| {
        for (_, held) in &mut labels.0 {
            *held = Held::Any;
        }
    };
    match (rule.writes(), known) {
        (Writes::Names, _) => {
            for (name, held) in labels.clone().0 {
                match rule.on_name(&name) {
                    NameOutcome::Unchanged => {}
                    NameOutcome::Remove => {
                        labels.insert(&name, Held::Value(String::new()));
                    }
                    NameOutcome::Copy(to) => {
                        labels.insert(&to, held);
                    }
                }
            }
        }
        (_, Some(values)) => match rule.on_values(&values) {
            Outcome::Unchanged => {}
            Outcome::Drop => return false,
            Outcome::Set { label, value } => {
                let label = label.into_owned();
                labels.insert(&label, Held::Value(value));
            }
            Outcome::Delete { label } => {
                let label = label.into_owned();
                labels.insert(&label, Held::Value(String::new()));
            }
        },
        (Writes::Nothing, None) => {}
        (Writes::Label(name), None) => {
            let name = name.to_owned();
            labels.insert(&name, Held::Any);
        }
        (Writes::Computed(_), None) => lose_all(labels),
    }
    true
}

/// Whether each pull has a selector that one and the same series may match.
fn choose<'t>(
    asked: &[(&'t Pull, Labels)],
    constraints: &mut Vec<&'t CompiledMatcher>,
    left: &mut usize,
) -> bool {
    let Some(((pull, labels), rest)) = asked.split_first() else { return true };
    for selector in &pull.selectors {
        let Some(next) = left.checked_sub(1) else { return false };
        *left = next;
        let Ok(matchers) = &selector.parsed else { continue };
        let before = constraints.len();
        let mut fits = !matchers.is_empty();
        for matcher in matchers {
            let name = matcher.matcher().name.to_string();
            fits = fits
                && match labels.get(&name) {
                    Some(Held::Value(value)) => matcher.matches(value),
                    Some(Held::Any) => true,
                    Some(Held::Own) | None => {
                        constraints.push(matcher);
                        can_agree(constraints, matcher)
                    }
                };
        }
        if fits && choose(rest, constraints, left) {
            return true;
        }
        constraints.truncate(before);
    }
    false
}

/// Whether some value may satisfy all of the matchers on the label of `last`. What cannot be told may.
fn can_agree(matchers: &[&CompiledMatcher], last: &CompiledMatcher) -> bool {
    let same = || matchers.iter().filter(|other| other.matcher().name == last.matcher().name);
    let exact = same().find(|other| other.matcher().op == MatchOp::Equal);
    if let Some(exact) = exact {
        let value = exact.matcher().value.to_string();
        return same().all(|other| other.matches(&value));
    }
    let starts: Vec<&[u8]> = same()
        .filter(|other| other.matcher().op == MatchOp::Regex && !other.matches_empty())
        .map(|other| literal_start(&other.matcher().value))
        .collect();
    starts.iter().all(|one| starts.iter().all(|other| one.starts_with(other) || other.starts_with(one)))
}

/// What every value that the regular expression matches begins with, as far as that is easily seen.
fn literal_start(regex: &[u8]) -> &[u8] {
    if regex.contains(&b'|') {
        return &[];
    }
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_:-/ ".contains(byte);
    let len = regex.iter().take_while(|byte| plain(byte)).count();
    // What follows may allow that the last character is not there.
    let repeated = regex.get(len).is_some_and(|byte| b"*?{".contains(byte));
    regex.get(..len.saturating_sub(usize::from(repeated))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Files;

    const GLOBAL: &str = "global: { external_labels: { tier: global } }\nscrape_configs:\n- job_name: up\n  honor_labels: true\n  metrics_path: /federate\n";
    const LEAF: &str = "global: { external_labels: { tier: leaf } }\nscrape_configs:\n- job_name: down\n  honor_labels: true\n  metrics_path: /federate\n";

    /// Two servers that pull from one another with these selectors, and these rules on the first.
    fn check(selects: &str, selects_back: &str, rules: &str, expect: Option<&str>) {
        let ask = |selector: &str, target: &str| {
            format!(
                "  params: {{ 'match[]': ['{selector}'] }}\n  static_configs: [{{ targets: ['{target}:1'] }}]\n"
            )
        };
        let mut files = Files::new(1);
        files.put_text("global.yml", format!("{GLOBAL}{}{rules}", ask(selects, "leaf")).as_str());
        files.put_text("leaf.yml", format!("{LEAF}{}", ask(selects_back, "global")).as_str());
        let workspace = files.assemble();
        assert_eq!(workspace.findings, [], "{selects}");
        let topology = Topology::new(&workspace);
        let rounds = rounds(&workspace, &topology);
        let origin = rounds.first().map(|(_, round)| workspace.nodes[round.origin].name.as_str());
        assert_eq!(origin, expect, "{selects} and back {selects_back} {rules}");
    }

    #[test]
    fn series_come_round_where_selectors_let_them() {
        check("{job=\"a\"}", "{job=\"a\"}", "", Some("leaf"));
        check("{job=\"a\"}", "{job=\"b\"}", "", None);
        check("{job=\"a\"}", "{job=~\"a|b\"}", "", Some("leaf"));
        check("{__name__=~\"job:.*\"}", "{__name__=~\"fleet:.*\"}", "", None);
        check("{__name__=~\"job:.*\"}", "{__name__=~\"job:up.*\"}", "", Some("leaf"));
        check("{__name__=~\"job:.*\"}", "{__name__=~\"fleet:.*|job:x\"}", "", Some("leaf"));
    }

    #[test]
    fn each_server_must_keep_out_what_it_sent() {
        check("{tier!=\"global\"}", "{job=\"a\"}", "", Some("leaf"));
        check("{tier!=\"global\"}", "{tier!=\"leaf\",job=\"a\"}", "", None);
        check("{tier=\"\",job=\"a\"}", "{tier=\"\",job=\"a\"}", "", None);
        let drops = "  metric_relabel_configs: [{ source_labels: [tier], regex: global, action: drop }]\n";
        check("{job=\"a\"}", "{job=\"a\",tier!=\"leaf\"}", drops, None);
        check("{job=\"a\"}", "{job=\"a\"}", drops, Some("leaf"));
        let renames = "  metric_relabel_configs: [{ regex: tier, action: labeldrop }]\n";
        check("{tier!=\"global\"}", "{tier!=\"leaf\",job=\"a\"}", renames, Some("leaf"));
    }

    #[test]
    fn ways_may_be_of_any_length() {
        let check = |names: &[&str], expect: Option<usize>| {
            let mut files = Files::new(1);
            for (at, name) in names.iter().enumerate() {
                let next = names[(at + 1) % names.len()];
                files.put_text(
                    &format!("{name}.yml"),
                    format!("{GLOBAL}  params: {{ 'match[]': ['up'] }}\n  static_configs: [{{ targets: ['{next}:1'] }}]\n").as_str(),
                );
            }
            let workspace = files.assemble();
            let topology = Topology::new(&workspace);
            let lengths: Vec<usize> =
                rounds(&workspace, &topology).iter().map(|(_, round)| round.pulls.len()).collect();
            assert_eq!(lengths, Vec::from_iter(expect), "{names:?}");
        };
        check(&["a"], Some(1));
        check(&["a", "b", "c"], Some(3));
        let many: Vec<String> = (0..=MAX_LENGTH).map(|number| format!("n{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        check(&many[..MAX_LENGTH], Some(MAX_LENGTH));
        check(&many, None);
    }
}
