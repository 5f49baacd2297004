//! From a static target to what is asked and which labels its series get: `scrape/target.go`,
//! `PopulateLabels` and `Target.URL`, `scrape/scrape.go`, `scrapePool.sync`.

mod explain;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;

use crate::labels::LabelSet;
use crate::relabel::{Compiler, Program};
use crate::text::{Span, quote};
use crate::version::Version;
use crate::yaml::Spanned;

use super::config::{LabelPair, ScrapeConfig};
use super::duration::Duration;
use super::effective::EffectiveScrapeConfig;

pub use explain::{Completion, DiscoveredLabel, TargetExplanation, explain_target};

const ADDRESS: &str = "__address__";
const SCHEME: &str = "__scheme__";
const METRICS_PATH: &str = "__metrics_path__";
const SCRAPE_INTERVAL: &str = "__scrape_interval__";
const SCRAPE_TIMEOUT: &str = "__scrape_timeout__";
const PARAM_PREFIX: &str = "__param_";
const META_PREFIX: &str = "__meta_";
const RESERVED_PREFIX: &str = "__";
const INSTANCE: &str = "instance";
const JOB: &str = "job";

/// The labels that say how histograms are scraped, with their names in messages.
const HISTOGRAM_LABELS: [(&str, &str); 3] = [
    ("__convert_classic_histograms_to_nhcb__", "convert classic histograms to nhcb"),
    ("__always_scrape_classic_histograms__", "always scrape classic histograms"),
    ("__scrape_native_histograms__", "scrape native histograms"),
];
/// The first release with them.
const HISTOGRAM_LABELS_SINCE: Version = Version { major: 3, minor: 13 };

/// Targets that share labels, as service discovery hands them to a job: `discovery/targetgroup`, `Group`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup<'c> {
    /// What Prometheus calls it: `0` for the first of `static_configs`, `targets/shop.yml:0` for the first of
    /// a file.
    pub source: Cow<'c, str>,
    /// The addresses.
    pub targets: &'c [Spanned<String>],
    /// Their labels.
    pub labels: &'c [LabelPair],
    /// A label that service discovery adds, whatever the labels say, such as `__meta_filepath`.
    pub meta: Option<(&'c str, &'c str)>,
}

/// What becomes of one target of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetOutcome {
    /// The target's text in the file that lists it.
    pub span: Span,
    /// Which of the groups it stands in, from 0.
    pub group: usize,
    /// Which target of the group it is, from 0.
    pub index: usize,
    /// Its labels before `relabel_configs`.
    pub discovered: LabelSet,
    /// What becomes of it.
    pub fate: TargetFate,
}

/// What becomes of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetFate {
    /// It is scraped.
    Scraped(ScrapeTarget),
    /// A rule of `relabel_configs` drops it.
    Dropped {
        /// Which rule, from 0.
        rule: usize,
    },
    /// It cannot be scraped; Prometheus says so in its log and goes on.
    Refused {
        /// Prometheus' words.
        error: String,
    },
    /// It is the same as an earlier one in labels and in what is asked, and scraped once with it.
    Merged {
        /// Which outcome it is merged into.
        into: usize,
    },
}

impl TargetOutcome {
    /// The target, where it is scraped on its own.
    #[must_use]
    pub fn scraped(&self) -> Option<&ScrapeTarget> {
        match &self.fate {
            TargetFate::Scraped(target) => Some(target),
            _ => None,
        }
    }
}

/// A target that is scraped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScrapeTarget {
    /// The target's text in the file that lists it.
    pub span: Span,
    /// The labels that its series get.
    pub labels: LabelSet,
    /// All its labels, those that begin with `__` too.
    pub all_labels: LabelSet,
    /// `http` or `https`, unless relabelling says otherwise.
    pub scheme: String,
    /// Host and port.
    pub address: String,
    /// The path that is asked for.
    pub path: String,
    /// The parameters of the request, sorted by name, a `__param_` label's value in the first place.
    pub params: Vec<(String, Vec<String>)>,
    /// How often it is scraped.
    pub interval: Duration,
    /// How long a scrape may take.
    pub timeout: Duration,
}

