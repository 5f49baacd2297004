//! `promtier targets`: what each server scrapes, and how its targets get their labels.

use std::io::Write as _;

use promtier::diagnostic::Severity;

use crate::args::{PreviewFormat, Targets};
use crate::failure::{Failure, Outcome};
use crate::output::targets::{self, Shown};
use crate::output::{Finding, Sources, Tally, targets_json, targets_text};
use crate::terminal::{Terminal, say, stdout};
use crate::workspace::{self, Opened};

/// Lists the targets.
pub(crate) fn run(arguments: &Targets, terminal: Terminal) -> Result<Outcome, Failure> {
    let folder = Opened::folder_or_complaint(&arguments.workspace)?;
    let opened = Opened::folder(&folder, arguments.version.prometheus)?.whole()?;
    let chosen = workspace::chosen(&opened.workspace, arguments.node.as_deref())?;
    let shown = Shown { node: chosen, job: arguments.job.as_deref(), address: arguments.explain.as_deref() };
    let jobs = targets::jobs(&opened.workspace, shown);
    if let Some(job) = arguments.job.as_ref().filter(|_| jobs.is_empty()) {
        let whose = arguments.node.as_ref().map_or(String::new(), |node| format!(" in the server `{node}`"));
        return Err(Failure::unusable(
            format!("there is no job `{job}`{whose}"),
            "`promtier targets` without --job lists all that are read",
        ));
    }
    if let Some(address) = &arguments.explain
        && jobs.iter().all(|job| job.shown().next().is_none())
    {
        return Err(Failure::unusable(
            format!("there is no target `{address}`"),
            "it is the address as it is listed, or what relabelling makes of it; `promtier targets` without --explain lists all",
        ));
    }

    let mut sources = Sources::default();
    let mut findings = opened.findings(None, &mut sources);
    findings.retain(|Finding { diagnostic, .. }| diagnostic.severity > Severity::Info);
    terminal.report(&sources, &findings);
    let tally = Tally::of(&findings);
    if tally != Tally::default() {
        say(&format!("{tally}\n"));
    }
    let mut out = stdout();
    match arguments.format {
        PreviewFormat::Text if arguments.explain.is_some() => {
            targets_text::explain(&mut out, &opened.workspace, &sources, &jobs, terminal.color_out)?;
        }
        PreviewFormat::Text => {
            targets_text::write(&mut out, &opened.workspace, shown, &jobs, terminal.color_out)?;
        }
        PreviewFormat::Json => targets_json::write(&mut out, &opened.workspace, &sources, shown, &jobs)?,
    }
    out.flush()?;
    Ok(Outcome::findings_if(tally.errors > 0))
}
