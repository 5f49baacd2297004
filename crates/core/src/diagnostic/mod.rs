//! What is wrong, where, why it matters and what to do about it.
//!
//! A [`Diagnostic`] speaks of one source in byte offsets; whoever knows the file wraps it. Rendering is
//! the programs' business.

use std::borrow::Cow;
use std::fmt;

use crate::text::{FileId, SourceMap, Span, TextEdit};

/// The stable name of a kind of finding, `family/fault`, such as `federation/unbounded-selector`. It
/// reads as what one would allow: "allow federation/unbounded-selector".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    /// Names a code. Codes are constants beside the check that reports them.
    #[must_use]
    pub const fn new(slug: &'static str) -> Self {
        Self(slug)
    }

    /// The slug.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// How bad it is. Ordered: `Info < Warning < Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// The real program starts, and then loses or doubles data or risks an outage.
    Warning,
    /// The real program refuses it, or it can only do harm.
    Error,
}

impl Severity {
    /// The word, in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far an edit may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// An illustration; it needs a person's thought before it fits.
    DisplayOnly,
    /// Likely what is meant, but it changes what is collected.
    Unsafe,
    /// It mends the fault and changes nothing else.
    Safe,
}

/// Edits that mend a fault, all to the diagnostic's own source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the fix does, as a button would say it: "Set `honor_labels` to `true`".
    pub title: String,
    /// How far it may be trusted.
    pub applicability: Applicability,
    /// The edits, to be applied at once.
    pub edits: Vec<TextEdit>,
}

impl Fix {
    /// A fix that mends the fault and changes nothing else.
    pub fn safe(title: impl Into<String>, edits: Vec<TextEdit>) -> Self {
        Self { title: title.into(), applicability: Applicability::Safe, edits }
    }

    /// A fix that is likely what is meant, but changes what is collected.
    pub fn unsafe_fix(title: impl Into<String>, edits: Vec<TextEdit>) -> Self {
        Self { title: title.into(), applicability: Applicability::Unsafe, edits }
    }
}

/// Another place that belongs to the story ("first defined here").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The file, where it is another one than the diagnostic's own.
    pub file: Option<FileId>,
    /// The place.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// One finding in one source.
///
/// The message says what is wrong in one line, without a final full stop, with values in backticks; if only
/// one thing can be shown, it is the message. Where the real program has words for the fault, the message
/// contains them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of finding.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub span: Span,
    /// What is wrong.
    pub message: Cow<'static, str>,
    /// Why it matters: the real consequence. Empty where the message says it all.
    pub because: Cow<'static, str>,
    /// What to do. Empty where nothing general can be said.
    pub help: Cow<'static, str>,
    /// Other places that belong to it.
    pub labels: Vec<Label>,
    /// Edits that would mend it, the likeliest first.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// A finding of the given severity.
    pub fn new(severity: Severity, code: Code, span: Span, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            severity,
            span,
            message: message.into(),
            because: Cow::Borrowed(""),
            help: Cow::Borrowed(""),
            labels: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// The real program refuses it, or it can only do harm.
    pub fn error(code: Code, span: Span, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Error, code, span, message)
    }

    /// It starts, and then loses or doubles data or risks an outage.
    pub fn warning(code: Code, span: Span, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Warning, code, span, message)
    }

    /// Worth knowing.
    pub fn info(code: Code, span: Span, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Info, code, span, message)
    }

    /// Says why it matters.
    #[must_use]
    pub fn because(mut self, because: impl Into<Cow<'static, str>>) -> Self {
        self.because = because.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = help.into();
        self
    }

    /// Names another place in the same source.
    #[must_use]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { file: None, span, message: message.into() });
        self
    }

    /// Names a place in another file.
    #[must_use]
    pub fn label_in(mut self, file: FileId, span: Span, message: impl Into<String>) -> Self {
        self.labels.push(Label { file: Some(file), span, message: message.into() });
        self
    }

    /// Offers an edit that mends it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    /// The same finding in the file that spells the value it was found in. Fixes are dropped: a decoded
    /// value's edits would need quoting that only the file's own syntax knows.
    #[must_use]
    pub fn mapped(mut self, map: &SourceMap) -> Self {
        self.span = map.span_to_source(self.span);
        for label in self.labels.iter_mut().filter(|label| label.file.is_none()) {
            label.span = map.span_to_source(label.span);
        }
        self.fixes.clear();
        self
    }
}

/// What a parser that never fails answers: the best value it could make, and all that was wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed<T> {
    /// The value; complete only when there are no errors among the diagnostics.
    pub value: T,
    /// Everything found, in the order of the source.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Parsed<T> {
    /// Whether anything of severity error was found.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The same findings with another value.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Parsed<U> {
        Parsed { value: map(self.value), diagnostics: self.diagnostics }
    }
}
