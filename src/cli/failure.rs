//! How a run ends: exit statuses, and the words for arguments and files that cannot be used.

use std::io;

/// How a run that could do its work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing at or over the threshold: exit status 0.
    Clean,
    /// Findings at or over the threshold: exit status 1.
    Findings,
}

impl Outcome {
    /// The exit status of [`Outcome::Findings`].
    pub(crate) const FINDINGS_EXIT: u8 = 1;

    /// Findings where `any`.
    pub(crate) fn findings_if(any: bool) -> Self {
        if any { Self::Findings } else { Self::Clean }
    }
}

/// Why a run could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Arguments or files that cannot be used, each with what is wrong and what to do.
    Unusable(Vec<Complaint>),
    /// Whoever read the output has closed it. There is nobody left to tell.
    ClosedPipe,
}

/// One thing that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// What is wrong, in one line.
    pub(crate) message: String,
    /// What to do.
    pub(crate) help: String,
}

impl Failure {
    /// The exit status.
    pub(crate) const EXIT: u8 = 2;

    /// One thing that cannot be used.
    pub(crate) fn unusable(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Unusable(vec![Complaint { message: message.into(), help: help.into() }])
    }
}

impl From<Complaint> for Failure {
    fn from(complaint: Complaint) -> Self {
        Self::Unusable(vec![complaint])
    }
}

/// The only errors of this kind that reach here are those of writing to standard output: reading names its
/// file first, see `files`.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::ClosedPipe;
        }
        Self::unusable(
            format!("cannot write to standard output: {error}"),
            "what was printed so far is incomplete: make room, or send the output elsewhere",
        )
    }
}
