use super::*;

/// Checks the differences of two configurations, each as `job field: left | right`.
fn check(left: &str, right: &str, expect: &[&str]) {
    check_versions((left, Version::NEWEST), (right, Version::NEWEST), expect);
}

fn check_versions(left: (&str, Version), right: (&str, Version), expect: &[&str]) {
    let settings = [left, right].map(|(text, version)| Settings::read(text, version));
    let own = |side: usize, address: &str| address == ["a:9090", "b:9090"][side];
    let found = differences(&[&settings[0]], &[&settings[1]], &own);
    let got: Vec<String> = found
        .iter()
        .map(|it| {
            let job = it.job.as_ref().map_or_else(String::new, |job| format!("{job} "));
            format!("{job}{}: {} | {}", it.field, it.sides[0].text, it.sides[1].text)
        })
        .collect();
    assert_eq!(got, expect, "{left:?}\n{right:?}");
    for difference in &found {
        for (side, text) in difference.sides.iter().zip([left.0, right.0]) {
            assert!(side.span.end as usize <= text.len(), "{difference:?}");
        }
    }
}

/// A configuration with one job.
fn job(rest: &str) -> String {
    format!("scrape_configs:\n- job_name: j\n{rest}")
}

#[test]
fn spelling_makes_no_difference() {
    check("", "global: {}\n", &[]);
    check(
        "global: { scrape_interval: 1m }\n",
        "global: { scrape_interval: 60s, evaluation_interval: 1m }\n",
        &[],
    );
    check("global: { scrape_timeout: 0s }\n", "", &[]);
    check(
        &job(""),
        &job(
            "  honor_labels: false\n  metrics_path: /metrics\n  scrape_interval: 60s\n  scrape_timeout: 10s\n  sample_limit: 0\n",
        ),
        &[],
    );
    check(
        &job("  params: { 'match[]': ['{a=\"b\",c=\"d\"}', up] }\n"),
        &job("  params: { 'match[]': ['{__name__=\"up\"}', \"{c='d', a='b'}\"] }\n"),
        &[],
    );
    check(
        &job("  static_configs: [{ targets: [x, y] }, { targets: [z], labels: { e: f } }]\n"),
        &job("  static_configs: [{ targets: [z], labels: { e: f } }, { targets: [y] }, { targets: [x] }]\n"),
        &[],
    );
    check(
        "scrape_configs: [{ job_name: a }, { job_name: b }]\n",
        "scrape_configs: [{ job_name: b }, { job_name: a }]\n",
        &[],
    );
    check(
        &job("  relabel_configs: [{ source_labels: [a], target_label: b }]\n"),
        &job("  relabel_configs: [{ source_labels: [a], target_label: b, regex: (.*), action: replace }]\n"),
        &[],
    );
}

#[test]
fn what_is_inherited_applies() {
    let global = |text: &str, rest: &str| format!("global: {{ {text} }}\n{}", job(rest));
    check(
        &global("scrape_interval: 15s", ""),
        &job("  scrape_interval: 15s\n"),
        &["global.scrape_interval: 15s | 1m"],
    );
    check(
        &global("scrape_interval: 30s", ""),
        &global("scrape_interval: 30s", "  scrape_interval: 15s\n"),
        &["j scrape_interval: 30s | 15s"],
    );
    check(&global("sample_limit: 5", ""), &global("sample_limit: 5", "  sample_limit: 5\n"), &[]);
    check(&job("  scrape_interval: 5s\n"), &job("  scrape_interval: 5s\n  scrape_timeout: 5s\n"), &[]);
    check(
        &job("  scrape_interval: 15s\n"),
        &job("  scrape_interval: 15s\n  scrape_timeout: 5s\n"),
        &["j scrape_timeout: 10s | 5s"],
    );
}

