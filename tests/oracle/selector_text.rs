//! Generated texts of `match[]`: valid ones from the grammar, and what becomes of them when a hand slips.

use crate::random::Random;

#[rustfmt::skip] // One item a line would be pages.
const NAMES: &[&str] = &[
    "up", "http_requests_total", "job:x:y", "a", ":a", "_", "x9", "absent_name", "sum", "by", "on",
    "offset", "and", "inf", "NaN", "Inf", "bool", "group_left", "ignoring", "atan2", "start", "end", "step",
    "limitk", "histogram", "OR", "9x", "0x1f", "1e3", "5m", "é", "a.b", "a-b", "smoothed", "anchored",
    "max", "min", "range", "info", "ANCHORED", "fill", "fill_left", "limit_ratio", "without", "unless",
    "desc",
];

#[rustfmt::skip] // One item a line would be pages.
const LABELS: &[&str] = &[
    "a", "b", "job", "instance", "region", "zone", "__name__", "le", "absent", "exported_job", "value",
    "by", "on", "inf", "sum", "bool", "Zone", "a:b", "9a", "é", "__replica__", "start", "offset", "nan",
];

const OPERATORS: &[(usize, &str)] = &[
    (30, "="),
    (18, "!="),
    (22, "=~"),
    (18, "!~"),
    (1, "=="),
    (1, "!"),
    (1, "~"),
    (1, "<"),
    (1, ">="),
    (1, "+"),
    (1, "=!"),
    (1, ":"),
    (1, "==="),
    (1, ""),
];

/// Values that series of the test have, and some that none has.
#[rustfmt::skip] // One item a line would be pages.
pub(crate) const VALUES: &[&str] = &[
    "", "x", "y", "eu", "us", "aaa", "ab", "a.b", "a\nb", "k", "K", "\u{212a}", "s", "ſ", "é", "É", "ß",
    "日本", "٣", "3", "42", "_", "-", " ", "\t", "\u{b}", "\u{a0}", "a b", "a;b", "$1", "\\", "a\\b", "\"",
    "'", "`", "{}", "[a]", "(", "a|b", "^", "$", "*", "\u{fffd}", "🙂", "Ω", "ω", "ς", "σ", "İ", "i", "ı",
    "ǅ", "prometheus", "app:8080", "localhost:9090", "\r", "\u{c}", "\u{7f}", "\u{85}", "\u{2028}", "aA",
    "1.0", "+Inf", "x\u{301}",
];

/// Texts that stand for themselves: ends of the grammar that no random walk meets often enough.
#[rustfmt::skip] // One item a line would be pages.
const CORNERS: &[&str] = &[
    "", " ", "{}", "{,}", "{", "}", "{a=\"b\",}", "{a=\"b\",,}", "a{}", "a{}b", "{} {}", "a b",
    "{a=\"b\" c=\"d\"}", "{__name__=\"a\"}", "a{__name__=\"b\"}", "{\"a\"}", "{\"a\",\"b\"}", "a{\"b\"}",
    "{\"a\"=\"b\"}", "{\"\"}", "{\"\"=\"\"}", "{\"\"=\"\",a=\"x\"}", "{''}", "{``}", "# only a comment",
    "a # end\n", "{a=\"b\" # in\n}", "a[5m]", "a offset 5m", "a @ 1", "rate(a[5m])", "sum(a)", "a + b", "1",
    "-1", "\"a\"", "'a'", "(a)", "a{b=\"c\"}[5m]", "{a=~\"\"}", "{a!~\"\"}", "{a=~\".*\"}", "{a!~\".*\"}",
    "{a=~\".+\"}", "{a!~\".+\"}", "{a=b}", "{a=1}", "{a=}", "{a}", "{a", "{a=", "{a=\"", "{a=\"b",
    "{a=\"b\"", "{a=\"b\",", "{=\"b\"}", "{\"a\"=}", "{\"a\"=~\"(\"}", "{a=~\"(\"}", "{a=~\"[\"}",
    "{a=~\"*\"}", "{a=~\"a**\"}", "{a=~\"a{1001}\"}", "{a=~\"\\\\\"}", "{a=~`\\8`}", "{a=~`\\Q`}",
    "{a=~`(?i)`}", "{a=~`a)(b`}", "{a=~`(?P<a>x)(?P<a>y)`}", "{a=~`(?<a>x)`}", "{a=~`\\pX`}",
    "{a=~`[b-a]`}", "{a=~`[[:foo:]]`}", "{a=~`(?x)a`}", "{a=~`\\C`}", "{a=\"\\400\"}", "{a=\"\\x4\"}",
    "{a=\"\\ud800\"}", "{a=\"\\U00110000\"}", "{a=\"\\'\"}", "{a='\\\"'}", "{a=\"\\z\"}", "{a=`\\z`}",
    "{a=\"a\nb\"}", "{a='a\nb'}", "{a=`a\nb`}", "\u{feff}up", "up\u{0}", "{a=\"\u{0}\"}", "{\u{0}}", "é",
    "{é=\"x\"}", "{\"é\"=\"x\"}", "up;", "up!", "!up", "{!a=\"b\"}", "{a!\"b\"}", "{a~\"b\"}",
    "{a=~~\"b\"}", "a{b=\"c\"} == 1", "$up", "@", "up @", "{a=\"b\"}}", "{{a=\"b\"}}", "up{{}}",
    "{a:b=\"c\"}", "{:a=\"c\"}", "{a.b=\"c\"}", "a.b", "by", "{by=\"x\"}", "histogram{a=\"b\"}",
    "{1a=\"x\"}", "{a=\"b\"\u{a0}}", "{a=\"\\xff\"}", "{a=~\"\\xff\"}", "{a=\"\u{fffd}\"}",
    "{a=`\u{fffd}`}", "{\"a\u{fffd}\"}", "up\u{fffd}",
];

