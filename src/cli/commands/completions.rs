//! `promtier completions SHELL`.

use std::io::Write as _;

use clap::CommandFactory as _;

use crate::args::{Arguments, Completions};
use crate::failure::{Failure, Outcome};
use crate::terminal::stdout;

/// Prints the script.
pub(crate) fn run(arguments: &Completions) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "promtier", &mut script);
    let mut out = stdout();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Outcome::Clean)
}
