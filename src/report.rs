//! WHAT WAS FOUND: the values that every output format renders. The JSON that scripts rely on is this room.
//!
//! Fields may be added, never renamed, and none comes or goes with the data: what is not known is `null`. Durations are
//! numbers of seconds and say so in their name; times are RFC 3339 in UTC with milliseconds.

pub mod check_report;
pub mod election_list;
pub mod failover;
pub mod history;
pub mod repair;
pub mod role;
pub mod transfer;

use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

use crate::model::Micros;

/// The version of every document.
pub const API_VERSION: &str = "hactl.dev/v1";

/// A duration as a number of seconds, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds(pub SignedDuration);

impl From<Micros> for Seconds {
    fn from(time: Micros) -> Self {
        Self(time.into())
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let millis = i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX);
        if millis % 1000 == 0 {
            return serializer.serialize_i64(millis / 1000);
        }
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of 280 000 years are exact in an f64")]
        serializer.serialize_f64(millis as f64 / 1000.0)
    }
}

/// An instant in UTC with milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(pub Timestamp);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.3}", self.0))
    }
}

/// Takes out of a text what a terminal would obey: anybody may have written it.
pub(crate) fn make_printable(text: &mut String) {
    if text.contains(obeyed) {
        *text = text.replace(obeyed, "\u{fffd}");
    }
}

/// What a terminal does not show but obeys: controls, and the marks that turn the direction of writing.
fn obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_numbers_to_the_millisecond() {
        let json = |millis| serde_json::to_string(&Seconds(SignedDuration::from_millis(millis))).expect("json");
        assert_eq!([json(15_000), json(1_234), json(-400), json(0)], ["15", "1.234", "-0.4", "0"]);
    }

    #[test]
    fn instants_have_three_decimals() {
        let at: Timestamp = "2026-11-21T12:00:00.123456Z".parse().expect("a time");
        assert_eq!(serde_json::to_string(&Instant(at)).expect("json"), r#""2026-11-21T12:00:00.123Z""#);
        let whole: Timestamp = "2026-11-21T12:00:00Z".parse().expect("a time");
        assert_eq!(serde_json::to_string(&Instant(whole)).expect("json"), r#""2026-11-21T12:00:00.000Z""#);
    }
}
