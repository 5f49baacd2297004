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
    let manifest = "prometheus: \"2.42\"\nnodes:\n  a: { config: leaf.yml, listen: [x:1], samples: [s.txt] }\n  b: { config: leaf.yml, prometheus: \"3.5\" }\nbalancers:\n  lb: { listen: [x:2] }\ntargets:\n  app: { listen: [x:3], metrics: app.prom }\n";
    let workspace = workspace(&[
        ("promtier.yaml", manifest),
        ("leaf.yml", LEAF),
        ("s.txt", SAMPLES),
        ("app.prom", SAMPLES),
    ]);
    assert_eq!(codes(&workspace), []);
    let versions: Vec<Version> = workspace.nodes.iter().map(|node| node.version).collect();
    assert_eq!(versions, [Version::V2_42, Version::V3_5]);
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
    assert_eq!(workspace.rule_patterns()[0], "eu/rules/*.rules");
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
