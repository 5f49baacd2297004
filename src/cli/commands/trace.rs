//! `promtier trace`: one series through the tiers, gate by gate.

use std::io::Write as _;

use promtier::federation::trace::{Stop, Trace, trace};
use promtier::federation::{Bringer, NearMisses, Peer, Preview, near_misses};
use promtier::selector::Selector;
use promtier::series::MatchCache;

use crate::args::{self, PreviewFormat};
use crate::failure::{Failure, Outcome};
use crate::output::trace::Traced;
use crate::output::{Sources, trace_json, trace_text};
use crate::terminal::{Terminal, stdout};
use crate::workspace::{self, Opened};

/// The most series that one call traces.
const MAX_SERIES: usize = 20;

/// Traces what the selector selects.
pub(crate) fn run(arguments: &args::Trace, terminal: Terminal) -> Result<Outcome, Failure> {
    let folder = Opened::folder_or_complaint(&arguments.workspace)?;
    let opened = Opened::folder(&folder, arguments.version.prometheus)?.whole()?;
    opened.configured(&folder)?;
    let node = workspace::chosen(&opened.workspace, arguments.node.as_deref())?;
    let preview = opened.preview()?;
    let traces = traces(&preview, node, arguments)?;
    let mut sources = Sources::default();
    // The findings are for `check`; what is wanted of them are the texts that gates point into.
    let _ = opened.findings(None, &mut sources);
    let traced = Traced { preview: &preview, sources: &sources, traces: &traces };
    let mut out = stdout();
    match arguments.format {
        PreviewFormat::Text => trace_text::write(&mut out, &traced, terminal.color_out)?,
        PreviewFormat::Json => trace_json::write(&mut out, &traced)?,
    }
    out.flush()?;
    Ok(Outcome::findings_if(!traces.iter().all(Trace::arrives)))
}

fn traces(preview: &Preview, node: Option<usize>, arguments: &args::Trace) -> Result<Vec<Trace>, Failure> {
    let text = &arguments.selector;
    let stops = match node {
        Some(node) => selected(preview, node, text)?,
        None => {
            let nodes = 0..preview.nodes.len();
            let stops = nodes.map(|node| selected(preview, node, text)).collect::<Result<Vec<_>, _>>()?;
            stops.into_iter().flatten().filter(|stop| is_first_stored(preview, *stop)).collect()
        }
    };
    if stops.is_empty() {
        let stores = match &arguments.node {
            Some(name) => format!("`{name}` stores no series"),
            None => "no server stores a series".to_owned(),
        };
        let near = near(preview, node, text).map(|near| format!(": {near}")).unwrap_or_default();
        return Err(Failure::unusable(
            format!("{stores} that `{text}` selects{near}"),
            "external labels are not stored, and so cannot be selected; `promtier preview` with --node lists \
             all that a server stores",
        ));
    }
    let count = stops.len();
    if count > MAX_SERIES {
        return Err(Failure::unusable(
            format!("`{text}` selects {count} series, and {MAX_SERIES} are traced at most"),
            "add matchers until it selects those that you mean, or name the server with --node",
        ));
    }
    Ok(stops.into_iter().filter_map(|stop| trace(preview, stop)).collect())
}

/// What comes near to a selector that selects nothing on the node, or else on any.
fn near(preview: &Preview, node: Option<usize>, text: &str) -> Option<NearMisses> {
    let nodes = preview.workspace.nodes.iter().zip(&preview.nodes).enumerate();
    let asked = nodes.filter(|(at, _)| node.is_none_or(|node| node == *at));
    let found: Vec<NearMisses> = asked
        .filter_map(|(_, (node, stored))| {
            let matchers = Selector::parse_strict(text, node.version).ok()?.compiled()?;
            let mut cache = MatchCache::default();
            near_misses(stored.store(), &matchers, &node.external_labels(), &mut cache)
        })
        .collect();
    NearMisses::merged(&found)
}

/// The series of a node that a selector selects, in the order of their labels.
fn selected(preview: &Preview, node: usize, text: &str) -> Result<Vec<Stop>, Failure> {
    let selector = Selector::parse_strict(text, preview.workspace.nodes[node].version);
    let matchers = selector.map(|selector| selector.compiled().unwrap_or_default()).map_err(|error| {
        Failure::unusable(
            format!("`{text}` is not a selector: {error}"),
            "write one as in match[], such as 'up{job=\"shop\"}'",
        )
    })?;
    let store = preview.nodes[node].store();
    let rows = store.select(&matchers).map_err(|error| {
        Failure::unusable(format!("`{text}` cannot be evaluated: {error}"), "simplify it")
    })?;
    Ok(store.sorted(&rows).into_iter().map(|row| Stop { node, row }).collect())
}

/// Whether a series has come to its node on another way than from another node.
fn is_first_stored(preview: &Preview, stop: Stop) -> bool {
    preview.nodes[stop.node].origins(stop.row).any(|origin| match origin.bringer {
        Bringer::Pull(pull) => !matches!(preview.topology.pulls[pull].peer, Peer::Federate(_)),
        _ => true,
    })
}
