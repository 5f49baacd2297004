//! Histograms that one release answers wrongly
//!
//! # What it finds
//! A job federates in the text format from a Prometheus 3.7.0, 3.7.1 or 3.7.2, and selects the series of a job there
//! that makes native histograms with custom buckets of classic ones (`convert_classic_histograms_to_nhcb`, for which
//! these releases need `--enable-feature=native-histograms` too: without it they store none of them).
//!
//! # Why it matters
//! From 3.7 on, `/federate` sends such histograms as classic ones, in text too. These three releases write every
//! bucket and the count as 0, and nobody says so. Where the histogram is a gauge, as a recording rule with `rate`
//! makes it, the answer even breaks off at it: the scrape fails with `invalid metric type ""`, and nothing of that
//! server is stored.
//!
//! # Example
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   global: { config: global.yml }
//!   leaf: { config: leaf.yml, prometheus: "3.7.2" }
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
//!     convert_classic_histograms_to_nhcb: true
//! ```
//!
//! # Instead
//! Upgrade the lower server to 3.7.3 or newer, and say so in the manifest. Until then, ask for protocol buffers.
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   global: { config: global.yml }
//!   leaf: { config: leaf.yml, prometheus: "3.7.3" }
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
//!     convert_classic_histograms_to_nhcb: true
//! ```
//!
//! # Source
//! prometheus#17405, #17215; web/federate.go of 3.7.2, federation; prometheus/common 0.66.1,
//! `expfmt/text_create.go`, `MetricFamilyToText`

use super::FederationJob;
use super::native_histograms::{LABEL, NO_FLAG, selected_job};
use crate::diagnostic::{Code, Diagnostic};
use crate::federation::Peer;
use crate::lint::Found;
use crate::prometheus::EffectiveScrapeConfig;
use crate::version::Version;

const CODE: Code = Code::new("federation/broken-histograms");

const BROKEN: Version = Version { major: 3, minor: 7 };
/// The first release of that line that is not.
const MENDED: u8 = 3;

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    let (config, preview) = (&job.config, job.preview);
    // `/federate` takes what it can write of what is asked for; OpenMetrics is not among it.
    let first = config.scrape_protocols.iter().find(|protocol| protocol.starts_with("Prometheus"));
    let relabels = preview.workspace.file(job.file).text.as_ref().is_some_and(|text| text.contains(LABEL));
    if first == Some(&"PrometheusProto") || relabels {
        return;
    }
    // Before, a flag could put protocol buffers first where the configuration says nothing.
    let global = preview.workspace.nodes.get(job.node).and_then(|node| node.config.as_ref());
    let asks_text = config.version >= NO_FLAG
        || config.source.scrape_protocols.is_some()
        || global.is_some_and(|config| config.global.scrape_protocols.is_some());
    let converts = |lower: &EffectiveScrapeConfig<'_>| lower.convert_classic_histograms_to_nhcb;
    for written in job.selectors() {
        let broken = written.sent.iter().find_map(|(pull, ..)| {
            let Peer::Federate(at) = pull.peer else { return None };
            let node = preview.workspace.nodes.get(at)?;
            let is_meant = node.version == BROKEN && node.patch.is_none_or(|patch| patch < MENDED);
            let lower = is_meant.then(|| selected_job(job, written.selector, (at, node), &converts))??;
            Some((node, lower))
        });
        let Some((node, lower)) = broken else { continue };
        let (name, lower) = (&node.name, lower.name());
        let certain = asks_text && node.patch.is_some();
        let unless = if asks_text {
            ""
        } else {
            "; not so where `--enable-feature=native-histograms` makes this server ask for protocol buffers"
        };
        let message = match node.patch {
            Some(patch) => format!("{name} (3.7.{patch}) answers histograms of job `{lower}` wrongly"),
            None => {
                format!("{name} answers histograms of job `{lower}` wrongly, unless it is 3.7.3 or newer")
            }
        };
        let because = format!(
            "in text, these releases write each bucket and the count of a histogram with custom buckets as 0, and break off at one that is a gauge, as of a rule with `rate`: then the scrape fails, `invalid metric type \"\"`{unless}"
        );
        let span = written.selector.span;
        let diagnostic = if certain {
            Diagnostic::error(CODE, span, message)
        } else {
            Diagnostic::warning(CODE, span, message)
        };
        let help = match node.patch {
            Some(_) => "upgrade it to 3.7.3 or newer",
            None => "upgrade it to 3.7.3 or newer, and say which release it runs: `prometheus: \"3.7.3\"`",
        };
        found.push((written.selector.file, diagnostic.because(because).help(help)));
        return;
    }
}
