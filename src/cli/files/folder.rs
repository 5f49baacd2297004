//! Listing a folder as a workspace: recursively, in an order that depends on names only.
#![expect(clippy::disallowed_methods, reason = "the command reads the folders that its user names")]

use std::path::{Path, PathBuf};

use super::{Complaint, display, unreadable};

/// The most files and folders looked at. A home folder given by mistake should be refused, not read.
const MAX_ENTRIES: usize = 100_000;
/// The deepest nesting.
const MAX_DEPTH: usize = 64;
/// Folders that hold what programs have made or fetched.
const SKIPPED: [&str; 2] = ["node_modules", "target"];

/// A file in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Listed {
    /// Its path inside the folder, with `/`.
    pub(crate) path: String,
    /// Where it is.
    pub(crate) file: PathBuf,
}

/// Lists the files in `root` and the folders below, sorted by path. Hidden files and folders, `target` and
/// `node_modules` are left out. Links to files are followed, as configuration that Kubernetes mounts needs
/// it; links to folders are not, so that no circle can be walked.
///
/// # Errors
/// When a folder cannot be read, or there is more than a workspace holds.
pub(crate) fn list(root: &Path) -> Result<Vec<Listed>, Complaint> {
    let mut files = Vec::new();
    let mut seen = 0;
    let mut open = vec![(root.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = open.pop() {
        let unreadable = |error| unreadable(&display(&folder), &error);
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            seen += 1;
            if seen > MAX_ENTRIES || depth > MAX_DEPTH {
                return Err(too_large(root));
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    open.push((entry.path(), format!("{path}/"), depth + 1));
                }
            } else if kind.is_file() || (kind.is_symlink() && !entry.path().is_dir()) {
                // A link that leads nowhere is listed too: whoever reads it says so.
                files.push(Listed { path, file: entry.path() });
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// The names of the files directly in a folder, in order; none where there is no such folder.
///
/// # Errors
/// When there are more than a workspace holds.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>, Complaint> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut names = Vec::new();
    for entry in entries.flatten() {
        if entry.path().is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        if names.len() > MAX_ENTRIES {
            return Err(too_large(folder));
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn too_large(root: &Path) -> Complaint {
    Complaint {
        message: format!(
            "`{}` is too large for one workspace: over {MAX_ENTRIES} files, or folders over {MAX_DEPTH} deep",
            display(root)
        ),
        help: "name the folder that holds the Prometheus configurations".to_owned(),
    }
}
