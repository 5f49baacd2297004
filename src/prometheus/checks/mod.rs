//! What each section is checked for once its keys are read: the `UnmarshalYAML` and `Validate` of its Go
//! type, in its words. Where Prometheus stops at the first fault, these go on as far as it makes sense.

mod azure;
mod discovery;
mod hosters;
mod http_client;
mod kubernetes;
mod remote;
mod root;
mod scaleway;
mod sections;
mod selectors;

pub(super) use azure::azuread;
pub(super) use discovery::{
    aws, azure, consul, dns, docker, dockerswarm, ec2, eureka, file, gce, http, kuma, lightsail, marathon,
    nerve, nomad, only_http, puppetdb, serverset, uyuni,
};
pub(super) use hosters::{digitalocean, hetzner, ionos, oci, openstack, outscale, ovhcloud, stackit, triton};
pub(super) use http_client::{oauth2, tls_config};
pub(super) use kubernetes::kubernetes;
pub(super) use remote::{remote_read, remote_write, sigv4};
pub(super) use root::{config, otlp, retention, tracing, tsdb};
pub(super) use scaleway::scaleway;
pub(super) use sections::{alertmanager_config, scrape_config};
