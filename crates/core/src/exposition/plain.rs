//! The pieces of plain lines, many bytes at a time: where values end, what two lines have in common, numbers.
//! Whatever is not plain is `None`, and the complete way of `reader.rs` takes it.

use crate::series::sample;

use super::Format;
use super::entry::MetricType;
use super::number::parse_float;

/// A plain metadata line of the Prometheus format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meta<'a> {
    Type(MetricType),
    Help(&'a str),
}

/// The metadata line at the start of `bytes`, with the metric's name and the line's length, where it is as
/// plain as `# TYPE name counter`.
pub(super) fn metadata(bytes: &[u8]) -> Option<(&str, Meta<'_>, usize)> {
    let (is_type, rest) = match bytes.first_chunk::<7>()? {
        b"# TYPE " => (true, &bytes[7..]),
        b"# HELP " => (false, &bytes[7..]),
        _ => return None,
    };
    let name_len = metric_name_len(rest);
    let name = std::str::from_utf8(&rest[..name_len]).ok().filter(|name| !name.is_empty())?;
    let text = rest.get(name_len..)?.strip_prefix(b" ")?;
    let end = memchr::memchr2(b'\n', 0, text).filter(|&end| text[end] == b'\n')?;
    let text = &text[..end];
    let meta = if is_type {
        Meta::Type(MetricType::read(text, Format::PrometheusText)?)
    } else {
        if matches!(text.first(), None | Some(b' ' | b'\t')) || memchr::memchr(b'\\', text).is_some() {
            return None;
        }
        Meta::Help(std::str::from_utf8(text).ok()?)
    };
    Some((name, meta, 7 + name_len + 1 + end + 1))
}

/// The length of the metric name at the start of `line`.
pub(super) fn metric_name_len(line: &[u8]) -> usize {
    match line.first() {
        Some(byte) if byte.is_ascii_digit() => 0,
        _ => line
            .iter()
            .position(|&byte| !(byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':'))
            .unwrap_or(0),
    }
}

/// The length of the label name at the start of `line`.
pub(super) fn label_name_len(line: &[u8]) -> usize {
    match line.first() {
        Some(byte) if byte.is_ascii_digit() => 0,
        _ => line.iter().position(|&byte| !(byte.is_ascii_alphanumeric() || byte == b'_')).unwrap_or(0),
    }
}

/// The closing quote of the value that goes on at `at`, and whether there are escapes before it. `None` where
/// the line ends before, or is not plain.
#[inline]
pub(super) fn value_end(line: &[u8], at: usize) -> Option<(usize, bool)> {
    let mut escaped = false;
    let mut at = at;
    loop {
        at += special(line.get(at..)?)?;
        match line[at] {
            b'"' => return Some((at, escaped)),
            b'\\' => {
                escaped = true;
                // What may follow a backslash is any byte but a newline and NUL.
                if matches!(line.get(at + 1)?, 0 | b'\n') {
                    return None;
                }
                at += 2;
            }
            _ => return None,
        }
    }
}

/// The place of the first quote, backslash or newline.
#[inline]
pub(super) fn special(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGHS: u64 = ONES << 7;
    const QUOTES: u64 = ONES * 0x22;
    const BACKSLASHES: u64 = ONES * 0x5c;
    const NEWLINES: u64 = ONES * 0x0a;
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The lowest bit found is exact; higher ones may be carries from it.
        let found = zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES) | zeros(word ^ NEWLINES);
        if found != 0 {
            return Some(at * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let at = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n'))?;
    Some(words.len() * 8 + at)
}

/// How many bytes two texts have in common from their start.
#[inline]
pub(super) fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let len = a.len().min(b.len());
    let (a, b) = (&a[..len], &b[..len]);
    let mut at = 0;
    for (x, y) in a.as_chunks::<32>().0.iter().zip(b.as_chunks::<32>().0) {
        // As words: comparing the arrays would be a call where there are no vectors.
        let words = x.as_chunks::<8>().0.iter().zip(y.as_chunks::<8>().0);
        let differ = words.fold(0, |bits, (x, y)| bits | (u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y)));
        if differ != 0 {
            break;
        }
        at += 32;
    }
    for (x, y) in a[at..].as_chunks::<8>().0.iter().zip(b[at..].as_chunks::<8>().0) {
        let difference = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
        if difference != 0 {
            return at + difference.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at + a[at..].iter().zip(&b[at..]).take_while(|(x, y)| x == y).count()
}

const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// The number at `start`, and where it ends: at a blank or a newline. Exact: the short way is taken only where
/// one rounding gives the nearest number, with at most 2^53 in digits and a power of ten up to 22.
#[inline]
pub(super) fn float(line: &[u8], start: usize) -> Option<(f64, usize)> {
    let mut at = start;
    let negative = line.get(at) == Some(&b'-');
    at += usize::from(negative);
    let first = at;
    let mut mantissa = 0_u64;
    let mut scale = 0_i32;
    let mut count = 0;
    while let Some(digit) = digit(line, at) {
        mantissa = mantissa.wrapping_mul(10).wrapping_add(digit);
        at += 1;
    }
    count += at - first;
    if line.get(at) == Some(&b'.') {
        at += 1;
        let fraction = at;
        while let Some(digit) = digit(line, at) {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(digit);
            at += 1;
        }
        count += at - fraction;
        scale = -i32::try_from(at - fraction).unwrap_or(i32::MAX);
    }
    if count > 0
        && let Some(b'e' | b'E') = line.get(at)
    {
        let mut exponent_at = at + 1;
        let below = line.get(exponent_at) == Some(&b'-');
        exponent_at += usize::from(below || line.get(exponent_at) == Some(&b'+'));
        let digits_at = exponent_at;
        let mut exponent = 0_i32;
        while let Some(digit) = digit(line, exponent_at) {
            exponent = exponent.saturating_mul(10).saturating_add(digit as i32);
            exponent_at += 1;
        }
        if exponent_at > digits_at {
            at = exponent_at;
            scale = scale.saturating_add(if below { -exponent } else { exponent });
        }
    }
    let ends = matches!(line.get(at), Some(b' ' | b'\n'));
    if ends && count > 0 && count <= 19 && mantissa <= 1 << 53 && (-22..=22).contains(&scale) {
        let power = POWERS[scale.unsigned_abs() as usize];
        let value = if scale < 0 { mantissa as f64 / power } else { mantissa as f64 * power };
        return Some((if negative { -value } else { value }, at));
    }
    let end =
        start + line.get(start..)?.iter().position(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'{'))?;
    if end == start {
        return None;
    }
    let value = parse_float(&line[start..end]).ok()?;
    Some((if value.is_nan() { sample::not_a_number() } else { value }, end))
}

