//! How `/federate` spells names that only Prometheus 3 allows.
//!
//! A scraper says in `Accept` which spelling it wants (`scrape/scrape.go`, `acceptHeader`); the text format
//! 0.0.4, which is what `/federate` answers, follows it (`common/expfmt`, `Negotiate`). A scraper that says
//! nothing, such as any before 3.0 and plain `curl`, gets underscores.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::labels::name::is_legacy_metric_name;

/// An escaping scheme: `common/model`, `EscapingScheme`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Escaping {
    /// `allow-utf-8`: names as they are.
    AllowUtf8,
    /// `underscores`: every character outside the legacy set becomes `_`.
    #[default]
    Underscores,
    /// `dots`: `.` becomes `_dot_`, `_` becomes `__`, everything else outside the legacy set `__`.
    Dots,
    /// `values`: `U__` and code points in hexadecimal.
    Values,
}

impl Escaping {
    /// The scheme that `Accept` and the configuration name so.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "allow-utf-8" => Self::AllowUtf8,
            "underscores" => Self::Underscores,
            "dots" => Self::Dots,
            "values" => Self::Values,
            _ => return None,
        })
    }

    /// The name as the answer spells it: `common/model`, `EscapeMetricFamily` and `EscapeName`. Names of the
    /// legacy set stay as they are under every scheme.
    #[must_use]
    pub fn escape(self, name: &str) -> Cow<'_, str> {
        if self == Self::AllowUtf8 || name.is_empty() || is_legacy_metric_name(name.as_bytes()) {
            return Cow::Borrowed(name);
        }
        let mut out = String::with_capacity(name.len() + 8);
        if self == Self::Values {
            out.push_str("U__");
        }
        for (at, c) in name.char_indices() {
            let legacy = c.is_ascii_alphabetic() || c == '_' || c == ':' || (c.is_ascii_digit() && at > 0);
            match (self, c) {
                (Self::Dots | Self::Values, '_') => out.push_str("__"),
                (Self::Dots, '.') => out.push_str("_dot_"),
                (_, c) if legacy => out.push(c),
                (Self::Dots, _) => out.push_str("__"),
                (Self::Values, c) => {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "_{:x}_", u32::from(c));
                }
                (_, _) => out.push('_'),
            }
        }
        Cow::Owned(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_as_the_schemes_say() {
        let check = |name: &str, expect: [&str; 4]| {
            let all = [Escaping::AllowUtf8, Escaping::Underscores, Escaping::Dots, Escaping::Values];
            assert_eq!(all.map(|scheme| scheme.escape(name).into_owned()), expect, "{name:?}");
        };
        check("up", ["up", "up", "up", "up"]);
        check("a_b:c", ["a_b:c", "a_b:c", "a_b:c", "a_b:c"]);
        check("", ["", "", "", ""]);
        check("a.b_c", ["a.b_c", "a_b_c", "a_dot_b__c", "U__a_2e_b__c"]);
        check("1a", ["1a", "_a", "__a", "U___31_a"]);
        check("é/→", ["é/→", "___", "______", "U___e9__2f__2192_"]);
    }
}
