//! What a server's recording rules add to its series, and what it may hold besides those that are listed.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnostic::Parsed;
use crate::labels::name::{is_legacy_label_name, is_legacy_metric_name};
use crate::labels::{LabelSet, METRIC_NAME, MatchOp, Matcher};
use crate::relabel::{self, Action, NameOutcome, Outcome, Program, Writes};
use crate::rules::derive::{DerivedRule, Pattern, Reason, Server, derive_rules};
use crate::rules::{Rule, RuleFile, RuleGroup};
use crate::series::{CompiledMatcher, SeriesStore, StoreBuilder, StoreFull, sample};
use crate::sort;
use crate::version::Version;
use crate::workspace::Node;

use super::Escaping;
use super::node_store::{Bringer, Brought};
use super::scrape::{EXPORTED, ScrapeSettings};
use super::topology::Pull;

/// More patterns than these are taken for fewer, coarser ones.
const MOST_PATTERNS: usize = 256;

/// What the rules of a server make, and what is known of series that are not listed.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// One for each of the server's rules, in the order of [`Node::all_rules`].
    pub rules: Vec<RuleOutcome>,
    /// Series that the server may hold and that are not in its store: what comes from targets of which nothing
    /// is known, alerts, and what rules make that are not followed wholly.
    pub unlisted: Vec<Pattern>,
    /// How often, in milliseconds, its series have a sample.
    pub(super) interval_ms: u64,
    /// Those that have one less often, and their intervals.
    pub(super) slow: Vec<(Pattern, u64)>,
    store: SeriesStore,
    bases: Vec<(u32, Bringer)>,
}

/// What one rule makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleOutcome {
    /// Whether the samples of the server hold what it makes, so that it is not derived.
    pub is_given: bool,
    /// How many series it surely makes.
    pub certain: u32,
    /// How many more it may make, depending on values.
    pub possible: u32,
    /// Whether it may make others besides.
    pub is_open: bool,
    /// What cannot be followed; places are those of the expression's text.
    pub unknown: Vec<Reason>,
    /// Why it surely fails, each time.
    pub failure: Option<Reason>,
}

impl Recorded {
    /// The series, with what brings them.
    pub(super) fn brought(&self) -> Brought<'_> {
        Brought { store: &self.store, bases: self.bases.clone() }
    }

    /// Whether there are no series.
    pub(super) fn is_empty(&self) -> bool {
        self.store.is_empty()
    }
}

/// What the rules of a server read.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) node: &'a Node,
    /// All that it stores besides.
    pub(super) store: &'a SeriesStore,
    /// The part of it that its samples brought.
    pub(super) samples: Vec<&'a SeriesStore>,
    /// What is known of what it holds besides.
    pub(super) beyond: Beyond,
}

/// What is known of series without listing them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Beyond {
    unlisted: BTreeSet<Pattern>,
    interval_ms: u64,
    slow: BTreeSet<(Pattern, u64)>,
}

/// What was made before, and of what.
#[derive(Debug, Default)]
pub(super) struct RecordedMemo {
    store: SeriesStore,
    rules: Vec<Arc<Parsed<RuleFile>>>,
    version: Version,
    beyond: Beyond,
    made: Arc<Recorded>,
}

impl RecordedMemo {
    /// What the rules make of what they read, and whether that is computed anew.
    pub(super) fn record(
        &mut self,
        reading: &Reading<'_>,
        seed: u64,
    ) -> Result<(Arc<Recorded>, bool), StoreFull> {
        let node = reading.node;
        let same = self.version == node.version
            && self.beyond == reading.beyond
            && self.rules.len() == node.rules.len()
            && self.rules.iter().zip(&node.rules).all(|(old, new)| Arc::ptr_eq(old, &new.rules))
            && (node.rules.is_empty() || self.store.is_same(reading.store));
        if same {
            return Ok((Arc::clone(&self.made), false));
        }
        let made = Arc::new(reading.record(seed)?);
        let changed = !(self.made.is_empty() && made.is_empty());
        *self = Self {
            // Without rules, the store need not be kept for them.
            store: if node.rules.is_empty() { SeriesStore::default() } else { reading.store.clone() },
            rules: node.rules.iter().map(|file| Arc::clone(&file.rules)).collect(),
            version: node.version,
            beyond: reading.beyond.clone(),
            made: Arc::clone(&made),
        };
        Ok((made, changed))
    }
}

