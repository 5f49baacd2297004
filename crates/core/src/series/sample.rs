//! Sample values with a meaning of their own. All are NaNs: only their bits tell them apart.

/// The bits of the value that ends a series: Prometheus' `model/value`, `StaleNaN`.
const STALE_NAN: u64 = 0x7ff0_0000_0000_0002;
/// The bits of every other NaN that Prometheus stores: `model/value`, `NormalNaN`.
const NORMAL_NAN: u64 = 0x7ff8_0000_0000_0001;
/// The bits of a value that promtier cannot know, such as a scrape's duration.
const UNKNOWN_NAN: u64 = 0x7ff8_0000_7074_6971;
/// The bits of a value that promtier cannot know, of a series that may not even exist.
const POSSIBLE_NAN: u64 = 0x7ff8_0000_7074_6972;

/// The value that ends a series.
#[must_use]
pub const fn stale() -> f64 {
    f64::from_bits(STALE_NAN)
}

/// Whether `value` ends a series. `/federate` leaves such series out.
#[must_use]
pub const fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE_NAN
}

/// Not a number, as Prometheus stores it whatever spelling it was read from.
#[must_use]
pub const fn not_a_number() -> f64 {
    f64::from_bits(NORMAL_NAN)
}

/// A value that exists but cannot be known from the input, such as `scrape_duration_seconds`.
#[must_use]
pub const fn unknown() -> f64 {
    f64::from_bits(UNKNOWN_NAN)
}

/// Whether `value` is [`unknown`] or [`possible`].
#[must_use]
pub const fn is_unknown(value: f64) -> bool {
    value.to_bits() == UNKNOWN_NAN || is_possible(value)
}

/// The value of a series that only possibly exists: whether it does depends on values that are not known, as
/// of what a recording rule makes of a comparison.
#[must_use]
pub const fn possible() -> f64 {
    f64::from_bits(POSSIBLE_NAN)
}

/// Whether `value` is [`possible`].
#[must_use]
pub const fn is_possible(value: f64) -> bool {
    value.to_bits() == POSSIBLE_NAN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_told_apart() {
        for value in [stale(), not_a_number(), unknown(), possible()] {
            assert!(value.is_nan());
        }
        assert!(is_possible(possible()) && is_unknown(possible()) && !is_possible(unknown()));
        assert!(is_stale(stale()) && !is_stale(not_a_number()) && !is_stale(unknown()));
        assert!(is_unknown(unknown()) && !is_unknown(stale()) && !is_unknown(not_a_number()));
    }
}
