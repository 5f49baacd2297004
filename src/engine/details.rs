//! Tables on one node, made when they are looked at.

use crate::federation::trace::words;
use crate::federation::{Bringer, Failure, Preview};
use crate::text::{FileId, Span};
use crate::units::Duration;
use crate::workspace::replicas::{self, Side, Subject};

use super::protocol::{CellView, DetailsAnswer, RangeView, TableView, Tone};
use super::view::{Places, bytes};

/// Rows of one table at most.
const MOST: usize = 100;

/// Letters of a value at most.
const LETTERS: usize = 400;

/// Every table that says something of the node.
pub(super) fn answer(preview: &Preview, name: String) -> DetailsAnswer {
    let mut tables = Vec::new();
    if let Some(node) = preview.workspace.nodes.iter().position(|node| node.name == name) {
        let details = Details { preview, places: Places::new(&preview.workspace), node };
        tables.extend([details.figures(), details.collisions(), details.replicas()].into_iter().flatten());
    }
    for table in &mut tables {
        table.more = table.rows.len().saturating_sub(MOST) as u32;
        table.rows.truncate(MOST);
    }
    DetailsAnswer { node: name, tables }
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

/// Tenths of a number of samples per second, as people read it.
fn rate(tenths: u64) -> String {
    if tenths == 0 {
        return "<0.1".to_owned();
    }
    if tenths < 1000 { format!("{}.{}", tenths / 10, tenths % 10) } else { ((tenths + 5) / 10).to_string() }
}

impl Details<'_> {
    fn placed(&self, text: String, file: FileId, span: Span) -> CellView {
        let path = self.preview.workspace.file(file).path.clone();
        CellView { text, tone: Tone::Plain, path, range: self.places.range(file, span) }
    }

    /// What each pull brings.
    fn figures(&self) -> Option<TableView> {
        let mut rows = Vec::new();
        let (mut known, mut all_kept, mut all_bytes, mut all_tenths) = (0, 0, 0, 0);
        let pulls = self.preview.topology.pulls.iter().zip(&self.preview.pulls);
        for (pull, outcome) in pulls.filter(|(pull, _)| pull.node == self.node) {
            let head = format!("{} ← {}", pull.job, pull.address);
            let mut row = vec![self.placed(head, pull.job_file, pull.job_span)];
            if matches!(outcome.failure, Some(Failure::Unknown(_))) {
                row.extend(["not known", "", "", "", ""].map(cell));
            } else {
                let kept = outcome.scraped.kept.len() as u64;
                let exposed = u64::from(outcome.exposed);
                let tenths = (kept * 10_000).checked_div(pull.interval_ms).unwrap_or(0);
                let dropped = exposed.saturating_sub(kept);
                let empty = if kept == 0 { Tone::Bad } else { Tone::Plain };
                row.extend([
                    cell(exposed.to_string()),
                    toned(kept.to_string(), empty),
                    cell(dropped.to_string()),
                    cell(bytes(outcome.bytes)),
                    cell(if kept == 0 { "0".to_owned() } else { rate(tenths) }),
                ]);
                known += 1;
                (all_kept, all_bytes, all_tenths) =
                    (all_kept + kept, all_bytes + outcome.bytes, all_tenths + tenths);
            }
            row.push(cell(Duration::from_millis(pull.interval_ms).to_string()));
            rows.push(row);
        }
        if known > 1 {
            let sum = [
                "all that is known".to_owned(),
                String::new(),
                all_kept.to_string(),
                String::new(),
                bytes(all_bytes),
                if all_kept == 0 { "0".to_owned() } else { rate(all_tenths) },
                String::new(),
            ];
            rows.insert(0, sum.map(cell).to_vec());
        }
        let columns = ["Pull", "Answered", "Kept", "Dropped", "Size", "Samples/s", "Every"];
        (!rows.is_empty()).then(|| table("What it pulls", String::new(), &columns, rows))
    }

    /// What brings the same series as another.
    fn collisions(&self) -> Option<TableView> {
        let bringer = |bringer: Bringer| match bringer {
            Bringer::Pull(at) => {
                let pull = self.preview.topology.pulls.get(at)?;
                Some(self.placed(
                    format!("{} ← {}", pull.job, pull.address),
                    pull.target_file,
                    pull.target_span,
                ))
            }
            Bringer::Rule(at) => {
                let (path, line) = words::rule(self.preview, self.node, at)?;
                let range = RangeView { line, column: 1, ..RangeView::default() };
                Some(CellView { path: path.to_owned(), range, ..cell("a recording rule") })
            }
            // Samples of a server hold what it stores anyway, its reports too.
            Bringer::Samples(_) | Bringer::Report(_) => None,
        };
        let shared = self.preview.nodes.get(self.node)?.shared();
        let rows: Vec<_> = shared
            .into_iter()
            .filter_map(|((one, other), count)| {
                Some(vec![bringer(one)?, bringer(other)?, toned(count.to_string(), Tone::Bad)])
            })
            .collect();
        let about =
            "Equal labels from two sources are one series: samples of the two interleave, and those that \
                     come late are dropped as out of order."
                .to_owned();
        let columns = ["Brought by", "And by", "Equal series"];
        (!rows.is_empty()).then(|| table("What collides", about, &columns, rows))
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
