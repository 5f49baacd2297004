//! Two configurations, setting by setting, by what they mean: the order of lists that have none, the spelling of
//! durations, defaults that are written out and what a job inherits make no difference.
//!
//! The schema says which settings there are, so that none is forgotten. Left out are `rule_files` and
//! `scrape_config_files`, whose contents count and not their names, secrets, and paths on the server's own disk.

mod lists;
mod spell;

use std::collections::BTreeMap;

use crate::text::Span;
use crate::version::Version;
use crate::yaml::{self, Decoder};

use super::duration::Duration;
use super::schema::{self, Key, Kind, Section};
use super::value::{Entry, Fields, Value};
use super::walk::Walker;
use spell::spelled;

/// How many differences are told of.
const MAX_DIFFERENCES: usize = 1000;

/// The keys whose values are the names of other files, which are compared themselves.
const NAMES_OF_FILES: [&str; 3] = ["rule_files", "scrape_config_files", "files"];

/// The settings of a configuration, or of a file that its `scrape_config_files` name.
#[derive(Clone, Debug)]
pub struct Settings {
    version: Version,
    root: Option<Fields>,
}

/// A setting that two configurations have differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingDifference {
    /// The job that it is a setting of; `None` outside of `scrape_configs`.
    pub job: Option<String>,
    /// The keys that lead to it, from the job where there is one: `global.scrape_interval`,
    /// `metric_relabel_configs[2].regex`. Empty where the job as a whole is in one configuration only.
    pub field: String,
    /// What each has.
    pub sides: [Setting; 2],
}

/// What one configuration has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The value that applies, defaults and what is inherited included; empty where there is none.
    pub text: String,
    /// Which of the [`Settings`] given it is in.
    pub file: usize,
    /// Where it is written; where it is not, the place that it would be in.
    pub span: Span,
}

impl Settings {
    /// Reads a configuration. What is wrong with it is [`parse`](super::parse)'s to say.
    #[must_use]
    pub fn read(text: &str, version: Version) -> Self {
        Self::read_as(text, version, &schema::CONFIG)
    }

    /// Reads a file that `scrape_config_files` names.
    #[must_use]
    pub fn read_scrape_configs(text: &str, version: Version) -> Self {
        Self::read_as(text, version, &schema::SCRAPE_CONFIGS)
    }

    fn read_as(text: &str, version: Version, section: &'static Section) -> Self {
        let document = yaml::parse(text).value;
        let mut walker = Walker::new(Decoder::new(&document), version);
        let root = walker.decoder.root().map(|root| walker.section(root, section));
        let root = match root {
            Some(Value::Section(fields)) => Some(*fields),
            Some(Value::Broken) => None,
            _ => Some(Fields { section, span: Span::at(0), entries: Vec::new(), is_sound: true }),
        };
        Self { version, root }
    }
}

/// The settings that two configurations have differently, in the order of the left one, then in that of the other.
///
/// Each is given as its file and those that its `scrape_config_files` name. `own` says whether a target is the
/// server itself, by which of the two it is and the target's address: that each scrapes itself is the same on
/// both. A thousand differences are told of at most.
#[must_use]
pub fn differences(
    left: &[&Settings],
    right: &[&Settings],
    own: &dyn Fn(usize, &str) -> bool,
) -> Vec<SettingDifference> {
    let (Some(first), Some(second)) = (left.first(), right.first()) else { return Vec::new() };
    let (Some(one), Some(other)) = (&first.root, &second.root) else { return Vec::new() };
    let mut comparison = Comparison {
        versions: [first.version, second.version],
        globals: [one.section("global"), other.section("global")],
        own,
        job: None,
        files: [0, 0],
        path: Vec::new(),
        found: Vec::new(),
    };
    let sides = [Some(one), Some(other)];
    comparison.section(&schema::CONFIG, sides, [Span::at(0), Span::at(0)]);
    comparison.jobs(left, right);
    comparison.found
}

/// The section of a step of relabelling.
const RELABELLING: &str = "relabel_config";

