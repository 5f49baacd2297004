//! Values to write, and ways to spell their scalars.

use promtier::yaml::edit::Value;

use crate::random::Random;

const KEYS: &[&str] =
    &["job", "labels", "targets", "a", "b-c", "x y", "match[]", "on", "5", "le", "__address__", "é"];
const TEXTS: &[&str] = &[
    "node",
    "5s",
    "it's",
    "{job=\"x\"}",
    "yes",
    "1.5",
    "",
    " lead",
    "trail ",
    "é→",
    "a: b",
    "# no",
    "a #b",
    "~",
    "0o17",
    "2001-01-01",
    "x\ny\n",
    "x\n\n  y",
    "x\ny\n\n",
    "tab\there",
    "\\d+",
    "[a]",
    "@x",
    "-",
    "- a",
    "a,b",
    "]",
    "http://a:1/b",
    "bell\u{7}",
    "one two three",
    "one two three",
    "<<",
    "|",
    "a?b",
    "!x",
];

/// A value of at most `size` parts.
pub(crate) fn value(random: &mut Random, depth: usize, size: &mut usize) -> Value {
    *size = size.saturating_sub(1);
    if depth == 0 || *size == 0 || random.chance(35) {
        return scalar(random);
    }
    let count = random.below(5);
    if random.chance(50) {
        return Value::List((0..count).map(|_| value(random, depth - 1, size)).collect());
    }
    let keys = random.several(KEYS, count, count);
    Value::Map(keys.into_iter().map(|key| (key.to_owned(), value(random, depth - 1, size))).collect())
}

pub(crate) fn scalar(random: &mut Random) -> Value {
    match random.below(10) {
        0 => Value::Null,
        1 => Value::Bool(random.chance(50)),
        2 => Value::Int([0, 5, -7, 1000, i64::MAX][random.below(5)]),
        3 => Value::Float([0.5, 1.5e10, f64::INFINITY, -2.25][random.below(4)]),
        _ => Value::Text(random.pick(TEXTS).to_owned()),
    }
}

/// A key on one line.
pub(crate) fn spell_key(random: &mut Random, key: &str) -> String {
    spell(random, &Value::Text(key.to_owned()))
}

/// A scalar on one line, which reads the same wherever it stands.
pub(crate) fn spell(random: &mut Random, value: &Value) -> String {
    match value {
        Value::Null => random.pick(&["~", "null", "Null"]).to_owned(),
        Value::Bool(true) => random.pick(&["true", "yes", "On"]).to_owned(),
        Value::Bool(false) => random.pick(&["false", "no", "OFF"]).to_owned(),
        Value::Int(5) => random.pick(&["5", "0x5", "0o5", "+5"]).to_owned(),
        Value::Int(1000) => random.pick(&["1000", "1_000"]).to_owned(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) if value.is_infinite() => random.pick(&[".inf", ".Inf"]).to_owned(),
        Value::Float(value) => format!("{value:?}"),
        Value::Text(text) => {
            let is_word = text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.chars().all(|c| c.is_ascii_lowercase() || "_-".contains(c))
                && !["yes", "on", "no", "off", "y", "n", "true", "false", "null"].contains(&text.as_str());
            let fits_single = !text.contains(['\n', '\u{7}']);
            if is_word && random.chance(60) {
                text.clone()
            } else if fits_single && random.chance(50) {
                format!("'{}'", text.replace('\'', "''"))
            } else {
                let mut out = String::from("\"");
                for c in text.chars() {
                    match c {
                        '"' => out.push_str("\\\""),
                        '\\' => out.push_str("\\\\"),
                        '\n' => out.push_str("\\n"),
                        '\u{7}' => out.push_str("\\a"),
                        c => out.push(c),
                    }
                }
                out + "\""
            }
        }
        Value::List(_) | Value::Map(_) => String::new(),
    }
}
