//! `promtier preview`: what each server would store, and where it comes from.

use std::io::Write as _;

use promtier::diagnostic::Severity;

use crate::args::{Preview, PreviewFormat};
use crate::failure::{Failure, Outcome};
use crate::files;
use crate::output::{Finding, Sources, Tally, preview_json, preview_text};
use crate::terminal::{Terminal, ambiguous, say, stdout};
use crate::workspace::Opened;

/// Previews the workspace.
pub(crate) fn run(arguments: &Preview, terminal: Terminal) -> Result<Outcome, Failure> {
    let Some(folder) = Opened::folder_of(&arguments.workspace) else {
        // Says why, where there is nothing at all.
        let source = files::Source::open(&arguments.workspace)?;
        return Err(Failure::unusable(
            format!("`{}` is a file, and a workspace is a folder", source.name()),
            "name the folder that holds the Prometheus configurations and samples",
        ));
    };
    let opened = Opened::folder(&folder, arguments.version.prometheus)?;
    opened.configured(&folder)?;
    let workspace = &opened.workspace;
    let chosen = match &arguments.node {
        None => None,
        Some(name) => match workspace.nodes.iter().position(|node| node.name == *name) {
            Some(at) => Some(at),
            None => return Err(no_such_node(name, workspace.nodes.iter().map(|node| node.name.as_str()))),
        },
    };

    let computed = opened.preview()?;
    let mut sources = Sources::default();
    let mut findings = opened.findings(&computed, &mut sources);
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

fn no_such_node<'a>(name: &str, nodes: impl Iterator<Item = &'a str>) -> Failure {
    let nodes: Vec<String> = nodes.map(|node| format!("`{node}`")).collect();
    let help = if nodes.is_empty() {
        "the workspace has none".to_owned()
    } else {
        format!("the workspace has {}", nodes.join(", "))
    };
    Failure::unusable(format!("there is no node `{name}`"), help)
}
