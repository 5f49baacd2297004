//! Samples written to replicas through a load balancer
//!
//! # What it finds
//! A server writes with `remote_write` to `/api/v1/write` at an address at which a balancer of the workspace listens,
//! and the balancer's configuration names two or more Prometheus servers of the workspace.
//!
//! # Why it matters
//! A Prometheus server that receives remote write passes nothing on to its replicas. A balancer gives each request to
//! one of them: each gets some of the samples, every series has gaps on every server, and a query gets another part
//! with each answer.
//!
//! # Example
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   agent: { config: agent.yml }
//!   store-1: { config: store-1.yml, replica_set: store }
//!   store-2: { config: store-2.yml, replica_set: store }
//! balancers:
//!   store: { config: haproxy.cfg, listen: ['store.example:9090'] }
//! # agent.yml
//! remote_write:
//!   - url: http://store.example:9090/api/v1/write
//! # store-1.yml
//! global: { external_labels: { replica: '1' } }
//! # store-2.yml
//! global: { external_labels: { replica: '2' } }
//! # haproxy.cfg
//! backend store
//!   server one store-1:9090
//!   server two store-2:9090
//! ```
//!
//! # Instead
//! Write to every replica, with an entry for each.
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   agent: { config: agent.yml }
//!   store-1: { config: store-1.yml, replica_set: store }
//!   store-2: { config: store-2.yml, replica_set: store }
//! balancers:
//!   store: { config: haproxy.cfg, listen: ['store.example:9090'] }
//! # agent.yml
//! remote_write:
//!   - url: http://store-1:9090/api/v1/write
//!   - url: http://store-2:9090/api/v1/write
//! # store-1.yml
//! global: { external_labels: { replica: '1' } }
//! # store-2.yml
//! global: { external_labels: { replica: '2' } }
//! # haproxy.cfg
//! backend store
//!   server one store-1:9090
//!   server two store-2:9090
//! ```
//!
//! # Source
//! `storage/remote/write_handler.go`; prometheus#12025

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::federation::Preview;
use crate::lint::Found;
use crate::sort::ordered_set;
use crate::workspace::{Balancer, Listener, Workspace};

const CODE: Code = Code::new("replicas/balanced-remote-write");

/// Where a Prometheus server receives.
const RECEIVER: &str = "/api/v1/write";

pub(super) fn check(preview: &Preview, found: &mut Found) {
    let workspace = &preview.workspace;
    for node in &workspace.nodes {
        let writes = node.config.iter().flat_map(|config| &config.remote_write);
        for url in writes.filter_map(|write| write.url.as_ref()) {
            let Some(address) = address(&url.value) else { continue };
            let Some(Listener::Balancer(at)) = workspace.listener(&address) else { continue };
            let Some(balancer) = workspace.balancers.get(at) else { continue };
            let behind = behind(workspace, balancer);
            if behind.len() < 2 {
                continue;
            }
            let names: Vec<&str> = behind.iter().map(|&at| workspace.nodes[at].name.as_str()).collect();
            let message = format!(
                "`{}` writes through the balancer {} to one of {} at a time",
                node.name,
                balancer.name,
                names.join(", ")
            );
            found.push((
                node.config_file,
                Diagnostic::error(CODE, url.span, message)
                    .because("none of them passes on what it gets: each holds a part of the samples, and every query answers another part")
                    .help("write to each of them, with an entry under `remote_write` for each"),
            ));
        }
    }
}

/// The host and port of a URL to which a Prometheus server's clients write.
fn address(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find('/')?);
    if path.split(['?', '#']).next() != Some(RECEIVER) {
        return None;
    }
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let has_port =
        host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    Some(match scheme {
        _ if has_port => host.to_owned(),
        "https" => format!("{host}:443"),
        _ => format!("{host}:80"),
    })
}

/// The nodes whose addresses a balancer's configuration names.
fn behind(workspace: &Workspace, balancer: &Balancer) -> BTreeSet<usize> {
    let text = balancer.config_file.and_then(|file| workspace.file(file).text.as_deref()).unwrap_or_default();
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let words = lines.flat_map(|line| line.split(|c: char| c.is_whitespace() || "\"',;()[]{}=".contains(c)));
    let named =
        words.map(|word| word.rsplit('/').next().unwrap_or_default()).filter(|word| word.contains(':'));
    ordered_set(named.filter_map(|word| match workspace.listener(word) {
        Some(Listener::Node(node)) => Some(node),
        _ => None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lead_to_addresses() {
        let check = |url: &str, expect: Option<&str>| assert_eq!(address(url).as_deref(), expect, "{url}");
        check("http://a:9090/api/v1/write", Some("a:9090"));
        check("https://u:p@a/api/v1/write?x=y", Some("a:443"));
        check("http://a/api/v1/write", Some("a:80"));
        check("http://a/api/v1/push", None);
        check("http://a", None);
        check("nothing", None);
    }
}
