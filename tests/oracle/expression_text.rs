//! Generated PromQL: valid expressions from the grammar, and what becomes of them when a hand slips.

use crate::random::Random;
use crate::selector_text;

#[rustfmt::skip] // One item a line would be pages.
const FUNCTIONS: &[(&str, &str)] = &[
    ("abs", "v"), ("absent", "v"), ("absent_over_time", "m"), ("avg_over_time", "m"), ("ceil", "v"),
    ("changes", "m"), ("clamp", "vss"), ("clamp_max", "vs"), ("count_over_time", "m"), ("day_of_week", "v"),
    ("day_of_month", ""), ("delta", "m"), ("deriv", "m"), ("floor", "v"), ("histogram_count", "v"),
    ("histogram_fraction", "ssv"), ("histogram_quantile", "sv"), ("holt_winters", "mss"), ("hour", ""),
    ("histogram_avg", "v"), ("histogram_stddev", "v"), ("info", "v"), ("info", "vv"),
    ("double_exponential_smoothing", "mss"), ("mad_over_time", "m"), ("sort_by_label", "vt"),
    ("sort_by_label_desc", "vtt"), ("ts_of_max_over_time", "m"), ("first_over_time", "m"),
    ("increase", "m"), ("irate", "m"), ("label_join", "vttt"), ("label_join", "vtt"),
    ("label_replace", "vtttt"), ("last_over_time", "m"), ("ln", "v"), ("max_over_time", "m"), ("pi", ""),
    ("predict_linear", "ms"), ("quantile_over_time", "sm"), ("rate", "m"), ("resets", "m"), ("round", "v"),
    ("round", "vs"), ("scalar", "v"), ("sgn", "v"), ("sort", "v"), ("sum_over_time", "m"), ("time", ""),
    ("timestamp", "v"), ("vector", "s"), ("year", ""), ("Rate", "m"), ("nosuch", "v"), ("start", ""),
    ("step", ""), ("range", ""), ("max_of", "ss"),
];

#[rustfmt::skip] // One item a line would be pages.
const METRICS: &[&str] = &[
    "up", "http_requests_total", "job:x:y", "a", "b", "foo", "node_load1", ":a", "_", "x9", "start", "end",
    "step", "by", "without", "offset", "and", "sum", "min", "fill", "anchored", "range", "info", "m", "s",
];

#[rustfmt::skip] // One item a line would be pages.
const LABELS: &[&str] = &[
    "job", "instance", "a", "b", "le", "__name__", "by", "on", "sum", "bool", "group_left", "start",
    "offset", "atan2", "and", "a:b", "\"a b\"", "\"\"", "'job'", "`x`", "without", "inf", "1", "é", "\"é\"", "limitk",
    "step", "fill",
];

const OPERATORS: &[&str] =
    &["+", "-", "*", "/", "%", "^", "==", "!=", "<", ">", "<=", ">=", "and", "or", "unless", "atan2", "AND"];

const AGGREGATIONS: &[&str] = &[
    "sum",
    "avg",
    "count",
    "min",
    "max",
    "group",
    "stddev",
    "stdvar",
    "SUM",
    "topk",
    "bottomk",
    "quantile",
    "count_values",
    "limitk",
    "limit_ratio",
];

#[rustfmt::skip] // One item a line would be pages.
const NUMBERS: &[&str] = &[
    "1", "0", "2.5", ".5", "5.", "1e3", "1E-3", "0x1f", "017", "08", "1_000", "inf", "NaN", "Inf", "1e999",
    "9223372036854775808", "0x", "1e", "1e+", "1_", "0xFFFFFFFFFFFFFFFFFF", "1__0", "1.2.3", "0b1", "5m", "1h30m", "0s", "1_000.5",
    "0_7", "0_8", "0x_1F", "0x1.8",
];

#[rustfmt::skip] // One item a line would be pages.
const DURATIONS: &[&str] = &[
    "5m", "1h", "1h30m", "10s", "1d", "500ms", "1w", "1y", "0s", "0", "5", "5.5", "1m1h", "5x", "5ms3",
    "", "1e3", "300000y", "-5m", "+5m", "5m5m", "0x10", "1hs", "ms", "s", "10000000000", "1e20", "-1", "inf", "5M",
];

