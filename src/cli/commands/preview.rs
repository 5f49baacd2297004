//! `promtier preview`: what each server would store, and where it comes from.

use std::io::Write as _;

use promtier::diagnostic::Severity;

use crate::args::{Preview, PreviewFormat};
use crate::failure::{Failure, Outcome};
use crate::output::{Finding, Sources, Tally, preview_json, preview_text};
use crate::terminal::{Terminal, ambiguous, say, stdout};
use crate::workspace::{self, Opened};

/// Previews the workspace.
pub(crate) fn run(arguments: &Preview, terminal: Terminal) -> Result<Outcome, Failure> {
    let folder = Opened::folder_or_complaint(&arguments.workspace)?;
    let opened = Opened::folder(&folder, arguments.version.prometheus)?.whole()?;
    opened.configured(&folder)?;
    let workspace = &opened.workspace;
    let chosen = workspace::chosen(workspace, arguments.node.as_deref())?;

    let computed = opened.preview()?;
    let mut sources = Sources::default();
    let mut findings = opened.findings(Some(&computed), &mut sources);
    // What is merely worth knowing is for `check`, but for what may make the answer another one.
    findings.retain(|Finding { diagnostic, .. }| diagnostic.severity > Severity::Info);
    for (_, file, label) in &computed.ambiguous {
        ambiguous(Some(&opened.path(*file)), label);
    }
    terminal.report(&sources, &findings);
    let tally = Tally::of(&findings);
    if tally != Tally::default() {
        say(&format!("{tally}\n"));
    }
    let mut out = stdout();
    match arguments.format {
        PreviewFormat::Text => preview_text::write(&mut out, &computed, chosen, terminal.color_out)?,
        PreviewFormat::Json => preview_json::write(&mut out, &computed, chosen)?,
    }
    out.flush()?;
    Ok(Outcome::findings_if(tally.errors > 0))
}
