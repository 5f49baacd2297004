//! What each pull of a server brings, and what its selectors select.

use std::collections::BTreeMap;
use std::io::{self, Write};

use promtier::federation::{Dropped, NearMisses, Pull, PullOutcome, Rate, containments, coverage};

use super::{Section, counted_series};
use crate::files::size;
use crate::output::preview::{self, Brought};
use crate::output::table::{self, Cell, Look, paint, thousands};
use crate::terminal::one_line;

impl Section<'_> {
    pub(super) fn pulls(&self, out: &mut impl Write) -> io::Result<()> {
        let mut rows = vec![
            [Cell::text("JOB"), Cell::text("TARGET"), Cell::text("FROM")]
                .into_iter()
                .chain(["EXPOSED", "KEPT", "DROPPED", "SIZE", "SAMPLES/S"].map(Cell::right))
                .map(|cell| cell.look(Look::Faint))
                .collect::<Vec<Cell>>(),
        ];
        for at in preview::pulls(self.preview, self.node).filter(|&at| self.is_shown(at)) {
            let pull = &self.preview.topology.pulls[at];
            let from = preview::source(self.preview, pull)
                .map(Cell::text)
                .or_else(|| preview::via(self.preview, pull).map(|via| Cell::text(format!("balancer {via}"))))
                .or_else(|| preview::application(self.preview, pull).map(Cell::text))
                .unwrap_or_else(|| Cell::text("?").look(Look::Bad));
            let mut row = vec![Cell::text(&pull.job), Cell::text(&pull.address), from];
            match Brought::of(self.preview, at) {
                Some(brought) => row.extend([
                    Cell::number(brought.exposed),
                    Cell::number(brought.kept),
                    Cell::number(brought.dropped()),
                    Cell::right(size(brought.bytes)),
                    Cell::right(
                        Rate::of_pull(pull, &self.preview.pulls[at])
                            .map_or_else(|| "-".to_owned(), |rate| per_second(rate.samples)),
                    ),
                ]),
                None => row.extend(["-"; 5].map(Cell::right)),
            }
            if let Some(error) = preview::error(self.preview, at) {
                row.push(Cell::text(error).look(Look::Bad));
            }
            rows.push(row);
        }
        if rows.len() > 1 {
            writeln!(out)?;
            table::write(out, "  ", &rows, self.color)?;
        }
        let (rate, all) = Rate::of_node(self.preview, self.node);
        if rows.len() > 2 && rate.samples > 0.0 {
            let known = if all { "" } else { ", those that are not known aside" };
            let words = format!(
                "{} samples and {} a second in all{known}",
                per_second(rate.samples),
                size(rate.whole_bytes())
            );
            writeln!(out, "  {}", paint(&words, Look::Faint, self.color))?;
        }
        self.dropped(out)
    }

    /// Which rules drop what the pulls of a job bring.
    pub(super) fn dropped(&self, out: &mut impl Write) -> io::Result<()> {
        let mut sums: BTreeMap<(&str, usize), u64> = BTreeMap::new();
        for at in preview::pulls(self.preview, self.node) {
            let job = self.preview.topology.pulls[at].job.as_str();
            for (rule, series) in preview::dropped_by(&self.preview.pulls[at]) {
                *sums.entry((job, rule)).or_default() += series;
            }
        }
        for ((job, rule), series) in sums {
            let words = format!(
                "{} dropped by rule {} of metric_relabel_configs of {job}",
                counted_series(series as usize),
                rule + 1
            );
            writeln!(out, "  {}", one_line(&words))?;
        }
        let sum = |count: fn(&Dropped) -> u64| -> usize {
            let pulls = preview::pulls(self.preview, self.node);
            pulls.map(|at| count(&self.preview.pulls[at].scraped.dropped) as usize).sum()
        };
        for (series, why) in [
            (sum(|dropped| dropped.unlabelled), "rules leave it no label"),
            (sum(|dropped| dropped.out_of_bounds), "storage takes no timestamp so far from now"),
        ] {
            if series > 0 {
                writeln!(out, "  {} dropped: {why}", counted_series(series))?;
            }
        }
        Ok(())
    }

    /// What each selector of each federation job brings, over all its targets.
    pub(super) fn selectors(&self, out: &mut impl Write) -> io::Result<()> {
        for (job, pulls) in self.federation_jobs() {
            let selectors = &self.preview.topology.pulls[pulls[0]].selectors;
            if selectors.is_empty() {
                let words = one_line(&format!("`{job}` has no match[], so /federate answers nothing"));
                writeln!(out, "\n  {}", paint(&words, Look::Bad, self.color))?;
                continue;
            }
            let answered = |&at: &usize| {
                Brought::of(self.preview, at).is_some() && self.preview.pulls[at].refusal.is_none()
            };
            let known: Vec<usize> = pulls.into_iter().filter(answered).collect();
            let mut rows = vec![
                vec![
                    Cell::right("#"),
                    Cell::right("SELECTS"),
                    Cell::right("ONLY HERE"),
                    Cell::text(format!("match[] of {job}")),
                ]
                .into_iter()
                .map(|cell| cell.look(Look::Faint))
                .collect::<Vec<Cell>>(),
            ];
            for (number, selector) in selectors.iter().enumerate() {
                let sum = |count: fn(&promtier::federation::Selected) -> u32| -> u64 {
                    let of = |&at: &usize| {
                        self.preview.pulls[at]
                            .selected
                            .get(number)
                            .map_or(0, |selected| count(selected).into())
                    };
                    known.iter().map(of).sum()
                };
                let (matched, only) = (sum(|selected| selected.matched), sum(|selected| selected.only));
                let look = if matched == 0 && !known.is_empty() { Look::Bad } else { Look::Plain };
                let mut row = vec![Cell::count(number)];
                if known.is_empty() {
                    row.extend(["-"; 2].map(Cell::right));
                } else {
                    row.extend([Cell::number(matched).look(look), Cell::number(only)]);
                }
                let text = selector.text.trim();
                row.push(match &selector.parsed {
                    Ok(_) => Cell::text(text),
                    Err(error) => Cell::text(format!("{text}  ({error})")).look(Look::Bad),
                });
                rows.push(row);
            }
            writeln!(out)?;
            table::write(out, "  ", &rows, self.color)?;
            self.advice(out, &known)?;
        }
        Ok(())
    }

    /// What comes near to the selectors of a job that select nothing, and which ones others make needless.
    fn advice(&self, out: &mut impl Write, known: &[usize]) -> io::Result<()> {
        let pulls: Vec<(&Pull, &PullOutcome)> =
            known.iter().map(|&at| (&self.preview.topology.pulls[at], &self.preview.pulls[at])).collect();
        let Some((first, _)) = pulls.first() else { return Ok(()) };
        let containments = containments(&pulls);
        for number in 0..first.selectors.len() {
            let of_pulls = || pulls.iter().filter_map(|(_, outcome)| outcome.selected.get(number));
            let empty = of_pulls().all(|selected| selected.matched == 0);
            // What is not listed may well be what is meant.
            let open = known.iter().any(|&at| self.preview.may_bring_more(at, number));
            let near = empty
                .then(|| NearMisses::merged(of_pulls().filter_map(|selected| selected.near.as_deref())))
                .flatten()
                .filter(|near| !open || near.misses.iter().any(|miss| miss.meant.is_some()));
            let within = containments.iter().find(|containment| containment.selector == number);
            let words = match (near, within) {
                (Some(near), _) => format!("#{number}: {near}"),
                (None, Some(within)) if within.equal => {
                    format!("#{number} selects the same as #{}", within.within)
                }
                (None, Some(within)) => format!("all that #{number} selects, #{} selects too", within.within),
                (None, None) => continue,
            };
            writeln!(out, "  {}", one_line(&words))?;
        }
        Ok(())
    }

    /// Which selectors select which series, pull by pull.
    pub(super) fn coverage(&self, out: &mut impl Write) -> io::Result<()> {
        for at in preview::pulls(self.preview, self.node) {
            let (pull, outcome) = (&self.preview.topology.pulls[at], &self.preview.pulls[at]);
            let coverage = coverage(outcome);
            if pull.selectors.len() < 2 || coverage.groups.is_empty() {
                continue;
            }
            let title = format!("such as, of {}", pull.address);
            let head = [Cell::right("SERIES"), Cell::text("#"), Cell::text(title)];
            let mut rows = vec![head.map(|cell| cell.look(Look::Faint)).to_vec()];
            for group in coverage.groups {
                let numbers: Vec<String> = group.selectors.iter().map(ToString::to_string).collect();
                rows.push(vec![
                    Cell::number(group.series.into()),
                    Cell::text(numbers.join(" ")),
                    Cell::text(outcome.source.label_set(group.example).to_string()),
                ]);
            }
            if coverage.others > 0 {
                let others = [Cell::number(coverage.others.into()), Cell::text(""), Cell::text("others")];
                rows.push(others.to_vec());
            }
            writeln!(out)?;
            table::write(out, "  ", &rows, self.color)?;
        }
        Ok(())
    }

    /// The federation jobs in their order, each with its pulls.
    fn federation_jobs(&self) -> Vec<(&str, Vec<usize>)> {
        let mut jobs: Vec<(&str, Vec<usize>)> = Vec::new();
        for at in preview::pulls(self.preview, self.node) {
            let pull = &self.preview.topology.pulls[at];
            if !pull.federates {
                continue;
            }
            match jobs.iter_mut().find(|(job, _)| *job == pull.job) {
                Some((_, pulls)) => pulls.push(at),
                None => jobs.push((&pull.job, vec![at])),
            }
        }
        jobs
    }
}

/// A number of samples a second: `0.27`, `1.6`, `1,200`.
#[expect(clippy::cast_sign_loss, reason = "no server scrapes less than nothing")]
fn per_second(rate: f64) -> String {
    match rate {
        0.0 => "0".to_owned(),
        ..1.0 => format!("{rate:.2}"),
        ..100.0 => format!("{rate:.1}"),
        _ => thousands(rate.round() as u64),
    }
}
