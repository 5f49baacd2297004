use super::*;

const LEAF: &str = "scrape_configs:\n- job_name: app\n";
const SAMPLES: &str = "up{job=\"app\"} 1\n";

fn workspace(files: &[(&str, &str)]) -> Workspace {
    let mut all = Files::new(1);
    for &(path, text) in files {
        all.put_text(path, text);
    }
    all.assemble()
}

fn codes(workspace: &Workspace) -> Vec<(&str, &str)> {
    workspace
        .findings
        .iter()
        .map(|finding| (workspace.file(finding.file).path.as_str(), finding.diagnostic.code.as_str()))
        .collect()
}

#[test]
fn without_a_manifest_configurations_are_nodes_and_samples_follow_names() {
    let workspace = workspace(&[
        ("leaf.yml", LEAF),
        ("leaf.prom", SAMPLES),
        ("other.prom", SAMPLES),
        ("x.cfg", "global\n"),
    ]);
    assert_eq!(codes(&workspace), []);
    assert_eq!(workspace.nodes.len(), 1);
    let node = &workspace.nodes[0];
    assert_eq!(node.name, "leaf");
    assert_eq!(
        node.samples.iter().map(|&file| workspace.file(file).path.as_str()).collect::<Vec<_>>(),
        ["leaf.prom"]
    );
    assert!(node.config.is_some());
    assert_eq!(workspace.listener("leaf:9090"), Some(Listener::Node(0)));
    assert_eq!(workspace.listener("leaf"), Some(Listener::Node(0)));
    assert_eq!(workspace.listener("leaf.example:9090"), None);
}

#[test]
fn the_manifest_says_who_is_who() {
    let manifest = "prometheus: \"2.42\"\nnodes:\n  a: { config: leaf.yml, listen: [x:1], samples: [s.txt], route_prefix: prom/ }\n  b: { config: leaf.yml, prometheus: \"3.5\" }\nbalancers:\n  lb: { listen: [x:2] }\ntargets:\n  app: { listen: [x:3], metrics: app.prom }\n";
    let workspace = workspace(&[
        ("promtier.yaml", manifest),
        ("leaf.yml", LEAF),
        ("s.txt", SAMPLES),
        ("app.prom", SAMPLES),
    ]);
    assert_eq!(codes(&workspace), []);
    let versions: Vec<Version> = workspace.nodes.iter().map(|node| node.version).collect();
    assert_eq!(versions, [Version::V2_42, Version::V3_5]);
    let prefixes: Vec<&str> = workspace.nodes.iter().map(|node| node.route_prefix.as_str()).collect();
    assert_eq!(prefixes, ["/prom", ""]);
    assert_eq!(workspace.listener("x:1"), Some(Listener::Node(0)));
    assert_eq!(workspace.listener("a:1"), None, "a node with addresses of its own listens at no other");
    assert_eq!(workspace.listener("b:9"), Some(Listener::Node(1)));
    assert_eq!(workspace.listener("x:2"), Some(Listener::Balancer(0)));
    assert_eq!(workspace.listener("x:3"), Some(Listener::Application(0)));
    let formats: Vec<Version> =
        workspace.applications[0].samples.iter().map(|(format, _)| format.version).collect();
    assert_eq!(formats, [Version::V2_42, Version::V3_5]);
}

#[test]
fn what_the_manifest_gets_wrong_is_reported() {
    let manifest = "nodes:\n  a: { config: laef.yml }\n  b: {}\nbalancers:\n  lb: {}\ntargets:\n  app: { listen: [x:1] }\n  web: { listen: [x:1], metrics: no.prom }\n";
    let workspace = workspace(&[("promtier.yaml", manifest), ("leaf.yml", LEAF)]);
    let found: Vec<&str> = codes(&workspace).into_iter().map(|(_, code)| code).collect();
    assert_eq!(
        found,
        [
            "workspace/missing-file",
            "workspace/missing-config",
            "workspace/no-address",
            "workspace/missing-file",
            "workspace/address-taken",
            "workspace/missing-file"
        ]
    );
    let help: Vec<&str> = workspace.findings.iter().map(|finding| finding.diagnostic.help.as_ref()).collect();
    assert_eq!(help[0], "the workspace has `leaf.yml`");
}

