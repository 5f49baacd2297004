//! Why an edit cannot be made.

use std::fmt;

use crate::text::Span;

/// What kind of thing stands in an edit's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The text is no YAML: nothing is changed where nobody can say what is there.
    Broken,
    /// The path leads nowhere.
    NotFound,
    /// The path means more than one value.
    Ambiguous,
    /// The path asks for a key of a list, an item of a mapping, or either of a scalar.
    WrongKind,
    /// The key is there already.
    Exists,
    /// The edit would also change other places, through an anchor and its aliases, or would have no effect
    /// because of a merge key.
    Shared,
    /// The edit would take away an anchor that an alias elsewhere needs.
    AnchorInUse,
    /// The result would be over a budget of [`yaml`](crate::yaml).
    Budget,
    /// The text is written in a way that this edit cannot keep.
    Unsupported,
}

/// Why an edit cannot be made. Nothing has been changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditError {
    /// What kind of thing stands in the way.
    pub obstacle: Obstacle,
    /// The place in the text that it is about, where there is one.
    pub span: Option<Span>,
    /// What stands in the way.
    pub message: String,
    /// What to do about it. Empty where nothing general can be said.
    pub help: &'static str,
}

impl EditError {
    pub(super) fn new(obstacle: Obstacle, message: impl Into<String>) -> Self {
        Self { obstacle, span: None, message: message.into(), help: "" }
    }

    pub(super) fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    pub(super) fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }

    /// The text cannot be changed in this way without being written anew.
    pub(super) fn unsupported(message: impl Into<String>, span: Span) -> Self {
        Self::new(Obstacle::Unsupported, message).at(span).help("Change this place in the text itself.")
    }
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.help.is_empty() {
            write!(f, ". {}", self.help)?;
        }
        Ok(())
    }
}

impl std::error::Error for EditError {}
