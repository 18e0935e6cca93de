//! Readers of values that clap does not know.

use std::time::Duration;

use crate::model::Micros;
use crate::model::near::nearest;
use crate::model::setting::parse_duration;
use crate::sim::Latency;
use crate::sim::question::{LONGEST as DAY, time};
use crate::system::System;

/// The longest bound that makes sense: what waits longer is not waited for.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// A duration as kubectl takes it: `15s`, `1m30s`, or a bare number of seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let duration = parse_duration(text).and_then(|duration| Duration::try_from(duration).ok());
    match duration {
        Some(duration) if duration <= LONGEST => Ok(duration),
        Some(_) => Err("longer than a day".to_owned()),
        None => Err("expected a duration above zero, such as 15s, 1m30s, or a number of seconds".to_owned()),
    }
}

/// How far back: any duration, also of days (`36h`, `7d`).
pub(super) fn age(text: &str) -> Result<Duration, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok()).filter(|days| *days > 0);
    let days = days.map(|days| Duration::from_secs(u64::from(days) * 24 * 3600));
    days.or_else(|| parse_duration(text).and_then(|duration| Duration::try_from(duration).ok()))
        .ok_or_else(|| "expected a duration above zero, such as 30m, 24h, 7d, or a number of seconds".to_owned())
}

/// A value of a timing: above zero, and at most a day.
pub(super) fn timing(text: &str) -> Result<Micros, String> {
    time(text)
}

/// A duration that may be none.
pub(super) fn span(text: &str) -> Result<Micros, String> {
    match time(text) {
        Err(_) if is_zero(text) => Ok(Micros::ZERO),
        Err(expected) => Err(expected.replace("above zero", "of zero or more")),
        Ok(time) => Ok(time),
    }
}

/// A duration that may be negative.
pub(super) fn offset(text: &str) -> Result<Micros, String> {
    match text.strip_prefix('-') {
        Some(behind) => span(behind).map(|behind| Micros::ZERO - behind),
        None => span(text),
    }
}

/// What a request takes, at least and at most: `5ms`, `5ms..50ms`.
pub(super) fn latency(text: &str) -> Result<Latency, String> {
    let (low, high) = text.split_once("..").unwrap_or((text, text));
    let (low, high) = (span(low)?, span(high)?);
    match high {
        high if high < low => Err(format!("the range is empty: {low} is more than {high}")),
        high if high > DAY / 24 => Err("an API that takes longer than an hour is none".to_owned()),
        high => Ok(Latency { low, high }),
    }
}

/// A share in parts per million: `1%`, `0.5%`.
pub(super) fn per_million(text: &str) -> Result<u32, String> {
    let percent = text.strip_suffix('%').and_then(|number| number.parse::<f64>().ok());
    match percent {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1 000 000")]
        Some(percent) if (0.0..=100.0).contains(&percent) => Ok((percent * 1e4).round() as u32),
        _ => Err("expected a share of 0% to 100%, such as 1% or 0.5%".to_owned()),
    }
}

/// A step and how long it takes: `poll-interval=60s`.
pub(super) fn step(text: &str) -> Result<(String, Micros), String> {
    let (name, value) = text.split_once('=').ok_or("expected STEP=DURATION, such as poll-interval=60s")?;
    Ok((name.to_owned(), span(value)?))
}

/// The name of a system.
pub(super) fn system(text: &str) -> Result<System, String> {
    let names = || System::ALL.iter().map(|system| system.as_str());
    System::ALL.iter().copied().find(|system| system.as_str() == text).ok_or_else(|| match nearest(text, names()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("expected one of {}", names().collect::<Vec<_>>().join(", ")),
    })
}

fn is_zero(text: &str) -> bool {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    number.parse::<u8>() == Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_above_zero_and_at_most_a_day() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        for text in ["0", "0s", "-1s", "soon", "", "25h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_age_may_be_days() {
        let hours = |hours: u64| Ok(Duration::from_secs(hours * 3600));
        assert_eq!([age("36h"), age("7d"), age("1h30m")], [hours(36), hours(168), Ok(Duration::from_secs(5400))]);
        assert_eq!(age("90"), Ok(Duration::from_secs(90)));
        for text in ["0", "0d", "-1d", "d", "soon", "99999999999d"] {
            assert!(age(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_timing_is_above_zero_and_an_offset_may_be_anything() {
        assert_eq!(timing("15"), Ok(Micros::from_secs(15)));
        assert_eq!(timing("500ms"), Ok(Micros::from_millis(500)));
        for text in ["0", "0s", "-1s", "soon", "", "25h", "99999999999999999999s"] {
            assert!(timing(text).is_err(), "{text}");
        }
        for none in ["0", "0s", "0ms"] {
            assert_eq!(span(none), Ok(Micros::ZERO), "{none}");
        }
        assert_eq!(offset("-2s"), Ok(Micros::from_secs(-2)));
        assert_eq!(offset("1.5s"), Ok(Micros::from_millis(1500)));
        assert!(offset("--2s").is_err());
        assert!(span("").is_err() && span("s").is_err());
    }

    #[test]
    fn a_latency_is_one_value_or_a_range() {
        let millis = |low, high| Ok(Latency { low: Micros::from_millis(low), high: Micros::from_millis(high) });
        assert_eq!(latency("5ms"), millis(5, 5));
        assert_eq!(latency("0..50ms"), millis(0, 50));
        assert!(latency("50ms..5ms").is_err());
        assert!(latency("5ms..").is_err());
    }

    #[test]
    fn a_share_is_told_in_percent() {
        assert_eq!([per_million("0%"), per_million("0.5%"), per_million("100%")], [Ok(0), Ok(5_000), Ok(1_000_000)]);
        for text in ["1", "-1%", "101%", "NaN%", "%", "1%%"] {
            assert!(per_million(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_system_is_named_or_suggested() {
        assert_eq!(system("operator"), Ok(System::Operator));
        assert_eq!(system("klag").unwrap_err(), "did you mean klag-exporter?");
        assert!(system("postgres").unwrap_err().starts_with("expected one of kubecost, "));
    }
}
