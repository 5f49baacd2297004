//! What the manifest expects of the preview: `expect` in `promtier.yaml`.

mod stop;
#[cfg(test)]
mod tests;
mod unknown;
mod write;

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::federation::{Bringer, NearMisses, Preview, near_misses};
use crate::labels::{LabelSet, METRIC_NAME};
use crate::rules::derive::Pattern;
use crate::selector;
use crate::series::{Bitset, CompiledMatcher, MatchCache, Row, SeriesStore, sample};
use crate::sort;
use crate::text::{FileId, Span};
use crate::version::Version;
use crate::workspace::{Expectation, Node};
use crate::yaml::{self, Spanned};

use super::Found;

pub use write::{Asserted, UnwritableExpectation, write_expectation};

const MISSING: Code = Code::new("expect/missing-series");
const UNWANTED: Code = Code::new("expect/unwanted-series");
const TOO_MANY: Code = Code::new("expect/too-many-series");
const UNKNOWN_NODE: Code = Code::new("expect/unknown-node");
const NO_ASSERTION: Code = Code::new("expect/no-assertion");
const NOT_KNOWN: Code = Code::new("expect/not-known");

/// The series that alerting rules make: `rules/alerting.go`.
const ALERTS: [&str; 2] = ["ALERTS", "ALERTS_FOR_STATE"];

/// The most rows that are looked at for all expectations together. What is left then is said not to be checked.
const MOST_ROWS: usize = 4_000_000_000;
/// The most series that are shown as examples.
const MOST_EXAMPLES: usize = 3;
/// The most pulls that are told of what they bring.
const MOST_PULLS: usize = 3;

/// Checks what the manifest expects.
pub(super) fn check(preview: &Preview, found: &mut Found) {
    let Some(file) = preview.workspace.manifest else { return };
    let mut check = Check {
        preview,
        file,
        caches: vec![MatchCache::default(); preview.nodes.len()],
        left: MOST_ROWS,
        found,
    };
    for expectation in &preview.workspace.expectations {
        check.expectation(expectation);
    }
}

struct Check<'c> {
    preview: &'c Preview,
    file: FileId,
    /// What is known of matchers, node by node.
    caches: Vec<MatchCache>,
    left: usize,
    found: &'c mut Found,
}

