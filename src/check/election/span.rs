//! Lengths of time as programs read them from text: Go's spelling, and bare numbers where a name says what they count.

use crate::model::Micros;

/// The units of Go's `time.ParseDuration` (<https://pkg.go.dev/time#ParseDuration>), in nanoseconds. The longer names come
/// first: `ms` is no `m`.
const UNITS: &[(&str, f64)] =
    &[("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)];

/// `15s`, `1m30s`, `1.5h`, `0`: what Go takes, and nothing else. No sign of a space, and no number without its unit.
pub(super) fn go(text: &str) -> Option<Micros> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(Micros::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut sum = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (number, after) = rest.split_at(end);
        // `.5` and `5.` are numbers to Go and to Rust, `.` is none.
        let number: f64 = number.parse().ok()?;
        let (unit, nanos) = UNITS.iter().find(|(unit, _)| after.starts_with(unit))?;
        sum += number * nanos;
        rest = &after[unit.len()..];
    }
    #[expect(clippy::cast_possible_truncation, reason = "what does not fit is as long as can be, as the cast makes it")]
    let micros = (sum / 1e3).round() as i64;
    Some(Micros::new(if negative { -micros } else { micros }))
}

/// A bare number of seconds, with or without a fraction.
pub(super) fn seconds(text: &str) -> Option<Micros> {
    let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
    #[expect(clippy::cast_possible_truncation, reason = "what does not fit is as long as can be, as the cast makes it")]
    let micros = (number * 1e6).round() as i64;
    Some(Micros::new(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_reads_them() {
        for (text, millis) in [
            ("15s", Some(15_000)),
            ("1m30s", Some(90_000)),
            ("1.5h", Some(5_400_000)),
            (".5s", Some(500)),
            ("5.s", Some(5_000)),
            ("250ms", Some(250)),
            ("-3s", Some(-3_000)),
            ("0", Some(0)),
            ("15", None),
            ("15 s", None),
            ("15sec", None),
            ("", None),
            (".s", None),
            ("1.2.3s", None),
            ("soon", None),
            ("PT15S", None),
        ] {
            assert_eq!(go(text), millis.map(Micros::from_millis), "{text:?}");
        }
        assert_eq!(go("1500us"), Some(Micros::new(1_500)));
        assert!(go("99999999999999999999h").is_some_and(|long| long > Micros::from_secs(1 << 40)));
    }

    #[test]
    fn bare_numbers() {
        assert_eq!(seconds("15"), Some(Micros::from_secs(15)));
        assert_eq!(seconds("0.5"), Some(Micros::from_millis(500)));
        assert_eq!(seconds("15s").or(seconds("")).or(seconds("nan")), None);
    }
}
