//! Servers whose series come back to them
//!
//! # What it finds
//! A server pulls, directly or over others, from itself, and the selectors on the way let its own series pass: it
//! gets back what it sent. Cycles in which nothing can come round, because each server pulls other series or keeps
//! out what bears its own external label, are not reported.
//!
//! # Why it matters
//! Every series is there a second time, with the external labels of the servers on the way. Sums count it twice,
//! each turn may add labels, and the copy stays for the minutes of the lookback after its source has gone.
//!
//! # Example
//! ```yaml
//! # global.yml
//! global: { external_labels: { tier: global } }
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! global: { external_labels: { tier: leaf } }
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['global:9090']
//! ```
//!
//! # Instead
//! Let each tier pull only from lower ones. Where two servers need series of each other, give each an external
//! label of its own, such as `tier`, and let each exclude its own value.
//! ```yaml
//! # global.yml
//! global: { external_labels: { tier: global } }
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop",tier!="global"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! global: { external_labels: { tier: leaf } }
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop",tier!="leaf"}']
//!     static_configs:
//!       - targets: ['global:9090']
//! ```
//!
//! # Source
//! web/federate.go, federation; skypilot#10058

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Preview, Round, rounds};
use crate::lint::Found;

const CODE: Code = Code::new("federation/cycle");

/// How many pulls of a cycle are shown.
const SHOWN: usize = 5;

pub(super) fn check(preview: &Preview, found: &mut Found) {
    let (workspace, topology) = (&preview.workspace, &preview.topology);
    for (cut, Round { origin, pulls }) in rounds(workspace, topology) {
        let Some(closing) = topology.pulls.get(cut) else { continue };
        let Some(node) = workspace.nodes.get(origin) else { continue };
        let name = &node.name;
        let message = format!("job `{}` closes a cycle: series of {name} come back to {name}", closing.job);
        let labels = node.config.iter().flat_map(|config| &config.global.external_labels);
        let label =
            labels.map(|label| (&label.name.value, &label.expanded)).find(|(_, value)| !value.is_empty());
        let back =
            pulls.last().and_then(|&last| topology.pulls.get(last)).map_or("", |pull| pull.job.as_str());
        let help = match label {
            Some((label, value)) => {
                format!(
                    "let each tier pull from lower ones only, or keep out what comes back: `{label}!=\"{value}\"` in the selectors of job `{back}` of {name}, and likewise on the other servers"
                )
            }
            None => format!(
                "let each tier pull from lower ones only, or give {name} an external label of its own, such as `tier`, and exclude its value in the selectors of job `{back}`"
            ),
        };
        let mut diagnostic = Diagnostic::warning(CODE, closing.target_span, message)
            .because("they are stored a second time with the labels of the way, and stay for minutes when their source has gone; the preview is cut here")
            .help(help);
        for pull in pulls.iter().filter(|&&at| at != cut).filter_map(|&at| topology.pulls.get(at)).take(SHOWN)
        {
            let who = workspace.nodes.get(pull.node).map_or("", |node| node.name.as_str());
            let what = format!("{who} pulls from {}", pull.address);
            diagnostic = if pull.target_file == closing.target_file {
                diagnostic.label(pull.target_span, what)
            } else {
                diagnostic.label_in(pull.target_file, pull.target_span, what)
            };
        }
        found.push((closing.target_file, diagnostic));
    }
}
