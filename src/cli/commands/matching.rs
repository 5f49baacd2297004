//! `promtier match`: what `/federate` would answer.

use std::borrow::Cow;
use std::io::Write as _;

use promtier::diagnostic::Diagnostic;
use promtier::exposition::{Exposition, Format, Options, Parser, Writer};
use promtier::federation::{self, Bringer, Escaping, NodeStore, endpoint};
use promtier::labels::LabelSet;
use promtier::selector::{self, Selector};
use promtier::series::{Bitset, MatchCache, SeriesStore};
use promtier::text::{FileId, LineColumn};
use promtier::version::Version;
use serde::Serialize;

use crate::args::{Match, MatchFormat};
use crate::failure::{Complaint, Failure, Outcome};
use crate::files::{self, Content, Pieces};
use crate::output::series::Answer;
use crate::output::table::{self, Cell};
use crate::output::{Finding, Sources, counted};
use crate::terminal::{Terminal, ambiguous, note, say, stdout};

/// Answers the selectors.
pub(crate) fn run(arguments: &Match, terminal: Terminal) -> Result<Outcome, Failure> {
    let version = arguments.version.prometheus.unwrap_or_default();
    let external_labels = external_labels(&arguments.external_labels)?;
    if let Some(file) = &arguments.selectors_file {
        if files::is_stdin(file) && files::is_stdin(&arguments.samples) {
            return Err(Failure::unusable(
                "standard input can be read only once, and both SAMPLES and --selectors-file are `-`",
                "put one of them into a file",
            ));
        }
        let selectors = files::read_bytes(file)?;
        let source = files::Source::open(&arguments.samples)?;
        let held = Held::read(source, arguments, external_labels, terminal)?;
        return try_each(&held, &selectors, version, arguments.format);
    }
    // Opened first, so that a file that cannot be used is known before a selector is looked at.
    let source = files::Source::open(&arguments.samples)?;
    let Some(selectors) = read_selectors(&arguments.selectors, version, terminal) else {
        return Ok(Outcome::Findings);
    };
    let held = Held::read(source, arguments, external_labels, terminal)?;
    answer(&held, &selectors, arguments, terminal)
}

fn external_labels(given: &[(String, String)]) -> Result<LabelSet, Complaint> {
    let mut labels = LabelSet::new();
    for (name, value) in given {
        if labels.insert(name, value).is_some() {
            return Err(Complaint {
                message: format!("the external label `{name}` is given twice"),
                help: "a server has one value for each: leave one out".to_owned(),
            });
        }
    }
    Ok(labels)
}

/// Reads selectors as `/federate` does. Where one is refused all that is wrong is said, and there is nothing
/// to answer.
fn read_selectors(texts: &[String], version: Version, terminal: Terminal) -> Option<Vec<Selector>> {
    let mut selectors = Vec::new();
    let mut sources = Sources::default();
    let mut findings = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        match Selector::parse_strict(text, version) {
            Ok(selector) => selectors.push(selector),
            Err(error) => {
                let name =
                    if texts.len() == 1 { "match[]".to_owned() } else { format!("match[] {}", at + 1) };
                let file = sources.push(name, text.as_str());
                // The same faults with more words, and those behind the first.
                let mut faults = selector::parse(text, version).diagnostics.into_iter();
                let mut first =
                    faults.next().unwrap_or_else(|| Diagnostic::error(selector::SYNTAX, error.span, ""));
                first.message = error.to_string().into();
                findings.extend(
                    std::iter::once(first).chain(faults).map(|diagnostic| Finding { file, diagnostic }),
                );
            }
        }
    }
    if findings.is_empty() {
        return Some(selectors);
    }
    terminal.report(&sources, &findings);
    let refused = texts.len() - selectors.len();
    say(&format!(
        "{} refused: /federate answers the whole request with 400 and the first message",
        counted(refused, "selector")
    ));
    None
}

/// What the server that printed the samples holds.
struct Held {
    store: SeriesStore,
    external_labels: LabelSet,
    /// Whether every line of the samples could be read.
    sound: bool,
}

