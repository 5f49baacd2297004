//! Paths and patterns of files, as Go's `path/filepath` takes them, and where the files that a server names
//! are in the workspace.

/// The folder of a path, without a final `/`; empty for a file at the top.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| if folder.is_empty() { "/" } else { folder })
}

/// `filepath.Clean`, but for the empty path, which stays empty.
pub(super) fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    format!("{}{}", if absolute { "/" } else { "" }, parts.join("/"))
}

/// `common/config`, `JoinDir`: the path from `folder` on, unless it is absolute.
pub(super) fn join(folder: &str, path: &str) -> String {
    if path.is_empty() || path.starts_with('/') {
        return path.to_owned();
    }
    if folder.is_empty() { clean(path) } else { clean(&format!("{folder}/{path}")) }
}

/// How one gets from the folder `from` to `to`; both are clean, and both or none absolute.
fn relative(from: &str, to: &str) -> String {
    let parts = |path: &str| -> Vec<String> {
        path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let (from, to) = (parts(from), parts(to));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - common);
    up.chain(to.iter().skip(common).map(String::as_str)).collect::<Vec<_>>().join("/")
}

/// A folder of the workspace and the one on the server that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// In the workspace.
    pub(super) here: String,
    /// On the server; empty where it is not known, and paths are then as of a server that was started in it.
    pub(super) there: String,
}

impl Mount {
    /// Where in the workspace a path or a pattern of the server is; `None` for what is outside of it.
    pub(super) fn here(&self, path: &str) -> Option<String> {
        if path.starts_with('/') && !self.there.starts_with('/') {
            return None;
        }
        let within =
            if path.starts_with('/') { relative(&clean(&self.there), &clean(path)) } else { clean(path) };
        let here = join(&self.here, &within);
        (!here.is_empty() && here != ".." && !here.starts_with("../")).then_some(here)
    }

    /// What the server calls a file of the workspace.
    pub(super) fn there(&self, path: &str) -> String {
        join(&self.there, &relative(&self.here, path))
    }
}

/// The characters that do not stand for themselves in a pattern.
pub(super) const WILDCARDS: [char; 4] = ['*', '?', '[', '\\'];

/// Whether `filepath.Glob` looks for files: `hasMeta`.
pub(super) fn has_wildcard(pattern: &str) -> bool {
    pattern.contains(WILDCARDS)
}

/// Whether `filepath.Match` takes the pattern; else it says `syntax error in pattern`.
pub(super) fn is_pattern(pattern: &str) -> bool {
    let mut rest = pattern;
    while let Some((_, after)) = rest.split_once(['[', '\\']) {
        let opened = rest.as_bytes().get(rest.len() - after.len() - 1) == Some(&b'[');
        let taken = if opened { class(after, '\0').map(|(_, rest)| rest) } else { escaped(after) };
        let Some(left) = taken else { return false };
        rest = left;
    }
    true
}

/// The text behind an escaped character.
fn escaped(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    chars.next().map(|_| chars.as_str())
}

/// Reads what follows `[`: whether `c` is in the class, and the text behind it. `None` for what is no class.
fn class(text: &str, c: char) -> Option<(bool, &str)> {
    let (negated, mut rest) = match text.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut found = false;
    let mut ranges = 0;
    loop {
        if let Some(after) = rest.strip_prefix(']').filter(|_| ranges > 0) {
            return Some((found != negated, after));
        }
        let (low, after) = class_char(rest)?;
        let (high, after) = match after.strip_prefix('-') {
            Some(after) => class_char(after)?,
            None => (low, after),
        };
        found |= (low..=high).contains(&c);
        ranges += 1;
        rest = after;
    }
}

/// `filepath.getEsc`.
fn class_char(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    let c = match chars.next()? {
        '-' | ']' => return None,
        '\\' => chars.next()?,
        c => c,
    };
    // A class must be closed.
    (!chars.as_str().is_empty()).then_some((c, chars.as_str()))
}

/// Whether a path, such as [`Workspace::wanted`](super::Workspace::wanted) has patterns of, is one that the
/// pattern names: `filepath.Glob`. A star stands for anything without `/`.
#[must_use]
pub fn matches(pattern: &str, path: &str) -> bool {
    if !has_wildcard(pattern) {
        return pattern == path;
    }
    let (mut patterns, mut parts) = (pattern.split('/'), path.split('/'));
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) if matches_part(pattern, part) => {}
            _ => return false,
        }
    }
}

