//! The `promtier` command: arguments, files and output. All that is known about Prometheus is the library's.

mod args;
mod codes;
mod commands;
mod failure;
mod files;
mod output;
mod terminal;
mod workspace;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use args::{Arguments, Command};
use failure::{Failure, Outcome};
use terminal::Terminal;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // A closed pipe behind `--help` is no reason to complain.
            let _ = error.print();
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return ExitCode::from(if asked { 0 } else { Failure::EXIT });
        }
    };
    let terminal = Terminal::new(arguments.color);
    let outcome = match arguments.command {
        Command::Match(command) => commands::matching::run(&command, terminal),
        Command::Preview(command) => commands::preview::run(&command, terminal),
        Command::Trace(command) => commands::trace::run(&command, terminal),
        Command::Targets(command) => commands::targets::run(&command, terminal),
        Command::Check(command) => commands::check::run(&command, terminal),
        Command::Explain(command) => commands::explain::run(&command),
        Command::Completions(command) => commands::completions::run(&command),
    };
    match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(Outcome::FINDINGS_EXIT),
        Err(failure) => {
            terminal.fail(&failure);
            ExitCode::from(Failure::EXIT)
        }
    }
}
