//! The selectors of a configuration's federation jobs. Prometheus starts with broken ones; the server that
//! is asked then refuses the whole request.

use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::prometheus::ScrapeConfig;
use crate::selector::{self, Selector};
use crate::text::{TextEdit, apply_edits};
use crate::version::Version;
use crate::yaml::Spanned;

/// The path on which a server answers federation.
pub const FEDERATE: &str = "/federate";
/// The parameter that holds selectors.
pub const MATCH: &str = "match[]";

/// A selector is written as it would stand in a URL.
const ENCODED: Code = Code::new("federation/encoded-selector");

/// What is wrong with the selectors of the federation jobs among `jobs`, at their places in the file.
pub(super) fn check(jobs: &[ScrapeConfig], version: Version) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for job in jobs.iter().filter(|job| federates(job)) {
        let values =
            job.params.iter().filter(|param| param.name.value == MATCH).flat_map(|param| &param.values);
        for value in values {
            if let Some(diagnostic) = encoded(value, version) {
                found.push(diagnostic);
                continue;
            }
            for diagnostic in selector::parse(&value.value, version).diagnostics {
                let fixes: Vec<Fix> = diagnostic.fixes.iter().filter_map(|fix| in_file(value, fix)).collect();
                let mut diagnostic = fixes.into_iter().fold(diagnostic.mapped(&value.map), Diagnostic::fix);
                if diagnostic.because.is_empty() {
                    diagnostic = diagnostic.because(
                        "/federate answers 400 Bad Request to all of the job's selectors: nothing is pulled",
                    );
                }
                found.push(diagnostic);
            }
        }
    }
    found
}

/// A text that is no selector, and would be one if it were not percent-encoded.
fn encoded(value: &Spanned<String>, version: Version) -> Option<Diagnostic> {
    let decoded = percent_decoded(&value.value)?;
    let refusal = Selector::parse_strict(&value.value, version).err()?;
    Selector::parse_strict(&decoded, version).ok()?;
    let message =
        format!("`{}` is percent-encoded, and Prometheus encodes it once more: {refusal}", value.value);
    let diagnostic = Diagnostic::error(ENCODED, value.span, message)
        .because("/federate answers 400 Bad Request to all of the job's selectors: nothing is pulled")
        .help(format!("write `{decoded}`"));
    Some(match decoding(value, &decoded) {
        Some(fix) => diagnostic.fix(fix),
        None => diagnostic,
    })
}

/// A text with its percent escapes undone; `None` where it has none of a printable character of ASCII.
#[must_use]
pub fn percent_decoded(text: &str) -> Option<String> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let escape = match after {
            [high, low, ..] if byte == b'%' => digit(*high).zip(digit(*low)),
            _ => None,
        };
        match escape.map(|(high, low)| (high * 16 + low) as u8) {
            Some(value) if (b' '..=b'~').contains(&value) => {
                out.push(value);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8(out).ok().filter(|out| out.len() < text.len())
}

/// The fix that writes a selector without its percent escapes.
#[must_use]
pub fn decoding(value: &Spanned<String>, decoded: &str) -> Option<Fix> {
    let edit = written_anew(value, decoded)?;
    Some(Fix::unsafe_fix(format!("Write `{decoded}`"), vec![edit]))
}

/// The fix of a selector in the file that spells it.
fn in_file(value: &Spanned<String>, fix: &Fix) -> Option<Fix> {
    let (mended, _) = apply_edits(&value.value, &fix.edits).ok()?;
    Some(Fix { edits: vec![written_anew(value, &mended)?], ..fix.clone() })
}

/// The edit that writes another selector in the place of one. Other than on one line, and in quotes or without,
/// none is written anew.
fn written_anew(value: &Spanned<String>, text: &str) -> Option<TextEdit> {
    let around = (value.span.end - value.span.start).checked_sub(value.value.len() as u32)?;
    let is_plain = text.bytes().all(|byte| byte != b'\'' && byte >= b' ');
    (matches!(around, 0 | 2) && is_plain).then(|| TextEdit { span: value.span, text: format!("'{text}'") })
}

fn federates(job: &ScrapeConfig) -> bool {
    job.metrics_path.as_ref().is_some_and(|path| path.value.ends_with(FEDERATE))
}
