//! Durations and byte sizes as Prometheus' configuration spells them.

use std::fmt;

use crate::text::quote;
use crate::version::Version;

/// A duration of whole milliseconds: `common/model`, `Duration`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    millis: u64,
}

/// Go counts durations in nanoseconds and 63 bits.
const MAX_NANOS: u128 = (1 << 63) - 1;

/// The units, largest first, in milliseconds.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 24 * 3_600_000),
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

impl Duration {
    /// No time at all, which in most fields means "not set".
    pub const ZERO: Self = Self { millis: 0 };

    /// A duration of so many milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self { millis }
    }

    /// A duration of so many seconds.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self { millis: seconds * 1000 }
    }

    /// The number of milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.millis
    }

    /// Whether it is no time at all.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.millis == 0
    }

    /// Reads `1h30m`: units from the largest to the smallest, whole numbers, or a lone `0`
    /// (`common/model`, `ParseDuration`).
    ///
    /// # Errors
    /// Prometheus' own message, which differs between the lines of releases.
    pub fn parse(text: &str, version: Version) -> Result<Self, String> {
        match text {
            "0" => return Ok(Self::ZERO),
            "" => return Err("empty duration string".to_owned()),
            _ => {}
        }
        let invalid = || format!("not a valid duration string: {}", quote(text));
        let mut rest = text;
        let mut next_unit = 0;
        let mut nanos: u128 = 0;
        let mut out_of_range = false;
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, after) = rest.split_at(digits);
            let unit_len = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
            let (unit, after) = after.split_at(unit_len);
            if number.is_empty() || unit.is_empty() {
                return Err(invalid());
            }
            let number = match number.parse::<u64>() {
                Ok(number) => number,
                // The old parser's numbers wrapped; none of that size was ever in range.
                Err(_) if has_unit_messages(version) => return Err(invalid()),
                Err(_) => u64::MAX,
            };
            let Some(place) = UNITS.iter().position(|&(name, _)| name == unit) else {
                return Err(if has_unit_messages(version) {
                    format!("unknown unit {} in duration {}", quote(unit), quote(text))
                } else {
                    invalid()
                });
            };
            if place < next_unit {
                return Err(invalid());
            }
            next_unit = place + 1;
            nanos += u128::from(number) * u128::from(UNITS[place].1) * 1_000_000;
            if nanos > MAX_NANOS {
                if has_unit_messages(version) {
                    return Err("duration out of range".to_owned());
                }
                // The old parser matched the whole text before it multiplied.
                out_of_range = true;
            }
            rest = after;
        }
        if out_of_range {
            return Err("duration out of range".to_owned());
        }
        Ok(Self { millis: (nanos / 1_000_000) as u64 })
    }
}

/// Since `common` 0.42, durations are read unit by unit instead of with a regular expression.
fn has_unit_messages(version: Version) -> bool {
    version >= FIRST_WITH_UNIT_MESSAGES
}

/// The first release with that `common`.
const FIRST_WITH_UNIT_MESSAGES: Version = Version { major: 2, minor: 43 };

/// As Prometheus prints it: years and weeks only where nothing is left over.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.millis == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.millis;
        for (unit, size) in UNITS {
            let exact = matches!(unit, "y" | "w");
            if exact && !rest.is_multiple_of(size) {
                continue;
            }
            if rest / size > 0 {
                write!(f, "{}{unit}", rest / size)?;
                rest %= size;
            }
        }
        Ok(())
    }
}

/// A number of bytes in powers of 1024: `alecthomas/units`, `Base2Bytes`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize {
    bytes: i64,
}

const PREFIXES: [&str; 7] = ["", "K", "M", "G", "T", "P", "E"];

impl ByteSize {
    /// So many bytes.
    #[must_use]
    pub const fn new(bytes: i64) -> Self {
        Self { bytes }
    }

    /// The number of bytes.
    #[must_use]
    pub const fn bytes(self) -> i64 {
        self.bytes
    }

    /// Reads `10MB`, `1.5KiB`, `1GB512MB`, or a lone `0`; `KB` and `KiB` are both 1024 bytes
    /// (`alecthomas/units`, `ParseBase2Bytes`).
    ///
    /// # Errors
    /// The library's own message.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse_units(text, "iB").or_else(|_| parse_units(text, "B")).map(Self::new)
    }
}

