//! The inverse of a simulation: which settings are worth trying for a target, and which of them no other beats.

use crate::elector::Tolerance;
use crate::elector::catalogue::{Name, TimedBy, Times};
use crate::model::Micros;

/// How many lease durations are tried, at most.
const DURATIONS: i64 = 24;

/// So long durations are tried whatever the target: what happens may not wait for the end of a record.
const SHORTEST_RANGE: i64 = 60;

/// Retry periods that are tried: round numbers of seconds, as people set them.
const PERIODS: &[i64] = &[1, 2, 3, 5, 10, 15, 20, 30, 60];

/// Settings that a library would start with, never make two leaders by a cut-off one, and may meet the target.
///
/// A record that counts for longer than the target cannot be taken over in time by anyone who waits for its end, but
/// for the part of a renewal that had passed when the leader failed.
#[must_use]
pub fn candidates(name: Name, target: Micros) -> Vec<Times> {
    let longest = (target.whole_seconds() * 3 / 2 + 2).max(SHORTEST_RANGE);
    let step = (longest / DURATIONS).max(1);
    let durations = (1..=longest).filter(|seconds| seconds % step == 0 || *seconds <= DURATIONS / 2);
    durations.flat_map(|seconds| timings(name, seconds)).filter(|times| name.setup(*times).check().is_ok()).collect()
}

/// The timings with a lease duration of so many seconds.
fn timings(name: Name, seconds: i64) -> Vec<Times> {
    let secs = |seconds| Some(Micros::from_secs(seconds));
    let lease_duration = secs(seconds);
    let periods = || PERIODS.iter().copied().filter(move |period| *period < seconds);
    match name.timed_by() {
        // The longest deadline that lets a cut-off leader stop before another may start.
        TimedBy::Deadline => periods()
            .filter(|period| seconds - period > 1)
            .map(|period| Times {
                lease_duration,
                renew_deadline: secs(seconds - period - 1),
                retry_period: secs(period),
                grace_period: None,
            })
            .collect(),
        TimedBy::Period => {
            periods().map(|period| Times { lease_duration, retry_period: secs(period), ..Times::default() }).collect()
        }
        TimedBy::Grace => {
            periods().map(|grace| Times { lease_duration, grace_period: secs(grace), ..Times::default() }).collect()
        }
    }
}

/// What a setting gives up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    /// What it bears.
    pub tolerance: Tolerance,
    /// How many failovers a month nobody needed.
    pub false_failovers: f64,
    /// How many writes a minute.
    pub writes: f64,
    /// The wanted quantile of the outage: among equals in all else the shorter one is better.
    pub outage: Micros,
}

impl Price {
    /// Whether it is as good as another in everything and better in something.
    #[must_use]
    pub fn beats(&self, other: &Self) -> bool {
        let bears = |price: &Self| price.tolerance.outage;
        let as_good =
            bears(self) >= bears(other) && self.false_failovers <= other.false_failovers && self.writes <= other.writes;
        let better =
            bears(self) > bears(other) || self.false_failovers < other.false_failovers || self.writes < other.writes;
        let better = better || self.outage < other.outage;
        as_good && better
    }
}

/// The positions of those that no other beats.
#[must_use]
pub fn front(prices: &[Price]) -> Vec<usize> {
    (0..prices.len()).filter(|i| !prices.iter().any(|other| other.beats(&prices[*i]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elector::Bound;

    fn price(outage: i64, false_failovers: f64, writes: f64) -> Price {
        let outage = Bound::UpTo(Micros::from_secs(outage));
        Price {
            tolerance: Tolerance { outage, skew: Bound::Unlimited },
            false_failovers,
            writes,
            outage: Micros::SECOND,
        }
    }

    #[test]
    fn a_front_is_what_no_other_beats() {
        let prices = [price(8, 2.0, 30.0), price(12, 1.0, 30.0), price(12, 1.0, 20.0), price(20, 3.0, 60.0)];
        assert_eq!(front(&prices), [2, 3]);
        assert_eq!(front(&[price(8, 2.0, 30.0), price(8, 2.0, 30.0)]), [0, 1], "equals do not beat each other");
        assert_eq!(front(&[]), [0usize; 0]);
    }

    #[test]
    fn every_candidate_would_start_and_is_near_the_target() {
        for name in Name::ALL {
            for target in [3, 15, 60, 600, 86_400] {
                let target = Micros::from_secs(target);
                let all = candidates(*name, target);
                assert!(!all.is_empty() && all.len() < 400, "{name}: {}", all.len());
                for times in all {
                    assert_eq!(name.setup(times).check(), Ok(()), "{name} {times:?}");
                    assert!(times.lease_duration <= Some((target * 2).max(Micros::from_secs(60))));
                }
            }
        }
    }
}