impl Reading<'_> {
    fn record(&self, seed: u64) -> Result<Recorded, StoreFull> {
        let unlisted: Vec<Pattern> = self.beyond.unlisted.iter().cloned().collect();
        let slow: Vec<(Pattern, u64)> = self.beyond.slow.iter().cloned().collect();
        let version = self.node.version;
        let all: Vec<(&RuleGroup, &Rule)> =
            self.node.all_rules().map(|(_, group, rule)| (group, rule)).collect();
        let given: Vec<bool> = all.iter().map(|(group, rule)| self.is_given(group, rule)).collect();
        let derived: Vec<(&RuleGroup, &Rule)> =
            all.iter().zip(&given).filter(|(_, given)| !**given).map(|(rule, _)| *rule).collect();
        let server = Server {
            store: self.store,
            unlisted: &unlisted,
            version,
            interval_ms: self.beyond.interval_ms,
            slow: &slow,
        };
        let made = derive_rules(&derived, server);
        let mut builder = StoreBuilder::new(seed);
        let (mut rules, mut bases) = (Vec::with_capacity(all.len()), Vec::new());
        let mut also = BTreeSet::new();
        let mut made = made.into_iter();
        for (at, is_given) in given.into_iter().enumerate() {
            let rule = if is_given { None } else { made.next() };
            let Some(DerivedRule { makes, derived }) = rule else {
                rules.push(RuleOutcome { is_given, ..RuleOutcome::default() });
                continue;
            };
            if !derived.series.is_empty() {
                bases.push((builder.next_position(), Bringer::Rule(at)));
            }
            for one in &derived.series {
                let value = if one.certain { sample::unknown() } else { sample::possible() };
                builder.push(one.labels.iter(), value, None)?;
            }
            if derived.open {
                also.extend(makes);
            }
            let certain = derived.series.iter().filter(|one| one.certain).count() as u32;
            rules.push(RuleOutcome {
                is_given,
                certain,
                possible: derived.series.len() as u32 - certain,
                is_open: derived.open,
                unknown: derived.unknown,
                failure: derived.failure,
            });
        }
        let unlisted = coarse(sort::ordered_set(unlisted.into_iter().chain(also)), |pattern| pattern);
        let interval_ms = self.beyond.interval_ms;
        Ok(Recorded { rules, unlisted, interval_ms, slow, store: builder.finish(), bases })
    }

    /// Whether the samples hold series of a recording rule: then they say what it makes.
    fn is_given(&self, group: &RuleGroup, rule: &Rule) -> bool {
        if rule.is_alert() || self.samples.is_empty() {
            return false;
        }
        let named = |store: &&&SeriesStore| {
            let mut labels = store.label_names();
            labels
                .any(|(label, values)| label == METRIC_NAME && values.find(rule.name().as_bytes()).is_some())
        };
        let stores: Vec<&&SeriesStore> = self.samples.iter().filter(named).collect();
        if stores.is_empty() {
            return false;
        }
        let mut labels: LabelSet = rule.labels(group).into_iter().collect();
        labels.insert(METRIC_NAME, rule.name());
        let matchers: Option<Vec<CompiledMatcher>> = labels
            .iter()
            .map(|(name, value)| {
                let matcher = Matcher { name: name.into(), op: MatchOp::Equal, value: value.into() };
                CompiledMatcher::new(&matcher, self.node.version).ok()
            })
            .collect();
        let Some(matchers) = matchers else { return false };
        stores.iter().any(|store| store.select(&matchers).is_ok_and(|rows| !rows.is_empty()))
    }
}

impl Beyond {
    /// Of a server whose rules are evaluated, and whose targets are scraped, so often by default.
    pub(super) fn new(node: &Node) -> Self {
        let global = node.config.as_ref().map(|config| config.global.effective(node.version));
        let Some(global) = global else { return Self::default() };
        let mut interval_ms = global.scrape_interval.as_millis();
        let evaluated = global.evaluation_interval.as_millis();
        for (_, group, _) in node.all_rules() {
            interval_ms =
                interval_ms.max(group.interval.as_ref().map_or(evaluated, |it| it.value.as_millis()));
        }
        Self { interval_ms, ..Self::default() }
    }

    /// Anything may be there.
    pub(super) fn anything(&mut self) {
        self.unlisted.insert(Pattern::default());
    }

    /// Nothing is known of what a pull brings but the labels that the target gives.
    pub(super) fn unknown(&mut self, pull: &Pull) {
        if self.unlisted.len() > MOST_PATTERNS {
            return self.anything();
        }
        let is_rewritten = !pull.settings.metric_relabel_configs.is_empty();
        let pattern = Pattern::default();
        self.unlisted.insert(if is_rewritten { pattern } else { attached(pull, &pattern) });
    }

