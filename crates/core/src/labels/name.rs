//! Which names are valid: Prometheus' `common/model`, `IsValidMetricName` and `LabelName.IsValid`.

/// Which names are valid: `common/model`, `ValidationScheme`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValidationScheme {
    /// Letters, digits, `_`, and `:` in metric names: all there was before Prometheus 3.
    Legacy,
    /// Any UTF-8 text that is not empty: the default of Prometheus 3.
    #[default]
    Utf8,
}

impl ValidationScheme {
    /// Whether `name` is a valid metric name.
    #[must_use]
    pub fn is_metric_name(self, name: &[u8]) -> bool {
        match self {
            Self::Legacy => is_legacy_metric_name(name),
            Self::Utf8 => !name.is_empty() && std::str::from_utf8(name).is_ok(),
        }
    }

    /// Whether `name` is a valid label name.
    #[must_use]
    pub fn is_label_name(self, name: &[u8]) -> bool {
        match self {
            Self::Legacy => is_legacy_label_name(name),
            Self::Utf8 => !name.is_empty() && std::str::from_utf8(name).is_ok(),
        }
    }
}

/// Whether `name` is a metric name of the legacy scheme: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
#[must_use]
pub fn is_legacy_metric_name(name: &[u8]) -> bool {
    is_name(name, |byte| byte == b':')
}

/// Whether `name` is a label name of the legacy scheme: `[a-zA-Z_][a-zA-Z0-9_]*`.
#[must_use]
pub fn is_legacy_label_name(name: &[u8]) -> bool {
    is_name(name, |_| false)
}

fn is_name(name: &[u8], also: impl Fn(u8) -> bool) -> bool {
    let starts = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || also(byte);
    match name.split_first() {
        Some((&first, rest)) => {
            starts(first) && rest.iter().all(|&byte| starts(byte) || byte.is_ascii_digit())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legacy_names() {
        let check = |name: &str, metric: bool, label: bool| {
            assert_eq!(is_legacy_metric_name(name.as_bytes()), metric, "metric name {name:?}");
            assert_eq!(is_legacy_label_name(name.as_bytes()), label, "label name {name:?}");
        };
        assert!(ValidationScheme::Utf8.is_label_name("é.".as_bytes()));
        assert!(
            !ValidationScheme::Utf8.is_label_name(b"") && !ValidationScheme::Utf8.is_metric_name(b"\xff")
        );
        check("up", true, true);
        check("job:up:sum", true, false);
        check("_a1", true, true);
        check("1a", false, false);
        check("", false, false);
        check("a.b", false, false);
        check("é", false, false);
    }
}