/// Texts that stand for themselves: ends of the grammar that no random walk meets often enough.
#[rustfmt::skip] // One item a line would be pages.
const CORNERS: &[&str] = &[
    " ", "# only a comment", "()", "(", ")", "[", "]", "{", "}", "{}", "[5m]", "a[", "a[]", "a[5m", "a[5m:",
    "a[5m:]", "a[5m:1m", "a[:5m]", "a[5m:1m:1s]", "a[5m]]", "a[[5m]]", "a[5m][5m]", "a[5m]offset 5m",
    "a offset", "a offset -", "a offset - 5m", "a offset +5m", "a offset -(5m)", "a offset (5m)",
    "a offset 5m offset 5m", "a offset 0 offset 5m", "a offset 5m[5m]", "a @ 5[5m]", "a @ start()[5m]",
    "a @", "a @ start", "a @ start(", "a @ start()", "a @ end()", "a @ 5 @ 6", "a @ inf", "a @ NaN",
    "a @ -inf", "a @ 1e30", "a @ foo", "a @ -", "a @ 5m", "a @ 0s", "(a) offset 5m", "(a)[5m]", "(a)[5m:]",
    "rate(a[5m]) offset 5m", "1 offset 5m", "1 @ 5", "1[5m]", "sum", "sum(", "sum()", "sum)", "sum(a",
    "sum(a,)", "sum(a,b)", "sum by", "sum by (", "sum by (a", "sum by (a)", "sum by (a,) (b)",
    "sum by (,) (b)", "sum by (a b) (c)", "sum by a (b)", "sum (b) by", "sum (b) by a", "sum by (a) (b) by (c)",
    "sum without (a) (b)", "topk(a)", "topk(1, a)", "topk(a, 1)", "topk(1, 2, a)", "count_values(1, a)",
    "count_values(\"x\", a)", "foo(", "foo()", "foo(a", "rate(a)", "rate(a[5m],)", "rate(,)", "rate(a[5m]",
    "rate(a[5m] b)", "rate(rate(a[5m]))", "time(1)", "time(a[5m])", "a +", "+", "-", "- -1", "-\"a\"", "-a[5m]", "--a",
    "a + bool b", "1 == 1", "1 == bool 1", "1 and 2", "a and 1", "1 + on(a) b", "1 + on() b", "a + on b",
    "a + on(b) group_left c", "a + on(b) group_left )", "a + on(b) group_left(b) c", "a and on(b) group_left c",
    "a + ignoring(b) group_left(b) c", "a + group_left(b) c", "a + on(b) bool c", "a == on(b) bool c",
    "a == bool on(b) c", "a and bool b", "a + \"b\"", "\"a\"", "\"a\" + \"b\"", "a[5m] + b", "a[5m] == b[5m]",
    "a{b=\"c\"} d", "a{__name__=\"b\"}", "{__name__=\"b\"}", "{\"b\"}", "a{\"b\"}", "{a=\"\"}", "{a!=\"b\"}",
    "{a=~\".*\"}", "{a=~\".+\"}", "sum({})", "rate({}[5m])", "absent({})", "a # c", "a # c\n + b", "a #", "a = b",
    "a =~ b", "a !~ b", "a ! b", "a & b", "a ; b", "a : b", "a:b(c)", "sum(a) by (b) + c", "a offset 5m + b",
    "-1 ^ 2", "2 ^ -1", "2 ^ 3 ^ 4", "a atan2 b", "atan2", "atan2(a, b)", "on", "bool", "by", "by(a)",
    "without", "and", "and and and", "or or", "start", "start()", "step()", "step() + 1", "end()", "range()", "min(5m, 1)",
    "a[step()]", "a[5m*2]", "a[(5m)]", "a[5m+1m:1m]", "a[5m:2*1m]", "a[5m a 3m]", "a[5m abc]", "a[5m _]",
    "a[5m : 1m]", "a[ 5m]", "a[\n5m\n]", "a[5m # c\n]", "a[# c\n5m]", "a[5m)]", "a[(5m]", "a[5m/0]", "a[5m%0]",
    "a[-5m]", "a[5m,]", "a[5m==1]", "a[(5m==1)]", "a[5m:(1m==1)]", "a[5m:1m 1m]", "a[5m 5m]", "a[5m*]", "a[5m:*]",
    "a[\"5m\"]", "a[a]", "a[5m]{b=\"c\"}", "a{b=\"c\"}{d=\"e\"}", "(a", "(a))", "((a)", "(a b)", "(a,b)",
    "sum((a b))", "sum(rate(a b))", "sum(a[5m)", "sum(a offset)", "sum(a @)", "a,b", "a b", "1 2", "5m", "5m + a",
    "a + 5m", "a <= bool 1", "a </ b", "a >/ b", "a + fill(1) b", "a + fill_left(1) b", "fill(1)", "fill + fill",
    "a + on(b) fill(1) c", "a anchored", "a smoothed", "a[5m] anchored", "anchored", "rate(a[5m] smoothed)",
    "info(a, {b=\"c\"})", "info(a, b)", "info(a, 1)", "limitk(1, a)", "limit_ratio(0.5, a)", "LIMITK(1, a)",
    "sum(a) == bool 1 == 1", "scalar(a) == scalar(b)", "(scalar(a) ) == 1", "on(a) + scalar(a) == 1",
    "a + on(x) scalar(b) == 1", "scalar(a) ^ 2 == 1", "1 == 1 and a", "a + on(a) group_left(a) b", "a +on(a)group_left(a)b",
    "sum(a)+on(a)group_left(a)b", "sum(sum(a))+on(a)group_left(a)b", "(sum(a))+on(a)group_left(a)b",
    "sum by(a)(b)+on(a)group_left(a)c", "a+on(q)b+on(a)group_left(a)c", "rate(a[5m])+on(q)rate(b[5m])+on(a)group_left(a)c",
    "a @ start()+on(a)group_left(a)c", "rate(a[5m]@start())+on(a)group_left(a)c", "b@start()+rate(a[5m])+on(a)group_left(a)c",
    "unknown(foo(a))", "sum(unknown(a) b)", "unknown(a) )", "unknown(a) $", "sum(a, b) $", "a[0s] $", "a[5m:0s] $",
    "label_replace(a, \"b\", \"c\", \"d\")", "label_join(a, \"b\")", "round(a, 1, 2)", "day_of_week(a, b)",
    "histogram_quantile(a, 0.9)", "a[5m:1m] offset 5m @ 3", "a @ 3 offset -5m", "a offset 5m @ start()",
    "\"unterminated", "'a", "`a", "\"\\x\"", "\"\\400\"", "\"a\nb\"", "`a\nb`", "a{b=`c`}", "a{b='c'}", "a{b=\"\\d\"}",
    "é", "a é", "a\u{a0}b", "\u{feff}a", "a{b=~\"(\"} c", "a{b=\"c\",}", "a{,}", "a{b}", "a{b=}", "sum(a{b=}) + (c d)", "{a=\"b\"",
    "sum(a) by (b) c", "sum by (b) a", "sum by (b) 1", "count(a) by(\"x y\")", "a + on(\"x y\") b", "a == 1e", "a == 0x", "a[1e]",
    "a[0x10]", "a[1_0]", "offset offset 5m", "offset", "a offset offset", "a offset a", "a offset \"5m\"", "- offset", "- by",
    "sum offset 5m", "sum by", "sum[5m]", "sum{a=\"b\"}", "sum foo", "sum 5", "min + max", "topk", "quantile(0.9, a)",
    "foo{} offset 5m5", "a offset 5mm", "a > > b", "a >= = b", "a == = b", "a === b", "a != = b", "a ** b", "a // b",
];

