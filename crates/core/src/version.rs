//! Which Prometheus is meant. Everything that depends on it takes a [`Version`] as an argument.

use std::fmt;
use std::str::FromStr;

/// A Prometheus release line, `major.minor`. Patch releases do not change what promtier models.
///
/// Ordered by age, so that a rule reads `version >= Version::V3_0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The major number: 2 or 3.
    pub major: u8,
    /// The minor number.
    pub minor: u8,
}

impl Version {
    /// The oldest version modelled: Debian 12's.
    pub const V2_42: Self = Self { major: 2, minor: 42 };
    /// The first of the third line: UTF-8 names, `.` matches a newline, no default ports.
    pub const V3_0: Self = Self { major: 3, minor: 0 };
    /// The long-term-support release of the third line.
    pub const V3_5: Self = Self { major: 3, minor: 5 };
    /// The newest version modelled, and the default.
    pub const NEWEST: Self = Self { major: 3, minor: 14 };

    /// Whether this is a release of the third line or newer, where most differences lie.
    #[must_use]
    pub fn is_v3(self) -> bool {
        self >= Self::V3_0
    }
}

impl Default for Version {
    fn default() -> Self {
        Self::NEWEST
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Why a text names no Prometheus version that is modelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionError {
    given: String,
}

impl fmt::Display for VersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a Prometheus version that is modelled: give one from {} to {}, such as `3.5`",
            self.given,
            Version::V2_42,
            Version::NEWEST
        )
    }
}

impl std::error::Error for VersionError {}

impl FromStr for Version {
    type Err = VersionError;

    /// Reads `3.5`, `3.5.3` or `v3.5`.
    ///
    /// # Errors
    /// When the text has another form or names a version outside of [`Version::V2_42`]..=[`Version::NEWEST`].
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || VersionError { given: text.to_owned() };
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let mut number = || parts.next().and_then(|part| part.parse::<u8>().ok());
        let (Some(major), Some(minor)) = (number(), number()) else {
            return Err(refuse());
        };
        let version = Self { major, minor };
        let rest_is_patch = parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        if !rest_is_patch || version < Self::V2_42 || version > Self::NEWEST {
            return Err(refuse());
        }
        Ok(version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_release_lines_and_refuses_the_rest() {
        let check = |text: &str, expect: Option<(u8, u8)>| {
            let read = text.parse::<Version>().ok().map(|v| (v.major, v.minor));
            assert_eq!(read, expect, "{text:?}");
        };
        check("3.5", Some((3, 5)));
        check("v2.42.0", Some((2, 42)));
        check("3.14", Some((3, 14)));
        check("2.41", None);
        check("3.15", None);
        check("3", None);
        check("3.5.x", None);
        check("", None);
        check("3.5.", None);
    }

    #[test]
    fn displays_what_it_reads() {
        assert_eq!(Version::V2_42.to_string().parse(), Ok(Version::V2_42));
    }
}
