//! The selectors of a configuration's federation jobs. Prometheus starts with broken ones; the server that
//! is asked then refuses the whole request.

use crate::diagnostic::Diagnostic;
use crate::prometheus::ScrapeConfig;
use crate::selector;
use crate::version::Version;

/// The path on which a server answers federation.
pub const FEDERATE: &str = "/federate";
/// The parameter that holds selectors.
pub const MATCH: &str = "match[]";

/// What is wrong with the selectors of the federation jobs among `jobs`, at their places in the file.
pub(super) fn check(jobs: &[ScrapeConfig], version: Version) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for job in jobs.iter().filter(|job| federates(job)) {
        let values =
            job.params.iter().filter(|param| param.name.value == MATCH).flat_map(|param| &param.values);
        for value in values {
            for diagnostic in selector::parse(&value.value, version).diagnostics {
                let mut diagnostic = diagnostic.mapped(&value.map);
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

fn federates(job: &ScrapeConfig) -> bool {
    job.metrics_path.as_ref().is_some_and(|path| path.value.ends_with(FEDERATE))
}
