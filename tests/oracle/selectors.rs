//! Generated `match[]` against `/federate` of real servers: the same verdict, the same words, the same text.
//!
//! `PROMTIER_ORACLE_SELECTORS` says how many of them (4000 a version), `PROMTIER_ORACLE_SEED` seeds them.

use std::fmt::Write as _;
use std::path::Path;

use promtier::exposition::{self, Format, Writer};
use promtier::federation::{Escaping, endpoint, stored};
use promtier::labels::LabelSet;
use promtier::selector::Selector;
use promtier::series::{MatchCache, SeriesStore};
use promtier::version::Version;

use crate::command;
use crate::exposition::quoted;
use crate::http::{Response, query_escape};
use crate::random::Random;
use crate::selector_text::{self, VALUES};
use crate::server::{Line, Proxy, Server, lines, number};

/// How many differences are shown.
const SHOWN: usize = 40;

pub(crate) const OVER_BUDGET: &str = "the regular expression is larger than promtier evaluates";

const EXTERNAL_LABELS: &[(&str, &str)] =
    &[("Cluster", "x"), ("cluster", ""), ("le", "external"), ("z", "é\"")];

/// What a scraper may ask for; the last three of Prometheus 3 only.
const ESCAPINGS: &[(Escaping, &str)] = &[
    (Escaping::Underscores, "*/*"),
    (Escaping::AllowUtf8, "text/plain;version=1.0.0;escaping=allow-utf-8"),
    (Escaping::Dots, "text/plain;version=1.0.0;escaping=dots"),
    (Escaping::Values, "text/plain;version=1.0.0;escaping=values"),
];

#[test]
fn judges_selectors_as_real_servers_do() {
    for line in lines("judges_selectors_as_real_servers_do") {
        let count = number("PROMTIER_ORACLE_SELECTORS", 4000);
        let seed = number("PROMTIER_ORACLE_SEED", 1);
        eprintln!("{count} selectors of seed {seed} on Prometheus {}", line.version());
        let folder =
            std::env::temp_dir().join(format!("promtier-oracle-{}-{}", std::process::id(), line.version()));
        let (proxy, mut server) = serve(line, &folder);
        let version: Version = line.version().parse().expect("a version that is modelled");
        let mut ours = Ours::of(&mut server, version);
        let mut random = Random::new(seed);
        let mut differences = Vec::new();
        let (mut valid, mut over_budget) = (0, 0);
        let mut asked = Vec::new();
        for _ in 0..count {
            let text = selector_text::selector(&mut random);
            let (escaping, accept) = match line {
                Line::V2 => ESCAPINGS[0],
                Line::V3 => ESCAPINGS[random.below(ESCAPINGS.len())],
            };
            let path = format!("/federate?match[]={}", query_escape(&text));
            let real = settled(&server.get_accepting(&path, accept));
            let ours = ours.answer(&text, escaping);
            valid += u64::from(real.is_ok());
            // promtier has a budget for regular expressions, and says so when it is passed.
            if ours.as_ref().is_err_and(|error| error.ends_with(OVER_BUDGET)) {
                over_budget += 1;
                continue;
            }
            if real != ours {
                differences.push(difference(&text, accept, &real, &ours));
            }
            // The command prints names as its samples spell them, and takes one selector a line.
            let as_samples = line == Line::V2 || escaping == Escaping::AllowUtf8;
            if as_samples && !text.contains(&b'\n') {
                asked.push((text, real));
            }
        }
        drop(server);
        drop(proxy);
        differences.extend(command::differences(&folder, line, &ours.everything, EXTERNAL_LABELS, &asked));
        std::fs::remove_dir_all(&folder).expect("the folder goes");
        // A generator that has lost its way would prove nothing.
        assert!(valid * 6 > count && (count - valid) * 6 > count, "{valid} of {count} are valid");
        assert!(over_budget * 1000 <= count, "{over_budget} of {count} are over promtier's budget");
        differences.sort_by_key(String::len);
        differences.dedup();
        assert!(
            differences.is_empty(),
            "{} of {count} selectors of seed {seed} differ on Prometheus {}\n{}",
            differences.len(),
            line.version(),
            differences[..differences.len().min(SHOWN)].concat()
        );
    }
}

/// The lines of an answer, or its error.
pub(crate) type Answer = Result<Vec<String>, String>;

/// An answer's text, or its error, without what changes from one scrape to the next.
fn settled(answer: &Response) -> Answer {
    let text = answer.text();
    if answer.status == 200 { Ok(lines_of(&text)) } else { Err(text.trim_end_matches('\n').to_owned()) }
}

fn lines_of(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| {
            let fields = if line.starts_with("scrape_") { 2 } else { usize::from(!line.starts_with('#')) };
            line.rsplitn(fields + 1, ' ').last().unwrap_or_default().to_owned()
        })
        .collect()
}

