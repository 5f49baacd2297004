//! Walking from finding to finding.

use promtier::engine::protocol::{FindingView, SeverityView};

/// The sign of a severity; never shown without its word.
pub(crate) fn sign(severity: SeverityView) -> &'static str {
    match severity {
        SeverityView::Error => "●",
        SeverityView::Warning => "▲",
        SeverityView::Info => "■",
    }
}

/// The word of a severity.
pub(crate) fn word(severity: SeverityView) -> &'static str {
    match severity {
        SeverityView::Error => "error",
        SeverityView::Warning => "warning",
        SeverityView::Info => "info",
    }
}

/// Where the cursor is, or which finding it was last sent to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Here<'a> {
    /// The file being edited.
    pub(crate) path: &'a str,
    /// The cursor in UTF-16 code units.
    pub(crate) at: u32,
    /// The finding that one was last led to.
    pub(crate) last: Option<usize>,
}

/// The finding after (or before) the cursor, round through all files; `None` where there is none.
///
/// `findings` are sorted by file and place. Where the cursor still stands on the finding it was led to, the
/// way goes on from that one: several may begin at one place.
pub(crate) fn neighbour(findings: &[FindingView], here: Here<'_>, forward: bool) -> Option<usize> {
    let count = findings.len();
    if count == 0 {
        return None;
    }
    if let Some(last) = here.last
        && findings
            .get(last)
            .is_some_and(|finding| finding.path == here.path && finding.range.start == here.at)
    {
        return Some(if forward { (last + 1) % count } else { (last + count - 1) % count });
    }
    let mut own = findings.iter().enumerate().filter(|(_, finding)| finding.path == here.path);
    let found = if forward {
        own.clone()
            .find(|(_, finding)| finding.range.start >= here.at)
            .or_else(|| own.next_back())
            .map(|(at, finding)| if finding.range.start >= here.at { at } else { (at + 1) % count })
    } else {
        own.clone()
            .rfind(|(_, finding)| finding.range.start < here.at)
            .or_else(|| own.next())
            .map(|(at, finding)| if finding.range.start < here.at { at } else { (at + count - 1) % count })
    };
    Some(found.unwrap_or(if forward { 0 } else { count - 1 }))
}

/// Where the finding that one was led to stands in a newer list; `None` where it is gone.
pub(crate) fn same(old: &[FindingView], last: Option<usize>, new: &[FindingView]) -> Option<usize> {
    let finding = old.get(last?)?;
    let is_it = |other: &&FindingView| {
        other.code == finding.code && other.message == finding.message && other.path == finding.path
    };
    let apart = |other: &FindingView| other.range.start.abs_diff(finding.range.start);
    new.iter()
        .enumerate()
        .filter(|(_, other)| is_it(other))
        .min_by_key(|(_, other)| apart(other))
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use promtier::engine::protocol::RangeView;

    use super::*;

    fn findings() -> Vec<FindingView> {
        [("a", 5), ("a", 5), ("a", 9), ("c", 2)]
            .into_iter()
            .map(|(path, start)| FindingView {
                path: path.to_owned(),
                range: RangeView { start, end: start + 1, ..RangeView::default() },
                severity: SeverityView::Error,
                code: String::new(),
                message: String::new(),
                because: String::new(),
                help: String::new(),
                fixes: Vec::new(),
            })
            .collect()
    }

    fn check(path: &str, at: u32, last: Option<usize>, forward: bool, expect: usize) {
        let found = neighbour(&findings(), Here { path, at, last }, forward);
        assert_eq!(found, Some(expect), "{path} {at} {last:?} {forward}");
    }

    #[test]
    fn walks_round_through_all_files() {
        check("a", 0, None, true, 0);
        check("a", 5, Some(0), true, 1);
        check("a", 5, Some(1), true, 2);
        check("a", 6, Some(1), true, 2);
        check("a", 9, Some(2), true, 3);
        check("a", 99, None, true, 3);
        check("c", 2, Some(3), true, 0);
        check("b", 7, None, true, 0);
        check("a", 5, Some(0), false, 3);
        check("a", 7, None, false, 1);
        check("a", 0, None, false, 3);
        check("c", 9, None, false, 3);
        check("c", 0, None, false, 2);
        check("b", 7, None, false, 3);
        assert_eq!(neighbour(&[], Here { path: "a", at: 0, last: None }, true), None);
    }

    #[test]
    fn a_finding_is_known_again() {
        let old = findings();
        assert_eq!(same(&old, Some(2), &old), Some(2));
        assert_eq!(same(&old, Some(2), &old[2..]), Some(0));
        assert_eq!(same(&old, Some(3), &old[..3]), None);
        assert_eq!(same(&old, None, &old), None);
        let mut moved = old.clone();
        moved[2].range.start = 12;
        assert_eq!(same(&old, Some(2), &moved), Some(2));
    }
}