impl<'c> Check<'c> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push((self.file, diagnostic));
    }

    fn name(&self, node: usize) -> &'c str {
        self.preview.workspace.nodes.get(node).map_or("", |node| &node.name)
    }

    fn store(&self, node: usize) -> Option<&'c SeriesStore> {
        self.preview.nodes.get(node).map(|node| node.store())
    }

    fn expectation(&mut self, expectation: &Expectation) {
        let nodes = self.nodes(expectation);
        for selector in &expectation.has {
            let sound = self.selector(selector, &nodes);
            for &node in nodes.iter().filter(|_| sound) {
                self.has(node, selector);
            }
        }
        for selector in &expectation.lacks {
            let sound = self.selector(selector, &nodes);
            for &node in nodes.iter().filter(|_| sound) {
                self.lacks(node, selector);
            }
        }
        for &node in &nodes {
            if let Some(most) = &expectation.max_series {
                self.at_most(node, most);
            }
        }
    }

    /// The servers that an expectation is about.
    fn nodes(&mut self, expectation: &Expectation) -> Vec<usize> {
        let all = &self.preview.workspace.nodes;
        let mut nodes = Vec::new();
        for name in &expectation.nodes {
            if let Some(at) = all.iter().position(|node| node.name == name.value) {
                nodes.push(at);
                continue;
            }
            let near = yaml::closest(&name.value, all.iter().map(|node| node.name.as_str()));
            let help = near.map_or_else(String::new, |near| format!("the workspace has `{near}`"));
            let message = format!("`{}` is not a server of the workspace", name.value);
            self.report(
                Diagnostic::error(UNKNOWN_NODE, name.span, message)
                    .because("what is expected of it is not checked")
                    .help(help),
            );
        }
        if let Some(tier) = &expectation.tier {
            let of_tier = |node: &usize| self.preview.topology.tier(*node) == tier.value;
            let found: Vec<usize> = (0..all.len()).filter(of_tier).collect();
            if found.is_empty() {
                let highest = (0..all.len()).map(|node| self.preview.topology.tier(node)).max();
                let message = format!("no server is in tier {}", tier.value);
                let help = highest.map_or_else(String::new, |tier| format!("the highest tier is {tier}"));
                self.report(
                    Diagnostic::error(UNKNOWN_NODE, tier.span, message)
                        .because("what is expected of it is not checked")
                        .help(help),
                );
            }
            nodes.extend(found);
        }
        nodes
    }

    /// Reports what is wrong with a selector. Whether it asserts something on all of `nodes`.
    fn selector(&mut self, selector: &Spanned<String>, nodes: &[usize]) -> bool {
        let of_node = |&node: &usize| self.preview.workspace.nodes.get(node).map(|node| node.version);
        let mut versions: Vec<_> = nodes.iter().filter_map(of_node).collect();
        if versions.is_empty() {
            // Of no server that is known: what no release reads is still said.
            versions.push(Version::NEWEST);
        }
        sort::sort_and_dedup(&mut versions);
        for version in versions {
            let parsed = selector::parse(&selector.value, version);
            let mut refused = false;
            for diagnostic in parsed.diagnostics {
                refused |= diagnostic.severity == Severity::Error;
                let diagnostic = diagnostic.mapped(&selector.map);
                if !self.found.iter().any(|(_, other)| *other == diagnostic) {
                    self.report(diagnostic);
                }
            }
            if refused {
                return false;
            }
            if parsed.value.matchers.is_empty() {
                self.report(
                    Diagnostic::error(NO_ASSERTION, selector.span, "`{}` selects nothing on any server")
                        .because("nothing is checked by it")
                        .help("name a metric, or write `{__name__!=\"\"}` for every series"),
                );
                return false;
            }
        }
        true
    }

    /// The matchers of a selector as the server of `node` reads it.
    fn matchers(&self, node: usize, selector: &Spanned<String>) -> Option<Vec<CompiledMatcher>> {
        let version = self.preview.workspace.nodes.get(node)?.version;
        selector::Selector::parse_strict(&selector.value, version).ok()?.compiled()
    }

    /// The series of a server that a selector matches. `None` where it cannot be looked, which is reported.
    fn select(&mut self, node: usize, selector: &Spanned<String>) -> Option<Arc<Bitset>> {
        let kept = self.preview.expected.get(node).and_then(|expected| expected.get(&selector.value));
        if let Some(rows) = kept {
            return Some(Arc::clone(rows));
        }
        let matchers = self.matchers(node, selector)?;
        let store = self.store(node)?;
        let Some(left) = self.left.checked_sub(store.len().saturating_mul(matchers.len())) else {
            let message = "there are too many series and expectations: this one is not checked";
            self.report(
                Diagnostic::error(NOT_KNOWN, selector.span, message)
                    .help("expect less, or take some series out of the samples"),
            );
            return None;
        };
        self.left = left;
        let cache = self.caches.get_mut(node)?;
        match store.select_cached(&matchers, cache) {
            Ok(rows) => Some(Arc::new(rows)),
            Err(error) => {
                let message = format!("a server answers this selector with an error: {error}");
                self.report(
                    Diagnostic::error(NO_ASSERTION, selector.span, message)
                        .because("nothing is checked by it"),
                );
                None
            }
        }
    }

    fn has(&mut self, node: usize, selector: &Spanned<String>) {
        let Some(rows) = self.select(node, selector) else { return };
        let (Some(store), Some(matchers)) = (self.store(node), self.matchers(node, selector)) else { return };
        let name = self.name(node);
        if !rows.is_empty() {
            if rows.iter().all(|row| sample::is_possible(store.value(row))) {
                self.depends_on_values(node, selector, rows.count());
            }
            return;
        }
        let unlisted = self.unlisted(node, Some(&matchers));
        let stopped = stop::nearest(self.preview, node, &matchers);
        let mut near = || {
            let external = external_labels(self.preview, node);
            near_misses(store, &matchers, &external, self.caches.get_mut(node)?)
        };
        let mut because = match (&stopped, store.is_empty()) {
            (Some(stopped), _) => stopped.because.clone(),
            (None, true) if unlisted.is_none() => "it stores no series at all".to_owned(),
            (None, true) => String::new(),
            (None, false) => {
                // Where something is not known, only what comes near is worth a word.
                let near = near()
                    .filter(|near| unlisted.is_none() || near.misses.iter().any(|miss| miss.meant.is_some()));
                near.as_ref().map(NearMisses::to_string).unwrap_or_default()
            }
        };
        let wanted = &selector.value;
        let mut diagnostic = if let Some(unlisted) = unlisted {
            because = if because.is_empty() { unlisted } else { format!("{because}; {unlisted}") };
            let message = format!("`{name}` has no known series that matches `{wanted}`");
            Diagnostic::warning(NOT_KNOWN, selector.span, message)
        } else {
            let message = format!("`{name}` has no series that matches `{wanted}`");
            Diagnostic::error(MISSING, selector.span, message)
        };
        diagnostic = diagnostic.because(because);
        if let Some(stopped) = stopped {
            diagnostic = diagnostic.help(stopped.remedy);
            if let Some((file, span)) = stopped.place {
                diagnostic = if file == self.file {
                    diagnostic.label(span, "stopped here")
                } else {
                    diagnostic.label_in(file, span, "stopped here")
                };
            }
        }
        self.report(diagnostic);
    }

    fn lacks(&mut self, node: usize, selector: &Spanned<String>) {
        let Some(rows) = self.select(node, selector) else { return };
        let (Some(store), name) = (self.store(node), self.name(node)) else { return };
        if rows.is_empty() {
            let matchers = self.matchers(node, selector);
            self.not_known(node, selector.span, matchers.as_deref());
            return;
        }
        let certain: Vec<Row> = rows.iter().filter(|&row| !sample::is_possible(store.value(row))).collect();
        let Some(&first) = certain.first() else {
            self.depends_on_values(node, selector, rows.count());
            return;
        };
        let count = certain.len();
        let series = if count == 1 { "1 series".to_owned() } else { format!("{count} series") };
        let matches = if count == 1 { "matches" } else { "match" };
        let message = format!("`{name}` has {series} that {matches} `{}`", selector.value);
        let examples: Vec<String> =
            certain.iter().take(MOST_EXAMPLES).map(|&row| store.label_set(row).to_string()).collect();
        let more = if count > examples.len() { ", …" } else { "" };
        let because =
            format!("{}{more}{}", examples.join(", "), self.brought(node, first).unwrap_or_default());
        self.report(Diagnostic::error(UNWANTED, selector.span, message).because(because));
    }

    /// Says that series only possibly exist.
    fn depends_on_values(&mut self, node: usize, selector: &Spanned<String>, count: usize) {
        let message = format!(
            "whether `{}` has series that match `{}` cannot be told",
            self.name(node),
            selector.value
        );
        let because = format!("{count} possibly exist, depending on values that recording rules compute");
        self.report(Diagnostic::warning(NOT_KNOWN, selector.span, message).because(because));
    }

    /// What brought a series, as the end of a sentence about it.
    fn brought(&self, node: usize, row: Row) -> Option<String> {
        let origin = self.preview.nodes.get(node)?.origins(row).next()?;
        let (Bringer::Pull(at) | Bringer::Report(at)) = origin.bringer else { return None };
        let pull = self.preview.topology.pulls.get(at)?;
        let from = format!("job `{}` from `{}`", pull.job, pull.address);
        if matches!(origin.bringer, Bringer::Report(_)) {
            return Some(format!("; the server itself reports on {from}"));
        }
        let selectors = self.preview.pulls.get(at)?.selectors_of(origin);
        let by = selectors.first().and_then(|&at| pull.selectors.get(at as usize));
        let by = by.map_or_else(String::new, |selector| format!(" by `{}`", selector.text.trim()));
        Some(format!("; pulled in {from}{by}"))
    }

    fn at_most(&mut self, node: usize, most: &Spanned<u32>) {
        let Some(stored) = self.preview.nodes.get(node) else { return };
        let (all, possible) = (stored.store().len(), stored.possible() as usize);
        let limit = most.value as usize;
        if all <= limit {
            self.not_known(node, most.span, None);
            return;
        }
        if all - possible.min(all) <= limit {
            let message =
                format!("whether `{}` stores more than {limit} series cannot be told", self.name(node));
            let because = format!(
                "of {all}, {possible} only possibly exist, depending on values that recording rules compute"
            );
            self.report(Diagnostic::warning(NOT_KNOWN, most.span, message).because(because));
            return;
        }
        let pulls = self.preview.topology.pulls.iter().zip(&self.preview.pulls);
        let of_node = pulls.filter(|(pull, outcome)| pull.node == node && !outcome.scraped.kept.is_empty());
        let mut brought: Vec<(usize, String)> = of_node
            .map(|(pull, outcome)| {
                let kept = outcome.scraped.kept.len();
                (kept, format!("{kept} from `{}` by job `{}`", pull.address, pull.job))
            })
            .collect();
        sort::sort_by(&mut brought, |a, b| b.0.cmp(&a.0));
        brought.truncate(MOST_PULLS);
        let reported = stored.reported();
        let own = (reported > 0).then(|| format!("{reported} about its own scrapes"));
        let words: Vec<String> = brought.into_iter().map(|(_, words)| words).chain(own).collect();
        let message = format!("`{}` would store {all} series, more than {limit}", self.name(node));
        self.report(Diagnostic::error(TOO_MANY, most.span, message).because(words.join(", ")));
    }

    /// Says that what holds may not hold, since not all that the server stores is known.
    fn not_known(&mut self, node: usize, span: Span, matchers: Option<&[CompiledMatcher]>) {
        if let Some(unlisted) = self.unlisted(node, matchers) {
            let message = format!("not all that `{}` stores is known: {unlisted}", self.name(node));
            self.report(
                Diagnostic::warning(NOT_KNOWN, span, message)
                    .because("what is expected holds for what is known; the rest may be otherwise"),
            );
        }
    }

    /// Why a server may hold series that are not listed, and that these matchers match. Without matchers, what
    /// alerts add is not counted.
    fn unlisted(&self, node: usize, matchers: Option<&[CompiledMatcher]>) -> Option<String> {
        let mut unlisted = self.preview.recorded.get(node)?.unlisted.iter();
        let is_alert =
            |pattern: &Pattern| pattern.labels.get(METRIC_NAME).is_some_and(|name| ALERTS.contains(&name));
        unlisted.find(|pattern| matchers.map_or_else(|| !is_alert(pattern), |all| pattern.may_match(all)))?;
        Some(unknown::of(self.preview, node).unwrap_or_else(|| {
            "the series that alerts and rules depending on more than labels make are not listed".to_owned()
        }))
    }
}

/// The external labels of a server.
fn external_labels(preview: &Preview, node: usize) -> LabelSet {
    preview.workspace.nodes.get(node).map(Node::external_labels).unwrap_or_default()
}
