//! The only place that asks what time it is.
//!
//! Everything else is handed an instant, or this clock: the pure rooms can then be tested to exhaustion. Instants are
//! wall-clock instants that run on the monotonic clock from the moment the process started, so that a step of the
//! local clock in the middle of a run (NTP, a suspended laptop) cannot make a Lease look expired.

use std::sync::OnceLock;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// When a document was made that depends on no clock: now, or `SOURCE_DATE_EPOCH`, so that the same question gives the
/// same bytes (<https://reproducible-builds.org/specs/source-date-epoch>).
#[must_use]
pub fn generated_at() -> Timestamp {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    fixed.and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or_else(local_now)
}

/// The local time: the wall clock's reading at start-up plus what the monotonic clock counted since.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clocks")]
pub fn local_now() -> Timestamp {
    static START: OnceLock<(Timestamp, Instant)> = OnceLock::new();
    let (wall, monotonic) = START.get_or_init(|| (Timestamp::now(), Instant::now()));
    let elapsed = SignedDuration::try_from(monotonic.elapsed()).unwrap_or(SignedDuration::MAX);
    wall.checked_add(elapsed).unwrap_or(Timestamp::MAX)
}