#[test]
fn the_last_valid_configuration_stays_while_a_text_is_broken() {
    let mut files = Files::new(1);
    files.put_text("leaf.yml", LEAF);
    assert!(!files.assemble().files[0].from_last_valid);
    for broken in [
        "scrape_configs:\n- job_name: [",
        "scrape_configs:\n- job_name: a\n  metrics_path: /federate\n  params:\n    match[]: ['{a=']\n",
    ] {
        files.put_text("leaf.yml", broken);
        let workspace = files.assemble();
        assert!(workspace.files[0].from_last_valid, "{broken}");
        assert!(!workspace.findings.is_empty());
        let config = workspace.nodes[0].config.as_ref().expect("the last valid one");
        assert_eq!(config.scrape_configs[0].name(), "app");
    }
    files.put_text("leaf.yml", "scrape_configs:\n- job_name: new\n");
    let workspace = files.assemble();
    assert_eq!(workspace.nodes[0].config.as_ref().expect("a valid one").scrape_configs[0].name(), "new");
}

#[test]
fn a_configuration_that_was_never_valid_previews_nothing_and_broken_selectors_do() {
    let refused = workspace(&[("a.yml", "scrape_configs:\n- job_nam: x\n")]);
    assert!(refused.nodes[0].config.is_none());
    let broken = workspace(&[(
        "a.yml",
        "scrape_configs:\n- job_name: x\n  metrics_path: /federate\n  params:\n    match[]: ['{a=']\n",
    )]);
    assert!(broken.nodes[0].config.is_some());
    assert_eq!(codes(&broken), [("a.yml", "selector/syntax")]);
    let span = broken.findings[0].diagnostic.span;
    let text = broken.files[0].text.as_deref().expect("a text");
    assert!(text[span.start as usize..].starts_with('\''), "the caret stands at the end of the selector");
}

#[test]
fn bad_lines_of_samples_have_a_place() {
    let workspace = workspace(&[("leaf.yml", LEAF), ("leaf.prom", "up 1\n  bad{ 2\n")]);
    let place = workspace.findings[0].place.expect("line and column");
    assert_eq!(place.line, 2);
    assert_eq!(workspace.files[0].samples.as_ref().expect("samples").store.len(), 1);
}

fn rule_paths(workspace: &Workspace, node: usize) -> Vec<(&str, bool)> {
    let rules = workspace.nodes[node].rules.iter();
    rules.map(|rules| (workspace.file(rules.file).path.as_str(), rules.is_valid)).collect()
}

#[test]
fn rule_files_are_found_beside_the_configuration() {
    let config = "rule_files: ['rules/*.rules', extra.yml, rules/a.rules, 'x*.yml']\n";
    let rules = "groups: [{name: a, rules: [{record: b, expr: sum(c)}]}]\n";
    let workspace = workspace(&[
        ("eu/leaf.yml", config),
        ("eu/rules/a.rules", rules),
        ("eu/rules/b.rules", "groups: [{name: a, rules: [{record: b}]}]\n"),
        ("eu/extra.yml", rules),
        ("rules/c.rules", rules),
        ("lone.yml", "groups: [{}]\n"),
    ]);
    assert_eq!(
        rule_paths(&workspace, 0),
        [("eu/rules/a.rules", true), ("eu/rules/b.rules", false), ("eu/extra.yml", true)]
    );
    assert_eq!(
        codes(&workspace),
        [
            ("eu/leaf.yml", "workspace/no-rule-file"),
            ("eu/rules/b.rules", "rules/rule"),
            ("lone.yml", "rules/rule"),
        ]
    );
    let groups = &workspace.nodes[0].rules[0].rules.value.groups;
    assert_eq!(groups[0].rules[0].name(), "b");
    assert_eq!(workspace.wanted[1], "eu/rules/*.rules");
    assert_eq!(workspace.file(workspace.file_at("rules/c.rules").expect("a file")).kind, FileKind::Other);
}

#[test]
fn each_node_reads_rules_as_its_version_does() {
    let manifest =
        "nodes:\n  a: { config: c.yml, prometheus: \"2.42\" }\n  b: { config: c.yml, prometheus: \"3.5\" }\n";
    let rules = "groups: [{name: a, labels: {x: y}, rules: [{record: b.c, expr: 'd[5]'}]}]\n";
    let workspace =
        workspace(&[("promtier.yaml", manifest), ("c.yml", "rule_files: [r.yml]\n"), ("r.yml", rules)]);
    let messages: Vec<&str> =
        workspace.findings.iter().map(|finding| finding.diagnostic.message.as_ref()).collect();
    assert_eq!(
        messages,
        [
            "line 1: field labels not found in type rulefmt.RuleGroup",
            "invalid recording rule name: b.c",
            "could not parse expression: 1:3: parse error: missing unit character in duration",
        ]
    );
    assert_eq!(rule_paths(&workspace, 0), [("r.yml", false)]);
    assert_eq!(rule_paths(&workspace, 1), [("r.yml", true)]);
}

