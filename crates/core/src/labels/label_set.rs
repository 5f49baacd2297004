//! One series' labels, for the few at a time that people look at. Stores of many series are columns.

use std::fmt::{self, Write as _};

use super::name::{is_legacy_label_name, is_legacy_metric_name};

/// The label that holds a metric's name.
pub const METRIC_NAME: &str = "__name__";

/// Labels sorted by name, each name once. An empty value is kept as given: whether it counts as absent
/// is the caller's to say, because it does in storage and does not in a scrape with `honor_labels`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelSet {
    pairs: Vec<(String, String)>,
}

impl LabelSet {
    /// No labels.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No labels, with room for so many.
    #[must_use]
    pub fn with_capacity(labels: usize) -> Self {
        Self { pairs: Vec::with_capacity(labels) }
    }

    /// The value of `name`, where the set has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.place(name).ok().map(|at| self.pairs[at].1.as_str())
    }

    /// The value of `name`, or `""` where it is absent: how Prometheus' matchers see it.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.get(name).unwrap_or("")
    }

    /// Sets `name` to `value`, which may be empty. Returns the value that it replaces.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) -> Option<String> {
        let name = name.into();
        match self.place(&name) {
            Ok(at) => Some(std::mem::replace(&mut self.pairs[at].1, value.into())),
            Err(at) => {
                self.pairs.insert(at, (name, value.into()));
                None
            }
        }
    }

    /// Removes `name` and returns its value.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        self.place(name).ok().map(|at| self.pairs.remove(at).1)
    }

    /// Removes every pair for which `keep` is false.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &str) -> bool) {
        self.pairs.retain(|(name, value)| keep(name, value));
    }

    /// The pairs, sorted by name.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.pairs.binary_search_by(|(have, _)| have.as_str().cmp(name))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for LabelSet {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut set = Self::new();
        for (name, value) in pairs {
            set.insert(name, value);
        }
        set
    }
}

/// As Prometheus prints series: `name{a="b", c="d"}`, with names outside the legacy scheme quoted.
impl fmt::Display for LabelSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.get(METRIC_NAME).filter(|name| !name.is_empty());
        let quoted_name = name.filter(|name| !is_legacy_metric_name(name.as_bytes()));
        if quoted_name.is_none() {
            f.write_str(name.unwrap_or(""))?;
        }
        let mut first = true;
        let mut separate = |f: &mut fmt::Formatter<'_>| {
            let opening = if first { "{" } else { ", " };
            first = false;
            f.write_str(opening)
        };
        if let Some(name) = quoted_name {
            separate(f)?;
            write_quoted(f, name)?;
        }
        for (label, value) in self.iter().filter(|&(label, _)| label != METRIC_NAME || name.is_none()) {
            separate(f)?;
            if is_legacy_label_name(label.as_bytes()) {
                f.write_str(label)?;
            } else {
                write_quoted(f, label)?;
            }
            f.write_char('=')?;
            write_quoted(f, value)?;
        }
        match (first, name) {
            (true, None) => f.write_str("{}"),
            (true, Some(_)) => Ok(()),
            (false, _) => f.write_char('}'),
        }
    }
}

fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_and_unique() {
        let mut set: LabelSet = [("b", "1"), ("a", "2"), ("b", "3")].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [("a", "2"), ("b", "3")]);
        assert_eq!(set.insert("a", "4"), Some("2".to_owned()));
        assert_eq!(set.remove("b"), Some("3".to_owned()));
        assert_eq!(set.value("b"), "");
        assert_eq!(set.len(), 1);
    }

    #[test]
    fn displays_as_prometheus_does() {
        let check = |pairs: &[(&str, &str)], expect: &str| {
            let set: LabelSet = pairs.iter().copied().collect();
            assert_eq!(set.to_string(), expect);
        };
        check(&[], "{}");
        check(&[("__name__", "up")], "up");
        check(&[("__name__", "up"), ("job", "a\"b")], r#"up{job="a\"b"}"#);
        check(&[("__name__", "a.b"), ("x-y", "1")], r#"{"a.b", "x-y"="1"}"#);
        check(&[("job", "a")], r#"{job="a"}"#);
    }
}