/// What a slip inserts.
#[rustfmt::skip] // One item a line would be pages.
const SCRAPS: &[&str] = &[
    "{", "}", "\"", "'", "`", ",", "=", "~", "!", "(", ")", "[", "]", "\\", "\n", " ", "#", ":", ";", "a", "0",
    ".", "-", "@", "$", "*", "é", "5m", " offset 5m", " by ", " by (a) ", "==", "e", "0x", "+", "^", "/", "<", ">", "_", "&",
    " on ", " on (a) ", " group_left ", " group_left (b) ", " bool ", " and ", " without (a) ", " @ ", "start()", "[5m]", "[5m:]",
    "sum(", "rate(", "()", "1", "\"x\"", " ignoring ", " inf ", "{}", "{a=\"b\"}", " unless ", " atan2 ", "up", " a ", "step()",
    " smoothed ", " anchored ", "fill(1)", "(5m)", "1.", "m",
];

/// An expression, valid or not.
pub(crate) fn expression(random: &mut Random) -> String {
    match random.below(100) {
        0..=13 => random.pick(CORNERS).to_owned(),
        14..=49 => {
            let mut out = String::new();
            vector(random, 4, &mut out);
            out
        }
        50..=53 => (0..random.between(1, 9)).map(|_| random.pick(SCRAPS)).collect(),
        _ => slipped(random),
    }
}

