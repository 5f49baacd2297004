//! Numbers as Go reads and prints them.

use std::fmt::Write as _;

use super::quote::quote;

/// Reads a sample's value as Prometheus does: Go's `strconv.ParseFloat` without hexadecimal numbers and
/// underscores (`model/textparse`, `parseFloat`).
///
/// # Errors
/// Go's words, such as `strconv.ParseFloat: parsing "true": invalid syntax`.
pub(super) fn parse_float(text: &[u8]) -> Result<f64, String> {
    if text.iter().any(|byte| matches!(byte, b'p' | b'P' | b'_')) {
        return Err("unsupported character in float".to_owned());
    }
    go_parse_float(text).map_err(|reason| format!("strconv.ParseFloat: parsing {}: {reason}", quote(text)))
}

/// Go's `strconv.ParseFloat` of a decimal number, an infinity or a NaN.
fn go_parse_float(text: &[u8]) -> Result<f64, &'static str> {
    const SYNTAX: &str = "invalid syntax";
    let unsigned = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).unwrap_or(text);
    if unsigned.eq_ignore_ascii_case(b"nan") {
        return if unsigned.len() == text.len() {
            Ok(crate::series::sample::not_a_number())
        } else {
            Err(SYNTAX)
        };
    }
    let value: f64 = std::str::from_utf8(text).map_err(|_| SYNTAX)?.parse().map_err(|_| SYNTAX)?;
    let spelled_infinite = unsigned.first().is_some_and(u8::is_ascii_alphabetic);
    if value.is_infinite() && !spelled_infinite { Err("value out of range") } else { Ok(value) }
}

/// Reads the digits of a timestamp: Go's `strconv.ParseInt` of a text without sign.
///
/// # Errors
/// Go's words when the number does not fit.
pub(super) fn parse_digits(text: &[u8]) -> Result<i64, String> {
    let parsed = text.iter().try_fold(0_i64, |number, digit| {
        number.checked_mul(10)?.checked_add(i64::from(digit.wrapping_sub(b'0')))
    });
    parsed.ok_or_else(|| format!("strconv.ParseInt: parsing {}: value out of range", quote(text)))
}

/// Milliseconds of seconds as Go on x86-64 converts them: what does not fit becomes the smallest number.
pub(super) fn milliseconds(seconds: f64) -> i64 {
    let milliseconds = seconds * 1000.0;
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&milliseconds) {
        milliseconds as i64
    } else {
        i64::MIN
    }
}

/// How many bytes [`write_float`] appends.
pub(super) fn float_len(value: f64) -> usize {
    if value.abs() < 1e6 && value.fract() == 0.0 {
        return integer_len(value as i64);
    }
    let mut out = String::with_capacity(24);
    write_float(&mut out, value);
    out.len()
}

/// How many bytes a number has in decimal digits, its sign included.
pub(super) fn integer_len(value: i64) -> usize {
    let digits = value.unsigned_abs().checked_ilog10().map_or(1, |power| power as usize + 1);
    digits + usize::from(value < 0)
}

/// Appends `value` as `/federate` prints it: `NaN`, `+Inf`, `-Inf`, `0`, `1`, `-1`, and every other number as
/// Go's `strconv.AppendFloat` with format `g` and the fewest digits that read back the same: `1e+06`,
/// `1.23456789e+08`, `1e-07` (`common/expfmt`, `writeFloat`).
pub fn write_float(out: &mut String, value: f64) {
    if value.is_nan() {
        return out.push_str("NaN");
    }
    if value.is_infinite() {
        return out.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
    }
    if value == 0.0 {
        return out.push('0');
    }
    // Whole numbers below a million are by far the most frequent.
    if value.abs() < 1e6 && value.fract() == 0.0 {
        let _ = write!(out, "{}", value as i32);
        return;
    }
    // Go's `g` with the fewest digits takes the exponent form below 1e-4 and from 1e+06.
    if (1e-4..1e6).contains(&value.abs()) {
        let _ = write!(out, "{value}");
        return;
    }
    let start = out.len();
    let _ = write!(out, "{value:e}");
    // Rust writes `1e6` and `1e-7` for Go's `1e+06` and `1e-07`.
    let Some(sign) = out[start..].find('e').map(|at| start + at + 1) else { return };
    if !out[sign..].starts_with('-') {
        out.insert(sign, '+');
    }
    if out.len() - sign < 3 {
        out.insert(sign + 1, '0');
    }
}

/// `value` as [`write_float`] prints it.
#[must_use]
pub fn format_float(value: f64) -> String {
    let mut out = String::new();
    write_float(&mut out, value);
    out
}

/// `value` as OpenMetrics spells the bounds of buckets and quantiles: as [`write_float`], with `.0` where
/// there is neither a point nor an exponent (`model/labels`, `FormatOpenMetricsFloat`).
fn format_open_metrics_float(value: f64) -> String {
    let mut out = format_float(value);
    if value.is_finite() && !out.contains(['e', '.']) {
        out.push_str(".0");
    }
    out
}

/// The bound of a bucket or a quantile in its one spelling, where it is a number (`model/textparse`,
/// `normalizeFloatsInLabelValues`).
pub(super) fn normalize_bound(text: &str) -> Option<String> {
    if text.contains('_') {
        return separates_digits(text).then(|| normalize_bound(&text.replace('_', ""))).flatten();
    }
    let value = go_parse_float(text.as_bytes()).ok().or_else(|| parse_hexadecimal(text))?;
    Some(format_open_metrics_float(value))
}

