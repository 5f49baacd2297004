//! What to do about an expression that is refused.

use super::functions::functions;
use crate::diagnostic::{Diagnostic, Fix};
use crate::selector::token::{Kind, Token};
use crate::text::TextEdit;
use crate::version::Version;
use crate::yaml::closest;

/// Help with a word that does not belong where it stands.
pub(super) fn advise(diagnostic: Diagnostic, token: &Token, text: &[u8]) -> Diagnostic {
    match token.kind {
        Kind::Equal => {
            let fix = Fix::safe("Compare with `==`", vec![TextEdit::replace(token.span, "==")]);
            diagnostic.help("values are compared with `==`").fix(fix)
        }
        Kind::Keyword
            if text.eq_ignore_ascii_case(b"group_left") || text.eq_ignore_ascii_case(b"group_right") =>
        {
            diagnostic.help("write `on (…)` or `ignoring (…)` before it")
        }
        Kind::Keyword if text.eq_ignore_ascii_case(b"bool") => {
            diagnostic.help("`bool` stands directly behind the operator")
        }
        Kind::End => diagnostic.help("the expression is not complete"),
        _ => diagnostic,
    }
}

/// Help with a function that there is not, or not without its feature flag.
pub(super) fn advise_function(
    diagnostic: Diagnostic,
    name: &[u8],
    exists: bool,
    version: Version,
) -> Diagnostic {
    if exists {
        return diagnostic.help("start Prometheus with `--enable-feature=promql-experimental-functions`");
    }
    let Ok(name) = std::str::from_utf8(name) else { return diagnostic };
    let elsewhere = |other: Version| functions(other).any(|function| function.name == name);
    if version.is_v3() && name == "holt_winters" {
        return diagnostic
            .because("since 3.0 it is named `double_exponential_smoothing`, behind a feature flag");
    }
    if elsewhere(Version::NEWEST) {
        return diagnostic.because(format!("a newer Prometheus than {version} has it"));
    }
    match closest(name, functions(version).map(|function| function.name)) {
        Some(nearest) => {
            let fix =
                Fix::safe(format!("Call `{nearest}`"), vec![TextEdit::replace(diagnostic.span, nearest)]);
            diagnostic.help(format!("did you mean `{nearest}`?")).fix(fix)
        }
        None => diagnostic,
    }
}
