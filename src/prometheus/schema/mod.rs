//! The configuration's schema: one table of every key of every section, for decoding, for messages
//! ("came with Prometheus 2.49"), for completion, for hovers and for `docs/reference.md`.
//!
//! The table is constant data. Names, types and versions are those of the `yaml` tags in `config/config.go`,
//! `discovery/`, `storage/remote/` and `common/config` at each release; defaults are those of the `Default…`
//! variables beside them. What a section is checked for beyond its keys' types stands in
//! [`checks`](super::checks).

mod alerting;
mod discovery;
mod global;
mod http_client;
mod lookup;
mod reference;
mod remote;
mod root;
mod scrape;

pub use lookup::{Place, Step, lookup};
pub use reference::{reference, type_of};

pub(super) use discovery::DISCOVERIES;
pub(super) use global::GLOBAL;
pub(super) use http_client::HTTP_CLIENT;
pub(super) use root::{CONFIG, SCRAPE_CONFIGS};
pub(super) use scrape::{SCRAPE_CONFIG, TARGET_GROUPS};

use crate::version::Version;
use crate::yaml::Shape;

use super::value::{Fields, Findings};

/// Where the documentation of the configuration is.
const DOCUMENTATION: &str = "https://prometheus.io/docs/prometheus/latest/configuration/configuration/";

/// A key of a section.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// What applies where the key is not there, as it would be written; empty where that is nothing.
    pub default: &'static str,
    /// The first version that knows it; [`Version::V2_42`] stands for that and all before.
    pub since: Version,
    /// The first version that no longer does.
    pub until: Option<Version>,
    /// What it does, in one sentence.
    pub words: &'static str,
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// `true`, `false` or nothing, which is neither.
    OptionalBool,
    /// A whole number.
    Int,
    /// A whole number that may be large: `int64`.
    Int64,
    /// A whole number that is not negative.
    Uint,
    /// A whole number that is not negative and may be large: `uint64`.
    Uint64,
    /// A number.
    Float,
    /// Text.
    Text,
    /// Text that should not be seen.
    Secret,
    /// The path of a file, relative to the configuration's folder.
    File,
    /// A duration: `1h30m`.
    Duration,
    /// A number of bytes: `100MB`.
    Size,
    /// A URL.
    Url,
    /// A URL without which the section cannot be.
    RequiredUrl,
    /// A regular expression, which must match as a whole.
    Regex,
    /// The name of a label.
    LabelName,
    /// One of several words.
    Enum(&'static Choice),
    /// A list.
    List(&'static List),
    /// Keys that are the user's own, and their values.
    Map(&'static Map),
    /// A section that is there, if only with its defaults.
    Section(&'static Section),
    /// A section that may be absent.
    Optional(&'static Section),
    /// Anything.
    Any,
}

/// The words that a value may be.
#[derive(Debug)]
pub struct Choice {
    /// The Go type as which it is read, in messages.
    pub(super) go_type: &'static str,
    /// The Go type where that reads itself; empty where it is plain text.
    pub(super) own_type: &'static str,
    /// Whether the type that reads itself is text, which takes a quoted `"null"` unseen.
    pub(super) is_text: bool,
    /// The words.
    pub values: &'static [Word],
    /// What Prometheus says of another: `%s` is the word, `%q` the word in quotes, `%v` the words that there
    /// are. Empty where that is said once the section is whole.
    pub(super) unknown: &'static str,
}

/// One of the words that a value may be.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// The word.
    pub text: &'static str,
    /// The first version that knows it.
    pub since: Version,
    /// The first version that no longer does.
    pub until: Option<Version>,
}

/// A list's type.
#[derive(Debug)]
pub struct List {
    /// The Go type.
    pub(super) go_type: &'static str,
    /// What its items are.
    pub item: Kind,
    /// What Prometheus says of an item that is null; empty where it takes that.
    pub(super) empty: &'static str,
}

/// The type of a mapping with keys of the user's own.
#[derive(Debug)]
pub struct Map {
    /// The Go type.
    pub(super) go_type: &'static str,
    /// The Go type where go-yaml does not ask it.
    pub(super) outer_type: &'static str,
    /// What its keys are.
    pub keys: MapKey,
    /// What its values are.
    pub value: Kind,
}

/// What the keys of a [`Map`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapKey {
    /// Any text.
    Text,
    /// Names of labels, checked as they are read.
    LabelName,
    /// Names of labels, checked once the section is whole.
    ExternalLabel,
}

/// A section.
#[derive(Debug)]
pub struct Section {
    /// What it is called in messages of ours and in the documentation: `scrape_config`.
    pub name: &'static str,
    /// The name of its Go type in messages.
    go_type: &'static str,
    /// The name under which its parent knows it.
    outer_type: &'static str,
    /// Where the documentation speaks of it.
    anchor: &'static str,
    /// What it is for, in one sentence.
    pub words: &'static str,
    /// Its keys, in the order of the documentation.
    keys: &'static [Key],
    /// Sections whose keys stand in it.
    inline: &'static [&'static Self],
    /// What it is checked for as a whole.
    pub(super) check: Option<fn(&Fields, &mut Findings<'_>)>,
}

/// A section as one version knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct SectionAt {
    pub(super) section: &'static Section,
    pub(super) version: Version,
}

const fn key(name: &'static str, kind: Kind, words: &'static str) -> Key {
    Key { name, kind, default: "", since: Version::V2_42, until: None, words }
}

const fn word(text: &'static str) -> Word {
    Word { text, since: Version::V2_42, until: None }
}

/// Words that are checked once the section is whole.
const fn choice(values: &'static [Word]) -> Choice {
    Choice { go_type: "string", own_type: "", is_text: true, values, unknown: "" }
}

/// Words of a type of their own that does not read itself.
const fn named(go_type: &'static str, values: &'static [Word]) -> Choice {
    Choice { go_type, ..choice(values) }
}

/// A list of pointers or of plain values.
const fn list(go_type: &'static str, item: Kind) -> List {
    List { go_type, item, empty: "" }
}

const fn section(
    name: &'static str,
    go_type: &'static str,
    outer_type: &'static str,
    words: &'static str,
    keys: &'static [Key],
) -> Section {
    Section { name, go_type, outer_type, anchor: name, words, keys, inline: &[], check: None }
}

/// A list of text.
static TEXTS: List = list("[]string", Kind::Text);
/// Text under keys of text.
static TEXT_MAP: Map = Map {
    go_type: "map[string]string",
    outer_type: "map[string]string",
    keys: MapKey::Text,
    value: Kind::Text,
};
/// Labels and their values.
static LABEL_SET: Map = Map {
    go_type: "model.LabelSet",
    outer_type: "model.LabelSet",
    keys: MapKey::LabelName,
    value: Kind::Text,
};

const fn version(major: u8, minor: u8) -> Version {
    Version { major, minor }
}

fn is_in(since: Version, until: Option<Version>, version: Version) -> bool {
    since <= version && until.is_none_or(|until| version < until)
}

impl Key {
    const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    const fn since(self, major: u8, minor: u8) -> Self {
        Self { since: version(major, minor), ..self }
    }

    const fn until(self, major: u8, minor: u8) -> Self {
        Self { until: Some(version(major, minor)), ..self }
    }

    /// Whether `version` knows it.
    #[must_use]
    pub fn is_in(&self, version: Version) -> bool {
        is_in(self.since, self.until, version)
    }
}

impl Word {
    const fn since(self, major: u8, minor: u8) -> Self {
        Self { since: version(major, minor), ..self }
    }

    const fn until(self, major: u8, minor: u8) -> Self {
        Self { until: Some(version(major, minor)), ..self }
    }

    /// Whether `version` knows it.
    #[must_use]
    pub fn is_in(&self, version: Version) -> bool {
        is_in(self.since, self.until, version)
    }
}

impl Choice {
    /// The words that `version` knows.
    pub fn words(&self, version: Version) -> impl Iterator<Item = &'static str> + use<> {
        self.values.iter().filter(move |word| word.is_in(version)).map(|word| word.text)
    }
}

