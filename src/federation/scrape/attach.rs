//! The labels of the target, put on what it exposes.

use crate::labels::{LabelSet, METRIC_NAME};
use crate::series::{Change, Frame};
use crate::sort;
use crate::version::Version;

use super::{ScrapeSettings, all};

/// The prefix of labels that make room for a target's: `common/model`, `ExportedLabelPrefix`.
pub(in crate::federation) const EXPORTED: &str = "exported_";

/// The first release in which relabelling of samples gets the labels as they were attached, not sorted anew.
pub(in crate::federation) const AS_BUILT_SINCE: Version = Version { major: 3, minor: 9 };

/// The first release in which a label that is exposed empty leaves its name free for one that moves aside.
const EMPTY_IS_FREE_SINCE: Version = Version { major: 2, minor: 44 };

/// Attaches the target's labels: `mutateSampleLabels` and `resolveConflictingExposedLabels`.
///
/// With `honor_labels` a target label is set only where the series does not have the name at all: one that
/// is exposed empty counts as had, and then vanishes. Without, the target wins, and a value that was there
/// moves to `exported_` and the name, with the prefix repeated until that name is free, shorter names first.
/// Before 2.44 a name is not free either where it is exposed empty. Answers which names were set, in that order.
pub(in crate::federation) fn attach(
    frame: &mut Frame,
    target_labels: &LabelSet,
    settings: &ScrapeSettings,
) -> Vec<String> {
    let mut added: Vec<String> = target_labels.iter().map(|(name, _)| name.to_owned()).collect();
    if settings.honor_labels {
        added.retain(|name| !frame.names().any(|have| have == name));
        for (name, value) in target_labels.iter() {
            frame.set_where_absent(name, value);
        }
        return added;
    }
    let mut occupied: Vec<String> = Vec::new();
    if settings.version < EMPTY_IS_FREE_SINCE {
        occupied.extend(frame.names().map(str::to_owned));
    }
    let mut conflicts: Vec<(&str, String)> = Vec::new();
    for (name, value) in target_labels.iter() {
        if frame.names().any(|have| have == name) {
            // What moves aside waits under a name that no series can have.
            let waiting = format!("\u{0}{name}");
            frame.rename(name, &waiting);
            conflicts.push((name, waiting));
        }
        frame.set_constant(name, value);
    }
    sort::sort_by_key(&mut conflicts, |(name, _)| name.len());
    for (name, waiting) in conflicts {
        let mut free = format!("{EXPORTED}{name}");
        loop {
            if occupied.contains(&free) {
                free.insert_str(0, EXPORTED);
                continue;
            }
            added.push(free.clone());
            if !frame.names().any(|have| have == free) {
                frame.rename(&waiting, &free);
                break;
            }
            let classes = frame.classes(&[&free, &waiting]);
            let taken = |values: &[Option<&str>]| values[0].is_some_and(|value| !value.is_empty());
            let moving =
                |values: &[Option<&str>]| values[1].filter(|value| !value.is_empty()).map(str::to_owned);
            let here = frame.each(&[&free, &waiting], &classes, |values| match moving(values) {
                Some(value) if !taken(values) => Change::Set(value),
                _ => Change::Keep,
            });
            let rest = frame.each(&[&free, &waiting], &classes, |values| {
                if moving(values).is_some() && taken(values) { Change::Keep } else { Change::Remove }
            });
            frame.set_by_class(&free, &classes, &here);
            frame.set_by_class(&waiting, &classes, &rest);
            if rest.iter().all(|change| *change == Change::Remove) {
                break;
            }
            free.insert_str(0, EXPORTED);
        }
        frame.remove(&waiting);
    }
    added
}

/// Drops the rows without a single label that has a value: that is how relabelling says "drop" too.
pub(in crate::federation) fn drop_unlabelled(frame: &mut Frame) {
    let all_named = all(frame, METRIC_NAME, |value| !value.is_empty());
    if !all_named {
        let labelled: Vec<bool> =
            (0..frame.len()).map(|at| frame.labels(at).any(|(_, value)| !value.is_empty())).collect();
        frame.retain(|at| labelled[at]);
    }
}
