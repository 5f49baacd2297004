//! What single values mean, in words.

use crate::regex::{Form, Regex, Shape, Side};
use crate::text::quote;
use crate::units::{ByteSize, Duration};
use crate::version::Version;

/// How many texts a regular expression's choice shows.
const MOST_TEXTS: usize = 8;

/// What a relabelling action does.
pub(super) fn action(word: &str) -> Option<&'static str> {
    Some(match word {
        "replace" => "Writes `replacement` into `target_label` where `regex` matches.",
        "keep" => "Keeps only what `regex` matches and drops all else.",
        "drop" => "Drops what `regex` matches.",
        "hashmod" => {
            "Writes a hash of the source labels, modulo `modulus`, into `target_label`: shares of equal size."
        }
        "labelmap" => "Copies labels whose name `regex` matches to the name that `replacement` makes of it.",
        "labeldrop" => "Removes the labels whose name `regex` matches.",
        "labelkeep" => "Removes the labels whose name `regex` does not match.",
        "lowercase" => "Writes the source labels in lower case into `target_label`.",
        "uppercase" => "Writes the source labels in upper case into `target_label`.",
        "keepequal" => "Keeps only what has equal source labels and `target_label`.",
        "dropequal" => "Drops what has equal source labels and `target_label`.",
        _ => return None,
    })
}

/// `1 minute 30 seconds`.
pub(super) fn duration(text: &str, version: Version) -> Option<String> {
    const UNITS: [(u64, &str); 7] = [
        (365 * 86_400_000, "year"),
        (7 * 86_400_000, "week"),
        (86_400_000, "day"),
        (3_600_000, "hour"),
        (60_000, "minute"),
        (1000, "second"),
        (1, "millisecond"),
    ];
    let mut rest = Duration::parse(text, version).ok()?.as_millis();
    if rest == 0 {
        return Some("no time".to_owned());
    }
    let mut words = Vec::new();
    for (millis, unit) in UNITS {
        let count = rest / millis;
        rest %= millis;
        if count > 0 {
            words.push(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
        }
    }
    Some(words.join(" "))
}

/// `104,857,600 bytes`.
pub(super) fn size(text: &str) -> Option<String> {
    let digits = ByteSize::parse(text).ok()?.bytes().to_string();
    let mut out = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    Some(format!("{out} bytes"))
}

/// What a regular expression of a relabelling rule comes down to, and that it must match as a whole.
pub(super) fn regex(pattern: &str, version: Version) -> Vec<String> {
    let Ok(regex) = Regex::new(pattern, Form::Relabel, version) else { return Vec::new() };
    let shown = |text: &str| if text.contains('`') { quote(text) } else { format!("`{text}`") };
    let meaning = match regex.shape() {
        Some(Shape::Texts(texts)) if texts.is_empty() => "It matches nothing.".to_owned(),
        Some(Shape::Texts(texts)) => {
            let mut words: Vec<String> = texts
                .iter()
                .take(MOST_TEXTS)
                .map(|text| if text.is_empty() { "the empty text".to_owned() } else { shown(text) })
                .collect();
            if texts.len() > MOST_TEXTS {
                words.push(format!("{} others", texts.len() - MOST_TEXTS));
            }
            let last = words.pop().unwrap_or_default();
            if words.is_empty() {
                format!("It matches {last} alone.")
            } else {
                format!("It matches {} or {last}.", words.join(", "))
            }
        }
        Some(Shape::Literal { before, text, after }) if text.is_empty() => {
            if [before, after].contains(&&Side::Something) {
                "It matches every text but the empty one.".to_owned()
            } else {
                "It matches every text.".to_owned()
            }
        }
        Some(Shape::Literal { before, text, after }) => {
            let text = shown(text);
            let verb = match (before, after) {
                (Side::Nothing, _) => "begins with",
                (_, Side::Nothing) => "ends with",
                _ => "contains",
            };
            let rest = match (before, after) {
                (Side::Something, Side::Something) => ", with something before and after it",
                (Side::Something, _) => ", with something before it",
                (_, Side::Something) => ", with something after it",
                _ => "",
            };
            format!("It matches a text that {verb} {text}{rest}.")
        }
        Some(Shape::Pattern { prefix, suffix }) => match (prefix.is_empty(), suffix.is_empty()) {
            (true, true) => String::new(),
            (false, true) => format!("All that it matches begins with {}.", shown(prefix)),
            (true, false) => format!("All that it matches ends with {}.", shown(suffix)),
            (false, false) => {
                format!("All that it matches begins with {} and ends with {}.", shown(prefix), shown(suffix))
            }
        },
        None => String::new(),
    };
    let mut lines = vec![meaning];
    if !regex.matches_everything() {
        lines.push("The whole text must match: Prometheus reads it as `^(?:…)$`.".to_owned());
    }
    lines.retain(|line| !line.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_spoken() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(duration(text, Version::NEWEST).as_deref(), expect, "{text}");
        };
        check("90s", Some("1 minute 30 seconds"));
        check("1m", Some("1 minute"));
        check("1d12h", Some("1 day 12 hours"));
        check("500ms", Some("500 milliseconds"));
        check("0", Some("no time"));
        check("5", None);
    }

    #[test]
    fn sizes_are_counted() {
        let check = |text: &str, expect: Option<&str>| assert_eq!(size(text).as_deref(), expect, "{text}");
        check("100MB", Some("104,857,600 bytes"));
        check("1KB", Some("1,024 bytes"));
        check("0", Some("0 bytes"));
        check("many", None);
    }

    #[test]
    fn patterns_come_down_to_words() {
        let check = |pattern: &str, expect: &[&str]| {
            assert_eq!(regex(pattern, Version::NEWEST), expect, "{pattern}");
        };
        let whole = "The whole text must match: Prometheus reads it as `^(?:…)$`.";
        check("a|b", &["It matches `a` or `b`.", whole]);
        check("up", &["It matches `up` alone.", whole]);
        check("(.*)", &["It matches every text."]);
        check(".+", &["It matches every text but the empty one.", whole]);
        check("go_.*", &["It matches a text that begins with `go_`.", whole]);
        check(".+_total", &["It matches a text that ends with `_total`, with something before it.", whole]);
        check("a[0-9]+", &[whole]);
        check("(", &[]);
    }
}
