//! Federation over plain HTTP
//!
//! # What it finds
//! A job federates over `http`, without authentication and not through a proxy, from a public IP address, or from a
//! name of the public DNS such as `prometheus.example.com`. Names that lead nowhere outside of a network of one's
//! own (`leaf-1`, `leaf.monitoring.svc`) and private addresses are left alone: Prometheus is made for networks that
//! are trusted.
//!
//! # Why it matters
//! `/federate` answers whoever can reach it, with every series that it is asked for, labels and all. What is sent in
//! the clear can be read on the way, and changed.
//!
//! # Example
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   global: { config: global.yml }
//!   leaf: { config: leaf.yml, listen: ['prometheus.eu.example.com:9090'] }
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['prometheus.eu.example.com:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Instead
//! Give the lower server a certificate and users (`--web.config.file`), or put a proxy before it that has them;
//! prom-label-proxy also restricts which series are answered. Where the name leads into a network of your own, allow
//! the finding with that reason.
//! ```yaml
//! # promtier.yaml
//! nodes:
//!   global: { config: global.yml }
//!   leaf: { config: leaf.yml, listen: ['prometheus.eu.example.com:9090'] }
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     scheme: https
//!     basic_auth: { username: global, password_file: global.password }
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{job="shop"}']
//!     static_configs:
//!       - targets: ['prometheus.eu.example.com:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Source
//! Prometheus' documentation, Security model and HTTPS and authentication; prometheus-community/prom-label-proxy

use std::net::IpAddr;

use super::FederationJob;
use crate::diagnostic::{Code, Diagnostic};
use crate::lint::Found;

const CODE: Code = Code::new("federation/unprotected-request");

/// Common ends of public names; those of two letters are countries.
const PUBLIC: [&str; 14] = [
    "com", "org", "net", "io", "dev", "app", "cloud", "info", "biz", "edu", "gov", "tech", "systems",
    "online",
];

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    // Credentials may be what the answer depends on, and a proxy may be trusted.
    if job.config.source.is_guarded {
        return;
    }
    let plain = |pull: &&crate::federation::Pull| {
        pull.refused.is_none() && pull.scheme.eq_ignore_ascii_case("http") && reach(&pull.address).is_some()
    };
    let mut pulls = job.pulls.iter().map(|(pull, _)| *pull).filter(plain);
    let Some(first) = pulls.next() else { return };
    let more = match pulls.count() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    let message =
        format!("job `{}` asks `{}`{more} for series over plain HTTP", job.config.job_name, first.address);
    let unless = match reach(&first.address) {
        Some(Reach::Name) => "; not so where the name leads into a network of your own",
        _ => "",
    };
    let because = format!(
        "`/federate` answers whoever can reach it, with every series, and what is sent can be read and changed on the way{unless}"
    );
    found.push((
        first.target_file,
        Diagnostic::info(CODE, first.target_span, message)
            .because(because)
            .help("serve it over TLS with users (`--web.config.file`) and ask with `scheme: https` and `basic_auth`, or put prom-label-proxy before it"),
    ));
}

/// How an address is known to be reached by others.
enum Reach {
    Address,
    Name,
}

/// Whether an address is public, as far as it can be told by looking at it.
fn reach(address: &str) -> Option<Reach> {
    let host = match address.strip_prefix('[') {
        Some(inside) => inside.split_once(']')?.0,
        None => address.rsplit_once(':').map_or(address, |(host, _)| host),
    };
    if let Ok(ip) = host.parse::<IpAddr>() {
        return is_public(ip).then_some(Reach::Address);
    }
    let mut labels = host.trim_end_matches('.').rsplit('.');
    let end = labels.next()?.to_ascii_lowercase();
    let is_end = end.len() == 2 && end.bytes().all(|byte| byte.is_ascii_alphabetic());
    // A name of two parts may be a service and its namespace.
    (labels.count() >= 2 && (is_end || PUBLIC.contains(&end.as_str()))).then_some(Reach::Name)
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let shared = matches!(ip.octets(), [100, 64..=127, ..]);
            !(ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified() || shared)
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => is_public(IpAddr::V4(ip)),
            None => {
                let local = ip.is_unique_local() || ip.is_unicast_link_local();
                !(ip.is_loopback() || ip.is_unspecified() || local)
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_public_or_of_a_network_of_ones_own() {
        let check = |address: &str, expect: bool| assert_eq!(reach(address).is_some(), expect, "{address}");
        for own in [
            "leaf:9090",
            "leaf",
            "localhost:9090",
            "127.0.0.1:9090",
            "10.1.2.3:9090",
            "172.16.0.1:9090",
            "192.168.1.1",
            "100.64.0.1:9090",
            "[::1]:9090",
            "[fd00::1]:9090",
            "[fe80::1]",
            "[::ffff:10.0.0.1]:9090",
            "leaf.monitoring:9090",
            "leaf.monitoring.svc:9090",
            "leaf.monitoring.svc.cluster.local:9090",
            "leaf.dc1.consul:9090",
            "leaf.eu.internal:9090",
            "[broken",
            "",
        ] {
            check(own, false);
        }
        for public in [
            "203.0.113.7:9090",
            "8.8.8.8",
            "[2001:db8::1]:9090",
            "[::ffff:8.8.8.8]:9090",
            "prometheus.example.com:9090",
            "Prometheus.Example.ORG.:9090",
            "leaf.metrics.example.de",
        ] {
            check(public, true);
        }
    }
}
