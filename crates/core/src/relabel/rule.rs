//! One rule, ready to run on values or on names.

use std::borrow::Cow;

use md5::{Digest as _, Md5};

use super::config::{self, Action, RelabelConfig};
use crate::labels::name::ValidationScheme;
use crate::regex::{Form, Regex, RegexError, Template};
use crate::version::Version;

/// Before here a replacement that comes to nothing removes the label that `target_label` spells, not the one
/// it expands to, and so does a target that expands to no valid name.
const TARGET_EXPANDED: Version = Version { major: 2, minor: 50 };

/// A rule that is ready to run.
#[derive(Clone, Debug)]
pub struct Rule {
    config: RelabelConfig,
    action: Action,
    reads: Vec<String>,
    separator: String,
    regex: Regex,
    modulus: u64,
    target: String,
    target_template: Template,
    replacement: Template,
    scheme: ValidationScheme,
    version: Version,
}

/// What a rule says of the values it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<'r> {
    /// Nothing changes. Keeping is no more than this.
    Unchanged,
    /// The whole set is dropped.
    Drop,
    /// A label is set, to a value that is not empty.
    Set {
        /// The label.
        label: Cow<'r, str>,
        /// Its new value.
        value: String,
    },
    /// A label is removed, if it is there.
    Delete {
        /// The label.
        label: Cow<'r, str>,
    },
}

/// What a rule says of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameOutcome {
    /// The label stays as it is.
    Unchanged,
    /// The label is removed.
    Remove,
    /// The label's value is given to this name too.
    Copy(String),
}

/// What a rule can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes<'r> {
    /// No label: it only keeps or drops the whole set.
    Nothing,
    /// This label.
    Label(&'r str),
    /// A label whose name depends on the values; before 2.50 also this one.
    Computed(&'r str),
    /// Labels by their names: ask [`Rule::on_name`] for each.
    Names,
}

impl Rule {
    /// Makes a rule of a configuration that [`RelabelConfig::validate`] has nothing against.
    ///
    /// # Errors
    /// When the regular expression is refused.
    pub fn new(
        config: &RelabelConfig,
        version: Version,
        scheme: ValidationScheme,
    ) -> Result<Self, RegexError> {
        let action = config.action();
        let mut reads = Vec::new();
        if !action.is_on_names() {
            reads.extend(config.source_labels.iter().flatten().cloned());
        }
        if matches!(action, Action::KeepEqual | Action::DropEqual) {
            reads.push(config.target_label().to_owned());
        }
        Ok(Self {
            config: config.clone(),
            action,
            reads,
            separator: config.separator().to_owned(),
            regex: Regex::new(config.regex(), Form::Relabel, version)?,
            modulus: config.modulus(),
            target: config.target_label().to_owned(),
            target_template: Template::new(config.target_label()),
            replacement: Template::new(config.replacement()),
            scheme: config::effective_scheme(version, scheme),
            version,
        })
    }

    /// The rule as it is written.
    #[must_use]
    pub fn config(&self) -> &RelabelConfig {
        &self.config
    }

    /// What the rule does.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// The compiled regular expression.
    #[must_use]
    pub fn regex(&self) -> &Regex {
        &self.regex
    }

    /// The labels whose values decide, in the order in which [`on_values`](Self::on_values) takes them: the
    /// source labels, and for `keepequal` and `dropequal` the target label behind them. A label may be named
    /// twice. None where the rule looks at names.
    #[must_use]
    pub fn reads(&self) -> &[String] {
        &self.reads
    }

    /// What the rule can change.
    #[must_use]
    pub fn writes(&self) -> Writes<'_> {
        match self.action {
            Action::Replace if self.target_template.as_text() != Some(self.target.as_str()) => {
                Writes::Computed(&self.target)
            }
            Action::Replace | Action::HashMod | Action::Lowercase | Action::Uppercase => {
                Writes::Label(&self.target)
            }
            Action::LabelMap | Action::LabelDrop | Action::LabelKeep => Writes::Names,
            Action::Keep | Action::Drop | Action::KeepEqual | Action::DropEqual | Action::Empty => {
                Writes::Nothing
            }
        }
    }

    /// The values joined as the rule sees them. `values` are those of [`reads`](Self::reads); an absent label
    /// is `""`.
    #[must_use]
    pub fn joined<'v>(&self, values: &[&'v str]) -> Cow<'v, str> {
        match self.sources(values) {
            [] => Cow::Borrowed(""),
            [one] => Cow::Borrowed(one),
            many => Cow::Owned(many.join(&self.separator)),
        }
    }

    fn sources<'a, 'v>(&self, values: &'a [&'v str]) -> &'a [&'v str] {
        let own = usize::from(matches!(self.action, Action::KeepEqual | Action::DropEqual));
        values.get(..self.reads.len().saturating_sub(own)).unwrap_or(values)
    }

    /// What the rule makes of the values of [`reads`](Self::reads), in that order; an absent label is `""`.
    /// A rule on names answers that nothing changes. Source: `relabel.go`, `relabel`.
    #[must_use]
    pub fn on_values(&self, values: &[&str]) -> Outcome<'_> {
        let joined = self.joined(values);
        let keep_if = |keep: bool| if keep { Outcome::Unchanged } else { Outcome::Drop };
        match self.action {
            Action::Keep => keep_if(self.regex.is_match(&joined)),
            Action::Drop => keep_if(!self.regex.is_match(&joined)),
            Action::KeepEqual => keep_if(values.last().copied().unwrap_or("") == joined),
            Action::DropEqual => keep_if(values.last().copied().unwrap_or("") != joined),
            Action::Replace => self.replace(&joined),
            Action::Lowercase => self.set(super::case::lower(&joined)),
            Action::Uppercase => self.set(super::case::upper(&joined)),
            Action::HashMod => {
                let hash = Md5::digest(joined.as_bytes());
                let last = hash.iter().skip(8).fold(0u64, |number, &byte| number << 8 | u64::from(byte));
                // Validation refuses a modulus of zero.
                self.set(last.checked_rem(self.modulus).unwrap_or(0).to_string())
            }
            Action::LabelMap | Action::LabelDrop | Action::LabelKeep | Action::Empty => Outcome::Unchanged,
        }
    }

    /// Sets the target; to set it to nothing is to remove it.
    fn set(&self, value: String) -> Outcome<'_> {
        let label = Cow::Borrowed(self.target.as_str());
        if value.is_empty() { Outcome::Delete { label } } else { Outcome::Set { label, value } }
    }

    fn replace(&self, joined: &str) -> Outcome<'_> {
        let Some(captures) = self.regex.captures(joined) else {
            return Outcome::Unchanged;
        };
        let label = match self.target_template.as_text() {
            Some(text) if text == self.target => Cow::Borrowed(self.target.as_str()),
            _ => {
                let mut label = String::new();
                self.target_template.expand(&captures, &mut label);
                Cow::Owned(label)
            }
        };
        let written = || Cow::Borrowed(self.target.as_str());
        if !self.scheme.is_label_name(label.as_bytes()) {
            if self.version < TARGET_EXPANDED {
                return Outcome::Delete { label: written() };
            }
            return Outcome::Unchanged;
        }
        let mut value = String::new();
        self.replacement.expand(&captures, &mut value);
        if !value.is_empty() {
            return Outcome::Set { label, value };
        }
        Outcome::Delete { label: if self.version < TARGET_EXPANDED { written() } else { label } }
    }

    /// What the rule makes of a label by its name: `labelmap`, `labeldrop` and `labelkeep`. Other rules
    /// answer that nothing changes.
    #[must_use]
    pub fn on_name(&self, name: &str) -> NameOutcome {
        match self.action {
            Action::LabelMap if self.regex.is_match(name) => {
                NameOutcome::Copy(self.regex.replace_all(name, &self.replacement))
            }
            Action::LabelDrop if self.regex.is_match(name) => NameOutcome::Remove,
            Action::LabelKeep if !self.regex.is_match(name) => NameOutcome::Remove,
            _ => NameOutcome::Unchanged,
        }
    }
}

