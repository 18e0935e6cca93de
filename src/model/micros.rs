//! The one unit of time where time is computed rather than told: whole microseconds, as the API writes them.
//!
//! Integers, so that a state can be compared and hashed and a seed gives the same bytes on every machine.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Rem, Sub, SubAssign};

use jiff::SignedDuration;

/// A number of microseconds: a span, or an instant as the span since the driver's own beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(i64);

impl Micros {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The smallest span: timers never fire early, so what waits for an expiry sees it at least this late.
    pub const TICK: Self = Self(1);
    /// One second.
    pub const SECOND: Self = Self(1_000_000);
    /// Later than everything.
    pub const NEVER: Self = Self(i64::MAX);

    /// That many microseconds.
    #[must_use]
    pub const fn new(micros: i64) -> Self {
        Self(micros)
    }

    /// That many milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// That many seconds.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// The number of microseconds.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The number of whole seconds, rounded down.
    #[must_use]
    pub const fn whole_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The time in seconds, to be shown.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact up to 285 years")]
    pub const fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Add for Micros {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Micros {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Mul<i64> for Micros {
    type Output = Self;
    fn mul(self, by: i64) -> Self {
        Self(self.0.saturating_mul(by))
    }
}

impl Div<i64> for Micros {
    type Output = Self;
    fn div(self, by: i64) -> Self {
        Self(self.0 / by)
    }
}

impl Div for Micros {
    type Output = i64;
    fn div(self, other: Self) -> i64 {
        self.0 / other.0
    }
}

impl Rem for Micros {
    type Output = Self;
    fn rem(self, other: Self) -> Self {
        Self(self.0 % other.0)
    }
}

impl AddAssign for Micros {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Micros {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Micros {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Add::add)
    }
}

impl From<SignedDuration> for Micros {
    fn from(duration: SignedDuration) -> Self {
        Self(i64::try_from(duration.as_micros()).unwrap_or(if duration.is_negative() { i64::MIN } else { i64::MAX }))
    }
}

impl From<Micros> for SignedDuration {
    fn from(time: Micros) -> Self {
        Self::from_micros(time.0)
    }
}

impl fmt::Display for Micros {
    /// In seconds, with as many decimals as it takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 1_000_000, self.0.unsigned_abs() % 1_000_000);
        if rest == 0 {
            return write!(f, "{sign}{whole} s");
        }
        let decimals = format!("{rest:06}");
        write!(f, "{sign}{whole}.{} s", decimals.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_overflows_and_seconds_round_down() {
        assert_eq!(Micros::NEVER + Micros::SECOND, Micros::NEVER);
        assert_eq!(Micros::new(-1).whole_seconds(), -1);
        assert_eq!(Micros::from(SignedDuration::from_secs(i64::MAX)), Micros::NEVER);
        assert_eq!(Micros::from(SignedDuration::from_millis(-15)), Micros::from_millis(-15));
    }

    #[test]
    fn a_time_is_shown_in_seconds() {
        let shown = [0, 15_000_000, 17_350_000, -1].map(|micros| Micros::new(micros).to_string());
        assert_eq!(shown, ["0 s", "15 s", "17.35 s", "-0.000001 s"]);
    }
}
