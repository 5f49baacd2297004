//! Where files go that are dropped, chosen or pasted.

use super::words;

/// The longest text that is edited; longer samples are attached, longer configurations refused.
pub(crate) const LONGEST_TEXT: u64 = 1 << 20;

/// The longest file of samples. Its offsets must fit, and so must the browser's memory.
pub(crate) const LONGEST_SAMPLES: u64 = 2 << 30;

/// What to do with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Intake {
    /// Read it and put it into the editor, under this path.
    Text(String),
    /// Hand it to the engine as samples, under this path.
    Samples(String),
    /// It cannot be taken: why, and what to do.
    Refused(String),
}

/// Decides about a file by its name and size; `samples_path` is the path for samples of the node that it was
/// dropped on, where it was dropped on one.
pub(crate) fn decide(name: &str, bytes: u64, samples_path: Option<&str>) -> Intake {
    let path = name.trim_matches('/');
    let samples = match samples_path {
        Some(path) => Some(path),
        None if looks_like_samples(path) => Some(path),
        None => None,
    };
    let refused = |why: &str, limit: u64| {
        let mut out = path.to_owned();
        out.push_str(" has ");
        out.push_str(&words::bytes(bytes));
        out.push_str(why);
        out.push_str(&words::bytes(limit));
        out
    };
    match samples {
        Some(_) if bytes > LONGEST_SAMPLES => Intake::Refused(
            refused("; samples can have at most ", LONGEST_SAMPLES)
                + ". Ask /federate with a narrower match[].",
        ),
        Some(path) => Intake::Samples(path.to_owned()),
        None if bytes > LONGEST_TEXT => Intake::Refused(
            refused("; a file that is edited here can have at most ", LONGEST_TEXT)
                + ". Samples end in .prom or .txt, or are dropped on a node.",
        ),
        None => Intake::Text(path.to_owned()),
    }
}

/// Whether a file of this name holds samples.
pub(crate) fn looks_like_samples(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((_, extension)) => ["prom", "txt", "om", "openmetrics", "metrics"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known)),
        None => name == "federate" || name == "metrics",
    }
}

/// `wanted`, or the first of `wanted-2`, `wanted-3`, … (before its extension) that is not taken.
pub(crate) fn free_path(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(wanted) {
        return wanted.to_owned();
    }
    let (stem, extension) = match wanted.rfind('.') {
        Some(dot) if dot > wanted.rfind('/').map_or(0, |slash| slash + 1) => wanted.split_at(dot),
        _ => (wanted, ""),
    };
    (2..=u32::MAX)
        .map(|number| [stem, "-", &number.to_string(), extension].concat())
        .find(|path| !taken(path))
        .unwrap_or_default()
}

/// What is wrong with a path that a person has typed for a file; `None` where nothing is.
pub(crate) fn path_fault(path: &str, taken: impl Fn(&str) -> bool) -> Option<&'static str> {
    if path.trim().is_empty() {
        Some("A file needs a name, such as global.yml.")
    } else if path.starts_with('/')
        || path.split('/').any(|part| part.is_empty() || part == "." || part == "..")
    {
        Some("A name is a path inside the workspace: no leading slash, no empty, “.” or “..” part.")
    } else if path.chars().any(char::is_control) {
        Some("A name cannot hold control characters.")
    } else if taken(path) {
        Some("There is a file of this name already.")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, bytes: u64, node: Option<&str>, expect: &str) {
        let said = match decide(name, bytes, node) {
            Intake::Text(path) => "text ".to_owned() + &path,
            Intake::Samples(path) => "samples ".to_owned() + &path,
            Intake::Refused(why) => why.replace('\u{a0}', " "),
        };
        assert_eq!(said, expect);
    }

    #[test]
    fn names_decide() {
        check("global.yml", 300, None, "text global.yml");
        check("haproxy.cfg", 300, None, "text haproxy.cfg");
        check("leaf-1.prom", 300, None, "samples leaf-1.prom");
        check("dump.TXT", 300, None, "samples dump.TXT");
        check("federate", 300, None, "samples federate");
        check("anything", 300, Some("leaf.prom"), "samples leaf.prom");
        check("global.yml", 300, Some("leaf.prom"), "samples leaf.prom");
    }

    #[test]
    fn what_is_too_long_is_refused_in_words() {
        check(
            "a.prom",
            3 << 30,
            None,
            "a.prom has 3.2 GB; samples can have at most 2.1 GB. Ask /federate with a narrower match[].",
        );
        check(
            "a.yml",
            3 << 20,
            None,
            "a.yml has 3.1 MB; a file that is edited here can have at most 1 MB. Samples end in .prom or .txt, or \
             are dropped on a node.",
        );
    }

    #[test]
    fn paths_stay_apart() {
        let taken = |path: &str| ["a.yml", "a-2.yml", ".env", "x/y.z/file"].contains(&path);
        assert_eq!(free_path("b.yml", taken), "b.yml");
        assert_eq!(free_path("a.yml", taken), "a-3.yml");
        assert_eq!(free_path(".env", taken), ".env-2");
        assert_eq!(free_path("x/y.z/file", taken), "x/y.z/file-2");
        assert!(path_fault("a.yml", taken).is_some());
        assert!(path_fault("", taken).is_some());
        assert!(path_fault("../a", taken).is_some());
        assert!(path_fault("/a", taken).is_some());
        assert!(path_fault("dir/b.yml", taken).is_none());
    }
}