impl ScrapeTarget {
    /// What is asked, as Go prints URLs.
    #[must_use]
    pub fn url(&self) -> String {
        let mut url = String::new();
        if !self.scheme.is_empty() {
            url.push_str(&self.scheme);
            url.push(':');
        }
        url.push_str("//");
        escape(&self.address, b"!$&'()*+,;=:[]<>\"", "%20", &mut url);
        if !self.path.is_empty() && !self.path.starts_with('/') {
            url.push('/');
        }
        let also: &[u8] = if self.path == "*" { b"*" } else { b"$&+,/:;=@" };
        escape(&self.path, also, "%20", &mut url);
        let mut separator = '?';
        for (name, values) in &self.params {
            for value in values {
                url.push(separator);
                separator = '&';
                escape(name, b"", "+", &mut url);
                url.push('=');
                escape(value, b"", "+", &mut url);
            }
        }
        url
    }
}

/// Escapes as `net/url` does: everything but letters, digits, `-_.~` and `also`.
fn escape(text: &str, also: &[u8], space: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() || also.contains(&byte) => out.push(char::from(byte)),
            b' ' => out.push_str(space),
            byte => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

/// The groups of `static_configs`.
#[must_use]
pub fn static_groups(job: &ScrapeConfig) -> Vec<TargetGroup<'_>> {
    let groups = job.static_configs.iter().enumerate();
    groups
        .map(|(at, group)| TargetGroup {
            source: at.to_string().into(),
            targets: &group.targets,
            labels: &group.labels,
            meta: None,
        })
        .collect()
}

/// The targets of a job's groups in their order, and what becomes of each as `version` does it. Where
/// `relabel_configs` cannot run because Prometheus refuses them, no target is scraped. The `compiler`, of the
/// same version, is one that jobs share.
#[must_use]
pub fn targets(
    job: &EffectiveScrapeConfig<'_>,
    groups: &[TargetGroup<'_>],
    version: Version,
    compiler: &mut Compiler,
) -> Vec<TargetOutcome> {
    if groups.iter().all(|group| group.targets.is_empty()) {
        return Vec::new();
    }
    let rules = job.relabel_configs();
    let program = compiler.compile(&rules, job.metric_name_validation_scheme);
    let mut outcomes: Vec<TargetOutcome> = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        for (index, target) in group.targets.iter().enumerate() {
            let (discovered, order) = discovered(job, version, &target.value, group);
            let fate = match &program {
                Ok(program) => populate(job, version, program, &discovered, &order, target.span),
                Err(refused) => TargetFate::Refused { error: refused.to_string() },
            };
            outcomes.push(TargetOutcome { span: target.span, group: at, index, discovered, fate });
        }
    }
    // Targets are the same where their labels and their URLs are; the labels of a job's target decide its URL.
    let mut seen: BTreeMap<&LabelSet, usize> = BTreeMap::new();
    let mut merged = Vec::new();
    for (at, outcome) in outcomes.iter().enumerate() {
        let Some(scraped) = outcome.scraped() else { continue };
        match seen.entry(&scraped.all_labels) {
            Entry::Occupied(first) => merged.push((at, *first.get())),
            Entry::Vacant(place) => {
                place.insert(at);
            }
        }
    }
    for (at, into) in merged {
        outcomes[at].fate = TargetFate::Merged { into };
    }
    outcomes
}

