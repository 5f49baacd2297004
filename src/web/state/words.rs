//! Numbers and sentences as people read them.

/// A count in groups of three, parted by no-break spaces: `1 284`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 error`, `2 errors`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    let mut out = grouped(count);
    out.push('\u{a0}');
    out.push_str(if count == 1 { one } else { many });
    out
}

/// A number of bytes in decimal units with three digits at most: `312 B`, `19 kB`, `1.4 MB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if count < 1000 {
        return count.to_string() + "\u{a0}B";
    }
    let mut unit: u64 = 1000;
    let mut name = 0;
    // Half up, in whole numbers: floating point would bring its printing machinery along.
    while (count + unit / 2) / unit >= 1000 && name + 1 < UNITS.len() {
        unit *= 1000;
        name += 1;
    }
    let tenths = (count + unit / 20) / (unit / 10);
    let mut out = if tenths < 100 && !tenths.is_multiple_of(10) {
        [(tenths / 10).to_string(), (tenths % 10).to_string()].join(".")
    } else if tenths < 100 {
        (tenths / 10).to_string()
    } else {
        grouped((count + unit / 2) / unit)
    };
    out.push('\u{a0}');
    out.push_str(UNITS[name]);
    out
}

/// A duration as Prometheus writes it: `15s`, `1m30s`, `250ms`.
pub(crate) fn interval(milliseconds: u64) -> String {
    if milliseconds == 0 {
        return "0s".to_owned();
    }
    let mut rest = milliseconds;
    let mut out = String::new();
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] {
        if rest >= length {
            out.push_str(&(rest / length).to_string());
            out.push_str(unit);
            rest %= length;
        }
    }
    out
}

/// A whole percentage, never 100 before the end is reached.
pub(crate) fn percent(done: u64, total: u64) -> u64 {
    if total == 0 { 100 } else { (u128::from(done.min(total)) * 100 / u128::from(total)) as u64 }
}

/// A sentence cut at its backticks: each piece with whether it is code. A backtick without a partner is text.
pub(crate) fn pieces(sentence: &str) -> Vec<(bool, &str)> {
    let mut out = Vec::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, behind)) = after.split_once('`') else { break };
        if !before.is_empty() {
            out.push((false, before));
        }
        if !code.is_empty() {
            out.push((true, code));
        }
        rest = behind;
    }
    if !rest.is_empty() {
        out.push((false, rest));
    }
    out
}

/// A sentence that begins as sentences do, unless it begins with code.
pub(crate) fn sentence_case(sentence: &str) -> String {
    let mut chars = sentence.chars();
    match chars.next() {
        Some(first) if first.is_ascii_lowercase() => {
            let mut out = first.to_ascii_uppercase().to_string();
            out.push_str(chars.as_str());
            out
        }
        _ => sentence.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(words: &str) -> String {
        words.replace('\u{a0}', " ")
    }

    #[test]
    fn groups_thousands() {
        for (count, expect) in
            [(0, "0"), (999, "999"), (1284, "1 284"), (12_345, "12 345"), (1_000_000, "1 000 000")]
        {
            assert_eq!(plain(&grouped(count)), expect);
        }
        assert_eq!(plain(&counted(1, "error", "errors")), "1 error");
        assert_eq!(plain(&counted(0, "error", "errors")), "0 errors");
    }

    #[test]
    fn says_sizes_shortly() {
        for (count, expect) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1 kB"),
            (1499, "1.5 kB"),
            (104_891, "105 kB"),
            (999_499, "999 kB"),
            (999_500, "1 MB"),
            (1_440_000, "1.4 MB"),
            (2 << 30, "2.1 GB"),
            (u64::MAX / 1024, "18 014 TB"),
        ] {
            assert_eq!(plain(&bytes(count)), expect, "{count}");
        }
    }

    #[test]
    fn says_intervals_as_prometheus_does() {
        for (ms, expect) in
            [(0, "0s"), (15_000, "15s"), (90_000, "1m30s"), (250, "250ms"), (86_400_000, "1d")]
        {
            assert_eq!(interval(ms), expect);
        }
    }

    #[test]
    fn never_claims_the_end_early() {
        assert_eq!(percent(999, 1000), 99);
        assert_eq!(percent(1000, 1000), 100);
        assert_eq!(percent(5, 0), 100);
        assert_eq!(percent(7, 5), 100);
    }

    #[test]
    fn sentences_begin_as_such() {
        assert_eq!(sentence_case("they are one"), "They are one");
        assert_eq!(sentence_case("`up` is one"), "`up` is one");
        assert_eq!(sentence_case("Étage"), "Étage");
        assert_eq!(sentence_case(""), "");
    }

    #[test]
    fn cuts_code_out_of_sentences() {
        assert_eq!(pieces("`up` is not `x`"), [(true, "up"), (false, " is not "), (true, "x")]);
        assert_eq!(pieces("plain"), [(false, "plain")]);
        assert_eq!(pieces("a `b"), [(false, "a `b")]);
        assert_eq!(pieces(""), []);
        assert_eq!(pieces("a``b"), [(false, "a"), (false, "b")]);
    }
}
