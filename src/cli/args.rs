//! The arguments, with their help and examples.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use promtier::diagnostic::Severity;
use promtier::version::Version;

use crate::codes;

const EXAMPLES: &str = "\
Examples:
  promtier check ops/prometheus
      Check every Prometheus configuration in a folder.
  promtier preview ops/prometheus
      See what each server would pull from the others, and what is lost on the way.
  promtier match leaf.prom -s '{job=\"shop\"}' --format count
      Count what one selector would pull from a saved /federate answer.

Exit status:
  0  nothing found at or over --fail-on
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

const PREVIEW_EXAMPLES: &str = "\
Examples:
  promtier preview .
      Which server pulls from which, how many series each pull brings, and what is lost.
  promtier preview . --node global
      The same, and every series that `global` would store, with the pulls it comes from.
  promtier preview . --node global --format json | jq '.nodes[0].series | length'
      For scripts.

A WORKSPACE is a folder. Its Prometheus configurations are the servers, named after their files; a \
target `leaf-1:9090` is the server `leaf-1`; `leaf-1.prom` holds what /federate of `leaf-1` printed. A \
file `promtier.yaml` at the top can say all this otherwise. Hidden folders, `target` and `node_modules` \
are skipped; links to folders are not followed.

Exit status:
  0  Prometheus accepts every configuration, and no scrape fails
  1  it refuses one, a scrape fails or samples are broken: standard error says why
  2  arguments or files that cannot be used";

const TRACE_EXAMPLES: &str = "\
Examples:
  promtier trace . -s 'up{job=\"shop\"}'
      Which servers get these series, with which labels, and what stops them.
  promtier trace . --node global -s 'up{job=\"shop\"}'
      Where what `global` stores comes from.
  promtier trace . --node leaf-1 -s up --format json | jq '.traces[].up[] | select(.outcome == \"stopped\")'
      For scripts.

Exit status:
  0  every series that is selected arrives
  1  one of them arrives nowhere
  2  arguments or files that cannot be used, or nothing is selected";

const TARGETS_EXAMPLES: &str = "\
Examples:
  promtier targets .
      Every target that service discovery hands to a job, and what becomes of it.
  promtier targets . --node global --job shop --explain shop-1:8080
      How one of them gets its labels, or is dropped: rule by rule.
  promtier targets . --format json | jq '.nodes[].targets[] | select(.state == \"dropped\")'
      For scripts.

Targets come from static_configs, from the files that file_sd_configs name and from what promtier.yaml \
names under `discovery`: answers of http_sd_configs, and lists for all other service discoveries. What the \
folder does not hold is said to be missing.

Exit status:
  0  Prometheus accepts every configuration and every list of targets
  1  it refuses one: standard error says why
  2  arguments or files that cannot be used";

const CHECK_EXAMPLES: &str = "\
Examples:
  promtier check .
      Check all Prometheus configurations and samples in a folder, together.
  promtier check leaf.yml global.yml --prometheus 2.42
      Check two files as that version of Prometheus reads them.
  promtier check . --format github --fail-on warning
      In a GitHub workflow: annotate the change, and fail on warnings too.
  promtier check . --format sarif > promtier.sarif
      For services that gather what checks find.
  promtier check . --format json | jq -r '.findings[] | \"\\(.path):\\(.line) \\(.code)\"'
      For scripts.

Exit status:
  0  nothing found at or over --fail-on
  1  findings
  2  arguments or files that cannot be used";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  promtier explain
      List all codes.
  promtier explain federation/colliding-series
      What it finds, why it matters, what to do.

Exit status:
  0  explained
  2  there is no such code";

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
#[command(arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,

    /// When to use colour; `auto`: on a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", display_order = 100)]
    pub(crate) color: Color,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print what /federate would answer to selectors
    Match(Match),
    /// Show what each server would pull from the others
    Preview(Preview),
    /// Follow series from server to server, and show what stops them
    Trace(Trace),
    /// Show what each server scrapes, and how its targets get their labels
    Targets(Targets),
    /// Report what is wrong in configurations and samples
    Check(Check),
    /// Say what a code of a finding means
    Explain(Explain),
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