#[test]
fn differences_are_named_and_placed() {
    check(
        "scrape_configs: [{ job_name: a }]\n",
        "scrape_configs: [{ job_name: b }]\n",
        &["a : a | ", "b :  | b"],
    );
    check(&job("  honor_labels: true\n"), &job(""), &["j honor_labels: true | false"]);
    check(
        &job(
            "  metric_relabel_configs: [{ regex: a, action: labeldrop }, { regex: b, action: labeldrop }]\n",
        ),
        &job(
            "  metric_relabel_configs: [{ regex: a, action: labeldrop }, { regex: c, action: labeldrop }]\n",
        ),
        &["j metric_relabel_configs[1].regex: b | c"],
    );
    check(
        &job(
            "  metric_relabel_configs: [{ regex: a, action: labeldrop }, { regex: b, action: labeldrop }]\n",
        ),
        &job("  metric_relabel_configs: [{ regex: b, action: labeldrop }]\n"),
        &["j metric_relabel_configs: {action: labeldrop, regex: a} | "],
    );
    check(
        &job("  static_configs: [{ targets: [x, y] }]\n"),
        &job("  static_configs: [{ targets: [x, z] }]\n"),
        &["j static_configs: y | z"],
    );
    check(
        &job("  static_configs: [{ targets: [x], labels: { e: f } }]\n"),
        &job("  static_configs: [{ targets: [x] }]\n"),
        &["j static_configs: x{e=\"f\"} | x"],
    );
    check(
        &job("  consul_sd_configs: [{ server: x, services: [a, b] }]\n"),
        &job("  consul_sd_configs: [{ server: x, services: [b, c] }]\n"),
        &["j consul_sd_configs[0].services: [a, b] | [b, c]"],
    );
    check(
        "remote_write: [{ url: 'http://a/' }, { url: 'http://b/', remote_timeout: 5s }]\n",
        "remote_write: [{ url: 'http://b/' }]\n",
        &["remote_write[1].remote_timeout: 5s | 30s", "remote_write[0]: {url: http://a/} | "],
    );
    check(
        "global: { external_labels: { a: x, replica: y } }\n",
        "global: { external_labels: { a: x, replica: z, b: c } }\n",
        &["global.external_labels.b:  | c", "global.external_labels.replica: y | z"],
    );
    check(
        &job("  params: { 'match[]': [up] }\n"),
        &job("  params: { 'match[]': [up, down] }\n"),
        &["j params[\"match[]\"]: [up] | [down, up]"],
    );
    check(
        "storage: { tsdb: { out_of_order_time_window: 1h } }\n",
        "",
        &["storage.tsdb: {out_of_order_time_window: 1h} | "],
    );
}

#[test]
fn what_is_each_servers_own_is_left_out() {
    check(
        "global: { query_log_file: /a }\nrule_files: [a.yml]\n",
        "global: { query_log_file: /b }\nrule_files: [b/*.yml]\n",
        &[],
    );
    check(
        &job("  static_configs: [{ targets: ['a:9090'] }]\n"),
        &job("  static_configs: [{ targets: ['b:9090'] }]\n"),
        &[],
    );
    check(
        &job("  static_configs: [{ targets: ['a:9090', 'b:9090'] }]\n"),
        &job("  static_configs: [{ targets: ['b:9090', 'a:9090'] }]\n"),
        &[],
    );
    check(
        &job("  static_configs: [{ targets: ['a:9090'] }]\n"),
        &job("  static_configs: [{ targets: ['c:9090'] }]\n"),
        &["j static_configs: this server | c:9090"],
    );
    let writes = |label: &str, value: &str| {
        format!(
            "remote_write: [{{ url: 'http://a/', write_relabel_configs: [{{ target_label: {label}, replacement: {value} }}] }}]\n"
        )
    };
    check(&writes("__replica__", "a"), &writes("__replica__", "b"), &[]);
    check(
        &writes("dc", "a"),
        &writes("dc", "b"),
        &["remote_write[0].write_relabel_configs[0].replacement: a | b"],
    );
    check(
        &job("  basic_auth: { username: u, password: a }\n"),
        &job("  basic_auth: { username: u, password: b }\n"),
        &[],
    );
    check(&job("  tls_config: { ca_file: a }\n"), &job("  tls_config: { ca_file: b }\n"), &[]);
    check(&job("  tls_config: { ca_file: a }\n"), &job(""), &["j tls_config.ca_file: <file> | "]);
}

#[test]
fn versions_with_other_defaults_differ_only_where_something_is_written() {
    check_versions((&job(""), Version::V2_42), (&job(""), Version::NEWEST), &[]);
    check_versions(
        ("global: {}\n", Version::V2_42),
        ("global: { sample_limit: 5 }\n", Version::NEWEST),
        &["global.sample_limit: 0 | 5"],
    );
}

proptest::proptest! {
    #[test]
    fn any_text_can_be_compared(left in "[a-z:\\[\\]{} \n-]{0,60}", right in "[a-z:\\[\\]{} \n-]{0,60}") {
        let settings = [&left, &right].map(|text| Settings::read(text, Version::NEWEST));
        let own = |_: usize, _: &str| false;
        let found = differences(&[&settings[0]], &[&settings[1]], &own);
        proptest::prop_assert!(found.iter().all(|it| it.sides[0].text != it.sides[1].text));
        proptest::prop_assert_eq!(differences(&[&settings[0]], &[&settings[0]], &own), Vec::new());
    }
}
