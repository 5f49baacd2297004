//! The way of one series through the tiers.

use serde::{Deserialize, Serialize};

use super::RangeView;

/// Which series to follow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceQuery {
    /// Comes back with the answer.
    pub id: u32,
    /// The name of a node that stores it.
    pub node: String,
    /// The metric's name there.
    pub name: String,
    /// All its other labels there.
    pub labels: Vec<(String, String)>,
    /// How many hops to tell at most in each direction.
    pub hops: u32,
}

/// The way of one series through the tiers, the lowest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceAnswer {
    /// The query's.
    pub id: u32,
    /// The revision that was asked.
    pub revision: u64,
    /// The node.
    pub node: String,
    /// The series as it is written; empty where the node does not store it.
    pub series: String,
    /// Whether a server that federates stores it.
    pub arrives: bool,
    /// What becomes of it above the node, in a sentence.
    pub outcome: String,
    /// Where it is first stored.
    pub first: Vec<FirstView>,
    /// The hops by which it came to the node.
    pub down: Vec<HopView>,
    /// The hops from the node on, whether it arrives by them or not.
    pub up: Vec<HopView>,
    /// How many hops and first places are not told here.
    pub more: u32,
}

/// Where a series is first stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstView {
    /// The node.
    pub node: String,
    /// What brought it there, in words.
    pub from: String,
    /// The series as it is written there.
    pub series: String,
}

/// One series and one pull.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HopView {
    /// Who answers: a node, an application, or an address.
    pub source: String,
    /// The node that pulls.
    pub node: String,
    /// Its job.
    pub job: String,
    /// The job's target.
    pub target: String,
    /// The gates that the series comes to, in order; the last one is where it is stopped, if it is.
    pub gates: Vec<GateView>,
    /// How it ends.
    pub fate: FateView,
    /// The series as the node stores it; empty where it does not.
    pub series: String,
    /// What else brings a series with the same labels, in words.
    pub shared_with: Vec<String>,
}

/// What becomes of a series on a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FateView {
    /// It is stored.
    Stored,
    /// The last gate stops it.
    Stopped,
    /// It cannot be known.
    Unknown,
}

/// A gate and what it made of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateView {
    /// What it did.
    pub title: String,
    /// Whether the series goes on.
    pub passed: bool,
    /// Why.
    pub because: String,
    /// The smallest change that would let the series through; empty where there is none or none is needed.
    pub remedy: String,
    /// The series with what the gate changed of it, in pieces; none where it changed nothing.
    pub series: Vec<(MarkView, String)>,
    /// The file that decides; empty where there is none.
    pub path: String,
    /// The place in it.
    pub range: RangeView,
}

/// What a gate did with a piece of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarkView {
    /// It left it.
    Kept,
    /// It added it.
    Added,
    /// It took it away.
    Removed,
}
