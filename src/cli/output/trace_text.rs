//! Traces for people.

use std::io::{self, Write};

use promtier::federation::trace::{Fate, Gate, Hop, Passage, Trace, words};
use promtier::relabel::changes;

use super::table::{self, Cell, Look, paint};
use super::trace::Traced;
use crate::terminal::one_line;

/// Prints every trace.
pub(crate) fn write(out: &mut impl Write, traced: &Traced<'_>, color: bool) -> io::Result<()> {
    for (number, trace) in traced.traces.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        one(out, traced, trace, color)?;
    }
    Ok(())
}

fn one(out: &mut impl Write, traced: &Traced<'_>, trace: &Trace, color: bool) -> io::Result<()> {
    let labels = traced.preview.nodes[trace.chosen.node].store().label_set(trace.chosen.row);
    let title = one_line(&labels.to_string());
    let node = one_line(traced.node(trace.chosen.node));
    writeln!(out, "{}  in {node}", paint(&title, Look::Strong, color))?;
    for (stop, origin) in &trace.first {
        let words =
            format!("first stored in {}: {}", traced.node(stop.node), traced.origin(stop.node, *origin));
        writeln!(out, "  {}", one_line(&words))?;
    }
    for hop in trace.down.iter().rev().chain(&trace.up) {
        self::hop(out, traced, hop, color)?;
    }
    if trace.up.is_empty() {
        let known = if words::asks_strangers(traced.preview) { "is known to pull" } else { "pulls" };
        writeln!(out, "\n  no server {known} from {node}")?;
    }
    if trace.cut_off {
        writeln!(out, "\n  there are more hops than are told")?;
    }
    if !trace.arrives() {
        let is_open = trace.up.iter().any(|hop| hop.fate == Fate::Unknown)
            || (trace.up.is_empty() && words::asks_strangers(traced.preview));
        let words = if is_open { "whether it arrives anywhere is not known" } else { "it arrives nowhere" };
        writeln!(out, "\n  {}", paint(words, Look::Bad, color))?;
    }
    Ok(())
}

fn hop(out: &mut impl Write, traced: &Traced<'_>, hop: &Hop, color: bool) -> io::Result<()> {
    let pull = &traced.preview.topology.pulls[hop.pull];
    let title = format!("{} → {}", traced.source(hop), traced.node(pull.node));
    let about = format!("(job {}, target {})", pull.job, pull.address);
    writeln!(
        out,
        "\n  {}  {}",
        paint(&one_line(&title), Look::Strong, color),
        paint(&one_line(&about), Look::Faint, color)
    )?;
    // An empty label is printed as none, so that nothing is to be seen where those are left out.
    for passage in hop.gates.iter().filter(|passage| passage.gate != Gate::Emptied) {
        self::passage(out, traced, passage, color)?;
    }
    match &hop.fate {
        Fate::Stored { stop, labels, shared_with } => {
            writeln!(out, "    stored as {}", one_line(&labels.to_string()))?;
            for other in traced.sharing(hop, stop.node, shared_with) {
                let words = format!("the same labels also come from {other}: samples are mixed");
                writeln!(out, "      {}", paint(&one_line(&words), Look::Bad, color))?;
            }
        }
        Fate::Stopped => writeln!(out, "    {}", paint("not stored", Look::Bad, color))?,
        Fate::Unknown => writeln!(out, "    not known")?,
    }
    Ok(())
}

fn passage(out: &mut impl Write, traced: &Traced<'_>, passage: &Passage, color: bool) -> io::Result<()> {
    let name = match passage.gate {
        Gate::Rule(rule) => format!("{} rule {}", passage.gate.name(), rule + 1),
        _ => passage.gate.name().to_owned(),
    };
    let place = traced.place(passage).map_or_else(String::new, |(path, line, _)| {
        format!("  {}", paint(&format!("({}:{line})", one_line(path)), Look::Faint, color))
    });
    let look = if passage.passed { Look::Plain } else { Look::Bad };
    writeln!(out, "    {}: {}{place}", paint(&name, look, color), one_line(&passage.because))?;
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let rows: Vec<Vec<Cell>> = changes(&passage.before, &passage.after)
        .iter()
        .map(|change| [change.label.clone(), value(&change.before), "→".to_owned(), value(&change.after)])
        .map(|row| row.map(Cell::text).to_vec())
        .collect();
    table::write(out, "      ", &rows, color)?;
    if let Some(remedy) = &passage.remedy {
        writeln!(out, "      to let it through: {}", one_line(remedy))?;
    }
    Ok(())
}
