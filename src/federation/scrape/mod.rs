//! What a scrape makes of an answer: `scrape/scrape.go`, `scrapeLoopAppender.append`, for all rows at once.
//!
//! Target labels and `honor_labels`, metric relabelling, names, limits, in that order. Whatever Prometheus
//! refuses a whole scrape for rolls everything back here too, with the counts it would report.

mod accept;
mod attach;
mod order;

use std::fmt;

use crate::labels::{LabelSet, ValidationScheme};
use crate::prometheus::EffectiveScrapeConfig;
use crate::relabel::{Program, ProgramError, RelabelConfig, TooManyLabels};
use crate::series::{Bitset, EmptyLabels, Frame, Row, SeriesStore, StoreBuilder, StoreFull, sample};
use crate::version::Version;

pub(super) use accept::accept;
use accept::{first_refused, may_be_refused};
use attach::drop_unlabelled;
pub(super) use attach::{AS_BUILT_SINCE, EXPORTED, attach};
pub use order::AnswerOrder;
use order::Ranks;

/// What the server says of an answer that is too long.
pub(super) const BODY_SIZE_LIMIT: &str = Limit::Bytes.words();

/// A limit of a job that fails the whole scrape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// `sample_limit`.
    Samples,
    /// `body_size_limit`.
    Bytes,
}

impl Limit {
    /// What the server says where it is exceeded.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Samples => "sample limit exceeded",
            Self::Bytes => "body size limit exceeded",
        }
    }
}

/// What a scrape job says about the samples of one target. Limits of 0 are none.
#[derive(Clone, Debug, PartialEq)]
pub struct ScrapeSettings {
    /// Whether labels that are exposed win over the target's.
    pub honor_labels: bool,
    /// Whether timestamps that are exposed count.
    pub honor_timestamps: bool,
    /// `metric_relabel_configs`.
    pub metric_relabel_configs: Vec<RelabelConfig>,
    /// From how many bytes of answer on a scrape fails.
    pub body_size_limit: u64,
    /// How many samples may remain after relabelling.
    pub sample_limit: u64,
    /// How many labels a series may have.
    pub label_limit: u64,
    /// How many bytes a label's name may have.
    pub label_name_length_limit: u64,
    /// How many bytes a label's value may have.
    pub label_value_length_limit: u64,
    /// Which names are valid.
    pub name_validation: ValidationScheme,
    /// The version that scrapes.
    pub version: Version,
}

impl ScrapeSettings {
    /// What a job says.
    #[must_use]
    pub fn new(job: &EffectiveScrapeConfig<'_>) -> Self {
        Self {
            honor_labels: job.honor_labels,
            honor_timestamps: job.honor_timestamps,
            metric_relabel_configs: job.metric_relabel_configs(),
            body_size_limit: u64::try_from(job.body_size_limit.bytes()).unwrap_or(0),
            sample_limit: job.sample_limit,
            label_limit: job.label_limit,
            label_name_length_limit: job.label_name_length_limit,
            label_value_length_limit: job.label_value_length_limit,
            name_validation: job.metric_name_validation_scheme,
            version: job.version,
        }
    }
}

/// An answer on its way into a server.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The rows of the store that it comes from.
    pub rows: Bitset,
    /// The rows with the labels that the answer gives them, each shape a frame.
    pub frames: Vec<Frame>,
    /// Their order.
    pub order: AnswerOrder,
    /// The length of the body.
    pub bytes: u64,
    /// Rows whose timestamps storage does not take: see [`out_of_bounds`]. They count as scraped.
    pub refused: Bitset,
    /// Where reading the body fails. `None` for a body that can be read to its end.
    pub broken: Option<Broken>,
    /// Whether there may be samples in it that are not listed.
    pub open: bool,
}

/// How much older than the newest sample a sample may be: half the head's two hours (`tsdb/head_append.go`,
/// `appendableMinValidTime`).
const MOST_BEHIND_MS: i64 = 60 * 60 * 1000;
/// How much newer than the present a sample may be: `scrape/scrape.go`, `maxAheadTime`.
const MOST_AHEAD_MS: i64 = 10 * 60 * 1000;

/// The rows of an application's answer whose own timestamps lie so far from `now`, in milliseconds since
/// 1970, that storage drops the samples in silence.
#[must_use]
pub fn out_of_bounds(store: &SeriesStore, now: i64) -> Bitset {
    let taken = now.saturating_sub(MOST_BEHIND_MS)..=now.saturating_add(MOST_AHEAD_MS);
    let dropped = |row: &Row| store.timestamp(*row).is_some_and(|time| !taken.contains(&time));
    Bitset::from_rows(store.len(), (0..store.len() as Row).filter(dropped))
}

