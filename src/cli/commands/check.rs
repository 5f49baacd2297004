//! `promtier check`: everything that is wrong in configurations and samples.

use std::io::Write as _;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

use crate::args::{Check, FindingFormat};
use crate::failure::{Failure, Outcome};
use crate::output::{Sources, Tally, concise, counted, full, github, json, sarif};
use crate::terminal::{Terminal, say, stdout};
use crate::workspace::Opened;

/// Checks the files.
pub(crate) fn run(arguments: &Check, terminal: Terminal) -> Result<Outcome, Failure> {
    let version = arguments.version.prometheus;
    let mut folders: Vec<PathBuf> = Vec::new();
    let mut loose = Vec::new();
    for path in &arguments.paths {
        match Opened::folder_of(path) {
            Some(folder) if !folders.contains(&folder) => folders.push(folder),
            Some(_) => {}
            None => loose.push(path.clone()),
        }
    }
    // What is printed does not depend on the order of the arguments.
    folders.sort();
    let mut opened = Vec::new();
    let mut complaints = Vec::new();
    let folders = folders.iter().map(|folder| Opened::folder(folder, version));
    let loose = (!loose.is_empty()).then(|| Opened::files(&loose, version));
    for result in folders.chain(loose) {
        match result {
            Ok(workspace) => opened.push(workspace),
            Err(Failure::Unusable(more)) => complaints.extend(more),
            Err(failure) => return Err(failure),
        }
    }
    complaints.extend(opened.iter().flat_map(|opened| opened.unread().iter().cloned()));
    if opened.is_empty() {
        return Err(Failure::Unusable(complaints));
    }
    // Given back when the process ends, which is at once.
    let opened = ManuallyDrop::new(opened);
    let mut sources = Sources::default();
    let mut findings = Vec::new();
    for workspace in opened.iter() {
        if !workspace.unread().is_empty() {
            // Across the files nothing is certain: what could not be read may say otherwise.
            findings.extend(workspace.findings(None, &mut sources));
            continue;
        }
        let preview = ManuallyDrop::new(workspace.preview()?);
        findings.extend(workspace.findings(Some(&preview), &mut sources));
    }
    let mut out = stdout();
    match arguments.format {
        FindingFormat::Full => full::write(&mut out, &terminal.renderer_out(), &sources, &findings)?,
        FindingFormat::Concise => concise::write(&mut out, &sources, &findings)?,
        FindingFormat::Json => json::write(&mut out, &sources, &findings)?,
        FindingFormat::Sarif => sarif::write(&mut out, &sources, &findings)?,
        FindingFormat::Github => github::write(&mut out, &sources, &findings)?,
    }
    out.flush()?;
    let tally = Tally::of(&findings);
    if matches!(arguments.format, FindingFormat::Full | FindingFormat::Concise) {
        opened.iter().for_each(Opened::say_more);
        let checked = opened.iter().map(Opened::checked).sum();
        say(&format!("{tally} in {}", counted(checked, "file")));
    }
    if !complaints.is_empty() {
        return Err(Failure::Unusable(complaints));
    }
    Ok(Outcome::findings_if(tally.at_least(arguments.fail_on.severity()) > 0))
}