/// A valid expression of which something was deleted, inserted, doubled, swapped or cut off.
fn slipped(random: &mut Random) -> String {
    let mut text = String::new();
    if random.chance(15) {
        text.push_str(random.pick(CORNERS));
    } else {
        vector(random, 3, &mut text);
    }
    for _ in 0..random.between(1, 2) {
        let mut words = words(&text);
        if words.is_empty() {
            return text;
        }
        let at = random.below(words.len());
        match random.below(7) {
            0 => drop(words.remove(at)),
            1 => words.insert(at, words[random.below(words.len())]),
            2 | 3 => words.insert(at, random.pick(SCRAPS)),
            4 => words.truncate(at),
            5 => {
                let other = random.below(words.len());
                words.swap(at, other);
            }
            _ => words[at] = random.pick(SCRAPS),
        }
        text = words.concat();
    }
    text
}

/// A text in pieces: names and numbers whole, everything else a character each.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let end = if part(first) { rest.find(|c| !part(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        words.push(&rest[..end]);
        rest = &rest[end..];
    }
    words
}

fn space(random: &mut Random, out: &mut String) {
    if random.chance(15) {
        out.push_str(random.pick(&[" ", "  ", "\t", "\n", "# c\n", " # )\"\n"]));
    }
}

fn selector(random: &mut Random, out: &mut String) {
    if random.chance(25) {
        let text = selector_text::selector(random);
        let text = String::from_utf8_lossy(&text);
        // YAML refuses some characters, and this is about expressions.
        let fits = |c: char| c == '\t' || c == '\n' || (' '..'\u{7f}').contains(&c) || c == 'é';
        if text.chars().all(fits) {
            out.push_str(&text);
            return;
        }
    }
    out.push_str(if random.chance(85) { random.pick(&METRICS[..7]) } else { random.pick(METRICS) });
    if random.chance(30) {
        out.push_str(random.pick(&["{job=\"a\"}", "{ a=~\"x|y\" , b!=\"\" }", "{}", "{le=\"0.5\",}"]));
    }
}

fn modifiers(random: &mut Random, out: &mut String) {
    for _ in 0..2 {
        match random.below(20) {
            0 | 1 => {
                out.push_str(" offset ");
                out.push_str(if random.chance(70) {
                    random.pick(&DURATIONS[..7])
                } else {
                    random.pick(DURATIONS)
                });
            }
            2 => out.push_str(random.pick(&[" @ 1609746000", " @ start()", " @ end()", " @ -1.5", "@5"])),
            _ => {}
        }
    }
}

fn duration(random: &mut Random) -> &'static str {
    if random.chance(88) { random.pick(&DURATIONS[..7]) } else { random.pick(DURATIONS) }
}

fn vector(random: &mut Random, depth: usize, out: &mut String) {
    space(random, out);
    let choice = if depth == 0 { random.below(4) } else { random.below(20) };
    match choice {
        0..=3 => {
            selector(random, out);
            modifiers(random, out);
        }
        4..=8 => call(random, depth - 1, out),
        9..=12 => aggregate(random, depth - 1, out),
        13..=16 => {
            vector(random, depth - 1, out);
            operator(random, out);
            if random.chance(25) { scalar(random, depth - 1, out) } else { vector(random, depth - 1, out) }
        }
        17 => {
            out.push('(');
            vector(random, depth - 1, out);
            out.push(')');
        }
        18 => {
            out.push_str(random.pick(&["-", "+", "- ", "-+"]));
            vector(random, depth - 1, out);
        }
        _ => scalar(random, depth - 1, out),
    }
    space(random, out);
}

