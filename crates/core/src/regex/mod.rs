//! Go's RE2 dialect, as Prometheus uses it: anchored, with Go's syntax, Go's refusals in Go's words, and
//! Go's replacement templates.
//!
//! Patterns are read by a parser of our own and compiled by `regex-automata`, so that nothing of the `regex`
//! crate's own syntax shows. Which Go it is that reads depends on the release of Prometheus and on the place:
//! relabelling has the parser of the Go that Prometheus is built with, selectors a copy in a fork. Patterns that come down to a set of texts or a literal with `.*` around it are
//! decided without the engine, see [`Shape`].
//!
//! Known differences from the real program, all beyond ASCII: the Unicode tables are those of Unicode 16,
//! Go's those of 13 to 15; and Prometheus since 2.54 compares case-insensitive choices of 16 and more texts
//! by their compatibility decomposition, so that `ﬁ` equals `fi` there and not here.

mod class;
mod engine;
mod error;
mod node;
mod parse;
mod shape;
mod template;
#[cfg(test)]
mod tests;
mod unicode;

use std::fmt;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice as _};
use regex_syntax::hir::{Hir, HirKind, Look};

use engine::Engine;
pub use error::{RegexError, RegexErrorKind};
use parse::ParseOptions;
pub use shape::{Shape, Side};
pub use template::{Reference, Template};

use crate::sort;
use crate::version::Version;

/// Selectors that are plain choices of texts are compared without being parsed since here
/// (`optimizeAlternatingLiterals`), and all others are parsed without the anchoring wrapper.
const BARE_PATTERNS: Version = Version { major: 2, minor: 52 };

/// Which Go reads a pattern, by the minor numbers of its 1.x releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Go {
    /// The release whose `regexp/syntax` it is.
    syntax: u8,
    /// The release that Prometheus is built with, whose Unicode tables are used.
    toolchain: u8,
}

impl Go {
    /// What `regexp.Compile` of Prometheus' fork uses: the toolchain's own parser (`.promu.yml`).
    fn toolchain(version: Version) -> Self {
        let toolchain = match (version.major, version.minor) {
            (2, ..44) => 19,
            (2, 44..47) => 20,
            (2, 47..51) => 21,
            (2, 51..55) => 22,
            (2, _) | (3, ..3) => 23,
            (3, 3..7) => 24,
            (3, 7..10) => 25,
            _ => 26,
        };
        Self { syntax: toolchain, toolchain }
    }

    /// What selectors are parsed with first: the fork's copy of the parser (`go.mod`).
    fn fork(version: Version) -> Self {
        let syntax = match (version.major, version.minor) {
            (2, ..53) => 19,
            (2, _) | (3, ..7) => 22,
            _ => 24,
        };
        Self { syntax, ..Self::toolchain(version) }
    }
}

/// The longest pattern that is evaluated, in bytes.
const MAX_PATTERN: usize = 1 << 20;

/// Where a pattern stands, because Prometheus compiles it differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// In a selector: `labels.NewFastRegexMatcher`.
    Selector,
    /// In a relabelling rule: `relabel.NewRegexp`. The pattern is wrapped as text before it is parsed, so
    /// `a)|(b` is valid here, matches unanchored, and errors show the wrapper.
    Relabel,
}

/// A compiled pattern.
#[derive(Clone)]
pub struct Regex {
    pattern: BString,
    form: Form,
    shape: Shape,
    /// Whether the shape's dots leave out the newline.
    excludes_newline: bool,
    /// Absent where the shape decides alone and there are no groups to tell.
    engine: Option<Arc<Engine>>,
    names: Vec<Option<String>>,
    /// Whether the pattern is one group around what matches everything: `(.*)`.
    whole_group: bool,
}

