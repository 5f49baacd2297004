//! `ScrapeConfig.UnmarshalYAML` and `AlertmanagerConfig.UnmarshalYAML` of `config/config.go`.

use crate::diagnostic::Diagnostic;
use crate::text::quote;
use crate::yaml::Spanned;

use super::super::codes;
use super::super::value::{Fields, Findings, Value};
use super::http_client::{conflict, http_client};

/// An item of `scrape_configs`.
pub(in crate::prometheus) fn scrape_config(fields: &Fields, found: &mut Findings<'_>) {
    if fields.lacks("job_name", found.version) {
        found.report(
            Diagnostic::error(codes::EMPTY_JOB_NAME, fields.at("job_name"), "job_name is empty")
                .because("The name becomes the `job` label of everything that is scraped.")
                .help("Give the job a `job_name` of its own."),
        );
    }
    http_client(fields, found);
    static_targets(fields, found);
}

/// An item of `alertmanagers`.
pub(in crate::prometheus) fn alertmanager_config(fields: &Fields, found: &mut Findings<'_>) {
    http_client(fields, found);
    let other = ["basic_auth", "authorization", "oauth2"].into_iter().find(|key| fields.has(key));
    // A bearer token has become an authorization by then.
    let other =
        other.or_else(|| ["bearer_token", "bearer_token_file"].into_iter().find(|key| fields.has_text(key)));
    if let Some(other) = other
        && fields.has("sigv4")
    {
        let message = "at most one of basic_auth, authorization, oauth2, & sigv4 must be configured";
        conflict(fields, other, "sigv4", message, found);
    }
    static_targets(fields, found);
}

/// `checkStaticTargets`: Prometheus looks at targets here only when no rule could still mend them.
fn static_targets(fields: &Fields, found: &mut Findings<'_>) {
    if !fields.items("relabel_configs").is_empty() || fields.is_broken("relabel_configs") {
        return;
    }
    for group in fields.items("static_configs") {
        let Value::Section(group) = group else { continue };
        for target in group.items("targets") {
            if let Value::Text(target) = target
                && target.value.contains('/')
            {
                found.report(target_with_slash(target));
            }
        }
    }
}

fn target_with_slash(target: &Spanned<String>) -> Diagnostic {
    let message = format!("{} is not a valid hostname", quote(&target.value));
    let diagnostic = Diagnostic::error(codes::TARGET_ADDRESS, target.span, message)
        .because("A target is a host and a port; how it is asked stands in `scheme` and `metrics_path`.");
    let bare = target.value.split_once("://").map_or(target.value.as_str(), |(_, after)| after);
    let host = bare.split('/').next().unwrap_or("");
    if host.is_empty() {
        diagnostic
    } else {
        diagnostic.help(format!("Write `{host}`, and put the rest into `scheme` and `metrics_path`."))
    }
}
