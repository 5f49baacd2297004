//! One entry at a time, exactly as Prometheus reads it (`model/textparse`, `promparse.go` and
//! `openmetricsparse.go`): the slow and complete way. Lines of the plain form take the short cut of
//! `template.rs`.

mod labels;
mod open_metrics;

use std::borrow::Cow;
use std::ops::Range;

use crate::series::sample;
use crate::version::Version;

use super::Format;
use super::entry::{Entry, Exemplar, MetricType, SeriesEntry, sort_by_name};
use super::number::{normalize_bound, parse_digits, parse_float};
use super::quote::{quote, unescape, unescape_help};
use super::scanner::{Scanner, State, Token};

/// What [`EntryReader::read`] found.
#[derive(Debug)]
pub(super) enum Read {
    /// An entry, which [`EntryReader::entry`] gives.
    Entry,
    /// The text ends here as it should.
    End,
    /// Prometheus stops here with this message. `Range` is the token that did not fit.
    Error(String, Range<usize>),
    /// More bytes are needed to know.
    Incomplete,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Help,
    Type,
    Unit,
    Comment,
    Series,
}

/// Reads entries one by one, with what Prometheus' parsers carry from one to the next.
#[derive(Clone, Debug)]
pub(super) struct EntryReader {
    pub(super) format: Format,
    version: Version,
    skip_created: bool,
    pub(super) state: State,
    pub(super) metric_type: MetricType,
    kind: Kind,
    name: Option<Range<usize>>,
    text: Range<usize>,
    series: Range<usize>,
    /// Name and value of each label, without quotes.
    labels: Vec<(Range<usize>, Range<usize>)>,
    value: f64,
    timestamp: Option<i64>,
    exemplar: Option<(f64, Option<i64>)>,
    exemplar_labels: Vec<(Range<usize>, Range<usize>)>,
}

/// What stops an entry.
enum Stop {
    Error(String),
    End,
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self::Error(message)
    }
}

type Step<T> = Result<T, Stop>;

/// Which labels are read: those of a series or those of its exemplar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LabelsOf {
    Series,
    Exemplar,
}

const NO_EOF: &str = "data does not end with # EOF";

impl EntryReader {
    pub(super) fn new(format: Format, version: Version, skip_created: bool) -> Self {
        Self {
            format,
            version,
            skip_created,
            state: State::Init,
            metric_type: MetricType::Unknown,
            kind: Kind::Comment,
            name: None,
            text: 0..0,
            series: 0..0,
            labels: Vec::new(),
            value: 0.0,
            timestamp: None,
            exemplar: None,
            exemplar_labels: Vec::new(),
        }
    }

    /// Whether `le` and `quantile` of this type's series are normalised.
    pub(super) fn normalizes(&self) -> bool {
        self.version.is_v3() && matches!(self.metric_type, MetricType::Histogram | MetricType::Summary)
    }

    /// Reads the entry at `*at`, and moves `*at` behind it. `last`: nothing comes after `bytes`; a text of the
    /// Prometheus format then ends with a newline that Prometheus appends. On an error `*at` stays at the
    /// entry's start. Blank lines, and `_created` series where they are skipped, are passed over: `*at` may
    /// have moved even when more bytes are needed.
    pub(super) fn read(&mut self, bytes: &[u8], at: &mut usize, last: bool) -> Read {
        loop {
            let before = (self.state, self.metric_type);
            let mut scanner = Scanner::new(bytes, *at, self.state, self.format, self.version.is_v3());
            self.labels.clear();
            self.exemplar_labels.clear();
            self.exemplar = None;
            self.name = None;
            let step = match self.format {
                Format::PrometheusText => self.prometheus(&mut scanner),
                Format::OpenMetricsText => self.open_metrics(&mut scanner),
            };
            // Messages show the byte after the token that did not fit.
            let shows_next = scanner.at >= bytes.len() && matches!(step, Err(Stop::Error(_)));
            if (scanner.met_end || shows_next) && !last {
                (self.state, self.metric_type) = before;
                return Read::Incomplete;
            }
            self.state = scanner.state;
            match step {
                Ok(Some(kind)) => {
                    self.kind = kind;
                    *at = scanner.at;
                    return Read::Entry;
                }
                Ok(None) => *at = scanner.at,
                Err(Stop::End) => {
                    *at = scanner.at;
                    return Read::End;
                }
                Err(Stop::Error(message)) => {
                    return Read::Error(message, scanner.start..scanner.at.max(scanner.start));
                }
            }
        }
    }