/// What is compared, and where one is.
struct Comparison<'v> {
    versions: [Version; 2],
    globals: [Option<&'v Fields>; 2],
    own: &'v dyn Fn(usize, &str) -> bool,
    /// The job and both its sections, inside of one.
    job: Option<(String, [&'v Fields; 2])>,
    files: [usize; 2],
    path: Vec<String>,
    found: Vec<SettingDifference>,
}

/// A key's two values, either of which may be absent.
type Pair<'v> = [Option<&'v Entry>; 2];

impl<'v> Comparison<'v> {
    fn report(&mut self, texts: [String; 2], spans: [Span; 2]) {
        if self.found.len() >= MAX_DIFFERENCES {
            return;
        }
        let [left, right] = texts;
        let side = |at: usize, text| Setting { text, file: self.files[at], span: spans[at] };
        self.found.push(SettingDifference {
            job: self.job.as_ref().map(|(name, _)| name.clone()),
            field: self.path.concat().trim_start_matches('.').to_owned(),
            sides: [side(0, left), side(1, right)],
        });
    }

    /// Compares inside of a step.
    fn inside(&mut self, step: String, compare: impl FnOnce(&mut Self)) {
        self.path.push(step);
        compare(self);
        self.path.pop();
    }

    /// The jobs by name, wherever they are written.
    fn jobs(&mut self, left: &[&'v Settings], right: &[&'v Settings]) {
        let read = |files: &[&'v Settings]| {
            let mut order: Vec<(&'v str, usize, &'v Fields)> = Vec::new();
            for (file, settings) in files.iter().enumerate() {
                let jobs = settings.root.as_ref().map_or(&[][..], |root| root.items("scrape_configs"));
                for job in jobs {
                    if let Value::Section(fields) = job {
                        order.push((fields.text("job_name"), file, fields));
                    }
                }
            }
            order
        };
        let (left, right) = (read(left), read(right));
        let index = |jobs: &[(&'v str, usize, &'v Fields)]| -> BTreeMap<&'v str, (usize, &'v Fields)> {
            crate::sort::ordered_map(jobs.iter().rev().map(|&(name, file, fields)| (name, (file, fields))))
        };
        let (in_left, in_right) = (index(&left), index(&right));
        let place = |fields: &Fields| fields.at("job_name");
        // Where a job would stand that is not there: behind the last.
        let end = |jobs: &[(&'v str, usize, &'v Fields)]| {
            jobs.last().map_or((0, Span::at(0)), |&(_, file, fields)| (file, place(fields)))
        };
        for &(name, file, fields) in &left {
            let Some(&(other_file, other)) = in_right.get(name) else {
                let (absent, span) = end(&right);
                self.files = [file, absent];
                self.only_job(name, [name.to_owned(), String::new()], [place(fields), span], fields);
                continue;
            };
            self.files = [file, other_file];
            self.job = Some((name.to_owned(), [fields, other]));
            let anchors = [place(fields), place(other)];
            self.section(&schema::SCRAPE_CONFIG, [Some(fields), Some(other)], anchors);
        }
        for &(name, file, fields) in &right {
            if !in_left.contains_key(name) {
                let (absent, span) = end(&left);
                self.files = [absent, file];
                self.only_job(name, [String::new(), name.to_owned()], [span, place(fields)], fields);
            }
        }
        self.job = None;
    }

    fn only_job(&mut self, name: &str, texts: [String; 2], spans: [Span; 2], fields: &'v Fields) {
        self.job = Some((name.to_owned(), [fields, fields]));
        self.report(texts, spans);
    }

    fn section(&mut self, section: &'static Section, sides: [Option<&'v Fields>; 2], anchors: [Span; 2]) {
        // A setting that neither writes is not compared: what it is by default is the version's own business.
        let entries = sides.map(|fields| fields.map_or(&[][..], |fields| &fields.entries));
        let keys = entries[0].iter().map(|entry| entry.key);
        let more = entries[1].iter().map(|entry| entry.key);
        let more = more.filter(|key| entries[0].iter().all(|entry| entry.key.name != key.name));
        for key in keys.chain(more) {
            let is_named_file = NAMES_OF_FILES.contains(&key.name) && matches!(key.kind, Kind::List(_));
            let is_list_of_jobs = self.job.is_none() && key.name == "scrape_configs";
            if is_named_file || is_list_of_jobs || key.name.ends_with("log_file") || key.name == "job_name" {
                continue;
            }
            // That is another way to tell replicas apart.
            if section.name == RELABELLING
                && key.name == "replacement"
                && sides.iter().all(|step| writes_replica(*step))
            {
                continue;
            }
            let pair: Pair<'v> = sides.map(|fields| fields.and_then(|fields| fields.find(key.name)));
            let broken = pair.iter().flatten().any(|entry| matches!(entry.value, Value::Broken));
            if broken {
                continue;
            }
            self.inside(format!(".{}", key.name), |this| this.entry(key, pair, sides, anchors));
        }
    }

    /// Compares what a key has on both sides; one of them has it.
    fn entry(
        &mut self,
        key: &'static Key,
        pair: Pair<'v>,
        sides: [Option<&'v Fields>; 2],
        anchors: [Span; 2],
    ) {
        let spans = [0, 1].map(|at| {
            let written = pair[at]
                .map(|entry| entry.value.span().filter(|span| !span.is_empty()).unwrap_or(entry.name));
            written.unwrap_or(anchors[at])
        });
        // Of what spans lines, the key is the place.
        let heads = [0, 1].map(|at| pair[at].map_or(anchors[at], |entry| entry.name));
        match key.kind {
            Kind::Section(section) => self.section(section, pair.map(fields), heads),
            Kind::Optional(section) => match pair.map(fields) {
                [None, None] => {}
                both @ [Some(_), Some(_)] => self.section(section, both, heads),
                one => {
                    self.report(
                        one.map(|fields| fields.map_or_else(String::new, |it| self.shown(it))),
                        heads,
                    );
                }
            },
            Kind::List(list) if matches!(list.item, Kind::Section(_) | Kind::Optional(_)) => {
                self.sections(list, pair, heads);
            }
            Kind::Map(map) => self.map(map, pair, heads),
            Kind::Any => {}
            Kind::Secret | Kind::File => {
                let given = pair.map(|entry| entry.is_some_and(|entry| !entry.value.text().is_empty()));
                if given[0] != given[1] {
                    let word = if matches!(key.kind, Kind::Secret) { "<secret>" } else { "<file>" };
                    self.report(
                        given.map(|given| if given { word.to_owned() } else { String::new() }),
                        heads,
                    );
                }
            }
            _ => {
                let texts = [0, 1].map(|at| self.applies(key, pair[at], sides[at], at));
                if texts[0] != texts[1] {
                    self.report(texts, spans);
                }
            }
        }
    }

    fn shown(&self, fields: &Fields) -> String {
        spell::section(fields, self.versions[0])
    }

    /// The value that applies on one side: that of the key, else what is inherited, else the default.
    fn applies(
        &self,
        key: &'static Key,
        entry: Option<&Entry>,
        fields: Option<&Fields>,
        side: usize,
    ) -> String {
        let version = self.versions[side];
        let written = entry.map(|entry| spelled(&entry.value, key.kind, version));
        let is_zero = |text: &str| text.is_empty() || text == spell::zero(key.kind);
        let in_job =
            self.job.as_ref().is_some_and(|(_, jobs)| fields.is_some_and(|it| std::ptr::eq(it, jobs[side])));
        let in_global = self.job.is_none() && self.path.len() == 2 && self.path[0] == ".global";
        match written {
            Some(text) if !(is_zero(&text) && (in_job || in_global)) => return text,
            None if !in_job && !in_global => return spell::default(key, version),
            _ => {}
        }
        if key.name == "scrape_timeout" {
            return self.timeout(side, in_job).to_string();
        }
        let global = schema::GLOBAL.key(key.name, version);
        match global.filter(|_| in_job) {
            Some(inherited) => {
                let entry = self.globals[side].and_then(|global| global.find(key.name));
                let text = entry.map(|entry| spelled(&entry.value, inherited.kind, version));
                text.filter(|text| !is_zero(text)).unwrap_or_else(|| spell::default(inherited, version))
            }
            None => match written_false(entry) {
                Some(text) => text,
                None => spell::default(key, version),
            },
        }
    }

    /// How long a scrape may take where nothing is written: what the global section says, no longer than the
    /// interval.
    fn timeout(&self, side: usize, in_job: bool) -> Duration {
        let set = |fields: Option<&Fields>, name: &str| match fields.and_then(|fields| fields.value(name)) {
            Some(Value::Duration(duration)) if !duration.value.is_zero() => Some(duration.value),
            _ => None,
        };
        let global = self.globals[side];
        let interval = set(global, "scrape_interval").unwrap_or(Duration::from_secs(60));
        let timeout = set(global, "scrape_timeout").unwrap_or(Duration::from_secs(10).min(interval));
        let job = self.job.as_ref().filter(|_| in_job).map(|(_, jobs)| jobs[side]);
        if job.is_none() {
            return timeout;
        }
        timeout.min(set(job, "scrape_interval").unwrap_or(interval))
    }
}

/// Whether a step writes a label that tells replicas apart.
fn writes_replica(step: Option<&Fields>) -> bool {
    step.is_some_and(|step| step.text("target_label").contains("replica"))
}

/// A `false` that is written, where the default is another.
fn written_false(entry: Option<&Entry>) -> Option<String> {
    matches!(entry?.value, Value::Bool(_)).then(|| "false".to_owned())
}

fn fields(entry: Option<&Entry>) -> Option<&Fields> {
    match &entry?.value {
        Value::Section(fields) => Some(fields),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
