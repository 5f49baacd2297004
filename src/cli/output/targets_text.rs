//! Targets for people: a table of all, or the way of one through relabelling.

use std::io::{self, Write};

use promtier::prometheus::{ScrapeTarget, TargetFate, TargetOutcome};
use promtier::relabel::{Change, Verdict};
use promtier::workspace::Workspace;

use super::table::{self, Cell, Look, paint};
use super::targets::{JobTargets, Shown};
use super::{Sources, counted};
use crate::terminal::one_line;

/// Prints the targets of all nodes that are shown.
pub(crate) fn write(
    out: &mut impl Write,
    workspace: &Workspace,
    shown: Shown<'_>,
    jobs: &[JobTargets<'_>],
    color: bool,
) -> io::Result<()> {
    for (number, at) in shown.nodes(workspace).enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        let node = &workspace.nodes[at];
        let own = || jobs.iter().filter(move |job| job.node == at);
        let scraped =
            own().flat_map(|job| &job.outcomes).filter(|outcome| outcome.scraped().is_some()).count();
        let about =
            format!("({}, Prometheus {})", one_line(&workspace.file(node.config_file).path), node.release());
        writeln!(
            out,
            "{}: scrapes {}  {}",
            paint(&one_line(&node.name), Look::Strong, color),
            paint(&counted(scraped, "target"), Look::Strong, color),
            paint(&about, Look::Faint, color)
        )?;
        if node.config.is_none() {
            let words = "Prometheus refuses this configuration, so nothing is scraped: see the errors";
            writeln!(out, "  {}", paint(words, Look::Bad, color))?;
        }
        for job in own() {
            for unknown in &job.job.unknown {
                let words = unknown.words(job.effective.job_name);
                writeln!(out, "  {}", one_line(&format!("not known: {words}")))?;
            }
        }
        let mut rows = vec![
            ["JOB", "TARGET", "LISTED IN", "BECOMES"]
                .into_iter()
                .map(|head| Cell::text(head).look(Look::Faint))
                .collect::<Vec<Cell>>(),
        ];
        for job in own() {
            rows.extend(job.shown().map(|at| row(job, at)));
        }
        if rows.len() > 1 {
            writeln!(out)?;
            table::write(out, "  ", &rows, color)?;
        }
    }
    Ok(())
}

fn row(job: &JobTargets<'_>, at: usize) -> Vec<Cell> {
    let outcome = &job.outcomes[at];
    let becomes = match &outcome.fate {
        TargetFate::Scraped(target) => Cell::text(scraped(target)),
        TargetFate::Dropped { rule } => {
            Cell::text(format!("dropped by rule {} of relabel_configs", rule + 1)).look(Look::Faint)
        }
        TargetFate::Refused { error } => Cell::text(format!("not taken: {error}")).look(Look::Bad),
        TargetFate::Merged { .. } => Cell::text("the same as one above").look(Look::Faint),
    };
    let source = job.source(outcome);
    let listed = if source.contains(':') { source.to_owned() } else { format!("static_configs:{source}") };
    vec![
        Cell::text(job.effective.job_name),
        Cell::text(outcome.discovered.value("__address__")),
        Cell::text(listed),
        becomes,
    ]
}

fn scraped(target: &ScrapeTarget) -> String {
    format!("{} {}", target.url(), target.labels)
}

/// Prints how each of the targets that are shown gets its labels.
pub(crate) fn explain(
    out: &mut impl Write,
    workspace: &Workspace,
    sources: &Sources<'_>,
    jobs: &[JobTargets<'_>],
    color: bool,
) -> io::Result<()> {
    let shown = jobs.iter().flat_map(|job| job.shown().map(move |at| (job, &job.outcomes[at])));
    for (number, (job, outcome)) in shown.enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        Explained { job, outcome, color }.write(out, workspace, sources)?;
    }
    Ok(())
}

struct Explained<'a, 'w> {
    job: &'a JobTargets<'w>,
    outcome: &'a TargetOutcome,
    color: bool,
}

impl Explained<'_, '_> {
    fn write(&self, out: &mut impl Write, workspace: &Workspace, sources: &Sources<'_>) -> io::Result<()> {
        let Self { job, outcome, color } = *self;
        let Some(explanation) = job.explanation(outcome) else { return Ok(()) };
        let source = sources.get(job.file(outcome));
        let place = source.place(outcome.span.start);
        let address = outcome.discovered.value("__address__");
        let title = format!("{} for job {}", one_line(address), one_line(job.effective.job_name));
        let about = format!(
            "({}:{}:{}, server {})",
            one_line(&source.path),
            place.line,
            place.column,
            one_line(&workspace.nodes[job.node].name)
        );
        writeln!(out, "{}  {}\n", paint(&title, Look::Strong, color), paint(&about, Look::Faint, color))?;
        let head = ["LABEL", "VALUE", "FROM"].map(|head| Cell::text(head).look(Look::Faint)).to_vec();
        let found = explanation.discovered.iter();
        let found = found.map(|found| [&*found.name, &found.value, found.from].map(Cell::text).to_vec());
        let rows: Vec<Vec<Cell>> = std::iter::once(head).chain(found).collect();
        table::write(out, "  ", &rows, color)?;
        let rules = &job.effective.source.relabel_configs;
        let configuration = sources.get(job.job.file);
        for step in &explanation.steps {
            let rule = rules.get(step.rule);
            let action = rule.map_or_else(String::new, |rule| rule.config().action().to_string());
            let line = rule.map_or(0, |rule| configuration.place(rule.span.start).line);
            let place = format!("({}:{line})", one_line(&configuration.path));
            writeln!(
                out,
                "\n  rule {}, {action}: {}  {}",
                step.rule + 1,
                one_line(&step.because),
                paint(&place, Look::Faint, color)
            )?;
            if step.verdict == Verdict::Unchanged {
                writeln!(out, "    {}", paint("nothing changes", Look::Faint, color))?;
            }
            self.changes(out, &step.changes)?;
        }
        for done in &explanation.completions {
            writeln!(out, "\n  then: {}", done.because)?;
            self.changes(out, &done.changes)?;
        }
        let (words, look) = match &outcome.fate {
            TargetFate::Scraped(target) => (
                format!(
                    "scraped every {}, for {} at most: {}",
                    target.interval,
                    target.timeout,
                    scraped(target)
                ),
                Look::Strong,
            ),
            TargetFate::Dropped { rule } => (format!("dropped by rule {}", rule + 1), Look::Strong),
            TargetFate::Refused { error } => (format!("not taken: {error}"), Look::Bad),
            TargetFate::Merged { into } => {
                let first = &job.outcomes[*into];
                let source = sources.get(job.file(first));
                let place = source.place(first.span.start);
                let words = format!(
                    "scraped once with the target at {}:{}:{}, which comes to the same: {}",
                    source.path,
                    place.line,
                    place.column,
                    job.scraped(outcome).map_or_else(String::new, scraped)
                );
                (words, Look::Strong)
            }
        };
        writeln!(out, "\n  {}", paint(&one_line(&words), look, color))
    }

    fn changes(&self, out: &mut impl Write, changes: &[Change]) -> io::Result<()> {
        let row = |change: &Change| {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
            vec![
                Cell::text(&change.label),
                Cell::text(value(&change.before)),
                Cell::text("→"),
                Cell::text(value(&change.after)),
            ]
        };
        let rows: Vec<Vec<Cell>> = changes.iter().map(row).collect();
        table::write(out, "    ", &rows, self.color)
    }
}
