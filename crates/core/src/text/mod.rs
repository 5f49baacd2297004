//! Positions in texts and edits of them.
//!
//! Inside the library every position is a byte offset. Lines, columns and UTF-16 units exist only at
//! the edge, where [`LineIndex`] computes them; [`SourceMap`] leads from a decoded value back to the
//! file that spells it.

mod distance;
mod edit;
mod line_index;
mod quote;
mod source_map;
mod span;

pub use distance::edit_distance;
pub use edit::{EditError, TextEdit, apply_edits};
pub use line_index::{LineColumn, LineIndex};
pub use quote::{is_print, quote, quote_char};
pub use source_map::SourceMap;
pub use span::{FileId, Span};
