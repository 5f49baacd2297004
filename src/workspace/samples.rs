//! Files of exposition text, in pieces of any size.

use crate::exposition::{Exposition, Failure, Format, Options, Parser, Problem};
use crate::series::SeriesStore;
use crate::version::Version;

/// How many lines of a file are kept for a look at it.
const HEAD_LINES: usize = 200;
/// How many bytes of a file are kept for a look at it.
const HEAD_BYTES: usize = 64 << 10;

/// How a file of samples is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SampleFormat {
    /// The text format.
    pub format: Format,
    /// The version that reads it. The default reads all that older ones do, and what `/federate` prints
    /// alike.
    pub version: Version,
}

/// What a file of exposition text holds.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    /// The series of all lines that can be read.
    pub store: SeriesStore,
    /// What is wrong with the others: the first of it, with line and column.
    pub problems: Vec<Problem>,
    /// How much is wrong in all.
    pub problem_count: u64,
    /// For what a scrape of this text fails as a whole.
    pub failure: Option<Failure>,
    /// The length of the text.
    pub bytes: u64,
    /// The first lines.
    pub head: String,
}

/// Reads exposition text piece by piece.
#[derive(Debug)]
pub struct SampleReader {
    parser: Parser,
    head: Vec<u8>,
}

impl SampleReader {
    /// A reader of text in `format`. The `seed` keys the store's hashes.
    #[must_use]
    pub fn new(format: SampleFormat, seed: u64) -> Self {
        let options = Options { version: format.version, seed, ..Options::default() };
        Self { parser: Parser::new(format.format, options), head: Vec::new() }
    }

    /// Reads the next piece, which may end anywhere.
    pub fn push(&mut self, piece: &[u8]) {
        let room = HEAD_BYTES - self.head.len().min(HEAD_BYTES);
        self.head.extend_from_slice(&piece[..piece.len().min(room)]);
        self.parser.push(piece);
    }

    /// The series so far.
    #[must_use]
    pub fn series(&self) -> usize {
        self.parser.series()
    }

    /// The bytes so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.parser.bytes()
    }

    /// What was read.
    #[must_use]
    pub fn finish(self) -> Samples {
        let head = head_lines(&self.head);
        let Exposition { store, problems, problem_count, failure, bytes, .. } = self.parser.finish();
        Samples { store, problems, problem_count, failure, bytes, head }
    }
}

/// The first lines that are whole, or all where there are few.
fn head_lines(head: &[u8]) -> String {
    let ends = memchr::memchr_iter(b'\n', head);
    let end = match ends.take(HEAD_LINES).last() {
        Some(last) if head.len() >= HEAD_BYTES || memchr::memchr_iter(b'\n', head).count() > HEAD_LINES => {
            last + 1
        }
        _ => head.len(),
    };
    String::from_utf8_lossy(&head[..end]).into_owned()
}
