//! Generated expressions of recording rules.

use crate::random::Random;

/// What expressions are made of.
pub(crate) struct Words<'a> {
    /// Selectors without a range.
    pub(crate) selectors: &'a [&'a str],
    /// Names of labels.
    pub(crate) labels: &'a [&'a str],
}

/// The rules of a server of a generated topology: the file, and what is evaluated in it.
pub(crate) fn rule_file(random: &mut Random, words: &Words<'_>, prefix: &str) -> String {
    let mut text = String::from("groups:\n");
    let mut number = 0;
    for group in 0..random.between(1, 2) {
        text.push_str(&format!("- name: g{group}\n"));
        if random.chance(8) {
            text.push_str(&format!("  limit: {}\n", random.between(1, 4)));
        }
        text.push_str("  rules:\n");
        for _ in 0..random.between(1, 4) {
            // What reads other rules must not fail while they come up: what it made before would stay.
            let expr = if number > 0 && random.chance(20) {
                let other = random.below(number);
                let inner = random.pick(&["", "-", "2 *"]);
                format!("sum by ({}) ({inner} {prefix}{other})", names(random, words))
            } else {
                vector(random, words, 2)
            };
            if random.chance(3) {
                text.push_str(&format!("  - alert: Alert{number}\n    expr: '{expr}'\n"));
                text.push_str("    labels: { severity: page }\n");
                continue;
            }
            text.push_str(&format!("  - record: {prefix}{number}\n    expr: '{expr}'\n"));
            number += 1;
            match random.below(6) {
                0 => {
                    let (label, value) = (random.pick(words.labels), random.pick(&["x", "eu", "9", ""]));
                    text.push_str(&format!("    labels: {{ {label}: \"{value}\" }}\n"));
                }
                1 => text.push_str("    labels: { tier: top }\n"),
                _ => {}
            }
        }
    }
    text
}

fn names(random: &mut Random, words: &Words<'_>) -> String {
    random.several(words.labels, 0, 3).join(", ")
}

/// An expression with the type of an instant vector.
pub(crate) fn vector(random: &mut Random, words: &Words<'_>, depth: usize) -> String {
    if depth == 0 || random.chance(12) {
        let selector = random.pick(words.selectors);
        return if random.chance(5) { format!("{selector} offset 1s") } else { selector.to_owned() };
    }
    let inner = vector(random, words, depth - 1);
    let selector = random.pick(words.selectors);
    match random.below(22) {
        0..4 => {
            let op = random.pick(&["sum", "avg", "count", "min", "max", "group", "stddev", "stdvar"]);
            let by = random.pick(&["by", "without"]);
            format!("{op} {by} ({}) ({inner})", names(random, words))
        }
        4 => {
            let op = random.pick(&["topk", "bottomk", "quantile"]);
            format!("{op} by ({}) ({}, {inner})", names(random, words), random.below(4))
        }
        5 => format!("sum without (v) (count_values(\"v\", {inner}))"),
        6..8 => {
            let function = random.pick(&[
                "rate",
                "delta",
                "max_over_time",
                "last_over_time",
                "present_over_time",
                "changes",
                "irate",
            ]);
            format!("{function}({selector}[{}])", random.pick(&["10s", "20s", "1s"]))
        }
        8 => format!("{}(({inner})[5s:1s])", random.pick(&["max_over_time", "last_over_time", "rate"])),
        9 => {
            let function = random.pick(&["abs", "ceil", "sort", "timestamp", "hour", "sgn", "round", "-"]);
            format!("{function}({inner})")
        }
        10 => format!(
            "label_replace({inner}, \"{}\", \"{}\", \"{}\", \"{}\")",
            random.pick(words.labels),
            random.pick(&["$1", "n-$1", "", "k", "$1$2"]),
            random.pick(words.labels),
            random.pick(&["(.*)", "(.+)", "1|2", "([a-z]).*", ""])
        ),
        11 => format!(
            "label_join({inner}, \"{}\", \"-\", \"{}\", \"x\")",
            random.pick(words.labels),
            random.pick(words.labels)
        ),
        12 => format!("absent({inner})"),
        13 => format!("absent({selector})"),
        14 => format!("absent_over_time({selector}[10s])"),
        15 => format!(
            "histogram_quantile(0.5, {})",
            random
                .pick(&[selector, &format!("rate({selector}[10s])"), &format!("sum by (le) ({selector})"),])
        ),
        16 => format!(
            "({inner}) {} {}",
            random.pick(&[">", "==", "> bool", "*", "+", "!=", "/"]),
            random.below(5)
        ),
        17 => format!("{} * ({inner})", random.pick(&["vector(1)", "scalar(d)", "time()", "2"])),
        _ => {
            let other = vector(random, words, depth - 1);
            let matching = match random.below(4) {
                0 => String::new(),
                1 => format!("ignoring ({})", names(random, words)),
                _ => format!("on ({})", names(random, words)),
            };
            let set = random.chance(40);
            if set {
                let op = random.pick(&["and", "or", "unless"]);
                return format!("({inner}) {op} {matching} ({other})");
            }
            let group =
                if matching.is_empty() { "" } else { random.pick(&["", "group_left ()", "group_right ()"]) };
            let op = random.pick(&["+", "*", "/", ">", "> bool", "=="]);
            format!("({inner}) {op} {matching} {group} ({other})")
        }
    }
}
