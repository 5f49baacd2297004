//! How much of a document comes from aliases.

use std::collections::HashMap;

use super::tree::{Kind, Node};

/// go-yaml's guard against documents in which most of the work comes from aliases.
pub(super) fn is_excessive(root: Node<'_>) -> bool {
    let mut steps = HashMap::new();
    let Steps { all, aliased } = count(root, &mut steps);
    let (all, aliased) = (all as f64, aliased as f64);
    if aliased <= 100.0 || all <= 1000.0 {
        return false;
    }
    let (low, high) = (400_000.0, 4_000_000.0);
    let allowed = if all <= low {
        0.99
    } else if all >= high {
        0.10
    } else {
        0.99 - 0.89 * ((all - low) / (high - low))
    };
    aliased / all > allowed
}

#[derive(Clone, Copy, Default)]
struct Steps {
    all: u64,
    aliased: u64,
}

/// Counts decoding steps. Aliases are looked up, not followed: what they name was counted before them.
fn count(node: Node<'_>, anchors: &mut HashMap<u32, u64>) -> Steps {
    let mut steps = Steps { all: 1, aliased: 0 };
    if let Kind::Alias { target, .. } = node.kind() {
        let aliased = target.and_then(|target| anchors.get(&target.id()).copied()).unwrap_or(0);
        return Steps { all: aliased.saturating_add(1), aliased };
    }
    let mut add = |node| {
        let child = count(node, anchors);
        steps.all = steps.all.saturating_add(child.all);
        steps.aliased = steps.aliased.saturating_add(child.aliased);
    };
    for entry in node.entries() {
        add(entry.key);
        add(entry.value);
    }
    for item in node.items() {
        add(item);
    }
    if node.anchor().is_some() {
        anchors.insert(node.id(), steps.all);
    }
    steps
}
