//! The messages between an interface and the engine.
//!
//! These are the only structs of the library that are serialised; they are built for this edge and know no
//! core type. Positions are both UTF-16 offsets (what editors take) and lines and columns (what people read).
//! A text is sent whole at each edit; samples are sent as bytes beside a [`Request::Load`], never as text.

mod assist;
mod details;
mod trace;

use serde::{Deserialize, Serialize};

pub use assist::{CompletionKindView, CompletionView, CompletionsAnswer, HoverAnswer, HoverView};
pub use details::{CellView, DetailsAnswer, TableView, Topic};
pub use trace::{FateView, FirstView, GateView, HopView, MarkView, TraceAnswer, TraceQuery};

/// What an interface asks. Every request that changes the workspace makes a new revision; the engine answers
/// the newest and drops what is older.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Forgets the workspace and starts an empty one with the given default version of Prometheus.
    Reset {
        /// `3.5`, say; empty for the newest modelled.
        version: String,
    },
    /// Adds a file or replaces its text.
    Put {
        /// The path inside the workspace, with `/`.
        path: String,
        /// The whole text.
        text: String,
    },
    /// Adds or replaces a file of samples whose bytes travel beside this message: an `ArrayBuffer` or a `File`.
    Load {
        /// The path inside the workspace.
        path: String,
        /// The number of bytes to come.
        bytes: u64,
    },
    /// Stops reading the samples of `path`; what it held before stays.
    CancelLoad {
        /// The path inside the workspace.
        path: String,
    },
    /// Removes a file.
    Remove {
        /// The path inside the workspace.
        path: String,
    },
    /// Sets the version of every node that the manifest gives none.
    SetVersion {
        /// `3.5`, say.
        version: String,
    },
    /// Asks for some rows of what a node stores.
    Rows(RowsQuery),
    /// Asks for the way of one series through the tiers.
    Trace(TraceQuery),
    /// Asks for the tables on one node.
    Details {
        /// The node's name.
        node: String,
        /// What they are to be about.
        topic: Topic,
    },
    /// Asks what may be written at a place. It does not wait for the analysis of the newest texts.
    Complete(PlaceQuery),
    /// Asks what the words at a place mean.
    Hover(PlaceQuery),
    /// Asks for the text of the manifest that expects what a table of rows shows: see [`ExpectationAnswer`].
    WriteExpectation(ExpectationQuery),
}

/// What a table of rows shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectationQuery {
    /// Comes back with the answer.
    pub id: u32,
    /// The node's name.
    pub node: String,
    /// The selector that filters the rows; empty for all of them.
    pub filter: String,
}

/// A place in the text of a file, as it was last put.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceQuery {
    /// Comes back with the answer.
    pub id: u32,
    /// The file.
    pub path: String,
    /// The UTF-16 code units before the place.
    pub offset: u32,
}

/// Which rows to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsQuery {
    /// Comes back with the answer.
    pub id: u32,
    /// The node's name.
    pub node: String,
    /// A selector that the rows must match; empty for all.
    pub filter: String,
    /// Only rows that this pull, by its place in [`Analysis::pulls`], brought.
    pub pull: Option<u32>,
    /// The first row, counted in the order shown.
    pub start: u32,
    /// How many rows at most.
    pub count: u32,
}

/// What the engine says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Response {
    /// The engine runs.
    Ready {
        /// promtier's own version.
        engine: String,
        /// The versions of Prometheus that are modelled, the newest first.
        versions: Vec<String>,
    },
    /// How far the reading of samples is. Sent now and then while it lasts.
    Progress {
        /// The file.
        path: String,
        /// Bytes read.
        done: u64,
        /// Bytes in all.
        total: u64,
        /// Series found so far.
        series: u32,
    },
    /// The reading of samples has ended.
    Loaded {
        /// The file.
        path: String,
        /// How it ended.
        outcome: LoadOutcome,
    },
    /// The whole picture for one revision.
    Analysis(Box<Analysis>),
    /// Some rows.
    Rows(RowsAnswer),
    /// The way of one series.
    Trace(TraceAnswer),
    /// The tables on one node.
    Details(DetailsAnswer),
    /// What may be written at a place.
    Completions(CompletionsAnswer),
    /// What the words at a place mean.
    Hover(HoverAnswer),
    /// A manifest that expects what is seen.
    Expectation(ExpectationAnswer),
}

