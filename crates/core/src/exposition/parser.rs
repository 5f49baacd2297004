//! Exposition text, in pieces of any size, into a store.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::labels::METRIC_NAME;
use crate::series::StoreBuilder;
use crate::text::Span;
use crate::version::Version;

use super::Format;
use super::entry::{Entry, LabelPair, MetricType, SeriesEntry};
use super::outcome::{Exposition, Failure, Metadata, MetadataContent, Problem};
use super::plain::{Meta, metadata};
use super::quote::quote;
use super::reader::{EntryReader, Read};
use super::scanner::State;
use super::template::{Normalized, Templates};

/// A line that Prometheus cannot read.
pub const SYNTAX: Code = Code::new("exposition/syntax");
/// A series that names a label twice.
pub const DUPLICATE_LABEL: Code = Code::new("exposition/duplicate-label");
/// A name that is not UTF-8.
pub const INVALID_NAME: Code = Code::new("exposition/invalid-name");
/// A metric name that swallowed the blanks before it.
pub const LEADING_BLANK: Code = Code::new("exposition/leading-blank");
/// Text after the NUL byte at which Prometheus stops reading.
pub const TEXT_AFTER_NUL: Code = Code::new("exposition/text-after-nul");
/// More than promtier takes.
pub const TOO_LARGE: Code = Code::new("exposition/too-large");

/// How exposition text is to be read.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The Prometheus that would read it.
    pub version: Version,
    /// Keys the hashes of the store, see [`StoreBuilder::new`].
    pub seed: u64,
    /// Whether `_created` series of OpenMetrics are left out, as Prometheus does when it ingests created
    /// timestamps; off by default there.
    pub skip_created: bool,
    /// The most problems that are kept in full; the rest is counted.
    pub max_problems: usize,
    /// The longest single entry, in bytes. Prometheus has no such limit; it keeps a quote that is never closed
    /// from holding the whole text in memory.
    pub max_entry: usize,
    /// The most metadata lines that are kept.
    pub max_metadata: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: Version::NEWEST,
            seed: 0,
            skip_created: false,
            max_problems: 100,
            max_entry: 16 << 20,
            max_metadata: 1 << 20,
        }
    }
}

/// Reads a whole text.
#[must_use]
pub fn parse(text: &[u8], format: Format, options: Options) -> Exposition {
    let mut parser = Parser::new(format, options);
    parser.push(text);
    parser.finish()
}

/// Reads text in pieces, which may end anywhere, also inside of a character. Pieces are not kept: what
/// remains is each distinct value once.
#[derive(Debug)]
pub struct Parser {
    options: Options,
    reader: EntryReader,
    builder: StoreBuilder,
    templates: Templates,
    /// The start of an entry whose end is yet to come.
    pending: Vec<u8>,
    /// How long `pending` has to become before it is worth reading again.
    enough: usize,
    /// Where the next byte to be read stands in the text, and in which line.
    offset: u64,
    line: u64,
    column: u64,
    /// The rest of a bad line is passed over.
    skipping: bool,
    /// Where the text ended for Prometheus.
    end: Option<Position>,
    found: Exposition,
}

#[derive(Clone, Copy, Debug)]
struct Position {
    offset: u64,
    line: u64,
    column: u64,
}

impl Parser {
    /// A parser for text of `format`.
    #[must_use]
    pub fn new(format: Format, options: Options) -> Self {
        Self {
            options,
            reader: EntryReader::new(format, options.version, options.skip_created),
            builder: StoreBuilder::new(options.seed),
            templates: Templates::new(format, options.seed),
            pending: Vec::new(),
            enough: 0,
            offset: 0,
            line: 1,
            column: 1,
            skipping: false,
            end: None,
            found: Exposition::default(),
        }
    }

    /// The series read so far.
    #[must_use]
    pub fn series(&self) -> usize {
        self.builder.len()
    }

