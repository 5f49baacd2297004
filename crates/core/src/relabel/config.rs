//! A rule as it is written, and whether Prometheus takes it.

use std::borrow::Cow;
use std::fmt;

use crate::labels::name::ValidationScheme;
use crate::regex::{Form, Regex};
use crate::text::quote;
use crate::version::Version;

/// What a rule does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Sets a label to a text made of what the regular expression matched.
    #[default]
    Replace,
    /// Drops what does not match.
    Keep,
    /// Drops what matches.
    Drop,
    /// Drops where the joined source labels differ from the target label.
    KeepEqual,
    /// Drops where the joined source labels equal the target label.
    DropEqual,
    /// Sets a label to a hash of the source labels, modulo a number.
    HashMod,
    /// Copies labels whose names match to other names.
    LabelMap,
    /// Removes labels whose names match.
    LabelDrop,
    /// Removes labels whose names do not match.
    LabelKeep,
    /// Sets a label to the source labels in lower case.
    Lowercase,
    /// Sets a label to the source labels in upper case.
    Uppercase,
    /// What an explicit null leaves: validation refuses it.
    Empty,
}

impl Action {
    /// All actions that can be written.
    pub const ALL: [Self; 11] = [
        Self::Replace,
        Self::Keep,
        Self::Drop,
        Self::KeepEqual,
        Self::DropEqual,
        Self::HashMod,
        Self::LabelMap,
        Self::LabelDrop,
        Self::LabelKeep,
        Self::Lowercase,
        Self::Uppercase,
    ];

    /// The action as the documentation writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Keep => "keep",
            Self::Drop => "drop",
            Self::KeepEqual => "keepequal",
            Self::DropEqual => "dropequal",
            Self::HashMod => "hashmod",
            Self::LabelMap => "labelmap",
            Self::LabelDrop => "labeldrop",
            Self::LabelKeep => "labelkeep",
            Self::Lowercase => "lowercase",
            Self::Uppercase => "uppercase",
            Self::Empty => "",
        }
    }

    /// Whether the action looks at names alone: `labelmap`, `labeldrop`, `labelkeep`.
    #[must_use]
    pub const fn is_on_names(self) -> bool {
        matches!(self, Self::LabelMap | Self::LabelDrop | Self::LabelKeep)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no action. Its `Display` is Prometheus' text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownAction {
    given: String,
}

impl fmt::Display for UnknownAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown relabel action {}", quote(&self.given))
    }
}

impl std::error::Error for UnknownAction {}

/// Upper and lower case do not matter: `relabel.go`, `Action.UnmarshalYAML`.
impl std::str::FromStr for Action {
    type Err = UnknownAction;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower = super::case::lower(text);
        let found = Self::ALL.into_iter().find(|action| action.as_str() == lower);
        found.ok_or_else(|| UnknownAction { given: text.to_owned() })
    }
}

/// A key of a rule, so that an error can be shown where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `source_labels`
    SourceLabels,
    /// `separator`
    Separator,
    /// `regex`
    Regex,
    /// `modulus`
    Modulus,
    /// `target_label`
    TargetLabel,
    /// `replacement`
    Replacement,
    /// `action`
    Action,
}

impl Field {
    /// The key as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SourceLabels => "source_labels",
            Self::Separator => "separator",
            Self::Regex => "regex",
            Self::Modulus => "modulus",
            Self::TargetLabel => "target_label",
            Self::Replacement => "replacement",
            Self::Action => "action",
        }
    }
}

/// What is wrong with a rule. Its `Display` is Prometheus' text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelabelError {
    /// The key that is wrong or missing.
    pub field: Field,
    /// Prometheus' words.
    pub message: Cow<'static, str>,
}

impl fmt::Display for RelabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RelabelError {}

/// A rule as it is written: `relabel.go`, `Config`. `None` is a key that is not given, which is not always
/// the same as its default written out. A key with an explicit null is given, and empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RelabelConfig {
    /// `source_labels`: whose values are joined.
    pub source_labels: Option<Vec<String>>,
    /// `separator`: what stands between the values; `;` by default.
    pub separator: Option<String>,
    /// `regex`: what the joined values, or the names, are compared with; `(.*)` by default.
    pub regex: Option<String>,
    /// `modulus`: what a hash is divided by.
    pub modulus: Option<u64>,
    /// `target_label`: the label that is set.
    pub target_label: Option<String>,
    /// `replacement`: what it is set to; `$1` by default.
    pub replacement: Option<String>,
    /// `action`: `replace` by default.
    pub action: Option<Action>,
}

/// The rules of validation changed with these releases.
const TARGETS_BY_SCHEME: Version = Version { major: 2, minor: 50 };
const TEMPLATES_BY_SCHEME: Version = Version { major: 3, minor: 2 };
const SCHEME_OF_CONFIG: Version = Version { major: 3, minor: 7 };
const LEGACY_TEMPLATES: Version = Version { major: 3, minor: 8 };

impl RelabelConfig {
    /// The value of `separator` that counts.
    #[must_use]
    pub fn separator(&self) -> &str {
        self.separator.as_deref().unwrap_or(";")
    }

    /// The value of `regex` that counts.
    #[must_use]
    pub fn regex(&self) -> &str {
        self.regex.as_deref().unwrap_or("(.*)")
    }

    /// The value of `modulus` that counts.
    #[must_use]
    pub fn modulus(&self) -> u64 {
        self.modulus.unwrap_or(0)
    }

    /// The value of `target_label` that counts.
    #[must_use]
    pub fn target_label(&self) -> &str {
        self.target_label.as_deref().unwrap_or("")
    }