/// `filepath.Match` within one part of a path.
fn matches_part(pattern: &str, name: &str) -> bool {
    // Where to go on when the last star has to stand for one character more.
    let mut retry: Option<(&str, &str)> = None;
    let (mut pattern, mut name) = (pattern, name);
    loop {
        if let Some(after) = pattern.strip_prefix('*') {
            retry = Some((after, name));
            pattern = after;
            continue;
        }
        let step = match (pattern.chars().next(), name.chars().next()) {
            (None, None) => return true,
            (Some(first), Some(c)) => {
                let after = &pattern[first.len_utf8()..];
                let left = match first {
                    '?' => Some(after),
                    '[' => class(after, c).and_then(|(holds, after)| holds.then_some(after)),
                    '\\' => after.strip_prefix(c),
                    literal => (literal == c).then_some(after),
                };
                left.map(|left| (left, &name[c.len_utf8()..]))
            }
            _ => None,
        };
        match (step, retry) {
            (Some(next), _) => (pattern, name) = next,
            (None, Some((after, from))) => {
                let mut chars = from.chars();
                if chars.next().is_none() {
                    return false;
                }
                retry = Some((after, chars.as_str()));
                (pattern, name) = (after, chars.as_str());
            }
            (None, None) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_are_joined_as_go_joins_them() {
        let check = |folder: &str, path: &str, expect: &str| assert_eq!(join(folder, path), expect);
        check("", "a.yml", "a.yml");
        check("", "./t/../a.yml", "a.yml");
        check("", "../a.yml", "../a.yml");
        check("/etc/prometheus", "t//*.yml", "/etc/prometheus/t/*.yml");
        check("/etc/prometheus", "../*.yml", "/etc/*.yml");
        check("/etc", "../../a.yml", "/a.yml");
        check("/etc", "/var/a.yml", "/var/a.yml");
        assert_eq!([folder("a.yml"), folder("a/b.yml"), folder("/a.yml")], ["", "a", "/"]);
    }

    #[test]
    fn the_folder_on_the_server_stands_for_one_of_the_workspace() {
        let check = |here: &str, there: &str, path: &str, expect: Option<&str>, back: &str| {
            let mount = Mount { here: here.to_owned(), there: there.to_owned() };
            let found = mount.here(path);
            assert_eq!(found.as_deref(), expect, "{mount:?} {path}");
            if let Some(found) = found {
                assert_eq!(mount.there(&found), back, "{mount:?} {path}");
            }
        };
        check("", "", "t/a.yml", Some("t/a.yml"), "t/a.yml");
        check("", "", "../a.yml", None, "");
        check("", "", "/etc/a.yml", None, "");
        check("ops", "", "t/a.yml", Some("ops/t/a.yml"), "t/a.yml");
        check("ops", "", "../a.yml", Some("a.yml"), "../a.yml");
        check("ops", "/etc/prometheus", "/etc/prometheus/a.yml", Some("ops/a.yml"), "/etc/prometheus/a.yml");
        check("ops", "/etc/prometheus/", "/etc/x/a.yml", Some("x/a.yml"), "/etc/x/a.yml");
        check("ops", "/etc/prometheus", "/var/a.yml", None, "");
    }

    #[test]
    fn patterns_match_as_go_matches_them() {
        let check = |pattern: &str, path: &str, expect: bool| {
            assert_eq!(matches(pattern, path), expect, "{pattern} {path}");
        };
        check("a/*.yml", "a/b.yml", true);
        check("a/*.yml", "a/.yml", true);
        check("a/*.yml", "a/b/c.yml", false);
        check("*", "", true);
        check("a*b*c.yml", "aXbYbZc.yml", true);
        check("a*b*c.yml", "aXbYbZ.yml", false);
        check("a?.yml", "aé.yml", true);
        check("a?.yml", "a/.yml", false);
        check("[a-cx].yml", "b.yml", true);
        check("[^a-c].yml", "b.yml", false);
        check("[\\]].yml", "].yml", true);
        check("a\\*.yml", "a*.yml", true);
        check("a\\*.yml", "ab.yml", false);
        check("d*/x.yml", "dev/x.yml", true);
        check("a.yml", "a.yml", true);
    }

    proptest! {
        #[test]
        fn any_pattern_is_read(pattern in "[a-c*?\\[\\]^\\\\\\-./]{0,12}", path in "[a-c./\\-]{0,8}") {
            is_pattern(&pattern);
            let _ = matches(&pattern, &path);
            let mount = Mount { here: "a/b".to_owned(), there: "/c/d".to_owned() };
            if let Some(here) = mount.here(&pattern) {
                prop_assert!(!here.starts_with('/') && !here.split('/').any(|part| part == ".."));
                prop_assert_eq!(mount.here(&mount.there(&here)), Some(here));
            }
        }

        #[test]
        fn what_is_escaped_stands_for_itself(path in "[a-c*?\\[\\]^\\-.]{1,8}(/[a-c*]{1,4})?", other in "[a-c*]{1,4}") {
            let escaped: String = path.chars().flat_map(|c| if c == '/' { vec![c] } else { vec!['\\', c] }).collect();
            prop_assert!(is_pattern(&escaped) && matches(&escaped, &path));
            prop_assert_eq!(matches(&escaped, &other), path == other);
        }
    }

    #[test]
    fn bad_patterns_are_told() {
        let check = |pattern: &str, expect: bool| assert_eq!(is_pattern(pattern), expect, "{pattern}");
        check("a*[b-c]?\\*.yml", true);
        check("[].yml", false);
        check("[a.yml", false);
        check("[a-].yml", false);
        check("[-a].yml", false);
        check("a\\", false);
        check("[]a].yml", false);
        check("[^].yml", false);
    }
}