#[test]
fn a_pattern_that_matches_what_holds_no_rules_is_told() {
    let workspace = workspace(&[("c.yml", "rule_files: ['*.yml']\n")]);
    assert_eq!(codes(&workspace), [("c.yml", "workspace/rule-pattern")]);
}

fn messages(workspace: &Workspace) -> Vec<(&str, &str)> {
    let finding = |finding: &'_ Finding| finding.file;
    let paths = workspace.findings.iter().map(|found| workspace.file(finding(found)).path.as_str());
    paths.zip(workspace.findings.iter().map(|found| found.diagnostic.message.as_ref())).collect()
}

/// The addresses of all jobs' targets, each with what its group is called.
fn listed(workspace: &Workspace) -> Vec<String> {
    let mut out = Vec::new();
    for node in &workspace.nodes {
        let config = node.config.as_ref().expect("a configuration");
        assert_eq!(config.scrape_configs.len(), node.jobs.len());
        for (scrape, job) in config.scrape_configs.iter().zip(&node.jobs) {
            let (groups, files) = job.groups(scrape);
            assert_eq!(groups.len(), files.len());
            for group in groups {
                let targets = group.targets.iter();
                out.extend(
                    targets.map(|target| format!("{} {} {}", scrape.name(), group.source, target.value)),
                );
            }
        }
    }
    out
}

#[test]
fn target_files_are_found_in_the_workspace() {
    let config = "scrape_configs:\n- job_name: a\n  static_configs: [{targets: [s]}]\n  file_sd_configs:\n  - files: [t/*.yml, t/x.yml, ../up.json]\n  - files: [none.yml]\n";
    let workspace = workspace(&[
        ("ops/a.yml", config),
        ("ops/t/x.yml", "- targets: [x]\n- targets: [y]\n"),
        ("ops/t/bad.yml", "- targts: [x]\n"),
        ("ops/t/deep/z.yml", "- targets: [z]\n"),
        ("up.json", "[{\"targets\": [\"u\"]}]"),
    ]);
    assert_eq!(listed(&workspace), ["a 0 s", "a t/x.yml:0 x", "a t/x.yml:1 y", "a ../up.json:0 u"]);
    assert_eq!(workspace.nodes.len(), 1);
    let found = messages(&workspace);
    assert_eq!(found[0], ("ops/a.yml", "targets of job `a` come from `none.yml`: not in the workspace"));
    assert!(
        found[1].0 == "ops/t/bad.yml" && found[1].1.contains("field targts not found in type"),
        "{found:?}"
    );
    assert_eq!(found.len(), 2);
    assert_eq!(workspace.wanted, ["ops/none.yml", "ops/t/*.yml", "ops/t/x.yml", "up.json"]);
    let kinds: Vec<FileKind> = workspace.files.iter().map(|file| file.kind).collect();
    assert_eq!(kinds[4], FileKind::Targets);
}

#[test]
fn a_broken_target_file_leaves_what_was_read_before() {
    let mut files = Files::new(1);
    files.put_text("a.yml", "scrape_configs:\n- job_name: a\n  file_sd_configs: [{files: [t.json]}]\n");
    files.put_text("t.json", "[{");
    let broken = files.assemble();
    assert_eq!(listed(&broken), [""; 0]);
    assert!(!broken.files[1].from_last_valid);
    files.put_text("t.json", "[{\"targets\": [\"x\"]}]");
    assert_eq!(listed(&files.assemble()), ["a t.json:0 x"]);
    files.put_text("t.json", "[{\"targets\": [\"x\", 1]}]");
    let broken = files.assemble();
    assert_eq!(listed(&broken), ["a t.json:0 x"]);
    assert!(broken.files[1].from_last_valid);
    assert_eq!(
        messages(&broken),
        [("t.json", "json: cannot unmarshal number into Go struct field .targets of type string")]
    );
}

