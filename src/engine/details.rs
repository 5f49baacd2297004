//! Tables on one node, made when they are looked at.

use crate::federation::trace::words;
use crate::federation::{
    Bringer, LOOKBACK_MS, Preview, Pull, PullOutcome, Rate, Wait, collisions, coverage, freshness,
};
use crate::text::{FileId, Span};
use crate::units::Duration;
use crate::workspace::Node;
use crate::workspace::replicas::{self, Side, Subject};

use super::protocol::{CellView, DetailsAnswer, RangeView, TableView, Tone, Topic};
use super::view::{Places, bytes};

/// Rows of one table at most.
const MOST: usize = 100;

/// Pulls at most whose selectors are shown.
const MOST_PULLS: usize = 8;

/// Selectors of a pull at most that have columns of their own.
const MOST_COLUMNS: usize = 12;

/// Letters of a value at most.
const LETTERS: usize = 400;

/// Every table on the topic that says something of the node.
pub(super) fn answer(preview: &Preview, name: String, topic: Topic) -> DetailsAnswer {
    let mut tables = Vec::new();
    if let Some(node) = preview.workspace.nodes.iter().position(|node| node.name == name) {
        let details = Details { preview, places: Places::new(&preview.workspace), node };
        match topic {
            Topic::Coverage => details.coverage(&mut tables),
            Topic::Collisions => tables.extend(details.collisions()),
            Topic::Replicas => tables.extend(details.replicas()),
            Topic::Freshness => tables.extend(details.freshness()),
            Topic::Volume => tables.extend(details.figures().into_iter().chain(details.drops())),
        }
    }
    for table in &mut tables {
        table.more = table.rows.len().saturating_sub(MOST) as u32;
        table.rows.truncate(MOST);
    }
    DetailsAnswer { node: name, topic, tables }
}

struct Details<'p> {
    preview: &'p Preview,
    places: Places<'p>,
    node: usize,
}

/// A cell of plain words.
fn cell(text: impl Into<String>) -> CellView {
    toned(text, Tone::Plain)
}

fn toned(text: impl Into<String>, tone: Tone) -> CellView {
    CellView { text: text.into(), tone, path: String::new(), range: RangeView::default() }
}

fn table(title: &str, about: String, columns: &[&str], rows: Vec<Vec<CellView>>) -> TableView {
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    TableView { title: title.to_owned(), about, columns, rows, more: 0 }
}

/// A number for each second: `0.27`, `1.6`, `1200`.
fn per_second(rate: f64) -> String {
    match rate {
        0.0 => "0".to_owned(),
        ..1.0 => format!("{rate:.2}"),
        ..100.0 => format!("{rate:.1}"),
        _ => format!("{rate:.0}"),
    }
}

/// The places of the relabelling rules of a pull's job.
fn pull_rules<'n>(node: &'n Node, pull: &Pull) -> impl Iterator<Item = Span> + use<'n> {
    let span = pull.job_span;
    let jobs = node.config.iter().flat_map(|config| &config.scrape_configs).zip(&node.jobs);
    let file = pull.job_file;
    let mut own = jobs.filter(move |(scrape, job)| job.file == file && scrape.name_span() == span);
    let rules = own.next().map_or(&[][..], |(scrape, _)| &scrape.metric_relabel_configs);
    rules.iter().map(|rule| rule.span)
}

