//! Native histograms that do not arrive
//!
//! # What it finds
//! A job federates series of a job of the lower server that scrapes native histograms, and does not ask for native
//! histograms itself: `scrape_native_histograms` is not `true`, or `scrape_protocols` lacks `PrometheusProto`.
//!
//! # Why it matters
//! `/federate` can send native histograms in protocol buffers only. To whoever asks for text, and to whoever does
//! not take them, they are left out without a word: all else arrives, and `up` is 1.
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
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//!     scrape_native_histograms: true
//! ```
//!
//! # Instead
//! Set `scrape_native_histograms: true` on the federation job, and leave `PrometheusProto` among its protocols.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     scrape_native_histograms: true
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//!     scrape_native_histograms: true
//! ```
//!
//! # Source
//! web/federate.go, federation; config/config.go, `ScrapeConfig.Validate`; prometheus#11213, #12305

use super::FederationJob;
use super::honor_labels::behind_name;
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::federation::{Peer, PullSelector};
use crate::labels::LabelSet;
use crate::lint::Found;
use crate::prometheus::{EffectiveScrapeConfig, ScrapeConfig};
use crate::text::TextEdit;
use crate::version::Version;
use crate::workspace::Node;

const CODE: Code = Code::new("federation/native-histograms");

/// Since here the configuration alone says whether native histograms are scraped; before, a flag may.
pub(super) const NO_FLAG: Version = Version { major: 3, minor: 9 };
/// The label by which relabelling says it for a target.
pub(super) const LABEL: &str = "__scrape_native_histograms__";

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    let (config, source) = (&job.config, job.config.source);
    let text = |file| job.preview.workspace.file(file).text.as_deref().unwrap_or_default();
    let (native, protocols) = (config.scrape_native_histograms, &config.scrape_protocols);
    let without_format = native && !protocols.contains(&"PrometheusProto");
    let switched_off = !native && (config.version >= NO_FLAG || source.scrape_native_histograms.is_some());
    if !(without_format || switched_off) || text(job.file).contains(LABEL) {
        return;
    }
    for written in job.selectors() {
        let sources = written.sent.iter().filter_map(|(pull, ..)| match pull.peer {
            Peer::Federate(at) => Some((at, job.preview.workspace.nodes.get(at)?)),
            _ => None,
        });
        let taken =
            sources.filter(|(_, node)| !text(node.config_file).contains(LABEL)).find_map(|(at, node)| {
                let is_native = |lower: &EffectiveScrapeConfig<'_>| {
                    let native =
                        lower.scrape_native_histograms && lower.scrape_protocols.contains(&"PrometheusProto");
                    native && !lower.always_scrape_classic_histograms
                };
                let lower = selected_job(job, written.selector, (at, node), &is_native)?;
                Some((node, lower))
            });
        let Some((node, lower)) = taken else { continue };
        let selector = written.selector;
        let message = format!(
            "native histograms of job `{}` of {} do not arrive with `{}`",
            lower.name(),
            node.name,
            selector.text
        );
        let diagnostic = Diagnostic::warning(CODE, selector.span, message);
        let diagnostic = if without_format {
            diagnostic
                .because("/federate sends them in protocol buffers only, which are not among the job's `scrape_protocols`; they are left out without a word")
                .help("put `PrometheusProto` before the other `scrape_protocols`")
        } else {
            diagnostic
                .because("this job does not ask for native histograms, and they are left out without a word")
                .help("set `scrape_native_histograms: true`")
        };
        let current = !job.preview.workspace.file(job.file).from_last_valid;
        let edit = match &source.scrape_native_histograms {
            Some(value) => Some(TextEdit { span: value.span, text: "true".to_owned() }),
            None => behind_name(text(job.file), source.name_span(), "scrape_native_histograms: true"),
        };
        let fix = edit.filter(|_| current && switched_off);
        found.push((
            selector.file,
            match fix {
                Some(edit) => {
                    diagnostic.fix(Fix::unsafe_fix("Set `scrape_native_histograms` to `true`", vec![edit]))
                }
                None => diagnostic,
            },
        ));
        return;
    }
}

/// A job of the asked server that `is_meant`, and all series of which the selector certainly selects: it asks only
/// for labels that the job's targets have.
pub(super) fn selected_job<'p>(
    job: &FederationJob<'p>,
    selector: &PullSelector,
    (at, node): (usize, &'p Node),
    is_meant: &dyn Fn(&EffectiveScrapeConfig<'_>) -> bool,
) -> Option<&'p ScrapeConfig> {
    let matchers = selector.parsed.as_ref().ok().filter(|matchers| !matchers.is_empty())?;
    let config = node.config.as_ref()?;
    let selects = |labels: &LabelSet| {
        matchers.iter().all(|matcher| {
            let name = std::str::from_utf8(&matcher.matcher().name).unwrap_or_default();
            labels.get(name).is_some_and(|value| matcher.matches(value))
        })
    };
    config.scrape_configs.iter().enumerate().find_map(|(job_at, lower)| {
        let effective = lower.effective(&config.global, node.version);
        if !is_meant(&effective) || !lower.metric_relabel_configs.is_empty() {
            return None;
        }
        let topology = &job.preview.topology;
        let targets = topology.pulls.get(topology.pulls_of_job(at, job_at))?;
        let selected = if targets.is_empty() {
            let labels = [("job", lower.name())].into_iter().collect();
            lower.relabel_configs.is_empty() && selects(&labels)
        } else {
            targets.iter().any(|pull| selects(&pull.labels))
        };
        selected.then_some(lower)
    })
}
