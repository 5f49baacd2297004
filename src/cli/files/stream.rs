//! Reading in pieces that are never cut inside a character.

use std::io::{self, Read as _};

use super::{Complaint, Content, Source, unreadable};

/// How many bytes are asked for at a time.
const PIECE: usize = 256 * 1024;

/// Whether whoever takes the pieces wants more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pieces {
    /// Go on.
    More,
    /// The rest does not matter.
    Enough,
}

/// Reads `source` to its end, or until `take` has enough, in pieces of whole characters. Returns the number
/// of bytes taken.
///
/// # Errors
/// When reading fails, or what is there is not UTF-8 or longer than `content` may be.
pub(crate) fn stream(
    source: Source,
    content: Content,
    take: impl FnMut(&str) -> Pieces,
) -> Result<u64, Complaint> {
    stream_up_to(content.limit(), source, content, take)
}

fn stream_up_to(
    limit: u64,
    source: Source,
    content: Content,
    mut take: impl FnMut(&str) -> Pieces,
) -> Result<u64, Complaint> {
    let Source { name, length, mut reader } = source;
    if length.is_some_and(|length| length > limit) {
        return Err(content.too_long(&name));
    }
    let mut buffer = vec![0; PIECE];
    // The bytes at the front of the buffer that begin a character whose end is not yet read.
    let mut held = 0;
    let mut taken = 0_u64;
    let mut lines = 0;
    loop {
        let read = match reader.read(&mut buffer[held..]) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(&name, &error)),
        };
        let filled = held + read;
        if taken == 0
            && let Some(complaint) = not_text(&name, &buffer[..filled])
        {
            return Err(complaint);
        }
        let (text, rest) = match str::from_utf8(&buffer[..filled]) {
            Ok(text) => (text, 0),
            Err(error) if read > 0 && error.error_len().is_none() => {
                let (text, rest) = buffer[..filled].split_at(error.valid_up_to());
                // The front was just found to be valid.
                (str::from_utf8(text).unwrap_or_default(), rest.len())
            }
            Err(error) => {
                let bad = error.valid_up_to();
                lines += memchr::memchr_iter(b'\n', &buffer[..bad]).count();
                return Err(Complaint {
                    message: format!(
                        "`{name}` is not UTF-8: byte 0x{:02x} on line {} (offset {}) is out of place",
                        buffer[bad],
                        lines + 1,
                        taken + bad as u64
                    ),
                    help: "Prometheus reads and writes UTF-8 only: save it as UTF-8, or check that it is what you think"
                        .to_owned(),
                });
            }
        };
        if read == 0 {
            return Ok(taken);
        }
        taken += text.len() as u64;
        if taken > limit {
            return Err(content.too_long(&name));
        }
        let end = text.len();
        if !text.is_empty() && take(text) == Pieces::Enough {
            return Ok(taken);
        }
        lines += memchr::memchr_iter(b'\n', &buffer[..end]).count();
        buffer.copy_within(end..end + rest, 0);
        held = rest;
    }
}

/// Recognises two common kinds of bytes that are not the text meant.
fn not_text(name: &str, start: &[u8]) -> Option<Complaint> {
    let (what, help) = match start {
        [0x1f, 0x8b, ..] => (
            "is compressed with gzip",
            "uncompress it first, as in `gzip -dc FILE | promtier match - …`; `curl --compressed` saves it uncompressed",
        ),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => (
            "is UTF-16, not UTF-8",
            "PowerShell's `>` writes UTF-16: save it with `curl -o FILE`, or as UTF-8",
        ),
        _ => return None,
    };
    Some(Complaint { message: format!("`{name}` {what}"), help: help.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    /// Gives `step` bytes at a time.
    struct Slow {
        bytes: Vec<u8>,
        at: usize,
        step: usize,
    }

    impl Read for Slow {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let n = self.step.min(into.len()).min(self.bytes.len() - self.at);
            into[..n].copy_from_slice(&self.bytes[self.at..self.at + n]);
            self.at += n;
            Ok(n)
        }
    }

    fn read(bytes: &[u8], step: usize) -> Result<String, String> {
        let reader = Box::new(Slow { bytes: bytes.to_vec(), at: 0, step });
        let mut out = String::new();
        let source = Source { name: "x".to_owned(), length: None, reader };
        stream_up_to(100, source, Content::Samples, |piece| {
            out.push_str(piece);
            Pieces::More
        })
        .map_err(|complaint| complaint.message)?;
        Ok(out)
    }

    #[test]
    fn characters_are_never_cut() {
        let text = "aé→😀\nb";
        for step in 1..=text.len() {
            assert_eq!(read(text.as_bytes(), step).as_deref(), Ok(text), "step {step}");
        }
    }

    #[test]
    fn nothing_is_a_text() {
        assert_eq!(read(b"", 1).as_deref(), Ok(""));
    }

    #[test]
    fn what_is_not_text_is_named() {
        let check = |bytes: &[u8], expect: &str| {
            for step in [2, 100] {
                assert_eq!(read(bytes, step), Err(expect.to_owned()), "step {step}");
            }
        };
        check(b"a\n\xffb", "`x` is not UTF-8: byte 0xff on line 2 (offset 2) is out of place");
        check(b"a\n\xe2\x82", "`x` is not UTF-8: byte 0xe2 on line 2 (offset 2) is out of place");
        check(b"\x1f\x8b\x08", "`x` is compressed with gzip");
        check(b"\xff\xfea\0", "`x` is UTF-16, not UTF-8");
        check(&[b'a'; 101], "`x` is over 4.0 GB");
    }
}