impl Details<'_> {
    fn placed(&self, text: String, file: FileId, span: Span) -> CellView {
        let path = self.preview.workspace.file(file).path.clone();
        CellView { text, tone: Tone::Plain, path, range: self.places.range(file, span) }
    }

    /// The node's pulls with what they bring.
    fn pulls(&self) -> impl Iterator<Item = (&Pull, &PullOutcome)> {
        let pulls = self.preview.topology.pulls.iter().zip(&self.preview.pulls);
        pulls.filter(|(pull, _)| pull.node == self.node)
    }

    fn head(&self, pull: &Pull) -> CellView {
        self.placed(format!("{} ← {}", pull.job, pull.address), pull.job_file, pull.job_span)
    }

    /// What each pull brings.
    fn figures(&self) -> Option<TableView> {
        let mut rows = Vec::new();
        let (mut known, mut all_kept) = (0, 0);
        for (pull, outcome) in self.pulls() {
            let mut row = vec![self.head(pull)];
            if let Some(rate) = Rate::of_pull(pull, outcome) {
                let kept = outcome.scraped.kept.len() as u64;
                let exposed = u64::from(outcome.exposed);
                let empty = if kept == 0 { Tone::Bad } else { Tone::Plain };
                row.extend([
                    cell(exposed.to_string()),
                    toned(kept.to_string(), empty),
                    cell(exposed.saturating_sub(kept).to_string()),
                    cell(bytes(outcome.bytes)),
                    cell(per_second(rate.samples)),
                ]);
                known += 1;
                all_kept += kept;
            } else {
                row.extend(["not known", "", "", "", ""].map(cell));
            }
            row.push(cell(Duration::from_millis(pull.interval_ms).to_string()));
            rows.push(row);
        }
        if known > 1 {
            let (rate, all) = Rate::of_node(self.preview, self.node);
            let head = if all { "in all" } else { "all that is known" };
            let each_second = bytes(rate.whole_bytes()) + "/s";
            let mut sum = ["", &all_kept.to_string(), "", &each_second, &per_second(rate.samples), ""]
                .map(cell)
                .to_vec();
            sum.insert(0, cell(head));
            rows.insert(0, sum);
        }
        let columns = ["Pull", "Answered", "Kept", "Dropped", "Size", "Samples/s", "Every"];
        (!rows.is_empty()).then(|| table("What it pulls", String::new(), &columns, rows))
    }

    /// What drops how many series.
    fn drops(&self) -> Option<TableView> {
        let node = self.preview.workspace.nodes.get(self.node)?;
        let mut rows = Vec::new();
        for (pull, outcome) in self.pulls() {
            let dropped = &outcome.scraped.dropped;
            let mut add = |by: CellView, series: u64| {
                if series > 0 {
                    rows.push(vec![by, self.head(pull), cell(series.to_string())]);
                }
            };
            for ((at, place), &series) in (1..).zip(pull_rules(node, pull)).zip(&dropped.by_rule) {
                let words = format!("rule {at} of metric_relabel_configs");
                add(self.placed(words, pull.job_file, place), series);
            }
            add(cell("no label left"), dropped.unlabelled);
            add(cell("a timestamp too far from the present"), dropped.out_of_bounds);
        }
        (!rows.is_empty()).then(|| table("What is dropped", String::new(), &["By", "Of", "Series"], rows))
    }

    /// Which selectors select which series, pull by pull.
    fn coverage(&self, tables: &mut Vec<TableView>) {
        let answered = |(pull, outcome): &(&Pull, &PullOutcome)| pull.federates && outcome.answered.is_some();
        let mut pulls = self.pulls().filter(answered);
        for (pull, outcome) in pulls.by_ref().take(MOST_PULLS) {
            let new = covered(pull, outcome);
            match tables.last_mut() {
                // Replicas are mostly selected from alike.
                Some(last) if (&last.about, &last.rows) == (&new.about, &new.rows) => {
                    last.title = format!("{}, {}", last.title, pull.address);
                }
                _ => tables.push(new),
            }
        }
        let rest = pulls.count();
        if rest > 0 {
            let about = format!("Those of {rest} pulls more are not shown here.");
            tables.push(table("What other selectors cover", about, &[], Vec::new()));
        }
    }

    /// What brings the same series as another, and what becomes of the samples.
    fn collisions(&self) -> Option<TableView> {
        let target = |at: usize| {
            let pull = self.preview.topology.pulls.get(at)?;
            let text = format!("{} ← {}", pull.job, pull.address);
            Some(self.placed(text, pull.target_file, pull.target_span))
        };
        let pulled = collisions(self.preview).into_iter().filter(|collision| collision.node == self.node);
        let mut rows: Vec<Vec<CellView>> = pulled
            .filter_map(|collision| {
                let [one, other] = collision.pulls;
                let series = toned(collision.series.to_string(), Tone::Bad);
                Some(vec![target(one)?, target(other)?, series, cell(collision.outcome.words())])
            })
            .collect();
        let shared = self.preview.nodes.get(self.node)?.shared();
        rows.extend(shared.into_iter().filter_map(|((one, other), series)| {
            let (Bringer::Pull(pull), Bringer::Rule(rule)) = (one.min(other), one.max(other)) else {
                return None;
            };
            let (path, line) = words::rule(self.preview, self.node, rule)?;
            let range = RangeView { line, column: 1, ..RangeView::default() };
            let rule = CellView { path: path.to_owned(), range, ..cell("a recording rule") };
            let outcome = "what the rule computes and what is pulled are one series";
            Some(vec![target(pull)?, rule, toned(series.to_string(), Tone::Bad), cell(outcome)])
        }));
        let about = "Equal labels from two sources are one series.".to_owned();
        let columns = ["Brought by", "And by", "Series", "What becomes of their samples"];
        (!rows.is_empty()).then(|| table("What collides", about, &columns, rows))
    }

    /// How old what the node shows may be.
    fn freshness(&self) -> Option<TableView> {
        let fresh = freshness(self.preview).into_iter().nth(self.node)?;
        let lingers = Duration::from_millis(fresh.lingers_ms?);
        let mut about = format!("What is gone is still shown for {lingers}.");
        if fresh.is_beyond_lookback() {
            let lookback = Duration::from_millis(LOOKBACK_MS);
            about =
                format!("Queries look back {lookback}: they may find nothing although all is well. {about}");
        }
        let tone = if fresh.is_beyond_lookback() { Tone::Bad } else { Tone::Plain };
        let more = if fresh.is_at_least { " or more" } else { "" };
        let sum = format!("{}{more}", Duration::from_millis(fresh.age_ms));
        let mut rows = vec![vec![cell("in all"), toned(sum, tone)]];
        rows.extend(fresh.steps.iter().map(|step| {
            let head = match step.wait {
                Wait::Federation(at) => self.preview.topology.pulls.get(at).map(|pull| self.head(pull)),
                _ => None,
            };
            let words = step.words(self.preview);
            let head = CellView { text: words.clone(), ..head.unwrap_or_else(|| cell(words)) };
            vec![head, cell(Duration::from_millis(step.interval_ms).to_string())]
        }));
        Some(table("How old its newest values may be", about, &["A sample waits for", "At most"], rows))
    }

    /// What its replicas have otherwise.
    fn replicas(&self) -> Option<TableView> {
        let workspace = &self.preview.workspace;
        let set = workspace.replica_sets.iter().find(|set| set.nodes.contains(&self.node))?;
        let name = |node: usize| workspace.nodes.get(node).map_or("", |node| &node.name);
        let differences = replicas::differences(workspace, set);
        let nodes: Vec<String> = set.nodes.iter().map(|&node| format!("`{}`", name(node))).collect();
        let nodes = nodes.join(", ");
        let labels = set.labels(workspace).iter().map(|label| format!("`{label}`")).collect::<Vec<_>>();
        let apart = match labels.as_slice() {
            [] => "no external label tells them apart".to_owned(),
            labels => format!("told apart by {}", labels.join(", ")),
        };
        let outcome = if differences.is_empty() { " In all else they are set up alike." } else { "" };
        let about = format!("{nodes} are replicas: {apart}.{outcome}");
        let pair = set.nodes.len() == 2;
        let heads: [&str; 2] =
            if let [one, other] = *set.nodes { [name(one), name(other)] } else { ["The first", "Another"] };
        let side = |side: &Side| {
            let mut text: String = side.text.chars().take(LETTERS).collect();
            if text.len() < side.text.len() {
                text.push('…');
            }
            let tone = if text.is_empty() { Tone::Bad } else { Tone::Plain };
            let text = if text.is_empty() { "not there".to_owned() } else { text };
            let text = if pair { text } else { format!("`{}`: {text}", name(side.node)) };
            CellView { tone, ..self.placed(text, side.file, side.span) }
        };
        let rows = differences.iter().map(|difference| {
            let subject = match &difference.subject {
                Subject::Configuration => difference.field.clone(),
                subject if difference.field.is_empty() => subject.words(),
                subject => format!("{}: {}", subject.words(), difference.field),
            };
            let [one, other] = &difference.sides;
            vec![cell(subject), side(one), side(other)]
        });
        Some(table("How its replicas differ", about, &["Setting", heads[0], heads[1]], rows.collect()))
    }
}

