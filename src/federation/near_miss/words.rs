//! What comes near, in words.

use std::fmt;

use crate::labels::{METRIC_NAME, MatchOp};
use crate::text::{is_print, quote};

use super::{MissCause, NearMiss, NearMisses};

/// `one matcher fails: job="nod"; the closest value is "node"`.
impl fmt::Display for NearMisses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.misses.as_slice(), self.alone) {
            ([], _) => f.write_str("each matcher matches some series, but none matches all of them"),
            ([first, ..], true) => write!(f, "one matcher fails: {first}"),
            ([only], false) => write!(f, "no series matches {only}"),
            (all, false) => {
                f.write_str("several matchers fail: ")?;
                for (at, miss) in all.iter().enumerate() {
                    let between = if at == 0 { "" } else { " and " };
                    write!(f, "{between}{} ({})", Subject(miss), Why(miss))?;
                }
                Ok(())
            }
        }
    }
}

/// The matcher, and what the series have instead: `job="nod"; the closest value is "node"`.
impl fmt::Display for NearMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", Subject(self), Why(self))
    }
}

/// The matcher: `job="nod"`, or the name that it asks for.
struct Subject<'a>(&'a NearMiss);

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let matcher = &self.0.matcher;
        match std::str::from_utf8(&matcher.value) {
            Ok(name) if matcher.name == METRIC_NAME && matcher.op == MatchOp::Equal => {
                write!(f, "the name {}", shown(name))
            }
            _ => write!(f, "`{}`", self.0.text()),
        }
    }
}

/// What the series have instead of what a matcher asks for.
struct Why<'a>(&'a NearMiss);

impl fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.0.matcher.name;
        let value = if *name == METRIC_NAME { "name" } else { "value" };
        match &self.0.cause {
            MissCause::Values { closest: Some(closest), .. } => {
                write!(f, "the closest {value} is {}", shown(closest))
            }
            MissCause::Values { examples, distinct: 1, .. } => {
                write!(f, "the only {value} is {}", List(examples, 1))
            }
            // A list of a few of many names helps nobody.
            MissCause::Values { examples, distinct, .. }
                if *name == METRIC_NAME && *distinct as usize > examples.len() =>
            {
                f.write_str("no series has it")
            }
            MissCause::Values { examples, distinct, .. } => {
                write!(f, "the {value}s are {}", List(examples, *distinct))
            }
            MissCause::Part(found) => {
                write!(f, "expressions match the whole {value}, and this one only a part of {}", shown(found))
            }
            MissCause::NoLabel { same_value: Some(label), .. } => {
                write!(
                    f,
                    "the series have no label {}, but {} has this value",
                    shown(&name.to_string()),
                    shown(label)
                )
            }
            MissCause::NoLabel { closest: Some(label), .. } => {
                write!(
                    f,
                    "the series have no label {}; the closest is {}",
                    shown(&name.to_string()),
                    shown(label)
                )
            }
            MissCause::NoLabel { .. } => write!(f, "the series have no label {}", shown(&name.to_string())),
            MissCause::External => write!(
                f,
                "{} is an external label of the server that is asked, which is added after series are selected",
                shown(&name.to_string())
            ),
            MissCause::Excluded(examples, distinct) => {
                write!(f, "every {value} is excluded: {}", List(examples, *distinct))
            }
        }
    }
}

/// Some of a number of values.
struct List<'a>(&'a [String], u32);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = (self.1 as usize).saturating_sub(self.0.len());
        for (at, value) in self.0.iter().enumerate() {
            let last = at + 1 == self.0.len() && rest == 0;
            f.write_str(match at {
                0 => "",
                _ if last => " and ",
                _ => ", ",
            })?;
            f.write_str(&shown(value))?;
        }
        if rest > 0 {
            write!(f, " and {rest} more")?;
        }
        Ok(())
    }
}

/// A value between backticks, or in quotes where that would not be read.
fn shown(value: &str) -> String {
    let plain = value.chars().all(|c| is_print(c) && c != '`');
    if plain { format!("`{value}`") } else { quote(value.as_bytes()) }
}
