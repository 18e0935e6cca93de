//! Readers of values that clap does not know.

use std::time::Duration;

use crate::model::setting::parse_duration;

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
}