/// Where reading a body fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The rows before it.
    pub rows_before: u64,
    /// The samples that were scraped until then: one more, where it is a sample that is refused.
    pub scraped: u64,
    /// The server's words.
    pub words: String,
}

/// What a scrape stored.
#[derive(Clone, Debug, Default)]
pub struct Scraped {
    /// The series kept, not yet merged with what other scrapes bring. A row's position is that of its row in
    /// the store that the answer came from.
    pub kept: SeriesStore,
    /// `scrape_samples_scraped`.
    pub samples_scraped: u64,
    /// `scrape_samples_post_metric_relabeling`.
    pub samples_post_metric_relabeling: u64,
    /// What is dropped of an answer that is stored.
    pub dropped: Dropped,
    /// Whether it may store more than what is kept, or less where some series only possibly exist; then the
    /// numbers are not a server's.
    pub open: bool,
    /// Why the scrape failed and nothing is stored, in the server's words.
    pub error: Option<String>,
}

/// How many series of an answer are dropped, and by what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// By each rule of `metric_relabel_configs`.
    pub by_rule: Vec<u64>,
    /// For having no labels left.
    pub unlabelled: u64,
    /// By storage, which does not take timestamps so far from the present.
    pub out_of_bounds: u64,
}

/// Why the outcome of a scrape is not computed, though a server would have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScrapeError {
    /// More than stores may hold.
    Full(StoreFull),
    /// Relabelling makes more label names than are evaluated.
    TooManyLabels(TooManyLabels),
    /// A relabelling rule that Prometheus would not start with.
    InvalidRule(ProgramError),
    /// Whether a limit is exceeded depends on series that only possibly exist.
    Undecided(&'static str),
}

impl fmt::Display for ScrapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(full) => full.fmt(f),
            Self::TooManyLabels(many) => many.fmt(f),
            Self::InvalidRule(invalid) => invalid.fmt(f),
            Self::Undecided(limit) => {
                write!(
                    f,
                    "whether {limit} depends on series that only possibly exist, as rules make them of values that are not known"
                )
            }
        }
    }
}

impl std::error::Error for ScrapeError {}

impl From<StoreFull> for ScrapeError {
    fn from(full: StoreFull) -> Self {
        Self::Full(full)
    }
}