impl Regex {
    /// Compiles `pattern`, which need not be UTF-8, as `version` of Prometheus does for `form`.
    ///
    /// # Errors
    /// Go's error where Prometheus refuses the pattern; one of kind [`RegexErrorKind::Budget`] where only
    /// promtier does, because it is longer than 1 MiB, nests more than 250 deep or takes more than 16 MiB
    /// compiled.
    pub fn new(pattern: impl AsRef<[u8]>, form: Form, version: Version) -> Result<Self, RegexError> {
        let pattern = pattern.as_ref();
        if pattern.len() > MAX_PATTERN {
            return Err(RegexError::new(RegexErrorKind::Budget, b""));
        }
        let dot_newline = version.is_v3();
        let wrapped = || {
            let opening: &[u8] = if dot_newline { b"^(?s:" } else { b"^(?:" };
            [opening, pattern, b")$"].concat()
        };
        let options = |dot_newline, captures, go| ParseOptions { dot_newline, captures, go };
        match form {
            Form::Selector => {
                if version >= BARE_PATTERNS
                    && let Some(texts) = plain_choice(pattern)
                {
                    return Ok(Self {
                        pattern: pattern.into(),
                        form,
                        shape: Shape::Texts(texts),
                        excludes_newline: false,
                        engine: None,
                        names: vec![None],
                        whole_group: false,
                    });
                }
                if version < BARE_PATTERNS {
                    parse::parse(&wrapped(), options(false, false, Go::toolchain(version)))?;
                }
                let parsed = parse::parse(pattern, options(dot_newline, false, Go::fork(version)))?;
                let hir = Hir::concat(vec![Hir::look(Look::Start), parsed.hir, Hir::look(Look::End)]);
                Self::compile(pattern, form, &hir, parsed.names)
            }
            Form::Relabel => {
                let parsed = parse::parse(&wrapped(), options(false, true, Go::toolchain(version)))?;
                Self::compile(pattern, form, &parsed.hir, parsed.names)
            }
        }
    }

    fn compile(
        pattern: &[u8],
        form: Form,
        hir: &Hir,
        names: Vec<Option<String>>,
    ) -> Result<Self, RegexError> {
        let anchored = is_anchored(hir);
        let (shape, excludes_newline) = if anchored {
            shape::of(hir)
        } else {
            (Shape::Pattern { prefix: String::new(), suffix: String::new() }, false)
        };
        let whole = matches!(&shape, Shape::Literal { text, .. } if text.is_empty());
        let whole_group = whole && pattern == b"(.*)";
        let decided = !matches!(shape, Shape::Pattern { .. }) && !excludes_newline;
        let engine = if decided && (form == Form::Selector || whole_group) {
            None
        } else {
            let engine = Engine::new(hir, form == Form::Relabel, anchored)
                .map_err(|engine::TooLarge| RegexError::new(RegexErrorKind::Budget, b""))?;
            Some(Arc::new(engine))
        };
        let names = if form == Form::Relabel { names } else { vec![None] };
        Ok(Self { pattern: pattern.into(), form, shape, excludes_newline, engine, names, whole_group })
    }

    /// The pattern as it was given.
    #[must_use]
    pub fn pattern(&self) -> &BStr {
        self.pattern.as_bstr()
    }

