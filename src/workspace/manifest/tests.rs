use super::*;

fn check(text: &str, messages: &[&str]) -> Manifest {
    let parsed = Manifest::parse(text);
    let got: Vec<&str> = parsed.diagnostics.iter().map(|diagnostic| diagnostic.message.as_ref()).collect();
    assert_eq!(got, messages, "{text}");
    parsed.value
}

#[test]
fn reads_all_it_knows() {
    let manifest = check(
        "version: 1\nprometheus: \"3.5\"\nnodes:\n  leaf: { config: leaf.yml, listen: [a:1, b:2], samples: leaf.prom, prometheus: \"2.42.1\", program: prometheus-agent, replica_set: x }\nbalancers:\n  lb: { config: haproxy.cfg, listen: [c:3] }\ntargets:\n  app: { listen: [d:4], metrics: app.prom }\ndiscovery:\n- { url: 'http://a', targets: a.json }\n- { node: leaf, job: j, from: dns, targets: [b.json] }\n",
        &[],
    );
    assert_eq!(manifest.discovery[0].url.as_ref().expect("a URL").value, "http://a");
    assert_eq!(manifest.discovery[1].targets[0].value, "b.json");
    assert_eq!((manifest.prometheus, manifest.patch), (Some(Version::V3_5), None));
    let nodes = manifest.nodes.expect("nodes");
    assert_eq!((nodes[0].prometheus, nodes[0].patch), (Some(Version::V2_42), Some(1)));
    assert_eq!(nodes[0].program, Some(Program::Agent));
    assert_eq!(nodes[0].listen.len(), 2);
    assert_eq!(nodes[0].samples[0].value, "leaf.prom");
    assert_eq!(nodes[0].replica_set.as_ref().expect("a set").value, "x");
    assert_eq!(manifest.balancers[0].listen[0].value, "c:3");
    assert_eq!(manifest.targets[0].metrics.as_ref().expect("metrics").value, "app.prom");
}

#[test]
fn reports_everything_and_reads_the_rest() {
    let manifest = check(
        "version: 2\nprometheus: 9.9\nnodes:\n  a: { confg: x.yml, listen: [[1]] }\nbogus: 1\ndiscovery: [{ node: a, targets: x }, { job: j }]\n",
        &[
            "version 2 of the manifest is not known",
            "`9.9` is not a Prometheus version that is modelled: give one from 2.42 to 3.14, such as `3.5`",
            "`confg` is not a key of a node",
            "a text belongs here",
            "`bogus` is not a key of the manifest",
            "an answer names the `url` or the `job` that it is for",
            "an answer names its file: `targets: FILE.json`",
        ],
    );
    assert_eq!(manifest.nodes.expect("nodes")[0].name.value, "a");
}

#[test]
fn reads_expectations() {
    let manifest = check(
        "expect:\n- { node: a, has: 'up' }\n- { node: [a, b], lacks: [up, 'x{y=\"z\"}'], max_series: 20 }\n- tier: 1\n  max_series: 7\n",
        &[],
    );
    let expect = &manifest.expect;
    assert_eq!(expect[0].has[0].value, "up");
    assert_eq!(expect[1].nodes.len(), 2);
    assert_eq!(expect[1].lacks[1].value, r#"x{y="z"}"#);
    assert_eq!(expect[1].max_series.as_ref().map(|max| max.value), Some(20));
    assert_eq!(expect[2].tier.as_ref().map(|tier| tier.value), Some(1));
    check(
        "expect:\n- { has: up }\n- { node: a }\n- { node: a, tier: 1, has: up }\n- { node: a, has: {job=\"a\"} }\n- { tier: x, max_series: -1, hast: up }\n- x\n- { node: a, lacks: [] }\n",
        &[
            "an expectation is about one `node`, several, or all of a `tier`",
            "an expectation says `has`, `lacks` or `max_series`",
            "an expectation is about one `node`, several, or all of a `tier`",
            "a selector belongs here, as a text",
            "a whole number belongs here",
            "a whole number belongs here",
            "`hast` is not a key of an expectation",
            "an expectation is written as keys and values",
            "without a selector nothing is expected",
        ],
    );
    check("expect: { node: a }\n", &["a list of expectations belongs here"]);
}

#[test]
fn an_empty_manifest_says_nothing() {
    assert_eq!(check("", &[]), Manifest::default());
    assert_eq!(check("nodes:\n", &[]).nodes, Some(Vec::new()));
}