/// Why a rule did what it did, in English.
pub(super) fn because(rule: &Rule, joined: Option<&str>, verdict: super::Verdict) -> String {
    let regex = shown(rule.config.regex());
    let Some(joined) = joined else {
        let (verb, plural, does) = match rule.action {
            Action::LabelMap => ("matches", "match", "copied"),
            Action::LabelDrop => ("matches", "match", "removed"),
            _ => ("does not match", "do not match", "removed"),
        };
        return match verdict {
            super::Verdict::Changed => format!("labels whose names {plural} {regex} are {does}"),
            _ if rule.action == Action::LabelKeep => {
                format!("every label's name matches {regex}, so none is {does}")
            }
            _ => format!("no label's name {verb} {regex}, so none is {does}"),
        };
    };
    let value = shown(joined);
    let target = shown(&rule.target);
    let sources = match rule.sources(&rule.reads.iter().map(String::as_str).collect::<Vec<_>>()) {
        [] => "there are no source labels, so the value is empty".to_owned(),
        [one] if joined.is_empty() => format!("{} is absent", shown(one)),
        [one] => format!("{} is {value}", shown(one)),
        many => format!(
            "{} joined are {value}",
            many.iter().map(|name| shown(name)).collect::<Vec<_>>().join(", ")
        ),
    };
    let dropped = verdict == super::Verdict::Dropped;
    match rule.action {
        Action::Keep if dropped => format!("{sources}, which does not match {regex}"),
        Action::Drop if !dropped => format!("{sources}, which does not match {regex}"),
        Action::Keep | Action::Drop => format!("{sources}, which matches {regex}"),
        Action::KeepEqual | Action::DropEqual => {
            let equal = dropped == (rule.action == Action::DropEqual);
            format!(
                "{sources}, which {} the value of {target}",
                if equal { "equals" } else { "differs from" }
            )
        }
        Action::Replace => match rule.replace(joined) {
            Outcome::Set { label, value } => {
                format!("{sources}, which matches {regex}: {} becomes {}", shown(&label), shown(&value))
            }
            Outcome::Delete { label } => {
                format!(
                    "{sources}, which matches {regex}; the replacement is empty, which removes {}",
                    shown(&label)
                )
            }
            _ if rule.regex.is_match(joined) => {
                format!("{sources}, which matches {regex}, but {target} expands to no valid label name")
            }
            _ => format!("{sources}, which does not match {regex}"),
        },
        Action::HashMod => format!("{sources}; its hash modulo {} goes to {target}", rule.modulus),
        Action::Lowercase => format!("{sources}; in lower case it goes to {target}"),
        Action::Uppercase => format!("{sources}; in upper case it goes to {target}"),
        Action::LabelMap | Action::LabelDrop | Action::LabelKeep | Action::Empty => String::new(),
    }
}

fn shown(text: &str) -> String {
    if text.is_empty() || text.contains('`') || !text.chars().all(crate::text::is_print) {
        return crate::text::quote(text);
    }
    format!("`{text}`")
}
