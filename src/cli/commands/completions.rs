//! `promtier completions SHELL`.

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::{Arguments, Completions};
use crate::codes;
use crate::failure::{Failure, Outcome};
use crate::terminal::stdout;

/// Prints the script.
pub(crate) fn run(arguments: &Completions) -> Result<Outcome, Failure> {
    let script = script(arguments.shell)?;
    let mut out = stdout();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Outcome::Clean)
}

fn script(shell: Shell) -> std::io::Result<Vec<u8>> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "promtier", &mut script);
    if shell == Shell::Fish {
        // What is generated for fish offers options alone.
        for explained in codes::all() {
            writeln!(
                script,
                "complete -c promtier -n \"__fish_promtier_using_subcommand explain\" -f -a \"{}\" -d '{}'",
                explained.code,
                explained.title.replace('\\', "\\\\").replace('\'', "\\'")
            )?;
        }
    }
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_offer_the_codes() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = script(shell).expect("a script");
            let script = String::from_utf8(script).expect("a script is text");
            assert!(script.contains("federation/colliding-series"), "{shell}");
            assert!(script.contains("explain"), "{shell}");
        }
    }
}