    /// What a pull brings comes as often as it is asked for.
    pub(super) fn pulled(&mut self, pull: &Pull) {
        if pull.interval_ms > self.interval_ms {
            let is_rewritten = !pull.settings.metric_relabel_configs.is_empty();
            let mut pattern =
                if is_rewritten { Pattern::default() } else { attached(pull, &Pattern::default()) };
            // One for each job is enough.
            pattern.labels.retain(|name, _| name == "job");
            self.slow.insert((pattern, pull.interval_ms));
        }
    }

    /// What a pull of another server brings of what is not listed there, and of what is slower.
    pub(super) fn federated(&mut self, pull: &Pull, source: &Recorded, rewriting: &mut Rewriting) {
        for (pattern, interval) in source.slow.iter().filter(|(pattern, _)| is_asked_for(pull, pattern)) {
            if *interval > self.interval_ms
                && let Some(pattern) = rewriting.carried(pull, pattern)
            {
                self.slow.insert((pattern, *interval));
            }
        }
        if source.interval_ms > self.interval_ms
            && let Some(pattern) = rewriting.carried(pull, &Pattern::default())
        {
            self.slow.insert((pattern, source.interval_ms));
        }
        for pattern in source.unlisted.iter().filter(|pattern| is_asked_for(pull, pattern)) {
            self.unlisted.extend(rewriting.carried(pull, pattern));
        }
    }

    /// What is left when there are not too many patterns.
    pub(super) fn settled(mut self) -> Self {
        if self.unlisted.contains(&Pattern::default()) {
            self.unlisted.retain(|pattern| *pattern == Pattern::default());
        }
        self.unlisted = sort::ordered_set(coarse(self.unlisted, |pattern| pattern));
        self.slow = sort::ordered_set(coarse(self.slow, |(pattern, _)| pattern));
        self
    }
}

/// Whether a request for what a pull asks for may be answered with such series.
pub(super) fn is_asked_for(pull: &Pull, pattern: &Pattern) -> bool {
    let selects = |matchers: &Vec<CompiledMatcher>| pattern.may_match(matchers);
    pull.selectors.iter().any(|selector| selector.parsed.as_ref().is_ok_and(selects))
}

/// The rules of the job that was looked at last: the targets of a job follow one another.
#[derive(Debug, Default)]
pub(super) struct Rewriting {
    of: Option<(Arc<ScrapeSettings>, Option<Program>)>,
}

impl Rewriting {
    /// What is known of series once a pull has brought them; `None` where it drops them.
    fn carried(&mut self, pull: &Pull, pattern: &Pattern) -> Option<Pattern> {
        let settings = &pull.settings;
        if !self.of.as_ref().is_some_and(|(of, _)| Arc::ptr_eq(of, settings)) {
            let configs = &settings.metric_relabel_configs;
            let rules = Program::compile(configs, settings.version, settings.name_validation).ok();
            self.of = Some((Arc::clone(settings), rules));
        }
        let Some((_, Some(rules))) = &self.of else { return Some(Pattern::default()) };
        let mut labels = attached(pull, pattern).labels;
        for rule in rules.rules() {
            labels = relabelled(rule, labels)?;
        }
        Some(Pattern { labels })
    }
}

/// What is known of labels after a rule, of which all that are not there may have any value.
fn relabelled(rule: &relabel::Rule, mut labels: LabelSet) -> Option<LabelSet> {
    let known: Option<Vec<&str>> = rule.reads().iter().map(|name| labels.get(name)).collect();
    match (rule.writes(), known) {
        (Writes::Names, _) if rule.action() == Action::LabelMap => return Some(LabelSet::new()),
        (Writes::Names, _) => {
            let is_removed = |name: &str| rule.on_name(name) == NameOutcome::Remove;
            return Some(
                labels
                    .iter()
                    .map(|(name, value)| (name, if is_removed(name) { "" } else { value }))
                    .collect(),
            );
        }
        (_, Some(values)) => match rule.on_values(&values) {
            Outcome::Unchanged => {}
            Outcome::Drop => return None,
            Outcome::Set { label, value } => {
                let label = label.into_owned();
                labels.insert(label, value);
            }
            Outcome::Delete { label } => {
                let label = label.into_owned();
                labels.insert(label, "");
            }
        },
        (Writes::Nothing, None) => {}
        (Writes::Label(name), None) => {
            labels.remove(name);
        }
        (Writes::Computed(_), None) => return Some(LabelSet::new()),
    }
    Some(labels)
}