/// Whether every underscore stands between two digits, of which the prefix of a hexadecimal number is one:
/// Go's `strconv.underscoreOK`.
fn separates_digits(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let hexadecimal = unsigned.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x"));
    let is_digit = |byte: u8| byte.is_ascii_digit() || (hexadecimal && byte.is_ascii_hexdigit());
    let digits = if hexadecimal { &unsigned.as_bytes()[2..] } else { unsigned.as_bytes() };
    (0..digits.len()).filter(|&at| digits[at] == b'_').all(|at| {
        let before = at.checked_sub(1).map_or(hexadecimal, |before| is_digit(digits[before]));
        before && digits.get(at + 1).is_some_and(|&after| is_digit(after))
    })
}

/// A hexadecimal number with its binary exponent, `0x1.8p-2`, which Go reads in label values. Numbers of more
/// digits than a `f64` holds are left as they are spelled.
fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let rest = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X"))?;
    let (mantissa, exponent) = rest.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + fraction.len() > 13 || whole.len() + fraction.len() == 0 {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let exponent: i32 = exponent.parse().ok()?;
    let number = u64::from_str_radix(&digits, 16).ok()? as f64;
    let scale = exponent.checked_sub(4 * i32::try_from(fraction.len()).ok()?)?;
    (-1000..=900).contains(&scale).then(|| sign * number * 2_f64.powi(scale))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prints_as_go_does() {
        let check = |value: f64, expect: &str| assert_eq!(format_float(value), expect);
        check(0.0, "0");
        check(-0.0, "0");
        check(1.0, "1");
        check(-1.0, "-1");
        check(123_456.0, "123456");
        check(1e6, "1e+06");
        check(1_000_001.0, "1.000001e+06");
        check(123_456_789.0, "1.23456789e+08");
        check(1e-7, "1e-07");
        check(0.0001, "0.0001");
        check(0.000_01, "1e-05");
        check(0.000_123_4, "0.0001234");
        check(1e21, "1e+21");
        check(1e100, "1e+100");
        check(-2.5, "-2.5");
        check(123_456.789, "123456.789");
        check(1_234_567.89, "1.23456789e+06");
        check(5e-324, "5e-324");
        check(f64::MAX, "1.7976931348623157e+308");
        check(f64::NAN, "NaN");
        check(f64::INFINITY, "+Inf");
        check(f64::NEG_INFINITY, "-Inf");
    }

    #[test]
    fn reads_as_go_does() {
        let check = |text: &str, expect: Result<f64, &str>| {
            assert_eq!(parse_float(text.as_bytes()), expect.map_err(str::to_owned), "{text}");
        };
        check("1", Ok(1.0));
        check("+1.5e3", Ok(1500.0));
        check(".5", Ok(0.5));
        check("5.", Ok(5.0));
        check("-Inf", Ok(f64::NEG_INFINITY));
        check("iNfInItY", Ok(f64::INFINITY));
        check("1e400", Err("strconv.ParseFloat: parsing \"1e400\": value out of range"));
        check("+NaN", Err("strconv.ParseFloat: parsing \"+NaN\": invalid syntax"));
        check("0x10", Err("strconv.ParseFloat: parsing \"0x10\": invalid syntax"));
        check("1\r", Err("strconv.ParseFloat: parsing \"1\\r\": invalid syntax"));
        check("1_0", Err("unsupported character in float"));
        check("0x1p2", Err("unsupported character in float"));
        check(".", Err("strconv.ParseFloat: parsing \".\": invalid syntax"));
        check("1e", Err("strconv.ParseFloat: parsing \"1e\": invalid syntax"));
        assert!(parse_float(b"nan").is_ok_and(f64::is_nan));
    }

    #[test]
    fn bounds_have_one_spelling() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(normalize_bound(text).as_deref(), expect, "{text}");
        };
        check("1", Some("1.0"));
        check("0.50", Some("0.5"));
        check("1e6", Some("1e+06"));
        check("inf", Some("+Inf"));
        check("100000", Some("100000.0"));
        check("0x1p-2", Some("0.25"));
        check("-0x1.8p1", Some("-3.0"));
        check("1_0", Some("10.0"));
        check("+1_2.5_0e1_0", Some("1.25e+11"));
        check("0x_1p4", Some("16.0"));
        check("_1", None);
        check("1_", None);
        check("1__0", None);
        check("in_f", None);
        check("abc", None);
        check("", None);
    }

    #[test]
    fn timestamps_fit_or_not() {
        assert_eq!(parse_digits(b"9223372036854775807"), Ok(i64::MAX));
        let error = "strconv.ParseInt: parsing \"9223372036854775808\": value out of range";
        assert_eq!(parse_digits(b"9223372036854775808"), Err(error.to_owned()));
        assert_eq!(milliseconds(1.5), 1500);
        assert_eq!(milliseconds(1e300), i64::MIN);
    }

    proptest! {
        #[test]
        fn reads_what_it_prints(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            let read = parse_float(format_float(value).as_bytes()).unwrap();
            let canonical = if value.is_nan() { crate::series::sample::not_a_number() } else { value + 0.0 };
            prop_assert_eq!(read.to_bits(), canonical.to_bits());
        }

        #[test]
        fn lengths_are_of_what_is_printed(
            value in prop_oneof![
                any::<u64>().prop_map(f64::from_bits),
                any::<i32>().prop_map(f64::from),
                (-1_100_000_i32..1_100_000).prop_map(f64::from),
                Just(0.0), Just(-0.0),
            ],
            whole in prop_oneof![any::<i64>(), -1000_i64..1000, Just(i64::MIN)],
        ) {
            prop_assert_eq!(float_len(value), format_float(value).len());
            prop_assert_eq!(integer_len(whole), whole.to_string().len());
        }
    }
}