#[test]
fn the_folder_on_the_server_makes_absolute_paths_known() {
    let config = "scrape_configs:\n- job_name: a\n  file_sd_configs: [{files: [/etc/p/t/*.json]}]\n  relabel_configs: [{source_labels: [__meta_filepath], target_label: f}]\n";
    let list = "[{\"targets\": [\"x\"]}]";
    let unknown = workspace(&[("ops/a.yml", config), ("ops/t/x.json", list)]);
    assert_eq!(codes(&unknown), [("ops/a.yml", "discovery/unknown-targets")]);
    assert!(unknown.findings[0].diagnostic.help.contains("folder: /etc/prometheus"));
    let manifest = "nodes:\n  a: { config: ops/a.yml, folder: /etc/p }\n";
    let known = workspace(&[("promtier.yaml", manifest), ("ops/a.yml", config), ("ops/t/x.json", list)]);
    assert_eq!(codes(&known), []);
    assert_eq!(listed(&known), ["a /etc/p/t/x.json:0 x"]);
    let relative = config.replace("/etc/p/", "");
    let guessed = workspace(&[("ops/a.yml", &relative), ("ops/t/x.json", list)]);
    assert_eq!(codes(&guessed), [("ops/a.yml", "discovery/unknown-folder")]);
}

#[test]
fn equal_items_of_file_sd_configs_are_one() {
    let config = |second: &str| {
        format!(
            "scrape_configs:\n- job_name: a\n  file_sd_configs: [{{files: [./t.json]}}, {{files: [t.json]{second}}}]\n"
        )
    };
    let list = "[{\"targets\": [\"x\"]}]";
    assert_eq!(listed(&workspace(&[("a.yml", &config("")), ("t.json", list)])).len(), 1);
    assert_eq!(
        listed(&workspace(&[("a.yml", &config(", refresh_interval: 1m")), ("t.json", list)])).len(),
        2
    );
}

#[test]
fn answers_of_the_manifest_are_lists_of_targets() {
    let config = "scrape_configs:\n- job_name: a\n  http_sd_configs: [{url: 'http://sd/a'}, {url: 'http://sd/b'}]\n- job_name: b\n  consul_sd_configs: [{server: c}]\n  dns_sd_configs: [{names: [d]}]\n- job_name: c\n  dns_sd_configs: [{names: [d]}]\n";
    let manifest = "nodes:\n  n: { config: n.yml }\ndiscovery:\n- { url: http://sd/a, targets: a.json }\n- { job: b, targets: [b.yml] }\n- { job: c, from: consul, targets: b.yml }\n- { node: m, job: c, targets: a.json }\n- { url: http://sd/c, targets: a.json }\n";
    let workspace = workspace(&[
        ("promtier.yaml", manifest),
        ("n.yml", config),
        ("a.json", "[{\"targets\": [\"x\"]}]"),
        ("b.yml", "- targets: [y]\n"),
    ]);
    assert_eq!(listed(&workspace), ["a http://sd/a:0 x", "b consul:0 y"]);
    assert_eq!(
        messages(&workspace),
        [
            ("n.yml", "targets of job `a` come from `http://sd/b`: not in the workspace"),
            ("n.yml", "targets of job `c` come from dns: not in the workspace"),
            ("promtier.yaml", "no job `c` asks consul for targets"),
            ("promtier.yaml", "there is no node `m`"),
            ("promtier.yaml", "no job asks `http://sd/c` for its targets"),
        ]
    );
}

#[test]
fn jobs_of_other_files_join_a_nodes_own() {
    let main = "scrape_config_files: [jobs/*.yml]\nscrape_configs:\n- job_name: a\n";
    let more = "scrape_configs:\n- job_name: b\n  file_sd_configs: [{files: [t.json]}]\n";
    let list = "[{\"targets\": [\"x\"]}]";
    let good = workspace(&[("a.yml", main), ("jobs/b.yml", more), ("jobs/t.json", list)]);
    assert_eq!(codes(&good), []);
    assert_eq!(good.nodes.len(), 1, "a file of jobs is no node");
    assert_eq!(good.files[1].kind, FileKind::ScrapeConfigs);
    assert_eq!(listed(&good), ["b jobs/t.json:0 x"]);

    let twice = workspace(&[
        ("a.yml", main),
        ("jobs/b.yml", "scrape_configs:\n- job_name: b\n- job_name: b\n- job_name: a\n"),
        ("jobs/c.yml", "scrape_configs:\n- job_name: b\n"),
    ]);
    assert!(twice.nodes[0].config.is_none(), "Prometheus refuses it");
    assert_eq!(
        messages(&twice),
        [
            (
                "jobs/b.yml",
                "found multiple scrape configs with job name \"b\", first found in \"jobs/b.yml\""
            ),
            (
                "jobs/b.yml",
                "found multiple scrape configs with job name \"a\", first found in main config file"
            ),
            (
                "jobs/c.yml",
                "found multiple scrape configs with job name \"b\", first found in \"jobs/b.yml\""
            ),
        ]
    );
    let unknown = workspace(&[("a.yml", main)]);
    assert_eq!(codes(&unknown), [("a.yml", "workspace/unknown-scrape-configs")]);
    assert!(unknown.nodes[0].config.is_some());
    let strict = workspace(&[("a.yml", main), ("jobs/b.yml", "global: {}\n")]);
    assert!(messages(&strict)[0].1.contains("field global not found in type config.ScrapeConfigs"));
}