fn parse_units(text: &str, suffix: &str) -> Result<i64, String> {
    let invalid = || format!("units: invalid {text}");
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    // Go's own limit: a digit may follow only while the number is below this.
    let number = |digits: &str| -> Result<f64, String> {
        let mut value: i64 = 0;
        for digit in digits.bytes() {
            if value >= (i64::MAX - 9) / 10 {
                return Err(invalid());
            }
            value = value * 10 + i64::from(digit - b'0');
        }
        Ok(value as f64)
    };
    let mut total = 0.0;
    while !rest.is_empty() {
        let whole = digits(rest);
        let mut amount = number(&rest[..whole])?;
        let mut fraction = 0;
        let mut after = &rest[whole..];
        if let Some(point) = after.strip_prefix('.') {
            fraction = digits(point);
            let scale = (0..fraction).fold(1.0, |scale: f64, _| scale * 10.0);
            amount += number(&point[..fraction])? / scale;
            after = &point[fraction..];
        }
        if whole + fraction == 0 {
            return Err(invalid());
        }
        let unit_len = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_len);
        let scale = PREFIXES.iter().zip(0u32..).find_map(|(prefix, power)| {
            let suffix = if prefix.is_empty() { "B" } else { suffix };
            (unit.strip_prefix(prefix) == Some(suffix)).then(|| 1024u64.pow(power) as f64)
        });
        let Some(scale) = scale else {
            return Err(format!("units: unknown unit {unit} in {text}"));
        };
        total += amount * scale;
        rest = next;
    }
    if negative {
        total = -total;
    }
    if total < i64::MIN as f64 || total > i64::MAX as f64 {
        return Err("units: overflow parsing unit".to_owned());
    }
    Ok(total as i64)
}

/// As the library prints it: `1GiB512MiB`.
impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bytes == 0 {
            return f.write_str("0B");
        }
        let mut parts = Vec::with_capacity(PREFIXES.len());
        let mut rest = self.bytes;
        for prefix in PREFIXES {
            if rest % 1024 != 0 {
                let suffix = if prefix.is_empty() { "B" } else { "iB" };
                parts.push(format!("{}{prefix}{suffix}", rest % 1024));
            }
            rest /= 1024;
            if rest == 0 {
                break;
            }
        }
        parts.iter().rev().try_for_each(|part| f.write_str(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_and_their_messages() {
        let check = |text: &str, old: Result<u64, &str>, new: Result<u64, &str>| {
            for (version, expect) in [(Version::V2_42, old), (Version::NEWEST, new)] {
                let read = Duration::parse(text, version).map(Duration::as_millis);
                assert_eq!(read, expect.map_err(str::to_owned), "{text:?} in {version}");
            }
        };
        let both = |text: &str, expect| check(text, expect, expect);
        both("0", Ok(0));
        both("5s", Ok(5000));
        both("1h30m", Ok(5_400_000));
        both("1y2w3d4h5m6s7ms", Ok(33_019_506_007));
        both("100ms", Ok(100));
        both("0s", Ok(0));
        both("", Err("empty duration string"));
        both("15", Err("not a valid duration string: \"15\""));
        both("-5s", Err("not a valid duration string: \"-5s\""));
        both("1s1m", Err("not a valid duration string: \"1s1m\""));
        both("1m1m", Err("not a valid duration string: \"1m1m\""));
        check("5x", Err("not a valid duration string: \"5x\""), Err("unknown unit \"x\" in duration \"5x\""));
        check(
            "1.5m",
            Err("not a valid duration string: \"1.5m\""),
            Err("unknown unit \".\" in duration \"1.5m\""),
        );
        both("300y", Err("duration out of range"));
        check(
            "99999999999999999999s",
            Err("duration out of range"),
            Err("not a valid duration string: \"99999999999999999999s\""),
        );
    }

    #[test]
    fn byte_sizes() {
        let check = |text: &str, expect: Result<i64, &str>| {
            let read = ByteSize::parse(text).map(ByteSize::bytes);
            assert_eq!(read, expect.map_err(str::to_owned), "{text:?}");
        };
        check("10MB", Ok(10 << 20));
        check("10MiB", Ok(10 << 20));
        check("1.5KB", Ok(1536));
        check("1GB512MB", Ok((1 << 30) + (512 << 20)));
        check("0", Ok(0));
        check("1B", Ok(1));
        check("-1KB", Ok(-1024));
        check("10", Err("units: unknown unit  in 10"));
        check("10kB", Err("units: unknown unit kB in 10kB"));
        check("", Err("units: invalid "));
        check("MB", Err("units: invalid MB"));
        check("99EB", Err("units: overflow parsing unit"));
        assert_eq!(ByteSize::new((1 << 30) + (512 << 20)).to_string(), "1GiB512MiB");
        assert_eq!(ByteSize::new(0).to_string(), "0B");
    }

    proptest! {
        #[test]
        fn durations_are_read_as_they_are_printed(millis in 0u64..9_000_000_000_000) {
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(Duration::parse(&duration.to_string(), Version::NEWEST), Ok(duration));
        }

        #[test]
        fn byte_sizes_are_read_as_they_are_printed(bytes in 0i64..(1 << 50)) {
            let size = ByteSize::new(bytes);
            prop_assert_eq!(ByteSize::parse(&size.to_string()), Ok(size));
        }

        #[test]
        fn any_text_is_answered(text in "[0-9.ywdhms+KMGiB-]{0,12}|.{0,8}") {
            let _ = Duration::parse(&text, Version::V2_42);
            let _ = Duration::parse(&text, Version::NEWEST);
            let _ = ByteSize::parse(&text);
        }
    }
}