#[inline]
pub(super) fn digit(line: &[u8], at: usize) -> Option<u64> {
    let digit = line.get(at)?.wrapping_sub(b'0');
    (digit < 10).then_some(u64::from(digit))
}

/// The digits at `start` as a number, and where they end.
#[inline]
pub(super) fn digits(line: &[u8], start: usize) -> Option<(i64, usize)> {
    let mut at = start;
    let mut number = 0_i64;
    while let Some(digit) = digit(line, at) {
        number = number.wrapping_mul(10).wrapping_add(digit.cast_signed());
        at += 1;
    }
    (at > start && at - start <= 18).then_some((number, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn finds_the_end_of_a_value() {
        let check = |text: &str, expect: Option<(usize, bool)>| {
            assert_eq!(value_end(text.as_bytes(), 0), expect, "{text:?}");
        };
        check("\"", Some((0, false)));
        check("0123456789abcdef\"", Some((16, false)));
        check("01234567\\\"89\"x", Some((12, true)));
        check("a\\\\\"", Some((3, true)));
        check("a\\", None);
        check("a\\\n\"", None);
        check("a\n\"", None);
        check("abc", None);
    }

    #[test]
    fn reads_plain_metadata() {
        let check = |text: &str, expect: Option<(&str, Meta<'_>, usize)>| {
            assert_eq!(metadata(text.as_bytes()), expect, "{text:?}");
        };
        check("# TYPE up gauge\nup 1", Some(("up", Meta::Type(MetricType::Gauge), 16)));
        check("# HELP up Is it up?\n", Some(("up", Meta::Help("Is it up?"), 20)));
        check("# TYPE up gauge", None);
        check("# TYPE up gaugehistogram\n", None);
        check("# TYPE  up gauge\n", None);
        check("# HELP up  two blanks\n", None);
        check("# HELP up a\\nb\n", None);
        check("# HELP up a\0b\n", None);
        check("# HELP up \n", None);
        check("# HELP \n", None);
    }

    proptest! {
        #[test]
        fn common_prefixes(text in proptest::collection::vec(0_u8..3, 0..100), other in proptest::collection::vec(0_u8..3, 0..100), at in 0_usize..100) {
            let mut changed = text.clone();
            changed.truncate(at);
            changed.extend(other);
            let want = text.iter().zip(&changed).take_while(|(x, y)| x == y).count();
            prop_assert_eq!(common_prefix(&text, &changed), want);
        }

        #[test]
        fn special_bytes(text in proptest::collection::vec(prop_oneof![8 => any::<u8>(), 1 => Just(b'"'), 1 => Just(b'\\'), 1 => Just(b'\n')], 0..60)) {
            prop_assert_eq!(special(&text), text.iter().position(|byte| b"\"\\\n".contains(byte)));
        }

        #[test]
        fn floats_are_exact(text in prop_oneof!["-?[0-9]{1,20}", "-?[0-9]{0,18}\\.[0-9]{0,20}", "-?[0-9]{1,18}(\\.[0-9]{1,18})?[eE][+-]?[0-9]{1,3}", "[0-9.e+-]{1,8}", "[+-]?(inf|Inf|NaN|nan)"]) {
            let line = format!("{text} ");
            let have = float(line.as_bytes(), 0);
            let want = parse_float(text.as_bytes()).ok().map(|value| (value.to_bits(), text.len()));
            prop_assert_eq!(have.map(|(value, end)| (value.to_bits(), end)), want);
        }
    }
}
