//! File patterns: Go's `filepath.Match` and `filepath.Glob`, as Prometheus names rule files with them.

use std::iter::Peekable;
use std::str::Chars;

/// The path that a pattern beside the file `beside` means inside the workspace, without `.` and `..`. `None`
/// where it leads out of it.
pub(super) fn resolve(beside: &str, pattern: &str) -> Option<String> {
    if pattern.starts_with('/') {
        return None;
    }
    let folder = beside.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(pattern.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether `path` is among the files that `pattern` names; wildcards do not reach over a `/`. `None` where the
/// pattern is malformed.
pub(super) fn matches(pattern: &str, path: &str) -> Option<bool> {
    let mut parts = path.split('/');
    let mut all = true;
    for pattern in pattern.split('/') {
        let part = parts.next();
        all &= segment(pattern, part.unwrap_or(""))? && part.is_some();
    }
    Some(all && parts.next().is_none())
}

/// A piece of a pattern between two slashes.
enum Piece {
    Any,
    One,
    Character(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Piece {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Any | Self::One => true,
            Self::Character(own) => *own == c,
            Self::Class { negated, ranges } => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&c)) != *negated
            }
        }
    }
}

fn segment(pattern: &str, text: &str) -> Option<bool> {
    let pieces = pieces(pattern)?;
    let text: Vec<char> = text.chars().collect();
    // Which beginnings of the text the pieces so far can stand for.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for piece in &pieces {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            if matches!(piece, Piece::Any) {
                next[at] = reached[at] || at > 0 && next[at - 1];
            } else if at > 0 {
                next[at] = reached[at - 1] && piece.takes(text[at - 1]);
            }
        }
        reached = next;
    }
    Some(reached[text.len()])
}

fn pieces(pattern: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        pieces.push(match c {
            '*' => Piece::Any,
            '?' => Piece::One,
            '[' => class(&mut chars)?,
            '\\' => Piece::Character(chars.next()?),
            c => Piece::Character(c),
        });
    }
    Some(pieces)
}

/// A class of characters, of which the left bracket is read.
fn class(chars: &mut Peekable<Chars<'_>>) -> Option<Piece> {
    let negated = chars.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && chars.next_if_eq(&']').is_some() {
            return Some(Piece::Class { negated, ranges });
        }
        let first = class_character(chars)?;
        let last = if chars.next_if_eq(&'-').is_some() { class_character(chars)? } else { first };
        ranges.push((first, last));
    }
}

fn class_character(chars: &mut Peekable<Chars<'_>>) -> Option<char> {
    match chars.next()? {
        '-' | ']' => None,
        '\\' => chars.next(),
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_go_does() {
        let check = |pattern: &str, path: &str, expect: Option<bool>| {
            assert_eq!(matches(pattern, path), expect, "{pattern} {path}");
        };
        check("a.yml", "a.yml", Some(true));
        check("*.yml", "a.yml", Some(true));
        check("*.yml", "r/a.yml", Some(false));
        check("r/*.yml", "r/a.yml", Some(true));
        check("r/*", "r", Some(false));
        check("r/*", "r/a/b", Some(false));
        check("*", "", Some(true));
        check("a*b*c", "a12b3c", Some(true));
        check("a?c", "aéc", Some(true));
        check("[a-c]x", "bx", Some(true));
        check("[^a-c]x", "bx", Some(false));
        check("[\\]]", "]", Some(true));
        check("\\*", "*", Some(true));
        check("[a", "a", None);
        check("[]a]", "a", None);
        check("a\\", "a", None);
        check("[-]", "-", None);
    }

    #[test]
    fn paths_are_beside_the_configuration() {
        let check = |beside: &str, pattern: &str, expect: Option<&str>| {
            assert_eq!(resolve(beside, pattern).as_deref(), expect, "{beside} {pattern}");
        };
        check("a.yml", "r/*.yml", Some("r/*.yml"));
        check("x/a.yml", "r/*.yml", Some("x/r/*.yml"));
        check("x/a.yml", "../r.yml", Some("r.yml"));
        check("x/a.yml", "./r.yml", Some("x/r.yml"));
        check("a.yml", "../r.yml", None);
        check("a.yml", "/etc/r.yml", None);
    }
}
