//! The arguments, with their help and examples.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use promtier::version::Version;

const EXAMPLES: &str = "\
Examples:
  promtier match leaf.prom -s '{job=\"shop\"}' --format count
      Count what one selector would pull from a saved /federate answer.

Exit status:
  0  nothing found
  1  findings
  2  arguments or files that cannot be used";

const MATCH_EXAMPLES: &str = "\
Examples:
  curl -fsG http://leaf:9090/federate --data-urlencode 'match[]={__name__!=\"\"}' -o leaf.prom
      Save what a server holds.
  promtier match leaf.prom -s '{job=\"shop\"}' -s 'up'
      Print what /federate would answer to these two selectors.
  promtier match leaf.prom -s '{job=\"shop\"}' --external-label region=eu
      The same where the server that wrote leaf.prom has `region: eu` in its external_labels:
      external labels are not matchable, and are put back on each series of the answer.
  curl -fsG … | promtier match - -s '{__name__=~\"job:.*\"}' --format count
      Count without keeping a file.
  promtier match leaf.prom --selectors-file selectors.txt
      Try many selectors, one a line; one JSON object a line is printed for each:
      {\"selector\":…,\"ok\":true,\"count\":…} or {\"selector\":…,\"ok\":false,\"error\":…}.

Exit status:
  0  all selectors are valid, and the samples are sound
  1  a selector is invalid (printed with Prometheus' own message), or lines of SAMPLES are
  2  arguments or files that cannot be used";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  promtier completions bash > ~/.local/share/bash-completion/completions/promtier
  promtier completions zsh > ~/.zfunc/_promtier
  promtier completions fish > ~/.config/fish/completions/promtier.fish";

/// Checks and previews federation of Prometheus servers.
///
/// promtier reads the configuration files of several Prometheus servers together with samples of what they
/// hold, and says which series each would pull from the others, as the real program would. It needs no
/// running server and opens no connection.
#[derive(Debug, Parser)]
#[command(version, about = "Checks and previews federation of Prometheus servers", after_help = EXAMPLES, max_term_width = 100, propagate_version = false)]
#[command(infer_long_args = true, arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,

    /// When to use colour; `auto` is: on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", display_order = 100)]
    pub(crate) color: Color,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print what /federate would answer to selectors
    Match(Match),
    /// Print a completion script for a shell
    Completions(Completions),
}

/// `promtier match`.
#[derive(Debug, Args)]
#[command(after_help = MATCH_EXAMPLES)]
pub(crate) struct Match {
    /// What /federate of one server printed, or `-` for standard input
    #[arg(value_name = "SAMPLES")]
    pub(crate) samples: PathBuf,

    /// A selector, as in match[]; several select what any of them does
    #[arg(short, long = "selector", value_name = "SEL", required_unless_present = "selectors_file")]
    pub(crate) selectors: Vec<String>,

    /// A file with one selector a line: one JSON object a line is printed for each
    #[arg(long, value_name = "FILE", conflicts_with = "selectors")]
    pub(crate) selectors_file: Option<PathBuf>,

    /// An external label of the server that printed SAMPLES, NAME=VALUE
    #[arg(long = "external-label", value_name = "NAME=VALUE", value_parser = external_label)]
    pub(crate) external_labels: Vec<(String, String)>,

    #[command(flatten)]
    pub(crate) version: PrometheusVersion,

    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: MatchFormat,
}

/// `promtier completions`.
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// `--prometheus`.
#[derive(Debug, Args)]
pub(crate) struct PrometheusVersion {
    /// The Prometheus whose behaviour is meant, from 2.42 to 3.14 [default: the newest]
    #[arg(long, value_name = "VERSION")]
    pub(crate) prometheus: Option<Version>,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// How `match` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MatchFormat {
    /// The body that /federate would answer
    Text,
    /// One JSON document
    Json,
    /// The number of series of each selector, and of all together
    Count,
}

fn external_label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE, such as `region=eu`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn external_labels_are_pairs() {
        assert_eq!(external_label("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert_eq!(external_label("a="), Ok(("a".to_owned(), String::new())));
        assert!(external_label("=a").is_err() && external_label("a").is_err());
    }
}