/// The labels before relabelling, and their names in the order in which they were set, each with what set it:
/// `PopulateDiscoveredLabels`. An empty value is no label.
fn discovered<'g>(
    job: &EffectiveScrapeConfig<'g>,
    version: Version,
    address: &str,
    group: &TargetGroup<'g>,
) -> (LabelSet, Vec<(Cow<'g, str>, &'static str)>) {
    // What each target has: its address, what the job says, and some labels of its own.
    let mut labels = LabelSet::with_capacity(16);
    let mut order: Vec<(Cow<'g, str>, &'static str)> = Vec::with_capacity(16);
    let mut removed = false;
    let mut set = |labels: &mut LabelSet, name: Cow<'g, str>, value: &str, from: &'static str| {
        if value.is_empty() {
            removed |= labels.remove(&name).is_some();
        } else if labels.insert(&*name, value).is_none() {
            order.push((name, from));
        } else if let Some(known) = order.iter_mut().find(|(known, _)| *known == name) {
            known.1 = from;
        }
    };
    set(&mut labels, ADDRESS.into(), address, "targets");
    for label in group.labels.iter().filter(|label| label.name.value != ADDRESS) {
        set(&mut labels, label.name.value.as_str().into(), &label.value.value, "labels");
    }
    if let Some((name, value)) = group.meta {
        set(&mut labels, name.into(), value, "service discovery");
    }
    let (interval, timeout) = (job.scrape_interval.to_string(), job.scrape_timeout.to_string());
    let mut own = vec![
        (JOB, job.job_name, "job_name"),
        (SCRAPE_INTERVAL, interval.as_str(), "scrape_interval"),
        (SCRAPE_TIMEOUT, timeout.as_str(), "scrape_timeout"),
        (METRICS_PATH, job.metrics_path, "metrics_path"),
        (SCHEME, job.scheme, "scheme"),
    ];
    if version >= HISTOGRAM_LABELS_SINCE {
        let word = |flag| if flag { "true" } else { "false" };
        let flags = [
            job.convert_classic_histograms_to_nhcb,
            job.always_scrape_classic_histograms,
            job.scrape_native_histograms,
        ];
        own.extend(HISTOGRAM_LABELS.iter().zip(flags).map(|((label, _), flag)| {
            // Each label is named after the key that sets it.
            (*label, word(flag), label.trim_matches('_'))
        }));
    }
    for (name, value, from) in own {
        if labels.value(name).is_empty() {
            set(&mut labels, name.into(), value, from);
        }
    }
    for param in &job.source.params {
        let Some(first) = param.values.first() else { continue };
        let name = format!("{PARAM_PREFIX}{}", param.name.value);
        // Before 3.0 the configuration's parameter won over the target's label.
        if !version.is_v3() || labels.value(&name).is_empty() {
            set(&mut labels, name.into(), &first.value, "params");
        }
    }
    if removed {
        order.retain(|(name, _)| labels.get(name).is_some());
    }
    (labels, order)
}

fn populate(
    job: &EffectiveScrapeConfig<'_>,
    version: Version,
    program: &Program,
    discovered: &LabelSet,
    order: &[(Cow<'_, str>, &'static str)],
    span: Span,
) -> TargetFate {
    let mut labels = discovered.clone();
    let order: Vec<&str> = order.iter().map(|(name, _)| name.as_ref()).collect();
    if !program.apply_after(&mut labels, &order) {
        let steps = program.explain_after(discovered, &order);
        return TargetFate::Dropped { rule: steps.last().map_or(0, |step| step.rule) };
    }
    complete(job, version, labels, span, &mut |_, _| {})
}