/// `promtier preview`.
#[derive(Debug, Args)]
#[command(after_help = PREVIEW_EXAMPLES)]
pub(crate) struct Preview {
    /// The folder that holds the configurations and samples, or its promtier.yaml
    #[arg(value_name = "WORKSPACE")]
    pub(crate) workspace: PathBuf,

    /// Only this server, with every series that it would store
    #[arg(long, value_name = "NODE")]
    pub(crate) node: Option<String>,

    #[command(flatten)]
    pub(crate) version: WorkspaceVersion,

    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: PreviewFormat,
}

/// `promtier trace`.
#[derive(Debug, Args)]
#[command(after_help = TRACE_EXAMPLES)]
pub(crate) struct Trace {
    /// The folder that holds the configurations and samples, or its promtier.yaml
    #[arg(value_name = "WORKSPACE")]
    pub(crate) workspace: PathBuf,

    /// The series, by a selector as in match[]; it may select 20
    #[arg(short, long, value_name = "SEL")]
    pub(crate) selector: String,

    /// The server that stores the series; without it, every server that does not have them from another
    #[arg(long, value_name = "NODE")]
    pub(crate) node: Option<String>,

    #[command(flatten)]
    pub(crate) version: WorkspaceVersion,

    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: PreviewFormat,
}

/// `promtier targets`.
#[derive(Debug, Args)]
#[command(after_help = TARGETS_EXAMPLES)]
pub(crate) struct Targets {
    /// The folder that holds the configurations and target files, or its promtier.yaml
    #[arg(value_name = "WORKSPACE")]
    pub(crate) workspace: PathBuf,

    /// Only this server
    #[arg(long, value_name = "NODE")]
    pub(crate) node: Option<String>,

    /// Only this job
    #[arg(long, value_name = "JOB")]
    pub(crate) job: Option<String>,

    /// Only the targets with this address, before or after relabelling, each step by step
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) explain: Option<String>,

    #[command(flatten)]
    pub(crate) version: WorkspaceVersion,

    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: PreviewFormat,
}

/// `promtier check`.
#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub(crate) struct Check {
    /// Folders, which are read whole, or files; `-` is a configuration on standard input
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) version: WorkspaceVersion,

    /// How to print the findings
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    pub(crate) format: FindingFormat,

    /// The least severity that makes the exit status 1
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    pub(crate) fail_on: FailOn,
}

/// `promtier explain`.
#[derive(Debug, Args)]
#[command(after_help = EXPLAIN_EXAMPLES)]
pub(crate) struct Explain {
    /// Codes, as findings show them; without any, all are listed
    #[arg(value_name = "CODE", value_parser = CodeParser, hide_possible_values = true)]
    pub(crate) codes: Vec<String>,
}

/// Takes any text, so that a misspelt code gets an answer of ours, and offers all codes to shells.
#[derive(Clone, Debug)]
struct CodeParser;

impl TypedValueParser for CodeParser {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(codes::all().map(|explained| PossibleValue::new(explained.code).help(explained.title))))
    }
}

/// `promtier completions`.
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// `--prometheus` of one server.
#[derive(Debug, Args)]
pub(crate) struct PrometheusVersion {
    /// The Prometheus whose behaviour is meant, from 2.42 to 3.14 [default: the newest]
    #[arg(long, value_name = "VERSION")]
    pub(crate) prometheus: Option<Version>,
}

/// `--prometheus` of a workspace.
#[derive(Debug, Args)]
pub(crate) struct WorkspaceVersion {
    /// The Prometheus that all servers are taken to run, from 2.42 to 3.14 [default: what promtier.yaml says,
    /// or the newest]
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

/// How `preview`, `trace` and `targets` print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PreviewFormat {
    /// Tables for people
    Text,
    /// One JSON document
    Json,
}

/// How `check` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingFormat {
    /// With the lines of the source, the reason and what to do
    Full,
    /// One line each: path:line:column: severity[code] message
    Concise,
    /// One JSON document, with the edits that would mend each finding
    Json,
    /// Annotations of a GitHub workflow
    Github,
    /// A SARIF 2.1.0 log, for code scanning
    Sarif,
}

/// `--fail-on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Prometheus refuses it, or it can only do harm
    Error,
    /// It starts, and then loses or doubles data or risks an outage
    Warning,
    /// Worth knowing
    Info,
}

impl FailOn {
    /// The severity of that name.
    pub(crate) fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Info => Severity::Info,
        }
    }
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
