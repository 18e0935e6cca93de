//! The pause before a crashed container is started again.

use std::time::Duration;

use tokio::time::Instant;

const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(300);
/// A container that ran longer than this counts as well again.
const RESET: Duration = LONGEST.saturating_mul(2);

/// None, 10 s, 20 s … 300 s: as in the real kubelet the first restart is immediate.
#[derive(Default)]
pub(super) struct Backoff {
    /// The pause after the next exit, and when the last restart was allowed.
    last: Option<(Duration, Instant)>,
}

impl Backoff {
    /// How long after `finished` the next start has to wait.
    pub(super) fn pause_after(&mut self, finished: Instant) -> Duration {
        let (pause, next) = match self.last {
            Some((pause, allowed)) if finished.saturating_duration_since(allowed) <= RESET => {
                (pause, (pause * 2).min(LONGEST))
            }
            _ => (Duration::ZERO, FIRST),
        };
        self.last = Some((next, finished + pause));
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_up_to_five_minutes_and_starts_anew_after_ten_minutes_of_work() {
        let mut backoff = Backoff::default();
        let mut now = Instant::now();
        let mut crash_after = |work: u64| {
            now += Duration::from_secs(work);
            let pause = backoff.pause_after(now);
            now += pause;
            pause.as_secs()
        };
        let crash_loop: Vec<_> = (0..8).map(|_| crash_after(1)).collect();
        assert_eq!(crash_loop, [0, 10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(crash_after(599), 300);
        assert_eq!(crash_after(601), 0);
        assert_eq!(crash_after(1), 10);
    }
}