/// The second half of `PopulateLabels`: whether the relabelled target can be scraped, and its `instance`.
/// Whatever is done to the labels is told to `note`, with the labels after it.
fn complete(
    job: &EffectiveScrapeConfig<'_>,
    version: Version,
    mut labels: LabelSet,
    span: Span,
    note: &mut dyn FnMut(&'static str, &LabelSet),
) -> TargetFate {
    match check(job, version, &mut labels, note) {
        Ok((interval, timeout)) => TargetFate::Scraped(scraped(job, labels, interval, timeout, span)),
        Err(error) => TargetFate::Refused { error },
    }
}

fn check(
    job: &EffectiveScrapeConfig<'_>,
    version: Version,
    labels: &mut LabelSet,
    note: &mut dyn FnMut(&'static str, &LabelSet),
) -> Result<(Duration, Duration), String> {
    let mut address = labels.value(ADDRESS).to_owned();
    if address.is_empty() {
        return Err("no address".to_owned());
    }
    if !version.is_v3() && wants_port(&address) {
        // Before 3.0 a missing port was filled in.
        match labels.value(SCHEME) {
            "http" | "" => address.push_str(":80"),
            "https" => address.push_str(":443"),
            _ => return Err(format!("invalid scheme: {}", quote(job.scheme))),
        }
        labels.insert(ADDRESS, address.as_str());
        note("the address has no port; before 3.0 Prometheus adds the scheme's", labels);
    }
    if address.contains('/') {
        return Err(format!("{} is not a valid hostname", quote(&address)));
    }
    let duration = |label: &str, what: &str| -> Result<Duration, String> {
        let duration = Duration::parse(labels.value(label), version)
            .map_err(|error| format!("error parsing scrape {what}: {error}"))?;
        if duration.is_zero() { Err(format!("scrape {what} cannot be 0")) } else { Ok(duration) }
    };
    let interval = duration(SCRAPE_INTERVAL, "interval")?;
    let timeout = duration(SCRAPE_TIMEOUT, "timeout")?;
    if timeout > interval {
        return Err(format!(
            "scrape timeout cannot be greater than scrape interval ({} > {})",
            quote(labels.value(SCRAPE_TIMEOUT)),
            quote(labels.value(SCRAPE_INTERVAL))
        ));
    }
    if version >= HISTOGRAM_LABELS_SINCE {
        for (label, what) in HISTOGRAM_LABELS {
            let value = labels.value(label);
            if !value.is_empty() && !is_bool(value) {
                return Err(format!(
                    "error parsing {what}: strconv.ParseBool: parsing {}: invalid syntax",
                    quote(value)
                ));
            }
        }
    }
    labels.retain(|name, value| !name.starts_with(META_PREFIX) && !value.is_empty());
    note("labels that begin with `__meta_` end here", labels);
    if labels.value(INSTANCE).is_empty() {
        labels.insert(INSTANCE, address);
        note("there is no `instance`, so it is the address", labels);
    }
    Ok((interval, timeout))
}

fn scraped(
    job: &EffectiveScrapeConfig<'_>,
    all_labels: LabelSet,
    interval: Duration,
    timeout: Duration,
    span: Span,
) -> ScrapeTarget {
    let mut params: BTreeMap<String, Vec<String>> =
        crate::sort::ordered_map(job.source.params.iter().map(|param| {
            (param.name.value.clone(), param.values.iter().map(|value| value.value.clone()).collect())
        }));
    for (name, value) in all_labels.iter() {
        if let Some(name) = name.strip_prefix(PARAM_PREFIX) {
            let values = params.entry(name.to_owned()).or_default();
            match values.first_mut() {
                Some(first) => value.clone_into(first),
                None => values.push(value.to_owned()),
            }
        }
    }
    let labels = all_labels.iter().filter(|(name, _)| !name.starts_with(RESERVED_PREFIX)).collect();
    ScrapeTarget {
        span,
        labels,
        scheme: all_labels.value(SCHEME).to_owned(),
        address: all_labels.value(ADDRESS).to_owned(),
        path: all_labels.value(METRICS_PATH).to_owned(),
        all_labels,
        params: params.into_iter().collect(),
        interval,
        timeout,
    }
}

/// Whether an address has no port and could have one: `net.SplitHostPort` fails on it, and does not with a
/// port behind.
fn wants_port(address: &str) -> bool {
    !has_port(address) && has_port(&format!("{address}:1234"))
}

/// Whether `net.SplitHostPort` takes the text.
fn has_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let host = match text.strip_prefix('[') {
        Some(inner) => match inner.split_once(']') {
            // The colon must follow the bracket at once.
            Some((inside, after)) if after.len() == port.len() + 1 && after.starts_with(':') => inside,
            _ => return false,
        },
        None if host.contains([':', ']']) => return false,
        None => host,
    };
    !host.contains('[') && !port.contains(['[', ']'])
}

/// Go's `strconv.ParseBool`.
fn is_bool(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "TRUE" | "true" | "True" | "0" | "f" | "F" | "FALSE" | "false" | "False")
}