/// What is known of series once a target's labels are attached to what a server answers.
fn attached(pull: &Pull, pattern: &Pattern) -> Pattern {
    let settings = &pull.settings;
    let mut labels = pattern.labels.clone();
    // A label that is not there may come from the external labels; others may be spelled otherwise or move aside.
    labels.retain(|name, value| {
        !value.is_empty()
            && !name.starts_with(EXPORTED)
            && (pull.escaping == Escaping::AllowUtf8
                || (is_legacy_label_name(name.as_bytes())
                    && (name != METRIC_NAME || is_legacy_metric_name(value.as_bytes()))))
    });
    if !settings.honor_labels {
        for (name, value) in pull.labels.iter() {
            labels.insert(name, value);
        }
    }
    Pattern { labels }
}

/// Patterns, or where they are too many, what they have in common.
fn coarse<T: Ord + Clone>(mut patterns: BTreeSet<T>, of: impl Fn(&mut T) -> &mut Pattern) -> Vec<T> {
    for keep in [METRIC_NAME, ""] {
        if patterns.len() <= MOST_PATTERNS {
            break;
        }
        patterns = sort::ordered_set(patterns.into_iter().map(|mut one| {
            of(&mut one).labels.retain(|name, _| name == keep);
            one
        }));
    }
    patterns.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::federation::{Memo, Preview, findings};
    use crate::workspace::Files;

    const GLOBAL: &str = "scrape_configs:
- job_name: federate
  metrics_path: /federate
  honor_labels: true
  params: { 'match[]': ['{__name__=~\"job:.*\"}'] }
  static_configs: [{ targets: ['leaf:9090'] }]
";

    fn files(rules: &str) -> Files {
        let mut files = Files::new(7);
        files.put_text("leaf.yml", "global: { external_labels: { region: eu } }\nrule_files: [rules.yml]\n");
        files.put_text(
            "leaf.prom",
            "m{job=\"a\",x=\"1\"} 1\nm{job=\"a\",x=\"2\"} 1\njob:old:sum{job=\"a\"} 2\n",
        );
        files.put_text("global.yml", GLOBAL);
        let rules: Vec<String> = rules.lines().map(|rule| format!("  - {rule}")).collect();
        files.put_text("rules.yml", format!("groups:\n- name: g\n  rules:\n{}\n", rules.join("\n")));
        files
    }

    fn preview(files: &mut Files, memo: &mut Memo) -> Preview {
        Preview::compute(Arc::new(files.assemble()), None, memo).expect("a small preview")
    }

    /// The recorded series of a node, those that are only possible with `?`.
    fn recorded(preview: &Preview, node: usize) -> Vec<String> {
        let store = preview.nodes[node].store();
        let rows = store.sorted_rows().iter().filter(|&&row| store.metric_name(row).starts_with("job:"));
        let mark = |row| if sample::is_possible(store.value(row)) { "?" } else { "" };
        rows.map(|&row| format!("{}{}", store.label_set(row), mark(row))).collect()
    }

    #[test]
    fn rules_add_series_that_upper_tiers_pull() {
        let mut memo = Memo::new(7);
        let mut files = files(
            "{ record: 'job:m:sum', expr: sum by (job) (m) }\n\
             { record: 'job:m:high', expr: 'job:m:sum > 5', labels: { tier: top } }",
        );
        let first = preview(&mut files, &mut memo);
        let (leaf, global) = (1, 0);
        let sum = r#"job:m:sum{job="a"}"#;
        let high = r#"job:m:high{job="a", tier="top"}?"#;
        assert_eq!(recorded(&first, leaf), [high, sum, r#"job:old:sum{job="a"}"#]);
        assert_eq!((first.nodes[leaf].recorded(), first.nodes[leaf].possible()), (2, 1));
        let pulled: Vec<String> = recorded(&first, global);
        let expect = [
            r#"job:m:high{instance="leaf:9090", job="a", region="eu", tier="top"}?"#,
            r#"job:m:sum{instance="leaf:9090", job="a", region="eu"}"#,
            r#"job:old:sum{instance="leaf:9090", job="a", region="eu"}"#,
        ];
        // An empty `instance` is there, so that the target's is not attached.
        assert_eq!(pulled, expect.map(|text| text.replace(r#"instance="leaf:9090", "#, "")));
        // How many samples there are depends on the one that is only possible.
        let store = first.nodes[global].store();
        let count = (0..store.len() as u32).find(|&row| store.metric_name(row) == "scrape_samples_scraped");
        assert!(count.is_some_and(|row| sample::is_unknown(store.value(row))));
        // What is not touched by an edit is not computed again.
        files.put_text("global.yml", GLOBAL.replace("job:.*", "job:m.*"));
        let second = preview(&mut files, &mut memo);
        assert!(Arc::ptr_eq(&first.nodes[leaf], &second.nodes[leaf]));
        assert_eq!(recorded(&second, global).len(), 2);
    }

    #[test]
    fn what_samples_hold_is_not_derived() {
        let mut files = files(
            "{ record: 'job:old:sum', expr: sum by (x) (m) }\n\
             { record: 'job:old:sum', expr: sum by (x) (m), labels: { tier: top } }",
        );
        let preview = preview(&mut files, &mut Memo::new(7));
        let new = [r#"job:old:sum{tier="top", x="1"}"#, r#"job:old:sum{tier="top", x="2"}"#];
        assert_eq!(recorded(&preview, 1), [r#"job:old:sum{job="a"}"#, new[0], new[1]]);
        assert!(preview.recorded[1].rules[0].is_given && !preview.recorded[1].rules[1].is_given);
    }

    #[test]
    fn what_is_not_followed_and_what_fails_is_said() {
        let mut files = files(
            "{ record: 'job:m:values', expr: 'count_values(\"v\", m)' }\n\
             { record: 'job:m:clash', expr: m, labels: { x: '' } }\n\
             { alert: Down, expr: m == 0, labels: { job: '{{ $value }}' } }",
        );
        let preview = preview(&mut files, &mut Memo::new(7));
        let found: Vec<(String, String)> = findings(&preview)
            .into_iter()
            .map(|finding| {
                let text = preview.workspace.file(finding.file).text.clone().unwrap_or_default();
                let span = finding.diagnostic.span.range();
                (finding.diagnostic.code.as_str().to_owned(), text[span].to_owned())
            })
            .collect();
        let expect = [("rules/not-followed", "count_values(\"v\", m)"), ("rules/failing", "m")];
        assert_eq!(found, expect.map(|(code, text)| (code.to_owned(), text.to_owned())));
        assert!(preview.may_bring_more(0, 0));
        assert!(preview.pulls[0].scraped.open);
        let alerts = |name: &str| Pattern {
            labels: [(METRIC_NAME, name), ("alertname", "Down")].into_iter().collect(),
        };
        assert!(preview.recorded[1].unlisted.contains(&alerts("ALERTS")));
    }

    #[test]
    fn what_is_not_listed_is_followed_through_relabelling() {
        let mut files = files("{ alert: Down, expr: m == 0, labels: { job: a } }");
        let mut check = |rules: &str, expect: &[&str]| {
            let global = GLOBAL.replace("'{__name__=~\"job:.*\"}'", "ALERTS");
            files.put_text("global.yml", format!("{global}  metric_relabel_configs: [{rules}]\n"));
            let preview = preview(&mut files, &mut Memo::new(7));
            let unlisted = preview.recorded[0].unlisted.iter().map(|pattern| pattern.labels.to_string());
            assert_eq!(unlisted.collect::<Vec<_>>(), expect, "{rules}");
        };
        check("", &[r#"ALERTS{alertname="Down", job="a"}"#]);
        check("{ source_labels: [__name__], regex: ALERTS.*, action: drop }", &[]);
        check(
            "{ source_labels: [alertstate], regex: pending, action: drop }",
            &[r#"ALERTS{alertname="Down", job="a"}"#],
        );
        check(
            "{ source_labels: [alertname], target_label: job }",
            &[r#"ALERTS{alertname="Down", job="Down"}"#],
        );
        check("{ source_labels: [other], target_label: job }", &[r#"ALERTS{alertname="Down"}"#]);
        check("{ regex: job, action: labeldrop }", &[r#"ALERTS{alertname="Down", job=""}"#]);
        check("{ regex: 'j(.*)', action: labelmap }", &["{}"]);
    }

    #[test]
    fn whether_a_limit_is_exceeded_may_not_be_known() {
        let mut files = files("{ record: 'job:m:high', expr: m > 1 }");
        let check = |files: &mut Files, limit: u32, expect: Option<&str>| {
            files.put_text(
                "global.yml",
                GLOBAL.replace("  honor", &format!("  sample_limit: {limit}\n  honor")),
            );
            let preview = preview(files, &mut Memo::new(7));
            let failure = preview.pulls[0].failure.as_ref().map(|failure| match failure {
                crate::federation::Failure::Scrape(words) => words.clone(),
                crate::federation::Failure::Unknown(words) => words[..26].to_owned(),
            });
            assert_eq!(failure.as_deref(), expect, "{limit}");
        };
        check(&mut files, 3, None);
        check(&mut files, 1, Some("whether sample_limit is ex"));
        files.put_text("leaf.prom", "job:a 1\njob:b 1\n");
        check(&mut files, 1, Some("sample limit exceeded"));
    }
}
