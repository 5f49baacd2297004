//! Edits of a YAML text by path: the smallest change of the text that makes it say something else.
//!
//! [`plan()`] answers the [`TextEdit`]s of one [`Edit`]; [`apply()`] makes them and answers how to take them back.
//! What an edit need not touch stays byte for byte: comments, order, quotes, indentation, line ends. New text is
//! written as its surroundings are.
//!
//! # What is promised
//! The result is read again before it is answered, and compared with the tree before: nothing but what was asked
//! for may say anything else, and every comment outside of the replaced bytes must still be one. Where that cannot
//! be had, the answer is an [`EditError`] and no edit.
//!
//! # Comments
//! A comment belongs to a part of a list or mapping when it stands on a line of it, or below it and deeper than it.
//! Those go when the part is removed. A comment above it, in its column, stays when it is removed and goes along
//! when it is moved.
//!
//! # Anchors, aliases, merge keys
//! No edit changes other places in silence. By default ([`Sharing::Refuse`]) an edit is refused that leads into an
//! alias, into an anchored value that has aliases, or to a key that a merge key brings. [`Sharing::Everywhere`]
//! changes the anchored value for all its users. [`Sharing::Here`] writes the alias, or the merge key, out and
//! changes that: a key beside the merge key would not do, since go-yaml refuses one that is set twice in a map.
//! Setting the value of an alias' own place replaces the alias. A value whose anchor is needed elsewhere cannot be
//! taken away.

mod block;
mod check;
mod error;
mod flow;
mod locate;
mod make;
mod patch;
mod path;
mod print;
mod source;
mod steps;
mod style;
mod value;

pub use error::{EditError, Obstacle};
pub use path::{Path, PathError, Step};
pub use value::Value;

use crate::text::{Span, TextEdit, apply_edits};

use super::tree::Document;
use super::{MAX_BYTES, MAX_DEPTH, load};

use patch::trimmed;
use source::Source;

/// What to do at a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Gives the place a value. Keys of the path that are not there are created, behind the others.
    Set(Value),
    /// Puts an item into the list at the path: before the one that is at `at`, or at the end. A null becomes a
    /// list.
    InsertItem {
        /// The position, from 0; `None` for the end.
        at: Option<usize>,
        /// The item.
        value: Value,
    },
    /// Puts a key into the mapping at the path: before the one that is at `at`, or at the end. A null becomes a
    /// mapping.
    InsertKey {
        /// The position among the entries as they are written, from 0; `None` for the end.
        at: Option<usize>,
        /// The key, which must not be there.
        key: String,
        /// Its value.
        value: Value,
    },
    /// Takes the item, or the key with its value, away. An emptied list is `[]`, an emptied mapping `{}`.
    Remove,
    /// Gives the key at the end of the path another name.
    Rename(String),
    /// Moves the item or key within its list or mapping, to the position that it has afterwards.
    Move(usize),
}

/// What an edit may do to places that share a value through an anchor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// Nothing: such an edit is refused.
    #[default]
    Refuse,
    /// Change it for all of them.
    Everywhere,
    /// Change it in this place only, by writing it out instead of the alias.
    Here,
}

/// One change at one path.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Where.
    pub path: Path,
    /// What.
    pub change: Change,
    /// What may become of others.
    pub sharing: Sharing,
}

impl Edit {
    /// An edit that changes no other places.
    #[must_use]
    pub fn new(path: Path, change: Change) -> Self {
        Self { path, change, sharing: Sharing::Refuse }
    }
}

/// An edit that has been made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The text as it is now.
    pub text: String,
    /// What was done to the text as it was.
    pub edits: Vec<TextEdit>,
    /// What gives back the bytes, as edits of the text as it is now.
    pub undo: Vec<TextEdit>,
}

/// Makes `edit` in `text`.
///
/// # Errors
/// As [`plan()`].
pub fn apply(text: &str, edit: &Edit) -> Result<Applied, EditError> {
    let edits = plan(text, &load::parse(text).value, edit)?;
    let (text, undo) = apply_edits(text, &edits)
        .map_err(|error| EditError::new(Obstacle::Unsupported, error.to_string()))?;
    Ok(Applied { text, edits, undo })
}

/// The edits of `text`, which reads as `document`, that make `edit`. None where it says so already.
///
/// # Errors
/// Where the text is broken, the path leads nowhere or means more than one place, the change does not fit what is
/// there, others would be changed, or the text is written in a way in which the change cannot be made.
pub fn plan(text: &str, document: &Document, edit: &Edit) -> Result<Vec<TextEdit>, EditError> {
    if text.len() > MAX_BYTES {
        return Err(EditError::new(Obstacle::Budget, format!("the text has more than {MAX_BYTES} bytes")));
    }
    if let Some(at) = document.broken_at() {
        let error =
            EditError::new(Obstacle::Broken, "the text has a syntax error, so that nothing can be edited");
        return Err(error.at(Span::at(at)).help("Mend it first."));
    }
    if let Change::Set(value) | Change::InsertItem { value, .. } | Change::InsertKey { value, .. } =
        &edit.change
        && value.is_deeper_than(MAX_DEPTH)
    {
        let message = format!("the value nests deeper than {MAX_DEPTH} lists and mappings");
        return Err(EditError::new(Obstacle::Budget, message));
    }
    let edits = make::edits(Source { text, document }, edit)?;
    Ok(edits
        .into_iter()
        .map(|edit| trimmed(text, edit))
        .filter(|edit| !edit.span.is_empty() || !edit.text.is_empty())
        .collect())
}

#[cfg(test)]
mod tests;