    /// Where the pattern stands.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// Whether `text` matches, as a whole.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        if let Some(decided) = self.decide(text) {
            return decided;
        }
        self.engine.as_ref().is_some_and(|engine| engine.is_match(text))
    }

    fn decide(&self, text: &str) -> Option<bool> {
        if self.excludes_newline && memchr::memchr(b'\n', text.as_bytes()).is_some() {
            return None;
        }
        self.shape.decides(text)
    }

    /// What the pattern comes down to, for whoever can use more than one answer at a time: a dictionary looks
    /// up the texts of a [`Shape::Texts`] instead of trying every entry. `None` where the shape does not
    /// decide every text, and [`is_match`](Self::is_match) must be asked.
    #[must_use]
    pub fn shape(&self) -> Option<&Shape> {
        let decides = !self.excludes_newline && !matches!(self.shape, Shape::Pattern { .. });
        decides.then_some(&self.shape)
    }

    /// The only texts that match, sorted, where the pattern is a choice of texts.
    #[must_use]
    pub fn texts(&self) -> Option<&[String]> {
        match self.shape() {
            Some(Shape::Texts(texts)) => Some(texts),
            _ => None,
        }
    }

    /// Whether every text matches, the empty one included: `.*` where the dot takes newlines.
    #[must_use]
    pub fn matches_everything(&self) -> bool {
        let takes_all = |side: &Side| *side != Side::Something;
        matches!(
            self.shape(),
            Some(Shape::Literal { before, text, after })
                if text.is_empty() && takes_all(before) && takes_all(after)
        )
    }

    /// Whether the empty text, and so a label that is absent, matches.
    #[must_use]
    pub fn matches_empty(&self) -> bool {
        self.is_match("")
    }

    /// About how many bytes the compiled pattern takes, not counting what matching caches.
    #[must_use]
    pub fn memory_usage(&self) -> usize {
        let texts = self.texts().map_or(0, |texts| texts.iter().map(|text| text.len() + 24).sum());
        self.pattern.len() + texts + self.engine.as_ref().map_or(0, |engine| engine.memory_usage())
    }

    /// The number of groups of a [`Form::Relabel`] pattern, the whole match included: Go's `NumSubexp` and
    /// one. Selectors have no groups.
    #[must_use]
    pub fn group_count(&self) -> usize {
        self.names.len()
    }

    /// The names of the groups by their number; `None` where a group has none.
    pub fn group_names(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        self.names.iter().map(Option::as_deref)
    }

    /// The first match in `text` with its groups: Go's `FindStringSubmatchIndex`. Selectors have only the
    /// group 0.
    #[must_use]
    pub fn captures<'r, 't>(&'r self, text: &'t str) -> Option<Captures<'r, 't>> {
        let whole = (0, text.len());
        let Some(engine) = self.engine.as_ref().filter(|_| self.form == Form::Relabel) else {
            let spans = vec![Some(whole); if self.whole_group { 2 } else { 1 }];
            return self.is_match(text).then_some(Captures { text, names: &self.names, spans });
        };
        if self.decide(text) == Some(false) {
            return None;
        }
        self.search(engine, text, 0)
    }

    fn search<'r, 't>(&'r self, engine: &Engine, text: &'t str, from: usize) -> Option<Captures<'r, 't>> {
        let mut spans = engine.find(text, from)?;
        spans.resize(self.names.len(), None);
        Some(Captures { text, names: &self.names, spans })
    }

    /// `text` with every match replaced: Go's `ReplaceAllString`.
    #[must_use]
    pub fn replace_all(&self, text: &str, template: &Template) -> String {
        let mut out = String::new();
        let (mut search_from, mut copied) = (0, 0);
        while search_from <= text.len() {
            let found = match &self.engine {
                Some(engine) if self.form == Form::Relabel => self.search(engine, text, search_from),
                _ if search_from == 0 => self.captures(text),
                _ => None,
            };
            let Some(found) = found else { break };
            let Some(&Some((start, end))) = found.spans.first() else { break };
            out.push_str(text.get(copied..start).unwrap_or_default());
            // An empty match right after another one does not count.
            if end > copied || start == 0 {
                template.expand(&found, &mut out);
            }
            copied = end;
            let width =
                text.get(search_from..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            search_from = if search_from + width > end { search_from + width } else { end };
        }
        out.push_str(text.get(copied..).unwrap_or_default());
        out
    }
}

/// Patterns are equal when they are written the same for the same place and come down to the same.
impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.form == other.form
            && self.pattern == other.pattern
            && self.shape == other.shape
            && self.excludes_newline == other.excludes_newline
    }
}

impl fmt::Debug for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Regex")
            .field("pattern", &self.pattern)
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

/// A match and its groups.
#[derive(Clone, Debug)]
pub struct Captures<'r, 't> {
    text: &'t str,
    names: &'r [Option<String>],
    spans: Vec<Option<(usize, usize)>>,
}

impl<'t> Captures<'_, 't> {
    /// The text of a group by its number; `None` where there is no such group or it took no part.
    #[must_use]
    pub fn get(&self, group: usize) -> Option<&'t str> {
        let (start, end) = (*self.spans.get(group)?)?;
        self.text.get(start..end)
    }

    /// The text of the first group of this name that took part.
    #[must_use]
    pub fn name(&self, name: &str) -> Option<&'t str> {
        self.names
            .iter()
            .enumerate()
            .filter(|(_, have)| have.as_deref() == Some(name))
            .find_map(|(group, _)| self.get(group))
    }

    /// The texts of all groups by their number.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<&'t str>> {
        (0..self.spans.len()).map(|group| self.get(group))
    }
}

/// Whether a tree begins and ends with the anchors of the wrapper.
fn is_anchored(hir: &Hir) -> bool {
    let HirKind::Concat(subs) = hir.kind() else { return false };
    matches!(
        (subs.first().map(Hir::kind), subs.last().map(Hir::kind)),
        (Some(HirKind::Look(Look::Start)), Some(HirKind::Look(Look::End)))
    )
}

/// The texts of a pattern without any special character but `|`: Prometheus' `optimizeAlternatingLiterals`.
/// Texts that are not UTF-8 are left out: no value equals them.
fn plain_choice(pattern: &[u8]) -> Option<Vec<String>> {
    if pattern.iter().any(|byte| br"\.+*?()[]{}^$".contains(byte)) {
        return None;
    }
    let mut texts: Vec<String> = pattern
        .split(|&byte| byte == b'|')
        .filter_map(|text| text.to_str().ok().map(str::to_owned))
        .collect();
    sort::sort_and_dedup(&mut texts);
    Some(texts)
}