    /// Where the series that was read last starts.
    pub(super) fn series_start(&self) -> usize {
        self.series.start
    }

    /// The entry that was read last, from the same bytes.
    pub(super) fn entry<'a>(&self, bytes: &'a [u8]) -> Entry<'a> {
        let slice = |range: &Range<usize>| bytes.get(range.clone()).unwrap_or(&[]);
        let name = self.name.as_ref().map_or(&[][..], slice);
        match self.kind {
            Kind::Help => {
                let text = slice(&self.text);
                let text = match self.format {
                    Format::PrometheusText => unescape_help(text),
                    Format::OpenMetricsText => unescape(text),
                };
                Entry::Help { name, text }
            }
            Kind::Type => Entry::Type { name, kind: self.metric_type },
            Kind::Unit => Entry::Unit { name, unit: slice(&self.text) },
            Kind::Comment => Entry::Comment(slice(&self.text)),
            Kind::Series => {
                let normalized = match self.metric_type {
                    MetricType::Histogram if self.normalizes() => &b"le"[..],
                    MetricType::Summary if self.normalizes() => b"quantile",
                    _ => b"",
                };
                let mut labels = Vec::with_capacity(self.labels.len() + 1);
                labels.push((Cow::Borrowed(&b"__name__"[..]), unescape(name)));
                for (label, value) in &self.labels {
                    let (label, mut value) = (unescape(slice(label)), unescape(slice(value)));
                    if !normalized.is_empty()
                        && label == normalized
                        && let Some(bound) = std::str::from_utf8(&value).ok().and_then(normalize_bound)
                    {
                        value = Cow::Owned(bound.into_bytes());
                    }
                    labels.push((label, value));
                }
                sort_by_name(&mut labels);
                Entry::Series(SeriesEntry {
                    text: slice(&self.series),
                    labels,
                    value: self.value,
                    timestamp: self.timestamp,
                    exemplar: self.exemplar.map(|(value, timestamp)| {
                        let pair = |(name, value): &(Range<usize>, Range<usize>)| (slice(name), slice(value));
                        let mut labels: Vec<_> = self.exemplar_labels.iter().map(pair).collect();
                        sort_by_name(&mut labels);
                        Exemplar { labels, value, timestamp }
                    }),
                })
            }
        }
    }

    /// `expected …, got …`, in the version's words.
    fn unexpected(&self, scanner: &Scanner<'_>, expected: &str, token: Token) -> Stop {
        let got = quote(token.as_str().as_bytes());
        if !self.version.is_v3() {
            return Stop::Error(format!("{expected}, got {got}"));
        }
        let end = scanner.bytes.len().min(scanner.at + 1);
        let shown = quote(&scanner.bytes[scanner.start.min(end)..end]);
        let parsed = quote(&scanner.bytes[self.series.start.min(end)..end]);
        Stop::Error(format!("{expected}, got {shown} ({got}) while parsing: {parsed}"))
    }

    /// An error that since version 3 shows what had been read.
    fn while_parsing(&self, scanner: &Scanner<'_>, message: &str) -> Stop {
        if !self.version.is_v3() {
            return Stop::Error(message.to_owned());
        }
        let parsed = quote(&scanner.bytes[self.series.start..scanner.at]);
        Stop::Error(format!("{message} while parsing: {parsed}"))
    }

    fn unquoted(scanner: &Scanner<'_>) -> Range<usize> {
        match scanner.token() {
            [b'"', .., b'"'] => scanner.start + 1..scanner.at - 1,
            _ => scanner.start..scanner.at,
        }
    }

    /// `None` for a line without an entry.
    fn prometheus(&mut self, scanner: &mut Scanner<'_>) -> Step<Option<Kind>> {
        self.series = scanner.at..scanner.at;
        let token = scanner.lex_over_blanks();
        match token {
            Token::Eof => Err(Stop::End),
            Token::Linebreak => Ok(None),
            Token::Help | Token::Type => {
                let name = scanner.lex_over_blanks();
                if name != Token::MetricName {
                    let expected = format!("expected metric name after {}", token.as_str());
                    return Err(self.unexpected(scanner, &expected, name));
                }
                self.name = Some(Self::unquoted(scanner));
                let text = scanner.lex_over_blanks();
                if text != Token::Text {
                    let got =
                        if self.version.is_v3() { format!(", got {}", text.as_str()) } else { String::new() };
                    return Err(Stop::Error(format!("expected text in {}{got}", token.as_str())));
                }
                self.text = (scanner.start + 1).min(scanner.at)..scanner.at;
                let kind = self.metadata(scanner, token)?;
                let end = scanner.lex_over_blanks();
                if end != Token::Linebreak {
                    return Err(self.unexpected(scanner, "linebreak expected after metadata", end));
                }
                Ok(Some(kind))
            }
            Token::Comment => {
                self.text = scanner.start..scanner.at;
                let end = scanner.lex_over_blanks();
                if end != Token::Linebreak {
                    return Err(self.unexpected(scanner, "linebreak expected after comment", end));
                }
                Ok(Some(Kind::Comment))
            }
            Token::BraceOpen => {
                self.label_pairs(scanner, LabelsOf::Series)?;
                self.series.end = scanner.at;
                let value = scanner.lex_over_blanks();
                self.prometheus_sample(scanner, value)
            }
            Token::MetricName => {
                // From the entry's start: blanks before a name belong to the name.
                self.name = Some(self.series.start..scanner.at);
                self.series.end = scanner.at;
                let mut value = scanner.lex_over_blanks();
                if value == Token::BraceOpen {
                    self.label_pairs(scanner, LabelsOf::Series)?;
                    self.series.end = scanner.at;
                    value = scanner.lex_over_blanks();
                }
                self.prometheus_sample(scanner, value)
            }
            token if self.version.is_v3() => {
                Err(self.unexpected(scanner, "expected a valid start token", token))
            }
            token => Err(Stop::Error(format!("\"{}\" is not a valid start token", token.as_str()))),
        }
    }

    fn prometheus_sample(&mut self, scanner: &mut Scanner<'_>, token: Token) -> Step<Option<Kind>> {
        if self.name.is_none() {
            return Err(self.while_parsing(scanner, "metric name not set"));
        }
        if token != Token::Value {
            return Err(self.unexpected(scanner, "expected value after metric", token));
        }
        self.value = self.float(scanner, scanner.token())?;
        self.timestamp = None;
        match scanner.lex_over_blanks() {
            Token::Linebreak => {}
            Token::Timestamp => {
                let time =
                    parse_digits(scanner.token()).map_err(|error| self.while_parsing(scanner, &error))?;
                self.timestamp = Some(time);
                let end = scanner.lex_over_blanks();
                if end != Token::Linebreak {
                    return Err(self.unexpected(scanner, "expected next entry after timestamp", end));
                }
            }
            token => return Err(self.unexpected(scanner, "expected timestamp or new record", token)),
        }
        Ok(Some(Kind::Series))
    }

    fn metadata(&mut self, scanner: &Scanner<'_>, token: Token) -> Step<Kind> {
        let text = &scanner.bytes[self.text.clone()];
        match token {
            Token::Type => {
                self.metric_type = MetricType::read(text, self.format)
                    .ok_or_else(|| format!("invalid metric type {}", quote(text)))?;
                Ok(Kind::Type)
            }
            Token::Help if std::str::from_utf8(text).is_err() => Err(Stop::Error(if self.version.is_v3() {
                format!("help text {} is not a valid utf8 string", quote(text))
            } else {
                "help text is not a valid utf8 string".to_owned()
            })),
            Token::Help => Ok(Kind::Help),
            _ => {
                let name = self.name.clone().map_or(&[][..], |name| &scanner.bytes[name]);
                let stem = name.strip_suffix(text).and_then(|stem| stem.last());
                if text.is_empty() || stem == Some(&b'_') {
                    return Ok(Kind::Unit);
                }
                let unit =
                    if self.version.is_v3() { format!("unit {}", quote(text)) } else { "unit".to_owned() };
                Err(Stop::Error(format!("{unit} not a suffix of metric {}", quote(name))))
            }
        }
    }

    fn float(&self, scanner: &Scanner<'_>, text: &[u8]) -> Step<f64> {
        let value = parse_float(text).map_err(|error| self.while_parsing(scanner, &error))?;
        Ok(if value.is_nan() { sample::not_a_number() } else { value })
    }

    fn next_token(&self, scanner: &mut Scanner<'_>) -> Token {
        match self.format {
            Format::PrometheusText => scanner.lex_over_blanks(),
            Format::OpenMetricsText => scanner.lex(),
        }
    }
}
