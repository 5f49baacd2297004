//! What promtier previews against what a server stored.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Label sets with the value of each as text, where it is known and settled.
pub(crate) type Series = BTreeMap<Labels, Option<String>>;

/// A label set.
pub(crate) type Labels = BTreeMap<String, String>;

/// A JSON object as labels.
pub(crate) fn labels(object: &Value) -> Labels {
    let pairs = object.as_object().expect("labels are an object");
    pairs
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().expect("a value is text").to_owned()))
        .collect()
}

/// Series as the HTTP API's instant query gives them.
pub(crate) fn stored(series: &[Value]) -> Series {
    series.iter().map(|one| (labels(&one["metric"]), one["value"][1].as_str().map(str::to_owned))).collect()
}

/// What is known of one server.
pub(crate) struct Node {
    pub(crate) tier: u64,
    pub(crate) series: Series,
    /// Those of the series that only possibly exist.
    pub(crate) possible: BTreeSet<Labels>,
    /// Labels of series that it may hold besides; an empty value where they do not have the label.
    pub(crate) unlisted: Vec<Labels>,
    /// Of each target its job, its address and why it cannot be scraped, if so; sorted.
    pub(crate) targets: Vec<[String; 3]>,
    /// The length in bytes of what servers answer to its federation jobs, by target.
    pub(crate) answers: Vec<(String, usize)>,
}

/// Runs `promtier preview` and gives what it says of each node. A value that comes from several places is left
/// out: which one a server holds depends on who was asked last.
pub(crate) fn preview(workspace: &Path) -> Result<BTreeMap<String, Node>, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_promtier"))
        .arg("preview")
        .arg(workspace)
        .args(["--format", "json"])
        .output()
        .expect("promtier starts");
    let problem =
        || format!("promtier preview: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    let answer: Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("{error}\n{}", problem()))?;
    let mut nodes = BTreeMap::new();
    for node in answer["nodes"].as_array().ok_or_else(problem)? {
        let mut all = Series::new();
        let mut possible = BTreeSet::new();
        for one in node["series"].as_array().ok_or_else(problem)? {
            let settled = one["from"].as_array().is_none_or(|from| from.len() < 2);
            let value = one["value"].as_str().filter(|_| settled).map(str::to_owned);
            if one["possible"] == true {
                possible.insert(labels(&one["labels"]));
            }
            if all.insert(labels(&one["labels"]), value).is_some() {
                return Err(format!("promtier previews a series twice: {}", one["labels"]));
            }
        }
        let pulls = node["pulls"].as_array().ok_or_else(problem)?;
        let targets = targets(pulls);
        let asked = pulls.iter().filter(|pull| !pull["node"].is_null());
        let answers = asked.filter_map(|pull| {
            let bytes = usize::try_from(pull["bytes"].as_u64()?).ok()?;
            Some((pull["target"].as_str()?.to_owned(), bytes))
        });
        let answers = answers.collect();
        let name = node["name"].as_str().ok_or_else(problem)?.to_owned();
        let unlisted = node["unlisted"].as_array().map_or(&[][..], Vec::as_slice);
        let unlisted = unlisted.iter().map(labels).collect();
        let tier = node["tier"].as_u64().ok_or_else(problem)?;
        nodes.insert(name, Node { tier, series: all, possible, unlisted, targets, answers });
    }
    Ok(nodes)
}

impl Node {
    /// What of a server is surely there or surely not, by this preview: without the series that only possibly
    /// exist, and without those that are said to be left out.
    pub(crate) fn settled(&self, real: &Series) -> (Series, Series) {
        let is_unlisted = |labels: &Labels| {
            self.unlisted.iter().any(|pattern| {
                pattern.iter().all(|(name, value)| labels.get(name).map_or("", String::as_str) == value)
            })
        };
        let mut real = real.clone();
        real.retain(|labels, _| {
            !self.possible.contains(labels) && (self.series.contains_key(labels) || !is_unlisted(labels))
        });
        let mut ours = self.series.clone();
        ours.retain(|labels, _| !self.possible.contains(labels));
        (real, ours)
    }
}