/// What a slip inserts.
const SCRAPS: &[&str] = &[
    "{", "}", "\"", "'", "`", ",", "=", "~", "!", "(", ")", "[", "]", "\\", "\n", " ", "#", ":", ";", "a",
    "0", ".", "-", "@", "$", "*", "é", "\u{fffd}", "\u{0}", "5m", "offset ", "by ", "=~", "{}", "\\x",
    "\\u12", "\u{2028}", "==", "e", "0x", "\r", "\t", "|", "?", "+", "^",
];

/// A text for one `match[]`.
pub(crate) fn selector(random: &mut Random) -> Vec<u8> {
    loop {
        let text = any(random);
        // Whether Go prints a young character or escapes it depends on the Unicode tables of the toolchain that
        // built the server, not on Prometheus. Those that bytes make up by chance are left out.
        let young =
            |c: char| c >= '\u{800}' && ![VALUES, CORNERS, SCRAPS, ATOMS].concat().concat().contains(c);
        if !String::from_utf8_lossy(&text).contains(young) {
            return text;
        }
    }
}

fn any(random: &mut Random) -> Vec<u8> {
    match random.below(100) {
        0..=3 => random.pick(CORNERS).as_bytes().to_vec(),
        4..=59 => grammatical(random).into_bytes(),
        60..=92 => slipped(random),
        _ => (0..random.between(1, 12)).map(|_| random.below(256) as u8).collect(),
    }
}

fn grammatical(random: &mut Random) -> String {
    let mut out = String::new();
    space(random, &mut out);
    let named = random.chance(45);
    if named {
        let usual = random.chance(70);
        out.push_str(if usual { random.pick(&NAMES[..8]) } else { random.pick(NAMES) });
        space(random, &mut out);
    }
    if !named || random.chance(75) {
        out.push('{');
        space(random, &mut out);
        let count = random.weighted(&[(1, "0"), (8, "1"), (6, "2"), (3, "3"), (1, "4")]);
        let count: usize = count.parse().expect("a digit");
        for index in 0..count {
            if index > 0 {
                out.push(',');
                space(random, &mut out);
            }
            matcher(random, &mut out);
            space(random, &mut out);
        }
        if random.chance(6) {
            out.push(',');
            space(random, &mut out);
        }
        out.push('}');
        space(random, &mut out);
    }
    out
}

fn space(random: &mut Random, out: &mut String) {
    if random.chance(12) {
        out.push_str(random.pick(&[" ", "  ", "\t", "\n", "\r\n", "# c\n", " # {}\"\n", "\u{a0}", "\u{b}"]));
    }
}

