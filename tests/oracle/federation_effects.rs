//! What real servers do where a rule about federation warns of it: one server pulls from two others in many jobs,
//! one for each rule, and the lint is asked about the same files.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use promtier::federation::{Memo, Preview};
use promtier::lint;
use promtier::workspace::Files;
use serde_json::Value;

use crate::http::{Response, query_escape};
use crate::server::{Line, Proxy, Server, lines};

/// How long before the start the application's old sample was taken, in seconds.
const AGE: u64 = 90;

const RULES: &str = "groups:\n- name: a\n  rules:\n  - record: cluster:load:sum\n    expr: sum(load)\n";

/// A job of the upper server, and what is to be seen.
struct Case {
    name: &'static str,
    /// The job's lines besides its name, path, targets and the label `via`, which tells the jobs apart.
    lines: &'static str,
    /// Whether it asks both leaves.
    both: bool,
    /// The codes of the findings that there are, and that a case with none has not.
    codes: &'static [&'static str],
    seen: fn(&mut Seen<'_>) -> Result<(), String>,
}

const HONOR: &str = "  honor_labels: true\n";

const CASES: &[Case] = &[
    Case {
        name: "plain",
        lines: "  params: { 'match[]': ['load'] }\n",
        both: false,
        codes: &[],
        seen: |seen| {
            seen.up(1)?;
            seen.stores(&["load"])?;
            // Nothing of the target is on it: it is the series of the leaf with the leaf's external label.
            seen.count(r#"load{via="plain",job="app",instance="app:80",region="eu"}"#, 1)
        },
    },
    Case {
        name: "no-selector",
        lines: "",
        both: false,
        codes: &["federation/no-selector"],
        seen: |seen| {
            seen.up(1)?;
            seen.stores(&[])
        },
    },
    Case {
        name: "misspelt-parameter",
        lines: "  params: { match: ['load'] }\n",
        both: false,
        codes: &["federation/no-selector"],
        seen: |seen| {
            seen.up(1)?;
            seen.stores(&[])
        },
    },
    Case {
        name: "no-matcher",
        lines: "  params: { 'match[]': ['{}'] }\n",
        both: false,
        codes: &["federation/empty-selector"],
        seen: |seen| {
            seen.up(1)?;
            seen.stores(&[])
        },
    },
    Case {
        name: "everything",
        lines: "  params: { 'match[]': ['{__name__=~\".+\"}'] }\n",
        both: false,
        codes: &["federation/unbounded-selector"],
        seen: |seen| {
            seen.up(1)?;
            seen.stores_all()
        },
    },
    Case {
        name: "external",
        lines: "  params: { 'match[]': ['{region=\"eu\"}'] }\n",
        both: false,
        codes: &["federation/external-label-matcher"],
        seen: |seen| {
            seen.up(1)?;
            seen.stores(&[])
        },
    },
    Case {
        name: "external-excluded",
        lines: "  params: { 'match[]': ['{region!=\"eu\"}'] }\n",
        both: false,
        codes: &["federation/external-label-matcher"],
        seen: |seen| {
            seen.up(1)?;
            seen.stores_all()
        },
    },
    Case {
        name: "without-job",
        lines: "  params: { 'match[]': ['cluster:load:sum'] }\n",
        both: false,
        codes: &["federation/missing-job"],
        seen: |seen| {
            seen.leaf(r#"cluster:load:sum{job=""}"#, 1)?;
            seen.stores(&["cluster:load:sum"])?;
            seen.count(r#"cluster:load:sum{via="without-job",job="without-job"}"#, 1)
        },
    },
    Case {
        name: "labelled",
        lines: "  params: { 'match[]': ['load'] }\n  labels: { region: other }\n",
        both: false,
        codes: &["federation/ignored-target-label"],
        seen: |seen| {
            seen.stores(&["load"])?;
            seen.count(r#"load{via="labelled",region="eu"}"#, 1)?;
            seen.count(r#"up{job="labelled",region="other"}"#, 1)
        },
    },
    Case {
        name: "few-samples",
        lines: "  params: { 'match[]': ['load', 'up'] }\n  sample_limit: 1\n",
        both: false,
        codes: &["federation/exceeded-limit"],
        seen: |seen| {
            seen.up(0)?;
            seen.fails("sample limit exceeded")?;
            seen.stores(&[])
        },
    },
    Case {
        name: "few-bytes",
        lines: "  params: { 'match[]': ['load', 'up'] }\n  body_size_limit: 40B\n",
        both: false,
        codes: &["federation/exceeded-limit"],
        seen: |seen| {
            seen.up(0)?;
            seen.fails("body size limit exceeded")?;
            seen.stores(&[])
        },
    },
    Case {
        name: "within-limits",
        lines: "  params: { 'match[]': ['load', 'up'] }\n  sample_limit: 2\n  body_size_limit: 100KB\n",
        both: false,
        codes: &[],
        seen: |seen| {
            seen.up(1)?;
            seen.stores(&["load", "up"])
        },
    },
    Case {
        name: "old",
        lines: "  params: { 'match[]': ['old_sample'] }\n",
        both: false,
        codes: &[],
        seen: |seen| {
            let (least, most) = seen.age_of_old_sample()?;
            if least < AGE as f64 { Err(format!("its sample is {least} to {most} s old")) } else { Ok(()) }
        },
    },
    Case {
        name: "forged",
        lines: "  params: { 'match[]': ['old_sample'] }\n  honor_timestamps: false\n",
        both: false,
        codes: &["federation/ignored-timestamps"],
        seen: |seen| {
            let (least, most) = seen.age_of_old_sample()?;
            if most > AGE as f64 / 2.0 {
                Err(format!("its sample is {least} to {most} s old"))
            } else {
                Ok(())
            }
        },
    },
    Case {
        name: "renamed",
        lines: "  honor_labels: false\n  params: { 'match[]': ['load'] }\n",
        both: false,
        codes: &["federation/honor-labels"],
        seen: |seen| {
            seen.stores(&["load"])?;
            seen.count(
                r#"load{via="renamed",job="renamed",exported_job="app",exported_instance="app:80"}"#,
                1,
            )
        },
    },
    Case {
        name: "contained",
        lines: "  params: { 'match[]': ['{__name__=~\"lo.*\"}', '{__name__=~\"load.*\",job=\"app\"}'] }\n",
        both: false,
        codes: &["federation/contained-selector"],
        seen: |seen| {
            seen.stores(&["load"])?;
            seen.count(r#"scrape_samples_scraped{job="contained"} == 1"#, 1)
        },
    },
    Case {
        name: "unmatched",
        lines: "  params: { 'match[]': ['lod'] }\n",
        both: false,
        codes: &["federation/unmatched-selector"],
        seen: |seen| {
            seen.up(1)?;
            seen.stores(&[])
        },
    },
    Case {
        name: "query-api",
        lines: "  metrics_path: /api/v1/series\n  params: { 'match[]': ['load'] }\n",
        both: false,
        codes: &["federation/query-api"],
        seen: |seen| {
            seen.up(0)?;
            // 3.x does not read JSON, 2.42 tries to.
            if seen.fails("application/json").is_err() {
                seen.fails("is not a valid start token")?;
            }
            seen.stores(&[])
        },
    },
    Case {
        name: "replicas",
        lines: "  params: { 'match[]': ['load'] }\n",
        both: true,
        codes: &["federation/colliding-series"],
        seen: |seen| seen.mixes(),
    },
];

#[test]
fn real_servers_do_what_the_rules_about_federation_say() {
    let lines = lines("real_servers_do_what_the_rules_about_federation_say");
    thread::scope(|scope| {
        let tests: Vec<_> = lines.into_iter().map(|line| scope.spawn(move || check(line))).collect();
        for test in tests {
            if let Err(panic) = test.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

fn check(line: Line) {
    let folder =
        std::env::temp_dir().join(format!("promtier-effects-{}-{}", std::process::id(), line.version()));
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("rules.yml"), RULES).expect("the rules");
    let start = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let proxy = Proxy::start(Box::new(move |_, path, _| {
        let load = if path.contains("from=2") { 2 } else { 1 };
        let text = format!("load {load}\nold_sample 7 {}\n", (start - AGE) * 1000);
        Response::new(200, "text/plain; version=0.0.4", text)
    }));
    let leaf_config = |number: usize, rules: &str, lines: &str| {
        format!(
            "global: {{ scrape_interval: 1s, evaluation_interval: 1s, external_labels: {{ region: eu }} }}\nrule_files: [\"{rules}\"]\nscrape_configs:\n- job_name: app\n{lines}  params: {{ from: [\"{number}\"] }}\n  static_configs: [{{ targets: [\"app:80\"] }}]\n"
        )
    };
    let through = format!("  proxy_url: {}\n", proxy.url);
    let rules = folder.join("rules.yml").display().to_string();
    let mut leaves: Vec<Server> = [1, 2]
        .into_iter()
        .map(|number| {
            let config = leaf_config(number, &rules, &through);
            Server::start(line, &folder.join(format!("leaf-{number}")), &config)
        })
        .collect();
    let address = |at: usize, leaves: &[Server]| format!("127.0.0.1:{}", leaves[at].port);
    let jobs: String =
        CASES.iter().map(|case| case.job([&address(0, &leaves), &address(1, &leaves)])).collect();
    let mut upper = Server::start(
        line,
        &folder.join("upper"),
        &format!("global: {{ scrape_interval: 1s }}\nscrape_configs:\n{jobs}"),
    );
    for server in leaves.iter_mut().chain([&mut upper]) {
        server.wait_for_scrapes(3);
    }
    let deadline = Instant::now() + Duration::from_mins(1);
    let mut open: Vec<&Case> = CASES.iter().collect();
    loop {
        let mut different = Vec::new();
        // On a busy machine a scrape may come late: what was seen once has been seen.
        open.retain(|case| {
            let mut seen = Seen { case, upper: &mut upper, leaf: &mut leaves[0] };
            let error = (case.seen)(&mut seen).err();
            different.extend(error.iter().map(|error| format!("{}: {error}", case.name)));
            error.is_some()
        });
        if open.is_empty() {
            break;
        }
        let folder = folder.display();
        assert!(
            Instant::now() < deadline,
            "Prometheus {} does not do what the rules say; {folder}\n{}",
            line.version(),
            different.join("\n")
        );
        thread::sleep(Duration::from_millis(500));
    }
    let all = format!("/federate?match[]={}", query_escape(br#"{__name__=~".+"}"#));
    let samples: Vec<String> = leaves.iter_mut().map(|leaf| leaf.get(&all).text()).collect();
    drop((upper, leaves, proxy));
    let every: BTreeSet<&str> = CASES.iter().flat_map(|case| case.codes).copied().collect();
    for case in CASES {
        let mut files = Files::new(1);
        files.put_text("rules.yml", RULES);
        let leaves = if case.both { 2 } else { 1 };
        for number in 1..=leaves {
            files.put_text(&format!("leaf-{number}.yml"), leaf_config(number, "rules.yml", ""));
            files.put_text(&format!("leaf-{number}.prom"), samples[number - 1].clone());
        }
        let job = case.job(["leaf-1:9090", "leaf-2:9090"]);
        files.put_text("upper.yml", format!("scrape_configs:\n{job}"));
        let mut manifest = format!("version: 1\nprometheus: \"{}\"\nnodes:\n", line.version());
        for number in 1..=leaves {
            let name = format!("leaf-{number}");
            manifest.push_str(&format!(
                "  {name}: {{ config: {name}.yml, listen: ['{name}:9090'], samples: [{name}.prom] }}\n"
            ));
        }
        manifest.push_str("  upper: { config: upper.yml }\n");
        files.put_text("promtier.yaml", manifest);
        let preview = Preview::compute(Arc::new(files.assemble()), None, &mut Memo::new(1));
        let findings = lint::findings(&preview.expect("a small preview"));
        let found: BTreeSet<&str> = findings.iter().map(|finding| finding.diagnostic.code.as_str()).collect();
        let expect: BTreeSet<&str> = case.codes.iter().copied().collect();
        assert!(expect.is_subset(&found), "{}: {expect:?} is not in {findings:#?}", case.name);
        if expect.is_empty() {
            assert!(found.is_disjoint(&every), "{}: {findings:#?}", case.name);
        }
    }
    fs::remove_dir_all(&folder).expect("the folder goes");
}

impl Case {
    /// The job as a configuration has it.
    fn job(&self, leaves: [&str; 2]) -> String {
        let name = self.name;
        let path = if self.lines.contains("metrics_path") { "" } else { "  metrics_path: /federate\n" };
        let honor = if self.lines.contains("honor_labels") { "" } else { HONOR };
        let (labels, lines): (Vec<&str>, Vec<&str>) =
            self.lines.split_inclusive('\n').partition(|line| line.starts_with("  labels:"));
        let (labels, lines) = (labels.concat().replace("  labels", "    labels"), lines.concat());
        let leaves =
            if self.both { format!("'{}', '{}'", leaves[0], leaves[1]) } else { format!("'{}'", leaves[0]) };
        format!(
            "- job_name: {name}\n{path}{honor}{lines}  metric_relabel_configs: [{{ target_label: via, replacement: {name} }}]\n  static_configs:\n  - targets: [{leaves}]\n{labels}"
        )
    }
}

/// What is to be seen of a case.
struct Seen<'s> {
    case: &'s Case,
    upper: &'s mut Server,
    leaf: &'s mut Server,
}

fn query(server: &mut Server, expression: &str) -> Vec<Value> {
    let path = format!("/api/v1/query?query={}", query_escape(expression.as_bytes()));
    server.api(&path)["result"].as_array().expect("a list").clone()
}

impl Seen<'_> {
    fn count(&mut self, expression: &str, expect: usize) -> Result<(), String> {
        let got = query(self.upper, expression);
        if got.len() == expect { Ok(()) } else { Err(format!("{expression} gives {got:?}")) }
    }

    fn leaf(&mut self, expression: &str, expect: usize) -> Result<(), String> {
        let got = query(self.leaf, expression);
        if got.len() == expect { Ok(()) } else { Err(format!("on the leaf, {expression} gives {got:?}")) }
    }

    /// `up` of the case's target is this.
    fn up(&mut self, value: u8) -> Result<(), String> {
        let name = self.case.name;
        self.count(&format!("up{{job=\"{name}\",via=\"\"}} == {value}"), 1)
    }

    /// What is pulled are series of these names, one each.
    fn stores(&mut self, names: &[&str]) -> Result<(), String> {
        let got = query(self.upper, &format!("{{via=\"{}\"}}", self.case.name));
        let mut got: Vec<&str> = got.iter().filter_map(|one| one["metric"]["__name__"].as_str()).collect();
        got.sort_unstable();
        if got == names { Ok(()) } else { Err(format!("stores {got:?}")) }
    }

    /// Everything that the leaf holds is pulled.
    fn stores_all(&mut self) -> Result<(), String> {
        let all = self.leaf.stored().len();
        let got = query(self.upper, &format!("{{via=\"{}\"}}", self.case.name)).len();
        if got == all && all > 5 { Ok(()) } else { Err(format!("stores {got} of {all} series")) }
    }

    /// The last scrape failed, in these words.
    fn fails(&mut self, words: &str) -> Result<(), String> {
        let targets = self.upper.targets();
        let target = targets.iter().find(|target| target["job"] == self.case.name);
        let error = target.map(|target| target["error"].clone()).unwrap_or_default();
        if error.as_str().is_some_and(|error| error.contains(words)) {
            Ok(())
        } else {
            Err(format!("fails with {error}"))
        }
    }

    /// How many seconds at least and at most before now the samples of `old_sample` were taken.
    fn age_of_old_sample(&mut self) -> Result<(f64, f64), String> {
        let expression = format!("time() - timestamp(old_sample{{via=\"{}\"}})", self.case.name);
        let got = query(self.upper, &expression);
        let ages = got.iter().filter_map(|one| one["value"][1].as_str()?.parse().ok());
        let (least, most) =
            ages.fold((f64::MAX, f64::MIN), |(least, most), age: f64| (least.min(age), most.max(age)));
        if got.is_empty() { Err("there is no sample".to_owned()) } else { Ok((least, most)) }
    }

    /// The two leaves' series are one, which holds samples of both, unless those of one come late each time and
    /// are dropped.
    fn mixes(&mut self) -> Result<(), String> {
        self.count(r#"load{via="replicas"}"#, 1)?;
        let got = query(self.upper, r#"load{via="replicas"}[1m]"#);
        let values: BTreeSet<&str> = got
            .iter()
            .flat_map(|one| one["values"].as_array().into_iter().flatten())
            .filter_map(|sample| sample[1].as_str())
            .collect();
        let metrics = self.upper.get("/metrics").text();
        let dropped = metrics
            .lines()
            .find_map(|line| line.strip_prefix("prometheus_target_scrapes_sample_out_of_order_total "))
            .is_some_and(|count| count != "0");
        let both = values.iter().copied().eq(["1", "2"]);
        if both || dropped { Ok(()) } else { Err(format!("holds {values:?}, and nothing is dropped")) }
    }
}
