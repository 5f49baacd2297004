//! A preview for people: from the leaves up, so that what is asked about most stands last, above the prompt.

mod pulls;

use std::collections::BTreeSet;
use std::io::{self, Write};

use promtier::federation::{
    Bringer, Cause, Collision, Failure, NodeFreshness, NodeStore, Preview, collisions, freshness,
};
use promtier::prometheus::Duration;
use promtier::series::{Row, sample};
use promtier::workspace::Program;

use super::counted;
use super::preview;
use super::series::value;
use super::table::{self, Cell, Look, paint, thousands};
use crate::terminal::one_line;

/// Prints all nodes, or the `chosen` one with its series.
pub(crate) fn write(
    out: &mut impl Write,
    preview: &Preview,
    chosen: Option<usize>,
    color: bool,
) -> io::Result<()> {
    let (fresh, colliding) = (freshness(preview), collisions(preview));
    let section =
        |node: usize| Section { preview, node, color, fresh: fresh.get(node), colliding: &colliding };
    if let Some(node) = chosen {
        let section = section(node);
        section.write(out)?;
        section.coverage(out)?;
        return section.series(out);
    }
    let mut tier = None;
    for node in preview::nodes(preview) {
        let height = preview.topology.tier(node);
        if tier.is_some() {
            writeln!(out)?;
        }
        if tier != Some(height) {
            tier = Some(height);
            let words = if height == 0 { ": federates from nobody" } else { "" };
            writeln!(out, "{}\n", paint(&format!("TIER {height}{words}"), Look::Faint, color))?;
        }
        section(node).write(out)?;
    }
    Ok(())
}

/// What is said of one node.
struct Section<'a> {
    preview: &'a Preview,
    node: usize,
    color: bool,
    fresh: Option<&'a NodeFreshness>,
    colliding: &'a [Collision],
}

/// How many pairs of pulls with equal series are shown of a node.
const MAX_COLLISIONS: usize = 3;

