//! What reading exposition text gives.

use crate::diagnostic::{Diagnostic, Parsed};
use crate::series::SeriesStore;

use super::entry::MetricType;

/// What was wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1, in characters.
    pub column: u64,
    /// What, why and what to do. Its span counts bytes from the start of the text; past 4 GiB it stays there.
    pub diagnostic: Diagnostic,
}

/// The first thing for which a real scrape would fail as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Prometheus' own words, as it shows them for the target.
    pub message: String,
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1, in characters.
    pub column: u64,
    /// How many series stand before it.
    pub series_before: u32,
    /// What `scrape_samples_scraped` counts for the failed scrape: the series before, and the failing one where
    /// the text could be read and storage refused it.
    pub counted: u32,
}

/// A line about a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The metric's name as the line spells it.
    pub name: String,
    /// What the line says.
    pub content: MetadataContent,
}

/// What a metadata line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetadataContent {
    /// A HELP line's text.
    Help(String),
    /// A TYPE line's type.
    Type(MetricType),
    /// A UNIT line's unit.
    Unit(String),
}

/// What exposition text holds.
#[derive(Clone, Debug, Default)]
pub struct Exposition {
    /// The series of all lines that could be read, in their order. Labels with an empty value are kept.
    pub store: SeriesStore,
    /// What was wrong, in the order of the text: at most as many as [`super::Options::max_problems`].
    pub problems: Vec<Problem>,
    /// How many problems there were.
    pub problem_count: u64,
    /// The first problem that makes a real scrape fail as a whole. A store of an exposition with a failure
    /// holds what could be read nevertheless.
    pub failure: Option<Failure>,
    /// The HELP, TYPE and UNIT lines in their order.
    pub metadata: Vec<Metadata>,
    /// The length of the text in bytes: what `body_size_limit` looks at.
    pub bytes: u64,
}

impl Exposition {
    /// The store and the diagnostics.
    #[must_use]
    pub fn into_parsed(self) -> Parsed<SeriesStore> {
        let diagnostics = self.problems.into_iter().map(|problem| problem.diagnostic).collect();
        Parsed { value: self.store, diagnostics }
    }
}
