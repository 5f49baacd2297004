//! The labels that a target has before it is relabelled.

/// Labels of every target.
pub(super) const EVERY_TARGET: [(&str, &str); 6] = [
    ("__address__", "The target's host and port, as it will be asked."),
    ("__scheme__", "`http` or `https`, as the target will be asked."),
    ("__metrics_path__", "The path that will be asked."),
    ("__scrape_interval__", "How often the target will be asked."),
    ("__scrape_timeout__", "How long the target's answer may take."),
    ("job", "The job's name, unless the target brings its own."),
];

/// Labels that a discovery gives to its targets, without `__meta_` and the discovery's own name; those that end in
/// `_` go on with a name from there.
const DISCOVERED: [(&str, &str); 18] = [
    ("file", "filepath"),
    ("http", "url"),
    ("dns", "mx_record_target name ns_record_target srv_record_port srv_record_target"),
    (
        "consul",
        "address dc health metadata_ node partition service service_address service_id service_metadata_ \
         service_port tagged_address_ tags",
    ),
    (
        "kubernetes",
        "namespace pod_name pod_ip pod_label_ pod_labelpresent_ pod_annotation_ pod_annotationpresent_ \
         pod_container_name pod_container_image pod_container_id pod_container_init pod_container_port_name \
         pod_container_port_number pod_container_port_protocol pod_ready pod_phase pod_node_name pod_host_ip \
         pod_uid pod_controller_kind pod_controller_name pod_deployment_name pod_job_name pod_cronjob_name \
         node_name node_provider_id node_label_ node_labelpresent_ node_annotation_ node_annotationpresent_ \
         node_address_ node_condition_ service_name service_label_ service_labelpresent_ service_annotation_ \
         service_annotationpresent_ service_cluster_ip service_external_name service_loadbalancer_ip \
         service_port_name service_port_number service_port_protocol service_type endpoints_name \
         endpoints_label_ endpoints_annotation_ endpoint_hostname endpoint_node_name endpoint_ready \
         endpoint_port_name endpoint_port_protocol endpoint_address_target_kind endpoint_address_target_name \
         endpointslice_name endpointslice_address_target_kind endpointslice_address_target_name \
         endpointslice_address_type endpointslice_endpoint_conditions_ready \
         endpointslice_endpoint_conditions_serving endpointslice_endpoint_conditions_terminating \
         endpointslice_endpoint_hostname endpointslice_endpoint_node_name endpointslice_endpoint_zone \
         endpointslice_port endpointslice_port_name endpointslice_port_protocol ingress_name ingress_label_ \
         ingress_annotation_ ingress_class_name ingress_scheme ingress_path",
    ),
    (
        "ec2",
        "ami architecture availability_zone availability_zone_id instance_id instance_lifecycle instance_state \
         instance_type ipv6_addresses owner_id platform primary_subnet_id private_dns_name private_ip \
         public_dns_name public_ip region subnet_id tag_ vpc_id",
    ),
    (
        "gce",
        "instance_id instance_name interface_ipv4_ label_ machine_type metadata_ network private_ip project \
         public_ip subnetwork tags zone",
    ),
    (
        "azure",
        "machine_computer_name machine_id machine_location machine_name machine_os_type machine_private_ip \
         machine_public_ip machine_resource_group machine_scale_set machine_size machine_tag_ subscription_id \
         tenant_id",
    ),
    (
        "docker",
        "container_id container_image container_image_id container_label_ container_name \
         container_network_mode network_id network_ip network_label_ network_name network_scope port_private \
         port_public port_public_ip",
    ),
    (
        "dockerswarm",
        "node_address node_availability node_hostname node_id node_label_ node_role node_status service_id \
         service_label_ service_mode service_name task_container_id task_desired_state task_id task_slot \
         task_state network_id network_name",
    ),
    ("nomad", "address dc namespace node_id service service_address service_id service_port tags"),
    (
        "digitalocean",
        "droplet_id droplet_name features image image_name private_ipv4 public_ipv4 public_ipv6 region size \
         status tags vpc",
    ),
    (
        "hetzner",
        "datacenter public_ipv4 public_ipv6_network server_id server_name server_status hcloud_label_ \
         hcloud_location hcloud_private_ipv4_ hcloud_server_type robot_product robot_cancelled",
    ),
    (
        "openstack",
        "address_pool hypervisor_hostname hypervisor_state instance_flavor instance_id instance_image \
         instance_name instance_status private_ip project_id public_ip tag_ user_id",
    ),
    (
        "linode",
        "image instance_id instance_label private_ipv4 public_ipv4 public_ipv6 region status tags type group",
    ),
    (
        "lightsail",
        "availability_zone blueprint_id instance_name instance_state private_ip public_ip region tag_",
    ),
    ("puppetdb", "certname environment exported file parameter_ query resource tags title type"),
    ("marathon", "app app_label_ image port_definition_label_ port_index port_mapping_label_ task"),
];

/// The labels that a discovery, `kubernetes_sd_configs`, say, gives to its targets.
pub(super) fn of_discovery(key: &str) -> impl Iterator<Item = String> {
    let known = key.strip_suffix("_sd_configs").and_then(|name| DISCOVERED.iter().find(|row| row.0 == name));
    known.into_iter().flat_map(|(name, labels)| {
        let prefix = match *name {
            "file" | "http" => "__meta_".to_owned(),
            name => format!("__meta_{name}_"),
        };
        labels.split(' ').map(move |label| format!("{prefix}{label}"))
    })
}