impl Section<'_> {
    fn store(&self) -> &NodeStore {
        &self.preview.nodes[self.node]
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let workspace = &self.preview.workspace;
        let node = &workspace.nodes[self.node];
        let name = paint(&one_line(&node.name), Look::Strong, self.color);
        let about =
            format!("{}, Prometheus {}", one_line(&workspace.file(node.config_file).path), node.release());
        let total = self.store().store().len() as u64;
        writeln!(
            out,
            "{name}: {} series  {}",
            paint(&thousands(total), Look::Strong, self.color),
            paint(&format!("({about})"), Look::Faint, self.color)
        )?;
        if node.config.is_none() {
            let words = "Prometheus refuses this configuration, so nothing is pulled: see the errors";
            writeln!(out, "  {}", paint(words, Look::Bad, self.color))?;
        }
        self.held(out)?;
        self.freshness(out)?;
        self.pulls(out)?;
        self.selectors(out)?;
        self.collisions(out)
    }

    /// What samples brought, and which scrapes nothing is known about.
    fn held(&self, out: &mut impl Write) -> io::Result<()> {
        let workspace = &self.preview.workspace;
        let node = &workspace.nodes[self.node];
        for &file in &node.samples {
            let file = workspace.file(file);
            let count = file.samples.as_ref().map_or(0, |samples| samples.store.len());
            writeln!(out, "  {} from {}", counted_series(count), one_line(&file.path))?;
        }
        let unknown: Vec<usize> = self.unknown_scrapes().collect();
        if !unknown.is_empty() {
            let jobs: BTreeSet<String> =
                unknown.iter().map(|&at| format!("`{}`", self.preview.topology.pulls[at].job)).collect();
            let jobs: Vec<String> = jobs.into_iter().collect();
            let word = if jobs.len() == 1 { "job" } else { "jobs" };
            let targets = counted(unknown.len(), "target");
            let expose = if unknown.len() == 1 { "exposes" } else { "expose" };
            let words = if node.samples.is_empty() {
                format!(
                    "not known: what {targets} of {word} {} {expose}; save what its /federate prints as {}",
                    jobs.join(", "),
                    node.samples_path
                )
            } else {
                format!("scrapes {targets} in {word} {}: what they bring is in the samples", jobs.join(", "))
            };
            writeln!(out, "  {}", one_line(&words))?;
        }
        for (_, job, unknown) in self.preview.topology.unknown.iter().filter(|known| known.0 == self.node) {
            writeln!(out, "  {}", one_line(&format!("not known: {}", unknown.words(job))))?;
        }
        let recorded = self.store().recorded();
        if recorded > 0 {
            writeln!(out, "  {} from its recording rules", counted_series(recorded as usize))?;
        }
        let possible = self.store().possible();
        if possible > 0 {
            let words = "possible, depending on values that rules compute";
            writeln!(out, "  {} only {words}", counted_series(possible as usize))?;
        }
        let rules = &self.preview.recorded[self.node].rules;
        let open = node.all_rules().zip(rules).filter(|(_, outcome)| outcome.is_open);
        let (alerts, others): (Vec<_>, Vec<_>) = open.partition(|((_, _, rule), _)| rule.is_alert());
        for (rules, word, why) in [
            (alerts.len(), "alerting rule", "they last only while alerts are pending or fire"),
            (others.len(), "recording rule", "they depend on more than labels"),
        ] {
            if rules > 0 {
                writeln!(out, "  not listed: series of {}; {why}", counted(rules, word))?;
            }
        }
        let reported = self.store().reported();
        if reported > 0 {
            writeln!(out, "  {} about its scrapes, such as `up`", counted_series(reported as usize))?;
        }
        Ok(())
    }

    /// The scrapes of applications that the workspace says nothing about.
    fn unknown_scrapes(&self) -> impl Iterator<Item = usize> + '_ {
        preview::pulls(self.preview, self.node).filter(|&at| !self.is_shown(at))
    }

    /// Whether a pull has a line of its own.
    fn is_shown(&self, at: usize) -> bool {
        let unknown = matches!(self.preview.pulls[at].failure, Some(Failure::Unknown(_)));
        self.preview.topology.pulls[at].federates || !unknown
    }

    /// Series that several pulls write, or one of them several times.
    fn collisions(&self, out: &mut impl Write) -> io::Result<()> {
        let store = self.store();
        let rows = 0..store.store().len() as Row;
        let shared = rows.filter(|&row| self.pulls_of(row).nth(1).is_some()).count();
        if shared > 0 {
            let words = format!(
                "{} written by more than one source: nothing tells them apart, so their samples interleave or are lost",
                if shared == 1 {
                    "1 series is".to_owned()
                } else {
                    format!("{} series are", thousands(shared as u64))
                }
            );
            writeln!(out, "\n  {}", paint(&words, Look::Bad, self.color))?;
            self.outcomes(out)?;
        }
        Ok(())
    }

    /// What becomes of the samples of each two pulls that bring the same series.
    fn outcomes(&self, out: &mut impl Write) -> io::Result<()> {
        let own: Vec<&Collision> = self.colliding.iter().filter(|it| it.node == self.node).collect();
        for collision in own.iter().take(MAX_COLLISIONS) {
            let [one, other] = collision.pulls.map(|at| &self.preview.topology.pulls[at].address);
            let set = match collision.cause {
                Cause::Replicas(set) => self.preview.workspace.replica_sets.get(set),
                _ => None,
            };
            let set = set.map_or_else(String::new, |set| format!(", replicas of {}", set.name));
            let who = match collision.cause {
                Cause::SameAnswer => format!("several series of {one}"),
                _ => format!("{one} and {other}{set}"),
            };
            let words = format!("{who}: {}", collision.outcome.words());
            writeln!(out, "    {}", one_line(&words))?;
        }
        if own.len() > MAX_COLLISIONS {
            writeln!(out, "    and {} more", counted(own.len() - MAX_COLLISIONS, "pair"))?;
        }
        Ok(())
    }

    /// How old what a server that federates shows may be, and how long it shows what is gone.
    fn freshness(&self, out: &mut impl Write) -> io::Result<()> {
        let Some((fresh, lingers)) = self.fresh.and_then(|fresh| Some((fresh, fresh.lingers_ms?))) else {
            return Ok(());
        };
        let duration = |millis| Duration::from_millis(millis).to_string();
        let step = |step: &promtier::federation::Step| {
            format!("{} by {}", duration(step.interval_ms), step.words(self.preview))
        };
        let steps: Vec<String> = fresh.steps.iter().map(step).collect();
        let more = if fresh.is_at_least { " or more" } else { "" };
        let age = duration(fresh.age_ms);
        let mut words = format!("newest values are up to {age}{more} old: {}", steps.join(" + "));
        if self.preview.workspace.nodes[self.node].program == Program::Prometheus {
            words.push_str("; what is gone is shown for ");
            words.push_str(&duration(lingers));
        }
        let look = if fresh.is_beyond_lookback() { Look::Bad } else { Look::Plain };
        writeln!(out, "  {}", paint(&one_line(&words), look, self.color))
    }

    fn pulls_of(&self, row: Row) -> impl Iterator<Item = usize> + '_ {
        self.store().origins(row).filter_map(|origin| match origin.bringer {
            Bringer::Pull(at) => Some(at),
            _ => None,
        })
    }

    /// Every series with its value and where it comes from.
    fn series(&self, out: &mut impl Write) -> io::Result<()> {
        let rows = self.store().store().sorted_rows();
        if rows.is_empty() {
            return Ok(());
        }
        let head = [Cell::right("VALUE"), Cell::text("FROM"), Cell::text("#"), Cell::text("SERIES")];
        let head: Vec<Cell> = head.into_iter().map(|cell| cell.look(Look::Faint)).collect();
        writeln!(out)?;
        let rows = std::iter::once(head).chain(rows.iter().map(|&row| self.series_row(row)));
        table::write_each(out, "  ", rows, self.color)
    }

    fn series_row(&self, row: Row) -> Vec<Cell> {
        let node = self.store();
        let store = node.store();
        let mut from = Vec::new();
        let mut numbers = BTreeSet::new();
        let mut pulled = 0;
        for origin in node.origins(row) {
            match origin.bringer {
                Bringer::Samples(_) => from.push("samples"),
                Bringer::Report(_) => from.push("report"),
                Bringer::Rule(_) => from.push("rule"),
                Bringer::Pull(at) => {
                    let pull = &self.preview.topology.pulls[at];
                    let source = preview::source(self.preview, pull);
                    from.push(source.or_else(|| preview::application(self.preview, pull)).unwrap_or("?"));
                    numbers.extend(self.preview.pulls[at].selectors_of(origin));
                    pulled += 1;
                }
            }
        }
        let mut from = from.join(" + ");
        if sample::is_possible(store.value(row)) {
            from.push_str(", possibly");
        }
        let look = if pulled > 1 { Look::Bad } else { Look::Plain };
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        vec![
            Cell::right(value(store.value(row)).unwrap_or_else(|| "?".to_owned())),
            Cell::text(from).look(look),
            Cell::text(numbers.join(" ")),
            Cell::text(store.label_set(row).to_string()),
        ]
    }
}

fn counted_series(count: usize) -> String {
    format!("{} series", thousands(count as u64))
}
