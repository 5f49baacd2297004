//! A path on which the server does not answer federation
//!
//! # What it finds
//! A job asks a server of the workspace for federation on another path than the one on which it answers: the
//! server runs with `--web.route-prefix`, or with an `--web.external-url` that has a path, and the job's
//! `metrics_path` lacks that prefix; or the job's path has a prefix of which nothing is known.
//!
//! # Why it matters
//! The server answers `404 Not Found` to every scrape. `up` is 0, and nothing is pulled.
//!
//! # Example
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   global: { config: global.yml }
//!   leaf: { config: leaf.yml, route_prefix: /prometheus }
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
//! ```
//!
//! # Instead
//! Ask on the path with the prefix. Where the server's prefix is not known yet, say it in `promtier.yaml`.
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   global: { config: global.yml }
//!   leaf: { config: leaf.yml, route_prefix: /prometheus }
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /prometheus/federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Source
//! cmd/prometheus/main.go, `RoutePrefix`; web/web.go, New

use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::federation::{Peer, Preview, Pull};
use crate::lint::Found;
use crate::text::{Span, TextEdit};
use crate::workspace::FEDERATE;

const CODE: Code = Code::new("federation/route-prefix");

pub(super) fn check(preview: &Preview, found: &mut Found) {
    for pull in &preview.topology.pulls {
        let Peer::NoSuchPath(source) = pull.peer else { continue };
        let Some(server) = preview.workspace.nodes.get(source) else { continue };
        if !pull.federates || pull.refused.is_some() {
            continue;
        }
        let (name, prefix, path) = (&server.name, &server.route_prefix, &pull.path);
        let answers = format!("{prefix}{FEDERATE}");
        let asked = path.strip_suffix(FEDERATE).unwrap_or_default();
        let message = format!(
            "job `{}` asks `{path}` of {name}, which answers federation on `{answers}`: 404 Not Found",
            pull.job
        );
        let written = written(preview, pull);
        let (file, span) = written.map_or((pull.target_file, pull.target_span), |span| (pull.job_file, span));
        let fix =
            written.filter(|_| is_right_for_all(preview, pull, prefix) && answers.chars().all(is_plain));
        let fix = fix.map(|span| {
            let edit = TextEdit { span, text: answers.clone() };
            Fix::unsafe_fix(format!("Ask `{answers}`"), vec![edit])
        });
        let diagnostic = if prefix.is_empty() {
            // Without a word of it in the manifest, a server may well run with the prefix that is asked for.
            Diagnostic::warning(CODE, span, message)
                .because("nothing says that it runs with a prefix, and without one every scrape fails: `up` is 0, and nothing is pulled")
                .help(format!("if it runs with `--web.route-prefix={asked}`, say so in promtier.yaml: `route_prefix: {asked}`"))
        } else {
            Diagnostic::error(CODE, span, message)
                .because(format!(
                    "it runs with the prefix `{prefix}`: every scrape fails, `up` is 0, and nothing is pulled"
                ))
                .help(format!("set `metrics_path: {prefix}{FEDERATE}`"))
        };
        found.push((
            file,
            match fix {
                Some(fix) => diagnostic.fix(fix),
                None => diagnostic,
            },
        ));
    }
}

/// The place of the job's `metrics_path`, where that is what the target is asked on.
fn written(preview: &Preview, pull: &Pull) -> Option<Span> {
    let job = pull.scrape_config(&preview.workspace)?;
    job.metrics_path.as_ref().filter(|path| path.value == pull.path).map(|path| path.span)
}

/// Whether all targets of the pull's job are servers that answer under this prefix, as the manifest says it.
fn is_right_for_all(preview: &Preview, pull: &Pull, prefix: &str) -> bool {
    let has_prefix = |other: &Pull| match other.peer {
        Peer::NoSuchPath(source) => {
            preview.workspace.nodes.get(source).is_some_and(|server| server.route_prefix == prefix)
        }
        _ => false,
    };
    let own = preview.topology.pulls_of_job(pull.node, pull.job_at);
    let mut others = preview.topology.pulls.get(own).unwrap_or_default().iter();
    let current = !preview.workspace.file(pull.job_file).from_last_valid;
    current && !prefix.is_empty() && others.all(has_prefix)
}

/// Whether YAML takes the character as it is.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/_.-".contains(c)
}
