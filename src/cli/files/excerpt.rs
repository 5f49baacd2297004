//! The lines around places in a file that was streamed and is no longer at hand.
#![expect(clippy::disallowed_methods, reason = "the command reads the files that its user names")]

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use promtier::text::LineColumn;

/// The longest line that is shown.
const MAX_LINE: u64 = 4096;

/// A line of a file, or the place alone where the line is too long to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The line; empty where it is not shown.
    pub(crate) text: String,
    /// The offset of its start.
    pub(crate) base: u32,
    /// The place of its start.
    pub(crate) first: LineColumn,
}

/// The lines that hold `offsets`, which ascend. Answers as many as it finds before reading fails: a file may
/// have gone or changed since, and standard input can be read only once.
pub(crate) fn excerpts(path: &Path, offsets: &[u32]) -> Vec<Excerpt> {
    let mut found = Vec::new();
    if let Ok(mut file) = File::open(path)
        && file.metadata().is_ok_and(|metadata| metadata.is_file())
    {
        // What was found before a failure is good.
        let _ = read(&mut file, offsets, &mut found);
    }
    found
}

fn read(file: &mut (impl Read + Seek), offsets: &[u32], found: &mut Vec<Excerpt>) -> io::Result<()> {
    let starts = line_starts(file, offsets)?;
    for (&offset, (line, start)) in offsets.iter().zip(starts) {
        let inside = u64::from(offset).saturating_sub(start);
        if inside >= MAX_LINE {
            let first = LineColumn { line, column: (inside + 1) as u32 };
            found.push(Excerpt { text: String::new(), base: offset, first });
            continue;
        }
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(MAX_LINE).read_to_end(&mut bytes)?;
        let end = memchr::memchr(b'\n', &bytes).unwrap_or(bytes.len());
        let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
        found.push(Excerpt { text, base: start as u32, first: LineColumn { line, column: 1 } });
    }
    Ok(())
}

/// For each offset its line, from 1, and where that starts.
fn line_starts(file: &mut impl Read, offsets: &[u32]) -> io::Result<Vec<(u32, u64)>> {
    let mut starts = Vec::with_capacity(offsets.len());
    let mut buffer = vec![0; 256 * 1024];
    let (mut passed, mut line, mut start) = (0_u64, 1_u32, 0_u64);
    while starts.len() < offsets.len() {
        let read = file.read(&mut buffer)?;
        let mut newlines = memchr::memchr_iter(b'\n', &buffer[..read]).map(|at| passed + at as u64);
        let mut next = newlines.next();
        while let Some(&offset) = offsets.get(starts.len()) {
            let offset = u64::from(offset);
            if offset >= passed + read as u64 && read > 0 {
                break;
            }
            while let Some(newline) = next.filter(|&newline| newline < offset) {
                (line, start) = (line + 1, newline + 1);
                next = newlines.next();
            }
            starts.push((line, start));
        }
        while let Some(newline) = next {
            (line, start) = (line + 1, newline + 1);
            next = newlines.next();
        }
        passed += read as u64;
    }
    Ok(starts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use promtier::text::LineIndex;
    use proptest::prelude::*;
    use std::io::Cursor;

    proptest! {
        #[test]
        fn lines_are_those_of_the_whole_text(text in "[aé\n]{0,60}", mut offsets in proptest::collection::vec(0u32..70, 0..5)) {
            offsets.sort_unstable();
            let offsets: Vec<u32> =
                offsets.into_iter().map(|at| text.floor_char_boundary((at as usize).min(text.len())) as u32).collect();
            let mut found = Vec::new();
            read(&mut Cursor::new(text.as_bytes()), &offsets, &mut found).expect("memory can be read");
            prop_assert_eq!(found.len(), offsets.len());
            let index = LineIndex::new(&text);
            for (offset, excerpt) in offsets.into_iter().zip(found) {
                let line = index.line_of(offset);
                prop_assert_eq!(excerpt.first, LineColumn { line: line + 1, column: 1 });
                prop_assert_eq!(excerpt.base, index.line_start(line));
                prop_assert_eq!(excerpt.text.as_str(), text.split('\n').nth(line as usize).unwrap_or(""));
            }
        }
    }
}
