//! The only place that touches files: reading one whole, streaming one, listing a folder.
#![expect(clippy::disallowed_methods, reason = "the command reads the files that its user names")]

mod excerpt;
mod folder;
mod stream;

use std::fs::File;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Read};
use std::path::Path;

use crate::failure::Complaint;

pub(crate) use excerpt::{Excerpt, excerpts};
pub(crate) use folder::{Listed, list, names};
pub(crate) use stream::{Pieces, stream};

/// What a file is read as. Each has a length over which it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A configuration, or another text that is looked at whole.
    Text,
    /// Samples.
    Samples,
}

impl Content {
    /// The most bytes. The longest configurations seen in the wild have a few megabytes; positions in
    /// samples are numbers of 32 bits.
    fn limit(self) -> u64 {
        match self {
            Self::Text => 64_000_000,
            Self::Samples => 4_000_000_000,
        }
    }

    fn too_long(self, name: &str) -> Complaint {
        let help = match self {
            Self::Text => "no configuration is that long; if it holds samples, give it the extension `.prom`",
            Self::Samples => "that is more than one server holds: split it, or ask /federate for less",
        };
        Complaint { message: format!("`{name}` is over {}", size(self.limit())), help: help.to_owned() }
    }
}

/// A file that was opened, or standard input, with a name for messages.
pub(crate) struct Source {
    name: String,
    /// The number of bytes, where it is known before they are read.
    length: Option<u64>,
    reader: Box<dyn Read>,
}

impl Source {
    /// Opens `path`, where `-` is standard input.
    ///
    /// # Errors
    /// When it is missing, unreadable or a folder.
    pub(crate) fn open(path: &Path) -> Result<Self, Complaint> {
        let name = display(path);
        if is_stdin(path) {
            return Ok(Self { name, length: None, reader: Box::new(io::stdin().lock()) });
        }
        let unreadable = |error: &io::Error| unreadable(&name, error);
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        let metadata = file.metadata().map_err(|error| unreadable(&error))?;
        if metadata.is_dir() {
            return Err(Complaint {
                message: format!("`{name}` is a folder, and a file is needed here"),
                help: "name a file in it; `promtier preview` and `promtier check` take whole folders"
                    .to_owned(),
            });
        }
        Ok(Self { name, length: metadata.is_file().then_some(metadata.len()), reader: Box::new(file) })
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The number of bytes, where it is known before they are read.
    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }
}

/// Whether `path` means standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The path as messages show it: as it was named, less what says nothing.
pub(crate) fn display(path: &Path) -> String {
    if is_stdin(path) {
        return "standard input".to_owned();
    }
    let path = slashes(path);
    path.strip_prefix("./").filter(|rest| !rest.is_empty()).unwrap_or(&path).to_owned()
}

/// The path with `/` between its parts.
fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        text.into_owned()
    } else {
        text.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// Whether `path` is a folder. What cannot be asked is none; opening it says why.
pub(crate) fn is_folder(path: &Path) -> bool {
    !is_stdin(path) && path.is_dir()
}

/// Whether `path` is there and no folder.
pub(crate) fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// Reads a whole text.
///
/// # Errors
/// When it cannot be read, is too long, or is not UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<String, Complaint> {
    read_source(Source::open(path)?)
}

/// Reads what was opened as a whole text.
///
/// # Errors
/// As [`read_text`].
pub(crate) fn read_source(source: Source) -> Result<String, Complaint> {
    let mut text = String::new();
    stream(source, Content::Text, |piece| {
        text.push_str(piece);
        Pieces::More
    })?;
    Ok(text)
}

/// Reads a whole text that need not be UTF-8.
///
/// # Errors
/// When it cannot be read, is empty or too long.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Complaint> {
    let Source { name, length, reader } = Source::open(path)?;
    let limit = Content::Text.limit();
    let mut bytes = Vec::new();
    if length.is_none_or(|length| length <= limit) {
        reader.take(limit + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&name, &error))?;
        if bytes.is_empty() {
            return Err(empty(&name));
        }
        if bytes.len() as u64 <= limit {
            return Ok(bytes);
        }
    }
    Err(Content::Text.too_long(&name))
}

/// A number that whoever writes the files cannot know, for hashes of what they hold.
pub(crate) fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The complaint about an empty file.
pub(crate) fn empty(name: &str) -> Complaint {
    Complaint {
        message: format!("`{name}` is empty"),
        help: "if a command wrote it, see what that command said; `curl -f` fails instead of writing nothing"
            .to_owned(),
    }
}

/// A number of bytes for people.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if value < 9.95 { format!("{value:.1} {}", UNITS[unit]) } else { format!("{value:.0} {}", UNITS[unit]) }
}

fn unreadable(name: &str, error: &io::Error) -> Complaint {
    let (why, help) = match error.kind() {
        io::ErrorKind::NotFound => {
            ("there is no such file or folder", "check the name and the folder you are in")
        }
        io::ErrorKind::PermissionDenied => {
            ("this user may not read it", "change its permissions, or run as its owner")
        }
        io::ErrorKind::NotADirectory => {
            ("a part of the path is a file, not a folder", "check the name and the folder you are in")
        }
        _ => return Complaint { message: format!("cannot read `{name}`: {error}"), help: String::new() },
    };
    Complaint { message: format!("cannot read `{name}`: {why}"), help: help.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_as_given() {
        let check = |path: &str, expect: &str| assert_eq!(display(Path::new(path)), expect);
        check("./a/b.yml", "a/b.yml");
        check("../a.yml", "../a.yml");
        check(".", ".");
        check("./", "./");
        check("-", "standard input");
    }

    #[test]
    fn sizes_have_two_or_three_digits() {
        let check = |bytes: u64, expect: &str| assert_eq!(size(bytes), expect);
        check(0, "0 B");
        check(999, "999 B");
        check(1000, "1.0 kB");
        check(9_949, "9.9 kB");
        check(9_960, "10 kB");
        check(104_891, "105 kB");
        check(999_499, "999 kB");
        check(999_500, "1.0 MB");
        check(u64::from(u32::MAX), "4.3 GB");
    }
}
