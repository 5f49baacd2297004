//! Large configurations.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use promtier::prometheus::{self, Environment, refused_targets};
use promtier::version::Version;
use promtier::yaml;

use crate::inputs::Random;
use crate::rounds::{Subject, interleave};

/// A configuration with `jobs` jobs, about a kilobyte each, as generators and people write them.
pub fn text(jobs: usize) -> String {
    let mut random = Random(0x5eed);
    let mut text = String::from(
        "global:\n  scrape_interval: 15s\n  external_labels: {dc: eu, replica: a}\nrule_files: [rules/*.yml]\nscrape_configs:\n",
    );
    for job in 0..jobs {
        let team = random.below(40);
        write!(
            text,
            "  # Team {team} looks after this job; ask before you change it.\n  - job_name: team-{team}/service-{job}\n    scrape_interval: {}s\n    scrape_timeout: 10s\n    metrics_path: /metrics\n    scheme: https\n    tls_config:\n      ca_file: /etc/ssl/team-{team}.pem\n      insecure_skip_verify: false\n    authorization:\n      credentials_file: /etc/tokens/{team}\n    static_configs:\n",
            [15, 30, 60][random.below(3) as usize],
        )
        .expect("text");
        for group in 0..2 {
            write!(
                text,
                "      - targets: [\"host-{job}-{group}.example:9100\", 'host-{job}-{group}.example:9101']\n        labels: {{team: team-{team}, zone: zone-{group}}}\n",
            )
            .expect("text");
        }
        write!(
            text,
            "    relabel_configs:\n      - source_labels: [__address__]\n        regex: '([^:]+)(?::\\d+)?'\n        target_label: host\n        replacement: $1\n      - source_labels: [team]\n        target_label: owner\n        regex: team-{team}\n        replacement: people-{team}\n    metric_relabel_configs:\n      - source_labels: [__name__]\n        regex: go_(gc|memstats)_.*\n        action: drop\n      - regex: pod_template_hash|controller_revision_hash\n        action: labeldrop\n",
        )
        .expect("text");
    }
    text
}

/// Reading and checking 10,000 jobs, and a file as people edit it.
pub fn configurations(rounds: usize) {
    println!("\n## Configurations\n");
    println!("| jobs | lines | MB | YAML alone | read and checked | targets |\n|---|---|---|---|---|---|");
    for jobs in [60, 1_000, 10_000] {
        let text = text(jobs);
        let environment = Environment::new();
        let parse = || prometheus::parse(&text, Version::NEWEST, &environment);
        let parsed = parse();
        assert!(!parsed.has_errors() && parsed.value.scrape_configs.len() == jobs);
        assert!(refused_targets(&parsed.value).is_empty());
        let mut subjects = [
            Subject::new("yaml", || u64::from(yaml::parse(&text).value.root().is_some())),
            Subject::new("check", || parse().value.scrape_configs.len() as u64),
            Subject::new("targets", || refused_targets(&parsed.value).len() as u64),
        ];
        interleave(rounds, &mut subjects);
        let milliseconds = |at: usize| subjects[at].median().as_secs_f64() * 1e3;
        println!(
            "| {jobs} | {} | {:.1} | {:.1} ms | {:.1} ms | {:.1} ms |",
            text.lines().count(),
            text.len() as f64 / 1e6,
            milliseconds(0),
            milliseconds(1),
            milliseconds(2),
        );
    }
    let start = Instant::now();
    let text = text(10_000);
    black_box(refused_targets(&prometheus::parse(&text, Version::NEWEST, &Environment::new()).value));
    println!("\nOnce, cold, with making the text: {:.0} ms.", start.elapsed().as_secs_f64() * 1e3);
}