    /// The value of `replacement` that counts.
    #[must_use]
    pub fn replacement(&self) -> &str {
        self.replacement.as_deref().unwrap_or("$1")
    }

    /// The action that counts.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action.unwrap_or_default()
    }

    /// What Prometheus of `version` refuses: its first error first, then what else is wrong. `scheme` is the
    /// one that the configuration asks for; releases that do not heed it are known.
    ///
    /// Source: `relabel.go`, `Config.Validate`, before 2.50 `Config.UnmarshalYAML`; and the regular
    /// expression, which Prometheus compiles while it decodes, before anything else.
    #[must_use]
    pub fn validate(&self, version: Version, scheme: ValidationScheme) -> Vec<RelabelError> {
        let mut errors = Vec::new();
        let mut error = |field, message: Cow<'static, str>| errors.push(RelabelError { field, message });
        if let Some(regex) = &self.regex
            && let Err(refused) = Regex::new(regex, Form::Relabel, version)
        {
            error(Field::Regex, refused.to_string().into());
        }
        let action = self.action();
        if action == Action::Empty {
            error(Field::Action, "relabel action cannot be empty".into());
            return errors;
        }
        if action == Action::HashMod && self.modulus() == 0 {
            error(Field::Modulus, "relabel configuration for hashmod requires non-zero modulus".into());
        }
        let compares_or_changes_case =
            matches!(action, Action::Lowercase | Action::Uppercase | Action::KeepEqual | Action::DropEqual);
        let writes = compares_or_changes_case || matches!(action, Action::Replace | Action::HashMod);
        let target = self.target_label();
        if writes && target.is_empty() {
            error(
                Field::TargetLabel,
                format!("relabel configuration for {action} action requires 'target_label' value").into(),
            );
        } else if writes && !is_valid_target(action, target, version, scheme) {
            error(
                Field::TargetLabel,
                format!("{} is invalid 'target_label' for {action} action", quote(target)).into(),
            );
        }
        let replacement = self.replacement();
        if compares_or_changes_case && replacement != "$1" {
            error(Field::Replacement, format!("'replacement' can not be set for {action} action").into());
        }
        if action == Action::LabelMap && !is_valid_template(replacement, version, scheme) {
            error(
                Field::Replacement,
                format!("{} is invalid 'replacement' for {action} action", quote(replacement)).into(),
            );
        }
        let others = [
            (Field::Separator, self.separator() != ";"),
            (Field::Replacement, replacement != "$1" && !compares_or_changes_case),
            (Field::Modulus, self.modulus() != 0),
        ];
        let other = others.iter().find(|(_, set)| *set).map(|(field, _)| *field);
        match action {
            Action::KeepEqual | Action::DropEqual => {
                // Written out, the default counts as set: Prometheus compares pointers.
                if let Some(field) = self.regex.as_ref().map(|_| Field::Regex).or(other) {
                    let message = format!(
                        "{action} action requires only 'source_labels' and `target_label`, and no other fields"
                    );
                    error(field, message.into());
                }
            }
            Action::LabelDrop | Action::LabelKeep => {
                let sources = self.source_labels.as_ref().map(|_| Field::SourceLabels);
                let target = (!target.is_empty()).then_some(Field::TargetLabel);
                if let Some(field) = sources.or(target).or(other) {
                    error(
                        field,
                        format!("{action} action requires only 'regex', and no other fields").into(),
                    );
                }
            }
            _ => {}
        }
        errors
    }
}

/// The scheme by which `version` judges names: before 3.7 its own, whatever the configuration says.
pub(super) fn effective_scheme(version: Version, scheme: ValidationScheme) -> ValidationScheme {
    if version >= SCHEME_OF_CONFIG {
        scheme
    } else if version.is_v3() {
        ValidationScheme::Utf8
    } else {
        ValidationScheme::Legacy
    }
}

fn is_valid_target(action: Action, target: &str, version: Version, scheme: ValidationScheme) -> bool {
    let is_template = action == Action::Replace && target.contains('$');
    if version < TARGETS_BY_SCHEME && action != Action::HashMod {
        is_legacy_template(target)
    } else if is_template {
        is_valid_template(target, version, scheme)
    } else {
        effective_scheme(version, scheme).is_label_name(target.as_bytes())
    }
}

/// Whether a name with `$1` in it is accepted.
fn is_valid_template(template: &str, version: Version, scheme: ValidationScheme) -> bool {
    let scheme = effective_scheme(version, scheme);
    let legacy =
        version < TEMPLATES_BY_SCHEME || version >= LEGACY_TEMPLATES && scheme == ValidationScheme::Legacy;
    if legacy { is_legacy_template(template) } else { scheme.is_label_name(template.as_bytes()) }
}

/// Whether a text is a name of the legacy scheme with `$name` and `${name}` in it: `relabel.go`,
/// `relabelTargetLegacy`.
pub(super) fn is_legacy_template(template: &str) -> bool {
    let is_word = |byte: &u8| *byte == b'_' || byte.is_ascii_alphanumeric();
    let mut rest = template.as_bytes();
    let mut first = true;
    while let Some((&byte, after)) = rest.split_first() {
        rest = if byte == b'$' {
            let (braced, after) = match after.split_first() {
                Some((b'{', after)) => (true, after),
                _ => (false, after),
            };
            let length = after.iter().take_while(|byte| is_word(byte)).count();
            let (name, after) = after.split_at(length);
            match after.split_first() {
                _ if name.is_empty() => return false,
                Some((b'}', after)) if braced => after,
                _ if braced => return false,
                _ => after,
            }
        } else if is_word(&byte) && !(first && byte.is_ascii_digit()) {
            after
        } else {
            return false;
        };
        first = false;
    }
    !first
}