fn matcher(random: &mut Random, out: &mut String) {
    if random.chance(7) {
        let value = if random.chance(60) { random.pick(NAMES) } else { random.pick(VALUES) };
        string(random, value, out);
        return;
    }
    if random.chance(10) {
        let name = if random.chance(60) { random.pick(LABELS) } else { random.pick(VALUES) };
        string(random, name, out);
    } else {
        let usual = random.chance(85);
        out.push_str(if usual { random.pick(&LABELS[..11]) } else { random.pick(LABELS) });
    }
    space(random, out);
    let operator = random.weighted(OPERATORS);
    out.push_str(operator);
    space(random, out);
    if operator.ends_with('~') {
        let mut pattern = String::new();
        if random.chance(20) {
            pattern.push_str(random.pick(VALUES));
        } else {
            regex(random, 0, &mut pattern);
        }
        string(random, &pattern, out);
    } else if random.chance(97) {
        let value = random.pick(VALUES);
        string(random, value, out);
    } else {
        out.push_str(random.pick(&["1", "b", "inf", "5m", "{}", "-1", "0x", "sum"]));
    }
}

/// A string in one of PromQL's three quotes, its content mostly written so that it is read back.
fn string(random: &mut Random, content: &str, out: &mut String) {
    let quote = *[&'"', &'"', &'"', &'\'', &'`'][random.below(5)];
    out.push(quote);
    for character in content.chars() {
        if quote == '`' {
            out.push(character);
            continue;
        }
        match character {
            '\\' if random.chance(95) => out.push_str("\\\\"),
            '\n' => out.push_str(if random.chance(95) { "\\n" } else { "\n" }),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if random.chance(3) => {
                let code = u32::from(c);
                let escape = match random.below(5) {
                    0 => format!("\\u{code:04x}"),
                    1 => format!("\\U{code:08X}"),
                    2 => escaped(c, |byte| format!("\\x{byte:02x}")),
                    3 => escaped(c, |byte| format!("\\{byte:03o}")),
                    _ => format!("\\{c}"),
                };
                out.push_str(&escape);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
}

/// A character with an escape for each of its bytes.
fn escaped(character: char, escape: fn(u8) -> String) -> String {
    let bytes: Vec<String> = character.to_string().bytes().map(escape).collect();
    bytes.concat()
}

#[rustfmt::skip] // One item a line would be pages.
const ATOMS: &[&str] = &[
    "a", "b", "x", "eu", "us", "k", "K", "s", "é", "日", "🙂", "3", "_", " ", ".", "\\.", "\\d", "\\D", "\\w",
    "\\W", "\\s", "\\S", "\\b", "\\B", "^", "$", "\\A", "\\z", "\\Z", "\\pL", "\\pN", "\\PL", "\\p{Greek}",
    "\\p{^Greek}", "\\P{Lu}", "\\p{Lu}", "\\p{Any}", "\\p{Letter}", "\\p{greek}", "\\pX", "\\p{", "\\p",
    "\\x41", "\\x{212a}", "\\x{110000}", "\\x4", "\\x{", "\\141", "\\0", "\\08", "\\1", "\\8", "\\u0041",
    "\\a", "\\f", "\\t", "\\n", "\\r", "\\v", "\\e", "\\Qa.b\\E", "\\Q", "\\E", "\\C", "\\G", "\\R", "\\h",
    "\\<", "\\-", "\\\"", "\\/", "\\é", "\\ ", "\\_", "\\", "/", "{", "}", "]", ")", "(", "[", "-", ",",
    "\n", "&&", "\"", "'", "#",
];

#[rustfmt::skip] // One item a line would be pages.
const CLASSES: &[&str] = &[
    "[a-z]", "[^a-z]", "[abc]", "[^abc]", "[a-zA-Z0-9_]", "[[:alpha:]]", "[[:^digit:]]", "[[:word:]]",
    "[[:foo:]]", "[\\d]", "[^\\d]", "[\\w-]", "[\\d-a]", "[a-\\d]", "[]a]", "[^]a]", "[a", "[]", "[^]",
    "[z-a]", "[a-]", "[-a]", "[a&&b]", "[[a]b]", "[a--b]", "[\\pL]", "[\\p{Greek}x]", "[\\x00-\\x{10FFFF}]",
    "[^\\x00-\\x{10FFFF}]", "[\\s]", "[^\\S]", "[é-ü]", "[\\]]", "[\\^a]", "[a\\-z]", "[ -~]",
    "[[:alnum:]_-]", "[\\Q]\\E]", "[\\n]", "[^\n]", "[K]", "[k]", "[[:space:]]", "[\\b]", "[α-ω]",
    "[\\141]", "[[.a.]]", "[[=a=]]", "[[:alpha:]", "[[:", "[a-\\z]", "[\\z]",
];

#[rustfmt::skip] // One item a line would be pages.
const REPEATS: &[&str] = &[
    "*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,}", "{2,}", "{1,3}?", "{,3}", "{}", "{a}",
    "{1001}", "{3,1}", "**", "+*", "{2}{3}", "{0}", "{1000}", "{ 2}", "{2, 3}", "*+", "++", "?+", "{00002}",
    "{99999999999}",
];

const GROUPS: &[&str] = &[
    "(", "(", "(", "(?:", "(?:", "(?i:", "(?s:", "(?-s:", "(?m:", "(?U:", "(?P<n>", "(?<n>", "(?P<1a>",
    "(?P<é>", "(?P<>", "(?P=n", "(?=", "(?!", "(?<=", "(?#", "(?i-s:", "(?x:", "(?P", "(?", "(?i", "(?-:",
    "(?is-U:", "(?--i:", "(?i-:", "(?>", "(?P<n", "(?a:", "(?ii:",
];

fn regex(random: &mut Random, depth: usize, out: &mut String) {
    if depth == 0 && random.chance(10) {
        out.push_str(
            random.pick(&["(?i)", "(?s)", "(?-s)", "(?m)", "(?U)", "(?i-s)", "(?)", "(?x)", "(?im)"]),
        );
    }
    let most = if random.chance(20) { 3 } else { 2 };
    for alternative in 0..random.between(1, most) {
        if alternative > 0 {
            out.push('|');
        }
        let least = usize::from(random.chance(90));
        for _ in 0..random.between(least, 3) {
            match random.below(20) {
                0..=2 if depth < 3 => {
                    let usual = random.chance(80);
                    out.push_str(if usual { random.pick(&GROUPS[..7]) } else { random.pick(GROUPS) });
                    regex(random, depth + 1, out);
                    if random.chance(97) {
                        out.push(')');
                    }
                }
                3..=5 => {
                    let usual = random.chance(60);
                    out.push_str(if usual { random.pick(&CLASSES[..8]) } else { random.pick(CLASSES) });
                }
                6..=7 => out.push_str(".*"),
                8 => out.push_str(random.pick(ATOMS)),
                _ => {
                    let usual = random.chance(75);
                    out.push_str(if usual { random.pick(&ATOMS[..19]) } else { random.pick(ATOMS) });
                }
            }
            if random.chance(25) {
                let usual = random.chance(80);
                out.push_str(if usual { random.pick(&REPEATS[..6]) } else { random.pick(REPEATS) });
            }
        }
    }
}

/// A grammatical text in which a few places went wrong, also inside of a character.
fn slipped(random: &mut Random) -> Vec<u8> {
    let mut text =
        if random.chance(15) { random.pick(CORNERS).to_owned() } else { grammatical(random) }.into_bytes();
    for _ in 0..random.between(1, 3) {
        let at = random.below(text.len() + 1);
        match random.below(6) {
            0 if at < text.len() => {
                text.remove(at);
            }
            1 if at < text.len() => {
                let end = (at + random.between(1, 8)).min(text.len());
                text.drain(at..end);
            }
            2 => text.truncate(at),
            3 => {
                let other = grammatical(random).into_bytes();
                text.splice(at.., other[random.below(other.len() + 1)..].iter().copied());
            }
            4 if at < text.len() && random.chance(30) => text[at] = random.below(256) as u8,
            _ => {
                text.splice(at..at, random.pick(SCRAPS).bytes());
            }
        }
    }
    text
}
