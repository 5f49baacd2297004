//! Tables on one node: figures, what its selectors cover, what collides, how its replicas differ.

use serde::{Deserialize, Serialize};

use super::{RangeView, Tone};

/// What tables are about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Topic {
    /// Which selectors select which series.
    #[default]
    Coverage,
    /// What brings the same series as another.
    Collisions,
    /// How the node's replicas differ.
    Replicas,
    /// How old what the node shows may be.
    Freshness,
    /// How much the pulls bring, and what drops how many series.
    Volume,
}

/// Tables on one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailsAnswer {
    /// The node.
    pub node: String,
    /// What was asked for.
    pub topic: Topic,
    /// Those that there is something to say in.
    pub tables: Vec<TableView>,
}

/// A table. Words in backticks are code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableView {
    /// What it shows.
    pub title: String,
    /// Sentences on it; may be empty.
    pub about: String,
    /// The heads of its columns.
    pub columns: Vec<String>,
    /// Its rows, each as long as `columns`; the first cell says what the row is about. There may be none.
    pub rows: Vec<Vec<CellView>>,
    /// How many rows are left out.
    pub more: u32,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellView {
    /// What it says.
    pub text: String,
    /// Its mood.
    pub tone: Tone,
    /// The file that it speaks of; empty where there is none.
    pub path: String,
    /// The place in it.
    pub range: RangeView,
}
