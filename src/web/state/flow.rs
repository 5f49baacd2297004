//! The whole in one line: what flows from tier to tier.

use promtier::engine::protocol::{Analysis, FindingView, NodeView, SeverityView};

use super::words::{counted, grouped};

/// One step of the line: a node, or all nodes of a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The node's name, or how many nodes there are.
    pub(crate) name: String,
    /// The series that it, or all of them together, would store.
    pub(crate) series: u64,
}

/// The tiers from the leaves upwards.
pub(crate) fn steps(nodes: &[NodeView]) -> Vec<Step> {
    tiers(nodes)
        .into_iter()
        .map(|tier| Step {
            name: match tier {
                [only] => only.name.clone(),
                [first, ..] => {
                    let (one, many) = if first.tier == 0 { ("leaf", "leaves") } else { ("node", "nodes") };
                    counted(tier.len() as u64, one, many)
                }
                [] => String::new(),
            },
            series: tier.iter().map(|node| u64::from(node.series)).sum(),
        })
        .collect()
}

/// The nodes of each tier, the leaves first. `nodes` are sorted by tier.
pub(crate) fn tiers(nodes: &[NodeView]) -> Vec<&[NodeView]> {
    nodes.chunk_by(|a, b| a.tier == b.tier).collect()
}

/// How many findings are errors, and how many warnings.
pub(crate) fn totals(findings: &[FindingView]) -> (u64, u64) {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count() as u64;
    (count(SeverityView::Error), count(SeverityView::Warning))
}

/// What a tier is called.
pub(crate) fn tier_name(tier: u32) -> String {
    let mut name = "Tier ".to_owned();
    name.push_str(&tier.to_string());
    if tier == 0 {
        name.push_str(" · leaves");
    }
    name
}

/// The line as a sentence, for those who hear it.
pub(crate) fn spoken(analysis: &Analysis) -> String {
    let mut out = String::new();
    for (at, step) in steps(&analysis.nodes).into_iter().enumerate() {
        out.push_str(if at == 0 { "" } else { ", then " });
        out.push_str(&step.name);
        out.push_str(": ");
        out.push_str(&grouped(step.series));
        out.push_str(" series");
    }
    let (errors, warnings) = totals(&analysis.findings);
    for (count, one, many) in [(errors, "error", "errors"), (warnings, "warning", "warnings")] {
        if count > 0 {
            out.push_str("; ");
            out.push_str(&counted(count, one, many));
        }
    }
    if errors + warnings == 0 && !analysis.nodes.is_empty() {
        out.push_str("; no problems");
    }
    out
}

/// The node to show where nobody has chosen one, or the chosen one is gone: the first of the highest tier.
pub(crate) fn node_to_show(nodes: &[NodeView], chosen: Option<&str>) -> Option<String> {
    let still = chosen.filter(|name| nodes.iter().any(|node| node.name == *name));
    still.or_else(|| tiers(nodes).last()?.first().map(|node| node.name.as_str())).map(str::to_owned)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn node(name: &str, tier: u32, series: u32) -> NodeView {
        NodeView {
            name: name.to_owned(),
            tier,
            config: String::new(),
            version: String::new(),
            series,
            synthetic: 0,
            recorded: 0,
            possible: 0,
            samples: None,
            samples_path: String::new(),
            errors: 0,
            warnings: 0,
        }
    }

    fn analysis() -> Analysis {
        let nodes = vec![node("p1", 0, 1000), node("p2", 0, 284), node("global", 1, 61)];
        Analysis { nodes, ..Analysis::default() }
    }

    #[test]
    fn one_step_a_tier() {
        let steps = steps(&analysis().nodes);
        assert_eq!(steps.len(), 2);
        assert_eq!((steps[0].name.replace('\u{a0}', " ").as_str(), steps[0].series), ("2 leaves", 1284));
        assert_eq!((steps[1].name.as_str(), steps[1].series), ("global", 61));
    }

    #[test]
    fn is_spoken_in_one_sentence() {
        let spoken = spoken(&analysis()).replace('\u{a0}', " ");
        assert_eq!(spoken, "2 leaves: 1 284 series, then global: 61 series; no problems");
        assert_eq!(super::spoken(&Analysis::default()), "");
    }

    #[test]
    fn shows_the_top_unless_another_is_chosen() {
        let nodes = analysis().nodes;
        assert_eq!(node_to_show(&nodes, None).as_deref(), Some("global"));
        assert_eq!(node_to_show(&nodes, Some("p2")).as_deref(), Some("p2"));
        assert_eq!(node_to_show(&nodes, Some("gone")).as_deref(), Some("global"));
        assert_eq!(node_to_show(&[], Some("p2")), None);
    }
}