impl Held {
    fn read(
        source: files::Source,
        arguments: &Match,
        external_labels: LabelSet,
        terminal: Terminal,
    ) -> Result<Self, Failure> {
        let name = source.name().to_owned();
        let seed = files::seed();
        let mut parser = Parser::new(Format::PrometheusText, Options { seed, ..Options::default() });
        let bytes = files::stream(source, Content::Samples, |piece| {
            parser.push(piece.as_bytes());
            Pieces::More
        })?;
        if bytes == 0 {
            return Err(files::empty(&name).into());
        }
        let read = parser.finish();
        report_problems(&read, arguments, &name, terminal);
        let full = |error| Failure::unusable(format!("`{name}` holds too much: {error}"), "split it");
        let stored = federation::stored(&read.store, &external_labels, seed).map_err(full)?;
        for label in &stored.ambiguous {
            ambiguous(None, label);
        }
        let sound = read.failure.is_none();
        // Its columns are no longer needed, and there may be many.
        drop(read);
        // A server holds each series once, whatever the text repeats.
        let merged = NodeStore::merge(&[(Bringer::Samples(FileId(0)), &stored.store)], |_| true, seed)
            .map_err(full)?;
        Ok(Self { store: merged.store().clone(), external_labels, sound })
    }

    /// The rows that one selector brings into the answer, or the words with which the server fails.
    fn select(&self, selector: &Selector, cache: &mut MatchCache) -> Result<Bitset, String> {
        let matchers = selector.compiled().unwrap_or_default();
        let rows = endpoint::select(&self.store, &matchers, cache).map_err(|error| error.to_string())?;
        Ok(endpoint::answered(&self.store, [&rows], None))
    }
}

fn report_problems(read: &Exposition, arguments: &Match, name: &str, terminal: Terminal) {
    if read.problems.is_empty() {
        return;
    }
    let offsets: Vec<u32> = read.problems.iter().map(|problem| problem.diagnostic.span.start).collect();
    let mut excerpts = files::excerpts(&arguments.samples, &offsets).into_iter();
    let mut sources = Sources::default();
    let mut findings = Vec::new();
    for problem in &read.problems {
        let file = match excerpts.next() {
            Some(excerpt) => sources.push_piece(name.to_owned(), excerpt.text, excerpt.base, excerpt.first),
            None => {
                let place = LineColumn { line: problem.line as u32, column: problem.column as u32 };
                sources.push_piece(name.to_owned(), "", problem.diagnostic.span.start, place)
            }
        };
        findings.push(Finding { file, diagnostic: problem.diagnostic.clone() });
    }
    let shown = findings.len().min(SHOWN_PROBLEMS);
    terminal.report(&sources, &findings[..shown]);
    let more = read.problem_count - shown as u64;
    if more > 0 {
        say(&format!("and {} in `{name}`", counted(more as usize, "more problem")));
    }
    if read.failure.is_some() {
        say("lines that could not be read are left out of the answer");
    }
}

/// Where many lines are bad, the first few show why.
const SHOWN_PROBLEMS: usize = 10;

