//! A label dropped that alone told two sources apart
//!
//! # What it finds
//! Two servers have an external label that tells their series apart, and the job that federates from both drops it
//! with `labeldrop` or `labelkeep` in `metric_relabel_configs`; series of the two are then equal.
//!
//! # Why it matters
//! Relabelling drops a label and joins nothing: the series of both servers become one, whose samples come from the
//! one and the other. Values go back and forth, and samples that come late are refused as out of order.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf-1:9090', 'leaf-2:9090']
//!     metric_relabel_configs:
//!       - { regex: replica, action: labeldrop }
//! # leaf-1.yml
//! global: { external_labels: { replica: '1' } }
//! scrape_configs: [{ job_name: shop }]
//! # leaf-1.prom
//! up{job="shop",instance="a:1",replica="1"} 1
//! # leaf-2.yml
//! global: { external_labels: { replica: '2' } }
//! scrape_configs: [{ job_name: shop }]
//! # leaf-2.prom
//! up{job="shop",instance="a:1",replica="2"} 1
//! ```
//!
//! # Instead
//! Keep the label, and leave it out where it is asked for, as in `max without (replica) (up)`. Or federate from one
//! of the servers only.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf-1:9090', 'leaf-2:9090']
//! # leaf-1.yml
//! global: { external_labels: { replica: '1' } }
//! scrape_configs: [{ job_name: shop }]
//! # leaf-1.prom
//! up{job="shop",instance="a:1",replica="1"} 1
//! # leaf-2.yml
//! global: { external_labels: { replica: '2' } }
//! scrape_configs: [{ job_name: shop }]
//! # leaf-2.prom
//! up{job="shop",instance="a:1",replica="2"} 1
//! ```
//!
//! # Source
//! `scrape/scrape.go`, `mutateSampleLabels`; `tsdb/head_append.go`, `appendable`

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Collision, Peer, Preview, Pull};
use crate::lint::Found;
use crate::prometheus::RelabelRule;
use crate::regex::{Form, Regex};
use crate::relabel::{Action, Field};

const CODE: Code = Code::new("federation/dropped-distinction");

/// Reports what one collision comes from.
pub(super) fn report(
    preview: &Preview,
    collision: &Collision,
    (pull, rule, label): (&Pull, &RelabelRule, &str),
    found: &mut Found,
) {
    let span = rule.field_span(Field::Regex);
    // One rule may join the series of many servers.
    if found.iter().any(|(file, have)| (*file, have.code, have.span) == (pull.job_file, CODE, span)) {
        return;
    }
    let addresses = collision.pulls.map(|at| preview.topology.pulls.get(at).map_or("", |pull| &pull.address));
    let count = collision.series;
    let series = if count == 1 { "1 series".to_owned() } else { format!("{count} series") };
    let message = format!(
        "`{label}` is dropped, which alone tells {series} of `{}` from those of `{}`",
        addresses[1], addresses[0]
    );
    let diagnostic = Diagnostic::error(CODE, span, message)
        .because(format!("series of the two are stored as one; {}", collision.outcome.words()))
        .help(format!("keep the label, and aggregate it away in queries: `max without ({label}) (…)`"));
    found.push((pull.job_file, diagnostic));
}

/// The rule of the later pull's job that drops what alone told two sources apart, and the label.
pub(super) fn dropper<'p>(
    preview: &'p Preview,
    collision: &Collision,
) -> Option<(&'p Pull, &'p RelabelRule, &'p str)> {
    let [earlier, later] = collision.pulls.map(|at| preview.topology.pulls.get(at));
    let (earlier, later) = (earlier?, later?);
    let node = preview.workspace.nodes.get(later.node)?;
    let labels = |pull: &Pull| {
        let Peer::Federate(source) = pull.peer else { return None };
        let config = preview.workspace.nodes.get(source)?.config.as_ref()?;
        Some(&config.global.external_labels)
    };
    let (one, other) = (labels(earlier)?, labels(later)?);
    let scrape = later.scrape_config(&preview.workspace)?;
    for label in other {
        let name = label.name.value.as_str();
        let before = one.iter().find(|have| have.name.value == name);
        let differs = before.is_none_or(|have| have.expanded != label.expanded);
        if !differs || collision.example.get(name).is_some() {
            continue;
        }
        let drops = |rule: &&RelabelRule| {
            let matches = || {
                Regex::new(rule.config().regex(), Form::Relabel, node.version)
                    .ok()
                    .map(|it| it.is_match(name))
            };
            match rule.action.as_ref().map(|action| action.value) {
                Some(Action::LabelDrop) => matches() == Some(true),
                Some(Action::LabelKeep) => matches() == Some(false),
                _ => false,
            }
        };
        if let Some(rule) = scrape.metric_relabel_configs.iter().find(drops) {
            return Some((later, rule, name));
        }
    }
    None
}
