//! Federation from a program that stores nothing
//!
//! # What it finds
//! A job federates from a node that `program` in the manifest says to be a Prometheus in agent mode, or an
//! OpenTelemetry Collector.
//!
//! # Why it matters
//! Neither keeps series that could be asked for. An agent answers `/federate` with 500 `unsupported operation with
//! WAL-only storage`, a Collector has no such path: each scrape fails, and `up` is 0.
//!
//! # Example
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   global: { config: global.yml }
//!   edge: { config: edge.yml, program: prometheus-agent }
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['edge:9090']
//! # edge.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Instead
//! Let it send what it scrapes (`remote_write`) to a server, which may be the one that asked, with
//! `--web.enable-remote-write-receiver`.
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   global: { config: global.yml }
//!   edge: { config: edge.yml, program: prometheus-agent }
//! # global.yml
//! global: { external_labels: { tier: global } }
//! # edge.yml
//! scrape_configs:
//!   - job_name: shop
//! remote_write:
//!   - url: 'http://global:9090/api/v1/write'
//! ```
//!
//! # Source
//! web/federate.go, federation; tsdb/agent/db.go, `ErrUnsupported`

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Peer, Preview};
use crate::lint::Found;
use crate::workspace::Program;

const CODE: Code = Code::new("federation/without-storage");

pub(super) fn check(preview: &Preview, found: &mut Found) {
    for pull in &preview.topology.pulls {
        let Peer::Federate(source) = pull.peer else { continue };
        let Some(node) = preview.workspace.nodes.get(source) else { continue };
        if pull.refused.is_some() {
            continue;
        }
        let (what, because) = match node.program {
            Program::Prometheus => continue,
            Program::Agent => (
                "which runs in agent mode",
                "an agent keeps no series to be asked for: it answers 500 `unsupported operation with WAL-only storage`, `up` is 0, and nothing is pulled",
            ),
            Program::Collector => (
                "an OpenTelemetry Collector",
                "a Collector keeps no series and has no `/federate`: each scrape fails, and `up` is 0",
            ),
        };
        let message = format!("job `{}` federates from {}, {what}", pull.job, node.name);
        found.push((
            pull.target_file,
            Diagnostic::error(CODE, pull.target_span, message)
                .because(because)
                .help("let it send its samples by remote write, or federate from the server that gets them"),
        ));
    }
}
