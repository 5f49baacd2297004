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
            } else if random.chance(4) {
                scalar(random).to_owned()
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

/// An expression with the type of a scalar, of which a rule makes a series without labels.
pub(crate) fn scalar(random: &mut Random) -> &'static str {
    // The last ones are no scalars, and fail.
    random.pick(&[
        "1",
        "time()",
        "-scalar(d)",
        "2 > bool 1",
        "pi() / 2",
        "scalar(none)",
        "-Inf",
        "up[5m]",
        "\"1\"",
    ])
}

/// An expression with the type of an instant vector.
pub(crate) fn vector(random: &mut Random, words: &Words<'_>, depth: usize) -> String {
    if depth == 0 || random.chance(12) {
        let selector = random.pick(words.selectors);
        return if random.chance(5) {
            format!("{selector} {}", random.pick(&["offset 1s", "offset -1s", "@ end()", "@ 1"]))
        } else {
            selector.to_owned()
        };
    }
    let inner = vector(random, words, depth - 1);
    let selector = random.pick(words.selectors);
    match random.below(27) {
        0..4 => {
            let op = random.pick(&["sum", "avg", "count", "min", "max", "group", "stddev", "stdvar"]);
            let by = random.pick(&["by", "without"]);
            match random.below(8) {
                0 => format!("{op} ({inner})"),
                1 => format!("{op}({inner}) {by} ({},)", random.pick(words.labels)),
                _ => format!("{op} {by} ({}) ({inner})", grouping(random, words)),
            }
        }
        4 => {
            let op = random.pick(&["topk", "bottomk", "quantile"]);
            let by = random.pick(&["by", "without"]);
            let parameter =
                random.pick(&["0", "1", "2", "3", "0.5", "-1", "1 + 1", "scalar(d)", "scalar(none)", "NaN"]);
            format!("{op} {by} ({}) ({parameter}, {inner})", grouping(random, words))
        }
        5 => {
            let label = random.pick(&["v", "x"]);
            if random.chance(50) {
                return format!("sum without ({label}) (count_values(\"{label}\", {inner}))");
            }
            format!("count_values by ({}) (\"{label}\", {inner})", names(random, words))
        }
        6..8 => {
            let function = random.pick(&[
                "rate",
                "delta",
                "max_over_time",
                "last_over_time",
                "present_over_time",
                "changes",
                "irate",
                "deriv",
                "quantile_over_time 0.5,",
                "predict_linear",
                "stddev_over_time",
                "count_over_time",
            ]);
            let range = format!("{selector}[{}]", random.pick(&["10s", "20s", "1s"]));
            let range = if random.chance(10) { format!("{range} offset 1s") } else { range };
            match function.split_once(' ') {
                Some((function, first)) => format!("{function}({first} {range})"),
                None if function == "predict_linear" => format!("{function}({range}, 60)"),
                None => format!("{function}({range})"),
            }
        }
        8 => format!(
            "{}(({inner})[{}]{})",
            random.pick(&["max_over_time", "last_over_time", "rate", "absent_over_time"]),
            random.pick(&["5s:1s", "5s:", "6s:2s"]),
            random.pick(&["", "", " offset 1s"])
        ),
        9 => {
            let function = random.pick(&[
                "abs",
                "ceil",
                "sort",
                "sort_desc",
                "timestamp",
                "hour",
                "sgn",
                "round",
                "-",
                "+",
                "ln",
                "histogram_count",
                "histogram_sum",
            ]);
            format!("{function}({inner})")
        }
        10 => format!(
            "label_replace({inner}, \"{}\", \"{}\", \"{}\", \"{}\")",
            label_to_set(random, words),
            random.pick(&["$1", "n-$1", "", "k", "$1$2", "${n}", "$0"]),
            random.pick(words.labels),
            random.pick(&["(.*)", "(.+)", "1|2", "([a-z]).*", "", "(?P<n>.).*"])
        ),
        11 => {
            let sources = random.several(words.labels, 0, 3);
            let sources = sources.iter().fold(String::new(), |all, name| format!("{all}, \"{name}\""));
            format!(
                "label_join({inner}, \"{}\", \"{}\"{sources})",
                label_to_set(random, words),
                random.pick(&["-", ""])
            )
        }
        12 => format!("absent({inner})"),
        13 => format!("absent({selector})"),
        14 => format!("absent_over_time({selector}[10s])"),
        15 => format!(
            "histogram_quantile(0.5, {})",
            random
                .pick(&[selector, &format!("rate({selector}[10s])"), &format!("sum by (le) ({selector})"),])
        ),
        16 => {
            let (op, number) =
                (random.pick(&[">", "==", "> bool", "*", "+", "!=", "/", "^", "%"]), random.below(5));
            if random.chance(30) {
                return format!("{number} {op} ({inner})");
            }
            format!("({inner}) {op} {number}")
        }
        17 => format!(
            "{} * ({inner})",
            random.pick(&["vector(1)", "scalar(d)", "time()", "2", "(time() > bool 1)", "pi()"])
        ),
        18 => random
            .pick(&["vector(time())", "hour()", "vector(scalar(d))", "vector(2 > bool 1)", "vector(1) > 2"])
            .to_owned(),
        19 => {
            let (low, high) = (random.below(4), random.below(4));
            match random.below(3) {
                0 => format!("clamp({inner}, {low}, {high})"),
                1 => format!("clamp_min({inner}, {low})"),
                _ => format!("clamp_max({inner}, {high})"),
            }
        }
        20 => {
            let one = vector(random, words, depth - 1);
            let label = random.pick(words.labels);
            format!(
                "({inner}) {} on () {}({label}) ({one})",
                random.pick(&["*", "==", "and", "unless"]),
                "sum by "
            )
        }
        _ => {
            let other = vector(random, words, depth - 1);
            let matching = match random.below(4) {
                0 => String::new(),
                1 => format!("ignoring ({})", grouping(random, words)),
                _ => format!("on ({})", grouping(random, words)),
            };
            let set = random.chance(40);
            if set {
                let op = random.pick(&["and", "or", "unless"]);
                return format!("({inner}) {op} {matching} ({other})");
            }
            let group = match random.below(3) {
                0 => String::new(),
                _ if matching.is_empty() => String::new(),
                _ => {
                    // What is matched on must not be taken over.
                    let on = matching.starts_with("on");
                    let free = |name: &&&str| !(on && matching.contains(**name));
                    let labels: Vec<&str> = words.labels.iter().filter(free).copied().collect();
                    let included = random.several(&labels, 0, 2).join(", ");
                    format!("{} ({included})", random.pick(&["group_left", "group_right"]))
                }
            };
            let op = random.pick(&["+", "*", "/", ">", "> bool", "==", "atan2", "<"]);
            format!("({inner}) {op} {matching} {group} ({other})")
        }
    }
}

/// Labels to group or match by, at times the name.
fn grouping(random: &mut Random, words: &Words<'_>) -> String {
    let names = names(random, words);
    match random.below(12) {
        0 if names.is_empty() => "__name__".to_owned(),
        0 => format!("__name__, {names}"),
        _ => names,
    }
}

/// A label that a function sets: seldom the name, and one that no label can have.
fn label_to_set<'a>(random: &mut Random, words: &Words<'a>) -> &'a str {
    match random.below(20) {
        0 => "__name__",
        1 => "",
        2 => "not-plain",
        _ => random.pick(words.labels),
    }
}