fn difference(text: &[u8], accept: &str, real: &Answer, ours: &Answer) -> String {
    let mut out = String::new();
    writeln!(out, "{:?} ({accept})", String::from_utf8_lossy(text)).expect("text");
    if let (Ok(real), Ok(ours)) = (real, ours) {
        writeln!(out, "  the server answers {} lines, promtier {}", real.len(), ours.len()).expect("text");
        for line in real.iter().filter(|line| !ours.contains(line)).take(4) {
            writeln!(out, "  only the server:  {line}").expect("text");
        }
        for line in ours.iter().filter(|line| !real.contains(line)).take(4) {
            writeln!(out, "  only promtier:    {line}").expect("text");
        }
        if let Some((real, ours)) = real.iter().zip(ours).find(|(real, ours)| real != ours) {
            writeln!(out, "  the first that differ: {real}\n               promtier: {ours}").expect("text");
        }
    } else {
        let verdict = |answer: &Answer| match answer {
            Ok(lines) => format!("{} lines", lines.len()),
            Err(error) => error.clone(),
        };
        writeln!(out, "  the server:  {}\n  promtier:    {}", verdict(real), verdict(ours)).expect("text");
    }
    out
}

/// promtier's side: it knows no more than the server's own answer to a selector of everything.
struct Ours {
    everything: Vec<u8>,
    store: SeriesStore,
    external_labels: LabelSet,
    cache: MatchCache,
    version: Version,
}

impl Ours {
    fn of(server: &mut Server, version: Version) -> Self {
        let path = format!("/federate?match[]={}", query_escape(br#"{__name__=~".+"}"#));
        let everything = server.get_accepting(&path, ESCAPINGS[1].1);
        assert_eq!(everything.status, 200, "{}", everything.text());
        let options = exposition::Options { version, ..exposition::Options::default() };
        let read = exposition::parse(&everything.body, Format::PrometheusText, options);
        assert_eq!(read.failure, None, "promtier reads what /federate prints");
        let external_labels: LabelSet = EXTERNAL_LABELS.iter().copied().collect();
        let stored = stored(&read.store, &external_labels, 1).expect("a small store");
        Self {
            everything: everything.body,
            store: stored.store,
            external_labels,
            cache: MatchCache::default(),
            version,
        }
    }

    fn answer(&mut self, text: &[u8], escaping: Escaping) -> Answer {
        let selector = Selector::parse_strict(text, self.version).map_err(|error| error.to_string())?;
        let matchers = selector.compiled().expect("a selector that was read can be evaluated");
        let rows =
            endpoint::select(&self.store, &matchers, &mut self.cache).map_err(|error| error.to_string())?;
        let rows = endpoint::answered(&self.store, [&rows], None);
        let mut out = String::new();
        let order = self.store.in_answer_order(&rows, self.version);
        Writer::new(&self.store, &self.external_labels, &|name| escaping.escape(name), 0).write_sorted(
            &order,
            |text| {
                out.push_str(text);
                true
            },
        );
        Ok(lines_of(&out))
    }
}

/// A server that holds series made to be mistaken for each other.
fn serve(line: Line, folder: &Path) -> (Proxy, Server) {
    let metrics = series(line);
    let proxy = Proxy::start(Box::new(move |_, _, _| {
        Response::new(200, "text/plain; version=0.0.4; charset=utf-8", metrics.as_str())
    }));
    let mut config = String::from("global:\n  scrape_interval: 1s\n  external_labels:\n");
    for (name, value) in EXTERNAL_LABELS {
        writeln!(config, "    {name}: {}", crate::config::scalar(value)).expect("text");
    }
    write!(
        config,
        "scrape_configs:\n  - job_name: app\n    honor_labels: true\n    proxy_url: {}\n    static_configs:\n      - \
         targets: ['app:8080']\n",
        proxy.url
    )
    .expect("text");
    let mut server = Server::start(line, folder, &config);
    server.wait_for_scrapes(2);
    assert_eq!(server.up("app"), ["1"], "the server reads its series");
    (proxy, server)
}

fn series(line: Line) -> String {
    let mut out = String::new();
    for (index, value) in VALUES.iter().enumerate() {
        let value = quoted(value);
        let (a, b) = (["a", "b", "value"][index % 3], ["zone", "region", "job"][index % 3]);
        writeln!(out, "up{{a={value},n=\"x\"}} {index}").expect("text");
        writeln!(out, "http_requests_total{{{a}={value},instance=\"\"}} {index}").expect("text");
        writeln!(out, "job:x:y{{{b}={value},n=\"{index}\"}} {index}").expect("text");
    }
    // A label that sorts before `__name__` shuffles what the sort by name leaves equal.
    for (index, value) in VALUES.iter().enumerate().filter(|(index, _)| index % 4 < 2) {
        let (name, value) = (["up", "job:x:y", "x9"][index % 3], quoted(value));
        let zone = ["Zone", "__address__", "Zone"][index % 3];
        writeln!(out, "{name}{{a={value},{zone}=\"{index}\"}} {index}").expect("text");
    }
    for name in ["a", ":a", "_", "x9", "sum", "inf", "offset"] {
        writeln!(out, "{name} 1").expect("text");
        writeln!(out, "{name}{{job=\"\",instance=\"\",le=\"x\"}} 1").expect("text");
    }
    if line == Line::V3 {
        for name in ["é", "a.b", "a-b", "9x", " ", "日本", "$1"] {
            writeln!(out, "{{{},{}=\"x\"}} 1", quoted(name), quoted(name)).expect("text");
        }
    }
    out
}
