//! What is worth saying about a preview: pulls that bring nothing, and what could not be told.

use crate::diagnostic::{Code, Diagnostic};
use crate::text::Span;
use crate::workspace::{Finding, Program};

use super::outcome::Failure;
use super::tiers::Preview;
use super::topology::{Peer, Pull, query_api};

const FAILED_SCRAPE: Code = Code::new("federation/failed-scrape");
const UNKNOWN_TARGET: Code = Code::new("federation/unknown-target");
const REFUSED_TARGET: Code = Code::new("federation/refused-target");
const RULE_NOT_FOLLOWED: Code = Code::new("rules/not-followed");
const FAILING_RULE: Code = Code::new("rules/failing");
const AMBIGUOUS_LABEL: Code = Code::new("federation/ambiguous-external-label");

/// Everything that a preview found, in the files it is about.
#[must_use]
pub fn findings(preview: &Preview) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, (pull, outcome)) in preview.topology.pulls.iter().zip(&preview.pulls).enumerate() {
        let job = &pull.job;
        let diagnostic = match &outcome.failure {
            Some(Failure::Scrape(_)) if outcome.refusal.is_some() && pull.federates => {
                // The selector itself is reported where it is written.
                continue;
            }
            // A rule of its own says which limit it is, where the limit is written.
            Some(_) if pull.federates && outcome.exceeded().is_some() => continue,
            // Rules of the lint say more of these: `federation/route-prefix`, `federation/cycle`,
            // `federation/balanced-target`, `federation/without-storage`.
            Some(Failure::Scrape(_)) if is_off_the_route(pull) => continue,
            Some(Failure::Unknown(_)) if preview.topology.cut.binary_search(&at).is_ok() => continue,
            Some(Failure::Unknown(_)) if matches!(pull.peer, Peer::Balancer(_)) => continue,
            Some(Failure::Unknown(_)) if stores_nothing(preview, pull) => continue,
            // So does another of paths that never answer samples.
            Some(_) if query_api(&pull.path).is_some() => continue,
            Some(Failure::Scrape(words)) => Diagnostic::error(
                FAILED_SCRAPE,
                pull.target_span,
                format!("every scrape of `{}` by job `{job}` fails: {words}", pull.address),
            )
            .because("`up` is 0 and nothing else is stored"),
            Some(Failure::Unknown(words)) if pull.federates => Diagnostic::info(
                UNKNOWN_TARGET,
                pull.target_span,
                words.clone(),
            )
            .because("the preview cannot show what this pull brings")
            .help(format!(
                "add the server's configuration as a file named after its host, or list `{}` under `listen` in promtier.yaml",
                pull.address
            )),
            _ => continue,
        };
        found.push(Finding::new(pull.target_file, diagnostic));
    }
    found.extend(rules(preview));
    for target in &preview.topology.refused {
        let message = format!("job `{}` does not take this target: {}", target.job, target.error);
        found.push(Finding::new(
            target.file,
            Diagnostic::error(REFUSED_TARGET, target.span, message)
                .because("the server says so in its log and goes on without it: nothing is pulled, and there is no `up` to alert on"),
        ));
    }
    for (node, file, ambiguous) in &preview.ambiguous {
        let node = &preview.workspace.nodes[*node];
        let place = node.config.as_ref().and_then(|config| {
            config.global.external_labels.iter().find(|label| label.name.value == ambiguous.name)
        });
        let span = place.map_or(Span::at(0), |label| label.name.span);
        let path = &preview.workspace.file(*file).path;
        let message = format!(
            "{} series in {path} set `{}` themselves; {} more are taken to have it from external_labels",
            ambiguous.own, ambiguous.name, ambiguous.taken
        );
        found.push(Finding::new(
            node.config_file,
            Diagnostic::info(AMBIGUOUS_LABEL, span, message).because(
                "/federate prints a pair of the server's and a pair of the series alike; if one of them is the series' own, selectors on it match and the preview says they do not",
            ),
        ));
    }
    found
}

/// Whether a server is asked for federation on a path on which it does not answer that.
fn is_off_the_route(pull: &Pull) -> bool {
    pull.federates && pull.refused.is_none() && matches!(pull.peer, Peer::NoSuchPath(_))
}

/// Whether who is asked is a program that keeps no series.
fn stores_nothing(preview: &Preview, pull: &Pull) -> bool {
    let Peer::Federate(source) = pull.peer else { return false };
    preview.workspace.nodes.get(source).is_some_and(|node| node.program != Program::Prometheus)
}

/// What to do about a failing rule, by the words of the failure.
fn help_of_failure(words: &str) -> &'static str {
    let begins = |start: &str| words.starts_with(start);
    if begins("exceeded limit") {
        "raise the group's limit, or record fewer series"
    } else if begins("vector ") || begins("many-to-many ") || begins("multiple matches ") {
        "keep the label in which the series differ, or aggregate it away"
    } else {
        "correct the expression"
    }
}

/// Rules that fail at each evaluation, and what of rules is not followed.
fn rules(preview: &Preview) -> Vec<Finding> {
    let mut found = Vec::new();
    for (node, recorded) in preview.workspace.nodes.iter().zip(&preview.recorded) {
        let rules = node.all_rules().zip(&recorded.rules);
        for ((file, _, rule), outcome) in rules.filter(|((_, _, rule), _)| !rule.is_alert()) {
            let Some(expr) = rule.expr.as_ref().filter(|expr| expr.is_valid) else { continue };
            let name = rule.name();
            for reason in &outcome.unknown {
                let message = format!("not every series of `{name}` is known: {}", reason.message);
                let diagnostic = Diagnostic::info(RULE_NOT_FOLLOWED, expr.text.part(reason.span), message)
                    .because("the preview lists neither them nor what upper tiers pull of them");
                found.push(Finding::new(file, diagnostic));
            }
            if let Some(reason) = &outcome.failure {
                let message = format!("`{name}` fails at each evaluation: {}", reason.message);
                let diagnostic = Diagnostic::warning(FAILING_RULE, expr.text.part(reason.span), message)
                    .because("with the series that the server holds the rule records nothing; Prometheus says so in its log, on its page of rules and in prometheus_rule_evaluation_failures_total")
                    .help(help_of_failure(&reason.message));
                found.push(Finding::new(file, diagnostic));
            }
        }
    }
    found
}