/// Scrapes `answer` from a target with `target_labels`.
///
/// # Errors
/// When the outcome is beyond what is computed here.
pub fn scrape(
    mut answer: Answer,
    target_labels: &LabelSet,
    settings: &ScrapeSettings,
    seed: u64,
) -> Result<Scraped, ScrapeError> {
    let rules =
        Program::compile(&settings.metric_relabel_configs, settings.version, settings.name_validation)
            .map_err(ScrapeError::InvalidRule)?;
    if settings.body_size_limit > 0 && answer.bytes >= settings.body_size_limit {
        return Ok(failed(0, 0, BODY_SIZE_LIMIT.to_owned()));
    }
    let mut scraped: u64 = answer.frames.iter().map(|frame| frame.len() as u64).sum();
    let possible =
        |frame: &Frame| (0..frame.len()).filter(|&at| sample::is_possible(frame.value(at))).count();
    let open = answer.open || answer.frames.iter().any(|frame| possible(frame) > 0);
    let repeated = repeated_rows(&answer, settings);
    let mut dropped = Dropped { by_rule: vec![0; rules.rules().len()], ..Dropped::default() };
    for frame in &mut answer.frames {
        if !settings.honor_timestamps {
            frame.forget_timestamps();
        }
        let added = attach(frame, target_labels, settings);
        let as_built = settings.version >= AS_BUILT_SINCE;
        let added: Vec<&str> = added.iter().filter(|_| as_built).map(String::as_str).collect();
        let by_rule = rules.apply_to_frame_after(frame, &added).map_err(ScrapeError::TooManyLabels)?;
        for (sum, count) in dropped.by_rule.iter_mut().zip(by_rule) {
            *sum += count as u64;
        }
        let labelled = frame.len();
        drop_unlabelled(frame);
        dropped.unlabelled += (labelled - frame.len()) as u64;
    }
    let mut kept: u64 = answer.frames.iter().map(|frame| frame.len() as u64).sum();

    let refused = answer.frames.iter().any(|frame| may_be_refused(frame, settings));
    let rank = (refused || answer.broken.is_some()).then(|| Ranks::new(&answer));
    let first_refused =
        rank.as_ref().filter(|_| refused).and_then(|rank| first_refused(&answer, rank, settings));
    if let (true, Some((row, _))) = (open, &first_refused) {
        let store = answer.frames.first().map(Frame::source);
        if store.is_some_and(|store| sample::is_possible(store.value(*row))) {
            return Err(ScrapeError::Undecided("a series is refused"));
        }
    }
    if let Some(rank) = rank.filter(|_| first_refused.is_some() || answer.broken.is_some()) {
        // A row is read, and may be refused, before whatever follows it can break the reading.
        let refused_at = first_refused.as_ref().map(|&(row, _)| rank.of(row));
        let (seen, counted, error) = match (refused_at, answer.broken, first_refused) {
            (Some(at), broken, Some((_, words)))
                if broken.as_ref().is_none_or(|broken| at < broken.rows_before) =>
            {
                (at + 1, at, words)
            }
            (_, Some(broken), _) => (broken.scraped, broken.rows_before, broken.words),
            _ => return Ok(Scraped::default()),
        };
        scraped = seen;
        let rows = answer.frames.iter().flat_map(|frame| (0..frame.len()).map(|at| frame.row(at)));
        kept = rows.filter(|&row| rank.of(row) < counted).count() as u64;
        return Ok(Scraped { open, ..failed(scraped, kept, error) });
    }
    if settings.sample_limit > 0 && kept - repeated.min(kept) > settings.sample_limit {
        let possible = answer.frames.iter().map(|frame| possible(frame) as u64).sum::<u64>();
        if kept - (repeated + possible).min(kept) <= settings.sample_limit {
            return Err(ScrapeError::Undecided("sample_limit is exceeded"));
        }
        return Ok(Scraped { open, ..failed(scraped, kept, Limit::Samples.words().to_owned()) });
    }
    if settings.honor_timestamps && !answer.refused.is_empty() {
        let refused = refused_rows(&answer, settings);
        for frame in &mut answer.frames {
            let refused: Vec<bool> = (0..frame.len()).map(|at| refused.contains(frame.row(at))).collect();
            frame.retain(|at| !refused[at]);
            dropped.out_of_bounds += refused.iter().filter(|&&refused| refused).count() as u64;
        }
    }
    let mut builder = StoreBuilder::new(seed);
    for frame in &answer.frames {
        builder.push_frame(frame, 0, EmptyLabels::Drop)?;
    }
    Ok(Scraped {
        kept: builder.finish(),
        samples_scraped: scraped,
        samples_post_metric_relabeling: kept,
        dropped,
        open,
        error: None,
    })
}

fn failed(samples_scraped: u64, samples_post_metric_relabeling: u64, error: String) -> Scraped {
    Scraped {
        kept: SeriesStore::default(),
        samples_scraped,
        samples_post_metric_relabeling,
        dropped: Dropped::default(),
        open: false,
        error: Some(error),
    }
}

/// Whether `holds` for the label's value, `""` where absent, in every row.
fn all(frame: &Frame, name: &str, holds: impl Fn(&str) -> bool) -> bool {
    let classes = frame.classes(&[name]);
    frame.each(&[name], &classes, |values| holds(values[0].unwrap_or(""))).into_iter().all(|ok| ok)
}

/// How many rows repeat an earlier one to the letter and have no timestamp that counts. Prometheus 3 does not
/// append them, so that they do not count towards `sample_limit`; before, they did. Rows that spell the same
/// labels otherwise are taken for repeated too: how a row was spelled is not kept.
fn repeated_rows(answer: &Answer, settings: &ScrapeSettings) -> u64 {
    if settings.sample_limit == 0
        || !settings.version.is_v3()
        || matches!(answer.order, AnswerOrder::Sorted(_))
    {
        return 0;
    }
    let Some(frame) = answer.frames.first() else { return 0 };
    let store = frame.source();
    let repeated = store.duplicates();
    let timeless = |&&(row, _): &&(Row, Row)| !settings.honor_timestamps || store.timestamp(row).is_none();
    repeated.iter().filter(timeless).count() as u64
}

/// The rows that storage does not take: those with a timestamp out of bounds, and in Prometheus 3 what repeats
/// one of them without a timestamp, since it is not even tried.
fn refused_rows(answer: &Answer, settings: &ScrapeSettings) -> Bitset {
    let mut refused = answer.refused.clone();
    let Some(frame) = answer.frames.first().filter(|_| settings.version.is_v3()) else { return refused };
    let store = frame.source();
    for (row, earliest) in store.duplicates() {
        if answer.refused.contains(earliest) && store.timestamp(row).is_none() {
            refused.insert(row);
        }
    }
    refused
}