/// A manifest that expects what is seen: that the node has series that the filter matches, or lacks them where
/// there are none; without a filter, that it has no more series than now. Nothing is changed yet: whoever asked
/// puts the text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectationAnswer {
    /// The query's.
    pub id: u32,
    /// The revision that was asked.
    pub revision: u64,
    /// The manifest's path.
    pub path: String,
    /// Whether the workspace has no manifest yet.
    pub is_new: bool,
    /// What is expected, in words; empty where it cannot be written.
    pub says: String,
    /// Its whole new text; empty where it cannot be written.
    pub text: String,
    /// The edits of its text as it was: UTF-16 range and new text, to be applied at once.
    pub edits: Vec<(u32, u32, String)>,
    /// Why nothing can be written; empty where something can.
    pub error: String,
}

/// How the reading of samples ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoadOutcome {
    /// All of it is in the workspace.
    Complete {
        /// The series found.
        series: u32,
        /// The bytes read.
        bytes: u64,
        /// The first lines, for a look at what it is; at most 200 lines and 64 KiB.
        head: String,
    },
    /// It was stopped; what the file held before stays.
    Cancelled,
    /// It cannot be read; what the file held before stays.
    Failed {
        /// What is wrong and what to do.
        message: String,
    },
}

/// The picture of a workspace at one revision.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// Counts the requests that changed the workspace; the answer is for this one.
    pub revision: u64,
    /// The files, in the order in which the workspace lists them.
    pub files: Vec<FileView>,
    /// Everything found, sorted by file and place.
    pub findings: Vec<FindingView>,
    /// What to print at the end of lines of files: counts beside selectors, nodes beside targets.
    pub lenses: Vec<Lens>,
    /// The nodes, by tier and name.
    pub nodes: Vec<NodeView>,
    /// The pulls, by the node that pulls, its jobs and their targets.
    pub pulls: Vec<PullView>,
}

/// What a file was recognised as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileKind {
    /// `promtier.yaml`.
    Manifest,
    /// A Prometheus configuration.
    Prometheus,
    /// Recording and alerting rules.
    Rules,
    /// More jobs of a configuration.
    ScrapeConfigs,
    /// A list of targets.
    Targets,
    /// Exposition text.
    Samples,
    /// Kept and shown, not read.
    Other,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileView {
    /// The path inside the workspace.
    pub path: String,
    /// What it was recognised as.
    pub kind: FileKind,
    /// The node it configures or holds samples of.
    pub node: Option<String>,
    /// Its length.
    pub bytes: u64,
    /// For samples: the series in it.
    pub series: Option<u32>,
    /// Findings of severity error.
    pub errors: u32,
    /// Findings of severity warning.
    pub warnings: u32,
    /// The file is broken, and the preview rests on its last text that was not.
    pub from_last_valid: bool,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SeverityView {
    /// Worth knowing.
    Info,
    /// It starts, and then loses or doubles data or risks an outage.
    Warning,
    /// The real program refuses it, or it can only do harm.
    Error,
}

/// A range of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeView {
    /// The first UTF-16 code unit.
    pub start: u32,
    /// One past the last UTF-16 code unit.
    pub end: u32,
    /// The line of the start, from 1.
    pub line: u32,
    /// The column of the start in characters, from 1.
    pub column: u32,
    /// The line of the end, from 1.
    pub end_line: u32,
    /// The column of the end in characters, from 1.
    pub end_column: u32,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingView {
    /// The file.
    pub path: String,
    /// The place.
    pub range: RangeView,
    /// How bad it is.
    pub severity: SeverityView,
    /// The stable name of this kind of finding.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// Why it matters; may be empty.
    pub because: String,
    /// What to do; may be empty.
    pub help: String,
    /// Edits that would mend it.
    pub fixes: Vec<FixView>,
}

/// An edit that mends a finding, in the finding's own file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixView {
    /// What a button would say.
    pub title: String,
    /// Whether it changes nothing but the fault.
    pub safe: bool,
    /// The edits, to be applied at once: UTF-16 range and new text.
    pub edits: Vec<(u32, u32, String)>,
}

/// The mood of a lens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// Plain information.
    Plain,
    /// Something flows.
    Good,
    /// Nothing flows, or it cannot be known.
    Bad,
}

/// A few words at the end of a line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lens {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The number that leads, where there is one.
    pub lead: String,
    /// The words after it.
    pub text: String,
    /// Its mood.
    pub tone: Tone,
}