fn operator(random: &mut Random, out: &mut String) {
    space(random, out);
    let op = random.pick(OPERATORS);
    let word = op.starts_with(|c: char| c.is_alphabetic());
    out.push_str(&if word { format!(" {op} ") } else { op.to_owned() });
    if random.chance(10) {
        out.push_str(" bool ");
    }
    if random.chance(25) {
        out.push_str(random.pick(&[" on ", " ignoring ", "on", " ON "]));
        labels(random, out);
        if random.chance(40) {
            out.push_str(random.pick(&[" group_left ", " group_right ", "group_left"]));
            if random.chance(60) {
                labels(random, out);
            }
        }
    }
    space(random, out);
}

fn labels(random: &mut Random, out: &mut String) {
    let usual = random.chance(80);
    let from = if usual { &LABELS[..5] } else { LABELS };
    let labels: Vec<&str> = (0..random.between(0, 3)).map(|_| random.pick(from)).collect();
    out.push('(');
    out.push_str(&labels.join(random.pick(&[",", ", "])));
    out.push_str(if random.chance(5) { ",)" } else { ")" });
}

fn aggregate(random: &mut Random, depth: usize, out: &mut String) {
    let from = if random.chance(60) { &AGGREGATIONS[..9] } else { AGGREGATIONS };
    let op = random.pick(from);
    out.push_str(op);
    let grouping = random.below(4);
    let word = random.pick(&[" by ", " without ", " by", "by"]);
    if grouping == 0 {
        out.push_str(word);
        labels(random, out);
    }
    space(random, out);
    out.push('(');
    match op {
        "topk" | "bottomk" | "quantile" | "limitk" | "limit_ratio" => {
            scalar(random, 0, out);
            out.push(',');
        }
        "count_values" => out.push_str("\"x\", "),
        _ => {}
    }
    vector(random, depth, out);
    out.push(')');
    if grouping == 1 {
        out.push_str(word);
        labels(random, out);
    }
}

fn call(random: &mut Random, depth: usize, out: &mut String) {
    let (name, types) = FUNCTIONS[random.below(FUNCTIONS.len())];
    out.push_str(name);
    space(random, out);
    out.push('(');
    for (index, ty) in types.chars().enumerate() {
        if index > 0 {
            out.push(',');
            space(random, out);
        }
        let ty = if random.chance(3) { ['v', 'm', 's', 't'][random.below(4)] } else { ty };
        match ty {
            'v' => vector(random, depth, out),
            'm' => matrix(random, depth, out),
            's' => scalar(random, depth, out),
            _ => out.push_str(random.pick(&["\"x\"", "'$1'", "`(.*)`", "\"\"", "\"a\\nb\""])),
        }
    }
    out.push(')');
}

fn matrix(random: &mut Random, depth: usize, out: &mut String) {
    if random.chance(75) || depth == 0 {
        selector(random, out);
        out.push_str(&format!("[{}]", duration(random)));
    } else {
        if random.chance(70) {
            out.push('(');
            vector(random, depth - 1, out);
            out.push(')');
        } else {
            vector(random, depth - 1, out);
        }
        let step = if random.chance(50) { duration(random) } else { "" };
        out.push_str(&format!("[{}:{step}]", duration(random)));
    }
    modifiers(random, out);
}

fn scalar(random: &mut Random, depth: usize, out: &mut String) {
    match random.below(if depth == 0 { 6 } else { 10 }) {
        0..=4 => out.push_str(random.pick(&NUMBERS[..6])),
        5 => out.push_str(random.pick(NUMBERS)),
        6 => out.push_str(random.pick(&["time()", "pi()", "scalar(up)", "vector(1)"])),
        7 => {
            scalar(random, depth - 1, out);
            operator(random, out);
            scalar(random, depth - 1, out);
        }
        8 => {
            out.push('-');
            scalar(random, depth - 1, out);
        }
        _ => {
            out.push('(');
            scalar(random, depth - 1, out);
            out.push(')');
        }
    }
}
