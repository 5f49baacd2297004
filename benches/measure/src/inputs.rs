//! Texts to measure with, the same on every machine and in every run.

use std::fmt::Write as _;

/// SplitMix64: all that is random here comes from it.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// The kinds of text.
pub const KINDS: [&str; 6] = ["typical", "shuffled", "high-cardinality", "label-less", "escapes", "hostile"];

/// Text of a kind with `series` series.
pub fn text(kind: &str, series: usize) -> String {
    match kind {
        "typical" => typical(series),
        "shuffled" => shuffled(series),
        "high-cardinality" => high_cardinality(series),
        "label-less" => label_less(series),
        "escapes" => escapes(series),
        "hostile" => hostile(series),
        other => panic!("no input is called {other}"),
    }
}

const BOUNDS: [&str; 12] =
    ["+Inf", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "10.0", "2.5", "5.0"];
const METHODS: [&str; 4] = ["DELETE", "GET", "POST", "PUT"];
const CODES: [&str; 5] = ["200", "204", "404", "429", "500"];

fn value(random: &mut Random, out: &mut String) {
    match random.below(10) {
        0 => out.push('0'),
        1..=5 => write!(out, "{}", random.below(1_000_000)).unwrap(),
        6..=7 => write!(out, "{}.{:04}", random.below(1000), random.below(10_000)).unwrap(),
        8 => write!(out, "{}.{:08}e+09", 1 + random.below(9), random.below(100_000_000)).unwrap(),
        _ => write!(out, "{:?}", random.below(1 << 53) as f64 / 3e9).unwrap(),
    }
    write!(out, " 17273{:08}", random.below(100_000_000)).unwrap();
}

/// What a large cluster's Prometheus prints at `/federate`: eleven labels, some 330 bytes a series; a million
/// series have 2,800 families, 16,000 pods on 666 nodes, 150 namespaces, 300 jobs, 12 bounds of buckets.
pub fn typical(series: usize) -> String {
    let mut random = Random(1);
    let mut out = String::with_capacity(series * 340);
    let mut left = series;
    let mut family = 0_u64;
    while left > 0 {
        let kind = family % 4;
        let job = family * 7 % 300;
        let suffix = ["seconds_bucket", "requests_total", "bytes", "errors_total"][kind as usize];
        let name = format!("app{:03}_component_{:02}_operation_{suffix}", job, family % 97);
        writeln!(out, "# TYPE {name} untyped").unwrap();
        // The 53 pods of a job; the buckets of some of them, or every status code of all.
        let mut lines = Vec::with_capacity(372);
        let (pods, per_pod) = if kind == 0 { (30, 12) } else { (53, 7) };
        for index in 0..pods {
            let pod = job * 53 + index;
            let node = pod * 31 % 666;
            for at in 0..per_pod {
                if left == 0 {
                    break;
                }
                left -= 1;
                let mut line = String::with_capacity(340);
                write!(
                    line,
                    "{name}{{cluster=\"production-eu-west-1\",code=\"{}\",container=\"service-{job:03}\",endpoint=\"https-metrics\",instance=\"10.42.{}.{}:8443\",job=\"kubernetes-service-{job:03}\",",
                    CODES[if kind == 0 { index as usize % 5 } else { at % 5 }],
                    pod / 250,
                    pod % 250,
                )
                .unwrap();
                if kind == 0 {
                    write!(line, "le=\"{}\",", BOUNDS[at]).unwrap();
                }
                write!(
                    line,
                    "method=\"{}\",namespace=\"team-{:03}-production\",node=\"ip-10-42-{}-{}.eu-west-1.compute.internal\",pod=\"service-{job:03}-7d9f8b6c5d-{:05x}\"",
                    METHODS[if kind == 0 { index as usize / 5 % 4 } else { at / 5 }],
                    job % 150,
                    node / 250,
                    node % 250,
                    pod * 2_654_435_761 % 1_048_576,
                )
                .unwrap();
                if kind != 0 {
                    line.push_str(",service=\"frontend-gateway\"");
                }
                line.push_str("} ");
                lines.push(line);
            }
        }
        // The order of labels, in which /federate answers.
        lines.sort_unstable();
        for line in lines {
            out.push_str(&line);
            value(&mut random, &mut out);
            out.push('\n');
        }
        family += 1;
    }
    out
}

/// The same series in no order: no line resembles the one before.
fn shuffled(series: usize) -> String {
    let text = typical(series);
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let mut random = Random(2);
    for at in (1..lines.len()).rev() {
        lines.swap(at, random.below(at as u64 + 1) as usize);
    }
    let mut out = String::with_capacity(text.len());
    for line in lines {
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// A value of its own in every series, as in request ids by mistake.
fn high_cardinality(series: usize) -> String {
    let mut random = Random(3);
    let mut out = String::with_capacity(series * 200);
    for at in 0..series {
        let (a, b) = (random.next(), random.next());
        write!(
            out,
            "http_request_duration_seconds_sum{{handler=\"/api/v1/query\",instance=\"10.0.0.{}:9090\",job=\"gateway\",request_id=\"{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}\"}} ",
            at / 5000 % 250,
            a as u32,
            a >> 48,
            a >> 32 & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff,
        )
        .unwrap();
        value(&mut random, &mut out);
        out.push('\n');
    }
    out
}

/// Metrics without labels, each with its TYPE line.
fn label_less(series: usize) -> String {
    let mut random = Random(4);
    let mut out = String::with_capacity(series * 100);
    for at in 0..series {
        let name = format!("node_subsystem_{at:06}_bytes_total");
        write!(out, "# TYPE {name} counter\n{name} {}\n", random.below(1 << 40)).unwrap();
    }
    out
}

/// Values with escapes and text beyond ASCII.
fn escapes(series: usize) -> String {
    let mut random = Random(5);
    let mut out = String::with_capacity(series * 180);
    for at in 0..series {
        write!(
            out,
            "windows_service_state{{display=\"Dienst \\\"Größe {}\\\" → bereit\",path=\"C:\\\\Programme\\\\Überwachung\\\\{}.exe\",note=\"Zeile 1\\nZeile {}\"}} ",
            at % 977,
            at % 499,
            at % 13,
        )
        .unwrap();
        value(&mut random, &mut out);
        out.push('\n');
    }
    out
}

/// 64 labels a series, other label names all the time, values of 10 KB, lines that cannot be read.
fn hostile(series: usize) -> String {
    let mut random = Random(6);
    let mut out = String::new();
    let long = "x".repeat(10_000);
    for at in 0..series {
        match at % 100 {
            0 => writeln!(out, "long{{value=\"{long}{at}\"}} 1").unwrap(),
            1 => writeln!(out, "bad{{value='{at}'}} 1").unwrap(),
            2..=9 => writeln!(out, "name_{at}{{label_{}=\"\"}} 1", random.below(5000)).unwrap(),
            _ => {
                out.push_str("wide{");
                for label in 0..64 {
                    write!(out, "l{label:02}=\"{}\",", random.below(1000)).unwrap();
                }
                out.push_str("} 1\n");
            }
        }
    }
    out
}
