//! Where a series that is missed on a server is stopped on its way to it.

use crate::federation::Preview;
use crate::federation::trace::{Fate, asked_of, hop};
use crate::labels::LabelSet;
use crate::series::CompiledMatcher;
use crate::text::{FileId, Span};

use super::external_labels;

/// Where a series is stopped.
pub(super) struct Stopped {
    /// Which series, where and why.
    pub(super) because: String,
    /// What would let it through; may be empty.
    pub(super) remedy: String,
    /// The place that decides.
    pub(super) place: Option<(FileId, Span)>,
}

/// Looks for series that `matchers` match on the servers that a server pulls from, tier by tier downwards, and
/// follows the first one up to where it is stopped.
pub(super) fn nearest(preview: &Preview, node: usize, matchers: &[CompiledMatcher]) -> Option<Stopped> {
    let mut seen = vec![node];
    let mut level = vec![node];
    while !level.is_empty() {
        let mut below = Vec::new();
        for (at, pull) in preview.topology.pulls.iter().enumerate() {
            let Some(source) = asked_of(pull) else { continue };
            if !level.contains(&pull.node) {
                continue;
            }
            if let Some(stopped) = stopped(preview, at, source, matchers) {
                return Some(stopped);
            }
            if !seen.contains(&source) {
                seen.push(source);
                below.push(source);
            }
        }
        level = below;
    }
    None
}

fn stopped(preview: &Preview, at: usize, source: usize, matchers: &[CompiledMatcher]) -> Option<Stopped> {
    let store = preview.nodes.get(source)?.store();
    // External labels are not on the series yet.
    let external = external_labels(preview, source);
    let on_series: Vec<CompiledMatcher> =
        matchers.iter().filter(|matcher| !is_of(&external, matcher)).cloned().collect();
    let rows = store.select(&on_series).ok()?;
    let row = rows.iter().next()?;
    let (count, labels) = (rows.count(), store.label_set(row));
    let names = |node: usize| preview.workspace.nodes.get(node).map_or("", |node| &node.name);
    let pull = preview.topology.pulls.get(at)?;
    let puller = names(pull.node);
    let more = if count == 1 { String::new() } else { format!(", one of {count} such series") };
    let begin = format!("`{}` stores {labels}{more}", names(source));
    let hop = hop(preview, at, row)?;
    let last = hop.gates.last().filter(|gate| !gate.passed);
    Some(match (hop.fate, last) {
        (Fate::Stored { labels: arrives, .. }, _) => Stopped {
            because: format!("{begin}, which arrives at `{puller}` as {arrives}"),
            remedy: String::new(),
            place: None,
        },
        (_, Some(gate)) => Stopped {
            because: format!("{begin}, which does not come to `{puller}`: {}", gate.because),
            remedy: gate.remedy.clone().unwrap_or_default(),
            place: gate.place,
        },
        (_, None) => return None,
    })
}

/// Whether a matcher holds for an external label.
fn is_of(external: &LabelSet, matcher: &CompiledMatcher) -> bool {
    let name = std::str::from_utf8(&matcher.matcher().name).ok();
    let value = name.and_then(|name| external.get(name)).filter(|value| !value.is_empty());
    value.is_some_and(|value| matcher.matches(value))
}
