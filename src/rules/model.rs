//! A rule file as it is written.

use crate::promql::Expr;
use crate::text::Span;
use crate::units::Duration;
use crate::yaml::Spanned;

/// A rule file.
#[derive(Clone, Debug, Default)]
pub struct RuleFile {
    /// Its groups.
    pub groups: Vec<RuleGroup>,
}

/// Rules that are evaluated one after the other.
#[derive(Clone, Debug, Default)]
pub struct RuleGroup {
    /// All of it.
    pub span: Span,
    /// Its name.
    pub name: Spanned<String>,
    /// How often its rules are evaluated; the global evaluation interval where it is not written.
    pub interval: Option<Spanned<Duration>>,
    /// How far in the past its rules are evaluated.
    pub query_offset: Option<Spanned<Duration>>,
    /// How many series or alerts one of its rules may make; 0 for any number.
    pub limit: Option<Spanned<i64>>,
    /// Labels of all its rules.
    pub labels: Vec<Pair>,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A name and a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// The name.
    pub name: Spanned<String>,
    /// The value; in alerting rules, a template.
    pub value: Spanned<String>,
}

/// A recording or alerting rule.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// All of it.
    pub span: Span,
    /// The name of the series that it makes, of a recording rule.
    pub record: Option<Spanned<String>>,
    /// The name of the alert, of an alerting rule.
    pub alert: Option<Spanned<String>>,
    /// What is evaluated.
    pub expr: Option<Expression>,
    /// How long it must hold before the alert fires.
    pub hold: Option<Spanned<Duration>>,
    /// How long the alert fires after it has ceased to hold.
    pub keep_firing_for: Option<Spanned<Duration>>,
    /// Labels that are set on what it makes, after the group's.
    pub labels: Vec<Pair>,
    /// What is told with the alert.
    pub annotations: Vec<Pair>,
}

/// An expression in a rule file.
#[derive(Clone, Debug)]
pub struct Expression {
    /// Its text, and where each byte of that stands in the file.
    pub text: Spanned<String>,
    /// What it says; its spans are of the text, and lead into the file with [`Spanned::part`].
    pub expr: Expr,
    /// Whether Prometheus accepts it.
    pub is_valid: bool,
}

impl Rule {
    /// The name of the series or the alert that it makes; empty where it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        let name = self.alert.as_ref().filter(|alert| !alert.value.is_empty()).or(self.record.as_ref());
        name.map_or("", |name| name.value.as_str())
    }

    /// Whether it is an alerting rule.
    #[must_use]
    pub fn is_alert(&self) -> bool {
        self.alert.as_ref().is_some_and(|alert| !alert.value.is_empty())
    }

    /// The labels that it sets, its own before the group's of the same name, ordered by name: `FromMaps` of
    /// `rules/group.go`.
    #[must_use]
    pub fn labels<'a>(&'a self, group: &'a RuleGroup) -> Vec<(&'a str, &'a str)> {
        let pairs = group.labels.iter().chain(&self.labels);
        let labels =
            crate::sort::ordered_map(pairs.map(|pair| (pair.name.value.as_str(), pair.value.value.as_str())));
        labels.into_iter().collect()
    }
}