/// Which selectors of a pull select which of the series that its source has.
fn covered(pull: &Pull, outcome: &PullOutcome) -> TableView {
    let coverage = coverage(outcome);
    let count = pull.selectors.len().min(MOST_COLUMNS);
    let mut about: Vec<String> = Vec::new();
    for (number, selector) in (1..).zip(&pull.selectors).take(count) {
        about.push(format!("#{number} is `{}`", selector.text));
    }
    if pull.selectors.len() > count {
        about.push(format!("{} more are not shown", pull.selectors.len() - count));
    }
    let mut columns = vec!["Series".to_owned(), "Number".to_owned()];
    columns.extend((1..=count).map(|number| format!("#{number}")));
    let mut sums = vec![cell("all that it selects"), cell(outcome.exposed.to_string())];
    sums.extend(outcome.selected.iter().take(count).map(|selected| {
        let tone = if selected.matched == 0 { Tone::Bad } else { Tone::Plain };
        toned(selected.matched.to_string(), tone)
    }));
    let marks = |selectors: &[u16]| -> Vec<CellView> {
        let mark = |at: usize| {
            let selects = selectors.contains(&(at as u16));
            if selects { toned("✓", Tone::Good) } else { cell("–") }
        };
        (0..count).map(mark).collect()
    };
    let mut rows = vec![sums];
    for group in &coverage.groups {
        let example = outcome.source.label_set(group.example).to_string();
        let words = match group.series {
            1 => format!("`{example}`"),
            _ => format!("`{example}` and the like"),
        };
        let mut row = vec![cell(words), cell(group.series.to_string())];
        row.extend(marks(&group.selectors));
        rows.push(row);
    }
    let left = outcome.source.len() as u32 - outcome.exposed.min(outcome.source.len() as u32);
    let rest = [("in smaller groups", coverage.others, None), ("not answered", left, Some(&[]))];
    for (words, series, selectors) in rest.into_iter().filter(|&(_, series, _)| series > 0) {
        let mut row = vec![cell(words), cell(series.to_string())];
        row.extend(selectors.map_or_else(|| vec![cell(""); count], |selectors| marks(selectors)));
        rows.push(row);
    }
    let title = format!("What selectors cover: {} ← {}", pull.job, pull.address);
    TableView { title, about: about.join(", ") + ".", columns, rows, more: 0 }
}