    /// The bytes taken so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.found.bytes
    }

    /// The bytes held on the heap so far.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.builder.heap_bytes() + self.pending.capacity()
    }

    /// Reads the next piece of the text.
    pub fn push(&mut self, piece: &[u8]) {
        self.found.bytes += piece.len() as u64;
        let mut rest = piece;
        while !self.pending.is_empty() && !rest.is_empty() {
            // Complete the line that was cut, so that the rest can be read where it lies.
            let line_end = memchr::memchr(b'\n', rest).map(|at| at + 1);
            let (head, tail) = rest.split_at(line_end.unwrap_or(rest.len()));
            self.pending.extend_from_slice(head);
            rest = tail;
            if (line_end.is_some() && self.pending.len() >= self.enough)
                || self.pending.len() > self.options.max_entry
            {
                self.read_pending(false);
            }
        }
        if !rest.is_empty() {
            let consumed = self.read(rest, false);
            self.pending.extend_from_slice(&rest[consumed..]);
            self.enough = 0;
        }
    }

    /// Reads what is left and answers what was found.
    #[must_use]
    pub fn finish(mut self) -> Exposition {
        if self.reader.format == Format::PrometheusText {
            // As Prometheus does: a last line without its end is complete.
            self.pending.push(b'\n');
        }
        // Since version 3 a scrape does not even look at an empty body (`scrape/scrape.go`, `append`).
        if self.found.bytes > 0 || !self.options.version.is_v3() {
            self.read_pending(true);
        }
        if let Some(end) = self.end
            && end.offset + 1 < self.found.bytes
        {
            let rest = self.found.bytes - end.offset - 1;
            let diagnostic = Diagnostic::warning(
                TEXT_AFTER_NUL,
                span(end.offset, end.offset + 1),
                format!("a NUL byte ends the text here, and {rest} bytes follow"),
            )
            .because(
                "Prometheus stops reading at it without an error, so the series after it are lost in silence",
            )
            .help("Remove the NUL byte");
            self.problem(end, diagnostic);
        }
        self.found.store = self.builder.finish();
        self.found
    }

    fn read_pending(&mut self, last: bool) {
        let mut pending = std::mem::take(&mut self.pending);
        let consumed = self.read(&pending, last);
        pending.drain(..consumed);
        // An entry that is still incomplete is read again when it has doubled, so that the whole takes linear
        // time.
        self.enough = pending.len() * 2;
        self.pending = pending;
    }

    /// Reads entries from `bytes` and answers how many bytes are done with.
    fn read(&mut self, bytes: &[u8], last: bool) -> usize {
        let mut at = 0;
        while self.end.is_none() {
            if self.skipping {
                let line_end = memchr::memchr(b'\n', &bytes[at..]);
                let next = line_end.map_or(bytes.len(), |line_end| at + line_end + 1);
                self.advance(&bytes[at..next]);
                at = next;
                self.skipping = line_end.is_none();
            }
            if at >= bytes.len() && !last {
                break;
            }
            // Plain lines are tried the short way first.
            if self.reader.state == State::Init && !self.options.skip_created {
                at += self.read_plain(&bytes[at..]);
                if at >= bytes.len() && !last {
                    break;
                }
            }
            let before = at;
            let read = self.reader.read(bytes, &mut at, last);
            match read {
                Read::Entry => {
                    self.entry(bytes, before);
                    self.advance(&bytes[before..at]);
                }
                Read::Error(message, token) => {
                    self.advance(&bytes[before..at]);
                    let place = self.position(&bytes[at..token.start.max(at)]);
                    let length = (token.end - token.start).max(1) as u64;
                    self.syntax_error(&message, place, length);
                    self.reader.state = State::Init;
                    if at >= bytes.len() {
                        break;
                    }
                    self.skipping = true;
                }
                Read::End => {
                    // A NUL byte was taken for the end, unless it is the true end of the text.
                    if at < bytes.len() || !last {
                        let nul = memchr::memchr(0, &bytes[before..]).map_or(at, |nul| before + nul);
                        self.advance(&bytes[before..nul]);
                        self.end = Some(self.position(&[]));
                    }
                    return bytes.len();
                }
                Read::Incomplete => {
                    self.advance(&bytes[before..at]);
                    if bytes.len() - at <= self.options.max_entry {
                        break;
                    }
                    let place = self.position(&[]);
                    let limit = self.options.max_entry >> 20;
                    let diagnostic = Diagnostic::error(
                        TOO_LARGE,
                        span(place.offset, place.offset + 1),
                        format!("an entry is longer than {limit} MiB, and promtier reads no further"),
                    )
                    .because("a quote that is never closed takes in all lines after it")
                    .help("Look for a quote that is not closed, or for a backslash before the closing one");
                    self.fail(&diagnostic.message.clone(), place, false);
                    self.problem(place, diagnostic);
                    self.reader.state = State::Init;
                    self.skipping = true;
                }
            }
        }
        if self.end.is_some() { bytes.len() } else { at }
    }

    /// Reads plain lines from the start of `bytes`, as many as there are, and answers their length.
    fn read_plain(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        loop {
            self.templates.set_normalized(match self.reader.metric_type {
                MetricType::Histogram if self.reader.normalizes() => Normalized::Le,
                MetricType::Summary if self.reader.normalizes() => Normalized::Quantile,
                _ => Normalized::None,
            });
            let (length, lines) = self.templates.read(&bytes[at..], &mut self.builder);
            at += length;
            self.line += lines;
            if self.reader.format != Format::PrometheusText {
                break;
            }
            let Some((name, meta, length)) = metadata(&bytes[at..]) else { break };
            let content = match meta {
                Meta::Type(kind) => {
                    self.reader.metric_type = kind;
                    MetadataContent::Type(kind)
                }
                Meta::Help(text) => MetadataContent::Help(text.to_owned()),
            };
            self.metadata(|| Metadata { name: name.to_owned(), content });
            at += length;
            self.line += 1;
        }
        self.offset += at as u64;
        if at > 0 {
            self.column = 1;
        }
        at
    }

    fn metadata(&mut self, found: impl FnOnce() -> Metadata) {
        if self.found.metadata.len() < self.options.max_metadata {
            self.found.metadata.push(found());
        }
    }

    /// Moves over bytes that are done with.
    fn advance(&mut self, bytes: &[u8]) {
        let place = self.position(bytes);
        (self.offset, self.line, self.column) = (place.offset, place.line, place.column);
    }

    /// The place after `before`, which stands where the parser does.
    fn position(&self, before: &[u8]) -> Position {
        let (lines, start, column) = match memchr::memrchr(b'\n', before) {
            Some(last) => (memchr::memchr_iter(b'\n', before).count() as u64, last + 1, 1),
            None => (0, 0, self.column),
        };
        // Characters are counted by their first bytes, so that it does not matter where a piece was cut.
        let characters = before[start..].iter().filter(|&&byte| byte & 0xc0 != 0x80).count() as u64;
        Position {
            offset: self.offset + before.len() as u64,
            line: self.line + lines,
            column: column + characters,
        }
    }

    fn entry(&mut self, bytes: &[u8], start: usize) {
        let about = |name: &[u8], content| Metadata { name: lossy(name), content };
        let found = match self.reader.entry(bytes) {
            Entry::Help { name, text } => about(name, MetadataContent::Help(lossy(&text))),
            Entry::Type { name, kind } => about(name, MetadataContent::Type(kind)),
            Entry::Unit { name, unit } => about(name, MetadataContent::Unit(lossy(unit))),
            Entry::Comment(_) => return,
            Entry::Series(series) => return self.series_entry(bytes, start, &series),
        };
        self.metadata(|| found);
    }

    fn series_entry(&mut self, bytes: &[u8], start: usize, series: &SeriesEntry<'_>) {
        // Blank lines before the series were passed over with it.
        let before = bytes.get(start..self.reader.series_start().max(start)).unwrap_or(&[]);
        let length = series.text.len() as u64;
        let mut labels: Vec<(&str, &str)> = Vec::with_capacity(series.labels.len());
        for same in series.labels.chunk_by(|one, other| one.0 == other.0) {
            for (name, value) in same {
                let (Ok(name), Ok(value)) = (std::str::from_utf8(name), std::str::from_utf8(value)) else {
                    let place = self.position(before);
                    let pair = |(name, value): &LabelPair<'_>| format!("{}={}", quote(name), quote(value));
                    let shown: Vec<String> = series.labels.iter().map(pair).collect();
                    let message = format!("invalid metric name or label names: {{{}}}", shown.join(", "));
                    let diagnostic = self.scrape_error(INVALID_NAME, place, length, &message);
                    return self.problem(place, diagnostic.help("Write names in UTF-8"));
                };
                labels.push((name, value));
            }
            // Of a label that is there twice, one without a value takes the others with it (`labels.go`,
            // `Builder.Reset`).
            if same.len() > 1 {
                let empty = same.iter().any(|(_, value)| value.is_empty());
                labels.truncate(labels.len() + 1 - same.len());
                let Some((name, value)) = labels.last_mut() else { continue };
                if empty {
                    *value = "";
                    continue;
                }
                let name = *name;
                let place = self.position(before);
                let message = format!("label name {} is not unique: invalid sample", quote(name.as_bytes()));
                let diagnostic = self.scrape_error(DUPLICATE_LABEL, place, length, &message);
                return self.problem(place, diagnostic.help(format!("Keep one of the labels `{name}`")));
            }
        }
        let name = labels.iter().find(|(name, _)| *name == METRIC_NAME).map_or("", |&(_, value)| value);
        if name.starts_with([' ', '\t'])
            && series.text.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'))
        {
            let place = self.position(before);
            let diagnostic = Diagnostic::warning(
                LEADING_BLANK,
                span(place.offset, place.offset + length),
                format!("the name of this metric is `{name}`, with the blanks before it"),
            )
            .because(if self.options.version.is_v3() {
                "Prometheus takes blanks at the start of a line for a part of the metric's name, so selectors for the name without them find nothing"
            } else {
                "Prometheus takes blanks at the start of a line for a part of the metric's name, and fails the whole scrape with `invalid metric name or label names`"
            })
            .help("Remove the blanks at the start of the line");
            self.problem(place, diagnostic);
        }
        if let Err(full) = self.builder.push(labels, series.value, series.timestamp) {
            let place = self.position(before);
            let message = format!("promtier takes no more: {full}");
            let diagnostic = Diagnostic::error(TOO_LARGE, span(place.offset, place.offset + length), message);
            self.problem(place, diagnostic);
        }
    }

    fn syntax_error(&mut self, message: &str, place: Position, length: u64) {
        let help = help_for(message, self.reader.format);
        let diagnostic = self.scrape_error(SYNTAX, place, length, message);
        self.problem(place, diagnostic.help(help));
    }

    /// A problem for which a scrape fails as a whole.
    fn scrape_error(&mut self, code: Code, place: Position, length: u64, message: &str) -> Diagnostic {
        self.fail(message, place, code != SYNTAX);
        Diagnostic::new(Severity::Error, code, span(place.offset, place.offset + length), message.to_owned())
            .because("one line like this fails the whole scrape: Prometheus stores none of the target's series and sets `up` to 0")
    }

    fn fail(&mut self, message: &str, place: Position, read: bool) {
        if self.found.failure.is_none() {
            self.found.failure = Some(Failure {
                message: message.to_owned(),
                line: place.line,
                column: place.column,
                series_before: self.builder.len() as u32,
                counted: self.builder.len() as u32 + u32::from(read),
            });
        }
    }

    fn problem(&mut self, place: Position, diagnostic: Diagnostic) {
        self.found.problem_count += 1;
        if self.found.problems.len() < self.options.max_problems {
            self.found.problems.push(Problem { line: place.line, column: place.column, diagnostic });
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn span(start: u64, end: u64) -> Span {
    let clamp = |offset: u64| u32::try_from(offset).unwrap_or(u32::MAX);
    Span { start: clamp(start), end: clamp(end) }
}

/// What to do about a line that cannot be read, by the mistakes that people make.
fn help_for(message: &str, format: Format) -> &'static str {
    if message.contains("\\r\"") {
        "Convert the line ends from CRLF to LF"
    } else if message.contains("# EOF") {
        "End the text with the line `# EOF`, and with nothing after it"
    } else if message.contains("start token, got \"<") {
        "This looks like a web page: check the target's address and metrics_path"
    } else if message.contains("value out of range") || message.contains("invalid syntax") {
        "Write a decimal number, `NaN`, `+Inf` or `-Inf`"
    } else if message.starts_with("invalid metric type") {
        match format {
            Format::PrometheusText => "Use `counter`, `gauge`, `histogram`, `summary` or `untyped`",
            Format::OpenMetricsText => {
                "Use `counter`, `gauge`, `histogram`, `gaugehistogram`, `summary`, `info`, `stateset` or `unknown`"
            }
        }
    } else if message.starts_with("expected label value") {
        "Put the label's value in double quotes, with `\\\"`, `\\\\` and `\\n` for quotes, backslashes and newlines in it"
    } else if message.starts_with("metric name not set") {
        "Put the metric's name before the brace, or in double quotes as the first thing inside of it"
    } else {
        "Write `name{label=\"value\"} value`, and a timestamp in milliseconds after it where there is one"
    }
}