/// One Prometheus server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeView {
    /// Its name.
    pub name: String,
    /// Its height over the leaves: 0 where it federates from nobody.
    pub tier: u32,
    /// Its configuration file.
    pub config: String,
    /// The version of Prometheus it runs.
    pub version: String,
    /// Series it would store, report series included.
    pub series: u32,
    /// How many of them are report series (`up`, `scrape_…`).
    pub synthetic: u32,
    /// How many its own recording rules make.
    pub recorded: u32,
    /// How many only possibly exist.
    pub possible: u32,
    /// Samples attached to it; `None` where it has none.
    pub samples: Option<String>,
    /// Where samples for it would be put.
    pub samples_path: String,
    /// Findings in its configuration.
    pub errors: u32,
    /// Findings in its configuration.
    pub warnings: u32,
}

/// One scrape job of one node against one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullView {
    /// The node that pulls.
    pub node: String,
    /// The job.
    pub job: String,
    /// The target's address.
    pub target: String,
    /// The balancer between, where there is one.
    pub via: Option<String>,
    /// The node that answers; `None` where nobody in the workspace is known to.
    pub source: Option<String>,
    /// Whether it asks `/federate`.
    pub federates: bool,
    /// Series that the source's answer holds.
    pub exposed: u32,
    /// Series kept.
    pub kept: u32,
    /// Series dropped on the way.
    pub dropped: u32,
    /// Bytes of the answer.
    pub bytes: u64,
    /// Why nothing is stored; empty where something is.
    pub error: String,
    /// What each `match[]` brings.
    pub selectors: Vec<SelectorView>,
    /// Every how many milliseconds.
    pub interval_ms: u64,
    /// The configuration that holds the job.
    pub path: String,
    /// The job's place in it.
    pub range: RangeView,
}

/// One `match[]` of one pull.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectorView {
    /// As written.
    pub text: String,
    /// Its place in the pull's configuration.
    pub range: RangeView,
    /// Series it selects.
    pub matched: u32,
    /// Series that no other selector of this pull selects.
    pub only: u32,
    /// What it selects, in words.
    pub explanation: String,
    /// Why it selects nothing at all; empty where it is sound.
    pub error: String,
    /// What comes near, where it selects nothing and something does; empty otherwise.
    pub near: String,
    /// The selector as it was likely meant, where something comes near; empty otherwise.
    pub meant: String,
    /// The other selector of the pull that selects all that this one does, where there is one.
    pub within: Option<WithinView>,
}

/// A selector that selects all that another one does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithinView {
    /// The selector, by its place in the pull's.
    pub selector: u32,
    /// Whether it selects nothing else.
    pub equal: bool,
    /// Whether it is so whatever series there are; else it is so for those that are known.
    pub always: bool,
}

/// Some rows of what a node stores.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RowsAnswer {
    /// The query's.
    pub id: u32,
    /// The revision that was asked.
    pub revision: u64,
    /// The node.
    pub node: String,
    /// How many rows there are with this filter.
    pub total: u32,
    /// The first row given.
    pub start: u32,
    /// The rows.
    pub rows: Vec<RowView>,
    /// What is wrong with the filter; empty where nothing is. The rows are then unfiltered.
    pub filter_error: String,
}

/// Where a row came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The samples attached to the node.
    Samples,
    /// A pull, by its place in [`Analysis::pulls`], and the `match[]` that selected it, from 0.
    Pull {
        /// The pull.
        pull: u32,
        /// The selectors; none where an application's own metrics were scraped.
        selectors: Vec<u16>,
    },
    /// Prometheus itself makes it for a pull: `up`, `scrape_…`.
    Report {
        /// The pull.
        pull: u32,
    },
    /// A recording rule of the server makes it.
    Rule {
        /// The file of the rule.
        path: String,
        /// Its line, from 1.
        line: u32,
    },
}

/// One series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowView {
    /// The metric's name.
    pub name: String,
    /// The other labels, sorted by name.
    pub labels: Vec<(String, String)>,
    /// The value as Prometheus prints it; `None` where it cannot be known.
    pub value: Option<String>,
    /// Whether it only possibly exists: that depends on values that are not known.
    pub possible: bool,
    /// Where it came from; several where several sources write the same series.
    pub origins: Vec<Origin>,
}
