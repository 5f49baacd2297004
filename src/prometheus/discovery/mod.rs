//! Lists of targets, as files and HTTP answers give them to service discovery: `discovery/file`,
//! `Discovery.readFile`; `discovery/http`, `Discovery.Refresh`; `discovery/targetgroup`.

mod scan;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Parsed};
use crate::text::Span;
use crate::version::Version;
use crate::yaml::Spanned;

use super::codes;
use super::config::{LabelPair, StaticConfig};
use super::effective::default_scheme;
use super::walk::invalid_label_name;

use scan::{Cursor, Kind};

/// The Go type that a target group is read into.
const GROUP_TYPE: &str =
    "struct { Targets []string \"json:\\\"targets\\\"\"; Labels model.LabelSet \"json:\\\"labels\\\"\" }";

/// How a list of targets is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetFormat {
    /// As answers over HTTP are, and files ending in `.json`.
    Json,
    /// As files ending in `.yml` or `.yaml` are.
    Yaml,
}

impl TargetFormat {
    /// The format of the file at `path`; `None` for one that service discovery does not take.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let (_, extension) = path.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "yml" | "yaml" => Some(Self::Yaml),
            _ => None,
        }
    }
}

/// Reads a list of targets as Prometheus `version` does. Of a list with an error it takes nothing.
#[must_use]
pub fn parse_target_list(text: &str, format: TargetFormat, version: Version) -> Parsed<Vec<StaticConfig>> {
    match format {
        TargetFormat::Yaml => super::parse_target_groups(text, version),
        TargetFormat::Json => parse_json(text, version),
    }
}

fn parse_json(text: &str, version: Version) -> Parsed<Vec<StaticConfig>> {
    let mut reader = Reader { cursor: Cursor::new(text), version, found: Vec::new() };
    let groups = match scan::check(text) {
        Ok(()) => reader.groups(),
        Err((span, message)) => {
            reader.refuse(span, message);
            Vec::new()
        }
    };
    Parsed { value: groups, diagnostics: reader.found }
}

struct Reader<'t> {
    cursor: Cursor<'t>,
    version: Version,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn refuse(&mut self, span: Span, message: impl Into<String>) {
        self.found.push(Diagnostic::error(codes::TARGET_LIST, span, message.into()));
    }

    /// Steps over a value of the wrong type.
    fn wrong_type(&mut self, into: &str) {
        let kind = self.cursor.kind();
        let span = self.cursor.skip();
        self.refuse(span, format!("json: cannot unmarshal {} into Go {into}", kind.word()));
    }

    fn groups(&mut self) -> Vec<StaticConfig> {
        let mut groups = Vec::new();
        match self.cursor.kind() {
            Kind::Array => {
                self.cursor.enter();
                while self.cursor.has_next() {
                    groups.push(self.group());
                }
            }
            Kind::Null => {}
            _ => self.wrong_type("value of type []*targetgroup.Group"),
        }
        groups
    }

    fn group(&mut self) -> StaticConfig {
        let mut group = StaticConfig::default();
        match self.cursor.kind() {
            Kind::Object => {
                let start = self.cursor.offset();
                self.cursor.enter();
                while self.cursor.has_next() {
                    let key = self.cursor.string();
                    self.cursor.pass_colon();
                    if is_field(&key.value, "targets") {
                        group.targets = self.targets();
                    } else if is_field(&key.value, "labels") {
                        group.labels = self.labels();
                    } else {
                        self.unknown_field(&key);
                    }
                }
                group.span = Span::new(start, self.cursor.offset());
            }
            Kind::Null => {
                let span = self.cursor.skip();
                self.found.push(Diagnostic::error(codes::EMPTY_ITEM, span, "nil target group item found"));
            }
            _ => self.wrong_type(&format!("value of type {GROUP_TYPE}")),
        }
        group
    }

    fn unknown_field(&mut self, key: &Spanned<String>) {
        self.cursor.skip();
        let message = format!("json: unknown field {}", crate::text::quote(&key.value));
        let diagnostic = Diagnostic::error(codes::TARGET_LIST, key.span, message)
            .because("Prometheus takes nothing of a list with a key that it does not know.")
            .help("A group has `targets` and `labels`.");
        self.found.push(diagnostic);
    }

    fn targets(&mut self) -> Vec<Spanned<String>> {
        let mut targets = Vec::new();
        match self.cursor.kind() {
            Kind::Array => {
                self.cursor.enter();
                while self.cursor.has_next() {
                    match self.cursor.kind() {
                        Kind::String => targets.push(self.cursor.string()),
                        Kind::Null => targets.push(Spanned::new(String::new(), self.cursor.skip())),
                        _ => self.wrong_type("struct field .targets of type string"),
                    }
                }
            }
            Kind::Null => {
                self.cursor.skip();
            }
            _ => self.wrong_type("struct field .targets of type []string"),
        }
        targets
    }

    /// `common/model`, `LabelSet.UnmarshalJSON`. Of a name that stands twice, the later one counts.
    fn labels(&mut self) -> Vec<LabelPair> {
        let mut labels: Vec<LabelPair> = Vec::new();
        match self.cursor.kind() {
            Kind::Object => {
                self.cursor.enter();
                while self.cursor.has_next() {
                    let name = self.cursor.string();
                    self.cursor.pass_colon();
                    let value = match self.cursor.kind() {
                        Kind::String => self.cursor.string(),
                        Kind::Null => Spanned::new(String::new(), self.cursor.skip()),
                        _ => {
                            self.wrong_type("struct field .labels of type model.LabelValue");
                            continue;
                        }
                    };
                    if !default_scheme(self.version).is_label_name(name.value.as_bytes()) {
                        let name = invalid_label_name(name.value.as_bytes(), name.span, self.version);
                        self.found.push(name);
                    }
                    labels.push(LabelPair { name, value });
                }
                let mut seen: BTreeSet<String> = BTreeSet::new();
                labels.reverse();
                labels.retain(|label| seen.insert(label.name.value.clone()));
                labels.reverse();
            }
            Kind::Null => {
                self.cursor.skip();
            }
            _ => self.wrong_type("struct field .labels of type map[model.LabelName]model.LabelValue"),
        }
        labels
    }
}

/// Whether a key means the field, as Go folds names: capitals do not count, nor does how `s` and `k` are
/// written.
fn is_field(key: &str, field: &str) -> bool {
    let fold = |c: char| match c {
        'ſ' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    key.chars().map(fold).eq(field.chars())
}
