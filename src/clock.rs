//! The only place that asks what time it is.
//!
//! Everything else is handed an instant, or this clock: the pure rooms can then be tested to exhaustion. Instants are
//! wall-clock instants that run on the monotonic clock from the moment the process started, so that a step of the
//! local clock in the middle of a run (NTP, a suspended laptop) cannot make a Lease look expired.

use std::sync::OnceLock;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// The local time: the wall clock's reading at start-up plus what the monotonic clock counted since.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clocks")]
pub fn local_now() -> Timestamp {
    static START: OnceLock<(Timestamp, Instant)> = OnceLock::new();
    let (wall, monotonic) = START.get_or_init(|| (Timestamp::now(), Instant::now()));
    let elapsed = SignedDuration::try_from(monotonic.elapsed()).unwrap_or(SignedDuration::MAX);
    wall.checked_add(elapsed).unwrap_or(Timestamp::MAX)
}
