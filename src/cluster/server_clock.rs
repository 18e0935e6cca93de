//! The API server's clock, read off the `Date` of its answers.
//!
//! A `Date` has whole seconds: one answer tells the offset between the two clocks to within a second and its round
//! trip. Answers at different fractions of a second narrow it; an answer that contradicts the earlier ones shows that
//! a clock was set, and starts anew.

use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

use crate::model::health::Now;

/// Without any `Date` nothing is known but that clusters usually keep time.
const UNOBSERVED_ERROR: SignedDuration = SignedDuration::from_secs(5);

/// What is known of the offset between the API server's clock and the local one. Clones share what they know.
#[derive(Clone, Debug, Default)]
pub struct ServerClock(Arc<Mutex<Option<Window>>>);

/// The offset (server minus local) lies between the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    low: SignedDuration,
    high: SignedDuration,
}

impl ServerClock {
    /// Takes in the `Date` of an answer to a request that was sent and answered at these local instants.
    pub(super) fn observe(&self, sent: Timestamp, received: Timestamp, headers: &HeaderMap) {
        let date = headers.get(http::header::DATE).and_then(|value| value.to_str().ok());
        let Some(Ok(date)) = date.map(jiff::fmt::rfc2822::parse) else { return };
        // The server read its clock between the two instants, and cut the fraction off.
        let low = date.timestamp().duration_since(received);
        let high = date.timestamp().duration_since(sent) + SignedDuration::from_secs(1);
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let narrowed = window.map(|known| Window { low: known.low.max(low), high: known.high.min(high) });
        *window = Some(narrowed.filter(|both| both.low <= both.high).unwrap_or(Window { low, high }));
    }

    /// The server's "now" at a local instant.
    #[must_use]
    pub fn now(&self, local: Timestamp) -> Now {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Now { at: local, error: UNOBSERVED_ERROR },
            Some(Window { low, high }) => {
                let error = (high - low) / 2;
                Now { at: local.checked_add(low + error).unwrap_or(local), error }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-21T12:00:{text}Z").parse().expect("a time")
    }

    fn dated(second: u8) -> HeaderMap {
        let date = format!("Sat, 21 Nov 2026 12:00:{second:02} GMT");
        HeaderMap::from_iter([(http::header::DATE, date.parse().expect("a header"))])
    }

    #[test]
    fn answers_at_different_fractions_narrow_the_offset() {
        // The server is 2.3 s ahead.
        let clock = ServerClock::default();
        assert_eq!(clock.now(at("10")), Now { at: at("10"), error: UNOBSERVED_ERROR });
        clock.observe(at("10.00"), at("10.02"), &dated(12));
        let once = clock.now(at("20"));
        assert!(once.error > SignedDuration::from_millis(500), "{once:?}");
        clock.observe(at("10.68"), at("10.69"), &dated(12));
        clock.observe(at("10.72"), at("10.73"), &dated(13));
        let now = clock.now(at("20"));
        assert!(now.error <= SignedDuration::from_millis(30), "{now:?}");
        let off = now.at.duration_since(at("22.3"));
        assert!(off.abs() <= now.error, "{now:?}");
    }

    #[test]
    fn a_clock_that_was_set_starts_anew() {
        let clock = ServerClock::default();
        clock.observe(at("10.00"), at("10.01"), &dated(10));
        clock.observe(at("11.00"), at("11.01"), &dated(31));
        let off = clock.now(at("12")).at.duration_since(at("32"));
        assert!(off.abs() < SignedDuration::from_secs(1), "{off}");
    }

    #[test]
    fn a_missing_or_broken_date_changes_nothing() {
        let clock = ServerClock::default();
        clock.observe(at("10"), at("11"), &HeaderMap::new());
        clock.observe(at("10"), at("11"), &HeaderMap::from_iter([(http::header::DATE, "soon".parse().expect("ok"))]));
        assert_eq!(clock.now(at("12")).error, UNOBSERVED_ERROR);
    }
}
