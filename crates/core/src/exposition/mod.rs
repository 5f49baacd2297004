//! Exposition text: the Prometheus text format and OpenMetrics in, what `/federate` prints out.
//!
//! [`Parser`] reads text piece by piece into a [`crate::series::SeriesStore`]; [`entries`] shows one entry
//! after the other, strictly, as a scrape sees them. [`Writer`] prints what `/federate` prints.

mod content_type;
mod entry;
mod number;
mod outcome;
mod parser;
mod plain;
mod quote;
mod reader;
mod scanner;
mod template;
#[cfg(test)]
mod tests;
mod writer;

pub use content_type::{Negotiated, Wire, negotiate};
pub use entry::{Entry, Exemplar, LabelPair, MetricType, SeriesEntry};
pub use number::{format_float, write_float};
pub use outcome::{Exposition, Failure, Metadata, MetadataContent, Problem};
pub use parser::{
    DUPLICATE_LABEL, INVALID_NAME, LEADING_BLANK, Options, Parser, SYNTAX, TEXT_AFTER_NUL, TOO_LARGE, parse,
};

pub use writer::Writer;

use crate::version::Version;

/// A text format of exposition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// The Prometheus text format 0.0.4 and 1.0.0: `text/plain`.
    #[default]
    PrometheusText,
    /// OpenMetrics: `application/openmetrics-text`.
    OpenMetricsText,
}

/// Calls `each` with every entry of `text` as Prometheus of `version` reads it, to the first error. With
/// `skip_created`, `_created` series of OpenMetrics are left out.
///
/// # Errors
/// Prometheus' message for the entry that it cannot read. Entries before it have been passed to `each`.
pub fn entries(
    text: &[u8],
    format: Format,
    version: Version,
    skip_created: bool,
    mut each: impl FnMut(Entry<'_>),
) -> Result<(), String> {
    let mut complete = text.to_vec();
    if format == Format::PrometheusText {
        complete.push(b'\n');
    }
    let mut reader = reader::EntryReader::new(format, version, skip_created);
    let mut at = 0;
    loop {
        match reader.read(&complete, &mut at, true) {
            reader::Read::Entry => each(reader.entry(&complete)),
            reader::Read::End | reader::Read::Incomplete => return Ok(()),
            reader::Read::Error(message, _) => return Err(message),
        }
    }
}
