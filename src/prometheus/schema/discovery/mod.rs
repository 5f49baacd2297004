//! The service discoveries, whose lists stand in a job or in a group of Alertmanagers: `discovery/`.

mod aws;
mod clouds;
mod containers;
mod hosters;
mod registries;

use super::super::checks;
use super::scrape::STATIC_CONFIGS;
use super::{
    Choice, HTTP_CLIENT, Key, Kind, List, Section, TEXT_MAP, TEXTS, choice, key, list, section, word,
};

/// How often each discovery asks.
const fn refresh_interval(default: &'static str) -> Key {
    key("refresh_interval", Kind::Duration, "How often the targets are looked up.").or(default)
}

/// The port where nothing else says one.
const fn port(default: &'static str) -> Key {
    key("port", Kind::Int, "The port that is scraped, unless relabelling says otherwise.").or(default)
}

const fn discovery(name: &'static str, kind: &'static List, words: &'static str) -> Key {
    key(name, Kind::List(kind), words)
}

/// The keys of all service discoveries, in the order in which Prometheus registers them.
pub(in crate::prometheus) static DISCOVERIES: Section = section(
    "service_discoveries",
    "discovery.Configs",
    "discovery.Configs",
    "Where targets are found.",
    &[
        discovery(
            "aws_sd_configs",
            &aws::AWS_LIST,
            "Targets that AWS knows: EC2, ECS, ElastiCache, Lightsail, MSK or RDS.",
        )
        .since(3, 8),
        discovery("azure_sd_configs", &clouds::AZURE_LIST, "Virtual machines of Azure."),
        discovery("consul_sd_configs", &registries::CONSUL_LIST, "Services that Consul knows."),
        discovery(
            "digitalocean_sd_configs",
            &hosters::DIGITALOCEAN_LIST,
            "Droplets or databases of DigitalOcean.",
        ),
        discovery("dns_sd_configs", &registries::DNS_LIST, "Hosts that DNS records name."),
        discovery("docker_sd_configs", &containers::DOCKER_LIST, "Containers of a Docker host."),
        discovery(
            "dockerswarm_sd_configs",
            &containers::DOCKERSWARM_LIST,
            "Services, tasks or nodes of a Docker swarm.",
        ),
        discovery("ec2_sd_configs", &aws::EC2_LIST, "Instances of AWS EC2."),
        discovery("eureka_sd_configs", &registries::EUREKA_LIST, "Instances that Eureka knows."),
        discovery("file_sd_configs", &registries::FILE_LIST, "Targets that files list."),
        discovery("gce_sd_configs", &clouds::GCE_LIST, "Instances of Google Compute Engine."),
        discovery("hetzner_sd_configs", &hosters::HETZNER_LIST, "Servers of Hetzner."),
        discovery("http_sd_configs", &registries::HTTP_LIST, "Targets that an HTTP endpoint lists."),
        discovery("ionos_sd_configs", &hosters::IONOS_LIST, "Servers of IONOS."),
        discovery(
            "kubernetes_sd_configs",
            &containers::KUBERNETES_LIST,
            "Nodes, pods, services, endpoints or ingresses of Kubernetes.",
        ),
        discovery("kuma_sd_configs", &containers::KUMA_LIST, "Proxies of a Kuma mesh."),
        discovery("lightsail_sd_configs", &aws::LIGHTSAIL_LIST, "Instances of AWS Lightsail."),
        discovery("linode_sd_configs", &hosters::LINODE_LIST, "Instances of Linode."),
        discovery("marathon_sd_configs", &containers::MARATHON_LIST, "Tasks of Marathon."),
        discovery("nerve_sd_configs", &registries::NERVE_LIST, "Hosts that Nerve has put into ZooKeeper."),
        discovery("nomad_sd_configs", &containers::NOMAD_LIST, "Services of Nomad."),
        discovery("oci_sd_configs", &clouds::OCI_LIST, "Instances of Oracle Cloud.").since(3, 14),
        discovery(
            "openstack_sd_configs",
            &clouds::OPENSTACK_LIST,
            "Instances, hypervisors or load balancers of OpenStack.",
        ),
        discovery("outscale_sd_configs", &hosters::OUTSCALE_LIST, "Machines of Outscale.").since(3, 12),
        discovery("ovhcloud_sd_configs", &hosters::OVHCLOUD_LIST, "Servers of OVHcloud."),
        discovery("puppetdb_sd_configs", &registries::PUPPETDB_LIST, "Resources that PuppetDB knows."),
        discovery("scaleway_sd_configs", &hosters::SCALEWAY_LIST, "Instances or bare metal of Scaleway."),
        discovery(
            "serverset_sd_configs",
            &registries::SERVERSET_LIST,
            "Hosts that a server set in ZooKeeper lists.",
        ),
        discovery("static_configs", &STATIC_CONFIGS, "Targets that are listed by hand."),
        discovery("stackit_sd_configs", &hosters::STACKIT_LIST, "Servers of STACKIT.").since(3, 5),
        discovery("triton_sd_configs", &hosters::TRITON_LIST, "Containers or nodes of Triton."),
        discovery("uyuni_sd_configs", &registries::UYUNI_LIST, "Systems that Uyuni knows."),
        discovery("vultr_sd_configs", &hosters::VULTR_LIST, "Instances of Vultr."),
    ],
);