/// Targets, from objects with `job`, `target` and `error`.
pub(crate) fn targets(objects: &[Value]) -> Vec<[String; 3]> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut targets: Vec<[String; 3]> = objects
        .iter()
        .map(|one| [text(&one["job"]), text(&one["target"]), comparable(&text(&one["error"]))])
        .collect();
    targets.sort();
    targets
}

/// An error without what promtier knows besides, and without what a server shows by accident.
fn comparable(error: &str) -> String {
    // promtier adds what the refusing server says; the scraping one does not show it.
    let status = "server returned HTTP status ";
    if let Some(at) = error.find(": ").filter(|_| error.starts_with(status)) {
        return error[..at].to_owned();
    }
    // The number is a piece of the scraped text, whose memory the next scrape may have written over already.
    let number = "strconv.ParseFloat: parsing \"";
    if let Some(rest) = error.strip_prefix(number)
        && let Some(end) = rest.find("\": ")
    {
        return format!("{number}…{}", &rest[end..]);
    }
    error.to_owned()
}

/// What differs in the targets of a node, for people.
pub(crate) fn targets_differ(node: &str, real: &[[String; 3]], ours: &[[String; 3]]) -> Option<String> {
    let mut out = String::new();
    for (words, these, those) in [("only the server: ", real, ours), ("only promtier:   ", ours, real)] {
        for target in these.iter().filter(|target| !those.contains(target)) {
            writeln!(out, "  {words} job {:?}, target {}: {:?}", target[0], target[1], target[2])
                .expect("text");
        }
    }
    (real != ours).then(|| format!("{node}: {} targets scraped, {} previewed\n{out}", real.len(), ours.len()))
}

/// What differs, for people; `None` where nothing does.
pub(crate) fn difference(node: &str, real: &Series, ours: &Series) -> Option<String> {
    let mut out = String::new();
    for (labels, value) in real {
        match ours.get(labels) {
            None => writeln!(out, "  only the server:  {} {}", print(labels), text(value.as_deref())),
            Some(ours) if !same_value(value.as_deref(), ours.as_deref()) => {
                let (real, ours) = (text(value.as_deref()), text(ours.as_deref()));
                writeln!(out, "  another value:    {} is {real}, promtier says {ours}", print(labels))
            }
            Some(_) => Ok(()),
        }
        .expect("text");
    }
    for (labels, value) in ours.iter().filter(|(labels, _)| !real.contains_key(*labels)) {
        writeln!(out, "  only promtier:    {} {}", print(labels), text(value.as_deref())).expect("text");
    }
    (!out.is_empty()).then(|| {
        let count = out.lines().count();
        let shown: Vec<&str> = out.lines().take(24).collect();
        let more =
            if count > shown.len() { format!("\n  … {} more", count - shown.len()) } else { String::new() };
        format!(
            "{node}: {} series stored, {} previewed\n{}{more}\n",
            real.len(),
            ours.len(),
            shown.join("\n")
        )
    })
}

/// Whether two texts are the same number. The API prints them without an exponent, `/federate` with one and no
/// zero as a negative one.
fn same_value(real: Option<&str>, ours: Option<&str>) -> bool {
    let (Some(real), Some(ours)) = (real, ours) else { return true };
    let number = |text: &str| text.parse::<f64>().unwrap_or_else(|_| panic!("no number: {text}"));
    let (real, ours) = (number(real), number(ours));
    real.total_cmp(&ours).is_eq() || (real == 0.0 && ours == 0.0) || (real.is_nan() && ours.is_nan())
}

fn text(value: Option<&str>) -> &str {
    value.unwrap_or("?")
}

/// A label set as PromQL has it.
fn print(labels: &BTreeMap<String, String>) -> String {
    let name = labels.get("__name__").map_or("", String::as_str);
    let pairs: Vec<String> = labels
        .iter()
        .filter(|(name, _)| *name != "__name__")
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    format!("{name}{{{}}}", pairs.join(","))
}