#[test]
fn broken_jobs_of_another_file_leave_the_last_valid_ones() {
    let mut files = Files::new(1);
    files.put_text("a.yml", "scrape_config_files: [b.yml]\n");
    files.put_text("b.yml", "scrape_configs:\n- job_name: b\n");
    assert_eq!(files.assemble().nodes[0].jobs.len(), 1);
    files.put_text("b.yml", "scrape_configs:\n- job_nam: b\n");
    let workspace = files.assemble();
    assert!(workspace.files[1].from_last_valid);
    assert_eq!(workspace.nodes[0].jobs.len(), 1);
}

#[test]
fn lists_beyond_all_measure_are_left_out_and_named() {
    let config = "scrape_configs:\n- job_name: a\n  file_sd_configs: [{files: [a.json, b.json]}]\n";
    let targets = vec!["\"x\""; 400_000].join(",");
    let many = format!("[{{\"targets\": [{targets}]}}]");
    let small = "[{\"targets\": [\"y\"]}]";
    let workspace = workspace(&[("a.yml", config), ("a.json", &many), ("b.json", small)]);
    assert_eq!(listed(&workspace), ["a b.json:0 y"]);
    assert_eq!(
        codes(&workspace),
        [("a.yml", "discovery/too-many-targets"), ("a.yml", "discovery/unknown-targets")]
    );
    let labels: Vec<String> = (0..50_000).map(|label| format!("\"l{label}\": \"\"")).collect();
    let wide = format!("[{{\"targets\": [\"x\"], \"labels\": {{{}}}}}]", labels.join(","));
    let workspace = self::workspace(&[("a.yml", config), ("a.json", &wide), ("b.json", small)]);
    assert_eq!(listed(&workspace), ["a b.json:0 y"]);
}

#[test]
fn programs_refuse_what_they_have_no_use_for() {
    let check = |program: &str, config: &str, expect: &[&str]| {
        let manifest =
            format!("nodes:\n  a: {{ config: a.yml, program: {program} }}\n  b: {{ config: a.yml }}\n");
        let workspace =
            workspace(&[("promtier.yaml", &manifest), ("a.yml", config), ("r.yml", "groups: []\n")]);
        let messages: Vec<&str> =
            workspace.findings.iter().map(|finding| finding.diagnostic.message.as_ref()).collect();
        assert_eq!(messages, expect, "{program}: {config}");
        let runs: Vec<bool> = workspace.nodes.iter().map(|node| node.config.is_some()).collect();
        assert_eq!(runs, [expect.is_empty() || program == "other", true], "{program}: {config}");
    };
    check("prometheus", "rule_files: [r.yml]\n", &[]);
    check("prometheus-agent", "scrape_configs: []\n", &[]);
    check("prometheus-agent", "rule_files: []\nalerting: { alertmanagers: [] }\n", &[]);
    check("prometheus-agent", "rule_files: [r.yml]\n", &["field rule_files is not allowed in agent mode"]);
    let alerting = "alerting: { alertmanagers: [{ static_configs: [{ targets: ['a:1'] }] }] }\n";
    check(
        "prometheus-agent",
        &format!("{alerting}remote_read: [{{ url: 'http://a' }}]\n"),
        &["field alerting is not allowed in agent mode", "field remote_read is not allowed in agent mode"],
    );
    check("prometheus-agent", "remote_write: [{ url: 'http://a' }]\n", &[]);
    check(
        "opentelemetry-collector",
        "remote_write: [{ url: 'http://a' }]\n",
        &["unsupported features: remote_write"],
    );
    check("opentelemetry-collector", alerting, &["unsupported features: alert_config.alertmanagers"]);
    check(
        "other",
        "scrape_configs: []\n",
        &["`other` is not a program that reads a configuration of Prometheus"],
    );
}