impl Section {
    const fn at_anchor(self, anchor: &'static str) -> Self {
        Self { anchor, ..self }
    }

    const fn with(self, inline: &'static [&'static Self]) -> Self {
        Self { inline, ..self }
    }

    const fn checked(self, check: fn(&Fields, &mut Findings<'_>)) -> Self {
        Self { check: Some(check), ..self }
    }

    /// The keys that may stand in it for `version`, those of inlined sections too.
    #[must_use]
    pub fn keys(&self, version: Version) -> Vec<&'static Key> {
        let mut keys: Vec<&'static Key> = Vec::new();
        self.visit(&mut |key| {
            if key.is_in(version) && keys.iter().all(|seen| seen.name != key.name) {
                keys.push(key);
            }
        });
        keys
    }

    /// All keys of all versions.
    #[must_use]
    pub fn all_keys(&self) -> Vec<&'static Key> {
        let mut keys: Vec<&'static Key> = Vec::new();
        self.visit(&mut |key| keys.push(key));
        keys
    }

    /// The key of a name, as `version` knows it.
    #[must_use]
    pub fn key(&self, name: &str, version: Version) -> Option<&'static Key> {
        let own = self.keys.iter().find(|key| key.name == name && key.is_in(version));
        own.or_else(|| self.inline.iter().find_map(|inline| inline.key(name, version)))
    }

    /// Its place in the documentation.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{DOCUMENTATION}#{}", self.anchor)
    }

    fn visit(&self, visitor: &mut dyn FnMut(&'static Key)) {
        self.keys.iter().for_each(&mut *visitor);
        for inline in self.inline {
            inline.visit(visitor);
        }
    }

    pub(super) const fn at(&'static self, version: Version) -> SectionAt {
        SectionAt { section: self, version }
    }
}

impl Shape for SectionAt {
    fn go_type(&self) -> &str {
        self.section.go_type
    }

    fn outer_type(&self) -> &str {
        self.section.outer_type
    }

    fn has(&self, field: &str) -> bool {
        self.section.key(field, self.version).is_some()
    }

    fn fields(&self) -> Vec<&'static str> {
        self.section.keys(self.version).into_iter().map(|key| key.name).collect()
    }

    fn absence(&self, field: &str) -> Option<String> {
        let keys: Vec<&Key> = self.section.all_keys().into_iter().filter(|key| key.name == field).collect();
        let later = keys.iter().map(|key| key.since).filter(|since| *since > self.version).min();
        Some(match (later, keys.iter().filter_map(|key| key.until).max()) {
            (Some(since), _) => {
                format!("`{field}` came with Prometheus {since}; this file is read as for {}.", self.version)
            }
            (None, Some(until)) => {
                format!("`{field}` went with Prometheus {until}; this file is read as for {}.", self.version)
            }
            (None, None) => return None,
        })
    }
}
