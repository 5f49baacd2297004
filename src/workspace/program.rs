//! Which program runs with a configuration, where it is no Prometheus server.

use crate::diagnostic::{Code, Diagnostic};
use crate::prometheus::{Config, refused_in_agent_mode};
use crate::text::Span;

const UNSUPPORTED: Code = Code::new("config/unsupported-by-receiver");

/// A program that scrapes by a configuration of Prometheus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Program {
    /// A Prometheus server.
    #[default]
    Prometheus,
    /// Prometheus in agent mode (`--agent`), which scrapes and sends, and stores nothing that could be asked for.
    Agent,
    /// An OpenTelemetry Collector with the Prometheus receiver, whose `config` the configuration is.
    Collector,
}

impl Program {
    /// The names by which a manifest calls them.
    pub const NAMES: [&str; 3] = ["prometheus", "prometheus-agent", "opentelemetry-collector"];

    /// The program that a manifest calls `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let programs = [Self::Prometheus, Self::Agent, Self::Collector];
        Self::NAMES.into_iter().zip(programs).find(|(have, _)| *have == name).map(|(_, program)| program)
    }

    /// What a manifest calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prometheus => "prometheus",
            Self::Agent => "prometheus-agent",
            Self::Collector => "opentelemetry-collector",
        }
    }

    /// What it refuses of a configuration that a server would take: `config/config.go`, `LoadFile`, and the
    /// receiver's `config.go`, `Validate`.
    pub(super) fn refuses(self, config: &Config) -> Vec<Diagnostic> {
        match self {
            Self::Prometheus => Vec::new(),
            Self::Agent => refused_in_agent_mode(config),
            Self::Collector => unsupported_by_receiver(config),
        }
    }
}

fn unsupported_by_receiver(config: &Config) -> Vec<Diagnostic> {
    let features: [(&str, Option<Span>); 5] = [
        ("alert_config.alertmanagers", config.alertmanagers.first().map(|group| group.span)),
        ("alert_config.relabel_configs", config.alert_relabel_configs.first().map(|rule| rule.span)),
        ("remote_read", config.remote_read.first().map(|endpoint| endpoint.span)),
        ("remote_write", config.remote_write.first().map(|endpoint| endpoint.span)),
        ("rule_files", config.rule_files.first().map(|file| file.span)),
    ];
    let refuse = |(feature, span): (&str, Option<Span>)| {
        let diagnostic = Diagnostic::error(UNSUPPORTED, span?, format!("unsupported features: {feature}"));
        Some(diagnostic.because("the Prometheus receiver of the OpenTelemetry Collector scrapes and no more; the Collector does not start with this").help("remove it: what is done with the series is the business of the Collector's own processors and exporters"))
    };
    features.into_iter().filter_map(refuse).collect()
}