fn answer(
    held: &Held,
    selectors: &[Selector],
    arguments: &Match,
    terminal: Terminal,
) -> Result<Outcome, Failure> {
    let version = arguments.version.prometheus.unwrap_or_default();
    let mut cache = MatchCache::default();
    let mut selected = Vec::new();
    for (selector, text) in selectors.iter().zip(&arguments.selectors) {
        match held.select(selector, &mut cache) {
            Ok(rows) => selected.push(rows),
            Err(words) => {
                terminal.complain(&Complaint {
                    message: format!("`{text}`: {words}"),
                    help:
                        "/federate answers the whole request with 500 and these words: leave out the matcher \
                           with the empty name"
                            .to_owned(),
                });
                return Ok(Outcome::Findings);
            }
        }
    }
    let rows = endpoint::answered(&held.store, &selected, None);
    let mut out = stdout();
    match arguments.format {
        MatchFormat::Text => {
            let untimed = rows.iter().filter(|&row| held.store.timestamp(row).is_none()).count();
            if untimed > 0 {
                note(&format!(
                    "{} no timestamp in SAMPLES: /federate prints when each was scraped, and 0 is printed instead",
                    if untimed == 1 { "1 series has".to_owned() } else { format!("{untimed} series have") },
                ));
            }
            let writer = Writer::new(&held.store, &held.external_labels, &spell, 0);
            let mut written = Ok(());
            writer.write_sorted(&held.store.in_answer_order(&rows, version), |text| {
                written = out.write_all(text.as_bytes());
                written.is_ok()
            });
            written?;
        }
        MatchFormat::Json => {
            let answer = Answer::new(&held.store, &rows, &held.external_labels, SPELLING, version);
            let selectors: Vec<Count<'_>> = arguments
                .selectors
                .iter()
                .zip(&selected)
                .map(|(selector, rows)| Count { selector, count: rows.count() })
                .collect();
            let document = Document {
                version: 1,
                total: rows.count(),
                selectors,
                series: answer.rows(&rows, Some(&selected)),
            };
            serde_json::to_writer(&mut out, &document).map_err(std::io::Error::from)?;
            out.write_all(b"\n")?;
        }
        MatchFormat::Count => {
            let mut lines: Vec<Vec<Cell>> = arguments
                .selectors
                .iter()
                .zip(&selected)
                .map(|(selector, rows)| vec![Cell::count(rows.count()), Cell::text(selector)])
                .collect();
            lines.push(vec![Cell::count(rows.count()), Cell::text("in all")]);
            table::write(&mut out, "", &lines, false)?;
        }
    }
    out.flush()?;
    Ok(Outcome::findings_if(!held.sound))
}

/// Names are spelled as SAMPLES spells them, since whoever got that answer would get this one.
const SPELLING: Escaping = Escaping::AllowUtf8;

fn spell(name: &str) -> Cow<'_, str> {
    SPELLING.escape(name)
}

#[derive(Serialize)]
struct Document<'a, S: Serialize> {
    version: u32,
    total: usize,
    selectors: Vec<Count<'a>>,
    series: S,
}

#[derive(Serialize)]
struct Count<'a> {
    selector: &'a str,
    count: usize,
}

/// One line of `--selectors-file`.
#[derive(Serialize)]
struct Tried<'a, S: Serialize> {
    selector: &'a str,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<S>,
}

/// Answers each line of `selectors` by itself, with one object a line. Samples are read once, and what one
/// matcher says of a label's values serves all selectors that have it.
fn try_each(
    held: &Held,
    selectors: &[u8],
    version: Version,
    format: MatchFormat,
) -> Result<Outcome, Failure> {
    let answer = (format == MatchFormat::Json).then(|| {
        let all = Bitset::full(held.store.len());
        Answer::new(&held.store, &all, &held.external_labels, SPELLING, version)
    });
    let mut cache = MatchCache::default();
    let mut out = stdout();
    let mut refused = false;
    let lines = selectors.strip_suffix(b"\n").unwrap_or(selectors).split(|&byte| byte == b'\n');
    for line in lines {
        let found = Selector::parse_strict(line, version)
            .map_err(|error| error.to_string())
            .and_then(|selector| held.select(&selector, &mut cache));
        refused |= found.is_err();
        let (rows, error) = match found {
            Ok(rows) => (Some(rows), None),
            Err(error) => (None, Some(error)),
        };
        let tried = Tried {
            selector: &String::from_utf8_lossy(line),
            ok: error.is_none(),
            count: rows.as_ref().map(Bitset::count),
            error,
            series: rows.as_ref().and_then(|rows| Some(answer.as_ref()?.rows(rows, None))),
        };
        serde_json::to_writer(&mut out, &tried).map_err(std::io::Error::from)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(Outcome::findings_if(refused || !held.sound))
}
